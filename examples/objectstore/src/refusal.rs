//! Why something is not done.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a host, a leader or the gateway refuses. What is refused has not happened and will not, unless asked again;
/// only [`Refusal::Unreachable`] leaves that open.
#[derive(Serialize, Deserialize, Error, Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Nobody answers: whether it was done is not known.
    #[error("{0} does not answer")]
    Unreachable(String),
    /// The map could not be read or written.
    #[error("storage: {0}")]
    Storage(String),
    /// There is a later leader.
    #[error("the leader of epoch {epoch} has been deposed: it is epoch {now}")]
    Deposed {
        /// Whom was asked.
        epoch: u64,
        /// Who leads.
        now: u64,
    },
    /// A put, repair or move of the object is under way.
    #[error("a {0} of this object is under way")]
    UnderWay(String),
    /// There is nothing under way.
    #[error("no {0} of this object is under way")]
    NothingUnderWay(String),
    /// Fewer shards are written than it takes.
    #[error("{written} shards are written, it takes {needed}")]
    NotDurable {
        /// So many are.
        written: usize,
        /// So many it takes.
        needed: usize,
    },
    /// Another version is in the map.
    #[error("version {version} has been overtaken: the map has {current}")]
    Overtaken {
        /// What was to be committed.
        version: u64,
        /// What is in the map.
        current: u64,
    },
    /// Shards have moved since.
    #[error("the shards are no longer where they were")]
    PlacesChanged,
    /// Two shards on one host, or too many in a failure domain.
    #[error("these places are not well spread")]
    Crowded,
    /// There are not enough hosts.
    #[error("no host is free for it")]
    NoPlace,
    /// The map does not have the host among those that are up.
    #[error("the host {0} is down")]
    Down(String),
    /// Nobody knows this host.
    #[error("there is no host {0}")]
    NoSuchHost(String),
    /// The object is not there, or has been deleted.
    #[error("there is no such object")]
    NoSuchObject,
    /// The shard is where it should be.
    #[error("the shard is not missing")]
    NotMissing,
    /// The shard is not where it should be.
    #[error("the shard is missing")]
    Missing,
    /// The host does not have the shard.
    #[error("the host does not have the shard")]
    NotHeld,
    /// The shard's checksum is wrong.
    #[error("the shard has rotted")]
    Rotten,
    /// The shard is good.
    #[error("the shard has not rotted")]
    NotRotten,
    /// Fewer than K shards can be had.
    #[error("only {good} good shards can be had, it takes {needed}")]
    NotEnoughShards {
        /// So many can.
        good: usize,
        /// So many it takes.
        needed: usize,
    },
    /// The map refers to the shard.
    #[error("the map refers to the shard")]
    Referenced,
    /// A put, repair or move is writing the shard.
    #[error("the shard is being written")]
    Intended,
    /// The collector is about to delete the shard.
    #[error("the shard is being collected")]
    BeingCollected,
    /// The shard has been written, or is none of those to be.
    #[error("the shard is not to be written")]
    NotToBeWritten,
    /// It may still succeed.
    #[error("it may still succeed")]
    NotHopeless,
    /// The message was sent before something that the receiver has heard of since.
    #[error("the message was overtaken on its way")]
    OvertakenMessage,
    /// The message is for what the host was before it started again.
    #[error("the host has started again")]
    StartedAgain(crate::disk::Incarnation),
    /// The host has not been admitted since it started.
    #[error("the host has not been admitted")]
    NotAdmitted,
    /// No read has begun, or it has got further.
    #[error("the read is not at this point")]
    NotReading,
    /// The version looked up is still current.
    #[error("the version that was looked up is current")]
    StillCurrent,
    /// Nobody does this.
    #[error("this build does not do that")]
    NeverDone,
    /// The message is for somebody else.
    #[error("the message is for somebody else")]
    WrongReceiver,
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Refusal::Storage(error.to_string())
    }
}
