//! Nodes on a simulated network: driven by traces of the spec, and on their own under random faults.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use tlaloc_link::{
    Action, AdapterError, Applied, AsyncAdapter, Coverage, Event, Expect, Failure, FailureKind, Replay, Trace, traces,
};
use two_phase_commit::node::{COORDINATOR, Command};
use two_phase_commit::protocol::{Decision, Patience, Phase};
use two_phase_commit::simulation::{Cluster, run};

/// How often a step is tried before it counts as refused.
const TRIES_MAX: usize = 20;

/// Nodes that do what a trace says: their timers are silent, commands take their place.
struct Driven {
    cluster: Cluster,
}

/// What nodes show; messages on their way are nobody's.
#[derive(Serialize)]
struct Observed {
    state: BTreeMap<String, Phase>,
    decision: Decision,
    votes: BTreeSet<String>,
}

impl Driven {
    /// Tells a participant, and waits until it has done it or refused.
    async fn participant(&self, name: &str, command: Command) -> Result<Applied, AdapterError> {
        let node = self.cluster.participants.get(name).ok_or_else(|| format!("nobody is called {name}"))?;
        let before = node.known().commands_done();
        node.tell(command.clone());
        while node.known().commands_done() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(answer(node.known().refused.as_ref().map(|(_, refusal)| refusal.0)))
    }

    async fn coordinator(&self, command: Command) -> Result<Applied, AdapterError> {
        let node = &self.cluster.coordinator;
        let before = node.known().commands_done();
        node.tell(command.clone());
        while node.known().commands_done() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(answer(node.known().refused.as_ref().map(|(_, refusal)| refusal.0)))
    }

    /// Has a message sent until it arrives: the network may lose it.
    async fn deliver(&self, send: impl Fn(), arrived: impl Fn() -> bool) -> Applied {
        for _ in 0..TRIES_MAX {
            if arrived() {
                return Applied::Done;
            }
            send();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Applied::Refused("the message does not arrive, or has no effect".to_owned())
    }
}

fn answer(refused: Option<&str>) -> Applied {
    refused.map_or(Applied::Done, |reason| Applied::Refused(reason.to_owned()))
}

impl AsyncAdapter for Driven {
    type Observation = Observed;

    async fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let name = || action.parameter::<String>("p");
        let (coordinator, participants) = (&self.cluster.coordinator, &self.cluster.participants);
        Ok(match action.name() {
            "Prepare" | "PrepareLate" => self.participant(&name()?, Command::Prepare).await?,
            "Refuse" | "RefuseLate" => self.participant(&name()?, Command::Refuse).await?,
            "GiveUp" => self.participant(&name()?, Command::GiveUp).await?,
            "DecideCommit" | "DecideEarly" => self.coordinator(Command::DecideCommit).await?,
            "DecideAbort" | "DecideAgain" => self.coordinator(Command::DecideAbort).await?,
            "ReceiveVote" | "ReceiveVoteLate" => {
                let name = name()?;
                let send = || participants[&name].tell(Command::Send(COORDINATOR.to_owned()));
                self.deliver(send, || coordinator.known().machine.votes().contains(&name)).await
            }
            "ObeyCommit" | "ObeyAbort" => {
                let name = name()?;
                let wanted = if action.name() == "ObeyCommit" { Phase::Committed } else { Phase::Aborted };
                let send = || coordinator.tell(Command::Send(name.clone()));
                self.deliver(send, || participants[&name].known().machine.phase() == wanted).await
            }
            _ => return Err(action.unknown()),
        })
    }

    async fn observe(&mut self) -> Observed {
        let participants = self.cluster.participants.iter();
        let coordinator = self.cluster.coordinator.known();
        Observed {
            state: participants.map(|(name, node)| (name.clone(), node.known().machine.phase())).collect(),
            decision: coordinator.machine.decision(),
            votes: coordinator.machine.votes().clone(),
        }
    }
}

/// Replays a trace on nodes in a simulation.
fn replay_simulated(trace: &Trace, expect: Expect, patience: Patience) -> Result<Coverage, Failure> {
    let names: BTreeMap<String, tlaloc_link::Value> = trace.steps[0].state["state"].decode().expect("a function");
    let cluster = Cluster::new(&names.into_keys().collect(), patience);
    let seed = 1;
    let mut sim = turmoil::Builder::new().rng_seed(seed).fail_rate(0.05).repair_rate(0.5).build();
    cluster.join(&mut sim);
    let result = Rc::new(RefCell::new(None));
    let (trace, kept) = (trace.clone(), Rc::clone(&result));
    sim.client("test", async move {
        let replayed = Replay::of(&trace).seed(seed).expect(expect).run_async(&mut Driven { cluster }).await;
        *kept.borrow_mut() = Some(replayed);
        Ok(())
    });
    sim.run().expect("the simulation ends");
    result.take().expect("the replay has a result")
}

#[traces("tests/traces")]
fn nodes_follow(trace: &Trace) -> Result<Coverage, Failure> {
    replay_simulated(trace, Expect::Conforms, Patience::default())
}

#[traces("tests/counterexamples")]
fn nodes_refuse(trace: &Trace) -> Result<Coverage, Failure> {
    replay_simulated(trace, trace.expect(), Patience::default())
}

#[test]
fn broken_nodes_are_caught() {
    let trace = Trace::read("tests/counterexamples/impatient.itf.json").expect("the trace is there");
    let failure = replay_simulated(&trace, trace.expect(), Patience::GivesUp).expect_err("they have the mistake");
    assert_eq!(failure.kind, FailureKind::NotRefused);
    assert_eq!(failure.seed, 1);
}

fn is_consistent(phases: &BTreeMap<String, Phase>) -> bool {
    !(phases.values().any(|p| *p == Phase::Committed) && phases.values().any(|p| *p == Phase::Aborted))
}

#[test]
fn under_random_faults_nobody_disagrees() {
    let (mut commits, mut aborts) = (0, 0);
    for seed in 0..40 {
        let outcome = run(seed, Patience::default()).expect("the run ends");
        assert!(is_consistent(&outcome.phases), "seed {seed}: {:?}", outcome.phases);
        match outcome.decision {
            Decision::Commit => commits += 1,
            _ => aborts += 1,
        }
    }
    assert!(commits > 5 && aborts > 5, "{commits} commits, {aborts} aborts: the faults are too mild or too many");
}

#[test]
fn impatient_participants_disagree_under_some_faults() {
    let disagree = (0..40).any(|seed| !is_consistent(&run(seed, Patience::GivesUp).expect("the run ends").phases));
    assert!(disagree, "the faults are too mild to show the mistake");
}

#[test]
fn runs_are_the_same_for_the_same_seed() {
    assert_eq!(run(7, Patience::Waits).expect("the run ends"), run(7, Patience::Waits).expect("the run ends"));
}

#[test]
fn logs_have_what_the_nodes_did() {
    let outcome = run(3, Patience::Waits).expect("the run ends");
    let events: Vec<Event> = outcome.log.lines().map(|line| line.parse().expect("an event")).collect();
    let took = |name: &str| events.iter().filter(|event| event.action.as_deref() == Some(name)).count();
    assert_eq!(took("DecideCommit") + took("DecideAbort"), 1, "{}", outcome.log);
    assert!(events.iter().all(|event| event.node.is_some() && event.clock.is_some()), "{}", outcome.log);
}
