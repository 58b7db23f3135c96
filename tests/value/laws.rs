//! Laws of values, checked against plain data built by the same plan.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tlaloc::resolve::spec::Symbols;
use tlaloc::value::*;

use crate::bench::*;

/// How to build a value; all values of one [`Kind`] compare.
#[derive(Clone, Debug)]
enum Plan {
    Int(i64),
    Text(u8),
    Model(u8),
    Set(Vec<Plan>),
    Sequence(Vec<Plan>),
    Record(Vec<Plan>),
    Function(Vec<(Plan, Plan)>),
}

#[derive(Clone, Debug)]
enum Kind {
    Int,
    Text,
    Model,
    Set(Box<Kind>),
    Sequence(Box<Kind>),
    Record(Vec<Kind>),
    Function(Box<Kind>, Box<Kind>),
}

const NAMES: [&str; 4] = ["b", "a", "c", "zzz"];

fn kinds() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![Just(Kind::Int), Just(Kind::Text), Just(Kind::Model)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|kind| Kind::Set(Box::new(kind))),
            inner.clone().prop_map(|kind| Kind::Sequence(Box::new(kind))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Kind::Record),
            (inner.clone(), inner).prop_map(|(from, to)| Kind::Function(Box::new(from), Box::new(to))),
        ]
    })
}

fn plans(kind: &Kind) -> BoxedStrategy<Plan> {
    match kind {
        Kind::Int => prop_oneof![-2..4_i64, Just(i64::MAX), Just(1_i64 << 40)].prop_map(Plan::Int).boxed(),
        Kind::Text => (0..4_u8).prop_map(Plan::Text).boxed(),
        Kind::Model => (0..3_u8).prop_map(Plan::Model).boxed(),
        Kind::Set(of) => prop::collection::vec(plans(of), 0..4).prop_map(Plan::Set).boxed(),
        Kind::Sequence(of) => prop::collection::vec(plans(of), 0..4).prop_map(Plan::Sequence).boxed(),
        Kind::Record(fields) => fields.iter().map(plans).collect::<Vec<_>>().prop_map(Plan::Record).boxed(),
        Kind::Function(from, to) => {
            prop::collection::vec((plans(from), plans(to)), 0..4).prop_map(Plan::Function).boxed()
        }
    }
}

fn triples() -> impl Strategy<Value = (Plan, Plan, Plan)> {
    kinds().prop_flat_map(|kind| (plans(&kind), plans(&kind), plans(&kind)))
}

fn build(m: &mut Bench, plan: &Plan) -> Value {
    match plan {
        Plan::Int(number) => int(*number),
        Plan::Text(name) => text(NAMES[*name as usize]),
        Plan::Model(name) => model(["m", "n", "mm"][*name as usize]),
        Plan::Set(plans) => Value::set_literal(plans.iter().map(|plan| build(m, plan)).collect()),
        Plan::Sequence(plans) => Value::tuple(plans.iter().map(|plan| build(m, plan)).collect()),
        Plan::Record(plans) => {
            let fields: Vec<(&str, Value)> =
                NAMES.iter().zip(plans).map(|(name, plan)| (*name, build(m, plan))).collect();
            record(&fields)
        }
        Plan::Function(pairs) => {
            let (domain, values) = pairs.iter().map(|(from, to)| (build(m, from), build(m, to))).unzip();
            Value::function(m, domain, values).unwrap()
        }
    }
}

/// An independent canonical form.
fn canonical(plan: &Plan) -> String {
    match plan {
        Plan::Int(number) => format!("{number}"),
        Plan::Text(name) => format!("{:?}", NAMES[*name as usize]),
        Plan::Model(name) => format!("m{name}"),
        Plan::Set(plans) => format!("{{{:?}}}", plans.iter().map(canonical).collect::<BTreeSet<_>>()),
        Plan::Sequence(plans) => {
            graph(plans.iter().enumerate().map(|(index, plan)| (format!("{}", index + 1), canonical(plan))))
        }
        Plan::Record(plans) => {
            graph(NAMES.iter().zip(plans).map(|(name, plan)| (format!("{name:?}"), canonical(plan))))
        }
        Plan::Function(pairs) => graph(pairs.iter().map(|(from, to)| (canonical(from), canonical(to)))),
    }
}

/// The first value given for an argument counts.
fn graph(pairs: impl Iterator<Item = (String, String)>) -> String {
    let mut graph = BTreeMap::new();
    for (argument, value) in pairs {
        graph.entry(argument).or_insert(value);
    }
    format!("[{graph:?}]")
}

