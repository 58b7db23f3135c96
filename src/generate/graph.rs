//! The states of a model with the steps between them, each labelled with its branch and parameters.

use std::collections::HashMap;
use std::rc::Rc;

use hashbrown::HashTable;

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared};
use crate::partition::TlaModel;
use crate::partition::branch::{Branches, Everything};
use crate::resolve::spec::Named;
use crate::trace::{ActionLabel, Step, Trace};
use crate::value::machine::Result;
use crate::value::{self, Value};

/// What a step is called.
#[derive(Clone)]
pub struct Label {
    /// The action.
    pub name: String,
    /// Its parameters, outermost first.
    pub parameters: Vec<(String, Value)>,
    /// Where the action is written.
    pub span: Span,
    /// The leaf of the next-state relation that makes it.
    pub leaf: usize,
}

/// A step.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The state it is taken in.
    pub from: u32,
    /// The state it leads to.
    pub to: u32,
    /// Its label, by number.
    pub label: u32,
}

/// States and steps, in the order they are found breadth first.
#[derive(Default)]
pub struct Graph {
    /// Values of the variables of each state.
    pub states: Vec<Rc<[Value]>>,
    /// How many of the first states are initial.
    pub initial: usize,
    /// Steps, by the state they are taken in.
    pub edges: Vec<Edge>,
    /// Where the steps of each state begin; one more than states that were expanded.
    starts: Vec<usize>,
    /// What steps are called.
    pub labels: Vec<Label>,
    /// True if every state was expanded.
    pub complete: bool,
    index: HashTable<u32>,
    known_labels: HashMap<(usize, u64), Vec<u32>>,
}

/// A part of the graph that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// States at most.
    pub states: usize,
    /// Steps at most.
    pub edges: usize,
}

impl Graph {
    /// Explores a model. CONSTRAINTs say which states are expanded, ACTION_CONSTRAINTs which steps are taken, as in a check.
    ///
    /// # Errors
    /// When evaluation fails.
    pub fn explore(model: &TlaModel, branches: &Branches, evaluator: &mut Evaluator, bounds: Bounds) -> Result<Graph> {
        let mut graph = Graph { complete: true, ..Graph::default() };
        let checks = &model.plan.spec.checks;
        let ready = |evaluator: &Evaluator, all: &[Named]| -> Vec<Prepared> {
            all.iter().map(|named| evaluator.prepare_definition(named.operator)).collect()
        };
        let constraints = ready(evaluator, &checks.constraints);
        let action_constraints = ready(evaluator, &checks.action_constraints);
        graph.find_initial(model, evaluator, &constraints, bounds)?;
        let mut next = 0;
        while next < graph.states.len() {
            graph.starts.push(graph.edges.len());
            if graph.edges.len() >= bounds.edges {
                graph.complete = false;
                break;
            }
            graph.expand(next, branches, evaluator, (&constraints, &action_constraints), bounds)?;
            next += 1;
        }
        graph.starts.push(graph.edges.len());
        Ok(graph)
    }

    /// Numbers of the steps taken in a state.
    pub fn step_numbers(&self, state: u32) -> std::ops::Range<usize> {
        let state = state as usize;
        match (self.starts.get(state), self.starts.get(state + 1)) {
            (Some(begin), Some(end)) => *begin..*end,
            _ => 0..0,
        }
    }

    /// The number of a step.
    pub fn number(&self, edge: Edge) -> Option<usize> {
        self.step_numbers(edge.from).find(|n| (self.edges[*n].to, self.edges[*n].label) == (edge.to, edge.label))
    }

    /// A path as a trace.
    pub fn trace(&self, model: &TlaModel, initial: u32, path: &[Edge]) -> Trace {
        let step = |state: u32, action| Step { action, values: self.states[state as usize].to_vec(), alias: None };
        let taken = path.iter().map(|edge| {
            let label = &self.labels[edge.label as usize];
            let action =
                ActionLabel { name: label.name.clone(), parameters: label.parameters.clone(), span: label.span };
            step(edge.to, Some(action))
        });
        let steps = std::iter::once(step(initial, None)).chain(taken).collect();
        Trace { variables: model.plan.spec.variables.iter().map(|v| v.name.clone()).collect(), steps, loop_to: None }
    }

