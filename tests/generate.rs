//! `tlaloc gen`: what is generated is the same every time, well formed, and tests what it should.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};
use tlaloc_link::{Action, AdapterError, Applied, Expect, Failure, FailureKind, Start, Trace, replay};

/// As generated.
#[allow(dead_code, reason = "not every part is needed here")]
#[path = "generated/bounded_queue.rs"]
pub mod bounded_queue;
/// As generated.
#[allow(dead_code, reason = "not every part is needed here")]
#[path = "generated/lease_lock.rs"]
pub mod lease_lock;
/// As generated.
#[allow(dead_code, reason = "not every part is needed here")]
#[path = "generated/two_phase_commit.rs"]
pub mod two_phase_commit;

use two_phase_commit::{Decision, Participants, State, TwoPhaseCommit, TwoPhaseCommitAdapter, TwoPhaseCommitState};

const TWO_PHASE: &str = "specs/two_phase_commit/TwoPhaseCommit";
const QUEUE: &str = "specs/bounded_queue/BoundedQueue";
const LEASE: &str = "specs/lease_lock/LeaseLock";

fn tlaloc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn adapter(spec: &str, language: &str) -> String {
    let output = tlaloc(&["gen", "adapter", spec, "--lang", language]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// A program that may not be there.
fn program(name: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(name).args(arguments).stdin(Stdio::null()).output().ok()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    fn traces(&self, folder: &str) -> Vec<Trace> {
        let files = tlaloc_link::trace_files(self.path(folder)).expect("the folder is there");
        files.iter().map(|file| Trace::read(file).expect("a trace")).collect()
    }

    /// Generates tests into the folder; what it says.
    fn tests(&self, spec: &str, more: &[&str]) -> (i32, String) {
        let out = self.path("tests");
        let fixed = ["gen", "tests", spec, "--lang", "rust", "--adapter", "adapter()", "--out", &out];
        let output = tlaloc(&[&fixed[..], more].concat());
        (output.status.code().expect("the program ends by itself"), text(&output.stderr))
    }
}

#[test]
fn committed_adapters_are_what_is_generated_now() {
    for (spec, file) in [(TWO_PHASE, "two_phase_commit"), (QUEUE, "bounded_queue"), (LEASE, "lease_lock")] {
        let file = format!("tests/generated/{file}.rs");
        let output = tlaloc(&["gen", "adapter", spec, "--lang", "rust", "--out", &file, "--check"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

#[test]
fn generated_rust_is_formatted() {
    let folder = Folder::new();
    for spec in [TWO_PHASE, QUEUE, LEASE, "specs/ring_election/RingElection"] {
        let file = folder.file("adapter.rs", &adapter(spec, "rust"));
        let plain = folder.file("rustfmt.toml", "");
        let arguments = ["--check", "--edition", "2024", "--config-path", &plain, &file];
        let Some(output) = program("rustfmt", &arguments) else { return };
        assert!(output.status.success(), "{spec}:\n{}{}", text(&output.stdout), text(&output.stderr));
    }
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "actions"]);
    assert_eq!(code, 0, "{told}");
    let file = folder.path("tests/two_phase_commit_traces.rs");
    let Some(output) = program("rustfmt", &["--check", "--edition", "2024", &file]) else { return };
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn generated_python_passes_strict_type_checking() {
    let folder = Folder::new();
    let mut files = Vec::new();
    for (spec, name) in [(TWO_PHASE, "two_phase"), (QUEUE, "queue"), (LEASE, "lease")] {
        files.push(folder.file(&format!("{name}.py"), &adapter(spec, "python")));
    }
    let out = folder.path(".");
    let output = tlaloc(&[
        "gen",
        "tests",
        TWO_PHASE,
        "--lang",
        "python",
        "--adapter",
        "mine:Mine",
        "--out",
        &out,
        "--cover",
        "actions",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    files.push(folder.path("test_two_phase_commit_traces.py"));
    folder.file(
        "mine.py",
        "from tlaloc_link import Applied\nfrom two_phase import Participants, TwoPhaseCommitAdapter, TwoPhaseCommitState\n\n\n\
         class Mine(TwoPhaseCommitAdapter):\n\
         \x20   def decide_commit(self) -> Applied: ...\n    def decide_abort(self) -> Applied: ...\n\
         \x20   def receive_vote(self, p: Participants) -> Applied: ...\n    def prepare(self, p: Participants) -> Applied: ...\n\
         \x20   def refuse(self, p: Participants) -> Applied: ...\n    def obey_commit(self, p: Participants) -> Applied: ...\n\
         \x20   def obey_abort(self, p: Participants) -> Applied: ...\n    def give_up(self, p: Participants) -> Applied: ...\n\
         \x20   def observe(self) -> TwoPhaseCommitState:\n        return TwoPhaseCommitState()\n",
    );
    let compile = [&["-m", "py_compile"], &files.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
    let Some(output) = program("python3", &compile) else { return };
    assert!(output.status.success(), "{}", text(&output.stderr));
    let package = Path::new("python");
    if !package.is_dir() {
        return;
    }
    let mypy = std::env::var("TLALOC_MYPY").unwrap_or_else(|_| "mypy".to_owned());
    let mut command = Command::new(mypy);
    command.args(["--strict", "--cache-dir", "/dev/null"]).args(&files).env("MYPYPATH", format!("python:{out}"));
    let Ok(output) = command.output() else { return };
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_renamed_action_is_another_method() {
    let folder = Folder::new();
    let spec = std::fs::read_to_string(format!("{TWO_PHASE}.tla")).expect("the spec is there");
    std::fs::copy(format!("{TWO_PHASE}.cfg"), folder.path("TwoPhaseCommit.cfg")).expect("the config is copied");
    let before = folder.file("TwoPhaseCommit.tla", &spec);
    let before = adapter(&before, "rust");
    let after = folder.file("TwoPhaseCommit.tla", &spec.replace("Refuse(p)", "VoteNo(p)"));
    let after = adapter(&after, "rust");
    assert!(before.contains("fn refuse(&mut self, p: Participants)") && !before.contains("fn vote_no"));
    assert!(after.contains("fn vote_no(&mut self, p: Participants)") && !after.contains("fn refuse"));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let changed: Vec<String> = lines(&before).symmetric_difference(&lines(&after)).cloned().collect();
    let about = |line: &String| line.contains("efuse") || line.contains("ote") || line.contains("SHA-256");
    assert!(changed.iter().all(about), "only what changed differs: {changed:#?}");
}

#[test]
fn types_are_honest() {
    let folder = Folder::new();
    folder.file("Kinds.cfg", "SPECIFICATION Spec\nCONSTANTS Nodes = {n1, n2} None = None\n");
    let spec = folder.file(
        "Kinds.tla",
        r#"---- MODULE Kinds ----
EXTENDS Integers, Sequences
CONSTANTS Nodes, None
VARIABLES leader, log, mixed, box, pair, type, seen
vars == <<leader, log, mixed, box, pair, type, seen>>
Init == leader = None /\ log = [n \in Nodes |-> <<>>] /\ mixed = 1 /\ box = [a |-> 1] /\ pair = <<1, TRUE>> /\ type = "idle" /\ seen = {}
Elect(n) == leader' = n /\ type' = "in-use" /\ UNCHANGED <<log, mixed, box, pair, seen>>
Append2(n, v) == Len(log[n]) < 1 /\ log' = [log EXCEPT ![n] = Append(@, [value |-> v, by |-> n])] /\ UNCHANGED <<leader, mixed, box, pair, type, seen>>
Mix == mixed' = "text" /\ UNCHANGED <<leader, log, box, pair, type, seen>>
See == \E m \in {log[n] : n \in Nodes} : seen' = seen \cup {m} /\ UNCHANGED <<leader, log, mixed, box, pair, type>>
Next == (\E n \in Nodes : Elect(n) \/ \E v \in 1..2 : Append2(n, v)) \/ Mix \/ See
Spec == Init /\ [][Next]_vars
====
"#,
    );
    let rust = adapter(&spec, "rust");
    for line in [
        "    pub leader: Option<Leader>,",
        "    pub log: Option<BTreeMap<Nodes, Vec<Log>>>,",
        "    pub mixed: Option<Value>,",
        "    pub r#box: Option<Box>,",
        "    pub pair: Option<(i64, bool)>,",
        "    pub r#type: Option<Type>,",
        "    #[serde(rename = \"in-use\")]",
        "    fn append2(&mut self, n: Nodes, v: i64) -> Result<Applied, AdapterError>;",
        "    fn mix(&mut self) -> Result<Applied, AdapterError>;",
        "    pub seen: Option<BTreeSet<Vec<Log>>>,",
    ] {
        assert!(rust.contains(line), "{line} is missing in\n{rust}");
    }
    let few = tlaloc(&["gen", "adapter", &spec, "--lang", "rust", "--max-states", "3"]);
    let few = text(&few.stdout);
    assert!(few.contains("Types are those of the first 3 states"), "{few}");
    assert!(few.contains("pub r#type: Option<String>,"), "{few}");
    let python = adapter(&spec, "python");
    assert!(python.contains("    log: Optional[Dict[Nodes, Tuple[Log, ...]]] = None"), "{python}");
}

/// Every trace is a behaviour: its steps and states as a log are accepted.
fn accepted(folder: &Folder, spec: &[&str], trace: &Trace) {
    let log: String = trace
        .steps
        .iter()
        .map(|step| {
            let params: BTreeMap<_, _> = step.parameters.iter().map(|(name, v)| (name.clone(), v.to_json())).collect();
            let state: BTreeMap<_, _> = step.state.iter().map(|(name, v)| (name.clone(), v.to_json())).collect();
            let event = match &step.action {
                Some(action) => json!({ "action": action, "params": params, "state": state }),
                None => json!({ "state": state }),
            };
            format!("{event}\n")
        })
        .collect();
    let log = folder.file("trace.ndjson", &log);
    let output = tlaloc(&[&["validate", "--log", &log], spec].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn actions(traces: &[Trace]) -> BTreeSet<String> {
    traces.iter().flat_map(|t| &t.steps).filter_map(|s| s.action.clone()).collect()
}

#[test]
fn covering_sets_are_small_behaviours_that_cover() {
    let folder = Folder::new();
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "actions"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("cover 7 of 8 actions"), "{told}");
    assert!(told.contains("not covered: GiveUp: it never happens"), "{told}");
    let traces = folder.traces("tests/traces/two_phase_commit");
    assert!(traces.len() <= 4, "{}", traces.len());
    assert_eq!(actions(&traces).len(), 7);
    for trace in &traces {
        accepted(&folder, &[TWO_PHASE], trace);
        assert_eq!(trace.expect(), Expect::Conforms);
    }
    let again = Folder::new();
    again.tests(TWO_PHASE, &["--cover", "actions"]);
    for (one, other) in traces.iter().zip(again.traces("tests/traces/two_phase_commit")) {
        assert_eq!(one.to_json(), other.to_json(), "the same specification gives the same traces");
    }
}

#[test]
fn pairs_branches_and_predicates_are_covered() {
    let folder = Folder::new();
    let (code, told) = folder.tests(QUEUE, &["--cover", "pairs"]);
    assert_eq!(code, 0, "{told}");
    let traces = folder.traces("tests/traces/bounded_queue");
    let pairs: BTreeSet<(String, String)> = traces
        .iter()
        .flat_map(|t| t.steps.windows(2))
        .filter_map(|w| Some((w[0].action.clone()?, w[1].action.clone()?)))
        .collect();
    let all = ["Put", "Get"].iter().flat_map(|a| ["Put", "Get"].map(|b| ((*a).to_owned(), b.to_owned())));
    assert_eq!(pairs, all.collect());
    traces.iter().for_each(|trace| accepted(&folder, &[QUEUE], trace));

    let folder = Folder::new();
    let (code, told) = folder.tests(QUEUE, &["--cover", "branches"]);
    assert_eq!(code, 0, "{told}");
    // The arm of NotifyOne is not taken: NotifyAll is TRUE.
    assert!(told.contains("not covered: ") && told.contains("\\E t \\in waiting"), "{told}");
    let traces = folder.traces("tests/traces/bounded_queue");
    let waits = |t: &Trace| t.steps.iter().any(|s| s.state["waiting"] != tlaloc_link::Value::set([]));
    assert!(traces.iter().any(waits), "the arms in which somebody waits are covered");

    let folder = Folder::new();
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "predicates", "--predicate", "Consistent"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("not covered: ~Consistent: it never happens"), "{told}");
    assert_eq!(folder.tests(TWO_PHASE, &["--cover", "predicates", "--predicate", "Prepare"]).0, 75);
}

#[test]
fn budgets_are_kept_and_told() {
    let folder = Folder::new();
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "actions", "--max-traces", "1", "--max-length", "3"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("the number of traces is used up"), "{told}");
    let traces = folder.traces("tests/traces/two_phase_commit");
    assert!(traces.len() == 1 && traces[0].steps.len() <= 4);
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "actions", "--max-length", "3"]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("not covered: DecideCommit: it is further away than a trace may be long"), "{told}");
}

#[test]
fn drift_is_noticed() {
    let folder = Folder::new();
    folder.tests(TWO_PHASE, &["--cover", "actions"]);
    assert_eq!(folder.tests(TWO_PHASE, &["--cover", "actions", "--check"]).0, 0);
    let stale = folder.path("tests/traces/two_phase_commit/cover-actions-77.itf.json");
    std::fs::write(&stale, "{}").expect("the file is written");
    assert_eq!(folder.tests(TWO_PHASE, &["--cover", "actions", "--check"]).0, 1);
    folder.tests(TWO_PHASE, &["--cover", "actions"]);
    assert!(!Path::new(&stale).exists(), "traces of an older set are removed");
    let test = folder.path("tests/two_phase_commit_traces.rs");
    std::fs::write(&test, "// edited").expect("the file is written");
    assert_eq!(folder.tests(TWO_PHASE, &["--cover", "actions", "--check"]).0, 1);
}

/// Two-phase commit without a network; impatient ones have the bug of the specification.
#[derive(Default)]
struct Cluster {
    impatient: bool,
    loses_votes: bool,
    state: BTreeMap<Participants, State>,
    votes: BTreeSet<Participants>,
    decision: Option<Decision>,
}

impl Cluster {
    fn is(&self, p: Participants, state: State) -> bool {
        self.state.get(&p) == Some(&state)
    }

    fn go(&mut self, p: Participants, possible: bool, to: State) -> Applied {
        if !possible {
            return Applied::Refused(format!("{p:?} is not ready"));
        }
        self.state.insert(p, to);
        Applied::Done
    }
}

impl TwoPhaseCommit for Cluster {
    fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        self.state = start.variable("state")?;
        self.decision = Some(Decision::Undecided);
        Ok(())
    }

    fn decide_commit(&mut self) -> Result<Applied, AdapterError> {
        if self.votes.len() < self.state.len() {
            return Ok(Applied::Refused("votes are missing".to_owned()));
        }
        self.decision = Some(Decision::Commit);
        Ok(Applied::Done)
    }

    fn decide_abort(&mut self) -> Result<Applied, AdapterError> {
        self.decision = Some(Decision::Abort);
        Ok(Applied::Done)
    }

    fn receive_vote(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        if !self.loses_votes {
            self.votes.insert(p);
        }
        Ok(Applied::Done)
    }

    fn prepare(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        let possible = self.is(p, State::Working);
        Ok(self.go(p, possible, State::Prepared))
    }

    fn refuse(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        let possible = self.is(p, State::Working);
        Ok(self.go(p, possible, State::Aborted))
    }

    fn obey_commit(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        Ok(self.go(p, true, State::Committed))
    }

    fn obey_abort(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        Ok(self.go(p, true, State::Aborted))
    }

    fn give_up(&mut self, p: Participants) -> Result<Applied, AdapterError> {
        let possible = self.impatient && self.is(p, State::Prepared);
        Ok(self.go(p, possible, State::Aborted))
    }

    fn observe(&mut self) -> TwoPhaseCommitState {
        TwoPhaseCommitState {
            state: Some(self.state.clone()),
            votes: Some(self.votes.clone()),
            decision: self.decision,
            messages: None,
        }
    }
}

fn run(trace: &Trace, cluster: Cluster) -> Result<(), Box<Failure>> {
    replay(trace, &mut TwoPhaseCommitAdapter(cluster)).map(|_| ()).map_err(Box::new)
}

#[test]
fn covering_sets_pass_on_what_is_right_and_fail_on_what_is_not() {
    let folder = Folder::new();
    let (code, told) = folder.tests(TWO_PHASE, &["--cover", "branches"]);
    assert_eq!(code, 0, "{told}");
    let traces = folder.traces("tests/traces/two_phase_commit");
    for trace in &traces {
        run(trace, Cluster::default()).expect("the implementation is right");
    }
    let broken = || Cluster { loses_votes: true, ..Cluster::default() };
    let failures: Vec<Box<Failure>> = traces.iter().filter_map(|trace| run(trace, broken()).err()).collect();
    assert!(!failures.is_empty(), "a lost vote is noticed");
    let message = failures[0].to_string();
    assert!(message.contains("votes") && message.contains("ReceiveVote"), "{message}");
}

#[test]
fn a_counterexample_becomes_two_tests() {
    let folder = Folder::new();
    let broken = "specs/two_phase_commit/Impatient.cfg";
    let config = std::fs::read_to_string(broken).expect("the config is there");
    let fixed = folder.file("Patient.cfg", &config.replace("Impatient = TRUE", "Impatient = FALSE"));
    let (code, told) = folder.tests(TWO_PHASE, &["--config", broken, "--fixed", TWO_PHASE, "--fixed-config", &fixed]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("the corrected specification refuses step") && told.contains("GiveUp"), "{told}");
    let traces = folder.traces("tests/traces/two_phase_commit");
    assert_eq!(traces.len(), 2);
    let (bad, good): (Vec<&Trace>, Vec<&Trace>) =
        traces.iter().partition(|t| t.meta.kind.as_deref() != Some("corrected"));
    let (bad, good) = (bad[0], good[0]);
    assert_eq!(bad.meta.property.as_deref(), Some("Consistent"));
    assert_eq!(bad.expect(), Expect::Refuses(Some(good.steps.len())));
    assert_eq!(good.expect(), Expect::Conforms);
    accepted(&folder, &[TWO_PHASE, "--config", &fixed], good);
    accepted(&folder, &[TWO_PHASE, "--config", broken], bad);

    run(bad, Cluster::default()).expect("what is right does not have the bug");
    run(good, Cluster::default()).expect("what is right goes along until then");
    let failure = run(bad, Cluster { impatient: true, ..Cluster::default() }).expect_err("the bug is noticed");
    assert!(matches!(failure.kind, FailureKind::NotRefused), "{failure}");
}

#[test]
fn a_saved_trace_is_as_good_as_a_check() {
    let folder = Folder::new();
    let saved = folder.path("saved.itf.json");
    let broken = ["--config", "specs/two_phase_commit/Impatient.cfg"];
    tlaloc(&[&["check", TWO_PHASE, "--trace-out", &saved], &broken[..]].concat());
    let (code, told) = folder.tests(TWO_PHASE, &["--trace", &saved]);
    assert_eq!(code, 0, "{told}");
    let traces = folder.traces("tests/traces/two_phase_commit");
    assert_eq!(traces.len(), 1);
    assert_eq!(traces[0].meta.property.as_deref(), Some("Consistent"));
    assert_eq!(folder.tests(TWO_PHASE, &[]).0, 1, "without a counterexample there is nothing to test");
    let nonsense = folder.file("nonsense.json", "{");
    assert_eq!(folder.tests(TWO_PHASE, &["--trace", &nonsense]).0, 75);
}

/// Labels of counterexamples are those that adapters are generated for.
#[test]
fn traces_of_a_check_name_actions_over_sets_that_depend_on_the_state() {
    let output = tlaloc(&["check", QUEUE, "--config", "specs/bounded_queue/NotifyOne.cfg", "--json"]);
    let report: Json = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let states = report["trace"]["states"].as_array().cloned().unwrap_or_default();
    let names: BTreeSet<&str> = states.iter().filter_map(|s| s["#meta"]["action"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["Get", "Put"]));
    assert!(states[1..].iter().all(|s| s["#meta"]["parameters"].as_object().is_some_and(|p| p.len() == 1)));
    assert_eq!(report["trace"]["#meta"]["actions"], json!(["Put", "Get"]));
}

/// Adapters for other specifications compile, and what they read is what traces have.
struct Recorder(Vec<String>);

impl bounded_queue::BoundedQueue for Recorder {
    fn start(&mut self, _: &Start<'_>) -> Result<(), AdapterError> {
        Ok(())
    }

    fn put(&mut self, p: bounded_queue::Producers) -> Result<Applied, AdapterError> {
        self.0.push(format!("put {p:?}"));
        Ok(Applied::Done)
    }

    fn get(&mut self, c: bounded_queue::Consumers) -> Result<Applied, AdapterError> {
        self.0.push(format!("get {c:?}"));
        Ok(Applied::Done)
    }

    fn observe(&mut self) -> bounded_queue::BoundedQueueState {
        bounded_queue::BoundedQueueState::default()
    }
}

#[test]
fn generated_adapters_hand_on_parameters() {
    let folder = Folder::new();
    folder.tests(QUEUE, &["--cover", "actions"]);
    let traces = folder.traces("tests/traces/bounded_queue");
    let mut adapter = bounded_queue::BoundedQueueAdapter(Recorder(Vec::new()));
    let failure = replay(&traces[0], &mut adapter).expect_err("nothing was observed");
    assert!(matches!(failure.kind, FailureKind::NothingObserved), "{failure}");
    assert!(adapter.0.0.contains(&"put P1".to_owned()), "{:?}", adapter.0.0);
    let _ = |action: &Action<'_>, lease: &mut dyn lease_lock::LeaseLock| {
        let _ = (action.name(), lease.expire());
    };
}
