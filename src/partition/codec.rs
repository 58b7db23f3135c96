//! Values to slots and back.

use crate::eval::Evaluator;
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value};

use super::slots::{Domain, Entry, Lookup, Shape};

/// True if two values are the same without looking into them.
pub(super) fn identical(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::String(x), Value::String(y)) => x == y,
        (Value::Model(x), Value::Model(y)) => x.symbol == y.symbol,
        (Value::Tuple(x), Value::Tuple(y)) => x.same(y),
        (Value::Record(x), Value::Record(y)) => x.same(y),
        (Value::Function(x), Value::Function(y)) => x.same(y),
        (Value::Set(x), Value::Set(y)) => x.same(y),
        _ => false,
    }
}

/// What a value is encoded against: the same variable in the state before.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) value: &'a Value,
    pub(super) row: &'a [u32],
}

/// Encodes the values of one variable into its slots of a row.
pub(super) struct Encoder<'e> {
    pub(super) evaluator: &'e mut Evaluator,
    pub(super) universe: &'static Universe,
    pub(super) lookup: &'e mut Lookup,
    /// Set if the value did not fit the layout.
    pub(super) irregular: bool,
}

impl Encoder<'_> {
    pub(super) fn encode(
        &mut self,
        shape: &Shape,
        start: usize,
        depth: u32,
        value: &Value,
        before: Option<Before>,
        row: &mut Vec<u32>,
    ) -> Result<()> {
        if let Some(before) = before
            && identical(before.value, value)
        {
            row.extend_from_slice(&before.row[start..start + shape.slots()]);
            return Ok(());
        }
        let Shape::Split { domain, parts, slots } = shape else {
            let id = self.universe.intern(self.evaluator, value)?;
            row.push(self.lookup.id(start, Entry::part(id)));
            return Ok(());
        };
        if let Value::Lazy(_) = value {
            let listed = value::normalize(self.evaluator, value)?;
            return self.encode(shape, start, depth, &listed, before, row);
        }
        let Some(elements) = domain.elements_of(value) else {
            // Elements of a domain are recognised by their ids, which only interned values have.
            let id = self.universe.intern(self.evaluator, value)?;
            let interned = self.universe.value(id);
            if domain.elements_of(&interned).is_some() {
                return self.encode(shape, start, depth, &interned, before, row);
            }
            self.irregular = true;
            row.push(self.lookup.id(start, Entry::whole(id, depth)));
            for slot in start + 1..start + slots {
                row.push(self.lookup.id(slot, Entry::ABSENT));
            }
            return Ok(());
        };
        let old = before.and_then(|b| domain.elements_of(b.value).map(|elements| (elements, b.row)));
        let mut slot = start;
        for (i, (part, element)) in parts.iter().zip(elements).enumerate() {
            let before = old.map(|(elements, row)| Before { value: &elements[i], row });
            self.encode(part, slot, depth + 1, element, before, row)?;
            slot += part.slots();
        }
        Ok(())
    }
}

/// The value in a row's slots from `start`.
pub(super) fn decode(
    m: &mut dyn Machine,
    universe: &'static Universe,
    lookup: &mut Lookup,
    shape: &Shape,
    start: usize,
    depth: u32,
    row: &[u32],
) -> Result<Value> {
    let first = lookup.entry(start, row[start]);
    match shape {
        Shape::Split { domain, parts, .. } if !first.is_whole(depth) => {
            let mut elements = Vec::with_capacity(parts.len());
            let mut slot = start;
            for part in parts {
                elements.push(decode(m, universe, lookup, part, slot, depth + 1, row)?);
                slot += part.slots();
            }
            match domain {
                Domain::Tuple(_) => Ok(Value::tuple(elements)),
                Domain::Record(names) => Ok(Value::record(names.iter().copied().zip(elements).collect())),
                Domain::Function(ids) => {
                    let domain = ids.iter().map(|id| universe.value(*id)).collect();
                    Value::function(m, domain, elements)
                }
            }
        }
        _ => match first.value() {
            Some(id) => Ok(universe.value(id)),
            None => Err(Fault::new(FaultKind::Other, "a row without a value in a slot")),
        },
    }
}
