//! The outcome of validating a log as one JSON object; `docs/validate.md` describes it.

use serde_json::{Map, Value as Json, json};

use super::json::{because, diagnostic};
use super::validation_text::Frame;
use crate::diagnostic::Sources;
use crate::trace::itf::{exported_value, place};
use crate::validate::outcome::{
    ActionUse, Answer, Attempt, CandidateState, Misfit, Nearest, Outcome, Place, Rejection,
};

/// The object.
pub(super) fn outcome(outcome: &Outcome, sources: &Sources, frame: &Frame) -> Json {
    let reason = match &outcome.answer {
        Answer::Incomplete(reason) => Some(reason),
        _ => None,
    };
    json!({
        "verdict": verdict(&outcome.answer),
        "reason": reason,
        "root": frame.root,
        "logs": frame.logs,
        "events": outcome.events,
        "matched": outcome.matched,
        "states": outcome.states,
        "states_max": outcome.states_max,
        "seconds": frame.seconds,
        "peak_memory_bytes": frame.peak_memory_bytes,
        "actions": outcome.actions.iter().map(|a| action(a, sources)).collect::<Vec<_>>(),
        "rejection": outcome.rejection.as_ref().map(|r| rejection(r, sources)),
        "diagnostics": outcome.diagnostics.iter().map(|d| diagnostic(d, sources)).collect::<Vec<_>>(),
    })
}

fn verdict(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted => "accepted",
        Answer::Rejected => "rejected",
        Answer::Incomplete(_) => "incomplete",
        Answer::Error(_) => "error",
        Answer::Interrupted => "interrupted",
    }
}

fn action(action: &ActionUse, sources: &Sources) -> Json {
    json!({
        "name": action.name,
        "place": place(action.span, sources),
        "logged": action.logged,
        "silent": action.silent,
        "branches": action.branches.iter().map(|b| json!({
            "place": place(b.span, sources),
            "steps": b.steps,
        })).collect::<Vec<_>>(),
    })
}

fn event(place: &Place) -> Json {
    json!({ "log": place.log, "line": place.line, "action": place.name, "node": place.node })
}

fn rejection(rejection: &Rejection, sources: &Sources) -> Json {
    json!({
        "stuck": rejection.stuck.iter().map(event).collect::<Vec<_>>(),
        "after": rejection.after.iter().map(event).collect::<Vec<_>>(),
        "candidates": rejection.candidates.iter().map(|c| candidate(c, sources)).collect::<Vec<_>>(),
        "candidates_total": rejection.candidates_total,
    })
}

fn candidate(candidate: &CandidateState, sources: &Sources) -> Json {
    let state: Map<_, _> =
        candidate.variables.iter().map(|(name, v)| (name.clone(), exported_value(v).to_json())).collect();
    json!({
        "state": state,
        "step": candidate.step,
        "attempts": candidate.attempts.iter().map(|a| attempt(a, sources)).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt, sources: &Sources) -> Json {
    let (misfit, nearest, message) = match &attempt.misfit {
        Misfit::Disabled => ("disabled", None, None),
        Misfit::Parameters(found) => ("parameters", Some(found), None),
        Misfit::State(found) => ("state", Some(found), None),
        Misfit::Fault(message) => ("fault", None, Some(message)),
    };
    let near = |n: &Nearest| json!({ "path": n.path, "logged": n.logged, "allowed": n.allowed });
    json!({
        "event": event(&attempt.event),
        "action": attempt.action,
        "place": place(attempt.span, sources),
        "misfit": misfit,
        "nearest": nearest.map(|found| found.iter().map(near).collect::<Vec<_>>()),
        "message": message,
        "because": attempt.because.iter().map(|b| because(b, sources)).collect::<Vec<_>>(),
    })
}
