//! Logical time: what happened before what, without trusting anybody's wall clock.

use std::collections::BTreeMap;

/// A vector clock: how many events of each node are known of. Nodes without an entry have 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VectorClock(BTreeMap<String, u64>);

impl VectorClock {
    /// A clock with these entries.
    pub fn new(entries: impl IntoIterator<Item = (String, u64)>) -> Self {
        VectorClock(entries.into_iter().filter(|(_, count)| *count > 0).collect())
    }

    /// Something happens at a node: one more event is known of it.
    pub fn tick(&mut self, node: &str) {
        *self.0.entry(node.to_owned()).or_default() += 1;
    }

    /// A message arrives that carries the sender's clock: what the sender knew is known. The receipt is an event of
    /// its own, so [`VectorClock::tick`] follows.
    pub fn merge(&mut self, sender: &VectorClock) {
        for (node, count) in &sender.0 {
            let known = self.0.entry(node.clone()).or_default();
            *known = (*known).max(*count);
        }
    }

    /// The entry of a node.
    pub fn get(&self, node: &str) -> u64 {
        self.0.get(node).copied().unwrap_or(0)
    }

    /// The entries that are not 0.
    pub fn entries(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

    /// True if an event with this clock happened before one with the other. Neither before the other: concurrent.
    pub fn happened_before(&self, other: &VectorClock) -> bool {
        self != other && self.0.iter().all(|(node, count)| *count <= other.get(node))
    }
}

/// When an event happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clock {
    /// A Lamport time.
    Lamport(u64),
    /// A vector clock.
    Vector(VectorClock),
}
