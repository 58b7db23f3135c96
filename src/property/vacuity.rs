//! What makes "no violation" say less than it seems to.
//!
//! States beyond the constraints, fairness that nothing meets, antecedents that are never true: each gives a warning.
//! None is given where the property it would be about is violated, and none about one instance of a quantifier
//! where another instance is in order.

use super::behaviour::Behaviours;
use super::columns::Columns;
use super::decompose::{Decomposer, Fairness, instances, unfolded};
use super::formula::Formula;
use super::liveness::Liveness;
use super::search::{Size, search};
use crate::diagnostic::{Diagnostic, Span};
use crate::partition::formula::Closed;
use crate::partition::model::Formula as Predicate;
use crate::resolve::spec::{BinaryOp, Expr, ExprKind, Level, UnaryOp};
use crate::value::Universe;
use crate::value::machine::Fault;

/// Temporal antecedents looked at: each takes a search.
const SEARCHES_MAX: usize = 16;

/// What an implication of a property depends on.
pub(super) struct Antecedent {
    property: String,
    span: Span,
    formula: Formula,
    /// It is asked for at every point of a behaviour, not only at its beginning.
    always: bool,
}

/// Collects the antecedents of `P ~> Q`, `P => Q` and `[](P => Q)` among the conjuncts of a property's conjunct.
///
/// # Errors
/// When one is of a form that cannot be checked.
pub(super) fn antecedents(
    decomposer: &mut Decomposer,
    property: &str,
    conjunct: &Predicate,
    found: &mut Vec<Antecedent>,
) -> Result<(), Diagnostic> {
    let whole = Closed { expr: conjunct.expr.clone(), bindings: conjunct.bindings(Universe::current()) };
    collect(decomposer, property, &whole, false, found)
}

fn collect(
    decomposer: &mut Decomposer,
    property: &str,
    whole: &Closed,
    always: bool,
    found: &mut Vec<Antecedent>,
) -> Result<(), Diagnostic> {
    if whole.expr.level < Level::Temporal {
        return Ok(());
    }
    let inner = |e: &Expr| Closed { expr: e.clone(), bindings: whole.bindings.clone() };
    let mut note = |decomposer: &mut Decomposer, e: &Expr, always: bool| {
        let formula = decomposer.closed_formula(&inner(e))?;
        found.push(Antecedent { property: property.to_owned(), span: e.span, formula, always });
        Ok(())
    };
    match &*whole.expr.kind {
        ExprKind::Binary(BinaryOp::LeadsTo, a, _) => note(decomposer, a, true),
        ExprKind::Binary(BinaryOp::Implies, a, _) => note(decomposer, a, always),
        ExprKind::Unary(UnaryOp::Always, e) => collect(decomposer, property, &inner(e), true, found),
        ExprKind::Label(_, e) => collect(decomposer, property, &inner(e), always, found),
        ExprKind::And(items) => items.iter().try_for_each(|e| collect(decomposer, property, &inner(e), always, found)),
        ExprKind::Binary(BinaryOp::And, a, b) => {
            [a, b].into_iter().try_for_each(|e| collect(decomposer, property, &inner(e), always, found))
        }
        ExprKind::Forall(bounds, body) => {
            let each = instances(decomposer.evaluator, whole, bounds)?;
            each.into_iter().try_for_each(|bindings| {
                collect(decomposer, property, &Closed { expr: body.clone(), bindings }, always, found)
            })
        }
        _ => {
            let spec = decomposer.evaluator.spec().clone();
            match unfolded(&spec, &whole.expr) {
                Some(body) => collect(decomposer, property, &inner(&body), always, found),
                None => Ok(()),
            }
        }
    }
}

/// Looks for reasons to doubt.
pub(super) struct Doubts<'a> {
    pub(super) liveness: &'a Liveness,
    pub(super) made: &'a Behaviours,
    pub(super) columns: &'a Columns<'a, Box<Fault>>,
    /// Properties that need no doubts.
    pub(super) violated: &'a [String],
    pub(super) stop: &'a dyn Fn() -> bool,
}

