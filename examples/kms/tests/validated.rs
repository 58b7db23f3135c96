//! Runs under faults: hosts agree in the end, secrets stay secret, and the logs are behaviours of the specification.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use key_domain::simulation::run;
use key_domain::world::Outcome;
use tlaloc_link::Event;

const SPEC: &str = "../../specs/kms/KeyDomain.tla";

/// Seeds of the runs that are looked at.
const SEEDS: std::ops::Range<u64> = 0..6;

/// The program: where `$TLALOC` says, or beside the tests, where `cargo test` of the whole workspace puts it.
fn tlaloc() -> Option<PathBuf> {
    let beside = || std::env::current_exe().ok()?.parent()?.parent().map(|folder| folder.join("tlaloc"));
    let program = std::env::var_os("TLALOC").map(PathBuf::from).or_else(beside).filter(|program| program.exists());
    if program.is_none() {
        let skipped = "skipped: there is no tlaloc (set TLALOC to the program, or test the whole workspace)\n";
        std::io::stderr().write_all(skipped.as_bytes()).expect("somebody listens");
    }
    program
}

/// `tlaloc validate` of these lines.
fn validate(program: &Path, lines: &[String]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("run.ndjson");
    std::fs::write(&file, lines.join("\n") + "\n").expect("the log can be written");
    let mut command = Command::new(program);
    command.args(["validate", SPEC, "--config", "spec/Runs.cfg", "--map", "spec/runs.toml", "--log"]);
    command.arg(&file).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn accepted(lines: &[String]) {
    let Some(program) = tlaloc() else { return };
    let output = validate(&program, lines);
    assert_eq!(output.status.code(), Some(0), "{}\n{}", text(&output), lines.join("\n"));
}

/// What is said of a log that is no behaviour has all of these words.
#[track_caller]
fn rejected(lines: &[String], words: &[&str]) {
    let Some(program) = tlaloc() else { return };
    let output = validate(&program, lines);
    assert_eq!(output.status.code(), Some(12), "{}\n{}", text(&output), lines.join("\n"));
    let said = text(&output);
    for word in words {
        assert!(said.contains(word), "{word}: {said}\n{}", lines.join("\n"));
    }
}

/// The run with this seed, which several tests look at.
fn ended(seed: u64) -> Outcome {
    static ENDED: Mutex<BTreeMap<u64, Arc<OnceLock<Outcome>>>> = Mutex::new(BTreeMap::new());
    let cell = Arc::clone(ENDED.lock().expect("nobody panics with it").entry(seed).or_default());
    cell.get_or_init(|| run(seed).expect("the run ends")).clone()
}

fn lines(outcome: &Outcome) -> Vec<String> {
    outcome.log.lines().map(str::to_owned).collect()
}

/// The position of the first event of this action, if there is one.
fn position(lines: &[String], action: &str) -> Option<usize> {
    lines.iter().position(|line| line.contains(&format!("\"action\":\"{action}\"")))
}

/// The log of the first run with this action, and where it is.
fn log_with(action: &str) -> (Vec<String>, usize) {
    let mut logs = (0..30).map(|seed| lines(&ended(seed)));
    let found = logs.find_map(|log| position(&log, action).map(|at| (log, at)));
    found.expect("one of thirty runs takes the action")
}

#[test]
fn logs_of_runs_under_faults_are_behaviours_of_the_spec() {
    for seed in SEEDS {
        accepted(&lines(&ended(seed)));
    }
}

/// Sockets, not simulated ones, and the operating system's randomness.
#[test]
fn a_live_run_over_tcp_is_a_behaviour_of_the_spec() {
    let outcome = key_domain::live::run(2, 7).expect("the run ends");
    assert_eq!((outcome.changes, outcome.ciphertexts.1), (2, 0), "{}", outcome.log);
    assert!(!outcome.leaked.contains(&outcome.current_key));
    accepted(&lines(&outcome));
}

#[test]
fn the_runs_take_every_action_and_drop_tokens() {
    let mut taken = BTreeSet::new();
    for seed in SEEDS {
        let events = lines(&ended(seed)).into_iter().map(|line| line.parse::<Event>().expect("an event"));
        taken.extend(events.filter_map(|event| event.action));
    }
    let wanted =
        ["Propose", "Approve", "SignAnything", "Issue", "Deliver", "Retire", "Crash", "Encrypt", "Forge", "Dropped"];
    let missing: Vec<_> = wanted.into_iter().filter(|action| !taken.contains(*action)).collect();
    assert!(missing.is_empty(), "the faults are too mild: {missing:?} of {taken:?}");
}

#[test]
fn members_agree_and_decrypt_everything() {
    let (mut changes, mut ciphertexts) = (0, 0);
    for seed in SEEDS {
        let outcome = ended(seed);
        // A host that was removed may not have heard of it when the run ends.
        let members = outcome.serving.iter().filter(|(name, _)| !outcome.removed.contains(*name));
        let tokens: BTreeSet<_> = members.map(|(_, token)| token).collect();
        assert!(tokens.len() <= 1, "seed {seed}: {:?}", outcome.serving);
        assert_eq!(outcome.ciphertexts.1, 0, "seed {seed}: something does not decrypt");
        (changes, ciphertexts) = (changes + outcome.changes, ciphertexts + outcome.ciphertexts.0);
    }
    assert!(changes > 12 && ciphertexts > 12, "{changes} changes, {ciphertexts} ciphertexts: too many faults");
}

#[test]
fn hosts_that_were_removed_give_away_old_keys_only() {
    let mut old = 0;
    for seed in SEEDS {
        let outcome = ended(seed);
        assert!(!outcome.leaked.contains(&outcome.current_key), "seed {seed}: the current key is known");
        old += if outcome.removed.is_empty() { 0 } else { outcome.leaked.len().saturating_sub(1) };
    }
    assert!(old > 0, "nobody was removed who knew anything");
}

#[test]
fn runs_are_the_same_for_the_same_seed() {
    assert_eq!(ended(3), run(3).expect("the run ends"));
}

/// Logs of `key-domain simulate` with a feature that forgets a guard, and what is said of them.
#[test]
fn logs_of_code_without_a_guard_are_not() {
    for (feature, words) in
        [("forget-last-digest", ["Deliver", "last[h]"]), ("count-no-approvals", ["Retire", "Authorised(i)"])]
    {
        let log = std::fs::read_to_string(format!("tests/logs/{feature}.ndjson")).expect("the log is there");
        rejected(&log.lines().map(str::to_owned).collect::<Vec<_>>(), &words);
    }
}

#[test]
fn a_dropped_line_is_noticed() {
    let (mut lines, at) = log_with("Approve");
    lines.remove(at);
    // Without the approval the token must not be issued.
    rejected(&lines, &["Issue"]);
}

#[test]
fn a_changed_value_is_noticed_at_its_line() {
    let (mut lines, at) = log_with("Retire");
    let line = lines[at].clone();
    let event: Event = line.parse().expect("an event");
    let (path, last) = event.state.first().expect("it tells the host's last token");
    let told = format!("{path:?}:{}", last.to_json());
    assert!(line.contains(&told), "{told}: {line}");
    lines[at] = line.replace(&told, &format!("{path:?}:1"));
    rejected(&lines, &[&format!(":{} ", at + 1), "last["]);
}
