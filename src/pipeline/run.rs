//! The stages of one check, in order; each leaves what it found in the report.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::{Observer, Plan, States, Variation, findings, folder, search};
use crate::config;
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::eval::{Evaluator, Settings};
use crate::explore::{self, End, Identity, Keeping, Limit, Options, Outcome};
use crate::partition::TlaModel;
use crate::partition::formula::fault_diagnostic;
use crate::partition::model::{self, EvaluationError, Unbuilt};
use crate::property::liveness::Liveness;
use crate::report::{ActionCount, Collision, Finding, Kind, Report, Verdict};
use crate::resolve::{self, spec::Spec};
use crate::value::Universe;
use crate::value::machine::{FaultKind, INTERRUPTED, Machine, Services};

/// Memory that rows of closed levels may take where memory is short: the last two levels stay in any case.
const KEPT_BYTES_SHORT: u64 = 8 << 20;

/// The run has ended before its last stage; the report says why.
pub(super) struct Ended;

pub(super) type Stage<T> = Result<T, Ended>;

/// A check under way.
pub(super) struct Run<'p> {
    pub(super) plan: &'p Plan,
    /// Another config than the plan's.
    pub(super) variation: Option<&'p Variation>,
    pub(super) observer: &'p Observer,
    started: Instant,
    sources: Sources,
    pub(super) report: Report,
    spec: Option<Arc<Spec>>,
    evaluator: Option<Evaluator>,
    /// Temporal properties, taken apart.
    pub(super) liveness: Option<Liveness>,
}

impl<'p> Run<'p> {
    pub(super) fn new(plan: &'p Plan, observer: &'p Observer) -> Self {
        let report = nothing_yet(plan);
        let started = Instant::now();
        Self {
            plan,
            variation: None,
            observer,
            started,
            sources: Sources::default(),
            report,
            spec: None,
            evaluator: None,
            liveness: None,
        }
    }

