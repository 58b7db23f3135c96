//! How many bits each slot of a row gets, and rows to words and back.
//!
//! Slots stand one after the other, slot 0 in the lowest bits of word 0. A slot does not straddle words: that
//! wastes a few bits a word, and makes packing a loop without branches or carried state, twice as fast.
//! Key slots come first, so a key is a prefix of the bits.
//!
//! Widths only grow. A slot starts with the bits its dictionary needs; when ids no longer fit, it gets the
//! bits needed now, and one more if the dictionary is not tiny (such a dictionary tends to grow on, and each
//! widening repacks every stored row: with the spare bit a dictionary must double in between).

use super::index::hash_words;

/// Dictionaries up to this many ids get no spare bit when they are widened.
const TINY_LEN: u32 = 16;
/// Bits that a slot which was widened gets in addition, where they cost nothing.
const SPARE_BITS: u8 = 2;

/// The bit layout of packed rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    widths: Box<[u8]>,
    words: usize,
    /// Slots without bits.
    without: Box<[u32]>,
    /// Where the slots with bits stand, in order: rows have many slots that nothing was ever written to.
    places: Box<[Place]>,
    /// Where those of each word end.
    ends: Box<[usize]>,
    /// Where each slot stands; those without bits have an empty mask.
    place_of: Box<[Place]>,
    /// The slot that each bit belongs to, if it belongs to one.
    slot_at: Box<[u32]>,
    key_slots: usize,
    /// Words filled by the key.
    key_words: usize,
    /// Bits of the key in the word after those.
    key_mask: u64,
    /// All words of a row have about the same number of bits.
    balanced: bool,
}

/// Where a slot stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    /// What the id is multiplied with in the sum that hashes are made of: nothing outside the key.
    factor: u64,
    slot: u32,
    word: u32,
    /// Its bits, before they are shifted.
    mask: u32,
    shift: u8,
}

impl Place {
    #[inline]
    fn id_in(self, word: u64) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the mask has at most 32 bits")]
        let bits = (word >> self.shift) as u32;
        bits & self.mask
    }
}

/// Bits that stand next to each other in two layouts.
struct Run {
    from: usize,
    to: usize,
    /// In the word they come from.
    mask: u64,
    left: u32,
}

/// How packed rows of one layout become those of a wider one: neighbours move together.
pub(super) struct Repacking(Vec<Run>);

impl Repacking {
    /// Writes the row with these words, in the wider layout, to `packed`.
    pub(super) fn write(&self, word_at: impl Fn(usize) -> u64, packed: &mut [u64]) {
        packed.fill(0);
        for run in &self.0 {
            packed[run.to] |= (word_at(run.from) & run.mask).rotate_left(run.left);
        }
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
        Self::filling(widths, key_slots, 64)
    }

    /// The same slots in as many words, all of about as many bits: halves of a row then are halves of the state. A row of
    /// 64 bits has two words.
    #[must_use]
    pub fn balanced(self) -> Self {
        let (bits, words) = (self.bits(), self.words.max(1 + usize::from(self.bits() > 63)));
        let tries = (bits.div_ceil(words as u64)..64).filter_map(|limit| u8::try_from(limit).ok());
        let layouts = tries.map(|limit| Self::filling(self.widths.to_vec(), self.key_slots, limit.max(32)));
        let balanced = if words == 1 { None } else { layouts.into_iter().find(|layout| layout.words == words) };
        Self { balanced: true, ..balanced.unwrap_or(self) }
    }

    /// The tightest layout for dictionaries of these lengths, balanced if this one is.
    #[must_use]
    pub fn tightened(&self, slot_len: &dyn Fn(usize) -> u32) -> Self {
        let tight = Self::fitting(self.slots(), self.key_slots, slot_len);
        if self.balanced { tight.balanced() } else { tight }
    }

