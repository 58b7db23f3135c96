//! Expanding one state: what happens to each successor, in which order.
//!
//! For each successor: count it; ask the constraints; if it is in the model, store its representative;
//! check invariants if it is new or not in the model; check the step, always. A state that made no
//! successor at all is a deadlock. What goes wrong is noted and the expansion goes on, so that the counts
//! of a level do not depend on who found what first; only an ordered search stops at its first finding.
//!
//! A row the store has no room for is *deferred*: kept as it is, and stored and checked after the next quiet
//! point.

use std::sync::Arc;

use crate::model::{GroupId, Judgement, Model, PropertyId, Stop, Worker};

use super::Options;
use super::finding::{Check, FindingKind, Keep, Sightings, Site};
use super::progress::{Counts, Published, Signals};
use super::store::{Block, Offer, Store};

/// States a worker generates before it makes its counts public, at the latest.
const PUBLISH_EVERY: u64 = 1024;

/// Where rows go.
pub(super) trait Intake {
    /// Stores a row unless it is there.
    fn offer(&mut self, row: &[u32]) -> Offer;
    /// The store.
    fn store(&self) -> &Store;
}

/// A store shared with other workers.
pub(super) struct SharedIntake<'a> {
    pub(super) store: &'a Store,
    pub(super) block: &'a mut Block,
    pub(super) packed: Vec<u64>,
}

impl Intake for SharedIntake<'_> {
    fn offer(&mut self, row: &[u32]) -> Offer {
        self.store.offer(row, self.block, &mut self.packed)
    }

    fn store(&self) -> &Store {
        self.store
    }
}

/// A store nobody else uses: it makes room at once, so rows are stored in the order they are found.
pub(super) struct SoleIntake<'a, M> {
    pub(super) store: &'a mut Store,
    model: &'a M,
    signals: &'a Signals,
    block: Block,
    packed: Vec<u64>,
}

impl<'a, M: Model> SoleIntake<'a, M> {
    pub(super) fn new(store: &'a mut Store, model: &'a M, signals: &'a Signals) -> Self {
        Self { store, model, signals, block: Block::default(), packed: Vec::new() }
    }

    /// Gives back what was claimed and not used.
    pub(super) fn close(mut self) {
        self.store.reclaim([std::mem::take(&mut self.block)]);
    }

    /// False if memory is at its limit.
    fn enlarge(&mut self) -> bool {
        if let Some(capacity) = self.store.capacity_wanted(1) {
            if self.signals.check_limits(0, self.store.bytes_with_capacity(capacity)) {
                return false;
            }
            self.store.enlarge(capacity);
            self.store.reindex(0..self.store.len());
        }
        true
    }
}

impl<M: Model> Intake for SoleIntake<'_, M> {
    fn offer(&mut self, row: &[u32]) -> Offer {
        loop {
            let offer = self.store.offer(row, &mut self.block, &mut self.packed);
            if matches!(offer, Offer::New(_) | Offer::Seen(_)) {
                return offer;
            }
            self.store.reclaim([std::mem::take(&mut self.block)]);
            let model = self.model;
            match offer {
                Offer::TooWide => self.store.widen(&|slot| model.slot_len(slot)),
                _ if self.enlarge() => {}
                _ => return offer,
            }
        }
    }

    fn store(&self) -> &Store {
        self.store
    }
}

/// How often a group was taken.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct GroupTally {
    /// Successors it made.
    pub generated: u64,
    /// Those that were new distinct states.
    pub distinct: u64,
}

/// A successor that waits for room in the store.
struct Deferred {
    source: Option<u64>,
    position: u64,
    group: Option<GroupId>,
    /// The representative: what is stored.
    row: Box<[u32]>,
    /// The state as it was found, where that is another row: what is checked.
    found: Option<Box<[u32]>>,
}

impl Deferred {
    fn bytes(slots: usize) -> u64 {
        (size_of::<Self>() + 2 * size_of::<u32>() * slots) as u64
    }
}

/// Where a successor stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Seen,
    Outside,
    Deferred,
}

/// A worker's expansion: its scratch memory and what it has found and counted.
pub(super) struct Expansion<E> {
    checks_deadlock: bool,
    symmetric: bool,
    /// Stop at the first finding.
    ordered: bool,
    each_class: bool,
    deferred_max: usize,
    source: Vec<u32>,
    position: u64,
    representative: Vec<u32>,
    deferred: Vec<Deferred>,
    published: Arc<Published>,
    counts: Counts,
    pub(super) tallies: Vec<GroupTally>,
    pub(super) sightings: Sightings<E>,
    /// The model asked for a regular end.
    pub(super) exit: bool,
    /// Nothing more is to be expanded.
    pub(super) halted: bool,
}

