//! Values and traces survive being written and read, and equal values have equal shapes.

use serde_json::json;
use tlaloc_link::{Expect, Integer, Trace, Value};

fn int(number: i64) -> Value {
    Value::from(number)
}

fn round_trip(value: &Value) -> Value {
    Value::from_json(&value.to_json()).expect("what was written can be read")
}

#[test]
fn equal_functions_have_equal_shapes() {
    assert_eq!(Value::function([(int(2), int(5)), (int(1), int(4))]), Value::tuple([int(4), int(5)]));
    assert_eq!(Value::function([("a".into(), int(1))]), Value::record([("a", int(1))]));
    assert_eq!(Value::function([]), Value::tuple([]));
    let from_zero = Value::function([(int(0), int(5)), (int(1), int(4))]);
    assert!(matches!(from_zero, Value::Function(_)), "{from_zero}");
}

#[test]
fn integers_of_any_size_keep_every_digit() {
    for text in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1000000000000000000000000000000000000000000",
    ] {
        let number: Integer = text.parse().expect("a number");
        assert_eq!(number.to_string(), text);
        assert_eq!(round_trip(&Value::Int(number.clone())), Value::Int(number));
    }
    assert_eq!("-000".parse::<Integer>(), Ok(Integer::from(0i64)));
    assert_eq!("000000000000000000000000000007".parse::<Integer>(), Ok(Integer::from(7i64)));
    for text in ["", "-", "+1", "1.0", "1e3", "0x1", " 1"] {
        assert!(text.parse::<Integer>().is_err(), "{text:?}");
    }
}

#[test]
fn integers_are_ordered_by_size() {
    let ascending = [
        "-1000000000000000000000",
        "-99999999999999999999",
        "-5",
        "0",
        "7",
        "99999999999999999999",
        "100000000000000000000",
    ];
    let numbers: Vec<Integer> = ascending.iter().map(|text| text.parse().expect("a number")).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
}

#[test]
fn beyond_53_bits_numbers_are_texts() {
    assert_eq!(int((1 << 53) - 1).to_json(), json!(9_007_199_254_740_991i64));
    assert_eq!(int(1 << 53).to_json(), json!({ "#bigint": "9007199254740992" }));
}

#[test]
fn field_names_cannot_be_taken_for_tags() {
    let record = Value::record([("#tup", Value::tuple([])), ("plain", int(1))]);
    assert_eq!(record.to_json(), json!({ "#map": [["#tup", { "#tup": [] }], ["plain", 1]] }));
    assert_eq!(round_trip(&record), record);
}

#[test]
fn what_is_no_value_is_refused() {
    for json in [
        json!(null),
        json!(1.5),
        json!({ "#bigint": 5 }),
        json!({ "#bigint": "five" }),
        json!({ "#map": [[1]] }),
        json!({ "#set": 1 }),
        json!({ "#new": [] }),
        json!({ "#tup": [], "beside": 1 }),
    ] {
        assert!(Value::from_json(&json).is_err(), "{json}");
    }
}

#[test]
fn a_model_value_is_a_plain_string_unless_a_string_bears_its_name() {
    let trace = |text: &str| {
        Trace::parse(
            "",
            &json!({
                "vars": ["x", "y"],
                "states": [{ "x": { "#model": "p1" }, "y": text }],
            })
            .to_string(),
        )
        .expect("a trace")
    };
    let plain = trace("other");
    assert_eq!(plain.to_json()["#meta"]["model_values"], json!(["p1"]));
    assert_eq!(plain.to_json()["states"][0]["x"], json!("p1"));
    let mistakable = trace("p1");
    assert_eq!(mistakable.to_json()["states"][0]["x"], json!({ "#model": "p1" }));
    for trace in [plain, mistakable] {
        let again = Trace::from_json(&trace.to_json()).expect("a trace");
        assert_eq!(again, trace);
        assert_eq!(again.steps[0].state["x"], Value::model("p1"));
        assert!(matches!(again.steps[0].state["y"], Value::Str(_)));
    }
}

