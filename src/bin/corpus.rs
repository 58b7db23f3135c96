//! Runs the program over a corpus of real specifications and compares with TLC's verdicts and counts.
//!
//! `cargo run --release --bin corpus -- [--quick] [--filter TEXT] [--json]`. The corpus is a folder with
//! `expected.json`: `$TLALOC_CORPUS`, or `../shared/corpus`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use tlaloc::cli::figures::{count, duration, memory};
use tlaloc::facts::corpus::{Outcome, Row, Settings, read, run};
use tlaloc::facts::{Judgement, accidents, folder};

/// Compares verdicts, counts and CPU seconds with TLC's over a corpus of real specifications.
#[derive(Parser)]
struct Arguments {
    /// Explore only models that took TLC at most 5 CPU seconds; read all others
    #[arg(long)]
    quick: bool,
    /// Only models whose path contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// One JSON object a model instead of a table
    #[arg(long)]
    json: bool,
    /// Explore only models that took TLC at most so many CPU seconds; read all others
    #[arg(long, value_name = "SECONDS")]
    max_tlc_seconds: Option<f64>,
    /// Most seconds that one model may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
    /// Measure: states a CPU second, bytes a state, look-ups that had to be evaluated
    #[arg(long)]
    bench: bool,
    /// Worker threads of each run [default: one a core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// The program to run [default: the tlaloc beside this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// What `--quick` explores.
const QUICK_SECONDS: f64 = 5.0;

/// Shorter runs of TLC are mostly the start of its virtual machine: their ratio means nothing.
const RATIO_SECONDS_MIN: f64 = 3.0;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match compare(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn compare(arguments: &Arguments) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let Some(folder) = folder("TLALOC_CORPUS", "corpus") else {
        writeln!(out, "skipped: there is no corpus (set TLALOC_CORPUS to a folder with expected.json)")?;
        return Ok(true);
    };
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name(format!("tlaloc{}", std::env::consts::EXE_SUFFIX)),
    };
    let settings = Settings {
        tlc_seconds_max: arguments.max_tlc_seconds.or(arguments.quick.then_some(QUICK_SECONDS)),
        timeout: Duration::from_secs(arguments.timeout),
        workers: arguments.workers,
        stats: arguments.bench,
    };
    let rows = read(&folder)?;
    let wanted = |row: &&Row| arguments.filter.as_ref().is_none_or(|f| format!("{} {}", row.tla, row.cfg).contains(f));
    let listed = accidents::parse(include_str!("../../docs/tlc-differences.txt"));
    let mut outcomes = Vec::new();
    if !arguments.json {
        write!(
            out,
            "{:<68} {:>12} {:>13} {:>6} {:>8} {:>8} {:>7} {:>8}",
            "model", "distinct", "generated", "depth", "cpu s", "TLC s", "ratio", "memory"
        )?;
        if arguments.bench {
            write!(out, " {:>11} {:>11} {:>9} {:>8}", "distinct/s", "generated/s", "bytes/st.", "misses")?;
        }
        writeln!(out)?;
    }
    for row in rows.iter().filter(wanted) {
        let mut outcome = run(&program, &folder, row, &settings);
        if let (Judgement::Differs(what), Some(why)) = (&outcome.judgement, listed.get(&name(row))) {
            outcome.judgement = Judgement::Nearly(format!("{what} ({why})"));
        }
        if arguments.json {
            write_json(&mut out, row, &outcome)?
        } else {
            write_row(&mut out, row, &outcome, arguments.bench)?
        }
        out.flush()?;
        outcomes.push((row, outcome));
    }
    if !arguments.json {
        write_summary(&mut out, &outcomes)?;
    }
    Ok(outcomes.iter().all(|(_, o)| o.judgement.is_acceptable()))
}

/// TLC's CPU seconds for one of ours, where both did the same.
fn ratio(row: &Row, outcome: &Outcome) -> Option<f64> {
    let ours = outcome.cpu_seconds.filter(|s| outcome.explored && outcome.judgement.is_acceptable() && *s > 0.0)?;
    row.tlc_cpu_seconds.map(|theirs| theirs / ours)
}

