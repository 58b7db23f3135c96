//! What recurring changes do to packed rows: computed once, then a successor is two operations a word.
//!
//! Changes that recur have a number (`Transition::number`). For each number and word of a row there are the bits
//! that stay and those that are set instead of the others.

/// Numbers for which there is room: 32 bytes each for rows of two words.
const NUMBERS_MAX: u32 = 1 << 17;

/// Words of a row at most.
const WORDS_MAX: usize = 2;

/// Bits kept and bits set, by number, for one layout of rows.
#[derive(Default, Debug)]
pub(super) struct Deltas {
    words: usize,
    /// For each number the bits kept of each word, then the bits set. Nothing is kept of the first word where nothing
    /// is known; where changes do so nevertheless, they are not known.
    masks: Vec<u64>,
}

impl Deltas {
    /// Forgets all; rows have so many words from now on.
    pub(super) fn reset(&mut self, words: usize) {
        self.masks.clear();
        self.words = words;
    }

    /// The changed row of `source`, if the changes with this number are known.
    #[inline(always)]
    pub(super) fn apply<const WORDS: usize>(&self, number: u32, source: &[u64; WORDS]) -> Option<[u64; WORDS]> {
        let (kept, rest) = self.masks.get(number as usize * 2 * WORDS..)?.split_first_chunk::<WORDS>()?;
        let set = rest.first_chunk::<WORDS>()?;
        let known = kept[0] != 0;
        known.then(|| std::array::from_fn(|at| source[at] & kept[at] | set[at]))
    }

    /// Where the masks of a number are to be written, if there is room.
    pub(super) fn masks_mut(&mut self, number: u32) -> Option<(&mut [u64], &mut [u64])> {
        // Longer rows are changed one slot after the other.
        if number >= NUMBERS_MAX || self.words > WORDS_MAX {
            return None;
        }
        let (start, len) = (number as usize * 2 * self.words, 2 * self.words);
        if self.masks.len() < start + len {
            self.masks.resize(start + len, 0);
        }
        Some(self.masks[start..start + len].split_at_mut(self.words))
    }
}
