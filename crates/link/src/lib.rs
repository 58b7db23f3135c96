//! Behaviours of a TLA+ specification as tests of the code that implements it, and its logs as behaviours.

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
pub use failure::{Failure, FailureKind};
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
