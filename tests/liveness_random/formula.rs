//! Formulas about toy specifications: their text, and what they mean on an explicit graph.
//!
//! A state is a pair of x (0 to 2) and y (0 or 1). A set of steps is a matrix of bits.

/// States of the universe.
pub(crate) const STATES: usize = 6;

/// Bit `from * STATES + to`.
pub(crate) type Steps = u64;

/// The value of x.
pub(crate) fn x(state: usize) -> usize {
    state / 2
}

/// The value of y.
pub(crate) fn y(state: usize) -> usize {
    state % 2
}

/// The steps that satisfy something.
pub(crate) fn steps(holds: impl Fn(usize, usize) -> bool) -> Steps {
    let pairs = (0..STATES).flat_map(|from| (0..STATES).map(move |to| (from, to)));
    pairs.filter(|(from, to)| holds(*from, *to)).map(|(from, to)| 1 << (from * STATES + to)).sum()
}

/// Whether a step is one of these.
pub(crate) fn has(set: Steps, from: usize, to: usize) -> bool {
    set >> (from * STATES + to) & 1 == 1
}

/// What formulas are about.
pub(crate) struct World {
    /// Steps of `A0`, `A1`, and of `B(0)`, `B(1)`.
    pub(crate) moves: [Steps; 4],
    /// The value that replaces the variable of the abstract module.
    pub(crate) mapping: usize,
    /// Steps of the abstract action, bit `from * 4 + to`.
    pub(crate) abstract_moves: u16,
    /// Initial values of the abstract module.
    pub(crate) abstract_initial: [bool; 4],
}

/// Texts of what can replace the variable of the abstract module.
pub(crate) const MAPPINGS: [&str; 4] = ["x", "y", "x + y", "IF y = 1 THEN x ELSE 0"];

impl World {
    fn mapped(&self, state: usize) -> usize {
        match self.mapping {
            0 => x(state),
            1 => y(state),
            2 => x(state) + y(state),
            _ => x(state) * y(state),
        }
    }

    /// Whether the abstract action may go from one value to another.
    fn abstract_step(&self, from: usize, to: usize) -> bool {
        self.abstract_moves >> (from * 4 + to) & 1 == 1
    }
}

/// A number, or a variable bound so many quantifiers out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Given(usize),
    Bound(usize),
}

impl Number {
    fn value(self, bound: &[usize]) -> usize {
        match self {
            Number::Given(n) => n,
            Number::Bound(at) => bound[at],
        }
    }

    fn text(self) -> String {
        match self {
            Number::Given(n) => n.to_string(),
            Number::Bound(at) => format!("i{at}"),
        }
    }
}

/// An action.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Known(usize),
    Instance(Number),
    Either(Box<Action>, Box<Action>),
    /// With x in the state before.
    When(Box<Action>, Number),
    /// With x in the state after.
    To(Box<Action>, Number),
    /// `x' = n`, nothing about y.
    Sets(Number),
    Not(Box<Action>),
    Abstract,
}

impl Action {
    /// True if it says what both variables become.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Action::Known(_) | Action::Instance(_) | Action::Abstract => true,
            Action::Either(a, b) => a.is_whole() && b.is_whole(),
            Action::When(a, _) | Action::To(a, _) => a.is_whole(),
            Action::Sets(_) | Action::Not(_) => false,
        }
    }

    fn steps(&self, world: &World, bound: &[usize]) -> Steps {
        match self {
            Action::Known(n) => world.moves[*n],
            Action::Instance(n) => world.moves[2 + n.value(bound) % 2],
            Action::Either(a, b) => a.steps(world, bound) | b.steps(world, bound),
            Action::When(a, n) => a.steps(world, bound) & steps(|from, _| x(from) == n.value(bound)),
            Action::To(a, n) => a.steps(world, bound) & steps(|_, to| x(to) == n.value(bound)),
            Action::Sets(n) => steps(|_, to| x(to) == n.value(bound)),
            Action::Not(a) => steps(|_, _| true) & !a.steps(world, bound),
            Action::Abstract => steps(|from, to| world.abstract_step(world.mapped(from), world.mapped(to))),
        }
    }

    fn text(&self) -> String {
        match self {
            Action::Known(n) => format!("A{n}"),
            Action::Instance(n) => format!("B({} % 2)", n.text()),
            Action::Either(a, b) => format!("({} \\/ {})", a.text(), b.text()),
            Action::When(a, n) => format!("(x = {} /\\ {})", n.text(), a.text()),
            Action::To(a, n) => format!("({} /\\ x' = {})", a.text(), n.text()),
            Action::Sets(n) => format!("(x' = {})", n.text()),
            Action::Not(a) => format!("(~{})", a.text()),
            Action::Abstract => unreachable!("has its text in the abstract module"),
        }
    }
}

