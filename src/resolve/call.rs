//! Names and their arguments: `x`, `Op(a)`, `I(p)!Op(a)`, `a + b`, operators as arguments.

use std::rc::Rc;

use super::builtin;
use super::elaborate::{Elaborator, LocalKind, Origin};
use super::level::{ParameterTrait, Standing, Typed};
use super::scope::{Entity, FactId, FrameId, Scope, SubstitutionId};
use super::spec::{
    Argument, BinaryOp, ConstantId, Expr as ResolvedExpr, ExprKind as Kind, LetDefinition, LocalId, OperatorId,
    Parameter, SUBSTITUTED, UnaryOp,
};
use crate::config::nearest::nearest;
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Expr, ExprKind, Name, PathStep, Selector};

/// What a name leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head {
    Entity(Entity),
    Unary(UnaryOp),
    Binary(BinaryOp),
}

/// A parameter of an instance with what is given for it.
#[derive(Clone)]
pub(super) struct Binding {
    pub(super) site: LocalId,
    pub(super) argument: Argument,
    pub(super) standing: Standing,
}

/// How far a path leads before something that is no instance.
pub(super) struct Found<'t> {
    pub(super) head: Head,
    /// The name met last.
    pub(super) name: &'t str,
    /// Arguments of the instances on the way.
    pub(super) bindings: Vec<Binding>,
    /// The step whose name it is.
    pub(super) step: usize,
}

impl<'t> Elaborator<'t> {
    /// A name, an application, or the name of a subexpression.
    pub(super) fn path(&mut self, steps: &'t [PathStep], span: Span, scope: Scope) -> Typed {
        let Some(found) = self.follow(steps, scope) else {
            self.visit_arguments(steps.iter().flat_map(|step| &step.arguments), scope);
            return Typed::broken(span);
        };
        if found.step + 1 < steps.len() {
            return self.subexpression(&found, steps, span, scope);
        }
        let arguments: Vec<&'t Expr> = steps[found.step].arguments.iter().collect();
        let typed = self.apply(found.head, found.name, &found.bindings, &arguments, span, scope);
        // ENABLED must know which expressions stand for variables of an instance.
        match self.scopes.find(scope, found.name).and_then(|entry| entry.replaced) {
            Some(world) if steps.len() == 1 => {
                let Typed { expr, standing } = typed;
                Typed::new(Kind::Label(format!("{SUBSTITUTED}{} {}", world.0, found.name), expr), span, standing)
            }
            _ => typed,
        }
    }

