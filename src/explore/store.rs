//! The store of rows: packed in an arena, found through an index.
//!
//! A row's index never changes once its level is closed; rows of closed levels stand in level order.
//! Any number of threads offer rows; what needs room (a wider layout, a larger table) is done while nobody
//! else looks (`room.rs`), and an offer that needs it says so instead of waiting.
//!
//! What the index holds is a matter of [`Keeping`]: places of rows in the arena, which then keeps all of them; or what
//! stands for a row, and then the arena lets rows of closed levels go.
//!
//! Where hashes are needed, keys are hashed as ids, not as packed words: the hash then survives a widening, and a row too
//! wide for the layout has one too. The hash is made of a sum over slots, so a successor's is had from its
//! source's by the slots that changed ([`Image`]), as are its packed words.

use super::arena::Arena;
pub use super::arena::Block;
pub use super::index::Keeping;
use super::index::{Index, finish, key_of, key_of_hash};
use super::keys::{Entered, Keys};
use super::layout::Layout;
use super::table::Inserted;

/// Table entries loaded before the rows that they point to.
const GLANCES: usize = 64;

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

/// Rows packed and hashed, to be offered together: their cache misses overlap then.
#[derive(Default, Debug)]
pub struct Batch {
    hashes: Vec<u64>,
    packed: Vec<u64>,
}

impl Batch {
    /// Rows in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// True if there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hash of the row added last.
    #[must_use]
    pub fn last_hash(&self) -> u64 {
        self.hashes.last().copied().unwrap_or(0)
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.hashes.clear();
        self.packed.clear();
    }
}

/// Rows with distinct keys.
pub struct Store {
    pub(super) keeping: Keeping,
    pub(super) layout: Layout,
    pub(super) widenings: u32,
    pub(super) arena: Arena,
    pub(super) index: Index,
    /// Rows below this index stand in no order.
    pub(super) unordered: u64,
}

