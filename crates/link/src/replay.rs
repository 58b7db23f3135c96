//! A trace, step by step, on an implementation.
//!
//! 1. [`Adapter::start`] brings the implementation into the trace's initial state, and that is compared.
//! 2. Every further step is applied and what is observed compared with the state it leads to.
//! 3. A trace to be followed fails at the first difference or refusal. A counterexample ([`Expect::Refuses`]) fails when
//!    it could be followed to the end, or when the implementation leaves it before the step that is the mistake.
//!
//! Sync and async adapters share all but the calls.

use std::error::Error;
use std::fmt;
use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::difference::differences;
use crate::failure::{Failure, FailureKind};
use crate::observe::ObserveError;
use crate::observed::Observed;
use crate::trace::{Expect, State, Step, Trace};
use crate::value::Value;

/// Why an adapter could not do as asked: a fault of the test, not a refusal of the implementation.
pub type AdapterError = Box<dyn Error + Send + Sync>;

/// The implementation under test, in the words of the spec. One adapter lives for one trace.
pub trait Adapter {
    /// Any part of the spec's state: a struct with a field for each variable that is observed. What is `None` is not
    /// compared.
    type Observation: Serialize;

    /// Brings the implementation into the initial state.
    ///
    /// # Errors
    /// When it cannot.
    fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        let _ = start;
        Ok(())
    }

    /// Takes the step.
    ///
    /// # Errors
    /// When the adapter does not know the action or its parameters. An implementation that will not take the step is
    /// [`Applied::Refused`].
    fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError>;

    /// What the implementation shows now.
    fn observe(&mut self) -> Self::Observation;
}

/// An [`Adapter`] whose calls wait: for servers, tokio, simulated networks.
pub trait AsyncAdapter {
    /// As [`Adapter::Observation`].
    type Observation: Serialize;

    /// As [`Adapter::start`].
    fn start(&mut self, start: &Start<'_>) -> impl Future<Output = Result<(), AdapterError>> {
        let _ = start;
        async { Ok(()) }
    }

    /// As [`Adapter::apply`].
    fn apply(&mut self, action: &Action<'_>) -> impl Future<Output = Result<Applied, AdapterError>>;

    /// As [`Adapter::observe`].
    fn observe(&mut self) -> impl Future<Output = Self::Observation>;
}

/// How a step went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It was taken; what is observed now is compared.
    Done,
    /// It was taken, but the code is in the middle of something: nothing is compared until a later step is done.
    Unobserved,
    /// The implementation does not do that here, and says why.
    Refused(String),
}

/// The initial state of a trace.
#[derive(Clone, Copy, Debug)]
pub struct Start<'t> {
    state: &'t State,
    seed: u64,
}

impl<'t> Start<'t> {
    /// The spec's initial state.
    pub fn state(&self) -> &'t State {
        self.state
    }

    /// A variable of it.
    ///
    /// # Errors
    /// When there is none of that name, or not of that type.
    pub fn variable<T: Deserialize<'t>>(&self, name: &str) -> Result<T, AdapterError> {
        let value = self.state.get(name).ok_or_else(|| format!("the spec has no variable `{name}`"))?;
        value.decode().map_err(|error| format!("the variable {name} = {error}").into())
    }

    /// The seed for whatever the implementation leaves to chance.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

/// The step to take.
#[derive(Clone, Copy, Debug)]
pub struct Action<'t> {
    name: &'t str,
    step: &'t Step,
    index: usize,
}

impl<'t> Action<'t> {
    /// The action's name.
    pub fn name(&self) -> &'t str {
        self.name
    }

    /// One of its parameters.
    ///
    /// # Errors
    /// When there is none of that name, or not of that type.
    pub fn parameter<T: Deserialize<'t>>(&self, name: &str) -> Result<T, AdapterError> {
        let found = self.step.parameters.iter().find(|(parameter, _)| parameter == name);
        let Some((_, value)) = found else {
            let names: Vec<&str> = self.step.parameters.iter().map(|(name, _)| name.as_str()).collect();
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(format!("{} has no parameter `{name}` ({known}): has the spec changed?", self.name).into());
        };
        value.decode().map_err(|error| format!("the parameter {name} = {error}").into())
    }

    /// Its parameters, outermost first.
    pub fn parameters(&self) -> &'t [(String, Value)] {
        &self.step.parameters
    }

    /// The state that the spec has after it.
    pub fn next(&self) -> &'t State {
        &self.step.state
    }

    /// The index of that state in the trace.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What to return for an action that the adapter has no method for.
    pub fn unknown(&self) -> AdapterError {
        format!("the adapter does not know the action `{}`: has the spec changed? (`tlaloc gen adapter`)", self.name)
            .into()
    }
}

/// `Prepare(p = p1)`.
impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.step.fmt(f)
    }
}

/// Replays a trace: `Replay::of(&trace).run(&mut adapter)?`.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'t> {
    trace: &'t Trace,
    seed: u64,
    expect: Expect,
}

/// Replays a trace with what it expects ([`Trace::expect`]).
///
/// # Errors
/// When the implementation does not do as expected.
pub fn replay<A: Adapter>(trace: &Trace, adapter: &mut A) -> Result<Coverage, Failure> {
    Replay::of(trace).run(adapter)
}

/// As [`replay`].
///
/// # Errors
/// As [`replay`].
pub async fn replay_async<A: AsyncAdapter>(trace: &Trace, adapter: &mut A) -> Result<Coverage, Failure> {
    Replay::of(trace).run_async(adapter).await
}

