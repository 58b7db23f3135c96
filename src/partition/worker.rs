//! A thread's evaluator of a [`TlaModel`].
//!
//! Groups and labels are asked of their decision trees ([`super::memo`]) first; what those do not know is
//! evaluated on a watched row ([`super::watch`]) and added.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::eval::Evaluator;
use crate::eval::view::Side;
use crate::model::{GroupId, Judgement, Model, Progress, PropertyId, Stop, Transition, Visit, Worker};
use crate::report::Kind;
use crate::value::machine::{Fault, Machine, Result as Evaluated};
use crate::value::{Universe, Value};

use super::codec::{Updates, decode};
use super::forest::Made;
use super::group::{Enabled, Group};
use super::label::{Label, Labels, Question, Ready, Written};
use super::memo::Known;
use super::model::{EvaluationError, Formula, Phase, TlaModel};
use super::order::compare_rows;
use super::slots::Entry;
use super::symmetry::{Canonical, Symmetry};
use super::terms::Terms;
use super::watch::Watch;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// Who looks things up.
#[derive(Clone, Copy)]
pub(super) enum Asker {
    Groups,
    Labels,
}

/// Something of a worker that is elsewhere while it is in use.
pub(super) type Lent<T> = Option<Box<T>>;

/// A thread's evaluator of a model.
pub struct TlaWorker<'m> {
    pub(super) model: &'m TlaModel,
    pub(super) universe: &'static Universe,
    pub(super) evaluator: Evaluator,
    pub(super) watch: Rc<RefCell<Watch>>,
    pub(super) groups: Vec<Group>,
    pub(super) enabled: Lent<Enabled>,
    constraints: Lent<Labels>,
    action_constraints: Lent<Labels>,
    pub(super) view: Option<Ready>,
    pub(super) on_candidate: Lent<Labels>,
    on_initial: Lent<Labels>,
    on_state: Lent<Labels>,
    on_step: Lent<Labels>,
    pub(super) terms: Lent<Terms>,
    pub(super) symmetry: Option<Canonical>,
    pub(super) progress: Progress,
    pub(super) memoised: bool,
    /// Time spent on what was not known, if it is measured.
    pub(super) evaluating_groups: Duration,
    pub(super) evaluating_labels: Duration,
    /// What all workers know, for groups and for labels; elsewhere while it is in use.
    known: [Option<Arc<Known>>; 2],
    /// Successors of the group at hand.
    pub(super) made: Made,
    /// The first number that stands for no changes yet.
    pub(super) numbers: u32,
    /// How often what it knows of groups was begun anew.
    pub(super) serial: u32,
    /// What the elements of a set lead to.
    pub(super) leaves: Vec<u32>,
    /// Scratch memory for what one changes, and for the successors of another group.
    pub(super) updates: Updates,
    pub(super) reached: Made,
    /// Initial states found and not yet handed on.
    pub(super) found: Vec<u32>,
}

