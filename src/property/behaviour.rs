//! Explored states → the behaviour graph: edges as they were taken while exploring, or else made again by the model,
//! and the truth of every atom.
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
use super::ways::Ways;
use crate::explore::{Explored, Interrupt, Near};
use crate::model::{GroupId, Model as _, Stop, Worker as _};
use crate::partition::Questions;
use crate::partition::TlaModel;
use crate::partition::model::EvaluationError;
use crate::partition::worker::TlaWorker;
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
    unchanged: Questions,
    /// Atoms of steps that each group or action of [`Ways`] makes.
    atoms_of: Vec<Vec<u32>>,
    /// Atoms of steps that are evaluated on each edge.
    asked: Vec<bool>,
    has_action_constraints: bool,
    from: Vec<u32>,
    near: Near,
    target: Vec<u32>,
    /// Edges of the state at hand, the one to itself first, then by target: target, and where its row is in `rows`.
    edges: Vec<(u32, usize)>,
    rows: Vec<u32>,
    /// What groups and actions made: the action, and where it leads to.
    made: Vec<(usize, Made)>,
    /// Atoms of steps that some successor, inside the model or not, is a step of.
    taken: Vec<bool>,
}

/// Where a successor leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// To an explored state, if the step is inside the model.
    Inside(u32),
    /// Elsewhere: its row.
    Outside(usize),
}

impl<'a> Maker<'a> {
    fn new(making: &'a Making<'a>) -> Self {
        let (model, atoms) = (making.model, making.atoms);
        let mut worker = model.tla_worker();
        worker.evaluator().allow_variables(EXTRA_VARIABLES);
        let mut atoms_of = vec![Vec::new(); model.groups.len() + atoms.actions.len()];
        for (number, atom) in atoms.steps.iter().enumerate() {
            for group in atom.ways.iter().flat_map(|ways| &ways.groups) {
                atoms_of[*group].push(number as u32);
            }
        }
        for action in &atoms.actions {
            worker.add_action(action);
        }
        Self {
            states: worker.questions(atoms.states.iter().map(|atom| &atom.predicate)),
            steps: worker.questions(atoms.steps.iter().map(|atom| &atom.predicate)),
            unchanged: worker.questions(&atoms.unchanged),
            atoms_of,
            asked: atoms.steps.iter().map(|atom| atom.ways.is_none()).collect(),
            has_action_constraints: !model.plan.spec.checks.action_constraints.is_empty(),
            making,
            worker,
            from: Vec::new(),
            near: Near::default(),
            target: Vec::new(),
            edges: Vec::new(),
            rows: Vec::new(),
            made: Vec::new(),
            taken: Vec::new(),
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
            let explored = self.making.explored;
            self.worker.progress(explored.progress_of(explored.level_of(index)));
            explored.read(index, &mut self.from);
            if self.successors(index as u32)? {
                part.pruned += 1;
            }
            let begin = part.targets.len();
            part.degrees.push(self.edges.len() as u32);
            for (target, _) in &self.edges {
                part.targets.push(*target);
                part.steps.push_row();
            }
            self.other_actions();
            self.steps(index as u32, begin, &mut part);
            self.state(index as u32, begin, &mut part);
        }
        Ok(part)
    }

