//! Logs of runs under faults are behaviours of the specification, and logs of a store with a mistake are not.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use objectstore::guards::Guards;
use objectstore::simulation::{Outcome, run};
use tlaloc_link::Event;

const SPEC: &str = "../../specs/objectstore/MCShardedStore.tla";

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

fn validate(program: &Path, log: &str) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("run.ndjson");
    std::fs::write(&file, log).expect("the log can be written");
    let mut command = Command::new(program);
    command.args(["validate", SPEC, "--config", "spec/Logs.cfg", "--map", "spec/logs.toml", "--log"]);
    command.arg(&file).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn accepted(log: &str) {
    let Some(program) = tlaloc() else { return };
    let output = validate(&program, log);
    assert_eq!(output.status.code(), Some(0), "{}\n{log}", text(&output));
}

/// What is said of a log that is no behaviour has all of these words.
#[track_caller]
fn rejected(log: &str, words: &[&str]) {
    let Some(program) = tlaloc() else { return };
    let output = validate(&program, log);
    assert_eq!(output.status.code(), Some(12), "{}\n{log}", text(&output));
    let said = text(&output);
    for word in words {
        assert!(said.contains(word), "{word}: {said}\n{log}");
    }
}

/// Disks are in memory where that can be: syncing thousands of files takes its time.
fn ran(seed: u64, guards: Guards) -> Outcome {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder");
    run(seed, guards, folder.path()).expect("the run ends")
}

fn actions(log: &str) -> BTreeSet<String> {
    let events = log.lines().map(|line| line.parse::<Event>().expect("an event"));
    events.map(|event| event.action.expect("every event is an action")).collect()
}

/// Runs these seeds; the actions that were logged.
fn runs_are_behaviours(seeds: std::ops::Range<u64>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for seed in seeds {
        let outcome = ran(seed, Guards::default());
        assert_eq!(outcome.wrong, Vec::<String>::new(), "seed {seed}");
        assert!(outcome.acknowledged > 0 && outcome.reads > 0, "seed {seed}: nothing happens");
        accepted(&outcome.log);
        seen.extend(actions(&outcome.log));
    }
    seen
}

/// `LookAgain` takes a read that is overtaken by an overwrite and the collector; `AskDeposed` leaves no mark.
#[test]
fn logs_of_runs_under_faults_are_behaviours_of_the_spec() {
    let seen = runs_are_behaviours(0..4);
    for action in ["StartPut", "CommitPut", "Delete", "BeginRead", "LookUp", "FinishRead", "Write", "Collect", "Rot"] {
        assert!(seen.contains(action), "no run has {action}: the faults are too mild");
    }
}

#[test]
fn logs_of_more_runs_are_behaviours_of_the_spec() {
    let seen = runs_are_behaviours(4..8);
    for action in ["Fail", "Return", "StartRepair", "StartMove", "CommitReplacing", "Scrub", "ChangeLeader"] {
        assert!(seen.contains(action), "no run has {action}: the faults are too mild");
    }
}

#[test]
fn runs_are_the_same_for_the_same_seed() {
    assert_eq!(ran(2, Guards::ALL), ran(2, Guards::ALL));
}

/// The first log in which the store without this guard does what it should not.
#[track_caller]
fn caught_without(fault: &str, words: &[&str], seed: u64) {
    let guards = Guards::without(fault).expect("there is such a fault");
    rejected(&ran(seed, guards).log, words);
}

#[test]
fn logs_of_a_store_that_acknowledges_early_are_not() {
    caught_without("ack-early", &["CommitPut"], 2);
}

#[test]
fn logs_of_a_store_that_takes_old_shards_for_new_are_not() {
    caught_without("unversioned-names", &["Write", "disk[h"], 0);
}

#[test]
fn logs_of_a_store_that_collects_what_is_being_written_are_not() {
    caught_without("collect-intents", &["Collect", "Intended"], 0);
}

#[test]
fn logs_of_a_store_with_late_puts_are_not() {
    caught_without("late-put", &["CommitPut", "ComparesVersions"], 2);
}

/// Nature strikes once; then nobody looks.
#[test]
fn a_store_that_does_not_scrub_is_not_repaired() {
    let guards = Guards::without("no-scrub").expect("there is such a fault");
    let outcome = ran(2, guards);
    assert!(outcome.log.contains("\"Rot\""), "nothing rots in this run");
    assert_eq!(outcome.wrong, ["what is degraded is not repaired"]);
}

#[test]
fn a_dropped_line_is_noticed() {
    let log = ran(1, Guards::ALL).log;
    let commit = log.lines().position(|line| line.contains("\"CommitPut\"")).expect("something is put");
    let dropped: Vec<&str> = log.lines().enumerate().filter(|(at, _)| *at != commit).map(|(_, line)| line).collect();
    rejected(&dropped.join("\n"), &[]);
}

#[test]
fn a_shard_that_is_said_to_be_good_and_is_not_is_noticed() {
    let log = ran(1, Guards::ALL).log;
    let write = log.lines().position(|line| line.contains("\"Write\"")).expect("something is written");
    let changed = |(at, line): (usize, &str)| if at == write { line.replace("true", "false") } else { line.to_owned() };
    let changed: Vec<String> = log.lines().enumerate().map(changed).collect();
    rejected(&changed.join("\n"), &[&format!(":{} ", write + 1), "disk[h"]);
}
