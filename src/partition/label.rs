//! Formulas about states and steps, asked of their decision trees first.

use std::time::{Duration, Instant};

use crate::eval::Prepared;
use crate::model::{Judgement, PropertyId, Stop};
use crate::value::Value;
use crate::value::machine::{Fault, FaultKind, Result as Evaluated};

use super::apart::Apart;
use super::forest::{Forest, Found, Outcome as Leaf};
use super::fused::Fused;
use super::memo::{Habit, HitRate, Known, Reads};
use super::mirror::Mirror;
use super::model::{EvaluationError, Formula, Phase};
use super::near::{Near, all_but};
use super::pairs::Pairs;
use super::pieces::Pieces;
use super::step::{Settled, Step, Told};
use super::universal::Universal;
use super::worker::{Asker, Lent, TlaWorker};

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// The outcome of a formula that holds, in a tree. What does not hold has outcome 1.
pub(super) const HOLDS: u32 = 0;

/// Labels that are asked without a look at what settles them.
const FEW: u32 = 32;

/// An expression ready to be evaluated, with its arguments.
pub(super) type Ready = (Prepared, Vec<Value>);

/// A formula about a state or step.
pub(super) struct Label {
    ready: Ready,
    /// What it belongs to.
    pub(super) property: PropertyId,
    /// What a failure of it means.
    pub(super) phase: Phase,
    habit: Habit,
    /// The same in pieces.
    pieces: Option<Box<Apart>>,
    /// The same by the elements of a set.
    pub(super) universal: Option<Box<Universal>>,
}

impl Label {
    pub(super) fn new(ready: Ready, property: PropertyId, phase: Phase) -> Self {
        Self { ready, property, phase, habit: Habit::default(), pieces: None, universal: None }
    }

    /// The same by the elements of a set, if it can be taken apart.
    pub(super) fn taken_apart(self, universal: Option<Box<Universal>>) -> Self {
        Self { universal, ..self }
    }

    /// Counts a question that was asked element by element.
    pub(super) fn count_element_wise(&mut self, missed: bool) {
        self.habit.count_otherwise(missed);
    }

    /// Questions that had to be evaluated.
    pub(super) fn missed(&self) -> u64 {
        self.habit.rate.missed
    }
}

/// Formulas that are asked one after the other until one does not hold.
#[derive(Default)]
pub(super) struct Labels {
    list: Vec<Label>,
    /// The same as they are written; empty if that is no different.
    written: Vec<Written>,
    /// Tree of the first; the others' follow.
    first_tree: usize,
    own: Option<Own>,
    left: Vec<u64>,
    /// The state that was last asked about by itself.
    near: Near,
    /// The step at hand, and what is known of each label.
    step: Step,
    settled: Vec<Settled>,
}

/// What a worker knows of labels by itself, in one epoch of the layout.
pub(super) struct Own {
    pub(super) epoch: u32,
    fused: Fused,
    mirror: Mirror,
    pairs: Pairs,
    path: Vec<(u32, u32)>,
    unsettled: Vec<u64>,
}

impl Labels {
    /// Labels whose trees are `first_tree..`.
    pub(super) fn new(list: Vec<Label>, written: Vec<Written>, first_tree: usize) -> Self {
        let settled = vec![Settled::default(); list.len()];
        Self { list, written, first_tree, settled, ..Self::default() }
    }

    /// The same with what is known of the labels in pieces; trees of conditions are `first_tree..`.
    pub(super) fn in_pieces(
        mut self: Box<Self>,
        pieces: &[Option<Pieces>],
        mut first_tree: usize,
        ready: impl Fn(&Formula) -> Ready,
    ) -> Box<Self> {
        for (number, (label, pieces)) in self.list.iter_mut().zip(pieces).enumerate() {
            let Some(pieces) = pieces else { continue };
            label.habit = Habit::spare();
            let condition = |f: &Formula| Label::new(ready(f), label.property, label.phase);
            let conditions: Vec<Label> = pieces.conditions.iter().map(condition).collect();
            let trees = conditions.len();
            label.pieces = Some(Box::new(Apart::new(number, pieces, conditions, first_tree)));
            first_tree += trees;
        }
        self
    }

