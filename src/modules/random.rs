//! Randomization, and drawing for `RandomElement`.
//!
//! Numbers come from the machine's SplitMix64 state, so that a run with the same seed repeats.

use super::argument::{Call, listed};
use super::native::{Native, impure};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, Value};

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

/// A random element of a set, `None` if it is empty.
pub(super) fn element(machine: &mut dyn Machine, set: &Value) -> Result<Option<Value>> {
    let size = value::cardinality(machine, set)?;
    if size <= 0 {
        return Ok(None);
    }
    let place = below(machine, size as u64);
    nth(machine, set, place).map(Some)
}

/// The element at a place of the enumeration, counted from 0.
fn nth(machine: &mut dyn Machine, set: &Value, place: u64) -> Result<Value> {
    value::nth_element(machine, set, place)
}

/// `RandomSubset(k, S)`: k different elements, or all if there are fewer.
fn random_subset(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RandomSubset", arguments);
    let wanted = call.natural(0)? as usize;
    if !matches!(call.value(1), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.wrong(1, "a finite set"));
    }
    let size = usize::try_from(value::cardinality(machine, call.value(1))?).unwrap_or(usize::MAX);
    if wanted >= size {
        return call.set(machine, 1).map(Value::Set);
    }
    if wanted > machine.max_set_size() {
        return Err(call.fault(FaultKind::TooLarge, 0, "at most the limit for one set"));
    }
    let mut elements = Vec::with_capacity(wanted);
    for place in distinct_places(machine, size, wanted) {
        elements.push(nth(machine, call.value(1), place as u64)?);
    }
    listed(machine, elements)
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
fn subsets(
    machine: &mut dyn Machine,
    call: &Call<'_>,
    wanted: usize,
    probability: f64,
) -> Result<Vec<Value>> {
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
