//! Graphs and UndirectedGraphs: paths. The other operators are quick enough as their texts have them.

use std::cmp::Ordering;

use super::argument::{Call, listed};
use super::native::{Native, pure};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("Graphs", "SimplePath", 1, |machine, a| simple_paths(machine, a, Kind::Directed)),
    pure("Graphs", "AreConnectedIn", 3, |machine, a| are_connected(machine, a, Kind::Directed)),
    pure("UndirectedGraphs", "SimplePath", 1, |machine, a| simple_paths(machine, a, Kind::Undirected)),
    pure("UndirectedGraphs", "AreConnectedIn", 3, |machine, a| are_connected(machine, a, Kind::Undirected)),
    pure("UndirectedGraphs", "ConnectedComponents", 1, connected_components),
];

/// Whether edges are pairs or sets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directed,
    Undirected,
}

/// A graph with its nodes numbered in order; edges that leave the set of nodes are dropped.
struct Graph {
    nodes: Vec<Value>,
    successors: Vec<Vec<usize>>,
}

impl Graph {
    fn of(machine: &mut dyn Machine, call: &Call<'_>, position: usize, kind: Kind) -> Result<Self> {
        let universe = Universe::current();
        let nodes = value::field(machine, call.value(position), universe.symbol("node"))?;
        let edges = value::field(machine, call.value(position), universe.symbol("edge"))?;
        let nodes = value::to_set(machine, &nodes)?.elements().to_vec();
        let edges = value::to_set(machine, &edges)?;
        let mut graph = Self { successors: vec![Vec::new(); nodes.len()], nodes };
        for edge in edges.elements() {
            let ends = match kind {
                Kind::Directed => value::sequence(machine, edge)?.map(|pair| pair.items().to_vec()),
                Kind::Undirected => Some(value::to_set(machine, edge)?.elements().to_vec()),
            };
            let Some([from, .., to] | [from @ to]) = ends.as_deref() else {
                return Err(call.wrong(position, "a graph"));
            };
            let (from, to) = (graph.place(machine, from)?, graph.place(machine, to)?);
            if let (Some(from), Some(to)) = (from, to) {
                graph.successors[from].push(to);
                if kind == Kind::Undirected && from != to {
                    graph.successors[to].push(from);
                }
            }
        }
        Ok(graph)
    }

    fn place(&self, machine: &mut dyn Machine, node: &Value) -> Result<Option<usize>> {
        let (mut low, mut high) = (0, self.nodes.len());
        while low < high {
            let middle = low.midpoint(high);
            match value::compare(machine, &self.nodes[middle], node)? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }

    /// Which nodes a path from `start` reaches, `start` among them.
    fn reached(&self, start: usize) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut waiting = vec![start];
        while let Some(node) = waiting.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                waiting.extend(self.successors[node].iter().filter(|next| !reached[**next]));
            }
        }
        reached
    }
}

fn simple_paths(machine: &mut dyn Machine, arguments: &[Value], kind: Kind) -> Result<Value> {
    let call = Call::new("SimplePath", arguments);
    let graph = Graph::of(machine, &call, 0, kind)?;
    let mut paths: Vec<Vec<usize>> = (0..graph.nodes.len()).map(|node| vec![node]).collect();
    let mut done = 0;
    while done < paths.len() {
        let path = paths[done].clone();
        done += 1;
        let Some(last) = path.last() else { continue };
        for next in graph.successors[*last].iter().filter(|next| !path.contains(next)) {
            if paths.len() >= machine.max_set_size() {
                return Err(call.fault(FaultKind::TooLarge, 0, "a graph with fewer paths"));
            }
            paths.push([path.as_slice(), &[*next]].concat());
        }
    }
    let nodes = |path: Vec<usize>| Value::tuple(path.iter().map(|node| graph.nodes[*node].clone()).collect());
    listed(machine, paths.into_iter().map(nodes).collect())
}

fn are_connected(machine: &mut dyn Machine, arguments: &[Value], kind: Kind) -> Result<Value> {
    let call = Call::new("AreConnectedIn", arguments);
    let graph = Graph::of(machine, &call, 2, kind)?;
    let from = graph.place(machine, call.value(0))?;
    let to = graph.place(machine, call.value(1))?;
    Ok(Value::Bool(match (from, to) {
        (Some(from), Some(to)) => graph.reached(from)[to],
        _ => false,
    }))
}

fn connected_components(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ConnectedComponents", arguments);
    let graph = Graph::of(machine, &call, 0, Kind::Undirected)?;
    let mut seen = vec![false; graph.nodes.len()];
    let mut components = Vec::new();
    for start in 0..graph.nodes.len() {
        if seen[start] {
            continue;
        }
        let reached = graph.reached(start);
        let members = (0..graph.nodes.len()).filter(|node| reached[*node]);
        components.push(Value::set_sorted(members.map(|node| graph.nodes[node].clone()).collect()));
        for (seen, reached) in seen.iter_mut().zip(&reached) {
            *seen |= reached;
        }
    }
    listed(machine, components)
}
