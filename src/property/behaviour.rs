//! Explored states → the behaviour graph: edges made again by the model, and the truth of every atom.
//!
//! States are taken in chunks by several threads; the chunks are put together in order, so the graph does
//! not depend on the threads. Steps that leave the constraints are no edges, as TLC has it, but what is enabled
//! is enabled whether or not its steps stay inside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::bits::BitTable;
use super::decompose::Atoms;
use super::enabled::EXTRA_VARIABLES;
use super::graph::Graph;
use crate::explore::{Explored, Interrupt};
use crate::model::{Model as _, Stop, Worker as _};
use crate::partition::TlaModel;
use crate::partition::model::EvaluationError;
use crate::partition::worker::{Questions, TlaWorker};
use crate::value::machine::Fault;

/// States a thread takes at a time.
const CHUNK: u64 = 256;

/// Graphs up to this many states are made by one thread: starting others takes longer.
const SOLO_STATES: u64 = 512;

/// Stack of a thread: evaluation is bounded well below it.
const STACK_BYTES: usize = 512 << 20;

/// The behaviour graph of a model.
pub(super) struct Behaviours {
    /// The graph; states are numbered as they were explored.
    pub graph: Graph<Box<Fault>>,
    /// States some of whose successors are outside the constraints.
    pub pruned: u64,
}

/// Why there is no graph.
pub(super) enum Failed {
    /// The model cannot be evaluated again.
    Error(EvaluationError),
    /// The user wants an end.
    Interrupted,
    /// It would take more memory than allowed, or has too many states for this machine's numbers.
    TooLarge,
    /// A step leads to a state that was not found before: the model does not always give the same answer.
    Inconsistent,
    /// A thread panicked, or could not be started.
    Thread(String),
}

/// How to make a graph.
pub(super) struct Making<'a> {
    /// The model.
    pub model: &'a TlaModel,
    /// Its states: all of them.
    pub explored: &'a Explored,
    /// What is asked of each.
    pub atoms: &'a Atoms,
    /// Threads at most.
    pub workers: usize,
    /// Ends it.
    pub interrupt: &'a Interrupt,
    /// Memory the graph may take.
    pub memory_bytes_max: Option<u64>,
}

/// Part of the graph: a range of states.
struct Part {
    /// Edges of each state.
    degrees: Vec<u32>,
    targets: Vec<u32>,
    states: BitTable,
    steps: BitTable,
    state_faults: Vec<((u32, u32), Box<Fault>)>,
    /// Edges counted within the part.
    step_faults: Vec<((usize, u32), Box<Fault>)>,
    pruned: u64,
}

/// Makes the behaviour graph.
///
/// # Errors
/// When that is impossible.
pub(super) fn behaviours(making: &Making) -> Result<Behaviours, Failed> {
    let states = making.explored.len();
    if states >= u64::from(u32::MAX) {
        return Err(Failed::TooLarge);
    }
    let shared = Shared { next: AtomicU64::new(0), bytes: AtomicU64::new(0), over: AtomicBool::new(false) };
    let parts = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    let one = |at_most: u64| {
        let result = work(making, &shared, at_most, &mut |at, part| {
            parts.lock().unwrap_or_else(PoisonError::into_inner).push((at, part));
        });
        if let Err(failed) = result {
            shared.over.store(true, Ordering::Relaxed);
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failed);
        }
    };
    let workers = if making.model.ordered() || states <= SOLO_STATES { 1 } else { making.workers.max(1) };
    if workers == 1 {
        one(states);
    } else {
        let crash = std::thread::scope(|scope| {
            let start = |_| {
                let builder = std::thread::Builder::new().name("behaviours".into()).stack_size(STACK_BYTES);
                builder.spawn_scoped(scope, || one(states)).map_err(|e| format!("no thread could be started: {e}"))
            };
            let started: Vec<_> = (0..workers).map(start).collect();
            let mut crash = None;
            let mut any = false;
            for thread in started {
                match thread {
                    Ok(thread) => match thread.join() {
                        Ok(()) => any = true,
                        Err(_) => return Some("a thread that makes the behaviour graph failed".to_owned()),
                    },
                    Err(message) => crash = Some(message),
                }
            }
            crash.filter(|_| !any)
        });
        if let Some(message) = crash {
            return Err(Failed::Thread(message));
        }
    }
    if let Some(failed) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(failed);
    }
    let mut parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    parts.sort_by_key(|(at, _)| *at);
    Ok(together(making, parts.into_iter().map(|(_, part)| part)))
}

