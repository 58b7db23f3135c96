//! `tlaloc parse`.

use std::io::Write as _;

use super::arguments::ParseArguments;
use super::diagnostics::Drawing;
use super::{colour, with_extension};
use crate::pipeline;
use crate::report::Kind;

/// Exits with 0, or with 150 and every diagnostic on standard error.
pub(super) fn run(arguments: &ParseArguments) -> u8 {
    let files: Vec<_> = arguments.files.iter().map(|f| with_extension(f, "tla")).collect();
    let (diagnostics, sources) = pipeline::parse(&files, &arguments.library);
    let mut stderr = std::io::stderr().lock();
    let drawing = Drawing::new(&sources, colour::wanted(&stderr));
    for diagnostic in &diagnostics {
        let _ = stderr.write_all(drawing.draw(diagnostic).as_bytes());
    }
    if diagnostics.iter().any(|d| d.is_error()) { Kind::Parse.exit_code() } else { 0 }
}
