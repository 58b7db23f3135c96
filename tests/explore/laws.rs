//! Random graphs: the engine agrees with the naive search, whatever the number of workers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tlaloc::explore::{End, Faith, Keeping, Options};

use crate::graph::{Fault, Graph};
use crate::{KEEPING, cramped, keeping, naive, run, summary};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        10 => (0u32..3).prop_map(Fault::Violates),
        2 => (0u32..3).prop_map(Fault::Error),
        1 => Just(Fault::Exit),
    ]
}

fn graphs(nodes: u32, density: usize, faults: usize) -> impl Strategy<Value = Graph> {
    let node = 0..nodes;
    let steps = proptest::collection::vec((node.clone(), 0..4u32, node.clone()), 0..=density * nodes as usize);
    let initial = proptest::collection::vec(node.clone(), 0..4);
    let outside = proptest::collection::btree_set(node.clone(), 0..=nodes as usize / 8);
    let outside_steps = proptest::collection::btree_set((node.clone(), node.clone()), 0..6);
    let bad_states = proptest::collection::btree_map(node.clone(), fault(), 0..=faults);
    let bad_initial = proptest::collection::btree_map(node.clone(), fault(), 0..=faults);
    let bad_steps = proptest::collection::btree_map((node.clone(), node.clone()), fault(), 0..=faults * 10);
    let bad_expansions =
        proptest::collection::btree_map(node, (0usize..3, (0u32..3).prop_map(Fault::Error)), 0..=faults);
    let bad = (bad_states, bad_initial, bad_steps, bad_expansions);
    let form = (2u32..12, proptest::option::of(0..nodes));
    (initial, steps, outside, outside_steps, bad, any::<bool>(), form).prop_map(
        |(initial, steps, outside, outside_steps, bad, checks_deadlock, (radix, wide_from))| {
            let (bad_states, bad_initial, bad_steps, bad_expansions) = bad;
            let mut graph = Graph {
                initial,
                outside,
                outside_steps,
                bad_states,
                bad_initial,
                bad_steps,
                bad_expansions,
                checks_deadlock,
                radix,
                wide_from,
                ..Graph::default()
            };
            for (from, group, to) in steps {
                graph.edges.entry(from).or_default().push((group, to));
            }
            graph
        },
    )
}

fn agree(graph: &Graph, continue_after_violation: bool) -> Result<(), TestCaseError> {
    let expected = naive::explore(graph, continue_after_violation);
    for (workers, kept) in [1, 2, 7].into_iter().flat_map(|workers| KEEPING.map(|kept| (workers, kept))) {
        let options = Options { continue_after_violation, ..keeping(kept, workers) };
        let (model, outcome) = run(graph, &options);
        prop_assert_eq!(naive::Summary::of(&model, &outcome), expected.clone(), "{} workers, {:?}", workers, kept);
        for finding in &outcome.findings {
            prop_assert_eq!(finding.faith, Faith::Real);
        }
        let generated: u64 = outcome.tallies.iter().map(|tally| tally.generated).sum();
        prop_assert_eq!(generated + graph.initial.len() as u64, outcome.generated);
        if kept == Keeping::Rows || outcome.findings.is_empty() {
            prop_assert_eq!(outcome.explored.len(), outcome.distinct);
        }
    }
    Ok(())
}

/// A random graph made symmetric: nodes are pairs of 0..side, and everything that holds of a pair
/// holds of the swapped pair.
fn symmetric(graph: Graph, side: u32) -> Graph {
    let swap = |node: u32| node % side * side + node / side;
    let mut both = Graph { representatives: Some(BTreeMap::new()), ..graph.clone() };
    both.initial = graph.initial.iter().flat_map(|&node| [node, swap(node)]).collect();
    both.outside.extend(graph.outside.iter().map(|&node| swap(node)));
    both.bad_steps.clear();
    both.bad_states.extend(graph.bad_states.iter().map(|(&node, &fault)| (swap(node), fault)));
    for (&node, &fault) in &graph.bad_states {
        both.bad_states.insert(node.min(swap(node)), fault);
        both.bad_states.insert(node.max(swap(node)), fault);
    }
    both.outside_steps.clear();
    both.bad_initial.clear();
    both.bad_expansions.clear();
    both.edges.clear();
    for (&from, steps) in &graph.edges {
        for &(group, to) in steps {
            both.edges.entry(from).or_default().push((group, to));
            both.edges.entry(swap(from)).or_default().push((group, swap(to)));
        }
    }
    let smaller = |node: u32| (node, node.min(swap(node)));
    both.representatives = Some((0..side * side).map(smaller).collect());
    both
}

