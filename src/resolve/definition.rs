//! Definitions of operators and functions, at module level and in LET, recursive or not.
//!
//! From a RECURSIVE declaration to the last definition it promises is a **section**. Levels inside a
//! section depend on each other: its definitions are elaborated again with the levels found, until
//! those no longer change.

use std::rc::Rc;

use super::elaborate::{Elaborator, LocalKind, Origin};
use super::level::{ParameterTrait, Standing, Typed};
use super::scope::{Entity, Entry, FrameId, Scope};
use super::spec::{ExprKind as Kind, LetDefinition, Level, LocalId, OperatorId, Parameter};
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Definition, DefinitionHead, Expr, OperatorDeclaration, Unit};

/// A definition's own parameters and body.
pub(super) struct Parts {
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Typed,
    /// Arguments of the function that it defines.
    pub(super) function: Option<usize>,
}

/// An open section of recursive definitions; `I` identifies a definition.
pub(super) struct Section<'t, I> {
    /// Declared and not yet defined: name, declaration.
    pub(super) promised: Vec<(I, &'t OperatorDeclaration)>,
    /// Defined since the section began.
    pub(super) members: Vec<(I, &'t Definition, Scope)>,
    /// Declared RECURSIVE.
    pub(super) declared: Vec<I>,
}

impl<I> Default for Section<'_, I> {
    fn default() -> Self {
        Section { promised: Vec::new(), members: Vec::new(), declared: Vec::new() }
    }
}

impl<I: Copy + PartialEq> Section<'_, I> {
    /// Notes a definition; true if it was the last that was promised.
    fn defined(&mut self, id: I) -> bool {
        self.promised.retain(|(promised, _)| *promised != id);
        self.promised.is_empty()
    }

    /// True between a RECURSIVE and the last definition it promises.
    pub(super) fn open(&self) -> bool {
        !self.promised.is_empty()
    }
}

/// How often the levels of a section may rise: each round raises at least one of four levels.
const ROUNDS_MAX: usize = 6;

impl<'t> Elaborator<'t> {
    /// Elaborates head and body of a definition in its scope.
    pub(super) fn definition_parts(&mut self, definition: &'t Definition, scope: Scope) -> Parts {
        let base = std::mem::replace(&mut self.label_base, self.bound.len());
        let labels = std::mem::take(&mut self.labels);
        let parts = match &definition.head {
            DefinitionHead::Operator(declarations) => {
                let frame = self.scopes.frame(Some(scope));
                let parameters = self.parameters(frame, scope, declarations);
                let inner = self.scopes.now(frame);
                let body = self.expr(&definition.body, inner);
                Parts { parameters, body, function: None }
            }
            DefinitionHead::Function(bounds) => {
                let sets = self.bound_sets(bounds, scope);
                let mut standing = Standing::join(sets.iter().map(|set| &set.standing));
                let frame = self.scopes.frame(Some(scope));
                let own = self.local(&definition.name.text, definition.name.span, LocalKind::Bound, 0);
                let places = bounds
                    .iter()
                    .map(|bound| match &bound.pattern {
                        crate::syntax::tree::Pattern::Names(names) => names.len(),
                        crate::syntax::tree::Pattern::Tuple(_) => 1,
                    })
                    .sum();
                self.locals[own.0 as usize].function = Some(places);
                self.locals[own.0 as usize].standing = Standing { parameters: Vec::new(), ..standing.clone() };
                let entry = Entry::new(Entity::Local(own), definition.name.span);
                self.scopes.insert(frame, &definition.name.text, entry);
                let inside = self.scopes.now(frame);
                let mark = self.bound.len();
                let (bounds, inner) = self.bind_all(bounds, sets, inside);
                let body = self.expr(&definition.body, inner);
                self.bound.truncate(mark);
                self.limit(&body, Level::Action, "a value of a function");
                standing.absorb(&body.standing);
                let recursive = self.locals[own.0 as usize].used.then_some(own);
                let kind = Kind::Function { recursive, bounds, body: body.expr };
                let body = Typed::new(kind, definition.span, standing);
                Parts { parameters: Vec::new(), body, function: Some(places) }
            }
        };
        self.label_base = base;
        self.labels = labels;
        parts
    }

