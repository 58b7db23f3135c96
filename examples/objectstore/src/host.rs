//! A host: it keeps shards on its disk, and reads them now and then to find those that have rotted.
//!
//! What it is asked may arrive twice, late, or after it has started again. A request is carried out once; one that
//! was overtaken by what its sender did later, or was meant for the host before it started again, not at all.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;

use tlaloc_link::Event;

use crate::disk::{Disk, Incarnation, Shard, ShardId};
use crate::guards::Guards;
use crate::message::{Answer, Kind, Packet, Reply, Request, RequestId};
use crate::network::{Network, Node};
use crate::peers::Answers;
use crate::refusal::Refusal;
use crate::witness::{NamedShard, Witness, index_name};

/// A host, from one start to the next.
pub struct Host {
    disk: Disk,
    guards: Guards,
    witness: Witness,
    incarnation: Incarnation,
    admitted: Cell<bool>,
    /// The latest leader it has heard of.
    epoch: Cell<u64>,
    answered: Answers,
    asked: Cell<u64>,
}

impl Host {
    /// Starts a host on its disk. It does nothing before it is admitted.
    ///
    /// # Errors
    /// When the disk cannot be read or written.
    pub fn start(disk: Disk, new_label: u64, guards: Guards, witness: Witness) -> io::Result<Rc<Self>> {
        let incarnation = disk.start(new_label)?;
        Ok(Rc::new(Host {
            disk,
            guards,
            witness,
            incarnation,
            admitted: Cell::new(false),
            epoch: Cell::new(0),
            answered: Answers::default(),
            asked: Cell::new(0),
        }))
    }

    /// Asks the leaders until one admits it.
    ///
    /// # Errors
    /// When one refuses for another reason than not being the leader.
    pub async fn join(&self, network: &impl Network, leaders: &[String]) -> Result<(), Refusal> {
        loop {
            for leader in leaders {
                let packet = self.admission();
                match network.call(leader, &packet).await {
                    Ok(answer) => {
                        self.witness.heard(&answer.clock);
                        match answer.reply {
                            Ok(_) => {
                                self.admitted.set(true);
                                return Ok(());
                            }
                            Err(Refusal::Deposed { .. }) => {}
                            Err(refusal) => return Err(refusal),
                        }
                    }
                    Err(_) => network.pause().await,
                }
            }
            network.pause().await;
        }
    }

    fn admission(&self) -> Packet {
        self.asked.set(self.asked.get() + 1);
        let Incarnation { disk, start } = self.incarnation;
        let from = format!("{} {disk} {start}", self.witness.name());
        Packet {
            id: RequestId { from, number: self.asked.get() },
            clock: self.witness.clock(),
            incarnation: None,
            request: Request::Admit { host: self.witness.name().to_owned(), incarnation: self.incarnation },
        }
    }

    /// May it do anything?
    pub fn is_admitted(&self) -> bool {
        self.admitted.get()
    }

    /// Nature: a bit of a shard flips.
    ///
    /// # Errors
    /// When the shard is not there.
    pub fn rot(&self, id: &ShardId) -> io::Result<()> {
        self.disk.rot(id, 0)?;
        let shard = NamedShard { good: true, ..self.named(id) };
        self.log(Event::action("Rot").param("h", self.witness.name()).param("s", &shard));
        Ok(())
    }

