//! Expressions: one function a form of the surface tree.

use super::builtin;
use super::elaborate::{Elaborator, LocalKind};
use super::level::{Standing, Typed};
use super::scope::Scope;
use super::spec::{
    BinaryOp, ENABLED_IN, Expr as ResolvedExpr, ExprKind as Kind, Level, LocalId, PathStep, UnaryOp, Update,
};
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{ExceptStep, ExceptUpdate, Expr, ExprKind, Junction, Name, PredefinedSet};

impl<'t> Elaborator<'t> {
    /// Resolves an expression.
    pub(super) fn expr(&mut self, tree: &'t Expr, scope: Scope) -> Typed {
        let span = tree.span;
        match &*tree.kind {
            ExprKind::Number(digits) => number(digits, span),
            ExprKind::Decimal(whole, fraction) => Typed::constant(Kind::Decimal(format!("{whole}.{fraction}")), span),
            ExprKind::String(text) => {
                let symbol = self.spec.symbols.intern(text);
                Typed::constant(Kind::String(symbol), span)
            }
            ExprKind::Boolean(value) => Typed::constant(Kind::Bool(*value), span),
            ExprKind::PredefinedSet(PredefinedSet::Boolean) => Typed::constant(Kind::BooleanSet, span),
            ExprKind::PredefinedSet(PredefinedSet::String) => Typed::constant(Kind::StringSet, span),
            ExprKind::At => self.at_sign(span),
            ExprKind::Path(steps) => self.path(steps, span, scope),
            ExprKind::Lambda(..) => self.misplaced_lambda(tree),
            ExprKind::Prefix(name, operand) | ExprKind::Postfix(name, operand) => {
                self.unary(name, operand, span, scope)
            }
            ExprKind::Infix(name, left, right) => self.infix(name, left, right, span, scope),
            ExprKind::Product(factors) => self.list(factors, Some(Level::Action), Kind::Product, span, scope),
            ExprKind::JunctionList(junction, items) => self.junction(*junction, items, span, scope),
            ExprKind::Apply(function, arguments) => self.apply_function(function, arguments, span, scope),
            ExprKind::Field(record, field) => self.field(record, field, span, scope),
            ExprKind::Tuple(parts) => self.list(parts, Some(Level::Action), Kind::Tuple, span, scope),
            ExprKind::SetEnumeration(parts) => self.list(parts, Some(Level::Action), Kind::SetEnumeration, span, scope),
            ExprKind::SetFilter(bound, body) => self.set_filter(bound, body, span, scope),
            ExprKind::SetMap(body, bounds) => self.set_map(body, bounds, span, scope),
            ExprKind::Function(bounds, body) => self.function(bounds, body, span, scope),
            ExprKind::FunctionSet(from, to) => self.pair(from, to, Kind::FunctionSet, span, scope),
            ExprKind::Record(fields) => self.record(fields, true, span, scope),
            ExprKind::RecordSet(fields) => self.record(fields, false, span, scope),
            ExprKind::Except(function, updates) => self.except(function, updates, span, scope),
            ExprKind::SquareAction(action, subscript) => {
                self.subscripted(action, subscript, Level::Action, span, scope, Kind::SquareAction)
            }
            ExprKind::AngleAction(action, subscript) => {
                self.subscripted(action, subscript, Level::Action, span, scope, Kind::AngleAction)
            }
            ExprKind::WeakFairness(subscript, action) => {
                self.subscripted(action, subscript, Level::Temporal, span, scope, |a, s| Kind::WeakFairness(s, a))
            }
            ExprKind::StrongFairness(subscript, action) => {
                self.subscripted(action, subscript, Level::Temporal, span, scope, |a, s| Kind::StrongFairness(s, a))
            }
            ExprKind::Quantified(quantifier, bounds, body) => self.quantified(*quantifier, bounds, body, span, scope),
            ExprKind::Choose(bound, body) => self.choose(bound, body, span, scope),
            ExprKind::If(condition, yes, no) => self.conditional(condition, yes, no, span, scope),
            ExprKind::Case(arms, other) => self.case(arms, other.as_ref(), span, scope),
            ExprKind::Let(units, body) => self.let_in(units, body, span, scope),
            ExprKind::Label(name, parameters, body) => self.label(name, parameters, body, span, scope),
        }
    }

