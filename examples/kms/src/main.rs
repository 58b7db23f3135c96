//! Runs a domain and prints its log.
//!
//! `key-domain live [CHANGES]`: over TCP on this machine. `key-domain simulate SEED`: on a simulated network with
//! faults.

use std::error::Error;
use std::io::Write as _;

use key_domain::world::Outcome;
use key_domain::{live, simulation};

const USAGE: &str = "usage: key-domain live [CHANGES] | key-domain simulate SEED";

/// Changes of a live run, if nobody says how many.
const CHANGES: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["live"] => live::run(CHANGES, u64::from(std::process::id()))?,
        ["live", changes] => live::run(changes.parse()?, u64::from(std::process::id()))?,
        ["simulate", seed] => simulation::run(seed.parse()?)?,
        _ => return Err(USAGE.into()),
    };
    write!(std::io::stdout(), "{}", outcome.log)?;
    tell(&outcome)?;
    Ok(())
}

fn tell(outcome: &Outcome) -> std::io::Result<()> {
    let mut out = std::io::stderr();
    writeln!(out, "{} changes; removed: {:?}", outcome.changes, outcome.removed)?;
    for (host, token) in &outcome.serving {
        writeln!(out, "  {host} serves under {token}")?;
    }
    let (all, closed) = outcome.ciphertexts;
    writeln!(out, "{} of {all} ciphertexts are decrypted by every member", all.saturating_sub(closed))?;
    let current = if outcome.leaked.contains(&outcome.current_key) {
        "the current one among them!"
    } else {
        "not the current one"
    };
    writeln!(out, "the adversary knows {} keys, {current}", outcome.leaked.len())
}
