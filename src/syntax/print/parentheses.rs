//! Where printed expressions need parentheses.

use crate::syntax::operators::{self, Operator, Order};
use crate::syntax::tree::{Expr, ExprKind, Fixity, PathStep, Selector};

/// Where an operand stands.
#[derive(Clone, Copy)]
pub(super) enum Side<'o> {
    Left(&'o Operator),
    Right(&'o Operator),
    /// After a prefix operator.
    Prefixed(&'o Operator),
    /// Before `'`, `[` or `.`.
    Suffixed,
}

/// True if the expression cannot stand there without parentheses.
pub(super) fn needs_parentheses(expr: &Expr, side: Side<'_>) -> bool {
    let inner = match &*expr.kind {
        ExprKind::Infix(name, ..) => operators::find(&name.text, Fixity::Infix),
        ExprKind::Product(_) => operators::find("\\X", Fixity::Infix),
        ExprKind::Prefix(name, _) => operators::find(&name.text, Fixity::Prefix),
        ExprKind::Postfix(name, _) => {
            let postfix = operators::find(&name.text, Fixity::Postfix);
            return match (side, postfix) {
                (Side::Prefixed(outer), Some(postfix)) => operators::order(outer, postfix) != Order::RightTighter,
                _ => false,
            };
        }
        ExprKind::Number(_) | ExprKind::Decimal(..) => return matches!(side, Side::Suffixed),
        ExprKind::Path(_) => return is_bare(expr),
        ExprKind::JunctionList(..)
        | ExprKind::Lambda(..)
        | ExprKind::Quantified(..)
        | ExprKind::Choose(..)
        | ExprKind::If(..)
        | ExprKind::Case(..)
        | ExprKind::Let(..)
        | ExprKind::Label(..) => return true,
        _ => return false,
    };
    let Some(inner) = inner else { return true };
    let is_product = matches!(&*expr.kind, ExprKind::Product(_));
    match side {
        Side::Left(outer) => operators::order(inner, outer) != Order::LeftTighter || (is_product && inner == outer),
        Side::Right(outer) => operators::order(outer, inner) != Order::RightTighter,
        // `~ []P`: what ends the outer operator must end the inner one, too.
        Side::Prefixed(outer) if inner.fixity == Fixity::Prefix => inner.low < outer.low,
        Side::Prefixed(outer) => operators::order(outer, inner) != Order::RightTighter,
        Side::Suffixed => true,
    }
}

/// True for an operator symbol that stands for itself.
pub(super) fn is_bare(expr: &Expr) -> bool {
    matches!(&*expr.kind, ExprKind::Path(steps)
        if matches!(&steps[..], [PathStep { selector: Selector::Name(name), .. }] if operators::is_operator(name)))
}

pub(super) fn contains_operator(expr: &Expr) -> bool {
    matches!(&*expr.kind, ExprKind::Path(steps)
        if steps.iter().any(|s| matches!(&s.selector, Selector::Name(name) if operators::is_operator(name))))
}

/// True if the text of the expression begins with `<<`.
pub(super) fn is_angled(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Tuple(_) | ExprKind::AngleAction(..) => true,
        ExprKind::Infix(_, first, _)
        | ExprKind::Postfix(_, first)
        | ExprKind::Apply(first, _)
        | ExprKind::Field(first, _) => is_angled(first),
        ExprKind::Product(factors) => factors.first().is_some_and(is_angled),
        _ => false,
    }
}

/// True if a `->` or `[]` after the expression would be read as part of a CASE at its end.
pub(super) fn ends_in_case(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Case(..) => true,
        ExprKind::If(_, _, last)
        | ExprKind::Quantified(_, _, last)
        | ExprKind::Choose(_, last)
        | ExprKind::Let(_, last)
        | ExprKind::Label(_, _, last)
        | ExprKind::Lambda(_, last) => ends_in_case(last),
        ExprKind::JunctionList(_, items) => items.last().is_some_and(ends_in_case),
        _ => false,
    }
}
