//! The exact store of rows: packed in an arena, found through a hash table.
//!
//! A row's index never changes once its level is closed; rows of closed levels stand in level order.
//! Any number of threads offer rows; what needs room (a wider layout, a larger table) is done while nobody
//! else looks, and an offer that needs it says so instead of waiting.
//!
//! Keys are hashed as ids, not as packed words: the hash then survives a widening (the table stays as it
//! is), and a row too wide for the layout has one too. The hash is a sum over slots, so a successor's is had from its
//! source's by the slots that changed ([`Image`]), as are its packed words.

use std::ops::Range;

use super::arena::Arena;
pub use super::arena::Block;
use super::layout::Layout;
use super::table::{Inserted, Table};

/// Rows entered into a new table at once.
const REINDEX_ROWS: u64 = 64;

/// Capacities of tables that grow fourfold, and from which on they grow by half.
const SMALL: usize = 1 << 21;
const LARGE: usize = 1 << 23;
/// Table entries loaded before the rows that they point to.
const GLANCES: usize = 64;

/// What became of an offered row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offer {
    /// It was not stored; now it is, at this index.
    New(u64),
    /// A row with its key is stored at this index.
    Seen(u64),
    /// An id does not fit its slot's bits: widen, then offer again.
    TooWide,
    /// It is not stored and the table can take no more: enlarge, then offer again.
    Full,
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
    layout: Layout,
    widenings: u32,
    arena: Arena,
    table: Table,
}

/// A row as the store keeps it, and the sum its hash is made of: what a few slots change is quickly told.
#[derive(Clone, Default, Debug)]
pub struct Image {
    packed: Vec<u64>,
    sum: u64,
    /// Widenings of the store when it was made.
    widenings: u32,
}

/// The hash for a sum. Not stable across versions.
#[inline]
fn finish(mut sum: u64) -> u64 {
    const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
    sum ^= sum >> 32;
    sum = sum.wrapping_mul(FACTOR);
    sum ^ (sum >> 32)
}

