//! How many bits each slot of a row gets, and rows to words and back.
//!
//! Slots stand one after the other, slot 0 in the lowest bits of word 0. A slot does not straddle words: that
//! wastes a few bits a word, and makes packing a loop without branches or carried state, twice as fast.
//! Key slots come first, so a key is a prefix of the bits.
//!
//! Widths only grow. A slot starts with the bits its dictionary needs; when ids no longer fit, it gets the
//! bits needed now, and one more if the dictionary is not tiny (such a dictionary tends to grow on, and each
//! widening repacks every stored row: with the spare bit a dictionary must double in between).

/// Dictionaries up to this many ids get no spare bit when they are widened.
const TINY_LEN: u32 = 16;

/// The bit layout of packed rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    widths: Box<[u8]>,
    words: usize,
    /// Slots without bits.
    without: Box<[u32]>,
    /// Where the slots with bits stand, in order: rows have many slots that nothing was ever written to.
    places: Box<[Place]>,
    /// Index of each slot in `places`; `u32::MAX` without bits.
    place_of: Box<[u32]>,
    /// What the id of each key slot is multiplied with in the sum that hashes are made of.
    factors: Box<[u64]>,
    key_slots: usize,
    /// Words filled by the key.
    key_words: usize,
    /// Bits of the key in the word after those.
    key_mask: u64,
}

/// Where a slot with bits stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    slot: u32,
    word: u32,
    shift: u8,
    width: u8,
}

impl Place {
    #[inline]
    fn mask(self) -> u64 {
        (1 << self.width) - 1
    }
}

/// Bits needed for ids below `len`.
fn bits_for(len: u32) -> u8 {
    let bits = u32::BITS - len.saturating_sub(1).leading_zeros();
    u8::try_from(bits).expect("at most 32 bits")
}

/// A factor of its own for each slot (the finaliser of splitmix64 over its number): the sums of two keys that
/// differ are different but for a chance of 2^-64.
fn factor(slot: u64) -> u64 {
    let mut bits = (slot + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) | 1
}

impl Layout {
    /// A layout of the given widths (at most 32 bits each); the first `key_slots` are the key.
    ///
    /// # Panics
    /// If a width is above 32 or there are fewer slots than key slots.
    #[must_use]
    pub fn new(widths: Vec<u8>, key_slots: usize) -> Self {
        assert!(widths.iter().all(|&width| width <= 32), "ids have 32 bits");
        let mut words = 1;
        let (mut places, mut place_of) = (Vec::new(), vec![u32::MAX; widths.len()]);
        let (mut used, mut key_end) = (0, (0, 0));
        for (slot, &width) in widths.iter().enumerate() {
            if used + width > 64 {
                words += 1;
                used = 0;
            }
            if width > 0 {
                place_of[slot] = places.len() as u32;
                places.push(Place { slot: slot as u32, word: words as u32 - 1, shift: used, width });
            }
            used += width;
            if slot + 1 == key_slots {
                key_end = (words - 1, used);
            }
        }
        assert!(key_slots <= widths.len(), "the key is a prefix of the row");
        let (key_words, key_mask) = match key_end {
            (words, 64) => (words + 1, 0),
            (words, bits) => (words, (1 << bits) - 1),
        };
        let without =
            widths.iter().enumerate().filter(|(_, width)| **width == 0).map(|(slot, _)| slot as u32).collect();
        Self {
            widths: widths.into_boxed_slice(),
            words,
            without,
            places: places.into_boxed_slice(),
            place_of: place_of.into_boxed_slice(),
            factors: (0..key_slots as u64).map(factor).collect(),
            key_slots,
            key_words,
            key_mask,
        }
    }

    /// The tightest layout for dictionaries of these lengths.
    #[must_use]
    pub fn fitting(slots: usize, key_slots: usize, slot_len: &dyn Fn(usize) -> u32) -> Self {
        Self::new((0..slots).map(|slot| bits_for(slot_len(slot))).collect(), key_slots)
    }

