//! Hosts, operators and storage as nodes of a network.
//!
//! A node asks the storage again and again for all that there is, and does with it what it can: a host installs and
//! issues, an operator approves what it was told to. Nothing needs an answer; what is lost is done again.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand_core::CryptoRngCore;
use tokio::sync::mpsc;

use crate::archive::Archive;
use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::host::{Change, Host, Received, Refusal};
use crate::journal::Journal;
use crate::operator::Operator;
use crate::seal::Ciphertext;
use crate::token::Record;
use crate::transport::{Chance, Message, Packet, Transport};

/// How often a node asks.
const ASKS_AFTER: Duration = Duration::from_millis(100);

/// The storage's name.
pub const STORAGE: &str = "storage";

/// What people tell a node to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// A host: propose a change.
    Propose(Change),
    /// A host: encrypt.
    Encrypt(Vec<u8>),
    /// A host: decrypt.
    Decrypt(Ciphertext),
    /// An operator: approve this proposal, once it is at hand.
    Approve(Digest),
}

/// What came of commands, and how a node stands, as people see it.
#[derive(Clone, Default, Debug)]
pub struct Shown {
    /// A host's last token.
    pub last: Option<Digest>,
    /// A host serves.
    pub is_serving: bool,
    /// A host has shut down for good.
    pub is_halted: bool,
    /// Proposals made, in order.
    pub proposed: Vec<Digest>,
    /// What was encrypted.
    pub encrypted: Vec<Ciphertext>,
    /// What was decrypted, or why not.
    pub decrypted: Vec<Result<Vec<u8>, String>>,
    /// Commands that were refused, and why.
    pub refused: Vec<String>,
    /// Proposals approved.
    pub approved: BTreeSet<Digest>,
}

/// A node from outside: commands in, what it shows out. Clones are of the same node, also after a crash.
#[derive(Clone, Debug)]
pub struct Console {
    /// Its name.
    pub name: String,
    /// Its events.
    pub journal: Journal,
    shown: Arc<Mutex<Shown>>,
    tell: mpsc::UnboundedSender<Command>,
    told: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Command>>>,
}

impl Console {
    /// Of the node of this name.
    pub fn new(name: &str) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let told = Arc::new(tokio::sync::Mutex::new(told));
        Console { name: name.to_owned(), journal: Journal::of(name), shown: Arc::default(), tell, told }
    }

    /// Tells the node to do something.
    pub fn tell(&self, command: Command) {
        // The console holds the receiver as well, so there is one.
        let _ = self.tell.send(command);
    }

    /// How it stands.
    pub fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host has crashed. It cannot say so itself.
    pub fn crashed(&self) {
        let served = std::mem::take(&mut self.shown().is_serving);
        if served {
            self.journal.log(self.journal.host("Crash"));
        }
    }

    async fn command(&self) -> Command {
        match self.told.lock().await.recv().await {
            Some(command) => command,
            None => std::future::pending().await,
        }
    }

    async fn send(&self, transport: &impl Transport, to: &str, message: Message) -> io::Result<()> {
        transport.send(to, Packet::new(message, &self.journal.time()).frame()?).await;
        Ok(())
    }

    /// The next thing to do. What does not parse is as good as lost.
    async fn next(&self, transport: &impl Transport) -> io::Result<Incoming> {
        loop {
            tokio::select! {
                // The same order every time, so that a simulated run is.
                biased;
                command = self.command() => return Ok(Incoming::Command(command)),
                frame = transport.receive() => {
                    if let Some(packet) = Packet::read(&frame?) {
                        self.journal.hears(&packet.clock());
                        return Ok(Incoming::Message(packet.message));
                    }
                }
                () = tokio::time::sleep(ASKS_AFTER) => return Ok(Incoming::Tick),
            }
        }
    }
}

enum Incoming {
    Command(Command),
    Message(Message),
    Tick,
}

