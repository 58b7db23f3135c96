//! Rules of values: equality, order, membership, enumeration, EXCEPT, printing, interning.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use tlaloc::resolve::spec::Symbols;
use tlaloc::value::machine::{Callable, Closure, FaultKind, Machine, Result, Services};
use tlaloc::value::*;

struct Bench {
    services: Services,
    int32: bool,
    max: usize,
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

fn bench() -> Bench {
    let mut symbols = Symbols::default();
    for text in ["b", "a", "c", "m", "n", "T_1", "U_1", "x y"] {
        symbols.intern(text);
    }
    Universe::new(symbols).enter();
    Bench { services: Services::silent(), int32: false, max: 1_000_000 }
}

struct Native<F>(F, usize);

impl<F: Fn(&mut dyn Machine, &[Value]) -> Result<Value>> Callable for Native<F> {
    fn call(&self, machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
        (self.0)(machine, arguments)
    }
    fn arity(&self) -> usize {
        self.1
    }
}

fn closure(arity: usize, f: impl Fn(&mut dyn Machine, &[Value]) -> Result<Value> + 'static) -> Closure {
    Rc::new(Native(f, arity))
}

fn int(number: i64) -> Value {
    Value::int(number)
}

fn ints(numbers: &[i64]) -> Value {
    Value::set_literal(numbers.iter().copied().map(Value::int).collect())
}

fn text(string: &str) -> Value {
    Value::string(string)
}

fn tuple(items: &[Value]) -> Value {
    Value::tuple(items.to_vec())
}

fn set(items: &[Value]) -> Value {
    Value::set_literal(items.to_vec())
}

fn model(name: &str) -> Value {
    Value::Model(ModelValue::new(Universe::current().symbol(name), name))
}

fn record(fields: &[(&str, Value)]) -> Value {
    Value::record(fields.iter().map(|(name, value)| (Universe::current().symbol(name), value.clone())).collect())
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> FaultKind {
    result.expect_err("a fault").kind
}

fn list(m: &mut dyn Machine, v: &Value) -> Vec<Value> {
    let mut from = elements(m, v).unwrap();
    let mut all = Vec::new();
    while let Some(element) = from.next(m).unwrap() {
        all.push(element);
    }
    all
}

fn printed(m: &mut dyn Machine, v: &Value) -> String {
    print(m, v).unwrap()
}

#[test]
fn sets_are_sorted_and_distinct() {
    let m = &mut bench();
    assert_eq!(printed(m, &ints(&[3, 1, 2, 1])), "{1, 2, 3}");
    let sets = set(&[ints(&[3]), ints(&[1, 2]), ints(&[])]);
    assert_eq!(printed(m, &sets), "{{}, {3}, {1, 2}}");
    let many = Value::set_literal((0..100).map(|n| tuple(&[int(n % 7), int(n % 3)])).collect());
    assert_eq!(cardinality(m, &many).unwrap(), 21);
}

#[test]
fn unlike_kinds_fault_but_sizes_come_first() {
    let m = &mut bench();
    assert_eq!(kind(equal(m, &int(1), &text("a"))), FaultKind::Incomparable);
    assert!(!equal(m, &ints(&[1]), &set(&[text("a"), text("b")])).unwrap());
    assert_eq!(kind(equal(m, &ints(&[1]), &set(&[text("a")]))), FaultKind::Incomparable);
    assert!(!equal(m, &tuple(&[int(1)]), &tuple(&[text("a"), text("b")])).unwrap());
    assert_eq!(kind(equal(m, &record(&[("a", int(1))]), &tuple(&[int(1)]))), FaultKind::Incomparable);
    assert_eq!(kind(equal(m, &ints(&[]), &tuple(&[]))), FaultKind::Incomparable);
    let mixed = set(&[int(1), text("a")]);
    assert!(member(m, &int(1), &mixed).unwrap());
    assert_eq!(kind(normalize(m, &mixed)), FaultKind::Incomparable);
    assert_eq!(kind(member(m, &int(1), &set(&[text("a")]))), FaultKind::Incomparable);
    assert!(!member(m, &int(1), &ints(&[])).unwrap());
}

#[test]
fn model_values_equal_nothing_else() {
    let m = &mut bench();
    assert!(!equal(m, &model("m"), &int(1)).unwrap());
    assert!(!equal(m, &model("m"), &model("n")).unwrap());
    assert!(!member(m, &model("m"), &Value::naturals()).unwrap());
    assert_eq!(printed(m, &set(&[int(2), model("m"), int(1)])), "{m, 1, 2}");
    assert_eq!(kind(equal(m, &model("T_1"), &int(1))), FaultKind::Incomparable);
    assert_eq!(kind(equal(m, &model("T_1"), &model("U_1"))), FaultKind::Incomparable);
    assert!(!equal(m, &model("T_1"), &model("m")).unwrap());
}

#[test]
fn functions_have_canonical_shapes() {
    let m = &mut bench();
    let f = Value::function(m, vec![int(2), int(1)], vec![text("b"), text("a")]).unwrap();
    assert!(matches!(f, Value::Tuple(_)));
    assert!(equal(m, &f, &tuple(&[text("a"), text("b")])).unwrap());
    let r = Value::function(m, vec![text("a")], vec![int(1)]).unwrap();
    assert!(equal(m, &r, &record(&[("a", int(1))])).unwrap());
    let g = Value::function(m, vec![int(5)], vec![int(1)]).unwrap();
    assert!(!equal(m, &g, &tuple(&[int(1)])).unwrap());
    assert_eq!(printed(m, &g), "(5 :> 1)");
    let empty = Value::function(m, vec![], vec![]).unwrap();
    assert_eq!(printed(m, &empty), "<<>>");
    assert_eq!(printed(m, &record(&[("x y", int(1))])), "(\"x y\" :> 1)");
    assert_eq!(printed(m, &record(&[("a", int(1)), ("b", int(2))])), "[b |-> 2, a |-> 1]");
}

#[test]
fn interning_gives_one_id() {
    let m = &mut bench();
    let universe = Universe::current();
    let value = |n: i64| tuple(&[int(n), ints(&[n, 2]), record(&[("a", int(1 << 40))]), text("new")]);
    let a = universe.intern(m, &value(1)).unwrap();
    let b = universe.intern(m, &value(1)).unwrap();
    assert_eq!(a, b);
    assert_ne!(a, universe.intern(m, &value(3)).unwrap());
    assert!(equal(m, &universe.value(a), &value(1)).unwrap());
    for inline in [int(-5), int(5), Value::bool(true), text("zzz"), model("m"), int(i64::MIN)] {
        let id = universe.intern(m, &inline).unwrap();
        assert!(equal(m, &universe.value(id), &inline).unwrap());
    }
    let lazy = universe.intern(m, &Value::interval(1, 3)).unwrap();
    assert_eq!(lazy, universe.intern(m, &ints(&[1, 2, 3])).unwrap());
}

#[test]
fn described_sets_enumerate_in_order() {
    let m = &mut bench();
    let subsets = Value::power_set(Value::interval(1, 3));
    let expected = "{{}, {1}, {2}, {3}, {1, 2}, {1, 3}, {2, 3}, {1, 2, 3}}";
    assert_eq!(list(m, &subsets).len(), 8);
    assert_eq!(printed(m, &subsets), expected);
    let functions = Value::function_set(Value::interval(1, 2), ints(&[5, 6]));
    assert_eq!(printed(m, &functions), "{<<5, 5>>, <<5, 6>>, <<6, 5>>, <<6, 6>>}");
    let products = Value::product(vec![ints(&[1, 2]), ints(&[3])]);
    assert_eq!(printed(m, &products), "{<<1, 3>>, <<2, 3>>}");
    assert_eq!(printed(m, &Value::function_set(ints(&[]), ints(&[1]))), "{<<>>}");
    assert_eq!(printed(m, &Value::function_set(ints(&[1]), ints(&[]))), "{}");
}

#[test]
fn recursion_through_a_lambda_is_remembered() {
    let m = &mut bench();
    let calls = Rc::new(Cell::new(0));
    let hole: Rc<std::cell::OnceCell<Value>> = Rc::default();
    let (inner, counted) = (hole.clone(), calls.clone());
    let body = closure(1, move |m, arguments| {
        counted.set(counted.get() + 1);
        let n = arguments[0].as_int("n")?;
        if n < 2 {
            return Ok(int(n));
        }
        let f = inner.get().cloned().expect("set before it is called");
        Ok(int(apply(m, &f, &int(n - 1))?.as_int("f")? + apply(m, &f, &int(n - 2))?.as_int("f")?))
    });
    let f = Value::lambda(vec![Value::naturals()], body);
    hole.set(f.clone()).unwrap();
    assert_eq!(apply(m, &f, &int(80)).unwrap().as_int("f").unwrap(), 23_416_728_348_467_685);
    assert_eq!(calls.get(), 81);
    assert_eq!(kind(apply(m, &f, &int(-1))), FaultKind::OutOfDomain);
}
