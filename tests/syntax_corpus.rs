//! The parser against specs and answers kept beside the repository: every module of the corpus is read,
//! every expression that TLC's parser refuses is refused, and no other.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod syntax;

use std::path::{Path, PathBuf};

use syntax::{file, on_large_stack, shape};
use tlaloc::diagnostic::{Diagnostic, Sources};
use tlaloc::syntax::{parse_expression, parse_file, print, tree};

fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name), PathBuf::from);
    path.is_dir().then_some(path)
}

fn modules(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            modules(&path, found);
        } else if path.extension().is_some_and(|e| e == "tla") {
            found.push(path);
        }
    }
}

fn shown(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|d| format!("{}: [{}] {}", sources.place(d.span), d.code, d.message));
    lines.collect::<Vec<_>>().join("\n")
}

fn parse_all(folder: &Path) -> Vec<(PathBuf, tree::File)> {
    let mut paths = Vec::new();
    modules(folder, &mut paths);
    paths.sort();
    let mut failures = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("readable")).into_owned();
        let mut sources = Sources::default();
        let file = sources.add(&path, text);
        let (tree, diagnostics) = parse_file(&sources, file);
        match tree {
            Some(tree) if diagnostics.is_empty() => files.push((path, tree)),
            _ => failures.push(shown(&sources, &diagnostics)),
        }
    }
    assert!(failures.is_empty(), "{} files are not read:\n{}", failures.len(), failures.join("\n"));
    files
}

#[test]
fn every_module_of_the_corpus_is_read() {
    let Some(corpus) = folder("TLALOC_CORPUS", "corpus") else {
        eprintln!("skipped: no corpus beside the repository and TLALOC_CORPUS not set");
        return;
    };
    on_large_stack(|| {
        let files = parse_all(&corpus);
        assert!(files.len() > 200, "the corpus has only {} modules", files.len());
        assert!(files.iter().all(|(_, file)| !file.modules.is_empty() && !file.identifiers.is_empty()));
        files.iter().flat_map(|(_, file)| &file.modules).for_each(survives_printing);
    });
}

fn survives_printing(module: &tree::Module) {
    let text = print::module(module);
    let (parsed, diagnostics) = file(&text);
    assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", module.name.text);
    let parsed = parsed.expect("a tree without diagnostics");
    assert!(shape(&parsed.modules[0]) == shape(module), "{} is not the same after printing", module.name.text);
}

#[test]
fn every_module_of_our_own_is_read() {
    on_large_stack(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = parse_all(&folder.join("src/modules"));
        files.iter().flat_map(|(_, file)| &file.modules).for_each(survives_printing);
    });
}

#[test]
fn every_generated_spec_is_read() {
    let Some(vectors) = folder("TLALOC_VECTORS", "vectors") else {
        eprintln!("skipped: no vectors beside the repository and TLALOC_VECTORS not set");
        return;
    };
    on_large_stack(|| assert!(parse_all(&vectors.join("specs")).len() > 300));
}

/// TLC's own classification of this row is of another kind of error, but it is no expression.
const NO_EXPRESSION: &[&str] = &["[1]"];

#[test]
fn expressions_are_refused_exactly_where_sany_does() {
    let Some(vectors) = folder("TLALOC_VECTORS", "vectors") else {
        eprintln!("skipped: no vectors beside the repository and TLALOC_VECTORS not set");
        return;
    };
    let rows = std::fs::read_to_string(vectors.join("expressions.jsonl")).expect("readable");
    on_large_stack(|| {
        let mut failures = Vec::new();
        for row in rows.lines() {
            let row: serde_json::Value = serde_json::from_str(row).expect("a JSON object");
            let text = row["expr"].as_str().expect("an expression");
            let refused = row["error"] == "parse" || NO_EXPRESSION.contains(&text);
            let mut sources = Sources::default();
            let file = sources.add(row["id"].as_str().unwrap_or("row"), text);
            let (tree, diagnostics) = parse_expression(&sources, file);
            let found = tree.is_none() || diagnostics.iter().any(|d| d.code == "parse");
            if found != refused {
                failures.push(format!(
                    "{text:?} should be {}\n{}",
                    if refused { "refused" } else { "read" },
                    shown(&sources, &diagnostics)
                ));
            }
        }
        assert!(failures.is_empty(), "{} rows differ:\n{}", failures.len(), failures.join("\n"));
    });
}
