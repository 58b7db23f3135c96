//! The logs of the two-phase commit example are behaviours of its specification, and logs with a fault are not.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tlaloc_link::Event;
use two_phase_commit::protocol::Patience;
use two_phase_commit::simulation::{Chance, run};

const SPEC: &str = "../../specs/two_phase_commit/TwoPhaseCommit.tla";

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
    Command::new(program).args(["validate", SPEC, "--log"]).arg(&file).output().expect("the program starts")
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

fn log(seed: u64, patience: Patience) -> Vec<String> {
    run(seed, patience).expect("the run ends").log.lines().map(str::to_owned).collect()
}

/// The log of the first run in which this action is taken.
fn log_with(action: &str) -> Vec<String> {
    let logs = (0..50).map(|seed| log(seed, Patience::Waits));
    let found = logs.into_iter().find(|log| log.iter().any(|line| line.contains(action)));
    found.expect("one of fifty runs takes the action")
}

fn position(lines: &[String], action: &str) -> usize {
    lines.iter().position(|line| line.contains(&format!("\"{action}\""))).expect("the action is logged")
}

#[test]
fn logs_of_runs_under_random_faults_are_behaviours_of_the_spec() {
    for seed in 0..12 {
        accepted(&log(seed, Patience::default()));
    }
}

#[test]
fn logs_of_impatient_participants_are_not() {
    let gave_up = (0..50).map(|seed| log(seed, Patience::GivesUp)).find(|log| log.concat().contains("GiveUp"));
    rejected(&gave_up.expect("in one of fifty runs somebody gives up"), &["GiveUp"]);
}

#[test]
fn a_dropped_line_is_noticed() {
    let mut lines = log_with("DecideCommit");
    lines.remove(position(&lines, "ReceiveVote"));
    rejected(&lines, &["ReceiveVote"]);
}

#[test]
fn swapped_lines_are_noticed() {
    let mut lines = log_with("DecideCommit");
    // Without clocks, the order of lines is the order of events.
    for line in &mut lines {
        let mut event: Event = line.parse().expect("an event");
        event.clock = None;
        event.node = None;
        *line = event.to_string();
    }
    accepted(&lines);
    let (vote, decision) = (position(&lines, "ReceiveVote"), position(&lines, "DecideCommit"));
    lines.swap(vote, decision);
    rejected(&lines, &[&format!(":{} ", vote + 1), "votes"]);
}

#[test]
fn a_changed_value_is_noticed_at_its_line() {
    let mut lines = log_with("ObeyCommit");
    let at = position(&lines, "ObeyCommit");
    lines[at] = lines[at].replace("\"committed\"", "\"aborted\"");
    rejected(&lines, &[&format!(":{} ", at + 1), "state[p", "committed"]);
}

#[test]
fn logs_of_one_variable_are_enough() {
    let mut lines = log_with("ObeyAbort");
    for line in &mut lines {
        let mut event: Event = line.parse().expect("an event");
        event.state.retain(|(path, _)| path == "decision");
        event.params.clear();
        *line = event.to_string();
    }
    accepted(&lines);
}

/// Lines of several nodes arrive in any order; those of one node do not.
#[test]
fn lines_in_any_order_that_the_clocks_allow() {
    let mut chance = Chance::new(1);
    for seed in 0..4 {
        let lines = log(seed, Patience::Waits);
        let mut nodes: Vec<(String, Vec<String>)> = Vec::new();
        for line in lines {
            let node = line.parse::<Event>().expect("an event").node.expect("nodes sign their events");
            match nodes.iter_mut().find(|(name, _)| *name == node) {
                Some((_, of_node)) => of_node.push(line),
                None => nodes.push((node, vec![line])),
            }
        }
        let mut shuffled = Vec::new();
        while !nodes.is_empty() {
            let node = chance.below(nodes.len() as u64) as usize;
            shuffled.push(nodes[node].1.remove(0));
            nodes.retain(|(_, lines)| !lines.is_empty());
        }
        accepted(&shuffled);
    }
}
