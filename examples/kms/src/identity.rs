//! Who machines and operators are: keys to sign with, keys to be addressed by, and the maker's word for a machine.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand_core::CryptoRngCore;
use serde::{Deserialize, Serialize};
use x25519_dalek::StaticSecret;

/// What a signature is of. Signed together with the bytes, so that one thing signed is never taken for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A machine proposes a token.
    Proposal,
    /// An operator approves a proposal.
    Approval,
    /// The maker says that a machine is genuine.
    Attestation,
}

fn message(purpose: Purpose, bytes: &[u8]) -> Vec<u8> {
    let label: &[u8] = match purpose {
        Purpose::Proposal => b"key-domain/1/signed proposal\0",
        Purpose::Approval => b"key-domain/1/signed approval\0",
        Purpose::Attestation => b"key-domain/1/attested machine\0",
    };
    [label, bytes].concat()
}

/// An ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// True if the owner of this key has signed these bytes for this purpose.
    pub fn has_signed(&self, purpose: Purpose, bytes: &[u8], seal: &SignatureBytes) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(&self.0), Signature::from_slice(&seal.0)) else {
            return false;
        };
        key.verify_strict(&message(purpose, bytes), &signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// A signature, as it travels: it may be of any length.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SignatureBytes(Vec<u8>);

/// A key to sign with. Wiped when dropped.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// A fresh one.
    pub fn generate(rng: &mut dyn CryptoRngCore) -> Self {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Signer(SigningKey::from_bytes(&seed))
    }

    /// The one that was kept as these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Signer(SigningKey::from_bytes(bytes))
    }

    /// To keep.
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// What others check its signatures with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs.
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> SignatureBytes {
        SignatureBytes(self.0.sign(&message(purpose, bytes)).to_bytes().to_vec())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({:?})", self.public())
    }
}

/// The secrets of a machine. Wiped when dropped.
#[derive(Clone)]
pub struct Secrets {
    /// Signs proposals.
    pub signer: Signer,
    /// Opens what is sealed for the machine.
    pub agreement: StaticSecret,
}

impl Secrets {
    /// Fresh ones.
    pub fn generate(rng: &mut dyn CryptoRngCore) -> Self {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Secrets { signer: Signer::generate(rng), agreement: StaticSecret::from(*seed) }
    }

    /// Those that were kept as these bytes.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (mut signer, mut agreement) = ([0; 32], [0; 32]);
        signer.copy_from_slice(&bytes[..32]);
        agreement.copy_from_slice(&bytes[32..]);
        Secrets { signer: Signer::from_bytes(&signer), agreement: StaticSecret::from(agreement) }
    }

    /// To keep.
    pub fn bytes(&self) -> zeroize::Zeroizing<[u8; 64]> {
        let mut bytes = zeroize::Zeroizing::new([0; 64]);
        bytes[..32].copy_from_slice(self.signer.bytes());
        bytes[32..].copy_from_slice(self.agreement.as_bytes());
        bytes
    }

    /// The machine that has them, in its own words: nobody else's.
    pub fn unattested(&self, name: &str) -> Machine {
        Machine {
            name: name.to_owned(),
            signs: self.signer.public(),
            agrees: *x25519_dalek::PublicKey::from(&self.agreement).as_bytes(),
            attestation: SignatureBytes(Vec::new()),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({:?})", self.signer.public())
    }
}

/// A machine, as everybody knows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Its name, among those of its maker.
    pub name: String,
    /// What its signatures are checked with.
    pub signs: PublicKey,
    /// What is encrypted to it is encrypted to this x25519 key.
    pub agrees: [u8; 32],
    /// The maker's signature, if it is genuine.
    attestation: SignatureBytes,
}

impl Machine {
    fn attested(&self) -> Vec<u8> {
        [self.signs.0.as_slice(), self.agrees.as_slice(), self.name.as_bytes()].concat()
    }

    /// True if this maker says that it is genuine.
    pub fn is_genuine(&self, maker: &PublicKey) -> bool {
        maker.has_signed(Purpose::Attestation, &self.attested(), &self.attestation)
    }
}

/// The maker of security modules.
#[derive(Clone, Debug)]
pub struct Maker(Signer);

impl Maker {
    /// A new one.
    pub fn new(rng: &mut dyn CryptoRngCore) -> Self {
        Maker(Signer::generate(rng))
    }

    /// What attestations are checked with.
    pub fn public(&self) -> PublicKey {
        self.0.public()
    }

    /// Makes a machine: its secrets never leave it.
    pub fn make(&self, name: &str, rng: &mut dyn CryptoRngCore) -> (Secrets, Machine) {
        let secrets = Secrets::generate(rng);
        let machine = secrets.unattested(name);
        let attestation = self.0.sign(Purpose::Attestation, &machine.attested());
        (secrets, Machine { attestation, ..machine })
    }
}
