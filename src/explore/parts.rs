//! Rows of several words as one number: words and pairs of numbers have numbers of their own (tree compression).
//!
//! *Stores* for each word of a row a dictionary of the values it has had, and for each pair of halves of more than
//! one word a dictionary of the pairs of their numbers. The two halves of a whole row are not paired but told as the
//! row's *code*: 31 and 32 bits, equal exactly if the rows are.
//!
//! *Operations, any thread*: [`Parts::code`]. *Exclusive*: [`Parts::words_of`], [`Parts::enlarge`].
//! A dictionary is a table of indices and an arena of words, as the store is of rows; a number that two threads claim
//! for one word at once is lost.
//!
//! *Figures*: see `--compress` in `explore::store::Keeping`.

use super::arena::Arena;
use super::index::finish;
use super::table::{Inserted, Table};

/// Entries of the first table of a dictionary.
const FIRST_CAPACITY: usize = 1 << 8;
/// A dictionary may have so many numbers: the left half of a code has 31 bits. Far below that, compressing has long
/// ceased to pay, and the store gives it up.
const NUMBERS_MAX: u64 = 1 << 30;

/// Words that are numbered in the order they come.
struct Dictionary {
    table: Table,
    words: Arena,
}

impl Dictionary {
    fn new() -> Self {
        let table = Table::new(FIRST_CAPACITY);
        let words = Arena::new(1, table.rows_max());
        Self { table, words }
    }

    /// The number of a word; None if it has none and there is no room.
    fn number(&self, word: u64) -> Option<u64> {
        let (mut claimed, hash) = (None, finish(word ^ 0x9e37_79b9_7f4a_7c15));
        let place = || {
            if claimed.is_none() {
                claimed = self.words.claim_one(self.table.rows_max());
                claimed.into_iter().for_each(|index| self.words.write(index, &[word]));
            }
            claimed
        };
        match self.table.insert(hash, |index| self.words.words(index)(0) == word, place) {
            Inserted::New(index) | Inserted::Seen(index) => Some(index),
            Inserted::NoIndex => None,
        }
    }

    fn word(&self, number: u64) -> u64 {
        self.words.words(number)(0)
    }

    fn crowded(&self) -> bool {
        self.words.len() > self.table.capacity() as u64 / 8 * 5
    }

    fn enlarge(&mut self) {
        let capacity = 2 * self.table.capacity();
        // Numbers that were lost have no word and need no entry; which they are, the old table knows.
        let old = std::mem::replace(&mut self.table, Table::new(capacity));
        for index in old.indices() {
            let hash = finish(self.word(index) ^ 0x9e37_79b9_7f4a_7c15);
            self.table.insert(hash, |_| false, || Some(index));
        }
        self.words.reserve(self.table.rows_max());
    }

    fn bytes(&self) -> u64 {
        self.table.bytes() + self.words.bytes()
    }
}

/// The dictionaries of rows of so many words: those of a half before that of its pairs.
pub(super) struct Parts {
    dictionaries: Vec<Dictionary>,
    words: usize,
}

/// Dictionaries of a part of so many words.
fn dictionaries_of(words: usize) -> usize {
    2 * words - 1
}

impl Parts {
    /// No part is known yet.
    ///
    /// # Panics
    /// If rows have one word: nothing is to be gained.
    pub(super) fn new(words: usize) -> Self {
        assert!(words >= 2, "a row of one word is its own code");
        Self { dictionaries: (0..dictionaries_of(words) - 1).map(|_| Dictionary::new()).collect(), words }
    }

    /// The code of a row, of less than 63 bits; None if a dictionary must be enlarged first.
    pub(super) fn code(&self, row: &[u64]) -> Option<u64> {
        let (left, right) = row.split_at(self.words / 2);
        let left_number = self.number(0, left)?;
        Some(left_number << 32 | self.number(dictionaries_of(left.len()), right)?)
    }

    fn number(&self, start: usize, part: &[u64]) -> Option<u64> {
        if let [word] = part {
            return self.dictionaries[start].number(*word);
        }
        let (left, right) = part.split_at(part.len() / 2);
        let pair = self.number(start, left)? << 32 | self.number(start + dictionaries_of(left.len()), right)?;
        self.dictionaries[start + dictionaries_of(part.len()) - 1].number(pair)
    }

    /// The row with this code.
    pub(super) fn words_of(&self, code: u64, row: &mut Vec<u64>) {
        row.clear();
        let left = self.words / 2;
        self.write(0, left, code >> 32, row);
        self.write(dictionaries_of(left), self.words - left, code & 0xffff_ffff, row);
    }

    fn write(&self, start: usize, words: usize, number: u64, row: &mut Vec<u64>) {
        let word = self.dictionaries[start + dictionaries_of(words) - 1].word(number);
        if words == 1 {
            return row.push(word);
        }
        let left = words / 2;
        self.write(start, left, word >> 32, row);
        self.write(start + dictionaries_of(left), words - left, word & 0xffff_ffff, row);
    }

    /// True if a dictionary is about to be full.
    pub(super) fn crowded(&self) -> bool {
        self.dictionaries.iter().any(Dictionary::crowded)
    }

    /// True if a dictionary has about as many numbers as it may.
    pub(super) fn exhausted(&self) -> bool {
        self.dictionaries.iter().any(|dictionary| dictionary.words.len() > NUMBERS_MAX)
    }

    /// Makes room in dictionaries that are about to be full.
    pub(super) fn enlarge(&mut self) {
        self.dictionaries.iter_mut().filter(|dictionary| dictionary.crowded()).for_each(Dictionary::enlarge);
    }

    /// Memory, and what more enlarging would take.
    pub(super) fn bytes(&self) -> u64 {
        self.dictionaries.iter().map(Dictionary::bytes).sum()
    }

    /// Memory that enlarging takes at its peak.
    pub(super) fn growth_bytes(&self) -> u64 {
        let crowded = self.dictionaries.iter().filter(|dictionary| dictionary.crowded());
        crowded.map(|dictionary| 2 * dictionary.table.bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_equal_as_their_codes_are(
            rows in proptest::collection::vec(proptest::collection::vec(0u64..6, 7), 1..400), words in 2usize..=7,
        ) {
            let mut parts = Parts::new(words);
            let mut codes = std::collections::HashMap::new();
            let mut back = Vec::new();
            for row in &rows {
                let row = &row[..words];
                let code = loop {
                    match parts.code(row) {
                        Some(code) => break code,
                        None => parts.enlarge(),
                    }
                    prop_assert!(!parts.exhausted());
                };
                prop_assert!(code >> 63 == 0);
                prop_assert_eq!(codes.entry(row.to_vec()).or_insert(code), &code);
                parts.words_of(code, &mut back);
                prop_assert_eq!(&back[..], row);
                if parts.crowded() {
                    parts.enlarge();
                }
            }
            let distinct: std::collections::HashSet<u64> = codes.values().copied().collect();
            prop_assert_eq!(distinct.len(), codes.len());
        }
    }
}
