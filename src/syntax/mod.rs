//! Text → surface tree.
//!
//! *Takes* the text of a `.tla` file. *Gives* a [`tree::File`] and all diagnostics found.
//! *Holds*: every node has a span of the original text. *Ignores* what names mean, other files,
//! levels and states.
//!
//! Phases: tokens and columns (junction lists become explicit marks, proofs are blanked) → pest
//! grammars of `grammar/` → tree, operators resolved by the one table of precedence ranges.

pub mod tree;
