//! Standard modules and the community's: their texts, and native versions of their operators.
//!
//! *Takes* a module name, or a module and operator name. *Gives* the text, or a native function.
//! *Holds*: every native operator is also defined in its module's text, with the same number of
//! parameters; where the text is executable it means the same. *Ignores* who asks, expressions, states.
//!
//! The texts (`tla/`) decide which names a user sees; natives stand in where evaluating the text would
//! be slow or impossible. Answers follow TLC, including what its Java versions do differently from
//! their texts.

mod texts;

mod native;

mod argument;
mod arithmetic;
mod sequences;
mod finite_sets;
mod bags;
mod tlc;
mod tlc_ext;
mod random;
mod functions;
mod finite_sets_ext;
mod sequences_ext;
mod subsequences;
mod relation;
mod graphs;
mod bitwise;
mod combinatorics;
mod vector_clocks;
mod files;
mod json;
mod io_utils;
mod csv;
mod svg;

pub use native::{Native, Purity, Run, native, natives};
pub use texts::{names, source};
