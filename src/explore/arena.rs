//! The append-only arena of packed rows, addressed by row index.
//!
//! *Stores* rows of equally many words in chunks, allocated on first use.
//!
//! *Operations, any thread*: [`Arena::claim`] a block of unused indices (linearises at the compare-exchange
//! on `claimed`; relaxed, since it hands out numbers and publishes nothing); [`Arena::write`] a row at
//! an index one has claimed and nobody else knows; [`Arena::words`] of a row whose index was published.
//! Words are relaxed atomics: whoever publishes an index does so with release and whoever learns it, with
//! acquire (the table's entries), which orders the words too.
//!
//! *Operations, exclusive*: [`Arena::reclaim`] the unused rests of blocks, [`Arena::repack`],
//! [`Arena::reserve`], [`Arena::release`]: rows are removed from the beginning only, and indices stay.

use std::ops::Range;

use crossbeam::utils::CachePadded;

use super::layout::Layout;
use super::sync::{AtomicU64, OnceLock, Ordering, zeroed};

/// Log2 of the words of a chunk: 1 MiB. The allocator gives as much back to the system as soon as it is freed, by whatever
/// thread, which it does not do with 64 KiB (two-phase commit with 9 managers: 27 MB more).
const CHUNK_BITS: u32 = 17;
/// Rows a worker claims at once: large enough to keep workers off the shared counter, small enough that
/// closing the gaps at a quiet point is nothing.
const BLOCK_ROWS: u64 = 256;

type Chunk = OnceLock<Box<[AtomicU64]>>;

/// Indices a worker has claimed and not used yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Block(Range<u64>);

impl Block {
    /// Marks the first claimed index as used.
    #[inline]
    fn advance(&mut self) {
        self.0.start += 1;
    }
}

/// Rows of one layout.
pub(super) struct Arena {
    row_words: usize,
    /// Log2 of the rows of a chunk.
    chunk_bits: u32,
    chunks: Vec<Chunk>,
    claimed: CachePadded<AtomicU64>,
    bytes: AtomicU64,
    /// Chunks from the beginning that were released.
    released: usize,
}

impl Arena {
    /// An empty arena for rows of `row_words` words that can take `rows_max` rows.
    pub(super) fn new(row_words: usize, rows_max: u64) -> Self {
        let mut arena = Self {
            row_words,
            chunk_bits: CHUNK_BITS.saturating_sub(row_words.next_power_of_two().ilog2()),
            chunks: Vec::new(),
            claimed: CachePadded::new(AtomicU64::new(0)),
            bytes: AtomicU64::new(0),
            released: 0,
        };
        arena.reserve(rows_max);
        arena
    }

    /// Makes the chunk directory long enough for `rows_max` rows.
    pub(super) fn reserve(&mut self, rows_max: u64) {
        let chunks = usize::try_from(rows_max.div_ceil(self.chunk_rows())).expect("a directory fits memory");
        if chunks > self.chunks.len() {
            self.chunks.resize_with(chunks, OnceLock::new);
        }
    }

    /// Indices handed out. At quiet points, after [`Arena::reclaim`], the number of rows.
    pub(super) fn len(&self) -> u64 {
        self.claimed.load(Ordering::Relaxed)
    }

