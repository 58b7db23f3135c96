//! Marked text: what the column pass writes and the grammars read, with the way back to the original.

use super::token::Token;
use crate::diagnostic::{FileId, Span};

/// Canonical text for the grammar with the way back to the original.
pub(super) struct Marked<'t, 's> {
    pub(super) text: String,
    /// For each piece: its offset in `text` and its place in the original.
    pub(super) pieces: Vec<Piece>,
    pub(super) tokens: &'t [Token<'s>],
    pub(super) file: FileId,
    /// Length of the original text.
    pub(super) end: u32,
}

/// A run of marked text that stands for one place of the original.
pub(super) struct Piece {
    pub(super) offset: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the first token at or after the piece.
    pub(super) token: u32,
}

impl Marked<'_, '_> {
    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|p| p.offset as usize <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }

    /// The original place of a range of marked text.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let first = self.piece(start).map_or(0, |p| p.start);
        let last = self.piece(end.saturating_sub(1)).map_or(self.end, |p| p.end);
        Span { file: self.file, start: first, end: last.max(first) }
    }

    /// The index of the token that a place of marked text belongs to; past the end, their number.
    pub(super) fn token_at(&self, offset: usize) -> usize {
        if offset >= self.text.len() {
            return self.tokens.len();
        }
        self.piece(offset).map_or(0, |p| p.token as usize)
    }

    /// The end of the original text.
    pub(super) fn end_of_text(&self) -> Span {
        let end = self.tokens.last().map_or(self.end, |t| t.end);
        Span { file: self.file, start: end, end }
    }
}

/// The decimal digits of a literal such as `\b101`, `\o17`, `\hFF` or `42`.
pub(super) fn decimal_digits(literal: &str) -> String {
    let (base, digits) = match literal.get(..2) {
        Some("\\b" | "\\B") => (2, &literal[2..]),
        Some("\\o" | "\\O") => (8, &literal[2..]),
        Some("\\h" | "\\H") => (16, &literal[2..]),
        _ => {
            let digits = literal.trim_start_matches('0');
            return if digits.is_empty() { "0".to_owned() } else { digits.to_owned() };
        }
    };
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars().filter_map(|c| c.to_digit(base)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let value = *limb * u64::from(base) + carry;
            (*limb, carry) = (value % LIMB, value / LIMB);
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut text = limbs.pop().unwrap_or(0).to_string();
    limbs.iter().rev().for_each(|limb| text.push_str(&format!("{limb:09}")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn based_literals_become_decimal() {
        assert_eq!(decimal_digits("\\hFF"), "255");
        assert_eq!(decimal_digits("\\b0"), "0");
        assert_eq!(decimal_digits("\\hffffffffffffffffffff"), "1208925819614629174706175");
        assert_eq!(decimal_digits("007"), "7");
    }
}
