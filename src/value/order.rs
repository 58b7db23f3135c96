//! Equality and the total order of values, as TLC has them: sizes first, then elements; unlike kinds
//! do not compare.
//!
//! Two layers: [`equal_listed`] and [`compare_listed`] need no machine and allocate nothing, and say
//! when they meet something lazy; [`equal`] and [`compare`] then normalise what is lazy and go on.

use std::cmp::Ordering;

use super::lazy::{Lazy, Shape as LazyShape};
use super::machine::{Fault, FaultKind, Machine, Result};
use super::normal;
use super::shared::Shared;
use super::universe::Universe;
use super::{ModelValue, Tuple, Value};
use crate::resolve::spec::Symbol;

/// Symbols added while running have this bit.
pub(super) const ADDED: u32 = 1 << 31;

/// Why listed values were not compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Undecided {
    /// They are of kinds that do not compare.
    Unlike,
    /// One of them has to be normalised first.
    Lazy,
}

/// Order of strings, field names, model values: as numbered; those added while running come last,
/// alphabetically.
#[inline]
pub fn symbol_order(a: Symbol, b: Symbol) -> Ordering {
    if a.0 & b.0 & ADDED != 0 && a != b {
        let universe = Universe::current();
        return universe.text(a).cmp(universe.text(b));
    }
    a.0.cmp(&b.0)
}

/// TLC's equality.
///
/// # Errors
/// When unlike kinds meet, or something lazy cannot be normalised.
#[inline]
pub fn equal(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<bool> {
    match equal_listed(a, b) {
        Ok(answer) => Ok(answer),
        Err(Undecided::Unlike) => Err(unlike("check equality of", a, b)),
        Err(Undecided::Lazy) => equal_lazy(m, a, b),
    }
}

/// TLC's total order: the one of normalised sets.
///
/// # Errors
/// When unlike kinds meet, or something lazy cannot be normalised.
#[inline]
pub fn compare(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<Ordering> {
    match compare_listed(a, b) {
        Ok(order) => Ok(order),
        Err(Undecided::Unlike) => Err(unlike("compare", a, b)),
        Err(Undecided::Lazy) => compare_lazy(m, a, b),
    }
}

#[cold]
fn unlike(what: &str, a: &Value, b: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::Incomparable,
        format!("Attempted to {what} {} {} with {}:\n{}", a.kind_name(), a.display(), b.kind_name(), b.display()),
    )
}

/// Equality, if it can be told without listing anything.
#[inline]
pub fn equal_at_once(a: &Value, b: &Value) -> Option<bool> {
    equal_listed(a, b).ok()
}

/// Equality of values without anything lazy in them.
#[inline]
pub(super) fn equal_listed(a: &Value, b: &Value) -> std::result::Result<bool, Undecided> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a == b),
        (Value::String(a), Value::String(b)) => Ok(a == b),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Tuple(a), Value::Tuple(b)) => {
            if a.same(b) {
                return Ok(true);
            }
            all_equal(a.items(), b.items())
        }
        (Value::Record(a), Value::Record(b)) => {
            if a.same(b) {
                return Ok(true);
            }
            // Shapes are shared: other names are another domain, whatever the values.
            if !a.shape().same(b.shape()) {
                return Ok(false);
            }
            all_equal(a.values(), b.values())
        }
        (Value::Set(a), Value::Set(b)) => {
            if a.same(b) {
                return Ok(true);
            }
            all_equal(a.elements(), b.elements())
        }
        (Value::Function(a), Value::Function(b)) => {
            if a.same(b) {
                return Ok(true);
            }
            if !a.domain_set().same(b.domain_set()) && !all_equal(a.domain(), b.domain())? {
                return Ok(false);
            }
            all_equal(a.values(), b.values())
        }
        (Value::Model(a), b) => equal_model(*a, b),
        (a, Value::Model(b)) => equal_model(*b, a),
        (Value::Lazy(lazy), other) | (other, Value::Lazy(lazy)) => match lazy.known() {
            Some(known) => equal_listed(known, other),
            None => Err(Undecided::Lazy),
        },
        (a, b) => equal_functions(a, b),
    }
}

