//! Elements that a formula cannot tell from the last one are passed over: the law is that nobody can tell.

mod random;

use std::sync::Arc;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::pipeline::{self, EvaluateRequest};

/// Numbers over the element `e`: a function on `1..3`.
fn of_function() -> BoxedStrategy<String> {
    prop_oneof![
        (0..4).prop_map(|n: i32| n.to_string()),
        (1..4).prop_map(|n: i32| format!("e[{n}]")),
        (1..4).prop_map(|n: i32| format!("e[e[{n}]]")),
        Just("Len(e)".to_owned()),
        Just("Cardinality(DOMAIN e)".to_owned()),
        Just("Head(e)".to_owned()),
        Just("Cardinality({e[i] : i \\in DOMAIN e})".to_owned()),
        Just("[e EXCEPT ![2] = 0][3]".to_owned()),
        Just("Len(Append(e, 1))".to_owned()),
        Just("Cardinality({e})".to_owned()),
        Just("(CHOOSE p \\in {<<e, 7>>} : TRUE)[1][2]".to_owned()),
    ]
    .boxed()
}

/// Numbers over the element `e`: a set of numbers from `0..4`.
fn of_subset() -> BoxedStrategy<String> {
    prop_oneof![
        (0..5).prop_map(|n: i32| n.to_string()),
        Just("Cardinality(e)".to_owned()),
        Just("Cardinality(e \\cup {1})".to_owned()),
        Just("Cardinality({1, 7} \\ e)".to_owned()),
        Just("Cardinality({z \\in e : z > 1})".to_owned()),
        Just("(CHOOSE z \\in e : z > 0)".to_owned()),
        Just("Cardinality(UNION {e, {9}})".to_owned()),
        Just("Cardinality(SUBSET e)".to_owned()),
    ]
    .boxed()
}

fn about_function() -> BoxedStrategy<String> {
    prop_oneof![
        Just("e = <<0, 1, 2>>".to_owned()),
        Just("e \\in [1 .. 3 -> 0 .. 1]".to_owned()),
        Just("DOMAIN e = 1 .. 3".to_owned()),
        Just("(\\A i, j \\in DOMAIN e : i < j => e[i] <= e[j])".to_owned()),
        Just("(\\E i \\in 1 .. 4 : e[i] = 1)".to_owned()),
    ]
    .boxed()
}

fn about_subset() -> BoxedStrategy<String> {
    prop_oneof![
        (0..6).prop_map(|n: i32| format!("{n} \\in e")),
        Just("e \\subseteq {0, 1, 3}".to_owned()),
        Just("{1, 3} \\subseteq e".to_owned()),
        Just("e = {}".to_owned()),
        Just("e # {2}".to_owned()),
        Just("\"a\" \\in e".to_owned()),
        Just("e \\in SUBSET (1 .. 3)".to_owned()),
        Just("(\\A z \\in e : z # 2)".to_owned()),
        Just("(\\E z \\in e : z > 2)".to_owned()),
    ]
    .boxed()
}

fn formula(number: BoxedStrategy<String>, about: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let compared = (number.clone(), prop::sample::select(vec!["<", "=", ">="]), number)
        .prop_map(|(a, op, b)| format!("{a} {op} {b}"));
    prop_oneof![compared, about]
        .prop_recursive(3, 8, 3, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                pair.clone().prop_map(|(a, b)| format!("(({a}) /\\ ({b}))")),
                pair.clone().prop_map(|(a, b)| format!("(({a}) \\/ ({b}))")),
                pair.clone().prop_map(|(a, b)| format!("(IF {a} THEN {b} ELSE ~({b}))")),
                pair.prop_map(|(a, b)| format!("(({a}) => ({b}))")),
            ]
        })
        .boxed()
}

fn question() -> impl Strategy<Value = (String, String)> {
    let functions = prop::sample::select(vec![
        "[1 .. 3 -> 0 .. 2]",
        "{f \\in [1 .. 3 -> 0 .. 2] : f[1] # 1}",
        "([1 .. 3 -> 0 .. 1] \\ {<<0, 0, 0>>})",
        "UNION {[1 .. n -> 0 .. 2] : n \\in 0 .. 3}",
        "([1 .. 3 -> {2}] \\cup [1 .. 3 -> 0 .. 1])",
    ]);
    let subsets = prop::sample::select(vec![
        "SUBSET (0 .. 4)",
        "{s \\in SUBSET (0 .. 4) : 1 \\in s}",
        "(SUBSET (0 .. 4) \\ {{}})",
        "(SUBSET (0 .. 4) \\cap SUBSET (1 .. 3))",
    ]);
    let pairs = prop_oneof![
        (functions, formula(of_function(), about_function())),
        (subsets, formula(of_subset(), about_subset())),
    ];
    let shapes = prop::sample::select(vec![
        "{e \\in @SET : @P}",
        "\\E e \\in @SET : @P",
        "\\A e \\in @SET : @P",
        "CHOOSE e \\in @SET : @P",
        "\\E e \\in @SET, k \\in 0 .. 1 : @P /\\ k = 1",
        "Cardinality({e \\in @SET : @P})",
    ]);
    (pairs, shapes).prop_map(|((set, formula), shape)| {
        let with = |formula: &str| shape.replace("@SET", set).replace("@P", formula);
        // A formula with an effect is evaluated for every element.
        (with(&format!("({formula})")), with(&format!("(({formula}) /\\ TLCSet(1, 0))")))
    })
}

fn evaluate(expression: &str) -> Result<String, String> {
    let answer = pipeline::evaluate(&EvaluateRequest {
        extends: ["Integers", "Sequences", "FiniteSets", "TLC"].map(str::to_owned).to_vec(),
        expression: expression.to_owned(),
        libraries: Vec::new(),
        int32: true,
        allow_io: false,
        max_set_size: 10_000,
        seed: 0,
        print: Arc::new(|_| {}),
    });
    answer.map_err(|failure| format!("{} {}", failure.code, failure.message))
}

#[test]
fn elements_tried_give_what_all_elements_give() {
    let exit = with_large_stack(|| {
        let (mut runner, cases) = random::runner(300);
        let values = std::cell::Cell::new(0);
        let law = |(tried, every): (String, String)| {
            let answer = evaluate(&tried);
            values.set(values.get() + u32::from(answer.is_ok()));
            prop_assert_eq!(answer, evaluate(&every), "{}", tried);
            Ok(())
        };
        runner.run(&question(), law).unwrap_or_else(|e| panic!("{e}"));
        assert!(values.get() > cases / 3, "only {} of {cases} expressions have values", values.get());
        0
    });
    assert_eq!(exit, 0);
}
