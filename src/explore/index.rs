//! How rows are known again: by their place in the arena, or by a number that stands for all of them that matters.

use super::keys::Keys;
use super::layout::Layout;
use super::parts::Parts;
use super::table::Table;

/// What a store keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Keeping {
    /// Every row, to be read and found by anyone after the search.
    #[default]
    Rows,
    /// Exactly as much as tells states apart. Rows that fit 63 bits live in the table alone; wider rows are numbers of
    /// their halves, which have dictionaries.
    Compressed,
    /// 64-bit hashes: states with one hash are taken for one.
    Fingerprints,
}

/// What the rows of a store are found through.
pub(super) enum Index {
    /// Indices of rows in the arena, which has all of them.
    Rows(Table),
    /// Packed rows of one word.
    Words(Keys),
    /// Hashes of rows.
    Hashes(Keys),
    /// Codes of rows of several words.
    Codes(Keys, Parts),
}

const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
/// FACTOR * INVERSE = 1.
const INVERSE: u64 = inverse(FACTOR);

const fn inverse(factor: u64) -> u64 {
    // Newton's iteration doubles the bits that are right; an odd number is its own inverse in the last three.
    let (mut inverse, mut round) = (factor, 0);
    while round < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(factor.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// The hash for a sum. Not stable across versions.
#[inline]
pub(super) fn finish(mut sum: u64) -> u64 {
    sum ^= sum >> 32;
    sum = sum.wrapping_mul(FACTOR);
    sum ^ (sum >> 32)
}

/// Both halves of a product, one over the other: each bit depends on about all bits of both factors.
#[inline(always)]
fn fold(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    (product >> 64) as u64 ^ product as u64
}

/// The hash of the words of a row. Not stable across versions.
#[inline(always)]
pub(super) fn hash_words(words: &[u64]) -> u64 {
    let hash = words.iter().fold(0x2d35_8dcc_aa6c_78a5, |hash, word| fold(hash ^ word, 0x9e37_79b9_7f4a_7c15));
    fold(hash, FACTOR)
}

/// The key of a packed row or code of at most 63 bits: a permutation, by which no number but 2^64 - 1 becomes 0.
#[inline]
pub(super) fn key_of(word: u64) -> u64 {
    finish(finish(word + 1))
}

/// The word with this key.
pub(super) fn word_of(key: u64) -> u64 {
    unfinish(unfinish(key)) - 1
}

fn unfinish(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(INVERSE);
    hash ^ (hash >> 32)
}

/// The key that stands for a hash. The hash of the row of zeroes, a likely row, is 0; that of no row is likely to be this
/// other number.
#[inline]
pub(super) fn key_of_hash(hash: u64) -> u64 {
    if hash == 0 { INVERSE } else { hash }
}

impl Index {
    /// An empty index for rows of this layout.
    pub(super) fn fitting(keeping: Keeping, layout: &Layout, capacity: usize) -> Self {
        let whole = layout.key_slots() == layout.slots();
        match keeping {
            Keeping::Fingerprints => Self::Hashes(Keys::new(capacity)),
            Keeping::Compressed if whole && layout.bits() < 64 => Self::Words(Keys::new(capacity)),
            Keeping::Compressed if whole && layout.words() > 1 => {
                Self::Codes(Keys::new(capacity), Parts::new(layout.words()))
            }
            _ => Self::Rows(Table::new(capacity)),
        }
    }

    /// An index that takes no memory, in the place of one that is being replaced.
    pub(super) fn none() -> Self {
        Self::Words(Keys::new(1))
    }

    /// Entries, empty ones too.
    pub(super) fn capacity(&self) -> usize {
        match self {
            Self::Rows(table) => table.capacity(),
            Self::Words(keys) | Self::Hashes(keys) | Self::Codes(keys, _) => keys.capacity(),
        }
    }

    /// Rows that may be stored.
    pub(super) fn rows_max(&self) -> u64 {
        match self {
            Self::Rows(table) => table.rows_max(),
            Self::Words(keys) | Self::Hashes(keys) | Self::Codes(keys, _) => keys.keys_max(),
        }
    }

    /// Memory.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Rows(table) => table.bytes(),
            Self::Words(keys) | Self::Hashes(keys) => keys.bytes(),
            Self::Codes(keys, parts) => keys.bytes() + parts.bytes(),
        }
    }

    /// True if there is no room where some is needed, however many rows there are.
    pub(super) fn crowded(&self) -> bool {
        match self {
            Self::Rows(_) => false,
            Self::Words(keys) | Self::Hashes(keys) => keys.crowded(),
            Self::Codes(keys, parts) => keys.crowded() || parts.crowded(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_tells_its_word(word in 0u64..1 << 63) {
            prop_assert_eq!(word_of(key_of(word)), word);
            prop_assert_ne!(key_of(word), 0);
        }
    }
}
