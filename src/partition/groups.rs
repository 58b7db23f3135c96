//! Next as transition groups: named actions with their bound parameters, as TLC splits them.

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared};
use crate::resolve::spec::{Argument, BinaryOp, Bound, Expr, ExprKind, Level, LocalId, Spec};
use crate::value::Value;

use crate::eval::unfold;

use super::formula::{Closed, binder_locals};

/// Groups made at most; a relation that splits into more stays in coarser pieces.
const GROUPS_MAX: usize = 20_000;

/// A transition group.
pub struct Group {
    /// The action, over the bound locals.
    pub action: Closed,
    /// Innermost named operator.
    pub name: String,
    /// Named operators around it, outermost first; [`Group::name`] is the last.
    pub names: Vec<String>,
    /// Bound parameters by name, outermost first: the label of its steps.
    pub parameters: Vec<(String, Value)>,
    /// Parameters of definitions that are called with a bound variable of another name: further names of its value.
    pub aliases: Vec<(String, Value)>,
    /// How many of the names are those of the next-state relation as a whole.
    pub roots: usize,
    /// Where the action is written.
    pub span: Span,
}

/// Splits a next-state relation through `\/`, `\E` over constant sets and calls with constant arguments.
pub fn split(spec: &Spec, evaluator: &mut Evaluator, next: &Closed, name: &str) -> Vec<Group> {
    let roots = if matches!(&*next.expr.kind, ExprKind::Call(..)) { 2 } else { 1 };
    let mut splitter = Splitter { spec, evaluator, roots, groups: Vec::new() };
    let names = vec![name.to_owned()];
    let start =
        Position { name: name.to_owned(), names, parameters: Vec::new(), aliases: Vec::new(), span: next.expr.span };
    splitter.split(next, &start);
    splitter.groups
}

/// Where a walk through the relation stands.
#[derive(Clone)]
struct Position {
    name: String,
    names: Vec<String>,
    parameters: Vec<(String, Value)>,
    aliases: Vec<(String, Value)>,
    span: Span,
}

struct Splitter<'a> {
    spec: &'a Spec,
    evaluator: &'a mut Evaluator,
    roots: usize,
    groups: Vec<Group>,
}

impl Splitter<'_> {
    fn split(&mut self, action: &Closed, at: &Position) {
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: action.bindings.clone() };
        match &*action.expr.kind {
            ExprKind::Or(items) => items.iter().for_each(|e| self.split(&inner(e), at)),
            ExprKind::Binary(BinaryOp::Or, a, b) => {
                self.split(&inner(a), at);
                self.split(&inner(b), at);
            }
            ExprKind::And(items) if items.len() == 1 => self.split(&inner(&items[0]), at),
            ExprKind::Label(_, e) => self.split(&inner(e), at),
            ExprKind::Exists(bounds, body) => {
                if !self.split_exists(action, bounds, body, at) {
                    self.leaf(action, at);
                }
            }
            ExprKind::Call(..) => {
                if !self.split_call(action, at) {
                    self.leaf(action, at);
                }
            }
            ExprKind::SquareAction(a, v) => {
                self.split(&inner(a), at);
                let kind = ExprKind::Unary(crate::resolve::spec::UnaryOp::Unchanged, v.clone());
                let stutter = Expr { kind: Box::new(kind), span: v.span, level: Level::Action };
                let at = Position { name: "UNCHANGED".to_owned(), span: v.span, ..at.clone() };
                self.leaf(&inner(&stutter), &at);
            }
            _ => self.leaf(action, at),
        }
    }

    fn leaf(&mut self, action: &Closed, at: &Position) {
        self.groups.push(Group {
            action: action.clone(),
            name: at.name.clone(),
            names: at.names.clone(),
            parameters: at.parameters.clone(),
            aliases: at.aliases.clone(),
            roots: self.roots,
            span: at.span,
        });
    }

    /// One branch for each binding of `\E` over sets that are constant here.
    fn split_exists(&mut self, action: &Closed, bounds: &[Bound], body: &Expr, at: &Position) -> bool {
        if bounds.iter().any(|b| b.set.level > Level::Constant) || self.groups.len() > GROUPS_MAX {
            return false;
        }
        let locals: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
        let surrounding: Vec<LocalId> = action.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = action.bindings.iter().map(|(_, v)| v.clone()).collect();
        let mut instances: Vec<Vec<Value>> = Vec::new();
        let listed = self.evaluator.each_binding(&surrounding, &values, bounds, &mut |_, elements| {
            instances.push(elements.to_vec());
            Ok(if instances.len() > GROUPS_MAX { Flow::Stop } else { Flow::Continue })
        });
        // A set that cannot be listed now may never be needed: leave it to the evaluation of the group.
        if !matches!(listed, Ok(Flow::Continue)) {
            return false;
        }
        for instance in instances {
            let mut at = at.clone();
            let mut bindings = action.bindings.clone();
            for (local, value) in locals.iter().zip(instance) {
                at.parameters.push((self.spec.locals[local.0 as usize].name.clone(), value.clone()));
                bindings.push((*local, value));
            }
            self.split(&Closed { expr: body.clone(), bindings }, &at);
        }
        true
    }

    /// Through a definition: its arguments must be constant here.
    fn split_call(&mut self, action: &Closed, at: &Position) -> bool {
        let ExprKind::Call(id, arguments) = &*action.expr.kind else { return false };
        let operator = &self.spec.operators[id.0 as usize];
        let mut at = Position { name: operator.short_name.clone(), span: operator.span, ..at.clone() };
        at.names.push(operator.short_name.clone());
        let constant = arguments.iter().all(|a| match a {
            Argument::Expr(e) => e.level == Level::Constant,
            Argument::Operator(_) => true,
        });
        match unfold(self.spec, &action.expr) {
            Some(body) if constant => {
                let at = self.named_parameters(action, *id, arguments, at);
                self.split(&Closed { expr: body, bindings: action.bindings.clone() }, &at);
            }
            _ => self.leaf(action, &at),
        }
        true
    }

    /// Parameters of a definition given by something else than the local they are named after also label the step.
    fn named_parameters(
        &mut self,
        action: &Closed,
        id: crate::resolve::spec::OperatorId,
        arguments: &[Argument],
        mut at: Position,
    ) -> Position {
        let operator = &self.spec.operators[id.0 as usize];
        let locals: Vec<LocalId> = action.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = action.bindings.iter().map(|(_, v)| v.clone()).collect();
        for (parameter, argument) in operator.parameters.iter().zip(arguments) {
            let Argument::Expr(e) = argument else { continue };
            let name = &self.spec.locals[parameter.local.0 as usize].name;
            if let ExprKind::Local(l) = &*e.kind
                && let Some((_, value)) = action.bindings.iter().find(|(bound, _)| bound == l)
            {
                if self.spec.locals[l.0 as usize].name != *name {
                    at.aliases.push((name.clone(), value.clone()));
                }
                continue;
            }
            let prepared: Prepared = self.evaluator.prepare(&locals, e);
            // A label only: an argument that fails now fails again when the action is evaluated.
            if let Ok(value) = self.evaluator.evaluate(&prepared, &values) {
                at.parameters.push((name.clone(), value));
            }
        }
        at
    }
}
