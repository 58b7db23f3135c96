//! Whatever the text of a small spec and its config: checking it ends in a report, never in a panic.

mod random;

use std::path::Path;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;

const SPEC: &str = r#"---- MODULE Fuzz ----
EXTENDS Integers , Sequences , FiniteSets , TLC
CONSTANTS P , F ( _ )
VARIABLES x , s , f
vars == << x , s , f >>
Up ( v , k ) == ( v + k ) % 3
RECURSIVE Sum ( _ )
Sum ( q ) == IF q = << >> THEN 0 ELSE Head ( q ) + Sum ( Tail ( q ) )
g [ n \in 0 .. 2 ] == IF n = 0 THEN 1 ELSE n * g [ n - 1 ]
I ( k ) == INSTANCE Naturals
Init == /\ x \in 0 .. 1
        /\ s = << >>
        /\ f = [ p \in P |-> 0 ]
A ( p ) == /\ x < 2
           /\ x' = Up ( x , 1 )
           /\ f' = [ f EXCEPT ! [ p ] = @ + F ( 1 ) ]
           /\ UNCHANGED s
B == \/ /\ Len ( s ) < 2 /\ s' = Append ( s , x )
        /\ UNCHANGED << x , f >>
     \/ /\ \E y \in { 0 , 2 } : x' = y
        /\ s' = LET h ( a ) == SubSeq ( s , 2 , a ) IN IF s = << >> THEN s ELSE h ( Len ( s ) )
        /\ f' \in [ P -> 0 .. 1 ]
Next == ( \E p \in P : A ( p ) ) \/ B
Spec == Init /\ [] [ Next ] _ vars
Small == /\ x \in 0 .. 2 /\ Sum ( s ) <= 4
         /\ \A p , q \in P : f [ p ] - f [ q ] < 4
Steps == [] [ x' # x \/ s' # s \/ CASE x = 0 -> TRUE [] OTHER -> f' # f ] _ vars
Rec == [ a |-> x , b |-> { z \in 0 .. 3 : z > x } , c |-> DOMAIN f , d |-> ENABLED B ]
Con == Cardinality ( Rec . b ) >= 0 /\ TLCGet ( "level" ) < 4
Perms == Permutations ( P )
====
"#;

const CONFIG: &str = "SPECIFICATION Spec INVARIANT Small PROPERTY Steps CONSTRAINT Con VIEW vars \
                      CONSTANT P = { p1 , p2 } F ( 1 ) = 1 SYMMETRY Perms CHECK_DEADLOCK FALSE ALIAS Rec";

/// A change of a text of words.
#[derive(Clone, Debug)]
enum Change {
    Delete(usize),
    Double(usize),
    Swap(usize, usize),
    Copy { from: usize, to: usize },
    Put(usize, &'static str),
}

const WORDS: [&str; 40] = [
    "x'", "@", "!", "[]", "<>", "'", "=", "==", "/\\", "\\/", "~", "=>", "\\in", "<<", ">>", "(", ")", "[", "]", "{",
    "}", ",", ":", "LET", "IN", "IF", "CHOOSE", "CASE", "LAMBDA", "INSTANCE", "ENABLED", "\"s\"", "TRUE", "0", "-",
    "_", "::", "Nat", "vars", "WF_vars",
];

fn change() -> impl Strategy<Value = Change> {
    let place = 0..4_000_usize;
    prop_oneof![
        place.clone().prop_map(Change::Delete),
        place.clone().prop_map(Change::Double),
        (place.clone(), place.clone()).prop_map(|(a, b)| Change::Swap(a, b)),
        (place.clone(), place.clone()).prop_map(|(from, to)| Change::Copy { from, to }),
        (place, prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Change::Put(at, word)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut words: Vec<String> = text.split_inclusive(char::is_whitespace).map(str::to_owned).collect();
    for change in changes {
        let len = words.len().max(1);
        if words.is_empty() {
            break;
        }
        match change {
            Change::Delete(at) => drop(words.remove(at % len)),
            Change::Double(at) => words.insert(at % len, words[at % len].clone()),
            Change::Swap(a, b) => words.swap(a % len, b % len),
            Change::Copy { from, to } => words[to % len] = words[from % len].clone(),
            Change::Put(at, word) => words[at % len] = format!("{word} "),
        }
    }
    words.concat()
}

fn ends_in_a_report(spec: &str, config: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("Fuzz.tla"), spec).map_err(|e| e.to_string())?;
    std::fs::write(path("Fuzz.cfg"), config).map_err(|e| e.to_string())?;
    let plan = modules::plan(Path::new(&path("Fuzz.tla")), Path::new(&path("Fuzz.cfg")), 1);
    let plan = Plan { max_states: Some(300), max_depth: Some(6), max_set_size: 1_000, ..plan };
    let (report, _) = modules::check(&plan)?;
    // What went wrong has a place or a name.
    if report.exit_code() == 150 && !report.diagnostics.iter().any(|d| d.is_error() && !d.span.is_none()) {
        return Err("a parse error without a place".to_owned());
    }
    Ok(())
}

#[test]
fn the_unchanged_spec_is_checked() {
    let exit = with_large_stack(|| {
        ends_in_a_report(SPEC, CONFIG).expect("it ends in a report");
        0
    });
    assert_eq!(exit, 0);
}

#[test]
fn checking_changed_specs_never_panics() {
    let exit = with_large_stack(|| {
        let (mut runner, _) = random::runner(200);
        let changes = || prop::collection::vec(change(), 0..4);
        let result = runner.run(&(changes(), changes()), |(in_spec, in_config)| {
            let in_config = if in_spec.len() > 1 { &[] } else { &in_config[..] };
            ends_in_a_report(&changed(SPEC, &in_spec), &changed(CONFIG, in_config)).map_err(TestCaseError::fail)
        });
        if let Err(error) = result {
            panic!("{error}");
        }
        0
    });
    assert_eq!(exit, 0);
}
