//! How symmetric elements occur in values: a colour for each element that a value mentions.
//!
//! Colours are *equivariant*: permuting a value permutes the colours of its elements and changes none. So sorting
//! elements by colour sorts those of a permuted state alike. Unequal colours prove that elements occur
//! differently; equal ones prove nothing. Colours come from the structural hash, never from ids, and are the
//! same on every thread.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::group::Elements;
use crate::value::{Universe, Value, ValueId, mix};

const SELF: u64 = 0x51a4_3c5d_92ef_0b67;
const SET: u64 = 0x8ebc_6af0_9c88_c6e3;
const FUNCTION: u64 = 0xe703_7ed1_a0b4_28db;
const PAIR: u64 = 0xa5b3_5705_1f2c_9e81;
const TUPLE: u64 = 0xd6e8_feb8_6659_fd93;
const RECORD: u64 = 0xa076_1d64_78bd_642f;

/// Profiles kept; beyond that all are forgotten.
const KNOWN_MAX: usize = 1 << 16;

/// The colour of an element in a state: lanes of 32 bits, the first one most significant. The first columns have a
/// lane each, so that sorting by colour sorts by them first, and a state that differs from the one before
/// in later columns only is sorted alike: fewer values per slot, and more that is known already.
pub(super) type Colour = u128;

/// Lanes of a colour.
pub(super) const LANES: u32 = 4;

/// Adds a share to a colour; shares of one lane add up in any order.
#[inline]
pub(super) fn add(colours: &mut [Colour], element: u16, lane: u32, share: u64) {
    add_share(colours, element, in_lane(lane, share));
}

/// A share as what it adds to a colour.
pub(super) fn in_lane(lane: u32, share: u64) -> Colour {
    Colour::from(share as u32) << (32 * (LANES - 1 - lane))
}

/// Adds what [`in_lane`] made of a share.
#[inline]
pub(super) fn add_share(colours: &mut [Colour], element: u16, share: Colour) {
    let sum = &mut colours[usize::from(element)];
    *sum = sum.wrapping_add(share);
}

/// A colour as one word.
pub(super) fn fold(colour: Colour) -> u64 {
    mix(colour as u64, (colour >> 64) as u64)
}

/// The same colour, told apart by one more thing.
pub(super) fn finer(colour: Colour, by: u64) -> Colour {
    let last = Colour::from(mix(colour as u64, by) as u32);
    colour >> 32 << 32 | last
}

/// A value as the elements in it see it.
#[derive(Clone)]
pub(super) struct Profile {
    /// Hash of the value with every element replaced by its leaf.
    pub(super) anonymous: u64,
    /// The elements in it, sorted, each with its colour.
    pub(super) mentions: Rc<[(u16, u64)]>,
}

/// The colour of an element; `None` if it is not mentioned.
pub(super) fn colour(mentions: &[(u16, u64)], element: u16) -> Option<u64> {
    let at = mentions.binary_search_by_key(&element, |(e, _)| *e).ok()?;
    Some(mentions[at].1)
}

/// Profiles of values.
pub(super) struct Profiler {
    /// What stands for each element where another one is looked at.
    leaves: Vec<u64>,
    known: FxHashMap<ValueId, Profile>,
    /// What the elements of a set add to the profile of a larger one, and how many they are.
    shares: FxHashMap<ValueId, (Profile, u64)>,
    /// Scratch memory: what is added for each element.
    totals: Vec<u64>,
    none: Rc<[(u16, u64)]>,
}

/// Parts of a value, summed: which order they come in does not matter.
#[derive(Default)]
struct Sum {
    anonymous: u64,
    mentions: Vec<(u16, u64)>,
}

impl Sum {
    fn add(&mut self, tag: u64, part: &Profile) {
        self.anonymous = self.anonymous.wrapping_add(mix(tag, part.anonymous));
        self.mentions.extend(part.mentions.iter().map(|(element, colour)| (*element, mix(tag, *colour))));
    }
}

impl Profiler {
    /// Leaves tell elements of different orbits apart and no others.
    pub(super) fn of_orbits(elements: &Elements) -> Self {
        let leaves = (0..elements.len() as u16).map(|element| mix(SELF, elements.orbit_of(element) as u64));
        Self::new(leaves.collect())
    }

    /// Leaves as given.
    pub(super) fn new(leaves: Vec<u64>) -> Self {
        let totals = vec![0; leaves.len()];
        Self { leaves, known: FxHashMap::default(), shares: FxHashMap::default(), totals, none: Rc::new([]) }
    }

    /// The profile of no value.
    pub(super) fn nothing(&self) -> Profile {
        Profile { anonymous: 0, mentions: self.none.clone() }
    }

    /// The profile of an interned value.
    pub(super) fn of(&mut self, elements: &Elements, id: ValueId) -> Profile {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        self.compute(elements, &Universe::current().value(id))
    }