/// A row as the store keeps it, and the sum its hash is made of: what a few slots change is quickly told.
#[derive(Clone, Default, Debug)]
pub struct Image {
    packed: Vec<u64>,
    sum: u64,
    /// Widenings of the store when it was made.
    widenings: u32,
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
        Self { keeping, layout, widenings: 0, arena, index, unordered: 0 }
    }

    /// Reads a stored row, packed and unpacked.
    pub fn image(&self, index: u64, image: &mut Image, row: &mut Vec<u32>) {
        let words = self.arena.words(index);
        image.packed.clear();
        image.packed.extend((0..self.layout.words()).map(&words));
        image.widenings = self.widenings;
        image.sum = self.layout.unpack_summing(words, row);
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

    fn change(&self, source: &Image, changes: &[(u32, u32)], packed: &mut [u64]) -> Option<u64> {
        if source.widenings != self.widenings {
            return None;
        }
        let mut sum = source.sum;
        for &(slot, id) in changes {
            sum = sum.wrapping_add(self.layout.replace(packed, slot, id)?);
        }
        Some(sum)
    }

    /// The hash of a row, stored or not: equal for rows with the same key.
    #[must_use]
    pub fn hash(&self, row: &[u32]) -> u64 {
        finish(self.layout.sum(row))
    }

    /// Offers a row by its image.
    pub fn offer_image(&self, image: &Image, block: &mut Block) -> Offer {
        self.offer_packed(finish(image.sum), &image.packed, block)
    }

    /// Adds the row that some changes make of `source` to a batch; false, and nothing is added, if [`Store::changed`]
    /// says so.
    #[must_use]
    pub fn prepare_changed(&self, source: &Image, changes: &[(u32, u32)], batch: &mut Batch) -> bool {
        let start = batch.packed.len();
        // A few words: a loop is quicker than a call.
        source.packed.iter().for_each(|word| batch.packed.push(*word));
        let sum = self.change(source, changes, &mut batch.packed[start..]);
        match sum {
            Some(sum) => batch.hashes.push(finish(sum)),
            None => batch.packed.truncate(start),
        }
        sum.is_some()
    }

    /// Offers a row. `block` are the caller's claimed indices, `packed` is its scratch memory.
    pub fn offer(&self, row: &[u32], block: &mut Block, packed: &mut Vec<u64>) -> Offer {
        packed.resize(self.layout.words(), 0);
        if !self.layout.pack(row, packed) {
            return Offer::TooWide;
        }
        self.offer_packed(finish(self.layout.sum(row)), packed, block)
    }

    fn offer_packed(&self, hash: u64, packed: &[u64], block: &mut Block) -> Offer {
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
    fn offer_key(&self, keys: &Keys, key: u64, packed: &[u64], block: &mut Block) -> Offer {
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

    /// Adds a row to a batch; false, and nothing is added, if an id does not fit its slot's bits.
    #[must_use]
    pub fn prepare(&self, row: &[u32], batch: &mut Batch) -> bool {
        let start = batch.packed.len();
        batch.packed.resize(start + self.layout.words(), 0);
        let fits = self.layout.pack(row, &mut batch.packed[start..]);
        if fits {
            batch.hashes.push(finish(self.layout.sum(row)));
        } else {
            batch.packed.truncate(start);
        }
        fits
    }

    /// Offers the rows of a batch, which was prepared since the last widening, in their order, and tells
    /// what became of each.
    ///
    /// First all table entries are loaded, then the rows they point to, then the offers are made: the
    /// loads of a pass are independent, so the processor has many misses under way at once, as with explicit
    /// prefetching but without intrinsics.
    pub fn offer_batch(&self, batch: &Batch, block: &mut Block, offers: &mut Vec<Offer>) {
        offers.clear();
        let words = self.layout.words();
        for (hashes, packed) in batch.hashes.chunks(GLANCES).zip(batch.packed.chunks(GLANCES * words)) {
            let rows = packed.chunks_exact(words);
            let mut keys = [0; GLANCES];
            let places = keys.iter_mut();
            let table = match &self.index {
                Index::Rows(table) => {
                    let mut glances = [None; GLANCES];
                    glances.iter_mut().zip(hashes).for_each(|(glance, &hash)| *glance = table.glance(hash));
                    let words = glances.iter().flatten().map(|&index| self.arena.words(index)(0));
                    std::hint::black_box(words.fold(0, u64::wrapping_add));
                    offers.extend(hashes.iter().zip(rows).map(|(&hash, row)| self.offer_packed(hash, row, block)));
                    continue;
                }
                Index::Words(table) => {
                    places.zip(packed).for_each(|(key, word)| *key = key_of(*word));
                    table
                }
                Index::Hashes(table) => {
                    places.zip(hashes).for_each(|(key, hash)| *key = key_of_hash(*hash));
                    table
                }
                Index::Codes(table, parts) => {
                    // No key is 0: it stands for a row whose parts have no room.
                    places.zip(rows.clone()).for_each(|(key, row)| *key = parts.code(row).map_or(0, key_of));
                    table
                }
            };
            self.offer_keys(table, &keys[..hashes.len()], rows, block, offers);
        }
    }

    fn offer_keys<'p>(
        &self,
        keys: &Keys,
        all: &[u64],
        rows: impl Iterator<Item = &'p [u64]>,
        block: &mut Block,
        offers: &mut Vec<Offer>,
    ) {
        std::hint::black_box(all.iter().map(|&key| keys.glance(key)).fold(0, u64::wrapping_add));
        offers.extend(all.iter().zip(rows).map(|(&key, row)| match key {
            0 => Offer::Full,
            _ => self.offer_key(keys, key, row, block),
        }));
    }

    /// Reads a row of a batch, which was prepared since the last widening.
    pub fn read_batch(&self, batch: &Batch, at: usize, row: &mut Vec<u32>) {
        let packed = &batch.packed[at * self.layout.words()..];
        self.layout.unpack(|word| packed[word], row);
    }

    /// The slots in which a row of a batch, which was prepared since the last widening, differs from a stored one.
    pub fn batch_changes(&self, batch: &Batch, at: usize, from: u64, changes: &mut Vec<(u32, u32)>) {
        let packed = &batch.packed[at * self.layout.words()..];
        changes.clear();
        self.layout.differences(self.arena.words(from), packed, changes);
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
        table.find(finish(self.layout.sum(row)), same)
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
