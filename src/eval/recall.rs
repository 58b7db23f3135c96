//! Values of calls, kept by their arguments and by what was read of the state.
//!
//! A call of a pure definition with listed arguments is a function of those arguments and of the parts of
//! the state that its body reads. What it reads next is decided by what it read before, so for each list
//! of arguments the evaluations form a decision tree: a node asks for one part of the state, an edge is
//! that part's content, a leaf the value. A definition that reads no state is a tree of one leaf.
//!
//! 1. A call opens a **scope**: a note of its own of what is read from now on ([`StateView::open`]).
//! 2. When it ends, its note is its path in the tree; all of it was also read by whoever called.
//! 3. A later call follows its path, notes what it passes, and takes the value at the leaf.
//!
//! Not kept: errors; values that still describe sets or functions by what the state was (listing them would
//! read it later); calls that read variables which are just being bound, or a state that is not watched;
//! impure definitions; definitions that take operators.
//!
//! It pays where the same arguments and parts come again, which is found out by trying: calls are first
//! counted as they are, then tried with their values kept, and go on as is cheaper, judged now and then.
//! The measure is the number of expressions evaluated, so that runs repeat.

use std::cell::Cell;
use std::rc::Rc;

use super::calls::{Calls, Fit, Key, Question, Way};
use super::closure::{Slot, Thunk};
use super::code::{ArgumentCode, Code, LazyUnit};
use super::evaluator::{Enumerating, Evaluator, Reading};
use super::purity::native_of;
use super::view::Side;
use crate::diagnostic::Span;
use crate::resolve::spec::{Expr, ExprKind, Level, OperatorBody, OperatorId, VariableId};
use crate::value::machine::{Fault, FaultKind, Result};
use crate::value::{self, Value};

/// Scopes inside each other at most: deeper calls are evaluated as they are.
const DEPTH_MAX: usize = 24;
/// What asking and what adding costs, in expressions evaluated, at all and for each part of the state on the way.
/// Without the second EWD998PCal kept calls that cost more than they saved: 27.8 s, 22.0 s with nothing kept.
const ASKING: u64 = 4;
const ADDING: u64 = 16;
const STEP: u64 = 2;
/// Expressions from which on it pays to note what the value of a definition without parameters was read from.
const NOTED: u64 = 8;

/// The value of a definition that depends on one state only.
pub(crate) struct Kept {
    /// The generation it was evaluated in.
    generation: u64,
    /// Expressions that took.
    cost: u64,
    /// What the view said of its numbers.
    epoch: u32,
    /// The scope it was evaluated in.
    scope: u64,
    /// What it was read from, if that is all that it will ever read.
    path: Option<Vec<(u32, u32)>>,
    value: Value,
}

/// What is kept of all definitions.
pub(crate) struct Recall {
    calls: Vec<Option<Box<Calls>>>,
    /// False: everything is evaluated as it is.
    on: bool,
    /// What the view said when this was kept.
    epoch: u32,
    /// Scopes open, and the number of the innermost one; 0 outside.
    depth: usize,
    pub(super) scope: u64,
    opened: u64,
    /// Something was read in the innermost scope that the view does not note.
    spoiled: bool,
    /// Expressions that the last call with a value that may be kept takes as it is.
    worth: u64,
}

/// What an open scope leaves to be restored.
pub(super) struct Outer {
    scope: u64,
    spoiled: bool,
}

impl Recall {
    pub(super) fn new(operators: usize) -> Self {
        let calls = std::iter::repeat_with(|| None).take(operators).collect();
        Self { calls, on: true, epoch: 0, depth: 0, scope: 0, opened: 0, spoiled: false, worth: 0 }
    }
}

impl Evaluator {
    /// Whether values of calls may be kept.
    pub fn keep_calls(&mut self, on: bool) {
        self.recall.on = on;
    }

    /// Forgets what was kept if the view has changed what its numbers mean.
    pub(super) fn refresh_recall(&mut self) {
        debug_assert_eq!(self.recall.depth, 0);
        let epoch = self.view.as_ref().map_or(0, |view| view.borrow().epoch());
        if epoch != self.recall.epoch {
            self.recall.epoch = epoch;
            self.recall.calls.iter_mut().flatten().for_each(|calls| calls.clear());
        }
    }

    /// The value of a call.
    pub(super) fn call_value(&mut self, id: OperatorId, arguments: &[ArgumentCode], call: Span) -> Result<Value> {
        match self.way(id) {
            Way::Plain => self.call_operator(id, arguments, call, |e, body| e.eval(body)),
            Way::Measured => {
                let before = self.ticks;
                let result = self.call_operator(id, arguments, call, |e, body| e.eval(body));
                self.measured(id, before);
                result
            }
            Way::Kept(fit) => {
                let before = self.ticks;
                let base = self.push_forced(arguments)?;
                let asked = self.ticks;
                let question = self.question(fit);
                let result = self.recalled(id, base, question, call);
                self.weighed(id, before, asked);
                result
            }
        }
    }

