//! Never evaluating the same thing twice: what an evaluation read, and what came of it, is kept in decision trees.
//!
//! A node asks for the id in one slot; an edge is an id; a leaf is the outcome. Evaluation is deterministic, so the
//! next slot read is decided by the ids read before: every evaluation is a path. Looking up a row follows edges until
//! a leaf, or until an edge is missing: then the outcome is evaluated, watched, and its path added. Only outcomes are
//! kept, never errors.
//!
//! All workers share the trees ([`super::forest`]), which belong to one *epoch* of the layout
//! ([`super::slots::Slots::epoch`]): what was read of a state tells nothing about slots that had no meaning yet.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::forest::Forest;
use super::slots::Slots;

/// Evaluations after which a tree is judged.
const WINDOW: u64 = 4096;
/// The same for a tree whose questions can be answered otherwise, and questions before it is tried. EWD998PCal, a
/// property in pieces: 2.08 s, 2.26 s with the window above.
const WINDOW_SPARE: u64 = 512;
const PAUSE_SPARE: u32 = 1 << 12;
/// Questions for which a tree that misses too often is not asked, the first time; twice as many each further time.
const PAUSE: u32 = 1 << 15;
/// The longest pause is 2^10 times as long.
const PAUSES_MAX: u32 = 10;

/// How often trees were asked, and how often they did not know.
#[derive(Clone, Copy, Default, Debug)]
pub struct HitRate {
    /// Questions.
    pub asked: u64,
    /// Questions that had to be evaluated.
    pub missed: u64,
}

impl HitRate {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self { asked: self.asked + other.asked, missed: self.missed + other.missed }
    }
}

/// What looking up and evaluating took.
#[derive(Clone, Default, Debug)]
pub(super) struct Effort {
    /// Look-ups by group.
    pub(super) groups: Vec<HitRate>,
    /// Look-ups of labels.
    pub(super) labels: HitRate,
    /// Time spent on what was not known, if it was measured.
    pub(super) evaluating_groups: Duration,
    pub(super) evaluating_labels: Duration,
}

impl Effort {
    pub(super) fn new(groups: usize) -> Self {
        Self { groups: vec![HitRate::default(); groups], ..Self::default() }
    }
}

/// A worker's experience with a tree: one that mostly misses is left alone for a while.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Habit {
    asked: u64,
    missed: u64,
    paused: u32,
    pauses: u32,
    spare: bool,
    pub(super) rate: HitRate,
}

impl Habit {
    /// Of a tree whose questions can be answered otherwise.
    pub(super) fn spare() -> Self {
        Self { spare: true, paused: PAUSE_SPARE, ..Self::default() }
    }

    /// True if it does not pay to ask for now.
    #[inline]
    pub(super) fn is_paused(&mut self) -> bool {
        if self.paused == 0 {
            return false;
        }
        self.paused -= 1;
        self.count_otherwise(true);
        true
    }

    /// Counts a question that was answered otherwise: it says nothing of the tree.
    pub(super) fn count_otherwise(&mut self, missed: bool) {
        self.rate.asked += 1;
        self.rate.missed += u64::from(missed);
    }

    /// True if the last question was not asked.
    pub(super) fn in_pause(&self) -> bool {
        self.paused > 0
    }

    /// Counts a question that was answered or not.
    #[inline]
    pub(super) fn count(&mut self, hit: bool) {
        self.count_all(1, u64::from(!hit));
    }

    /// Counts questions, and those of them that were not answered.
    #[inline]
    pub(super) fn count_all(&mut self, asked: u64, missed: u64) {
        self.rate.asked += asked;
        self.rate.missed += missed;
        self.asked += asked;
        self.missed += missed;
        if self.asked >= if self.spare { WINDOW_SPARE } else { WINDOW } {
            if self.missed > self.asked / 2 {
                self.paused = PAUSE << self.pauses;
                self.pauses = (self.pauses + 1).min(PAUSES_MAX);
            }
            (self.asked, self.missed) = (0, 0);
        }
    }
}

/// For each slot, the labels of a list that were ever seen to read it.
pub(super) struct Reads {
    width: usize,
    masks: Box<[AtomicU64]>,
    /// How many they are.
    counts: Box<[AtomicU32]>,
}

