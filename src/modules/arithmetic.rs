//! Naturals, Integers, Reals.
//!
//! Integers have 64 bits, or 32 where the machine asks for TLC's; leaving that range is a fault, never
//! a wrap.

use super::argument::{Call, integer};
use super::native::{Native, pure};
use crate::value::Value;
use crate::value::machine::{Fault, FaultKind, Machine, Result};

pub(super) static NATIVES: &[Native] = &[
    pure("Naturals", "Nat", 0, |_, _| Ok(Value::naturals())),
    pure("Naturals", "+", 2, add),
    pure("Naturals", "-", 2, subtract),
    pure("Naturals", "*", 2, multiply),
    pure("Naturals", "^", 2, power),
    pure("Naturals", "\\div", 2, divide),
    pure("Naturals", "%", 2, remainder),
    pure("Naturals", "<", 2, |_, a| pair("<", a).map(|(l, r)| Value::Bool(l < r))),
    pure("Naturals", ">", 2, |_, a| pair(">", a).map(|(l, r)| Value::Bool(l > r))),
    pure("Naturals", "\\leq", 2, |_, a| pair("<=", a).map(|(l, r)| Value::Bool(l <= r))),
    pure("Naturals", "\\geq", 2, |_, a| pair(">=", a).map(|(l, r)| Value::Bool(l >= r))),
    pure("Naturals", "..", 2, |_, a| pair("..", a).map(|(l, r)| Value::interval(l, r))),
    pure("Integers", "Int", 0, |_, _| Ok(Value::integers())),
    pure("Integers", "-.", 1, negate),
    pure("Reals", "Real", 0, |_, _| Ok(Value::reals())),
];

#[inline]
fn pair(operator: &'static str, arguments: &[Value]) -> Result<(i64, i64)> {
    if let [Value::Int(left), Value::Int(right)] = arguments {
        return Ok((*left, *right));
    }
    let call = Call::new(operator, arguments);
    Ok((call.int(0)?, call.int(1)?))
}

fn add(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (left, right) = pair("+", arguments)?;
    integer(machine, left.checked_add(right), || format!("{left}+{right}"))
}

fn subtract(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (left, right) = pair("-", arguments)?;
    integer(machine, left.checked_sub(right), || format!("{left}-{right}"))
}

fn multiply(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (left, right) = pair("*", arguments)?;
    integer(machine, left.checked_mul(right), || format!("{left}*{right}"))
}

fn negate(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let number = Call::new("-.", arguments).int(0)?;
    integer(machine, number.checked_neg(), || format!("-({number})"))
}

fn divide(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (left, right) = pair("\\div", arguments)?;
    if right == 0 {
        let message = format!("The second argument of \\div is 0, in:\n{left} \\div 0");
        return Err(Fault::new(FaultKind::Division, message));
    }
    integer(machine, floor_quotient(left, right), || format!("{left} \\div ({right})"))
}

fn floor_quotient(left: i64, right: i64) -> Option<i64> {
    let quotient = left.checked_div(right)?;
    let inexact = left % right != 0 && (left < 0) != (right < 0);
    Some(quotient - i64::from(inexact))
}

fn remainder(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (left, right) = pair("%", arguments)?;
    if right <= 0 {
        return Err(Call::new("%", arguments).wrong(1, "a positive number"));
    }
    Ok(Value::Int(left.rem_euclid(right)))
}

fn power(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (base, exponent) = pair("^", arguments)?;
    if exponent < 0 {
        return Err(Call::new("^", arguments).wrong(1, "a natural number"));
    }
    if base == 0 && exponent == 0 {
        return Err(Fault::new(FaultKind::Division, "0^0 is undefined."));
    }
    let result = match base {
        0 | 1 => Some(base),
        -1 => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => u32::try_from(exponent).ok().and_then(|exponent| base.checked_pow(exponent)),
    };
    integer(machine, result, || format!("{base}^{exponent}"))
}
