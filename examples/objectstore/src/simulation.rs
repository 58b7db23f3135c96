//! A whole store on a simulated network that loses, delays, duplicates and reorders, while hosts crash, disks are
//! replaced, shards rot, hosts are drained and leaders change: the same run for the same seed.
//!
//! Nature keeps to the assumption of the specification: at most N - K shards of a version are lost at a time. So it
//! waits until a blow has been repaired before it strikes again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use tlaloc_link::{EventLayer, LineBuffer, Log};
use tracing_subscriber::layer::SubscriberExt as _;
use turmoil::{Builder, Sim};

use crate::coding::Code;
use crate::disk::{Disk, ShardId};
use crate::gateway::Gateway;
use crate::guards::Guards;
use crate::host::Host;
use crate::leader::{Leader, leader_name};
use crate::map::{Map, Register};
use crate::message::Kind;
use crate::network::{Simulated, Tcp};
use crate::refusal::Refusal;
use crate::service::{run_host, run_leader};
use crate::witness::Witness;

/// The hosts and their failure domains.
pub const DOMAINS: [(&str, &str); 4] = [("h1", "twins"), ("h2", "twins"), ("h3", "h3"), ("h4", "h4")];

/// What is put, read and deleted.
pub const OBJECTS: [&str; 2] = ["photo", "film"];

/// The gateway's name.
const GATEWAY: &str = "gateway";

/// How long the network may take, and how long somebody waits for an answer.
const LATENCY_MAX: Duration = Duration::from_millis(40);
const PATIENCE: Duration = Duration::from_millis(200);

/// How often hosts scrub, and leaders look after hosts.
const SCRUBS_EVERY: Duration = Duration::from_millis(700);
const TENDS_EVERY: Duration = Duration::from_millis(300);

/// How long a run may take.
const RUN_MAX: Duration = Duration::from_secs(600);

/// What each of the two users does.
const OPERATIONS: u64 = 9;

/// How often what is degraded is taken care of, when the users have done, before it should be whole again.
const ROUNDS_MAX: usize = 60;

/// A small deterministic generator (SplitMix64): what the simulation itself leaves to chance.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// One with this seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least + 1))
    }
}

/// How a run went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// What the nodes logged, as `docs/log-format.md` has it.
    pub log: String,
    /// Puts and deletes that were acknowledged.
    pub acknowledged: usize,
    /// Puts, deletes and reads that were not.
    pub refused: usize,
    /// Reads that gave something, or that there is nothing.
    pub reads: usize,
    /// Crashes, replaced disks and rotten shards.
    pub blows: usize,
    /// What was read and should not have been: always empty, unless the store has a mistake.
    pub wrong: Vec<String>,
}

type Net = Tcp<Simulated>;

/// Everything that outlives the crash of a node.
struct World {
    guards: Guards,
    folder: PathBuf,
    register: Register,
    network: Net,
    witnesses: BTreeMap<String, Witness>,
    /// The hosts as they are running, or last were.
    hosts: RefCell<BTreeMap<String, Rc<Host>>>,
    gateway: Gateway<Net>,
    /// The bytes of each version that was ever begun.
    put: RefCell<BTreeMap<(String, u64), Vec<u8>>>,
    outcome: RefCell<Outcome>,
    disks: RefCell<u64>,
}

impl World {
    fn new(folder: &Path, seed: u64, guards: Guards) -> Result<Self, Box<dyn Error>> {
        let code = Code::new(2, 3).ok_or("there is no such code")?;
        let domains = DOMAINS.iter().map(|(host, domain)| ((*host).to_owned(), (*domain).to_owned())).collect();
        let register = Register::open(&folder.join("map.json"), &Map::new(code, &domains))?;
        let network = Tcp { sockets: Simulated, patience: PATIENCE, duplicates_one_in: 5 + seed % 7 };
        let hosts = domains.keys().cloned().collect();
        Ok(World {
            guards,
            folder: folder.to_owned(),
            register,
            gateway: Gateway::new(code, hosts, network.clone(), Witness::new(GATEWAY)),
            network,
            witnesses: domains.keys().map(|host| (host.clone(), Witness::new(host))).collect(),
            hosts: RefCell::default(),
            put: RefCell::default(),
            outcome: RefCell::default(),
            disks: RefCell::new(0),
        })
    }

    fn disk(&self, host: &str) -> Result<Disk, Refusal> {
        Ok(Disk::open(&self.folder.join(host))?)
    }

