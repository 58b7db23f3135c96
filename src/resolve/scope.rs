//! What names mean where.
//!
//! A **frame** holds the names of one module or one binder and knows the place in the frame around it
//! at which it stands. A [`Scope`] is a frame and how many of its names are visible: a module's later
//! definitions are not visible to earlier ones, and an old scope stays valid while its frame grows.

use std::collections::HashMap;

use super::elaborate::WorldId;
use super::spec::{ConstantId, LocalId, OperatorId, VariableId};
use crate::diagnostic::Span;
use crate::syntax::tree::{Expr, Module};

/// A frame of [`Scopes`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct FrameId(u32);

/// A place in the text: what is visible there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) frame: FrameId,
    limit: u32,
    /// How many of the frame's nested modules are visible.
    modules: u32,
}

/// A written substitution of an INSTANCE that is not a plain name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SubstitutionId(pub(super) u32);

/// A named INSTANCE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InstanceId(pub(super) u32);

/// A named theorem or assumption.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FactId(pub(super) u32);

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entity {
    Constant(ConstantId),
    Variable(VariableId),
    Operator(OperatorId),
    Local(LocalId),
    Substituted(SubstitutionId),
    Instance(InstanceId),
    Fact(FactId),
    /// Something wrong that has been reported.
    Broken,
}

impl Entity {
    /// True if both are the same thing.
    pub(super) fn same(self, other: Entity) -> bool {
        match (self, other) {
            (Entity::Constant(a), Entity::Constant(b)) => a == b,
            (Entity::Variable(a), Entity::Variable(b)) => a == b,
            (Entity::Operator(a), Entity::Operator(b)) => a == b,
            (Entity::Local(a), Entity::Local(b)) => a == b,
            (Entity::Substituted(a), Entity::Substituted(b)) => a == b,
            (Entity::Instance(a), Entity::Instance(b)) => a == b,
            (Entity::Fact(a), Entity::Fact(b)) => a == b,
            _ => false,
        }
    }

    /// What it is, for messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Entity::Constant(_) => "constant",
            Entity::Variable(_) => "variable",
            Entity::Operator(_) => "operator",
            Entity::Local(_) => "bound name",
            Entity::Substituted(_) => "substituted name",
            Entity::Instance(_) => "instance",
            Entity::Fact(_) => "theorem or assumption",
            Entity::Broken => "name",
        }
    }
}

/// A name of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) entity: Entity,
    /// Where it was introduced.
    pub(super) span: Span,
    /// LOCAL: not visible to who EXTENDS or INSTANCEs the module.
    pub(super) hidden: bool,
    /// A CONSTANT or VARIABLE of the module: visible to who EXTENDS it, not to who INSTANCEs it.
    pub(super) declared: bool,
    /// A VARIABLE that an INSTANCE replaces by more than another variable: the world of the instance.
    pub(super) replaced: Option<WorldId>,
    order: u32,
}

struct Frame<'t> {
    parent: Option<Scope>,
    names: Vec<&'t str>,
    entries: HashMap<&'t str, Entry>,
    modules: Vec<(&'t Module, Scope)>,
}

/// All frames.
#[derive(Default)]
pub(super) struct Scopes<'t> {
    frames: Vec<Frame<'t>>,
}

/// A written substitution: the expression and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Substitution<'t> {
    pub(super) value: &'t Expr,
    pub(super) scope: Scope,
    pub(super) arity: usize,
}

impl<'t> Scopes<'t> {
    /// A new frame inside a scope.
    pub(super) fn frame(&mut self, parent: Option<Scope>) -> FrameId {
        let id = FrameId(self.frames.len() as u32);
        self.frames.push(Frame { parent, names: Vec::new(), entries: HashMap::new(), modules: Vec::new() });
        id
    }

    /// What a frame stands in.
    pub(super) fn parent(&self, frame: FrameId) -> Option<Scope> {
        self.get(frame).parent
    }

    fn get(&self, frame: FrameId) -> &Frame<'t> {
        &self.frames[frame.0 as usize]
    }

    fn get_mut(&mut self, frame: FrameId) -> &mut Frame<'t> {
        &mut self.frames[frame.0 as usize]
    }

    /// Everything the frame holds so far is visible.
    pub(super) fn now(&self, frame: FrameId) -> Scope {
        let Frame { names, modules, .. } = self.get(frame);
        Scope { frame, limit: names.len() as u32, modules: modules.len() as u32 }
    }

    /// What a name means in a scope.
    pub(super) fn find(&self, scope: Scope, name: &str) -> Option<Entry> {
        let mut next = Some(scope);
        while let Some(Scope { frame, limit, .. }) = next {
            let frame = self.get(frame);
            if let Some(entry) = frame.entries.get(name).filter(|entry| entry.order < limit) {
                return Some(*entry);
            }
            next = frame.parent;
        }
        None
    }

    /// What a name means in a frame itself.
    pub(super) fn own(&self, frame: FrameId, name: &str) -> Option<Entry> {
        self.get(frame).entries.get(name).copied()
    }

    /// Adds a name; a name that is already there is replaced in place.
    pub(super) fn insert(&mut self, frame: FrameId, name: &'t str, mut entry: Entry) {
        let frame = self.get_mut(frame);
        if let Some(old) = frame.entries.get(name) {
            entry.order = old.order;
        } else {
            entry.order = frame.names.len() as u32;
            frame.names.push(name);
        }
        frame.entries.insert(name, entry);
    }

    /// Names of a frame with their meanings, in order.
    pub(super) fn entries(&self, frame: FrameId) -> Vec<(&'t str, Entry)> {
        let frame = self.get(frame);
        frame.names.iter().filter_map(|name| frame.entries.get(name).map(|entry| (*name, *entry))).collect()
    }

    /// Every visible name, innermost first.
    pub(super) fn visible(&self, scope: Scope) -> Vec<&'t str> {
        let mut names = Vec::new();
        let mut next = Some(scope);
        while let Some(Scope { frame, limit, .. }) = next {
            let frame = self.get(frame);
            names.extend(frame.names.iter().take(limit as usize));
            next = frame.parent;
        }
        names
    }

    /// Adds a nested module, which sees `scope`.
    pub(super) fn insert_module(&mut self, frame: FrameId, module: &'t Module, scope: Scope) {
        self.get_mut(frame).modules.push((module, scope));
    }

    /// A nested module and what it sees.
    pub(super) fn find_module(&self, scope: Scope, name: &str) -> Option<(&'t Module, Scope)> {
        let mut next = Some(scope);
        while let Some(Scope { frame, modules, .. }) = next {
            let frame = self.get(frame);
            let visible = &frame.modules[..modules as usize];
            if let Some(found) = visible.iter().find(|(module, _)| module.name.text == name) {
                return Some(*found);
            }
            next = frame.parent;
        }
        None
    }

    /// The nested modules of a frame.
    pub(super) fn modules(&self, frame: FrameId) -> Vec<(&'t Module, Scope)> {
        self.get(frame).modules.clone()
    }
}

impl Entry {
    /// A visible definition.
    pub(super) fn new(entity: Entity, span: Span) -> Self {
        Entry { entity, span, hidden: false, declared: false, replaced: None, order: 0 }
    }

    /// The same, LOCAL or not.
    pub(super) fn hidden(self, hidden: bool) -> Self {
        Entry { hidden, ..self }
    }

    /// The same as a CONSTANT or VARIABLE.
    pub(super) fn declared(self) -> Self {
        Entry { declared: true, ..self }
    }
}
