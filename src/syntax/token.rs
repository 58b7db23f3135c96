//! Original text → tokens, by `grammar/token.pest`.

use pest::Parser;

use super::grammar::{Grammar, Rule};
use super::operators;
use crate::diagnostic::{Diagnostic, FileId, Span};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// An identifier.
    Name,
    /// A reserved word that is no operator.
    Keyword,
    /// A decimal or based integer literal.
    Number,
    /// `1.5`.
    Decimal,
    /// A string literal with its quotes.
    String,
    /// An operator symbol, `SUBSET` and the like included.
    Operator,
    /// Any other symbol.
    Punctuation,
    /// `----`.
    Dashes,
    /// `====`.
    ModuleEnd,
    /// A theorem's `ASSUME … PROVE …`, `USE …` or `HIDE …`, folded into one token.
    Folded,
}

/// One token of the original text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    /// Canonical spelling.
    pub(super) text: &'s str,
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
    /// Columns of code points before it in its line, tabs advancing to multiples of 8.
    pub(super) column: u32,
    /// No other token stands before it in its line.
    pub(super) first_in_line: bool,
}

impl Token<'_> {
    /// True for the given symbol or keyword.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
            && matches!(self.kind, Kind::Keyword | Kind::Operator | Kind::Punctuation | Kind::Dashes | Kind::ModuleEnd)
    }

    /// True for one of the given keywords.
    pub(super) fn is_keyword(&self, words: &[&str]) -> bool {
        self.kind == Kind::Keyword && words.contains(&self.text)
    }

    /// True if an operand can end here, so that a following symbol is infix or postfix.
    pub(super) fn ends_operand(&self) -> bool {
        match self.kind {
            Kind::Name | Kind::Number | Kind::Decimal | Kind::String | Kind::Folded => true,
            Kind::Keyword => matches!(self.text, "TRUE" | "FALSE" | "BOOLEAN" | "STRING" | "OTHER"),
            Kind::Punctuation => matches!(self.text, ")" | "]" | "}" | ">>" | "@" | "_"),
            Kind::Operator => matches!(self.text, "'" | "^+" | "^*" | "^#"),
            Kind::Dashes | Kind::ModuleEnd => false,
        }
    }

    /// Its place.
    pub(super) fn span(&self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

/// Words that cannot be identifiers; `SUBSET` and other word operators are not listed.
const RESERVED: &[&str] = &[
    "ACTION",
    "ACTIONS",
    "ASSUME",
    "ASSUMPTION",
    "AXIOM",
    "BOOLEAN",
    "BY",
    "CASE",
    "CHOOSE",
    "CONSTANT",
    "CONSTANTS",
    "COROLLARY",
    "DEF",
    "DEFINE",
    "DEFS",
    "ELSE",
    "EXCEPT",
    "EXTENDS",
    "FALSE",
    "HAVE",
    "HIDE",
    "IF",
    "IN",
    "INSTANCE",
    "LAMBDA",
    "LEMMA",
    "LET",
    "LOCAL",
    "MODULE",
    "NEW",
    "OBVIOUS",
    "OMITTED",
    "ONLY",
    "OTHER",
    "PICK",
    "PROOF",
    "PROPOSITION",
    "PROVE",
    "QED",
    "RECURSIVE",
    "STATE",
    "STRING",
    "SUFFICES",
    "TAKE",
    "TEMPORAL",
    "TEMPORALS",
    "THEN",
    "THEOREM",
    "TRUE",
    "USE",
    "VARIABLE",
    "VARIABLES",
    "WITH",
    "WITNESS",
];

/// Deepest nesting of comments and of modules that is read.
const NESTING_MAX: usize = 200;

/// The tokens of a text. With `whole`, all of it is read as one expression; else only its modules.
pub(super) fn tokens(text: &str, file: FileId, whole: bool) -> Result<Vec<Token<'_>>, Diagnostic> {
    check_nesting(text, file)?;
    let rule = if whole { Rule::expression_text } else { Rule::source };
    let pairs = Grammar::parse(rule, text).map_err(|_| {
        Diagnostic::error("parse", Span { file, start: 0, end: 0 }, "this text cannot be split into tokens")
    })?;
    let mut columns = Columns { text, offset: 0, column: 0, new_line: true };
    let mut tokens = Vec::new();
    collect(pairs.flatten(), file, &mut columns, &mut tokens)?;
    Ok(tokens)
}

