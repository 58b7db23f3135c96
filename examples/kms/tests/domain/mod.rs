//! The implementation in the words of `spec/Observed.tla`: real hosts and operators, real files, and an adversary
//! that really tries what it has.
//!
//! The spec numbers tokens in the order in which they are made, the implementation knows them by their digests: the
//! adapter keeps the list. What is observed is found out, not remembered: who can open an envelope by opening it, what
//! a host holds by having it decrypt, what the adversary knows by trying all its secrets on all that is stored.

use std::collections::{BTreeMap, BTreeSet};

use key_domain::adversary::{Adversary, Claims};
use key_domain::archive::Archive;
use key_domain::digest::Digest;
use key_domain::evidence::Evidence;
use key_domain::founding::found;
use key_domain::host::{Change, Host, Received, Refusal};
use key_domain::identity::{Machine, Maker, PublicKey, Secrets, Signer};
use key_domain::module::Module;
use key_domain::operator::{Operator, Policy};
use key_domain::seal::Ciphertext;
use key_domain::token::{Proposal, Record};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tlaloc_link::{Action, Adapter, AdapterError, Applied, Start};

/// Who is who in the models is not part of their states, so it goes by the names.
const CORRUPT: [&str; 1] = ["mallory"];
const OUTSIDERS: [&str; 1] = ["eve"];
const SPARE_OPERATORS: [&str; 1] = ["o3"];

const DATA: &[u8] = b"what a customer entrusted to the domain";

/// A token, as the spec has it.
#[derive(Serialize, Deserialize, Clone)]
struct Token {
    parent: usize,
    lineage: BTreeSet<usize>,
    members: BTreeSet<String>,
    operators: BTreeSet<String>,
    quorum: u32,
    key: usize,
    keys: BTreeSet<usize>,
    author: String,
    forged: bool,
}

