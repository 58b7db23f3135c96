//! The structural order of states: which of several findings counts, and which of several ways to it is shown.
//!
//! No id, slot or thread has a part in it. Slots stand in the order of variables and of their domains, so one after
//! the other is compared; but the slots of a set that is kept by its elements stand in the order in which elements
//! were first met, so such sets are compared as a whole.

use std::cmp::Ordering;

use crate::value::{Universe, Value, compare_total};

use super::slots::{Entry, Lookup, Slots};

/// Compares two states of one layout.
pub(super) fn compare_rows(
    universe: &'static Universe,
    (slots, lookup): (&Slots, &mut Lookup),
    left: &[u32],
    right: &[u32],
) -> Ordering {
    let mut sets = slots.sets().peekable();
    let mut slot = 0;
    while slot < left.len() {
        let set = sets.next_if(|set| set.start == slot);
        let range = set.clone().unwrap_or(slot..slot + 1);
        slot = range.end;
        if left[range.clone()] == right[range.clone()] {
            continue;
        }
        let (l, r) = (lookup.entry(range.start, left[range.start]), lookup.entry(range.start, right[range.start]));
        let order = if set.is_some() && is_part(l) && is_part(r) {
            let (l, r) = (elements(universe, lookup, range.clone(), left), elements(universe, lookup, range, right));
            compare_total(&l, &r)
        } else {
            match (l.value(), r.value()) {
                (Some(a), Some(b)) => universe.compare(a, b).then(l.depth().cmp(&r.depth())),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// True if a slot holds what is meant for it.
fn is_part(entry: Entry) -> bool {
    entry.value().is_some() && entry.depth() == 0
}

/// The set whose elements some slots of a row hold.
fn elements(universe: &'static Universe, lookup: &mut Lookup, slots: std::ops::Range<usize>, row: &[u32]) -> Value {
    let mut elements = Vec::new();
    for slot in slots.filter(|slot| row[*slot] != 0) {
        if let Some(Value::Set(part)) = lookup.entry(slot, row[slot]).value().map(|id| universe.value(id)) {
            elements.extend_from_slice(part.elements());
        }
    }
    elements.sort_by(compare_total);
    Value::set_sorted(elements)
}
