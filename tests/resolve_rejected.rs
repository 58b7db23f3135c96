//! Every spec of `specs/language/rejected-names` is rejected with exactly the codes its lines announce.

use std::path::{Path, PathBuf};

use tlaloc::cli::with_large_stack;
use tlaloc::diagnostic::{Diagnostic, Sources};
use tlaloc::resolve::{Search, resolve_file};

/// Lines (from 1) that end in `\*! code`.
fn announced(text: &str) -> Vec<(u32, String)> {
    let lines = text.lines().zip(1..);
    lines.filter_map(|(line, number)| Some((number, line.split_once("\\*! ")?.1.trim().to_owned()))).collect()
}

fn found(path: &Path) -> (Vec<(u32, String)>, bool, String) {
    let mut sources = Sources::default();
    let search = Search { folder: path.parent().unwrap_or(path).to_path_buf(), libraries: Vec::new() };
    let resolution = resolve_file(&mut sources, path, &search, None);
    let mut errors: Vec<(u32, String)> = resolution
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .map(|diagnostic| {
            let position = sources.position(diagnostic.span.file, diagnostic.span.start);
            (position.map_or(0, |p| p.line), diagnostic.code.to_owned())
        })
        .collect();
    errors.sort();
    let told = |d: &Diagnostic| format!("  {} {} {}", sources.place(d.span), d.code, d.message);
    let told = resolution.diagnostics.iter().map(told).collect::<Vec<_>>().join("\n");
    (errors, resolution.spec.is_some(), told)
}

#[test]
fn specs_are_rejected_where_they_say() {
    let exit = with_large_stack(|| {
        let folder = Path::new("specs/language/rejected-names");
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).expect("the folder is readable").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        assert!(paths.len() > 20, "there are specs");
        let mut wrong = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("the spec is readable");
            let (errors, accepted, told) = found(&path);
            if errors != announced(&text) || accepted {
                wrong.push(format!("{}: {:?}\n{told}", path.display(), announced(&text)));
            }
        }
        assert!(wrong.is_empty(), "{} specs:\n{}", wrong.len(), wrong.join("\n"));
        0
    });
    assert_eq!(exit, 0);
}