/// What an action must change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subscript {
    X,
    Y,
    Both,
    Vars,
    Sum,
    Abstract,
}

impl Subscript {
    /// Steps that change it.
    fn changes(self, world: &World) -> Steps {
        match self {
            Subscript::X => steps(|from, to| x(from) != x(to)),
            Subscript::Y => steps(|from, to| y(from) != y(to)),
            Subscript::Both | Subscript::Vars => steps(|from, to| from != to),
            Subscript::Sum => steps(|from, to| x(from) + y(from) != x(to) + y(to)),
            Subscript::Abstract => steps(|from, to| world.mapped(from) != world.mapped(to)),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Subscript::X => "x",
            Subscript::Y => "y",
            Subscript::Both => "<<y, x>>",
            Subscript::Vars => "vars",
            Subscript::Sum => "(x + y)",
            Subscript::Abstract => unreachable!("has its text in the abstract module"),
        }
    }
}

/// A state predicate.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    X(Number),
    Y(usize),
    Large,
    Enabled(Action, Option<Subscript>),
    AbstractInitial,
}

impl Predicate {
    fn holds(&self, world: &World, bound: &[usize], state: usize) -> bool {
        match self {
            Predicate::X(n) => x(state) == n.value(bound),
            Predicate::Y(n) => y(state) == *n,
            Predicate::Large => x(state) + y(state) > 1,
            Predicate::Enabled(Action::Abstract, _) => {
                let from = world.mapped(state);
                (0..4).any(|to| to != from && world.abstract_step(from, to))
            }
            Predicate::Enabled(action, subscript) => {
                let changes = subscript.map_or(!0, |v| v.changes(world));
                let possible = action.steps(world, bound) & changes;
                (0..STATES).any(|to| has(possible, state, to))
            }
            Predicate::AbstractInitial => world.abstract_initial[world.mapped(state)],
        }
    }

    fn text(&self) -> String {
        match self {
            Predicate::X(n) => format!("x = {}", n.text()),
            Predicate::Y(n) => format!("y = {n}"),
            Predicate::Large => "x + y > 1".to_owned(),
            Predicate::Enabled(action, None) => format!("ENABLED {}", action.text()),
            Predicate::Enabled(action, Some(v)) => format!("ENABLED <<{}>>_{}", action.text(), v.text()),
            Predicate::AbstractInitial => unreachable!("has its text in the abstract module"),
        }
    }
}

/// A temporal formula as it is written.
#[derive(Clone, Debug)]
pub(crate) enum Formula {
    State(Predicate),
    Not(Box<Formula>),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    Implies(Box<Formula>, Box<Formula>),
    Same(Box<Formula>, Box<Formula>),
    If(Box<Formula>, Box<Formula>, Box<Formula>),
    /// Two arms and OTHER.
    Case(Box<[Formula; 5]>),
    Always(Box<Formula>),
    Eventually(Box<Formula>),
    LeadsTo(Box<Formula>, Box<Formula>),
    Weak(Subscript, Action),
    Strong(Subscript, Action),
    /// `[][A]_v`
    Square(Subscript, Action),
    /// `<><<A>>_v`
    Angle(Subscript, Action),
    Each {
        forall: bool,
        set: Vec<usize>,
        body: Box<Formula>,
    },
    /// Written as an operator of its own.
    Defined(Box<Formula>),
    /// Written with LET.
    Let(Box<Formula>),
    /// `M!Safe`, `M!Live`, `M!Spec`.
    Abstract(usize),
}

/// Truth values from the parts up; each node is about nodes before it.
pub(crate) enum Node {
    Step(Steps),
    Not(usize),
    And(usize, usize),
    /// Now or later.
    Some(usize),
}