struct Shared {
    next: AtomicU64,
    bytes: AtomicU64,
    over: AtomicBool,
}

fn together(making: &Making, parts: impl Iterator<Item = Part>) -> Behaviours {
    let explored = making.explored;
    let mut graph = Graph {
        initial: explored.level(0).map(|index| index as u32).collect(),
        levels: (0..explored.levels()).map(|level| explored.level(level).start as u32).collect(),
        starts: vec![0],
        targets: Vec::new(),
        state_atoms: BitTable::new(making.atoms.states.len()),
        step_atoms: BitTable::new(making.atoms.steps.len()),
        state_faults: FxHashMap::default(),
        step_faults: FxHashMap::default(),
    };
    let mut pruned = 0;
    for part in parts {
        let begin = graph.targets.len();
        let mut end = begin;
        graph.starts.extend(part.degrees.iter().map(|degree| {
            end += *degree as usize;
            end
        }));
        graph.targets.extend(part.targets);
        graph.state_atoms.append(&part.states);
        graph.step_atoms.append(&part.steps);
        graph.state_faults.extend(part.state_faults);
        graph
            .step_faults
            .extend(part.step_faults.into_iter().map(|((edge, atom), fault)| ((begin + edge, atom), fault)));
        pruned += part.pruned;
    }
    Behaviours { graph, pruned }
}

/// Makes parts until there are no more.
fn work(making: &Making, shared: &Shared, states: u64, give: &mut dyn FnMut(u64, Part)) -> Result<(), Failed> {
    let mut maker = Maker::new(making);
    while !shared.over.load(Ordering::Relaxed) {
        let begin = shared.next.fetch_add(CHUNK, Ordering::Relaxed);
        if begin >= states {
            break;
        }
        if making.interrupt.is_raised() {
            return Err(Failed::Interrupted);
        }
        let part = maker.part(begin..states.min(begin + CHUNK))?;
        let bytes =
            part.targets.len() as u64 * 4 + part.degrees.len() as u64 * 12 + part.steps.bytes() + part.states.bytes();
        let total = shared.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if making.memory_bytes_max.is_some_and(|max| total > max) {
            return Err(Failed::TooLarge);
        }
        give(begin, part);
    }
    Ok(())
}

struct Maker<'a> {
    making: &'a Making<'a>,
    worker: TlaWorker<'a>,
    states: Questions,
    steps: Questions,
    has_action_constraints: bool,
    from: Vec<u32>,
    /// Successors of the state at hand: number, and where its row is in `rows`.
    found: Vec<(u32, usize)>,
    rows: Vec<u32>,
}

