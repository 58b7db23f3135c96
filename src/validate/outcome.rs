//! What validating a log found, as plain data.

use crate::diagnostic::{Diagnostic, Span};
use crate::report::Because;
use crate::value::Value;

use super::logged::Difference;

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Some behaviour of the specification matches the whole log.
    Accepted,
    /// None does.
    Rejected,
    /// None was found, but not all were looked at: why.
    Incomplete(String),
    /// The log cannot be read, or the specification not be evaluated.
    Error(Problem),
    /// Stopped by the user.
    Interrupted,
}

/// What is in error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// A line of the log.
    Log,
    /// The mapping.
    Mapping,
    /// A file that cannot be read.
    Unreadable,
    /// Evaluating the specification.
    Evaluation,
}

/// How often one action was taken on the behaviour that was accepted.
#[derive(Clone, Debug)]
pub struct ActionUse {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// Steps that were logged.
    pub logged: u64,
    /// Steps that were not.
    pub silent: u64,
    /// Its branches, if it has several.
    pub branches: Vec<BranchUse>,
}

/// How often one branch of an action was taken.
#[derive(Clone, Debug)]
pub struct BranchUse {
    /// Where it is written.
    pub span: Span,
    /// Steps, logged or not.
    pub steps: u64,
}

/// A line of a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The log.
    pub log: String,
    /// The line, from 1.
    pub line: u64,
    /// The event's name there.
    pub name: Option<String>,
    /// Where the event happened.
    pub node: Option<String>,
}

/// Why no behaviour goes on.
#[derive(Clone)]
pub struct Rejection {
    /// The events that could have been next; with several nodes there may be several.
    pub stuck: Vec<Place>,
    /// The last events matched before.
    pub after: Vec<Place>,
    /// States that the specification may be in there, the most promising first.
    pub candidates: Vec<CandidateState>,
    /// How many there are altogether.
    pub candidates_total: usize,
}

/// A state that the specification may be in, and why no event fits.
#[derive(Clone)]
pub struct CandidateState {
    /// Variables with their values.
    pub variables: Vec<(String, Value)>,
    /// The step that led here, with its parameters; `None` for an initial state.
    pub step: Option<String>,
    /// What was tried.
    pub attempts: Vec<Attempt>,
}

/// An action that an event names, and why its steps do not fit.
#[derive(Clone)]
pub struct Attempt {
    /// The event.
    pub event: Place,
    /// The action with its parameters, as far as they are known.
    pub action: String,
    /// Where the action is written.
    pub span: Span,
    /// What does not fit.
    pub misfit: Misfit,
    /// The first conjunct that is false, with the values that make it so.
    pub because: Vec<Because>,
}

/// Why a step does not fit an event.
#[derive(Clone, Debug)]
pub enum Misfit {
    /// The action is not possible.
    Disabled,
    /// It is, but not with the parameters of the log.
    Parameters(Vec<Nearest>),
    /// It is, but then the state is another than the log says.
    State(Vec<Nearest>),
    /// Evaluating it fails.
    Fault(String),
}

/// A value of the log, and what would have matched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nearest {
    /// The parameter, or the path into the state.
    pub path: String,
    /// What the log says.
    pub logged: String,
    /// What would have matched.
    pub allowed: Vec<String>,
}

impl Nearest {
    /// From one difference.
    pub(super) fn of(difference: Difference) -> Self {
        let allowed = difference.actual.into_iter().collect();
        Self { path: difference.path, logged: difference.logged, allowed }
    }
}

/// What validating a log found.
#[derive(Clone)]
pub struct Outcome {
    /// The answer.
    pub answer: Answer,
    /// Events read.
    pub events: u64,
    /// Events matched by the behaviour that came furthest.
    pub matched: u64,
    /// Actions of the specification, in the order they are written; counts only if the log was accepted.
    pub actions: Vec<ActionUse>,
    /// Why not.
    pub rejection: Option<Rejection>,
    /// What is in error.
    pub diagnostics: Vec<Diagnostic>,
    /// States held at once at most.
    pub states_max: usize,
    /// Candidate states looked at.
    pub states: u64,
}
