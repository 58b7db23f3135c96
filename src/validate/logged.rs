//! What a log says about a value, and whether a value agrees with it.
//!
//! JSON knows fewer kinds than TLA+: `"p1"` may be a string or a model value, `[1, 2]` a sequence or a set, an object
//! a record or a function. So a log's JSON is not turned into a value: it is held against the value that the
//! specification gives. An object has all entries of a function or fields of a record; parts are told by paths
//! (`state[p1]`), or where the mapping says so.

use serde_json::Value as Json;

use super::mapping::Scalar;
use crate::value::{ModelValue, Universe, Value};

/// What a log says about a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Logged {
    /// `null`: nothing.
    Nothing,
    /// TRUE or FALSE.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond 64 bits: no value agrees.
    Large(String),
    /// A string or model value.
    Text(String),
    /// `{"#model": "…"}`.
    Model(String),
    /// A sequence, tuple or set.
    List(Vec<Logged>),
    /// `{"#tup": […]}`.
    Tuple(Vec<Logged>),
    /// `{"#set": […]}`.
    Set(Vec<Logged>),
    /// `{"#map": [[k, v], …]}`: a whole function.
    Map(Vec<(Logged, Logged)>),
    /// The entries of a function, the fields of a record.
    Entries(Vec<(String, Logged)>),
    /// Some of them.
    Part(Vec<(String, Logged)>),
}

/// A place where a log and a value disagree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Where: `state[p1]`.
    pub path: String,
    /// What the log says.
    pub logged: String,
    /// What the specification gives; `None` where it has nothing.
    pub actual: Option<String>,
}

/// Translates strings (and `null`) of a log.
pub trait Translate {
    /// What a string stands for, if not for itself.
    fn text(&self, text: &str) -> Option<&Scalar>;
    /// What `null` stands for, if for something.
    fn null(&self) -> Option<&Scalar>;
}

impl Logged {
    /// Reads JSON.
    ///
    /// # Errors
    /// When something in it is no value of TLA+.
    pub fn read(json: &Json, translate: &dyn Translate) -> Result<Logged, String> {
        Self::read_as(json, translate, false)
    }

    /// Reads JSON of which objects outside of lists may lack entries.
    ///
    /// # Errors
    /// As [`Logged::read`].
    pub fn read_part(json: &Json, translate: &dyn Translate) -> Result<Logged, String> {
        Self::read_as(json, translate, true)
    }

    fn read_as(json: &Json, translate: &dyn Translate, part: bool) -> Result<Logged, String> {
        Ok(match json {
            Json::Null => translate.null().map_or(Logged::Nothing, scalar),
            Json::Bool(truth) => Logged::Bool(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Logged::Int(number),
                None if number.is_f64() => return Err(format!("{number} is not an integer")),
                None => Logged::Large(number.to_string()),
            },
            Json::String(text) => translate.text(text).map_or_else(|| Logged::Text(text.clone()), scalar),
            Json::Array(items) => Logged::List(all(items, translate)?),
            Json::Object(fields) => {
                if let Some((kind, content)) =
                    fields.iter().next().filter(|(k, _)| fields.len() == 1 && k.starts_with('#'))
                {
                    return special(kind, content, translate);
                }
                let entries = fields
                    .iter()
                    .map(|(name, value)| Ok((key(name, translate), Logged::read_as(value, translate, part)?)));
                let entries = entries.collect::<Result<_, String>>()?;
                if part { Logged::Part(entries) } else { Logged::Entries(entries) }
            }
        })
    }

    /// True if it says nothing at all.
    pub fn is_nothing(&self) -> bool {
        match self {
            Logged::Nothing => true,
            Logged::Part(entries) => entries.iter().all(|(_, v)| v.is_nothing()),
            _ => false,
        }
    }

    /// True if a value agrees.
    pub fn agrees(&self, value: &Value) -> bool {
        match (self, value) {
            (Logged::Nothing, _) => true,
            (Logged::Bool(a), Value::Bool(b)) => a == b,
            (Logged::Int(a), Value::Int(b)) => a == b,
            (Logged::Text(logged), _) => text_of(value).is_some_and(|text| logged == text),
            (Logged::Model(logged), Value::Model(model)) => logged == Universe::current().text(model.symbol),
            (Logged::List(items) | Logged::Tuple(items), Value::Tuple(tuple)) => {
                items.len() == tuple.items().len() && items.iter().zip(tuple.items()).all(|(l, v)| l.agrees(v))
            }
            (Logged::List(items) | Logged::Set(items), Value::Set(set)) => same_elements(items, set.elements()),
            (Logged::Map(pairs), _) => agrees_as_map(pairs, value),
            (Logged::Entries(entries), _) => entries_len(value) == Some(entries.len()) && entries_agree(entries, value),
            (Logged::Part(entries), _) => entries_len(value).is_some() && entries_agree(entries, value),
            _ => false,
        }
    }

