//! What somebody saw of a value, in words that fit several values.
//!
//! A program's `Vec` is a tuple or a set, its text a string or a model value: only the spec's value decides. So what is
//! observed is kept as it came, and compared by going along the spec's value ([`crate::differences`]).

use serde_json::{Value as Json, json};

use crate::integer::Integer;
use crate::json::NotAValue;
use crate::value::Value;

/// What somebody saw of a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Observed {
    /// Nothing: `None`, `()`, null. It is not compared.
    Unknown,
    /// TRUE, FALSE.
    Bool(bool),
    /// An integer.
    Int(Integer),
    /// A string or a model value.
    Text(String),
    /// A tuple, a sequence, or a set with these elements.
    List(Vec<Observed>),
    /// A tuple or sequence.
    Sequence(Vec<Observed>),
    /// A set with these elements.
    Set(Vec<Observed>),
    /// A record, of which fields may be left out; in a set, where it could be any element, they may not.
    Fields(Vec<(String, Observed)>),
    /// A record or function, whole. Texts are arguments that are strings, model values, or integers as digits.
    Map(Vec<(Observed, Observed)>),
    /// This value and no other.
    Exactly(Value),
}

impl Observed {
    /// What a log says of a value: ITF, or plain JSON.
    ///
    /// # Errors
    /// When it is neither.
    pub fn from_json(json: &Json) -> Result<Observed, NotAValue> {
        Ok(match json {
            Json::Null => Observed::Unknown,
            Json::Bool(truth) => Observed::Bool(*truth),
            Json::Number(number) => Observed::Int(number.to_string().parse().map_err(|e| NotAValue(format!("{e}")))?),
            Json::String(text) => Observed::Text(text.clone()),
            Json::Array(items) => Observed::List(items.iter().map(Observed::from_json).collect::<Result<_, _>>()?),
            Json::Object(object) if object.keys().any(|name| name.starts_with('#')) => {
                Observed::tagged(json, object.iter().next().filter(|_| object.len() == 1))?
            }
            Json::Object(object) => {
                let pairs =
                    object.iter().map(|(name, value)| Ok((Observed::Text(name.clone()), Observed::from_json(value)?)));
                Observed::Map(pairs.collect::<Result<_, _>>()?)
            }
        })
    }

