//! What SANY refuses is refused, on the line and with the words that the spec itself says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tlaloc::diagnostic::Sources;
use tlaloc::syntax::parse_file;

fn specs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/language/rejected-syntax");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn field<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix(&format!("\\* {name}: "))).unwrap_or("")
}

#[test]
fn each_is_refused_at_its_line_with_its_message() {
    let mut complaints = String::new();
    for path in specs() {
        let text = std::fs::read_to_string(&path).expect("readable");
        let expected: Vec<(u32, &str)> =
            (1..).zip(text.lines()).filter_map(|(n, line)| Some((n, line.split_once("\\*!")?.1.trim()))).collect();
        let mut sources = Sources::default();
        let file = sources.add(&path, text.clone());
        let (_, diagnostics) = parse_file(&sources, file);
        let found: Vec<(u32, &str)> = diagnostics
            .iter()
            .map(|d| (sources.position(d.span.file, d.span.start).map_or(0, |p| p.line), d.code))
            .collect();
        let message = diagnostics.first().map_or("", |d| d.message.as_str());
        if found != expected || message != field(&text, "message") {
            let name = path.file_stem().map_or(String::new(), |n| n.to_string_lossy().into_owned());
            writeln!(complaints, "{name}\t{message}\t{found:?} for {expected:?}").expect("a string can be written");
        }
    }
    assert!(complaints.is_empty(), "not as expected:\n{complaints}");
}
