//! The state of resolving: what is being built, and where in the text we are.
//!
//! A module is elaborated in a **world**: the root's own world, where its CONSTANTs and VARIABLEs are
//! the specification's, or the world of an INSTANCE, where they mean expressions of the text around the
//! INSTANCE. Each world makes its own copy of the definitions (an [`Image`] per module). A module with
//! neither constants nor variables is elaborated once, and shared by all.
//!
//! The text around an INSTANCE may have bound names and parameters (**sites**) in scope that the
//! substitution mentions. Every operator of such a world gets one leading parameter for each of them,
//! and while its body is elaborated the sites are renamed to those parameters.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::level::{ParameterTrait, Standing};
use super::load::Library;
use super::scope::{Entity, Entry, FactId, FrameId, InstanceId, Scope, Scopes, Substitution, SubstitutionId};
use super::spec::{
    Argument, Assumption, ExprKind, Level, Local, LocalId, Operator, OperatorBody, OperatorId, OperatorRef, Parameter,
    Spec,
};
use super::{builtin, level::Typed};
use crate::config::nearest::nearest;
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Definition, Expr, Module, Name, Unit};

/// An elaborated module of a world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct ImageId(pub(super) u32);

/// A world, see the module head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WorldId(pub(super) u32);

/// A module elaborated in a world.
pub(super) struct Image {
    pub(super) frame: FrameId,
    pub(super) extends: Vec<ImageId>,
    pub(super) instances: Vec<ImageId>,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) module: String,
    /// Which module it is, see [`Elaborator::address`].
    pub(super) address: usize,
}

/// Where CONSTANTs and VARIABLEs get their meaning.
pub(super) struct World<'t> {
    /// `I!` of the operators' names.
    pub(super) prefix: String,
    /// Names of the text around that every operator gets as leading parameters.
    pub(super) sites: Rc<[LocalId]>,
    /// What declared names mean; `None`: themselves.
    pub(super) substitution: Option<HashMap<&'t str, Entity>>,
    pub(super) images: HashMap<usize, ImageId>,
    /// Errors of this copy are errors of the original, and reported there.
    pub(super) quiet: bool,
    /// Of a nested module: what it sees around it.
    pub(super) around: Option<Scope>,
}

/// The module being elaborated.
#[derive(Clone, Copy)]
pub(super) struct Context<'t> {
    pub(super) world: WorldId,
    pub(super) module: &'t str,
    pub(super) built_in: bool,
    pub(super) quiet: bool,
    pub(super) image: Option<ImageId>,
}

/// Where an operator comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'t> {
    /// A definition, seen from its scope.
    Definition(&'t Definition, Scope),
    /// Made of something else.
    Synthetic,
}

/// What is known of an operator beyond the [`Spec`].
pub(super) struct OperatorFacts<'t> {
    pub(super) sites: Rc<[LocalId]>,
    pub(super) traits: Vec<ParameterTrait>,
    pub(super) standing: Standing,
    /// Arguments of the function that it defines.
    pub(super) function: Option<usize>,
    pub(super) origin: Origin<'t>,
    pub(super) context: Context<'t>,
    /// RECURSIVE and not yet defined.
    pub(super) pending: bool,
}

/// What a local is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LocalKind {
    Parameter,
    Bound,
    Let,
}

/// What is known of a local beyond the [`Spec`].
pub(super) struct LocalFacts<'t> {
    pub(super) kind: LocalKind,
    pub(super) arity: usize,
    /// Of a bound variable, that of its set; of a LET definition, that of its body.
    pub(super) standing: Standing,
    /// How it is used as a parameter itself.
    pub(super) traits: ParameterTrait,
    /// What a LET operator's parameters allow.
    pub(super) parameter_traits: Vec<ParameterTrait>,
    /// Arities of a LET operator's parameters.
    pub(super) parameter_arities: Vec<usize>,
    pub(super) function: Option<usize>,
    pub(super) origin: Origin<'t>,
    pub(super) used: bool,
    /// RECURSIVE and not yet defined.
    pub(super) pending: bool,
}

/// `I(p) == INSTANCE M`.
pub(super) struct Instance {
    pub(super) image: ImageId,
    pub(super) parameters: Vec<Parameter>,
}

/// A named theorem or assumption.
#[derive(Clone, Copy)]
pub(super) struct Fact<'t> {
    pub(super) name: &'t str,
    pub(super) body: Option<&'t Expr>,
    pub(super) scope: Scope,
    pub(super) context: Context<'t>,
    pub(super) span: Span,
}

