//! From described to listed.

use super::composite::Set;
use super::elements::{Elements, elements, sorted_elements};
use super::lambda::Lambda;
use super::lazy::{Lazy, Shape};
use super::machine::{Fault, FaultKind, Machine, Result};
use super::order::{Undecided, compare, function_values};
use super::shared::Shared;
use super::{Value, combine, function, sort};

/// The set with its elements listed, sorted and distinct.
///
/// # Errors
/// When it is no set or has no list, its elements do not compare, or they are too many.
pub fn to_set(m: &mut dyn Machine, v: &Value) -> Result<Shared<Set>> {
    match v {
        Value::Set(set) => Ok(set.clone()),
        Value::Lazy(lazy) if !lazy.shape().is_function() => match list(m, v, lazy)? {
            Value::Set(set) => Ok(set),
            other => Err(not_a_set(&other)),
        },
        _ => Err(not_a_set(v)),
    }
}

#[cold]
pub(super) fn not_a_set(v: &Value) -> Box<Fault> {
    Fault::new(FaultKind::Type, format!("Attempted to use {} {} as a set.", v.kind_name(), v.display()))
}

#[cold]
pub(super) fn not_enumerable(v: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::NotEnumerable,
        format!("Attempted to enumerate {}, which has no list of its elements.", v.display()),
    )
}

/// The value with its top level listed: parts may still be described.
pub(super) fn listed(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    match v {
        Value::Lazy(lazy) => list(m, v, lazy),
        _ => Ok(v.clone()),
    }
}

fn list(m: &mut dyn Machine, v: &Value, lazy: &Lazy) -> Result<Value> {
    if let Some(known) = lazy.known() {
        return Ok(known.clone());
    }
    let listed = match lazy.shape() {
        Shape::Literal(elements) => {
            let mut elements = elements.clone();
            sort_any(m, &mut elements)?;
            Value::set_sorted(elements)
        }
        Shape::Interval(low, high) => list_interval(v, *low, *high)?,
        Shape::Cup(a, b) => {
            let (left, right) = (to_set(m, a)?, to_set(m, b)?);
            match combine::cup_listed(&left, &right) {
                Some(cup) => cup,
                None => {
                    let mut all = [left.elements(), right.elements()].concat();
                    sort_any(m, &mut all)?;
                    Value::set_sorted(all)
                }
            }
        }
        Shape::Cap(a, b) if a.is_reducible() => both_listed(m, v, a, b, combine::cap_listed)?,
        Shape::Difference(a, b) if a.is_reducible() => both_listed(m, v, a, b, combine::difference_listed)?,
        Shape::Probe(probe) => probe.value(),
        Shape::Lambda(lambda) => list_lambda(m, lambda)?,
        Shape::Changed { .. } => function::list_changed(m, v)?,
        _ => collect(m, v)?,
    };
    lazy.remember(&listed);
    Ok(listed)
}

/// Merges if the second operand is listed too; otherwise asks it element by element.
fn both_listed(
    m: &mut dyn Machine,
    v: &Value,
    a: &Value,
    b: &Value,
    merge: fn(&Shared<Set>, &Shared<Set>) -> Option<Value>,
) -> Result<Value> {
    if let Value::Set(right) = b {
        let left = to_set(m, a)?;
        if let Some(merged) = merge(&left, right) {
            return Ok(merged);
        }
    }
    collect(m, v)
}

/// Intervals are listed beyond the limit of other sets, as TLC does, but not beyond all memory.
const INTERVAL_MAX: u64 = 1 << 27;

fn list_interval(v: &Value, low: i64, high: i64) -> Result<Value> {
    if high.abs_diff(low) >= INTERVAL_MAX {
        return Err(too_large(v, INTERVAL_MAX as usize));
    }
    Ok(Value::set_sorted((low..=high).map(Value::Int).collect()))
}

