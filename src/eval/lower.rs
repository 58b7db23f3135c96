//! Lowering: resolved expressions → [`Code`], locals → slots of frames.
//!
//! A *unit* is a body with a frame of its own: an operator, a LAMBDA, a delayed argument, the body of a
//! lazy set or function. A unit copies what it needs of the surrounding frame into its first slots
//! (nothing is shared, so nothing can dangle). Units inside expressions are lowered when first needed.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::code::{
    ArgumentCode, BinderCode, BoundCode, Capture, Code, Kind, LazyUnit, LetCell, LetOperator, OperatorCode, Unit,
    UnitParameter,
};
use super::free::free_locals;
use super::inline::Outline;
use super::purity::{Facts, Use, native_of};
use super::substitute::substitute;
use crate::diagnostic::Span;
use crate::resolve::spec::{
    Argument, Binder, Bound, Expr, ExprKind, LetDefinition, Level, LocalId, OperatorBody, OperatorId, OperatorRef, Spec,
};
use crate::value::Value;

/// Lowers for one evaluator; keeps what units lowered later need to know.
pub(crate) struct Lowering {
    pub(super) spec: Arc<Spec>,
    pub(super) facts: Facts,
    pub(super) let_operators: RefCell<HashMap<LocalId, Rc<LetOperator>>>,
    /// Definitions of LETs without parameters, to unfold them under a prime.
    pub(super) let_bodies: RefCell<HashMap<LocalId, Expr>>,
    /// What decides whether bodies are put in place of calls.
    pub(super) outlines: RefCell<HashMap<OperatorId, Rc<Outline>>>,
}

/// The frame being laid out.
pub(crate) struct Scope {
    slots: Slots,
    size: Rc<Cell<u32>>,
    /// Bodies put in place of their calls around this one.
    pub(super) inside: u32,
}

type Slots = HashMap<LocalId, (u32, Option<Rc<LetCell>>)>;

impl Scope {
    fn new() -> Self {
        Self { slots: HashMap::new(), size: Rc::default(), inside: 0 }
    }

    /// A body begins that stands in place of its call; gives what names mean around it.
    pub(super) fn begin_inside(&mut self) -> Slots {
        self.inside += 1;
        self.slots.clone()
    }

    /// It ends: names mean again what they meant.
    pub(super) fn end_inside(&mut self, outer: Slots) {
        self.inside -= 1;
        self.slots = outer;
    }

    fn next(&mut self) -> u32 {
        self.size.replace(self.size.get() + 1)
    }

    /// The number of slots, final once the unit is lowered.
    pub(super) fn size(&self) -> Rc<Cell<u32>> {
        self.size.clone()
    }

    pub(super) fn declare(&mut self, local: LocalId) -> u32 {
        let slot = self.next();
        self.slots.insert(local, (slot, None));
        slot
    }

    pub(super) fn declare_let(&mut self, local: LocalId, cell: Rc<LetCell>) -> u32 {
        let slot = self.next();
        self.slots.insert(local, (slot, Some(cell)));
        slot
    }

    /// The slot of a local, and its definition if it is one of a LET of this frame.
    pub(super) fn slot(&self, local: LocalId) -> (u32, Option<Rc<LetCell>>) {
        self.slots.get(&local).expect("a local is declared before it is mentioned").clone()
    }
}

impl Lowering {
    pub(crate) fn new(spec: Arc<Spec>) -> Self {
        Self {
            spec,
            facts: Facts::default(),
            let_operators: RefCell::default(),
            let_bodies: RefCell::default(),
            outlines: RefCell::default(),
        }
    }

    /// A body over parameters, in a frame of its own with nothing around it.
    pub(crate) fn unit(&self, parameters: &[LocalId], body: &Expr) -> Rc<Unit> {
        let mut scope = Scope::new();
        for parameter in parameters {
            scope.declare(*parameter);
        }
        let body = self.expr(body, &mut scope);
        Rc::new(Unit { frame: scope.size.get() as usize, body })
    }

