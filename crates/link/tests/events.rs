//! Events survive being written and read; clocks order them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tlaloc_link::{Clock, Event, LineBuffer, Log, VectorClock};

#[test]
fn an_event_is_one_line_of_json() {
    let mut clock = VectorClock::default();
    clock.tick("p1");
    let event = Event::action("Prepare")
        .param("p", "p1")
        .state("state[p1]", "prepared")
        .state("votes", &BTreeSet::from(["p1", "p2"]))
        .state("round", &BTreeMap::from([((1, 2), 3)]))
        .node("p1")
        .clock(&clock);
    let line = event.to_string();
    assert_eq!(
        line,
        r##"{"action":"Prepare","params":{"p":"p1"},"state":{"state[p1]":"prepared","votes":["p1","p2"],"round":{"#map":[[[1,2],3]]}},"node":"p1","clock":{"p1":1}}"##
    );
    let read: Event = line.parse().expect("an event");
    assert_eq!(read, event);
}

#[test]
fn every_field_is_optional_and_others_are_kept() {
    let event: Event = r#"{"level":"info","state":{"x":null}}"#.parse().expect("an event");
    assert_eq!((event.action.as_ref(), event.clock.as_ref()), (None, None));
    assert_eq!(event.rest["level"], json!("info"));
    assert_eq!("{}".parse(), Ok(Event::state_only()));
    assert_eq!(r#"{"clock":7}"#.parse::<Event>().map(|e| e.clock), Ok(Some(Clock::Lamport(7))));
}

#[test]
fn lines_that_are_no_events_say_why() {
    for (line, wanted) in [
        ("[]", "an event is a JSON object, not []"),
        (r#"{"action":1}"#, "`action` is 1, not a string"),
        (r#"{"params":[]}"#, "`params` is [], not an object"),
        (r#"{"state":{"x[":1}}"#, "`state`: `x[` is no path: a bracket is not closed"),
        (r#"{"state":{"x":1.5}}"#, "`state`: x: `1.5` is not a whole number"),
        (r#"{"clock":-1}"#, "`clock` is -1, neither a number from 0 nor an object"),
        (r#"{"clock":{"a":"b"}}"#, "`clock`: a is \"b\", not a number from 0"),
    ] {
        assert_eq!(line.parse::<Event>().unwrap_err().to_string(), wanted);
    }
    assert!("{".parse::<Event>().is_err());
}

#[test]
fn clocks_order_what_messages_connect() {
    let (mut sender, mut receiver, mut other) =
        (VectorClock::default(), VectorClock::default(), VectorClock::default());
    sender.tick("a");
    other.tick("c");
    receiver.tick("b");
    let before = receiver.clone();
    receiver.merge(&sender);
    receiver.tick("b");
    assert!(sender.happened_before(&receiver) && before.happened_before(&receiver));
    assert!(!receiver.happened_before(&sender) && !sender.happened_before(&sender.clone()));
    assert!(!sender.happened_before(&other) && !other.happened_before(&sender), "concurrent");
    assert_eq!(VectorClock::new([("a".to_owned(), 0)]), VectorClock::default());
}

#[test]
fn logs_are_written_from_many_threads_line_by_line() {
    let lines = LineBuffer::default();
    let log = Log::new(lines.clone());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..50 {
                    log.write(&Event::action("A").param("n", &n).node(thread.to_string())).expect("memory takes it");
                }
            });
        }
    });
    let text = lines.to_string();
    assert_eq!(text.lines().count(), 200);
    assert!(text.lines().all(|line| line.parse::<Event>().is_ok()));
}