    /// In how many ways a call that binds nothing is satisfied; `None` if it is to be found out on the way, since
    /// that is not kept or fails.
    pub(super) fn call_ways(&mut self, id: OperatorId, arguments: &[ArgumentCode], call: Span) -> Option<u64> {
        let way = self.way(id);
        if matches!(way, Way::Plain) {
            return None;
        }
        let before = self.ticks;
        let base = self.push_forced(arguments).ok()?;
        let asked = self.ticks;
        let result = if let Way::Kept(_) = way {
            let result = self.recalled(id, base, Question::Ways, call);
            self.weighed(id, before, asked);
            result
        } else {
            let result = self.run_pushed(id, base, Question::Ways, call);
            self.measured(id, before);
            result
        };
        match result {
            Ok(Value::Int(ways)) => u64::try_from(ways).ok(),
            _ => None,
        }
    }

    fn question(&self, fit: Fit) -> Question {
        if fit == Fit::State && self.reading == Reading::Next { Question::Next } else { Question::Value }
    }

    /// The value of a definition for values.
    pub(super) fn apply_definition(&mut self, id: OperatorId, arguments: &[Value]) -> Result<Value> {
        let way = self.way(id);
        let before = self.ticks;
        if let Way::Kept(fit) = way {
            let base = self.stack.len();
            self.stack.extend(arguments.iter().cloned().map(Slot::Value));
            let question = self.question(fit);
            let result = self.recalled(id, base, question, Span::NONE);
            self.weighed(id, before, before);
            return result;
        }
        let unit = self.unit(id);
        let result = self.framed(&unit, arguments, |e, body| e.eval(body));
        if !matches!(way, Way::Plain) {
            self.measured(id, before);
        }
        result
    }

    fn way(&mut self, id: OperatorId) -> Way {
        if !self.recall.on {
            return Way::Plain;
        }
        if self.recall.calls[id.0 as usize].is_none() {
            let fit = self.fit(id);
            self.recall.calls[id.0 as usize] = Some(Box::new(Calls::new(fit)));
        }
        let watched = self.is_watched();
        let step = watched && self.looking_ahead && self.reading == Reading::Current;
        let Some(calls) = &mut self.recall.calls[id.0 as usize] else { return Way::Plain };
        match calls.fit {
            Fit::Never => return Way::Plain,
            Fit::State if !watched => return Way::Plain,
            Fit::Step if !step || self.enumerating != Enumerating::Nothing => return Way::Plain,
            _ => {}
        }
        calls.way()
    }

    /// Counts a call that went as it is.
    fn measured(&mut self, id: OperatorId, before: u64) {
        let spent = self.ticks - before;
        if let Some(calls) = &mut self.recall.calls[id.0 as usize] {
            calls.count(spent, spent);
        }
    }

    /// Counts a call whose value was asked for, or is kept now; its arguments were known when it was `asked`.
    fn weighed(&mut self, id: OperatorId, before: u64, asked: u64) {
        let spent = self.ticks - before + ASKING;
        let worth = asked - before + self.recall.worth;
        if let Some(calls) = &mut self.recall.calls[id.0 as usize] {
            calls.count(spent, worth);
        }
    }

    fn fit(&self, id: OperatorId) -> Fit {
        let operator = &self.spec.operators[id.0 as usize];
        let first_order = operator.parameters.iter().all(|p| p.arity == 0);
        let is_expression = matches!(operator.body, OperatorBody::Expr(_)) && native_of(operator).is_none();
        if !first_order || !is_expression || self.lowering.facts.impure_operator(&self.spec, id) {
            return Fit::Never;
        }
        match operator.level {
            Level::Constant if self.lowering.facts.reads_progress(&self.spec, id) => Fit::Never,
            Level::Constant => Fit::Constant,
            Level::State => Fit::State,
            Level::Action => Fit::Step,
            Level::Temporal => Fit::Never,
        }
    }

    /// True if the state that unprimed variables are read from is one the view notes.
    fn is_watched(&self) -> bool {
        self.view.is_some()
            && match self.reading {
                Reading::Current => self.looking && self.enumerating != Enumerating::Initial,
                Reading::Next => self.looking_ahead && self.enumerating == Enumerating::Nothing,
            }
    }

