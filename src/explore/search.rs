//! The search itself: level after level, and what is decided between them.
//!
//! The coordinator runs here and evaluates nothing. A small level, or any level of an ordered search, is
//! expanded by one worker that owns the store meanwhile and goes on through following small levels. A large one
//! is expanded by all workers in rounds; between rounds lies a quiet point at which the coordinator makes room.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Judgement, Model, Stop, Worker};

use super::finding::{Bound, Check, Finding, FindingClass, FindingKind, Sighting, Sightings, Site};
use super::intake::{Intake, SharedIntake, SoleIntake};
use super::store::Block;
use super::sync::Ordering;
use super::team::{Crashed, Member, Shared, Team};
use super::{End, Limit};

/// Rows a worker takes from the frontier at once, at most.
const CHUNK_ROWS: u64 = 64;
/// Rows after which the model is asked for its memory.
const WEIGH_ROWS: u64 = 1 << 12;
/// Chunks each worker should get, for balance.
const CHUNKS_EACH: u64 = 8;
/// Rows an idle worker may have claimed when the table is full.
const CLAIMS_EACH: u64 = 256;

/// The coordinator.
pub(super) struct Search<'m, M: Model + 'm> {
    pub(super) shared: &'m Shared<'m, M>,
    pub(super) team: Team<'m, M>,
    pub(super) findings: Vec<Finding<M::Error>>,
    pub(super) violations: BTreeMap<FindingClass, u64>,
    /// What was found with rows gone that the way back leads through, and its level: followed back in the end.
    pub(super) untraced: Vec<(Sighting<M::Error>, usize)>,
}

/// What a worker has to tell of its part of a level.
pub(super) struct Report<E> {
    sightings: Sightings<E>,
    exit: bool,
    block: Block,
    deferred: u64,
}

pub(super) fn chunk_of(rows: u64, workers: usize) -> u64 {
    (rows / (workers as u64 * CHUNKS_EACH)).clamp(1, CHUNK_ROWS)
}

impl<'m, M: Model> Search<'m, M> {
    /// Explores until there is a reason to end.
    pub(super) fn run(&mut self) -> Result<End, Crashed> {
        let end = self.levels()?;
        self.trace_untraced()?;
        Ok(end)
    }

    fn levels(&mut self) -> Result<End, Crashed> {
        let mut report = self.team.one(initial_level)?;
        loop {
            if let Some(end) = self.judge(report)? {
                return Ok(end);
            }
            report = self.next_level()?;
        }
    }

    /// Expands the frontier, and perhaps further levels.
    pub(super) fn next_level(&mut self) -> Result<Report<M::Error>, Crashed> {
        if self.solo() { self.team.one(solo_levels) } else { self.shared_level() }
    }

    fn solo(&self) -> bool {
        let frontier = self.shared.read().frontier.clone();
        self.shared.keep.first || frontier.end - frontier.start <= self.shared.options.solo_rows
    }

    pub(super) fn alone(&self) -> bool {
        self.shared.keep.first || self.team.len() == 1
    }

    /// Decides after a level whether the run goes on.
    fn judge(&mut self, report: Report<M::Error>) -> Result<Option<End>, Crashed> {
        for (&class, &count) in &report.sightings.counts {
            *self.violations.entry(class).or_insert(0) += count;
        }
        if self.shared.signals.interrupted() {
            return Ok(Some(End::Interrupted));
        }
        if !report.sightings.is_empty() && self.keep_findings(report.sightings)? {
            return Ok(Some(End::Finding));
        }
        if report.exit {
            return Ok(Some(End::Exit));
        }
        if let Some(limit) = self.shared.signals.limit() {
            return Ok(Some(End::Limit(limit)));
        }
        let space = self.shared.read();
        if space.frontier.is_empty() {
            return Ok(Some(End::Exhausted));
        }
        Ok(space.deepest().then_some(End::Limit(Limit::Depth)))
    }

    /// Follows the best sightings back to an initial state; true if they end the run.
    fn keep_findings(&mut self, sightings: Sightings<M::Error>) -> Result<bool, Crashed> {
        let sightings = if sightings.contested { self.contest(sightings)? } else { sightings };
        let mut best = sightings.best;
        best.sort_by_key(|sighting| sighting.kind.class());
        for sighting in best {
            let class = sighting.kind.class();
            self.trace(sighting)?;
            self.shared.write().known.push(class);
        }
        let error = sightings.counts.contains_key(&FindingClass::Error);
        Ok(error || !self.shared.keep.each_class)
    }

