//! Groups taken apart further, state by state: the branches of an action by name and parameter.
//!
//! Groups ([`super::groups`]) are split before any state is known. Which action a step belongs to, and for which
//! element, may depend on the state: `\E m \in messages : Receive(m)`. Here each group is a tree that is walked
//! in a state: quantifiers over state sets bind their elements as parameters, definitions give names, and
//! each leaf is an action that is enumerated as a whole. The leaves of all groups together have the steps of Next.
//!
//! Phases: [`Branches::new`] takes the groups apart once; [`Branches::each_leaf`] walks them in the evaluator's state,
//! skipping what a [`Selection`] does not ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared};
use crate::model::GroupId;
use crate::resolve::spec::{Argument, BinaryOp, Bound, Expr, ExprKind, Level, LocalId, Spec, UnaryOp};
use crate::value::machine::{Fault, FaultKind, Result};
use crate::value::{self, Universe, Value};

use super::formula::{binder_locals, unfold, unfold_let};
use super::model::{Group, TlaModel};

/// Leaves of one group at most; what would split further stays whole.
const LEAVES_MAX: usize = 4_096;

/// An action that is enumerated as a whole.
pub struct Leaf {
    /// The group it is part of.
    pub group: GroupId,
    /// The action's name: the innermost definition that is not just a part of another.
    pub name: String,
    /// All definitions around it, outermost first.
    pub names: Vec<String>,
    /// Names of its parameters, outermost first: bound variables, and parameters of definitions.
    pub parameters: Vec<String>,
    /// Those of them that are not just further names of the same value.
    pub own_parameters: Vec<String>,
    /// Names of the parameters of any leaf of the action.
    pub action_parameters: Rc<BTreeSet<String>>,
    /// Where the action is written.
    pub span: Span,
    /// Where this branch of it is written.
    pub place: Span,
    /// The action, guards passed on the way included.
    pub expr: Expr,
    /// The locals that [`Found::values`] are for.
    pub locals: Vec<LocalId>,
    ready: Prepared,
}

/// A parameter of a leaf with its value.
#[derive(Clone)]
pub struct Labelled {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// True for another name of a value that has a label already: the parameter of a definition that is called with
    /// a bound variable of another name.
    pub alias: bool,
}

/// A leaf as a walk reaches it.
pub struct Found<'a> {
    /// Its number in [`Branches::leaves`].
    pub number: usize,
    /// The leaf.
    pub leaf: &'a Leaf,
    /// Values of its locals.
    pub values: &'a [Value],
    /// Its parameters, outermost first.
    pub labels: &'a [Labelled],
}

impl Found<'_> {
    /// Calls `found` in every successor that this leaf makes of the evaluator's state.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    pub fn successors(
        &self,
        evaluator: &mut Evaluator,
        found: &mut dyn FnMut(&mut Evaluator) -> Result<Flow>,
    ) -> Result<Flow> {
        evaluator.successors(&self.leaf.ready, self.values, found)
    }

    /// True if the step that the evaluator looks at is one of this leaf.
    ///
    /// # Errors
    /// When evaluation fails.
    pub fn holds(&self, evaluator: &mut Evaluator) -> Result<bool> {
        evaluator.holds(&self.leaf.ready, self.values)
    }

    /// Its own parameters with their values; of several of one name the innermost.
    pub fn parameters(&self) -> Vec<(String, Value)> {
        let mut parameters: Vec<(String, Value)> = Vec::new();
        for label in self.labels.iter().filter(|l| !l.alias) {
            match parameters.iter_mut().find(|(name, _)| *name == label.name) {
                Some((_, value)) => *value = label.value.clone(),
                None => parameters.push((label.name.clone(), label.value.clone())),
            }
        }
        parameters
    }

    /// Values of the locals, by local.
    pub fn bindings(&self) -> Vec<(LocalId, Value)> {
        self.leaf.locals.iter().copied().zip(self.values.iter().cloned()).collect()
    }
}

/// What of the branches is asked for.
pub trait Selection {
    /// Whether some leaf with a number in this range may be asked for.
    fn wants(&self, leaves: &Range<usize>) -> bool;
    /// Whether a parameter may have a value. Only asked where no inner parameter has the same name.
    fn admits(&self, name: &str, value: &Value) -> bool;
    /// The values that a parameter may have, if they are known and few: its set, which may be `finite` or not, is then
    /// not enumerated. Only asked where no inner parameter has the same name.
    fn known(&self, name: &str, finite: bool) -> Option<Vec<Value>>;
}

