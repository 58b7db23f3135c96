//! The way to a finding, without parent pointers.
//!
//! 1. *Back*: from the stored row being expanded, level by level, expand the previous level again and take the
//!    smallest row (by [`Worker::order`]) with a step to the row at hand. Rows greater than the smallest so far
//!    are skipped, and those that cannot lead there (`footprint`). All levels together cost at most one more
//!    exploration.
//! 2. *Forth*: from an initial state, take at each state the first successor whose representative is the next row
//!    of the way. This names the groups, and under symmetry turns representatives into states that follow one
//!    another.
//! 3. The last step is the one sighted. Under symmetry, it is the first successor of the same orbit for which the same
//!    check fails.
//!
//! Where rows of closed levels were let go, the way back waits for the end of the run, and `retrace` finds them again.
//!
//! Whole rows are compared, not keys: with a view, the row stored for a key is the one its discoverer
//! made, so the way back finds the discoverer or an equal of it.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use crate::model::{GroupId, Judgement, Model, Stop, Worker};

use super::explored::Space;
use super::finding::{Check, Faith, Finding, FindingKind, Sighting, Source, Step};
use super::search::{Search, chunk_of, enters};
use super::sync;
use super::team::{Crashed, Member, Shared};

type Row = Arc<[u32]>;

/// Stored rows, last first, each with a step to the one before it in the list.
pub(super) struct WayBack {
    rows: Vec<Row>,
    /// Level of the last of them: 0 when the way is complete.
    pub(super) level: usize,
    /// No predecessor was found, or the run was interrupted.
    pub(super) lost: bool,
}

impl<'m, M: Model> Search<'m, M> {
    /// Keeps the finding with its trace; later if the rows of earlier levels are gone.
    pub(super) fn trace(&mut self, sighting: Sighting<M::Error>) -> Result<(), Crashed> {
        let Some(source) = &sighting.source else {
            let first = sighting.target.map(|row| Step { row: row.into(), group: None });
            let trace = first.into_iter().collect();
            self.findings.push(Finding { kind: sighting.kind, trace, faith: Faith::Real });
            return Ok(());
        };
        let (level, whole) = {
            let space = self.shared.read();
            let level = space.level_of(source.index);
            (level, level == 0 || space.has(0))
        };
        if whole {
            return self.follow(sighting, level);
        }
        self.untraced.push((sighting, level));
        Ok(())
    }

    /// Keeps the finding, which was made when a row of this level was expanded, with its trace.
    pub(super) fn follow(&mut self, sighting: Sighting<M::Error>, level: usize) -> Result<(), Crashed> {
        let Some(source) = sighting.source.clone() else { return Ok(()) };
        let way = WayBack { rows: vec![Arc::clone(&source.row)], level, lost: false };
        let way = self.walk_all_the_way(way)?;
        let finding = self.team.one(move |member| walk_forth(member, &way, &source, level, sighting))?;
        self.findings.push(finding);
        Ok(())
    }

    /// Walks back as far as rows are there.
    pub(super) fn walk_back(&mut self, mut way: WayBack) -> Result<WayBack, Crashed> {
        while way.goes_on(&self.shared.read()) {
            let range = self.shared.read().level(way.level - 1);
            if self.alone() || range.end - range.start <= self.shared.options.solo_rows {
                way = self.team.one(move |member| walk_back_alone(member, way))?;
                continue;
            }
            let target = Arc::clone(way.last());
            let (above, chunk) = (way.level - 1, chunk_of(range.end - range.start, self.team.len()));
            self.shared.cursor.store(range.start, sync::Ordering::Relaxed);
            let found = self.team.all(move |member| {
                let mut best = None;
                let shared = member.shared;
                while let Some(rows) = shared.next_chunk(range.end, chunk) {
                    smallest_predecessor(member, above, rows, &target, &mut best);
                }
                best
            })?;
            let best = self.team.one(move |member| smallest(&mut member.worker, found))?;
            way.step_back(best);
        }
        Ok(way)
    }
}

impl WayBack {
    /// True if the level above is there.
    fn goes_on(&self, space: &Space) -> bool {
        self.level > 0 && !self.lost && space.has(self.level - 1)
    }

    fn last(&self) -> &Row {
        self.rows.last().expect("a way starts with the row it leads to")
    }

    fn step_back(&mut self, row: Option<Row>) {
        match row {
            Some(row) => {
                self.rows.push(row);
                self.level -= 1;
            }
            None => self.lost = true,
        }
    }
}

fn smallest<W: Worker>(worker: &mut W, rows: Vec<Option<Row>>) -> Option<Row> {
    rows.into_iter().flatten().reduce(|left, right| match worker.order(&left, &right) {
        Ordering::Greater => right,
        Ordering::Less | Ordering::Equal => left,
    })
}

/// Walks back while levels are small, or all the way if there is nobody else.
fn walk_back_alone<M: Model>(member: &mut Member<'_, M>, mut way: WayBack) -> WayBack {
    let first = way.level;
    while way.goes_on(&member.shared.read()) {
        let range = member.shared.read().level(way.level - 1);
        if way.level < first && range.end - range.start > member.shared.options.solo_rows {
            break;
        }
        let target = Arc::clone(way.last());
        let mut best = None;
        smallest_predecessor(member, way.level - 1, range, &target, &mut best);
        way.step_back(best);
    }
    way
}

