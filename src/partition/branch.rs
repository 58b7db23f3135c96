//! Groups taken apart further, state by state: the branches of an action by name and parameter.
//!
//! Groups ([`super::groups`]) are split before any state is known. Which action a step belongs to, and for which
//! element, may depend on the state: `\E m \in messages : Receive(m)`. Here each group is a tree that is walked
//! in a state: quantifiers over state sets bind their elements as parameters, definitions give names, and
//! each leaf is an action that is enumerated as a whole. The leaves of all groups together have the steps of Next.
//!
//! Phases: [`Branches::new`] takes the groups apart once; [`Branches::each_leaf`] walks them in the evaluator's state,
//! skipping what a [`Selection`] does not ask for.

mod apart;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared};
use crate::model::GroupId;
use crate::resolve::spec::{Expr, LocalId};
use crate::value::machine::{Fault, FaultKind, Result};
use crate::value::{self, Value};

use super::model::TlaModel;
use apart::Builder;

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

/// What a step is called.
pub struct StepName {
    /// The action.
    pub action: String,
    /// Its parameters, outermost first.
    pub parameters: Vec<(String, Value)>,
    /// Where the action is written.
    pub span: Span,
}

/// The leaves of one group are asked for.
struct OfGroup(Range<usize>);

impl Selection for OfGroup {
    fn wants(&self, leaves: &Range<usize>) -> bool {
        leaves.start < self.0.end && self.0.start < leaves.end
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

    /// Names of the actions, in the order of the specification.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for leaf in &self.leaves {
            if !names.contains(&leaf.name) {
                names.push(leaf.name.clone());
            }
        }
        names
    }

    /// The name, parameters and place of the action that a step of a group is one of; `None` if that cannot be told.
    pub fn label(&self, evaluator: &mut Evaluator, group: GroupId, from: &[Value], to: &[Value]) -> Option<StepName> {
        let range = self.trees.get(group.0 as usize)?.root.leaves.clone();
        evaluator.set_state(from);
        evaluator.set_next(to);
        let mut label = None;
        let walked = self.each_leaf(evaluator, &OfGroup(range), &mut |evaluator, found| {
            if !found.holds(evaluator)? {
                return Ok(Flow::Continue);
            }
            label = Some(StepName {
                action: found.leaf.name.clone(),
                parameters: found.parameters(),
                span: found.leaf.span,
            });
            Ok(Flow::Stop)
        });
        evaluator.clear_next();
        walked.ok().and(label)
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
