//! Functions: applying, domains, EXCEPT, sequences.

use std::cmp::Ordering;

use super::composite::Function;
use super::composite::{FunctionKind, RecordKind, Tuple, TupleKind, is_sequence_domain, replaced};
use super::lazy::Shape;
use super::machine::{Fault, FaultKind, Machine, Result};
use super::membership::member;
use super::normal::{listed, sort_any, to_set};
use super::order::{Undecided, compare, compare_listed, equal, function_len, function_values};
use super::shared::Shared;
use super::{Value, combine};
use crate::resolve::spec::Symbol;

impl Function {
    /// The value at an argument; `None` outside the domain.
    ///
    /// # Errors
    /// When the argument does not compare with the domain.
    pub fn get(&self, m: &mut dyn Machine, argument: &Value) -> Result<Option<&Value>> {
        Ok(self.position(m, argument)?.map(|index| &self.values()[index]))
    }

    fn position(&self, m: &mut dyn Machine, argument: &Value) -> Result<Option<usize>> {
        let domain = self.domain();
        let (mut low, mut high) = (0, domain.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let order = match compare_listed(&domain[middle], argument) {
                Ok(order) => order,
                Err(Undecided::Lazy | Undecided::Unlike) => compare(m, &domain[middle], argument)?,
            };
            match order {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }
}

impl Value {
    /// A function given by its graph, in any order, in the canonical shape of its domain.
    ///
    /// # Errors
    /// When the domain's elements do not compare.
    pub fn function(m: &mut dyn Machine, domain: Vec<Value>, values: Vec<Value>) -> Result<Value> {
        debug_assert_eq!(domain.len(), values.len());
        let ascending = |pair: &[Value]| compare_listed(&pair[0], &pair[1]) == Ok(Ordering::Less);
        if domain.windows(2).all(ascending) {
            return Ok(function_ascending(domain, values));
        }
        let mut sorted = domain.clone();
        sort_any(m, &mut sorted)?;
        let domain_set = match Value::set_sorted(sorted) {
            Value::Set(set) => set,
            other => to_set(m, &other)?,
        };
        let mut placed: Vec<Option<Value>> = vec![None; domain_set.elements().len()];
        for (argument, value) in domain.iter().zip(values) {
            let place = match combine::search(domain_set.elements(), argument) {
                Some(Ok(place)) => place,
                _ => linear_place(m, domain_set.elements(), argument)?,
            };
            // A repeated argument keeps its first value.
            placed[place].get_or_insert(value);
        }
        let values = placed.into_iter().map(|value| value.expect("the domain has no other elements")).collect();
        Ok(Value::function_sorted(domain_set, values))
    }
}

/// A function whose domain is sorted and distinct already: the common case, as domains are gone through in
/// order.
fn function_ascending(domain: Vec<Value>, values: Vec<Value>) -> Value {
    if is_sequence_domain(&domain) {
        return Value::tuple(values);
    }
    match Value::set_sorted(domain) {
        Value::Set(domain) => Value::function_sorted(domain, values),
        other => other,
    }
}

fn linear_place(m: &mut dyn Machine, domain: &[Value], argument: &Value) -> Result<usize> {
    for (place, other) in domain.iter().enumerate() {
        if equal(m, other, argument)? {
            return Ok(place);
        }
    }
    Err(outside("function", argument))
}

#[cold]
fn outside(what: &str, argument: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::OutOfDomain,
        format!("Attempted to apply a {what} to the argument {}, which is not in its domain.", argument.display()),
    )
}

#[cold]
fn wrong_index(f: &Value, index: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::OutOfDomain,
        format!("Attempted to apply {} {} to {} {}.", f.kind_name(), f.display(), index.kind_name(), index.display()),
    )
}

#[cold]
fn not_a_function(f: &Value) -> Box<Fault> {
    Fault::new(FaultKind::Type, format!("Attempted to use {} {} as a function.", f.kind_name(), f.display()))
}

