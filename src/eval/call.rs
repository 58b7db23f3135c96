//! Applying operators: frames for their bodies, delayed arguments, native versions.

use std::cell::OnceCell;
use std::rc::Rc;

use super::closure::{DefinedClosure, LetClosure, NativeClosure, Slot, UnitClosure};
use super::code::{ArgumentCode, Arithmetic, Capture, Code, LetOperator, NativeArgument, OperatorCode};
use super::evaluator::Evaluator;
use crate::diagnostic::Span;
use crate::modules::Native;
use crate::resolve::spec::OperatorId;
use crate::value::machine::{Callable, Closure, Fault, FaultKind, Result};
use crate::value::{self, Value};

/// Calls kept in the chain of a fault: the innermost ones.
const CALLS_SHOWN: usize = 24;

impl Evaluator {
    /// Runs the body of a definition in a frame with its arguments.
    pub(super) fn call_operator<T>(
        &mut self,
        id: OperatorId,
        arguments: &[ArgumentCode],
        call: Span,
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        let base = self.push_arguments(arguments)?;
        self.run_operator(id, base, call, run)
    }

    /// Runs the body of a definition whose arguments were pushed at `base`.
    pub(super) fn run_operator<T>(
        &mut self,
        id: OperatorId,
        base: usize,
        call: Span,
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        let unit = self.unit(id);
        self.stack.resize(base + unit.frame, Slot::Empty);
        self.call_depth += 1;
        let result = self.in_frame(base, |evaluator| run(evaluator, &unit.body));
        self.call_depth -= 1;
        result.map_err(|fault| self.called(fault, id, call))
    }

    /// Notes the call in a fault on its way out.
    #[cold]
    pub(super) fn called(&mut self, mut fault: Box<Fault>, id: OperatorId, call: Span) -> Box<Fault> {
        if self.calls_to_skip > 0 {
            self.calls_to_skip -= 1;
        } else if fault.calls.len() < CALLS_SHOWN {
            fault.calls.push((self.spec.operators[id.0 as usize].name.clone(), call));
        }
        fault
    }

    /// A continuation created when `calls` definitions were being evaluated failed: the calls since then
    /// are on the stack, but not around what failed.
    pub(super) fn skip_calls(&mut self, calls: usize) {
        self.calls_to_skip = self.calls_to_skip.max(self.call_depth.saturating_sub(calls));
    }

    /// Pushes arguments as the first slots of a frame; gives the frame's base.
    pub(super) fn push_arguments(&mut self, arguments: &[ArgumentCode]) -> Result<usize> {
        // The caller's frame ends where the stack ends, so nothing pushed here may be read as the caller's.
        let base = self.stack.len();
        match arguments {
            [] => {}
            [one] => {
                let slot = self.argument(one)?;
                self.stack.push(slot);
            }
            [one, two] => {
                let one = self.argument(one)?;
                let two = self.argument(two)?;
                self.stack.push(one);
                self.stack.push(two);
            }
            many => {
                let slots: Vec<Slot> = many.iter().map(|a| self.argument(a)).collect::<Result<_>>()?;
                self.stack.extend(slots);
            }
        }
        Ok(base)
    }

    fn argument(&mut self, argument: &ArgumentCode) -> Result<Slot> {
        Ok(match argument {
            ArgumentCode::Value(value) => Slot::Value(value.clone()),
            ArgumentCode::Slot(slot, cell) => self.share(*slot, cell.as_ref()),
            ArgumentCode::Eager(code, lazy) => match self.eval(code) {
                Ok(value) => Slot::Value(value),
                Err(_) => Slot::Thunk(self.thunk(lazy)),
            },
            ArgumentCode::Lazy(lazy) => Slot::Thunk(self.thunk(lazy)),
            ArgumentCode::Operator(operator) => Slot::Value(self.operator_value(operator)?),
        })
    }

    fn operator_value(&mut self, operator: &OperatorCode) -> Result<Value> {
        let closure: Closure = match operator {
            OperatorCode::Slot(slot) => return self.read_slot(*slot),
            OperatorCode::Unit(lazy) => {
                let closure: Rc<UnitClosure> = self.closure(lazy);
                closure
            }
            OperatorCode::Let(operator, captures) => {
                let captured = self.capture(captures);
                Rc::new(LetClosure { operator: operator.clone(), captured, reading: self.reading })
            }
            OperatorCode::Defined(id, arity) => Rc::new(DefinedClosure { operator: *id, arity: *arity }),
            OperatorCode::Native(native) => Rc::new(NativeClosure(native)),
        };
        Ok(Value::Operator(Rc::new(closure)))
    }