    fn find_initial(
        &mut self,
        model: &TlaModel,
        evaluator: &mut Evaluator,
        constraints: &[Prepared],
        bounds: Bounds,
    ) -> Result<()> {
        let (prepared, values) = model.initial.prepare(model.plan.universe, evaluator);
        let mut found: Vec<Vec<Value>> = Vec::new();
        let mut full = false;
        evaluator.initial_states(&prepared, &values, &mut |evaluator| {
            let values: Vec<Value> = evaluator.state_values().cloned().collect();
            found.push(values.iter().map(|v| value::normalize(evaluator, v)).collect::<Result<_>>()?);
            full = found.len() >= bounds.states;
            Ok(if full { Flow::Stop } else { Flow::Continue })
        })?;
        self.complete &= !full;
        for values in found {
            evaluator.set_state(&values);
            if hold(evaluator, constraints)? {
                self.insert(values);
            }
        }
        self.initial = self.states.len();
        Ok(())
    }

    fn expand(
        &mut self,
        state: usize,
        branches: &Branches,
        evaluator: &mut Evaluator,
        (constraints, action_constraints): (&[Prepared], &[Prepared]),
        bounds: Bounds,
    ) -> Result<()> {
        let mut found: Vec<(Vec<Value>, Label)> = Vec::new();
        let values = self.states[state].clone();
        evaluator.set_state(&values);
        branches.each_leaf(evaluator, &Everything, &mut |evaluator, leaf| {
            let label = || Label {
                name: leaf.leaf.name.clone(),
                parameters: leaf.parameters(),
                span: leaf.leaf.span,
                leaf: leaf.number,
            };
            leaf.successors(evaluator, &mut |evaluator| {
                let next: Vec<Value> = evaluator.next_values().cloned().collect();
                let next = next.iter().map(|v| value::normalize(evaluator, v)).collect::<Result<_>>()?;
                found.push((next, label()));
                Ok(Flow::Continue)
            })
        })?;
        for (next, label) in found {
            if !action_constraints.is_empty() {
                evaluator.set_state(&values);
                evaluator.set_next(&next);
                let taken = hold(evaluator, action_constraints)?;
                evaluator.clear_next();
                if !taken {
                    continue;
                }
            }
            if !constraints.is_empty() {
                evaluator.set_state(&next);
                if !hold(evaluator, constraints)? {
                    continue;
                }
            }
            let Some(to) = self.find(&next).or_else(|| self.room(bounds).then(|| self.insert(next))) else {
                self.complete = false;
                continue;
            };
            let label = self.label(label);
            let edge = Edge { from: state as u32, to, label };
            let begin = self.starts.last().copied().unwrap_or(0);
            if !self.edges[begin..].iter().any(|e| (e.to, e.label) == (edge.to, edge.label)) {
                self.edges.push(edge);
            }
        }
        Ok(())
    }

    fn room(&self, bounds: Bounds) -> bool {
        self.states.len() < bounds.states
    }

    fn find(&self, values: &[Value]) -> Option<u32> {
        let same = |number: &u32| equal(&self.states[*number as usize], values);
        self.index.find(hash(values), same).copied()
    }

    fn insert(&mut self, values: Vec<Value>) -> u32 {
        if let Some(known) = self.find(&values) {
            return known;
        }
        let number = self.states.len() as u32;
        let key = hash(&values);
        self.states.push(values.into());
        let states = &self.states;
        self.index.insert_unique(key, number, |number| hash(&states[*number as usize]));
        number
    }

    fn label(&mut self, label: Label) -> u32 {
        let parameters = label.parameters.iter().map(|(_, v)| value::hash_listed(v).unwrap_or_default());
        let key = (label.leaf, parameters.fold(0_u64, |hash, word| hash.rotate_left(17) ^ word));
        let known = self.known_labels.entry(key).or_default();
        let same = |number: &&u32| {
            let other = &self.labels[**number as usize].parameters;
            other.iter().zip(&label.parameters).all(|((_, a), (_, b))| value::compare_total(a, b).is_eq())
        };
        if let Some(number) = known.iter().find(same) {
            return *number;
        }
        let number = self.labels.len() as u32;
        known.push(number);
        self.labels.push(label);
        number
    }
}

fn hold(evaluator: &mut Evaluator, formulas: &[Prepared]) -> Result<bool> {
    for formula in formulas {
        if !evaluator.holds(formula, &[])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash(values: &[Value]) -> u64 {
    let word = |v: &Value| value::hash_listed(v).unwrap_or_default();
    values.iter().fold(0, |hash: u64, v| (hash.rotate_left(23) ^ word(v)).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn equal(a: &[Value], b: &[Value]) -> bool {
    a.iter().zip(b).all(|(a, b)| value::compare_total(a, b).is_eq())
}
