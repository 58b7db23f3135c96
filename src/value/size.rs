//! How many elements a set has: by arithmetic where its description allows.

use super::Value;
use super::lazy::Shape;
use super::machine::{Fault, FaultKind, Machine, Result};
use super::normal::{not_enumerable, to_set};

/// `Cardinality(v)`.
///
/// # Errors
/// When `v` is no set, is infinite or has more elements than an integer can say.
pub fn cardinality(m: &mut dyn Machine, v: &Value) -> Result<i64> {
    let lazy = match v {
        Value::Set(set) => return Ok(set.elements().len() as i64),
        Value::Lazy(lazy) if !lazy.shape().is_function() => lazy,
        _ => {
            return Err(Fault::new(
                FaultKind::Type,
                format!("Attempted to compute the cardinality of {} {}.", v.kind_name(), v.display()),
            ));
        }
    };
    let count = match lazy.shape() {
        Shape::Interval(low, high) => i64::try_from(high.abs_diff(*low)).ok().and_then(|gap| gap.checked_add(1)),
        Shape::Probe(probe) => probe.size().and_then(|size| i64::try_from(size).ok()),
        Shape::PowerSet(set) => power(2, cardinality(m, set)?),
        Shape::FunctionSet(domain, range) => {
            let (domain, range) = (cardinality(m, domain)?, cardinality(m, range)?);
            power(range, domain)
        }
        Shape::RecordSet(fields) => product(m, fields.iter().map(|(_, set)| set))?,
        Shape::Product(factors) => product(m, factors.iter())?,
        shape if shape.is_endless() => return Err(not_enumerable(v)),
        _ => i64::try_from(to_set(m, v)?.elements().len()).ok(),
    };
    let most = if m.int32() { i64::from(i32::MAX) } else { i64::MAX };
    count.filter(|count| *count <= most).ok_or_else(|| {
        Fault::new(
            FaultKind::Overflow,
            format!("The cardinality of {} is beyond the largest integer, {most}.", v.display()),
        )
    })
}

fn power(base: i64, exponent: i64) -> Option<i64> {
    match base {
        0 | 1 => Some(if exponent == 0 { 1 } else { base }),
        _ => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn product<'v>(m: &mut dyn Machine, sets: impl Iterator<Item = &'v Value>) -> Result<Option<i64>> {
    let mut count = Some(1_i64);
    let mut empty = false;
    for set in sets {
        let size = cardinality(m, set)?;
        empty |= size == 0;
        count = count.and_then(|count| count.checked_mul(size));
    }
    Ok(if empty { Some(0) } else { count })
}

/// `IsFiniteSet(v)`.
///
/// # Errors
/// When `v` is no set, or one of which that is not known.
pub fn is_finite(m: &mut dyn Machine, v: &Value) -> Result<bool> {
    let lazy = match v {
        Value::Set(_) => return Ok(true),
        Value::Lazy(lazy) if !lazy.shape().is_function() => lazy,
        _ => {
            return Err(Fault::new(
                FaultKind::Incomparable,
                format!("Attempted to check if {} {} is a finite set.", v.kind_name(), v.display()),
            ));
        }
    };
    match lazy.shape() {
        Shape::Interval(..) | Shape::Literal(_) | Shape::Probe(_) => Ok(true),
        Shape::PowerSet(set) => is_finite(m, set),
        Shape::FunctionSet(domain, range) => Ok(is_finite(m, domain)? && is_finite(m, range)?),
        Shape::RecordSet(fields) => all_finite(m, fields.iter().map(|(_, set)| set)),
        Shape::Product(factors) => all_finite(m, factors.iter()),
        Shape::Cup(a, b) => Ok(is_finite(m, a)? && is_finite(m, b)?),
        Shape::Cap(a, b) if is_finite(m, a)? || is_finite(m, b)? => Ok(true),
        Shape::Difference(set, _) | Shape::Filter(set, _) if is_finite(m, set)? => Ok(true),
        Shape::BigUnion(sets) => union_finite(m, sets),
        shape if shape.is_endless() => Ok(false),
        _ => {
            Err(Fault::new(FaultKind::Incomparable, format!("Attempted to check if {} is a finite set.", v.display())))
        }
    }
}

fn all_finite<'v>(m: &mut dyn Machine, sets: impl Iterator<Item = &'v Value>) -> Result<bool> {
    for set in sets {
        if !is_finite(m, set)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn union_finite(m: &mut dyn Machine, sets: &Value) -> Result<bool> {
    if !is_finite(m, sets)? {
        return Ok(false);
    }
    let mut sets = super::elements::elements(m, sets)?;
    while let Some(set) = sets.next(m)? {
        if !is_finite(m, &set)? {
            return Ok(false);
        }
    }
    Ok(true)
}
