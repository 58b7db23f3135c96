//! `A \cdot B`: an A step, then a B step, as one.

use std::cell::RefCell;

use super::action::{Continuation, Flow};
use super::code::Code;
use super::evaluator::{Enumerating, Evaluator, Reading};
use super::view::Written;
use crate::resolve::spec::VariableId;
use crate::value::machine::Result;
use crate::value::{self, Value};

impl Evaluator {
    /// `A \cdot B`: every way through a state between.
    pub(super) fn act_compose(&mut self, pair: &(Code, Code), then: &Continuation) -> Result<Flow> {
        let bound = self.next.clone();
        for reached in self.compositions(pair)? {
            let mut agrees = true;
            for (value, known) in reached.iter().zip(&bound) {
                if let (Some(value), Some(known)) = (value, known) {
                    agrees = agrees && value::equal(self, value, known)?;
                }
            }
            if !agrees {
                continue;
            }
            // TLC counts a composed step twice.
            for _ in 0..2 {
                self.next.clone_from(&reached);
                self.bindings.begin();
                self.written.fill(Written::All);
                let result = self.proceed(then);
                self.next.clone_from(&bound);
                self.bindings.begin();
                if result? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        Ok(Flow::Continue)
    }

    /// True if the step that is known is one of the composition.
    pub(super) fn composed(&mut self, pair: &(Code, Code)) -> Result<bool> {
        let target = self.next.clone();
        'reached: for reached in self.compositions(pair)? {
            for (value, known) in reached.iter().zip(&target) {
                let (Some(value), Some(known)) = (value, known) else { continue 'reached };
                if !value::equal(self, value, known)? {
                    continue 'reached;
                }
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// All states that the composition leads to from the current one.
    fn compositions(&mut self, pair: &(Code, Code)) -> Result<Vec<Vec<Option<Value>>>> {
        // States between are not seen through the view, so that nothing of them counts as a copy.
        for variable in 0..self.state.len() {
            self.variable(VariableId(variable as u32), Reading::Current)?;
        }
        let (looking, ahead) = (self.looking, self.looking_ahead);
        (self.looking, self.looking_ahead) = (false, false);
        let start = self.state.clone();
        let mut reached = Vec::new();
        let between = self.all_next(&pair.0);
        let result = between.and_then(|between| {
            for state in between {
                self.state = state;
                self.generation += 1;
                reached.extend(self.all_next(&pair.1)?);
            }
            Ok(())
        });
        self.state = start;
        (self.looking, self.looking_ahead) = (looking, ahead);
        self.generation += 1;
        result.map(|()| reached)
    }

    /// All complete next states of an action, whatever is bound already.
    fn all_next(&mut self, action: &Code) -> Result<Vec<Vec<Option<Value>>>> {
        let variables = self.next.len();
        let next = std::mem::replace(&mut self.next, vec![None; variables]);
        self.bindings.begin();
        let enumerating = std::mem::replace(&mut self.enumerating, Enumerating::Next);
        let found = RefCell::new(Vec::new());
        let done = |evaluator: &mut Evaluator| {
            evaluator.complete()?;
            found.borrow_mut().push(evaluator.next.clone());
            Ok(Flow::Continue)
        };
        let multiplies = std::mem::replace(&mut self.multiplies, false);
        let result = self.act(action, &Continuation::Done(&done));
        self.multiplies = multiplies;
        self.next = next;
        self.bindings.begin();
        self.enumerating = enumerating;
        result.map(|_| found.into_inner())
    }
}
