//! Validating a log: spec and config as for a check, then the logs against the model.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::{Ended, Run};
use super::{Observer, Plan};
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::report::Report;
use crate::validate::log::Input;
use crate::validate::mapping::Mapping;
use crate::validate::outcome::{Answer, Outcome, Problem};
use crate::validate::{self, Request};

/// What a user asked `tlaloc validate` to do.
#[derive(Clone, Debug)]
pub struct ValidatePlan {
    /// The specification and how to read it.
    pub check: Plan,
    /// The logs; `-` is standard input.
    pub logs: Vec<PathBuf>,
    /// The mapping file.
    pub map: Option<PathBuf>,
    /// States held at once at most.
    pub states_max: usize,
    /// Events looked at beyond those that are needed.
    pub window: usize,
    /// Stop (incomplete) after so many seconds.
    pub seconds_max: Option<u64>,
}

/// What validating gave: an outcome, or a report why there is none.
pub enum Validated {
    /// The logs were looked at.
    Outcome(Box<Outcome>),
    /// The specification cannot be used.
    Unusable(Box<Report>),
}

/// Events waiting for others at most.
const HELD_MAX: usize = 1_000_000;

/// Validates logs against a specification. Evaluation recurses: call it on a thread with a stack of
/// [`super::STACK_BYTES`].
pub fn validate(plan: &ValidatePlan, observer: &Observer) -> (Validated, Sources) {
    let mut run = Run::new(&plan.check, observer);
    let model = run.read().and_then(|()| {
        run.assume()?;
        run.without_checks();
        run.without_bounds();
        run.build()
    });
    let model = match model {
        Ok(model) => model,
        Err(Ended) => {
            run.settle();
            let (report, sources) = run.into_report();
            return (Validated::Unusable(Box::new(report)), sources);
        }
    };
    let warnings = std::mem::take(&mut run.report.diagnostics);
    let mut sources = run.into_report().1;
    let mut outcome = match mapping(plan, &mut sources) {
        Ok(mapping) => match inputs(&plan.logs) {
            Ok(inputs) => {
                let interrupt = Arc::clone(&observer.interrupt);
                let request = Request {
                    inputs,
                    mapping: &mapping,
                    states_max: plan.states_max,
                    window: plan.window,
                    held_max: HELD_MAX,
                    deadline: plan.seconds_max.and_then(|s| Instant::now().checked_add(Duration::from_secs(s))),
                    interrupted: &move || interrupt.is_raised(),
                };
                let mut evaluator = model.evaluator(0);
                // What is kept of calls would grow with the log.
                evaluator.keep_calls(false);
                validate::validate(&model, evaluator, request)
            }
            Err(diagnostic) => failed(Problem::Unreadable, diagnostic),
        },
        Err((problem, diagnostic)) => failed(problem, diagnostic),
    };
    outcome.diagnostics.splice(0..0, warnings);
    (Validated::Outcome(Box::new(outcome)), sources)
}

fn failed(problem: Problem, diagnostic: Diagnostic) -> Outcome {
    Outcome {
        answer: Answer::Error(problem),
        events: 0,
        matched: 0,
        actions: Vec::new(),
        rejection: None,
        diagnostics: vec![diagnostic],
        states_max: 0,
        states: 0,
    }
}

fn mapping(plan: &ValidatePlan, sources: &mut Sources) -> Result<Mapping, (Problem, Diagnostic)> {
    let Some(path) = &plan.map else { return Ok(Mapping::default()) };
    let text = std::fs::read(path).map_err(|error| (Problem::Unreadable, unreadable(path, &error)))?;
    let text = String::from_utf8(text).map_err(|_| {
        let message = format!("the mapping {} is not UTF-8", path.display());
        (Problem::Mapping, Diagnostic::error("mapping", Span::NONE, message))
    })?;
    let file = sources.add(path, text.clone());
    Mapping::parse(&text).map_err(|(message, range)| {
        let place = |range: std::ops::Range<usize>| {
            Some(Span { file, start: u32::try_from(range.start).ok()?, end: u32::try_from(range.end).ok()? })
        };
        let span = range.and_then(place).unwrap_or(Span::NONE);
        let first = message.lines().next().unwrap_or_default().to_owned();
        (Problem::Mapping, Diagnostic::error("mapping", span, format!("the mapping is wrong: {first}")))
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("system", Span::NONE, format!("{} cannot be read: {error}", path.display()))
}

fn inputs(logs: &[PathBuf]) -> Result<Vec<Input>, Diagnostic> {
    logs.iter().map(|path| input(path)).collect()
}

fn input(path: &Path) -> Result<Input, Diagnostic> {
    let name = path.display().to_string();
    if name == "-" {
        let bytes: Box<dyn BufRead> = Box::new(BufReader::new(std::io::stdin()));
        return Ok(Input { name: "<standard input>".to_owned(), bytes, reopen: Box::new(|| None) });
    }
    let open =
        |path: &Path| File::open(path).map(|f| Box::new(BufReader::with_capacity(1 << 16, f)) as Box<dyn BufRead>);
    let bytes = open(path).map_err(|error| unreadable(path, &error))?;
    let again = path.to_owned();
    // A pipe can be read once only.
    let regular = std::fs::metadata(path).is_ok_and(|m| m.is_file());
    Ok(Input { name, bytes, reopen: Box::new(move || if regular { open(&again).ok() } else { None }) })
}
