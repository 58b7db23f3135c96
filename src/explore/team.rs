//! The worker threads: each keeps its evaluator and does the jobs it is given.
//!
//! The coordinating thread sends jobs through channels and waits for the results; between jobs every worker
//! sleeps in its channel, which is what makes a *quiet point*. A worker that panics loses the
//! results of its job, which the coordinator sees as a closed channel: nobody waits for it.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};

use crate::model::{Model, Progress};

use super::Options;
use super::expand::Expansion;
use super::explored::Space;
use super::finding::Keep;
use super::footprint::Footprints;
use super::progress::Signals;
use super::sync::{AtomicU64, Ordering};

/// Evaluators recurse as deep as the values and expressions they meet.
const STACK_BYTES: usize = 256 << 20;

/// What all workers of a run share.
pub(super) struct Shared<'m, M> {
    pub(super) model: &'m M,
    pub(super) options: &'m Options,
    pub(super) keep: Keep,
    pub(super) signals: Signals,
    /// Where expanded states lead to.
    pub(super) footprints: Arc<Footprints>,
    /// The next row of the range under way.
    pub(super) cursor: AtomicU64,
    space: RwLock<Space>,
    crash: Mutex<Option<String>>,
}

impl<'m, M: Model> Shared<'m, M> {
    pub(super) fn new(model: &'m M, options: &'m Options, keep: Keep, space: Space) -> Self {
        Self {
            model,
            options,
            keep,
            signals: Signals::new(options),
            footprints: Arc::new(Footprints::new()),
            cursor: AtomicU64::new(0),
            space: RwLock::new(space),
            crash: Mutex::new(None),
        }
    }

    // A worker that panicked with the lock held has left rows nobody will rely on: the run ends.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Space> {
        self.space.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Space> {
        self.space.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn into_parts(self) -> (Space, Option<String>) {
        let space = self.space.into_inner().unwrap_or_else(PoisonError::into_inner);
        (space, self.crash.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The numbers now, for the model.
    pub(super) fn progress(&self, level: u32) -> Progress {
        let published = &self.options.progress;
        Progress {
            level,
            distinct: published.distinct(),
            generated: published.generated(),
            queue: published.queue(),
            diameter: published.depth(),
        }
    }

    /// Takes the next few rows of `..end`; None when none are left.
    pub(super) fn next_chunk(&self, end: u64, chunk: u64) -> Option<std::ops::Range<u64>> {
        let start = self.cursor.fetch_add(chunk, Ordering::Relaxed);
        (start < end).then(|| start..(start + chunk).min(end))
    }

    fn crashed(&self, message: String) {
        self.signals.crash();
        let mut crash = self.crash.lock().unwrap_or_else(PoisonError::into_inner);
        crash.get_or_insert(message);
    }
}

/// A worker's own things.
pub(super) struct Member<'m, M: Model + 'm> {
    pub(super) shared: &'m Shared<'m, M>,
    pub(super) worker: M::Worker<'m>,
    pub(super) expansion: Expansion<M::Error>,
    /// The expansion of the search while `expansion` finds rows again.
    resting: Option<Expansion<M::Error>>,
    /// Time spent on jobs.
    pub(super) busy: Duration,
}

impl<M: Model> Member<'_, M> {
    /// What is found from now on was found before, and is not counted.
    pub(super) fn begin_again(&mut self) {
        let options =
            Options { progress: Arc::default(), measure: false, keep_steps: false, ..self.shared.options.clone() };
        let footprints = Arc::clone(&self.shared.footprints);
        footprints.forget();
        let again = Expansion::new(self.shared.model, self.shared.keep, &options, footprints);
        self.resting = Some(std::mem::replace(&mut self.expansion, again));
    }

    /// The search goes on.
    pub(super) fn end_again(&mut self) {
        if let Some(resting) = self.resting.take() {
            self.expansion = resting;
        }
    }
}

type Job<'m, M> = Box<dyn FnOnce(&mut Member<'m, M>) + Send + 'm>;

/// A worker panicked: its message is in [`Shared::into_parts`].
#[derive(Debug)]
pub(super) struct Crashed;

/// All workers, as the coordinator sees them.
pub(super) struct Team<'m, M: Model + 'm> {
    desks: Vec<Sender<Job<'m, M>>>,
}

impl<'m, M: Model> Team<'m, M> {
    /// Starts the workers; fewer if the system does not grant as many threads.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, 'm>,
        shared: &'m Shared<'m, M>,
        workers: usize,
    ) -> Result<Self, Crashed> {
        let start_one = |_| {
            let (desk, jobs) = channel();
            let builder = Builder::new().name("explore".into()).stack_size(STACK_BYTES);
            builder.spawn_scoped(scope, move || serve(shared, &jobs)).map(|_| desk)
        };
        let started: Vec<io::Result<_>> = (0..workers).map(start_one).collect();
        let (mut desks, mut refusal) = (Vec::new(), None);
        for desk in started {
            match desk {
                Ok(desk) => desks.push(desk),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            Some(error) if desks.is_empty() => {
                shared.crashed(format!("no worker thread could be started: {error}"));
                Err(Crashed)
            }
            _ => Ok(Self { desks }),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.desks.len()
    }

    /// Has every worker do the job.
    pub(super) fn all<R: Send + 'm>(
        &self,
        job: impl Fn(&mut Member<'m, M>) -> R + Clone + Send + 'm,
    ) -> Result<Vec<R>, Crashed> {
        let (give, results) = channel();
        for desk in &self.desks {
            let (give, job) = (give.clone(), job.clone());
            // The coordinator waits for results as long as anyone might send one.
            let task = move |member: &mut Member<'m, M>| drop(give.send(job(member)));
            desk.send(Box::new(task)).map_err(|_| Crashed)?;
        }
        drop(give);
        let results: Vec<R> = results.iter().collect();
        if results.len() == self.desks.len() { Ok(results) } else { Err(Crashed) }
    }

    /// Has one worker do the job, always the same.
    pub(super) fn one<R: Send + 'm>(
        &self,
        job: impl FnOnce(&mut Member<'m, M>) -> R + Send + 'm,
    ) -> Result<R, Crashed> {
        let (give, result) = channel();
        let task = move |member: &mut Member<'m, M>| drop(give.send(job(member)));
        self.desks[0].send(Box::new(task)).map_err(|_| Crashed)?;
        result.recv().map_err(|_| Crashed)
    }
}

/// A worker's life.
fn serve<'m, M: Model>(shared: &'m Shared<'m, M>, jobs: &Receiver<Job<'m, M>>) {
    let life = || {
        let expansion = Expansion::new(shared.model, shared.keep, shared.options, shared.footprints.clone());
        let mut member =
            Member { shared, worker: shared.model.worker(), expansion, resting: None, busy: Duration::ZERO };
        while let Ok(job) = jobs.recv() {
            let begun = Instant::now();
            job(&mut member);
            member.busy += begun.elapsed();
        }
    };
    // Nothing of a member outlives its thread, and shared state is only read for its counts afterwards.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(life)) {
        shared.crashed(message_of(&*payload));
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".into())
}
