//! Why no behaviour goes on: the states that the specification may be in, and for each what keeps the next event from
//! matching.

use std::collections::BTreeSet;

use crate::eval::action::Flow;
use crate::partition::TlaModel;
use crate::partition::branch::{Found, Labelled};
use crate::property;
use crate::resolve::spec::Spec;
use crate::value::{self, Value};

use super::disabled;
use super::event::{Event, StepKind};
use super::log::{Cut, Held, Trouble};
use super::logged::{Difference, Logged};
use super::outcome::{Attempt, CandidateState, Misfit, Nearest, Place, Rejection};
use super::search::{Asked, Ending, Layer, Search};
use super::states::{Candidate, Taken};

/// States shown.
const SHOWN_MAX: usize = 3;

/// States looked at to find the most promising.
const LOOKED_AT_MAX: usize = 256;

/// Successors of one action looked at.
const SUCCESSORS_MAX: usize = 256;

/// Values listed of what would have matched.
const ALLOWED_MAX: usize = 6;

/// What was tried, and how near it came: misfits, fewer are nearer.
type Ranked<T> = (usize, T);

impl Search<'_, '_> {
    /// Says why nothing goes on from a layer.
    ///
    /// # Errors
    /// When the log cannot be read any more.
    pub fn reject(&mut self, model: &TlaModel, layer: &Layer) -> Result<Rejection, Ending> {
        let spec = model.plan.spec.clone();
        let (mut stuck, mut total, mut looked) = (BTreeSet::new(), 0, 0);
        let mut candidates: Vec<Ranked<CandidateState>> = Vec::new();
        for (cut, states) in layer {
            let ready = self.log.ready(cut).map_err(Ending::Trouble)?;
            let events: Vec<Place> = ready.iter().map(|(_, held)| self.place(&held.event)).collect();
            stuck.extend(events);
            let closure = self.closure(states, None)?;
            let states = closure.as_ref().unwrap_or(states);
            total += states.len();
            for candidate in states.as_slice().iter().take(LOOKED_AT_MAX - looked) {
                looked += 1;
                let mut attempts: Vec<Ranked<Attempt>> = Vec::new();
                for (_, held) in &ready {
                    attempts.extend(self.attempts(model, candidate, held));
                }
                attempts.sort_by_key(|(misfits, _)| *misfits);
                let nearest = attempts.first().map_or(usize::MAX, |(misfits, _)| *misfits);
                let attempts = attempts.into_iter().map(|(_, attempt)| attempt).take(SHOWN_MAX).collect();
                candidates.push((nearest, self.candidate(&spec, candidate, attempts)));
            }
        }
        candidates.sort_by_key(|(misfits, _)| *misfits);
        let candidates = candidates.into_iter().map(|(_, c)| c).take(SHOWN_MAX).collect();
        let after: BTreeSet<Place> = self.arrived.iter().map(|held| self.place(&held.event)).collect();
        let after = after.into_iter().collect();
        Ok(Rejection { stuck: stuck.into_iter().collect(), after, candidates, candidates_total: total })
    }

    /// Whether events that could not be looked at might have gone on.
    ///
    /// # Errors
    /// When the log cannot be read any more.
    pub fn left_out(&mut self) -> Result<bool, Trouble> {
        let most: Cut = self.most.clone();
        Ok(self.dropped || self.log.left_out(&most)?)
    }

    pub(super) fn place(&self, event: &Event) -> Place {
        Place {
            log: self.log.name(event.file).to_owned(),
            line: event.line,
            name: event.name.clone(),
            node: event.node.clone(),
        }
    }

    fn candidate(&self, spec: &Spec, candidate: &Candidate, attempts: Vec<Attempt>) -> CandidateState {
        let names = spec.variables.iter().map(|v| v.name.clone());
        CandidateState {
            variables: names.zip(candidate.values.iter().cloned()).collect(),
            step: candidate.last.as_ref().map(|taken| self.taken(taken)),
            attempts,
        }
    }

    fn taken(&self, taken: &Taken) -> String {
        let Some(leaf) = taken.leaf else { return "no step".to_owned() };
        let silent = if taken.silent { " (not logged)" } else { "" };
        format!("{}{silent}", labelled(&self.branches.leaves[leaf].name, &taken.labels))
    }

