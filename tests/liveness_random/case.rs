//! Random cases: a toy specification with fairness, and properties.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::decide::{Graph, NODES_MAX};
use crate::formula::{Action, Formula, MAPPINGS, Number, Predicate, STATES, Steps, Subscript, World, has, x, y};

/// Edges of a graph at most: all sets of them are looked at.
const EDGES_MAX: usize = 11;

/// A source of choices.
pub(crate) struct Dice(u64);

impl Dice {
    /// The choices of one case.
    pub(crate) fn new(seed: u64, case: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ case.wrapping_mul(0xD1B5_4A32_D192_ED03) | 1);
        dice.below(2);
        dice
    }

    fn below(&mut self, n: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) >> 11) as usize % n
    }

    fn often(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// A specification with properties.
pub(crate) struct Case {
    world: World,
    graph: Graph,
    /// How each of the actions is written.
    styles: [usize; 4],
    fairness: Vec<Formula>,
    /// Properties P0, P1 …
    pub(crate) properties: Vec<Formula>,
    /// Threads.
    pub(crate) workers: usize,
    /// Whether what was evaluated is kept.
    pub(crate) memo: bool,
}

impl Case {
    /// A random one.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        loop {
            let mut moves = [0; 4];
            for action in &mut moves {
                let density = 8 + dice.below(16);
                *action = (0..STATES * STATES).filter(|_| dice.often(density)).map(|bit| 1u64 << bit).sum::<Steps>();
            }
            let mut initial: Vec<usize> = (0..STATES).filter(|_| dice.often(3)).collect();
            initial.truncate(2);
            let next = moves.iter().fold(0, |all, steps| all | steps);
            let Some(graph) = Some(&initial).filter(|i| !i.is_empty()).and_then(|i| Graph::new(i, next, EDGES_MAX))
            else {
                continue;
            };
            let world = World {
                moves,
                mapping: dice.below(MAPPINGS.len()),
                abstract_moves: (0..16).filter(|_| dice.often(3)).map(|bit| 1u16 << bit).sum(),
                abstract_initial: [0; 4].map(|_| !dice.often(4)),
            };
            let styles = [0; 4].map(|_| dice.below(3));
            let fairness = (0..dice.below(4)).map(|_| fairness(dice)).collect();
            let properties = (0..2).map(|_| formula(dice, 3, 0)).collect();
            let (workers, memo) = (if dice.often(4) { 2 } else { 1 }, !dice.often(4));
            let case = Self { world, graph, styles, fairness, properties, workers, memo };
            if case.is_small() {
                return case;
            }
        }
    }

    fn is_small(&self) -> bool {
        self.properties.iter().all(|property| {
            let mut nodes = Vec::new();
            self.counterexample(property).lower(&self.world, &[], &mut nodes);
            nodes.len() <= NODES_MAX
        })
    }

    fn counterexample(&self, property: &Formula) -> Formula {
        Formula::And(self.fairness.iter().cloned().chain([Formula::Not(Box::new(property.clone()))]).collect())
    }

    /// Names of the properties that are violated.
    pub(crate) fn violated(&self) -> BTreeSet<String> {
        let violated = self.properties.iter().enumerate().filter(|(_, property)| self.is_violated(property, &[]));
        violated.map(|(at, _)| format!("P{at}")).collect()
    }

    /// Conjuncts of a property are checked one by one; those that are safety, on all reachable states or steps.
    fn is_violated(&self, property: &Formula, bound: &[usize]) -> bool {
        match property {
            Formula::And(items) => items.iter().any(|item| self.is_violated(item, bound)),
            Formula::Defined(f) | Formula::Let(f) => self.is_violated(f, bound),
            Formula::Abstract(which) => self.is_violated(&Formula::of_module(*which), bound),
            f if f.is_state() => {
                let holds = self.everywhere(f, bound);
                self.graph.initial.iter().any(|state| !has(holds, *state, *state))
            }
            Formula::Each { forall: true, set, body } => set.iter().any(|n| {
                let bound: Vec<usize> = bound.iter().copied().chain([*n]).collect();
                self.is_violated(body, &bound)
            }),
            Formula::Always(f) => self.is_sometimes_false(f, bound),
            Formula::Square(..) => {
                let Formula::Square(v, a) = property else { return false };
                // `[A]_v` on a step is what `[][A]_v` is on the behaviour that repeats it; so ask the nodes.
                let mut nodes = Vec::new();
                Formula::Square(*v, a.clone()).lower(&self.world, bound, &mut nodes);
                let crate::formula::Node::Step(allowed) = nodes[0] else { return false };
                self.graph.edges.iter().any(|(from, to)| !has(allowed, *from, *to))
            }
            other => self.graph.satisfies(&self.world, &self.counterexample(&closed(other, bound))),
        }
    }

    /// `[]f` as a property.
    fn is_sometimes_false(&self, f: &Formula, bound: &[usize]) -> bool {
        match f {
            f if f.is_state() => {
                let holds = self.everywhere(f, bound);
                self.graph.edges.iter().any(|(state, _)| !has(holds, *state, *state))
            }
            Formula::And(items) => items.iter().any(|item| self.is_sometimes_false(item, bound)),
            Formula::Defined(f) | Formula::Let(f) => self.is_sometimes_false(f, bound),
            Formula::Abstract(which) if *which != 1 => self.is_sometimes_false(&Formula::of_module(*which), bound),
            other => {
                let always = Formula::Always(Box::new(closed(other, bound)));
                self.graph.satisfies(&self.world, &self.counterexample(&always))
            }
        }
    }

    /// Where a state predicate holds, as steps from there.
    fn everywhere(&self, f: &Formula, bound: &[usize]) -> Steps {
        let mut nodes = Vec::new();
        let root = f.lower(&self.world, bound, &mut nodes);
        let mut truths: Vec<Steps> = Vec::new();
        for node in &nodes {
            truths.push(match *node {
                crate::formula::Node::Step(holds) => holds,
                crate::formula::Node::Not(f) => !truths[f],
                crate::formula::Node::And(f, g) => truths[f] & truths[g],
                crate::formula::Node::Some(_) => unreachable!("a state predicate is not about later"),
            });
        }
        truths[root]
    }

    /// The text of the specification.
    pub(crate) fn spec(&self) -> String {
        let mut definitions = Vec::new();
        let fairness: Vec<String> = self.fairness.iter().map(|f| f.text(0, &mut definitions)).collect();
        let properties: Vec<String> = self.properties.iter().map(|p| p.text(0, &mut definitions)).collect();
        let mut text = "---- MODULE Toy ----\nEXTENDS Naturals\nVARIABLES x, y\nvars == <<x, y>>\n".to_owned();
        let initial: Vec<String> = self.graph.initial.iter().map(|s| format!("<<{}, {}>>", x(*s), y(*s))).collect();
        let _ = writeln!(text, "Init == \\E m \\in {{{}}} : x = m[1] /\\ y = m[2]", initial.join(", "));
        for (number, style) in self.styles.iter().enumerate().take(2) {
            let _ = writeln!(text, "A{number} == {}", action(self.world.moves[number], *style));
        }
        let (zero, one) = (action(self.world.moves[2], self.styles[2]), action(self.world.moves[3], self.styles[3]));
        let _ = writeln!(text, "B(k) == \\/ k = 0 /\\ ({zero})\n        \\/ k = 1 /\\ ({one})");
        let _ = writeln!(text, "Next == A0 \\/ (\\E k \\in 0..1 : B(k)) \\/ A1");
        let _ = writeln!(text, "M == INSTANCE Abstract WITH a <- {}", MAPPINGS[self.world.mapping]);
        definitions.retain(|d| !d.is_empty());
        let _ = writeln!(text, "{}", definitions.join("\n"));
        let fair = fairness.iter().map(|f| format!(" /\\ {f}")).collect::<String>();
        let _ = writeln!(text, "Spec == Init /\\ [][Next]_vars{fair}");
        for (at, property) in properties.iter().enumerate() {
            let _ = writeln!(text, "P{at} == {property}");
        }
        text + "====\n"
    }

    /// The text of the module that is refined.
    pub(crate) fn abstract_spec(&self) -> String {
        let values = |wanted: &dyn Fn(usize) -> bool| {
            (0..4).filter(|n| wanted(*n)).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
        };
        let initial = values(&|n| self.world.abstract_initial[n]);
        let ways: Vec<String> = (0..16)
            .filter(|bit| self.world.abstract_moves >> bit & 1 == 1)
            .map(|bit| format!("    \\/ a = {} /\\ a' = {}", bit / 4, bit % 4))
            .collect();
        format!(
            "---- MODULE Abstract ----\nEXTENDS Naturals\nVARIABLE a\nInit == a \\in {{{initial}}}\nGo ==\n    \\/ FALSE /\\ \
             a' = a\n{}\nSafe == Init /\\ [][Go]_a\nLive == WF_a(Go)\nSpec == Safe /\\ Live\n====\n",
            ways.join("\n")
        )
    }

    /// The text of the config.
    pub(crate) fn config(&self) -> String {
        let names: Vec<String> = (0..self.properties.len()).map(|at| format!("P{at}")).collect();
        format!("SPECIFICATION Spec\nPROPERTIES {}\n", names.join(" "))
    }
}

