//! The table of native operators.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{
    arithmetic, bags, bitwise, combinatorics, csv, finite_sets, finite_sets_ext, functions, graphs, io_utils, json,
    random, relation, sequences, sequences_ext, subsequences, svg, tlc, tlc_ext, vector_clocks,
};
use crate::value::Value;
use crate::value::machine::{Machine, Result};

/// What a native operator depends on and does besides its arguments and result.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purity {
    /// Nothing: equal arguments, equal results.
    Pure,
    /// Reads the run: registers, counts, the clock, the environment.
    ReadsRun,
    /// Writes, prints, draws random numbers, starts processes.
    Impure,
}

/// How a native operator runs: on evaluated arguments, operators among them as
/// [`Value::Operator`].
pub type Run = fn(&mut dyn Machine, &[Value]) -> Result<Value>;

/// A native version of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// The module whose text defines the operator.
    pub module: &'static str,
    /// The operator's canonical spelling.
    pub name: &'static str,
    /// Its number of parameters: 0 for constants such as `Nat`.
    pub arity: usize,
    /// Whether its value may be remembered.
    pub purity: Purity,
    /// Its implementation.
    pub run: Run,
}

/// An operator that depends on its arguments only.
pub(super) const fn pure(module: &'static str, name: &'static str, arity: usize, run: Run) -> Native {
    Native { module, name, arity, purity: Purity::Pure, run }
}

/// An operator that reads the run.
pub(super) const fn reads_run(module: &'static str, name: &'static str, arity: usize, run: Run) -> Native {
    Native { module, name, arity, purity: Purity::ReadsRun, run }
}

/// An operator with effects.
pub(super) const fn impure(module: &'static str, name: &'static str, arity: usize, run: Run) -> Native {
    Native { module, name, arity, purity: Purity::Impure, run }
}

static GROUPS: &[&[Native]] = &[
    arithmetic::NATIVES,
    sequences::NATIVES,
    finite_sets::NATIVES,
    bags::NATIVES,
    tlc::NATIVES,
    tlc_ext::NATIVES,
    random::NATIVES,
    functions::NATIVES,
    finite_sets_ext::NATIVES,
    sequences_ext::NATIVES,
    subsequences::NATIVES,
    relation::NATIVES,
    graphs::NATIVES,
    bitwise::NATIVES,
    combinatorics::NATIVES,
    vector_clocks::NATIVES,
    json::NATIVES,
    io_utils::NATIVES,
    csv::NATIVES,
    svg::NATIVES,
];

/// All native operators.
pub fn natives() -> impl Iterator<Item = &'static Native> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// The native version of an operator, if there is one.
pub fn native(module: &str, name: &str) -> Option<&'static Native> {
    static TABLE: OnceLock<FxHashMap<(&'static str, &'static str), &'static Native>> = OnceLock::new();
    let table = TABLE.get_or_init(|| natives().map(|native| ((native.module, native.name), native)).collect());
    table.get(&(module, name)).copied()
}
