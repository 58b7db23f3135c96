//! Replays fail where they should, and say so in words that help.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde_json::json;
use tlaloc_link::{
    Action, Adapter, AdapterError, Applied, AsyncAdapter, Coverage, Expect, Failure, FailureKind, Replay, Start, Trace,
    replay, replay_async, replay_folder,
};

/// A set that items are added to and removed from; a mistake may be built in.
#[derive(Default)]
struct Bag {
    items: BTreeSet<u64>,
    mistake: Option<Mistake>,
    blind: bool,
    seed: u64,
}

#[derive(PartialEq, Clone, Copy)]
enum Mistake {
    Forgets,
    AddsTwice,
    RefusesAdd,
    Panics,
}

#[derive(Serialize)]
struct Seen {
    items: Option<BTreeSet<u64>>,
    size: Option<usize>,
}

impl Adapter for Bag {
    type Observation = Seen;

    fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {
        self.items = start.variable("items")?;
        self.seed = start.seed();
        Ok(())
    }

    fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        match action.name() {
            "Add" => self.add(action.parameter("item")?),
            "Remove" => Ok(self.remove(action.parameter("item")?)),
            "Think" => Ok(Applied::Unobserved),
            _ => Err(action.unknown()),
        }
    }

    fn observe(&mut self) -> Seen {
        let shown = !self.blind;
        Seen { items: shown.then(|| self.items.clone()), size: shown.then_some(self.items.len()) }
    }
}

impl Bag {
    fn with(mistake: Mistake) -> Bag {
        Bag { mistake: Some(mistake), ..Bag::default() }
    }

    fn add(&mut self, item: u64) -> Result<Applied, AdapterError> {
        match self.mistake {
            Some(Mistake::RefusesAdd) => return Ok(Applied::Refused("it is full".to_owned())),
            Some(Mistake::Panics) => panic!("out of paper"),
            Some(Mistake::AddsTwice) => self.items.extend([item, item + 100]),
            Some(Mistake::Forgets) => self.items.clear(),
            None => {}
        }
        self.items.insert(item);
        Ok(Applied::Done)
    }

    fn remove(&mut self, item: u64) -> Applied {
        if self.items.remove(&item) { Applied::Done } else { Applied::Refused(format!("{item} is not in it")) }
    }
}

/// A trace of the bag: `+1`, `-1`, `?` (thinking).
fn trace(meta: serde_json::Value, steps: &[&str]) -> Trace {
    let mut items = BTreeSet::new();
    let state = |items: &BTreeSet<u64>, meta: serde_json::Value| json!({ "#meta": meta, "items": { "#set": items }, "size": items.len() });
    let mut states = vec![state(&items, json!({ "index": 0 }))];
    for step in steps {
        let (sign, item) = step.split_at(1);
        let item: u64 = item.parse().unwrap_or_default();
        let action = match sign {
            "+" => {
                items.insert(item);
                "Add"
            }
            "-" => {
                items.remove(&item);
                "Remove"
            }
            _ => "Think",
        };
        states.push(state(&items, json!({ "action": action, "parameters": { "item": item } })));
    }
    let trace = json!({ "#meta": meta, "vars": ["items", "size"], "states": states });
    Trace::parse("bag.itf.json", &trace.to_string()).expect("a trace")
}

fn failure(result: Result<Coverage, Failure>) -> Failure {
    result.expect_err("it must fail")
}

#[test]
fn a_conforming_implementation_follows() {
    let trace = trace(json!({ "actions": ["Add", "Clear", "Remove", "Think"] }), &["+1", "+2", "-1", "?"]);
    let coverage = replay(&trace, &mut Bag::default()).expect("it conforms");
    assert_eq!(coverage.to_string(), "Add 2, Clear 0, Remove 1, Think 1");
    assert_eq!(coverage.missing(), ["Clear"]);
}

#[test]
fn a_difference_names_step_action_place_and_values() {
    let trace = trace(json!({}), &["+1", "+2", "+3"]);
    let failure = failure(Replay::of(&trace).seed(7).run(&mut Bag::with(Mistake::Forgets)));
    assert_eq!((failure.step, failure.seed), (2, 7));
    assert_eq!(
        failure.to_string(),
        "the implementation differs from the spec in the trace bag.itf.json\n  at step 2 of 3: Add(item = 2)\n  \
         items: 1 is expected, but missing\n  size: expected 2, observed 1\n  after Add(item = 1)\n  seed 7"
    );
}

