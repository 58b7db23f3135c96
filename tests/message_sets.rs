//! Sets that are kept by their elements: the law is that nobody can tell.
//!
//! Random specifications over a set of messages and a function of sets, with every way to ask for single elements, to
//! grow and to shrink such sets, are checked with decision trees and without, by one worker and by several, and whatever
//! is kept of states.

mod answers;
mod files;
mod random;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::{Plan, States};

use answers::Answer;
use files::Files;

/// A message, over a number.
fn message() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("0"), Just("1"), Just("x"), Just("1 - x")];
    (prop_oneof![Just("a"), Just("b"), Just("c")], number).prop_map(|(t, n)| format!("[t |-> \"{t}\", n |-> {n}]"))
}

/// What an element `m` is asked for first.
fn guard() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("m.t = \"a\"".to_owned()),
        Just("m.t \\in {\"a\", \"b\"}".to_owned()),
        Just("(m.t = \"b\" \\/ m.n = 0)".to_owned()),
        Just("m.n # 0 /\\ m.t # \"c\"".to_owned()),
        message().prop_map(|e| format!("m # {e}")),
        Just("Small(m)".to_owned()),
        Just("m.n = x".to_owned()),
    ]
}

/// A condition on the current state.
fn condition() -> BoxedStrategy<String> {
    prop_oneof![
        message().prop_map(|e| format!("{e} \\in msgs")),
        message().prop_map(|e| format!("{e} \\notin msgs")),
        guard().prop_map(|g| format!("\\E m \\in msgs : {g}")),
        guard().prop_map(|g| format!("\\E m \\in msgs : {g} /\\ m.n <= x")),
        guard().prop_map(|g| format!("\\A m \\in msgs : ({g}) => m.n = x")),
        guard().prop_map(|g| format!("\\A m \\in msgs : {g}")),
        guard().prop_map(|g| format!("Cardinality({{m \\in msgs : {g}}}) < 2")),
        (guard(), message()).prop_map(|(g, e)| format!("{e} \\notin {{m \\in msgs : {g}}}")),
        Just("\\E q \\in box[1] : q > 0 /\\ q > x".to_owned()),
        Just("0 \\in box[2]".to_owned()),
        Just("x \\in box[1 + x]".to_owned()),
        Just("x = 1".to_owned()),
        Just("msgs = {}".to_owned()),
    ]
    .boxed()
}

/// What becomes of `msgs` and `box`, `m` being some message.
fn change() -> BoxedStrategy<String> {
    prop_oneof![
        message().prop_map(|e| format!("msgs' = msgs \\cup {{{e}}} /\\ UNCHANGED box")),
        (message(), message()).prop_map(|(e, f)| format!("msgs' = (msgs \\ {{{e}}}) \\cup {{{f}}} /\\ UNCHANGED box")),
        (message(), message()).prop_map(|(e, f)| format!("msgs' = msgs \\cup {{{e}, {f}}} /\\ UNCHANGED box")),
        guard().prop_map(|g| format!("msgs' = msgs \\ {{m \\in msgs : {g}}} /\\ UNCHANGED box")),
        Just("msgs' = {} /\\ UNCHANGED box".to_owned()),
        Just("box' = [box EXCEPT ![1] = @ \\cup {x}] /\\ UNCHANGED msgs".to_owned()),
        Just("box' = [box EXCEPT ![1 + x] = @ \\ {1}, ![2] = @ \\cup {x}] /\\ UNCHANGED msgs".to_owned()),
        Just("Send([t |-> \"b\", n |-> x]) /\\ UNCHANGED box".to_owned()),
        (condition(), message())
            .prop_map(|(c, e)| format!("msgs' = (IF {c} THEN msgs \\cup {{{e}}} ELSE msgs) /\\ UNCHANGED box")),
    ]
    .boxed()
}

