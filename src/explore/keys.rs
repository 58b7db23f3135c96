//! The lock-free set of 64-bit keys: what the store holds of states where a key tells all of them that it keeps.
//!
//! *Stores* 64-bit entries: 0 is empty, else a key. Open addressing, linear probing in the key's page: keys are scaled
//! to the capacity, so that homes are in the order of keys. A page that is full says so.
//!
//! *Operations, any thread*: [`Keys::insert`], [`Keys::glance`] (a hint). *Exclusive*:
//! [`Keys::enlarge`], [`Keys::add`], [`Keys::take`], [`Keys::least_distance`]. There is *no* removal and *no* growth
//! while shared, as in `table.rs`: two inserts of one key walk the same path and meet at its first empty place.
//!
//! *Linearisation*: an insert that adds, at its successful compare-exchange; one that meets its key, at the load
//! that read it. An entry is all there is to know of a key, so nothing is published with it and every order is relaxed.
//!
//! *Growth* goes from the last page to the first: the keys of a page move to pages behind it, which are the ones emptied
//! before; it takes two pages more than the new table. As reading and writing are in order, it takes a few ns a
//! key, and growing a large table by a quarter is affordable: 8 / 0.75 to 8 / 0.6 bytes a key. Lost: two tables at once, which take
//! 1 + 1.25 times as much, and regions that grow one by one, whose old places the allocator could not use again.
//!
//! *Checked*: `specs/engine/HashTable.tla` models both tables; `tests/loom` runs this file under all interleavings.

use super::sync::{AtomicBool, AtomicU64, Ordering, zeroed};

/// Log2 of the entries of a page: 1 MiB. A table of fewer entries is one smaller page.
const PAGE_BITS: u32 = 17;
const PAGE: usize = 1 << PAGE_BITS;

/// What became of an insert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entered {
    /// The key was not there; it is now.
    New,
    /// The key is there.
    Seen,
    /// The key is not there, and there is no place for it or none may be taken.
    Full,
}

type Page = Box<[AtomicU64]>;

/// A set of keys that are not 0.
pub(super) struct Keys {
    pages: Vec<Page>,
    capacity: usize,
    /// A page was found to be full.
    crowded: AtomicBool,
}

fn empty_page(entries: usize) -> Page {
    zeroed(entries)
}

fn keys_of(page: &Page) -> impl Iterator<Item = u64> {
    page.iter().map(|entry| entry.load(Ordering::Relaxed)).filter(|&key| key != 0)
}

/// Capacities are whole pages, but of small tables.
fn rounded(capacity: usize) -> usize {
    if capacity <= PAGE { capacity.max(1) } else { capacity.div_ceil(PAGE) * PAGE }
}

