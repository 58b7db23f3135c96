//! Modules: EXTENDS, declarations, definitions, assumptions, nested modules.

use std::collections::HashMap;
use std::rc::Rc;

use super::definition::Section;
use super::elaborate::{Context, Elaborator, Fact, Image, ImageId, World, WorldId};
use super::scope::{Entity, Entry, FrameId, Scope};
use super::spec::{Assumption, Constant, ConstantBinding, ConstantId, Level, Variable, VariableId};
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Expr, Module, Name, OperatorDeclaration, Statement, Unit};

/// A CONSTANT or VARIABLE of a module or of one it extends.
pub(super) struct Declared<'t> {
    pub(super) name: &'t Name,
    pub(super) arity: usize,
    pub(super) variable: bool,
}

impl<'t> Elaborator<'t> {
    /// A world in which declared names mean themselves.
    pub(super) fn own_world(&mut self, around: Option<Scope>) -> WorldId {
        self.world(World {
            prefix: String::new(),
            sites: Rc::from([]),
            substitution: None,
            images: HashMap::new(),
            quiet: false,
            around,
        })
    }

    /// Elaborates everything that does not belong to the root's own world: modules without constants and
    /// variables for good, others for their errors only.
    pub(super) fn elaborate_dependencies(&mut self, root: &'t Module) {
        let library = self.library;
        let extended = self.extended_by(root);
        for module in library.bottom_up() {
            if self.declared(module, None).is_empty() {
                let world = self.own_world(None);
                let image = self.image(module, world, None);
                self.closed.insert(Self::address(module), image);
            } else if !extended.contains(&Self::address(module)) {
                self.check_alone(module, None);
            }
        }
    }

    /// The modules that a module extends, directly or not.
    fn extended_by(&self, module: &'t Module) -> Vec<usize> {
        let mut found = Vec::new();
        let mut waiting = vec![module];
        while let Some(module) = waiting.pop() {
            for name in &module.extends {
                if let Some(next) = self.library.module(&name.text)
                    && !found.contains(&Self::address(next))
                {
                    found.push(Self::address(next));
                    waiting.push(next);
                }
            }
        }
        found
    }

    /// CONSTANTs and VARIABLEs of a module and of those it extends.
    pub(super) fn declared(&self, module: &'t Module, parent: Option<Scope>) -> Vec<Declared<'t>> {
        let mut declared = Vec::new();
        self.collect_declared(module, parent, parent, &mut Vec::new(), &mut declared);
        declared
    }

    fn collect_declared(
        &self,
        module: &'t Module,
        parent: Option<Scope>,
        around: Option<Scope>,
        seen: &mut Vec<usize>,
        declared: &mut Vec<Declared<'t>>,
    ) {
        if seen.contains(&Self::address(module)) {
            return;
        }
        seen.push(Self::address(module));
        for name in &module.extends {
            let nested = parent.and_then(|scope| self.scopes.find_module(scope, &name.text));
            let known = self.library.module(&name.text).map(Self::address);
            if known.is_some_and(|address| self.extended_around(around, address).is_some()) {
                continue;
            }
            match (nested, self.library.module(&name.text)) {
                (Some((next, scope)), _) => self.collect_declared(next, Some(scope), around, seen, declared),
                (None, Some(next)) => self.collect_declared(next, None, around, seen, declared),
                (None, None) => {}
            }
        }
        let mut add = |name: &'t Name, arity, variable| {
            if !declared.iter().any(|known| known.name.text == name.text) {
                declared.push(Declared { name, arity, variable });
            }
        };
        for unit in &module.units {
            match unit {
                Unit::Constants(constants) => constants.iter().for_each(|c| add(&c.name, c.arity, false)),
                Unit::Variables(variables) => variables.iter().for_each(|name| add(name, 0, true)),
                _ => {}
            }
        }
    }

