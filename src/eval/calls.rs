//! The values kept of one definition's calls: a decision tree for each list of arguments, and whether it pays.

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::closure::Slot;
use crate::value::{self, Value};

/// Calls counted as they are. Tests are to reach kept values soon.
const MEASURED: u32 = if cfg!(debug_assertions) { 2 } else { 64 };
/// Calls after which kept values are judged while they are tried, and how often before giving up.
const TRIED: u32 = 512;
const TRIALS: u32 = 16;
/// Calls after which kept values are judged once they paid.
const JUDGED: u32 = 1 << 14;
/// Calls that go by before trying again, doubled each time.
const REST: u32 = 1 << 14;
const REST_MAX: u32 = 1 << 24;
/// Definitions below this many expressions a call are left alone.
const WORTH: u64 = if cfg!(debug_assertions) { 1 } else { 10 };
/// Nodes, leaves and lists of arguments of one definition at most; beyond it starts afresh.
const KEPT_MAX: usize = 1 << 18;

/// Where a path leads: bit 31 tells leaves from nodes.
type Target = u32;
const NOWHERE: Target = u32::MAX;
const LEAF: Target = 1 << 31;

/// Which calls of a definition can be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Never,
    /// It reads no state.
    Constant,
    /// It reads one state.
    State,
    /// It reads both states of a step.
    Step,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Measuring,
    Trying(u32),
    Paying,
    Resting(u32),
}

/// The calls of one definition.
pub(super) struct Calls {
    pub(super) fit: Fit,
    phase: Phase,
    /// Calls in this window, expressions that they took, and that they would have taken as they are.
    count: u32,
    spent: u64,
    worth: u64,
    rest: u32,
    entries: HashTable<Entry>,
    /// What each node asks for.
    nodes: Vec<u32>,
    edges: FxHashMap<(u32, u32), Target>,
    leaves: Vec<Leaf>,
}

/// A value, and the expressions it took.
struct Leaf {
    value: Value,
    cost: u32,
}

/// The tree for one list of arguments.
struct Entry {
    hash: u64,
    question: Question,
    arguments: Box<[Value]>,
    root: Target,
}

/// What is asked of a definition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Its value, read from the current state.
    Value,
    /// Its value, read from the next state.
    Next,
    /// In how many ways it is satisfied, where each is a successor of its own.
    Ways,
}

/// What a list of arguments is found by: its hash, and what is asked.
pub(super) type Key = (u64, Question);

/// How a call goes.
pub(super) enum Way {
    Plain,
    Measured,
    Kept(Fit),
}

