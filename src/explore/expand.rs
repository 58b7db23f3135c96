//! Expanding one state: what happens to each successor, in which order.
//!
//! For each successor: count it; ask the constraints; if it is in the model, store its representative;
//! check invariants if it is new or not in the model; check the step, always. A state that made no
//! successor at all is a deadlock. What goes wrong is noted and the expansion goes on, so that the counts
//! of a level do not depend on who found what first; only an ordered search stops at its first finding.
//!
//! A successor is told as changes of its source: its packed words and its hash are those of the source with the same
//! changes, and the labels that read none of the changed slots are as they were.
//!
//! Rows for a shared store wait in a *batch*, and are stored and checked together. A row the store has no room for
//! is *deferred*: kept as it is, and stored and checked after the next quiet point.

mod plainly;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{GroupId, Model, Stop, Transition, Worker};

use super::Options;
use super::finding::{Check, FindingKind, Keep, Sightings, Site};
use super::footprint::{self, Footprints};
use super::intake::Intake;
use super::pending::{Deferred, Origin, Pending, Source};
use super::progress::{Counts, Published, Signals};
use super::steps::StepLog;
use super::store::{Image, Offer, Store};
use plainly::Plainly;

/// States a worker generates before it makes its counts public, at the latest.
const PUBLISH_EVERY: u64 = 1024;
/// Rows a worker offers at once: enough to overlap their cache misses. `cargo bench --bench store`, 2^20 rows:
/// `seen_in_batches` of 64 is 2.3 times as fast as `seen` one by one, `new_in_batches` 2.5 times.
const BATCH_ROWS: usize = 64;

/// How often a group was taken.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct GroupTally {
    /// Successors it made.
    pub generated: u64,
    /// Those that were new distinct states.
    pub distinct: u64,
}

/// Where a successor stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    Seen,
    Outside,
    /// In a batch or deferred.
    Waiting,
}