    /// Memory of the chunks.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The next index of `block`, filled up from the arena when it is empty; None when all `rows_max`
    /// rows are handed out. The index stays the block's first until [`Arena::keep`].
    #[inline]
    pub(super) fn claim(&self, block: &mut Block, rows_max: u64) -> Option<u64> {
        if block.0.is_empty() {
            let grow = |next: u64| (next < rows_max).then(|| (next + BLOCK_ROWS).min(rows_max));
            let start = self.claimed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow).ok()?;
            block.0 = start..(start + BLOCK_ROWS).min(rows_max);
        }
        Some(block.0.start)
    }

    /// An index for one row; None when all `rows_max` are handed out.
    pub(super) fn claim_one(&self, rows_max: u64) -> Option<u64> {
        let grow = |next: u64| (next < rows_max).then_some(next + 1);
        self.claimed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow).ok()
    }

    /// The first row of `block` was published: it is no longer the block's.
    #[inline]
    pub(super) fn keep(&self, block: &mut Block) {
        block.advance();
    }

    /// Writes a row that only the caller knows of.
    #[inline]
    pub(super) fn write(&self, index: u64, packed: &[u64]) {
        let (chunk, at) = self.place(index);
        let words = self.chunks[chunk].get_or_init(|| self.new_chunk());
        for (word, &bits) in words[at..at + self.row_words].iter().zip(packed) {
            word.store(bits, Ordering::Relaxed);
        }
    }

    /// The words of a published row.
    #[inline]
    pub(super) fn words(&self, index: u64) -> impl Fn(usize) -> u64 + '_ {
        let (chunk, at) = self.place(index);
        let words = self.chunks[chunk].get().expect("a published row was written");
        let words = &words[at..at + self.row_words];
        move |word| words[word].load(Ordering::Relaxed)
    }

    /// Copies the words of a published row.
    #[inline]
    pub(super) fn copy(&self, index: u64, packed: &mut [u64]) {
        let words = self.words(index);
        packed.iter_mut().enumerate().for_each(|(at, word)| *word = words(at));
    }

    #[inline]
    fn chunk_rows(&self) -> u64 {
        1 << self.chunk_bits
    }

    #[inline]
    fn place(&self, index: u64) -> (usize, usize) {
        let chunk = usize::try_from(index >> self.chunk_bits).expect("chunks fit memory");
        let row = usize::try_from(index & (self.chunk_rows() - 1)).expect("rows of a chunk fit memory");
        (chunk, row * self.row_words)
    }

    fn new_chunk(&self) -> Box<[AtomicU64]> {
        let words = usize::try_from(self.chunk_rows()).expect("small") * self.row_words;
        self.bytes.fetch_add(8 * words as u64, Ordering::Relaxed);
        zeroed(words)
    }

    /// Takes back unused rests of blocks, so that the rows used are `0..len` again: rows from the end move
    /// into the gaps, each told to `moved(from, to)` after its words were copied.
    pub(super) fn reclaim(&mut self, blocks: impl IntoIterator<Item = Block>, mut moved: impl FnMut(&Self, u64, u64)) {
        let mut gaps: Vec<Range<u64>> = blocks.into_iter().map(|block| block.0).filter(|gap| !gap.is_empty()).collect();
        gaps.sort_unstable_by_key(|gap| gap.start);
        let unused: u64 = gaps.iter().map(|gap| gap.end - gap.start).sum();
        let len = self.len() - unused;
        let mut last = self.len();
        let mut high = gaps.clone();
        let mut packed = vec![0; self.row_words];
        for to in gaps.into_iter().flatten().take_while(|&to| to < len) {
            while let Some(gap) = high.pop_if(|gap| gap.end == last) {
                last = gap.start;
            }
            last -= 1;
            self.copy(last, &mut packed);
            self.write(to, &packed);
            moved(self, last, to);
        }
        self.claimed.store(len, Ordering::Relaxed);
    }

    /// Index of the first row that was not released.
    pub(super) fn first(&self) -> u64 {
        self.released as u64 * self.chunk_rows()
    }

    /// Frees rows below an index, oldest first and in whole chunks, until the rest takes no more than `kept_bytes`.
    pub(super) fn release(&mut self, below: u64, kept_bytes: u64) {
        while (self.released as u64 + 1) * self.chunk_rows() <= below && self.bytes() > kept_bytes {
            if let Some(words) = self.chunks[self.released].take() {
                self.bytes.fetch_sub(8 * words.len() as u64, Ordering::Relaxed);
            }
            self.released += 1;
        }
    }

    /// Rows that were released may be written again.
    pub(super) fn readmit(&mut self) {
        self.released = 0;
    }

    /// Rewrites all rows from one layout to a wider one: in place where rows stay as long, else chunk by chunk, so that the
    /// extra memory is one chunk.
    pub(super) fn repack(&mut self, old: &Layout, new: &Layout) {
        let len = self.len();
        let repacking = old.repacking(new);
        let mut packed = vec![0; new.words()];
        if new.words() == self.row_words {
            for index in self.first().min(len)..len {
                repacking.write(self.words(index), &mut packed);
                self.write(index, &packed);
            }
            return;
        }
        let mut wide = Self::new(new.words(), 0);
        wide.reserve(len);
        for number in self.released..self.chunks.len() {
            let start = number as u64 * self.chunk_rows();
            for index in start..(start + self.chunk_rows()).min(len) {
                repacking.write(self.words(index), &mut packed);
                wide.write(index, &packed);
            }
            self.chunks[number] = OnceLock::new();
        }
        wide.claimed.store(len, Ordering::Relaxed);
        wide.released = self.released << (self.chunk_bits - wide.chunk_bits);
        *self = wide;
    }
}
