//! What was found wrong, and which of several findings counts.
//!
//! Findings of a level are ranked by the structural order of the state that was being expanded, then
//! by the position of the successor in the model's order, then by the kind of check: an order that
//! no thread, id or timing has a part in.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{GroupId, PropertyId, Worker};

/// What kind of thing was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FindingKind<E> {
    /// A state violates an invariant.
    Invariant(PropertyId),
    /// An initial state violates what must hold initially.
    InitialProperty(PropertyId),
    /// A step violates a property of steps.
    StepProperty(PropertyId),
    /// A state has no successor.
    Deadlock,
    /// Evaluation failed.
    Error(E),
}

/// A [`FindingKind`] without the error: what findings are counted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FindingClass {
    /// See [`FindingKind::Invariant`].
    Invariant(PropertyId),
    /// See [`FindingKind::InitialProperty`].
    InitialProperty(PropertyId),
    /// See [`FindingKind::StepProperty`].
    StepProperty(PropertyId),
    /// See [`FindingKind::Deadlock`].
    Deadlock,
    /// See [`FindingKind::Error`].
    Error,
}

impl<E> FindingKind<E> {
    /// The kind without the error.
    #[must_use]
    pub fn class(&self) -> FindingClass {
        match self {
            Self::Invariant(property) => FindingClass::Invariant(*property),
            Self::InitialProperty(property) => FindingClass::InitialProperty(*property),
            Self::StepProperty(property) => FindingClass::StepProperty(*property),
            Self::Deadlock => FindingClass::Deadlock,
            Self::Error(_) => FindingClass::Error,
        }
    }
}

/// A state of a trace and the group whose transition led to it (None for an initial state).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The state.
    pub row: Vec<u32>,
    /// What made it.
    pub group: Option<GroupId>,
}

/// How far a trace can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Faith {
    /// It starts in an initial state and each step is a step of the model.
    Real,
    /// From some state on, states stand for their symmetry orbit only: re-execution found no real step,
    /// so the declared symmetry is not one of the model.
    Representatives,
    /// Only the last states, because the run was interrupted while the way to them was sought, or because
    /// evaluating the model again did not lead to them.
    Suffix,
}

/// Something wrong and the way there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding<E> {
    /// What.
    pub kind: FindingKind<E>,
    /// The states from an initial one to where it was found. The last state is the violating one (even
    /// if a constraint excludes it), the deadlocked one, or where evaluation failed: the successor if
    /// there was a complete one, else the state being expanded. Empty if no initial state could be made.
    pub trace: Vec<Step>,
    /// How far the trace can be trusted.
    pub faith: Faith,
}

/// The state being expanded.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) index: u64,
    pub(super) row: Arc<[u32]>,
}

/// Which check of a transition: the last part of a finding's rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Check {
    /// Constraints and representatives.
    Admission,
    /// Invariants.
    State,
    /// Properties of steps, or of initial states.
    Step,
    /// Making the successors itself.
    Expansion,
}

/// Where something was found, borrowed from the expansion under way.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    /// The state being expanded; None among initial states.
    pub(super) source: Option<(u64, &'a [u32])>,
    /// Place in the model's order.
    pub(super) position: u64,
    pub(super) group: Option<GroupId>,
    /// The successor, as found.
    pub(super) target: Option<&'a [u32]>,
}

impl Site<'_> {
    /// The properties that the state or step here violates: the first, or from it on all.
    pub(super) fn violated<W: Worker>(&self, worker: &mut W, first: PropertyId, all: bool) -> Vec<PropertyId> {
        let mut violated = vec![first];
        let (from, Some(row)) = (self.source.map(|(_, row)| row), self.target) else { return violated };
        while all && let Some(next) = violated.last().and_then(|last| worker.next_violated(*last, from, row)) {
            violated.push(next);
        }
        violated
    }
}

/// A finding before its trace is known.
#[derive(Debug)]
pub(super) struct Sighting<E> {
    pub(super) source: Option<Source>,
    pub(super) position: u64,
    pub(super) group: Option<GroupId>,
    pub(super) target: Option<Box<[u32]>>,
    pub(super) check: Check,
    pub(super) kind: FindingKind<E>,
}

/// The rank of a sighting that another must beat.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    class: FindingClass,
    source: Option<Source>,
    position: u64,
    check: Check,
}

/// Which sightings are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Keep {
    /// The best of each class, not of all.
    pub(super) each_class: bool,
    /// The first that comes, not the best by rank.
    pub(super) first: bool,
}

