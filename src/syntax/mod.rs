//! Text → surface tree.
//!
//! *Takes* the text of a `.tla` file. *Gives* a [`tree::File`] and all diagnostics found.
//! *Holds*: every node has a span of the original text. *Ignores* what names mean, other files,
//! levels and states.
//!
//! Phases: tokens (`token`) → proofs taken out (`proof`) → columns and marks, junction lists become
//! explicit (`layout`, which writes `marked` text) → pest grammars of `grammar/` (`grammar`, `failure` for its messages) → tree
//! (`module`, `definition`, `expression`), operators by the one table of precedence ranges
//! (`operators`, `precedence`). The way back is `print`.

pub mod tree;

mod token;

mod proof;

mod marked;

mod layout;

mod grammar;

mod failure;

mod build;

mod module;

mod definition;

mod expression;

mod precedence;

pub mod operators;

pub mod print;

use std::collections::HashSet;

use pest::Parser;

use crate::diagnostic::{Diagnostic, FileId, Sources, Span};
use build::{Builder, next_part, parts};
use grammar::{Grammar, Rule};
use token::{Kind, Token};

/// Parses a `.tla` file. Without a tree there is at least one error; with one there may be errors too
/// (codes `parse`, `4261`, `4262`).
///
/// Nesting is bounded, yet recursion on the bound takes up to some hundred MiB: call it on a thread with a large stack.
pub fn parse_file(sources: &Sources, file: FileId) -> (Option<tree::File>, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else { return (None, vec![no_file()]) };
    let tokens = match tokens(&source.text, file, false) {
        Ok(tokens) => tokens,
        Err(diagnostic) => return (None, vec![diagnostic]),
    };
    if tokens.is_empty() {
        let span = Span { file, start: 0, end: 0 };
        let diagnostic = Diagnostic::error("parse", span, "this file holds no module")
            .help("a module begins with a line `---- MODULE Name ----`");
        return (None, vec![diagnostic]);
    }
    let (kept, mut diagnostics) = proof::without_proofs(&tokens, file);
    let modules = read(&kept, &source.text, file, Rule::file, &mut diagnostics, |builder, pair| builder.file(pair));
    let (identifiers, strings) = first_appearances(&tokens);
    (modules.map(|modules| tree::File { modules, identifiers, strings }), diagnostics)
}

/// Parses a text that is one expression, from its first character to its last.
pub fn parse_expression(sources: &Sources, file: FileId) -> (Option<tree::Expr>, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else { return (None, vec![no_file()]) };
    let tokens = match tokens(&source.text, file, true) {
        Ok(tokens) => tokens,
        Err(diagnostic) => return (None, vec![diagnostic]),
    };
    let mut diagnostics = Vec::new();
    let tree = read(&tokens, &source.text, file, Rule::whole_expression, &mut diagnostics, |builder, pair| {
        builder.expression(next_part(&mut parts(pair)))
    });
    (tree, diagnostics)
}

fn no_file() -> Diagnostic {
    Diagnostic::error("parse", Span::NONE, "there is no such file")
}

fn tokens(text: &str, file: FileId, whole: bool) -> Result<Vec<Token<'_>>, Diagnostic> {
    if u32::try_from(text.len()).is_err() {
        return Err(Diagnostic::error("parse", Span { file, start: 0, end: 0 }, "the file is larger than 4 GiB"));
    }
    token::tokens(text, file, whole)
}

/// Tokens → marked text → pairs of `rule` → what `build` makes of them.
fn read<T>(
    tokens: &[Token<'_>],
    source: &str,
    file: FileId,
    rule: Rule,
    diagnostics: &mut Vec<Diagnostic>,
    build: impl FnOnce(&mut Builder<'_>, pest::iterators::Pair<'_, Rule>) -> T,
) -> Option<T> {
    let marked = match layout::mark_up(tokens, file, source.len() as u32) {
        Ok(marked) => marked,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return None;
        }
    };
    let pair = match Grammar::parse(rule, &marked.text) {
        Ok(mut pairs) => pairs.next()?,
        Err(error) => {
            diagnostics.push(failure::diagnostic(&error, &marked, source));
            return None;
        }
    };
    let mut builder = Builder::new(&marked, source);
    let tree = build(&mut builder, pair);
    diagnostics.append(&mut builder.diagnostics);
    Some(tree)
}

/// Identifiers and string literals in the order in which the text first has them.
fn first_appearances(tokens: &[Token<'_>]) -> (Vec<String>, Vec<String>) {
    let (mut identifiers, mut strings) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for token in tokens.iter().filter(|t| matches!(t.kind, Kind::Name | Kind::String)) {
        if !seen.insert(token.text) {
            continue;
        }
        match token.kind {
            Kind::Name => identifiers.push(token.text.to_owned()),
            _ => strings.push(expression::unescape(token.text)),
        }
    }
    (identifiers, strings)
}
