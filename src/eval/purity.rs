//! Facts about operators that lowering needs: which parameters are primed or assigned inside, and which
//! operators have effects or answers that differ from call to call.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::free::{Met, parts};
use crate::modules::{Native, Purity, native};
use crate::resolve::spec::{
    Argument, BinaryOp, Expr, ExprKind, LocalId, Operator, OperatorBody, OperatorId, OperatorRef, Spec, UnaryOp,
};

/// How an operator uses a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Use {
    /// For its value.
    Value,
    /// As the left side of what may be an assignment.
    Assigned,
    /// Primed, or as part of an action.
    Primed,
}

/// Memoised facts about the operators of one specification.
#[derive(Default)]
pub(crate) struct Facts {
    uses: RefCell<HashMap<OperatorId, Vec<Use>>>,
    impure: RefCell<HashMap<OperatorId, Quality>>,
}

/// What evaluating an operator depends on and does besides its arguments and the states it sees.
#[derive(Clone, Copy, Default)]
struct Quality {
    /// Another evaluation may give another answer, or has effects.
    impure: bool,
    /// Reads registers or the numbers of the run: TLC counts `TLCGet` as an operator of state level, so that
    /// definitions that use it are no constants.
    reads_progress: bool,
}

impl Quality {
    fn join(&mut self, other: Quality) {
        self.impure |= other.impure;
        self.reads_progress |= other.reads_progress;
    }

    fn of(native: &Native) -> Quality {
        Quality {
            impure: native.purity != Purity::Pure,
            reads_progress: matches!(native.name, "TLCGet" | "TLCGetOrDefault"),
        }
    }
}

/// The native version of an operator, if it has one.
pub(crate) fn native_of(operator: &Operator) -> Option<&'static Native> {
    if !operator.built_in_module || !matches!(operator.body, OperatorBody::Expr(_)) {
        return None;
    }
    native(&operator.module, &operator.short_name).filter(|n| n.arity == operator.parameters.len())
}

impl Facts {
    /// For each parameter, how the operator uses it (its strongest use).
    pub(crate) fn uses(&self, spec: &Spec, id: OperatorId) -> Vec<Use> {
        if let Some(known) = self.uses.borrow().get(&id) {
            return known.clone();
        }
        let operator = &spec.operators[id.0 as usize];
        let none = vec![Use::Value; operator.parameters.len()];
        self.uses.borrow_mut().insert(id, none.clone());
        let OperatorBody::Expr(body) = &operator.body else { return none };
        let mut walk = Uses { spec, facts: self, found: HashMap::new(), lets: HashMap::new(), done: HashSet::new() };
        walk.expr(body, Use::Value);
        let result: Vec<Use> =
            operator.parameters.iter().map(|p| walk.found.get(&p.local).copied().unwrap_or(Use::Value)).collect();
        self.uses.borrow_mut().insert(id, result.clone());
        result
    }

    /// True if evaluating the expression twice may give different answers or effects.
    pub(crate) fn impure(&self, spec: &Spec, expr: &Expr) -> bool {
        self.quality(spec, expr).impure
    }

    fn quality(&self, spec: &Spec, expr: &Expr) -> Quality {
        let mut found = Quality::default();
        self.impure_parts(spec, expr, &mut found);
        found
    }

    fn impure_parts(&self, spec: &Spec, expr: &Expr, found: &mut Quality) {
        let (ExprKind::Call(_, arguments) | ExprKind::CallLocal(_, arguments)) = &*expr.kind else {
            return self.impure_children(spec, expr, found);
        };
        if let ExprKind::Call(id, _) = &*expr.kind {
            found.join(self.operator_quality(spec, *id));
        }
        for argument in arguments {
            if let Argument::Operator(OperatorRef::Defined(id) | OperatorRef::Partial(id, _)) = argument {
                found.join(self.operator_quality(spec, *id));
            }
        }
        self.impure_children(spec, expr, found);
    }

    fn impure_children(&self, spec: &Spec, expr: &Expr, found: &mut Quality) {
        parts(expr, &mut |met| {
            if let Met::Child(child) = met {
                self.impure_parts(spec, child, found);
            }
        });
    }

    /// True if the operator is no constant although its level says so.
    pub(crate) fn reads_progress(&self, spec: &Spec, id: OperatorId) -> bool {
        self.operator_quality(spec, id).reads_progress
    }

    /// True if evaluating the operator twice may give different answers or effects.
    pub(crate) fn impure_operator(&self, spec: &Spec, id: OperatorId) -> bool {
        self.operator_quality(spec, id).impure
    }

    fn operator_quality(&self, spec: &Spec, id: OperatorId) -> Quality {
        if let Some(known) = self.impure.borrow().get(&id) {
            return *known;
        }
        self.impure.borrow_mut().insert(id, Quality::default());
        let operator = &spec.operators[id.0 as usize];
        let result = match (native_of(operator), &operator.body) {
            (Some(native), _) => Quality::of(native),
            (None, OperatorBody::Expr(body)) => self.quality(spec, body),
            (None, OperatorBody::Alias(other)) => self.operator_quality(spec, *other),
            (None, OperatorBody::Value(_) | OperatorBody::Table(_)) => Quality::default(),
        };
        self.impure.borrow_mut().insert(id, result);
        result
    }
}

struct Uses<'s> {
    spec: &'s Spec,
    facts: &'s Facts,
    found: HashMap<LocalId, Use>,
    lets: HashMap<LocalId, &'s Expr>,
    done: HashSet<LocalId>,
}

impl<'s> Uses<'s> {
    fn expr(&mut self, expr: &'s Expr, under: Use) {
        match &*expr.kind {
            ExprKind::Local(local) if under > Use::Value => {
                let known = self.found.entry(*local).or_insert(under);
                *known = under.max(*known);
                if self.done.insert(*local)
                    && let Some(body) = self.lets.get(local).copied()
                {
                    self.expr(body, under);
                }
            }
            ExprKind::Unary(
                UnaryOp::Prime | UnaryOp::Enabled | UnaryOp::Unchanged | UnaryOp::Always | UnaryOp::Eventually,
                a,
            ) => self.expr(a, Use::Primed),
            ExprKind::SquareAction(a, b)
            | ExprKind::AngleAction(a, b)
            | ExprKind::WeakFairness(a, b)
            | ExprKind::StrongFairness(a, b)
            | ExprKind::Binary(BinaryOp::LeadsTo | BinaryOp::Guarantees | BinaryOp::Compose, a, b) => {
                self.expr(a, Use::Primed);
                self.expr(b, Use::Primed);
            }
            ExprKind::Binary(BinaryOp::Equal | BinaryOp::In | BinaryOp::SubsetEq, a, b) => {
                let assigned = if matches!(&*a.kind, ExprKind::Local(_)) { Use::Assigned } else { Use::Value };
                self.expr(a, under.max(assigned));
                self.expr(b, under);
            }
            ExprKind::Let(definitions, body) => {
                for definition in definitions {
                    self.lets.insert(definition.local, &definition.body);
                    self.expr(&definition.body, under);
                }
                self.expr(body, under);
            }
            ExprKind::Call(id, arguments) => {
                let uses = self.facts.uses(self.spec, *id);
                for (argument, inside) in arguments.iter().zip(uses) {
                    match argument {
                        Argument::Expr(e) => self.expr(e, under.max(inside)),
                        Argument::Operator(OperatorRef::Lambda(_, body)) => self.expr(body, under),
                        Argument::Operator(_) => {}
                    }
                }
            }
            _ => parts(expr, &mut |met| {
                if let Met::Child(child) = met {
                    self.expr(child, under);
                }
            }),
        }
    }
}
