//! A machine that only evaluates, and short ways to write values.

use std::any::Any;
use std::rc::Rc;

use tlaloc::resolve::spec::Symbols;
use tlaloc::value::machine::{Callable, Closure, FaultKind, Machine, Result, Services};
use tlaloc::value::*;

pub(crate) struct Bench {
    services: Services,
    pub(crate) int32: bool,
    pub(crate) max: usize,
}

impl Machine for Bench {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
    fn max_set_size(&self) -> usize {
        self.max
    }
    fn int32(&self) -> bool {
        self.int32
    }
    fn services(&mut self) -> &mut Services {
        &mut self.services
    }
}

pub(crate) fn bench() -> Bench {
    let mut symbols = Symbols::default();
    for text in ["b", "a", "c", "m", "n", "T_1", "U_1", "x y"] {
        symbols.intern(text);
    }
    Universe::new(symbols).enter();
    Bench { services: Services::silent(), int32: false, max: 1_000_000 }
}

struct Native<F>(F, usize);

impl<F: Fn(&mut dyn Machine, &[Value]) -> Result<Value> + 'static> Callable for Native<F> {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        (self.0)(machine, arguments)
    }
    fn arity(&self) -> usize {
        self.1
    }
}

pub(crate) fn closure(arity: usize, f: impl Fn(&mut dyn Machine, &[Value]) -> Result<Value> + 'static) -> Closure {
    Rc::new(Native(f, arity))
}

pub(crate) fn int(number: i64) -> Value {
    Value::int(number)
}

pub(crate) fn ints(numbers: &[i64]) -> Value {
    Value::set_literal(numbers.iter().copied().map(Value::int).collect())
}

pub(crate) fn text(string: &str) -> Value {
    Value::string(string)
}

pub(crate) fn tuple(items: &[Value]) -> Value {
    Value::tuple(items.to_vec())
}

pub(crate) fn set(items: &[Value]) -> Value {
    Value::set_literal(items.to_vec())
}

pub(crate) fn model(name: &str) -> Value {
    Value::Model(ModelValue::new(Universe::current().symbol(name), name))
}

pub(crate) fn record(fields: &[(&str, Value)]) -> Value {
    Value::record(fields.iter().map(|(name, value)| (Universe::current().symbol(name), value.clone())).collect())
}

pub(crate) fn kind<T>(result: Result<T>) -> FaultKind {
    result.err().expect("a fault").kind
}

pub(crate) fn list(m: &mut dyn Machine, v: &Value) -> Vec<Value> {
    let mut from = elements(m, v).unwrap();
    let mut all = Vec::new();
    while let Some(element) = from.next(m).unwrap() {
        all.push(element);
    }
    all
}

pub(crate) fn printed(m: &mut dyn Machine, v: &Value) -> String {
    print(m, v).unwrap()
}
