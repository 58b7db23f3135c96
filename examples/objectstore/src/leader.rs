//! The leader: it decides what may begin and what is committed, tends the hosts, and collects.
//!
//! Everything it decides is a transaction on the map, in which it also makes sure that it still leads. What it has
//! under way (intents) only it knows: a later leader does not, and refuses to commit it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use tlaloc_link::Event;

use crate::disk::{Incarnation, ShardId, TaskId};
use crate::guards::Guards;
use crate::map::{Entry, Map, Place, Register};
use crate::message::{Answer, Kind, Packet, Reply, Request, RequestId, Task};
use crate::network::{Network, Node};
use crate::peers::{Answers, Peers};
use crate::refusal::Refusal;
use crate::witness::{NamedEntry, Witness, index_name, named_place};

/// What leader number `epoch` is called.
pub fn leader_name(epoch: u64) -> String {
    format!("l{epoch}")
}

/// A leader, deposed or not.
pub struct Leader<N> {
    epoch: u64,
    register: Register,
    guards: Guards,
    witness: Witness,
    peers: Peers<N>,
    /// The map as of its last transaction as leader.
    map: RefCell<Map>,
    /// Puts, repairs and moves begun with it, not committed and not given up.
    intents: RefCell<BTreeMap<TaskId, Task>>,
    committed: RefCell<BTreeSet<TaskId>>,
    /// Shards that a host has been told to delete and has not said that it has.
    removing: RefCell<BTreeSet<(String, ShardId)>>,
    /// So that a request that arrives again gets the same answer.
    answered: Answers,
    answering: RefCell<BTreeSet<RequestId>>,
    begun: Cell<u64>,
}

impl<N: Network> Leader<N> {
    /// `ChangeLeader`: the next leader takes over. The first one finds epoch 0.
    ///
    /// # Errors
    /// When the map cannot be written, or another number is next.
    pub fn take_over(
        epoch: u64,
        register: Register,
        network: N,
        guards: Guards,
        witness: Witness,
    ) -> Result<Rc<Self>, Refusal> {
        let (map, event) = register.transact(|map| {
            if map.epoch + 1 != epoch {
                return Err(Refusal::Deposed { epoch, now: map.epoch });
            }
            map.epoch = epoch;
            witness.heard(&map.clock);
            let event = (epoch > 1).then(|| witness.stamp(Event::action("ChangeLeader").state("epoch", &epoch)));
            map.clock = witness.clock();
            Ok((map.clone(), event))
        })?;
        event.iter().for_each(Event::emit);
        Ok(Rc::new(Leader {
            epoch,
            register,
            guards,
            peers: Peers::new(network, witness.clone()),
            witness,
            map: RefCell::new(map),
            intents: RefCell::default(),
            committed: RefCell::default(),
            removing: RefCell::default(),
            answered: Answers::default(),
            answering: RefCell::default(),
            begun: Cell::new(0),
        }))
    }

    /// The map as it knows it.
    pub fn map(&self) -> Map {
        self.map.borrow().clone()
    }

    /// A transaction on the map; `fenced`: only as the leader. The event is logged if it takes effect.
    fn transact<T>(
        &self,
        fenced: bool,
        transaction: impl FnOnce(&mut Map) -> Result<(T, Option<Event>), Refusal>,
    ) -> Result<T, Refusal> {
        let (done, event, map) = self.register.transact(|map| {
            if fenced && map.epoch != self.epoch {
                return Err(Refusal::Deposed { epoch: self.epoch, now: map.epoch });
            }
            self.witness.heard(&map.clock);
            let (done, event) = transaction(map)?;
            let event = event.map(|event| self.witness.stamp(event));
            if event.is_some() {
                map.clock = self.witness.clock();
            }
            Ok((done, event, map.clone()))
        })?;
        event.iter().for_each(Event::emit);
        if map.epoch == self.epoch {
            self.map.replace(map);
        }
        Ok(done)
    }

