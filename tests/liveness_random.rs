//! Random little specifications with random fairness and temporal properties, as text, from parsing to verdict: each
//! verdict is compared with a naive decision on the explicit graph.
//!
//! What `src/property/reference.rs` does for the search, this does for everything around it: how formulas are taken
//! apart, where actions are enabled and taken, subscripts, quantifiers, instances, and what is checked without
//! fairness because it is safety.
//!
//! `TLALOC_CASES=100000 TLALOC_SEED=7 cargo test --profile quick --test liveness_random`

#[path = "liveness_random/case.rs"]
mod case;
#[path = "liveness_random/decide.rs"]
mod decide;
#[path = "liveness_random/formula.rs"]
mod formula;

use std::collections::BTreeSet;
use std::path::Path;

use case::{Case, Dice};
use tlaloc::cli::with_large_stack;
use tlaloc::diagnostic::Diagnostic;
use tlaloc::facts::modules;
use tlaloc::report::{Kind, Verdict};

/// Names of violated properties, or why there is no answer.
fn answer(folder: &Path, case: &Case) -> Result<BTreeSet<String>, String> {
    let (spec, config) = (folder.join("Toy.tla"), folder.join("Toy.cfg"));
    std::fs::write(&spec, case.spec()).expect("the spec can be written");
    std::fs::write(folder.join("Abstract.tla"), case.abstract_spec()).expect("the module can be written");
    std::fs::write(&config, case.config()).expect("the config can be written");
    let mut plan = modules::plan(&spec, &config, case.workers);
    (plan.continue_after_violation, plan.no_deadlock, plan.memo) = (true, true, case.memo);
    let (report, _) = modules::check(&plan)?;
    let temporal = |kind| {
        use Kind::{ActionProperty, Invariant, InvariantInitial, PropertyInitial, Temporal};
        matches!(kind, Temporal | ActionProperty | Invariant | InvariantInitial | PropertyInitial)
    };
    let violated: BTreeSet<String> =
        report.findings.iter().filter(|f| temporal(f.kind)).filter_map(|f| f.property.clone()).collect();
    let expected = if violated.is_empty() { Verdict::Ok } else { Verdict::Violation };
    if report.verdict != expected || !report.unchecked.is_empty() || report.findings.iter().any(|f| !temporal(f.kind)) {
        let messages = report.findings.iter().map(|f| f.message.clone());
        let told = |d: &&Diagnostic| d.is_error() || d.code == "liveness-undecided";
        let errors = report.diagnostics.iter().filter(told).map(|d| d.message.clone());
        return Err(messages.chain(errors).collect::<Vec<_>>().join("; "));
    }
    Ok(violated)
}

#[test]
fn verdicts_agree_with_a_naive_decision() {
    let exit = with_large_stack(|| {
        let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
        let (cases, seed) = (number("TLALOC_CASES").unwrap_or(400), number("TLALOC_SEED").unwrap_or(1));
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (mut violated, mut properties, mut too_large) = (0, 0, 0);
        for number in 0..cases {
            let case = Case::new(&mut Dice::new(seed, number));
            let expected = case.violated();
            let found = answer(folder.path(), &case);
            if found.as_ref().is_err_and(|why| why.contains("too large")) {
                too_large += 1;
                continue;
            }
            assert!(
                found.as_ref() == Ok(&expected),
                "case {number} of seed {seed}: {found:?}, should be {expected:?}\n{}\n{}\n{}",
                case.config(),
                case.spec(),
                case.abstract_spec()
            );
            violated += expected.len();
            properties += case.properties.len();
        }
        assert!(too_large * 50 <= cases, "{too_large} of {cases} are too large to decide");
        assert!(
            violated * 10 > properties && violated * 10 < properties * 9,
            "{violated} of {properties} are violated"
        );
        0
    });
    assert_eq!(exit, 0);
}
