//! A naive decision procedure on small graphs, and the comparison with the real one.
//!
//! On a behaviour that takes exactly the steps of a set R infinitely often, the truth of a formula of `[]` and
//! `<>` at a position that is in the loop depends on the step at that position and R alone. So: for each
//! strongly connected set of steps, give every subformula its truth on each step, then walk backwards to the
//! initial states, carrying the truth of all subformulas. No automata, no components, no refinement.
//!
//! `TLALOC_CASES=200000 cargo test --profile quick reference` compares as many cases as one likes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::bits::BitTable;
use super::columns::Columns;
use super::formula::{Atom, Formula};
use super::graph::Graph;
use super::lasso::Lasso;
use super::product::Unmade;
use super::search::{Size, search};

/// Formulas as they are written, negations and equivalences anywhere.
#[derive(Clone, Debug)]
enum Written {
    State(u32),
    /// `<<A>>_v`, below `<>` only.
    Taken(u32),
    Not(Box<Written>),
    And(Box<Written>, Box<Written>),
    Equivalent(Box<Written>, Box<Written>),
    Always(Box<Written>),
    Eventually(Box<Written>),
    LeadsTo(Box<Written>, Box<Written>),
    Weak(u32, u32),
    Strong(u32, u32),
}

const STATE_ATOMS: u32 = 3;
const STEP_ATOMS: u32 = 2;

impl Written {
    fn normal(&self) -> Formula {
        match self {
            Self::State(p) => Formula::atom(Atom::State(*p)),
            Self::Taken(a) => Formula::eventually(Formula::atom(Atom::Step(*a))),
            Self::Not(f) => f.normal().negated(),
            Self::And(f, g) => Formula::and([f.normal(), g.normal()]),
            Self::Equivalent(f, g) => {
                let (f, g) = (f.normal(), g.normal());
                Formula::or([Formula::and([f.clone(), g.clone()]), Formula::and([f.negated(), g.negated()])])
            }
            Self::Always(f) => Formula::always(f.normal()),
            Self::Eventually(f) => Formula::eventually(f.normal()),
            Self::LeadsTo(f, g) => {
                Formula::always(Formula::or([f.normal().negated(), Formula::eventually(g.normal())]))
            }
            Self::Weak(e, a) => {
                let (e, a) = (Formula::atom(Atom::State(*e)), Formula::atom(Atom::Step(*a)));
                Formula::always(Formula::eventually(Formula::or([e.negated(), a])))
            }
            Self::Strong(e, a) => {
                let (e, a) = (Formula::atom(Atom::State(*e)), Formula::atom(Atom::Step(*a)));
                Formula::or([
                    Formula::eventually(Formula::always(e.negated())),
                    Formula::always(Formula::eventually(a)),
                ])
            }
        }
    }
}

/// A formula as a list of nodes, operands before what uses them.
struct Flat {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
enum Node {
    State(u32),
    Step(u32),
    Not(usize),
    And(usize, usize),
    Same(usize, usize),
    /// True if the operand is at some position from here on.
    Some(usize),
}

impl Flat {
    fn new(formula: &Written) -> (Self, usize) {
        let mut flat = Self { nodes: Vec::new() };
        let root = flat.add(formula);
        (flat, root)
    }