fn collect<'s>(
    pairs: impl Iterator<Item = pest::iterators::Pair<'s, Rule>>,
    file: FileId,
    columns: &mut Columns<'s>,
    tokens: &mut Vec<Token<'s>>,
) -> Result<(), Diagnostic> {
    for pair in pairs {
        let spelling = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::dashes => Kind::Dashes,
            Rule::module_close => Kind::ModuleEnd,
            Rule::decimal => Kind::Decimal,
            Rule::digits | Rule::based_number => Kind::Number,
            Rule::quoted => Kind::String,
            Rule::fairness_prefix => Kind::Punctuation,
            Rule::word => word_kind(spelling),
            Rule::symbol => Kind::Punctuation,
            Rule::open_string | Rule::open_comment | Rule::stray => return Err(unreadable(&pair, file)),
            _ => continue,
        };
        let span = pair.as_span();
        let mut token = Token {
            kind,
            text: spelling,
            start: span.start() as u32,
            end: span.end() as u32,
            column: columns.at(span.start()),
            first_in_line: std::mem::take(&mut columns.new_line),
        };
        match kind {
            Kind::Dashes => token.text = "----",
            Kind::ModuleEnd => token.text = "====",
            Kind::Punctuation => {
                token.text = operators::canonical(spelling).unwrap_or(spelling);
                if operators::is_operator(token.text) {
                    token.kind = Kind::Operator;
                }
            }
            _ => {}
        }
        tokens.push(token);
    }
    Ok(())
}

/// What a word is: those with a meaning of their own are in capitals.
fn word_kind(spelling: &str) -> Kind {
    if !spelling.bytes().all(|b| b.is_ascii_uppercase()) {
        Kind::Name
    } else if RESERVED.binary_search(&spelling).is_ok() {
        Kind::Keyword
    } else if operators::is_operator(spelling) {
        Kind::Operator
    } else {
        Kind::Name
    }
}

/// Why a text cannot be read on.
fn unreadable(pair: &pest::iterators::Pair<'_, Rule>, file: FileId) -> Diagnostic {
    let start = pair.as_span().start() as u32;
    let text = pair.as_str();
    let first = text.chars().next().unwrap_or(' ');
    let place = |length: usize| Span { file, start, end: start + length as u32 };
    match pair.as_rule() {
        Rule::open_comment => Diagnostic::error("parse", place(2), "this comment is never closed")
            .help("every `(*` needs a matching `*)`; comments nest"),
        Rule::open_string => match bad_escape(text) {
            Some((offset, escape)) => {
                let at = start + offset as u32;
                let span = Span { file, start: at, end: at + escape.len() as u32 };
                Diagnostic::error("parse", span, format!("unknown escape `{escape}` in a string"))
                    .help("the escapes are \\\" \\\\ \\n \\t \\r \\f")
            }
            None => Diagnostic::error("parse", place(text.trim_end().len()), "this string is not closed on its line")
                .help("a string ends with `\"` on the line where it begins"),
        },
        _ => Diagnostic::error(
            "parse",
            place(first.len_utf8()),
            format!("the character {first:?} has no meaning in TLA+"),
        )
        .maybe_help(character_help(first)),
    }
}

/// What people mean by characters that TLA+ does not have.
fn character_help(character: char) -> Option<&'static str> {
    Some(match character {
        '“' | '”' | '„' => "strings are written with straight quotes: \"text\"",
        '’' | '‘' | '′' => "the next value of a variable is written with a straight apostrophe: x'",
        ';' => "definitions end without a mark",
        '–' | '—' | '−' => "minus is written `-`",
        _ => return None,
    })
}

/// The first escape of a closed string literal that is none of the known ones.
fn bad_escape(text: &str) -> Option<(usize, &str)> {
    let mut characters = text.char_indices().skip(1);
    let mut bad = None;
    while let Some((offset, c)) = characters.next() {
        match c {
            '"' => return bad,
            '\\' => {
                let (next, escaped) = characters.next()?;
                if bad.is_none() && !matches!(escaped, '"' | '\\' | 'n' | 't' | 'r' | 'f') {
                    bad = text.get(offset..next + escaped.len_utf8()).map(|escape| (offset, escape.trim_end()));
                }
            }
            _ => {}
        }
    }
    None
}

/// The name that begins a line and the definition whose `==` is at `at`.
pub(super) fn definition_head(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut head = at.checked_sub(1)?;
    let mut open = 0usize;
    loop {
        let token = tokens.get(head)?;
        match token.text {
            ")" | "]" if token.kind == Kind::Punctuation => open += 1,
            "(" | "[" if token.kind == Kind::Punctuation => open = open.checked_sub(1)?,
            "==" => return None,
            _ if open == 0 => return (token.kind == Kind::Name && token.first_in_line).then_some(head),
            _ => {}
        }
        head = head.checked_sub(1)?;
    }
}

/// Columns of ascending offsets.
struct Columns<'s> {
    text: &'s str,
    offset: usize,
    column: u32,
    /// A line has begun since this was last reset.
    new_line: bool,
}

