//! The flat sequence of an expression's operands and operators → a tree.
//!
//! A shift-reduce loop over the precedence ranges of `operators.rs`: an operator waits on a stack until
//! its right neighbour does not bind tighter. Where the ranges of the two overlap, neither may win and
//! parentheses are asked for, as SANY does.

use super::operators::{self, Operator, Order};
use super::tree::{Expr, ExprKind, Fixity, Name};
use crate::diagnostic::{Diagnostic, Span};

/// Takes operands and operators from left to right; gives the tree.
#[derive(Default)]
pub(super) struct Precedence {
    operands: Vec<Operand>,
    waiting: Vec<Waiting>,
    /// The last thing taken was an operator.
    after_operator: bool,
}

struct Operand {
    expr: Expr,
    /// A product written without parentheses: `A \X B` may grow.
    open_product: bool,
}

struct Waiting {
    operator: &'static Operator,
    name: Name,
}

fn node(kind: ExprKind, span: Span) -> Operand {
    Operand { expr: Expr { kind: Box::new(kind), span }, open_product: false }
}

impl Precedence {
    pub(super) fn operand(&mut self, expr: Expr) {
        self.operands.push(Operand { expr, open_product: false });
        self.after_operator = false;
    }

    /// `f[a]`, `r.a`: binds to the operand just taken.
    pub(super) fn suffix(&mut self, end: Span, kind: impl FnOnce(Expr) -> ExprKind) {
        if let Some(Operand { expr, .. }) = self.operands.pop() {
            let span = expr.span.to(end);
            self.operands.push(node(kind(expr), span));
        }
    }

    pub(super) fn prefix(&mut self, name: Name, diagnostics: &mut Vec<Diagnostic>) {
        let Some(operator) = operators::find(&name.text, Fixity::Prefix) else { return };
        // `x = ~y` needs no parentheses although `~` is looser, but `x * -y` does: minus could be infix.
        if let Some(left) = self.waiting.last()
            && self.after_operator
            && name.text == "-."
            && left.operator.fixity == Fixity::Infix
            && operators::order(left.operator, operator) != Order::RightTighter
        {
            diagnostics.push(conflict(&left.name, &name));
        }
        self.waiting.push(Waiting { operator, name });
        self.after_operator = true;
    }

    pub(super) fn infix(&mut self, name: Name, diagnostics: &mut Vec<Diagnostic>) {
        let Some(operator) = operators::find(&name.text, Fixity::Infix) else { return };
        self.reduce(operator, &name, diagnostics);
        self.waiting.push(Waiting { operator, name });
        self.after_operator = true;
    }

    pub(super) fn postfix(&mut self, name: Name, diagnostics: &mut Vec<Diagnostic>) {
        let Some(operator) = operators::find(&name.text, Fixity::Postfix) else { return };
        self.reduce(operator, &name, diagnostics);
        let end = name.span;
        self.suffix(end, |operand| ExprKind::Postfix(name, operand));
    }

    /// The whole expression; `None` if nothing was taken.
    pub(super) fn finish(mut self) -> Option<Expr> {
        while let Some(waiting) = self.waiting.pop() {
            self.apply(waiting);
        }
        self.operands.pop().map(|o| o.expr)
    }

    /// Applies the waiting operators that bind tighter than the one that comes.
    fn reduce(&mut self, next: &Operator, name: &Name, diagnostics: &mut Vec<Diagnostic>) {
        while let Some(waiting) = self.waiting.last() {
            match operators::order(waiting.operator, next) {
                Order::RightTighter => return,
                Order::LeftTighter => {}
                Order::Conflict => diagnostics.push(conflict(&waiting.name, name)),
            }
            if let Some(waiting) = self.waiting.pop() {
                self.apply(waiting);
            }
        }
    }

    fn apply(&mut self, Waiting { operator, name }: Waiting) {
        let Some(right) = self.operands.pop() else { return };
        if operator.fixity == Fixity::Prefix {
            let span = name.span.to(right.expr.span);
            self.operands.push(node(ExprKind::Prefix(name, right.expr), span));
            return;
        }
        let Some(left) = self.operands.pop() else { return };
        let span = left.expr.span.to(right.expr.span);
        let applied = if operator.canonical == "\\X" {
            let mut factors = match *left.expr.kind {
                ExprKind::Product(factors) if left.open_product => factors,
                kind => vec![Expr { kind: Box::new(kind), span: left.expr.span }],
            };
            factors.push(right.expr);
            Operand { open_product: true, ..node(ExprKind::Product(factors), span) }
        } else {
            node(ExprKind::Infix(name, left.expr, right.expr), span)
        };
        self.operands.push(applied);
    }
}

fn conflict(left: &Name, right: &Name) -> Diagnostic {
    let (first, second) = (shown(left), shown(right));
    let message = if first == second {
        format!("two `{first}` in a row need parentheses")
    } else {
        format!("`{first}` and `{second}` need parentheses: neither binds tighter")
    };
    Diagnostic::error("parse", right.span, message)
        .label(left.span, "in conflict with this operator")
        .help("add parentheses to say which of the two applies first")
}

/// The operator as people write it.
fn shown(name: &Name) -> &str {
    if name.text == "-." { "-" } else { &name.text }
}
