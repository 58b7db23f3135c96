//! Whatever the text: a tree or a diagnostic, in time that grows with its length, never a panic.

mod syntax;

use std::path::Path;

use proptest::prelude::*;
use syntax::{expression, file, on_large_stack};
use tlaloc::syntax::tree::{Expr, ExprKind};

const LEVELS: usize = 10_000;

/// Constructs that nest: what opens a level, what is innermost, what closes a level.
const NESTING: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("{", "1", "}"),
    ("<<", "1", ">>"),
    ("[a |-> ", "1", "]"),
    ("[a : ", "1", "]"),
    ("[x \\in S |-> ", "1", "]"),
    ("[S -> ", "T", "]"),
    ("[f EXCEPT ![1] = ", "1", "]"),
    ("[", "A", "]_v"),
    ("[A]_(", "v", ")"),
    ("<<", "A", ">>_v"),
    ("WF_v(", "A", ")"),
    ("F(", "1", ")"),
    ("F!(", "1", ")"),
    ("F(LAMBDA x : ", "1", ")"),
    ("f[", "1", "]"),
    ("{x \\in ", "S", " : P}"),
    ("{x : x \\in ", "S", "}"),
    ("~", "P", ""),
    ("[]", "P", ""),
    ("- ", "1", ""),
    ("SUBSET ", "S", ""),
    ("\\A x \\in S : ", "P", ""),
    ("\\E x \\in ", "S", " : P"),
    ("CHOOSE x : ", "P", ""),
    ("IF p THEN 1 ELSE ", "2", ""),
    ("IF ", "p", " THEN 1 ELSE 2"),
    ("IF p THEN ", "1", " ELSE 2"),
    ("CASE p -> ", "1", ""),
    ("CASE ", "p", " -> 1"),
    ("LET x == 1 IN ", "x", ""),
    ("LET x == ", "1", " IN x"),
    ("LET I == INSTANCE M WITH c <- ", "1", " IN x"),
    ("l :: ", "P", ""),
    ("a => ", "b", ""),
    ("/\\ ", "P", ""),
    ("\\/ a => /\\ ", "P", ""),
    ("x", "y", "'"),
    ("x", "", "[1]"),
    ("x", "", ".a"),
    ("1", "", " + 1"),
    ("A", "", " \\X A"),
];

fn nested((open, innermost, close): (&str, &str, &str), levels: usize) -> String {
    open.repeat(if open == "x" || open == "1" || open == "A" { 1 } else { levels }) + innermost + &close.repeat(levels)
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    on_large_stack(|| {
        for (index, row) in NESTING.iter().enumerate() {
            let text = nested(*row, LEVELS);
            let shown = text.chars().take(60).collect::<String>();
            assert!(!expression(&text).1.is_empty(), "{shown} is read");
            if index < 3 {
                assert!(!file(&format!("---- MODULE M ----\nx == {text}\n====")).1.is_empty(), "{shown} is read");
            }
        }
    });
}

#[test]
fn moderate_nesting_is_read() {
    on_large_stack(|| {
        for row in NESTING.iter().filter(|row| row.0 != "a => ") {
            let text = nested(*row, 200);
            let (tree, diagnostics) = expression(&text);
            let shown = text.chars().take(60).collect::<String>();
            assert!(tree.is_some() && diagnostics.is_empty(), "{shown}: {diagnostics:?}");
        }
    });
}

#[test]
fn long_chains_and_lists_are_read() {
    on_large_stack(|| {
        let (sum, diagnostics) = expression(&vec!["1"; 5_000].join(" + "));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert!(matches!(*sum.expect("a tree").kind, ExprKind::Infix(..)));
        let (list, diagnostics) = expression(&"/\\ ~x = 1 /\\ \\A y \\in S : f[y] = -1\n".repeat(5_000));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert!(matches!(&*list.expect("a tree").kind, ExprKind::JunctionList(_, items) if items.len() == 5_000));
        let (set, diagnostics) = expression(&format!("{{{}}}", vec!["<<1, ~x>>"; 20_000].join(", ")));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert!(matches!(&*set.expect("a tree").kind, ExprKind::SetEnumeration(items) if items.len() == 20_000));
        let negations = vec!["~a"; 3_000].join(" /\\ ");
        assert!(expression(&negations).1.is_empty());
    });
}

