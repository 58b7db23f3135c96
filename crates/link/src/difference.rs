//! Where what was observed differs from the state of the spec.

use std::collections::BTreeSet;
use std::fmt;

use crate::observed::{Observed, entry};
use crate::path::{Path, Place};
use crate::trace::State;
use crate::value::Value;

/// One place where an observation differs from the spec.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// Where: `state[p1]`, `leader.term`.
    pub path: String,
    /// How.
    pub kind: DifferenceKind,
}

/// How an observation differs.
#[derive(Clone, PartialEq, Debug)]
pub enum DifferenceKind {
    /// Another value.
    Differs {
        /// The spec's.
        expected: Value,
        /// The observed one.
        observed: Value,
    },
    /// An element of a set, or an entry of a function, was not observed.
    Missing(Value),
    /// It was observed, but the spec does not have it.
    Unexpected(Value),
    /// There is no such place in the spec's state.
    NoSuchPlace(String),
}

impl Difference {
    /// True if values differ; false if the spec has no such place, which is the adapter's fault.
    pub fn is_value(&self) -> bool {
        !matches!(self.kind, DifferenceKind::NoSuchPlace(_))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.kind {
            DifferenceKind::Differs { expected, observed } => {
                write!(f, "{path}: expected {expected}, observed {observed}")
            }
            DifferenceKind::Missing(value) => write!(f, "{path}: {value} is expected, but missing"),
            DifferenceKind::Unexpected(value) => write!(f, "{path}: {value} is observed, but not expected"),
            DifferenceKind::NoSuchPlace(reason) => write!(f, "{path}: {reason}"),
        }
    }
}

/// Where an observation differs from a state. Its fields are variables or paths into them; what it leaves out or does
/// not know is not compared.
pub fn differences(state: &State, observed: &Observed) -> Vec<Difference> {
    let mut found = Vec::new();
    match observed {
        Observed::Unknown => {}
        Observed::Fields(fields) => {
            for (path, observed) in fields {
                compare_at(state, path, observed, &mut found);
            }
        }
        Observed::Map(pairs) => {
            for (key, observed) in pairs {
                match key {
                    Observed::Text(path) => compare_at(state, path, observed, &mut found),
                    other => found.push(no_such_place(
                        other.like(None).to_string(),
                        "an observation has variables for fields".to_owned(),
                    )),
                }
            }
        }
        other => found.push(no_such_place(
            "the observation".to_owned(),
            format!("it is {}, not a struct or map of variables", other.like(None).kind_name()),
        )),
    }
    found
}

/// Where an observation of one value differs from it; `path` is the way to it, for messages.
pub fn value_differences(path: &str, expected: &Value, observed: &Observed) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&Place::at(path), expected, observed, false, &mut found);
    found
}

fn no_such_place(path: String, reason: String) -> Difference {
    Difference { path, kind: DifferenceKind::NoSuchPlace(reason) }
}

fn compare_at(state: &State, path: &str, observed: &Observed, found: &mut Vec<Difference>) {
    let place = path.parse::<Path>().map_err(|error| error.to_string());
    match place.and_then(|place| place.find(state)) {
        Ok(expected) => compare(&Place::at(path), expected, observed, false, found),
        // Somebody who observes nothing there need not know what the spec calls it by now.
        Err(_) if *observed == Observed::Unknown && !state.is_empty() && is_plain(path, state) => {}
        Err(reason) => found.push(no_such_place(path.to_owned(), reason)),
    }
}

/// True for a path into a variable that exists.
fn is_plain(path: &str, state: &State) -> bool {
    path.parse::<Path>().is_ok_and(|path| state.contains_key(path.variable()))
}

/// True if nothing differs, and nothing is left out.
pub(crate) fn is(expected: &Value, observed: &Observed) -> bool {
    let mut found = Vec::new();
    compare(&Place::at(""), expected, observed, true, &mut found);
    found.is_empty()
}

