//! `ENABLED <<A>>_v` of a fairness condition.
//!
//! In an instantiated module, ENABLED asks whether values for the primed variables *of that module* exist. Where
//! such a variable is replaced by an expression, priming the expression would ask something else (and something that
//! cannot be evaluated: its variables have no next values). So the action is unfolded, and each
//! replaced variable that is primed becomes a variable of its own, which the evaluator binds as any other.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Span;
use crate::eval::unfold;
use crate::eval::{Evaluator, rewrite, subexpressions};
use crate::partition::formula::unfold_let;
use crate::resolve::spec::{
    Argument, BinaryOp, ENABLED_IN, Expr, ExprKind, Level, OperatorBody, OperatorId, SUBSTITUTED, Spec, UnaryOp,
    VariableId,
};

/// Replaced variables of one instance at most.
pub(super) const EXTRA_VARIABLES: usize = 64;

/// `<<A>>_v`.
pub(super) fn taken(action: &Expr, subscript: &Expr, span: Span) -> Expr {
    let kind = Box::new(ExprKind::AngleAction(action.clone(), subscript.clone()));
    Expr { kind, span, level: Level::Action }
}

/// `ENABLED <<A>>_v`; the evaluator is made ready for it. Also tells whether it is about variables that are replaced,
/// so that it may be true where no step of the specification is an A step.
pub(super) fn enabled(evaluator: &mut Evaluator, action: &Expr, subscript: &Expr, span: Span) -> (Expr, bool) {
    let spec = evaluator.spec().clone();
    let mut angle = taken(action, subscript, span);
    let mut replaced = false;
    if let ExprKind::Label(label, inner) = &*action.kind
        && let Some(instance) = label.strip_prefix(ENABLED_IN)
    {
        let marker = format!("{SUBSTITUTED}{instance} ");
        let mut unfolding = Unfolding { spec: &spec, marker, variables: Vec::new(), mentions: HashMap::new() };
        if unfolding.mentions(inner) || unfolding.mentions(subscript) {
            replaced = true;
            let unchanged = unfolding.unchanged(subscript);
            let unfolded = action_of(ExprKind::And(vec![unfolding.action(inner), not(unchanged)]), span);
            if unfolding.variables.len() <= EXTRA_VARIABLES {
                angle = unfolded;
            }
            evaluator.allow_variables(EXTRA_VARIABLES);
        }
    }
    (Expr { kind: Box::new(ExprKind::Unary(UnaryOp::Enabled, angle)), span, level: Level::State }, replaced)
}

fn action_of(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), span, level: Level::Action }
}

fn not(e: Expr) -> Expr {
    let span = e.span;
    action_of(ExprKind::Unary(UnaryOp::Not, e), span)
}

struct Unfolding<'s> {
    spec: &'s Spec,
    /// Begins the labels of expressions that replace variables of the instance.
    marker: String,
    /// What has become a variable, by its label.
    variables: Vec<String>,
    /// Whether an operator mentions something replaced.
    mentions: HashMap<OperatorId, bool>,
}

