//! Places in a state: `votes`, `state[p1]`, `leader.term`, `log[n1][3]`, `grid[1, 2]`.

use std::fmt;
use std::str::FromStr;

use crate::difference::{Difference, DifferenceKind};
use crate::integer::Integer;
use crate::trace::State;
use crate::value::Value;

/// A place in a state: a variable, followed by fields and arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    variable: String,
    segments: Vec<Segment>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    /// `.name`
    Field(String),
    /// `[key]`; several keys are a tuple.
    Argument(Vec<Key>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Key {
    Is(Value),
    /// A string or model value.
    Word(String),
}

/// The text is no path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAPath {
    text: String,
    reason: &'static str,
}

impl fmt::Display for NotAPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no path: {}", self.text, self.reason)
    }
}

impl std::error::Error for NotAPath {}

impl Path {
    /// The variable it begins with.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The value at this place.
    ///
    /// # Errors
    /// In words, when there is no such place.
    pub fn find<'s>(&self, state: &'s State) -> Result<&'s Value, String> {
        let Some(value) = state.get(&self.variable) else {
            let names: Vec<&str> = state.keys().map(String::as_str).collect();
            return Err(format!("the spec has no variable `{}`, only {}", self.variable, names.join(", ")));
        };
        self.within(value)
    }

    /// The value at this place, given the variable's.
    ///
    /// # Errors
    /// In words, when there is no such place.
    pub fn within<'s>(&self, variable: &'s Value) -> Result<&'s Value, String> {
        let mut value = variable;
        for segment in &self.segments {
            value = segment.of(value).ok_or_else(|| format!("`{segment}` is outside of {value}"))?;
        }
        Ok(value)
    }
}

impl Segment {
    fn of<'s>(&self, value: &'s Value) -> Option<&'s Value> {
        match self {
            Segment::Field(name) => match value {
                Value::Record(fields) => fields.get(name),
                _ => None,
            },
            Segment::Argument(keys) => match keys.as_slice() {
                [key] => key.candidates().iter().find_map(|key| value.get(key)),
                keys => match value {
                    Value::Function(pairs) => {
                        let found = pairs.iter().find(|(argument, _)| match argument {
                            Value::Tuple(items) => {
                                items.len() == keys.len() && keys.iter().zip(items).all(|(k, v)| k.fits(v))
                            }
                            _ => false,
                        });
                        found.map(|(_, value)| value)
                    }
                    _ => None,
                },
            },
        }
    }
}

impl Key {
    fn candidates(&self) -> Vec<Value> {
        match self {
            Key::Is(value) => vec![value.clone()],
            Key::Word(word) => vec![Value::model(word), Value::str(word)],
        }
    }

    fn fits(&self, value: &Value) -> bool {
        self.candidates().contains(value)
    }
}

impl FromStr for Path {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Path, NotAPath> {
        let fail = |reason| NotAPath { text: text.to_owned(), reason };
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (variable, mut rest) = text.split_at(end);
        if variable.trim().is_empty() {
            return Err(fail("it does not begin with a variable"));
        }
        let mut segments = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                if name.is_empty() {
                    return Err(fail("a field has no name"));
                }
                segments.push(Segment::Field(name.to_owned()));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (keys, after) = keys(after).map_err(fail)?;
                segments.push(Segment::Argument(keys));
                rest = after;
            } else {
                return Err(fail("after `]` comes `.`, `[` or the end"));
            }
        }
        Ok(Path { variable: variable.trim().to_owned(), segments })
    }
}

/// `p1]…`, `1, "a"]…`: the keys and what comes behind the bracket.
fn keys(text: &str) -> Result<(Vec<Key>, &str), &'static str> {
    let mut keys = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let (key, after) = key(rest)?;
        keys.push(key);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix(']') {
            return Ok((keys, after));
        } else {
            return Err("a bracket is not closed");
        }
    }
}

fn key(text: &str) -> Result<(Key, &str), &'static str> {
    if let Some(inside) = text.strip_prefix('"') {
        let mut string = String::new();
        let mut characters = inside.char_indices();
        while let Some((i, c)) = characters.next() {
            match c {
                '"' => return Ok((Key::Is(Value::str(string)), &inside[i + 1..])),
                '\\' => string.extend(characters.next().map(|(_, c)| c)),
                c => string.push(c),
            }
        }
        return Err("a string is not closed");
    }
    let end = text.find([',', ']']).ok_or("a bracket is not closed")?;
    let (word, rest) = text.split_at(end);
    let word = word.trim_end();
    let key = match word {
        "" => return Err("a bracket is empty"),
        "TRUE" => Key::Is(Value::Bool(true)),
        "FALSE" => Key::Is(Value::Bool(false)),
        word => match word.parse::<Integer>() {
            Ok(number) => Key::Is(Value::Int(number)),
            Err(_) => Key::Word(word.to_owned()),
        },
    };
    Ok((key, rest))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.variable)?;
        self.segments.iter().try_for_each(|segment| write!(f, "{segment}"))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Field(name) => write!(f, ".{name}"),
            Segment::Argument(keys) => {
                f.write_str("[")?;
                for (i, key) in keys.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ", " })?;
                    match key {
                        Key::Is(value) => write!(f, "{value}")?,
                        Key::Word(word) => f.write_str(word)?,
                    }
                }
                f.write_str("]")
            }
        }
    }
}

/// A place while values are compared: its text is only made when something differs there.
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    text: &'p str,
    argument: Option<&'p Value>,
    is_field: bool,
}

impl<'p> Place<'p> {
    pub(crate) fn at(text: &'p str) -> Self {
        Place { parent: None, text, argument: None, is_field: false }
    }

    /// The result of this function at this argument.
    pub(crate) fn argument<'a>(&'a self, function: &Value, argument: &'a Value) -> Place<'a> {
        Place { parent: Some(self), text: "", argument: Some(argument), is_field: matches!(function, Value::Record(_)) }
    }

    pub(crate) fn difference(&self, kind: DifferenceKind) -> Difference {
        Difference { path: self.to_string(), kind }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        f.write_str(self.text)?;
        match self.argument {
            None => Ok(()),
            Some(Value::Str(name)) if self.is_field && is_name(name) => write!(f, ".{name}"),
            Some(Value::Tuple(items)) if items.len() > 1 => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Some(argument) => write!(f, "[{argument}]"),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
