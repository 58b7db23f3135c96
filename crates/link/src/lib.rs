//! Behaviours of a TLA+ specification as tests of the code that implements it, and its logs as behaviours.
//!
//! A model checker finds out what a design does; this crate finds out whether the code does the same. A *trace* is a
//! behaviour of the specification as data: states, and between them actions with their parameters. An *adapter* lets
//! an implementation take these actions and shows as much of its state as it likes. The *replay* compares.
//!
//! # From a trace to a test
//!
//! A specification of a queue with room for two items has the variable `queue` and the actions `Put(p)` and `Get`.
//! `tlaloc check --trace-out` and `tlaloc gen tests` write traces of it:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use tlaloc_link::Trace;
//!
//! let trace = Trace::parse("two puts and a get", r##"{
//!     "#meta": { "model_values": ["p1", "p2"] },
//!     "vars": ["queue"],
//!     "states": [
//!         { "#meta": { "index": 0, "action": null }, "queue": { "#tup": [] } },
//!         { "#meta": { "index": 1, "action": "Put", "parameters": { "p": "p1" } }, "queue": { "#tup": ["p1"] } },
//!         { "#meta": { "index": 2, "action": "Put", "parameters": { "p": "p2" } }, "queue": { "#tup": ["p1", "p2"] } },
//!         { "#meta": { "index": 3, "action": "Get", "parameters": {} }, "queue": { "#tup": ["p2"] } }
//!     ]
//! }"##)?;
//! # Ok(()) }
//! ```
//!
//! The adapter says what each action means for the implementation, here a `VecDeque`. Parameters and observations are
//! ordinary types: the table in [`Value::decode`] says which, and a `Vec` is compared as a sequence or a set, a
//! `String` as a string or a model value, whatever the specification has there.
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use serde::Serialize;
//! use tlaloc_link::{Action, Adapter, AdapterError, Applied};
//!
//! #[derive(Default)]
//! struct QueueAdapter {
//!     items: VecDeque<String>,
//! }
//!
//! #[derive(Serialize)]
//! struct Observed {
//!     queue: Option<VecDeque<String>>,
//! }
//!
//! impl Adapter for QueueAdapter {
//!     type Observation = Observed;
//!
//!     fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
//!         match action.name() {
//!             "Put" if self.items.len() == 2 => return Ok(Applied::Refused("the queue is full".into())),
//!             "Put" => self.items.push_back(action.parameter("p")?),
//!             "Get" => drop(self.items.pop_front()),
//!             _ => return Err(action.unknown()),
//!         }
//!         Ok(Applied::Done)
//!     }
//!
//!     fn observe(&mut self) -> Observed {
//!         Observed { queue: Some(self.items.clone()) }
//!     }
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = r##"{ "#meta": { "model_values": ["p1", "p2"] }, "vars": ["queue"], "states": [
//! #   { "queue": { "#tup": [] } },
//! #   { "#meta": { "action": "Put", "parameters": { "p": "p1" } }, "queue": { "#tup": ["p1"] } },
//! #   { "#meta": { "action": "Put", "parameters": { "p": "p2" } }, "queue": { "#tup": ["p1", "p2"] } },
//! #   { "#meta": { "action": "Get" }, "queue": { "#tup": ["p2"] } }] }"##;
//! # let trace = tlaloc_link::Trace::parse("two puts and a get", text)?;
//!
//! let coverage = tlaloc_link::replay(&trace, &mut QueueAdapter::default())?;
//! assert_eq!(coverage.to_string(), "Get 1, Put 2");
//!
//! // With `pop_back` the queue would be a stack, and the test would say:
//! # struct Stack(QueueAdapter);
//! # impl Adapter for Stack {
//! #     type Observation = Observed;
//! #     fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
//! #         if action.name() == "Get" { self.0.items.pop_back(); return Ok(Applied::Done); }
//! #         self.0.apply(action)
//! #     }
//! #     fn observe(&mut self) -> Observed { self.0.observe() }
//! # }
//! # let failure = tlaloc_link::replay(&trace, &mut Stack(QueueAdapter::default())).unwrap_err();
//! assert_eq!(failure.to_string(), "\
//! the implementation differs from the spec in the trace two puts and a get
//!   at step 3 of 3: Get
//!   queue[1]: expected p2, observed p1
//!   after Put(p = p1), Put(p = p2)
//!   seed 0");
//! # Ok(()) }
//! ```
//!
//! # One test for each trace
//!
//! With the files in `tests/traces`, every one becomes a `#[test]` of its own:
//!
//! ```ignore
//! use tlaloc_link::{Coverage, Failure, Trace, replay};
//!
//! #[tlaloc_link::traces("tests/traces")]
//! fn follows(trace: &Trace) -> Result<Coverage, Failure> {
//!     replay(trace, &mut QueueAdapter::default())
//! }
//! ```
//!
//! # Counterexamples
//!
//! A trace that violates a property of the specification shows a mistake in the *design*. Replayed, it must not work:
//! the implementation refuses the bad step ([`Applied::Refused`]) or goes elsewhere with it. An implementation that can
//! follow it to the end has the mistake, and the test fails. [`Expect`] says which step is the bad one, and
//! [`Replay::expect`] asks for something else than the trace does.
//!
//! # Partial observation, other granularity
//!
//! What [`Adapter::observe`] leaves out (`None`, fields that are not there) is not compared, so an implementation need
//! not show what it does not have. A step that the code does in several, or several that it does in one, is
//! [`Applied::Unobserved`] until there is something to compare. A trace in which nothing was compared at all fails.
//!
//! # Async and simulated systems
//!
//! [`AsyncAdapter`] and [`replay_async`] are the same with `async fn`: inside tokio, turmoil or any other executor, as
//! nothing here spawns, sleeps or blocks. The seed of a simulation goes in with [`Replay::seed`], to the adapter with
//! [`Start::seed`], and out with every [`Failure`].
//!
//! # From logs to the specification
//!
//! The other way round, a program writes what it does as [`Event`]s to a [`Log`], and `tlaloc validate` says whether
//! the specification has such a behaviour. With the feature `tracing`, `EventLayer` writes them from `tracing` events.
//!
//! ```
//! use tlaloc_link::{Event, LineBuffer, Log};
//!
//! let lines = LineBuffer::default();
//! let log = Log::new(lines.clone()); // or Log::create("run.ndjson")?
//! log.write(&Event::action("Put").param("p", "p1").state("queue", &["p1"]).node("p1"))?;
//! assert_eq!(lines.to_string().trim_end(), r#"{"action":"Put","params":{"p":"p1"},"state":{"queue":["p1"]},"node":"p1"}"#);
//! # std::io::Result::Ok(())
//! ```