/// A formula with the variables around it bound.
fn closed(formula: &Formula, bound: &[usize]) -> Formula {
    bound.iter().rev().fold(formula.clone(), |body, n| Formula::Each {
        forall: true,
        set: vec![*n],
        body: Box::new(body),
    })
}

/// An action as text.
fn action(moves: Steps, style: usize) -> String {
    let pairs = (0..STATES * STATES).filter(|bit| moves >> bit & 1 == 1).map(|bit| (bit / STATES, bit % STATES));
    if style == 0 {
        let one = |(from, to)| format!("<<{}, {}, {}, {}>>", x(from), y(from), x(to), y(to));
        let set: Vec<String> = pairs.map(one).collect();
        return format!("\\E m \\in {{{}}} : x = m[1] /\\ y = m[2] /\\ x' = m[3] /\\ y' = m[4]", set.join(", "));
    }
    let one = |(from, to): (usize, usize)| {
        let after = if y(from) == y(to) && style == 1 { "UNCHANGED y".to_owned() } else { format!("y' = {}", y(to)) };
        format!("(x = {} /\\ y = {} /\\ x' = {} /\\ {after})", x(from), y(from), x(to))
    };
    let ways: Vec<String> = ["(FALSE /\\ UNCHANGED vars)".to_owned()].into_iter().chain(pairs.map(one)).collect();
    ways.join(" \\/ ")
}