    /// The same with what labels are by elements of a set, in their order.
    pub(super) fn taken_apart(mut self: Box<Self>, apart: impl Iterator<Item = Option<Box<Universal>>>) -> Box<Self> {
        self.list.iter_mut().zip(apart).for_each(|(label, universal)| label.universal = universal);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// True if one of them belongs to a property.
    pub(super) fn has(&self, property: PropertyId) -> bool {
        self.list.iter().any(|label| label.property == property)
    }

    /// How often the trees knew.
    pub(super) fn rate(&mut self) -> HitRate {
        self.count_hits();
        self.list.iter().fold(HitRate::default(), |sum, label| sum.and(label.habit.rate))
    }

    /// Counts what the mirror knew.
    fn count_hits(&mut self) {
        if let Some(own) = &mut self.own {
            for (number, label) in self.list.iter_mut().enumerate() {
                label.habit.count_all(own.mirror.take_hits(number), 0);
            }
        }
    }

    /// Forgets what was learnt in another epoch.
    fn renew(&mut self, epoch: u32) -> &mut Own {
        if self.own.as_ref().is_some_and(|own| own.epoch != epoch) {
            self.count_hits();
            self.own = None;
        }
        let count = self.list.len();
        self.own.get_or_insert_with(|| Own::new(count, epoch))
    }
}

impl Own {
    pub(super) fn new(labels: usize, epoch: u32) -> Self {
        let (fused, mirror, pairs) = (Fused::new(labels), Mirror::new(labels), Pairs::new(labels));
        Self { epoch, fused, mirror, pairs, path: Vec::new(), unsettled: Vec::new() }
    }

    /// Learns what a tree said.
    fn learn(&mut self, forest: &Forest, (tree, number): (usize, usize), of: Question<'_>, found: &Found) {
        if self.mirror.has_room() {
            self.path.clear();
            forest.follow(tree, of.current, of.next.unwrap_or(&[]), |slot, id| self.path.push((slot, id)));
            self.mirror.learn(number, &self.path, found.outcome);
            if found.outcome == HOLDS && of.next.is_none() {
                self.pairs.learn(number, &self.path);
            }
        }
    }

    /// Learns that a label holds.
    fn learn_holding(&mut self, number: usize, of: Question<'_>, found: &Found) {
        if found.begins_within(of.current.len()) {
            self.fused.learn(number, found, true);
        }
    }
}

/// What a question is about.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// The state, or where the step starts.
    pub(super) current: &'a [u32],
    /// Where the step ends.
    pub(super) next: Option<&'a [u32]>,
    /// What is different from a state in which all the labels held.
    pub(super) changes: Option<&'a [(u32, u32)]>,
    /// What `TLCGet("level")` says meanwhile.
    pub(super) level: u32,
}

/// What was told of a label, and what its tree said if it was asked.
pub(super) struct Answer {
    pub(super) told: Told,
    found: Option<Found>,
}

impl Answer {
    /// True if a tree knew.
    pub(super) fn is_from_tree(&self) -> bool {
        self.found.is_some()
    }
}

/// Formulas that a worker is asked about, with what it knows of them.
pub struct Questions {
    labels: Vec<Label>,
    forest: Forest,
}

/// Properties as they are written, to say which of them a state violates first: their parts are asked in an order
/// that evaluation does not follow.
pub(super) struct Written {
    pub(super) property: PropertyId,
    pub(super) ready: Ready,
    pub(super) phase: Phase,
}

