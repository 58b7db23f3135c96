//! The seam between language and engine: what a model is, as the engine sees it.
//!
//! A state is a **row**: one `u32` a slot, a dense id into that slot's dictionary of values seen so far.
//! Above this seam nobody sees a hash table; below it nobody sees TLA+. (LTSmin's PINS interface
//! and stateright's `Model` are the precedents.)
//!
//! *Holds*: equal states have equal rows, whatever thread produced them (dictionaries only grow, and
//! are shared by all workers). *Ignores* packing, hashing, storing.

use std::cmp::Ordering;

/// A transition group of the model: an action with its bound parameters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct GroupId(pub u32);

/// A property the model checks on states or steps, by its place in the model's list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PropertyId(pub u32);

/// Whether the model goes on after a label was evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// All hold.
    Holds,
    /// This property is the first (in the model's order) that does not.
    Violated(PropertyId),
}

/// Numbers of the running exploration that labels may read (TLC's `TLCGet`).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Levels completed: 0 before the initial states, 1 while they are expanded.
    pub level: u32,
    /// Distinct states found so far.
    pub distinct: u64,
    /// States generated so far.
    pub generated: u64,
    /// States waiting to be expanded.
    pub queue: u64,
    /// Levels found so far.
    pub diameter: u64,
}

/// Why a worker stopped.
#[derive(Debug)]
pub enum Stop<E> {
    /// Evaluation failed.
    Error(E),
    /// The model asks for a regular end (`TLCSet("exit", TRUE)`).
    Exit,
}

/// What evaluation gives, unless it stops.
pub type Answer<T, E> = Result<T, Stop<E>>;

/// A successor, as what it changes in the row it was made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transition<'a> {
    /// What made it.
    pub group: GroupId,
    /// How often it was made: equal successors of one group may be told once.
    pub times: u32,
    /// Slots and their new ids, each slot once; an id may be the old one.
    pub changes: &'a [(u32, u32)],
    /// A small number that stands for these changes as long as the worker lives, if they recur.
    pub number: Option<u32>,
}