proptest! {
    #[test]
    fn equal_agrees_with_plain_data((a, b, _) in triples()) {
        let m = &mut bench();
        let (left, right) = (build(m, &a), build(m, &b));
        // Values at one argument may be given twice with values that do not decide equality.
        let same = canonical(&a) == canonical(&b);
        prop_assert_eq!(equal(m, &left, &right).unwrap(), same);
        prop_assert!(equal(m, &left, &left.clone()).unwrap());
    }

    #[test]
    fn compare_is_a_total_order((a, b, c) in triples()) {
        let m = &mut bench();
        let (a, b, c) = (build(m, &a), build(m, &b), build(m, &c));
        let ab = compare(m, &a, &b).unwrap();
        prop_assert_eq!(compare(m, &b, &a).unwrap(), ab.reverse());
        prop_assert_eq!(ab == Ordering::Equal, equal(m, &a, &b).unwrap());
        let bc = compare(m, &b, &c).unwrap();
        if ab == bc || bc == Ordering::Equal {
            prop_assert_eq!(compare(m, &a, &c).unwrap(), ab);
        }
    }

    #[test]
    fn interning_is_equality((a, b, _) in triples()) {
        let m = &mut bench();
        let universe = Universe::current();
        let (left, right) = (build(m, &a), build(m, &b));
        let (x, y) = (universe.intern(m, &left).unwrap(), universe.intern(m, &right).unwrap());
        prop_assert_eq!(x == y, equal(m, &left, &right).unwrap());
        prop_assert!(equal(m, &universe.value(x), &left).unwrap());
        prop_assert!(equal(m, &left, &universe.value(x)).unwrap());
        prop_assert_eq!(universe.compare(x, y), compare(m, &left, &right).unwrap());
        prop_assert_eq!(universe.intern(m, &universe.value(x)).unwrap(), x);
        prop_assert_eq!(universe.value(x).display(), left.display());
        if x == y { prop_assert_eq!(universe.hash(x), universe.hash(y)); }
    }

    #[test]
    fn hashes_are_the_same_in_every_universe((a, _, _) in triples()) {
        let m = &mut bench();
        let value = build(m, &a);
        let here = Universe::current();
        let id = here.intern(m, &value).unwrap();
        let hash = here.hash(id);
        let mut symbols = Symbols::default();
        for text in ["unrelated", "zzz", "n", "a", "m", "c"] {
            symbols.intern(text);
        }
        let there = Universe::new(symbols);
        there.enter();
        for number in 0..5 {
            there.intern(m, &tuple(&[int(number)])).unwrap();
        }
        let value = build(m, &a);
        let id = there.intern(m, &value).unwrap();
        prop_assert_eq!(there.hash(id), hash);
    }

    #[test]
    fn sorting_a_literal_is_sorting(numbers in prop::collection::vec((-9..9_i64, 0..3_u8), 0..60)) {
        let m = &mut bench();
        let build = |(number, name): &(i64, u8)| tuple(&[int(*number), int(i64::from(*name))]);
        let set = Value::set_literal(numbers.iter().map(build).collect());
        let sorted: BTreeSet<_> = numbers.iter().copied().collect();
        let expected: Vec<String> = sorted.iter().map(|pair| build(pair).display()).collect();
        let found: Vec<String> = list(m, &set).iter().map(Value::display).collect();
        prop_assert_eq!(found, expected);
    }
}

/// How to build a finite set of integers, mostly without listing it.
#[derive(Clone, Debug)]
enum Numbers {
    Interval(i64, i64),
    Literal(Vec<i64>),
    Cup(Box<Numbers>, Box<Numbers>),
    Cap(Box<Numbers>, Box<Numbers>),
    Difference(Box<Numbers>, Box<Numbers>),
    Filter(Box<Numbers>, i64),
    UnionOfSubsets(Box<Numbers>),
    Naturals(Box<Numbers>),
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let leaf = prop_oneof![
        (-3..4_i64, -3..4_i64).prop_map(|(low, high)| Numbers::Interval(low, high)),
        prop::collection::vec(-3..4_i64, 0..5).prop_map(Numbers::Literal),
    ];
    leaf.prop_recursive(3, 10, 2, |inner| {
        let pair = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            pair().prop_map(|(a, b)| Numbers::Cup(a, b)),
            pair().prop_map(|(a, b)| Numbers::Cap(a, b)),
            pair().prop_map(|(a, b)| Numbers::Difference(a, b)),
            (inner.clone().prop_map(Box::new), 1..4_i64).prop_map(|(set, by)| Numbers::Filter(set, by)),
            inner.clone().prop_map(|set| Numbers::UnionOfSubsets(Box::new(set))),
            inner.prop_map(|set| Numbers::Naturals(Box::new(set))),
        ]
    })
}

impl Numbers {
    fn value(&self) -> Value {
        match self {
            Numbers::Interval(low, high) => Value::interval(*low, *high),
            Numbers::Literal(numbers) => ints(numbers),
            Numbers::Cup(a, b) => Value::cup(a.value(), b.value()),
            Numbers::Cap(a, b) => Value::cap(a.value(), b.value()),
            Numbers::Difference(a, b) => Value::difference(a.value(), b.value()),
            Numbers::Filter(set, by) => {
                let by = *by;
                let predicate = closure(1, move |_, x| Ok(Value::bool(x[0].as_int("x")? % by == 0)));
                Value::filter(set.value(), predicate)
            }
            Numbers::UnionOfSubsets(set) => Value::big_union(Value::power_set(set.value())),
            Numbers::Naturals(set) => Value::cap(set.value(), Value::naturals()),
        }
    }

