//! What SANY accepts and rejects, over the reference vectors and the corpus of public specs.

#![allow(clippy::print_stdout, reason = "tests say what they skip")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tlaloc::config::parse_config;
use tlaloc::diagnostic::{Diagnostic, Sources};
use tlaloc::resolve::{Search, resolve_expression, resolve_file};

fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(test).expect("a thread can be started");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// A folder of reference data: `$variable`, or `../shared/name` beside the project.
fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable)
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name));
    path.is_dir().then_some(path)
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is readable");
    serde_json::from_str(&text).expect("the file is JSON")
}

fn told(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|d| format!("  {} {} {}", sources.place(d.span), d.code, d.message));
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads config and module; what is wrong, if anything.
fn check_model(tla: &Path, cfg: &Path) -> Result<(), String> {
    let mut sources = Sources::default();
    let text = std::fs::read_to_string(cfg).map_err(|e| e.to_string())?;
    let file = sources.add(cfg, text);
    let (config, mut diagnostics) = parse_config(&sources, file);
    if let Some(config) = &config {
        let search = Search { folder: tla.parent().unwrap_or(tla).to_path_buf(), libraries: Vec::new() };
        let resolution = resolve_file(&mut sources, tla, &search, Some(config));
        diagnostics.extend(resolution.diagnostics);
        if resolution.spec.is_some() && !diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(());
        }
    }
    Err(told(&sources, &diagnostics))
}

#[test]
fn accepts_and_rejects_expressions_as_the_vectors_say() {
    let Some(vectors) = folder("TLALOC_VECTORS", "vectors") else {
        return println!("skipped: no vectors");
    };
    on_large_stack(move || {
        let text = std::fs::read_to_string(vectors.join("expressions.jsonl")).expect("the vectors are readable");
        let mut wrong = Vec::new();
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).expect("a row is JSON");
            let extends: Vec<String> = row["modules"]
                .as_array()
                .expect("modules is a list")
                .iter()
                .filter_map(|module| module.as_str().map(str::to_owned))
                .collect();
            let mut sources = Sources::default();
            let expression = row["expr"].as_str().expect("expr is a string");
            let resolution = resolve_expression(&mut sources, &extends, expression, &Search::default());
            let parse = resolution.diagnostics.iter().any(|d| d.code == "parse");
            let found = match (&resolution.spec, parse) {
                (Some(_), _) => "accepted",
                (None, true) => "parse",
                (None, false) => "semantic",
            };
            let expected = match row["error"].as_str() {
                Some("parse") => "parse",
                Some("semantic") => "semantic",
                _ => "accepted",
            };
            if found != expected && (expected == "accepted" || found == "accepted") {
                let told = told(&sources, &resolution.diagnostics);
                wrong.push(format!("{} {expected} but {found}: {expression}\n{told}", row["id"]));
            }
        }
        assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn resolves_every_vector_spec() {
    let Some(vectors) = folder("TLALOC_VECTORS", "vectors") else {
        return println!("skipped: no vectors");
    };
    on_large_stack(move || {
        let mut models: Vec<PathBuf> = std::fs::read_dir(vectors.join("specs"))
            .expect("there are specs")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "tla"))
            .collect();
        models.sort();
        let wrong: Vec<String> =
            models.iter().filter_map(|tla| check_model(tla, &tla.with_extension("cfg")).err()).collect();
        assert!(wrong.is_empty(), "{} models:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn resolves_every_model_of_the_corpus() {
    let Some(corpus) = folder("TLALOC_CORPUS", "corpus") else {
        return println!("skipped: no corpus");
    };
    on_large_stack(move || {
        let rows = read_json(&corpus.join("expected.json"));
        let mut wrong = Vec::new();
        for row in rows.as_array().expect("expected.json is a list") {
            let path = |key: &str| corpus.join(row[key].as_str().expect("a path"));
            if let Err(told) = check_model(&path("tla"), &path("cfg")) {
                wrong.push(format!("{} {}\n{told}", row["tla"], row["cfg"]));
            }
        }
        assert!(wrong.is_empty(), "{} models:\n{}", wrong.len(), wrong.join("\n"));
    });
}