    /// A layout with at most so many bits a word.
    fn filling(widths: Vec<u8>, key_slots: usize, word_bits: u8) -> Self {
        assert!(widths.iter().all(|&width| width <= 32), "ids have 32 bits");
        let mut words = 1;
        let (mut place_of, mut ends) = (Vec::with_capacity(widths.len()), Vec::new());
        let (mut used, mut key_end, mut placed) = (0, (0, 0), 0);
        for (slot, &width) in widths.iter().enumerate() {
            if used + width > word_bits {
                words += 1;
                used = 0;
                ends.push(placed);
            }
            placed += usize::from(width > 0);
            let factor = if slot < key_slots { factor(slot as u64) } else { 0 };
            let mask = u32::try_from((1u64 << width) - 1).expect("at most 32 bits");
            place_of.push(Place { factor, slot: slot as u32, word: words as u32 - 1, mask, shift: used % 64 });
            used += width;
            if slot + 1 == key_slots {
                key_end = (words - 1, used);
            }
        }
        ends.push(placed);
        assert!(key_slots <= widths.len(), "the key is a prefix of the row");
        let (key_words, key_mask) = match key_end {
            (words, 64) => (words + 1, 0),
            (words, bits) => (words, (1 << bits) - 1),
        };
        let (places, without): (Vec<Place>, Vec<Place>) = place_of.iter().partition(|place| place.mask != 0);
        let mut slot_at = vec![0; 64 * words];
        for place in &places {
            let start = 64 * place.word as usize + usize::from(place.shift);
            slot_at[start..start + place.mask.count_ones() as usize].fill(place.slot);
        }
        Self {
            widths: widths.into_boxed_slice(),
            words,
            without: without.iter().map(|place| place.slot).collect(),
            places: places.into_boxed_slice(),
            ends: ends.into_boxed_slice(),
            place_of: place_of.into_boxed_slice(),
            slot_at: slot_at.into_boxed_slice(),
            key_slots,
            key_words,
            key_mask,
            balanced: false,
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
        let wide = changed.then(|| Self::new(widths, self.key_slots));
        wide.map(|wide| if self.balanced { wide.balanced() } else { wide })
    }

    /// The same with a few more bits for each slot that is wider than in `old` and has more than four values, as far as
    /// words have them to spare: such a slot is likely to grow on.
    #[must_use]
    pub fn spared(self, old: &Self) -> Self {
        let mut spared = self;
        for slot in 0..old.slots() {
            for _ in 0..SPARE_BITS {
                let width = spared.widths[slot];
                if width <= old.widths[slot] || !(3..32).contains(&width) {
                    break;
                }
                let mut widths = spared.widths.to_vec();
                widths[slot] += 1;
                let wider = Self::new(widths, spared.key_slots);
                if wider.words > spared.words {
                    break;
                }
                spared = wider;
            }
        }
        spared
    }

    /// A tight layout with spare bits, as long as a row fits 63: three for each slot with more than four values, then, by
    /// turns, one for those with only one value so far and for the others. A table of packed rows is made anew for every
    /// widening, which with spare bits happens while there are few rows; without, two-phase commit with 9 managers is
    /// widened at 9.9 of 10.3 million states, takes 1.13 times as long, and 338 MB instead of 250.
    #[must_use]
    pub fn roomier(self) -> Self {
        let old = &self.widths;
        let with = |least: u8, most: u8| -> Vec<usize> {
            (0..old.len()).filter(|&slot| (least..=most).contains(&old[slot])).collect()
        };
        let (one, few, large) = (with(0, 0), with(1, 2), with(3, 32));
        let (mut widths, mut bits) = (old.to_vec(), self.bits());
        // The first of those with one value are more likely to get another than the last.
        let rest = usize::try_from(63u64.saturating_sub(bits)).unwrap_or(0).saturating_sub(3 * large.len());
        let (first, last) = one.split_at(one.len().min(rest / 2));
        for &slot in [&large[..], &large, &large, first, &few, last].into_iter().flatten() {
            if bits < 63 && widths[slot] < 32 {
                widths[slot] += 1;
                bits += 1;
            }
        }
        if bits > 63 { self } else { Self { balanced: self.balanced, ..Self::new(widths, self.key_slots) } }
    }

    /// 64-bit words of a packed row: at least 1.
    #[must_use]
    #[inline]
    pub fn words(&self) -> usize {
        self.words
    }

    /// Bits of a row that are used.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.widths.iter().map(|&width| u64::from(width)).sum()
    }

    /// Slots of a row.
    #[must_use]
    #[inline]
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
    #[inline]
    pub fn key_slots(&self) -> usize {
        self.key_slots
    }

    /// Writes the packed row to `packed`, which has [`Layout::words`] words. False if an id does not
    /// fit its slot; `packed` is then of no use.
    #[must_use]
    #[inline]
    pub fn pack(&self, row: &[u32], packed: &mut [u64]) -> bool {
        let outside = self.without.iter().fold(0, |ids, &slot| ids | row[slot as usize]);
        let mut excess = 0;
        packed.fill(0);
        for place in &self.places {
            let id = row[place.slot as usize];
            packed[place.word as usize] |= u64::from(id) << place.shift;
            excess |= id & !place.mask;
        }
        outside | excess == 0
    }

