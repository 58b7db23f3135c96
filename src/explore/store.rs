//! The store of rows: packed in an arena, found through an index.
//!
//! A row's index never changes once its level is closed; rows of closed levels stand in level order.
//! Any number of threads offer rows; what needs room (a wider layout, a larger table) is done while nobody
//! else looks (`room.rs`), and an offer that needs it says so instead of waiting.
//!
//! What the index holds is a matter of [`Keeping`]: places of rows in the arena, which then keeps all of them; or what
//! stands for a row, and then the arena lets rows of closed levels go.
//!
//! Hashes are made of packed words; after a widening there are others, and rows are entered again. Only where nothing
//! but hashes is kept, keys are hashed as ids, by a sum over slots: such a hash survives a widening.

use super::arena::Arena;
pub use super::arena::Block;
pub use super::batch::Batch;
pub use super::index::Keeping;
use super::index::{Index, finish, key_of, key_of_hash};
use super::keys::{Entered, Keys};
use super::layout::Layout;
use super::table::Inserted;

/// What became of an offered row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offer {
    /// It was not stored; now it is, at this index.
    New(u64),
    /// A row with its key is stored.
    Seen,
    /// An id does not fit its slot's bits: widen, then offer again.
    TooWide,
    /// It is not stored and the table can take no more: enlarge, then offer again.
    Full,
}

/// How states are known again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// By their rows.
    Row,
    /// By their rows, which fit the table.
    Word,
    /// By the numbers of the halves of their rows.
    Code,
    /// By 64-bit hashes: states with one hash were taken for one.
    Hash {
        /// The least distance between two hashes: the smaller, the likelier it is that two were equal.
        least_distance: Option<u64>,
    },
}

/// Widenings whose layouts are remembered.
const FORMER_MAX: u32 = 1 << 8;

/// Rows with distinct keys.
pub struct Store {
    pub(super) keeping: Keeping,
    pub(super) layout: Layout,
    pub(super) widenings: u32,
    /// The layouts before the first widenings.
    pub(super) former: Vec<Layout>,
    pub(super) arena: Arena,
    pub(super) index: Index,
    /// Rows below this index stand in no order.
    pub(super) unordered: u64,
}

/// A row as the store keeps it: what a few slots change is quickly told.
#[derive(Clone, Default, Debug)]
pub struct Image {
    pub(super) packed: Vec<u64>,
    /// The sum its hash is made of, if hashes are.
    pub(super) sum: u64,
    /// Widenings of the store when it was made.
    pub(super) widenings: u32,
}

impl Store {
    /// An empty store of rows in this layout, with a table of `2^table_bits` entries, that keeps every row.
    #[must_use]
    pub fn new(layout: Layout, table_bits: u32) -> Self {
        Self::keeping(Keeping::Rows, layout, table_bits)
    }

    /// An empty store that keeps what it is told to.
    #[must_use]
    pub fn keeping(keeping: Keeping, layout: Layout, table_bits: u32) -> Self {
        let layout = if keeping == Keeping::Compressed { layout.balanced() } else { layout };
        let index = Index::fitting(keeping, &layout, 1 << table_bits.clamp(3, 40));
        let arena = Arena::new(layout.words(), index.rows_max());
        Self { keeping, layout, widenings: 0, former: Vec::new(), arena, index, unordered: 0 }
    }

    /// Reads a stored row, packed and unpacked.
    pub fn image(&self, index: u64, image: &mut Image, row: &mut Vec<u32>) {
        let words = self.arena.words(index);
        image.packed.clear();
        for at in 0..self.layout.words() {
            image.packed.push(words(at));
        }
        image.widenings = self.widenings;
        if self.sums() {
            image.sum = self.layout.unpack_summing(words, row);
        } else {
            self.layout.unpack(words, row);
        }
    }

    /// The image of a row with some slots changed. False if an id does not fit its
    /// slot's bits, or the store was widened since `source` was made.
    #[must_use]
    pub fn changed(&self, source: &Image, changes: &[(u32, u32)], image: &mut Image) -> bool {
        image.packed.clear();
        image.packed.extend_from_slice(&source.packed);
        image.widenings = source.widenings;
        let Some(sum) = self.change(source, changes, &mut image.packed) else { return false };
        image.sum = sum;
        true
    }

    #[inline]
    pub(super) fn change(&self, source: &Image, changes: &[(u32, u32)], packed: &mut [u64]) -> Option<u64> {
        if source.widenings != self.widenings {
            return None;
        }
        let mut sum = source.sum;
        for &(slot, id) in changes {
            sum = sum.wrapping_add(self.layout.replace(packed, slot, id)?);
        }
        Some(sum)
    }

    /// The hash of a row, which is equal for rows with the same key; None if it cannot be stored without widening.
    #[must_use]
    pub fn hash(&self, row: &[u32]) -> Option<u64> {
        let mut packed = vec![0; self.layout.words()];
        self.layout.pack(row, &mut packed).then(|| self.hash_packed(&packed))
    }

    /// The hashes of a row by their numbers ([`Store::hashing`]), as far as those are known; None where it could not be
    /// packed.
    #[must_use]
    pub fn hashes(&self, row: &[u32]) -> Vec<Option<u64>> {
        if self.sums() {
            return vec![self.hash(row)];
        }
        let mut packed = Vec::new();
        let mut hash = |layout: &Layout| {
            packed.resize(layout.words(), 0);
            layout.pack(row, &mut packed).then(|| layout.hash(&packed))
        };
        let mut hashes: Vec<Option<u64>> = self.former.iter().map(&mut hash).collect();
        if self.former.len() == self.widenings as usize {
            hashes.push(hash(&self.layout));
        }
        hashes
    }

