//! The program as its users see it: arguments in, text and exit codes out.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

fn tlaloc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tlaloc")).args(arguments).output().expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is text")
}

/// Standard output is one JSON object and nothing else.
fn object(output: &Output) -> Json {
    let text = stdout(output);
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).expect("standard output is one JSON object")
}

const GOOD: &str = "specs/two_phase_commit/TwoPhaseCommit";
const BROKEN: [&str; 3] =
    ["specs/two_phase_commit/TwoPhaseCommit.tla", "--config", "specs/two_phase_commit/Impatient.cfg"];

#[test]
fn check_succeeds_with_zero() {
    let output = tlaloc(&["check", GOOD]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.starts_with("ok: no error found\n288 distinct states, 1,146 generated, depth 11, "), "{text}");
}

#[test]
fn check_shows_a_counterexample() {
    let output = tlaloc(&[&["check"], &BROKEN[..]].concat());
    assert_eq!(code(&output), 12);
    let text = stdout(&output);
    assert!(text.contains("Because"), "{text}");
    assert!(text.contains("State 8: "), "{text}");
    assert!(text.contains("violation: invariant Consistent, trace of 8 states"), "{text}");
}

#[test]
fn fingerprints_say_that_the_answer_is_probable_and_find_the_same() {
    let output = tlaloc(&["check", GOOD, "--fingerprint"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.starts_with("probably ok: "), "{text}");
    assert!(text.contains("probability that two states had one hash: "), "{text}");
    assert!(text.contains("288 distinct states, 1,146 generated, depth 11, "), "{text}");
    assert!(text.contains("not exact"), "{text}");
    let report = object(&tlaloc(&["check", GOOD, "--fingerprint", "--json", "--stats"]));
    assert_eq!((&report["verdict"], &report["exact"]), (&"ok".into(), &false.into()));
    assert_eq!(report["stats"]["identity"], "hash");
    let calculated = report["collision"]["calculated"].as_f64().expect("a probability");
    assert!((calculated - 288.0 * 858.0 / 2f64.powi(64)).abs() < 1e-18, "{calculated}");
    assert!(report["collision"]["observed"].as_f64().is_some_and(|p| p > 0.0 && p < 1e-10));
    let exact = object(&tlaloc(&[&["check", "--json"], &BROKEN[..]].concat()));
    for flag in ["--fingerprint", "--compress"] {
        let found = object(&tlaloc(&[&["check", "--json", flag], &BROKEN[..]].concat()));
        for field in ["kind", "distinct", "generated", "depth", "exit_code"] {
            assert_eq!(found[field], exact[field], "{flag}: {field}");
        }
        assert_eq!(found["trace"]["states"], exact["trace"]["states"], "{flag}");
    }
    assert_eq!((&exact["exact"], &exact["collision"]), (&true.into(), &Json::Null));
}

#[test]
fn temporal_properties_are_refused_with_fingerprints_and_checked_with_compress() {
    let folder = tempfile::tempdir().expect("a folder for a specification");
    let (spec, config) = (folder.path().join("Turn.tla"), folder.path().join("Turn.cfg"));
    let text = "---- MODULE Turn ----\nVARIABLE x\nInit == x = TRUE\nNext == x' = ~x\n\
                Spec == Init /\\ [][Next]_x /\\ WF_x(Next)\nTurns == []<>(x = FALSE)\n====\n";
    std::fs::write(&spec, text).expect("the folder is ours");
    std::fs::write(&config, "SPECIFICATION Spec\nPROPERTY Turns\n").expect("the folder is ours");
    let spec = spec.to_str().expect("a path of letters");
    let refused = tlaloc(&["check", spec, "--fingerprint"]);
    assert_eq!(code(&refused), 151, "{}", stdout(&refused));
    assert!(stderr(&refused).contains("temporal properties need them: Turns"), "{}", stderr(&refused));
    let checked = tlaloc(&["check", spec, "--compress"]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));
    assert!(stderr(&checked).contains("--compress is not used"), "{}", stderr(&checked));
    assert_eq!(code(&tlaloc(&["check", spec, "--compress", "--fingerprint"])), 2);
}

