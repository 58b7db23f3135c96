//! The naive evaluator of temporal expressions on a lasso: the second opinion on every counterexample.
//!
//! It works on expressions, not on what they were taken apart into, and straight from the definitions: a formula
//! has a truth value at each position of the lasso, `[]F` is true where F is true at every position that
//! comes, WF and SF are what they abbreviate. It shares nothing with the search but the evaluator of states
//! and steps.

use super::decompose::{instances, unfolded};
use super::enabled::{enabled, taken};
use crate::eval::Evaluator;
use crate::partition::formula::Closed;
use crate::resolve::spec::{BinaryOp, Expr, ExprKind, Level, LocalId, UnaryOp};
use crate::value::Value;

/// Truth at each position; `None` where there is none.
pub(super) type Truths = Vec<Option<bool>>;

/// A lasso under evaluation.
pub(super) struct OnLasso<'a> {
    /// Evaluates states and steps.
    pub(super) evaluator: &'a mut Evaluator,
    /// Values of the variables, state by state.
    pub(super) states: &'a [Vec<Value>],
    /// The state that the last one goes back to.
    pub(super) loop_to: usize,
    /// The values that really follow the last state, if it goes back only to what is taken for the same.
    pub(super) after: Option<&'a [Value]>,
}

impl OnLasso<'_> {
    /// The position after one.
    pub(super) fn next(&self, position: usize) -> usize {
        if position + 1 < self.states.len() { position + 1 } else { self.loop_to }
    }

    /// The positions that come from one on, itself included.
    pub(super) fn coming(&self, position: usize) -> std::ops::Range<usize> {
        position.min(self.loop_to)..self.states.len()
    }

    /// The truth of a formula at each position.
    pub(super) fn truths(&mut self, formula: &Closed) -> Truths {
        let expr = &formula.expr;
        match expr.level {
            Level::Constant => {
                let truth = self.state_truth(formula, 0);
                return vec![truth; self.states.len()];
            }
            Level::State => return (0..self.states.len()).map(|i| self.state_truth(formula, i)).collect(),
            Level::Action => return (0..self.states.len()).map(|i| self.step_truth(formula, i)).collect(),
            Level::Temporal => {}
        }
        match &*expr.kind {
            ExprKind::And(items) => {
                let all = items.iter().map(|e| self.part(formula, e)).collect();
                self.each(all, &mut |items| conjunction(items.iter().copied()))
            }
            ExprKind::Or(items) => {
                let all = items.iter().map(|e| self.part(formula, e)).collect();
                self.each(all, &mut |items| disjunction(items.iter().copied()))
            }
            ExprKind::Forall(bounds, body) | ExprKind::Exists(bounds, body) => {
                let Ok(found) = instances(self.evaluator, formula, bounds) else { return self.unknown() };
                let all = found.into_iter().map(|b| self.truths(&Closed { expr: body.clone(), bindings: b })).collect();
                let forall = matches!(&*expr.kind, ExprKind::Forall(..));
                self.each(all, &mut |items| {
                    if forall { conjunction(items.iter().copied()) } else { disjunction(items.iter().copied()) }
                })
            }
            ExprKind::Unary(UnaryOp::Not, e) => self.part(formula, e).into_iter().map(|t| t.map(|t| !t)).collect(),
            ExprKind::Unary(UnaryOp::Always, e) => {
                let truths = self.part(formula, e);
                self.always(&truths)
            }
            ExprKind::Unary(UnaryOp::Eventually, e) => {
                let truths = self.part(formula, e);
                self.eventually(&truths)
            }
            ExprKind::Binary(op, a, b) => self.binary(formula, *op, a, b),
            ExprKind::If(c, a, b) => {
                let all = [c, a, b].into_iter().map(|e| self.part(formula, e)).collect();
                self.each(all, &mut |t| match t[0] {
                    Some(true) => t[1],
                    Some(false) => t[2],
                    None => None,
                })
            }
            ExprKind::Case(arms, other) => self.case(formula, arms, other.as_ref()),
            ExprKind::Label(_, e) => self.part(formula, e),
            ExprKind::WeakFairness(v, a) => self.fair(formula, v, a, false),
            ExprKind::StrongFairness(v, a) => self.fair(formula, v, a, true),
            _ => {
                let spec = self.evaluator.spec().clone();
                match unfolded(&spec, expr) {
                    Some(body) => self.part(formula, &body),
                    None => self.unknown(),
                }
            }
        }
    }

    pub(super) fn part(&mut self, whole: &Closed, expr: &Expr) -> Truths {
        self.truths(&Closed { expr: expr.clone(), bindings: whole.bindings.clone() })
    }

    fn unknown(&self) -> Truths {
        vec![None; self.states.len()]
    }

    /// Combines truths position by position.
    fn each(&self, all: Vec<Truths>, combine: &mut dyn FnMut(&[Option<bool>]) -> Option<bool>) -> Truths {
        let at = |i: usize| all.iter().map(|truths| truths[i]).collect::<Vec<_>>();
        (0..self.states.len()).map(|i| combine(&at(i))).collect()
    }

    pub(super) fn always(&self, truths: &Truths) -> Truths {
        (0..truths.len()).map(|i| conjunction(self.coming(i).map(|j| truths[j]))).collect()
    }

    pub(super) fn eventually(&self, truths: &Truths) -> Truths {
        (0..truths.len()).map(|i| disjunction(self.coming(i).map(|j| truths[j]))).collect()
    }

    fn binary(&mut self, whole: &Closed, op: BinaryOp, a: &Expr, b: &Expr) -> Truths {
        let (left, mut right) = (self.part(whole, a), self.part(whole, b));
        if op == BinaryOp::LeadsTo {
            right = self.eventually(&right);
        }
        let combined = self.each(vec![left, right], &mut |t| match op {
            BinaryOp::And => conjunction(t.iter().copied()),
            BinaryOp::Or => disjunction(t.iter().copied()),
            BinaryOp::Implies | BinaryOp::LeadsTo => disjunction([t[0].map(|t| !t), t[1]].into_iter()),
            BinaryOp::Equivalent => Some(t[0]? == t[1]?),
            _ => None,
        });
        if op == BinaryOp::LeadsTo { self.always(&combined) } else { combined }
    }

    fn case(&mut self, whole: &Closed, arms: &[(Expr, Expr)], other: Option<&Expr>) -> Truths {
        let mut result: Vec<Option<Option<bool>>> = vec![None; self.states.len()];
        for (guard, arm) in arms {
            let (guard, arm) = (self.part(whole, guard), self.part(whole, arm));
            for (i, decided) in result.iter_mut().enumerate().filter(|(_, d)| d.is_none()) {
                match guard[i] {
                    Some(true) => *decided = Some(arm[i]),
                    Some(false) => {}
                    None => *decided = Some(None),
                }
            }
        }
        let rest = other.map(|other| self.part(whole, other));
        let rest = |i: usize| rest.as_ref().and_then(|truths| truths[i]);
        result.into_iter().enumerate().map(|(i, decided)| decided.unwrap_or_else(|| rest(i))).collect()
    }

    /// WF: `[](  []ENABLED <<A>>_v => <><<A>>_v)`; SF: `[]([]<>ENABLED <<A>>_v => <><<A>>_v)`.
    fn fair(&mut self, whole: &Closed, subscript: &Expr, action: &Expr, strong: bool) -> Truths {
        let (enabled, taken) = self.enabled_and_taken(whole, subscript, action);
        let mut premise = enabled;
        if strong {
            premise = self.eventually(&premise);
        }
        let (premise, conclusion) = (self.always(&premise), self.eventually(&taken));
        let met = self.each(vec![premise, conclusion], &mut |t| disjunction([t[0].map(|t| !t), t[1]].into_iter()));
        self.always(&met)
    }

    /// Where `<<A>>_v` is enabled, and where it is taken.
    pub(super) fn enabled_and_taken(&mut self, whole: &Closed, subscript: &Expr, action: &Expr) -> (Truths, Truths) {
        let span = whole.expr.span;
        let (enabled, _) = enabled(self.evaluator, action, subscript, span);
        (self.part(whole, &enabled), self.part(whole, &taken(action, subscript, span)))
    }

    fn state_truth(&mut self, formula: &Closed, position: usize) -> Option<bool> {
        self.evaluator.set_state(&self.states[position]);
        self.evaluator.clear_next();
        self.evaluate(formula)
    }

    pub(super) fn step_truth(&mut self, formula: &Closed, position: usize) -> Option<bool> {
        let next = self.next(position);
        self.evaluator.set_state(&self.states[position]);
        let after = self.after.filter(|_| position + 1 == self.states.len());
        self.evaluator.set_next(after.unwrap_or(&self.states[next]));
        let truth = self.evaluate(formula);
        self.evaluator.clear_next();
        truth
    }

    fn evaluate(&mut self, formula: &Closed) -> Option<bool> {
        let locals: Vec<LocalId> = formula.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = formula.bindings.iter().map(|(_, v)| v.clone()).collect();
        let prepared = self.evaluator.prepare(&locals, &formula.expr);
        self.evaluator.holds(&prepared, &values).ok()
    }
}

/// False if one is false, else unknown if one is.
fn conjunction(items: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for item in items {
        match item {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

/// True if one is true, else unknown if one is.
fn disjunction(items: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    conjunction(items.map(|item| item.map(|truth| !truth))).map(|truth| !truth)
}
