//! TLA+ values.
//!
//! *Takes* elements, fields, domains. *Gives* values with TLC's equality, order, membership,
//! enumeration and printing. *Holds*: an explicit set is sorted and without duplicates; a function with
//! domain `1..n` is a [`Value::Tuple`], one whose domain is strings only a [`Value::Record`], so that equal
//! values have equal shapes; composites are reference-counted while temporary, and shared for the
//! whole run (no counting, identity is equality) once interned. *Ignores* expressions, states, files.
//!
//! Phases of a value's life: it is built, **described** ([`Lazy`]) if listing it may fail, be large or not be
//! needed; **listed** when somebody goes through its elements or compares it; **normalised** (listed at
//! every depth) when it is stored; then **interned**: from there on it is a [`ValueId`].

pub mod machine;
mod shared;
mod composite;
mod lazy;
mod lambda;
mod probe;
mod order;
mod sort;
mod combine;
mod hash;
mod normal;
mod elements;
mod membership;
mod size;
mod function;
mod print;
mod sync;
mod shards;
mod universe;

use std::rc::Rc;

use crate::resolve::spec::Symbol;
use machine::{Fault, FaultKind, Result};

pub use composite::{Function, Record, Set, Shape, Tuple};
pub use elements::{Elements, elements, sorted_elements};
pub use function::{apply, domain, except_get, except_set, field, function_pairs, sequence, sequence_len};
pub(crate) use hash::mix;
pub use hash::{hash_listed, key_hash, same_key};
pub(crate) use lambda::Lambda;
pub use lazy::{Lazy, Shape as LazyShape};
pub use membership::{member, member_at_once, subset_eq};
pub(crate) use normal::list_small;
pub use normal::{is_listed, normalize, small_filter, to_set};
pub use order::{compare, compare_total, equal, equal_at_once, symbol_order};
pub use print::print;
pub use shared::Shared;
pub use size::{cardinality, is_finite};
pub use universe::{Universe, ValueId};

/// A value. Cheap to clone. Not `Send`: what crosses threads are interned values by their id.
///
/// The wide tag puts every payload into the upper half: values then move as two words. Left to itself
/// the compiler moves a byte and fifteen more in overlapping pieces, and each piece waits for the last
/// (`cargo bench --bench interner`, "go through 20 messages": 132 ns, 787 ns without).
#[repr(u64)]
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

const _: () = assert!(size_of::<Value>() == 16 && size_of::<Result<Option<Value>>>() == 16);

/// A model value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ModelValue {
    /// Its name.
    pub symbol: Symbol,
    /// The letter of typed model values: `T` for `T_x`.
    pub kind: Option<u8>,
}

impl ModelValue {
    /// The model value with this name.
    pub fn new(symbol: Symbol, text: &str) -> Self {
        let kind = match text.as_bytes() {
            [letter, b'_', ..] if letter.is_ascii_alphabetic() => Some(*letter),
            _ => None,
        };
        Self { symbol, kind }
    }
}

impl Value {
    /// An integer.
    #[inline(always)]
    pub fn int(number: i64) -> Value {
        Value::Int(number)
    }

    /// TRUE or FALSE.
    #[inline(always)]
    pub fn bool(truth: bool) -> Value {
        Value::Bool(truth)
    }

    /// The boolean it is.
    ///
    /// # Errors
    /// When it is none; `what` says where one is needed.
    #[inline]
    pub fn as_bool(&self, what: &str) -> Result<bool> {
        if let Value::Bool(truth) = self { Ok(*truth) } else { Err(self.unexpected("a boolean", what)) }
    }

    /// The integer it is.
    ///
    /// # Errors
    /// When it is none; `what` says where one is needed.
    #[inline]
    pub fn as_int(&self, what: &str) -> Result<i64> {
        if let Value::Int(number) = self { Ok(*number) } else { Err(self.unexpected("an integer", what)) }
    }

    #[cold]
    fn unexpected(&self, wanted: &str, what: &str) -> Box<Fault> {
        Fault::new(
            FaultKind::Type,
            format!("Expected {wanted} as {what}, but got {} {}.", self.kind_name(), self.display()),
        )
    }

    /// What it is, for messages.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Bool(_) => "the boolean",
            Value::Int(_) => "the integer",
            Value::String(_) => "the string",
            Value::Model(_) => "the model value",
            Value::Tuple(_) => "the tuple",
            Value::Record(_) => "the record",
            Value::Function(_) => "the function",
            Value::Set(_) => "the set",
            Value::Lazy(lazy) if lazy.probe().is_some() => lazy.probe().map_or("the set", |p| p.shown().kind_name()),
            Value::Lazy(lazy) if lazy.shape().is_function() => "the function",
            Value::Lazy(_) => "the set",
            Value::Operator(_) => "the operator",
        }
    }
}
