//! Two-phase commit over a lossy network, tied to `specs/two_phase_commit/TwoPhaseCommit.tla`.
//!
//! - [`protocol`] decides what to do: what the coordinator and the participants know, and the actions of the spec.
//! - [`node`] does it over UDP, with vector clocks, and logs every action as `docs/log-format.md` has it.
//! - [`simulation`] runs nodes on a simulated network with random faults.
//!
//! `tests/replay.rs` replays traces of the spec on the protocol, `tests/simulated.rs` on nodes in the simulation.

pub mod protocol;
pub mod node;
pub mod simulation;