impl<'m> TlaWorker<'m> {
    pub(super) fn new(model: &'m TlaModel) -> Self {
        let mut evaluator = model.evaluator(0);
        let universe = model.plan.universe;
        let watch = Rc::new(RefCell::new(Watch::new(model.slots.clone(), universe)));
        evaluator.set_view(watch.clone());
        let ready = |f: &Formula| f.prepare(universe, &evaluator);
        let actions = model.groups.iter().map(|g| &g.action).chain(&model.parts.actions);
        let mut trees = model.groups.len() + model.parts.actions.len();
        let mut labels = |(list, written): (Vec<Label>, Vec<Written>)| {
            trees += list.len();
            let first = trees - list.len();
            Some(Box::new(Labels::new(list, written, first)))
        };
        let all = |fs: &[Formula]| {
            let label = |f: &Formula| Label::new(ready(f), PropertyId(0), Phase::Constraint);
            (fs.iter().map(label).collect(), Vec::new())
        };
        let of_kind = |kind: Kind| {
            let with_ids = || model.properties.iter().enumerate().filter(move |(_, p)| p.kind == kind);
            let parts = with_ids()
                .flat_map(|(i, p)| p.parts.iter().map(move |part| (PropertyId(i as u32), part)))
                .map(|(id, part)| Label::new(ready(part), id, Phase::Property(id)));
            let written = with_ids().map(|(i, p)| {
                let property = PropertyId(i as u32);
                Written { property, ready: ready(&p.formula), phase: Phase::Property(property) }
            });
            (parts.collect(), written.collect())
        };
        let mut worker = Self {
            groups: actions.clone().map(|action| Group::new(ready(action), None)).collect(),
            enabled: None,
            constraints: labels(all(&model.constraints)),
            action_constraints: labels(all(&model.action_constraints)),
            view: model.view.as_ref().map(ready),
            on_candidate: model.drawing.as_ref().and_then(|drawing| labels(all(&drawing.conditions))),
            on_initial: labels(of_kind(Kind::PropertyInitial)),
            on_state: labels(of_kind(Kind::Invariant)),
            on_step: labels(of_kind(Kind::ActionProperty))
                .map(|labels| labels.in_pieces(&model.pieces, model.first_condition, ready)),
            terms: Some(Box::new(Terms::new(&model.terms, &model.slots, model.first_term, ready))),
            symmetry: model.symmetry.as_ref().map(Symmetry::canonical),
            progress: Progress::default(),
            memoised: model.memoised(),
            evaluating_groups: Duration::ZERO,
            evaluating_labels: Duration::ZERO,
            known: [None, None],
            made: Made::default(),
            numbers: 0,
            serial: 0,
            leaves: Vec::new(),
            updates: Updates::default(),
            reached: Made::default(),
            found: Vec::new(),
            watch,
            evaluator,
            universe,
            model,
        };
        if worker.memoised {
            for (number, action) in actions.enumerate() {
                worker.groups[number].spread = worker.spread(action);
            }
            let invariants = model.properties.iter().filter(|p| p.kind == Kind::Invariant).flat_map(|p| &p.parts);
            let labels = worker.on_state.take();
            worker.on_state = labels.map(|labels| labels.taken_apart(invariants.map(|part| worker.universal(part))));
            let labels = worker.constraints.take();
            let constraints = model.constraints.iter();
            worker.constraints = labels.map(|labels| labels.taken_apart(constraints.map(|c| worker.universal(c))));
        }
        worker
    }

    pub(super) fn ready(&self, formula: &Formula) -> Ready {
        formula.prepare(self.universe, &self.evaluator)
    }

    /// What all workers know of the present epoch, to be [`TlaWorker::put_back`]. Labels are asked while groups are
    /// expanded, so each side has its own.
    #[inline]
    pub(super) fn known(&mut self, side: Asker) -> Arc<Known> {
        match self.known[side as usize].take() {
            Some(known) if known.forest.epoch == self.model.slots.epoch() => known,
            _ => self.model.memo.known(&self.model.slots),
        }
    }

    #[inline]
    pub(super) fn put_back(&mut self, side: Asker, known: Arc<Known>) {
        self.known[side as usize] = Some(known);
    }

    /// The evaluator, to look at a state or step more closely.
    pub fn evaluator(&mut self) -> &mut Evaluator {
        &mut self.evaluator
    }

    /// The values of the variables in a row.
    ///
    /// # Errors
    /// When a value cannot be put together.
    pub fn values(&mut self, row: &[u32]) -> Evaluated<Vec<Value>> {
        let slots = &self.model.slots;
        let mut watch = self.watch.borrow_mut();
        let mut values = Vec::with_capacity(slots.shapes.len());
        for (shape, start) in slots.shapes.iter().zip(&slots.starts) {
            values.push(decode(&mut self.evaluator, self.universe, &mut watch.lookup, shape, *start, 0, row)?);
        }
        Ok(values)
    }

    pub(super) fn failed(phase: Phase) -> impl Fn(Box<Fault>) -> Stop<EvaluationError> {
        move |fault| Stop::Error(EvaluationError { phase, fault })
    }

