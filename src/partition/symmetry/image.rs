//! Images of values under permutations, and which elements a value does not tell apart.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::group::{Elements, Permutation};
use super::profile::Profiler;
use crate::partition::slots::Entry;
use crate::value::machine::{Machine, Result};
use crate::value::{self, Universe, Value, ValueId};

/// Images kept; beyond that all are forgotten.
const IMAGES_MAX: usize = 1 << 19;
/// Values whose twins are kept.
const TWINS_MAX: usize = 1 << 15;
/// Sets up to this size are searched one by one.
const SCAN_MAX: usize = 16;

/// Permutations met so far, and images under them.
pub(super) struct Images {
    pub(super) profiler: Profiler,
    permutations: Vec<Permutation>,
    numbers: FxHashMap<Permutation, u32>,
    images: FxHashMap<(u32, ValueId), ValueId>,
    twins: FxHashMap<ValueId, Rc<[u16]>>,
}

impl Images {
    pub(super) fn new(elements: &Elements) -> Self {
        Self {
            profiler: Profiler::of_orbits(elements),
            permutations: Vec::new(),
            numbers: FxHashMap::default(),
            images: FxHashMap::default(),
            twins: FxHashMap::default(),
        }
    }

    /// How many permutations have numbers.
    pub(super) fn permutations(&self) -> usize {
        self.permutations.len()
    }

    /// Forgets all permutations: their numbers mean nothing any more.
    pub(super) fn forget(&mut self) {
        self.permutations.clear();
        self.numbers.clear();
        self.images.clear();
    }

    /// The number of a permutation.
    pub(super) fn number(&mut self, permutation: &[u16]) -> u32 {
        if let Some(number) = self.numbers.get(permutation) {
            return *number;
        }
        let number = self.permutations.len() as u32;
        self.permutations.push(permutation.into());
        self.numbers.insert(permutation.into(), number);
        number
    }

    /// The permutation that swaps two elements.
    pub(super) fn swap(&mut self, elements: &Elements, a: u16, b: u16) -> u32 {
        let mut images: Vec<u16> = (0..elements.len() as u16).collect();
        images.swap(usize::from(a), usize::from(b));
        self.number(&images)
    }

    /// The permutation with a number.
    pub(super) fn permutation(&self, number: u32) -> &[u16] {
        &self.permutations[number as usize]
    }

    /// The image of what a slot holds.
    pub(super) fn entry(
        &mut self,
        m: &mut dyn Machine,
        elements: &Elements,
        permutation: u32,
        entry: Entry,
    ) -> Result<Entry> {
        let Some(value) = entry.value() else { return Ok(entry) };
        let image = self.image(m, elements, permutation, value)?;
        Ok(match entry.depth().checked_sub(1) {
            Some(depth) => Entry::whole(image, depth as u32),
            None => Entry::part(image),
        })
    }

    /// The image of an interned value.
    pub(super) fn image(
        &mut self,
        m: &mut dyn Machine,
        elements: &Elements,
        permutation: u32,
        id: ValueId,
    ) -> Result<ValueId> {
        if let Some(known) = self.images.get(&(permutation, id)) {
            return Ok(*known);
        }
        let universe = Universe::current();
        let value = universe.value(id);
        let image = match &value {
            Value::Model(model) => match elements.number(model.symbol) {
                Some(element) => {
                    let image = self.permutations[permutation as usize][usize::from(element)];
                    universe.intern(m, &elements.value(image))?
                }
                None => id,
            },
            Value::Tuple(_) | Value::Record(_) | Value::Function(_) | Value::Set(_) => {
                if self.moves(elements, permutation, id) {
                    let image = self.rebuilt(m, elements, permutation, &value)?;
                    universe.intern(m, &image)?
                } else {
                    id
                }
            }
            _ => return Ok(id),
        };
        if self.images.len() >= IMAGES_MAX {
            self.images.clear();
        }
        self.images.insert((permutation, id), image);
        Ok(image)
    }

    /// True if the value mentions an element that the permutation moves.
    fn moves(&mut self, elements: &Elements, permutation: u32, id: ValueId) -> bool {
        let profile = self.profiler.of(elements, id);
        let permutation = self.permutation(permutation);
        profile.mentions.iter().any(|(element, _)| permutation[usize::from(*element)] != *element)
    }

