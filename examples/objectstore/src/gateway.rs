//! The gateway: what users talk to, and what carries out puts, repairs and moves.
//!
//! For each object it has one put, one repair and one move under way at most. The methods that begin with a step of
//! the specification take just that step; [`Gateway::put`], [`Gateway::get`] and [`Gateway::tend`] put them together.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tlaloc_link::Event;
use tokio::sync::Mutex;

use crate::coding::Code;
use crate::disk::{Shard, ShardId};
use crate::leader::leader_name;
use crate::map::{Entry, Place};
use crate::message::{Kind, Reply, Request, RequestId, Task};
use crate::network::Network;
use crate::peers::{ATTEMPTS_MAX, Peers};
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::witness::Witness;

/// How often a put, repair or move is taken up again before its user is told that it takes too long.
const ROUNDS_MAX: usize = 12;

/// How far a shard has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    /// Nobody has been asked to write it, or it was refused.
    Unsent,
    /// Somebody has been asked, on this disk, and has not answered.
    Unknown(Option<u64>),
    /// It is durable.
    Written,
}

/// A task and how far it has got.
#[derive(Clone, Debug)]
struct Running {
    task: Task,
    /// Of a put: the object's length and its shards.
    content: Option<(u64, Vec<Vec<u8>>)>,
    progress: BTreeMap<usize, (RequestId, Progress)>,
    commit: RequestId,
    /// The leader was asked to commit, and has not answered.
    uncertain: bool,
}

/// The gateway.
#[derive(Debug)]
pub struct Gateway<N> {
    pub(crate) code: Code,
    pub(crate) hosts: Vec<String>,
    pub(crate) witness: Witness,
    pub(crate) peers: Peers<N>,
    /// Who leads, as far as it knows.
    leader: Cell<u64>,
    /// One request to leaders at a time: so that answers do not overtake each other.
    turn: Mutex<()>,
    /// Hosts that are down, as far as it has heard.
    down: RefCell<BTreeSet<String>>,
    tasks: RefCell<BTreeMap<(String, Kind), Running>>,
    /// Tasks that somebody gets on with.
    busy: RefCell<BTreeSet<(String, Kind)>>,
    /// Tasks that a leader has been asked to begin.
    starting: RefCell<BTreeSet<(String, Kind)>>,
    pub(crate) reads: RefCell<BTreeMap<String, Reading>>,
    pub(crate) read_turns: RefCell<BTreeMap<String, Rc<Mutex<()>>>>,
}

impl<N: Network> Gateway<N> {
    /// A gateway that knows all hosts, and leader 1.
    pub fn new(code: Code, hosts: Vec<String>, network: N, witness: Witness) -> Self {
        Gateway {
            code,
            hosts,
            peers: Peers::new(network, witness.clone()),
            witness,
            leader: Cell::new(1),
            turn: Mutex::new(()),
            down: RefCell::default(),
            tasks: RefCell::default(),
            busy: RefCell::default(),
            starting: RefCell::default(),
            reads: RefCell::default(),
            read_turns: RefCell::default(),
        }
    }

    /// What is under way, and which shards are still to be written.
    pub fn running(&self, object: &str, kind: Kind) -> Option<(Task, BTreeSet<usize>)> {
        let tasks = self.tasks.borrow();
        let running = tasks.get(&(object.to_owned(), kind))?;
        Some((running.task.clone(), running.todo()))
    }

    /// Shards that tasks under way have written, or perhaps have.
    pub fn perhaps_written(&self) -> Vec<(String, ShardId)> {
        let tasks = self.tasks.borrow();
        let of_task = |running: &Running| -> Vec<(String, ShardId)> {
            let sent = running.with_progress(|progress| progress != Progress::Unsent);
            sent.into_iter().map(|index| (running.task.place[index].clone(), running.task.shard(index))).collect()
        };
        tasks.values().flat_map(of_task).collect()
    }

