//! The concurrency primitives of the engine, in one place.
//!
//! The store imports its atomics from here only, so that a model checker of interleavings (loom) can be
//! put under the production code by changing these lines.

pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// Words that are zero, in memory that the system gives so: what is not used is never touched.
#[expect(unsafe_code, reason = "an array of zeroed atomics, without writing each")]
pub(crate) fn zeroed(words: usize) -> Box<[AtomicU64]> {
    // SAFETY: an `AtomicU64` is represented as a `u64`, and zero is one.
    unsafe { Box::new_zeroed_slice(words).assume_init() }
}
