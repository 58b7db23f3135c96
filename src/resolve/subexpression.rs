//! Names of subexpressions: `Op!1`, `Op(a)!lab(x)!2`, `Op!(e)!<<`, `Op!:`.
//!
//! The selected part of a definition becomes the body of an operator of its own. Its parameters are those
//! of the definition, then the names bound on the way to the part; LETs on the way are put around it.

use std::rc::Rc;

use super::call::{Found, Head};
use super::elaborate::{Context, Elaborator, LocalKind, Origin};
use super::level::Typed;
use super::scope::{Entity, Entry, FactId, Scope};
use super::spec::{Argument, ExprKind as Kind, LetDefinition, LocalId, OperatorId, Parameter};
use crate::diagnostic::{Diagnostic, Span};
use crate::syntax::tree::{
    Bound, Definition, DefinitionHead, Expr, ExprKind, OperatorDeclaration, PathStep, Pattern, Selector, Unit,
};

/// What lies between an expression and one of its parts.
#[derive(Clone, Copy)]
enum Crossing<'t> {
    Bounds(&'t [Bound]),
    Lambda(&'t [OperatorDeclaration]),
    Let(&'t [Unit]),
}

/// Where the selection stands.
struct Selection<'t> {
    current: Place<'t>,
    scope: Scope,
    parameters: Vec<Parameter>,
    arguments: Vec<&'t Expr>,
    lets: Vec<Vec<LetDefinition>>,
}

#[derive(Clone, Copy)]
enum Place<'t> {
    Expr(&'t Expr),
    /// A CASE arm: its guard is part 1, its value part 2.
    Arm(&'t Expr, &'t Expr),
}

/// What a path of selectors starts from.
#[derive(Clone, Copy)]
enum Base<'t> {
    Operator(OperatorId, &'t Definition, Scope),
    Fact(FactId, &'t Expr, Scope),
    Let(&'t Definition, Scope),
}

type Wrong = (Span, String);

impl<'t> Elaborator<'t> {
    /// An expression that names a subexpression.
    pub(super) fn subexpression(
        &mut self,
        found: &Found<'t>,
        steps: &'t [PathStep],
        span: Span,
        scope: Scope,
    ) -> Typed {
        let Some((head, arguments)) = self.select(found, steps, span) else {
            return Typed::broken(span);
        };
        match head {
            Selected::Operator(id) => {
                let expected = self.arity(Entity::Operator(id)).unwrap_or(0);
                if expected != arguments.len() {
                    self.wrong_count(found.name, expected, arguments.len(), span);
                    return Typed::broken(span);
                }
                self.call(id, found.name, &found.bindings, &arguments, span, scope)
            }
            Selected::Local(definition, standing) => {
                if definition.parameters.len() != arguments.len() {
                    self.wrong_count(found.name, definition.parameters.len(), arguments.len(), span);
                    return Typed::broken(span);
                }
                let mut standing = standing;
                let mut resolved = Vec::new();
                for (parameter, tree) in definition.parameters.iter().zip(arguments) {
                    let (argument, argument_standing) = self.argument(tree, parameter.arity, scope);
                    standing.absorb(&argument_standing);
                    resolved.push(argument);
                }
                let local = definition.local;
                let call = self.call_local(local, resolved, span, &standing);
                Typed::new(Kind::Let(vec![definition], call.expr), span, standing)
            }
        }
    }

    fn call_local(
        &mut self,
        local: LocalId,
        arguments: Vec<Argument>,
        span: Span,
        standing: &super::level::Standing,
    ) -> Typed {
        let kind = if arguments.is_empty() { Kind::Local(local) } else { Kind::CallLocal(local, arguments) };
        Typed::new(kind, span, standing.clone())
    }

    /// The name of a subexpression given as an operator argument.
    pub(super) fn selected_operator(
        &mut self,
        found: &Found<'t>,
        steps: &'t [PathStep],
        _scope: Scope,
    ) -> Option<OperatorId> {
        let span = steps.first()?.span;
        match self.select(found, steps, span)? {
            (Selected::Operator(id), arguments) if arguments.is_empty() => Some(id),
            _ => {
                let message = "this subexpression cannot be given as an operator";
                self.report(Diagnostic::error("4270", span, message));
                None
            }
        }
    }

    fn base(&self, found: &Found<'t>) -> Option<Base<'t>> {
        match found.head {
            Head::Entity(Entity::Operator(id)) => match self.operators[id.0 as usize].origin {
                Origin::Definition(definition, scope) => Some(Base::Operator(id, definition, scope)),
                Origin::Synthetic => None,
            },
            Head::Entity(Entity::Fact(id)) => {
                let fact = self.facts[id.0 as usize];
                fact.body.map(|body| Base::Fact(id, body, fact.scope))
            }
            Head::Entity(Entity::Local(id)) => match self.locals[id.0 as usize].origin {
                Origin::Definition(definition, scope) => Some(Base::Let(definition, scope)),
                Origin::Synthetic => None,
            },
            _ => None,
        }
    }

    fn select(&mut self, found: &Found<'t>, steps: &'t [PathStep], span: Span) -> Option<(Selected, Vec<&'t Expr>)> {
        let Some(base) = self.base(found) else {
            let message = format!("`{}` has no subexpressions that can be named", found.name);
            self.report(Diagnostic::error("4203", span, message));
            return None;
        };
        let name = steps[found.step..].iter().map(|step| selector_text(&step.selector)).collect::<Vec<_>>().join("!");
        let (context, sites) = match base {
            Base::Operator(id, ..) => {
                let facts = &self.operators[id.0 as usize];
                (facts.context, Rc::clone(&facts.sites))
            }
            Base::Fact(id, ..) => {
                let context = self.facts[id.0 as usize].context;
                (context, Rc::clone(&self.worlds[context.world.0 as usize].sites))
            }
            Base::Let(definition, scope) => {
                return self.select_in_let(definition, scope, &steps[found.step..], &name, span);
            }
        };
        let saved = self.enter(Context { quiet: true, ..context });
        let operator = self.operator(&name, span, Origin::Synthetic);
        let mut parameters = self.site_parameters(&sites);
        let outcome = self.walk(base, &steps[found.step..]);
        let result = match outcome {
            Ok(selection) => {
                let (own, body, arguments) = self.finish(selection);
                parameters.extend(own);
                self.complete(operator, parameters, body);
                Ok(arguments)
            }
            Err(wrong) => Err(wrong),
        };
        self.leave(saved);
        match result {
            Ok(arguments) => Some((Selected::Operator(operator), arguments)),
            Err((span, message)) => {
                self.report(Diagnostic::error("4203", span, message));
                None
            }
        }
    }

    fn select_in_let(
        &mut self,
        definition: &'t Definition,
        scope: Scope,
        steps: &'t [PathStep],
        name: &str,
        span: Span,
    ) -> Option<(Selected, Vec<&'t Expr>)> {
        let outcome: Result<_, Wrong> = self.elsewhere(|this| {
            let selection = this.walk(Base::Let(definition, scope), steps)?;
            Ok(this.finish(selection))
        });
        match outcome {
            Ok((parameters, body, arguments)) => {
                let local = self.local(name, span, LocalKind::Let, parameters.len());
                let mut standing = body.standing;
                standing.parameters.retain(|p| !parameters.iter().any(|own| own.local == *p));
                let definition = LetDefinition { local, parameters, body: body.expr, recursive: false };
                Some((Selected::Local(definition, standing), arguments))
            }
            Err((span, message)) => {
                self.report(Diagnostic::error("4203", span, message));
                None
            }
        }
    }

    /// Elaborates what was selected.
    fn finish(&mut self, selection: Selection<'t>) -> (Vec<Parameter>, Typed, Vec<&'t Expr>) {
        let Place::Expr(part) = selection.current else {
            return (Vec::new(), Typed::broken(Span::NONE), Vec::new());
        };
        let mut body = self.expr(part, selection.scope);
        for definitions in selection.lets.into_iter().rev().filter(|definitions| !definitions.is_empty()) {
            let span = body.expr.span;
            body = Typed::new(Kind::Let(definitions, body.expr), span, body.standing);
        }
        (selection.parameters, body, selection.arguments)
    }

    /// Follows the selectors from a definition.
    fn walk(&mut self, base: Base<'t>, steps: &'t [PathStep]) -> Result<Selection<'t>, Wrong> {
        let (body, scope) = match base {
            Base::Operator(_, definition, scope) | Base::Let(definition, scope) => (&definition.body, scope),
            Base::Fact(_, body, scope) => (body, scope),
        };
        let mut selection = Selection {
            current: Place::Expr(body),
            scope,
            parameters: Vec::new(),
            arguments: Vec::new(),
            lets: Vec::new(),
        };
        let Some((first, rest)) = steps.split_first() else {
            return Err((body.span, "nothing is selected".to_owned()));
        };
        match base {
            Base::Operator(_, definition, _) | Base::Let(definition, _) => match &definition.head {
                DefinitionHead::Operator(declarations) => {
                    self.cross(&mut selection, Crossing::Lambda(declarations));
                    selection.arguments.extend(&first.arguments);
                }
                DefinitionHead::Function(_) => {
                    return Err((first.span, "parts of a function definition have no names".to_owned()));
                }
            },
            Base::Fact(..) => {}
        }
        self.label_base = self.bound.len();
        for step in rest {
            self.take_step(&mut selection, step)?;
        }
        if let (Place::Arm(..), Some(last)) = (selection.current, rest.last()) {
            return Err((last.span, "a CASE arm has two parts: select `!1` or `!2` of it".to_owned()));
        }
        Ok(selection)
    }

    fn take_step(&mut self, selection: &mut Selection<'t>, step: &'t PathStep) -> Result<(), Wrong> {
        while let Place::Expr(expr) = selection.current
            && let ExprKind::Label(_, _, body) = &*expr.kind
        {
            self.label_base = self.bound.len();
            selection.current = Place::Expr(body);
        }
        match &step.selector {
            Selector::Whole => Ok(()),
            Selector::Index(index) => select_part(selection, *index as usize, step),
            Selector::First => select_part(selection, 1, step),
            Selector::Second => select_part(selection, 2, step),
            Selector::At | Selector::Arguments => self.enter_binder(selection, step),
            Selector::Name(name) => self.enter_label(selection, name, step),
        }
    }

    /// Binds what a crossing binds as parameters.
    fn cross(&mut self, selection: &mut Selection<'t>, crossing: Crossing<'t>) {
        match crossing {
            Crossing::Let(units) => {
                let (definitions, scope) = self.let_units(units, selection.scope);
                selection.lets.push(definitions);
                selection.scope = scope;
            }
            Crossing::Lambda(declarations) => {
                let frame = self.scopes.frame(Some(selection.scope));
                let around = selection.scope;
                self.bound.extend(declarations.iter().map(|declaration| declaration.name.text.as_str()));
                selection.parameters.extend(self.parameters(frame, around, declarations));
                selection.scope = self.scopes.now(frame);
            }
            Crossing::Bounds(bounds) => {
                let frame = self.scopes.frame(Some(selection.scope));
                for bound in bounds {
                    let (Pattern::Names(names) | Pattern::Tuple(names)) = &bound.pattern;
                    for name in names {
                        let local = self.local(&name.text, name.span, LocalKind::Parameter, 0);
                        self.scopes.insert(frame, &name.text, Entry::new(Entity::Local(local), name.span));
                        self.bound.push(&name.text);
                        selection.parameters.push(Parameter { local, arity: 0 });
                    }
                }
                selection.scope = self.scopes.now(frame);
            }
        }
    }

    /// `!(e)` and `!@`: into the body of something that binds.
    fn enter_binder(&mut self, selection: &mut Selection<'t>, step: &'t PathStep) -> Result<(), Wrong> {
        let Place::Expr(expr) = selection.current else {
            return Err((step.span, "a CASE arm binds nothing".to_owned()));
        };
        let body = children(expr)
            .into_iter()
            .find(|(crossing, _)| matches!(crossing, Some(Crossing::Bounds(_) | Crossing::Lambda(_))));
        let Some((Some(crossing), body)) = body else {
            return Err((step.span, "this part binds nothing".to_owned()));
        };
        self.cross(selection, crossing);
        selection.arguments.extend(&step.arguments);
        selection.current = Place::Expr(body);
        Ok(())
    }

    /// A label, or an operator that a LET defines.
    fn enter_label(&mut self, selection: &mut Selection<'t>, name: &str, step: &'t PathStep) -> Result<(), Wrong> {
        let unknown = || (step.span, format!("there is no label `{name}` in what is selected"));
        let Place::Expr(expr) = selection.current else { return Err(unknown()) };
        if let ExprKind::Let(units, _) = &*expr.kind
            && let Some(definition) = units.iter().find_map(|unit| match unit {
                Unit::Definition(definition) if definition.name.text == name => Some(definition),
                _ => None,
            })
            && let DefinitionHead::Operator(declarations) = &definition.head
        {
            self.cross(selection, Crossing::Let(units));
            self.cross(selection, Crossing::Lambda(declarations));
            self.label_base = self.bound.len();
            selection.arguments.extend(&step.arguments);
            selection.current = Place::Expr(&definition.body);
            return Ok(());
        }
        let mut crossings = Vec::new();
        let (parameters, body) = find_label(expr, name, &mut crossings).ok_or_else(unknown)?;
        let first = selection.parameters.len();
        for crossing in crossings {
            self.cross(selection, crossing);
        }
        let bound = selection.parameters.split_off(first);
        for parameter in parameters {
            let place = bound.iter().find(|p| self.spec.locals[p.local.0 as usize].name == parameter.text);
            selection.parameters.extend(place);
        }
        if parameters.len() != step.arguments.len() {
            let message = format!("the label `{name}` takes {} argument(s)", parameters.len());
            return Err((step.span, message));
        }
        self.label_base = self.bound.len();
        selection.arguments.extend(&step.arguments);
        selection.current = Place::Expr(body);
        Ok(())
    }
}

/// What a selection became.
enum Selected {
    Operator(OperatorId),
    Local(LetDefinition, super::level::Standing),
}

fn selector_text(selector: &Selector) -> String {
    match selector {
        Selector::Name(name) => name.clone(),
        Selector::Index(index) => index.to_string(),
        Selector::First => "<<".to_owned(),
        Selector::Second => ">>".to_owned(),
        Selector::At => "@".to_owned(),
        Selector::Whole => ":".to_owned(),
        Selector::Arguments => "()".to_owned(),
    }
}

/// Parts of an expression with what lies between, those that a label search enters.
fn children(expr: &Expr) -> Vec<(Option<Crossing<'_>>, &Expr)> {
    match &*expr.kind {
        ExprKind::SetFilter(bound, body) | ExprKind::Choose(bound, body) => {
            with_sets(std::slice::from_ref(bound), body)
        }
        ExprKind::SetMap(body, bounds) | ExprKind::Function(bounds, body) | ExprKind::Quantified(_, bounds, body) => {
            with_sets(bounds, body)
        }
        ExprKind::Lambda(parameters, body) => vec![(Some(Crossing::Lambda(parameters)), body)],
        ExprKind::Let(units, body) => vec![(Some(Crossing::Let(units)), body)],
        _ => super::dependencies::parts(expr).into_iter().map(|part| (None, part)).collect(),
    }
}

fn with_sets<'t>(bounds: &'t [Bound], body: &'t Expr) -> Vec<(Option<Crossing<'t>>, &'t Expr)> {
    let sets = bounds.iter().filter_map(|bound| bound.set.as_ref()).map(|set| (None, set));
    sets.chain(std::iter::once((Some(Crossing::Bounds(bounds)), body))).collect()
}

/// A label inside an expression but inside no other label; `crossings` is what lies between.
fn find_label<'t>(
    expr: &'t Expr,
    name: &str,
    crossings: &mut Vec<Crossing<'t>>,
) -> Option<(&'t [crate::syntax::tree::Name], &'t Expr)> {
    if let ExprKind::Label(label, parameters, body) = &*expr.kind {
        return (label.text == name).then_some((parameters.as_slice(), body));
    }
    for (crossing, part) in children(expr) {
        let mark = crossings.len();
        crossings.extend(crossing);
        if let Some(found) = find_label(part, name, crossings) {
            return Some(found);
        }
        crossings.truncate(mark);
    }
    None
}

/// `!1`, `!2`, …: an operand, an item, a set of a bound, a field, an arm.
fn select_part<'t>(selection: &mut Selection<'t>, index: usize, step: &PathStep) -> Result<(), Wrong> {
    let parts: Vec<Place<'t>> = match selection.current {
        Place::Arm(guard, value) => vec![Place::Expr(guard), Place::Expr(value)],
        Place::Expr(expr) => match &*expr.kind {
            ExprKind::Path(steps) => {
                steps.last().map(|last| last.arguments.iter().map(Place::Expr).collect()).unwrap_or_default()
            }
            ExprKind::Case(arms, other) => {
                let arms = arms.iter().map(|(guard, value)| Place::Arm(guard, value));
                arms.chain(other.iter().map(Place::Expr)).collect()
            }
            ExprKind::SetFilter(..)
            | ExprKind::Choose(..)
            | ExprKind::SetMap(..)
            | ExprKind::Function(..)
            | ExprKind::Quantified(..) => {
                let parts = children(expr).into_iter().filter(|(crossing, _)| crossing.is_none());
                parts.map(|(_, part)| Place::Expr(part)).collect()
            }
            // The definitions stay visible: the part is the LET with its body.
            ExprKind::Let(..) => vec![Place::Expr(expr)],
            _ => super::dependencies::parts(expr).into_iter().map(Place::Expr).collect(),
        },
    };
    match index.checked_sub(1).and_then(|place| parts.get(place)) {
        Some(part) => {
            selection.current = *part;
            Ok(())
        }
        None => Err((step.span, format!("there is no part {index}: what is selected has {}", parts.len()))),
    }
}