    /// RECURSIVE at module level.
    pub(super) fn declare_recursive(
        &mut self,
        frame: FrameId,
        declarations: &'t [OperatorDeclaration],
        section: &mut Section<'t, OperatorId>,
    ) {
        for declaration in declarations {
            let around = self.scopes.now(frame);
            let name = &declaration.name;
            let id = self.operator(&name.text, name.span, Origin::Synthetic);
            let saved = self.enter(self.context);
            let sites = Rc::clone(&self.operators[id.0 as usize].sites);
            let mut parameters = self.site_parameters(&sites);
            self.leave(saved);
            for _ in 0..declaration.arity {
                let local = self.local(&name.text, name.span, LocalKind::Parameter, 0);
                parameters.push(Parameter { local, arity: 0 });
            }
            let facts = &mut self.operators[id.0 as usize];
            facts.pending = true;
            facts.traits = vec![ParameterTrait::default(); parameters.len()];
            let operator = &mut self.spec.operators[id.0 as usize];
            operator.parameters = parameters;
            operator.recursive = true;
            self.introduce(frame, around, name, Entry::new(Entity::Operator(id), name.span));
            section.promised.push((id, declaration));
            section.declared.push(id);
        }
    }

    /// A definition at module level.
    pub(super) fn define(&mut self, frame: FrameId, definition: &'t Definition, section: &mut Section<'t, OperatorId>) {
        let scope = self.scopes.now(frame);
        let name = &definition.name;
        let promised = self.scopes.own(frame, &name.text).and_then(|entry| match entry.entity {
            Entity::Operator(id) if self.operators[id.0 as usize].pending => Some((id, entry)),
            _ => None,
        });
        if let Some((id, entry)) = promised {
            self.check_promise(definition, section.promised.iter().find(|(other, _)| *other == id).map(|p| p.1));
            self.scopes.insert(frame, &name.text, entry.hidden(definition.local));
            self.operators[id.0 as usize].origin = Origin::Definition(definition, scope);
            self.spec.operators[id.0 as usize].span = definition.span;
            self.elaborate_operator(id, definition, scope);
            section.members.push((id, definition, scope));
            if section.defined(id) {
                self.close_section(std::mem::take(section));
            }
            return;
        }
        let id = self.operator(&name.text, definition.span, Origin::Definition(definition, scope));
        self.elaborate_operator(id, definition, scope);
        let entry = Entry::new(Entity::Operator(id), name.span).hidden(definition.local);
        self.introduce(frame, scope, name, entry);
        if section.open() {
            self.spec.operators[id.0 as usize].recursive = true;
            section.members.push((id, definition, scope));
        }
    }

    fn check_promise(&mut self, definition: &'t Definition, declaration: Option<&'t OperatorDeclaration>) {
        let arity = match &definition.head {
            DefinitionHead::Operator(parameters) => parameters.len(),
            DefinitionHead::Function(_) => 0,
        };
        if let Some(declaration) = declaration
            && declaration.arity != arity
        {
            let message = format!(
                "`{}` is declared RECURSIVE with {} parameter(s), but defined with {arity}",
                definition.name.text, declaration.arity
            );
            self.report(
                Diagnostic::error("4293", definition.name.span, message).label(declaration.name.span, "declared here"),
            );
        }
    }

    /// Elaborates a definition into an operator.
    fn elaborate_operator(&mut self, id: OperatorId, definition: &'t Definition, scope: Scope) {
        let saved = self.enter(self.context);
        let sites = Rc::clone(&self.operators[id.0 as usize].sites);
        let mut parameters = self.site_parameters(&sites);
        let parts = self.definition_parts(definition, scope);
        parameters.extend(parts.parameters);
        self.operators[id.0 as usize].function = parts.function;
        self.complete(id, parameters, parts.body);
        self.leave(saved);
    }

