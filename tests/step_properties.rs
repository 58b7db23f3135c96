//! Properties of steps in pieces: the law is that nobody can tell.
//!
//! Random specifications and random refinement mappings from them to a module of two variables, whose actions compare,
//! keep and change what the variables stand for, are checked with decision trees and without, by one worker and by two.
//! Some of the expressions have no value in some states, so that the order in which conditions are asked shows.

mod answers;
mod files;
mod random;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;

use answers::Answer;
use files::Files;

/// What an abstract variable stands for.
fn mapping() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("f"),
        Just("x"),
        Just("s"),
        Just("[i \\in 1 .. 2 |-> f[i] + x]"),
        Just("[i \\in 1 .. 2 |-> IF x = 0 THEN 0 ELSE f[i]]"),
        Just("[i \\in 1 .. 2 |-> f[1 + x]]"),
        Just("f[x]"),
        Just("<<f[1], s>>"),
        Just("[f EXCEPT ![1] = s]"),
        Just("IF x = 2 THEN \"two\" ELSE f[1]"),
        Just("{i \\in 1 .. 3 : f[i] = s}"),
        Just("LET most == CHOOSE i \\in 1 .. 3 : f[i] >= s IN [at |-> most, of |-> x]"),
        Just("Cardinality(DOMAIN f)"),
    ]
}

/// A condition about a step of the abstract variables.
fn condition() -> BoxedStrategy<String> {
    let plain = prop_oneof![
        Just("y' = y"),
        Just("y' # y"),
        Just("g' = g"),
        Just("UNCHANGED g"),
        Just("UNCHANGED <<g, y>>"),
        Just("UNCHANGED both"),
        Just("g' = [g EXCEPT ![1] = 0]"),
        Just("g' = [g EXCEPT ![2] = @ + 1]"),
        Just("y' = y + 1"),
        Just("y' = 0"),
        Just("g = 0"),
        Just("g[1] = 0"),
        Just("g[1] > 1"),
        Just("g'[2] = g[2]"),
        Just("y' \\in {0, 1}"),
        Just("y \\in 0 .. 1"),
        Just("g' = y'"),
        Just("g = y"),
        Just("g' = y"),
        Just("FALSE"),
    ];
    plain
        .prop_map(str::to_owned)
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(|cs| format!("({})", cs.join(" /\\ "))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|cs| format!("({})", cs.join(" \\/ "))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} => {b})")),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| format!("(IF {a} THEN {b} ELSE {c})")),
                inner.clone().prop_map(|c| format!("(\\E i \\in 1 .. 2 : g'[i] = g[i] /\\ {c})")),
                inner.clone().prop_map(|c| format!("(\\A i \\in 1 .. 2 : g' = [g EXCEPT ![i] = 1] \\/ {c})")),
                inner.prop_map(|c| format!("[{c}]_<<y>>")),
            ]
        })
        .boxed()
}

/// An action of the specification that is checked.
fn action() -> BoxedStrategy<String> {
    let f = prop_oneof![
        Just("UNCHANGED f"),
        Just("\\E i \\in 1 .. 3 : f' = [f EXCEPT ![i] = (@ + 1) % 4]"),
        Just("\\E i \\in 1 .. 3 : f' = [f EXCEPT ![i] = s]"),
    ];
    let x = prop_oneof![Just("UNCHANGED x"), Just("x' = (x + 1) % 3"), Just("x' = 1")];
    let s = prop_oneof![Just("UNCHANGED s"), Just("s' \\in 0 .. 3"), Just("s' = f[1]")];
    (f, x, s).prop_map(|(f, x, s)| format!("{f} /\\ {x} /\\ {s}")).boxed()
}

prop_compose! {
    fn specs()(
        actions in prop::collection::vec(action(), 1..3),
        g in mapping(),
        y in mapping(),
        next in condition(),
        other in condition(),
        // Most conditions do not hold of most steps: one that does lets the search go on.
        holds in prop::bool::weighted(0.7),
    ) -> (String, String) {
        let concrete = format!(
            "---- MODULE Concrete ----\nEXTENDS Naturals, FiniteSets\nVARIABLES f, x, s\n\
             Init == f = [i \\in 1 .. 3 |-> 0] /\\ x = 1 /\\ s = 0\n\
             Next == \\/ \\E i \\in 1 .. 3 : f' = [f EXCEPT ![i] = (@ + 1) % 4] /\\ UNCHANGED <<x, s>>\n\
             \x20       \\/ {}\n\
             Spec == Init /\\ [][Next]_<<f, x, s>>\n\
             G == {g}\nA == INSTANCE Abstract WITH g <- G, y <- {y}\nRefines == A!Steps\n====\n",
            actions.join("\n        \\/ ")
        );
        let holds = if holds { " \\/ g' = g \\/ g' # g" } else { "" };
        let abstract_module = format!(
            "---- MODULE Abstract ----\nEXTENDS Naturals, FiniteSets\nVARIABLES g, y\nboth == <<g, y>>\n\
             Next == {next} \\/ {other}{holds}\nSteps == [][Next]_both\n====\n"
        );
        (concrete, abstract_module)
    }
}

fn answer(files: &Files, memo: bool, workers: usize) -> Result<Answer, String> {
    let plan = Plan { memo, no_deadlock: true, ..modules::plan(&files.spec, &files.config, workers) };
    answers::check(&plan).map(|(answer, _)| answer)
}

#[test]
fn properties_of_steps_in_pieces_change_no_answer() {
    let exit = with_large_stack(|| {
        let files = Files::new("Concrete", "SPECIFICATION Spec\nPROPERTY Refines\n");
        let (mut runner, cases) = random::runner(96);
        let (holding, violated) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let result = runner.run(&specs(), |(concrete, abstract_module)| {
            files.write("Concrete", &concrete);
            files.write("Abstract", &abstract_module);
            let direct = answer(&files, false, 1);
            for workers in [1, 2] {
                let memoised = answer(&files, true, workers);
                prop_assert_eq!(&memoised, &direct, "{} workers\n{}\n{}", workers, concrete, abstract_module);
            }
            if let Ok((verdict, ..)) = direct {
                let count = if verdict == "Ok" { &holding } else { &violated };
                count.set(count.get() + 1);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{}", result.err().map_or_else(String::new, |e| e.to_string()));
        assert!(holding.get() > cases / 20 && violated.get() > cases / 20, "{holding:?} hold, {violated:?} do not");
        0
    });
    assert_eq!(exit, 0);
}
