//! Hand-made graphs, one for each thing that matters.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use tlaloc::explore::{End, Faith, FindingClass, FindingKind, Identity, Keeping, Limit, Options, explore};
use tlaloc::model::{GroupId, PropertyId};

use crate::graph::{Fault, Graph, GraphModel};
use crate::{KEEPING, cramped, keeping, run, summary};

/// A square grid of counters; one step increments a coordinate.
fn grid(side: u32) -> Graph {
    let mut edges = Vec::new();
    for (x, y) in (0..side).flat_map(|x| (0..side).map(move |y| (x, y))) {
        let node = x * side + y;
        if x + 1 < side {
            edges.push((node, node + side));
        }
        if y + 1 < side {
            edges.push((node, node + 1));
        }
    }
    Graph { radix: side, ..Graph::new(&[0], &edges) }
}

/// A root with `width` children that share one child.
fn fan(width: u32) -> Graph {
    let down = (1..=width).flat_map(|child| [(0, child), (child, width + 1)]);
    Graph { radix: 2, ..Graph::new(&[0], &down.collect::<Vec<_>>()) }
}

fn counts(graph: &Graph, workers: usize) -> (End, u64, u64, u64) {
    let found = summary(graph, &cramped(workers));
    (found.end, found.distinct, found.generated, found.depth)
}

#[test]
fn a_diamond_has_three_levels() {
    let diamond = Graph::new(&[0], &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 3)]);
    for workers in [1, 2, 7] {
        assert_eq!(counts(&diamond, workers), (End::Exhausted, 4, 6, 3));
    }
}

#[test]
fn a_cycle_is_closed() {
    assert_eq!(counts(&Graph::new(&[0], &[(0, 1), (1, 2), (2, 0)]), 2), (End::Exhausted, 3, 4, 3));
}

#[test]
fn no_initial_state_is_depth_zero_and_a_lone_one_is_depth_one() {
    assert_eq!(counts(&Graph::new(&[], &[]), 2), (End::Exhausted, 0, 0, 0));
    assert_eq!(counts(&Graph::new(&[0, 0], &[(0, 0)]), 2), (End::Exhausted, 1, 3, 1));
}

#[test]
fn a_state_without_successors_is_a_deadlock() {
    let graph = Graph { checks_deadlock: true, ..Graph::new(&[0], &[(0, 1)]) };
    let (_, outcome) = run(&graph, &cramped(2));
    assert_eq!((outcome.end, outcome.distinct), (End::Finding, 2));
    assert_eq!(outcome.findings[0].kind, FindingKind::Deadlock);
    assert_eq!(outcome.findings[0].trace.len(), 2);
}

#[test]
fn a_constraint_cuts_without_deadlock_but_its_states_are_checked() {
    // x' = x + 1 with CONSTRAINT x < 3: four generated, three distinct, no deadlock.
    let counter = Graph::new(&[0], &[(0, 1), (1, 2), (2, 3), (3, 4)]);
    let mut graph = Graph { checks_deadlock: true, outside: [3].into(), ..counter };
    assert_eq!(counts(&graph, 2), (End::Exhausted, 3, 4, 3));
    // The same with INVARIANT x # 3: found on the excluded state.
    graph.bad_states.insert(3, Fault::Violates(0));
    let found = summary(&graph, &cramped(2));
    assert_eq!((found.end, found.distinct), (End::Finding, 3));
    assert_eq!(found.findings, [(FindingClass::Invariant(PropertyId(0)), vec![0, 1, 2, 3])]);
}

#[test]
fn an_action_constraint_cuts_steps_that_are_checked_all_the_same() {
    let mut graph = Graph::new(&[0], &[(0, 1), (0, 2), (1, 2)]);
    graph.outside_steps = [(0, 2), (1, 2)].into();
    assert_eq!(counts(&graph, 2), (End::Exhausted, 2, 4, 2));
    graph.bad_steps.insert((1, 2), Fault::Violates(4));
    let found = summary(&graph, &cramped(2));
    assert_eq!(found.findings, [(FindingClass::StepProperty(PropertyId(4)), vec![0, 1, 2])]);
}