    /// A layout in which all ids of dictionaries of these lengths fit, or None if they do already.
    #[must_use]
    pub fn widened(&self, slot_len: &dyn Fn(usize) -> u32) -> Option<Self> {
        let mut changed = false;
        let widen = |(slot, &width): (usize, &u8)| {
            let len = slot_len(slot);
            let needed = bits_for(len);
            if needed <= width {
                return width;
            }
            changed = true;
            if len > TINY_LEN { (needed + 1).min(32) } else { needed }
        };
        let widths = self.widths.iter().enumerate().map(widen).collect();
        changed.then(|| Self::new(widths, self.key_slots))
    }

    /// 64-bit words of a packed row: at least 1.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }

    /// Slots of a row.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.widths.len()
    }

    /// Bits of each slot.
    #[must_use]
    pub fn widths(&self) -> &[u8] {
        &self.widths
    }

    /// Slots of a key.
    #[must_use]
    pub fn key_slots(&self) -> usize {
        self.key_slots
    }

    /// Writes the packed row to `packed`, which has [`Layout::words`] words. False if an id does not
    /// fit its slot; `packed` is then of no use.
    #[must_use]
    pub fn pack(&self, row: &[u32], packed: &mut [u64]) -> bool {
        let outside = self.without.iter().fold(0, |ids, &slot| ids | row[slot as usize]);
        self.pack_places(row, packed) && outside == 0
    }

    /// The same for a row with nothing in slots without bits.
    #[must_use]
    pub fn pack_places(&self, row: &[u32], packed: &mut [u64]) -> bool {
        let mut excess = 0;
        packed.fill(0);
        for place in &self.places {
            let id = u64::from(row[place.slot as usize]);
            packed[place.word as usize] |= id << place.shift;
            excess |= id & !place.mask();
        }
        excess == 0
    }

    /// Writes the id of one slot into a packed row and gives the one that was there. None, and nothing is written, if
    /// it does not fit.
    #[inline]
    #[must_use]
    pub fn replace(&self, packed: &mut [u64], slot: u32, id: u32) -> Option<u32> {
        let Some(place) = self.places.get(self.place_of[slot as usize] as usize) else {
            return (id == 0).then_some(0);
        };
        let (mask, id) = (place.mask(), u64::from(id));
        if id & !mask != 0 {
            return None;
        }
        let word = &mut packed[place.word as usize];
        let old = (*word >> place.shift) & mask;
        *word ^= (old ^ id) << place.shift;
        u32::try_from(old).ok()
    }

    /// What a slot adds to the sum that the hash of a key is made of: nothing for id 0, so that slots nobody wrote to
    /// need not be looked at, and nothing outside the key.
    #[inline]
    #[must_use]
    pub fn term(&self, slot: usize, id: u32) -> u64 {
        self.factors.get(slot).map_or(0, |factor| factor.wrapping_mul(u64::from(id)))
    }

    /// The sum of the terms of a row.
    #[must_use]
    pub fn sum(&self, row: &[u32]) -> u64 {
        let terms = self.factors.iter().zip(row).map(|(factor, &id)| factor.wrapping_mul(u64::from(id)));
        terms.fold(0, u64::wrapping_add)
    }

    /// The sum of the terms of a packed row.
    #[must_use]
    pub fn packed_sum(&self, word_at: impl Fn(usize) -> u64) -> u64 {
        let mut sum = 0u64;
        self.each_place(word_at, |slot, id| sum = sum.wrapping_add(self.term(slot, id)));
        sum
    }

    /// Reads a row back from its words, into `row`.
    pub fn unpack(&self, word_at: impl Fn(usize) -> u64, row: &mut Vec<u32>) {
        row.clear();
        row.resize(self.widths.len(), 0);
        self.each_place(word_at, |slot, id| row[slot] = id);
    }

    /// Calls `each` with slot and id of every slot that has bits, in order.
    #[inline]
    pub fn each_place(&self, word_at: impl Fn(usize) -> u64, mut each: impl FnMut(usize, u32)) {
        let (mut at, mut word) = (u32::MAX, 0);
        for place in &self.places {
            if place.word != at {
                at = place.word;
                word = word_at(at as usize);
            }
            let bits = (word >> place.shift) & place.mask();
            each(place.slot as usize, u32::try_from(bits).expect("widths are at most 32"));
        }
    }

    /// True if both packed rows have the same key.
    #[must_use]
    pub fn same_key(&self, packed: &[u64], word_at: impl Fn(usize) -> u64) -> bool {
        (0..self.key_words).all(|at| packed[at] == word_at(at))
            && (self.key_mask == 0 || (packed[self.key_words] ^ word_at(self.key_words)) & self.key_mask == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn widths_and_row() -> impl Strategy<Value = (Vec<u8>, Vec<u32>)> {
        proptest::collection::vec((0u8..=32, any::<u32>()), 0..40).prop_map(|slots| {
            let mask = |width: u8| u32::try_from((1u64 << width) - 1).expect("32 bits");
            slots.into_iter().map(|(width, id)| (width, id & mask(width))).unzip()
        })
    }

    proptest! {
        #[test]
        fn unpack_after_pack_is_identity((widths, row) in widths_and_row()) {
            let layout = Layout::new(widths, 0);
            let mut packed = vec![u64::MAX; layout.words()];
            prop_assert!(layout.pack(&row, &mut packed));
            let mut back = vec![7; 3];
            layout.unpack(|at| packed[at], &mut back);
            prop_assert_eq!(back, row);
        }

        #[test]
        fn setting_a_slot_is_packing_the_changed_row((widths, row) in widths_and_row(), slot in 0usize..40, id in any::<u32>()) {
            let layout = Layout::new(widths.clone(), 0);
            let (mut set, mut packed) = (vec![0; layout.words()], vec![0; layout.words()]);
            prop_assert!(layout.pack(&row, &mut set));
            if slot < row.len() {
                let mut changed = row.clone();
                changed[slot] = id >> (id % 33).min(31);
                let fits = layout.pack(&changed, &mut packed);
                let old = layout.replace(&mut set, slot as u32, changed[slot]);
                prop_assert_eq!(old, fits.then_some(row[slot]));
                prop_assert!(!fits || set == packed);
            }
        }

        #[test]
        fn same_key_is_equality_of_keys((widths, row) in widths_and_row(), key in 0usize..40, slot in 0usize..40) {
            let key = key.min(row.len());
            let layout = Layout::new(widths.clone(), key);
            let mut other = row.clone();
            if let (Some(id), Some(&width)) = (other.get_mut(slot), widths.get(slot))
                && width > 0
            {
                *id ^= 1;
            }
            let mut left = vec![0; layout.words()];
            let mut right = vec![0; layout.words()];
            prop_assert!(layout.pack(&row, &mut left) && layout.pack(&other, &mut right));
            prop_assert_eq!(layout.same_key(&left, |at| right[at]), row[..key] == other[..key]);
        }

        #[test]
        fn an_id_too_wide_is_refused((widths, row) in widths_and_row(), slot in 0usize..40) {
            let layout = Layout::new(widths.clone(), 0);
            let mut row = row;
            if let (Some(id), Some(&width)) = (row.get_mut(slot), widths.get(slot))
                && width < 32
            {
                *id = 1 << width;
                prop_assert!(!layout.pack(&row, &mut vec![0; layout.words()]));
            }
        }

        #[test]
        fn widened_fits_every_id(lens in proptest::collection::vec(1u32.., 1..20)) {
            let tight = Layout::new(vec![0; lens.len()], 1);
            let wide = tight.widened(&|slot| lens[slot]).unwrap_or(tight);
            let row: Vec<u32> = lens.iter().map(|len| len - 1).collect();
            prop_assert!(wide.pack(&row, &mut vec![0; wide.words()]));
            prop_assert_eq!(wide.widened(&|slot| lens[slot]), None);
        }
    }
}
