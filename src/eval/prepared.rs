//! Expressions made ready to be evaluated many times.

use std::rc::Rc;

use super::code::Unit;
use super::evaluator::Evaluator;
use crate::resolve::spec::{Expr, LocalId, OperatorId};
use crate::value::Value;
use crate::value::machine::Result;

/// A prepared expression.
pub struct Prepared {
    pub(super) unit: Rc<Unit>,
    /// How many arguments it takes.
    pub parameters: usize,
    /// It has no effects and gives the same answers every time.
    pub(super) pure: bool,
}

impl Evaluator {
    /// True if evaluating the expression has effects, or answers that depend on more than the states it sees.
    pub fn is_impure(&self, expr: &Expr) -> bool {
        self.lowering.facts.impure(&self.spec, expr)
    }

    /// Prepares an expression over the given locals.
    pub fn prepare(&self, parameters: &[LocalId], expr: &Expr) -> Prepared {
        let pure = !self.lowering.facts.impure(&self.spec, expr);
        Prepared { unit: self.lowering.unit(parameters, expr), parameters: parameters.len(), pure }
    }

    /// Evaluates a prepared expression.
    ///
    /// # Errors
    /// When it has no value.
    pub fn evaluate(&mut self, prepared: &Prepared, arguments: &[Value]) -> Result<Value> {
        self.framed(&prepared.unit, arguments, |evaluator, body| evaluator.eval(body))
    }

    /// Evaluates a definition without parameters.
    ///
    /// # Errors
    /// When it has no value.
    pub fn evaluate_definition(&mut self, id: OperatorId) -> Result<Value> {
        let prepared = self.prepare_definition(id);
        self.evaluate(&prepared, &[])
    }

    /// Prepares a definition without parameters.
    pub fn prepare_definition(&self, id: OperatorId) -> Prepared {
        self.prepare(&[], &self.spec.call(id))
    }

    /// Evaluates a prepared formula.
    ///
    /// # Errors
    /// When it has no value, or one that is not a boolean.
    pub fn holds(&mut self, prepared: &Prepared, arguments: &[Value]) -> Result<bool> {
        self.framed(&prepared.unit, arguments, |evaluator, body| evaluator.boolean(body))
    }
}
