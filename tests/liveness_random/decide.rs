//! Whether some behaviour of an explicit graph satisfies a formula, naively.
//!
//! On a behaviour that takes exactly the steps of a set for ever, the truth of a formula at a position in the loop
//! depends on the step there and the set alone. So for each set of steps that is a loop every part of the formula gets its
//! truth on each step; then all ways back to initial states are walked.

use std::collections::BTreeSet;

use crate::formula::{Formula, Node, STATES, Steps, World, has};

/// Parts a formula may have: their truth values fit a word.
pub(crate) const NODES_MAX: usize = 90;

/// The reachable steps of a specification, those that change nothing included.
pub(crate) struct Graph {
    /// Where behaviours begin.
    pub(crate) initial: Vec<usize>,
    /// Reachable steps.
    pub(crate) edges: Vec<(usize, usize)>,
    /// Sets of edges that a behaviour can take for ever.
    loops: Vec<u32>,
}

impl Graph {
    /// The graph of a next-state relation; none if it has more edges than one can look at naively.
    pub(crate) fn new(initial: &[usize], next: Steps, edges_max: usize) -> Option<Self> {
        let mut reached: BTreeSet<usize> = initial.iter().copied().collect();
        let mut pending: Vec<usize> = initial.to_vec();
        let mut edges = Vec::new();
        while let Some(from) = pending.pop() {
            for to in (0..STATES).filter(|to| *to == from || has(next, from, *to)) {
                edges.push((from, to));
                if reached.insert(to) {
                    pending.push(to);
                }
            }
        }
        edges.sort_unstable();
        edges.dedup();
        if edges.len() > edges_max {
            return None;
        }
        let loops = (1..1u32 << edges.len()).filter(|set| is_loop(&edges, *set)).collect();
        Some(Self { initial: initial.to_vec(), edges, loops })
    }

    /// True if some behaviour satisfies the formula.
    pub(crate) fn satisfies(&self, world: &World, formula: &Formula) -> bool {
        let mut nodes = Vec::new();
        let root = formula.lower(world, &[], &mut nodes);
        assert!(nodes.len() <= NODES_MAX, "cases are kept small");
        self.loops.iter().any(|set| self.ends_in(*set, &nodes, root))
    }

    /// True if a behaviour that takes a set of steps for ever, after a beginning, makes a node true.
    fn ends_in(&self, set: u32, nodes: &[Node], root: usize) -> bool {
        let on = |steps: Steps| {
            let edges = self.edges.iter().enumerate().filter(|(_, (from, to))| has(steps, *from, *to));
            edges.map(|(at, _)| 1u32 << at).sum::<u32>()
        };
        // Of each node: the edges of the loop on which it is true.
        let mut truths: Vec<u32> = Vec::new();
        for node in nodes {
            truths.push(match *node {
                Node::Step(steps) => on(steps) & set,
                Node::Not(f) => set & !truths[f],
                Node::And(f, g) => truths[f] & truths[g],
                Node::Some(f) => {
                    if truths[f] != 0 {
                        set
                    } else {
                        0
                    }
                }
            });
        }
        let of_edge =
            |edge: usize| truths.iter().enumerate().map(|(node, on)| u128::from(on >> edge & 1) << node).sum::<u128>();
        let in_loop = (0..self.edges.len()).filter(|edge| set >> edge & 1 == 1);
        let mut pending: Vec<(usize, u128)> = in_loop.map(|edge| (self.edges[edge].0, of_edge(edge))).collect();
        let mut seen = BTreeSet::new();
        while let Some((state, truth)) = pending.pop() {
            if !seen.insert((state, truth)) {
                continue;
            }
            if truth >> root & 1 == 1 && self.initial.contains(&state) {
                return true;
            }
            for (from, _) in self.edges.iter().filter(|(_, to)| *to == state) {
                pending.push((*from, before(nodes, *from, state, truth)));
            }
        }
        false
    }
}

/// The truth of all nodes at a step, given their truth at the position after it.
fn before(nodes: &[Node], from: usize, to: usize, after: u128) -> u128 {
    let mut truth = 0u128;
    for (at, node) in nodes.iter().enumerate() {
        let is = |f: usize| truth >> f & 1 == 1;
        let holds = match *node {
            Node::Step(steps) => has(steps, from, to),
            Node::Not(f) => !is(f),
            Node::And(f, g) => is(f) && is(g),
            Node::Some(f) => is(f) || after >> at & 1 == 1,
        };
        truth |= u128::from(holds) << at;
    }
    truth
}

/// True if a walk can take exactly these edges for ever.
fn is_loop(edges: &[(usize, usize)], set: u32) -> bool {
    let chosen: Vec<(usize, usize)> = (0..edges.len()).filter(|i| set >> i & 1 == 1).map(|i| edges[i]).collect();
    let reach = |forward: bool| {
        let mut seen = 1u32 << chosen[0].0;
        loop {
            let before = seen;
            for (from, to) in &chosen {
                let (a, b) = if forward { (from, to) } else { (to, from) };
                if seen >> a & 1 == 1 {
                    seen |= 1 << b;
                }
            }
            if seen == before {
                return seen;
            }
        }
    };
    let touched = chosen.iter().fold(0u32, |all, (from, to)| all | 1 << from | 1 << to);
    (reach(true), reach(false)) == (touched, touched)
}
