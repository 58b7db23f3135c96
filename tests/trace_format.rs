//! What the checker writes is what `tlaloc-link` reads. That it is as `docs/trace.schema.json` says, the Python package
//! tests with the files that are compared here and in `linked_traces.rs`.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tlaloc_link::Trace;

/// The trace of the violated invariant of a spec.
fn written(spec: &str, config: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("trace.itf.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlaloc"));
    let output = command.args(["check", spec, "--config", config, "--trace-out"]).arg(&file).output();
    let output = output.expect("the program starts");
    assert!(matches!(output.status.code(), Some(11..=13)), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(&file).expect("the trace is there")
}

fn every_value() -> String {
    written("tests/fixtures/EveryValue.tla", "tests/fixtures/EveryValue.cfg")
}

fn fixture(name: &str) -> Json {
    let text = std::fs::read_to_string(Path::new("tests/fixtures").join(name)).expect("the fixture is there");
    serde_json::from_str(&text).expect("JSON")
}

/// The readers of other languages are tested with the file.
#[test]
fn the_fixture_is_what_the_checker_writes() {
    let mut now: Json = serde_json::from_str(&every_value()).expect("JSON");
    let fixture = fixture("every_value.itf.json");
    now["#meta"]["tool_version"] = fixture["#meta"]["tool_version"].clone();
    assert_eq!(now, fixture, "write it again: tlaloc check tests/fixtures/EveryValue --trace-out …");
}

#[test]
fn written_traces_are_read_without_loss() {
    for text in
        [every_value(), written("specs/two_phase_commit/TwoPhaseCommit.tla", "specs/two_phase_commit/Impatient.cfg")]
    {
        let trace = Trace::parse("", &text).expect("a trace");
        assert_eq!(trace.to_string(), text, "the same to the letter");
        assert_eq!(trace.meta.extra.len() + trace.extra.len(), 0, "{:?} {:?}", trace.meta.extra, trace.extra);
    }
}
