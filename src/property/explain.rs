//! Why a formula is false: down through conjunctions, definitions and quantifiers to what decides.

use crate::diagnostic::Span;
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::partition::formula::{binder_locals, unfold_let};
use crate::report::Because;
use crate::resolve::spec::{Argument, BinaryOp, Bound, Expr, ExprKind, LocalId, OperatorBody, SUBSTITUTED, UnaryOp};
use crate::value::{self, Value};

/// Links of a chain shown at most.
const LINKS_MAX: usize = 24;

/// The reason why a formula over some bound locals is false in the evaluator's state (or step).
pub fn explain(evaluator: &mut Evaluator, formula: &Expr, bindings: &[(LocalId, Value)]) -> Vec<Because> {
    let mut walk = Walk { evaluator, bindings: bindings.to_vec(), because: Vec::new() };
    walk.why(formula, false);
    walk.because
}

struct Walk<'e> {
    evaluator: &'e mut Evaluator,
    bindings: Vec<(LocalId, Value)>,
    because: Vec<Because>,
}

impl Walk<'_> {
    fn say(&mut self, span: Span, note: String) {
        if self.because.len() < LINKS_MAX && !self.because.iter().any(|b| b.span == span && b.note == note) {
            self.because.push(Because { span, note });
        }
    }

    fn value(&mut self, expr: &Expr) -> Option<Value> {
        let locals: Vec<LocalId> = self.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = self.bindings.iter().map(|(_, v)| v.clone()).collect();
        let prepared = self.evaluator.prepare(&locals, expr);
        self.evaluator.evaluate(&prepared, &values).ok()
    }

    fn holds(&mut self, expr: &Expr) -> Option<bool> {
        match self.value(expr) {
            Some(Value::Bool(b)) => Some(b),
            _ => None,
        }
    }

    /// Explains why the formula is `truth`.
    fn why(&mut self, formula: &Expr, truth: bool) {
        if self.because.len() >= LINKS_MAX {
            return;
        }
        match &*formula.kind {
            ExprKind::Label(name, e) if name.starts_with(SUBSTITUTED) => self.why(e, truth),
            ExprKind::Label(name, e) => {
                self.say(formula.span, format!("{name} is {}", word(truth)));
                self.why(e, truth);
            }
            ExprKind::And(items) => self.junction(items.iter().collect(), truth, true),
            ExprKind::Or(items) => self.junction(items.iter().collect(), truth, false),
            ExprKind::Binary(BinaryOp::And, a, b) => self.junction(vec![a, b], truth, true),
            ExprKind::Binary(BinaryOp::Or, a, b) => self.junction(vec![a, b], truth, false),
            ExprKind::Binary(BinaryOp::Implies, a, b) if !truth => {
                self.why(a, true);
                self.why(b, false);
            }
            ExprKind::Unary(UnaryOp::Not, e) => self.why(e, !truth),
            ExprKind::Call(..) => self.call(formula, truth),
            ExprKind::Forall(bounds, body) if !truth => self.witness(bounds, body, false),
            ExprKind::Exists(bounds, body) if truth => self.witness(bounds, body, true),
            ExprKind::Exists(bounds, _) => {
                let sets: Vec<String> = bounds.iter().filter_map(|b| self.value(&b.set)).map(|v| v.display()).collect();
                self.say(formula.span, format!("no element of {} satisfies this", sets.join(" and ")));
            }
            ExprKind::If(c, a, b) => match self.holds(c) {
                Some(true) => self.why(a, truth),
                Some(false) => self.why(b, truth),
                None => self.leaf(formula, truth),
            },
            ExprKind::Let(definitions, body) => match unfold_let(definitions, body) {
                Some(flat) => self.why(&flat, truth),
                None => self.leaf(formula, truth),
            },
            ExprKind::SquareAction(a, v) if !truth => {
                self.say(v.span, "this changes, so the step must be one of the action".to_owned());
                self.why(a, false);
            }
            _ => self.leaf(formula, truth),
        }
    }

    /// The operand that decides; all of them when all are needed.
    fn junction(&mut self, items: Vec<&Expr>, truth: bool, conjunction: bool) {
        if truth == conjunction {
            items.into_iter().for_each(|item| self.why(item, truth));
            return;
        }
        for item in items {
            if self.holds(item) == Some(truth) {
                let what = if conjunction { "this conjunct" } else { "this disjunct" };
                self.say(item.span, format!("{what} is {}", word(truth)));
                return self.why(item, truth);
            }
        }
    }

    fn call(&mut self, formula: &Expr, truth: bool) {
        let ExprKind::Call(id, _) = &*formula.kind else { return };
        let spec = self.evaluator.spec().clone();
        let operator = &spec.operators[id.0 as usize];
        let native = operator.built_in_module;
        match (&operator.body, unfold(&spec, formula)) {
            (OperatorBody::Expr(_), Some(body)) if !native => {
                self.say(formula.span, format!("{} is {}", operator.name, word(truth)));
                self.why(&body, truth);
            }
            _ => self.leaf(formula, truth),
        }
    }

    /// The first element for which the body is `truth`.
    fn witness(&mut self, bounds: &[Bound], body: &Expr, truth: bool) {
        let locals: Vec<LocalId> = self.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = self.bindings.iter().map(|(_, v)| v.clone()).collect();
        let bound: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
        let all: Vec<LocalId> = locals.iter().chain(&bound).copied().collect();
        let prepared = self.evaluator.prepare(&all, body);
        let mut found: Option<Vec<Value>> = None;
        let searched = self.evaluator.each_binding(&locals, &values, bounds, &mut |evaluator, elements| {
            let arguments: Vec<Value> = values.iter().chain(elements).cloned().collect();
            if evaluator.holds(&prepared, &arguments)? != truth {
                return Ok(Flow::Continue);
            }
            found = Some(elements.to_vec());
            Ok(Flow::Stop)
        });
        let (Ok(_), Some(elements)) = (searched, found) else { return };
        let spec = self.evaluator.spec().clone();
        let shown: Vec<String> = bound
            .iter()
            .zip(&elements)
            .map(|(local, value)| format!("{} = {}", spec.locals[local.0 as usize].name, value.display()))
            .collect();
        self.say(body.span, format!("for {}", shown.join(", ")));
        let outer = self.bindings.len();
        self.bindings.extend(bound.into_iter().zip(elements));
        self.why(body, truth);
        self.bindings.truncate(outer);
    }

    /// Nothing to go down into: the values of the operands.
    fn leaf(&mut self, formula: &Expr, truth: bool) {
        self.say(formula.span, format!("this is {}", word(truth)));
        if let ExprKind::Binary(BinaryOp::SubsetEq, a, b) = &*formula.kind
            && !truth
        {
            return self.not_subset(a, b);
        }
        let operands: Vec<&Expr> = match &*formula.kind {
            ExprKind::Binary(_, a, b) => vec![a, b],
            ExprKind::Call(_, arguments) => arguments
                .iter()
                .filter_map(|a| match a {
                    Argument::Expr(e) => Some(e),
                    Argument::Operator(_) => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for operand in operands {
            if is_literal(operand) {
                continue;
            }
            if let Some(value) = self.value(operand) {
                self.say(operand.span, format!("this is {}", value.display()));
            }
        }
    }

    fn not_subset(&mut self, a: &Expr, b: &Expr) {
        let (Some(left), Some(right)) = (self.value(a), self.value(b)) else { return };
        let Ok(mut elements) = value::elements(self.evaluator, &left) else { return };
        while let Ok(Some(element)) = elements.next(self.evaluator) {
            if let Ok(false) = value::member(self.evaluator, &element, &right) {
                return self
                    .say(a.span, format!("{} is an element of this but not of the right side", element.display()));
            }
        }
    }
}

fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(&*expr.kind, ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::String(_))
}
