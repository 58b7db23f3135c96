//! SequencesExt: prefixes, suffixes, parts of sequences and their replacement.
//!
//! These work on strings too, as a row of their characters.

use super::argument::{Call, listed};
use super::native::{Native, pure};
use super::sequences::text;
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("SequencesExt", "IsPrefix", 2, |m, a| prefix(m, "IsPrefix", a, false)),
    pure("SequencesExt", "IsStrictPrefix", 2, |m, a| prefix(m, "IsStrictPrefix", a, true)),
    pure("SequencesExt", "IsSuffix", 2, |m, a| suffix(m, "IsSuffix", a, false)),
    pure("SequencesExt", "IsStrictSuffix", 2, |m, a| suffix(m, "IsStrictSuffix", a, true)),
    pure("SequencesExt", "Prefixes", 1, prefixes),
    pure("SequencesExt", "Suffixes", 1, suffixes),
    pure("SequencesExt", "LongestCommonPrefix", 1, longest_common_prefix),
    pure("SequencesExt", "FlattenSeq", 1, flatten_seq),
    pure("SequencesExt", "SubSeqs", 1, sub_seqs),
    pure("SequencesExt", "AllSubSeqs", 1, all_sub_seqs),
    pure("SequencesExt", "IndexFirstSubSeq", 2, index_first_sub_seq),
    pure("SequencesExt", "ReplaceFirstSubSeq", 3, replace_first_sub_seq),
    pure("SequencesExt", "ReplaceAllSubSeqs", 3, replace_all_sub_seqs),
];

/// A sequence, or a string as its characters.
struct Row {
    items: Vec<Value>,
    is_string: bool,
}

impl Row {
    fn of(machine: &mut dyn Machine, call: &Call<'_>, position: usize) -> Result<Self> {
        if let Some(text) = text(call.value(position)) {
            let mut bytes = [0; 4];
            let items = text.chars().map(|c| Value::string(c.encode_utf8(&mut bytes))).collect();
            return Ok(Self { items, is_string: true });
        }
        let items = call.sequence(machine, position)?.items().to_vec();
        Ok(Self { items, is_string: false })
    }

    /// `items` as a value of the same kind as this row.
    fn value(&self, items: &[Value]) -> Value {
        if self.is_string {
            Value::string(&items.iter().filter_map(text).collect::<String>())
        } else {
            Value::tuple(items.to_vec())
        }
    }
}

