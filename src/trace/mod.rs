//! States → a trace a person can follow.
//!
//! *Takes* states as values, with the actions between them. *Gives* text and ITF. *Holds*: a trace is
//! data, everything printed about it can be rebuilt from it. *Ignores* how states were found or stored.

pub mod itf;
pub mod text;

#[cfg(test)]
mod tests;

use crate::diagnostic::Span;
use crate::resolve::spec::Symbol;
use crate::value::{Universe, Value};

/// A behaviour: a finite prefix, or a lasso.
#[derive(Clone)]
pub struct Trace {
    /// Names of the variables, in declaration order.
    pub variables: Vec<String>,
    /// The states, initial state first.
    pub steps: Vec<Step>,
    /// For a lasso: index of the state that the last one goes back to.
    pub loop_to: Option<usize>,
}

/// One state of a trace and how it was reached.
#[derive(Clone)]
pub struct Step {
    /// The action that led here; `None` for an initial state.
    pub action: Option<ActionLabel>,
    /// Values of the variables.
    pub values: Vec<Value>,
    /// What ALIAS shows instead, field by field; `None` without ALIAS.
    pub alias: Option<Vec<(String, Value)>>,
}

/// The name of a step.
#[derive(Clone)]
pub struct ActionLabel {
    /// Innermost named operator.
    pub name: String,
    /// Its bound parameters, outermost first.
    pub parameters: Vec<(String, Value)>,
    /// Where the action is written.
    pub span: Span,
}

/// The text of a field name, string or model value of the running universe.
fn symbol_text(symbol: Symbol) -> &'static str {
    Universe::current().text(symbol)
}