    /// `StartPut`.
    fn start_put(&self, object: &str, place: Option<Place>) -> Result<Reply, Refusal> {
        let seed = self.begun.get() as usize;
        let (version, place) = self.transact(true, |map| {
            let place = place.or_else(|| map.choose_place(seed)).ok_or(Refusal::NoPlace)?;
            if !map.well_spread(&place) {
                return Err(Refusal::Crowded);
            }
            if let Some(host) = place.iter().find(|host| !map.is_up(host)) {
                return Err(Refusal::Down(host.clone()));
            }
            let entry = map.objects.entry(object.to_owned()).or_default();
            entry.given += 1;
            let version = entry.given;
            let event = Event::action("StartPut").param("o", object).param("place", &named_place(&place, map.shards));
            Ok(((version, place), Some(event.state(format!("versions[{object}]"), &version))))
        })?;
        let writes = (0..place.len()).collect();
        Ok(self.begin(Task {
            id: self.next_task(),
            kind: Kind::Put,
            object: object.to_owned(),
            version,
            base: Place::new(),
            place,
            writes,
        }))
    }

    /// `StartRepair`, `StartMove`.
    async fn start_replacing(&self, kind: Kind, object: &str, index: usize, host: &str) -> Result<Reply, Refusal> {
        let known = self.transact(true, |map| Ok((map.entry(object), None)))?;
        let at = known.place.get(index).filter(|_| known.live).ok_or(Refusal::NoSuchObject)?;
        let shard = ShardId { object: object.to_owned(), version: known.version, index };
        let has = self.is_there(at, &shard).await?;
        let place = self.transact(true, |map| {
            let entry = map.entry(object);
            if entry != known {
                return Err(Refusal::PlacesChanged);
            }
            let missing = match (map.is_up(at), has) {
                (false, _) => true,
                (true, Some(has)) => !has,
                (true, None) => return Err(Refusal::PlacesChanged), // It has come back just now.
            };
            match kind {
                Kind::Repair if !missing => return Err(Refusal::NotMissing),
                Kind::Move if missing => return Err(Refusal::Missing),
                Kind::Move if at == host => return Err(Refusal::NotMissing),
                _ => {}
            }
            if !map.is_up(host) {
                return Err(Refusal::Down(host.to_owned()));
            }
            if self.removing.borrow().contains(&(host.to_owned(), shard.clone())) {
                return Err(Refusal::BeingCollected);
            }
            let mut place = entry.place;
            place[index] = host.to_owned();
            if self.guards.spreads_shards && !map.well_spread(&place) {
                return Err(Refusal::Crowded);
            }
            let action = if kind == Kind::Repair { "StartRepair" } else { "StartMove" };
            let event = Event::action(action).param("o", object).param("i", &index_name(index)).param("h", host);
            Ok((place, Some(event)))
        })?;
        let (id, writes) = (self.next_task(), BTreeSet::from([index]));
        Ok(self.begin(Task {
            id,
            kind,
            object: object.to_owned(),
            version: known.version,
            base: known.place,
            place,
            writes,
        }))
    }

    /// Does this host have the shard? `None`: it is down.
    async fn is_there(&self, host: &str, shard: &ShardId) -> Result<Option<bool>, Refusal> {
        if !self.map.borrow().is_up(host) {
            return Ok(None);
        }
        match self.peers.ask(host, Request::Has { id: shard.clone() }).await {
            Ok(reply) => Ok(Some(reply == Reply::Has(true))),
            // An answer all the same: nothing has begun.
            Err(Refusal::Unreachable(host)) => Err(Refusal::Down(host)),
            Err(refusal) => Err(refusal),
        }
    }

    fn next_task(&self) -> TaskId {
        self.begun.set(self.begun.get() + 1);
        TaskId { epoch: self.epoch, number: self.begun.get() }
    }

    /// Notes the intent, before the first shard is written.
    fn begin(&self, task: Task) -> Reply {
        self.intents.borrow_mut().insert(task.id, task.clone());
        Reply::Task(task)
    }

