//! Speed of the parser: a protocol of ours, and an expression of many operators.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tlaloc::diagnostic::Sources;
use tlaloc::syntax::{parse_expression, parse_file};

fn modules(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for path in ["specs/two_phase_commit/TwoPhaseCommit.tla", "specs/language/HigherOrder.tla"] {
        let text = std::fs::read_to_string(path).expect("the spec is there");
        group.throughput(Throughput::Bytes(text.len() as u64));
        let mut sources = Sources::default();
        let file = sources.add(path, text);
        assert!(parse_file(&sources, file).0.is_some(), "{path} parses");
        let name = Path::new(path).file_stem().expect("a file").to_string_lossy();
        group.bench_function(name, |b| b.iter(|| parse_file(black_box(&sources), file)));
    }
    let junctions: String =
        (0..200).map(|i| format!("/\\ \\/ x{i} = y + {i} * z\n   \\/ f[x{i}] \\in S \\cup T\n")).collect();
    group.throughput(Throughput::Bytes(junctions.len() as u64));
    let mut sources = Sources::default();
    let file = sources.add("junctions", junctions);
    assert!(parse_expression(&sources, file).0.is_some(), "the junctions parse");
    group.bench_function("200 nested junctions", |b| b.iter(|| parse_expression(black_box(&sources), file)));
    group.finish();
}

criterion_group!(benches, modules);
criterion_main!(benches);
