//! An honest operator: what it looks at before it signs, and the pledge that it signs one proposal a version.

use std::collections::BTreeMap;
use std::io;

use crate::design;
use crate::digest::Digest;
use crate::evidence::{Evidence, Unproven};
use crate::founding::is_sound_rule;
use crate::identity::{PublicKey, Signer};
use crate::module::Module;
use crate::token::{Approval, Proposal};

/// Why an operator does not sign.
#[derive(Debug, thiserror::Error)]
pub enum Objection {
    /// The founding token is nobody's to approve.
    #[error("the founding token needs no approval")]
    Founding,
    /// It is up to others.
    #[error("it is not an operator of the parent")]
    NotOperator,
    /// It has.
    #[error("it has signed")]
    AlreadySigned,
    /// There are enough approvals.
    #[error("a quorum has signed")]
    AlreadyApproved,
    /// The parent is not the domain's, or the author not a member of it.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// The maker does not vouch for a machine.
    #[error("{0} is no genuine module")]
    NotGenuine(String),
    /// Nobody could issue the token.
    #[error("no member stays")]
    NobodyStays,
    /// Who was removed does not come back.
    #[error("{0} was a member before")]
    WasMember(String),
    /// The rule would let two quorums disagree.
    #[error("{quorum} of {operators} is no sound rule")]
    UnsoundRule {
        /// Operators.
        operators: usize,
        /// How many have to agree.
        quorum: u32,
    },
    /// Data would be lost.
    #[error("the key {0:?} of the parent is missing or another")]
    KeyLost(Digest),
    /// A removed machine would know the current key.
    #[error("a member is removed, but no key minted")]
    NotMinted,
    /// New data would go under an old key.
    #[error("the current key is not the parent's")]
    CurrentKey,
    /// It has signed another proposal for this version.
    #[error("it has pledged version {version} to {to:?}")]
    Pledged {
        /// The version.
        version: u64,
        /// What it has signed.
        to: Digest,
    },
    /// Its disk fails: it cannot pledge.
    #[error("the disk: {0}")]
    Disk(#[from] io::Error),
}

/// What an operator knows of the world.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where the domain comes from.
    pub founding: Digest,
    /// Whose machines are genuine.
    pub maker: PublicKey,
    /// How many operators may be corrupt.
    pub corrupt_max: u32,
}

/// An honest operator.
#[derive(Debug)]
pub struct Operator {
    signer: Signer,
    policy: Policy,
    module: Module,
}

impl Operator {
    /// One that keeps its pledges in this folder.
    pub fn new(signer: Signer, policy: Policy, module: Module) -> Self {
        Operator { signer, policy, module }
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> PublicKey {
        self.signer.public()
    }

    /// `Approve`: signs a proposal, if nothing speaks against it.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn approve(&self, id: Digest, evidence: &Evidence) -> Result<Approval, Objection> {
        let token = evidence.proposal(id)?;
        if token.body().parent.is_none() {
            return Err(Objection::Founding);
        }
        let parent = evidence.parent(token)?;
        if !parent.body().operators.values().any(|operator| *operator == self.public()) {
            return Err(Objection::NotOperator);
        }
        if evidence.signers(id).any(|signer| signer == self.public()) {
            return Err(Objection::AlreadySigned);
        }
        if evidence.approved_by(parent, id).is_ok() {
            return Err(Objection::AlreadyApproved);
        }
        evidence.authorised(parent.id(), self.policy.founding)?;
        self.is_lawful(token, parent, evidence)?;
        self.pledge(token)?;
        Ok(Approval::sign(id, &self.signer))
    }

    /// `Lawful`.
    fn is_lawful(&self, token: &Proposal, parent: &Proposal, evidence: &Evidence) -> Result<(), Objection> {
        let body = token.body();
        for machine in body.members.values() {
            if !machine.is_genuine(&self.policy.maker) {
                return Err(Objection::NotGenuine(machine.name.clone()));
            }
            if !parent.has_member(machine) && evidence.was_member(machine, parent.id())? {
                return Err(Objection::WasMember(machine.name.clone()));
            }
        }
        if token.members_also_of(parent).is_empty() {
            return Err(Objection::NobodyStays);
        }
        let (operators, quorum) = (body.operators.len(), body.quorum);
        if !is_sound_rule(operators, quorum, self.policy.corrupt_max) {
            return Err(Objection::UnsoundRule { operators, quorum });
        }
        is_lawful_with_keys(token, parent)?;
        evidence.author_is_member(token)?;
        Ok(())
    }

    /// Signs one proposal a version: what it signs it writes down before.
    fn pledge(&self, token: &Proposal) -> Result<(), Objection> {
        let version = token.body().version;
        let name = format!("pledge-{version}");
        if let Some(pledged) = self.module.read(&name)? {
            let to: Digest = String::from_utf8_lossy(&pledged).parse().map_err(io::Error::other)?;
            if to != token.id() && design::PLEDGES_ONCE {
                return Err(Objection::Pledged { version, to });
            }
        }
        Ok(self.module.write(&name, token.id().to_string().as_bytes())?)
    }
}

fn is_lawful_with_keys(token: &Proposal, parent: &Proposal) -> Result<(), Objection> {
    let keys: BTreeMap<_, _> = token.keys();
    let lost = parent.keys().into_iter().find(|(id, commitment)| keys.get(id) != Some(commitment));
    if let Some((id, _)) = lost
        && design::KEEPS_OLD_KEYS
    {
        return Err(Objection::KeyLost(id));
    }
    let is_minted = token.body().minted.is_some();
    let is_removal = parent.body().members.values().any(|machine| !token.has_member(machine));
    if is_removal && !is_minted && design::MINTS_ON_REMOVAL {
        return Err(Objection::NotMinted);
    }
    if !is_minted && token.current_key() != parent.current_key() {
        return Err(Objection::CurrentKey);
    }
    Ok(())
}