    /// How rows of this layout are packed in a wider one.
    pub(super) fn repacking(&self, wide: &Self) -> Repacking {
        let mut runs: Vec<Run> = Vec::new();
        for old in &self.places {
            let new = &wide.place_of[old.slot as usize];
            let (from, to) = (old.word as usize, new.word as usize);
            let left = (u32::from(new.shift) + 64 - u32::from(old.shift)) % 64;
            let mask = u64::from(old.mask) << old.shift;
            match runs.last_mut() {
                Some(run) if (run.from, run.to, run.left) == (from, to, left) => run.mask |= mask,
                _ => runs.push(Run { from, to, mask, left }),
            }
        }
        Repacking(runs)
    }

    /// Writes the id of one slot into a packed row and gives what that adds to the sum that hashes are made of.
    /// None, and nothing is written, if it does not fit.
    #[inline]
    #[must_use]
    pub fn replace(&self, packed: &mut [u64], slot: u32, id: u32) -> Option<u64> {
        let place = &self.place_of[slot as usize];
        if id & !place.mask != 0 {
            return None;
        }
        let word = &mut packed[place.word as usize];
        let old = place.id_in(*word);
        *word ^= u64::from(old ^ id) << place.shift;
        Some(place.factor.wrapping_mul(u64::from(id).wrapping_sub(u64::from(old))))
    }

    /// What changes add to the sum of a row with these words; their ids fit.
    #[inline]
    #[must_use]
    pub fn sum_of_changes(&self, packed: &[u64], changes: &[(u32, u32)]) -> u64 {
        changes.iter().fold(0u64, |sum, &(slot, id)| {
            let place = &self.place_of[slot as usize];
            let old = place.id_in(packed[place.word as usize]);
            sum.wrapping_add(place.factor.wrapping_mul(u64::from(id).wrapping_sub(u64::from(old))))
        })
    }

    /// What changes, whose ids fit, do to each word of a row: the bits that stay, and those set instead of the others.
    pub fn masks(&self, changes: &[(u32, u32)], kept: &mut [u64], set: &mut [u64]) {
        kept.fill(u64::MAX);
        set.fill(0);
        for &(slot, id) in changes {
            let place = &self.place_of[slot as usize];
            kept[place.word as usize] &= !(u64::from(place.mask) << place.shift);
            set[place.word as usize] |= u64::from(id) << place.shift;
        }
    }

    /// The sum over key slots that the hash of a row is made of. Id 0 adds nothing, so that slots nobody wrote to
    /// need not be looked at.
    #[must_use]
    pub fn sum(&self, row: &[u32]) -> u64 {
        let terms = self.place_of.iter().zip(row).map(|(place, &id)| place.factor.wrapping_mul(u64::from(id)));
        terms.fold(0, u64::wrapping_add)
    }

    /// The same of a packed row.
    #[must_use]
    pub fn packed_sum(&self, word_at: impl Fn(usize) -> u64) -> u64 {
        let mut sum = 0u64;
        self.each_place(word_at, |place, id| sum = sum.wrapping_add(place.factor.wrapping_mul(u64::from(id))));
        sum
    }

    /// Reads a row back from its words, into `row`.
    #[inline]
    pub fn unpack(&self, word_at: impl Fn(usize) -> u64, row: &mut Vec<u32>) {
        self.clear(row);
        self.each_place(word_at, |place, id| row[place.slot as usize] = id);
    }

    /// Does so and gives its sum.
    pub fn unpack_summing(&self, word_at: impl Fn(usize) -> u64, row: &mut Vec<u32>) -> u64 {
        let mut sum = 0u64;
        self.clear(row);
        self.each_place(word_at, |place, id| {
            row[place.slot as usize] = id;
            sum = sum.wrapping_add(place.factor.wrapping_mul(u64::from(id)));
        });
        sum
    }

    /// Makes a row of which only slots with bits remain to be written.
    #[inline]
    fn clear(&self, row: &mut Vec<u32>) {
        if row.len() != self.widths.len() || !self.without.is_empty() {
            row.clear();
            row.resize(self.widths.len(), 0);
        }
    }

