//! Values to slots and back.

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::eval::Evaluator;
use crate::eval::view::{Side, Written};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value, ValueId};

use super::model::TlaModel;
use super::slots::{Domain, Entry, Lookup, Shape};
use super::watch::Watch;

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
        // What else is described may read a state that has changed meanwhile.
        (Value::Lazy(x), Value::Lazy(y)) => Rc::ptr_eq(x, y) && x.probe().is_some(),
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
        let (domain, parts, slots) = match shape {
            Shape::Split { domain, parts, slots, .. } => (domain, parts, slots),
            Shape::Atoms { set, slots } => return self.atoms(*set, *slots, start, depth, value, row),
            Shape::Whole => {
                let id = self.universe.intern(self.evaluator, value)?;
                row.push(self.lookup.id(start, Entry::part(id)));
                return Ok(());
            }
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
            self.whole(id, *slots, start, depth, row);
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

impl Encoder<'_> {
    /// A value that does not fit its layout, in the first slot of its part.
    fn whole(&mut self, id: ValueId, slots: usize, start: usize, depth: u32, row: &mut Vec<u32>) {
        self.irregular = true;
        row.push(self.lookup.id(start, Entry::whole(id, depth)));
        for slot in start + 1..start + slots {
            row.push(self.lookup.id(slot, Entry::ABSENT));
        }
    }

    /// A set, each element in its slot.
    fn atoms(
        &mut self,
        set: usize,
        slots: usize,
        start: usize,
        depth: u32,
        value: &Value,
        row: &mut Vec<u32>,
    ) -> Result<()> {
        let id = self.universe.intern(self.evaluator, value)?;
        let interned = self.universe.value(id);
        let Value::Set(elements) = &interned else {
            self.whole(id, slots, start, depth, row);
            return Ok(());
        };
        let mut held: Vec<(u32, Value)> = Vec::with_capacity(elements.elements().len());
        for element in elements.elements() {
            let id = self.universe.intern(self.evaluator, element)?;
            held.push((self.lookup.enter(self.universe, set, id), element.clone()));
        }
        // Stable: the elements of a slot stay sorted.
        held.sort_by_key(|(slot, _)| *slot);
        let begin = row.len();
        row.resize(begin + slots, 0);
        for together in held.chunk_by(|(a, _), (b, _)| a == b) {
            let slot = together[0].0 as usize;
            let part = Value::set_sorted(together.iter().map(|(_, element)| element.clone()).collect());
            let id = self.universe.intern(self.evaluator, &part)?;
            row[begin + slot - start] = self.lookup.id(slot, Entry::part(id));
        }
        Ok(())
    }
}

/// The sets that those slots of a set hold which hold anything.
#[inline]
pub(super) fn held_ids(
    lookup: &mut Lookup,
    slots: impl Iterator<Item = usize>,
    row: &[u32],
) -> impl Iterator<Item = ValueId> {
    slots.filter(|slot| row[*slot] != 0).filter_map(|slot| lookup.entry(slot, row[slot]).value())
}

/// The elements that slots of a set hold, as a set.
pub(super) fn held(
    universe: &'static Universe,
    lookup: &mut Lookup,
    slots: impl Iterator<Item = usize>,
    row: &[u32],
) -> Value {
    let mut sets: Vec<Value> = held_ids(lookup, slots, row).map(|id| universe.value(id)).collect();
    if sets.len() == 1 {
        return sets.remove(0);
    }
    let elements = sets.iter().flat_map(|set| match set {
        Value::Set(set) => set.elements().to_vec(),
        _ => Vec::new(),
    });
    Value::set_literal(elements.collect())
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
        Shape::Atoms { slots, .. } if !first.is_whole(depth) => Ok(held(universe, lookup, start..start + slots, row)),
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

/// What a successor changes in the row it was made of.
#[derive(Default)]
pub(super) struct Updates {
    /// Slots with their new ids.
    pub(super) list: Vec<(u32, u32)>,
    encoded: Vec<u32>,
}

/// Puts what the successor found changes into `updates`.
pub(super) fn updates(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    watch: &mut Watch,
    updates: &mut Updates,
) -> Result<()> {
    let Updates { list, encoded } = updates;
    list.clear();
    for (variable, shape) in model.slots.shapes.iter().enumerate() {
        let written = match evaluator.written(variable) {
            Written::Some(slots) if slots.is_empty() => continue,
            written => written.clone(),
        };
        let Some(value) = evaluator.next_value(variable).cloned() else { continue };
        let start = model.slots.starts[variable];
        let old = watch.known(variable);
        let (lookup, row) = watch.lookup_and_row();
        let before = old.as_ref().map(|value| Before { value, row });
        encoded.clear();
        let mut encoder = Encoder { evaluator, universe, lookup, irregular: false };
        let result = encoder.encode(shape, start, 0, &value, before, encoded);
        let irregular = encoder.irregular;
        result.map_err(|fault| unstorable(model, variable, fault))?;
        let mut update = |slot: usize| {
            let id = encoded[slot - start];
            if id == 0 && !watch.lookup.is_live(slot) {
                return;
            }
            // What was read has the same id in every row that comes to this leaf.
            let changes = id != watch.row(Side::Current)[slot] || !watch.was_read(slot);
            if changes && !list.iter().any(|(known, _)| *known == slot as u32) {
                list.push((slot as u32, id));
            }
        };
        match written {
            Written::Some(parts) if !irregular => parts.into_iter().flatten().for_each(&mut update),
            _ => (start..start + shape.slots()).for_each(&mut update),
        }
        if irregular {
            model.slots.set_irregular(variable);
        }
    }
    Ok(())
}

fn unstorable(model: &TlaModel, variable: usize, mut fault: Box<Fault>) -> Box<Fault> {
    let variable = &model.plan.spec.variables[variable];
    fault.message = format!("the value of {} cannot be stored in a state: {}", variable.name, fault.message);
    if fault.place.is_none_or(Span::is_none) {
        fault.place = Some(variable.span);
    }
    fault
}

/// Encodes all variables of a state; a value that cannot be listed is an error naming its variable.
pub(super) fn encode_state(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    lookup: &mut Lookup,
    values: &[Value],
    into: &mut Vec<u32>,
) -> Result<()> {
    let begin = into.len();
    let reserved = model.slots.starts.first().copied().unwrap_or(0);
    into.resize(begin + reserved, 0);
    for (variable, value) in values.iter().enumerate() {
        if let Err(fault) = encode_variable(model, evaluator, universe, lookup, variable, (value, None), into) {
            into.truncate(begin);
            return Err(fault);
        }
    }
    Ok(())
}

/// Appends the slots of one variable.
pub(super) fn encode_variable(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    lookup: &mut Lookup,
    variable: usize,
    (value, before): (&Value, Option<Before>),
    into: &mut Vec<u32>,
) -> Result<()> {
    let (shape, start) = (&model.slots.shapes[variable], model.slots.starts[variable]);
    let mut encoder = Encoder { evaluator, universe, lookup, irregular: false };
    let result = encoder.encode(shape, start, 0, value, before, into);
    if encoder.irregular {
        model.slots.set_irregular(variable);
    }
    result.map_err(|fault| unstorable(model, variable, fault))
}