    /// An application of an operator symbol that is not built in.
    pub(super) fn symbol(&mut self, name: &'t Name, operands: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        match self.scopes.find(scope, &name.text) {
            Some(entry) => self.apply(Head::Entity(entry.entity), &name.text, &[], operands, span, scope),
            None => {
                self.unknown(&name.text, name.span, scope);
                self.visit_arguments(operands.iter().copied(), scope);
                Typed::broken(span)
            }
        }
    }

    /// Resolves arguments of something unknown, for what is wrong in themselves.
    fn visit_arguments(&mut self, arguments: impl Iterator<Item = &'t Expr>, scope: Scope) {
        for argument in arguments {
            if let ExprKind::Lambda(parameters, body) = &*argument.kind {
                self.lambda(parameters, body, scope);
            } else if !self.names_operator(argument, scope) {
                self.expr(argument, scope);
            }
        }
    }

    /// True for a bare operator symbol or the name of an operator with parameters.
    fn names_operator(&self, tree: &Expr, scope: Scope) -> bool {
        let ExprKind::Path(steps) = &*tree.kind else { return false };
        let [PathStep { selector: Selector::Name(name), arguments, .. }] = steps.as_slice() else { return false };
        let entity = self.scopes.find(scope, name).map(|entry| entry.entity);
        arguments.is_empty()
            && (builtin::reserved(name) || entity.and_then(|entity| self.arity(entity)).is_some_and(|arity| arity > 0))
    }

    /// Follows a path through instances. `None` after a diagnostic.
    pub(super) fn follow(&mut self, steps: &'t [PathStep], scope: Scope) -> Option<Found<'t>> {
        let mut bindings = Vec::new();
        let mut inside: Option<FrameId> = None;
        for (place, step) in steps.iter().enumerate() {
            let Selector::Name(name) = &step.selector else {
                let message = "an instance has no subexpressions: name one of its definitions";
                self.report(Diagnostic::error("4203", step.span, message));
                return None;
            };
            let entity = match inside {
                None => self.scopes.find(scope, name).map(|entry| entry.entity),
                Some(frame) => {
                    let entry = self.scopes.own(frame, name).filter(|entry| !entry.hidden && !entry.declared);
                    entry.map(|entry| entry.entity)
                }
            };
            let head = match entity {
                Some(Entity::Broken) => return None,
                Some(Entity::Instance(id)) if place + 1 < steps.len() => {
                    let instance = &self.instances[id.0 as usize];
                    inside = Some(self.images[instance.image.0 as usize].frame);
                    let parameters = instance.parameters.clone();
                    self.instance_arguments(name, &parameters, step, scope, &mut bindings)?;
                    continue;
                }
                Some(entity) => Head::Entity(entity),
                None => match (builtin::unary(name), builtin::binary(name)) {
                    (Some(op), _) if inside.is_none() => Head::Unary(op),
                    (_, Some(op)) if inside.is_none() => Head::Binary(op),
                    _ => {
                        match inside {
                            Some(frame) => self.unknown_in_instance(name, step.span, frame),
                            None => self.unknown(name, step.span, scope),
                        }
                        return None;
                    }
                },
            };
            return Some(Found { head, name, bindings, step: place });
        }
        None
    }

    fn unknown_in_instance(&mut self, name: &str, span: Span, frame: FrameId) {
        let known: Vec<&str> = self
            .scopes
            .entries(frame)
            .into_iter()
            .filter(|(_, entry)| !entry.hidden && !entry.declared)
            .map(|(name, _)| name)
            .collect();
        let mut diagnostic = Diagnostic::error("4200", span, format!("the instance has no definition `{name}`"));
        if let Some(near) = nearest(name, known.into_iter()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic);
    }

    fn instance_arguments(
        &mut self,
        name: &str,
        parameters: &[Parameter],
        step: &'t PathStep,
        scope: Scope,
        bindings: &mut Vec<Binding>,
    ) -> Option<()> {
        if parameters.len() != step.arguments.len() {
            self.wrong_count(name, parameters.len(), step.arguments.len(), step.span);
            self.visit_arguments(step.arguments.iter(), scope);
            return None;
        }
        for (parameter, tree) in parameters.iter().zip(&step.arguments) {
            let (argument, standing) = self.argument(tree, parameter.arity, scope);
            let limit = self.locals[parameter.local.0 as usize].traits.limit;
            self.limit_standing(&standing, limit, &format!("an argument of the instance `{name}`"), tree.span);
            bindings.push(Binding { site: parameter.local, argument, standing });
        }
        Some(())
    }

    pub(super) fn wrong_count(&mut self, name: &str, expected: usize, given: usize, span: Span) {
        let message = format!("`{name}` takes {}, but {given} given", count(expected));
        self.report(Diagnostic::error("4204", span, message));
    }

    /// The number of arguments that something takes; `None` for what is no operator.
    pub(super) fn arity(&self, entity: Entity) -> Option<usize> {
        match entity {
            Entity::Constant(id) => Some(self.spec.constants[id.0 as usize].arity),
            Entity::Variable(_) | Entity::Fact(_) => Some(0),
            Entity::Operator(id) => {
                let sites = self.operators[id.0 as usize].sites.len();
                Some(self.spec.operators[id.0 as usize].parameters.len().saturating_sub(sites))
            }
            Entity::Local(id) => Some(self.locals[id.0 as usize].arity),
            Entity::Substituted(id) => Some(self.substitutions[id.0 as usize].arity),
            Entity::Instance(_) | Entity::Broken => None,
        }
    }

    /// Applies what a name leads to.
    pub(super) fn apply(
        &mut self,
        head: Head,
        name: &str,
        bindings: &[Binding],
        arguments: &[&'t Expr],
        span: Span,
        scope: Scope,
    ) -> Typed {
        let entity = match head {
            Head::Entity(entity) => entity,
            Head::Unary(op) => return self.apply_unary(op, name, arguments, span, scope),
            Head::Binary(op) => return self.apply_binary(op, name, arguments, span, scope),
        };
        match self.arity(entity) {
            Some(arity) if arity == arguments.len() => {}
            Some(arity) => {
                self.wrong_count(name, arity, arguments.len(), span);
                self.visit_arguments(arguments.iter().copied(), scope);
                return Typed::broken(span);
            }
            None => {
                if !matches!(entity, Entity::Broken) {
                    let message = format!("`{name}` is an instance: write `{name}!` and one of its definitions");
                    self.report(Diagnostic::error("4203", span, message));
                }
                self.visit_arguments(arguments.iter().copied(), scope);
                return Typed::broken(span);
            }
        }
        match entity {
            Entity::Constant(id) => self.apply_constant(id, arguments, span, scope),
            Entity::Variable(id) => Typed::new(Kind::Variable(id), span, Standing::of(super::spec::Level::State)),
            Entity::Operator(id) => self.call(id, name, bindings, arguments, span, scope),
            Entity::Local(id) => self.apply_local(id, name, arguments, span, scope),
            Entity::Substituted(id) => self.apply_substituted(id, arguments, span, scope),
            Entity::Fact(id) => match self.fact_operator(id, span) {
                Some(operator) => self.call(operator, name, bindings, &[], span, scope),
                None => Typed::broken(span),
            },
            Entity::Instance(_) | Entity::Broken => Typed::broken(span),
        }
    }

    fn apply_unary(&mut self, op: UnaryOp, name: &str, arguments: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        let [operand] = arguments else {
            self.wrong_count(name, 1, arguments.len(), span);
            return Typed::broken(span);
        };
        let operand = self.expr(operand, scope);
        let standing = self.apply_rule(builtin::unary_rule(op), &[&operand], name);
        Typed::new(Kind::Unary(op, operand.expr), span, standing)
    }

    fn apply_binary(&mut self, op: BinaryOp, name: &str, arguments: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        let [left, right] = arguments else {
            self.wrong_count(name, 2, arguments.len(), span);
            return Typed::broken(span);
        };
        let left = self.expr(left, scope);
        let right = self.expr(right, scope);
        let standing = self.apply_rule(builtin::binary_rule(op), &[&left, &right], name);
        Typed::new(Kind::Binary(op, left.expr, right.expr), span, standing)
    }

    fn apply_constant(&mut self, id: ConstantId, arguments: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        if arguments.is_empty() {
            return Typed::constant(Kind::Constant(id), span);
        }
        let (arguments, standing) = self.plain_arguments(arguments, scope);
        Typed::new(Kind::CallConstant(id, arguments), span, standing)
    }

    /// Arguments that must all be expressions.
    fn plain_arguments(&mut self, trees: &[&'t Expr], scope: Scope) -> (Vec<Argument>, Standing) {
        let mut standing = Standing::default();
        let mut arguments = Vec::with_capacity(trees.len());
        for tree in trees {
            let argument = self.expr(tree, scope);
            standing.absorb(&argument.standing);
            arguments.push(Argument::Expr(argument.expr));
        }
        (arguments, standing)
    }

    /// Applies a definition: sites first, then what is written.
    pub(super) fn call(
        &mut self,
        id: OperatorId,
        name: &str,
        bindings: &[Binding],
        written: &[&'t Expr],
        span: Span,
        scope: Scope,
    ) -> Typed {
        let (mut arguments, mut standing) = self.leading(id, bindings, span);
        let parameters = self.spec.operators[id.0 as usize].parameters[arguments.len()..].to_vec();
        for (parameter, tree) in parameters.iter().zip(written) {
            let traits = self.operator_trait(id, arguments.len());
            let (argument, argument_standing) = self.argument(tree, parameter.arity, scope);
            self.pass(&argument_standing, traits, name, tree.span);
            if traits.counts {
                standing.absorb(&argument_standing);
            }
            arguments.push(argument);
        }
        Typed::new(Kind::Call(id, arguments), span, standing)
    }

    fn operator_trait(&self, id: OperatorId, place: usize) -> ParameterTrait {
        let traits = self.operators[id.0 as usize].traits.get(place).copied().unwrap_or_default();
        // A native version may use arguments that the definition in the module's text does not mention.
        ParameterTrait { counts: traits.counts || self.spec.operators[id.0 as usize].built_in_module, ..traits }
    }

    /// Checks an argument against what its parameter allows.
    fn pass(&mut self, argument: &Standing, traits: ParameterTrait, name: &str, span: Span) {
        self.limit_standing(argument, traits.limit, &format!("this argument of `{name}`"), span);
        if !traits.leibniz {
            self.non_leibniz(argument);
        }
    }

    /// Arguments for the sites of a definition, and its standing with them.
    pub(super) fn leading(&mut self, id: OperatorId, bindings: &[Binding], span: Span) -> (Vec<Argument>, Standing) {
        let sites = Rc::clone(&self.operators[id.0 as usize].sites);
        let mut standing = self.operators[id.0 as usize].standing.clone();
        let mut arguments = Vec::with_capacity(sites.len());
        for site in sites.iter() {
            let (argument, argument_standing) = match bindings.iter().find(|binding| binding.site == *site) {
                Some(binding) => (binding.argument.clone(), binding.standing.clone()),
                None => self.site_argument(*site, span),
            };
            let traits = self.operator_trait(id, arguments.len());
            if !traits.leibniz {
                self.non_leibniz(&argument_standing);
            }
            self.limit_standing(&argument_standing, traits.limit, "an argument of an instance", span);
            if traits.counts {
                standing.absorb(&argument_standing);
            }
            arguments.push(argument);
        }
        (arguments, standing)
    }

    fn apply_local(&mut self, site: LocalId, name: &str, written: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        let local = self.refer(site);
        let mut standing = self.locals[local.0 as usize].standing.clone();
        if written.is_empty() {
            return Typed::new(Kind::Local(local), span, standing);
        }
        let is_definition = self.locals[local.0 as usize].kind == LocalKind::Let;
        let mut arguments = Vec::with_capacity(written.len());
        for (place, tree) in written.iter().enumerate() {
            let facts = &self.locals[local.0 as usize];
            let arity = facts.parameter_arities.get(place).copied().unwrap_or(0);
            let traits = facts.parameter_traits.get(place).copied().unwrap_or_default();
            let (argument, argument_standing) = self.argument(tree, arity, scope);
            if is_definition {
                self.pass(&argument_standing, traits, name, tree.span);
            }
            if !is_definition || traits.counts {
                standing.absorb(&argument_standing);
            }
            arguments.push(argument);
        }
        Typed::new(Kind::CallLocal(local, arguments), span, standing)
    }

    /// What is written in the WITH of an INSTANCE, in place of the declared name.
    fn apply_substituted(&mut self, id: SubstitutionId, written: &[&'t Expr], span: Span, scope: Scope) -> Typed {
        let substitution = self.substitutions[id.0 as usize];
        if written.is_empty() {
            return self.elsewhere(|this| this.expr(substitution.value, substitution.scope));
        }
        match &*substitution.value.kind {
            ExprKind::Path(steps) => {
                let found = self.elsewhere(|this| this.follow(steps, substitution.scope));
                match found {
                    Some(found) if found.step + 1 == steps.len() => {
                        self.apply(found.head, found.name, &found.bindings, written, span, scope)
                    }
                    _ => Typed::broken(span),
                }
            }
            ExprKind::Lambda(parameters, body) => {
                let (parameters, body) = self.elsewhere(|this| this.lambda(parameters, body, substitution.scope));
                let traits = self.traits(&parameters, &body.standing);
                let mut standing = body.standing.clone();
                standing.parameters.retain(|local| !parameters.iter().any(|p| p.local == *local));
                let mut arguments = Vec::with_capacity(written.len());
                for (tree, traits) in written.iter().zip(traits) {
                    let argument = self.expr(tree, scope);
                    self.pass(&argument.standing, traits, "LAMBDA", tree.span);
                    if traits.counts {
                        standing.absorb(&argument.standing);
                    }
                    arguments.push(Argument::Expr(argument.expr));
                }
                let local = self.local("LAMBDA", span, LocalKind::Let, parameters.len());
                let level = standing.level;
                let call = ResolvedExpr { kind: Box::new(Kind::CallLocal(local, arguments)), span, level };
                let definition = LetDefinition { local, parameters, body: body.expr, recursive: false };
                Typed::new(Kind::Let(vec![definition], call), span, standing)
            }
            _ => Typed::broken(span),
        }
    }

    /// Elaborates a substitution where its name is used: its errors were reported where it is written.
    pub(super) fn elsewhere<R>(&mut self, elaborate: impl FnOnce(&mut Self) -> R) -> R {
        let quiet = std::mem::replace(&mut self.context.quiet, true);
        let at = std::mem::take(&mut self.at);
        let bound = std::mem::take(&mut self.bound);
        let labels = std::mem::take(&mut self.labels);
        let base = std::mem::take(&mut self.label_base);
        let result = elaborate(self);
        self.context.quiet = quiet;
        self.at = at;
        self.bound = bound;
        self.labels = labels;
        self.label_base = base;
        result
    }

    /// The operator whose body is a named theorem or assumption. `None` if it cannot be one.
    pub(super) fn fact_operator(&mut self, id: FactId, span: Span) -> Option<OperatorId> {
        if let Some(operator) = self.fact_operators.get(&id.0) {
            return Some(*operator);
        }
        let fact = self.facts[id.0 as usize];
        let Some(body) = fact.body else {
            let message = format!("`{}` is an ASSUME/PROVE and cannot be used as a formula", fact.name);
            self.report(Diagnostic::error("4203", span, message));
            return None;
        };
        let saved = self.enter(fact.context);
        self.context.quiet = true;
        let operator = self.operator(fact.name, fact.span, Origin::Synthetic);
        let sites = Rc::clone(&self.operators[operator.0 as usize].sites);
        let parameters = self.site_parameters(&sites);
        let body = self.expr(body, fact.scope);
        self.complete(operator, parameters, body);
        self.leave(saved);
        self.fact_operators.insert(id.0, operator);
        Some(operator)
    }
}

/// `1 argument`, `2 arguments`, `no arguments`.
pub(super) fn count(number: usize) -> String {
    match number {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        more => format!("{more} arguments"),
    }
}
