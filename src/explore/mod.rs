//! Model → reachable states, or a violation.
//!
//! *Takes* a [`Model`] and [`Options`]. *Gives* an [`Outcome`]: why the run ended, counts, findings with
//! shortest traces, and the states themselves as [`Explored`]. *Holds*: verdict, counts, depth and traces
//! do not depend on the number of workers (except where a run is cut short by a limit on states or
//! memory or by an interrupt); no state is taken for another. *Ignores* TLA+: rows are numbers.
//!
//! Breadth first, level by level, in phases:
//!
//! 1. *Initial states* are made by one worker, counted, checked and stored: level 0.
//! 2. *A level is expanded*: workers take chunks of its rows from a shared cursor, make the successors, and offer
//!    them to the store ([`store`]: exact, packed, append-only; a level is a range of row indices). What a row
//!    goes through is told in `expand`. The store never waits and never grows while shared: a row it has no
//!    room for is deferred.
//! 3. *Quiet point*: all workers are idle. Unused indices are taken back, widths and table grow as needed.
//!    While rows of the level are left or deferred, back to 2.
//! 4. *Judgement*: if something was found, the level was finished nevertheless, and the finding that ranks first is
//!    determined and followed back to an initial state (`finding`, `trace`). Else, if the level
//!    brought new rows, they are the next level: back to 2.
//!
//! A model that is [`Model::ordered`] is explored by one worker in the order of a queue and stops at the
//! very first finding; the same path serves small levels, for which waking all workers does not pay.
//!
//! Under symmetry, invariants are checked on states as they are found and one state of an orbit is found first by
//! chance: verdicts are deterministic if the model is as symmetric as it claims.

mod arena;
mod batch;
mod deltas;
mod expand;
mod explored;
mod finding;
mod footprint;
mod index;
mod intake;
mod judge;
mod keys;
pub mod layout;
mod near;
mod parts;
mod pending;
mod progress;
mod retrace;
mod room;
mod search;
mod steps;
pub mod store;
#[cfg(test)]
mod store_tests;
mod sync;
mod table;
#[cfg(test)]
mod table_tests;
mod team;
mod trace;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Model;

pub use expand::GroupTally;
pub use explored::Explored;
pub use finding::{Faith, Finding, FindingClass, FindingKind, Step};
pub use index::Keeping;
pub use near::Near;
pub use progress::{Interrupt, Published};
pub use store::Identity;

use explored::Space;
use finding::Keep;
use layout::Layout;
use search::Search;
use steps::StepLog;
use store::Store;
use team::{Crashed, Shared, Team};

/// How to explore.
#[derive(Clone, Debug)]
pub struct Options {
    /// Worker threads: at least 1. Ordered models get 1 whatever stands here.
    pub workers: usize,
    /// Go on after a violation or deadlock, count them all, and keep the first of each property.
    /// Evaluation errors still end the run.
    pub continue_after_violation: bool,
    /// End once this many distinct states are stored. Checked every few states: the run may end a little later.
    pub max_distinct: Option<u64>,
    /// Expand no states of this level or deeper; the initial states are level 1.
    pub max_depth: Option<u32>,
    /// End when state store, buffers and what the model keeps take more than this, or would after the next growth.
    pub max_memory_bytes: Option<u64>,
    /// Ends the run at once when raised.
    pub interrupt: Arc<Interrupt>,
    /// Where the numbers of the running exploration are published.
    pub progress: Arc<Published>,
    /// Log2 of the entries of the first hash table.
    pub table_bits: u32,
    /// Successors a worker may have waiting for room before it asks for a quiet point.
    pub deferred_max: usize,
    /// Keep the steps for [`Explored::steps`], if memory allows.
    pub keep_steps: bool,
    /// Measure the time spent in the store.
    pub measure: bool,
    /// Levels up to this many rows are expanded by one worker, because waking the others takes longer.
    pub solo_rows: u64,
    /// What is kept of states.
    pub keeping: Keeping,
    /// Memory that rows of closed levels may take where they are not needed: with them, a trace is found without
    /// exploring a second time.
    pub kept_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 1,
            continue_after_violation: false,
            max_distinct: None,
            max_depth: None,
            max_memory_bytes: None,
            interrupt: Arc::default(),
            progress: Arc::default(),
            table_bits: 14,
            deferred_max: 1 << 14,
            keep_steps: false,
            measure: false,
            solo_rows: 32,
            keeping: Keeping::Rows,
            kept_bytes: 64 << 20,
        }
    }
}

