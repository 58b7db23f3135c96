use std::path::Path;

use super::{json, text, with_extension};
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::report::{ActionCount, Because, Finding, Kind, Report, Verdict};
use crate::trace::itf::Provenance;
use crate::trace::{Step, Trace};
use crate::value::Value;

const SPEC: &str = "---- MODULE M ----\nVARIABLE x\nInit == x = 0\nNext == x' = x + 1\nSmall == /\\ x >= 0\n         /\\ x < 2\n====\n";

fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add("M.tla", SPEC);
    sources
}

fn span(text: &str) -> Span {
    let start = SPEC.find(text).expect("the text is in the spec");
    Span { file: crate::diagnostic::FileId(0), start: start as u32, end: (start + text.len()) as u32 }
}

fn report(verdict: Verdict) -> Report {
    Report {
        verdict,
        findings: vec![],
        distinct: Some(1_745_408),
        generated: Some(18_507_778),
        depth: Some(26),
        queue: 0,
        seconds: 3.21,
        exact: true,
        collision: None,
        peak_memory_bytes: Some(210_000_000),
        workers: 4,
        diagnostics: vec![],
        unchecked: vec![],
        properties: vec![],
        temporal: None,
        actions: vec![
            ActionCount { name: "Next".into(), span: span("Next == x' = x + 1"), generated: 3, distinct: 2 },
            ActionCount { name: "Reset".into(), span: Span::NONE, generated: 0, distinct: 0 },
        ],
        stats: None,
        labels: vec![],
        root: "M".into(),
    }
}

fn violation() -> Report {
    let step = |x| Step { action: None, values: vec![Value::int(x)], alias: None };
    let finding = Finding {
        kind: Kind::Invariant,
        property: Some("Small".into()),
        message: "Invariant Small is violated".into(),
        diagnostic: None,
        because: vec![
            Because { span: span("/\\ x >= 0\n         /\\ x < 2"), note: "the second conjunct is false".into() },
            Because { span: span("x < 2"), note: "x is 2".into() },
        ],
        trace: Some(Trace { variables: vec!["x".into()], steps: vec![step(0), step(1), step(2)], loop_to: None }),
    };
    Report { findings: vec![finding], ..report(Verdict::Violation) }
}

fn shown(report: &Report, options: text::Options) -> String {
    text::report(report, &sources(), options).into_iter().map(|piece| piece.text).collect()
}

const PLAIN: text::Options = text::Options { full_trace: false, coverage: false, coloured: false };

#[test]
fn success_is_two_lines() {
    insta::assert_snapshot!(shown(&report(Verdict::Ok), PLAIN));
}

#[test]
fn violations_say_why_and_how() {
    insta::assert_snapshot!(shown(&violation(), PLAIN));
}

#[test]
fn coverage_names_actions_never_taken() {
    let options = text::Options { coverage: true, ..PLAIN };
    insta::assert_snapshot!(shown(&report(Verdict::Ok), options));
}

#[test]
fn what_is_unchecked_is_named() {
    let report = Report { unchecked: vec!["Live".into(), "Fair".into()], ..report(Verdict::Incomplete) };
    let text = shown(&report, PLAIN);
    assert!(text.contains("the temporal properties Live, Fair are not checked"), "{text}");
    assert_eq!(report.exit_code(), 1);
    assert_eq!(json::report(&report, &sources(), &Provenance::default())["kind"], "incomplete");
}

#[test]
fn json_has_every_promised_field() {
    let mut report = violation();
    report.diagnostics.push(Diagnostic::warning("4801", span("Init"), "odd").help("rename it"));
    let object = json::report(&report, &sources(), &Provenance::default());
    for name in [
        "verdict",
        "kind",
        "property",
        "distinct",
        "generated",
        "depth",
        "seconds",
        "exact",
        "peak_memory_bytes",
        "workers",
        "warnings",
        "diagnostics",
        "trace",
        "findings",
        "unchecked",
        "properties",
        "exit_code",
    ] {
        assert!(object.get(name).is_some(), "{name} is missing");
    }
    assert_eq!(object["verdict"], "violation");
    assert_eq!(object["kind"], "invariant");
    assert_eq!(object["property"], "Small");
    assert_eq!(object["exit_code"], 12);
    assert_eq!(object["trace"]["states"][2]["x"], 2);
    assert_eq!(object["warnings"][0]["line"], 3);
    assert_eq!(object["warnings"][0]["help"], "rename it");
    assert_eq!(object["findings"][0]["because"][1]["expression"], "x < 2");
}

#[test]
fn success_in_json_has_no_kind() {
    let object = json::report(&report(Verdict::Ok), &sources(), &Provenance::default());
    assert!(object["kind"].is_null() && object["trace"].is_null() && object["property"].is_null());
    assert_eq!(object["exit_code"], 0);
}

#[test]
fn extensions_are_added_once() {
    assert_eq!(with_extension(Path::new("no/such/Spec"), "tla"), Path::new("no/such/Spec.tla"));
    assert_eq!(with_extension(Path::new("no/such/Spec.tla"), "tla"), Path::new("no/such/Spec.tla"));
    assert_eq!(with_extension(Path::new("no/such/Spec.v2"), "tla"), Path::new("no/such/Spec.v2.tla"));
}