    /// Bounds in a frame that starts with parameters.
    pub(crate) fn bounds_unit(&self, parameters: &[LocalId], bounds: &[Bound]) -> (Unit, Vec<BoundCode>) {
        let mut scope = Scope::new();
        for parameter in parameters {
            scope.declare(*parameter);
        }
        let bounds = self.bounds(bounds, &mut scope);
        let body = Code { kind: Kind::Literal(Value::Bool(true)), span: Span::NONE, level: Level::Constant };
        (Unit { frame: scope.size.get() as usize, body }, bounds)
    }

    /// The unit of a definition.
    pub(crate) fn operator(&self, id: OperatorId) -> Rc<Unit> {
        let operator = &self.spec.operators[id.0 as usize];
        let parameters: Vec<LocalId> = operator.parameters.iter().map(|p| p.local).collect();
        match &operator.body {
            OperatorBody::Expr(body) => self.unit(&parameters, body),
            _ => unreachable!("calls of operators with other bodies are lowered to what stands behind them"),
        }
    }

    /// The unit of a closure, lowered now if it was not.
    pub(crate) fn closure_unit(&self, lazy: &LazyUnit) -> Rc<Unit> {
        lazy.unit
            .get_or_init(|| {
                let mut scope = Scope::new();
                for capture in &lazy.captures {
                    scope.declare(capture.local);
                }
                // Parameters take one slot each, components of tuples follow.
                let mut tuples = Vec::new();
                for parameter in &lazy.parameters {
                    match parameter {
                        UnitParameter::One(local) => {
                            scope.declare(*local);
                        }
                        UnitParameter::Tuple(locals) => {
                            scope.next();
                            tuples.push(locals.clone());
                        }
                    }
                }
                if let Some(itself) = lazy.itself {
                    scope.declare(itself);
                }
                for local in tuples.into_iter().flatten() {
                    scope.declare(local);
                }
                let body = self.expr(&lazy.expr, &mut scope);
                Rc::new(Unit { frame: scope.size.get() as usize, body })
            })
            .clone()
    }

    /// The unit of a LET operator.
    pub(crate) fn let_unit(&self, operator: &LetOperator) -> Rc<Unit> {
        operator
            .unit
            .get_or_init(|| {
                let mut scope = Scope::new();
                for local in operator.free.iter().chain(&operator.parameters) {
                    scope.declare(*local);
                }
                let body = self.expr(&operator.expr, &mut scope);
                Rc::new(Unit { frame: scope.size.get() as usize, body })
            })
            .clone()
    }

    /// What a unit over `expr` takes along from `scope`.
    pub(super) fn captures(&self, free: &[LocalId], scope: &Scope) -> Vec<Capture> {
        free.iter()
            .map(|local| {
                let (from, cell) = scope.slot(*local);
                Capture { from, local: *local, cell }
            })
            .collect()
    }

    pub(super) fn lazy(
        &self,
        expr: &Expr,
        parameters: Vec<UnitParameter>,
        itself: Option<LocalId>,
        scope: &Scope,
    ) -> Rc<LazyUnit> {
        let mut own: Vec<LocalId> = itself.into_iter().collect();
        for parameter in &parameters {
            match parameter {
                UnitParameter::One(local) => own.push(*local),
                UnitParameter::Tuple(locals) => own.extend(locals),
            }
        }
        let mut free = free_locals(expr, &self.let_operators.borrow());
        free.retain(|l| !own.contains(l));
        Rc::new(LazyUnit {
            expr: expr.clone(),
            captures: self.captures(&free, scope),
            parameters,
            itself,
            unit: OnceCell::new(),
            pure: OnceCell::new(),
            harmless: OnceCell::new(),
        })
    }

    /// Lowers an expression; closed constant ones are wrapped to be evaluated once.
    pub(super) fn expr(&self, expr: &Expr, scope: &mut Scope) -> Code {
        let code = Code { kind: self.kind(expr, scope), span: expr.span, level: expr.level };
        if expr.level == Level::Constant && worth_keeping(&code.kind) && self.closed_and_pure(expr) {
            return Code { span: code.span, level: code.level, kind: Kind::Once(Box::new(code), OnceCell::new()) };
        }
        code
    }

