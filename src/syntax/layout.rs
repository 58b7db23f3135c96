//! Tokens → marked text: what depends on columns and on position is decided here, before pest.
//!
//! A stack of open constructs is kept while the tokens go by. A `/\` or `\/` where an operand is
//! expected opens a *list* at its column. A later token belongs to the list's current item if it
//! stands to the right of that column; the same symbol in the same column begins the next item;
//! anything else at or left of the column ends the list. Lists also end, whatever the column, at the
//! token that closes or continues the construct around them (`)`, `THEN`, `,`, …) and where the next
//! definition begins.
//!
//! Operators are marked as prefix, infix, postfix or bare by whether an operand has just ended.
//! The same stack bounds how deep expressions nest, so that no later recursion can overflow.

use super::grammar::mark;
use super::marked::{Marked, Piece, decimal_digits};
use super::operators;
use super::token::{Kind, Token, definition_head};
use super::tree::Fixity;
use crate::diagnostic::{Diagnostic, FileId};

/// Deepest nesting of brackets, lists, quantifiers, prefix operators and the like.
const NESTING_MAX: u32 = 1_000;
/// Longest path from an expression to an operand in it: `1 + 1 + …` nests to the left.
const DEPTH_MAX: u32 = 8_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    /// A junction list: is it `/\`, and its column.
    List { and: bool, column: u32 },
    /// A bracket and what closes it.
    Bracket { closer: &'static str },
    /// `IF`, until `THEN`.
    If,
    /// `THEN`, until `ELSE`.
    Then,
    /// `LET`, until `IN`.
    Let,
    /// A quantifier, `CHOOSE` or `LAMBDA`, until its `:`.
    Binder,
    /// `CASE`: ended by whatever ends the construct around it.
    Case,
}

struct Entry {
    open: Open,
    /// Index of the token that opened it.
    token: usize,
    /// Nesting and depth outside it.
    outside: (u32, u32),
}

struct Layout<'t, 's> {
    tokens: &'t [Token<'s>],
    file: FileId,
    marked: String,
    pieces: Vec<Piece>,
    stack: Vec<Entry>,
    /// Nesting and depth at the current token.
    nesting: u32,
    depth: u32,
}

/// Writes the marked text of a file's tokens.
pub(super) fn mark_up<'t, 's>(tokens: &'t [Token<'s>], file: FileId, end: u32) -> Result<Marked<'t, 's>, Diagnostic> {
    let mut layout = Layout {
        tokens,
        file,
        marked: String::with_capacity(tokens.len() * 8),
        pieces: Vec::with_capacity(tokens.len()),
        stack: Vec::new(),
        nesting: 0,
        depth: 0,
    };
    for at in 0..tokens.len() {
        layout.token(at)?;
    }
    layout.no_open_bracket(tokens.len())?;
    layout.close_to(0, tokens.len());
    Ok(Marked { text: layout.marked, pieces: layout.pieces, tokens, file, end })
}