fn number(dice: &mut Dice, bound: usize) -> Number {
    if bound > 0 && !dice.often(3) { Number::Bound(dice.below(bound)) } else { Number::Given(dice.below(3)) }
}

fn some_action(dice: &mut Dice, depth: usize, bound: usize, steps_only: bool) -> Action {
    let inner = |dice: &mut Dice| Box::new(some_action(dice, depth.saturating_sub(1), bound, steps_only));
    match dice.below(if depth == 0 { 6 } else { 12 }) {
        0..=2 => Action::Known(dice.below(2)),
        3 | 4 => Action::Instance(number(dice, bound)),
        5 => Action::Sets(number(dice, bound)),
        6 | 7 => Action::Either(inner(dice), inner(dice)),
        8 => Action::When(inner(dice), number(dice, bound)),
        9 => Action::To(inner(dice), number(dice, bound)),
        _ if steps_only => Action::Not(inner(dice)),
        _ => Action::Either(inner(dice), inner(dice)),
    }
}

fn subscript(dice: &mut Dice) -> Subscript {
    [Subscript::X, Subscript::Y, Subscript::Both, Subscript::Vars, Subscript::Vars, Subscript::Sum][dice.below(6)]
}

/// An action and a subscript for which ENABLED can be evaluated.
fn fair_action(dice: &mut Dice, bound: usize) -> (Subscript, Action) {
    let action = some_action(dice, 1, bound, false);
    let subscript = if action.is_whole() { subscript(dice) } else { Subscript::X };
    (subscript, action)
}

