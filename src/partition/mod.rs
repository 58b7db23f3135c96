//! [`Spec`](crate::resolve::spec::Spec) → [`Model`](crate::model::Model): slots, groups and labels.
//!
//! *Takes* a specification with its model. *Gives* a model for the engine: states as rows of slots, the
//! next-state relation as groups (an action with its bound parameters), properties as labels. *Holds*:
//! equal states have equal rows; every value of a slot has one dense id. *Ignores* threads' schedules,
//! tables, how states are searched.
//!
//! Phases: SPECIFICATION and PROPERTY are taken apart into conjuncts ([`formula`]), Next into groups
//! ([`groups`]); the initial states show which variables are functions with a constant domain, those get
//! a slot for each element ([`slots`]); [`model`] puts it together.

pub mod formula;
pub mod groups;
pub mod branch;
mod pieces;
pub mod slots;
mod family;
mod spread;
mod universal;
mod codec;
mod composed;
mod initial;
mod watch;
mod atoms;
mod uses;
mod forest;
#[cfg(test)]
mod forest_tests;
mod fused;
mod group;
mod label;
mod apart;
mod near;
mod order;
mod step;
mod terms;
pub mod memo;
mod mirror;
mod pairs;
pub mod symmetry;
mod sync;
pub mod model;
pub(crate) mod worker;

pub(crate) use label::Questions;
pub use model::{Plan, TlaModel};
