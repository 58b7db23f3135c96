//! What a worker does for each state once everything is known: successors and invariants from decision trees, and
//! the representative under symmetry. All on two-phase commit.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tlaloc::config::parse_config;
use tlaloc::diagnostic::Sources;
use tlaloc::eval::{Evaluator, Settings};
use tlaloc::explore::{Options, explore};
use tlaloc::model::{Model, Transition, Worker};
use tlaloc::partition::TlaModel;
use tlaloc::partition::model::Plan;
use tlaloc::resolve::{Search, resolve_file};
use tlaloc::value::Universe;
use tlaloc::value::machine::Services;

const ROOT: &str = "---- MODULE Bench ----\nEXTENDS TwoPhaseCommit, TLC\nPerms == Permutations(Participants)\n====\n";

/// Two-phase commit of so many participants.
fn model(participants: usize, memo: bool, symmetry: bool) -> TlaModel {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("Bench.tla");
    std::fs::write(&root, ROOT).expect("the folder is writable");
    let names: Vec<String> = (1..=participants).map(|n| format!("p{n}")).collect();
    let mut config = format!(
        "SPECIFICATION Spec\nINVARIANTS TypeOK Consistent\nCONSTANTS Participants = {{{}}} Impatient = FALSE\n",
        names.join(", ")
    );
    if symmetry {
        config.push_str("SYMMETRY Perms\n");
    }
    let mut sources = Sources::default();
    let file = sources.add("Bench.cfg", config);
    let (config, _) = parse_config(&sources, file);
    let library = Path::new("specs/two_phase_commit").to_owned();
    let search = Search { folder: folder.path().to_owned(), libraries: vec![library] };
    let spec = resolve_file(&mut sources, &root, &search, config.as_ref()).spec.expect("the spec resolves");
    let universe = Universe::new(spec.symbols.clone());
    universe.enter();
    let spec = Arc::new(spec);
    let mut evaluator = Evaluator::new(spec.clone(), Settings::default(), Services::silent());
    let plan = Plan {
        spec,
        universe,
        settings: Settings::default(),
        services: Arc::new(|_| Services::silent()),
        checks_deadlock: true,
        seed: 0,
        memo,
        measure: false,
        registers: Vec::new(),
    };
    TlaModel::build(plan, &mut evaluator).ok().expect("the model can be built")
}

/// Rows that were reached, evenly spread.
fn rows(model: &TlaModel) -> Vec<Vec<u32>> {
    let explored = explore(model, &Options::default()).explored;
    let step = (explored.len() / 1000).max(1);
    let row = |index| {
        let mut row = Vec::new();
        explored.read(index, &mut row).then_some(row)
    };
    (0..explored.len()).step_by(usize::try_from(step).unwrap_or(1)).filter_map(row).collect()
}

fn expanding(c: &mut Criterion) {
    let mut group = c.benchmark_group("a state of two-phase commit with 5 participants");
    for (name, memo) in [("memoised", true), ("evaluated", false)] {
        let model = model(5, memo, false);
        let rows = rows(&model);
        let mut worker = model.worker();
        group.throughput(Throughput::Elements(rows.len() as u64));
        group.bench_function(format!("successors {name}"), |b| {
            b.iter(|| {
                let mut made = 0_u64;
                for row in &rows {
                    let expanded = worker.transitions(row, |_: &mut _, transition: Transition<'_>| {
                        made += u64::from(transition.times);
                        Ok(())
                    });
                    assert!(expanded.is_ok(), "two-phase commit has no errors");
                }
                black_box(made)
            });
        });
        group.bench_function(format!("invariants {name}"), |b| {
            b.iter(|| rows.iter().filter(|row| worker.check_state(row).is_ok()).count());
        });
    }
    group.finish();
}

fn representing(c: &mut Criterion) {
    let mut group = c.benchmark_group("the representative of a state of two-phase commit");
    for participants in [3, 5, 8] {
        let model = model(participants, true, true);
        let representatives = rows(&model);
        let mut worker = model.worker();
        let mut found = Vec::new();
        for row in &representatives {
            let expanded = worker.successors(row, &mut |_, _, to| {
                found.push(to.to_vec());
                Ok(())
            });
            assert!(expanded.is_ok(), "two-phase commit has no errors");
        }
        group.throughput(Throughput::Elements(found.len() as u64));
        group.bench_function(format!("{participants} participants"), |b| {
            let mut row = Vec::new();
            b.iter(|| {
                let mut same = 0;
                for state in &found {
                    row.clone_from(state);
                    assert!(worker.canonical(&mut row).is_ok(), "values have images");
                    same += usize::from(row == *state);
                }
                black_box(same)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, expanding, representing);
criterion_main!(benches);
