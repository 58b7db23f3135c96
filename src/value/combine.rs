//! Union, intersection and difference of listed sets: merges that copy one list and compare as little as
//! they can. `None` when elements do not compare or are lazy: the caller then leaves the set described.

use std::cmp::Ordering;

use super::Value;
use super::composite::Set;
use super::order::compare_listed;
use super::shared::Shared;

/// Where an element stands in a sorted list, or would stand.
pub(super) fn search(elements: &[Value], wanted: &Value) -> Option<std::result::Result<usize, usize>> {
    super::sort::search(elements, wanted).ok()
}

/// Places in `large` of the elements of `small`: both sorted, so each search begins where the last one ended.
fn places(large: &[Value], small: &[Value]) -> Option<Vec<std::result::Result<usize, usize>>> {
    let mut from = 0;
    let mut places = Vec::with_capacity(small.len());
    let gallop = small.len() * 8 < large.len();
    for wanted in small {
        let place = if gallop {
            match search(&large[from..], wanted)? {
                Ok(at) => Ok(from + at),
                Err(at) => Err(from + at),
            }
        } else {
            step(large, from, wanted)?
        };
        from = match place {
            Ok(at) => at + 1,
            Err(at) => at,
        };
        places.push(place);
    }
    Some(places)
}

fn step(large: &[Value], mut from: usize, wanted: &Value) -> Option<std::result::Result<usize, usize>> {
    while let Some(element) = large.get(from) {
        match compare_listed(element, wanted).ok()? {
            Ordering::Less => from += 1,
            Ordering::Greater => break,
            Ordering::Equal => return Some(Ok(from)),
        }
    }
    Some(Err(from))
}

/// Sets up to this size are kept as bits while they are compared.
const BITS: usize = 64;

/// Which of at most [`BITS`] elements are among others: bit by bit, without a list of places.
fn found_in(elements: &[Value], others: &[Value]) -> Option<u64> {
    let (mut found, mut from) = (0, 0);
    let gallop = elements.len() * 8 < others.len();
    for (bit, wanted) in elements.iter().enumerate() {
        let place = if gallop {
            search(&others[from..], wanted)?.map(|at| from + at).map_err(|at| from + at)
        } else {
            step(others, from, wanted)?
        };
        from = match place {
            Ok(at) => {
                found |= 1 << bit;
                at + 1
            }
            Err(at) => at,
        };
    }
    Some(found)
}

/// The set itself, the empty one, or the set of the elements chosen.
fn chosen(set: &Shared<Set>, mut bits: u64) -> Value {
    let elements = set.elements();
    let count = bits.count_ones() as usize;
    if count == elements.len() {
        return Value::Set(set.clone());
    }
    if count == 0 {
        return Value::empty_set();
    }
    Value::Set(Shared::counted(super::composite::SetKind, count, |_| {
        let next = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        elements[next].clone()
    }))
}

/// `a \cup b`. One of the two itself if it contains the other.
pub(super) fn cup_listed(a: &Shared<Set>, b: &Shared<Set>) -> Option<Value> {
    if a.same(b) {
        return Some(Value::Set(a.clone()));
    }
    let (large, small) = if a.elements().len() >= b.elements().len() { (a, b) } else { (b, a) };
    if let [single] = small.elements() {
        return insert(large, single);
    }
    let places = places(large.elements(), small.elements())?;
    let new = places.iter().filter(|place| place.is_err()).count();
    if new == 0 {
        return Some(Value::Set(large.clone()));
    }
    let mut merged = Vec::with_capacity(large.elements().len() + new);
    let mut from = 0;
    for (place, element) in places.into_iter().zip(small.elements()) {
        if let Err(at) = place {
            merged.extend_from_slice(&large.elements()[from..at]);
            merged.push(element.clone());
            from = at;
        }
    }
    merged.extend_from_slice(&large.elements()[from..]);
    Some(Value::set_sorted(merged))
}

/// `set \cup {element}`: what a growing set of messages does in every step.
fn insert(set: &Shared<Set>, element: &Value) -> Option<Value> {
    let elements = set.elements();
    let at = match search(elements, element)? {
        Ok(_) => return Some(Value::Set(set.clone())),
        Err(at) => at,
    };
    Some(Value::Set(Shared::counted(super::composite::SetKind, elements.len() + 1, |index| match index.cmp(&at) {
        Ordering::Less => elements[index].clone(),
        Ordering::Equal => element.clone(),
        Ordering::Greater => elements[index - 1].clone(),
    })))
}