    /// A host, from one start to the next: it joins, and scrubs.
    async fn run_host(self: Rc<Self>, name: String) -> Result<(), Box<dyn Error>> {
        let label = {
            let mut disks = self.disks.borrow_mut();
            *disks += 1;
            *disks
        };
        let host = Host::start(self.disk(&name)?, label, self.guards, self.witnesses[&name].clone())?;
        self.hosts.borrow_mut().insert(name.clone(), Rc::clone(&host));
        Ok(run_host(self.network.clone(), name, host, 2, SCRUBS_EVERY).await?)
    }

    /// A leader: takes over after a while.
    async fn run_leader(self: Rc<Self>, epoch: u64, after: Duration) -> Result<(), Box<dyn Error>> {
        tokio::time::sleep(after).await;
        let name = leader_name(epoch);
        let (register, network) = (self.register.clone(), self.network.clone());
        let leader = Leader::take_over(epoch, register, network, self.guards, Witness::new(&name))?;
        Ok(run_leader(self.network.clone(), name, leader, TENDS_EVERY).await?)
    }

    /// Two users, and somebody who repairs and now and then drains a host. Ends when all is done and whole again.
    async fn run_gateway(self: Rc<Self>, seed: u64) -> Result<(), Box<dyn Error>> {
        let mut chance = Chance::new(seed ^ 0xa5a5);
        let users = async {
            tokio::join!(self.user(Chance::new(seed + 1000)), self.user(Chance::new(seed + 2000)));
        };
        tokio::pin!(users);
        let (mut done, mut rounds) = (false, 0);
        while !(done && self.is_whole()?) {
            rounds += usize::from(done);
            if rounds > ROUNDS_MAX {
                self.outcome.borrow_mut().wrong.push("what is degraded is not repaired".to_owned());
                return Ok(());
            }
            tokio::select! {
            biased;
                           () = &mut users, if !done => done = true,
                           () = tokio::time::sleep(Duration::from_millis(400)) => {}
                       }
            let tended = async {
                let _ = self.gateway.tend().await;
                if chance.below(4) == 0 {
                    let _ = self.gateway.drain(DOMAINS[chance.below(4) as usize].0).await;
                }
            };
            tokio::pin!(tended);
            loop {
                tokio::select! {
                biased;
                                   () = &mut users, if !done => done = true,
                                   () = &mut tended => break,
                               }
            }
        }
        for object in OBJECTS {
            self.read(object).await;
            let entry = self.register.read()?.entry(object);
            let wanted = self.put.borrow().get(&(object.to_owned(), entry.version)).filter(|_| entry.live).cloned();
            if self.gateway.get(object).await != Ok(wanted) {
                let what = format!("{object}: in the end it is not version {}", entry.version);
                self.outcome.borrow_mut().wrong.push(what);
            }
        }
        Ok(())
    }

    async fn user(&self, mut chance: Chance) {
        for _ in 0..OPERATIONS {
            tokio::time::sleep(chance.millis(50, 1500)).await;
            let object = OBJECTS[chance.below(2) as usize];
            match chance.below(6) {
                0 => {
                    let deleted = self.gateway.delete(object).await;
                    self.count(deleted.is_ok());
                }
                1..=3 => self.write(object, &mut chance).await,
                _ => self.read(object).await,
            }
        }
    }

    async fn write(&self, object: &str, chance: &mut Chance) {
        let content: Vec<u8> = (0..200 + chance.below(3000)).map(|_| chance.below(256) as u8).collect();
        let begun = self.gateway.start_put(object, &content, None).await;
        let Ok(version) = begun else { return self.count(false) };
        self.put.borrow_mut().insert((object.to_owned(), version), content);
        let done = self.gateway.advance(object, Kind::Put).await;
        self.count(done.is_ok());
    }

    /// What is read is some version that was put.
    async fn read(&self, object: &str) {
        match self.gateway.get(object).await {
            Ok(content) => {
                self.outcome.borrow_mut().reads += 1;
                let put = self.put.borrow();
                if content.is_some_and(|content| !put.iter().any(|((of, _), put)| of == object && *put == content)) {
                    self.outcome.borrow_mut().wrong.push(format!("{object}: nobody has put what is read"));
                }
            }
            Err(_) => self.count(false),
        }
    }

    fn count(&self, acknowledged: bool) {
        let mut outcome = self.outcome.borrow_mut();
        if acknowledged { outcome.acknowledged += 1 } else { outcome.refused += 1 }
    }

