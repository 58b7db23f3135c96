//! What checks of random specifications say, to be compared.

use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;
use tlaloc::report::Report;

/// Verdict, distinct and generated states, depth, and each finding with the length of its trace.
pub(crate) type Answer = (String, Option<u64>, Option<u64>, Option<u64>, Vec<(String, Option<usize>)>);

/// The answer of a check, and its whole report.
pub(crate) fn check(plan: &Plan) -> Result<(Answer, Report), String> {
    let (report, _) = modules::check(plan)?;
    let findings = report.findings.iter().map(|f| (f.message.clone(), f.trace.as_ref().map(|t| t.steps.len())));
    let answer = (format!("{:?}", report.verdict), report.distinct, report.generated, report.depth, findings.collect());
    Ok((answer, report))
}
