//! In how many ways a formula that binds nothing is satisfied.
//!
//! Each way in which the disjunctions and quantifiers of an action can be true is a successor, as TLC counts them, even
//! if all of them are the same state. Where a formula binds nothing only the number of its ways matters: it is counted
//! once, and what comes after it is gone through once for all of them.

use std::cell::Cell;

use super::action::{Continuation, Flow};
use super::closure::UnitClosure;
use super::code::{Code, Kind};
use super::evaluator::{Enumerating, Evaluator, Reading};
use super::prepared::Prepared;
use crate::resolve::spec::Level;
use crate::value::machine::Result;
use crate::value::{Lambda, Value};

impl Evaluator {
    /// Calls `found` in every successor of the current state, as [`Evaluator::successors`] does, but once for those that
    /// differ in nothing but the way in which a formula that binds nothing is satisfied, with how many they are. VoteProof has 318,877 successors in 60,000 such calls.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    pub fn successors_counted(
        &mut self,
        action: &Prepared,
        arguments: &[Value],
        found: &mut dyn FnMut(&mut Self, u64) -> Result<Flow>,
    ) -> Result<Flow> {
        (self.multiplies, self.times) = (true, 1);
        let result = self.successors(action, arguments, &mut |evaluator| {
            let times = evaluator.times;
            found(evaluator, times)
        });
        self.multiplies = false;
        result
    }

    /// True if a formula of this level may bind variables.
    pub(super) fn may_bind(&self, level: Level) -> bool {
        level >= if self.enumerating == Enumerating::Initial { Level::State } else { Level::Action }
    }

    /// Once every variable is bound, what is left is evaluated, not enumerated: it counts once.
    pub(super) fn all_bound(&self) -> bool {
        let values = if self.enumerating == Enumerating::Initial { &self.state } else { &self.next };
        values.iter().all(Option::is_some)
    }

    /// True if the ways to satisfy a formula of this level, which binds nothing, matter, and nothing but their number.
    pub(super) fn counts(&self, level: Level) -> bool {
        !self.first_only && self.reading == Reading::Current && !self.may_bind(level) && !self.all_bound()
    }

    /// What comes next, for each of so many ways to get here.
    pub(super) fn proceed_times(&mut self, ways: u64, then: &Continuation) -> Result<Flow> {
        if self.multiplies && ways > 0 {
            let times = self.times;
            self.times = times.saturating_mul(ways);
            let result = self.proceed(then);
            self.times = times;
            return result;
        }
        for _ in 0..ways {
            if self.proceed(then)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    /// In how many ways the body of a function is satisfied for an argument, found out once: a recursive function asks
    /// again and again. `None` if that is to be found out on the way, since it fails.
    pub(super) fn lambda_ways(
        &mut self,
        lambda: &Lambda,
        closure: &UnitClosure,
        argument: &Value,
        arguments: &[Value],
    ) -> Option<u64> {
        if let Some(ways) = lambda.ways(argument) {
            return Some(ways);
        }
        let ways =
            self.count_ways(|e, then| e.in_closure(closure, arguments, |e, body| e.act(body, then)).map(drop)).ok()?;
        lambda.remember_ways(argument, ways);
        Some(ways)
    }

    /// How often what runs comes to its end.
    pub(super) fn count_ways(&mut self, run: impl FnOnce(&mut Self, &Continuation) -> Result<()>) -> Result<u64> {
        let ways = Cell::new(0_u64);
        let count = |evaluator: &mut Evaluator| {
            ways.set(ways.get().saturating_add(evaluator.times));
            Ok(Flow::Continue)
        };
        let outer = (std::mem::replace(&mut self.multiplies, true), std::mem::replace(&mut self.times, 1));
        let result = run(self, &Continuation::Done(&count));
        (self.multiplies, self.times) = outer;
        result.map(|()| ways.get())
    }

    /// True if a formula without assignments may be satisfied in several ways, each of which is a successor
    /// of its own, as TLC counts them.
    pub(super) fn branches(&self, code: &Code) -> bool {
        match &code.kind {
            Kind::Or(_) | Kind::Exists(..) | Kind::Square(_) | Kind::Compose(_) => true,
            Kind::And(items) => items.iter().any(|c| self.branches(c)),
            Kind::If(parts) => self.branches(&parts.1) || self.branches(&parts.2),
            Kind::Case(arms, other) => {
                arms.iter().any(|(_, arm)| self.branches(arm)) || other.as_ref().is_some_and(|c| self.branches(c))
            }
            Kind::Let(_, body) | Kind::Forall(_, body, _) => self.branches(body),
            Kind::Implies(pair) => self.branches(&pair.1),
            Kind::Angle(pair) => self.branches(&pair.0),
            Kind::LetLocal(_, cell) => self.branches(&cell.code),
            // What stands behind these is not known here. Where a call's body stands in its place instances go on as if it
            // did not: in TLC's order, which decides where one of them fails and another is false.
            Kind::Inlined(_) => true,
            Kind::Call(..) | Kind::CallLet(..) | Kind::CallSlot(..) | Kind::Local(_) | Kind::Apply(_) => true,
            _ => false,
        }
    }
}
