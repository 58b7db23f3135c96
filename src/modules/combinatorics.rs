//! Combinatorics: binomial coefficients.

use super::argument::{Call, integer};
use super::native::{Native, pure};
use crate::value::Value;
use crate::value::machine::{Machine, Result};

pub(super) static NATIVES: &[Native] = &[pure("Combinatorics", "choose", 2, choose)];

/// `n` over `k`, or `None` if it does not fit.
pub(super) fn binomial(n: i64, k: i64) -> Option<i64> {
    if k < 0 || k > n {
        return Some(0);
    }
    let mut result = 1i128;
    for step in 1..=i128::from(k.min(n - k)) {
        result = result.checked_mul(i128::from(n) - step + 1)? / step;
        i64::try_from(result).ok()?;
    }
    i64::try_from(result).ok()
}

fn choose(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("choose", arguments);
    let (n, k) = (call.natural(0)?, call.natural(1)?);
    integer(machine, binomial(n, k), || format!("choose({n}, {k})"))
}
