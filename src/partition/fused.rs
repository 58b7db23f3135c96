//! Which trees need not be asked at all: those that the ids in their first two slots settle.
//!
//! For each slot that some tree reads first, and each id in it, there is a mask of the trees not known to be settled
//! by it (a group that it disables, a label that it makes true). The union of the masks of a row's ids is what is
//! left to ask: a group that is disabled costs nothing. What the first slot leaves open the second often settles
//! (`~(rmState[a] = "aborted" /\ rmState[b] = "committed")`): for one id of its first slot that leaves a tree open there
//! are masks of the same kind for the slot that it reads next. With them two-phase commit asks a sixth of the labels.
//! Masks are a worker's own, learnt from the answers of the shared trees.

use super::forest::Found;

/// Words of masks of a slot at most: trees of higher ids are always asked.
const WORDS_MAX: usize = 1 << 14;

/// Masks of one slot: of the trees that read it, for each id seen.
struct Masks {
    slot: usize,
    /// Words of the whole mask in which it has trees.
    words: Vec<usize>,
    /// Its trees, in those words.
    all: Vec<u64>,
    /// The same without those settled, for each id; as many words for each.
    left: Vec<u64>,
}

impl Masks {
    fn new(slot: usize) -> Self {
        Self { slot, words: Vec::new(), all: Vec::new(), left: Vec::new() }
    }

    /// The trees that an id leaves open, in the words of this slot.
    #[inline]
    fn of(&self, id: u32) -> &[u64] {
        let width = self.words.len();
        let start = id as usize * width;
        self.left.get(start..start + width).unwrap_or(&self.all)
    }

    /// The same where there is one word.
    #[inline]
    fn only(&self, id: u32) -> u64 {
        self.left.get(id as usize).or(self.all.first()).copied().unwrap_or(0)
    }

    /// The place of a word, which it gets if it has none.
    fn place(&mut self, word: usize) -> usize {
        if let Some(at) = self.words.iter().position(|w| *w == word) {
            return at;
        }
        let width = self.words.len();
        let mut left = Vec::with_capacity(self.left.len() / width.max(1) * (width + 1));
        for mask in self.left.chunks_exact(width.max(1)) {
            left.extend_from_slice(mask);
            left.push(0);
        }
        self.left = left;
        self.words.push(word);
        self.all.push(0);
        width
    }

    /// Adds a tree, open for all ids.
    fn add(&mut self, word: usize, bit: u64) {
        let at = self.place(word);
        self.all[at] |= bit;
        let width = self.words.len();
        self.left.chunks_exact_mut(width).for_each(|mask| mask[at] |= bit);
    }

    /// An id settles a tree.
    fn settle(&mut self, word: usize, bit: u64, id: u32) {
        let (at, width, id) = (self.place(word), self.words.len(), id as usize);
        if (id + 1) * width > WORDS_MAX {
            return;
        }
        while self.left.len() < (id + 1) * width {
            self.left.extend_from_slice(&self.all);
        }
        self.left[id * width + at] &= !bit;
    }
}

fn masks_of(masks: &mut Vec<Masks>, slot: u32) -> &mut Masks {
    let slot = slot as usize;
    let place = masks.iter().position(|m| m.slot == slot).unwrap_or_else(|| {
        masks.push(Masks::new(slot));
        masks.len() - 1
    });
    &mut masks[place]
}

/// What is known of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Knowledge {
    /// Its first slot is not known, or it reads nothing.
    Nothing,
    /// Its first slot; no id was seen to leave it open.
    First,
    /// An id that leaves it open.
    Opened(u32),
}

/// Trees that an id of their first slot leaves open.
struct Opened {
    slot: usize,
    id: u32,
    /// Words of the mask, and the trees in each.
    trees: Vec<(usize, u64)>,
}

/// Masks over the trees `0..len`.
pub(super) struct Fused {
    firsts: Vec<Masks>,
    seconds: Vec<Masks>,
    knowledge: Vec<Knowledge>,
    /// Trees whose first slot is not known, or that read nothing.
    unknown: Vec<u64>,
    opened: Vec<Opened>,
    scratch: Vec<u64>,
}

