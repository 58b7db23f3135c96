//! The edge: command line in, text or JSON and an exit code out.
//!
//! *Takes* the arguments of the process. *Gives* a plan to `pipeline`, and what comes back as text for people or
//! one JSON object for programs. *Holds*: only this stage writes to standard output and standard error;
//! everything runs on one thread with a large stack, so that deep expressions are no trouble. *Ignores* how
//! anything is found out.

pub mod arguments;
mod check;
mod colour;
pub mod diagnostics;
mod eval;
mod generate;
pub mod figures;
mod habits;
mod interrupt;
pub mod json;
mod parse;
mod progress;
pub mod text;
mod threats;
mod validate;
mod validation_json;
pub mod validation_text;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Parser as _;

use arguments::{Command, CommandLine};

/// What to fall back to where address space is scarce.
const SMALL_STACK_BYTES: usize = 64 << 20;

/// Exit code of wrong usage, as clap has it.
const USAGE: u8 = 2;

/// Exit code of an error that fits nowhere else (TLC's).
const OTHER: u8 = 255;

/// Runs the program and gives its exit code.
pub fn run(arguments: Vec<OsString>) -> u8 {
    if let Some(message) = habits::explain(&arguments) {
        complain(&format!("error: {message}"));
        return USAGE;
    }
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // A closed pipe is no reason to fail.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(USAGE);
        }
    };
    with_large_stack(move || dispatch(line.command))
}

fn dispatch(command: Command) -> u8 {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Gen(command) => generate::run(&command),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Threats(arguments) => threats::run(&arguments),
    }
}

/// Runs on a thread with a stack deep enough for any expression people write; only touched pages cost memory.
pub fn with_large_stack(work: impl FnOnce() -> u8 + Send + Clone + 'static) -> u8 {
    for stack in [crate::pipeline::STACK_BYTES, SMALL_STACK_BYTES] {
        let work = work.clone();
        if let Ok(thread) = std::thread::Builder::new().name("tlaloc".to_owned()).stack_size(stack).spawn(work) {
            return thread.join().unwrap_or_else(|_| {
                complain("error: tlaloc failed where it should not; please report this with the specification");
                OTHER
            });
        }
    }
    complain("error: the system gives no thread to run on");
    crate::report::Kind::System.exit_code()
}

/// A line on standard error; nobody can be told when that fails.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// `Spec` → `Spec.tla`, if only that exists.
fn with_extension(path: &Path, extension: &str) -> PathBuf {
    if path.extension().is_some_and(|e| e == extension) || (path.exists() && !path.is_dir()) {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let named = PathBuf::from(name);
    if path.is_dir() && !named.exists() { path.to_owned() } else { named }
}