fn all_equal(a: &[Value], b: &[Value]) -> std::result::Result<bool, Undecided> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for pair in a.iter().zip(b) {
        let same = match pair {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (a, b) => equal_listed(a, b)?,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Functions of different canonical shapes are never equal, but may not compare.
fn equal_functions(a: &Value, b: &Value) -> std::result::Result<bool, Undecided> {
    let (Some(len), Some(other_len)) = (function_len(a), function_len(b)) else { return Err(Undecided::Unlike) };
    if len != other_len {
        return Ok(false);
    }
    for index in 0..len {
        if !equal_listed(&argument(a, index), &argument(b, index))? {
            return Ok(false);
        }
    }
    Ok(len == 0)
}

fn equal_model(model: ModelValue, other: &Value) -> std::result::Result<bool, Undecided> {
    match (model.kind, other) {
        (kind, Value::Model(other)) => match (kind, other.kind) {
            (Some(kind), Some(other_kind)) if kind != other_kind => Err(Undecided::Unlike),
            _ => Ok(model.symbol == other.symbol),
        },
        (None, _) => Ok(false),
        (Some(_), _) => Err(Undecided::Unlike),
    }
}

/// Number of arguments of a listed function.
pub(super) fn function_len(value: &Value) -> Option<usize> {
    match value {
        Value::Tuple(tuple) => Some(tuple.items().len()),
        Value::Record(record) => Some(record.values().len()),
        Value::Function(function) => Some(function.values().len()),
        _ => None,
    }
}

/// The argument at a place of a listed function's domain.
pub(super) fn argument(value: &Value, index: usize) -> Value {
    match value {
        Value::Record(record) => Value::String(record.names()[index]),
        Value::Function(function) => function.domain()[index].clone(),
        _ => Value::Int(index as i64 + 1),
    }
}

/// The values of a listed function in the order of its domain.
pub(super) fn function_values(value: &Value) -> &[Value] {
    match value {
        Value::Tuple(tuple) => tuple.items(),
        Value::Record(record) => record.values(),
        Value::Function(function) => function.values(),
        _ => &[],
    }
}

/// Order of values without anything lazy in them.
#[inline]
pub(super) fn compare_listed(a: &Value, b: &Value) -> std::result::Result<Ordering, Undecided> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(symbol_order(*a, *b)),
        (Value::Tuple(a), Value::Tuple(b)) => order_tuples(a, b),
        _ => order::<false>(a, b),
    }
}

/// Most tuples that are searched and sorted begin with numbers that differ, or are all numbers.
fn order_tuples(a: &Shared<Tuple>, b: &Shared<Tuple>) -> std::result::Result<Ordering, Undecided> {
    if a.same(b) {
        return Ok(Ordering::Equal);
    }
    let (left, right) = (a.items(), b.items());
    if left.len() != right.len() {
        return Ok(left.len().cmp(&right.len()));
    }
    for (at, pair) in left.iter().zip(right).enumerate() {
        match pair {
            (Value::Int(a), Value::Int(b)) if a == b => {}
            (Value::Int(a), Value::Int(b)) => return Ok(a.cmp(b)),
            _ => return order_rest(&left[at..], &right[at..]),
        }
    }
    Ok(Ordering::Equal)
}

#[inline(never)]
fn order_rest(a: &[Value], b: &[Value]) -> std::result::Result<Ordering, Undecided> {
    order_all::<false>(a, b)
}

/// The same order made total: unlike kinds are ordered by kind.
pub fn compare_total(a: &Value, b: &Value) -> Ordering {
    order::<true>(a, b).unwrap_or_else(|_| rank(a).cmp(&rank(b)))
}