    /// Asks whoever leads.
    pub(crate) async fn ask_leader(&self, request: Request) -> Result<Reply, Refusal> {
        let id = self.peers.next_id();
        self.ask_leader_as(&id, &request).await
    }

    async fn ask_leader_as(&self, id: &RequestId, request: &Request) -> Result<Reply, Refusal> {
        let _turn = self.turn.lock().await;
        let mut epoch = self.leader.get();
        for attempt in 1..=2 * ATTEMPTS_MAX {
            match self.ask_leader_of(epoch, id, request).await {
                Err(Refusal::Unreachable(_)) => {
                    self.peers.network().pause().await;
                    // Perhaps it is dead, and another leads by now.
                    epoch = if attempt % 2 == 0 { self.leader.get() } else { self.leader.get() + 1 };
                }
                Err(Refusal::Deposed { now, .. }) if now != epoch && now > 0 => epoch = now,
                answer => {
                    self.leader.set(epoch);
                    return answer;
                }
            }
        }
        Err(Refusal::Unreachable(leader_name(epoch)))
    }

    /// Asks one leader, once.
    async fn ask_leader_of(&self, epoch: u64, id: &RequestId, request: &Request) -> Result<Reply, Refusal> {
        let answer = self.peers.ask_leader(id, &leader_name(epoch), request).await?;
        if let Some(down) = answer.down {
            self.down.replace(down);
        }
        answer.reply
    }

    /// Asks a leader that may have been deposed for the entry of an object.
    pub(crate) async fn ask_old_leader(&self, epoch: u64, object: &str) -> Result<Reply, Refusal> {
        let request = Request::LookUp { object: object.to_owned() };
        let answer = self.peers.ask_leader(&self.peers.next_id(), &leader_name(epoch), &request).await?;
        answer.reply
    }

    /// Has a leader begin a task, unless one is under way. It is asked until it has answered: what may have begun is
    /// not forgotten.
    async fn start(&self, object: &str, kind: Kind, request: Request) -> Result<Task, Refusal> {
        let key = (object.to_owned(), kind);
        if self.tasks.borrow().contains_key(&key) || !self.starting.borrow_mut().insert(key.clone()) {
            return Err(Refusal::UnderWay(kind.name().to_owned()));
        }
        let id = self.peers.next_id();
        let mut answer = self.ask_leader_as(&id, &request).await;
        while let Err(Refusal::Unreachable(_)) = answer {
            self.peers.network().pause().await;
            answer = self.ask_leader_as(&id, &request).await;
        }
        self.starting.borrow_mut().remove(&key);
        match answer? {
            Reply::Task(task) => Ok(task),
            _ => Err(Refusal::WrongReceiver),
        }
    }

    fn begin(&self, task: Task, content: Option<(u64, Vec<Vec<u8>>)>) {
        let key = (task.object.clone(), task.kind);
        let progress = task.writes.iter().map(|index| (*index, (self.peers.next_id(), Progress::Unsent))).collect();
        let running = Running { task, content, progress, commit: self.peers.next_id(), uncertain: false };
        self.tasks.borrow_mut().insert(key, running);
    }

    /// `StartPut`: takes a version number and places. Gives the version.
    ///
    /// # Errors
    /// When a put of the object is under way, or the leader refuses.
    pub async fn start_put(&self, object: &str, content: &[u8], place: Option<Place>) -> Result<u64, Refusal> {
        let shards = self.code.cut(content)?;
        let task = self.start(object, Kind::Put, Request::StartPut { object: object.to_owned(), place }).await?;
        let version = task.version;
        self.begin(task, Some((content.len() as u64, shards)));
        Ok(version)
    }

    /// `StartRepair`, `StartMove`: of one shard to this host.
    ///
    /// # Errors
    /// When one is under way, or the leader refuses.
    pub async fn start_replacing(&self, kind: Kind, object: &str, index: usize, host: &str) -> Result<(), Refusal> {
        let request = Request::StartReplacing { kind, object: object.to_owned(), index, host: host.to_owned() };
        let task = self.start(object, kind, request).await?;
        self.begin(task, None);
        Ok(())
    }

