//! What coordinator and participants know, and what they may do. One method for each action of the spec.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What goes over the network.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Message {
    /// A participant votes to commit.
    Prepared {
        /// Which one.
        from: String,
    },
    /// The coordinator's decision.
    Commit,
    /// The coordinator's decision.
    Abort,
}

/// What a participant is.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It has not voted.
    Working,
    /// It has voted to commit and is bound by the decision.
    Prepared,
    /// Final.
    Committed,
    /// Final.
    Aborted,
}

/// What the coordinator has decided.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing yet.
    Undecided,
    /// All have voted to commit.
    Commit,
    /// Not all have in time.
    Abort,
}

/// Whether a participant that has voted waits for the decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// As it must.
    Waits,
    /// Some time only, then it aborts: the classic mistake.
    GivesUp,
}

impl Default for Patience {
    fn default() -> Self {
        if cfg!(feature = "broken") { Patience::GivesUp } else { Patience::Waits }
    }
}

/// Why something is not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal(pub &'static str);

/// A participant.
#[derive(Clone, Debug)]
pub struct Participant {
    name: String,
    phase: Phase,
    patience: Patience,
    vote: Option<Message>,
}

impl Participant {
    /// One that works.
    pub fn new(name: &str, patience: Patience) -> Self {
        Participant { name: name.to_owned(), phase: Phase::Working, patience, vote: None }
    }

    /// What it is.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The message it sends until it knows the decision.
    pub fn vote(&self) -> Option<&Message> {
        self.vote.as_ref()
    }

    /// `Prepare`: it votes to commit.
    ///
    /// # Errors
    /// When it has done something else.
    pub fn prepare(&mut self) -> Result<(), Refusal> {
        if self.phase != Phase::Working {
            return Err(Refusal("only who works can prepare"));
        }
        self.phase = Phase::Prepared;
        self.vote = Some(Message::Prepared { from: self.name.clone() });
        Ok(())
    }

    /// `Refuse`: it aborts instead of voting.
    ///
    /// # Errors
    /// When it has voted.
    pub fn refuse(&mut self) -> Result<(), Refusal> {
        if self.phase != Phase::Working {
            return Err(Refusal("who has voted cannot refuse"));
        }
        self.phase = Phase::Aborted;
        Ok(())
    }

    /// `ObeyCommit`, `ObeyAbort`: it follows the decision.
    ///
    /// # Errors
    /// When the decision contradicts what it has done: somebody made a mistake.
    pub fn obey(&mut self, decision: &Message) -> Result<(), Refusal> {
        self.phase = match (decision, self.phase) {
            (Message::Commit, Phase::Prepared | Phase::Committed) => Phase::Committed,
            (Message::Abort, Phase::Working | Phase::Prepared | Phase::Aborted) => Phase::Aborted,
            (Message::Prepared { .. }, _) => return Err(Refusal("a vote is no decision")),
            _ => return Err(Refusal("the decision contradicts what was done")),
        };
        Ok(())
    }

    /// `GiveUp`: it has waited for long and aborts.
    ///
    /// # Errors
    /// When it has to wait.
    pub fn give_up(&mut self) -> Result<(), Refusal> {
        if self.patience == Patience::Waits || self.phase != Phase::Prepared {
            return Err(Refusal("who has voted waits for the decision"));
        }
        self.phase = Phase::Aborted;
        Ok(())
    }
}

/// The coordinator.
#[derive(Clone, Debug)]
pub struct Coordinator {
    participants: BTreeSet<String>,
    votes: BTreeSet<String>,
    decision: Decision,
}

impl Coordinator {
    /// One that knows who takes part and has decided nothing.
    pub fn new(participants: BTreeSet<String>) -> Self {
        Coordinator { participants, votes: BTreeSet::new(), decision: Decision::Undecided }
    }

    /// Who has voted to commit.
    pub fn votes(&self) -> &BTreeSet<String> {
        &self.votes
    }

    /// What it has decided.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The message it sends to everybody who does not know yet.
    pub fn announcement(&self) -> Option<Message> {
        match self.decision {
            Decision::Undecided => None,
            Decision::Commit => Some(Message::Commit),
            Decision::Abort => Some(Message::Abort),
        }
    }

    /// `ReceiveVote`: somebody votes to commit.
    ///
    /// # Errors
    /// When that is no vote, or too late.
    pub fn receive_vote(&mut self, message: &Message) -> Result<(), Refusal> {
        let Message::Prepared { from } = message else {
            return Err(Refusal("a decision is no vote"));
        };
        if self.decision != Decision::Undecided || !self.participants.contains(from) {
            return Err(Refusal("votes count until the decision, from participants"));
        }
        self.votes.insert(from.clone());
        Ok(())
    }

    /// `DecideCommit`: everybody has voted.
    ///
    /// # Errors
    /// When not everybody has.
    pub fn decide_commit(&mut self) -> Result<(), Refusal> {
        if self.decision != Decision::Undecided || self.votes != self.participants {
            return Err(Refusal("to commit, all have to vote"));
        }
        self.decision = Decision::Commit;
        Ok(())
    }

    /// `DecideAbort`: it has waited long enough.
    ///
    /// # Errors
    /// When it has decided already.
    pub fn decide_abort(&mut self) -> Result<(), Refusal> {
        if self.decision != Decision::Undecided {
            return Err(Refusal("decisions are final"));
        }
        self.decision = Decision::Abort;
        Ok(())
    }
}
