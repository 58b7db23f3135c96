//! Behaviours of the spec, replayed on the implementation.

mod replayed;

use objectstore::guards::Guards;
use tlaloc_link::{Coverage, Expect, Failure, FailureKind, Trace, trace_files, traces};

use replayed::{block_on, replay};

/// What may happen: a set of behaviours in which every action is taken.
#[traces("tests/traces")]
fn follows(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, Expect::Conforms, Guards::default()).map(|(_, coverage)| coverage)
}

/// What must not happen: counterexamples of designs without one guard.
#[traces("tests/counterexamples")]
fn refuses(trace: &Trace) -> Result<(), Failure> {
    resists(trace, Guards::default())
}

/// A counterexample of safety is refused. In one of liveness nothing is: the store stays where it is for ever; so it
/// has to leave that state when it is left alone.
fn resists(trace: &Trace, guards: Guards) -> Result<(), Failure> {
    if trace.loop_to.is_none() {
        return replay(trace, trace.expect(), guards).map(drop);
    }
    let (store, _) = replay(trace, Expect::Conforms, guards)?;
    assert!(!store.is_whole(), "the counterexample ends with a degraded object");
    block_on(store.left_alone());
    assert!(store.is_whole(), "left alone, the store stays in the last state of {}", trace.name);
    Ok(())
}

/// Only the guard that the counterexample is about keeps it from being followed.
#[test]
fn without_its_guard_each_counterexample_is_followed() {
    let mut faults = 0;
    for file in trace_files("tests/counterexamples").expect("there are counterexamples") {
        let trace = Trace::read(&file).expect("it is a trace");
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        let fault = name.trim_end_matches(".itf.json").replace('_', "-");
        let guards = Guards::without(&fault).unwrap_or_else(|| panic!("there is no feature {fault}"));
        faults += 1;
        if trace.loop_to.is_some() {
            let (store, _) = replay(&trace, Expect::Conforms, guards).expect("it can be followed");
            block_on(store.left_alone());
            assert!(!store.is_whole(), "{fault}: it should stay as it is");
            continue;
        }
        let Err(failure) = replay(&trace, trace.expect(), guards) else { panic!("{fault} is not caught") };
        assert_eq!(failure.kind, FailureKind::NotRefused, "{fault}: {failure}");
    }
    assert_eq!(faults, 10, "every guard has a counterexample");
}

/// What the good design does instead of its mistakes.
#[traces("tests/corrected")]
fn corrects(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, Expect::Conforms, Guards::default()).map(|(_, coverage)| coverage)
}

#[test]
fn the_traces_take_every_action() -> Result<(), Failure> {
    let mut coverage = Coverage::default();
    for file in trace_files("tests/traces").expect("there are traces") {
        if file.to_string_lossy().contains("cover-actions") {
            let trace = Trace::read(file).expect("it is a trace");
            coverage.add(&replay(&trace, Expect::Conforms, Guards::ALL)?.1);
        }
    }
    assert_eq!(coverage.missing(), Vec::<&str>::new(), "{coverage}");
    Ok(())
}
