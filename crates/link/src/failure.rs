//! What a failed replay says.

use std::error::Error;
use std::fmt;
use std::ops::Deref;

use crate::difference::Difference;
use crate::trace::{Span, Trace};

/// Most steps before the failure that are shown.
const STEPS_SHOWN_MAX: usize = 12;

/// An implementation that did not do as a trace expects.
#[derive(Clone, PartialEq)]
pub struct Failure(Box<FailedStep>);

impl Deref for Failure {
    type Target = FailedStep;

    fn deref(&self) -> &FailedStep {
        &self.0
    }
}

/// Where and why a replay failed.
#[derive(Clone, PartialEq)]
pub struct FailedStep {
    /// The trace's name.
    pub trace: String,
    /// The seed the adapter was given.
    pub seed: u64,
    /// Index of the state that the implementation should have come into.
    pub step: usize,
    /// The action with its parameters; `the initial state` for the first.
    pub action: String,
    /// Where the action is written.
    pub span: Option<Span>,
    /// What went wrong.
    pub kind: FailureKind,
    /// What the trace is a counterexample to, if it is one.
    pub property: Option<String>,
    /// What the trace shows: `invariant`, `deadlock` …
    pub shows: Option<String>,
    /// True if the trace is a counterexample, which may be left before its end if that is said.
    pub is_counterexample: bool,
    /// The steps before, with their parameters.
    pub before: Vec<String>,
    /// The number of steps of the trace, without the initial state.
    pub steps: usize,
}

/// What went wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum FailureKind {
    /// The implementation is in another state than the spec.
    Differs(Vec<Difference>),
    /// It refused a step that it should take, for this reason.
    Refused(String),
    /// It followed a counterexample to the end.
    NotRefused,
    /// The adapter could not do as asked.
    Adapter(String),
    /// No variable was compared in the whole trace: such a test cannot fail.
    NothingObserved,
    /// The adapter panicked.
    Panicked,
}

impl Failure {
    pub(crate) fn new(trace: &Trace, seed: u64, index: usize, kind: FailureKind, is_counterexample: bool) -> Self {
        let step = trace.steps.get(index);
        let before = trace.steps.get(1..index).unwrap_or_default();
        Failure(Box::new(FailedStep {
            trace: trace.name.clone(),
            seed,
            step: index,
            action: step.map_or_else(String::new, |step| step.to_string()),
            span: step.and_then(|step| step.span.clone()),
            kind,
            property: trace.meta.property.clone(),
            shows: trace.meta.kind.clone(),
            is_counterexample,
            before: before.iter().map(|step| step.to_string()).collect(),
            steps: trace.steps.len().saturating_sub(1),
        }))
    }

    /// Where in the trace it happened.
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.step == 0 {
            write!(f, "\n  in the initial state")
        } else {
            write!(f, "\n  at step {} of {}: {}", self.step, self.steps, self.action)?;
            self.span.as_ref().map_or(Ok(()), |span| write!(f, "    {span}"))
        }
    }

    /// A counterexample may be left before its end, if that is said.
    fn hint(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_counterexample || self.step == 0 {
            return Ok(());
        }
        write!(f, "\n  is this where the mistake is avoided? Then say so in the trace: ")?;
        write!(f, "\"expect\": {{\"refused\": {}}}", self.step)
    }

    fn steps_before(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.before.is_empty() {
            return Ok(());
        }
        let hidden = self.before.len().saturating_sub(STEPS_SHOWN_MAX);
        let ellipsis = if hidden > 0 { "…, " } else { "" };
        write!(f, "\n  after {ellipsis}{}", self.before[hidden..].join(", "))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace = if self.trace.is_empty() { "(unnamed)" } else { &self.trace };
        match &self.kind {
            FailureKind::Differs(found) => {
                write!(f, "the implementation differs from the spec in the trace {trace}")?;
                self.place(f)?;
                found.iter().try_for_each(|difference| write!(f, "\n  {difference}"))?;
                if found.iter().all(Difference::is_value) {
                    self.hint(f)?;
                }
            }
            FailureKind::Refused(reason) => {
                write!(f, "the implementation refuses a step of the trace {trace}")?;
                self.place(f)?;
                write!(f, "\n  reason: {reason}")?;
                self.hint(f)?;
            }
            FailureKind::NotRefused => {
                write!(f, "the implementation follows a counterexample to the end: {trace}")?;
                match (&self.property, &self.shows) {
                    (Some(property), _) => write!(f, "\n  it has the mistake that violates {property}")?,
                    (None, Some(kind)) => write!(f, "\n  it has the mistake that shows as: {kind}")?,
                    (None, None) => write!(f, "\n  it has the mistake that the trace shows")?,
                }
                self.place(f)?;
            }
            FailureKind::Adapter(message) => {
                write!(f, "the adapter failed in the trace {trace}")?;
                self.place(f)?;
                write!(f, "\n  {message}")?;
            }
            FailureKind::NothingObserved => {
                write!(f, "nothing was observed in the trace {trace}: such a test cannot fail")?;
            }
            FailureKind::Panicked => {
                write!(f, "the adapter panicked in the trace {trace}")?;
                self.place(f)?;
            }
        }
        self.steps_before(f)?;
        write!(f, "\n  seed {}", self.seed)
    }
}

/// As shown to people: tests print errors this way.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}
