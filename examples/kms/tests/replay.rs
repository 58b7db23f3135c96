//! Behaviours of the spec, replayed on hosts, operators and an adversary with real keys and files.

mod domain;

use domain::Domain;
use tlaloc_link::{Coverage, Expect, Failure, Replay, Trace, replay, traces};

/// What is to happen: sets of behaviours that together take every action, and what the design does instead of each
/// mistake.
#[traces("tests/traces")]
fn follows(trace: &Trace) -> Result<Coverage, Failure> {
    Replay::of(trace).expect(Expect::Conforms).run(&mut Domain::new())
}

/// What must not happen: the counterexample that the checker finds when a guard is missing.
#[traces("tests/counterexamples")]
fn refuses(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, &mut Domain::new())
}