impl Unfolding<'_> {
    /// True if a replaced variable is in an expression or in what it calls.
    fn mentions(&mut self, expr: &Expr) -> bool {
        let mut found = false;
        let mut called = Vec::new();
        look(expr, &self.marker, &mut found, &mut called);
        found || called.into_iter().any(|id| self.operator_mentions(id))
    }

    fn operator_mentions(&mut self, root: OperatorId) -> bool {
        if let Some(known) = self.mentions.get(&root) {
            return *known;
        }
        let (mut seen, mut pending, mut found) = (HashSet::from([root]), vec![root], false);
        while let Some(id) = pending.pop() {
            let mut called = Vec::new();
            match &self.spec.operators[id.0 as usize].body {
                OperatorBody::Expr(body) => look(body, &self.marker, &mut found, &mut called),
                OperatorBody::Alias(other) => called.push(*other),
                OperatorBody::Value(_) | OperatorBody::Table(_) => {}
            }
            pending.extend(called.into_iter().filter(|id| seen.insert(*id)));
        }
        self.mentions.insert(root, found);
        found
    }

    /// What a call or LET stands for, if what it stands for mentions something replaced, or primes an argument that
    /// does.
    fn unfolded(&mut self, expr: &Expr) -> Option<Expr> {
        match &*expr.kind {
            ExprKind::Call(id, _) => {
                let primes = self.spec.operators[id.0 as usize].level >= Level::Action;
                let opens = self.operator_mentions(*id) || (primes && self.mentions(expr));
                if opens { unfold(self.spec, expr) } else { None }
            }
            ExprKind::Let(definitions, body) if self.mentions(expr) => unfold_let(definitions, body),
            _ => None,
        }
    }

    /// An action with replaced variables as variables wherever they are primed.
    fn action(&mut self, expr: &Expr) -> Expr {
        rewrite(expr, &mut |e| {
            if let Some(body) = self.unfolded(e) {
                return Some(self.action(&body));
            }
            match &*e.kind {
                ExprKind::Unary(UnaryOp::Prime, inner) => {
                    let inner = self.own(inner);
                    Some(action_of(ExprKind::Unary(UnaryOp::Prime, inner), e.span))
                }
                ExprKind::Unary(UnaryOp::Unchanged, inner) => Some(self.unchanged(inner)),
                ExprKind::SquareAction(a, v) => {
                    let parts = vec![self.action(a), self.unchanged(v)];
                    Some(action_of(ExprKind::Or(parts), e.span))
                }
                ExprKind::AngleAction(a, v) => {
                    let parts = vec![self.action(a), not(self.unchanged(v))];
                    Some(action_of(ExprKind::And(parts), e.span))
                }
                // A condition of its own, about this state alone.
                ExprKind::Unary(UnaryOp::Enabled, _) => Some(e.clone()),
                _ => None,
            }
        })
    }

    /// A state expression with replaced variables as variables.
    fn own(&mut self, expr: &Expr) -> Expr {
        rewrite(expr, &mut |e| {
            if let Some(body) = self.unfolded(e) {
                return Some(self.own(&body));
            }
            match &*e.kind {
                ExprKind::Label(label, _) if label.starts_with(&self.marker) => Some(self.variable(label, e.span)),
                _ => None,
            }
        })
    }

    fn variable(&mut self, label: &str, span: Span) -> Expr {
        let number = self.variables.iter().position(|known| known == label).unwrap_or_else(|| {
            self.variables.push(label.to_owned());
            self.variables.len() - 1
        });
        let id = VariableId((self.spec.variables.len() + number) as u32);
        Expr { kind: Box::new(ExprKind::Variable(id)), span, level: Level::State }
    }

    /// `UNCHANGED e`, component by component.
    fn unchanged(&mut self, expr: &Expr) -> Expr {
        if !self.mentions(expr) {
            return action_of(ExprKind::Unary(UnaryOp::Unchanged, expr.clone()), expr.span);
        }
        if let Some(body) = self.unfolded(expr) {
            return self.unchanged(&body);
        }
        if let ExprKind::Tuple(items) = &*expr.kind {
            let parts = items.iter().map(|item| self.unchanged(item)).collect();
            return action_of(ExprKind::And(parts), expr.span);
        }
        let primed = action_of(ExprKind::Unary(UnaryOp::Prime, self.own(expr)), expr.span);
        action_of(ExprKind::Binary(BinaryOp::Equal, primed, expr.clone()), expr.span)
    }
}

/// Notes whether a marked expression is in another, and what is called.
fn look(expr: &Expr, marker: &str, found: &mut bool, called: &mut Vec<OperatorId>) {
    match &*expr.kind {
        ExprKind::Label(label, _) if label.starts_with(marker) => *found = true,
        ExprKind::Call(id, arguments) => {
            called.push(*id);
            for argument in arguments {
                if let Argument::Operator(crate::resolve::spec::OperatorRef::Defined(id)) = argument {
                    called.push(*id);
                }
            }
        }
        _ => {}
    }
    subexpressions(expr, &mut |child| look(child, marker, found, called));
}
