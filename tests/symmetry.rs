//! SYMMETRY on random specifications: the counts are those of listing every permutation of every state.
//!
//! With a VIEW of all variables the representative is the least state of the whole orbit, found by trying all
//! permutations; without one it is found by sorting. Both must find the same orbits.

mod random;

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules::{answer, check, plan};
use tlaloc::pipeline::Plan;

const GUARDS: [&str; 12] = [
    "TRUE",
    "p # q",
    "f[p] = 0",
    "f[p] < f[q]",
    "p \\in s",
    "q \\notin s",
    "g[p] = q",
    "g[q] = None",
    "<<p, q>> \\in m",
    "<<q, q>> \\notin m",
    "p \\notin DOMAIN h",
    "Cardinality(s) < 2",
];
const UPDATES: [(&str, &[&str]); 5] = [
    ("f", &["f", "[f EXCEPT ![p] = (@ + 1) % 2]", "[f EXCEPT ![p] = f[q]]"]),
    ("g", &["g", "g", "[g EXCEPT ![p] = q]", "[g EXCEPT ![q] = None]", "[g EXCEPT ![p] = g[q]]"]),
    ("s", &["s", "s \\cup {p}", "s \\ {q}"]),
    ("m", &["m", "m", "m \\cup {<<p, q>>}", "{t \\in m : t[1] # p}"]),
    ("h", &["h", "h", "[x \\in (DOMAIN h \\cup {p}) |-> q]", "[x \\in (DOMAIN h \\ {p}) |-> h[x]]"]),
];

/// An action by numbers into the lists above.
type Action = ([usize; 2], [usize; 5]);

fn module(actions: &[Action]) -> String {
    let mut text = String::from(
        "---- MODULE Random ----\nEXTENDS Naturals, FiniteSets, TLC\nCONSTANTS P, None\nVARIABLES f, g, s, m, h\n\
         vars == <<f, g, s, m, h>>\nPerms == Permutations(P)\n\
         Init == f = [p \\in P |-> 0] /\\ g = [p \\in P |-> None] /\\ s = {} /\\ m = {} /\\ h = [p \\in {} |-> None]\n\
         Small == Cardinality(m) < 3\nNext == \\E p, q \\in P :\n",
    );
    for (guards, updates) in actions {
        text.push_str("  \\/ ");
        for guard in guards {
            let _ = write!(text, "/\\ {}\n     ", GUARDS[guard % GUARDS.len()]);
        }
        for ((variable, values), number) in UPDATES.iter().zip(updates) {
            let _ = write!(text, "/\\ {variable}' = {}\n     ", values[number % values.len()]);
        }
        text.push('\n');
    }
    text.push_str("====\n");
    text
}

/// Verdict and counts.
fn outcome(folder: &Path, view: bool, workers: usize) -> (String, [Option<u64>; 3]) {
    let config = folder.join(if view { "View.cfg" } else { "Random.cfg" });
    let text = format!(
        "INIT Init\nNEXT Next\nCONSTANTS P = {{a, b, c, d}} None = None\nSYMMETRY Perms\nCONSTRAINT Small\n\
         CHECK_DEADLOCK FALSE\n{}",
        if view { "VIEW vars\n" } else { "" }
    );
    std::fs::write(&config, text).expect("the folder is writable");
    let plan = Plan { max_depth: Some(7), paranoid: !view, ..plan(&folder.join("Random.tla"), &config, workers) };
    let (report, _) = check(&plan).expect("no panic");
    assert!(report.diagnostics.iter().all(|d| d.code != "symmetry"), "{:?}", report.diagnostics);
    (answer(&report).to_owned(), [report.distinct, report.generated, report.depth])
}

#[test]
fn sorting_finds_the_orbits_that_listing_finds() {
    let law = |actions: Vec<Action>| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("Random.tla"), module(&actions)).expect("the folder is writable");
        let listed = outcome(folder.path(), true, 1);
        prop_assert_eq!(&outcome(folder.path(), false, 1), &listed, "{}", module(&actions));
        prop_assert_eq!(&outcome(folder.path(), false, 2), &listed, "{}", module(&actions));
        Ok(())
    };
    let exit = with_large_stack(move || {
        let (mut runner, _) = random::runner(24);
        let action = (prop::array::uniform2(0..100_usize), prop::array::uniform5(0..100_usize));
        let actions = prop::collection::vec(action, 1..4);
        runner.run(&actions, law).expect("the counts are equal");
        0
    });
    assert_eq!(exit, 0);
}