    /// Where a value disagrees.
    pub fn differences(&self, value: &Value, path: &str, into: &mut Vec<Difference>) {
        if self.agrees(value) {
            return;
        }
        if let Logged::Entries(entries) | Logged::Part(entries) = self
            && entries_len(value).is_some()
        {
            let before = into.len();
            for (key, logged) in entries {
                let path = entry_path(path, value, key);
                match entry(value, key) {
                    Some(value) => logged.differences(&value, &path, into),
                    None => into.push(Difference { path, logged: logged.to_string(), actual: None }),
                }
            }
            if into.len() > before {
                return;
            }
        }
        if let (Logged::List(items) | Logged::Tuple(items), Value::Tuple(tuple)) = (self, value)
            && items.len() == tuple.items().len()
        {
            for (place, (logged, value)) in items.iter().zip(tuple.items()).enumerate() {
                logged.differences(value, &format!("{path}[{}]", place + 1), into);
            }
            return;
        }
        into.push(Difference { path: path.to_owned(), logged: self.to_string(), actual: Some(value.display()) });
    }

    /// The values it may stand for when nothing is known of the kind wanted: few, or none if there are too many.
    pub fn readings(&self) -> Vec<Value> {
        match self {
            Logged::Bool(truth) => vec![Value::Bool(*truth)],
            Logged::Int(number) => vec![Value::Int(*number)],
            Logged::Text(text) => {
                let symbol = Universe::current().symbol(text);
                vec![Value::String(symbol), Value::Model(ModelValue::new(symbol, text))]
            }
            Logged::Model(text) => vec![Value::Model(ModelValue::new(Universe::current().symbol(text), text))],
            Logged::List(items) => {
                let Some(items) = one_reading_each(items) else { return Vec::new() };
                vec![Value::tuple(items.clone()), Value::set_literal(items)]
            }
            Logged::Tuple(items) => one_reading_each(items).map(|items| vec![Value::tuple(items)]).unwrap_or_default(),
            Logged::Set(items) => one_reading_each(items).map(|i| vec![Value::set_literal(i)]).unwrap_or_default(),
            Logged::Entries(entries) | Logged::Part(entries) if !entries.is_empty() => {
                let universe = Universe::current();
                let fields = entries.iter().map(|(name, logged)| {
                    let reading = logged.readings().into_iter().next()?;
                    Some((universe.symbol(name), reading))
                });
                fields.collect::<Option<Vec<_>>>().map(|fields| vec![Value::record(fields)]).unwrap_or_default()
            }
            Logged::Entries(_) | Logged::Part(_) | Logged::Nothing | Logged::Large(_) | Logged::Map(_) => Vec::new(),
        }
    }

    /// A value that agrees, as like another one as can be: what the log does not say is taken from there.
    pub fn like(&self, other: &Value) -> Option<Value> {
        if self.agrees(other) {
            return Some(other.clone());
        }
        match (self, other) {
            (Logged::Bool(truth), _) => Some(Value::Bool(*truth)),
            (Logged::Int(number), _) => Some(Value::Int(*number)),
            (Logged::Text(text), Value::Model(_)) | (Logged::Model(text), _) => {
                Some(Value::Model(ModelValue::new(Universe::current().symbol(text), text)))
            }
            (Logged::Text(text), _) => Some(Value::string(text)),
            (Logged::List(items) | Logged::Set(items), Value::Set(set)) => {
                let like = set.elements().first();
                Some(Value::set_literal(items.iter().map(|i| i.like_any(like)).collect::<Option<_>>()?))
            }
            (Logged::List(items) | Logged::Tuple(items), _) => {
                let known: &[Value] = if let Value::Tuple(tuple) = other { tuple.items() } else { &[] };
                let items = items.iter().enumerate().map(|(i, item)| item.like_any(known.get(i).or(known.first())));
                Some(Value::tuple(items.collect::<Option<_>>()?))
            }
            (Logged::Set(items), _) => {
                Some(Value::set_literal(items.iter().map(|i| i.like_any(None)).collect::<Option<_>>()?))
            }
            (Logged::Entries(entries) | Logged::Part(entries), _) => entries_like(entries, other),
            (Logged::Nothing | Logged::Large(_) | Logged::Map(_), _) => None,
        }
    }

