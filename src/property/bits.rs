//! A table of truth values: some for each row, packed.

/// Truth values by row and column.
#[derive(Clone, Default, Debug)]
pub struct BitTable {
    width: usize,
    rows: usize,
    words: Vec<u64>,
}

impl BitTable {
    /// A table without rows.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { width, rows: 0, words: Vec::new() }
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row of FALSE.
    pub fn push_row(&mut self) {
        self.rows += 1;
        self.words.resize((self.rows * self.width).div_ceil(64), 0);
    }

    /// Sets one to TRUE.
    pub fn set(&mut self, row: usize, column: usize) {
        let at = row * self.width + column;
        self.words[at / 64] |= 1 << (at % 64);
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> bool {
        let at = row * self.width + column;
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// Adds the rows of another table of the same width.
    pub fn append(&mut self, other: &BitTable) {
        let begin = self.rows * self.width;
        self.rows += other.rows;
        self.words.resize((self.rows * self.width).div_ceil(64), 0);
        let (at, shift) = (begin / 64, begin % 64);
        for (i, word) in other.words.iter().enumerate() {
            self.words[at + i] |= word << shift;
            if shift > 0
                && let Some(next) = self.words.get_mut(at + i + 1)
            {
                *next |= word >> (64 - shift);
            }
        }
    }

    /// Memory of the values.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.words.capacity() as u64 * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_rows_are_as_they_were() {
        for width in [0, 1, 3, 64, 67] {
            let filled = |rows: usize, salt: usize| {
                let mut table = BitTable::new(width);
                for row in 0..rows {
                    table.push_row();
                    (0..width).filter(|c| (row * 7 + c * 3 + salt) % 5 < 2).for_each(|c| table.set(row, c));
                }
                table
            };
            let (first, second) = (filled(13, 0), filled(29, 1));
            let mut both = first.clone();
            both.append(&second);
            assert_eq!(both.rows(), 42);
            for column in 0..width {
                assert!((0..13).all(|r| both.get(r, column) == first.get(r, column)));
                assert!((0..29).all(|r| both.get(13 + r, column) == second.get(r, column)));
            }
        }
    }
}
