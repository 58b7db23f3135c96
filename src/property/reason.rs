//! Why a lasso is a counterexample: what of the property is never fulfilled, and how fairness is met.

use super::decompose::{instances, unfolded};
use super::verify::{OnLasso, Truths};
use crate::diagnostic::Span;
use crate::partition::formula::Closed;
use crate::report::Because;
use crate::resolve::spec::{BinaryOp, Expr, ExprKind, Level, UnaryOp};

/// Links of a reason shown at most.
const LINKS_MAX: usize = 24;

/// The reason of a verified counterexample: the false property, then fairness.
pub(super) fn reason(lasso: &mut OnLasso, property: &Closed, fairness: &[Closed]) -> Vec<Because> {
    let mut reasons = Reasons { lasso, because: Vec::new() };
    if !property.bindings.is_empty() {
        let shown = reasons.shown(&property.bindings);
        reasons.say(property.expr.span, format!("violated for {shown}"));
    }
    reasons.why_false(property, 0);
    for condition in fairness {
        reasons.how_fair(condition);
    }
    reasons.because
}

struct Reasons<'r, 'l> {
    lasso: &'r mut OnLasso<'l>,
    because: Vec<Because>,
}

impl Reasons<'_, '_> {
    fn say(&mut self, span: Span, note: String) {
        if self.because.len() < LINKS_MAX && !self.because.iter().any(|b| b.span == span && b.note == note) {
            self.because.push(Because { span, note });
        }
    }

    fn truth(&mut self, whole: &Closed, expr: &Expr, position: usize) -> Option<bool> {
        self.lasso.part(whole, expr)[position]
    }

    /// The first position from one on with this truth.
    fn first(&self, truths: &Truths, from: usize, wanted: bool) -> Option<usize> {
        let later = (from..truths.len()).chain(self.lasso.coming(from).take_while(|i| *i < from));
        later.into_iter().find(|i| truths[*i] == Some(wanted))
    }

