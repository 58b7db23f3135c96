//! Walking resolved expressions: which locals one mentions, and which it binds.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::code::LetOperator;
use crate::resolve::spec::{
    Argument, Binder, Bound, Expr, ExprKind, LetDefinition, LocalId, OperatorRef, PathStep, Update,
};

/// What a walk meets.
pub(crate) enum Met<'e> {
    /// A subexpression.
    Child(&'e Expr),
    /// A local that is bound here.
    Binds(LocalId),
    /// A local that is mentioned here.
    Mentions(LocalId),
}

/// Calls `met` with the direct parts of an expression.
pub(crate) fn parts<'e>(expr: &'e Expr, met: &mut dyn FnMut(Met<'e>)) {
    use ExprKind as K;
    match &*expr.kind {
        K::Bool(_)
        | K::Int(_)
        | K::String(_)
        | K::Decimal(_)
        | K::BooleanSet
        | K::StringSet
        | K::Variable(_)
        | K::Constant(_) => {}
        K::Local(local) => met(Met::Mentions(*local)),
        K::Call(_, arguments) | K::CallConstant(_, arguments) => arguments_parts(arguments, met),
        K::CallLocal(local, arguments) => {
            met(Met::Mentions(*local));
            arguments_parts(arguments, met);
        }
        K::Unary(_, a) | K::Field(a, _) | K::Label(_, a) => met(Met::Child(a)),
        K::Binary(_, a, b)
        | K::Apply(a, b)
        | K::FunctionSet(a, b)
        | K::SquareAction(a, b)
        | K::AngleAction(a, b)
        | K::WeakFairness(a, b)
        | K::StrongFairness(a, b) => {
            met(Met::Child(a));
            met(Met::Child(b));
        }
        K::And(items) | K::Or(items) | K::Product(items) | K::Tuple(items) | K::SetEnumeration(items) => {
            items.iter().for_each(|e| met(Met::Child(e)));
        }
        K::SetFilter(bound, body) | K::Choose(bound, body) => {
            bound_parts(bound, met);
            met(Met::Child(body));
        }
        K::SetMap(body, bounds) | K::Forall(bounds, body) | K::Exists(bounds, body) => {
            bounds.iter().for_each(|b| bound_parts(b, met));
            met(Met::Child(body));
        }
        K::Function { recursive, bounds, body } => {
            bounds.iter().for_each(|b| bound_parts(b, met));
            recursive.iter().for_each(|l| met(Met::Binds(*l)));
            met(Met::Child(body));
        }
        K::Record(fields) | K::RecordSet(fields) => fields.iter().for_each(|(_, e)| met(Met::Child(e))),
        K::Except(base, updates) => {
            met(Met::Child(base));
            updates.iter().for_each(|u| update_parts(u, met));
        }
        K::Unbounded(locals, body) | K::TemporalQuantifier(locals, body) => {
            locals.iter().for_each(|l| met(Met::Binds(*l)));
            met(Met::Child(body));
        }
        K::ChooseUnbounded(binder, body) => {
            binder_parts(binder, met);
            met(Met::Child(body));
        }
        K::If(a, b, c) => [a, b, c].into_iter().for_each(|e| met(Met::Child(e))),
        K::Case(arms, other) => {
            arms.iter().for_each(|(p, e)| {
                met(Met::Child(p));
                met(Met::Child(e));
            });
            other.iter().for_each(|e| met(Met::Child(e)));
        }
        K::Let(definitions, body) => {
            definitions.iter().for_each(|d| definition_parts(d, met));
            met(Met::Child(body));
        }
    }
}

/// Calls `each` with the direct subexpressions of an expression.
pub(crate) fn subexpressions<'e>(expr: &'e Expr, each: &mut dyn FnMut(&'e Expr)) {
    parts(expr, &mut |met| {
        if let Met::Child(child) = met {
            each(child);
        }
    });
}

fn arguments_parts<'e>(arguments: &'e [Argument], met: &mut dyn FnMut(Met<'e>)) {
    for argument in arguments {
        match argument {
            Argument::Expr(e) => met(Met::Child(e)),
            Argument::Operator(OperatorRef::Local(local)) => met(Met::Mentions(*local)),
            Argument::Operator(OperatorRef::Partial(_, given)) => arguments_parts(given, met),
            Argument::Operator(OperatorRef::Lambda(parameters, body)) => {
                parameters.iter().for_each(|p| met(Met::Binds(p.local)));
                met(Met::Child(body));
            }
            Argument::Operator(_) => {}
        }
    }
}

fn binder_parts<'e>(binder: &'e Binder, met: &mut dyn FnMut(Met<'e>)) {
    let (Binder::Each(locals) | Binder::Tuple(locals)) = binder;
    locals.iter().for_each(|l| met(Met::Binds(*l)));
}

fn bound_parts<'e>(bound: &'e Bound, met: &mut dyn FnMut(Met<'e>)) {
    met(Met::Child(&bound.set));
    binder_parts(&bound.binder, met);
}

fn update_parts<'e>(update: &'e Update, met: &mut dyn FnMut(Met<'e>)) {
    for step in &update.path {
        if let PathStep::Index(e) = step {
            met(Met::Child(e));
        }
    }
    met(Met::Binds(update.at));
    met(Met::Child(&update.value));
}

fn definition_parts<'e>(definition: &'e LetDefinition, met: &mut dyn FnMut(Met<'e>)) {
    met(Met::Binds(definition.local));
    definition.parameters.iter().for_each(|p| met(Met::Binds(p.local)));
    met(Met::Child(&definition.body));
}

/// Locals that an expression needs from its surroundings, by first mention; a LET operator of the
/// surroundings counts as the locals that it needs itself.
pub(crate) fn free_locals(expr: &Expr, operators: &HashMap<LocalId, Rc<LetOperator>>) -> Vec<LocalId> {
    let mut walk = Walk { bound: HashSet::new(), mentioned: Vec::new(), seen: HashSet::new() };
    walk.expr(expr);
    let mut free = Vec::new();
    let mut taken = HashSet::new();
    for local in walk.mentioned {
        if walk.bound.contains(&local) {
            continue;
        }
        match operators.get(&local) {
            Some(operator) => free.extend(operator.free.iter().copied().filter(|l| taken.insert(*l))),
            None if taken.insert(local) => free.push(local),
            None => {}
        }
    }
    free.retain(|l| !walk.bound.contains(l));
    free
}

/// True if an expression mentions a local.
pub(crate) fn mentions(expr: &Expr, local: LocalId) -> bool {
    let mut walk = Walk { bound: HashSet::new(), mentioned: Vec::new(), seen: HashSet::new() };
    walk.expr(expr);
    walk.seen.contains(&local)
}

struct Walk {
    bound: HashSet<LocalId>,
    mentioned: Vec<LocalId>,
    seen: HashSet<LocalId>,
}

impl Walk {
    fn expr(&mut self, expr: &Expr) {
        parts(expr, &mut |met| match met {
            Met::Child(child) => self.expr(child),
            Met::Binds(local) => {
                self.bound.insert(local);
            }
            Met::Mentions(local) => {
                if self.seen.insert(local) {
                    self.mentioned.push(local);
                }
            }
        });
    }
}
