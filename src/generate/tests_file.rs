//! Tests that replay a folder of traces.

use std::fmt::Write as _;

use super::names::snake;
use super::python::quoted;

/// What a test file is made of.
pub struct TestsFile<'a> {
    /// The root module.
    pub module: &'a str,
    /// An expression that makes an adapter: in Python `module:Name` for a call without arguments.
    pub adapter: &'a str,
    /// The folder of the traces: for Rust from the package, for Python from the test file.
    pub folder: &'a str,
    /// What the traces are for.
    pub purpose: &'a str,
    /// Where they come from, line by line.
    pub provenance: &'a [String],
}

/// For cargo: `tests/….rs`.
pub fn rust(file: &TestsFile<'_>) -> String {
    let mut text = format!("//! {}\n//!\n", file.purpose);
    for line in file.provenance {
        let _ = writeln!(text, "//! {line}");
    }
    let name = format!("{}_traces", snake(file.module));
    let _ = write!(
        text,
        "\nuse tlaloc_link::Trace;\n\n\
         #[tlaloc_link::traces({:?})]\nfn {name}(trace: &Trace) {{\n    let mut adapter = {};\n\
         \x20   if let Err(failure) = tlaloc_link::replay(trace, &mut adapter) {{\n\
         \x20       panic!(\"{{failure}}\");\n    }}\n}}\n",
        file.folder, file.adapter
    );
    text
}

/// For pytest: `test_….py`.
pub fn python(file: &TestsFile<'_>) -> String {
    let mut text = format!("\"\"\"{}\n\n", file.purpose);
    for line in file.provenance {
        let _ = writeln!(text, "{}", line.replace('\\', "/").replace("\"\"\"", "'''"));
    }
    text.push_str("\"\"\"\n\nfrom pathlib import Path\n\nfrom tlaloc_link import Trace, replay, traces\n");
    let make = match file.adapter.split_once(':') {
        Some((module, name)) => {
            let _ = write!(text, "\nfrom {module} import {name}\n");
            format!("{name}()")
        }
        None => file.adapter.to_owned(),
    };
    let name = snake(file.module);
    let _ = write!(
        text,
        "\n\n@traces(Path(__file__).parent / {})\ndef test_{name}(trace: Trace) -> None:\n    replay(trace, {make})\n",
        quoted(file.folder)
    );
    text
}
