//! Expressions that bind names: quantifiers, CHOOSE, functions, sets, labels.

use super::elaborate::{Elaborator, LocalKind};
use super::level::{Standing, Typed};
use super::scope::{Entity, Entry, FrameId, Scope};
use super::spec::{Binder, Bound as ResolvedBound, ExprKind as Kind, Level, LocalId};
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{Bound, Expr, Name, Pattern, Quantifier};

fn pattern_names(pattern: &Pattern) -> &[Name] {
    match pattern {
        Pattern::Names(names) | Pattern::Tuple(names) => names,
    }
}

impl<'t> Elaborator<'t> {
    /// Binds one name in a frame.
    pub(super) fn bind(&mut self, frame: FrameId, around: Scope, name: &'t Name, standing: &Standing) -> LocalId {
        let local = self.local(&name.text, name.span, LocalKind::Bound, 0);
        self.locals[local.0 as usize].standing =
            Standing { level: standing.level, strict: Level::Constant, parameters: Vec::new() };
        self.introduce(frame, around, name, Entry::new(Entity::Local(local), name.span));
        self.bound.push(&name.text);
        local
    }

    /// Resolves the sets of bounds: none sees the names that the others bind.
    pub(super) fn bound_sets(&mut self, bounds: &'t [Bound], scope: Scope) -> Vec<Typed> {
        bounds
            .iter()
            .map(|bound| match &bound.set {
                Some(set) => self.expr(set, scope),
                None => Typed::broken(Span::NONE),
            })
            .collect()
    }

    /// Binds the names of bounds inside `around`.
    pub(super) fn bind_all(
        &mut self,
        bounds: &'t [Bound],
        sets: Vec<Typed>,
        around: Scope,
    ) -> (Vec<ResolvedBound>, Scope) {
        let frame = self.scopes.frame(Some(around));
        let mut resolved = Vec::with_capacity(bounds.len());
        for (bound, set) in bounds.iter().zip(sets) {
            let names = pattern_names(&bound.pattern);
            let locals = names.iter().map(|name| self.bind(frame, around, name, &set.standing)).collect();
            let binder = match bound.pattern {
                Pattern::Names(_) => Binder::Each(locals),
                Pattern::Tuple(_) => Binder::Tuple(locals),
            };
            resolved.push(ResolvedBound { binder, set: set.expr });
        }
        (resolved, self.scopes.now(frame))
    }

    /// Resolves bounds and a body inside them; the standing is that of both together.
    fn bounded(&mut self, bounds: &'t [Bound], body: &'t Expr, scope: Scope) -> (Vec<ResolvedBound>, Typed, Standing) {
        let sets = self.bound_sets(bounds, scope);
        for set in &sets {
            self.limit_bound(set);
        }
        let mut standing = Standing::join(sets.iter().map(|set| &set.standing));
        let mark = self.bound.len();
        let (bounds, inner) = self.bind_all(bounds, sets, scope);
        let body = self.expr(body, inner);
        self.bound.truncate(mark);
        standing.absorb(&body.standing);
        (bounds, body, standing)
    }

    /// A bound cannot be temporal (4315).
    fn limit_bound(&mut self, set: &Typed) {
        if set.standing.strict == Level::Temporal {
            let message = "the set of a bound cannot be a temporal formula";
            self.report(Diagnostic::error("4315", set.expr.span, message));
        }
    }

    pub(super) fn set_filter(&mut self, bound: &'t Bound, body: &'t Expr, span: Span, scope: Scope) -> Typed {
        let (bounds, body, standing) = self.bounded(std::slice::from_ref(bound), body, scope);
        self.limit(&body, Level::Action, "the condition of a set");
        match bounds.into_iter().next() {
            Some(bound) => Typed::new(Kind::SetFilter(bound, body.expr), span, standing),
            None => Typed::broken(span),
        }
    }

    pub(super) fn set_map(&mut self, body: &'t Expr, bounds: &'t [Bound], span: Span, scope: Scope) -> Typed {
        let (bounds, body, standing) = self.bounded(bounds, body, scope);
        self.limit(&body, Level::Action, "an element of a set");
        Typed::new(Kind::SetMap(body.expr, bounds), span, standing)
    }

