//! A trace as data that outlives the run: the types of `tlaloc-link`, which has the only reader and writer of the
//! format (`docs/trace-format.md`).

use serde_json::{Value as Json, json};
use tlaloc_link as link;

use super::text::same;
use super::{Step, Trace, symbol_text};
use crate::diagnostic::{Sources, Span};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{ModelValue, Universe, Value};

/// Where a trace comes from: what a reader needs to tell whether it is stale.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The root module's file.
    pub spec: String,
    /// SHA-256 of its bytes, in hexadecimal; `None` if it could not be read again.
    pub spec_sha256: Option<String>,
    /// The config's file.
    pub config: String,
    /// SHA-256 of its bytes.
    pub config_sha256: Option<String>,
    /// SHA-256 of every other file that was read, by path.
    pub modules_sha256: Vec<(String, String)>,
    /// What the trace is a counterexample to.
    pub property: Option<String>,
    /// `violation`, `error` …
    pub verdict: String,
    /// `invariant`, `deadlock` …
    pub kind: String,
    /// Names of all actions of the spec.
    pub actions: Vec<String>,
}

/// The trace as one JSON object.
pub fn trace(trace: &Trace, sources: &Sources, provenance: &Provenance) -> Json {
    exported(trace, sources, provenance).to_json()
}

/// The trace as data of its own.
pub fn exported(trace: &Trace, sources: &Sources, provenance: &Provenance) -> link::Trace {
    let steps = trace.steps.iter().enumerate().map(|(index, step)| {
        let before = index.checked_sub(1).map(|i| &trace.steps[i]);
        exported_step(step, before, &trace.variables, sources)
    });
    link::Trace {
        meta: exported_meta(provenance),
        variables: trace.variables.clone(),
        steps: steps.collect(),
        loop_to: trace.loop_to,
        ..link::Trace::default()
    }
}

fn exported_meta(provenance: &Provenance) -> link::Meta {
    let known = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    link::Meta {
        version: Some(link::FORMAT_VERSION),
        tool: Some("tlaloc".to_owned()),
        tool_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        spec: known(&provenance.spec),
        spec_sha256: provenance.spec_sha256.clone(),
        config: known(&provenance.config),
        config_sha256: provenance.config_sha256.clone(),
        modules_sha256: provenance.modules_sha256.iter().cloned().collect(),
        property: provenance.property.clone(),
        verdict: known(&provenance.verdict),
        kind: known(&provenance.kind),
        actions: provenance.actions.clone(),
        ..link::Meta::default()
    }
}

fn exported_step(step: &Step, before: Option<&Step>, variables: &[String], sources: &Sources) -> link::Step {
    let named = |pairs: &[(String, Value)]| pairs.iter().map(|(name, v)| (name.clone(), exported_value(v))).collect();
    let changed = before.map(|before| {
        let pairs = variables.iter().zip(step.values.iter().zip(&before.values));
        pairs.filter(|(_, (now, old))| !same(now, old)).map(|(name, _)| name.clone()).collect()
    });
    let action = step.action.as_ref();
    link::Step {
        action: action.map(|a| a.name.clone()),
        parameters: action.map(|a| named(&a.parameters)).unwrap_or_default(),
        span: action.and_then(|a| exported_span(a.span, sources)),
        changed,
        state: variables.iter().zip(&step.values).map(|(name, v)| (name.clone(), exported_value(v))).collect(),
        alias: step.alias.as_deref().map(named),
        ..link::Step::default()
    }
}

fn exported_span(span: Span, sources: &Sources) -> Option<link::Span> {
    let (start, end) = sources.range(span)?;
    let file = sources.get(span.file)?.path.display().to_string();
    let (line, column, end_line, end_column) = (start.line, start.column, end.line, end.column);
    let number = u64::from;
    Some(link::Span {
        file,
        line: number(line),
        column: number(column),
        end_line: number(end_line),
        end_column: number(end_column),
    })
}

/// A span as file, lines and columns (from 1); `None` when it has no text.
pub fn place(span: Span, sources: &Sources) -> Option<Json> {
    exported_span(span, sources).map(|span| {
        json!({
            "file": span.file,
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line,
            "end_column": span.end_column,
        })
    })
}

/// A value as data of its own.
pub fn exported_value(v: &Value) -> link::Value {
    match v {
        Value::Bool(truth) => link::Value::Bool(*truth),
        Value::Int(number) => link::Value::from(*number),
        Value::String(symbol) => link::Value::str(symbol_text(*symbol)),
        Value::Model(model) => link::Value::model(symbol_text(model.symbol)),
        Value::Tuple(tuple) => link::Value::tuple(tuple.items().iter().map(exported_value)),
        Value::Record(record) => {
            link::Value::record(record.iter().map(|(name, v)| (symbol_text(name), exported_value(v))))
        }
        Value::Function(function) => {
            let pairs = function.domain().iter().zip(function.values());
            link::Value::function(pairs.map(|(key, v)| (exported_value(key), exported_value(v))))
        }
        Value::Set(set) => link::Value::set(set.elements().iter().map(exported_value)),
        Value::Lazy(_) | Value::Operator(_) => link::Value::Opaque(v.display()),
    }
}

/// The value of the running universe that this data stands for.
///
/// # Errors
/// When a number is beyond 64 bits, or the value had not been written out.
pub fn imported_value(machine: &mut dyn Machine, v: &link::Value) -> Result<Value> {
    let universe = Universe::current();
    Ok(match v {
        link::Value::Bool(truth) => Value::bool(*truth),
        link::Value::Int(number) => match number.to_i64() {
            Some(number) => Value::int(number),
            None => return Err(Fault::new(FaultKind::Overflow, format!("The number {number} is beyond 64 bits."))),
        },
        link::Value::Str(text) => Value::string(text),
        link::Value::Model(name) => Value::Model(ModelValue::new(universe.symbol(name), name)),
        link::Value::Tuple(items) => Value::tuple(imported_values(machine, items.iter())?),
        link::Value::Set(elements) => Value::set_literal(imported_values(machine, elements.iter())?),
        link::Value::Record(fields) => {
            let values = imported_values(machine, fields.values())?;
            Value::record(fields.keys().map(|name| universe.symbol(name)).zip(values).collect())
        }
        link::Value::Function(pairs) => {
            let domain = imported_values(machine, pairs.keys())?;
            let values = imported_values(machine, pairs.values())?;
            Value::function(machine, domain, values)?
        }
        link::Value::Opaque(text) => {
            return Err(Fault::new(FaultKind::Other, format!("The value {text} had not been written out.")));
        }
    })
}

fn imported_values<'a>(machine: &mut dyn Machine, values: impl Iterator<Item = &'a link::Value>) -> Result<Vec<Value>> {
    values.map(|v| imported_value(machine, v)).collect()
}
