//! The concurrency primitives of the engine, in one place.
//!
//! The store imports its atomics from here only, so that a model checker of interleavings (loom) can be
//! put under the production code by changing these lines.

pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
