//! Definitions, declarations and instances: the tree of what `grammar/definition.pest` reads.

use pest::iterators::Pair;

use super::build::{Builder, next_part, parts};
use super::grammar::Rule;
use super::tree::{Definition, DefinitionHead, Expr, ExprKind, Fixity, InstanceUnit, Name, OperatorDeclaration, Unit};
use crate::diagnostic::Span;

impl Builder<'_> {
    /// A definition, an instance or a RECURSIVE declaration; `local` is the span of `LOCAL …` around it.
    pub(super) fn definition_or_instance(&mut self, pair: Pair<'_, Rule>, local: Option<Span>) -> Unit {
        match pair.as_rule() {
            Rule::recursive => Unit::Recursive(self.declarations(pair)),
            Rule::instance_unit => {
                let span = local.unwrap_or(self.span(&pair));
                let instance = next_part(&mut parts(pair));
                let (module, substitutions) = self.instance(instance);
                Unit::Instance(InstanceUnit {
                    local: local.is_some(),
                    name: None,
                    parameters: Vec::new(),
                    module,
                    substitutions,
                    span,
                })
            }
            _ => self.definition(pair, local),
        }
    }

    fn definition(&mut self, pair: Pair<'_, Rule>, local: Option<Span>) -> Unit {
        let span = local.unwrap_or(self.span(&pair));
        let local = local.is_some();
        let mut inner = parts(pair);
        let (name, fixity, head) = self.head(next_part(&mut inner));
        let right = next_part(&mut inner);
        if right.as_rule() != Rule::instance {
            let body = self.expression(right);
            return Unit::Definition(Definition { local, name, fixity, head, body, span });
        }
        let parameters = match head {
            DefinitionHead::Operator(parameters) if fixity == Fixity::Nonfix => parameters,
            _ => {
                self.error(name.span, "only a name with plain parameters can be defined as an instance", "");
                Vec::new()
            }
        };
        let (module, substitutions) = self.instance(right);
        Unit::Instance(InstanceUnit { local, name: Some(name), parameters, module, substitutions, span })
    }

    fn head(&mut self, pair: Pair<'_, Rule>) -> (Name, Fixity, DefinitionHead) {
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        let first = next_part(&mut inner);
        match rule {
            Rule::function_head => {
                let bounds = next_part(&mut inner);
                let bounds = self.bounds(bounds, true);
                (self.name(&first), Fixity::Nonfix, DefinitionHead::Function(bounds))
            }
            Rule::prefix_head => {
                let parameter = self.name(&next_part(&mut inner));
                (self.name(&first), Fixity::Prefix, DefinitionHead::Operator(vec![plain(parameter)]))
            }
            Rule::infix_head => {
                let operator = self.name(&next_part(&mut inner));
                let right = self.name(&next_part(&mut inner));
                let parameters = vec![plain(self.name(&first)), plain(right)];
                (operator, Fixity::Infix, DefinitionHead::Operator(parameters))
            }
            Rule::postfix_head => {
                let operator = self.name(&next_part(&mut inner));
                (operator, Fixity::Postfix, DefinitionHead::Operator(vec![plain(self.name(&first))]))
            }
            _ => {
                let parameters = inner.next().map_or_else(Vec::new, |p| self.declarations(p));
                (self.name(&first), Fixity::Nonfix, DefinitionHead::Operator(parameters))
            }
        }
    }

    /// The declarations among the direct parts of a pair.
    pub(super) fn declarations(&mut self, pair: Pair<'_, Rule>) -> Vec<OperatorDeclaration> {
        parts(pair).filter(|p| p.as_rule() == Rule::declaration).map(|p| self.declaration(p)).collect()
    }

    fn declaration(&mut self, pair: Pair<'_, Rule>) -> OperatorDeclaration {
        let mut declared = None;
        let mut arity = 0;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::placeholder => arity += 1,
                Rule::placeholders => arity = parts(part).count(),
                rule => declared = Some((rule, self.name(&part))),
            }
        }
        let (rule, name) = declared.expect("a declaration has a name or a symbol");
        let fixity = match rule {
            Rule::prefix_operator => Fixity::Prefix,
            Rule::infix_operator => Fixity::Infix,
            Rule::postfix_operator => Fixity::Postfix,
            _ => Fixity::Nonfix,
        };
        OperatorDeclaration { name, arity, fixity }
    }

    fn instance(&mut self, pair: Pair<'_, Rule>) -> (Name, Vec<(Name, Expr)>) {
        let mut inner = parts(pair);
        let module = self.name(&next_part(&mut inner));
        let substitutions = inner
            .map(|substitution| {
                let mut sides = parts(substitution);
                let name = self.name(&next_part(&mut sides));
                (name, self.argument(next_part(&mut sides)))
            })
            .collect();
        (module, substitutions)
    }

    /// An expression, an operator or a LAMBDA in a place where an operator may stand.
    pub(super) fn argument(&mut self, pair: Pair<'_, Rule>) -> Expr {
        if pair.as_rule() != Rule::lambda {
            return self.expression(pair);
        }
        let span = self.span(&pair);
        let mut inner = parts(pair).peekable();
        let mut parameters = Vec::new();
        while let Some(parameter) = inner.next_if(|p| p.as_rule() == Rule::declaration) {
            parameters.push(self.declaration(parameter));
        }
        let body = self.expression(next_part(&mut inner));
        Expr { kind: Box::new(ExprKind::Lambda(parameters, body)), span }
    }
}

/// A parameter that is no operator.
fn plain(name: Name) -> OperatorDeclaration {
    OperatorDeclaration { name, arity: 0, fixity: Fixity::Nonfix }
}
