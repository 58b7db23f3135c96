//! Nodes on a simulated network that loses, delays and reorders, with crashes: the same run for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Duration;

use tlaloc_link::{EventLayer, LineBuffer, Log};
use tracing_subscriber::layer::SubscriberExt as _;
use turmoil::{Builder, Sim};

use crate::node::{COORDINATOR, Command, Node};
use crate::protocol::{Coordinator, Decision, Participant, Patience, Phase};

/// How often messages are sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// How long the coordinator waits for votes.
const VOTES_WITHIN: Duration = Duration::from_millis(600);

/// How long an impatient participant waits for the decision.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long a run may take.
const RUN_MAX: Duration = Duration::from_secs(60);

/// A small deterministic generator (SplitMix64): what the simulation itself leaves to chance.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// One with this seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

/// How a run ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// What each participant is.
    pub phases: BTreeMap<String, Phase>,
    /// What the coordinator decided.
    pub decision: Decision,
    /// What the nodes logged, as `docs/log-format.md` has it.
    pub log: String,
}

/// All nodes of a run.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The coordinator.
    pub coordinator: Node<Coordinator>,
    /// The participants, by name.
    pub participants: BTreeMap<String, Node<Participant>>,
}

impl Cluster {
    /// One with these participants.
    pub fn new(names: &BTreeSet<String>, patience: Patience) -> Self {
        let participants = names.iter().map(|name| (name.clone(), Node::new(name, Participant::new(name, patience))));
        Cluster {
            coordinator: Node::new(COORDINATOR, Coordinator::new(names.clone())),
            participants: participants.collect(),
        }
    }

    /// Adds the nodes to a simulation.
    pub fn join(&self, sim: &mut Sim<'_>) {
        let coordinator = self.coordinator.clone();
        sim.host(COORDINATOR, move || coordinator.clone().run());
        for (name, node) in &self.participants {
            let node = node.clone();
            sim.host(name.as_str(), move || node.clone().run());
        }
    }
}

/// A run of participants `p1` … `p3` under faults that the seed decides.
///
/// # Errors
/// When the simulation itself fails, for example because nobody decides in time.
pub fn run(seed: u64, patience: Patience) -> Result<Outcome, Box<dyn Error>> {
    let lines = LineBuffer::default();
    let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(lines.clone())));
    let _guard = tracing::subscriber::set_default(subscriber);
    let names: BTreeSet<String> = ["p1", "p2", "p3"].map(str::to_owned).into();
    let cluster = Cluster::new(&names, patience);
    let mut chance = Chance::new(seed);
    let mut sim = Builder::new()
        .rng_seed(seed)
        .simulation_duration(RUN_MAX)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(120))
        .fail_rate(chance.below(4) as f64 * 0.05)
        .repair_rate(0.3)
        .build();
    cluster.join(&mut sim);
    sim.client("coordinator-timers", coordinate(cluster.clone(), Duration::from_millis(chance.below(1200))));
    for (name, node) in &cluster.participants {
        let (start, refuses) = (Duration::from_millis(chance.below(500)), chance.below(8) == 0);
        sim.client(format!("{name}-timers"), take_part(node.clone(), start, refuses));
    }
    let crashes = chance.below(3) == 0;
    let victim = format!("p{}", 1 + chance.below(3));
    let (down, up) = (chance.below(300), 300 + chance.below(300));
    let mut step = 0;
    while !sim.step()? {
        step += 1;
        if crashes && step == down {
            sim.crash(victim.as_str());
        }
        if crashes && step == up {
            sim.bounce(victim.as_str());
        }
    }
    let phases = cluster.participants.iter().map(|(name, node)| (name.clone(), node.known().machine.phase()));
    let (phases, decision) = (phases.collect(), cluster.coordinator.known().machine.decision());
    Ok(Outcome { phases, decision, log: lines.to_string() })
}

/// The coordinator's timers: it is asked to commit again and again, to abort when the time is up, and tells everybody
/// until they know. Whether it may is not decided here.
async fn coordinate(cluster: Cluster, extra: Duration) -> Result<(), Box<dyn Error>> {
    let coordinator = &cluster.coordinator;
    let mut waited = Duration::ZERO;
    loop {
        tokio::time::sleep(AGAIN_AFTER).await;
        waited += AGAIN_AFTER;
        coordinator.tell(Command::DecideCommit);
        if waited >= VOTES_WITHIN + extra {
            coordinator.tell(Command::DecideAbort);
        }
        let waiting = cluster.participants.iter().filter(|(_, node)| !node.known().is_done());
        let waiting: Vec<_> = waiting.map(|(name, _)| name.clone()).collect();
        if waiting.is_empty() && coordinator.known().machine.decision() != Decision::Undecided {
            return Ok(());
        }
        waiting.into_iter().for_each(|name| coordinator.tell(Command::Send(name)));
    }
}

/// A participant's timers: it is asked to vote, or to refuse, and sends its vote until it knows the decision. Some are
/// asked to refuse when they have voted, and all to give up.
async fn take_part(node: Node<Participant>, start: Duration, refuses: bool) -> Result<(), Box<dyn Error>> {
    tokio::time::sleep(start).await;
    node.tell(if refuses { Command::Refuse } else { Command::Prepare });
    let mut waited = Duration::ZERO;
    while !node.known().is_done() {
        node.tell(Command::Send(COORDINATOR.to_owned()));
        node.tell(Command::Prepare);
        node.tell(Command::Refuse);
        if waited >= PATIENCE {
            node.tell(Command::GiveUp);
        }
        tokio::time::sleep(AGAIN_AFTER).await;
        waited += AGAIN_AFTER;
    }
    Ok(())
}
