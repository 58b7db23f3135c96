//! Temporal expressions → [`Formula`]s over atoms.
//!
//! Definitions, LET, labels and quantifiers over constant sets are unfolded as far as something temporal is in
//! them. What is left below is an atom: a state predicate, or `[A]_v` and `<<A>>_v` for a step. Equal atoms
//! get one number. `ENABLED <<A>>_v` of a fairness condition remembers the atom `<<A>>_v`: where an edge of the
//! graph takes it, it is enabled.

use std::collections::HashMap;

use super::enabled::{enabled, taken};
use super::formula::{Atom, Formula};
use super::ways::{Meaning, Ways, meaning, ways};
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::partition::TlaModel;
use crate::partition::formula::{Closed, binder_locals, fault_diagnostic, unfold_let};
use crate::partition::model::Formula as Predicate;
use crate::resolve::spec::{BinaryOp, Bound, Expr, ExprKind, Level, LocalId, Spec, UnaryOp};
use crate::value::{Universe, Value};

/// An atom about states.
pub(super) struct StateAtom {
    /// The predicate.
    pub predicate: Predicate,
    /// It is ENABLED of this atom of steps: true where one can be taken.
    pub enables: Option<u32>,
    /// And nowhere else.
    pub nowhere_else: bool,
}

/// An atom about steps.
pub(super) struct StepAtom {
    /// `[A]_v` or `<<A>>_v`.
    pub(super) predicate: Predicate,
    /// How its steps can be enumerated, if they can.
    pub(super) ways: Option<Ways>,
}

/// WF or SF.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fairness {
    /// Where it is written.
    pub span: Span,
    /// SF rather than WF.
    pub strong: bool,
    /// `ENABLED <<A>>_v`.
    pub enabled: u32,
    /// `<<A>>_v`.
    pub taken: u32,
}

impl Fairness {
    /// `[]<>(~enabled \/ taken)`, or `[]<>enabled => []<>taken`.
    pub(super) fn formula(&self) -> Formula {
        let enabled = Formula::atom(Atom::State(self.enabled));
        let taken = Formula::atom(Atom::Step(self.taken));
        let infinitely = |f| Formula::always(Formula::eventually(f));
        if self.strong {
            Formula::or([infinitely(enabled).negated(), infinitely(taken)])
        } else {
            infinitely(Formula::or([enabled.negated(), taken]))
        }
    }
}

/// All atoms met so far, and what else is worth knowing.
#[derive(Default)]
pub(super) struct Atoms {
    /// Atoms about states.
    pub states: Vec<StateAtom>,
    /// Atoms about steps.
    pub steps: Vec<StepAtom>,
    /// Actions whose steps must be enumerated besides those of the model's groups.
    pub actions: Vec<Predicate>,
    /// `UNCHANGED v` for subscripts that are not all variables.
    pub unchanged: Vec<Predicate>,
    /// Fairness conditions in the order met.
    pub fairness: Vec<Fairness>,
    /// Groups of the model and [`Atoms::actions`], by what they are.
    pub(super) action_numbers: HashMap<Meaning, usize>,
    numbers: HashMap<Meaning, u32>,
}

/// Takes temporal formulas apart.
pub(super) struct Decomposer<'a> {
    /// The model whose steps atoms are about.
    pub(super) model: &'a TlaModel,
    /// The evaluator of constant parts.
    pub evaluator: &'a mut Evaluator,
    /// Where atoms go.
    pub atoms: &'a mut Atoms,
}

type Decomposed = Result<Formula, Diagnostic>;

