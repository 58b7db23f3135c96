//! Decision trees shared by all workers.
//!
//! *Stores* for each tree: nodes that ask for the id in one slot, edges by id, leaves with an outcome. Everything
//! lives in one append-only arena of 32-bit words, so a tree of a few nodes costs a few words:
//!
//! - a *target* is where an edge leads: [`NOWHERE`], a leaf (bit 31 and the outcome), or the word of a node;
//! - a *node* is its head (slot and capacity), the number of its edges, and the edges: dense (targets by id) or
//!   sparse (pairs of id + 1 and target, probed linearly), whichever is smaller. A node whose edges outgrow it
//!   is written anew, larger, and what led to the old one leads to the new one;
//! - an *outcome* is a number for labels, the word of a list of successors for groups.
//!
//! *Operations, any thread*: [`Forest::find`], without waiting (linearises at the last acquire load of an edge);
//! [`Forest::insert`], one thread at a time behind a lock (linearises at the release store of the edge that was
//! missing: what it leads to was written before). There is *no* removal: a reader may hold any word it has found. A
//! forest that is full, or was made for a layout that has changed, is replaced as a whole.
//!
//! *Checked*: `specs/engine/DecisionTree.tla` models it; `tests/loom` runs this file under all interleavings.

use super::sync::{AtomicU32, AtomicU64, FIRST_BITS, Mutex, OnceLock, Ordering, PoisonError};

/// Where an edge leads that is not known.
const NOWHERE: u32 = u32::MAX;
/// Marks targets that are leaves, and heads of nodes with sparse edges.
const MARK: u32 = 1 << 31;
/// Bits of a head that tell the slot; log2 of the capacity stands above them.
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const CAPACITY_MASK: u32 = 31;
/// The greatest outcome a leaf can hold.
const OUTCOME_MAX: u32 = MARK - 2;
/// Segments at most: each but the first doubles the arena; 2^27 words, 512 MiB.
const SEGMENTS: usize = 18;
/// Words at most.
const WORDS_MAX: u32 = 1 << 27;
/// Edges are dense while a dense array has at most this many words, or is filled to an eighth.
const DENSE_WORDS: u32 = 32;
/// Successors among which equal ones are looked for.
const RECENT: usize = 8;
/// Words of a node before its edges.
const HEAD: u32 = 2;

/// An append-only array of words that grows without moving.
struct Words {
    segments: [OnceLock<Box<[AtomicU32]>>; SEGMENTS],
}

impl Words {
    fn new() -> Self {
        Self { segments: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// Segment and place in it. Segment 0 has the first 2^FIRST_BITS words, each other as many as all before it.
    #[inline]
    fn place(index: u32) -> (usize, usize) {
        let bits = u32::BITS - (index >> FIRST_BITS).leading_zeros();
        let start = if bits == 0 { 0 } else { 1 << (FIRST_BITS + bits - 1) };
        (bits as usize, (index - start) as usize)
    }

    #[inline]
    fn at(&self, index: u32) -> &AtomicU32 {
        &self.from(index)[0]
    }

    /// The rest of a segment, from a word that is known.
    #[inline]
    fn from(&self, index: u32) -> &[AtomicU32] {
        let (segment, place) = Self::place(index);
        let words = self.segments[segment].get().expect("a word that is known was written");
        &words[place..]
    }

    /// Words that stand in one segment.
    #[inline]
    fn run(&self, index: u32, len: usize) -> &[AtomicU32] {
        &self.from(index)[..len]
    }

    fn segment_len(segment: usize) -> u32 {
        if segment == 0 { 1 << FIRST_BITS } else { 1 << (FIRST_BITS + segment as u32 - 1) }
    }

    /// The first index from `free` on at which `len` words stand in one segment, which then exists.
    fn reserve(&self, free: u32, len: u32) -> Option<u32> {
        let mut index = free;
        loop {
            if len > WORDS_MAX || index > WORDS_MAX - len {
                return None;
            }
            let (segment, place) = Self::place(index);
            let size = Self::segment_len(segment);
            if place as u32 + len <= size {
                self.segments[segment].get_or_init(|| (0..size).map(|_| AtomicU32::new(0)).collect());
                return Some(index);
            }
            index += size - place as u32;
        }
    }
}

/// Decision trees by number.
pub(super) struct Forest {
    /// Which layout of states it was made for.
    pub(super) epoch: u32,
    roots: Box<[AtomicU32]>,
    words: Words,
    /// The next free word.
    free: Mutex<u32>,
    used: AtomicU64,
}

/// What a tree says of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// The outcome.
    pub(super) outcome: u32,
    /// The slots read first and second, with their ids.
    pub(super) first: Option<(u32, u32)>,
    pub(super) second: Option<(u32, u32)>,
    /// How many slots were read.
    pub(super) reads: u32,
    /// Those of the second row, as a set of numbers modulo 64.
    pub(super) ends: u64,
}

impl Found {
    /// True if the slots read first and second are among the first `slots`.
    pub(super) fn begins_within(&self, slots: usize) -> bool {
        [self.first, self.second].into_iter().flatten().all(|(slot, _)| (slot as usize) < slots)
    }
}

/// The id in a slot; with two rows the second's slots come after the first's.
#[inline]
pub(super) fn id_in(slot: u32, current: &[u32], next: &[u32]) -> u32 {
    let slot = slot as usize;
    if slot < current.len() { current[slot] } else { next[slot - current.len()] }
}

/// A slot in a set of numbers modulo 64.
#[inline]
pub(super) fn bit(slot: usize) -> u64 {
    1 << (slot % 64)
}

#[inline]
fn spread(id: u32) -> u32 {
    id.wrapping_mul(0x9E37_79B1).rotate_left(16)
}

impl Forest {
    /// Trees that know nothing.
    pub(super) fn new(trees: usize, epoch: u32) -> Self {
        Self {
            epoch,
            roots: (0..trees).map(|_| AtomicU32::new(NOWHERE)).collect(),
            words: Words::new(),
            // Word 0 is never used: outcome 0 means that a group has no successors.
            free: Mutex::new(1),
            used: AtomicU64::new(0),
        }
    }

