//! A key-management domain, tied to `specs/kms/KeyDomain.tla`.
//!
//! A fleet of security modules ("hosts") shares domain keys. The state of the domain is a token; tokens are kept and
//! carried by systems that nobody trusts, and a host has room for one digest in tamper-proof memory.
//!
//! - [`design`] has the guards of the design by the names of the spec; a cargo feature forgets one.
//! - [`digest`], [`identity`], [`seal`] are the cryptography: digests, signatures, keys sealed for one machine.
//! - [`token`] is what is signed, [`evidence`] what a set of signed things proves.
//! - [`host`] and [`operator`] decide: one method for each action of the spec. [`founding`] is the ceremony before.
//! - [`archive`] keeps tokens on a disk that nobody trusts, [`module`] what a host and an operator keep to themselves.
//! - [`adversary`] forges, and finds out which keys the secrets it has can open.
//!
//! - [`transport`] carries frames: TCP, or a simulated network. [`node`] runs hosts, operators and storage over it,
//!   [`journal`] logs what they do.
//! - [`world`], [`people`] and [`attack`] are a domain with those who run it and those who attack it; [`simulation`] runs
//!   it with faults as a seed decides, [`live`] over TCP.
//!
//! `tests/replay.rs` replays traces of the spec on all of it.

pub mod design;
pub mod digest;
pub mod identity;
pub mod seal;
pub mod token;
pub mod evidence;
pub mod module;
pub mod archive;
pub mod founding;
pub mod operator;
pub mod host;
pub mod adversary;
pub mod transport;
pub mod journal;
pub mod node;
pub mod world;
pub mod people;
pub mod attack;
pub mod simulation;
pub mod live;
