//! Which branches a step takes: disjuncts, arms of IF and CASE, inside of actions.
//!
//! A formula is walked with a step at hand: of a disjunction every disjunct that holds counts, of IF and CASE the arm
//! that applies, of `\E` the elements that satisfy the body.

use std::collections::BTreeSet;

use crate::diagnostic::Span;
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::partition::formula::{binder_locals, unfold_let};
use crate::resolve::spec::{BinaryOp, Bound, Expr, ExprKind, Level, LocalId, Spec};
use crate::value::Value;

/// Depth of a walk.
const DEPTH_MAX: usize = 48;

/// Elements of one quantifier looked at.
const ELEMENTS_MAX: usize = 256;

/// All branches of a formula that a step could take.
pub fn all(spec: &Spec, formula: &Expr, into: &mut BTreeSet<Span>) {
    all_below(spec, formula, into, 0);
}

fn all_below(spec: &Spec, formula: &Expr, into: &mut BTreeSet<Span>, depth: usize) {
    if depth > DEPTH_MAX || formula.level < Level::Action {
        return;
    }
    let branch = |e: &Expr, into: &mut BTreeSet<Span>| {
        into.insert(e.span);
        all_below(spec, e, into, depth + 1);
    };
    match &*formula.kind {
        ExprKind::Or(items) => items.iter().for_each(|e| branch(e, into)),
        ExprKind::Binary(BinaryOp::Or, a, b) => [a, b].into_iter().for_each(|e| branch(e, into)),
        ExprKind::If(_, a, b) => [a, b].into_iter().for_each(|e| branch(e, into)),
        ExprKind::Case(arms, other) => {
            arms.iter().map(|(_, arm)| arm).chain(other).for_each(|e| branch(e, into));
        }
        ExprKind::And(items) => items.iter().for_each(|e| all_below(spec, e, into, depth + 1)),
        ExprKind::Binary(BinaryOp::And, a, b) => {
            [a, b].into_iter().for_each(|e| all_below(spec, e, into, depth + 1));
        }
        ExprKind::Label(_, e) | ExprKind::Exists(_, e) => all_below(spec, e, into, depth + 1),
        ExprKind::Let(definitions, body) => {
            if let Some(flat) = unfold_let(definitions, body) {
                all_below(spec, &flat, into, depth + 1);
            }
        }
        ExprKind::Call(id, _) if !spec.operators[id.0 as usize].built_in_module => {
            if let Some(body) = unfold(spec, formula) {
                all_below(spec, &body, into, depth + 1);
            }
        }
        _ => {}
    }
}

/// The branches that the evaluator's step takes in a formula that it satisfies.
pub fn taken(evaluator: &mut Evaluator, formula: &Expr, bindings: &[(LocalId, Value)], into: &mut BTreeSet<Span>) {
    Walk { evaluator, bindings: bindings.to_vec() }.walk(formula, into, 0);
}

struct Walk<'e> {
    evaluator: &'e mut Evaluator,
    bindings: Vec<(LocalId, Value)>,
}

impl Walk<'_> {
    fn walk(&mut self, formula: &Expr, into: &mut BTreeSet<Span>, depth: usize) {
        if depth > DEPTH_MAX || formula.level < Level::Action {
            return;
        }
        match &*formula.kind {
            ExprKind::Or(items) => items.iter().for_each(|e| self.disjunct(e, into, depth)),
            ExprKind::Binary(BinaryOp::Or, a, b) => [a, b].into_iter().for_each(|e| self.disjunct(e, into, depth)),
            ExprKind::If(condition, a, b) => match self.holds(condition) {
                Some(true) => self.branch(a, into, depth),
                Some(false) => self.branch(b, into, depth),
                None => {}
            },
            ExprKind::Case(arms, other) => {
                let arm = arms.iter().find(|(guard, _)| self.holds(guard) == Some(true)).map(|(_, arm)| arm);
                if let Some(arm) = arm.or(other.as_ref()) {
                    self.branch(arm, into, depth);
                }
            }
            ExprKind::And(items) => items.iter().for_each(|e| self.walk(e, into, depth + 1)),
            ExprKind::Binary(BinaryOp::And, a, b) => [a, b].into_iter().for_each(|e| self.walk(e, into, depth + 1)),
            ExprKind::Label(_, e) => self.walk(e, into, depth + 1),
            ExprKind::Exists(bounds, body) => self.exists(bounds, body, into, depth),
            ExprKind::Let(definitions, body) => {
                if let Some(flat) = unfold_let(definitions, body) {
                    self.walk(&flat, into, depth + 1);
                }
            }
            ExprKind::Call(id, _) => {
                let spec = self.evaluator.spec().clone();
                if !spec.operators[id.0 as usize].built_in_module
                    && let Some(body) = unfold(&spec, formula)
                {
                    self.walk(&body, into, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn branch(&mut self, branch: &Expr, into: &mut BTreeSet<Span>, depth: usize) {
        into.insert(branch.span);
        self.walk(branch, into, depth + 1);
    }

    fn disjunct(&mut self, disjunct: &Expr, into: &mut BTreeSet<Span>, depth: usize) {
        if self.holds(disjunct) == Some(true) {
            self.branch(disjunct, into, depth);
        }
    }

    fn exists(&mut self, bounds: &[Bound], body: &Expr, into: &mut BTreeSet<Span>, depth: usize) {
        let (locals, values): (Vec<LocalId>, Vec<Value>) = self.bindings.iter().cloned().unzip();
        let bound: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
        let mut elements: Vec<Vec<Value>> = Vec::new();
        let _ = self.evaluator.each_binding(&locals, &values, bounds, &mut |_, found| {
            elements.push(found.to_vec());
            Ok(if elements.len() >= ELEMENTS_MAX { Flow::Stop } else { Flow::Continue })
        });
        for element in elements {
            let outer = self.bindings.len();
            self.bindings.extend(bound.iter().copied().zip(element));
            if self.holds(body) == Some(true) {
                self.walk(body, into, depth + 1);
            }
            self.bindings.truncate(outer);
        }
    }

    fn holds(&mut self, formula: &Expr) -> Option<bool> {
        let (locals, values): (Vec<LocalId>, Vec<Value>) = self.bindings.iter().cloned().unzip();
        let prepared = self.evaluator.prepare(&locals, formula);
        self.evaluator.holds(&prepared, &values).ok()
    }
}
