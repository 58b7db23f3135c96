//! The reference checker's answers on expressions and small modules, where the folder of facts is present.

mod answers;

use std::path::Path;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::{Judgement, accidents, expressions, folder, modules, skipped};
use tlaloc::pipeline::{Plan, States};

use answers::Answer;

/// Differences that are known and explained.
const ACCIDENTS: &str = "docs/tlc-differences.txt";

/// Runs `judge` in the folder of facts and complains about everything that is not a listed difference.
fn compare(judge: fn(&Path) -> Vec<(String, Judgement)>) {
    let Some(folder) = folder("TLALOC_VECTORS", "vectors") else {
        skipped("there are no vectors (set TLALOC_VECTORS to their folder)");
        return;
    };
    let exit = with_large_stack(move || {
        let accidents = accidents::read(Path::new(ACCIDENTS)).expect("the list of differences is there");
        let judgements = judge(&folder);
        assert!(!judgements.is_empty(), "there are facts");
        let complaints = accidents::complaints(&judgements, &accidents);
        assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), judgements.len(), complaints.join("\n"));
        0
    });
    assert_eq!(exit, 0);
}

#[test]
fn expressions_have_tlcs_values() {
    compare(|folder| {
        let rows = expressions::read(&folder.join("expressions.jsonl")).expect("the rows are readable");
        rows.into_iter().map(|row| (row.id.clone(), expressions::judge(&row))).collect()
    });
}

#[test]
fn modules_have_tlcs_verdicts_with_one_worker() {
    compare(|folder| judge_modules(folder, 1));
}

#[test]
fn modules_have_tlcs_verdicts_with_two_workers() {
    compare(|folder| judge_modules(folder, 2));
}

fn judge_modules(folder: &Path, workers: usize) -> Vec<(String, Judgement)> {
    let folder = folder.join("specs");
    let rows = modules::read(&folder).expect("the rows are readable");
    rows.into_iter().map(|row| (row.name.clone(), modules::judge(&folder, &row, workers))).collect()
}

/// The whole answer, with every state of every trace, is the same however states are kept and successors made.
#[test]
fn modules_have_the_same_answer_however_they_are_explored() {
    let Some(folder) = folder("TLALOC_VECTORS", "vectors") else {
        skipped("there are no vectors (set TLALOC_VECTORS to their folder)");
        return;
    };
    let exit = with_large_stack(move || {
        let folder = folder.join("specs");
        for row in modules::read(&folder).expect("the rows are readable") {
            let file = |extension: &str| folder.join(format!("{}.{extension}", row.name));
            let (spec, config) = (file("tla"), file("cfg"));
            let ask = |memo: bool, states: States, workers: usize| -> Result<Answer, String> {
                let plan = Plan { memo, states, ..modules::plan(&spec, &config, workers) };
                answers::check(&plan).map(|(answer, _)| answer)
            };
            let plain = ask(false, States::Exact, 1);
            for (memo, states, workers) in [
                (true, States::Exact, 1),
                (true, States::Exact, 2),
                (true, States::Exact, 7),
                (true, States::Compressed, 3),
                (false, States::Exact, 2),
            ] {
                let answer = ask(memo, states, workers);
                assert_eq!(answer, plain, "{}: memo {memo}, {states:?}, {workers} workers", row.name);
            }
        }
        0
    });
    assert_eq!(exit, 0);
}