    pub(super) fn function(&mut self, bounds: &'t [Bound], body: &'t Expr, span: Span, scope: Scope) -> Typed {
        let (bounds, body, standing) = self.bounded(bounds, body, scope);
        self.limit(&body, Level::Action, "a value of a function");
        Typed::new(Kind::Function { recursive: None, bounds, body: body.expr }, span, standing)
    }

    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        bounds: &'t [Bound],
        body: &'t Expr,
        span: Span,
        scope: Scope,
    ) -> Typed {
        let temporal = matches!(quantifier, Quantifier::TemporalForall | Quantifier::TemporalExists);
        if temporal || bounds.iter().all(|bound| bound.set.is_none()) {
            return self.unbounded(temporal, bounds, body, span, scope);
        }
        let (bounds, body, standing) = self.bounded(bounds, body, scope);
        if body.standing.strict == Level::Temporal {
            for bound in bounds.iter().filter(|bound| bound.set.level == Level::Action) {
                let message = "a temporal formula cannot be quantified over a set that depends on a step";
                self.report(Diagnostic::error("4314", bound.set.span, message));
            }
        }
        let kind = match quantifier {
            Quantifier::Forall => Kind::Forall(bounds, body.expr),
            _ => Kind::Exists(bounds, body.expr),
        };
        Typed::new(kind, span, standing)
    }

    fn unbounded(&mut self, temporal: bool, bounds: &'t [Bound], body: &'t Expr, span: Span, scope: Scope) -> Typed {
        let frame = self.scopes.frame(Some(scope));
        let mark = self.bound.len();
        let names = bounds.iter().flat_map(|bound| pattern_names(&bound.pattern));
        // A name bound by \AA or \EE is a variable.
        let standing = Standing::of(if temporal { Level::State } else { Level::Constant });
        let mut locals = Vec::new();
        for name in names {
            let local = self.bind(frame, scope, name, &standing);
            self.locals[local.0 as usize].standing = standing.clone();
            locals.push(local);
        }
        let inner = self.scopes.now(frame);
        let body = self.expr(body, inner);
        self.bound.truncate(mark);
        if temporal {
            Typed::new(Kind::TemporalQuantifier(locals, body.expr), span, Standing::of(Level::Temporal))
        } else {
            Typed::new(Kind::Unbounded(locals, body.expr), span, body.standing)
        }
    }

    pub(super) fn choose(&mut self, bound: &'t Bound, body: &'t Expr, span: Span, scope: Scope) -> Typed {
        if bound.set.is_some() {
            let (bounds, body, standing) = self.bounded(std::slice::from_ref(bound), body, scope);
            self.limit(&body, Level::Action, "the condition of a CHOOSE");
            return match bounds.into_iter().next() {
                Some(bound) => Typed::new(Kind::Choose(bound, body.expr), span, standing),
                None => Typed::broken(span),
            };
        }
        let frame = self.scopes.frame(Some(scope));
        let mark = self.bound.len();
        let names = pattern_names(&bound.pattern);
        let locals = names.iter().map(|name| self.bind(frame, scope, name, &Standing::default())).collect();
        let inner = self.scopes.now(frame);
        let body = self.expr(body, inner);
        self.bound.truncate(mark);
        self.limit(&body, Level::Action, "the condition of a CHOOSE");
        let binder = match bound.pattern {
            Pattern::Names(_) => Binder::Each(locals),
            Pattern::Tuple(_) => Binder::Tuple(locals),
        };
        Typed::new(Kind::ChooseUnbounded(binder, body.expr), span, body.standing)
    }

    /// `name(x, y) :: e`: the parameters are the names bound since the definition or label around (433x).
    pub(super) fn label(
        &mut self,
        name: &'t Name,
        parameters: &'t [Name],
        body: &'t Expr,
        span: Span,
        scope: Scope,
    ) -> Typed {
        if !self.labels_allowed {
            self.report(Diagnostic::error("4333", name.span, "a label can stand only in a definition"));
        }
        if let Some((_, first)) = self.labels.iter().find(|(other, _)| *other == name.text) {
            let first = *first;
            self.report(
                Diagnostic::error("4336", name.span, format!("the label `{}` is used twice", name.text))
                    .label(first, "first here"),
            );
        }
        self.check_label_parameters(name, parameters);
        self.labels.push((&name.text, name.span));
        let base = std::mem::replace(&mut self.label_base, self.bound.len());
        let labels = std::mem::take(&mut self.labels);
        let body = self.expr(body, scope);
        self.labels = labels;
        self.label_base = base;
        Typed::new(Kind::Label(name.text.clone(), body.expr), span, body.standing)
    }

    fn check_label_parameters(&mut self, name: &Name, parameters: &[Name]) {
        for (place, parameter) in parameters.iter().enumerate() {
            if parameters[..place].iter().any(|other| other.text == parameter.text) {
                let message = format!("the label parameter `{}` is repeated", parameter.text);
                self.report(Diagnostic::error("4330", parameter.span, message));
            } else if !self.bound[self.label_base..].contains(&parameter.text.as_str()) {
                let message = format!("`{}` is not bound between this label and what is around it", parameter.text);
                self.report(Diagnostic::error("4332", parameter.span, message));
            }
        }
        let missing: Vec<&str> = self.bound[self.label_base..]
            .iter()
            .copied()
            .filter(|bound| !parameters.iter().any(|parameter| parameter.text == *bound))
            .collect();
        if !missing.is_empty() {
            let message = format!("the label `{}` must have as parameters: {}", name.text, missing.join(", "));
            self.report(
                Diagnostic::error("4331", name.span, message)
                    .help("a label lists all names bound between it and the definition around it"),
            );
        }
    }
}
