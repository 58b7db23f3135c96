//! What frames hold, and what outlives them: delayed arguments and operators as values.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use super::code::{Capture, Code, LazyUnit, LetCell, LetOperator, Unit, UnitParameter};
use super::evaluator::{Evaluator, Reading};
use crate::modules::Native;
use crate::resolve::spec::{ConfigValue, Level, OperatorId};
use crate::value::machine::{Callable, Fault, FaultKind, Machine, Result};
use crate::value::{Lazy, ModelValue, Shared, Tuple, Universe, Value};

/// A slot of a frame.
#[derive(Clone)]
pub(crate) enum Slot {
    /// Nothing yet: a LET definition that was not needed so far.
    Empty,
    /// A value, or an operator.
    Value(Value),
    /// Evaluated when needed.
    Thunk(Rc<Thunk>),
}

/// A delayed argument or LET definition with what it needs of its frame.
pub(crate) struct Thunk {
    pub(super) lazy: Rc<LazyUnit>,
    captured: Box<[Slot]>,
    /// Which state it reads.
    reading: Reading,
    /// True if its value, once known, stays right.
    keep: bool,
    value: OnceCell<Value>,
}

/// An operator given as an argument, or the body of a lazy set or function.
pub(crate) struct UnitClosure {
    lazy: Rc<LazyUnit>,
    captured: Box<[Slot]>,
    reading: Reading,
    /// The function value itself, for recursive functions.
    pub(super) itself: OnceCell<Weak<Lazy>>,
}

/// A LET operator given as an argument.
pub(crate) struct LetClosure {
    pub(super) operator: Rc<LetOperator>,
    pub(super) captured: Box<[Slot]>,
    pub(super) reading: Reading,
}

/// A definition given as an argument.
pub(crate) struct DefinedClosure {
    pub(super) operator: OperatorId,
    pub(super) arity: usize,
}

/// A native operator given as an argument.
pub(crate) struct NativeClosure(pub(super) &'static Native);

impl Thunk {
    /// Its value, if it is known.
    pub(super) fn known(&self) -> Option<&Value> {
        self.value.get()
    }
}

fn evaluator(machine: &mut dyn Machine) -> Result<&mut Evaluator> {
    machine
        .as_any()
        .downcast_mut::<Evaluator>()
        .ok_or_else(|| Fault::new(FaultKind::Other, "an operator was applied outside an evaluation"))
}

impl Callable for UnitClosure {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        evaluator(machine)?.in_closure(self, arguments, |e, body| e.eval(body))
    }

    fn arity(&self) -> usize {
        self.lazy.parameters.len()
    }

    fn is_pure(&self, machine: &mut dyn Machine) -> bool {
        evaluator(machine).is_ok_and(|e| e.is_unit_pure(&self.lazy))
    }
}

impl Evaluator {
    /// Runs something with the body of a closure in a frame with its arguments.
    pub(super) fn in_closure<T>(
        &mut self,
        closure: &UnitClosure,
        arguments: &[Value],
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        let unit = self.lowering.closure_unit(&closure.lazy);
        let outer = std::mem::replace(&mut self.reading, closure.reading);
        let base = self.stack.len();
        self.stack.extend(closure.captured.iter().cloned());
        self.stack.extend(arguments.iter().cloned().map(Slot::Value));
        if closure.lazy.itself.is_some() {
            let itself = closure.itself.get().and_then(Weak::upgrade);
            self.stack.push(itself.map_or(Slot::Empty, |f| Slot::Value(Value::Lazy(f))));
        }
        let result = match destructure(self, base, &closure.lazy, &unit, arguments) {
            Ok(()) => self.in_frame(base, |e| run(e, &unit.body)),
            Err(fault) => {
                self.stack.truncate(base);
                Err(fault)
            }
        };
        self.reading = outer;
        result
    }
}

/// Fills the slots of tuple parameters' components.
fn destructure(
    evaluator: &mut Evaluator,
    base: usize,
    lazy: &LazyUnit,
    unit: &Unit,
    arguments: &[Value],
) -> Result<()> {
    for (parameter, argument) in lazy.parameters.iter().zip(arguments) {
        if let UnitParameter::Tuple(locals) = parameter {
            let components = evaluator.components(argument, locals.len())?;
            evaluator.stack.extend(components.items().iter().cloned().map(Slot::Value));
        }
    }
    evaluator.stack.resize(base + unit.frame, Slot::Empty);
    Ok(())
}

impl Callable for LetClosure {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        let evaluator = evaluator(machine)?;
        let unit = evaluator.lowering.let_unit(&self.operator);
        let outer = std::mem::replace(&mut evaluator.reading, self.reading);
        let base = evaluator.stack.len();
        evaluator.stack.extend(self.captured.iter().cloned());
        evaluator.stack.extend(arguments.iter().cloned().map(Slot::Value));
        evaluator.stack.resize(base + unit.frame, Slot::Empty);
        let result = evaluator.in_frame(base, |e| e.eval(&unit.body));
        evaluator.reading = outer;
        result
    }

    fn arity(&self) -> usize {
        self.operator.parameters.len()
    }
}

