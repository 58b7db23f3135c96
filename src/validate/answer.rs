//! From a search to its outcome.

use std::rc::Rc;
use std::time::Instant;

use super::event::{Reader, Vocabulary};
use super::log::{Input, Log, Trouble};
use super::mapping::Mapping;
use super::outcome::{ActionUse, Answer, BranchUse, Outcome, Problem};
use super::search::{End, Ending, Limits, Search};
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::partition::TlaModel;
use crate::partition::branch::Branches;
use crate::partition::formula::fault_diagnostic;

/// What is to be validated, and how far to go.
pub struct Request<'a> {
    /// The logs.
    pub inputs: Vec<Input>,
    /// What their names mean.
    pub mapping: &'a Mapping,
    /// States held at once at most.
    pub states_max: usize,
    /// Events looked at beyond those that are needed.
    pub window: usize,
    /// Events held at once at most.
    pub held_max: usize,
    /// When to stop.
    pub deadline: Option<Instant>,
    /// Asked now and then: whether to stop at once.
    pub interrupted: &'a dyn Fn() -> bool,
}

/// Validates logs. The evaluator must be one of the model.
pub fn validate(model: &TlaModel, evaluator: Evaluator, request: Request<'_>) -> Outcome {
    let branches = Branches::new(model, &evaluator);
    let spec = &model.plan.spec;
    let mapping = request.mapping;
    let vocabulary = Vocabulary::new(spec, &branches, mapping);
    let silent = vocabulary.as_ref().map_err(Clone::clone).and_then(|v| v.leaves(&mapping.silent.actions));
    let (vocabulary, silent) = match (vocabulary, silent) {
        (Ok(vocabulary), Ok(silent)) => (vocabulary, silent),
        (Err(message), _) | (_, Err(message)) => {
            let mut outcome = nothing();
            outcome.answer = Answer::Error(Problem::Mapping);
            outcome.diagnostics.push(Diagnostic::error("mapping", Span::NONE, message));
            return outcome;
        }
    };
    let reader = Reader::new(mapping, &branches, vocabulary);
    let log = Log::new(request.inputs, reader, request.window, request.held_max);
    let limits = Limits { states: request.states_max, deadline: request.deadline, silent: mapping.silent.bound() };
    let mut search = Search::new(&branches, evaluator, log, silent, limits, request.interrupted);
    let end = search.run(model);
    let mut outcome = nothing();
    let counts = match end {
        Ok(End::Accepted(candidate)) => Some(candidate.counts),
        Ok(End::Stuck(layer)) => {
            match search.reject(model, &layer) {
                Ok(rejection) => outcome.rejection = Some(rejection),
                Err(ending) => ended(&search, ending, &mut outcome),
            }
            if outcome.answer == Answer::Accepted {
                refused(&mut search, &mut outcome);
            }
            None
        }
        Err(ending) => {
            ended(&search, ending, &mut outcome);
            None
        }
    };
    outcome.actions = uses(&search, &branches, counts);
    (outcome.events, outcome.matched) = (search.log.read, search.matched);
    (outcome.states_max, outcome.states) = (search.states_max, search.states);
    outcome
}

fn nothing() -> Outcome {
    Outcome {
        answer: Answer::Accepted,
        events: 0,
        matched: 0,
        actions: Vec::new(),
        rejection: None,
        diagnostics: Vec::new(),
        states_max: 0,
        states: 0,
    }
}

/// Nothing goes on: a rejection, if nothing was left out.
fn refused(search: &mut Search<'_, '_>, outcome: &mut Outcome) {
    outcome.answer = match search.left_out() {
        Ok(false) => Answer::Rejected,
        Ok(true) if search.dropped => Answer::Incomplete(
            "no matching behaviour was found among those followed, but too many states were possible to follow all: \
             allow more with --max-states, or log more"
                .to_owned(),
        ),
        Ok(true) => Answer::Incomplete(
            "no matching behaviour was found, but events further on in the log may come before: look further with --window"
                .to_owned(),
        ),
        Err(trouble) => return ended(search, Ending::Trouble(trouble), outcome),
    };
}

fn ended(search: &Search<'_, '_>, ending: Ending, outcome: &mut Outcome) {
    let mut complain = |code, message: String| outcome.diagnostics.push(Diagnostic::error(code, Span::NONE, message));
    outcome.answer = match ending {
        Ending::Interrupted => Answer::Interrupted,
        Ending::Limit(reason) | Ending::Trouble(Trouble::Limit(reason)) => Answer::Incomplete(reason),
        Ending::Trouble(Trouble::Line(file, line, message)) => {
            complain("log", format!("{}:{line}: {message}", search.log.name(file)));
            Answer::Error(Problem::Log)
        }
        Ending::Trouble(Trouble::Unreadable(file, message)) => {
            complain("log", format!("{} cannot be read: {message}", search.log.name(file)));
            Answer::Error(Problem::Unreadable)
        }
        Ending::Fault(fault, place) => {
            let diagnostic = fault_diagnostic(&fault);
            outcome.diagnostics.push(match place {
                Some((file, line)) => {
                    let help = format!("met at {}:{line}", search.log.name(file));
                    match diagnostic.help.clone() {
                        Some(other) => diagnostic.help(format!("{help}; {other}")),
                        None => diagnostic.help(help),
                    }
                }
                None => diagnostic,
            });
            Answer::Error(Problem::Evaluation)
        }
    };
}

/// How often each action and branch was taken.
fn uses(search: &Search<'_, '_>, branches: &Branches, counts: Option<Rc<[u32]>>) -> Vec<ActionUse> {
    let mut uses: Vec<ActionUse> = Vec::new();
    let mut seen = vec![false; search.branch_count];
    for (leaf, branch) in branches.leaves.iter().zip(&search.branch_of) {
        if std::mem::replace(&mut seen[*branch], true) {
            continue;
        }
        let count = |silent: usize| counts.as_ref().map_or(0, |c| u64::from(c[branch * 2 + silent]));
        let place = match uses.iter().position(|u| u.name == leaf.name && u.span == leaf.span) {
            Some(known) => known,
            None => {
                uses.push(ActionUse {
                    name: leaf.name.clone(),
                    span: leaf.span,
                    logged: 0,
                    silent: 0,
                    branches: Vec::new(),
                });
                uses.len() - 1
            }
        };
        let action = &mut uses[place];
        action.logged += count(0);
        action.silent += count(1);
        action.branches.push(BranchUse { span: leaf.place, steps: count(0) + count(1) });
    }
    for action in uses.iter_mut().filter(|a| a.branches.len() == 1) {
        action.branches.clear();
    }
    uses
}