    fn put(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn not(&mut self, f: usize) -> usize {
        self.put(Node::Not(f))
    }

    fn all(&mut self, f: usize) -> usize {
        let not = self.not(f);
        let some = self.put(Node::Some(not));
        self.not(some)
    }

    fn add(&mut self, formula: &Written) -> usize {
        match formula {
            Written::State(p) => self.put(Node::State(*p)),
            Written::Taken(a) => {
                let step = self.put(Node::Step(*a));
                self.put(Node::Some(step))
            }
            Written::Not(f) => {
                let f = self.add(f);
                self.not(f)
            }
            Written::And(f, g) => {
                let (f, g) = (self.add(f), self.add(g));
                self.put(Node::And(f, g))
            }
            Written::Equivalent(f, g) => {
                let (f, g) = (self.add(f), self.add(g));
                self.put(Node::Same(f, g))
            }
            Written::Always(f) => {
                let f = self.add(f);
                self.all(f)
            }
            Written::Eventually(f) => {
                let f = self.add(f);
                self.put(Node::Some(f))
            }
            Written::LeadsTo(f, g) => {
                let (f, g) = (self.add(f), self.add(g));
                let later = self.put(Node::Some(g));
                let never = self.not(later);
                let bad = self.put(Node::And(f, never));
                let some = self.put(Node::Some(bad));
                self.not(some)
            }
            // []<>(~e \/ a), i.e. not from some point on e and never a.
            Written::Weak(e, a) => {
                let (e, a) = (self.put(Node::State(*e)), self.put(Node::Step(*a)));
                let no = self.not(a);
                let idle = self.put(Node::And(e, no));
                let for_ever = self.all(idle);
                let some = self.put(Node::Some(for_ever));
                self.not(some)
            }
            // []<>e => []<>a.
            Written::Strong(e, a) => {
                let (e, a) = (self.put(Node::State(*e)), self.put(Node::Step(*a)));
                let (e, a) = (self.put(Node::Some(e)), self.put(Node::Some(a)));
                let (e, a) = (self.all(e), self.all(a));
                let not = self.not(a);
                let bad = self.put(Node::And(e, not));
                self.not(bad)
            }
        }
    }

    /// Truth of all nodes at a step, `some` telling the truth of [`Node::Some`].
    fn truths(&self, graph: &Graph<()>, from: u32, edge: usize, some: &dyn Fn(usize, bool) -> bool) -> Vec<bool> {
        let mut truths: Vec<bool> = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            truths.push(match *node {
                Node::State(p) => graph.state_atoms.get(from as usize, p as usize),
                Node::Step(a) => graph.step_atoms.get(edge, a as usize),
                Node::Not(f) => !truths[f],
                Node::And(f, g) => truths[f] && truths[g],
                Node::Same(f, g) => truths[f] == truths[g],
                Node::Some(f) => some(at, truths[f]),
            });
        }
        truths
    }