mod integer;
mod value;
mod json;
mod trace;
mod itf;
mod path;
mod observed;
mod decode;
mod observe;
mod difference;
mod coverage;
mod failure;
mod replay;
mod folder;
mod clock;
mod event;
#[cfg(feature = "tracing")]
mod layer;
#[doc(hidden)]
pub mod testing;

pub use clock::{Clock, VectorClock};
pub use coverage::Coverage;
pub use decode::DecodeError;
pub use difference::{Difference, DifferenceKind, differences, value_differences};
pub use event::{Event, LineBuffer, Log, NotAnEvent};
pub use failure::{FailedStep, Failure, FailureKind};
pub use folder::{EXTENSION, FolderFailure, replay_folder, trace_files};
pub use integer::{Integer, NotAnInteger};
pub use json::NotAValue;
#[cfg(feature = "tracing")]
pub use layer::{EventLayer, TARGET};
pub use observe::ObserveError;
pub use observed::Observed;
pub use path::{NotAPath, Path};
pub use replay::{Action, Adapter, AdapterError, Applied, AsyncAdapter, Replay, Start, replay, replay_async};
pub use tlaloc_link_macros::traces;
pub use trace::{Expect, FORMAT_VERSION, Meta, ReadError, Span, State, Step, Trace};
pub use value::Value;
