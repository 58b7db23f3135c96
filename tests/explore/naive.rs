//! The semantics again, as plainly as possible: one thread, a set, no store.

use std::collections::{BTreeMap, BTreeSet};

use tlaloc::explore::{End, FindingClass, Outcome};
use tlaloc::model::PropertyId;

use crate::graph::{Fault, Graph, GraphModel};

/// Everything two explorations must agree on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Summary {
    pub(crate) end: End,
    pub(crate) distinct: u64,
    pub(crate) generated: u64,
    pub(crate) depth: u64,
    pub(crate) queue_left: u64,
    /// Class and nodes of the trace.
    pub(crate) findings: Vec<(FindingClass, Vec<u32>)>,
    pub(crate) violations: BTreeMap<FindingClass, u64>,
}

impl Summary {
    pub(crate) fn of(model: &GraphModel, outcome: &Outcome<u32>) -> Self {
        let nodes = |finding: &tlaloc::explore::Finding<u32>| {
            (finding.kind.class(), finding.trace.iter().map(|step| model.node(&step.row)).collect())
        };
        Self {
            end: outcome.end.clone(),
            distinct: outcome.distinct,
            generated: outcome.generated,
            depth: outcome.depth,
            queue_left: outcome.queue_left,
            findings: outcome.findings.iter().map(nodes).collect(),
            violations: outcome.violations.clone(),
        }
    }
}

/// Source, position, kind of check: what findings of a level are ranked by.
type Rank = (Option<u32>, usize, u8);

struct Search<'g> {
    graph: &'g Graph,
    levels: Vec<BTreeSet<u32>>,
    seen: BTreeSet<u32>,
    next: BTreeSet<u32>,
    generated: u64,
    /// All of the level, with the node the trace ends in (None: the source).
    found: Vec<(Rank, FindingClass, Option<u32>)>,
    violations: BTreeMap<FindingClass, u64>,
    exit: bool,
}

/// Explores as the engine should (no symmetry, no view, not ordered).
pub(crate) fn explore(graph: &Graph, continue_after_violation: bool) -> Summary {
    let mut search = Search {
        graph,
        levels: Vec::new(),
        seen: BTreeSet::new(),
        next: BTreeSet::new(),
        generated: 0,
        found: Vec::new(),
        violations: BTreeMap::new(),
        exit: false,
    };
    for (position, &node) in graph.initial.iter().enumerate() {
        search.take((None, position), node);
    }
    let mut findings: Vec<(FindingClass, Vec<u32>)> = Vec::new();
    loop {
        let next = std::mem::take(&mut search.next);
        let expanded = search.levels.len();
        search.claim_states(&next);
        search.seen.extend(&next);
        search.found.sort_by_key(|&(rank, class, _)| (rank, class));
        let (mut ended, mut fresh) = (false, Vec::new());
        for (rank, class, target) in std::mem::take(&mut search.found) {
            ended |= class == FindingClass::Error || !continue_after_violation;
            let known = findings.iter().chain(&fresh).any(|(known, _)| *known == class);
            if known || (!continue_after_violation && !fresh.is_empty()) {
                continue;
            }
            let mut trace = rank.0.map_or_else(Vec::new, |source| search.trace(expanded - 1, source));
            trace.extend(target);
            fresh.push((class, trace));
        }
        fresh.sort();
        findings.extend(fresh);
        let queue_left = next.len() as u64;
        let done = next.is_empty();
        if !done {
            search.levels.push(next.clone());
        }
        let end = match () {
            () if ended => End::Finding,
            () if search.exit => End::Exit,
            () if done => End::Exhausted,
            () => {
                for node in next {
                    search.expand(node);
                }
                continue;
            }
        };
        return Summary {
            end,
            distinct: search.seen.len() as u64,
            generated: search.generated,
            depth: search.levels.len() as u64,
            queue_left,
            findings,
            violations: search.violations,
        };
    }
}

