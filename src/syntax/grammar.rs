//! The parsers that pest makes of the files of `grammar/`.
//!
//! `token.pest` reads original text. The other files read *marked* text, which `layout.rs` writes:
//! tokens in canonical spelling, each followed by one space, names and operators led by a mark.

#![allow(missing_docs, reason = "pest_derive generates an undocumented variant for each grammar rule")]

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/token.pest"]
#[grammar = "../grammar/module.pest"]
#[grammar = "../grammar/definition.pest"]
#[grammar = "../grammar/expression.pest"]
pub(super) struct Grammar;

/// The marks of marked text: private-use characters, the same as in `expression.pest`.
pub(super) mod mark {
    /// A `/\` list begins.
    pub(in crate::syntax) const AND_LIST: char = '\u{E000}';
    /// A `\/` list begins.
    pub(in crate::syntax) const OR_LIST: char = '\u{E001}';
    /// An item of a list begins.
    pub(in crate::syntax) const ITEM: char = '\u{E002}';
    /// The innermost list ends.
    pub(in crate::syntax) const LIST_END: char = '\u{E003}';
    /// An identifier follows.
    pub(in crate::syntax) const NAME: char = '\u{E004}';
    /// A prefix operator follows.
    pub(in crate::syntax) const PREFIX: char = '\u{E005}';
    /// An infix operator follows.
    pub(in crate::syntax) const INFIX: char = '\u{E006}';
    /// A postfix operator follows.
    pub(in crate::syntax) const POSTFIX: char = '\u{E007}';
    /// An operator symbol that is named, not applied, follows.
    pub(in crate::syntax) const BARE: char = '\u{E008}';
}