    /// Finds the best sightings among *all* steps to the violating states of the level, not only
    /// those that happened to come first. Only states that rank before the best so far are expanded again.
    fn contest(&mut self, sightings: Sightings<M::Error>) -> Result<Sightings<M::Error>, Crashed> {
        let (bounds, keep) = (sightings.bounds(), self.shared.keep);
        let sources = self.shared.read().expanded.clone();
        if keep.first || sources.is_empty() || bounds.is_empty() {
            return Ok(sightings);
        }
        self.shared.cursor.store(sources.start, Ordering::Relaxed);
        self.shared.write().look_at_newest();
        let better = self.team.all(move |member| contested_steps(member, &sources, bounds.clone()))?;
        self.shared.write().look_away();
        self.team.one(move |member| {
            let mut best = sightings;
            for mut other in better {
                other.counts.clear();
                best.absorb(&mut member.worker, other);
            }
            best
        })
    }

    /// Expands a level with all workers.
    fn shared_level(&mut self) -> Result<Report<M::Error>, Crashed> {
        let frontier = {
            let mut space = self.shared.write();
            let progress = self.shared.progress(space.depth());
            space.open(progress);
            space.frontier.clone()
        };
        let chunk = chunk_of(frontier.end - frontier.start, self.team.len());
        self.shared.cursor.store(frontier.start, Ordering::Relaxed);
        let mut parts = Vec::new();
        loop {
            self.shared.signals.resume();
            let end = frontier.end;
            let round = self.team.all(move |member| expand_round(member, end, chunk))?;
            let deferred: u64 = round.iter().map(|report| report.deferred).sum();
            self.shared.write().store.reclaim(round.iter().map(|report| report.block.clone()));
            parts.extend(round.into_iter().filter(|report| report.exit || !report.sightings.is_empty()));
            if self.shared.signals.stopped() || !self.make_room(deferred)? {
                break;
            }
            if deferred == 0 && self.shared.cursor.load(Ordering::Relaxed) >= end {
                break;
            }
        }
        self.shared.write().close();
        self.shared.options.progress.set_depth(self.shared.read().depth().into());
        self.merge(parts)
    }

    /// Widens the layout if ids have outgrown it and enlarges the table if it is rather full or about to be.
    /// False if memory does not allow it.
    fn make_room(&mut self, deferred: u64) -> Result<bool, Crashed> {
        let (rows, reindex, limited) = {
            let mut space = self.shared.write();
            let model = self.shared.model;
            let widened = deferred > 0 && space.store.widen(&|slot| model.slot_len(slot));
            let claims = if deferred > 0 { self.team.len() as u64 * CLAIMS_EACH } else { 0 };
            let capacity = space.store.capacity_wanted(deferred + claims);
            let too_much = |capacity| self.shared.signals.check_limits(0, space.store.bytes_with_capacity(capacity));
            let limited = capacity.is_some_and(too_much);
            let enlarged = !limited && capacity.is_some_and(|capacity| space.store.enlarge(capacity));
            (space.store.len(), widened || enlarged, limited)
        };
        if reindex {
            self.shared_reindex(rows)?;
        }
        Ok(!limited)
    }

    fn shared_reindex(&self, rows: u64) -> Result<(), Crashed> {
        let resume = self.shared.cursor.swap(0, Ordering::Relaxed);
        self.team.all(move |member| {
            let shared = member.shared;
            let space = shared.read();
            while let Some(chunk) = shared.next_chunk(rows, 1 << 13) {
                space.store.reindex(chunk);
            }
        })?;
        self.shared.cursor.store(resume, Ordering::Relaxed);
        Ok(())
    }

    fn merge(&self, parts: Vec<Report<M::Error>>) -> Result<Report<M::Error>, Crashed> {
        let keep = self.shared.keep;
        let exit = parts.iter().any(|part| part.exit);
        let mut parts = parts.into_iter().map(|part| part.sightings);
        let first = parts.next().unwrap_or_else(|| Sightings::new(keep));
        let others: Vec<_> = parts.collect();
        let sightings = if others.is_empty() {
            first
        } else {
            self.team.one(move |member| {
                let mut best = first;
                others.into_iter().for_each(|other| best.absorb(&mut member.worker, other));
                best
            })?
        };
        Ok(Report { sightings, exit, block: Block::default(), deferred: 0 })
    }
}

fn report<M: Model>(member: &mut Member<'_, M>, block: Block) -> Report<M::Error> {
    let expansion = &mut member.expansion;
    Report {
        sightings: expansion.sightings.take(),
        exit: std::mem::take(&mut expansion.exit),
        block,
        deferred: expansion.deferred_len(),
    }
}

/// Makes and takes the initial states.
pub(super) fn initial_level<M: Model>(member: &mut Member<'_, M>) -> Report<M::Error> {
    let Member { shared, worker, expansion, .. } = member;
    let mut space = shared.write();
    worker.progress(shared.progress(0));
    let mut intake = SoleIntake::new(&mut space.store, shared.model, &shared.signals);
    expansion.start(worker, &mut intake, &shared.signals);
    intake.close();
    space.close();
    expansion.publish(&space.store, &shared.signals);
    shared.options.progress.set_depth(space.depth().into());
    drop(space);
    report(member, Block::default())
}

