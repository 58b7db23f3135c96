//! A fair lasso in a product, the same whatever numbers the states have.
//!
//! The stem is a shortest way to a fair part. The cycle goes from there to the nearest step that meets a
//! condition not met yet, until all are, and back. Where there is a choice, the structural order of states decides.

use std::cmp::Ordering;

use super::fair::{Conditions, Fair, FairParts};
use super::product::Product;

/// A lasso: states of the graph, and where the last one goes back to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lasso {
    /// States of the graph, an initial one first; no state follows itself.
    pub states: Vec<u32>,
    /// The last state goes back to this one; if it is the last one itself, the system stutters there.
    pub loop_to: usize,
}

/// Gives the state before one, by the order of states.
pub type Before<'a> = dyn Fn(u32, &mut dyn FnMut(u32, u32) -> Ordering) -> Option<u32> + 'a;

/// Looks for lassos.
pub struct Finder<'a> {
    /// Where to look.
    pub product: &'a Product,
    /// What is to be met.
    pub conditions: &'a Conditions<'a>,
    /// Where it can be met.
    pub fair: &'a FairParts,
    /// Structural order of states of the graph.
    pub order: &'a mut dyn FnMut(u32, u32) -> Ordering,
    /// The smallest state with a step to this one among those a level closer to the initial states; none if it is an
    /// initial state.
    pub before: &'a Before<'a>,
}

