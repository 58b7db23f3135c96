//! Values → the user's own types, by serde.
//!
//! | value | Rust |
//! |---|---|
//! | boolean, integer | `bool`, any integer type it fits into |
//! | string, model value | `String`, `char`, an enum's variant of that name |
//! | tuple, sequence | tuple, `Vec`, or a map from `1..n` |
//! | set | `BTreeSet`, `HashSet`, `Vec` |
//! | record | struct, map from names; with `#[serde(tag = "type")]` an enum |
//! | function | `BTreeMap`, `HashMap` |
//! | anything | [`Value`] |

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::Value as Json;

use crate::value::Value;

/// The name under which a [`Value`] passes through serde as itself.
pub(crate) const VALUE: &str = "$tlaloc_link::Value";

/// A value is not what a type wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        DecodeError(message.to_string())
    }
}

impl Value {
    /// The value as one of the user's types.
    ///
    /// # Errors
    /// When the value is none of that type.
    pub fn decode<'v, T: Deserialize<'v>>(&'v self) -> Result<T, DecodeError> {
        T::deserialize(Decoder(self)).map_err(|error| DecodeError(format!("{self}: {error}")))
    }
}

#[derive(Clone, Copy)]
struct Decoder<'v>(&'v Value);

impl<'v> IntoDeserializer<'v, DecodeError> for Decoder<'v> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The arguments of a tuple, from 1.
#[derive(Clone, Copy)]
struct Argument(u64);

impl<'v> IntoDeserializer<'v, DecodeError> for Argument {
    type Deserializer = de::value::U64Deserializer<DecodeError>;

    fn into_deserializer(self) -> Self::Deserializer {
        self.0.into_deserializer()
    }
}

impl<'v> Decoder<'v> {
    fn items<V: Visitor<'v>>(items: impl Iterator<Item = &'v Value>, visitor: V) -> Result<V::Value, DecodeError> {
        let mut access = SeqDeserializer::new(items.map(Decoder));
        let read = visitor.visit_seq(&mut access)?;
        access.end()?;
        Ok(read)
    }
}

impl<'v> Deserializer<'v> for Decoder<'v> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Int(number) => match (number.to_i64(), number.to_i128(), number.to_u128()) {
                (Some(number), ..) => visitor.visit_i64(number),
                (_, _, Some(number)) if number <= u128::from(u64::MAX) => visitor.visit_u64(number as u64),
                (_, Some(number), _) => visitor.visit_i128(number),
                (_, _, Some(number)) => visitor.visit_u128(number),
                _ => Err(DecodeError::custom("beyond 128 bits")),
            },
            Value::Str(text) | Value::Model(text) | Value::Opaque(text) => visitor.visit_borrowed_str(text),
            Value::Tuple(items) => Self::items(items.iter(), visitor),
            Value::Set(elements) => Self::items(elements.iter(), visitor),
            Value::Record(_) | Value::Function(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Value::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), Decoder(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            Value::Function(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| (Decoder(key), Decoder(value)));
                visitor.visit_map(MapDeserializer::new(pairs))
            }
            Value::Tuple(items) => {
                let pairs = items.iter().zip(1..).map(|(value, n)| (Argument(n), Decoder(value)));
                visitor.visit_map(MapDeserializer::new(pairs))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == VALUE {
            let json = self.0.to_json();
            return visitor.visit_newtype_struct(json).map_err(DecodeError::custom);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.0 {
            Value::Str(name) | Value::Model(name) => visitor.visit_enum(name.as_str().into_deserializer()),
            Value::Record(fields) if fields.len() == 1 => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), Decoder(value)));
                visitor.visit_enum(de::value::MapAccessDeserializer::new(MapDeserializer::new(fields)))
            }
            other => Err(DecodeError::custom(format_args!("{} is none of the variants", other.kind_name()))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'v>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct identifier
    }
}

/// As itself; from JSON, as ITF has it.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;

        impl<'de> Visitor<'de> for Whole {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a TLA+ value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, inside: D) -> Result<Value, D::Error> {
                let json = Json::deserialize(inside)?;
                Value::from_json(&json).map_err(D::Error::custom)
            }
        }
        deserializer.deserialize_newtype_struct(VALUE, Whole)
    }
}
