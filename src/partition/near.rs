//! What is known of labels in a state from another one that they were asked about.
//!
//! Initial states, candidates for them, and states under symmetry come one by one, each most like the one before: a
//! label that held there and reads no slot that differs holds here. (A successor is compared with the state it is made
//! of: [`super::memo`].)
//!
//! MCBakery (1.7 million candidates, 655,200 initial states; `tlaloc check --workers 1`): 1.55 s of CPU with masks by ids
//! for each, 1.08 s.

use super::memo::Reads;

/// Slots that differ, at most: with more, looking at what each label reads tells less than the masks by ids.
const DIFFERENT_MAX: usize = 8;

/// All labels but some; how many they are.
pub(super) fn all_but(some: &[u64], labels: usize, left: &mut Vec<u64>) -> u32 {
    left.clear();
    left.extend(some.iter().map(|some| !some));
    left.resize(labels.div_ceil(64), u64::MAX);
    if let Some(last) = left.last_mut()
        && !labels.is_multiple_of(64)
    {
        *last &= (1 << (labels % 64)) - 1;
    }
    left.iter().map(|word| word.count_ones()).sum()
}

/// The state that labels were last asked about.
#[derive(Default)]
pub(super) struct Near {
    epoch: u32,
    row: Vec<u32>,
    /// Labels that are known to hold in it.
    holds: Vec<u64>,
    different: Vec<u32>,
    affected: Vec<u64>,
}

impl Near {
    /// Goes on to another state.
    pub(super) fn approach(&mut self, row: &[u32], labels: usize, epoch: u32, reads: &Reads) {
        self.different.clear();
        let known = self.epoch == epoch && self.row.len() == row.len() && !self.holds.is_empty();
        if known {
            for (slot, (old, new)) in self.row.iter().zip(row).enumerate() {
                if old != new {
                    self.different.push(slot as u32);
                }
            }
        }
        if known && self.different.len() <= DIFFERENT_MAX {
            for slot in &self.different {
                self.row[*slot as usize] = row[*slot as usize];
            }
            reads.affected(self.different.iter().copied(), &mut self.affected);
            self.holds.iter_mut().zip(&self.affected).for_each(|(holds, affected)| *holds &= !affected);
            return;
        }
        self.epoch = epoch;
        self.row.clear();
        self.row.extend_from_slice(row);
        self.holds.clear();
        self.holds.resize(labels.div_ceil(64), 0);
    }

    /// The labels not known to hold; how many they are.
    pub(super) fn left(&self, labels: usize, left: &mut Vec<u64>) -> u32 {
        all_but(&self.holds, labels, left)
    }

    /// Notes that, up to some label, those hold that were not known to.
    pub(super) fn hold_before(&mut self, end: usize) {
        let (words, bits) = (end / 64, end % 64);
        self.holds[..words].fill(u64::MAX);
        if bits > 0 {
            self.holds[words] |= (1 << bits) - 1;
        }
    }
}
