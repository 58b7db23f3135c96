//! `tlaloc check`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::arguments::CheckArguments;
use super::diagnostics::Drawing;
use super::progress::Live;
use super::{colour, complain, interrupt, json, text, with_extension};
use crate::diagnostic::Sources;
use crate::explore::Published;
use crate::pipeline::{self, Observer, Plan};
use crate::report::{Kind, Report};
use crate::trace::itf::{self, Provenance};

pub(super) fn run(arguments: &CheckArguments) -> u8 {
    let plan = plan(arguments);
    let published = Arc::new(Published::default());
    let live = Live::start(Arc::clone(&published), plan.memory_bytes);
    let observer = Observer { interrupt: interrupt::watch(), published, print: live.printer(arguments.json) };
    let (report, sources) = pipeline::check(&plan, &observer);
    live.stop();

    let provenance = provenance(&plan, &report, &sources);
    if arguments.json {
        let object = json::report(&report, &sources, &provenance);
        let _ = writeln!(std::io::stdout().lock(), "{object}");
    } else {
        show(arguments, &report, &sources);
    }
    let written = arguments.trace_out.as_ref().is_none_or(|path| write_trace(path, &report, &sources, &provenance));
    match report.exit_code() {
        0 if !written => Kind::System.exit_code(),
        code => code,
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
        max_states: arguments.max_states,
        max_depth: arguments.max_depth,
        memory_bytes: arguments.memory,
    }
}

fn show(arguments: &CheckArguments, report: &Report, sources: &Sources) {
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
    let _ = stdout.write_all(out.as_bytes());
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

/// What a trace says about where it comes from. Modules are digested as they were read; the config again
/// from its file.
fn provenance(plan: &Plan, report: &Report, sources: &Sources) -> Provenance {
    let config = plan.config.clone().unwrap_or_else(|| plan.spec.with_extension("cfg"));
    let finding = report.findings.first();
    let mut provenance = Provenance {
        spec: plan.spec.display().to_string(),
        config_sha256: std::fs::read(&config).ok().map(|bytes| digest(&bytes)),
        config: config.display().to_string(),
        property: finding.and_then(|f| f.property.clone()),
        verdict: json::verdict(report.verdict).to_owned(),
        kind: finding.map_or("", |f| json::kind(f.kind)).to_owned(),
        ..Provenance::default()
    };
    for (_, file) in sources.iter().filter(|(_, f)| f.path != config) {
        let path = file.path.display().to_string();
        let digest = digest(file.text.as_bytes());
        if file.path == plan.spec {
            provenance.spec_sha256 = Some(digest);
        } else if !path.starts_with('<') {
            provenance.modules_sha256.push((path, digest));
        }
    }
    provenance
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