    /// Levels of a finished section, see the module head.
    fn close_section(&mut self, section: Section<'t, OperatorId>) {
        let quiet = std::mem::replace(&mut self.context.quiet, true);
        let suppressed = self.suppressed.len();
        for _ in 0..ROUNDS_MAX {
            let before = self.section_levels(&section);
            if before.iter().all(|(standing, traits)| is_plain(standing, traits)) {
                break;
            }
            for (id, definition, scope) in &section.members {
                self.elaborate_operator(*id, definition, *scope);
            }
            if self.section_levels(&section) == before {
                break;
            }
        }
        self.suppressed.truncate(suppressed);
        self.context.quiet = quiet;
        for id in &section.declared {
            let sites = self.operators[id.0 as usize].sites.len();
            let primes = self.operators[id.0 as usize].traits.iter().skip(sites).any(|t| t.limit <= Level::State);
            if primes {
                let span = self.spec.operators[id.0 as usize].span;
                let message = "a recursive operator cannot prime its parameters";
                self.report(Diagnostic::error("4290", span, message));
            }
        }
    }

    fn section_levels(&self, section: &Section<'t, OperatorId>) -> Vec<(Standing, Vec<ParameterTrait>)> {
        let facts = section.members.iter().map(|(id, ..)| &self.operators[id.0 as usize]);
        facts.map(|facts| (facts.standing.clone(), facts.traits.clone())).collect()
    }

    /// 4291 for what was promised and never defined.
    pub(super) fn check_promises_kept<I>(&mut self, section: &Section<'t, I>) {
        for (_, declaration) in &section.promised {
            let name = &declaration.name;
            let message = format!("`{}` is declared RECURSIVE but not defined here", name.text);
            self.report(Diagnostic::error("4291", name.span, message));
        }
    }

    /// LET definitions and the scope of the body.
    pub(super) fn let_units(&mut self, units: &'t [Unit], scope: Scope) -> (Vec<LetDefinition>, Scope) {
        let frame = self.scopes.frame(Some(scope));
        let mut section: Section<'t, LocalId> = Section::default();
        let mut definitions = Vec::new();
        for unit in units {
            match unit {
                Unit::Recursive(declarations) => self.declare_let_recursive(frame, scope, declarations, &mut section),
                Unit::Definition(definition) => {
                    self.let_define(frame, scope, definition, &mut section, &mut definitions);
                }
                Unit::Instance(instance) => {
                    if section.open() {
                        self.illegal_in_section(instance.span);
                    }
                    self.instance(frame, instance);
                }
                _ => {}
            }
        }
        self.check_promises_kept(&section);
        (definitions, self.scopes.now(frame))
    }

    /// `LET … IN e`.
    pub(super) fn let_in(&mut self, units: &'t [Unit], body: &'t Expr, span: Span, scope: Scope) -> Typed {
        let (definitions, inner) = self.let_units(units, scope);
        let body = self.expr(body, inner);
        if definitions.is_empty() {
            return body;
        }
        Typed::new(Kind::Let(definitions, body.expr), span, body.standing)
    }

    /// 4294: only definitions can stand between RECURSIVE and what it promises.
    pub(super) fn illegal_in_section(&mut self, span: Span) {
        let message = "only definitions can stand between RECURSIVE and the definitions it announces";
        self.report(Diagnostic::error("4294", span, message));
    }

    fn declare_let_recursive(
        &mut self,
        frame: FrameId,
        scope: Scope,
        declarations: &'t [OperatorDeclaration],
        section: &mut Section<'t, LocalId>,
    ) {
        for declaration in declarations {
            let name = &declaration.name;
            let local = self.local(&name.text, name.span, LocalKind::Let, declaration.arity);
            let facts = &mut self.locals[local.0 as usize];
            facts.pending = true;
            facts.parameter_traits = vec![ParameterTrait::default(); declaration.arity];
            self.introduce(frame, scope, name, Entry::new(Entity::Local(local), name.span));
            section.promised.push((local, declaration));
            section.declared.push(local);
        }
    }