#[derive(Deserialize)]
struct SpecChange {
    members: BTreeSet<String>,
    operators: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Rule {
    operators: BTreeSet<String>,
    quorum: u32,
}

/// All variables of the spec.
#[derive(Serialize)]
pub(crate) struct Observed {
    token: Vec<Token>,
    approvals: Vec<BTreeSet<String>>,
    keyed: Vec<BTreeSet<String>>,
    last: BTreeMap<String, usize>,
    running: BTreeSet<String>,
    halted: BTreeSet<String>,
    captured: BTreeSet<String>,
    ciphertexts: BTreeSet<usize>,
    known: BTreeSet<usize>,
    held: BTreeMap<String, BTreeSet<usize>>,
}

/// A domain with all that is around it.
pub(crate) struct Domain {
    folder: TempDir,
    archive: Archive,
    rng: ChaCha20Rng,
    machines: BTreeMap<String, Machine>,
    hosts: BTreeMap<String, Host>,
    captured: BTreeSet<String>,
    operators: BTreeMap<String, Operator>,
    operator_keys: BTreeMap<String, PublicKey>,
    adversary: Adversary,
    /// Has everybody's secrets: finds out what a key opens.
    omniscient: Adversary,
    secrets: BTreeMap<String, Secrets>,
    /// Token 1 is the first.
    tokens: Vec<Digest>,
    token_max: usize,
    forged: BTreeSet<Digest>,
    ciphertexts: Vec<Ciphertext>,
}

impl Domain {
    /// Nothing yet: the trace says who takes part.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Domain {
            archive: Archive::at(folder.path().join("archive")).expect("a folder for the archive"),
            folder,
            rng: ChaCha20Rng::seed_from_u64(0),
            machines: BTreeMap::new(),
            hosts: BTreeMap::new(),
            captured: BTreeSet::new(),
            operators: BTreeMap::new(),
            operator_keys: BTreeMap::new(),
            adversary: Adversary::default(),
            omniscient: Adversary::default(),
            secrets: BTreeMap::new(),
            tokens: Vec::new(),
            token_max: 0,
            forged: BTreeSet::new(),
            ciphertexts: Vec::new(),
        }
    }

    fn module(&self, name: &str) -> Result<Module, AdapterError> {
        Ok(Module::at(self.folder.path().join("modules").join(name))?)
    }

    /// The founding, and hosts that have installed its token.
    fn begin(&mut self, names: &BTreeMap<String, usize>, governors: &BTreeSet<String>) -> Result<(), AdapterError> {
        let maker = Maker::new(&mut self.rng);
        for name in names.keys() {
            let (secrets, machine) = maker.make(name, &mut self.rng);
            self.omniscient.capture(secrets.clone(), machine.clone());
            self.secrets.insert(name.clone(), secrets);
            self.machines.insert(name.clone(), machine);
        }
        for name in OUTSIDERS {
            let machine = self.adversary.build(name, &mut self.rng);
            self.machines.insert(name.to_owned(), machine);
        }
        let spares = SPARE_OPERATORS.map(str::to_owned).into();
        let mut signers = BTreeMap::new();
        for name in governors.union(&spares) {
            let public = if CORRUPT.contains(&name.as_str()) {
                self.adversary.corrupt(name, &mut self.rng)
            } else {
                let signer = Signer::generate(&mut self.rng);
                signers.entry(name.clone()).or_insert(signer).public()
            };
            self.operator_keys.insert(name.clone(), public);
        }
        let founders: Vec<Machine> =
            names.iter().filter(|(_, last)| **last == 1).map(|(name, _)| self.machines[name].clone()).collect();
        let operators: BTreeMap<_, _> = governors.iter().map(|name| (name.clone(), self.operator_keys[name])).collect();
        let corrupt_max = u32::try_from(governors.iter().filter(|name| CORRUPT.contains(&name.as_str())).count())?;
        let (token, envelope) = found(&founders, operators, corrupt_max, &mut self.rng)?;
        let policy = Policy { founding: token.id(), maker: maker.public(), corrupt_max };
        for (name, signer) in signers {
            let operator = Operator::new(signer, policy.clone(), self.module(&name)?);
            self.operators.insert(name, operator);
        }
        self.publish(&token)?;
        self.archive.put(&Record::Envelope(envelope))?;
        let evidence = self.archive.evidence()?;
        for name in names.keys() {
            let module = self.module(name)?;
            Host::make(&module, &self.secrets[name], &self.machines[name], token.id())?;
            let mut host = Host::boot(module)?;
            if founders.contains(host.machine()) {
                host.receive(token.id(), &evidence)?;
            }
            self.hosts.insert(name.clone(), host);
        }
        Ok(())
    }

    fn publish(&mut self, proposal: &Proposal) -> Result<(), AdapterError> {
        self.archive.put(&Record::Proposal(proposal.bytes().to_vec()))?;
        self.tokens.push(proposal.id());
        Ok(())
    }

    fn token(&self, action: &Action<'_>) -> Result<Digest, AdapterError> {
        let number: usize = action.parameter("i")?;
        let token = number.checked_sub(1).and_then(|index| self.tokens.get(index));
        token.copied().ok_or_else(|| format!("there is no token {number} yet").into())
    }

    fn host(&mut self, action: &Action<'_>) -> Result<&mut Host, AdapterError> {
        let name: String = action.parameter("h")?;
        self.hosts.get_mut(&name).ok_or_else(|| format!("there is no host {name}").into())
    }

    fn named(&self, names: BTreeSet<String>) -> BTreeMap<String, PublicKey> {
        names.into_iter().map(|name| (name.clone(), self.operator_keys[&name])).collect()
    }

    fn propose(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let (name, wanted): (String, SpecChange) = (action.parameter("h")?, action.parameter("change")?);
        let Some(token) = self.hosts.get(&name).and_then(Host::token) else {
            return Ok(Applied::Refused("it does not serve".to_owned()));
        };
        let is_new = |name: &&String| !token.body().members.contains_key(*name);
        let added = wanted.members.iter().find(is_new).map(|name| Change::Add(self.machines[name].clone()));
        let removed = token.body().members.keys().find(|name| !wanted.members.contains(*name)).cloned();
        let leaves = token.body().operators.keys().find(|name| !wanted.operators.contains(*name)).cloned();
        let joins = wanted.operators.iter().find(|name| !token.body().operators.contains_key(*name));
        let replaced = leaves.zip(joins.map(|name| (name.clone(), self.operator_keys[name])));
        let replaced = replaced.map(|(leaves, joins)| Change::Replace { leaves, joins });
        let change = added.or(removed.map(Change::Remove)).or(replaced).unwrap_or(Change::Rotate);
        let host = self.hosts.get(&name).ok_or("there is no such host")?;
        match host.propose(&change, &mut self.rng) {
            Ok((proposal, true)) => self.publish(&proposal)?,
            Ok((_, false)) => return Ok(Applied::Refused("it has proposed that".to_owned())),
            Err(refusal) => return Ok(refused(&refusal)),
        }
        Ok(Applied::Done)
    }

    fn approve(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let (name, id) = (action.parameter::<String>("o")?, self.token(action)?);
        let operator = self.operators.get(&name).ok_or_else(|| format!("there is no operator {name}"))?;
        match operator.approve(id, &self.archive.evidence()?) {
            Ok(approval) => self.archive.put(&Record::Approval(approval))?,
            Err(objection) => return Ok(Applied::Refused(objection.to_string())),
        }
        Ok(Applied::Done)
    }

    fn issue(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let (name, id, evidence) = (action.parameter::<String>("h")?, self.token(action)?, self.archive.evidence()?);
        let host = self.hosts.get(&name).ok_or("there is no such host")?;
        match host.issue(id, &evidence, &mut self.rng) {
            Ok(envelope) => self.archive.put(&Record::Envelope(envelope))?,
            Err(refusal) => return Ok(refused(&refusal)),
        }
        Ok(Applied::Done)
    }

    fn deliver(&mut self, action: &Action<'_>, wanted: Received) -> Result<Applied, AdapterError> {
        let (id, evidence) = (self.token(action)?, self.archive.evidence()?);
        Ok(match self.host(action)?.receive(id, &evidence) {
            Ok(received) if received == wanted => Applied::Done,
            Ok(received) => Applied::Refused(format!("{received:?}")),
            Err(refusal) => refused(&refusal),
        })
    }

    /// The adversary gives a host a token. The spec has this step whatever the host makes of it.
    fn give(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let (id, evidence) = (self.token(action)?, self.archive.evidence()?);
        // What the host has done is observed.
        let _ = self.host(action)?.receive(id, &evidence);
        Ok(Applied::Done)
    }

    fn crash(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let name: String = action.parameter("h")?;
        let host = self.hosts.remove(&name).ok_or("there is no such host")?;
        let served = host.is_serving();
        drop(host);
        let again = Host::boot(self.module(&name)?)?;
        self.hosts.insert(name, again);
        Ok(if served { Applied::Done } else { Applied::Refused("it does not serve".to_owned()) })
    }

    fn encrypt(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let name: String = action.parameter("h")?;
        let host = self.hosts.get(&name).ok_or("there is no such host")?;
        Ok(match host.encrypt(DATA, &mut self.rng) {
            Ok(ciphertext) => {
                self.ciphertexts.push(ciphertext);
                Applied::Done
            }
            Err(refusal) => refused(&refusal),
        })
    }

    fn capture(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let name: String = action.parameter("h")?;
        let host = self.hosts.remove(&name).ok_or("there is no such host")?;
        let (secrets, machine) = host.into_secrets();
        self.adversary.capture(secrets, machine);
        self.captured.insert(name);
        Ok(Applied::Done)
    }

    fn sign_anything(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let name: String = action.parameter("o")?;
        let approval = self.adversary.sign_anything(&name, self.token(action)?);
        self.archive.put(&Record::Approval(approval.ok_or("the adversary has no such operator")?))?;
        Ok(Applied::Done)
    }

    fn forge(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        let (author, members): (String, BTreeSet<String>) = (action.parameter("m")?, action.parameter("members")?);
        let (rule, parent, evidence) =
            (action.parameter::<Rule>("rule")?, self.token(action)?, self.archive.evidence()?);
        let tokens: Vec<Token> = action.next()["token"].decode()?;
        let made = tokens.get(self.tokens.len()).ok_or("there is no room for a token")?;
        let claims = Claims {
            members: members.into_iter().map(|name| (name.clone(), self.machines[&name].clone())).collect(),
            operators: self.named(rule.operators),
            quorum: rule.quorum,
            keeps_old_keys: made.keys.len() > 1,
        };
        let parent = evidence.proposal(parent)?;
        let (token, envelope) = self.adversary.forge(&author, parent, claims, &evidence, &mut self.rng)?;
        self.forged.insert(token.id());
        self.publish(&token)?;
        self.archive.put(&Record::Envelope(envelope))?;
        Ok(Applied::Done)
    }
}

