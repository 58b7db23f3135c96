//! A sharded object store that outlives its hosts, tied to `specs/objectstore/ShardedStore.tla`.
//!
//! - [`refusal`] says why something is not done, [`guards`] what the design rests on.
//! - [`coding`] cuts objects into shards, [`disk`] keeps shards as files with checksums, [`map`] says where they are.
//! - [`message`] is what goes over the [`network`], TCP or simulated; [`witness`] is what is logged; [`peers`] asks again.
//! - [`host`] keeps shards, [`leader`] decides and collects, [`gateway`] puts, repairs and moves, [`reading`] reads.
//! - [`service`] runs nodes over TCP; [`simulation`] runs all of it on a simulated network with random faults.
//!
//! `tests/replay.rs` replays traces of the spec, `tests/validated.rs` has logs of simulated runs validated by it.

pub mod refusal;
pub mod guards;
pub mod coding;
pub mod disk;
pub mod map;
pub mod message;
pub mod witness;
pub mod network;
pub mod peers;
pub mod host;
pub mod leader;
pub mod gateway;
pub mod reading;
pub mod service;
pub mod simulation;
