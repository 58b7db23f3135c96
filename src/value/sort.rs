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
    sort_by(elements, &mut compare_listed)
}

/// Stable merge sort that drops duplicates and stops at the first failure.
pub(super) fn sort_by<E>(
    elements: &mut Vec<Value>,
    compare: &mut dyn FnMut(&Value, &Value) -> Result<Ordering, E>,
) -> Result<(), E> {
    let mut distinct_run = true;
    for pair in elements.windows(2) {
        if compare(&pair[0], &pair[1])? != Ordering::Less {
            distinct_run = false;
            break;
        }
    }
    if distinct_run {
        return Ok(());
    }
    let mut order: Vec<u32> = (0..elements.len() as u32).collect();
    let mut spare = order.clone();
    merge_sort(&mut order, &mut spare, &mut |a, b| compare(&elements[a as usize], &elements[b as usize]))?;
    let mut sorted: Vec<Value> = Vec::with_capacity(order.len());
    for index in order {
        let element = &elements[index as usize];
        if let Some(last) = sorted.last()
            && compare(last, element)? == Ordering::Equal
        {
            continue;
        }
        sorted.push(element.clone());
    }
    *elements = sorted;
    Ok(())
}

fn merge_sort<E>(
    order: &mut [u32],
    spare: &mut [u32],
    compare: &mut dyn FnMut(u32, u32) -> Result<Ordering, E>,
) -> Result<(), E> {
    if order.len() <= 8 {
        for end in 1..order.len() {
            let mut at = end;
            while at > 0 && compare(order[at - 1], order[at])? == Ordering::Greater {
                order.swap(at - 1, at);
                at -= 1;
            }
        }
        return Ok(());
    }
    let middle = order.len() / 2;
    merge_sort(&mut order[..middle], &mut spare[..middle], compare)?;
    merge_sort(&mut order[middle..], &mut spare[middle..], compare)?;
    spare.copy_from_slice(order);
    let (left, right) = spare.split_at(middle);
    let (mut l, mut r) = (0, 0);
    for place in order.iter_mut() {
        let from_left =
            l < left.len() && (r == right.len() || compare(left[l], right[r])? != Ordering::Greater);
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
