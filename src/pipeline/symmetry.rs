//! Whether the declared symmetry is one: states and their permutations must have the same future.

use crate::diagnostic::{Diagnostic, Span};
use crate::explore::{Explored, Faith, Outcome};
use crate::partition::TlaModel;
use crate::partition::model::EvaluationError;
use crate::partition::symmetry::Comparison;
use crate::report::Kind;

use super::run::{Run, Stage};

/// States compared where something in the specification raises doubts.
const DOUBTED_STATES: u64 = 256;
/// States compared under `--paranoid`, and where the exploration has met what a symmetry would rule out.
const PARANOID_STATES: u64 = 4096;

impl Run<'_> {
    /// Compares states with their permutations. A difference is an error, unless a real counterexample was found
    /// meanwhile: then it is a warning.
    pub(super) fn check_symmetry(&mut self, model: &TlaModel, outcome: &Outcome<EvaluationError>) -> Stage<()> {
        let Some(mut comparison) = Comparison::new(model) else { return Ok(()) };
        let broken = outcome.findings.iter().any(|finding| finding.faith == Faith::Representatives);
        let states = match () {
            () if self.plan.paranoid || broken => PARANOID_STATES,
            () if !model.doubts.is_empty() && outcome.findings.is_empty() => DOUBTED_STATES,
            () => return Ok(()),
        };
        let difference = difference(&mut comparison, &outcome.explored, states);
        if let Some(diagnostic) = difference.or_else(|| broken.then(|| unexplained(model))) {
            if outcome.findings.is_empty() || broken {
                self.report.findings.clear();
                return self.stop(Kind::Config, diagnostic);
            }
            let warning = Diagnostic { severity: crate::diagnostic::Severity::Warning, ..diagnostic };
            self.report.diagnostics.push(warning);
            return Ok(());
        }
        let kept = outcome.explored.len() - outcome.explored.first_kept();
        if let Some(doubt) = model.doubts.first().filter(|_| states.min(kept) < outcome.explored.len()) {
            let message = format!("SYMMETRY may not be one: {}", doubt.what);
            let help = format!(
                "{} of {} states were compared with their permutations, and no difference was found",
                states.min(kept),
                outcome.explored.len()
            );
            self.report.diagnostics.push(Diagnostic::warning("symmetry", doubt.span, message).help(help));
        }
        Ok(())
    }
}

/// The first difference found: half of the states are the first ones that were kept, the others are spread evenly.
fn difference(comparison: &mut Comparison, explored: &Explored, states: u64) -> Option<Diagnostic> {
    let gone = explored.first_kept();
    let len = explored.len() - gone;
    let first = if len <= states { len } else { states / 2 };
    let spread = (0..states - first).map(|step| first + step * (len - first) / (states - first).max(1));
    let mut row = Vec::new();
    (0..first).chain(spread.filter(|_| len > states)).find_map(|index| {
        if !explored.read(gone + index, &mut row) {
            return None;
        }
        comparison.state(explored.progress_of(explored.level_of(gone + index)), &row)
    })
}

/// The way back to a finding has a step that is none.
fn unexplained(model: &TlaModel) -> Diagnostic {
    let named = model.plan.spec.checks.symmetry.as_ref();
    let (name, span) = named.map_or(("SYMMETRY", Span::NONE), |named| (&named.name, named.span));
    let message =
        format!("{name} is not a symmetry of the specification: what was found has no behaviour leading to it");
    Diagnostic::error("symmetry", span, message).help("check without SYMMETRY")
}