    fn closed_and_pure(&self, expr: &Expr) -> bool {
        free_locals(expr, &self.let_operators.borrow()).is_empty() && !self.facts.impure(&self.spec, expr)
    }

    pub(super) fn exprs(&self, exprs: &[Expr], scope: &mut Scope) -> Vec<Code> {
        exprs.iter().map(|e| self.expr(e, scope)).collect()
    }

    pub(super) fn pair(&self, a: &Expr, b: &Expr, scope: &mut Scope) -> Box<(Code, Code)> {
        Box::new((self.expr(a, scope), self.expr(b, scope)))
    }

    /// Lowers a bound: the set sees nothing of what is bound beside it.
    pub(super) fn bounds(&self, bounds: &[Bound], scope: &mut Scope) -> Vec<BoundCode> {
        let sets: Vec<Vec<Code>> = bounds
            .iter()
            .map(|bound| {
                let times = match &bound.binder {
                    Binder::Each(locals) => locals.len(),
                    Binder::Tuple(_) => 1,
                };
                (0..times).map(|_| self.expr(&bound.set, scope)).collect()
            })
            .collect();
        let mut result = Vec::new();
        for (bound, sets) in bounds.iter().zip(sets) {
            match &bound.binder {
                Binder::Each(locals) => {
                    for (local, set) in locals.iter().zip(sets) {
                        result.push(BoundCode {
                            set,
                            binder: BinderCode::Slot(scope.declare(*local)),
                            guard: None,
                            tries: false,
                        });
                    }
                }
                Binder::Tuple(locals) => {
                    let slots: Vec<u32> = locals.iter().map(|l| scope.declare(*l)).collect();
                    result.extend(sets.into_iter().map(|set| BoundCode {
                        set,
                        binder: BinderCode::Tuple(slots.clone()),
                        guard: None,
                        tries: false,
                    }));
                }
            }
        }
        result
    }

    /// Bounds of a formula: elements may be tried if it is pure.
    pub(super) fn tried(&self, bounds: &[Bound], body: &Expr, scope: &mut Scope) -> Vec<BoundCode> {
        let mut bounds = self.bounds(bounds, scope);
        let tries = !self.facts.impure(&self.spec, body);
        bounds.iter_mut().for_each(|bound| bound.tries = tries);
        bounds
    }

    pub(super) fn bound(&self, bound: &Bound, scope: &mut Scope) -> BoundCode {
        self.bounds(std::slice::from_ref(bound), scope).pop().expect("one binder of one local or tuple")
    }

    /// A call of a definition.
    pub(super) fn call(&self, id: OperatorId, arguments: &[Argument], scope: &mut Scope) -> Kind {
        let operator = &self.spec.operators[id.0 as usize];
        match &operator.body {
            OperatorBody::Alias(other) => return self.call(*other, arguments, scope),
            OperatorBody::Value(value) => return Kind::Literal(super::closure::config_value(value)),
            OperatorBody::Table(table) => return self.table(&operator.name, table, arguments, scope),
            OperatorBody::Expr(body) => {
                if native_of(operator).is_none() && self.must_unfold(id, arguments, operator.recursive) {
                    let with = operator.parameters.iter().map(|p| p.local).zip(arguments.iter().cloned()).collect();
                    return self.kind(&substitute(body, &with), scope);
                }
            }
        }
        if let Some(native) = native_of(operator) {
            return self.native(native, arguments, scope);
        }
        if let (true, OperatorBody::Expr(body)) = (arguments.is_empty(), &operator.body)
            && let ExprKind::Variable(variable) = &*body.kind
        {
            return Kind::Variable(*variable);
        }
        if arguments.is_empty() && operator.level == Level::Constant && !self.facts.reads_progress(&self.spec, id) {
            return Kind::ConstantOperator(id);
        }
        if let OperatorBody::Expr(body) = &operator.body
            && let Some(inlined) = self.inlined(id, operator, body, arguments, scope)
        {
            return inlined;
        }
        Kind::Call(id, self.arguments(arguments, scope))
    }

