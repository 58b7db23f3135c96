//! Candidate states: those that the specification may be in after the events taken so far.

use std::rc::Rc;

use hashbrown::HashTable;

use crate::partition::branch::Labelled;
use crate::value::{self, Value};

/// A step that was taken.
#[derive(Clone)]
pub struct Taken {
    /// The leaf of the next-state relation; `None`: stuttering.
    pub leaf: Option<usize>,
    /// Its parameters.
    pub labels: Vec<Labelled>,
    /// True if it was not logged.
    pub silent: bool,
}

/// A state with one way to it.
#[derive(Clone)]
pub struct Candidate {
    /// Values of the variables, normalised.
    pub values: Rc<[Value]>,
    /// How often each branch was taken on that way: logged, silent, logged, silent …
    pub counts: Rc<[u32]>,
    /// The last step of that way.
    pub last: Option<Rc<Taken>>,
}

/// Distinct states, in the order they were found: of several ways to a state the first stays.
#[derive(Default)]
pub struct States {
    entries: Vec<Candidate>,
    index: HashTable<u32>,
}

impl States {
    /// Adds a state; true if it is new. `make` is asked only then.
    pub fn insert(&mut self, values: &[Value], make: impl FnOnce() -> Candidate) -> bool {
        let hash = hash(values);
        let same = |entry: &u32| equal(&self.entries[*entry as usize].values, values);
        if self.index.find(hash, same).is_some() {
            return false;
        }
        let number = self.entries.len() as u32;
        self.entries.push(make());
        let entries = &self.entries;
        self.index.insert_unique(hash, number, |entry| self::hash(&entries[*entry as usize].values));
        true
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Candidate] {
        &self.entries
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn hash(values: &[Value]) -> u64 {
    let word = |v: &Value| value::hash_listed(v).unwrap_or_default();
    values.iter().fold(0, |hash: u64, v| (hash.rotate_left(23) ^ word(v)).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn equal(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| value::compare_total(a, b).is_eq())
}