    /// Applies an operator that was given as an argument.
    pub(super) fn call_slot(&mut self, slot: u32, arguments: &[ArgumentCode]) -> Result<Value> {
        let Value::Operator(closure) = self.read_slot(slot)? else {
            return Err(Fault::new(FaultKind::Type, "expected an operator"));
        };
        let closure: &dyn Callable = &**closure;
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match self.argument(argument)? {
                Slot::Value(value) => value,
                Slot::Thunk(thunk) => self.force(&thunk)?,
                Slot::Empty => return Err(Fault::new(FaultKind::Other, "an argument has no value")),
            });
        }
        closure.call(self, &values)
    }

    /// Runs the body of a LET operator.
    pub(super) fn call_let<T>(
        &mut self,
        operator: &LetOperator,
        captures: &[Capture],
        arguments: &[ArgumentCode],
        run: impl FnOnce(&mut Self, &Code) -> Result<T>,
    ) -> Result<T> {
        let unit = self.lowering.let_unit(operator);
        let captured = self.capture(captures);
        let slots: Vec<Slot> = arguments.iter().map(|a| self.argument(a)).collect::<Result<_>>()?;
        let base = self.stack.len();
        self.stack.extend(captured);
        self.stack.extend(slots);
        self.stack.resize(base + unit.frame, Slot::Empty);
        self.in_frame(base, |evaluator| run(evaluator, &unit.body))
    }

    pub(super) fn call_native(&mut self, native: &'static Native, arguments: &[NativeArgument]) -> Result<Value> {
        match arguments {
            [NativeArgument::Code(a)] => {
                let a = self.eval(a)?;
                (native.run)(self, &[a])
            }
            [NativeArgument::Code(a), NativeArgument::Code(b)] => {
                let a = self.eval(a)?;
                let b = self.eval(b)?;
                (native.run)(self, &[a, b])
            }
            many => {
                let mut values = Vec::with_capacity(many.len());
                for argument in many {
                    values.push(match argument {
                        NativeArgument::Code(code) => self.eval(code)?,
                        NativeArgument::Operator(operator) => self.operator_value(operator)?,
                    });
                }
                (native.run)(self, &values)
            }
        }
    }

    /// A constant operator given by a table in the config.
    pub(super) fn table(&mut self, rows: &[(Vec<Value>, Value)], name: &str, arguments: &[Code]) -> Result<Value> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.eval(argument)?);
        }
        'rows: for (keys, result) in rows {
            if keys.len() != values.len() {
                continue;
            }
            for (key, value) in keys.iter().zip(&values) {
                if !value::equal(self, key, value)? {
                    continue 'rows;
                }
            }
            return Ok(result.clone());
        }
        let shown: Vec<String> = values.iter().map(Value::display).collect();
        Err(Fault::new(FaultKind::OutOfDomain, format!("the config gives no value for {name}({})", shown.join(", "))))
    }

    /// A lazy function: `f[x]` is evaluated when it is asked for.
    pub(super) fn lambda(&mut self, domains: Vec<Value>, lazy: &Rc<super::code::LazyUnit>) -> Value {
        let closure = self.closure(lazy);
        let itself: &OnceCell<_> = &closure.itself;
        let body: Closure = closure.clone();
        let function = Value::lambda(domains, body);
        if let Value::Lazy(shared) = &function {
            // Set once, right here.
            let _ = itself.set(Rc::downgrade(shared));
        }
        function
    }

    /// Integer operators in place; everything else as natives.
    pub(super) fn arithmetic(&mut self, op: Arithmetic, pair: &(Code, Code), native: &'static Native) -> Result<Value> {
        if let (Some(Value::Int(x)), Some(Value::Int(y))) = (self.at_hand(&pair.0), self.at_hand(&pair.1))
            && let Some(result) = self.of_numbers(op, *x, *y)
        {
            self.ticks += 2;
            return Ok(result);
        }
        let a = self.eval(&pair.0)?;
        let b = self.eval(&pair.1)?;
        if let (Value::Int(x), Value::Int(y)) = (&a, &b)
            && let Some(result) = self.of_numbers(op, *x, *y)
        {
            return Ok(result);
        }
        (native.run)(self, &[a, b])
    }

    /// What two numbers make, unless it is too large.
    #[inline]
    fn of_numbers(&self, op: Arithmetic, x: i64, y: i64) -> Option<Value> {
        let result = match op {
            Arithmetic::Less => return Some(Value::Bool(x < y)),
            Arithmetic::LessEqual => return Some(Value::Bool(x <= y)),
            Arithmetic::Greater => return Some(Value::Bool(x > y)),
            Arithmetic::GreaterEqual => return Some(Value::Bool(x >= y)),
            Arithmetic::Interval => return Some(Value::interval(x, y)),
            Arithmetic::Add => x.checked_add(y),
            Arithmetic::Subtract => x.checked_sub(y),
            Arithmetic::Multiply => x.checked_mul(y),
        };
        result.filter(|result| !self.settings.int32 || i32::try_from(*result).is_ok()).map(Value::Int)
    }
}