impl Keys {
    /// An empty set with room for `capacity` entries or a few more.
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = rounded(capacity);
        let pages = (0..capacity.div_ceil(PAGE)).map(|_| empty_page(capacity.min(PAGE))).collect();
        Self { pages, capacity, crowded: AtomicBool::new(false) }
    }

    /// Entries, empty ones too.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Keys that may be inserted: probes stay short.
    pub(super) fn keys_max(&self) -> u64 {
        let capacity = self.capacity as u64;
        capacity - capacity / 8
    }

    /// Memory of the entries.
    pub(super) fn bytes(&self) -> u64 {
        8 * self.capacity as u64
    }

    /// Memory while there is room for `capacity` entries and before.
    pub(super) fn bytes_while_growing(capacity: usize) -> u64 {
        8 * (rounded(capacity) + rounded(capacity).min(2 * PAGE)) as u64
    }

    /// True if a page was found to be full, however many keys there are in all.
    pub(super) fn crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// Where a key belongs: its page and its place there.
    #[inline]
    fn home(&self, key: u64) -> (usize, usize) {
        #[expect(clippy::cast_possible_truncation, reason = "less than the capacity")]
        let home = ((u128::from(key) * self.capacity as u128) >> 64) as usize;
        (home >> PAGE_BITS, home & (PAGE - 1))
    }

    /// The entry at a key's home. To be called for many keys before they are inserted: the loads do not wait for
    /// one another.
    #[inline]
    pub(super) fn glance(&self, key: u64) -> u64 {
        let (page, home) = self.home(key);
        self.pages[page][home].load(Ordering::Relaxed)
    }

    /// Adds a key unless it is there. `place()` is called before it is added, perhaps more than once, and may
    /// refuse.
    #[inline]
    pub(super) fn insert(&self, key: u64, mut place: impl FnMut() -> bool) -> Entered {
        debug_assert_ne!(key, 0, "0 is an empty entry");
        let (page, home) = self.home(key);
        let page = &self.pages[page];
        let mut at = home;
        loop {
            let mut entry = page[at].load(Ordering::Relaxed);
            if entry == 0 {
                if !place() {
                    return Entered::Full;
                }
                match page[at].compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => return Entered::New,
                    Err(winner) => entry = winner,
                }
            }
            if entry == key {
                return Entered::Seen;
            }
            at = if at + 1 == page.len() { 0 } else { at + 1 };
            if at == home {
                self.crowded.store(true, Ordering::Relaxed);
                return Entered::Full;
            }
        }
    }

    /// All keys; the table is freed meanwhile and left with hardly any room.
    pub(super) fn take(&mut self, len: u64) -> Vec<u64> {
        let mut keys = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        for page in std::mem::replace(self, Self::new(1)).pages {
            keys.extend(keys_of(&page));
        }
        keys
    }

    /// Makes room for `capacity` entries, or for some more if a page was full.
    pub(super) fn enlarge(&mut self, capacity: usize) {
        if self.crowded() {
            self.resize(capacity + capacity / 4 + 1);
        } else if capacity > self.capacity {
            self.resize(capacity);
        }
    }

    /// Makes room for `capacity` entries or more, which must be more than there were.
    fn resize(&mut self, capacity: usize) {
        let mut keys = if self.capacity < PAGE { self.small(capacity) } else { self.spread(capacity) };
        // A page that is too small for its keys, by a chance one need not reckon with, makes the table larger.
        while let Some(left) = keys.pop() {
            self.add(left);
        }
    }

    /// Replaces a table of one small page by an empty one; gives the keys that are to be entered.
    fn small(&mut self, capacity: usize) -> Vec<u64> {
        let old = std::mem::replace(self, Self::new(capacity));
        old.pages.iter().flat_map(keys_of).collect()
    }

    /// Moves all keys to their places in a larger table; gives those that found none.
    fn spread(&mut self, capacity: usize) -> Vec<u64> {
        let old = std::mem::take(&mut self.pages);
        self.capacity = rounded(capacity);
        self.crowded.store(false, Ordering::Relaxed);
        let pages = self.capacity / PAGE;
        self.pages.resize_with(pages, || empty_page(0));
        let (mut keys, mut left, mut lowest, mut free) = (Vec::new(), Vec::new(), pages, Vec::new());
        for page in old.into_iter().rev() {
            keys.clear();
            keys.extend(keys_of(&page));
            page.iter().for_each(|entry| entry.store(0, Ordering::Relaxed));
            free.push(page);
            for &key in &keys {
                let to = self.home(key).0;
                while lowest > to {
                    lowest -= 1;
                    self.pages[lowest] = free.pop().unwrap_or_else(|| empty_page(PAGE));
                }
                if self.insert(key, || true) == Entered::Full {
                    left.push(key);
                }
            }
        }
        self.pages[..lowest].iter_mut().for_each(|page| *page = free.pop().unwrap_or_else(|| empty_page(PAGE)));
        left
    }

    /// Adds a key, making room for it if need be.
    pub(super) fn add(&mut self, key: u64) {
        while self.insert(key, || true) == Entered::Full {
            self.resize(2 * self.capacity + 1);
        }
    }

    /// The least distance between two keys.
    pub(super) fn least_distance(&self) -> Option<u64> {
        let (mut least, mut last, mut sorted) = (None, None, Vec::new());
        for page in &self.pages {
            sorted.clear();
            sorted.extend(keys_of(page));
            sorted.sort_unstable();
            for &key in &sorted {
                let distance = last.map(|last| key - last);
                least = least.into_iter().chain(distance).min();
                last = Some(key);
            }
        }
        least
    }
}
