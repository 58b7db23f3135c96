//! FiniteSetsExt.

use super::argument::{Call, integer, listed};
use super::functions::{fold, sum};
use super::native::{Native, pure};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("FiniteSetsExt", "FoldSet", 3, fold_set),
    pure("FiniteSetsExt", "ReduceSet", 3, reduce_set),
    pure("FiniteSetsExt", "SumSet", 1, sum_set),
    pure("FiniteSetsExt", "ProductSet", 1, product_set),
    pure("FiniteSetsExt", "MapThenSumSet", 2, map_then_sum_set),
    pure("FiniteSetsExt", "SymDiff", 2, sym_diff),
    pure("FiniteSetsExt", "Quantify", 2, quantify),
    pure("FiniteSetsExt", "kSubset", 2, k_subset),
    pure("FiniteSetsExt", "Max", 1, |machine, arguments| extreme(machine, "Max", arguments, |a, b| a > b)),
    pure("FiniteSetsExt", "Min", 1, |machine, arguments| extreme(machine, "Min", arguments, |a, b| a < b)),
    pure("FiniteSetsExt", "Choices", 1, choices),
];

fn fold_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldSet", arguments);
    let combine = call.operator(0)?;
    let set = call.set(machine, 2)?;
    fold(machine, &combine, call.value(1).clone(), set.elements().iter().cloned())
}

fn reduce_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ReduceSet", arguments);
    let combine = call.operator(0)?;
    let set = call.set(machine, 1)?;
    fold(machine, &combine, call.value(2).clone(), set.elements().iter().cloned())
}

fn sum_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SumSet", arguments);
    let set = call.set(machine, 0)?;
    sum(machine, &call, 0, set.elements())
}

fn product_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ProductSet", arguments);
    let set = call.set(machine, 0)?;
    let mut product = Some(1i64);
    for element in set.elements() {
        let Value::Int(number) = element else {
            return Err(call.wrong(0, "a set of integers"));
        };
        product = product.and_then(|product| product.checked_mul(*number));
    }
    integer(machine, product, || format!("ProductSet({})", call.value(0).display()))
}

fn map_then_sum_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("MapThenSumSet", arguments);
    let image = call.operator(0)?;
    let set = call.set(machine, 1)?;
    let mut images = Vec::with_capacity(set.elements().len());
    for element in set.elements() {
        let mapped = image.call(machine, std::slice::from_ref(element))?;
        if !matches!(mapped, Value::Int(_)) {
            return Err(call.wrong_result(0, "an integer", &mapped));
        }
        images.push(mapped);
    }
    sum(machine, &call, 1, &images)
}

fn sym_diff(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SymDiff", arguments);
    for position in 0..2 {
        if !matches!(call.value(position), Value::Set(_) | Value::Lazy(_)) {
            return Err(call.fault(FaultKind::Incomparable, position, "a set"));
        }
    }
    let (left, right) = (call.value(0), call.value(1));
    Ok(Value::cup(Value::difference(left.clone(), right.clone()), Value::difference(right.clone(), left.clone())))
}

fn quantify(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Quantify", arguments);
    if !matches!(call.value(0), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.wrong(0, "a set"));
    }
    let predicate = call.operator(1)?;
    let mut elements = value::elements(machine, call.value(0))?;
    let mut number = 0;
    while let Some(element) = elements.next(machine)? {
        if call.holds(machine, 1, &predicate, &[element])? {
            number += 1;
        }
    }
    Ok(Value::Int(number))
}

fn k_subset(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("kSubset", arguments);
    let size = call.int(0)?;
    let set = call.set(machine, 1)?;
    let elements = set.elements();
    let Some(size) = usize::try_from(size).ok().filter(|size| *size <= elements.len()) else {
        return Ok(Value::empty_set());
    };
    let number = super::combinatorics::binomial(elements.len() as i64, size as i64);
    if number.is_none_or(|number| number > machine.max_set_size() as i64) {
        return Err(Fault::new(
            FaultKind::TooLarge,
            format!("kSubset({size}, …) has more elements than the limit for one set."),
        ));
    }
    let mut subsets = Vec::new();
    let mut places: Vec<usize> = (0..size).collect();
    loop {
        subsets.push(Value::set_sorted(places.iter().map(|place| elements[*place].clone()).collect()));
        // The last place that can still move right takes those after it along.
        let Some(moving) = (0..size).rev().find(|at| places[*at] < elements.len() - size + at) else {
            break;
        };
        places[moving] += 1;
        for after in moving + 1..size {
            places[after] = places[after - 1] + 1;
        }
    }
    listed(machine, subsets)
}

fn extreme(
    machine: &mut dyn Machine,
    operator: &'static str,
    arguments: &[Value],
    better: fn(i64, i64) -> bool,
) -> Result<Value> {
    let call = Call::new(operator, arguments);
    if !matches!(call.value(0), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.wrong(0, "a set"));
    }
    let mut elements = value::elements(machine, call.value(0))?;
    let mut best = None;
    while let Some(element) = elements.next(machine)? {
        let Value::Int(number) = element else {
            return Err(call.wrong(0, "a set of integers"));
        };
        if best.is_none_or(|best| better(number, best)) {
            best = Some(number);
        }
    }
    best.map(Value::Int).ok_or_else(|| call.fault(FaultKind::ChooseNone, 0, "a non-empty set"))
}

/// All sets with one element from each of the given sets.
fn choices(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Choices", arguments);
    let sets = call.set(machine, 0)?;
    let mut chosen: Vec<Vec<Value>> = vec![Vec::new()];
    for set in sets.elements() {
        if !matches!(set, Value::Set(_) | Value::Lazy(_)) {
            return Err(call.fault(FaultKind::NotEnumerable, 0, "a set of sets"));
        }
        let options = value::to_set(machine, set)?;
        if chosen.len().saturating_mul(options.elements().len()) > machine.max_set_size() {
            return Err(call.fault(FaultKind::TooLarge, 0, "a set with fewer choices"));
        }
        chosen = chosen
            .iter()
            .flat_map(|chosen| {
                options.elements().iter().map(|option| {
                    let mut longer = chosen.clone();
                    longer.push(option.clone());
                    longer
                })
            })
            .collect();
    }
    let mut results = Vec::with_capacity(chosen.len());
    for chosen in chosen {
        results.push(listed(machine, chosen)?);
    }
    listed(machine, results)
}
