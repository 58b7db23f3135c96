//! Reads: begin, look up the version, fetch any K of its shards.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::disk::ShardId;
use crate::gateway::Gateway;
use crate::map::Entry;
use crate::message::Reply;
use crate::network::Network;
use crate::refusal::Refusal;

/// How often a read is taken up again before its user is told that it takes too long.
const ROUNDS_MAX: usize = 12;

/// How far a read has got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// It has begun. Logs say so when there turns out to be something to read.
    Begun {
        /// Do they?
        logged: bool,
    },
    /// It has looked up which version is current.
    Seen(Entry),
}

impl<N: Network> Gateway<N> {
    /// The version that a read under way has looked up; 0: none.
    pub fn seen(&self, object: &str) -> u64 {
        match self.reads.borrow().get(object) {
            Some(Reading::Seen(entry)) => entry.version,
            _ => 0,
        }
    }

    /// `BeginRead`.
    ///
    /// # Errors
    /// When a read of the object is under way.
    pub fn begin_read(&self, object: &str) -> Result<(), Refusal> {
        let mut reads = self.reads.borrow_mut();
        if reads.contains_key(object) {
            return Err(Refusal::UnderWay("read".to_owned()));
        }
        reads.insert(object.to_owned(), Reading::Begun { logged: false });
        Ok(())
    }

    /// `LookUp`. Gives the version; 0: the object was never there.
    ///
    /// # Errors
    /// When no read has just begun, or the leader does not answer.
    pub async fn look_up(&self, object: &str) -> Result<u64, Refusal> {
        self.has_begun(object)?;
        let entry = self.entry(object).await?;
        self.saw(object, entry)
    }

    /// `AskDeposed`: asks the leader before the current one, as somebody might who has not heard that it is deposed.
    ///
    /// # Errors
    /// When no read has just begun, or the leader does not answer or says that it is deposed.
    pub async fn ask_deposed(&self, object: &str, epoch: u64) -> Result<u64, Refusal> {
        self.has_begun(object)?;
        match self.ask_old_leader(epoch, object).await? {
            Reply::Entry(entry) => self.saw(object, entry),
            _ => Err(Refusal::WrongReceiver),
        }
    }

    fn has_begun(&self, object: &str) -> Result<(), Refusal> {
        match self.reads.borrow().get(object) {
            Some(Reading::Begun { .. }) => Ok(()),
            _ => Err(Refusal::NotReading),
        }
    }

    fn saw(&self, object: &str, entry: Entry) -> Result<u64, Refusal> {
        let version = entry.version;
        let before = self.reads.borrow_mut().insert(object.to_owned(), Reading::Seen(entry));
        if version == 0 {
            self.reads.borrow_mut().remove(object);
            return Ok(0);
        }
        if before == Some(Reading::Begun { logged: false }) {
            self.log("BeginRead", object, 0);
        }
        self.log("LookUp", object, version);
        Ok(version)
    }

    fn seen_entry(&self, object: &str) -> Result<Entry, Refusal> {
        match self.reads.borrow().get(object) {
            Some(Reading::Seen(entry)) => Ok(entry.clone()),
            _ => Err(Refusal::NotReading),
        }
    }

    /// `FinishRead`: gives the object, or `None` if it was deleted.
    ///
    /// # Errors
    /// When too few shards can be had.
    pub async fn finish_read(&self, object: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let entry = self.seen_entry(object)?;
        let content = if entry.live { Some(self.fetch(object, &entry).await?) } else { None };
        self.log("FinishRead", object, 0);
        self.reads.borrow_mut().remove(object);
        Ok(content)
    }

    /// `LookAgain`: the version has been overwritten and its shards collected.
    ///
    /// # Errors
    /// When the version is still current, or there are enough shards.
    pub async fn look_again(&self, object: &str) -> Result<(), Refusal> {
        let seen = self.seen_entry(object)?;
        if seen.live {
            match self.fetch(object, &seen).await {
                Err(Refusal::NotEnoughShards { .. }) => {}
                Err(refusal) => return Err(refusal),
                Ok(_) => return Err(Refusal::StillCurrent),
            }
        }
        if self.entry(object).await?.version == seen.version {
            return Err(Refusal::StillCurrent);
        }
        self.log("LookAgain", object, 0);
        self.reads.borrow_mut().insert(object.to_owned(), Reading::Begun { logged: true });
        Ok(())
    }

    /// The bytes of a version, from any K of its shards: where they should be, and everywhere else if need be.
    async fn fetch(&self, object: &str, entry: &Entry) -> Result<Vec<u8>, Refusal> {
        let in_place = entry.place.iter().cloned().enumerate();
        let elsewhere =
            (0..entry.place.len()).flat_map(|index| self.hosts.iter().map(move |host| (index, host.clone())));
        let (mut shards, mut length, mut silent) = (BTreeMap::new(), 0, None);
        for (index, host) in in_place.chain(elsewhere) {
            if shards.len() == self.code.enough() {
                break;
            }
            if shards.contains_key(&index) {
                continue;
            }
            let id = ShardId { object: object.to_owned(), version: entry.version, index };
            match self.read_shard(&host, id, false).await {
                Ok(shard) => {
                    length = shard.object_bytes;
                    shards.insert(index, shard.bytes);
                }
                Err(Refusal::NotHeld | Refusal::Rotten | Refusal::Down(_)) => {}
                Err(refusal) => silent = Some(refusal),
            }
        }
        match silent {
            Some(refusal) if shards.len() < self.code.enough() => Err(refusal),
            _ => self.code.join(length as usize, &shards),
        }
    }

    /// The object as it is, or `None` if it is not there.
    ///
    /// # Errors
    /// When nobody answers, or too few shards can be had.
    pub async fn get(&self, object: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let turn = Rc::clone(self.read_turns.borrow_mut().entry(object.to_owned()).or_default());
        let _turn = turn.lock().await;
        if self.seen_entry(object).is_ok() && self.finish_read(object).await.is_err() {
            self.look_again(object).await?; // What an earlier read that was not finished has seen, may be old.
        }
        if self.has_begun(object).is_err() {
            self.begin_read(object)?;
        }
        let mut outcome = Err(Refusal::NotReading);
        for _ in 0..ROUNDS_MAX {
            if self.has_begun(object).is_ok() {
                match self.look_up(object).await {
                    Ok(0) => return Ok(None),
                    Ok(_) => {}
                    Err(refusal) => {
                        outcome = Err(refusal);
                        continue;
                    }
                }
            }
            outcome = self.finish_read(object).await;
            if outcome.is_ok() {
                break;
            }
            let _ = self.look_again(object).await;
            self.peers.network().pause().await;
        }
        outcome
    }
}