    /// Elaborates a module on its own and keeps nothing but its diagnostics.
    fn check_alone(&mut self, module: &'t Module, parent: Option<Scope>) {
        let operators = self.spec.operators.len();
        let locals = self.spec.locals.len();
        let constants = self.spec.constants.len();
        let variables = self.spec.variables.len();
        let world = self.own_world(parent);
        self.image(module, world, parent);
        self.spec.operators.truncate(operators);
        self.operators.truncate(operators);
        self.spec.locals.truncate(locals);
        self.locals.truncate(locals);
        self.spec.constants.truncate(constants);
        self.constant_modules.truncate(constants);
        self.spec.variables.truncate(variables);
        self.fact_operators.retain(|_, operator| (operator.0 as usize) < operators);
    }

    /// A module in a world; `parent` is what a nested module sees around it.
    pub(super) fn image(&mut self, module: &'t Module, world: WorldId, parent: Option<Scope>) -> ImageId {
        let address = Self::address(module);
        if let Some(image) = self.closed.get(&address) {
            return *image;
        }
        if let Some(image) = self.worlds[world.0 as usize].images.get(&address) {
            return *image;
        }
        let frame = self.scopes.frame(parent);
        let image = ImageId(self.images.len() as u32);
        self.images.push(Image {
            frame,
            extends: Vec::new(),
            instances: Vec::new(),
            assumptions: Vec::new(),
            module: module.name.text.clone(),
            address,
        });
        self.worlds[world.0 as usize].images.insert(address, image);
        let quiet = self.worlds[world.0 as usize].quiet || !self.reported.insert(address);
        let context = Context {
            world,
            module: &module.name.text,
            built_in: parent.is_none() && self.library.built_in(&module.name.text),
            quiet,
            image: Some(image),
        };
        let saved = self.enter(context);
        for name in &module.extends {
            self.extend(frame, image, name);
        }
        self.units(frame, image, module);
        self.leave(saved);
        image
    }

    /// A module by name: a nested one that is visible, else one of the library.
    pub(super) fn module_named(&self, name: &str, scope: Scope) -> Option<(&'t Module, Option<Scope>)> {
        match self.scopes.find_module(scope, name) {
            Some((module, around)) => Some((module, Some(around))),
            None => self.library.module(name).map(|module| (module, None)),
        }
    }

    /// The image of a module that the modules around a nested one extend: their constants and variables
    /// are then those of the nested module too.
    fn extended_around(&self, around: Option<Scope>, address: usize) -> Option<ImageId> {
        let mut around = around;
        while let Some(scope) = around {
            let enclosing = self.images.iter().find(|image| image.frame == scope.frame);
            let mut waiting: Vec<ImageId> = enclosing.map(|image| image.extends.clone()).unwrap_or_default();
            while let Some(id) = waiting.pop() {
                let image = &self.images[id.0 as usize];
                if image.address == address {
                    return Some(id);
                }
                waiting.extend(&image.extends);
            }
            around = self.scopes.parent(scope.frame);
        }
        None
    }

    fn extend(&mut self, frame: FrameId, image: ImageId, name: &'t Name) {
        let scope = self.scopes.now(frame);
        let Some((module, parent)) = self.module_named(&name.text, scope) else {
            self.unknown_module(name);
            return;
        };
        let extended = match self.extended_around(self.current_world().around, Self::address(module)) {
            Some(extended) => extended,
            None => self.image(module, self.context.world, parent),
        };
        if !self.images[image.0 as usize].extends.contains(&extended) {
            self.images[image.0 as usize].extends.push(extended);
        }
        let source = self.images[extended.0 as usize].frame;
        for (text, entry) in self.scopes.entries(source) {
            if !entry.hidden {
                self.import(frame, text, entry, name.span, true);
            }
        }
        for (nested, around) in self.scopes.modules(source) {
            self.scopes.insert_module(frame, nested, around);
        }
    }

    pub(super) fn unknown_module(&mut self, name: &Name) {
        let message = format!("there is no module `{}` here", name.text);
        self.report(Diagnostic::error("4220", name.span, message));
    }