fn order<const TOTAL: bool>(a: &Value, b: &Value) -> std::result::Result<Ordering, Undecided> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(symbol_order(*a, *b)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
        (Value::Tuple(a), Value::Tuple(b)) => {
            if a.same(b) {
                return Ok(Ordering::Equal);
            }
            order_all::<TOTAL>(a.items(), b.items())
        }
        (Value::Record(a), Value::Record(b)) => {
            if a.same(b) {
                return Ok(Ordering::Equal);
            }
            if !a.shape().same(b.shape()) {
                let by_name = |(a, b): (&Symbol, &Symbol)| symbol_order(*a, *b);
                let names = a.names().iter().zip(b.names()).map(by_name).find(|order| order.is_ne());
                return Ok(a.names().len().cmp(&b.names().len()).then(names.unwrap_or(Ordering::Equal)));
            }
            order_all::<TOTAL>(a.values(), b.values())
        }
        (Value::Set(a), Value::Set(b)) => {
            if a.same(b) {
                return Ok(Ordering::Equal);
            }
            order_all::<TOTAL>(a.elements(), b.elements())
        }
        (Value::Function(a), Value::Function(b)) => {
            if a.same(b) {
                return Ok(Ordering::Equal);
            }
            if !a.domain_set().same(b.domain_set()) {
                let domains = order_all::<TOTAL>(a.domain(), b.domain())?;
                if domains.is_ne() {
                    return Ok(domains);
                }
            }
            order_all::<TOTAL>(a.values(), b.values())
        }
        (Value::Model(a), Value::Model(b)) => match (a.kind, b.kind) {
            (Some(kind), Some(other)) if kind != other && !TOTAL => Err(Undecided::Unlike),
            _ => Ok(symbol_order(a.symbol, b.symbol)),
        },
        (Value::Model(a), _) => model_order::<TOTAL>(*a, Ordering::Less),
        (_, Value::Model(b)) => model_order::<TOTAL>(*b, Ordering::Greater),
        (Value::Lazy(lazy), other) => match lazy.known() {
            Some(known) => order::<TOTAL>(known, other),
            None => Err(Undecided::Lazy),
        },
        (other, Value::Lazy(lazy)) => match lazy.known() {
            Some(known) => order::<TOTAL>(other, known),
            None => Err(Undecided::Lazy),
        },
        (a, b) => order_functions::<TOTAL>(a, b),
    }
}

fn model_order<const TOTAL: bool>(model: ModelValue, order: Ordering) -> std::result::Result<Ordering, Undecided> {
    if model.kind.is_some() && !TOTAL { Err(Undecided::Unlike) } else { Ok(order) }
}

