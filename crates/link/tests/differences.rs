//! What differs is named; what is not known is not compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tlaloc_link::{Observed, Path, State, Value, differences, value_differences};

fn value(json: serde_json::Value) -> Value {
    Value::from_json(&json).expect("an ITF value")
}

fn model(name: &str) -> serde_json::Value {
    json!({ "#model": name })
}

/// Two-phase commit, and a few more shapes.
fn state() -> State {
    State::from([
        ("state".to_owned(), value(json!({ "#map": [[model("p1"), "prepared"], [model("p2"), "working"]] }))),
        ("votes".to_owned(), value(json!({ "#set": [model("p1"), model("p2")] }))),
        ("leader".to_owned(), value(json!({ "term": 3, "who": model("p1") }))),
        ("log".to_owned(), value(json!({ "#map": [[0, { "#tup": [1, 2] }]] }))),
        ("grid".to_owned(), value(json!({ "#map": [[{ "#tup": [1, 2] }, true]] }))),
        (
            "sent".to_owned(),
            value(json!({ "#set": [{ "type": "commit" }, { "type": "prepared", "from": model("p1") }] })),
        ),
    ])
}

fn shown(observed: &(impl Serialize + ?Sized)) -> Vec<String> {
    let observed = Observed::of(observed).expect("it can be observed");
    differences(&state(), &observed).iter().map(ToString::to_string).collect()
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Working,
    Prepared,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Message {
    Commit,
    Prepared { from: String },
}

#[derive(Serialize, Default)]
struct Leader {
    term: Option<u32>,
    who: Option<&'static str>,
}

#[derive(Serialize, Default)]
struct Seen {
    state: Option<BTreeMap<&'static str, Option<Phase>>>,
    votes: Option<BTreeSet<&'static str>>,
    leader: Option<Leader>,
    log: Option<BTreeMap<u8, Vec<u8>>>,
    sent: Option<Vec<Message>>,
}

#[test]
fn ordinary_values_are_compared_as_the_spec_means_them() {
    let seen = Seen {
        state: Some(BTreeMap::from([("p1", Some(Phase::Prepared)), ("p2", Some(Phase::Working))])),
        votes: Some(BTreeSet::from(["p1", "p2"])),
        leader: Some(Leader { term: Some(3), who: Some("p1") }),
        log: Some(BTreeMap::from([(0, vec![1, 2])])),
        sent: Some(vec![Message::Prepared { from: "p1".to_owned() }, Message::Commit]),
    };
    assert_eq!(shown(&seen), Vec::<String>::new());
}

#[test]
fn what_is_none_is_not_compared() {
    assert_eq!(shown(&Seen::default()), Vec::<String>::new());
    assert_eq!(shown(&()), Vec::<String>::new());
    let one = Seen {
        state: Some(BTreeMap::from([("p1", Some(Phase::Prepared)), ("p2", None)])),
        leader: Some(Leader { term: Some(3), who: None }),
        ..Seen::default()
    };
    assert_eq!(shown(&one), Vec::<String>::new());
}

#[test]
fn differences_name_the_place() {
    let seen = Seen {
        state: Some(BTreeMap::from([("p1", Some(Phase::Working)), ("p2", Some(Phase::Working))])),
        votes: Some(BTreeSet::from(["p2", "p3"])),
        leader: Some(Leader { term: Some(4), who: None }),
        log: Some(BTreeMap::from([(0, vec![1, 7, 3])])),
        sent: Some(vec![Message::Commit]),
    };
    assert_eq!(
        shown(&seen),
        [
            "state[p1]: expected \"prepared\", observed \"working\"",
            "votes: p3 is observed, but not expected",
            "votes: p1 is expected, but missing",
            "leader.term: expected 3, observed 4",
            "log[0][2]: expected 2, observed 7",
            "log[0][3]: 3 is observed, but not expected",
            "sent: [from |-> p1, type |-> \"prepared\"] is expected, but missing",
        ]
    );
}

#[test]
fn a_map_is_a_whole_function() {
    let seen = Seen { state: Some(BTreeMap::from([("p1", Some(Phase::Prepared))])), ..Seen::default() };
    assert_eq!(shown(&seen), ["state[p2]: \"working\" is expected, but missing"]);
    let seen = json!({ "state": { "p1": "prepared", "p2": "working", "p3": "working" } });
    assert_eq!(shown(&seen), ["state[\"p3\"]: \"working\" is observed, but not expected"]);
}

#[test]
fn names_that_the_spec_does_not_have_are_told() {
    let shown = shown(&json!({ "decided": true }));
    assert_eq!(shown, ["decided: the spec has no variable `decided`, only grid, leader, log, sent, state, votes"]);
}

#[test]
fn paths_lead_into_variables() {
    for (path, wanted) in [
        ("state[p2]", json!("working")),
        ("leader.term", json!(3)),
        ("leader[\"term\"]", json!(3)),
        ("log[0][2]", json!(2)),
        ("grid[1, 2]", json!(true)),
    ] {
        let parsed: Path = path.parse().expect("a path");
        assert_eq!(parsed.find(&state()), Ok(&value(wanted)), "{path}");
        assert_eq!(parsed.to_string().parse(), Ok(parsed), "{path}");
    }
    assert_eq!(shown(&json!({ "state[p1]": "prepared", "log[0][1]": 1 })), Vec::<String>::new());
    assert_eq!(
        shown(&json!({ "state[p9]": "prepared" })),
        ["state[p9]: `[p9]` is outside of (p1 :> \"prepared\" @@ p2 :> \"working\")"]
    );
    for broken in ["", "[1]", "x[", "x[1", "x[]", "x[\"a]", "x.", "x[1]y"] {
        assert!(broken.parse::<Path>().is_err(), "{broken}");
    }
}

#[test]
fn a_string_is_not_the_model_value_of_its_name_in_a_set_of_both() {
    let both = value(json!({ "#set": ["p1", model("p1")] }));
    let observed = Observed::from_json(&json!(["p1"])).expect("plain JSON");
    assert_eq!(value_differences("x", &both, &observed).len(), 1);
    let observed = Observed::from_json(&json!({ "#set": ["p1", { "#model": "p1" }] })).expect("ITF");
    assert_eq!(value_differences("x", &both, &observed), []);
}

#[test]
fn elements_of_sets_are_compared_whole() {
    let sent = value(json!({ "#set": [{ "a": 1, "b": 2 }] }));
    let part = Observed::from_json(&json!([{ "a": 1 }])).expect("plain JSON");
    assert_eq!(value_differences("sent", &sent, &part).len(), 2);
    let unknown = Observed::from_json(&json!([null])).expect("plain JSON");
    assert_eq!(value_differences("sent", &sent, &unknown).len(), 2);
    let twice = Observed::from_json(&json!([{ "a": 1, "b": 2 }, { "b": 2, "a": 1 }])).expect("plain JSON");
    assert_eq!(value_differences("sent", &sent, &twice), []);
}

#[test]
fn fractions_cannot_be_observed() {
    assert!(Observed::of(&1.5).is_err());
    assert!(Observed::from_json(&json!(1.5)).is_err());
}

#[derive(Deserialize, PartialEq, Debug)]
struct Everything {
    truth: bool,
    small: u8,
    large: i128,
    text: String,
    pair: (u8, String),
    sequence: Vec<u8>,
    by_index: BTreeMap<u32, u8>,
    set: BTreeSet<String>,
    function: BTreeMap<String, u8>,
    message: Message,
    any: Value,
}

#[test]
fn values_are_decoded_into_types() {
    let whole = value(json!({
        "truth": true, "small": 5, "large": { "#bigint": "-170141183460469231731687303715884105728" }, "text": model("p1"),
        "pair": { "#tup": [1, "a"] }, "sequence": { "#tup": [1, 2] }, "by_index": { "#tup": [7, 8] },
        "set": { "#set": ["b", "a"] }, "function": { "#map": [[model("p1"), 3]] },
        "message": { "type": "prepared", "from": "p1" },
        "any": { "#set": [model("p1"), "p1", { "#map": [[{ "#tup": [] }, 1]] }] },
    }));
    let decoded: Everything = whole.decode().expect("it fits");
    let any = value(json!({ "#set": [model("p1"), "p1", { "#map": [[{ "#tup": [] }, 1]] }] }));
    let wanted = Everything {
        truth: true,
        small: 5,
        large: i128::MIN,
        text: "p1".to_owned(),
        pair: (1, "a".to_owned()),
        sequence: vec![1, 2],
        by_index: BTreeMap::from([(1, 7), (2, 8)]),
        set: BTreeSet::from(["a".to_owned(), "b".to_owned()]),
        function: BTreeMap::from([("p1".to_owned(), 3)]),
        message: Message::Prepared { from: "p1".to_owned() },
        any,
    };
    assert_eq!(decoded, wanted);
}

#[test]
fn what_does_not_fit_is_refused() {
    assert_eq!(
        Value::from(300).decode::<u8>().unwrap_err().to_string(),
        "300: invalid value: integer `300`, expected u8"
    );
    assert!(Value::from("a").decode::<u8>().is_err());
    assert!(Value::tuple([]).decode::<bool>().is_err());
    assert!(value(json!({ "#bigint": "340282366920938463463374607431768211456" })).decode::<u128>().is_err());
}

#[test]
fn values_are_observed_as_themselves() {
    let mut state = state();
    assert_eq!(shown(&state), Vec::<String>::new());
    state.insert("log".to_owned(), value(json!({ "#map": [[0, { "#tup": [1, 3] }]] })));
    assert_eq!(shown(&state), ["log[0][2]: expected 2, observed 3"]);
    assert!(Observed::from_json(&json!({ "#set": [], "beside": 1 })).is_err());
}
