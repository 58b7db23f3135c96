//! Threats and assumptions beside a spec, and whether the spec bears them out.
//!
//! A `threats.toml` says of each threat what the attacker does (an action of the spec), which guard stops it,
//! how that guard is switched off (a line of config), and which property then fails. Three things are checked:
//! the attacker's action is taken in the good model, where everything holds; without the guard the named
//! property is violated; and no other listed one is, within the bounds of the model.
//!
//! *Takes* the path of a `threats.toml`. *Gives* an [`Account`]: the good model's figures, one [`Link`] a threat
//! with what is wrong with it, the assumptions, the bounds. *Holds*: an account without complaints means that
//! every run it rests on was complete. *Ignores* how models are checked and how accounts are shown.

mod catalogue;
mod link;
mod variation;

use std::path::Path;

use crate::pipeline::{Observer, Plan};
use crate::report::{Report, Verdict};

pub use catalogue::{Assumption, Catalogue, Threat};

/// How checks are run: everything but spec and config.
pub type Plans<'a> = &'a dyn Fn(&Path, &Path) -> Plan;

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// `holds`, `violates NoFork`, or why there is no answer.
    pub answer: Answer,
    /// Distinct states, if exploration started.
    pub distinct: Option<u64>,
    /// States of the counterexample.
    pub trace: Option<usize>,
}

/// The answer of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Everything asked for holds.
    Holds,
    /// A property is violated.
    Violates(String),
    /// Anything else, in one line.
    Unknown(String),
}

impl Outcome {
    fn of(report: &Report) -> Self {
        let first = report.findings.first();
        let answer = match (report.verdict, first.and_then(|f| f.property.clone())) {
            (Verdict::Ok, _) => Answer::Holds,
            (Verdict::Violation, Some(property)) => Answer::Violates(property),
            _ => {
                let error = report.diagnostics.iter().find(|d| d.is_error()).map(|d| d.message.clone());
                let message = error.or_else(|| first.map(|f| f.message.clone()));
                Answer::Unknown(message.unwrap_or_else(|| "the check did not finish".to_owned()))
            }
        };
        let trace = first.and_then(|f| f.trace.as_ref()).map(|t| t.steps.len());
        Self { answer, distinct: report.distinct, trace }
    }
}

/// A good model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its config, as the catalogue names it.
    pub config: String,
    /// What its constants are, without those that switch guards.
    pub bounds: Vec<String>,
    /// What checking it gave.
    pub good: Outcome,
}

/// One threat and what the checks say about it.
#[derive(Clone, Debug)]
pub struct Link {
    /// As written.
    pub threat: Threat,
    /// How often the attacker's action is taken in the good model.
    pub taken: u64,
    /// Without the guard: the named property alone.
    pub broken: Option<Outcome>,
    /// Without the guard: all other listed properties.
    pub others: Option<Outcome>,
    /// What is wrong, one line each; none if the link is borne out.
    pub complaints: Vec<String>,
}

/// Everything that is known about the threats of a spec.
#[derive(Clone, Debug)]
pub struct Account {
    /// As written.
    pub catalogue: Catalogue,
    /// The good models: the catalogue's own first.
    pub models: Vec<Model>,
    /// One a threat, in order.
    pub links: Vec<Link>,
    /// What is wrong with the whole.
    pub complaints: Vec<String>,
}

impl Account {
    /// True if nothing is wrong.
    pub fn is_borne_out(&self) -> bool {
        self.complaints.is_empty() && self.links.iter().all(|link| link.complaints.is_empty())
    }
}

/// A model without one guard, for checking by hand or making tests of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variant {
    /// The threat's name.
    pub name: String,
    /// The text of its config.
    pub config: String,
}

/// Checks every link of a `threats.toml`. Call it on a thread with a stack of [`crate::pipeline::STACK_BYTES`].
///
/// # Errors
/// When the file or the config it names cannot be read.
pub fn examine(path: &Path, plans: Plans<'_>, observer: &Observer) -> Result<Account, String> {
    let catalogue = Catalogue::read(path)?;
    let spec = path.with_file_name(&catalogue.spec);
    let mut models = Vec::new();
    for name in catalogue.configs() {
        let config = path.with_file_name(name);
        models.push((name.to_owned(), variation::Base::read(&config)?, plans(&spec, &config)));
    }
    Ok(link::examine(catalogue, models, observer))
}

/// The models without each guard.
///
/// # Errors
/// When the file or the config it names cannot be read, or a guard cannot be switched off.
pub fn variants(path: &Path) -> Result<Vec<Variant>, String> {
    let catalogue = Catalogue::read(path)?;
    let variant = |threat: &Threat| {
        let base = variation::Base::read(&path.with_file_name(catalogue.config_of(threat)))?;
        Ok(Variant { name: threat.name.clone(), config: base.without(&threat.off)? })
    };
    catalogue.threats.iter().map(variant).collect()
}
