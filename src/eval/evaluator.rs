//! The one evaluator: a thread's frames, the states it sees, and the walk over [`Code`].

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use super::closure::Slot;
use super::code::{Code, Kind, Unit};
use super::lower::Lowering;
use super::primed::Bindings;
use super::recall::{Kept, Recall};
use super::view::{SharedView, Side, Written};
use crate::diagnostic::Span;
use crate::resolve::spec::{Level, OperatorId, Spec, VariableId};
use crate::value::machine::{Fault, FaultKind, Machine, Result, Services};
use crate::value::{self, Universe, Value, ValueId};

/// Which state unprimed variables are read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading {
    /// The current state.
    Current,
    /// The next one: under a prime.
    Next,
}

/// What is being enumerated, if anything: decides what assigns, and which values may be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Enumerating {
    /// Nothing: all states seen are complete.
    Nothing,
    /// Initial states: unprimed variables are being bound.
    Initial,
    /// Successors: primed variables are being bound.
    Next,
}

/// Expressions evaluated between two looks at whether the run is to end: a fraction of a millisecond.
const POLLED: u64 = 1 << 13;

/// Elements of a constant product that is listed once for all its uses.
const PRODUCT_MAX: i64 = 256;

/// TLC's bound on the elements of one set.
pub const MAX_SET_SIZE: usize = 1_000_000;

/// Limits and settings of an evaluation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most elements that one set may be listed into.
    pub max_set_size: usize,
    /// TLC's 32-bit integers.
    pub int32: bool,
    /// Bytes of stack the evaluator may use before it reports that evaluation is nested too deeply.
    pub stack_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_set_size: MAX_SET_SIZE, int32: false, stack_bytes: 200 << 20 }
    }
}

/// A thread's evaluator of one specification.
pub struct Evaluator {
    pub(super) spec: Arc<Spec>,
    pub(super) lowering: Rc<Lowering>,
    pub(super) stack: Vec<Slot>,
    pub(super) base: usize,
    /// Values of variables in the current state; `None`: not bound yet (initial states only).
    pub(super) state: Vec<Option<Value>>,
    /// Values of primed variables.
    pub(super) next: Vec<Option<Value>>,
    pub(super) reading: Reading,
    pub(super) enumerating: Enumerating,
    /// How states are read that were not set.
    pub(super) view: Option<SharedView>,
    /// The current state is read through the view.
    pub(super) looking: bool,
    /// The next state is, too.
    pub(super) looking_ahead: bool,
    /// What assignments wrote of each variable.
    pub(super) written: Vec<Written>,
    /// Changes whenever the states seen may have changed.
    pub(super) generation: u64,
    /// Values of definitions that depend on one state only: unprimed, primed.
    pub(super) kept: [Vec<Option<Kept>>; 2],
    /// Values of calls.
    pub(super) recall: Recall,
    /// Bindings of the next state's variables.
    pub(super) bindings: Bindings,
    /// The action being enumerated is pure: values for its variables may be tried.
    pub(super) tries: bool,
    /// Successors that differ only in how a formula is satisfied are found once, so many `times`.
    pub(super) multiplies: bool,
    pub(super) times: u64,
    /// How often an enumeration came to its end, or to the end of a part.
    pub(super) reached: u64,
    /// Inside ENABLED: one way to satisfy an action is enough.
    pub(super) first_only: bool,
    /// Expressions evaluated.
    pub(super) ticks: u64,
    poll_at: u64,
    /// Definitions whose bodies are being evaluated.
    pub(super) call_depth: usize,
    /// Variables beyond those of the spec that ENABLED may bind.
    pub(super) extra_variables: usize,
    /// Calls that a fault on its way out has left already, in the order of continuations.
    pub(super) calls_to_skip: usize,
    units: Vec<Option<Rc<Unit>>>,
    /// Values of constant definitions.
    constants: Vec<Option<Value>>,
    pub(super) settings: Settings,
    services: Services,
    stack_start: usize,
}

impl Machine for Evaluator {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn max_set_size(&self) -> usize {
        self.settings.max_set_size
    }

    fn int32(&self) -> bool {
        self.settings.int32
    }

    fn services(&mut self) -> &mut Services {
        &mut self.services
    }
}

