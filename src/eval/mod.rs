//! Resolved expressions × state → values, and the successors of an action.
//!
//! *Takes* a [`crate::resolve::spec::Spec`]. *Gives* an [`Evaluator`] a thread, which evaluates
//! expressions and enumerates initial states and successors in TLC's order. *Holds*: nothing is FALSE
//! that TLC calls an error; operators are called by name, arguments and LET definitions evaluated at
//! most once where the state they see cannot change. *Ignores* search, storage, threads.
//!
//! Phases: an operator is lowered on its first use ([`lower`]) into a tree of [`code`] with numbered
//! frame slots; [`evaluator`] walks that tree; [`action`] walks the same tree with a continuation, to
//! enumerate assignments of the primed (or, for initial states, unprimed) variables.

pub(crate) mod free;
mod substitute;
pub(crate) mod code;
pub(crate) mod purity;
pub(crate) mod lower;
mod lower_form;
pub(crate) mod inline;
pub mod evaluator;
mod prepared;
mod at_hand;
mod closure;
mod call;
mod calls;
mod recall;
mod primed;
mod form;
mod binder;
pub mod view;
pub mod action;
mod ways;
mod compose;
pub(crate) mod guard;
mod selective;

pub use evaluator::{Evaluator, MAX_SET_SIZE, Settings};
pub(crate) use free::subexpressions;
pub(crate) use guard::unfold;
pub use prepared::Prepared;
pub use selective::Members;
pub(crate) use substitute::{rewrite, substitute};
