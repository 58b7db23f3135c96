//! Ctrl-C: once asks for a clean stop, twice stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// The flag that the first Ctrl-C sets. Where signals cannot be caught, it is never set.
pub(super) fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let installed = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
        super::complain("stopping; press Ctrl-C again to stop at once");
    });
    if installed.is_err() {
        super::complain("warning: Ctrl-C cannot be caught here and will stop the run without a report");
    }
    flag
}
