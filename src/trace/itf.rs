//! A trace as JSON: Apalache's Informal Trace Format (its ADR 015), with what else is known under `#meta`.
//!
//! Integers that JSON readers may round (beyond ±(2^53 − 1)) are `{"#bigint": "…"}`; tuples and sequences
//! `{"#tup": […]}`; sets `{"#set": […]}`; functions `{"#map": [[key, value], …]}`; records are objects; model
//! values are strings.

use serde_json::{Map, Value as Json, json};

use super::text::same;
use super::{ActionLabel, Step, Trace, symbol_text};
use crate::diagnostic::{Sources, Span};
use crate::value::Value;

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
}

/// The version of what stands under `#meta`.
const META_VERSION: u32 = 1;

/// The largest integer that every JSON reader keeps exactly.
const SAFE_INTEGER_MAX: i64 = (1 << 53) - 1;

/// The trace as one JSON object.
pub fn trace(trace: &Trace, sources: &Sources, provenance: &Provenance) -> Json {
    let mut object = Map::new();
    let modules: Map<_, _> = provenance.modules_sha256.iter().map(|(path, sha)| (path.clone(), json!(sha))).collect();
    object.insert(
        "#meta".to_owned(),
        json!({
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "version": META_VERSION,
            "tool": "tlaloc",
            "tool_version": env!("CARGO_PKG_VERSION"),
            "spec": provenance.spec,
            "spec_sha256": provenance.spec_sha256,
            "config": provenance.config,
            "config_sha256": provenance.config_sha256,
            "modules_sha256": modules,
            "property": provenance.property,
            "verdict": provenance.verdict,
            "kind": provenance.kind,
            "loop": trace.loop_to,
        }),
    );
    object.insert("vars".to_owned(), json!(trace.variables));
    let states = trace.steps.iter().enumerate().map(|(index, step)| {
        let before = index.checked_sub(1).map(|i| &trace.steps[i]);
        state(index, step, before, &trace.variables, sources)
    });
    object.insert("states".to_owned(), states.collect());
    if let Some(target) = trace.loop_to {
        object.insert("loop".to_owned(), json!(target));
    }
    Json::Object(object)
}

fn state(index: usize, step: &Step, before: Option<&Step>, variables: &[String], sources: &Sources) -> Json {
    let mut meta = Map::new();
    meta.insert("index".to_owned(), json!(index));
    meta.insert("action".to_owned(), json!(step.action.as_ref().map(|a| &a.name)));
    if let Some(action) = &step.action {
        describe(&mut meta, action, sources);
    }
    if let Some(before) = before {
        let changed = variables.iter().zip(&step.values).zip(&before.values).filter(|((_, now), old)| !same(now, old));
        meta.insert("changed".to_owned(), changed.map(|((name, _), _)| json!(name)).collect());
    }
    if let Some(alias) = &step.alias {
        let fields: Map<_, _> = alias.iter().map(|(name, v)| (name.clone(), value(v))).collect();
        meta.insert("alias".to_owned(), Json::Object(fields));
    }
    let mut object = Map::new();
    object.insert("#meta".to_owned(), Json::Object(meta));
    for (name, v) in variables.iter().zip(&step.values) {
        object.insert(name.clone(), value(v));
    }
    Json::Object(object)
}

fn describe(meta: &mut Map<String, Json>, action: &ActionLabel, sources: &Sources) {
    let parameters: Map<_, _> = action.parameters.iter().map(|(name, v)| (name.clone(), value(v))).collect();
    meta.insert("parameters".to_owned(), Json::Object(parameters));
    if let Some(place) = place(action.span, sources) {
        meta.insert("span".to_owned(), place);
    }
}

/// A span as file, lines and columns (from 1); `None` when it has no text.
pub fn place(span: Span, sources: &Sources) -> Option<Json> {
    let (start, end) = sources.range(span)?;
    let path = sources.get(span.file)?.path.display().to_string();
    Some(json!({
        "file": path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }))
}

/// A value.
pub fn value(v: &Value) -> Json {
    match v {
        Value::Bool(b) => json!(b),
        Value::Int(i) if i.unsigned_abs() <= SAFE_INTEGER_MAX.unsigned_abs() => json!(i),
        Value::Int(i) => json!({ "#bigint": i.to_string() }),
        Value::String(symbol) => json!(symbol_text(*symbol)),
        Value::Model(model) => json!(symbol_text(model.symbol)),
        Value::Tuple(tuple) => json!({ "#tup": tuple.items().iter().map(value).collect::<Vec<_>>() }),
        Value::Record(record) => {
            let fields: Map<_, _> = record.iter().map(|(name, v)| (symbol_text(name).to_owned(), value(v))).collect();
            Json::Object(fields)
        }
        Value::Function(function) => {
            let pairs = function.domain().iter().zip(function.values()).map(|(k, v)| json!([value(k), value(v)]));
            json!({ "#map": pairs.collect::<Vec<_>>() })
        }
        Value::Set(set) => json!({ "#set": set.elements().iter().map(value).collect::<Vec<_>>() }),
        Value::Lazy(_) | Value::Operator(_) => json!({ "#unserializable": v.display() }),
    }
}
