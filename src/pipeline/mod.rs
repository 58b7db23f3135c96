//! The program as a table of contents: plan → report.
//!
//! *Takes* what the user asked for. *Gives* a [`Report`], with the texts its places refer to. *Holds*: an
//! answer other than "ok" whenever anything asked for was not checked. *Ignores* how reports are shown.

mod findings;
mod generation;
mod liveness;
mod provenance;
mod run;
mod validation;
mod symmetry;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sources};
use crate::eval::{Evaluator, Settings};
use crate::partition::formula::fault_diagnostic;
use crate::report::Report;
use crate::resolve;
use crate::value::Universe;
use crate::value::machine::Services;

pub use run::peak_memory_bytes;
use run::{Ended, Run};

pub use crate::eval::MAX_SET_SIZE;
pub use crate::generate::cover::{Budget, Criterion};
pub use crate::generate::names::snake as file_name;
pub use generation::{
    CounterexamplePlan, CoverPlan, GeneratePlan, Generated, Language, TestsPlan, Ungenerated, adapter,
    counterexample_tests, covering_tests,
};
pub use provenance::provenance;
pub use validation::{ValidatePlan, Validated, validate};

/// Stack that a thread needs to parse and evaluate: recursion is bounded well below it.
pub const STACK_BYTES: usize = 512 << 20;

/// What a user asked `tlaloc check` to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The root module's file.
    pub spec: PathBuf,
    /// The config; `None`: the spec's path with extension `cfg`.
    pub config: Option<PathBuf>,
    /// Further folders to find modules in.
    pub libraries: Vec<PathBuf>,
    /// Worker threads, at least 1.
    pub workers: usize,
    /// Go on after a violation.
    pub continue_after_violation: bool,
    /// `--no-deadlock`: overrides CHECK_DEADLOCK.
    pub no_deadlock: bool,
    /// Stop before anything is evaluated: read spec and config only.
    pub dry_run: bool,
    /// Allow the spec to read and write files and start processes.
    pub allow_io: bool,
    /// TLC's 32-bit integers.
    pub int32: bool,
    /// Largest set that may be listed.
    pub max_set_size: usize,
    /// Seed of random operators.
    pub seed: u64,
    /// Keep outcomes of evaluations (`--no-memo` evaluates everything every time).
    pub memo: bool,
    /// Measure where time and memory go.
    pub stats: bool,
    /// Put the declared symmetry to the test on many states, even where nothing speaks against it.
    pub paranoid: bool,
    /// What is kept of states.
    pub states: States,
    /// Stop (incomplete) at this many distinct states.
    pub max_states: Option<u64>,
    /// Stop (incomplete) after this many levels.
    pub max_depth: Option<u32>,
    /// Stop cleanly when the state store needs more bytes.
    pub memory_bytes: Option<u64>,
}

/// What is kept of states.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum States {
    /// As much as tells them apart, in the fastest way.
    #[default]
    Exact,
    /// The same in less memory, if slower.
    Compressed,
    /// 64-bit hashes: the answer is right with a probability that is told.
    Fingerprints,
}

/// A model that differs from a plan's in its config.
#[derive(Clone, Debug)]
pub struct Variation {
    /// The text of the config.
    pub config: String,
    /// Of the invariants and properties it names, those to check.
    pub only: Vec<String>,
}

impl Plan {
    /// Checks a specification as TLC would without options, on one worker.
    pub fn new(spec: PathBuf, config: Option<PathBuf>) -> Self {
        Self {
            spec,
            config,
            libraries: Vec::new(),
            workers: 1,
            continue_after_violation: false,
            no_deadlock: false,
            dry_run: false,
            allow_io: false,
            int32: false,
            max_set_size: MAX_SET_SIZE,
            seed: 0,
            memo: true,
            stats: false,
            paranoid: false,
            states: States::Exact,
            max_states: None,
            max_depth: None,
            memory_bytes: None,
        }
    }
}

