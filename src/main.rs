//! The `tlaloc` command.

use std::process::ExitCode;

/// Evaluation allocates all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's number for how many milliseconds it keeps memory that was freed.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    give_back_at_once();
    ExitCode::from(tlaloc::cli::run(std::env::args_os().collect()))
}

/// A table that was outgrown is not to stand beside the larger one: Paxos with ballots 0..3 needs 37 bytes a state
/// at its peak instead of 43, in the same time.
#[expect(unsafe_code, reason = "a setting of the allocator that has no safe name")]
fn give_back_at_once() {
    // SAFETY: setting options is not thread-safe, and there is one thread yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}
