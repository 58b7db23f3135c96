//! What a running exploration tells the world, and what the world tells it.

use std::sync::Arc;

use super::sync::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use super::{Limit, Options};

/// A request to end the run at once, from any thread.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Asks the run to end.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once asked.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers of a running exploration, to be read at any time by any thread. Each is monotonic on its
/// own; together they may be a few states apart.
#[derive(Debug, Default)]
pub struct Published {
    distinct: AtomicU64,
    generated: AtomicU64,
    expanded: AtomicU64,
    depth: AtomicU64,
    memory_bytes: AtomicU64,
}

impl Published {
    /// Distinct states stored.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.distinct.load(Ordering::Relaxed)
    }

    /// States generated, duplicates and states outside constraints included.
    #[must_use]
    pub fn generated(&self) -> u64 {
        self.generated.load(Ordering::Relaxed)
    }

    /// States stored and not expanded yet.
    #[must_use]
    pub fn queue(&self) -> u64 {
        self.distinct().saturating_sub(self.expanded.load(Ordering::Relaxed))
    }

    /// Levels found so far.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.depth.load(Ordering::Relaxed)
    }

    /// Memory of the state store and its buffers, at its peak.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn reset(&self) {
        for number in [&self.distinct, &self.generated, &self.expanded, &self.depth, &self.memory_bytes] {
            number.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn add(&self, counts: Counts) {
        self.generated.fetch_add(counts.generated, Ordering::Relaxed);
        self.distinct.fetch_add(counts.distinct, Ordering::Relaxed);
        self.expanded.fetch_add(counts.expanded, Ordering::Relaxed);
    }

    pub(super) fn set_depth(&self, depth: u64) {
        self.depth.store(depth, Ordering::Relaxed);
    }

    pub(super) fn raise_memory(&self, bytes: u64) {
        self.memory_bytes.fetch_max(bytes, Ordering::Relaxed);
    }
}

/// What a worker has counted and not published yet.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) generated: u64,
    pub(super) distinct: u64,
    pub(super) expanded: u64,
}

const RUN: u8 = 0;
const CRASHED: u8 = 1;
const LIMIT_DISTINCT: u8 = 2;
const LIMIT_MEMORY: u8 = 3;

/// Requests to the workers, polled at every state. Relaxed throughout: a request is seen soon, and nothing
/// is read on the strength of having seen it.
pub(super) struct Signals {
    stop: AtomicU8,
    pause: AtomicBool,
    deferred_bytes: AtomicU64,
    interrupt: Arc<Interrupt>,
    max_distinct: u64,
    max_memory_bytes: u64,
}

impl Signals {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            stop: AtomicU8::new(RUN),
            pause: AtomicBool::new(false),
            deferred_bytes: AtomicU64::new(0),
            interrupt: Arc::clone(&options.interrupt),
            max_distinct: options.max_distinct.unwrap_or(u64::MAX),
            max_memory_bytes: options.max_memory_bytes.unwrap_or(u64::MAX),
        }
    }

    /// True if the search must end: interrupted, a limit reached, or a worker crashed.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != RUN || self.interrupt.is_raised()
    }

    /// True if nothing more may be done, not even following a finding back.
    pub(super) fn aborted(&self) -> bool {
        self.stop.load(Ordering::Relaxed) == CRASHED || self.interrupt.is_raised()
    }

    pub(super) fn interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    pub(super) fn crash(&self) {
        self.stop.store(CRASHED, Ordering::Relaxed);
    }

    /// The limit that was reached.
    pub(super) fn limit(&self) -> Option<Limit> {
        match self.stop.load(Ordering::Relaxed) {
            LIMIT_DISTINCT => Some(Limit::Distinct),
            LIMIT_MEMORY => Some(Limit::Memory),
            _ => None,
        }
    }

    /// A limit that was reached does not keep findings from being followed back.
    pub(super) fn forget_limit(&self) {
        for limit in [LIMIT_DISTINCT, LIMIT_MEMORY] {
            let _ = self.stop.compare_exchange(limit, RUN, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Compares with the limits; true if one is reached.
    pub(super) fn check_limits(&self, distinct: u64, bytes: u64) -> bool {
        let reached = match () {
            () if distinct >= self.max_distinct => LIMIT_DISTINCT,
            () if bytes > self.max_memory_bytes => LIMIT_MEMORY,
            () => return false,
        };
        // A crash is not overwritten by a limit.
        let _ = self.stop.compare_exchange(RUN, reached, Ordering::Relaxed, Ordering::Relaxed);
        true
    }

    /// Memory of successors that wait for room, of all workers.
    pub(super) fn deferred_bytes(&self) -> u64 {
        self.deferred_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn add_deferred(&self, bytes: u64) {
        self.deferred_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn remove_deferred(&self, bytes: u64) {
        self.deferred_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Asks all workers for a quiet point.
    pub(super) fn pause(&self) {
        self.pause.store(true, Ordering::Relaxed);
    }

    pub(super) fn resume(&self) {
        self.pause.store(false, Ordering::Relaxed);
    }

    pub(super) fn paused(&self) -> bool {
        self.pause.load(Ordering::Relaxed)
    }
}