impl<'t> Replay<'t> {
    /// A replay with what the trace expects, and its seed.
    pub fn of(trace: &'t Trace) -> Self {
        Replay { trace, seed: trace.meta.seed.unwrap_or(0), expect: trace.expect() }
    }

    /// The seed handed to the adapter and shown in failures.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Replay { seed, ..self }
    }

    /// Something else to expect than what the trace does.
    #[must_use]
    pub fn expect(self, expect: Expect) -> Self {
        Replay { expect, ..self }
    }

    /// Replays the trace.
    ///
    /// # Errors
    /// When the implementation does not do as expected.
    pub fn run<A: Adapter>(self, adapter: &mut A) -> Result<Coverage, Failure> {
        let mut run = Run::new(self);
        let started = adapter.start(&run.start()?);
        run.started(started)?;
        run.observed(Observed::of(&adapter.observe()))?;
        while let Some(action) = run.next()? {
            let applied = adapter.apply(&action);
            if run.applied(applied)? {
                run.observed(Observed::of(&adapter.observe()))?;
            }
        }
        run.finish()
    }

    /// Replays the trace.
    ///
    /// # Errors
    /// As [`Replay::run`].
    pub async fn run_async<A: AsyncAdapter>(self, adapter: &mut A) -> Result<Coverage, Failure> {
        let mut run = Run::new(self);
        let started = adapter.start(&run.start()?).await;
        run.started(started)?;
        run.observed(Observed::of(&adapter.observe().await))?;
        while let Some(action) = run.next()? {
            let applied = adapter.apply(&action).await;
            if run.applied(applied)? {
                run.observed(Observed::of(&adapter.observe().await))?;
            }
        }
        run.finish()
    }
}

/// A replay on its way.
struct Run<'t> {
    replay: Replay<'t>,
    /// The state that the implementation is being brought into.
    index: usize,
    /// How many variables were compared.
    compared: usize,
    /// The implementation has left the trace, as it should.
    left: bool,
    coverage: Coverage,
}

impl<'t> Run<'t> {
    fn new(replay: Replay<'t>) -> Self {
        let coverage = Coverage::of(&replay.trace.meta.actions);
        Run { replay, index: 0, compared: 0, left: false, coverage }
    }

    fn fail(&self, kind: FailureKind) -> Failure {
        let is_counterexample = self.replay.expect != Expect::Conforms;
        Failure::new(self.replay.trace, self.replay.seed, self.index, kind, is_counterexample)
    }

    fn start(&self) -> Result<Start<'t>, Failure> {
        match self.replay.trace.steps.first() {
            Some(step) => Ok(Start { state: &step.state, seed: self.replay.seed }),
            None => Err(self.fail(FailureKind::Adapter("the trace has no states".to_owned()))),
        }
    }

    fn started(&self, started: Result<(), AdapterError>) -> Result<(), Failure> {
        started.map_err(|error| self.fail(FailureKind::Adapter(error.to_string())))
    }

    fn next(&mut self) -> Result<Option<Action<'t>>, Failure> {
        if self.left {
            return Ok(None);
        }
        let Some(step) = self.replay.trace.steps.get(self.index + 1) else { return Ok(None) };
        self.index += 1;
        let Some(name) = &step.action else {
            return Err(self.fail(FailureKind::Adapter("the trace does not say which action this step is".to_owned())));
        };
        Ok(Some(Action { name, step, index: self.index }))
    }

    /// True if something is to be observed now.
    fn applied(&mut self, applied: Result<Applied, AdapterError>) -> Result<bool, Failure> {
        match applied {
            Err(error) => Err(self.fail(FailureKind::Adapter(error.to_string()))),
            Ok(Applied::Refused(reason)) => {
                if !self.may_leave() {
                    return Err(self.fail(FailureKind::Refused(reason)));
                }
                self.left = true;
                Ok(false)
            }
            Ok(applied) => {
                self.coverage.count(self.replay.trace.steps[self.index].action.as_deref().unwrap_or_default());
                Ok(applied == Applied::Done)
            }
        }
    }

    fn observed(&mut self, observed: Result<Observed, ObserveError>) -> Result<(), Failure> {
        let observed = observed.map_err(|error| self.fail(FailureKind::Adapter(error.to_string())))?;
        self.compared += observed.known_fields();
        let found = differences(&self.replay.trace.steps[self.index].state, &observed);
        if found.is_empty() {
            return Ok(());
        }
        let is_drift = found.iter().any(|difference| !difference.is_value());
        if is_drift || !self.may_leave() {
            return Err(self.fail(FailureKind::Differs(found)));
        }
        self.left = true;
        Ok(())
    }

    /// True if the implementation may refuse this step, or be elsewhere than the trace after it.
    fn may_leave(&self) -> bool {
        match self.replay.expect {
            Expect::Conforms => false,
            Expect::Refuses(from) => self.index >= from.unwrap_or(self.replay.trace.steps.len() - 1),
        }
    }

    fn finish(mut self) -> Result<Coverage, Failure> {
        if self.compared == 0 {
            return Err(self.fail(FailureKind::NothingObserved));
        }
        if !self.left && self.replay.expect != Expect::Conforms {
            return Err(self.fail(FailureKind::NotRefused));
        }
        Ok(std::mem::take(&mut self.coverage))
    }
}

impl Drop for Run<'_> {
    /// An adapter that panics says where, but not at which step.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let failure = self.fail(FailureKind::Panicked);
            #[allow(clippy::print_stderr, reason = "test harnesses capture standard error; nobody else can be told")]
            {
                eprintln!("{failure}");
            }
        }
    }
}