#[test]
fn steps_to_seen_states_are_checked() {
    let mut graph = Graph::new(&[0], &[(0, 1), (1, 0)]);
    graph.bad_steps.insert((1, 0), Fault::Violates(2));
    let found = summary(&graph, &cramped(1));
    assert_eq!(found.findings, [(FindingClass::StepProperty(PropertyId(2)), vec![0, 1, 0])]);
}

#[test]
fn initial_states_have_properties_of_their_own() {
    let mut graph = Graph::new(&[3, 2, 1], &[(1, 2), (2, 3), (3, 1)]);
    graph.bad_initial = [(2, Fault::Violates(1)), (1, Fault::Violates(1))].into();
    let found = summary(&graph, &cramped(2));
    assert_eq!((found.end, found.generated), (End::Finding, 3));
    assert_eq!(found.findings, [(FindingClass::InitialProperty(PropertyId(1)), vec![2])]);
}

#[test]
fn the_trace_goes_through_the_smallest_states_and_names_groups() {
    let mut graph = Graph::new(&[9, 8], &[(9, 1), (8, 7), (8, 6), (7, 5), (6, 5), (1, 4)]);
    graph.bad_states.insert(5, Fault::Violates(0));
    for workers in [1, 2, 7] {
        let (model, outcome) = run(&graph, &cramped(workers));
        let finding = &outcome.findings[0];
        let trace: Vec<_> = finding.trace.iter().map(|step| (model.node(&step.row), step.group)).collect();
        assert_eq!(trace, [(8, None), (6, Some(GroupId(8 % 3))), (5, Some(GroupId(0)))]);
        assert_eq!(finding.faith, Faith::Real);
    }
}

#[test]
fn a_level_is_finished_after_a_finding() {
    let mut graph = fan(500);
    graph.bad_states.insert(501, Fault::Violates(0));
    for workers in [1, 2, 7] {
        let found = summary(&graph, &cramped(workers));
        assert_eq!((found.distinct, found.generated, found.depth, found.queue_left), (502, 1001, 3, 1));
        assert_eq!(found.findings, [(FindingClass::Invariant(PropertyId(0)), vec![0, 1, 501])]);
    }
}

#[test]
fn dictionaries_may_grow_in_the_middle_of_a_level() {
    // One slot's dictionary grows with every second child, far beyond the bits it starts with.
    let graph = fan(20_000);
    for workers in [1, 2, 7] {
        assert_eq!(counts(&graph, workers), (End::Exhausted, 20_002, 40_001, 3));
    }
}

#[test]
fn rows_that_were_let_go_are_found_again_for_traces() {
    // More rows than a chunk of the arena: those of closed levels are freed, and the layout is widened after that.
    for (side, wide_from) in [(380, None), (380, Some(360 * 380))] {
        let corner = side * side - 1;
        let mut graph = Graph { wide_from, ..grid(side) };
        for node in [3, side * 17 + 11, side * 300 + 7, corner] {
            graph.bad_states.insert(node, Fault::Violates(node % 7));
        }
        let going_on = |options: Options| Options {
            continue_after_violation: true,
            table_bits: 14,
            deferred_max: 1000,
            ..options
        };
        let expected = summary(&graph, &going_on(cramped(1)));
        assert_eq!(expected.distinct, u64::from(side * side));
        for (workers, kept) in [(1, 1 << 17), (2, 1 << 19)] {
            for form in KEEPING {
                let options = Options { kept_bytes: kept, solo_rows: 32, ..going_on(keeping(form, workers)) };
                assert_eq!(summary(&graph, &options), expected, "{workers} workers, {form:?}, {kept} bytes");
            }
        }
    }
}

