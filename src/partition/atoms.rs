//! Sets that are kept by their elements.
//!
//! The slots of such a set are the *rest* and some *atoms*. Each atom holds the elements that agree in what guards
//! look at ([`super::uses`]); an element gets its atom when it first appears, and keeps it. Until then the atom's
//! slot is empty in every row, so whoever reads elements that fulfil a guard reads the atoms of those *known* to
//! fulfil it. A new element makes that list wrong for states to come: it begins a new epoch of the layout. When there
//! are no atoms or too many elements, further ones go to the rest, which everybody reads.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::value::{Universe, Value, ValueId};

use super::uses::{PathStep, Paths};

/// Elements with a place at most: each new one costs all that was concluded before.
const ELEMENTS_MAX: usize = 512;

/// A set that is kept by its elements.
pub(super) struct AtomSet {
    /// Its first slot: the rest.
    pub(super) start: usize,
    /// Its slots.
    pub(super) slots: usize,
    paths: Paths,
    registry: Mutex<Registry>,
}

/// What guards see of an element.
type Signature = Vec<Option<ValueId>>;

#[derive(Default)]
struct Registry {
    /// Slots of elements.
    places: FxHashMap<ValueId, u32>,
    atoms: FxHashMap<Signature, u32>,
    /// No element gets a place any more.
    closed: bool,
}

impl AtomSet {
    pub(super) fn new(start: usize, slots: usize, paths: Paths) -> Self {
        Self { start, slots, paths, registry: Mutex::default() }
    }

    /// The slot of the rest.
    pub(super) fn rest(&self) -> u32 {
        self.start as u32
    }

    /// The slot of an element that may be new. If it is, `begin_epoch` is called before anybody else can see it.
    pub(super) fn enter(&self, universe: &'static Universe, element: ValueId, begin_epoch: impl FnOnce()) -> u32 {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = registry.places.get(&element) {
            return *slot;
        }
        if registry.closed {
            return self.rest();
        }
        let signature = self.signature(universe, element);
        let next = self.start + 1 + registry.atoms.len();
        let slot = match registry.atoms.get(&signature) {
            Some(slot) => *slot,
            None if next < self.start + self.slots => next as u32,
            None => self.rest(),
        };
        if slot == self.rest() || registry.places.len() >= ELEMENTS_MAX {
            registry.closed = true;
            return self.rest();
        }
        registry.atoms.insert(signature, slot);
        registry.places.insert(element, slot);
        begin_epoch();
        slot
    }

    fn signature(&self, universe: &'static Universe, element: ValueId) -> Signature {
        if self.paths.is_empty() {
            return vec![Some(element)];
        }
        let value = universe.value(element);
        self.paths.iter().map(|path| part(&value, path).and_then(|part| part.interned_id())).collect()
    }

    /// All elements with a place, slot after slot.
    pub(super) fn places(&self) -> Vec<(ValueId, u32)> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places: Vec<(ValueId, u32)> = registry.places.iter().map(|(id, slot)| (*id, *slot)).collect();
        places.sort_unstable_by_key(|(id, slot)| (*slot, *id));
        places
    }
}

/// The part of a value that a path leads to.
fn part(value: &Value, path: &[PathStep]) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value.clone()) };
    let inner = match (value, step) {
        (Value::Record(record), PathStep::Field(name)) => {
            let place = record.names().iter().position(|n| n == name)?;
            record.values().get(place)?
        }
        (Value::Tuple(tuple), PathStep::Index(index)) => tuple.items().get(usize::try_from(*index - 1).ok()?)?,
        _ => return None,
    };
    part(inner, rest)
}
