//! Surface trees + config → [`spec::Spec`].
//!
//! *Takes* the root file, a way to find other modules, and a config. *Gives* a [`spec::Spec`] and all
//! diagnostics. *Holds*: every name is an id, every INSTANCE is substituted, arity and level rules are
//! satisfied. *Ignores* pest and text, values, states.
//!
//! Phases: read all modules (`load`, `dependencies`) → elaborate them bottom up (`elaborate` says how;
//! `module`, `instance`, `definition`, `expression`, `binder`, `call`, `argument`, `subexpression` are the parts of
//! it by what they read) → apply the config (`configure`). If a replacement of the config has a higher
//! level than what it replaces, modules are elaborated a second time knowing that.

pub mod spec;

mod load;

mod dependencies;

mod scope;

mod builtin;

mod level;

mod elaborate;

mod module;

mod instance;

mod definition;

mod expression;

mod binder;

mod call;

mod argument;

mod subexpression;

mod configure;

mod words;

use std::path::Path;

pub use load::{Search, read_text, readable};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::syntax::tree::{Definition, DefinitionHead, File, Fixity, Module, Name, Unit};
use configure::Raised;
use elaborate::Elaborator;
use load::Library;
use scope::Entity;
use spec::{Spec, Symbols};

/// What resolving gives.
#[derive(Debug)]
pub struct Resolution {
    /// The specification, if there are no errors.
    pub spec: Option<Spec>,
    /// Everything found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Resolves a root module with everything it needs. Without a config constants stay unbound.
///
/// Recursion follows the nesting of expressions: call it on a thread with a large stack.
pub fn resolve_file(sources: &mut Sources, root: &Path, search: &Search, config: Option<&Config>) -> Resolution {
    let mut diagnostics = Vec::new();
    let library = load::load_file(sources, root, search, &mut diagnostics);
    resolve_library(library, config, diagnostics)
}

/// Resolves an expression that may use the definitions of some modules. The specification has an operator
/// `Value` for it; places are places of `expression` as given.
///
/// Recursion follows the nesting of expressions: call it on a thread with a large stack.
pub fn resolve_expression(sources: &mut Sources, extends: &[String], expression: &str, search: &Search) -> Resolution {
    let file = sources.add("<expression>", expression);
    let (body, mut diagnostics) = crate::syntax::parse_expression(sources, file);
    let Some(body) = body.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) else {
        return Resolution { spec: None, diagnostics };
    };
    let name = |text: &str| Name { text: text.to_owned(), span: Span::NONE };
    let (identifiers, strings) = words::words(expression);
    let span = body.span;
    let value = Definition {
        local: false,
        name: name("Value"),
        fixity: Fixity::Nonfix,
        head: DefinitionHead::Operator(Vec::new()),
        body,
        span,
    };
    let module = Module {
        name: name("<expression>"),
        extends: extends.iter().map(|module| name(module)).collect(),
        units: vec![Unit::Definition(value)],
        span,
    };
    let file = File { modules: vec![module], identifiers, strings };
    let library = load::load_tree(sources, file, search, &mut diagnostics);
    resolve_library(library, None, diagnostics)
}

/// Times a replacement may raise levels: each time at least one definition rises by a level.
const ROUNDS_MAX: usize = 8;

fn resolve_library(library: Option<Library>, config: Option<&Config>, mut diagnostics: Vec<Diagnostic>) -> Resolution {
    let (Some(library), true) = (library, !diagnostics.iter().any(Diagnostic::is_error)) else {
        return Resolution { spec: None, diagnostics };
    };
    let Some(root) = library.root() else {
        return Resolution { spec: None, diagnostics };
    };
    let symbols = symbols(&library, config);
    let mut raised = Raised::new();
    for round in 0.. {
        let start = Spec { root: root.name.text.clone(), symbols: symbols.clone(), ..Spec::default() };
        let mut elaborator = Elaborator::new(&library, start);
        elaborator.raised = raised.clone();
        elaborator.elaborate_dependencies(root);
        let world = elaborator.own_world(None);
        let image = elaborator.image(root, world, None);
        elaborator.context.world = world;
        let frame = elaborator.images[image.0 as usize].frame;
        for (name, entry) in elaborator.scopes.entries(frame) {
            if let Entity::Operator(id) = entry.entity {
                elaborator.spec.root_operators.insert(name.to_owned(), id);
            }
        }
        elaborator.spec.assumptions = elaborator.assumptions(image);
        let more = config.map(|config| elaborator.configure(config, image)).unwrap_or_default();
        let known = raised.len();
        raised.extend(more);
        if raised.len() > known && round < ROUNDS_MAX {
            continue;
        }
        diagnostics.append(&mut elaborator.diagnostics);
        if !diagnostics.iter().any(Diagnostic::is_error) {
            diagnostics.append(&mut first_of_each(elaborator.suppressed));
        }
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        return Resolution { spec: (!failed).then_some(elaborator.spec), diagnostics };
    }
    Resolution { spec: None, diagnostics }
}

/// Errors of copies, each place once.
fn first_of_each(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for diagnostic in all {
        if !told.iter().any(|other| other.code == diagnostic.code && other.span == diagnostic.span) {
            told.push(diagnostic);
        }
    }
    told
}

/// TLC's order: the config, then identifiers of all files, then strings of all files.
fn symbols(library: &Library, config: Option<&Config>) -> Symbols {
    let mut symbols = Symbols::default();
    for token in config.iter().flat_map(|config| &config.tokens) {
        symbols.intern(token);
    }
    for identifier in library.files().flat_map(|file| &file.identifiers) {
        symbols.intern(identifier);
    }
    for string in library.files().flat_map(|file| &file.strings) {
        symbols.intern(string);
    }
    symbols
}
