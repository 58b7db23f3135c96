//! The instances of a formula that is quantified over a set of the state, one for each element met.
//!
//! What the set is in a state is kept in a tree; so is, by whoever asks, what each instance says. The trees are a
//! worker's own.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::unfold;
use crate::model::Stop;
use crate::resolve::spec::{Binder, Expr, ExprKind, Level, LocalId};
use crate::value::machine::{Fault, FaultKind, Result as Evaluated};
use crate::value::{self, Value, ValueId};

use super::forest::{Forest, Outcome as Leaf};
use super::formula::Closed;
use super::label::Ready;
use super::memo::Reads;
use super::model::{EvaluationError, Formula, Phase};
use super::slots::Shape;
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// Elements of a set, and elements met at all, at most.
const ELEMENTS_MAX: usize = 1 << 10;
/// Definitions looked through for the quantifier.
const DEPTH_MAX: usize = 8;

/// A set that is kept by its elements: which of them are in it is read off a row.
struct Atoms {
    variable: usize,
    slots: Range<usize>,
    epoch: u32,
    /// All of its slots were noted as read in this epoch.
    noted: bool,
    /// The instances of the elements that an id in a slot stands for.
    held: FxHashMap<(usize, u32), Rc<[usize]>>,
}

/// A formula taken apart by the elements of a set.
pub(super) struct Family {
    atoms: Option<Atoms>,
    set: Ready,
    /// What the set is: a place in `lists`, which have places in `instances`.
    pub(super) sets: Forest,
    pub(super) lists: Vec<Rc<[usize]>>,
    places: HashMap<Rc<[usize]>, u32>,
    /// The elements met, and the instance of each.
    elements: HashMap<ValueId, usize>,
    pub(super) instances: Vec<Formula>,
    body: Expr,
    locals: Vec<LocalId>,
    values: Vec<Value>,
}

/// How often a whole was asked and not known, then its set and its parts.
#[derive(Default)]
pub(super) struct Trial {
    way: Way,
    asked: u32,
    missed: u32,
    sets_asked: u32,
    sets_missed: u32,
}

/// How it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Way {
    /// As a whole, still.
    #[default]
    Whole,
    /// By elements.
    Parts,
    /// As a whole, for good.
    Settled,
}

/// Questions after which the tree of the whole is judged, and after which those of the elements are. Tests are to come
/// here soon.
const WHOLE: u32 = if cfg!(debug_assertions) { 1 } else { 512 };
const PARTS: u32 = if cfg!(debug_assertions) { 256 } else { 4096 };

impl Trial {
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
        *self = Self { way, ..Self::default() };
    }

    /// Counts a question of the set, and those of its elements.
    pub(super) fn judge_parts(&mut self, known: bool, asked: u32, missed: u32) {
        self.sets_asked += 1;
        self.sets_missed += u32::from(!known);
        self.asked += asked;
        self.missed += missed;
        if self.asked >= PARTS || self.sets_asked >= PARTS {
            let mostly_missed = 2 * self.missed > self.asked || 2 * self.sets_missed > self.sets_asked;
            self.begin(if mostly_missed { Way::Settled } else { Way::Parts });
        }
    }

    /// From now on only the whole is asked.
    pub(super) fn give_up(&mut self) {
        self.begin(Way::Settled);
    }

    /// True if it is to be asked by elements.
    #[inline]
    pub(super) fn is_by_elements(&self) -> bool {
        self.way == Way::Parts
    }
}

