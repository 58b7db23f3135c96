//! TLC: printing, asserting, registers, functions written with `:>` and `@@`.

use std::cmp::Ordering;

use super::argument::{Call, listed};
use super::native::{Native, impure, pure, reads_run};
use super::random;
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    impure("TLC", "Print", 2, print),
    impure("TLC", "PrintT", 1, print_t),
    pure("TLC", "Assert", 2, assert),
    reads_run("TLC", "JavaTime", 0, java_time),
    reads_run("TLC", "TLCGet", 1, tlc_get),
    impure("TLC", "TLCSet", 2, tlc_set),
    pure("TLC", ":>", 2, maps_to),
    pure("TLC", "@@", 2, joined),
    pure("TLC", "Permutations", 1, permutations),
    pure("TLC", "SortSeq", 2, sort_seq),
    impure("TLC", "RandomElement", 1, random_element),
    pure("TLC", "Any", 0, |_, _| Ok(Value::any())),
    pure("TLC", "ToString", 1, to_string),
    pure("TLC", "TLCEval", 1, tlc_eval),
];

fn print_line(machine: &mut dyn Machine, line: &str) {
    let print = machine.services().print.clone();
    print(line);
}

fn print(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let line = format!("{}  {}", value::print(machine, &arguments[0])?, value::print(machine, &arguments[1])?);
    print_line(machine, &line);
    Ok(arguments[1].clone())
}

fn print_t(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let line = value::print(machine, &arguments[0])?;
    print_line(machine, &line);
    Ok(Value::Bool(true))
}

fn assert(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    if matches!(arguments[0], Value::Bool(true)) {
        return Ok(Value::Bool(true));
    }
    let reason = value::print(machine, &arguments[1]).unwrap_or_else(|_| arguments[1].display());
    let message = match &arguments[0] {
        Value::Bool(_) => {
            format!("The first argument of Assert evaluated to FALSE; the second argument was:\n{reason}")
        }
        other => format!(
            "The first argument of Assert should be a boolean, but instead it is:\n{}\nThe second argument was:\n{reason}",
            other.display()
        ),
    };
    Err(Fault::new(FaultKind::Assert, message))
}

fn java_time(_: &mut dyn Machine, _: &[Value]) -> Result<Value> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    Ok(Value::Int((seconds & 0x7FFF_FFFF) as i64))
}

fn tlc_get(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TLCGet", arguments);
    match call.value(0) {
        Value::Int(register) if *register >= 0 => {
            machine.services().registers.get(register).cloned().ok_or_else(|| undefined(call.value(0)))
        }
        Value::String(name) => named(machine, Universe::current().text(*name))?.ok_or_else(|| undefined(call.value(0))),
        _ => Err(call.wrong(0, "a non-negative integer or the name of a statistic")),
    }
}

#[cold]
fn undefined(key: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::Other,
        format!("TLCGet({}): no value was set, and it is not the name of a statistic.", key.display()),
    )
}

fn record(fields: &[(&str, Value)]) -> Value {
    let universe = Universe::current();
    Value::record(fields.iter().map(|(name, value)| (universe.symbol(name), value.clone())).collect())
}

fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// What `TLCGet` knows by name.
fn named(machine: &mut dyn Machine, name: &str) -> Result<Option<Value>> {
    let services = machine.services();
    let progress = services.progress;
    let level = i64::from(progress.level);
    let diameter = count(progress.diameter.max(u64::from(progress.level)).max(1));
    let duration = count(services.started.elapsed().as_secs());
    Ok(Some(match name {
        "level" => Value::Int(level),
        "diameter" => diameter,
        "distinct" => count(progress.distinct),
        "generated" => count(progress.generated),
        "queue" => count(progress.queue),
        "duration" => duration,
        "action" => return Ok(services.action.clone()),
        "stats" => record(&[
            ("traces", Value::Int(0)),
            ("duration", duration),
            ("generated", count(progress.generated)),
            ("diameter", diameter),
            ("distinct", count(progress.distinct)),
            ("queue", count(progress.queue)),
        ]),
        "config" => {
            let workers = Value::Int(services.workers.0 as i64);
            record(&[
                ("mode", Value::string("bfs")),
                ("depth", Value::Int(-1)),
                ("deadlock", Value::Bool(true)),
                ("traces", Value::Int(-1)),
                ("seed", Value::string("0")),
                ("fingerprint", Value::Int(0)),
                ("worker", workers),
                ("install", Value::string("tlaloc")),
            ])
        }
        // Specs ask for a version of TLC that is recent enough: what we follow is that of April 2026.
        "revision" => record(&[
            ("timestamp", Value::Int(1_775_000_000)),
            ("date", Value::string("2026-04-01")),
            ("count", Value::Int(1)),
            ("tag", Value::string("tlaloc")),
        ]),
        "all" => {
            let (keys, values) = services
                .registers
                .iter()
                .map(|(register, value)| (Value::Int(*register), Value::tuple(vec![value.clone()])))
                .unzip();
            Value::function(machine, keys, values)?
        }
        "-Dtlc2.tool.impl.Tool.cdot" => Value::string("true"),
        _ => return Ok(None),
    }))
}

