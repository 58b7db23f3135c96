//! Sorting with an order that can fail.

use std::cmp::Ordering;

use super::Value;
use super::order::{Undecided, compare_listed};

/// Sorts by TLC's order and drops duplicates. On failure the elements are left in some order, none lost.
pub(super) fn sort_listed(elements: &mut Vec<Value>) -> Result<(), Undecided> {
    if elements.len() == 1 {
        return match &elements[0] {
            Value::Lazy(_) => Err(Undecided::Lazy),
            _ => Ok(()),
        };
    }
    if elements.iter().all(|element| matches!(element, Value::Int(_))) {
        let number = |element: &Value| if let Value::Int(number) = element { *number } else { 0 };
        elements.sort_unstable_by_key(number);
        elements.dedup_by_key(|element| number(element));
        return Ok(());
    }
    if elements.len() <= FEW {
        return sort_few(elements);
    }
    if let Some(keys) = keys(elements) {
        sort_by_keys(elements, keys);
        return Ok(());
    }
    sort_by(elements, compare_listed)
}

/// Numbers in the order of the elements, each with the place of its element, if all are short tuples of small integers
/// (positions, ballots with a proposer): the union of a board's pieces takes a third of the time.
fn keys(elements: &[Value]) -> Option<Vec<(u64, u32)>> {
    let mut keys = Vec::with_capacity(elements.len());
    for (element, place) in elements.iter().zip(0..) {
        keys.push((key(element)?, place));
    }
    Some(keys)
}

/// Shorter tuples come first: two bits for the length, twenty for each item.
pub(super) fn key(element: &Value) -> Option<u64> {
    const BITS: u32 = 20;
    const HALF: i64 = 1 << (BITS - 1);
    let Value::Tuple(tuple) = element else { return None };
    let items = tuple.items();
    if items.len() > 3 {
        return None;
    }
    let mut key = items.len() as u64;
    for place in 0..3 {
        let number = match items.get(place) {
            Some(Value::Int(number)) if (-HALF..HALF).contains(number) => (number + HALF) as u64,
            Some(_) => return None,
            None => 0,
        };
        key = (key << BITS) | number;
    }
    Some(key)
}

fn sort_by_keys(elements: &mut Vec<Value>, mut keys: Vec<(u64, u32)>) {
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    let take = |(_, place): (u64, u32)| std::mem::replace(&mut elements[place as usize], Value::Bool(false));
    *elements = keys.into_iter().map(take).collect();
}

/// Elements that are put into their places one by one, without lists of places.
const FEW: usize = 8;

fn sort_few(elements: &mut Vec<Value>) -> Result<(), Undecided> {
    let mut distinct = 1;
    for at in 1..elements.len() {
        let (sorted, rest) = elements.split_at(distinct);
        match search(sorted, &rest[at - distinct])? {
            Ok(_) => {}
            Err(place) => {
                elements.swap(distinct, at);
                elements[place..=distinct].rotate_right(1);
                distinct += 1;
            }
        }
    }
    elements.truncate(distinct);
    Ok(())
}

/// Where an element stands in a sorted list, or would stand.
#[inline]
pub(super) fn search(sorted: &[Value], wanted: &Value) -> Result<Result<usize, usize>, Undecided> {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match compare_listed(&sorted[middle], wanted)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(Ok(middle)),
        }
    }
    Ok(Err(low))
}

/// Stable merge sort that drops duplicates and stops at the first failure.
pub(super) fn sort_by<E>(
    elements: &mut Vec<Value>,
    mut compare: impl FnMut(&Value, &Value) -> Result<Ordering, E>,
) -> Result<(), E> {
    let mut sorted_to = 1;
    while sorted_to < elements.len() {
        if compare(&elements[sorted_to - 1], &elements[sorted_to])? != Ordering::Less {
            break;
        }
        sorted_to += 1;
    }
    if sorted_to >= elements.len() {
        return Ok(());
    }
    let mut order: Vec<u32> = (0..elements.len() as u32).collect();
    let mut spare = order.clone();
    merge_sort(&mut order, &mut spare, &mut |a, b| compare(&elements[a as usize], &elements[b as usize]))?;
    let mut distinct = 1;
    for at in 1..order.len() {
        let last = &elements[order[distinct - 1] as usize];
        if compare(last, &elements[order[at] as usize])? == Ordering::Less {
            order[distinct] = order[at];
            distinct += 1;
        }
    }
    order.truncate(distinct);
    let take = |index: u32| std::mem::replace(&mut elements[index as usize], Value::Bool(false));
    *elements = order.into_iter().map(take).collect();
    Ok(())
}

/// Sorts the numbers of elements.
fn merge_sort<E, F: FnMut(u32, u32) -> Result<Ordering, E>>(
    order: &mut [u32],
    spare: &mut [u32],
    compare: &mut F,
) -> Result<(), E> {
    if order.len() <= 8 {
        return insertion_sort(order, compare);
    }
    let middle = order.len() / 2;
    merge_sort(&mut order[..middle], &mut spare[..middle], compare)?;
    merge_sort(&mut order[middle..], &mut spare[middle..], compare)?;
    if compare(order[middle - 1], order[middle])? != Ordering::Greater {
        return Ok(());
    }
    spare.copy_from_slice(order);
    let (left, right) = spare.split_at(middle);
    let (mut l, mut r) = (0, 0);
    for place in order.iter_mut() {
        let from_left = l < left.len() && (r == right.len() || compare(left[l], right[r])? != Ordering::Greater);
        if from_left {
            *place = left[l];
            l += 1;
        } else {
            *place = right[r];
            r += 1;
        }
    }
    Ok(())
}

fn insertion_sort<E, F: FnMut(u32, u32) -> Result<Ordering, E>>(order: &mut [u32], compare: &mut F) -> Result<(), E> {
    for end in 1..order.len() {
        let mut at = end;
        while at > 0 && compare(order[at - 1], order[at])? == Ordering::Greater {
            order.swap(at - 1, at);
            at -= 1;
        }
    }
    Ok(())
}