impl Calls {
    pub(super) fn new(fit: Fit) -> Self {
        Self {
            fit,
            phase: Phase::Measuring,
            count: 0,
            spent: 0,
            worth: 0,
            rest: REST,
            entries: HashTable::new(),
            nodes: Vec::new(),
            edges: FxHashMap::default(),
            leaves: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.nodes.clear();
        self.edges.clear();
        self.leaves.clear();
    }

    fn begin(&mut self, phase: Phase) {
        (self.phase, self.count, self.spent, self.worth) = (phase, 0, 0, 0);
    }

    /// Leaves the definition alone for a while.
    fn retire(&mut self) {
        let rest = self.rest;
        self.rest = (rest * 2).min(REST_MAX);
        *self = Self { rest: self.rest, phase: Phase::Resting(rest), ..Self::new(self.fit) };
    }

    /// Counts a call, what it took, and what it would have taken as it is.
    pub(super) fn count(&mut self, spent: u64, worth: u64) {
        self.count += 1;
        self.spent += spent;
        self.worth += worth;
        match self.phase {
            Phase::Measuring if self.count == MEASURED => {
                if self.spent < WORTH * u64::from(MEASURED) {
                    self.retire()
                } else {
                    self.begin(Phase::Trying(TRIALS))
                }
            }
            Phase::Trying(left) if self.count == TRIED => {
                if self.pays() {
                    self.begin(Phase::Paying);
                } else if left == 0 {
                    self.retire();
                } else {
                    self.begin(Phase::Trying(left - 1));
                }
            }
            Phase::Paying if self.count == JUDGED => {
                let phase = if self.pays() { Phase::Paying } else { Phase::Measuring };
                self.begin(phase);
            }
            _ => {}
        }
    }

    /// What other calls took at another time is no measure: what a definition calls may have become cheaper.
    fn pays(&self) -> bool {
        self.spent < self.worth * 7 / 8
    }

    /// How the next call goes.
    pub(super) fn way(&mut self) -> Way {
        match &mut self.phase {
            Phase::Resting(0) => {
                self.begin(Phase::Measuring);
                Way::Measured
            }
            Phase::Resting(left) => {
                *left -= 1;
                Way::Plain
            }
            Phase::Measuring => Way::Measured,
            Phase::Trying(_) | Phase::Paying => Way::Kept(self.fit),
        }
    }

    /// Follows a path from the root of the arguments' tree to a value: `content` says what is found where. Gives also the
    /// expressions that the value took.
    pub(super) fn find(
        &self,
        key: Key,
        arguments: &[Slot],
        mut content: impl FnMut(u32) -> u32,
    ) -> Option<(&Value, u64)> {
        let mut at = self.root(key, arguments)?;
        while at & LEAF == 0 {
            let found = content(self.nodes[at as usize]);
            at = *self.edges.get(&(at, found))?;
        }
        self.leaves.get((at & !LEAF) as usize).map(|leaf| (&leaf.value, u64::from(leaf.cost)))
    }

    fn root(&self, (hash, question): Key, arguments: &[Slot]) -> Option<Target> {
        self.entries
            .find(hash, |known| known.hash == hash && known.question == question && known.is(arguments))
            .map(|entry| entry.root)
    }

    /// Adds the path of an evaluation, and what it gave and took. One that is no path (it was not deterministic after all)
    /// is not added.
    pub(super) fn insert(
        &mut self,
        (hash, question): Key,
        arguments: Box<[Value]>,
        path: &[(u32, u32)],
        (value, cost): (Value, u64),
    ) {
        if self.nodes.len() + self.leaves.len() > KEPT_MAX {
            self.clear();
        }
        let mut from: Option<(u32, u32)> = None;
        let known = self
            .entries
            .find(hash, |known| known.hash == hash && known.question == question && known.is_same(&arguments));
        let (mut at, is_new) = known.map_or((NOWHERE, true), |entry| (entry.root, false));
        let mut root = at;
        for (read, content) in path {
            if at == NOWHERE {
                at = self.nodes.len() as Target;
                self.nodes.push(*read);
                match from {
                    Some(edge) => drop(self.edges.insert(edge, at)),
                    None => root = at,
                }
            } else if at & LEAF != 0 || self.nodes[at as usize] != *read {
                return;
            }
            from = Some((at, *content));
            at = self.edges.get(&(at, *content)).copied().unwrap_or(NOWHERE);
        }
        if at == NOWHERE {
            let leaf = LEAF | self.leaves.len() as Target;
            self.leaves.push(Leaf { value, cost: u32::try_from(cost).unwrap_or(u32::MAX) });
            match from {
                Some(edge) => drop(self.edges.insert(edge, leaf)),
                None => root = leaf,
            }
        }
        if is_new {
            self.entries.insert_unique(hash, Entry { hash, question, arguments, root }, |known| known.hash);
        }
    }
}

impl Entry {
    fn is(&self, arguments: &[Slot]) -> bool {
        let same = |(known, slot): (&Value, &Slot)| matches!(slot, Slot::Value(v) if value::same_key(known, v));
        self.arguments.len() == arguments.len() && self.arguments.iter().zip(arguments).all(same)
    }

    fn is_same(&self, arguments: &[Value]) -> bool {
        self.arguments.len() == arguments.len()
            && self.arguments.iter().zip(arguments).all(|(known, v)| value::same_key(known, v))
    }
}
