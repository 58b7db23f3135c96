//! Values of calls are kept and found again: the law is that nobody can tell.

mod random;

use std::path::Path;

use proptest::prelude::*;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::pipeline::Plan;

/// Numbers over the parameter `x`, definitions 1.. below `depth`, the state.
fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (0..3).prop_map(|n: i32| n.to_string()),
        Just("x".to_owned()),
        Just("Cardinality(s)".to_owned()),
        Just("K".to_owned()),
        Just("Least(T)".to_owned()),
        Just("h[x % 3]".to_owned()),
        Just("g[x % 3]".to_owned()),
        (0..3).prop_map(|n| format!("f[{n}]")),
        Just("f[x % 3]".to_owned()),
    ];
    leaf.prop_recursive(depth, 12, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(a, b)| format!("(({a} + {b}) % 4)")),
            (truth(inner.clone()), pair.clone()).prop_map(|(c, (a, b))| format!("(IF {c} THEN {a} ELSE {b})")),
            (any::<u32>(), pair.clone()).prop_map(|(n, (a, b))| format!("(LET y{n} == {a} IN ((y{n} + {b}) % 4))")),
            (1..4, inner.clone()).prop_map(|(n, a)| format!("A{n}({a})")),
            inner.clone().prop_map(|a| format!("Sum(h, Below({a}))")),
            inner.clone().prop_map(|a| format!("Least(Above({a}) \\cup {{3}})")),
            inner.prop_map(|a| format!("Second({a}, f[7])")),
        ]
    })
    .boxed()
}

fn truth(number: impl Strategy<Value = String> + Clone + 'static) -> BoxedStrategy<String> {
    prop_oneof![
        (number.clone(), number.clone()).prop_map(|(a, b)| format!("{a} < {b}")),
        number.clone().prop_map(|a| format!("{a} \\in s")),
        number.clone().prop_map(|a| format!("{a} \\in T")),
        number.prop_map(|a| format!("All({a})")),
    ]
    .boxed()
}

prop_compose! {
    fn spec()(bodies in prop::collection::vec(number(3), 8), invariant in truth(number(2))) -> String {
        let body = |n: usize| &bodies[n];
        format!(
            "---- MODULE Recall ----\nEXTENDS Naturals, FiniteSets\nVARIABLES f, s\nD == 0 .. 2\n\
             RECURSIVE Sum(_, _)\n\
             Sum(v, Q) == IF Q = {{}} THEN 0 ELSE LET q == CHOOSE q \\in Q : TRUE IN (v[q] + Sum(v, Q \\ {{q}})) % 4\n\
             T == ({{t \\in Nat : t \\in s \\/ t = f[0]}} \\cap (0 .. 3)) \\cup {{3}}\n\
             Below(p) == {{z \\in s : z <= p}}\nAbove(p) == {{z \\in T : z >= p}}\nAll(p) == \\A z \\in s : z <= p\n\
             Least(Q) == CHOOSE q \\in Q : \\A r \\in Q : q <= r\n\
             Second(p, unused) == IF p > 1 THEN p ELSE (p + 1) % 4\n\
             K == IF f[1] = 0 THEN f[2] ELSE Cardinality(s)\n\
             h[i \\in D] == IF i = 0 THEN f[0] ELSE (f[i] + h[i - 1]) % 4\n\
             g == [i \\in D |-> IF i \\in s THEN f[i] ELSE K]\n\
             A0(x) == (x + f[x % 3]) % 4\n\
             A1(x) == {a1}\nA2(x) == {a2}\nA3(x) == {a3}\n\
             Init == f \\in [D -> 0 .. 1] /\\ s \\in SUBSET D\n\
             P(x) == ({n5}) < 2 \\/ ({n4}) < 3 \\/ \\E z \\in s : z < x /\\ f[z] = 0\n\
             St(x) == (({n5})' < 4 /\\ f'[x % 3] <= f[x % 3] + 3) \\/ f[x % 3] < ({n4})'\n\
             Next == \\/ \\E x \\in D : P(x) /\\ f' = [f EXCEPT ![x] = ({n1}) % 3] /\\ s' = {{y \\in D : ({n2}) < 2}}\n\
             \x20       \\/ \\E x \\in D : s' = s \\cup {{x}} /\\ f' = [i \\in D |-> ({n3}) % 3]\n\
             Inv == \\E x \\in D : {invariant} \\/ {n4} < 4\n\
             Step == [][\\A x \\in D : St(x) \\/ f' # f]_<<f, s>>\n\
             ====\n",
            a1 = body(0).replace("A1", "A0").replace("A2", "A0").replace("A3", "A0"),
            a2 = body(1).replace("A2", "A1").replace("A3", "A1"),
            a3 = body(2).replace("A3", "A2"),
            n1 = body(3),
            n2 = body(4),
            n3 = body(5),
            n4 = body(6),
            n5 = body(7),
            invariant = invariant,
        )
    }
}

fn answer(folder: &Path, memo: bool) -> Result<String, String> {
    let plan = modules::plan(&folder.join("Recall.tla"), &folder.join("Recall.cfg"), 1);
    let plan = Plan { memo, max_states: Some(2_000), ..plan };
    let (report, _) = modules::check(&plan)?;
    let errors: Vec<_> = report.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.clone()).collect();
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|f| format!("{:?} {:?} {:?}", f.kind, f.property, f.diagnostic.as_ref().map(|d| (&d.message, d.span))))
        .collect();
    Ok(format!("{:?} {:?} {:?} {errors:?} {findings:?}", report.distinct, report.generated, report.depth))
}

/// True if the spec was explored, and not only read.
fn kept_is_evaluated(spec: &str) -> Result<bool, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).map_err(|e| e.to_string());
    write("Recall.tla", spec)?;
    write("Recall.cfg", "INIT Init NEXT Next INVARIANT Inv PROPERTY Step CHECK_DEADLOCK FALSE\n")?;
    let (kept, evaluated) = (answer(folder.path(), true)?, answer(folder.path(), false)?);
    if kept == evaluated { Ok(kept.starts_with("Some")) } else { Err(format!("{kept}\nbut evaluated\n{evaluated}")) }
}

#[test]
fn kept_values_are_the_values_evaluated() {
    let exit = with_large_stack(|| {
        let (mut runner, cases) = random::runner(60);
        let explored = std::cell::Cell::new(0);
        let law = |spec: String| {
            let was_explored = kept_is_evaluated(&spec).map_err(TestCaseError::fail)?;
            explored.set(explored.get() + u32::from(was_explored));
            Ok(())
        };
        runner.run(&spec(), law).unwrap_or_else(|e| panic!("{e}"));
        assert!(explored.get() > cases / 2, "only {} of {cases} specs were explored", explored.get());
        0
    });
    assert_eq!(exit, 0);
}
