//! Why an action is not possible in a state: the first conjunct that leaves no step.
//!
//! Conjuncts are taken from left to right. One fails if there are steps that satisfy those before it, but none
//! that satisfies it, too. Of several branches the one that comes furthest is told.

use crate::diagnostic::Span;
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::partition::formula::{binder_locals, unfold_let};
use crate::property;
use crate::report::Because;
use crate::resolve::spec::{BinaryOp, Bound, Expr, ExprKind, Level, LocalId, UnaryOp};
use crate::value::Value;

use super::logged::Logged;

/// Elements of one quantifier that are looked at.
const ELEMENTS_MAX: usize = 64;

/// Depth of a walk.
const DEPTH_MAX: usize = 64;

/// Why an action over some bound locals is not possible in the evaluator's state with the parameters of a log.
pub(super) fn explain(
    evaluator: &mut Evaluator,
    action: &Expr,
    bindings: &[(LocalId, Value)],
    params: &[(String, Logged)],
) -> Reason {
    let mut walk = Walk { evaluator, bindings: bindings.to_vec(), params };
    walk.why(&[], action, 0)
}

/// How far an action came, and what stopped it.
#[derive(Clone, Default)]
pub(super) struct Reason {
    /// Conjuncts satisfied.
    pub satisfied: usize,
    /// What stopped it, outermost first.
    pub because: Vec<Because>,
}

impl Reason {
    fn after(mut self, span: Span, note: String) -> Self {
        self.because.insert(0, Because { span, note });
        self
    }

    fn at(span: Span, note: String) -> Self {
        Self { satisfied: 0, because: vec![Because { span, note }] }
    }
}

struct Walk<'w> {
    evaluator: &'w mut Evaluator,
    bindings: Vec<(LocalId, Value)>,
    params: &'w [(String, Logged)],
}