#[test]
fn stores_that_forget_say_how_they_know_states() {
    let identity = |form, wide_from| {
        let graph = Graph { wide_from, ..grid(20) };
        run(&graph, &keeping(form, 2)).1.explored.identity()
    };
    assert_eq!(identity(Keeping::Rows, None), Identity::Row);
    assert_eq!(identity(Keeping::Compressed, None), Identity::Word);
    assert_eq!(identity(Keeping::Compressed, Some(200)), Identity::Code);
    let Identity::Hash { least_distance: Some(distance) } = identity(Keeping::Fingerprints, None) else {
        panic!("fingerprints are hashes");
    };
    // 400 random numbers of 64 bits: the least distance is about 2^64 / 400^2.
    assert!(distance > 1 << 30, "{distance}");
}

#[test]
fn a_grid_of_counters_has_its_diagonals_as_levels() {
    let graph = grid(120);
    for workers in [1, 2, 7] {
        let options = Options { workers, ..Options::default() };
        let (_, outcome) = run(&graph, &options);
        assert_eq!((outcome.end, outcome.distinct, outcome.depth), (End::Exhausted, 14_400, 239));
        assert_eq!(outcome.generated, 1 + 2 * 120 * 119);
        assert_eq!(outcome.explored.level(119).count(), 120);
        let distinct: u64 = outcome.tallies.iter().map(|tally| tally.distinct).sum();
        assert_eq!(distinct + 1, 14_400);
    }
}

#[test]
fn following_a_finding_back_costs_at_most_one_more_exploration() {
    let mut graph = grid(100);
    graph.bad_states.insert(100 * 100 - 1, Fault::Violates(0));
    for workers in [1, 2] {
        let (model, outcome) = run(&graph, &cramped(workers));
        assert_eq!(outcome.findings[0].trace.len(), 199);
        // Exploration, the way back, and one state a step for the way forth.
        assert!(model.expansions.load(Ordering::Relaxed) <= 2 * 10_000 + 199);
    }
}

#[test]
fn going_on_counts_violations_and_keeps_the_first_of_each_property() {
    let mut graph = grid(60);
    for node in (0..3600).filter(|node| node % 7 == 3) {
        graph.bad_states.insert(node, Fault::Violates(node % 2));
    }
    graph.checks_deadlock = true;
    for workers in [1, 2, 7] {
        let options = Options { continue_after_violation: true, ..cramped(workers) };
        let found = summary(&graph, &options);
        assert_eq!((found.end, found.distinct, found.depth), (End::Exhausted, 3600, 119));
        let all: u64 = found.violations.values().sum();
        assert_eq!(all, graph.bad_states.len() as u64 + 1);
        let invariant = |property| FindingClass::Invariant(PropertyId(property));
        assert_eq!(found.findings[0], (invariant(1), vec![0, 1, 2, 3]));
        assert_eq!(found.findings[1].0, invariant(0));
        assert_eq!(found.findings[2].1.len(), 119);
        assert_eq!(found.findings.len(), 3);
    }
}

#[test]
fn an_evaluation_error_is_a_finding_even_when_going_on() {
    let mut graph = grid(10);
    graph.bad_expansions.insert(11, (1, Fault::Error(42)));
    for workers in [1, 7] {
        let options = Options { continue_after_violation: true, ..cramped(workers) };
        let (model, outcome) = run(&graph, &options);
        assert_eq!(outcome.end, End::Finding);
        assert_eq!(outcome.findings[0].kind, FindingKind::Error(42));
        let trace: Vec<_> = outcome.findings[0].trace.iter().map(|step| model.node(&step.row)).collect();
        assert_eq!(trace, [0, 1, 11]);
    }
}

#[test]
fn an_error_in_an_invariant_shows_the_state_it_was_about() {
    let mut graph = grid(10);
    graph.bad_states.insert(11, Fault::Error(7));
    let found = summary(&graph, &cramped(2));
    assert_eq!(found.findings, [(FindingClass::Error, vec![0, 1, 11])]);
}