#[test]
fn a_refusal_is_a_failure_when_the_step_is_right() {
    let trace = trace(json!({}), &["+1"]);
    let failure = failure(replay(&trace, &mut Bag::with(Mistake::RefusesAdd)));
    assert_eq!(failure.kind, FailureKind::Refused("it is full".to_owned()));
    assert!(failure.to_string().contains("reason: it is full"), "{failure}");
}

#[test]
fn nothing_is_compared_until_the_code_is_done() {
    struct Slow(Bag, Option<u64>);
    impl Adapter for Slow {
        type Observation = Seen;
        fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
            if action.name() == "Add" {
                self.1 = Some(action.parameter("item")?);
                return Ok(Applied::Unobserved);
            }
            if let Some(item) = self.1.take() {
                self.0.add(item)?;
            }
            Ok(Applied::Done)
        }
        fn observe(&mut self) -> Seen {
            self.0.observe()
        }
    }
    let trace = trace(json!({}), &["+1", "?"]);
    assert!(replay(&trace, &mut Slow(Bag::default(), None)).is_ok(), "compared after the second step only");
    assert!(replay(&trace, &mut Slow(Bag::with(Mistake::AddsTwice), None)).is_err());
}

#[test]
fn what_changed_in_the_spec_is_told() {
    let mut renamed = trace(json!({}), &["+1"]);
    renamed.steps[1].action = Some("Insert".to_owned());
    let message = failure(replay(&renamed, &mut Bag::default())).to_string();
    assert!(message.contains("the adapter does not know the action `Insert`: has the spec changed?"), "{message}");

    let mut parameter = trace(json!({}), &["+1"]);
    parameter.steps[1].parameters[0].0 = "element".to_owned();
    let message = failure(replay(&parameter, &mut Bag::default())).to_string();
    assert!(message.contains("Add has no parameter `item` (element): has the spec changed?"), "{message}");

    let mut variable = trace(json!({}), &["+1"]);
    for step in &mut variable.steps {
        let size = step.state.remove("size").expect("it is there");
        step.state.insert("count".to_owned(), size);
    }
    let message = failure(replay(&variable, &mut Bag::default())).to_string();
    assert!(message.contains("size: the spec has no variable `size`, only count, items"), "{message}");
    // Nor is that a way to pass a test of a counterexample.
    let refused = Replay::of(&variable).expect(Expect::Refuses(Some(0)));
    assert!(refused.run(&mut Bag::default()).is_err());
}

#[test]
fn a_blind_adapter_shows_nothing() {
    let trace = trace(json!({}), &["+1"]);
    let failure = failure(replay(&trace, &mut Bag { blind: true, ..Bag::default() }));
    assert_eq!(failure.kind, FailureKind::NothingObserved);
}

#[test]
fn a_counterexample_must_not_be_followed() {
    let bad = trace(json!({ "verdict": "violation", "property": "AtMostOne" }), &["+1", "+2"]);
    let followed = failure(replay(&bad, &mut Bag::default()));
    assert_eq!(followed.kind, FailureKind::NotRefused);
    assert!(followed.to_string().contains("it has the mistake that violates AtMostOne"), "{followed}");

    struct Careful(Bag, &'static str);
    impl Adapter for Careful {
        type Observation = Seen;
        fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
            if self.0.items.is_empty() {
                return self.0.apply(action);
            }
            match self.1 {
                "refuses" => Ok(Applied::Refused("one is enough".to_owned())),
                _ => Ok(Applied::Done),
            }
        }
        fn observe(&mut self) -> Seen {
            self.0.observe()
        }
    }
    for way in ["refuses", "handles"] {
        for expect in [Expect::Refuses(None), Expect::Refuses(Some(2))] {
            let result = Replay::of(&bad).expect(expect).run(&mut Careful(Bag::default(), way));
            assert!(result.is_ok(), "{way} {expect:?} {result:?}");
        }
    }
}