/// `f[argument]`.
///
/// # Errors
/// When `f` is no function, or the argument is not in its domain.
#[inline]
pub fn apply(m: &mut dyn Machine, f: &Value, argument: &Value) -> Result<Value> {
    match (f, argument) {
        (Value::Tuple(tuple), Value::Int(index)) => match at(tuple.items(), *index) {
            Some(value) => Ok(value.clone()),
            None => Err(Fault::new(
                FaultKind::OutOfDomain,
                format!("Attempted to access index {index} of tuple {}, which is out of bounds.", f.display()),
            )),
        },
        (Value::Tuple(_), _) => Err(wrong_index(f, argument)),
        (Value::Record(record), Value::String(name)) => match record.get(*name) {
            Some(value) => Ok(value.clone()),
            None => Err(outside("record", argument)),
        },
        (Value::Record(_), _) => Err(wrong_index(f, argument)),
        (Value::Function(function), _) => match function.get(m, argument)? {
            Some(value) => Ok(value.clone()),
            None => Err(outside("function", argument)),
        },
        (Value::Lazy(lazy), _) => {
            if let Some(known) = lazy.known() {
                let known = known.clone();
                return apply(m, &known, argument);
            }
            match lazy.shape() {
                Shape::Lambda(lambda) => lambda.apply(m, argument),
                Shape::Changed { function, argument: changed, value } => {
                    if equal(m, changed, argument)? {
                        Ok(value.clone())
                    } else {
                        apply(m, function, argument)
                    }
                }
                Shape::Probe(probe) => match probe.apply(argument) {
                    Some(value) => Ok(value),
                    None => apply(m, &probe.value(), argument),
                },
                _ => Err(not_a_function(f)),
            }
        }
        _ => Err(not_a_function(f)),
    }
}

#[inline(always)]
fn at(items: &[Value], index: i64) -> Option<&Value> {
    items.get(usize::try_from(index.checked_sub(1)?).ok()?)
}

/// `DOMAIN f`.
///
/// # Errors
/// When `f` is no function.
pub fn domain(m: &mut dyn Machine, f: &Value) -> Result<Value> {
    // Nothing is evaluated: the machine is there because its siblings need one.
    let _ = m;
    described_domain(f)
}

fn described_domain(f: &Value) -> Result<Value> {
    match f {
        Value::Tuple(tuple) => Ok(Value::interval(1, tuple.items().len() as i64)),
        Value::Record(record) => {
            Ok(Value::set_sorted(record.names().iter().map(|name| Value::String(*name)).collect()))
        }
        Value::Function(function) => Ok(Value::Set(function.domain_set().clone())),
        Value::Lazy(lazy) => match lazy.shape() {
            Shape::Lambda(lambda) => Ok(lambda.domain()),
            Shape::Changed { function, .. } => described_domain(function),
            Shape::Probe(probe) => probe.domain().ok_or_else(|| not_a_function(f)),
            _ => Err(not_a_function(f)),
        },
        _ => Err(not_a_function(f)),
    }
}

