//! `tlaloc validate`: what is accepted, what is rejected, where and why.

mod laws;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

const TWO_PHASE: &str = "specs/two_phase_commit/TwoPhaseCommit";
const QUEUE: &str = "specs/bounded_queue/BoundedQueue";

/// A run over files in a folder of its own.
struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path.display().to_string()
    }

    fn validate(&self, spec: &str, log: impl AsRef<[u8]>, more: &[&str]) -> (i32, Json) {
        let log = self.file("run.ndjson", log);
        outcome(&tlaloc(&[&["validate", "--json", spec, "--log", &log], more].concat()))
    }
}

fn tlaloc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn outcome(output: &Output) -> (i32, Json) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let object = serde_json::from_str(&text).unwrap_or_else(|e| panic!("not one JSON object ({e}):\n{text}\n{errors}"));
    (output.status.code().expect("the program ends by itself"), object)
}

fn stuck_line(object: &Json) -> &Json {
    &object["rejection"]["stuck"][0]["line"]
}

/// Text of the spec in the reasons of the nearest attempt.
fn reasons(object: &Json) -> String {
    let because =
        object["rejection"]["candidates"][0]["attempts"][0]["because"].as_array().cloned().unwrap_or_default();
    because.iter().fold(String::new(), |mut text, link| {
        let _ = writeln!(text, "{} \\* {}", link["expression"].as_str().unwrap_or_default(), link["note"]);
        text
    })
}

const COMMIT: &str = r#"{"action":"Prepare","params":{"p":"p1"},"state":{"state":{"p1":"prepared","p2":"working","p3":"working"}}}
{"action":"Prepare","params":{"p":"p2"},"state":{"state[p2]":"prepared"}}
{"action":"Prepare","params":{"p":"p3"}}
{"action":"ReceiveVote","params":{"p":"p2"}}
{"action":"ReceiveVote","params":{"p":"p1"}}
{"action":"ReceiveVote","params":{"p":"p3"}}
{"action":"DecideCommit","state":{"decision":"commit"}}
{"action":"ObeyCommit","params":{"p":"p1"},"state":{"state[p1]":"committed"}}
"#;

#[test]
fn a_behaviour_is_accepted_and_says_what_it_exercised() {
    let (code, object) = Run::new().validate(TWO_PHASE, COMMIT, &[]);
    assert_eq!((code, &object["verdict"]), (0, &json!("accepted")));
    assert_eq!(object["matched"], 8);
    let actions = object["actions"].as_array().expect("actions are listed");
    let logged = |name: &str| actions.iter().find(|a| a["name"] == name).map(|a| a["logged"].clone());
    assert_eq!(logged("Prepare"), Some(json!(3)));
    assert_eq!(logged("DecideCommit"), Some(json!(1)));
    assert_eq!(logged("GiveUp"), Some(json!(0)), "an action that was never seen is listed, too");
}

#[test]
fn acceptance_is_told_as_text() {
    let run = Run::new();
    let log = run.file("run.ndjson", COMMIT);
    let output = tlaloc(&["validate", TWO_PHASE, "--log", &log]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("accepted: "), "{text}");
    assert!(text.contains("Refuse        never seen"), "{text}");
}

#[test]
fn a_dropped_line_is_missed_where_it_matters() {
    let lines: Vec<&str> = COMMIT.lines().collect();
    let without_vote = [&lines[..5], &lines[6..]].concat().join("\n");
    let (code, object) = Run::new().validate(TWO_PHASE, without_vote, &[]);
    assert_eq!((code, &object["verdict"]), (12, &json!("rejected")));
    assert_eq!(*stuck_line(&object), json!(6));
    assert_eq!(object["rejection"]["after"][0]["line"], 5);
    let attempt = &object["rejection"]["candidates"][0]["attempts"][0];
    assert_eq!(attempt["misfit"], "disabled");
    assert_eq!(attempt["action"], "DecideCommit");
    let reasons = reasons(&object);
    assert!(reasons.starts_with("votes = Participants \\* \"this conjunct is false\""), "{reasons}");
    assert!(reasons.contains("votes \\* \"this is {p1, p2}\""), "{reasons}");
}

