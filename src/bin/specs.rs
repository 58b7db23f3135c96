//! Checks our own specifications against the expectations in their heads.
//!
//! `cargo run --release --bin specs -- [--size medium] [--workers N] [FOLDER]`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tlaloc::cli::figures::{count, duration, memory};
use tlaloc::cli::with_large_stack;
use tlaloc::facts::expectation::{Case, Size, cases, check};

/// Evaluation allocates all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Checks specifications against what their heads expect.
#[derive(Parser, Clone)]
struct Arguments {
    /// Where the specifications are
    #[arg(default_value = "specs")]
    folder: PathBuf,
    /// Only models of this size [default: all but large ones]
    #[arg(long)]
    size: Option<Only>,
    /// Worker threads
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Tiny,
    Small,
    Medium,
    Large,
}

impl Only {
    fn size(self) -> Size {
        match self {
            Only::Tiny => Size::Tiny,
            Only::Small => Size::Small,
            Only::Medium => Size::Medium,
            Only::Large => Size::Large,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    ExitCode::from(with_large_stack(move || match compare(&arguments) {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            2
        }
    }))
}

fn compare(arguments: &Arguments) -> Result<bool, String> {
    let all = cases(&arguments.folder)?;
    let wanted = |case: &&Case| match arguments.size {
        Some(only) => case.size == only.size(),
        None => case.size < Size::Large,
    };
    let mut good = true;
    let mut checked = 0;
    for case in all.iter().filter(wanted) {
        let (line, agrees) = line(case, arguments.workers);
        good &= agrees;
        checked += 1;
        writeln!(io::stdout(), "{line}").map_err(|e| e.to_string())?;
    }
    if checked == 0 {
        return Err(format!("no model of that size is in {}", arguments.folder.display()));
    }
    Ok(good)
}

/// What is written of a case, and whether it is as expected.
fn line(case: &Case, workers: usize) -> (String, bool) {
    let name = case.config.display();
    let (report, differences) = match check(case, workers) {
        Ok(checked) => checked,
        Err(panic) => return (format!("{name}: {panic}"), false),
    };
    if !differences.is_empty() {
        return (format!("{name}: {}", differences.join("; ")), false);
    }
    let states = report.distinct.map_or_else(String::new, |n| format!(", {} states", count(n)));
    let bytes = report.peak_memory_bytes.map_or_else(String::new, |n| format!(", {}", memory(n)));
    (format!("{name}: {}{states}, {}{bytes}", case.expectation.kind, duration(report.seconds)), true)
}
