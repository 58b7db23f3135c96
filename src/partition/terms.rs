//! State functions that conditions about steps compare: `e' = f`, `UNCHANGED e`.
//!
//! As one question about both states such a condition reads all that e and f read in either: where variables stand for
//! expressions (a refinement mapping) that is most of a step, and hardly ever known. Each term by itself reads
//! one state. Its value is looked up in a tree, once in the state where steps begin, and where they end only if they
//! change what it reads; then numbers are compared. Values are numbered by a dictionary that all workers share.
//!
//! EWD998PCal (`tlaloc check --workers 1`, 20 million conditions): 3.1 s without, 2.1 s with terms.
//!
//! What has no value, or reads so much that it is hardly ever known, is left to the condition as a whole.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::free::mentions;
use crate::eval::unfold;
use crate::resolve::spec::{Expr, ExprKind, LocalId, Spec};
use crate::value::machine::Result as Evaluated;
use crate::value::{self, Universe, ValueId};

use super::forest::{Forest, Outcome as Leaf, bit};
use super::formula::Closed;
use super::label::Ready;
use super::memo::{Habit, HitRate};
use super::mirror::Mirror;
use super::model::Formula;
use super::slots::Slots;
use super::step::{Step, Told};
use super::worker::TlaWorker;

/// Pairs of numbers known to stand for different values, at most.
const PAIRS: usize = 1 << 12;

/// Terms of a model, each once.
#[derive(Default)]
pub(super) struct TermList {
    keys: Vec<(String, Vec<(LocalId, ValueId)>)>,
    pub(super) terms: Vec<Formula>,
}

impl TermList {
    /// The number of a term.
    ///
    /// # Errors
    /// When the value of a binding cannot be listed.
    pub(super) fn number(
        &mut self,
        spec: &Spec,
        universe: &'static Universe,
        evaluator: &mut Evaluator,
        closed: &Closed,
    ) -> Evaluated<usize> {
        let mut closed = closed.clone();
        while let Some(body) = definition(spec, &closed.expr) {
            closed.expr = body;
        }
        let term = Formula::new(universe, evaluator, &closed)?;
        let name = match &*term.expr.kind {
            ExprKind::Variable(variable) => format!("{variable:?}"),
            ExprKind::Call(id, arguments) if arguments.is_empty() => format!("{id:?}"),
            _ => format!("{:?}", term.expr),
        };
        let key = (name, term.interned().filter(|(local, _)| mentions(&term.expr, *local)).collect());
        if let Some(at) = self.keys.iter().position(|other| *other == key) {
            return Ok(at);
        }
        self.keys.push(key);
        self.terms.push(term);
        Ok(self.terms.len() - 1)
    }

    /// Forgets all but the first terms.
    pub(super) fn truncate(&mut self, terms: usize) {
        self.keys.truncate(terms);
        self.terms.truncate(terms);
    }
}

/// What a definition without parameters stands for, if that is a variable or another one.
fn definition(spec: &Spec, expr: &Expr) -> Option<Expr> {
    let ExprKind::Call(id, arguments) = &*expr.kind else { return None };
    let plain = arguments.is_empty() && !spec.operators[id.0 as usize].built_in_module;
    let body = unfold(spec, expr).filter(|_| plain)?;
    match &*body.kind {
        ExprKind::Variable(_) => Some(body),
        ExprKind::Call(_, arguments) if arguments.is_empty() => Some(body),
        _ => None,
    }
}

/// Numbers of the values of terms.
#[derive(Default)]
pub(super) struct TermValues(Mutex<(FxHashMap<ValueId, u32>, Vec<ValueId>)>);

impl TermValues {
    fn number(&self, value: ValueId) -> u32 {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, list) = &mut *values;
        *numbers.entry(value).or_insert_with(|| {
            list.push(value);
            list.len() as u32 - 1
        })
    }

    fn values(&self, a: u32, b: u32) -> (ValueId, ValueId) {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (values.1[a as usize], values.1[b as usize])
    }
}

/// A term, ready to be evaluated.
struct Term {
    ready: Ready,
    habit: Habit,
    /// The slots of a variable, as a set.
    slots: Option<u64>,
}

/// The value of a term somewhere, and what it read there.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Which state or step this is about.
    at: u64,
    value: u32,
    reads: u64,
}

/// A worker's terms.
pub(super) struct Terms {
    list: Vec<Term>,
    /// Tree of the first; the others' follow.
    first_tree: usize,
    epoch: u32,
    mirror: Mirror,
    path: Vec<(u32, u32)>,
    /// What they are in the state where steps begin, and where the step at hand ends.
    now: Vec<Held>,
    ahead: Vec<Held>,
    different: Vec<(u32, u32)>,
}

impl Terms {
    /// Terms whose trees are `first_tree..`.
    pub(super) fn new(
        formulas: &[Formula],
        slots: &Slots,
        first_tree: usize,
        ready: impl Fn(&Formula) -> Ready,
    ) -> Self {
        let term = |formula: &Formula| {
            let slots = match &*formula.expr.kind {
                ExprKind::Variable(variable) => {
                    Some(slots.range(variable.0 as usize).fold(0, |set, slot| set | bit(slot)))
                }
                _ => None,
            };
            Term { ready: ready(formula), habit: Habit::default(), slots }
        };
        let list: Vec<Term> = formulas.iter().map(term).collect();
        let unknown = vec![Held::default(); list.len()];
        Self {
            first_tree,
            epoch: 0,
            mirror: Mirror::new(list.len()),
            path: Vec::new(),
            now: unknown.clone(),
            ahead: unknown,
            different: Vec::new(),
            list,
        }
    }

