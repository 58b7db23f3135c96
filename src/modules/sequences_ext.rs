//! SequencesExt: conversions between sets and sequences, selecting, folding.

use super::argument::{Call, listed};
use super::functions::fold;
use super::native::{Native, pure};
use super::tlc::{arrangements, sorted};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("SequencesExt", "ToSet", 1, to_set),
    pure("SequencesExt", "ToBag", 1, to_bag),
    pure("SequencesExt", "SetToSeq", 1, set_to_seq),
    pure("SequencesExt", "SetToSeqs", 1, set_to_seqs),
    pure("SequencesExt", "SetToSortSeq", 2, set_to_sort_seq),
    pure("SequencesExt", "SetToAllKPermutations", 1, set_to_all_k_permutations),
    pure("SequencesExt", "SeqOf", 2, |machine, arguments| seq_of(machine, "SeqOf", arguments)),
    pure("SequencesExt", "BoundedSeq", 2, |machine, arguments| seq_of(machine, "BoundedSeq", arguments)),
    pure("SequencesExt", "Contains", 2, contains),
    pure("SequencesExt", "IsSorted", 2, is_sorted),
    pure("SequencesExt", "Reverse", 1, reverse),
    pure("SequencesExt", "Remove", 2, remove),
    pure("SequencesExt", "ReplaceAll", 3, replace_all),
    pure("SequencesExt", "SelectInSeq", 2, select_in_seq),
    pure("SequencesExt", "SelectLastInSeq", 2, select_last_in_seq),
    pure("SequencesExt", "RemoveAt", 2, remove_at),
    pure("SequencesExt", "RemoveFirst", 2, remove_first),
    pure("SequencesExt", "RemoveFirstMatch", 2, remove_first_match),
    pure("SequencesExt", "Cons", 2, cons),
    pure("SequencesExt", "FoldSeq", 3, fold_seq),
    pure("SequencesExt", "FoldLeft", 3, fold_left),
    pure("SequencesExt", "FoldRight", 3, fold_right),
    pure("SequencesExt", "FoldLeftDomain", 3, fold_left_domain),
    pure("SequencesExt", "FoldRightDomain", 3, fold_right_domain),
    pure("SequencesExt", "Zip", 2, zip),
];

fn to_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (_, values) = Call::new("ToSet", arguments).function(machine, 0)?;
    listed(machine, values)
}

fn to_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (_, values) = Call::new("ToBag", arguments).function(machine, 0)?;
    let range = value::to_set(machine, &Value::set_literal(values.clone()))?;
    let mut counts = Vec::with_capacity(range.elements().len());
    for element in range.elements() {
        let mut copies = 0;
        for value in &values {
            copies += i64::from(value::equal(machine, element, value)?);
        }
        counts.push(Value::Int(copies));
    }
    Value::function(machine, range.elements().to_vec(), counts)
}

fn set_to_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let set = Call::new("SetToSeq", arguments).set(machine, 0)?;
    Ok(Value::tuple(set.elements().to_vec()))
}

/// All sequences of `length` different elements.
fn rows(machine: &mut dyn Machine, operator: &str, elements: &[Value], length: usize) -> Result<Vec<Value>> {
    let orders = arrangements(machine, operator, elements.len(), length)?;
    Ok(orders.iter().map(|order| Value::tuple(order.iter().map(|place| elements[*place].clone()).collect())).collect())
}

fn set_to_seqs(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let set = Call::new("SetToSeqs", arguments).set(machine, 0)?;
    let rows = rows(machine, "SetToSeqs", set.elements(), set.elements().len())?;
    listed(machine, rows)
}

fn set_to_sort_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SetToSortSeq", arguments);
    let elements = call.set(machine, 0)?.elements().to_vec();
    sorted(machine, &call, elements)
}

fn set_to_all_k_permutations(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let set = Call::new("SetToAllKPermutations", arguments).set(machine, 0)?;
    let mut all = Vec::new();
    for length in 0..=set.elements().len() {
        all.extend(rows(machine, "SetToAllKPermutations", set.elements(), length)?);
    }
    listed(machine, all)
}

/// Sequences over a set, up to a length: described, not listed.
fn seq_of(machine: &mut dyn Machine, operator: &'static str, arguments: &[Value]) -> Result<Value> {
    let call = Call::new(operator, arguments);
    let longest = call.int(1)?;
    if longest > 0 && !matches!(call.value(0), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.fault(FaultKind::NotEnumerable, 0, "a set"));
    }
    if longest > machine.max_set_size() as i64 {
        return Err(call.fault(FaultKind::TooLarge, 1, "smaller"));
    }
    let mut all = Value::empty_set();
    for length in 0..=longest {
        let row = Value::function_set(Value::interval(1, length), call.value(0).clone());
        all = if length == 0 { row } else { Value::cup(all, row) };
    }
    Ok(all)
}