impl Finder<'_> {
    /// A lasso through a fair part; none if there is no fair part.
    pub fn find(&mut self) -> Option<Lasso> {
        let by_node = self.fair.by_node();
        let nearest = by_node.iter().position(Option::is_some)?;
        let level = self.product.level(self.product.level_of(nearest as u32));
        let candidates: Vec<u32> = level.filter(|node| by_node[*node as usize].is_some()).collect();
        let entry = self.smallest(candidates)?;
        let part = &self.fair.parts[by_node[entry as usize]?];
        let stem = self.stem(entry);
        let cycle = self.cycle(entry, part);
        Some(self.lasso(&stem, &cycle))
    }

    fn compare(&mut self, left: u32, right: u32) -> Ordering {
        let (left, right) = (self.product.nodes[left as usize], self.product.nodes[right as usize]);
        if left.0 == right.0 { left.1.cmp(&right.1) } else { (self.order)(left.0, right.0).then(left.1.cmp(&right.1)) }
    }

    fn smallest(&mut self, nodes: impl IntoIterator<Item = u32>) -> Option<u32> {
        nodes.into_iter().reduce(|best, node| if self.compare(node, best) == Ordering::Less { node } else { best })
    }

    /// States of the graph from an initial one to the state of `entry`, that one not included.
    fn stem(&mut self, entry: u32) -> Vec<u32> {
        let (product, mut states, mut node) = (self.product, Vec::new(), entry);
        while !product.entries[node as usize] {
            let above = product.level_of(node).saturating_sub(1);
            let to_node = |from: &u32| product.edges(*from).any(|edge| product.targets[edge] == node);
            let Some(from) = self.smallest(product.level(above).filter(to_node)) else { break };
            states.push(product.nodes[from as usize].0);
            node = from;
        }
        let mut state = product.nodes[node as usize].0;
        while let Some(from) = (self.before)(state, self.order) {
            states.push(from);
            state = from;
        }
        states.reverse();
        states
    }

    /// Nodes of a fair cycle, from `entry` on to the last before it again.
    fn cycle(&mut self, entry: u32, part: &Fair) -> Vec<u32> {
        let (product, conditions, fair) = (self.product, self.conditions, self.fair);
        let alone = product.edges(entry).any(|edge| {
            product.targets[edge] == entry
                && fair.stays(product, conditions, part, edge)
                && (0..conditions.infinitely).all(|c| conditions.meets(edge, c))
                && part.asked.iter().all(|c| conditions.gives(edge, *c) || !conditions.asks(edge, *c))
        });
        if alone {
            return vec![entry];
        }
        let mut wanted: Vec<Wanted> = (0..conditions.infinitely).map(Wanted::Infinitely).collect();
        wanted.extend(part.asked.iter().map(|c| Wanted::Given(*c)));
        let mut nodes = vec![entry];
        loop {
            let at = nodes[nodes.len() - 1];
            let goal = |edge: usize| wanted.iter().any(|w| w.is_met(conditions, edge));
            let way = if wanted.is_empty() {
                if nodes.len() > 1 && at == entry {
                    nodes.pop();
                    return nodes;
                }
                self.way(at, part, &|edge| product.targets[edge] == entry)
            } else {
                self.way(at, part, &goal)
            };
            // A fair part is strongly connected and has all that is wanted.
            let Some(edges) = way else { return nodes };
            for edge in edges {
                wanted.retain(|w| !w.is_met(conditions, edge));
                nodes.push(product.targets[edge]);
            }
        }
    }

    /// The edges of a shortest way inside a fair part that ends with a wanted edge.
    fn way(&mut self, from: u32, part: &Fair, wanted: &dyn Fn(usize) -> bool) -> Option<Vec<usize>> {
        let (product, conditions, fair) = (self.product, self.conditions, self.fair);
        let inside = |node: u32| product.edges(node).filter(move |e| fair.stays(product, conditions, part, *e));
        let mut levels = vec![vec![from]];
        let mut seen = rustc_hash::FxHashSet::from_iter([from]);
        loop {
            let level = &levels[levels.len() - 1];
            let ends: Vec<(u32, usize)> =
                level.iter().flat_map(|n| inside(*n).filter(|e| wanted(*e)).map(|e| (*n, e))).collect();
            if let Some((node, edge)) = self.smallest_edge(ends) {
                return Some(self.way_back(node, edge, &levels, &inside));
            }
            let mut next = Vec::new();
            for node in level {
                next.extend(inside(*node).map(|edge| product.targets[edge]).filter(|target| seen.insert(*target)));
            }
            if next.is_empty() {
                return None;
            }
            levels.push(next);
        }
    }

    fn smallest_edge(&mut self, edges: Vec<(u32, usize)>) -> Option<(u32, usize)> {
        let product = self.product;
        edges.into_iter().reduce(|best, edge| {
            let order = self
                .compare(edge.0, best.0)
                .then_with(|| self.compare(product.targets[edge.1], product.targets[best.1]))
                .then(product.transitions[edge.1].cmp(&product.transitions[best.1]));
            if order == Ordering::Less { edge } else { best }
        })
    }

    fn way_back<I: Iterator<Item = usize>>(
        &mut self,
        mut node: u32,
        last: usize,
        levels: &[Vec<u32>],
        inside: &dyn Fn(u32) -> I,
    ) -> Vec<usize> {
        let product = self.product;
        let mut edges = vec![last];
        for level in levels[..levels.len() - 1].iter().rev() {
            let steps: Vec<(u32, usize)> = level
                .iter()
                .flat_map(|from| inside(*from).filter(|e| product.targets[*e] == node).map(|e| (*from, e)))
                .collect();
            let Some((from, edge)) = self.smallest_edge(steps) else { break };
            edges.push(edge);
            node = from;
        }
        edges.reverse();
        edges
    }

    /// Leaves out steps that change nothing: formulas cannot tell.
    fn lasso(&self, stem: &[u32], cycle: &[u32]) -> Lasso {
        let mut states = stem.to_vec();
        let cycle: Vec<u32> = cycle.iter().map(|node| self.product.nodes[*node as usize].0).collect();
        let first = cycle.first().copied();
        states.dedup();
        while states.last().copied() == first && first.is_some() {
            states.pop();
        }
        let loop_to = states.len();
        states.extend(cycle);
        let mut at = loop_to + 1;
        while at < states.len() {
            if states[at] == states[at - 1] {
                states.remove(at);
            } else {
                at += 1;
            }
        }
        while states.len() > loop_to + 1 && states[states.len() - 1] == states[loop_to] {
            states.pop();
        }
        Lasso { states, loop_to }
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    Infinitely(usize),
    Given(usize),
}

impl Wanted {
    fn is_met(self, conditions: &Conditions<'_>, edge: usize) -> bool {
        match self {
            Wanted::Infinitely(condition) => conditions.meets(edge, condition),
            Wanted::Given(condition) => conditions.gives(edge, condition),
        }
    }
}
