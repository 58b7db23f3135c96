//! The command line as data.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::pipeline::{Criterion, Language, MAX_SET_SIZE};

/// A model checker for TLA+.
#[derive(Parser, Clone, Debug)]
#[command(name = "tlaloc", version, about, max_term_width = 100, arg_required_else_help = true)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Explore every reachable state of a specification and check its invariants and properties
    Check(CheckArguments),
    /// Tell whether logs of the real system are a behaviour of a specification, and if not, where and why
    Validate(ValidateArguments),
    /// Write code that ties an implementation to a specification: typed adapters, tests from traces
    #[command(subcommand)]
    Gen(GenerateCommand),
    /// Evaluate a constant expression
    Eval(EvalArguments),
    /// Parse modules and everything they extend, and report every error
    Parse(ParseArguments),
    /// Check that each threat of a catalogue is possible, is stopped by its guard, and would break its property
    Threats(ThreatsArguments),
}

/// `tlaloc parse`.
#[derive(Args, Clone, Debug)]
pub struct ParseArguments {
    /// Modules to parse, with or without `.tla`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
}

/// `tlaloc validate`.
#[derive(Args, Clone, Debug)]
pub struct ValidateArguments {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The model: constants and behaviours [default: SPEC with extension .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A log with one JSON object a line (`-`: standard input; may be given several times, for logs of several nodes)
    #[arg(long, value_name = "FILE", required = true)]
    pub log: Vec<PathBuf>,
    /// What fields and names of the log mean (TOML)
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Follow so many states at once at most; beyond, a log is accepted or the verdict is incomplete
    #[arg(long, value_name = "N", default_value_t = VALIDATE_STATES_MAX)]
    pub max_states: usize,
    /// Look so many events ahead for those that may come first by their clocks
    #[arg(long, value_name = "N", default_value_t = VALIDATE_WINDOW)]
    pub window: usize,
    /// Stop after so many seconds; the verdict is then incomplete
    #[arg(long, value_name = "N")]
    pub max_seconds: Option<u64>,
    /// Let the specification read and write files and start processes
    #[arg(long)]
    pub allow_io: bool,
    /// Integers of 32 bits, as TLC has them: beyond is an error
    #[arg(long)]
    pub int32: bool,
    /// Largest set that may be listed
    #[arg(long, value_name = "N", default_value_t = MAX_SET_SIZE)]
    pub max_set_size: usize,
}

/// `tlaloc gen`.
#[derive(Subcommand, Clone, Debug)]
pub enum GenerateCommand {
    /// Write a typed skeleton for replaying traces: one method an action, the state, enumerations
    Adapter(AdapterArguments),
    /// Write traces and a test that replays them: a counterexample, or with --cover a covering set
    Tests(TestsArguments),
}

/// What is generated from.
#[derive(Args, Clone, Debug)]
pub struct GenerateSource {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The model: constants and behaviours [default: SPEC with extension .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
    /// Let the specification read and write files and start processes
    #[arg(long)]
    pub allow_io: bool,
    /// Largest set that may be listed
    #[arg(long, value_name = "N", default_value_t = MAX_SET_SIZE)]
    pub max_set_size: usize,
}

/// `tlaloc gen adapter`.
#[derive(Args, Clone, Debug)]
pub struct AdapterArguments {
    /// The specification
    #[command(flatten)]
    pub source: GenerateSource,
    /// The language
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Language,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write nothing; fail if the file is not what would be written
    #[arg(long, requires = "out")]
    pub check: bool,
    /// Look at so many states for types
    #[arg(long, value_name = "N", default_value_t = GENERATE_STATES_MAX)]
    pub max_states: usize,
}

/// `tlaloc gen tests`.
#[derive(Args, Clone, Debug)]
pub struct TestsArguments {
    /// The specification
    #[command(flatten)]
    pub source: GenerateSource,
    /// The language
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Language,
    /// An expression that makes an adapter, for Python also `module:Name`
    #[arg(long, value_name = "EXPRESSION")]
    pub adapter: String,
    /// The folder of tests; traces go to `traces/<module>` in it
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Cover all `actions`, `pairs` of actions, `branches` or `predicates`, instead of showing a counterexample
    #[arg(long, value_name = "WHAT", value_parser = criterion)]
    pub cover: Option<Criterion>,
    /// A definition to be covered by `--cover predicates` (may be given several times)
    #[arg(long, value_name = "NAME", requires = "cover")]
    pub predicate: Vec<String>,
    /// Traces of a covering set at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub max_traces: usize,
    /// Steps of such a trace at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub max_length: usize,
    /// Look at so many states for a covering set
    #[arg(long, value_name = "N", default_value_t = GENERATE_STATES_MAX)]
    pub max_states: usize,
    /// A saved counterexample (ITF), instead of checking the specification
    #[arg(long, value_name = "FILE", conflicts_with = "cover")]
    pub trace: Option<PathBuf>,
    /// The corrected specification: what it does instead becomes a test, too
    #[arg(long, value_name = "SPEC", conflicts_with = "cover")]
    pub fixed: Option<PathBuf>,
    /// Its config [default: its name with extension .cfg]
    #[arg(long, value_name = "FILE", requires = "fixed")]
    pub fixed_config: Option<PathBuf>,
    /// Write nothing; fail if the files are not what would be written
    #[arg(long)]
    pub check: bool,
}

/// States that code is generated from.
const GENERATE_STATES_MAX: usize = 100_000;

fn language(text: &str) -> Result<Language, String> {
    match text {
        "rust" => Ok(Language::Rust),
        "python" => Ok(Language::Python),
        _ => Err("`rust` or `python` is expected".to_owned()),
    }
}

fn criterion(text: &str) -> Result<Criterion, String> {
    match text {
        "actions" => Ok(Criterion::Actions),
        "pairs" => Ok(Criterion::Pairs),
        "branches" => Ok(Criterion::Branches),
        "predicates" => Ok(Criterion::Predicates),
        _ => Err("`actions`, `pairs`, `branches` or `predicates` is expected".to_owned()),
    }
}

/// States that are followed at once.
const VALIDATE_STATES_MAX: usize = 100_000;

/// Events of several nodes are rarely further from their place than this.
const VALIDATE_WINDOW: usize = 1_000;

/// `tlaloc threats`.
#[derive(Args, Clone, Debug)]
pub struct ThreatsArguments {
    /// The catalogue: threats and assumptions beside a spec
    #[arg(value_name = "THREATS.TOML")]
    pub catalogue: PathBuf,
    /// Worker threads: a number or `auto` for one a core
    #[arg(long, value_name = "N", default_value = "auto", value_parser = workers)]
    pub workers: usize,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Check nothing; write the config without each guard to FOLDER/THREAT.cfg
    #[arg(long, value_name = "FOLDER", conflicts_with = "json")]
    pub write_configs: Option<PathBuf>,
    /// Give up on a model after this many distinct states
    #[arg(long, value_name = "N")]
    pub max_states: Option<u64>,
}

/// `tlaloc eval`.
#[derive(Args, Clone, Debug)]
pub struct EvalArguments {
    /// The expression
    #[arg(value_name = "EXPRESSION", required_unless_present = "batch", allow_hyphen_values = true)]
    pub expression: Option<String>,
    /// Modules whose definitions the expression uses, separated by commas
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    pub extends: Vec<String>,
    /// Read one JSON object {"expr": …, "modules": […]} a line from a file (`-`: standard input), and write one
    /// object {"value": …} or {"error": {"code": …, "message": …}} a line
    #[arg(long, value_name = "FILE", conflicts_with = "expression")]
    pub batch: Option<PathBuf>,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
    /// Let the expression read and write files and start processes
    #[arg(long)]
    pub allow_io: bool,
    /// Integers of 32 bits, as TLC has them: beyond is an error
    #[arg(long)]
    pub int32: bool,
    /// Largest set that may be listed
    #[arg(long, value_name = "N", default_value_t = MAX_SET_SIZE)]
    pub max_set_size: usize,
    /// Seed of RandomElement and the like
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

/// `tlaloc check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArguments {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The model: constants, invariants and properties [default: SPEC with extension .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Worker threads: a number or `auto` for one a core; the answer does not depend on it
    #[arg(long, value_name = "N", default_value = "auto", value_parser = workers)]
    pub workers: usize,
    /// A folder to find further modules in (may be given several times)
    #[arg(long, value_name = "FOLDER")]
    pub library: Vec<PathBuf>,
    /// Go on after a violation and report one of every kind
    #[arg(long = "continue")]
    pub continue_after_violation: bool,
    /// Do not report states without successors
    #[arg(long)]
    pub no_deadlock: bool,
    /// Write the counterexample to a file (ITF JSON)
    #[arg(long, value_name = "FILE")]
    pub trace_out: Option<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Print all variables of every state of a counterexample, not only those that changed
    #[arg(long)]
    pub full_trace: bool,
    /// Print how often each action was taken
    #[arg(long)]
    pub coverage: bool,
    /// Print where time and memory went: evaluation, look-ups by action, the layout of states
    #[arg(long)]
    pub stats: bool,
    /// Read specification and model, evaluate nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Let the specification read and write files and start processes
    #[arg(long)]
    pub allow_io: bool,
    /// Integers of 32 bits, as TLC has them: beyond is an error
    #[arg(long)]
    pub int32: bool,
    /// Largest set that may be listed
    #[arg(long, value_name = "N", default_value_t = MAX_SET_SIZE)]
    pub max_set_size: usize,
    /// Seed of RandomElement and the like
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Evaluate everything every time instead of keeping outcomes: slower, for comparison
    #[arg(long)]
    pub no_memo: bool,
    /// Compare many states with their permutations, to see whether SYMMETRY is one
    #[arg(long)]
    pub paranoid: bool,
    /// Keep states as numbers of their halves where they are too large for the table: exact, slower, less memory
    #[arg(long, conflicts_with = "fingerprint")]
    pub compress: bool,
    /// Keep 64-bit hashes of states only, as TLC does: least memory; the answer is right with a probability that is
    /// told, and temporal properties cannot be checked
    #[arg(long)]
    pub fingerprint: bool,
    /// Stop after this many distinct states; the verdict is then incomplete
    #[arg(long, value_name = "N")]
    pub max_states: Option<u64>,
    /// Stop after this many levels; the verdict is then incomplete
    #[arg(long, value_name = "N")]
    pub max_depth: Option<u32>,
    /// Stop cleanly when the states need more memory: bytes, or with K, M, G [default: 60 % of what is free]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub memory: Option<u64>,
}

/// More threads than any machine has use for.
const WORKERS_MAX: usize = 1024;

fn workers(text: &str) -> Result<usize, String> {
    if text == "auto" {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    }
    match text.parse() {
        Ok(0) => Err("at least one worker is needed".to_owned()),
        Ok(workers) if workers > WORKERS_MAX => Err(format!("at most {WORKERS_MAX} workers are started")),
        Ok(workers) => Ok(workers),
        Err(_) => Err("a number or `auto` is expected".to_owned()),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
    let (digits, shift) = match upper.as_bytes().last() {
        Some(b'K') => (&upper[..upper.len() - 1], 10),
        Some(b'M') => (&upper[..upper.len() - 1], 20),
        Some(b'G') => (&upper[..upper.len() - 1], 30),
        Some(b'T') => (&upper[..upper.len() - 1], 40),
        _ => (upper, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "a number of bytes is expected, such as 800M or 4G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "more bytes than any machine has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_consistent() {
        use clap::CommandFactory as _;
        CommandLine::command().debug_assert();
    }

    #[test]
    fn bytes_take_the_usual_suffixes() {
        assert_eq!(bytes("512"), Ok(512));
        assert_eq!(bytes("4k"), Ok(4 << 10));
        assert_eq!(bytes("800M"), Ok(800 << 20));
        assert_eq!(bytes("2GiB"), Ok(2 << 30));
        assert!(bytes("lots").is_err());
        assert!(bytes("99999999999T").is_err());
        assert!(bytes("").is_err());
    }

    #[test]
    fn workers_are_at_least_one() {
        assert_eq!(workers("3"), Ok(3));
        assert!(workers("auto").is_ok_and(|n| n >= 1));
        assert!(workers("0").is_err());
        assert!(workers("4000000000").is_err());
        assert!(workers("many").is_err());
    }
}