impl Walk<'_> {
    fn why(&mut self, before: &[Expr], expr: &Expr, depth: usize) -> Reason {
        if depth > DEPTH_MAX {
            return Reason::at(expr.span, "nothing satisfies this".to_owned());
        }
        if expr.level <= Level::State {
            return self.guard(expr);
        }
        match &*expr.kind {
            ExprKind::And(items) => self.conjuncts(before, items, depth),
            ExprKind::Binary(BinaryOp::And, a, b) => self.conjuncts(before, &[a.clone(), b.clone()], depth),
            ExprKind::Or(items) => self.disjuncts(before, &items.iter().collect::<Vec<_>>(), depth),
            ExprKind::Binary(BinaryOp::Or, a, b) => self.disjuncts(before, &[a, b], depth),
            ExprKind::Label(_, e) => self.why(before, e, depth + 1),
            ExprKind::Exists(bounds, body) => self.exists(before, bounds, body, depth),
            ExprKind::If(condition, yes, no) => match self.holds(condition) {
                Some(true) => {
                    let reason = self.why(before, yes, depth + 1);
                    reason.after(condition.span, "this condition is true".to_owned())
                }
                Some(false) => {
                    let reason = self.why(before, no, depth + 1);
                    reason.after(condition.span, "this condition is false".to_owned())
                }
                None => self.leaf(expr),
            },
            ExprKind::Let(definitions, body) => match unfold_let(definitions, body) {
                Some(flat) => self.why(before, &flat, depth + 1),
                None => self.leaf(expr),
            },
            ExprKind::Call(id, _) => {
                let spec = self.evaluator.spec().clone();
                let operator = &spec.operators[id.0 as usize];
                match unfold(&spec, expr).filter(|_| !operator.built_in_module) {
                    Some(body) => {
                        let reason = self.why(before, &body, depth + 1);
                        reason.after(expr.span, format!("{} is not possible", operator.short_name))
                    }
                    None => self.leaf(expr),
                }
            }
            _ => self.leaf(expr),
        }
    }

    /// The first of several conjuncts that leaves no step.
    fn conjuncts(&mut self, before: &[Expr], items: &[Expr], depth: usize) -> Reason {
        let mut passed = before.to_vec();
        for (place, item) in items.iter().enumerate() {
            passed.push(item.clone());
            match self.possible(&passed) {
                Ok(true) => {}
                Ok(false) => {
                    passed.pop();
                    let mut reason = self.why(&passed, item, depth + 1);
                    reason.satisfied += place;
                    return reason;
                }
                Err(message) => {
                    let mut reason = Reason::at(item.span, format!("evaluating this fails: {message}"));
                    reason.satisfied += place;
                    return reason;
                }
            }
        }
        // Each is possible, with other parameters than those of the log.
        match items.last() {
            Some(last) => self.why(&passed[..passed.len() - 1], last, depth + 1),
            None => Reason::default(),
        }
    }

    fn disjuncts(&mut self, before: &[Expr], items: &[&Expr], depth: usize) -> Reason {
        let reasons = items.iter().map(|item| self.why(before, item, depth + 1));
        furthest(reasons.collect()).unwrap_or_default()
    }

    fn exists(&mut self, before: &[Expr], bounds: &[Bound], body: &Expr, depth: usize) -> Reason {
        let locals: Vec<LocalId> = self.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = self.bindings.iter().map(|(_, v)| v.clone()).collect();
        let bound: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
        let spec = self.evaluator.spec().clone();
        let name = |local: &LocalId| spec.locals[local.0 as usize].name.as_str();
        let params = self.params;
        let wanted = |elements: &[Value]| {
            bound.iter().zip(elements).all(|(local, value)| {
                params.iter().find(|(n, _)| n == name(local)).is_none_or(|(_, logged)| logged.agrees(value))
            })
        };
        let mut kept: Vec<Vec<Value>> = Vec::new();
        let mut any = false;
        let listed = self.evaluator.each_binding(&locals, &values, bounds, &mut |_, elements| {
            any = true;
            if wanted(elements) {
                kept.push(elements.to_vec());
            }
            Ok(if kept.len() >= ELEMENTS_MAX { Flow::Stop } else { Flow::Continue })
        });
        let Some(first) = bounds.first() else { return Reason::default() };
        if let Err(fault) = listed {
            return Reason::at(first.set.span, format!("evaluating this fails: {}", fault.message));
        }
        if kept.is_empty() {
            let because = bounds.iter().filter_map(|b| {
                let shown = self.value(&b.set)?.display();
                Some(Because { span: b.set.span, note: format!("this is {shown}") })
            });
            let mut reason = Reason { satisfied: 0, because: because.collect() };
            for (name, logged) in bound.iter().filter_map(|l| params.iter().find(|(n, _)| n == name(l))) {
                if let Some(last) = reason.because.last_mut().filter(|_| any) {
                    last.note.push_str(&format!(", and the log has {name} = {logged}"));
                }
            }
            return reason;
        }
        let mut reasons = Vec::new();
        for elements in kept {
            let shown = bound.iter().zip(&elements).map(|(l, v)| format!("{} = {}", name(l), v.display()));
            let shown: Vec<String> = shown.collect();
            let outer = self.bindings.len();
            self.bindings.extend(bound.iter().copied().zip(elements));
            let reason = self.why(before, body, depth + 1);
            self.bindings.truncate(outer);
            reasons.push(reason.after(body.span, format!("for {}", shown.join(", "))));
        }
        furthest(reasons).unwrap_or_default()
    }

    fn guard(&mut self, expr: &Expr) -> Reason {
        if self.holds(expr) == Some(true) {
            return Reason { satisfied: 1, because: Vec::new() };
        }
        let bindings = self.bindings.clone();
        let mut because = vec![Because { span: expr.span, note: "this conjunct is false".to_owned() }];
        because.extend(property::explain(self.evaluator, expr, &bindings));
        Reason { satisfied: 0, because }
    }

    fn leaf(&mut self, expr: &Expr) -> Reason {
        let mut reason = Reason::at(expr.span, "no step satisfies this".to_owned());
        if let ExprKind::Binary(BinaryOp::Equal | BinaryOp::In | BinaryOp::SubsetEq, _, right) = &*expr.kind
            && let Some(value) = self.value(right)
        {
            reason.because.push(Because { span: right.span, note: format!("this is {}", value.display()) });
        }
        reason
    }

    fn value(&mut self, expr: &Expr) -> Option<Value> {
        let (locals, values): (Vec<LocalId>, Vec<Value>) = self.bindings.iter().cloned().unzip();
        let prepared = self.evaluator.prepare(&locals, expr);
        self.evaluator.evaluate(&prepared, &values).ok()
    }

    fn holds(&mut self, expr: &Expr) -> Option<bool> {
        match self.value(expr) {
            Some(Value::Bool(truth)) => Some(truth),
            _ => None,
        }
    }

    /// Whether some step satisfies all of these.
    fn possible(&mut self, conjuncts: &[Expr]) -> Result<bool, String> {
        let span = conjuncts.last().map_or(Span::NONE, |e| e.span);
        let all = Expr { kind: Box::new(ExprKind::And(conjuncts.to_vec())), span, level: Level::Action };
        let kind = Box::new(ExprKind::Unary(UnaryOp::Enabled, all));
        let enabled = Expr { kind, span, level: Level::State };
        let (locals, values): (Vec<LocalId>, Vec<Value>) = self.bindings.iter().cloned().unzip();
        let prepared = self.evaluator.prepare(&locals, &enabled);
        self.evaluator.holds(&prepared, &values).map_err(|fault| fault.message)
    }
}

fn furthest(reasons: Vec<Reason>) -> Option<Reason> {
    // Of equals the first, not the last.
    reasons.into_iter().rev().max_by_key(|reason| reason.satisfied)
}
