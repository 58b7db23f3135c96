//! Arguments: expressions, operators by name or symbol, LAMBDA; and the parameters they are for.

use super::builtin;
use super::call::{Found, Head, count};
use super::elaborate::{Elaborator, LocalKind};
use super::level::{Standing, Typed};
use super::scope::{Entity, Entry, FrameId, Scope};
use super::spec::{Argument, Level, OperatorRef, Parameter};
use crate::diagnostic::Diagnostic;
use crate::syntax::tree::{Expr, ExprKind, OperatorDeclaration};

impl<'t> Elaborator<'t> {
    /// An argument for a parameter: an expression, or an operator of the arity it asks for.
    pub(super) fn argument(&mut self, tree: &'t Expr, arity: usize, scope: Scope) -> (Argument, Standing) {
        if arity == 0 {
            let argument = self.expr(tree, scope);
            return (Argument::Expr(argument.expr), argument.standing);
        }
        match self.operator_argument(tree, arity, scope) {
            Some((operator, standing)) => (Argument::Operator(operator), standing),
            None => (Argument::Expr(Typed::broken(tree.span).expr), Standing::default()),
        }
    }

    /// An operator given as an argument. `None` after a diagnostic.
    pub(super) fn operator_argument(
        &mut self,
        tree: &'t Expr,
        arity: usize,
        scope: Scope,
    ) -> Option<(OperatorRef, Standing)> {
        match &*tree.kind {
            ExprKind::Lambda(parameters, body) => {
                let (parameters, body) = self.lambda(parameters, body, scope);
                if parameters.len() != arity {
                    let message = format!("an operator of {} is expected here", count(arity));
                    self.report(Diagnostic::error("4274", tree.span, message));
                    return None;
                }
                let mut standing = body.standing;
                standing.parameters.retain(|local| !parameters.iter().any(|p| p.local == *local));
                Some((OperatorRef::Lambda(parameters, body.expr), standing))
            }
            ExprKind::Path(steps) if steps.last().is_some_and(|step| step.arguments.is_empty()) => {
                let mut found = self.follow(steps, scope)?;
                if found.step + 1 < steps.len() {
                    let selected = self.selected_operator(&found, steps, scope)?;
                    found.head = Head::Entity(Entity::Operator(selected));
                }
                self.head_argument(&found, arity, tree)
            }
            _ => {
                let message = format!("an operator of {} is expected here, not an expression", count(arity));
                self.report(Diagnostic::error("4270", tree.span, message));
                self.expr(tree, scope);
                None
            }
        }
    }

    fn head_argument(&mut self, found: &Found<'t>, arity: usize, tree: &'t Expr) -> Option<(OperatorRef, Standing)> {
        let own = match found.head {
            Head::Entity(entity) => self.arity(entity).unwrap_or(0),
            Head::Unary(_) => 1,
            Head::Binary(_) => 2,
        };
        if own != arity {
            let code = if own == 0 { "4270" } else { "4271" };
            let message =
                format!("an operator of {} is expected here, but `{}` takes {}", count(arity), found.name, count(own));
            self.report(Diagnostic::error(code, tree.span, message));
            return None;
        }
        match found.head {
            Head::Unary(op) => {
                Some((OperatorRef::Unary(op), Standing::of(result_level(builtin::unary_rule(op).result))))
            }
            Head::Binary(op) => {
                Some((OperatorRef::Binary(op), Standing::of(result_level(builtin::binary_rule(op).result))))
            }
            Head::Entity(Entity::Operator(id)) => {
                let (leading, standing) = self.leading(id, &found.bindings, tree.span);
                let place = leading.len();
                if self.spec.operators[id.0 as usize].parameters[place..].iter().any(|p| p.arity > 0) {
                    let message =
                        format!("`{}` takes operators as arguments and cannot be an argument itself", found.name);
                    self.report(Diagnostic::error("4271", tree.span, message));
                    return None;
                }
                let operator =
                    if leading.is_empty() { OperatorRef::Defined(id) } else { OperatorRef::Partial(id, leading) };
                Some((operator, standing))
            }
            Head::Entity(Entity::Local(site)) => {
                let local = self.refer(site);
                Some((OperatorRef::Local(local), self.locals[local.0 as usize].standing.clone()))
            }
            Head::Entity(Entity::Constant(id)) => Some((OperatorRef::Constant(id), Standing::default())),
            Head::Entity(Entity::Substituted(id)) => {
                let substitution = self.substitutions[id.0 as usize];
                self.elsewhere(|this| this.operator_argument(substitution.value, arity, substitution.scope))
            }
            Head::Entity(_) => None,
        }
    }

    /// `LAMBDA x, y : e`.
    pub(super) fn lambda(
        &mut self,
        parameters: &'t [OperatorDeclaration],
        body: &'t Expr,
        scope: Scope,
    ) -> (Vec<Parameter>, Typed) {
        let frame = self.scopes.frame(Some(scope));
        let mark = self.bound.len();
        self.bound.extend(parameters.iter().map(|parameter| parameter.name.text.as_str()));
        let parameters = self.parameters(frame, scope, parameters);
        let inner = self.scopes.now(frame);
        let body = self.expr(body, inner);
        self.bound.truncate(mark);
        (parameters, body)
    }

    /// Binds formal parameters in a frame.
    pub(super) fn parameters(
        &mut self,
        frame: FrameId,
        around: Scope,
        declarations: &'t [OperatorDeclaration],
    ) -> Vec<Parameter> {
        declarations
            .iter()
            .map(|declaration| {
                let OperatorDeclaration { name, arity, .. } = declaration;
                let local = self.local(&name.text, name.span, LocalKind::Parameter, *arity);
                self.introduce(frame, around, name, Entry::new(Entity::Local(local), name.span));
                Parameter { local, arity: *arity }
            })
            .collect()
    }
}

fn result_level(result: Option<Level>) -> Level {
    result.unwrap_or_default()
}