impl Evaluator {
    /// An evaluator for the calling thread, which must have entered the universe of the spec's symbols.
    pub fn new(spec: Arc<Spec>, settings: Settings, services: Services) -> Self {
        let variables = spec.variables.len();
        let operators = spec.operators.len();
        let marker = 0u8;
        Self {
            lowering: Rc::new(Lowering::new(spec.clone())),
            spec,
            stack: Vec::with_capacity(1024),
            base: 0,
            state: vec![None; variables],
            next: vec![None; variables],
            reading: Reading::Current,
            enumerating: Enumerating::Nothing,
            view: None,
            looking: false,
            looking_ahead: false,
            written: vec![Written::All; variables],
            generation: 0,
            kept: [(0..operators).map(|_| None).collect(), (0..operators).map(|_| None).collect()],
            recall: Recall::new(operators),
            bindings: Bindings::new(operators),
            tries: false,
            multiplies: false,
            times: 1,
            reached: 0,
            first_only: false,
            ticks: 0,
            poll_at: POLLED,
            call_depth: 0,
            extra_variables: 0,
            calls_to_skip: 0,
            units: vec![None; operators],
            constants: vec![None; operators],
            settings,
            services,
            stack_start: std::ptr::from_ref(&marker) as usize,
        }
    }

    /// The specification.
    pub fn spec(&self) -> &Arc<Spec> {
        &self.spec
    }

    /// Sets the current state: one value a variable, in declaration order.
    pub fn set_state(&mut self, values: &[Value]) {
        self.state.clear();
        self.state.extend(values.iter().cloned().map(Some));
        self.looking = false;
        self.generation += 1;
    }

    /// Sets one variable of the current state.
    pub fn set_variable(&mut self, variable: VariableId, value: Value) {
        self.state[variable.0 as usize] = Some(value);
    }

    /// Sets the next state, for evaluating actions on a step that is known.
    pub fn set_next(&mut self, values: &[Value]) {
        self.next.clear();
        self.next.extend(values.iter().cloned().map(Some));
        self.bindings.begin();
        self.looking_ahead = false;
        self.generation += 1;
    }

    /// Forgets the next state: reading a primed variable is an error again.
    pub fn clear_next(&mut self) {
        self.next.fill(None);
        self.bindings.begin();
        self.looking_ahead = false;
        self.generation += 1;
    }

    /// Allows so many variables after those of the spec to be bound inside ENABLED.
    pub fn allow_variables(&mut self, extra: usize) {
        self.extra_variables = self.extra_variables.max(extra);
    }

    /// Gives a definition a value worked out elsewhere (constant definitions shared by all workers).
    pub fn set_constant(&mut self, operator: OperatorId, value: Value) {
        self.constants[operator.0 as usize] = Some(value);
    }

    /// Constant definitions evaluated so far whose values are listed, interned.
    pub fn known_constants(&mut self) -> Vec<(OperatorId, ValueId)> {
        let mut listed = Vec::new();
        for id in 0..self.constants.len() {
            let Some(value) = self.constants[id].clone() else { continue };
            if !matches!(value, Value::Lazy(_) | Value::Operator(_))
                && let Ok(interned) = Universe::current().intern(self, &value)
            {
                listed.push((OperatorId(id as u32), interned));
            }
        }
        listed
    }

    /// Runs something in a new frame that starts with the arguments.
    pub(super) fn framed<T>(
        &mut self,
        unit: &Unit,
        arguments: &[Value],
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        let base = self.stack.len();
        self.stack.extend(arguments.iter().cloned().map(Slot::Value));
        self.stack.resize(base + unit.frame, Slot::Empty);
        self.in_frame(base, |evaluator| run(evaluator, &unit.body))
    }

