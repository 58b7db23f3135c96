//! The link between threats and specs: what is borne out, and every way in which it may not be.

use std::fs;
use std::path::Path;

use tlaloc::cli::with_large_stack;
use tlaloc::facts::modules::{plan, silent};
use tlaloc::threats::{Account, examine, variants};

/// Tickets are stamped once; a thief copies them.
const SPEC: &str = r#"---- MODULE Tickets ----
EXTENDS Naturals
CONSTANTS Stamps, Counts, Sleeps
VARIABLES copies, rides, sold
Init == copies = 1 /\ rides = 0 /\ sold = 1
Copy == copies < 3 /\ copies' = copies + 1 /\ UNCHANGED <<rides, sold>>
Vanish == copies > 9 /\ copies' = 0 /\ UNCHANGED <<rides, sold>>
Ride == copies > 0 /\ rides < 3 /\ (Stamps => rides < sold) /\ rides' = rides + 1 /\ copies' = copies - 1 /\ UNCHANGED sold
Sell == sold < 2 /\ sold' = sold + 1 /\ copies' = copies + (IF Counts THEN 1 ELSE 9) /\ UNCHANGED rides
Next == Copy \/ Vanish \/ Ride \/ Sell
Spec == Init /\ [][Next]_<<copies, rides, sold>> /\ WF_sold(~Sleeps /\ Sell)
Paid == rides <= sold
Few == copies <= 4 /\ Paid
Opens == <>(sold = 2)
====
"#;

const CONFIG: &str = "SPECIFICATION Spec\nCONSTANTS\n    Stamps = TRUE\n    Counts = TRUE\n    Sleeps = FALSE\nINVARIANTS Paid Few\nPROPERTY Opens\nCHECK_DEADLOCK FALSE\n";

fn threat(name: &str, action: &str, off: &str, property: &str) -> String {
    format!(
        "[[threat]]\nname = '{name}'\ntext = 't'\naction = '{action}'\nmitigation = 'm'\noff = '{off}'\nproperty = '{property}'\n"
    )
}

fn examined(config: &str, properties: &str, threats: &[String]) -> Account {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the file is written");
    write("Tickets.tla", SPEC);
    write("Tickets.cfg", config);
    let head = "title = 'Tickets'\nspec = 'Tickets.tla'\nconfig = 'Tickets.cfg'\n";
    write("threats.toml", &format!("{head}properties = [{properties}]\n{}", threats.concat()));
    let path = folder.path().join("threats.toml");
    let (sender, receiver) = std::sync::mpsc::channel();
    with_large_stack(move || {
        let account = examine(&path, &|spec: &Path, config: &Path| plan(spec, config, 1), &silent());
        sender.send(account).expect("somebody waits");
        0
    });
    receiver.recv().expect("the examination ends").expect("the files are right")
}

fn complaints(account: &Account) -> Vec<String> {
    let links = account.links.iter().flat_map(|l| l.complaints.iter().map(|c| format!("{}: {c}", l.threat.name)));
    account.complaints.iter().cloned().chain(links).collect()
}

#[test]
fn links_are_borne_out() {
    let threats =
        [threat("fraud", "Copy", "Stamps = FALSE", "Paid"), threat("strike", "Ride", "Sleeps = TRUE", "Opens")];
    let account = examined(CONFIG, "'Paid', 'Opens'", &threats);
    assert_eq!(complaints(&account), Vec::<String>::new());
    assert!(account.is_borne_out());
    assert_eq!(account.models[0].bounds, ["Counts = TRUE"]);
    assert!(account.links.iter().all(|l| l.taken > 0));
    let traces: Vec<_> = account.links.iter().map(|l| l.broken.as_ref().and_then(|o| o.trace)).collect();
    assert_eq!(traces, [Some(4), Some(1)]);
}

#[test]
fn what_breaks_more_than_it_says_is_found() {
    let threats = [threat("fraud", "Copy", "Stamps = FALSE", "Paid"), threat("glut", "Sell", "Counts = FALSE", "Few")];
    let account = examined(CONFIG, "'Paid', 'Few'", &threats);
    assert_eq!(complaints(&account), ["fraud: without the guard Few fails too"]);
    assert!(!account.is_borne_out());
}

#[test]
fn links_that_do_not_hold_are_found() {
    let threats = [
        threat("harmless", "Copy", "Sleeps = TRUE", "Paid"),
        threat("impossible", "Vanish", "Stamps = FALSE", "Paid"),
        threat("misspelt", "Copies", "Stamps = FALSE", "Paid"),
        threat("nothing", "Copy", "Stamps = TRUE", "Paid"),
        threat("unknown", "Copy", "Stumps = FALSE", "Paid"),
        threat("elsewhere", "Copy", "Stamps = FALSE", "Few"),
    ];
    let account = examined(CONFIG, "'Paid'", &threats);
    let complaints = complaints(&account);
    for expected in [
        "harmless: Paid holds without the guard too",
        "impossible: the action Vanish is never taken in the good model",
        "misspelt: the spec has no action Copies",
        "nothing: `Stamps = TRUE` is what",
        "unknown: Paid holds without the guard too",
        "elsewhere: Few is not among the properties",
    ] {
        assert!(complaints.iter().any(|c| c.starts_with(expected)), "{expected}: {complaints:?}");
    }
}

#[test]
fn a_good_model_must_be_good() {
    let config = CONFIG.replace("Stamps = TRUE", "Stamps = FALSE");
    let account = examined(&config, "'Paid'", &[threat("strike", "Ride", "Sleeps = TRUE", "Paid")]);
    assert_eq!(complaints(&account), ["the good model violates Paid"]);
    let account = examined(
        &CONFIG.replace("INVARIANTS Paid Few\n", ""),
        "'Paid'",
        &[threat("fraud", "Copy", "Stamps = FALSE", "Paid")],
    );
    assert_eq!(complaints(&account), ["Tickets.cfg does not check Paid"]);
}

/// Catalogues in the tree can be read, and every guard in them can be switched off.
#[test]
fn catalogues_name_switches() {
    let mut seen = 0;
    for entry in fs::read_dir("specs").expect("the specs are there") {
        let path = entry.expect("the entry is readable").path().join("threats.toml");
        if !path.exists() {
            continue;
        }
        let variants = variants(&path).unwrap_or_else(|error| panic!("{error}"));
        assert!(variants.len() >= 6, "{}: {} threats", path.display(), variants.len());
        seen += 1;
    }
    assert!(seen > 0, "there are catalogues");
}