/// The best sightings of a level and the counts of all.
#[derive(Debug)]
pub(super) struct Sightings<E> {
    keep: Keep,
    /// Classes whose finding is known from an earlier level.
    known: Vec<FindingClass>,
    bounds: Vec<Bound>,
    pub(super) best: Vec<Sighting<E>>,
    pub(super) counts: BTreeMap<FindingClass, u64>,
    /// A state's violation was seen by whoever stored it first: others may have a better claim.
    pub(super) contested: bool,
}

type Rank<'a> = (Option<&'a [u32]>, u64, Check);

fn order_sources<W: Worker>(worker: &mut W, left: Option<&[u32]>, right: Option<&[u32]>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => worker.order(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

fn order_ranks<W: Worker>(worker: &mut W, left: Rank<'_>, right: Rank<'_>) -> Ordering {
    order_sources(worker, left.0, right.0).then((left.1, left.2).cmp(&(right.1, right.2)))
}

impl<E> Sighting<E> {
    fn rank(&self) -> Rank<'_> {
        (self.source.as_ref().map(|source| &*source.row), self.position, self.check)
    }

    fn bound(&self) -> Bound {
        Bound { class: self.kind.class(), source: self.source.clone(), position: self.position, check: self.check }
    }
}

impl Bound {
    fn rank(&self) -> Rank<'_> {
        (self.source.as_ref().map(|source| &*source.row), self.position, self.check)
    }
}

impl<E> Sightings<E> {
    pub(super) fn new(keep: Keep) -> Self {
        Self {
            keep,
            known: Vec::new(),
            bounds: Vec::new(),
            best: Vec::new(),
            counts: BTreeMap::new(),
            contested: false,
        }
    }

    /// An empty collection that keeps only what beats these.
    pub(super) fn beating(keep: Keep, bounds: Vec<Bound>) -> Self {
        Self { bounds, ..Self::new(keep) }
    }

    /// Leaves nothing behind but the rules.
    pub(super) fn take(&mut self) -> Self {
        let fresh = Self { known: self.known.clone(), ..Self::new(self.keep) };
        std::mem::replace(self, fresh)
    }

    pub(super) fn set_known(&mut self, known: &[FindingClass]) {
        if self.known.len() != known.len() {
            self.known = known.to_vec();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.best.is_empty() && self.counts.is_empty()
    }

    pub(super) fn bounds(&self) -> Vec<Bound> {
        self.best.iter().map(Sighting::bound).collect()
    }

    /// Counts a finding and keeps it if it is the best so far.
    pub(super) fn note<W: Worker>(&mut self, worker: &mut W, site: Site<'_>, check: Check, kind: FindingKind<E>) {
        let class = kind.class();
        *self.counts.entry(class).or_insert(0) += 1;
        let rank = (site.source.map(|(_, row)| row), site.position, check);
        if !self.improves(worker, class, rank) {
            return;
        }
        let source = site.source.map(|(index, row)| Source { index, row: row.into() });
        let target = site.target.map(Into::into);
        self.put(Sighting { source, position: site.position, group: site.group, target, check, kind });
    }

    fn improves<W: Worker>(&self, worker: &mut W, class: FindingClass, rank: Rank<'_>) -> bool {
        let rivals = |other: FindingClass| !self.keep.each_class || other == class;
        if self.known.contains(&class) {
            return false;
        }
        if self.keep.first && self.best.iter().any(|best| rivals(best.kind.class())) {
            return false;
        }
        let best = self.best.iter().map(|best| (best.kind.class(), best.rank()));
        let bounds = self.bounds.iter().map(|bound| (bound.class, bound.rank()));
        best.chain(bounds)
            .filter(|&(other, _)| rivals(other))
            .all(|(_, other)| order_ranks(worker, rank, other) == Ordering::Less)
    }

    /// Puts a sighting in the place of the one it beats.
    fn put(&mut self, sighting: Sighting<E>) {
        let class = sighting.kind.class();
        self.best.retain(|best| self.keep.each_class && best.kind.class() != class);
        self.best.push(sighting);
    }

    /// True if something found while expanding `source` could be kept still.
    pub(super) fn open_for<W: Worker>(&self, worker: &mut W, source: &[u32]) -> bool {
        let best = self.best.iter().map(Sighting::rank);
        let bounds = self.bounds.iter().map(Bound::rank);
        // A class that has no bound had no sighting at all, so the bounds tell of every class.
        best.chain(bounds).any(|(bound, _, _)| order_sources(worker, Some(source), bound) != Ordering::Greater)
    }

    /// Adds what another worker found.
    pub(super) fn absorb<W: Worker>(&mut self, worker: &mut W, other: Self) {
        self.contested |= other.contested;
        for (class, count) in other.counts {
            *self.counts.entry(class).or_insert(0) += count;
        }
        for sighting in other.best {
            if self.improves(worker, sighting.kind.class(), sighting.rank()) {
                self.put(sighting);
            }
        }
    }
}