/// Adds what differs. `whole`: nothing may be left out.
fn compare(at: &Place<'_>, expected: &Value, observed: &Observed, whole: bool, found: &mut Vec<Difference>) {
    let same = match (expected, observed) {
        (_, Observed::Unknown) => !whole,
        (Value::Bool(expected), Observed::Bool(observed)) => expected == observed,
        (Value::Int(expected), Observed::Int(observed)) => expected == observed,
        (Value::Str(expected) | Value::Model(expected), Observed::Text(observed)) => expected == observed,
        (Value::Tuple(_), Observed::List(items) | Observed::Sequence(items)) => {
            return compare_tuple(at, expected, items, whole, found);
        }
        (Value::Set(elements), Observed::List(items) | Observed::Set(items)) => {
            return compare_set(at, &elements.iter().collect::<Vec<_>>(), items, found);
        }
        (Value::Set(elements), Observed::Exactly(Value::Set(seen))) => {
            let missing = elements.difference(seen).map(|v| at.difference(DifferenceKind::Missing(v.clone())));
            let unexpected = seen.difference(elements).map(|v| at.difference(DifferenceKind::Unexpected(v.clone())));
            return found.extend(missing.chain(unexpected));
        }
        (Value::Record(_), Observed::Fields(fields)) => return compare_fields(at, expected, fields, whole, found),
        (Value::Record(_) | Value::Function(_) | Value::Tuple(_), Observed::Map(pairs)) => {
            return compare_map(at, expected, pairs, whole, found);
        }
        (
            Value::Record(_) | Value::Function(_) | Value::Tuple(_),
            Observed::Exactly(observed @ (Value::Record(_) | Value::Function(_) | Value::Tuple(_))),
        ) => {
            let exactly = |value: &Value| Observed::Exactly(value.clone());
            let pairs: Vec<_> = entries(observed).iter().map(|(key, value)| (exactly(key), exactly(value))).collect();
            return compare_map(at, expected, &pairs, whole, found);
        }
        (expected, Observed::Exactly(observed)) => expected == observed,
        _ => false,
    };
    if !same {
        let observed = observed.like(Some(expected));
        found.push(at.difference(DifferenceKind::Differs { expected: expected.clone(), observed }));
    }
}

fn compare_tuple(at: &Place<'_>, expected: &Value, items: &[Observed], whole: bool, found: &mut Vec<Difference>) {
    let pairs: Vec<_> = items.iter().zip(1i64..).map(|(item, n)| (Observed::Int(n.into()), item.clone())).collect();
    compare_map(at, expected, &pairs, whole, found);
}

fn compare_map(
    at: &Place<'_>,
    expected: &Value,
    pairs: &[(Observed, Observed)],
    whole: bool,
    found: &mut Vec<Difference>,
) {
    // An unknown entry of a set's element is one that the element does not have.
    let known: Vec<_> = pairs.iter().filter(|(_, value)| !whole || *value != Observed::Unknown).collect();
    let seen = compare_entries(at, expected, &known, whole, found);
    report_missing(at, expected, &seen, found);
}

/// Compares what is there; gives the arguments that are.
fn compare_entries(
    at: &Place<'_>,
    expected: &Value,
    pairs: &[&(Observed, Observed)],
    whole: bool,
    found: &mut Vec<Difference>,
) -> BTreeSet<Value> {
    let mut seen = BTreeSet::new();
    for (key, observed) in pairs {
        match entry(expected, key) {
            Some((argument, value)) => {
                compare(&at.argument(expected, &argument), value, observed, whole, found);
                seen.insert(argument);
            }
            None if *observed == Observed::Unknown && !whole => {}
            None => {
                let argument = key.like(None);
                let place = at.argument(expected, &argument);
                found.push(place.difference(DifferenceKind::Unexpected(observed.like(None))));
            }
        }
    }
    seen
}

fn report_missing(at: &Place<'_>, expected: &Value, seen: &BTreeSet<Value>, found: &mut Vec<Difference>) {
    for (argument, value) in entries(expected) {
        if !seen.contains(&argument) {
            found.push(at.argument(expected, &argument).difference(DifferenceKind::Missing(value.clone())));
        }
    }
}

/// The arguments and results of a function of any shape.
fn entries(function: &Value) -> Vec<(Value, &Value)> {
    match function {
        Value::Tuple(items) => items.iter().zip(1i64..).map(|(value, n)| (Value::from(n), value)).collect(),
        Value::Record(fields) => fields.iter().map(|(name, value)| (Value::str(name), value)).collect(),
        Value::Function(pairs) => pairs.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => Vec::new(),
    }
}

fn compare_fields(
    at: &Place<'_>,
    expected: &Value,
    fields: &[(String, Observed)],
    whole: bool,
    found: &mut Vec<Difference>,
) {
    let known = fields.iter().filter(|(_, observed)| *observed != Observed::Unknown);
    let known: Vec<_> = known.map(|(name, observed)| (Observed::Text(name.clone()), observed.clone())).collect();
    let seen = compare_entries(at, expected, &known.iter().collect::<Vec<_>>(), whole, found);
    if whole {
        report_missing(at, expected, &seen, found);
    }
}

/// Every element must be observed, and everything observed be an element.
fn compare_set(at: &Place<'_>, elements: &[&Value], items: &[Observed], found: &mut Vec<Difference>) {
    let mut taken = vec![false; elements.len()];
    for item in items {
        let fits = |place: &usize| is(elements[*place], item);
        match (0..elements.len()).filter(|place| !taken[*place]).find(fits) {
            Some(place) => taken[place] = true,
            // Observed twice.
            None if (0..elements.len()).any(|place| fits(&place)) => {}
            None => {
                let item = item.like(elements.first().copied());
                found.push(at.difference(DifferenceKind::Unexpected(item)));
            }
        }
    }
    for (element, _) in elements.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        found.push(at.difference(DifferenceKind::Missing((*element).clone())));
    }
}
