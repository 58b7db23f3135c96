//! What properties mean beyond true and false in a state: reasons, and everything about behaviours.
//!
//! *Takes* a formula that is false in a loaded state or step; or a model with temporal properties and its
//! reachable states. *Gives* the reason, as a chain of subexpressions with values; or for each property
//! that it holds, or a fair lasso that violates it. *Holds*: evaluating for a reason never changes a verdict; a
//! lasso is shown only after a second, naive evaluator has agreed that it is fair and violates the property.
//! *Ignores* how states are found or stored.
//!
//! Liveness, in phases:
//!
//! 1. Fairness and properties are taken apart into a [`formula`] over atoms ([`decompose`]).
//! 2. The behaviour [`graph`] is made from the explored states, with the truth of each atom at each state
//!    and step ([`behaviour`]).
//! 3. Fairness and the negated property are split into [`case`]s: an [`automaton`] for what depends on the
//!    beginning, conditions for the rest. Their [`product`] with the graph is searched for [`fair`] parts.
//! 4. A [`lasso`] into such a part is made, verified ([`verify`]) and explained ([`reason`]).
//! 5. Where nothing is violated: does that mean anything ([`vacuity`])?

mod explain;
pub mod formula;
pub mod automaton;
pub mod bits;
pub mod columns;
pub mod case;
pub mod graph;
pub mod product;
pub mod fair;
pub mod lasso;
pub mod search;
mod enabled;
mod ways;
mod decompose;
mod behaviour;
mod verify;
mod reason;
mod vacuity;
pub mod liveness;

#[cfg(test)]
mod reference;

pub use explain::explain;
