//! A config applied to an elaborated root module: constants, replacements, what is checked.

use std::collections::HashMap;

use super::call::count;
use super::elaborate::{Elaborator, ImageId, Origin};
use super::level::{Typed, level_name};
use super::scope::{Entity, FrameId};
use super::spec::{
    Argument, Checks, ConfigValue, ConstantBinding, ConstantId, Expr, ExprKind as Kind, Level, Named, OperatorBody,
    OperatorId, OperatorRef,
};
use crate::config::nearest::nearest;
use crate::config::{Assignment, Config, Reference, Right, Value, nearest_keyword};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// Levels that replacements give to definitions, by module and own name.
pub(super) type Raised = HashMap<(String, String), Level>;

/// What an assignment applies to.
#[derive(Clone, Copy)]
enum Target {
    Constant(ConstantId),
    Operator(OperatorId),
}

impl<'t> Elaborator<'t> {
    /// Applies a config. Gives the definitions whose replacements have a higher level than they have.
    pub(super) fn configure(&mut self, config: &Config, root: ImageId) -> Raised {
        let frame = self.images[root.0 as usize].frame;
        self.context.image = Some(root);
        let mut raised = Raised::new();
        for assignment in &config.assignments {
            self.assign(config, assignment, frame, &mut raised);
        }
        self.check_circles(config);
        self.check_all_bound();
        self.spec.checks = self.checks(config, frame);
        raised
    }

    fn assign(&mut self, config: &Config, assignment: &Assignment, frame: FrameId, raised: &mut Raised) {
        let targets = match &assignment.module {
            None => {
                let replaced = matches!(assignment.right, Right::Operator(_));
                self.root_target(&assignment.left, replaced, frame).into_iter().collect()
            }
            Some(module) => self.module_targets(&assignment.left, module),
        };
        match &assignment.right {
            Right::Value(value) => {
                let value = self.value(value);
                let arguments: Vec<ConfigValue> = assignment.arguments.iter().map(|v| self.value(v)).collect();
                for target in targets {
                    self.assign_value(target, assignment, arguments.clone(), value.clone());
                }
            }
            Right::Operator(right) => {
                let replaced_itself = config.assignments.iter().any(|other| {
                    other.module.is_none() && other.left.name == right.name && matches!(other.right, Right::Operator(_))
                });
                if replaced_itself && assignment.module.is_none() {
                    let message = format!("`{}` is itself replaced by another definition", right.name);
                    self.report(Diagnostic::error("config", right.span, message));
                    return;
                }
                let Some(operator) = self.root_operator(right, frame) else { return };
                for target in targets {
                    self.replace(target, assignment, operator, right, raised);
                }
            }
        }
    }

    /// The values of a config with their symbols.
    fn value(&mut self, value: &Value) -> ConfigValue {
        match value {
            Value::Int(number) => ConfigValue::Int(*number),
            Value::Bool(truth) => ConfigValue::Bool(*truth),
            Value::String(text) => ConfigValue::String(self.spec.symbols.intern(text)),
            Value::Model(name) => ConfigValue::Model(self.spec.symbols.intern(name)),
            Value::Set(elements) => ConfigValue::Set(elements.iter().map(|element| self.value(element)).collect()),
        }
    }

    /// What a name of the config means in the root module; `A!B` goes through instances.
    fn entity(&self, name: &str, root: FrameId) -> Option<Entity> {
        let mut frame = root;
        let mut parts = name.split('!').peekable();
        while let Some(part) = parts.next() {
            let entry = self.scopes.own(frame, part).filter(|entry| frame == root || !entry.hidden)?;
            match (entry.entity, parts.peek()) {
                (entity, None) => return Some(entity),
                (Entity::Instance(id), Some(_)) => {
                    let image = self.instances[id.0 as usize].image;
                    frame = self.images[image.0 as usize].frame;
                }
                _ => return None,
            }
        }
        None
    }

