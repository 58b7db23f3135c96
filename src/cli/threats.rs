//! `tlaloc threats`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::arguments::ThreatsArguments;
use super::figures::{count, counted};
use super::interrupt::Turn;
use super::progress::Live;
use super::{check, complain, interrupt};
use crate::explore::Published;
use crate::pipeline::{Observer, Plan};
use crate::report::Kind;
use crate::threats::{self, Account, Answer, Link, Outcome};

/// Exit code when a link is not borne out.
const NOT_BORNE_OUT: u8 = 1;

/// Exits with 0 if every link is borne out, with 1 if one is not, with 151 if the catalogue cannot be read.
pub(super) fn run(arguments: &ThreatsArguments) -> u8 {
    if let Some(folder) = &arguments.write_configs {
        return write_configs(&arguments.catalogue, folder);
    }
    let published = Arc::new(Published::default());
    let memory_bytes = check::memory_to_use();
    let live = Live::start(Arc::clone(&published), memory_bytes);
    let turn = Turn::default();
    let interrupt = interrupt::watch(&turn, || complain("stopped: not all links were checked"));
    let observer = Observer { interrupt, published, print: Arc::new(|_| {}) };
    let plans = |spec: &Path, config: &Path| plan(arguments, spec, config, memory_bytes);
    let examined = threats::examine(&arguments.catalogue, &plans, &observer);
    turn.take();
    live.stop();

    let account = match examined {
        Ok(account) => account,
        Err(message) => {
            complain(&format!("error: {message}"));
            return Kind::Config.exit_code();
        }
    };
    let shown = if arguments.json { format!("{}\n", object(&account)) } else { text(&account) };
    let told = std::io::stdout().lock().write_all(shown.as_bytes());
    match told {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("error: standard output cannot be written: {error}"));
            Kind::System.exit_code()
        }
        _ if account.is_borne_out() => 0,
        _ => NOT_BORNE_OUT,
    }
}

fn plan(arguments: &ThreatsArguments, spec: &Path, config: &Path, memory_bytes: Option<u64>) -> Plan {
    Plan {
        libraries: arguments.library.clone(),
        workers: arguments.workers,
        max_states: arguments.max_states,
        memory_bytes,
        ..Plan::new(spec.to_owned(), Some(config.to_owned()))
    }
}

fn write_configs(catalogue: &Path, folder: &Path) -> u8 {
    let written = threats::variants(catalogue).and_then(|variants| {
        std::fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
        variants.iter().try_for_each(|variant| {
            let path = folder.join(&variant.name).with_extension("cfg");
            std::fs::write(&path, &variant.config).map_err(|e| format!("cannot write {}: {e}", path.display()))
        })
    });
    match written {
        Ok(()) => 0,
        Err(message) => {
            complain(&format!("error: {message}"));
            Kind::System.exit_code()
        }
    }
}

/// The account as a page: a table of threats, what is wrong, assumptions, bounds.
fn text(account: &Account) -> String {
    let mut page = String::new();
    let catalogue = &account.catalogue;
    // Writing to a string does not fail.
    let _ = writeln!(page, "{}\n", catalogue.title);
    let _ = writeln!(page, "Properties: {}", catalogue.properties.join(", "));
    for model in &account.models {
        let _ = writeln!(page, "Model {}: {}", model.config, outcome_text(&model.good, "all hold"));
        let _ = writeln!(page, "  with {}", model.bounds.join(", "));
    }
    let _ = writeln!(page);
    table(&mut page, &account.links);
    let _ = writeln!(page, "\nAssumptions");
    for assumption in &catalogue.assumptions {
        let _ = writeln!(page, "  {}: {} [{}]", assumption.name, assumption.text, assumption.place);
    }
    let wrong = account.complaints.len() + account.links.iter().map(|l| l.complaints.len()).sum::<usize>();
    let _ = writeln!(page);
    for complaint in &account.complaints {
        let _ = writeln!(page, "wrong: {complaint}");
    }
    for link in &account.links {
        for complaint in &link.complaints {
            let _ = writeln!(page, "wrong: {}: {complaint}", link.threat.name);
        }
    }
    let threats = counted(account.links.len() as u64, "threat");
    let _ = match wrong {
        0 => writeln!(page, "borne out: {threats}, each possible, stopped by its guard, and fatal without it"),
        _ => writeln!(page, "not borne out: {wrong} wrong"),
    };
    page
}

fn outcome_text(outcome: &Outcome, holds: &str) -> String {
    let states = outcome.distinct.map_or_else(String::new, |n| format!(" in {} states", count(n)));
    match &outcome.answer {
        Answer::Holds => format!("{holds}{states}"),
        Answer::Violates(property) => match outcome.trace {
            Some(trace) => format!("{property}, trace of {trace}"),
            None => property.clone(),
        },
        Answer::Unknown(why) => why.clone(),
    }
}

const HEADINGS: [&str; 5] = ["threat", "attack (taken)", "guard off", "violates", "the others"];

fn table(page: &mut String, links: &[Link]) {
    let told = |outcome: &Option<Outcome>| outcome.as_ref().map_or("-".to_owned(), |o| outcome_text(o, "hold"));
    let rows: Vec<[String; 5]> = links
        .iter()
        .map(|link| {
            let threat = &link.threat;
            let attack = format!("{} ({})", threat.action, count(link.taken));
            [threat.name.clone(), attack, threat.off.clone(), told(&link.broken), told(&link.others)]
        })
        .collect();
    let headings = HEADINGS.map(str::to_owned);
    let width = |column: usize| {
        std::iter::once(&headings).chain(&rows).map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    for row in std::iter::once(&headings).chain(&rows) {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(page, "  {}", cells.join("  ").trim_end());
    }
}

fn outcome_object(outcome: &Outcome) -> Json {
    let (answer, detail) = match &outcome.answer {
        Answer::Holds => ("holds", None),
        Answer::Violates(property) => ("violates", Some(property)),
        Answer::Unknown(why) => ("unknown", Some(why)),
    };
    json!({ "answer": answer, "detail": detail, "distinct": outcome.distinct, "trace": outcome.trace })
}

fn object(account: &Account) -> Json {
    let links = account.links.iter().map(|link| {
        json!({
            "threat": link.threat,
            "taken": link.taken,
            "without_guard": link.broken.as_ref().map(outcome_object),
            "other_properties": link.others.as_ref().map(outcome_object),
            "borne_out": link.complaints.is_empty(),
            "complaints": link.complaints,
        })
    });
    let models = account
        .models
        .iter()
        .map(|model| json!({ "config": model.config, "bounds": model.bounds, "outcome": outcome_object(&model.good) }));
    json!({
        "title": account.catalogue.title,
        "spec": account.catalogue.spec,
        "models": models.collect::<Vec<_>>(),
        "properties": account.catalogue.properties,
        "assumptions": account.catalogue.assumptions,
        "links": links.collect::<Vec<_>>(),
        "borne_out": account.is_borne_out(),
        "complaints": account.complaints,
    })
}
