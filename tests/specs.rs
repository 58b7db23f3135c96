//! Every spec of ours gives what its head expects, with one worker and with several.

use std::path::Path;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::expectation::{cases, differences};

fn check(workers: usize) {
    let exit = with_large_stack(move || {
        let cases = cases(Path::new("specs")).expect("every spec has an expectation");
        assert!(!cases.is_empty(), "there are specs");
        let complaints: Vec<_> = cases
            .iter()
            .flat_map(|case| {
                differences(case, workers).into_iter().map(move |d| format!("{}: {d}", case.config.display()))
            })
            .collect();
        assert!(complaints.is_empty(), "{} differences:\n{}", complaints.len(), complaints.join("\n"));
        0
    });
    assert_eq!(exit, 0);
}

#[test]
fn specs_give_what_they_expect_with_one_worker() {
    check(1);
}

#[test]
fn specs_give_what_they_expect_with_three_workers() {
    check(3);
}
