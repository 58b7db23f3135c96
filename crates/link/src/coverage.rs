//! Which actions replays have taken.

use std::collections::BTreeMap;
use std::fmt;

/// How often each action was taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    actions: BTreeMap<String, u64>,
}

impl Coverage {
    /// Nothing taken yet of these actions.
    pub fn of(actions: &[String]) -> Self {
        Coverage { actions: actions.iter().map(|name| (name.clone(), 0)).collect() }
    }

    pub(crate) fn count(&mut self, action: &str) {
        *self.actions.entry(action.to_owned()).or_default() += 1;
    }

    /// Adds what another replay has taken.
    pub fn add(&mut self, other: &Coverage) {
        for (action, count) in &other.actions {
            *self.actions.entry(action.clone()).or_default() += count;
        }
    }

    /// How often each action was taken, by name.
    pub fn actions(&self) -> &BTreeMap<String, u64> {
        &self.actions
    }

    /// Actions of the spec that were never taken, as far as the traces name them.
    pub fn missing(&self) -> Vec<&str> {
        self.actions.iter().filter(|(_, count)| **count == 0).map(|(action, _)| action.as_str()).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (action, count)) in self.actions.iter().enumerate() {
            write!(f, "{}{action} {count}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
