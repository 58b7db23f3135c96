//! What properties mean beyond true and false.
//!
//! *Takes* a formula that is false in a loaded state or step. *Gives* the reason, as a chain of
//! subexpressions with values. *Holds*: evaluating for a reason never changes a verdict. *Ignores* how
//! states are found or stored.

mod explain;

pub use explain::explain;
