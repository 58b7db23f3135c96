//! Traces ↔ JSON: Apalache's Informal Trace Format with tlaloc's extras under `#meta`.
//!
//! Reading takes known fields out of an object, what is left goes to `extra`; writing puts both back. So `write ∘ read`
//! keeps everything, of other writers too.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::json::{self, Names};
use crate::trace::{Expect, FORMAT_VERSION, Meta, Span, State, Step, Trace};
use crate::value::Value;

type Object = Map<String, Json>;
type Result<T> = std::result::Result<T, String>;

const FORMAT: &str = "ITF";
const FORMAT_DESCRIPTION: &str = "https://apalache-mc.org/docs/adr/015adr-trace.html";

pub(crate) fn read(json: &Json) -> Result<Trace> {
    let mut object = json.as_object().ok_or("it is no JSON object")?.clone();
    let mut meta_object = take_object(&mut object, "#meta")?.unwrap_or_default();
    let models: Names = take_strings(&mut meta_object, "model_values")?.unwrap_or_default().into_iter().collect();
    let meta_loop = take_index(&mut meta_object, "loop")?;
    let meta = read_meta(meta_object).map_err(|e| format!("#meta: {e}"))?;
    let variables = take_strings(&mut object, "vars")?.ok_or("`vars` is missing")?;
    let Some(Json::Array(states)) = object.remove("states") else {
        return Err("`states`, a list, is missing".to_owned());
    };
    let steps = states
        .iter()
        .enumerate()
        .map(|(index, state)| read_step(state, index, &variables, &models).map_err(|e| format!("state {index}: {e}")));
    let steps = steps.collect::<Result<Vec<_>>>()?;
    let loop_to = take_index(&mut object, "loop")?.or(meta_loop);
    if let Some(target) = loop_to.filter(|target| *target >= steps.len()) {
        return Err(format!("it loops to state {target}, but has {} states", steps.len()));
    }
    if let Some(Expect::Refuses(Some(index))) = meta.expect
        && index >= steps.len()
    {
        return Err(format!("state {index} is to be refused, but there are {} states", steps.len()));
    }
    Ok(Trace { name: String::new(), meta, variables, steps, loop_to, extra: object })
}

fn read_meta(mut object: Object) -> Result<Meta> {
    let tool = take_string(&mut object, "tool")?;
    let mut version = None;
    if tool.as_deref() == Some("tlaloc") {
        version = take_number(&mut object, "version")?;
        if version.is_some_and(|v| v > FORMAT_VERSION) {
            return Err(format!("version {} is newer than {FORMAT_VERSION}, the newest known", version.unwrap_or(0)));
        }
        // The same in every trace of tlaloc's.
        object.remove("format");
        object.remove("format-description");
    }
    let mut modules_sha256 = BTreeMap::new();
    for (path, digest) in take_object(&mut object, "modules_sha256")?.unwrap_or_default() {
        let digest = digest.as_str().ok_or_else(|| format!("the digest of {path} is no string"))?;
        modules_sha256.insert(path, digest.to_owned());
    }
    Ok(Meta {
        version,
        tool,
        tool_version: take_string(&mut object, "tool_version")?,
        spec: take_string(&mut object, "spec")?,
        spec_sha256: take_string(&mut object, "spec_sha256")?,
        config: take_string(&mut object, "config")?,
        config_sha256: take_string(&mut object, "config_sha256")?,
        modules_sha256,
        property: take_string(&mut object, "property")?,
        verdict: take_string(&mut object, "verdict")?,
        kind: take_string(&mut object, "kind")?,
        actions: take_strings(&mut object, "actions")?.unwrap_or_default(),
        expect: take_expect(&mut object)?,
        seed: take_number(&mut object, "seed")?,
        extra: object,
    })
}