#[test]
fn the_model_may_ask_for_a_regular_end() {
    let mut graph = grid(10);
    graph.bad_states.insert(11, Fault::Exit);
    let found = summary(&graph, &cramped(2));
    assert_eq!((found.end, found.findings, found.distinct), (End::Exit, vec![], 6));
}

#[test]
fn a_panic_is_reported_and_nobody_hangs() {
    for (workers, side) in [(1, 10), (2, 10), (7, 100)] {
        let mut graph = grid(side);
        graph.bad_states.insert(side * side - side, Fault::Panic);
        let (_, outcome) = run(&graph, &cramped(workers));
        assert_eq!(outcome.end, End::WorkerPanicked("the evaluator broke".into()));
        assert!(outcome.findings.is_empty());
    }
}

#[test]
fn limits_end_the_run_cleanly() {
    let graph = grid(100);
    let limited = |limits: Options| {
        let found = summary(&graph, &limits);
        (found.end, found.distinct, found.depth, found.queue_left)
    };
    let (end, distinct, ..) = limited(Options { max_distinct: Some(1000), ..cramped(2) });
    assert_eq!(end, End::Limit(Limit::Distinct));
    assert!((1000..10_000).contains(&distinct), "{distinct}");
    let depth = limited(Options { max_depth: Some(50), ..cramped(2) });
    assert_eq!(depth, (End::Limit(Limit::Depth), 50 * 51 / 2, 50, 50));
    let all = limited(Options { max_depth: Some(199), ..cramped(2) });
    assert_eq!(all.0, End::Limit(Limit::Depth));
    let all = limited(Options { max_depth: Some(200), ..cramped(2) });
    assert_eq!(all, (End::Exhausted, 10_000, 199, 0));
    for (workers, kept) in [1, 2].into_iter().flat_map(|workers| KEEPING.map(|kept| (workers, kept))) {
        let (end, ..) = limited(Options { max_memory_bytes: Some(100_000), ..keeping(kept, workers) });
        assert_eq!(end, End::Limit(Limit::Memory), "{workers} workers, {kept:?}");
    }
}

#[test]
fn an_interrupt_ends_the_run() {
    let options = cramped(2);
    options.interrupt.raise();
    let (_, outcome) = run(&grid(50), &options);
    assert_eq!(outcome.end, End::Interrupted);
    assert!(outcome.distinct <= 1);
}

#[test]
fn an_interrupt_on_the_way_back_leaves_the_end_of_the_trace() {
    let mut graph = grid(100);
    graph.bad_states.insert(100 * 100 - 1, Fault::Violates(0));
    for workers in [1, 2] {
        let options = cramped(workers);
        let mut model = GraphModel::new(graph.clone());
        // The exploration expands all states but the bad one.
        model.interrupt_after = Some((9_999 + 100, options.interrupt.clone()));
        let outcome = explore(&model, &options);
        assert_eq!((&outcome.end, outcome.distinct), (&End::Finding, 10_000));
        let finding = &outcome.findings[0];
        assert_eq!(finding.faith, Faith::Suffix);
        let last = finding.trace.last().map(|step| model.node(&step.row));
        assert_eq!((last, finding.kind), (Some(9_999), FindingKind::Invariant(PropertyId(0))));
        assert!((3..199).contains(&finding.trace.len()), "{}", finding.trace.len());
    }
}

#[test]
fn an_ordered_search_stops_at_the_first_finding_of_the_queue() {
    // Node 9 comes before node 8 in the queue, though it is greater.
    let mut graph = Graph::new(&[0], &[(0, 9), (0, 8), (9, 20), (8, 10), (8, 21)]);
    graph.bad_states = [(20, Fault::Violates(0)), (10, Fault::Violates(1))].into();
    let ranked = summary(&graph, &cramped(2));
    assert_eq!((ranked.generated, &*ranked.findings[0].1), (6, &[0, 8, 10][..]));
    graph.ordered = true;
    let found = summary(&graph, &cramped(2));
    assert_eq!((found.generated, found.distinct, found.queue_left), (4, 4, 2));
    assert_eq!(found.findings, [(FindingClass::Invariant(PropertyId(0)), vec![0, 9, 20])]);
    assert_eq!(found.violations, BTreeMap::from([(FindingClass::Invariant(PropertyId(0)), 1)]));
}

