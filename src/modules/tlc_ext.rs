//! TLCExt, as far as it needs arguments only.
//!
//! `AssertError`, `Trace`, `CounterExample`, `TLCEvalDefinition` need the evaluator and are not here.

use super::argument::Call;
use super::native::{Native, impure, pure, reads_run};
use super::tlc::settled;
use crate::value::machine::{Machine, Result};
use crate::value::{self, ModelValue, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    impure("TLCExt", "AssertEq", 2, assert_eq),
    pure("TLCExt", "TLCModelValue", 1, model_value),
    pure("TLCExt", "TLCCache", 2, |_, arguments| Ok(arguments[0].clone())),
    impure("TLCExt", "TLCDefer", 1, |_, _| Ok(Value::Bool(true))),
    pure("TLCExt", "TLCNoOp", 1, |_, arguments| Ok(arguments[0].clone())),
    pure("TLCExt", "TLCFP", 1, fingerprint),
    pure("TLCExt", "PickSuccessor", 1, pick_successor),
    reads_run("TLCExt", "TLCGetOrDefault", 2, get_or_default),
    impure("TLCExt", "TLCGetAndSet", 4, get_and_set),
];

fn assert_eq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let equal = value::equal(machine, &arguments[0], &arguments[1])?;
    if !equal {
        let line = format!(
            "AssertEq failed: {} # {}",
            value::print(machine, &arguments[0])?,
            value::print(machine, &arguments[1])?
        );
        let print = machine.services().print.clone();
        print(&line);
    }
    Ok(Value::Bool(equal))
}

fn model_value(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let text = Call::new("TLCModelValue", arguments).text(0)?;
    Ok(Value::Model(ModelValue::new(Universe::current().symbol(text), text)))
}

/// 31 bits of the stable structural hash.
fn fingerprint(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let universe = Universe::current();
    let id = universe.intern(machine, &arguments[0])?;
    Ok(Value::Int((universe.hash(id) >> 33) as i64))
}

/// TLC asks the user whether to go on where the argument is FALSE; nobody is asked here.
fn pick_successor(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Bool(keep) => Ok(Value::Bool(*keep)),
        _ => Err(Call::new("PickSuccessor", arguments).wrong(0, "a boolean")),
    }
}

fn register(call: &Call<'_>) -> Result<Option<i64>> {
    match call.value(0) {
        Value::Int(register) if *register >= 0 => Ok(Some(*register)),
        Value::String(_) => Ok(None),
        _ => Err(call.wrong(0, "a non-negative integer or a string")),
    }
}

fn get_or_default(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TLCGetOrDefault", arguments);
    let stored = register(&call)?.and_then(|register| machine.services().registers.get(&register).cloned());
    Ok(stored.unwrap_or_else(|| call.value(1).clone()))
}

/// `TLCGetAndSet(key, Op, val, default)`: stores `Op(old, val)` and gives the old value.
fn get_and_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TLCGetAndSet", arguments);
    let Some(register) = register(&call)? else {
        return Err(call.wrong(0, "a non-negative integer"));
    };
    let update = call.operator(1)?;
    let old = machine.services().registers.get(&register).unwrap_or(call.value(3)).clone();
    let new = update.call(machine, &[old.clone(), call.value(2).clone()])?;
    let new = settled(machine, &new)?;
    machine.services().registers.insert(register, new);
    Ok(old)
}