    /// Finds the edges of the state at hand, and what made them; true if there are successors outside the model.
    fn successors(&mut self, state: u32) -> Result<bool, Failed> {
        self.edges.clear();
        self.rows.clear();
        self.made.clear();
        self.rows.extend_from_slice(&self.from);
        let (rows, edges, made, from) = (&mut self.rows, &mut self.edges, &mut self.made, self.from.as_slice());
        let (explored, constrained, atoms_of) = (self.making.explored, self.has_action_constraints, &self.atoms_of);
        let (mut pruned, mut inconsistent) = (false, false);
        let mut take = |worker: &mut TlaWorker<'_>,
                        group: GroupId,
                        row: &[u32],
                        find: &mut dyn FnMut(&[u32]) -> Option<u64>|
         -> Result<(), Stop<EvaluationError>> {
            let number = group.0 as usize;
            let is_wanted = !atoms_of[number].is_empty();
            if row == from {
                if is_wanted {
                    made.push((number, Made::Inside(state)));
                }
                return Ok(());
            }
            let found = find(row);
            let inside = match found {
                Some(_) => !constrained || worker.step_in_model(from, group, row)?,
                None => {
                    inconsistent |= worker.state_in_model(row)? && worker.step_in_model(from, group, row)?;
                    false
                }
            };
            let target = if inside { found.map(|index| index as u32) } else { None };
            pruned |= target.is_none();
            if is_wanted {
                made.push((number, target.map_or(Made::Outside(rows.len()), Made::Inside)));
            }
            if let Some(target) = target {
                edges.push((target, rows.len()));
            }
            if is_wanted || target.is_some() {
                rows.extend_from_slice(row);
            }
            Ok(())
        };
        let worker = &mut self.worker;
        let result = match explored.steps(u64::from(state)) {
            Some(mut steps) => {
                let (near, target) = (&mut self.near, &mut self.target);
                explored.approach(u64::from(state), near);
                target.clone_from(&self.from);
                steps.try_for_each(|(group, changes)| {
                    changes.clone().for_each(|(slot, id)| target[slot as usize] = id);
                    let result = take(worker, group, target, &mut |_| explored.find_near(near, changes.clone()));
                    changes.for_each(|(slot, _)| target[slot as usize] = from[slot as usize]);
                    result
                })
            }
            None => worker
                .successors(from, &mut |worker, group, row| take(worker, group, row, &mut |row| explored.find(row))),
        };
        match result {
            Ok(()) if inconsistent => return Err(Failed::Inconsistent),
            Ok(()) => {}
            Err(Stop::Error(error)) => return Err(Failed::Error(error)),
            Err(Stop::Exit) => return Err(Failed::Inconsistent),
        }
        self.edges.sort_unstable();
        self.edges.dedup_by_key(|(target, _)| *target);
        self.edges.retain(|(target, _)| *target != state);
        self.edges.insert(0, (state, 0));
        Ok(pruned)
    }

    /// Enumerates the successors that actions besides the groups of the model make.
    fn other_actions(&mut self) {
        for number in self.making.model.groups.len()..self.atoms_of.len() {
            if self.atoms_of[number].iter().all(|atom| self.asked[*atom as usize]) {
                continue;
            }
            let (rows, made, from) = (&mut self.rows, &mut self.made, self.from.as_slice());
            let explored = self.making.explored;
            let result = self.worker.successors_by(number, from, &mut |_, row| {
                let found = if row == from { None } else { explored.find(row) };
                if let Some(index) = found {
                    made.push((number, Made::Inside(index as u32)));
                } else {
                    made.push((number, Made::Outside(if row == from { 0 } else { rows.len() })));
                    rows.extend_from_slice(row);
                }
                Ok(())
            });
            if result.is_err() {
                // It cannot be enumerated: its atoms are evaluated from now on.
                for atom in &self.atoms_of[number] {
                    self.asked[*atom as usize] = true;
                }
            }
        }
    }