impl<E> Expansion<E> {
    pub(super) fn new<M: Model<Error = E>>(model: &M, keep: Keep, options: &Options) -> Self {
        Self {
            checks_deadlock: model.checks_deadlock(),
            symmetric: model.symmetric(),
            ordered: keep.first,
            each_class: keep.each_class,
            deferred_max: options.deferred_max,
            source: Vec::new(),
            position: 0,
            representative: Vec::new(),
            deferred: Vec::new(),
            published: Arc::clone(&options.progress),
            counts: Counts::default(),
            tallies: Vec::new(),
            sightings: Sightings::new(keep),
            exit: false,
            halted: false,
        }
    }

    /// Makes and takes all initial states.
    pub(super) fn start<W: Worker<Error = E>>(&mut self, worker: &mut W, intake: &mut impl Intake, signals: &Signals) {
        self.position = 0;
        let made = worker.initial(&mut |worker, row| {
            let site = Site { source: None, position: self.position, group: None, target: Some(row) };
            self.arrive(worker, intake, signals, site, row)
        });
        let site = Site { source: None, position: self.position, group: None, target: None };
        self.end(worker, site, made);
    }

    /// Expands the stored row at `index`.
    pub(super) fn expand<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
        index: u64,
    ) {
        let mut from = std::mem::take(&mut self.source);
        intake.store().read(index, &mut from);
        self.position = 0;
        let made = worker.successors(&from, &mut |worker, group, row| {
            let source = Some((index, &*from));
            let site = Site { source, position: self.position, group: Some(group), target: Some(row) };
            self.tally(site.group).generated += 1;
            self.arrive(worker, intake, signals, site, row)
        });
        let complete = made.is_ok();
        let site = Site { source: Some((index, &*from)), position: self.position, group: None, target: None };
        self.end(worker, site, made);
        if complete && self.checks_deadlock && self.position == 0 && !self.halted {
            self.note(worker, site, Check::Expansion, FindingKind::Deadlock);
        }
        if !(self.halted && signals.stopped()) {
            self.counts.expanded += 1;
        }
        self.source = from;
    }

    /// Takes one state that the model made. An error is only a means to leave the model's enumeration.
    fn arrive<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
        site: Site<'_>,
        row: &[u32],
    ) -> Result<(), Stop<E>> {
        if signals.stopped() {
            self.halted = true;
            return Err(Stop::Exit);
        }
        self.position += 1;
        self.counts.generated += 1;
        if self.counts.generated >= PUBLISH_EVERY {
            self.publish(intake.store(), signals);
        }
        match self.admit(worker, intake, signals, site, row) {
            Ok(standing) => {
                if matches!(standing, Standing::New | Standing::Outside) {
                    self.judge_state(worker, site, row, standing == Standing::New);
                }
                if !self.halted {
                    self.judge_step(worker, site, row, standing);
                }
            }
            Err(stop) => self.stop(worker, site, Check::Admission, stop),
        }
        if self.halted { Err(Stop::Exit) } else { Ok(()) }
    }

    /// Constraints, then the store.
    fn admit<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
        site: Site<'_>,
        row: &[u32],
    ) -> Result<Standing, Stop<E>> {
        let inside = worker.state_in_model(row)? && Self::step_inside(worker, site, row)?;
        if !inside {
            return Ok(Standing::Outside);
        }
        if !self.symmetric {
            return Ok(self.store(intake, signals, site, row, None));
        }
        let mut representative = std::mem::take(&mut self.representative);
        representative.clear();
        representative.extend_from_slice(row);
        let canonical = worker.canonical(&mut representative);
        let standing = canonical.map(|()| self.store(intake, signals, site, &representative, Some(row)));
        self.representative = representative;
        standing
    }

    fn step_inside<W: Worker<Error = E>>(worker: &mut W, site: Site<'_>, row: &[u32]) -> Result<bool, Stop<E>> {
        match (site.source, site.group) {
            (Some((_, from)), Some(group)) => worker.step_in_model(from, group, row),
            _ => Ok(true),
        }
    }

    /// Stores a representative, or defers it.
    fn store(
        &mut self,
        intake: &mut impl Intake,
        signals: &Signals,
        site: Site<'_>,
        row: &[u32],
        found: Option<&[u32]>,
    ) -> Standing {
        let offer = intake.offer(row);
        match offer {
            Offer::New(_) => {
                self.counts.distinct += 1;
                if site.group.is_some() {
                    self.tally(site.group).distinct += 1;
                }
                return Standing::New;
            }
            Offer::Seen(_) => return Standing::Seen,
            Offer::TooWide | Offer::Full => {}
        }
        let found = found.filter(|&found| found != row).map(Into::into);
        let source = site.source.map(|(index, _)| index);
        signals.add_deferred(Deferred::bytes(row.len()));
        self.deferred.push(Deferred { source, position: site.position, group: site.group, row: row.into(), found });
        if offer == Offer::Full || self.deferred.len() >= self.deferred_max {
            signals.pause();
        }
        Standing::Deferred
    }

    /// Offers the deferred successors again; what still finds no room stays deferred.
    pub(super) fn settle<W: Worker<Error = E>>(&mut self, worker: &mut W, intake: &mut impl Intake, signals: &Signals) {
        let mut from = Vec::new();
        for late in std::mem::take(&mut self.deferred) {
            signals.remove_deferred(Deferred::bytes(late.row.len()));
            if let Some(index) = late.source {
                intake.store().read(index, &mut from);
            }
            let found = late.found.as_ref().unwrap_or(&late.row);
            let source = late.source.map(|index| (index, &*from));
            let site = Site { source, position: late.position, group: late.group, target: Some(found) };
            let standing = self.store(intake, signals, site, &late.row, Some(found));
            if standing == Standing::New {
                self.judge_state(worker, site, found, true);
            }
        }
    }

    fn judge_state<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, row: &[u32], new: bool) {
        let judged = worker.check_state(row);
        // Who stores a state first is chance; whether a state outside the model is bad is not.
        self.sightings.contested |= new && !matches!(judged, Ok(Judgement::Holds));
        self.judge(worker, site, Check::State, judged, FindingKind::Invariant);
    }

    fn judge_step<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, row: &[u32], standing: Standing) {
        match (site.source, site.group) {
            (Some((_, from)), Some(group)) => {
                let judged = worker.check_step(from, group, row);
                self.judge(worker, site, Check::Step, judged, FindingKind::StepProperty);
            }
            _ if standing != Standing::Seen => {
                let judged = worker.check_initial(row);
                self.judge(worker, site, Check::Step, judged, FindingKind::InitialProperty);
            }
            _ => {}
        }
    }

    fn judge<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        check: Check,
        judged: Result<Judgement, Stop<E>>,
        kind: fn(PropertyId) -> FindingKind<E>,
    ) {
        match judged {
            Ok(Judgement::Holds) => {}
            Ok(Judgement::Violated(property)) => self.note(worker, site, check, kind(property)),
            Err(stop) => self.stop(worker, site, check, stop),
        }
    }

    /// The model's enumeration is over.
    fn end<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, made: Result<(), Stop<E>>) {
        match made {
            Ok(()) => {}
            // Our own way out, or the model's after we had left.
            Err(_) if self.halted => {}
            Err(stop) => self.stop(worker, site, Check::Expansion, stop),
        }
    }

    fn stop<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, check: Check, stop: Stop<E>) {
        match stop {
            Stop::Error(error) => self.note(worker, site, check, FindingKind::Error(error)),
            Stop::Exit => {
                self.exit = true;
                self.halted |= self.ordered;
            }
        }
    }

    fn note<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, check: Check, kind: FindingKind<E>) {
        self.halted |= self.ordered && (!self.each_class || matches!(kind, FindingKind::Error(_)));
        self.sightings.note(worker, site, check, kind);
    }

    fn tally(&mut self, group: Option<GroupId>) -> &mut GroupTally {
        let at = group.map_or(0, |group| group.0 as usize);
        if at >= self.tallies.len() {
            self.tallies.resize(at + 1, GroupTally::default());
        }
        &mut self.tallies[at]
    }

    /// Successors that wait for room.
    pub(super) fn deferred_len(&self) -> u64 {
        self.deferred.len() as u64
    }

    /// Makes the counts public and compares them with the limits.
    pub(super) fn publish(&mut self, store: &Store, signals: &Signals) {
        let bytes = store.bytes() + signals.deferred_bytes();
        self.published.add(std::mem::take(&mut self.counts));
        self.published.set_memory(bytes);
        signals.check_limits(self.published.distinct(), bytes);
    }
}