    /// Makes a definition of another module visible; what is already there stays.
    pub(super) fn import(&mut self, frame: FrameId, text: &'t str, entry: Entry, place: Span, extends: bool) {
        let scope = self.scopes.now(frame);
        let Some(known) = self.scopes.own(frame, text).or_else(|| self.scopes.find(scope, text)) else {
            self.scopes.insert(frame, text, entry);
            return;
        };
        if known.entity.same(entry.entity) {
            if known.hidden && !entry.hidden && self.scopes.own(frame, text).is_some() {
                self.scopes.insert(frame, text, entry);
            }
            return;
        }
        if matches!(known.entity, Entity::Broken) || matches!(entry.entity, Entity::Broken) {
            return;
        }
        let same_kind = std::mem::discriminant(&known.entity) == std::mem::discriminant(&entry.entity)
            && self.arity(known.entity) == self.arity(entry.entity);
        let message = format!("`{text}` already has another meaning here");
        let diagnostic = match (same_kind, extends) {
            (true, true) => Diagnostic::warning("4800", place, message),
            (true, false) => Diagnostic::warning("4801", place, message),
            (false, true) => Diagnostic::error("4224", place, message),
            (false, false) => Diagnostic::error("4201", place, message),
        };
        self.report(diagnostic.label(known.span, "this one").label(entry.span, "the other one"));
    }

    fn units(&mut self, frame: FrameId, image: ImageId, module: &'t Module) {
        let mut section = Section::default();
        for unit in &module.units {
            if section.open()
                && let Some(span) = not_a_definition(unit)
            {
                self.illegal_in_section(span);
            }
            match unit {
                Unit::Constants(declarations) => {
                    declarations.iter().for_each(|declaration| self.declare_constant(frame, declaration));
                }
                Unit::Variables(names) => names.iter().for_each(|name| self.declare_variable(frame, name)),
                Unit::Recursive(declarations) => self.declare_recursive(frame, declarations, &mut section),
                Unit::Definition(definition) => self.define(frame, definition, &mut section),
                Unit::Instance(instance) => self.instance(frame, instance),
                Unit::Assume { name, body, span } => self.assume(frame, image, name.as_ref(), body, *span),
                Unit::Theorem { name, statement, span } => self.theorem(frame, name.as_ref(), statement, *span),
                Unit::Module(nested) => self.nested(frame, nested),
                Unit::Separator(_) | Unit::UseOrHide(_) => {}
            }
        }
        self.check_promises_kept(&section);
    }

    fn nested(&mut self, frame: FrameId, module: &'t Module) {
        let scope = self.scopes.now(frame);
        if self.scopes.find_module(scope, &module.name.text).is_some() {
            let message = format!("there are two modules named `{}`", module.name.text);
            self.report(Diagnostic::error("4223", module.name.span, message));
        }
        self.scopes.insert_module(frame, module, scope);
        if !self.context.quiet {
            self.check_alone(module, Some(scope));
        }
    }

    /// What a declared name means in this world; `None` if it means itself.
    fn substitute(&self, name: &str) -> Option<Entity> {
        let substitution = self.current_world().substitution.as_ref()?;
        Some(substitution.get(name).copied().unwrap_or(Entity::Broken))
    }

    fn declare_constant(&mut self, frame: FrameId, declaration: &'t OperatorDeclaration) {
        let OperatorDeclaration { name, arity, .. } = declaration;
        let around = self.scopes.now(frame);
        let entity = self.substitute(&name.text).unwrap_or_else(|| self.constant(name, *arity));
        self.introduce(frame, around, name, Entry::new(entity, name.span).declared());
    }

    /// A constant of the specification. Two modules of one world that declare the same constant mean the same.
    fn constant(&mut self, name: &'t Name, arity: usize) -> Entity {
        for image in self.current_world().images.values() {
            let frame = self.images[image.0 as usize].frame;
            if let Some(Entry { entity: Entity::Constant(id), declared: true, .. }) = self.scopes.own(frame, &name.text)
                && self.spec.constants[id.0 as usize].arity == arity
                && self.constant_modules[id.0 as usize] != self.context.module
            {
                return Entity::Constant(id);
            }
        }
        let id = ConstantId(self.spec.constants.len() as u32);
        self.spec.constants.push(Constant {
            name: name.text.clone(),
            arity,
            span: name.span,
            binding: ConstantBinding::Unbound,
        });
        self.constant_modules.push(self.context.module);
        Entity::Constant(id)
    }