#[test]
fn the_memory_limit_stops_every_way_to_keep_states() {
    let folder = tempfile::tempdir().expect("a folder for a specification");
    let (spec, config) = (folder.path().join("Grid.tla"), folder.path().join("Grid.cfg"));
    let text = "---- MODULE Grid ----\nEXTENDS Naturals\nVARIABLES x, y\nInit == x = 0 /\\ y = 0\n\
                Next == (x' = (x + 1) % 900 /\\ y' = y) \\/ (y' = (y + 1) % 900 /\\ x' = x)\n====\n";
    std::fs::write(&spec, text).expect("the folder is ours");
    std::fs::write(&config, "INIT Init\nNEXT Next\n").expect("the folder is ours");
    let spec = spec.to_str().expect("a path of letters");
    for flags in [&[][..], &["--compress"], &["--fingerprint"]] {
        let output = tlaloc(&[&["check", spec, "--json", "--memory", "3M", "--workers", "2"], flags].concat());
        let report = object(&output);
        assert_eq!((&report["verdict"], code(&output)), (&"incomplete".into(), 152), "{flags:?}: {report}");
        assert_eq!(report["findings"][0]["message"], "stopped at the memory limit", "{flags:?}");
        assert!(report["distinct"].as_u64().is_some_and(|n| (1000..810_000).contains(&n)), "{flags:?}: {report}");
    }
}

#[test]
fn check_in_json_is_one_object() {
    let output = tlaloc(&[&["check", "--json"], &BROKEN[..]].concat());
    assert_eq!(code(&output), 12);
    let report = object(&output);
    assert_eq!(report["verdict"], "violation");
    assert_eq!(report["kind"], "invariant");
    assert_eq!(report["property"], "Consistent");
    assert_eq!(report["exact"], true);
    assert_eq!(report["trace"]["states"].as_array().map(Vec::len), Some(8));
    assert_eq!(report["trace"]["states"][0]["#meta"]["action"], Json::Null);
    assert!(report["trace"]["states"][1]["#meta"]["action"].is_string());
}

#[test]
fn the_trace_is_written_as_itf() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("trace.itf.json");
    let path = file.to_str().expect("the path is text");
    let output = tlaloc(&[&["check", "--trace-out", path], &BROKEN[..]].concat());
    assert_eq!(code(&output), 12);
    let trace: Json = serde_json::from_str(&std::fs::read_to_string(&file).expect("the trace is there")).expect("JSON");
    assert_eq!(trace["#meta"]["format"], "ITF");
    assert_eq!(trace["#meta"]["property"], "Consistent");
    assert_eq!(trace["#meta"]["spec_sha256"].as_str().map(str::len), Some(64));
    assert_eq!(trace["#meta"]["config_sha256"].as_str().map(str::len), Some(64));
    assert_eq!(trace["vars"][0], "state");
}

#[test]
fn worker_counts_do_not_change_the_report() {
    let reports = ["1", "2", "5"].map(|workers| {
        let mut report = object(&tlaloc(&[&["check", "--json", "--workers", workers], &BROKEN[..]].concat()));
        for name in ["seconds", "workers", "peak_memory_bytes"] {
            report[name] = Json::Null;
        }
        report
    });
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
}

#[test]
fn dry_run_reads_and_does_not_explore() {
    let output = tlaloc(&[&["check", "--json", "--dry-run"], &BROKEN[..]].concat());
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    assert!(object(&output)["distinct"].is_null());
}

#[test]
fn limits_leave_the_verdict_open() {
    let output = tlaloc(&["check", GOOD, "--json", "--max-depth", "3"]);
    let report = object(&output);
    assert_eq!(report["verdict"], "incomplete", "{report}");
    assert_eq!(report["depth"], 3);
    assert_eq!(code(&output), 1);
}

