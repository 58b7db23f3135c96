//! Events of a log, as `docs/log-format.md` has them: written by programs, read by `tlaloc validate`.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::clock::{Clock, VectorClock};
use crate::observed::Observed;
use crate::path::Path;

/// One line of a log.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Event {
    /// The action that this event is a step of; `None`: any step, or none.
    pub action: Option<String>,
    /// Its parameters, as far as they are known.
    pub params: Vec<(String, Observed)>,
    /// What is known of the state after it, by path.
    pub state: Vec<(String, Observed)>,
    /// Who wrote it.
    pub node: Option<String>,
    /// When.
    pub clock: Option<Clock>,
    /// Fields of other names.
    pub rest: Map<String, Json>,
}

/// Why a line is no event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnEvent(String);

impl fmt::Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAnEvent {}

/// What cannot be written to a log, such as a fraction, as text: a log is no reason to stop a program.
fn observed(value: &(impl Serialize + ?Sized)) -> Observed {
    Observed::of(value).unwrap_or_else(|error| Observed::Text(error.to_string()))
}

impl Event {
    /// A step of this action.
    pub fn action(name: impl Into<String>) -> Self {
        Event { action: Some(name.into()), ..Event::default() }
    }

    /// No step: only the state is told.
    pub fn state_only() -> Self {
        Event::default()
    }

    /// With this parameter.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Self {
        self.params.push((name.into(), observed(value)));
        self
    }

    /// With this variable, or part of one: `votes`, `state[p1]`.
    #[must_use]
    pub fn state(mut self, path: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Self {
        self.state.push((path.into(), observed(value)));
        self
    }

    /// Written by this node.
    #[must_use]
    pub fn node(mut self, node: impl Into<String>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// At this time.
    #[must_use]
    pub fn clock(mut self, clock: &VectorClock) -> Self {
        self.clock = Some(Clock::Vector(clock.clone()));
        self
    }

    /// At this Lamport time.
    #[must_use]
    pub fn lamport(mut self, time: u64) -> Self {
        self.clock = Some(Clock::Lamport(time));
        self
    }

    /// The event as a JSON object.
    pub fn to_json(&self) -> Json {
        let named = |pairs: &[(String, Observed)]| -> Json {
            Json::Object(pairs.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
        };
        let mut object = Map::new();
        let mut put = |name: &str, value: Option<Json>| value.map(|value| object.insert(name.to_owned(), value));
        put("action", self.action.as_ref().map(|action| json!(action)));
        put("params", (!self.params.is_empty()).then(|| named(&self.params)));
        put("state", (!self.state.is_empty()).then(|| named(&self.state)));
        put("node", self.node.as_ref().map(|node| json!(node)));
        put(
            "clock",
            self.clock.as_ref().map(|clock| match clock {
                Clock::Lamport(time) => json!(time),
                Clock::Vector(clock) => json!(clock.entries()),
            }),
        );
        object.extend(self.rest.clone());
        Json::Object(object)
    }

    /// The event in this JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_json(json: Json) -> Result<Event, NotAnEvent> {
        let Json::Object(mut object) = json else {
            return Err(NotAnEvent(format!("an event is a JSON object, not {json}")));
        };
        let params = pairs(&mut object, "params")?;
        let state = pairs(&mut object, "state")?;
        for (path, _) in &state {
            path.parse::<Path>().map_err(|error| NotAnEvent(format!("`state`: {error}")))?;
        }
        let action = text(&mut object, "action")?;
        let node = text(&mut object, "node")?;
        let clock = match object.remove("clock") {
            None | Some(Json::Null) => None,
            Some(Json::Object(entries)) => Some(Clock::Vector(vector(entries)?)),
            Some(other) => match other.as_u64() {
                Some(time) => Some(Clock::Lamport(time)),
                None => return Err(NotAnEvent(format!("`clock` is {other}, neither a number from 0 nor an object"))),
            },
        };
        Ok(Event { action, params, state, node, clock, rest: object })
    }
}

fn pairs(object: &mut Map<String, Json>, name: &str) -> Result<Vec<(String, Observed)>, NotAnEvent> {
    let fields = match object.remove(name) {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Object(fields)) => fields,
        Some(other) => return Err(NotAnEvent(format!("`{name}` is {other}, not an object"))),
    };
    let pairs = fields.into_iter().map(|(field, value)| match Observed::from_json(&value) {
        Ok(value) => Ok((field, value)),
        Err(error) => Err(NotAnEvent(format!("`{name}`: {field}: {error}"))),
    });
    pairs.collect()
}

fn text(object: &mut Map<String, Json>, name: &str) -> Result<Option<String>, NotAnEvent> {
    match object.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => Err(NotAnEvent(format!("`{name}` is {other}, not a string"))),
    }
}

fn vector(entries: Map<String, Json>) -> Result<VectorClock, NotAnEvent> {
    let entries = entries.into_iter().map(|(node, count)| match count.as_u64() {
        Some(count) => Ok((node, count)),
        None => Err(NotAnEvent(format!("`clock`: {node} is {count}, not a number from 0"))),
    });
    entries.collect::<Result<Vec<_>, _>>().map(VectorClock::new)
}

impl FromStr for Event {
    type Err = NotAnEvent;

    fn from_str(line: &str) -> Result<Self, NotAnEvent> {
        let json = serde_json::from_str(line).map_err(|error| NotAnEvent(format!("the line is no JSON: {error}")))?;
        Event::from_json(json)
    }
}

/// One line, without its end.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

/// Writes events, a line each, from any thread.
#[derive(Debug)]
pub struct Log<W: Write> {
    writer: Mutex<W>,
}

impl Log<io::BufWriter<std::fs::File>> {
    /// A new file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        std::fs::File::create(path).map(|file| Log::new(io::BufWriter::new(file)))
    }
}

impl<W: Write> Log<W> {
    /// A log into this writer.
    pub fn new(writer: W) -> Self {
        Log { writer: Mutex::new(writer) }
    }

    /// Adds an event. It is out when the call returns: a log without its last lines helps nobody.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(&self, event: &Event) -> io::Result<()> {
        let line = format!("{event}\n");
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(line.as_bytes())?;
        writer.flush()
    }

    /// The writer back.
    pub fn into_inner(self) -> W {
        self.writer.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lines kept in memory: a writer whose clones share what is written, for tests.
#[derive(Clone, Debug, Default)]
pub struct LineBuffer(Arc<Mutex<Vec<u8>>>);

impl Write for LineBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was written.
impl fmt::Display for LineBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