/// What is saved while an operator of another place is elaborated.
pub(super) struct Saved<'t> {
    context: Context<'t>,
    rename: HashMap<LocalId, LocalId>,
    at: Vec<(LocalId, Standing)>,
    bound: Vec<&'t str>,
    label_base: usize,
    labels: Vec<(&'t str, Span)>,
    labels_allowed: bool,
}

/// See the module head.
pub(super) struct Elaborator<'t> {
    pub(super) library: &'t Library,
    pub(super) spec: Spec,
    pub(super) scopes: Scopes<'t>,
    pub(super) operators: Vec<OperatorFacts<'t>>,
    pub(super) locals: Vec<LocalFacts<'t>>,
    /// Modules that declare the constants, by id.
    pub(super) constant_modules: Vec<&'t str>,
    pub(super) substitutions: Vec<Substitution<'t>>,
    pub(super) instances: Vec<Instance>,
    pub(super) facts: Vec<Fact<'t>>,
    /// Operators made of facts that are used as formulas.
    pub(super) fact_operators: HashMap<u32, OperatorId>,
    pub(super) images: Vec<Image>,
    pub(super) worlds: Vec<World<'t>>,
    /// Modules without constants and variables.
    pub(super) closed: HashMap<usize, ImageId>,
    /// Modules whose errors have been reported.
    pub(super) reported: HashSet<usize>,
    pub(super) context: Context<'t>,
    pub(super) rename: HashMap<LocalId, LocalId>,
    /// `@` of the EXCEPTs around.
    pub(super) at: Vec<(LocalId, Standing)>,
    /// Names bound since the definition began, for label parameters.
    pub(super) bound: Vec<&'t str>,
    pub(super) label_base: usize,
    pub(super) labels: Vec<(&'t str, Span)>,
    pub(super) labels_allowed: bool,
    /// Locals met, as written, for each substitution that is being read.
    pub(super) touched: Vec<Vec<LocalId>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Errors of quiet copies: told only if there are no others.
    pub(super) suppressed: Vec<Diagnostic>,
    /// Levels that config replacements give to definitions: module, own name.
    pub(super) raised: HashMap<(String, String), Level>,
}

impl<'t> Elaborator<'t> {
    /// Nothing elaborated yet.
    pub(super) fn new(library: &'t Library, spec: Spec) -> Self {
        let context = Context { world: WorldId(0), module: "", built_in: false, quiet: false, image: None };
        Elaborator {
            library,
            spec,
            scopes: Scopes::default(),
            operators: Vec::new(),
            locals: Vec::new(),
            constant_modules: Vec::new(),
            substitutions: Vec::new(),
            instances: Vec::new(),
            facts: Vec::new(),
            fact_operators: HashMap::new(),
            images: Vec::new(),
            worlds: Vec::new(),
            closed: HashMap::new(),
            reported: HashSet::new(),
            context,
            rename: HashMap::new(),
            at: Vec::new(),
            bound: Vec::new(),
            label_base: 0,
            labels: Vec::new(),
            labels_allowed: true,
            touched: Vec::new(),
            diagnostics: Vec::new(),
            suppressed: Vec::new(),
            raised: HashMap::new(),
        }
    }