fn starts_with(machine: &mut dyn Machine, whole: &[Value], part: &[Value]) -> Result<bool> {
    if part.len() > whole.len() {
        return Ok(false);
    }
    for (a, b) in part.iter().zip(whole) {
        if !value::equal(machine, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where `part` first occurs in `whole`, counted from 0.
fn first_place(machine: &mut dyn Machine, whole: &[Value], part: &[Value]) -> Result<Option<usize>> {
    for start in 0..=whole.len() {
        if starts_with(machine, &whole[start..], part)? {
            return Ok(Some(start));
        }
    }
    Ok(None)
}

fn prefix(machine: &mut dyn Machine, operator: &'static str, arguments: &[Value], strict: bool) -> Result<Value> {
    let call = Call::new(operator, arguments);
    let (part, whole) = (Row::of(machine, &call, 0)?, Row::of(machine, &call, 1)?);
    let starts = starts_with(machine, &whole.items, &part.items)?;
    Ok(Value::Bool(starts && !(strict && part.items.len() == whole.items.len())))
}

fn suffix(machine: &mut dyn Machine, operator: &'static str, arguments: &[Value], strict: bool) -> Result<Value> {
    let call = Call::new(operator, arguments);
    let (part, whole) = (call.sequence(machine, 0)?, call.sequence(machine, 1)?);
    let (part, whole) = (part.items(), whole.items());
    if part.len() > whole.len() {
        return Ok(Value::Bool(false));
    }
    let ends = starts_with(machine, &whole[whole.len() - part.len()..], part)?;
    Ok(Value::Bool(ends && !(strict && part.len() == whole.len())))
}

fn prefixes(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let row = Row::of(machine, &Call::new("Prefixes", arguments), 0)?;
    let all = (0..=row.items.len()).map(|end| row.value(&row.items[..end])).collect();
    listed(machine, all)
}

fn suffixes(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let row = Row::of(machine, &Call::new("Suffixes", arguments), 0)?;
    let all = (0..=row.items.len()).map(|start| row.value(&row.items[start..])).collect();
    listed(machine, all)
}

fn longest_common_prefix(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("LongestCommonPrefix", arguments);
    let set = call.set(machine, 0)?;
    let [first, rest @ ..] = set.elements() else {
        return Err(call.fault(FaultKind::ChooseNone, 0, "a non-empty set of sequences"));
    };
    let row = Row::of(machine, &Call::new("LongestCommonPrefix", std::slice::from_ref(first)), 0)?;
    let mut common = row.items.len();
    for other in rest {
        let other = Row::of(machine, &Call::new("LongestCommonPrefix", std::slice::from_ref(other)), 0)?;
        common = common.min(other.items.len());
        for place in 0..common {
            if !value::equal(machine, &row.items[place], &other.items[place])? {
                common = place;
                break;
            }
        }
    }
    Ok(row.value(&row.items[..common]))
}

fn flatten_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FlattenSeq", arguments);
    let sequences = call.sequence(machine, 0)?;
    if let Some(texts) = sequences.items().iter().map(text).collect::<Option<Vec<_>>>()
        && !texts.is_empty()
    {
        return Ok(Value::string(&texts.concat()));
    }
    let mut items = Vec::new();
    for sequence in sequences.items() {
        let Some(sequence) = value::sequence(machine, sequence)? else {
            return Err(call.wrong(0, "a sequence of sequences"));
        };
        items.extend_from_slice(sequence.items());
    }
    Ok(Value::tuple(items))
}

fn sub_seqs(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let row = Row::of(machine, &Call::new("SubSeqs", arguments), 0)?;
    let length = row.items.len();
    let all = (0..=length)
        .flat_map(|start| (start..=length).map(move |end| (start, end)))
        .map(|(start, end)| row.value(&row.items[start..end]))
        .collect();
    listed(machine, all)
}

fn all_sub_seqs(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("AllSubSeqs", arguments);
    let sequence = call.sequence(machine, 0)?;
    let size = 1usize.checked_shl(sequence.items().len() as u32);
    if sequence.items().len() >= 63 || size.is_none_or(|size| size > machine.max_set_size()) {
        return Err(call.fault(FaultKind::TooLarge, 0, "a shorter sequence"));
    }
    let mut parts: Vec<Vec<Value>> = vec![Vec::new()];
    for item in sequence.items() {
        let longer: Vec<_> = parts
            .iter()
            .map(|part| {
                let mut longer = part.clone();
                longer.push(item.clone());
                longer
            })
            .collect();
        parts.extend(longer);
    }
    listed(machine, parts.into_iter().map(Value::tuple).collect())
}

fn index_first_sub_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("IndexFirstSubSeq", arguments);
    let (part, whole) = (Row::of(machine, &call, 0)?, Row::of(machine, &call, 1)?);
    match first_place(machine, &whole.items, &part.items)? {
        Some(place) => Ok(Value::Int(place as i64 + 1)),
        None => Err(Fault::new(
            FaultKind::ChooseNone,
            format!(
                "IndexFirstSubSeq: the first argument\n{}\ndoes not occur in the second\n{}",
                arguments[0].display(),
                arguments[1].display()
            ),
        )),
    }
}

/// The arguments `r, s, t` of a replacement, all sequences or all strings.
fn replacement(machine: &mut dyn Machine, call: &Call<'_>) -> Result<[Row; 3]> {
    let rows = [Row::of(machine, call, 0)?, Row::of(machine, call, 1)?, Row::of(machine, call, 2)?];
    let whole = rows[2].is_string;
    match rows[..2].iter().position(|row| row.is_string != whole) {
        Some(odd) => Err(call.wrong(odd, if whole { "a string" } else { "a sequence" })),
        None => Ok(rows),
    }
}

fn replace_first_sub_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ReplaceFirstSubSeq", arguments);
    let [new, old, whole] = replacement(machine, &call)?;
    let Some(place) = first_place(machine, &whole.items, &old.items)? else {
        return Ok(arguments[2].clone());
    };
    let after = place + old.items.len();
    Ok(whole.value(&[&whole.items[..place], &new.items, &whole.items[after..]].concat()))
}

/// Occurrences are replaced from the left; an empty `s` occurs before every item.
fn replace_all_sub_seqs(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ReplaceAllSubSeqs", arguments);
    let [new, old, whole] = replacement(machine, &call)?;
    if whole.items.is_empty() {
        return Ok(if old.items.is_empty() { arguments[0].clone() } else { arguments[2].clone() });
    }
    let mut items = Vec::new();
    let mut place = 0;
    while place < whole.items.len() {
        if starts_with(machine, &whole.items[place..], &old.items)? {
            items.extend_from_slice(&new.items);
            if !old.items.is_empty() {
                place += old.items.len();
                continue;
            }
        }
        items.push(whole.items[place].clone());
        place += 1;
    }
    Ok(whole.value(&items))
}