    /// What an event may be, and why it is not.
    fn attempts(&mut self, model: &TlaModel, candidate: &Candidate, held: &Held) -> Vec<Ranked<Attempt>> {
        let event = &held.event;
        let mut attempts = Vec::new();
        if matches!(event.step, StepKind::Stutter | StepKind::Any) {
            let differences = differences(model, &event.state, &candidate.values);
            if !differences.is_empty() {
                attempts.push((
                    differences.len(),
                    Attempt {
                        event: self.place(event),
                        action: "no step".to_owned(),
                        span: crate::diagnostic::Span::NONE,
                        misfit: Misfit::State(differences.into_iter().map(Nearest::of).collect()),
                        because: Vec::new(),
                    },
                ));
            }
        }
        let leaves = match &event.step {
            StepKind::Stutter => return attempts,
            StepKind::Any => None,
            StepKind::Leaves(leaves) => Some(leaves.clone()),
        };
        self.evaluator.set_state(&candidate.values);
        let reached = self.possible_steps(model, candidate, event, leaves.as_deref());
        if reached.is_empty() && leaves.is_some() {
            attempts.extend(self.impossible(model, candidate, event, leaves.as_deref()));
        }
        attempts.extend(reached);
        attempts
    }

    /// Steps that are possible, but with other parameters, or to other states.
    fn possible_steps(
        &mut self,
        model: &TlaModel,
        candidate: &Candidate,
        event: &Event,
        leaves: Option<&[usize]>,
    ) -> Vec<Ranked<Attempt>> {
        let asked = Asked::of(leaves, &event.params);
        let mut steps: Vec<PossibleStep> = Vec::new();
        let branches = self.branches;
        let _ = branches.each_leaf(&mut self.evaluator, &asked, &mut |evaluator, leaf| {
            if leaves.is_some_and(|l| l.binary_search(&leaf.number).is_err()) || !asked.is_met(leaf) {
                return Ok(Flow::Continue);
            }
            let mut successors = Vec::new();
            let walked = leaf.successors(evaluator, &mut |evaluator| {
                let values: Vec<Value> = evaluator.next_values().cloned().collect();
                let normal = values.iter().map(|v| value::normalize(evaluator, v)).collect::<Result<Vec<_>, _>>()?;
                successors.push(normal);
                Ok(if successors.len() >= SUCCESSORS_MAX { Flow::Stop } else { Flow::Continue })
            });
            let fault = walked.err().map(|fault| fault.message);
            if !successors.is_empty() || fault.is_some() {
                steps.push(PossibleStep::of(leaf, successors, fault));
            }
            Ok(Flow::Continue)
        });
        steps.into_iter().map(|step| self.misfit(model, candidate, event, step)).collect()
    }

    /// How a possible step differs from what is logged.
    fn misfit(
        &mut self,
        model: &TlaModel,
        candidate: &Candidate,
        event: &Event,
        step: PossibleStep,
    ) -> Ranked<Attempt> {
        let branches = self.branches;
        let (leaf, place) = (&branches.leaves[step.leaf], self.place(event));
        let attempt = |misfit, because| Attempt {
            event: place.clone(),
            action: labelled(&leaf.name, &step.labels),
            span: leaf.span,
            misfit,
            because,
        };
        if let Some(message) = step.fault {
            return (usize::MAX, attempt(Misfit::Fault(message), Vec::new()));
        }
        let mut all: Vec<(Vec<Difference>, &Vec<Value>)> =
            step.successors.iter().map(|next| (differences(model, &event.state, next), next)).collect();
        all.sort_by_key(|(differences, _)| differences.len());
        let Some((nearest, next)) = all.first() else { return (usize::MAX, attempt(Misfit::Disabled, Vec::new())) };
        let mut found: Vec<Nearest> = nearest.iter().cloned().map(Nearest::of).collect();
        for difference in all.iter().skip(1).flat_map(|(d, _)| d) {
            let same = found.iter_mut().find(|f| f.path == difference.path);
            if let (Some(same), Some(actual)) = (same, &difference.actual)
                && !same.allowed.contains(actual)
                && same.allowed.len() < ALLOWED_MAX
            {
                same.allowed.push(actual.clone());
            }
        }
        let wanted = as_logged(&event.state, next);
        self.evaluator.set_state(&candidate.values);
        self.evaluator.set_next(&wanted);
        let because = property::explain(&mut self.evaluator, &leaf.expr, &step.bindings);
        self.evaluator.clear_next();
        (found.len(), attempt(Misfit::State(found), because))
    }