    fn let_define(
        &mut self,
        frame: FrameId,
        around: Scope,
        definition: &'t Definition,
        section: &mut Section<'t, LocalId>,
        definitions: &mut Vec<LetDefinition>,
    ) {
        let scope = self.scopes.now(frame);
        let name = &definition.name;
        let promised = match self.scopes.own(frame, &name.text).map(|entry| entry.entity) {
            Some(Entity::Local(local)) if self.locals[local.0 as usize].pending => Some(local),
            _ => None,
        };
        if promised.is_none() && self.pending_outside(&name.text, around) {
            let message = format!("`{}` is declared RECURSIVE outside this LET and must be defined there", name.text);
            self.report(Diagnostic::error("4292", name.span, message));
            return;
        }
        let local = match promised {
            Some(local) => {
                self.check_promise(definition, section.promised.iter().find(|(other, _)| *other == local).map(|p| p.1));
                local
            }
            None => self.local(&name.text, name.span, LocalKind::Let, 0),
        };
        let recursive = section.open();
        self.locals[local.0 as usize].origin = Origin::Definition(definition, scope);
        definitions.push(self.elaborate_let(local, definition, scope, recursive));
        if promised.is_none() {
            self.introduce(frame, around, name, Entry::new(Entity::Local(local), name.span));
        }
        if recursive {
            section.members.push((local, definition, scope));
            if section.defined(local) {
                self.close_let_section(std::mem::take(section), definitions);
            }
        }
    }

    fn pending_outside(&self, name: &str, around: Scope) -> bool {
        match self.scopes.find(around, name).map(|entry| entry.entity) {
            Some(Entity::Operator(id)) => self.operators[id.0 as usize].pending,
            Some(Entity::Local(id)) => self.locals[id.0 as usize].pending,
            _ => false,
        }
    }

    fn elaborate_let(
        &mut self,
        local: LocalId,
        definition: &'t Definition,
        scope: Scope,
        recursive: bool,
    ) -> LetDefinition {
        let parts = self.definition_parts(definition, scope);
        let mut standing = parts.body.standing.clone();
        standing.parameters.retain(|p| !parts.parameters.iter().any(|own| own.local == *p));
        let traits = self.traits(&parts.parameters, &parts.body.standing);
        let facts = &mut self.locals[local.0 as usize];
        facts.arity = parts.parameters.len();
        facts.standing = standing;
        facts.parameter_traits = traits;
        facts.parameter_arities = parts.parameters.iter().map(|p| p.arity).collect();
        facts.function = parts.function;
        facts.pending = false;
        LetDefinition { local, parameters: parts.parameters, body: parts.body.expr, recursive }
    }

    fn close_let_section(&mut self, section: Section<'t, LocalId>, definitions: &mut [LetDefinition]) {
        let quiet = std::mem::replace(&mut self.context.quiet, true);
        let suppressed = self.suppressed.len();
        for _ in 0..ROUNDS_MAX {
            let before = self.let_levels(&section);
            if before.iter().all(|(standing, traits)| is_plain(standing, traits)) {
                break;
            }
            for (local, definition, scope) in &section.members {
                let again = self.elaborate_let(*local, definition, *scope, true);
                if let Some(place) = definitions.iter_mut().find(|d| d.local == *local) {
                    *place = again;
                }
            }
            if self.let_levels(&section) == before {
                break;
            }
        }
        self.suppressed.truncate(suppressed);
        self.context.quiet = quiet;
        for local in &section.declared {
            let facts = &self.locals[local.0 as usize];
            if facts.parameter_traits.iter().any(|t| t.limit <= Level::State) {
                let span = self.spec.locals[local.0 as usize].span;
                self.report(Diagnostic::error("4290", span, "a recursive operator cannot prime its parameters"));
            }
        }
    }

    fn let_levels(&self, section: &Section<'t, LocalId>) -> Vec<(Standing, Vec<ParameterTrait>)> {
        let facts = section.members.iter().map(|(local, ..)| &self.locals[local.0 as usize]);
        facts.map(|facts| (facts.standing.clone(), facts.parameter_traits.clone())).collect()
    }
}

/// True if nothing was found that the first round did not assume.
fn is_plain(standing: &Standing, traits: &[ParameterTrait]) -> bool {
    standing.level == Level::Constant
        && standing.parameters.is_empty()
        && traits.iter().all(|t| t.limit >= Level::Action && t.leibniz)
}