impl<'a> Maker<'a> {
    fn new(making: &'a Making<'a>) -> Self {
        let mut worker = making.model.tla_worker();
        worker.evaluator().allow_variables(EXTRA_VARIABLES);
        Self {
            states: worker.questions(making.atoms.states.iter().map(|atom| &atom.predicate)),
            steps: worker.questions(&making.atoms.steps),
            has_action_constraints: !making.model.plan.spec.checks.action_constraints.is_empty(),
            making,
            worker,
            from: Vec::new(),
            found: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn part(&mut self, states: std::ops::Range<u64>) -> Result<Part, Failed> {
        let mut part = Part {
            degrees: Vec::new(),
            targets: Vec::new(),
            states: BitTable::new(self.making.atoms.states.len()),
            steps: BitTable::new(self.making.atoms.steps.len()),
            state_faults: Vec::new(),
            step_faults: Vec::new(),
            pruned: 0,
        };
        for index in states {
            let level = self.making.explored.level_of(index);
            self.worker.progress(self.making.explored.progress_of(level));
            self.making.explored.read(index, &mut self.from);
            if self.successors()? {
                part.pruned += 1;
            }
            self.edges(index as u32, &mut part);
            self.state(index as u32, &mut part);
        }
        Ok(part)
    }

    /// Finds the distinct successors inside the model, other than the state itself; true if others are outside.
    fn successors(&mut self) -> Result<bool, Failed> {
        self.found.clear();
        self.rows.clear();
        let (found, rows, from) = (&mut self.found, &mut self.rows, self.from.as_slice());
        let (explored, has_action_constraints) = (self.making.explored, self.has_action_constraints);
        let (mut pruned, mut inconsistent) = (false, false);
        let result = self.worker.successors(from, &mut |worker, group, row| {
            if row == from {
                return Ok(());
            }
            let Some(index) = explored.find(row) else {
                pruned = true;
                inconsistent |= worker.state_in_model(row)? && worker.step_in_model(from, group, row)?;
                return Ok(());
            };
            let number = index as u32;
            if found.iter().rev().take(64).any(|(n, _)| *n == number) {
                return Ok(());
            }
            if has_action_constraints && !worker.step_in_model(from, group, row)? {
                pruned = true;
                return Ok(());
            }
            found.push((number, rows.len()));
            rows.extend_from_slice(row);
            Ok(())
        });
        match result {
            Ok(()) if inconsistent => Err(Failed::Inconsistent),
            Ok(()) => Ok(pruned),
            Err(Stop::Error(error)) => Err(Failed::Error(error)),
            Err(Stop::Exit) => Err(Failed::Inconsistent),
        }
    }

    /// Adds the edges of the state at hand, the one to itself first.
    fn edges(&mut self, state: u32, part: &mut Part) {
        self.found.sort_unstable();
        self.found.dedup_by_key(|(number, _)| *number);
        self.found.retain(|(number, _)| *number != state);
        part.degrees.push(self.found.len() as u32 + 1);
        part.targets.push(state);
        part.steps.push_row();
        let width = self.from.len();
        let own = self.from.clone();
        for at in 0..=self.found.len() {
            let to = match at.checked_sub(1) {
                None => own.as_slice(),
                Some(at) => {
                    let (number, row) = self.found[at];
                    part.targets.push(number);
                    part.steps.push_row();
                    &self.rows[row..row + width]
                }
            };
            let edge = part.targets.len() - 1;
            for atom in 0..self.making.atoms.steps.len() {
                match self.worker.ask(&mut self.steps, atom, &self.from, Some(to)) {
                    Ok(true) => part.steps.set(edge, atom),
                    Ok(false) => {}
                    Err(fault) => part.step_faults.push(((edge, atom as u32), fault)),
                }
            }
        }
    }

    /// Adds the truth of atoms in the state at hand, whose edges are the last ones.
    fn state(&mut self, state: u32, part: &mut Part) {
        let row = part.degrees.len() - 1;
        part.states.push_row();
        let edges = part.targets.len() - self.found.len() - 1..part.targets.len();
        for (atom, about) in self.making.atoms.states.iter().enumerate() {
            if about.enables.is_some_and(|taken| edges.clone().any(|edge| part.steps.get(edge, taken as usize))) {
                part.states.set(row, atom);
                continue;
            }
            match self.worker.ask(&mut self.states, atom, &self.from, None) {
                Ok(true) => part.states.set(row, atom),
                Ok(false) => {}
                Err(fault) => part.state_faults.push(((state, atom as u32), fault)),
            }
        }
    }
}
