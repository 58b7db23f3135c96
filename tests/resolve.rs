//! What names mean: small specs, resolved, and shown again with every name spelled out.

#[path = "resolve/show.rs"]
mod show;

use show::{operator, resolved, resolved_with};

#[test]
fn definitions_call_each_other_by_id() {
    let spec = resolved("EXTENDS Integers\nA == 1\nOp(a, F(_)) == F(a) + A\nB == Op(A, LAMBDA x : x)");
    assert_eq!(operator(&spec, "Op"), "+(F(a), A)");
    assert_eq!(operator(&spec, "B"), "Op(A, LAMBDA x : x)");
}

#[test]
fn built_in_symbols_need_no_module() {
    let spec =
        resolved("VARIABLE x\nA == x' \\in {1} /\\ ~(x = 2) /\\ UNCHANGED x\nB(S) == UNION SUBSET S \\ DOMAIN S");
    assert_eq!(operator(&spec, "A"), "And(And(In(Prime(x), {1}), Not(Equal(x, 2))), Unchanged(x))");
    assert_eq!(operator(&spec, "B"), "Difference(Union(PowerSet(S)), Domain(S))");
}

#[test]
fn a_function_knows_itself_only_if_it_mentions_itself() {
    let spec = resolved("f[i \\in {1}] == f[i]\ng[i, j \\in {1}] == i");
    assert_eq!(operator(&spec, "f"), "[f: i \\in {1} |-> f[i]]");
    assert_eq!(operator(&spec, "g"), "[i, j \\in {1} |-> i]");
}

#[test]
fn at_is_the_old_value() {
    let spec = resolved("A(f) == [f EXCEPT ![1].a = @, ![2] = [@ EXCEPT !.b = @]]");
    assert_eq!(operator(&spec, "A"), "[f EXCEPT ![1].a = @1, ![2] = [@2 EXCEPT !.b = @3]]");
}

#[test]
fn extending_twice_shares_definitions() {
    let spec = resolved_with(
        "EXTENDS Left, Right\nA == InBottom",
        &[
            "---- MODULE Left ----\nEXTENDS Bottom\n====",
            "---- MODULE Right ----\nEXTENDS Bottom\n====",
            "---- MODULE Bottom ----\nVARIABLE v\nInBottom == v\n====",
        ],
    );
    assert_eq!(spec.operators.iter().filter(|o| o.short_name == "InBottom").count(), 1);
    assert_eq!(spec.variables.len(), 1);
}

#[test]
fn variables_of_extended_modules_come_first() {
    let spec = resolved_with("EXTENDS M\nVARIABLES b, a", &["---- MODULE M ----\nVARIABLES z, y\n===="]);
    let names: Vec<_> = spec.variables.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["z", "y", "b", "a"]);
}

const CHANNEL: &str = "---- MODULE Channel ----\nCONSTANT Data\nVARIABLE chan\nSend(d) == chan' = d\nInit == chan \\in Data\nNext == \\E d \\in Data : Send(d)\n====";

#[test]
fn an_instance_substitutes_variables_and_expressions() {
    let spec = resolved_with(
        "VARIABLES in, out\nA == INSTANCE Channel WITH chan <- in, Data <- {1}\nB == INSTANCE Channel WITH chan <- <<in, out>>, Data <- {2}\nC == A!Next \\/ B!Next",
        &[CHANNEL],
    );
    assert_eq!(operator(&spec, "C"), "Or(A!Next, B!Next)");
    assert_eq!(operator(&spec, "A!Send"), "Equal(Prime(in), d)");
    assert_eq!(operator(&spec, "A!Next"), "\\E d \\in {1} : A!Send(d)");
    assert_eq!(operator(&spec, "B!Send"), "Equal(Prime(<<in, out>>), d)");
    assert_eq!(operator(&spec, "B!Init"), "In(<<in, out>>, {2})");
}

#[test]
fn an_instance_takes_what_has_the_same_name() {
    let spec = resolved_with("VARIABLE x\nchan == x\nData == {3}\nINSTANCE Channel\nA == Next", &[CHANNEL]);
    assert_eq!(operator(&spec, "Init"), "In(chan, Data)");
    assert_eq!(operator(&spec, "Send"), "Equal(Prime(chan), d)");
    assert_eq!(operator(&spec, "A"), "Next");
}

