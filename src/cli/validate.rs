//! `tlaloc validate`.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use super::arguments::ValidateArguments;
use super::diagnostics::Drawing;
use super::interrupt::Turn;
use super::validation_text::Frame;
use super::{colour, complain, interrupt, json, text, validation_json, validation_text, with_extension};
use crate::diagnostic::Sources;
use crate::explore::Published;
use crate::pipeline::{self, Observer, Plan, ValidatePlan, Validated};
use crate::report::{Kind, Report};
use crate::trace::itf::Provenance;
use crate::validate::outcome::{Answer, Outcome, Problem};

pub(super) fn run(arguments: &ValidateArguments) -> u8 {
    let started = Instant::now();
    let turn = Turn::default();
    let interrupt = interrupt::watch(&turn, || {});
    let print: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(complain);
    let observer = Observer { interrupt, published: Arc::new(Published::default()), print };
    let plan = plan(arguments);
    let (validated, sources) = pipeline::validate(&plan, &observer);
    turn.take();
    let (told, code) = match &validated {
        Validated::Unusable(report) => (unusable(arguments, report, &sources), unusable_code(report)),
        Validated::Outcome(outcome) => {
            let root = plan.check.spec.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let frame = Frame {
                root,
                logs: arguments.log.iter().map(|l| l.display().to_string()).collect(),
                seconds: started.elapsed().as_secs_f64(),
                peak_memory_bytes: pipeline::peak_memory_bytes(),
            };
            (tell(arguments, outcome, &sources, &frame), exit_code(&outcome.answer))
        }
    };
    match told {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("error: standard output cannot be written: {error}"));
            if code == 0 { Kind::System.exit_code() } else { code }
        }
        _ => code,
    }
}

/// A specification without behaviours is no error of its own, but no log is one of its behaviours either.
fn unusable_code(report: &Report) -> u8 {
    match report.exit_code() {
        0 => Kind::Config.exit_code(),
        code => code,
    }
}

/// As those of a check: a log that is not a behaviour is what a violated invariant is there.
fn exit_code(answer: &Answer) -> u8 {
    match answer {
        Answer::Accepted => 0,
        Answer::Rejected => Kind::Invariant.exit_code(),
        Answer::Incomplete(_) => Kind::Incomplete.exit_code(),
        Answer::Error(Problem::Log) => Kind::Parse.exit_code(),
        Answer::Error(Problem::Mapping) => Kind::Config.exit_code(),
        Answer::Error(Problem::Unreadable) => Kind::System.exit_code(),
        Answer::Error(Problem::Evaluation) => Kind::Evaluation.exit_code(),
        Answer::Interrupted => 130,
    }
}

fn plan(arguments: &ValidateArguments) -> ValidatePlan {
    ValidatePlan {
        check: Plan {
            libraries: arguments.library.clone(),
            no_deadlock: true,
            allow_io: arguments.allow_io,
            int32: arguments.int32,
            max_set_size: arguments.max_set_size,
            memo: false,
            ..Plan::new(
                with_extension(&arguments.spec, "tla"),
                arguments.config.as_ref().map(|c| with_extension(c, "cfg")),
            )
        },
        logs: arguments.log.clone(),
        map: arguments.map.clone(),
        states_max: arguments.max_states.max(1),
        window: arguments.window,
        seconds_max: arguments.max_seconds,
    }
}

fn unusable(arguments: &ValidateArguments, report: &Report, sources: &Sources) -> std::io::Result<()> {
    if arguments.json {
        let object = json::report(report, sources, &Provenance::default());
        writeln!(std::io::stdout().lock(), "{object}")?;
        return std::io::stdout().flush();
    }
    draw(&report.diagnostics, sources);
    if report.exit_code() == 0 {
        complain("error: the config names no behaviour: SPECIFICATION, or INIT and NEXT");
    }
    let options = text::Options { full_trace: false, coverage: false, coloured: false };
    write(text::report(report, sources, options))
}

fn tell(arguments: &ValidateArguments, outcome: &Outcome, sources: &Sources, frame: &Frame) -> std::io::Result<()> {
    if arguments.json {
        writeln!(std::io::stdout().lock(), "{}", validation_json::outcome(outcome, sources, frame))?;
        return std::io::stdout().flush();
    }
    draw(&outcome.diagnostics, sources);
    write(validation_text::outcome(outcome, sources, frame))
}

fn draw(diagnostics: &[crate::diagnostic::Diagnostic], sources: &Sources) {
    let mut stderr = std::io::stderr().lock();
    let drawing = Drawing::new(sources, colour::wanted(&stderr));
    for diagnostic in diagnostics {
        let _ = stderr.write_all(drawing.draw(diagnostic).as_bytes());
    }
}

fn write(pieces: Vec<text::Piece>) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let coloured = colour::wanted(&stdout);
    for piece in pieces {
        let shown = if coloured { colour::paint(piece.tone, &piece.text) } else { piece.text };
        stdout.write_all(shown.as_bytes())?;
    }
    stdout.flush()
}