impl TlaWorker<'_> {
    /// A formula taken apart, if it begins with a quantifier over a set of the state: a claim with `\A`, an action with `\E`.
    pub(super) fn family(&self, formula: &Formula, is_claim: bool) -> Option<Family> {
        let spec = self.evaluator.spec();
        let mut expr = formula.expr.clone();
        for _ in 0..DEPTH_MAX {
            expr = match &*expr.kind {
                ExprKind::Label(_, inner) => inner.clone(),
                ExprKind::Call(..) => unfold(spec, &expr)?,
                _ => break,
            };
        }
        let (bounds, body) = match (&*expr.kind, is_claim) {
            (ExprKind::Forall(bounds, body), true) | (ExprKind::Exists(bounds, body), false) => (bounds, body),
            _ => return None,
        };
        let [bound] = &bounds[..] else { return None };
        let Binder::Each(bound_locals) = &bound.binder else { return None };
        if bound_locals.len() != 1 || bound.set.level != Level::State || self.evaluator.is_impure(&expr) {
            return None;
        }
        let slots = &self.model.slots;
        let atoms = match read_variable(&bound.set).filter(|variable| slots.shapes[*variable].has_atoms()) {
            Some(variable) => {
                let is_set = matches!(slots.shapes[variable], Shape::Atoms { .. });
                if !is_claim || !is_set || !matches!(*bound.set.kind, ExprKind::Variable(_)) {
                    return None;
                }
                let (slots, epoch) = (slots.range(variable), slots.epoch());
                Some(Atoms { variable, slots, epoch, noted: false, held: FxHashMap::default() })
            }
            None => None,
        };
        let (mut locals, values): (Vec<_>, Vec<_>) = formula.bindings(self.universe).into_iter().unzip();
        let set = (self.evaluator.prepare(&locals, &bound.set), values.clone());
        locals.extend(bound_locals);
        Some(Family {
            atoms,
            set,
            sets: Forest::new(1, self.model.slots.epoch()),
            lists: Vec::new(),
            places: HashMap::new(),
            elements: HashMap::new(),
            instances: Vec::new(),
            body: body.clone(),
            locals,
            values,
        })
    }

    /// The instances for the elements that the set has in a row, in its order, and whether its tree knew. What is read is
    /// noted for a label, if one is given: in what is known of this epoch, which need not be the present one.
    pub(super) fn instances_in(
        &mut self,
        family: &mut Family,
        (row, epoch): (&[u32], u32),
        phase: Phase,
        noting: Option<(&Reads, usize)>,
    ) -> Outcome<(Rc<[usize]>, bool)> {
        if family.sets.epoch != epoch {
            family.sets = Forest::new(1, epoch);
        }
        if let Some(found) = family.sets.find(0, row, &[]) {
            return Ok((family.lists[found.outcome as usize].clone(), true));
        }
        self.show(row, None);
        let failed = Self::failed(phase);
        let elements = self.evaluated_elements(family).map_err(&failed)?;
        let reads = self.watch.borrow().reads.clone();
        if let Some((noted, label)) = noting {
            noted.note(label, &reads);
        }
        let mut list = Vec::with_capacity(elements.len());
        for element in elements {
            list.push(self.instance_of(family, element).map_err(&failed)?);
        }
        let list: Rc<[usize]> = list.into();
        let place = *family.places.entry(list.clone()).or_insert_with(|| {
            family.lists.push(list.clone());
            family.lists.len() as u32 - 1
        });
        if epoch == self.model.slots.epoch() {
            // Without room the set is evaluated again next time.
            let _ = family.sets.insert(0, &reads, row, &[], &Leaf::Number(place));
        }
        Ok((list, false))
    }

    /// Adds the instances for the elements that a set which is kept by them has in a row to `list`; false if it is not
    /// such a set. All its slots are noted as read.
    pub(super) fn instances_held(
        &mut self,
        family: &mut Family,
        (row, epoch): (&[u32], u32),
        noting: Option<(&Reads, usize)>,
        list: &mut Vec<usize>,
    ) -> Evaluated<bool> {
        let Some(mut atoms) = family.atoms.take() else { return Ok(false) };
        if atoms.epoch != epoch {
            atoms = Atoms { epoch, noted: false, held: FxHashMap::default(), ..atoms };
        }
        if let Some((reads, label)) = noting.filter(|_| !atoms.noted) {
            reads.note(label, &Vec::from_iter(atoms.slots.clone().map(|slot| slot as u32)));
            atoms.noted = true;
        }
        let mut listed = Ok(true);
        for slot in atoms.slots.clone().filter(|slot| row[*slot] != 0) {
            let held = match atoms.held.get(&(slot, row[slot])) {
                Some(held) => held.clone(),
                None => match self.held_instances(family, &atoms, slot, row[slot]) {
                    Ok(held) => {
                        atoms.held.insert((slot, row[slot]), held.clone());
                        held
                    }
                    Err(fault) => {
                        listed = Err(fault);
                        break;
                    }
                },
            };
            list.extend_from_slice(&held);
        }
        family.atoms = Some(atoms);
        listed
    }

    fn held_instances(&mut self, family: &mut Family, atoms: &Atoms, slot: usize, id: u32) -> Evaluated<Rc<[usize]>> {
        let entry = self.watch.borrow_mut().lookup.entry(slot, id);
        if self.model.slots.is_irregular(atoms.variable) || !entry.is_part() {
            return Err(no_elements());
        }
        let Some(Value::Set(set)) = entry.value().map(|id| self.universe.value(id)) else { return Err(no_elements()) };
        set.elements().iter().map(|element| self.instance_of(family, element.clone())).collect()
    }

    fn evaluated_elements(&mut self, family: &Family) -> Evaluated<Vec<Value>> {
        let (set, arguments) = &family.set;
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

    fn instance_of(&mut self, family: &mut Family, element: Value) -> Evaluated<usize> {
        let id = self.universe.intern(&mut self.evaluator, &element)?;
        if let Some(place) = family.elements.get(&id) {
            return Ok(*place);
        }
        if family.elements.len() > ELEMENTS_MAX {
            return Err(too_many());
        }
        let bindings = family.locals.iter().copied().zip(family.values.iter().cloned().chain([element])).collect();
        let closed = Closed { expr: family.body.clone(), bindings };
        family.instances.push(Formula::new(self.universe, &mut self.evaluator, &closed)?);
        let place = family.instances.len() - 1;
        family.elements.insert(id, place);
        Ok(place)
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
fn no_elements() -> Box<Fault> {
    Fault::new(FaultKind::Other, "not a set that is kept by its elements")
}

#[cold]
fn too_many() -> Box<Fault> {
    Fault::new(FaultKind::TooLarge, "too many elements for a tree each")
}
