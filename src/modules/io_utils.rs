//! IOUtils: files, processes, the environment, numbers as text.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::argument::Call;
use super::files;
use super::native::{Native, impure, pure};
use super::sequences::text;
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, ModelValue, Universe, Value};

pub(super) static NATIVES: &[Native] = &[
    impure("IOUtils", "IOSerialize", 3, io_serialize),
    pure("IOUtils", "IODeserialize", 2, io_deserialize),
    impure("IOUtils", "Serialize", 3, serialize),
    impure("IOUtils", "Deserialize", 2, deserialize),
    impure("IOUtils", "IOExec", 1, |machine, a| execute(machine, "IOExec", a, None, 0, None)),
    impure("IOUtils", "IOEnvExec", 2, |machine, a| execute(machine, "IOEnvExec", a, Some(0), 1, None)),
    impure("IOUtils", "IOExecTemplate", 2, |machine, a| execute(machine, "IOExecTemplate", a, None, 0, Some(1))),
    impure("IOUtils", "IOEnvExecTemplate", 3, |machine, a| {
        execute(machine, "IOEnvExecTemplate", a, Some(0), 1, Some(2))
    }),
    pure("IOUtils", "IOEnv", 0, environment),
    pure("IOUtils", "atoi", 1, atoi),
    pure("IOUtils", "zeroPadN", 2, zero_pad),
];

/// A value as printed, except that a string is itself.
pub(super) fn plain(machine: &mut dyn Machine, value: &Value) -> Result<String> {
    match text(value) {
        Some(text) => Ok(text.to_owned()),
        None => value::print(machine, value),
    }
}

/// Fills a template in the style of C's printf with values as text: `%s`, `%d`, `%2$s`, `%%`, `%n`.
pub(super) fn fill(operator: &str, template: &str, values: &[String]) -> Result<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    let mut next = 0;
    while let Some(at) = rest.find('%') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let explicit = rest[digits..].strip_prefix('$').map(|after| (rest[..digits].parse::<usize>(), after));
        let (place, after) = match explicit {
            Some((Ok(place), after)) => (Some(place.wrapping_sub(1)), after),
            _ => (None, rest),
        };
        let mut letters = after.chars();
        match letters.next() {
            Some('%') if place.is_none() => filled.push('%'),
            Some('n') if place.is_none() => filled.push('\n'),
            Some('s' | 'S' | 'd') => {
                let place = place.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                let value = values.get(place).ok_or_else(|| bad_template(operator, template))?;
                filled.push_str(value);
            }
            _ => return Err(bad_template(operator, template)),
        }
        rest = letters.as_str();
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cold]
fn bad_template(operator: &str, template: &str) -> Box<Fault> {
    Fault::new(FaultKind::Other, format!("{operator}: the template {template:?} does not fit the values given for it."))
}

/// The record that operators which write files or start processes give.
fn outcome(exit: i64, stdout: &str, stderr: &str) -> Value {
    let universe = Universe::current();
    Value::record(vec![
        (universe.symbol("exitValue"), Value::Int(exit)),
        (universe.symbol("stdout"), Value::string(stdout)),
        (universe.symbol("stderr"), Value::string(stderr)),
    ])
}

/// A value as JSON that keeps its kind.
fn tagged(machine: &mut dyn Machine, value: &Value) -> Result<Json> {
    let universe = Universe::current();
    let many = |machine: &mut dyn Machine, values: &[Value]| {
        values.iter().map(|value| tagged(machine, value)).collect::<Result<Vec<_>>>()
    };
    Ok(match value::normalize(machine, value)? {
        Value::Bool(truth) => Json::Bool(truth),
        Value::Int(number) => Json::from(number),
        Value::String(symbol) => Json::from(universe.text(symbol)),
        Value::Model(model) => json!({ "#model": universe.text(model.symbol) }),
        Value::Tuple(tuple) => json!({ "#tup": many(machine, tuple.items())? }),
        Value::Set(set) => json!({ "#set": many(machine, set.elements())? }),
        function @ (Value::Record(_) | Value::Function(_)) => {
            let (domain, values) = value::function_pairs(machine, &function)?.unwrap_or_default();
            json!({ "#domain": many(machine, &domain)?, "#values": many(machine, &values)? })
        }
        other @ (Value::Lazy(_) | Value::Operator(_)) => {
            let message = format!("This value cannot be written to a file:\n{}", other.display());
            return Err(Fault::new(FaultKind::Type, message));
        }
    })
}

fn untagged(machine: &mut dyn Machine, json: &Json) -> Result<Value> {
    let many = |machine: &mut dyn Machine, values: &Json| {
        let values = values.as_array().map_or(&[][..], Vec::as_slice);
        values.iter().map(|value| untagged(machine, value)).collect::<Result<Vec<_>>>()
    };
    if let Some(name) = json.get("#model").and_then(Json::as_str) {
        return Ok(Value::Model(ModelValue::new(Universe::current().symbol(name), name)));
    }
    if let Some(items) = json.get("#tup") {
        return Ok(Value::tuple(many(machine, items)?));
    }
    if let Some(elements) = json.get("#set") {
        let elements = many(machine, elements)?;
        return super::argument::listed(machine, elements);
    }
    if let (Some(domain), Some(values)) = (json.get("#domain"), json.get("#values")) {
        let (domain, values) = (many(machine, domain)?, many(machine, values)?);
        if domain.len() == values.len() {
            return Value::function(machine, domain, values);
        }
    }
    super::json::decode(machine, json)
}

