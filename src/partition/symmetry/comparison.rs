//! Whether a specification is as symmetric as it claims, on given states: whatever a state can do, each of its images
//! must be able to do, permuted.

use std::collections::BTreeMap;

use super::group::Elements;
use super::image::Images;
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::model::{GroupId, Judgement, Progress, Stop, Worker as _};
use crate::partition::model::{EvaluationError, Phase, TlaModel};
use crate::partition::worker::TlaWorker;
use crate::value::machine::Result as Evaluated;
use crate::value::{Universe, Value, ValueId};

/// A state by the ids of its variables' values.
type State = Vec<ValueId>;

/// Steps that lead to each state, with a group that makes them.
type Targets = BTreeMap<State, (u64, GroupId)>;

/// Compares states with their images under the generators of the group.
pub struct Comparison<'m> {
    model: &'m TlaModel,
    worker: TlaWorker<'m>,
    images: Images,
    generators: Vec<u32>,
}

/// What evaluation gave, as far as it must be the same for all states of an orbit.
#[derive(PartialEq, Eq)]
enum Answer {
    Truth(bool),
    Violates(u32),
    Fails,
}

impl<'m> Comparison<'m> {
    /// A comparison for the model; `None` without SYMMETRY.
    pub fn new(model: &'m TlaModel) -> Option<Self> {
        let symmetry = model.symmetry.as_ref()?;
        let mut images = Images::new(&symmetry.group.elements);
        let generators = symmetry.group.generators.iter().map(|generator| images.number(generator)).collect();
        Some(Self { model, worker: model.tla_worker(), images, generators })
    }

    /// The error that a state and its images give evidence of, if any. Evaluation errors are none: they are
    /// reported where states are explored.
    pub fn state(&mut self, progress: Progress, row: &[u32]) -> Option<Diagnostic> {
        self.worker.progress(progress);
        self.compare(row).unwrap_or(None)
    }

    fn compare(&mut self, row: &[u32]) -> Evaluated<Option<Diagnostic>> {
        let state = self.state_of(row)?;
        let here = self.targets(row)?;
        let judged = self.judged(row);
        for number in 0..self.generators.len() {
            let generator = self.generators[number];
            let image = self.image_of(generator, &state)?;
            if image == state {
                continue;
            }
            let other_row = self.row_of(&image)?;
            for ((what, answer), (_, other)) in judged.iter().zip(self.judged(&other_row)) {
                if *answer != other {
                    let what = format!("{what} is not the same in the two states");
                    return Ok(Some(self.shown(generator, &state, &what, None, None)));
                }
            }
            let mut images = Targets::new();
            for (target, steps) in &here {
                images.insert(self.image_of(generator, target)?, *steps);
            }
            let there = self.targets(&other_row)?;
            let missing = |some: &Targets, others: &Targets| {
                let missing =
                    some.iter().find(|(target, (times, _))| others.get(*target).is_none_or(|o| o.0 != *times));
                missing.map(|(target, (_, group))| (target.clone(), *group))
            };
            // Steps of the state itself are shown by preference, as they lead on from what is shown.
            if let Some((target, group)) = missing(&images, &there).or_else(|| missing(&there, &images)) {
                let what =
                    format!("{} does not lead to permuted states alike", self.model.groups[group.0 as usize].name);
                return Ok(Some(self.shown(generator, &state, &what, Some(group), Some(&target))));
            }
        }
        Ok(None)
    }

    /// The diagnostic of a difference.
    fn shown(
        &mut self,
        generator: u32,
        state: &State,
        what: &str,
        group: Option<GroupId>,
        target: Option<&State>,
    ) -> Diagnostic {
        let spec = &self.model.plan.spec;
        let (name, span) = spec.checks.symmetry.as_ref().map_or(("", Span::NONE), |named| (&named.name, named.span));
        let moves = self.elements().describe(self.images.permutation(generator));
        let text = |state: &State| {
            let values = spec.variables.iter().zip(state);
            let shown = values
                .map(|(variable, id)| format!("{} = {}", variable.name, Universe::current().value(*id).display()));
            shown.collect::<Vec<_>>().join(", ")
        };
        let message = format!("{name} is not a symmetry of the specification: {what} under {moves}");
        let mut help = format!("in the state {}", text(state));
        if let Some(target) = target {
            help.push_str(&format!("; the step to the permuted state {} is missing on one side", text(target)));
        }
        let diagnostic = Diagnostic::error("symmetry", span, message).help(help);
        match group {
            Some(group) => diagnostic.label(self.model.groups[group.0 as usize].span, "this action"),
            None => diagnostic,
        }
    }

    fn elements(&self) -> &'m Elements {
        let symmetry = self.model.symmetry.as_ref();
        &symmetry.expect("a comparison is made of a model with a symmetry").group.elements
    }

    fn state_of(&mut self, row: &[u32]) -> Evaluated<State> {
        state_of(&mut self.worker, row)
    }

    fn image_of(&mut self, permutation: u32, state: &State) -> Evaluated<State> {
        let elements = self.elements();
        let evaluator: &mut Evaluator = self.worker.evaluator();
        state.iter().map(|id| self.images.image(evaluator, elements, permutation, *id)).collect()
    }

    fn row_of(&mut self, state: &State) -> Evaluated<Vec<u32>> {
        let values: Vec<Value> = state.iter().map(|id| Universe::current().value(*id)).collect();
        self.worker.encode(&values)
    }

    /// Whether constraints and invariants hold, or that they have no answer.
    fn judged(&mut self, row: &[u32]) -> Vec<(String, Answer)> {
        let inside = match self.worker.state_in_model(row) {
            Ok(truth) => Answer::Truth(truth),
            Err(_) => Answer::Fails,
        };
        let (name, invariants) = match self.worker.check_state(row) {
            Ok(Judgement::Holds) => (None, Answer::Truth(true)),
            Ok(Judgement::Violated(id)) => (Some(id), Answer::Violates(id.0)),
            Err(_) => (None, Answer::Fails),
        };
        let name = name.map_or("an invariant", |id| &self.model.properties[id.0 as usize].name).to_owned();
        vec![("a constraint".to_owned(), inside), (name, invariants)]
    }

    fn targets(&mut self, row: &[u32]) -> Evaluated<Targets> {
        let mut targets = Targets::new();
        let made = self.worker.successors(row, &mut |worker, group, target| {
            let target = state_of(worker, target).map_err(TlaWorker::failed(Phase::Next))?;
            targets.entry(target).or_insert((0, group)).0 += 1;
            Ok(())
        });
        match made {
            Ok(()) | Err(Stop::Exit) => Ok(targets),
            Err(Stop::Error(EvaluationError { fault, .. })) => Err(fault),
        }
    }
}

fn state_of(worker: &mut TlaWorker, row: &[u32]) -> Evaluated<State> {
    let values = worker.values(row)?;
    values.iter().map(|value| Universe::current().intern(worker.evaluator(), value)).collect()
}
