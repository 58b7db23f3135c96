//! Proofs, `USE`/`HIDE` and `ASSUME … PROVE …` are for provers: this pass takes them out of the
//! token sequence.
//!
//! A proof begins after a theorem's statement and is `OBVIOUS`, `OMITTED`, `BY …` or steps `<n>…`.
//! The levels of open steps are kept in a stack; a level is finished when its `QED` step is, with that
//! step's own proof. So a `DEFINE` step with its `==` does not look like the next definition.

use super::token::{Kind, Token};
use crate::diagnostic::{Diagnostic, FileId};

/// The tokens without proofs; `USE`, `HIDE` and a theorem's `ASSUME … PROVE …` become one token each.
pub(super) fn without_proofs<'s>(tokens: &[Token<'s>], file: FileId) -> (Vec<Token<'s>>, Vec<Diagnostic>) {
    let mut scan = Scan { tokens, at: 0, body: 0, file, diagnostics: Vec::new() };
    let mut kept = Vec::with_capacity(tokens.len());
    while let Some(token) = scan.peek() {
        if token.is_keyword(&["THEOREM", "LEMMA", "PROPOSITION", "COROLLARY"]) {
            scan.theorem(&mut kept);
        } else if token.is_keyword(&["USE", "HIDE"]) {
            kept.push(scan.fold(false));
        } else {
            kept.push(token);
            scan.at += 1;
        }
    }
    (kept, scan.diagnostics)
}

/// An open level of proof steps.
struct Level {
    number: usize,
    /// Its QED step has begun.
    qed: bool,
}

