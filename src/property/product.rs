//! The product of the behaviour graph and an automaton, as far as it is reachable.
//!
//! Nodes are numbered breadth first. A level of the product is the length of the shortest behaviour to its
//! nodes: with [`Case::anywhere`], a state of the graph enters the product at its own level.

use rustc_hash::FxHashMap;

use super::automaton::{Automaton, Transition};
use super::case::Case;
use super::columns::{Columns, Truths};
use super::graph::{Graph, NoTruth};

/// Nodes that get a table rather than a map.
const TABLE_MAX: usize = 1 << 26;

/// Reachable pairs of a graph's state and an automaton's state, with edges.
pub struct Product {
    /// The state of the graph and that of the automaton.
    pub nodes: Vec<(u32, u32)>,
    /// First node of each level.
    pub levels: Vec<usize>,
    /// Nodes in which a behaviour may begin.
    pub entries: Vec<bool>,
    /// First edge of each node, and the number of edges.
    pub starts: Vec<usize>,
    /// Where each edge leads to.
    pub targets: Vec<u32>,
    /// The edge of the graph in each edge.
    pub steps: Vec<usize>,
    /// The transition of the automaton in each edge, counted over all its states.
    pub transitions: Vec<u32>,
}

/// Why there is no product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unmade {
    /// An atom that is needed has no truth value.
    NoTruth(NoTruth),
    /// It has too many nodes.
    TooLarge,
    /// The user wants an end.
    Interrupted,
}

impl From<NoTruth> for Unmade {
    fn from(no_truth: NoTruth) -> Self {
        Self::NoTruth(no_truth)
    }
}

/// What a transition of the automaton asks of a step.
struct Guards<'a> {
    /// Its number, counted over all states.
    number: u32,
    state: Truths<'a>,
    step: Truths<'a>,
    target: u32,
}

impl<'a> Guards<'a> {
    fn new<E>(columns: &Columns<'_, E>, number: u32, transition: &'a Transition) -> Self {
        let state = columns.of(&transition.state_guard);
        Self { number, state, step: columns.of(&transition.step_guard), target: transition.target }
    }
}

enum Numbers {
    Table(Vec<u32>, usize),
    Map(FxHashMap<(u32, u32), u32>),
}

impl Numbers {
    fn new(states: usize, automaton: usize) -> Self {
        match states.checked_mul(automaton) {
            Some(pairs) if pairs <= TABLE_MAX => Self::Table(vec![u32::MAX; pairs], automaton),
            _ => Self::Map(FxHashMap::default()),
        }
    }

    fn entry(&mut self, (state, q): (u32, u32)) -> &mut u32 {
        match self {
            Self::Table(table, width) => &mut table[state as usize * *width + q as usize],
            Self::Map(map) => map.entry((state, q)).or_insert(u32::MAX),
        }
    }
}

impl Product {
    /// The product of what a case is about.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new<E>(
        columns: &Columns<'_, E>,
        automaton: &Automaton,
        case: &Case,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Unmade> {
        let graph = columns.graph;
        let mut numbers = 0u32..;
        let mut guarded = |transition| Guards::new(columns, numbers.next().unwrap_or(u32::MAX), transition);
        let guards: Vec<Vec<Guards<'_>>> =
            automaton.states.iter().map(|transitions| transitions.iter().map(&mut guarded).collect()).collect();
        // A product has about as many edges as the graph, or more.
        let (states, edges) = (graph.len(), graph.targets.len());
        let mut product = Self {
            nodes: Vec::with_capacity(states),
            levels: Vec::new(),
            entries: Vec::with_capacity(states),
            starts: vec![0],
            targets: Vec::with_capacity(edges),
            steps: Vec::with_capacity(edges),
            transitions: Vec::with_capacity(edges),
        };
        let mut numbers = Numbers::new(graph.len(), automaton.states.len());
        let mut level = 0;
        loop {
            let begin = product.starts.len() - 1;
            // What was found while the last level was expanded is this level already.
            let entering = if case.anywhere || level == 0 { product.entering(graph, case, level) } else { Vec::new() };
            for state in entering {
                let node = product.node(&mut numbers, (state, 0))?;
                product.entries[node as usize] = true;
            }
            let end = product.nodes.len();
            if begin == end && (!case.anywhere || level >= graph.levels.len()) {
                break;
            }
            product.levels.push(begin);
            for node in begin..end {
                if node % 4096 == 0 && stop() {
                    return Err(Unmade::Interrupted);
                }
                product.expand(columns, &guards, &mut numbers, node)?;
            }
            level += 1;
        }
        Ok(product)
    }

    fn entering<E>(&self, graph: &Graph<E>, case: &Case, level: usize) -> Vec<u32> {
        if case.anywhere { graph.level(level).collect() } else { graph.initial.clone() }
    }

    fn node(&mut self, numbers: &mut Numbers, pair: (u32, u32)) -> Result<u32, Unmade> {
        let number = numbers.entry(pair);
        if *number == u32::MAX {
            *number = u32::try_from(self.nodes.len()).ok().filter(|n| *n < u32::MAX).ok_or(Unmade::TooLarge)?;
            self.nodes.push(pair);
            self.entries.push(false);
        }
        Ok(*number)
    }

    fn expand<E>(
        &mut self,
        columns: &Columns<'_, E>,
        guards: &[Vec<Guards<'_>>],
        numbers: &mut Numbers,
        node: usize,
    ) -> Result<(), Unmade> {
        let (state, q) = self.nodes[node];
        let graph = columns.graph;
        let own = graph.edges(state).start;
        for guards in &guards[q as usize] {
            if !columns.holds(&guards.state, state, own)? {
                continue;
            }
            for edge in graph.edges(state) {
                if !columns.holds(&guards.step, state, edge)? {
                    continue;
                }
                let target = self.node(numbers, (graph.targets[edge], guards.target))?;
                self.targets.push(target);
                self.steps.push(edge);
                self.transitions.push(guards.number);
            }
        }
        self.starts.push(self.targets.len());
        Ok(())
    }

    /// The edges of a node.
    #[must_use]
    pub fn edges(&self, node: u32) -> std::ops::Range<usize> {
        self.starts[node as usize]..self.starts[node as usize + 1]
    }

    /// The level of a node.
    #[must_use]
    pub fn level_of(&self, node: u32) -> usize {
        self.levels.partition_point(|start| *start <= node as usize).saturating_sub(1)
    }

    /// The nodes of a level.
    #[must_use]
    pub fn level(&self, level: usize) -> std::ops::Range<u32> {
        let start = |level: usize| self.levels.get(level).copied().unwrap_or(self.nodes.len()) as u32;
        start(level)..start(level + 1)
    }
}