    /// As a log has it: plain JSON where that says the same.
    pub fn to_json(&self) -> Json {
        let all = |items: &[Observed]| items.iter().map(Observed::to_json).collect::<Json>();
        match self {
            Observed::Unknown => Json::Null,
            Observed::Bool(truth) => Json::Bool(*truth),
            Observed::Int(number) => Value::Int(number.clone()).to_json(),
            Observed::Text(text) => Json::String(text.clone()),
            Observed::List(items) => all(items),
            Observed::Sequence(items) => json!({ "#tup": all(items) }),
            Observed::Set(items) => json!({ "#set": all(items) }),
            Observed::Fields(fields) if !fields.iter().any(|(name, _)| name.starts_with('#')) => {
                Json::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
            Observed::Fields(fields) => {
                let pairs = fields.iter().map(|(name, value)| json!([name, value.to_json()]));
                json!({ "#map": pairs.collect::<Json>() })
            }
            Observed::Map(pairs) => {
                let names = pairs.iter().map(|(key, value)| match key {
                    Observed::Text(name) if !name.starts_with('#') => Some((name.clone(), value.to_json())),
                    _ => None,
                });
                names.collect::<Option<_>>().map(Json::Object).unwrap_or_else(|| {
                    let pairs = pairs.iter().map(|(key, value)| json!([key.to_json(), value.to_json()]));
                    json!({ "#map": pairs.collect::<Json>() })
                })
            }
            Observed::Exactly(value) => value.to_json(),
        }
    }

    /// Composites may have plain JSON inside.
    fn tagged(json: &Json, entry: Option<(&String, &Json)>) -> Result<Observed, NotAValue> {
        match entry {
            Some((tag, Json::Array(pairs))) if tag == "#map" => {
                let pairs = pairs.iter().map(|pair| match pair.as_array().map(Vec::as_slice) {
                    Some([key, value]) => Ok((Observed::from_json(key)?, Observed::from_json(value)?)),
                    _ => Err(NotAValue(format!("{pair} in a #map is no pair of argument and result"))),
                });
                Ok(Observed::Map(pairs.collect::<Result<_, _>>()?))
            }
            Some((tag, Json::Array(items))) if tag == "#set" || tag == "#tup" => {
                let items = items.iter().map(Observed::from_json).collect::<Result<_, _>>()?;
                Ok(if tag == "#set" { Observed::Set(items) } else { Observed::Sequence(items) })
            }
            _ => Ok(Observed::Exactly(Value::from_json(json)?)),
        }
    }

    /// How many variables an observation of a state has something to say about.
    pub(crate) fn known_fields(&self) -> usize {
        match self {
            Observed::Fields(fields) => fields.iter().filter(|(_, value)| *value != Observed::Unknown).count(),
            Observed::Map(pairs) => pairs.iter().filter(|(_, value)| *value != Observed::Unknown).count(),
            _ => 0,
        }
    }

    /// The value it would be in the place of this one: for messages.
    pub(crate) fn like(&self, wanted: Option<&Value>) -> Value {
        match self {
            Observed::Unknown => Value::Opaque("?".to_owned()),
            Observed::Bool(truth) => Value::Bool(*truth),
            Observed::Int(number) => Value::Int(number.clone()),
            Observed::Text(text) => match wanted {
                Some(Value::Model(_)) => Value::model(text),
                _ => Value::str(text),
            },
            Observed::Set(items) => {
                let first = if let Some(Value::Set(elements)) = wanted { elements.first() } else { None };
                Value::set(items.iter().map(|item| item.like(first)))
            }
            Observed::List(items) | Observed::Sequence(items) => match wanted {
                Some(Value::Set(elements)) if matches!(self, Observed::List(_)) => {
                    Value::set(items.iter().map(|item| item.like(elements.first())))
                }
                Some(Value::Tuple(wanted)) => {
                    let item = |(i, item): (usize, &Observed)| item.like(wanted.get(i).or(wanted.first()));
                    Value::tuple(items.iter().enumerate().map(item))
                }
                _ => Value::tuple(items.iter().map(|item| item.like(None))),
            },
            Observed::Fields(fields) => {
                let known = fields.iter().filter(|(_, value)| *value != Observed::Unknown);
                Value::record(
                    known.map(|(name, value)| {
                        (name.as_str(), value.like(wanted.and_then(|w| w.get(&Value::str(name)))))
                    }),
                )
            }
            Observed::Map(pairs) => Value::function(pairs.iter().map(|(key, value)| {
                let known = wanted.and_then(|wanted| entry(wanted, key));
                let key = known.as_ref().map_or_else(|| key.like(None), |(key, _)| key.clone());
                (key, value.like(known.map(|(_, value)| value)))
            })),
            Observed::Exactly(value) => value.clone(),
        }
    }
}

/// The argument of a function that an observed key stands for, and the result there.
pub(crate) fn entry<'v>(function: &'v Value, key: &Observed) -> Option<(Value, &'v Value)> {
    let at = |key: Value| function.get(&key).map(|value| (key, value));
    match key {
        Observed::Int(number) => at(Value::Int(number.clone())),
        Observed::Bool(truth) => at(Value::Bool(*truth)),
        Observed::Text(text) => {
            let digits = || text.parse().ok().map(Value::Int);
            at(Value::str(text)).or_else(|| at(Value::model(text))).or_else(|| at(digits()?))
        }
        Observed::Exactly(value) => at(value.clone()),
        _ => match function {
            Value::Function(pairs) => {
                let found = pairs.iter().find(|(argument, _)| crate::difference::is(argument, key));
                found.map(|(argument, value)| (argument.clone(), value))
            }
            _ => None,
        },
    }
}