    /// Tells the user, unless this text has been reported on before.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.context.quiet {
            self.diagnostics.push(diagnostic);
        } else if diagnostic.is_error() {
            self.suppressed.push(diagnostic);
        }
    }

    /// A new world.
    pub(super) fn world(&mut self, world: World<'t>) -> WorldId {
        self.worlds.push(world);
        WorldId(self.worlds.len() as u32 - 1)
    }

    /// The world being elaborated.
    pub(super) fn current_world(&self) -> &World<'t> {
        &self.worlds[self.context.world.0 as usize]
    }

    /// Starts elaborating in another place with nothing bound; undone by [`Self::leave`].
    pub(super) fn enter(&mut self, context: Context<'t>) -> Saved<'t> {
        Saved {
            context: std::mem::replace(&mut self.context, context),
            rename: std::mem::take(&mut self.rename),
            at: std::mem::take(&mut self.at),
            bound: std::mem::take(&mut self.bound),
            label_base: std::mem::take(&mut self.label_base),
            labels: std::mem::take(&mut self.labels),
            labels_allowed: std::mem::replace(&mut self.labels_allowed, true),
        }
    }

    /// Goes back to where [`Self::enter`] was called.
    pub(super) fn leave(&mut self, saved: Saved<'t>) {
        self.context = saved.context;
        self.rename = saved.rename;
        self.at = saved.at;
        self.bound = saved.bound;
        self.label_base = saved.label_base;
        self.labels = saved.labels;
        self.labels_allowed = saved.labels_allowed;
    }

    /// A new local.
    pub(super) fn local(&mut self, name: &str, span: Span, kind: LocalKind, arity: usize) -> LocalId {
        let id = LocalId(self.spec.locals.len() as u32);
        self.spec.locals.push(Local { name: name.to_owned(), span });
        let standing = if kind == LocalKind::Parameter { Standing::parameter(id) } else { Standing::default() };
        self.locals.push(LocalFacts {
            kind,
            arity,
            standing,
            traits: ParameterTrait { counts: false, ..ParameterTrait::default() },
            parameter_traits: Vec::new(),
            parameter_arities: vec![0; arity],
            function: None,
            origin: Origin::Synthetic,
            used: false,
            pending: false,
        });
        id
    }

    /// What a site is called here, and notes that it was met.
    pub(super) fn refer(&mut self, site: LocalId) -> LocalId {
        if let Some(touched) = self.touched.last_mut() {
            touched.push(site);
        }
        let local = self.rename.get(&site).copied().unwrap_or(site);
        self.locals[site.0 as usize].used = true;
        self.locals[local.0 as usize].used = true;
        local
    }

    /// A site as an argument for the leading parameter that stands for it.
    pub(super) fn site_argument(&mut self, site: LocalId, span: Span) -> (Argument, Standing) {
        let local = self.refer(site);
        let standing = self.locals[local.0 as usize].standing.clone();
        if self.locals[local.0 as usize].arity > 0 {
            return (Argument::Operator(OperatorRef::Local(local)), standing);
        }
        (Argument::Expr(Typed::new(ExprKind::Local(local), span, standing.clone()).expr), standing)
    }

    /// A new operator of the current context; its body comes later.
    pub(super) fn operator(&mut self, short_name: &str, span: Span, origin: Origin<'t>) -> OperatorId {
        let id = OperatorId(self.spec.operators.len() as u32);
        let prefix = &self.current_world().prefix;
        let sites = Rc::clone(&self.current_world().sites);
        self.spec.operators.push(Operator {
            name: format!("{prefix}{short_name}"),
            short_name: short_name.to_owned(),
            module: self.context.module.to_owned(),
            built_in_module: self.context.built_in,
            parameters: Vec::new(),
            body: OperatorBody::Expr(Typed::broken(span).expr),
            level: Level::Constant,
            recursive: false,
            span,
        });
        self.operators.push(OperatorFacts {
            sites,
            traits: Vec::new(),
            standing: Standing::default(),
            function: None,
            origin,
            context: self.context,
            pending: false,
        });
        id
    }

    /// Fresh leading parameters for the sites of an operator; renames the sites to them.
    pub(super) fn site_parameters(&mut self, sites: &[LocalId]) -> Vec<Parameter> {
        sites
            .iter()
            .map(|site| {
                let Local { name, span } = self.spec.locals[site.0 as usize].clone();
                let arity = self.locals[site.0 as usize].arity;
                let local = self.local(&name, span, LocalKind::Parameter, arity);
                self.rename.insert(*site, local);
                Parameter { local, arity }
            })
            .collect()
    }

    /// Completes an operator: its traits are read off its parameters.
    pub(super) fn complete(&mut self, id: OperatorId, parameters: Vec<Parameter>, body: Typed) {
        let traits = self.traits(&parameters, &body.standing);
        let mut standing = body.standing;
        standing.parameters.clear();
        let operator = &mut self.spec.operators[id.0 as usize];
        let raised = self.raised.get(&(operator.module.clone(), operator.short_name.clone()));
        if let Some(level) = raised {
            standing.level = standing.level.max(*level);
            standing.strict = standing.strict.max(*level);
        }
        operator.parameters = parameters;
        operator.level = standing.level;
        operator.body = OperatorBody::Expr(body.expr);
        let facts = &mut self.operators[id.0 as usize];
        facts.traits = traits;
        facts.standing = standing;
        facts.pending = false;
    }

    /// What an operator with these parameters and a body of this standing allows.
    pub(super) fn traits(&self, parameters: &[Parameter], body: &Standing) -> Vec<ParameterTrait> {
        parameters
            .iter()
            .map(|parameter| ParameterTrait {
                counts: body.parameters.binary_search(&parameter.local).is_ok(),
                ..self.locals[parameter.local.0 as usize].traits
            })
            .collect()
    }

    /// Adds a name to a frame; 4201 or 4202 if it is taken. `around` is what is visible where it is
    /// introduced.
    pub(super) fn introduce(&mut self, frame: FrameId, around: Scope, name: &'t Name, entry: Entry) {
        if builtin::reserved(&name.text) {
            let message = format!("`{}` is built in and cannot be defined", name.text);
            self.report(Diagnostic::error("4202", name.span, message));
            return;
        }
        let taken = self.scopes.own(frame, &name.text).or_else(|| self.scopes.find(around, &name.text));
        if let Some(taken) = taken
            && !matches!(taken.entity, Entity::Broken)
        {
            let message = format!("`{}` already has a meaning here", name.text);
            self.report(
                Diagnostic::error("4201", name.span, message)
                    .label(taken.span, format!("this {} has the same name", taken.entity.noun())),
            );
            if self.scopes.own(frame, &name.text).is_some() && !matches!(entry.entity, Entity::Local(_)) {
                return;
            }
        }
        self.scopes.insert(frame, &name.text, entry);
    }

    /// 4200 with the best help.
    pub(super) fn unknown(&mut self, name: &str, span: Span, scope: Scope) {
        let mut diagnostic = Diagnostic::error("4200", span, format!("`{name}` is not defined or declared"));
        let visible = self.scopes.visible(scope);
        if let Some(help) = foreign(name) {
            diagnostic = diagnostic.help(help);
        } else if let Some(span) = self.defined_later(name) {
            diagnostic = diagnostic
                .label(span, "it is defined only here")
                .help("definitions come before their use; a recursive one is declared first: `RECURSIVE F(_)`");
        } else if let Some(module) = builtin::defining_module(name).filter(|module| *module != self.context.module) {
            diagnostic = diagnostic.help(format!("`{name}` is defined in module {module}: add `EXTENDS {module}`"));
        } else if let Some(near) = nearest(name, visible.into_iter()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if self.library.names().any(|module| module == name) {
            diagnostic = diagnostic.help("this is a module, not a definition");
        }
        self.report(diagnostic);
    }

    /// Where the module at hand defines the name, below its use.
    fn defined_later(&self, name: &str) -> Option<Span> {
        let module = self.library.module(self.context.module)?;
        module.units.iter().find_map(|unit| match unit {
            Unit::Definition(definition) => Some(&definition.name).filter(|n| n.text == name).map(|n| n.span),
            _ => None,
        })
    }

    /// A new named theorem or assumption.
    pub(super) fn fact(&mut self, fact: Fact<'t>) -> FactId {
        self.facts.push(fact);
        FactId(self.facts.len() as u32 - 1)
    }

    /// A new named instance.
    pub(super) fn named_instance(&mut self, instance: Instance) -> InstanceId {
        self.instances.push(instance);
        InstanceId(self.instances.len() as u32 - 1)
    }

    /// A new written substitution.
    pub(super) fn substitution(&mut self, substitution: Substitution<'t>) -> SubstitutionId {
        self.substitutions.push(substitution);
        SubstitutionId(self.substitutions.len() as u32 - 1)
    }

    /// A module's identity: its place in the library, which does not move.
    pub(super) fn address(module: &'t Module) -> usize {
        std::ptr::from_ref(module) as usize
    }
}

/// What is written in TLA+ for what other languages write so.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        ":=" => "equality is `=`, also where a variable gets a value",
        "&&" => "`and` is written `/\\`",
        "||" => "`or` is written `\\/`",
        "and" => "`and` is written `/\\`",
        "or" => "`or` is written `\\/`",
        "not" => "`not` is written `~`",
        "true" | "True" => "it is written `TRUE`",
        "false" | "False" => "it is written `FALSE`",
        "/" => "the quotient of integers is written `\\div`",
        "mod" => "the remainder of integers is written `%`",
        "null" | "nil" | "None" => {
            "TLA+ has no such value: declare `CONSTANT None` and give it a model value in the config"
        }
        _ => return None,
    })
}
