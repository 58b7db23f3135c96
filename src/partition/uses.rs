//! Which set variables are worth keeping by their elements, from how the next-state relation uses them.
//!
//! A set gains from it if it is asked for single elements (`m \in msgs`) or for elements with a guard
//! (`\E m \in msgs : m.type = "1a" /\ …`), and otherwise only grown or shrunk (`msgs' = msgs \cup {m}`). Where the relation
//! goes through all its elements, one slot for the whole set is better. Elements that agree in what guards look at (the *paths*:
//! `m.type`, `m.bal`) need not be told apart by them, and share a slot.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::eval::{guard, subexpressions, unfold};
use crate::resolve::spec::{
    Argument, BinaryOp, Binder, Bound, Expr, ExprKind, Level, LocalId, OperatorBody, OperatorId, PathStep as Step,
    Spec, Symbol, UnaryOp, VariableId,
};

/// A step into a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum PathStep {
    /// A field.
    Field(Symbol),
    /// A place in a tuple, from 1.
    Index(i64),
}

/// Where guards look into the elements of a set; the whole element is the empty path.
pub(super) type Paths = BTreeSet<Vec<PathStep>>;

/// How a variable is used.
#[derive(Default, Debug)]
struct Use {
    selective: u32,
    whole: u32,
    paths: Paths,
}

/// For each variable that is worth it, where guards look into its elements; empty if they look at whole elements.
pub(super) fn selective(spec: &Spec, next: &Expr) -> BTreeMap<VariableId, Paths> {
    let mut walk = Walk { spec, uses: BTreeMap::new(), seen: HashSet::new() };
    walk.expr(next);
    let worth = walk.uses.into_iter().filter(|(_, u)| u.selective > 0 && u.whole == 0);
    worth.map(|(variable, u)| (variable, if u.paths.contains(&Vec::new()) { Paths::new() } else { u.paths })).collect()
}

struct Walk<'s> {
    spec: &'s Spec,
    uses: BTreeMap<VariableId, Use>,
    seen: HashSet<OperatorId>,
}

