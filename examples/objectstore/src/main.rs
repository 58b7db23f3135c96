//! A store of four hosts, live or simulated.
//!
//! - `objectstore live [FOLDER]`: over TCP on this machine, with disks in the folder; says what happens and writes the
//!   log `FOLDER/run.ndjson`.
//! - `objectstore simulate SEED [without FAULT]`: prints the log of a run under faults, without one guard if asked to.

mod live;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use objectstore::guards::Guards;
use objectstore::simulation::{Outcome, run};

const USAGE: &str = "usage: objectstore live [FOLDER] | objectstore simulate SEED [without FAULT]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["live"] => live::run(&default_folder("live")),
        ["live", folder] => live::run(Path::new(folder)),
        ["simulate", seed] => simulate(seed.parse()?, Guards::default()),
        ["simulate", seed, "without", fault] => {
            simulate(seed.parse()?, Guards::without(fault).ok_or("there is no such fault")?)
        }
        _ => Err(USAGE.into()),
    }
}

fn default_folder(what: &str) -> PathBuf {
    std::env::temp_dir().join(format!("objectstore-{what}-{}", std::process::id()))
}

fn simulate(seed: u64, guards: Guards) -> Result<(), Box<dyn Error>> {
    let folder = default_folder("simulation");
    let outcome = run(seed, guards, &folder);
    std::fs::remove_dir_all(&folder)?;
    let outcome = outcome?;
    write!(io::stdout(), "{}", outcome.log)?;
    let Outcome { acknowledged, refused, reads, blows, wrong, .. } = outcome;
    writeln!(
        io::stderr(),
        "{acknowledged} writes acknowledged, {refused} requests refused, {reads} reads, {blows} blows"
    )?;
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ").into()) }
}