fn take_expect(object: &mut Object) -> Result<Option<Expect>> {
    let Some(expect) = object.remove("expect").filter(|e| !e.is_null()) else { return Ok(None) };
    if expect == "conforms" {
        return Ok(Some(Expect::Conforms));
    }
    let refused = expect.as_object().filter(|o| o.len() == 1).and_then(|o| o.get("refused"));
    match refused {
        Some(Json::Null) => Ok(Some(Expect::Refuses(None))),
        Some(index) => match index.as_u64().and_then(|i| usize::try_from(i).ok()) {
            Some(index) => Ok(Some(Expect::Refuses(Some(index)))),
            None => Err(format!("`expect` refuses state {index}")),
        },
        None => Err(format!("`expect` is {expect}, neither \"conforms\" nor {{\"refused\": …}}")),
    }
}

fn read_step(json: &Json, index: usize, variables: &[String], models: &Names) -> Result<Step> {
    let mut object = json.as_object().ok_or("it is no JSON object")?.clone();
    let mut meta = take_object(&mut object, "#meta")?.unwrap_or_default();
    if let Some(said) = take_index(&mut meta, "index")?.filter(|said| *said != index) {
        return Err(format!("it says it is state {said}"));
    }
    let mut state = State::new();
    for (name, value) in object {
        if !variables.contains(&name) {
            return Err(format!("`{name}` is not one of the variables"));
        }
        let value = json::read(&value, models).map_err(|e| format!("{name}: {e}"))?;
        state.insert(name, value);
    }
    Ok(Step {
        action: take_string(&mut meta, "action")?,
        parameters: take_values(&mut meta, "parameters", models)?.unwrap_or_default(),
        span: take_object(&mut meta, "span")?.map(read_span).transpose()?,
        changed: take_strings(&mut meta, "changed")?,
        state,
        alias: take_values(&mut meta, "alias", models)?,
        extra: meta,
    })
}

fn read_span(mut object: Object) -> Result<Span> {
    let mut number = |name: &str| take_number(&mut object, name)?.ok_or_else(|| format!("the span has no `{name}`"));
    let (line, column) = (number("line")?, number("column")?);
    let (end_line, end_column) = (number("end_line")?, number("end_column")?);
    let file = take_string(&mut object, "file")?.ok_or("the span has no `file`")?;
    Ok(Span { file, line, column, end_line, end_column })
}

fn take_values(object: &mut Object, name: &str, models: &Names) -> Result<Option<Vec<(String, Value)>>> {
    let Some(fields) = take_object(object, name)? else { return Ok(None) };
    let values = fields.into_iter().map(|(field, value)| match json::read(&value, models) {
        Ok(value) => Ok((field, value)),
        Err(error) => Err(format!("`{name}`: {field}: {error}")),
    });
    values.collect::<Result<_>>().map(Some)
}

fn take_object(object: &mut Object, name: &str) -> Result<Option<Object>> {
    match object.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(inside)) => Ok(Some(inside)),
        Some(other) => Err(format!("`{name}` is {other}, not an object")),
    }
}