/// Everything is asked for.
pub struct Everything;

impl Selection for Everything {
    fn wants(&self, _leaves: &Range<usize>) -> bool {
        true
    }

    fn admits(&self, _name: &str, _value: &Value) -> bool {
        true
    }

    fn known(&self, _name: &str, _finite: bool) -> Option<Vec<Value>> {
        None
    }
}

/// The branches of all groups of a model, for one evaluator.
pub struct Branches {
    trees: Vec<Tree>,
    /// All leaves, in the order of groups.
    pub leaves: Vec<Leaf>,
}

struct Tree {
    labels: Vec<Labelled>,
    values: Vec<Value>,
    root: Node,
}

struct Node {
    /// Leaves below.
    leaves: Range<usize>,
    form: Form,
}

enum Form {
    Leaf,
    Any(Vec<Node>),
    Each(Vec<BoundSet>, Box<Node>),
    When(Prepared, Box<Node>),
    Named(Vec<(String, Prepared, bool)>, Box<Node>),
}

/// One bound of a quantifier.
struct BoundSet {
    set: Prepared,
    place: Span,
    /// Names of the bound variables; with whether no inner parameter has the name.
    names: Vec<(String, bool)>,
    /// Together they are the components of one element.
    tuple: bool,
}

impl Branches {
    /// Takes the groups of a model apart.
    pub fn new(model: &TlaModel, evaluator: &Evaluator) -> Self {
        let mut leaves = Vec::new();
        let universe = model.plan.universe;
        let trees = model.groups.iter().enumerate().map(|(number, group)| {
            let builder = Builder {
                spec: &model.plan.spec,
                evaluator,
                group: GroupId(number as u32),
                first: leaves.len(),
                leaves: &mut leaves,
            };
            builder.tree(group, universe)
        });
        let trees = trees.collect();
        let mut actions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for leaf in &leaves {
            actions.entry(leaf.name.clone()).or_default().extend(leaf.parameters.iter().cloned());
        }
        let actions: BTreeMap<String, Rc<_>> = actions.into_iter().map(|(name, all)| (name, Rc::new(all))).collect();
        for leaf in &mut leaves {
            leaf.action_parameters = actions.get(&leaf.name).cloned().unwrap_or_default();
        }
        Self { trees, leaves }
    }

    /// Calls `found` for every leaf that the selection wants in the evaluator's current state.
    ///
    /// # Errors
    /// When a guard or a set on the way cannot be evaluated, or `found` fails.
    pub fn each_leaf(
        &self,
        evaluator: &mut Evaluator,
        selection: &dyn Selection,
        found: &mut dyn FnMut(&mut Evaluator, &Found<'_>) -> Result<Flow>,
    ) -> Result<Flow> {
        for tree in &self.trees {
            let admitted = |l: &Labelled, rest: &[Labelled]| {
                let hidden = rest.iter().any(|other| other.name == l.name) || tree.root.binds(&l.name);
                hidden || selection.admits(&l.name, &l.value)
            };
            let split = |i: usize| (&tree.labels[i], &tree.labels[i + 1..]);
            if !selection.wants(&tree.root.leaves)
                || !(0..tree.labels.len()).map(split).all(|(label, rest)| admitted(label, rest))
            {
                continue;
            }
            let mut walk = Walk {
                leaves: &self.leaves,
                selection,
                values: tree.values.clone(),
                labels: tree.labels.clone(),
                found,
            };
            if walk.node(evaluator, &tree.root)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }
}

impl Node {
    /// True if some parameter below has this name.
    fn binds(&self, name: &str) -> bool {
        match &self.form {
            Form::Leaf => false,
            Form::Any(nodes) => nodes.iter().any(|n| n.binds(name)),
            Form::Each(bounds, body) => {
                bounds.iter().any(|b| b.names.iter().any(|(n, _)| n == name)) || body.binds(name)
            }
            Form::When(_, body) => body.binds(name),
            Form::Named(parameters, body) => parameters.iter().any(|(n, _, _)| n == name) || body.binds(name),
        }
    }
}

struct Walk<'w> {
    leaves: &'w [Leaf],
    selection: &'w dyn Selection,
    values: Vec<Value>,
    labels: Vec<Labelled>,
    found: &'w mut dyn FnMut(&mut Evaluator, &Found<'_>) -> Result<Flow>,
}

