//! What is signed and carried around: proposals, approvals of them, envelopes with the keys.
//!
//! A token is a proposal that was approved and issued; its identity is the proposal's digest, over the exact bytes
//! that travel. Whoever has the bytes can check everything that a token says of itself, but not that it is the
//! newest, or that anybody approved it: see [`crate::evidence`].

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRngCore;
use serde::{Deserialize, Serialize};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::digest::{Digest, Label};
use crate::identity::{Machine, PublicKey, Purpose, SignatureBytes, Signer};
use crate::seal::{Closed, Context, DomainKey, SealedBox};

/// Domain keys by name: the token that each was minted with.
pub type Keys = BTreeMap<Digest, DomainKey>;

/// Bytes are not what they are given out for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// They cannot be read.
    #[error("the bytes are no {0}")]
    Unreadable(&'static str),
    /// A signature is missing or wrong.
    #[error("the signature of {0} is wrong")]
    Signature(String),
    /// It has no parent, but says that it is not the first; or the other way round.
    #[error("version {0} does not fit with having a parent or not")]
    Version(u64),
    /// The current key is none of its keys.
    #[error("the current key is not among the keys")]
    CurrentKey,
}

/// A key minted with a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mint {
    /// The proposal commits to it, so that nobody can choose another one later.
    pub commitment: Digest,
    /// Sealed for the members that stay.
    pub boxes: BTreeMap<String, SealedBox>,
}

/// What a proposal says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body {
    /// The token it is to follow; `None` for the founding.
    pub parent: Option<Digest>,
    /// Steps from the founding, which is 1.
    pub version: u64,
    /// Machines that are to have the keys.
    pub members: BTreeMap<String, Machine>,
    /// Who decides on the next version.
    pub operators: BTreeMap<String, PublicKey>,
    /// How many of them have to agree.
    pub quorum: u32,
    /// Keys of before, with the commitments to them.
    pub retained: BTreeMap<Digest, Digest>,
    /// A new key.
    pub minted: Option<Mint>,
    /// The key under which data is encrypted from now on, if it is one of before.
    pub current: Option<Digest>,
    /// The machine that proposes; `None` for the founding.
    pub author: Option<Machine>,
}

/// A proposal, as it travels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Signed {
    body: Vec<u8>,
    signature: Option<SignatureBytes>,
}

/// A proposal, checked to be one: its author's signature is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    id: Digest,
    bytes: Vec<u8>,
    body: Body,
}

impl Proposal {
    /// Signs a proposal; the founding token is not signed, hosts know its digest.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub fn sign(body: &Body, signer: Option<&Signer>) -> Result<Self, Malformed> {
        let body = postcard::to_stdvec(body).map_err(|_| Malformed::Unreadable("proposal"))?;
        let signature = signer.map(|signer| signer.sign(Purpose::Proposal, &body));
        let bytes = postcard::to_stdvec(&Signed { body, signature }).map_err(|_| Malformed::Unreadable("proposal"))?;
        Proposal::read(&bytes)
    }

    /// The proposal in these bytes.
    ///
    /// # Errors
    /// When they are none, or not signed by whom they name.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let unreadable = |_| Malformed::Unreadable("proposal");
        let signed: Signed = postcard::from_bytes(bytes).map_err(unreadable)?;
        let body: Body = postcard::from_bytes(&signed.body).map_err(unreadable)?;
        if body.parent.is_some() != (body.version > 1) || body.version == 0 {
            return Err(Malformed::Version(body.version));
        }
        let is_signed = match (&body.author, &signed.signature) {
            (None, None) => body.parent.is_none(),
            (Some(author), Some(seal)) => author.signs.has_signed(Purpose::Proposal, &signed.body, seal),
            _ => false,
        };
        if !is_signed {
            return Err(Malformed::Signature(body.author.map_or("nobody".to_owned(), |author| author.name)));
        }
        let is_current = match &body.current {
            Some(key) => body.minted.is_none() && body.retained.contains_key(key),
            None => body.minted.is_some(),
        };
        if !is_current {
            return Err(Malformed::CurrentKey);
        }
        Ok(Proposal { id: Proposal::id_of(bytes), bytes: bytes.to_vec(), body })
    }

    /// The digest of a proposal that travels as these bytes.
    pub fn id_of(bytes: &[u8]) -> Digest {
        Digest::of(Label::Proposal, bytes)
    }

    /// Its digest, and the name of the key that it mints, if it does.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// As it travels.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The name of the key for new data.
    pub fn current_key(&self) -> Digest {
        self.body.current.unwrap_or(self.id)
    }

    /// All its keys, with the commitments to them.
    pub fn keys(&self) -> BTreeMap<Digest, Digest> {
        let minted = self.body.minted.as_ref().map(|mint| (self.id, mint.commitment));
        self.body.retained.iter().map(|(id, commitment)| (*id, *commitment)).chain(minted).collect()
    }

    /// True if this machine, and no other of its name, is a member.
    pub fn has_member(&self, machine: &Machine) -> bool {
        self.body.members.get(&machine.name) == Some(machine)
    }

    /// Members of both this and that token.
    pub fn members_also_of(&self, other: &Proposal) -> BTreeSet<&Machine> {
        self.body.members.values().filter(|machine| other.has_member(machine)).collect()
    }
}