    fn declare_variable(&mut self, frame: FrameId, name: &'t Name) {
        let around = self.scopes.now(frame);
        let entity = self.substitute(&name.text).unwrap_or_else(|| self.variable(frame, name));
        let mut entry = Entry::new(entity, name.span).declared();
        entry.replaced = (!self.is_alone(entity)).then_some(self.context.world);
        self.introduce(frame, around, name, entry);
    }

    /// True for a variable that replaces no other variable of this module as well.
    fn is_alone(&self, entity: Entity) -> bool {
        let Entity::Variable(variable) = entity else { return false };
        let others = self.current_world().substitution.iter().flat_map(|all| all.values());
        others.filter(|other| matches!(other, Entity::Variable(id) if *id == variable)).count() <= 1
    }

    fn variable(&mut self, frame: FrameId, name: &'t Name) -> Entity {
        for image in self.current_world().images.values() {
            let other = self.images[image.0 as usize].frame;
            if other != frame
                && let Some(Entry { entity: Entity::Variable(id), declared: true, .. }) =
                    self.scopes.own(other, &name.text)
            {
                return Entity::Variable(id);
            }
        }
        let id = VariableId(self.spec.variables.len() as u32);
        self.spec.variables.push(Variable { name: name.text.clone(), span: name.span });
        Entity::Variable(id)
    }

    fn assume(&mut self, frame: FrameId, image: ImageId, name: Option<&'t Name>, body: &'t Expr, span: Span) {
        let scope = self.scopes.now(frame);
        if let Some(name) = name {
            let fact = self.fact(Fact { name: &name.text, body: Some(body), scope, context: self.context, span });
            self.introduce(frame, scope, name, Entry::new(Entity::Fact(fact), name.span));
        }
        if !self.current_world().sites.is_empty() {
            return;
        }
        let formula = self.expr(body, scope);
        if formula.standing.strict > Level::Constant {
            if !self.context.quiet {
                let message = "an assumption must be a constant formula";
                self.report(
                    Diagnostic::error("4206", formula.expr.span, message)
                        .help("what must hold in states is an INVARIANT of the config"),
                );
            }
            return;
        }
        let name = name.map(|name| name.text.clone());
        self.images[image.0 as usize].assumptions.push(Assumption { name, body: formula.expr, span });
    }

    fn theorem(&mut self, frame: FrameId, name: Option<&'t Name>, statement: &'t Statement, span: Span) {
        let scope = self.scopes.now(frame);
        let body = match statement {
            Statement::Formula(body) => Some(body),
            Statement::AssumeProve(_) => None,
        };
        if let Some(name) = name {
            let fact = self.fact(Fact { name: &name.text, body, scope, context: self.context, span });
            self.introduce(frame, scope, name, Entry::new(Entity::Fact(fact), name.span));
        }
        if let Some(body) = body
            && !self.context.quiet
        {
            self.expr(body, scope);
        }
    }

    /// Assumptions of a module: those of what it extends, its own, then those of what it instantiates.
    pub(super) fn assumptions(&self, root: ImageId) -> Vec<Assumption> {
        let mut order = Vec::new();
        self.collect_extended(root, &mut order);
        let mut place = 0;
        while place < order.len() {
            for instance in &self.images[order[place].0 as usize].instances {
                self.collect_extended(*instance, &mut order);
            }
            place += 1;
        }
        order.iter().flat_map(|image| &self.images[image.0 as usize].assumptions).cloned().collect()
    }

    fn collect_extended(&self, image: ImageId, order: &mut Vec<ImageId>) {
        if order.contains(&image) {
            return;
        }
        for extended in &self.images[image.0 as usize].extends {
            self.collect_extended(*extended, order);
        }
        order.push(image);
    }
}

fn not_a_definition(unit: &Unit) -> Option<Span> {
    match unit {
        Unit::Instance(instance) => Some(instance.span),
        Unit::Assume { span, .. } | Unit::Theorem { span, .. } => Some(*span),
        Unit::Module(module) => Some(module.name.span),
        _ => None,
    }
}
