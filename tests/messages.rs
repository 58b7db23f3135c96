//! What people read when they make the mistakes that everybody makes at first.

use std::process::Command;

/// Checks a module of this body and gives all that the user sees, but for the figures at the end.
fn told(extends: &str, body: &str, config: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let module = format!("---- MODULE M ----\n{extends}{body}\n====\n");
    std::fs::write(folder.path().join("M.tla"), &module).expect("the module is written");
    std::fs::write(folder.path().join("M.cfg"), config).expect("the config is written");
    let output = Command::new(env!("CARGO_BIN_EXE_tlaloc"))
        .current_dir(folder.path())
        .args(["check", "M.tla", "--workers", "1"])
        .output()
        .expect("the program starts");
    let text = [output.stderr, output.stdout].concat();
    let text = String::from_utf8(text).expect("output is text");
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.retain(|line| !line.contains(" s, 1 worker"));
    let code = output.status.code().expect("the program ends by itself");
    format!("{module}\n{config}\n\n{}\nexit {code}", lines.join("\n").replace(".exe", ""))
}

const BEHAVIOUR: &str = "INIT Init\nNEXT Next";
const LIBRARY: &str = "EXTENDS Integers, Sequences, FiniteSets, TLC\n";

macro_rules! messages {
    ($($name:ident: $body:expr $(, config $config:expr)? $(, extends $extends:expr)?;)*) => {$(
        #[test]
        fn $name() {
            #[allow(unused_mut, unused_assignments, reason = "not every mistake needs a config or modules of its own")]
            let (mut config, mut extends) = (BEHAVIOUR, LIBRARY);
            $(config = $config;)?
            $(extends = $extends;)?
            insta::assert_snapshot!(told(extends, $body, config));
        }
    )*};
}

messages! {
    unassigned_variable: "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == y' = x' /\\ x' = 1";
    forgotten_unchanged: "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nInc == x' = x + 1\nNext == Inc";
    forgotten_in_init: "VARIABLES x, y\nInit == x = 0\nNext == UNCHANGED <<x, y>>";
    prime_in_init: "VARIABLE x\nInit == x' = 0\nNext == x' = x";
    equality_for_definition: "VARIABLE x\nInit = x = 0\nNext == x' = x";
    definition_for_equality: "VARIABLE x\nInit == x == 0\nNext == x' = x";
    assignment: "VARIABLE x\nInit == x := 0\nNext == x' = x";
    missing_extends: "VARIABLE x\nInit == x = 0\nNext == x' = x + 1", config BEHAVIOUR, extends "";
    wrong_arity: "VARIABLE x\nF(a) == a\nInit == x = F(1, 2)\nNext == x' = F";
    misspelt_variable: "VARIABLE counter\nInit == counter = 0\nNext == countr' = counter";
    used_before_defined: "VARIABLE x\nInit == x = Later\nNext == x' = x\nLater == 1";
    unequal: "VARIABLE x\nInit == x = 0\nNext == x != 1 /\\ x' = 1";
    single_quotes: "VARIABLE x\nInit == x = 'a'\nNext == x' = x";
    curly_quotes: "VARIABLE x\nInit == x = “a”\nNext == x' = x";
    semicolon: "VARIABLE x;\nInit == x = 0\nNext == x' = x";
    word_in: "VARIABLE x\nInit == x = 0\nNext == \\E i in 1..3 : x' = i";
    parentheses_without_parameters: "VARIABLE x\nF() == 1\nInit == x = F()\nNext == x' = x";
    function_set_with_maps_to: "VARIABLE f\nInit == f \\in [1..2 |-> {0, 1}]\nNext == f' = f";
    interval_in_brackets: "VARIABLE x\nInit == x \\in [1..3]\nNext == x' = x";
    if_without_else: "VARIABLE x\nInit == x = 0\nNext == IF x = 0 THEN x' = 1";
    unclosed_parenthesis: "VARIABLE x\nInit == x = (1 + 2\nNext == x' = x";
    type_violated: "VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nTypeOK == x \\in 0..3",
        config "INIT Init\nNEXT Next\nINVARIANT TypeOK";
    unlike_kinds: "VARIABLE x\nInit == x = \"a\"\nNext == x' = IF x = 1 THEN 2 ELSE 3";
    set_plus_element: "VARIABLE s\nInit == s = {}\nNext == s' = s + {1}";
    out_of_domain: "VARIABLE f\nInit == f = [i \\in 1..3 |-> 0]\nNext == \\E i \\in 1..4 : f' = [f EXCEPT ![1] = f[i]]";
    missing_field: "VARIABLE r\nInit == r = [name |-> 1]\nNext == r' = [name |-> r.nam]";
    index_zero: "VARIABLE s\nInit == s = <<1, 2>>\nNext == s' = <<s[0]>>";
    choose_none: "VARIABLE x\nInit == x = CHOOSE i \\in 1..3 : i > 5\nNext == x' = x";
    all_numbers: "VARIABLE x\nInit == x \\in Nat\nNext == x' = x";
    termination_is_deadlock: "VARIABLE x\nInit == x = 0\nNext == x < 2 /\\ x' = x + 1";
    endless_recursion: "VARIABLE x\nRECURSIVE R(_)\nR(n) == 1 + R(n + 1)\nInit == x = R(0)\nNext == x' = x";
    large_number: "VARIABLE x\nInit == x = 99999999999999999999\nNext == x' = x";
    box_of_action: "VARIABLE x\nInit == x = 0\nNext == x' = x\nSpec == Init /\\ []Next", config "SPECIFICATION Spec";
    unbound_constant: "CONSTANT N\nVARIABLE x\nInit == x = N\nNext == x' = x";
    misspelt_specification: "VARIABLE x\nSpec == x = 0 /\\ [][x' = x]_x", config "SPECIFICATION Sepc";
    misspelt_keyword: "VARIABLE x\nInit == x = 0\nNext == x' = x", config "INIT Init\nNEXT Next\nINVARIENT Small";
    double_equality_in_config: "CONSTANT N\nVARIABLE x\nInit == x = N\nNext == x' = x",
        config "INIT Init\nNEXT Next\nCONSTANT N == 3";
    invariant_without_behaviour: "VARIABLE x\nInit == x = 0\nNext == x' = x\nSmall == x < 3", config "INVARIANT Small";
    config_without_behaviour: "VARIABLE x\nInit == x = 0\nNext == x' = x", config "";
    invariant_with_primes: "VARIABLE x\nInit == x = 0\nNext == x' = x\nGrows == x' >= x",
        config "INIT Init\nNEXT Next\nINVARIANT Grows";
}
