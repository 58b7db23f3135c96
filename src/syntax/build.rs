//! What building the tree from pest's pairs has in common: places, names, lists of parts.

use pest::iterators::Pair;

use super::grammar::Rule;
use super::marked::Marked;
use super::tree::Name;
use crate::diagnostic::{Diagnostic, Span};

/// Builds tree nodes; `module.rs`, `definition.rs` and `expression.rs` hold its parts.
pub(super) struct Builder<'b> {
    pub(super) marked: &'b Marked<'b, 'b>,
    /// The original text.
    pub(super) source: &'b str,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many EXCEPT values we are in: `@` has a meaning there.
    pub(super) except_depth: u32,
}

impl<'b> Builder<'b> {
    pub(super) fn new(marked: &'b Marked<'b, 'b>, source: &'b str) -> Self {
        Builder { marked, source, diagnostics: Vec::new(), except_depth: 0 }
    }

    /// The original place of a pair.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        self.marked.span(span.start(), span.end())
    }

    /// The name or operator of a pair whose first character is a mark.
    pub(super) fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        let mut characters = pair.as_str().chars();
        characters.next();
        Name { text: characters.as_str().to_owned(), span: self.span(pair) }
    }

    /// The names among the direct parts of a pair.
    pub(super) fn names(&self, pair: Pair<'_, Rule>) -> Vec<Name> {
        parts(pair).filter(|p| p.as_rule() == Rule::name).map(|p| self.name(&p)).collect()
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::error("parse", span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }
}

/// The parts of a pair that carry meaning: commas, brackets and fixed words are left out.
pub(super) fn parts(pair: Pair<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pair.into_inner().filter(|part| !is_fixed_word(part.as_rule()))
}

/// The next part, where the grammar says that there is one.
pub(super) fn next_part<'p>(parts: &mut impl Iterator<Item = Pair<'p, Rule>>) -> Pair<'p, Rule> {
    parts.next().expect("the grammar rule gives this part whenever it matches")
}

/// True for rules that only stand for a fixed spelling.
pub(super) fn is_fixed_word(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::EOI
            | Rule::comma
            | Rule::colon
            | Rule::arrow
            | Rule::maps_to
            | Rule::equals
            | Rule::open_round
            | Rule::close_round
            | Rule::close_square
            | Rule::close_brace
            | Rule::close_angle
            | Rule::then_word
            | Rule::else_word
            | Rule::in_word
            | Rule::defined_as
            | Rule::becomes
            | Rule::element_of
            | Rule::header_end
            | Rule::dashes_word
            | Rule::module_end
            | Rule::list_end
    )
}