#[inline]
fn order_all<const TOTAL: bool>(a: &[Value], b: &[Value]) -> std::result::Result<Ordering, Undecided> {
    if a.len() != b.len() {
        return Ok(a.len().cmp(&b.len()));
    }
    for pair in a.iter().zip(b) {
        // Most items are plain: without a call for each of them tuples of numbers compare in half the time.
        let order = match pair {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::String(a), Value::String(b)) => symbol_order(*a, *b),
            (a, b) => order::<TOTAL>(a, b)?,
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn order_functions<const TOTAL: bool>(a: &Value, b: &Value) -> std::result::Result<Ordering, Undecided> {
    let (Some(len), Some(other_len)) = (function_len(a), function_len(b)) else {
        return if TOTAL { Ok(rank(a).cmp(&rank(b))) } else { Err(Undecided::Unlike) };
    };
    if len != other_len {
        return Ok(len.cmp(&other_len));
    }
    for index in 0..len {
        let order = order::<TOTAL>(&argument(a, index), &argument(b, index))?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

/// The place of a kind among kinds.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Model(_) => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::String(_) => 3,
        Value::Set(_) => 4,
        Value::Tuple(_) | Value::Record(_) | Value::Function(_) => 5,
        Value::Lazy(_) => 6,
        Value::Operator(_) => 7,
    }
}

/// What comparing two values comes down to once they are neither lazy nor model values.
enum Parts {
    /// Two sets without a list of elements of the same description, or of different ones.
    Endless(bool),
    /// Nothing lazy is left at the top: compare the parts.
    Listed(Value, Value),
}

/// Lists what is lazy at the top of two values.
fn unfold(m: &mut dyn Machine, what: &str, a: &Value, b: &Value) -> Result<Parts> {
    if let (Some(left), Some(right)) = (endless(a), endless(b)) {
        return same_endless(m, left, right).map(Parts::Endless);
    }
    if endless(a).is_some() || endless(b).is_some() || a.is_set() != b.is_set() {
        return Err(unlike(what, a, b));
    }
    Ok(Parts::Listed(normal::listed(m, a)?, normal::listed(m, b)?))
}

/// Sets that are given by a description only: Nat, Int, Real, STRING, Seq(S).
fn endless(value: &Value) -> Option<&Lazy> {
    match value {
        Value::Lazy(lazy) if lazy.shape().is_endless() => Some(lazy),
        _ => None,
    }
}

fn same_endless(m: &mut dyn Machine, a: &Lazy, b: &Lazy) -> Result<bool> {
    match (a.shape(), b.shape()) {
        (LazyShape::Sequences(a), LazyShape::Sequences(b)) => equal(m, a, b),
        (a, b) => Ok(std::mem::discriminant(a) == std::mem::discriminant(b)),
    }
}

fn equal_lazy(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<bool> {
    if let (Some(left), Some(right)) = (quick_size(a), quick_size(b))
        && left != right
    {
        return Ok(false);
    }
    if let (Value::Lazy(left), Value::Lazy(right)) = (a, b)
        && let (LazyShape::PowerSet(left), LazyShape::PowerSet(right)) = (left.shape(), right.shape())
    {
        return equal(m, left, right);
    }
    match unfold(m, "check equality of", a, b)? {
        Parts::Endless(same) => Ok(same),
        Parts::Listed(a, b) => match equal_listed(&a, &b) {
            Ok(answer) => Ok(answer),
            Err(Undecided::Unlike) => Err(unlike("check equality of", &a, &b)),
            Err(Undecided::Lazy) => equal_parts(m, &a, &b),
        },
    }
}

/// Sizes that are known without listing: unequal ones settle equality of sets.
fn quick_size(value: &Value) -> Option<u64> {
    match value {
        Value::Set(set) => Some(set.elements().len() as u64),
        Value::Lazy(lazy) => match lazy.shape() {
            LazyShape::Interval(low, high) if low <= high => high.abs_diff(*low).checked_add(1),
            LazyShape::Interval(..) => Some(0),
            LazyShape::Probe(probe) => probe.size().map(|size| size as u64),
            _ => None,
        },
        _ => None,
    }
}

/// Compares part by part when a part is lazy.
fn equal_parts(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<bool> {
    if let (Value::Set(left), Value::Set(right)) = (a, b) {
        return equal_lists(m, left.elements(), right.elements());
    }
    let (Some(len), Some(other_len)) = (function_len(a), function_len(b)) else {
        return Err(unlike("check equality of", a, b));
    };
    if len != other_len {
        return Ok(false);
    }
    for index in 0..len {
        if !equal(m, &argument(a, index), &argument(b, index))? {
            return Ok(false);
        }
    }
    equal_lists(m, function_values(a), function_values(b))
}

fn equal_lists(m: &mut dyn Machine, a: &[Value], b: &[Value]) -> Result<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b) {
        if !equal(m, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare_lazy(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<Ordering> {
    match unfold(m, "compare", a, b)? {
        Parts::Endless(true) => Ok(Ordering::Equal),
        Parts::Endless(false) => Err(unlike("compare", a, b)),
        Parts::Listed(a, b) => match compare_listed(&a, &b) {
            Ok(order) => Ok(order),
            Err(Undecided::Unlike) => Err(unlike("compare", &a, &b)),
            Err(Undecided::Lazy) => compare_parts(m, &a, &b),
        },
    }
}

fn compare_parts(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<Ordering> {
    if let (Value::Set(left), Value::Set(right)) = (a, b) {
        return compare_lists(m, left.elements(), right.elements());
    }
    let (Some(len), Some(other_len)) = (function_len(a), function_len(b)) else {
        return Err(unlike("compare", a, b));
    };
    if len != other_len {
        return Ok(len.cmp(&other_len));
    }
    for index in 0..len {
        let order = compare(m, &argument(a, index), &argument(b, index))?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    compare_lists(m, function_values(a), function_values(b))
}

fn compare_lists(m: &mut dyn Machine, a: &[Value], b: &[Value]) -> Result<Ordering> {
    if a.len() != b.len() {
        return Ok(a.len().cmp(&b.len()));
    }
    for (a, b) in a.iter().zip(b) {
        let order = compare(m, a, b)?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}
