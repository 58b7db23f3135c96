//! Behaviours of random specifications are accepted, however much of them a log tells.

use super::*;

/// Actions of random specifications, in TLA+ and as what they do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    Inc,
    Put,
    Push,
    Pop,
    Toss,
    Swap,
    Drop,
}

const ACTIONS: [Action; 7] =
    [Action::Inc, Action::Put, Action::Push, Action::Pop, Action::Toss, Action::Swap, Action::Drop];

#[derive(Clone, Debug)]
struct State {
    x: i64,
    f: [i64; 2],
    q: Vec<i64>,
}

impl Action {
    fn definition(self) -> &'static str {
        match self {
            Action::Inc => "Inc(d) == x + d <= 4 /\\ x' = x + d /\\ UNCHANGED <<f, q>>",
            Action::Put => "Put(k, v) == f' = [f EXCEPT ![k] = v] /\\ UNCHANGED <<x, q>>",
            Action::Push => "Push(v) == Len(q) < 3 /\\ q' = Append(q, v) /\\ UNCHANGED <<x, f>>",
            Action::Pop => "Pop == q # <<>> /\\ x' = Head(q) /\\ q' = Tail(q) /\\ UNCHANGED f",
            Action::Toss => "Toss == x' \\in {0, 1, 2} /\\ UNCHANGED <<f, q>>",
            Action::Swap => "Swap(k) == x' = f[k] /\\ f' = [f EXCEPT ![k] = x] /\\ UNCHANGED q",
            Action::Drop => "Drop(k) == f[k] > 0 /\\ f' = [f EXCEPT ![k] = @ - 1] /\\ UNCHANGED <<x, q>>",
        }
    }

    fn disjunct(self) -> &'static str {
        match self {
            Action::Inc => "\\E d \\in 1..2 : Inc(d)",
            Action::Put => "\\E k \\in Keys, v \\in 0..3 : Put(k, v)",
            Action::Push => "\\E v \\in {0, 3} : Push(v)",
            Action::Pop => "Pop",
            Action::Toss => "Toss",
            Action::Swap => "\\E key \\in Keys : Swap(key)",
            Action::Drop => "\\E k \\in {l \\in Keys : f[l] > 0} : Drop(k)",
        }
    }

    /// A step with the parameters it had, if it is possible.
    fn step(self, state: &mut State, random: u32) -> Option<Json> {
        let key = (random % 2) as usize;
        let name = ["a", "b"][key];
        let number = i64::from(random / 2);
        match self {
            Action::Inc => {
                let d = number % 2 + 1;
                (state.x + d <= 4).then(|| state.x += d)?;
                Some(json!({ "d": d }))
            }
            Action::Put => {
                state.f[key] = number % 4;
                Some(json!({ "k": name, "v": number % 4 }))
            }
            Action::Push => {
                let v = if number % 2 == 0 { 0 } else { 3 };
                (state.q.len() < 3).then(|| state.q.push(v))?;
                Some(json!({ "v": v }))
            }
            Action::Pop => {
                state.x = (!state.q.is_empty()).then(|| state.q.remove(0))?;
                Some(json!({}))
            }
            Action::Toss => {
                state.x = number % 3;
                Some(json!({}))
            }
            Action::Swap => {
                std::mem::swap(&mut state.x, &mut state.f[key]);
                Some(json!({ "k": name }))
            }
            Action::Drop => {
                (state.f[key] > 0).then(|| state.f[key] -= 1)?;
                Some(json!({ "k": name }))
            }
        }
    }
}

fn specification(actions: &[Action]) -> String {
    let definitions: String = actions.iter().map(|a| format!("{}\n", a.definition())).collect();
    let disjuncts: String = actions.iter().map(|a| format!("    \\/ {}\n", a.disjunct())).collect();
    format!(
        "---- MODULE Random ----\nEXTENDS Integers, Sequences\nCONSTANT Keys\nVARIABLES x, f, q\nvars == <<x, f, q>>\n\
         Init == x = 0 /\\ f = [k \\in Keys |-> 0] /\\ q = <<>>\n{definitions}Next ==\n{disjuncts}\
         Spec == Init /\\ [][Next]_vars\n====\n"
    )
}

/// An event with parts left out, by the bits of a mask.
fn event(action: Action, params: &Json, state: &State, mask: u32) -> Json {
    let bit = |n: u32| mask & (1 << n) != 0;
    let mut event = json!({});
    if bit(0) {
        event["action"] = json!(format!("{action:?}"));
        let kept: serde_json::Map<String, Json> = params
            .as_object()
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(i, _)| bit(6 + *i as u32))
            .map(|(_, (name, value))| (name.clone(), value.clone()))
            .collect();
        event["params"] = Json::Object(kept);
    }
    let mut known = serde_json::Map::new();
    if bit(1) || !bit(0) {
        known.insert("x".to_owned(), json!(state.x));
    }
    if bit(2) {
        known.insert("f[a]".to_owned(), json!(state.f[0]));
    }
    if bit(3) {
        known.insert("f[b]".to_owned(), json!(state.f[1]));
    }
    if bit(4) {
        known.insert("q".to_owned(), json!(state.q));
    }
    event["state"] = Json::Object(known);
    event
}

