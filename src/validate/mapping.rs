//! The mapping file: which field of a log line is what, which name of the log is which of the specification.
//!
//! ```toml
//! ignore = ["heartbeat"]                 # events that say nothing about the specification; "": those without a name
//! partial = ["state"]                    # variables and parameters whose objects may lack entries
//!
//! [fields]                               # where things stand in a line; these are the defaults
//! action = "action"                      # or several, joined by a space: ["event", "message.type"]
//! params = "params"
//! state = "state"
//! node = "node"
//! clock = "clock"
//!
//! [actions]                              # names of the log -> actions of the specification
//! prepare = "Prepare"
//! decide = ["DecideCommit", "DecideAbort"]
//! [actions.vote]
//! action = "ReceiveVote"
//! params = { p = "fields.from" }         # parameter = field of the line
//! state = { "state[$p]" = "fields.now" } # path into the state = field of the line
//!
//! [state]                                # the same for every event that has the field
//! "state[$node]" = "fields.state"
//!
//! [values]                               # texts of the log -> values of the specification
//! "node-1" = "p1"
//!
//! [silent]                               # steps that are not logged
//! actions = ["Drop"]
//! max = 3                                # at most so many between two events
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::logged::Translate;

/// Silent steps between two events when the mapping names silent actions and no bound.
const SILENT_MAX: u32 = 3;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Names of events that are skipped.
    pub ignore: Vec<String>,
    /// Variables and parameters whose objects may lack entries.
    pub partial: Vec<String>,
    /// Where things stand in a line.
    pub fields: Fields,
    /// What events are, by their name in the log.
    pub actions: BTreeMap<String, Meaning>,
    /// Paths into the state, with the field that says what is there.
    pub state: BTreeMap<String, String>,
    /// What texts of the log stand for. The key `null` says what a JSON null stands for.
    pub values: BTreeMap<String, Scalar>,
    /// Steps that are not logged.
    pub silent: Silent,
}

/// Where things stand in a line: names of fields, separated by full stops.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// The event's name; of several fields those that are there, joined by a space.
    pub action: OneOrMore,
    /// Its parameters.
    pub params: String,
    /// What is known of the state afterwards.
    pub state: String,
    /// Where it happened.
    pub node: String,
    /// When: a vector clock (an object) or a Lamport time (a number).
    pub clock: String,
}

impl Default for Fields {
    fn default() -> Self {
        let name = |text: &str| text.to_owned();
        Self {
            action: OneOrMore::One(name("action")),
            params: name("params"),
            state: name("state"),
            node: name("node"),
            clock: name("clock"),
        }
    }
}

/// What an event is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Meaning {
    /// A step of this action.
    Action(String),
    /// A step of one of these.
    Actions(Vec<String>),
    /// The same with more to say.
    Event(Event),
}

/// What an event is, in full.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Event {
    /// A step of this action; without it, the log's name.
    pub action: Option<OneOrMore>,
    /// Parameters with the fields they are in, instead of those under `params`.
    pub params: Option<BTreeMap<String, String>>,
    /// Paths into the state with the fields they are in, besides those of every event.
    pub state: BTreeMap<String, String>,
    /// No step: the event only tells something about the state.
    pub stutter: bool,
}

/// One name or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    pub fn names(&self) -> &[String] {
        match self {
            OneOrMore::One(name) => std::slice::from_ref(name),
            OneOrMore::More(names) => names,
        }
    }
}

/// A value that a text stands for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// TRUE or FALSE.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string or model value.
    Text(String),
}

/// Steps that are not logged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Silent {
    /// Their actions; `*` for all.
    pub actions: Vec<String>,
    /// At most so many between two events.
    pub max: Option<u32>,
}

impl Silent {
    /// Silent steps between two events at most.
    pub fn bound(&self) -> u32 {
        if self.actions.is_empty() { 0 } else { self.max.unwrap_or(SILENT_MAX) }
    }
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// What is wrong, and where in the text if that is known.
    pub fn parse(text: &str) -> Result<Mapping, (String, Option<std::ops::Range<usize>>)> {
        toml::from_str(text).map_err(|error| (error.message().to_owned(), error.span()))
    }
}

impl Translate for Mapping {
    fn text(&self, text: &str) -> Option<&Scalar> {
        self.values.get(text)
    }

    fn null(&self) -> Option<&Scalar> {
        self.values.get("null")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_a_mapping() {
        let head = include_str!("mapping.rs");
        let toml: String = head
            .lines()
            .skip_while(|l| *l != "//! ```toml")
            .skip(1)
            .take_while(|l| *l != "//! ```")
            .map(|l| l.trim_start_matches("//! ").trim_start_matches("//!").to_owned() + "\n")
            .collect();
        let mapping = Mapping::parse(&toml).expect("the example is a mapping");
        assert_eq!(mapping.silent.bound(), 3);
        assert_eq!(mapping.actions.len(), 3);
        assert!(matches!(mapping.actions.get("vote"), Some(Meaning::Event(event)) if event.params.is_some()));
    }

    #[test]
    fn unknown_keys_are_refused_where_they_stand() {
        let (message, span) = Mapping::parse("ignore = []\nsilents = 3\n").expect_err("a key is unknown");
        assert!(message.contains("silents"), "{message}");
        assert_eq!(span.map(|s| s.start), Some(12));
    }
}
