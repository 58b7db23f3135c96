//! Where each of the first expanded states leads to, in 64 bits: a Bloom filter of its successors' hashes.
//!
//! Written once, by whoever expands the state; asked on the way back from a finding, which then only expands
//! states that may lead to the one at hand. A state of which nothing is known may lead anywhere.
//!
//! The predecessor that is taken stays the smallest by structural order, which a pointer to the first one found would
//! not give: that one depends on the threads. Klotski (24,048 states, 117 levels): the way back expands 17,340 states
//! without, 241 with. After a widening hashes are others, so each filter says of which number its are.

use std::sync::OnceLock;

use super::sync::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// States of a chunk, and chunks: 9 bytes each for the first million states. Larger graphs are those of cheap steps.
const CHUNK: usize = 1 << 12;
const CHUNKS: usize = 1 << 8;
/// Leads anywhere.
const ANYWHERE: u64 = u64::MAX;

/// The bits of a successor.
#[inline]
pub(super) fn bits(hash: u64) -> u64 {
    1 << (hash >> 58) | 1 << (hash >> 52 & 63)
}

/// The filters of some states, and the numbers of the hashes that they are made of (`Store::hashing`).
struct Chunk {
    filters: Box<[AtomicU64]>,
    numbers: Box<[AtomicU8]>,
}

impl Chunk {
    fn new() -> Self {
        let filters = (0..CHUNK).map(|_| AtomicU64::new(ANYWHERE)).collect();
        Self { filters, numbers: (0..CHUNK).map(|_| AtomicU8::new(0)).collect() }
    }
}

/// The filters, by index of the state.
pub(super) struct Footprints {
    chunks: Box<[OnceLock<Chunk>]>,
    /// States have other indices now.
    forgotten: AtomicBool,
}

impl Footprints {
    pub(super) fn new() -> Self {
        Self { chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(), forgotten: AtomicBool::new(false) }
    }

    /// From now on, nothing is known of any state.
    pub(super) fn forget(&self) {
        self.forgotten.store(true, Ordering::Relaxed);
    }

    /// Keeps the bits of all successors of a state, of hashes with this number.
    #[inline]
    pub(super) fn keep(&self, index: u64, all: u64, hashing: u32) {
        let (chunk, at) = place(index);
        if let Some(chunk) = self.chunks.get(chunk) {
            let chunk = chunk.get_or_init(Chunk::new);
            let (all, number) = u8::try_from(hashing).map_or((ANYWHERE, 0), |number| (all, number));
            chunk.filters[at].store(all, Ordering::Relaxed);
            chunk.numbers[at].store(number, Ordering::Relaxed);
        }
    }

    /// False if a state does not lead to one that has these hashes, by their numbers: none where it could not be packed.
    pub(super) fn may_lead(&self, index: u64, hashes: &[Option<u64>]) -> bool {
        let (chunk, at) = place(index);
        let Some(chunk) = self.chunks.get(chunk).and_then(OnceLock::get) else { return true };
        let (all, number) = (chunk.filters[at].load(Ordering::Relaxed), chunk.numbers[at].load(Ordering::Relaxed));
        if all == ANYWHERE || self.forgotten.load(Ordering::Relaxed) {
            return true;
        }
        match hashes.get(usize::from(number)) {
            Some(Some(hash)) => bits(*hash) & !all == 0,
            Some(None) => false,
            None => true,
        }
    }

    /// Memory they take once so many states are expanded.
    pub(super) fn bytes(states: u64) -> u64 {
        9 * states.next_multiple_of(CHUNK as u64).min((CHUNK * CHUNKS) as u64)
    }
}

#[inline]
fn place(index: u64) -> (usize, usize) {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    (index / CHUNK, index % CHUNK)
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, CHUNKS, Footprints, bits};

    #[test]
    fn a_state_may_lead_where_it_was_said_to_or_anywhere_if_nothing_was_said() {
        let footprints = Footprints::new();
        let hashes: Vec<u64> = (1..100u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        let may_lead = |index, number: usize, hash| {
            let mut all = vec![None; number + 1];
            all[number] = Some(hash);
            footprints.may_lead(index, &all)
        };
        for (index, pair) in hashes.windows(2).enumerate() {
            footprints.keep(index as u64, bits(pair[0]) | bits(pair[1]), index as u32 % 8);
        }
        for (index, pair) in hashes.windows(2).enumerate() {
            assert!(pair.iter().all(|hash| may_lead(index as u64, index % 8, *hash)));
            assert!(hashes.iter().any(|hash| !may_lead(index as u64, index % 8, *hash)));
            // It could not be packed when the state was expanded.
            assert!(!may_lead(index as u64, index % 8 + 1, pair[0]));
        }
        for unknown in [99, CHUNK as u64, (CHUNK * CHUNKS) as u64, u64::MAX] {
            assert!(hashes.iter().all(|hash| may_lead(unknown, 7, *hash)));
        }
        footprints.keep(u64::MAX, 0, 7);
        footprints.keep(3, 0, 7);
        footprints.keep(4, 0, 256);
        footprints.keep(5, u64::MAX, 8);
        assert!(hashes.iter().all(|hash| !may_lead(3, 7, *hash)));
        assert!(hashes.iter().all(|hash| may_lead(3, 6, *hash)));
        assert!(hashes.iter().all(|hash| may_lead(4, 7, *hash)));
        assert!(hashes.iter().all(|hash| may_lead(5, 8, *hash) && may_lead(5, 9, *hash)));
        footprints.forget();
        assert!(hashes.iter().all(|hash| may_lead(3, 7, *hash)));
    }
}
