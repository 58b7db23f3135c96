//! The part of a quantified formula that depends on the bound variable alone.
//!
//! `\E m \in msgs : m.type = "1a" /\ m.bal > maxBal[a]` does not need messages of other types: the first conjunct
//! is false for them, and nothing after it is evaluated. A *guard* is such a formula without state: elements for
//! which it is false contribute nothing to the whole, and cannot make its evaluation fail.

use crate::resolve::spec::{BinaryOp, Expr, ExprKind, Level, OperatorBody, Spec, UnaryOp};

/// Definitions looked through, one inside another.
const DEPTH_MAX: usize = 8;

/// What must be true of an element for which `\E`, a filter or CHOOSE may find its body true.
pub(crate) fn existential(spec: &Spec, body: &Expr) -> Option<Expr> {
    if_true(spec, body, DEPTH_MAX)
}

/// What must be true of an element for which `\A` may find its body false.
pub(crate) fn universal(spec: &Spec, body: &Expr) -> Option<Expr> {
    if_false(spec, body, DEPTH_MAX)
}

/// The body of a definition applied to its arguments, as text.
pub(crate) fn unfold(spec: &Spec, call: &Expr) -> Option<Expr> {
    let ExprKind::Call(id, arguments) = &*call.kind else { return None };
    let mut id = *id;
    while let OperatorBody::Alias(other) = &spec.operators[id.0 as usize].body {
        id = *other;
    }
    let operator = &spec.operators[id.0 as usize];
    match &operator.body {
        OperatorBody::Expr(body) if !operator.recursive => {
            let with = operator.parameters.iter().map(|p| p.local).zip(arguments.iter().cloned()).collect();
            Some(super::substitute(body, &with))
        }
        _ => None,
    }
}

/// True if an expression reads no state, apart from what locals stand for.
fn is_constant(spec: &Spec, expr: &Expr) -> bool {
    if expr.level == Level::Constant {
        return true;
    }
    match &*expr.kind {
        ExprKind::Local(_) => true,
        ExprKind::Variable(_) | ExprKind::CallLocal(..) | ExprKind::Let(..) => false,
        ExprKind::Call(id, _) if spec.operators[id.0 as usize].level > Level::Constant => false,
        _ => {
            let mut constant = true;
            super::subexpressions(expr, &mut |child| constant &= is_constant(spec, child));
            constant
        }
    }
}

fn constant(kind: ExprKind, like: &Expr) -> Expr {
    Expr { kind: Box::new(kind), span: like.span, level: Level::Constant }
}

fn negation(expr: &Expr) -> Expr {
    constant(ExprKind::Unary(UnaryOp::Not, expr.clone()), expr)
}

/// The items of a list of conjuncts or disjuncts.
fn items(expr: &Expr) -> Option<(bool, Vec<&Expr>)> {
    match &*expr.kind {
        ExprKind::And(items) => Some((true, items.iter().collect())),
        ExprKind::Or(items) => Some((false, items.iter().collect())),
        ExprKind::Binary(BinaryOp::And, a, b) => Some((true, vec![a, b])),
        ExprKind::Binary(BinaryOp::Or, a, b) => Some((false, vec![a, b])),
        _ => None,
    }
}

/// Guards of all items together: one of them is true.
fn any(of: Vec<Option<Expr>>, like: &Expr) -> Option<Expr> {
    let guards = of.into_iter().collect::<Option<Vec<Expr>>>()?;
    Some(constant(ExprKind::Or(guards), like))
}

fn looked_through(spec: &Spec, body: &Expr, depth: usize, of: fn(&Spec, &Expr, usize) -> Option<Expr>) -> Option<Expr> {
    match &*body.kind {
        ExprKind::Label(_, inner) => of(spec, inner, depth),
        ExprKind::Call(id, _) if depth > 0 && !spec.operators[id.0 as usize].built_in_module => {
            of(spec, &unfold(spec, body)?, depth - 1)
        }
        _ => None,
    }
}

fn if_true(spec: &Spec, body: &Expr, depth: usize) -> Option<Expr> {
    if is_constant(spec, body) {
        return Some(body.clone());
    }
    match items(body) {
        Some((true, items)) => {
            let prefix: Vec<Expr> = items.iter().take_while(|e| is_constant(spec, e)).map(|e| (*e).clone()).collect();
            match (prefix.is_empty(), items.first()) {
                (false, _) => Some(constant(ExprKind::And(prefix), body)),
                (true, Some(first)) => if_true(spec, first, depth),
                (true, None) => None,
            }
        }
        Some((false, items)) => any(items.into_iter().map(|e| if_true(spec, e, depth)).collect(), body),
        None => looked_through(spec, body, depth, if_true),
    }
}

fn if_false(spec: &Spec, body: &Expr, depth: usize) -> Option<Expr> {
    if is_constant(spec, body) {
        return Some(negation(body));
    }
    if let ExprKind::Binary(BinaryOp::Implies, a, _) = &*body.kind {
        return if_true(spec, a, depth);
    }
    match items(body) {
        Some((true, items)) => any(items.into_iter().map(|e| if_false(spec, e, depth)).collect(), body),
        Some((false, items)) => items.first().filter(|e| is_constant(spec, e)).map(|first| negation(first)),
        None => looked_through(spec, body, depth, if_false),
    }
}