#[test]
fn parameters_of_an_instance_lead() {
    let spec = resolved_with(
        "VARIABLE x\nI(p, q) == INSTANCE Channel WITH chan <- p, Data <- {q}\nA == I(x, 3)!Send(4)\nB == I(x, 3)!Next",
        &[CHANNEL],
    );
    assert_eq!(operator(&spec, "A"), "I!Send(x, 3, 4)");
    assert_eq!(operator(&spec, "I!Send"), "Equal(Prime(p), d)");
    assert_eq!(operator(&spec, "I!Next"), "\\E d \\in {q} : I!Send(p, q, d)");
}

#[test]
fn an_instance_in_let_may_mention_what_is_bound() {
    let spec = resolved_with(
        "VARIABLE x\nOp(S) == \\A s \\in S : LET I == INSTANCE Channel WITH chan <- x, Data <- {s} IN I!Init",
        &[CHANNEL],
    );
    assert_eq!(operator(&spec, "Op"), "\\A s \\in S : I!Init(s)");
    assert_eq!(operator(&spec, "I!Init"), "In(x, {s})");
}

#[test]
fn instances_nest() {
    let spec = resolved_with(
        "VARIABLE x\nO == INSTANCE Outer WITH y <- <<x>>\nA == O!I(2)!Send(1)",
        &["---- MODULE Outer ----\nVARIABLE y\nI(d) == INSTANCE Channel WITH chan <- y, Data <- {d}\n====", CHANNEL],
    );
    assert_eq!(operator(&spec, "A"), "O!I!Send(2, 1)");
    assert_eq!(operator(&spec, "O!I!Send"), "Equal(Prime(<<x>>), d)");
    assert_eq!(operator(&spec, "O!I!Init"), "In(<<x>>, {d})");
}

#[test]
fn a_nested_module_sees_what_is_around_it() {
    let spec = resolved(
        "VARIABLE x\nOne == 1\n---- MODULE Inner ----\nVARIABLE h\nA == h' = One /\\ x = 2\n====\nI(h) == INSTANCE Inner\nSpec == \\EE h : I(h)!A",
    );
    assert_eq!(operator(&spec, "I!A"), "And(Equal(Prime(h), One), Equal(x, 2))");
    assert_eq!(operator(&spec, "Spec"), "\\EE h : I!A(h)");
    assert_eq!(spec.variables.len(), 1);
}

#[test]
fn a_nested_module_shares_what_is_extended_around_it() {
    let (resolution, _) = show::resolve(
        "EXTENDS Shared\n---- MODULE Inner ----\nEXTENDS More\nVARIABLE h\nA == h = v /\\ Uses\n====\nVARIABLE w\nI == INSTANCE Inner WITH h <- w",
        &["---- MODULE Shared ----\nVARIABLE v\nUses == v\n====", "---- MODULE More ----\nEXTENDS Shared\n===="],
        None,
    );
    assert!(resolution.diagnostics.is_empty(), "{:?}", resolution.diagnostics);
    let spec = resolution.spec.expect("it is fine");
    assert_eq!(operator(&spec, "I!A"), "And(Equal(w, v), Uses)");
    assert_eq!(spec.operators.iter().filter(|o| o.short_name == "Uses").count(), 1);
}

#[test]
fn operators_substitute_operators() {
    let spec = resolved_with(
        "EXTENDS Integers\nA == INSTANCE M WITH Op <- +, c <- 1\nB == INSTANCE M WITH Op <- LAMBDA a, b : a, c <- 2\nC == INSTANCE M WITH Op <- \\cup, c <- 3",
        &["---- MODULE M ----\nCONSTANTS Op(_, _), c\nV == Op(c, c)\n===="],
    );
    assert_eq!(operator(&spec, "A!V"), "+(1, 1)");
    assert_eq!(operator(&spec, "B!V"), "LET LAMBDA(a, b) == a IN LAMBDA(2, 2)");
    assert_eq!(operator(&spec, "C!V"), "Cup(3, 3)");
}

#[test]
fn native_modules_keep_their_names_when_instantiated() {
    let spec = resolved("LOCAL INSTANCE Naturals\nS == INSTANCE Sequences\nA == S!Len(<<1>>) + 1");
    assert_eq!(operator(&spec, "A"), "+(Len(<<1>>), 1)");
    let len = spec.operators.iter().find(|o| o.short_name == "Len").expect("Len is there");
    assert!(len.built_in_module);
    assert_eq!(len.module, "Sequences");
}