/// Storage: keeps what it is given, and gives it to whoever asks. With a `chance` it is one that gives old answers.
///
/// # Errors
/// When disk or network fail for good.
pub async fn run_storage(
    console: Console,
    archive: Archive,
    transport: impl Transport,
    mut chance: Option<Chance>,
) -> io::Result<()> {
    let mut kept: Vec<Record> = archive.evidence()?.records();
    loop {
        match console.next(&transport).await? {
            Incoming::Message(Message::Records(records)) => {
                for record in records {
                    if !kept.contains(&record) && archive.put(&record).is_ok() {
                        kept.push(record);
                    }
                }
            }
            Incoming::Message(Message::Ask(from)) => {
                let all = kept.len() as u64;
                let old = chance.as_mut().and_then(|chance| (chance.below(4) == 0).then(|| chance.below(all)));
                let given = usize::try_from(old.unwrap_or(all)).unwrap_or(kept.len());
                console.send(&transport, &from, Message::Records(kept[..given].to_vec())).await?;
            }
            Incoming::Command(_) | Incoming::Tick => {}
        }
    }
}

/// An operator: approves what it was told to, as soon as it has seen it, if nothing speaks against it.
///
/// # Errors
/// When disk or network fail for good.
pub async fn run_operator(console: Console, operator: Operator, transport: impl Transport) -> io::Result<()> {
    let (mut told, mut evidence) = (BTreeSet::new(), Evidence::default());
    loop {
        match console.next(&transport).await? {
            Incoming::Command(Command::Approve(id)) => drop(told.insert(id)),
            Incoming::Command(_) => {}
            Incoming::Message(Message::Records(records)) => {
                evidence.extend(records);
                for id in &told {
                    approve(&console, &operator, *id, &evidence, &transport).await?;
                }
            }
            Incoming::Message(Message::Ask(_)) => {}
            Incoming::Tick if !told.is_empty() => {
                console.send(&transport, STORAGE, Message::Ask(console.name.clone())).await?;
            }
            Incoming::Tick => {}
        }
    }
}

async fn approve(
    console: &Console,
    operator: &Operator,
    id: Digest,
    evidence: &Evidence,
    transport: &impl Transport,
) -> io::Result<()> {
    let approval = match operator.approve(id, evidence) {
        Ok(approval) => approval,
        Err(objection) => {
            console.shown().refused.push(objection.to_string());
            return Ok(());
        }
    };
    // The first time is the step; later its signature was lost.
    if console.shown().approved.insert(id) {
        let event = tlaloc_link::Event::action("Approve").param("o", &console.name).param("i", &id.to_string());
        console.journal.log(event);
    }
    console.send(transport, STORAGE, Message::Records(vec![Record::Approval(approval)])).await
}

/// A host on the network.
struct HostNode<T, R> {
    console: Console,
    host: Host,
    transport: T,
    rng: R,
    evidence: Evidence,
    /// Tokens that it has dropped, logged once each.
    dropped: BTreeSet<(Digest, String)>,
    /// What it has made since it started.
    made: Vec<Record>,
}

/// A host: installs what it can, issues what it may, proposes, encrypts and decrypts what it is told to.
///
/// # Errors
/// When disk or network fail for good.
pub async fn run_host(
    console: Console,
    host: Host,
    transport: impl Transport,
    rng: impl CryptoRngCore,
) -> io::Result<()> {
    let (evidence, dropped) = (Evidence::default(), BTreeSet::new());
    let mut node = HostNode { console, host, transport, rng, evidence, dropped, made: Vec::new() };
    loop {
        node.show();
        match node.console.next(&node.transport).await? {
            Incoming::Command(command) => node.act(command).await?,
            Incoming::Message(Message::Records(records)) => {
                let missing: Vec<_> = node.made.iter().filter(|record| !records.contains(record)).cloned().collect();
                if node.evidence.extend(records) {
                    node.receive();
                    if node.issue().await? {
                        node.receive();
                    }
                }
                if !missing.is_empty() {
                    node.console.send(&node.transport, STORAGE, Message::Records(missing)).await?;
                }
            }
            Incoming::Message(Message::Ask(_)) => {}
            Incoming::Tick => {
                let ask = Message::Ask(node.console.name.clone());
                node.console.send(&node.transport, STORAGE, ask).await?;
            }
        }
    }
}