    /// Evaluates the view of a row's state into its first slot.
    pub(super) fn fill_view(&mut self, row: &mut [u32]) -> Outcome<()> {
        if self.view.is_none() {
            return Ok(());
        }
        self.show(row, None);
        self.set_level(self.progress.level + 1);
        let (Some((prepared, arguments)), evaluator) = (&self.view, &mut self.evaluator) else { return Ok(()) };
        let universe = self.universe;
        let id = evaluator.evaluate(prepared, arguments).and_then(|view| universe.intern(evaluator, &view));
        let id = id.map_err(Self::failed(Phase::Constraint))?;
        row[0] = self.watch.borrow_mut().lookup.id(0, Entry::part(id));
        Ok(())
    }

    /// Lets the evaluator look at a state, or a step.
    pub(super) fn show(&mut self, current: &[u32], next: Option<&[u32]>) {
        let mut watch = self.watch.borrow_mut();
        watch.selective = false;
        watch.show(Side::Current, current);
        if let Some(next) = next {
            watch.show(Side::Next, next);
        }
        watch.begin();
        drop(watch);
        self.evaluator.look(next.is_some());
    }

    /// Hands on the rows found.
    fn hand_on(&mut self, each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>) -> Outcome<()> {
        let mut found = std::mem::take(&mut self.found);
        let slots = self.model.slots();
        let mut result = Ok(());
        for row in found.chunks_exact_mut(slots) {
            result = self.fill_view(row).and_then(|()| each(self, row));
            if result.is_err() {
                break;
            }
        }
        found.clear();
        self.found = found;
        result
    }

    pub(super) fn seed(&mut self, group: usize, row: &[u32]) {
        let mut hash = self.model.plan.seed ^ (group as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut watch = self.watch.borrow_mut();
        for (slot, id) in row.iter().enumerate() {
            let entry = watch.lookup.entry(slot, *id);
            let value = entry.value().map_or(0, |v| self.universe.hash(v));
            hash = (hash.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        self.evaluator.services().random = hash;
    }

    pub(super) fn asked_to_exit(&mut self) -> Outcome<()> {
        if self.model.impure && self.evaluator.services().exit { Err(Stop::Exit) } else { Ok(()) }
    }

    pub(super) fn set_level(&mut self, level: u32) {
        let progress = Progress { level, ..self.progress };
        self.evaluator.services().progress = progress;
    }

    fn question<'a>(&self, current: &'a [u32], next: Option<&'a [u32]>) -> Question<'a> {
        Question { current, next, changes: None, level: self.progress.level }
    }

    /// About a state that was just found.
    fn question_ahead<'a>(&self, row: &'a [u32], changes: Option<&'a [(u32, u32)]>) -> Question<'a> {
        Question { current: row, next: None, changes, level: self.progress.level + 1 }
    }
}

impl Drop for TlaWorker<'_> {
    /// Leaves registers and hit rates for whoever looks afterwards.
    fn drop(&mut self) {
        let enabled = self.enabled.take();
        self.count_hits(enabled);
        let mut effort = self.model.effort.lock().unwrap_or_else(PoisonError::into_inner);
        for (sum, group) in effort.groups.iter_mut().zip(&self.groups) {
            *sum = sum.and(group.rate());
        }
        let labels = [
            &mut self.constraints,
            &mut self.action_constraints,
            &mut self.on_initial,
            &mut self.on_state,
            &mut self.on_step,
        ];
        for labels in labels.into_iter().flatten() {
            effort.labels = effort.labels.and(labels.rate());
        }
        if let Some(terms) = &mut self.terms {
            effort.labels = effort.labels.and(terms.rate());
        }
        effort.evaluating_groups += self.evaluating_groups;
        effort.evaluating_labels += self.evaluating_labels;
        drop(effort);
        if !self.model.impure {
            return;
        }
        let registers = std::mem::take(&mut self.evaluator.services().registers);
        let mut left = self.model.left_registers.lock().unwrap_or_else(PoisonError::into_inner);
        for (register, value) in registers {
            if let Ok(id) = self.universe.intern(&mut self.evaluator, &value) {
                left.insert(register, id);
            }
        }
    }
}

impl Worker for TlaWorker<'_> {
    type Error = EvaluationError;

    fn progress(&mut self, progress: Progress) {
        self.progress = progress;
        self.model.slots.set_level(progress.level);
        self.evaluator.services().progress = progress;
    }

    fn initial(&mut self, each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>) -> Outcome<()> {
        let model = self.model;
        if model.impure {
            self.evaluator.services().random = model.plan.seed;
        }
        self.find_initial()?;
        self.asked_to_exit()?;
        self.hand_on(each)
    }

    fn successors(
        &mut self,
        row: &[u32],
        each: &mut dyn FnMut(&mut Self, GroupId, &[u32]) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut target = row.to_vec();
        self.transitions(row, |worker: &mut Self, transition: Transition<'_>| {
            transition.each_target(row, &mut target, |target| each(worker, transition.group, target))
        })
    }