    /// From now on rows are packed anew.
    pub(super) fn count_widening(&mut self) {
        if self.former.len() == self.widenings as usize && self.widenings < FORMER_MAX {
            self.former.push(self.layout.clone());
        }
        self.widenings += 1;
    }

    /// The hash of a packed row.
    #[inline]
    pub(super) fn hash_packed(&self, packed: &[u64]) -> u64 {
        if self.sums() { finish(self.layout.packed_sum(|at| packed[at])) } else { self.layout.hash(packed) }
    }

    /// True if hashes are made of sums over slots.
    #[inline]
    pub(super) fn sums(&self) -> bool {
        matches!(self.index, Index::Hashes(_))
    }

    /// Hashes with the same number can be compared.
    #[must_use]
    #[inline]
    pub fn hashing(&self) -> u32 {
        if self.sums() { 0 } else { self.widenings }
    }

    /// Offers a row by its image.
    pub fn offer_image(&self, image: &Image, block: &mut Block) -> Offer {
        self.offer_packed(self.hash_packed(&image.packed), &image.packed, block)
    }

    /// Offers a row. `block` are the caller's claimed indices, `packed` is its scratch memory.
    pub fn offer(&self, row: &[u32], block: &mut Block, packed: &mut Vec<u64>) -> Offer {
        packed.resize(self.layout.words(), 0);
        if !self.layout.pack(row, packed) {
            return Offer::TooWide;
        }
        self.offer_packed(self.hash_packed(packed), packed, block)
    }

    #[inline]
    pub(super) fn offer_packed(&self, hash: u64, packed: &[u64], block: &mut Block) -> Offer {
        let table = match &self.index {
            Index::Rows(table) => table,
            Index::Words(keys) => return self.offer_key(keys, key_of(packed[0]), packed, block),
            Index::Hashes(keys) => return self.offer_key(keys, key_of_hash(hash), packed, block),
            Index::Codes(keys, parts) => {
                let Some(code) = parts.code(packed) else { return Offer::Full };
                return self.offer_key(keys, key_of(code), packed, block);
            }
        };
        let same = |index| self.layout.same_key(packed, self.arena.words(index));
        let place = || {
            let index = self.arena.claim(block, table.rows_max())?;
            self.arena.write(index, packed);
            Some(index)
        };
        match table.insert(hash, same, place) {
            Inserted::New(index) => {
                self.arena.keep(block);
                Offer::New(index)
            }
            Inserted::Seen(_) => Offer::Seen,
            Inserted::NoIndex => Offer::Full,
        }
    }

    /// The row is written after its key: only who expands it reads it, after the next quiet point.
    #[inline]
    pub(super) fn offer_key(&self, keys: &Keys, key: u64, packed: &[u64], block: &mut Block) -> Offer {
        let (mut claimed, keys_max) = (None, keys.keys_max());
        let place = || {
            claimed = self.arena.claim(block, keys_max);
            claimed.is_some()
        };
        match (keys.insert(key, place), claimed) {
            (Entered::Seen, _) => Offer::Seen,
            (Entered::New, Some(index)) => {
                self.arena.write(index, packed);
                self.arena.keep(block);
                Offer::New(index)
            }
            (Entered::New | Entered::Full, _) => Offer::Full,
        }
    }

    /// The index of the row with this row's key, where every row is kept.
    #[must_use]
    pub fn find(&self, row: &[u32]) -> Option<u64> {
        let Index::Rows(table) = &self.index else { return None };
        let mut packed = vec![0; self.layout.words()];
        let fits = if self.layout.key_slots() < row.len() {
            // With a view, the other slots may hold what no stored row has.
            let mut key = row.to_vec();
            key[self.layout.key_slots()..].fill(0);
            self.layout.pack(&key, &mut packed)
        } else {
            self.layout.pack(row, &mut packed)
        };
        if !fits {
            return None;
        }
        let same = |index| self.layout.same_key(&packed, self.arena.words(index));
        table.find(self.hash_packed(&packed), same)
    }

    /// True if rows cannot be found by [`Store::find`].
    #[must_use]
    pub fn forgets(&self) -> bool {
        !matches!(self.index, Index::Rows(_))
    }

    /// How states are known again.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match &self.index {
            Index::Hashes(keys) => Identity::Hash { least_distance: keys.least_distance() },
            Index::Words(_) => Identity::Word,
            Index::Codes(..) => Identity::Code,
            Index::Rows(_) => Identity::Row,
        }
    }

    /// Index of the first row that can be read.
    #[must_use]
    pub fn first_kept(&self) -> u64 {
        self.arena.first()
    }

    /// True if the row with this index can be read.
    #[must_use]
    pub fn has(&self, index: u64) -> bool {
        (self.arena.first()..self.len()).contains(&index)
    }

    /// Reads a stored row, which is still there.
    pub fn read(&self, index: u64, row: &mut Vec<u32>) {
        self.layout.unpack(self.arena.words(index), row);
    }

    /// Bits of each slot.
    #[must_use]
    pub fn widths(&self) -> &[u8] {
        self.layout.widths()
    }

    /// Rows stored, exactly after [`Store::reclaim`].
    #[must_use]
    pub fn len(&self) -> u64 {
        self.arena.len()
    }

    /// True if nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
