//! Which trees need not be asked at all: those that the id in their first slot settles.
//!
//! For each slot that some tree reads first, and each id in it, there is a mask of the trees not known to be settled
//! by it (a group that it disables, a label that it makes true). The union of the masks of a row's ids is what is
//! left to ask: a group that is disabled costs nothing. Masks are a worker's own, learnt from the answers of the shared
//! trees.

/// Words of masks of a slot at most: trees of higher ids are always asked.
const WORDS_MAX: usize = 1 << 14;

/// A slot that trees read first.
struct First {
    slot: usize,
    /// Words of the mask in which it has trees.
    words: Vec<usize>,
    /// Trees that read it first, in those words.
    all: Vec<u64>,
    /// The same without those settled, for each id seen; as many words for each.
    left: Vec<u64>,
}

/// Masks over the trees `0..len`.
pub(super) struct Fused {
    firsts: Vec<First>,
    /// Trees whose first slot is not known, or that read nothing.
    unknown: Vec<u64>,
}

impl Fused {
    /// Nothing is known of `trees` trees.
    pub(super) fn new(trees: usize) -> Self {
        let mut unknown = vec![u64::MAX; trees.div_ceil(64)];
        if let Some(last) = unknown.last_mut()
            && trees % 64 != 0
        {
            *last = (1 << (trees % 64)) - 1;
        }
        Self { firsts: Vec::new(), unknown }
    }

    /// The trees that a row does not settle.
    #[inline]
    pub(super) fn left(&self, row: &[u32], left: &mut Vec<u64>) {
        left.clear();
        if let [unknown] = self.unknown[..] {
            let masks = self.firsts.iter().map(|first| {
                let id = row[first.slot] as usize;
                first.left.get(id).or(first.all.first()).copied().unwrap_or(0)
            });
            left.push(masks.fold(unknown, |left, mask| left | mask));
            return;
        }
        left.extend_from_slice(&self.unknown);
        for first in &self.firsts {
            let width = first.words.len();
            let start = row[first.slot] as usize * width;
            let mask = first.left.get(start..start + width).unwrap_or(&first.all);
            for (word, bits) in first.words.iter().zip(mask) {
                left[*word] |= bits;
            }
        }
    }

    /// A tree reads this slot first, and this id there settles it.
    pub(super) fn settle(&mut self, tree: usize, slot: u32, id: u32) {
        let (word, bit) = (tree / 64, 1 << (tree % 64));
        let (slot, id) = (slot as usize, id as usize);
        if self.unknown[word] & bit != 0 {
            self.unknown[word] &= !bit;
            self.enter(slot, word, bit);
        }
        let Some(first) = self.firsts.iter_mut().find(|f| f.slot == slot) else { return };
        let Some(at) = first.words.iter().position(|w| *w == word) else { return };
        if first.all[at] & bit == 0 {
            return;
        }
        let width = first.words.len();
        if (id + 1) * width > WORDS_MAX {
            return;
        }
        while first.left.len() < (id + 1) * width {
            first.left.extend_from_slice(&first.all);
        }
        first.left[id * width + at] &= !bit;
    }

    /// Adds a tree to those that read a slot first.
    fn enter(&mut self, slot: usize, word: usize, bit: u64) {
        let place = match self.firsts.iter().position(|f| f.slot == slot) {
            Some(place) => place,
            None => {
                self.firsts.push(First { slot, words: Vec::new(), all: Vec::new(), left: Vec::new() });
                self.firsts.len() - 1
            }
        };
        let first = &mut self.firsts[place];
        let at = match first.words.iter().position(|w| *w == word) {
            Some(at) => at,
            None => {
                let width = first.words.len();
                let mut left = Vec::with_capacity(first.left.len() / width.max(1) * (width + 1));
                for mask in first.left.chunks_exact(width.max(1)) {
                    left.extend_from_slice(mask);
                    left.push(0);
                }
                first.left = left;
                first.words.push(word);
                first.all.push(0);
                width
            }
        };
        first.all[at] |= bit;
        let width = first.words.len();
        first.left.chunks_exact_mut(width).for_each(|mask| mask[at] |= bit);
    }
}

#[cfg(test)]
mod tests {
    use super::Fused;
    use proptest::prelude::*;

    fn ones(left: &[u64]) -> Vec<usize> {
        (0..left.len() * 64).filter(|t| left[t / 64] >> (t % 64) & 1 == 1).collect()
    }

    proptest! {
        /// Exactly the settled trees are left out.
        #[test]
        fn masks_are_what_was_settled(
            firsts in prop::collection::vec(0u32..4, 1..150),
            settled in prop::collection::vec((0usize..150, 0u32..6), 0..300),
            row in prop::collection::vec(0u32..6, 4),
        ) {
            let mut fused = Fused::new(firsts.len());
            let mut expected: Vec<usize> = (0..firsts.len()).collect();
            for (tree, id) in settled.into_iter().filter(|(tree, _)| *tree < firsts.len()) {
                fused.settle(tree, firsts[tree], id);
                if row[firsts[tree] as usize] == id {
                    expected.retain(|t| *t != tree);
                }
            }
            let mut left = Vec::new();
            fused.left(&row, &mut left);
            prop_assert_eq!(ones(&left), expected);
        }
    }
}