impl<'s> Layout<'_, 's> {
    fn token(&mut self, at: usize) -> Result<(), Diagnostic> {
        let token = self.tokens[at];
        let selector = at > 0 && self.tokens[at - 1].is("!") && !["(", "[", "."].iter().any(|s| token.is(s));
        if selector {
            self.selector(at);
            return Ok(());
        }
        let operand_before = self.operand_before(at);
        self.end_constructs(at, operand_before)?;
        if self.end_lists(at)? {
            return Ok(());
        }
        if !operand_before && (token.is("/\\") || token.is("\\/")) && !self.is_argument(at) {
            let and = token.text == "/\\";
            self.open(Open::List { and, column: token.column }, at)?;
            self.write(if and { mark::AND_LIST } else { mark::OR_LIST }, "", at);
            self.write(mark::ITEM, "", at);
            return Ok(());
        }
        self.write_token(at, operand_before);
        self.begin_construct(at, operand_before)
    }

    /// True if the token before this one can end an operand.
    fn operand_before(&self, at: usize) -> bool {
        let Some(previous) = at.checked_sub(1).and_then(|i| self.tokens.get(i)) else { return false };
        let selected = at >= 2 && self.tokens[at - 2].is("!") && !["(", "[", "."].iter().any(|s| previous.is(s));
        let field = at >= 2 && self.is_field_name(at - 1);
        let bare = previous.kind == Kind::Operator && self.is_argument(at - 1);
        selected || field || bare || previous.ends_operand()
    }

    /// True if the operator here is an argument or is substituted: `F(+, x)`, `WITH + <- Plus`.
    fn is_argument(&self, at: usize) -> bool {
        let next = self.tokens.get(at + 1);
        let follows = |words: &[&str]| next.is_some_and(|t| words.iter().any(|w| t.is(w)));
        let Some(previous) = at.checked_sub(1).map(|i| self.tokens[i]) else { return false };
        match previous.text {
            "(" | "," => follows(&[",", ")", "<-"]),
            "WITH" => follows(&["<-"]),
            "<-" => self.ends_operand_list(at + 1) || !can_begin_operand(self.tokens[at].text),
            _ => false,
        }
    }

    /// True if nothing of an expression can follow at this token.
    fn ends_operand_list(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return true };
        [",", ")", "]", "}", ">>", "IN"].iter().any(|word| token.is(word))
            || matches!(token.kind, Kind::Dashes | Kind::ModuleEnd)
    }

    /// A reserved word in the place of a field: `r.IF`, `!.IF`, `[IF |-> 1]`, `[IF : S]`.
    fn is_field_name(&self, at: usize) -> bool {
        let token = self.tokens[at];
        let is_word = token.text.starts_with(|c: char| c.is_ascii_alphabetic())
            && matches!(token.kind, Kind::Keyword | Kind::Operator);
        let Some(previous) = at.checked_sub(1).map(|i| self.tokens[i]) else { return false };
        let first_field =
            previous.is("[") && self.tokens.get(at + 1).is_some_and(|next| next.is("|->") || next.is(":"));
        is_word && (previous.is(".") || first_field)
    }

    /// What `!` selects: `Op!<<`, `Op!1`, `I!+`.
    fn selector(&mut self, at: usize) {
        let token = self.tokens[at];
        match token.kind {
            Kind::Operator => self.write(mark::BARE, token.text, at),
            Kind::Name => self.write(mark::NAME, token.text, at),
            _ => self.write_plain(token.text, at),
        }
    }

    /// Ends lists and other constructs that this token ends whatever its column.
    fn end_constructs(&mut self, at: usize, operand_before: bool) -> Result<(), Diagnostic> {
        let token = self.tokens[at];
        if self.begins_unit(at) {
            self.no_open_bracket(at)?;
            self.close_to(0, at);
            (self.nesting, self.depth) = (0, 0);
            return Ok(());
        }
        match token.kind {
            Kind::Punctuation => match token.text {
                ")" | "]" | "]_" | "}" | ">>" | ">>_" => self.close_bracket(at)?,
                "," | "|->" | "->" | "<-" => self.close_lists(at),
                ":" => {
                    self.close_lists(at);
                    if self.stack.last().is_some_and(|e| e.open == Open::Binder) {
                        self.leave(at);
                    }
                }
                "==" => {
                    self.close_inside(at, |open| matches!(open, Open::Let | Open::Bracket { .. }));
                    if let Some(entry) = self.stack.last().filter(|e| matches!(e.open, Open::Bracket { .. })) {
                        let head = definition_head(self.tokens, at).filter(|head| *head > entry.token);
                        return Err(match head {
                            Some(head) => self.unclosed(entry.token, head),
                            None => self.definition_in_bracket(entry.token, at),
                        });
                    }
                }
                _ if operand_before && begins_operand(&token) => self.end_definition(at),
                _ => {}
            },
            Kind::Operator if token.text == "[]" && operand_before => {
                self.close_inside(at, |open| matches!(open, Open::Case | Open::Bracket { .. } | Open::Let));
            }
            Kind::Keyword => match token.text {
                _ if self.is_field_name(at) => {}
                "THEN" => self.continue_with(at, Open::If, Some(Open::Then)),
                "ELSE" => self.continue_with(at, Open::Then, None),
                "IN" => self.continue_with(at, Open::Let, None),
                "EXCEPT" => self.close_lists(at),
                _ if operand_before => self.end_definition(at),
                _ => {}
            },
            _ if operand_before && begins_operand(&token) => self.end_definition(at),
            _ => {}
        }
        Ok(())
    }

    fn begins_unit(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        match token.kind {
            Kind::Dashes | Kind::ModuleEnd | Kind::Folded => true,
            Kind::Keyword => match token.text {
                "EXTENDS" | "CONSTANT" | "CONSTANTS" | "VARIABLE" | "VARIABLES" | "ASSUME" | "ASSUMPTION" | "AXIOM"
                | "THEOREM" | "LEMMA" | "PROPOSITION" | "COROLLARY" | "LOCAL" => !self.is_field_name(at),
                "INSTANCE" => at > 0 && !self.tokens[at - 1].is("==") && !self.tokens[at - 1].is("LOCAL"),
                "RECURSIVE" => !self.stack.iter().any(|e| e.open == Open::Let) && !self.is_field_name(at),
                _ => false,
            },
            _ => false,
        }
    }

    /// Two operands in a row: inside LET or between units the second begins the next definition.
    fn end_definition(&mut self, at: usize) {
        let around = self.stack.iter().rposition(|e| !matches!(e.open, Open::List { .. } | Open::Case));
        if around.is_none_or(|i| self.stack[i].open == Open::Let) {
            self.close_to(around.map_or(0, |i| i + 1), at);
            self.reset();
        }
    }

    /// Ends lists by column; true if the token began the next item of one.
    fn end_lists(&mut self, at: usize) -> Result<bool, Diagnostic> {
        let token = self.tokens[at];
        while let Some(index) = self.stack.iter().rposition(|e| matches!(e.open, Open::List { .. })) {
            let Open::List { and, column } = self.stack[index].open else { break };
            if token.column > column || closes_something(&token) {
                break;
            }
            let bracket = self.stack[index..].iter().find(|e| matches!(e.open, Open::Bracket { .. }));
            if let Some(bracket) = bracket {
                return Err(self.misplaced(at, self.stack[index].token, bracket.token));
            }
            let is_bullet = token.column == column && token.is(if and { "/\\" } else { "\\/" });
            if is_bullet {
                self.close_to(index + 1, at);
                self.reset();
                self.write(mark::ITEM, "", at);
                return Ok(true);
            }
            self.close_to(index, at);
        }
        Ok(false)
    }

    fn begin_construct(&mut self, at: usize, operand_before: bool) -> Result<(), Diagnostic> {
        let token = self.tokens[at];
        match token.kind {
            _ if self.is_field_name(at) => Ok(()),
            Kind::Punctuation => match token.text {
                "(" => self.open(Open::Bracket { closer: ")" }, at),
                "[" => self.open(Open::Bracket { closer: "]" }, at),
                "{" => self.open(Open::Bracket { closer: "}" }, at),
                "<<" => self.open(Open::Bracket { closer: ">>" }, at),
                "\\A" | "\\E" | "\\AA" | "\\EE" => self.open(Open::Binder, at),
                "," | "->" | "|->" | "==" => {
                    self.reset();
                    Ok(())
                }
                "." | "::" => self.deepen(at, u32::from(token.text == "::")),
                _ => Ok(()),
            },
            Kind::Keyword => match token.text {
                "IF" => self.open(Open::If, at),
                "LET" => self.open(Open::Let, at),
                "CASE" => self.open(Open::Case, at),
                "CHOOSE" | "LAMBDA" => self.open(Open::Binder, at),
                _ => Ok(()),
            },
            Kind::Operator if token.text == "[]" && operand_before => {
                self.reset();
                Ok(())
            }
            Kind::Operator => self.deepen(at, 0),
            _ => Ok(()),
        }
    }

    /// Counts one more level of the tree, and of recursion if `nesting` is 1.
    fn deepen(&mut self, at: usize, nesting: u32) -> Result<(), Diagnostic> {
        self.nesting += nesting;
        self.depth += 1;
        if self.nesting <= NESTING_MAX && self.depth <= DEPTH_MAX {
            return Ok(());
        }
        let help = if self.nesting > NESTING_MAX {
            format!("at most {NESTING_MAX} levels are read; name parts of the expression by definitions")
        } else {
            format!("at most {DEPTH_MAX} operators in a row are read; name parts of the expression by definitions")
        };
        let span = self.tokens[at].span(self.file);
        Err(Diagnostic::error("parse", span, "expression nested too deeply").help(help))
    }

    /// A new expression begins inside the innermost construct.
    fn reset(&mut self) {
        let (nesting, depth) = self.stack.last().map_or((0, 0), |e| e.outside);
        (self.nesting, self.depth) = (nesting + 1, depth + 1);
    }

    fn open(&mut self, open: Open, at: usize) -> Result<(), Diagnostic> {
        self.stack.push(Entry { open, token: at, outside: (self.nesting, self.depth) });
        self.deepen(at, 1)
    }

    /// Pops the innermost construct. What stands to its right in the same expression is not deeper
    /// because of it, except through `IN`, `ELSE` and `:`, whose bodies are inside.
    fn leave(&mut self, at: usize) {
        let Some(entry) = self.stack.pop() else { return };
        if matches!(entry.open, Open::List { .. }) {
            self.write_list_end(at);
        }
        if matches!(entry.open, Open::List { .. } | Open::Bracket { .. }) {
            (self.nesting, self.depth) = (entry.outside.0, entry.outside.1 + 1);
        } else {
            (self.nesting, self.depth) = (entry.outside.0 + 1, entry.outside.1 + 1);
        }
    }

    fn close_to(&mut self, length: usize, at: usize) {
        while self.stack.len() > length {
            self.leave(at);
        }
    }

    /// Ends the lists (and finished CASEs) inside the innermost other construct.
    fn close_lists(&mut self, at: usize) {
        let case_goes_on = self.tokens[at].is("->");
        self.close_inside(at, |open| match open {
            Open::List { .. } => false,
            Open::Case => case_goes_on,
            _ => true,
        });
    }

    /// Ends everything inside the innermost construct that satisfies `is_around`, or all lists if none does.
    fn close_inside(&mut self, at: usize, is_around: impl Fn(Open) -> bool) {
        let around = self.stack.iter().rposition(|e| is_around(e.open));
        self.close_to(around.map_or(0, |i| i + 1), at);
    }

    /// `THEN`, `ELSE`, `IN`: ends everything inside the construct they belong to, if it is open.
    fn continue_with(&mut self, at: usize, from: Open, to: Option<Open>) {
        let barrier = |open: Open| open == from || matches!(open, Open::Bracket { .. });
        let Some(index) = self.stack.iter().rposition(|e| barrier(e.open)) else { return };
        if self.stack[index].open != from {
            return;
        }
        self.close_to(index + 1, at);
        let Some(entry) = self.stack.pop() else { return };
        (self.nesting, self.depth) = (entry.outside.0 + 1, entry.outside.1 + 1);
        if let Some(to) = to {
            self.stack.push(Entry { open: to, ..entry });
        }
    }

    fn close_bracket(&mut self, at: usize) -> Result<(), Diagnostic> {
        let text = self.tokens[at].text;
        let wanted = match text {
            "]_" => "]",
            ">>_" => ">>",
            other => other,
        };
        let around = self.stack.iter().rposition(|e| matches!(e.open, Open::Bracket { .. }));
        let span = self.tokens[at].span(self.file);
        let Some(index) = around else {
            return Err(Diagnostic::error("parse", span, format!("`{text}` closes nothing")));
        };
        let entry = &self.stack[index];
        let closer = if let Open::Bracket { closer } = entry.open { closer } else { "" };
        if closer != wanted {
            let opened = self.tokens[entry.token];
            return Err(Diagnostic::error("parse", span, format!("expected `{closer}`, found `{text}`"))
                .label(opened.span(self.file), format!("this `{}` is open", opened.text)));
        }
        self.close_to(index, at);
        Ok(())
    }

    fn no_open_bracket(&self, at: usize) -> Result<(), Diagnostic> {
        match self.stack.iter().rev().find(|e| matches!(e.open, Open::Bracket { .. })) {
            Some(entry) => Err(self.unclosed(entry.token, at)),
            None => Ok(()),
        }
    }

    fn unclosed(&self, opened: usize, at: usize) -> Diagnostic {
        let bracket = self.tokens[opened];
        let mut diagnostic =
            Diagnostic::error("parse", bracket.span(self.file), format!("this `{}` is never closed", bracket.text));
        if let Some(token) = self.tokens.get(at) {
            diagnostic = diagnostic.label(token.span(self.file), "it should be closed before this");
        }
        diagnostic
    }

    fn definition_in_bracket(&self, opened: usize, at: usize) -> Diagnostic {
        let bracket = self.tokens[opened];
        let message = format!("`==` cannot stand inside `{}`", bracket.text);
        Diagnostic::error("parse", self.tokens[at].span(self.file), message)
            .label(bracket.span(self.file), "this bracket is still open")
            .help("close the bracket before the next definition; equality is written `=`")
    }

    fn misplaced(&self, at: usize, bullet: usize, bracket: usize) -> Diagnostic {
        let (token, bullet, bracket) = (self.tokens[at], self.tokens[bullet], self.tokens[bracket]);
        let message = format!("`{}` stands left of the list item whose `{}` is still open", token.text, bracket.text);
        Diagnostic::error("parse", token.span(self.file), message)
            .label(bullet.span(self.file), "the item begins here")
            .label(bracket.span(self.file), "opened here")
            .help("indent it to the right of the bullet, or close the bracket first")
    }

    fn write_token(&mut self, at: usize, operand_before: bool) {
        let token = self.tokens[at];
        if self.is_field_name(at) {
            return self.write(mark::NAME, token.text, at);
        }
        match token.kind {
            Kind::Name => self.write(mark::NAME, token.text, at),
            Kind::Number => self.write_plain(&decimal_digits(token.text), at),
            Kind::String => self.write_plain("\"\"", at),
            Kind::Operator => self.write_operator(at, operand_before),
            _ => self.write_plain(token.text, at),
        }
    }

    fn write_operator(&mut self, at: usize, operand_before: bool) {
        let text = self.tokens[at].text;
        let has = |fixity| operators::find(text, fixity).is_some();
        if self.is_argument(at) {
            self.write(mark::BARE, text, at);
        } else if operand_before && has(Fixity::Infix) {
            self.write(mark::INFIX, text, at);
        } else if operand_before && has(Fixity::Postfix) {
            self.write(mark::POSTFIX, text, at);
        } else if operand_before && text == "[]" {
            self.write_plain(text, at);
        } else if has(Fixity::Prefix) || text == "-" {
            self.write(mark::PREFIX, if text == "-" { "-." } else { text }, at);
        } else if self.ends_operand_list(at + 1) {
            self.write(mark::BARE, text, at);
        } else {
            self.write(if has(Fixity::Infix) { mark::INFIX } else { mark::POSTFIX }, text, at);
        }
    }

    fn write(&mut self, mark: char, text: &str, at: usize) {
        self.piece(at);
        self.marked.push(mark);
        self.marked.push_str(text);
        self.marked.push(' ');
    }

    fn write_plain(&mut self, text: &str, at: usize) {
        self.piece(at);
        self.marked.push_str(text);
        self.marked.push(' ');
    }

    fn piece(&mut self, at: usize) {
        let token = self.tokens[at];
        let offset = self.marked.len() as u32;
        self.pieces.push(Piece { offset, start: token.start, end: token.end, token: at as u32 });
    }

    fn write_list_end(&mut self, at: usize) {
        let end = at.checked_sub(1).map_or(0, |i| self.tokens[i].end);
        let offset = self.marked.len() as u32;
        self.pieces.push(Piece { offset, start: end, end, token: at as u32 });
        self.marked.push(mark::LIST_END);
        self.marked.push(' ');
    }
}

