//! The adversary: machines and operators of its own, secrets of hosts that it has taken, and whatever these open.

use std::collections::BTreeMap;

use rand_core::CryptoRngCore;

use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::host::Refusal;
use crate::identity::{Machine, PublicKey, Secrets, Signer};
use crate::seal::DomainKey;
use crate::token::{Approval, Body, Envelope, Keys, Mint, Proposal};

/// What a forged token claims.
#[derive(Clone, Debug)]
pub struct Claims {
    /// Its members.
    pub members: BTreeMap<String, Machine>,
    /// Its operators.
    pub operators: BTreeMap<String, PublicKey>,
    /// Their rule.
    pub quorum: u32,
    /// Whether it says that it has the keys of its parent.
    pub keeps_old_keys: bool,
}

/// All that the adversary has.
#[derive(Clone, Default, Debug)]
pub struct Adversary {
    machines: BTreeMap<String, (Secrets, Machine)>,
    operators: BTreeMap<String, Signer>,
    forged: Keys,
}

impl Adversary {
    /// Builds a machine. No maker vouches for it.
    pub fn build(&mut self, name: &str, rng: &mut dyn CryptoRngCore) -> Machine {
        let secrets = Secrets::generate(rng);
        let machine = secrets.unattested(name);
        self.capture(secrets, machine.clone());
        machine
    }

    /// `Capture`: takes a host, and opens it.
    pub fn capture(&mut self, secrets: Secrets, machine: Machine) {
        self.machines.insert(machine.name.clone(), (secrets, machine));
    }

    /// Has an operator in its pay.
    pub fn corrupt(&mut self, name: &str, rng: &mut dyn CryptoRngCore) -> PublicKey {
        let signer = Signer::generate(rng);
        let public = signer.public();
        self.operators.insert(name.to_owned(), signer);
        public
    }

    /// What the signatures of its operator of this name are checked with.
    pub fn operator(&self, name: &str) -> Option<PublicKey> {
        self.operators.get(name).map(Signer::public)
    }

    /// `SignAnything`.
    pub fn sign_anything(&self, operator: &str, proposal: Digest) -> Option<Approval> {
        self.operators.get(operator).map(|signer| Approval::sign(proposal, signer))
    }

    /// `Forge`: makes a successor of a token in the name of a machine that it has, with a key that it knows, and puts
    /// all the keys that it has into an envelope for everybody.
    ///
    /// # Errors
    /// When it has no such machine.
    pub fn forge(
        &mut self,
        author: &str,
        parent: &Proposal,
        claims: Claims,
        evidence: &Evidence,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Proposal, Envelope), Refusal> {
        let (secrets, machine) = self.machines.get(author).ok_or(Refusal::NotMember)?;
        let key = DomainKey::mint(rng);
        let body = Body {
            parent: Some(parent.id()),
            version: parent.body().version + 1,
            members: claims.members,
            operators: claims.operators,
            quorum: claims.quorum,
            retained: if claims.keeps_old_keys { parent.keys() } else { BTreeMap::new() },
            minted: Some(Mint::seal(&key, Some(parent.id()), [], rng)?),
            current: None,
            author: Some(machine.clone()),
        };
        let token = Proposal::sign(&body, Some(&secrets.signer))?;
        self.forged.insert(token.id(), key);
        let mut keys = self.known(evidence);
        let committed = token.keys();
        keys.retain(|id, key| committed.get(id) == Some(&key.commitment()));
        let envelope = Envelope::seal(token.id(), &keys, body.members.values(), rng)?;
        Ok((token, envelope))
    }

    /// True if the machine of this name, which it has, opens an envelope of the token and finds all its keys.
    pub fn opens(&self, name: &str, token: &Proposal, evidence: &Evidence) -> bool {
        let envelopes = evidence.envelopes(token.id()).iter();
        let opened = |(secrets, _): &(Secrets, Machine)| {
            let mut opened = envelopes.clone().filter_map(|envelope| envelope.open(name, &secrets.agreement).ok());
            opened.any(|keys| keys.keys().eq(token.keys().keys()))
        };
        self.machines.get(name).is_some_and(opened)
    }

    /// `Known`: the keys that it can compute, found out by trying all secrets on all that it can read.
    pub fn known(&self, evidence: &Evidence) -> Keys {
        let mut known = self.forged.clone();
        for proposal in evidence.proposals() {
            for (secrets, machine) in self.machines.values() {
                known.extend(opened(proposal, evidence, secrets, &machine.name));
            }
        }
        known
    }
}

/// What a machine's secrets open of a token: the key minted with it, and the keys in its envelopes.
fn opened(proposal: &Proposal, evidence: &Evidence, secrets: &Secrets, name: &str) -> Keys {
    let mut keys = Keys::new();
    let committed = proposal.keys();
    for envelope in evidence.envelopes(proposal.id()) {
        let opened = envelope.open(name, &secrets.agreement).unwrap_or_default();
        keys.extend(opened.into_iter().filter(|(id, key)| committed.get(id) == Some(&key.commitment())));
    }
    if let Some(mint) = &proposal.body().minted
        && let Ok(key) = mint.open(proposal.body().parent, name, &secrets.agreement)
    {
        keys.insert(proposal.id(), key);
    }
    keys
}
