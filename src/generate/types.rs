//! Types that fit all values seen.
//!
//! Types of values are joined: of different records the fields are put together, those that are not in all of them
//! optional; texts become an enumeration. What does not fit together is of no type in particular.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::{Universe, Value};

/// A type of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Type {
    /// No value was seen.
    Never,
    /// TRUE, FALSE.
    Bool,
    /// Integers.
    Int,
    /// These strings and model values.
    Text(BTreeSet<Word>),
    /// The empty sequence, which is the empty function, too.
    Empty,
    /// Sequences, and their length if all have the same.
    Sequence(Box<Type>, Option<usize>),
    /// Tuples of these.
    Tuple(Vec<Type>),
    /// Sets.
    Set(Box<Type>),
    /// Records; the flag says that a field is in all of them.
    Record(BTreeMap<String, (Type, bool)>),
    /// Functions.
    Map(Box<Type>, Box<Type>),
    /// Anything.
    Any,
}

/// A string or model value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// True for model values.
    pub model: bool,
}

/// Fields of a record at most; functions from more strings are maps.
const FIELDS_MAX: usize = 32;

impl Type {
    /// The type of one value.
    pub fn of(value: &Value) -> Type {
        let word = |symbol, model| {
            let text = Universe::current().text(symbol).to_owned();
            Type::Text(BTreeSet::from([Word { text, model }]))
        };
        match value {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::String(symbol) => word(*symbol, false),
            Value::Model(model) => word(model.symbol, true),
            Value::Tuple(tuple) if tuple.items().is_empty() => Type::Empty,
            Value::Tuple(tuple) => {
                let items: Vec<Type> = tuple.items().iter().map(Type::of).collect();
                match items.iter().cloned().reduce(Type::join) {
                    Some(item) if item.is_definite() => Type::Sequence(Box::new(item), Some(items.len())),
                    _ => Type::Tuple(items),
                }
            }
            Value::Record(record) if record.names().len() <= FIELDS_MAX => {
                let fields =
                    record.iter().map(|(name, v)| (Universe::current().text(name).to_owned(), (Type::of(v), true)));
                Type::Record(fields.collect())
            }
            Value::Record(record) => {
                let keys = record.names().iter().map(|name| word(*name, false)).fold(Type::Never, Type::join);
                let values = record.values().iter().map(Type::of).fold(Type::Never, Type::join);
                Type::Map(Box::new(keys), Box::new(values))
            }
            Value::Function(function) => {
                let keys = function.domain().iter().map(Type::of).fold(Type::Never, Type::join);
                let values = function.values().iter().map(Type::of).fold(Type::Never, Type::join);
                Type::Map(Box::new(keys), Box::new(values))
            }
            Value::Set(set) => Type::Set(Box::new(set.elements().iter().map(Type::of).fold(Type::Never, Type::join))),
            Value::Lazy(_) | Value::Operator(_) => Type::Any,
        }
    }

    /// The least type that values of both have.
    pub fn join(self, other: Type) -> Type {
        match (self, other) {
            (Type::Never, t) | (t, Type::Never) => t,
            (Type::Bool, Type::Bool) => Type::Bool,
            (Type::Int, Type::Int) => Type::Int,
            (Type::Text(mut a), Type::Text(b)) => {
                a.extend(b);
                Type::Text(a)
            }
            (Type::Empty, Type::Empty) => Type::Empty,
            (Type::Empty, Type::Sequence(t, _)) | (Type::Sequence(t, _), Type::Empty) => Type::Sequence(t, None),
            (Type::Empty, t @ Type::Map(..)) | (t @ Type::Map(..), Type::Empty) => t,
            (Type::Sequence(a, m), Type::Sequence(b, n)) => {
                let len = m.filter(|_| m == n);
                Type::Sequence(Box::new(a.join(*b)), len)
            }
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                Type::Tuple(a.into_iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            // A tuple whose items happened to be alike.
            (Type::Tuple(a), Type::Sequence(b, n)) | (Type::Sequence(b, n), Type::Tuple(a)) if n == Some(a.len()) => {
                Type::Tuple(a.into_iter().map(|a| a.join((*b).clone())).collect())
            }
            (Type::Set(a), Type::Set(b)) => Type::Set(Box::new(a.join(*b))),
            (Type::Map(a, b), Type::Map(c, d)) => Type::Map(Box::new(a.join(*c)), Box::new(b.join(*d))),
            (Type::Record(a), Type::Record(b)) => join_records(a, b),
            _ => Type::Any,
        }
    }

    /// True if nothing in it is of no type in particular.
    fn is_definite(&self) -> bool {
        match self {
            Type::Any => false,
            Type::Never | Type::Bool | Type::Int | Type::Text(_) | Type::Empty => true,
            Type::Sequence(t, _) | Type::Set(t) => t.is_definite(),
            Type::Tuple(items) => items.iter().all(Type::is_definite),
            Type::Record(fields) => fields.values().all(|(t, _)| t.is_definite()),
            Type::Map(a, b) => a.is_definite() && b.is_definite(),
        }
    }
}

fn join_records(a: BTreeMap<String, (Type, bool)>, mut b: BTreeMap<String, (Type, bool)>) -> Type {
    let mut joined = BTreeMap::new();
    for (name, (left, always)) in a {
        let field = match b.remove(&name) {
            Some((right, too)) => (left.join(right), always && too),
            None => (left, false),
        };
        joined.insert(name, field);
    }
    joined.extend(b.into_iter().map(|(name, (t, _))| (name, (t, false))));
    if joined.len() <= FIELDS_MAX { Type::Record(joined) } else { Type::Any }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Type {
        Type::Text(BTreeSet::from([Word { text: text.to_owned(), model: false }]))
    }

    #[test]
    fn joining_is_commutative_where_types_fit() {
        let record = |name: &str, t: Type| Type::Record(BTreeMap::from([(name.to_owned(), (t, true))]));
        let all = [
            Type::Never,
            Type::Bool,
            Type::Int,
            text("a"),
            text("b"),
            Type::Empty,
            Type::Sequence(Box::new(Type::Int), Some(2)),
            Type::Set(Box::new(text("a"))),
            Type::Map(Box::new(Type::Int), Box::new(text("b"))),
            record("x", Type::Int),
            record("y", Type::Bool),
        ];
        for a in &all {
            assert_eq!(a.clone().join(a.clone()), *a);
            for b in &all {
                assert_eq!(a.clone().join(b.clone()), b.clone().join(a.clone()), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn fields_that_are_not_everywhere_are_optional() {
        let a =
            Type::Record(BTreeMap::from([("k".to_owned(), (Type::Int, true)), ("x".to_owned(), (Type::Int, true))]));
        let b = Type::Record(BTreeMap::from([("k".to_owned(), (Type::Int, true))]));
        let Type::Record(fields) = a.join(b) else { panic!("records join to a record") };
        assert_eq!(fields["k"], (Type::Int, true));
        assert_eq!(fields["x"], (Type::Int, false));
    }
}