#[test]
fn swapped_lines_are_rejected_at_the_first() {
    let mut lines: Vec<&str> = COMMIT.lines().collect();
    lines.swap(2, 5);
    let (code, object) = Run::new().validate(TWO_PHASE, lines.join("\n"), &[]);
    assert_eq!(code, 12);
    assert_eq!(*stuck_line(&object), json!(3));
    let reasons = reasons(&object);
    assert!(reasons.contains("\\in messages"), "{reasons}");
    assert!(reasons.contains("this conjunct is false"), "{reasons}");
}

#[test]
fn a_changed_value_is_rejected_with_the_nearest() {
    let changed = COMMIT.replace(r#""decision":"commit""#, r#""decision":"abort""#);
    let (code, object) = Run::new().validate(TWO_PHASE, changed, &[]);
    assert_eq!(code, 12);
    assert_eq!(*stuck_line(&object), json!(7));
    let attempt = &object["rejection"]["candidates"][0]["attempts"][0];
    assert_eq!(attempt["misfit"], "state");
    assert_eq!(attempt["nearest"], json!([{"path": "decision", "logged": "\"abort\"", "allowed": ["\"commit\""]}]));
    assert!(
        reasons(&object).starts_with("decision' = \"commit\" \\* \"this conjunct is false\""),
        "{}",
        reasons(&object)
    );
}

#[test]
fn a_parameter_that_does_not_exist_is_told_with_those_that_do() {
    let changed = COMMIT.replace(r#"{"p":"p3"}}"#, r#"{"p":"p9"}}"#);
    let (code, object) = Run::new().validate(TWO_PHASE, changed, &[]);
    assert_eq!(code, 12);
    let attempt = &object["rejection"]["candidates"][0]["attempts"][0];
    assert_eq!(attempt["nearest"], json!([{"path": "p", "logged": "\"p9\"", "allowed": ["p1", "p2", "p3"]}]));
}

#[test]
fn only_one_variable_is_enough() {
    let log = r#"{"state":{"votes":[]}}
{"state":{"votes":[]}}
{"state":{"votes":["p2"]}}
{"state":{"votes":["p2"]}}
{"state":{"votes":["p2","p1"]}}
"#;
    let (code, object) = Run::new().validate(TWO_PHASE, log, &[]);
    assert_eq!((code, &object["verdict"]), (0, &json!("accepted")));
    let impossible = log.replace(r#"["p2","p1"]"#, r#"["p1"]"#);
    let (code, object) = Run::new().validate(TWO_PHASE, impossible, &[]);
    assert_eq!(code, 12);
    assert_eq!(*stuck_line(&object), json!(5));
}

#[test]
fn three_silent_steps_are_found_within_the_bound_and_not_beyond() {
    let run = Run::new();
    let log = r#"{"action":"ReceiveVote","params":{"p":"p1"},"state":{"state":{"p1":"prepared","p2":"prepared","p3":"prepared"}}}"#;
    let map = run.file("three.toml", "[silent]\nactions = [\"Prepare\"]\nmax = 3\n");
    let (code, object) = run.validate(TWO_PHASE, log, &["--map", &map]);
    assert_eq!((code, &object["verdict"]), (0, &json!("accepted")));
    let prepare = object["actions"].as_array().and_then(|a| a.iter().find(|a| a["name"] == "Prepare")).cloned();
    assert_eq!(prepare.map(|a| a["silent"].clone()), Some(json!(3)));
    let map = run.file("two.toml", "[silent]\nactions = [\"Prepare\"]\nmax = 2\n");
    assert_eq!(run.validate(TWO_PHASE, log, &["--map", &map]).0, 12);
    assert_eq!(run.validate(TWO_PHASE, log, &[]).0, 12);
}

/// The lines are in the order of wall clocks, of which that of `c` is behind.
const SKEWED: &str = r#"{"node":"c","clock":{"c":1,"n1":1},"action":"ReceiveVote","params":{"p":"p1"}}
{"node":"c","clock":{"c":2,"n1":1,"n2":1},"action":"ReceiveVote","params":{"p":"p2"}}
{"node":"c","clock":{"c":3,"n1":1,"n2":1,"n3":1},"action":"ReceiveVote","params":{"p":"p3"}}
{"node":"n1","clock":{"n1":1},"action":"Prepare","params":{"p":"p1"}}
{"node":"n2","clock":{"n2":1},"action":"Prepare","params":{"p":"p2"}}
{"node":"n3","clock":{"n3":1},"action":"Prepare","params":{"p":"p3"}}
{"node":"n1","clock":{"c":4,"n1":2,"n2":1,"n3":1},"action":"ObeyCommit","params":{"p":"p1"}}
{"node":"c","clock":{"c":4,"n1":1,"n2":1,"n3":1},"action":"DecideCommit"}
"#;

#[test]
fn skewed_clocks_are_merged_by_causality() {
    let run = Run::new();
    assert_eq!(run.validate(TWO_PHASE, SKEWED, &[]).0, 0);
    // Without clocks the same lines are no behaviour.
    let (code, object) = run.validate(TWO_PHASE, without_clocks(SKEWED), &[]);
    assert_eq!((code, stuck_line(&object)), (12, &json!(1)));
    // Causality is not ignored: nobody obeys before the decision.
    let early = SKEWED.replace(r#"{"c":4,"n1":2,"n2":1,"n3":1}"#, r#"{"c":3,"n1":2,"n2":1,"n3":1}"#);
    let early = early.replace(r#"{"c":4,"n1":1,"n2":1,"n3":1}"#, r#"{"c":4,"n1":2,"n2":1,"n3":1}"#);
    let (code, object) = run.validate(TWO_PHASE, early, &[]);
    assert_eq!((code, stuck_line(&object)), (12, &json!(7)));
}

fn without_clocks(log: &str) -> String {
    log.lines()
        .map(|line| {
            let mut event: Json = serde_json::from_str(line).expect("an event");
            if let Some(fields) = event.as_object_mut() {
                fields.remove("clock");
            }
            format!("{event}\n")
        })
        .collect()
}

#[test]
fn logs_of_several_files_are_merged() {
    let run = Run::new();
    let of = |node: &str| {
        SKEWED.lines().filter(|l| l.contains(&format!("\"node\":\"{node}\""))).collect::<Vec<_>>().join("\n")
    };
    let files: Vec<String> = ["c", "n1", "n2", "n3"].iter().map(|n| run.file(&format!("{n}.ndjson"), of(n))).collect();
    let mut arguments = vec!["validate", "--json", TWO_PHASE];
    files.iter().for_each(|f| arguments.extend(["--log", f.as_str()]));
    let (code, object) = outcome(&tlaloc(&arguments));
    assert_eq!((code, &object["matched"]), (0, &json!(8)));
}

#[test]
fn lamport_times_order_nodes() {
    let log = r#"{"node":"c","clock":2,"action":"ReceiveVote","params":{"p":"p1"}}
{"node":"n1","clock":1,"action":"Prepare","params":{"p":"p1"}}
{"node":"n2","clock":1,"action":"Prepare","params":{"p":"p2"}}
{"node":"c","clock":3,"action":"ReceiveVote","params":{"p":"p2"}}
"#;
    let run = Run::new();
    assert_eq!(run.validate(TWO_PHASE, log, &[]).0, 0);
    let late = log.replace(
        r#""clock":1,"action":"Prepare","params":{"p":"p2"}"#,
        r#""clock":4,"action":"Prepare","params":{"p":"p2"}"#,
    );
    let (code, object) = run.validate(TWO_PHASE, late, &[]);
    assert_eq!((code, stuck_line(&object)), (12, &json!(4)));
}

#[test]
fn clocks_that_go_back_are_an_error() {
    let log = "{\"node\":\"a\",\"clock\":{\"a\":2},\"action\":\"DecideAbort\"}\n{\"node\":\"a\",\"clock\":{\"a\":1},\"action\":\"Prepare\"}\n";
    let (code, object) = Run::new().validate(TWO_PHASE, log, &[]);
    assert_eq!(code, 150);
    let message = object["diagnostics"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains(":2: the clock of a goes from 2 to 1"), "{message}");
}

#[test]
fn actions_over_state_dependent_sets_have_parameters() {
    let log = r#"{"action":"Put","params":{"p":"p1"},"state":{"queue":["p1"]}}
{"action":"Get","params":{"c":"c1"},"state":{"queue":[]}}
{"action":"Get","params":{"c":"c1"},"state":{"waiting":["c1"]}}
{"action":"Get","params":{"c":"c1"}}
"#;
    let run = Run::new();
    let (code, object) = run.validate(QUEUE, log, &[]);
    assert_eq!((code, stuck_line(&object)), (12, &json!(4)));
    let reasons = reasons(&object);
    assert!(
        reasons.contains("Consumers \\ waiting \\* \"this is {c2, c3}, and the log has c = \\\"c1\\\"\""),
        "{reasons}"
    );
}

#[test]
fn names_of_the_log_are_mapped() {
    let run = Run::new();
    let map = run.file(
        "map.toml",
        r#"
        ignore = ["heartbeat"]
        partial = ["state"]
        [fields]
        action = ["event", "message.type"]
        node = "host"
        [actions]
        vote = { action = "Prepare", params = { p = "host" }, state = { "state[$node]" = "now" } }
        "recv vote" = { action = "ReceiveVote", params = { p = "message.from" } }
        decide = ["DecideCommit", "DecideAbort"]
        status = { stutter = true, state = { "state[$node]" = "now" } }
        [state]
        "votes" = "tally"
        [values]
        host-1 = "p1"
        host-2 = "p2"
        READY = "prepared"
        "#,
    );
    let log = r#"{"event":"heartbeat","host":"host-1"}
{"event":"vote","host":"host-1","now":"READY"}
{"event":"status","host":"host-1","now":"READY"}
{"event":"recv","message":{"type":"vote","from":"host-1"},"tally":["host-1"],"host":"c"}
{"event":"decide","state":{"decision":"abort","state":{"host-1":"READY"}}}
"#;
    let (code, object) = run.validate(TWO_PHASE, log, &["--map", &map]);
    assert_eq!((code, &object["matched"]), (0, &json!(4)), "{object}");
    let wrong = log.replace(r#""status","host":"host-1","now":"READY""#, r#""status","host":"host-2","now":"READY""#);
    let (code, object) = run.validate(TWO_PHASE, wrong, &["--map", &map]);
    assert_eq!((code, stuck_line(&object)), (12, &json!(3)));
}

#[test]
fn what_is_wrong_with_a_log_is_told_with_its_line() {
    let cases = [
        ("{\"action\":\"Prepar\"}", "run.ndjson:1: the specification has no action Prepar; is Prepare meant?"),
        ("\n{\"action\":\"Prepare\",\"params\":{\"q\":1}}", "run.ndjson:2: the action has no parameter q: it has p"),
        ("{\"action\":3}", "run.ndjson:1: action must be a string, but is 3"),
        ("{\"state\":{\"vote\":1}}", "run.ndjson:1: the specification has no variable vote; is votes meant?"),
        ("{\"state\":{\"votes\":1.5}}", "run.ndjson:1: votes: 1.5 is not an integer"),
        ("{\"state\":{\"votes[\":1}}", "run.ndjson:1: `votes[` has a bracket that is not closed"),
        ("{\"action\":", "run.ndjson:1: not JSON at column 10: EOF while parsing a value"),
        ("[]", "run.ndjson:1: a line must be a JSON object"),
        ("{}", "run.ndjson:1: the line has neither action nor state"),
        (
            "{\"state\":{\"votes\":[]},\"clock\":1}\n{\"state\":{\"votes\":[]}}",
            "run.ndjson:2: all events must have the same kind of clock",
        ),
    ];
    for (log, expected) in cases {
        let (code, object) = Run::new().validate(TWO_PHASE, log, &[]);
        let message = object["diagnostics"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(expected), "{log}: {message}");
        assert_eq!(code, 150, "{log}");
    }
}

#[test]
fn broken_mappings_and_missing_files_are_told() {
    let run = Run::new();
    let map = run.file("map.toml", "[silent]\nactoins = []\n");
    let (code, object) = run.validate(TWO_PHASE, COMMIT, &["--map", &map]);
    assert_eq!((code, &object["diagnostics"][0]["line"]), (151, &json!(2)));
    let output = tlaloc(&["validate", "--json", TWO_PHASE, "--log", "no-such-file"]);
    assert_eq!(outcome(&output).0, 153);
    let output = tlaloc(&["validate", "--json", "no-such-spec", "--log", "no-such-file"]);
    assert_eq!(outcome(&output).0, 150);
}

#[test]
fn limits_never_reject() {
    let run = Run::new();
    // One state at a time cannot follow every way in which two votes may have come.
    let log = "{\"state\":{\"decision\":\"undecided\"}}\n".repeat(4) + "{\"action\":\"DecideCommit\"}\n";
    let (code, object) = run.validate(TWO_PHASE, &log, &["--max-states", "1"]);
    assert_eq!((code, &object["verdict"]), (1, &json!("incomplete")));
    let log = "{\"state\":{\"decision\":\"undecided\"}}\n".repeat(6) + "{\"action\":\"DecideCommit\"}\n";
    assert_eq!(run.validate(TWO_PHASE, &log, &[]).0, 0);
    let (code, object) = run.validate(TWO_PHASE, &log, &["--max-seconds", "0"]);
    assert_eq!((code, &object["verdict"]), (1, &json!("incomplete")));
}

#[test]
fn a_narrow_window_never_rejects_what_a_wide_one_accepts() {
    let run = Run::new();
    // n2's vote is last in the file, but first in time, and no clock says otherwise.
    let log = r#"{"node":"n1","clock":{"n1":1},"action":"Prepare","params":{"p":"p1"}}
{"node":"n1","clock":{"n1":2},"state":{"state[p1]":"prepared","state[p2]":"prepared"}}
{"node":"n1","clock":{"n1":3},"state":{"state[p1]":"prepared","state[p2]":"prepared"}}
{"node":"n2","clock":{"n2":1},"action":"Prepare","params":{"p":"p2"}}
"#;
    assert_eq!(run.validate(TWO_PHASE, log, &[]).0, 0);
    let refused = log.replace(
        r#"{"node":"n1","clock":{"n1":2},"state""#,
        r#"{"node":"n1","clock":{"n1":2},"action":"DecideAbort","state""#,
    );
    let (code, _) = run.validate(TWO_PHASE, &refused, &["--window", "0"]);
    assert_eq!(code, 1, "nothing is rejected as long as lines that were not looked at may come first");
    assert_eq!(run.validate(TWO_PHASE, &refused, &[]).0, 0);
}

#[test]
fn infinite_sets_are_asked_not_listed() {
    let run = Run::new();
    let spec = run.file(
        "Register.tla",
        "---- MODULE Register ----\nEXTENDS Integers\nVARIABLE x\nInit == x = 0\nWrite(v) == x' = v\nNext == \\E v \\in Nat : Write(v)\nSpec == Init /\\ [][Next]_x\n====\n",
    );
    run.file("Register.cfg", "SPECIFICATION Spec\n");
    let log = "{\"action\":\"Write\",\"params\":{\"v\":7}}\n{\"action\":\"Write\",\"params\":{\"v\":123456789012},\"state\":{\"x\":123456789012}}\n";
    assert_eq!(run.validate(&spec, log, &[]).0, 0);
    assert_eq!(run.validate(&spec, "{\"action\":\"Write\",\"params\":{\"v\":-7}}\n", &[]).0, 12);
}

#[test]
fn values_of_every_kind_are_compared() {
    let run = Run::new();
    let spec = run.file(
        "Kinds.tla",
        r#"---- MODULE Kinds ----
EXTENDS Integers, Sequences
VARIABLES f, r, s, q, g
vars == <<f, r, s, q, g>>
Init == f = [i \in 2..3 |-> {i}] /\ r = [a |-> 1, b |-> <<TRUE>>] /\ s = {<<1, "x">>} /\ q = <<"u", "v">> /\ g = [p \in {1} \X {2} |-> 5]
Next == UNCHANGED vars
Spec == Init /\ [][Next]_vars
====
"#,
    );
    run.file("Kinds.cfg", "SPECIFICATION Spec\n");
    let agree = [
        r##"{"f":{"2":[2],"3":null}}"##,
        r##"{"f":{"#map":[[2,{"#set":[2]}],[3,[3]]]}}"##,
        r##"{"f[3]":[3]}"##,
        r##"{"r":{"a":1,"b":[true]}}"##,
        r##"{"r.b":[true],"r.a":{"#bigint":"1"}}"##,
        r##"{"s":[[1,"x"]]}"##,
        r##"{"q":["u","v"]}"##,
        r##"{"q[2]":"v"}"##,
        r##"{"g[1, 2]":5}"##,
        r##"{"g":{"1, 2":5},"q":null}"##,
        r##"{"q":["u",null]}"##,
    ];
    for state in agree {
        assert_eq!(run.validate(&spec, format!("{{\"state\":{state}}}"), &[]).0, 0, "{state}");
    }
    let differ = [
        r##"{"f":{"#map":[[2,[2]]]}}"##,
        r##"{"f[4]":[3]}"##,
        r##"{"r":{"c":1}}"##,
        r##"{"r":{"a":1}}"##,
        r##"{"f":{"2":[2]}}"##,
        r##"{"s":[]}"##,
        r##"{"s":[[1,"x"],[1,"y"]]}"##,
        r##"{"q":["v","u"]}"##,
        r##"{"q":["u"]}"##,
        r##"{"q":{"#set":["u","v"]}}"##,
        r##"{"r.a":"1"}"##,
        r##"{"r.a":{"#bigint":"99999999999999999999"}}"##,
        r##"{"q":[{"#model":"u"},"v"]}"##,
    ];
    for state in differ {
        assert_eq!(run.validate(&spec, format!("{{\"state\":{state}}}"), &[]).0, 12, "{state}");
    }
}

/// A log in the TLC style runs under `check`: accepted as it is, refused with a line changed.
#[test]
fn trace_specs_run_under_check() {
    let folder = std::env::var("TLALOC_CORPUS").unwrap_or_else(|_| "../shared/corpus".to_owned());
    let folder = Path::new(&folder).join("ewd998");
    let log = folder.join("EWD998ChanTrace.ndjson");
    let Ok(text) = std::fs::read_to_string(&log) else {
        // Without the corpus there is nothing to run.
        return;
    };
    let run = Run::new();
    let spec = folder.join("EWD998ChanTrace").display().to_string();
    let check = |log: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tlaloc"));
        command.args(["check", &spec, "--allow-io", "--json"]).env("JSON", log);
        outcome(&command.output().expect("the program starts"))
    };
    let good = run.file("good.ndjson", &text);
    let (code, object) = check(&good);
    assert_eq!((code, &object["distinct"]), (0, &json!(659)));
    let broken = run.file("broken.ndjson", text.replacen("\"type\":\"tok\",\"q\":0", "\"type\":\"tok\",\"q\":7", 8));
    let (code, object) = check(&broken);
    assert_eq!((code, &object["kind"]), (10, &json!("postcondition")));
}
