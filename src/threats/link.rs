//! Is each threat borne out by the spec?

use super::variation::Base;
use super::{Account, Answer, Catalogue, Link, Model, Outcome, Threat};
use crate::pipeline::{self, Observer, Plan, Variation};
use crate::report::{ActionCount, Verdict};

/// The good models first: without them nothing else means anything.
pub(super) fn examine(catalogue: Catalogue, models: Vec<(String, Base, Plan)>, observer: &Observer) -> Account {
    let mut complaints = catalogue.complaints();
    for (config, base, _) in &models {
        for property in catalogue.properties.iter().filter(|p| !base.properties().any(|q| q == **p)) {
            complaints.push(format!("{config} does not check {property}"));
        }
    }
    let mut account = Account { models: Vec::new(), links: Vec::new(), complaints, catalogue };
    let mut examinations = Vec::new();
    for (config, base, plan) in models {
        if !account.complaints.is_empty() {
            return account;
        }
        let (report, _) = pipeline::check(&plan, observer);
        let good = Outcome::of(&report);
        match &good.answer {
            Answer::Holds => {}
            Answer::Violates(property) => account.complaints.push(format!("the good model violates {property}")),
            Answer::Unknown(why) => account.complaints.push(format!("the good model was not checked: {why}")),
        }
        let bounds = base.bounds(account.catalogue.threats.iter().map(|t| t.off.as_str()));
        account.models.push(Model { config: config.clone(), bounds, good });
        if report.verdict == Verdict::Interrupted {
            return account;
        }
        examinations.push(Examination { config, base, plan, observer, actions: report.actions });
    }
    if account.complaints.is_empty() {
        let of = |threat: &Threat| examinations.iter().find(|e| e.config == account.catalogue.config_of(threat));
        account.links = (account.catalogue.threats.iter())
            .filter_map(|threat| of(threat).map(|examination| examination.link(&account.catalogue, threat)))
            .collect();
    }
    account
}

/// A good model that holds, to be varied.
struct Examination<'a> {
    config: String,
    base: Base,
    plan: Plan,
    observer: &'a Observer,
    actions: Vec<ActionCount>,
}

impl Examination<'_> {
    fn link(&self, catalogue: &Catalogue, threat: &Threat) -> Link {
        let complaints = catalogue.complaints_about(threat);
        let taken = self.actions.iter().filter(|a| a.name == threat.action).map(|a| a.generated).sum();
        let mut link = Link { threat: threat.clone(), taken, broken: None, others: None, complaints };
        if !self.actions.iter().any(|a| a.name == threat.action) {
            link.complaints.push(format!("the spec has no action {}", threat.action));
        } else if taken == 0 {
            link.complaints.push(format!("the action {} is never taken in the good model", threat.action));
        }
        if !link.complaints.is_empty() {
            return link;
        }
        match self.base.without(&threat.off) {
            Ok(config) => self.switch_off(catalogue, &mut link, &config),
            Err(complaint) => link.complaints.push(complaint),
        }
        link
    }

    /// The named property must fail, all others must hold.
    fn switch_off(&self, catalogue: &Catalogue, link: &mut Link, config: &str) {
        let threat = &link.threat;
        let broken = self.check(config, vec![threat.property.clone()]);
        match &broken.answer {
            Answer::Violates(property) if *property == threat.property => {}
            Answer::Violates(property) => link.complaints.push(format!("violates {property}")),
            Answer::Holds => link.complaints.push(format!("{} holds without the guard too", threat.property)),
            Answer::Unknown(why) => link.complaints.push(format!("{} was not checked: {why}", threat.property)),
        }
        let others = catalogue.properties.iter().filter(|p| **p != threat.property).cloned().collect();
        let others = self.check(config, others);
        match &others.answer {
            Answer::Holds => {}
            Answer::Violates(property) => link.complaints.push(format!("without the guard {property} fails too")),
            Answer::Unknown(why) => link.complaints.push(format!("the other properties were not checked: {why}")),
        }
        (link.broken, link.others) = (Some(broken), Some(others));
    }

    fn check(&self, config: &str, only: Vec<String>) -> Outcome {
        let variation = Variation { config: config.to_owned(), only };
        Outcome::of(&pipeline::check_variation(&self.plan, &variation, self.observer).0)
    }
}
