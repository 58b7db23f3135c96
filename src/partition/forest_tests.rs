//! Decision trees by themselves. Beside `forest.rs`, because `tests/loom` includes that file.

use super::forest::{Forest, Made, Outcome};
use proptest::prelude::*;

/// A deterministic "evaluation": reads slots as decided by what it read, and gives their sum.
fn evaluate(row: &[u32], steps: usize) -> (Vec<u32>, u32) {
    let (mut reads, mut sum, mut slot) = (Vec::new(), 0u32, 0usize);
    for _ in 0..steps {
        if !reads.contains(&(slot as u32)) {
            reads.push(slot as u32);
        }
        sum = (sum + row[slot]) & 0xFFFF;
        slot = (slot + 1 + row[slot] as usize) % row.len();
    }
    (reads, sum)
}

fn ask(forest: &Forest, row: &[u32], steps: usize) -> (u32, bool) {
    let (reads, sum) = evaluate(row, steps);
    match forest.find(1, row, &[]) {
        Some(known) => (known.outcome, true),
        None => {
            forest.insert(1, &reads, row, &[], &Outcome::Number(sum)).expect("there is room");
            (sum, false)
        }
    }
}

proptest! {
    #[test]
    fn memoised_is_direct(rows in prop::collection::vec(prop::collection::vec(0u32..7000, 6), 1..200), steps in 1usize..5) {
        let forest = Forest::new(2, 0);
        for row in rows.iter().chain(&rows) {
            prop_assert_eq!(ask(&forest, row, steps).0, evaluate(row, steps).1);
            prop_assert!(ask(&forest, row, steps).1);
        }
    }
}

#[test]
fn threads_agree() {
    let forest = Forest::new(2, 0);
    let rows: Vec<Vec<u32>> =
        (0..4000u32).map(|n| (0..5).map(|k| n.wrapping_mul(2_654_435_761) >> (7 * k) & 63).collect()).collect();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let (forest, rows) = (&forest, &rows);
            scope.spawn(move || {
                for at in 0..rows.len() {
                    let row = &rows[(at + start * 1000) % rows.len()];
                    assert_eq!(ask(forest, row, 4).0, evaluate(row, 4).1);
                }
            });
        }
    });
}

#[test]
fn successors_are_kept_as_changes() {
    let forest = Forest::new(1, 0);
    let (mut made, mut kept) = (Made::default(), Made::default());
    for changes in [&[(1, 7)][..], &[], &[], &[(0, 9), (2, 9)], &[]] {
        made.add(changes, 1, false);
    }
    forest.insert(0, &[0], &[5], &[], &Outcome::Successors(&made)).expect("there is room");
    let found = forest.find(0, &[5], &[]).expect("it was inserted");
    assert_eq!((found.first, found.reads), (Some((0, 5)), 1));
    forest.successors(found.outcome, &mut kept);
    let all: Vec<_> = (0..kept.len()).map(|at| kept.get(at)).collect();
    assert_eq!(all, [(1, &[(1, 7)][..]), (3, &[]), (1, &[(0, 9), (2, 9)])]);
    assert_eq!(forest.find(0, &[6], &[]), None);
}

#[test]
fn a_group_without_successors_has_outcome_0() {
    let (forest, mut made) = (Forest::new(1, 0), Made::default());
    forest.insert(0, &[], &[5], &[], &Outcome::Successors(&made)).expect("there is room");
    let found = forest.find(0, &[1], &[]).expect("it was inserted");
    assert_eq!((found.outcome, found.first), (0, None));
    forest.successors(0, &mut made);
    assert_eq!(made.len(), 0);
}
