//! Actions quantified over sets of the state: the law is that it does not matter how they are asked.
//!
//! Random specifications in which some of three processes are alive, and steps are taken by elements of such sets, in
//! functions written out element by element, and through short definitions and operators as arguments, are checked
//! with decision trees and without, by one worker and by several.

mod answers;

use std::path::Path;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;

use answers::Answer;

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

prop_compose! {
    fn spec()(actions in prop::collection::vec(action(), 3..7), claim in condition()) -> String {
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
             Claim == \\E p \\in P : ({claim}) \\/ box[p] = {{}} \\/ Cardinality(alive) < 3\n====\n",
            actions.join("\n        \\/ ")
        )
    }
}

fn answer(spec: &Path, config: &Path, memo: bool, workers: usize) -> Result<Answer, String> {
    let plan = Plan { memo, no_deadlock: true, ..modules::plan(spec, config, workers) };
    answers::check(&plan).map(|(answer, _)| answer)
}

#[test]
fn asking_element_by_element_changes_no_answer() {
    let exit = with_large_stack(|| {
        let folder = tempfile::tempdir().expect("a folder for specifications");
        let (spec_file, config) = (folder.path().join("Processes.tla"), folder.path().join("Processes.cfg"));
        std::fs::write(&config, "INIT Init\nNEXT Next\nINVARIANTS Typed Claim\n").expect("the folder is ours");
        let many = std::cell::Cell::new(0);
        let (mut runner, cases) = answers::runner(60);
        let outcome = runner.run(&spec(), |text| {
            std::fs::write(&spec_file, &text).expect("the folder is ours");
            let ask = |memo, workers| answer(&spec_file, &config, memo, workers).map_err(TestCaseError::fail);
            let plain = ask(false, 1)?;
            for (memo, workers) in [(true, 1), (true, 2), (true, 7)] {
                prop_assert_eq!(&ask(memo, workers)?, &plain, "{} workers, memo {}:\n{}", workers, memo, text);
            }
            prop_assert!(plain.0 != "Error", "{:?}:\n{}", plain, text);
            many.set(many.get() + u32::from(plain.1.is_some_and(|distinct| distinct > 50)));
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{failure}");
        }
        assert!(many.get() > cases / 10, "only {} of {cases} specifications have more than 50 states", many.get());
        0
    });
    assert_eq!(exit, 0);
}
