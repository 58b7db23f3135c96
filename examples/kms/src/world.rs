//! Who takes part in a run, and how it ended: a domain that was just founded, with its machines, operators and the
//! adversary around it. `spec/Runs.cfg` has the same names.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;

use rand_chacha::ChaCha20Rng;
use tempfile::TempDir;

use crate::adversary::Adversary;
use crate::archive::Archive;
use crate::digest::Digest;
use crate::founding::found;
use crate::host::Host;
use crate::identity::{Machine, Maker, Signer};
use crate::journal::numbered;
use crate::module::Module;
use crate::node::{Console, STORAGE};
use crate::operator::{Operator, Policy};
use crate::people::Ceremonies;
use crate::token::Record;

/// Members from the beginning.
pub const FOUNDERS: [&str; 3] = ["h1", "h2", "h3"];

/// A machine that may join.
pub const SPARE: &str = "h4";

/// Operators from the beginning, but for the one in the adversary's pay.
pub const HONEST: [&str; 2] = ["o1", "o2"];

/// An operator who may take somebody's place.
pub const SPARE_OPERATOR: &str = "o3";

/// The operator in the adversary's pay, and the adversary's name on the network.
pub const CORRUPT: &str = "mallory";

/// The adversary's machine.
pub const OUTSIDER: &str = "eve";

/// What may go wrong with a run itself.
pub type Fallible<T> = Result<T, Box<dyn Error>>;

/// How a run ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// What the nodes logged, with the spec's numbers for tokens.
    pub log: String,
    /// Hosts that serve, with their tokens.
    pub serving: BTreeMap<String, Digest>,
    /// Hosts that were removed.
    pub removed: BTreeSet<String>,
    /// Changes that were made.
    pub changes: usize,
    /// The key of the newest token that was made by a change.
    pub current_key: Digest,
    /// Keys that the adversary can compute after it has taken all removed hosts.
    pub leaked: BTreeSet<Digest>,
    /// Ciphertexts, and how many of them some serving host does not decrypt.
    pub ciphertexts: (usize, usize),
}

/// All that takes part.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
    /// The founding token.
    pub founding: Digest,
    /// Hosts, from outside.
    pub hosts: BTreeMap<String, Console>,
    /// Honest operators, from outside.
    pub operators: BTreeMap<String, Console>,
    /// What they sign with.
    pub signers: BTreeMap<String, Signer>,
    /// Genuine machines.
    pub machines: BTreeMap<String, Machine>,
    /// What operators know.
    pub policy: Policy,
    /// The adversary, as it begins.
    pub adversary: Adversary,
}

impl World {
    /// Founds a domain. Its hosts are then switched off and carried to where they will work.
    ///
    /// # Errors
    /// The disk's.
    pub fn found(rng: &mut ChaCha20Rng) -> Fallible<Self> {
        let (folder, maker) = (tempfile::tempdir()?, Maker::new(rng));
        let mut adversary = Adversary::default();
        let (mut machines, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        for name in FOUNDERS.into_iter().chain([SPARE]) {
            let (secret, machine) = maker.make(name, rng);
            machines.insert(name.to_owned(), machine);
            secrets.insert(name.to_owned(), secret);
        }
        adversary.build(OUTSIDER, rng);
        let signers: BTreeMap<String, Signer> =
            HONEST.iter().chain([&SPARE_OPERATOR]).map(|name| ((*name).to_owned(), Signer::generate(rng))).collect();
        let mut governors: BTreeMap<_, _> =
            HONEST.iter().map(|name| ((*name).to_owned(), signers[*name].public())).collect();
        governors.insert(CORRUPT.to_owned(), adversary.corrupt(CORRUPT, rng));
        let founders: Vec<_> = FOUNDERS.iter().map(|name| machines[*name].clone()).collect();
        let (token, envelope) = found(&founders, governors, 1, rng)?;
        let archive = Archive::at(folder.path().join(STORAGE))?;
        archive.put(&Record::Proposal(token.bytes().to_vec()))?;
        archive.put(&Record::Envelope(envelope))?;
        let evidence = archive.evidence()?;
        let policy = Policy { founding: token.id(), maker: maker.public(), corrupt_max: 1 };
        let hosts: BTreeMap<_, _> = machines.keys().map(|name| (name.clone(), Console::new(name))).collect();
        let operators = signers.keys().map(|name| (name.clone(), Console::new(name))).collect();
        let world = World { folder, founding: token.id(), hosts, operators, signers, machines, policy, adversary };
        for (name, secret) in &secrets {
            let module = Module::at(world.module(name))?;
            Host::make(&module, secret, &world.machines[name], token.id())?;
            if FOUNDERS.contains(&name.as_str()) {
                Host::boot(module)?.receive(token.id(), &evidence)?;
                let journal = &world.hosts[name].journal;
                journal.log(journal.host("Crash"));
            }
        }
        Ok(world)
    }

    /// The folder of what a node keeps to itself.
    pub fn module(&self, name: &str) -> PathBuf {
        self.folder.path().join("modules").join(name)
    }

    /// The folder of the storage.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join(STORAGE)
    }

    /// An operator as it starts.
    ///
    /// # Errors
    /// The disk's.
    pub fn operator(&self, name: &str) -> std::io::Result<Operator> {
        Ok(Operator::new(self.signers[name].clone(), self.policy.clone(), Module::at(self.module(name))?))
    }

    /// What came of a run: the adversary takes the hosts that were removed, and tries what it can open.
    ///
    /// # Errors
    /// The disk's.
    pub fn outcome(&self, log: &str, done: Ceremonies) -> Fallible<Outcome> {
        let evidence = Archive::at(self.storage())?.evidence()?;
        let mut adversary = self.adversary.clone();
        for name in &done.removed {
            let (secrets, machine) = Host::boot(Module::at(self.module(name))?)?.into_secrets();
            adversary.capture(secrets, machine);
        }
        let serving = self.hosts.iter().filter(|(_, console)| console.shown().is_serving);
        let serving = serving.filter_map(|(name, console)| Some((name.clone(), console.shown().last?)));
        Ok(Outcome {
            log: numbered(log, self.founding),
            serving: serving.collect(),
            removed: done.removed,
            changes: done.changes,
            current_key: evidence.proposal(done.current)?.current_key(),
            leaked: adversary.known(&evidence).into_keys().collect(),
            ciphertexts: done.ciphertexts,
        })
    }
}
