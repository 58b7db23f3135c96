//! loom's primitives, and what it does not have made of them.

pub(crate) use std::sync::PoisonError;

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// Small arenas: loom knows every word of them.
pub(crate) const FIRST_BITS: u32 = 5;

/// Words that are zero.
pub(crate) fn zeroed(words: usize) -> Box<[AtomicU64]> {
    (0..words).map(|_| AtomicU64::new(0)).collect()
}

/// A cell that is written once, by one thread at a time: whoever reads it must have been told of it.
pub(crate) struct OnceLock<T> {
    value: std::sync::OnceLock<T>,
    told: AtomicBool,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self { value: std::sync::OnceLock::new(), told: AtomicBool::new(false) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.told.load(Ordering::Acquire).then(|| self.value.get().expect("it was written before that was told"))
    }

    pub(crate) fn get_or_init(&self, init: impl FnOnce() -> T) -> &T {
        if self.get().is_none() {
            assert!(self.value.set(init()).is_ok(), "one thread at a time writes");
            self.told.store(true, Ordering::Release);
        }
        self.get().expect("it was just written")
    }
}

/// The contract of the append-only vector: an index is known to nobody before its element can be read, unless
/// somebody tells it without order.
pub(crate) struct Nodes<T> {
    cells: Vec<OnceLock<T>>,
    claimed: AtomicUsize,
}

impl<T> Nodes<T> {
    pub(crate) fn new() -> Self {
        Self { cells: (0..4).map(|_| OnceLock::new()).collect(), claimed: AtomicUsize::new(0) }
    }

    pub(crate) fn push_with(&self, make: impl FnOnce(usize) -> T) -> usize {
        let index = self.claimed.fetch_add(1, Ordering::Relaxed);
        self.cells[index].get_or_init(|| make(index));
        index
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.cells.get(index)?.get()
    }

    pub(crate) fn count(&self) -> usize {
        self.claimed.load(Ordering::Relaxed)
    }
}