    fn like_any(&self, other: Option<&Value>) -> Option<Value> {
        match other {
            Some(other) => self.like(other),
            None => self.readings().into_iter().next(),
        }
    }
}

fn scalar(scalar: &Scalar) -> Logged {
    match scalar {
        Scalar::Bool(truth) => Logged::Bool(*truth),
        Scalar::Int(number) => Logged::Int(*number),
        Scalar::Text(text) => Logged::Text(text.clone()),
    }
}

fn key(name: &str, translate: &dyn Translate) -> String {
    match translate.text(name) {
        Some(Scalar::Text(text)) => text.clone(),
        Some(Scalar::Int(number)) => number.to_string(),
        Some(Scalar::Bool(true)) => "TRUE".to_owned(),
        Some(Scalar::Bool(false)) => "FALSE".to_owned(),
        None => name.to_owned(),
    }
}

fn all(items: &[Json], translate: &dyn Translate) -> Result<Vec<Logged>, String> {
    items.iter().map(|item| Logged::read(item, translate)).collect()
}

fn special(kind: &str, content: &Json, translate: &dyn Translate) -> Result<Logged, String> {
    match (kind, content) {
        ("#set", Json::Array(items)) => Ok(Logged::Set(all(items, translate)?)),
        ("#tup", Json::Array(items)) => Ok(Logged::Tuple(all(items, translate)?)),
        ("#model", Json::String(name)) => Ok(Logged::Model(name.clone())),
        ("#bigint", Json::String(digits)) => {
            let unsigned = digits.strip_prefix('-').unwrap_or(digits);
            if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!("{digits} is not an integer"));
            }
            Ok(digits.parse().map_or_else(|_| Logged::Large(digits.clone()), Logged::Int))
        }
        ("#map", Json::Array(pairs)) => {
            let pair = |pair: &Json| match pair.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((Logged::read(key, translate)?, Logged::read(value, translate)?)),
                _ => Err("an entry of a #map is a pair [key, value]".to_owned()),
            };
            Ok(Logged::Map(pairs.iter().map(pair).collect::<Result<_, String>>()?))
        }
        _ => Err(format!("{kind} is none of #set, #tup, #map, #model, #bigint, or its content is of the wrong kind")),
    }
}

/// The text of a string or model value.
fn text_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(symbol) => Some(Universe::current().text(*symbol)),
        Value::Model(model) => Some(Universe::current().text(model.symbol)),
        _ => None,
    }
}

/// True if a value is what a key of a log stands for.
pub fn is_key(key: &str, value: &Value) -> bool {
    match value {
        Value::Int(number) => key.parse() == Ok(*number),
        Value::Bool(truth) => key.eq_ignore_ascii_case(if *truth { "TRUE" } else { "FALSE" }),
        Value::Tuple(tuple) => {
            let mut parts = key.trim_start_matches("<<").trim_end_matches(">>").split(',');
            let items = tuple.items();
            items.iter().all(|item| parts.next().is_some_and(|part| is_key(unquoted(part), item)))
                && parts.next().is_none()
        }
        _ => match text_of(value) {
            Some(text) => text == key,
            None => value.display() == key,
        },
    }
}

fn unquoted(part: &str) -> &str {
    let part = part.trim();
    part.strip_prefix('"').and_then(|p| p.strip_suffix('"')).unwrap_or(part)
}

/// Entries of a function, record or sequence.
fn entries_len(value: &Value) -> Option<usize> {
    match value {
        Value::Tuple(tuple) => Some(tuple.items().len()),
        Value::Record(record) => Some(record.names().len()),
        Value::Function(function) => Some(function.values().len()),
        _ => None,
    }
}

/// The entry of a function, record or sequence that a key stands for.
pub fn entry(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Tuple(tuple) => {
            let place: usize = key.parse().ok()?;
            tuple.items().get(place.checked_sub(1)?).cloned()
        }
        Value::Record(record) => {
            record.iter().find(|(name, _)| Universe::current().text(*name) == key).map(|(_, v)| v.clone())
        }
        Value::Function(function) => {
            let place = function.domain().iter().position(|argument| is_key(key, argument))?;
            function.values().get(place).cloned()
        }
        _ => None,
    }
}

