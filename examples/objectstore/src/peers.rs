//! Asking again: hosts that do not answer, or have started again; and what whoever is asked again remembers.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use tokio::sync::Mutex;

use crate::disk::Incarnation;
use crate::message::{Packet, Reply, Request, RequestId};
use crate::network::Network;
use crate::refusal::Refusal;
use crate::witness::Witness;

/// How often somebody is asked before they count as unreachable.
pub const ATTEMPTS_MAX: usize = 6;

/// How many answers are remembered, for requests that arrive again.
const ANSWERS_MAX: usize = 4096;

/// What was answered lately: a request that arrives again is not carried out again.
#[derive(Debug, Default)]
pub struct Answers(RefCell<VecDeque<(RequestId, Result<Reply, Refusal>)>>);

impl Answers {
    /// What was answered to this request.
    pub fn to(&self, id: &RequestId) -> Option<Result<Reply, Refusal>> {
        let answers = self.0.borrow();
        answers.iter().rev().find(|(known, _)| known == id).map(|(_, answer)| answer.clone())
    }

    /// Remembers an answer, and forgets the oldest if there are too many.
    pub fn remember(&self, id: &RequestId, answer: &Result<Reply, Refusal>) {
        let mut answers = self.0.borrow_mut();
        answers.push_back((id.clone(), answer.clone()));
        if answers.len() > ANSWERS_MAX {
            answers.pop_front();
        }
    }
}

/// The hosts, as somebody who asks them knows them.
#[derive(Debug)]
pub struct Peers<N> {
    network: N,
    witness: Witness,
    known: RefCell<BTreeMap<String, Incarnation>>,
    /// One request to a host at a time: so that requests of one sender do not overtake each other needlessly.
    turns: RefCell<BTreeMap<String, Rc<Mutex<()>>>>,
    asked: Cell<u64>,
}

impl<N: Network> Peers<N> {
    /// As this node knows them: not at all.
    pub fn new(network: N, witness: Witness) -> Self {
        Peers { network, witness, known: RefCell::default(), turns: RefCell::default(), asked: Cell::new(0) }
    }

    /// The network.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The id of the next request.
    pub fn next_id(&self) -> RequestId {
        self.asked.set(self.asked.get() + 1);
        RequestId { from: self.witness.name().to_owned(), number: self.asked.get() }
    }

    /// The disk that a host had when it was last heard of.
    pub fn disk_of(&self, host: &str) -> Option<u64> {
        self.known.borrow().get(host).map(|incarnation| incarnation.disk)
    }

    /// Asks a host, several times if need be.
    ///
    /// # Errors
    /// What it refuses, or when it does not answer.
    pub async fn ask(&self, host: &str, request: Request) -> Result<Reply, Refusal> {
        self.ask_as(&self.next_id(), host, request, None).await
    }

    /// Asks a host once.
    ///
    /// # Errors
    /// As [`Peers::ask`].
    pub async fn ask_once(&self, host: &str, request: Request) -> Result<Reply, Refusal> {
        self.send(&self.next_id(), host, &request).await
    }

    /// As [`Peers::ask`], for a request that may have been sent before, to a host that had this disk. With another
    /// disk there is no telling any more whether it was carried out.
    ///
    /// # Errors
    /// As [`Peers::ask`].
    pub async fn ask_as(
        &self,
        id: &RequestId,
        host: &str,
        request: Request,
        disk: Option<u64>,
    ) -> Result<Reply, Refusal> {
        let turn = Rc::clone(self.turns.borrow_mut().entry(host.to_owned()).or_default());
        let _turn = turn.lock().await;
        let mut sent_to = disk;
        for _ in 0..ATTEMPTS_MAX {
            match self.send(id, host, &request).await {
                Err(Refusal::Unreachable(_)) => {
                    sent_to = sent_to.or_else(|| self.disk_of(host));
                    self.network.pause().await;
                }
                Err(Refusal::StartedAgain(incarnation)) => {
                    self.known.borrow_mut().insert(host.to_owned(), incarnation);
                    if sent_to.is_some_and(|disk| disk != incarnation.disk) && matches!(request, Request::Write { .. })
                    {
                        return Err(Refusal::Unreachable(host.to_owned()));
                    }
                }
                Err(Refusal::OvertakenMessage) => {}
                answer => return answer,
            }
        }
        Err(Refusal::Unreachable(host.to_owned()))
    }

    async fn send(&self, id: &RequestId, host: &str, request: &Request) -> Result<Reply, Refusal> {
        let packet = Packet {
            id: id.clone(),
            clock: self.witness.clock(),
            incarnation: self.known.borrow().get(host).copied(),
            request: request.clone(),
        };
        let answer = self.network.call(host, &packet).await?;
        self.witness.heard(&answer.clock);
        answer.reply
    }

    /// Asks a leader once. Gives also which hosts it says are down.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn ask_leader(
        &self,
        id: &RequestId,
        leader: &str,
        request: &Request,
    ) -> Result<crate::message::Answer, Refusal> {
        let packet =
            Packet { id: id.clone(), clock: self.witness.clock(), incarnation: None, request: request.clone() };
        let answer = self.network.call(leader, &packet).await?;
        self.witness.heard(&answer.clock);
        Ok(answer)
    }
}
