//! The lock-free hash table of row indices.
//!
//! *Stores* 64-bit entries: 0 is empty, else 24 bits of the key's hash (the tag) above 40 bits of row index
//! plus one. Open addressing, linear probing; never full, so that every probe ends. Any capacity will do: a table
//! can grow by half. What an index stands for, and when two keys are equal, the caller says.
//!
//! *Operations, any thread*: [`Table::insert`], [`Table::find`], [`Table::glance`] (a find without comparing) and
//! [`Table::touch`] (a load). *Exclusive*: [`Table::replace_index`], [`Table::clear`].
//! There is *no* removal and *no* growth while shared: entries never move or vanish, so two inserts of one key
//! walk the same probe path and meet at its first empty place, where one compare-exchange wins.
//!
//! *Linearisation*: an insert that adds, at its successful compare-exchange (release: the row written before
//! is visible to whoever acquires the entry); an insert or find that meets its key, at the acquire load that
//! read the entry; a find that misses, at the load that read empty.
//!
//! *Checked*: `specs/engine/HashTable.tla` models it, with growth; `tests/loom` runs this file itself under all
//! interleavings and memory orders of a few operations.

use super::sync::{AtomicU64, Ordering, zeroed};

const INDEX_BITS: u32 = 40;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

/// What became of an insert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Inserted {
    /// The key was not there; it is now, with this index.
    New(u64),
    /// The key is there, with this index.
    Seen(u64),
    /// The key is not there and no index could be had for it.
    NoIndex,
}

/// A table of a fixed capacity.
pub(super) struct Table {
    entries: Box<[AtomicU64]>,
}

/// The low bits of a hash, in the place of a tag.
#[inline]
fn tag_of(hash: u64) -> u64 {
    hash << INDEX_BITS
}

#[inline]
fn entry_of(hash: u64, index: u64) -> u64 {
    debug_assert!(index < INDEX_MASK, "row indices have 40 bits");
    tag_of(hash) | (index + 1)
}

impl Table {
    /// An empty table of `capacity` entries.
    pub(super) fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "every probe ends at an empty entry");
        Self { entries: zeroed(capacity) }
    }

    /// Entries, empty ones too.
    pub(super) fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// Rows that may be inserted: probes stay short and always end.
    pub(super) fn rows_max(&self) -> u64 {
        let capacity = self.entries.len() as u64;
        (capacity - capacity / 8).min(INDEX_MASK - 1)
    }

    /// Memory of the entries.
    pub(super) fn bytes(&self) -> u64 {
        8 * self.entries.len() as u64
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        // Homes are the hash scaled to the capacity, which its high bits decide; tags are the low ones.
        #[expect(clippy::cast_possible_truncation, reason = "less than the capacity")]
        let home = ((u128::from(hash) * self.entries.len() as u128) >> 64) as usize;
        home
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.entries.len() { 0 } else { at + 1 }
    }

    /// Loads the entry at a hash's home. To be called for many hashes in a row before they are looked for: the
    /// loads do not wait for one another.
    #[inline]
    pub(super) fn touch(&self, hash: u64) -> u64 {
        self.entries[self.home(hash)].load(Ordering::Relaxed)
    }

    /// A row that may have the key with this hash: the first whose entry has its tag.
    #[inline]
    pub(super) fn glance(&self, hash: u64) -> Option<u64> {
        let mut at = self.home(hash);
        loop {
            let entry = self.entries[at].load(Ordering::Acquire);
            if entry == 0 {
                return None;
            }
            if entry & !INDEX_MASK == tag_of(hash) {
                return Some((entry & INDEX_MASK) - 1);
            }
            at = self.next(at);
        }
    }

    /// Adds a key unless it is there. `same(index)` tells whether the row at `index` has the key;
    /// `place()` writes the row and gives its index, and may be called more than once.
    #[inline]
    pub(super) fn insert(
        &self,
        hash: u64,
        same: impl Fn(u64) -> bool,
        mut place: impl FnMut() -> Option<u64>,
    ) -> Inserted {
        let mut at = self.home(hash);
        loop {
            let mut entry = self.entries[at].load(Ordering::Acquire);
            if entry == 0 {
                let Some(index) = place() else {
                    return Inserted::NoIndex;
                };
                let new = entry_of(hash, index);
                match self.entries[at].compare_exchange(0, new, Ordering::Release, Ordering::Acquire) {
                    Ok(_) => return Inserted::New(index),
                    Err(winner) => entry = winner,
                }
            }
            let index = (entry & INDEX_MASK) - 1;
            if entry & !INDEX_MASK == tag_of(hash) && same(index) {
                return Inserted::Seen(index);
            }
            at = self.next(at);
        }
    }

    /// The index of a key.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u64) -> bool) -> Option<u64> {
        let mut at = self.home(hash);
        loop {
            let entry = self.entries[at].load(Ordering::Acquire);
            if entry == 0 {
                return None;
            }
            let index = (entry & INDEX_MASK) - 1;
            if entry & !INDEX_MASK == tag_of(hash) && same(index) {
                return Some(index);
            }
            at = self.next(at);
        }
    }

    /// The indices of all keys.
    pub(super) fn indices(&self) -> impl Iterator<Item = u64> {
        let entries = self.entries.iter().map(|entry| entry.load(Ordering::Relaxed));
        entries.filter(|&entry| entry != 0).map(|entry| (entry & INDEX_MASK) - 1)
    }

    /// Forgets all keys.
    pub(super) fn clear(&mut self) {
        self.entries.iter_mut().for_each(|entry| *entry = AtomicU64::new(0));
    }

    /// The row that stood at index `from` now stands at `to`.
    pub(super) fn replace_index(&mut self, hash: u64, from: u64, to: u64) {
        let mut at = self.home(hash);
        loop {
            let entry = self.entries[at].load(Ordering::Relaxed);
            debug_assert_ne!(entry, 0, "a stored row has an entry");
            if entry == entry_of(hash, from) {
                self.entries[at].store(entry_of(hash, to), Ordering::Relaxed);
                return;
            }
            if entry == 0 {
                return;
            }
            at = self.next(at);
        }
    }
}