    fn with<T>(&self, object: &str, kind: Kind, act: impl FnOnce(&mut Running) -> T) -> Result<T, Refusal> {
        let mut tasks = self.tasks.borrow_mut();
        let running =
            tasks.get_mut(&(object.to_owned(), kind)).ok_or(Refusal::NothingUnderWay(kind.name().to_owned()))?;
        Ok(act(running))
    }

    fn finish(&self, object: &str, kind: Kind) {
        self.tasks.borrow_mut().remove(&(object.to_owned(), kind));
    }

    /// `Write`: one shard, if need be made from others: from any, or from these.
    ///
    /// # Errors
    /// When it is not to be written, cannot be made, or the host refuses or does not answer.
    pub async fn write(
        &self,
        object: &str,
        kind: Kind,
        index: usize,
        from: Option<&BTreeSet<usize>>,
    ) -> Result<(), Refusal> {
        let running = self.with(object, kind, |running| running.clone())?;
        let task = &running.task;
        let (id, progress) = running.progress.get(&index).ok_or(Refusal::NotToBeWritten)?;
        if *progress == Progress::Written {
            return Err(Refusal::NotToBeWritten);
        }
        let host = task.place.get(index).ok_or(Refusal::NotToBeWritten)?;
        self.is_up(host, object).await?;
        let (object_bytes, bytes) = match &running.content {
            Some((length, shards)) => (*length, shards[index].clone()),
            None => self.made_from_others(task, index, from).await?,
        };
        let shard = Shard { id: task.shard(index), object_bytes, written_by: task.id, bytes };
        let disk = if let Progress::Unknown(disk) = progress { *disk } else { None };
        let asked = Progress::Unknown(disk.or_else(|| self.peers.disk_of(host)));
        self.with(object, kind, |running| running.progress.insert(index, (id.clone(), asked)))?;
        let done = self.peers.ask_as(id, host, Request::Write { shard, kind }, disk).await;
        let now = match &done {
            Ok(_) => Progress::Written,
            Err(Refusal::Unreachable(_)) => Progress::Unknown(disk.or_else(|| self.peers.disk_of(host))),
            Err(_) => *progress,
        };
        self.with(object, kind, |running| running.progress.insert(index, (id.clone(), now)))?;
        done.map(drop)
    }

    /// A shard and the object's length: the same shard copied, or rebuilt from K others.
    async fn made_from_others(
        &self,
        task: &Task,
        index: usize,
        from: Option<&BTreeSet<usize>>,
    ) -> Result<(u64, Vec<u8>), Refusal> {
        if task.kind == Kind::Move {
            let shard = self.read_to_copy(task, index).await?;
            return Ok((shard.object_bytes, shard.bytes));
        }
        let (mut sources, mut length, mut silent) = (BTreeMap::new(), 0, None);
        for other in (0..task.base.len()).filter(|other| from.is_none_or(|from| from.contains(other))) {
            if sources.len() == self.code.enough() {
                break;
            }
            match self.read_to_copy(task, other).await {
                Ok(shard) => {
                    length = shard.object_bytes;
                    sources.insert(other, shard.bytes);
                }
                Err(Refusal::NotHeld | Refusal::Rotten | Refusal::Down(_)) => {}
                Err(refusal) => silent = Some(refusal),
            }
        }
        match silent {
            Some(refusal) if sources.len() < self.code.enough() => Err(refusal),
            _ => Ok((length, self.code.rebuild(index, &sources)?)),
        }
    }

    async fn read_to_copy(&self, task: &Task, index: usize) -> Result<Shard, Refusal> {
        let host = task.base.get(index).ok_or(Refusal::NotHeld)?;
        self.read_shard(host, task.shard(index), true).await
    }

