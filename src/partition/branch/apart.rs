//! Taking a group apart: through disjunctions, quantifiers over state sets, definitions, and what stands behind guards.

use std::rc::Rc;

use super::super::formula::{binder_locals, unfold_let};
use super::super::model::Group;
use super::{BoundSet, Form, Labelled, Leaf, Node, Tree};
use crate::diagnostic::Span;
use crate::eval::unfold;
use crate::eval::{Evaluator, Prepared};
use crate::model::GroupId;
use crate::resolve::spec::{Argument, BinaryOp, Bound, Expr, ExprKind, Level, LocalId, Spec, UnaryOp};
use crate::value::Universe;

/// Leaves of one group at most; what would split further stays whole.
const LEAVES_MAX: usize = 4_096;

pub(super) struct Builder<'b> {
    pub(super) spec: &'b Spec,
    pub(super) evaluator: &'b Evaluator,
    pub(super) group: GroupId,
    pub(super) first: usize,
    pub(super) leaves: &'b mut Vec<Leaf>,
}

/// Where taking apart stands.
#[derive(Clone)]
struct At {
    name: String,
    names: Vec<String>,
    span: Span,
    locals: Vec<LocalId>,
    parameters: Vec<String>,
    own_parameters: Vec<String>,
    /// Conjuncts before and after what is being taken apart.
    before: Vec<Expr>,
    after: Vec<Expr>,
    /// No action has been named yet: only the next-state relation.
    unnamed: bool,
}