    fn at_sign(&mut self, span: Span) -> Typed {
        let Some((local, _)) = self.at.last() else {
            let message = "`@` has a meaning only on the right-hand side of an EXCEPT";
            self.report(Diagnostic::error("4261", span, message));
            return Typed::broken(span);
        };
        let local = self.refer(*local);
        let standing = self.locals[local.0 as usize].standing.clone();
        Typed::new(Kind::Local(local), span, standing)
    }

    fn misplaced_lambda(&mut self, tree: &'t Expr) -> Typed {
        self.report(Diagnostic::error("4275", tree.span, "a LAMBDA can stand only where an operator is expected"));
        Typed::broken(tree.span)
    }

    fn unary(&mut self, name: &'t Name, operand: &'t Expr, span: Span, scope: Scope) -> Typed {
        let Some(op) = builtin::unary(&name.text) else {
            return self.symbol(name, &[operand], span, scope);
        };
        let operand = self.expr(operand, scope);
        let standing = self.apply_rule(builtin::unary_rule(op), &[&operand], &name.text);
        if matches!(op, UnaryOp::Always | UnaryOp::Eventually) {
            self.check_unary_temporal(op, &operand, span);
        }
        Typed::new(Kind::Unary(op, operand.expr), span, standing)
    }

    fn infix(&mut self, name: &'t Name, left: &'t Expr, right: &'t Expr, span: Span, scope: Scope) -> Typed {
        let Some(op) = builtin::binary(&name.text) else {
            return self.symbol(name, &[left, right], span, scope);
        };
        let left = self.expr(left, scope);
        let right = self.expr(right, scope);
        let standing = self.apply_rule(builtin::binary_rule(op), &[&left, &right], &name.text);
        self.check_binary_temporal(op, [&left, &right], span);
        Typed::new(Kind::Binary(op, left.expr, right.expr), span, standing)
    }

