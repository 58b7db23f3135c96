//! Sequences.
//!
//! A string is half a sequence, as in TLC: `Len`, `Tail`, `SubSeq` and `\o` accept it, the others do not.

use super::argument::Call;
use super::native::{Native, pure};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("Sequences", "Seq", 1, |_, arguments| Ok(Value::sequences(arguments[0].clone()))),
    pure("Sequences", "Len", 1, len),
    pure("Sequences", "\\o", 2, concatenate),
    pure("Sequences", "Append", 2, append),
    pure("Sequences", "Head", 1, head),
    pure("Sequences", "Tail", 1, tail),
    pure("Sequences", "SubSeq", 3, sub_seq),
    pure("Sequences", "SelectSeq", 2, select_seq),
];

/// The text of a value, if it is a string.
pub(super) fn text(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(symbol) => Some(Universe::current().text(*symbol)),
        _ => None,
    }
}

/// `Len(value)` of the argument at `position`.
pub(super) fn length(machine: &mut dyn Machine, call: &Call<'_>, position: usize) -> Result<i64> {
    match call.value(position) {
        other if value::sequence_len(other).is_some() => Ok(value::sequence_len(other).unwrap_or_default() as i64),
        other => match text(other) {
            Some(text) => Ok(text.chars().count() as i64),
            None => Ok(call.sequence(machine, position)?.items().len() as i64),
        },
    }
}

fn len(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    length(machine, &Call::new("Len", arguments), 0).map(Value::Int)
}

fn concatenate(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("\\o", arguments);
    if let Some(left) = text(call.value(0)) {
        let right = call.text(1)?;
        return Ok(Value::string(&[left, right].concat()));
    }
    let left = call.sequence(machine, 0)?;
    let right = call.sequence(machine, 1)?;
    if right.items().is_empty() {
        return Ok(Value::Tuple(left));
    }
    if left.items().is_empty() {
        return Ok(Value::Tuple(right));
    }
    Ok(Value::tuple([left.items(), right.items()].concat()))
}

fn append(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Append", arguments);
    let sequence = call.sequence(machine, 0)?;
    let mut items = Vec::with_capacity(sequence.items().len() + 1);
    items.extend_from_slice(sequence.items());
    items.push(call.value(1).clone());
    Ok(Value::tuple(items))
}

#[cold]
fn empty(operator: &str) -> Box<Fault> {
    Fault::new(FaultKind::OutOfDomain, format!("Attempted to apply the operator {operator} to the empty sequence."))
}

fn head(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("Head", arguments).sequence(machine, 0)?;
    sequence.items().first().cloned().ok_or_else(|| empty("Head"))
}

fn tail(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Tail", arguments);
    if let Some(text) = text(call.value(0)) {
        let mut rest = text.chars();
        rest.next().ok_or_else(|| empty("Tail"))?;
        return Ok(Value::string(rest.as_str()));
    }
    let sequence = call.sequence(machine, 0)?;
    match sequence.items() {
        [] => Err(empty("Tail")),
        [_, rest @ ..] => Ok(Value::tuple(rest.to_vec())),
    }
}

fn sub_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SubSeq", arguments);
    slice(machine, &call, 0, call.int(1)?, call.int(2)?)
}

/// Elements `from..=to` of the argument at `position`.
pub(super) fn slice(machine: &mut dyn Machine, call: &Call<'_>, position: usize, from: i64, to: i64) -> Result<Value> {
    let whole = call.value(position);
    if let Some(text) = text(whole) {
        let characters: Vec<char> = text.chars().collect();
        let range = part(characters.len(), from, to, whole)?;
        return Ok(Value::string(&characters[range].iter().collect::<String>()));
    }
    let tuple = call.sequence(machine, position)?;
    let range = part(tuple.items().len(), from, to, whole)?;
    if range.len() == tuple.items().len() {
        return Ok(Value::Tuple(tuple));
    }
    Ok(Value::tuple(tuple.items()[range].to_vec()))
}

/// Positions `from..=to`, counted from 1, as a range counted from 0.
fn part(length: usize, from: i64, to: i64, sequence: &Value) -> Result<std::ops::Range<usize>> {
    if from > to {
        return Ok(0..0);
    }
    let inside = |at: i64| at >= 1 && at <= length as i64;
    if !inside(from) || !inside(to) {
        let (ordinal, bound) = if inside(from) { ("third", to) } else { ("second", from) };
        return Err(Fault::new(
            FaultKind::OutOfDomain,
            format!(
                "The {ordinal} argument of SubSeq must be in the domain of its first argument:\n{}\n, but instead it is\n{bound}",
                sequence.display()
            ),
        ));
    }
    Ok((from - 1) as usize..to as usize)
}

fn select_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SelectSeq", arguments);
    let sequence = call.sequence(machine, 0)?;
    let test = call.operator(1)?;
    let mut kept = Vec::new();
    for item in sequence.items() {
        if call.holds(machine, 1, &test, std::slice::from_ref(item))? {
            kept.push(item.clone());
        }
    }
    if kept.len() == sequence.items().len() {
        return Ok(Value::Tuple(sequence));
    }
    Ok(Value::tuple(kept))
}
