//! The representative of an orbit, for one worker. See the head of the folder for the phases.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::group::{Members, Permutation};
use super::image::Images;
use super::in_slots::InSlots;
use super::places::Places;
use super::profile::{Colour, Profile, Profiler, add};
use super::sets::Sets;
use super::share::each_share;
use super::shown::Shown;
use super::{Choice, Symmetry};
use crate::eval::Evaluator;
use crate::partition::order::compare_entries;
use crate::partition::slots::{Entry, Lookup};
use crate::value::machine::{Machine, Result};
use crate::value::{Universe, ValueId};

/// Permutations with numbers at most; beyond that all are forgotten.
const PERMUTATIONS_MAX: usize = 1 << 13;

/// What became of a state.
pub(in crate::partition) enum Representative {
    /// It represents its orbit.
    Itself,
    /// The row was replaced.
    Replaced,
    /// Its row does not show where everything stands: ask again with the values of its variables.
    Unknown,
}

/// A worker's memory of permutations and images.
pub struct Canonical {
    pub(super) images: Images,
    /// For each permutation with a number, where the slots of its images come from.
    sources: Vec<Option<Rc<[u32]>>>,
    sets: Sets,
    pub(super) in_slots: InSlots,
    /// The row at hand, and what it has in common with the one before.
    pub(super) shown: Shown,
    /// What places hold.
    pub(super) values: Vec<Entry>,
    image: Vec<Entry>,
    best: Vec<Entry>,
    colours: Vec<Colour>,
    order: Vec<u16>,
    pub(super) images_of: Vec<u16>,
    /// Places whose values mention elements.
    pub(super) mentioning: Vec<u32>,
}

/// The places of the state at hand, and whether permutations move them.
#[derive(Clone, Copy)]
pub(super) struct Standing<'s> {
    pub(super) symmetry: &'s Symmetry,
    pub(super) places: &'s Places,
    moving: bool,
}

impl Canonical {
    /// Nothing known yet.
    pub(super) fn new(symmetry: &Symmetry) -> Self {
        let elements = symmetry.group.elements.len();
        Self {
            images: Images::new(&symmetry.group.elements),
            sources: Vec::new(),
            sets: Sets::default(),
            in_slots: InSlots::default(),
            shown: Shown::default(),
            values: Vec::new(),
            image: Vec::new(),
            best: Vec::new(),
            colours: Vec::new(),
            order: Vec::new(),
            images_of: vec![0; elements],
            mentioning: Vec::new(),
        }
    }

    /// Replaces a row by the representative of its orbit.
    pub(in crate::partition) fn row(
        &mut self,
        symmetry: &Symmetry,
        evaluator: &mut Evaluator,
        lookup: &mut Lookup,
        row: &mut [u32],
    ) -> Result<Representative> {
        let Some(places) = &symmetry.slots else { return Ok(Representative::Unknown) };
        self.show(places, lookup, row);
        if self.shown.is_hidden(places) {
            self.shown.forget();
            return Ok(Representative::Unknown);
        }
        let at = Standing { symmetry, places, moving: true };
        self.make_room();
        let moved = if let Choice::Least(members) = &symmetry.choice {
            self.gather(at, evaluator, lookup, row)?;
            self.least_of(at, evaluator, members.iter())?
        } else {
            let colours = self.colour_row(at);
            if !self.in_slots.is_empty()
                && matches!(symmetry.group.members, Members::All)
                && let Some(moved) = self.represent_in_slots(at, &colours, evaluator, lookup, row)?
            {
                self.colours = colours;
                return Ok(if moved { Representative::Replaced } else { Representative::Itself });
            }
            self.gather(at, evaluator, lookup, row)?;
            let moved = self.arrange(at, evaluator, &colours)?;
            self.colours = colours;
            moved
        };
        if !moved {
            return Ok(Representative::Itself);
        }
        for (number, place) in places.list.iter().enumerate() {
            let image = self.best[number];
            if image == self.values[number] {
                continue;
            }
            match &place.spread {
                Some(spread) => {
                    let ids = &mut row[place.slots()];
                    self.sets.spread(evaluator, lookup, number, place.slot, spread, image, ids)?;
                }
                None => row[place.slot] = lookup.id(place.slot, image),
            }
        }
        Ok(Representative::Replaced)
    }