    /// Operands that are all treated alike.
    fn list(
        &mut self,
        parts: &'t [Expr],
        limit: Option<Level>,
        make: impl FnOnce(Vec<ResolvedExpr>) -> Kind,
        span: Span,
        scope: Scope,
    ) -> Typed {
        let mut standing = Standing::default();
        let mut resolved = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.expr(part, scope);
            if let Some(limit) = limit {
                self.limit(&part, limit, "a part of a value");
            }
            standing.absorb(&part.standing);
            resolved.push(part.expr);
        }
        Typed::new(make(resolved), span, standing)
    }

    fn pair(
        &mut self,
        left: &'t Expr,
        right: &'t Expr,
        make: impl FnOnce(ResolvedExpr, ResolvedExpr) -> Kind,
        span: Span,
        scope: Scope,
    ) -> Typed {
        let left = self.expr(left, scope);
        let right = self.expr(right, scope);
        for part in [&left, &right] {
            self.limit(part, Level::Action, "a part of a value");
        }
        let standing = Standing::join([&left.standing, &right.standing]);
        Typed::new(make(left.expr, right.expr), span, standing)
    }

    fn junction(&mut self, junction: Junction, items: &'t [Expr], span: Span, scope: Scope) -> Typed {
        let items: Vec<Typed> = items.iter().map(|item| self.expr(item, scope)).collect();
        self.check_mixture(&items.iter().collect::<Vec<_>>(), span);
        let standing = Standing::join(items.iter().map(|item| &item.standing));
        let items = items.into_iter().map(|item| item.expr).collect();
        let kind = match junction {
            Junction::And => Kind::And(items),
            Junction::Or => Kind::Or(items),
        };
        Typed::new(kind, span, standing)
    }

    fn apply_function(&mut self, function: &'t Expr, arguments: &'t [Expr], span: Span, scope: Scope) -> Typed {
        let function = self.expr(function, scope);
        let expected = match &*function.expr.kind {
            Kind::Call(id, _) => self.operators[id.0 as usize].function,
            Kind::Local(local) => self.locals[local.0 as usize].function,
            _ => None,
        };
        if let Some(expected) = expected
            && arguments.len() > 1
            && arguments.len() != expected
        {
            let message = format!("this function takes {expected} argument(s), but {} are given", arguments.len());
            self.report(Diagnostic::error("4260", span, message));
        }
        self.limit(&function, Level::Action, "a function");
        let argument = self.index(arguments, scope);
        let standing = Standing::join([&function.standing, &argument.standing]);
        Typed::new(Kind::Apply(function.expr, argument.expr), span, standing)
    }

    /// `[e]`, and `[a, b]` as a tuple.
    fn index(&mut self, arguments: &'t [Expr], scope: Scope) -> Typed {
        if let [argument] = arguments {
            let argument = self.expr(argument, scope);
            self.limit(&argument, Level::Action, "an argument of a function");
            return argument;
        }
        let span = match arguments {
            [first, .., last] => first.span.to(last.span),
            _ => Span::NONE,
        };
        self.list(arguments, Some(Level::Action), Kind::Tuple, span, scope)
    }

    fn field(&mut self, record: &'t Expr, field: &'t Name, span: Span, scope: Scope) -> Typed {
        let record = self.expr(record, scope);
        self.limit(&record, Level::Action, "a record");
        let symbol = self.spec.symbols.intern(&field.text);
        Typed::new(Kind::Field(record.expr, symbol), span, record.standing)
    }

    fn record(&mut self, fields: &'t [(Name, Expr)], values: bool, span: Span, scope: Scope) -> Typed {
        let mut standing = Standing::default();
        let mut resolved = Vec::with_capacity(fields.len());
        for (place, (name, value)) in fields.iter().enumerate() {
            if let Some((first, _)) = fields[..place].iter().find(|(other, _)| other.text == name.text) {
                self.report(
                    Diagnostic::error("4262", name.span, format!("the field `{}` is given twice", name.text))
                        .label(first.span, "first here"),
                );
            }
            let value = self.expr(value, scope);
            self.limit(&value, Level::Action, "a part of a value");
            standing.absorb(&value.standing);
            resolved.push((self.spec.symbols.intern(&name.text), value.expr));
        }
        let kind = if values { Kind::Record(resolved) } else { Kind::RecordSet(resolved) };
        Typed::new(kind, span, standing)
    }

    fn except(&mut self, function: &'t Expr, updates: &'t [ExceptUpdate], span: Span, scope: Scope) -> Typed {
        let function = self.expr(function, scope);
        self.limit(&function, Level::Action, "a function");
        let mut standing = function.standing.clone();
        let mut resolved = Vec::with_capacity(updates.len());
        for update in updates {
            let mut path = Vec::with_capacity(update.path.len());
            for step in &update.path {
                path.push(match step {
                    ExceptStep::Index(arguments) => {
                        let index = self.index(arguments, scope);
                        standing.absorb(&index.standing);
                        PathStep::Index(index.expr)
                    }
                    ExceptStep::Field(name) => PathStep::Field(self.spec.symbols.intern(&name.text)),
                });
            }
            let at = self.local("@", update.span, LocalKind::Bound, 0);
            self.locals[at.0 as usize].standing = function.standing.clone();
            self.at.push((at, function.standing.clone()));
            let value = self.expr(&update.value, scope);
            self.at.pop();
            self.limit(&value, Level::Action, "a part of a value");
            standing.absorb(&value.standing);
            let mut value = value.expr;
            if resolved.is_empty() {
                read_through_at(&mut value, &function.expr, &path, at);
            }
            resolved.push(Update { path, at, value, span: update.span });
        }
        Typed::new(Kind::Except(function.expr, resolved), span, standing)
    }

    fn subscripted(
        &mut self,
        action: &'t Expr,
        subscript: &'t Expr,
        result: Level,
        span: Span,
        scope: Scope,
        make: impl FnOnce(ResolvedExpr, ResolvedExpr) -> Kind,
    ) -> Typed {
        let action = self.expr(action, scope);
        let subscript = self.expr(subscript, scope);
        self.limit(&action, Level::Action, "the action of a subscripted formula");
        self.limit(&subscript, Level::State, "the subscript of an action");
        self.non_leibniz(&action.standing);
        self.non_leibniz(&subscript.standing);
        let mut action = action.expr;
        if result == Level::Temporal && self.current_world().substitution.is_some() {
            // ENABLED <<A>>_v is about the variables of this module, whatever replaces them.
            let (span, level) = (action.span, action.level);
            let label = format!("{ENABLED_IN}{}", self.context.world.0);
            action = ResolvedExpr { kind: Box::new(Kind::Label(label, action)), span, level };
        }
        Typed::new(make(action, subscript.expr), span, Standing::of(result))
    }

    fn conditional(&mut self, condition: &'t Expr, yes: &'t Expr, no: &'t Expr, span: Span, scope: Scope) -> Typed {
        let condition = self.expr(condition, scope);
        let yes = self.expr(yes, scope);
        let no = self.expr(no, scope);
        let standing = Standing::join([&condition.standing, &yes.standing, &no.standing]);
        Typed::new(Kind::If(condition.expr, yes.expr, no.expr), span, standing)
    }

    fn case(&mut self, arms: &'t [(Expr, Expr)], other: Option<&'t Expr>, span: Span, scope: Scope) -> Typed {
        let mut standing = Standing::default();
        let mut resolved = Vec::with_capacity(arms.len());
        for (guard, value) in arms {
            let guard = self.expr(guard, scope);
            let value = self.expr(value, scope);
            standing.absorb(&guard.standing);
            standing.absorb(&value.standing);
            resolved.push((guard.expr, value.expr));
        }
        let other = other.map(|value| self.expr(value, scope));
        if let Some(other) = &other {
            standing.absorb(&other.standing);
        }
        Typed::new(Kind::Case(resolved, other.map(|o| o.expr)), span, standing)
    }
}

