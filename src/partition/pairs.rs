//! What the ids in one or two slots say of a label, as one word of bits.
//!
//! Most labels of a new state read one or two slots of few ids (`rmState[r] \in {..}`,
//! `~(rmState[a] = "aborted" /\ rmState[b] = "committed")`), and a change of one slot affects dozens of them. Following a
//! path in the [mirror](super::mirror) for each takes longer than looking up a bit: two-phase commit with 8 managers
//! takes 0.97 s of CPU without, 0.90 s with them.

use super::mirror::Mirror;

/// Ids of a slot that decides alone, and of one that decides together with another.
const ALONE: u32 = 64;
const TOGETHER: u32 = 8;

/// For which ids a label is known to hold.
#[derive(Clone, Copy)]
struct Pair {
    first: u32,
    second: u32,
    /// Ids of the first that there are bits for, and the highest of the second.
    ids: u32,
    highest: u32,
    /// What an id of the first slot counts, and which bits of the second's count.
    times: u32,
    mask: u32,
    /// Whether it holds, by the ids.
    holds: u64,
}

impl Pair {
    /// Of a slot that decides alone.
    fn alone(slot: u32) -> Self {
        Self { first: slot, second: slot, ids: ALONE, highest: u32::MAX, times: 1, mask: 0, holds: 0 }
    }

    fn is_alone(&self) -> bool {
        self.mask == 0
    }

    /// The same for two slots, if it has bits for all that is known of the first.
    fn together(&self, second: u32) -> Option<Self> {
        if self.holds >> TOGETHER != 0 {
            return None;
        }
        let all = |id| if self.holds >> id & 1 == 1 { 0xFF_u64 << (TOGETHER * id) } else { 0 };
        let holds = (0..TOGETHER).map(all).fold(0, std::ops::BitOr::bitor);
        Some(Self { second, ids: TOGETHER, highest: TOGETHER - 1, times: TOGETHER, mask: TOGETHER - 1, holds, ..*self })
    }

    #[inline(always)]
    fn knows(&self, row: &[u32]) -> bool {
        let (Some(&x), Some(&y)) = (row.get(self.first as usize), row.get(self.second as usize)) else { return false };
        let place = x.wrapping_mul(self.times) | (y & self.mask);
        x < self.ids && y <= self.highest && self.holds >> (place & 63) & 1 == 1
    }
}

/// Labels by number.
#[derive(Default)]
pub(super) struct Pairs(Vec<Pair>);

impl Pairs {
    /// Nothing is known of so many labels.
    pub(super) fn new(labels: usize) -> Self {
        Self(vec![Pair::alone(0); labels])
    }

    /// Leaves out labels that are known to hold in a row; counts them as found in the mirror.
    #[inline]
    pub(super) fn leave_out(&self, row: &[u32], left: &mut [u64], mirror: &mut Mirror) {
        for (word, left) in left.iter_mut().enumerate() {
            let mut bits = *left;
            while bits != 0 {
                let number = 64 * word + bits.trailing_zeros() as usize;
                let rest = bits & (bits - 1);
                if self.0.get(number).is_some_and(|pair| pair.knows(row)) {
                    mirror.count_hit(number);
                    *left &= !(bits ^ rest);
                }
                bits = rest;
            }
        }
    }

    /// Learns that a label holds wherever these slots, read one after the other, have these ids.
    pub(super) fn learn(&mut self, label: usize, path: &[(u32, u32)]) {
        let Some(pair) = self.0.get_mut(label) else { return };
        let Some(&(first, id)) = path.first() else { return };
        if pair.holds == 0 {
            *pair = Pair::alone(first);
        }
        match *path {
            _ if pair.first != first => {}
            [_] if id < pair.ids => pair.holds |= if pair.is_alone() { 1 << id } else { 0xFF << (TOGETHER * id) },
            [_, (second, other)] if id < TOGETHER && other < TOGETHER => {
                if pair.is_alone()
                    && let Some(both) = pair.together(second)
                {
                    *pair = both;
                }
                if !pair.is_alone() && pair.second == second {
                    pair.holds |= 1 << (TOGETHER * id + other);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mirror, Pairs};
    use proptest::prelude::*;

    /// Slots that a label reads with their ids: the second if the id in the first says so, and which one.
    fn path(label: usize, row: &[u32], stops: &[bool]) -> Vec<(u32, u32)> {
        let first = label % 2;
        let id = row[first];
        let second = 2 + (label / 2 + id as usize / 7) % 2;
        let mut path = vec![(first as u32, id)];
        if !stops[id as usize % stops.len()] {
            path.push((second as u32, row[second]));
        }
        path
    }

    proptest! {
        /// What is left out holds; where few ids are read from the same two slots, what was learnt is left out.
        #[test]
        fn labels_left_out_hold(
            holds in prop::collection::vec(any::<bool>(), 97),
            stops in prop::collection::vec(any::<bool>(), 1..9),
            rows in prop::collection::vec(prop::collection::vec(prop_oneof![0u32..7, 0u32..80], 4), 1..80),
        ) {
            let labels = 70;
            let truth = |label: usize, row: &[u32]| {
                let path = path(label, row, &stops);
                holds[path.iter().fold(label, |sum, (slot, id)| 31 * sum + (slot + 5 * id) as usize) % holds.len()]
            };
            let (mut pairs, mut mirror) = (Pairs::new(labels), Mirror::new(labels));
            let mut open = |pairs: &Pairs, row: &[u32]| {
                let mut left = vec![u64::MAX, (1 << (labels - 64)) - 1];
                pairs.leave_out(row, &mut left, &mut mirror);
                left
            };
            for row in &rows {
                let left = open(&pairs, row);
                for label in 0..labels {
                    let is_left = left[label / 64] >> (label % 64) & 1 == 1;
                    prop_assert!(is_left || truth(label, row));
                    if truth(label, row) {
                        pairs.learn(label, &path(label, row, &stops));
                    }
                }
            }
            for row in rows.iter().filter(|_| rows.iter().all(|row| row.iter().all(|id| *id < 7))) {
                let left = open(&pairs, row);
                for label in (0..labels).filter(|label| truth(*label, row)) {
                    prop_assert_eq!(left[label / 64] >> (label % 64) & 1, 0);
                }
            }
        }
    }
}
