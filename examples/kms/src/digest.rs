//! SHA-256, each use with a label of its own, so that a digest of one thing is never one of another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a digest is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
    /// A proposal: the identity of a token, and of the key minted with it.
    Proposal,
    /// An envelope.
    Envelope,
    /// A domain key: a token commits to it.
    Key,
    /// A change that a host was asked to propose.
    Change,
}

impl Label {
    fn bytes(self) -> &'static [u8] {
        match self {
            Label::Proposal => b"key-domain/1/proposal\0",
            Label::Envelope => b"key-domain/1/envelope\0",
            Label::Key => b"key-domain/1/key\0",
            Label::Change => b"key-domain/1/change\0",
        }
    }
}

/// 32 bytes that stand for any number of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(label: Label, bytes: &[u8]) -> Self {
        Digest(Sha256::new().chain_update(label.bytes()).chain_update(bytes).finalize().into())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In hexadecimal.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// As much as tells it from others.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// A text is no digest.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} is no digest")]
pub struct NotADigest(String);

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest(text.to_owned()))?;
        Ok(Digest(bytes))
    }
}