    /// Runs something in the frame pushed at `base`, and takes the frame away.
    pub(super) fn in_frame<T>(&mut self, base: usize, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.base, base);
        let result = self.check_depth().and_then(|()| run(self));
        self.base = outer;
        self.stack.truncate(base);
        result
    }

    /// Fails before the thread's stack does.
    fn check_depth(&self) -> Result<()> {
        let marker = 0u8;
        let used = self.stack_start.abs_diff(std::ptr::from_ref(&marker) as usize);
        if used < self.settings.stack_bytes {
            return Ok(());
        }
        Err(Fault::new(FaultKind::StackOverflow, "evaluation is nested too deeply: is a recursion without end?"))
    }

    pub(super) fn unit(&mut self, id: OperatorId) -> Rc<Unit> {
        if let Some(unit) = &self.units[id.0 as usize] {
            return unit.clone();
        }
        let unit = self.lowering.operator(id);
        self.units[id.0 as usize] = Some(unit.clone());
        unit
    }

    #[inline]
    pub(super) fn slot(&self, slot: u32) -> &Slot {
        &self.stack[self.base + slot as usize]
    }

    #[inline]
    pub(super) fn set(&mut self, slot: u32, value: Value) {
        let index = self.base + slot as usize;
        self.stack[index] = Slot::Value(value);
    }

    /// Counts an expression, and now and then looks whether the run is to end.
    #[inline]
    pub(super) fn tick(&mut self) -> Result<()> {
        self.ticks += 1;
        if self.ticks < self.poll_at { Ok(()) } else { self.poll() }
    }

    #[cold]
    fn poll(&mut self) -> Result<()> {
        self.poll_at = self.ticks + POLLED;
        if (self.services.interrupted)() {
            return Err(Fault::new(FaultKind::Interrupted, "the run was asked to end"));
        }
        Ok(())
    }

    /// Evaluates an expression; a fault gets the innermost place.
    pub(super) fn eval(&mut self, code: &Code) -> Result<Value> {
        self.tick()?;
        // Half of all expressions are names and literals.
        match &code.kind {
            Kind::Local(slot) => {
                if let Slot::Value(value) = self.slot(*slot) {
                    return Ok(value.clone());
                }
            }
            Kind::Literal(value) => return Ok(value.clone()),
            _ => {}
        }
        match self.eval_kind(code) {
            Ok(value) => Ok(value),
            Err(fault) => Err(placed(fault, code.span)),
        }
    }

    /// Evaluates a formula.
    pub(super) fn boolean(&mut self, code: &Code) -> Result<bool> {
        self.tick()?;
        let result = match &code.kind {
            Kind::And(items) => return self.all(items),
            Kind::Or(items) => return self.any(items),
            Kind::Not(a) => return Ok(!self.boolean(a)?),
            Kind::Implies(pair) => return Ok(!self.boolean(&pair.0)? || self.boolean(&pair.1)?),
            Kind::Equal(pair) => self.equal(pair),
            Kind::NotEqual(pair) => self.equal(pair).map(|b| !b),
            Kind::In(pair) => self.member(pair),
            Kind::NotIn(pair) => self.member(pair).map(|b| !b),
            Kind::Forall(bounds, body, _) => self.forall(bounds, body),
            Kind::Exists(bounds, body) => self.exists(bounds, body),
            Kind::If(parts) => {
                return if self.boolean(&parts.0)? { self.boolean(&parts.1) } else { self.boolean(&parts.2) };
            }
            Kind::Inlined(inlined) => self.in_place(inlined, code.span, |e, body| e.boolean(body)),
            _ => match self.eval_kind(code) {
                Ok(Value::Bool(b)) => return Ok(b),
                Ok(other) => {
                    Err(Fault::new(FaultKind::Type, format!("expected TRUE or FALSE, but this is {}", other.display())))
                }
                Err(fault) => Err(fault),
            },
        };
        result.map_err(|fault| placed(fault, code.span))
    }

    fn all(&mut self, items: &[Code]) -> Result<bool> {
        for item in items {
            if !self.boolean(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&mut self, items: &[Code]) -> Result<bool> {
        for item in items {
            if self.boolean(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn eval_kind(&mut self, code: &Code) -> Result<Value> {
        match &code.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Local(slot) => self.read_slot(*slot),
            Kind::LetLocal(slot, cell) => self.read_let(*slot, cell),
            Kind::Path(path) => self.path(path),
            Kind::Variable(variable) => self.variable(*variable, self.reading),
            Kind::NextVariable(variable) => self.variable(*variable, Reading::Next),
            Kind::Once(body, cell) => match cell.get() {
                Some(value) => Ok(value.clone()),
                None => {
                    let value = self.eval(body)?;
                    Ok(cell.get_or_init(|| value).clone())
                }
            },
            Kind::ConstantOperator(id) => self.constant_operator(*id, code.span),
            Kind::Call(id, arguments) if arguments.is_empty() => self.state_operator(*id, code),
            Kind::Call(id, arguments) => self.call_value(*id, arguments, code.span),
            Kind::Inlined(inlined) => self.in_place(inlined, code.span, |e, body| e.eval(body)),
            Kind::CallSlot(slot, arguments) => self.call_slot(*slot, arguments),
            Kind::CallLet(operator, captures, arguments) => {
                self.call_let(operator, captures, arguments, |e, body| e.eval(body))
            }
            Kind::Native(native, arguments) => self.call_native(native, arguments),
            Kind::Arithmetic(op, pair, native) => self.arithmetic(*op, pair, native),
            Kind::Table(rows, name, arguments) => self.table(rows, name, arguments),
            Kind::Prime(body) => self.primed(|e| e.eval(body)),
            Kind::Enabled(body) => self.enabled(body).map(Value::bool),
            Kind::Unchanged(body) => self.unchanged(body).map(Value::bool),
            Kind::Square(pair) => Ok(Value::bool(self.boolean(&pair.0)? || self.unchanged(&pair.1)?)),
            Kind::Angle(pair) => Ok(Value::bool(self.boolean(&pair.0)? && !self.unchanged(&pair.1)?)),
            Kind::Compose(pair) => self.composed(pair).map(Value::bool),
            Kind::NoValue(reason) => Err(Fault::new(FaultKind::NoValue, reason.clone())),
            Kind::Let(slots, body) => {
                self.clear(slots);
                self.eval(body)
            }
            Kind::If(parts) => {
                if self.boolean(&parts.0)? {
                    self.eval(&parts.1)
                } else {
                    self.eval(&parts.2)
                }
            }
            Kind::Case(arms, other) => match self.case_arm(arms, other.as_deref())? {
                Some(arm) => self.eval(arm),
                None => Err(case_none()),
            },
            _ => self.eval_form(code),
        }
    }

    pub(super) fn clear(&mut self, slots: &[u32]) {
        for slot in slots {
            let index = self.base + *slot as usize;
            self.stack[index] = Slot::Empty;
        }
    }

    /// The arm of a CASE that applies: the first whose guard is true.
    pub(super) fn case_arm<'c>(
        &mut self,
        arms: &'c [(Code, Code)],
        other: Option<&'c Code>,
    ) -> Result<Option<&'c Code>> {
        for (guard, arm) in arms {
            if self.boolean(guard)? {
                return Ok(Some(arm));
            }
        }
        Ok(other)
    }

    #[inline]
    pub(super) fn variable(&mut self, variable: VariableId, reading: Reading) -> Result<Value> {
        let values = match reading {
            Reading::Current => &self.state,
            Reading::Next => &self.next,
        };
        match &values[variable.0 as usize] {
            Some(value) => {
                let value = value.clone();
                if reading == Reading::Next {
                    self.touch_copied(variable);
                    self.bindings.read(variable);
                }
                if self.recall.scope != 0 {
                    let side = if reading == Reading::Current { Side::Current } else { Side::Next };
                    self.note_known(variable, side);
                }
                Ok(value)
            }
            None => {
                let side = if reading == Reading::Current { Side::Current } else { Side::Next };
                self.seen_variable(variable, side).unwrap_or_else(|| Err(self.unassigned(variable, reading)))
            }
        }
    }

    #[cold]
    fn unassigned(&self, variable: VariableId, reading: Reading) -> Box<Fault> {
        let prime = if reading == Reading::Next { "'" } else { "" };
        let name = self.spec.variables.get(variable.0 as usize);
        let name = name.map_or("a variable of an instantiated module", |v| v.name.as_str());
        let values = if reading == Reading::Next { &self.next } else { &self.state };
        let bound: Vec<String> = self
            .spec
            .variables
            .iter()
            .zip(values)
            .filter(|(_, v)| v.is_some())
            .map(|(v, _)| format!("{}{prime}", v.name))
            .collect();
        let bound = if bound.is_empty() {
            "nothing is bound yet".to_owned()
        } else {
            format!("bound so far: {}", bound.join(", "))
        };
        Fault::new(FaultKind::Unassigned, format!("{name}{prime} is read before it has a value ({bound})"))
    }

    /// Runs something with unprimed variables read from the next state.
    pub(super) fn primed<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.reading, Reading::Next);
        let result = run(self);
        self.reading = outer;
        result
    }

    /// True if an expression has the same value in both states.
    pub(super) fn unchanged(&mut self, body: &Code) -> Result<bool> {
        if let Kind::Tuple(items) = &body.kind {
            for item in items {
                if !self.unchanged(item)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        // Arguments have another value in the next state.
        if let Kind::Inlined(inlined) = &body.kind
            && inlined.arguments.is_empty()
        {
            return self.in_place(inlined, body.span, |e, inner| e.unchanged(inner));
        }
        let before = self.eval(body)?;
        let after = self.primed(|e| e.eval(body))?;
        value::equal(self, &before, &after)
    }

    /// True if values of this level may be kept: the states they depend on cannot change under them.
    #[inline]
    pub(super) fn may_keep(&self, level: Level) -> bool {
        match self.enumerating {
            Enumerating::Nothing => true,
            Enumerating::Next => level < Level::Action && (level < Level::State || self.reading == Reading::Current),
            Enumerating::Initial => level < Level::State,
        }
    }

    fn constant_operator(&mut self, id: OperatorId, call: Span) -> Result<Value> {
        if let Some(value) = &self.constants[id.0 as usize] {
            return Ok(value.clone());
        }
        let value = self.call_operator(id, &[], call, |e, body| e.eval(body))?;
        value::list_small(self, &value, PRODUCT_MAX);
        self.constants[id.0 as usize] = Some(value.clone());
        Ok(value)
    }
}

/// Gives a fault its place, unless it has one.
#[cold]
#[inline(never)]
pub(super) fn placed(mut fault: Box<Fault>, span: Span) -> Box<Fault> {
    if fault.place.is_none() && !span.is_none() {
        fault.place = Some(span);
    }
    fault
}

#[cold]
pub(super) fn case_none() -> Box<Fault> {
    Fault::new(FaultKind::CaseNone, "no arm of this CASE is true, and there is no OTHER")
}