/// Expands the frontier alone, and the next levels too while they are small and nothing was found.
fn solo_levels<M: Model>(member: &mut Member<'_, M>) -> Report<M::Error> {
    let Member { shared, worker, expansion, .. } = member;
    let (signals, ordered) = (&shared.signals, shared.keep.first);
    let mut space = shared.write();
    expansion.sightings.set_known(&space.known);
    loop {
        let (depth, frontier) = (space.depth(), space.frontier.clone());
        let progress = space.open(shared.progress(depth));
        let again = space.is_again();
        worker.progress(progress);
        let mut intake = SoleIntake::new(&mut space.store, shared.model, signals);
        for index in frontier {
            if signals.stopped() || expansion.halted {
                break;
            }
            if ordered && !again {
                worker.progress(shared.progress(depth));
            }
            expansion.expand(worker, &mut intake, signals, index);
            if index % WEIGH_ROWS == 0 {
                expansion.weigh(shared.model);
            }
            if ordered || index % CHUNK_ROWS == 0 {
                expansion.publish(intake.store(), signals);
            }
        }
        intake.close();
        space.close();
        expansion.publish(&space.store, signals);
        shared.options.progress.set_depth(space.depth().into());
        let rows = space.frontier.end - space.frontier.start;
        let small = rows > 0 && rows <= shared.options.solo_rows;
        let told = expansion.exit || expansion.halted || !expansion.sightings.is_empty();
        if !small || space.deepest() || told || signals.stopped() {
            break;
        }
    }
    drop(space);
    report(member, Block::default())
}

/// Expands rows of the frontier until they are all taken or someone asks for a quiet point.
fn expand_round<M: Model>(member: &mut Member<'_, M>, end: u64, chunk: u64) -> Report<M::Error> {
    let Member { shared, worker, expansion, .. } = member;
    let (shared, signals) = (*shared, &shared.signals);
    let space = shared.read();
    expansion.sightings.set_known(&space.known);
    worker.progress(space.told(shared.progress(space.depth())));
    let mut intake = SharedIntake::new(&space.store);
    expansion.settle(worker, &mut intake, signals);
    while !signals.paused() && !signals.stopped() {
        let Some(rows) = shared.next_chunk(end, chunk) else {
            break;
        };
        for index in rows {
            if signals.stopped() {
                break;
            }
            expansion.expand(worker, &mut intake, signals, index);
            if index % WEIGH_ROWS == 0 {
                expansion.weigh(shared.model);
            }
        }
        expansion.publish(&space.store, signals);
    }
    expansion.flush(worker, &mut intake, signals);
    expansion.publish(&space.store, signals);
    let block = intake.close();
    drop(space);
    report(member, block)
}

/// Expands again those rows of `sources` that rank before the bounds, looking for steps to new states that
/// violate something.
fn contested_steps<M: Model>(
    member: &mut Member<'_, M>,
    sources: &Range<u64>,
    bounds: Vec<Bound>,
) -> Sightings<M::Error> {
    let Member { shared, worker, .. } = member;
    let (shared, signals) = (*shared, &shared.signals);
    let space = shared.read();
    worker.progress(space.progress_of(space.level_of(sources.start)));
    let mut best = Sightings::beating(shared.keep, bounds);
    best.set_known(&space.known);
    let (mut from, mut key) = (Vec::new(), Vec::new());
    while let Some(rows) = shared.next_chunk(sources.end, CHUNK_ROWS) {
        for index in rows {
            if signals.aborted() {
                return best;
            }
            space.store.read(index, &mut from);
            if !best.open_for(worker, &from) {
                continue;
            }
            let mut position = 0;
            // What else goes wrong here was seen when the level was expanded.
            let _ = worker.successors(&from, &mut |worker, group, row| {
                let source = Some((index, &*from));
                let site = Site { source, position, group: Some(group), target: Some(row) };
                position += 1;
                if enters(worker, &from, group, row, &mut key) && space.is_newest(&key) {
                    match worker.check_state(row) {
                        Ok(Judgement::Violated(first)) => {
                            for property in site.violated(worker, first, shared.keep.each_class) {
                                best.note(worker, site, Check::State, FindingKind::Invariant(property));
                            }
                        }
                        Err(Stop::Error(error)) => best.note(worker, site, Check::State, FindingKind::Error(error)),
                        Ok(Judgement::Holds) | Err(Stop::Exit) => {}
                    }
                }
                Ok(())
            });
        }
    }
    best
}

/// True if the step stays in the model; `key` is then the representative it leads to.
pub(super) fn enters<W: Worker>(
    worker: &mut W,
    from: &[u32],
    group: crate::model::GroupId,
    row: &[u32],
    key: &mut Vec<u32>,
) -> bool {
    let inside =
        matches!(worker.state_in_model(row), Ok(true)) && matches!(worker.step_in_model(from, group, row), Ok(true));
    key.clear();
    key.extend_from_slice(row);
    inside && worker.canonical(key).is_ok()
}
