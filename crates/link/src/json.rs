//! Values as ITF writes them (Apalache's ADR 015).
//!
//! | value | JSON |
//! |---|---|
//! | integer | a number; beyond ±(2⁵³ − 1), where JSON readers round, `{"#bigint": "…"}` |
//! | boolean, string | the same |
//! | model value | a string that [`Names`] knows to be one, else `{"#model": "…"}` |
//! | tuple, sequence | `{"#tup": […]}`; a plain list is read too |
//! | set | `{"#set": […]}` |
//! | record | an object; with a field name that begins with `#`, a `#map` |
//! | function | `{"#map": [[key, value], …]}` |
//! | not written out | `{"#unserializable": "…"}` |

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::value::Value;

/// The largest integer that every JSON reader keeps exactly.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// Names that stand for model values where a JSON string stands for a value.
pub(crate) type Names = BTreeSet<String>;

/// JSON that is no ITF value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAValue(pub(crate) String);

impl fmt::Display for NotAValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAValue {}

impl Value {
    /// Reads one value. Strings are strings; model values are `{"#model": "…"}`.
    ///
    /// # Errors
    /// When it is no ITF value.
    pub fn from_json(json: &Json) -> Result<Value, NotAValue> {
        read(json, &Names::new())
    }

    /// Writes one value, model values as `{"#model": "…"}`.
    pub fn to_json(&self) -> Json {
        write(self, &Names::new())
    }
}

pub(crate) fn read(json: &Json, models: &Names) -> Result<Value, NotAValue> {
    Ok(match json {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Int(number.to_string().parse().map_err(|e| NotAValue(format!("{e}")))?),
        Json::String(text) if models.contains(text) => Value::Model(text.clone()),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::Tuple(read_all(items, models)?),
        Json::Object(object) => read_object(object, models)?,
        Json::Null => return Err(NotAValue("null is no value".to_owned())),
    })
}

fn read_all(items: &[Json], models: &Names) -> Result<Vec<Value>, NotAValue> {
    items.iter().map(|item| read(item, models)).collect()
}

fn read_object(object: &Map<String, Json>, models: &Names) -> Result<Value, NotAValue> {
    let mut fields = object.iter();
    if let (Some((name, inside)), None) = (fields.next(), fields.next())
        && name.starts_with('#')
    {
        return read_tagged(name, inside, models);
    }
    if let Some(name) = object.keys().find(|name| name.starts_with('#')) {
        return Err(NotAValue(format!("`{name}` stands beside other fields")));
    }
    let fields = object.iter().map(|(name, value)| Ok((name.clone(), read(value, models)?)));
    Ok(Value::record(fields.collect::<Result<Vec<_>, _>>()?))
}

fn read_tagged(tag: &str, inside: &Json, models: &Names) -> Result<Value, NotAValue> {
    let wrong = || NotAValue(format!("`{tag}` of {inside}"));
    Ok(match (tag, inside) {
        ("#bigint", Json::String(digits)) => Value::Int(digits.parse().map_err(|_| wrong())?),
        ("#model", Json::String(name)) => Value::Model(name.clone()),
        ("#unserializable", Json::String(text)) => Value::Opaque(text.clone()),
        ("#tup", Json::Array(items)) => Value::Tuple(read_all(items, models)?),
        ("#set", Json::Array(items)) => Value::set(read_all(items, models)?),
        ("#map", Json::Array(pairs)) => {
            let pairs = pairs.iter().map(|pair| match pair.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((read(key, models)?, read(value, models)?)),
                _ => Err(NotAValue(format!("{pair} in a #map is no pair of argument and result"))),
            });
            Value::function(pairs.collect::<Result<Vec<_>, _>>()?)
        }
        _ => return Err(wrong()),
    })
}

pub(crate) fn write(value: &Value, models: &Names) -> Json {
    let all = |items: &mut dyn Iterator<Item = &Value>| items.map(|item| write(item, models)).collect::<Json>();
    match value {
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => match number.to_i64() {
            Some(small) if small.unsigned_abs() <= SAFE_INTEGER_MAX => json!(small),
            _ => json!({ "#bigint": number.to_string() }),
        },
        Value::Str(text) => json!(text),
        Value::Model(name) if models.contains(name) => json!(name),
        Value::Model(name) => json!({ "#model": name }),
        Value::Tuple(items) => json!({ "#tup": all(&mut items.iter()) }),
        Value::Set(elements) => json!({ "#set": all(&mut elements.iter()) }),
        Value::Record(fields) if fields.keys().any(|name| name.starts_with('#')) => {
            let pairs = fields.iter().map(|(name, value)| json!([name, write(value, models)]));
            json!({ "#map": pairs.collect::<Json>() })
        }
        Value::Record(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.clone(), write(value, models))).collect())
        }
        Value::Function(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| json!([write(key, models), write(value, models)]));
            json!({ "#map": pairs.collect::<Json>() })
        }
        Value::Opaque(text) => json!({ "#unserializable": text }),
    }
}

/// Names of model values that no string of these values bears: they can be written as plain strings.
pub(crate) fn unmistakable<'a>(values: impl Iterator<Item = &'a Value>) -> Names {
    let (mut models, mut strings) = (Names::new(), Names::new());
    for value in values {
        gather(value, &mut models, &mut strings);
    }
    models.retain(|name| !strings.contains(name));
    models
}

fn gather(value: &Value, models: &mut Names, strings: &mut Names) {
    match value {
        Value::Str(text) => {
            if !strings.contains(text) {
                strings.insert(text.clone());
            }
        }
        Value::Model(name) => {
            if !models.contains(name) {
                models.insert(name.clone());
            }
        }
        Value::Tuple(items) => items.iter().for_each(|v| gather(v, models, strings)),
        Value::Set(elements) => elements.iter().for_each(|v| gather(v, models, strings)),
        Value::Record(fields) => {
            // A record with such a field is written as a `#map`, its names as values.
            if fields.keys().any(|name| name.starts_with('#')) {
                strings.extend(fields.keys().cloned());
            }
            fields.values().for_each(|v| gather(v, models, strings));
        }
        Value::Function(pairs) => pairs.iter().for_each(|(k, v)| {
            gather(k, models, strings);
            gather(v, models, strings);
        }),
        Value::Bool(_) | Value::Int(_) | Value::Opaque(_) => {}
    }
}