impl Formula {
    /// What the abstract module's formulas say.
    pub(crate) fn of_module(which: usize) -> Formula {
        let (v, go) = (Subscript::Abstract, Action::Abstract);
        let safe = [Formula::State(Predicate::AbstractInitial), Formula::Square(v, go.clone())];
        match which {
            0 => Formula::And(safe.into()),
            1 => Formula::Weak(v, go),
            _ => Formula::And(safe.into_iter().chain([Formula::Weak(v, go)]).collect()),
        }
    }

    /// True without temporal operators.
    pub(crate) fn is_state(&self) -> bool {
        match self {
            Formula::State(_) => true,
            Formula::Not(f) | Formula::Defined(f) | Formula::Let(f) | Formula::Each { body: f, .. } => f.is_state(),
            Formula::And(items) | Formula::Or(items) => items.iter().all(Formula::is_state),
            Formula::Implies(f, g) | Formula::Same(f, g) => f.is_state() && g.is_state(),
            Formula::If(c, f, g) => c.is_state() && f.is_state() && g.is_state(),
            Formula::Case(parts) => parts.iter().all(Formula::is_state),
            _ => false,
        }
    }

    /// Adds its nodes; gives its own.
    pub(crate) fn lower(&self, world: &World, bound: &[usize], nodes: &mut Vec<Node>) -> usize {
        let mut put = |node| {
            nodes.push(node);
            nodes.len() - 1
        };
        match self {
            Formula::State(p) => put(Node::Step(steps(|from, _| p.holds(world, bound, from)))),
            Formula::Weak(v, a) | Formula::Strong(v, a) => {
                let enabled = Predicate::Enabled(a.clone(), Some(*v));
                let enabled = put(Node::Step(steps(|from, _| enabled.holds(world, bound, from))));
                let taken = put(Node::Step(a.steps(world, bound) & v.changes(world)));
                let mut premise = if matches!(self, Formula::Strong(..)) { put(Node::Some(enabled)) } else { enabled };
                premise = always(premise, nodes);
                let taken = push(Node::Some(taken), nodes);
                let met = implies(premise, taken, nodes);
                always(met, nodes)
            }
            Formula::Square(v, a) => {
                let square = put(Node::Step(a.steps(world, bound) | steps(|_, _| true) & !v.changes(world)));
                always(square, nodes)
            }
            Formula::Angle(v, a) => {
                let angle = put(Node::Step(a.steps(world, bound) & v.changes(world)));
                push(Node::Some(angle), nodes)
            }
            Formula::Abstract(which) => Formula::of_module(*which).lower(world, bound, nodes),
            Formula::Defined(f) | Formula::Let(f) => f.lower(world, bound, nodes),
            Formula::Each { forall, set, body } => {
                let one = |n: &usize, nodes: &mut Vec<Node>| {
                    let bound: Vec<usize> = bound.iter().copied().chain([*n]).collect();
                    body.lower(world, &bound, nodes)
                };
                let all: Vec<usize> = set.iter().map(|n| one(n, nodes)).collect();
                join(*forall, &all, nodes)
            }
            _ => self.lower_connective(world, bound, nodes),
        }
    }

    fn lower_connective(&self, world: &World, bound: &[usize], nodes: &mut Vec<Node>) -> usize {
        let mut of = |f: &Formula| f.lower(world, bound, nodes);
        match self {
            Formula::Not(f) => {
                let f = of(f);
                push(Node::Not(f), nodes)
            }
            Formula::And(items) | Formula::Or(items) => {
                let all: Vec<usize> = items.iter().map(of).collect();
                join(matches!(self, Formula::And(_)), &all, nodes)
            }
            Formula::Implies(f, g) => {
                let (f, g) = (of(f), of(g));
                implies(f, g, nodes)
            }
            Formula::Same(f, g) => {
                let (f, g) = (of(f), of(g));
                let (there, back) = (implies(f, g, nodes), implies(g, f, nodes));
                push(Node::And(there, back), nodes)
            }
            Formula::If(c, f, g) => {
                let (c, f, g) = (of(c), of(f), of(g));
                choice(c, f, g, nodes)
            }
            Formula::Case(parts) => {
                let [c, f, d, g, other] = [0, 1, 2, 3, 4].map(|at| of(&parts[at]));
                let rest = choice(d, g, other, nodes);
                choice(c, f, rest, nodes)
            }
            Formula::Always(f) => {
                let f = of(f);
                always(f, nodes)
            }
            Formula::Eventually(f) => {
                let f = of(f);
                push(Node::Some(f), nodes)
            }
            Formula::LeadsTo(f, g) => {
                let (f, g) = (of(f), of(g));
                let later = push(Node::Some(g), nodes);
                let answered = implies(f, later, nodes);
                always(answered, nodes)
            }
            _ => unreachable!("is no connective"),
        }
    }

