//! Going through the elements of a set, without listing it where that can be avoided.

use std::rc::Rc;

use super::Value;
use super::composite::{Set, Shape as Names};
use super::lazy::{Lazy, Shape};
use super::machine::{Closure, Fault, FaultKind, Machine, Result};
use super::membership::member;
use super::normal::{not_a_set, not_enumerable, sorted, to_set};
use super::probe::{Probe, subset};
use super::shared::Shared;

/// A place among the elements of a set.
pub struct Elements {
    cursor: Cursor,
    sorted: bool,
    /// Elements tried so far if all of them were looked at to the end; [`USEFUL`] if not.
    vain: u8,
}

/// Elements tried in vain after which no more are tried.
const VAIN_MAX: u8 = 64;
const USEFUL: u8 = u8::MAX;

enum Cursor {
    Listed {
        set: Shared<Set>,
        next: usize,
    },
    Interval {
        next: i64,
        high: i64,
        done: bool,
    },
    Subsets(Subsets),
    /// A subset under trial: what is gone through is looked at.
    Probe {
        of: Rc<Lazy>,
        next: usize,
    },
    Product(Box<Product>),
    Filter {
        from: Box<Elements>,
        predicate: Closure,
    },
    Kept {
        from: Box<Elements>,
        other: Value,
        inside: bool,
    },
    Chain {
        first: Box<Elements>,
        second: Option<Value>,
    },
    Union {
        sets: Box<Elements>,
        current: Option<Box<Elements>>,
    },
}

/// Subsets by size, then lexicographically: the normalised order.
struct Subsets {
    base: Shared<Set>,
    /// Places in the base of the elements of the current one.
    chosen: Vec<usize>,
    state: Progress,
    /// Leading elements of the base about which the next subset must differ, or be larger.
    differ: usize,
}

/// Tuples, functions or records: the last part varies fastest.
struct Product {
    parts: Vec<Part>,
    form: Form,
    state: Progress,
    in_order: bool,
    /// Leading parts in which the next element must differ.
    differ: usize,
}

/// One part: the set it ranges over, its current value, where it is.
struct Part {
    set: Value,
    current: Value,
    rest: Elements,
}

enum Form {
    Tuple,
    Record(&'static Names),
    Function(Shared<Set>),
}

#[derive(PartialEq)]
enum Progress {
    Fresh,
    Running,
    Done,
}

/// The elements in TLC's order of enumeration.
///
/// # Errors
/// When `v` is no set or has no list.
#[inline]
pub fn elements(m: &mut dyn Machine, v: &Value) -> Result<Elements> {
    match v {
        Value::Set(set) => Ok(Elements::listed(set.clone())),
        Value::Lazy(lazy) => lazy_elements(m, v, lazy, false),
        _ => Err(no_elements(v)),
    }
}

/// The elements in normalised order: that of CHOOSE.
///
/// # Errors
/// As [`elements`].
#[inline]
pub fn sorted_elements(m: &mut dyn Machine, v: &Value) -> Result<Elements> {
    match v {
        Value::Set(set) => Ok(Elements::listed(set.clone())),
        Value::Lazy(lazy) => lazy_elements(m, v, lazy, true),
        _ => Err(no_elements(v)),
    }
}

#[cold]
fn no_elements(v: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::NotEnumerable,
        format!("Attempted to enumerate the elements of {} {}.", v.kind_name(), v.display()),
    )
}

