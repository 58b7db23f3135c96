//! What in a specification may tell symmetric elements apart: places to look at, not yet errors.
//!
//! A constant like `Leader = a1` does, a CHOOSE from a set of elements may. But `A(a1) \/ A(a2)` does not, nor
//! does `CHOOSE v : v \notin Values`; so what is found here is put to the test on states
//! ([`super::comparison`]).

use std::collections::HashSet;

use super::group::Group;
use super::image::Images;
use crate::diagnostic::Span;
use crate::eval::Evaluator;
use crate::eval::free::{Met, parts};
use crate::resolve::spec::{Expr, ExprKind, Level, OperatorBody, OperatorId, Spec};
use crate::value::{Universe, Value};

/// Operators of modules whose results depend on an order of values, or on their names.
const ORDERED: &[&str] = &["ToString", "SetToSeq", "TLCFP", "RandomElement", "ToJson", "SetToSortSeq"];

/// A place where symmetric elements may be told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// Where.
    pub span: Span,
    /// What is there.
    pub what: String,
}

/// All doubts about what the config asks for, in the order they are met.
pub(super) fn doubts(evaluator: &mut Evaluator, group: &Group) -> Vec<Doubt> {
    let spec = evaluator.spec().clone();
    let mut images = Images::new(&group.elements);
    let generators = group.generators.iter().map(|generator| images.number(generator)).collect();
    let mut walk = Walk { spec: &spec, evaluator, group, images, generators, seen: HashSet::new(), found: Vec::new() };
    let checks = &spec.checks;
    let single = [&checks.specification, &checks.init, &checks.next].into_iter().flatten();
    let lists = [&checks.invariants, &checks.properties, &checks.constraints, &checks.action_constraints];
    for named in single.chain(lists.into_iter().flatten()) {
        walk.expr(&spec.call(named.operator));
    }
    walk.found
}

struct Walk<'w> {
    spec: &'w Spec,
    evaluator: &'w mut Evaluator,
    group: &'w Group,
    images: Images,
    generators: Vec<u32>,
    seen: HashSet<OperatorId>,
    found: Vec<Doubt>,
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr) {
        if let Some(value) = self.constant(expr) {
            if let Some(permutation) = self.moved(&value) {
                let moves = self.group.elements.describe(self.images.permutation(permutation));
                self.doubt(expr.span, format!("this is {}, which {moves} does not keep", value.display()));
            }
            return;
        }
        match &*expr.kind {
            ExprKind::Choose(..) => self.doubt(expr.span, "CHOOSE may tell elements of a symmetric set apart".into()),
            ExprKind::Call(id, _) => self.operator(*id, expr.span),
            _ => {}
        }
        parts(expr, &mut |met| {
            if let Met::Child(child) = met {
                self.expr(child);
            }
        });
    }

    fn operator(&mut self, id: OperatorId, span: Span) {
        let operator = &self.spec.operators[id.0 as usize];
        if operator.built_in_module {
            if ORDERED.contains(&operator.short_name.as_str()) {
                let what = format!("{} may tell elements of a symmetric set apart", operator.short_name);
                self.doubt(span, what);
            }
            return;
        }
        if self.seen.insert(id) {
            match &operator.body {
                OperatorBody::Expr(body) => self.expr(body),
                OperatorBody::Alias(other) => self.operator(*other, span),
                OperatorBody::Value(_) | OperatorBody::Table(_) => {}
            }
        }
    }

    /// The value of an expression that is easily worked out and the same in every state. Lazy ones are not listed.
    fn constant(&mut self, expr: &Expr) -> Option<Value> {
        let easy = match &*expr.kind {
            ExprKind::Constant(_) => true,
            ExprKind::Call(_, arguments) => arguments.is_empty(),
            ExprKind::Choose(..) | ExprKind::SetEnumeration(_) | ExprKind::Tuple(_) | ExprKind::Record(_) => {
                is_closed(expr)
            }
            _ => false,
        };
        if !easy || expr.level != Level::Constant || self.evaluator.is_impure(expr) {
            return None;
        }
        let prepared = self.evaluator.prepare(&[], expr);
        let value = self.evaluator.evaluate(&prepared, &[]).ok()?;
        (!matches!(value, Value::Lazy(_) | Value::Operator(_))).then_some(value)
    }

    /// A generator that does not keep the value.
    fn moved(&mut self, value: &Value) -> Option<u32> {
        let id = Universe::current().intern(self.evaluator, value).ok()?;
        let generators = std::mem::take(&mut self.generators);
        let moved = generators.iter().copied().find(|generator| {
            let image = self.images.image(self.evaluator, &self.group.elements, *generator, id);
            image.is_ok_and(|image| image != id)
        });
        self.generators = generators;
        moved
    }

    fn doubt(&mut self, span: Span, what: String) {
        let doubt = Doubt { span, what };
        if !self.found.contains(&doubt) {
            self.found.push(doubt);
        }
    }
}

/// True if no bound variable occurs free or bound in the expression but those of a CHOOSE of its own.
fn is_closed(expr: &Expr) -> bool {
    fn walk(expr: &Expr, bound: &mut Vec<crate::resolve::spec::LocalId>) -> bool {
        let (mut children, mut mentioned) = (Vec::new(), Vec::new());
        parts(expr, &mut |met| match met {
            Met::Child(child) => children.push(child),
            Met::Binds(local) => bound.push(local),
            Met::Mentions(local) => mentioned.push(local),
        });
        mentioned.iter().all(|local| bound.contains(local)) && children.into_iter().all(|child| walk(child, bound))
    }
    walk(expr, &mut Vec::new())
}