impl Callable for DefinedClosure {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        evaluator(machine)?.apply_definition(self.operator, arguments)
    }

    fn arity(&self) -> usize {
        self.arity
    }
}

impl Callable for NativeClosure {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        (self.0.run)(machine, arguments)
    }

    fn arity(&self) -> usize {
        self.0.arity
    }
}

impl Evaluator {
    /// The value in a slot.
    #[inline]
    pub(super) fn read_slot(&mut self, slot: u32) -> Result<Value> {
        match self.slot(slot) {
            Slot::Value(value) => Ok(value.clone()),
            Slot::Thunk(thunk) => {
                let thunk = thunk.clone();
                self.force(&thunk)
            }
            Slot::Empty => Err(Fault::new(FaultKind::Other, "a function is applied while it is being defined")),
        }
    }

    /// The value of a LET definition of this frame.
    pub(super) fn read_let(&mut self, slot: u32, cell: &LetCell) -> Result<Value> {
        match self.slot(slot) {
            Slot::Value(value) => Ok(value.clone()),
            Slot::Thunk(thunk) => {
                let thunk = thunk.clone();
                self.force(&thunk)
            }
            Slot::Empty => {
                let keep = self.may_keep(cell.code.level);
                let value = self.eval(&cell.code)?;
                if keep {
                    self.set(slot, value.clone());
                }
                Ok(value)
            }
        }
    }

    /// The value of a delayed argument.
    pub(super) fn force(&mut self, thunk: &Thunk) -> Result<Value> {
        if let Some(value) = thunk.value.get() {
            return Ok(value.clone());
        }
        let value = self.in_thunk(thunk, |e, body| e.eval(body))?;
        if thunk.keep {
            // A recursion may have set it meanwhile, to the same value.
            let _ = thunk.value.set(value.clone());
        }
        Ok(value)
    }

    /// Runs something with the body of a delayed argument in a frame of its own.
    pub(super) fn in_thunk<T>(&mut self, thunk: &Thunk, run: impl FnOnce(&mut Self, &Code) -> Result<T>) -> Result<T> {
        let unit = self.lowering.closure_unit(&thunk.lazy);
        let outer = std::mem::replace(&mut self.reading, thunk.reading);
        let base = self.stack.len();
        self.stack.extend(thunk.captured.iter().cloned());
        self.stack.resize(base + unit.frame, Slot::Empty);
        let result = self.in_frame(base, |e| run(e, &unit.body));
        self.reading = outer;
        result
    }

    /// Copies what a closure needs out of the frame.
    pub(super) fn capture(&mut self, captures: &[Capture]) -> Box<[Slot]> {
        captures.iter().map(|capture| self.share(capture.from, capture.cell.as_ref())).collect()
    }

    /// A slot's content, fit to be passed on: a LET definition not evaluated yet becomes a thunk.
    pub(super) fn share(&mut self, slot: u32, cell: Option<&Rc<LetCell>>) -> Slot {
        let content = self.slot(slot).clone();
        match (content, cell) {
            (Slot::Empty, Some(cell)) => {
                let thunk = Slot::Thunk(self.thunk(&cell.lazy));
                let index = self.base + slot as usize;
                self.stack[index] = thunk.clone();
                thunk
            }
            (content, _) => content,
        }
    }

    /// Delays an expression.
    pub(super) fn thunk(&mut self, lazy: &Rc<LazyUnit>) -> Rc<Thunk> {
        let captured = self.capture(&lazy.captures);
        let keeps = |slot: &Slot| !matches!(slot, Slot::Thunk(thunk) if !thunk.keep);
        let keep = self.may_keep(lazy.expr.level.min(Level::Action)) && captured.iter().all(keeps);
        Rc::new(Thunk { lazy: lazy.clone(), captured, reading: self.reading, keep, value: OnceCell::new() })
    }

    /// An expression over parameters, as something that can be called later.
    pub(super) fn closure(&mut self, lazy: &Rc<LazyUnit>) -> Rc<UnitClosure> {
        let captured = self.capture(&lazy.captures);
        Rc::new(UnitClosure { lazy: lazy.clone(), captured, reading: self.reading, itself: OnceCell::new() })
    }

    /// The components of a value that a tuple pattern takes apart.
    pub(super) fn components(&mut self, value: &Value, count: usize) -> Result<Shared<Tuple>> {
        if let Some(tuple) = crate::value::sequence(self, value)?
            && tuple.items().len() == count
        {
            return Ok(tuple);
        }
        Err(Fault::new(
            FaultKind::Type,
            format!("expected a tuple of {count} components, but this is {}", value.display()),
        ))
    }
}

/// A value written in a config.
pub(crate) fn config_value(value: &ConfigValue) -> Value {
    match value {
        ConfigValue::Int(i) => Value::int(*i),
        ConfigValue::Bool(b) => Value::bool(*b),
        ConfigValue::String(symbol) => Value::String(*symbol),
        ConfigValue::Model(symbol) => Value::Model(ModelValue::new(*symbol, Universe::current().text(*symbol))),
        ConfigValue::Set(items) => Value::set_literal(items.iter().map(config_value).collect()),
    }
}