impl Decomposer<'_> {
    /// The formula of an expression with bindings.
    ///
    /// # Errors
    /// When it is of a form that cannot be checked.
    pub(super) fn formula(&mut self, predicate: &Predicate) -> Decomposed {
        let bindings = predicate.bindings(Universe::current());
        self.temporal(&Closed { expr: predicate.expr.clone(), bindings })
    }

    /// The same of an expression as it is.
    ///
    /// # Errors
    /// When it is of a form that cannot be checked.
    pub(super) fn closed_formula(&mut self, closed: &Closed) -> Decomposed {
        self.temporal(closed)
    }

    fn temporal(&mut self, formula: &Closed) -> Decomposed {
        let expr = &formula.expr;
        match expr.level {
            Level::Constant => return self.constant(formula),
            Level::State => return self.state(formula, None).map(|atom| Formula::atom(Atom::State(atom))),
            Level::Action => return Err(bare_action(expr.span)),
            Level::Temporal => {}
        }
        let spec = self.evaluator.spec().clone();
        match &*expr.kind {
            ExprKind::And(items) => self.all(formula, items).map(Formula::and),
            ExprKind::Or(items) => self.all(formula, items).map(Formula::or),
            ExprKind::Unary(op, operand) => self.unary(formula, *op, operand),
            ExprKind::Binary(op, a, b) => self.binary(formula, *op, a, b),
            ExprKind::If(c, a, b) => {
                let (c, a, b) = (self.part(formula, c)?, self.part(formula, a)?, self.part(formula, b)?);
                Ok(Formula::or([Formula::and([c.clone(), a]), Formula::and([c.negated(), b])]))
            }
            ExprKind::Case(arms, other) => self.case(formula, arms, other.as_ref()),
            ExprKind::Forall(bounds, body) => self.instances(formula, bounds, body).map(Formula::and),
            ExprKind::Exists(bounds, body) => self.instances(formula, bounds, body).map(Formula::or),
            ExprKind::Label(_, body) => self.part(formula, body),
            ExprKind::WeakFairness(v, a) => self.fairness(formula, v, a, false),
            ExprKind::StrongFairness(v, a) => self.fairness(formula, v, a, true),
            ExprKind::TemporalQuantifier(..) => Err(unsupported(expr.span, "temporal quantifiers (\\AA, \\EE) are")),
            _ => match unfolded(&spec, expr) {
                Some(body) => self.part(formula, &body),
                None => Err(unsupported(expr.span, "temporal formulas of this form are")),
            },
        }
    }

    fn part(&mut self, whole: &Closed, expr: &Expr) -> Decomposed {
        self.temporal(&Closed { expr: expr.clone(), bindings: whole.bindings.clone() })
    }

    fn all(&mut self, whole: &Closed, items: &[Expr]) -> Result<Vec<Formula>, Diagnostic> {
        items.iter().map(|item| self.part(whole, item)).collect()
    }

    fn unary(&mut self, whole: &Closed, op: UnaryOp, operand: &Expr) -> Decomposed {
        match op {
            UnaryOp::Not => Ok(self.part(whole, operand)?.negated()),
            UnaryOp::Always => {
                if let Some(step) = self.step(whole, operand, true)? {
                    return Ok(Formula::always(step));
                }
                Ok(Formula::always(self.part(whole, operand)?))
            }
            UnaryOp::Eventually => match self.step(whole, operand, false)? {
                Some(step) => Ok(Formula::eventually(step)),
                None => Ok(Formula::eventually(self.part(whole, operand)?)),
            },
            _ => Err(unsupported(whole.expr.span, "temporal formulas of this form are")),
        }
    }

    fn binary(&mut self, whole: &Closed, op: BinaryOp, a: &Expr, b: &Expr) -> Decomposed {
        match op {
            BinaryOp::And => Ok(Formula::and([self.part(whole, a)?, self.part(whole, b)?])),
            BinaryOp::Or => Ok(Formula::or([self.part(whole, a)?, self.part(whole, b)?])),
            BinaryOp::Implies => Ok(Formula::or([self.part(whole, a)?.negated(), self.part(whole, b)?])),
            BinaryOp::Equivalent => {
                let (a, b) = (self.part(whole, a)?, self.part(whole, b)?);
                let neither = Formula::and([a.negated(), b.negated()]);
                Ok(Formula::or([Formula::and([a, b]), neither]))
            }
            BinaryOp::LeadsTo => {
                let (p, q) = (self.part(whole, a)?, self.part(whole, b)?);
                Ok(Formula::always(Formula::or([p.negated(), Formula::eventually(q)])))
            }
            BinaryOp::Guarantees => Err(unsupported(whole.expr.span, "-+-> formulas are")),
            _ => Err(unsupported(whole.expr.span, "temporal formulas of this form are")),
        }
    }

    /// CASE: the first guard that holds decides. Where none does, evaluating the guards as a CASE of their own fails.
    fn case(&mut self, whole: &Closed, arms: &[(Expr, Expr)], other: Option<&Expr>) -> Decomposed {
        let mut none_before = Vec::new();
        let mut ways = Vec::new();
        for (guard, arm) in arms {
            let (guard, arm) = (self.part(whole, guard)?, self.part(whole, arm)?);
            ways.push(Formula::and(none_before.iter().cloned().chain([guard.clone(), arm])));
            none_before.push(guard.negated());
        }
        if let Some(other) = other {
            let other = self.part(whole, other)?;
            ways.push(Formula::and(none_before.into_iter().chain([other])));
            return Ok(Formula::or(ways));
        }
        let truth = Expr { kind: Box::new(ExprKind::Bool(true)), span: whole.expr.span, level: Level::Constant };
        let level = arms.iter().map(|(guard, _)| guard.level).max().unwrap_or_default();
        let arms = arms.iter().map(|(guard, _)| (guard.clone(), truth.clone())).collect();
        let some = Expr { kind: Box::new(ExprKind::Case(arms, None)), span: whole.expr.span, level };
        let some = self.part(whole, &some)?;
        Ok(Formula::and([some, Formula::or(ways)]))
    }

    /// `[A]_v` (`square`) or `<<A>>_v`, if the operand is one, as an atom.
    fn step(&mut self, whole: &Closed, operand: &Expr, square: bool) -> Result<Option<Formula>, Diagnostic> {
        if operand.level != Level::Action {
            return Ok(None);
        }
        match &*operand.kind {
            ExprKind::SquareAction(..) if square => {}
            ExprKind::AngleAction(..) if !square => {}
            ExprKind::Label(_, inner) => return self.step(whole, inner, square),
            _ => {
                let spec = self.evaluator.spec().clone();
                return match unfolded(&spec, operand) {
                    Some(body) => self.step(whole, &body, square),
                    None => Err(bare_action(operand.span)),
                };
            }
        }
        let closed = Closed { expr: operand.clone(), bindings: whole.bindings.clone() };
        Ok(Some(Formula::atom(Atom::Step(self.step_atom(&closed)?))))
    }

    fn step_atom(&mut self, closed: &Closed) -> Result<u32, Diagnostic> {
        let (predicate, name) = self.close(closed)?;
        if let Some(number) = self.atoms.numbers.get(&name) {
            return Ok(*number);
        }
        let ways = ways(self.model, self.evaluator, self.atoms, closed);
        self.atoms.steps.push(StepAtom { predicate, ways });
        let number = self.atoms.steps.len() as u32 - 1;
        self.atoms.numbers.insert(name, number);
        Ok(number)
    }

    fn state(&mut self, closed: &Closed, enables: Option<(u32, bool)>) -> Result<u32, Diagnostic> {
        let (predicate, name) = self.close(closed)?;
        if let Some(number) = self.atoms.numbers.get(&name) {
            return Ok(*number);
        }
        let nowhere_else = enables.is_some_and(|(_, nowhere_else)| nowhere_else);
        self.atoms.states.push(StateAtom { predicate, enables: enables.map(|(taken, _)| taken), nowhere_else });
        let number = self.atoms.states.len() as u32 - 1;
        self.atoms.numbers.insert(name, number);
        Ok(number)
    }

    /// The atom, and what only equal atoms share.
    fn close(&mut self, closed: &Closed) -> Result<(Predicate, Meaning), Diagnostic> {
        let predicate =
            Predicate::new(Universe::current(), self.evaluator, closed).map_err(|f| fault_diagnostic(&f))?;
        let name = meaning(&predicate);
        Ok((predicate, name))
    }

    fn fairness(&mut self, whole: &Closed, subscript: &Expr, action: &Expr, strong: bool) -> Decomposed {
        let span = whole.expr.span;
        let angle = taken(action, subscript, span);
        let taken = self.step_atom(&Closed { expr: angle, bindings: whole.bindings.clone() })?;
        let (enabled, replaced) = enabled(self.evaluator, action, subscript, span);
        let enabled = Closed { expr: enabled, bindings: whole.bindings.clone() };
        let enabled = self.state(&enabled, Some((taken, !replaced)))?;
        self.atoms.fairness.push(Fairness { span, strong, enabled, taken });
        Ok(Fairness { span, strong, enabled, taken }.formula())
    }

    /// The body for each element of constant sets.
    fn instances(&mut self, whole: &Closed, bounds: &[Bound], body: &Expr) -> Result<Vec<Formula>, Diagnostic> {
        let instances = instances(self.evaluator, whole, bounds)?;
        instances.into_iter().map(|bindings| self.temporal(&Closed { expr: body.clone(), bindings })).collect()
    }

    fn constant(&mut self, formula: &Closed) -> Decomposed {
        let locals: Vec<LocalId> = formula.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = formula.bindings.iter().map(|(_, v)| v.clone()).collect();
        let prepared = self.evaluator.prepare(&locals, &formula.expr);
        let truth = self.evaluator.holds(&prepared, &values).map_err(|fault| fault_diagnostic(&fault))?;
        Ok(if truth { Formula::True } else { Formula::False })
    }
}