impl Transition<'_> {
    /// True if it leads back to where it starts.
    #[inline]
    #[must_use]
    pub fn is_loop(&self, row: &[u32]) -> bool {
        self.changes.iter().all(|&(slot, id)| row[slot as usize] == id)
    }

    /// Calls `each` with the successor as often as it was made. `target` is `row`, and is so again afterwards.
    ///
    /// # Errors
    /// When `each` does.
    pub fn each_target<E>(
        &self,
        row: &[u32],
        target: &mut [u32],
        mut each: impl FnMut(&[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.changes.iter().for_each(|&(slot, id)| target[slot as usize] = id);
        let result = (0..self.times).try_for_each(|_| each(target));
        self.changes.iter().for_each(|&(slot, _)| target[slot as usize] = row[slot as usize]);
        result
    }
}

/// A model: shared by all workers.
pub trait Model: Sync {
    /// What goes wrong in evaluation.
    type Error: Send;
    /// A thread's evaluator.
    type Worker<'m>: Worker<Error = Self::Error>
    where
        Self: 'm;

    /// Slots of a row: never changes.
    fn slots(&self) -> usize;
    /// How many leading slots decide whether two rows are the same state. [`Model::slots`] unless
    /// the model has a view, whose value then stands in slot 0 alone and this is 1.
    fn key_slots(&self) -> usize;
    /// Ids in use in a slot's dictionary: every row made so far has smaller numbers there.
    fn slot_len(&self, slot: usize) -> u32;
    /// True if [`Worker::canonical`] may change a row.
    fn symmetric(&self) -> bool;
    /// True when the outcome may depend on the order in which states are found (views, worker
    /// registers): the engine then uses one worker and the order of a queue.
    fn ordered(&self) -> bool;
    /// Whether a state without successors is an error.
    fn checks_deadlock(&self) -> bool;
    /// False if no step can violate anything or be left out: steps are then neither shown to
    /// [`Worker::step_in_model`] nor to [`Worker::check_step`].
    fn judges_steps(&self) -> bool {
        true
    }
    /// False if every state satisfies all constraints: none is then shown to [`Worker::state_in_model`].
    fn constrains_states(&self) -> bool {
        true
    }
    /// Memory of what the model keeps for all workers. Asked for now and then, so it may take a while.
    fn bytes(&self) -> u64 {
        0
    }
    /// A new evaluator for the calling thread.
    fn worker(&self) -> Self::Worker<'_>;
}

/// What is done with each transition of a state. Closures can; what is called in the innermost loop has a type of its
/// own, for a closure cannot ask to be put in place of its call (two-phase commit with 8 managers: 0.80 s of CPU, 0.75 s
/// in place).
pub trait Visit<W: Worker + ?Sized> {
    /// Takes a transition.
    ///
    /// # Errors
    /// When no more are wanted, or something goes wrong with this one.
    fn visit(&mut self, worker: &mut W, transition: Transition<'_>) -> Answer<(), W::Error>;
}

impl<W: Worker + ?Sized, F: FnMut(&mut W, Transition<'_>) -> Answer<(), W::Error>> Visit<W> for F {
    #[inline]
    fn visit(&mut self, worker: &mut W, transition: Transition<'_>) -> Answer<(), W::Error> {
        self(worker, transition)
    }
}

/// A thread's evaluator of a model.
pub trait Worker {
    /// What goes wrong in evaluation.
    type Error;

    /// Tells the numbers so far; called at least once a level, before any other call of that level.
    fn progress(&mut self, progress: Progress);

    /// Calls `found` with every initial state, in the model's order, duplicates included.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    #[allow(clippy::type_complexity, reason = "a callback spelt out says more than a name for its type")]
    fn initial(
        &mut self,
        found: &mut dyn FnMut(&mut Self, &[u32]) -> Answer<(), Self::Error>,
    ) -> Answer<(), Self::Error>;

    /// Calls `found` with every successor of `row` and the group that made it, in the model's
    /// order, duplicates and self-loops included.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    #[allow(clippy::type_complexity, reason = "a callback spelt out says more than a name for its type")]
    fn successors(
        &mut self,
        row: &[u32],
        found: &mut dyn FnMut(&mut Self, GroupId, &[u32]) -> Answer<(), Self::Error>,
    ) -> Answer<(), Self::Error>;

    /// The same as changes of `row`.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    fn transitions(&mut self, row: &[u32], mut found: impl Visit<Self>) -> Answer<(), Self::Error> {
        let mut changes = Vec::new();
        self.successors(row, &mut |worker, group, to| {
            changes.clear();
            let differing = row.iter().zip(to).enumerate().filter(|(_, (old, new))| old != new);
            changes.extend(differing.map(|(slot, (_, id))| (slot as u32, *id)));
            found.visit(worker, Transition { group, times: 1, changes: &changes, number: None })
        })
    }

    /// True if the state satisfies every CONSTRAINT.
    ///
    /// # Errors
    /// When evaluation fails.
    fn state_in_model(&mut self, row: &[u32]) -> Answer<bool, Self::Error>;

    /// The same, where `row` was made of a state that satisfies every CONSTRAINT, with these changes.
    ///
    /// # Errors
    /// When evaluation fails.
    fn changed_state_in_model(&mut self, row: &[u32], _changes: &[(u32, u32)]) -> Answer<bool, Self::Error> {
        self.state_in_model(row)
    }

    /// True if the step satisfies every ACTION_CONSTRAINT.
    ///
    /// # Errors
    /// When evaluation fails.
    fn step_in_model(&mut self, from: &[u32], group: GroupId, to: &[u32]) -> Answer<bool, Self::Error>;

    /// Checks what must hold in initial states only.
    ///
    /// # Errors
    /// When evaluation fails.
    fn check_initial(&mut self, row: &[u32]) -> Answer<Judgement, Self::Error>;

    /// Checks invariants.
    ///
    /// # Errors
    /// When evaluation fails.
    fn check_state(&mut self, row: &[u32]) -> Answer<Judgement, Self::Error>;

    /// The same, where `row` was made of a state that was found to satisfy all invariants when the level before was
    /// expanded, with these changes.
    ///
    /// # Errors
    /// When evaluation fails.
    fn check_changed_state(&mut self, row: &[u32], _changes: &[(u32, u32)]) -> Answer<Judgement, Self::Error> {
        self.check_state(row)
    }

    /// Checks properties of steps.
    ///
    /// # Errors
    /// When evaluation fails.
    fn check_step(&mut self, from: &[u32], group: GroupId, to: &[u32]) -> Answer<Judgement, Self::Error>;

    /// Checks what [`Worker::check_initial`], [`Worker::check_state`] or [`Worker::check_step`] left out because
    /// `property` is violated: gives the next one that is. What has no truth value ends it, as nobody had to ask.
    fn next_violated(&mut self, property: PropertyId, _from: Option<&[u32]>, _row: &[u32]) -> Option<PropertyId> {
        let _ = property;
        None
    }

    /// Replaces a row by the representative of its symmetry orbit (and its view slot by that of the
    /// representative). Does nothing without SYMMETRY. The engine stores representatives only; what is
    /// checked and shown are the rows as they were found.
    ///
    /// # Errors
    /// When evaluation fails.
    fn canonical(&mut self, row: &mut [u32]) -> Answer<(), Self::Error>;

    /// The structural order of two states: independent of ids, threads and runs.
    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering;
}
