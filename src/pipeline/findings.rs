//! What the engine found → what a person reads: kinds, messages, traces, reasons.

use crate::diagnostic::Diagnostic;
use crate::explore::{self, FindingKind};
use crate::model::PropertyId;
use crate::partition::TlaModel;
use crate::partition::branch::Branches;
use crate::partition::formula::fault_diagnostic;
use crate::partition::model::{EvaluationError, Phase};
use crate::property;
use crate::report::{Because, Finding, Kind, Report, Standing};
use crate::trace::{ActionLabel, Step, Trace};
use crate::value::machine::{Fault, FaultKind, Machine as _, Result as Evaluated};
use crate::value::{self, Value};

/// One finding with its trace and reason.
pub(super) fn finding(model: &TlaModel, found: &explore::Finding<EvaluationError>) -> Finding {
    let trace = trace(model, &found.trace, None).ok();
    let initial = found.trace.len() == 1;
    match &found.kind {
        FindingKind::Invariant(id) => {
            let name = &model.properties[id.0 as usize].name;
            let kind = if initial { Kind::InvariantInitial } else { Kind::Invariant };
            let place = if initial { " in an initial state" } else { "" };
            let message = format!("the invariant {name} is violated{place}");
            Finding {
                kind,
                property: Some(name.clone()),
                message,
                diagnostic: None,
                because: because(model, *id, found),
                trace,
            }
        }
        FindingKind::InitialProperty(id) => {
            let name = &model.properties[id.0 as usize].name;
            let message = format!("the property {name} is false in an initial state");
            let because = because(model, *id, found);
            Finding {
                kind: Kind::PropertyInitial,
                property: Some(name.clone()),
                message,
                diagnostic: None,
                because,
                trace,
            }
        }
        FindingKind::StepProperty(id) => {
            let name = &model.properties[id.0 as usize].name;
            let message = format!("the step property {name} is violated by the last step");
            let because = because(model, *id, found);
            Finding {
                kind: Kind::ActionProperty,
                property: Some(name.clone()),
                message,
                diagnostic: None,
                because,
                trace,
            }
        }
        FindingKind::Deadlock => Finding {
            kind: Kind::Deadlock,
            property: None,
            message: "deadlock: the last state has no successor".to_owned(),
            diagnostic: None,
            because: Vec::new(),
            trace,
        },
        FindingKind::Error(error) => evaluation_error(model, error, trace),
    }
}

fn evaluation_error(model: &TlaModel, error: &EvaluationError, trace: Option<Trace>) -> Finding {
    let diagnostic: Diagnostic = fault_diagnostic(&error.fault);
    let (kind, property, what) = match error.phase {
        Phase::Initial => (Kind::Evaluation, None, "the initial states".to_owned()),
        Phase::Next => (Kind::Evaluation, None, "the successors of a state".to_owned()),
        Phase::Constraint => (Kind::Evaluation, None, "a constraint, view or symmetry".to_owned()),
        Phase::Property(id) => {
            let property = &model.properties[id.0 as usize];
            let kind = match property.kind {
                Kind::Invariant => Kind::InvariantEvaluation,
                _ => Kind::PropertyEvaluation,
            };
            (kind, Some(property.name.clone()), property.name.clone())
        }
    };
    let kind = if error.fault.kind == FaultKind::Assert { Kind::Assert } else { kind };
    let message = if kind == Kind::Assert {
        diagnostic.message.clone()
    } else {
        format!("evaluating {what} failed: {}", diagnostic.message)
    };
    Finding { kind, property, message, diagnostic: Some(diagnostic), because: Vec::new(), trace }
}

/// Why a property is false in the last state or step of a trace.
fn because(model: &TlaModel, id: PropertyId, found: &explore::Finding<EvaluationError>) -> Vec<Because> {
    let formula = &model.properties[id.0 as usize].formula;
    let mut worker = model.tla_worker();
    let Some((last, before)) = found.trace.split_last() else { return Vec::new() };
    let step = matches!(found.kind, FindingKind::StepProperty(_));
    let Ok(values) = worker.values(&last.row) else { return Vec::new() };
    worker.evaluator().services().progress.level = found.trace.len() as u32;
    match before.last().filter(|_| step) {
        Some(source) => {
            let Ok(from) = worker.values(&source.row) else { return Vec::new() };
            worker.evaluator().set_state(&from);
            worker.evaluator().set_next(&values);
        }
        None => worker.evaluator().set_state(&values),
    }
    property::explain(worker.evaluator(), &formula.expr, &formula.bindings(model.plan.universe))
}

/// A violated temporal property.
pub(super) fn temporal(model: &TlaModel, violation: property::liveness::Violation) -> Finding {
    let trace = trace(model, &violation.steps, Some(violation.loop_to)).ok();
    let (last, back) = (violation.steps.len(), violation.loop_to + 1);
    let name = violation.property;
    let message = if last == back {
        format!("the temporal property {name} is violated: the system may stay in state {last} for ever")
    } else {
        format!(
            "the temporal property {name} is violated: the system may go from state {last} back to state {back} for ever"
        )
    };
    Finding { kind: Kind::Temporal, property: Some(name), message, diagnostic: None, because: violation.because, trace }
}

