//! What a node logs, as `docs/log-format.md` has it, with a vector clock that goes along with every message.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;
use tlaloc_link::{Event, VectorClock};

use crate::map::Place;

/// A node's name and clock. Clones are the same node.
#[derive(Clone, Debug)]
pub struct Witness {
    name: Rc<str>,
    clock: Rc<RefCell<VectorClock>>,
}

impl Witness {
    /// A node of this name that knows of nothing.
    pub fn new(name: &str) -> Self {
        Witness { name: name.into(), clock: Rc::default() }
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it knows.
    pub fn clock(&self) -> BTreeMap<String, u64> {
        self.clock.borrow().entries().clone()
    }

    /// It hears from somebody who knows this.
    pub fn heard(&self, clock: &BTreeMap<String, u64>) {
        self.clock.borrow_mut().merge(&VectorClock::new(clock.clone()));
    }

    /// Has the sender done anything since it sent this, that this node knows of?
    pub fn knows_better(&self, sender: &str, clock: &BTreeMap<String, u64>) -> bool {
        self.clock.borrow().get(sender) > clock.get(sender).copied().unwrap_or(0)
    }

    /// The event as this node's next.
    pub fn stamp(&self, event: Event) -> Event {
        let mut clock = self.clock.borrow_mut();
        clock.tick(&self.name);
        event.node(&*self.name).clock(&clock)
    }

    /// Logs the event as this node's next.
    pub fn log(&self, event: Event) {
        self.stamp(event).emit();
    }
}

/// Shards are numbered from `s1` in the specification.
pub fn index_name(index: usize) -> String {
    format!("s{}", index + 1)
}

/// Places as the specification has them.
pub fn named_place(place: &Place, shards: usize) -> BTreeMap<String, String> {
    let at = |index: usize| place.get(index).cloned().unwrap_or_else(|| "nowhere".to_owned());
    (0..shards).map(|index| (index_name(index), at(index))).collect()
}

/// An object in the map, as the specification has it.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct NamedEntry {
    /// The current version.
    pub version: u64,
    /// Is it there?
    pub live: bool,
    /// Where.
    pub place: BTreeMap<String, String>,
}

impl NamedEntry {
    /// Of an entry with so many shards.
    pub fn of(entry: &crate::map::Entry, shards: usize) -> Self {
        NamedEntry { version: entry.version, live: entry.live, place: named_place(&entry.place, shards) }
    }
}

/// A shard on a disk, as the specification has it.
#[derive(Serialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NamedShard {
    /// Of this object.
    pub object: String,
    /// Of this version.
    pub version: u64,
    /// `s1` is the first.
    pub index: String,
    /// Has it not rotted?
    pub good: bool,
}
