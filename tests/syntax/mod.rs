//! What the parser's tests share.
#![allow(dead_code, reason = "each test file uses its own part")]

use tlaloc::diagnostic::{Diagnostic, Sources};
use tlaloc::syntax::{parse_expression, parse_file, tree};

/// The parser recurses: bounded, but deeper than a test thread's stack.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(512 << 20);
        let thread = builder.spawn_scoped(scope, work).expect("a thread can be started");
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

pub(crate) fn expression(text: &str) -> (Option<tree::Expr>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("expression", text);
    parse_expression(&sources, file)
}

pub(crate) fn file(text: &str) -> (Option<tree::File>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("M.tla", text);
    parse_file(&sources, file)
}

/// The tree with its places left out.
pub(crate) fn shape(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut shape = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span { file: FileId(") {
        shape.push_str(&rest[..at]);
        let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    shape + rest
}
