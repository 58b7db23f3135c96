//! Successors that wait: to be offered to the store together, or for room in it.

use crate::model::GroupId;

use super::store::{Batch, Image, Offer};

/// Where a successor that waits came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) source: Option<u64>,
    pub(super) position: u64,
    pub(super) group: Option<GroupId>,
}

/// Successors that wait to be offered together.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) batch: Batch,
    pub(super) origins: Vec<Origin>,
    /// Under symmetry the states as they were found, one after the other.
    pub(super) found: Vec<u32>,
    pub(super) offers: Vec<Offer>,
    /// One that was new, and what it changes in its source.
    pub(super) row: Vec<u32>,
    pub(super) changes: Vec<(u32, u32)>,
}

impl Pending {
    pub(super) fn clear(&mut self) {
        self.batch.clear();
        self.origins.clear();
        self.found.clear();
    }
}

/// The state that is being expanded, and the successor made of it that is being looked at.
#[derive(Default)]
pub(super) struct Source {
    pub(super) row: Vec<u32>,
    pub(super) image: Image,
    pub(super) target: Vec<u32>,
}

/// A successor that waits for room in the store.
pub(super) struct Deferred {
    pub(super) origin: Origin,
    /// The representative: what is stored.
    pub(super) row: Box<[u32]>,
    /// The state as it was found, where that is another row: what is checked.
    pub(super) found: Option<Box<[u32]>>,
}

impl Deferred {
    pub(super) fn bytes(slots: usize) -> u64 {
        (size_of::<Self>() + 2 * size_of::<u32>() * slots) as u64
    }
}
