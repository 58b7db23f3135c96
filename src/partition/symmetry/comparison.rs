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

/// A step that a state has, and a permuted state does not.
struct Missing {
    group: GroupId,
    from: State,
    to: State,
    permuted: State,
}

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
            let image_row = self.row_of(&image)?;
            for ((what, answer), (_, other)) in judged.iter().zip(self.judged(&image_row)) {
                if *answer != other {
                    let (here, there) = (self.text(&state), self.text(&image));
                    let help = format!("it is so in the state {here}, and not in the permuted state {there}");
                    let what = format!("{what} tells permuted states apart");
                    return Ok(Some(self.diagnostic(generator, &what, help)));
                }
            }
            if let Some(missing) = self.missing(generator, &state, &here, &image, &image_row)? {
                let group = &self.model.groups[missing.group.0 as usize];
                let what = format!("{} tells permuted states apart", group.name);
                let help = format!(
                    "in the state {} there is a step to {}; the permuted state {} has none that corresponds",
                    self.text(&missing.from),
                    self.text(&missing.to),
                    self.text(&missing.permuted)
                );
                return Ok(Some(self.diagnostic(generator, &what, help).label(group.span, "this action")));
            }
        }
        Ok(None)
    }

    /// A step from a state or from its image that the other one does not have alike.
    fn missing(
        &mut self,
        generator: u32,
        state: &State,
        here: &Targets,
        image: &State,
        image_row: &[u32],
    ) -> Evaluated<Option<Missing>> {
        let mut there = self.targets(image_row)?;
        for (target, (times, group)) in here {
            let permuted = self.image_of(generator, target)?;
            if there.remove(&permuted).is_none_or(|(others, _)| others != *times) {
                let (from, to, permuted) = (state.clone(), target.clone(), image.clone());
                return Ok(Some(Missing { group: *group, from, to, permuted }));
            }
        }
        Ok(there.into_iter().next().map(|(to, (_, group))| {
            let (from, permuted) = (image.clone(), state.clone());
            Missing { group, from, to, permuted }
        }))
    }

    fn diagnostic(&self, generator: u32, what: &str, help: String) -> Diagnostic {
        let named = self.model.plan.spec.checks.symmetry.as_ref();
        let (name, span) = named.map_or(("SYMMETRY", Span::NONE), |named| (&named.name, named.span));
        let moves = self.elements().describe(self.images.permutation(generator));
        let message = format!("{name} is not a symmetry of the specification: {what}, permuted by {moves}");
        Diagnostic::error("symmetry", span, message).help(help)
    }

    /// A state in one line.
    fn text(&self, state: &State) -> String {
        let values = self.model.plan.spec.variables.iter().zip(state);
        let shown =
            values.map(|(variable, id)| format!("{} = {}", variable.name, Universe::current().value(*id).display()));
        shown.collect::<Vec<_>>().join(", ")
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
        let (violated, invariants) = match self.worker.check_state(row) {
            Ok(Judgement::Holds) => (None, Answer::Truth(true)),
            Ok(Judgement::Violated(id)) => (Some(id), Answer::Violates(id.0)),
            Err(_) => (None, Answer::Fails),
        };
        let name = violated.map_or("an invariant", |id| &self.model.properties[id.0 as usize].name).to_owned();
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
