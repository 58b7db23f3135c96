//! What nodes log: the steps of the spec, with vector clocks, tokens by their digests. [`numbered`] gives tokens the
//! numbers that the spec has for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tlaloc_link::{Event, VectorClock};

use crate::digest::Digest;
use crate::token::Proposal;

/// The events of one node. Clones are of the same node, also after it has crashed.
#[derive(Clone, Debug)]
pub struct Journal {
    node: String,
    clock: Arc<Mutex<VectorClock>>,
}

/// The change that a proposal makes, as the spec has it.
#[derive(Serialize)]
struct Change<'p> {
    members: BTreeSet<&'p str>,
    operators: BTreeSet<&'p str>,
    mints: bool,
}

impl Journal {
    /// The journal of this node.
    pub fn of(node: &str) -> Self {
        Journal { node: node.to_owned(), clock: Arc::default() }
    }

    fn clock(&self) -> MutexGuard<'_, VectorClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the node knows of the others' events.
    pub fn time(&self) -> VectorClock {
        self.clock().clone()
    }

    /// It has heard of these events.
    pub fn hears(&self, time: &VectorClock) {
        self.clock().merge(time);
    }

    /// Logs an event of the node.
    pub fn log(&self, event: Event) {
        let mut clock = self.clock();
        clock.tick(&self.node);
        event.node(&self.node).clock(&clock).emit();
    }

    /// `Crash`, `Encrypt`: steps of a host alone.
    pub fn host(&self, action: &str) -> Event {
        Event::action(action).param("h", &self.node)
    }

    /// `Deliver`, `Retire`, and what a host drops: it has been given a token, and this is its last one now.
    pub fn given(&self, action: &str, id: Digest, last: Option<Digest>) {
        let event = self.host(action).param("i", &id.to_string());
        let path = format!("last[{}]", self.node);
        self.log(match last {
            Some(last) => event.state(path, &last.to_string()),
            None => event.state(path, &0),
        });
    }

    /// `Propose`.
    pub fn proposed(&self, proposal: &Proposal) {
        let body = proposal.body();
        let members: BTreeSet<_> = body.members.keys().map(String::as_str).collect();
        let operators = body.operators.keys().map(String::as_str).collect();
        let change = Change { members, operators, mints: body.minted.is_some() };
        let id = proposal.id();
        let keys: BTreeSet<_> = proposal.keys().into_keys().map(|key| key.to_string()).collect();
        let event = self.host("Propose").param("change", &change);
        let parent = body.parent.map(|parent| parent.to_string());
        self.log(
            event
                .state(format!("token[{id}].parent"), &parent)
                .state(format!("token[{id}].key"), &proposal.current_key().to_string())
                .state(format!("token[{id}].keys"), &keys)
                .state(format!("token[{id}].author"), &self.node),
        );
    }
}

/// The log with the spec's numbers for tokens: in the order in which they are first proposed, the founding token
/// first. Of what the spec does once, such as issuing a token, and two hosts may have done without knowing of each
/// other, the second is renamed to `…Again`: it changes nothing.
pub fn numbered(log: &str, founding: Digest) -> String {
    let mut numbers = BTreeMap::from([(founding.to_string(), 1)]);
    let events: Vec<Event> = log.lines().filter_map(|line| line.parse().ok()).collect();
    for event in &events {
        if matches!(event.action.as_deref(), Some("Propose" | "Forge"))
            && let Some(id) = event.state.iter().find_map(|(path, _)| token_of(path))
        {
            let next = numbers.len() + 1;
            numbers.entry(id.to_owned()).or_insert(next);
        }
    }
    let mut done = BTreeSet::new();
    let mut lines = String::new();
    for mut event in events {
        let what = match event.action.as_deref() {
            Some("Issue") => event.params.iter().find(|(name, _)| name == "i").map(|(_, id)| id.to_json().to_string()),
            Some("Encrypt") => event.rest.get("key").map(ToString::to_string),
            _ => None,
        };
        if let (Some(what), Some(action)) = (what, &mut event.action)
            && !done.insert((action.clone(), what))
        {
            action.push_str("Again");
        }
        let mut line = event.to_string();
        for (id, number) in &numbers {
            line = line.replace(&format!("\"{id}\""), &number.to_string());
            line = line.replace(&format!("[{id}]"), &format!("[{number}]"));
        }
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

fn token_of(path: &str) -> Option<&str> {
    path.strip_prefix("token[")?.split_once(']').map(|(id, _)| id)
}