#[test]
fn what_a_spec_prints_stays_out_of_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("Talk.tla");
    let text = "---- MODULE Talk ----\nEXTENDS TLC, Naturals\nVARIABLE x\nInit == x = 0 /\\ PrintT(<<\"hello\", x>>)\nNext == UNCHANGED x\n====\n";
    std::fs::write(&spec, text).expect("the spec is written");
    std::fs::write(spec.with_extension("cfg"), "INIT Init\nNEXT Next\n").expect("the config is written");
    let path = spec.to_str().expect("the path is text");
    let plain = tlaloc(&["check", path]);
    assert!(stdout(&plain).contains("<<\"hello\", 0>>"), "{}", stdout(&plain));
    let output = tlaloc(&["check", path, "--json"]);
    assert_eq!(object(&output)["verdict"], "ok");
    assert!(stderr(&output).contains("<<\"hello\", 0>>"));
}

#[test]
fn parse_reports_every_error() {
    let output = tlaloc(&["parse", GOOD]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("Bad.tla");
    std::fs::write(&spec, "---- MODULE Bad ----\nA == unknown1\nB == unknown2\n====\n").expect("the spec is written");
    let output = tlaloc(&["parse", spec.to_str().expect("the path is text")]);
    assert_eq!(code(&output), 150);
    let text = stderr(&output);
    assert!(text.contains("unknown1") && text.contains("unknown2") && text.contains("Bad.tla:2:6"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour outside terminals");
}

#[test]
fn missing_files_are_reported() {
    for arguments in
        [&["parse", "no/such/Spec"][..], &["check", "no/such/Spec"], &["check", GOOD, "--config", "no.cfg"]]
    {
        let output = tlaloc(arguments);
        assert!(matches!(code(&output), 150..=153), "{arguments:?}: {}", code(&output));
        assert!(!(stderr(&output) + &stdout(&output)).contains("panicked"));
    }
}

#[test]
fn eval_prints_as_tlc_does() {
    let output = tlaloc(&["eval", "--extends", "Integers,Sequences", "<<{3, 1, 2}, Len(<<1, 2>>) - 5>>"]);
    assert_eq!(stdout(&output), "<<{1, 2, 3}, -3>>\n");
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&tlaloc(&["eval", "--extends", "Integers", "-3 + 1"])), "-2\n");
}

#[test]
fn eval_tells_errors_by_exit_code() {
    let output = tlaloc(&["eval", "--extends", "Integers", "1 = \"a\""]);
    assert_eq!(code(&output), 75, "{}", stderr(&output));
    assert!(stdout(&output).is_empty());
    assert_eq!(code(&tlaloc(&["eval", "1 +"])), 150);
    assert_eq!(code(&tlaloc(&["eval", "nothing"])), 150);
}

#[test]
fn batch_answers_each_line_for_itself() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .args(["eval", "--extends", "Naturals", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let lines = [
        r#"{"expr": "1 + 1"}"#,
        r#"{"expr": "1 + \"a\""}"#,
        "no JSON",
        r#"{"expr": "Len(<<1>>)", "modules": ["Sequences"]}"#,
        r#"{"expr": "Len(<<1>>)"}"#,
    ];
    stdin.write_all(lines.join("\n").as_bytes()).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let answers: Vec<Json> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0]["value"], "2");
    assert!(answers[1]["error"]["code"].is_string() && answers[1]["error"]["message"].is_string());
    assert_eq!(answers[2]["error"]["code"], "batch");
    assert_eq!(answers[3]["value"], "1");
    assert_eq!(answers[4]["error"]["code"], "semantic");
}

#[test]
fn tlcs_flags_are_explained() {
    let output = tlaloc(&["check", "-workers", "auto", GOOD]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--workers"), "{}", stderr(&output));
}

#[test]
fn help_is_readable() {
    let output = Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .args(["check", "--help"])
        .env("COLUMNS", "100")
        .output()
        .expect("the program starts");
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn specs_are_found_from_any_folder() {
    let output = Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .args(["check", "TwoPhaseCommit", "--json"])
        .current_dir(Path::new("specs/two_phase_commit"))
        .output()
        .expect("the program starts");
    assert_eq!(object(&output)["distinct"], 288);
}