    /// Nobody asks a host that is down. What it has heard of that may be old.
    async fn is_up(&self, host: &str, object: &str) -> Result<(), Refusal> {
        if self.down.borrow().contains(host) {
            self.entry(object).await?;
        }
        if self.down.borrow().contains(host) { Err(Refusal::Down(host.to_owned())) } else { Ok(()) }
    }

    pub(crate) async fn read_shard(&self, host: &str, id: ShardId, copying: bool) -> Result<Shard, Refusal> {
        self.is_up(host, &id.object).await?;
        match self.peers.ask(host, Request::Read { id, copying }).await? {
            Reply::Shard(shard) => Ok(shard),
            _ => Err(Refusal::WrongReceiver),
        }
    }

    /// `CommitPut`, `CommitReplacing`: asks the leader with whom it was begun.
    ///
    /// # Errors
    /// When the leader refuses or does not answer.
    pub async fn commit(&self, object: &str, kind: Kind) -> Result<(), Refusal> {
        let running = self.with(object, kind, |running| running.clone())?;
        let _turn = self.turn.lock().await;
        let epoch = running.task.id.epoch;
        let request = Request::Commit { written: running.written(), task: running.task };
        let mut answer = Err(Refusal::Unreachable(leader_name(epoch)));
        for _ in 0..ATTEMPTS_MAX {
            answer = self.ask_leader_of(epoch, &running.commit, &request).await;
            if !matches!(answer, Err(Refusal::Unreachable(_))) {
                break;
            }
            self.with(object, kind, |running| running.uncertain = true)?;
            self.peers.network().pause().await;
        }
        match answer {
            Ok(_) => self.finish(object, kind),
            // Another number, as refusals are answers, too, and remembered.
            Err(Refusal::Unreachable(_)) => {}
            Err(_) => self.with(object, kind, |running| running.commit = self.peers.next_id())?,
        }
        answer.map(drop)
    }

    /// `GiveUp`: what cannot succeed any more is forgotten.
    ///
    /// # Errors
    /// When it still can, or the leader does not answer.
    pub async fn give_up(&self, object: &str, kind: Kind) -> Result<(), Refusal> {
        let running = self.with(object, kind, |running| running.clone())?;
        let unsent = running.with_progress(|progress| progress == Progress::Unsent);
        let mut starved = false;
        if running.content.is_none() {
            for index in &unsent {
                let made = self.made_from_others(&running.task, *index, None).await;
                starved |= matches!(
                    made,
                    Err(Refusal::NotEnoughShards { .. } | Refusal::NotHeld | Refusal::Rotten | Refusal::Down(_))
                );
            }
        }
        let epoch = running.task.id.epoch;
        let answer = self.ask_leader(Request::GiveUp { task: running.task, unsent, starved }).await;
        let is_fate_unknown = running.uncertain && epoch != self.leader.get();
        match answer {
            Ok(_) => self.finish(object, kind),
            Err(Refusal::NothingUnderWay(_)) => self.finish(object, kind),
            _ if is_fate_unknown => self.finish(object, kind),
            Err(_) => {}
        }
        answer.map(drop)
    }

    /// `Delete`. Gives the version as of which there is nothing.
    ///
    /// # Errors
    /// When the leader does not answer.
    pub async fn delete(&self, object: &str) -> Result<u64, Refusal> {
        match self.ask_leader(Request::Delete { object: object.to_owned() }).await? {
            Reply::Deleted(version) => Ok(version),
            _ => Err(Refusal::WrongReceiver),
        }
    }

    /// The entry of an object, from whoever leads.
    pub(crate) async fn entry(&self, object: &str) -> Result<Entry, Refusal> {
        match self.ask_leader(Request::LookUp { object: object.to_owned() }).await? {
            Reply::Entry(entry) => Ok(entry),
            _ => Err(Refusal::WrongReceiver),
        }
    }