fn contains(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("Contains", arguments).sequence(machine, 0)?;
    for item in sequence.items() {
        if value::equal(machine, item, &arguments[1])? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn is_sorted(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("IsSorted", arguments);
    let sequence = call.sequence(machine, 0)?;
    let ordered = call.operator(1)?;
    for (late, right) in sequence.items().iter().enumerate() {
        for left in &sequence.items()[..late] {
            if !call.holds(machine, 1, &ordered, &[left.clone(), right.clone()])? {
                return Ok(Value::Bool(false));
            }
        }
    }
    Ok(Value::Bool(true))
}

fn reverse(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("Reverse", arguments).sequence(machine, 0)?;
    Ok(Value::tuple(sequence.items().iter().rev().cloned().collect()))
}

fn remove(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("Remove", arguments).sequence(machine, 0)?;
    let mut kept = Vec::new();
    for item in sequence.items() {
        if !value::equal(machine, item, &arguments[1])? {
            kept.push(item.clone());
        }
    }
    Ok(Value::tuple(kept))
}

fn replace_all(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("ReplaceAll", arguments).sequence(machine, 0)?;
    let mut items = Vec::with_capacity(sequence.items().len());
    for item in sequence.items() {
        let replaced = value::equal(machine, item, &arguments[1])?;
        items.push(if replaced { arguments[2].clone() } else { item.clone() });
    }
    Ok(Value::tuple(items))
}

/// The place of the first item that satisfies the predicate at position 1.
fn first_match(
    machine: &mut dyn Machine,
    call: &Call<'_>,
    items: impl Iterator<Item = Value>,
) -> Result<Option<usize>> {
    let test = call.operator(1)?;
    for (place, item) in items.enumerate() {
        if call.holds(machine, 1, &test, &[item])? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

fn select_in_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SelectInSeq", arguments);
    let sequence = call.sequence(machine, 0)?;
    let place = first_match(machine, &call, sequence.items().iter().cloned())?;
    Ok(Value::Int(place.map_or(0, |place| place as i64 + 1)))
}

fn select_last_in_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SelectLastInSeq", arguments);
    let sequence = call.sequence(machine, 0)?;
    let place = first_match(machine, &call, sequence.items().iter().rev().cloned())?;
    Ok(Value::Int(place.map_or(0, |place| (sequence.items().len() - place) as i64)))
}

fn without(items: &[Value], place: usize) -> Value {
    Value::tuple([&items[..place], &items[place + 1..]].concat())
}

/// A place outside the sequence removes nothing, unlike in the text.
fn remove_at(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RemoveAt", arguments);
    let sequence = call.sequence(machine, 0)?;
    let place = call.int(1)?;
    if place < 1 || place > sequence.items().len() as i64 {
        return Ok(Value::Tuple(sequence));
    }
    Ok(without(sequence.items(), (place - 1) as usize))
}

fn remove_first(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("RemoveFirst", arguments).sequence(machine, 0)?;
    for (place, item) in sequence.items().iter().enumerate() {
        if value::equal(machine, item, &arguments[1])? {
            return Ok(without(sequence.items(), place));
        }
    }
    Ok(Value::Tuple(sequence))
}

fn remove_first_match(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RemoveFirstMatch", arguments);
    let sequence = call.sequence(machine, 0)?;
    match first_match(machine, &call, sequence.items().iter().cloned())? {
        Some(place) => Ok(without(sequence.items(), place)),
        None => Ok(Value::Tuple(sequence)),
    }
}

fn cons(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("Cons", arguments).sequence(machine, 1)?;
    Ok(Value::tuple([std::slice::from_ref(&arguments[0]), sequence.items()].concat()))
}

fn fold_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldSeq", arguments);
    let combine = call.operator(0)?;
    let (_, values) = call.function(machine, 2)?;
    fold(machine, &combine, call.value(1).clone(), values)
}

fn fold_from_left(machine: &mut dyn Machine, call: &Call<'_>, items: impl Iterator<Item = Value>) -> Result<Value> {
    let combine = call.operator(0)?;
    let mut folded = call.value(1).clone();
    for item in items {
        folded = combine.call(machine, &[folded, item])?;
    }
    Ok(folded)
}

fn fold_left(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldLeft", arguments);
    let sequence = call.sequence(machine, 2)?;
    fold_from_left(machine, &call, sequence.items().iter().cloned())
}

fn fold_left_domain(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldLeftDomain", arguments);
    let sequence = call.sequence(machine, 2)?;
    fold_from_left(machine, &call, (1..=sequence.items().len() as i64).map(Value::Int))
}

fn fold_right(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldRight", arguments);
    let combine = call.operator(0)?;
    let sequence = call.sequence(machine, 1)?;
    fold(machine, &combine, call.value(2).clone(), sequence.items().iter().rev().cloned())
}

fn fold_right_domain(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldRightDomain", arguments);
    let combine = call.operator(0)?;
    let sequence = call.sequence(machine, 1)?;
    let places = (1..=sequence.items().len() as i64).rev().map(Value::Int);
    fold(machine, &combine, call.value(2).clone(), places)
}

fn zip(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Zip", arguments);
    let (left, right) = (call.sequence(machine, 0)?, call.sequence(machine, 1)?);
    let pairs = left.items().iter().zip(right.items());
    Ok(Value::tuple(pairs.map(|(a, b)| Value::tuple(vec![a.clone(), b.clone()])).collect()))
}