/// A worker's expansion: its scratch memory and what it has found and counted.
pub(super) struct Expansion<E> {
    checks_deadlock: bool,
    pub(super) judges_steps: bool,
    symmetric: bool,
    /// A successor is stored as it is found, if it satisfies constraints, and only then looked at.
    plain: bool,
    constrained: bool,
    /// Stop at the first finding.
    pub(super) ordered: bool,
    pub(super) each_class: bool,
    deferred_max: usize,
    /// What the model needs besides the store, when it was last asked.
    model_bytes: u64,
    measure: bool,
    /// Time spent in the store.
    pub(super) storing: Duration,
    source: Source,
    position: u64,
    /// Where the state at hand leads to.
    footprint: u64,
    footprints: Arc<Footprints>,
    pub(super) steps: StepLog,
    workers: u64,
    representative: Vec<u32>,
    pending: Pending,
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
    pub(super) fn new<M: Model<Error = E>>(
        model: &M,
        keep: Keep,
        options: &Options,
        footprints: Arc<Footprints>,
    ) -> Self {
        // What an ordered model does may differ from time to time; representatives are not where steps lead to.
        let keeps_steps = options.keep_steps && !keep.first && !model.symmetric();
        Self {
            checks_deadlock: model.checks_deadlock(),
            judges_steps: model.judges_steps(),
            symmetric: model.symmetric(),
            plain: !model.symmetric() && !model.judges_steps(),
            constrained: model.constrains_states(),
            ordered: keep.first,
            each_class: keep.each_class,
            deferred_max: options.deferred_max,
            model_bytes: 0,
            measure: options.measure,
            storing: Duration::ZERO,
            source: Source::default(),
            position: 0,
            footprint: 0,
            footprints,
            workers: options.workers as u64,
            steps: if keeps_steps { StepLog::new(options) } else { StepLog::default() },
            representative: Vec::new(),
            pending: Pending::default(),
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
    pub(super) fn expand<W: Worker<Error = E>, I: Intake>(
        &mut self,
        worker: &mut W,
        intake: &mut I,
        signals: &Signals,
        index: u64,
    ) {
        let mut source = std::mem::take(&mut self.source);
        intake.store().image(index, &mut source.image, &mut source.row);
        (self.position, self.footprint) = (0, 0);
        let before = intake.store().hashing();
        let made = if self.plain && I::BATCHED {
            let Source { row: from, image, target } = &mut source;
            worker.transitions(from, Plainly { expansion: self, intake, signals, index, from, image, target })
        } else {
            self.expand_closely(worker, intake, signals, index, &mut source)
        };
        let from = &source.row;
        let hashing = intake.store().hashing();
        let footprint = if hashing == before { self.footprint } else { u64::MAX };
        self.footprints.keep(index, footprint, hashing);
        if self.steps.is_kept() {
            self.steps.end(index);
        }
        let complete = made.is_ok();
        let site = Site { source: Some((index, from)), position: self.position, group: None, target: None };
        self.end(worker, site, made);
        if complete && self.checks_deadlock && self.position == 0 && !self.halted {
            self.note(worker, site, Check::Expansion, FindingKind::Deadlock);
        }
        if !(self.halted && signals.stopped()) {
            self.counts.expanded += 1;
        }
        self.source = source;
    }

    /// True if a successor satisfies constraints; else it is looked at. It is written to `target`.
    #[inline(never)]
    fn is_inside<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        target: &mut Vec<u32>,
        changes: &[(u32, u32)],
    ) -> bool {
        target.clear();
        target.extend_from_slice(site.source.map_or(&[], |(_, from)| from));
        changes.iter().for_each(|&(slot, id)| target[slot as usize] = id);
        if !self.constrained {
            return true;
        }
        let site = Site { target: Some(target), ..site };
        match worker.changed_state_in_model(target, changes) {
            Ok(true) => return true,
            Ok(false) => {
                let judged = self.check(worker, target, Some(changes));
                self.judge_state(worker, site, judged, false);
            }
            Err(stop) => self.stop(worker, site, Check::Admission, stop),
        }
        false
    }

    /// Takes a successor that does not fit the batch.
    #[cold]
    #[inline(never)]
    fn take_unfit<W: Worker<Error = E>, I: Intake>(
        &mut self,
        worker: &mut W,
        intake: &mut I,
        signals: &Signals,
        site: Site<'_>,
        target: &mut Vec<u32>,
        changes: &[(u32, u32)],
    ) {
        if !self.is_inside(worker, site, target, changes) {
            return;
        }
        self.lead_to(intake.store(), target);
        let origin = Origin::new(site.source.map(|(index, _)| index), site.position, site.group);
        let offer = intake.offer(target);
        if self.placed(signals, offer, origin, target, None) == Standing::New {
            self.judge_late(worker, intake, origin, target, Some(changes));
        }
    }

    /// Makes the successors of a state, and looks at each.
    fn expand_closely<W: Worker<Error = E>, I: Intake>(
        &mut self,
        worker: &mut W,
        intake: &mut I,
        signals: &Signals,
        index: u64,
        source: &mut Source,
    ) -> Result<(), Stop<E>> {
        let Source { row: from, image, target } = source;
        target.clone_from(from);
        worker.transitions(from, |worker: &mut W, transition: Transition<'_>| {
            let (changes, number) = (transition.changes, transition.number);
            self.tally(Some(transition.group)).generated += u64::from(transition.times);
            if self.steps.is_kept() {
                self.steps.add(transition.group.0, changes);
            }
            let position = self.position;
            self.arrived(intake, signals, transition.times.into())?;
            // The state is stored, and was judged when it was.
            if transition.is_loop(from) && !self.judges_steps {
                return Ok(());
            }
            changes.iter().for_each(|&(slot, id)| target[slot as usize] = id);
            let site =
                Site { source: Some((index, from)), position, group: Some(transition.group), target: Some(target) };
            let result = self.take_in(worker, intake, signals, site, image, (changes, number));
            changes.iter().for_each(|&(slot, _)| target[slot as usize] = from[slot as usize]);
            result
        })
    }

    /// Notes where the state at hand leads to.
    fn lead_to(&mut self, store: &Store, row: &[u32]) {
        self.footprint |= store.hash(row).map_or(u64::MAX, footprint::bits);
    }