    /// Are all hosts up, and has everything in the map, and all that has been written for it, its shards?
    fn is_whole(&self) -> Result<bool, Refusal> {
        let map = self.register.read()?;
        if !map.down().is_empty() || self.hosts.borrow().values().any(|host| !host.is_admitted()) {
            return Ok(false);
        }
        let mut wanted: BTreeSet<(String, ShardId)> = BTreeSet::new();
        for (object, entry) in map.objects.iter().filter(|(_, entry)| entry.live) {
            for (index, host) in entry.place.iter().enumerate() {
                wanted.insert((host.clone(), ShardId { object: object.clone(), version: entry.version, index }));
            }
        }
        wanted.extend(self.gateway.perhaps_written());
        for (host, id) in &wanted {
            if self.disk(host)?.read(id).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What strikes, when all is whole.
struct Nature {
    chance: Chance,
    left: u64,
    next: u64,
    /// The host that has crashed, and when it starts again, at the earliest.
    crashed: Option<(String, u64)>,
}

impl Nature {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x77);
        let next = 500 + chance.below(2500);
        Nature { left: chance.below(5), chance, next, crashed: None }
    }

    fn act(&mut self, now: u64, world: &World, sim: &mut Sim<'_>) -> Result<(), Box<dyn Error>> {
        if let Some((host, until)) = self.crashed.clone() {
            if now >= until {
                // Only a disk that nobody counts on any more is replaced.
                if !world.register.read()?.is_up(&host) && self.chance.below(2) == 0 {
                    world.disk(&host)?.wipe()?;
                }
                sim.bounce(host.as_str());
                self.crashed = None;
                self.next = now + 1000 + self.chance.below(3000);
            }
            return Ok(());
        }
        if self.left == 0 || now < self.next || !world.is_whole()? {
            return Ok(());
        }
        self.left -= 1;
        self.next = now + 2000 + self.chance.below(4000);
        if self.chance.below(2) == 0 {
            let host = DOMAINS[self.chance.below(4) as usize].0;
            sim.crash(host);
            // Some are back before anybody notices.
            self.crashed = Some((host.to_owned(), now + 100 + self.chance.below(9000)));
            world.outcome.borrow_mut().blows += 1;
        } else {
            self.rot(world)?;
        }
        Ok(())
    }

    /// A shard that the map refers to rots.
    fn rot(&mut self, world: &World) -> Result<(), Box<dyn Error>> {
        let map = world.register.read()?;
        let live: Vec<_> = map.objects.iter().filter(|(_, entry)| entry.live).collect();
        if let Some((object, entry)) = live.get(self.chance.below(live.len() as u64) as usize) {
            let index = self.chance.below(entry.place.len() as u64) as usize;
            let id = ShardId { object: (*object).clone(), version: entry.version, index };
            world.hosts.borrow()[&entry.place[index]].rot(&id)?;
            world.outcome.borrow_mut().blows += 1;
        }
        Ok(())
    }
}

/// A run under faults that the seed decides, on disks in this folder.
///
/// # Errors
/// When the simulation itself fails, for example because a disk does.
pub fn run(seed: u64, guards: Guards, folder: &Path) -> Result<Outcome, Box<dyn Error>> {
    let lines = LineBuffer::default();
    let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(lines.clone())));
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut chance = Chance::new(seed);
    let world = Rc::new(World::new(folder, seed, guards)?);
    let mut sim = Builder::new()
        .rng_seed(seed)
        .simulation_duration(RUN_MAX)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(LATENCY_MAX)
        .fail_rate(chance.below(4) as f64 * 0.004)
        .repair_rate(0.4)
        .build();
    for (host, _) in DOMAINS {
        let world = Rc::clone(&world);
        sim.host(host, move || Rc::clone(&world).run_host(host.to_owned()));
    }
    let second = if chance.below(2) == 0 { chance.millis(2000, 12000) } else { RUN_MAX };
    for (epoch, after) in [(1, Duration::ZERO), (2, second)] {
        let world = Rc::clone(&world);
        sim.host(leader_name(epoch), move || Rc::clone(&world).run_leader(epoch, after));
    }
    let (crashes, dies) = (chance.below(2) == 0, second.as_millis() as u64);
    sim.client(GATEWAY, Rc::clone(&world).run_gateway(seed));
    let (mut nature, mut now) = (Nature::new(seed), 0);
    while !sim.step()? {
        now += 1;
        nature.act(now, &world, &mut sim)?;
        if crashes && now == dies {
            sim.crash(leader_name(1).as_str());
        }
    }
    let outcome = world.outcome.borrow().clone();
    Ok(Outcome { log: lines.to_string(), ..outcome })
}
