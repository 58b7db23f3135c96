//! Which steps are `<<A>>_v`: instead of evaluating A on every edge, its successors are enumerated.
//!
//! An action is split as Next is. Parts that are groups of the model cost nothing: their successors are enumerated
//! anyway. The others are enumerated besides. An action that cannot be enumerated (it leaves a variable open, or
//! belongs to an instance and is about other variables) is evaluated on each edge.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use super::decompose::Atoms;
use crate::diagnostic::Span;
use crate::eval::{Evaluator, substitute, unfold};
use crate::partition::TlaModel;
use crate::partition::formula::Closed;
use crate::partition::groups;
use crate::partition::model::Formula as Predicate;
use crate::resolve::spec::{Argument, Expr, ExprKind, Level, Spec, UnaryOp};
use crate::value::{Universe, ValueId};

/// How the steps of an action are enumerated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ways {
    /// Groups of the model, then actions of [`Atoms::actions`], in one numbering.
    pub(super) groups: Vec<usize>,
    /// The subscript, in [`Atoms::unchanged`]; `None`: all variables.
    pub(super) unchanged: Option<usize>,
    /// `[A]_v` rather than `<<A>>_v`.
    pub(super) square: bool,
}

/// Parts that an action may have.
const PARTS_MAX: usize = 200;

/// How to enumerate the steps of `[A]_v` or `<<A>>_v`.
pub(super) fn ways(model: &TlaModel, evaluator: &mut Evaluator, atoms: &mut Atoms, step: &Closed) -> Option<Ways> {
    let (action, subscript, square) = match &*step.expr.kind {
        ExprKind::SquareAction(a, v) => (a, v, true),
        ExprKind::AngleAction(a, v) => (a, v, false),
        _ => return None,
    };
    if !model.memoised() || action.level != Level::Action || evaluator.is_impure(action) {
        return None;
    }
    let spec = evaluator.spec().clone();
    let closed = Closed { expr: action.clone(), bindings: step.bindings.clone() };
    let parts = groups::split(&spec, evaluator, &closed, "");
    if parts.len() > PARTS_MAX {
        return None;
    }
    if atoms.action_numbers.is_empty() {
        atoms.action_numbers.extend(model.groups.iter().enumerate().map(|(i, g)| (meaning(&g.action), i)));
    }
    let mut found = Vec::new();
    for part in parts {
        let predicate = Predicate::new(Universe::current(), evaluator, &part.action).ok()?;
        let next = model.groups.len() + atoms.actions.len();
        let number = *atoms.action_numbers.entry(meaning(&predicate)).or_insert(next);
        if number == next {
            atoms.actions.push(predicate);
        }
        found.push(number);
    }
    let unchanged = if is_all_variables(&spec, subscript) {
        None
    } else {
        let kind = Box::new(ExprKind::Unary(UnaryOp::Unchanged, subscript.clone()));
        let expr = Expr { kind, span: subscript.span, level: Level::Action };
        let unchanged = Closed { expr, bindings: step.bindings.clone() };
        let unchanged = Predicate::new(Universe::current(), evaluator, &unchanged).ok()?;
        let name = meaning(&unchanged);
        Some(atoms.unchanged.iter().position(|u| meaning(u) == name).unwrap_or_else(|| {
            atoms.unchanged.push(unchanged);
            atoms.unchanged.len() - 1
        }))
    };
    Some(Ways { groups: found, unchanged, square })
}

/// True for a tuple (of tuples …) of all variables.
fn is_all_variables(spec: &Spec, subscript: &Expr) -> bool {
    let mut missing = vec![true; spec.variables.len()];
    mark_variables(spec, subscript, &mut missing);
    !missing.contains(&true)
}

fn mark_variables(spec: &Spec, expr: &Expr, missing: &mut [bool]) {
    match &*expr.kind {
        ExprKind::Variable(id) => missing[id.0 as usize] = false,
        ExprKind::Tuple(items) => items.iter().for_each(|e| mark_variables(spec, e, missing)),
        ExprKind::Label(_, e) => mark_variables(spec, e, missing),
        ExprKind::Call(..) => {
            if let Some(body) = unfold(spec, expr) {
                mark_variables(spec, &body, missing);
            }
        }
        _ => {}
    }
}

/// What only formulas with the same meaning share: all of the expression but its places, with values for locals that
/// have one.
pub(super) type Meaning = Box<[u8]>;

/// The meaning of a formula.
pub(super) fn meaning(formula: &Predicate) -> Meaning {
    // No label of a text is empty.
    let value_of = |value: ValueId| {
        let expr = |kind| Expr { kind: Box::new(kind), span: Span::NONE, level: Level::Constant };
        Argument::Expr(expr(ExprKind::Label(String::new(), expr(ExprKind::Int(i64::from(value.0))))))
    };
    let values: HashMap<_, _> = formula.interned().map(|(local, value)| (local, value_of(value))).collect();
    let mut written = Written(Vec::new());
    if values.is_empty() {
        formula.expr.hash(&mut written);
    } else {
        substitute(&formula.expr, &values).hash(&mut written);
    }
    written.0.into_boxed_slice()
}

/// Keeps all that is hashed: lengths and variants are, so equal bytes come of equal things only.
struct Written(Vec<u8>);

impl Hasher for Written {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
