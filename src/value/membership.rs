//! `\in` and `\subseteq`: by the description of a set where it has one, never by listing it without need.

use std::cmp::Ordering;

use super::Value;
use super::composite::Set;
use super::elements::elements;
use super::function;
use super::lazy::{Lazy, Shape};
use super::machine::{Fault, FaultKind, Machine, Result};
use super::normal::{listed, to_set};
use super::order::{Undecided, compare, equal, equal_listed};
use super::sort;

/// `element \in set`.
///
/// # Errors
/// When `set` is no set, or the element does not compare with what is in it.
#[inline]
pub fn member(m: &mut dyn Machine, element: &Value, set: &Value) -> Result<bool> {
    match set {
        Value::Set(set) => search(m, element, set),
        Value::Lazy(lazy) => member_lazy(m, element, lazy),
        Value::Model(_) | Value::Bool(_) | Value::Int(_) | Value::String(_) => {
            Err(not_in(FaultKind::Incomparable, element, set))
        }
        _ => Err(not_in(FaultKind::Type, element, set)),
    }
}

/// `element \in set`, if the set is listed and nothing else has to be.
#[inline]
pub fn member_at_once(element: &Value, set: &Value) -> Option<bool> {
    let Value::Set(set) = set else { return None };
    sort::search(set.elements(), element).ok().map(|place| place.is_ok())
}

#[cold]
fn not_in(kind: FaultKind, element: &Value, set: &Value) -> Box<Fault> {
    let message = format!(
        "Attempted to check if the value {} is an element of {} {}.",
        element.display(),
        set.kind_name(),
        set.display()
    );
    Fault::new(kind, message)
}

/// What an element of a wrong kind is: untyped model values are in no set, others are an error.
#[cold]
fn stranger(element: &Value, set: &str) -> Result<bool> {
    if matches!(element, Value::Model(model) if model.kind.is_none()) {
        return Ok(false);
    }
    Err(Fault::new(
        FaultKind::Incomparable,
        format!("Attempted to check if {} {} is an element of {set}.", element.kind_name(), element.display()),
    ))
}

/// Looks for an element in a listed set.
fn search(m: &mut dyn Machine, element: &Value, set: &Set) -> Result<bool> {
    let elements = set.elements();
    match sort::search(elements, element) {
        Ok(place) => Ok(place.is_ok()),
        Err(Undecided::Unlike) => unlike_search(element, elements),
        Err(Undecided::Lazy) => lazy_search(m, element, elements),
    }
}

/// The same where comparing takes listing.
#[cold]
fn lazy_search(m: &mut dyn Machine, element: &Value, elements: &[Value]) -> Result<bool> {
    let (mut low, mut high) = (0, elements.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(m, &elements[middle], element) {
            Ok(Ordering::Less) => low = middle + 1,
            Ok(Ordering::Greater) => high = middle,
            Ok(Ordering::Equal) => return Ok(true),
            // Sets without a list have no order, but may still be equal.
            Err(_) => return linear(m, element, elements),
        }
    }
    Ok(false)
}

#[cold]
fn unlike_search(element: &Value, elements: &[Value]) -> Result<bool> {
    // A typed model value among values of its type and others: only the order fails.
    if elements.iter().any(|other| equal_listed(other, element) == Ok(true)) {
        return Ok(true);
    }
    let first = elements.first().map(Value::display).unwrap_or_default();
    let kind = elements.first().map_or("", |other| other.kind_name());
    Err(Fault::new(
        FaultKind::Incomparable,
        format!(
            "Attempted to check if {} {} is in a set whose elements do not compare with it, such as {kind} {first}.",
            element.kind_name(),
            element.display()
        ),
    ))
}

