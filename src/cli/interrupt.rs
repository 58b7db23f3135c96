//! Ctrl-C: asks for a clean stop; where none comes soon, or Ctrl-C comes again, a report of the counts so
//! far is all there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::explore::Interrupt;

/// Exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// How long a run may take to stop cleanly. Reading modules and evaluating one expression do not look at
/// requests to stop.
const GRACE: Duration = Duration::from_secs(2);

/// The right to report, which only one thread gets.
#[derive(Clone, Default)]
pub(super) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// True for the first who asks.
    fn taken_now(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// Returns if it is on the caller to report. Otherwise another thread is doing it and will end the process.
    pub(super) fn take(&self) {
        while !self.taken_now() {
            std::thread::sleep(GRACE);
        }
    }
}

/// What the first Ctrl-C raises. `report` is called, at most once, when the run cannot stop by itself. Where
/// signals cannot be caught, nothing happens.
pub(super) fn watch(turn: &Turn, report: impl Fn() + Send + Sync + 'static) -> Arc<Interrupt> {
    let interrupt = Arc::new(Interrupt::default());
    let raised = Arc::clone(&interrupt);
    let turn = turn.clone();
    let give_up: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        if turn.taken_now() {
            report();
            std::process::exit(INTERRUPTED);
        }
    });
    let installed = ctrlc::set_handler(move || {
        if raised.is_raised() {
            give_up();
            std::process::exit(INTERRUPTED);
        }
        raised.raise();
        super::complain("stopping; press Ctrl-C again to stop at once");
        let give_up = Arc::clone(&give_up);
        let late = std::thread::Builder::new().name("late".to_owned()).spawn(move || {
            std::thread::sleep(GRACE);
            give_up();
        });
        if late.is_err() {
            super::complain("warning: the run may take a while to stop");
        }
    });
    if installed.is_err() {
        super::complain("warning: Ctrl-C cannot be caught here and will stop the run without a report");
    }
    interrupt
}
