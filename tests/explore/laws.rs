//! Random graphs: the engine agrees with the naive search, whatever the number of workers.

use proptest::prelude::*;
use tlaloc::explore::{End, Faith, Options};

use crate::graph::{Fault, Graph};
use crate::{cramped, naive, run, summary};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        5 => (0u32..3).prop_map(Fault::Violates),
        1 => (0u32..3).prop_map(Fault::Error),
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
    (initial, steps, outside, outside_steps, bad, any::<bool>(), 2u32..12).prop_map(
        |(initial, steps, outside, outside_steps, bad, checks_deadlock, radix)| {
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
    for workers in [1, 2, 7] {
        let options = Options { continue_after_violation, ..cramped(workers) };
        let (model, outcome) = run(graph, &options);
        prop_assert_eq!(naive::Summary::of(&model, &outcome), expected.clone(), "{} workers", workers);
        for finding in &outcome.findings {
            prop_assert_eq!(finding.faith, Faith::Real);
        }
        let generated: u64 = outcome.tallies.iter().map(|tally| tally.generated).sum();
        prop_assert_eq!(generated + graph.initial.len() as u64, outcome.generated);
        prop_assert_eq!(outcome.explored.len(), outcome.distinct);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn small_graphs_agree_with_the_naive_search(graph in graphs(30, 3, 4), go_on in any::<bool>()) {
        agree(&graph, go_on)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

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