fn io_serialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("IOSerialize", arguments);
    let path = files::path(machine, "IOSerialize", &call, 1)?;
    let json = tagged(machine, call.value(0))?;
    files::write("IOSerialize", &path, &json.to_string())
}

fn io_deserialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("IODeserialize", arguments);
    let path = files::path(machine, "IODeserialize", &call, 0)?;
    let text = files::read("IODeserialize", &path)?;
    match serde_json::from_str(&text) {
        Ok(json) => untagged(machine, &json),
        Err(error) => Err(files::failed("IODeserialize", &path, &error)),
    }
}

/// Whether the record of options at `position` asks to add to the file.
fn appends(machine: &mut dyn Machine, options: &Value) -> Result<bool> {
    let Value::Record(record) = options else { return Ok(false) };
    let Some(open) = record.get(Universe::current().symbol("openOptions")) else { return Ok(false) };
    let open = value::sequence(machine, open)?;
    Ok(open.is_some_and(|open| open.items().iter().any(|option| text(option) == Some("APPEND"))))
}

fn serialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("Serialize", arguments);
    let path = files::path(machine, "Serialize", &call, 1)?;
    let content = plain(machine, call.value(0))?;
    let written = if appends(machine, call.value(2))? {
        files::append("Serialize", &path, &content)
    } else {
        files::write("Serialize", &path, &content)
    };
    Ok(match written {
        Ok(_) => outcome(0, "", ""),
        Err(fault) => outcome(1, "", &fault.message),
    })
}

fn deserialize(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let path = files::path(machine, "Deserialize", &Call::new("Deserialize", arguments), 0)?;
    Ok(match files::read("Deserialize", &path) {
        Ok(content) => outcome(0, &content, ""),
        Err(fault) => outcome(1, "", &fault.message),
    })
}

/// The words of a command: a sequence of strings, or a string split at spaces; filled if it is a template.
fn words(
    machine: &mut dyn Machine,
    operator: &'static str,
    call: &Call<'_>,
    command: usize,
    parameters: Option<usize>,
) -> Result<Vec<String>> {
    let values = match parameters {
        Some(position) => {
            let parameters = call.sequence(machine, position)?;
            let values = parameters.items().iter().map(|value| plain(machine, value));
            Some(values.collect::<Result<Vec<_>>>()?)
        }
        None => None,
    };
    let fill = |word: &str| match &values {
        Some(values) => fill(operator, word, values),
        None => Ok(word.to_owned()),
    };
    if let Some(line) = text(call.value(command)) {
        return Ok(fill(line)?.split_whitespace().map(str::to_owned).collect());
    }
    let sequence = call.sequence(machine, command)?;
    sequence
        .items()
        .iter()
        .map(|word| fill(text(word).ok_or_else(|| call.wrong(command, "a sequence of strings"))?))
        .collect()
}

/// Starts a process and waits for it; `environment`, `command`, `parameters` are argument positions.
fn execute(
    machine: &mut dyn Machine,
    operator: &'static str,
    arguments: &[Value],
    environment: Option<usize>,
    command: usize,
    parameters: Option<usize>,
) -> Result<Value> {
    let call = Call::new(operator, arguments);
    files::allow(machine, operator)?;
    let words = words(machine, operator, &call, command, parameters)?;
    let [program, rest @ ..] = words.as_slice() else {
        return Err(call.wrong(command, "a command"));
    };
    let mut process = Command::new(program);
    process.args(rest).current_dir(files::resolve(machine, "."));
    if let Some(position) = environment {
        let (names, values) = call.function(machine, position)?;
        for (name, value) in names.iter().zip(&values) {
            process.env(plain(machine, name)?, plain(machine, value)?);
        }
    }
    match process.output() {
        Ok(output) => Ok(outcome(
            i64::from(output.status.code().unwrap_or(-1)),
            &String::from_utf8_lossy(&output.stdout),
            &String::from_utf8_lossy(&output.stderr),
        )),
        Err(error) => Err(Fault::new(FaultKind::Other, format!("{operator} could not start {program}: {error}"))),
    }
}

/// The environment variables, as a record.
fn environment(_: &mut dyn Machine, _: &[Value]) -> Result<Value> {
    let universe = Universe::current();
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    variables.sort();
    variables.dedup_by(|a, b| a.0 == b.0);
    if variables.is_empty() {
        return Ok(Value::empty_tuple());
    }
    Ok(Value::record(variables.iter().map(|(name, value)| (universe.symbol(name), Value::string(value))).collect()))
}

fn atoi(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("atoi", arguments);
    match call.text(0)?.parse::<i64>() {
        Ok(number) => super::argument::integer(machine, Some(number), || number.to_string()),
        Err(_) => Err(call.wrong(0, "a string that denotes an integer")),
    }
}

fn zero_pad(_: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("zeroPadN", arguments);
    let (number, width) = (call.int(0)?, call.natural(1)?);
    let width = usize::try_from(width).unwrap_or(0).min(1000);
    Ok(Value::string(&format!("{number:0width$}")))
}
