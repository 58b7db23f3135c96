//! What still holds of the row at hand because it held of the row before.
//!
//! Rows are asked for one after the other that differ in a few slots. The entries of the others are known, and so is
//! what their places add to the colours of elements: colours are sums, from which the old share of a place that is
//! different is taken away. MultiPaxos with 3 replicas takes a fifth fewer instructions.

use super::canonical::{Canonical, Standing};
use super::places::{Place, Places};
use super::profile::{Colour, add_share};
use super::share::Share;
use crate::partition::slots::{Entry, Lookup};

/// Ids for each place for which its share of colours is kept.
const SHARES_MAX: usize = 1 << 12;

/// The row at hand.
#[derive(Default)]
pub(super) struct Shown {
    /// Empty if nothing is known.
    row: Vec<u32>,
    /// Nothing was known of the row before this one.
    anew: bool,
    /// Places where it differs from the row before, each with the id that its first slot held there.
    changed: Vec<(u32, u32)>,
    /// What the first slot of each place holds, and in how many that is something else than what is meant for it.
    firsts: Vec<Entry>,
    odd: usize,
    colours: Vec<Colour>,
    /// What places add to colours, by the id in their slot.
    kept: Vec<Vec<Option<Share>>>,
    /// What places add that is not kept by ids.
    shares: Vec<Option<Share>>,
    /// Places whose values mention elements.
    mentions: Vec<bool>,
}

impl Shown {
    /// The next row is looked at anew.
    pub(super) fn forget(&mut self) {
        self.row.clear();
    }

    #[inline]
    fn is_known(&self, place: &Place, row: &[u32]) -> bool {
        if place.spread.is_none() {
            return self.row.get(place.slot) == Some(&row[place.slot]);
        }
        let slots = place.slots();
        self.row.get(slots.clone()) == Some(&row[slots])
    }

    /// True if a place that permutations move lies inside a part that is held as a whole: there slots mean nothing.
    pub(super) fn is_hidden(&self, places: &Places) -> bool {
        if self.odd == 0 {
            return false;
        }
        // Steps that lead to the part held as a whole that the slots belong to.
        let mut whole = u64::MAX;
        places.list.iter().zip(&self.firsts).any(|(place, entry)| {
            if *entry != Entry::ABSENT {
                whole = entry.depth().checked_sub(1).unwrap_or(u64::MAX);
            }
            place.moved_by > whole
        })
    }
}

impl Canonical {
    /// Looks at a row: puts what its places hold into `values`, and sets that stay in their slots into `in_slots`.
    pub(super) fn show(&mut self, places: &Places, lookup: &mut Lookup, row: &[u32]) {
        let shown = &mut self.shown;
        shown.anew = shown.row.len() != row.len();
        shown.changed.clear();
        if shown.anew {
            shown.row.clear();
            shown.firsts.clear();
            shown.firsts.resize(places.list.len(), Entry::ABSENT);
            shown.odd = places.list.len();
            self.values.clear();
            self.values.resize(places.list.len(), Entry::ABSENT);
        }
        if self.in_slots.restore() {
            self.in_slots.places().for_each(|number| self.values[number] = Entry::ABSENT);
        }
        let mut sets = shown.anew;
        for (number, place) in places.list.iter().enumerate() {
            if shown.is_known(place, row) {
                continue;
            }
            shown.changed.push((number as u32, shown.row.get(place.slot).copied().unwrap_or(0)));
            let entry = lookup.entry(place.slot, row[place.slot]);
            let before = std::mem::replace(&mut shown.firsts[number], entry);
            shown.odd = shown.odd + usize::from(!entry.is_part()) - usize::from(!before.is_part());
            sets |= place.spread.is_some();
            self.values[number] = if place.spread.is_some() && entry.is_part() { Entry::ABSENT } else { entry };
        }
        if sets {
            self.in_slots.clear();
            for (number, place) in places.list.iter().enumerate() {
                if place.spread.is_some() && shown.firsts[number].is_part() {
                    self.in_slots.add(lookup, number, place.slots(), row);
                }
            }
        }
        shown.row.clear();
        shown.row.extend_from_slice(row);
    }

    /// The colour of each element in the row at hand, which was shown just now.
    pub(super) fn colour_row(&mut self, at: Standing) -> Vec<Colour> {
        let elements = &at.symmetry.group.elements;
        let Self { shown, images, in_slots, values, mentioning, .. } = self;
        let profiler = &mut images.profiler;
        if shown.anew {
            let places = at.places.list.len();
            shown.colours.clear();
            shown.colours.resize(elements.len(), 0);
            shown.kept.resize_with(places, Vec::new);
            shown.shares.clear();
            shown.shares.resize_with(places, || None);
            shown.mentions.clear();
            shown.mentions.resize(places, false);
        }
        for (number, before) in &shown.changed {
            let (number, before) = (*number as usize, *before as usize);
            let (place, kept) = (&at.places.list[number], &mut shown.kept[number]);
            if !shown.anew {
                let own = shown.shares[number].take();
                let old = own.as_ref().or_else(|| kept.get(before)?.as_ref());
                old.into_iter().flat_map(Share::each).for_each(|(element, share)| {
                    add_share(&mut shown.colours, element, share.wrapping_neg());
                });
            }
            let id = shown.row[place.slot] as usize;
            let made = match (&place.spread, kept.get(id)) {
                (None, Some(Some(_))) => None,
                _ => {
                    let set = place.spread.as_ref().and_then(|_| in_slots.profile(profiler, elements, number));
                    let there = set.or_else(|| Some(profiler.of(elements, values[number].value()?)));
                    Some(Share::new(place, &there.unwrap_or_else(|| profiler.nothing())))
                }
            };
            if let Some(share) = made {
                if place.spread.is_none() && id < SHARES_MAX {
                    if kept.len() <= id {
                        kept.resize_with(id + 1, || None);
                    }
                    kept[id] = Some(share);
                } else {
                    shown.shares[number] = Some(share);
                }
            }
            let share = shown.shares[number].as_ref().or_else(|| kept.get(id)?.as_ref());
            shown.mentions[number] = share.is_some_and(Share::mentions);
            share.into_iter().flat_map(Share::each).for_each(|(element, share)| {
                add_share(&mut shown.colours, element, share);
            });
        }
        mentioning.clear();
        mentioning.extend((0..).zip(&shown.mentions).filter(|(_, mentions)| **mentions).map(|(number, _)| number));
        shown.colours.clone()
    }
}