impl Store {
    /// An empty store of rows in this layout, with a table of `2^table_bits` entries.
    #[must_use]
    pub fn new(layout: Layout, table_bits: u32) -> Self {
        let table = Table::new(1 << table_bits.clamp(3, 40));
        let arena = Arena::new(layout.words(), table.rows_max());
        Self { layout, widenings: 0, arena, table }
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
        let same = |index| self.layout.same_key(packed, self.arena.words(index));
        let place = || {
            let index = self.arena.claim(block, self.table.rows_max())?;
            self.arena.write(index, packed);
            Some(index)
        };
        match self.table.insert(hash, same, place) {
            Inserted::New(index) => {
                self.arena.keep(block);
                Offer::New(index)
            }
            Inserted::Seen(index) => Offer::Seen(index),
            Inserted::NoIndex => Offer::Full,
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
        for hashes in batch.hashes.chunks(GLANCES) {
            let mut glances = [None; GLANCES];
            glances.iter_mut().zip(hashes).for_each(|(glance, &hash)| *glance = self.table.glance(hash));
            let words = glances.iter().flatten().map(|&index| self.arena.words(index)(0));
            std::hint::black_box(words.fold(0, u64::wrapping_add));
        }
        offers.clear();
        let rows = batch.hashes.iter().zip(batch.packed.chunks_exact(self.layout.words()));
        offers.extend(rows.map(|(&hash, packed)| self.offer_packed(hash, packed, block)));
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

    /// The index of the row with this row's key.
    #[must_use]
    pub fn find(&self, row: &[u32]) -> Option<u64> {
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
        self.table.find(finish(self.layout.sum(row)), same)
    }

    /// Reads a stored row.
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

    /// Memory of arena and table.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.arena.bytes() + self.table.bytes()
    }

    /// Takes back what the workers claimed and did not use: rows are `0..len` again. Only rows added since
    /// the last call can change their index.
    pub fn reclaim(&mut self, blocks: impl IntoIterator<Item = Block>) {
        let Self { layout, arena, table, .. } = self;
        arena.reclaim(blocks, |arena, from, to| {
            table.replace_index(finish(layout.packed_sum(arena.words(to))), from, to);
        });
    }

    /// Makes all ids of dictionaries of these lengths fit. All blocks must have been reclaimed.
    pub fn widen(&mut self, slot_len: &dyn Fn(usize) -> u32) {
        if let Some(wide) = self.layout.widened(slot_len) {
            let old = std::mem::replace(&mut self.layout, wide);
            self.widenings += 1;
            self.arena.repack(&old, &self.layout);
            self.arena.reserve(self.table.rows_max());
        }
    }

    /// The table capacity that is right when `more` rows are about to come; None if it is so already.
    /// At quiet points tables are at most 7/10 full, small ones (up to 32 MiB) at least 7/40, larger ones 7/20; large
    /// ones (from 64 MiB on) are at most 3/4 full and at least 1/2: 11 to 16 bytes a row.
    #[must_use]
    pub fn capacity_wanted(&self, more: u64) -> Option<usize> {
        let mut capacity = self.table.capacity();
        let full = |capacity: usize| capacity as u128 * if capacity < LARGE { 70 } else { 75 } / 100;
        while (self.len() + more) as u128 > full(capacity) {
            capacity = match capacity {
                ..SMALL => capacity * 4,
                SMALL..LARGE => capacity * 2,
                _ => capacity / 2 * 3,
            };
        }
        (capacity > self.table.capacity()).then_some(capacity)
    }

    /// Memory of arena and table once the table has this capacity.
    #[must_use]
    pub fn bytes_with_capacity(&self, capacity: usize) -> u64 {
        self.arena.bytes() + 8 * capacity as u64
    }

    /// Replaces the table by an empty one of this capacity. All blocks must have been reclaimed, and every
    /// row must be [`Store::reindex`]ed before the next offer. The old table is freed before the new
    /// one is allocated: the arena knows all rows.
    pub fn enlarge(&mut self, capacity: usize) {
        self.table = Table::new(1);
        self.table = Table::new(capacity);
        self.arena.reserve(self.table.rows_max());
    }

    /// Enters rows into a new table. Any threads, each row once.
    pub fn reindex(&self, rows: Range<u64>) {
        let mut hashes = Vec::new();
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + REINDEX_ROWS);
            hashes.clear();
            for index in start..end {
                hashes.push(finish(self.layout.packed_sum(self.arena.words(index))));
            }
            // Entries into the cache first, all misses at once.
            std::hint::black_box(hashes.iter().filter_map(|&hash| self.table.glance(hash)).count());
            for (index, &hash) in (start..end).zip(&hashes) {
                let inserted = self.table.insert(hash, |_| false, || Some(index));
                debug_assert_eq!(inserted, Inserted::New(index), "keys are distinct");
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(id: u32) -> Vec<u32> {
        vec![id % 97, id / 97, id]
    }

    #[test]
    fn rows_survive_widening_growth_and_reclaiming() {
        let mut store = Store::new(Layout::new(vec![0; 3], 3), 3);
        let mut blocks = vec![Block::default(); 3];
        let mut packed = Vec::new();
        for id in 0..5000u32 {
            let row = square(id);
            let at = id as usize % 3;
            loop {
                match store.offer(&row, &mut blocks[at], &mut packed) {
                    Offer::New(_) => break,
                    Offer::Seen(_) => panic!("row {id} was never offered"),
                    Offer::TooWide => {
                        store.reclaim(std::mem::take(&mut blocks));
                        store.widen(&|slot| row[slot] + 1);
                    }
                    Offer::Full => {
                        store.reclaim(std::mem::take(&mut blocks));
                        if let Some(capacity) = store.capacity_wanted(1) {
                            store.enlarge(capacity);
                            store.reindex(0..store.len());
                        }
                    }
                }
                blocks.resize(3, Block::default());
            }
        }
        store.reclaim(blocks);
        assert_eq!(store.len(), 5000);
        let mut seen: Vec<u64> = (0..5000).filter_map(|id| store.find(&square(id))).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..5000).collect::<Vec<u64>>());
        let mut row = Vec::new();
        for index in 0..5000 {
            store.read(index, &mut row);
            assert_eq!(store.find(&row), Some(index));
        }
        assert_eq!(store.find(&square(5000)), None);
    }

    #[test]
    fn concurrent_offers_of_the_same_rows_store_each_once() {
        let store = Store::new(Layout::new(vec![7, 13, 13], 3), 14);
        let fresh = std::sync::Mutex::new((0, Vec::new()));
        std::thread::scope(|scope| {
            for offset in 0..4u32 {
                let (store, fresh) = (&store, &fresh);
                scope.spawn(move || {
                    let (mut block, mut packed, mut new) = (Block::default(), Vec::new(), 0);
                    for id in (0..4000).map(|id| (id + offset * 1000) % 4000) {
                        if let Offer::New(_) = store.offer(&square(id), &mut block, &mut packed) {
                            new += 1;
                        }
                    }
                    let mut fresh = fresh.lock().expect("no thread panics");
                    fresh.0 += new;
                    fresh.1.push(block);
                });
            }
        });
        let (new, blocks) = fresh.into_inner().expect("no thread panics");
        let mut store = store;
        store.reclaim(blocks);
        assert_eq!((new, store.len()), (4000, 4000));
        let mut row = Vec::new();
        for index in 0..4000 {
            store.read(index, &mut row);
            assert_eq!(store.find(&row), Some(index));
        }
    }

    #[test]
    fn a_view_decides_identity_alone() {
        let store = Store::new(Layout::new(vec![4, 4], 1), 4);
        let (mut block, mut packed) = (Block::default(), Vec::new());
        assert_eq!(store.offer(&[3, 1], &mut block, &mut packed), Offer::New(0));
        assert_eq!(store.offer(&[3, 2], &mut block, &mut packed), Offer::Seen(0));
        let mut row = Vec::new();
        store.read(0, &mut row);
        assert_eq!(row, [3, 1]);
    }
}