fn linear(m: &mut dyn Machine, element: &Value, elements: &[Value]) -> Result<bool> {
    for other in elements {
        if equal(m, element, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn member_lazy(m: &mut dyn Machine, element: &Value, lazy: &std::rc::Rc<Lazy>) -> Result<bool> {
    match lazy.shape() {
        Shape::Interval(low, high) => match element {
            Value::Int(number) => Ok(low <= number && number <= high),
            _ => stranger(element, "an integer interval"),
        },
        Shape::Naturals => match element {
            Value::Int(number) => Ok(*number >= 0),
            _ => stranger(element, "Nat"),
        },
        Shape::Integers | Shape::Reals => match element {
            Value::Int(_) => Ok(true),
            _ => stranger(element, "Int"),
        },
        Shape::Any => Ok(true),
        Shape::Strings => match element {
            Value::String(_) => Ok(true),
            _ => stranger(element, "STRING"),
        },
        Shape::Product(factors) => in_product(m, element, factors),
        shape => {
            if let Some(Value::Set(set)) = lazy.known() {
                return search(m, element, set);
            }
            member_described(m, element, lazy, shape)
        }
    }
}

fn member_described(m: &mut dyn Machine, element: &Value, lazy: &std::rc::Rc<Lazy>, shape: &Shape) -> Result<bool> {
    match shape {
        Shape::Literal(elements) => linear(m, element, elements),
        Shape::Probe(probe) => match probe.contains(element) {
            Some(inside) => Ok(inside),
            None => member(m, element, &probe.value()),
        },
        Shape::PowerSet(set) => {
            if element.is_set() {
                subset_eq(m, element, set)
            } else {
                stranger(element, "the power set of a set")
            }
        }
        Shape::FunctionSet(domain, range) => in_function_set(m, element, domain, range),
        Shape::RecordSet(fields) => in_record_set(m, element, fields),
        Shape::Sequences(set) => in_sequences(m, element, set),
        Shape::Filter(set, predicate) => {
            if !member(m, element, set)? {
                return Ok(false);
            }
            predicate.call(m, std::slice::from_ref(element))?.as_bool("the predicate of a set")
        }
        Shape::Cup(a, b) if !(a.is_reducible() && b.is_reducible()) => {
            Ok(member(m, element, a)? || member(m, element, b)?)
        }
        Shape::Cap(a, b) if !(a.is_reducible() || b.is_reducible()) => {
            Ok(member(m, element, a)? && member(m, element, b)?)
        }
        Shape::Difference(a, b) if !a.is_reducible() => Ok(member(m, element, a)? && !member(m, element, b)?),
        Shape::BigUnion(sets) => {
            let mut sets = elements(m, sets)?;
            while let Some(set) = sets.next(m)? {
                if member(m, element, &set)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => {
            let set = to_set(m, &Value::Lazy(lazy.clone()))?;
            search(m, element, &set)
        }
    }
}

fn in_function_set(m: &mut dyn Machine, element: &Value, domain: &Value, range: &Value) -> Result<bool> {
    let function = listed(m, element)?;
    if super::order::function_len(&function).is_none() {
        return stranger(element, "a set of functions");
    }
    if !function::has_domain(m, &function, domain)? {
        return Ok(false);
    }
    for value in super::order::function_values(&function) {
        if !member(m, value, range)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn in_record_set(
    m: &mut dyn Machine,
    element: &Value,
    fields: &[(crate::resolve::spec::Symbol, Value)],
) -> Result<bool> {
    match listed(m, element)? {
        Value::Record(record) => {
            if !record.names().iter().eq(fields.iter().map(|(name, _)| name)) {
                return Ok(false);
            }
            for (value, (_, set)) in record.values().iter().zip(fields) {
                if !member(m, value, set)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Value::Tuple(tuple) if tuple.items().is_empty() => Ok(fields.is_empty()),
        _ => stranger(element, "a set of records"),
    }
}

fn in_product(m: &mut dyn Machine, element: &Value, factors: &[Value]) -> Result<bool> {
    match listed(m, element)? {
        Value::Tuple(tuple) => {
            if tuple.items().len() != factors.len() {
                return Ok(false);
            }
            for (item, factor) in tuple.items().iter().zip(factors) {
                if !member(m, item, factor)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Value::Function(function) if function.domain().iter().all(|index| matches!(index, Value::Int(_))) => Ok(false),
        _ => stranger(element, "a Cartesian product"),
    }
}

fn in_sequences(m: &mut dyn Machine, element: &Value, set: &Value) -> Result<bool> {
    match listed(m, element)? {
        Value::Tuple(tuple) => {
            for item in tuple.items() {
                if !member(m, item, set)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => stranger(element, "a set of sequences"),
    }
}

/// `a \subseteq b`: lists `a` only.
///
/// # Errors
/// When `a` has no list, or its elements cannot be looked up in `b`.
pub fn subset_eq(m: &mut dyn Machine, a: &Value, b: &Value) -> Result<bool> {
    match (a, b) {
        (Value::Set(a), Value::Set(b)) => {
            if a.same(b) {
                return Ok(true);
            }
            for element in a.elements() {
                if !search(m, element, b)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        (Value::Lazy(left), Value::Lazy(right)) => match (left.shape(), right.shape()) {
            (Shape::Interval(low, high), Shape::Interval(least, most)) => {
                return Ok(low > high || (least <= low && high <= most));
            }
            (Shape::Interval(low, high), Shape::Naturals) => return Ok(low > high || *low >= 0),
            (Shape::Interval(..), Shape::Integers) => return Ok(true),
            (Shape::PowerSet(left), Shape::PowerSet(right)) => return subset_eq(m, left, right),
            _ => {}
        },
        _ => {}
    }
    if !a.is_set() {
        return Err(Fault::new(
            FaultKind::Incomparable,
            format!("Attempted to evaluate S \\subseteq T where S is {} {}.", a.kind_name(), a.display()),
        ));
    }
    let mut elements = elements(m, a)?;
    while let Some(element) = elements.next(m)? {
        if !member(m, &element, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}
