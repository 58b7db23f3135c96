//! The implementation in the words of the spec: real leaders, hosts with folders on disk, and a gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use objectstore::coding::Code;
use objectstore::disk::{Disk, ShardId};
use objectstore::gateway::Gateway;
use objectstore::guards::Guards;
use objectstore::host::Host;
use objectstore::leader::{Leader, leader_name};
use objectstore::map::{Map, Register};
use objectstore::message::Kind;
use objectstore::network::Loopback;
use objectstore::refusal::Refusal;
use objectstore::witness::{NamedEntry, NamedShard, Witness, index_name, named_place};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tlaloc_link::{
    Action, AdapterError, Applied, AsyncAdapter, Coverage, Expect, Failure, Replay, Start, Trace, Value,
};

/// The spec's twins are in one failure domain.
const DOMAINS: [(&str, &str); 4] = [("h1", "twins"), ("h2", "twins"), ("h3", "h3"), ("h4", "h4")];

/// K and N.
pub(crate) const CODE: (usize, usize) = (2, 3);

/// A store in one process, that does what a trace says.
pub(crate) struct Store {
    guards: Guards,
    folder: TempDir,
    network: Loopback,
    register: Register,
    leaders: Vec<Rc<Leader<Loopback>>>,
    hosts: BTreeMap<String, Rc<Host>>,
    gateway: Gateway<Loopback>,
    /// What was put: the bytes of each version.
    put: BTreeMap<(String, u64), Vec<u8>>,
    objects: BTreeSet<String>,
    disks: u64,
}

/// What of the spec's state the store shows. Not: counts of blows and moves, the record of what was ruined and
/// collected, and which versions a read may see. These are the spec's own book-keeping.
#[derive(Serialize, Debug)]
pub(crate) struct Observed {
    map: BTreeMap<String, NamedEntry>,
    versions: BTreeMap<String, u64>,
    disk: BTreeMap<String, BTreeSet<NamedShard>>,
    up: BTreeSet<String>,
    work: BTreeMap<String, BTreeMap<&'static str, Work>>,
    read: BTreeMap<String, Read>,
    epoch: u64,
    deposed: BTreeMap<String, u64>,
}

#[derive(Serialize, Debug)]
struct Work {
    epoch: u64,
    version: u64,
    base: BTreeMap<String, String>,
    place: BTreeMap<String, String>,
    writes: BTreeSet<String>,
    todo: BTreeSet<String>,
}

#[derive(Serialize, Debug)]
struct Read {
    legal: Option<BTreeSet<u64>>,
    seen: u64,
}

/// A shard as traces have it.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone, Debug)]
struct Traced {
    object: String,
    version: u64,
    index: String,
    good: bool,
}

impl Traced {
    fn id(&self) -> Result<ShardId, AdapterError> {
        Ok(ShardId { object: self.object.clone(), version: self.version, index: index_of(&self.index)? })
    }
}

fn index_of(name: &str) -> Result<usize, AdapterError> {
    let number: usize = name.trim_start_matches('s').parse()?;
    number.checked_sub(1).ok_or_else(|| format!("{name} is no shard").into())
}

/// What is put: different for each version, and of a length that has to be padded.
fn content(object: &str, version: u64) -> Vec<u8> {
    format!("{object}, version {version}. ").into_bytes().into_iter().cycle().take(1001).collect()
}

fn code() -> Code {
    Code::new(CODE.0, CODE.1).expect("there is such a code")
}

/// Refusals of an implementation that is as it should be. What else goes wrong is a fault of the test.
fn answered<T>(done: Result<T, Refusal>) -> Result<Applied, AdapterError> {
    match done {
        Ok(_) => Ok(Applied::Done),
        Err(refusal @ (Refusal::Storage(_) | Refusal::WrongReceiver)) => Err(refusal.into()),
        Err(refusal) => Ok(Applied::Refused(refusal.to_string())),
    }
}

