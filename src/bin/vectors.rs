//! Runs expressions and small modules and compares with TLC's answers.
//!
//! `cargo run --release --bin vectors -- [expressions|modules] [--filter TEXT] [--all]`. The folder of facts is
//! `$TLALOC_VECTORS`, or `../shared/vectors`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tlaloc::cli::with_large_stack;
use tlaloc::facts::{Judgement, expressions, folder, modules};

/// Values are allocated all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares answers with TLC's on expressions and small modules.
#[derive(Parser, Clone)]
struct Arguments {
    /// Which facts [default: both]
    part: Option<Part>,
    /// Only rows whose name or category contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Also list rows that agree in what matters only (the kind of an error, the form of a value)
    #[arg(long)]
    all: bool,
    /// Worker threads for modules
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Expressions,
    Modules,
}

/// One compared row.
struct Compared {
    category: String,
    name: String,
    text: String,
    judgement: Judgement,
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

fn compare(arguments: &Arguments) -> io::Result<bool> {
    // Panics are judged, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = io::stdout().lock();
    let Some(folder) = folder("TLALOC_VECTORS", "vectors") else {
        writeln!(out, "skipped: there are no vectors (set TLALOC_VECTORS to their folder)")?;
        return Ok(true);
    };
    let mut good = true;
    if arguments.part != Some(Part::Modules) {
        good &= write(&mut out, "expressions", arguments, &expressions(arguments, &folder)?)?;
    }
    if arguments.part != Some(Part::Expressions) {
        good &= write(&mut out, "modules", arguments, &small_modules(arguments, &folder.join("specs"))?)?;
    }
    Ok(good)
}

fn wanted(arguments: &Arguments, texts: [&str; 2]) -> bool {
    arguments.filter.as_ref().is_none_or(|filter| texts.iter().any(|text| text.contains(filter)))
}

fn expressions(arguments: &Arguments, folder: &Path) -> io::Result<Vec<Compared>> {
    let rows = expressions::read(&folder.join("expressions.jsonl"))?;
    let rows = rows.into_iter().filter(|row| wanted(arguments, [&row.id, &row.cat]));
    Ok(rows
        .map(|row| Compared { judgement: expressions::judge(&row), category: row.cat, name: row.id, text: row.expr })
        .collect())
}

fn small_modules(arguments: &Arguments, folder: &Path) -> io::Result<Vec<Compared>> {
    let rows = modules::read(folder)?;
    let rows = rows.into_iter().filter(|row| wanted(arguments, [&row.name, &row.verdict]));
    Ok(rows
        .map(|row| Compared {
            judgement: modules::judge(folder, &row, arguments.workers),
            text: row.features.join(", "),
            category: row.verdict,
            name: row.name,
        })
        .collect())
}

fn write(out: &mut impl Write, title: &str, arguments: &Arguments, rows: &[Compared]) -> io::Result<bool> {
    let mut categories: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for row in rows {
        let counts = categories.entry(&row.category).or_default();
        let (column, what) = match &row.judgement {
            Judgement::Agrees => (0, None),
            Judgement::Nearly(what) => (1, arguments.all.then_some(what)),
            Judgement::Differs(what) => (2, Some(what)),
        };
        counts[column] += 1;
        if let Some(what) = what {
            writeln!(out, "{} {}: {}\n    {what}", row.category, row.name, row.text)?;
        }
    }
    writeln!(out, "\n{title:<24} {:>7} {:>7} {:>7}", "agree", "nearly", "differ")?;
    for (category, [agree, nearly, differ]) in &categories {
        writeln!(out, "{category:<24} {agree:>7} {nearly:>7} {differ:>7}")?;
    }
    let total = categories.values().fold([0; 3], |sum, row| [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]]);
    writeln!(out, "{:<24} {:>7} {:>7} {:>7}\n", "all", total[0], total[1], total[2])?;
    Ok(total[2] == 0)
}
