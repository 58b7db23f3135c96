//! Formulas about states and steps, asked of their decision trees first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::eval::Prepared;
use crate::model::{Judgement, PropertyId, Stop};
use crate::resolve::spec::Level;
use crate::value::Value;
use crate::value::machine::{Fault, FaultKind, Result as Evaluated};

use super::forest::{Forest, Found, Outcome as Leaf, id_in};
use super::fused::Fused;
use super::memo::{Habit, HitRate, Known, Reads};
use super::mirror::Mirror;
use super::model::{EvaluationError, Formula, Phase};
use super::pieces::{Piece, Pieces};
use super::worker::{Asker, Lent, TlaWorker};

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// The outcome of a formula that holds, in a tree. What does not hold has outcome 1.
const HOLDS: u32 = 0;

/// Labels that are asked without a look at what settles them.
const FEW: u32 = 32;

/// An expression ready to be evaluated, with its arguments.
pub(super) type Ready = (Prepared, Vec<Value>);

/// A formula about a state or step.
pub(super) struct Label {
    ready: Ready,
    /// What it belongs to.
    property: PropertyId,
    /// What a failure of it means.
    phase: Phase,
    habit: Habit,
    /// The same in pieces.
    pieces: Option<Box<Apart>>,
}

/// The conditions that a formula is made of, ready to be asked.
struct Apart {
    pieces: Arc<Pieces>,
    conditions: Vec<Label>,
    /// The state that the last steps began in, and the conditions about it alone that were asked there: all its steps
    /// have the same answers (EWD998PCal: a third of the look-ups).
    current: Vec<u32>,
    settled: Vec<Option<bool>>,
    /// Tree of the first; the others' follow.
    first_tree: usize,
    own: Option<Own>,
}

impl Label {
    pub(super) fn new(ready: Ready, property: PropertyId, phase: Phase) -> Self {
        Self { ready, property, phase, habit: Habit::default(), pieces: None }
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
    affected: Vec<u64>,
}

/// What a worker knows of labels by itself, in one epoch of the layout.
struct Own {
    epoch: u32,
    fused: Fused,
    mirror: Mirror,
    path: Vec<(u32, u32)>,
}

impl Labels {
    /// Labels whose trees are `first_tree..`.
    pub(super) fn new(list: Vec<Label>, written: Vec<Written>, first_tree: usize) -> Self {
        Self { list, written, first_tree, ..Self::default() }
    }

