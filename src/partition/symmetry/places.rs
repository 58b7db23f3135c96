//! Where the values of a state stand, and how a permutation moves these places.
//!
//! A slot of a function variable stands at the indexes that lead to it. A permutation carries the slot at
//! `pc[a]` to the slot at `pc[b]`, and the value in it to its image.

use rustc_hash::FxHashMap;

use super::group::Elements;
use super::image::Images;
use super::profile::{LANES, Profile, Profiler};
use crate::partition::slots::{Domain, Shape, Slots};
use crate::value::ValueId;
use crate::value::machine::{Machine, Result};
use crate::value::mix;

/// Stands for an argument among the steps of a path.
const ARGUMENT: u32 = u32::MAX;

const PLACE: u64 = 0x6c62_272e_07bb_0142;

/// The slots of a set that is kept by its elements. Which element has which slot depends on which was found first,
/// so that permutations are applied to the set.
pub(super) struct Spread {
    pub(super) shape: Shape,
    /// Steps that lead to it.
    pub(super) depth: u32,
}

/// A place of a layout.
pub(super) struct Place {
    /// Its first slot.
    pub(super) slot: usize,
    /// Its slots, if it is a set that has several.
    pub(super) spread: Option<Spread>,
    /// The variable and the steps that lead here, with [`ARGUMENT`] for each function argument.
    base: Vec<u32>,
    /// The function arguments that lead here.
    arguments: Vec<ValueId>,
    /// The profile of the arguments: its hash, and the elements in them with their colours.
    pub(super) anonymous: u64,
    pub(super) mentions: Vec<(u16, u64)>,
    /// Steps up to the last argument that mentions an element; 0 if none does.
    pub(super) moved_by: u64,
    /// Where its share of a colour goes.
    pub(super) lane: u32,
}

impl Place {
    /// Its slots.
    pub(super) fn slots(&self) -> std::ops::Range<usize> {
        self.slot..self.slot + self.spread.as_ref().map_or(1, |spread| spread.shape.slots())
    }
}

/// The places of a state's values.
pub(super) struct Places {
    pub(super) list: Vec<Place>,
    numbers: FxHashMap<(Vec<u32>, Vec<ValueId>), u32>,
}

impl Places {
    /// One place for each slot, from the first variable's on.
    pub(super) fn of_slots(elements: &Elements, slots: &Slots) -> Self {
        let mut found = Vec::new();
        for (variable, (shape, start)) in slots.shapes.iter().zip(&slots.starts).enumerate() {
            let mut walk = Walk { base: vec![variable as u32], arguments: Vec::new(), slot: *start, found };
            walk.shape(shape);
            found = walk.found;
        }
        Self::new(elements, found)
    }

    /// One place for each variable.
    pub(super) fn of_variables(elements: &Elements, variables: usize) -> Self {
        let leaf =
            |variable| Leaf { base: vec![variable], arguments: Vec::new(), slot: variable as usize, spread: None };
        Self::new(elements, (0..variables as u32).map(leaf).collect())
    }

    fn new(elements: &Elements, leaves: Vec<Leaf>) -> Self {
        let numbers = leaves.iter().map(|leaf| (leaf.base.clone(), leaf.arguments.clone())).zip(0..).collect();
        let mut profiler = Profiler::of_orbits(elements);
        let mut columns: Vec<Vec<u32>> = Vec::new();
        let list = leaves.into_iter().map(|Leaf { base, arguments, slot, spread }| {
            let profile = profile(&mut profiler, elements, &base, &arguments);
            let mentions = profile.mentions.to_vec();
            if !mentions.is_empty() && !columns.contains(&base) {
                columns.push(base.clone());
            }
            let column = if mentions.is_empty() { None } else { columns.iter().position(|known| *known == base) };
            let lane = column.map_or(LANES - 1, |column| (column as u32).min(LANES - 1));
            let moved_by = moved_by(&mut profiler, elements, &base, &arguments);
            Place { slot, spread, base, arguments, anonymous: profile.anonymous, mentions, moved_by, lane }
        });
        Self { list: list.collect(), numbers }
    }

    /// The profile of a place under other leaves.
    pub(super) fn profile(&self, profiler: &mut Profiler, elements: &Elements, place: usize) -> Profile {
        let Place { base, arguments, .. } = &self.list[place];
        profile(profiler, elements, base, arguments)
    }

    /// For each place the one whose value a permutation brings there; `None` if it leads out of the layout.
    pub(super) fn sources(
        &self,
        m: &mut dyn Machine,
        images: &mut Images,
        elements: &Elements,
        permutation: u32,
    ) -> Result<Option<Box<[u32]>>> {
        let mut sources = vec![u32::MAX; self.list.len()];
        for (place, from) in self.list.iter().zip(0..) {
            let mut arguments = Vec::with_capacity(place.arguments.len());
            for argument in &place.arguments {
                arguments.push(images.image(m, elements, permutation, *argument)?);
            }
            let Some(to) = self.numbers.get(&(place.base.clone(), arguments)) else { return Ok(None) };
            sources[*to as usize] = from;
        }
        Ok(Some(sources.into()))
    }
}

fn profile(profiler: &mut Profiler, elements: &Elements, base: &[u32], arguments: &[ValueId]) -> Profile {
    let tag = base.iter().fold(PLACE, |tag, step| mix(tag, u64::from(*step)));
    profiler.of_sequence(elements, tag, arguments)
}

fn moved_by(profiler: &mut Profiler, elements: &Elements, base: &[u32], arguments: &[ValueId]) -> u64 {
    let mut arguments = arguments.iter();
    let steps = base.iter().skip(1).zip(1..).filter(|(step, _)| **step == ARGUMENT);
    let moved = steps.filter(|_| arguments.next().is_some_and(|id| !profiler.of(elements, *id).mentions.is_empty()));
    moved.map(|(_, steps)| steps).max().unwrap_or(0)
}

/// A place found in a layout.
struct Leaf {
    base: Vec<u32>,
    arguments: Vec<ValueId>,
    slot: usize,
    spread: Option<Spread>,
}

struct Walk {
    base: Vec<u32>,
    arguments: Vec<ValueId>,
    slot: usize,
    found: Vec<Leaf>,
}

impl Walk {
    fn shape(&mut self, shape: &Shape) {
        let Shape::Split { domain, parts, .. } = shape else {
            let depth = self.base.len() as u32 - 1;
            let spread = matches!(shape, Shape::Atoms { .. }).then(|| Spread { shape: shape.clone(), depth });
            let (base, arguments) = (self.base.clone(), self.arguments.clone());
            self.found.push(Leaf { base, arguments, slot: self.slot, spread });
            self.slot += shape.slots();
            return;
        };
        for (number, part) in parts.iter().enumerate() {
            if let Domain::Function(ids) = domain {
                self.base.push(ARGUMENT);
                self.arguments.push(ids[number]);
                self.shape(part);
                self.arguments.pop();
            } else {
                self.base.push(number as u32);
                self.shape(part);
            }
            self.base.pop();
        }
    }
}
