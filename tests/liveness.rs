//! Liveness as users meet it: answers and counterexamples do not depend on threads, and nothing is ok that was
//! not checked. What the traps in `specs/language/liveness` give is checked by `tests/specs.rs`; that the search
//! agrees with a naive one on random graphs and formulas, by `src/property/reference.rs`:
//!
//! `TLALOC_CASES=200000 TLALOC_SEED=7 cargo test --profile quick reference`

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};

use tlaloc::cli::with_large_stack;
use tlaloc::facts::{folder, modules};
use tlaloc::report::{Finding, Kind, Report, Verdict};

/// Runs a test where deep expressions are no trouble.
fn on_large_stack(test: fn()) {
    let exit = with_large_stack(move || {
        test();
        0
    });
    assert_eq!(exit, 0);
}

fn check(spec: &Path, config: &Path, workers: usize) -> Report {
    modules::check(&modules::plan(spec, config, workers)).expect("the checker does not panic").0
}

/// Everything about a report that must not depend on threads.
fn shape(report: &Report) -> String {
    let finding = |f: &Finding| {
        let states = f.trace.iter().flat_map(|t| &t.steps).map(|step| {
            let action = step.action.as_ref().map_or(String::new(), |a| format!("{} {:?}", a.name, a.span));
            let values: Vec<_> = step.values.iter().map(|v| v.display_whole()).collect();
            format!("{action}: {}", values.join(", "))
        });
        let states: Vec<_> = states.collect();
        let loop_to = f.trace.as_ref().and_then(|t| t.loop_to);
        format!("{:?} {:?} {} {:?} {loop_to:?} {:#?}", f.kind, f.property, f.message, f.because, states)
    };
    let findings: Vec<_> = report.findings.iter().map(finding).collect();
    let figures = report.temporal.map(|t| (t.states, t.steps, t.product_nodes, t.product_edges));
    format!("{:?} {:?} {figures:?} {findings:#?}", report.verdict, report.unchecked)
}

fn same_with_any_number_of_workers(models: Vec<(PathBuf, PathBuf)>) {
    for (spec, config) in models {
        let alone = shape(&check(&spec, &config, 1));
        for workers in [2, 7] {
            assert_eq!(alone, shape(&check(&spec, &config, workers)), "{} with {workers} workers", config.display());
        }
    }
}

fn written(name: &str, spec: &str, config: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (tla, cfg) = (folder.path().join(format!("{name}.tla")), folder.path().join(format!("{name}.cfg")));
    std::fs::write(&tla, spec).expect("the spec can be written");
    std::fs::write(&cfg, config).expect("the config can be written");
    (folder, tla, cfg)
}

const GRID: &str = "
---- MODULE Grid ----
EXTENDS Naturals
VARIABLES x, y
vars == <<x, y>>
Init == x = 0 /\\ y = 0
Right == x < 39 /\\ x' = x + 1 /\\ y' = y
Up == y < 39 /\\ y' = y + 1 /\\ x' = x
Home == x = 39 /\\ y = 39 /\\ x' = 0 /\\ y' = 0
Back == x > 20 /\\ x' = x - 1 /\\ UNCHANGED y
Next == Right \\/ Up \\/ Home \\/ Back
Spec == Init /\\ [][Next]_vars /\\ WF_vars(Next) /\\ SF_vars(Home)
Fair == Spec /\\ SF_vars(Up) /\\ WF_vars(Right)
Corner == []<>(x = 39 /\\ y = 39)
Top == <>(y = 39)
Reaches == (y = 3) ~> (y = 7)
====
";

#[test]
fn a_graph_made_by_many_threads_is_the_same() {
    on_large_stack(|| {
        for (specification, property) in [("Spec", "Corner"), ("Spec", "Top"), ("Spec", "Reaches"), ("Fair", "Top")] {
            let config = format!("SPECIFICATION {specification}\nPROPERTY {property}\n");
            let (_folder, spec, config) = written("Grid", GRID, &config);
            same_with_any_number_of_workers(vec![(spec.clone(), config.clone())]);
            let report = check(&spec, &config, 2);
            let expected = if specification == "Fair" { Verdict::Ok } else { Verdict::Violation };
            assert_eq!(report.verdict, expected, "{specification} {property}");
            assert_eq!(report.distinct, Some(1600));
        }
    });
}