#[test]
fn traces_of_others_are_read_and_nothing_is_lost() {
    let theirs = json!({
        "#meta": { "format": "ITF", "varTypes": { "x": "Seq(Int)" }, "description": "Created by Apalache" },
        "params": ["N"],
        "vars": ["x"],
        "states": [{ "#meta": { "index": 0 }, "x": { "#tup": [1, 2] } }, { "#meta": { "index": 1, "rule": 3 }, "x": { "#tup": [] } }],
        "loop": 0,
    });
    let trace = Trace::from_json(&theirs).expect("a trace");
    assert_eq!(trace.loop_to, Some(0));
    assert_eq!(trace.expect(), Expect::Conforms);
    let again = trace.to_json();
    assert_eq!(again["#meta"]["varTypes"], theirs["#meta"]["varTypes"]);
    assert_eq!(again["#meta"]["format"], "ITF");
    assert_eq!(again["params"], theirs["params"]);
    assert_eq!(again["states"][1]["#meta"]["rule"], 3);
    assert_eq!(Trace::from_json(&again), Ok(trace));
}

#[test]
fn plain_lists_are_sequences() {
    assert_eq!(Value::from_json(&json!([1, [2]])), Ok(Value::tuple([int(1), Value::tuple([int(2)])])));
}

#[test]
fn broken_traces_say_what_is_wrong() {
    let message = |json: serde_json::Value| Trace::from_json(&json).expect_err("it is broken").message;
    assert_eq!(message(json!([])), "it is no JSON object");
    assert_eq!(message(json!({ "states": [] })), "`vars` is missing");
    assert_eq!(message(json!({ "vars": [] })), "`states`, a list, is missing");
    assert_eq!(message(json!({ "vars": ["x"], "states": [{ "y": 1 }] })), "state 0: `y` is not one of the variables");
    assert_eq!(message(json!({ "vars": ["x"], "states": [{ "x": 1.5 }] })), "state 0: x: `1.5` is not a whole number");
    assert_eq!(
        message(json!({ "vars": ["x"], "states": [{ "x": 1 }], "loop": 1 })),
        "it loops to state 1, but has 1 states"
    );
    assert_eq!(
        message(json!({ "#meta": { "tool": "tlaloc", "version": 99 }, "vars": [], "states": [] })),
        "#meta: version 99 is newer than 1, the newest known"
    );
    assert_eq!(
        message(json!({ "#meta": { "expect": { "refused": 7 } }, "vars": [], "states": [] })),
        "state 7 is to be refused, but there are 0 states"
    );
}

#[test]
fn a_counterexample_is_not_to_be_followed() {
    let trace = |meta: serde_json::Value| {
        Trace::from_json(&json!({ "#meta": meta, "vars": [], "states": [{}, {}] })).expect("a trace").expect()
    };
    assert_eq!(trace(json!({ "verdict": "ok" })), Expect::Conforms);
    assert_eq!(trace(json!({ "verdict": "violation" })), Expect::Refuses(None));
    assert_eq!(trace(json!({ "verdict": "violation", "expect": "conforms" })), Expect::Conforms);
    assert_eq!(trace(json!({ "expect": { "refused": 1 } })), Expect::Refuses(Some(1)));
}

/// Files of the checker and of others, shared with the Python package's tests.
#[test]
fn fixtures_are_read_and_written_without_loss() {
    for name in ["every_value", "foreign"] {
        let file = format!("../../tests/fixtures/{name}.itf.json");
        let text = std::fs::read_to_string(&file).expect("the fixture is there");
        let trace = Trace::parse(name, &text).expect("a trace");
        let again = Trace::parse(name, &trace.to_string()).expect("a trace");
        assert_eq!(again, trace, "{name}");
    }
    let text = std::fs::read_to_string("../../tests/fixtures/every_value.itf.json").expect("the fixture is there");
    assert_eq!(Trace::parse("", &text).expect("a trace").to_string(), text, "the same to the letter");
    let foreign = Trace::read("../../tests/fixtures/foreign.itf.json").expect("a trace");
    let written = std::fs::read_to_string("../../tests/fixtures/foreign.written.json").expect("the fixture is there");
    assert_eq!(foreign.to_string(), written, "as Python writes it");
}
