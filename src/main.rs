//! The `tlaloc` command.
fn main() {}
