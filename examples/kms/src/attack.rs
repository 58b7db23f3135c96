//! The adversary on the network.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tlaloc_link::Event;

use crate::adversary::{Adversary, Claims};
use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::identity::PublicKey;
use crate::journal::Journal;
use crate::node::STORAGE;
use crate::token::{Proposal, Record};
use crate::transport::{Chance, Message, Packet, Transport};
use crate::world::{CORRUPT, OUTSIDER};

/// How often it does something.
const ACTS_AFTER: Duration = Duration::from_millis(60);

/// How long it waits for the storage.
const ANSWERS_WITHIN: Duration = Duration::from_millis(100);

struct Attack<T> {
    adversary: Adversary,
    transport: T,
    journal: Journal,
    chance: Chance,
    rng: ChaCha20Rng,
    evidence: Evidence,
    founding: Digest,
    signed: BTreeSet<Digest>,
    has_forged: bool,
}

/// Signs every proposal as the operator in its pay, forges a token that appoints this one, and sends it and whatever
/// was there before to hosts, without being asked.
///
/// # Errors
/// When the network fails for good.
pub async fn run_adversary(
    adversary: Adversary,
    hosts: Vec<String>,
    founding: Digest,
    transport: impl Transport,
    seed: u64,
) -> io::Result<()> {
    let (journal, rng) = (Journal::of(CORRUPT), ChaCha20Rng::seed_from_u64(seed ^ 4));
    let (chance, evidence, signed) = (Chance::new(seed ^ 3), Evidence::default(), BTreeSet::new());
    let mut attack =
        Attack { adversary, transport, journal, chance, rng, evidence, founding, signed, has_forged: false };
    loop {
        let old = attack.evidence.records();
        attack.ask().await?;
        attack.sign().await?;
        if !attack.has_forged && attack.chance.below(20) == 0 {
            attack.has_forged = attack.forge().is_some();
        }
        let given = if attack.chance.below(2) == 0 { old } else { attack.evidence.records() };
        if let Some(victim) = usize::try_from(attack.chance.below(hosts.len() as u64)).ok().and_then(|i| hosts.get(i)) {
            attack.send(victim, Message::Records(given)).await?;
        }
        tokio::time::sleep(ACTS_AFTER).await;
    }
}

impl<T: Transport> Attack<T> {
    async fn send(&self, to: &str, message: Message) -> io::Result<()> {
        self.transport.send(to, Packet::new(message, &self.journal.time()).frame()?).await;
        Ok(())
    }

    async fn ask(&mut self) -> io::Result<()> {
        self.send(STORAGE, Message::Ask(CORRUPT.to_owned())).await?;
        let Ok(frame) = tokio::time::timeout(ANSWERS_WITHIN, self.transport.receive()).await else { return Ok(()) };
        if let Some(packet) = Packet::read(&frame?) {
            self.journal.hears(&packet.clock());
            if let Message::Records(records) = packet.message {
                self.evidence.extend(records);
            }
        }
        Ok(())
    }

    /// Signs what it has not, and sends all its signatures: they may have been lost.
    async fn sign(&mut self) -> io::Result<()> {
        let proposals: Vec<Digest> = self.evidence.proposals().map(Proposal::id).collect();
        let mut approvals = Vec::new();
        for id in proposals.into_iter().filter(|id| *id != self.founding) {
            approvals.extend(self.adversary.sign_anything(CORRUPT, id).map(Record::Approval));
            if self.signed.insert(id) {
                self.journal.log(Event::action("SignAnything").param("o", CORRUPT).param("i", &id.to_string()));
            }
        }
        self.evidence.extend(approvals.clone());
        self.send(STORAGE, Message::Records(approvals)).await
    }

    /// Makes a rotation in the name of its own machine, with an operator of its own.
    fn forge(&mut self) -> Option<()> {
        let proposals: Vec<&Proposal> = self.evidence.proposals().collect();
        let parent = usize::try_from(self.chance.below(proposals.len() as u64)).ok()?;
        let parent = (*proposals.get(parent)?).clone();
        let operators: BTreeMap<String, PublicKey> =
            BTreeMap::from([(CORRUPT.to_owned(), self.adversary.operator(CORRUPT)?)]);
        let claims = Claims { members: parent.body().members.clone(), operators, quorum: 1, keeps_old_keys: true };
        let forged = self.adversary.forge(OUTSIDER, &parent, claims, &self.evidence, &mut self.rng);
        let (token, envelope) = forged.ok()?;
        let id = token.id();
        let event = Event::action("Forge").param("m", OUTSIDER).param("i", &parent.id().to_string());
        let event = event.state(format!("token[{id}].parent"), &parent.id().to_string());
        let event = event.state(format!("token[{id}].operators"), &[CORRUPT]);
        self.journal.log(event.state(format!("token[{id}].forged"), &true));
        self.evidence.extend([Record::Proposal(token.bytes().to_vec()), Record::Envelope(envelope)]);
        Some(())
    }
}
