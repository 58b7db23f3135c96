//! Explicit graphs as models: nodes are numbers, their rows are digits named by racing dictionaries.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering as Memory};
use std::sync::{Arc, RwLock};

use tlaloc::explore::Interrupt;
use tlaloc::model::{GroupId, Judgement, Model, Progress, PropertyId, Stop, Worker};

/// What happens at a place of the graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    Violates(u32),
    Error(u32),
    Exit,
    Panic,
}

/// A graph with everything that can go wrong in it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Graph {
    pub(crate) initial: Vec<u32>,
    /// Group and target, in the model's order.
    pub(crate) edges: BTreeMap<u32, Vec<(u32, u32)>>,
    /// States outside the constraint.
    pub(crate) outside: BTreeSet<u32>,
    /// Steps outside the action constraint.
    pub(crate) outside_steps: BTreeSet<(u32, u32)>,
    pub(crate) bad_states: BTreeMap<u32, Fault>,
    pub(crate) bad_initial: BTreeMap<u32, Fault>,
    pub(crate) bad_steps: BTreeMap<(u32, u32), Fault>,
    /// Nodes whose expansion fails after so many successors.
    pub(crate) bad_expansions: BTreeMap<u32, (usize, Fault)>,
    pub(crate) checks_deadlock: bool,
    pub(crate) ordered: bool,
    /// Representatives of nodes that are not their own.
    pub(crate) representatives: Option<BTreeMap<u32, u32>>,
    /// The view of each node.
    pub(crate) view: Option<fn(u32) -> u32>,
    /// Radix of the digits of a node: dictionaries are at most that long, but for the last slot.
    pub(crate) radix: u32,
    /// Nodes from this one on have more to their rows than fits a word.
    pub(crate) wide_from: Option<u32>,
}

impl Graph {
    pub(crate) fn new(initial: &[u32], edges: &[(u32, u32)]) -> Self {
        let mut graph = Self { initial: initial.to_vec(), radix: 5, ..Self::default() };
        for &(from, to) in edges {
            graph.edges.entry(from).or_default().push((from % 3, to));
        }
        graph
    }

    pub(crate) fn steps(&self, from: u32) -> &[(u32, u32)] {
        self.edges.get(&from).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn representative(&self, node: u32) -> u32 {
        self.representatives.as_ref().and_then(|map| map.get(&node)).copied().unwrap_or(node)
    }
}

#[derive(Default)]
struct Dictionary {
    ids: HashMap<u32, u32>,
    values: Vec<u32>,
}

/// The graph behind the seam. Counts evaluations of successors.
pub(crate) struct GraphModel {
    pub(crate) graph: Graph,
    pub(crate) expansions: AtomicU64,
    /// Raised after so many expansions.
    pub(crate) interrupt_after: Option<(u64, Arc<Interrupt>)>,
    dictionaries: Vec<RwLock<Dictionary>>,
    /// A row of a node from `wide_from` on was made.
    widened: AtomicBool,
}

const DIGITS: usize = 3;
/// Slots of wide rows besides, and their bits.
const EXTRA: usize = 3;
const EXTRA_BITS: u32 = 25;

impl GraphModel {
    pub(crate) fn new(graph: Graph) -> Self {
        let slots = DIGITS + usize::from(graph.view.is_some());
        let dictionaries = (0..slots).map(|_| RwLock::default()).collect();
        Self {
            graph,
            expansions: AtomicU64::new(0),
            interrupt_after: None,
            dictionaries,
            widened: AtomicBool::new(false),
        }
    }

    fn id(&self, slot: usize, value: u32) -> u32 {
        if let Some(&id) = self.dictionaries[slot].read().expect("no panic inside").ids.get(&value) {
            return id;
        }
        let mut dictionary = self.dictionaries[slot].write().expect("no panic inside");
        let next = u32::try_from(dictionary.values.len()).expect("small");
        let Dictionary { ids, values } = &mut *dictionary;
        *ids.entry(value).or_insert_with(|| {
            values.push(value);
            next
        })
    }

    pub(crate) fn row(&self, node: u32) -> Vec<u32> {
        let radix = self.graph.radix;
        let values = [node % radix, node / radix % radix, node / radix / radix];
        let view = self.graph.view.map(|view| view(node));
        let values = view.into_iter().chain(values).enumerate();
        let mut row: Vec<u32> = values.map(|(slot, value)| self.id(slot, value)).collect();
        let Some(wide_from) = self.graph.wide_from else { return row };
        if node >= wide_from {
            self.widened.store(true, Memory::SeqCst);
        }
        let number = |slot| node.wrapping_mul([1, 0x9e37_79b1, 7][slot]) >> (32 - EXTRA_BITS);
        row.extend((0..EXTRA).map(|slot| if node < wide_from { 0 } else { number(slot) }));
        row
    }

