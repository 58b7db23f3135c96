//! Text of a config → [`Config`], one function a rule of `grammar/config.pest`.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::nearest::nearest;
use super::{Assignment, Config, Reference, Right, Value};
use crate::diagnostic::{Diagnostic, FileId, Sources, Span};

#[allow(missing_docs, reason = "the derive makes a public enum of the rules of the grammar")]
mod grammar {
    /// The parser that pest makes of the grammar.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/config.pest"]
    pub(super) struct ConfigGrammar;
}
use grammar::{ConfigGrammar, Rule};

const KEYWORDS: [&str; 19] = [
    "CONSTANT",
    "CONSTANTS",
    "INIT",
    "NEXT",
    "SPECIFICATION",
    "INVARIANT",
    "INVARIANTS",
    "PROPERTY",
    "PROPERTIES",
    "CONSTRAINT",
    "CONSTRAINTS",
    "ACTION_CONSTRAINT",
    "ACTION_CONSTRAINTS",
    "VIEW",
    "SYMMETRY",
    "ALIAS",
    "POSTCONDITION",
    "POSTCONDITIONS",
    "CHECK_DEADLOCK",
];

/// The keyword that a misspelt word was perhaps meant to be.
pub(crate) fn nearest_keyword(word: &str) -> Option<&'static str> {
    nearest(word, KEYWORDS.iter().copied())
}

/// Reads a config. The config is `None` if the text does not follow the grammar.
pub fn parse_config(sources: &Sources, file: FileId) -> (Option<Config>, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else {
        return (None, vec![Diagnostic::error("config", Span::NONE, "no such config")]);
    };
    if let Some(diagnostic) = too_deep(&source.text, file) {
        return (None, vec![diagnostic]);
    }
    match ConfigGrammar::parse(Rule::config, &source.text) {
        Err(error) => (None, vec![syntax_error(&source.text, file, &error)]),
        Ok(mut pairs) => {
            let mut reader = Reader { config: Config::empty(file), diagnostics: Vec::new() };
            if let Some(config) = pairs.next() {
                for section in config.into_inner() {
                    reader.section(section);
                }
            }
            reader.exclusive_sections();
            (Some(reader.config), reader.diagnostics)
        }
    }
}

/// Deepest nesting of sets and comments that is read: the grammar recurses.
const NESTING_MAX: usize = 1_000;

/// Says so when sets or comments nest too deeply.
fn too_deep(text: &str, file: FileId) -> Option<Diagnostic> {
    let (mut sets, mut comments) = (0usize, 0usize);
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        match pair {
            [b'{', _] => sets += 1,
            [b'}', _] => sets = sets.saturating_sub(1),
            b"(*" => comments += 1,
            b"*)" => comments = comments.saturating_sub(1),
            _ => {}
        }
        if sets.max(comments) > NESTING_MAX {
            let span = Span { file, start: at as u32, end: at as u32 + 1 };
            let what = if sets > NESTING_MAX { "sets" } else { "comments" };
            let help = format!("at most {NESTING_MAX} levels are read");
            return Some(Diagnostic::error("config", span, format!("{what} nested too deeply")).help(help));
        }
    }
    None
}

fn syntax_error(text: &str, file: FileId, error: &pest::error::Error<Rule>) -> Diagnostic {
    let start = match error.location {
        InputLocation::Pos(position) | InputLocation::Span((position, _)) => position,
    };
    let rest = text.get(start..).unwrap_or("");
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let end = start + word.len().max(rest.chars().next().map_or(0, char::len_utf8));
    let span = Span { file, start: start as u32, end: end as u32 };
    let message = match (&error.variant, word.is_empty(), rest.is_empty()) {
        (_, _, true) => "the config ends in the middle of a section".to_owned(),
        (_, false, _) => format!("`{word}` cannot stand here"),
        (ErrorVariant::CustomError { message }, ..) => message.clone(),
        _ => match rest.chars().next() {
            Some(odd) if odd.is_control() => format!("the character {odd:?} cannot stand here"),
            odd => format!("`{}` cannot stand here", odd.unwrap_or(' ')),
        },
    };
    let diagnostic = Diagnostic::error("config", span, message);
    match nearest_keyword(&word) {
        Some(keyword) if keyword == word => {
            diagnostic.help(format!("`{keyword}` begins a section: is something missing before it?"))
        }
        _ if rest.starts_with("=") && text[..start].ends_with('=') => {
            diagnostic.help("a config gives a value with one `=`: `CONSTANT N = 3`")
        }
        Some(keyword) => diagnostic.help(format!("did you mean `{keyword}`?")),
        None if rest.starts_with(['<', '[', '(']) => diagnostic.help(
            "values are numbers, strings, TRUE, FALSE, model values and sets of them; for any other use `C <- Def`",
        ),
        None => diagnostic,
    }
}