    /// Calls `each` with place and id of every slot that has bits, in order.
    #[inline]
    fn each_place(&self, word_at: impl Fn(usize) -> u64, mut each: impl FnMut(&Place, u32)) {
        let mut start = 0;
        for (at, &end) in self.ends.iter().enumerate() {
            let word = word_at(at);
            for place in &self.places[start..end] {
                each(place, place.id_in(word));
            }
            start = end;
        }
    }

    /// Adds to `changes` the slots in which two packed rows differ, with their ids in the second.
    #[inline]
    pub fn differences(&self, from: impl Fn(usize) -> u64, to: &[u64], changes: &mut Vec<(u32, u32)>) {
        for (at, &to) in to[..self.words].iter().enumerate() {
            let mut bits = from(at) ^ to;
            while bits != 0 {
                let place = &self.place_of[self.slot_at[64 * at + bits.trailing_zeros() as usize] as usize];
                changes.push((place.slot, place.id_in(to)));
                bits &= !(u64::from(place.mask) << place.shift);
            }
        }
    }

    /// The hash of the key of a packed row.
    #[inline]
    #[must_use]
    pub fn hash(&self, packed: &[u64]) -> u64 {
        if self.key_slots == self.widths.len() {
            return hash_words(&packed[..self.words]);
        }
        let mut key = packed[..self.key_words].to_vec();
        if self.key_mask != 0 {
            key.push(packed[self.key_words] & self.key_mask);
        }
        hash_words(&key)
    }

    /// True if both packed rows have the same key.
    #[must_use]
    #[inline]
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
            let layout = Layout::new(widths.clone(), widths.len());
            let (mut set, mut packed) = (vec![0; layout.words()], vec![0; layout.words()]);
            prop_assert!(layout.pack(&row, &mut set));
            if slot < row.len() {
                let mut changed = row.clone();
                changed[slot] = id >> (id % 33).min(31);
                let fits = layout.pack(&changed, &mut packed);
                let mut old = vec![0; layout.words()];
                prop_assert!(layout.pack(&row, &mut old));
                let change = layout.replace(&mut set, slot as u32, changed[slot]);
                prop_assert_eq!(change, fits.then(|| layout.sum(&changed).wrapping_sub(layout.sum(&row))));
                if fits {
                    let mut changes = Vec::new();
                    layout.differences(|at| old[at], &set, &mut changes);
                    let different = (row != changed).then_some((slot as u32, changed[slot]));
                    prop_assert_eq!(changes, Vec::from_iter(different));
                    prop_assert_eq!(set, packed);
                }
            }
        }

        #[test]
        fn repacking_is_packing_wider((widths, row) in widths_and_row(), more in proptest::collection::vec(0u8..4, 40)) {
            let wide = widths.iter().zip(more).map(|(width, more)| (width + more).min(32)).collect();
            let (layout, wide) = (Layout::new(widths, row.len()), Layout::new(wide, row.len()));
            let (mut old, mut new) = (vec![0; layout.words()], vec![0; wide.words()]);
            prop_assert!(layout.pack(&row, &mut old) && wide.pack(&row, &mut new));
            let mut repacked = vec![7; wide.words()];
            layout.repacking(&wide).write(|at| old[at], &mut repacked);
            prop_assert_eq!(repacked, new);
            prop_assert_eq!(layout.packed_sum(|at| old[at]), layout.sum(&row));
            let mut back = Vec::new();
            prop_assert_eq!(layout.unpack_summing(|at| old[at], &mut back), layout.sum(&row));
            prop_assert_eq!(back, row);
        }

        #[test]
        fn balanced_and_roomier_layouts_have_the_same_slots((widths, row) in widths_and_row()) {
            let plain = Layout::new(widths, row.len());
            let (balanced, roomier) = (plain.clone().balanced(), plain.clone().roomier());
            let narrow = Layout::new(plain.widths().iter().map(|width| width / 2).collect(), row.len());
            let spared = plain.clone().spared(&narrow);
            prop_assert_eq!(spared.words(), plain.words());
            for layout in [&balanced, &roomier, &spared] {
                prop_assert!(layout.words() == plain.words() || plain.bits() == 64 && layout.words() == 2);
                prop_assert!(layout.widths().iter().zip(plain.widths()).all(|(new, old)| new >= old));
                let mut packed = vec![0; layout.words()];
                prop_assert!(layout.pack(&row, &mut packed));
                let mut back = Vec::new();
                layout.unpack(|at| packed[at], &mut back);
                prop_assert_eq!(&back, &row);
            }
            prop_assert_eq!(balanced.widths(), plain.widths());
            prop_assert!(roomier.bits() <= plain.bits().max(63));
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