fn entries_agree(entries: &[(String, Logged)], value: &Value) -> bool {
    entries.iter().all(|(key, logged)| entry(value, key).is_some_and(|value| logged.agrees(&value)))
}

fn entry_path(path: &str, value: &Value, key: &str) -> String {
    if matches!(value, Value::Record(_)) { format!("{path}.{key}") } else { format!("{path}[{key}]") }
}

/// Each element agrees with a logged one and the other way round: logged elements are complete, so that at most one
/// value agrees with each.
fn same_elements(logged: &[Logged], elements: &[Value]) -> bool {
    logged.iter().all(|l| elements.iter().any(|e| l.agrees(e)))
        && elements.iter().all(|e| logged.iter().any(|l| l.agrees(e)))
}

fn agrees_as_map(pairs: &[(Logged, Logged)], value: &Value) -> bool {
    let agrees = |argument: &Value, result: &Value| pairs.iter().any(|(k, v)| k.agrees(argument) && v.agrees(result));
    let each = |count: usize, all: bool| all && pairs.len() == count;
    match value {
        Value::Tuple(tuple) => {
            let items = tuple.items();
            each(items.len(), items.iter().zip(1..).all(|(item, place)| agrees(&Value::Int(place), item)))
        }
        Value::Record(record) => {
            each(record.names().len(), record.iter().all(|(name, field)| agrees(&Value::String(name), field)))
        }
        Value::Function(function) => {
            let entries = function.domain().iter().zip(function.values());
            each(function.values().len(), entries.into_iter().all(|(argument, result)| agrees(argument, result)))
        }
        _ => false,
    }
}

fn one_reading_each(items: &[Logged]) -> Option<Vec<Value>> {
    items.iter().map(|item| item.readings().into_iter().next()).collect()
}

fn entries_like(entries: &[(String, Logged)], other: &Value) -> Option<Value> {
    let found = |key: &str| entries.iter().find(|(k, _)| k == key).map(|(_, v)| v);
    let updated = |key: &dyn Fn(&str) -> bool, old: &Value| match entries.iter().find(|(k, _)| key(k)) {
        Some((_, logged)) if !logged.is_nothing() => logged.like(old),
        _ => Some(old.clone()),
    };
    match other {
        Value::Record(record) => {
            let universe = Universe::current();
            let fields = record.iter().map(|(name, old)| match found(universe.text(name)) {
                Some(logged) if !logged.is_nothing() => Some((name, logged.like(old)?)),
                _ => Some((name, old.clone())),
            });
            Some(Value::record(fields.collect::<Option<_>>()?))
        }
        Value::Tuple(tuple) => {
            let items = tuple.items().iter().zip(1_u64..);
            let items = items.map(|(old, place)| updated(&|key| key.parse() == Ok(place), old));
            Some(Value::tuple(items.collect::<Option<_>>()?))
        }
        Value::Function(function) => {
            let pairs = function.domain().iter().zip(function.values());
            let values = pairs.map(|(argument, old)| updated(&|key| is_key(key, argument), old));
            function.with_values(values.collect::<Option<Vec<_>>>()?)
        }
        _ => None,
    }
}

impl std::fmt::Display for Logged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |f: &mut std::fmt::Formatter<'_>, items: &[Logged]| {
            items.iter().enumerate().try_for_each(|(i, item)| write!(f, "{}{item}", if i > 0 { ", " } else { "" }))
        };
        match self {
            Logged::Nothing => write!(f, "null"),
            Logged::Bool(truth) => write!(f, "{}", if *truth { "TRUE" } else { "FALSE" }),
            Logged::Int(number) => write!(f, "{number}"),
            Logged::Large(digits) => write!(f, "{digits}"),
            Logged::Text(text) => write!(f, "\"{text}\""),
            Logged::Model(name) => write!(f, "{name}"),
            Logged::List(items) => {
                write!(f, "[")?;
                list(f, items)?;
                write!(f, "]")
            }
            Logged::Tuple(items) => {
                write!(f, "<<")?;
                list(f, items)?;
                write!(f, ">>")
            }
            Logged::Set(items) => {
                write!(f, "{{")?;
                list(f, items)?;
                write!(f, "}}")
            }
            Logged::Map(pairs) => {
                write!(f, "(")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key} :> {value}", if i > 0 { " @@ " } else { "" })?;
                }
                write!(f, ")")
            }
            Logged::Entries(entries) | Logged::Part(entries) => {
                write!(f, "{{")?;
                for (i, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i > 0 { ", " } else { "" })?;
                }
                write!(f, "}}")
            }
        }
    }
}
