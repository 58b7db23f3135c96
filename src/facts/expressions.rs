//! Expressions and what TLC evaluates them to: one JSON object a line.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::{Judgement, without_panic};
use crate::pipeline::{self, EvaluateRequest, Failure};

/// One expression.
#[derive(Clone, Deserialize, Debug)]
pub struct Row {
    /// A stable name.
    pub id: String,
    /// What it is about.
    pub cat: String,
    /// What it extends.
    pub modules: Vec<String>,
    /// The expression.
    pub expr: String,
    /// Its value as TLC prints it; `None` for an error.
    pub value: Option<String>,
    /// The kind of error.
    pub error: Option<String>,
    /// More about the kind.
    pub detail: Option<String>,
    /// The result exists, but listing or normalising it fails in this way.
    pub lazy: Option<String>,
    /// The printed order of elements means nothing.
    #[serde(default)]
    pub string_order: bool,
}

/// Reads the rows of a file.
///
/// # Errors
/// When it cannot be read or a line is not a row.
pub fn read(path: &Path) -> std::io::Result<Vec<Row>> {
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str).collect::<Result<_, _>>();
    rows.map_err(std::io::Error::from)
}

/// Evaluates the expression of a row and compares.
pub fn judge(row: &Row) -> Judgement {
    match (without_panic(|| evaluate(row, row.expr.clone())), &row.error) {
        (Err(panic), _) => Judgement::Differs(panic),
        (Ok(Ok(value)), Some(kind)) => Judgement::Differs(format!("is {value}, should be an error ({kind})")),
        (Ok(Err(failure)), Some(kind)) if failure.code == kind => Judgement::Agrees,
        (Ok(Err(failure)), Some(kind)) => Judgement::Nearly(format!(
            "error is {} ({}), should be {kind}{}",
            failure.code,
            first_line(&failure.message),
            row.detail.as_ref().map_or(String::new(), |d| format!(":{d}")),
        )),
        (Ok(answer), None) if row.lazy.is_some() => judge_lazy(row, answer),
        (Ok(Ok(value)), None) => judge_value(row, &value),
        (Ok(Err(failure)), None) => Judgement::Differs(format!(
            "error {} ({}), should be {}",
            failure.code,
            first_line(&failure.message),
            row.value.as_deref().unwrap_or("a value")
        )),
    }
}

/// The value is symbolic: any symbolic form will do, and so does the error that listing it gives.
fn judge_lazy(row: &Row, answer: Result<String, Failure>) -> Judgement {
    let kind = row.lazy.as_deref().unwrap_or_default();
    match (answer, &row.value) {
        (Ok(ours), Some(theirs)) if ours != *theirs => Judgement::Nearly(format!("prints {ours}, should be {theirs}")),
        (Ok(_), _) => Judgement::Agrees,
        (Err(failure), _) if kind.split(':').next() == Some(failure.code) => Judgement::Agrees,
        (Err(failure), _) => Judgement::Nearly(format!(
            "error {} ({}), should be unlistable ({kind})",
            failure.code,
            first_line(&failure.message)
        )),
    }
}

fn judge_value(row: &Row, ours: &str) -> Judgement {
    let Some(theirs) = row.value.as_deref() else {
        return Judgement::Differs(format!("is {ours}, and the fact has neither value nor error"));
    };
    if ours == theirs {
        return Judgement::Agrees;
    }
    let equal = without_panic(|| evaluate(row, format!("({ours}) = ({theirs})")));
    match equal {
        Ok(Ok(answer)) if answer == "TRUE" && row.string_order => Judgement::Agrees,
        Ok(Ok(answer)) if answer == "TRUE" => Judgement::Nearly(format!("prints {ours}, should be {theirs}")),
        _ if row.string_order => {
            Judgement::Nearly(format!("is {ours}, should be {theirs}, up to the order of strings"))
        }
        _ => Judgement::Differs(format!("is {ours}, should be {theirs}")),
    }
}

fn evaluate(row: &Row, expression: String) -> Result<String, Failure> {
    pipeline::evaluate(&EvaluateRequest {
        extends: row.modules.clone(),
        expression,
        libraries: Vec::new(),
        int32: true,
        allow_io: false,
        max_set_size: pipeline::MAX_SET_SIZE,
        seed: 0,
        print: Arc::new(|_| {}),
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