fn refused(refusal: &Refusal) -> Applied {
    Applied::Refused(refusal.to_string())
}

/// What is seen.
impl Domain {
    fn number(&self, id: Digest) -> Option<usize> {
        self.tokens.iter().position(|token| *token == id).map(|index| index + 1)
    }

    fn numbers(&self, ids: impl IntoIterator<Item = Digest>) -> BTreeSet<usize> {
        ids.into_iter().filter_map(|id| self.number(id)).collect()
    }

    fn observe_token(&self, id: Digest, evidence: &Evidence) -> Option<Token> {
        let token = evidence.proposal(id).ok()?;
        let body = token.body();
        // A machine is the one of the spec if it has that one's keys, too.
        let is_right = body.members.iter().all(|(name, machine)| self.machines.get(name) == Some(machine));
        let operators_right = body.operators.iter().all(|(name, key)| self.operator_keys.get(name) == Some(key));
        if !is_right || !operators_right {
            return None;
        }
        Some(Token {
            parent: body.parent.and_then(|parent| self.number(parent)).unwrap_or(0),
            lineage: self.numbers(evidence.lineage(id).ok()?.iter().map(|ancestor| ancestor.id())),
            members: body.members.keys().cloned().collect(),
            operators: body.operators.keys().cloned().collect(),
            quorum: body.quorum,
            key: self.number(token.current_key())?,
            keys: self.numbers(token.keys().into_keys()),
            author: body.author.as_ref().map_or("nobody".to_owned(), |author| author.name.clone()),
            forged: self.forged.contains(&id),
        })
    }

