//! Coordinator and participants over UDP.
//!
//! Messages are sent again until they have done their work, and carry the sender's vector clock. What a node knows
//! survives a crash (it would be on disk), what it was about to do does not. A node acts on [`Command`]s: in operation
//! they come from timers, in a replay from the trace.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tlaloc_link::{Event, VectorClock};
use tokio::sync::mpsc;
use turmoil::net::UdpSocket;

use crate::protocol::{Coordinator, Decision, Message, Participant, Phase, Refusal};

/// Where nodes listen.
const PORT: u16 = 9000;

/// The largest message.
const BYTES_MAX: usize = 4096;

/// The coordinator's name.
pub const COORDINATOR: &str = "coordinator";

/// What a node is told to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Vote to commit.
    Prepare,
    /// Abort instead of voting.
    Refuse,
    /// Abort although it has voted.
    GiveUp,
    /// Commit, as all have voted.
    DecideCommit,
    /// Abort, as not all have voted in time.
    DecideAbort,
    /// Send the vote, or the decision, to this node.
    Send(String),
}

/// A message on its way.
#[derive(Serialize, Deserialize)]
struct Packet {
    message: Message,
    clock: std::collections::BTreeMap<String, u64>,
}

/// What a node knows: durable, and visible to tests.
#[derive(Debug)]
pub struct Known<M> {
    /// The state machine.
    pub machine: M,
    clock: VectorClock,
    name: String,
    /// The last command that was refused, and why.
    pub refused: Option<(Command, Refusal)>,
    commands_done: u64,
}

impl<M> Known<M> {
    /// How many commands were carried out or refused.
    pub fn commands_done(&self) -> u64 {
        self.commands_done
    }

    /// Logs an action of this node as its next event.
    fn log(&mut self, event: Event) {
        self.clock.tick(&self.name);
        event.node(&self.name).clock(&self.clock).emit();
    }

    fn answer(&mut self, command: Command, done: Result<(), Refusal>) {
        self.refused = done.err().map(|refusal| (command, refusal));
        self.commands_done += 1;
    }
}

/// A node, to be told and asked from outside. Clones are the same node.
#[derive(Debug)]
pub struct Node<M> {
    known: Arc<Mutex<Known<M>>>,
    tell: mpsc::UnboundedSender<Command>,
    told: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Command>>>,
}

impl<M> Clone for Node<M> {
    fn clone(&self) -> Self {
        Node { known: Arc::clone(&self.known), tell: self.tell.clone(), told: Arc::clone(&self.told) }
    }
}

impl<M> Node<M> {
    /// A node of this name.
    pub fn new(name: &str, machine: M) -> Self {
        let known =
            Known { machine, clock: VectorClock::default(), name: name.to_owned(), refused: None, commands_done: 0 };
        let (tell, told) = mpsc::unbounded_channel();
        Node { known: Arc::new(Mutex::new(known)), tell, told: Arc::new(tokio::sync::Mutex::new(told)) }
    }

    /// What it knows.
    pub fn known(&self) -> MutexGuard<'_, Known<M>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells it to do something.
    pub fn tell(&self, command: Command) {
        // The node holds the receiver as well, so there is one.
        let _ = self.tell.send(command);
    }

    /// The next command or packet. A packet that does not parse is as good as lost.
    async fn next(&self, socket: &UdpSocket) -> Result<Incoming, Box<dyn Error>> {
        let mut told = self.told.lock().await;
        let mut bytes = [0; BYTES_MAX];
        loop {
            tokio::select! {
                biased;
                Some(command) = told.recv() => return Ok(Incoming::Command(command)),
                received = socket.recv_from(&mut bytes) => {
                    let (length, _) = received?;
                    if let Ok(packet) = serde_json::from_slice(&bytes[..length]) {
                        return Ok(Incoming::Packet(packet));
                    }
                }
            }
        }
    }
}

enum Incoming {
    Command(Command),
    Packet(Packet),
}

