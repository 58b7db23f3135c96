//! tlaloc: a model checker for TLA+.
//!
//! The way from text to verdict, in the order of the modules below.

pub mod diagnostic;
pub mod syntax;
pub mod config;
pub mod resolve;
pub mod value;
pub mod modules;
pub mod eval;
pub mod model;
pub mod partition;
pub mod property;
pub mod explore;
pub mod trace;
pub mod validate;
pub mod generate;
pub mod report;
pub mod pipeline;
pub mod threats;
pub mod cli;
pub mod facts;
