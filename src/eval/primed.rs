//! Definitions read from a next state that is being bound: `TypeOK'` in an action.
//!
//! What such a definition reads may be bound anew from one branch of the enumeration to the next, so that
//! its value holds for as long as everything it read stays bound. Bindings are numbered: a value is kept
//! with the numbers of the bindings it was read from.
//!
//! A filter that is asked for again and again is listed then, if it is over a set that is small: its
//! elements are found once instead of every time.

use super::evaluator::{Evaluator, Reading};
use crate::diagnostic::Span;
use crate::resolve::spec::{OperatorId, VariableId};
use crate::value::machine::Result;
use crate::value::{self, Value};

/// Evaluations from the same bindings after which a filter is listed, and the largest set it may be over.
const USES: u32 = 4;
const LISTED_MAX: i64 = 1 << 17;

/// Bindings of the next state's variables, and what was read from them.
pub(crate) struct Bindings {
    /// The number of each variable's binding.
    numbers: Vec<u64>,
    last: u64,
    /// Changes when bindings come from elsewhere.
    epoch: u64,
    /// Variables read since the outermost definition under way began.
    log: Vec<VariableId>,
    logging: u32,
    kept: Vec<Option<Kept>>,
}

/// The value of a definition.
struct Kept {
    epoch: u64,
    reads: Vec<(VariableId, u64)>,
    uses: u32,
    /// Known if it is listed.
    value: Option<Value>,
}

impl Bindings {
    pub(super) fn new(operators: usize) -> Self {
        let kept = std::iter::repeat_with(|| None).take(operators).collect();
        Self { numbers: Vec::new(), last: 0, epoch: 0, log: Vec::new(), logging: 0, kept }
    }

    /// A variable is bound anew.
    #[inline]
    pub(super) fn bind(&mut self, variable: VariableId) {
        let index = variable.0 as usize;
        if self.numbers.len() <= index {
            self.numbers.resize(index + 1, 0);
        }
        self.last += 1;
        self.numbers[index] = self.last;
    }

    /// Variables are bound elsewhere from now on.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.epoch += 1;
    }

    /// A variable is read.
    #[inline]
    pub(super) fn read(&mut self, variable: VariableId) {
        if self.logging > 0 {
            self.log.push(variable);
        }
    }

    fn number(&self, variable: VariableId) -> u64 {
        self.numbers.get(variable.0 as usize).copied().unwrap_or(0)
    }

    fn is_current(&self, kept: &Kept) -> bool {
        kept.epoch == self.epoch && kept.reads.iter().all(|(variable, number)| self.number(*variable) == *number)
    }
}

impl Evaluator {
    /// The value of a pure definition over one state, read from the next one while that is being bound.
    pub(super) fn primed_operator(&mut self, id: OperatorId, call: Span) -> Result<Value> {
        let mut uses = 1;
        let kept = self.bindings.kept[id.0 as usize].take().filter(|kept| self.bindings.is_current(kept));
        if let Some(mut kept) = kept {
            kept.uses += 1;
            uses = kept.uses;
            if let Some(value) = kept.value.clone() {
                // What it was read from is read again.
                for (variable, _) in &kept.reads {
                    self.variable(*variable, Reading::Next)?;
                }
                self.bindings.kept[id.0 as usize] = Some(kept);
                return Ok(value);
            }
        }
        let begin = self.bindings.log.len();
        self.bindings.logging += 1;
        let result = self.call_value(id, &[], call).map(|value| self.listed_if_used(value, uses));
        self.bindings.logging -= 1;
        let mut reads: Vec<VariableId> = self.bindings.log[begin..].to_vec();
        if self.bindings.logging == 0 {
            self.bindings.log.clear();
        }
        let value = result?;
        reads.sort_unstable();
        reads.dedup();
        let reads = reads.into_iter().map(|variable| (variable, self.bindings.number(variable))).collect();
        let known = value::is_listed(&value).then(|| value.clone());
        self.bindings.kept[id.0 as usize] = Some(Kept { epoch: self.bindings.epoch, reads, uses, value: known });
        Ok(value)
    }

    fn listed_if_used(&mut self, value: Value, uses: u32) -> Value {
        if uses < USES {
            return value;
        }
        // Where listing fails, going through the elements one by one may still succeed.
        value::small_filter(self, &value, LISTED_MAX).unwrap_or(value)
    }
}