impl Walk<'_> {
    fn node(&mut self, evaluator: &mut Evaluator, node: &Node) -> Result<Flow> {
        if !self.selection.wants(&node.leaves) {
            return Ok(Flow::Continue);
        }
        match &node.form {
            Form::Leaf => {
                let number = node.leaves.start;
                let found = Found { number, leaf: &self.leaves[number], values: &self.values, labels: &self.labels };
                (self.found)(evaluator, &found)
            }
            Form::Any(nodes) => {
                for node in nodes {
                    if self.node(evaluator, node)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                Ok(Flow::Continue)
            }
            Form::When(guard, body) => {
                if evaluator.holds(guard, &self.values)? {
                    self.node(evaluator, body)
                } else {
                    Ok(Flow::Continue)
                }
            }
            Form::Named(parameters, body) => {
                let outer = self.labels.len();
                for (name, argument, alias) in parameters {
                    // A label only: an argument that fails now fails again when the action is evaluated.
                    let shown = evaluator.evaluate(argument, &self.values);
                    if let Ok(value) = shown.and_then(|v| value::normalize(evaluator, &v)) {
                        self.labels.push(Labelled { name: name.clone(), value, alias: *alias });
                    }
                }
                let flow = self.node(evaluator, body);
                self.labels.truncate(outer);
                flow
            }
            Form::Each(bounds, body) => self.each(evaluator, bounds, body),
        }
    }

    /// Every set is evaluated before any element is taken.
    fn each(&mut self, evaluator: &mut Evaluator, bounds: &[BoundSet], body: &Node) -> Result<Flow> {
        let mut sets = Vec::with_capacity(bounds.len());
        for bound in bounds {
            sets.push(evaluator.evaluate(&bound.set, &self.values)?);
        }
        let mut places = Vec::new();
        for (bound, set) in bounds.iter().zip(&sets) {
            if bound.tuple {
                places.push((bound, set, None));
            } else {
                places.extend((0..bound.names.len()).map(|i| (bound, set, Some(i))));
            }
        }
        self.bind(evaluator, &places, body)
    }

    fn bind(
        &mut self,
        evaluator: &mut Evaluator,
        places: &[(&BoundSet, &Value, Option<usize>)],
        body: &Node,
    ) -> Result<Flow> {
        let Some(((bound, set, name), rest)) = places.split_first() else { return self.node(evaluator, body) };
        if let Some(known) = name.and_then(|i| self.known(evaluator, &bound.names[i], set)) {
            for element in known {
                // Not comparable is not an element.
                if matches!(value::member(evaluator, &element, set), Ok(true))
                    && self.bound(evaluator, bound, *name, element, rest, body)? == Flow::Stop
                {
                    return Ok(Flow::Stop);
                }
            }
            return Ok(Flow::Continue);
        }
        let mut elements = value::elements(evaluator, set).map_err(|f| placed(f, bound.place))?;
        while let Some(element) = elements.next(evaluator)? {
            if self.bound(evaluator, bound, *name, element, rest, body)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    fn known(&self, evaluator: &mut Evaluator, name: &(String, bool), set: &Value) -> Option<Vec<Value>> {
        let (name, innermost) = name;
        if !innermost {
            return None;
        }
        let finite = matches!(value::is_finite(evaluator, set), Ok(true));
        self.selection.known(name, finite)
    }

    fn bound(
        &mut self,
        evaluator: &mut Evaluator,
        bound: &BoundSet,
        name: Option<usize>,
        element: Value,
        rest: &[(&BoundSet, &Value, Option<usize>)],
        body: &Node,
    ) -> Result<Flow> {
        let element = value::normalize(evaluator, &element)?;
        let (values, labels) = (self.values.len(), self.labels.len());
        match name {
            Some(i) => self.push(&bound.names[i], element),
            None => {
                let components = value::sequence(evaluator, &element)?
                    .filter(|tuple| tuple.items().len() == bound.names.len())
                    .ok_or_else(|| {
                        let message = format!("expected a tuple of {} components", bound.names.len());
                        placed(Fault::new(FaultKind::Type, message), bound.place)
                    })?;
                for (name, component) in bound.names.iter().zip(components.items()) {
                    self.push(name, component.clone());
                }
            }
        }
        let admitted = self.labels[labels..].iter().zip(bound.names.iter().skip(name.unwrap_or(0)));
        let mut admitted = admitted.map(|(label, (_, innermost))| (label, *innermost));
        let all = admitted.all(|(label, innermost)| !innermost || self.selection.admits(&label.name, &label.value));
        let flow = if all { self.bind(evaluator, rest, body) } else { Ok(Flow::Continue) };
        self.values.truncate(values);
        self.labels.truncate(labels);
        flow
    }

    fn push(&mut self, (name, _): &(String, bool), value: Value) {
        self.values.push(value.clone());
        self.labels.push(Labelled { name: name.clone(), value, alias: false });
    }
}

fn placed(mut fault: Box<Fault>, place: Span) -> Box<Fault> {
    fault.place.get_or_insert(place);
    fault
}

struct Builder<'b> {
    spec: &'b Spec,
    evaluator: &'b Evaluator,
    group: GroupId,
    first: usize,
    leaves: &'b mut Vec<Leaf>,
}

/// Where taking apart stands.
#[derive(Clone)]
struct At {
    name: String,
    names: Vec<String>,
    span: Span,
    locals: Vec<LocalId>,
    parameters: Vec<String>,
    own_parameters: Vec<String>,
    /// Conjuncts before and after what is being taken apart.
    before: Vec<Expr>,
    after: Vec<Expr>,
    /// No action has been named yet: only the next-state relation.
    unnamed: bool,
}

impl Builder<'_> {
    fn tree(mut self, group: &Group, universe: &'static Universe) -> Tree {
        let bindings = group.action.bindings(universe);
        let parameters = group.parameters.iter().map(|(name, id)| (name, id, false));
        let aliases = group.aliases.iter().map(|(name, id)| (name, id, true));
        let labels: Vec<Labelled> = parameters
            .chain(aliases)
            .map(|(name, id, alias)| Labelled { name: name.clone(), value: universe.value(*id), alias })
            .collect();
        let at = At {
            name: group.name.clone(),
            names: group.names[group.roots.min(group.names.len().saturating_sub(1))..].to_vec(),
            span: group.span,
            locals: bindings.iter().map(|(l, _)| *l).collect(),
            parameters: labels.iter().map(|l| l.name.clone()).collect(),
            own_parameters: labels.iter().filter(|l| !l.alias).map(|l| l.name.clone()).collect(),
            before: Vec::new(),
            after: Vec::new(),
            unnamed: group.names.len() <= group.roots,
        };
        let expr = group.action.expr.clone();
        let root = match self.called(&expr) {
            Some((parameters, inner)) => self.aliases(&expr, parameters, inner, at),
            None => self.node(&expr, at),
        };
        Tree { labels, values: bindings.into_iter().map(|(_, v)| v).collect(), root }
    }

    /// A group that is a call as a whole: its name and parameters are those of the group already.
    fn called(&self, expr: &Expr) -> Option<(Vec<(LocalId, Argument)>, Expr)> {
        let ExprKind::Call(id, arguments) = &*expr.kind else { return None };
        let operator = &self.spec.operators[id.0 as usize];
        if operator.built_in_module || expr.level != Level::Action {
            return None;
        }
        let body = unfold(self.spec, expr)?;
        Some((operator.parameters.iter().map(|p| p.local).zip(arguments.iter().cloned()).collect(), body))
    }

    fn aliases(&mut self, whole: &Expr, given: Vec<(LocalId, Argument)>, body: Expr, mut at: At) -> Node {
        if !given.iter().all(|(_, a)| self.is_plain(a, &at)) {
            return self.leaf(whole, at);
        }
        let parameters = self.parameters(&given, &mut at);
        at.unnamed = false;
        let body = self.node(&body, at);
        named(parameters, body)
    }

    /// Arguments that are the same however often and wherever they are evaluated.
    fn is_plain(&self, argument: &Argument, at: &At) -> bool {
        match argument {
            Argument::Operator(_) => true,
            Argument::Expr(e) => {
                e.level == Level::Constant || matches!(&*e.kind, ExprKind::Local(l) if at.locals.contains(l))
            }
        }
    }

    fn parameters(&self, given: &[(LocalId, Argument)], at: &mut At) -> Vec<(String, Prepared, bool)> {
        let mut parameters = Vec::new();
        for (local, argument) in given {
            let Argument::Expr(e) = argument else { continue };
            let name = &self.spec.locals[local.0 as usize].name;
            let alias = match &*e.kind {
                ExprKind::Local(l) if self.spec.locals[l.0 as usize].name == *name => continue,
                ExprKind::Local(_) => true,
                _ => false,
            };
            if at.parameters.last() == Some(name) && !alias {
                continue;
            }
            at.parameters.push(name.clone());
            if !alias {
                at.own_parameters.push(name.clone());
            }
            parameters.push((name.clone(), self.evaluator.prepare(&at.locals, e), alias));
        }
        parameters
    }

    fn node(&mut self, expr: &Expr, at: At) -> Node {
        if expr.level != Level::Action || self.leaves.len() - self.first > LEAVES_MAX {
            return self.leaf(expr, at);
        }
        match &*expr.kind {
            ExprKind::Or(items) => self.any(items.iter().collect(), at),
            ExprKind::Binary(BinaryOp::Or, a, b) => self.any(vec![a, b], at),
            ExprKind::And(items) => self.conjunction(expr, items.clone(), at),
            ExprKind::Binary(BinaryOp::And, a, b) => self.conjunction(expr, vec![a.clone(), b.clone()], at),
            ExprKind::Label(_, e) => self.node(e, at),
            ExprKind::Exists(bounds, body) if bounds.iter().all(|b| b.set.level <= Level::State) => {
                self.exists(bounds, body, at)
            }
            ExprKind::Call(..) => self.call(expr, at),
            ExprKind::Let(definitions, body) => {
                let flat = unfold_let(definitions, body);
                self.or_whole(expr, at, |builder, at| flat.map(|flat| builder.node(&flat, at)))
            }
            ExprKind::If(condition, yes, no) if condition.level <= Level::State => {
                let (condition, yes, no) = (condition.clone(), yes.clone(), no.clone());
                self.or_whole(expr, at, |builder, at| Some(builder.conditional(&condition, &yes, &no, at)))
            }
            _ => self.leaf(expr, at),
        }
    }

    fn leaf(&mut self, expr: &Expr, at: At) -> Node {
        let number = self.leaves.len();
        let whole = if at.before.is_empty() && at.after.is_empty() {
            expr.clone()
        } else {
            let span = expr.span;
            let items = at.before.into_iter().chain([expr.clone()]).chain(at.after).collect();
            Expr { kind: Box::new(ExprKind::And(items)), span, level: Level::Action }
        };
        self.leaves.push(Leaf {
            group: self.group,
            name: at.name,
            names: at.names,
            parameters: at.parameters,
            own_parameters: at.own_parameters,
            action_parameters: Rc::default(),
            span: at.span,
            place: expr.span,
            ready: self.evaluator.prepare(&at.locals, &whole),
            expr: whole,
            locals: at.locals,
        });
        Node { leaves: number..number + 1, form: Form::Leaf }
    }

    fn any(&mut self, items: Vec<&Expr>, at: At) -> Node {
        let first = self.leaves.len();
        let nodes = items.into_iter().map(|item| self.node(item, at.clone())).collect();
        Node { leaves: first..self.leaves.len(), form: Form::Any(nodes) }
    }

    /// Takes apart what stands behind state formulas only: those are guards.
    fn conjunction(&mut self, expr: &Expr, items: Vec<Expr>, mut at: At) -> Node {
        let guards = items.iter().take_while(|e| e.level <= Level::State).count();
        let Some(item) = items.get(guards).filter(|item| self.opens(item, &at)) else { return self.leaf(expr, at) };
        let item = item.clone();
        let guard = items[..guards].to_vec();
        at.after.splice(0..0, items[guards + 1..].iter().cloned());
        if guard.is_empty() {
            return self.node(&item, at);
        }
        let span = guard.iter().fold(Span::NONE, |span, e| span.to(e.span));
        let when = Expr { kind: Box::new(ExprKind::And(guard.clone())), span, level: Level::State };
        at.before.extend(guard);
        self.when(&when, at, |builder, at| builder.node(&item, at))
    }

    fn when(&mut self, guard: &Expr, at: At, body: impl FnOnce(&mut Self, At) -> Node) -> Node {
        let guard = self.evaluator.prepare(&at.locals, guard);
        let body = body(self, at);
        Node { leaves: body.leaves.clone(), form: Form::When(guard, Box::new(body)) }
    }

    /// Whether a conjunct is worth taking apart: it binds parameters, or names actions that have no name yet.
    fn opens(&self, item: &Expr, at: &At) -> bool {
        match &*item.kind {
            ExprKind::Exists(bounds, _) => bounds.iter().all(|b| b.set.level <= Level::State),
            ExprKind::Label(_, e) => self.opens(e, at),
            ExprKind::Let(_, body) => self.opens(body, at),
            ExprKind::Or(_) | ExprKind::Binary(BinaryOp::Or, ..) | ExprKind::Call(..) | ExprKind::If(..) => at.unnamed,
            _ => false,
        }
    }

    fn exists(&mut self, bounds: &[Bound], body: &Expr, mut at: At) -> Node {
        let sets: Vec<Prepared> = bounds.iter().map(|b| self.evaluator.prepare(&at.locals, &b.set)).collect();
        let mut named = Vec::new();
        for bound in bounds {
            let locals = binder_locals(&bound.binder);
            let names: Vec<String> = locals.iter().map(|l| self.spec.locals[l.0 as usize].name.clone()).collect();
            at.locals.extend(locals);
            at.parameters.extend(names.iter().cloned());
            at.own_parameters.extend(names.iter().cloned());
            named.push((names, matches!(bound.binder, crate::resolve::spec::Binder::Tuple(_))));
        }
        let body = self.node(body, at);
        let bounds = sets.into_iter().zip(named).zip(bounds).map(|((set, (names, tuple)), bound)| BoundSet {
            set,
            place: bound.set.span,
            names: names.into_iter().map(|name| (name.clone(), !body.binds(&name))).collect(),
            tuple,
        });
        Node { leaves: body.leaves.clone(), form: Form::Each(bounds.collect(), Box::new(body)) }
    }

    /// Through a definition: its arguments must be plain here. A part of an action that has a name is not looked into.
    fn call(&mut self, expr: &Expr, mut at: At) -> Node {
        let in_conjunction = !(at.before.is_empty() && at.after.is_empty());
        if in_conjunction && !at.unnamed {
            return self.leaf(expr, at);
        }
        let Some((given, body)) = self.called(expr) else { return self.leaf(expr, at) };
        let ExprKind::Call(id, _) = &*expr.kind else { return self.leaf(expr, at) };
        let operator = &self.spec.operators[id.0 as usize];
        (at.name, at.span) = (operator.short_name.clone(), operator.span);
        at.names.push(operator.short_name.clone());
        at.unnamed = false;
        let plain = given.iter().all(|(_, a)| self.is_plain(a, &at));
        let parameters = self.parameters(&given, &mut at);
        let body = if plain { self.node(&body, at) } else { self.leaf(expr, at) };
        named(parameters, body)
    }

    fn conditional(&mut self, condition: &Expr, yes: &Expr, no: &Expr, at: At) -> Node {
        let first = self.leaves.len();
        let kind = Box::new(ExprKind::Unary(UnaryOp::Not, condition.clone()));
        let otherwise = Expr { kind, span: condition.span, level: condition.level };
        let mut nodes = Vec::new();
        for (guard, branch) in [(condition, yes), (&otherwise, no)] {
            let mut at = at.clone();
            at.before.push(guard.clone());
            nodes.push(self.when(guard, at, |builder, at| builder.node(branch, at)));
        }
        Node { leaves: first..self.leaves.len(), form: Form::Any(nodes) }
    }

    /// Takes an expression apart if that gives a name or a parameter; otherwise it stays as it is.
    fn or_whole(&mut self, expr: &Expr, at: At, apart: impl FnOnce(&mut Self, At) -> Option<Node>) -> Node {
        let first = self.leaves.len();
        let node = apart(self, at.clone());
        let gained = |leaf: &Leaf| leaf.names != at.names || leaf.parameters != at.parameters;
        match node {
            Some(node) if self.leaves[first..].iter().any(gained) => node,
            _ => {
                self.leaves.truncate(first);
                self.leaf(expr, at)
            }
        }
    }
}

fn named(parameters: Vec<(String, Prepared, bool)>, body: Node) -> Node {
    if parameters.is_empty() {
        return body;
    }
    Node { leaves: body.leaves.clone(), form: Form::Named(parameters, Box::new(body)) }
}
