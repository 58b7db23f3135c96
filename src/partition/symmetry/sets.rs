//! Sets that a layout keeps by their elements, put together and taken apart.

use rustc_hash::FxHashMap;

use super::places::Spread;
use crate::eval::Evaluator;
use crate::partition::codec::{Encoder, held};
use crate::partition::slots::{Entry, Lookup};
use crate::value::Universe;
use crate::value::machine::Result;

/// Sets kept for each place; beyond that all are forgotten.
const KNOWN_MAX: usize = 1 << 15;

/// What a worker knows of such sets, by place. Slots' ids mean the same for ever, and elements keep their slots.
#[derive(Default)]
pub(super) struct Sets {
    gathered: Vec<FxHashMap<Box<[u32]>, Entry>>,
    spread: Vec<FxHashMap<Entry, Box<[u32]>>>,
}

impl Sets {
    /// The set whose elements these slots hold.
    pub(super) fn gathered(
        &mut self,
        evaluator: &mut Evaluator,
        lookup: &mut Lookup,
        place: usize,
        start: usize,
        ids: &[u32],
    ) -> Result<Entry> {
        let known = at(&mut self.gathered, place);
        if let Some(set) = known.get(ids) {
            return Ok(*set);
        }
        let universe = Universe::current();
        let mut row = vec![0; start];
        row.extend_from_slice(ids);
        let set = held(universe, lookup, start..start + ids.len(), &row);
        let set = Entry::part(universe.intern(evaluator, &set)?);
        known.insert(ids.into(), set);
        Ok(set)
    }

    /// Puts a set into its slots.
    #[allow(clippy::too_many_arguments, reason = "two memories, a place and a value")]
    pub(super) fn spread(
        &mut self,
        evaluator: &mut Evaluator,
        lookup: &mut Lookup,
        place: usize,
        start: usize,
        spread: &Spread,
        set: Entry,
        ids: &mut [u32],
    ) -> Result<()> {
        let known = at(&mut self.spread, place);
        if let Some(slots) = known.get(&set) {
            ids.copy_from_slice(slots);
            return Ok(());
        }
        match set.value().filter(|_| set.is_part()) {
            Some(value) => {
                let universe = Universe::current();
                let mut encoded = Vec::with_capacity(ids.len());
                let mut encoder = Encoder { evaluator, universe, lookup, irregular: false };
                encoder.encode(&spread.shape, start, spread.depth, &universe.value(value), None, &mut encoded)?;
                ids.copy_from_slice(&encoded);
            }
            // A part that this one belongs to, or this one itself, is held as a whole.
            None => {
                ids[0] = lookup.id(start, set);
                for (slot, id) in (start..).zip(ids.iter_mut()).skip(1) {
                    *id = lookup.id(slot, Entry::ABSENT);
                }
            }
        }
        known.insert(set, (&*ids).into());
        Ok(())
    }
}

/// The memory of a place; it forgets all when it is full.
fn at<K, V>(list: &mut Vec<FxHashMap<K, V>>, place: usize) -> &mut FxHashMap<K, V> {
    if list.len() <= place {
        list.resize_with(place + 1, FxHashMap::default);
    }
    let known = &mut list[place];
    if known.len() >= KNOWN_MAX {
        known.clear();
    }
    known
}