#[test]
fn subexpressions_have_names() {
    let spec = resolved(
        "Op(a) == /\\ a = 1\n         /\\ \\A i \\in {2}, j \\in {3} : lab(i, j) :: i = j\nA == Op(5)!1\nB == Op(5)!2!1\nC == Op(5)!2!(6, 7)\nD == Op(5)!lab(6, 7)!2\nE == Op(5)!1!<<\nF == Op(5)!:",
    );
    assert_eq!(operator(&spec, "A"), "Op!1(5)");
    assert_eq!(operator(&spec, "Op!1"), "Equal(a, 1)");
    assert_eq!(operator(&spec, "Op!2!1"), "{2}");
    assert_eq!(operator(&spec, "C"), "Op!2!()(5, 6, 7)");
    assert_eq!(operator(&spec, "Op!lab!2"), "j");
    assert_eq!(operator(&spec, "D"), "Op!lab!2(5, 6, 7)");
    assert_eq!(operator(&spec, "Op!1!<<"), "a");
    assert_eq!(operator(&spec, "F"), "Op!:(5)");
}

#[test]
fn theorems_and_assumptions_have_names() {
    let spec = resolved_with(
        "ASSUME Fine == TRUE\nA == Fine\nM == INSTANCE M WITH c <- 4\nB == M!Thm!:\nC == M!Thm!2",
        &["---- MODULE M ----\nCONSTANT c\nTHEOREM Thm == c = c\n===="],
    );
    assert_eq!(operator(&spec, "A"), "Fine");
    assert_eq!(operator(&spec, "Fine"), "TRUE");
    assert_eq!(operator(&spec, "M!Thm!:"), "Equal(4, 4)");
    assert_eq!(operator(&spec, "M!Thm!2"), "4");
    assert_eq!(spec.assumptions.len(), 1);
}

#[test]
fn subexpressions_of_instances_have_names() {
    let spec =
        resolved_with("VARIABLE x\nI(d) == INSTANCE Channel WITH chan <- x, Data <- d\nA == I({1})!Next!1", &[CHANNEL]);
    assert_eq!(operator(&spec, "A"), "I!Next!1({1})");
    assert_eq!(operator(&spec, "I!Next!1"), "d");
}

#[test]
fn mutual_recursion_has_one_level() {
    use tlaloc::resolve::spec::Level;
    let spec = resolved(
        "EXTENDS Integers\nVARIABLE x\nRECURSIVE Even(_), Odd(_)\nEven(n) == IF n = 0 THEN TRUE ELSE Odd(n - 1)\nOdd(n) == IF n = x THEN FALSE ELSE Even(n - 1)\nPlain == Even(3)",
    );
    for name in ["Even", "Odd", "Plain"] {
        let level = spec.operators[spec.root_operators[name].0 as usize].level;
        assert_eq!(level, Level::State, "{name}");
    }
    assert!(spec.operators[spec.root_operators["Even"].0 as usize].recursive);
}

#[test]
fn let_definitions_are_locals() {
    let spec = resolved(
        "EXTENDS Integers\nA == LET RECURSIVE f(_)\n          f(n) == IF n = 0 THEN 0 ELSE f(n - 1)\n          g[i \\in {1}] == g[i]\n          c == 3\n     IN f(c) + g[1]",
    );
    assert_eq!(
        operator(&spec, "A"),
        "LET f(n) == IF Equal(n, 0) THEN 0 ELSE f(-(n, 1)) g == [g: i \\in {1} |-> g[i]] c == 3 IN +(f(c), g[1])"
    );
}

#[test]
fn levels_follow_what_is_mentioned() {
    use tlaloc::resolve::spec::Level;
    let spec = resolved(
        "VARIABLE x\nC == 1\nS == x\nT == x' = 1\nE == ENABLED T\nF == [][T]_x\nG(a) == C\nH == G(x)\nI(a) == a\nJ == I(x')",
    );
    let level = |name: &str| spec.operators[spec.root_operators[name].0 as usize].level;
    assert_eq!(level("C"), Level::Constant);
    assert_eq!(level("S"), Level::State);
    assert_eq!(level("T"), Level::Action);
    assert_eq!(level("E"), Level::State);
    assert_eq!(level("F"), Level::Temporal);
    assert_eq!(level("H"), Level::Constant, "G does not use its argument");
    assert_eq!(level("J"), Level::Action);
}

#[test]
fn every_copy_has_binders_of_its_own() {
    let spec = resolved_with(
        "VARIABLE x\nA == INSTANCE M WITH c <- {s \\in {1, 2} : s = 1}\nB == INSTANCE M WITH c <- {3}",
        &["---- MODULE M ----\nCONSTANT c\nV == \\A i \\in c : \\E j \\in c : i = j\n===="],
    );
    let mut binders = Vec::new();
    for name in ["A!V", "B!V"] {
        show::binders(show::body(&spec, name), &mut binders);
    }
    let count = binders.len();
    binders.sort_unstable();
    binders.dedup();
    assert_eq!(binders.len(), count);
    assert_eq!(count, 6);
}

