//! The structural order of states: which of several findings counts, and which of several ways to it is shown.
//!
//! No id, slot or thread has a part in it. Slots stand in the order of variables and of their domains, so one after
//! the other is compared; but the slots of a set that is kept by its elements stand in the order in which elements
//! were first met, so such sets are compared as a whole.

use std::cmp::Ordering;

use crate::value::{Universe, Value, compare_total};

use super::codec::held_ids;
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
        let order = if set.is_some() && l.is_part() && r.is_part() {
            let (l, r) = (elements(universe, lookup, range.clone(), left), elements(universe, lookup, range, right));
            compare_total(&l, &r)
        } else {
            compare_entries(universe, l, r)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Compares what one slot holds in two states.
pub(super) fn compare_entries(universe: &'static Universe, a: Entry, b: Entry) -> Ordering {
    match (a.value(), b.value()) {
        (Some(x), Some(y)) => universe.compare(x, y).then(a.depth().cmp(&b.depth())),
        (x, y) => x.is_some().cmp(&y.is_some()),
    }
}

/// The set whose elements some slots of a row hold.
fn elements(universe: &'static Universe, lookup: &mut Lookup, slots: std::ops::Range<usize>, row: &[u32]) -> Value {
    let mut elements = Vec::new();
    for id in held_ids(lookup, slots, row) {
        if let Value::Set(part) = universe.value(id) {
            elements.extend_from_slice(part.elements());
        }
    }
    elements.sort_by(compare_total);
    Value::set_sorted(elements)
}
