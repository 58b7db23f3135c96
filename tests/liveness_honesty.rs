//! What an "ok" is worth is said: each doubt where there is reason for it, and none elsewhere.

use std::path::PathBuf;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules;
use tlaloc::report::{Report, Standing, Verdict};

const SPEC: &str = r"
---- MODULE Toy ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Up == x < 3 /\ x' = x + 1
Home == x = 3 /\ x' = 0
Jump == x = 7 /\ x' = 8
Next == Up \/ Home
Free == Init /\ [][Next]_x
Fair == Free /\ WF_x(Up) /\ WF_x(Home)
Each == Free /\ \A n \in {3, 7} : WF_x(x = n /\ x' = 0)
Idle == Fair /\ SF_x(Jump)
Contradictory == Fair /\ <>[](x = 0)
Endless == Init /\ [][x' = x + 1]_x /\ WF_x(x' = x + 1)
Small == x < 3
Large == x < 30
Steps == x' # 3
AllSteps == x' < 30
Visits == []<>(x = 3)
Never == []<>(x = 9)
Two == <>(x = 2)
Stays == <>[](x = 0)
Safe == [](x < 9)
Answers == (x = 1) ~> (x = 2)
Unasked == (x = 9) ~> (x = 2)
OneAsked == \A n \in {1, 9} : (x = n) ~> (x = 3)
NoneAsked == \A n \in {8, 9} : (x = n) ~> (x = 3)
Same == WF_x(Up)
Low == x < 2
Lower == x < 2
Wrong == x < 2 \/ x < TRUE
Steady == [][x' > x]_x
Steadier == [][x' > x]_x
====
";

fn check(config: &str, go_on: bool) -> Report {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (spec, file): (PathBuf, PathBuf) = (folder.path().join("Toy.tla"), folder.path().join("Toy.cfg"));
    std::fs::write(&spec, SPEC).expect("the spec can be written");
    std::fs::write(&file, config).expect("the config can be written");
    let mut plan = modules::plan(&spec, &file, 2);
    (plan.continue_after_violation, plan.no_deadlock) = (go_on, true);
    modules::check(&plan).expect("the checker does not panic").0
}

/// A config, the verdict, and the codes of the doubts.
const DOUBTS: [(&str, Verdict, &[&str]); 21] = [
    ("SPECIFICATION Fair PROPERTY Visits", Verdict::Ok, &[]),
    ("SPECIFICATION Free PROPERTY Visits", Verdict::Violation, &[]),
    ("SPECIFICATION Each PROPERTY Visits", Verdict::Violation, &[]),
    ("SPECIFICATION Each PROPERTY Safe", Verdict::Ok, &[]),
    ("SPECIFICATION Idle PROPERTY Visits", Verdict::Ok, &["liveness-vacuous"]),
    ("SPECIFICATION Contradictory PROPERTY Never", Verdict::Ok, &["liveness-vacuous"]),
    ("SPECIFICATION Fair PROPERTY Answers", Verdict::Ok, &[]),
    ("SPECIFICATION Fair PROPERTY Unasked", Verdict::Ok, &["liveness-vacuous"]),
    ("SPECIFICATION Fair PROPERTY OneAsked", Verdict::Ok, &[]),
    ("SPECIFICATION Fair PROPERTY NoneAsked", Verdict::Ok, &["liveness-vacuous"]),
    ("SPECIFICATION Fair PROPERTY Same", Verdict::Ok, &["liveness-trivial"]),
    ("SPECIFICATION Free PROPERTY Same", Verdict::Violation, &[]),
    ("SPECIFICATION Fair CONSTRAINT Large PROPERTY Visits", Verdict::Ok, &[]),
    ("SPECIFICATION Free CONSTRAINT Small PROPERTY Two", Verdict::Violation, &[]),
    ("SPECIFICATION Free CONSTRAINT Small PROPERTY Safe", Verdict::Ok, &[]),
    ("SPECIFICATION Each CONSTRAINT Small PROPERTY Answers", Verdict::Violation, &[]),
    (
        "SPECIFICATION Endless CONSTRAINT Small PROPERTY Stays",
        Verdict::Ok,
        &["liveness-constraint", "liveness-vacuous"],
    ),
    ("SPECIFICATION Free CONSTRAINT Small PROPERTY Same", Verdict::Violation, &[]),
    (
        "SPECIFICATION Fair ACTION_CONSTRAINT Steps PROPERTY Two",
        Verdict::Ok,
        &["liveness-constraint", "liveness-vacuous"],
    ),
    ("SPECIFICATION Fair ACTION_CONSTRAINT AllSteps PROPERTY Two", Verdict::Ok, &[]),
    ("SPECIFICATION Free VIEW x PROPERTY Visits", Verdict::Violation, &["liveness-reduced"]),
];

#[test]
fn doubts_are_told_where_there_is_reason_and_nowhere_else() {
    let exit = with_large_stack(|| {
        for (config, verdict, codes) in DOUBTS {
            let config = config.replace("VIEW x", "VIEW Large");
            let report = check(&config, false);
            assert_eq!(report.verdict, verdict, "{config}: {:?}", report.diagnostics);
            let told: Vec<&str> = report.diagnostics.iter().map(|d| d.code).collect();
            assert_eq!(told, codes, "{config}: {:?}", report.diagnostics);
        }
        0
    });
    assert_eq!(exit, 0);
}

#[test]
fn every_property_has_a_verdict() {
    use Standing::{Holds, Unchecked, Violated};
    let exit = with_large_stack(|| {
        let standings = |config: &str, go_on| {
            let report = check(config, go_on);
            report.properties.iter().map(|(name, standing)| (name.clone(), *standing)).collect::<Vec<_>>()
        };
        let all = "SPECIFICATION Fair INVARIANTS Low Lower PROPERTIES Steady Visits Steadier Stays Never Visits";
        let expected = [
            ("Low", Violated),
            ("Lower", Violated),
            ("Steady", Violated),
            ("Visits", Holds),
            ("Steadier", Violated),
            ("Stays", Violated),
            ("Never", Violated),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(name, standing)| (name.to_owned(), standing)).collect();
        assert_eq!(standings(all, true), expected);
        let first = standings("SPECIFICATION Fair PROPERTIES Stays Visits", false);
        assert_eq!(first, [("Stays".to_owned(), Violated), ("Visits".to_owned(), Unchecked)]);
        // Where Low is false, Wrong has no value; that it holds elsewhere says nothing.
        let wrong = standings("SPECIFICATION Fair INVARIANTS Low Wrong", true);
        assert_eq!(wrong, [("Low".to_owned(), Violated), ("Wrong".to_owned(), Unchecked)]);
        0
    });
    assert_eq!(exit, 0);
}
