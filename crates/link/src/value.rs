//! TLA+ values as data.
//!
//! Equal values have equal shapes: a function with domain `1..n` is a [`Value::Tuple`], one whose domain is strings
//! only a [`Value::Record`], sets and domains are sorted. [`Value::function`] sees to the first two.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::integer::Integer;

/// A TLA+ value. The order is total and the same in every implementation of this format: by kind as listed here, then
/// integers by size, texts by code points, composites element by element.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Value {
    /// TRUE, FALSE.
    Bool(bool),
    /// A whole number of any size.
    Int(Integer),
    /// A string.
    Str(String),
    /// A model value: equal to itself only, never to the string of the same name.
    Model(String),
    /// `<<a, b>>`: a tuple, a sequence, any function with domain `1..n`; `<<>>` is also the empty function.
    Tuple(Vec<Value>),
    /// `{a, b}`.
    Set(BTreeSet<Value>),
    /// `[f |-> a]`: a function whose domain is strings.
    Record(BTreeMap<String, Value>),
    /// Any other function.
    Function(BTreeMap<Value, Value>),
    /// Something the writer could not write out, as text.
    Opaque(String),
}

impl Value {
    /// A string.
    pub fn str(text: impl Into<String>) -> Self {
        Value::Str(text.into())
    }

    /// A model value.
    pub fn model(name: impl Into<String>) -> Self {
        Value::Model(name.into())
    }

    /// A tuple or sequence.
    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Self {
        Value::Tuple(items.into_iter().collect())
    }

    /// A set.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Value::Set(elements.into_iter().collect())
    }

    /// A record; without fields it is the empty function.
    pub fn record<N: Into<String>>(fields: impl IntoIterator<Item = (N, Value)>) -> Self {
        let fields: BTreeMap<String, Value> = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        if fields.is_empty() { Value::Tuple(Vec::new()) } else { Value::Record(fields) }
    }

    /// The function with these arguments and results, in the shape that equal functions share. Of several pairs with
    /// the same argument the last counts.
    pub fn function(pairs: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let pairs: BTreeMap<Value, Value> = pairs.into_iter().collect();
        let is_sequence =
            pairs.keys().zip(1i64..).all(|(key, n)| matches!(key, Value::Int(i) if i.to_i64() == Some(n)));
        if is_sequence {
            return Value::Tuple(pairs.into_values().collect());
        }
        if !pairs.keys().all(|key| matches!(key, Value::Str(_))) {
            return Value::Function(pairs);
        }
        let fields = pairs.into_iter().filter_map(|(key, value)| match key {
            Value::Str(name) => Some((name, value)),
            _ => None,
        });
        Value::Record(fields.collect())
    }

    /// The result of applying a function, record or tuple to an argument; `None` outside of its domain.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        match (self, key) {
            (Value::Tuple(items), Value::Int(index)) => {
                let index = usize::try_from(index.to_i64()?).ok()?;
                items.get(index.checked_sub(1)?)
            }
            (Value::Record(fields), Value::Str(name)) => fields.get(name),
            (Value::Function(pairs), key) => pairs.get(key),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Str(_) => "a string",
            Value::Model(_) => "a model value",
            Value::Tuple(_) => "a tuple",
            Value::Set(_) => "a set",
            Value::Record(_) => "a record",
            Value::Function(_) => "a function",
            Value::Opaque(_) => "a value that was not written out",
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.to_owned())
    }
}

/// As TLA+ writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(truth) => f.write_str(if *truth { "TRUE" } else { "FALSE" }),
            Value::Int(number) => write!(f, "{number}"),
            Value::Str(text) => quoted(f, text),
            Value::Model(name) => f.write_str(name),
            Value::Tuple(items) => listed(f, "<<", items.iter(), ">>"),
            Value::Set(elements) => listed(f, "{", elements.iter(), "}"),
            Value::Record(fields) => {
                f.write_str("[")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name} |-> {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Function(pairs) => {
                f.write_str("(")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key} :> {value}", if i == 0 { "" } else { " @@ " })?;
                }
                f.write_str(")")
            }
            Value::Opaque(text) => f.write_str(text),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

fn listed<'a>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: impl Iterator<Item = &'a Value>,
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (i, item) in items.enumerate() {
        write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str(close)
}