#[test]
fn counterexamples_do_not_depend_on_workers() {
    on_large_stack(|| {
        let folder = Path::new("specs/language/liveness");
        let mut models = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the specs are there") {
            let spec = entry.expect("it is readable").path();
            let config = spec.with_extension("cfg");
            if spec.extension().is_some_and(|e| e == "tla") && config.exists() {
                models.push((spec, config));
            }
        }
        models.sort();
        assert!(models.len() > 20, "there are specs");
        same_with_any_number_of_workers(models);
    });
}

#[test]
fn counterexamples_of_the_facts_do_not_depend_on_workers() {
    on_large_stack(|| {
        let Some(folder) = folder("TLALOC_VECTORS", "vectors") else {
            eprintln!("skipped: there are no vectors (set TLALOC_VECTORS to their folder)");
            return;
        };
        let folder = folder.join("specs");
        let rows = modules::read(&folder).expect("the rows are readable");
        let temporal = rows.iter().filter(|row| row.features.iter().any(|f| f == "temporal"));
        let models: Vec<_> = temporal.map(|row| (folder.join(&row.tla), folder.join(&row.cfg))).collect();
        assert!(models.len() > 100, "many rows have temporal properties");
        same_with_any_number_of_workers(models);
    });
}

#[test]
fn all_violated_properties_are_reported_if_asked_for() {
    on_large_stack(|| {
        let config = "SPECIFICATION Spec\nPROPERTIES Corner Top Reaches\n";
        let (_folder, spec, config) = written("Grid", GRID, config);
        let mut plan = modules::plan(&spec, &config, 2);
        let first = modules::check(&plan).expect("no panic").0;
        assert_eq!(first.findings.len(), 1);
        assert_eq!(first.unchecked, ["Top", "Reaches"]);
        plan.continue_after_violation = true;
        let all = modules::check(&plan).expect("no panic").0;
        let names: Vec<_> = all.findings.iter().filter_map(|f| f.property.clone()).collect();
        assert_eq!(names, ["Corner", "Top", "Reaches"]);
        assert!(all.findings.iter().all(|f| f.kind == Kind::Temporal && f.trace.is_some()));
        assert!(all.unchecked.is_empty());
        assert_eq!(all.exit_code(), 13);
    });
}

#[test]
fn what_was_not_explored_is_not_ok() {
    on_large_stack(|| {
        let (_folder, spec, config) = written("Grid", GRID, "SPECIFICATION Fair\nPROPERTY Top\n");
        let mut plan = modules::plan(&spec, &config, 1);
        plan.max_states = Some(100);
        let cut = modules::check(&plan).expect("no panic").0;
        assert_eq!(cut.verdict, Verdict::Incomplete);
        assert_eq!(cut.unchecked, ["Top"]);
        plan.max_states = None;
        plan.memory_bytes = Some(1);
        let small = modules::check(&plan).expect("no panic").0;
        assert_eq!(small.verdict, Verdict::Incomplete);
    });
}

#[test]
fn a_view_that_hides_infinitely_many_states_gives_no_success() {
    on_large_stack(|| {
        let text = std::fs::read_to_string("specs/language/liveness/ViewGrows.tla").expect("the spec is there");
        let text = text.replace("Meets ==", "Apart == []<>(high # low)\nMeets ==");
        let config = "SPECIFICATION Spec\nVIEW Distance\nPROPERTY Apart\n";
        let (_folder, spec, config) = written("ViewGrows", &text, config);
        let mut plan = modules::plan(&spec, &config, 1);
        plan.max_states = Some(2000);
        let report = modules::check(&plan).expect("no panic").0;
        assert_eq!(report.verdict, Verdict::Incomplete);
        assert_eq!(report.unchecked, ["Apart"]);
        assert!(report.findings[0].message.contains("without VIEW"), "{}", report.findings[0].message);
    });
}
