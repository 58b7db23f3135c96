//! Initial states: drawn from the conjuncts that bind variables, admitted by those that come after.
//!
//! Once every variable has its value, what is left of Init is a condition on states like an invariant: it is asked of
//! decision trees. Where Init is an inductive invariant, most candidates fail it and most of the time goes there
//! (MCBakery: 1.7 million candidates, 655,200 admitted: 2.4 s with all of Init evaluated, 1.5 s).

use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::model::{Judgement, Stop};
use crate::resolve::spec::{BinaryOp, Expr, ExprKind, Level, Spec, VariableId};
use crate::value::machine::Result as Evaluated;
use crate::value::{Universe, Value};

use super::codec::{Before, encode_state, encode_variable, identical};
use super::formula::{Closed, conjuncts};
use super::label::{Question, Ready};
use super::model::{EvaluationError, Formula, Phase, TlaModel};
use super::slots::Lookup;
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// Candidates are drawn as long as not many more are turned down: then elements under trial had better be passed over,
/// which takes an evaluation of all of Init.
const TURNED_DOWN_MAX: usize = 1 << 16;
const TURNED_DOWN_EACH: usize = 4;

/// An initial predicate in two.
pub(super) struct Drawing {
    /// The conjuncts up to the one that binds the last variable.
    pub(super) candidates: Formula,
    /// What else must hold.
    pub(super) conditions: Vec<Formula>,
}

impl Drawing {
    /// Takes an initial predicate apart; `None` if nothing comes after the conjuncts that bind variables.
    ///
    /// # Errors
    /// When the value of a binding cannot be listed.
    pub(super) fn new(
        spec: &Spec,
        universe: &'static Universe,
        evaluator: &mut Evaluator,
        initial: &Formula,
    ) -> Evaluated<Option<Self>> {
        let mut items = Vec::new();
        flatten(spec, &initial.expr, &mut items);
        let mut unbound: Vec<VariableId> = (0..spec.variables.len() as u32).map(VariableId).collect();
        let last = items.iter().position(|item| {
            unbound.retain(|variable| bound_by(item) != Some(*variable));
            unbound.is_empty()
        });
        let Some(rest) = last.map(|last| items.split_off(last + 1)).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        let bindings = initial.bindings(universe);
        let closed = |kind: ExprKind| {
            let expr = Expr { kind: Box::new(kind), span: initial.expr.span, level: Level::State };
            Closed { expr, bindings: bindings.clone() }
        };
        let conditions = conjuncts(spec, evaluator, &closed(ExprKind::And(rest)));
        let conditions = conditions.iter().map(|condition| Formula::new(universe, evaluator, condition));
        let conditions = conditions.collect::<Evaluated<_>>()?;
        let candidates = Formula::new(universe, evaluator, &closed(ExprKind::And(items)))?;
        Ok(Some(Self { candidates, conditions }))
    }
}

/// The conjuncts of a formula, in order.
fn flatten(spec: &Spec, formula: &Expr, items: &mut Vec<Expr>) {
    match &*formula.kind {
        ExprKind::And(parts) => parts.iter().for_each(|part| flatten(spec, part, items)),
        ExprKind::Binary(BinaryOp::And, a, b) => {
            flatten(spec, a, items);
            flatten(spec, b, items);
        }
        ExprKind::Label(_, part) => flatten(spec, part, items),
        ExprKind::Call(id, arguments) if arguments.is_empty() && !spec.operators[id.0 as usize].built_in_module => {
            match unfold(spec, formula) {
                Some(body) => flatten(spec, &body, items),
                None => items.push(formula.clone()),
            }
        }
        _ => items.push(formula.clone()),
    }
}

/// The variable that has a value once the conjunct is satisfied, if it says so itself.
fn bound_by(conjunct: &Expr) -> Option<VariableId> {
    let ExprKind::Binary(BinaryOp::Equal | BinaryOp::In | BinaryOp::SubsetEq, left, _) = &*conjunct.kind else {
        return None;
    };
    if let ExprKind::Variable(variable) = &*left.kind { Some(*variable) } else { None }
}

/// A state that Init has given all variables values for.
#[derive(Default)]
struct Candidate {
    values: Vec<Value>,
    row: Vec<u32>,
    changed: Vec<(usize, Value)>,
    slots: Vec<u32>,
}

impl Candidate {
    /// Goes on to what the evaluator has now: most variables are as they were.
    fn take(
        &mut self,
        model: &TlaModel,
        evaluator: &mut Evaluator,
        universe: &'static Universe,
        lookup: &mut Lookup,
    ) -> Evaluated<()> {
        if self.values.is_empty() {
            self.values = evaluator.state_values().cloned().collect();
            self.row.clear();
            return encode_state(model, evaluator, universe, lookup, &self.values, &mut self.row);
        }
        for (variable, (value, before)) in evaluator.state_values().zip(&self.values).enumerate() {
            if !identical(value, before) {
                self.changed.push((variable, value.clone()));
            }
        }
        for (variable, value) in self.changed.drain(..) {
            self.slots.clear();
            let before = Before { value: &self.values[variable], row: &self.row };
            encode_variable(model, evaluator, universe, lookup, variable, (&value, Some(before)), &mut self.slots)?;
            self.row[model.slots.range(variable)].copy_from_slice(&self.slots);
            self.values[variable] = value;
        }
        Ok(())
    }
}

impl TlaWorker<'_> {
    /// Puts the initial states into `found`, one after the other.
    pub(super) fn find_initial(&mut self) -> Outcome<()> {
        let model = self.model;
        if model.memoised()
            && let Some(drawing) = &model.drawing
        {
            // Conditions are asked while candidates are drawn, so somebody else asks them.
            let mut asker = TlaWorker::new(model);
            asker.progress = self.progress;
            let ready = self.ready(&drawing.candidates);
            if let Ok(true) = self.draw(&ready, Some(&mut asker)) {
                return Ok(());
            }
            // What has no truth value is an error of Init as it is written.
        }
        let ready = self.ready(&model.initial);
        self.draw(&ready, None).map(drop)
    }

    /// False if somebody could not say whether a state is to be admitted, or if it does not pay to ask.
    fn draw(&mut self, (prepared, arguments): &Ready, mut asker: Option<&mut TlaWorker<'_>>) -> Outcome<bool> {
        let (model, universe, watch, found) = (self.model, self.universe, self.watch.clone(), &mut self.found);
        found.clear();
        let mut candidate = Candidate::default();
        let (mut told, mut turned_down, mut taken) = (true, 0, 0);
        let result = self.evaluator.initial_states(prepared, arguments, &mut |evaluator| {
            candidate.take(model, evaluator, universe, &mut watch.borrow_mut().lookup)?;
            let row = &candidate.row;
            let admitted = match &mut asker {
                Some(asker) => asker.admits(row),
                None => Ok(true),
            };
            match admitted {
                Ok(true) => {
                    found.extend_from_slice(row);
                    taken += 1;
                }
                Ok(false) => turned_down += 1,
                Err(_) => told = false,
            }
            told = told && turned_down <= TURNED_DOWN_MAX + TURNED_DOWN_EACH * taken;
            Ok(if told { Flow::Continue } else { Flow::Stop })
        });
        result.map_err(Self::failed(Phase::Initial))?;
        Ok(told)
    }

    /// True if a candidate satisfies what else Init says.
    fn admits(&mut self, row: &[u32]) -> Outcome<bool> {
        let question = Question { current: row, next: None, changes: None, level: self.progress.level };
        Ok(self.judge(|w| &mut w.on_candidate, Some(|k| &k.candidates), question)? == Judgement::Holds)
    }
}
