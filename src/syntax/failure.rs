//! pest's failures → a message a person understands.

use std::collections::BTreeSet;

use pest::error::{Error, ErrorVariant, InputLocation};

use super::grammar::Rule;
use super::marked::Marked;
use super::token::{Kind, Token, definition_head};
use crate::diagnostic::{Diagnostic, Span};

/// The diagnostic for a text that does not match the grammar.
pub(super) fn diagnostic(error: &Error<Rule>, marked: &Marked<'_, '_>, source: &str) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let at = marked.token_at(offset);
    let found = marked.tokens.get(at);
    let previous = at.checked_sub(1).and_then(|i| marked.tokens.get(i));
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    if let Some(diagnostic) = swallowed_definition(marked, at) {
        return diagnostic;
    }
    let wanted = wanted(expected, found, previous);
    let place = found.map_or(marked.end_of_text(), |t| t.span(marked.file));
    let seen = found.map_or("the end of the text".to_owned(), |t| described(t, source));
    let message = if wanted.is_empty() {
        format!("unexpected {seen}")
    } else {
        format!("expected {}, found {seen}", alternatives(&wanted))
    };
    let mut diagnostic = Diagnostic::error("parse", place, message);
    // `x != y` begins like a path: `x!=`.
    let unequal =
        at.checked_sub(2).and_then(|i| marked.tokens.get(i..at)).is_some_and(|t| t[0].is("!") && t[1].is("="));
    if unequal {
        diagnostic = diagnostic.help("`not equal` is written `#` or `/=`");
    } else if let Some(help) = help(expected, found, previous) {
        diagnostic = diagnostic.help(help);
    }
    if let Some((span, text)) = opening(marked, at, expected) {
        diagnostic = diagnostic.label(span, text);
    }
    diagnostic
}

/// `x == 1 +` and then `y == 2`: the definition of `y` was read as `1 + y`.
fn swallowed_definition(marked: &Marked<'_, '_>, at: usize) -> Option<Diagnostic> {
    marked.tokens.get(at).filter(|t| t.is("=="))?;
    let head = definition_head(marked.tokens, at)?;
    let before = marked.tokens.get(head.checked_sub(1)?).filter(|t| !t.ends_operand() && t.kind == Kind::Operator)?;
    let message = format!("expected an expression after `{}`", before.text);
    let name = marked.tokens[head];
    Some(
        Diagnostic::error("parse", before.span(marked.file), message)
            .label(name.span(marked.file), format!("the definition of `{}` begins here", name.text)),
    )
}

/// A token as the user wrote it.
fn described(token: &Token<'_>, source: &str) -> String {
    let text = source.get(token.start as usize..token.end as usize).unwrap_or(token.text);
    match token.kind {
        Kind::ModuleEnd => "the end of the module".to_owned(),
        Kind::Dashes => "`----`".to_owned(),
        _ if text.chars().count() > 30 => format!("`{}…`", text.chars().take(30).collect::<String>()),
        _ => format!("`{text}`"),
    }
}

/// What could have stood there, in words.
fn wanted(expected: &[Rule], found: Option<&Token<'_>>, previous: Option<&Token<'_>>) -> Vec<String> {
    if expected.contains(&Rule::module_end) {
        let next = if previous.is_some_and(Token::ends_operand) {
            "an operator or the next definition"
        } else {
            "a definition"
        };
        return vec![if found.is_none() { "`====`" } else { next }.to_owned()];
    }
    let words: BTreeSet<String> = expected.iter().filter_map(|rule| words(*rule)).map(str::to_owned).collect();
    let expression = expected.iter().any(|rule| is_expression(*rule));
    let mut wanted: Vec<String> = words.into_iter().collect();
    if expression {
        let after = previous.filter(|t| !matches!(t.kind, Kind::Dashes | Kind::ModuleEnd | Kind::String));
        wanted.insert(0, after.map_or("an expression".to_owned(), |t| format!("an expression after `{}`", t.text)));
        wanted.truncate(1);
    } else if wanted.len() > 1 {
        // A closing word says more than the operators and commas that could also go on.
        wanted.retain(|w| w != "`,`" && w != "an operator");
    }
    if wanted.is_empty() && expected.iter().any(|r| matches!(r, Rule::comma)) {
        wanted.push("`,`".to_owned());
    }
    wanted
}

fn alternatives(wanted: &[String]) -> String {
    match wanted {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn is_expression(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::expression
            | Rule::expressions
            | Rule::operand
            | Rule::prefix_operator
            | Rule::whole_expression
            | Rule::subscript
    )
}

fn words(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::infix_operator | Rule::postfix_operator => "an operator",
        Rule::name | Rule::names | Rule::bound | Rule::bounds => "a name",
        Rule::declaration => "a name",
        Rule::comma => "`,`",
        Rule::colon => "`:`",
        Rule::arrow => "`->`",
        Rule::maps_to => "`|->`",
        Rule::equals => "`=`",
        Rule::open_round => "`(`",
        Rule::close_round => "`)`",
        Rule::close_square => "`]`",
        Rule::close_brace => "`}`",
        Rule::close_angle => "`>>`",
        Rule::then_word => "`THEN`",
        Rule::else_word => "`ELSE`",
        Rule::in_word => "`IN`",
        Rule::defined_as => "`==`",
        Rule::becomes => "`<-`",
        Rule::element_of => "`\\in`",
        Rule::module_end => "`====`",
        Rule::header_end => "`----` after the module's name",
        Rule::definition => "a definition",
        Rule::placeholder => "`_`",
        Rule::update => "`!`",
        Rule::module | Rule::dashes_word => "`---- MODULE`",
        Rule::EOI => "the end",
        _ => return None,
    })
}