#[cold]
pub(super) fn too_large(v: &Value, limit: usize) -> Box<Fault> {
    Fault::new(
        FaultKind::TooLarge,
        format!("Attempted to construct a set with too many elements (>{limit}): {}", v.display()),
    )
}

/// Lists a product of at most so many elements, if listing keeps the order in which it is gone through: a constant
/// that is gone through in every state (the positions of a board) is put together once.
pub(crate) fn list_small(m: &mut dyn Machine, v: &Value, most: i64) {
    let Value::Lazy(lazy) = v else { return };
    let is_small = matches!(lazy.shape(), Shape::Product(_)) && super::cardinality(m, v).is_ok_and(|n| n <= most);
    if is_small && elements(m, v).is_ok_and(|elements| elements.is_sorted()) {
        // What cannot be listed says so where it is used.
        let _ = list(m, v, lazy);
    }
}

/// `{x \in S : P}` listed, if `S` has at most so many elements, in the order in which it would be gone through.
pub fn small_filter(m: &mut dyn Machine, v: &Value, most: i64) -> Option<Value> {
    let Value::Lazy(lazy) = v else { return None };
    let Shape::Filter(from, _) = lazy.shape() else { return None };
    if super::cardinality(m, from).ok()? > most || !elements(m, v).ok()?.is_sorted() {
        return None;
    }
    to_set(m, v).ok().map(Value::Set)
}

/// Lists a set by going through its elements.
fn collect(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    let limit = m.max_set_size();
    let mut from = elements(m, v)?;
    let sorted = from.is_sorted();
    let mut all = Vec::new();
    while let Some(element) = from.next(m)? {
        if all.len() >= limit {
            return Err(too_large(v, limit));
        }
        all.push(element);
    }
    if !sorted {
        sort_any(m, &mut all)?;
    }
    Ok(Value::set_sorted(all))
}

/// Sorts elements that may be lazy: those are listed first, where they have a list. They stay as they
/// are, since an interval prints as one, but know their list from then on.
pub(super) fn sort_any(m: &mut dyn Machine, elements: &mut Vec<Value>) -> Result<()> {
    match sort::sort_listed(elements) {
        Ok(()) => return Ok(()),
        Err(Undecided::Lazy) if elements.len() == 1 => return Ok(()),
        Err(_) => {}
    }
    if sort_by_size(m, elements) {
        return Ok(());
    }
    for element in elements.iter() {
        list_deeply(m, element);
    }
    sort::sort_by(elements, |a, b| compare(m, a, b))
}

/// Sorts described sets of which no two have the same size, the first thing that sets are compared by, without
/// listing any.
fn sort_by_size(m: &mut dyn Machine, elements: &mut Vec<Value>) -> bool {
    let arithmetic = |v: &Value| match v {
        Value::Set(_) => true,
        Value::Lazy(lazy) => matches!(
            lazy.shape(),
            Shape::Interval(..) | Shape::PowerSet(_) | Shape::FunctionSet(..) | Shape::RecordSet(_) | Shape::Product(_)
        ),
        _ => false,
    };
    if !elements.iter().all(arithmetic) {
        return false;
    }
    let mut sized = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        match super::cardinality(m, element) {
            Ok(size) => sized.push((size, element.clone())),
            Err(_) => return false,
        }
    }
    sized.sort_by_key(|(size, _)| *size);
    let distinct = sized.windows(2).all(|pair| pair[0].0 != pair[1].0);
    if distinct {
        elements.clear();
        elements.extend(sized.into_iter().map(|(_, element)| element));
    }
    distinct
}

/// Lists what can be listed at every depth. What cannot be is left to whoever compares it.
fn list_deeply(m: &mut dyn Machine, v: &Value) {
    if !has_lazy(v) {
        return;
    }
    match v {
        Value::Lazy(lazy) => {
            if let Ok(listed) = list(m, v, lazy) {
                list_deeply(m, &listed);
            }
        }
        Value::Set(set) => set.elements().iter().for_each(|element| list_deeply(m, element)),
        _ => function_values(v).iter().for_each(|value| list_deeply(m, value)),
    }
}

