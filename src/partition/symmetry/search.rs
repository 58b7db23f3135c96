//! Elements that colours do not tell apart: twins, refinement, and a search tree for the rest.
//!
//! Two elements are *twins* if swapping them leaves the state as it is: whichever comes first, the image is the
//! same. Where untwinned ties leave few arrangements all are tried. Else colours are refined
//! by the colours of what each element occurs together with, and if that does not help, one element after the other of
//! a tie is singled out (McKay, *Practical graph isomorphism*, 1981; without pruning by automorphisms other
//! than twins). Each choice depends on colours only, so that a permuted state has the permuted candidates.

use super::canonical::{Canonical, Standing, sort};
use super::group::Permutation;
use super::profile::{Colour, Profiler, finer, fold};
use crate::value::machine::{Machine, Result};

/// Arrangements of ties that are tried without refining.
const ARRANGEMENTS_MAX: usize = 24;

const SINGLED: u64 = 0x3c79_ac49_2ba7_b653;

type Cell = std::ops::Range<usize>;

impl Canonical {
    /// Ranges of `order` with one colour whose elements are not all twins.
    pub(super) fn untwinned(
        &mut self,
        at: Standing,
        m: &mut dyn Machine,
        colours: &[Colour],
        order: &[u16],
    ) -> Result<Vec<Cell>> {
        let mut cells = Vec::new();
        for orbit in &at.symmetry.group.elements.orbits {
            let (mut start, end) = (usize::from(orbit.start), usize::from(orbit.end));
            while start < end {
                let colour = colours[usize::from(order[start])];
                let tied = order[start..end].iter().take_while(|e| colours[usize::from(**e)] == colour).count();
                for pair in order[start..start + tied].windows(2) {
                    if !self.are_twins(at, m, pair[0], pair[1])? {
                        cells.push(start..start + tied);
                        break;
                    }
                }
                start += tied;
            }
        }
        Ok(cells)
    }

    /// True if swapping two elements of an orbit leaves the state at hand as it is.
    fn are_twins(&mut self, at: Standing, m: &mut dyn Machine, a: u16, b: u16) -> Result<bool> {
        let elements = &at.symmetry.group.elements;
        let swap = self.images.swap(elements, a, b);
        let sources = self.sources_of(at, m, swap)?;
        let stays = |place: u32| sources.as_ref().is_none_or(|sources| sources[place as usize] == place);
        for at_place in 0..self.mentioning.len() {
            let place = self.mentioning[at_place];
            if stays(place) {
                if self.in_slots.parts(place as usize).is_some() {
                    if !self.becomes(at, m, swap, place, place)? {
                        return Ok(false);
                    }
                    continue;
                }
                let Some(value) = self.value(place).value() else { continue };
                let twins = self.images.twins(m, elements, value)?;
                if twins[usize::from(a)] != twins[usize::from(b)] {
                    return Ok(false);
                }
            }
        }
        let Some(sources) = &sources else { return Ok(true) };
        for (place, source) in (0..).zip(sources.iter()) {
            if *source > place {
                if self.in_slots.parts(place as usize).is_some() || self.in_slots.parts(*source as usize).is_some() {
                    if !self.becomes(at, m, swap, *source, place)? {
                        return Ok(false);
                    }
                    continue;
                }
                let (here, there) = (self.value(place), self.value(*source));
                if self.images.entry(m, elements, swap, there)? != here {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Permutations among which that to the representative is, where colours leave untwinned ties.
    pub(super) fn candidates(
        &mut self,
        at: Standing,
        m: &mut dyn Machine,
        colours: &[Colour],
        order: &[u16],
        tied: &[Cell],
    ) -> Result<Vec<Permutation>> {
        let mut found = Vec::new();
        let arrangements = tied.iter().flat_map(|cell| 2..=cell.len()).try_fold(1_usize, |n, k| n.checked_mul(k));
        if arrangements.is_some_and(|n| n <= ARRANGEMENTS_MAX) {
            arrange(&mut order.to_vec(), tied, &mut found);
        } else {
            self.single_out(at, m, colours.to_vec(), &mut found)?;
        }
        Ok(found)
    }

    fn single_out(
        &mut self,
        at: Standing,
        m: &mut dyn Machine,
        colours: Vec<Colour>,
        found: &mut Vec<Permutation>,
    ) -> Result<()> {
        let colours = self.refined(at, colours);
        let mut order = Vec::new();
        sort(at, &colours, &mut order);
        let tied = self.untwinned(at, m, &colours, &order)?;
        let Some(cell) = tied.first() else {
            found.push(inverse(&order));
            return Ok(());
        };
        let mut tried: Vec<u16> = Vec::new();
        for element in &order[cell.clone()] {
            let mut twin = false;
            for other in &tried {
                twin = twin || self.are_twins(at, m, *other, *element)?;
            }
            if twin {
                continue;
            }
            tried.push(*element);
            let mut singled = colours.clone();
            let colour = &mut singled[usize::from(*element)];
            *colour = finer(*colour, SINGLED);
            self.single_out(at, m, singled, found)?;
        }
        Ok(())
    }

    /// Colours by the colours of what each element occurs with, as long as that tells more elements apart.
    fn refined(&mut self, at: Standing, mut colours: Vec<Colour>) -> Vec<Colour> {
        let mut distinct = count_distinct(&colours);
        loop {
            let mut profiler = Profiler::new(colours.iter().map(|colour| fold(*colour)).collect());
            let seen = self.colour(at, &mut profiler, false);
            let next: Vec<Colour> = colours.iter().zip(&seen).map(|(old, new)| finer(*old, fold(*new))).collect();
            let count = count_distinct(&next);
            if count <= distinct {
                return colours;
            }
            (colours, distinct) = (next, count);
        }
    }
}

fn count_distinct(colours: &[Colour]) -> usize {
    let mut sorted = colours.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// The permutation that puts each element to its place in the order.
fn inverse(order: &[u16]) -> Permutation {
    let mut images = vec![0; order.len()];
    for (element, place) in order.iter().zip(0..) {
        images[usize::from(*element)] = place;
    }
    images.into()
}

/// Every arrangement of the cells.
fn arrange(order: &mut Vec<u16>, cells: &[Cell], found: &mut Vec<Permutation>) {
    let Some((cell, others)) = cells.split_first() else {
        found.push(inverse(order));
        return;
    };
    if cell.len() < 2 {
        return arrange(order, others, found);
    }
    for other in cell.clone() {
        order.swap(cell.start, other);
        let rest: Vec<Cell> = std::iter::once(cell.start + 1..cell.end).chain(others.iter().cloned()).collect();
        arrange(order, &rest, found);
        order.swap(cell.start, other);
    }
}