/// An action.
fn action() -> BoxedStrategy<String> {
    let step = prop_oneof![Just("x' = x"), Just("x' = 1 - x"), Just("x' \\in {0, 1}")];
    prop_oneof![
        (condition(), change(), step.clone()).prop_map(|(c, a, x)| format!("({c}) /\\ {a} /\\ {x}")),
        (guard(), step.clone()).prop_map(|(g, x)| format!(
            "\\E m \\in msgs : /\\ {g} /\\ msgs' = msgs \\ {{m}} /\\ UNCHANGED box /\\ {x}"
        )),
        (guard(), step).prop_map(|(g, x)| format!(
            "\\E m \\in msgs : /\\ {g} /\\ Send([t |-> \"c\", n |-> 1 - m.n]) /\\ box' = [box EXCEPT ![2] = @ \\cup {{m.n}}] /\\ {x}"
        )),
    ]
    .boxed()
}

/// A claim about every message that reads more than the message.
fn claim() -> BoxedStrategy<String> {
    prop_oneof![
        guard().prop_map(|g| format!("({g}) \\/ m.n \\in box[1] \\/ box[2] = {{}} \\/ x = m.n")),
        guard().prop_map(|g| format!("({g}) => m.n \\notin box[1 + x] \\/ 0 \\in box[2]")),
        guard().prop_map(|g| format!("\\A q \\in box[1 + m.n] : ({g}) \\/ q = x \\/ Cardinality(msgs) < 3")),
        message().prop_map(|e| format!("{e} \\in msgs \\/ box[1] # box[2] \\/ m.n <= x \\/ m.t = \"b\"")),
    ]
    .boxed()
}

prop_compose! {
    fn spec()(
        actions in prop::collection::vec(action(), 2..6),
        invariant in condition(),
        unless in condition(),
        each in claim(),
    ) -> String {
        format!(
            "---- MODULE Messages ----\nEXTENDS Naturals, FiniteSets\nVARIABLES msgs, box, x\n\
             Small(m) == m.t = \"c\" /\\ m.n < 1\nSend(m) == msgs' = msgs \\cup {{m}}\n\
             Message == [t : {{\"a\", \"b\", \"c\"}}, n : 0 .. 1]\n\
             Init == msgs = {{}} /\\ box = [p \\in 1 .. 2 |-> {{}}] /\\ x = 0\n\
             Next == \\/ {}\n\
             Typed == msgs \\subseteq Message /\\ box \\in [1 .. 2 -> SUBSET {{0, 1}}] /\\ x \\in 0 .. 1\n\
             Claim == ({invariant}) \\/ ({unless}) \\/ x = 0\n\
             Each == \\A m \\in msgs : {each}\n====\n",
            actions.join("\n        \\/ ")
        )
    }
}

/// The answer, and whether `msgs` was kept by its elements.
fn answer(files: &Files, memo: bool, workers: usize, states: States) -> Result<(Answer, bool), String> {
    let plan = modules::plan(&files.spec, &files.config, workers);
    let plan = Plan { memo, states, stats: true, no_deadlock: true, ..plan };
    let (answer, report) = answers::check(&plan)?;
    let by_elements = report.stats.iter().flat_map(|s| &s.slots).any(|slot| slot.name.starts_with("msgs{"));
    Ok((answer, by_elements))
}

/// The answer to whether an invariant holds: the same with and without decision trees, `msgs` being kept by its elements.
fn answer_by_elements(text: &str, invariant: &str) -> Answer {
    let files = Files::new("Messages", &format!("INIT Init\nNEXT Next\nINVARIANT {invariant}\n"));
    files.write("Messages", text);
    let (plain, _) = answer(&files, false, 1, States::Exact).expect("the specification is right");
    for workers in [1, 2, 7] {
        let (kept, by_elements) = answer(&files, true, workers, States::Exact).expect("it is right");
        assert_eq!(kept, plain, "{workers} workers");
        assert!(by_elements, "msgs is kept by its elements");
    }
    plain
}