/// `a \cap b`.
pub(super) fn cap_listed(a: &Shared<Set>, b: &Shared<Set>) -> Option<Value> {
    if a.same(b) {
        return Some(Value::Set(a.clone()));
    }
    let (large, small) = if a.elements().len() >= b.elements().len() { (a, b) } else { (b, a) };
    if small.elements().len() <= BITS {
        return Some(chosen(small, found_in(small.elements(), large.elements())?));
    }
    let places = places(large.elements(), small.elements())?;
    let kept = places.iter().filter(|place| place.is_ok()).count();
    if kept == small.elements().len() {
        return Some(Value::Set(small.clone()));
    }
    let common = places.into_iter().zip(small.elements()).filter(|(place, _)| place.is_ok());
    Some(Value::set_sorted(common.map(|(_, element)| element.clone()).collect()))
}

/// `a \ b`.
pub(super) fn difference_listed(a: &Shared<Set>, b: &Shared<Set>) -> Option<Value> {
    if a.same(b) {
        return Some(Value::empty_set());
    }
    let (left, right) = (a.elements(), b.elements());
    if let [single] = right {
        return remove(a, single);
    }
    if !left.is_empty() && left.len() <= BITS {
        let all = u64::MAX >> (BITS - left.len());
        return Some(chosen(a, all & !found_in(left, right)?));
    }
    let rest: Vec<Value> = if left.len() >= right.len() {
        let found: Vec<usize> = places(left, right)?.into_iter().filter_map(std::result::Result::ok).collect();
        if found.is_empty() {
            return Some(Value::Set(a.clone()));
        }
        let mut found = found.into_iter().peekable();
        let keep = |(index, _): &(usize, &Value)| found.next_if_eq(index).is_none();
        left.iter().enumerate().filter(keep).map(|(_, element)| element.clone()).collect()
    } else {
        let places = places(right, left)?;
        if places.iter().all(std::result::Result::is_err) {
            return Some(Value::Set(a.clone()));
        }
        places.iter().zip(left).filter(|(place, _)| place.is_err()).map(|(_, element)| element.clone()).collect()
    };
    Some(Value::set_sorted(rest))
}

/// `set \ {element}`.
fn remove(set: &Shared<Set>, element: &Value) -> Option<Value> {
    let elements = set.elements();
    let Ok(at) = search(elements, element)? else { return Some(Value::Set(set.clone())) };
    if elements.len() == 1 {
        return Some(Value::empty_set());
    }
    let rest = |index: usize| elements[if index < at { index } else { index + 1 }].clone();
    Some(Value::Set(Shared::counted(super::composite::SetKind, elements.len() - 1, rest)))
}

/// `UNION sets` if all of them are listed.
pub(super) fn big_union_listed(sets: &Shared<Set>) -> Option<Value> {
    if !sets.elements().iter().all(|set| matches!(set, Value::Set(_))) {
        return None;
    }
    if let Some(union) = big_union_by_keys(sets) {
        return Some(union);
    }
    let mut union: Vec<Value> = Vec::new();
    for set in sets.elements() {
        if let Value::Set(set) = set {
            union.extend_from_slice(set.elements());
        }
    }
    super::sort::sort_listed(&mut union).ok()?;
    Some(Value::set_sorted(union))
}

/// Elements that are looked up in each of some sets rather than in the union of them.
const FEW: usize = 8;

/// `set \cap UNION sets` if the set has few elements, and the others are listed.
pub(super) fn cap_union_listed(set: &Shared<Set>, sets: &Shared<Set>) -> Option<Value> {
    let elements = set.elements();
    if elements.len() > FEW {
        return None;
    }
    let mut found = 0;
    for other in sets.elements() {
        let Value::Set(other) = other else { return None };
        for (bit, element) in elements.iter().enumerate() {
            if found >> bit & 1 == 0 && search(other.elements(), element)?.is_ok() {
                found |= 1 << bit;
            }
        }
    }
    Some(chosen(set, found))
}

/// `UNION sets` where all elements have keys: they are sorted by key, and each is copied once.
fn big_union_by_keys(sets: &Shared<Set>) -> Option<Value> {
    let list = |set: &Value| if let Value::Set(set) = set { set.elements().len() } else { 0 };
    let count = sets.elements().iter().map(list).sum();
    let mut elements: Vec<&Value> = Vec::with_capacity(count);
    let mut keys: Vec<(u64, u32)> = Vec::with_capacity(count);
    for set in sets.elements() {
        let Value::Set(set) = set else { return None };
        for element in set.elements() {
            keys.push((super::sort::key(element)?, elements.len() as u32));
            elements.push(element);
        }
    }
    if elements.is_empty() {
        return Some(Value::empty_set());
    }
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    let element = |index: usize| elements[keys[index].1 as usize].clone();
    Some(Value::Set(Shared::counted(super::composite::SetKind, keys.len(), element)))
}
