//! Lowering, one form after the other.

use std::cell::OnceCell;
use std::rc::Rc;

use super::closure::config_value;
use super::code::{
    Arithmetic, BoundCode, Code, Instances, Kind, NativeArgument, PathCode, PathRead, UnitParameter, UpdateCode,
};
use super::guard;
use super::lower::{Lowering, Scope};
use super::substitute::substitute;
use crate::modules::Native;
use crate::resolve::spec::{
    Argument, BinaryOp, Binder, Bound, ConfigValue, ConstantBinding, ConstantId, Expr, ExprKind, Level, LocalId,
    PathStep, Spec, UnaryOp, Update,
};
use crate::value::Value;

impl Lowering {
    pub(super) fn kind(&self, expr: &Expr, scope: &mut Scope) -> Kind {
        use ExprKind as K;
        match &*expr.kind {
            K::Bool(b) => Kind::Literal(Value::bool(*b)),
            K::Int(i) => Kind::Literal(Value::int(*i)),
            K::String(s) => Kind::Literal(Value::String(*s)),
            K::Decimal(text) if text.contains('.') => {
                Kind::NoValue(format!("the real number {text} has no value here"))
            }
            K::Decimal(text) => Kind::NoValue(format!("the number {text} is too large: integers have 64 bits")),
            K::BooleanSet => Kind::Literal(Value::booleans()),
            K::StringSet => Kind::Literal(Value::strings()),
            K::Local(local) => self.local(*local, scope),
            K::Variable(variable) => Kind::Variable(*variable),
            K::Constant(constant) => self.constant(*constant, &[], scope),
            K::Call(id, arguments) => self.call(*id, arguments, scope),
            K::CallConstant(constant, arguments) => self.constant(*constant, arguments, scope),
            K::CallLocal(local, arguments) => self.call_local(*local, arguments, scope),
            K::Unary(op, operand) => self.unary(*op, operand, scope),
            K::Binary(op, a, b) => self.binary(*op, a, b, scope),
            K::And(items) => Kind::And(self.exprs(items, scope)),
            K::Or(items) => Kind::Or(self.exprs(items, scope)),
            K::Product(items) => Kind::Product(self.exprs(items, scope)),
            K::Apply(f, argument) => {
                let f = self.expr(f, scope);
                let argument = self.expr(argument, scope);
                match path_of(f, PathCode::Index(argument)) {
                    Ok(path) => Kind::Path(path),
                    Err(parts) => match *parts {
                        (f, PathCode::Index(argument)) => Kind::Apply(Box::new((f, argument))),
                        (f, PathCode::Field(name)) => Kind::Apply(Box::new((f, literal(name)))),
                    },
                }
            }
            K::Field(record, name) => match path_of(self.expr(record, scope), PathCode::Field(Value::String(*name))) {
                Ok(path) => Kind::Path(path),
                Err(parts) => Kind::Field(Box::new(parts.0), *name),
            },
            K::Tuple(items) => Kind::Tuple(self.exprs(items, scope)),
            K::SetEnumeration(items) => Kind::SetEnumeration(self.exprs(items, scope)),
            K::SetFilter(bound, body) => {
                let lazy = self.lazy(body, unit_parameters(std::slice::from_ref(bound)), None, scope);
                let mut bound = self.bound(bound, scope);
                self.guard(&mut bound, guard::existential, body, scope);
                Kind::SetFilter(Box::new(bound), Box::new(self.expr(body, scope)), lazy)
            }
            K::SetMap(body, bounds) => {
                let bounds = self.bounds(bounds, scope);
                Kind::SetMap(bounds, Box::new(self.expr(body, scope)))
            }
            K::Function { recursive, bounds, body } => self.function(*recursive, bounds, body, scope),
            K::FunctionSet(a, b) => Kind::FunctionSet(self.pair(a, b, scope)),
            K::Record(fields) => Kind::Record(fields.iter().map(|(n, e)| (*n, self.expr(e, scope))).collect()),
            K::RecordSet(fields) => Kind::RecordSet(fields.iter().map(|(n, e)| (*n, self.expr(e, scope))).collect()),
            K::Except(base, updates) => {
                let base = self.expr(base, scope);
                Kind::Except(Box::new(base), updates.iter().map(|u| self.update(u, scope)).collect())
            }
            K::SquareAction(a, v) => Kind::Square(self.pair(a, v, scope)),
            K::AngleAction(a, v) => Kind::Angle(self.pair(a, v, scope)),
            K::WeakFairness(..) | K::StrongFairness(..) => no_value("a fairness condition"),
            K::TemporalQuantifier(..) => no_value("a temporal quantifier"),
            K::Unbounded(..) => Kind::NoValue(
                "a quantifier without a set cannot be evaluated: give it a set (\\A x \\in S : …)".to_owned(),
            ),
            K::ChooseUnbounded(..) => Kind::NoValue(
                "CHOOSE without a set cannot be evaluated: give it a set, or give the definition a model value in the \
                 config"
                    .to_owned(),
            ),
            K::Forall(bounds, body) => {
                let mut bounds = self.tried(bounds, body, scope);
                if let [bound] = &mut bounds[..] {
                    self.guard(bound, guard::universal, body, scope);
                }
                let instances = Instances { branches: OnceCell::new(), frame: scope.size() };
                Kind::Forall(bounds, Box::new(self.expr(body, scope)), instances)
            }
            K::Exists(bounds, body) => {
                let mut bounds = self.tried(bounds, body, scope);
                if let [bound] = &mut bounds[..] {
                    self.guard(bound, guard::existential, body, scope);
                }
                Kind::Exists(bounds, Box::new(self.expr(body, scope)))
            }
            K::Choose(bound, body) => {
                let mut bound = self.bound(bound, scope);
                self.guard(&mut bound, guard::existential, body, scope);
                bound.tries = !self.facts.impure(&self.spec, body);
                Kind::Choose(Box::new(bound), Box::new(self.expr(body, scope)))
            }
            K::If(c, a, b) => Kind::If(Box::new((self.expr(c, scope), self.expr(a, scope), self.expr(b, scope)))),
            K::Case(arms, other) => Kind::Case(
                arms.iter().map(|(p, e)| (self.expr(p, scope), self.expr(e, scope))).collect(),
                other.as_ref().map(|e| Box::new(self.expr(e, scope))),
            ),
            K::Let(definitions, body) => self.let_in(definitions, body, scope),
            K::Label(_, body) => self.kind(body, scope),
        }
    }

