//! The specification → code that ties an implementation to it: typed adapters, traces to be replayed, tests.
//!
//! *Takes* a model and its branches. *Gives* texts of files: an adapter for Rust or Python, a covering set of traces, a
//! counterexample as tests. *Holds*: the same specification gives the same text; every trace is a behaviour of it;
//! what could not be covered is said. *Ignores* where files are written, how implementations are called.
//!
//! Phases: states are explored with the branches that lead from one to the next ([`graph`]); their values show the
//! types of variables and parameters ([`types`]), which are written in a language ([`names`], [`rust`], [`python`]); paths
//! through the graph that together take every action, pair of actions or branch, or reach every predicate, are chosen
//! ([`cover`], [`coverage`]); [`repair`] follows a counterexample in the corrected specification.

pub mod graph;
pub mod types;
pub mod names;
pub mod surface;
pub mod rust;
pub mod python;
pub mod coverage;
pub mod cover;
pub mod repair;
pub mod tests_file;