/// An operator's signature under a proposal's digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// What is approved.
    pub proposal: Digest,
    /// Who approves.
    pub operator: PublicKey,
    signature: SignatureBytes,
}

impl Approval {
    /// Signs.
    pub fn sign(proposal: Digest, signer: &Signer) -> Self {
        let signature = signer.sign(Purpose::Approval, proposal.bytes());
        Approval { proposal, operator: signer.public(), signature }
    }

    /// True if the operator has signed it.
    pub fn is_signed(&self) -> bool {
        self.operator.has_signed(Purpose::Approval, self.proposal.bytes(), &self.signature)
    }
}

/// The keys of a token, sealed for each machine that is to have them. Nobody signs an envelope: the keys in it are
/// right if they are those that the token commits to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// The token.
    pub token: Digest,
    /// By name of the machine.
    pub boxes: BTreeMap<String, SealedBox>,
}

impl Envelope {
    /// Seals keys for these machines.
    ///
    /// # Errors
    /// When one of them has a key that is none.
    pub fn seal<'m>(
        token: Digest,
        keys: &Keys,
        machines: impl IntoIterator<Item = &'m Machine>,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<Self, Closed> {
        let secret = Zeroizing::new(postcard::to_stdvec(keys).map_err(|_| Closed)?);
        let mut boxes = BTreeMap::new();
        for machine in machines {
            let sealed = SealedBox::seal(&machine.agrees, Context::Envelope(token), &secret, rng)?;
            boxes.insert(machine.name.clone(), sealed);
        }
        Ok(Envelope { token, boxes })
    }

    /// The keys in the box for the machine of this name.
    ///
    /// # Errors
    /// When there is none, or it does not open.
    pub fn open(&self, name: &str, agreement: &StaticSecret) -> Result<Keys, Closed> {
        let opened = self.boxes.get(name).ok_or(Closed)?.open(agreement, Context::Envelope(self.token))?;
        postcard::from_bytes(&opened).map_err(|_| Closed)
    }

    /// Its digest.
    pub fn id(&self) -> Digest {
        Digest::of(Label::Envelope, &postcard::to_stdvec(self).unwrap_or_default())
    }
}

impl Mint {
    /// Mints a key for a successor of this token and seals it for these machines.
    ///
    /// # Errors
    /// When one of them has a key that is none.
    pub fn seal<'m>(
        key: &DomainKey,
        parent: Option<Digest>,
        machines: impl IntoIterator<Item = &'m Machine>,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<Self, Closed> {
        let secret = Zeroizing::new(postcard::to_stdvec(key).map_err(|_| Closed)?);
        let mut boxes = BTreeMap::new();
        for machine in machines {
            let sealed = SealedBox::seal(&machine.agrees, Context::Mint(parent), &secret, rng)?;
            boxes.insert(machine.name.clone(), sealed);
        }
        Ok(Mint { commitment: key.commitment(), boxes })
    }

    /// The key, if it is sealed for the machine of this name and is the one committed to.
    ///
    /// # Errors
    /// When it is not.
    pub fn open(&self, parent: Option<Digest>, name: &str, agreement: &StaticSecret) -> Result<DomainKey, Closed> {
        let opened = self.boxes.get(name).ok_or(Closed)?.open(agreement, Context::Mint(parent))?;
        let key: DomainKey = postcard::from_bytes(&opened).map_err(|_| Closed)?;
        if key.commitment() == self.commitment { Ok(key) } else { Err(Closed) }
    }
}

/// Anything that is kept and carried by others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A proposal's bytes.
    Proposal(Vec<u8>),
    /// An approval.
    Approval(Approval),
    /// An envelope.
    Envelope(Envelope),
}