impl Walk<'_> {
    fn used(&mut self, variable: VariableId) -> &mut Use {
        self.uses.entry(variable).or_default()
    }

    /// The variable that an expression is, or goes into with indexes.
    fn variable(&self, expr: &Expr) -> Option<VariableId> {
        match &*expr.kind {
            ExprKind::Variable(variable) => Some(*variable),
            ExprKind::Apply(f, _) | ExprKind::Field(f, _) => self.variable(f),
            ExprKind::Call(id, arguments) if arguments.is_empty() => match &self.spec.operators[id.0 as usize].body {
                OperatorBody::Expr(body) if matches!(&*body.kind, ExprKind::Variable(_)) => self.variable(body),
                _ => None,
            },
            _ => None,
        }
    }

    /// The indexes of a reference to a variable.
    fn indexes(&mut self, expr: &Expr) {
        match &*expr.kind {
            ExprKind::Apply(f, index) => {
                self.indexes(f);
                self.expr(index);
            }
            ExprKind::Field(f, _) => self.indexes(f),
            _ => {}
        }
    }

    fn bound(&mut self, bound: &Bound, guard: Option<Expr>, body: &Expr) {
        match (self.variable(&bound.set), &bound.binder) {
            (Some(variable), Binder::Each(locals)) => {
                self.indexes(&bound.set);
                match (&guard, &locals[..]) {
                    (Some(guard), [local]) => {
                        let mut paths = Paths::new();
                        collect_paths(guard, *local, &mut paths);
                        let used = self.used(variable);
                        used.selective += 1;
                        used.paths.extend(paths);
                    }
                    _ => self.used(variable).whole += 1,
                }
            }
            _ => self.expr(&bound.set),
        }
        self.expr(body);
    }

    /// `v' = value`.
    fn assigned(&mut self, variable: VariableId, value: &Expr) {
        match &*value.kind {
            ExprKind::Variable(other) if *other == variable => {}
            ExprKind::Binary(BinaryOp::Cup | BinaryOp::Difference, a, b) => {
                self.assigned(variable, a);
                self.expr(b);
            }
            ExprKind::Except(base, updates) => {
                self.assigned(variable, base);
                for update in updates {
                    for step in &update.path {
                        if let Step::Index(index) = step {
                            self.expr(index);
                        }
                    }
                    match &*update.value.kind {
                        ExprKind::Binary(BinaryOp::Cup | BinaryOp::Difference, a, by) if matches!(&*a.kind, ExprKind::Local(local) if *local == update.at) =>
                        {
                            self.expr(by);
                        }
                        _ => self.expr(&update.value),
                    }
                }
            }
            ExprKind::If(condition, a, b) => {
                self.expr(condition);
                self.assigned(variable, a);
                self.assigned(variable, b);
            }
            ExprKind::Call(..) => match unfold(self.spec, value).filter(|_| self.variable(value).is_none()) {
                Some(body) if body.level > Level::Constant => self.assigned(variable, &body),
                _ => self.expr(value),
            },
            _ => self.expr(value),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if expr.level == Level::Constant {
            return;
        }
        if let Some(variable) = self.variable(expr) {
            self.indexes(expr);
            self.used(variable).whole += 1;
            return;
        }
        match &*expr.kind {
            ExprKind::Binary(BinaryOp::In | BinaryOp::NotIn, element, set) => {
                self.expr(element);
                match self.variable(set) {
                    Some(variable) => {
                        self.indexes(set);
                        self.used(variable).selective += 1;
                    }
                    None => self.expr(set),
                }
            }
            ExprKind::Binary(BinaryOp::SubsetEq, a, b) if b.level == Level::Constant && self.variable(a).is_some() => {
                self.indexes(a);
            }
            ExprKind::Binary(BinaryOp::Equal, a, b) => match &*a.kind {
                ExprKind::Unary(UnaryOp::Prime, v) if matches!(&*v.kind, ExprKind::Variable(_)) => {
                    if let Some(variable) = self.variable(v) {
                        self.assigned(variable, b);
                    }
                }
                _ => {
                    self.expr(a);
                    self.expr(b);
                }
            },
            ExprKind::Unary(UnaryOp::Unchanged, _) => {}
            ExprKind::SquareAction(action, _) | ExprKind::AngleAction(action, _) => self.expr(action),
            ExprKind::Exists(bounds, body) if bounds.len() == 1 => {
                self.bound(&bounds[0], guard::existential(self.spec, body), body);
            }
            ExprKind::Forall(bounds, body) if bounds.len() == 1 => {
                self.bound(&bounds[0], guard::universal(self.spec, body), body);
            }
            ExprKind::SetFilter(bound, body) | ExprKind::Choose(bound, body) => {
                self.bound(bound, guard::existential(self.spec, body), body);
            }
            ExprKind::Call(id, arguments) => {
                for argument in arguments {
                    if let Argument::Expr(e) = argument {
                        self.expr(e);
                    }
                }
                if self.seen.insert(*id)
                    && let OperatorBody::Expr(body) = &self.spec.operators[id.0 as usize].body
                {
                    self.expr(body);
                }
            }
            _ => {
                let mut children = Vec::new();
                subexpressions(expr, &mut |child| children.push(child));
                children.into_iter().for_each(|child| self.expr(child));
            }
        }
    }
}

/// Where an expression looks into a local.
fn collect_paths(expr: &Expr, local: LocalId, paths: &mut Paths) {
    match path(expr, local) {
        Some(path) => {
            paths.insert(path);
        }
        None => subexpressions(expr, &mut |child| collect_paths(child, local, paths)),
    }
}

fn path(expr: &Expr, local: LocalId) -> Option<Vec<PathStep>> {
    let (inner, step) = match &*expr.kind {
        ExprKind::Local(other) => return (*other == local).then(Vec::new),
        ExprKind::Field(inner, name) => (inner, PathStep::Field(*name)),
        ExprKind::Apply(inner, index) => match &*index.kind {
            ExprKind::Int(index) => (inner, PathStep::Index(*index)),
            ExprKind::String(name) => (inner, PathStep::Field(*name)),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = path(inner, local)?;
    path.push(step);
    Some(path)
}
