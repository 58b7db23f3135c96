//! `tlaloc check`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::arguments::CheckArguments;
use super::diagnostics::Drawing;
use super::interrupt::Turn;
use super::progress::Live;
use super::{colour, complain, interrupt, json, text, with_extension};
use crate::diagnostic::Sources;
use crate::explore::Published;
use crate::pipeline::{self, Observer, Plan, States};
use crate::report::{Kind, Report};
use crate::trace::itf::{self, Provenance};

pub(super) fn run(arguments: &CheckArguments) -> u8 {
    let plan = plan(arguments);
    let published = Arc::new(Published::default());
    let live = Live::start(Arc::clone(&published), plan.memory_bytes);
    let turn = Turn::default();
    let interrupt = interrupt::watch(&turn, unfinished(arguments, &plan, &published));
    let observer = Observer { interrupt, published, print: live.printer(arguments.json) };
    let (report, sources) = pipeline::check(&plan, &observer);
    turn.take();
    live.stop();

    let provenance = provenance(&plan, &report, &sources);
    let told = tell(arguments, &report, &sources, &provenance);
    let written =
        told & arguments.trace_out.as_ref().is_none_or(|path| write_trace(path, &report, &sources, &provenance));
    match report.exit_code() {
        0 if !written => Kind::System.exit_code(),
        code => code,
    }
}

/// Share of the free memory that states may take when no limit is given: a clean stop is better than being
/// ended by the system. Values and buffers need some too.
const MEMORY_SHARE: f64 = 0.6;

/// Memory that states may take, where the system tells how much is free (Linux).
pub(super) fn memory_to_use() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let available = line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10;
    let allowed = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    let bytes = allowed.map_or(available, |allowed: u64| allowed.min(available));
    Some((bytes as f64 * MEMORY_SHARE) as u64)
}

/// What to say when the run has to be left where it is: the counts so far.
fn unfinished(arguments: &CheckArguments, plan: &Plan, published: &Arc<Published>) -> impl Fn() + Send + Sync + use<> {
    let (arguments, plan, published) = (arguments.clone(), plan.clone(), Arc::clone(published));
    let started = Instant::now();
    move || {
        let mut report = pipeline::unfinished(&plan, &published);
        report.seconds = started.elapsed().as_secs_f64();
        tell(&arguments, &report, &Sources::default(), &provenance(&plan, &report, &Sources::default()));
    }
}

/// Shows the report; false if standard output does not take it. A reader who has left is no reason to fail.
fn tell(arguments: &CheckArguments, report: &Report, sources: &Sources, provenance: &Provenance) -> bool {
    let told = if arguments.json {
        let object = json::report(report, sources, provenance);
        writeln!(std::io::stdout().lock(), "{object}").and_then(|()| std::io::stdout().flush())
    } else {
        show(arguments, report, sources)
    };
    match told {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("error: standard output cannot be written: {error}"));
            false
        }
        _ => true,
    }
}

fn plan(arguments: &CheckArguments) -> Plan {
    Plan {
        spec: with_extension(&arguments.spec, "tla"),
        config: arguments.config.as_ref().map(|c| with_extension(c, "cfg")),
        libraries: arguments.library.clone(),
        workers: arguments.workers,
        continue_after_violation: arguments.continue_after_violation,
        no_deadlock: arguments.no_deadlock,
        dry_run: arguments.dry_run,
        allow_io: arguments.allow_io,
        int32: arguments.int32,
        max_set_size: arguments.max_set_size,
        seed: arguments.seed,
        memo: !arguments.no_memo,
        stats: arguments.stats,
        paranoid: arguments.paranoid,
        states: match () {
            () if arguments.fingerprint => States::Fingerprints,
            () if arguments.compress => States::Compressed,
            () => States::Exact,
        },
        max_states: arguments.max_states,
        max_depth: arguments.max_depth,
        memory_bytes: arguments.memory.or_else(memory_to_use),
    }
}

fn show(arguments: &CheckArguments, report: &Report, sources: &Sources) -> std::io::Result<()> {
    {
        let mut stderr = std::io::stderr().lock();
        let drawing = Drawing::new(sources, colour::wanted(&stderr));
        for diagnostic in &report.diagnostics {
            let _ = stderr.write_all(drawing.draw(diagnostic).as_bytes());
        }
    }
    let mut stdout = std::io::stdout().lock();
    let coloured = colour::wanted(&stdout);
    let options = text::Options { full_trace: arguments.full_trace, coverage: arguments.coverage, coloured };
    let mut out = String::new();
    for piece in text::report(report, sources, options) {
        if coloured {
            out.push_str(&colour::paint(piece.tone, &piece.text));
        } else {
            out.push_str(&piece.text);
        }
    }
    stdout.write_all(out.as_bytes())?;
    stdout.flush()
}

/// False if there is a trace that could not be written.
fn write_trace(path: &Path, report: &Report, sources: &Sources, provenance: &Provenance) -> bool {
    let Some(trace) = report.findings.iter().find_map(|f| f.trace.as_ref()) else {
        return true;
    };
    let object = itf::trace(trace, sources, provenance);
    let written = serde_json::to_string_pretty(&object)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(path, text + "\n"));
    if let Err(error) = &written {
        complain(&format!("error: the trace cannot be written to {}: {error}", path.display()));
    }
    written.is_ok()
}

/// What a trace says about where it comes from.
fn provenance(plan: &Plan, report: &Report, sources: &Sources) -> Provenance {
    let finding = report.findings.first();
    Provenance {
        property: finding.and_then(|f| f.property.clone()),
        verdict: json::verdict(report.verdict).to_owned(),
        kind: finding.map_or("", |f| json::kind(f.kind)).to_owned(),
        actions: report.labels.clone(),
        ..pipeline::provenance(plan, sources)
    }
}
