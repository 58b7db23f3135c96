//! What a run found, as plain data: the only thing that `cli` renders.

use crate::diagnostic::{Diagnostic, Span};
use crate::trace::Trace;

/// The answer of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything asked for was checked and holds.
    Ok,
    /// Something asked for does not hold.
    Violation,
    /// Nothing is violated so far, but not everything asked for was checked.
    Incomplete,
    /// No verdict: the spec, the config or an evaluation is in error.
    Error,
    /// Stopped by the user (exit code 130).
    Interrupted,
}

/// What kind of thing was found; decides the exit code (TLC's).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// ASSUME is false: 10.
    Assumption,
    /// POSTCONDITION is false: 10.
    Postcondition,
    /// 11.
    Deadlock,
    /// 12.
    Invariant,
    /// An invariant fails in an initial state: 12.
    InvariantInitial,
    /// `[][A]_v` fails: 13.
    ActionProperty,
    /// A state-level PROPERTY fails initially: 13.
    PropertyInitial,
    /// 13.
    Temporal,
    /// `Assert` failed: 14.
    Assert,
    /// Evaluation of init, next or a constraint failed: 75.
    Evaluation,
    /// Evaluation of an invariant failed: 76.
    InvariantEvaluation,
    /// Evaluation of a property failed: 77.
    PropertyEvaluation,
    /// Parse or semantic error: 150.
    Parse,
    /// Config error: 151.
    Config,
    /// Limits reached (memory, states): 152.
    TooLarge,
    /// Files, threads, memory: 153.
    System,
    /// Liveness that cannot be checked yet, or a run cut short by a limit the user set: 1.
    Incomplete,
}

impl Kind {
    /// TLC's exit status for it.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Assumption | Kind::Postcondition => 10,
            Kind::Deadlock => 11,
            Kind::Invariant | Kind::InvariantInitial => 12,
            Kind::ActionProperty | Kind::PropertyInitial | Kind::Temporal => 13,
            Kind::Assert => 14,
            Kind::Evaluation => 75,
            Kind::InvariantEvaluation => 76,
            Kind::PropertyEvaluation => 77,
            Kind::Parse => 150,
            Kind::Config => 151,
            Kind::TooLarge => 152,
            Kind::System => 153,
            Kind::Incomplete => 1,
        }
    }
}

/// One step of the reason why a formula is false: an expression and what it evaluates to here.
#[derive(Clone, Debug, PartialEq)]
pub struct Because {
    /// The expression.
    pub span: Span,
    /// `this conjunct is false`, `for r = r1`, `rmState[r] is "aborted"` …
    pub note: String,
}

/// Something found.
#[derive(Clone)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// Name of the invariant, property or assumption; `None` for deadlocks and errors elsewhere.
    pub property: Option<String>,
    /// One line, and for errors the diagnostic with its places.
    pub message: String,
    /// For evaluation errors: what failed and where.
    pub diagnostic: Option<Diagnostic>,
    /// Why the formula is false, outermost first.
    pub because: Vec<Because>,
    /// How to get there.
    pub trace: Option<Trace>,
}

/// How often an action was taken.
#[derive(Clone, Debug)]
pub struct ActionCount {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// Successors it generated.
    pub generated: u64,
    /// New distinct states among them.
    pub distinct: u64,
}

/// What the check of temporal properties took.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct TemporalFigures {
    /// States of the behaviour graph.
    pub states: u64,
    /// Its steps, stuttering included.
    pub steps: u64,
    /// Nodes of the products with automata.
    pub product_nodes: u64,
    /// Their edges.
    pub product_edges: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// How often decision trees were asked, and how often they did not know.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct LookUps {
    /// What was asked: an action, or a kind of label.
    pub name: String,
    /// Questions.
    pub asked: u64,
    /// Those that had to be evaluated.
    pub missed: u64,
}

/// The probability that two distinct states had one hash, so that one of them, and what only it leads to, was missed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Collision {
    /// From the number of states, if hashes are random: TLC's "calculated (optimistic)".
    pub calculated: f64,
    /// From the least distance of two hashes: TLC's "based on the actual fingerprints". `None` for a single state.
    pub observed: Option<f64>,
}

impl Collision {
    /// For so many distinct states of so many generated, where two hashes are no nearer than this.
    pub fn of(distinct: u64, generated: u64, least_distance: Option<u64>) -> Self {
        // 64-bit numbers as floats: their magnitude is what matters.
        let comparisons = distinct as f64 * generated.saturating_sub(distinct) as f64;
        let observed = least_distance.map(|distance| 1.0 / distance.max(1) as f64);
        Self { calculated: (comparisons / 2f64.powi(64)).min(1.0), observed }
    }
}

/// A slot of the states' layout.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct SlotFigures {
    /// `x`, `x[r1]`, `msgs{3}`: the third class of elements of a set.
    pub name: String,
    /// Values seen.
    pub values: u32,
    /// Bits in a packed state.
    pub bits: u8,
}

/// Where time and memory went (`--stats`).
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Stats {
    /// Seconds of all workers together in exploration.
    pub worker_seconds: f64,
    /// Of these, evaluating actions that their trees did not know.
    pub action_seconds: f64,
    /// Evaluating constraints and properties that their trees did not know.
    pub label_seconds: f64,
    /// In the store of states.
    pub store_seconds: f64,
    /// Decision trees by action, then of labels.
    pub look_ups: Vec<LookUps>,
    /// How states are known again: `row`, `word`, `code` or `hash`.
    pub identity: &'static str,
    /// The layout.
    pub slots: Vec<SlotFigures>,
    /// Bytes of the state store and its buffers at its peak.
    pub store_bytes: u64,
    /// Bytes of decision trees.
    pub tree_bytes: u64,
    /// Bytes of interned values.
    pub value_bytes: u64,
}

/// What is known of one invariant or property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It holds: everything was looked at.
    Holds,
    /// It is violated.
    Violated,
    /// It could not be evaluated somewhere.
    Failed,
    /// Not everything was looked at.
    Unchecked,
}

/// What a run found.
#[derive(Clone)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// Findings, the one that decides the exit code first.
    pub findings: Vec<Finding>,
    /// Distinct states, `None` if exploration did not start.
    pub distinct: Option<u64>,
    /// Generated states.
    pub generated: Option<u64>,
    /// Levels.
    pub depth: Option<u64>,
    /// States left to expand when the run ended.
    pub queue: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// True if no state can have been missed by a hash collision.
    pub exact: bool,
    /// How likely one was, where states were known by their hashes only.
    pub collision: Option<Collision>,
    /// Peak resident memory in bytes, if the system tells.
    pub peak_memory_bytes: Option<u64>,
    /// Worker threads used.
    pub workers: usize,
    /// Everything that is not a finding: parse and config errors, warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of temporal properties that were not checked.
    pub unchecked: Vec<String>,
    /// Invariants and properties, in the order of the config.
    pub properties: Vec<(String, Standing)>,
    /// What checking the others took; `None` if none was.
    pub temporal: Option<TemporalFigures>,
    /// How often each action was taken.
    pub actions: Vec<ActionCount>,
    /// Where time and memory went, if that was measured.
    pub stats: Option<Stats>,
    /// Names of all actions as traces have them; empty if nothing was found.
    pub labels: Vec<String>,
    /// What the spec printed is not here: it went out as it came.
    pub root: String,
}

impl Report {
    /// The exit code of `tlaloc check`.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Ok => 0,
            Verdict::Interrupted => 130,
            _ => self.findings.first().map_or(Kind::Incomplete.exit_code(), |f| f.kind.exit_code()),
        }
    }
}
