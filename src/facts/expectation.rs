//! Expectations in the heads of our own specs.
//!
//! A spec (or a config, which then wins) says in comments what checking it gives:
//!
//! ```text
//! \* expect: invariant Consistent      the kind as --json has it (ok, deadlock …), then what is violated
//! \* distinct: 288                     also: generated, depth, trace (states of the counterexample)
//! \* module: TwoPhase                  in a config: the root module, if it is not named as the config
//! \* size: medium                      small, medium or large; tiny if it is not said
//! ```
//!
//! A line that must be pointed at by a diagnostic ends in `\*! code`.

use std::path::{Path, PathBuf};

use super::modules;
use crate::diagnostic::{Diagnostic, Sources};
use crate::pipeline::Plan;
use crate::report::Report;

/// How much work a case is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub enum Size {
    /// Checked by tests, with one worker and with several.
    #[default]
    Tiny,
    /// Up to some 50,000 states: checked by tests.
    Small,
    /// Up to some two million: checked for every change.
    Medium,
    /// Checked when somebody asks.
    Large,
}

impl Size {
    /// A spec that runs away ends here.
    fn states_max(self) -> u64 {
        match self {
            Size::Tiny | Size::Small => 1_000_000,
            Size::Medium => 10_000_000,
            Size::Large => 1_000_000_000,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "small" => Some(Size::Small),
            "medium" => Some(Size::Medium),
            "large" => Some(Size::Large),
            _ => None,
        }
    }
}

/// What checking should give.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Expectation {
    /// `ok`, or the kind found.
    pub kind: String,
    /// The invariant or property.
    pub property: Option<String>,
    /// Counts by name.
    pub counts: Vec<(String, u64)>,
    /// Lines (from 1) of the root module and the code of the diagnostic there.
    pub diagnostics: Vec<(u32, String)>,
}

/// A spec with a config and what to expect.
#[derive(Clone, Debug)]
pub struct Case {
    /// The root module.
    pub spec: PathBuf,
    /// The config.
    pub config: PathBuf,
    /// How much work it is.
    pub size: Size,
    /// What checking should give.
    pub expectation: Expectation,
}

/// Every config below a folder with its spec, sorted by path.
///
/// # Errors
/// A message when a file cannot be read or has no expectation.
pub fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let mut configs = Vec::new();
    collect(folder, &mut configs).map_err(|e| format!("{}: {e}", folder.display()))?;
    configs.sort();
    configs.into_iter().map(|config| case(&config)).collect()
}

fn collect(folder: &Path, configs: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, configs)?;
        } else if path.extension().is_some_and(|e| e == "cfg") {
            configs.push(path);
        }
    }
    Ok(())
}

fn case(config: &Path) -> Result<Case, String> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let config_text = read(config)?;
    let spec = match field(&config_text, "module") {
        Some(module) => config.with_file_name(format!("{module}.tla")),
        None => config.with_extension("tla"),
    };
    let spec_text = read(&spec)?;
    let head = if field(&config_text, "expect").is_some() { &config_text } else { &spec_text };
    let expectation = parse(head, &spec_text).ok_or_else(|| format!("{}: no `\\* expect:` line", spec.display()))?;
    let size = match field(&config_text, "size") {
        Some(size) => Size::parse(size).ok_or_else(|| format!("{}: there is no size `{size}`", config.display()))?,
        None => Size::default(),
    };
    Ok(Case { spec, config: config.to_owned(), size, expectation })
}

/// The rest of the line `\* name: …`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix("\\*")?.trim_start();
        Some(rest.strip_prefix(name)?.strip_prefix(':')?.trim())
    })
}

fn parse(head: &str, spec: &str) -> Option<Expectation> {
    let mut words = field(head, "expect")?.split_whitespace();
    let kind = words.next()?.to_owned();
    let property = words.next().map(str::to_owned);
    let counts = ["distinct", "generated", "depth", "trace"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), field(head, name)?.replace(',', "").parse().ok()?)))
        .collect();
    let diagnostics = spec
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((number, line.split_once("\\*!")?.1.trim().to_owned())))
        .collect();
    Some(Expectation { kind, property, counts, diagnostics })
}

/// Checks a case and says what differs: nothing, if all is as expected.
pub fn differences(case: &Case, workers: usize) -> Vec<String> {
    match check(case, workers) {
        Ok((_, differences)) => differences,
        Err(panic) => vec![panic],
    }
}

/// Checks a case: the report, and what differs from the expectation.
///
/// # Errors
/// When the checker panics.
pub fn check(case: &Case, workers: usize) -> Result<(Report, Vec<String>), String> {
    let states_max = Some(case.size.states_max());
    let plan = Plan { max_states: states_max, ..modules::plan(&case.spec, &case.config, workers) };
    let (report, sources) = modules::check(&plan)?;
    let differences = compare(case, &report, &sources);
    Ok((report, differences))
}

fn compare(case: &Case, report: &Report, sources: &Sources) -> Vec<String> {
    let expectation = &case.expectation;
    let mut differences = Vec::new();
    let mut expect = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(format!("{what} is {ours}, should be {theirs}"));
        }
    };
    expect("answer", modules::answer(report).to_owned(), expectation.kind.clone());
    let property = report.findings.first().and_then(|f| f.property.clone());
    if expectation.property.is_some() {
        expect("property", format!("{property:?}"), format!("{:?}", expectation.property));
    }
    let trace = report.findings.iter().find_map(|f| f.trace.as_ref()).map(|t| t.steps.len() as u64);
    for (name, expected) in &expectation.counts {
        let ours = match name.as_str() {
            "distinct" => report.distinct,
            "generated" => report.generated,
            "depth" => report.depth,
            _ => trace,
        };
        expect(name, format!("{ours:?}"), format!("{:?}", Some(*expected)));
    }
    let given: Vec<_> =
        report.diagnostics.iter().chain(report.findings.iter().filter_map(|f| f.diagnostic.as_ref())).collect();
    for (line, code) in &expectation.diagnostics {
        if !given.iter().any(|d| d.code == code && points_at(d, &case.spec, *line, sources)) {
            let places: Vec<_> = given.iter().map(|d| format!("{} at {}", d.code, sources.place(d.span))).collect();
            differences.push(format!("no diagnostic {code} at line {line}; there are [{}]", places.join(", ")));
        }
    }
    differences
}

fn points_at(diagnostic: &Diagnostic, path: &Path, line: u32, sources: &Sources) -> bool {
    let here = sources.get(diagnostic.span.file).is_some_and(|f| f.path.file_name() == path.file_name());
    here && sources.range(diagnostic.span).is_some_and(|(start, end)| (start.line..=end.line).contains(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let text = "\\* expect: invariant Safe\n\\* distinct: 1,024\n\\* trace: 4\n---- MODULE M ----\nA == 1 \\*! type\n====\n";
        let expectation = parse(text, text);
        assert_eq!(
            expectation,
            Some(Expectation {
                kind: "invariant".into(),
                property: Some("Safe".into()),
                counts: vec![("distinct".into(), 1024), ("trace".into(), 4)],
                diagnostics: vec![(5, "type".into())],
            })
        );
        assert_eq!(parse("---- MODULE M ----", ""), None);
    }
}
