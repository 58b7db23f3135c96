use super::itf::{self, Provenance};
use super::text::{Detail, lines};
use super::{ActionLabel, Step, Trace};
use crate::diagnostic::{Sources, Span};
use crate::resolve::spec::{Symbol, Symbols};
use crate::value::machine::{Machine, Services};
use crate::value::{ModelValue, Universe, Value};

const SPEC: &str = "---- MODULE M ----\nVARIABLES state, sent\nPrepare(p) == TRUE\n====\n";

/// Symbols of the test: model values, field names, strings.
const NAMES: [&str; 7] = ["p1", "type", "from", "prepared", "working", "commit", "p2"];

/// A machine that evaluates nothing.
struct Alone(Services);

impl Default for Alone {
    fn default() -> Self {
        Alone(Services::silent())
    }
}

impl Machine for Alone {
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn max_set_size(&self) -> usize {
        1000
    }

    fn int32(&self) -> bool {
        false
    }

    fn services(&mut self) -> &mut Services {
        &mut self.0
    }
}

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

/// Exporting a value and importing it again gives the value.
#[test]
fn values_come_back_as_they_went() {
    let (trace, sources) = trace();
    let mut machine = Alone::default();
    let nested = Value::set_sorted(vec![Value::tuple(vec![]), Value::tuple(vec![model("p1"), string("p1")])]);
    let domain = vec![model("p1"), model("p2")];
    let function = Value::function(&mut machine, domain, vec![nested, Value::int(-1)]).expect("a function");
    let values = trace.steps.iter().flat_map(|step| step.values.iter()).chain([&function]);
    for value in values {
        let text = itf::exported_value(value).to_json();
        let read = tlaloc_link::Value::from_json(&text).expect("what was written can be read");
        let again = itf::imported_value(&mut machine, &read).expect("it is a value");
        assert_eq!(again.display_whole(), value.display_whole());
        assert!(crate::value::equal(&mut machine, &again, value).expect("they compare"), "{text}");
    }
    let exported = itf::exported(&trace, &sources, &Provenance::default());
    assert_eq!(tlaloc_link::Trace::parse("", &exported.to_string()).expect("a trace"), exported);
}

#[test]
fn what_has_no_value_here_is_not_imported() {
    let (_, _) = trace();
    for text in
        [serde_json::json!({ "#bigint": "9223372036854775808" }), serde_json::json!({ "#unserializable": "Nat" })]
    {
        let read = tlaloc_link::Value::from_json(&text).expect("a value");
        assert!(itf::imported_value(&mut Alone::default(), &read).is_err(), "{text}");
    }
}
