//! Actions and invariants quantified over sets of the state: the law is that it does not matter how they are asked.
//!
//! Random specifications in which some of three processes are alive, and steps are taken by elements of such sets, in
//! functions written out element by element, and through short definitions and operators as arguments, and that claim
//! something of the elements of such a set, are checked with decision trees and without, by one worker and by several.

mod answers;
mod files;
mod random;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;

use answers::Answer;
use files::Files;

/// A set of processes.
fn processes() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("alive"),
        Just("alive \\ {2}"),
        Just("P \\ alive"),
        Just("{q \\in P : mode[q] = \"run\"}"),
        Just("alive \\cap box[1]"),
        Just("Pick(alive, LAMBDA q : box[q] # {})"),
    ]
}

/// A condition on a process `p`.
fn condition() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("TRUE"),
        Just("mode[p] = \"run\""),
        Just("box[p] # {}"),
        Just("Has(p, 1)"),
        Just("~ Has(p, p)"),
        Just("\\E q \\in alive : Has(q, p)"),
        Just("\\A q \\in Pick(P, LAMBDA e : e # p) : Has(q, p) \\/ mode[q] = mode[p]"),
        Just("Cardinality(alive) > 1"),
        Just("First(alive, LAMBDA q, r : q <= r) = p"),
    ]
}

/// What becomes of `box`, and what is asked of that.
fn boxes() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("box' = [i \\in P |-> IF i = p THEN box[i] \\cup {p} ELSE box[i]]"),
        Just("box' = [i \\in P |-> IF i # p THEN box[i] ELSE {}] /\\ box'[p] = {}"),
        Just(
            "box' = [i \\in P |-> CASE i = p -> box[p] \\ {p} [] i > p -> box[i] [] OTHER -> box[i]] /\\ box[p] # box'[p]"
        ),
        Just("box' = [i \\in P |-> IF i \\in alive THEN box[i] ELSE {i}] /\\ Cardinality(box'[p]) < 3"),
        Just("box' = [i \\in P |-> IF mode[i] = \"run\" THEN box[p] ELSE box[i]] /\\ 2 \\notin box'[3]"),
        Just("box' = [box EXCEPT ![p] = @ \\cup {1}] /\\ Cardinality(box'[1]) <= Cardinality(box'[2]) + 1"),
        Just("(\\E q \\in box[p] : box' = [box EXCEPT ![q] = Put(@, p)])"),
        Just("UNCHANGED box"),
    ]
}

/// What becomes of the rest.
fn rest() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("UNCHANGED <<alive, mode>>"),
        Just("alive' = alive \\ {p} /\\ UNCHANGED mode"),
        Just("alive' = Put(alive, 1 + (p % 3)) /\\ UNCHANGED mode"),
        Just("mode' = [i \\in P |-> IF i = p THEN \"halt\" ELSE mode[i]] /\\ UNCHANGED alive"),
        Just("mode' = [mode EXCEPT ![p] = IF @ = \"run\" THEN \"halt\" ELSE \"run\"] /\\ alive' = alive"),
    ]
}

prop_compose! {
    fn action()(set in processes(), condition in condition(), boxes in boxes(), rest in rest()) -> String {
        format!("(\\E p \\in {set} : ({condition}) /\\ {boxes} /\\ {rest})")
    }
}

/// A claim about each process of a set: mostly one that holds for a while.
fn claim() -> impl Strategy<Value = String> {
    let body = (condition(), 0..3u8).prop_map(|(condition, slack)| match slack {
        0 => format!("({condition}) \\/ box[p] = {{}}"),
        1 => format!("({condition}) \\/ mode[p] = \"run\" \\/ Cardinality(alive) = 3"),
        _ => format!("\\A other \\in box[p] : (p # other => ({condition})) \\/ box[other] = {{}}"),
    });
    (processes(), body).prop_map(|(set, body)| format!("\\A p \\in {set} : {body}"))
}

prop_compose! {
    fn spec()(actions in prop::collection::vec(action(), 3..7), claim in condition(), each in claim()) -> String {
        format!(
            "---- MODULE Processes ----\nEXTENDS Naturals, FiniteSets\nVARIABLES alive, box, mode\n\
             P == 1 .. 3\n\
             Has(q, e) == e \\in box[q]\n\
             Put(set, e) == set \\cup {{e}}\n\
             Pick(S, T(_)) == {{x \\in S : T(x)}}\n\
             First(S, Before(_, _)) == IF S = {{}} THEN 0 ELSE CHOOSE x \\in S : \\A y \\in S : Before(x, y)\n\
             Init == alive = P /\\ box = [p \\in P |-> {{}}] /\\ mode \\in [P -> {{\"run\", \"halt\"}}]\n\
             Next == \\/ {}\n\
             Typed == alive \\subseteq P /\\ box \\in [P -> SUBSET P]\n\
             Claim == \\E p \\in P : ({claim}) \\/ box[p] = {{}} \\/ Cardinality(alive) < 3\n\
             Each == {each}\n====\n",
            actions.join("\n        \\/ ")
        )
    }
}

fn answer(files: &Files, memo: bool, workers: usize, all: bool) -> Result<Answer, String> {
    let plan = modules::plan(&files.spec, &files.config, workers);
    let plan = Plan { memo, no_deadlock: true, continue_after_violation: all, ..plan };
    answers::check(&plan).map(|(answer, _)| answer)
}

#[test]
fn asking_element_by_element_changes_no_answer() {
    let exit = with_large_stack(|| {
        let files = Files::new("Processes", "INIT Init\nNEXT Next\nINVARIANTS Typed Claim Each\n");
        let (many, violated) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let (mut runner, cases) = random::runner(60);
        let outcome = runner.run(&spec(), |text| {
            files.write("Processes", &text);
            let ask = |memo, workers, all| answer(&files, memo, workers, all).map_err(TestCaseError::fail);
            let plain = ask(false, 1, false)?;
            for workers in [1, 2, 7] {
                prop_assert_eq!(&ask(true, workers, false)?, &plain, "{} workers:\n{}", workers, text);
            }
            let every = ask(false, 1, true)?;
            for workers in [1, 7] {
                prop_assert_eq!(&ask(true, workers, true)?, &every, "all findings, {} workers:\n{}", workers, text);
            }
            prop_assert!(plain.0 != "Error", "{:?}:\n{}", plain, text);
            many.set(many.get() + u32::from(plain.1.is_some_and(|distinct| distinct > 50)));
            violated.set(violated.get() + u32::from(every.4.iter().any(|(message, _)| message.contains("Each"))));
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
        assert!(many.get() > cases / 20, "only {} of {cases} specifications have more than 50 states", many.get());
        assert!(violated.get() > 0, "only {} of {cases} specifications violate the last claim", violated.get());
        0
    });
    assert_eq!(exit, 0);
}
