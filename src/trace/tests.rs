use super::itf::{self, Provenance};
use super::text::{Detail, lines};
use super::{ActionLabel, Step, Trace};
use crate::diagnostic::{Sources, Span};
use crate::resolve::spec::{Symbol, Symbols};
use crate::value::{ModelValue, Universe, Value};

const SPEC: &str = "---- MODULE M ----\nVARIABLES state, sent\nPrepare(p) == TRUE\n====\n";

/// Symbols of the test: model values, field names, strings.
const NAMES: [&str; 7] = ["p1", "type", "from", "prepared", "working", "commit", "p2"];

fn symbol(name: &str) -> Symbol {
    Universe::current().symbol(name)
}

fn model(name: &str) -> Value {
    Value::Model(ModelValue::new(symbol(name), name))
}

fn string(name: &str) -> Value {
    Value::string(name)
}

fn message(kind: &str, from: &str) -> Value {
    Value::record(vec![(symbol("type"), string(kind)), (symbol("from"), model(from))])
}

/// Two states of two-phase commit, and back.
fn trace() -> (Trace, Sources) {
    let mut symbols = Symbols::default();
    for name in NAMES {
        symbols.intern(name);
    }
    Universe::new(symbols).enter();
    let mut sources = Sources::default();
    let file = sources.add("M.tla", SPEC);
    let start = SPEC.find("Prepare").expect("the action is there") as u32;
    let label = |parameter: &str| ActionLabel {
        name: "Prepare".into(),
        parameters: vec![("p".into(), model(parameter))],
        span: Span { file, start, end: start + 18 },
    };
    let step = |action, state: [&str; 2], sent: Vec<Value>| Step {
        action,
        values: vec![
            Value::tuple(state.map(string).to_vec()),
            Value::set_sorted(sent),
            Value::int(1 << 60),
            Value::bool(true),
        ],
        alias: None,
    };
    let trace = Trace {
        variables: ["state", "sent", "large", "flag"].map(String::from).to_vec(),
        steps: vec![
            step(None, ["working", "working"], vec![]),
            step(Some(label("p1")), ["prepared", "working"], vec![message("prepared", "p1")]),
            step(
                Some(label("p2")),
                ["prepared", "prepared"],
                vec![message("prepared", "p1"), message("prepared", "p2")],
            ),
        ],
        loop_to: None,
    };
    (trace, sources)
}

fn text(trace: &Trace, sources: &Sources, detail: Detail) -> String {
    lines(trace, sources, detail).into_iter().map(|line| line.text + "\n").collect()
}

#[test]
fn text_shows_what_changed() {
    let (trace, sources) = trace();
    insta::assert_snapshot!(text(&trace, &sources, Detail::Changes));
}

#[test]
fn text_shows_everything_on_request() {
    let (trace, sources) = trace();
    insta::assert_snapshot!(text(&trace, &sources, Detail::Everything));
}

#[test]
fn lassos_say_where_they_go() {
    let (mut trace, sources) = trace();
    trace.loop_to = Some(0);
    assert!(text(&trace, &sources, Detail::Changes).ends_with("\nBack to state 1\n"));
    trace.loop_to = Some(2);
    assert!(text(&trace, &sources, Detail::Changes).contains("Stuttering: the system stays in state 3"));
    assert_eq!(itf::trace(&trace, &sources, &Provenance::default())["loop"], 2);
}

#[test]
fn alias_replaces_the_variables() {
    let (mut trace, sources) = trace();
    for (i, step) in trace.steps.iter_mut().enumerate() {
        step.alias = Some(vec![("step".into(), Value::int(i as i64))]);
    }
    let text = text(&trace, &sources, Detail::Changes);
    assert!(text.contains("/\\ step = 1") && !text.contains("sent"), "{text}");
    assert_eq!(itf::trace(&trace, &sources, &Provenance::default())["states"][2]["#meta"]["alias"]["step"], 2);
}

#[test]
fn itf_keeps_values_and_labels() {
    let (trace, sources) = trace();
    let mut object = itf::trace(&trace, &sources, &Provenance::default());
    object["#meta"]["tool_version"] = "(version)".into();
    insta::assert_json_snapshot!(object);
}
