//! tmp
use std::io::Write as _;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).unwrap().parse()?;
    let folder = std::path::PathBuf::from(std::env::args().nth(2).unwrap());
    let outcome = objectstore::simulation::run(seed, Default::default(), &folder)?;
    write!(std::io::stdout(), "{}", outcome.log)?;
    writeln!(std::io::stderr(), "{:?}", objectstore::simulation::Outcome { log: String::new(), ..outcome })?;
    Ok(())
}
