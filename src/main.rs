//! The `tlaloc` command.

use std::process::ExitCode;

/// Evaluation allocates all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(tlaloc::cli::run(std::env::args_os().collect()))
}
