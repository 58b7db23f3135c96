//! Folders of traces.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::coverage::Coverage;
use crate::failure::Failure;
use crate::replay::{Adapter, replay};
use crate::trace::{ReadError, Trace};

/// How the names of trace files end.
pub const EXTENSION: &str = ".itf.json";

/// The trace files in a folder, by name.
///
/// # Errors
/// When there is no such folder, or no trace in it: tests over nothing show nothing.
pub fn trace_files(folder: impl AsRef<Path>) -> Result<Vec<PathBuf>, ReadError> {
    let folder = folder.as_ref();
    let fail = |message: String| ReadError { name: folder.display().to_string(), message };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fail(error.to_string()))? {
        let path = entry.map_err(|error| fail(error.to_string()))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(EXTENSION)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() { Err(fail(format!("there is no file *{EXTENSION} in it"))) } else { Ok(files) }
}

/// Why the traces of a folder do not all succeed.
#[derive(Clone, PartialEq)]
pub enum FolderFailure {
    /// A trace could not be read.
    Read(ReadError),
    /// These failed.
    Failed(Vec<Failure>),
}

impl fmt::Display for FolderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderFailure::Read(error) => error.fmt(f),
            FolderFailure::Failed(failures) => failures
                .iter()
                .enumerate()
                .try_for_each(|(i, failure)| write!(f, "{}{failure}", if i == 0 { "" } else { "\n\n" })),
        }
    }
}

impl fmt::Debug for FolderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FolderFailure {}

/// Replays every trace of a folder, each on an adapter of its own, and gives what all of them cover. For a test a
/// trace see the attribute `traces`.
///
/// # Errors
/// When a trace fails or cannot be read; all are tried.
pub fn replay_folder<A: Adapter>(
    folder: impl AsRef<Path>,
    mut adapter: impl FnMut(&Trace) -> A,
) -> Result<Coverage, FolderFailure> {
    let mut coverage = Coverage::default();
    let mut failures = Vec::new();
    for file in trace_files(folder).map_err(FolderFailure::Read)? {
        let trace = Trace::read(&file).map_err(FolderFailure::Read)?;
        match replay(&trace, &mut adapter(&trace)) {
            Ok(covered) => coverage.add(&covered),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(coverage) } else { Err(FolderFailure::Failed(failures)) }
}
