//! Enumerating the states that an action allows: TLC's left-to-right reading of a formula as a program.
//!
//! Conjuncts are taken in order; the first equation (or membership) that meets an unbound variable binds
//! it, later ones compare. What is still to be done is a continuation, a list on the Rust stack; each
//! branch of a disjunction or quantifier runs the whole continuation and then takes its bindings back.

use std::cell::RefCell;

pub use super::binder::Flow;
use super::closure::{Slot, Thunk, UnitClosure};
use super::code::{ArgumentCode, BoundCode, Code, Kind};
use super::evaluator::{Enumerating, Evaluator, Reading, case_none, placed};
use super::prepared::Prepared;
use super::view::Written;
use crate::resolve::spec::{OperatorId, VariableId};
use crate::value::machine::{Fault, FaultKind, Result};
use crate::value::{self, LazyShape, Value};

/// What is still to be done once a formula is satisfied.
pub(super) enum Continuation<'a> {
    /// Report the state.
    Done(&'a dyn Fn(&mut Evaluator) -> Result<Flow>),
    /// Conjuncts of the frame at `base`.
    And { rest: &'a [Code], base: usize, calls: usize, next: &'a Continuation<'a> },
    /// Instances of a universally quantified action.
    Forall { left: &'a [Vec<Value>], forall: &'a Forall<'a>, next: &'a Continuation<'a> },
    /// `<<A>>_v`: the subscript must have changed.
    Changed { subscript: &'a Code, base: usize, next: &'a Continuation<'a> },
}

/// A universally quantified action under way.
pub(super) struct Forall<'a> {
    /// Slots of the bound variables.
    slots: &'a [u32],
    body: &'a Code,
    /// The frame it is in, and its size.
    base: usize,
    frame: usize,
}

impl Evaluator {
    /// Calls `found` in every initial state: all variables of the current state are then bound.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    pub fn initial_states(
        &mut self,
        init: &Prepared,
        arguments: &[Value],
        found: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        self.state.fill(None);
        (self.looking, self.looking_ahead) = (false, false);
        self.generation += 1;
        self.enumerating = Enumerating::Initial;
        let result = self.enumerate(init, arguments, found);
        self.enumerating = Enumerating::Nothing;
        result
    }

    /// Calls `found` in every successor of the current state: all variables of the next state are then bound.
    ///
    /// # Errors
    /// When evaluation fails, or `found` does.
    pub fn successors(
        &mut self,
        action: &Prepared,
        arguments: &[Value],
        found: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        self.next.fill(None);
        self.bindings.begin();
        self.looking_ahead = false;
        self.enumerating = Enumerating::Next;
        let result = self.enumerate(action, arguments, found);
        self.enumerating = Enumerating::Nothing;
        result
    }

    fn enumerate(
        &mut self,
        action: &Prepared,
        arguments: &[Value],
        found: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        self.calls_to_skip = 0;
        let found = RefCell::new(found);
        let done = |evaluator: &mut Evaluator| {
            evaluator.complete()?;
            (found.borrow_mut())(evaluator)
        };
        let unit = action.unit.clone();
        self.tries = action.pure;
        let result = self.framed(&unit, arguments, |e, body| e.act(body, &Continuation::Done(&done)));
        self.tries = false;
        result
    }

    /// Values of the next state, in declaration order.
    pub fn next_values(&self) -> impl Iterator<Item = &Value> {
        self.next.iter().flatten()
    }

    /// The value of a variable in the next state.
    pub fn next_value(&self, variable: usize) -> Option<&Value> {
        self.next.get(variable)?.as_ref()
    }

    /// Values of the current state, in declaration order.
    pub fn state_values(&self) -> impl Iterator<Item = &Value> {
        self.state.iter().flatten()
    }

    pub(super) fn complete(&self) -> Result<()> {
        let initial = self.enumerating == Enumerating::Initial;
        let values = if initial { &self.state } else { &self.next };
        if values.iter().all(Option::is_some) {
            return Ok(());
        }
        let missing: Vec<String> = self
            .spec
            .variables
            .iter()
            .zip(values)
            .filter(|(_, v)| v.is_none())
            .map(|(v, _)| if initial { v.name.clone() } else { format!("{}'", v.name) })
            .collect();
        let state = if initial { "initial" } else { "successor" };
        Err(Fault::new(
            FaultKind::Incomplete,
            format!("the {state} state is not completely specified: no value for {}", missing.join(", ")),
        ))
    }

    /// True if some step of the action is possible from the current state.
    pub(super) fn enabled(&mut self, action: &Code) -> Result<bool> {
        let variables = self.spec.variables.len() + self.extra_variables;
        let state_ahead = self.reading == Reading::Next;
        let next = if state_ahead { self.next.clone() } else { std::mem::take(&mut self.next) };
        if state_ahead {
            (0..self.state.len()).for_each(|variable| self.bindings.read(VariableId(variable as u32)));
        }
        self.bindings.begin();
        let state = if state_ahead { Some(self.step_ahead(&next)?) } else { None };
        let written = self.written.clone();
        self.next.resize_with(variables, || None);
        self.written.resize(variables, Written::All);
        let ahead = std::mem::replace(&mut self.looking_ahead, false);
        let reading = std::mem::replace(&mut self.reading, Reading::Current);
        let enumerating = std::mem::replace(&mut self.enumerating, Enumerating::Next);
        let first_only = std::mem::replace(&mut self.first_only, true);
        let tries = std::mem::replace(&mut self.tries, false);
        let result = self.act(action, &Continuation::Done(&|_| Ok(Flow::Stop)));
        (self.first_only, self.tries) = (first_only, tries);
        self.next = next;
        self.bindings.begin();
        self.reading = reading;
        self.enumerating = enumerating;
        self.written = written;
        self.looking_ahead = ahead;
        if let Some((state, looking, ahead)) = state {
            self.state = state;
            (self.looking, self.looking_ahead) = (looking, ahead);
            self.generation += 1;
        }
        Ok(result? == Flow::Stop)
    }

    /// Makes the next state the current one; gives what is to be restored.
    fn step_ahead(&mut self, next: &[Option<Value>]) -> Result<(Vec<Option<Value>>, bool, bool)> {
        let mut values = next.to_vec();
        for (i, value) in values.iter_mut().enumerate() {
            if value.is_none() && self.looking_ahead {
                *value = Some(self.variable(VariableId(i as u32), Reading::Next)?);
            }
        }
        self.next.fill(None);
        let kept = (std::mem::replace(&mut self.state, values), self.looking, self.looking_ahead);
        (self.looking, self.looking_ahead) = (false, false);
        self.generation += 1;
        Ok(kept)
    }

    pub(super) fn proceed(&mut self, continuation: &Continuation) -> Result<Flow> {
        match continuation {
            Continuation::Done(found) => {
                self.reached += 1;
                found(self)
            }
            Continuation::And { rest, base, calls, next } => {
                let outer = std::mem::replace(&mut self.base, *base);
                let result = if self.all_bound() {
                    self.test_all(rest, next)
                } else {
                    self.conjuncts(rest, *base, *calls, next)
                };
                self.base = outer;
                if result.is_err() {
                    self.skip_calls(*calls);
                }
                result
            }
            Continuation::Forall { left, forall, next } => {
                let outer = std::mem::replace(&mut self.base, forall.base);
                let result = if self.all_bound() {
                    self.test_instances(left, forall, next)
                } else {
                    self.instances(left, forall, next)
                };
                self.base = outer;
                result
            }
            Continuation::Changed { subscript, base, next } => {
                let outer = std::mem::replace(&mut self.base, *base);
                let result = match self.unchanged(subscript) {
                    Ok(true) => Ok(Flow::Continue),
                    Ok(false) => self.proceed(next),
                    Err(fault) => Err(fault),
                };
                self.base = outer;
                result
            }
        }
    }

    fn test_all(&mut self, rest: &[Code], next: &Continuation) -> Result<Flow> {
        for item in rest {
            if !self.boolean(item)? {
                return Ok(Flow::Continue);
            }
        }
        self.proceed(next)
    }

    fn test_instances(&mut self, left: &[Vec<Value>], forall: &Forall, next: &Continuation) -> Result<Flow> {
        for instance in left {
            for (slot, value) in forall.slots.iter().zip(instance) {
                self.set(*slot, value.clone());
            }
            if !self.boolean(forall.body)? {
                return Ok(Flow::Continue);
            }
        }
        self.proceed(next)
    }

    fn conjuncts(&mut self, items: &[Code], base: usize, calls: usize, next: &Continuation) -> Result<Flow> {
        match items {
            [] => self.proceed(next),
            [last] => self.act(last, next),
            [first, rest @ ..] => self.act(first, &Continuation::And { rest, base, calls, next }),
        }
    }

    pub(super) fn act(&mut self, code: &Code, then: &Continuation) -> Result<Flow> {
        match &code.kind {
            Kind::And(items) => self.conjuncts(items, self.base, self.call_depth, then),
            Kind::Or(items) => {
                for item in items {
                    if self.act(item, then)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                Ok(Flow::Continue)
            }
            Kind::Exists(bounds, body) => self.each(bounds, &mut |e| e.act(body, then)),
            Kind::Forall(bounds, body, facts)
                if self.may_bind(code.level) || *facts.branches.get_or_init(|| self.branches(body)) =>
            {
                self.act_forall(bounds, body, facts.frame.get() as usize, then)
            }
            Kind::If(parts) => {
                let branch = if self.boolean(&parts.0)? { &parts.1 } else { &parts.2 };
                self.act(branch, then)
            }
            Kind::Case(arms, other) => match self.case_arm(arms, other.as_deref())? {
                Some(arm) => self.act(arm, then),
                None => Err(placed(case_none(), code.span)),
            },
            Kind::Let(slots, body) => {
                self.clear(slots);
                self.act(body, then)
            }
            Kind::Implies(pair) => {
                if self.boolean(&pair.0)? {
                    self.act(&pair.1, then)
                } else {
                    self.proceed(then)
                }
            }
            Kind::Equal(pair) => match self.unbound(&pair.0) {
                Some(variable) => {
                    let (value, written) = self.assignment(variable, &pair.1)?;
                    self.assigned(variable, value, written, then)
                }
                None => self.test(code, then),
            },
            Kind::In(pair) => match self.unbound(&pair.0) {
                Some(variable) => {
                    let set = self.eval(&pair.1)?;
                    self.assigned_from(variable, &set, then).map_err(|f| placed(f, pair.1.span))
                }
                None => self.test(code, then),
            },
            Kind::SubsetEq(pair) => match self.unbound(&pair.0) {
                Some(variable) => {
                    let set = Value::power_set(self.eval(&pair.1)?);
                    self.assigned_from(variable, &set, then).map_err(|f| placed(f, pair.1.span))
                }
                None => self.test(code, then),
            },
            Kind::Unchanged(body) => self.act_unchanged(body, then),
            Kind::Square(pair) => {
                if self.act(&pair.0, then)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
                self.act_unchanged(&pair.1, then)
            }
            Kind::Angle(pair) => {
                self.act(&pair.0, &Continuation::Changed { subscript: &pair.1, base: self.base, next: then })
            }
            Kind::Call(id, arguments) => self.act_call(code, *id, arguments, then),
            Kind::Inlined(inlined) => self.in_place(inlined, code.span, |e, body| e.act(body, then)),
            Kind::CallLet(operator, captures, arguments) => {
                self.call_let(operator, captures, arguments, |e, body| e.act(body, then))
            }
            Kind::LetLocal(slot, cell) if matches!(self.slot(*slot), Slot::Empty) => self.act(&cell.code, then),
            Kind::Local(slot) => match self.slot(*slot) {
                Slot::Thunk(thunk) => {
                    let thunk = thunk.clone();
                    self.act_thunk(&thunk, then)
                }
                _ => self.test(code, then),
            },
            Kind::Compose(pair) => self.act_compose(pair, then),
            Kind::Apply(pair) => self.act_apply(code, pair, then),
            _ => self.test(code, then),
        }
    }

    /// A definition that binds nothing may be known to be satisfied in so many ways.
    fn act_call(
        &mut self,
        code: &Code,
        id: OperatorId,
        arguments: &[ArgumentCode],
        then: &Continuation,
    ) -> Result<Flow> {
        if self.counts(code.level)
            && let Some(ways) = self.call_ways(id, arguments, code.span)
        {
            return self.proceed_times(ways, then);
        }
        self.call_operator(id, arguments, code.span, |e, body| e.act(body, then))
    }

    /// A formula that binds nothing.
    fn test(&mut self, code: &Code, then: &Continuation) -> Result<Flow> {
        if self.boolean(code)? { self.proceed(then) } else { Ok(Flow::Continue) }
    }

    /// The variable that a left side stands for, if it is one that is not bound yet.
    fn unbound(&self, code: &Code) -> Option<VariableId> {
        let (variable, values) = match (&code.kind, self.enumerating) {
            (Kind::NextVariable(variable), Enumerating::Next) => (*variable, &self.next),
            (Kind::Variable(variable), Enumerating::Initial) if self.reading == Reading::Current => {
                (*variable, &self.state)
            }
            _ => return None,
        };
        values[variable.0 as usize].is_none().then_some(variable)
    }

    fn assigned(&mut self, variable: VariableId, value: Value, written: Written, then: &Continuation) -> Result<Flow> {
        self.written[variable.0 as usize] = written;
        self.bind_variable(variable, Some(value));
        let result = self.proceed(then);
        self.bind_variable(variable, None);
        result
    }

    fn assigned_from(&mut self, variable: VariableId, set: &Value, then: &Continuation) -> Result<Flow> {
        let mut elements = value::elements(self, set)?;
        while let Some(element) = if self.tries { elements.next_tried(self)? } else { elements.next(self)? } {
            self.tick()?;
            let reached = self.reached;
            if self.assigned(variable, element.clone(), Written::All, then)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
            // Values of which it would see the same lead nowhere either.
            if self.reached == reached {
                elements.pass_over(&element);
            }
        }
        Ok(Flow::Continue)
    }

    fn bind_variable(&mut self, variable: VariableId, value: Option<Value>) {
        let values = if self.enumerating == Enumerating::Initial { &mut self.state } else { &mut self.next };
        values[variable.0 as usize] = value;
        self.bindings.bind(variable);
    }

    /// `UNCHANGED e`: variables are copied or compared, tuples and definitions taken apart.
    fn act_unchanged(&mut self, body: &Code, then: &Continuation) -> Result<Flow> {
        match &body.kind {
            Kind::Variable(variable) if self.enumerating == Enumerating::Next && self.reading == Reading::Current => {
                if self.next[variable.0 as usize].is_none() {
                    let old = self.copied(*variable)?;
                    return self.assigned(*variable, old, Written::Some(Vec::new()), then);
                }
                if self.unchanged(body)? { self.proceed(then) } else { Ok(Flow::Continue) }
            }
            Kind::Tuple(items) => self.unchanged_all(items, then),
            Kind::Inlined(inlined) if inlined.arguments.is_empty() => {
                self.in_place(inlined, body.span, |e, inner| e.act_unchanged(inner, then))
            }
            Kind::Call(id, arguments) if arguments.is_empty() => {
                self.call_operator(*id, &[], body.span, |e, inner| e.act_unchanged(inner, then))
            }
            _ => {
                if self.unchanged(body)? {
                    self.proceed(then)
                } else {
                    Ok(Flow::Continue)
                }
            }
        }
    }

    fn unchanged_all(&mut self, items: &[Code], then: &Continuation) -> Result<Flow> {
        let Some((first, rest)) = items.split_first() else { return self.proceed(then) };
        let base = self.base;
        let more = |evaluator: &mut Evaluator| {
            let outer = std::mem::replace(&mut evaluator.base, base);
            let result = evaluator.unchanged_all(rest, then);
            evaluator.base = outer;
            result
        };
        self.act_unchanged(first, &Continuation::Done(&more))
    }

    /// `\A x \in S : A`: the first instance, then the others from the last to the second.
    fn act_forall(&mut self, bounds: &[BoundCode], body: &Code, frame: usize, then: &Continuation) -> Result<Flow> {
        let slots: Vec<u32> = bounds.iter().flat_map(|b| b.binder.slots()).collect();
        let mut instances: Vec<Vec<Value>> = Vec::new();
        // An element for which the body is true may make it so in several ways: none is left out.
        self.each_unguarded(bounds, &mut |e| {
            instances.push(slots.iter().map(|s| e.read_slot(*s)).collect::<Result<_>>()?);
            Ok(Flow::Continue)
        })?;
        if let Some((_, others)) = instances.split_first_mut() {
            others.reverse();
        }
        self.instances(&instances, &Forall { slots: &slots, body, base: self.base, frame }, then)
    }

    /// Each instance has a frame of its own: a later one runs while an earlier one is still branching.
    fn instances(&mut self, left: &[Vec<Value>], forall: &Forall, then: &Continuation) -> Result<Flow> {
        let Some((first, left)) = left.split_first() else { return self.proceed(then) };
        let base = self.stack.len();
        self.stack.extend_from_within(forall.base..forall.base + forall.frame);
        for (slot, value) in forall.slots.iter().zip(first) {
            self.stack[base + *slot as usize] = Slot::Value(value.clone());
        }
        self.in_frame(base, |e| e.act(forall.body, &Continuation::Forall { left, forall, next: then }))
    }

    /// An action passed as an argument.
    fn act_thunk(&mut self, thunk: &Thunk, then: &Continuation) -> Result<Flow> {
        self.in_thunk(thunk, |e, body| e.act(body, then))
    }

    /// `A[i]` where `A` is a function constructor, perhaps behind a definition: its body at `i` is taken as an
    /// action, or as a formula that may be satisfied in several ways.
    fn act_apply(&mut self, code: &Code, pair: &(Code, Code), then: &Continuation) -> Result<Flow> {
        match &pair.0.kind {
            Kind::Function(bounds, body, _, false) => {
                let argument = self.eval(&pair.1)?;
                self.act_body(bounds, body, &argument, pair.1.span, then)
            }
            Kind::Call(id, arguments) if arguments.is_empty() && self.is_function(*id) => {
                let argument = self.eval(&pair.1)?;
                self.call_operator(*id, &[], code.span, |e, inner| match &inner.kind {
                    Kind::Function(bounds, body, _, _) => e.act_body(bounds, body, &argument, pair.1.span, then),
                    _ => Err(Fault::new(FaultKind::Other, "expected a function")),
                })
            }
            Kind::LetLocal(..) | Kind::Local(_) | Kind::Call(..) | Kind::CallLet(..) | Kind::Inlined(_) => {
                let counts = self.counts(code.level);
                self.act_lambda(pair, counts, then)
            }
            _ => self.test(code, then),
        }
    }

    /// The same for a function value that was not listed yet.
    fn act_lambda(&mut self, pair: &(Code, Code), counts: bool, then: &Continuation) -> Result<Flow> {
        let function = self.eval(&pair.0)?;
        let argument = self.eval(&pair.1)?;
        if let Value::Lazy(lazy) = &function
            && let LazyShape::Lambda(lambda) = lazy.shape()
            && let Some(closure) = lambda.body().as_any().downcast_ref::<UnitClosure>()
            && value::member(self, &argument, &lambda.domain())?
        {
            let arguments = match lambda.domains().len() {
                1 => vec![argument.clone()],
                count => self.components(&argument, count)?.items().to_vec(),
            };
            if counts && let Some(ways) = self.lambda_ways(lambda, closure, &argument, &arguments) {
                return self.proceed_times(ways, then);
            }
            return self.in_closure(closure, &arguments, |e, body| e.act(body, then));
        }
        match value::apply(self, &function, &argument).map_err(|f| placed(f, pair.1.span))? {
            Value::Bool(true) => self.proceed(then),
            Value::Bool(false) => Ok(Flow::Continue),
            other => {
                let message = format!("expected TRUE or FALSE, but this is {}", other.display());
                Err(placed(Fault::new(FaultKind::Type, message), pair.0.span.to(pair.1.span)))
            }
        }
    }

    fn is_function(&mut self, id: OperatorId) -> bool {
        matches!(&self.unit(id).body.kind, Kind::Function(_, _, _, false))
    }

    fn act_body(
        &mut self,
        bounds: &[BoundCode],
        body: &Code,
        argument: &Value,
        place: crate::diagnostic::Span,
        then: &Continuation,
    ) -> Result<Flow> {
        let arguments = if bounds.len() == 1 {
            vec![argument.clone()]
        } else {
            self.components(argument, bounds.len())?.items().to_vec()
        };
        for (bound, argument) in bounds.iter().zip(arguments) {
            let set = self.eval(&bound.set)?;
            if !value::member(self, &argument, &set)? {
                let message = format!("{} is not in the domain of the function", argument.display());
                return Err(placed(Fault::new(FaultKind::OutOfDomain, message), place));
            }
            self.bind(&bound.binder, argument)?;
        }
        self.act(body, then)
    }
}
