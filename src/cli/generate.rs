//! `tlaloc gen`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::{AdapterArguments, GenerateCommand, GenerateSource, TestsArguments};
use super::diagnostics::Drawing;
use super::interrupt::Turn;
use super::{check, colour, complain, interrupt, text, with_extension};
use crate::explore::Published;
use crate::pipeline::{
    self, CounterexamplePlan, CoverPlan, GeneratePlan, Generated, Language, Observer, Plan, TestsPlan, Ungenerated,
};
use crate::report::Kind;

/// How names of traces end.
const TRACE: &str = ".itf.json";

pub(super) fn run(command: &GenerateCommand) -> u8 {
    match command {
        GenerateCommand::Adapter(arguments) => adapter(arguments),
        GenerateCommand::Tests(arguments) => tests(arguments),
    }
}

fn adapter(arguments: &AdapterArguments) -> u8 {
    let plan = plan(&arguments.source, arguments.lang, arguments.max_states);
    match pipeline::adapter(&plan, &observer()) {
        Ok(generated) => {
            notes(&generated);
            let text = generated.files.first().map_or("", |(_, text)| text);
            let told = match &arguments.out {
                None => {
                    let written = std::io::stdout().lock().write_all(text.as_bytes());
                    written.and_then(|()| std::io::stdout().flush()).map_err(|e| e.to_string())
                }
                Some(path) => write(path, text, arguments.check).map(|_| ()),
            };
            settled(told, &generated)
        }
        Err(reason) => ungenerated(reason),
    }
}

fn tests(arguments: &TestsArguments) -> u8 {
    let plan = plan(&arguments.source, arguments.lang, arguments.max_states);
    let module = plan.check.spec.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let traces = arguments.out.join("traces").join(crate::pipeline::file_name(&module));
    let tests = TestsPlan { adapter: arguments.adapter.clone(), folder: folder(arguments, &traces) };
    let generated = match arguments.cover {
        Some(criterion) => {
            let request = CoverPlan {
                criterion,
                predicates: arguments.predicate.clone(),
                budget: pipeline::Budget { traces: arguments.max_traces, length: arguments.max_length },
            };
            pipeline::covering_tests(&plan, &tests, &request, &observer())
        }
        None => {
            let fixed = arguments.fixed.as_ref().map(|spec| {
                (with_extension(spec, "tla"), arguments.fixed_config.as_ref().map(|c| with_extension(c, "cfg")))
            });
            let request = CounterexamplePlan { trace: arguments.trace.clone(), fixed };
            pipeline::counterexample_tests(&plan, &tests, &request, &observer())
        }
    };
    match generated {
        Ok(generated) => {
            notes(&generated);
            settled(write_all(arguments, &traces, &generated), &generated)
        }
        Err(reason) => ungenerated(reason),
    }
}

/// How the test names the folder of traces: cargo tests from their package, pytest tests from their file.
fn folder(arguments: &TestsArguments, traces: &Path) -> String {
    let from = match arguments.lang {
        Language::Python => arguments.out.clone(),
        Language::Rust => {
            let package = arguments.out.ancestors().find(|f| f.join("Cargo.toml").is_file());
            package.map(Path::to_owned).unwrap_or_default()
        }
    };
    let Ok(relative) = traces.strip_prefix(&from) else { return traces.display().to_string() };
    if relative.is_absolute() {
        return relative.display().to_string();
    }
    let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("/")
}

fn write_all(arguments: &TestsArguments, traces: &Path, generated: &Generated) -> Result<(), String> {
    let mut names = Vec::new();
    for (name, text) in &generated.traces {
        let path = traces.join(format!("{name}{TRACE}"));
        names.push(path.clone());
        if write(&path, text, arguments.check)? {
            complain(&format!("wrote {}", path.display()));
        }
    }
    if let Some(prefix) = &generated.replaces {
        remove_others(traces, prefix, &names, arguments.check)?;
    }
    for (name, text) in &generated.files {
        let path = arguments.out.join(name);
        if write(&path, text, arguments.check)? {
            complain(&format!("wrote {}", path.display()));
        }
    }
    Ok(())
}

/// Traces of an earlier set that are not of this one: `cover-actions-07.itf.json`.
fn remove_others(traces: &Path, prefix: &str, names: &[PathBuf], only_check: bool) -> Result<(), String> {
    let Ok(entries) = std::fs::read_dir(traces) else { return Ok(()) };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| !names.contains(path)) {
        let number = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix(prefix)?.strip_suffix(TRACE));
        if !number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            continue;
        }
        if only_check {
            return Err(format!("{} is not generated any more: run without --check", path.display()));
        }
        std::fs::remove_file(&path).map_err(|e| format!("{} cannot be removed: {e}", path.display()))?;
        complain(&format!("removed {}", path.display()));
    }
    Ok(())
}

/// Writes a file unless it is the same already; true if it was written.
fn write(path: &Path, text: &str, only_check: bool) -> Result<bool, String> {
    if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    if only_check {
        return Err(format!("{} is not what is generated now: run without --check", path.display()));
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    }
    std::fs::write(path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    Ok(true)
}

fn notes(generated: &Generated) {
    generated.notes.iter().for_each(|note| complain(note));
}

/// 0; 1 if not all that was asked for is there, or files are not as generated.
fn settled(told: Result<(), String>, generated: &Generated) -> u8 {
    match told {
        Err(message) => {
            complain(&format!("error: {message}"));
            if message.contains("--check") { Kind::Incomplete.exit_code() } else { Kind::System.exit_code() }
        }
        Ok(()) if !generated.complete => Kind::Incomplete.exit_code(),
        Ok(()) => 0,
    }
}

fn ungenerated(reason: Ungenerated) -> u8 {
    match reason {
        Ungenerated::Nothing(message) => {
            complain(&format!("error: {message}"));
            Kind::Incomplete.exit_code()
        }
        Ungenerated::Error(diagnostic, sources) => {
            let mut stderr = std::io::stderr().lock();
            let drawn = Drawing::new(&sources, colour::wanted(&stderr)).draw(&diagnostic);
            let _ = stderr.write_all(drawn.as_bytes());
            Kind::Evaluation.exit_code()
        }
        Ungenerated::Unusable(report, sources) => {
            let options = text::Options { full_trace: false, coverage: false, coloured: false };
            let mut stderr = std::io::stderr().lock();
            let drawing = Drawing::new(&sources, colour::wanted(&stderr));
            for diagnostic in &report.diagnostics {
                let _ = stderr.write_all(drawing.draw(diagnostic).as_bytes());
            }
            for piece in text::report(&report, &sources, options) {
                let _ = stderr.write_all(piece.text.as_bytes());
            }
            match report.exit_code() {
                0 => Kind::Config.exit_code(),
                code => code,
            }
        }
    }
}

fn observer() -> Observer {
    let turn = Turn::default();
    let print: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(complain);
    Observer { interrupt: interrupt::watch(&turn, || {}), published: Arc::new(Published::default()), print }
}

fn plan(source: &GenerateSource, language: Language, states_max: usize) -> GeneratePlan {
    GeneratePlan {
        check: Plan {
            libraries: source.library.clone(),
            allow_io: source.allow_io,
            max_set_size: source.max_set_size,
            memory_bytes: check::memory_to_use(),
            ..Plan::new(with_extension(&source.spec, "tla"), source.config.as_ref().map(|c| with_extension(c, "cfg")))
        },
        states_max: states_max.max(1),
        language,
    }
}