    fn rebuilt(&mut self, m: &mut dyn Machine, elements: &Elements, permutation: u32, value: &Value) -> Result<Value> {
        let universe = Universe::current();
        let mut all = |m: &mut dyn Machine, parts: &[Value]| -> Result<Vec<Value>> {
            let image = |part: &Value| match part.interned_id() {
                Some(id) => Ok(universe.value(self.image(m, elements, permutation, id)?)),
                // Integers too large to be their own ids.
                None => Ok(part.clone()),
            };
            parts.iter().map(image).collect()
        };
        Ok(match value {
            Value::Tuple(tuple) => Value::tuple(all(m, tuple.items())?),
            Value::Record(record) => Value::record_of(record.shape(), all(m, record.values())?),
            Value::Function(function) => {
                let domain = all(m, function.domain())?;
                let values = all(m, function.values())?;
                Value::function(m, domain, values)?
            }
            Value::Set(set) => {
                let elements = all(m, set.elements())?;
                value::normalize(m, &Value::set_literal(elements))?
            }
            _ => value.clone(),
        })
    }

    /// For each element its class: swapping two elements of one orbit and class leaves the value as it is.
    /// Elements that are not mentioned are in class 0.
    pub(super) fn twins(&mut self, m: &mut dyn Machine, elements: &Elements, id: ValueId) -> Result<Rc<[u16]>> {
        if let Some(known) = self.twins.get(&id) {
            return Ok(known.clone());
        }
        let profile = self.profiler.of(elements, id);
        let mut classes = vec![0; elements.len()];
        let mut firsts: Vec<(u16, u64)> = Vec::new();
        for (element, colour) in profile.mentions.iter() {
            let orbit = elements.orbit_of(*element);
            let mut class = None;
            for ((first, first_colour), number) in firsts.iter().zip(1..) {
                if first_colour == colour && elements.orbit_of(*first) == orbit {
                    let swap = self.swap(elements, *first, *element);
                    if self.fixes(m, elements, swap, &Universe::current().value(id))? {
                        class = Some(number);
                        break;
                    }
                }
            }
            classes[usize::from(*element)] = class.unwrap_or_else(|| {
                firsts.push((*element, *colour));
                firsts.len() as u16
            });
        }
        let classes: Rc<[u16]> = classes.into();
        if self.twins.len() >= TWINS_MAX {
            self.twins.clear();
        }
        self.twins.insert(id, classes.clone());
        Ok(classes)
    }

    /// True if the permutation leaves a listed value as it is; nothing is built to find out.
    fn fixes(&mut self, m: &mut dyn Machine, elements: &Elements, permutation: u32, value: &Value) -> Result<bool> {
        let ids = |parts: &[Value]| parts.iter().map(Value::interned_id).collect::<Vec<_>>();
        let mut image = |m: &mut dyn Machine, id: Option<ValueId>| match id {
            Some(id) => self.image(m, elements, permutation, id).map(Some),
            None => Ok(None),
        };
        Ok(match value {
            Value::Set(set) => {
                let members = ids(set.elements());
                let index: Option<FxHashSet<_>> = (members.len() > SCAN_MAX).then(|| members.iter().copied().collect());
                for member in &members {
                    let image = image(m, *member)?;
                    let inside = image == *member
                        || index.as_ref().map_or_else(|| members.contains(&image), |index| index.contains(&image));
                    if !inside {
                        return Ok(false);
                    }
                }
                true
            }
            Value::Function(function) => {
                let (domain, values) = (ids(function.domain()), ids(function.values()));
                for (argument, value) in domain.iter().zip(&values) {
                    let (argument, value) = (image(m, *argument)?, image(m, *value)?);
                    if domain.iter().position(|known| *known == argument).is_none_or(|at| values[at] != value) {
                        return Ok(false);
                    }
                }
                true
            }
            Value::Tuple(tuple) => self.fixes_all(m, elements, permutation, tuple.items())?,
            Value::Record(record) => self.fixes_all(m, elements, permutation, record.values())?,
            other => match other.interned_id() {
                Some(id) => image(m, Some(id))? == Some(id),
                None => true,
            },
        })
    }

    fn fixes_all(
        &mut self,
        m: &mut dyn Machine,
        elements: &Elements,
        permutation: u32,
        parts: &[Value],
    ) -> Result<bool> {
        for part in parts {
            if !self.fixes(m, elements, permutation, part)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