/// True if a listed function has this domain.
pub(super) fn has_domain(m: &mut dyn Machine, f: &Value, wanted: &Value) -> Result<bool> {
    match (f, wanted) {
        (Value::Function(function), Value::Set(set)) if function.domain_set().same(set) => Ok(true),
        (Value::Tuple(tuple), Value::Lazy(lazy)) => match lazy.shape() {
            Shape::Interval(low, high) if low <= high => Ok(*low == 1 && *high == tuple.items().len() as i64),
            _ => {
                let own = domain(m, f)?;
                equal(m, &own, wanted)
            }
        },
        (Value::Record(record), Value::Set(set)) if record.names().len() == set.elements().len() => {
            for (name, element) in record.names().iter().zip(set.elements()) {
                if !equal(m, &Value::String(*name), element)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Record(_), Value::Set(_)) => Ok(false),
        _ => {
            let own = domain(m, f)?;
            equal(m, &own, wanted)
        }
    }
}

/// `r.name`.
///
/// # Errors
/// When `r` is no record or has no such field.
#[inline]
pub fn field(m: &mut dyn Machine, r: &Value, name: Symbol) -> Result<Value> {
    match r {
        Value::Record(record) => match record.get(name) {
            Some(value) => Ok(value.clone()),
            None => Err(no_field(r, name)),
        },
        Value::Lazy(_) | Value::Function(_) => {
            let text = Value::String(name);
            apply(m, r, &text)
        }
        Value::Tuple(_) => Err(wrong_index(r, &Value::String(name))),
        _ => Err(Fault::new(
            FaultKind::Type,
            format!(
                "Attempted to select field {} from {} {}.",
                Value::String(name).display(),
                r.kind_name(),
                r.display()
            ),
        )),
    }
}

#[cold]
fn no_field(r: &Value, name: Symbol) -> Box<Fault> {
    Fault::new(
        FaultKind::OutOfDomain,
        format!(
            "Attempted to select nonexistent field {} from the record {}.",
            Value::String(name).display(),
            r.display()
        ),
    )
}

/// A function whose domain is `1..n` as a tuple; `None` for anything else.
///
/// # Errors
/// When evaluating an unevaluated function fails.
pub fn sequence(m: &mut dyn Machine, v: &Value) -> Result<Option<Shared<Tuple>>> {
    match v {
        Value::Tuple(tuple) => Ok(Some(tuple.clone())),
        Value::Lazy(lazy) if lazy.shape().is_function() => match listed(m, v)? {
            Value::Tuple(tuple) => Ok(Some(tuple)),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// The length of a sequence, if it is one that says so without being listed.
pub fn sequence_len(v: &Value) -> Option<usize> {
    match v {
        Value::Tuple(tuple) => Some(tuple.items().len()),
        Value::Lazy(lazy) => lazy.probe()?.len(),
        _ => None,
    }
}

/// The graph of a function: its sorted domain and the values in that order; `None` for anything else.
///
/// # Errors
/// When evaluating an unevaluated function fails.
pub fn function_pairs(m: &mut dyn Machine, v: &Value) -> Result<Option<(Vec<Value>, Vec<Value>)>> {
    let function = match v {
        Value::Lazy(lazy) if lazy.shape().is_function() => listed(m, v)?,
        Value::Lazy(_) => return Ok(None),
        _ => v.clone(),
    };
    let Some(len) = function_len(&function) else { return Ok(None) };
    let domain = (0..len).map(|index| super::order::argument(&function, index)).collect();
    Ok(Some((domain, function_values(&function).to_vec())))
}

/// The value `@` stands for in `[f EXCEPT ![index] = …]`; `None` outside the domain, where EXCEPT keeps `f`.
///
/// # Errors
/// When `f` is no function or the index is of a wrong kind.
pub fn except_get(m: &mut dyn Machine, f: &Value, index: &Value) -> Result<Option<Value>> {
    match (f, index) {
        (Value::Tuple(tuple), Value::Int(index)) => Ok(at(tuple.items(), *index).cloned()),
        (Value::Record(record), Value::String(name)) => Ok(record.get(*name).cloned()),
        (Value::Tuple(_) | Value::Record(_), _) => Err(wrong_index(f, index)),
        (Value::Function(function), _) => Ok(function.get(m, index)?.cloned()),
        (Value::Lazy(lazy), _) => {
            if let Some(known) = lazy.known() {
                let known = known.clone();
                return except_get(m, &known, index);
            }
            match lazy.shape() {
                Shape::Lambda(lambda) => {
                    if lambda.in_domain(m, index)? {
                        lambda.value_at(m, index).map(Some)
                    } else {
                        Ok(None)
                    }
                }
                Shape::Changed { function, argument, value } => {
                    if equal(m, argument, index)? {
                        Ok(Some(value.clone()))
                    } else {
                        except_get(m, function, index)
                    }
                }
                Shape::Probe(probe) => except_get(m, &probe.value(), index),
                _ => Err(not_a_function(f)),
            }
        }
        _ => Err(not_a_function(f)),
    }
}

/// `[f EXCEPT ![index] = new]`: `f` itself outside the domain.
///
/// # Errors
/// When `f` is no function or the index is of a wrong kind.
pub fn except_set(m: &mut dyn Machine, f: &Value, index: &Value, new: Value) -> Result<Value> {
    match (f, index) {
        (Value::Tuple(tuple), Value::Int(index)) => {
            if at(tuple.items(), *index).is_none() {
                return Ok(f.clone());
            }
            Ok(Value::Tuple(replaced(tuple, TupleKind, *index as usize - 1, new)))
        }
        (Value::Record(record), Value::String(name)) => Ok(match record.shape().position(*name) {
            Some(place) => Value::Record(replaced(record, RecordKind(record.shape()), place, new)),
            None => f.clone(),
        }),
        (Value::Tuple(_) | Value::Record(_), _) => Err(wrong_index(f, index)),
        (Value::Function(function), _) => Ok(match function.position(m, index)? {
            Some(place) => {
                let domain = FunctionKind(function.domain_set().clone());
                Value::Function(replaced(function, domain, place, new))
            }
            None => f.clone(),
        }),
        (Value::Lazy(lazy), _) => {
            if let Some(known) = lazy.known() {
                let known = known.clone();
                return except_set(m, &known, index, new);
            }
            let inside = match lazy.shape() {
                Shape::Probe(probe) => return except_set(m, &probe.value(), index, new),
                Shape::Lambda(lambda) => lambda.in_domain(m, index)?,
                Shape::Changed { .. } => {
                    let domain = domain(m, f)?;
                    member(m, index, &domain)?
                }
                _ => return Err(not_a_function(f)),
            };
            Ok(if inside { Value::changed(f.clone(), index.clone(), new) } else { f.clone() })
        }
        _ => Err(not_a_function(f)),
    }
}

/// Lists an unevaluated function with changes: the last change of an argument counts.
pub(super) fn list_changed(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    let own_domain = domain(m, v)?;
    let own_domain = to_set(m, &own_domain)?;
    let mut values = Vec::with_capacity(own_domain.elements().len());
    for argument in own_domain.elements() {
        values.push(apply(m, v, argument)?);
    }
    Ok(Value::function_sorted(own_domain, values))
}