    /// True if arguments must be put into the body as text: it primes them, assigns them, or they are actions.
    fn must_unfold(&self, id: OperatorId, arguments: &[Argument], recursive: bool) -> bool {
        if recursive || arguments.is_empty() {
            return false;
        }
        let uses = self.facts.uses(&self.spec, id);
        arguments.iter().zip(uses).any(|(argument, inside)| match argument {
            Argument::Expr(e) => match inside {
                _ if e.level >= Level::Action => true,
                Use::Primed => {
                    e.level >= Level::State || matches!(&*e.kind, ExprKind::Local(l) if self.is_state_let(*l))
                }
                Use::Assigned => matches!(&*e.kind, ExprKind::Variable(_)),
                Use::Value => false,
            },
            Argument::Operator(OperatorRef::Lambda(_, body)) => body.level >= Level::Action,
            Argument::Operator(OperatorRef::Defined(id) | OperatorRef::Partial(id, _)) => {
                self.spec.operators[id.0 as usize].level >= Level::Action
            }
            Argument::Operator(_) => false,
        })
    }

    fn is_state_let(&self, local: LocalId) -> bool {
        self.let_bodies.borrow().get(&local).is_some_and(|body| body.level >= Level::State)
    }

    pub(super) fn arguments(&self, arguments: &[Argument], scope: &mut Scope) -> Vec<ArgumentCode> {
        arguments.iter().map(|a| self.argument(a, scope)).collect()
    }

    pub(super) fn argument(&self, argument: &Argument, scope: &mut Scope) -> ArgumentCode {
        let expr = match argument {
            Argument::Operator(operator) => return ArgumentCode::Operator(self.operator_argument(operator, scope)),
            Argument::Expr(expr) => expr,
        };
        let mut expr = expr;
        while let ExprKind::Label(_, inner) = &*expr.kind {
            expr = inner;
        }
        if let ExprKind::Local(local) = &*expr.kind
            && !self.let_operators.borrow().contains_key(local)
        {
            let (slot, cell) = scope.slot(*local);
            return ArgumentCode::Slot(slot, cell);
        }
        let code = self.expr(expr, scope);
        match code.kind {
            Kind::Literal(value) => ArgumentCode::Value(value),
            _ => {
                let lazy = self.lazy(expr, Vec::new(), None, scope);
                if cheap(&code.kind) { ArgumentCode::Eager(code, lazy) } else { ArgumentCode::Lazy(lazy) }
            }
        }
    }

    pub(super) fn operator_argument(&self, operator: &OperatorRef, scope: &mut Scope) -> OperatorCode {
        match operator {
            OperatorRef::Defined(id) => self.defined_argument(*id),
            OperatorRef::Local(local) => {
                let known = self.let_operators.borrow().get(local).cloned();
                match known {
                    Some(operator) => OperatorCode::Let(operator.clone(), self.captures(&operator.free, scope)),
                    None => OperatorCode::Slot(scope.slot(*local).0),
                }
            }
            OperatorRef::Lambda(parameters, body) => {
                let parameters = parameters.iter().map(|p| UnitParameter::One(p.local)).collect();
                OperatorCode::Unit(self.lazy(body, parameters, None, scope))
            }
            OperatorRef::Unary(..) | OperatorRef::Binary(..) | OperatorRef::Constant(_) | OperatorRef::Partial(..) => {
                let arity = self.arity(operator);
                // Fresh names below every LocalId of the spec: an eta-expansion binds them nowhere else.
                let first = u32::MAX - 64;
                let locals: Vec<LocalId> = (0..arity as u32).map(|i| LocalId(first + i)).collect();
                let arguments = locals
                    .iter()
                    .map(|l| {
                        let kind = Box::new(ExprKind::Local(*l));
                        Argument::Expr(Expr { kind, span: Span::NONE, level: Level::Constant })
                    })
                    .collect();
                let kind = Box::new(super::substitute::apply_operator(operator, arguments));
                let body = Expr { kind, span: Span::NONE, level: Level::Constant };
                let parameters = locals.into_iter().map(UnitParameter::One).collect();
                OperatorCode::Unit(self.lazy(&body, parameters, None, scope))
            }
        }
    }

