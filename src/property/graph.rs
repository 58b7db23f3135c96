//! The behaviour graph: states by number, steps between them, and where atoms hold.
//!
//! *Holds*: the first edge of every state leads to the state itself. It stands for stuttering and for
//! explicit steps to the same state alike: no formula of TLA+ tells them apart. Edges of a state are distinct.

use rustc_hash::FxHashMap;

use super::bits::BitTable;
use super::formula::{Atom, Formula};

/// A graph of which it is known where atoms hold. `E`: why an atom has no truth value somewhere.
pub struct Graph<E> {
    /// Where behaviours begin.
    pub initial: Vec<u32>,
    /// First state of each level of the search: levels tell the distance from an initial state.
    pub levels: Vec<u32>,
    /// First edge of each state, and the number of edges.
    pub starts: Vec<usize>,
    /// Where each edge leads to.
    pub targets: Vec<u32>,
    /// Atoms of states.
    pub state_atoms: BitTable,
    /// Atoms of steps, by edge.
    pub step_atoms: BitTable,
    /// Atoms of states that have no truth value, by (state, atom).
    pub state_faults: FxHashMap<(u32, u32), E>,
    /// Atoms of steps that have no truth value, by (edge, atom).
    pub step_faults: FxHashMap<(usize, u32), E>,
}

/// Where an atom has no truth value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoTruth {
    /// In a state: state, atom.
    State(u32, u32),
    /// In a step: source, edge, atom.
    Step(u32, usize, u32),
}

impl<E> Graph<E> {
    /// Number of states.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// True without states.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The edges of a state.
    #[must_use]
    pub fn edges(&self, state: u32) -> std::ops::Range<usize> {
        self.starts[state as usize]..self.starts[state as usize + 1]
    }

    /// The level of a state.
    #[must_use]
    pub fn level_of(&self, state: u32) -> usize {
        self.levels.partition_point(|start| *start <= state).saturating_sub(1)
    }

    /// The states of a level.
    #[must_use]
    pub fn level(&self, level: usize) -> std::ops::Range<u32> {
        let end = self.len() as u32;
        let start = |level: usize| self.levels.get(level).copied().unwrap_or(end);
        start(level)..start(level + 1)
    }

    /// Whether something holds of a step, or of its first state.
    ///
    /// # Errors
    /// When an atom that is consulted has no truth value.
    pub fn holds(&self, formula: &Formula, state: u32, edge: usize) -> Result<bool, NoTruth> {
        formula.holds_now(&mut |atom| match atom {
            Atom::State(atom) => self.state_holds(state, atom),
            Atom::Step(atom) => {
                if !self.step_faults.is_empty() && self.step_faults.contains_key(&(edge, atom)) {
                    return Err(NoTruth::Step(state, edge, atom));
                }
                Ok(self.step_atoms.get(edge, atom as usize))
            }
        })
    }

    fn state_holds(&self, state: u32, atom: u32) -> Result<bool, NoTruth> {
        if !self.state_faults.is_empty() && self.state_faults.contains_key(&(state, atom)) {
            return Err(NoTruth::State(state, atom));
        }
        Ok(self.state_atoms.get(state as usize, atom as usize))
    }

    /// Memory it takes, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let lists = self.starts.capacity() * 8 + self.targets.capacity() * 4;
        lists as u64 + self.state_atoms.bytes() + self.step_atoms.bytes()
    }
}