    /// Adds the truth of atoms on the edges, which begin at `begin` in the part.
    fn steps(&mut self, state: u32, begin: usize, part: &mut Part) {
        let atoms = &self.making.atoms.steps;
        self.taken.clear();
        self.taken.resize(atoms.len(), false);
        let made = std::mem::take(&mut self.made);
        for (number, to) in &made {
            let edge = match to {
                Made::Inside(target) => self.edge_to(*target),
                Made::Outside(_) => None,
            };
            for at in 0..self.atoms_of[*number].len() {
                let atom = self.atoms_of[*number][at] as usize;
                if self.asked[atom] || edge.is_some_and(|edge| part.steps.get(begin + edge, atom)) {
                    continue;
                }
                let Some(ways) = &atoms[atom].ways else { continue };
                if !ways.square {
                    match self.changes(ways, edge, *to) {
                        Some(true) => {}
                        Some(false) => continue,
                        None => {
                            self.asked[atom] = true;
                            continue;
                        }
                    }
                }
                self.taken[atom] = true;
                if let Some(edge) = edge {
                    part.steps.set(begin + edge, atom);
                }
            }
        }
        self.made = made;
        let width = self.from.len();
        for (at, (_, row)) in self.edges.iter().enumerate() {
            let to = &self.rows[*row..*row + width];
            let edge = begin + at;
            for (atom, about) in atoms.iter().enumerate() {
                if let Some(ways) = about.ways.as_ref().filter(|ways| ways.square && !self.asked[atom]) {
                    match is_unchanged(&mut self.worker, &mut self.unchanged, ways, &self.from, to) {
                        Some(true) => part.steps.set(edge, atom),
                        Some(false) => {}
                        None => self.asked[atom] = true,
                    }
                }
                if !self.asked[atom] {
                    continue;
                }
                match self.worker.ask(&mut self.steps, atom, &self.from, Some(to)) {
                    Ok(true) => {
                        part.steps.set(edge, atom);
                        self.taken[atom] = true;
                    }
                    Ok(false) => {}
                    Err(fault) => part.step_faults.push(((edge, atom as u32), fault)),
                }
            }
        }
        debug_assert!(self.edges[0].0 == state);
    }

    /// The edge to a state, if there is one.
    fn edge_to(&self, target: u32) -> Option<usize> {
        if self.edges[0].0 == target {
            return Some(0);
        }
        self.edges[1..].binary_search_by_key(&target, |(t, _)| *t).ok().map(|at| at + 1)
    }

    /// True if a step changes the subscript; `None` if that cannot be told.
    fn changes(&mut self, ways: &Ways, edge: Option<usize>, to: Made) -> Option<bool> {
        let row = match (edge, to) {
            (Some(edge), _) => self.edges[edge].1,
            (None, Made::Outside(row)) => row,
            (None, Made::Inside(index)) => {
                let row = self.rows.len();
                let mut read = Vec::new();
                self.making.explored.read(u64::from(index), &mut read);
                self.rows.extend_from_slice(&read);
                row
            }
        };
        let to = &self.rows[row..row + self.from.len()];
        is_unchanged(&mut self.worker, &mut self.unchanged, ways, &self.from, to).map(|unchanged| !unchanged)
    }

    /// Adds the truth of atoms in the state at hand, whose edges begin at `begin` and are the last ones.
    fn state(&mut self, state: u32, begin: usize, part: &mut Part) {
        let row = part.degrees.len() - 1;
        part.states.push_row();
        for (atom, about) in self.making.atoms.states.iter().enumerate() {
            if let Some(taken) = about.enables {
                let taken = taken as usize;
                if self.taken[taken] {
                    part.states.set(row, atom);
                }
                if self.taken[taken] || about.nowhere_else && !self.asked[taken] {
                    continue;
                }
            }
            match self.worker.ask(&mut self.states, atom, &self.from, None) {
                Ok(true) => part.states.set(row, atom),
                Ok(false) => {}
                Err(fault) => part.state_faults.push(((state, atom as u32), fault)),
            }
        }
        debug_assert!(begin <= part.targets.len());
    }
}

fn is_unchanged(
    worker: &mut TlaWorker,
    unchanged: &mut Questions,
    ways: &Ways,
    from: &[u32],
    to: &[u32],
) -> Option<bool> {
    if from == to {
        return Some(true);
    }
    let Some(number) = ways.unchanged else { return Some(false) };
    worker.ask(unchanged, number, from, Some(to)).ok()
}
