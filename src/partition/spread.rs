//! Groups that begin with a quantifier over a set of the state, asked element by element.
//!
//! `\E p \in Correct : Step(p)` as a whole reads what the step of every process reads, and is hardly ever known. With a
//! tree for the set and one for the step of each element, each by itself reads little. bcastByz, where the correct
//! processes are part of the state: 12,575 times all their steps were evaluated, now 372 times those of one (1.6 s,
//! 0.1 s).
//! Asked only where the tree of the whole mostly misses, and as long as that of the set and those of the elements
//! mostly know. Sets that are kept by their elements ([`super::atoms`]) are left alone: of them only what matters is
//! read, where here it would be all.
//! The trees are a worker's own. What fails is evaluated as a whole: errors come in the order of the formula.

use std::collections::HashMap;
use std::rc::Rc;

use crate::eval::unfold;
use crate::model::{Model as _, Stop};
use crate::resolve::spec::{Binder, Expr, ExprKind, Level, LocalId};
use crate::value::machine::{Fault, FaultKind, Result as Evaluated};
use crate::value::{self, Value, ValueId};

use super::forest::{Forest, Made, Outcome as Leaf};
use super::formula::Closed;
use super::group::Group;
use super::label::Ready;
use super::model::{EvaluationError, Formula, Phase};
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// Questions after which the tree of the whole is judged, and after which those of the elements are. Tests are to come
/// here soon.
const WHOLE: u32 = if cfg!(debug_assertions) { 4 } else { 512 };
const PARTS: u32 = if cfg!(debug_assertions) { 64 } else { 4096 };
/// Elements of a set, and elements met at all, at most.
const ELEMENTS_MAX: usize = 1 << 10;
/// Definitions looked through for the quantifier.
const DEPTH_MAX: usize = 8;

/// How a group is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As a whole, still.
    Whole,
    /// By elements.
    Parts,
    /// As a whole, for good.
    Settled,
}

/// A group taken apart by the elements of a set.
pub(super) struct Spread {
    way: Way,
    asked: u32,
    missed: u32,
    /// The same of the set.
    sets_asked: u32,
    sets_missed: u32,
    set: Ready,
    /// What the set is: a place in `lists`.
    sets: Forest,
    lists: Vec<Rc<[usize]>>,
    places: HashMap<Rc<[usize]>, u32>,
    /// The group of each element.
    elements: HashMap<ValueId, usize>,
    body: Expr,
    locals: Vec<LocalId>,
    values: Vec<Value>,
}

impl Spread {
    /// Counts a question of the whole.
    pub(super) fn judge(&mut self, hit: bool) {
        if self.way != Way::Whole {
            return;
        }
        self.asked += 1;
        self.missed += u32::from(!hit);
        if self.asked == WHOLE {
            let hardly_known = 2 * self.missed > self.asked;
            self.begin(if hardly_known { Way::Parts } else { Way::Whole });
        }
    }

    fn begin(&mut self, way: Way) {
        (self.way, self.asked, self.missed) = (way, 0, 0);
        (self.sets_asked, self.sets_missed) = (0, 0);
    }

    fn judge_parts(&mut self, asked: u32, missed: u32) {
        self.asked += asked;
        self.missed += missed;
        if self.asked >= PARTS || self.sets_asked >= PARTS {
            let mostly_missed = 2 * self.missed > self.asked || 2 * self.sets_missed > self.sets_asked;
            self.begin(if mostly_missed { Way::Settled } else { Way::Parts });
        }
    }

    fn count_set(&mut self, hit: bool) {
        self.sets_asked += 1;
        self.sets_missed += u32::from(!hit);
    }

    /// True if it is to be asked by elements.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        self.way == Way::Parts
    }
}