impl TlaWorker<'_> {
    /// Formulas to be asked of states or steps besides those of the model.
    pub fn questions<'f>(&self, formulas: impl IntoIterator<Item = &'f Formula>) -> Questions {
        let label = |f: &Formula| Label::new(self.ready(f), PropertyId(0), Phase::Next);
        let labels: Vec<Label> = formulas.into_iter().map(label).collect();
        Questions { forest: Forest::new(labels.len(), self.model.slots.epoch()), labels }
    }

    /// Whether one of the formulas holds in a state, or of a step if `next` is given.
    ///
    /// # Errors
    /// When it has no truth value.
    pub fn ask(&mut self, of: &mut Questions, number: usize, current: &[u32], next: Option<&[u32]>) -> Evaluated<bool> {
        if of.forest.epoch != self.model.slots.epoch() {
            of.forest = Forest::new(of.labels.len(), self.model.slots.epoch());
        }
        let question = Question { current, next, changes: None, level: self.progress.level };
        match self.label(&of.forest, number, &mut of.labels[number], question, None, None) {
            Ok(answer) => Ok(answer.told.holds),
            Err(Stop::Error(error)) => Err(error.fault),
            Err(Stop::Exit) => Err(Fault::new(FaultKind::Other, "the specification asked for an end of the run")),
        }
    }

    /// Asks labels, those of them that have to be asked, until one does not hold.
    pub(super) fn judge(
        &mut self,
        of: fn(&mut Self) -> &mut Lent<Labels>,
        reads: Option<fn(&Known) -> &Reads>,
        question: Question<'_>,
    ) -> Outcome<Judgement> {
        let Some(mut labels) = of(self).take_if(|labels| !labels.is_empty()) else { return Ok(Judgement::Holds) };
        let known = self.known(Asker::Labels);
        let mut judged = self.judge_labels(&known, &mut labels, reads.map(|of| of(&known)), question);
        let holds = matches!(judged, Ok(Judgement::Holds));
        if !holds && !matches!(judged, Err(Stop::Exit)) && !self.model.impure && !labels.written.is_empty() {
            judged = self.judge_written(&labels.written, question);
        }
        *of(self) = Some(labels);
        self.put_back(Asker::Labels, known);
        if holds { Ok(Judgement::Holds) } else { judged }
    }

    /// Evaluates properties one after the other as they are written.
    fn judge_written(&mut self, written: &[Written], question: Question<'_>) -> Outcome<Judgement> {
        for written in written {
            self.show(question.current, question.next);
            self.set_level(question.level);
            let (prepared, arguments) = &written.ready;
            let holds = self.evaluator.holds(prepared, arguments).map_err(Self::failed(written.phase));
            self.evaluator.clear_next();
            if !holds? {
                return Ok(Judgement::Violated(written.property));
            }
        }
        Ok(Judgement::Holds)
    }

    /// The property after one of these labels' properties that does not hold. What has no truth value ends the
    /// search: it is an error only where nothing else is wrong, but is remembered.
    pub(super) fn judge_after(
        &mut self,
        of: fn(&mut Self) -> &mut Lent<Labels>,
        property: PropertyId,
        question: Question<'_>,
    ) -> Option<PropertyId> {
        let labels = of(self).take_if(|labels| labels.has(property))?;
        let last = labels.written.iter().rposition(|written| written.property == property);
        let judged = self.judge_written(&labels.written[last.map_or(0, |last| last + 1)..], question);
        *of(self) = Some(labels);
        match judged {
            Ok(Judgement::Violated(property)) => return Some(property),
            Ok(Judgement::Holds) => {}
            Err(_) => self.model.leave_out(),
        }
        None
    }

    fn judge_labels(
        &mut self,
        known: &Known,
        labels: &mut Labels,
        reads: Option<&Reads>,
        question: Question<'_>,
    ) -> Outcome<Judgement> {
        let settled = self.model.memoised().then_some(reads).flatten();
        let few = match (question.changes, settled) {
            (Some(changes), Some(reads)) if self.model.slots.is_settled(self.progress.level) => {
                reads.affected(changes.iter().map(|(slot, _)| *slot), &mut labels.left) <= FEW
            }
            (_, Some(reads)) if question.next.is_none() => {
                let epoch = known.forest.epoch;
                labels.near.approach(question.current, labels.list.len(), epoch, reads);
                labels.near.left(labels.list.len(), &mut labels.left) <= FEW
            }
            _ => all_but(&[], labels.list.len(), &mut labels.left) <= FEW,
        };
        let own = labels.renew(known.forest.epoch);
        // Asking a few costs less than finding out which need not be asked.
        if !few {
            let mut unsettled = std::mem::take(&mut own.unsettled);
            own.fused.left(question.current, &mut unsettled);
            labels.left.iter_mut().zip(&unsettled).for_each(|(left, unsettled)| *left &= *unsettled);
            labels.renew(known.forest.epoch).unsettled = unsettled;
        } else if let (None, Some(own)) = (question.next, &mut labels.own) {
            own.pairs.leave_out(question.current, &mut labels.left, &mut own.mirror);
        }
        let failed = if labels.left.iter().all(|left| *left == 0) {
            None
        } else {
            self.ask_left(known, labels, reads, question, few)?
        };
        if question.changes.is_none() && question.next.is_none() && settled.is_some() {
            labels.near.hold_before(failed.unwrap_or(labels.list.len()));
        }
        Ok(failed.map_or(Judgement::Holds, |number| Judgement::Violated(labels.list[number].property)))
    }

    /// Asks the labels that are left until one does not hold; its number.
    #[inline]
    fn ask_left(
        &mut self,
        known: &Known,
        labels: &mut Labels,
        reads: Option<&Reads>,
        question: Question<'_>,
        few: bool,
    ) -> Outcome<Option<usize>> {
        let Labels { list, own: Some(own), left, step, settled, first_tree, .. } = labels else { return Ok(None) };
        let step = question.next.filter(|_| self.model.memoised()).map(|next| {
            step.show(question.current, next, question.changes, known.forest.epoch);
            &*step
        });
        for (word, bits) in left.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let number = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let tree = (*first_tree + number, number);
                let label = &mut list[number];
                let answer = match step {
                    Some(step) => match step.known(&settled[number]) {
                        Some(told) => Answer { told, found: None },
                        None => self.ask_step(&known.forest, own, tree, label, (step, question))?,
                    },
                    None => self.ask_state(&known.forest, own, tree, label, reads, question)?,
                };
                if let Some(step) = step {
                    step.settle(&mut settled[number], answer.told);
                }
                if !answer.told.holds {
                    return Ok(Some(number));
                }
                if let Some(found) = answer.found.filter(|_| !few) {
                    own.learn_holding(number, question, &found);
                }
            }
        }
        Ok(None)
    }

    /// Asks about a state what the worker knows by itself, then the shared tree.
    #[inline]
    fn ask_state(
        &mut self,
        forest: &Forest,
        own: &mut Own,
        (tree, number): (usize, usize),
        label: &mut Label,
        reads: Option<&Reads>,
        question: Question<'_>,
    ) -> Outcome<Answer> {
        if let Some(leaf) = own.mirror.find(number, |slot| question.current[slot as usize]) {
            return Ok(Answer { told: Told { holds: leaf == HOLDS, reads: 0 }, found: None });
        }
        label.habit.count_all(own.mirror.take_hits(number), 0);
        let noting = reads.map(|reads| (reads, number));
        let answer = self.label(forest, tree, label, question, None, noting)?;
        if let Some(found) = &answer.found {
            own.learn(forest, (tree, number), question, found);
        }
        Ok(answer)
    }

    /// The same about a step.
    #[inline]
    pub(super) fn ask_step(
        &mut self,
        forest: &Forest,
        own: &mut Own,
        (tree, number): (usize, usize),
        label: &mut Label,
        (step, question): (&Step, Question<'_>),
    ) -> Outcome<Answer> {
        let mut reads = 0;
        if let Some(leaf) = own.mirror.find(number, |slot| step.id(slot, &mut reads)) {
            return Ok(Answer { told: Told { holds: leaf == HOLDS, reads }, found: None });
        }
        label.habit.count_all(own.mirror.take_hits(number), 0);
        let answer = self.label(forest, tree, label, question, Some(step), None)?;
        if let Some(found) = &answer.found {
            own.learn(forest, (tree, number), question, found);
        }
        Ok(answer)
    }

    /// True if the label holds, and what its tree said.
    pub(super) fn label(
        &mut self,
        forest: &Forest,
        tree: usize,
        label: &mut Label,
        question: Question<'_>,
        step: Option<&Step>,
        noting: Option<(&Reads, usize)>,
    ) -> Outcome<Answer> {
        let (current, next) = (question.current, question.next.unwrap_or(&[]));
        // What has no truth value is an error of the whole.
        if label.universal.as_ref().is_some_and(|universal| universal.trial.is_by_elements())
            && question.next.is_none()
            && let Ok(holds) = self.ask_instances(label, forest.epoch, question, noting)
        {
            return Ok(Answer { told: Told { holds, reads: 0 }, found: None });
        }
        let memo = self.model.memoised() && !label.habit.is_paused();
        if memo {
            let found = forest.find(tree, current, next);
            label.habit.count(found.is_some());
            if let Some(universal) = &mut label.universal {
                universal.trial.judge(found.is_some());
            }
            if let Some(found) = found {
                let told = Told { holds: found.outcome == HOLDS, reads: found.ends };
                return Ok(Answer { told, found: Some(found) });
            }
        } else if let (Some(step), Some(apart)) = (step, &mut label.pieces) {
            // What has no truth value is an error of the whole.
            if let Ok(told) = self.ask_apart(forest, apart, (step, question)) {
                return Ok(Answer { told, found: None });
            }
        }
        self.show(current, question.next);
        self.watch.borrow_mut().selective = memo;
        self.set_level(question.level);
        let (prepared, arguments) = &label.ready;
        let begun = self.model.plan.measure.then(Instant::now);
        let holds = self.evaluator.holds(prepared, arguments).map_err(Self::failed(label.phase));
        self.evaluating_labels += begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        self.evaluator.clear_next();
        let holds = holds?;
        self.asked_to_exit()?;
        let watch = self.watch.borrow();
        if let Some((reads, number)) = noting {
            reads.note(number, &watch.reads);
        }
        if memo && forest.epoch == self.model.slots.epoch() {
            let leaf = Leaf::Number(if holds { HOLDS } else { 1 });
            if forest.insert(tree, &watch.reads, current, next, &leaf).is_err() {
                self.model.slots.begin_epoch();
            }
        }
        let reads = step.map_or(0, |step| step.reads(&watch.reads));
        Ok(Answer { told: Told { holds, reads }, found: None })
    }
}