impl Doubts<'_> {
    /// All doubts, and what finding them took.
    pub(super) fn all(&self, size: &mut Size) -> Vec<Diagnostic> {
        let mut doubts = Vec::new();
        if self.made.pruned > 0 {
            let states = if self.made.pruned == 1 { "one state has" } else { "some states have" };
            let message = format!(
                "{states} successors outside the constraints: behaviours that go there are not looked at, so a temporal \
                 property may be violated although that is not reported"
            );
            doubts.push(Diagnostic::warning("liveness-constraint", Span::NONE, message));
        }
        if self.made.graph.is_empty() {
            return doubts;
        }
        if self.violated.is_empty() && self.nothing_is_fair(size) {
            let inside = if self.made.pruned > 0 { " inside the constraints" } else { "" };
            let message = format!(
                "no behaviour{inside} meets what the specification assumes (fairness and other temporal conjuncts): \
                 every temporal property holds, vacuously"
            );
            let span = self.liveness.assumed.unwrap_or(Span::NONE);
            doubts.push(Diagnostic::warning("liveness-vacuous", span, message));
            return doubts;
        }
        self.never_enabled(&mut doubts);
        self.never_true(&mut doubts, size);
        doubts
    }

    fn search(&self, more: Option<Formula>, size: &mut Size) -> bool {
        let conjuncts: Vec<Formula> = self.liveness.fairness.iter().cloned().chain(more).collect();
        let found = search(self.columns, &conjuncts, &mut |a, b| a.cmp(&b), self.stop, size);
        // What cannot be decided gives no reason to doubt.
        !matches!(found, Ok(None))
    }

    /// True if no behaviour meets the assumptions.
    fn nothing_is_fair(&self, size: &mut Size) -> bool {
        !self.is_machine_closed() && !self.search(None, size)
    }

    /// True if it is plain that every behaviour can go on fairly: all assumptions are WF and SF, and wherever an action
    /// is enabled, a step of it can be taken.
    fn is_machine_closed(&self) -> bool {
        let conditions = &self.liveness.atoms.fairness[..self.liveness.conditions];
        let known: Vec<Formula> = conditions.iter().map(Fairness::formula).collect();
        let is_known = |f: &Formula| match f {
            Formula::And(items) => items.iter().all(|f| known.contains(f)),
            f => known.contains(f),
        };
        let graph = &self.made.graph;
        let can = |state: u32, c: &Fairness| {
            !graph.state_atoms.get(state as usize, c.enabled as usize)
                || graph.edges(state).any(|edge| graph.step_atoms.get(edge, c.taken as usize))
        };
        self.liveness.fairness.iter().all(is_known)
            && (0..graph.len() as u32).all(|state| conditions.iter().all(|c| can(state, c)))
    }

    /// Fairness of actions that are never enabled. Instances of one condition stand at one place.
    fn never_enabled(&self, doubts: &mut Vec<Diagnostic>) {
        let graph = &self.made.graph;
        let conditions = &self.liveness.atoms.fairness[..self.liveness.conditions];
        let mut seen = Vec::new();
        for condition in conditions {
            if seen.contains(&condition.span) {
                continue;
            }
            seen.push(condition.span);
            let mut same = conditions.iter().filter(|c| c.span == condition.span);
            if same.any(|c| (0..graph.len()).any(|state| graph.state_atoms.get(state, c.enabled as usize))) {
                continue;
            }
            let message = "the action of this fairness condition is never enabled: the condition is vacuous";
            doubts.push(Diagnostic::warning("liveness-vacuous", condition.span, message));
        }
    }

    /// Antecedents that are never true, in no instance.
    fn never_true(&self, doubts: &mut Vec<Diagnostic>, size: &mut Size) {
        let mut searches = 0;
        let mut seen = Vec::new();
        for antecedent in &self.liveness.antecedents {
            let group = (antecedent.span, &antecedent.property);
            if seen.contains(&group) || self.violated.contains(&antecedent.property) {
                continue;
            }
            seen.push(group);
            let mut same = self.liveness.antecedents.iter().filter(|a| (a.span, &a.property) == group);
            if same.any(|a| self.is_ever_true(a, &mut searches, size)) {
                continue;
            }
            let truth = match (antecedent.formula.is_about_state(), antecedent.always) {
                (true, true) => "true in no reachable state",
                (true, false) => "true in no initial state",
                (false, _) => "true of no behaviour",
            };
            let message = format!("this is {truth}: what it should lead to is never asked for");
            doubts.push(Diagnostic::warning("liveness-vacuous", antecedent.span, message));
        }
    }

    fn is_ever_true(&self, antecedent: &Antecedent, searches: &mut usize, size: &mut Size) -> bool {
        let graph = &self.made.graph;
        if antecedent.formula.is_about_state() && antecedent.always {
            let holds = |state| graph.holds(&antecedent.formula, state, graph.edges(state).start).unwrap_or(true);
            return (0..graph.len() as u32).any(holds);
        }
        if antecedent.formula.is_about_state() {
            let holds =
                |state: &u32| graph.holds(&antecedent.formula, *state, graph.edges(*state).start).unwrap_or(true);
            return graph.initial.iter().any(holds);
        }
        *searches += 1;
        if *searches > SEARCHES_MAX {
            return true;
        }
        let formula = antecedent.formula.clone();
        self.search(Some(if antecedent.always { Formula::eventually(formula) } else { formula }), size)
    }
}
