//! Successors that wait: to be offered to the store together, or for room in it.

use crate::model::GroupId;

use super::store::{Batch, Image, Offer};

/// Where a successor that waits came from. Three plain numbers: options are put together in memory, and copying
/// them from there before they are written took two-phase commit with 8 managers 7 of 43 ns a successor.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Origin {
    source: u64,
    position: u64,
    group: u32,
}

impl Origin {
    #[inline(always)]
    pub(super) fn new(source: Option<u64>, position: u64, group: Option<GroupId>) -> Self {
        Self { source: source.unwrap_or(u64::MAX), position, group: group.map_or(u32::MAX, |group| group.0) }
    }

    /// The state it was made of; initial states are made of none.
    pub(super) fn source(self) -> Option<u64> {
        (self.source != u64::MAX).then_some(self.source)
    }

    /// Successors made of that state before.
    pub(super) fn position(self) -> u64 {
        self.position
    }

    /// What made it.
    pub(super) fn group(self) -> Option<GroupId> {
        (self.group != u32::MAX).then_some(GroupId(self.group))
    }
}

/// Successors that wait to be offered together.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) batch: Batch,
    /// Where they came from, with room for one more.
    pub(super) origins: Vec<Origin>,
    /// Under symmetry the states as they were found, one after the other.
    pub(super) found: Vec<u32>,
    pub(super) offers: Vec<(u32, Offer)>,
    /// One that was new, and what it changes in its source.
    pub(super) row: Vec<u32>,
    pub(super) changes: Vec<(u32, u32)>,
}

impl Pending {
    /// The next successor that is added to the batch came from here.
    #[inline(always)]
    pub(super) fn begin(&mut self, origin: Origin) {
        let at = self.batch.len();
        if at >= self.origins.len() {
            self.make_room();
        }
        if let Some(place) = self.origins.get_mut(at) {
            place.source = origin.source;
            place.position = origin.position;
            place.group = origin.group;
        }
    }

    /// Room for one more origin. It is not passed here: then it would have to be in memory.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        self.origins.resize(2 * self.batch.len() + 1, Origin::default());
    }

    pub(super) fn clear(&mut self) {
        self.batch.clear();
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
