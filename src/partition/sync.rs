//! The concurrency primitives of the decision trees, in one place: `tests/loom` puts loom's under their source.

pub(super) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(super) use std::sync::{Mutex, OnceLock, PoisonError};

/// Log2 of the words of the first segment of a forest's arena.
pub(super) const FIRST_BITS: u32 = 10;
