//! A report as one JSON object.

use serde_json::{Value as Json, json};

use crate::diagnostic::{Diagnostic, Severity, Sources};
use crate::report::{ActionCount, Because, Finding, Kind, Report, Standing, Stats, TemporalFigures, Verdict};
use crate::trace::itf::{self, Provenance, place};

/// The whole report.
pub fn report(report: &Report, sources: &Sources, provenance: &Provenance) -> Json {
    let first = report.findings.first();
    let (warnings, errors): (Vec<_>, Vec<_>) = report.diagnostics.iter().partition(|d| !d.is_error());
    let found = report.findings.iter().filter_map(|f| f.diagnostic.as_ref());
    let trace = report.findings.iter().find_map(|f| f.trace.as_ref());
    json!({
        "verdict": verdict(report.verdict),
        "kind": kind_of(report),
        "property": first.and_then(|f| f.property.as_ref()),
        "distinct": report.distinct,
        "generated": report.generated,
        "depth": report.depth,
        "queue": report.queue,
        "seconds": report.seconds,
        "exact": report.exact,
        "collision": report.collision.map(|c| json!({"calculated": c.calculated, "observed": c.observed})),
        "peak_memory_bytes": report.peak_memory_bytes,
        "workers": report.workers,
        "root": report.root,
        "warnings": warnings.iter().map(|d| diagnostic(d, sources)).collect::<Vec<_>>(),
        "diagnostics": errors.into_iter().chain(found).map(|d| diagnostic(d, sources)).collect::<Vec<_>>(),
        "trace": trace.map(|t| itf::trace(t, sources, provenance)),
        "findings": report.findings.iter().map(|f| finding(f, sources, provenance)).collect::<Vec<_>>(),
        "unchecked": report.unchecked,
        "properties": report.properties.iter().map(|(name, standing)| property(name, *standing)).collect::<Vec<_>>(),
        "temporal": report.temporal.map(temporal),
        "actions": report.actions.iter().map(|a| action(a, sources)).collect::<Vec<_>>(),
        "stats": report.stats.as_ref().map(stats),
        "exit_code": report.exit_code(),
    })
}

/// Where time and memory went.
fn stats(stats: &Stats) -> Json {
    let look_ups = stats.look_ups.iter().map(|l| json!({"name": l.name, "asked": l.asked, "missed": l.missed}));
    let slots = stats.slots.iter().map(|s| json!({"name": s.name, "values": s.values, "bits": s.bits}));
    json!({
        "identity": stats.identity,
        "worker_seconds": stats.worker_seconds,
        "action_seconds": stats.action_seconds,
        "label_seconds": stats.label_seconds,
        "store_seconds": stats.store_seconds,
        "look_ups": look_ups.collect::<Vec<_>>(),
        "slots": slots.collect::<Vec<_>>(),
        "store_bytes": stats.store_bytes,
        "tree_bytes": stats.tree_bytes,
        "value_bytes": stats.value_bytes,
    })
}

/// What is known of a property.
fn property(name: &str, standing: Standing) -> Json {
    let verdict = match standing {
        Standing::Holds => "holds",
        Standing::Violated => "violated",
        Standing::Failed => "error",
        Standing::Unchecked => "unchecked",
    };
    json!({"name": name, "verdict": verdict})
}

/// What temporal properties took.
fn temporal(figures: TemporalFigures) -> Json {
    json!({
        "states": figures.states,
        "steps": figures.steps,
        "product_nodes": figures.product_nodes,
        "product_edges": figures.product_edges,
        "seconds": figures.seconds,
    })
}

/// The verdict's name.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Violation => "violation",
        Verdict::Incomplete => "incomplete",
        Verdict::Error => "error",
        Verdict::Interrupted => "interrupted",
    }
}

/// The kind's name.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Assumption => "assumption",
        Kind::Postcondition => "postcondition",
        Kind::Deadlock => "deadlock",
        Kind::Invariant => "invariant",
        Kind::InvariantInitial => "invariant_initial",
        Kind::ActionProperty => "action_property",
        Kind::PropertyInitial => "property_initial",
        Kind::Temporal => "temporal",
        Kind::Assert => "assert",
        Kind::Evaluation => "evaluation_error",
        Kind::InvariantEvaluation => "invariant_evaluation_error",
        Kind::PropertyEvaluation => "property_evaluation_error",
        Kind::Parse => "parse_error",
        Kind::Config => "config_error",
        Kind::TooLarge => "too_large",
        Kind::System => "system_error",
        Kind::Incomplete => "incomplete",
    }
}

/// The kind that decides the exit code; `None` for a run without anything to report.
pub fn kind_of(report: &Report) -> Option<&'static str> {
    match report.findings.first() {
        Some(finding) => Some(kind(finding.kind)),
        None if report.verdict == Verdict::Incomplete => Some(kind(Kind::Incomplete)),
        None => None,
    }
}

pub(super) fn diagnostic(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let mut object = json!({
        "code": diagnostic.code,
        "severity": match diagnostic.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        "message": diagnostic.message,
        "file": null,
        "line": null,
        "column": null,
        "end_line": null,
        "end_column": null,
        "help": diagnostic.help,
        "labels": diagnostic.labels.iter().map(|label| {
            let mut object = place(label.span, sources).unwrap_or_else(|| json!({}));
            object["text"] = json!(label.text);
            object
        }).collect::<Vec<_>>(),
    });
    if let Some(Json::Object(fields)) = place(diagnostic.span, sources) {
        for (name, value) in fields {
            object[name.as_str()] = value;
        }
    }
    object
}

fn finding(finding: &Finding, sources: &Sources, provenance: &Provenance) -> Json {
    let because = finding.because.iter().map(|step| because(step, sources));
    json!({
        "kind": kind(finding.kind),
        "property": finding.property,
        "message": finding.message,
        "because": because.collect::<Vec<_>>(),
        "diagnostic": finding.diagnostic.as_ref().map(|d| diagnostic(d, sources)),
        "trace": finding.trace.as_ref().map(|t| itf::trace(t, sources, &Provenance {
            property: finding.property.clone(),
            kind: kind(finding.kind).to_owned(),
            ..provenance.clone()
        })),
    })
}

/// One link of a reason.
pub(super) fn because(step: &Because, sources: &Sources) -> Json {
    json!({
        "place": place(step.span, sources),
        "expression": sources.text(step.span),
        "note": step.note,
    })
}

fn action(action: &ActionCount, sources: &Sources) -> Json {
    json!({
        "name": action.name,
        "place": place(action.span, sources),
        "generated": action.generated,
        "distinct": action.distinct,
    })
}