impl Search<'_> {
    fn expand(&mut self, node: u32) {
        let graph = self.graph;
        let steps = graph.steps(node);
        let fault = graph.bad_expansions.get(&node);
        let made = fault.map_or(steps.len(), |&(after, _)| after.min(steps.len()));
        for (position, &(_, target)) in steps[..made].iter().enumerate() {
            self.take((Some(node), position), target);
        }
        match fault {
            None | Some((_, Fault::Violates(_))) if made == 0 && graph.checks_deadlock => {
                self.count(FindingClass::Deadlock);
                self.found.push(((Some(node), 0, 3), FindingClass::Deadlock, None));
            }
            Some((_, fault)) => self.fault((Some(node), made, 3), Some(*fault), FindingClass::Invariant, None),
            None => {}
        }
    }

    fn take(&mut self, (source, position): (Option<u32>, usize), node: u32) {
        let graph = self.graph;
        self.generated += 1;
        let step = source.map(|source| (source, node));
        let inside = !graph.outside.contains(&node) && step.is_none_or(|step| !graph.outside_steps.contains(&step));
        let fresh = inside && !self.seen.contains(&node) && self.next.insert(node);
        let site = |check| (source, position, check);
        if !inside {
            self.fault(site(1), graph.bad_states.get(&node).copied(), FindingClass::Invariant, Some(node));
        } else if fresh {
            // Ranked once all steps to it are known; counted now.
            match graph.bad_states.get(&node) {
                Some(Fault::Violates(property)) => self.count(FindingClass::Invariant(PropertyId(*property))),
                Some(Fault::Error(_)) => self.count(FindingClass::Error),
                Some(Fault::Exit) => self.exit = true,
                _ => {}
            }
        }
        match step {
            Some(step) => {
                self.fault(site(2), graph.bad_steps.get(&step).copied(), FindingClass::StepProperty, Some(node));
            }
            None if fresh || !inside => {
                self.fault(site(2), graph.bad_initial.get(&node).copied(), FindingClass::InitialProperty, Some(node));
            }
            None => {}
        }
    }

    fn count(&mut self, class: FindingClass) {
        *self.violations.entry(class).or_insert(0) += 1;
    }

    fn fault(&mut self, rank: Rank, fault: Option<Fault>, class: fn(PropertyId) -> FindingClass, at: Option<u32>) {
        let class = match fault {
            None | Some(Fault::Panic) => return,
            Some(Fault::Exit) => {
                self.exit = true;
                return;
            }
            Some(Fault::Error(_)) => FindingClass::Error,
            Some(Fault::Violates(property)) => class(PropertyId(property)),
        };
        self.count(class);
        self.found.push((rank, class, at));
    }

    /// A bad new state is found by every step of the level that leads to it.
    fn claim_states(&mut self, next: &BTreeSet<u32>) {
        let sources: Vec<(Option<u32>, Vec<u32>)> = match self.levels.last() {
            None => vec![(None, self.graph.initial.clone())],
            Some(level) => level.iter().map(|&source| (Some(source), self.made(source))).collect(),
        };
        for (source, targets) in sources {
            for (position, node) in targets.into_iter().enumerate() {
                let step_outside = source.is_some_and(|source| self.graph.outside_steps.contains(&(source, node)));
                let class = match self.graph.bad_states.get(&node) {
                    Some(Fault::Violates(property)) => FindingClass::Invariant(PropertyId(*property)),
                    Some(Fault::Error(_)) => FindingClass::Error,
                    _ => continue,
                };
                if next.contains(&node) && !step_outside {
                    self.found.push(((source, position, 1), class, Some(node)));
                }
            }
        }
    }

    fn made(&self, source: u32) -> Vec<u32> {
        let steps = self.graph.steps(source);
        let made = self.graph.bad_expansions.get(&source).map_or(steps.len(), |&(after, _)| after.min(steps.len()));
        steps[..made].iter().map(|&(_, target)| target).collect()
    }

    /// The way to a node of a level by smallest predecessors.
    fn trace(&self, level: usize, node: u32) -> Vec<u32> {
        let mut trace = vec![node];
        for level in (0..level).rev() {
            let to = trace[trace.len() - 1];
            let leads =
                |&&from: &&u32| self.made(from).contains(&to) && !self.graph.outside_steps.contains(&(from, to));
            trace.push(*self.levels[level].iter().find(leads).expect("a stored node has a predecessor"));
        }
        trace.reverse();
        trace
    }
}
