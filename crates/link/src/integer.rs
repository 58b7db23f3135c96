//! Whole numbers of any size.
//!
//! TLA+ has all of them, JSON readers keep 53 bits, `serde` 128. Nothing is computed here: numbers are read, compared,
//! shown and handed over, so a number beyond 64 bits is kept as its digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A whole number of any size.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Integer(Size);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Size {
    Small(i64),
    /// Beyond 64 bits: sign, then digits without leading zeros.
    Large {
        negative: bool,
        digits: String,
    },
}

impl Integer {
    /// The number, if it is within 64 bits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Size::Small(number) => Some(*number),
            Size::Large { .. } => None,
        }
    }

    /// The number, if it is within 128 bits.
    pub fn to_i128(&self) -> Option<i128> {
        self.to_i64().map(i128::from).or_else(|| self.to_string().parse().ok())
    }

    /// The number, if it is within 128 bits and not negative.
    pub fn to_u128(&self) -> Option<u128> {
        self.to_string().parse().ok()
    }
}

/// The text is not a whole number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnInteger(String);

impl fmt::Display for NotAnInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a whole number", self.0)
    }
}

impl std::error::Error for NotAnInteger {}

impl FromStr for Integer {
    type Err = NotAnInteger;

    fn from_str(text: &str) -> Result<Self, NotAnInteger> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnInteger(text.to_owned()));
        }
        if let Ok(number) = text.parse() {
            return Ok(Integer(Size::Small(number)));
        }
        let digits = digits.trim_start_matches('0');
        // Leading zeros may have been all there was to it.
        let sign = if negative { "-" } else { "" };
        Ok(match format!("{sign}{digits}").parse() {
            Ok(number) => Integer(Size::Small(number)),
            Err(_) => Integer(Size::Large { negative, digits: digits.to_owned() }),
        })
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Size::Small(number) => write!(f, "{number}"),
            Size::Large { negative, digits } => write!(f, "{}{digits}", if *negative { "-" } else { "" }),
        }
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Size::Small(left), Size::Small(right)) => left.cmp(right),
            (Size::Small(_), Size::Large { negative, .. }) => {
                if *negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Size::Large { .. }, Size::Small(_)) => other.cmp(self).reverse(),
            (Size::Large { negative, digits: left }, Size::Large { negative: other, digits: right }) => {
                let size = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
                match (negative, other) {
                    (false, false) => size,
                    (true, true) => size.reverse(),
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                }
            }
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Integer {
    fn from(number: i64) -> Self {
        Integer(Size::Small(number))
    }
}

impl From<i128> for Integer {
    fn from(number: i128) -> Self {
        match i64::try_from(number) {
            Ok(number) => Integer(Size::Small(number)),
            Err(_) => Integer(Size::Large { negative: number < 0, digits: number.unsigned_abs().to_string() }),
        }
    }
}

impl From<u128> for Integer {
    fn from(number: u128) -> Self {
        match i64::try_from(number) {
            Ok(number) => Integer(Size::Small(number)),
            Err(_) => Integer(Size::Large { negative: false, digits: number.to_string() }),
        }
    }
}

impl From<u64> for Integer {
    fn from(number: u64) -> Self {
        Integer::from(u128::from(number))
    }
}
