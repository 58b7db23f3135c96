//! Those who run a domain: they ask for changes, tell operators to approve them, and use the keys.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::digest::{Digest, Label};
use crate::host::Change;
use crate::identity::{Machine, PublicKey};
use crate::node::{Command, Console};
use crate::transport::Chance;
use crate::world::{FOUNDERS, HONEST, SPARE, SPARE_OPERATOR, World};

/// How long people wait for a change.
const CHANGE_WITHIN: Duration = Duration::from_secs(20);

/// How often they look.
const LOOKS_AFTER: Duration = Duration::from_millis(50);

/// What the people have done.
#[derive(Clone, Debug)]
pub struct Ceremonies {
    /// The newest token.
    pub current: Digest,
    /// Its members.
    pub members: BTreeSet<String>,
    /// Hosts that were removed.
    pub removed: BTreeSet<String>,
    /// Changes that were made.
    pub changes: usize,
    /// Ciphertexts, and how many of them some member did not decrypt.
    pub ciphertexts: (usize, usize),
}

impl Default for Ceremonies {
    fn default() -> Self {
        Ceremonies {
            current: Digest::of(Label::Change, &[]),
            members: BTreeSet::new(),
            removed: BTreeSet::new(),
            changes: 0,
            ciphertexts: (0, 0),
        }
    }
}

/// The people.
#[derive(Debug)]
pub struct People {
    hosts: BTreeMap<String, Console>,
    operators: BTreeMap<String, Console>,
    spare: Machine,
    spare_operator: PublicKey,
    chance: Chance,
    done: Ceremonies,
}

impl People {
    /// They begin. The seed decides what they want.
    pub fn of(world: &World, seed: u64) -> Self {
        let members = FOUNDERS.map(str::to_owned).into();
        People {
            hosts: world.hosts.clone(),
            operators: world.operators.clone(),
            spare: world.machines[SPARE].clone(),
            spare_operator: world.signers[SPARE_OPERATOR].public(),
            chance: Chance::new(seed),
            done: Ceremonies { current: world.founding, members, ..Ceremonies::default() },
        }
    }

    /// Their work: so many changes, with letters encrypted between them and decrypted in the end.
    pub async fn work(mut self, changes: usize) -> Ceremonies {
        for round in 0..changes {
            self.anybody().tell(Command::Encrypt(format!("letter {round}").into_bytes()));
            if self.change().await {
                self.done.changes += 1;
            }
        }
        self.decrypt().await;
        self.done
    }

    fn anybody(&mut self) -> Console {
        let members: Vec<_> = self.done.members.iter().collect();
        let number = usize::try_from(self.chance.below(members.len() as u64)).unwrap_or(0);
        self.hosts[members[number]].clone()
    }

    fn wish(&mut self) -> Change {
        let joined = self.done.members.contains(SPARE) || self.done.removed.contains(SPARE);
        match self.chance.below(4) {
            0 if !joined => Change::Add(self.spare.clone()),
            0 | 1 if self.done.members.len() > 1 => Change::Remove(self.anybody().name),
            2 if self.done.changes > 0 => Change::Replace {
                leaves: HONEST[0].to_owned(),
                joins: (SPARE_OPERATOR.to_owned(), self.spare_operator),
            },
            _ => Change::Rotate,
        }
    }

    /// One change, from the wish to where every member serves under it. False if that takes too long.
    async fn change(&mut self) -> bool {
        let (change, asked) = (self.wish(), self.anybody());
        let (before, mut waited) = (asked.shown().proposed.len(), Duration::ZERO);
        while asked.shown().proposed.len() == before {
            asked.tell(Command::Propose(change.clone()));
            tokio::time::sleep(LOOKS_AFTER).await;
            waited += LOOKS_AFTER;
            if waited > CHANGE_WITHIN {
                return false;
            }
        }
        let Some(id) = asked.shown().proposed.get(before).copied() else { return false };
        self.operators.values().for_each(|operator| operator.tell(Command::Approve(id)));
        let mut members = self.done.members.clone();
        match &change {
            Change::Add(machine) => drop(members.insert(machine.name.clone())),
            Change::Remove(name) => drop(members.remove(name)),
            Change::Replace { .. } | Change::Rotate => {}
        }
        let is_there = |name: &String| self.hosts[name].shown().is_serving && self.hosts[name].shown().last == Some(id);
        let mut waited = Duration::ZERO;
        while !members.iter().all(is_there) {
            tokio::time::sleep(LOOKS_AFTER).await;
            waited += LOOKS_AFTER;
            if waited > CHANGE_WITHIN {
                return false;
            }
        }
        if let Change::Remove(name) = change {
            self.done.removed.insert(name);
        }
        (self.done.members, self.done.current) = (members, id);
        true
    }

    /// Everybody who serves decrypts everything.
    async fn decrypt(&mut self) {
        let ciphertexts: Vec<_> = self.hosts.values().flat_map(|host| host.shown().encrypted.clone()).collect();
        let mut closed = 0;
        for name in &self.done.members {
            let host = &self.hosts[name];
            for ciphertext in &ciphertexts {
                let before = host.shown().decrypted.len();
                let is_open = || host.shown().decrypted.iter().skip(before).any(Result::is_ok);
                // It may have crashed, and have to be given its token first.
                let mut waited = Duration::ZERO;
                while !is_open() && waited < CHANGE_WITHIN {
                    host.tell(Command::Decrypt(ciphertext.clone()));
                    tokio::time::sleep(LOOKS_AFTER).await;
                    waited += LOOKS_AFTER;
                }
                closed += usize::from(!is_open());
            }
        }
        self.done.ciphertexts = (ciphertexts.len(), closed);
    }
}