/// Lowers `best` to the smallest of these rows of a level that has a step to `target`.
fn smallest_predecessor<M: Model>(
    member: &mut Member<'_, M>,
    level: usize,
    rows: Range<u64>,
    target: &[u32],
    best: &mut Option<Row>,
) {
    let Member { shared, worker, .. } = member;
    let shared: &Shared<'_, M> = shared;
    let space = shared.read();
    worker.progress(space.progress_of(level));
    let hashes = space.store.hashes(target);
    let mut from = Vec::new();
    for index in rows {
        if shared.signals.aborted() {
            *best = None;
            return;
        }
        if !shared.footprints.may_lead(index, &hashes) {
            continue;
        }
        space.store.read(index, &mut from);
        if best.as_ref().is_some_and(|best| worker.order(best, &from) != Ordering::Greater) {
            continue;
        }
        if step_to(worker, &from, target).is_some() {
            *best = Some(from.as_slice().into());
        }
    }
}

/// The first step from a state to the representative `target`: its group and the state it leads to.
fn step_to<W: Worker>(worker: &mut W, from: &[u32], target: &[u32]) -> Option<(GroupId, Vec<u32>)> {
    let (mut step, mut key) = (None, Vec::new());
    // An error can only hide steps made after it, which were not made the first time either.
    let _ = worker.successors(from, &mut |worker, group, row| {
        if step.is_none() && enters(worker, from, group, row, &mut key) && key == target {
            step = Some((group, row.to_vec()));
        }
        if step.is_some() { Err(Stop::Exit) } else { Ok(()) }
    });
    step
}

/// The first initial state whose representative is `target`.
fn initial_at<W: Worker>(worker: &mut W, target: &[u32]) -> Option<Vec<u32>> {
    let (mut found, mut key) = (None, Vec::new());
    let _ = worker.initial(&mut |worker, row| {
        if found.is_none() && matches!(worker.state_in_model(row), Ok(true)) {
            key.clear();
            key.extend_from_slice(row);
            if worker.canonical(&mut key).is_ok() && key == target {
                found = Some(row.to_vec());
            }
        }
        if found.is_some() { Err(Stop::Exit) } else { Ok(()) }
    });
    found
}

/// Turns the way back into a trace of real steps and adds the step sighted.
fn walk_forth<M: Model>(
    member: &mut Member<'_, M>,
    way: &WayBack,
    source: &Source,
    level: usize,
    sighting: Sighting<M::Error>,
) -> Finding<M::Error> {
    let Member { shared, worker, .. } = member;
    let space = shared.read();
    let (mut trace, mut faith) = first_step(worker, &space, way);
    for (at, target) in (way.level..).zip(way.rows.iter().rev().skip(1)) {
        worker.progress(space.progress_of(at));
        let next = trace.last().and_then(|last: &Step| step_to(worker, &last.row, target));
        let (group, row) = next.map_or_else(
            || {
                if faith == Faith::Real {
                    faith = Faith::Representatives;
                }
                (None, target.to_vec())
            },
            |(group, row)| (Some(group), row),
        );
        trace.push(Step { row, group });
    }
    worker.progress(space.progress_of(level));
    let last = last_step(worker, &trace, source, &sighting);
    if let Some((step, real)) = last {
        if !real && faith == Faith::Real {
            faith = Faith::Representatives;
        }
        trace.push(step);
    }
    Finding { kind: sighting.kind, trace, faith }
}

fn first_step<W: Worker>(worker: &mut W, space: &Space, way: &WayBack) -> (Vec<Step>, Faith) {
    let stored = way.last();
    let suffix = (vec![Step { row: stored.to_vec(), group: None }], Faith::Suffix);
    if way.level > 0 {
        return suffix;
    }
    worker.progress(space.progress_of(0));
    match initial_at(worker, stored) {
        Some(row) => (vec![Step { row, group: None }], Faith::Real),
        None => suffix,
    }
}

/// The step sighted, as made from the last state of the trace; false if it could not be made from there.
fn last_step<W: Worker>(
    worker: &mut W,
    trace: &[Step],
    source: &Source,
    sighting: &Sighting<W::Error>,
) -> Option<(Step, bool)> {
    let target = sighting.target.as_deref()?;
    let as_sighted = Step { row: target.to_vec(), group: sighting.group };
    let last = trace.last().map(|step| step.row.as_slice());
    if last == Some(&*source.row) {
        return Some((as_sighted, true));
    }
    let mut wanted = target.to_vec();
    let sought = last.filter(|_| worker.canonical(&mut wanted).is_ok());
    let (mut step, mut key) = (None, Vec::new());
    if let Some(from) = sought {
        let _ = worker.successors(from, &mut |worker, group, row| {
            key.clear();
            key.extend_from_slice(row);
            if step.is_none()
                && worker.canonical(&mut key).is_ok()
                && key == wanted
                && fails(worker, from, group, row, sighting)
            {
                step = Some(Step { row: row.to_vec(), group: Some(group) });
            }
            if step.is_some() { Err(Stop::Exit) } else { Ok(()) }
        });
    }
    Some(step.map_or((as_sighted, false), |step| (step, true)))
}

/// True if the check that failed in the sighting fails the same way here.
fn fails<W: Worker>(worker: &mut W, from: &[u32], group: GroupId, row: &[u32], sighting: &Sighting<W::Error>) -> bool {
    let judged = match sighting.check {
        Check::State => worker.check_state(row),
        Check::Step => worker.check_step(from, group, row),
        Check::Admission => {
            let admitted = worker.state_in_model(row).and_then(|_| worker.step_in_model(from, group, row));
            admitted.map(|_| Judgement::Holds)
        }
        Check::Expansion => return false,
    };
    match (judged, &sighting.kind) {
        (Ok(Judgement::Violated(property)), FindingKind::Invariant(other) | FindingKind::StepProperty(other)) => {
            let mut violated = Some(property);
            while let Some(property) = violated
                && property != *other
            {
                violated = worker.next_violated(property, Some(from), row);
            }
            violated.is_some()
        }
        (Err(Stop::Error(_)), FindingKind::Error(_)) => true,
        _ => false,
    }
}
