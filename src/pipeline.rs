//! The program as a table of contents: plan → report.

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sources};
use crate::report::Report;

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
    /// Stop (incomplete) at this many distinct states.
    pub max_states: Option<u64>,
    /// Stop (incomplete) after this many levels.
    pub max_depth: Option<u32>,
    /// Stop cleanly when the state store needs more bytes.
    pub memory_bytes: Option<u64>,
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

/// Checks a specification. Never panics on bad input; runs on a thread of its own with a large stack.
pub fn check(_plan: &Plan, _observer: &Observer) -> (Report, Sources) {
    unreachable!("being written")
}

/// Parses modules and everything they extend; no config is needed.
pub fn parse(_paths: &[PathBuf], _libraries: &[PathBuf]) -> (Vec<Diagnostic>, Sources) {
    unreachable!("being written")
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

/// Evaluates a constant expression and prints its value as TLC does.
///
/// # Errors
/// When it does not parse, or has no value.
pub fn evaluate(_request: &EvaluateRequest) -> Result<String, Failure> {
    unreachable!("being written")
}
