//! A behaviour of a specification, as data: what `docs/trace-format.md` describes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value as Json};

use crate::value::Value;

/// The version of what tlaloc writes under `#meta`.
pub const FORMAT_VERSION: u64 = 1;

/// The variables of a state, by name.
pub type State = BTreeMap<String, Value>;

/// A behaviour: a finite prefix, or a lasso.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trace {
    /// Where the trace is from, for messages: usually its file. Not part of the file.
    pub name: String,
    /// Where it comes from and what it shows.
    pub meta: Meta,
    /// Names of the variables, in the order of their declaration.
    pub variables: Vec<String>,
    /// The states, an initial state first.
    pub steps: Vec<Step>,
    /// For a lasso: index of the state that the last one goes back to; of the last one itself, it stutters for ever.
    pub loop_to: Option<usize>,
    /// What other writers put beside.
    pub extra: Map<String, Json>,
}

/// What `#meta` says of the whole trace. Every field may be missing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Meta {
    /// Version of this layout, if tlaloc wrote it.
    pub version: Option<u64>,
    /// Who wrote it.
    pub tool: Option<String>,
    /// And which version of it.
    pub tool_version: Option<String>,
    /// The root module's file.
    pub spec: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub spec_sha256: Option<String>,
    /// The config's file.
    pub config: Option<String>,
    /// SHA-256 of its bytes.
    pub config_sha256: Option<String>,
    /// SHA-256 of every other file that was read, by path.
    pub modules_sha256: BTreeMap<String, String>,
    /// What the trace is a counterexample to.
    pub property: Option<String>,
    /// `violation`, `ok` …
    pub verdict: Option<String>,
    /// `invariant`, `deadlock` …
    pub kind: Option<String>,
    /// Names of all actions of the specification.
    pub actions: Vec<String>,
    /// What an implementation should do with it; without it, the verdict decides.
    pub expect: Option<Expect>,
    /// The seed of the random choices it comes from.
    pub seed: Option<u64>,
    /// What other writers say.
    pub extra: Map<String, Json>,
}

/// What an implementation should do with a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Follow it to the end.
    Conforms,
    /// Not follow it: the trace shows a mistake in the design. The implementation refuses the action that leads to this
    /// state (an index into [`Trace::steps`]; without one: to the last), or goes somewhere else with it.
    Refuses(Option<usize>),
}

/// A state and how it was reached.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Step {
    /// The action's name; `None` for an initial state, or if the writer did not say.
    pub action: Option<String>,
    /// Its bound parameters, outermost first.
    pub parameters: Vec<(String, Value)>,
    /// Where the action is written.
    pub span: Option<Span>,
    /// Variables that changed; `None` if the writer did not say.
    pub changed: Option<Vec<String>>,
    /// The values of the variables.
    pub state: State,
    /// What ALIAS shows instead, field by field.
    pub alias: Option<Vec<(String, Value)>>,
    /// What other writers say of it.
    pub extra: Map<String, Json>,
}

/// A place in a specification. Lines and columns count from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The file.
    pub file: String,
    /// First line.
    pub line: u64,
    /// First column.
    pub column: u64,
    /// Last line.
    pub end_line: u64,
    /// Column behind the last character.
    pub end_column: u64,
}

/// Why a trace could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// The trace's name, usually its file.
    pub name: String,
    /// What is wrong, and where in the trace.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "the trace cannot be read: {}", self.message)
        } else {
            write!(f, "the trace {} cannot be read: {}", self.name, self.message)
        }
    }
}

impl std::error::Error for ReadError {}

impl Trace {
    /// The trace in this text. `name` is for messages.
    ///
    /// # Errors
    /// When it is no trace.
    pub fn parse(name: &str, text: &str) -> Result<Trace, ReadError> {
        let fail = |message| ReadError { name: name.to_owned(), message };
        let json: Json = serde_json::from_str(text).map_err(|e| fail(e.to_string()))?;
        let trace = crate::itf::read(&json).map_err(fail)?;
        Ok(Trace { name: name.to_owned(), ..trace })
    }

    /// The trace in this file, named after it.
    ///
    /// # Errors
    /// When there is no such file or no trace in it.
    pub fn read(path: impl AsRef<std::path::Path>) -> Result<Trace, ReadError> {
        let name = path.as_ref().display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ReadError { name: name.clone(), message: error.to_string() })?;
        Trace::parse(&name, &text)
    }

    /// The trace in this JSON.
    ///
    /// # Errors
    /// When it is no trace.
    pub fn from_json(json: &Json) -> Result<Trace, ReadError> {
        crate::itf::read(json).map_err(|message| ReadError { name: String::new(), message })
    }

    /// The trace as JSON.
    pub fn to_json(&self) -> Json {
        crate::itf::write(self)
    }

    /// What an implementation should do with it: what `#meta` expects, else the verdict: a counterexample is not to be
    /// followed, anything else is. The finite part of a lasso shows no mistake and is to be followed, too.
    pub fn expect(&self) -> Expect {
        match (self.meta.expect, self.meta.verdict.as_deref()) {
            (Some(expect), _) => expect,
            (None, Some("violation")) if self.loop_to.is_none() => Expect::Refuses(None),
            (None, _) => Expect::Conforms,
        }
    }
}

impl FromStr for Trace {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        Trace::parse("", text)
    }
}

/// The file's text.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:#}", self.to_json())
    }
}

/// `Prepare(p = p1)`, or `the initial state`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(action) = &self.action else {
            return f.write_str("the initial state");
        };
        f.write_str(action)?;
        for (i, (name, value)) in self.parameters.iter().enumerate() {
            write!(f, "{}{name} = {value}", if i == 0 { "(" } else { ", " })?;
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}

/// `Spec.tla:66:1`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
