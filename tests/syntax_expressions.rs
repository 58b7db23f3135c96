//! How expressions group, and which need parentheses.

mod syntax;

use syntax::{expression, file, shape};
use tlaloc::syntax::operators::OPERATORS;
use tlaloc::syntax::tree::*;

/// The expression with all its grouping shown.
fn grouped(text: &str) -> String {
    let (tree, diagnostics) = expression(text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    group(&tree.expect("a tree without diagnostics"))
}

fn group(e: &Expr) -> String {
    let all = |list: &[Expr]| list.iter().map(group).collect::<Vec<_>>().join(", ");
    match &*e.kind {
        ExprKind::Number(n) => n.clone(),
        ExprKind::Path(steps) => steps
            .iter()
            .map(|s| match &s.selector {
                Selector::Name(n) if s.arguments.is_empty() => n.clone(),
                Selector::Name(n) => format!("{n}({})", all(&s.arguments)),
                other => format!("{other:?}"),
            })
            .collect::<Vec<_>>()
            .join("!"),
        ExprKind::Prefix(o, e) => format!("({} {})", o.text, group(e)),
        ExprKind::Infix(o, l, r) => format!("({} {} {})", group(l), o.text, group(r)),
        ExprKind::Postfix(o, e) => format!("({}{})", group(e), o.text),
        ExprKind::Product(factors) => format!("X({})", all(factors)),
        ExprKind::JunctionList(Junction::And, items) => format!("and[{}]", all(items)),
        ExprKind::JunctionList(Junction::Or, items) => format!("or[{}]", all(items)),
        ExprKind::Apply(f, arguments) => format!("{}[{}]", group(f), all(arguments)),
        ExprKind::Field(r, f) => format!("{}.{}", group(r), f.text),
        ExprKind::Quantified(_, _, body) => format!("Q({})", group(body)),
        ExprKind::If(c, a, b) => format!("if({}, {}, {})", group(c), group(a), group(b)),
        ExprKind::Case(arms, other) => {
            let arms: Vec<_> = arms.iter().map(|(p, e)| format!("{}: {}", group(p), group(e))).collect();
            format!("case({}; {})", arms.join(", "), other.as_ref().map_or(String::new(), group))
        }
        ExprKind::SetFilter(..) => "filter".to_owned(),
        ExprKind::SetMap(..) => "map".to_owned(),
        other => format!("{other:?}"),
    }
}

fn refused(text: &str) {
    let (tree, diagnostics) = expression(text);
    assert!(tree.is_none() || diagnostics.iter().any(|d| d.code == "parse"), "{text:?} is read");
}

#[test]
fn precedence_groups() {
    for (text, expected) in [
        ("~x \\in S", "(~ (x \\in S))"),
        ("-a*b", "(-. (a * b))"),
        ("-7 \\div 2", "(-. (7 \\div 2))"),
        ("-7 % 3", "((-. 7) % 3)"),
        ("-a+b", "((-. a) + b)"),
        ("a+b-c", "(a + (b - c))"),
        ("a-b+c", "((a - b) + c)"),
        ("a-b-c", "((a - b) - c)"),
        ("a <=> b => c", "((a <=> b) => c)"),
        ("[]P => Q", "(([] P) => Q)"),
        ("ENABLED A /\\ B", "((ENABLED A) /\\ B)"),
        ("DOMAIN f \\cup T", "((DOMAIN f) \\cup T)"),
        ("r.f[x]", "r.f[x]"),
        ("f[x].g'", "(f[x].g')"),
        ("pc'[self]", "(pc')[self]"),
        ("A \\X B \\X C", "X(A, B, C)"),
        ("(A \\X B) \\X C", "X(X(A, B), C)"),
        ("1 - -1", "(1 - (-. 1))"),
        ("- - 3", "(-. (-. 3))"),
        ("7 % 2 * 3", "(7 % (2 * 3))"),
        ("x' = ~x", "((x') = (~ x))"),
        ("a = ~b /\\ c", "((a = (~ b)) /\\ c)"),
        ("1..n-1", "(1 .. (n - 1))"),
        ("a :> 1 @@ b :> 2", "((a :> 1) @@ (b :> 2))"),
        ("P ~> <>Q", "(P ~> (<> Q))"),
        ("a ≤ b ∧ ¬c", "((a \\leq b) /\\ (~ c))"),
        ("a /\\ \\A x \\in S : b => c", "(a /\\ Q((b => c)))"),
        ("IF p THEN a ELSE b + c", "if(p, a, (b + c))"),
        ("I!+(a, b)", "I!+(a, b)"),
        ("F(+, -, /\\)", "F(+, -, /\\)"),
    ] {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn conflicting_operators_are_refused() {
    for text in [
        "a/b/c",
        "a*b/c",
        "a % b + c",
        "a = b = c",
        "a => b => c",
        "a^b^c",
        "a <=> b <=> c",
        "S \\cup T \\cap U",
        "S \\cup T \\ U",
        "SUBSET S \\X T",
        "a /\\ b \\/ c",
        "2 * -3",
        "7 % 2 + 3",
        "7 + 2 % 3",
        "a^-b",
        "[]P = Q",
    ] {
        refused(text);
    }
}

#[test]
fn two_operators_meet_as_the_table_says() {
    use tlaloc::syntax::operators::{Order, order};
    for left in OPERATORS.iter().filter(|o| o.fixity == Fixity::Infix) {
        for right in OPERATORS.iter().filter(|o| o.fixity == Fixity::Infix) {
            let text = format!("a {} b {} c", left.canonical, right.canonical);
            let product = left.canonical == "\\X" && right.canonical == "\\X";
            let (tree, diagnostics) = expression(&text);
            assert_eq!(diagnostics.is_empty(), order(left, right) != Order::Conflict, "{text}");
            if diagnostics.is_empty() && !product && left.canonical != "\\X" && right.canonical != "\\X" {
                let (l, r) = (left.canonical, right.canonical);
                let expected = match order(left, right) {
                    Order::LeftTighter => format!("((a {l} b) {r} c)"),
                    _ => format!("(a {l} (b {r} c))"),
                };
                assert_eq!(group(&tree.expect("a tree")), expected, "{text}");
            }
        }
    }
}

#[test]
fn every_spelling_is_its_operator() {
    for operator in OPERATORS {
        for spelling in operator.synonyms.iter().chain([&operator.canonical]) {
            let (text, canonical) = match operator.fixity {
                Fixity::Infix => (format!("a {spelling} b"), format!("a {} b", operator.canonical)),
                Fixity::Prefix => (format!("{spelling} a"), format!("{} a", operator.canonical)),
                _ => (format!("a {spelling}"), format!("a {}", operator.canonical)),
            };
            assert_eq!(grouped(&text), grouped(&canonical), "{spelling}");
        }
    }
}

#[test]
fn columns_decide_lists() {
    for (text, expected) in [
        ("/\\ a\n/\\ b", "and[a, b]"),
        ("/\\ a\n\\/ b", "(and[a] \\/ b)"),
        ("/\\ a\n /\\ b", "and[(a /\\ b)]"),
        ("/\\ a\n/\\ b\n=> c", "(and[a, b] => c)"),
        ("a => /\\ b\n     /\\ c", "(a => and[b, c])"),
        ("a\n/\\ b", "(a /\\ b)"),
        ("/\\ \\/ a\n   \\/ b\n/\\ c", "and[or[a, b], c]"),
        ("/\\ \\A x \\in S :\n     /\\ a\n     /\\ b\n/\\ c", "and[Q(and[a, b]), c]"),
        ("/\\ IF p THEN /\\ a\n             /\\ b\n      ELSE c\n/\\ d", "and[if(p, and[a, b], c), d]"),
        ("\\E x \\in S : /\\ a\n             /\\ b", "Q(and[a, b])"),
        ("(/\\ a\n /\\ b) /\\ c", "(and[a, b] /\\ c)"),
        ("/\\ f = [x \\in S |->\n  1]\n/\\ b", "and[(f = Function([Bound { pattern: Names([Name"),
    ] {
        assert!(grouped(text).starts_with(expected), "{text}\n{}", grouped(text));
    }
    refused("/\\ 1 = 1\n/\\ 2 =\n2");
    refused("/\\ (a\n\\/ b)\n/\\ c");
    refused("/\\ (a\n/\\ b)\n/\\ c");
}

#[test]
fn cases_swallow_arms() {
    assert_eq!(grouped("CASE p -> a [] q -> b [] OTHER -> c"), "case(p: a, q: b; c)");
    assert_eq!(grouped("CASE p -> CASE q -> a [] r -> b"), "case(p: case(q: a, r: b; ); )");
    assert_eq!(grouped("CASE p -> []q [] r -> b"), "case(p: ([] q), r: b; )");
}

#[test]
fn sets_are_told_apart() {
    assert_eq!(grouped("{x \\in S : y \\in T}"), "filter");
    assert_eq!(grouped("{<<x, y>> \\in S : y \\in T}"), "filter");
    assert_eq!(grouped("{(x \\in S) : y \\in T}"), "map");
    assert_eq!(grouped("{x + y : x, y \\in S, <<a, b>> \\in T}"), "map");
    refused("{<<1>> \\in S : y \\in T}");
    refused("{<<1>> \\in S, TRUE}");
    refused("f[<<1>> \\in S]");
}

#[test]
fn literals() {
    assert!(matches!(&*expression("\\hFF").0.expect("a tree").kind, ExprKind::Number(n) if n == "255"));
    assert!(matches!(&*expression("1.50").0.expect("a tree").kind, ExprKind::Decimal(i, f) if i == "1" && f == "50"));
    let (tree, _) = expression("\"a\\\"\\\\\\n(* no comment *)\"");
    assert!(matches!(&*tree.expect("a tree").kind, ExprKind::String(s) if s == "a\"\\\n(* no comment *)"));
    assert_eq!(grouped("r.IF.SUBSET"), "r.IF.SUBSET");
}

#[test]
fn spans_are_of_the_original_text() {
    let text = "α (* ∧ *) + (b ∪ c)";
    let text = text.replace('α', "a");
    let (tree, diagnostics) = expression(&text);
    assert!(diagnostics.is_empty());
    let tree = tree.expect("a tree");
    assert_eq!(&text[tree.span.start as usize..tree.span.end as usize], text);
    let ExprKind::Infix(_, left, right) = &*tree.kind else { panic!("no sum: {tree:?}") };
    assert_eq!(&text[left.span.start as usize..left.span.end as usize], "a");
    assert_eq!(&text[right.span.start as usize..right.span.end as usize], "(b ∪ c)");
}

#[test]
fn units_after_proofs_are_kept() {
    let text = "---- MODULE M ----
EXTENDS Naturals
CONSTANT C, F(_, _), _ ++ _
VARIABLE x
THEOREM One == TRUE BY DEF C, ++
a ++ b == a
LEMMA \\A y \\in C : y = y
<1>1. SUFFICES ASSUME NEW y \\in C PROVE y = y
  OBVIOUS
<1> DEFINE z == C
           f(u) == u
<1>2. CASE y = 1
  <2>1. y = 1 BY <1>2
  <2>. QED BY <2>1 DEF ++
<1>3. y = y BY <1>1, <1>2
<1> QED
  <2>1. TRUE
  <2>2. QED
Later == 1
LEMMA TRUE
<1>a. TRUE BY One DEF Later
<1> QED BY <1>a, <1>a DEF Later
Latest == 2
THEOREM ASSUME NEW CONSTANT c, c = 1 PROVE c = 1
  PROOF OMITTED
USE DEF Later
-. a == 0
LOCAL INSTANCE N WITH C <- 1, ++ <- +
---- MODULE Inner ----
f[x \\in C, <<y, z>> \\in C] == x
====
Last == Later!1
====
trailing \" text";
    let (tree, diagnostics) = file(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let tree = tree.expect("a tree");
    let kinds: Vec<String> = tree.modules[0]
        .units
        .iter()
        .map(|u| match u {
            Unit::Definition(d) => d.name.text.clone(),
            other => shape(other).split(['(', ' ']).next().unwrap_or_default().to_owned(),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "Constants",
            "Variables",
            "Theorem",
            "++",
            "Theorem",
            "Later",
            "Theorem",
            "Latest",
            "Theorem",
            "UseOrHide",
            "-.",
            "Instance",
            "Module",
            "Last"
        ]
    );
    assert_eq!(&tree.identifiers[..5], ["M", "Naturals", "C", "F", "x"]);
}

#[test]
fn strings_come_in_order_of_appearance() {
    let text = "---- MODULE M ----\nA == <<\"b\", \"a\", \"b\">>\nTHEOREM TRUE BY \"c\" DEF z\n====";
    let tree = file(text).0.expect("a tree");
    assert_eq!(tree.strings, ["b", "a", "c"]);
    assert_eq!(tree.identifiers, ["M", "A", "z"]);
}
