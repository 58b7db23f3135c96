//! Prints the log of a simulated run: `cargo run -p two-phase-commit -- SEED [broken] > run.ndjson`.

use std::error::Error;
use std::io::Write as _;

use two_phase_commit::protocol::Patience;
use two_phase_commit::simulation::run;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().ok_or("usage: two-phase-commit SEED [broken]")?.parse()?;
    let patience = if arguments.any(|a| a == "broken") { Patience::GivesUp } else { Patience::default() };
    let outcome = run(seed, patience)?;
    write!(std::io::stdout(), "{}", outcome.log)?;
    writeln!(std::io::stderr(), "decided {:?}, participants are {:?}", outcome.decision, outcome.phases)?;
    Ok(())
}