    /// The same with what is known of the labels in pieces; trees of conditions are `first_tree..`.
    pub(super) fn in_pieces(
        mut self: Box<Self>,
        pieces: &[Option<Arc<Pieces>>],
        mut first_tree: usize,
        ready: impl Fn(&Formula) -> Ready,
    ) -> Box<Self> {
        for (label, pieces) in self.list.iter_mut().zip(pieces) {
            let Some(pieces) = pieces else { continue };
            let condition = |f: &Formula| Label::new(ready(f), label.property, label.phase);
            let conditions: Vec<Label> = pieces.conditions.iter().map(condition).collect();
            let trees = conditions.len();
            let settled = vec![None; trees];
            let (pieces, current) = (pieces.clone(), Vec::new());
            label.pieces = Some(Box::new(Apart { pieces, conditions, current, settled, first_tree, own: None }));
            first_tree += trees;
        }
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
    fn new(labels: usize, epoch: u32) -> Self {
        Self { epoch, fused: Fused::new(labels), mirror: Mirror::new(labels), path: Vec::new() }
    }

    /// Learns that a label holds.
    fn learn(&mut self, forest: &Forest, (tree, number): (usize, usize), of: Question<'_>, found: &Found, fused: bool) {
        if fused && found.begins_within(of.current.len()) {
            self.fused.learn(number, found, true);
        }
        if self.mirror.has_room() {
            self.path.clear();
            forest.follow(tree, of.current, of.next.unwrap_or(&[]), |slot, id| self.path.push((slot, id)));
            self.mirror.learn(number, &self.path, found.outcome);
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
        match self.label(&of.forest, number, &mut of.labels[number], question, None) {
            Ok((holds, _)) => Ok(holds),
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
        let judged = self.judge_labels(&known, &mut labels, reads.map(|of| of(&known)), question);
        let judged = match judged {
            Ok(Judgement::Holds) | Err(Stop::Exit) => judged,
            _ if self.model.impure || labels.written.is_empty() => judged,
            _ => self.judge_written(&labels.written, question),
        };
        *of(self) = Some(labels);
        self.put_back(Asker::Labels, known);
        judged
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
        let mut labels = of(self).take_if(|labels| labels.has(property))?;
        let known = self.known(Asker::Labels);
        let judged = match labels.written.iter().rposition(|written| written.property == property) {
            Some(last) => self.judge_written(&labels.written[last + 1..], question),
            None => self.judge_rest(&known, &mut labels, property, question),
        };
        *of(self) = Some(labels);
        self.put_back(Asker::Labels, known);
        match judged {
            Ok(Judgement::Violated(property)) => return Some(property),
            Ok(Judgement::Holds) => {}
            Err(_) => self.model.leave_out(),
        }
        None
    }

    /// Asks the labels that come after those of a property.
    fn judge_rest(
        &mut self,
        known: &Known,
        labels: &mut Labels,
        property: PropertyId,
        question: Question<'_>,
    ) -> Outcome<Judgement> {
        let last = labels.list.iter().rposition(|label| label.property == property);
        let (first, begin) = (labels.first_tree, last.map_or(0, |last| last + 1));
        for (number, label) in labels.list.iter_mut().enumerate().skip(begin) {
            if !self.label(&known.forest, first + number, label, question, None)?.0 {
                return Ok(Judgement::Violated(label.property));
            }
        }
        Ok(Judgement::Holds)
    }

    fn judge_labels(
        &mut self,
        known: &Known,
        labels: &mut Labels,
        reads: Option<&Reads>,
        question: Question<'_>,
    ) -> Outcome<Judgement> {
        let affected = match (question.changes, reads) {
            (Some(changes), Some(reads))
                if self.model.memoised() && self.model.slots.is_settled(self.progress.level) =>
            {
                Some(reads.affected(changes.iter().map(|(slot, _)| *slot), &mut labels.affected))
            }
            _ => None,
        };
        match affected {
            Some(0) => return Ok(Judgement::Holds),
            // Asking a few costs less than finding out which need not be asked.
            Some(1..=FEW) => std::mem::swap(&mut labels.left, &mut labels.affected),
            _ => {
                let mut left = std::mem::take(&mut labels.left);
                labels.renew(known.forest.epoch).fused.left(question.current, &mut left);
                labels.left = left;
            }
        }
        let few = affected.is_some_and(|count| count <= FEW);
        if affected.is_some() && !few {
            labels.left.iter_mut().zip(&labels.affected).for_each(|(left, affected)| *left &= *affected);
        }
        labels.renew(known.forest.epoch);
        let Labels { list, own: Some(own), left, .. } = labels else { return Ok(Judgement::Holds) };
        let (current, next) = (question.current, question.next.unwrap_or(&[]));
        for (word, bits) in left.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let number = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if own.mirror.find(number, |slot| id_in(slot, current, next)) == Some(HOLDS) {
                    continue;
                }
                let (tree, label) = (labels.first_tree + number, &mut list[number]);
                label.habit.count_all(own.mirror.take_hits(number), 0);
                let noting = reads.map(|reads| (reads, number));
                let (holds, found) = self.label(&known.forest, tree, label, question, noting)?;
                if !holds {
                    return Ok(Judgement::Violated(label.property));
                }
                if let Some(found) = found {
                    own.learn(&known.forest, (tree, number), question, &found, !few);
                }
            }
        }
        Ok(Judgement::Holds)
    }

    /// True if a piece of a label holds.
    fn piece(&mut self, forest: &Forest, of: &mut Apart, piece: &Piece, question: Question<'_>) -> Outcome<bool> {
        match piece {
            Piece::Condition(number) => {
                if let Some(holds) = of.settled[*number] {
                    return Ok(holds);
                }
                let holds = self.condition(forest, of, *number, question)?;
                if of.pieces.conditions[*number].expr.level <= Level::State {
                    of.settled[*number] = Some(holds);
                }
                Ok(holds)
            }
            Piece::All(pieces) => {
                for piece in pieces {
                    if !self.piece(forest, of, piece, question)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Piece::Any(pieces) => {
                for piece in pieces {
                    if self.piece(forest, of, piece, question)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Piece::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                let branch = if self.piece(forest, of, condition, question)? { then } else { otherwise };
                self.piece(forest, of, branch, question)
            }
        }
    }

    /// True if a condition of a label in pieces holds.
    fn condition(&mut self, forest: &Forest, of: &mut Apart, number: usize, question: Question<'_>) -> Outcome<bool> {
        let (current, next) = (question.current, question.next.unwrap_or(&[]));
        if of.own.as_ref().is_none_or(|own| own.epoch != forest.epoch) {
            of.own = Some(Own::new(of.conditions.len(), forest.epoch));
        }
        let Apart { conditions, own: Some(own), first_tree, .. } = of else { return Ok(false) };
        if let Some(leaf) = own.mirror.find(number, |slot| id_in(slot, current, next)) {
            return Ok(leaf == HOLDS);
        }
        let (tree, condition) = (*first_tree + number, &mut conditions[number]);
        condition.habit.count_all(own.mirror.take_hits(number), 0);
        let (holds, found) = self.label(forest, tree, condition, question, None)?;
        if let Some(found) = found {
            own.learn(forest, (tree, number), question, &found, false);
        }
        Ok(holds)
    }

    /// True if the label holds, and what its tree said.
    fn label(
        &mut self,
        forest: &Forest,
        tree: usize,
        label: &mut Label,
        question: Question<'_>,
        reads: Option<(&Reads, usize)>,
    ) -> Outcome<(bool, Option<Found>)> {
        let (current, next) = (question.current, question.next.unwrap_or(&[]));
        let memo = self.model.memoised() && !label.habit.is_paused();
        if memo {
            let known = forest.find(tree, current, next);
            label.habit.count(known.is_some());
            if let Some(known) = known {
                return Ok((known.outcome == HOLDS, Some(known)));
            }
        } else if let Some(mut apart) = label.pieces.take_if(|_| self.model.memoised()) {
            let pieces = apart.pieces.clone();
            if apart.current != current {
                apart.current.clear();
                apart.current.extend_from_slice(current);
                apart.settled.fill(None);
            }
            let told = self.piece(forest, &mut apart, &pieces.root, question);
            label.pieces = Some(apart);
            // What has no truth value is an error of the whole.
            if let Ok(holds) = told {
                return Ok((holds, None));
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
        if let Some((reads, number)) = reads {
            reads.note(number, &self.watch.borrow().reads);
        }
        if memo && forest.epoch == self.model.slots.epoch() {
            let watch = self.watch.borrow();
            let leaf = Leaf::Number(if holds { HOLDS } else { 1 });
            if forest.insert(tree, &watch.reads, current, next, &leaf).is_err() {
                self.model.slots.begin_epoch();
            }
        }
        Ok((holds, None))
    }
}
