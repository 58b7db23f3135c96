//! The guards of the design, by the names of their constants in `KeyDomain.tla`. All are true, unless a cargo feature
//! makes the twin of a mistake of `specs/kms/threats.toml`.

/// Two quorums share an honest operator.
pub const QUORUMS_INTERSECT: bool = !cfg!(feature = "small-quorums");

/// An honest operator approves one proposal a version.
pub const PLEDGES_ONCE: bool = !cfg!(feature = "pledge-twice");

/// A host counts approvals.
pub const COUNTS_APPROVALS: bool = !cfg!(feature = "count-no-approvals");

/// ... of the operators of the parent, not of those the token itself names.
pub const ASKS_PARENTS_OPERATORS: bool = !cfg!(feature = "own-operators");

/// Proposals must be signed by a member of the parent.
pub const CHECKS_AUTHOR: bool = !cfg!(feature = "skip-author-check");

/// Keys are encrypted to new members only after the quorum.
pub const ISSUES_AFTER_QUORUM: bool = !cfg!(feature = "issue-before-quorum");

/// Keys are encrypted to the new members, not also to those before.
pub const KEYS_MEMBERS_ONLY: bool = !cfg!(feature = "key-everybody");

/// A removal brings a fresh key.
pub const MINTS_ON_REMOVAL: bool = !cfg!(feature = "no-mint-on-removal");

/// A token carries the keys of its ancestors.
pub const KEEPS_OLD_KEYS: bool = !cfg!(feature = "drop-old-keys");

/// A host that restarts knows the digest of its last token.
pub const REMEMBERS_LAST: bool = !cfg!(feature = "forget-last-digest");

/// A refused token is dropped, and the host goes on.
pub const SURVIVES_BAD_TOKENS: bool = !cfg!(feature = "die-on-bad-token");