    pub(crate) fn node(&self, row: &[u32]) -> u32 {
        let skip = usize::from(self.graph.view.is_some());
        let digit = |at: usize| {
            let dictionary = self.dictionaries[at + skip].read().expect("no panic inside");
            dictionary.values[row[at + skip] as usize]
        };
        (digit(2) * self.graph.radix + digit(1)) * self.graph.radix + digit(0)
    }
}

impl Model for GraphModel {
    type Error = u32;
    type Worker<'m> = GraphWorker<'m>;

    fn slots(&self) -> usize {
        self.dictionaries.len() + self.graph.wide_from.map_or(0, |_| EXTRA)
    }

    fn key_slots(&self) -> usize {
        if self.graph.view.is_some() { 1 } else { self.slots() }
    }

    fn slot_len(&self, slot: usize) -> u32 {
        if slot >= self.dictionaries.len() {
            return if self.widened.load(Memory::SeqCst) { 1 << EXTRA_BITS } else { 1 };
        }
        u32::try_from(self.dictionaries[slot].read().expect("no panic inside").values.len()).expect("small")
    }

    fn symmetric(&self) -> bool {
        self.graph.representatives.is_some()
    }

    fn ordered(&self) -> bool {
        self.graph.ordered
    }

    fn checks_deadlock(&self) -> bool {
        self.graph.checks_deadlock
    }

    fn worker(&self) -> GraphWorker<'_> {
        GraphWorker { model: self, told: Vec::new() }
    }
}

pub(crate) struct GraphWorker<'m> {
    model: &'m GraphModel,
    told: Vec<Progress>,
}

fn judge(fault: Option<&Fault>) -> Result<Judgement, Stop<u32>> {
    match fault {
        None => Ok(Judgement::Holds),
        Some(&Fault::Violates(property)) => Ok(Judgement::Violated(PropertyId(property))),
        Some(&Fault::Error(error)) => Err(Stop::Error(error)),
        Some(Fault::Exit) => Err(Stop::Exit),
        Some(Fault::Panic) => panic!("the evaluator broke"),
    }
}

impl Worker for GraphWorker<'_> {
    type Error = u32;

    fn progress(&mut self, progress: Progress) {
        self.told.push(progress);
    }

    fn initial(&mut self, found: &mut dyn FnMut(&mut Self, &[u32]) -> Result<(), Stop<u32>>) -> Result<(), Stop<u32>> {
        assert!(!self.told.is_empty(), "the engine tells its progress first");
        for &node in &self.model.graph.initial {
            let row = self.model.row(node);
            found(self, &row)?;
        }
        Ok(())
    }

    fn successors(
        &mut self,
        row: &[u32],
        found: &mut dyn FnMut(&mut Self, GroupId, &[u32]) -> Result<(), Stop<u32>>,
    ) -> Result<(), Stop<u32>> {
        assert!(!self.told.is_empty(), "the engine tells its progress first");
        let model = self.model;
        let expansions = model.expansions.fetch_add(1, Memory::Relaxed);
        if let Some((after, interrupt)) = &model.interrupt_after
            && expansions >= *after
        {
            interrupt.raise();
        }
        let node = model.node(row);
        let fault = model.graph.bad_expansions.get(&node);
        let steps = model.graph.steps(node);
        for &(group, target) in &steps[..fault.map_or(steps.len(), |&(after, _)| after.min(steps.len()))] {
            let row = model.row(target);
            found(self, GroupId(group), &row)?;
        }
        judge(fault.map(|(_, fault)| fault)).map(|_| ())
    }

    fn state_in_model(&mut self, row: &[u32]) -> Result<bool, Stop<u32>> {
        Ok(!self.model.graph.outside.contains(&self.model.node(row)))
    }

    fn step_in_model(&mut self, from: &[u32], _: GroupId, to: &[u32]) -> Result<bool, Stop<u32>> {
        let step = (self.model.node(from), self.model.node(to));
        Ok(!self.model.graph.outside_steps.contains(&step))
    }

    fn check_initial(&mut self, row: &[u32]) -> Result<Judgement, Stop<u32>> {
        judge(self.model.graph.bad_initial.get(&self.model.node(row)))
    }

    fn check_state(&mut self, row: &[u32]) -> Result<Judgement, Stop<u32>> {
        judge(self.model.graph.bad_states.get(&self.model.node(row)))
    }

    fn check_step(&mut self, from: &[u32], _: GroupId, to: &[u32]) -> Result<Judgement, Stop<u32>> {
        let step = (self.model.node(from), self.model.node(to));
        judge(self.model.graph.bad_steps.get(&step))
    }

    fn canonical(&mut self, row: &mut [u32]) -> Result<(), Stop<u32>> {
        if self.model.graph.representatives.is_some() {
            let node = self.model.graph.representative(self.model.node(row));
            row.copy_from_slice(&self.model.row(node));
        }
        Ok(())
    }

    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering {
        self.model.node(left).cmp(&self.model.node(right))
    }
}