/// True for tokens that close or continue an open construct: their column does not matter.
fn closes_something(token: &Token<'_>) -> bool {
    token.is_keyword(&["THEN", "ELSE", "IN"])
        || [")", "]", "]_", "}", ">>", ">>_"].iter().any(|closer| token.is(closer))
}

/// True for operators that may stand before an operand: prefix operators and bullets.
fn can_begin_operand(operator: &str) -> bool {
    matches!(operator, "-" | "/\\" | "\\/") || operators::find(operator, Fixity::Prefix).is_some()
}

/// True for tokens that can only begin an operand.
fn begins_operand(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Name | Kind::Number | Kind::Decimal | Kind::String => true,
        Kind::Punctuation => {
            matches!(token.text, "{" | "<<" | "@" | "\\A" | "\\E" | "\\AA" | "\\EE" | "WF_" | "SF_" | "_")
        }
        Kind::Operator => token.text == "-.",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token;

    /// The marked text with readable marks: `&[` and `|[` open lists, `*` items, `]` list ends.
    fn marked(text: &str) -> String {
        let tokens = token::tokens(text, FileId(0), true).expect("readable");
        let marked = mark_up(&tokens, FileId(0), text.len() as u32).expect("well placed");
        let readable = marked.text.replace(mark::AND_LIST, "&[").replace(mark::OR_LIST, "|[");
        let readable = readable.replace(mark::ITEM, "*").replace(mark::LIST_END, "]");
        readable.replace(|c| ('\u{E004}'..='\u{E008}').contains(&c), "").trim_end().to_owned()
    }

    #[test]
    fn same_column_is_next_item() {
        assert_eq!(marked("/\\ a\n/\\ b"), "&[ * a * b ]");
        assert_eq!(marked("/\\ a\n /\\ b"), "&[ * a /\\ b ]");
        assert_eq!(marked("/\\ a\n\\/ b"), "&[ * a ] \\/ b");
        assert_eq!(marked("/\\ a\n/\\ b\n=> c"), "&[ * a * b ] => c");
        assert_eq!(marked("\\/ /\\ a\n   /\\ b\n\\/ c"), "|[ * &[ * a * b ] * c ]");
    }

    #[test]
    fn tabs_count_as_columns() {
        assert_eq!(marked("        /\\ a\n\t/\\ b"), "&[ * a * b ]");
    }

    #[test]
    fn closers_end_lists() {
        assert_eq!(marked("(/\\ a) /\\ b"), "( &[ * a ] ) /\\ b");
        assert_eq!(marked("IF /\\ a /\\ b THEN c ELSE d"), "IF &[ * a /\\ b ] THEN c ELSE d");
        assert_eq!(marked("f(/\\ a, b)"), "f ( &[ * a ] , b )");
        assert_eq!(marked("LET x == /\\ a  y == b IN c"), "LET x == &[ * a ] y == b IN c");
        assert_eq!(marked("CASE /\\ a -> b [] /\\ c -> d"), "CASE &[ * a ] -> b [] &[ * c ] -> d");
    }

    #[test]
    fn bare_junction_is_an_argument() {
        assert_eq!(marked("F(/\\, a)"), "F ( /\\ , a )");
    }
}
