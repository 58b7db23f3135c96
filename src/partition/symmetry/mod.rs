//! SYMMETRY: the representative of a state's orbit under the declared permutations of model values.
//!
//! *Takes* the declared set of permutations and the layout of states. *Gives* for each state a state of its orbit,
//! the same for all states of the orbit, on every thread and in every run. *Holds*: what is given is an image of the
//! state, whatever hashes collide. *Ignores*, when it represents, whether the specification is as symmetric as it
//! claims: [`doubt`] says where that may fail, [`comparison`] tries it on states.
//!
//! Phases:
//!
//! 1. The [`group`] is read off the declaration: all permutations of some sets, or a listed group.
//! 2. Every element gets a *colour* from where it occurs in the state ([`profile`]): in which slots of which functions
//!    of that element ([`places`]), and how in each value. Colours of values are remembered, and what
//!    each place added to them is known from the row before ([`shown`]), so that a row costs some look-ups and additions.
//! 3. Elements are sorted by colour; this is the permutation to apply. Where all values are plain and each slot belongs
//!    to one element, this is a sort of columns. Ties between *twins* do not matter; others are tried out, after
//!    refining the colours ([`search`]). In a listed group, the members that sort best come into question.
//! 4. The least image under what is left, in the structural order, is the representative. Images of values
//!    are remembered ([`image`]).
//!
//! With a VIEW the representative is the least state of the whole orbit, because TLC evaluates the view on that one.

mod canonical;
mod comparison;
mod doubt;
mod group;
mod image;
mod in_slots;
mod places;
mod profile;
mod rows;
mod search;
mod sets;
mod share;
mod shown;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::eval::Evaluator;
use crate::resolve::spec::Named;

use super::slots::Slots;

pub use canonical::Canonical;
pub use comparison::Comparison;
pub use doubt::Doubt;
use group::{Group, LISTED_MAX, Permutation, Ungrouped};
use image::Images;
use places::Places;

/// Which state of an orbit represents it.
enum Choice {
    /// The least of those that have their elements in order of colours.
    Sorted,
    /// The least under these permutations.
    Least(Vec<Permutation>),
}

/// The symmetry of a model.
pub struct Symmetry {
    group: Group,
    choice: Choice,
    /// The places of slots, if permutations keep the layout.
    slots: Option<Places>,
    variables: Places,
}

impl Symmetry {
    /// The group that a definition declares; `least` if the least state of an orbit must represent it.
    ///
    /// # Errors
    /// When it is not a set of permutations of model values, or too large to be listed where that is needed.
    pub fn new(evaluator: &mut Evaluator, named: &Named, least: bool) -> Result<Self, Box<Diagnostic>> {
        let ungrouped = |reason| match reason {
            Ungrouped::Fault(fault) => Box::new(super::formula::fault_diagnostic(&fault)),
            Ungrouped::TooLarge => {
                let message = format!("the symmetry group of {} has more than {LISTED_MAX} permutations", named.name);
                Box::new(Diagnostic::error("symmetry", named.span, message).help(
                    "declare the symmetry as Permutations(S), or as a union of such sets, and use no VIEW with it",
                ))
            }
        };
        let group = Group::declared(evaluator, named.operator).map_err(ungrouped)?;
        let choice = if least { Choice::Least(group.listed().map_err(ungrouped)?) } else { Choice::Sorted };
        let variables = Places::of_variables(&group.elements, evaluator.spec().variables.len());
        Ok(Self { group, choice, slots: None, variables })
    }

    /// True if there is nothing to permute.
    pub fn is_trivial(&self) -> bool {
        self.group.generators.is_empty()
    }

    /// A warning if the symmetry does nothing.
    pub fn warning(&self, named: &Named) -> Option<Diagnostic> {
        self.is_trivial().then(|| {
            let message =
                format!("the symmetry {} permutes nothing: its sets have fewer than two elements", named.name);
            Diagnostic::warning("symmetry", named.span, message)
        })
    }

    /// Learns where slots stand. Where permutations lead out of the layout, whole variables are looked at.
    pub(super) fn lay_out(&mut self, evaluator: &mut Evaluator, slots: &Slots) {
        if matches!(self.choice, Choice::Least(_)) {
            return;
        }
        let elements = &self.group.elements;
        let places = Places::of_slots(elements, slots);
        let mut images = Images::new(elements);
        let closed = self.group.generators.iter().all(|generator| {
            let number = images.number(generator);
            matches!(places.sources(evaluator, &mut images, elements, number), Ok(Some(_)))
        });
        self.slots = closed.then_some(places);
    }

    /// Places where the specification may tell symmetric elements apart.
    pub(super) fn doubts(&self, evaluator: &mut Evaluator) -> Vec<Doubt> {
        doubt::doubts(evaluator, &self.group)
    }

    /// A worker's memory.
    pub(super) fn canonical(&self) -> Canonical {
        Canonical::new(self)
    }
}