impl Reads {
    fn new(slots: usize, labels: usize) -> Self {
        let width = labels.div_ceil(64);
        let masks = (0..slots * width).map(|_| AtomicU64::new(0)).collect();
        Self { width, masks, counts: (0..slots).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Notes what a label read of a state.
    pub(super) fn note(&self, label: usize, slots: &[u32]) {
        for slot in slots {
            if let Some(mask) = self.masks.get(*slot as usize * self.width + label / 64) {
                let bit = 1 << (label % 64);
                if mask.fetch_or(bit, Ordering::Release) & bit == 0 {
                    self.counts[*slot as usize].fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// The labels that may read one of some slots, as a mask. How many they are, those that read several counted for
    /// each: counting bits takes longer.
    #[inline]
    pub(super) fn affected(&self, slots: impl Iterator<Item = u32>, affected: &mut Vec<u64>) -> u32 {
        affected.clear();
        let mut count = 0;
        for slot in slots {
            let masks =
                self.masks[slot as usize * self.width..][..self.width].iter().map(|m| m.load(Ordering::Acquire));
            count += self.counts[slot as usize].load(Ordering::Relaxed);
            if affected.is_empty() {
                affected.extend(masks);
            } else {
                affected.iter_mut().zip(masks).for_each(|(all, mask)| *all |= mask);
            }
        }
        affected.resize(self.width, 0);
        count
    }
}

/// What all workers know together, of one epoch of the layout.
pub(super) struct Known {
    /// The trees, by number.
    pub(super) forest: Forest,
    /// What constraints read.
    pub(super) constraints: Reads,
    /// What invariants read.
    pub(super) invariants: Reads,
    /// What conditions on candidates for initial states read.
    pub(super) candidates: Reads,
}

/// How many trees and labels there are to know of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) trees: usize,
    pub(super) slots: usize,
    pub(super) constraints: usize,
    pub(super) invariants: usize,
    pub(super) candidates: usize,
}

impl Known {
    fn new(extent: Extent, epoch: u32) -> Self {
        Self {
            forest: Forest::new(extent.trees, epoch),
            constraints: Reads::new(extent.slots, extent.constraints),
            invariants: Reads::new(extent.slots, extent.invariants),
            candidates: Reads::new(extent.slots, extent.candidates),
        }
    }
}

/// What is known in the present epoch.
pub(super) struct Memo {
    extent: Extent,
    now: RwLock<Arc<Known>>,
}

impl Memo {
    pub(super) fn new(extent: Extent) -> Self {
        Self { extent, now: RwLock::new(Arc::new(Known::new(extent, 0))) }
    }

    /// What is known in the present epoch of the layout.
    pub(super) fn known(&self, slots: &Slots) -> Arc<Known> {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner).clone();
        if now.forest.epoch == slots.epoch() {
            return now;
        }
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let epoch = slots.epoch();
        if now.forest.epoch != epoch {
            *now = Arc::new(Known::new(self.extent, epoch));
        }
        now.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Habit, PAUSE, Reads, WINDOW};

    #[test]
    fn a_tree_that_mostly_misses_is_paused_longer_each_time() {
        let mut habit = Habit::default();
        for round in 0..2 {
            for _ in 0..WINDOW {
                assert!(!habit.is_paused());
                habit.count(false);
            }
            for _ in 0..PAUSE << round {
                assert!(habit.is_paused());
            }
        }
        for _ in 0..3 * WINDOW {
            assert!(!habit.is_paused());
            habit.count(true);
        }
    }

    #[test]
    fn labels_are_affected_by_slots_that_they_were_seen_to_read() {
        let reads = Reads::new(4, 70);
        reads.note(3, &[0, 2]);
        reads.note(69, &[2, 1]);
        let mut affected = Vec::new();
        assert_eq!(reads.affected([1].into_iter(), &mut affected), 1);
        assert_eq!(affected, [0, 1 << 5]);
        assert_eq!(reads.affected([2, 3].into_iter(), &mut affected), 2);
        assert_eq!(affected, [1 << 3, 1 << 5]);
        assert_eq!(reads.affected([1, 2].into_iter(), &mut affected), 3);
        assert_eq!(affected, [1 << 3, 1 << 5]);
        assert_eq!(reads.affected([].into_iter(), &mut affected), 0);
        assert_eq!(affected, [0, 0]);
    }
}
