//! Every spec of ours gives what its head expects, with one worker and with several. Larger models are checked
//! by `cargo run --release --bin specs`.

use std::path::Path;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::expectation::{Size, cases, differences};

fn check(size_max: Size, workers: usize) {
    let exit = with_large_stack(move || {
        let cases = cases(Path::new("specs")).expect("every spec has an expectation");
        assert!(!cases.is_empty(), "there are specs");
        let complaints: Vec<_> = cases
            .iter()
            .filter(|case| case.size <= size_max)
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
    check(Size::Tiny, 1);
}

#[test]
fn specs_give_what_they_expect_with_three_workers() {
    check(Size::Small, 3);
}
