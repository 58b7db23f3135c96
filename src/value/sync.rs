//! What threads share in the interner, in one place: `tests/loom` puts other primitives under its source.

pub(super) use std::sync::{Mutex, MutexGuard, PoisonError};

/// An append-only vector: what was pushed may be read by whoever knows its index, without a lock.
pub(super) use boxcar::Vec as Nodes;