impl<T: Transport, R: CryptoRngCore> HostNode<T, R> {
    fn show(&self) {
        let mut shown = self.console.shown();
        (shown.last, shown.is_serving) = (self.host.last(), self.host.is_serving());
        shown.is_halted = self.host.is_halted();
    }

    /// Tokens at hand, old ones first.
    fn tokens(&self) -> Vec<Digest> {
        let mut tokens: Vec<_> = self.evidence.proposals().map(|token| (token.body().version, token.id())).collect();
        tokens.sort_unstable();
        tokens.into_iter().map(|(_, id)| id).collect()
    }

    /// Tries everything that it was given.
    fn receive(&mut self) {
        for id in self.tokens() {
            let given = self.host.receive(id, &self.evidence);
            let (journal, last) = (&self.console.journal, self.host.last());
            match given {
                Ok(Received::Installed) => journal.given("Deliver", id, last),
                Ok(Received::Retired) => journal.given("Retire", id, last),
                Ok(Received::Unchanged) => {}
                Err(refusal) => {
                    if self.dropped.insert((id, refusal.to_string())) {
                        journal.given("Dropped", id, last);
                    }
                }
            }
            self.show();
        }
    }

    /// Issues everything that it may. True if there was something.
    async fn issue(&mut self) -> io::Result<bool> {
        let mut has_issued = false;
        for id in self.tokens() {
            let Ok(envelope) = self.host.issue(id, &self.evidence, &mut self.rng) else { continue };
            let recipients: BTreeSet<_> = envelope.boxes.keys().cloned().collect();
            let event = self.console.journal.host("Issue").param("i", &id.to_string());
            self.console.journal.log(event.state(format!("keyed[{id}]"), &recipients));
            self.publish(Record::Envelope(envelope)).await?;
            has_issued = true;
        }
        Ok(has_issued)
    }

    /// Sends what it has made, now and whenever somebody seems not to have it.
    async fn publish(&mut self, record: Record) -> io::Result<()> {
        self.evidence.extend([record.clone()]);
        if !self.made.contains(&record) {
            self.made.push(record.clone());
        }
        self.console.send(&self.transport, STORAGE, Message::Records(vec![record])).await
    }

    async fn act(&mut self, command: Command) -> io::Result<()> {
        let done = match command {
            Command::Propose(change) => self.propose(&change).await?,
            Command::Encrypt(data) => self.host.encrypt(&data, &mut self.rng).map(|ciphertext| {
                let mut event = self.console.journal.host("Encrypt");
                event.rest.insert("key".to_owned(), ciphertext.key.to_string().into());
                self.console.journal.log(event);
                self.console.shown().encrypted.push(ciphertext);
            }),
            Command::Decrypt(ciphertext) => {
                let decrypted = self.host.decrypt(&ciphertext).map_err(|refusal| refusal.to_string());
                self.console.shown().decrypted.push(decrypted);
                Ok(())
            }
            Command::Approve(_) => Ok(()),
        };
        if let Err(refusal) = done {
            self.console.shown().refused.push(refusal.to_string());
        }
        Ok(())
    }

    async fn propose(&mut self, change: &Change) -> io::Result<Result<(), Refusal>> {
        let (proposal, is_new) = match self.host.propose(change, &mut self.rng) {
            Ok(proposed) => proposed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if is_new {
            self.console.journal.proposed(&proposal);
        }
        {
            let mut shown = self.console.shown();
            if !shown.proposed.contains(&proposal.id()) {
                shown.proposed.push(proposal.id());
            }
        }
        self.publish(Record::Proposal(proposal.bytes().to_vec())).await?;
        Ok(Ok(()))
    }
}