impl TlaWorker<'_> {
    /// An action taken apart, if it begins with a quantifier over a set of the state.
    pub(super) fn spread(&self, action: &Formula) -> Option<Box<Spread>> {
        let spec = self.evaluator.spec();
        let mut expr = action.expr.clone();
        for _ in 0..DEPTH_MAX {
            expr = match &*expr.kind {
                ExprKind::Label(_, inner) => inner.clone(),
                ExprKind::Call(..) => unfold(spec, &expr)?,
                _ => break,
            };
        }
        let ExprKind::Exists(bounds, body) = &*expr.kind else { return None };
        let [bound] = &bounds[..] else { return None };
        let Binder::Each(bound_locals) = &bound.binder else { return None };
        if bound_locals.len() != 1 || bound.set.level != Level::State || self.evaluator.is_impure(&expr) {
            return None;
        }
        if read_variable(&bound.set).is_some_and(|variable| self.model.slots.shapes[variable].has_atoms()) {
            return None;
        }
        let (mut locals, values): (Vec<_>, Vec<_>) = action.bindings(self.universe).into_iter().unzip();
        let set = (self.evaluator.prepare(&locals, &bound.set), values.clone());
        locals.extend(bound_locals);
        Some(Box::new(Spread {
            way: Way::Whole,
            asked: 0,
            missed: 0,
            sets_asked: 0,
            sets_missed: 0,
            set,
            sets: Forest::new(1, self.model.slots.epoch()),
            lists: Vec::new(),
            places: HashMap::new(),
            elements: HashMap::new(),
            body: body.clone(),
            locals,
            values,
        }))
    }

    /// Puts the successors that a group makes of a row into `made`: those of each element.
    pub(super) fn look_up_elements(&mut self, number: usize, row: &[u32]) -> Outcome<()> {
        let Some(mut spread) = self.groups[number].spread.take() else { return self.evaluate(number, row) };
        let mut reached = std::mem::take(&mut self.reached);
        reached.clear();
        let told = self.each_element(&mut spread, row, &mut reached);
        let missed = match &told {
            Ok((asked, missed)) => {
                spread.judge_parts(*asked, *missed);
                *missed > 0
            }
            Err(_) => {
                spread.begin(Way::Settled);
                true
            }
        };
        self.groups[number].spread = Some(spread);
        self.groups[number].count_element_wise(missed);
        std::mem::swap(&mut self.made, &mut reached);
        self.reached = reached;
        if told.is_ok() { Ok(()) } else { self.evaluate(number, row) }
    }

    /// How many elements were asked, and for how many that was in vain.
    fn each_element(&mut self, spread: &mut Spread, row: &[u32], reached: &mut Made) -> Outcome<(u32, u32)> {
        let (list, known) = self.elements_in(spread, row)?;
        spread.count_set(known);
        let (asked, mut missed) = (list.len() as u32, 0);
        let ordered = self.model.ordered();
        for element in list.iter() {
            let before = self.groups[*element].rate().missed;
            self.expand(*element, row)?;
            missed += u32::from(self.groups[*element].rate().missed > before);
            for (times, changes) in self.made.iter() {
                reached.add(changes, u64::from(times), ordered);
            }
        }
        Ok((asked, missed))
    }

    /// The groups of the elements that a set has in a row, and whether its tree knew.
    fn elements_in(&mut self, spread: &mut Spread, row: &[u32]) -> Outcome<(Rc<[usize]>, bool)> {
        let epoch = self.model.slots.epoch();
        if spread.sets.epoch != epoch {
            spread.sets = Forest::new(1, epoch);
        }
        if let Some(found) = spread.sets.find(0, row, &[]) {
            return Ok((spread.lists[found.outcome as usize].clone(), true));
        }
        self.show(row, None);
        let failed = Self::failed(Phase::Next);
        let elements = self.evaluated_elements(spread).map_err(&failed)?;
        let reads = self.watch.borrow().reads.clone();
        let mut list = Vec::with_capacity(elements.len());
        for element in elements {
            list.push(self.group_of(spread, element).map_err(&failed)?);
        }
        let list: Rc<[usize]> = list.into();
        let place = *spread.places.entry(list.clone()).or_insert_with(|| {
            spread.lists.push(list.clone());
            spread.lists.len() as u32 - 1
        });
        if epoch == self.model.slots.epoch() {
            // Without room the set is evaluated again next time.
            let _ = spread.sets.insert(0, &reads, row, &[], &Leaf::Number(place));
        }
        Ok((list, false))
    }

    fn evaluated_elements(&mut self, spread: &Spread) -> Evaluated<Vec<Value>> {
        let (set, arguments) = &spread.set;
        let set = self.evaluator.evaluate(set, arguments)?;
        let mut elements = value::elements(&mut self.evaluator, &set)?;
        let mut list = Vec::new();
        while let Some(element) = elements.next(&mut self.evaluator)? {
            list.push(element);
            if list.len() > ELEMENTS_MAX {
                return Err(too_many());
            }
        }
        Ok(list)
    }

    fn group_of(&mut self, spread: &mut Spread, element: Value) -> Evaluated<usize> {
        let id = self.universe.intern(&mut self.evaluator, &element)?;
        if let Some(number) = spread.elements.get(&id) {
            return Ok(*number);
        }
        if spread.elements.len() > ELEMENTS_MAX {
            return Err(too_many());
        }
        let bindings = spread.locals.iter().copied().zip(spread.values.iter().cloned().chain([element])).collect();
        let closed = Closed { expr: spread.body.clone(), bindings };
        let formula = Formula::new(self.universe, &mut self.evaluator, &closed)?;
        let group = Group::apart(self.ready(&formula), self.spread(&formula), self.model.slots.epoch());
        self.groups.push(group);
        let number = self.groups.len() - 1;
        spread.elements.insert(id, number);
        Ok(number)
    }
}

/// The variable of `v`, `v[i]`, `v.f[i]`.
fn read_variable(expr: &Expr) -> Option<usize> {
    match &*expr.kind {
        ExprKind::Variable(variable) => Some(variable.0 as usize),
        ExprKind::Apply(of, _) | ExprKind::Field(of, _) | ExprKind::Label(_, of) => read_variable(of),
        _ => None,
    }
}

#[cold]
fn too_many() -> Box<Fault> {
    Fault::new(FaultKind::TooLarge, "too many elements for a tree each")
}