    /// Truths on the steps of a loop: `<>f` is true if f is on one of them.
    fn in_loop(&self, graph: &Graph<()>, steps: &[(u32, usize)]) -> Vec<Vec<bool>> {
        let mut somewhere = vec![false; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            let Node::Some(f) = *node else { continue };
            // Nodes before this one have their final truth already.
            somewhere[at] = steps.iter().any(|(s, e)| self.truths(graph, *s, *e, &|at, _| somewhere[at])[f]);
        }
        steps.iter().map(|(s, e)| self.truths(graph, *s, *e, &|at, _| somewhere[at])).collect()
    }
}

/// True if some behaviour satisfies the formula.
fn satisfiable(graph: &Graph<()>, formula: &Written) -> bool {
    let (flat, root) = Flat::new(formula);
    let all: Vec<(u32, usize)> = (0..graph.len() as u32).flat_map(|s| graph.edges(s).map(move |e| (s, e))).collect();
    for set in 1u32..1 << all.len() {
        let steps: Vec<(u32, usize)> = (0..all.len()).filter(|i| set >> i & 1 == 1).map(|i| all[i]).collect();
        if !is_loop(graph, &steps) {
            continue;
        }
        let truths = flat.in_loop(graph, &steps);
        // A position: the step taken there with the truth of everything.
        let mut seen: BTreeSet<(u32, Vec<bool>)> = BTreeSet::new();
        let mut pending: Vec<(u32, Vec<bool>)> = steps.iter().zip(truths).map(|((s, _), truth)| (*s, truth)).collect();
        while let Some((state, truth)) = pending.pop() {
            if !seen.insert((state, truth.clone())) {
                continue;
            }
            if truth[root] && graph.initial.contains(&state) {
                return true;
            }
            for (from, edge) in all.iter().filter(|(_, e)| graph.targets[*e] == state) {
                pending.push((*from, flat.truths(graph, *from, *edge, &|at, now| now || truth[at])));
            }
        }
    }
    false
}

/// True if a walk can take exactly these steps for ever.
fn is_loop(graph: &Graph<()>, steps: &[(u32, usize)]) -> bool {
    let reach = |forward: bool| {
        let mut seen = BTreeSet::from([steps[0].0]);
        loop {
            let before = seen.len();
            for (from, edge) in steps {
                let (a, b) = if forward { (*from, graph.targets[*edge]) } else { (graph.targets[*edge], *from) };
                if seen.contains(&a) {
                    seen.insert(b);
                }
            }
            if seen.len() == before {
                return seen;
            }
        }
    };
    let (forward, backward) = (reach(true), reach(false));
    let touched: BTreeSet<u32> = steps.iter().flat_map(|(s, e)| [*s, graph.targets[*e]]).collect();
    touched.iter().all(|s| forward.contains(s) && backward.contains(s))
}

/// True if a lasso is one of the graph and satisfies the formula.
fn satisfies(graph: &Graph<()>, lasso: &Lasso, formula: &Written) -> bool {
    let (flat, root) = Flat::new(formula);
    let states = &lasso.states;
    let next = |i: usize| if i + 1 < states.len() { states[i + 1] } else { states[lasso.loop_to] };
    let mut steps = Vec::new();
    for (i, state) in states.iter().enumerate() {
        let Some(edge) = graph.edges(*state).find(|e| graph.targets[*e] == next(i)) else { return false };
        steps.push((*state, edge));
    }
    // The steps of the loop may repeat states, so truths go by position.
    let cycle = &steps[lasso.loop_to..];
    let mut truths = flat.in_loop(graph, cycle).swap_remove(0);
    for (state, edge) in steps[..lasso.loop_to].iter().rev() {
        truths = flat.truths(graph, *state, *edge, &|at, now| now || truths[at]);
    }
    graph.initial.contains(&states[0]) && truths[root]
}

fn graph(states: usize, edges: &[(u32, u32)], initial: &[bool], atoms: &[bool]) -> Graph<()> {
    let mut reached: Vec<u32> = (0..states as u32).filter(|s| initial[*s as usize]).collect();
    if reached.is_empty() {
        reached.push(0);
    }
    let mut levels = vec![0u32];
    let initial_len = reached.len();
    let mut begin = 0;
    while begin < reached.len() {
        let end = reached.len();
        for at in begin..end {
            for (from, to) in edges {
                let to = to % states as u32;
                if *from % states as u32 == reached[at] && !reached.contains(&to) {
                    reached.push(to);
                }
            }
        }
        begin = end;
        if begin < reached.len() {
            levels.push(begin as u32);
        }
    }
    let number: BTreeMap<u32, u32> = reached.iter().enumerate().map(|(i, s)| (*s, i as u32)).collect();
    let mut bits = atoms.iter().copied().cycle();
    let mut graph = Graph {
        initial: (0..initial_len as u32).collect(),
        levels,
        starts: vec![0],
        targets: Vec::new(),
        state_atoms: BitTable::new(STATE_ATOMS as usize),
        step_atoms: BitTable::new(STEP_ATOMS as usize),
        state_faults: Default::default(),
        step_faults: Default::default(),
    };
    for (at, state) in reached.iter().enumerate() {
        let mut targets: Vec<u32> =
            edges.iter().filter(|e| e.0 % states as u32 == *state).map(|e| number[&(e.1 % states as u32)]).collect();
        targets.sort_unstable();
        targets.dedup();
        targets.retain(|t| *t != at as u32);
        targets.insert(0, at as u32);
        graph.state_atoms.push_row();
        for atom in 0..STATE_ATOMS as usize {
            if bits.next() == Some(true) {
                graph.state_atoms.set(at, atom);
            }
        }
        for target in targets {
            graph.targets.push(target);
            graph.step_atoms.push_row();
            for atom in 0..STEP_ATOMS as usize {
                // `<<A>>_v` is false where nothing changes.
                if bits.next() == Some(true) && target != at as u32 {
                    graph.step_atoms.set(graph.targets.len() - 1, atom);
                }
            }
        }
        graph.starts.push(graph.targets.len());
    }
    graph
}

fn written(depth: u32) -> impl Strategy<Value = Written> {
    let leaf = prop_oneof![
        4 => (0..STATE_ATOMS).prop_map(Written::State),
        1 => (0..STEP_ATOMS).prop_map(Written::Taken),
        1 => (0..STATE_ATOMS, 0..STEP_ATOMS).prop_map(|(e, a)| Written::Weak(e, a)),
        1 => (0..STATE_ATOMS, 0..STEP_ATOMS).prop_map(|(e, a)| Written::Strong(e, a)),
    ];
    leaf.prop_recursive(depth, 12, 2, |inner| {
        let boxed = inner.prop_map(Box::new).boxed();
        let pair = || (boxed.clone(), boxed.clone());
        prop_oneof![
            2 => boxed.clone().prop_map(Written::Not),
            2 => pair().prop_map(|(f, g)| Written::And(f, g)),
            1 => pair().prop_map(|(f, g)| Written::Equivalent(f, g)),
            3 => boxed.clone().prop_map(Written::Always),
            3 => boxed.clone().prop_map(Written::Eventually),
            2 => pair().prop_map(|(f, g)| Written::LeadsTo(f, g)),
        ]
    })
}

type Toy = (usize, Vec<(u32, u32)>, Vec<bool>, Vec<bool>);

fn toy() -> impl Strategy<Value = Toy> {
    (
        1usize..5,
        prop::collection::vec((0u32..5, 0u32..5), 0..7),
        prop::collection::vec(any::<bool>(), 5),
        prop::collection::vec(any::<bool>(), 48),
    )
}

fn fairness() -> impl Strategy<Value = Vec<Written>> {
    let one = prop_oneof![
        3 => (0..STATE_ATOMS, 0..STEP_ATOMS).prop_map(|(e, a)| Written::Weak(e, a)),
        3 => (0..STATE_ATOMS, 0..STEP_ATOMS).prop_map(|(e, a)| Written::Strong(e, a)),
        1 => written(2),
    ];
    prop::collection::vec(one, 0..4)
}

/// Whether there is a violation; None if the search says that the formula is too large for it, which is no answer but
/// an honest one.
fn compare(
    (states, edges, initial, atoms): &Toy,
    fairness: &[Written],
    property: &Written,
) -> Result<Option<bool>, String> {
    let graph = graph(*states, edges, initial, atoms);
    let negated = Written::Not(Box::new(property.clone()));
    let whole = fairness.iter().cloned().fold(negated, |f, g| Written::And(Box::new(g), Box::new(f)));
    let conjuncts: Vec<Formula> = fairness.iter().map(Written::normal).chain([property.normal().negated()]).collect();
    let found = search(&Columns::new(&graph), &conjuncts, &mut |a, b| a.cmp(&b), &|| false, &mut Size::default());
    let expected = satisfiable(&graph, &whole);
    match found {
        Err(Unmade::TooLarge) => Ok(None),
        Err(error) => Err(format!("no answer: {error:?}")),
        Ok(found) if found.is_some() != expected => Err(format!("found {found:?}, should be {expected}")),
        Ok(Some(lasso)) if !satisfies(&graph, &lasso, &whole) => Err(format!("wrong lasso {lasso:?}")),
        Ok(found) => Ok(Some(found.is_some())),
    }
}

/// Verdict and lasso agree with the naive procedure.
#[test]
fn reference_and_search_agree() {
    let cases = std::env::var("TLALOC_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(4000);
    let seed: u8 = std::env::var("TLALOC_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = (toy(), fairness(), written(3));
    let (mut violated, mut unanswered) = (0, 0);
    for case in 0..cases {
        let mut tree = strategy.new_tree(&mut runner).expect("the strategy makes cases");
        let (toy, fairness, property) = tree.current();
        match compare(&toy, &fairness, &property) {
            Ok(Some(found)) => violated += usize::from(found),
            Ok(None) => unanswered += 1,
            Err(_) => {
                // The smallest case that goes wrong.
                let mut smallest = tree.current();
                while tree.simplify() {
                    loop {
                        let (toy, fairness, property) = tree.current();
                        if compare(&toy, &fairness, &property).is_err() {
                            smallest = tree.current();
                            break;
                        }
                        if !tree.complicate() {
                            break;
                        }
                    }
                }
                let (toy, fairness, property) = smallest;
                let why = compare(&toy, &fairness, &property);
                panic!("case {case} of seed {seed}: {why:?}\n{toy:?}\n{fairness:?}\n{property:?}");
            }
        }
    }
    assert!(unanswered * 200 <= cases, "{unanswered} of {cases} are too large");
    assert!(violated * 20 > cases && violated * 20 < cases * 19, "{violated} of {cases} are violated: too one-sided");
}