    /// Puts the sets together that are still in their slots.
    fn gather(&mut self, at: Standing, evaluator: &mut Evaluator, lookup: &mut Lookup, row: &[u32]) -> Result<()> {
        self.in_slots.give_up();
        for number in self.in_slots.places() {
            let place = &at.places.list[number];
            self.values[number] = self.sets.gathered(evaluator, lookup, number, place.slot, &row[place.slots()])?;
        }
        Ok(())
    }

    /// The representative of a state given by the values of its variables; `None` if it is this one.
    pub(in crate::partition) fn state(
        &mut self,
        symmetry: &Symmetry,
        m: &mut dyn Machine,
        values: &[ValueId],
    ) -> Result<Option<Vec<ValueId>>> {
        self.shown.forget();
        self.values.clear();
        self.in_slots.clear();
        self.values.extend(values.iter().map(|value| Entry::part(*value)));
        let places = &symmetry.variables;
        let moved = self.least(Standing { symmetry, places, moving: false }, m)?;
        Ok(moved.then(|| self.best.iter().filter_map(|entry| entry.value()).collect()))
    }

    /// Puts the values of the representative into `best`; false if they are those of the state.
    fn least(&mut self, at: Standing, m: &mut dyn Machine) -> Result<bool> {
        self.make_room();
        if let Choice::Least(members) = &at.symmetry.choice {
            return self.least_of(at, m, members.iter());
        }
        let colours = self.colour_orbits(at);
        let moved = self.arrange(at, m, &colours);
        self.colours = colours;
        moved
    }

    /// Forgets what permutations do if there are too many.
    pub(super) fn make_room(&mut self) {
        if self.images.permutations() > PERMUTATIONS_MAX {
            self.images.forget();
            self.in_slots.forget();
            self.sources.clear();
        }
    }

    /// The colour of each element in the state at hand, where only orbits are told apart.
    fn colour_orbits(&mut self, at: Standing) -> Vec<Colour> {
        let mut profiler = std::mem::replace(&mut self.images.profiler, Profiler::new(Vec::new()));
        let colours = self.colour(at, &mut profiler, true);
        self.images.profiler = profiler;
        colours
    }

    fn arrange(&mut self, at: Standing, m: &mut dyn Machine, colours: &[Colour]) -> Result<bool> {
        if let Members::Listed(members) = &at.symmetry.group.members {
            return self.least_of(at, m, best_sorted(members, colours).into_iter());
        }
        let tied = self.put_in_order(at, m, colours)?;
        if tied.is_empty() {
            let images = std::mem::take(&mut self.images_of);
            let moved = self.apply(at, m, &images);
            self.images_of = images;
            return moved;
        }
        let order = std::mem::take(&mut self.order);
        let candidates = self.candidates(at, m, colours, &order, &tied);
        self.order = order;
        self.least_of(at, m, candidates?.iter())
    }

    /// Sorts the elements by colour into `order`, and puts the permutation that does so into `images_of`; gives the ranges
    /// whose elements are tied and no twins.
    pub(super) fn put_in_order(
        &mut self,
        at: Standing,
        m: &mut dyn Machine,
        colours: &[Colour],
    ) -> Result<Vec<Range<usize>>> {
        let mut order = std::mem::take(&mut self.order);
        sort(at, colours, &mut order);
        for (element, place) in order.iter().zip(0..) {
            self.images_of[usize::from(*element)] = place;
        }
        let tied = self.untwinned(at, m, colours, &order);
        self.order = order;
        tied
    }

    /// The image under the only permutation that comes into question.
    fn apply(&mut self, at: Standing, m: &mut dyn Machine, permutation: &[u16]) -> Result<bool> {
        if permutation.iter().zip(0..).all(|(image, element)| *image == element) {
            return Ok(false);
        }
        let number = self.images.number(permutation);
        let sources = self.sources_of(at, m, number)?;
        self.best.clear();
        for place in 0..self.values.len() {
            let value = self.values[sources.as_ref().map_or(place, |sources| sources[place] as usize)];
            self.best.push(self.images.entry(m, &at.symmetry.group.elements, number, value)?);
        }
        Ok(self.best != self.values)
    }

