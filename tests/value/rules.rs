//! Rules of values: equality, order, membership, enumeration, EXCEPT, printing, interning.

use std::cell::Cell;
use std::rc::Rc;

use tlaloc::value::machine::FaultKind;
use tlaloc::value::*;

use crate::bench::*;

fn applied(m: &mut Bench, f: &Value, argument: &Value) -> String {
    let value = apply(m, f, argument).unwrap();
    print(m, &value).unwrap()
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

#[test]
fn membership_is_structural() {
    let m = &mut bench();
    let seq = |of: Value| Value::sequences(of);
    let nat = Value::naturals();
    assert!(member(m, &tuple(&[int(1), int(2)]), &seq(nat.clone())).unwrap());
    assert!(!member(m, &tuple(&[int(1), int(-2)]), &seq(nat.clone())).unwrap());
    assert!(member(m, &tuple(&[tuple(&[int(1)])]), &seq(seq(nat.clone()))).unwrap());
    assert_eq!(kind(member(m, &record(&[("a", int(1))]), &seq(nat.clone()))), FaultKind::Incomparable);
    assert!(member(m, &tuple(&[]), &seq(int(3))).unwrap());
    assert_eq!(kind(member(m, &text("a"), &nat)), FaultKind::Incomparable);
    assert_eq!(kind(member(m, &int(1), &tuple(&[int(1)]))), FaultKind::Type);
    let fields = |names: &[&str]| {
        Value::record_set(names.iter().map(|name| (Universe::current().symbol(name), Value::naturals())).collect())
    };
    assert!(member(m, &record(&[("a", int(1))]), &fields(&["a"])).unwrap());
    assert!(!member(m, &record(&[("a", int(-1))]), &fields(&["a"])).unwrap());
    assert!(!member(m, &record(&[("a", int(1))]), &fields(&["a", "b"])).unwrap());
    assert_eq!(kind(member(m, &int(1), &fields(&["a"]))), FaultKind::Incomparable);
    let functions = Value::function_set(Value::interval(1, 2), nat.clone());
    assert!(member(m, &tuple(&[int(1), int(2)]), &functions).unwrap());
    assert!(!member(m, &tuple(&[int(1)]), &functions).unwrap());
    assert!(member(m, &record(&[("a", int(1))]), &Value::function_set(set(&[text("a")]), nat.clone())).unwrap());
    assert_eq!(kind(member(m, &ints(&[1]), &functions)), FaultKind::Incomparable);
    let pairs = Value::product(vec![nat.clone(), Value::strings()]);
    assert!(member(m, &tuple(&[int(1), text("a")]), &pairs).unwrap());
    assert!(!member(m, &tuple(&[int(1)]), &pairs).unwrap());
    let powers = Value::power_set(nat.clone());
    assert!(member(m, &ints(&[1]), &powers).unwrap());
    assert!(!member(m, &ints(&[-1]), &powers).unwrap());
    assert!(member(m, &nat, &powers).is_err());
    assert!(member(m, &int(7), &Value::interval(0, i64::MAX)).unwrap());
    assert!(member(m, &ints(&[1]), &Value::interval(1, 3)).is_err());
}

#[test]
fn operations_with_endless_sets() {
    let m = &mut bench();
    let nat = Value::naturals();
    let more = Value::cup(nat.clone(), ints(&[-1]));
    assert!(member(m, &int(-1), &more).unwrap());
    assert_eq!(printed(m, &more), "{-1} \\cup Nat");
    let less = Value::difference(nat.clone(), ints(&[1]));
    assert_eq!(printed(m, &less), "Nat \\ {1}");
    assert!(!member(m, &int(1), &less).unwrap() && member(m, &int(2), &less).unwrap());
    let common = Value::cap(nat.clone(), ints(&[1, -1]));
    assert_eq!(printed(m, &common), "{1}");
    assert_eq!(printed(m, &Value::difference(ints(&[1, -1]), nat.clone())), "{-1}");
    let union = Value::big_union(set(&[nat.clone(), ints(&[-1])]));
    assert_eq!(kind(member(m, &int(1), &union)), FaultKind::Incomparable);
    assert_eq!(kind(subset_eq(m, &nat, &Value::integers())), FaultKind::NotEnumerable);
    assert!(subset_eq(m, &Value::interval(1, i64::MAX), &nat).unwrap());
    assert!(subset_eq(m, &ints(&[]), &int(3)).unwrap());
    assert!(!equal(m, &nat, &Value::integers()).unwrap());
    assert!(equal(m, &nat, &Value::naturals()).unwrap());
    assert!(!equal(m, &Value::sequences(ints(&[1])), &Value::sequences(ints(&[2]))).unwrap());
    assert_eq!(kind(equal(m, &nat, &ints(&[1]))), FaultKind::Incomparable);
    assert!(!equal(m, &nat, &model("m")).unwrap());
    assert_eq!(kind(elements(m, &nat).map(|_| ())), FaultKind::NotEnumerable);
    assert_eq!(kind(cardinality(m, &nat)), FaultKind::NotEnumerable);
    assert_eq!(kind(cardinality(m, &int(3))), FaultKind::Type);
    assert!(!is_finite(m, &Value::function_set(Value::interval(1, 2), nat.clone())).unwrap());
    assert!(is_finite(m, &Value::interval(1, 5)).unwrap());
    assert!(is_finite(m, &int(3)).is_err());
    for (value, form) in [
        (Value::power_set(nat.clone()), "SUBSET Nat"),
        (Value::product(vec![nat.clone(), ints(&[1])]), "(Nat \\X {1})"),
        (Value::product(vec![ints(&[1]), int(2)]), "({1} \\X 2)"),
        (Value::function_set(nat.clone(), ints(&[1])), "[Nat -> {1}]"),
        (Value::cup(int(1), ints(&[1])), "{1} \\cup 1"),
        (Value::sequences(ints(&[1])), "Seq({1})"),
        (tuple(std::slice::from_ref(&nat)), "<<Nat>>"),
        (set(&[Value::interval(1, 2)]), "{1..2}"),
        (set(&[Value::interval(-2, 3), ints(&[])]), "{{}, -2..3}"),
        (Value::interval(1, 0), "{}"),
        (text("b\"c\\d"), "\"b\\\"c\\\\d\""),
    ] {
        assert_eq!(printed(m, &value), form);
    }
}

#[test]
fn what_is_not_needed_is_not_listed() {
    let m = &mut bench();
    let huge = Value::power_set(Value::interval(1, 62));
    assert_eq!(cardinality(m, &huge).unwrap(), 1 << 62);
    let mut some = sorted_elements(m, &huge).unwrap();
    for expected in ["{}", "{1}", "{2}"] {
        let subset = some.next(m).unwrap().unwrap();
        assert_eq!(printed(m, &subset), expected);
    }
    assert!(member(m, &ints(&[5, 60]), &huge).unwrap());
    assert_eq!(printed(m, &huge), "SUBSET 1..62");
    assert_eq!(kind(to_set(m, &Value::power_set(Value::interval(1, 20)))), FaultKind::TooLarge);
    assert_eq!(kind(cardinality(m, &Value::power_set(Value::interval(1, 63)))), FaultKind::Overflow);
    m.int32 = true;
    assert_eq!(cardinality(m, &Value::power_set(Value::interval(1, 30))).unwrap(), 1 << 30);
    assert_eq!(kind(cardinality(m, &Value::power_set(Value::interval(1, 31)))), FaultKind::Overflow);
    let functions = Value::function_set(Value::interval(1, 40), huge.clone());
    let mut some = elements(m, &functions).unwrap();
    assert!(some.next(m).unwrap().is_some());
    assert!(!equal(m, &huge, &Value::power_set(Value::interval(1, 61))).unwrap());
    assert!(!equal(m, &Value::interval(1, i64::MAX), &ints(&[1])).unwrap());
    assert!(equal(m, &int(1), &huge).is_err());
}

#[test]
fn except_keeps_a_function_outside_its_domain() {
    let m = &mut bench();
    let pair = tuple(&[int(1), int(2)]);
    let changed = except_set(m, &pair, &int(1), int(9)).unwrap();
    assert_eq!(printed(m, &changed), "<<9, 2>>");
    assert_eq!(printed(m, &pair), "<<1, 2>>");
    let kept = except_set(m, &pair, &int(0), int(9)).unwrap();
    assert_eq!(printed(m, &kept), "<<1, 2>>");
    assert!(except_get(m, &pair, &int(i64::MIN)).unwrap().is_none());
    assert!(except_get(m, &pair, &text("a")).is_err());
    assert!(except_set(m, &record(&[("a", int(1))]), &int(1), int(2)).is_err());
    let r = except_set(m, &record(&[("a", int(1)), ("b", int(2))]), &text("a"), int(5)).unwrap();
    assert_eq!(printed(m, &r), "[b |-> 2, a |-> 5]");
    let f = Value::function(m, vec![model("n"), model("m")], vec![int(1), int(2)]).unwrap();
    let f = except_set(m, &f, &model("n"), int(7)).unwrap();
    assert_eq!(printed(m, &f), "(m :> 2 @@ n :> 7)");
    assert_eq!(kind(except_set(m, &int(3), &int(1), int(2))), FaultKind::Type);
    let identity = Value::lambda(vec![Value::naturals()], closure(1, |_, x| Ok(x[0].clone())));
    let changed = except_set(m, &identity, &int(3), int(0)).unwrap();
    assert_eq!(applied(m, &changed, &int(3)), "0");
    assert_eq!(applied(m, &changed, &int(4)), "4");
    assert!(apply(m, &changed, &int(-4)).is_err());
    assert!(equal(m, &identity, &identity.clone()).is_err());
}

#[test]
fn applying_faults_outside_the_domain() {
    let m = &mut bench();
    let pair = tuple(&[int(4), int(5)]);
    assert_eq!(kind(apply(m, &pair, &int(0))), FaultKind::OutOfDomain);
    assert_eq!(kind(apply(m, &pair, &text("a"))), FaultKind::OutOfDomain);
    assert_eq!(kind(apply(m, &text("abc"), &int(1))), FaultKind::Type);
    let a = Universe::current().symbol("a");
    assert_eq!(kind(field(m, &record(&[("b", int(1))]), a)), FaultKind::OutOfDomain);
    assert_eq!(kind(field(m, &int(1), a)), FaultKind::Type);
    let f = Value::function(m, vec![int(0), int(3)], vec![int(1), int(2)]).unwrap();
    assert_eq!(kind(apply(m, &f, &int(1))), FaultKind::OutOfDomain);
    assert_eq!(kind(apply(m, &f, &text("a"))), FaultKind::Incomparable);
}

#[test]
fn functions_of_several_variables_take_tuples() {
    let m = &mut bench();
    let sum = closure(2, |_, x| Ok(int(x[0].as_int("x")? + x[1].as_int("y")?)));
    let f = Value::lambda(vec![ints(&[1, 2]), ints(&[3])], sum);
    assert_eq!(applied(m, &f, &tuple(&[int(1), int(3)])), "4");
    // A longer tuple is accepted while the function is not listed.
    assert_eq!(applied(m, &f, &tuple(&[int(1), int(3), int(9)])), "4");
    assert_eq!(kind(apply(m, &f, &int(1))), FaultKind::OutOfDomain);
    assert_eq!(printed(m, &f), "(<<1, 3>> :> 4 @@ <<2, 3>> :> 5)");
    let of_f = domain(m, &f).unwrap();
    assert_eq!(printed(m, &of_f), "{<<1, 3>>, <<2, 3>>}");
    let (domain, values) = function_pairs(m, &f).unwrap().unwrap();
    assert_eq!((domain.len(), values.len()), (2, 2));
    let squares = Value::lambda(vec![Value::interval(1, 3)], closure(1, |_, x| Ok(int(x[0].as_int("x")?.pow(2)))));
    assert_eq!(sequence(m, &squares).unwrap().unwrap().items().len(), 3);
    assert!(sequence(m, &f).unwrap().is_none());
    assert!(sequence(m, &int(1)).unwrap().is_none());
}

#[test]
fn ten_thousand_nested_applications_fit_the_stack() {
    let run = || {
        let m = &mut bench();
        let hole: Rc<std::cell::OnceCell<Value>> = Rc::default();
        let inner = hole.clone();
        let body = closure(1, move |m, arguments| {
            let n = arguments[0].as_int("n")?;
            if n == 0 {
                return Ok(int(0));
            }
            let f = inner.get().cloned().expect("set before it is called");
            Ok(int(1 + apply(m, &f, &int(n - 1))?.as_int("f")?))
        });
        let f = Value::lambda(vec![Value::naturals()], body);
        hole.set(f.clone()).unwrap();
        apply(m, &f, &int(10_000)).unwrap().as_int("f").unwrap()
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap();
    assert_eq!(thread.join().unwrap(), 10_000);
}

#[test]
fn strings_made_while_running_sort_last_and_alphabetically() {
    let m = &mut bench();
    let names = set(&[text("q2"), text("c"), text("q1"), text("b"), text("a")]);
    assert_eq!(printed(m, &names), "{\"b\", \"a\", \"c\", \"q1\", \"q2\"}");
    let r = record(&[("q2", int(1)), ("q1", int(2)), ("a", int(3))]);
    assert_eq!(printed(m, &r), "[a |-> 3, q1 |-> 2, q2 |-> 1]");
}

#[test]
fn union_and_difference_of_listed_sets_are_listed() {
    let m = &mut bench();
    let (a, b) = (ints(&[1, 3, 5, 7]), ints(&[3, 4]));
    assert!(matches!(Value::cup(a.clone(), b.clone()), Value::Set(_)));
    assert_eq!(printed(m, &Value::cup(a.clone(), b.clone())), "{1, 3, 4, 5, 7}");
    assert_eq!(printed(m, &Value::cap(a.clone(), b.clone())), "{3}");
    assert_eq!(printed(m, &Value::difference(a.clone(), b.clone())), "{1, 5, 7}");
    assert_eq!(printed(m, &Value::difference(b.clone(), a.clone())), "{4}");
    assert_eq!(printed(m, &Value::cup(a.clone(), ints(&[6]))), "{1, 3, 5, 6, 7}");
    let mixed = Value::cup(ints(&[1]), set(&[text("a")]));
    assert_eq!(kind(print(m, &mixed)), FaultKind::Incomparable);
    assert_eq!(printed(m, &Value::cap(ints(&[]), set(&[text("a")]))), "{}");
    let not_sets = Value::big_union(Value::function_set(ints(&[1]), ints(&[2])));
    assert!(print(m, &not_sets).is_err());
}
