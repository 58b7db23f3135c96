//! Behaviours of the spec, replayed on the protocol.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tlaloc_link::{
    Action, Adapter, AdapterError, Applied, Coverage, Expect, Failure, FailureKind, Replay, Start, Trace, Value,
    replay, traces,
};
use two_phase_commit::protocol::{Coordinator, Decision, Message, Participant, Patience, Phase, Refusal};

/// The state machines, and a network that keeps all messages until the trace delivers them.
struct Protocol {
    patience: Patience,
    coordinator: Coordinator,
    participants: BTreeMap<String, Participant>,
    sent: BTreeSet<Message>,
}

/// What of the spec's state the protocol shows: all of it.
#[derive(Serialize)]
struct Observed {
    state: BTreeMap<String, Phase>,
    decision: Decision,
    votes: BTreeSet<String>,
    messages: BTreeSet<Message>,
}

impl Protocol {
    fn new(patience: Patience) -> Self {
        let coordinator = Coordinator::new(BTreeSet::new());
        Protocol { patience, coordinator, participants: BTreeMap::new(), sent: BTreeSet::new() }
    }

    fn participant(&mut self, action: &Action<'_>) -> Result<&mut Participant, AdapterError> {
        let name: String = action.parameter("p")?;
        self.participants.get_mut(&name).ok_or_else(|| format!("nobody is called {name}").into())
    }

    /// A message can only arrive if somebody has sent it.
    fn receive(&self, message: Message) -> Result<Message, Refusal> {
        if self.sent.contains(&message) { Ok(message) } else { Err(Refusal("nobody has sent that message")) }
    }

    /// What is sent from now on.
    fn collect(&mut self) {
        self.sent.extend(self.participants.values().filter_map(|participant| participant.vote().cloned()));
        self.sent.extend(self.coordinator.announcement());
    }
}

impl Adapter for Protocol {
    type Observation = Observed;

    fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        let state: BTreeMap<String, Value> = start.variable("state")?;
        self.coordinator = Coordinator::new(state.keys().cloned().collect());
        self.participants =
            state.into_keys().map(|name| (name.clone(), Participant::new(&name, self.patience))).collect();
        Ok(())
    }

    /// The actions of the spec, and those of `spec/Mistakes.tla`: the same calls, when they should not be made.
    fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let done = match action.name() {
            "ReceiveVote" | "ReceiveVoteLate" => {
                let vote = self.receive(Message::Prepared { from: action.parameter("p")? });
                vote.and_then(|vote| self.coordinator.receive_vote(&vote))
            }
            "DecideCommit" | "DecideEarly" => self.coordinator.decide_commit(),
            "DecideAbort" | "DecideAgain" => self.coordinator.decide_abort(),
            "Prepare" | "PrepareLate" => self.participant(action)?.prepare(),
            "Refuse" | "RefuseLate" => self.participant(action)?.refuse(),
            "ObeyCommit" | "ObeyAbort" => {
                let message = if action.name() == "ObeyCommit" { Message::Commit } else { Message::Abort };
                let decision = self.receive(message);
                let participant = self.participant(action)?;
                decision.and_then(|decision| participant.obey(&decision))
            }
            "GiveUp" => self.participant(action)?.give_up(),
            _ => return Err(action.unknown()),
        };
        self.collect();
        Ok(done.map_or_else(|Refusal(reason)| Applied::Refused(reason.to_owned()), |()| Applied::Done))
    }

    fn observe(&mut self) -> Observed {
        let state = self.participants.iter().map(|(name, participant)| (name.clone(), participant.phase()));
        Observed {
            state: state.collect(),
            decision: self.coordinator.decision(),
            votes: self.coordinator.votes().clone(),
            messages: self.sent.clone(),
        }
    }
}

/// What is to happen: behaviours that `spec/Scenarios.tla` asks for.
#[traces("tests/traces")]
fn follows(trace: &Trace) -> Result<Coverage, Failure> {
    Replay::of(trace).expect(Expect::Conforms).run(&mut Protocol::new(Patience::default()))
}

/// What must not happen: counterexamples of designs with a mistake.
#[traces("tests/counterexamples")]
fn refuses(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, &mut Protocol::new(Patience::default()))
}

#[test]
fn the_scenarios_take_every_action_of_the_design() -> Result<(), Failure> {
    let mut coverage = Coverage::default();
    for file in tlaloc_link::trace_files("tests/traces").expect("there are traces") {
        let trace = Trace::read(file).expect("it is a trace");
        let replay = Replay::of(&trace).expect(Expect::Conforms);
        coverage.add(&replay.run(&mut Protocol::new(Patience::Waits))?);
    }
    assert_eq!(coverage.missing(), ["GiveUp"], "only the mistake is never taken: {coverage}");
    Ok(())
}

#[test]
fn the_broken_variant_is_caught() {
    let trace = Trace::read("tests/counterexamples/impatient.itf.json").expect("the trace is there");
    let failure = replay(&trace, &mut Protocol::new(Patience::GivesUp)).expect_err("it has the mistake");
    assert_eq!(failure.kind, FailureKind::NotRefused);
    assert_eq!(failure.property.as_deref(), Some("Consistent"));
    assert!(failure.to_string().contains("GiveUp(p = p1)"), "{failure}");
    replay(&trace, &mut Protocol::new(Patience::Waits)).expect("who waits does not have it");
}
