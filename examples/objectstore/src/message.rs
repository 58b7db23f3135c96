//! What goes over the network.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::disk::{Incarnation, Shard, ShardId, TaskId};
use crate::map::{Entry, Place};
use crate::refusal::Refusal;

/// What writes shards.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A new version.
    Put,
    /// A shard is rebuilt from others.
    Repair,
    /// A shard is copied to another host.
    Move,
}

impl Kind {
    /// As the specification has it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Put => "put",
            Kind::Repair => "repair",
            Kind::Move => "move",
        }
    }
}

/// A put, repair or move under way.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// What it does.
    pub kind: Kind,
    /// To this object.
    pub object: String,
    /// And this version of it.
    pub version: u64,
    /// Where the shards were when it began; empty for a put.
    pub base: Place,
    /// Where they are to be.
    pub place: Place,
    /// Which of them it writes.
    pub writes: BTreeSet<usize>,
}

impl Task {
    /// One of its shards.
    pub fn shard(&self, index: usize) -> ShardId {
        ShardId { object: self.object.clone(), version: self.version, index }
    }
}

/// Makes a request that is sent several times one request.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RequestId {
    /// Who asks.
    pub from: String,
    /// For the so many-th time.
    pub number: u64,
}

/// What somebody is asked to do.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Leader: begin a put, at these places if they are given.
    StartPut {
        /// Of this name.
        object: String,
        /// Where; `None`: wherever there is room.
        place: Option<Place>,
    },
    /// Leader: begin to write a shard anew on this host.
    StartReplacing {
        /// What writes it.
        kind: Kind,
        /// Of this name.
        object: String,
        /// Which shard.
        index: usize,
        /// The host.
        host: String,
    },
    /// Leader: these shards are written, commit.
    Commit {
        /// Which.
        task: Task,
        /// Shards that are durable.
        written: BTreeSet<usize>,
    },
    /// Leader: it cannot succeed any more.
    GiveUp {
        /// Which.
        task: Task,
        /// Shards that nobody was asked to write.
        unsent: BTreeSet<usize>,
        /// Are there too few shards to make them from?
        starved: bool,
    },
    /// Leader: delete the object.
    Delete {
        /// Of this name.
        object: String,
    },
    /// Leader: which version is current, and where is it?
    LookUp {
        /// Of this name.
        object: String,
    },
    /// Leader: which shards are missing, or on a host that is to be left, and where should they go?
    Survey {
        /// The host to be left, if one is.
        leaving: Option<String>,
    },
    /// Leader: a host has started.
    Admit {
        /// The host.
        host: String,
        /// Which disk it has.
        incarnation: Incarnation,
    },
    /// Host: write a shard. Only a repair or move replaces what is there.
    Write {
        /// The shard.
        shard: Shard,
        /// What writes it.
        kind: Kind,
    },
    /// Host: read a shard, to give it to a user or to copy it.
    Read {
        /// Which.
        id: ShardId,
        /// Is it to be copied, or for a user?
        copying: bool,
    },
    /// Host: is the shard there?
    Has {
        /// Which.
        id: ShardId,
    },
    /// Host: which shards are there?
    List,
    /// Host: the leader of this epoch collects the shard.
    Remove {
        /// Which.
        id: ShardId,
        /// The leader's.
        epoch: u64,
    },
    /// Host: are you there?
    Ping,
    /// Host: you have been taken for dead. Do nothing until you are admitted again.
    Suspend,
}

/// A good answer.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// It has begun.
    Task(Task),
    /// The object is deleted as of this version.
    Deleted(u64),
    /// The object is this.
    Entry(Entry),
    /// These shards are missing, and should go there.
    Missing(Vec<(String, usize, String)>),
    /// The shard is this.
    Shard(Shard),
    /// These shards are there.
    Shards(BTreeSet<ShardId>),
    /// Is it?
    Has(bool),
}

/// A request on its way.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    /// Which.
    pub id: RequestId,
    /// What the sender knows.
    pub clock: BTreeMap<String, u64>,
    /// For this incarnation of a host, as far as the sender knows.
    pub incarnation: Option<Incarnation>,
    /// What is asked.
    pub request: Request,
}

/// An answer on its way.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What the sender knows.
    pub clock: BTreeMap<String, u64>,
    /// Hosts that are down, as far as a leader knows.
    pub down: Option<BTreeSet<String>>,
    /// The answer.
    pub reply: Result<Reply, Refusal>,
}