    /// Counts what the model made. An error is only a means to leave the model's enumeration.
    #[inline(always)]
    fn arrived(&mut self, intake: &mut impl Intake, signals: &Signals, times: u64) -> Result<(), Stop<E>> {
        self.position += times;
        self.counts.generated += times;
        if self.counts.generated >= PUBLISH_EVERY { self.look_up(intake.store(), signals) } else { Ok(()) }
    }

    /// Makes the counts public, and ends the enumeration if the run is to stop.
    #[inline(never)]
    fn look_up(&mut self, store: &Store, signals: &Signals) -> Result<(), Stop<E>> {
        self.publish(store, signals);
        if !signals.stopped() {
            return Ok(());
        }
        self.halted = true;
        Err(Stop::Exit)
    }

    /// Takes a successor.
    fn take_in<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
        site: Site<'_>,
        image: &Image,
        (changes, number): (&[(u32, u32)], Option<u32>),
    ) -> Result<(), Stop<E>> {
        let (Some((_, from)), Some(row)) = (site.source, site.target) else { return Ok(()) };
        let standing = if self.symmetric {
            self.admit(worker, intake, signals, site, row)
        } else {
            self.admit_changed(worker, intake, signals, site, image, from, (changes, number))
        };
        match standing {
            Ok(standing) => {
                if matches!(standing, Standing::New | Standing::Outside) {
                    let judged = self.check(worker, row, (!self.symmetric).then_some(changes));
                    self.judge_state(worker, site, judged, standing == Standing::New);
                }
                if !self.halted && self.judges_steps {
                    self.judge_step(worker, site, row, standing);
                }
            }
            Err(stop) => self.stop(worker, site, Check::Admission, stop),
        }
        self.leave(worker, intake, signals)
    }

    /// Takes an initial state.
    fn arrive<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
        site: Site<'_>,
        row: &[u32],
    ) -> Result<(), Stop<E>> {
        self.arrived(intake, signals, 1)?;
        match self.admit(worker, intake, signals, site, row) {
            Ok(standing) => {
                if matches!(standing, Standing::New | Standing::Outside) {
                    let judged = worker.check_state(row);
                    self.judge_state(worker, site, judged, standing == Standing::New);
                }
                if !self.halted {
                    self.judge_step(worker, site, row, standing);
                }
            }
            Err(stop) => self.stop(worker, site, Check::Admission, stop),
        }
        self.leave(worker, intake, signals)
    }

    /// Offers the batch if it is large, and goes back to the model.
    #[inline(always)]
    fn leave<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        signals: &Signals,
    ) -> Result<(), Stop<E>> {
        if self.pending.batch.len() >= BATCH_ROWS {
            self.flush(worker, intake, signals);
        }
        if self.halted { Err(Stop::Exit) } else { Ok(()) }
    }

    /// Constraints, then the store.
    #[expect(clippy::too_many_arguments, reason = "what is known of a transition, spelt out")]
    fn admit_changed<W: Worker<Error = E>, I: Intake>(
        &mut self,
        worker: &mut W,
        intake: &mut I,
        signals: &Signals,
        site: Site<'_>,
        image: &Image,
        from: &[u32],
        (changes, number): (&[(u32, u32)], Option<u32>),
    ) -> Result<Standing, Stop<E>> {
        let row = site.target.unwrap_or(from);
        let inside = worker.changed_state_in_model(row, changes)?
            && (!self.judges_steps || Self::step_inside(worker, site, row)?);
        if !inside {
            return Ok(Standing::Outside);
        }
        let origin = Origin::new(site.source.map(|(index, _)| index), site.position, site.group);
        if I::BATCHED {
            self.pending.begin(origin);
            let hash = intake.store().prepare_changed(image, changes, number, &mut self.pending.batch);
            if let Some(hash) = hash {
                self.footprint |= footprint::bits(hash);
                return Ok(Standing::Waiting);
            }
        }
        self.lead_to(intake.store(), row);
        if I::BATCHED {
            let offer = intake.offer(row);
            return Ok(self.placed(signals, offer, origin, row, None));
        }
        let offer = intake.offer_changed(image, changes, row);
        Ok(self.placed(signals, offer, origin, row, None))
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

    /// Stores a representative, or lets it wait.
    fn store<I: Intake>(
        &mut self,
        intake: &mut I,
        signals: &Signals,
        site: Site<'_>,
        row: &[u32],
        found: Option<&[u32]>,
    ) -> Standing {
        self.lead_to(intake.store(), row);
        let origin = Origin::new(site.source.map(|(index, _)| index), site.position, site.group);
        if let Some(found) = found
            && I::BATCHED
        {
            self.pending.begin(origin);
            if !intake.store().prepare(row, &mut self.pending.batch) {
                let offer = intake.offer(row);
                return self.placed(signals, offer, origin, row, Some(found));
            }
            self.pending.found.extend_from_slice(found);
            return Standing::Waiting;
        }
        let offer = intake.offer(row);
        self.placed(signals, offer, origin, row, found)
    }

    /// Counts what became of an offer, and defers a row without room.
    fn placed(
        &mut self,
        signals: &Signals,
        offer: Offer,
        origin: Origin,
        row: &[u32],
        found: Option<&[u32]>,
    ) -> Standing {
        match offer {
            Offer::New(_) => {
                self.counts.distinct += 1;
                if origin.group().is_some() {
                    self.tally(origin.group()).distinct += 1;
                }
                return Standing::New;
            }
            Offer::Seen => return Standing::Seen,
            Offer::TooWide | Offer::Full => {}
        }
        let found = found.filter(|&found| found != row).map(Into::into);
        signals.add_deferred(Deferred::bytes(row.len()));
        self.deferred.push(Deferred { origin, row: row.into(), found });
        if offer == Offer::Full || self.deferred.len() >= self.deferred_max {
            signals.pause();
        }
        Standing::Waiting
    }

    /// Offers the batch and checks what is new in it.
    #[inline(never)]
    pub(super) fn flush<W: Worker<Error = E>>(&mut self, worker: &mut W, intake: &mut impl Intake, signals: &Signals) {
        let mut pending = std::mem::take(&mut self.pending);
        let begun = self.measure.then(Instant::now);
        intake.offer_batch(&pending.batch, &mut pending.offers);
        self.storing += begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let slots = pending.found.len() / pending.batch.len().max(1);
        let mut row = std::mem::take(&mut pending.row);
        for &(at, offer) in &pending.offers {
            let (at, origin) = (at as usize, pending.origins[at as usize]);
            intake.store().read_batch(&pending.batch, at, &mut row);
            let (found, changes) = match origin.source() {
                _ if self.symmetric => (&pending.found[at * slots..][..slots], None),
                Some(source) => {
                    intake.store().batch_changes(&pending.batch, at, source, &mut pending.changes);
                    (&*row, Some(&*pending.changes))
                }
                None => (&*row, None),
            };
            if self.placed(signals, offer, origin, &row, Some(found)) == Standing::New {
                self.judge_late(worker, intake, origin, found, changes);
            }
        }
        pending.clear();
        pending.row = row;
        self.pending = pending;
    }

    /// Offers the deferred successors again; what still finds no room stays deferred.
    pub(super) fn settle<W: Worker<Error = E>>(&mut self, worker: &mut W, intake: &mut impl Intake, signals: &Signals) {
        for late in std::mem::take(&mut self.deferred) {
            signals.remove_deferred(Deferred::bytes(late.row.len()));
            let found = late.found.as_ref().unwrap_or(&late.row);
            let offer = intake.offer(&late.row);
            if self.placed(signals, offer, late.origin, &late.row, Some(found)) == Standing::New {
                self.judge_late(worker, intake, late.origin, found, None);
            }
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

    #[inline(never)]
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

    /// Asks the model for its memory.
    pub(super) fn weigh<M: Model>(&mut self, model: &M) {
        self.model_bytes = model.bytes();
    }

    /// Makes the counts public and compares them with the limits.
    pub(super) fn publish(&mut self, store: &Store, signals: &Signals) {
        let kept =
            Footprints::bytes(store.len()) + self.workers * self.steps.bytes() + self.steps.places_bytes(store.len());
        let bytes = store.bytes() + kept + signals.deferred_bytes() + self.model_bytes;
        self.published.add(std::mem::take(&mut self.counts));
        self.published.raise_memory(bytes);
        signals.check_limits(self.published.distinct(), bytes);
    }
}