fn take_string(object: &mut Object, name: &str) -> Result<Option<String>> {
    match object.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{name}` is {other}, not a string")),
    }
}

fn take_strings(object: &mut Object, name: &str) -> Result<Option<Vec<String>>> {
    let items = match object.remove(name) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Array(items)) => items,
        Some(other) => return Err(format!("`{name}` is {other}, not a list")),
    };
    let texts = items.into_iter().map(|item| match item {
        Json::String(text) => Ok(text),
        other => Err(format!("`{name}` has {other} in it, not a string")),
    });
    texts.collect::<Result<_>>().map(Some)
}

fn take_number(object: &mut Object, name: &str) -> Result<Option<u64>> {
    match object.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(other) => other.as_u64().map(Some).ok_or_else(|| format!("`{name}` is {other}, not a number from 0")),
    }
}

fn take_index(object: &mut Object, name: &str) -> Result<Option<usize>> {
    let number = take_number(object, name)?;
    number.map(|n| usize::try_from(n).map_err(|_| format!("`{name}` is {n}"))).transpose()
}

pub(crate) fn write(trace: &Trace) -> Json {
    let models = json::unmistakable(trace.steps.iter().flat_map(|step| {
        let labels = step.parameters.iter().chain(step.alias.iter().flatten()).map(|(_, value)| value);
        labels.chain(step.state.values())
    }));
    let mut object = Object::new();
    object.insert("#meta".to_owned(), Json::Object(write_meta(trace, &models)));
    object.insert("vars".to_owned(), json!(trace.variables));
    let states = trace.steps.iter().enumerate().map(|(i, step)| write_step(i, step, &trace.variables, &models));
    object.insert("states".to_owned(), states.collect());
    if let Some(target) = trace.loop_to {
        object.insert("loop".to_owned(), json!(target));
    }
    object.extend(trace.extra.clone());
    Json::Object(object)
}

fn write_meta(trace: &Trace, models: &Names) -> Object {
    let meta = &trace.meta;
    let mut object = Object::new();
    if meta.tool.as_deref() == Some("tlaloc") {
        put(&mut object, "format", Some(FORMAT));
        put(&mut object, "format-description", Some(FORMAT_DESCRIPTION));
    }
    put(&mut object, "version", meta.version);
    put(&mut object, "tool", meta.tool.as_ref());
    put(&mut object, "tool_version", meta.tool_version.as_ref());
    put(&mut object, "spec", meta.spec.as_ref());
    put(&mut object, "spec_sha256", meta.spec_sha256.as_ref());
    put(&mut object, "config", meta.config.as_ref());
    put(&mut object, "config_sha256", meta.config_sha256.as_ref());
    put(&mut object, "modules_sha256", some(&meta.modules_sha256, meta.modules_sha256.is_empty()));
    put(&mut object, "property", meta.property.as_ref());
    put(&mut object, "verdict", meta.verdict.as_ref());
    put(&mut object, "kind", meta.kind.as_ref());
    put(&mut object, "actions", some(&meta.actions, meta.actions.is_empty()));
    put(&mut object, "model_values", some(models, models.is_empty()));
    put(&mut object, "loop", trace.loop_to);
    let expect = meta.expect.map(|expect| match expect {
        Expect::Conforms => json!("conforms"),
        Expect::Refuses(step) => json!({ "refused": step }),
    });
    put(&mut object, "expect", expect);
    put(&mut object, "seed", meta.seed);
    object.extend(meta.extra.clone());
    object
}

fn some<T>(value: T, empty: bool) -> Option<T> {
    (!empty).then_some(value)
}

fn put(object: &mut Object, name: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), json!(value));
    }
}

fn write_step(index: usize, step: &Step, variables: &[String], models: &Names) -> Json {
    let values = |pairs: &[(String, Value)]| -> Json {
        Json::Object(pairs.iter().map(|(name, value)| (name.clone(), json::write(value, models))).collect())
    };
    let mut meta = Object::new();
    meta.insert("index".to_owned(), json!(index));
    meta.insert("action".to_owned(), json!(step.action));
    if step.action.is_some() || !step.parameters.is_empty() {
        meta.insert("parameters".to_owned(), values(&step.parameters));
    }
    let span = step.span.as_ref().map(|span| {
        json!({
            "file": span.file,
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line,
            "end_column": span.end_column,
        })
    });
    put(&mut meta, "span", span);
    put(&mut meta, "changed", step.changed.as_ref());
    put(&mut meta, "alias", step.alias.as_deref().map(values));
    meta.extend(step.extra.clone());
    let mut object = Object::new();
    object.insert("#meta".to_owned(), Json::Object(meta));
    for name in variables {
        if let Some(value) = step.state.get(name) {
            object.insert(name.clone(), json::write(value, models));
        }
    }
    Json::Object(object)
}
