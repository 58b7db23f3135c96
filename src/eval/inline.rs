//! Calls whose bodies are put in their place.
//!
//! A call makes a frame, delays its arguments and counts whether its values are worth keeping. Where the body is a
//! few operations on its parameters (`VotedFor(a, b, v) == <<b, v>> \in votes[a]`) that is most of the work; where an
//! argument is an operator (`ChooseOne(S, P(_))`), every application of it makes another frame. Such bodies are lowered
//! within the frame of the caller: arguments that are names, and those asked for once at most, stand where the
//! parameter stood, others become definitions of the frame, evaluated when they are first needed.
//!
//! Left as calls: recursive, impure and native definitions; actions, which bind variables; long bodies, whose values
//! may be kept; and bodies that bind a local which an argument mentions.

use super::code::{Code, Kind, LetCell};
use super::evaluator::Evaluator;
use super::free::{Met, free_locals, parts};
use super::lower::{Lowering, Scope};
use super::substitute::{Replacements, substitute};
use crate::diagnostic::Span;
use crate::resolve::spec::{Argument, Expr, ExprKind, Level, LocalId, Operator, OperatorId};
use crate::value::machine::Result;
use std::rc::Rc;

/// Parts of a body without quantifiers, and of one that takes operators, at most. Without parameters fewer pay: the value
/// is kept while the state is the same.
const TINY: usize = 8;
const SHORT: usize = 24;
const LONG: usize = 96;
/// Bodies in each other's place at most.
const DEPTH: u32 = 6;

/// A call with its body in its place.
pub(crate) struct Inlined {
    /// What is called.
    pub(super) id: OperatorId,
    /// Slots of arguments that are evaluated when they are needed.
    pub(super) arguments: Vec<u32>,
    /// The body in the caller's frame.
    pub(super) body: Code,
}

/// What decides whether a body is put in place.
#[derive(Clone)]
pub(crate) struct Outline {
    size: usize,
    /// Nothing in it is evaluated more than once.
    straight: bool,
    /// It applies its parameters to bound variables only: TLC evaluates what an operator parameter is applied to, needed
    /// or not, and these have their values.
    plain: bool,
    /// What it binds.
    binds: Vec<LocalId>,
    mentions: Vec<LocalId>,
    /// What parameters are applied to.
    applied: Vec<LocalId>,
}

impl Outline {
    fn of(body: &Expr) -> Self {
        let (binds, mentions, applied) = (Vec::new(), Vec::new(), Vec::new());
        let mut outline = Self { size: 0, straight: true, plain: true, binds, mentions, applied };
        outline.add(body);
        outline.plain &= outline.applied.iter().all(|local| outline.binds.contains(local));
        outline
    }

    fn add(&mut self, expr: &Expr) {
        self.size += 1;
        match &*expr.kind {
            // What a LET defines may have no value.
            ExprKind::Let(..) => self.plain = false,
            ExprKind::CallLocal(_, arguments) => {
                for argument in arguments {
                    match argument {
                        Argument::Expr(Expr { kind, .. }) if let ExprKind::Local(local) = **kind => {
                            self.applied.push(local)
                        }
                        _ => self.plain = false,
                    }
                }
            }
            _ => {}
        }
        parts(expr, &mut |met| match met {
            Met::Child(child) => self.add(child),
            Met::Binds(local) => {
                self.straight = false;
                self.binds.push(local);
            }
            Met::Mentions(local) => self.mentions.push(local),
        });
    }

    fn times(&self, local: LocalId) -> usize {
        self.mentions.iter().filter(|mentioned| **mentioned == local).count()
    }
}

impl Lowering {
    /// The call with its body in its place, if that is better.
    pub(super) fn inlined(
        &self,
        id: OperatorId,
        operator: &Operator,
        body: &Expr,
        arguments: &[Argument],
        scope: &mut Scope,
    ) -> Option<Kind> {
        if operator.recursive || operator.level >= Level::Action || scope.inside >= DEPTH {
            return None;
        }
        let outline = self.outlines.borrow_mut().entry(id).or_insert_with(|| Rc::new(Outline::of(body))).clone();
        let takes_operators = arguments.iter().any(|argument| matches!(argument, Argument::Operator(_)));
        let fits = if arguments.is_empty() {
            operator.level == Level::State && outline.straight && outline.size <= TINY
        } else if takes_operators {
            outline.plain && outline.size <= LONG
        } else {
            outline.straight && outline.size <= SHORT
        };
        if !fits || self.facts.impure_operator(&self.spec, id) {
            return None;
        }
        let (mut with, mut delayed) = (Replacements::new(), Vec::new());
        for (parameter, argument) in operator.parameters.iter().zip(arguments) {
            match argument {
                Argument::Expr(e) if e.level >= Level::Action => return None,
                Argument::Expr(e) if !is_name(e) && (!outline.straight || outline.times(parameter.local) > 1) => {
                    delayed.push((parameter.local, e));
                }
                _ => drop(with.insert(parameter.local, argument.clone())),
            }
        }
        let bound = |local: &LocalId| outline.binds.contains(local) || delayed.iter().any(|(other, _)| other == local);
        if with.values().any(|argument| self.mentioned(argument).iter().any(bound)) {
            return None;
        }
        Some(self.in_place(id, &substitute(body, &with), &delayed, scope))
    }

    fn in_place(&self, id: OperatorId, body: &Expr, delayed: &[(LocalId, &Expr)], scope: &mut Scope) -> Kind {
        let cells: Vec<(LocalId, Rc<LetCell>)> = delayed
            .iter()
            .map(|(local, e)| {
                let code = self.expr(e, scope);
                (*local, Rc::new(LetCell { code, lazy: self.lazy(e, Vec::new(), None, scope) }))
            })
            .collect();
        let outer = scope.begin_inside();
        let arguments = cells.into_iter().map(|(local, cell)| scope.declare_let(local, cell)).collect();
        let body = self.expr(body, scope);
        scope.end_inside(outer);
        Kind::Inlined(Box::new(Inlined { id, arguments, body }))
    }

    /// The locals that an argument mentions.
    fn mentioned(&self, argument: &Argument) -> Vec<LocalId> {
        let known = self.let_operators.borrow();
        match argument {
            Argument::Expr(e) => free_locals(e, &known),
            Argument::Operator(operator) => {
                let call = ExprKind::Call(OperatorId(0), vec![Argument::Operator(operator.clone())]);
                let of = Expr { kind: Box::new(call), span: Span::NONE, level: Level::Constant };
                free_locals(&of, &known)
            }
        }
    }
}

/// True for what costs no more the second time.
fn is_name(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Local(_) | ExprKind::Variable(_) | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::String(_) => true,
        ExprKind::Call(_, arguments) => arguments.is_empty() && expr.level == Level::Constant,
        ExprKind::Label(_, inner) => is_name(inner),
        _ => false,
    }
}

impl Evaluator {
    /// Runs something with a body that stands in its call's place.
    #[inline]
    pub(super) fn in_place<T>(
        &mut self,
        inlined: &Inlined,
        call: Span,
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        self.clear(&inlined.arguments);
        self.call_depth += 1;
        let result = run(self, &inlined.body);
        self.call_depth -= 1;
        result.map_err(|fault| self.called(fault, inlined.id, call))
    }
}
