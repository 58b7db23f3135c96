//! Reading the arguments of native operators, with the faults that TLC reports for wrong ones.

use crate::value::machine::{Closure, Fault, FaultKind, Machine, Result};
use crate::value::{self, Set, Shared, Tuple, Universe, Value};

const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

/// The operator under evaluation and its arguments.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    operator: &'static str,
    arguments: &'a [Value],
}

impl<'a> Call<'a> {
    /// Arguments of `operator`, as many as its arity.
    pub(super) fn new(operator: &'static str, arguments: &'a [Value]) -> Self {
        Self { operator, arguments }
    }

    /// The argument at `position`, counted from 0.
    pub(super) fn value(&self, position: usize) -> &'a Value {
        &self.arguments[position]
    }

    /// The fault of an argument that is not what it should be.
    #[cold]
    pub(super) fn wrong(&self, position: usize, expected: &str) -> Box<Fault> {
        self.fault(FaultKind::Type, position, expected)
    }

    /// The same with another kind of fault.
    #[cold]
    pub(super) fn fault(&self, kind: FaultKind, position: usize, expected: &str) -> Box<Fault> {
        let ordinal = ORDINALS.get(position).copied().unwrap_or("last");
        Fault::new(
            kind,
            format!(
                "The {ordinal} argument of {} should be {expected}, but instead it is:\n{}",
                self.operator,
                self.arguments[position].display()
            ),
        )
    }

    /// The fault of something that an operator argument gave.
    #[cold]
    pub(super) fn wrong_result(&self, position: usize, expected: &str, result: &Value) -> Box<Fault> {
        let ordinal = ORDINALS.get(position).copied().unwrap_or("last");
        Fault::new(
            FaultKind::Type,
            format!(
                "The {ordinal} argument of {} should be an operator whose value is {expected}, but its value is:\n{}",
                self.operator,
                result.display()
            ),
        )
    }

    /// An integer.
    #[inline]
    pub(super) fn int(&self, position: usize) -> Result<i64> {
        match &self.arguments[position] {
            Value::Int(number) => Ok(*number),
            _ => Err(self.wrong(position, "an integer")),
        }
    }

    /// An integer that is at least 0.
    pub(super) fn natural(&self, position: usize) -> Result<i64> {
        match &self.arguments[position] {
            Value::Int(number) if *number >= 0 => Ok(*number),
            _ => Err(self.wrong(position, "a natural number")),
        }
    }

    /// The text of a string.
    pub(super) fn text(&self, position: usize) -> Result<&'static str> {
        match &self.arguments[position] {
            Value::String(symbol) => Ok(Universe::current().text(*symbol)),
            _ => Err(self.wrong(position, "a string")),
        }
    }

    /// A function with domain 1..n.
    pub(super) fn sequence(&self, machine: &mut dyn Machine, position: usize) -> Result<Shared<Tuple>> {
        match &self.arguments[position] {
            Value::Tuple(tuple) => Ok(tuple.clone()),
            other => match value::sequence(machine, other)? {
                Some(tuple) => Ok(tuple),
                None => Err(self.wrong(position, "a sequence")),
            },
        }
    }

    /// A set with its elements listed.
    pub(super) fn set(&self, machine: &mut dyn Machine, position: usize) -> Result<Shared<Set>> {
        match &self.arguments[position] {
            Value::Set(set) => Ok(set.clone()),
            Value::Lazy(_) => value::to_set(machine, &self.arguments[position]),
            _ => Err(self.wrong(position, "a set")),
        }
    }

    /// Domain and values of a function.
    pub(super) fn function(&self, machine: &mut dyn Machine, position: usize) -> Result<(Vec<Value>, Vec<Value>)> {
        match value::function_pairs(machine, &self.arguments[position])? {
            Some(pairs) => Ok(pairs),
            None => Err(self.wrong(position, "a function")),
        }
    }

    /// An operator.
    pub(super) fn operator(&self, position: usize) -> Result<Closure> {
        match &self.arguments[position] {
            Value::Operator(closure) => Ok(Closure::clone(closure)),
            _ => Err(self.wrong(position, "an operator")),
        }
    }

    /// Applies a predicate given as the argument at `position`.
    pub(super) fn holds(
        &self,
        machine: &mut dyn Machine,
        position: usize,
        predicate: &Closure,
        arguments: &[Value],
    ) -> Result<bool> {
        match predicate.call(machine, arguments)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(self.wrong_result(position, "a boolean", &other)),
        }
    }
}

/// A set of any values: listed, sorted and without duplicates.
pub(super) fn listed(machine: &mut dyn Machine, elements: Vec<Value>) -> Result<Value> {
    let set = Value::set_literal(elements);
    value::to_set(machine, &set).map(Value::Set)
}

/// An integer, if integers of this machine are that wide.
#[inline]
pub(super) fn integer(
    machine: &dyn Machine,
    number: Option<i64>,
    expression: impl FnOnce() -> String,
) -> Result<Value> {
    match number {
        Some(number) if !machine.int32() || i32::try_from(number).is_ok() => Ok(Value::Int(number)),
        _ => Err(Fault::new(FaultKind::Overflow, format!("Overflow when computing {}", expression()))),
    }
}