    /// `CommitPut`, `CommitReplacing`.
    fn commit(&self, task: &Task, written: &BTreeSet<usize>) -> Result<Reply, Refusal> {
        if self.committed.borrow().contains(&task.id) {
            return Ok(Reply::Done);
        }
        self.transact(self.guards.fences_leaders, |map| {
            let (entry, shards) = (map.entry(&task.object), map.shards);
            let now = match task.kind {
                Kind::Put => self.put(map, task, written)?,
                Kind::Repair | Kind::Move => self.replaced(&entry, task, written)?,
            };
            let now = Entry { given: entry.given, ..now };
            let event = match task.kind {
                Kind::Put => Event::action("CommitPut"),
                _ => Event::action("CommitReplacing").param("w", task.kind.name()),
            };
            let event =
                event.param("o", &task.object).state(format!("map[{}]", task.object), &NamedEntry::of(&now, shards));
            map.objects.insert(task.object.clone(), now);
            Ok(((), Some(event)))
        })?;
        self.intents.borrow_mut().remove(&task.id);
        self.committed.borrow_mut().insert(task.id);
        Ok(Reply::Done)
    }

    /// What a put makes of the object.
    fn put(&self, map: &Map, task: &Task, written: &BTreeSet<usize>) -> Result<Entry, Refusal> {
        let needed = if self.guards.acks_when_all_written { map.shards } else { map.enough };
        if written.len() < needed {
            return Err(Refusal::NotDurable { written: written.len(), needed });
        }
        let current = map.entry(&task.object).version;
        if self.guards.compares_versions && task.version <= current {
            return Err(Refusal::Overtaken { version: task.version, current });
        }
        Ok(Entry { version: task.version, live: true, place: task.place.clone(), given: 0 })
    }

    /// What a repair or move makes of the object.
    fn replaced(&self, entry: &Entry, task: &Task, written: &BTreeSet<usize>) -> Result<Entry, Refusal> {
        if !written.is_superset(&task.writes) {
            return Err(Refusal::NotDurable { written: written.len(), needed: task.writes.len() });
        }
        if !entry.live || entry.version != task.version {
            return Err(Refusal::Overtaken { version: task.version, current: entry.version });
        }
        if self.guards.compares_places && entry.place != task.base {
            return Err(Refusal::PlacesChanged);
        }
        Ok(Entry { place: task.place.clone(), ..entry.clone() })
    }

    /// `GiveUp`: only what cannot succeed any more.
    fn give_up(&self, task: &Task, unsent: &BTreeSet<usize>, starved: bool) -> Result<Reply, Refusal> {
        if self.committed.borrow().contains(&task.id) {
            return Err(Refusal::NothingUnderWay(task.kind.name().to_owned()));
        }
        self.transact(true, |map| {
            let entry = map.entry(&task.object);
            let late = match task.kind {
                Kind::Put => task.version <= entry.version,
                _ => task.version != entry.version || task.base != entry.place,
            };
            let stuck = unsent.iter().any(|index| task.place.get(*index).is_none_or(|host| !map.is_up(host)));
            if task.id.epoch == map.epoch && !late && !stuck && !starved {
                return Err(Refusal::NotHopeless);
            }
            Ok(((), Some(Event::action("GiveUp").param("o", &task.object).param("w", task.kind.name()))))
        })?;
        self.intents.borrow_mut().remove(&task.id);
        Ok(Reply::Done)
    }

    /// `Delete`.
    fn delete(&self, object: &str) -> Result<Reply, Refusal> {
        self.transact(true, |map| {
            let given = map.entry(object).given + 1;
            let entry = Entry { version: given, live: false, place: Place::new(), given };
            let event = Event::action("Delete").param("o", object);
            let event = event.state(format!("map[{object}]"), &NamedEntry::of(&entry, map.shards));
            map.objects.insert(object.to_owned(), entry);
            Ok((Reply::Deleted(given), Some(event)))
        })
    }