fn predicate(dice: &mut Dice, bound: usize) -> Predicate {
    match dice.below(8) {
        0..=3 => Predicate::X(number(dice, bound)),
        4 => Predicate::Y(dice.below(2)),
        5 => Predicate::Large,
        _ => {
            let (subscript, action) = fair_action(dice, bound);
            let subscript = Some(subscript).filter(|_| dice.often(2));
            Predicate::Enabled(action, subscript)
        }
    }
}

fn formula(dice: &mut Dice, depth: usize, bound: usize) -> Formula {
    let inner = |dice: &mut Dice| Box::new(formula(dice, depth.saturating_sub(1), bound));
    match dice.below(if depth == 0 { 8 } else { 32 }) {
        0..=3 => Formula::State(predicate(dice, bound)),
        4 => {
            let (subscript, action) = fair_action(dice, bound);
            Formula::Weak(subscript, action)
        }
        5 => {
            let (subscript, action) = fair_action(dice, bound);
            Formula::Strong(subscript, action)
        }
        6 => Formula::Square(subscript(dice), some_action(dice, 2, bound, true)),
        7 => Formula::Angle(subscript(dice), some_action(dice, 2, bound, true)),
        8 | 9 => Formula::Not(inner(dice)),
        10 => Formula::And(vec![*inner(dice), *inner(dice)]),
        11 => Formula::Or(vec![*inner(dice), *inner(dice)]),
        12 | 13 => Formula::Implies(inner(dice), inner(dice)),
        14 => Formula::Same(inner(dice), inner(dice)),
        15 => Formula::If(inner(dice), inner(dice), inner(dice)),
        16 => Formula::Case(Box::new([*inner(dice), *inner(dice), *inner(dice), *inner(dice), *inner(dice)])),
        17..=20 => Formula::Always(inner(dice)),
        21..=24 => Formula::Eventually(inner(dice)),
        25 | 26 => Formula::LeadsTo(inner(dice), inner(dice)),
        27 | 28 => {
            let set = [vec![0, 1], vec![1, 2], vec![2], vec![0, 1, 2]][dice.below(4)].clone();
            let body = Box::new(formula(dice, depth - 1, bound + 1));
            Formula::Each { forall: dice.often(2), set, body }
        }
        29 => Formula::Defined(inner(dice)),
        30 => Formula::Let(inner(dice)),
        _ => Formula::Abstract(dice.below(3)),
    }
}

/// What a specification assumes: something about the end of behaviours, or a response.
fn fairness(dice: &mut Dice) -> Formula {
    let state = |dice: &mut Dice| Box::new(Formula::State(predicate(dice, 0)));
    match dice.below(12) {
        0..=3 => {
            let (subscript, action) = fair_action(dice, 0);
            Formula::Weak(subscript, action)
        }
        4..=6 => {
            let (subscript, action) = fair_action(dice, 0);
            Formula::Strong(subscript, action)
        }
        7 | 8 => {
            let (subscript, action) = fair_action(dice, 1);
            let strong = dice.often(2);
            let body = if strong { Formula::Strong(subscript, action) } else { Formula::Weak(subscript, action) };
            Formula::Each { forall: !dice.often(4), set: vec![0, 1], body: Box::new(body) }
        }
        9 => Formula::Always(Box::new(Formula::Eventually(state(dice)))),
        10 => Formula::LeadsTo(state(dice), state(dice)),
        _ => Formula::Implies(Box::new(Formula::Eventually(state(dice))), Box::new(formula(dice, 1, 0))),
    }
}
