//! Behaviours of a TLA+ specification as tests of the code that implements it, and its logs as behaviours.

mod integer;
mod value;
mod json;
mod trace;
mod itf;

pub use integer::{Integer, NotAnInteger};
pub use json::NotAValue;
pub use trace::{Expect, FORMAT_VERSION, Meta, ReadError, Span, State, Step, Trace};
pub use value::Value;