#[test]
fn a_view_merges_states_and_the_first_of_the_queue_stays() {
    // 10 and 20 look alike; 10 comes first, so nothing is seen of what only 20 can do.
    let mut graph = Graph::new(&[1], &[(1, 10), (1, 20), (10, 3), (20, 4), (3, 5)]);
    graph.view = Some(|node| node % 10);
    graph.ordered = true;
    graph.bad_states = [(5, Fault::Violates(0))].into();
    let found = summary(&graph, &cramped(3));
    assert_eq!(found.findings, [(FindingClass::Invariant(PropertyId(0)), vec![1, 10, 3, 5])]);
    assert_eq!((found.distinct, found.generated), (4, 5));
}

#[test]
fn under_symmetry_traces_are_real_steps() {
    // Two counters of 0..30 that may be swapped: node = 30 * left + right, the representative is sorted.
    let side = 30;
    let mut graph = grid(side);
    let swap = |node: u32| node % side * side + node / side;
    let smaller = |node: u32| (node, node.min(swap(node)));
    graph.representatives = Some((0..side * side).map(smaller).collect());
    let corner = side * side - 1;
    for workers in [1, 2, 7] {
        let found = summary(&graph, &cramped(workers));
        assert_eq!((found.end, found.distinct), (End::Exhausted, u64::from(side * (side + 1) / 2)));
    }
    graph.bad_states.insert(corner, Fault::Violates(0));
    for workers in [1, 2, 7] {
        let (model, outcome) = run(&graph, &cramped(workers));
        let finding = &outcome.findings[0];
        assert_eq!(finding.faith, Faith::Real);
        let nodes: Vec<u32> = finding.trace.iter().map(|step| model.node(&step.row)).collect();
        assert_eq!((nodes[0], nodes[nodes.len() - 1], nodes.len()), (0, corner, 59));
        for step in nodes.windows(2) {
            assert!(graph.steps(step[0]).iter().any(|&(_, to)| to == step[1]), "{step:?} is a step");
        }
    }
}

#[test]
fn a_broken_symmetry_is_admitted() {
    // 1 and 2 are declared alike, but only 2, which is stored for both, leads on.
    let mut graph = Graph::new(&[0], &[(0, 1), (2, 3)]);
    graph.representatives = Some([(1, 2)].into());
    graph.bad_states.insert(3, Fault::Violates(0));
    let (_, outcome) = run(&graph, &cramped(2));
    assert_eq!(outcome.findings[0].faith, Faith::Representatives);
    assert_eq!(outcome.findings[0].trace.len(), 3);
}

#[test]
fn a_narrow_deep_graph_is_explored_level_by_level() {
    let edges: Vec<_> = (0..20_000).map(|node| (node, node + 1)).collect();
    let mut graph = Graph { radix: 30, ..Graph::new(&[0], &edges) };
    graph.bad_states.insert(20_000, Fault::Violates(0));
    let (_, outcome) = run(&graph, &cramped(2));
    assert_eq!((outcome.depth, outcome.distinct), (20_001, 20_001));
    assert_eq!(outcome.findings[0].trace.len(), 20_001);
}

#[test]
fn the_store_takes_few_bytes_a_state() {
    let graph = grid(300);
    let (_, outcome) = run(&graph, &Options { workers: 2, ..Options::default() });
    assert_eq!(outcome.distinct, 90_000);
    assert!(outcome.explored.bytes() <= 40 * 90_000, "{}", outcome.explored.bytes());
}