#[test]
fn a_counterexample_is_no_excuse_for_other_differences() {
    let bad = trace(json!({ "verdict": "violation" }), &["+1", "+2", "+3"]);
    let early = failure(replay(&bad, &mut Bag::with(Mistake::AddsTwice)));
    assert!(matches!(early.kind, FailureKind::Differs(_)) && early.step == 1, "{early}");
    assert!(early.to_string().contains("\"expect\": {\"refused\": 1}"), "{early}");
    let before = Replay::of(&bad).expect(Expect::Refuses(Some(3))).run(&mut Bag::with(Mistake::RefusesAdd));
    let before = failure(before);
    assert!(matches!(before.kind, FailureKind::Refused(_)));
    assert!(before.to_string().contains("\"expect\": {\"refused\": 1}"), "{before}");
    assert!(replay(&bad, &mut Bag::with(Mistake::RefusesAdd)).is_err(), "the mistake is in the last step");
}

#[test]
fn panics_do_not_hide_the_trace() {
    let trace = trace(json!({}), &["+1"]);
    let panic = std::panic::catch_unwind(|| replay(&trace, &mut Bag::with(Mistake::Panics)));
    assert!(panic.is_err(), "the test harness sees the panic");
}

struct Remote(Bag, &'static AtomicU64);

impl AsyncAdapter for Remote {
    type Observation = Seen;

    async fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        std::future::ready(()).await;
        self.0.apply(action)
    }

    async fn observe(&mut self) -> Seen {
        self.0.observe()
    }
}

/// Runs a future that never waits for anything.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("nothing waits here"),
    }
}

#[test]
fn async_adapters_are_replayed_the_same_way() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let trace = trace(json!({}), &["+1", "-1", "-1"]);
    let replayed = block_on(replay_async(&trace, &mut Remote(Bag::default(), &CALLS)));
    let failure = failure(replayed);
    assert_eq!(failure.kind, FailureKind::Refused("1 is not in it".to_owned()));
    assert_eq!(CALLS.load(Ordering::Relaxed), 3);
}

#[test]
fn async_replays_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let trace = trace(json!({}), &["+1"]);
    let mut remote = Remote(Bag::default(), &CALLS);
    is_send(&replay_async(&trace, &mut remote));
}

#[tlaloc_link::traces("tests/traces")]
fn every_trace(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, &mut Bag::default())
}

#[tlaloc_link::traces("tests/traces")]
#[should_panic(expected = "the implementation")]
fn no_trace_with_a_mistake(trace: &Trace) -> Result<Coverage, Failure> {
    replay(trace, &mut Bag::with(Mistake::AddsTwice))
}

#[test]
fn a_folder_in_one_test_gives_the_coverage_of_all() {
    let coverage = replay_folder("tests/traces", |_| Bag::default()).expect("they all pass");
    assert_eq!(coverage.missing(), Vec::<&str>::new());
    let failures = replay_folder("tests/traces", |_| Bag::with(Mistake::Forgets)).expect_err("some fail");
    assert!(failures.to_string().contains("tests/traces/add.itf.json"), "{failures}");
}

#[test]
fn folders_without_traces_are_no_success() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(replay_folder(folder.path(), |_| Bag::default()).is_err());
    assert!(replay_folder(folder.path().join("nowhere"), |_| Bag::default()).is_err());
}

/// The files are written anew with `TLALOC_WRITE=1 cargo test -p tlaloc-link --test replay`.
#[test]
fn the_folder_has_the_traces_of_these_tests() {
    let actions = json!(["Add", "Remove", "Think"]);
    for (name, trace) in [
        ("add", trace(json!({ "actions": actions }), &["+1", "+2"])),
        ("remove", trace(json!({ "actions": actions }), &["+1", "?", "-1"])),
        ("refuse-removing-nothing", trace(json!({ "actions": actions, "expect": { "refused": 2 } }), &["+1", "-2"])),
    ] {
        let file = format!("tests/traces/{name}.itf.json");
        if std::env::var_os("TLALOC_WRITE").is_some() {
            std::fs::write(&file, trace.to_string()).expect("the file can be written");
        }
        assert_eq!(std::fs::read_to_string(&file).expect("the file is there"), trace.to_string(), "{file}");
    }
}
