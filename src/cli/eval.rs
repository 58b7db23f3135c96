//! `tlaloc eval`: one expression, or a file of them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::arguments::EvalArguments;
use super::diagnostics::Drawing;
use super::{colour, complain};
use crate::pipeline::{self, EvaluateRequest, Failure};
use crate::report::Kind;

/// A line of a batch.
#[derive(Deserialize)]
struct BatchLine {
    /// The expression.
    expr: String,
    /// What it extends; the command line's `--extends` if absent.
    modules: Option<Vec<String>>,
}

pub(super) fn run(arguments: &EvalArguments) -> u8 {
    match (&arguments.batch, &arguments.expression) {
        (Some(path), _) => batch(arguments, path),
        (None, Some(expression)) => single(arguments, expression),
        (None, None) => super::USAGE,
    }
}

fn request(arguments: &EvalArguments, expression: String, extends: Vec<String>) -> EvaluateRequest {
    EvaluateRequest {
        extends,
        expression,
        libraries: arguments.library.clone(),
        int32: arguments.int32,
        allow_io: arguments.allow_io,
        max_set_size: arguments.max_set_size,
        seed: arguments.seed,
        print: Arc::new(|_| {}),
    }
}

fn single(arguments: &EvalArguments, expression: &str) -> u8 {
    let request = EvaluateRequest {
        print: Arc::new(|line| {
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }),
        ..request(arguments, expression.to_owned(), arguments.extends.clone())
    };
    match pipeline::evaluate(&request) {
        Ok(value) => {
            let _ = writeln!(std::io::stdout().lock(), "{value}");
            0
        }
        Err(failure) => {
            show(&failure);
            exit_code(&failure)
        }
    }
}

fn show(failure: &Failure) {
    let mut stderr = std::io::stderr().lock();
    let drawing = Drawing::new(&failure.sources, colour::wanted(&stderr));
    for diagnostic in &failure.diagnostics {
        let _ = stderr.write_all(drawing.draw(diagnostic).as_bytes());
    }
    if failure.diagnostics.is_empty() {
        let _ = writeln!(stderr, "error[{}]: {}", failure.code, failure.message);
    }
}

fn exit_code(failure: &Failure) -> u8 {
    match failure.code {
        "parse" | "semantic" => Kind::Parse.exit_code(),
        _ => Kind::Evaluation.exit_code(),
    }
}

/// One object a line in, one object a line out; a line that fails does not disturb the others.
fn batch(arguments: &EvalArguments, path: &Path) -> u8 {
    let input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        match std::fs::File::open(path) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => {
                complain(&format!("error: {} cannot be read: {error}", path.display()));
                return Kind::System.exit_code();
            }
        }
    };
    let mut output = std::io::stdout().lock();
    for line in input.lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                complain(&format!("error: {} cannot be read: {error}", path.display()));
                return Kind::System.exit_code();
            }
        };
        if line.trim().is_empty() {
            continue;
        }
        let answer = answer(arguments, &line);
        if writeln!(output, "{answer}").and_then(|()| output.flush()).is_err() {
            return 0;
        }
    }
    0
}

fn answer(arguments: &EvalArguments, line: &str) -> serde_json::Value {
    let parsed: BatchLine = match serde_json::from_str(line) {
        Ok(parsed) => parsed,
        Err(error) => return json!({ "error": { "code": "batch", "message": format!("not a request: {error}") } }),
    };
    let extends = parsed.modules.unwrap_or_else(|| arguments.extends.clone());
    match pipeline::evaluate(&request(arguments, parsed.expr, extends)) {
        Ok(value) => json!({ "value": value }),
        Err(failure) => json!({ "error": { "code": failure.code, "message": failure.message } }),
    }
}
