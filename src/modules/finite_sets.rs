//! FiniteSets.

use super::argument::{Call, integer};
use super::native::{Native, pure};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] =
    &[pure("FiniteSets", "Cardinality", 1, cardinality), pure("FiniteSets", "IsFiniteSet", 1, is_finite_set)];

fn cardinality(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Cardinality", arguments);
    match call.value(0) {
        Value::Set(set) => Ok(Value::Int(set.elements().len() as i64)),
        Value::Lazy(_) => {
            let size = value::cardinality(machine, call.value(0))?;
            integer(machine, Some(size), || format!("Cardinality({})", call.value(0).display()))
        }
        _ => Err(call.wrong(0, "a set")),
    }
}

fn is_finite_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("IsFiniteSet", arguments);
    match call.value(0) {
        Value::Set(_) => Ok(Value::Bool(true)),
        Value::Lazy(_) => value::is_finite(machine, call.value(0)).map(Value::Bool),
        _ => Err(call.fault(FaultKind::Incomparable, 0, "a set")),
    }
}