    /// Finds the guard of a bound over a variable.
    fn guard(&self, bound: &mut BoundCode, of: fn(&Spec, &Expr) -> Option<Expr>, body: &Expr, scope: &mut Scope) {
        if !matches!(bound.set.kind, Kind::Variable(_) | Kind::NextVariable(_) | Kind::Path(_)) {
            return;
        }
        let guard = of(&self.spec, body).filter(|guard| !self.facts.impure(&self.spec, guard));
        bound.guard = guard.map(|guard| Box::new(self.expr(&guard, scope)));
    }

    fn local(&self, local: LocalId, scope: &mut Scope) -> Kind {
        let operator = self.let_operators.borrow().get(&local).cloned();
        if let Some(operator) = operator {
            let captures = self.captures(&operator.free, scope);
            return Kind::CallLet(operator, captures, Vec::new());
        }
        match scope.slot(local) {
            (slot, Some(cell)) => Kind::LetLocal(slot, cell),
            (slot, None) => Kind::Local(slot),
        }
    }

    fn call_local(&self, local: LocalId, arguments: &[Argument], scope: &mut Scope) -> Kind {
        let arguments = self.arguments(arguments, scope);
        let operator = self.let_operators.borrow().get(&local).cloned();
        match operator {
            Some(operator) => {
                let captures = self.captures(&operator.free, scope);
                Kind::CallLet(operator, captures, arguments)
            }
            None => Kind::CallSlot(scope.slot(local).0, arguments),
        }
    }

    fn constant(&self, id: ConstantId, arguments: &[Argument], scope: &mut Scope) -> Kind {
        let constant = &self.spec.constants[id.0 as usize];
        match &constant.binding {
            ConstantBinding::Unbound => Kind::NoValue(format!("the constant {} has no value", constant.name)),
            ConstantBinding::Value(value) => Kind::Literal(config_value(value)),
            ConstantBinding::Operator(operator) => self.call(*operator, arguments, scope),
            ConstantBinding::Table(table) => self.table(&constant.name, table, arguments, scope),
        }
    }

