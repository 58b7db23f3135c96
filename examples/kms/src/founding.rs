//! The ceremony that founds a domain: the first members and operators, the quorum rule, the first key.

use std::collections::BTreeMap;

use rand_core::CryptoRngCore;

use crate::design;
use crate::identity::{Machine, PublicKey};
use crate::seal::{Closed, DomainKey};
use crate::token::{Body, Envelope, Malformed, Mint, Proposal};

/// Why a domain cannot be founded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfounded {
    /// There is no sound rule for so many operators.
    #[error("{operators} operators, {corrupt_max} of them corrupt, cannot have a quorum")]
    Operators {
        /// How many there are.
        operators: usize,
        /// How many of them may be corrupt.
        corrupt_max: u32,
    },
    /// A machine's agreement key is none.
    #[error(transparent)]
    Sealing(#[from] Closed),
    /// The token contradicts itself.
    #[error(transparent)]
    Token(#[from] Malformed),
}

/// `SoundRule`: two quorums overlap in more than `corrupt_max`, and these alone are not one.
pub fn is_sound_rule(operators: usize, quorum: u32, corrupt_max: u32) -> bool {
    let (operators, quorum, corrupt_max) = (operators as u64, u64::from(quorum), u64::from(corrupt_max));
    (corrupt_max + 1..=operators).contains(&quorum)
        && (!design::QUORUMS_INTERSECT || 2 * quorum > operators + corrupt_max)
}

/// `FoundingQuorum`: the smallest sound one.
pub fn founding_quorum(operators: usize, corrupt_max: u32) -> Option<u32> {
    (1..=u32::try_from(operators).ok()?).find(|quorum| is_sound_rule(operators, *quorum, corrupt_max))
}

/// Founds a domain: its first token, and the envelope with the first key, which is forgotten here.
///
/// # Errors
/// When there is no sound rule.
pub fn found(
    members: &[Machine],
    operators: BTreeMap<String, PublicKey>,
    corrupt_max: u32,
    rng: &mut dyn CryptoRngCore,
) -> Result<(Proposal, Envelope), Unfounded> {
    let quorum = founding_quorum(operators.len(), corrupt_max)
        .ok_or(Unfounded::Operators { operators: operators.len(), corrupt_max })?;
    let key = DomainKey::mint(rng);
    let body = Body {
        parent: None,
        version: 1,
        members: members.iter().map(|machine| (machine.name.clone(), machine.clone())).collect(),
        operators,
        quorum,
        retained: BTreeMap::new(),
        minted: Some(Mint::seal(&key, None, [], rng)?),
        current: None,
        author: None,
    };
    let token = Proposal::sign(&body, None)?;
    let envelope = Envelope::seal(token.id(), &BTreeMap::from([(token.id(), key)]), members, rng)?;
    Ok((token, envelope))
}
