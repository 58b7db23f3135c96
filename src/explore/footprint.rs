//! Where each of the first expanded states leads to, in 64 bits: a Bloom filter of its successors' hashes.
//!
//! Written once, by whoever expands the state; asked on the way back from a finding, which then only expands
//! states that may lead to the one at hand. A state of which nothing is known may lead anywhere.
//!
//! The predecessor that is taken stays the smallest by structural order, which a pointer to the first one found would
//! not give: that one depends on the threads. Klotski (24,048 states, 117 levels): the way back expands 17,340 states
//! without, 241 with.

use std::sync::OnceLock;

use super::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// States of a chunk, and chunks: 8 bytes each for the first million states. Larger graphs are those of cheap steps.
const CHUNK: usize = 1 << 12;
const CHUNKS: usize = 1 << 8;

/// The bits of a successor.
#[inline]
pub(super) fn bits(hash: u64) -> u64 {
    1 << (hash >> 58) | 1 << (hash >> 52 & 63)
}

/// The filters, by index of the state.
pub(super) struct Footprints {
    chunks: Box<[OnceLock<Box<[AtomicU64]>>]>,
    /// States have other indices now.
    forgotten: AtomicBool,
    /// The number of the hashes that were kept last, and the first state of which these are.
    hashing: AtomicU32,
    first: AtomicU64,
}

impl Footprints {
    pub(super) fn new() -> Self {
        Self {
            chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(),
            forgotten: AtomicBool::new(false),
            hashing: AtomicU32::new(0),
            first: AtomicU64::new(0),
        }
    }

    /// From now on, nothing is known of any state.
    pub(super) fn forget(&self) {
        self.forgotten.store(true, Ordering::Relaxed);
    }

    /// Keeps the bits of all successors of a state. Hashes have another number (`Store::hashing`) when the store was
    /// widened, at a quiet point: those kept before are of states with lower indices.
    #[inline]
    pub(super) fn keep(&self, index: u64, all: u64, hashing: u32) {
        if self.hashing.load(Ordering::Relaxed) != hashing {
            self.first.fetch_max(index, Ordering::Relaxed);
            self.hashing.store(hashing, Ordering::Relaxed);
        }
        let (chunk, at) = place(index);
        if let Some(chunk) = self.chunks.get(chunk) {
            let filters = chunk.get_or_init(|| (0..CHUNK).map(|_| AtomicU64::new(u64::MAX)).collect());
            filters[at].store(all, Ordering::Relaxed);
        }
    }

    /// False if a state has no successor with this hash, which has this number.
    pub(super) fn may_lead(&self, index: u64, hash: u64, hashing: u32) -> bool {
        if self.hashing.load(Ordering::Relaxed) != hashing || index < self.first.load(Ordering::Relaxed) {
            return true;
        }
        let (chunk, at) = place(index);
        let filter = self.chunks.get(chunk).and_then(OnceLock::get).map(|filters| filters[at].load(Ordering::Relaxed));
        self.forgotten.load(Ordering::Relaxed) || filter.is_none_or(|all| bits(hash) & !all == 0)
    }

    /// Memory they take once so many states are expanded.
    pub(super) fn bytes(states: u64) -> u64 {
        8 * states.next_multiple_of(CHUNK as u64).min((CHUNK * CHUNKS) as u64)
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
        for (index, pair) in hashes.windows(2).enumerate() {
            footprints.keep(index as u64, bits(pair[0]) | bits(pair[1]), 7);
        }
        for (index, pair) in hashes.windows(2).enumerate() {
            assert!(pair.iter().all(|hash| footprints.may_lead(index as u64, *hash, 7)));
            assert!(hashes.iter().any(|hash| !footprints.may_lead(index as u64, *hash, 7)));
        }
        for unknown in [99, CHUNK as u64, (CHUNK * CHUNKS) as u64, u64::MAX] {
            assert!(hashes.iter().all(|hash| footprints.may_lead(unknown, *hash, 7)));
        }
        footprints.keep(u64::MAX, 0, 7);
        footprints.keep(3, 0, 7);
        assert!(hashes.iter().all(|hash| !footprints.may_lead(3, *hash, 7)));
        assert!(hashes.iter().all(|hash| footprints.may_lead(3, *hash, 8)));
        footprints.keep(5, 0, 8);
        for (index, hash) in (0..5).zip(&hashes) {
            assert!(footprints.may_lead(index, *hash, 8));
        }
        assert!(hashes.iter().all(|hash| !footprints.may_lead(5, *hash, 8)));
        footprints.forget();
        assert!(hashes.iter().all(|hash| footprints.may_lead(5, *hash, 8)));
    }
}