    fn observe_approvals(&self, id: Digest, evidence: &Evidence) -> BTreeSet<String> {
        let signers: BTreeSet<_> = evidence.signers(id).collect();
        self.operator_keys.iter().filter(|(_, key)| signers.contains(key)).map(|(name, _)| name.clone()).collect()
    }

    /// Machines that open an envelope of the token and find all its keys. Envelopes of forged tokens are the
    /// adversary's, which the spec does not count.
    fn observe_keyed(&self, id: Digest, evidence: &Evidence) -> BTreeSet<String> {
        let Ok(token) = evidence.proposal(id) else { return BTreeSet::new() };
        let opens = |name: &str, secrets: &Secrets| {
            let mut opened = evidence.envelopes(id).iter().filter_map(|e| e.open(name, &secrets.agreement).ok());
            opened.any(|keys| keys.keys().eq(token.keys().keys()))
        };
        let is_forged = self.forged.contains(&id);
        let machines = self.secrets.iter().filter(|(name, secrets)| !is_forged && opens(name, secrets));
        let mut keyed: BTreeSet<_> = machines.map(|(name, _)| name.clone()).collect();
        for name in OUTSIDERS {
            if !is_forged && self.adversary.opens(name, token, evidence) {
                keyed.insert(name.to_owned());
            }
        }
        keyed
    }