fn lazy_elements(m: &mut dyn Machine, v: &Value, lazy: &Rc<Lazy>, in_order: bool) -> Result<Elements> {
    let of = if in_order { sorted_elements } else { elements };
    if let Some(Value::Set(set)) = lazy.known() {
        return Ok(Elements::listed(set.clone()));
    }
    let (cursor, is_sorted) = match lazy.shape() {
        Shape::Interval(low, high) => (Cursor::Interval { next: *low, high: *high, done: low > high }, true),
        Shape::PowerSet(base) => {
            let base = to_set(m, base)?;
            let subsets = Subsets { base, chosen: Vec::new(), state: Progress::Fresh, differ: usize::MAX };
            (Cursor::Subsets(subsets), true)
        }
        Shape::Probe(_) => (Cursor::Probe { of: lazy.clone(), next: 0 }, true),
        Shape::FunctionSet(domain, range) => {
            require_set(domain)?;
            let domain = to_set(m, domain)?;
            let sets = vec![range.clone(); domain.elements().len()];
            product(m, sets, Form::Function(domain), in_order)?
        }
        Shape::RecordSet(fields) => {
            let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            let sets = fields.iter().map(|(_, set)| set.clone()).collect();
            product(m, sets, Form::Record(Names::of(&names)), in_order)?
        }
        Shape::Product(factors) => product(m, factors.clone(), Form::Tuple, in_order)?,
        Shape::Filter(set, predicate) => {
            let from = of(m, set)?;
            let is_sorted = from.sorted;
            (Cursor::Filter { from: Box::new(from), predicate: predicate.clone() }, is_sorted)
        }
        Shape::Cap(a, b) | Shape::Difference(a, b) => {
            let inside = matches!(lazy.shape(), Shape::Cap(..));
            let from = if a.is_reducible() { sorted_elements(m, a)? } else { of(m, a)? };
            let is_sorted = from.sorted;
            (Cursor::Kept { from: Box::new(from), other: b.clone(), inside }, is_sorted)
        }
        Shape::Cup(a, b) if !(in_order || a.is_reducible() && b.is_reducible()) => {
            require_set(b)?;
            (Cursor::Chain { first: Box::new(elements(m, a)?), second: Some(b.clone()) }, false)
        }
        Shape::BigUnion(sets) if !in_order => {
            (Cursor::Union { sets: Box::new(elements(m, sets)?), current: None }, false)
        }
        Shape::Literal(_) | Shape::Cup(..) => return Ok(Elements::listed(to_set(m, v)?)),
        Shape::BigUnion(_) => return sorted(m, v),
        Shape::Sequences(_) | Shape::Naturals | Shape::Integers | Shape::Reals | Shape::Strings | Shape::Any => {
            return Err(not_enumerable(v));
        }
        Shape::Lambda(_) | Shape::Changed { .. } => return Err(no_elements(v)),
    };
    Ok(Elements { cursor, sorted: is_sorted, vain: 0 })
}

fn require_set(v: &Value) -> Result<()> {
    if v.is_set() { Ok(()) } else { Err(no_elements(v)) }
}

fn product(m: &mut dyn Machine, sets: Vec<Value>, form: Form, in_order: bool) -> Result<(Cursor, bool)> {
    let of = if in_order { sorted_elements } else { elements };
    let mut is_sorted = true;
    let mut parts = Vec::with_capacity(sets.len());
    for set in sets {
        if !set.is_set() {
            return Err(not_a_set(&set));
        }
        let rest = of(m, &set)?;
        is_sorted &= rest.sorted;
        parts.push(Part { set, current: Value::Bool(false), rest });
    }
    let product = Product { parts, form, state: Progress::Fresh, in_order, differ: usize::MAX };
    Ok((Cursor::Product(Box::new(product)), is_sorted))
}

impl Elements {
    #[inline]
    fn listed(set: Shared<Set>) -> Self {
        Self { cursor: Cursor::Listed { set, next: 0 }, sorted: true, vain: 0 }
    }

    /// True if the elements come in normalised order without repetition.
    pub(super) fn is_sorted(&self) -> bool {
        self.sorted
    }

