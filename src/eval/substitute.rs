//! Replacing locals by expressions: operators whose parameters are primed are unfolded before they are
//! lowered, so that `Op(x)` with `Op(a) == a' = 1` assigns `x'`.

use std::collections::HashMap;

use crate::resolve::spec::{
    Argument, Bound, Expr, ExprKind, LetDefinition, Level, LocalId, OperatorRef, PathStep, Update,
};

/// What replaces locals.
pub(crate) type Replacements = HashMap<LocalId, Argument>;

/// The expression with locals replaced; levels rise with what is put in.
pub(crate) fn substitute(expr: &Expr, with: &Replacements) -> Expr {
    let mut substitution = Substitution { with, rewrite: &mut |_| None, level: Level::Constant };
    substitution.expr(expr)
}

/// The expression with subexpressions rewritten, outermost first, where `rewrite` gives something else.
pub(crate) fn rewrite(expr: &Expr, rewrite: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
    let mut substitution = Substitution { with: &Replacements::new(), rewrite, level: Level::Constant };
    substitution.expr(expr)
}

struct Substitution<'r> {
    with: &'r Replacements,
    rewrite: &'r mut dyn FnMut(&Expr) -> Option<Expr>,
    /// Highest level put in below the expression at hand.
    level: Level,
}

impl Substitution<'_> {
    fn expr(&mut self, expr: &Expr) -> Expr {
        if let Some(rewritten) = (self.rewrite)(expr) {
            self.level = self.level.max(rewritten.level);
            return rewritten;
        }
        let outer = std::mem::take(&mut self.level);
        let result = match &*expr.kind {
            ExprKind::Local(local) => match self.with.get(local) {
                Some(Argument::Expr(replacement)) => {
                    self.level = replacement.level;
                    replacement.clone()
                }
                _ => expr.clone(),
            },
            _ => {
                let kind = self.kind(&expr.kind);
                Expr { kind: Box::new(kind), span: expr.span, level: expr.level.max(self.level) }
            }
        };
        self.level = self.level.max(outer);
        result
    }

    fn all(&mut self, exprs: &[Expr]) -> Vec<Expr> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn kind(&mut self, kind: &ExprKind) -> ExprKind {
        use ExprKind as K;
        match kind {
            K::Bool(_)
            | K::Int(_)
            | K::String(_)
            | K::Decimal(_)
            | K::BooleanSet
            | K::StringSet
            | K::Local(_)
            | K::Variable(_)
            | K::Constant(_) => kind.clone(),
            K::Call(operator, arguments) => K::Call(*operator, self.arguments(arguments)),
            K::CallConstant(constant, arguments) => K::CallConstant(*constant, self.arguments(arguments)),
            K::CallLocal(local, arguments) => self.call_local(*local, arguments),
            K::Unary(op, a) => K::Unary(*op, self.expr(a)),
            K::Field(a, name) => K::Field(self.expr(a), *name),
            K::Label(name, a) => K::Label(name.clone(), self.expr(a)),
            K::Binary(op, a, b) => K::Binary(*op, self.expr(a), self.expr(b)),
            K::Apply(a, b) => K::Apply(self.expr(a), self.expr(b)),
            K::FunctionSet(a, b) => K::FunctionSet(self.expr(a), self.expr(b)),
            K::SquareAction(a, b) => K::SquareAction(self.expr(a), self.expr(b)),
            K::AngleAction(a, b) => K::AngleAction(self.expr(a), self.expr(b)),
            K::WeakFairness(a, b) => K::WeakFairness(self.expr(a), self.expr(b)),
            K::StrongFairness(a, b) => K::StrongFairness(self.expr(a), self.expr(b)),
            K::And(items) => K::And(self.all(items)),
            K::Or(items) => K::Or(self.all(items)),
            K::Product(items) => K::Product(self.all(items)),
            K::Tuple(items) => K::Tuple(self.all(items)),
            K::SetEnumeration(items) => K::SetEnumeration(self.all(items)),
            K::SetFilter(bound, body) => K::SetFilter(self.bound(bound), self.expr(body)),
            K::Choose(bound, body) => K::Choose(self.bound(bound), self.expr(body)),
            K::SetMap(body, bounds) => {
                let bounds = self.bounds(bounds);
                K::SetMap(self.expr(body), bounds)
            }
            K::Forall(bounds, body) => K::Forall(self.bounds(bounds), self.expr(body)),
            K::Exists(bounds, body) => K::Exists(self.bounds(bounds), self.expr(body)),
            K::Function { recursive, bounds, body } => {
                K::Function { recursive: *recursive, bounds: self.bounds(bounds), body: self.expr(body) }
            }
            K::Record(fields) => K::Record(fields.iter().map(|(n, e)| (*n, self.expr(e))).collect()),
            K::RecordSet(fields) => K::RecordSet(fields.iter().map(|(n, e)| (*n, self.expr(e))).collect()),
            K::Except(base, updates) => K::Except(self.expr(base), updates.iter().map(|u| self.update(u)).collect()),
            K::Unbounded(locals, body) => K::Unbounded(locals.clone(), self.expr(body)),
            K::TemporalQuantifier(locals, body) => K::TemporalQuantifier(locals.clone(), self.expr(body)),
            K::ChooseUnbounded(binder, body) => K::ChooseUnbounded(binder.clone(), self.expr(body)),
            K::If(a, b, c) => K::If(self.expr(a), self.expr(b), self.expr(c)),
            K::Case(arms, other) => K::Case(
                arms.iter().map(|(p, e)| (self.expr(p), self.expr(e))).collect(),
                other.as_ref().map(|e| self.expr(e)),
            ),
            K::Let(definitions, body) => {
                K::Let(definitions.iter().map(|d| self.definition(d)).collect(), self.expr(body))
            }
        }
    }

    fn call_local(&mut self, local: LocalId, arguments: &[Argument]) -> ExprKind {
        let arguments = self.arguments(arguments);
        match self.with.get(&local) {
            Some(Argument::Operator(operator)) => apply_operator(operator, arguments),
            _ => ExprKind::CallLocal(local, arguments),
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) -> Vec<Argument> {
        arguments
            .iter()
            .map(|argument| match argument {
                Argument::Expr(e) => Argument::Expr(self.expr(e)),
                Argument::Operator(operator) => Argument::Operator(self.operator(operator)),
            })
            .collect()
    }

    fn operator(&mut self, operator: &OperatorRef) -> OperatorRef {
        match operator {
            OperatorRef::Local(local) => match self.with.get(local) {
                Some(Argument::Operator(replacement)) => replacement.clone(),
                _ => operator.clone(),
            },
            OperatorRef::Partial(id, given) => OperatorRef::Partial(*id, self.arguments(given)),
            OperatorRef::Lambda(parameters, body) => OperatorRef::Lambda(parameters.clone(), self.expr(body)),
            _ => operator.clone(),
        }
    }

    fn bound(&mut self, bound: &Bound) -> Bound {
        Bound { binder: bound.binder.clone(), set: self.expr(&bound.set) }
    }

    fn bounds(&mut self, bounds: &[Bound]) -> Vec<Bound> {
        bounds.iter().map(|b| self.bound(b)).collect()
    }

    fn update(&mut self, update: &Update) -> Update {
        let path = update
            .path
            .iter()
            .map(|step| match step {
                PathStep::Index(e) => PathStep::Index(self.expr(e)),
                PathStep::Field(name) => PathStep::Field(*name),
            })
            .collect();
        Update { path, at: update.at, value: self.expr(&update.value), span: update.span }
    }

    fn definition(&mut self, definition: &LetDefinition) -> LetDefinition {
        LetDefinition { body: self.expr(&definition.body), ..definition.clone() }
    }
}

/// An operator given as an argument, applied.
pub(crate) fn apply_operator(operator: &OperatorRef, arguments: Vec<Argument>) -> ExprKind {
    match operator {
        OperatorRef::Defined(id) => ExprKind::Call(*id, arguments),
        OperatorRef::Partial(id, given) => ExprKind::Call(*id, given.iter().cloned().chain(arguments).collect()),
        OperatorRef::Local(local) => ExprKind::CallLocal(*local, arguments),
        OperatorRef::Constant(constant) => ExprKind::CallConstant(*constant, arguments),
        OperatorRef::Unary(op) => match <[Argument; 1]>::try_from(arguments) {
            Ok([Argument::Expr(a)]) => ExprKind::Unary(*op, a),
            _ => unreachable!("arity was checked"),
        },
        OperatorRef::Binary(op) => match <[Argument; 2]>::try_from(arguments) {
            Ok([Argument::Expr(a), Argument::Expr(b)]) => ExprKind::Binary(*op, a, b),
            _ => unreachable!("arity was checked"),
        },
        OperatorRef::Lambda(parameters, body) => {
            let with = parameters.iter().map(|p| p.local).zip(arguments).collect();
            *substitute(body, &with).kind
        }
    }
}