    /// `LookUp`, and `AskDeposed` if it has been deposed.
    fn look_up(&self, object: &str) -> Result<Reply, Refusal> {
        if !self.guards.confirms_leadership {
            return Ok(Reply::Entry(self.map.borrow().entry(object)));
        }
        self.transact(true, |map| Ok((Reply::Entry(map.entry(object)), None)))
    }

    /// Shards that are missing, or on the host that is to be left, each with a host for it.
    async fn survey(&self, leaving: Option<&String>) -> Result<Reply, Refusal> {
        let map = self.transact(true, |map| Ok((map.clone(), None)))?;
        let mut held = BTreeMap::new();
        for host in map.up() {
            if let Ok(Reply::Shards(shards)) = self.peers.ask(&host, Request::List).await {
                held.insert(host, shards);
            }
        }
        let mut missing = Vec::new();
        for (object, entry) in map.objects.iter().filter(|(_, entry)| entry.live) {
            for (index, host) in entry.place.iter().enumerate() {
                let id = ShardId { object: object.clone(), version: entry.version, index };
                let gone = !map.is_up(host) || held.get(host).is_some_and(|shards| !shards.contains(&id));
                let wanted = if leaving.is_some() { !gone && leaving == Some(host) } else { gone };
                if let (true, Some(new)) = (wanted, map.choose_host(entry, index, leaving)) {
                    missing.push((object.clone(), index, new));
                }
            }
        }
        Ok(Reply::Missing(missing))
    }

    /// `Return`, `ReturnEmpty`: a host has started.
    fn admit(&self, host: &str, incarnation: Incarnation) -> Result<Reply, Refusal> {
        let new_disk = |known: Option<Incarnation>| known.is_some_and(|known| known.disk != incarnation.disk);
        let unnoticed = self.map.borrow().members.get(host).is_some_and(|m| m.up && new_disk(m.incarnation));
        if unnoticed {
            self.declare_down(host)?;
        }
        self.transact(true, |map| {
            let member = map.members.get_mut(host).ok_or_else(|| Refusal::NoSuchHost(host.to_owned()))?;
            let action = if new_disk(member.incarnation) { "ReturnEmpty" } else { "Return" };
            let was_up = std::mem::replace(&mut member.up, true);
            member.incarnation = Some(incarnation);
            let event = Event::action(action).param("h", host).state("up", &map.up());
            Ok((Reply::Done, (!was_up).then_some(event)))
        })
    }

    /// `Fail`: from now on nobody asks this host for anything, until it has been admitted again.
    ///
    /// # Errors
    /// When it is down already, or too many would be: then it counts as slow.
    pub fn declare_down(&self, host: &str) -> Result<(), Refusal> {
        self.transact(true, |map| {
            let member = map.members.get_mut(host).ok_or_else(|| Refusal::NoSuchHost(host.to_owned()))?;
            if !std::mem::replace(&mut member.up, false) {
                return Err(Refusal::Down(host.to_owned()));
            }
            let intents = self.intents.borrow();
            let live = map.objects.values().filter(|entry| entry.live).map(|entry| &entry.place);
            for place in live.chain(intents.values().map(|task| &task.place)) {
                let down = place.iter().filter(|host| !map.is_up(host)).count();
                if down > map.spare() {
                    return Err(Refusal::NotEnoughShards { good: map.shards - down, needed: map.enough });
                }
            }
            Ok(((), Some(Event::action("Fail").param("h", host).state("up", &map.up()))))
        })
    }

