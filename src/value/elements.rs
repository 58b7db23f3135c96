//! Going through the elements of a set, without listing it where that can be avoided.

use super::Value;
use super::composite::{Set, Shape as Names};
use super::lazy::{Lazy, Shape};
use super::machine::{Closure, Fault, FaultKind, Machine, Result};
use super::membership::member;
use super::normal::{not_a_set, not_enumerable, sorted, to_set};
use super::shared::Shared;

/// A place among the elements of a set.
pub struct Elements {
    cursor: Cursor,
    sorted: bool,
}

enum Cursor {
    Listed { set: Shared<Set>, next: usize },
    Interval { next: i64, high: i64, done: bool },
    Subsets { base: Shared<Set>, chosen: Vec<usize>, done: bool },
    Product(Box<Product>),
    Filter { from: Box<Elements>, predicate: Closure },
    Kept { from: Box<Elements>, other: Value, inside: bool },
    Chain { first: Box<Elements>, second: Option<Value> },
    Union { sets: Box<Elements>, current: Option<Box<Elements>> },
}

/// Tuples, functions or records: the last part varies fastest.
struct Product {
    parts: Vec<Part>,
    form: Form,
    state: Progress,
    in_order: bool,
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

fn lazy_elements(m: &mut dyn Machine, v: &Value, lazy: &Lazy, in_order: bool) -> Result<Elements> {
    let of = if in_order { sorted_elements } else { elements };
    if let Some(Value::Set(set)) = lazy.known() {
        return Ok(Elements::listed(set.clone()));
    }
    let (cursor, is_sorted) = match lazy.shape() {
        Shape::Interval(low, high) => (Cursor::Interval { next: *low, high: *high, done: low > high }, true),
        Shape::PowerSet(base) => (Cursor::Subsets { base: to_set(m, base)?, chosen: Vec::new(), done: false }, true),
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
    Ok(Elements { cursor, sorted: is_sorted })
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
    let product = Product { parts, form, state: Progress::Fresh, in_order };
    Ok((Cursor::Product(Box::new(product)), is_sorted))
}

impl Elements {
    #[inline]
    fn listed(set: Shared<Set>) -> Self {
        Self { cursor: Cursor::Listed { set, next: 0 }, sorted: true }
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
}

impl Cursor {
    fn next(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match self {
            Cursor::Listed { .. } | Cursor::Interval { .. } => Ok(None),
            Cursor::Subsets { base, chosen, done } => Ok(next_subset(base, chosen, done)),
            Cursor::Product(product) => product.next(m),
            Cursor::Filter { from, predicate } => {
                while let Some(element) = from.next(m)? {
                    if predicate.call(m, std::slice::from_ref(&element))?.as_bool("the predicate of a set")? {
                        return Ok(Some(element));
                    }
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

/// Subsets by size, then lexicographically: the normalised order.
fn next_subset(base: &Shared<Set>, chosen: &mut Vec<usize>, done: &mut bool) -> Option<Value> {
    if *done {
        return None;
    }
    let all = base.elements();
    let subset = Value::set_sorted(chosen.iter().map(|index| all[*index].clone()).collect());
    let size = chosen.len();
    // The last place that can still move on; what follows it restarts right behind.
    match (0..size).rev().find(|place| chosen[*place] < all.len() - size + place) {
        Some(place) => {
            let start = chosen[place] + 1;
            for (offset, index) in chosen[place..].iter_mut().enumerate() {
                *index = start + offset;
            }
        }
        None if size < all.len() => *chosen = (0..=size).collect(),
        None => *done = true,
    }
    Some(subset)
}

impl Product {
    fn next(&mut self, m: &mut dyn Machine) -> Result<Option<Value>> {
        match self.state {
            Progress::Done => return Ok(None),
            Progress::Fresh => {
                self.state = Progress::Running;
                for part in &mut self.parts {
                    match part.rest.next(m)? {
                        Some(first) => part.current = first,
                        None => {
                            self.state = Progress::Done;
                            return Ok(None);
                        }
                    }
                }
            }
            Progress::Running => {
                if !self.advance(m)? {
                    self.state = Progress::Done;
                    return Ok(None);
                }
            }
        }
        let values = self.parts.iter().map(|part| part.current.clone()).collect();
        Ok(Some(match &self.form {
            Form::Tuple => Value::tuple(values),
            Form::Record(names) => Value::record_of(names, values),
            Form::Function(domain) => Value::function_sorted(domain.clone(), values),
        }))
    }

    fn advance(&mut self, m: &mut dyn Machine) -> Result<bool> {
        for at in (0..self.parts.len()).rev() {
            let part = &mut self.parts[at];
            if let Some(next) = part.rest.next(m)? {
                part.current = next;
                return Ok(true);
            }
            let of = if self.in_order { sorted_elements } else { elements };
            part.rest = of(m, &part.set)?;
            match part.rest.next(m)? {
                Some(first) => part.current = first,
                None => return Ok(false),
            }
        }
        Ok(false)
    }
}