/// A number too large for 64 bits parses but has no value, as a decimal.
fn number(digits: &str, span: Span) -> Typed {
    match digits.parse() {
        Ok(value) => Typed::constant(Kind::Int(value), span),
        Err(_) => Typed::constant(Kind::Decimal(digits.to_owned()), span),
    }
}

/// In `[f EXCEPT ![i] = f[i] \cup d]` the `f[i]` is `@`: said so, the update is seen to add to what there is. Only of the
/// first update, which nothing precedes.
fn read_through_at(value: &mut ResolvedExpr, function: &ResolvedExpr, path: &[PathStep], at: LocalId) {
    if let Kind::Binary(BinaryOp::Cup | BinaryOp::Difference, old, _) = &mut *value.kind {
        read_through_at(old, function, path, at);
    } else if is_part(value, function, path) {
        *value.kind = Kind::Local(at);
    }
}

/// True for `f[i]` with this variable for `f` and this path for `[i]`.
fn is_part(expr: &ResolvedExpr, function: &ResolvedExpr, path: &[PathStep]) -> bool {
    let Some((last, before)) = path.split_last() else {
        let (Kind::Variable(a), Kind::Variable(b)) = (&*expr.kind, &*function.kind) else { return false };
        return a == b;
    };
    match (&*expr.kind, last) {
        (Kind::Apply(inner, index), PathStep::Index(step)) => {
            let same = match (&*index.kind, &*step.kind) {
                (Kind::Local(a), Kind::Local(b)) => a == b,
                (Kind::Int(a), Kind::Int(b)) => a == b,
                (Kind::String(a), Kind::String(b)) => a == b,
                (Kind::Constant(a), Kind::Constant(b)) => a == b,
                _ => false,
            };
            same && is_part(inner, function, before)
        }
        (Kind::Field(inner, name), PathStep::Field(step)) => name == step && is_part(inner, function, before),
        _ => false,
    }
}
