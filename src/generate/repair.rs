//! A counterexample of one specification, followed in another: how far the corrected design goes along, and where it
//! refuses.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::partition::TlaModel;
use crate::partition::branch::{Branches, Everything};
use crate::trace::itf::exported_value;
use crate::trace::{ActionLabel, Step, Trace};
use crate::value::machine::Result;
use crate::value::{self, Value};

/// One step of what is followed: an action with parameters as data.
pub struct Wanted {
    /// The action; `None` for the initial state.
    pub action: Option<String>,
    /// Its parameters.
    pub parameters: Vec<(String, Json)>,
    /// Variables afterwards: of several states the nearest is taken.
    pub state: Vec<(String, Json)>,
}

/// How far the other specification goes along.
pub struct Followed {
    /// Its behaviour, with its own states.
    pub trace: Trace,
    /// Index of the first state it does not go to; `None` if it goes all the way.
    pub refused: Option<usize>,
}

/// States of one step that are followed.
const STATES_MAX: usize = 4_096;

struct Reached {
    values: Rc<[Value]>,
    /// The one before, and the step from it.
    from: Option<(usize, ActionLabel)>,
    /// Variables that are as wanted.
    alike: usize,
}

/// Follows the actions of a trace. `None` if not even an initial state is like its first.
///
/// # Errors
/// When evaluation fails.
pub fn follow(model: &TlaModel, evaluator: &mut Evaluator, wanted: &[Wanted]) -> Result<Option<Followed>> {
    let branches = Branches::new(model, evaluator);
    let names: Vec<String> = model.plan.spec.variables.iter().map(|v| v.name.clone()).collect();
    let Some(first) = wanted.first() else { return Ok(None) };
    let mut layers: Vec<Vec<Reached>> = vec![initial(model, evaluator, &names, first)?];
    for step in &wanted[1..] {
        let next = successors(&branches, evaluator, &layers[layers.len() - 1], &names, step)?;
        if next.is_empty() {
            break;
        }
        layers.push(next);
    }
    let refused = (layers.len() < wanted.len()).then_some(layers.len());
    Ok(trace(names, &layers).map(|trace| Followed { trace, refused }))
}

fn initial(model: &TlaModel, evaluator: &mut Evaluator, names: &[String], wanted: &Wanted) -> Result<Vec<Reached>> {
    let (prepared, values) = model.initial.prepare(model.plan.universe, evaluator);
    let mut found: Vec<Reached> = Vec::new();
    evaluator.initial_states(&prepared, &values, &mut |evaluator| {
        let values: Vec<Value> = evaluator.state_values().cloned().collect();
        let values: Rc<[Value]> =
            values.iter().map(|v| value::normalize(evaluator, v)).collect::<Result<Vec<_>>>()?.into();
        let alike = alike(names, &values, wanted);
        found.push(Reached { values, from: None, alike });
        Ok(if found.len() >= STATES_MAX { Flow::Stop } else { Flow::Continue })
    })?;
    // Variables that both specifications have must agree at the start, or the behaviour is another.
    let most = found.iter().map(|r| r.alike).max().unwrap_or(0);
    found.retain(|r| r.alike == most);
    Ok(found)
}

fn successors(
    branches: &Branches,
    evaluator: &mut Evaluator,
    from: &[Reached],
    names: &[String],
    wanted: &Wanted,
) -> Result<Vec<Reached>> {
    let mut found: Vec<Reached> = Vec::new();
    for (number, reached) in from.iter().enumerate() {
        evaluator.set_state(&reached.values);
        branches.each_leaf(evaluator, &Everything, &mut |evaluator, leaf| {
            let parameters = leaf.parameters();
            let same = |(name, json): &(String, Json)| {
                let known = leaf.labels.iter().rev().find(|l| l.name == *name);
                known.is_none_or(|label| exported_value(&label.value).to_json() == *json)
            };
            let named = wanted.action.as_ref().is_some_and(|a| leaf.leaf.name == *a || leaf.leaf.names.contains(a));
            if !named || !wanted.parameters.iter().all(same) {
                return Ok(Flow::Continue);
            }
            let label = ActionLabel { name: leaf.leaf.name.clone(), parameters, span: leaf.leaf.span };
            leaf.successors(evaluator, &mut |evaluator| {
                let values: Vec<Value> = evaluator.next_values().cloned().collect();
                let values: Rc<[Value]> =
                    values.iter().map(|v| value::normalize(evaluator, v)).collect::<Result<Vec<_>>>()?.into();
                let known =
                    |r: &Reached| r.values.iter().zip(&*values).all(|(a, b)| value::compare_total(a, b).is_eq());
                if !found.iter().any(known) {
                    let alike = alike(names, &values, wanted);
                    found.push(Reached { values, from: Some((number, label.clone())), alike });
                }
                Ok(if found.len() >= STATES_MAX { Flow::Stop } else { Flow::Continue })
            })
        })?;
    }
    Ok(found)
}

fn alike(names: &[String], values: &[Value], wanted: &Wanted) -> usize {
    let same = |(name, value): &(&String, &Value)| {
        wanted.state.iter().any(|(n, json)| n == *name && exported_value(value).to_json() == *json)
    };
    names.iter().zip(values).filter(same).count()
}

/// The way to the last state that is most alike.
fn trace(variables: Vec<String>, layers: &[Vec<Reached>]) -> Option<Trace> {
    let last = layers.last()?;
    let mut number = (0..last.len()).rev().max_by_key(|i| last[*i].alike)?;
    let mut steps = Vec::new();
    for layer in layers.iter().rev() {
        let reached = &layer[number];
        let action = reached.from.as_ref().map(|(_, label)| label.clone());
        steps.push(Step { action, values: reached.values.to_vec(), alias: None });
        number = reached.from.as_ref().map_or(0, |(before, _)| *before);
    }
    steps.reverse();
    Some(Trace { variables, steps, loop_to: None })
}