    /// Memory of the trees.
    pub(super) fn bytes(&self) -> u64 {
        4 * self.used.load(Ordering::Relaxed)
    }

    /// What a tree says of a row, or of a step.
    #[inline]
    pub(super) fn find(&self, tree: usize, current: &[u32], next: &[u32]) -> Option<Found> {
        let (mut first, mut second, mut reads, mut ends) = (None, None, 0, 0);
        let outcome = self.follow(tree, current, next, |slot, id| {
            match reads {
                0 => first = Some((slot, id)),
                1 => second = Some((slot, id)),
                _ => {}
            }
            reads += 1;
            if slot as usize >= current.len() {
                ends |= bit(slot as usize - current.len());
            }
        })?;
        Some(Found { outcome, first, second, reads, ends })
    }

    /// Calls `read` with the slots that a tree asks for, and the ids in them, until it knows the outcome.
    #[inline]
    pub(super) fn follow(
        &self,
        tree: usize,
        current: &[u32],
        next: &[u32],
        mut read: impl FnMut(u32, u32),
    ) -> Option<u32> {
        let mut at = self.roots[tree].load(Ordering::Acquire);
        while at & MARK == 0 {
            let node = self.words.from(at);
            let head = node[0].load(Ordering::Relaxed);
            let slot = head & SLOT_MASK;
            let id = id_in(slot, current, next);
            read(slot, id);
            let capacity = 1 << (head >> SLOT_BITS & CAPACITY_MASK);
            at = if head & MARK != 0 {
                sparse_edge(node, capacity, id)
            } else if id < capacity {
                node[(HEAD + id) as usize].load(Ordering::Acquire)
            } else {
                NOWHERE
            };
        }
        (at != NOWHERE).then_some(at & !MARK)
    }

    /// Puts the successors that an outcome of a group stands for into `made`.
    #[inline]
    pub(super) fn successors(&self, outcome: u32, made: &mut Made) {
        made.clear();
        if outcome == 0 {
            return;
        }
        let words = self.words.from(outcome);
        let word = |at: usize| words[at].load(Ordering::Relaxed);
        let (count, mut at) = (word(0), 1);
        for _ in 0..count {
            let (times, len) = (word(at), word(at + 1) as usize);
            at += 2;
            for pair in words[at..at + 2 * len].chunks_exact(2) {
                made.changes.push((pair[0].load(Ordering::Relaxed), pair[1].load(Ordering::Relaxed)));
            }
            made.end(times);
            at += 2 * len;
        }
    }

    /// Adds the path of an evaluation that read these slots in this order.
    /// An evaluation that is no path (it was not deterministic after all)
    /// is not added.
    ///
    /// # Errors
    /// When there is no room any more.
    pub(super) fn insert(
        &self,
        tree: usize,
        reads: &[u32],
        current: &[u32],
        next: &[u32],
        outcome: &Outcome<'_>,
    ) -> Result<(), Full> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut growing = Growing { forest: self, free: *free };
        let inserted = growing.path(tree, reads, current, next, outcome);
        *free = growing.free;
        self.used.store(u64::from(*free), Ordering::Relaxed);
        inserted
    }
}

/// There is no room for more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Full;

/// What a leaf is to hold.
pub(super) enum Outcome<'a> {
    /// A number.
    Number(u32),
    /// Successors.
    Successors(&'a Made),
}