    /// Pushes arguments as the first slots of a frame, evaluated where that can do no harm.
    fn push_forced(&mut self, arguments: &[ArgumentCode]) -> Result<usize> {
        let base = self.push_arguments(arguments)?;
        for (offset, argument) in arguments.iter().enumerate() {
            let Slot::Thunk(thunk) = &self.stack[base + offset] else { continue };
            let thunk: Rc<Thunk> = thunk.clone();
            let lazy = match argument {
                ArgumentCode::Lazy(lazy) => Some(lazy),
                _ => None,
            };
            let known = thunk.known();
            if known.is_none() && !lazy.is_some_and(|lazy| self.is_harmless(lazy)) {
                continue;
            }
            // An argument that has no value may not be needed: it stays as it is.
            if let Ok(value) = self.force(&thunk) {
                self.stack[base + offset] = Slot::Value(value);
            }
        }
        Ok(base)
    }

    /// True if evaluating the expression has no effects and does not call recursive definitions, which may
    /// only end because an argument is not needed.
    fn is_harmless(&self, lazy: &LazyUnit) -> bool {
        *lazy.harmless.get_or_init(|| self.is_unit_pure(lazy) && !self.calls_recursive(&lazy.expr))
    }

    /// True if evaluating the unit has no effects and gives the same answer every time.
    pub(super) fn is_unit_pure(&self, lazy: &LazyUnit) -> bool {
        *lazy.pure.get_or_init(|| !self.lowering.facts.impure(&self.spec, &lazy.expr))
    }

    fn calls_recursive(&self, expr: &Expr) -> bool {
        if matches!(&*expr.kind, ExprKind::Call(id, _) if self.spec.operators[id.0 as usize].recursive) {
            return true;
        }
        let mut found = matches!(&*expr.kind, ExprKind::CallLocal(..));
        super::free::subexpressions(expr, &mut |e| found = found || self.calls_recursive(e));
        found
    }

    /// The value of a definition whose arguments were pushed at `base`. Notes what it takes as it is.
    fn recalled(&mut self, id: OperatorId, base: usize, question: Question, call: Span) -> Result<Value> {
        // An element under trial has no key before all of it is looked at.
        for slot in &mut self.stack[base..] {
            if let Slot::Value(value @ Value::Lazy(_)) = slot {
                *value = value.clone().settled();
            }
        }
        let Some(key) = self.hash_arguments(base, question).filter(|_| self.recall.depth < DEPTH_MAX) else {
            let before = self.ticks;
            let result = self.run_pushed(id, base, question, call);
            self.recall.worth = self.ticks - before;
            return result;
        };
        if let Some((value, cost)) = self.find_call(id, base, key) {
            self.stack.truncate(base);
            self.recall.worth = cost;
            return Ok(value);
        }
        let values = |slot: &Slot| if let Slot::Value(value) = slot { Some(value.clone()) } else { None };
        let arguments: Box<[Value]> = self.stack[base..].iter().filter_map(values).collect();
        let outer = self.open_scope();
        let before = self.ticks;
        let result = self.run_pushed(id, base, question, call);
        let cost = self.ticks - before;
        let path = self.close_scope(outer);
        self.ticks += ADDING + path.as_ref().map_or(0, |path| STEP * path.len() as u64);
        if let (Ok(value), Some(path)) = (&result, path)
            && let Some(calls) = &mut self.recall.calls[id.0 as usize]
            && (calls.fit == Fit::Constant || value::is_listed(value))
        {
            calls.insert(key, arguments, &path, (value.clone(), cost));
        }
        self.recall.worth = cost;
        result
    }

    /// A definition without parameters: what depends on one complete state alone is kept while that is seen.
    pub(super) fn state_operator(&mut self, id: OperatorId, code: &Code) -> Result<Value> {
        let complete = match self.enumerating {
            Enumerating::Nothing => true,
            Enumerating::Next => self.reading == Reading::Current,
            Enumerating::Initial => false,
        };
        let keep = code.level == Level::State && complete && !self.lowering.facts.impure_operator(&self.spec, id);
        if !keep {
            let primed = self.enumerating == Enumerating::Next && self.reading == Reading::Next;
            if primed && code.level == Level::State && !self.lowering.facts.impure_operator(&self.spec, id) {
                return self.primed_operator(id, code.span);
            }
            return self.call_value(id, &[], code.span);
        }
        let side = usize::from(self.reading == Reading::Next);
        let scope = self.recall.scope;
        let mut noted = scope != 0;
        if let Some(kept) = &self.kept[side][id.0 as usize] {
            // What is read in a scope is noted there, too. A value that still describes something reads the
            // state when it is listed: it stays in its scope.
            if kept.generation == self.generation && (scope == 0 || scope == kept.scope) {
                return Ok(kept.value.clone());
            }
            noted |= self.recall.on && kept.cost >= NOTED;
        }
        if noted && let Some(value) = self.as_before(id) {
            return Ok(value);
        }
        let before = self.ticks;
        let (value, path) = if noted {
            let outer = self.open_scope();
            let result = self.call_value(id, &[], code.span);
            let path = self.close_scope(outer);
            let value = result?;
            let path = path.filter(|_| value::is_listed(&value));
            (value, path)
        } else {
            (self.call_value(id, &[], code.span)?, None)
        };
        let cost = self.ticks - before;
        let (generation, epoch) = (self.generation, self.recall.epoch);
        let kept = Kept { generation, cost, epoch, scope, path, value: value.clone() };
        self.kept[side][id.0 as usize] = Some(kept);
        Ok(value)
    }

