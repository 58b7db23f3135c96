//! The decision trees.

use loom::sync::Arc;
use loom::thread;

use super::forest::{Forest, Made, Outcome};

/// What an evaluation reads and gives: slot 0, and slot 1 unless there is 0 in slot 0.
fn evaluate(row: &[u32]) -> (&'static [u32], u32) {
    if row[0] == 0 { (&[0], 5) } else { (&[0, 1], row[0] * 8 + row[1]) }
}

/// Asks for a row; evaluates and adds it if it is not known. What is known must be right.
fn ask(forest: &Forest, row: &[u32]) -> bool {
    let (reads, outcome) = evaluate(row);
    let found = forest.find(0, row, &[]);
    if let Some(found) = found {
        assert_eq!(found.outcome, outcome, "memoised is direct: {row:?}");
        assert_eq!(found.reads as usize, reads.len(), "{row:?}");
    } else {
        forest.insert(0, reads, row, &[], &Outcome::Number(outcome)).expect("there is room");
    }
    found.is_some()
}

/// Two threads ask for some rows each, and one looks at all of them meanwhile.
fn race(rows: [&'static [[u32; 2]]; 2]) {
    loom::model(move || {
        let forest = Arc::new(Forest::new(1, 0));
        let other = {
            let forest = forest.clone();
            thread::spawn(move || rows[1].iter().filter(|row| ask(&forest, *row)).count())
        };
        rows[0].iter().for_each(|row| {
            ask(&forest, row);
        });
        other.join().expect("no thread panics");
        assert!(rows.iter().copied().flatten().all(|row| ask(&forest, row)), "what was added stays");
    });
}

#[test]
fn paths_that_share_their_beginning_are_added_at_once() {
    race([&[[1, 0], [0, 0]], &[[1, 1], [1, 0]]]);
}

#[test]
fn nodes_are_written_anew_while_others_look_at_them() {
    // Dense edges for ids 0..2 and 0..16, then sparse ones.
    race([&[[1, 1], [9, 0]], &[[1, 1], [1, 3000]]]);
}

#[test]
fn edges_are_added_to_sparse_nodes_in_place() {
    race([&[[3000, 0], [4000, 0]], &[[3000, 0], [4000, 0]]]);
}

#[test]
fn successors_are_whole_when_their_leaf_is_seen() {
    loom::model(|| {
        let forest = Arc::new(Forest::new(1, 0));
        let other = {
            let forest = forest.clone();
            thread::spawn(move || {
                let mut made = Made::default();
                made.push(&[(0, 7), (1, 8)]);
                made.push(&[]);
                forest.insert(0, &[0], &[3], &[], &Outcome::Successors(&made)).expect("there is room");
            })
        };
        if let Some(found) = forest.find(0, &[3], &[]) {
            let mut made = Made::default();
            forest.successors(found.outcome, &mut made);
            let all: Vec<_> = made.iter().collect();
            assert_eq!(all, [(1, &[(0, 7), (1, 8)][..]), (1, &[])]);
        }
        assert_eq!(forest.find(0, &[4], &[]), None);
        other.join().expect("no thread panics");
    });
}
