//! Functions and Folds.

use super::argument::{Call, integer, listed};
use super::native::{Native, pure};
use crate::value::machine::{Closure, Fault, FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("Folds", "MapThenFoldSet", 5, map_then_fold_set),
    pure("Functions", "Restrict", 2, restrict),
    pure("Functions", "RestrictDomain", 2, restrict_domain),
    pure("Functions", "RestrictValues", 2, restrict_values),
    pure("Functions", "Range", 1, range),
    pure("Functions", "AntiFunction", 1, anti_function),
    pure("Functions", "IsInjective", 1, is_injective),
    pure("Functions", "FoldFunction", 3, fold_function),
    pure("Functions", "FoldFunctionOnSet", 4, fold_function_on_set),
    pure("Functions", "SumFunction", 1, sum_function),
    pure("Functions", "SumFunctionOnSet", 2, sum_function_on_set),
];

/// `op(xn, … op(x2, op(x1, base)) …)`.
pub(super) fn fold(
    machine: &mut dyn Machine,
    combine: &Closure,
    base: Value,
    items: impl IntoIterator<Item = Value>,
) -> Result<Value> {
    let mut folded = base;
    for item in items {
        folded = combine.call(machine, &[item, folded])?;
    }
    Ok(folded)
}

/// The sum of the integers among `items`; `position` is the argument they came from.
pub(super) fn sum<'v>(
    machine: &dyn Machine,
    call: &Call<'_>,
    position: usize,
    items: impl IntoIterator<Item = &'v Value>,
) -> Result<Value> {
    let mut sum = 0i64;
    for item in items {
        let Value::Int(number) = item else {
            return Err(call.wrong(position, "a collection of integers"));
        };
        let total = integer(machine, sum.checked_add(*number), || format!("{sum}+{number}"))?;
        sum = if let Value::Int(total) = total { total } else { sum };
    }
    Ok(Value::Int(sum))
}

/// `op(f(x1), op(f(x2), … op(f(xn), base)))` where each x is chosen from what the ones before left.
fn map_then_fold_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("MapThenFoldSet", arguments);
    let (combine, image, choose) = (call.operator(0)?, call.operator(2)?, call.operator(3)?);
    let mut left = call.set(machine, 4)?.elements().to_vec();
    let mut chosen = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let next = choose.call(machine, &[Value::set_sorted(left.clone())])?;
        let mut place = None;
        for (at, element) in left.iter().enumerate() {
            if value::equal(machine, element, &next)? {
                place = Some(at);
                break;
            }
        }
        let Some(at) = place else {
            return Err(call.wrong_result(3, "an element of the set it is applied to", &next));
        };
        chosen.push(left.remove(at));
    }
    let mut folded = call.value(1).clone();
    for element in chosen.into_iter().rev() {
        let mapped = image.call(machine, &[element])?;
        folded = combine.call(machine, &[mapped, folded])?;
    }
    Ok(folded)
}

fn restrict(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Restrict", arguments);
    let values = values_on(machine, &call, 0, 1)?;
    let domain = call.set(machine, 1)?.elements().to_vec();
    Value::function(machine, domain, values)
}

/// The function on the part of its domain where the predicate at position 1 holds of what `tested` picks.
fn restricted(
    machine: &mut dyn Machine,
    call: &Call<'_>,
    tested: for<'p> fn(&'p Value, &'p Value) -> &'p Value,
) -> Result<Value> {
    let (domain, values) = call.function(machine, 0)?;
    let test = call.operator(1)?;
    let (mut kept_domain, mut kept_values) = (Vec::new(), Vec::new());
    for (argument, value) in domain.into_iter().zip(values) {
        let subject = tested(&argument, &value).clone();
        if call.holds(machine, 1, &test, &[subject])? {
            kept_domain.push(argument);
            kept_values.push(value);
        }
    }
    Value::function(machine, kept_domain, kept_values)
}

fn restrict_domain(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    restricted(machine, &Call::new("RestrictDomain", arguments), |argument, _| argument)
}

fn restrict_values(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    restricted(machine, &Call::new("RestrictValues", arguments), |_, value| value)
}

fn range(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let (_, values) = Call::new("Range", arguments).function(machine, 0)?;
    listed(machine, values)
}

fn anti_function(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("AntiFunction", arguments);
    let (domain, values) = call.function(machine, 0)?;
    if has_duplicates(machine, &values)? {
        return Err(call.fault(FaultKind::Other, 0, "an injective function"));
    }
    Value::function(machine, values, domain)
}

fn has_duplicates(machine: &mut dyn Machine, values: &[Value]) -> Result<bool> {
    let distinct = value::to_set(machine, &Value::set_literal(values.to_vec()))?;
    Ok(distinct.elements().len() < values.len())
}

/// TLC's version accepts sequences only.
fn is_injective(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let sequence = Call::new("IsInjective", arguments).sequence(machine, 0)?;
    has_duplicates(machine, sequence.items()).map(|duplicates| Value::Bool(!duplicates))
}

fn fold_function(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldFunction", arguments);
    let combine = call.operator(0)?;
    let (_, values) = call.function(machine, 2)?;
    fold(machine, &combine, call.value(1).clone(), values)
}

/// Values of the function at `function` on the set at `indices`, in order.
fn values_on(machine: &mut dyn Machine, call: &Call<'_>, function: usize, indices: usize) -> Result<Vec<Value>> {
    let indices = call.set(machine, indices)?;
    let apply = |index: &Value| value::apply(machine, call.value(function), index);
    indices.elements().iter().map(apply).collect::<std::result::Result<_, Box<Fault>>>()
}

fn fold_function_on_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldFunctionOnSet", arguments);
    let combine = call.operator(0)?;
    let values = values_on(machine, &call, 2, 3)?;
    fold(machine, &combine, call.value(1).clone(), values)
}

fn sum_function(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SumFunction", arguments);
    let (_, values) = call.function(machine, 0)?;
    sum(machine, &call, 0, &values)
}

fn sum_function_on_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SumFunctionOnSet", arguments);
    let values = values_on(machine, &call, 0, 1)?;
    sum(machine, &call, 0, &values)
}
