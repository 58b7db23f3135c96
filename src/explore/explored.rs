//! The states reached, by index and by level.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::model::{GroupId, Progress};

use super::finding::FindingClass;
use super::near::Near;
use super::steps::{StepLog, Steps};
use super::store::{Identity, Store};

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
    /// See `Options`.
    kept_bytes: u64,
    /// Levels to be found at most.
    depth_max: Option<u32>,
    /// What was found once is being found again, for a trace.
    again: bool,
    /// Hashes of the rows of the frontier, while it matters which states are new and rows cannot be found.
    newest: FxHashSet<u64>,
}

impl Space {
    pub(super) fn new(store: Store, kept_bytes: u64, depth_max: Option<u32>) -> Self {
        Self {
            kept_bytes,
            depth_max,
            again: false,
            newest: FxHashSet::default(),
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

    /// The frontier is about to be expanded, with this progress; gives what the model is to be told.
    pub(super) fn open(&mut self, progress: Progress) -> Progress {
        self.store.release(self.frontier.start, self.kept_bytes);
        if self.progress.len() < self.starts.len() {
            self.progress.push(progress);
        }
        self.told(progress)
    }

    /// What the model is to be told while the frontier is expanded: the same as the first time.
    pub(super) fn told(&self, progress: Progress) -> Progress {
        if self.again { self.progress_of(self.starts.len().saturating_sub(1)) } else { progress }
    }

    /// True if what was found once is being found again.
    pub(super) fn is_again(&self) -> bool {
        self.again
    }

    /// True if no more levels are to be found.
    pub(super) fn deepest(&self) -> bool {
        self.depth_max.is_some_and(|max| self.depth() >= max)
    }

    /// Forgets all rows, to find those of the first levels again. As many of the last ones are kept as take no more
    /// than `kept_bytes`.
    pub(super) fn begin_again(&mut self, levels: u32, kept_bytes: u64) {
        self.store.clear();
        (self.frontier, self.expanded, self.end) = (0..0, 0..0, 0);
        self.starts.clear();
        (self.depth_max, self.kept_bytes, self.again) = (Some(levels), kept_bytes, true);
    }

    /// True if the rows of a level can be read.
    pub(super) fn has(&self, level: usize) -> bool {
        level < self.starts.len() && self.starts[level] >= self.store.ordered_from()
    }

    /// Prepares for [`Space::is_newest`]: until then the frontier must not change.
    pub(super) fn look_at_newest(&mut self) {
        let (mut row, mut newest) = (Vec::new(), FxHashSet::default());
        if self.store.forgets() {
            for index in self.frontier.clone() {
                self.store.read(index, &mut row);
                newest.extend(self.store.hash(&row));
            }
        }
        self.newest = newest;
    }

    /// True if the row was found in the level expanded last.
    pub(super) fn is_newest(&self, row: &[u32]) -> bool {
        if self.store.forgets() {
            return self.store.hash(row).is_some_and(|hash| self.newest.contains(&hash));
        }
        self.store.find(row).is_some_and(|index| index >= self.expanded.end)
    }

    /// The hashes are no longer needed.
    pub(super) fn look_away(&mut self) {
        self.newest = FxHashSet::default();
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
/// With symmetry the rows are representatives; with a view, the first row found for each value of it. Rows can be
/// read and found only as far as they were kept ([`Keeping`](super::Keeping)); if a trace had to find some again, only
/// the levels up to it are here.
pub struct Explored(Space, Option<Steps>);

impl Explored {
    pub(super) fn new(space: Space, logs: Vec<StepLog>) -> Self {
        let steps = Steps::new(logs, space.end);
        Self(space, steps)
    }

    /// The steps that were taken from a state, as its group and what it changes, in the model's order; equal ones may
    /// be told once. `None` if they were not kept.
    #[must_use]
    pub fn steps(
        &self,
        index: u64,
    ) -> Option<impl Iterator<Item = (GroupId, impl Iterator<Item = (u32, u32)> + Clone)>> {
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

    /// Index of the first row that can be read.
    #[must_use]
    pub fn first_kept(&self) -> u64 {
        self.0.store.first_kept().min(self.0.end)
    }

    /// Reads the row at `index` into `row`; false if there is none.
    pub fn read(&self, index: u64, row: &mut Vec<u32>) -> bool {
        let stored = index < self.0.end && self.0.store.has(index);
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

    /// Takes the row at an index to look for others near it.
    pub fn approach(&self, index: u64, near: &mut Near) {
        self.0.store.approach(index, near);
    }

    /// The same as [`Explored::find`] of the row approached after these changes, slots with ids.
    #[must_use]
    pub fn find_near(&self, near: &mut Near, changes: impl Iterator<Item = (u32, u32)>) -> Option<u64> {
        self.0.store.find_near(near, changes).filter(|&index| index < self.0.end)
    }

    /// Bits of each slot in a packed row.
    #[must_use]
    pub fn widths(&self) -> &[u8] {
        self.0.store.widths()
    }

    /// How states are known again.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.0.store.identity()
    }

    /// Memory the rows take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.store.bytes()
    }
}
