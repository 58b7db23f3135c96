//! INSTANCE in all its forms.
//!
//! The definitions of the instantiated module are copied under the substitution into a world of their
//! own. A declared name that is replaced by a plain name simply means what that name means; any other
//! expression is kept as written and elaborated anew wherever the declared name is used, so that every
//! copy has binders of its own and priming a substituted variable primes the expression.

use std::collections::HashMap;
use std::rc::Rc;

use super::elaborate::{Elaborator, Instance, World};
use super::level::{Standing, Typed};
use super::module::Declared;
use super::scope::{Entity, Entry, FrameId, Scope, Substitution};
use super::spec::{Level, LocalId, OperatorRef};
use crate::config::nearest::nearest;
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Expr, ExprKind, InstanceUnit, Name, PathStep, Selector};

impl<'t> Elaborator<'t> {
    /// `[LOCAL] [I(p) ==] INSTANCE M [WITH …]` in a module or LET.
    pub(super) fn instance(&mut self, frame: FrameId, unit: &'t InstanceUnit) {
        let around = self.scopes.now(frame);
        let Some((module, nested)) = self.module_named(&unit.module.text, around) else {
            self.unknown_module(&unit.module);
            if let Some(name) = &unit.name {
                self.introduce(frame, around, name, Entry::new(Entity::Broken, name.span));
            }
            return;
        };
        let own = self.scopes.frame(Some(around));
        let parameters = self.parameters(own, around, &unit.parameters);
        let scope = self.scopes.now(own);
        let declared = self.declared(module, nested);
        let (substitution, touched) = self.substitutions_of(unit, &declared, scope);
        let mut sites = touched;
        if nested.is_some() {
            sites.extend(self.current_world().sites.iter());
        }
        sites.sort_unstable();
        sites.dedup();
        let prefix = match &unit.name {
            Some(name) => format!("{}{}!", self.current_world().prefix, name.text),
            None => self.current_world().prefix.clone(),
        };
        let world = self.world(World {
            prefix,
            sites: Rc::from(sites),
            substitution: Some(substitution),
            images: HashMap::new(),
            quiet: true,
            around: nested,
        });
        let image = self.image(module, world, nested);
        if let Some(current) = self.context.image
            && !self.images[current.0 as usize].instances.contains(&image)
        {
            self.images[current.0 as usize].instances.push(image);
        }
        if let Some(name) = &unit.name {
            let instance = self.named_instance(Instance { image, parameters });
            self.introduce(frame, around, name, Entry::new(Entity::Instance(instance), name.span).hidden(unit.local));
            return;
        }
        let source = self.images[image.0 as usize].frame;
        for (text, entry) in self.scopes.entries(source) {
            if !entry.hidden && !entry.declared {
                self.import(frame, text, entry.hidden(unit.local), unit.span, false);
            }
        }
    }

