//! Labels about steps that are asked in pieces.
//!
//! Each condition has a tree of its own. What the conditions and their combinations were is kept for the other steps
//! from the same state ([`super::step`]).

use crate::model::Stop;

use super::forest::Forest;
use super::label::{Label, Own, Question};
use super::model::EvaluationError;
use super::pieces::{Piece, Pieces};
use super::step::{Settled, Step, Told};
use super::terms::Terms;
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// The conditions that a formula is made of, ready to be asked.
pub(super) struct Apart {
    /// Which formula in pieces of the model it is.
    number: usize,
    conditions: Vec<Label>,
    /// Tree of the first; the others' follow.
    first_tree: usize,
    own: Option<Box<Own>>,
    /// What is known of each piece.
    settled: Vec<Settled>,
}

impl Apart {
    /// Conditions of the formula of this number, whose trees are `first_tree..`.
    pub(super) fn new(number: usize, pieces: &Pieces, conditions: Vec<Label>, first_tree: usize) -> Self {
        let settled = vec![Settled::default(); pieces.pieces.len()];
        Self { number, conditions, first_tree, own: None, settled }
    }
}

/// A formula in pieces that is being asked about a step.
struct Asking<'a> {
    forest: &'a Forest,
    pieces: &'a Pieces,
    apart: &'a mut Apart,
    own: &'a mut Own,
    terms: &'a mut Terms,
    step: &'a Step,
    question: Question<'a>,
}

impl TlaWorker<'_> {
    /// True if a formula in pieces holds of a step.
    pub(super) fn ask_apart(
        &mut self,
        forest: &Forest,
        apart: &mut Apart,
        (step, question): (&Step, Question<'_>),
    ) -> Outcome<Told> {
        let model = self.model;
        let Some(pieces) = &model.pieces[apart.number] else { return Err(Stop::Exit) };
        let Some(mut terms) = self.terms.take() else { return Err(Stop::Exit) };
        terms.renew(forest.epoch);
        let own = apart.own.take().filter(|own| own.epoch == forest.epoch);
        let mut own = own.unwrap_or_else(|| Box::new(Own::new(apart.conditions.len(), forest.epoch)));
        let mut asking = Asking { forest, pieces, apart, own: &mut own, terms: &mut terms, step, question };
        let told = self.piece(&mut asking, pieces.root);
        apart.own = Some(own);
        self.terms = Some(terms);
        told
    }

    /// True if a piece holds.
    #[inline]
    fn piece(&mut self, asking: &mut Asking<'_>, number: usize) -> Outcome<Told> {
        match asking.step.known(&asking.apart.settled[number]) {
            Some(told) => Ok(told),
            None => self.ask_piece(asking, number),
        }
    }

    fn ask_piece(&mut self, asking: &mut Asking<'_>, number: usize) -> Outcome<Told> {
        let pieces = asking.pieces;
        let told = match &pieces.pieces[number] {
            Piece::Condition(condition) => self.condition(asking, *condition)?,
            Piece::Equal { next, current, condition } => {
                match self.compare_terms(asking.forest, asking.terms, asking.step, (*next, *current)) {
                    Some(told) => told,
                    None => self.condition(asking, *condition)?,
                }
            }
            Piece::All(all) => self.until(asking, all, false)?,
            Piece::Any(any) => self.until(asking, any, true)?,
            Piece::Choice([condition, then, otherwise]) => {
                let chosen = self.piece(asking, *condition)?;
                let branch = self.piece(asking, if chosen.holds { *then } else { *otherwise })?;
                Told { holds: branch.holds, reads: chosen.reads | branch.reads }
            }
        };
        asking.step.settle(&mut asking.apart.settled[number], told);
        Ok(told)
    }

    /// Asks pieces one after the other until one decides.
    fn until(&mut self, asking: &mut Asking<'_>, pieces: &[usize], decides: bool) -> Outcome<Told> {
        let mut reads = 0;
        for piece in pieces {
            let told = self.piece(asking, *piece)?;
            reads |= told.reads;
            if told.holds == decides {
                return Ok(Told { holds: decides, reads });
            }
        }
        Ok(Told { holds: !decides, reads })
    }

    fn condition(&mut self, asking: &mut Asking<'_>, number: usize) -> Outcome<Told> {
        let Asking { forest, apart, own, step, question, .. } = asking;
        let (tree, condition) = (apart.first_tree + number, &mut apart.conditions[number]);
        Ok(self.ask_step(forest, own, (tree, number), condition, (step, *question))?.told)
    }
}
