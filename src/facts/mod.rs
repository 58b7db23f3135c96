//! What the answer should be, and whether ours agrees: for tests and measuring, never for checking.
//!
//! *Takes* facts: the reference checker's answers on expressions, small modules and a corpus of real
//! specifications, and the expectations in the heads of our own. *Gives* one judgement a fact. *Holds*: a fact
//! that cannot be judged is a disagreement, never silently passed. *Ignores* how answers come about.

pub mod accidents;
pub mod corpus;
pub mod expectation;
pub mod expressions;
pub mod modules;

use std::io::Write as _;
use std::path::PathBuf;

/// What comparing our answer with a fact gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// The same.
    Agrees,
    /// The same in what matters; what differs is said (the kind of an error, the form of a value).
    Nearly(String),
    /// Not the same.
    Differs(String),
}

impl Judgement {
    /// True unless it [`Judgement::Differs`].
    pub fn is_acceptable(&self) -> bool {
        !matches!(self, Judgement::Differs(_))
    }
}

/// A folder of facts: from an environment variable, or beside the package; `None` if it is not there.
pub fn folder(variable: &str, name: &str) -> Option<PathBuf> {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("../shared").join(name),
    };
    path.is_dir().then_some(path)
}

/// Says on standard error, past the test harness, that facts are missing.
pub fn skipped(why: &str) {
    // Nobody can be told when that fails.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Calls `work`, giving the message of a panic instead of passing it on.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("panic: {}", text.unwrap_or("without a message"))
    })
}