#[test]
fn a_module_of_many_lines_is_read() {
    let unit = "Step(i) == /\\ pc[i] = \"a\" /\\ x' = [x EXCEPT ![i] = @ + 1]\n           /\\ UNCHANGED <<y, z>>\n";
    let text = format!("---- MODULE M ----\nEXTENDS Naturals\n{}====\n", unit.repeat(2_500));
    on_large_stack(|| {
        let (tree, diagnostics) = file(&text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(tree.expect("a tree").modules[0].units.len(), 2_500);
    });
}

#[test]
fn nested_comments_and_modules_are_bounded() {
    on_large_stack(|| {
        let comments = format!("{} x", "(*".repeat(100_000));
        assert_eq!(expression(&comments).1[0].message, "comments nested too deeply");
        let modules = "---- MODULE M ----\n".repeat(10_000);
        assert_eq!(file(&modules).1[0].message, "modules nested too deeply");
        let balanced = format!("{}x{}", "(*".repeat(100), "*)".repeat(100));
        assert!(!expression(&balanced).1.is_empty(), "nothing but a comment");
        assert!(expression(&format!("{balanced} y")).1.is_empty());
    });
}

/// Pieces of the language, well and badly put together.
const PIECES: &[&str] = &[
    "x",
    "Op",
    "1",
    "\"s\"",
    "TRUE",
    "@",
    "(",
    ")",
    "[",
    "]",
    "]_",
    "{",
    "}",
    "<<",
    ">>",
    ">>_",
    ",",
    ":",
    "::",
    "==",
    "=",
    "->",
    "|->",
    "<-",
    "!",
    ".",
    "'",
    "/\\",
    "\\/",
    "~",
    "[]",
    "<>",
    "-",
    "-.",
    "+",
    "\\in",
    "\\X",
    "\\A",
    "\\E",
    "CHOOSE",
    "IF",
    "THEN",
    "ELSE",
    "CASE",
    "OTHER",
    "LET",
    "IN",
    "LAMBDA",
    "EXCEPT",
    "WF_",
    "_",
    "\n",
    "\n ",
    "\n   ",
    "\t",
    "SUBSET",
    "UNCHANGED",
    "----",
    "====",
    "MODULE",
    "---- MODULE M ----",
    "EXTENDS",
    "CONSTANT",
    "VARIABLES",
    "ASSUME",
    "THEOREM",
    "PROVE",
    "PROOF",
    "BY",
    "DEF",
    "QED",
    "OBVIOUS",
    "<1>",
    "<1>2.",
    "<2>",
    "<*>",
    "<+>",
    "USE",
    "INSTANCE",
    "WITH",
    "LOCAL",
    "RECURSIVE",
    "NEW",
    "(*",
    "*)",
    "\\*",
    "\"",
    "\\",
    "∧",
    "é",
    "(+)",
    "1.5",
    "\\b1",
];

fn jumble() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.join(" "))
}

/// A module with some bytes of it replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/modules/tla/FiniteSetsExt.tla"))
        .unwrap_or_else(|_| "---- MODULE M ----\nx == /\\ {1}\n     /\\ [a |-> 1]\n====".to_owned());
    let change = (any::<prop::sample::Index>(), prop::sample::select(PIECES), 0usize..12);
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, piece, removed) in changes {
            let at = at.index(characters.len().max(1)).min(characters.len());
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

fn never_panics(text: &str) {
    let (tree, diagnostics) = file(text);
    assert!(tree.is_some() || diagnostics.iter().any(|d| d.is_error()), "no tree and no reason: {text:?}");
    let (tree, diagnostics): (Option<Expr>, _) = expression(text);
    assert!(tree.is_some() || diagnostics.iter().any(|d| d.is_error()), "no tree and no reason: {text:?}");
    for diagnostic in diagnostics {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        assert!(start <= end && text.get(start..end).is_some(), "{diagnostic:?} is not in {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        never_panics(&text);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        never_panics(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn jumbled_language_gets_an_answer(text in jumble()) {
        never_panics(&text);
        never_panics(&format!("---- MODULE M ----\n{text}\n===="));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_module_gets_an_answer(text in mutated()) {
        never_panics(&text);
    }
}
