//! Ctrl-C: once asks for a clean stop, twice stops at once.

use std::sync::Arc;

use crate::explore::Interrupt;

/// Exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// What the first Ctrl-C raises. Where signals cannot be caught, nothing does.
pub(super) fn watch() -> Arc<Interrupt> {
    let interrupt = Arc::new(Interrupt::default());
    let raised = Arc::clone(&interrupt);
    let installed = ctrlc::set_handler(move || {
        if raised.is_raised() {
            std::process::exit(INTERRUPTED);
        }
        raised.raise();
        super::complain("stopping; press Ctrl-C again to stop at once");
    });
    if installed.is_err() {
        super::complain("warning: Ctrl-C cannot be caught here and will stop the run without a report");
    }
    interrupt
}