/// Successors of a row, as what each changes in it.
#[derive(Clone, Default, Debug)]
pub(super) struct Made {
    changes: Vec<(u32, u32)>,
    /// How often each occurs, and where its changes end.
    ends: Vec<(u32, usize)>,
}

impl Made {
    pub(super) fn clear(&mut self) {
        self.changes.clear();
        self.ends.clear();
    }

    /// Successors, equal ones counted once.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How often each occurs, and its changes.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &[(u32, u32)])> {
        let mut start = 0;
        self.ends.iter().map(move |&(times, end)| {
            let changes = &self.changes[start..end];
            start = end;
            (times, changes)
        })
    }

    /// How often one occurs, and its changes.
    #[inline]
    pub(super) fn get(&self, at: usize) -> (u32, &[(u32, u32)]) {
        let start = if at == 0 { 0 } else { self.ends[at - 1].1 };
        let (times, end) = self.ends[at];
        (times, &self.changes[start..end])
    }

    /// Adds one.
    pub(super) fn push(&mut self, changes: &[(u32, u32)]) {
        self.changes.extend_from_slice(changes);
        self.end(1);
    }

    /// Adds one so many times, in this order or counted.
    pub(super) fn add(&mut self, changes: &[(u32, u32)], times: u64, ordered: bool) {
        if ordered {
            (0..times).for_each(|_| self.push(changes));
            return;
        }
        let mut left = times;
        while left > 0 {
            let some = left.min(u64::from(u32::MAX));
            self.count(changes, some as u32);
            left -= some;
        }
    }

    /// Adds one that occurs so many times; if one of the last few is equal, that one occurs more often.
    fn count(&mut self, changes: &[(u32, u32)], times: u32) {
        let recent = self.len().saturating_sub(RECENT)..self.len();
        let known = recent.rev().find(|at| self.get(*at).1 == changes);
        if let Some(at) = known
            && let Some(sum) = self.ends[at].0.checked_add(times)
        {
            self.ends[at].0 = sum;
            return;
        }
        self.changes.extend_from_slice(changes);
        self.end(times);
    }

    fn end(&mut self, times: u32) {
        self.ends.push((times, self.changes.len()));
    }
}

/// The one thread that adds.
struct Growing<'f> {
    forest: &'f Forest,
    free: u32,
}

/// Where a node with sparse edges leads.
fn sparse_edge(node: &[AtomicU32], capacity: u32, id: u32) -> u32 {
    let mut place = spread(id) & (capacity - 1);
    loop {
        let pair = &node[(HEAD + 2 * place) as usize..][..2];
        let key = pair[0].load(Ordering::Acquire);
        if key == id + 1 {
            return pair[1].load(Ordering::Acquire);
        }
        if key == 0 {
            return NOWHERE;
        }
        place = (place + 1) & (capacity - 1);
    }
}

/// A node as it is written.
fn node(slot: u32, edges: &[(u32, u32)]) -> Vec<u32> {
    let count = edges.len() as u32;
    let highest = edges.iter().map(|(id, _)| *id).max().unwrap_or(0);
    let dense = (highest + 1).checked_next_power_of_two().unwrap_or(MARK);
    if dense <= DENSE_WORDS || dense <= 8 * count {
        let mut words = vec![NOWHERE; (HEAD + dense) as usize];
        (words[0], words[1]) = (slot | dense.trailing_zeros() << SLOT_BITS, count);
        edges.iter().for_each(|(id, target)| words[(HEAD + id) as usize] = *target);
        return words;
    }
    let capacity = (2 * count).next_power_of_two();
    let mut words = vec![0; (HEAD + 2 * capacity) as usize];
    (words[0], words[1]) = (MARK | slot | capacity.trailing_zeros() << SLOT_BITS, count);
    for (id, target) in edges {
        let mut place = spread(*id) & (capacity - 1);
        while words[(HEAD + 2 * place) as usize] != 0 {
            place = (place + 1) & (capacity - 1);
        }
        words[(HEAD + 2 * place) as usize] = id + 1;
        words[(HEAD + 2 * place) as usize + 1] = *target;
    }
    words
}

impl<'f> Growing<'f> {
    /// Takes some words and writes them.
    fn write(&mut self, words: &[u32]) -> Result<u32, Full> {
        let len = u32::try_from(words.len()).map_err(|_| Full)?;
        let index = self.forest.words.reserve(self.free, len).ok_or(Full)?;
        self.free = index + len;
        for (place, word) in self.forest.words.run(index, words.len()).iter().zip(words) {
            place.store(*word, Ordering::Relaxed);
        }
        Ok(index)
    }