    /// `Scrub`: reads every shard, and drops the rotten ones. Gives those.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn scrub(&self) -> Result<Vec<ShardId>, Refusal> {
        if !self.guards.scrubs {
            return Err(Refusal::NeverDone);
        }
        if !self.admitted.get() {
            return Err(Refusal::NotAdmitted);
        }
        let mut dropped = Vec::new();
        for id in self.disk.shards()? {
            if self.disk.read(&id) == Err(Refusal::Rotten) {
                let shard = self.named(&id);
                self.disk.remove(&id)?;
                self.log(Event::action("Scrub").param("h", self.witness.name()).param("s", &shard));
                dropped.push(id);
            }
        }
        Ok(dropped)
    }

    /// What is on the disk, as the specification has it: a shard is good if its checksum is right.
    pub fn named_shards(&self) -> BTreeSet<NamedShard> {
        self.disk.shards().unwrap_or_default().iter().map(|id| self.named(id)).collect()
    }

    fn named(&self, id: &ShardId) -> NamedShard {
        let (object, index) = (id.object.clone(), index_name(id.index));
        NamedShard { object, version: id.version, index, good: self.disk.read(id).is_ok() }
    }

    fn log(&self, event: Event) {
        let path = format!("disk[{}]", self.witness.name());
        self.witness.log(event.state(path, &self.named_shards()));
    }

    /// What the request makes it do; a request that has been carried out gets the same answer again.
    fn carry_out(&self, packet: &Packet) -> Result<Reply, Refusal> {
        if let Some(answer) = self.answered.to(&packet.id) {
            return answer;
        }
        if matches!(packet.request, Request::Suspend) {
            self.admitted.set(false);
            return Ok(Reply::Done);
        }
        if !self.admitted.get() {
            return Err(Refusal::NotAdmitted);
        }
        if packet.incarnation != Some(self.incarnation) {
            return Err(Refusal::StartedAgain(self.incarnation));
        }
        let reply = match &packet.request {
            Request::Ping => return Ok(Reply::Done),
            Request::Has { id } => return Ok(Reply::Has(self.disk.has(id))),
            Request::List => return Ok(Reply::Shards(self.disk.shards()?)),
            Request::Read { id, copying } => return self.read(id, *copying),
            _ if self.witness.knows_better(&packet.id.from, &packet.clock) => return Err(Refusal::OvertakenMessage),
            Request::Write { shard, kind } => {
                self.heard_of(shard.written_by.epoch);
                self.hearing(packet, || self.write(shard, *kind))
            }
            Request::Remove { id, epoch } => {
                self.heard_of(*epoch);
                self.hearing(packet, || self.remove(id, *epoch))
            }
            _ => Err(Refusal::WrongReceiver),
        };
        self.answered.remember(&packet.id, &reply);
        reply
    }

    /// What is done because of a message comes after what its sender knew.
    fn hearing(&self, packet: &Packet, act: impl FnOnce() -> Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        self.witness.heard(&packet.clock);
        act()
    }

    fn heard_of(&self, epoch: u64) {
        self.epoch.set(self.epoch.get().max(epoch));
    }

    fn read(&self, id: &ShardId, copying: bool) -> Result<Reply, Refusal> {
        let looks = self.guards.verifies_checksums || !copying;
        let shard = if looks { self.disk.read(id) } else { self.disk.read_unverified(id) };
        shard.map(Reply::Shard)
    }

    /// `Write`. A put finds its shard there only if it has written it before, and the answer was lost.
    fn write(&self, shard: &Shard, kind: Kind) -> Result<Reply, Refusal> {
        let known = self.disk.read_unverified(&shard.id);
        if known.is_ok_and(|known| known.written_by == shard.written_by) {
            return Ok(Reply::Done);
        }
        if kind != Kind::Put || !self.says_it_holds(&shard.id)? {
            self.disk.write(shard)?;
        }
        let event = Event::action("Write").param("o", &shard.id.object).param("w", kind.name());
        self.log(event.param("i", &index_name(shard.id.index)));
        Ok(Reply::Done)
    }

    /// What it answers to a put about to write a shard.
    fn says_it_holds(&self, id: &ShardId) -> Result<bool, Refusal> {
        if self.guards.names_versions {
            return Ok(self.disk.has(id));
        }
        Ok(self.disk.shards()?.iter().any(|held| held.object == id.object && held.index == id.index))
    }

    /// `Collect`, the host's part. A leader that has been succeeded does not know what is being written.
    fn remove(&self, id: &ShardId, epoch: u64) -> Result<Reply, Refusal> {
        if epoch < self.epoch.get() {
            return Err(Refusal::Deposed { epoch, now: self.epoch.get() });
        }
        if self.disk.remove(id)? {
            self.log(Event::action("Collect").param("h", self.witness.name()));
        }
        Ok(Reply::Done)
    }
}

impl Node for Host {
    fn answer(&self, packet: Packet) -> Pin<Box<dyn Future<Output = Answer> + '_>> {
        Box::pin(async move {
            let reply = self.carry_out(&packet);
            Answer { clock: self.witness.clock(), down: None, reply }
        })
    }
}
