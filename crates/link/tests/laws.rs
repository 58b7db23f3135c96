//! Laws over arbitrary values.

use proptest::prelude::*;
use tlaloc_link::{Event, Integer, Meta, Observed, State, Step, Trace, Value, differences};

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "#(tup|set|map|bigint|model)", "\\PC{0,3}"]
}

fn integer() -> impl Strategy<Value = Integer> {
    prop_oneof![
        (-3i64..3).prop_map(Integer::from),
        any::<i64>().prop_map(Integer::from),
        any::<i128>().prop_map(Integer::from),
        "-?[1-9][0-9]{30,60}".prop_map(|digits| digits.parse().expect("digits")),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        integer().prop_map(Value::Int),
        name().prop_map(Value::Str),
        name().prop_map(Value::Model),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Tuple),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::set),
            prop::collection::vec((name(), inner.clone()), 0..4).prop_map(Value::record),
            prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Value::function),
        ]
    })
}

fn trace() -> impl Strategy<Value = Trace> {
    let state = |x: Value, y: Value| State::from([("x".to_owned(), x), ("y".to_owned(), y)]);
    let step = (value(), value(), value(), name()).prop_map(move |(x, y, parameter, name)| Step {
        action: Some(name.clone()),
        parameters: vec![(name, parameter)],
        state: state(x, y),
        ..Step::default()
    });
    prop::collection::vec(step, 1..4).prop_map(|steps| Trace {
        meta: Meta { tool: Some("tlaloc".to_owned()), version: Some(1), ..Meta::default() },
        variables: vec!["x".to_owned(), "y".to_owned()],
        loop_to: Some(0),
        steps,
        ..Trace::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn reading_what_was_written_gives_the_value(value in value()) {
        prop_assert_eq!(Value::from_json(&value.to_json()), Ok(value));
    }

    #[test]
    fn reading_what_was_written_gives_the_trace(trace in trace()) {
        let text = trace.to_string();
        let again = Trace::parse("", &text).expect("a trace");
        prop_assert_eq!(again.to_string(), text);
        prop_assert_eq!(again, trace);
    }

    #[test]
    fn decoding_and_observing_a_value_gives_itself(value in value()) {
        prop_assert_eq!(value.decode::<Value>(), Ok(value.clone()));
        prop_assert_eq!(Observed::of(&value), Ok(Observed::Exactly(value)));
    }

    #[test]
    fn a_state_does_not_differ_from_itself(x in value(), y in value()) {
        let state = State::from([("x".to_owned(), x), ("y".to_owned(), y)]);
        let observed = Observed::of(&state).expect("values can be observed");
        prop_assert_eq!(differences(&state, &observed), vec![]);
    }

    #[test]
    fn another_value_differs(x in value(), y in value()) {
        prop_assume!(x != y);
        let observed = Observed::of(&State::from([("x".to_owned(), y)])).expect("values can be observed");
        prop_assert!(!differences(&State::from([("x".to_owned(), x)]), &observed).is_empty());
    }

    #[test]
    fn events_keep_what_they_say(action in name(), x in value()) {
        let event = Event::action(action).state("x", &x).param("p", &x).node("n");
        let again: Event = event.to_string().parse().expect("an event");
        prop_assert_eq!(again.to_json(), event.to_json());
        let observed = &again.state[0].1;
        prop_assert_eq!(tlaloc_link::value_differences("x", &x, observed), vec![]);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = Trace::parse("", &text);
        let _ = text.parse::<Event>();
        let _ = text.parse::<tlaloc_link::Path>();
    }
}