    fn path(
        &mut self,
        tree: usize,
        reads: &[u32],
        current: &[u32],
        next: &[u32],
        outcome: &Outcome<'_>,
    ) -> Result<(), Full> {
        // What leads to the node at hand, and the edge that was taken from it.
        let (mut link, mut edge) = (&self.forest.roots[tree], None);
        let mut known = 0;
        let mut at = link.load(Ordering::Relaxed);
        for &slot in reads {
            if at == NOWHERE {
                break;
            }
            if at & MARK != 0 || self.forest.words.at(at).load(Ordering::Relaxed) & SLOT_MASK != slot {
                return Ok(());
            }
            let id = id_in(slot, current, next);
            known += 1;
            match self.target(at, id) {
                Some(word) => {
                    link = word;
                    edge = None;
                    at = word.load(Ordering::Relaxed);
                }
                None => {
                    edge = Some((at, id));
                    at = NOWHERE;
                }
            }
        }
        if at != NOWHERE {
            return Ok(());
        }
        // From the leaf upwards, so that one store publishes the whole path.
        let mut target = MARK | self.leaf(outcome)?;
        for &slot in reads[known..].iter().rev() {
            if slot > SLOT_MASK {
                return Err(Full);
            }
            target = self.write(&node(slot, &[(id_in(slot, current, next), target)]))?;
        }
        match edge {
            None => link.store(target, Ordering::Release),
            Some((node, id)) => self.add_edge(link, node, id, target)?,
        }
        Ok(())
    }

    fn leaf(&mut self, outcome: &Outcome<'_>) -> Result<u32, Full> {
        let successors = match outcome {
            Outcome::Number(number) => return if *number <= OUTCOME_MAX { Ok(*number) } else { Err(Full) },
            Outcome::Successors(made) => made,
        };
        if successors.len() == 0 {
            return Ok(0);
        }
        let mut words = vec![successors.len() as u32];
        for (times, changes) in (0..successors.len()).map(|at| successors.get(at)) {
            words.extend([times, changes.len() as u32]);
            words.extend(changes.iter().flat_map(|(slot, id)| [*slot, *id]));
        }
        self.write(&words)
    }

    /// The word that has the target for an id, or could have it without moving the node.
    fn target(&self, node: u32, id: u32) -> Option<&'f AtomicU32> {
        let words = self.forest.words.from(node);
        let head = words[0].load(Ordering::Relaxed);
        let capacity = 1 << (head >> SLOT_BITS & CAPACITY_MASK);
        if head & MARK == 0 {
            return (id < capacity).then(|| &words[(HEAD + id) as usize]);
        }
        let mut place = spread(id) & (capacity - 1);
        loop {
            let key = words[(HEAD + 2 * place) as usize].load(Ordering::Relaxed);
            if key == 0 || key == id + 1 {
                return (key != 0).then(|| &words[(HEAD + 2 * place) as usize + 1]);
            }
            place = (place + 1) & (capacity - 1);
        }
    }

    /// Adds an edge that has no word: into a free pair of a sparse node, or by writing the node anew.
    fn add_edge(&mut self, link: &AtomicU32, at: u32, id: u32, target: u32) -> Result<(), Full> {
        let words = self.forest.words.from(at);
        let (head, count) = (words[0].load(Ordering::Relaxed), &words[1]);
        let capacity = 1 << (head >> SLOT_BITS & CAPACITY_MASK);
        let filled = count.load(Ordering::Relaxed) + 1;
        if head & MARK != 0 && 4 * filled <= 3 * capacity {
            let mut place = spread(id) & (capacity - 1);
            while words[(HEAD + 2 * place) as usize].load(Ordering::Relaxed) != 0 {
                place = (place + 1) & (capacity - 1);
            }
            // The target first: whoever sees the id must see where it leads.
            words[(HEAD + 2 * place) as usize + 1].store(target, Ordering::Relaxed);
            words[(HEAD + 2 * place) as usize].store(id + 1, Ordering::Release);
            count.store(filled, Ordering::Relaxed);
            return Ok(());
        }
        let mut edges = edges_of(words, head, capacity);
        edges.push((id, target));
        let moved = self.write(&node(head & SLOT_MASK, &edges))?;
        link.store(moved, Ordering::Release);
        Ok(())
    }
}

fn edges_of(words: &[AtomicU32], head: u32, capacity: u32) -> Vec<(u32, u32)> {
    let word = |at: u32| words[(HEAD + at) as usize].load(Ordering::Relaxed);
    if head & MARK == 0 {
        return (0..capacity).map(|id| (id, word(id))).filter(|(_, target)| *target != NOWHERE).collect();
    }
    let pairs = (0..capacity).map(|place| (word(2 * place), word(2 * place + 1)));
    pairs.filter(|(key, _)| *key != 0).map(|(key, target)| (key - 1, target)).collect()
}