    /// The least of the images under some permutations, place by place in the structural order.
    fn least_of<'p>(
        &mut self,
        at: Standing,
        m: &mut dyn Machine,
        permutations: impl Iterator<Item = &'p Permutation>,
    ) -> Result<bool> {
        let universe = Universe::current();
        let mut any = false;
        for permutation in permutations {
            let number = self.images.number(permutation);
            let sources = self.sources_of(at, m, number)?;
            let mut image = std::mem::take(&mut self.image);
            image.clear();
            let mut undecided = any;
            for place in 0..self.values.len() {
                let value = self.values[sources.as_ref().map_or(place, |sources| sources[place] as usize)];
                let moved = self.images.entry(m, &at.symmetry.group.elements, number, value)?;
                if undecided && moved != self.best[place] {
                    match compare_entries(universe, moved, self.best[place]) {
                        Ordering::Less => undecided = false,
                        Ordering::Greater => break,
                        Ordering::Equal => {}
                    }
                }
                image.push(moved);
            }
            if !undecided && image.len() == self.values.len() {
                std::mem::swap(&mut image, &mut self.best);
                any = true;
            }
            self.image = image;
        }
        Ok(any && self.best != self.values)
    }

    /// Where the values at each place come from; `None`: from the same place.
    pub(super) fn sources_of(&mut self, at: Standing, m: &mut dyn Machine, number: u32) -> Result<Option<Rc<[u32]>>> {
        if !at.moving {
            return Ok(None);
        }
        let index = number as usize;
        if self.sources.len() <= index {
            self.sources.resize(index + 1, None);
        }
        if self.sources[index].is_none() {
            let sources = at.places.sources(m, &mut self.images, &at.symmetry.group.elements, number)?;
            self.sources[index] = sources.map(Rc::from);
        }
        Ok(self.sources[index].clone())
    }

    /// The colour of each element in the state at hand. With leaves other than the orbits' the profiles of
    /// places are worked out anew.
    pub(super) fn colour(&mut self, at: Standing, profiler: &mut Profiler, orbits: bool) -> Vec<Colour> {
        let elements = &at.symmetry.group.elements;
        let mut colours = std::mem::take(&mut self.colours);
        colours.clear();
        colours.resize(elements.len(), 0);
        self.mentioning.clear();
        for (number, (place, entry)) in at.places.list.iter().zip(&self.values).enumerate() {
            let other: Profile;
            let (anonymous, here) = if orbits {
                (place.anonymous, &place.mentions[..])
            } else {
                other = at.places.profile(profiler, elements, number);
                (other.anonymous, &other.mentions[..])
            };
            let value = entry.value();
            if here.is_empty() && value.is_none_or(is_plain) {
                continue;
            }
            let there = if let Some(value) = value { profiler.of(elements, value) } else { profiler.nothing() };
            if !there.mentions.is_empty() {
                self.mentioning.push(number as u32);
            }
            each_share(anonymous, here, &there, |element, share| add(&mut colours, element, place.lane, share));
        }
        colours
    }

    /// The value at a place of the state at hand.
    pub(super) fn value(&self, place: u32) -> Entry {
        self.values[place as usize]
    }
}

/// True for integers, booleans and strings that are their own ids.
fn is_plain(id: ValueId) -> bool {
    !matches!(id.0 >> 29, 0..=3 | 6)
}

/// Elements by orbit, then colour, then number.
pub(super) fn sort(at: Standing, colours: &[Colour], order: &mut Vec<u16>) {
    let elements = &at.symmetry.group.elements;
    order.clear();
    order.extend(0..elements.len() as u16);
    for orbit in &elements.orbits {
        let range = usize::from(orbit.start)..usize::from(orbit.end);
        order[range].sort_unstable_by_key(|element| (colours[usize::from(*element)], *element));
    }
}

/// The members of a listed group that bring the elements into the least order of colours.
fn best_sorted<'g>(members: &'g [Permutation], colours: &[Colour]) -> Vec<&'g Permutation> {
    let mut best: Vec<&Permutation> = Vec::new();
    let (mut least, mut sorted) = (Vec::new(), vec![0; colours.len()]);
    for member in members {
        for (image, colour) in member.iter().zip(colours) {
            sorted[usize::from(*image)] = *colour;
        }
        match if best.is_empty() { Ordering::Less } else { sorted.cmp(&least) } {
            Ordering::Less => {
                best.clear();
                least.clone_from(&sorted);
                best.push(member);
            }
            Ordering::Equal => best.push(member),
            Ordering::Greater => {}
        }
    }
    best
}
