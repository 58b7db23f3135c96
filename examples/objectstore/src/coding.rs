//! Reed–Solomon coding: an object is cut into N shards, any K of which give it back.
//!
//! The first K shards are the object itself, padded; the others are recovery shards.

use std::collections::BTreeMap;

use reed_solomon_simd::{decode, encode};

use crate::refusal::Refusal;

/// A code with N shards, K of which are enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    enough: usize,
    shards: usize,
}

impl Code {
    /// A code of `shards` shards, `enough` of which are. `None` for numbers that there is no code of.
    pub fn new(enough: usize, shards: usize) -> Option<Self> {
        let fits =
            enough >= 1 && enough < shards && reed_solomon_simd::ReedSolomonEncoder::supports(enough, shards - enough);
        fits.then_some(Code { enough, shards })
    }

    /// K.
    pub fn enough(self) -> usize {
        self.enough
    }

    /// N.
    pub fn shards(self) -> usize {
        self.shards
    }

    /// How many shards may be lost: N - K.
    pub fn spare(self) -> usize {
        self.shards - self.enough
    }

    /// The shards of an object, all of the same length.
    ///
    /// # Errors
    /// When the coding fails.
    pub fn cut(self, object: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
        let length = self.shard_bytes(object.len());
        let mut shards: Vec<Vec<u8>> = (0..self.enough)
            .map(|i| {
                let from = (i * length).min(object.len());
                let mut shard = object[from..(from + length).min(object.len())].to_vec();
                shard.resize(length, 0);
                shard
            })
            .collect();
        let recovery = encode(self.enough, self.spare(), &shards).map_err(failed)?;
        shards.extend(recovery);
        Ok(shards)
    }

    /// The object of this length, from any K of its shards.
    ///
    /// # Errors
    /// With fewer than K, or shards of different lengths.
    pub fn join(self, length: usize, shards: &BTreeMap<usize, Vec<u8>>) -> Result<Vec<u8>, Refusal> {
        let mut object = self.originals(shards)?.concat();
        object.truncate(length);
        Ok(object)
    }

    /// One shard, from any K others.
    ///
    /// # Errors
    /// As [`Code::join`].
    pub fn rebuild(self, index: usize, shards: &BTreeMap<usize, Vec<u8>>) -> Result<Vec<u8>, Refusal> {
        let mut originals = self.originals(shards)?;
        if index < self.enough {
            return Ok(originals.swap_remove(index));
        }
        let mut recovery = encode(self.enough, self.spare(), &originals).map_err(failed)?;
        Ok(recovery.swap_remove(index - self.enough))
    }

    /// The first K shards.
    fn originals(self, shards: &BTreeMap<usize, Vec<u8>>) -> Result<Vec<Vec<u8>>, Refusal> {
        if shards.len() < self.enough {
            return Err(Refusal::NotEnoughShards { good: shards.len(), needed: self.enough });
        }
        let mut known: BTreeMap<usize, Vec<u8>> =
            shards.iter().filter(|(i, _)| **i < self.enough).map(|(i, shard)| (*i, shard.clone())).collect();
        if known.len() < self.enough {
            let recovery = shards.iter().filter(|(i, _)| **i >= self.enough).map(|(i, shard)| (i - self.enough, shard));
            let given = known.iter().map(|(i, shard)| (*i, shard.as_slice()));
            let restored = decode(self.enough, self.spare(), given, recovery).map_err(failed)?;
            known.extend(restored);
        }
        Ok(known.into_values().collect())
    }

    /// Shards have an even length, and are never empty.
    fn shard_bytes(self, object_bytes: usize) -> usize {
        object_bytes.div_ceil(self.enough).next_multiple_of(2).max(2)
    }
}

fn failed(error: reed_solomon_simd::Error) -> Refusal {
    Refusal::Storage(format!("the coding fails: {error}"))
}
