//! What a config says, and what is wrong with one.

#[path = "resolve/show.rs"]
#[allow(dead_code, reason = "shared with the tests of resolving, which use more of it")]
mod show;

use show::resolve;
use tlaloc::config::{Config, Right, Value, parse_config};
use tlaloc::diagnostic::{Diagnostic, Severity, Sources};
use tlaloc::resolve::spec::{ConfigValue, ConstantBinding, OperatorBody, Spec};

fn read(text: &str) -> (Option<Config>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("M.cfg", text);
    let (config, diagnostics) = parse_config(&sources, file);
    (config, diagnostics, sources)
}

fn fine(text: &str) -> Config {
    let (config, diagnostics, _) = read(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    config.expect("the config is fine")
}

fn names(references: &[tlaloc::config::Reference]) -> Vec<&str> {
    references.iter().map(|reference| reference.name.as_str()).collect()
}

#[test]
fn reads_every_section() {
    let config = fine(
        "INIT I NEXT N\n\\* a comment\nINVARIANT A (* one (* nested *) comment *) B\nINVARIANTS C\nPROPERTY P PROPERTIES Q R\n\
         CONSTRAINT K\nACTION_CONSTRAINTS L M\nVIEW V SYMMETRY S ALIAS W POSTCONDITION X\nCHECK_DEADLOCK\n FALSE\nCONSTANT\nCONSTANTS",
    );
    assert_eq!(config.init.map(|r| r.name).as_deref(), Some("I"));
    assert_eq!(config.next.map(|r| r.name).as_deref(), Some("N"));
    assert_eq!(names(&config.invariants), ["A", "B", "C"]);
    assert_eq!(names(&config.properties), ["P", "Q", "R"]);
    assert_eq!(names(&config.constraints), ["K"]);
    assert_eq!(names(&config.action_constraints), ["L", "M"]);
    assert_eq!(names(&config.postconditions), ["X"]);
    assert_eq!(config.view.map(|r| r.name).as_deref(), Some("V"));
    assert_eq!(config.symmetry.map(|r| r.name).as_deref(), Some("S"));
    assert_eq!(config.alias.map(|r| r.name).as_deref(), Some("W"));
    assert_eq!(config.check_deadlock, Some(false));
}

#[test]
fn reads_every_value() {
    let config = fine(
        "CONSTANTS a=a  b = 12\nc = \"x y\" d = {1, {TRUE}, m1, \"s\", {}} e <- Def f <- [Mod]Def2\ng(1, m) = FALSE h = [Mod] 3 I!c = 4 \\prec <- Less",
    );
    let model = |name: &str| Value::Model(name.to_owned());
    let rights: Vec<_> = config.assignments.iter().map(|a| (a.left.name.as_str(), &a.right)).collect();
    assert_eq!(rights[0], ("a", &Right::Value(model("a"))));
    assert_eq!(rights[1], ("b", &Right::Value(Value::Int(12))));
    assert_eq!(rights[2], ("c", &Right::Value(Value::String("x y".to_owned()))));
    let set = Value::Set(vec![
        Value::Int(1),
        Value::Set(vec![Value::Bool(true)]),
        model("m1"),
        Value::String("s".to_owned()),
        Value::Set(Vec::new()),
    ]);
    assert_eq!(rights[3], ("d", &Right::Value(set)));
    assert!(matches!(rights[4].1, Right::Operator(def) if def.name == "Def"));
    assert!(matches!(rights[5].1, Right::Operator(def) if def.name == "Def2"));
    assert_eq!(config.assignments[5].module.as_ref().map(|m| m.name.as_str()), Some("Mod"));
    assert_eq!(config.assignments[6].arguments, [Value::Int(1), model("m")]);
    assert_eq!(config.assignments[7].module.as_ref().map(|m| m.name.as_str()), Some("Mod"));
    assert_eq!(rights[8], ("I!c", &Right::Value(Value::Int(4))));
    assert!(matches!(rights[9], ("\\prec", Right::Operator(def)) if def.name == "Less"));
    assert_eq!(&config.tokens[..4], ["a", "a", "b", "c"]);
}

#[test]
fn wrong_configs_are_told_with_their_line() {
    let cases = [
        ("INIT A\nINIT B", 2, "only one `INIT`"),
        ("CHECK_DEADLOCK TRUE\nCHECK_DEADLOCK TRUE", 2, "only one `CHECK_DEADLOCK`"),
        ("SPECIFICATION S\nINIT A\nNEXT B", 2, "both `SPECIFICATION` and `INIT`"),
        ("CONSTANT\n c = -1", 2, "negative"),
        ("CONSTANT\n\n c = <<1>>", 3, "cannot stand here"),
        ("INVARIENT Inv", 1, "`INVARIENT` cannot stand here"),
        ("CONSTANT c = {1, 2", 1, "ends in the middle"),
        ("INIT\nNEXT N", 2, "`NEXT` cannot stand here"),
        ("CONSTANT c = 99999999999999999999", 1, "too large"),
        ("\u{0}", 1, "cannot stand here"),
    ];
    for (text, line, message) in cases {
        let (_, diagnostics, sources) = read(text);
        let found = diagnostics.iter().any(|d| {
            let position = sources.position(d.span.file, d.span.start);
            d.is_error() && d.message.contains(message) && position.is_some_and(|p| p.line == line)
        });
        assert!(found, "{text:?}: {diagnostics:?}");
    }
    let (_, diagnostics, _) = read("INVARIENT Inv");
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `INVARIANT`?"));
}

fn configured(body: &str, config: &str) -> Result<Spec, Vec<String>> {
    let (resolution, _) = resolve(body, &[], Some(config));
    let told = resolution.diagnostics.iter().map(|d| d.message.clone()).collect();
    resolution.spec.ok_or(told)
}

#[test]
fn constants_get_values_and_definitions() {
    let spec = configured(
        "EXTENDS Naturals\nCONSTANTS a, Op(_), T(_, _)\nOne(x) == x\nN == 0..3\nNoVal == CHOOSE v : v \\notin N\nA == Op(a)",
        "CONSTANTS a = {m, 1} Op <- One T(1, m) = 2 T(2, m) = 3\nNat <- N NoVal = NoVal",
    )
    .expect("it is fine");
    assert!(matches!(&spec.constants[0].binding, ConstantBinding::Value(ConfigValue::Set(all)) if all.len() == 2));
    let one = spec.root_operators["One"];
    assert_eq!(spec.constants[1].binding, ConstantBinding::Operator(one));
    assert!(matches!(&spec.constants[2].binding, ConstantBinding::Table(rows) if rows.len() == 2));
    let body = |name: &str| &spec.operators[spec.root_operators[name].0 as usize].body;
    assert!(matches!(body("Nat"), OperatorBody::Alias(n) if *n == spec.root_operators["N"]));
    assert!(matches!(body("NoVal"), OperatorBody::Value(ConfigValue::Model(_))));
}

#[test]
fn a_replacement_in_one_module_reaches_its_copies() {
    let (resolution, _) = resolve(
        "VARIABLE x\nI(p) == INSTANCE M WITH v <- p\nJ == INSTANCE M WITH v <- x\nMine == {1}\nA == I(x)!Uses /\\ J!Uses",
        &["---- MODULE M ----\nVARIABLE v\nS == {2}\nUses == v \\in S\n===="],
        Some("CONSTANT S <- [M]Mine"),
    );
    let spec = resolution.spec.expect("it is fine");
    let mine = spec.root_operators["Mine"];
    let aliased = spec.operators.iter().filter(|o| o.short_name == "S");
    let targets: Vec<_> = aliased
        .map(|o| match &o.body {
            OperatorBody::Alias(target) => Some(*target),
            OperatorBody::Expr(e) => match &*e.kind {
                tlaloc::resolve::spec::ExprKind::Call(target, arguments) if arguments.is_empty() => Some(*target),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(targets, [Some(mine), Some(mine)]);
}

#[test]
fn a_replacement_of_higher_level_raises_its_users() {
    use tlaloc::resolve::spec::Level;
    let spec = configured(
        "VARIABLE x\nLow == 1\nHigh == x\nUser == <<Low>>\nInit == x = 0\nNext == UNCHANGED x",
        "INIT Init NEXT Next CONSTANT Low <- High",
    )
    .expect("it is fine");
    assert_eq!(spec.operators[spec.root_operators["User"].0 as usize].level, Level::State);
}

#[test]
fn wrong_models_are_told() {
    let spec = "CONSTANTS c, d(_)\nVARIABLE x\nInit == x = c\nNext == UNCHANGED x\nOp(a) == a\nConst == 1";
    let cases = [
        ("INIT Inti NEXT Next", "`Inti` does not appear"),
        ("INIT Init NEXT Op", "`Op` takes 1 argument"),
        ("INIT Init", "`NEXT` is missing"),
        ("CONSTANT c <- Op", "`c` takes no arguments, but `Op` takes 1 argument"),
        ("CONSTANT d = 1", "`d` takes 1 argument"),
        ("CONSTANT c <- Init", "cannot replace a constant"),
        ("CONSTANT Nope <- Const", "`Nope` does not appear"),
        ("CONSTANT c <- Nope", "`Nope` does not appear"),
        ("CONSTANT x = 1", "`x` is a variable"),
        ("CONSTANT c <- [Nope]Const", "no module `Nope`"),
        ("CONSTANT d <- Op", "the constant `c` no value"),
        ("CONSTANT Const <- Const", "itself"),
    ];
    for (config, message) in cases {
        let told = configured(spec, config).expect_err(config);
        assert!(told.iter().any(|m| m.contains(message)), "{config}: {told:?}");
    }
}

#[test]
fn a_value_for_an_unknown_name_is_a_warning() {
    let (resolution, _) = resolve("A == 1", &[], Some("CONSTANT nothing = nothing"));
    assert!(resolution.spec.is_some());
    assert_eq!(resolution.diagnostics.len(), 1);
    assert_eq!(resolution.diagnostics[0].severity, Severity::Warning);
}

#[test]
fn symbols_are_ordered_by_config_then_identifiers_then_strings() {
    let (resolution, _) =
        resolve("CONSTANT c\nA == [zeta |-> \"beta\", alpha |-> \"zeta\"]", &[], Some("CONSTANT c = {m2, m1}"));
    let spec = resolution.spec.expect("it is fine");
    let place = |text: &str| spec.symbols.texts().iter().position(|t| t == text).expect("the symbol is there");
    let order = ["c", "m2", "m1", "zeta", "alpha", "beta"].map(place);
    assert!(order.is_sorted(), "{order:?}");
}

mod laws {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "([A-Z_]{1,9}| |\n|=|<-|\\{|\\}|\\[|\\]|\"|\\(\\*|\\*\\)|-|[0-9]{1,3}|[a-z!]{1,4}|,|\\\\\\*){0,30}") {
            super::read(&text);
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for (opening, what) in [("{", "sets"), ("(*", "comments")] {
        let (config, diagnostics, _) = read(&format!("CONSTANT a = {}", opening.repeat(100_000)));
        assert!(config.is_none());
        assert_eq!(diagnostics[0].message, format!("{what} nested too deeply"));
    }
}
