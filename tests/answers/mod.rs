//! What checks of random specifications say, to be compared.

use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;
use tlaloc::report::Report;
use tlaloc::trace::{Step, Trace};
use tlaloc::value::Value;

/// Verdict, distinct and generated states, depth, and each finding with the states of its trace.
pub(crate) type Answer = (String, Option<u64>, Option<u64>, Option<u64>, Vec<(String, Option<Vec<String>>)>);

/// The answer of a check, and its whole report.
pub(crate) fn check(plan: &Plan) -> Result<(Answer, Report), String> {
    let (report, _) = modules::check(plan)?;
    let shown = |step: &Step| step.values.iter().map(Value::display).collect::<Vec<_>>().join(" ");
    let states = |trace: &Trace| trace.steps.iter().map(shown).collect();
    let findings = report.findings.iter().map(|f| (f.message.clone(), f.trace.as_ref().map(states)));
    let answer = (format!("{:?}", report.verdict), report.distinct, report.generated, report.depth, findings.collect());
    Ok((answer, report))
}
