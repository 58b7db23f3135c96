//! Making room in the store: what is done while nobody else looks.

use std::ops::Range;

use super::arena::{Arena, Block};
use super::index::{Index, Keeping, key_of, word_of};
use super::keys::Keys;
use super::layout::Layout;
use super::store::Store;
use super::table::{Inserted, Table};

/// Rows entered into a new table at once.
const REINDEX_ROWS: u64 = 64;

/// Capacities of tables that grow fourfold, and from which on they grow by half.
const SMALL: usize = 1 << 21;
const LARGE: usize = 1 << 23;
/// The same for tables of keys, which grow more cheaply, and from which on they grow by a quarter (from 1 million
/// entries on: growing takes 5.8 % of the time of two-phase commit with 9 managers).
const SMALL_KEYS: usize = 1 << 19;
const LARGE_KEYS: usize = 1 << 20;
const VAST_KEYS: usize = 1 << 24;

impl Store {
    /// Memory of arena and table.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.arena.bytes() + self.index.bytes()
    }

    /// Memory of rows in the arena.
    #[must_use]
    pub fn arena_bytes(&self) -> u64 {
        self.arena.bytes()
    }

    /// Takes back what the workers claimed and did not use: rows are `0..len` again. Only rows added since
    /// the last call can change their index.
    pub fn reclaim(&mut self, blocks: impl IntoIterator<Item = Block>) {
        let Self { layout, arena, index, .. } = self;
        let mut packed = vec![0; layout.words()];
        arena.reclaim(blocks, |arena, from, to| {
            if let Index::Rows(table) = index {
                arena.copy(to, &mut packed);
                table.replace_index(layout.hash(&packed), from, to);
            }
        });
    }

    /// Frees rows below an index that nothing but a trace could need, oldest first, until the others take no more
    /// than `kept_bytes`.
    pub fn release(&mut self, below: u64, kept_bytes: u64) {
        if !matches!(self.index, Index::Rows(_)) && self.arena.bytes() > kept_bytes {
            self.arena.release(below, kept_bytes);
            if self.arena.bytes() > kept_bytes {
                // The rest of a chunk.
                self.unordered = below;
            }
        }
    }

    /// Rows from this index on can be read and stand in level order.
    #[must_use]
    pub fn ordered_from(&self) -> u64 {
        self.arena.first().max(self.unordered)
    }

    /// Forgets all rows; as much room remains.
    pub fn clear(&mut self) {
        let capacity = self.index.capacity();
        self.index = Index::none();
        // Nothing that was prepared or remembered is stored any more.
        self.count_widening();
        self.arena = Arena::new(self.layout.words(), 0);
        self.index = Index::fitting(self.keeping, &self.layout, capacity);
        self.arena.reserve(self.index.rows_max());
        self.unordered = 0;
    }

    /// Makes all ids of dictionaries of these lengths fit. All blocks must have been reclaimed. True if every row must be
    /// [`Store::reindex`]ed before the next offer.
    #[must_use]
    pub fn widen(&mut self, slot_len: &dyn Fn(usize) -> u32) -> bool {
        let mut reindex = false;
        if let Some(wide) = self.layout.widened(slot_len) {
            let wide = match self.index {
                // The spare bits of other slots may be what it takes to fit.
                Index::Words(_) => self.layout.tightened(slot_len).roomier(),
                Index::Rows(_) => {
                    let tight = self.layout.tightened(slot_len);
                    let shorter = (self.layout.words()..wide.words()).contains(&tight.words());
                    if shorter { tight } else { wide }.spared(&self.layout)
                }
                _ => wide,
            };
            self.count_widening();
            let rows = matches!(self.index, Index::Rows(_));
            match self.index {
                Index::Rows(_) | Index::Hashes(_) => self.repack(wide),
                Index::Words(_) | Index::Codes(..) => self.recode(wide),
            }
            if let Index::Rows(table) = &mut self.index
                && rows
            {
                table.clear();
                reindex = true;
            }
        }
        reindex
    }

    fn repack(&mut self, wide: Layout) {
        let old = std::mem::replace(&mut self.layout, wide);
        self.arena.repack(&old, &self.layout);
        self.arena.reserve(self.index.rows_max());
    }

    /// Replaces the index by one for another layout, or by one of another kind if the layout or what is kept wants it.
    ///
    /// Where the arena has all rows, they are entered again. Else the rows that were released are only known from their
    /// keys, which are copied before the old table is freed: 8 bytes a row beside the new table.
    fn recode(&mut self, wide: Layout) {
        let (capacity, old) = (self.index.capacity(), self.layout.clone());
        let released = self.arena.first();
        let (mut keys, parts) = match std::mem::replace(&mut self.index, Index::none()) {
            Index::Words(mut keys) if released > 0 => (keys.take(self.len()), None),
            Index::Codes(mut keys, parts) if released > 0 => (keys.take(self.len()), Some(parts)),
            _ => (Vec::new(), None),
        };
        self.index = Index::fitting(self.keeping, &wide, capacity);
        self.repack(wide);
        let (mut words, repacking) = (Vec::new(), old.repacking(&self.layout));
        let mut packed = vec![0; self.layout.words()];
        let whole = matches!(self.index, Index::Rows(_));
        let retained = if whole || released == 0 { released..self.len() } else { 0..0 };
        if whole {
            self.reindex(retained);
        } else {
            for index in retained {
                self.arena.copy(index, &mut packed);
                self.enter(&packed);
            }
        }
        let mut next = 0;
        for key in keys.drain(..) {
            match &parts {
                Some(parts) => parts.words_of(word_of(key), &mut words),
                None => words = vec![word_of(key)],
            }
            repacking.write(|at| words[at], &mut packed);
            if whole {
                next = self.restore(next, &packed);
            } else {
                self.enter(&packed);
            }
        }
        if whole && released > 0 {
            debug_assert_eq!(next, released, "every row has one key");
            self.unordered = self.unordered.max(released);
            self.arena.readmit();
        }
        self.arena.reserve(self.index.rows_max());
    }

    /// Adds the key of a row to a table of keys.
    fn enter(&mut self, packed: &[u64]) {
        match &mut self.index {
            Index::Words(keys) => keys.add(key_of(packed[0])),
            Index::Codes(keys, parts) => loop {
                if let Some(code) = parts.code(packed) {
                    break keys.add(key_of(code));
                }
                parts.enlarge();
            },
            Index::Rows(_) | Index::Hashes(_) => {}
        }
    }

    /// Writes a row that was released at the next index, unless it is there.
    fn restore(&mut self, next: u64, packed: &[u64]) -> u64 {
        let Self { layout, arena, index: Index::Rows(table), .. } = self else { return next };
        let hash = layout.hash(packed);
        let same = |index| layout.same_key(packed, arena.words(index));
        let place = || {
            arena.write(next, packed);
            Some(next)
        };
        match table.insert(hash, same, place) {
            Inserted::New(_) => next + 1,
            Inserted::Seen(_) | Inserted::NoIndex => next,
        }
    }

    /// The table capacity that is right when `more` rows are about to come; None if there is room enough.
    ///
    /// At quiet points tables are at most 7/10 full, small ones (up to 32 MiB) at least 7/40, larger ones 7/20; large
    /// ones (from 64 MiB on) are at most 3/4 full and at least 1/2: 11 to 16 bytes a row. Those of keys
    /// are so from 8 MiB on, and from 128 MiB on at least 3/5 full: 11 to 13 bytes.
    #[must_use]
    pub fn capacity_wanted(&self, more: u64) -> Option<usize> {
        let (mut capacity, keyed) = (self.index.capacity(), !matches!(self.index, Index::Rows(_)));
        let (small, large) = if keyed { (SMALL_KEYS, LARGE_KEYS) } else { (SMALL, LARGE) };
        let full = |capacity: usize| capacity as u128 * if capacity < large { 70 } else { 75 } / 100;
        while (self.len() + more) as u128 > full(capacity) {
            capacity = match capacity {
                _ if capacity < small => capacity * 4,
                _ if capacity < large => capacity * 2,
                _ if keyed && capacity >= VAST_KEYS => capacity / 4 * 5,
                _ => capacity / 2 * 3,
            };
        }
        (capacity > self.index.capacity() || self.index.crowded()).then_some(capacity)
    }

    /// Memory of arena and table while the table gets this capacity.
    #[must_use]
    pub fn bytes_with_capacity(&self, capacity: usize) -> u64 {
        let keys = Keys::bytes_while_growing(capacity);
        self.arena.bytes()
            + match &self.index {
                Index::Rows(_) => 8 * capacity as u64,
                Index::Words(_) | Index::Hashes(_) => keys,
                Index::Codes(_, parts) => keys + parts.bytes() + parts.growth_bytes(),
            }
    }

    /// Gives the index this capacity. All blocks must have been reclaimed. True if every
    /// row must be [`Store::reindex`]ed before the next offer: the old table was freed before the new
    /// one was allocated, for the arena knows all rows.
    pub fn enlarge(&mut self, capacity: usize) -> bool {
        let rows = matches!(self.index, Index::Rows(_));
        match &mut self.index {
            Index::Rows(table) => {
                *table = Table::new(1);
                *table = Table::new(capacity);
            }
            Index::Words(keys) | Index::Hashes(keys) => keys.enlarge(capacity),
            Index::Codes(keys, parts) => {
                keys.enlarge(capacity);
                parts.enlarge();
                if parts.exhausted() {
                    self.keeping = Keeping::Rows;
                    self.recode(self.layout.clone());
                }
            }
        }
        self.arena.reserve(self.index.rows_max());
        rows
    }

    /// Enters rows into a new table. Any threads, each row once.
    pub fn reindex(&self, rows: Range<u64>) {
        let Index::Rows(table) = &self.index else { return };
        let (mut hashes, mut packed) = (Vec::new(), vec![0; self.layout.words()]);
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + REINDEX_ROWS);
            hashes.clear();
            for index in start..end {
                self.arena.copy(index, &mut packed);
                hashes.push(self.layout.hash(&packed));
            }
            // Entries into the cache first, all misses at once.
            std::hint::black_box(hashes.iter().map(|&hash| table.touch(hash)).fold(0, u64::wrapping_add));
            for (index, &hash) in (start..end).zip(&hashes) {
                let inserted = table.insert(hash, |_| false, || Some(index));
                debug_assert_eq!(inserted, Inserted::New(index), "keys are distinct");
            }
            start = end;
        }
    }
}