fn help(expected: &[Rule], found: Option<&Token<'_>>, previous: Option<&Token<'_>>) -> Option<&'static str> {
    let expects = |rule| expected.contains(&rule);
    let is = |text: &str| found.is_some_and(|t| t.is(text));
    if expects(Rule::module_end) && found.is_none() {
        return Some("a module ends with a line of four or more `=`");
    }
    if expects(Rule::defined_as) && is("=") {
        return Some("a definition is written `Name == expression`");
    }
    if is("==") {
        return Some("`==` defines; equality is written `=`");
    }
    if is("LAMBDA") {
        return Some("LAMBDA may only be an argument of an operator or stand in WITH");
    }
    if is("EXTENDS") {
        return Some("EXTENDS stands once, right after the module's header");
    }
    let begins_unit = |t: &Token<'_>| {
        t.is_keyword(&[
            "ASSUME",
            "ASSUMPTION",
            "AXIOM",
            "CONSTANT",
            "CONSTANTS",
            "COROLLARY",
            "INSTANCE",
            "LEMMA",
            "LOCAL",
            "PROPOSITION",
            "RECURSIVE",
            "THEOREM",
            "VARIABLE",
            "VARIABLES",
        ])
    };
    if found.is_some_and(|t| t.kind == Kind::Keyword && !begins_unit(t))
        && (expects(Rule::name) || expects(Rule::bound))
    {
        return Some("reserved words cannot be names");
    }
    if is("WF_") || is("SF_") {
        return Some("names cannot begin with WF_ or SF_: fairness is written `WF_v(A)`");
    }
    if is("'") && expected.iter().any(|rule| is_expression(*rule)) {
        return Some("strings are written with double quotes: \"text\"");
    }
    if is("in") {
        return Some("`element of` is written `\\in`");
    }
    if is("]") && expects(Rule::arrow) && expects(Rule::maps_to) {
        return Some(
            "a set of numbers is written `1..3`, a set of functions `[S -> T]`, a function `[x \\in S |-> e]`",
        );
    }
    if is("|->") && expected.iter().any(|rule| matches!(rule, Rule::bound | Rule::bounds | Rule::element_of)) {
        return Some("a set of functions is written `[S -> T]`, a function `[x \\in S |-> e]`");
    }
    if is(")") && previous.is_some_and(|t| t.is("(")) {
        return Some("a definition without parameters has no parentheses: `Name == e`, and is used as `Name`");
    }
    if is(";") || previous.is_some_and(|t| t.is(";")) {
        return Some("TLA+ has no `;`");
    }
    None
}

/// The bracket or word that waits for what was expected.
fn opening(marked: &Marked<'_, '_>, at: usize, expected: &[Rule]) -> Option<(Span, String)> {
    if expected.contains(&Rule::module_end) && at == marked.tokens.len() {
        return open_module(marked).map(|span| (span, "for the module that begins here".to_owned()));
    }
    let opener: &[&str] = match () {
        () if expected.contains(&Rule::close_round) => &["("],
        () if expected.contains(&Rule::close_square) => &["["],
        () if expected.contains(&Rule::close_brace) => &["{"],
        () if expected.contains(&Rule::close_angle) => &["<<"],
        () if expected.contains(&Rule::then_word) => &["IF"],
        () if expected.contains(&Rule::else_word) => &["THEN"],
        () if expected.contains(&Rule::in_word) => &["LET"],
        () => return None,
    };
    let closers = |token: &Token<'_>| match token.text {
        "(" => Some(")"),
        "[" => Some("]"),
        "{" => Some("}"),
        "<<" => Some(">>"),
        _ => None,
    };
    let mut closed: Vec<&str> = Vec::new();
    for token in marked.tokens.get(..at)?.iter().rev() {
        let text = token.text.strip_suffix('_').unwrap_or(token.text);
        if matches!(text, ")" | "]" | "}" | ">>") && token.kind == Kind::Punctuation {
            closed.push(text);
        } else if let Some(closer) = closers(token).filter(|_| token.kind == Kind::Punctuation)
            && closed.last() == Some(&closer)
        {
            closed.pop();
        } else if closed.is_empty() && opener.iter().any(|o| token.is(o)) {
            return Some((token.span(marked.file), format!("for this `{}`", token.text)));
        }
    }
    None
}

/// The header of the module that is still open at the end of the text.
fn open_module(marked: &Marked<'_, '_>) -> Option<Span> {
    let mut headers = Vec::new();
    for pair in marked.tokens.windows(2) {
        match pair[1].text {
            "MODULE" if pair[0].kind == Kind::Dashes => {
                headers.push(pair[0].span(marked.file).to(pair[1].span(marked.file)))
            }
            _ if pair[1].kind == Kind::ModuleEnd => {
                headers.pop();
            }
            _ => {}
        }
    }
    headers.pop()
}
