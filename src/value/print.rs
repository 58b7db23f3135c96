//! Values as TLC prints them, on one line.

use std::fmt::Write;

use super::Value;
use super::lazy::{Lazy, Shape};
use super::machine::{Machine, Result};
use super::universe::Universe;
use crate::resolve::spec::Symbol;

/// Characters of a value shown in a message.
const DISPLAY_MAX: usize = 2000;

/// `SUBSET S` is listed when printed if S has fewer elements than this.
const POWER_SET_BASE_MAX: i64 = 7;
/// `[S -> T]`, `[a : S]`, `S \X T` are listed when printed if they have fewer elements than this.
const PRODUCT_MAX: i64 = 36;

/// The value as TLC prints it, sets without a list symbolically.
///
/// # Errors
/// When listing what TLC lists fails.
pub fn print(m: &mut dyn Machine, v: &Value) -> Result<String> {
    let listed = list_for_print(m, v)?;
    let mut text = String::new();
    write_value(&mut text, &listed, usize::MAX);
    Ok(text)
}

/// Lists every part that has a list; leaves the rest described.
fn list_for_print(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    match v {
        Value::Lazy(lazy) if prints_described(m, lazy) => Ok(v.clone()),
        Value::Lazy(lazy) => match super::normal::listed(m, v) {
            Ok(listed) => list_parts(m, &listed),
            Err(fault) if fails_symbolically(lazy) => {
                // The fault does not matter: TLC prints what the set is made from.
                drop(fault);
                Ok(v.clone())
            }
            Err(fault) => Err(fault),
        },
        _ => list_parts(m, v),
    }
}

/// Sets that TLC prints as they were written even though they have a list: intervals, and power sets and
/// the like that are not tiny.
fn prints_described(m: &mut dyn Machine, lazy: &Lazy) -> bool {
    let mut at_least = |set: &Value, limit: i64| super::cardinality(m, set).is_ok_and(|count| count >= limit);
    match lazy.shape() {
        Shape::Interval(..) => true,
        Shape::PowerSet(set) => at_least(set, POWER_SET_BASE_MAX),
        Shape::FunctionSet(domain, range) => {
            let sizes = (super::cardinality(m, domain), super::cardinality(m, range));
            let (Ok(domain), Ok(range)) = sizes else { return false };
            let count = u32::try_from(domain).ok().and_then(|domain| range.checked_pow(domain));
            range > 1 && count.is_none_or(|count| count >= PRODUCT_MAX)
        }
        Shape::RecordSet(fields) => product_size(m, fields.iter().map(|(_, set)| set)) >= PRODUCT_MAX,
        Shape::Product(factors) => product_size(m, factors.iter()) >= PRODUCT_MAX,
        _ => false,
    }
}

/// Number of tuples; 0 if that is not known.
fn product_size<'v>(m: &mut dyn Machine, sets: impl Iterator<Item = &'v Value>) -> i64 {
    let mut count = 1_i64;
    for set in sets {
        let Ok(size) = super::cardinality(m, set) else { return 0 };
        count = count.saturating_mul(size);
    }
    count
}

fn list_parts(m: &mut dyn Machine, v: &Value) -> Result<Value> {
    if !super::normal::has_lazy(v) {
        return Ok(v.clone());
    }
    let mut all = |values: &[Value]| values.iter().map(|part| list_for_print(m, part)).collect::<Result<Vec<_>>>();
    match v {
        Value::Tuple(tuple) => Ok(Value::tuple(all(tuple.items())?)),
        Value::Record(record) => Ok(Value::record_of(record.shape(), all(record.values())?)),
        Value::Set(set) => Ok(Value::set_sorted(all(set.elements())?)),
        Value::Function(function) => {
            let values = all(function.values())?;
            Ok(Value::function_sorted(function.domain_set().clone(), values))
        }
        _ => Ok(v.clone()),
    }
}

/// Sets that print as they were written when they have no list.
fn fails_symbolically(lazy: &Lazy) -> bool {
    match lazy.shape() {
        Shape::Cup(a, b) => !(a.is_reducible() && b.is_reducible()),
        Shape::Cap(a, b) => !(a.is_reducible() || b.is_reducible()),
        Shape::Difference(a, _) | Shape::Filter(a, _) => !a.is_reducible(),
        Shape::BigUnion(_) | Shape::Literal(_) => false,
        _ => true,
    }
}

impl Value {
    /// The value for messages: never fails, describes what is not listed, is cut off if huge.
    pub fn display(&self) -> String {
        let mut text = String::new();
        write_value(&mut text, self, DISPLAY_MAX);
        if text.len() > DISPLAY_MAX {
            let end = (0..=DISPLAY_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
        }
        text
    }

    /// The whole value on one line, however long; describes what is not listed, never fails.
    pub fn display_whole(&self) -> String {
        let mut text = String::new();
        write_value(&mut text, self, usize::MAX);
        text
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.display())
    }
}