impl Builder<'_> {
    pub(super) fn tree(mut self, group: &Group, universe: &'static Universe) -> Tree {
        let bindings = group.action.bindings(universe);
        let parameters = group.parameters.iter().map(|(name, id)| (name, id, false));
        let aliases = group.aliases.iter().map(|(name, id)| (name, id, true));
        let labels: Vec<Labelled> = parameters
            .chain(aliases)
            .map(|(name, id, alias)| Labelled { name: name.clone(), value: universe.value(*id), alias })
            .collect();
        let at = At {
            name: group.name.clone(),
            names: group.names[group.roots.min(group.names.len().saturating_sub(1))..].to_vec(),
            span: group.span,
            locals: bindings.iter().map(|(l, _)| *l).collect(),
            parameters: labels.iter().map(|l| l.name.clone()).collect(),
            own_parameters: labels.iter().filter(|l| !l.alias).map(|l| l.name.clone()).collect(),
            before: Vec::new(),
            after: Vec::new(),
            unnamed: group.names.len() <= group.roots,
        };
        let expr = group.action.expr.clone();
        let root = match self.called(&expr) {
            Some((parameters, inner)) => self.aliases(&expr, parameters, inner, at),
            None => self.node(&expr, at),
        };
        Tree { labels, values: bindings.into_iter().map(|(_, v)| v).collect(), root }
    }

    /// A group that is a call as a whole: its name and parameters are those of the group already.
    fn called(&self, expr: &Expr) -> Option<(Vec<(LocalId, Argument)>, Expr)> {
        let ExprKind::Call(id, arguments) = &*expr.kind else { return None };
        let operator = &self.spec.operators[id.0 as usize];
        if operator.built_in_module || expr.level != Level::Action {
            return None;
        }
        let body = unfold(self.spec, expr)?;
        Some((operator.parameters.iter().map(|p| p.local).zip(arguments.iter().cloned()).collect(), body))
    }

    fn aliases(&mut self, whole: &Expr, given: Vec<(LocalId, Argument)>, body: Expr, mut at: At) -> Node {
        if !given.iter().all(|(_, a)| self.is_plain(a, &at)) {
            return self.leaf(whole, at);
        }
        let parameters = self.parameters(&given, &mut at);
        at.unnamed = false;
        let body = self.node(&body, at);
        named(parameters, body)
    }

    /// Arguments that are the same however often and wherever they are evaluated.
    fn is_plain(&self, argument: &Argument, at: &At) -> bool {
        match argument {
            Argument::Operator(_) => true,
            Argument::Expr(e) => {
                e.level == Level::Constant || matches!(&*e.kind, ExprKind::Local(l) if at.locals.contains(l))
            }
        }
    }

    fn parameters(&self, given: &[(LocalId, Argument)], at: &mut At) -> Vec<(String, Prepared, bool)> {
        let mut parameters = Vec::new();
        for (local, argument) in given {
            let Argument::Expr(e) = argument else { continue };
            let name = &self.spec.locals[local.0 as usize].name;
            let alias = match &*e.kind {
                ExprKind::Local(l) if self.spec.locals[l.0 as usize].name == *name => continue,
                ExprKind::Local(_) => true,
                _ => false,
            };
            if at.parameters.last() == Some(name) && !alias {
                continue;
            }
            at.parameters.push(name.clone());
            if !alias {
                at.own_parameters.push(name.clone());
            }
            parameters.push((name.clone(), self.evaluator.prepare(&at.locals, e), alias));
        }
        parameters
    }

    fn node(&mut self, expr: &Expr, at: At) -> Node {
        if expr.level != Level::Action || self.leaves.len() - self.first > LEAVES_MAX {
            return self.leaf(expr, at);
        }
        match &*expr.kind {
            ExprKind::Or(items) => self.any(items.iter().collect(), at),
            ExprKind::Binary(BinaryOp::Or, a, b) => self.any(vec![a, b], at),
            ExprKind::And(items) => self.conjunction(expr, items.clone(), at),
            ExprKind::Binary(BinaryOp::And, a, b) => self.conjunction(expr, vec![a.clone(), b.clone()], at),
            ExprKind::Label(_, e) => self.node(e, at),
            ExprKind::Exists(bounds, body) if bounds.iter().all(|b| b.set.level <= Level::State) => {
                self.exists(bounds, body, at)
            }
            ExprKind::Call(..) => self.call(expr, at),
            ExprKind::Let(definitions, body) => {
                let flat = unfold_let(definitions, body);
                self.or_whole(expr, at, |builder, at| flat.map(|flat| builder.node(&flat, at)))
            }
            ExprKind::If(condition, yes, no) if condition.level <= Level::State => {
                let (condition, yes, no) = (condition.clone(), yes.clone(), no.clone());
                self.or_whole(expr, at, |builder, at| Some(builder.conditional(&condition, &yes, &no, at)))
            }
            _ => self.leaf(expr, at),
        }
    }

    fn leaf(&mut self, expr: &Expr, at: At) -> Node {
        let number = self.leaves.len();
        let whole = if at.before.is_empty() && at.after.is_empty() {
            expr.clone()
        } else {
            let span = expr.span;
            let items = at.before.into_iter().chain([expr.clone()]).chain(at.after).collect();
            Expr { kind: Box::new(ExprKind::And(items)), span, level: Level::Action }
        };
        self.leaves.push(Leaf {
            group: self.group,
            name: at.name,
            names: at.names,
            parameters: at.parameters,
            own_parameters: at.own_parameters,
            action_parameters: Rc::default(),
            span: at.span,
            place: expr.span,
            ready: self.evaluator.prepare(&at.locals, &whole),
            expr: whole,
            locals: at.locals,
        });
        Node { leaves: number..number + 1, form: Form::Leaf }
    }

    fn any(&mut self, items: Vec<&Expr>, at: At) -> Node {
        let first = self.leaves.len();
        let nodes = items.into_iter().map(|item| self.node(item, at.clone())).collect();
        Node { leaves: first..self.leaves.len(), form: Form::Any(nodes) }
    }

    /// Takes apart what stands behind state formulas only: those are guards.
    fn conjunction(&mut self, expr: &Expr, items: Vec<Expr>, mut at: At) -> Node {
        let guards = items.iter().take_while(|e| e.level <= Level::State).count();
        let Some(item) = items.get(guards).filter(|item| self.opens(item, &at)) else { return self.leaf(expr, at) };
        let item = item.clone();
        let guard = items[..guards].to_vec();
        at.after.splice(0..0, items[guards + 1..].iter().cloned());
        if guard.is_empty() {
            return self.node(&item, at);
        }
        let span = guard.iter().fold(Span::NONE, |span, e| span.to(e.span));
        let when = Expr { kind: Box::new(ExprKind::And(guard.clone())), span, level: Level::State };
        at.before.extend(guard);
        self.when(&when, at, |builder, at| builder.node(&item, at))
    }

    fn when(&mut self, guard: &Expr, at: At, body: impl FnOnce(&mut Self, At) -> Node) -> Node {
        let guard = self.evaluator.prepare(&at.locals, guard);
        let body = body(self, at);
        Node { leaves: body.leaves.clone(), form: Form::When(guard, Box::new(body)) }
    }

    /// Whether a conjunct is worth taking apart: it binds parameters, or names actions that have no name yet.
    fn opens(&self, item: &Expr, at: &At) -> bool {
        match &*item.kind {
            ExprKind::Exists(bounds, _) => bounds.iter().all(|b| b.set.level <= Level::State),
            ExprKind::Label(_, e) => self.opens(e, at),
            ExprKind::Let(_, body) => self.opens(body, at),
            ExprKind::Or(_) | ExprKind::Binary(BinaryOp::Or, ..) | ExprKind::Call(..) | ExprKind::If(..) => at.unnamed,
            _ => false,
        }
    }

    fn exists(&mut self, bounds: &[Bound], body: &Expr, mut at: At) -> Node {
        let sets: Vec<Prepared> = bounds.iter().map(|b| self.evaluator.prepare(&at.locals, &b.set)).collect();
        let mut named = Vec::new();
        for bound in bounds {
            let locals = binder_locals(&bound.binder);
            let names: Vec<String> = locals.iter().map(|l| self.spec.locals[l.0 as usize].name.clone()).collect();
            at.locals.extend(locals);
            at.parameters.extend(names.iter().cloned());
            at.own_parameters.extend(names.iter().cloned());
            named.push((names, matches!(bound.binder, crate::resolve::spec::Binder::Tuple(_))));
        }
        let body = self.node(body, at);
        let bounds = sets.into_iter().zip(named).zip(bounds).map(|((set, (names, tuple)), bound)| BoundSet {
            set,
            place: bound.set.span,
            names: names.into_iter().map(|name| (name.clone(), !body.binds(&name))).collect(),
            tuple,
        });
        Node { leaves: body.leaves.clone(), form: Form::Each(bounds.collect(), Box::new(body)) }
    }

    /// Through a definition: its arguments must be plain here. A part of an action that has a name is not looked into.
    fn call(&mut self, expr: &Expr, mut at: At) -> Node {
        let in_conjunction = !(at.before.is_empty() && at.after.is_empty());
        if in_conjunction && !at.unnamed {
            return self.leaf(expr, at);
        }
        let Some((given, body)) = self.called(expr) else { return self.leaf(expr, at) };
        let ExprKind::Call(id, _) = &*expr.kind else { return self.leaf(expr, at) };
        let operator = &self.spec.operators[id.0 as usize];
        (at.name, at.span) = (operator.short_name.clone(), operator.span);
        at.names.push(operator.short_name.clone());
        at.unnamed = false;
        let plain = given.iter().all(|(_, a)| self.is_plain(a, &at));
        let parameters = self.parameters(&given, &mut at);
        let body = if plain { self.node(&body, at) } else { self.leaf(expr, at) };
        named(parameters, body)
    }

    fn conditional(&mut self, condition: &Expr, yes: &Expr, no: &Expr, at: At) -> Node {
        let first = self.leaves.len();
        let kind = Box::new(ExprKind::Unary(UnaryOp::Not, condition.clone()));
        let otherwise = Expr { kind, span: condition.span, level: condition.level };
        let mut nodes = Vec::new();
        for (guard, branch) in [(condition, yes), (&otherwise, no)] {
            let mut at = at.clone();
            at.before.push(guard.clone());
            nodes.push(self.when(guard, at, |builder, at| builder.node(branch, at)));
        }
        Node { leaves: first..self.leaves.len(), form: Form::Any(nodes) }
    }

    /// Takes an expression apart if that gives a name or a parameter; otherwise it stays as it is.
    fn or_whole(&mut self, expr: &Expr, at: At, apart: impl FnOnce(&mut Self, At) -> Option<Node>) -> Node {
        let first = self.leaves.len();
        let node = apart(self, at.clone());
        let gained = |leaf: &Leaf| leaf.names != at.names || leaf.parameters != at.parameters;
        match node {
            Some(node) if self.leaves[first..].iter().any(gained) => node,
            _ => {
                self.leaves.truncate(first);
                self.leaf(expr, at)
            }
        }
    }
}

fn named(parameters: Vec<(String, Prepared, bool)>, body: Node) -> Node {
    if parameters.is_empty() {
        return body;
    }
    Node { leaves: body.leaves.clone(), form: Form::Named(parameters, Box::new(body)) }
}