    /// Reads spec and config.
    pub(super) fn read(&mut self) -> Stage<()> {
        let path = self.plan.config.clone().unwrap_or_else(|| self.plan.spec.with_extension("cfg"));
        if let Err(unreadable) = resolve::readable(&self.plan.spec) {
            return self.stop(Kind::Parse, unreadable);
        }
        let text = match self.variation.map_or_else(|| resolve::read_text(&path), |v| Ok(v.config.clone())) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot read the config {}: {error}", path.display());
                return self.stop(Kind::Config, Diagnostic::error("config", Span::NONE, message).help(
                    "give a config with --config FILE, or write one beside the spec: SPECIFICATION Spec, INVARIANT Inv …",
                ));
            }
        };
        let file = self.sources.add(path, text);
        let (config, diagnostics) = config::parse_config(&self.sources, file);
        let bad_config = diagnostics.iter().any(Diagnostic::is_error);
        self.report.diagnostics.extend(diagnostics);
        let (Some(mut config), false) = (config, bad_config) else { return self.fail(Kind::Config) };
        if let Some(variation) = self.variation {
            config.invariants.retain(|r| variation.only.contains(&r.name));
            config.properties.retain(|r| variation.only.contains(&r.name));
        }
        let search = search(&self.plan.spec, &self.plan.libraries);
        let resolution = resolve::resolve_file(&mut self.sources, &self.plan.spec, &search, Some(&config));
        let in_config =
            resolution.diagnostics.iter().filter(|d| d.is_error()).all(|d| d.code == "config" || d.span.file == file);
        let failed = resolution.diagnostics.iter().any(Diagnostic::is_error);
        self.report.diagnostics.extend(resolution.diagnostics);
        let Some(spec) = resolution.spec.filter(|_| !failed) else {
            return self.fail(if in_config { Kind::Config } else { Kind::Parse });
        };
        self.report.root.clone_from(&spec.root);
        let universe = Universe::new(spec.symbols.clone());
        universe.enter();
        let spec = Arc::new(spec);
        let services = (self.services())(0);
        self.evaluator = Some(Evaluator::new(spec.clone(), self.settings(), services));
        self.spec = Some(spec);
        if self.plan.dry_run {
            self.report.verdict = Verdict::Ok;
            return Err(Ended);
        }
        Ok(())
    }

    fn settings(&self) -> Settings {
        Settings { max_set_size: self.plan.max_set_size, int32: self.plan.int32, ..Settings::default() }
    }

    /// How workers get their services.
    fn services(&self) -> Arc<model::MakeServices> {
        let print = self.observer.print.clone();
        let (allow_io, folder, seed) = (self.plan.allow_io, folder(&self.plan.spec), self.plan.seed);
        let (started, workers) = (self.started, self.plan.workers);
        let interrupt = self.observer.interrupt.clone();
        Arc::new(move |worker| {
            let (print, interrupt) = (print.clone(), interrupt.clone());
            Services {
                interrupted: Arc::new(move || interrupt.is_raised()),
                print: Rc::new(move |line| print(line)),
                random: seed,
                allow_io,
                folder: folder.clone(),
                started,
                workers: (workers, worker),
                ..Services::silent()
            }
        })
    }

    /// Evaluates every ASSUME.
    pub(super) fn assume(&mut self) -> Stage<()> {
        let Some(spec) = self.spec.clone() else { return Err(Ended) };
        for assumption in &spec.assumptions {
            let Some(evaluator) = &mut self.evaluator else { return Err(Ended) };
            let prepared = evaluator.prepare(&[], &assumption.body);
            let name = assumption.name.clone();
            let finding = match evaluator.holds(&prepared, &[]) {
                Ok(true) => continue,
                Ok(false) => {
                    let because = crate::property::explain(evaluator, &assumption.body, &[]);
                    let message = "the assumption is false".to_owned();
                    let diagnostic = Some(Diagnostic::error("2104", assumption.span, message.clone()));
                    Finding { kind: Kind::Assumption, property: name, message, diagnostic, because, trace: None }
                }
                Err(fault) => {
                    let kind = if fault.kind == FaultKind::Assert { Kind::Assert } else { Kind::Assumption };
                    let diagnostic = fault_diagnostic(&fault);
                    let message = diagnostic.message.clone();
                    Finding {
                        kind,
                        property: name,
                        message,
                        diagnostic: Some(diagnostic),
                        because: Vec::new(),
                        trace: None,
                    }
                }
            };
            self.report.findings.push(finding);
            if evaluator.services().exit {
                return Err(Ended);
            }
            return Err(Ended);
        }
        Ok(())
    }

    /// Forgets what is to be checked: only behaviours matter.
    pub(super) fn without_checks(&mut self) {
        let Some(spec) = &mut self.spec else { return };
        let checks = &mut Arc::make_mut(spec).checks;
        checks.invariants.clear();
        checks.properties.clear();
        checks.postconditions.clear();
        (checks.view, checks.symmetry, checks.alias) = (None, None, None);
    }

    /// Forgets how far the states are to be explored.
    pub(super) fn without_bounds(&mut self) {
        let Some(spec) = &mut self.spec else { return };
        let checks = &mut Arc::make_mut(spec).checks;
        checks.constraints.clear();
        checks.action_constraints.clear();
    }

    /// Builds the model.
    pub(super) fn build(&mut self) -> Stage<TlaModel> {
        let (Some(spec), Some(evaluator)) = (self.spec.clone(), &mut self.evaluator) else { return Err(Ended) };
        let registers = std::mem::take(&mut evaluator.services().registers);
        let mut initial_registers = Vec::new();
        for (register, value) in registers {
            if let Ok(id) = Universe::current().intern(evaluator, &value) {
                initial_registers.push((register, id));
            }
        }
        let checks_deadlock = !self.plan.no_deadlock && spec.checks.check_deadlock.unwrap_or(true);
        let plan = model::Plan {
            spec,
            universe: Universe::current(),
            settings: self.settings(),
            services: self.services(),
            checks_deadlock,
            seed: self.plan.seed,
            memo: self.plan.memo,
            measure: self.plan.stats,
            registers: initial_registers,
        };
        let Some(evaluator) = &mut self.evaluator else { return Err(Ended) };
        match TlaModel::build(plan, evaluator) {
            Ok(model) => {
                self.report.diagnostics.extend(model.warnings.iter().cloned());
                self.report.unchecked = model.temporal.iter().map(|t| t.name.clone()).collect();
                if !model.temporal.is_empty() {
                    match Liveness::new(&model, evaluator) {
                        Ok(liveness) => self.liveness = Some(liveness),
                        Err(diagnostic) => return self.stop(Kind::Config, diagnostic),
                    }
                }
                self.keeps_behaviours(&model)?;
                Ok(model)
            }
            Err(Unbuilt::NoBehaviour) => {
                (self.report.distinct, self.report.generated, self.report.depth) = (Some(0), Some(0), Some(0));
                Err(Ended)
            }
            Err(Unbuilt::Evaluation(diagnostic)) => self.stop(Kind::Evaluation, *diagnostic),
            Err(Unbuilt::Diagnostics(diagnostics)) => {
                self.report.diagnostics.extend(diagnostics);
                self.fail(Kind::Config)
            }
        }
    }

    /// Explores all states.
    pub(super) fn explore(&mut self, model: &TlaModel) -> Outcome<EvaluationError> {
        let options = Options {
            workers: self.plan.workers,
            continue_after_violation: self.plan.continue_after_violation,
            max_distinct: self.plan.max_states,
            max_depth: self.plan.max_depth,
            max_memory_bytes: self.plan.memory_bytes,
            interrupt: self.observer.interrupt.clone(),
            progress: self.observer.published.clone(),
            keep_steps: self.liveness.is_some(),
            measure: self.plan.stats,
            keeping: self.keeping(),
            ..Options::default()
        };
        let kept_bytes = if self.plan.states == States::Exact { options.kept_bytes } else { KEPT_BYTES_SHORT };
        explore::explore(model, &Options { kept_bytes, ..options })
    }

    /// What is kept of states: all of them where they are looked at again, and unless memory is short. (Two-phase
    /// commit with 9 managers with its rows in the table alone: 15 % more time.)
    fn keeping(&self) -> Keeping {
        match self.plan.states {
            States::Fingerprints => Keeping::Fingerprints,
            _ if self.liveness.is_some() => Keeping::Rows,
            States::Compressed => Keeping::Compressed,
            States::Exact => Keeping::Rows,
        }
    }

    /// Temporal properties are about behaviours, which are made of all states.
    fn keeps_behaviours(&mut self, model: &TlaModel) -> Stage<()> {
        let names = || model.temporal.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ");
        match self.plan.states {
            _ if model.temporal.is_empty() => Ok(()),
            States::Exact => Ok(()),
            States::Compressed => {
                let message = format!("--compress is not used: the temporal properties {} need every state", names());
                self.report.diagnostics.push(Diagnostic::warning("states", Span::NONE, message));
                Ok(())
            }
            States::Fingerprints => {
                let message = format!("--fingerprint keeps no states, and temporal properties need them: {}", names());
                let help = "check without --fingerprint, or with a config without these properties";
                self.stop(Kind::Config, Diagnostic::error("states", Span::NONE, message).help(help))
            }
        }
    }

    /// Turns what exploration found into the report.
    pub(super) fn judge(&mut self, model: &TlaModel, outcome: Outcome<EvaluationError>) -> Stage<()> {
        self.report.distinct = Some(outcome.distinct);
        self.report.generated = Some(outcome.generated);
        self.report.depth = Some(outcome.depth);
        self.report.queue = outcome.queue_left;
        if let Identity::Hash { least_distance } = outcome.explored.identity() {
            self.report.exact = false;
            self.report.collision = Some(Collision::of(outcome.distinct, outcome.generated, least_distance));
        }
        let tallies = outcome.tallies.iter().zip(&model.groups);
        self.report.actions = tallies
            .map(|(tally, group)| ActionCount {
                name: group.name.clone(),
                span: group.span,
                generated: tally.generated,
                distinct: tally.distinct,
            })
            .collect();
        if self.plan.stats {
            let mut stats = model.stats();
            stats.worker_seconds = outcome.worker_seconds;
            stats.store_seconds = outcome.store_seconds;
            stats.store_bytes = outcome.memory_bytes;
            stats.identity = match outcome.explored.identity() {
                Identity::Row => "row",
                Identity::Word => "word",
                Identity::Code => "code",
                Identity::Hash { .. } => "hash",
            };
            let widths = outcome.explored.widths();
            stats.slots.iter_mut().zip(widths).for_each(|(slot, bits)| slot.bits = *bits);
            self.report.stats = Some(stats);
        }
        for finding in &outcome.findings {
            self.report.findings.push(findings::finding(model, finding));
        }
        if !outcome.findings.is_empty() {
            self.report.labels = findings::labels(model);
        }
        match outcome.end {
            End::WorkerPanicked(message) => {
                let message = format!("a worker failed: {message}");
                return self.stop(
                    Kind::System,
                    Diagnostic::error("system", Span::NONE, message).help("this is a defect of tlaloc"),
                );
            }
            End::Interrupted => self.report.verdict = Verdict::Interrupted,
            End::Limit(limit) => self.limited(limit),
            End::Exit | End::Exhausted | End::Finding => {}
        }
        self.check_symmetry(model, &outcome)?;
        if outcome.end == End::Exhausted {
            self.check_liveness(model, &outcome);
            if !self.report.findings.is_empty() && self.report.labels.is_empty() {
                self.report.labels = findings::labels(model);
            }
        }
        if matches!(self.report.verdict, Verdict::Ok) {
            self.postconditions(model, &outcome);
        }
        self.settle();
        self.report.properties = findings::standings(&self.report, model, outcome.end == End::Exhausted);
        Ok(())
    }

    fn limited(&mut self, limit: Limit) {
        let (kind, message) = match limit {
            Limit::Distinct => (Kind::Incomplete, "stopped at the limit of distinct states"),
            Limit::Depth => (Kind::Incomplete, "stopped at the depth limit"),
            Limit::Memory => (Kind::TooLarge, "stopped at the memory limit"),
        };
        self.report.verdict = Verdict::Incomplete;
        self.report.findings.push(plain_finding(kind, message));
    }

    fn postconditions(&mut self, model: &TlaModel, outcome: &Outcome<EvaluationError>) {
        let (Some(spec), Some(evaluator)) = (self.spec.clone(), &mut self.evaluator) else { return };
        let universe = Universe::current();
        let services = evaluator.services();
        services.registers = model.left_registers().iter().map(|(r, id)| (*r, universe.value(*id))).collect();
        services.progress = crate::model::Progress {
            level: 0,
            distinct: outcome.distinct,
            generated: outcome.generated,
            queue: outcome.queue_left,
            diameter: outcome.depth,
        };
        for named in &spec.checks.postconditions {
            let prepared = evaluator.prepare_definition(named.operator);
            match evaluator.holds(&prepared, &[]) {
                Ok(true) => {}
                Ok(false) => {
                    let because = crate::property::explain(evaluator, &spec.call(named.operator), &[]);
                    let message = format!("the postcondition {} is false", named.name);
                    let property = Some(named.name.clone());
                    let finding = Finding {
                        kind: Kind::Postcondition,
                        property,
                        message,
                        diagnostic: None,
                        because,
                        trace: None,
                    };
                    self.report.findings.push(finding);
                }
                Err(fault) => {
                    let diagnostic = fault_diagnostic(&fault);
                    let message =
                        format!("the postcondition {} cannot be evaluated: {}", named.name, diagnostic.message);
                    let finding = Finding {
                        kind: Kind::Postcondition,
                        property: Some(named.name.clone()),
                        message,
                        diagnostic: Some(diagnostic),
                        because: Vec::new(),
                        trace: None,
                    };
                    self.report.findings.push(finding);
                }
            }
        }
    }

    /// Ends the run with an error that is not a finding.
    fn fail<T>(&mut self, kind: Kind) -> Stage<T> {
        let message =
            self.report.diagnostics.iter().find(|d| d.is_error()).map_or_else(String::new, |d| d.message.clone());
        self.report.findings.insert(0, plain_finding(kind, &message));
        self.report.verdict = Verdict::Error;
        Err(Ended)
    }

    pub(super) fn stop<T>(&mut self, kind: Kind, diagnostic: Diagnostic) -> Stage<T> {
        self.report.diagnostics.push(diagnostic);
        self.fail(kind)
    }

    /// The verdict that follows from what is in the report.
    pub(super) fn settle(&mut self) {
        let report = &mut self.report;
        if report.verdict != Verdict::Ok {
            return;
        }
        report.verdict = match report.findings.first() {
            None if report.unchecked.is_empty() => Verdict::Ok,
            None => Verdict::Incomplete,
            Some(finding) => match finding.kind {
                Kind::Evaluation | Kind::InvariantEvaluation | Kind::PropertyEvaluation => Verdict::Error,
                _ => Verdict::Violation,
            },
        };
    }

    /// An evaluation that was cut off is no error.
    fn drop_interrupted(&mut self) {
        let cut_off = |d: &Diagnostic| d.code == INTERRUPTED;
        let report = &mut self.report;
        let before = report.findings.len() + report.diagnostics.len();
        let messages: Vec<String> =
            report.diagnostics.iter().filter(|d| cut_off(d)).map(|d| d.message.clone()).collect();
        report.findings.retain(|f| !f.diagnostic.as_ref().is_some_and(cut_off) && !messages.contains(&f.message));
        report.diagnostics.retain(|d| !cut_off(d));
        if report.findings.len() + report.diagnostics.len() < before && report.findings.is_empty() {
            report.verdict = Verdict::Interrupted;
        }
    }

    pub(super) fn into_report(mut self) -> (Report, Sources) {
        self.drop_interrupted();
        self.report.seconds = self.started.elapsed().as_secs_f64();
        self.report.peak_memory_bytes = peak_memory_bytes();
        (self.report, self.sources)
    }
}

/// The report of a check that has not begun.
pub(super) fn nothing_yet(plan: &Plan) -> Report {
    Report {
        verdict: Verdict::Ok,
        findings: Vec::new(),
        distinct: None,
        generated: None,
        depth: None,
        queue: 0,
        seconds: 0.0,
        exact: true,
        collision: None,
        peak_memory_bytes: peak_memory_bytes(),
        workers: plan.workers,
        diagnostics: Vec::new(),
        unchecked: Vec::new(),
        properties: Vec::new(),
        temporal: None,
        actions: Vec::new(),
        stats: None,
        labels: Vec::new(),
        root: plan.spec.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}

pub(super) fn plain_finding(kind: Kind, message: &str) -> Finding {
    let message = message.to_owned();
    Finding { kind, property: None, message, diagnostic: None, because: Vec::new(), trace: None }
}

/// Peak resident memory of this process, where the system tells it (Linux).
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