    /// The next element.
    ///
    /// # Errors
    /// When evaluating a predicate or the parts of the set fails.
    #[inline]
    pub fn next(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match &mut self.cursor {
            Cursor::Listed { set, next } => {
                let element = set.elements().get(*next).cloned();
                *next += 1;
                Ok(element)
            }
            Cursor::Interval { next, high, done } => {
                if *done {
                    return Ok(None);
                }
                let element = *next;
                if element == *high {
                    *done = true;
                } else {
                    *next += 1;
                }
                Ok(Some(Value::Int(element)))
            }
            cursor => cursor.next(m),
        }
    }

    /// The next element, under trial if that may help to pass over others: to be settled if it is kept.
    ///
    /// # Errors
    /// As [`Elements::next`].
    #[inline]
    pub fn next_tried(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match &mut self.cursor {
            Cursor::Listed { .. } | Cursor::Interval { .. } => self.next(m),
            _ if self.vain == VAIN_MAX => self.next(m),
            cursor => cursor.next_tried(m),
        }
    }

    /// Passes over what a pure formula cannot tell from the last element, which it was tried on.
    #[inline]
    pub fn pass_over(&mut self, tried: &Value) {
        if let Value::Lazy(lazy) = tried
            && let Some(probe) = lazy.probe()
        {
            if !probe.is_seen() {
                self.vain = USEFUL;
            } else if self.vain < VAIN_MAX {
                self.vain += 1;
            }
            self.cursor.pass_over(probe.seen());
        }
    }
}

impl Cursor {
    fn next_tried(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match self {
            Cursor::Subsets(subsets) => {
                let probe = |s: &mut Subsets| Value::probed(Probe::subset(s.base.clone(), s.chosen.clone()));
                Ok(subsets.advance().then(|| probe(subsets)))
            }
            Cursor::Product(product) => product.next_tried(m),
            Cursor::Filter { from, predicate } if predicate.is_pure(m) => {
                while let Some(element) = from.next_tried(m)? {
                    if predicate.call(m, std::slice::from_ref(&element))?.as_bool("the predicate of a set")? {
                        return Ok(Some(element));
                    }
                    from.pass_over(&element);
                }
                Ok(None)
            }
            Cursor::Kept { from, other, inside } => {
                while let Some(element) = from.next_tried(m)? {
                    if member(m, &element, other)? == *inside {
                        return Ok(Some(element));
                    }
                    from.pass_over(&element);
                }
                Ok(None)
            }
            Cursor::Chain { first, .. } => match first.next_tried(m)? {
                Some(element) => Ok(Some(element)),
                None => self.next(m),
            },
            Cursor::Union { current: Some(current), .. } => match current.next_tried(m)? {
                Some(element) => Ok(Some(element)),
                None => self.next(m),
            },
            _ => self.next(m),
        }
    }

    fn pass_over(&mut self, seen: usize) {
        match self {
            Cursor::Subsets(subsets) => subsets.differ = seen,
            Cursor::Product(product) => product.differ = seen,
            Cursor::Filter { from, .. } | Cursor::Kept { from, .. } => from.cursor.pass_over(seen),
            Cursor::Chain { first, .. } => first.cursor.pass_over(seen),
            Cursor::Union { current: Some(current), .. } => current.cursor.pass_over(seen),
            _ => {}
        }
    }

    fn next(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match self {
            Cursor::Listed { .. } | Cursor::Interval { .. } => Ok(None),
            Cursor::Subsets(subsets) => Ok(subsets.advance().then(|| subset(&subsets.base, &subsets.chosen))),
            Cursor::Probe { of, next } => {
                *next += 1;
                Ok(of.probe().and_then(|probe| probe.element(*next - 1)))
            }
            Cursor::Product(product) => product.next(m),
            Cursor::Filter { from, predicate } => {
                let tries = predicate.is_pure(m);
                while let Some(element) = if tries { from.next_tried(m)? } else { from.next(m)? } {
                    if predicate.call(m, std::slice::from_ref(&element))?.as_bool("the predicate of a set")? {
                        return Ok(Some(element.settled()));
                    }
                    from.pass_over(&element);
                }
                Ok(None)
            }
            Cursor::Kept { from, other, inside } => {
                while let Some(element) = from.next(m)? {
                    if member(m, &element, other)? == *inside {
                        return Ok(Some(element));
                    }
                }
                Ok(None)
            }
            Cursor::Chain { first, second } => loop {
                if let Some(element) = first.next(m)? {
                    return Ok(Some(element));
                }
                let Some(set) = second.take() else { return Ok(None) };
                **first = elements(m, &set)?;
            },
            Cursor::Union { sets, current } => loop {
                if let Some(current) = current
                    && let Some(element) = current.next(m)?
                {
                    return Ok(Some(element));
                }
                let Some(set) = sets.next(m)? else { return Ok(None) };
                *current = Some(Box::new(elements(m, &set)?));
            },
        }
    }
}