    /// Looks after the hosts: who does not answer is down, and who answers although it is down has to ask to be
    /// admitted again.
    ///
    /// # Errors
    /// When it no longer leads, or the map cannot be read.
    pub async fn tend_hosts(&self) -> Result<(), Refusal> {
        let map = self.transact(true, |map| Ok((map.clone(), None)))?;
        for host in map.members.keys() {
            if map.is_up(host) {
                if let Err(Refusal::Unreachable(_)) = self.peers.ask(host, Request::Ping).await {
                    match self.declare_down(host) {
                        Err(Refusal::NotEnoughShards { .. } | Refusal::Down(_)) | Ok(()) => {}
                        Err(refusal) => return Err(refusal),
                    }
                }
            } else {
                // Mostly it is dead, and nobody answers.
                let _ = self.peers.ask_once(host, Request::Suspend).await;
            }
        }
        Ok(())
    }

    /// Collects on a host what nobody needs. Gives how many shards that were.
    ///
    /// # Errors
    /// When it no longer leads, or the host does not answer.
    pub async fn collect(&self, host: &str) -> Result<usize, Refusal> {
        let Reply::Shards(shards) = self.peers.ask(host, Request::List).await? else { return Ok(0) };
        let mut collected = 0;
        for id in shards {
            match self.collect_shard(host, &id).await {
                Ok(()) => collected += 1,
                Err(Refusal::Referenced | Refusal::Intended) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(collected)
    }

    /// `Collect`.
    ///
    /// # Errors
    /// When the shard is still needed, it no longer leads, or the host does not answer.
    pub async fn collect_shard(&self, host: &str, id: &ShardId) -> Result<(), Refusal> {
        self.transact(true, |map| {
            let intends = |task: &Task| {
                task.object == id.object
                    && task.version == id.version
                    && task.writes.contains(&id.index)
                    && task.place.get(id.index).is_some_and(|at| at == host)
            };
            if map.refers_to(host, id) {
                return Err(Refusal::Referenced);
            }
            if self.guards.spares_intents && self.intents.borrow().values().any(intends) {
                return Err(Refusal::Intended);
            }
            self.removing.borrow_mut().insert((host.to_owned(), id.clone()));
            Ok(((), None))
        })?;
        let removed = self.peers.ask(host, Request::Remove { id: id.clone(), epoch: self.epoch }).await;
        // As long as it is not known whether the host will delete it, nothing may be written there.
        if !matches!(removed, Err(Refusal::Unreachable(_))) {
            self.removing.borrow_mut().remove(&(host.to_owned(), id.clone()));
        }
        removed.map(drop)
    }

    async fn carry_out(&self, packet: &Packet) -> Result<Reply, Refusal> {
        match &packet.request {
            Request::StartPut { object, place } => self.start_put(object, place.clone()),
            Request::StartReplacing { kind, object, index, host } => {
                self.start_replacing(*kind, object, *index, host).await
            }
            Request::Commit { task, written } => self.commit(task, written),
            Request::GiveUp { task, unsent, starved } => self.give_up(task, unsent, *starved),
            Request::Delete { object } => self.delete(object),
            Request::LookUp { object } => self.look_up(object),
            Request::Survey { leaving } => self.survey(leaving.as_ref()).await,
            Request::Admit { host, incarnation } => self.admit(host, *incarnation),
            _ => Err(Refusal::WrongReceiver),
        }
    }
}

impl<N: Network> Node for Leader<N> {
    fn answer(&self, packet: Packet) -> Pin<Box<dyn Future<Output = Answer> + '_>> {
        Box::pin(async move {
            let known = self.answered.to(&packet.id);
            let reply = match known {
                Some(reply) => reply,
                // It has arrived twice. To whoever has sent it nobody has answered yet.
                None if !self.answering.borrow_mut().insert(packet.id.clone()) => {
                    Err(Refusal::Unreachable(self.witness.name().to_owned()))
                }
                None => {
                    self.witness.heard(&packet.clock);
                    let reply = self.carry_out(&packet).await;
                    self.answered.remember(&packet.id, &reply);
                    self.answering.borrow_mut().remove(&packet.id);
                    reply
                }
            };
            Answer { clock: self.witness.clock(), down: Some(self.map.borrow().down()), reply }
        })
    }
}
