//! A formula about steps as conditions that are asked one by one.
//!
//! A step property reads nearly all of both states: as a whole it is hardly ever known. Its disjuncts, their instances
//! and conjuncts read little each. They are asked in the order in which evaluation would come to them, and no
//! further, each with a tree of its own. EWD998PCal, a refinement of 2.6 million steps: 13.9 s as a whole, 4.5 s in
//! pieces, 2.1 s with what [`super::step`] and [`super::terms`] keep. The whole is asked where its tree mostly
//! knows: there fewer look-ups tell as much.

use crate::eval::Evaluator;
use crate::eval::unfold;
use crate::resolve::spec::{Argument, BinaryOp, Bound, Expr, ExprKind, Level, Spec, UnaryOp};
use crate::value::Universe;
use crate::value::machine::Result as Evaluated;

use super::formula::{Closed, instances};
use super::model::Formula;
use super::terms::TermList;

/// Conditions that a formula is taken apart into, at most; one that has more stays whole.
const CONDITIONS_MAX: usize = 1 << 10;

/// A formula in pieces, each by number.
pub(super) enum Piece {
    /// A condition, by its number among conditions.
    Condition(usize),
    All(Vec<usize>),
    Any(Vec<usize>),
    /// If the first holds then the second, else the third.
    Choice([usize; 3]),
    /// Whether a term will be what another is now; the same as a condition.
    Equal {
        next: usize,
        current: usize,
        condition: usize,
    },
}

/// The pieces of a formula and what is asked.
pub(super) struct Pieces {
    pub(super) root: usize,
    pub(super) pieces: Vec<Piece>,
    pub(super) conditions: Vec<Formula>,
}

impl Pieces {
    /// Takes a formula apart; `None` if that is of no use.
    ///
    /// # Errors
    /// When the value of a binding cannot be listed.
    pub(super) fn new(
        spec: &Spec,
        universe: &'static Universe,
        evaluator: &mut Evaluator,
        formula: &Formula,
        terms: &mut TermList,
    ) -> Evaluated<Option<Self>> {
        let before = terms.terms.len();
        let mut cutter = Cutter { spec, universe, evaluator, terms, pieces: Vec::new(), conditions: Vec::new() };
        let root = cutter.whole(&Closed { expr: formula.expr.clone(), bindings: formula.bindings(universe) });
        let Cutter { pieces, conditions, .. } = cutter;
        if !(2..=CONDITIONS_MAX).contains(&conditions.len()) {
            terms.truncate(before);
            return Ok(None);
        }
        let conditions = conditions.iter().map(|closed| Formula::new(universe, evaluator, closed));
        Ok(Some(Self { root, pieces, conditions: conditions.collect::<Evaluated<_>>()? }))
    }
}

/// `UNCHANGED e`.
fn unchanged(e: &Expr) -> Expr {
    let kind = Box::new(ExprKind::Unary(UnaryOp::Unchanged, e.clone()));
    Expr { kind, span: e.span, level: Level::Action }
}

/// What a tuple, or a definition that stands for one, consists of.
fn tuple_parts(spec: &Spec, e: &Expr, parts: &mut Vec<Expr>) {
    match &*e.kind {
        ExprKind::Tuple(items) => items.iter().for_each(|item| tuple_parts(spec, item, parts)),
        ExprKind::Call(id, arguments) if arguments.is_empty() && !spec.operators[id.0 as usize].built_in_module => {
            match unfold(spec, e).filter(|body| matches!(&*body.kind, ExprKind::Tuple(_))) {
                Some(body) => tuple_parts(spec, &body, parts),
                None => parts.push(e.clone()),
            }
        }
        _ => parts.push(e.clone()),
    }
}

struct Cutter<'a> {
    spec: &'a Spec,
    universe: &'static Universe,
    evaluator: &'a mut Evaluator,
    terms: &'a mut TermList,
    pieces: Vec<Piece>,
    conditions: Vec<Closed>,
}