    /// Explains why a formula is false at a position.
    fn why_false(&mut self, formula: &Closed, at: usize) {
        let expr = &formula.expr;
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: formula.bindings.clone() };
        if self.because.len() >= LINKS_MAX {
            return;
        }
        if expr.level < Level::Temporal {
            return self.say(expr.span, format!("false in {}", self.name(at)));
        }
        match &*expr.kind {
            ExprKind::Label(_, e) => self.why_false(&inner(e), at),
            ExprKind::And(items) => {
                if let Some(item) = items.iter().find(|e| self.truth(formula, e, at) == Some(false)) {
                    self.why_false(&inner(item), at);
                }
            }
            ExprKind::Or(items) => items.iter().for_each(|e| self.why_false(&inner(e), at)),
            ExprKind::Forall(bounds, body) => self.instance(formula, bounds, body, at),
            ExprKind::Unary(op, e) => self.why_unary(formula, *op, e, at),
            ExprKind::Binary(op, a, b) => self.why_binary(formula, *op, a, b, at),
            ExprKind::If(c, a, b) => match self.truth(formula, c, at) {
                Some(true) => self.why_false(&inner(a), at),
                _ => self.why_false(&inner(b), at),
            },
            ExprKind::WeakFairness(..) => {
                self.say(expr.span, "from some state on this action stays enabled and is never taken".to_owned());
            }
            ExprKind::StrongFairness(..) => {
                self.say(expr.span, "this action is enabled again and again and is never taken".to_owned());
            }
            _ => {
                let spec = self.lasso.evaluator.spec().clone();
                match unfolded(&spec, expr) {
                    Some(body) => self.why_false(&inner(&body), at),
                    None => self.say(expr.span, format!("false from {} on", self.name(at))),
                }
            }
        }
    }

    fn name(&self, position: usize) -> String {
        format!("state {}", position + 1)
    }

    fn why_unary(&mut self, whole: &Closed, op: UnaryOp, e: &Expr, at: usize) {
        let inner = Closed { expr: e.clone(), bindings: whole.bindings.clone() };
        let truths = self.lasso.truths(&inner);
        match op {
            UnaryOp::Always if e.level == Level::Action => {
                if let Some(i) = self.first(&truths, at, false) {
                    let next = self.lasso.next(i);
                    self.say(e.span, format!("false of the step from {} to {}", self.name(i), self.name(next)));
                }
            }
            UnaryOp::Always => {
                if let Some(i) = self.first(&truths, at, false) {
                    self.why_false(&inner, i);
                }
            }
            UnaryOp::Eventually if e.level == Level::Action => {
                self.say(e.span, format!("no step from {} on is one", self.name(at)));
            }
            UnaryOp::Eventually => {
                let from = self.name(at);
                self.say(e.span, format!("never true from {from} on"));
                if e.level == Level::Temporal {
                    let last = self.lasso.states.len() - 1;
                    self.why_false(&inner, last);
                }
            }
            _ => self.say(e.span, format!("true from {} on", self.name(at))),
        }
    }

    fn why_binary(&mut self, whole: &Closed, op: BinaryOp, a: &Expr, b: &Expr, at: usize) {
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: whole.bindings.clone() };
        match op {
            BinaryOp::And => {
                let part = if self.truth(whole, a, at) == Some(false) { a } else { b };
                self.why_false(&inner(part), at);
            }
            BinaryOp::Or => {
                self.why_false(&inner(a), at);
                self.why_false(&inner(b), at);
            }
            BinaryOp::Implies => {
                let when = if a.level <= Level::State { "in" } else { "from" };
                self.say(a.span, format!("true {when} {}", self.name(at)));
                self.why_false(&inner(b), at);
            }
            BinaryOp::LeadsTo => {
                let (left, right) = (self.lasso.part(whole, a), self.lasso.part(whole, b));
                let later = self.lasso.eventually(&right);
                let bad = |i: &usize| left[*i] == Some(true) && later[*i] == Some(false);
                if let Some(i) = (0..left.len()).find(bad) {
                    self.say(a.span, format!("true in {}", self.name(i)));
                    self.say(b.span, format!("never true from {} on", self.name(i)));
                }
            }
            _ => self.say(whole.expr.span, format!("false from {} on", self.name(at))),
        }
    }

    fn instance(&mut self, whole: &Closed, bounds: &[crate::resolve::spec::Bound], body: &Expr, at: usize) {
        let Ok(found) = instances(self.lasso.evaluator, whole, bounds) else { return };
        for bindings in found {
            let fresh = bindings[whole.bindings.len()..].to_vec();
            let instance = Closed { expr: body.clone(), bindings };
            if self.lasso.truths(&instance)[at] == Some(false) {
                let shown = self.shown(&fresh);
                self.say(body.span, format!("false for {shown}"));
                return self.why_false(&instance, at);
            }
        }
    }

    fn shown(&self, bindings: &[(crate::resolve::spec::LocalId, crate::value::Value)]) -> String {
        let spec = self.lasso.evaluator.spec();
        let one = |(local, value): &(crate::resolve::spec::LocalId, crate::value::Value)| {
            format!("{} = {}", spec.locals[local.0 as usize].name, value.display())
        };
        bindings.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Says how the fairness conditions in a conjunct are met on the cycle.
    fn how_fair(&mut self, condition: &Closed) {
        let expr = &condition.expr;
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: condition.bindings.clone() };
        match &*expr.kind {
            ExprKind::And(items) => items.iter().for_each(|e| self.how_fair(&inner(e))),
            ExprKind::Binary(BinaryOp::And, a, b) => [a, b].into_iter().for_each(|e| self.how_fair(&inner(e))),
            ExprKind::Label(_, e) => self.how_fair(&inner(e)),
            ExprKind::Forall(bounds, body) => {
                for bindings in instances(self.lasso.evaluator, condition, bounds).unwrap_or_default() {
                    self.how_fair(&Closed { expr: body.clone(), bindings });
                }
            }
            ExprKind::WeakFairness(v, a) | ExprKind::StrongFairness(v, a) => {
                let how = self.how_met(condition, v, a);
                let shown = self.shown(&condition.bindings);
                let instance = if shown.is_empty() { String::new() } else { format!(" for {shown}") };
                self.say(expr.span, format!("holds{instance}: {how}"));
            }
            _ => {
                let spec = self.lasso.evaluator.spec().clone();
                match unfolded(&spec, expr) {
                    Some(body) if expr.level == Level::Temporal => self.how_fair(&inner(&body)),
                    _ => self.say(expr.span, "holds".to_owned()),
                }
            }
        }
    }

    fn how_met(&mut self, whole: &Closed, subscript: &Expr, action: &Expr) -> String {
        let (enabled, taken) = self.lasso.enabled_and_taken(whole, subscript, action);
        let cycle = self.lasso.loop_to..self.lasso.states.len();
        if let Some(i) = cycle.clone().find(|i| taken[*i] == Some(true)) {
            let next = self.lasso.next(i);
            return format!("the action is taken from {} to {}", self.name(i), self.name(next));
        }
        if cycle.clone().all(|i| enabled[i] == Some(false)) {
            return "the action is not enabled on the cycle".to_owned();
        }
        match cycle.into_iter().find(|i| enabled[*i] == Some(false)) {
            Some(i) => format!("the action is not enabled in {}, so never continuously", self.name(i)),
            None => "it is met".to_owned(),
        }
    }
}