    fn transitions(&mut self, row: &[u32], mut each: impl Visit<Self>) -> Outcome<()> {
        let (mut enabled, known) = (self.enabled(), self.known(Asker::Groups));
        let result = self.hand_on_enabled(&mut enabled, &known, row, &mut each);
        self.put_back(Asker::Groups, known);
        self.enabled = Some(enabled);
        result
    }

    fn state_in_model(&mut self, row: &[u32]) -> Outcome<bool> {
        let question = self.question_ahead(row, None);
        Ok(self.judge(|w| &mut w.constraints, Some(|k| &k.constraints), question)? == Judgement::Holds)
    }

    fn changed_state_in_model(&mut self, row: &[u32], changes: &[(u32, u32)]) -> Outcome<bool> {
        if self.model.constraints.is_empty() {
            return Ok(true);
        }
        let question = self.question_ahead(row, Some(changes));
        Ok(self.judge(|w| &mut w.constraints, Some(|k| &k.constraints), question)? == Judgement::Holds)
    }

    fn step_in_model(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<bool> {
        let question = self.question(from, Some(to));
        Ok(self.judge(|w| &mut w.action_constraints, None, question)? == Judgement::Holds)
    }

    fn check_initial(&mut self, row: &[u32]) -> Outcome<Judgement> {
        let question = self.question_ahead(row, None);
        self.judge(|w| &mut w.on_initial, None, question)
    }

    fn check_state(&mut self, row: &[u32]) -> Outcome<Judgement> {
        let question = self.question_ahead(row, None);
        self.judge(|w| &mut w.on_state, Some(|k| &k.invariants), question)
    }

    fn check_changed_state(&mut self, row: &[u32], changes: &[(u32, u32)]) -> Outcome<Judgement> {
        let question = self.question_ahead(row, Some(changes));
        self.judge(|w| &mut w.on_state, Some(|k| &k.invariants), question)
    }

    fn check_step(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<Judgement> {
        let question = self.question(from, Some(to));
        self.judge(|w| &mut w.on_step, None, question)
    }

    fn next_violated(&mut self, property: PropertyId, from: Option<&[u32]>, row: &[u32]) -> Option<PropertyId> {
        let question = match from {
            Some(from) if self.on_step.as_ref().is_some_and(|labels| labels.has(property)) => {
                self.question(from, Some(row))
            }
            _ => self.question_ahead(row, None),
        };
        self.judge_after(|w| &mut w.on_initial, property, question)
            .or_else(|| self.judge_after(|w| &mut w.on_state, property, question))
            .or_else(|| self.judge_after(|w| &mut w.on_step, property, question))
    }

    fn canonical(&mut self, row: &mut [u32]) -> Outcome<()> {
        if self.represent(row).map_err(Self::failed(Phase::Constraint))? { self.fill_view(row) } else { Ok(()) }
    }

    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering {
        let lookup = &mut self.watch.borrow_mut().lookup;
        compare_rows(self.universe, (&self.model.slots, lookup), left, right)
    }
}