fn tlc_set(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TLCSet", arguments);
    match call.value(0) {
        Value::Int(register) if *register >= 0 => {
            let value = settled(machine, call.value(1))?;
            machine.services().registers.insert(*register, value);
            return Ok(Value::Bool(true));
        }
        Value::String(name) => match (Universe::current().text(*name), call.value(1)) {
            ("exit", Value::Bool(exit)) => {
                machine.services().exit |= *exit;
                return Ok(Value::Bool(true));
            }
            ("pause", Value::Bool(_)) => return Ok(Value::Bool(true)),
            ("exit" | "pause", _) => return Err(call.wrong(1, "a boolean")),
            _ => {}
        },
        _ => {}
    }
    Err(call.wrong(0, "a non-negative integer, \"exit\" or \"pause\""))
}

/// A value with nothing left to evaluate, or as it is if it cannot be listed (`Nat`).
pub(super) fn settled(machine: &mut dyn Machine, value: &Value) -> Result<Value> {
    match value::normalize(machine, value) {
        Err(fault) if fault.kind == FaultKind::NotEnumerable => Ok(value.clone()),
        other => other,
    }
}

fn maps_to(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    Value::function(machine, vec![arguments[0].clone()], vec![arguments[1].clone()])
}

/// `f @@ g`: both domains are in order, so that one walk joins them.
fn joined(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("@@", arguments);
    let (left_domain, left_values) = call.function(machine, 0)?;
    let (right_domain, right_values) = call.function(machine, 1)?;
    if right_domain.is_empty() {
        return Ok(arguments[0].clone());
    }
    if left_domain.is_empty() {
        return Ok(arguments[1].clone());
    }
    let size = left_domain.len() + right_domain.len();
    let (mut domain, mut values) = (Vec::with_capacity(size), Vec::with_capacity(size));
    let mut left = left_domain.into_iter().zip(left_values).peekable();
    let mut right = right_domain.into_iter().zip(right_values).peekable();
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => value::compare(machine, a, b)?,
        };
        let first = if order == Ordering::Greater { None } else { left.next() };
        let second = if order == Ordering::Less { None } else { right.next() };
        if let Some((argument, result)) = first.or(second) {
            domain.push(argument);
            values.push(result);
        }
    }
    Value::function(machine, domain, values)
}

fn permutations(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let set = Call::new("Permutations", arguments).set(machine, 0)?;
    let orders = arrangements(machine, "Permutations", set.elements().len(), set.elements().len())?;
    let mut functions = Vec::with_capacity(orders.len());
    for order in orders {
        let values = order.iter().map(|place| set.elements()[*place].clone()).collect();
        functions.push(Value::function(machine, set.elements().to_vec(), values)?);
    }
    listed(machine, functions)
}

/// All ways to put `length` of `size` things in a row.
pub(super) fn arrangements(
    machine: &dyn Machine,
    operator: &str,
    size: usize,
    length: usize,
) -> Result<Vec<Vec<usize>>> {
    let number = (0..length).try_fold(1usize, |number, taken| number.checked_mul(size - taken));
    if number.is_none_or(|number| number > machine.max_set_size()) {
        let message = format!("{operator} of {size} elements gives more elements than the limit for one set.");
        return Err(Fault::new(FaultKind::TooLarge, message));
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..length {
        rows = rows
            .iter()
            .flat_map(|row| {
                (0..size).filter(|place| !row.contains(place)).map(|place| {
                    let mut longer = row.clone();
                    longer.push(place);
                    longer
                })
            })
            .collect();
    }
    Ok(rows)
}

fn sort_seq(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SortSeq", arguments);
    let items = call.sequence(machine, 0)?.items().to_vec();
    sorted(machine, &call, items)
}

/// An insertion sort by the operator at position 1: an inconsistent order gives the permutation that
/// TLC's sort gives.
pub(super) fn sorted(machine: &mut dyn Machine, call: &Call<'_>, mut items: Vec<Value>) -> Result<Value> {
    let before = call.operator(1)?;
    for next in 1..items.len() {
        let mut place = next;
        while place > 0 && call.holds(machine, 1, &before, &[items[place].clone(), items[place - 1].clone()])? {
            items.swap(place, place - 1);
            place -= 1;
        }
    }
    Ok(Value::tuple(items))
}

fn random_element(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("RandomElement", arguments);
    if !matches!(call.value(0), Value::Set(_) | Value::Lazy(_)) {
        return Err(call.wrong(0, "a set"));
    }
    match random::element(machine, call.value(0))? {
        Some(element) => Ok(element),
        None => Err(call.fault(FaultKind::ChooseNone, 0, "a non-empty set")),
    }
}

fn to_string(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let text = value::print(machine, &arguments[0])?;
    Ok(Value::string(&text))
}

fn tlc_eval(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    settled(machine, &arguments[0])
}