/// A temporal property, or fairness, that cannot be evaluated.
pub(super) fn temporal_fault(model: &TlaModel, name: Option<String>, fault: &Fault, way: &[explore::Step]) -> Finding {
    let diagnostic = fault_diagnostic(fault);
    let what = name.as_deref().unwrap_or("fairness");
    let message = format!("evaluating {what} failed: {}", diagnostic.message);
    let trace = trace(model, way, None).ok();
    let kind = if fault.kind == FaultKind::Assert { Kind::Assert } else { Kind::PropertyEvaluation };
    Finding { kind, property: name, message, diagnostic: Some(diagnostic), because: Vec::new(), trace }
}

/// What failed when the successors of states were computed again.
pub(super) fn error(model: &TlaModel, error: &EvaluationError) -> Finding {
    evaluation_error(model, error, None)
}

/// Names of all actions as traces have them.
pub(super) fn labels(model: &TlaModel) -> Vec<String> {
    Branches::new(model, model.tla_worker().evaluator()).names()
}

/// The states of a trace as values. Groups that are more than one action, depending on the state, are told apart.
fn trace(model: &TlaModel, states: &[explore::Step], loop_to: Option<usize>) -> Evaluated<Trace> {
    let mut worker = model.tla_worker();
    let spec = &model.plan.spec;
    let universe = model.plan.universe;
    let mut steps: Vec<Step> = Vec::with_capacity(states.len());
    let branches = Branches::new(model, worker.evaluator());
    for step in states {
        let values = worker.values(&step.row)?;
        let action = step.group.map(|id| {
            let group = &model.groups[id.0 as usize];
            let parameters = group.parameters.iter().map(|(n, id)| (n.clone(), universe.value(*id))).collect();
            ActionLabel { name: group.name.clone(), parameters, span: group.span }
        });
        let precise = steps.last().zip(step.group).and_then(|(before, group)| {
            worker.evaluator().services().progress.level = steps.len() as u32;
            branches.label(worker.evaluator(), group, &before.values, &values)
        });
        let precise =
            precise.map(|step| ActionLabel { name: step.action, parameters: step.parameters, span: step.span });
        steps.push(Step { action: precise.or(action), values, alias: None });
    }
    if let Some(alias) = &spec.checks.alias {
        let evaluator = worker.evaluator();
        let prepared = evaluator.prepare_definition(alias.operator);
        for i in 0..steps.len() {
            let next = steps.get(i + 1).unwrap_or(&steps[loop_to.unwrap_or(i)]).values.clone();
            evaluator.services().progress.level = i as u32 + 1;
            evaluator.services().action = Some(action_value(steps[i].action.as_ref()));
            evaluator.set_state(&steps[i].values);
            evaluator.set_next(&next);
            let shown = evaluator.evaluate(&prepared, &[]).and_then(|v| value::normalize(evaluator, &v));
            steps[i].alias = Some(match shown {
                Ok(Value::Record(record)) => {
                    record.iter().map(|(n, v)| (universe.text(n).to_owned(), v.clone())).collect()
                }
                Ok(other) => vec![(alias.name.clone(), other)],
                // The trace is worth more than its alias.
                Err(fault) => {
                    let mut fields: Vec<(String, Value)> =
                        spec.variables.iter().map(|v| v.name.clone()).zip(steps[i].values.clone()).collect();
                    fields.push(("_ALIASEvalError".to_owned(), Value::string(&fault.message)));
                    fields
                }
            });
        }
    }
    let variables = spec.variables.iter().map(|v| v.name.clone()).collect();
    Ok(Trace { variables, steps, loop_to })
}

/// What `TLCGet("action")` is in a state that a step led to.
fn action_value(action: Option<&ActionLabel>) -> Value {
    let universe = value::Universe::current();
    let record = |fields: Vec<(&str, Value)>| {
        Value::record(fields.into_iter().map(|(name, value)| (universe.symbol(name), value)).collect())
    };
    let (name, parameters) = action.map_or(("Init", [].as_slice()), |a| (&a.name, &a.parameters));
    let context = parameters.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let names = parameters.iter().map(|(name, _)| Value::string(name)).collect();
    record(vec![("name", Value::string(name)), ("context", record(context)), ("parameters", Value::tuple(names))])
}

/// What is known of each invariant and property, with all states explored or not.
pub(super) fn standings(report: &Report, model: &TlaModel, exhausted: bool) -> Vec<(String, Standing)> {
    let checks = &model.plan.spec.checks;
    let kinds = |name: &str| {
        let found = report.findings.iter().filter(|f| f.property.as_deref() == Some(name));
        found.map(|f| f.kind).collect::<Vec<_>>()
    };
    let failed = |kind: &Kind| matches!(kind, Kind::InvariantEvaluation | Kind::PropertyEvaluation);
    let standing = |name: &str| match kinds(name) {
        kinds if kinds.iter().any(|kind| !failed(kind)) => Standing::Violated,
        kinds if !kinds.is_empty() => Standing::Failed,
        _ if !exhausted || model.left_out() || report.unchecked.iter().any(|u| u == name) => Standing::Unchecked,
        _ => Standing::Holds,
    };
    let mut all: Vec<(String, Standing)> = Vec::new();
    for named in checks.invariants.iter().chain(&checks.properties) {
        if !all.iter().any(|(name, _)| *name == named.name) {
            all.push((named.name.clone(), standing(&named.name)));
        }
    }
    all
}
