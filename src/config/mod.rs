//! The `.cfg` file of a model: what the constants are and what is checked.
//!
//! *Takes* the text of a config. *Gives* a [`Config`] and all diagnostics. *Holds*: at most one of
//! each single section, and not both SPECIFICATION and INIT or NEXT. *Ignores* what the names mean.

mod read;

pub(crate) mod nearest;

pub(crate) use read::nearest_keyword;
pub use read::parse_config;

use crate::diagnostic::{FileId, Span};

/// A name written in a config: `Op` or `I!Op`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// As written.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A value written in a config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A natural number.
    Int(i64),
    /// TRUE or FALSE.
    Bool(bool),
    /// A string, unescaped.
    String(String),
    /// A model value.
    Model(String),
    /// `{…}` in the order written.
    Set(Vec<Value>),
}

/// The right-hand side of an assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Right {
    /// `= v`.
    Value(Value),
    /// `<- Def`.
    Operator(Reference),
}

/// `C = v`, `C(v, w) = u`, `C <- Def`, `C <- [M]Def`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// The constant or definition that is given a meaning.
    pub left: Reference,
    /// `C(v, w)`; empty for `C`.
    pub arguments: Vec<Value>,
    /// `[M]`: only `C` of module `M`.
    pub module: Option<Reference>,
    /// What it means.
    pub right: Right,
    /// The whole assignment.
    pub span: Span,
}

/// A model.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub file: FileId,
    /// CONSTANT(S), in order.
    pub assignments: Vec<Assignment>,
    /// INIT.
    pub init: Option<Reference>,
    /// NEXT.
    pub next: Option<Reference>,
    /// SPECIFICATION.
    pub specification: Option<Reference>,
    /// INVARIANT(S).
    pub invariants: Vec<Reference>,
    /// PROPERTY / PROPERTIES.
    pub properties: Vec<Reference>,
    /// CONSTRAINT(S).
    pub constraints: Vec<Reference>,
    /// ACTION_CONSTRAINT(S).
    pub action_constraints: Vec<Reference>,
    /// VIEW.
    pub view: Option<Reference>,
    /// SYMMETRY.
    pub symmetry: Option<Reference>,
    /// ALIAS.
    pub alias: Option<Reference>,
    /// POSTCONDITION(S).
    pub postconditions: Vec<Reference>,
    /// CHECK_DEADLOCK.
    pub check_deadlock: Option<bool>,
    /// Names and strings in the order of the text: the order of model values starts with it.
    pub tokens: Vec<String>,
}

impl Config {
    /// A config that says nothing.
    pub fn empty(file: FileId) -> Self {
        Self {
            file,
            assignments: Vec::new(),
            init: None,
            next: None,
            specification: None,
            invariants: Vec::new(),
            properties: Vec::new(),
            constraints: Vec::new(),
            action_constraints: Vec::new(),
            view: None,
            symmetry: None,
            alias: None,
            postconditions: Vec::new(),
            check_deadlock: None,
            tokens: Vec::new(),
        }
    }
}