impl Cutter<'_> {
    /// Where `[A]_v` is the whole, what v consists of comes last: that one part has changed settles it. What has no
    /// truth value after it is met when the violation is evaluated as it is written.
    fn whole(&mut self, formula: &Closed) -> usize {
        let ExprKind::SquareAction(action, subscript) = &*formula.expr.kind else { return self.cut(formula) };
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: formula.bindings.clone() };
        let mut parts = Vec::new();
        let action = self.cut(&inner(action));
        tuple_parts(self.spec, subscript, &mut parts);
        let unchanged = parts.iter().map(|part| self.condition(&inner(&unchanged(part)))).collect();
        let unchanged = self.add(Piece::All(unchanged));
        self.add(Piece::Any(vec![action, unchanged]))
    }

    fn cut(&mut self, formula: &Closed) -> usize {
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: formula.bindings.clone() };
        if self.conditions.len() > CONDITIONS_MAX {
            return self.condition(formula);
        }
        let piece = match &*formula.expr.kind {
            ExprKind::And(items) => Piece::All(items.iter().map(|e| self.cut(&inner(e))).collect()),
            ExprKind::Binary(BinaryOp::And, a, b) => Piece::All(vec![self.cut(&inner(a)), self.cut(&inner(b))]),
            ExprKind::Or(items) => Piece::Any(items.iter().map(|e| self.cut(&inner(e))).collect()),
            ExprKind::Binary(BinaryOp::Or, a, b) => Piece::Any(vec![self.cut(&inner(a)), self.cut(&inner(b))]),
            ExprKind::Binary(BinaryOp::Implies, a, b) => {
                let (a, b) = (self.cut(&inner(a)), self.cut(&inner(b)));
                Piece::Choice([a, b, self.add(Piece::All(Vec::new()))])
            }
            ExprKind::If(a, b, c) => Piece::Choice([a, b, c].map(|e| self.cut(&inner(e)))),
            ExprKind::SquareAction(action, subscript) => {
                Piece::Any(vec![self.cut(&inner(action)), self.cut(&inner(&unchanged(subscript)))])
            }
            ExprKind::Unary(UnaryOp::Unchanged, of) => match &*of.kind {
                ExprKind::Tuple(items) if !items.is_empty() => {
                    Piece::All(items.iter().map(|item| self.cut(&inner(&unchanged(item)))).collect())
                }
                _ => return self.condition(formula),
            },
            ExprKind::Label(_, e) => return self.cut(&inner(e)),
            ExprKind::Exists(bounds, body) => match self.instances(formula, bounds, body) {
                Some(instances) => Piece::Any(instances.iter().map(|instance| self.cut(instance)).collect()),
                None => return self.condition(formula),
            },
            ExprKind::Forall(bounds, body) => match self.instances(formula, bounds, body) {
                Some(instances) => Piece::All(instances.iter().map(|instance| self.cut(instance)).collect()),
                None => return self.condition(formula),
            },
            ExprKind::Call(id, arguments) => {
                let native = self.spec.operators[id.0 as usize].built_in_module;
                let constant = arguments.iter().all(|a| matches!(a, Argument::Expr(e) if e.level == Level::Constant));
                let body = unfold(self.spec, &formula.expr).filter(|_| constant && !native);
                return match body.filter(|_| formula.expr.level > Level::State) {
                    Some(body) => self.cut(&inner(&body)),
                    None => self.condition(formula),
                };
            }
            _ => return self.condition(formula),
        };
        self.add(piece)
    }

    fn instances(&mut self, formula: &Closed, bounds: &[Bound], body: &Expr) -> Option<Vec<Closed>> {
        if bounds.iter().any(|bound| bound.set.level > Level::Constant) {
            return None;
        }
        let instances = instances(self.evaluator, formula, bounds)?;
        Some(instances.into_iter().map(|bindings| Closed { expr: body.clone(), bindings }).collect())
    }

    fn condition(&mut self, formula: &Closed) -> usize {
        self.conditions.push(formula.clone());
        let condition = self.conditions.len() - 1;
        let piece = self.equality(formula).map(|(next, current)| Piece::Equal { next, current, condition });
        self.add(piece.unwrap_or(Piece::Condition(condition)))
    }

    /// The terms that a condition compares, if that is all that it does.
    fn equality(&mut self, formula: &Closed) -> Option<(usize, usize)> {
        let (next, current) = match &*formula.expr.kind {
            ExprKind::Unary(UnaryOp::Unchanged, e) => (e, e),
            ExprKind::Binary(BinaryOp::Equal, primed, e) => match &*primed.kind {
                ExprKind::Unary(UnaryOp::Prime, next) => (next, e),
                _ => return None,
            },
            _ => return None,
        };
        if next.level != Level::State || current.level > Level::State {
            return None;
        }
        let mut term = |expr: &Expr| {
            let closed = Closed { expr: expr.clone(), bindings: formula.bindings.clone() };
            self.terms.number(self.spec, self.universe, self.evaluator, &closed).ok()
        };
        Some((term(next)?, term(current)?))
    }

    fn add(&mut self, piece: Piece) -> usize {
        self.pieces.push(piece);
        self.pieces.len() - 1
    }
}
