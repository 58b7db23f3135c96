//! Bitwise: on integers as 32-bit two's complement if they fit, else as 64-bit.

use super::argument::Call;
use super::native::{Native, pure};
use crate::value::Value;
use crate::value::machine::{Machine, Result};

pub(super) static NATIVES: &[Native] = &[
    pure("Bitwise", "&", 2, |_, arguments| combine("&", arguments, |a, b| a & b)),
    pure("Bitwise", "|", 2, |_, arguments| combine("|", arguments, |a, b| a | b)),
    pure("Bitwise", "^^", 2, |_, arguments| combine("^^", arguments, |a, b| a ^ b)),
    pure("Bitwise", "Not", 1, not),
    pure("Bitwise", "shiftR", 2, shift_right),
];

fn combine(operator: &'static str, arguments: &[Value], with: fn(i64, i64) -> i64) -> Result<Value> {
    let call = Call::new(operator, arguments);
    Ok(Value::Int(with(call.int(0)?, call.int(1)?)))
}

/// Inverts the bits below the highest one that is set.
fn not(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let number = Call::new("Not", arguments).int(0)?;
    let below = match number {
        0 => -1,
        _ if number < 0 => i64::MAX,
        _ => (1i64 << (63 - number.leading_zeros())) - 1,
    };
    Ok(Value::Int(!number & below))
}

/// Shifts zeros in from the left, whatever the sign; the distance counts modulo the width.
fn shift_right(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("shiftR", arguments);
    let (number, distance) = (call.int(0)?, call.int(1)?);
    Ok(Value::Int(match i32::try_from(number) {
        Ok(narrow) => i64::from((narrow as u32).wrapping_shr(distance as u32) as i32),
        Err(_) => (number as u64).wrapping_shr(distance as u32) as i64,
    }))
}