    /// Keys with which the host really decrypts.
    fn observe_held(&self, host: &Host, probes: &[Ciphertext]) -> BTreeSet<usize> {
        let decrypts = |ciphertext: &&Ciphertext| host.decrypt(ciphertext).is_ok_and(|data| data == DATA);
        let held = self.numbers(probes.iter().filter(decrypts).map(|probe| probe.key));
        for ciphertext in &self.ciphertexts {
            let is_held = self.number(ciphertext.key).is_some_and(|key| held.contains(&key));
            assert_eq!(decrypts(&ciphertext), is_held, "a ciphertext is no other than a probe under its key");
        }
        held
    }

    /// Something under each key that there is.
    fn probes(&mut self, evidence: &Evidence) -> Vec<Ciphertext> {
        let mut keys = self.omniscient.known(evidence);
        keys.extend(self.adversary.known(evidence));
        let probes = keys.iter().map(|(id, key)| key.encrypt(*id, DATA, &mut self.rng));
        probes.collect::<Result<_, _>>().expect("there is room to encrypt")
    }

    fn blank() -> Token {
        Token {
            parent: 0,
            lineage: BTreeSet::new(),
            members: BTreeSet::new(),
            operators: BTreeSet::new(),
            quorum: 0,
            key: 0,
            keys: BTreeSet::new(),
            author: "nobody".to_owned(),
            forged: false,
        }
    }
}

impl Adapter for Domain {
    type Observation = Observed;

    fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        self.rng = ChaCha20Rng::seed_from_u64(start.seed());
        let last: BTreeMap<String, usize> = start.variable("last")?;
        let tokens: Vec<Token> = start.variable("token")?;
        self.token_max = tokens.len();
        self.begin(&last, &tokens.first().ok_or("there is no founding token")?.operators)
    }

    fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        match action.name() {
            "Propose" => self.propose(action),
            "Approve" => self.approve(action),
            "Issue" => self.issue(action),
            "Deliver" => self.deliver(action, Received::Installed),
            "Retire" => self.deliver(action, Received::Retired),
            "Crash" => self.crash(action),
            "Encrypt" => self.encrypt(action),
            "Inject" | "Replay" => self.give(action),
            "Capture" => self.capture(action),
            "SignAnything" => self.sign_anything(action),
            "Forge" => self.forge(action),
            _ => Err(action.unknown()),
        }
    }

    fn observe(&mut self) -> Observed {
        let evidence = self.archive.evidence().expect("the archive can be read");
        let probes = self.probes(&evidence);
        let slots = |of: &dyn Fn(Digest) -> BTreeSet<String>| -> Vec<_> {
            let mut slots: Vec<_> = self.tokens.iter().map(|id| of(*id)).collect();
            slots.resize(self.token_max, BTreeSet::new());
            slots
        };
        let mut token: Vec<_> = self.tokens.iter().filter_map(|id| self.observe_token(*id, &evidence)).collect();
        token.resize(self.token_max, Domain::blank());
        let hosts = || self.hosts.iter();
        let names = |is: &dyn Fn(&Host) -> bool| hosts().filter(|(_, h)| is(h)).map(|(name, _)| name.clone()).collect();
        let last = |host: &Host| host.last().and_then(|id| self.number(id)).unwrap_or(0);
        let captured = || self.captured.iter().cloned();
        let held = hosts().map(|(name, host)| (name.clone(), self.observe_held(host, &probes)));
        Observed {
            token,
            approvals: slots(&|id| self.observe_approvals(id, &evidence)),
            keyed: slots(&|id| self.observe_keyed(id, &evidence)),
            last: hosts().map(|(name, host)| (name.clone(), last(host))).chain(captured().map(|n| (n, 0))).collect(),
            running: names(&Host::is_serving),
            halted: names(&Host::is_halted),
            captured: self.captured.clone(),
            ciphertexts: self.numbers(self.ciphertexts.iter().map(|ciphertext| ciphertext.key)),
            known: self.numbers(self.adversary.known(&evidence).into_keys()),
            held: held.chain(captured().map(|name| (name, BTreeSet::new()))).collect(),
        }
    }
}