    /// Why none of the actions is possible with the parameters of the log.
    fn impossible(
        &mut self,
        model: &TlaModel,
        candidate: &Candidate,
        event: &Event,
        leaves: Option<&[usize]>,
    ) -> Vec<Ranked<Attempt>> {
        let mut tried: Vec<(usize, disabled::Reason, Attempt)> = Vec::new();
        let (universe, place) = (model.plan.universe, self.place(event));
        let wanted = |group: usize| {
            let of_group = |leaf: &&usize| self.branches.leaves[**leaf].group.0 as usize == group;
            leaves.is_none_or(|l| l.iter().any(|leaf| of_group(&leaf)))
        };
        let groups: Vec<usize> = (0..model.groups.len()).filter(|g| wanted(*g)).collect();
        let mut others: Vec<Nearest> = Vec::new();
        for number in groups {
            let group = &model.groups[number];
            let labels: Vec<(&str, Value)> = group
                .parameters
                .iter()
                .chain(&group.aliases)
                .map(|(name, id)| (name.as_str(), universe.value(*id)))
                .collect();
            let differing = event.params.iter().find_map(|(name, logged)| {
                let (_, value) = labels.iter().rev().find(|(n, _)| n == name)?;
                (!logged.agrees(value)).then(|| (name.clone(), logged.to_string(), value.display()))
            });
            if let Some((path, logged, allowed)) = differing {
                note(&mut others, path, logged, allowed);
                continue;
            }
            self.evaluator.set_state(&candidate.values);
            let bindings = group.action.bindings(universe);
            let reason = disabled::explain(&mut self.evaluator, &group.action.expr, &bindings, &event.params);
            let shown = group.parameters.iter().map(|(n, id)| (n.as_str(), universe.value(*id)));
            let action = with_parameters(&group.name, shown);
            let because = reason.because.clone();
            let attempt = Attempt { event: place.clone(), action, span: group.span, misfit: Misfit::Disabled, because };
            tried.push((reason.satisfied, reason, attempt));
        }
        if tried.is_empty() && !others.is_empty() {
            let action = event.name.clone().unwrap_or_default();
            let span = leaves
                .and_then(|l| l.first())
                .map_or(crate::diagnostic::Span::NONE, |leaf| self.branches.leaves[*leaf].span);
            let misfit = Misfit::Parameters(others);
            return vec![(IMPOSSIBLE, Attempt { event: place, action, span, misfit, because: Vec::new() })];
        }
        tried.into_iter().map(|(satisfied, _, a)| (IMPOSSIBLE.saturating_sub(satisfied), a)).collect()
    }
}

/// The rank of an action that is not possible: behind all that are.
const IMPOSSIBLE: usize = 1 << 20;

/// A step that an event may be, were it not for its parameters or the state after it.
struct PossibleStep {
    leaf: usize,
    labels: Vec<Labelled>,
    bindings: Vec<(crate::resolve::spec::LocalId, Value)>,
    successors: Vec<Vec<Value>>,
    fault: Option<String>,
}

impl PossibleStep {
    fn of(found: &Found<'_>, successors: Vec<Vec<Value>>, fault: Option<String>) -> Self {
        let (labels, bindings) = (found.labels.to_vec(), found.bindings());
        Self { leaf: found.number, labels, bindings, successors, fault }
    }
}

fn differences(model: &TlaModel, logged: &[(usize, Logged)], values: &[Value]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (variable, logged) in logged {
        let name = &model.plan.spec.variables[*variable].name;
        logged.differences(&values[*variable], name, &mut differences);
    }
    differences
}

/// A state with what is logged put in.
fn as_logged(logged: &[(usize, Logged)], values: &[Value]) -> Vec<Value> {
    let mut wanted = values.to_vec();
    for (variable, logged) in logged {
        if let Some(value) = logged.like(&wanted[*variable]) {
            wanted[*variable] = value;
        }
    }
    wanted
}

fn note(others: &mut Vec<Nearest>, path: String, logged: String, allowed: String) {
    match others.iter_mut().find(|o| o.path == path) {
        Some(known) if known.allowed.contains(&allowed) || known.allowed.len() >= ALLOWED_MAX => {}
        Some(known) => known.allowed.push(allowed),
        None => others.push(Nearest { path, logged, allowed: vec![allowed] }),
    }
}

/// `Prepare(p = p1)`.
fn labelled(name: &str, labels: &[Labelled]) -> String {
    with_parameters(name, labels.iter().filter(|l| !l.alias).map(|l| (l.name.as_str(), l.value.clone())))
}

fn with_parameters<'a>(name: &str, parameters: impl Iterator<Item = (&'a str, Value)>) -> String {
    let shown: Vec<String> = parameters.map(|(name, value)| format!("{name} = {}", value.display())).collect();
    if shown.is_empty() { name.to_owned() } else { format!("{name}({})", shown.join(", ")) }
}
