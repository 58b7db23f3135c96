//! Files and processes, for Json, IOUtils, CSV and SVG: what is allowed and where names start from.

use std::path::PathBuf;

use super::argument::Call;
use crate::value::Value;
use crate::value::machine::{Fault, FaultKind, Machine, Result};

/// Faults unless the run may touch files and processes.
pub(super) fn allow(machine: &mut dyn Machine, operator: &str) -> Result<()> {
    if machine.services().allow_io {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Forbidden,
        format!("{operator} reads or writes files or starts processes, which needs --allow-io."),
    ))
}

/// A file name. A relative one starts from the working directory, as in TLC; if there is no such file, from
/// the spec's folder, or is there by its last part alone, so that a spec finds its logs after it was moved.
pub(super) fn resolve(machine: &mut dyn Machine, name: &str) -> PathBuf {
    let given = PathBuf::from(name);
    let folder = &machine.services().folder;
    let beside = given.file_name().map(|last| folder.join(last));
    let candidates = std::iter::once(given.clone()).chain(std::iter::once(folder.join(name))).chain(beside);
    candidates.into_iter().find(|path| path.exists()).unwrap_or(given)
}

/// The file named by an argument, if files may be touched.
pub(super) fn path(machine: &mut dyn Machine, operator: &str, call: &Call<'_>, position: usize) -> Result<PathBuf> {
    let name = call.text(position)?;
    allow(machine, operator)?;
    Ok(resolve(machine, name))
}

/// The fault of a file that cannot be read or written.
#[cold]
pub(super) fn failed(operator: &str, path: &std::path::Path, error: &dyn std::fmt::Display) -> Box<Fault> {
    Fault::new(FaultKind::Other, format!("{operator} failed on {}: {error}", path.display()))
}

/// Reads a text file.
pub(super) fn read(operator: &str, path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| failed(operator, path, &error))
}

/// Writes a file, replacing what was there.
pub(super) fn write(operator: &str, path: &std::path::Path, text: &str) -> Result<Value> {
    match std::fs::write(path, text) {
        Ok(()) => Ok(Value::Bool(true)),
        Err(error) => Err(failed(operator, path, &error)),
    }
}

/// Adds to the end of a file, making it if it is not there.
pub(super) fn append(operator: &str, path: &std::path::Path, text: &str) -> Result<Value> {
    use std::io::Write;
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
    match opened.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => Ok(Value::Bool(true)),
        Err(error) => Err(failed(operator, path, &error)),
    }
}
