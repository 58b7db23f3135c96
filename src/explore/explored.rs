//! The states reached, by index and by level.

use std::ops::Range;

use crate::model::{GroupId, Progress};

use super::finding::FindingClass;
use super::steps::{StepLog, Steps};
use super::store::Store;

/// The store and its levels.
///
/// *Holds* at quiet points: rows `0..end` are closed, level after level; `frontier` is the level to be
/// expanded next (the last one, or empty), `expanded` the one expanded last.
pub(super) struct Space {
    pub(super) store: Store,
    /// First index of each level.
    starts: Vec<u64>,
    end: u64,
    pub(super) frontier: Range<u64>,
    pub(super) expanded: Range<u64>,
    /// What the model was told when each level was expanded.
    progress: Vec<Progress>,
    /// Classes of findings that have their trace already.
    pub(super) known: Vec<FindingClass>,
}

impl Space {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            starts: Vec::new(),
            end: 0,
            frontier: 0..0,
            expanded: 0..0,
            progress: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Levels found.
    pub(super) fn depth(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The frontier is about to be expanded.
    pub(super) fn open(&mut self, progress: Progress) {
        if self.progress.len() < self.starts.len() {
            self.progress.push(progress);
        }
    }

    /// All rows found since the last call become the next level. Blocks must have been reclaimed.
    pub(super) fn close(&mut self) {
        let len = self.store.len();
        if len > self.end {
            self.starts.push(self.end);
        }
        self.expanded = std::mem::replace(&mut self.frontier, self.end..len);
        self.end = len;
    }

    pub(super) fn level(&self, level: usize) -> Range<u64> {
        let start = self.starts.get(level).copied().unwrap_or(self.end);
        start..self.starts.get(level + 1).copied().unwrap_or(self.end)
    }

    pub(super) fn level_of(&self, index: u64) -> usize {
        self.starts.partition_point(|&start| start <= index).saturating_sub(1)
    }

    /// What the model was told when this level was expanded.
    pub(super) fn progress_of(&self, level: usize) -> Progress {
        self.progress.get(level).copied().unwrap_or_default()
    }
}

/// The states a run has reached, numbered `0..len`, level by level. Complete if the run was exhaustive.
///
/// With symmetry the rows are representatives; with a view, the first row found for each value of it.
pub struct Explored(Space, Option<Steps>);

impl Explored {
    pub(super) fn new(space: Space, logs: Vec<StepLog>) -> Self {
        let steps = Steps::new(logs, space.end);
        Self(space, steps)
    }

    /// The steps that were taken from a state, as its group and what it changes, in the model's order; equal ones may
    /// be told once. `None` if they were not kept.
    #[must_use]
    pub fn steps(&self, index: u64) -> Option<impl Iterator<Item = (GroupId, Vec<(u32, u32)>)>> {
        self.1.as_ref()?.of(index).map(|steps| steps.map(|(group, changes)| (GroupId(group), changes)))
    }

    /// Rows stored.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.end
    }

    /// True if no row is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.end == 0
    }

    /// Levels found.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.0.starts.len()
    }

    /// The rows of a level; level 0 are the initial states. Empty past the last level.
    #[must_use]
    pub fn level(&self, level: usize) -> Range<u64> {
        self.0.level(level)
    }

    /// The level of a stored row.
    #[must_use]
    pub fn level_of(&self, index: u64) -> usize {
        self.0.level_of(index)
    }

    /// What the model was told when the rows of a level were expanded.
    #[must_use]
    pub fn progress_of(&self, level: usize) -> Progress {
        self.0.progress_of(level)
    }

    /// Reads the row at `index` into `row`; false if there is none.
    pub fn read(&self, index: u64, row: &mut Vec<u32>) -> bool {
        let stored = index < self.0.end;
        if stored {
            self.0.store.read(index, row);
        }
        stored
    }

    /// The index of the stored row with the key of this one. With symmetry, give the representative.
    #[must_use]
    pub fn find(&self, row: &[u32]) -> Option<u64> {
        self.0.store.find(row).filter(|&index| index < self.0.end)
    }

    /// Bits of each slot in a packed row.
    #[must_use]
    pub fn widths(&self) -> &[u8] {
        self.0.store.widths()
    }

    /// Memory the rows take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.store.bytes()
    }
}
