//! Json: values as JSON text and back.
//!
//! Sets and sequences become arrays, records and other functions objects; an array becomes a sequence,
//! an object a record, null the model value `null`.

use serde_json::Value as Json;

use super::argument::Call;
use super::files;
use super::native::{Native, impure, pure};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, ModelValue, Universe, Value};

// Reading a file counts as pure: a log is a constant of the run, and is parsed once.
pub(super) static NATIVES: &[Native] = &[
    pure("Json", "ToJson", 1, to_json),
    pure("Json", "ToJsonArray", 1, to_json_array),
    pure("Json", "ToJsonObject", 1, to_json_object),
    impure("Json", "JsonSerialize", 2, json_serialize),
    pure("Json", "JsonDeserialize", 1, json_deserialize),
    impure("Json", "ndJsonSerialize", 2, nd_json_serialize),
    pure("Json", "ndJsonDeserialize", 1, nd_json_deserialize),
];

#[cold]
fn unsupported(value: &Value) -> Box<Fault> {
    Fault::new(FaultKind::Type, format!("This value cannot be written as JSON:\n{}", value.display()))
}

/// A value as JSON.
pub(super) fn encode(machine: &mut dyn Machine, value: &Value) -> Result<Json> {
    let universe = Universe::current();
    Ok(match value {
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::String(symbol) => Json::from(universe.text(*symbol)),
        Value::Model(model) => Json::from(universe.text(model.symbol)),
        Value::Tuple(tuple) => array(machine, tuple.items())?,
        Value::Set(set) => array(machine, set.elements())?,
        Value::Record(_) | Value::Function(_) => object(machine, value)?,
        Value::Lazy(_) => match value::normalize(machine, value) {
            Ok(Value::Lazy(_)) => return Err(unsupported(value)),
            Ok(settled) => encode(machine, &settled)?,
            Err(fault) if fault.kind == FaultKind::NotEnumerable => return Err(unsupported(value)),
            Err(fault) => return Err(fault),
        },
        Value::Operator(_) => return Err(unsupported(value)),
    })
}

fn array(machine: &mut dyn Machine, items: &[Value]) -> Result<Json> {
    let items = items.iter().map(|item| encode(machine, item));
    items.collect::<Result<Vec<_>>>().map(Json::Array)
}

/// A function as an object: its arguments printed, except that strings are themselves.
fn object(machine: &mut dyn Machine, value: &Value) -> Result<Json> {
    let (domain, values) = value::function_pairs(machine, value)?.ok_or_else(|| unsupported(value))?;
    let mut fields = serde_json::Map::with_capacity(domain.len());
    for (argument, result) in domain.iter().zip(&values) {
        let name = match argument {
            Value::String(symbol) => Universe::current().text(*symbol).to_owned(),
            other => value::print(machine, other)?,
        };
        fields.insert(name, encode(machine, result)?);
    }
    Ok(Json::Object(fields))
}

/// JSON as a value.
pub(super) fn decode(machine: &mut dyn Machine, json: &Json) -> Result<Value> {
    let universe = Universe::current();
    Ok(match json {
        Json::Null => Value::Model(ModelValue::new(universe.symbol("null"), "null")),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => super::argument::integer(machine, Some(number), || number.to_string())?,
            None => {
                let message = format!("This JSON number is not an integer of 64 bits: {number}");
                return Err(Fault::new(FaultKind::Other, message));
            }
        },
        Json::String(text) => Value::string(text),
        Json::Array(items) => {
            let items = items.iter().map(|item| decode(machine, item));
            Value::tuple(items.collect::<Result<_>>()?)
        }
        Json::Object(fields) if fields.is_empty() => Value::empty_tuple(),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let value = decode(machine, value)?;
                Ok((universe.symbol(name), value))
            });
            Value::record(fields.collect::<Result<_>>()?)
        }
    })
}

fn to_json(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    encode(machine, &arguments[0]).map(|json| Value::string(&json.to_string()))
}

/// Only what has no natural order of its own, or is a sequence: records are refused, as by TLC.
fn to_json_array(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    match value::normalize(machine, &arguments[0])? {
        Value::Record(_) => Err(unsupported(&arguments[0])),
        settled @ (Value::Tuple(_) | Value::Set(_) | Value::Function(_)) => {
            encode(machine, &settled).map(|json| Value::string(&json.to_string()))
        }
        _ => Err(unsupported(&arguments[0])),
    }
}

/// A sequence has the keys "0", "1", …, as TLC counts.
fn to_json_object(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let json = match value::normalize(machine, &arguments[0])? {
        settled @ (Value::Record(_) | Value::Function(_)) => object(machine, &settled)?,
        Value::Tuple(tuple) => {
            let mut fields = serde_json::Map::new();
            for (place, item) in tuple.items().iter().enumerate() {
                fields.insert(place.to_string(), encode(machine, item)?);
            }
            Json::Object(fields)
        }
        _ => return Err(unsupported(&arguments[0])),
    };
    Ok(Value::string(&json.to_string()))
}

fn json_serialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("JsonSerialize", arguments);
    let path = files::path(machine, "JsonSerialize", &call, 0)?;
    let json = encode(machine, call.value(1))?;
    files::write("JsonSerialize", &path, &json.to_string())
}

fn json_deserialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("JsonDeserialize", arguments);
    let path = files::path(machine, "JsonDeserialize", &call, 0)?;
    let text = files::read("JsonDeserialize", &path)?;
    match serde_json::from_str(&text) {
        Ok(json) => decode(machine, &json),
        Err(error) => Err(files::failed("JsonDeserialize", &path, &error)),
    }
}

fn nd_json_serialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ndJsonSerialize", arguments);
    let path = files::path(machine, "ndJsonSerialize", &call, 0)?;
    let sequence = call.sequence(machine, 1)?;
    let mut text = String::new();
    for item in sequence.items() {
        text.push_str(&encode(machine, item)?.to_string());
        text.push('\n');
    }
    files::write("ndJsonSerialize", &path, &text)
}

fn nd_json_deserialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ndJsonDeserialize", arguments);
    let path = files::path(machine, "ndJsonDeserialize", &call, 0)?;
    let text = files::read("ndJsonDeserialize", &path)?;
    let mut items = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(json) => items.push(decode(machine, &json)?),
            Err(error) => {
                let error = format!("line {}: {error}", number + 1);
                return Err(files::failed("ndJsonDeserialize", &path, &error));
            }
        }
    }
    Ok(Value::tuple(items))
}