impl Subsets {
    /// Moves to the next subset, if there is one.
    fn advance(&mut self) -> bool {
        let differ = std::mem::replace(&mut self.differ, usize::MAX);
        match self.state {
            Progress::Done => return false,
            Progress::Fresh => {
                self.state = Progress::Running;
                return true;
            }
            Progress::Running => {}
        }
        let (all, size) = (self.base.elements().len(), self.chosen.len());
        let fixed = self.chosen.partition_point(|place| *place < differ);
        // The last place that can still move on; what follows it restarts right behind.
        match (0..fixed).rev().find(|place| self.chosen[*place] < all - size + place) {
            Some(place) => {
                let start = self.chosen[place] + 1;
                for (offset, index) in self.chosen[place..].iter_mut().enumerate() {
                    *index = start + offset;
                }
            }
            None if size < all => self.chosen = (0..=size).collect(),
            None => self.state = Progress::Done,
        }
        self.state != Progress::Done
    }
}

impl Product {
    /// Moves to the next element, if there is one.
    fn step(&mut self, m: &mut dyn Machine) -> Result<bool> {
        let differ = std::mem::replace(&mut self.differ, usize::MAX);
        match self.state {
            Progress::Done => return Ok(false),
            Progress::Fresh => {
                self.state = Progress::Running;
                for part in &mut self.parts {
                    match part.rest.next(m)? {
                        Some(first) => part.current = first,
                        None => {
                            self.state = Progress::Done;
                            return Ok(false);
                        }
                    }
                }
            }
            Progress::Running => {
                if !self.advance(m, differ)? {
                    self.state = Progress::Done;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn next(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        if !self.step(m)? {
            return Ok(None);
        }
        let values = self.parts.iter().map(|part| part.current.clone()).collect();
        Ok(Some(match &self.form {
            Form::Tuple => Value::tuple(values),
            Form::Record(names) => Value::record_of(names, values),
            Form::Function(domain) => Value::function_sorted(domain.clone(), values),
        }))
    }

    fn next_tried(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        let Form::Function(domain) = &self.form else { return self.next(m) };
        let domain = domain.clone();
        if !self.step(m)? {
            return Ok(None);
        }
        let values = self.parts.iter().map(|part| part.current.clone()).collect();
        Ok(Some(Value::probed(Probe::function(domain, values))))
    }

    /// Moves on in one of the leading parts that must differ; those behind it begin again.
    fn advance(&mut self, m: &mut dyn Machine, differ: usize) -> Result<bool> {
        let of = if self.in_order { sorted_elements } else { elements };
        let differ = differ.min(self.parts.len());
        for part in &mut self.parts[differ..] {
            part.rest = of(m, &part.set)?;
            match part.rest.next(m)? {
                Some(first) => part.current = first,
                None => return Ok(false),
            }
        }
        for at in (0..differ).rev() {
            let part = &mut self.parts[at];
            if let Some(next) = part.rest.next(m)? {
                part.current = next;
                return Ok(true);
            }
            part.rest = of(m, &part.set)?;
            match part.rest.next(m)? {
                Some(first) => part.current = first,
                None => return Ok(false),
            }
        }
        Ok(false)
    }
}