impl Store {
    /// An empty store. Every host is up.
    pub(crate) fn new(guards: Guards) -> Result<Self, AdapterError> {
        let folder = in_memory()?;
        let domains = DOMAINS.iter().map(|(host, domain)| ((*host).to_owned(), (*domain).to_owned())).collect();
        let register = Register::open(&folder.path().join("map.json"), &Map::new(code(), &domains))?;
        let network = Loopback::default();
        let hosts = domains.keys().cloned().collect();
        let gateway = Gateway::new(code(), hosts, network.clone(), Witness::new("gateway"));
        let mut store = Store {
            guards,
            folder,
            network,
            register,
            leaders: Vec::new(),
            hosts: BTreeMap::new(),
            gateway,
            put: BTreeMap::new(),
            objects: BTreeSet::new(),
            disks: 0,
        };
        store.next_leader()?;
        Ok(store)
    }

    fn next_leader(&mut self) -> Result<(), Refusal> {
        let epoch = self.leaders.len() as u64 + 1;
        let (register, name) = (self.register.clone(), leader_name(epoch));
        let leader = Leader::take_over(epoch, register, self.network.clone(), self.guards, Witness::new(&name))?;
        self.network.join(&name, Rc::clone(&leader) as _);
        self.leaders.push(leader);
        Ok(())
    }

    fn leader(&self) -> Rc<Leader<Loopback>> {
        Rc::clone(&self.leaders[self.leaders.len() - 1])
    }

    fn disk(&self, host: &str) -> Result<Disk, AdapterError> {
        Ok(Disk::open(&self.disk_folder(host))?)
    }

    fn disk_folder(&self, host: &str) -> PathBuf {
        self.folder.path().join(host)
    }

    /// A host starts on the disk it has, and is admitted.
    async fn start_host(&mut self, name: &str) -> Result<(), AdapterError> {
        self.disks += 1;
        let host = Host::start(self.disk(name)?, self.disks, self.guards, Witness::new(name))?;
        self.network.join(name, Rc::clone(&host) as _);
        let leader = leader_name(self.leaders.len() as u64);
        host.join(&self.network, &[leader]).await?;
        self.hosts.insert(name.to_owned(), host);
        Ok(())
    }

    async fn start_put(&mut self, object: &str, place: Vec<String>) -> Result<(), Refusal> {
        // Its version will be the next: what it puts depends on that.
        let next = self.register.read()?.entry(object).given + 1;
        let bytes = content(object, next);
        let version = self.gateway.start_put(object, &bytes, Some(place)).await?;
        self.put.insert((object.to_owned(), version), bytes);
        Ok(())
    }

    /// What is read has to be what was put.
    async fn finish_read(&self, object: &str) -> Result<Applied, AdapterError> {
        let version = self.gateway.seen(object);
        let is_live = self.put.contains_key(&(object.to_owned(), version));
        let read = match self.gateway.finish_read(object).await {
            Ok(read) => read,
            Err(refusal) => return answered::<()>(Err(refusal)),
        };
        let wanted = self.put.get(&(object.to_owned(), version)).filter(|_| is_live).cloned();
        if read != wanted {
            return Err(format!("what was read is not what was put as version {version} of {object}").into());
        }
        Ok(Applied::Done)
    }

    /// The shard that this step of the trace collects.
    async fn collect(&self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let host: String = action.parameter("h")?;
        let disks: BTreeMap<String, BTreeSet<Traced>> = action.next()["disk"].decode()?;
        let left = disks[&host].iter().map(Traced::id).collect::<Result<BTreeSet<_>, _>>()?;
        let held = self.disk(&host)?.shards()?;
        let gone: Vec<_> = held.difference(&left).collect();
        let [shard] = gone.as_slice() else {
            return Err(format!("{} shards are collected at once", gone.len()).into());
        };
        answered(self.leader().collect_shard(&host, shard).await)
    }

    /// One shard of a pass over the disk: there is never more than one that has rotted.
    fn scrub(&self, host: &str, shard: &Traced) -> Result<Applied, AdapterError> {
        let id = shard.id()?;
        match self.hosts[host].scrub() {
            Ok(dropped) if dropped == [id] => Ok(Applied::Done),
            Ok(dropped) => Ok(Applied::Refused(format!("scrubbing finds {dropped:?}"))),
            Err(refusal) => answered::<()>(Err(refusal)),
        }
    }