impl Fused {
    /// Nothing is known of `trees` trees.
    pub(super) fn new(trees: usize) -> Self {
        let mut unknown = vec![u64::MAX; trees.div_ceil(64)];
        if let Some(last) = unknown.last_mut()
            && !trees.is_multiple_of(64)
        {
            *last = (1 << (trees % 64)) - 1;
        }
        Self {
            firsts: Vec::new(),
            seconds: Vec::new(),
            knowledge: vec![Knowledge::Nothing; trees],
            unknown,
            opened: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The trees that a row does not settle.
    #[inline]
    pub(super) fn left(&mut self, row: &[u32], left: &mut Vec<u64>) {
        left.clear();
        left.extend_from_slice(&self.unknown);
        if let [left] = left.as_mut_slice() {
            *left = self.firsts.iter().fold(*left, |left, first| left | first.only(row[first.slot]));
        } else {
            for first in &self.firsts {
                if let [word] = *first.words {
                    left[word] |= first.only(row[first.slot]);
                    continue;
                }
                let masks = first.of(row[first.slot]);
                first.words.iter().zip(masks).for_each(|(word, mask)| left[*word] |= mask);
            }
        }
        if self.opened.is_empty() {
            return;
        }
        // Trees that an id leaves open which is known to do so, and that their second slot settles.
        let settled = &mut self.scratch;
        settled.clear();
        settled.resize(left.len(), 0);
        for opened in &self.opened {
            if row[opened.slot] == opened.id {
                opened.trees.iter().for_each(|(word, bits)| settled[*word] |= bits);
            }
        }
        for second in &self.seconds {
            let masks = second.of(row[second.slot]);
            for ((word, mask), all) in second.words.iter().zip(masks).zip(&second.all) {
                // Of the trees that read this slot second, those that it leaves open.
                settled[*word] &= !(mask & all);
            }
        }
        left.iter_mut().zip(settled).for_each(|(left, settled)| *left &= !*settled);
    }

    /// Learns from an answer: `settled` if the outcome is the one that need not be asked for.
    pub(super) fn learn(&mut self, tree: usize, found: &Found, settled: bool) {
        let (word, bit) = (tree / 64, 1u64 << (tree % 64));
        let Some((slot, id)) = found.first else { return };
        if self.knowledge[tree] == Knowledge::Nothing {
            self.knowledge[tree] = Knowledge::First;
            self.unknown[word] &= !bit;
            masks_of(&mut self.firsts, slot).add(word, bit);
        }
        let Some((second, second_id)) = found.second else {
            if settled {
                masks_of(&mut self.firsts, slot).settle(word, bit, id);
            }
            return;
        };
        if self.knowledge[tree] == Knowledge::First {
            self.knowledge[tree] = Knowledge::Opened(id);
            masks_of(&mut self.seconds, second).add(word, bit);
            self.open(slot as usize, id, word, bit);
        }
        // What is read second is decided by the id read first.
        if self.knowledge[tree] == Knowledge::Opened(id) && settled && found.reads == 2 {
            masks_of(&mut self.seconds, second).settle(word, bit, second_id);
        }
    }

    fn open(&mut self, slot: usize, id: u32, word: usize, bit: u64) {
        let place = self.opened.iter().position(|o| (o.slot, o.id) == (slot, id)).unwrap_or_else(|| {
            self.opened.push(Opened { slot, id, trees: Vec::new() });
            self.opened.len() - 1
        });
        let trees = &mut self.opened[place].trees;
        match trees.iter_mut().find(|(w, _)| *w == word) {
            Some((_, bits)) => *bits |= bit,
            None => trees.push((word, bit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fused;
    use crate::partition::forest::Found;
    use proptest::prelude::*;

    fn ones(left: &[u64]) -> Vec<usize> {
        (0..left.len() * 64).filter(|t| left[t / 64] >> (t % 64) & 1 == 1).collect()
    }

    /// What a tree says that reads slot `a`, and unless that settles it slot `b`, and unless that settles it slot 0.
    fn ask(row: &[u32], a: u32, b: u32, by_first: &[bool], by_second: &[bool]) -> (Found, bool) {
        let (x, y) = (row[a as usize], row[b as usize]);
        let first = Some((a, x));
        if by_first[x as usize] {
            return (Found { outcome: 0, first, second: None, reads: 1, ends: 0 }, true);
        }
        let settled = by_second[(6 * x + y) as usize];
        (Found { outcome: 0, first, second: Some((b, y)), reads: 2 + u32::from(!settled), ends: 0 }, settled)
    }

    proptest! {
        /// Nothing is left out that is not settled; what was asked once and is settled by its first slot is.
        #[test]
        fn only_settled_trees_are_left_out(
            trees in prop::collection::vec(
                (1u32..4, 4u32..6, prop::collection::vec(any::<bool>(), 6), prop::collection::vec(any::<bool>(), 36)),
                1..150,
            ),
            rows in prop::collection::vec(prop::collection::vec(0u32..6, 6), 1..60),
        ) {
            let mut fused = Fused::new(trees.len());
            let mut left = Vec::new();
            for row in rows.iter().chain(&rows) {
                fused.left(row, &mut left);
                let asked = ones(&left);
                for (tree, (a, b, by_first, by_second)) in trees.iter().enumerate() {
                    let (found, settled) = ask(row, *a, *b, by_first, by_second);
                    prop_assert!(settled || asked.contains(&tree), "tree {} of row {:?}", tree, row);
                    fused.learn(tree, &found, settled);
                }
                fused.left(row, &mut left);
                for (tree, (a, b, by_first, by_second)) in trees.iter().enumerate() {
                    let (found, _) = ask(row, *a, *b, by_first, by_second);
                    prop_assert!(found.reads != 1 || !ones(&left).contains(&tree));
                }
            }
        }
    }
}