    fn plain(&self) -> BTreeSet<i64> {
        match self {
            Numbers::Interval(low, high) => (*low..=*high).collect(),
            Numbers::Literal(numbers) => numbers.iter().copied().collect(),
            Numbers::Cup(a, b) => &a.plain() | &b.plain(),
            Numbers::Cap(a, b) => &a.plain() & &b.plain(),
            Numbers::Difference(a, b) => &a.plain() - &b.plain(),
            Numbers::Filter(set, by) => set.plain().into_iter().filter(|number| number % by == 0).collect(),
            Numbers::UnionOfSubsets(set) => set.plain(),
            Numbers::Naturals(set) => set.plain().into_iter().filter(|number| *number >= 0).collect(),
        }
    }
}

fn sorted_list(m: &mut Bench, v: &Value) -> Vec<Value> {
    let mut from = sorted_elements(m, v).unwrap();
    let mut all = Vec::new();
    while let Some(element) = from.next(m).unwrap() {
        all.push(element);
    }
    all
}

fn shown(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::display).collect()
}

proptest! {
    #[test]
    fn described_sets_are_their_elements(plan in numbers()) {
        let m = &mut bench();
        let plain = plan.plain();
        let expected: Vec<String> = plain.iter().map(i64::to_string).collect();
        for number in -4..5 {
            prop_assert_eq!(member(m, &int(number), &plan.value()).unwrap(), plain.contains(&number));
        }
        let from: BTreeSet<String> = shown(&list(m, &plan.value())).into_iter().collect();
        prop_assert_eq!(from, expected.iter().cloned().collect::<BTreeSet<_>>());
        prop_assert_eq!(shown(&sorted_list(m, &plan.value())), expected.clone());
        let listed = to_set(m, &plan.value()).unwrap();
        prop_assert_eq!(shown(listed.elements()), expected);
        prop_assert_eq!(cardinality(m, &plan.value()).unwrap(), plain.len() as i64);
        prop_assert!(equal(m, &plan.value(), &Value::Set(listed)).unwrap());
        let set = plan.value();
        let before = member(m, &int(1), &set).unwrap();
        normalize(m, &set).unwrap();
        prop_assert_eq!(member(m, &int(1), &set).unwrap(), before);
    }

    #[test]
    fn subset_is_subset(a in numbers(), b in numbers()) {
        let m = &mut bench();
        let (left, right) = (a.value(), b.value());
        prop_assert_eq!(subset_eq(m, &left, &right).unwrap(), a.plain().is_subset(&b.plain()));
        prop_assert_eq!(member(m, &left, &Value::power_set(right)).unwrap(), a.plain().is_subset(&b.plain()));
    }

    #[test]
    fn products_are_listed_in_order(a in numbers(), b in numbers()) {
        let m = &mut bench();
        let (small_a, small_b) = (Value::cap(a.value(), ints(&[0, 1, 2])), Value::cap(b.value(), ints(&[-1, 1, 2])));
        let sets = [
            Value::product(vec![small_a.clone(), small_b.clone()]),
            Value::function_set(small_a.clone(), small_b.clone()),
            Value::power_set(Value::product(vec![small_a.clone(), Value::interval(1, 1)])),
            Value::record_set(vec![
                (Universe::current().symbol("a"), small_a.clone()),
                (Universe::current().symbol("b"), small_b.clone()),
            ]),
        ];
        for set in sets {
            let all = sorted_list(m, &set);
            prop_assert_eq!(shown(&list(m, &set)), shown(&all));
            prop_assert_eq!(cardinality(m, &set).unwrap(), all.len() as i64);
            for pair in all.windows(2) {
                prop_assert_eq!(compare(m, &pair[0], &pair[1]).unwrap(), Ordering::Less);
            }
            for element in &all {
                prop_assert!(member(m, element, &set).unwrap());
            }
            let listed = to_set(m, &set).unwrap();
            prop_assert_eq!(shown(listed.elements()), shown(&all));
        }
    }
}

#[test]
fn threads_that_intern_the_same_values_get_the_same_ids() {
    bench();
    let universe = Universe::current();
    let rounds = |offset: usize| {
        let m = &mut bench();
        universe.enter();
        let build = |n: usize| {
            let n = (n % 500) as i64;
            let shared = ints(&[n % 7, n % 11, n % 13]);
            tuple(&[shared.clone(), record(&[("a", int(n)), ("fresh", text(&format!("t{}", n % 50)))]), shared])
        };
        let mut ids = vec![None; 500];
        for step in 0..2000 {
            let n = (step * 7 + offset * 131) % 500;
            let id = universe.intern(m, &build(n)).unwrap();
            assert!(ids[n].is_none_or(|known| known == id));
            ids[n] = Some(id);
        }
        ids
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|offset| scope.spawn(move || rounds(offset))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(all.iter().all(|ids| *ids == all[0]));
    let distinct: BTreeSet<_> = all[0].iter().collect();
    assert_eq!(distinct.len(), 500);
}