struct Reader {
    config: Config,
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span { file: self.config.file, start: span.start() as u32, end: span.end() as u32 }
    }

    fn reference(&mut self, pair: &Pair<'_, Rule>) -> Reference {
        self.config.tokens.push(pair.as_str().to_owned());
        Reference { name: pair.as_str().to_owned(), span: self.span(pair) }
    }

    fn section(&mut self, section: Pair<'_, Rule>) {
        match section.as_rule() {
            Rule::constants => {
                for pair in section.into_inner().filter(|p| p.as_rule() == Rule::assignment) {
                    self.assignment(pair);
                }
            }
            Rule::deadlock => self.deadlock(section),
            Rule::single => self.single(section),
            Rule::list => self.list(section),
            _ => {}
        }
    }

    fn assignment(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let mut left = None;
        let mut arguments = Vec::new();
        let mut module = None;
        let mut right = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::left => left = Some(self.reference(&part)),
                Rule::arguments => {
                    let values = part.into_inner().filter(|p| p.as_rule() == Rule::value);
                    arguments = values.filter_map(|v| self.value(v)).collect();
                }
                Rule::replacement | Rule::equality => {
                    for side in part.into_inner() {
                        match side.as_rule() {
                            Rule::module => module = side.into_inner().next().map(|name| self.reference(&name)),
                            Rule::value => right = self.value(side).map(Right::Value),
                            _ => right = Some(Right::Operator(self.reference(&side))),
                        }
                    }
                }
                _ => {}
            }
        }
        if let (Some(left), Some(right)) = (left, right) {
            self.config.assignments.push(Assignment { left, arguments, module, right, span });
        }
    }

    /// `None` after a diagnostic.
    fn value(&mut self, pair: Pair<'_, Rule>) -> Option<Value> {
        let pair = pair.into_inner().next()?;
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::negative => {
                self.diagnostics.push(
                    Diagnostic::error("config", span, "a config cannot hold negative numbers")
                        .help(format!("define `Value == {}` in the module and write `<- Value` here", pair.as_str())),
                );
                None
            }
            Rule::number => match pair.as_str().parse() {
                Ok(number) => Some(Value::Int(number)),
                Err(_) => {
                    self.diagnostics.push(Diagnostic::error("config", span, "this number is too large"));
                    None
                }
            },
            Rule::string => {
                let text = unescape(pair.as_str());
                self.config.tokens.push(text.clone());
                Some(Value::String(text))
            }
            Rule::boolean => Some(Value::Bool(pair.as_str() == "TRUE")),
            Rule::set => {
                let values = pair.into_inner().filter(|p| p.as_rule() == Rule::value);
                let parts: Vec<_> = values.map(|v| self.value(v)).collect();
                parts.into_iter().collect::<Option<Vec<_>>>().map(Value::Set)
            }
            _ => {
                self.config.tokens.push(pair.as_str().to_owned());
                Some(Value::Model(pair.as_str().to_owned()))
            }
        }
    }

    fn deadlock(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let value = pair.into_inner().last().map(|b| b.as_str() == "TRUE");
        if self.config.check_deadlock.is_some() {
            self.twice("CHECK_DEADLOCK", span);
        } else {
            self.config.check_deadlock = value;
        }
    }

    fn single(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let (Some(keyword), Some(name)) = (parts.next(), parts.next()) else { return };
        let reference = self.reference(&name);
        let config = &mut self.config;
        let slot = match keyword.as_str() {
            "INIT" => &mut config.init,
            "NEXT" => &mut config.next,
            "SPECIFICATION" => &mut config.specification,
            "VIEW" => &mut config.view,
            "SYMMETRY" => &mut config.symmetry,
            _ => &mut config.alias,
        };
        if slot.is_some() {
            self.twice(keyword.as_str(), span);
        } else {
            *slot = Some(reference);
        }
    }

    fn list(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(keyword) = parts.next() else { return };
        let references: Vec<_> = parts.map(|name| self.reference(&name)).collect();
        let config = &mut self.config;
        let list = match keyword.as_str() {
            "INVARIANT" | "INVARIANTS" => &mut config.invariants,
            "PROPERTY" | "PROPERTIES" => &mut config.properties,
            "CONSTRAINT" | "CONSTRAINTS" => &mut config.constraints,
            "ACTION_CONSTRAINT" | "ACTION_CONSTRAINTS" => &mut config.action_constraints,
            "POSTCONDITION" | "POSTCONDITIONS" => &mut config.postconditions,
            other => {
                let message = format!("the experimental section `{other}` is ignored");
                self.diagnostics.push(Diagnostic::warning("config", span, message));
                return;
            }
        };
        list.extend(references);
    }

    fn twice(&mut self, keyword: &str, span: Span) {
        self.diagnostics.push(Diagnostic::error("config", span, format!("a config can have only one `{keyword}`")));
    }

    fn exclusive_sections(&mut self) {
        let Some(specification) = &self.config.specification else { return };
        for (keyword, other) in [("INIT", &self.config.init), ("NEXT", &self.config.next)] {
            if let Some(other) = other {
                let message = format!("a config cannot have both `SPECIFICATION` and `{keyword}`");
                self.diagnostics.push(
                    Diagnostic::error("config", other.span, message)
                        .label(specification.span, "the specification is given here"),
                );
            }
        }
    }
}

fn unescape(literal: &str) -> String {
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or("");
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('f') => text.push('\u{c}'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}