    /// What each declared name of the instantiated module means, and the locals that this mentions.
    fn substitutions_of(
        &mut self,
        unit: &'t InstanceUnit,
        declared: &[Declared<'t>],
        scope: Scope,
    ) -> (HashMap<&'t str, Entity>, Vec<LocalId>) {
        self.check_targets(unit, declared);
        let constant_module = !declared.iter().any(|declared| declared.variable);
        let before = self.locals.len();
        self.touched.push(Vec::new());
        let mut substitution: HashMap<&'t str, Entity> = HashMap::new();
        for declared in declared {
            let written = unit.substitutions.iter().find(|(name, _)| name.text == declared.name.text);
            let entity = match written {
                Some((name, value)) => self.written(declared, name, value, scope, constant_module),
                None => self.implicit(declared, unit, scope, constant_module),
            };
            substitution.insert(&declared.name.text, entity);
        }
        let mut touched = self.touched.pop().unwrap_or_default();
        touched.retain(|local| (local.0 as usize) < before);
        touched.sort_unstable();
        touched.dedup();
        if let Some(outer) = self.touched.last_mut() {
            outer.extend(&touched);
        }
        (substitution, touched)
    }

    /// Names before `<-` must be declared in the module (4242), each once (4241).
    fn check_targets(&mut self, unit: &'t InstanceUnit, declared: &[Declared<'t>]) {
        for (place, (name, _)) in unit.substitutions.iter().enumerate() {
            if unit.substitutions[..place].iter().any(|(other, _)| other.text == name.text) {
                let message = format!("`{}` is substituted twice", name.text);
                self.report(Diagnostic::error("4241", name.span, message));
            }
            if !declared.iter().any(|declared| declared.name.text == name.text) {
                let message = format!("module `{}` declares no constant or variable `{}`", unit.module.text, name.text);
                let mut diagnostic = Diagnostic::error("4242", name.span, message);
                let known = declared.iter().map(|declared| declared.name.text.as_str());
                if let Some(near) = nearest(&name.text, known) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic);
            }
        }
    }

    fn written(
        &mut self,
        declared: &Declared<'t>,
        name: &'t Name,
        value: &'t Expr,
        scope: Scope,
        constant_module: bool,
    ) -> Entity {
        if let Some(entity) = self.plain_name(value, declared.arity, scope) {
            let standing = self.touch(entity, value.span);
            self.check_substitute(declared, &standing, value.span, constant_module);
            self.check_leibniz(declared, entity, value.span);
            return entity;
        }
        let errors = self.diagnostics.len();
        let standing = if declared.arity == 0 {
            let Typed { standing, .. } = self.expr(value, scope);
            standing
        } else {
            match self.operator_argument(value, declared.arity, scope) {
                Some((operator, standing)) => {
                    self.check_leibniz_operator(declared, &operator, value.span);
                    standing
                }
                None => return Entity::Broken,
            }
        };
        if self.diagnostics[errors..].iter().any(Diagnostic::is_error) {
            return Entity::Broken;
        }
        self.check_substitute(declared, &standing, name.span.to(value.span), constant_module);
        Entity::Substituted(self.substitution(Substitution { value, scope, arity: declared.arity }))
    }

    /// The meaning of an expression that is a name alone, if it is an operator of the arity.
    fn plain_name(&self, value: &Expr, arity: usize, scope: Scope) -> Option<Entity> {
        let ExprKind::Path(steps) = &*value.kind else { return None };
        let [PathStep { selector: Selector::Name(name), arguments, .. }] = steps.as_slice() else { return None };
        if !arguments.is_empty() {
            return None;
        }
        let entity = self.scopes.find(scope, name)?.entity;
        (self.arity(entity) == Some(arity)).then_some(entity)
    }

    fn implicit(
        &mut self,
        declared: &Declared<'t>,
        unit: &'t InstanceUnit,
        scope: Scope,
        constant_module: bool,
    ) -> Entity {
        let name = &declared.name.text;
        let found = self.scopes.find(scope, name).map(|entry| entry.entity);
        match found {
            Some(Entity::Broken) => Entity::Broken,
            Some(entity) if self.arity(entity) == Some(declared.arity) => {
                let standing = self.touch(entity, unit.module.span);
                self.check_substitute(declared, &standing, unit.module.span, constant_module);
                self.check_leibniz(declared, entity, unit.module.span);
                entity
            }
            found => {
                let kind = if declared.variable { "variable" } else { "constant" };
                let message = format!("the {kind} `{name}` of module `{}` is given no meaning", unit.module.text);
                let mut diagnostic =
                    Diagnostic::error("4240", unit.module.span, message).label(declared.name.span, "declared here");
                diagnostic = match found {
                    Some(_) => {
                        diagnostic.help(format!("`{name}` is no operator of {} argument(s) here", declared.arity))
                    }
                    None => diagnostic.help(format!("add `WITH {name} <- …`, or define `{name}` before the INSTANCE")),
                };
                self.report(diagnostic);
                Entity::Broken
            }
        }
    }

    /// Notes the locals that a name stands for, and gives its standing.
    fn touch(&mut self, entity: Entity, span: Span) -> Standing {
        match entity {
            Entity::Local(site) => {
                let local = self.refer(site);
                self.locals[local.0 as usize].standing.clone()
            }
            Entity::Operator(id) => self.leading(id, &[], span).1,
            Entity::Substituted(id) => {
                let substitution = self.substitutions[id.0 as usize];
                if substitution.arity == 0 {
                    return self.elsewhere(|this| this.expr(substitution.value, substitution.scope)).standing;
                }
                let operator = self.elsewhere(|this| {
                    this.operator_argument(substitution.value, substitution.arity, substitution.scope)
                });
                operator.map(|(_, standing)| standing).unwrap_or_default()
            }
            Entity::Fact(id) => match self.fact_operator(id, span) {
                Some(operator) => self.leading(operator, &[], span).1,
                None => Standing::default(),
            },
            Entity::Variable(_) => Standing::of(Level::State),
            _ => Standing::default(),
        }
    }

    /// A variable is replaced by at most a state expression, a constant of a module with variables by a
    /// constant (4243).
    fn check_substitute(&mut self, declared: &Declared<'t>, standing: &Standing, span: Span, constant_module: bool) {
        let limit = match (declared.variable, constant_module) {
            (true, _) => Level::State,
            (false, true) => Level::Temporal,
            (false, false) => Level::Constant,
        };
        if standing.strict > limit {
            let message = format!(
                "`{}` must be replaced by at most {}, but this is {}",
                declared.name.text,
                super::level::level_name(limit),
                super::level::level_name(standing.strict)
            );
            self.report(Diagnostic::error("4243", span, message));
        } else if limit < Level::Temporal {
            self.limit_standing(standing, limit, "a substitution", span);
        }
    }

    /// An operator that primes (…) its argument cannot replace a constant operator (4244).
    fn check_leibniz(&mut self, declared: &Declared<'t>, entity: Entity, span: Span) {
        if declared.arity > 0
            && let Entity::Operator(id) = entity
        {
            self.check_leibniz_operator(declared, &OperatorRef::Defined(id), span);
        }
    }

    fn check_leibniz_operator(&mut self, declared: &Declared<'t>, operator: &OperatorRef, span: Span) {
        let leibniz = match operator {
            OperatorRef::Defined(id) | OperatorRef::Partial(id, _) => {
                let sites = self.operators[id.0 as usize].sites.len();
                self.operators[id.0 as usize].traits.iter().skip(sites).all(|traits| traits.leibniz)
            }
            OperatorRef::Local(local) => {
                self.locals[local.0 as usize].parameter_traits.iter().all(|traits| traits.leibniz)
            }
            OperatorRef::Unary(op) => !super::builtin::unary_rule(*op).non_leibniz,
            OperatorRef::Binary(op) => !super::builtin::binary_rule(*op).non_leibniz,
            OperatorRef::Lambda(parameters, _) => {
                parameters.iter().all(|parameter| self.locals[parameter.local.0 as usize].traits.leibniz)
            }
            OperatorRef::Constant(_) => true,
        };
        if !leibniz {
            let message = format!(
                "`{}` cannot be replaced by an operator that primes its argument or puts it under ENABLED or a temporal operator",
                declared.name.text
            );
            self.report(Diagnostic::error("4244", span, message));
        }
    }
}
