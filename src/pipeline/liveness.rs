//! Temporal properties, after all states were found.

use std::sync::Arc;
use std::time::Instant;

use super::findings;
use super::run::{Run, plain_finding};
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::explore::{self, End, Explored, Options, Outcome};
use crate::model::Model as _;
use crate::partition::TlaModel;
use crate::partition::model::{EvaluationError, Plan as ModelPlan};
use crate::property::liveness::{Checked, Ending, Liveness, Request};
use crate::report::{Kind, TemporalFigures, Verdict};

/// With a VIEW, this many times the distinct states (and [`VIEWLESS_STATES_MIN`]) are explored without it at most.
const VIEWLESS_FACTOR: u64 = 20;

/// See [`VIEWLESS_FACTOR`].
const VIEWLESS_STATES_MIN: u64 = 2_000;

impl Run<'_> {
    /// Checks temporal properties on the behaviour graph.
    pub(super) fn check_liveness(&mut self, model: &TlaModel, outcome: &Outcome<EvaluationError>) {
        let Some(liveness) = self.liveness.take() else { return };
        let started = Instant::now();
        self.decide(&liveness, model, outcome);
        if let Some(temporal) = &mut self.report.temporal {
            temporal.seconds = started.elapsed().as_secs_f64();
        }
    }

    fn decide(&mut self, liveness: &Liveness, model: &TlaModel, outcome: &Outcome<EvaluationError>) {
        self.report.diagnostics.extend(liveness.warnings.iter().cloned());
        let viewed = model.plan.spec.checks.view.is_some();
        if !viewed && !model.symmetric() {
            let checked = liveness.check(&self.request(model, &outcome.explored));
            return self.found(model, checked);
        }
        let Err(reason) = self.check_in_full(model, outcome.distinct, viewed) else { return };
        if !viewed || model.symmetric() || !self.violated_in_view(liveness, model, outcome) {
            self.undecided(reason);
        }
    }

    fn request<'a>(&'a self, model: &'a TlaModel, explored: &'a Explored) -> Request<'a> {
        Request {
            model,
            explored,
            workers: self.plan.workers,
            continue_after_violation: self.plan.continue_after_violation,
            interrupt: &self.observer.interrupt,
            memory_bytes_max: self.plan.memory_bytes,
            quotient: false,
        }
    }

    /// Looks for violations among the states that VIEW left, where there are too many without it; true if there is one.
    fn violated_in_view(&mut self, liveness: &Liveness, model: &TlaModel, outcome: &Outcome<EvaluationError>) -> bool {
        let request = Request { quotient: true, ..self.request(model, &outcome.explored) };
        let checked = liveness.check(&request);
        if checked.violations.is_empty() || !matches!(checked.ending, Ending::Complete) {
            return false;
        }
        let message = "the cycle of this counterexample closes only up to VIEW: it was gone through several times, and \
                       each round was fair and violated the property";
        self.report.diagnostics.push(Diagnostic::warning("liveness-reduced", Span::NONE, message));
        let unchecked = self.report.unchecked.clone();
        let violated: Vec<String> = checked.violations.iter().map(|v| v.property.clone()).collect();
        self.found(model, checked);
        self.report.unchecked = unchecked.into_iter().filter(|name| !violated.contains(name)).collect();
        true
    }

    /// States that SYMMETRY or VIEW identifies have different behaviours: explores them all and checks those.
    fn check_in_full(&mut self, model: &TlaModel, distinct: u64, viewed: bool) -> Result<(), String> {
        let what = if viewed { "VIEW" } else { "SYMMETRY" };
        let failed =
            || format!("temporal properties are checked without {what}, and without it the model cannot be built");
        let mut spec = (*model.plan.spec).clone();
        spec.checks.symmetry = None;
        spec.checks.view = None;
        spec.checks.invariants.clear();
        let spec = Arc::new(spec);
        let services = (model.plan.services)(0);
        let mut evaluator = Evaluator::new(spec.clone(), model.plan.settings.clone(), services);
        let plan = ModelPlan {
            spec,
            universe: model.plan.universe,
            settings: model.plan.settings.clone(),
            services: model.plan.services.clone(),
            checks_deadlock: false,
            memo: model.plan.memo,
            measure: false,
            seed: model.plan.seed,
            registers: model.plan.registers.clone(),
        };
        let mut full = TlaModel::build(plan, &mut evaluator).map_err(|_| failed())?;
        // They hold, or the check would not have come this far.
        full.properties.clear();
        let liveness = Liveness::new(&full, &mut evaluator).map_err(|_| failed())?;
        let at_most = distinct.saturating_mul(VIEWLESS_FACTOR).max(VIEWLESS_STATES_MIN);
        let options = Options {
            workers: self.plan.workers,
            max_distinct: self.plan.max_states.or(viewed.then_some(at_most)),
            max_memory_bytes: self.plan.memory_bytes,
            interrupt: self.observer.interrupt.clone(),
            keep_steps: true,
            ..Options::default()
        };
        let outcome = explore::explore(&full, &options);
        match outcome.end {
            End::Exhausted => {}
            End::Interrupted => {
                self.report.verdict = Verdict::Interrupted;
                return Ok(());
            }
            _ => {
                return Err(format!(
                    "temporal properties are checked without {what}, and not all states could be explored without it \
                     ({} distinct states so far)",
                    outcome.distinct
                ));
            }
        }
        let message = format!(
            "temporal properties are checked on all {} states, without {what}: states that it takes for one have \
             different behaviours",
            outcome.distinct
        );
        self.report.diagnostics.push(Diagnostic::warning("liveness-reduced", Span::NONE, message));
        let checked = liveness.check(&self.request(&full, &outcome.explored));
        self.found(&full, checked);
        Ok(())
    }

    /// Turns what was found into the report.
    fn found(&mut self, model: &TlaModel, checked: Checked) {
        let size = checked.size;
        self.report.temporal = Some(TemporalFigures {
            states: size.states,
            steps: size.steps,
            product_nodes: size.nodes,
            product_edges: size.edges,
            seconds: 0.0,
        });
        self.report.diagnostics.extend(checked.warnings);
        self.report.unchecked = checked.unchecked;
        for violation in checked.violations {
            self.report.findings.push(findings::temporal(model, violation));
        }
        match checked.ending {
            Ending::Complete => checked.undecided.into_iter().for_each(|reason| self.undecided(reason)),
            Ending::Interrupted => self.report.verdict = Verdict::Interrupted,
            Ending::Undecided(reason) => self.undecided(reason),
            Ending::Fault(name, fault, way) => {
                self.report.findings.push(findings::temporal_fault(model, name, &fault, &way));
            }
            Ending::Error(error) => self.report.findings.push(findings::error(model, &error)),
            Ending::Defect(message) => {
                let help = "this is a defect of tlaloc: please report it with the specification";
                self.report.diagnostics.push(Diagnostic::error("system", Span::NONE, message.clone()).help(help));
                self.report.findings.insert(0, plain_finding(Kind::System, &message));
                self.report.verdict = Verdict::Error;
            }
        }
    }

    fn undecided(&mut self, reason: String) {
        self.report.diagnostics.push(Diagnostic::warning("liveness-undecided", Span::NONE, reason.clone()));
        if self.report.findings.is_empty() {
            self.report.findings.push(plain_finding(Kind::Incomplete, &reason));
            self.report.verdict = Verdict::Incomplete;
        }
    }
}