/// What the edge gives a run and reads while it goes.
#[derive(Clone)]
pub struct Observer {
    /// Raised by Ctrl-C.
    pub interrupt: Arc<crate::explore::Interrupt>,
    /// Numbers so far.
    pub published: Arc<crate::explore::Published>,
    /// Lines that the spec prints (`Print`, `PrintT`).
    pub print: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Checks a specification. Evaluation recurses: call it on a thread with a stack of [`STACK_BYTES`].
pub fn check(plan: &Plan, observer: &Observer) -> (Report, Sources) {
    finish(Run::new(plan, observer))
}

/// Checks a variation of a specification's model; as [`check`] otherwise.
pub fn check_variation(plan: &Plan, variation: &Variation, observer: &Observer) -> (Report, Sources) {
    let mut run = Run::new(plan, observer);
    run.variation = Some(variation);
    finish(run)
}

fn finish(mut run: Run<'_>) -> (Report, Sources) {
    let finished = run.read().and_then(|()| {
        run.assume()?;
        let model = run.build()?;
        let outcome = run.explore(&model);
        run.judge(&model, outcome)
    });
    if let Err(Ended) = finished {
        run.settle();
    }
    run.into_report()
}

/// The report of a check that was left where it was: the counts so far.
pub fn unfinished(plan: &Plan, published: &crate::explore::Published) -> Report {
    Report {
        verdict: crate::report::Verdict::Interrupted,
        distinct: Some(published.distinct()),
        generated: Some(published.generated()),
        depth: Some(published.depth()),
        queue: published.queue(),
        ..run::nothing_yet(plan)
    }
}

/// Parses modules and everything they extend; no config is needed.
pub fn parse(paths: &[PathBuf], libraries: &[PathBuf]) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    for path in paths {
        diagnostics.extend(resolve::resolve_file(&mut sources, path, &search(path, libraries), None).diagnostics);
    }
    (diagnostics, sources)
}

/// Where modules of a root file are looked for.
fn search(root: &Path, libraries: &[PathBuf]) -> resolve::Search {
    resolve::Search { folder: folder(root), libraries: libraries.to_vec() }
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// An expression to evaluate.
#[derive(Clone)]
pub struct EvaluateRequest {
    /// Modules whose definitions it uses.
    pub extends: Vec<String>,
    /// The expression; starts in column 1 of a line of its own.
    pub expression: String,
    /// Folders to find further modules in.
    pub libraries: Vec<PathBuf>,
    /// TLC's 32-bit integers.
    pub int32: bool,
    /// Allow the expression to read and write files and start processes.
    pub allow_io: bool,
    /// Largest set that may be listed.
    pub max_set_size: usize,
    /// Seed of random operators.
    pub seed: u64,
    /// Lines that the expression prints.
    pub print: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Why an expression has no value.
#[derive(Clone)]
pub struct Failure {
    /// `parse`, `semantic`, or the kind of fault: `incomparable`, `not-enumerable`, `out-of-domain`, `choose-none`,
    /// `division`, `overflow`, `type`, `assert`, `other` …
    pub code: &'static str,
    /// One line.
    pub message: String,
    /// The same with places.
    pub diagnostics: Vec<Diagnostic>,
    /// What the places are in.
    pub sources: Sources,
}

/// Evaluates a constant expression and prints its value as TLC does. Call it on a thread with a stack
/// of [`STACK_BYTES`].
///
/// # Errors
/// When it does not parse, or has no value.
pub fn evaluate(request: &EvaluateRequest) -> Result<String, Failure> {
    let mut sources = Sources::default();
    let search = resolve::Search { folder: PathBuf::from("."), libraries: request.libraries.clone() };
    let resolution = resolve::resolve_expression(&mut sources, &request.extends, &request.expression, &search);
    let Some(spec) = resolution.spec.filter(|_| !resolution.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Err(unresolved(resolution.diagnostics, sources));
    };
    let universe = Universe::new(spec.symbols.clone());
    universe.enter();
    let print = request.print.clone();
    let services = Services {
        print: Rc::new(move |line| print(line)),
        random: request.seed,
        allow_io: request.allow_io,
        ..Services::silent()
    };
    let settings = Settings { max_set_size: request.max_set_size, int32: request.int32, ..Settings::default() };
    let value = spec.root_operators.get("Value").copied();
    let mut evaluator = Evaluator::new(Arc::new(spec), settings, services);
    let Some(id) = value else {
        return Err(unresolved(Vec::new(), sources));
    };
    evaluator.evaluate_definition(id).and_then(|value| crate::value::print(&mut evaluator, &value)).map_err(|fault| {
        let diagnostic = fault_diagnostic(&fault);
        Failure { code: fault.kind.code(), message: diagnostic.message.clone(), diagnostics: vec![diagnostic], sources }
    })
}

fn unresolved(diagnostics: Vec<Diagnostic>, sources: Sources) -> Failure {
    let first = diagnostics.iter().find(|d| d.is_error());
    let code = if first.is_some_and(|d| d.code == "parse") { "parse" } else { "semantic" };
    let message = first.map_or_else(|| "the expression cannot be resolved".to_owned(), |d| d.message.clone());
    Failure { code, message, diagnostics, sources }
}
