//! Never evaluating the same thing twice: what an evaluation read, and what came of it, as a decision tree.
//!
//! A node asks for the id in one slot; an edge is an id; a leaf is the outcome. Evaluation is
//! deterministic, so the next slot read is decided by the ids read before: every evaluation is a path.
//! Looking up a row follows edges until a leaf, or until an edge is missing: then the outcome is
//! evaluated, watched, and its path added. Only outcomes are kept, never errors.
//!
//! Each worker has trees of its own: no lock, no sharing, and as many misses as there are workers.

use rustc_hash::FxHashMap;

/// Ids below this have their edge in an array.
const DENSE: usize = 512;
/// Evaluations after which a tree is judged.
const WINDOW: u32 = 4096;
/// Evaluations for which a tree that misses too often is not asked.
const PAUSE: u32 = 1 << 15;
/// Nodes of a tree at most; a fuller one starts afresh.
const NODES_MAX: usize = 1 << 22;

/// Where an edge leads: bit 31 tells leaves from nodes.
type Target = u32;
const NOWHERE: Target = u32::MAX;
const LEAF: u32 = 1 << 31;

#[derive(Default)]
struct Node {
    slot: u32,
    dense: Vec<Target>,
    sparse: FxHashMap<u32, Target>,
}

impl Node {
    #[inline]
    fn edge(&self, id: u32) -> Target {
        match self.dense.get(id as usize) {
            Some(target) => *target,
            None if (id as usize) < DENSE => NOWHERE,
            None => self.sparse.get(&id).copied().unwrap_or(NOWHERE),
        }
    }

    fn set_edge(&mut self, id: u32, target: Target) {
        let index = id as usize;
        if index >= DENSE {
            self.sparse.insert(id, target);
            return;
        }
        if self.dense.len() <= index {
            self.dense.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        self.dense[index] = target;
    }
}

/// A decision tree with outcomes of type `L`.
pub(super) struct Tree<L> {
    nodes: Vec<Node>,
    leaves: Vec<L>,
    root: Target,
    evaluations: u32,
    misses: u32,
    paused: u32,
}

/// How often trees were asked, and how often they did not know.
#[derive(Clone, Copy, Default, Debug)]
pub struct HitRate {
    /// Questions.
    pub asked: u64,
    /// Questions that had to be evaluated.
    pub missed: u64,
}

impl<L> Tree<L> {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), leaves: Vec::new(), root: NOWHERE, evaluations: 0, misses: 0, paused: 0 }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.leaves.clear();
        self.root = NOWHERE;
    }

    /// The outcome for a row of ids, if it is known. With two rows the second's slots come after the first's.
    #[inline]
    pub(super) fn find(&self, current: &[u32], next: &[u32]) -> Option<&L> {
        let mut at = self.root;
        while at & LEAF == 0 {
            let node = &self.nodes[at as usize];
            let slot = node.slot as usize;
            let id = if slot < current.len() { current[slot] } else { next[slot - current.len()] };
            at = node.edge(id);
        }
        if at == NOWHERE { None } else { self.leaves.get((at & !LEAF) as usize) }
    }

    /// True if it does not pay to watch evaluations for now.
    #[inline]
    pub(super) fn is_paused(&mut self) -> bool {
        if self.paused == 0 {
            return false;
        }
        self.paused -= 1;
        true
    }

    /// Counts a question that was answered or not, and pauses a tree that mostly misses.
    #[inline]
    pub(super) fn count(&mut self, hit: bool) {
        self.evaluations += 1;
        self.misses += u32::from(!hit);
        if self.evaluations == WINDOW {
            if self.misses > WINDOW / 2 {
                self.paused = PAUSE;
                self.clear();
            }
            (self.evaluations, self.misses) = (0, 0);
        }
    }

    /// Adds the path of an evaluation. An evaluation that is no path (it was not deterministic after all)
    /// is not added.
    pub(super) fn insert(&mut self, reads: &[u32], current: &[u32], next: &[u32], leaf: L) {
        if self.nodes.len() > NODES_MAX {
            self.clear();
        }
        let id_of = |slot: u32| {
            let slot = slot as usize;
            if slot < current.len() { current[slot] } else { next[slot - current.len()] }
        };
        let mut from: Option<(usize, u32)> = None;
        let mut at = self.root;
        for &slot in reads {
            if at == NOWHERE {
                at = self.nodes.len() as u32;
                self.nodes.push(Node { slot, ..Node::default() });
                self.link(from, at);
            } else if at & LEAF != 0 || self.nodes[at as usize].slot != slot {
                return;
            }
            let id = id_of(slot);
            from = Some((at as usize, id));
            at = self.nodes[at as usize].edge(id);
        }
        if at == NOWHERE {
            let target = LEAF | self.leaves.len() as u32;
            self.leaves.push(leaf);
            self.link(from, target);
        }
    }

    fn link(&mut self, from: Option<(usize, u32)>, target: Target) {
        match from {
            None => self.root = target,
            Some((node, id)) => self.nodes[node].set_edge(id, target),
        }
    }
}

/// The successors that a group makes, as changes to a row.
#[derive(Clone, Default, Debug)]
pub(super) struct Successors {
    /// Slots and their new ids, successor after successor.
    updates: Vec<(u32, u32)>,
    /// Where each successor's updates end.
    ends: Vec<u32>,
}

impl Successors {
    /// Adds a successor.
    pub(super) fn push(&mut self, updates: impl IntoIterator<Item = (u32, u32)>) {
        self.updates.extend(updates);
        self.ends.push(self.updates.len() as u32);
    }

    /// Appends the successors of a row as rows.
    pub(super) fn apply(&self, row: &[u32], into: &mut Vec<u32>) {
        let mut start = 0;
        for end in &self.ends {
            let base = into.len();
            into.extend_from_slice(row);
            for (slot, id) in &self.updates[start..*end as usize] {
                into[base + *slot as usize] = *id;
            }
            start = *end as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Successors, Tree};
    use proptest::prelude::*;

    /// A deterministic "evaluation": reads slots as decided by what it read, and gives their sum.
    fn evaluate(row: &[u32], steps: usize) -> (Vec<u32>, u32) {
        let (mut reads, mut sum, mut slot) = (Vec::new(), 0u32, 0usize);
        for _ in 0..steps {
            if !reads.contains(&(slot as u32)) {
                reads.push(slot as u32);
            }
            sum = sum.wrapping_add(row[slot]);
            slot = (slot + 1 + row[slot] as usize) % row.len();
        }
        (reads, sum)
    }

    proptest! {
        #[test]
        fn memoised_is_direct(rows in prop::collection::vec(prop::collection::vec(0u32..700, 6), 1..200), steps in 1usize..5) {
            let mut tree = Tree::new();
            for row in rows.iter().chain(&rows) {
                let (reads, sum) = evaluate(row, steps);
                match tree.find(row, &[]) {
                    Some(known) => prop_assert_eq!(*known, sum),
                    None => tree.insert(&reads, row, &[], sum),
                }
                prop_assert_eq!(tree.find(row, &[]).copied(), Some(sum));
            }
        }
    }

    #[test]
    fn successors_are_changes_of_a_row() {
        let mut successors = Successors::default();
        successors.push([(1, 7)]);
        successors.push([]);
        successors.push([(0, 9), (2, 9)]);
        let mut rows = Vec::new();
        successors.apply(&[1, 2, 3], &mut rows);
        assert_eq!(rows, [1, 7, 3, 1, 2, 3, 9, 2, 9]);
    }
}