#[test]
fn elements_in_slots_of_their_own_change_no_answer() {
    let exit = with_large_stack(|| {
        let files = Files::new("Messages", "INIT Init\nNEXT Next\nINVARIANTS Typed Claim Each\n");
        let split = std::cell::Cell::new(0);
        let (mut runner, cases) = random::runner(60);
        let outcome = runner.run(&spec(), |text| {
            files.write("Messages", &text);
            let ask = |memo, workers, states| answer(&files, memo, workers, states).map_err(TestCaseError::fail);
            let (plain, _) = ask(false, 1, States::Exact)?;
            for states in [States::Exact, States::Compressed, States::Fingerprints] {
                for (memo, workers) in [(true, 1), (true, 2), (true, 7), (false, 2)] {
                    let (kept, by_elements) = ask(memo, workers, states)?;
                    prop_assert_eq!(&kept, &plain, "{} workers, memo {}, {:?}:\n{}", workers, memo, states, text);
                    split.set(split.get() + u32::from(by_elements && workers == 1 && states == States::Exact));
                }
            }
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
        assert!(split.get() > cases / 4, "only {} of {cases} specifications keep msgs by elements", split.get());
        0
    });
    assert_eq!(exit, 0);
}

/// All messages are known long before one of them comes back and violates a claim about each, in a step that changes
/// nothing else.
#[test]
fn a_claim_about_each_message_is_asked_when_only_messages_change() {
    let exit = with_large_stack(|| {
        let text = "---- MODULE Messages ----\nEXTENDS Naturals\nVARIABLES msgs, x\n\
                    Init == msgs = {} /\\ x = 0\n\
                    Add == x < 4 /\\ msgs' = msgs \\cup {[n |-> x]} /\\ x' = x + 1\n\
                    Drop == x \\in 4 .. 9 /\\ UNCHANGED x /\\ \\E n \\in 0 .. 3 :\n  \
                    [n |-> n] \\in msgs /\\ msgs' = msgs \\ {[n |-> n]}\n\
                    Wait == x \\in 4 .. 9 /\\ [n |-> x - 7] \\notin msgs /\\ x' = x + 1 /\\ UNCHANGED msgs\n\
                    Back == x = 10 /\\ [n |-> 1] \\notin msgs /\\ msgs' = msgs \\cup {[n |-> 2]} /\\ UNCHANGED x\n\
                    Next == Add \\/ Drop \\/ Wait \\/ Back\n\
                    Each == \\A m \\in msgs : m.n # 2 \\/ x # 10 \\/ [n |-> 1] \\in msgs \\/ [n |-> 3] \\in msgs\n====\n";
        let plain = answer_by_elements(text, "Each");
        assert_eq!(plain.0, "Violation", "{plain:?}");
        0
    });
    assert_eq!(exit, 0);
}

/// Of two violations at the same depth the first in the structural order counts, where sets lie in the order in which
/// their elements were met, too.
#[test]
fn the_finding_that_counts_does_not_depend_on_slots() {
    let exit = with_large_stack(|| {
        // Slot by slot, {3} would come before {2} and {1}, which have something in slots before that of 3.
        let text = "---- MODULE Messages ----\nEXTENDS Naturals, FiniteSets\nVARIABLE msgs\n\
                    Init == msgs = {}\n\
                    Send(n) == n \\notin msgs /\\ msgs' = msgs \\cup {n}\n\
                    Next == Send(1) \\/ Send(2) \\/ Send(3)\n\
                    Few == Cardinality(msgs) < 3 /\\ \\A n \\in msgs : n < 2 \\/ Cardinality(msgs) < 2\n====\n";
        let plain = answer_by_elements(text, "Few");
        let trace = plain.4[0].1.as_ref().expect("there is a trace");
        assert_eq!(trace.join(" "), "{} {1} {1, 2}");
        0
    });
    assert_eq!(exit, 0);
}