async fn bind() -> std::io::Result<UdpSocket> {
    UdpSocket::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), PORT)).await
}

async fn send<M>(node: &Node<M>, socket: &UdpSocket, message: Message, to: &str) -> Result<(), Box<dyn Error>> {
    let clock = node.known().clock.entries().clone();
    let bytes = serde_json::to_vec(&Packet { message, clock })?;
    socket.send_to(&bytes, (turmoil::lookup(to), PORT)).await?;
    Ok(())
}

impl Node<Participant> {
    /// Runs until the simulation ends.
    ///
    /// # Errors
    /// When the network fails for good.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        let socket = bind().await?;
        loop {
            match self.next(&socket).await? {
                Incoming::Command(Command::Send(to)) => {
                    let vote = self.known().machine.vote().cloned();
                    if let Some(vote) = vote {
                        send(&self, &socket, vote, &to).await?;
                    }
                    self.known().commands_done += 1;
                }
                Incoming::Command(command) => self.act(command),
                Incoming::Packet(packet) => self.receive(&packet),
            }
        }
    }

    fn act(&self, command: Command) {
        let mut known = self.known();
        let (action, done) = match command {
            Command::Prepare => ("Prepare", known.machine.prepare()),
            Command::Refuse => ("Refuse", known.machine.refuse()),
            Command::GiveUp => ("GiveUp", known.machine.give_up()),
            _ => ("", Err(Refusal("participants do not decide"))),
        };
        if done.is_ok() {
            known.log_phase(action);
        }
        known.answer(command, done);
    }

    fn receive(&self, packet: &Packet) {
        let mut known = self.known();
        let before = known.machine.phase();
        if known.machine.obey(&packet.message).is_ok() && known.machine.phase() != before {
            known.clock.merge(&VectorClock::new(packet.clock.clone()));
            known.log_phase(if packet.message == Message::Commit { "ObeyCommit" } else { "ObeyAbort" });
        }
    }
}

impl Known<Participant> {
    fn log_phase(&mut self, action: &str) {
        let path = format!("state[{}]", self.name);
        let event = Event::action(action).param("p", &self.name).state(path, &self.machine.phase());
        self.log(event);
    }

    /// True when it will not change any more.
    pub fn is_done(&self) -> bool {
        matches!(self.machine.phase(), Phase::Committed | Phase::Aborted)
    }
}

impl Node<Coordinator> {
    /// Runs until the simulation ends.
    ///
    /// # Errors
    /// When the network fails for good.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        let socket = bind().await?;
        loop {
            match self.next(&socket).await? {
                Incoming::Command(Command::Send(to)) => {
                    let announcement = self.known().machine.announcement();
                    if let Some(announcement) = announcement {
                        send(&self, &socket, announcement, &to).await?;
                    }
                    self.known().commands_done += 1;
                }
                Incoming::Command(command) => self.act(command),
                Incoming::Packet(packet) => self.receive(&packet),
            }
        }
    }

    fn act(&self, command: Command) {
        let mut known = self.known();
        let (action, done) = match command {
            Command::DecideCommit => ("DecideCommit", known.machine.decide_commit()),
            Command::DecideAbort => ("DecideAbort", known.machine.decide_abort()),
            _ => ("", Err(Refusal("the coordinator only decides"))),
        };
        if done.is_ok() {
            let decision: Decision = known.machine.decision();
            known.log(Event::action(action).state("decision", &decision));
        }
        known.answer(command, done);
    }

    fn receive(&self, packet: &Packet) {
        let mut known = self.known();
        let before = known.machine.votes().len();
        if let (Ok(()), Message::Prepared { from }) = (known.machine.receive_vote(&packet.message), &packet.message)
            && known.machine.votes().len() > before
        {
            known.clock.merge(&VectorClock::new(packet.clock.clone()));
            let event = Event::action("ReceiveVote").param("p", from).state("votes", known.machine.votes());
            known.log(event);
        }
    }
}
