//! Which modules a module names in EXTENDS and INSTANCE, its LETs and nested modules included.

use crate::syntax::tree::{
    DefinitionHead, ExceptStep, Expr, ExprKind, InstanceUnit, Module, Name, PathStep, Statement, Unit,
};

/// What [`dependencies`] finds.
#[derive(Default)]
pub(super) struct Dependencies<'t> {
    /// Names after EXTENDS and INSTANCE, in order of appearance, each name once, EXTENDS first.
    pub(super) modules: Vec<&'t Name>,
    /// Names of the modules nested in it, at any depth.
    pub(super) nested: Vec<&'t str>,
}

/// Collects what a module names and what it holds.
pub(super) fn dependencies(module: &Module) -> Dependencies<'_> {
    let mut found = Dependencies::default();
    found.module(module);
    let nested = std::mem::take(&mut found.nested);
    found.modules.retain(|name| !nested.contains(&name.text.as_str()));
    found.nested = nested;
    found
}

impl<'t> Dependencies<'t> {
    fn name(&mut self, name: &'t Name) {
        if !self.modules.iter().any(|known| known.text == name.text) {
            self.modules.push(name);
        }
    }

    fn module(&mut self, module: &'t Module) {
        for name in &module.extends {
            self.name(name);
        }
        for unit in &module.units {
            self.unit(unit);
        }
    }

    fn unit(&mut self, unit: &'t Unit) {
        match unit {
            Unit::Definition(definition) => {
                if let DefinitionHead::Function(bounds) = &definition.head {
                    bounds.iter().filter_map(|b| b.set.as_ref()).for_each(|set| self.expr(set));
                }
                self.expr(&definition.body);
            }
            Unit::Instance(instance) => self.instance(instance),
            Unit::Assume { body, .. } => self.expr(body),
            Unit::Theorem { statement: Statement::Formula(body), .. } => self.expr(body),
            Unit::Module(nested) => {
                self.nested.push(&nested.name.text);
                self.module(nested);
            }
            _ => {}
        }
    }

    fn instance(&mut self, instance: &'t InstanceUnit) {
        self.name(&instance.module);
        for (_, value) in &instance.substitutions {
            self.expr(value);
        }
    }

    fn expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Let(units, _) = &*expr.kind {
            units.iter().for_each(|unit| self.unit(unit));
        }
        for part in parts(expr) {
            self.expr(part);
        }
    }
}

/// The direct subexpressions of an expression, in order; of a LET its body only.
pub(super) fn parts(expr: &Expr) -> Vec<&Expr> {
    match &*expr.kind {
        ExprKind::Number(_)
        | ExprKind::Decimal(..)
        | ExprKind::String(_)
        | ExprKind::Boolean(_)
        | ExprKind::PredefinedSet(_)
        | ExprKind::At => Vec::new(),
        ExprKind::Path(steps) => steps.iter().flat_map(|step: &PathStep| &step.arguments).collect(),
        ExprKind::Lambda(_, body) | ExprKind::Label(_, _, body) | ExprKind::Let(_, body) => vec![body],
        ExprKind::Prefix(_, a) | ExprKind::Postfix(_, a) | ExprKind::Field(a, _) => vec![a],
        ExprKind::Infix(_, a, b)
        | ExprKind::FunctionSet(a, b)
        | ExprKind::SquareAction(a, b)
        | ExprKind::AngleAction(a, b)
        | ExprKind::WeakFairness(a, b)
        | ExprKind::StrongFairness(a, b) => vec![a, b],
        ExprKind::Product(all)
        | ExprKind::JunctionList(_, all)
        | ExprKind::Tuple(all)
        | ExprKind::SetEnumeration(all) => all.iter().collect(),
        ExprKind::Apply(function, arguments) => std::iter::once(function).chain(arguments).collect(),
        ExprKind::SetFilter(bound, body) | ExprKind::Choose(bound, body) => {
            bound.set.iter().chain(std::iter::once(body)).collect()
        }
        ExprKind::SetMap(body, bounds) => {
            std::iter::once(body).chain(bounds.iter().filter_map(|b| b.set.as_ref())).collect()
        }
        ExprKind::Function(bounds, body) | ExprKind::Quantified(_, bounds, body) => {
            bounds.iter().filter_map(|b| b.set.as_ref()).chain(std::iter::once(body)).collect()
        }
        ExprKind::Record(fields) | ExprKind::RecordSet(fields) => fields.iter().map(|(_, e)| e).collect(),
        ExprKind::Except(function, updates) => {
            let of_updates = updates.iter().flat_map(|update| {
                let indices = update.path.iter().flat_map(|step| match step {
                    ExceptStep::Index(indices) => indices.as_slice(),
                    ExceptStep::Field(_) => &[],
                });
                indices.chain(std::iter::once(&update.value))
            });
            std::iter::once(function).chain(of_updates).collect()
        }
        ExprKind::If(a, b, c) => vec![a, b, c],
        ExprKind::Case(arms, other) => arms.iter().flat_map(|(a, b)| [a, b]).chain(other).collect(),
    }
}
