//! Domain keys, data encrypted under them, and what is sealed for one machine: x25519 with an ephemeral key,
//! HKDF-SHA256, ChaCha20-Poly1305. A box bears the context it was sealed in and opens in no other.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hkdf::Hkdf;
use rand_core::CryptoRngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::digest::{Digest, Label};

/// Something does not open: it was sealed for somebody else, in another context, or has been changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it does not open")]
pub struct Closed;

/// A key of the domain. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct DomainKey([u8; 32]);

impl DomainKey {
    /// A fresh one.
    pub fn mint(rng: &mut dyn CryptoRngCore) -> Self {
        let mut key = DomainKey([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// What a token says of it: it tells nothing, and there is no other key for it.
    pub fn commitment(&self) -> Digest {
        Digest::of(Label::Key, &self.0)
    }

    /// Encrypts data. `id` is the key's name; it goes along and is authenticated.
    pub fn encrypt(&self, id: Digest, data: &[u8], rng: &mut dyn CryptoRngCore) -> Result<Ciphertext, Closed> {
        let mut nonce = [0; 24];
        rng.fill_bytes(&mut nonce);
        let payload = Payload { msg: data, aad: id.bytes() };
        let bytes = self.cipher().encrypt(&nonce.into(), payload).map_err(|_| Closed)?;
        Ok(Ciphertext { key: id, nonce, bytes })
    }

    /// Decrypts data.
    ///
    /// # Errors
    /// When it was encrypted under another key, or changed.
    pub fn decrypt(&self, ciphertext: &Ciphertext) -> Result<Vec<u8>, Closed> {
        let payload = Payload { msg: &ciphertext.bytes, aad: ciphertext.key.bytes() };
        self.cipher().decrypt(&ciphertext.nonce.into(), payload).map_err(|_| Closed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

/// Only what everybody may see.
impl fmt::Debug for DomainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainKey({:?})", self.commitment())
    }
}

/// Data under a domain key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ciphertext {
    /// The key's name: the token it was minted with.
    pub key: Digest,
    nonce: [u8; 24],
    bytes: Vec<u8>,
}

/// What only one machine can open.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SealedBox {
    ephemeral: [u8; 32],
    bytes: Vec<u8>,
}

/// Where a box belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// A key minted with a successor of this token.
    Mint(Option<Digest>),
    /// The keys of this token.
    Envelope(Digest),
}

impl Context {
    fn bytes(self) -> Vec<u8> {
        match self {
            Context::Mint(None) => b"key-domain/1/founding mint\0".to_vec(),
            Context::Mint(Some(parent)) => [b"key-domain/1/mint\0".as_slice(), parent.bytes()].concat(),
            Context::Envelope(token) => [b"key-domain/1/keys\0".as_slice(), token.bytes()].concat(),
        }
    }
}

impl SealedBox {
    /// Seals bytes for the machine with this agreement key.
    ///
    /// # Errors
    /// When that is no key: one with which everybody would agree on the same secret.
    pub fn seal(to: &[u8; 32], context: Context, secret: &[u8], rng: &mut dyn CryptoRngCore) -> Result<Self, Closed> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        let ephemeral = StaticSecret::from(*seed);
        let public = *PublicKey::from(&ephemeral).as_bytes();
        let cipher = cipher(&ephemeral.diffie_hellman(&PublicKey::from(*to)), &public, to)?;
        let payload = Payload { msg: secret, aad: &context.bytes() };
        // The key is used once, so any nonce will do.
        let bytes = cipher.encrypt(&[0; 12].into(), payload).map_err(|_| Closed)?;
        Ok(SealedBox { ephemeral: public, bytes })
    }

    /// Opens it.
    ///
    /// # Errors
    /// When it is for somebody else, from another context, or has been changed.
    pub fn open(&self, agreement: &StaticSecret, context: Context) -> Result<Zeroizing<Vec<u8>>, Closed> {
        let own = *PublicKey::from(agreement).as_bytes();
        let shared = agreement.diffie_hellman(&PublicKey::from(self.ephemeral));
        let payload = Payload { msg: &self.bytes, aad: &context.bytes() };
        let opened = cipher(&shared, &self.ephemeral, &own)?.decrypt(&[0; 12].into(), payload);
        opened.map(Zeroizing::new).map_err(|_| Closed)
    }
}

fn cipher(shared: &SharedSecret, ephemeral: &[u8; 32], recipient: &[u8; 32]) -> Result<ChaCha20Poly1305, Closed> {
    if !shared.was_contributory() {
        return Err(Closed);
    }
    let salt = [ephemeral.as_slice(), recipient].concat();
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(&salt), shared.as_bytes())
        .expand(b"key-domain/1/box", key.as_mut())
        .map_err(|_| Closed)?;
    ChaCha20Poly1305::new_from_slice(key.as_ref()).map_err(|_| Closed)
}