fn write_row(out: &mut impl Write, row: &Row, outcome: &Outcome, bench: bool) -> io::Result<()> {
    let number = |name: &str| outcome.report[name].as_u64().map_or("-".to_owned(), count);
    let seconds = |s: Option<f64>| s.map_or("-".to_owned(), |s| format!("{s:.2}"));
    let name = name(row);
    write!(
        out,
        "{name:<68} {:>12} {:>13} {:>6} {:>8} {:>8} {:>7} {:>8}",
        number("distinct"),
        number("generated"),
        number("depth"),
        seconds(outcome.cpu_seconds.filter(|_| outcome.explored)),
        seconds(row.tlc_cpu_seconds),
        ratio(row, outcome).map_or("-".to_owned(), |r| format!("{r:.1}x")),
        outcome.report["peak_memory_bytes"].as_u64().map_or("-".to_owned(), memory),
    )?;
    if bench {
        write_bench(out, outcome)?;
    }
    writeln!(out)?;
    match &outcome.judgement {
        Judgement::Agrees => Ok(()),
        Judgement::Nearly(what) => writeln!(out, "    note: {what}"),
        Judgement::Differs(what) => writeln!(out, "    DIFFERS: {what}"),
    }
}

/// States a CPU second, bytes a distinct state (all memory of the process), share of look-ups that were evaluated.
fn write_bench(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    let report = &outcome.report;
    let figure = |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |v| format!("{v:.digits$}"));
    let a_second = |name: &str| {
        let seconds = outcome.cpu_seconds.filter(|s| outcome.explored && *s > 0.0)?;
        Some(report[name].as_u64()? as f64 / seconds)
    };
    let bytes = report["peak_memory_bytes"].as_f64().zip(report["distinct"].as_f64()).map(|(b, n)| b / n.max(1.0));
    let sum = |name: &str| -> Option<f64> {
        report["stats"]["look_ups"].as_array().map(|all| all.iter().filter_map(|l| l[name].as_f64()).sum())
    };
    let misses = sum("missed").zip(sum("asked")).map(|(missed, asked)| 100.0 * missed / asked.max(1.0));
    write!(
        out,
        " {:>11} {:>11} {:>9} {:>7}%",
        a_second("distinct").map_or("-".to_owned(), |n| count(n as u64)),
        a_second("generated").map_or("-".to_owned(), |n| count(n as u64)),
        figure(bytes.filter(|_| outcome.explored), 0),
        figure(misses, 2),
    )
}

/// Module and config in as few words as tell them apart.
fn name(row: &Row) -> String {
    let module = row.tla.strip_suffix(".tla").unwrap_or(&row.tla);
    if row.cfg.strip_suffix(".cfg") == Some(module) {
        return module.to_owned();
    }
    let config = row.cfg.rsplit('/').next().unwrap_or(&row.cfg);
    format!("{module} {config}")
}

fn write_json(out: &mut impl Write, row: &Row, outcome: &Outcome) -> io::Result<()> {
    let (judgement, what) = match &outcome.judgement {
        Judgement::Agrees => ("agrees", None),
        Judgement::Nearly(what) => ("nearly", Some(what)),
        Judgement::Differs(what) => ("differs", Some(what)),
    };
    let object = json!({
        "tla": row.tla,
        "cfg": row.cfg,
        "explored": outcome.explored,
        "judgement": judgement,
        "why": what,
        "verdict": outcome.report["verdict"],
        "kind": outcome.report["kind"],
        "distinct": outcome.report["distinct"],
        "generated": outcome.report["generated"],
        "depth": outcome.report["depth"],
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "tlc_cpu_seconds": row.tlc_cpu_seconds,
        "ratio": ratio(row, outcome),
        "peak_memory_bytes": outcome.report["peak_memory_bytes"],
        "stats": outcome.report["stats"],
    });
    writeln!(out, "{object}")
}

fn write_summary(out: &mut impl Write, outcomes: &[(&Row, Outcome)]) -> io::Result<()> {
    let agree = |explored| {
        let of: Vec<_> = outcomes.iter().filter(|(_, o)| o.explored == explored).collect();
        let good = of.iter().filter(|(_, o)| o.judgement.is_acceptable()).count();
        format!("{good} of {}", of.len())
    };
    writeln!(out)?;
    writeln!(out, "explored and in agreement: {}; only read, without errors: {}", agree(true), agree(false))?;
    let long = |(row, _): &&(&Row, Outcome)| row.tlc_cpu_seconds.is_some_and(|s| s > RATIO_SECONDS_MIN);
    let ratios: Vec<f64> = outcomes.iter().filter(long).filter_map(|(row, o)| ratio(row, o)).collect();
    if !ratios.is_empty() {
        let mean = (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        writeln!(
            out,
            "CPU seconds, TLC's over ours, {} models that took TLC more than {}: geometric mean {mean:.1}x, least {least:.2}x",
            ratios.len(),
            duration(RATIO_SECONDS_MIN),
        )?;
    }
    Ok(())
}
