//! A host: a security module that serves under the keys of its token.
//!
//! It keeps its secrets and, in tamper-proof memory, the digest of its last token. Tokens and keys it is given each
//! time it starts; a token counts if it descends from the last one by approved steps, and the digest is written down
//! before the host serves.

use std::collections::BTreeMap;
use std::io;

use rand_core::CryptoRngCore;

use crate::design;
use crate::digest::{Digest, Label};
use crate::evidence::{Evidence, Unproven};
use crate::identity::{Machine, PublicKey, Secrets};
use crate::module::Module;
use crate::seal::{Ciphertext, Closed, DomainKey};
use crate::token::{Body, Envelope, Keys, Malformed, Mint, Proposal};

/// The files of its module.
const SECRETS: &str = "secrets";
const MACHINE: &str = "machine";
const FOUNDING: &str = "founding";
const LAST: &str = "last";
const HALTED: &str = "halted";

/// Why a host does not do something.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It has shut down for good.
    #[error("it has shut down")]
    Halted,
    /// It holds no keys.
    #[error("it does not serve")]
    NotServing,
    /// A token does not count.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// It never was a member, and is not to be one.
    #[error("it is not a member")]
    NotMember,
    /// It knows that it has been removed.
    #[error("it has been removed")]
    Removed,
    /// Only members that stay can issue a token.
    #[error("it is not a member of both the token and its parent")]
    NotContinuing,
    /// It does not know the token's parent as an ancestor of its own.
    #[error("the parent is not among the ancestors of its token")]
    NotAncestor,
    /// Somebody has issued the token.
    #[error("the keys are encrypted already")]
    AlreadyIssued,
    /// There is no envelope for it.
    #[error("the keys are not encrypted to it")]
    NotKeyed,
    /// Keys of the token are not to be had, or not those that it commits to.
    #[error("{0} keys of the token are missing")]
    KeysMissing(usize),
    /// The change asked for is none.
    #[error("{0}")]
    NoChange(&'static str),
    /// It does not have the key.
    #[error("it does not have the key {0:?}")]
    NoKey(Digest),
    /// Something does not open.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// A token contradicts itself.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its disk fails.
    #[error("the disk: {0}")]
    Disk(#[from] io::Error),
}

/// A change to the domain.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Change {
    /// A machine joins.
    Add(Machine),
    /// The machine of this name leaves.
    Remove(String),
    /// An operator gives way to another.
    Replace {
        /// Who leaves.
        leaves: String,
        /// Who comes.
        joins: (String, PublicKey),
    },
    /// A new key.
    Rotate,
}

/// What came of a token that was given to a host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// It serves under the token now.
    Installed,
    /// It has learned of its removal, and wiped its keys.
    Retired,
    /// It serves under that token already.
    Unchanged,
}

/// What it holds while it serves. Lost in a crash.
#[derive(Clone, Debug)]
struct Serving {
    token: Proposal,
    keys: Keys,
}

/// A host.
#[derive(Debug)]
pub struct Host {
    module: Module,
    machine: Machine,
    secrets: Secrets,
    founding: Digest,
    last: Option<Digest>,
    serving: Option<Serving>,
    is_halted: bool,
}

impl Host {
    /// Writes to a module what its maker puts in: secrets, and the digest of the founding token.
    ///
    /// # Errors
    /// The disk's.
    pub fn make(module: &Module, secrets: &Secrets, machine: &Machine, founding: Digest) -> io::Result<()> {
        module.write(SECRETS, secrets.bytes().as_slice())?;
        module.write(MACHINE, &postcard::to_stdvec(machine).map_err(io::Error::other)?)?;
        module.write(FOUNDING, founding.to_string().as_bytes())
    }

