//! The table under the interner: equal things get one number, whichever thread asks.
//!
//! *Stores* nodes in an append-only vector, whose indices are their numbers, and (hash, number) in the shard that the
//! hash selects.
//!
//! *Operations, any thread*: [`Shards::number`], under the lock of one shard, which is the linearisation point: two
//! threads with equal things meet at the same shard, and the second finds the first one's node; [`Shards::get`],
//! without a lock: a node is published by the vector before its number exists anywhere. There is *no* removal.
//!
//! *Checked*: `specs/engine/Interner.tla` models it; `tests/loom` runs this file under all interleavings.

use crossbeam::utils::CachePadded;
use hashbrown::HashTable;

use super::sync::{Mutex, MutexGuard, Nodes, PoisonError};

/// Half of a node's hash, and the node.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    node: u32,
}

/// Numbered things.
pub(super) struct Shards<N> {
    shards: Box<[CachePadded<Mutex<HashTable<Slot>>>]>,
    nodes: Nodes<N>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A table wants its hash's entropy at both ends.
fn spread(half: u32) -> u64 {
    let bits = u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits ^ (bits >> 32)
}

impl<N> Shards<N> {
    /// Nothing is numbered yet.
    ///
    /// # Panics
    /// If there are no shards, or more than hashes can select.
    pub(super) fn new(shards: usize) -> Self {
        assert!((1..=64).contains(&shards), "six bits of the hash select a shard");
        let shards = (0..shards).map(|_| CachePadded::new(Mutex::new(HashTable::new()))).collect();
        Self { shards, nodes: Nodes::new() }
    }

    /// The number of the thing with this hash that is `found`; if there is none, `make` gets a number for it. True if
    /// it was made.
    pub(super) fn number(&self, hash: u64, found: impl Fn(&N) -> bool, make: impl FnOnce(u32) -> N) -> (u32, bool) {
        let half = hash as u32;
        let mut shard = lock(&self.shards[(hash >> 58) as usize % self.shards.len()]);
        let known = shard
            .find(spread(half), |slot| slot.hash == half && self.nodes.get(slot.node as usize).is_some_and(&found));
        if let Some(slot) = known {
            return (slot.node, false);
        }
        let node = self.nodes.push_with(|index| make(u32::try_from(index).expect("fewer than 2^32 nodes"))) as u32;
        shard.insert_unique(spread(half), Slot { hash: half, node }, |slot| spread(slot.hash));
        (node, true)
    }

    /// The node with a number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&N> {
        self.nodes.get(number as usize)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.nodes.count()
    }

    /// Memory of the tables.
    pub(super) fn bytes(&self) -> usize {
        let slots: usize = self.shards.iter().map(|shard| lock(shard).capacity()).sum();
        slots * (size_of::<Slot>() + 1) + self.nodes.count() * (size_of::<N>() + 8)
    }
}