    async fn fail(&mut self, host: &str) -> Result<Applied, AdapterError> {
        self.hosts.remove(host);
        self.network.leave(host);
        // The leader finds out by itself.
        answered(self.leader().tend_hosts().await)
    }

    async fn ask_deposed(&self, object: &str) -> Result<Applied, AdapterError> {
        let before = self.leaders.len() as u64 - 1;
        match self.gateway.ask_deposed(object, before).await {
            // It was asked, and knows that it is no leader: that is this step.
            Err(Refusal::Deposed { .. }) => Ok(Applied::Done),
            done => answered(done),
        }
    }

    async fn take(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let text = |name: &str| action.parameter::<String>(name);
        let index = || index_of(&text("i")?);
        let kind = || -> Result<Kind, AdapterError> {
            Ok(match text("w")?.as_str() {
                "put" => Kind::Put,
                "repair" => Kind::Repair,
                "move" => Kind::Move,
                other => return Err(format!("there is no {other}").into()),
            })
        };
        match action.name() {
            "StartPut" => {
                let place: BTreeMap<String, String> = action.parameter("place")?;
                answered(self.start_put(&text("o")?, place.into_values().collect()).await)
            }
            "CommitPut" => answered(self.gateway.commit(&text("o")?, Kind::Put).await),
            "CommitReplacing" => answered(self.gateway.commit(&text("o")?, kind()?).await),
            "Delete" => answered(self.gateway.delete(&text("o")?).await),
            "BeginRead" => answered(self.gateway.begin_read(&text("o")?)),
            "LookUp" => answered(self.gateway.look_up(&text("o")?).await),
            "FinishRead" => self.finish_read(&text("o")?).await,
            "LookAgain" => answered(self.gateway.look_again(&text("o")?).await),
            "AskDeposed" => self.ask_deposed(&text("o")?).await,
            "StartRepair" => {
                answered(self.gateway.start_replacing(Kind::Repair, &text("o")?, index()?, &text("h")?).await)
            }
            "StartMove" => answered(self.gateway.start_replacing(Kind::Move, &text("o")?, index()?, &text("h")?).await),
            "GiveUp" => answered(self.gateway.give_up(&text("o")?, kind()?).await),
            "Write" => {
                let sources: BTreeSet<String> = action.parameter("sources")?;
                let sources = sources.iter().map(|name| index_of(name)).collect::<Result<_, _>>()?;
                answered(self.gateway.write(&text("o")?, kind()?, index()?, Some(&sources)).await)
            }
            "Collect" => self.collect(action).await,
            "Scrub" => self.scrub(&text("h")?, &action.parameter("s")?),
            "ChangeLeader" => answered(self.next_leader()),
            "Fail" => self.fail(&text("h")?).await,
            "Return" => self.start_host(&text("h")?).await.map(|()| Applied::Done),
            "ReturnEmpty" => {
                self.disk(&text("h")?)?.wipe()?;
                self.start_host(&text("h")?).await.map(|()| Applied::Done)
            }
            "Rot" => {
                let shard: Traced = action.parameter("s")?;
                self.hosts[&text("h")?].rot(&shard.id()?)?;
                Ok(Applied::Done)
            }
            _ => Err(action.unknown()),
        }
    }

    /// What is in a host's folder. A shard is good if its bytes are those that the object put has there; its checksum
    /// has to say the same.
    fn disk_shards(&self, host: &str) -> BTreeSet<NamedShard> {
        let disk = self.disk(host).expect("the disk can be opened");
        let shards = disk.shards().expect("the disk can be read");
        let named = |id: ShardId| {
            let put = self.put.get(&(id.object.clone(), id.version)).expect("somebody has put it");
            let right = code().cut(put).expect("it can be cut").swap_remove(id.index);
            let good = disk.read_unverified(&id).is_ok_and(|shard| shard.bytes == right);
            if self.guards.verifies_checksums {
                assert_eq!(disk.read(&id).is_ok(), good, "the checksum of {id:?} on {host} does not tell");
            }
            NamedShard { object: id.object, version: id.version, index: index_name(id.index), good }
        };
        shards.into_iter().map(named).collect()
    }

