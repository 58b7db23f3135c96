//! Real specifications give TLC's verdicts and counts, where the corpus is present: the smallest are explored,
//! all others read. `cargo run --release --bin corpus` explores all.

use std::path::Path;
use std::time::Duration;

use tlaloc::facts::corpus::{Settings, read, run};
use tlaloc::facts::{Judgement, folder, skipped};

/// What took TLC longer is only read here: tests are not optimised.
const TLC_SECONDS_MAX: f64 = 1.5;

#[test]
fn corpus_agrees() {
    let Some(folder) = folder("TLALOC_CORPUS", "corpus") else {
        skipped("there is no corpus (set TLALOC_CORPUS to its folder)");
        return;
    };
    let settings = Settings {
        tlc_seconds_max: Some(TLC_SECONDS_MAX),
        timeout: Duration::from_secs(300),
        workers: Some(2),
        stats: false,
    };
    let rows = read(&folder).expect("the facts are readable");
    let complaints: Vec<_> = rows
        .iter()
        .filter_map(|row| match run(Path::new(env!("CARGO_BIN_EXE_tlaloc")), &folder, row, &settings).judgement {
            Judgement::Differs(what) => Some(format!("{} {}: {what}", row.tla, row.cfg)),
            Judgement::Agrees | Judgement::Nearly(_) => None,
        })
        .collect();
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), rows.len(), complaints.join("\n"));
}
