//! What the attribute `traces` expands to.

use std::fmt;

use crate::folder::trace_files;
use crate::trace::Trace;

/// What the function under `traces` may give: nothing, or a result.
pub trait Outcome {
    /// Panics with the error as people read it.
    fn conclude(self);
}

impl Outcome for () {
    fn conclude(self) {}
}

impl<T, E: fmt::Display> Outcome for Result<T, E> {
    fn conclude(self) {
        if let Err(error) = self {
            panic!("{error}");
        }
    }
}

/// Runs a test on a trace.
///
/// # Panics
/// When the test fails, or there is no trace in the text.
pub fn run<O: Outcome>(name: &str, text: &str, test: impl FnOnce(&Trace) -> O) {
    match Trace::parse(name, text) {
        Ok(trace) => test(&trace).conclude(),
        Err(error) => panic!("{error}"),
    }
}

/// The folder has the files that were there when the tests were compiled.
///
/// # Panics
/// When it has others.
pub fn folder_is(folder: &str, compiled: &[&str]) {
    let files = trace_files(folder).unwrap_or_default();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert!(
        names == compiled,
        "the traces in {folder} are others than when this test was compiled: touch the test's source, or `cargo clean -p` \
         its package\n  compiled: {}\n  now: {}",
        compiled.join(", "),
        names.join(", ")
    );
}