/// A limit of [`Options`] that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// [`Options::max_distinct`].
    Distinct,
    /// [`Options::max_depth`].
    Depth,
    /// [`Options::max_memory_bytes`].
    Memory,
}

/// Why a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Every reachable state was expanded.
    Exhausted,
    /// The findings ended it.
    Finding,
    /// The model asked for a regular end.
    Exit,
    /// [`Interrupt::raise`] was called.
    Interrupted,
    /// A limit was reached.
    Limit(Limit),
    /// A worker panicked with this message, or none could be started: there is no verdict.
    WorkerPanicked(String),
}

/// What an exploration found.
pub struct Outcome<E> {
    /// Why it ended.
    pub end: End,
    /// Distinct states stored.
    pub distinct: u64,
    /// States generated, duplicates and those outside constraints included.
    pub generated: u64,
    /// Levels found; 0 without initial states.
    pub depth: u64,
    /// States stored and not expanded.
    pub queue_left: u64,
    /// Memory of the state store and its buffers, at its peak.
    pub memory_bytes: u64,
    /// What is wrong: one finding, or with [`Options::continue_after_violation`] one for each property.
    pub findings: Vec<Finding<E>>,
    /// How often each thing went wrong. May count what `findings` does not show if the run was cut short.
    pub violations: BTreeMap<FindingClass, u64>,
    /// How often each group was taken, by group id; shorter than the model's groups if the last never were.
    /// Empty after a panic.
    pub tallies: Vec<GroupTally>,
    /// Seconds that workers spent on jobs, together.
    pub worker_seconds: f64,
    /// Seconds of these in the store, if [`Options::measure`].
    pub store_seconds: f64,
    /// The states.
    pub explored: Explored,
}

/// Explores a model.
pub fn explore<M: Model>(model: &M, options: &Options) -> Outcome<M::Error> {
    options.progress.reset();
    let ordered = model.ordered();
    let keep = Keep { each_class: options.continue_after_violation, first: ordered };
    let layout = Layout::fitting(model.slots(), model.key_slots(), &|slot| model.slot_len(slot));
    let store = Store::keeping(options.keeping, layout, options.table_bits);
    let space = Space::new(store, options.kept_bytes, options.max_depth);
    let shared = Shared::new(model, options, keep, space);
    let workers = if ordered { 1 } else { options.workers.max(1) };

    let (mut findings, mut violations, mut tallies) = (Vec::new(), BTreeMap::new(), Vec::new());
    let (mut worker_seconds, mut store_seconds) = (0.0, 0.0);
    let mut logs = Vec::new();
    let end = std::thread::scope(|scope| -> Result<End, Crashed> {
        let team = Team::start(scope, &shared, workers)?;
        let mut search =
            Search { shared: &shared, team, findings: Vec::new(), violations: BTreeMap::new(), untraced: Vec::new() };
        let end = search.run();
        findings = std::mem::take(&mut search.findings);
        violations = std::mem::take(&mut search.violations);
        let end = end?;
        let parts = search.team.all(|member| {
            let times = (member.busy.as_secs_f64(), member.expansion.storing.as_secs_f64());
            let expansion = &mut member.expansion;
            (std::mem::take(&mut expansion.tallies), (times, std::mem::take(&mut expansion.steps)))
        })?;
        let (parts, rest): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let (times, steps): (Vec<(f64, f64)>, Vec<StepLog>) = rest.into_iter().unzip();
        logs = steps;
        (worker_seconds, store_seconds) = times.into_iter().fold((0.0, 0.0), |sum, t| (sum.0 + t.0, sum.1 + t.1));
        tallies = sum_tallies(parts);
        Ok(end)
    });

    let (space, crash) = shared.into_parts();
    let unknown = || "a worker ended without a message".to_owned();
    let end = end.unwrap_or_else(|Crashed| End::WorkerPanicked(crash.unwrap_or_else(unknown)));
    let published = &options.progress;
    Outcome {
        end,
        distinct: published.distinct(),
        generated: published.generated(),
        depth: published.depth(),
        queue_left: published.queue(),
        memory_bytes: published.memory_bytes(),
        findings,
        violations,
        tallies,
        worker_seconds,
        store_seconds,
        explored: Explored::new(space, logs),
    }
}

fn sum_tallies(parts: Vec<Vec<GroupTally>>) -> Vec<GroupTally> {
    let groups = parts.iter().map(Vec::len).max().unwrap_or(0);
    let mut sums = vec![GroupTally::default(); groups];
    for part in parts {
        for (sum, tally) in sums.iter_mut().zip(part) {
            sum.generated += tally.generated;
            sum.distinct += tally.distinct;
        }
    }
    sums
}