    /// An operator given by a table in the config.
    pub(super) fn table(
        &self,
        name: &str,
        table: &[(Vec<ConfigValue>, ConfigValue)],
        arguments: &[Argument],
        scope: &mut Scope,
    ) -> Kind {
        let rows = table.iter().map(|(k, v)| (k.iter().map(config_value).collect(), config_value(v))).collect();
        let arguments = arguments
            .iter()
            .filter_map(|a| match a {
                Argument::Expr(e) => Some(self.expr(e, scope)),
                Argument::Operator(_) => None,
            })
            .collect();
        Kind::Table(Rc::new(rows), name.to_owned(), arguments)
    }

    fn unary(&self, op: UnaryOp, operand: &Expr, scope: &mut Scope) -> Kind {
        if matches!(op, UnaryOp::Prime | UnaryOp::Unchanged | UnaryOp::Enabled) {
            let unfolded = self.unfold_lets(operand);
            let code = Box::new(self.expr(&unfolded, scope));
            return match (op, &code.kind) {
                (UnaryOp::Prime, Kind::Variable(variable)) => Kind::NextVariable(*variable),
                (UnaryOp::Prime, _) => Kind::Prime(code),
                (UnaryOp::Unchanged, _) => Kind::Unchanged(code),
                _ => Kind::Enabled(code),
            };
        }
        let code = Box::new(self.expr(operand, scope));
        match op {
            UnaryOp::Not => Kind::Not(code),
            UnaryOp::PowerSet => Kind::PowerSet(code),
            UnaryOp::Union => Kind::Union(code),
            UnaryOp::Domain => Kind::Domain(code),
            _ => no_value("a temporal formula"),
        }
    }

    /// Under a prime, LET definitions stand for their text.
    fn unfold_lets(&self, expr: &Expr) -> Expr {
        let bodies = self.let_bodies.borrow();
        let mut current = expr.clone();
        loop {
            let free = super::free::free_locals(&current, &self.let_operators.borrow());
            let with: super::substitute::Replacements = free
                .iter()
                .filter_map(|l| {
                    bodies.get(l).filter(|b| b.level >= Level::State).map(|b| (*l, Argument::Expr(b.clone())))
                })
                .collect();
            if with.is_empty() {
                return current;
            }
            current = substitute(&current, &with);
        }
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr, scope: &mut Scope) -> Kind {
        match op {
            BinaryOp::And => Kind::And(self.flat(BinaryOp::And, a, b, scope)),
            BinaryOp::Or => Kind::Or(self.flat(BinaryOp::Or, a, b, scope)),
            BinaryOp::Implies => Kind::Implies(self.pair(a, b, scope)),
            BinaryOp::Equivalent => Kind::Equivalent(self.pair(a, b, scope)),
            BinaryOp::Equal => Kind::Equal(self.pair(a, b, scope)),
            BinaryOp::NotEqual => Kind::NotEqual(self.pair(a, b, scope)),
            BinaryOp::In => Kind::In(self.pair(a, b, scope)),
            BinaryOp::NotIn => Kind::NotIn(self.pair(a, b, scope)),
            BinaryOp::SubsetEq => Kind::SubsetEq(self.pair(a, b, scope)),
            BinaryOp::Cup => Kind::Cup(self.pair(a, b, scope)),
            BinaryOp::Cap => Kind::Cap(self.pair(a, b, scope)),
            BinaryOp::Difference => Kind::Difference(self.pair(a, b, scope)),
            BinaryOp::LeadsTo | BinaryOp::Guarantees => no_value("a temporal formula"),
            BinaryOp::Compose => Kind::Compose(self.pair(a, b, scope)),
        }
    }

    /// `a /\ b /\ c` as one list.
    fn flat(&self, op: BinaryOp, a: &Expr, b: &Expr, scope: &mut Scope) -> Vec<Code> {
        let mut left = vec![b];
        let mut rest = a;
        while let ExprKind::Binary(inner, x, y) = &*rest.kind
            && *inner == op
        {
            left.push(y);
            rest = x;
        }
        left.push(rest);
        left.into_iter().rev().map(|e| self.expr(e, scope)).collect()
    }