    /// Puts an object. When this returns a version, that is durable and what is read from now on.
    ///
    /// # Errors
    /// When it cannot be put. After [`Refusal::Unreachable`] it may still be.
    pub async fn put(&self, object: &str, content: &[u8]) -> Result<u64, Refusal> {
        let version = self.start_put(object, content, None).await?;
        self.advance(object, Kind::Put).await?;
        Ok(version)
    }

    /// Gets on with a task until it is committed or given up.
    ///
    /// # Errors
    /// Why it was given up, or what it is waiting for.
    pub async fn advance(&self, object: &str, kind: Kind) -> Result<(), Refusal> {
        let key = (object.to_owned(), kind);
        if !self.busy.borrow_mut().insert(key.clone()) {
            return Err(Refusal::UnderWay(kind.name().to_owned()));
        }
        let mut outcome = Ok(());
        for _ in 0..ROUNDS_MAX {
            outcome = self.round(object, kind).await;
            if outcome.is_ok() || self.running(object, kind).is_none() {
                break;
            }
            self.peers.network().pause().await;
        }
        self.busy.borrow_mut().remove(&key);
        outcome
    }

    async fn round(&self, object: &str, kind: Kind) -> Result<(), Refusal> {
        let (_, todo) = self.running(object, kind).ok_or(Refusal::NothingUnderWay(kind.name().to_owned()))?;
        let mut why = None;
        for index in todo {
            why = self.write(object, kind, index, None).await.err().or(why);
        }
        // Whether what is written is enough, the leader decides.
        let asks = why.is_none() || self.with(object, kind, |running| running.written().len())? >= self.code.enough();
        let outcome = match (asks, why) {
            (true, _) => self.commit(object, kind).await,
            (false, why) => why.map_or(Ok(()), Err),
        };
        if outcome.is_err() && self.give_up(object, kind).await == Err(Refusal::NothingUnderWay(kind.name().to_owned()))
        {
            return Ok(()); // It was committed.
        }
        outcome
    }

    /// Takes up again what was left, and repairs what is missing. Gives how many shards were repaired.
    ///
    /// # Errors
    /// When the leader does not answer.
    pub async fn tend(&self) -> Result<usize, Refusal> {
        let left: Vec<_> = self.tasks.borrow().keys().cloned().collect();
        for (object, kind) in left {
            // Next time, then.
            let _ = self.advance(&object, kind).await;
        }
        self.replace_all(Kind::Repair, None).await
    }

    /// Moves all shards away from a host. Gives how many were.
    ///
    /// # Errors
    /// When the leader does not answer.
    pub async fn drain(&self, host: &str) -> Result<usize, Refusal> {
        self.replace_all(Kind::Move, Some(host.to_owned())).await
    }

    async fn replace_all(&self, kind: Kind, leaving: Option<String>) -> Result<usize, Refusal> {
        let Reply::Missing(missing) = self.ask_leader(Request::Survey { leaving }).await? else { return Ok(0) };
        let mut replaced = 0;
        for (object, index, host) in missing {
            if self.start_replacing(kind, &object, index, &host).await.is_ok() {
                replaced += usize::from(self.advance(&object, kind).await.is_ok());
            }
        }
        Ok(replaced)
    }

    pub(crate) fn log(&self, action: &str, object: &str, seen: u64) {
        let event = Event::action(action).param("o", object);
        self.witness.log(event.state(format!("read[{object}].seen"), &seen));
    }
}

impl Running {
    fn with_progress(&self, is: impl Fn(Progress) -> bool) -> BTreeSet<usize> {
        self.progress.iter().filter(|(_, (_, progress))| is(*progress)).map(|(index, _)| *index).collect()
    }

    fn todo(&self) -> BTreeSet<usize> {
        self.with_progress(|progress| progress != Progress::Written)
    }

    fn written(&self) -> BTreeSet<usize> {
        self.with_progress(|progress| progress == Progress::Written)
    }
}
