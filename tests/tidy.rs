//! How the code is kept: who may import whom, how long files are, what a stage says about itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The arrows between stages: who may `use crate::…` whom, in the order of the pipeline. A new arrow is a
/// decision: write it here with the reason in the commit. `Stage::part` narrows an arrow to one module.
const ARROWS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("model", &[]),
    ("syntax", &["diagnostic"]),
    ("modules", &["value", "resolve::spec"]),
    ("config", &["diagnostic"]),
    ("resolve", &["diagnostic", "syntax", "modules", "config"]),
    ("value", &["diagnostic", "resolve::spec", "model"]),
    ("eval", &["diagnostic", "resolve::spec", "value", "modules", "model"]),
    ("partition", &["diagnostic", "resolve::spec", "value", "modules", "eval", "model", "report", "trace"]),
    ("explore", &["model"]),
    // Liveness evaluates atoms with the workers of the model.
    ("property", &["diagnostic", "resolve::spec", "value", "eval", "partition", "model", "explore", "report", "trace"]),
    ("trace", &["diagnostic", "resolve::spec", "value"]),
    // A log's behaviours are those of the model's branches; a rejection is explained as a violation is.
    (
        "validate",
        &["diagnostic", "resolve::spec", "config::nearest", "value", "eval", "partition", "property", "report"],
    ),
    ("generate", &["diagnostic", "resolve::spec", "value", "eval", "partition", "model", "trace"]),
    ("report", &["diagnostic", "trace"]),
    (
        "pipeline",
        &[
            "diagnostic",
            "syntax",
            "resolve",
            "config",
            "modules",
            "value",
            "eval",
            "partition",
            "model",
            "explore",
            "property",
            "trace",
            "validate",
            "generate",
            "report",
        ],
    ),
    ("threats", &["diagnostic", "config", "report", "pipeline"]),
    ("cli", &["diagnostic", "model", "explore", "trace", "validate::outcome", "report", "pipeline", "threats"]),
    ("facts", &["diagnostic", "report", "pipeline", "cli"]),
];

/// Files that may be longer than [`LINES_MAX`], and why.
const LONG_FILES: &[(&str, &str)] =
    &[("src/eval/action.rs", "one interpreter of actions: its cases share their continuations")];

/// Longer files are several.
const LINES_MAX: usize = 600;

/// Where sources are that other programs are made of.
const FOLDERS: &[&str] = &["src", "crates", "examples"];

/// Words that name nothing.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "handler", "data", "misc"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file is readable")
}

/// `src/cli/text.rs` → `cli`; `None` for the crate's root and the binaries.
fn stage(path: &Path) -> Option<String> {
    let inside = path.strip_prefix("src").ok()?;
    let first = inside.iter().next()?.to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main" | "bin")).then(|| name.to_owned())
}

/// What a file takes from other stages: `value`, `resolve::spec` … one a path, groups taken apart.
fn imports(text: &str) -> BTreeSet<String> {
    let mut imports = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let is_code = !text[..at].lines().next_back().is_some_and(|line| line.trim_start().starts_with("//"));
        let mut segments = text[at + "crate::".len()..].split("::");
        let first = segments.next().unwrap_or_default();
        if let Some(group) = first.strip_prefix('{').filter(|_| is_code) {
            let names = group.split(['}', ';']).next().unwrap_or_default();
            imports.extend(names.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()));
            continue;
        }
        let name: String = first.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !is_code || name.is_empty() || !name.starts_with(char::is_lowercase) {
            continue;
        }
        let whole_segment = name == first;
        let second: String = segments
            .next()
            .filter(|_| whole_segment)
            .map(|s| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
            .unwrap_or_default();
        imports.insert(if second.starts_with(char::is_lowercase) { format!("{name}::{second}") } else { name });
    }
    imports
}

#[test]
fn imports_follow_the_pipeline() {
    let mut complaints = Vec::new();
    // Tests may look further.
    for path in sources(Path::new("src")).into_iter().filter(|p| !p.ends_with("tests.rs")) {
        let Some(stage) = stage(&path) else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == stage) else {
            complaints.push(format!("{}: stage `{stage}` is not in the table of arrows", path.display()));
            continue;
        };
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for import in imports(code) {
            let whole = import.split("::").next().unwrap_or_default();
            if whole != stage && !allowed.iter().any(|a| *a == import || *a == whole) {
                complaints.push(format!("{}: imports `{import}`, which `{stage}` must not know", path.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn files_are_short() {
    let long: Vec<_> = FOLDERS
        .iter()
        .flat_map(|folder| sources(Path::new(folder)))
        .filter(|path| !LONG_FILES.iter().any(|(name, _)| Path::new(name) == path))
        .map(|path| (read(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn stages_say_what_they_are() {
    let mut complaints = Vec::new();
    for path in sources(Path::new("src")).into_iter().filter(|p| p.ends_with("mod.rs") && p.iter().count() == 3) {
        let text = read(&path);
        let head: String = text.lines().take_while(|l| l.starts_with("//!")).collect::<Vec<_>>().join("\n");
        for word in ["*Takes*", "*Gives*", "*Ignores*"] {
            if !head.contains(word) {
                complaints.push(format!("{}: the head does not say what the stage {word}", path.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn names_mean_something() {
    let empty: Vec<_> = FOLDERS
        .iter()
        .flat_map(|folder| sources(Path::new(folder)))
        .filter(|path| path.file_stem().and_then(|s| s.to_str()).is_some_and(|s| EMPTY_NAMES.contains(&s)))
        .collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn sources_know_no_absolute_paths() {
    let roots = ["/home/", "/work/", "/Users/", "/root/", "/tmp/"].map(|root| format!("\"{root}"));
    let paths = ["src", "tests", "benches", "crates", "examples"]
        .map(Path::new)
        .into_iter()
        .filter(|p| p.is_dir())
        .flat_map(sources);
    let mut complaints = Vec::new();
    for path in paths.filter(|p| !p.ends_with("tidy.rs")) {
        for (line, number) in read(&path).lines().zip(1..) {
            if roots.iter().any(|root| line.contains(root.as_str())) {
                complaints.push(format!("{}:{number}: {line}", path.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_library_does_not_print() {
    let mut complaints = Vec::new();
    for path in sources(Path::new("src")) {
        for (line, number) in read(&path).lines().zip(1..) {
            let code = line.trim_start();
            let prints = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!("].iter().any(|m| code.contains(m));
            if prints && !code.starts_with("//") {
                complaints.push(format!("{}:{number}: {line}", path.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
