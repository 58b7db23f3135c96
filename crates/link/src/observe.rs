//! The user's own types → what is observed, by serde.
//!
//! `None` and `()` are unknown; a struct is a record of which fields may be left out; a map is a whole function; an
//! enum's plain variant is a text, any other a record with one field (serde's `tag` makes it a flat one).

use std::fmt;

use serde::Serialize;
use serde::ser::{self, Error as _, Serializer};
use serde_json::Value as Json;

use crate::decode::VALUE;
use crate::integer::Integer;
use crate::observed::Observed;
use crate::value::Value;

/// A type that no TLA+ value is like: a fraction, for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObserveError(String);

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ObserveError {}

impl ser::Error for ObserveError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ObserveError(message.to_string())
    }
}

impl Observed {
    /// What a value of one of the user's types shows.
    ///
    /// # Errors
    /// When it has a part that no TLA+ value is like.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Observed, ObserveError> {
        value.serialize(Observer)
    }

    fn variant(name: &'static str, inside: Observed) -> Observed {
        Observed::Fields(vec![(name.to_owned(), inside)])
    }
}

/// As itself; into JSON, as ITF has it.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(VALUE, &self.to_json())
    }
}

struct Observer;

type Result<T, E = ObserveError> = std::result::Result<T, E>;

fn int(number: impl Into<i128>) -> Result<Observed> {
    Ok(Observed::Int(Integer::from(number.into())))
}

impl Serializer for Observer {
    type Ok = Observed;
    type Error = ObserveError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Pairs;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    fn serialize_bool(self, v: bool) -> Result<Observed> {
        Ok(Observed::Bool(v))
    }

    fn serialize_i8(self, v: i8) -> Result<Observed> {
        int(v)
    }

    fn serialize_i16(self, v: i16) -> Result<Observed> {
        int(v)
    }

    fn serialize_i32(self, v: i32) -> Result<Observed> {
        int(v)
    }

    fn serialize_i64(self, v: i64) -> Result<Observed> {
        int(v)
    }

    fn serialize_i128(self, v: i128) -> Result<Observed> {
        int(v)
    }

    fn serialize_u8(self, v: u8) -> Result<Observed> {
        int(v)
    }

    fn serialize_u16(self, v: u16) -> Result<Observed> {
        int(v)
    }

    fn serialize_u32(self, v: u32) -> Result<Observed> {
        int(v)
    }

    fn serialize_u64(self, v: u64) -> Result<Observed> {
        int(v)
    }

    fn serialize_u128(self, v: u128) -> Result<Observed> {
        Ok(Observed::Int(Integer::from(v)))
    }

    fn serialize_f32(self, v: f32) -> Result<Observed> {
        self.serialize_f64(v.into())
    }

    fn serialize_f64(self, v: f64) -> Result<Observed> {
        Err(ObserveError::custom(format_args!("{v} is a floating-point number, which no TLA+ value is")))
    }

    fn serialize_char(self, v: char) -> Result<Observed> {
        Ok(Observed::Text(v.to_string()))
    }

    fn serialize_str(self, v: &str) -> Result<Observed> {
        Ok(Observed::Text(v.to_owned()))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<Observed> {
        v.iter().map(|byte| int(*byte)).collect::<Result<_>>().map(Observed::List)
    }

    fn serialize_none(self) -> Result<Observed> {
        Ok(Observed::Unknown)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Observed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Observed> {
        Ok(Observed::Unknown)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Observed> {
        Ok(Observed::Text(name.to_owned()))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Observed> {
        Ok(Observed::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Observed> {
        if name == VALUE {
            let json: Json = serde_json::to_value(value).map_err(ObserveError::custom)?;
            return Value::from_json(&json).map(Observed::Exactly).map_err(ObserveError::custom);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Observed> {
        value.serialize(self).map(|inside| Observed::variant(variant, inside))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items> {
        Ok(Items { items: Vec::new(), variant: None })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items> {
        Ok(Items { items: Vec::new(), variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs> {
        Ok(Pairs { pairs: Vec::new(), key: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields> {
        Ok(Fields { fields: Vec::new(), variant: None })
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Fields> {
        Ok(Fields { fields: Vec::new(), variant: Some(variant) })
    }
}

struct Items {
    items: Vec<Observed>,
    variant: Option<&'static str>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.items.push(value.serialize(Observer)?);
        Ok(())
    }

    fn list(self) -> Result<Observed> {
        let list = Observed::List(self.items);
        Ok(self.variant.map_or(list.clone(), |variant| Observed::variant(variant, list)))
    }
}

impl ser::SerializeSeq for Items {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Observed> {
        self.list()
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Observed> {
        self.list()
    }
}

impl ser::SerializeTupleStruct for Items {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Observed> {
        self.list()
    }
}

impl ser::SerializeTupleVariant for Items {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Observed> {
        self.list()
    }
}

struct Pairs {
    pairs: Vec<(Observed, Observed)>,
    key: Option<Observed>,
}

impl ser::SerializeMap for Pairs {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(key.serialize(Observer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().ok_or_else(|| ObserveError::custom("a map's value comes before its key"))?;
        self.pairs.push((key, value.serialize(Observer)?));
        Ok(())
    }

    fn end(self) -> Result<Observed> {
        Ok(Observed::Map(self.pairs))
    }
}

struct Fields {
    fields: Vec<(String, Observed)>,
    variant: Option<&'static str>,
}

impl Fields {
    fn push<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.fields.push((name.to_owned(), value.serialize(Observer)?));
        Ok(())
    }

    fn record(self) -> Result<Observed> {
        let record = Observed::Fields(self.fields);
        Ok(self.variant.map_or(record.clone(), |variant| Observed::variant(variant, record)))
    }
}

impl ser::SerializeStruct for Fields {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.push(name, value)
    }

    fn end(self) -> Result<Observed> {
        self.record()
    }
}

impl ser::SerializeStructVariant for Fields {
    type Ok = Observed;
    type Error = ObserveError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.push(name, value)
    }

    fn end(self) -> Result<Observed> {
        self.record()
    }
}