    /// Its text, with so many variables bound around; definitions that it needs are added.
    pub(crate) fn text(&self, bound: usize, definitions: &mut Vec<String>) -> String {
        let mut of = |f: &Formula| f.text(bound, definitions);
        match self {
            Formula::State(p) => format!("({})", p.text()),
            Formula::Not(f) => format!("~{}", of(f)),
            Formula::And(items) => format!("({})", items.iter().map(of).collect::<Vec<_>>().join(" /\\ ")),
            Formula::Or(items) => format!("({})", items.iter().map(of).collect::<Vec<_>>().join(" \\/ ")),
            Formula::Implies(f, g) => format!("({} => {})", of(f), of(g)),
            Formula::Same(f, g) => format!("({} <=> {})", of(f), of(g)),
            Formula::If(c, f, g) => format!("(IF {} THEN {} ELSE {})", of(c), of(f), of(g)),
            Formula::Case(parts) => {
                let [c, f, d, g, other] = [0, 1, 2, 3, 4].map(|at| of(&parts[at]));
                format!("(CASE {c} -> {f} [] {d} -> {g} [] OTHER -> {other})")
            }
            Formula::Always(f) => format!("[]{}", of(f)),
            Formula::Eventually(f) => format!("<>{}", of(f)),
            Formula::LeadsTo(f, g) => format!("({} ~> {})", of(f), of(g)),
            Formula::Weak(v, a) => format!("WF_{}({})", v.text(), a.text()),
            Formula::Strong(v, a) => format!("SF_{}({})", v.text(), a.text()),
            Formula::Square(v, a) => format!("[][{}]_{}", a.text(), v.text()),
            Formula::Angle(v, a) => format!("<><<{}>>_{}", a.text(), v.text()),
            Formula::Each { forall, set, body } => {
                let set = set.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
                let body = body.text(bound + 1, definitions);
                format!("({} i{bound} \\in {{{set}}} : {body})", if *forall { "\\A" } else { "\\E" })
            }
            Formula::Defined(f) => {
                let parameters = (0..bound).map(|i| format!("i{i}")).collect::<Vec<_>>().join(", ");
                let parameters = if bound == 0 { parameters } else { format!("({parameters})") };
                let body = of(f);
                let name = format!("Part{}", definitions.len());
                definitions.push(format!("{name}{parameters} == {body}"));
                format!("{name}{parameters}")
            }
            Formula::Let(f) => {
                let body = of(f);
                let name = format!("local{}", definitions.len());
                definitions.push(String::new());
                format!("(LET {name} == {body} IN {name})")
            }
            Formula::Abstract(which) => format!("M!{}", ["Safe", "Live", "Spec"][*which]),
        }
    }
}

fn push(node: Node, nodes: &mut Vec<Node>) -> usize {
    nodes.push(node);
    nodes.len() - 1
}

fn implies(f: usize, g: usize, nodes: &mut Vec<Node>) -> usize {
    let not = push(Node::Not(g), nodes);
    let bad = push(Node::And(f, not), nodes);
    push(Node::Not(bad), nodes)
}

fn choice(c: usize, f: usize, g: usize, nodes: &mut Vec<Node>) -> usize {
    let not = push(Node::Not(c), nodes);
    let (then, other) = (implies(c, f, nodes), implies(not, g, nodes));
    push(Node::And(then, other), nodes)
}

fn always(f: usize, nodes: &mut Vec<Node>) -> usize {
    let not = push(Node::Not(f), nodes);
    let some = push(Node::Some(not), nodes);
    push(Node::Not(some), nodes)
}

fn join(all: bool, items: &[usize], nodes: &mut Vec<Node>) -> usize {
    let mut result = push(Node::Step(if all { !0 } else { 0 }), nodes);
    for item in items {
        if all {
            result = push(Node::And(result, *item), nodes);
        } else {
            let (f, g) = (push(Node::Not(result), nodes), push(Node::Not(*item), nodes));
            let neither = push(Node::And(f, g), nodes);
            result = push(Node::Not(neither), nodes);
        }
    }
    result
}
