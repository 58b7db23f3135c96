//! Randomization, and drawing for `RandomElement`.
//!
//! Numbers come from the machine's SplitMix64 state, so that a run with the same seed repeats.

use super::argument::{Call, listed};
use super::native::{Native, impure};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, LazyShape, Value};

pub(super) static NATIVES: &[Native] = &[
    impure("Randomization", "RandomSubset", 2, random_subset),
    impure("Randomization", "RandomSetOfSubsets", 3, random_set_of_subsets),
    impure("Randomization", "RandomSubsetSet", 3, random_subset_set),
    impure("Randomization", "TestRandomSetOfSubsets", 3, test_random_set_of_subsets),
];

/// The next 64 random bits (Steele, Lea, Flood 2014: SplitMix).
fn bits(machine: &mut dyn Machine) -> u64 {
    let state = &mut machine.services().random;
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A number below `limit`, which is at least 1.
fn below(machine: &mut dyn Machine, limit: u64) -> u64 {
    ((u128::from(bits(machine)) * u128::from(limit)) >> 64) as u64
}

/// A number in 0..1.
fn fraction(machine: &mut dyn Machine) -> f64 {
    (bits(machine) >> 11) as f64 / (1u64 << 53) as f64
}

/// A random element of a set, `None` if it is empty. Described sets are drawn from part by part, so that
/// their size does not matter.
pub(super) fn element(machine: &mut dyn Machine, set: &Value) -> Result<Option<Value>> {
    let Value::Lazy(lazy) = set else { return listed_element(machine, set) };
    match lazy.shape() {
        LazyShape::Interval(low, high) => {
            let size = high.abs_diff(*low).saturating_add(1);
            Ok(Some(Value::Int(low.wrapping_add_unsigned(below(machine, size)))))
        }
        LazyShape::PowerSet(base) => {
            let base = value::to_set(machine, base)?;
            let taken = base.elements().iter().filter(|_| bits(machine) & 1 == 1).cloned().collect();
            Ok(Some(Value::set_sorted(taken)))
        }
        LazyShape::FunctionSet(domain, range) => {
            let domain = value::to_set(machine, domain)?.elements().to_vec();
            let Some(values) = each(machine, domain.iter().map(|_| range))? else { return Ok(None) };
            Value::function(machine, domain, values).map(Some)
        }
        LazyShape::RecordSet(fields) => {
            let Some(values) = each(machine, fields.iter().map(|(_, set)| set))? else { return Ok(None) };
            Ok(Some(Value::record(fields.iter().map(|(name, _)| *name).zip(values).collect())))
        }
        LazyShape::Product(factors) => Ok(each(machine, factors.iter())?.map(Value::tuple)),
        _ => listed_element(machine, set),
    }
}

fn listed_element(machine: &mut dyn Machine, set: &Value) -> Result<Option<Value>> {
    let listed = value::to_set(machine, set)?;
    match listed.elements().len() {
        0 => Ok(None),
        size => Ok(Some(listed.elements()[below(machine, size as u64) as usize].clone())),
    }
}

/// An element of each set, `None` if one is empty.
fn each<'v>(machine: &mut dyn Machine, sets: impl Iterator<Item = &'v Value>) -> Result<Option<Vec<Value>>> {
    sets.map(|set| element(machine, set)).collect()
}

/// `RandomSubset(k, S)`: k different elements, or all if there are fewer.
fn random_subset(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RandomSubset", arguments);
    let wanted = call.natural(0)? as usize;
    if !matches!(call.value(1), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.wrong(1, "a finite set"));
    }
    let size = match value::cardinality(machine, call.value(1)) {
        Ok(size) => usize::try_from(size).unwrap_or(0),
        Err(fault) if fault.kind == FaultKind::Overflow => usize::MAX,
        Err(fault) => return Err(fault),
    };
    if size <= wanted.saturating_mul(2) {
        let set = call.set(machine, 1)?;
        let places = distinct_places(machine, size, wanted.min(size));
        return Ok(Value::set_sorted(places.into_iter().map(|place| set.elements()[place].clone()).collect()));
    }
    if wanted > machine.max_set_size() {
        return Err(call.fault(FaultKind::TooLarge, 0, "at most the limit for one set"));
    }
    // More than half of all draws are new: rounds end quickly.
    let mut subset = Vec::new();
    while subset.len() < wanted {
        for _ in subset.len()..wanted {
            subset.extend(element(machine, call.value(1))?);
        }
        subset = value::to_set(machine, &Value::set_literal(subset))?.elements().to_vec();
    }
    Ok(Value::set_sorted(subset))
}

/// `wanted` different numbers below `size`, each such set equally likely (Floyd).
fn distinct_places(machine: &mut dyn Machine, size: usize, wanted: usize) -> Vec<usize> {
    let mut chosen = std::collections::BTreeSet::new();
    for limit in size - wanted..size {
        let place = below(machine, limit as u64 + 1) as usize;
        if !chosen.insert(place) {
            chosen.insert(limit);
        }
    }
    chosen.into_iter().collect()
}

/// Draws subsets whose elements are taken with the given probability.
fn subsets(machine: &mut dyn Machine, call: &Call<'_>, wanted: usize, probability: f64) -> Result<Vec<Value>> {
    let set = call.set(machine, 2)?;
    if wanted > machine.max_set_size() {
        return Err(call.fault(FaultKind::TooLarge, 0, "at most the limit for one set"));
    }
    let mut subsets = Vec::with_capacity(wanted);
    for _ in 0..wanted {
        let mut subset = Vec::new();
        for element in set.elements() {
            if fraction(machine) < probability {
                subset.push(element.clone());
            }
        }
        subsets.push(Value::set_sorted(subset));
    }
    Ok(subsets)
}

/// Probability with which an element is taken so that a subset has `n` elements on average.
fn probability(machine: &mut dyn Machine, call: &Call<'_>) -> Result<f64> {
    let average = call.natural(1)?;
    let size = call.set(machine, 2)?.elements().len();
    if average as u64 > size as u64 {
        return Err(call.wrong(1, "at most the size of the third argument"));
    }
    Ok(if size == 0 { 0.0 } else { average as f64 / size as f64 })
}

fn random_set_of_subsets(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RandomSetOfSubsets", arguments);
    let wanted = call.natural(0)? as usize;
    let probability = probability(machine, &call)?;
    let drawn = subsets(machine, &call, wanted, probability)?;
    listed(machine, drawn)
}

fn random_subset_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RandomSubsetSet", arguments);
    let wanted = call.natural(0)? as usize;
    let probability = call.text(1)?.parse::<f64>().ok().filter(|p| (0.0..=1.0).contains(p));
    let Some(probability) = probability else {
        return Err(call.wrong(1, "a string that denotes a number from 0 to 1"));
    };
    let drawn = subsets(machine, &call, wanted, probability)?;
    listed(machine, drawn)
}

/// How many different subsets each of five draws gives.
fn test_random_set_of_subsets(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TestRandomSetOfSubsets", arguments);
    let wanted = call.natural(0)? as usize;
    let probability = probability(machine, &call)?;
    let mut sizes = Vec::new();
    for _ in 0..5 {
        let drawn = subsets(machine, &call, wanted, probability)?;
        let set = listed(machine, drawn)?;
        sizes.push(Value::Int(value::cardinality(machine, &set)?));
    }
    Ok(Value::tuple(sizes))
}