impl Columns<'_> {
    fn at(&mut self, offset: usize) -> u32 {
        let mut passed = self.text.get(self.offset..offset).unwrap_or("");
        if let Some(newline) = passed.rfind('\n') {
            (self.column, self.new_line) = (0, true);
            passed = &passed[newline + 1..];
        }
        for c in passed.chars() {
            self.column = if c == '\t' { (self.column / 8 + 1) * 8 } else { self.column + 1 };
        }
        self.offset = offset;
        self.column
    }
}

/// Comments and modules nest by recursion in the grammar: a bound keeps the stack safe.
fn check_nesting(text: &str, file: FileId) -> Result<(), Diagnostic> {
    let (mut comments, mut modules) = (0usize, 0usize);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b'(' | b'*' | b'-' | b'=') {
            at += 1;
            continue;
        }
        let rest = &bytes[at..];
        let mut width = 1;
        if rest.starts_with(b"(*") {
            (comments, width) = (comments + 1, 2);
        } else if rest.starts_with(b"*)") {
            (comments, width) = (comments.saturating_sub(1), 2);
        } else if rest.starts_with(b"----") {
            width = rest.iter().take_while(|b| **b == b'-').count();
            let after = rest[width..].iter().position(|b| !b.is_ascii_whitespace()).map_or(width, |p| width + p);
            modules += usize::from(rest[after..].starts_with(b"MODULE"));
        } else if rest.starts_with(b"====") {
            width = rest.iter().take_while(|b| **b == b'=').count();
            modules = modules.saturating_sub(1);
        }
        if comments > NESTING_MAX || modules > NESTING_MAX {
            let what = if comments > NESTING_MAX { "comments" } else { "modules" };
            let span = Span { file, start: at as u32, end: (at + width) as u32 };
            return Err(Diagnostic::error("parse", span, format!("{what} nested too deeply"))
                .help(format!("at most {NESTING_MAX} levels are read")));
        }
        at += width;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(text: &str) -> Vec<&str> {
        tokens(text, FileId(0), true).expect("readable").iter().map(|t| t.text).collect()
    }

    #[test]
    fn reserved_words_are_sorted_for_binary_search() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn words_with_a_meaning_are_in_capitals() {
        let words = operators::OPERATORS.iter().map(|o| o.canonical).filter(|o| o.starts_with(char::is_alphabetic));
        for word in words.chain(RESERVED.iter().copied()) {
            assert_ne!(word_kind(word), Kind::Name, "{word}");
        }
    }

    #[test]
    fn unclosed_comments_are_found_in_one_pass() {
        let text = format!("---- MODULE A ----\n{}", "(* ".repeat(NESTING_MAX));
        let error = tokens(&text, FileId(0), false).expect_err("unreadable");
        assert_eq!((error.message.as_str(), error.span.start), ("this comment is never closed", 19));
    }

    #[test]
    fn longest_symbol_wins() {
        assert_eq!(spellings("x-+->y"), ["x", "-+->", "y"]);
        assert_eq!(spellings("f(+)"), ["f", "(+)"]);
        assert_eq!(spellings("<<>>_v"), ["<<", ">>_", "v"]);
        assert_eq!(spellings("1..2"), ["1", "..", "2"]);
        assert_eq!(spellings("a\\o17 \\o b"), ["a", "\\o17", "\\o", "b"]);
        assert_eq!(spellings("WF_vars(A)"), ["WF_", "vars", "(", "A", ")"]);
        assert_eq!(spellings("1a + _x"), ["1a", "+", "_x"]);
        assert_eq!(spellings("_+_"), ["_", "+", "_"]);
    }

    #[test]
    fn synonyms_become_canonical() {
        assert_eq!(spellings("a ∧ b \\union c =< d"), ["a", "/\\", "b", "\\cup", "c", "\\leq", "d"]);
    }

    #[test]
    fn comments_nest_and_tabs_count() {
        let read = tokens("(* a (* b *) c *)\n\tx \\* y", FileId(0), true).expect("readable");
        assert_eq!(read.iter().map(|t| (t.text, t.column)).collect::<Vec<_>>(), [("x", 8)]);
    }

    #[test]
    fn text_outside_modules_is_ignored() {
        let text = "junk \" (*\n---- MODULE A ----\nx\n---- MODULE B ----\n====\n====\n it's \" junk\n---- MODULE C ----\n====";
        let read: Vec<_> = tokens(text, FileId(0), false).expect("readable").iter().map(|t| t.text).collect();
        assert_eq!(
            read,
            [
                "----", "MODULE", "A", "----", "x", "----", "MODULE", "B", "----", "====", "====", "----", "MODULE",
                "C", "----", "===="
            ]
        );
    }
}