fn write_value(text: &mut String, v: &Value, limit: usize) {
    if text.len() > limit {
        return;
    }
    match v {
        Value::Bool(true) => text.push_str("TRUE"),
        Value::Bool(false) => text.push_str("FALSE"),
        Value::Int(number) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{number}");
        }
        Value::String(symbol) => write_string(text, Universe::current().text(*symbol)),
        Value::Model(model) => text.push_str(Universe::current().text(model.symbol)),
        Value::Tuple(tuple) => write_list(text, "<<", tuple.items(), ", ", ">>", limit),
        Value::Set(set) => write_list(text, "{", set.elements(), ", ", "}", limit),
        Value::Record(record) => write_record(text, record.names(), record.values(), limit),
        Value::Function(function) => write_graph(text, function.domain(), function.values(), limit),
        Value::Lazy(lazy) => match lazy.known() {
            Some(known) if !prints_as_written(lazy, known) => write_value(text, known, limit),
            _ => write_described(text, lazy, limit),
        },
        Value::Operator(_) => text.push_str("<operator>"),
    }
}

/// The same rule for a set whose list is known.
fn prints_as_written(lazy: &Lazy, known: &Value) -> bool {
    let Value::Set(list) = known else { return false };
    let count = list.elements().len() as i64;
    match lazy.shape() {
        Shape::Interval(..) => true,
        Shape::PowerSet(_) => count >= 1 << POWER_SET_BASE_MAX,
        Shape::FunctionSet(..) | Shape::RecordSet(_) | Shape::Product(_) => count >= PRODUCT_MAX,
        _ => false,
    }
}

/// A string literal.
fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\u{c}' => text.push_str("\\f"),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn write_list(text: &mut String, open: &str, items: &[Value], separator: &str, close: &str, limit: usize) {
    text.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        if text.len() > limit {
            return;
        }
        write_value(text, item, limit);
    }
    text.push_str(close);
}

fn write_record(text: &mut String, names: &[Symbol], values: &[Value], limit: usize) {
    let universe = Universe::current();
    if !names.iter().all(|name| is_field_name(universe.text(*name))) {
        let domain: Vec<Value> = names.iter().map(|name| Value::String(*name)).collect();
        return write_graph(text, &domain, values, limit);
    }
    text.push('[');
    for (index, (name, value)) in names.iter().zip(values).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(universe.text(*name));
        text.push_str(" |-> ");
        write_value(text, value, limit);
    }
    text.push(']');
}

fn is_field_name(name: &str) -> bool {
    name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.chars().any(|character| character.is_ascii_alphabetic())
}

fn write_graph(text: &mut String, domain: &[Value], values: &[Value], limit: usize) {
    text.push('(');
    for (index, (argument, value)) in domain.iter().zip(values).enumerate() {
        if index > 0 {
            text.push_str(" @@ ");
        }
        if text.len() > limit {
            return;
        }
        write_value(text, argument, limit);
        text.push_str(" :> ");
        write_value(text, value, limit);
    }
    text.push(')');
}

fn write_pair(text: &mut String, a: &Value, operator: &str, b: &Value, limit: usize) {
    write_value(text, a, limit);
    text.push_str(operator);
    write_value(text, b, limit);
}

fn write_described(text: &mut String, lazy: &Lazy, limit: usize) {
    match lazy.shape() {
        Shape::Literal(elements) => write_list(text, "{", elements, ", ", "}", limit),
        Shape::Interval(low, high) => {
            let _ = write!(text, "{low}..{high}");
        }
        Shape::PowerSet(set) => {
            text.push_str("SUBSET ");
            write_value(text, set, limit);
        }
        Shape::FunctionSet(domain, range) => {
            text.push('[');
            write_pair(text, domain, " -> ", range, limit);
            text.push(']');
        }
        Shape::RecordSet(fields) => {
            text.push('[');
            for (index, (name, set)) in fields.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(Universe::current().text(*name));
                text.push_str(": ");
                write_value(text, set, limit);
            }
            text.push(']');
        }
        Shape::Product(factors) => write_list(text, "(", factors, " \\X ", ")", limit),
        Shape::Cup(a, b) => write_pair(text, a, " \\cup ", b, limit),
        Shape::Cap(a, b) => write_pair(text, a, " \\cap ", b, limit),
        Shape::Difference(a, b) => write_pair(text, a, " \\ ", b, limit),
        Shape::BigUnion(sets) => {
            text.push_str("UNION ");
            write_value(text, sets, limit);
        }
        Shape::Filter(set, _) => {
            text.push_str("{x \\in ");
            write_value(text, set, limit);
            text.push_str(" : …}");
        }
        Shape::Sequences(set) => {
            text.push_str("Seq(");
            write_value(text, set, limit);
            text.push(')');
        }
        Shape::Probe(probe) => write_value(text, &probe.shown(), limit),
        Shape::Naturals => text.push_str("Nat"),
        Shape::Integers => text.push_str("Int"),
        Shape::Reals => text.push_str("Real"),
        Shape::Strings => text.push_str("STRING"),
        Shape::Any => text.push_str("ANY"),
        Shape::Lambda(lambda) => {
            text.push_str("[x \\in ");
            write_list(text, "", lambda.domains(), ", ", "", limit);
            text.push_str(" |-> …]");
        }
        Shape::Changed { function, argument, value } => {
            text.push('[');
            write_value(text, function, limit);
            text.push_str(" EXCEPT ![");
            write_pair(text, argument, "] = ", value, limit);
            text.push(']');
        }
    }
}
