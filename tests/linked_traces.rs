//! The traces of the examples are what the checker finds in today's specifications.

use std::process::Command;

use serde_json::{Value as Json, json};
use tlaloc_link::{Trace, trace_files};

const FOLDERS: [&str; 5] = [
    "examples/two_phase_commit/tests/traces",
    "examples/two_phase_commit/tests/counterexamples",
    "examples/bounded_queue/traces",
    "examples/bounded_queue/counterexamples",
    "examples/objectstore/tests/counterexamples",
];

const LIBRARIES: [&str; 2] = ["specs/two_phase_commit", "specs/bounded_queue"];

/// The trace that checking the same specification and config gives now.
fn written_now(trace: &Trace) -> Trace {
    let (spec, config) = (trace.meta.spec.as_deref(), trace.meta.config.as_deref());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("again.itf.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlaloc"));
    command.args(["check", spec.expect("its spec"), "--config", config.expect("its config"), "--trace-out"]).arg(&file);
    for library in LIBRARIES {
        command.args(["--library", library]);
    }
    let output = command.output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    let now = Trace::read(&file).unwrap_or_else(|error| panic!("{}: {error}\n{told}", trace.name));
    let mut meta = now.meta;
    // Said by people, not by the checker.
    meta.expect = trace.meta.expect;
    Trace { name: trace.name.clone(), meta, ..now }
}

/// What a trace says, but for the version that wrote it.
fn said(trace: &Trace) -> Json {
    let mut said = trace.to_json();
    said["#meta"]["tool_version"] = json!(null);
    said
}

/// `TLALOC_WRITE=1 cargo test --test linked_traces` writes them again.
#[test]
fn traces_of_the_examples_are_of_todays_specs() {
    for file in FOLDERS.iter().flat_map(|folder| trace_files(folder).expect("there are traces")) {
        let trace = Trace::read(&file).expect("a trace");
        let now = written_now(&trace);
        if std::env::var_os("TLALOC_WRITE").is_some() {
            std::fs::write(&file, now.to_string()).expect("the trace can be written");
        } else {
            assert_eq!(said(&now), said(&trace), "{}: TLALOC_WRITE=1 cargo test --test linked_traces", file.display());
        }
    }
}
