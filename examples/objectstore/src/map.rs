//! The map: which version of an object is current, where its shards are, and which hosts are up.
//!
//! It is one file, replaced as a whole under a lock: every transaction sees what the one before has left and takes
//! effect at one moment, also between processes. That stands for the replicated log that the specification assumes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::coding::Code;
use crate::disk::{Incarnation, ShardId, replace_file};
use crate::refusal::Refusal;

/// The hosts of a version's shards, by index; empty when there are none.
pub type Place = Vec<String>;

/// An object.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// The current version; 0: it was never there.
    pub version: u64,
    /// False when it has been deleted.
    pub live: bool,
    /// Where its shards are.
    pub place: Place,
    /// The last version number given out.
    pub given: u64,
}

/// A host.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Hosts of one domain fail together.
    pub domain: String,
    /// Does it answer? Who is not up is written to and read from by nobody.
    pub up: bool,
    /// What it was when it was last admitted.
    pub incarnation: Option<Incarnation>,
}

/// The map.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Map {
    /// The number of the leader; 0: there has been none.
    pub epoch: u64,
    /// K.
    pub enough: usize,
    /// N.
    pub shards: usize,
    /// By name.
    pub objects: BTreeMap<String, Entry>,
    /// By name.
    pub members: BTreeMap<String, Member>,
    /// What the last leader to write it knew, as logs have it.
    pub clock: BTreeMap<String, u64>,
}

impl Map {
    /// An empty map. All hosts are up; each comes with its failure domain.
    pub fn new(code: Code, hosts: &BTreeMap<String, String>) -> Self {
        let members = hosts
            .iter()
            .map(|(name, domain)| (name.clone(), Member { domain: domain.clone(), up: true, incarnation: None }));
        Map {
            epoch: 0,
            enough: code.enough(),
            shards: code.shards(),
            objects: BTreeMap::new(),
            members: members.collect(),
            clock: BTreeMap::new(),
        }
    }

    /// The entry of an object, also of one that was never there.
    pub fn entry(&self, object: &str) -> Entry {
        self.objects.get(object).cloned().unwrap_or_default()
    }

    /// Is the host there and up?
    pub fn is_up(&self, host: &str) -> bool {
        self.members.get(host).is_some_and(|member| member.up)
    }

    /// The hosts that are up.
    pub fn up(&self) -> BTreeSet<String> {
        self.members.iter().filter(|(_, member)| member.up).map(|(name, _)| name.clone()).collect()
    }

    /// The hosts that are not.
    pub fn down(&self) -> BTreeSet<String> {
        self.members.iter().filter(|(_, member)| !member.up).map(|(name, _)| name.clone()).collect()
    }

    /// How many shards of a version may be lost.
    pub fn spare(&self) -> usize {
        self.shards - self.enough
    }

    /// Not two shards of a version on one host, and no more in one failure domain than may be lost.
    pub fn well_spread(&self, place: &[String]) -> bool {
        let hosts: BTreeSet<&String> = place.iter().collect();
        let mut domains: BTreeMap<&str, usize> = BTreeMap::new();
        for host in place {
            let Some(member) = self.members.get(host) else { return false };
            *domains.entry(&member.domain).or_default() += 1;
        }
        place.len() == self.shards && hosts.len() == place.len() && domains.values().all(|count| *count <= self.spare())
    }

    /// Places for the shards of a new version: hosts that are up, well spread. Different seeds begin elsewhere.
    pub fn choose_place(&self, seed: usize) -> Option<Place> {
        let mut up: Vec<String> = self.up().into_iter().collect();
        let count = up.len();
        up.rotate_left(if count == 0 { 0 } else { seed % count });
        let mut place = Place::new();
        for host in up {
            let domain = |host: &String| self.members.get(host).map(|member| member.domain.as_str());
            let in_domain = place.iter().filter(|other| domain(other) == domain(&host)).count();
            if place.len() < self.shards && in_domain < self.spare() {
                place.push(host);
            }
        }
        self.well_spread(&place).then_some(place)
    }

    /// A host for one shard of an entry, so that it is well spread: where it is now, if that is up and not to be left.
    pub fn choose_host(&self, entry: &Entry, index: usize, leaving: Option<&String>) -> Option<String> {
        let now = entry.place.get(index)?;
        let fits = |host: &&String| {
            let mut place = entry.place.clone();
            place[index] = (*host).clone();
            leaving != Some(*host) && self.is_up(host) && self.well_spread(&place)
        };
        Some(now).filter(fits).or_else(|| self.members.keys().find(fits)).cloned()
    }

    /// Does the map refer to this shard on this host?
    pub fn refers_to(&self, host: &str, shard: &ShardId) -> bool {
        let entry = self.entry(&shard.object);
        entry.live && entry.version == shard.version && entry.place.get(shard.index).is_some_and(|at| at == host)
    }
}

/// Where the map is kept.
#[derive(Clone, Debug)]
pub struct Register {
    path: PathBuf,
}

impl Register {
    /// The register in this file; a new one begins with this map.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(path: &Path, new: &Map) -> Result<Self, Refusal> {
        let register = Register { path: path.to_owned() };
        if !path.exists() {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            replace_file(path, &serde_json::to_vec_pretty(new).map_err(std::io::Error::from)?)?;
        }
        Ok(register)
    }

    /// The map as it is now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self) -> Result<Map, Refusal> {
        Ok(serde_json::from_slice(&fs::read(&self.path)?).map_err(std::io::Error::from)?)
    }

    /// Compare and swap: looks at the map and changes it, while nobody else does. Nothing changes if it is refused.
    ///
    /// # Errors
    /// What the transaction refuses, or when the file cannot be read or written.
    pub fn transact<T>(&self, transaction: impl FnOnce(&mut Map) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut lock = self.path.as_os_str().to_owned();
        lock.push(".lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock)?;
        lock.lock()?; // Until it is dropped.
        let before = self.read()?;
        let mut map = before.clone();
        let done = transaction(&mut map)?;
        if map != before {
            replace_file(&self.path, &serde_json::to_vec_pretty(&map).map_err(std::io::Error::from)?)?;
        }
        Ok(done)
    }
}
