//! What one place adds to the colours of elements.

use super::places::Place;
use super::profile::{Colour, Profile, colour, in_lane};
use crate::value::mix;

/// What a place adds to the colours of elements.
pub(super) struct Share {
    list: Box<[(u16, Colour)]>,
    mentions: bool,
}

impl Share {
    /// What a value with this profile adds at a place.
    pub(super) fn new(place: &Place, there: &Profile) -> Self {
        let mut list = Vec::new();
        each_share(place.anonymous, &place.mentions, there, |element, share| {
            list.push((element, in_lane(place.lane, share)));
        });
        Self { list: list.into(), mentions: !there.mentions.is_empty() }
    }

    /// Elements, each with what is added to its colour.
    pub(super) fn each(&self) -> impl Iterator<Item = (u16, Colour)> {
        self.list.iter().copied()
    }

    /// True if the value mentions elements.
    pub(super) fn mentions(&self) -> bool {
        self.mentions
    }
}

/// Calls `each` with what a value adds for each element, at a place that itself looks to elements as `here` says and
/// to all others as `anonymous`.
pub(super) fn each_share(anonymous: u64, here: &[(u16, u64)], there: &Profile, mut each: impl FnMut(u16, u64)) {
    for (element, outside) in here {
        let inside = colour(&there.mentions, *element).unwrap_or(there.anonymous);
        each(*element, mix(*outside, inside));
    }
    for (element, inside) in there.mentions.iter() {
        if colour(here, *element).is_none() {
            each(*element, mix(anonymous, *inside));
        }
    }
}