    /// A sequence of interned values.
    pub(super) fn of_sequence(&mut self, elements: &Elements, tag: u64, parts: &[ValueId]) -> Profile {
        let mut sum = Sum::default();
        for (part, at) in parts.iter().zip(1..) {
            sum.add(at, &self.of(elements, *part));
        }
        self.finish(tag, sum)
    }

    /// The profile of the union of disjoint interned sets.
    pub(super) fn of_parts(&mut self, elements: &Elements, parts: &[ValueId]) -> Profile {
        let (mut count, mut sum) = (0, 0_u64);
        let mut totals = std::mem::take(&mut self.totals);
        totals.fill(0);
        let mut mentioned = vec![false; totals.len()];
        for part in parts {
            if !self.shares.contains_key(part) {
                self.add_share(elements, *part);
            }
            let Some((share, size)) = self.shares.get(part) else { continue };
            count += size;
            sum = sum.wrapping_add(share.anonymous);
            for (element, colour) in share.mentions.iter() {
                let element = usize::from(*element);
                totals[element] = totals[element].wrapping_add(*colour);
                mentioned[element] = true;
            }
        }
        let anonymous = mix(SET ^ count, sum);
        let all = totals.iter().zip(&mentioned).zip(0..).filter(|((_, mentioned), _)| **mentioned);
        let mentions = all.map(|((total, _), element)| (element, mix(anonymous, *total))).collect();
        self.totals = totals;
        Profile { anonymous, mentions }
    }

    fn add_share(&mut self, elements: &Elements, set: ValueId) {
        let Value::Set(listed) = Universe::current().value(set) else { return };
        let mut sum = Sum::default();
        for element in listed.elements() {
            sum.add(SET, &self.compute(elements, element));
        }
        if self.shares.len() >= KNOWN_MAX {
            self.shares.clear();
        }
        let share = Profile { anonymous: sum.anonymous, mentions: sum.mentions.into() };
        self.shares.insert(set, (share, listed.elements().len() as u64));
    }

    fn compute(&mut self, elements: &Elements, value: &Value) -> Profile {
        let id = match value {
            Value::Model(model) => {
                if let Some(element) = elements.number(model.symbol) {
                    let leaf = self.leaves[usize::from(element)];
                    return Profile { anonymous: leaf, mentions: Rc::new([(element, mix(SELF, leaf))]) };
                }
                return self.scalar(value);
            }
            Value::Tuple(_) | Value::Record(_) | Value::Function(_) | Value::Set(_) => value.interned_id(),
            _ => return self.scalar(value),
        };
        if let Some(known) = id.and_then(|id| self.known.get(&id)) {
            return known.clone();
        }
        let profile = self.composite(elements, value);
        if let Some(id) = id {
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            self.known.insert(id, profile.clone());
        }
        profile
    }

    fn scalar(&self, value: &Value) -> Profile {
        let universe = Universe::current();
        let anonymous = match value.interned_id() {
            Some(id) => universe.hash(id),
            None => {
                if let Value::Int(number) = value {
                    mix(SELF, *number as u64)
                } else {
                    0
                }
            }
        };
        Profile { anonymous, mentions: self.none.clone() }
    }

    fn composite(&mut self, elements: &Elements, value: &Value) -> Profile {
        let mut sum = Sum::default();
        match value {
            Value::Tuple(tuple) => {
                for (item, at) in tuple.items().iter().zip(1..) {
                    sum.add(at, &self.compute(elements, item));
                }
                self.finish(TUPLE ^ tuple.items().len() as u64, sum)
            }
            Value::Record(record) => {
                for (name, field) in record.names().iter().zip(record.values()) {
                    let tag = Value::String(*name).interned_id().map_or(0, |id| Universe::current().hash(id));
                    sum.add(tag, &self.compute(elements, field));
                }
                self.finish(RECORD, sum)
            }
            Value::Function(function) => {
                for (argument, image) in function.domain().iter().zip(function.values()) {
                    let mut pair = Sum::default();
                    pair.add(1, &self.compute(elements, argument));
                    pair.add(2, &self.compute(elements, image));
                    sum.add(PAIR, &self.finish(PAIR, pair));
                }
                self.finish(FUNCTION, sum)
            }
            Value::Set(set) => {
                for element in set.elements() {
                    sum.add(SET, &self.compute(elements, element));
                }
                self.finish(SET ^ set.elements().len() as u64, sum)
            }
            _ => self.scalar(value),
        }
    }

    fn finish(&self, tag: u64, mut sum: Sum) -> Profile {
        let anonymous = mix(tag, sum.anonymous);
        if sum.mentions.is_empty() {
            return Profile { anonymous, mentions: self.none.clone() };
        }
        sum.mentions.sort_unstable_by_key(|(element, _)| *element);
        sum.mentions.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.wrapping_add(next.1);
            }
            same
        });
        let mentions = sum.mentions.iter().map(|(element, colour)| (*element, mix(anonymous, *colour))).collect();
        Profile { anonymous, mentions }
    }
}