fn list_lambda(m: &mut dyn Machine, lambda: &Lambda) -> Result<Value> {
    let domain = to_set(m, &lambda.domain()).map_err(|fault| function_without_list(lambda, fault))?;
    let mut values = Vec::with_capacity(domain.elements().len());
    for argument in domain.elements() {
        values.push(lambda.value_at(m, argument)?);
    }
    Ok(Value::function_sorted(domain, values))
}

#[cold]
fn function_without_list(lambda: &Lambda, fault: Box<Fault>) -> Box<Fault> {
    if fault.kind != FaultKind::NotEnumerable && fault.kind != FaultKind::Type {
        return fault;
    }
    Fault::new(
        FaultKind::NotEnumerable,
        format!("Attempted to list the values of a function with domain {}.", lambda.domain().display()),
    )
}

/// The value with nothing described left in it.
///
/// # Errors
/// When a part of it cannot be listed.
pub fn normalize(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    match v {
        Value::Bool(_) | Value::Int(_) | Value::String(_) | Value::Model(_) => Ok(v.clone()),
        Value::Tuple(tuple) if tuple.is_static() || !has_lazy(v) => Ok(v.clone()),
        Value::Record(record) if record.is_static() || !has_lazy(v) => Ok(v.clone()),
        Value::Function(function) if function.is_static() || !has_lazy(v) => Ok(v.clone()),
        Value::Set(set) if set.is_static() || !has_lazy(v) => Ok(v.clone()),
        Value::Lazy(lazy) => {
            let listed = list(m, v, lazy)?;
            normalize(m, &listed)
        }
        Value::Operator(_) => Err(Fault::new(FaultKind::Type, "Attempted to use an operator where a value is needed.")),
        _ => normalize_parts(m, v),
    }
}

/// True if nothing described is left anywhere: the value does not depend on anything that is yet to be evaluated.
pub fn is_listed(v: &Value) -> bool {
    !has_lazy(v)
}

/// True if something described is left anywhere.
pub(super) fn has_lazy(v: &Value) -> bool {
    match v {
        Value::Lazy(_) | Value::Operator(_) => true,
        Value::Set(set) => !set.is_static() && set.elements().iter().any(has_lazy),
        Value::Function(function) => {
            !function.is_static() && (function.domain().iter().any(has_lazy) || function.values().iter().any(has_lazy))
        }
        Value::Tuple(tuple) => !tuple.is_static() && tuple.items().iter().any(has_lazy),
        Value::Record(record) => !record.is_static() && record.values().iter().any(has_lazy),
        _ => false,
    }
}

fn normalize_parts(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    if let Value::Set(set) = v {
        let mut elements = normalize_all(m, set.elements())?;
        sort_any(m, &mut elements)?;
        return Ok(Value::set_sorted(elements));
    }
    let values = normalize_all(m, function_values(v))?;
    match v {
        Value::Tuple(_) => Ok(Value::tuple(values)),
        Value::Record(record) => Ok(Value::record_of(record.shape(), values)),
        Value::Function(function) => {
            let domain = normalize(m, &Value::Set(function.domain_set().clone()))?;
            let domain = to_set(m, &domain)?;
            Ok(Value::function_sorted(domain, values))
        }
        _ => Err(not_enumerable(v)),
    }
}

fn normalize_all(m: &mut dyn Machine, values: &[Value]) -> Result<Vec<Value>> {
    values.iter().map(|value| normalize(m, value)).collect()
}

/// The elements sorted: for sets whose enumeration order is not the normal one.
pub(super) fn sorted(m: &mut dyn Machine, v: &Value) -> Result<Elements> {
    let set = to_set(m, v)?;
    sorted_elements(m, &Value::Set(set))
}
