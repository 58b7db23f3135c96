//! Small modules with their configs and what TLC says about them.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::{Judgement, without_panic};
use crate::cli::json;
use crate::diagnostic::Sources;
use crate::pipeline::{self, Observer, Plan};
use crate::report::Report;

/// One module.
#[derive(Clone, Deserialize, Debug)]
pub struct Row {
    /// A stable name.
    pub name: String,
    /// The module's file.
    pub tla: String,
    /// The config's file.
    pub cfg: String,
    /// TLC's exit status.
    pub exit: u8,
    /// `ok`, or what was found.
    pub verdict: String,
    /// The invariant or property violated.
    pub violated: Option<String>,
    /// The kind of evaluation error.
    pub error: Option<String>,
    /// Distinct states.
    pub distinct: Option<u64>,
    /// Generated states.
    pub generated: Option<u64>,
    /// Levels.
    pub depth: Option<u64>,
    /// True if the counts depend on the order of exploration.
    pub partial: bool,
    /// States of the trace.
    pub trace_length: Option<usize>,
    /// What the module uses.
    pub features: Vec<String>,
}

/// Reads the rows of a folder.
///
/// # Errors
/// When they cannot be read.
pub fn read(folder: &Path) -> std::io::Result<Vec<Row>> {
    let text = std::fs::read_to_string(folder.join("expected.json"))?;
    serde_json::from_str(&text).map_err(std::io::Error::from)
}

/// A plan with TLC's defaults.
pub fn plan(spec: &Path, config: &Path, workers: usize) -> Plan {
    Plan { workers, int32: true, ..Plan::new(spec.to_owned(), Some(config.to_owned())) }
}

/// An observer that shows nothing.
pub fn silent() -> Observer {
    Observer { interrupt: Arc::default(), published: Arc::default(), print: Arc::new(|_| {}) }
}

/// Checks a plan; a panic becomes an error message.
///
/// # Errors
/// When the checker panics.
pub fn check(plan: &Plan) -> Result<(Report, Sources), String> {
    without_panic(|| pipeline::check(plan, &silent()))
}

/// Checks the module of a row and compares.
pub fn judge(folder: &Path, row: &Row, workers: usize) -> Judgement {
    match check(&plan(&folder.join(&row.tla), &folder.join(&row.cfg), workers)) {
        Ok((report, _)) => compare(row, &report),
        Err(panic) => Judgement::Differs(panic),
    }
}

fn compare(row: &Row, report: &Report) -> Judgement {
    let ours = answer(report);
    let theirs = row.verdict.as_str();
    let same_verdict = ours == theirs || (theirs == "evaluation_error" && ours.ends_with("evaluation_error"));
    if !same_verdict {
        let message = report.findings.first().map_or(String::new(), |f| format!(" ({})", first_line(&f.message)));
        let errors =
            report.diagnostics.iter().find(|d| d.is_error()).map_or(String::new(), |d| format!(" ({})", d.message));
        return Judgement::Differs(format!("is {ours}{message}{errors}, should be {theirs}"));
    }
    if !row.partial {
        for (what, ours, theirs) in [
            ("distinct", report.distinct, row.distinct),
            ("generated", report.generated, row.generated),
            ("depth", report.depth, row.depth),
        ] {
            if theirs.is_some() && ours != theirs {
                return Judgement::Differs(format!("{what} is {ours:?}, should be {theirs:?}"));
            }
        }
    }
    compare_finding(row, report)
}

fn compare_finding(row: &Row, report: &Report) -> Judgement {
    let Some(finding) = report.findings.first() else {
        return Judgement::Agrees;
    };
    let shortest = matches!(row.verdict.as_str(), "invariant" | "deadlock" | "action_property");
    let length = finding.trace.as_ref().map(|t| t.steps.len());
    if shortest && row.trace_length.is_some() && length != row.trace_length {
        return Judgement::Differs(format!("trace has {length:?} states, should be {:?}", row.trace_length));
    }
    if row.violated.is_some() && finding.property != row.violated {
        return Judgement::Nearly(format!("violated is {:?}, should be {:?}", finding.property, row.violated));
    }
    if let (Some(theirs), Some(diagnostic)) = (&row.error, &finding.diagnostic)
        && theirs.split(':').next() != Some(diagnostic.code)
    {
        return Judgement::Nearly(format!("error is {} ({}), should be {theirs}", diagnostic.code, diagnostic.message));
    }
    Judgement::Agrees
}

/// `ok`, the kind found, or the verdict.
pub fn answer(report: &Report) -> &'static str {
    json::kind_of(report).unwrap_or_else(|| json::verdict(report.verdict))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
