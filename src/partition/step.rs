//! A step as labels see it, and what need not be asked again of steps from the same state.
//!
//! An evaluation that reads nothing of the next state but what the step leaves as it was has the same outcome for each
//! step from this state that leaves the same as it was: evaluation is deterministic, so it reads the same. This is so
//! of a condition and of whatever conditions are put together to. Slots are told by their numbers modulo 64, which is
//! on the safe side.

use super::forest::bit;

/// A step, and which state it begins in.
#[derive(Default)]
pub(super) struct Step {
    /// The row where it begins, then the one where it ends.
    rows: Vec<u32>,
    slots: usize,
    /// What it changes, as a set of slots.
    changed: u64,
    /// Counts the states in which steps begin, and the steps.
    round: u64,
    number: u64,
    epoch: u32,
}

/// The outcome of an evaluation, and what of the next state it read, as a set of slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) holds: bool,
    pub(super) reads: u64,
}

/// What was last told of a state's steps.
#[derive(Clone, Copy, Default)]
pub(super) struct Settled {
    /// Twice the state's number, and whether it holds.
    round: u64,
    reads: u64,
}

impl Step {
    /// Looks at a step. All that differs between its rows is among the changes, if they are given.
    pub(super) fn show(&mut self, current: &[u32], next: &[u32], changes: Option<&[(u32, u32)]>, epoch: u32) {
        self.slots = current.len();
        if self.rows.get(..self.slots) != Some(current) || self.epoch != epoch {
            self.rows.clear();
            self.rows.extend_from_slice(current);
            self.epoch = epoch;
            self.round += 1;
        }
        self.number += 1;
        self.rows.truncate(self.slots);
        self.rows.extend_from_slice(next);
        self.changed = 0;
        let mut differs = |slot: usize| {
            if current[slot] != next[slot] {
                self.changed |= bit(slot);
            }
        };
        match changes {
            Some(changes) => changes.iter().for_each(|(slot, _)| differs(*slot as usize)),
            None => (0..self.slots).for_each(differs),
        }
    }

    /// The row where it begins.
    pub(super) fn current(&self) -> &[u32] {
        &self.rows[..self.slots]
    }

    /// The row where it ends.
    pub(super) fn next(&self) -> &[u32] {
        &self.rows[self.slots..]
    }

    /// The number of the state where it begins, from 1.
    pub(super) fn round(&self) -> u64 {
        self.round
    }

    /// The number of this step, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// True if it may change one of a set of slots.
    #[inline]
    pub(super) fn changes(&self, slots: u64) -> bool {
        self.changed & slots != 0
    }

    /// The id in a slot, those of the next row coming after those of the current one; notes it if it is of the next row.
    #[inline(always)]
    pub(super) fn id(&self, slot: u32, reads: &mut u64) -> u32 {
        let slot = slot as usize;
        if slot >= self.slots {
            *reads |= bit(slot - self.slots);
        }
        self.rows[slot]
    }

    /// What some slots are as a set, current ones left out.
    pub(super) fn reads(&self, slots: &[u32]) -> u64 {
        slots.iter().filter_map(|slot| (*slot as usize).checked_sub(self.slots)).fold(0, |set, slot| set | bit(slot))
    }

    /// What was told of another step, if it holds for this one too.
    #[inline]
    pub(super) fn known(&self, settled: &Settled) -> Option<Told> {
        let known = settled.round >> 1 == self.round && !self.changes(settled.reads);
        known.then_some(Told { holds: settled.round & 1 == 1, reads: settled.reads })
    }

    /// Keeps what was told of this step, if it is of use for others.
    #[inline]
    pub(super) fn settle(&self, settled: &mut Settled, told: Told) {
        if !self.changes(told.reads) {
            *settled = Settled { round: self.round << 1 | u64::from(told.holds), reads: told.reads };
        }
    }
}