    fn function(&self, recursive: Option<LocalId>, bounds: &[Bound], body: &Expr, scope: &mut Scope) -> Kind {
        let lazy = self.lazy(body, unit_parameters(bounds), recursive, scope);
        let bounds = self.bounds(bounds, scope);
        if let Some(itself) = recursive {
            // The eager form is never evaluated: recursive functions stay closures.
            scope.declare(itself);
        }
        Kind::Function(bounds, Box::new(self.expr(body, scope)), lazy, recursive.is_some())
    }

    fn update(&self, update: &Update, scope: &mut Scope) -> UpdateCode {
        let path = update
            .path
            .iter()
            .map(|step| match step {
                PathStep::Index(e) => PathCode::Index(self.expr(e, scope)),
                PathStep::Field(name) => PathCode::Field(Value::String(*name)),
            })
            .collect();
        let at = scope.declare(update.at);
        let uses_old = super::free::mentions(&update.value, update.at);
        let is_delta = match &*update.value.kind {
            ExprKind::Binary(BinaryOp::Cup | BinaryOp::Difference, a, by) => {
                matches!(&*a.kind, ExprKind::Local(local) if *local == update.at)
                    && !super::free::mentions(by, update.at)
            }
            _ => false,
        };
        UpdateCode { path, at, value: self.expr(&update.value, scope), uses_old, is_delta, span: update.span }
    }

    /// A native operator: its arguments are evaluated before it runs, as TLC does; integer arithmetic is
    /// done in place.
    pub(super) fn native(&self, native: &'static Native, arguments: &[Argument], scope: &mut Scope) -> Kind {
        let mut lowered: Vec<NativeArgument> = arguments
            .iter()
            .map(|argument| match argument {
                Argument::Expr(e) => NativeArgument::Code(self.expr(e, scope)),
                Argument::Operator(operator) => NativeArgument::Operator(self.operator_argument(operator, scope)),
            })
            .collect();
        if let Some(op) = arithmetic(native)
            && lowered.len() == 2
            && let (Some(NativeArgument::Code(b)), Some(NativeArgument::Code(a))) = (lowered.pop(), lowered.pop())
        {
            return Kind::Arithmetic(op, Box::new((a, b)), native);
        }
        Kind::Native(native, lowered)
    }
}

fn arithmetic(native: &Native) -> Option<Arithmetic> {
    if !matches!(native.module, "Naturals" | "Integers" | "Reals") {
        return None;
    }
    Some(match native.name {
        "+" => Arithmetic::Add,
        "-" => Arithmetic::Subtract,
        "*" => Arithmetic::Multiply,
        "<" => Arithmetic::Less,
        "\\leq" => Arithmetic::LessEqual,
        ">" => Arithmetic::Greater,
        "\\geq" => Arithmetic::GreaterEqual,
        ".." => Arithmetic::Interval,
        _ => return None,
    })
}

/// A read of a part of a variable, if that is what going one step further is.
fn path_of(base: Code, step: PathCode) -> Result<Box<PathRead>, Box<(Code, PathCode)>> {
    match base.kind {
        Kind::Variable(variable) => Ok(Box::new(PathRead { variable, next: false, steps: vec![step] })),
        Kind::NextVariable(variable) => Ok(Box::new(PathRead { variable, next: true, steps: vec![step] })),
        Kind::Path(mut path) => {
            path.steps.push(step);
            Ok(path)
        }
        _ => Err(Box::new((base, step))),
    }
}

fn literal(value: Value) -> Code {
    Code { kind: Kind::Literal(value), span: crate::diagnostic::Span::NONE, level: Level::Constant }
}

fn no_value(what: &str) -> Kind {
    Kind::NoValue(format!("{what} has no value in a single state or step"))
}

/// One unit parameter for each bound variable or tuple.
fn unit_parameters(bounds: &[Bound]) -> Vec<UnitParameter> {
    let mut parameters = Vec::new();
    for bound in bounds {
        match &bound.binder {
            Binder::Each(locals) => parameters.extend(locals.iter().map(|l| UnitParameter::One(*l))),
            Binder::Tuple(locals) => parameters.push(UnitParameter::Tuple(locals.clone())),
        }
    }
    parameters
}