    fn defined_argument(&self, id: OperatorId) -> OperatorCode {
        let operator = &self.spec.operators[id.0 as usize];
        match (&operator.body, native_of(operator)) {
            (OperatorBody::Alias(other), _) => self.defined_argument(*other),
            (_, Some(native)) => OperatorCode::Native(native),
            _ => OperatorCode::Defined(id, operator.parameters.len()),
        }
    }

    fn arity(&self, operator: &OperatorRef) -> usize {
        match operator {
            OperatorRef::Unary(_) => 1,
            OperatorRef::Binary(_) => 2,
            OperatorRef::Constant(constant) => self.spec.constants[constant.0 as usize].arity,
            OperatorRef::Partial(id, given) => self.spec.operators[id.0 as usize].parameters.len() - given.len(),
            OperatorRef::Defined(id) => self.spec.operators[id.0 as usize].parameters.len(),
            OperatorRef::Lambda(parameters, _) => parameters.len(),
            OperatorRef::Local(_) => 0,
        }
    }

    /// LET: parameterless definitions get slots, others become units called with what they need.
    pub(super) fn let_in(&self, definitions: &[LetDefinition], body: &Expr, scope: &mut Scope) -> Kind {
        self.declare_let_operators(definitions);
        let mut slots = Vec::new();
        for definition in definitions {
            if !is_cell(definition) {
                continue;
            }
            self.let_bodies.borrow_mut().insert(definition.local, definition.body.clone());
            let code = self.expr(&definition.body, scope);
            let lazy = self.lazy(&definition.body, Vec::new(), None, scope);
            slots.push(scope.declare_let(definition.local, Rc::new(LetCell { code, lazy })));
        }
        Kind::Let(slots, Box::new(self.expr(body, scope)))
    }

    fn declare_let_operators(&self, definitions: &[LetDefinition]) {
        let group: Vec<&LetDefinition> = definitions.iter().filter(|d| !is_cell(d)).collect();
        let names: Vec<LocalId> = group.iter().map(|d| d.local).collect();
        for (i, definition) in group.iter().enumerate() {
            let members: Vec<&LetDefinition> = if definition.recursive {
                group.iter().filter(|d| d.recursive).copied().collect()
            } else {
                vec![group[i]]
            };
            let mut free: Vec<LocalId> = Vec::new();
            for member in members {
                for local in free_locals(&member.body, &self.let_operators.borrow()) {
                    let own = member.parameters.iter().any(|p| p.local == local) || names.contains(&local);
                    if !own && !free.contains(&local) {
                        free.push(local);
                    }
                }
            }
            let parameters = definition.parameters.iter().map(|p| p.local).collect();
            let operator = LetOperator { parameters, expr: definition.body.clone(), free, unit: OnceCell::new() };
            self.let_operators.borrow_mut().insert(definition.local, Rc::new(operator));
        }
    }
}

fn is_cell(definition: &LetDefinition) -> bool {
    definition.parameters.is_empty() && !definition.recursive
}

/// Worth a cell of its own: evaluating it costs more than looking it up.
fn worth_keeping(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::Literal(_)
            | Kind::Local(_)
            | Kind::LetLocal(..)
            | Kind::ConstantOperator(_)
            | Kind::Once(..)
            | Kind::NoValue(_)
            | Kind::Let(..)
    )
}

/// Cheap enough to be tried at once when given as an argument (if it fails, it is put off).
fn cheap(kind: &Kind) -> bool {
    match kind {
        Kind::Literal(_)
        | Kind::Local(_)
        | Kind::Variable(_)
        | Kind::NextVariable(_)
        | Kind::ConstantOperator(_)
        | Kind::Once(..) => true,
        Kind::Arithmetic(_, pair, _) | Kind::Apply(pair) => cheap(&pair.0.kind) && cheap(&pair.1.kind),
        Kind::Field(record, _) => cheap(&record.kind),
        Kind::Tuple(items) => items.iter().all(|c| cheap(&c.kind)),
        Kind::Record(fields) => fields.iter().all(|(_, c)| cheap(&c.kind)),
        _ => false,
    }
}
