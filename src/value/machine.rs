//! What values need from whoever evaluates: calling a closure, limits, and the services that some
//! operators of module TLC use.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use super::Value;

/// What went wrong in evaluating: the kind decides exit codes and tests, the message is for people.
/// Places and the call chain are added by the evaluator.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// Which rule was broken.
    pub kind: FaultKind,
    /// One or more lines naming the values involved.
    pub message: String,
    /// Innermost expression first; filled in by the evaluator on the way out.
    pub place: Option<crate::diagnostic::Span>,
    /// Operators being evaluated, innermost first, with the place of each call.
    pub calls: Vec<(String, crate::diagnostic::Span)>,
}

/// Kinds of evaluation errors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FaultKind {
    /// `1 = "a"`, `1 \in {"a"}`, ordering unlike kinds.
    Incomparable,
    /// A set that has no list of its elements.
    NotEnumerable,
    /// Applying a function outside its domain, a missing field, an index out of range.
    OutOfDomain,
    /// CHOOSE with nothing to choose.
    ChooseNone,
    /// Division by zero, `0^0`.
    Division,
    /// Integers beyond 64 (or with `--int32`, 32) bits.
    Overflow,
    /// A non-boolean, non-integer, non-set … where one is needed.
    Type,
    /// `Assert(FALSE, …)`.
    Assert,
    /// CASE without a true arm.
    CaseNone,
    /// A primed variable read before it is bound.
    Unassigned,
    /// A successor or initial state with an unbound variable.
    Incomplete,
    /// A set larger than the limit.
    TooLarge,
    /// Evaluation nested too deeply.
    StackOverflow,
    /// File or process access without `--allow-io`.
    Forbidden,
    /// A temporal or unbounded construct that has no value.
    NoValue,
    /// The run was asked to end: nothing is wrong.
    Interrupted,
    /// Everything else.
    Other,
}

/// The code of [`FaultKind::Interrupted`].
pub const INTERRUPTED: &str = "interrupted";

impl FaultKind {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            FaultKind::Incomparable => "incomparable",
            FaultKind::NotEnumerable => "not-enumerable",
            FaultKind::OutOfDomain => "out-of-domain",
            FaultKind::ChooseNone => "choose-none",
            FaultKind::Division => "division",
            FaultKind::Overflow => "overflow",
            FaultKind::Type => "type",
            FaultKind::Assert => "assert",
            FaultKind::CaseNone => "case-none",
            FaultKind::Unassigned => "unassigned-variable",
            FaultKind::Incomplete => "incomplete-successor",
            FaultKind::TooLarge => "too-large",
            FaultKind::StackOverflow => "stack-overflow",
            FaultKind::Forbidden => "forbidden",
            FaultKind::NoValue => "no-value",
            FaultKind::Interrupted => INTERRUPTED,
            FaultKind::Other => "other",
        }
    }
}

/// A fault, boxed: results stay small.
pub type Result<T> = std::result::Result<T, Box<Fault>>;

impl Fault {
    /// A fault without a place yet.
    #[cold]
    #[inline(never)]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault { kind, message: message.into(), place: None, calls: Vec::new() })
    }
}

/// Something that can be applied: a LAMBDA, an operator given as an argument, the body of a lazy
/// function, the predicate of a lazy filter.
pub trait Callable {
    /// Applies it.
    ///
    /// # Errors
    /// When evaluation fails.
    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value>;
    /// How many arguments it takes.
    fn arity(&self) -> usize;
    /// For evaluators to recognise what they made.
    fn as_any(&self) -> &dyn Any;
    /// True if it has no effects and answers the same question in the same way every time, as far as is known.
    fn is_pure(&self, machine: &mut dyn Machine) -> bool {
        let _ = machine;
        false
    }
}

/// A shared callable.
pub type Closure = Rc<dyn Callable>;

/// Whoever evaluates.
pub trait Machine {
    /// For closures to find their evaluator again.
    fn as_any(&mut self) -> &mut dyn Any;
    /// Most elements that one set may be enumerated into (TLC's `-maxSetSize`, 1,000,000).
    fn max_set_size(&self) -> usize;
    /// True if integers are limited to 32 bits as TLC's are.
    fn int32(&self) -> bool;
    /// Registers, random numbers, output, permissions.
    fn services(&mut self) -> &mut Services;
}

/// What operators of modules TLC, TLCExt, Randomization, IOUtils … use besides their arguments.
pub struct Services {
    /// `TLCSet(i, v)`: integer registers of this worker.
    pub registers: std::collections::BTreeMap<i64, Value>,
    /// Where `Print`, `PrintT` lines go.
    pub print: Rc<dyn Fn(&str)>,
    /// True once the run has been asked to end; looked at while something is being evaluated.
    pub interrupted: Arc<dyn Fn() -> bool + Send + Sync>,
    /// State of the random generator of `RandomElement`, `RandomSubset` (SplitMix64); seeded by the run's seed and,
    /// while successors are computed, by the source state, so that runs repeat.
    pub random: u64,
    /// True if a spec may read and write files and start processes.
    pub allow_io: bool,
    /// The folder relative file names start from.
    pub folder: std::path::PathBuf,
    /// The exploration's numbers as `TLCGet("level")` … show them.
    pub progress: crate::model::Progress,
    /// Seconds since the run started, for `TLCGet("duration")`.
    pub started: std::time::Instant,
    /// `TLCSet("exit", TRUE)` was evaluated.
    pub exit: bool,
    /// Name and bound parameters of the action being taken, for `TLCGet("action")`.
    pub action: Option<Value>,
    /// Number of worker threads and this worker's number.
    pub workers: (usize, usize),
}

impl Services {
    /// Services of a single-threaded evaluation that prints nowhere.
    pub fn silent() -> Self {
        Self {
            registers: std::collections::BTreeMap::new(),
            print: Rc::new(|_| {}),
            interrupted: Arc::new(|| false),
            random: 0,
            allow_io: false,
            folder: std::path::PathBuf::from("."),
            progress: crate::model::Progress::default(),
            started: std::time::Instant::now(),
            exit: false,
            action: None,
            workers: (1, 0),
        }
    }
}
