//! TLA+ values.
//!
//! *Takes* elements, fields, domains. *Gives* values with TLC's equality, order, membership,
//! enumeration and printing. *Holds*: an explicit set is sorted and without duplicates; a function with
//! domain `1..n` is a [`Value::Tuple`], one whose domain is strings only a [`Value::Record`], so that equal
//! values have equal shapes; composites are reference-counted while temporary, and shared for the
//! whole run (no counting, identity is equality) once interned. *Ignores* expressions, states, files.

pub mod machine;

use std::rc::Rc;

use crate::resolve::spec::Symbol;

/// A value. Cheap to clone. Not `Send`: what crosses threads are interned values by their id.
#[derive(Clone)]
pub enum Value {
    /// TRUE, FALSE.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    String(Symbol),
    /// A model value.
    Model(ModelValue),
    /// `<<a, b>>`: a function with domain `1..n`, n ≥ 0.
    Tuple(Shared<Tuple>),
    /// A function whose domain is a non-empty set of strings.
    Record(Shared<Record>),
    /// Any other function with an explicit domain.
    Function(Shared<Function>),
    /// A set with its elements listed, sorted.
    Set(Shared<Set>),
    /// A set or function described, not listed.
    Lazy(Rc<Lazy>),
    /// An operator given to a native operator as an argument: not a TLA+ value.
    Operator(Rc<machine::Closure>),
}