    fn does_not_appear(&mut self, reference: &Reference, severity: Severity, frame: FrameId) {
        let message = format!("`{}` does not appear in the specification", reference.name);
        let mut diagnostic = Diagnostic { severity, ..Diagnostic::error("config", reference.span, message) };
        let known: Vec<&str> = self.scopes.entries(frame).into_iter().map(|(name, _)| name).collect();
        if let Some(near) = nearest(&reference.name, known.into_iter()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(keyword) = nearest_keyword(&reference.name) {
            diagnostic = diagnostic.help(format!("did you mean the keyword `{keyword}`?"));
        }
        self.report(diagnostic);
    }

    /// A value for an unknown name does no harm (TLC ignores it), a replacement of one is an error.
    fn root_target(&mut self, left: &Reference, replaced: bool, frame: FrameId) -> Option<Target> {
        match self.entity(&left.name, frame) {
            Some(Entity::Constant(id)) => Some(Target::Constant(id)),
            Some(Entity::Operator(id)) => Some(Target::Operator(id)),
            Some(Entity::Broken) => None,
            Some(entity) => {
                let message = format!(
                    "`{}` is a {}: a config can give a meaning to constants and definitions only",
                    left.name,
                    entity.noun()
                );
                self.report(Diagnostic::error("config", left.span, message));
                None
            }
            None => {
                let severity = if replaced { Severity::Error } else { Severity::Warning };
                self.does_not_appear(left, severity, frame);
                None
            }
        }
    }

    /// Every copy of a definition of a module.
    fn module_targets(&mut self, left: &Reference, module: &Reference) -> Vec<Target> {
        let operators = self.spec.operators.iter().enumerate();
        let mut targets: Vec<Target> = operators
            .filter(|(_, operator)| operator.module == module.name && operator.short_name == left.name)
            .map(|(place, _)| Target::Operator(OperatorId(place as u32)))
            .collect();
        let constants = self.spec.constants.iter().enumerate();
        targets.extend(
            constants
                .filter(|(place, constant)| constant.name == left.name && self.constant_modules[*place] == module.name)
                .map(|(place, _)| Target::Constant(ConstantId(place as u32))),
        );
        if targets.is_empty() {
            let known = self.images.iter().any(|image| image.module == module.name);
            let (span, message) = if known {
                (left.span, format!("module `{}` has no constant or definition `{}`", module.name, left.name))
            } else {
                (module.span, format!("there is no module `{}` in the specification", module.name))
            };
            let mut diagnostic = Diagnostic::error("config", span, message);
            let images = self.images.iter().map(|image| image.module.as_str());
            if !known && let Some(near) = nearest(&module.name, images) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.report(diagnostic);
        }
        targets
    }

    fn target_arity(&self, target: Target) -> usize {
        match target {
            Target::Constant(id) => self.spec.constants[id.0 as usize].arity,
            Target::Operator(id) => self.arity(Entity::Operator(id)).unwrap_or(0),
        }
    }

    fn assign_value(
        &mut self,
        target: Target,
        assignment: &Assignment,
        arguments: Vec<ConfigValue>,
        value: ConfigValue,
    ) {
        let arity = self.target_arity(target);
        if arity != arguments.len() {
            let message = format!("`{}` takes {}, but {} given", assignment.left.name, count(arity), arguments.len());
            let mut diagnostic = Diagnostic::error("config", assignment.span, message);
            if arguments.is_empty() {
                diagnostic =
                    diagnostic.help(format!("define it in the module and write `{} <- Def`", assignment.left.name));
            }
            self.report(diagnostic);
            return;
        }
        match target {
            Target::Constant(id) => {
                let binding = &mut self.spec.constants[id.0 as usize].binding;
                match binding {
                    ConstantBinding::Table(rows) if arity > 0 => rows.push((arguments, value)),
                    _ if arity > 0 => *binding = ConstantBinding::Table(vec![(arguments, value)]),
                    _ => *binding = ConstantBinding::Value(value),
                }
            }
            Target::Operator(id) => {
                let sites = self.operators[id.0 as usize].sites.len();
                let operator = &mut self.spec.operators[id.0 as usize];
                match &mut operator.body {
                    OperatorBody::Table(rows) if arity > 0 => rows.push((arguments, value)),
                    body if arity > 0 && sites == 0 => *body = OperatorBody::Table(vec![(arguments, value)]),
                    body if arity == 0 => *body = OperatorBody::Value(value),
                    _ => {
                        let message = "a definition of an instance with parameters cannot be given a table";
                        self.report(Diagnostic::error("config", assignment.span, message));
                    }
                }
            }
        }
    }

    fn replace(
        &mut self,
        target: Target,
        assignment: &Assignment,
        replacement: OperatorId,
        right: &Reference,
        raised: &mut Raised,
    ) {
        let left = &assignment.left;
        if !assignment.arguments.is_empty() {
            let message = format!("write `{} <- {}` without arguments", left.name, right.name);
            self.report(Diagnostic::error("config", assignment.span, message));
            return;
        }
        let expected = self.target_arity(target);
        let given = self.arity(Entity::Operator(replacement)).unwrap_or(0);
        if expected != given {
            let message =
                format!("`{}` takes {}, but `{}` takes {}", left.name, count(expected), right.name, count(given));
            self.report(Diagnostic::error("config", assignment.span, message));
            return;
        }
        let level = self.operators[replacement.0 as usize].standing.strict;
        match target {
            Target::Constant(id) => {
                if level > Level::Constant {
                    let message = format!("`{}` is {}, so it cannot replace a constant", right.name, level_name(level));
                    self.report(Diagnostic::error("config", right.span, message));
                    return;
                }
                self.spec.constants[id.0 as usize].binding = ConstantBinding::Operator(replacement);
            }
            Target::Operator(id) if id == replacement => {
                let message = format!("`{}` cannot replace itself", right.name);
                self.report(Diagnostic::error("config", assignment.span, message));
            }
            Target::Operator(id) => self.alias(id, replacement, level, raised),
        }
    }

    /// A definition becomes another name of its replacement; leading parameters of instances are dropped.
    fn alias(&mut self, id: OperatorId, replacement: OperatorId, level: Level, raised: &mut Raised) {
        let sites = self.operators[id.0 as usize].sites.len();
        let operator = &mut self.spec.operators[id.0 as usize];
        if level > operator.level {
            operator.level = level;
            raised.insert((operator.module.clone(), operator.short_name.clone()), level);
        }
        if sites == 0 {
            operator.body = OperatorBody::Alias(replacement);
            return;
        }
        let span = operator.span;
        let arguments = operator.parameters[sites..]
            .iter()
            .map(|parameter| match parameter.arity {
                0 => {
                    Argument::Expr(Expr { kind: Box::new(Kind::Local(parameter.local)), span, level: Level::Constant })
                }
                _ => Argument::Operator(OperatorRef::Local(parameter.local)),
            })
            .collect();
        operator.body = OperatorBody::Expr(Expr { kind: Box::new(Kind::Call(replacement, arguments)), span, level });
    }

    /// The operator that a name of the config stands for; constants and variables get one made for them.
    fn root_operator(&mut self, reference: &Reference, frame: FrameId) -> Option<OperatorId> {
        let kind = match self.entity(&reference.name, frame) {
            Some(Entity::Operator(id)) => {
                if self.operators[id.0 as usize].sites.is_empty() {
                    return Some(id);
                }
                let message =
                    format!("`{}` belongs to an instance with parameters and cannot be named here", reference.name);
                self.report(Diagnostic::error("config", reference.span, message));
                return None;
            }
            Some(Entity::Broken) => return None,
            Some(Entity::Fact(fact)) => return self.fact_operator(fact, reference.span),
            Some(Entity::Constant(id)) if self.spec.constants[id.0 as usize].arity == 0 => {
                Typed::constant(Kind::Constant(id), reference.span)
            }
            Some(Entity::Variable(id)) => {
                Typed::new(Kind::Variable(id), reference.span, super::level::Standing::of(Level::State))
            }
            Some(entity) => {
                let message = format!("`{}` is a {}, a definition is expected", reference.name, entity.noun());
                self.report(Diagnostic::error("config", reference.span, message));
                return None;
            }
            None => {
                self.does_not_appear(reference, Severity::Error, frame);
                return None;
            }
        };
        let operator = self.operator(&reference.name, reference.span, Origin::Synthetic);
        self.complete(operator, Vec::new(), kind);
        Some(operator)
    }

    /// Replacements of one module may lead back to what they replace.
    fn check_circles(&mut self, config: &Config) {
        for place in 0..self.spec.operators.len() {
            let mut next = place;
            for _ in 0..self.spec.operators.len() {
                let OperatorBody::Alias(target) = &self.spec.operators[next].body else { break };
                next = target.0 as usize;
                if next == place {
                    let name = self.spec.operators[place].name.clone();
                    let span = config.assignments.iter().find(|a| a.left.name == name).map_or(Span::NONE, |a| a.span);
                    let message = format!("the replacements lead from `{name}` back to itself");
                    self.report(Diagnostic::error("config", span, message));
                    return;
                }
            }
        }
    }

    fn check_all_bound(&mut self) {
        let unbound: Vec<(String, usize, Span)> = self
            .spec
            .constants
            .iter()
            .filter(|constant| constant.binding == ConstantBinding::Unbound)
            .map(|constant| (constant.name.clone(), constant.arity, constant.span))
            .collect();
        for (name, arity, span) in unbound {
            let help = match arity {
                0 => format!("add `CONSTANT {name} = value` or `CONSTANT {name} <- Def` to the config"),
                _ => format!("add `CONSTANT {name} <- Def` to the config"),
            };
            let message = format!("the config gives the constant `{name}` no value");
            self.report(Diagnostic::error("config", span, message).help(help));
        }
    }

    fn checks(&mut self, config: &Config, frame: FrameId) -> Checks {
        let one = |this: &mut Self, reference: &Option<Reference>| {
            reference.as_ref().and_then(|reference| this.named(reference, frame))
        };
        let all = |this: &mut Self, references: &[Reference]| {
            references.iter().filter_map(|reference| this.named(reference, frame)).collect()
        };
        if config.init.is_some() != config.next.is_some()
            && let Some(given) = config.init.as_ref().or(config.next.as_ref())
        {
            let missing = if config.init.is_some() { "NEXT" } else { "INIT" };
            let message = format!("INIT and NEXT belong together: `{missing}` is missing");
            self.report(Diagnostic::error("config", given.span, message));
        }
        let checks = Checks {
            init: one(self, &config.init),
            next: one(self, &config.next),
            specification: one(self, &config.specification),
            invariants: all(self, &config.invariants),
            properties: all(self, &config.properties),
            constraints: all(self, &config.constraints),
            action_constraints: all(self, &config.action_constraints),
            view: one(self, &config.view),
            symmetry: one(self, &config.symmetry),
            alias: one(self, &config.alias),
            postconditions: all(self, &config.postconditions),
            check_deadlock: config.check_deadlock,
        };
        self.check_behaviour(config);
        self.check_invariants(&checks);
        checks
    }

    /// What is checked on states needs states.
    fn check_behaviour(&mut self, config: &Config) {
        if config.init.is_some() || config.next.is_some() || config.specification.is_some() {
            return;
        }
        let on_states = [&config.invariants, &config.properties, &config.constraints, &config.action_constraints];
        if let Some(first) = on_states.into_iter().flatten().next() {
            let message = format!("there is no behaviour to check `{}` on", first.name);
            self.report(
                Diagnostic::error("config", first.span, message)
                    .help("say `SPECIFICATION Spec`, or `INIT Init` and `NEXT Next`"),
            );
        } else if !self.spec.variables.is_empty() {
            let message = "the config names no behaviour, so only assumptions are checked";
            self.report(
                Diagnostic::warning("config", Span::NONE, message)
                    .help("say `SPECIFICATION Spec`, or `INIT Init` and `NEXT Next`"),
            );
        }
    }

    fn check_invariants(&mut self, checks: &Checks) {
        for invariant in &checks.invariants {
            let level = self.operators[invariant.operator.0 as usize].standing.strict;
            let help = match level {
                Level::Constant | Level::State => continue,
                Level::Action => {
                    format!("to check every step, define `[][{}]_vars` and list it as a PROPERTY", invariant.name)
                }
                Level::Temporal => "list it as a PROPERTY instead".to_owned(),
            };
            let message = format!("an invariant is about one state, but `{}` is {}", invariant.name, level_name(level));
            self.report(Diagnostic::warning("config", invariant.span, message).help(help));
        }
    }

    fn named(&mut self, reference: &Reference, frame: FrameId) -> Option<Named> {
        let operator = self.root_operator(reference, frame)?;
        let arity = self.arity(Entity::Operator(operator)).unwrap_or(0);
        if arity > 0 {
            let message = format!("`{}` takes {}, so it cannot be named here", reference.name, count(arity));
            self.report(
                Diagnostic::error("config", reference.span, message)
                    .label(self.spec.operators[operator.0 as usize].span, "defined here"),
            );
            return None;
        }
        Some(Named { name: reference.name.clone(), operator, span: reference.span })
    }
}