    fn work(&self, object: &str, kind: Kind) -> Work {
        let names = |indices: BTreeSet<usize>| indices.into_iter().map(index_name).collect();
        let place = |place| named_place(&place, CODE.1);
        match self.gateway.running(object, kind) {
            Some((task, todo)) => Work {
                epoch: task.id.epoch,
                version: task.version,
                base: place(task.base),
                place: place(task.place),
                writes: names(task.writes),
                todo: names(todo),
            },
            None => Work {
                epoch: 0,
                version: 0,
                base: place(Vec::new()),
                place: place(Vec::new()),
                writes: BTreeSet::new(),
                todo: BTreeSet::new(),
            },
        }
    }

    fn show(&self) -> Observed {
        let map = self.register.read().expect("the map can be read");
        let old = self.leaders.len().checked_sub(2).map(|old| self.leaders[old].map());
        let each = |object: &String| object.clone();
        let kinds = [Kind::Put, Kind::Repair, Kind::Move];
        let objects = || self.objects.iter();
        Observed {
            map: objects().map(|o| (each(o), NamedEntry::of(&map.entry(o), CODE.1))).collect(),
            versions: objects().map(|o| (each(o), map.entry(o).given)).collect(),
            disk: DOMAINS.iter().map(|(host, _)| ((*host).to_owned(), self.disk_shards(host))).collect(),
            up: map.up(),
            work: objects().map(|o| (each(o), kinds.map(|kind| (kind.name(), self.work(o, kind))).into())).collect(),
            read: objects().map(|o| (each(o), Read { legal: None, seen: self.gateway.seen(o) })).collect(),
            epoch: map.epoch,
            deposed: objects().map(|o| (each(o), old.as_ref().map_or(0, |old| old.entry(o).version))).collect(),
        }
    }

    /// Left to itself, for some rounds: hosts scrub, the gateway repairs, the leader collects.
    pub(crate) async fn left_alone(&self) {
        for _ in 0..3 {
            for host in self.hosts.values() {
                let _ = host.scrub();
            }
            let _ = self.gateway.tend().await;
            for host in self.hosts.keys() {
                let _ = self.leader().collect(host).await;
            }
        }
    }

    /// Has every live object all its shards, with the right bytes?
    pub(crate) fn is_whole(&self) -> bool {
        let map = self.register.read().expect("the map can be read");
        let good = |host: &String, object: &str, version, index| {
            let shard = NamedShard { object: object.to_owned(), version, index: index_name(index), good: true };
            map.is_up(host) && self.disk_shards(host).contains(&shard)
        };
        map.objects.iter().filter(|(_, entry)| entry.live).all(|(object, entry)| {
            entry.place.iter().enumerate().all(|(index, host)| good(host, object, entry.version, index))
        })
    }
}

impl AsyncAdapter for Store {
    type Observation = Observed;

    async fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        let map: BTreeMap<String, Value> = start.variable("map")?;
        self.objects = map.into_keys().collect();
        for (host, _) in DOMAINS {
            self.start_host(host).await?;
        }
        Ok(())
    }

    async fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        self.take(action).await
    }

    async fn observe(&mut self) -> Observed {
        self.show()
    }
}

/// A folder in memory where there is one: syncing thousands of files takes its time. `tests/shards.rs` uses the disk.
fn in_memory() -> std::io::Result<TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// Runs it on this thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}

/// Replays a trace on a store with these guards.
pub(crate) fn replay(trace: &Trace, expect: Expect, guards: Guards) -> Result<(Store, Coverage), Failure> {
    let mut store = Store::new(guards).expect("a store can be made");
    let coverage = block_on(Replay::of(trace).expect(expect).run_async(&mut store))?;
    Ok((store, coverage))
}