/// Each step of the trace is one of the graph, from an initial state to one that is bad.
fn is_real(graph: &Graph, trace: &[u32]) -> bool {
    let bad = trace.last().is_some_and(|last| graph.bad_states.contains_key(last));
    let starts = trace.first().is_some_and(|first| graph.initial.contains(first));
    bad && starts && trace.windows(2).all(|step| graph.steps(step[0]).iter().any(|&(_, to)| to == step[1]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn small_graphs_agree_with_the_naive_search(graph in graphs(30, 3, 4), go_on in any::<bool>()) {
        agree(&graph, go_on)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn symmetric_graphs_agree_for_any_number_of_workers(graph in graphs(400, 3, 2)) {
        let graph = symmetric(Graph { checks_deadlock: false, ..graph }, 20);
        let alone = summary(&graph, &cramped(1));
        for (workers, kept) in [1, 2, 7].into_iter().flat_map(|workers| KEEPING.map(|kept| (workers, kept))) {
            let found = summary(&graph, &keeping(kept, workers));
            prop_assert_eq!(found, alone.clone(), "{} workers, {:?}", workers, kept);
        }
        let whole = naive::explore(&Graph { representatives: None, ..graph.clone() }, false);
        prop_assert_eq!((&alone.end, alone.depth), (&whole.end, whole.depth));
        for ((_, trace), (_, expected)) in alone.findings.iter().zip(&whole.findings) {
            prop_assert!(is_real(&graph, trace), "{:?}", trace);
            prop_assert_eq!(trace.len(), expected.len());
        }
    }

    #[test]
    fn traces_through_a_view_are_real(graph in graphs(300, 3, 3)) {
        let graph = Graph {
            view: Some(|node| node / 2),
            ordered: true,
            checks_deadlock: false,
            bad_steps: BTreeMap::new(),
            bad_initial: BTreeMap::new(),
            bad_expansions: BTreeMap::new(),
            ..graph
        };
        let found = summary(&graph, &cramped(4));
        for kept in KEEPING {
            prop_assert_eq!(summary(&graph, &keeping(kept, 1)), found.clone(), "{:?}", kept);
        }
        prop_assert!(found.distinct <= 150);
        for (_, trace) in &found.findings {
            prop_assert!(is_real(&graph, trace), "{:?}", trace);
        }
    }

    #[test]
    fn large_graphs_agree_with_the_naive_search(graph in graphs(2000, 4, 1), go_on in any::<bool>()) {
        agree(&graph, go_on)?;
    }

    #[test]
    fn sound_graphs_agree_with_the_naive_search(graph in graphs(3000, 3, 0)) {
        agree(&Graph { checks_deadlock: false, ..graph }, false)?;
    }

    #[test]
    fn an_ordered_search_of_a_sound_graph_counts_the_same(graph in graphs(300, 3, 0)) {
        let graph = Graph { checks_deadlock: false, ..graph };
        let expected = summary(&graph, &cramped(2));
        prop_assert_eq!(summary(&Graph { ordered: true, ..graph }, &cramped(4)), expected);
    }

    #[test]
    fn every_row_is_found_at_its_index(graph in graphs(500, 3, 0)) {
        let graph = Graph { checks_deadlock: false, ..graph };
        let (model, outcome) = run(&graph, &cramped(3));
        prop_assert_eq!(&outcome.end, &End::Exhausted);
        let explored = &outcome.explored;
        let mut row = Vec::new();
        for level in 0..explored.levels() {
            for index in explored.level(level) {
                prop_assert!(explored.read(index, &mut row));
                prop_assert_eq!(explored.find(&row), Some(index));
                prop_assert_eq!(explored.level_of(index), level);
                prop_assert_eq!(model.row(model.node(&row)), row.clone());
            }
        }
        prop_assert!(!explored.read(explored.len(), &mut row));
    }
}