/// Bindings for each element of constant sets, those around included.
///
/// # Errors
/// When a set is not constant or cannot be listed.
pub(super) fn instances(
    evaluator: &mut Evaluator,
    whole: &Closed,
    bounds: &[Bound],
) -> Result<Vec<Vec<(LocalId, Value)>>, Diagnostic> {
    if let Some(bound) = bounds.iter().find(|b| b.set.level > Level::Constant) {
        let message = "a quantifier over a temporal formula needs a constant set";
        return Err(Diagnostic::error("2206", bound.set.span, message)
            .help("quantify over a constant set, and say inside whether the element is in this one"));
    }
    let locals: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
    let surrounding: Vec<LocalId> = whole.bindings.iter().map(|(l, _)| *l).collect();
    let values: Vec<Value> = whole.bindings.iter().map(|(_, v)| v.clone()).collect();
    let mut found = Vec::new();
    let listed = evaluator.each_binding(&surrounding, &values, bounds, &mut |_, elements| {
        let mut bindings = whole.bindings.clone();
        bindings.extend(locals.iter().copied().zip(elements.iter().cloned()));
        found.push(bindings);
        Ok(Flow::Continue)
    });
    listed.map_err(|fault| fault_diagnostic(&fault))?;
    Ok(found)
}

/// What a call or LET stands for.
pub(super) fn unfolded(spec: &Spec, expr: &Expr) -> Option<Expr> {
    match &*expr.kind {
        ExprKind::Call(..) => unfold(spec, expr),
        ExprKind::Let(definitions, body) => unfold_let(definitions, body),
        _ => None,
    }
}

fn unsupported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("2206", span, format!("{what} not supported"))
}

fn bare_action(span: Span) -> Diagnostic {
    Diagnostic::error("2205", span, "an action has no truth value for a behaviour")
        .help("write [][A]_v or <><<A>>_v to speak about steps")
}