#[test]
fn assumptions_come_from_extended_modules_first_and_from_instances_last() {
    let spec = resolved_with(
        "EXTENDS Low\nASSUME Root == TRUE\nI == INSTANCE Param WITH c <- 7",
        &[
            "---- MODULE Low ----\nASSUME Low1 == TRUE\n====",
            "---- MODULE Param ----\nCONSTANT c\nASSUME Inst == c = 7\n====",
        ],
    );
    let names: Vec<_> = spec.assumptions.iter().filter_map(|a| a.name.as_deref()).collect();
    assert_eq!(names, ["Low1", "Root", "Inst"]);
    assert_eq!(show::expr(&spec, &spec.assumptions[2].body), "Equal(7, 7)");
}

#[test]
fn an_expression_resolves_alone() {
    use tlaloc::diagnostic::Sources;
    use tlaloc::resolve::{Search, resolve_expression};
    let shown = show::on_large_stack(|| {
        let mut sources = Sources::default();
        let extends = ["Integers".to_owned()];
        let resolution = resolve_expression(&mut sources, &extends, "1 + 2", &Search::default());
        let spec = resolution.spec.expect("it resolves");
        assert_eq!(sources.text(show::body(&spec, "Value").span), "1 + 2");
        operator(&spec, "Value")
    });
    assert_eq!(shown, "+(1, 2)");
}

#[test]
fn a_long_chain_resolves() {
    let chain = vec!["1"; 5_000].join(" + ");
    let spec = resolved(&format!("EXTENDS Integers\nA == {chain}"));
    show::forget(spec);
}

mod laws {
    use proptest::prelude::*;
    use tlaloc::diagnostic::Diagnostic;

    /// Units that define, declare, shadow and misuse a few names in every way.
    const UNITS: [&str; 44] = [
        "CONSTANT c",
        "CONSTANT Op(_, _)",
        "VARIABLE x",
        "VARIABLES x, y",
        "A == x'",
        "A(a) == a'",
        "B == A",
        "B == A(c)",
        "A(F(_)) == F(x)",
        "C == A(B)",
        "C == A(LAMBDA q : q')",
        "f[i \\in {c}] == f[i]",
        "g == f[1, 2]",
        "RECURSIVE R(_)",
        "R(n) == R(n)",
        "R(n, m) == S(n)",
        "RECURSIVE R(_), S(_)",
        "S(n) == R(n)",
        "D == LET RECURSIVE L(_) L(n) == L(n) IN L(x)",
        "D == LET M == INSTANCE Inner WITH h <- x IN M!V",
        "---- MODULE Inner ----\nVARIABLE h\nV == h = c\n====",
        "---- MODULE Inner ----\nI == INSTANCE Inner\n====",
        "I == INSTANCE Inner",
        "I(p) == INSTANCE Inner WITH h <- p",
        "INSTANCE Inner WITH h <- A",
        "E == I!V",
        "E == I(x)!V",
        "E == I(x)!V!1",
        "F == A!1",
        "F == D!1!M",
        "F == C!lab(1)",
        "C == \\A i \\in {1} : lab(i) :: i = x",
        "ASSUME T == c = 1",
        "THEOREM T == A",
        "G == T",
        "G == T!:",
        "P == INSTANCE Other",
        "P(q, F(_)) == INSTANCE Other WITH Op <- F, k <- q",
        "INSTANCE Other WITH Op <- LAMBDA r, s : r, k <- x",
        "H == P!W",
        "H == P(1, A)!W",
        "H == P(x', B)!W(2)!lab",
        "J == [A EXCEPT ![@] = @, !.A = @]",
        "LOCAL INSTANCE Naturals",
    ];
    const OTHER: &str =
        "---- MODULE Other ----\nCONSTANTS Op(_), k\nW == Op(k)\nU(a) == LET z == k IN lab(z) :: Op(a)\n====";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_order_of_units_makes_resolving_panic(places in prop::collection::vec(0..UNITS.len(), 0..14)) {
            let body: Vec<&str> = places.iter().map(|place| UNITS[*place]).collect();
            let (resolution, _) = super::show::resolve(&body.join("\n"), &[OTHER], None);
            let failed = resolution.diagnostics.iter().any(Diagnostic::is_error);
            prop_assert_eq!(resolution.spec.is_none(), failed);
        }
    }
}