    /// The value that a definition had in this state or the one before it, or in one seen earlier, if all that it was
    /// read from is the same now. Asking the tree of its calls instead takes a search at every part.
    fn as_before(&self, id: OperatorId) -> Option<Value> {
        if !self.is_watched() {
            return None;
        }
        let mut view = self.view.as_ref()?.borrow_mut();
        let side = if self.reading == Reading::Next { Side::Next } else { Side::Current };
        let both = if side == Side::Next { [1, 0] } else { [0, 1] };
        both.into_iter().find_map(|of| {
            let kept = self.kept[of][id.0 as usize].as_ref()?;
            let path = kept.path.as_ref().filter(|_| kept.epoch == self.recall.epoch)?;
            view.is_same(side, path).then(|| kept.value.clone())
        })
    }

    /// The hash of the arguments at `base`, if all of them are listed.
    fn hash_arguments(&self, base: usize, question: Question) -> Option<Key> {
        let mut hash = question as u64;
        for slot in &self.stack[base..] {
            let Slot::Value(value) = slot else { return None };
            hash = (hash.rotate_left(5) ^ value::key_hash(value)?).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        Some((hash, question))
    }

    /// Follows the path of the state seen through the arguments' tree; what it passes is read.
    fn find_call(&mut self, id: OperatorId, base: usize, key: Key) -> Option<(Value, u64)> {
        let steps = Cell::new(0);
        let calls = self.recall.calls[id.0 as usize].as_ref()?;
        let arguments = &self.stack[base..];
        let value = match (&self.view, calls.fit) {
            (Some(view), Fit::State | Fit::Step) => {
                let mut view = view.borrow_mut();
                calls.find(key, arguments, |read| {
                    steps.set(steps.get() + STEP);
                    view.consult(read)
                })
            }
            _ => calls.find(key, arguments, |_| 0),
        };
        let value = value.map(|(value, cost)| (value.clone(), cost));
        self.ticks += steps.get();
        value
    }

    /// Runs the body of a definition whose arguments were pushed at `base`.
    fn run_pushed(&mut self, id: OperatorId, base: usize, question: Question, call: Span) -> Result<Value> {
        if question != Question::Ways {
            return self.run_operator(id, base, call, |e, body| e.eval(body));
        }
        let ways = self.count_ways(|e, then| e.run_operator(id, base, call, |e, body| e.act(body, then)).map(drop))?;
        let ways = i64::try_from(ways).map_err(|_| Fault::new(FaultKind::Overflow, "too many ways to be true"))?;
        Ok(Value::Int(ways))
    }

    /// From now on reads are noted separately.
    pub(super) fn open_scope(&mut self) -> Outer {
        let recall = &mut self.recall;
        let outer = Outer { scope: recall.scope, spoiled: recall.spoiled };
        recall.opened += 1;
        recall.depth += 1;
        (recall.scope, recall.spoiled) = (recall.opened, false);
        if let Some(view) = &self.view {
            view.borrow_mut().open();
        }
        outer
    }

    /// What was read since the scope was opened, with what was found there; `None` if not all was noted.
    pub(super) fn close_scope(&mut self, outer: Outer) -> Option<Vec<(u32, u32)>> {
        let mut path = Vec::new();
        let mut epoch = self.recall.epoch;
        if let Some(view) = &self.view {
            let mut view = view.borrow_mut();
            view.close(&mut path);
            epoch = view.epoch();
        }
        let recall = &mut self.recall;
        let spoiled = recall.spoiled || epoch != recall.epoch;
        recall.depth -= 1;
        (recall.scope, recall.spoiled) = (outer.scope, outer.spoiled || recall.spoiled);
        (!spoiled).then_some(path)
    }

    /// A variable whose value was known already is read.
    pub(super) fn note_known(&mut self, variable: VariableId, side: Side) {
        let looking = if side == Side::Current { self.looking } else { self.looking_ahead };
        match &self.view {
            Some(view) if looking => view.borrow_mut().read_again(side, variable),
            _ => self.recall.spoiled = true,
        }
    }
}