type Behaviour = Vec<(usize, u32, u32)>;

/// The events of a behaviour, and the actions taken silently.
fn play(actions: &[Action], behaviour: &Behaviour, silent: Option<Action>) -> Vec<Json> {
    let mut state = State { x: 0, f: [0, 0], q: Vec::new() };
    let mut events = Vec::new();
    for (choice, random, mask) in behaviour {
        let action = actions[choice % actions.len()];
        let Some(params) = action.step(&mut state, *random) else { continue };
        if Some(action) != silent {
            events.push(event(action, &params, &state, *mask));
        }
    }
    events
}

fn lines(events: &[Json]) -> String {
    events.iter().map(|e| format!("{e}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_behaviour_with_parts_left_out_is_accepted(
        chosen in proptest::sample::subsequence(ACTIONS.to_vec(), 1..=ACTIONS.len()),
        behaviour in proptest::collection::vec((0_usize..64, 0_u32..64, 0_u32..512), 0..14),
    ) {
        let run = Run::new();
        let spec = run.file("Random.tla", specification(&chosen));
        run.file("Random.cfg", "SPECIFICATION Spec\nCONSTANTS a = a b = b Keys = {a, b}\n");
        let events = play(&chosen, &behaviour, None);
        let (code, object) = run.validate(&spec, lines(&events), &[]);
        prop_assert_eq!(code, 0, "{}", object);
        prop_assert_eq!(&object["matched"], &json!(events.len()));
    }

    #[test]
    fn silent_steps_are_filled_in(
        chosen in proptest::sample::subsequence(ACTIONS.to_vec(), 2..=4),
        behaviour in proptest::collection::vec((0_usize..64, 0_u32..64, 0_u32..512), 0..8),
    ) {
        let run = Run::new();
        let spec = run.file("Random.tla", specification(&chosen));
        run.file("Random.cfg", "SPECIFICATION Spec\nCONSTANTS a = a b = b Keys = {a, b}\n");
        let map = run.file("map.toml", format!("[silent]\nactions = [\"{:?}\"]\nmax = 8\n", chosen[0]));
        let events = play(&chosen, &behaviour, Some(chosen[0]));
        let (code, object) = run.validate(&spec, lines(&events), &["--map", &map]);
        prop_assert_eq!(code, 0, "{}", object);
    }

    #[test]
    fn an_impossible_value_is_rejected_at_its_line(
        chosen in proptest::sample::subsequence(ACTIONS.to_vec(), 1..=ACTIONS.len()),
        behaviour in proptest::collection::vec((0_usize..64, 0_u32..64, 0_u32..512), 1..14),
        place in any::<proptest::sample::Index>(),
    ) {
        let run = Run::new();
        let spec = run.file("Random.tla", specification(&chosen));
        run.file("Random.cfg", "SPECIFICATION Spec\nCONSTANTS a = a b = b Keys = {a, b}\n");
        let mut events = play(&chosen, &behaviour, None);
        prop_assume!(!events.is_empty());
        let place = place.index(events.len());
        events[place]["state"]["x"] = json!(9);
        let (code, object) = run.validate(&spec, lines(&events), &[]);
        prop_assert_eq!(code, 12, "{}", object);
        prop_assert_eq!(stuck_line(&object), &json!(place + 1));
    }

    #[test]
    fn any_bytes_get_an_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<proptest::sample::Index>(),
    ) {
        let run = Run::new();
        let (code, _) = run.validate(TWO_PHASE, &bytes, &[]);
        prop_assert!([0, 12, 150].contains(&code), "{}", code);
        let mut log = COMMIT.as_bytes().to_vec();
        let at = at.index(log.len());
        log.splice(at..(at + 7).min(log.len()), bytes.iter().copied().take(5));
        let (code, _) = run.validate(TWO_PHASE, &log, &[]);
        prop_assert!([0, 12, 150].contains(&code), "{}", code);
        let map = run.file("map.toml", &bytes);
        let (code, _) = run.validate(TWO_PHASE, COMMIT, &["--map", &map]);
        prop_assert!([0, 12, 150, 151].contains(&code), "{}", code);
    }

    #[test]
    fn any_order_of_lines_that_keeps_nodes_is_accepted(picks in proptest::collection::vec(any::<u32>(), 8)) {
        let nodes = ["c", "n1", "n2", "n3"];
        let mut queues: Vec<Vec<&str>> = nodes
            .iter()
            .map(|n| SKEWED.lines().rev().filter(|l| l.contains(&format!("\"node\":\"{n}\""))).collect())
            .collect();
        let mut log = String::new();
        for pick in picks {
            queues.retain(|q| !q.is_empty());
            let chosen = pick as usize % queues.len();
            log.push_str(queues[chosen].pop().unwrap_or_default());
            log.push('\n');
        }
        let (code, object) = Run::new().validate(TWO_PHASE, log, &[]);
        prop_assert_eq!(code, 0, "{}", object);
    }
}