    /// Starts it. It does not serve until it is given a token.
    ///
    /// # Errors
    /// When the module has not been made, or its disk fails.
    pub fn boot(module: Module) -> io::Result<Self> {
        let file = |name: &str| {
            let missing = || io::Error::new(io::ErrorKind::NotFound, format!("the module has no {name}"));
            module.read(name)?.ok_or_else(missing)
        };
        let digest = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).parse::<Digest>().map_err(io::Error::other);
        let secrets = zeroize::Zeroizing::new(file(SECRETS)?);
        let secrets = <&[u8; 64]>::try_from(secrets.as_slice()).map_err(io::Error::other).map(Secrets::from_bytes)?;
        let machine = postcard::from_bytes(&file(MACHINE)?).map_err(io::Error::other)?;
        let founding = digest(file(FOUNDING)?)?;
        let last = module.read(LAST)?.map(digest).transpose()?;
        let is_halted = module.read(HALTED)?.is_some();
        Ok(Host { module, machine, secrets, founding, last, serving: None, is_halted })
    }

    /// As others know it.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The last token it installed, or by which it learned of its removal.
    pub fn last(&self) -> Option<Digest> {
        self.last
    }

    /// True while it serves.
    pub fn is_serving(&self) -> bool {
        self.serving.is_some()
    }

    /// True if it has shut down for good.
    pub fn is_halted(&self) -> bool {
        self.is_halted
    }

    /// The token under which it serves.
    pub fn token(&self) -> Option<&Proposal> {
        self.serving.as_ref().map(|serving| &serving.token)
    }

    /// What is found in a module that is taken apart.
    pub fn into_secrets(self) -> (Secrets, Machine) {
        (self.secrets, self.machine)
    }

    fn serving(&self) -> Result<&Serving, Refusal> {
        if self.is_halted { Err(Refusal::Halted) } else { self.serving.as_ref().ok_or(Refusal::NotServing) }
    }

    /// `Encrypt`: under the current key.
    ///
    /// # Errors
    /// When it does not serve.
    pub fn encrypt(&self, data: &[u8], rng: &mut dyn CryptoRngCore) -> Result<Ciphertext, Refusal> {
        let serving = self.serving()?;
        let id = serving.token.current_key();
        Ok(serving.keys.get(&id).ok_or(Refusal::NoKey(id))?.encrypt(id, data, rng)?)
    }

    /// Decrypts what was encrypted under any key of its token.
    ///
    /// # Errors
    /// When it does not serve or have the key, or the ciphertext was changed.
    pub fn decrypt(&self, ciphertext: &Ciphertext) -> Result<Vec<u8>, Refusal> {
        let key = self.serving()?.keys.get(&ciphertext.key).ok_or(Refusal::NoKey(ciphertext.key))?;
        Ok(key.decrypt(ciphertext)?)
    }

    /// `Receive`: it is given a token, by whomever.
    ///
    /// # Errors
    /// Why it drops the token.
    pub fn receive(&mut self, id: Digest, evidence: &Evidence) -> Result<Received, Refusal> {
        if self.is_halted {
            return Err(Refusal::Halted);
        }
        let received = self.judge(id, evidence);
        let is_bad = !matches!(received, Ok(_) | Err(Refusal::Disk(_)));
        if is_bad && !design::SURVIVES_BAD_TOKENS {
            self.module.write(HALTED, &[])?;
            self.is_halted = true;
            self.serving = None;
        }
        received
    }

    fn judge(&mut self, id: Digest, evidence: &Evidence) -> Result<Received, Refusal> {
        let token = evidence.proposal(id)?;
        if !token.has_member(&self.machine) {
            return self.retire(id, evidence);
        }
        if self.is_serving() && self.last == Some(id) {
            return Ok(Received::Unchanged);
        }
        evidence.descends_verified(id, self.base())?;
        let keys = self.open(token, evidence)?;
        self.remember(id)?;
        self.serving = Some(Serving { token: token.clone(), keys });
        Ok(Received::Installed)
    }

    /// `Base`: from where it checks descent. Who has never been a member knows the founding token from the maker.
    fn base(&self) -> Digest {
        let is_forgotten = !design::REMEMBERS_LAST && !self.is_serving();
        self.last.filter(|_| !is_forgotten).unwrap_or(self.founding)
    }

    /// `Retire`: a token without it that descends from its last one tells it that it has been removed.
    fn retire(&mut self, id: Digest, evidence: &Evidence) -> Result<Received, Refusal> {
        let last = self.last.ok_or(Refusal::NotMember)?;
        if !evidence.proposal(last)?.has_member(&self.machine) {
            return Err(Refusal::Removed);
        }
        evidence.descends_verified(id, last)?;
        self.remember(id)?;
        self.serving = None;
        Ok(Received::Retired)
    }

    /// Writes the digest down. What comes after may rely on it.
    fn remember(&mut self, id: Digest) -> Result<(), Refusal> {
        self.module.write(LAST, id.to_string().as_bytes())?;
        self.last = Some(id);
        Ok(())
    }

    /// What an envelope has for it: keys that the token commits to. Anybody may have made the envelope, so others are
    /// left out.
    fn opened(&self, token: &Proposal, envelope: &Envelope) -> Keys {
        let committed = token.keys();
        let mut keys = envelope.open(&self.machine.name, &self.secrets.agreement).unwrap_or_default();
        keys.retain(|id, key| committed.get(id) == Some(&key.commitment()));
        keys
    }

    /// The keys of a token: from envelopes, and those that it holds. Holding them all is not enough: a token without
    /// an envelope is one from which nobody can start again.
    fn open(&self, token: &Proposal, evidence: &Evidence) -> Result<Keys, Refusal> {
        let envelopes = evidence.envelopes(token.id()).iter().map(|envelope| self.opened(token, envelope));
        let envelopes: Vec<Keys> = envelopes.filter(|keys| keys.contains_key(&token.current_key())).collect();
        if envelopes.is_empty() {
            return Err(Refusal::NotKeyed);
        }
        let held = self.serving.as_ref().map(|serving| serving.keys.clone()).unwrap_or_default();
        complete(token, held.into_iter().chain(envelopes.into_iter().flatten()).collect())
    }

    /// `Propose`: publishes a successor of its token. Asked twice it gives the same answer, and says so: `false`.
    ///
    /// # Errors
    /// When it does not serve, or the change is none.
    pub fn propose(&self, change: &Change, rng: &mut dyn CryptoRngCore) -> Result<(Proposal, bool), Refusal> {
        let serving = self.serving()?;
        let (body, mints) = self.changed(&serving.token, change)?;
        let asked = postcard::to_stdvec(&body).map_err(|_| Malformed::Unreadable("change"))?;
        let name = format!("proposed-{}", Digest::of(Label::Change, &asked));
        if let Some(bytes) = self.module.read(&name)? {
            return Ok((Proposal::read(&bytes)?, false));
        }
        let proposal = Proposal::sign(&self.with_keys(body, mints, &serving.token, rng)?, Some(&self.secrets.signer))?;
        self.module.write(&name, proposal.bytes())?;
        Ok((proposal, true))
    }

    /// `Changes`: the successor without its keys, and whether it mints one.
    fn changed(&self, parent: &Proposal, change: &Change) -> Result<(Body, bool), Refusal> {
        let mut body = Body {
            parent: Some(parent.id()),
            version: parent.body().version + 1,
            author: Some(self.machine.clone()),
            retained: BTreeMap::new(),
            minted: None,
            current: None,
            ..parent.body().clone()
        };
        let mints = match change {
            Change::Add(machine) => {
                let present = body.members.insert(machine.name.clone(), machine.clone());
                if present.is_some() {
                    return Err(Refusal::NoChange("it is a member"));
                }
                false
            }
            Change::Remove(name) => {
                body.members.remove(name).ok_or(Refusal::NoChange("it is not a member"))?;
                design::MINTS_ON_REMOVAL
            }
            Change::Replace { leaves, joins } => {
                body.operators.remove(leaves).ok_or(Refusal::NoChange("it is not an operator"))?;
                if body.operators.insert(joins.0.clone(), joins.1).is_some() {
                    return Err(Refusal::NoChange("it is an operator"));
                }
                false
            }
            Change::Rotate => true,
        };
        if body.members.values().any(|machine| parent.has_member(machine)) {
            Ok((body, mints))
        } else {
            Err(Refusal::NoChange("somebody has to stay"))
        }
    }

    /// The keys of a successor. A key minted here is sealed for the members that stay and then forgotten.
    fn with_keys(
        &self,
        body: Body,
        mints: bool,
        parent: &Proposal,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<Body, Refusal> {
        let retained = if design::KEEPS_OLD_KEYS || !mints { parent.keys() } else { BTreeMap::new() };
        if !mints {
            return Ok(Body { retained, current: Some(parent.current_key()), ..body });
        }
        let staying = body.members.values().filter(|machine| parent.has_member(machine));
        let minted = Mint::seal(&DomainKey::mint(rng), body.parent, staying, rng)?;
        Ok(Body { retained, minted: Some(minted), ..body })
    }

    /// `Issue`: encrypts the keys of an approved proposal to its members.
    ///
    /// # Errors
    /// When it is not approved, or not for this host to issue.
    pub fn issue(&self, id: Digest, evidence: &Evidence, rng: &mut dyn CryptoRngCore) -> Result<Envelope, Refusal> {
        let serving = self.serving()?;
        let token = evidence.proposal(id)?;
        let parent = evidence.parent(token)?;
        if !token.has_member(&self.machine) || !parent.has_member(&self.machine) {
            return Err(Refusal::NotContinuing);
        }
        if !evidence.lineage(serving.token.id())?.iter().any(|ancestor| ancestor.id() == parent.id()) {
            return Err(Refusal::NotAncestor);
        }
        let is_whole = |envelope| self.opened(token, envelope).len() == token.keys().len();
        if evidence.envelopes(id).iter().any(is_whole) {
            return Err(Refusal::AlreadyIssued);
        }
        if design::ISSUES_AFTER_QUORUM {
            evidence.approved_by(parent, id)?;
        }
        evidence.author_is_member(token)?;
        let keys = self.keys_of(token, serving)?;
        let before = if design::KEYS_MEMBERS_ONLY { None } else { Some(parent.body().members.values()) };
        let recipients = token.body().members.values().chain(before.into_iter().flatten());
        Ok(Envelope::seal(id, &keys, recipients, rng)?)
    }

    /// The keys that it holds of a token, with the one minted with it.
    fn keys_of(&self, token: &Proposal, serving: &Serving) -> Result<Keys, Refusal> {
        let mut keys = serving.keys.clone();
        if let Some(mint) = &token.body().minted {
            let minted = mint.open(token.body().parent, &self.machine.name, &self.secrets.agreement)?;
            keys.insert(token.id(), minted);
        }
        complete(token, keys)
    }
}

/// Of these keys, all that the token commits to.
fn complete(token: &Proposal, mut keys: Keys) -> Result<Keys, Refusal> {
    let committed = token.keys();
    keys.retain(|id, key| committed.get(id) == Some(&key.commitment()));
    if keys.len() == committed.len() { Ok(keys) } else { Err(Refusal::KeysMissing(committed.len() - keys.len())) }
}
