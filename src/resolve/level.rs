//! Levels: what an expression depends on, and what operators allow (4205, 431x).
//!
//! Beside the level that goes into the [`Spec`](super::spec::Spec), resolving keeps two more facts of
//! every expression. Its **strict** level counts bound variables as constants, as SANY does, and is what
//! limits are checked against. Its **parameters** are the operator parameters whose arguments' levels
//! it will take over; a limit on the expression becomes a limit on those parameters, so that
//! `Op(x')` is an error when `Op` primes its parameter.

use super::builtin::LevelRule;
use super::elaborate::Elaborator;
use super::spec::{BinaryOp, Expr, ExprKind, Level, LocalId, UnaryOp};
use crate::diagnostic::{Diagnostic, Span};

/// A resolved expression with what level checks need.
#[derive(Clone)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) standing: Standing,
}

/// What level checks need to know of an expression or operator.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Standing {
    /// Bound variables count as their sets.
    pub(super) level: Level,
    /// Bound variables count as constants.
    pub(super) strict: Level,
    /// Parameters whose arguments' levels come on top; sorted.
    pub(super) parameters: Vec<LocalId>,
}

impl Standing {
    /// That of an expression of a fixed level.
    pub(super) fn of(level: Level) -> Self {
        Standing { level, strict: level, parameters: Vec::new() }
    }

    /// That of a parameter.
    pub(super) fn parameter(local: LocalId) -> Self {
        Standing { parameters: vec![local], ..Standing::default() }
    }

    /// Takes over another's.
    pub(super) fn absorb(&mut self, other: &Standing) {
        self.level = self.level.max(other.level);
        self.strict = self.strict.max(other.strict);
        self.absorb_parameters(&other.parameters);
    }

    /// Takes over parameters.
    pub(super) fn absorb_parameters(&mut self, others: &[LocalId]) {
        for local in others {
            if let Err(place) = self.parameters.binary_search(local) {
                self.parameters.insert(place, *local);
            }
        }
    }

    /// That of all together.
    pub(super) fn join<'s>(all: impl IntoIterator<Item = &'s Standing>) -> Self {
        let mut joined = Standing::default();
        for standing in all {
            joined.absorb(standing);
        }
        joined
    }
}

impl Typed {
    /// An expression of a standing.
    pub(super) fn new(kind: ExprKind, span: Span, standing: Standing) -> Self {
        Typed { expr: Expr { kind: Box::new(kind), span, level: standing.level }, standing }
    }

    /// A constant expression.
    pub(super) fn constant(kind: ExprKind, span: Span) -> Self {
        Typed::new(kind, span, Standing::default())
    }

    /// What stands for an expression that was reported as wrong.
    pub(super) fn broken(span: Span) -> Self {
        Typed::constant(ExprKind::Bool(false), span)
    }
}

/// What an operator allows as an argument, and does with its level.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct ParameterTrait {
    /// Highest level of an argument.
    pub(super) limit: Level,
    /// The argument's level counts for the result.
    pub(super) counts: bool,
    /// Equals may be substituted for equals in the argument.
    pub(super) leibniz: bool,
}

impl Default for ParameterTrait {
    fn default() -> Self {
        ParameterTrait { limit: Level::Temporal, counts: true, leibniz: true }
    }
}

/// Names of levels for messages.
pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Constant => "a constant",
        Level::State => "a state expression",
        Level::Action => "an action",
        Level::Temporal => "a temporal formula",
    }
}

impl Elaborator<'_> {
    /// Checks that an operand may have its level, and limits the parameters in it.
    pub(super) fn limit(&mut self, operand: &Typed, limit: Level, what: &str) {
        self.limit_standing(&operand.standing, limit, what, operand.expr.span);
    }

    /// The same for a standing.
    pub(super) fn limit_standing(&mut self, standing: &Standing, limit: Level, what: &str, span: Span) {
        if limit == Level::Temporal {
            return;
        }
        if standing.strict > limit {
            let message =
                format!("{what} must be at most {}, but this is {}", level_name(limit), level_name(standing.strict));
            let mut diagnostic = Diagnostic::error("4205", span, message);
            if limit == Level::State && standing.strict == Level::Action {
                diagnostic = diagnostic.help("what is primed already cannot be primed again");
            }
            self.report(diagnostic);
        }
        for local in &standing.parameters {
            let known = &mut self.locals[local.0 as usize];
            known.traits.limit = known.traits.limit.min(limit);
        }
    }

    /// Marks the parameters of an operand of a non-Leibniz operator.
    pub(super) fn non_leibniz(&mut self, standing: &Standing) {
        for local in &standing.parameters {
            self.locals[local.0 as usize].traits.leibniz = false;
        }
    }

    /// Checks an operand of a built-in and gives the standing of the result.
    pub(super) fn apply_rule(&mut self, rule: LevelRule, operands: &[&Typed], symbol: &str) -> Standing {
        let mut standing = Standing::join(operands.iter().map(|o| &o.standing));
        for operand in operands {
            if rule.operand_max < Level::Temporal {
                self.limit(operand, rule.operand_max, &format!("an operand of `{symbol}`"));
            }
            if rule.non_leibniz {
                self.non_leibniz(&operand.standing);
            }
        }
        if let Some(result) = rule.result {
            standing = Standing::of(result);
        }
        standing
    }

    /// `[]A` and `<>A` must not see stuttering steps (4310, 4311).
    pub(super) fn check_unary_temporal(&mut self, op: UnaryOp, operand: &Typed, span: Span) {
        if operand.standing.strict != Level::Action {
            return;
        }
        match op {
            UnaryOp::Always if !matches!(*operand.expr.kind, ExprKind::SquareAction(..)) => self.report(
                Diagnostic::error("4310", span, "`[]` of an action must be of the form `[][A]_v`")
                    .help("write `[][A]_v` where `v` is the tuple of the variables that A may change"),
            ),
            UnaryOp::Eventually if !matches!(*operand.expr.kind, ExprKind::AngleAction(..)) => self.report(
                Diagnostic::error("4311", span, "`<>` of an action must be of the form `<><<A>>_v`")
                    .help("write `<><<A>>_v` where `v` is the tuple of the variables that A may change"),
            ),
            _ => {}
        }
    }

    /// `~>` takes no actions (4312); a connective does not mix actions with temporal formulas (4313).
    pub(super) fn check_binary_temporal(&mut self, op: BinaryOp, operands: [&Typed; 2], span: Span) {
        match op {
            BinaryOp::LeadsTo | BinaryOp::Guarantees => {
                for operand in operands {
                    if operand.standing.strict == Level::Action {
                        let message = "an operand of `~>` or `-+->` cannot be an action";
                        self.report(Diagnostic::error("4312", operand.expr.span, message));
                    }
                }
            }
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies | BinaryOp::Equivalent => {
                self.check_mixture(&operands, span);
            }
            _ => {}
        }
    }

    /// 4313 for any number of operands.
    pub(super) fn check_mixture(&mut self, operands: &[&Typed], span: Span) {
        let temporal = operands.iter().find(|o| o.standing.strict == Level::Temporal);
        let action = operands.iter().find(|o| o.standing.strict == Level::Action);
        if let (Some(temporal), Some(action)) = (temporal, action) {
            self.report(
                Diagnostic::error("4313", span, "an action and a temporal formula cannot be combined")
                    .label(action.expr.span, "this is an action")
                    .label(temporal.expr.span, "this is a temporal formula")
                    .help("an action becomes a temporal formula as `[][A]_v`"),
            );
        }
    }
}