struct Scan<'a, 's> {
    tokens: &'a [Token<'s>],
    at: usize,
    /// Where a step's body begins: what stands before it is the step's name, no operand.
    body: usize,
    file: FileId,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> Scan<'_, 's> {
    fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.at).copied()
    }

    fn previous_ends_operand(&self) -> bool {
        if self.at == self.body {
            return false;
        }
        let Some(previous) = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)) else { return false };
        let before = self.at.checked_sub(2).and_then(|i| self.tokens.get(i));
        let selected = before.is_some_and(|t| t.is("!")) && !["(", "[", "."].iter().any(|s| previous.is(s));
        let listed = previous.kind == Kind::Operator && self.in_definition_list(self.at - 1);
        previous.ends_operand() || selected || listed || self.after_step_reference()
    }

    /// True if the token is an element of `DEF a, b, +`; a list longer than a thousand tokens is not followed back.
    fn in_definition_list(&self, at: usize) -> bool {
        let begins = |t: &Token<'_>| t.is_keyword(&["DEF", "DEFS"]);
        let before = at.checked_sub(1).and_then(|i| self.tokens.get(i));
        let element = |t: &Token<'_>| matches!(t.kind, Kind::Name | Kind::Operator) || t.is("!") || t.is(",");
        before.is_some_and(|t| begins(t) || t.is(","))
            && self.tokens[..at].iter().rev().take(1_000).find(|t| !element(t)).is_some_and(begins)
    }

    /// `BY <1>` and `USE <1>`: such a reference ends with its `>`, unless a label follows it without a gap.
    fn after_step_reference(&self) -> bool {
        let at = self.at;
        let labelled = at > 0 && self.tokens.get(at).is_some_and(|t| t.start == self.tokens[at - 1].end);
        at >= 4 && !labelled && self.step_at(at - 3).is_some() && !self.tokens[at - 4].ends_operand()
    }

    /// The level of a step token at an index, as written: `<2>`, `<*>`, `<+>`.
    fn step_at(&self, at: usize) -> Option<&'s str> {
        let [open, level, close] = self.tokens.get(at..at + 3)? else { return None };
        let joined = open.end == level.start && level.end == close.start;
        let is_level = level.kind == Kind::Number || level.is("*") || level.is("+");
        (joined && open.is("<") && close.is(">") && is_level).then_some(level.text)
    }

    /// True where an operand has ended and the next unit (not: a proof or a step) begins.
    fn at_boundary(&self, in_steps: bool) -> bool {
        let Some(token) = self.peek() else { return true };
        let previous = self.at.checked_sub(1).and_then(|i| self.tokens.get(i));
        let after_new = previous.is_some_and(|t| t.is_keyword(&["NEW"]));
        match token.kind {
            Kind::Dashes | Kind::ModuleEnd => true,
            Kind::Keyword => match token.text {
                "THEOREM" | "LEMMA" | "PROPOSITION" | "COROLLARY" | "EXTENDS" | "LOCAL" | "AXIOM" | "ASSUMPTION"
                | "VARIABLES" | "CONSTANTS" | "RECURSIVE" => true,
                "VARIABLE" | "CONSTANT" => !after_new,
                "ASSUME" | "INSTANCE" => self.previous_ends_operand(),
                "USE" | "HIDE" => !in_steps && self.previous_ends_operand(),
                _ => false,
            },
            Kind::Name => !in_steps && self.previous_ends_operand(),
            Kind::Operator => !in_steps && token.text == "-." && self.previous_ends_operand(),
            _ => false,
        }
    }

    fn at_proof(&self) -> bool {
        self.peek().is_some_and(|t| t.is_keyword(&["PROOF", "BY", "OBVIOUS", "OMITTED"]))
            || (self.step_at(self.at).is_some() && self.previous_ends_operand())
    }

    fn theorem(&mut self, kept: &mut Vec<Token<'s>>) {
        let theorem = self.at;
        self.at += 1;
        if self.tokens.get(self.at + 1).is_some_and(|t| t.is("==")) {
            self.at += 2;
        }
        kept.extend_from_slice(&self.tokens[theorem..self.at]);
        if self.peek().is_some_and(|t| t.is("ASSUME")) {
            kept.push(self.fold(true));
        } else {
            let statement = self.at;
            while self.peek().is_some() && !self.at_proof() && (self.at == statement || !self.at_boundary(false)) {
                self.at += 1;
            }
            kept.extend_from_slice(&self.tokens[statement..self.at]);
        }
        if self.at_proof() {
            self.proof();
        }
    }

    /// Skips to the next unit (or, for a statement, to its proof); gives the skipped text as one token.
    fn fold(&mut self, stop_at_proof: bool) -> Token<'s> {
        let first = self.tokens[self.at];
        let mut last = first;
        self.at += 1;
        while let Some(token) = self.peek() {
            if self.at_boundary(false) || (stop_at_proof && self.at_proof()) {
                break;
            }
            last = token;
            self.at += 1;
        }
        Token { kind: Kind::Folded, end: last.end, ..first }
    }

    /// Skips a proof; `at` is its first token.
    fn proof(&mut self) {
        let start = self.tokens[self.at];
        let mut levels: Vec<Level> = Vec::new();
        while let Some(token) = self.peek() {
            if token.is_keyword(&["PROOF"]) {
                self.at += 1;
            } else if token.is_keyword(&["OBVIOUS", "OMITTED", "BY"]) {
                self.at += 1;
                if token.text == "BY" {
                    self.skip_until(false, |scan| scan.step_at(scan.at).is_some() && scan.previous_ends_operand());
                }
                if finish(&mut levels) {
                    return;
                }
            } else if let Some(level) = self.step_at(self.at) {
                if self.step(level, &mut levels) {
                    return;
                }
            } else {
                break;
            }
        }
        if !levels.is_empty() {
            let place = self.peek().map_or(start, |t| t).span(self.file);
            self.diagnostics.push(
                Diagnostic::error("parse", place, "expected the `QED` step of the proof")
                    .label(start.span(self.file), "the proof begins here"),
            );
        }
    }

    /// Reads one step up to its proof; true if the whole proof is finished with it.
    fn step(&mut self, level: &str, levels: &mut Vec<Level>) -> bool {
        let current = levels.last().map_or(0, |l| l.number);
        let number = match level {
            "*" => current,
            "+" => current + 1,
            digits => digits.parse().unwrap_or(usize::MAX),
        };
        while levels.last().is_some_and(|l| l.number > number) {
            levels.pop();
        }
        if levels.last().is_none_or(|l| l.number < number) {
            levels.push(Level { number, qed: false });
        }
        self.step_head();
        if !self.peek().is_some_and(|t| t.is("QED")) {
            self.skip_until(true, |scan| scan.at_proof());
            return false;
        }
        self.at += 1;
        if let Some(top) = levels.last_mut() {
            top.qed = true;
        }
        let has_proof = match self.step_at(self.at) {
            Some("+") => true,
            Some(digits) => digits.parse().is_ok_and(|n: usize| n > number),
            None => self.peek().is_some_and(|t| t.is_keyword(&["PROOF", "BY", "OBVIOUS", "OMITTED"])),
        };
        !has_proof && finish(levels)
    }

    /// `<1>2a.`: the step token, its label and dots, all without gaps.
    fn step_head(&mut self) {
        let mut end = self.tokens[self.at + 2].end;
        self.at += 3;
        while let Some(token) = self.peek() {
            let is_label = matches!(token.kind, Kind::Name | Kind::Number | Kind::Decimal)
                || ["*", "+", "-", ".", "..", "..."].iter().any(|s| token.is(s));
            if token.start != end || !is_label {
                break;
            }
            end = token.end;
            self.at += 1;
        }
        self.body = self.at;
    }

    fn skip_until(&mut self, in_steps: bool, stop: impl Fn(&Self) -> bool) {
        while self.peek().is_some() && !self.at_boundary(in_steps) && !stop(self) {
            self.at += 1;
        }
    }
}

/// A step's proof has ended: closes all levels whose QED step that was; true if none is left.
fn finish(levels: &mut Vec<Level>) -> bool {
    while levels.last().is_some_and(|l| l.qed) {
        levels.pop();
    }
    levels.is_empty()
}