    /// Forgets what was learnt in another epoch.
    pub(super) fn renew(&mut self, epoch: u32) {
        if self.epoch != epoch {
            self.count_hits();
            self.epoch = epoch;
            self.mirror = Mirror::new(self.list.len());
        }
    }

    /// How often the trees knew.
    pub(super) fn rate(&mut self) -> HitRate {
        self.count_hits();
        self.list.iter().fold(HitRate::default(), |sum, term| sum.and(term.habit.rate))
    }

    fn count_hits(&mut self) {
        for (number, term) in self.list.iter_mut().enumerate() {
            term.habit.count_all(self.mirror.take_hits(number), 0);
        }
    }
}

impl TlaWorker<'_> {
    /// Whether a term will be what another is now, if that can be told.
    pub(super) fn compare_terms(
        &mut self,
        forest: &Forest,
        terms: &mut Terms,
        step: &Step,
        (next, current): (usize, usize),
    ) -> Option<Told> {
        if let Some(slots) = terms.list[next].slots.filter(|_| next == current)
            && !step.changes(slots)
        {
            return Some(Told { holds: true, reads: slots });
        }
        let ahead = self.term_ahead(forest, terms, step, next)?;
        let reads = ahead.reads;
        if next == current && !step.changes(reads) {
            return Some(Told { holds: true, reads });
        }
        let now = self.term_now(forest, terms, step, current)?;
        let holds = ahead.value == now.value || self.compare_values(terms, ahead.value, now.value)?;
        Some(Told { holds, reads })
    }

    /// Whether two values are equal, if they compare.
    fn compare_values(&mut self, terms: &mut Terms, a: u32, b: u32) -> Option<bool> {
        terms.different.resize(PAIRS, (0, 0));
        let place = (a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA6B)) as usize >> 7 & (PAIRS - 1);
        if terms.different[place] == (a, b) {
            return Some(false);
        }
        let (x, y) = self.model.term_values.values(a, b);
        let equal = value::equal(&mut self.evaluator, &self.universe.value(x), &self.universe.value(y)).ok()?;
        if !equal {
            terms.different[place] = (a, b);
        }
        Some(equal)
    }

    fn term_now(&mut self, forest: &Forest, terms: &mut Terms, step: &Step, number: usize) -> Option<Held> {
        let held = terms.now[number];
        if held.at == step.round() {
            return Some(held);
        }
        let (value, reads) = self.look_up_term(forest, terms, number, step.current())?;
        terms.now[number] = Held { at: step.round(), value, reads };
        Some(terms.now[number])
    }

    fn term_ahead(&mut self, forest: &Forest, terms: &mut Terms, step: &Step, number: usize) -> Option<Held> {
        let (now, ahead) = (terms.now[number], terms.ahead[number]);
        if now.at == step.round() && !step.changes(now.reads) {
            return Some(now);
        }
        if ahead.at == step.number() {
            return Some(ahead);
        }
        let (value, reads) = self.look_up_term(forest, terms, number, step.next())?;
        let held = Held { at: step.number(), value, reads };
        terms.ahead[number] = held;
        if !step.changes(reads) {
            terms.now[number] = Held { at: step.round(), ..held };
        }
        Some(held)
    }

    /// The number of a term's value in a state, and the slots that it reads there.
    fn look_up_term(&mut self, forest: &Forest, terms: &mut Terms, number: usize, row: &[u32]) -> Option<(u32, u64)> {
        let mut reads = 0;
        let found = terms.mirror.find(number, |slot| {
            reads |= bit(slot as usize);
            row[slot as usize]
        });
        if let Some(value) = found {
            return Some((value, reads));
        }
        let (tree, term) = (terms.first_tree + number, &mut terms.list[number]);
        term.habit.count_all(terms.mirror.take_hits(number), 0);
        if term.habit.is_paused() {
            return None;
        }
        terms.path.clear();
        let found = forest.follow(tree, row, &[], |slot, id| terms.path.push((slot, id)));
        term.habit.count(found.is_some());
        if let Some(value) = found {
            terms.mirror.learn(number, &terms.path, value);
            return Some((value, terms.path.iter().fold(0, |set, (slot, _)| set | bit(*slot as usize))));
        }
        self.evaluate_term(forest, tree, &term.ready, row)
    }

    fn evaluate_term(&mut self, forest: &Forest, tree: usize, ready: &Ready, row: &[u32]) -> Option<(u32, u64)> {
        self.show(row, None);
        self.watch.borrow_mut().selective = true;
        let ((prepared, arguments), evaluator) = (ready, &mut self.evaluator);
        let value = evaluator.evaluate(prepared, arguments).ok()?;
        let value = self.model.term_values.number(self.universe.intern(evaluator, &value).ok()?);
        let watch = self.watch.borrow();
        if forest.epoch == self.model.slots.epoch()
            && forest.insert(tree, &watch.reads, row, &[], &Leaf::Number(value)).is_err()
        {
            self.model.slots.begin_epoch();
        }
        Some((value, watch.reads.iter().fold(0, |set, slot| set | bit(*slot as usize))))
    }
}
