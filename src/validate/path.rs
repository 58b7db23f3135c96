//! Paths into the state: `messages`, `state[p1]`, `log[2].term`.

use super::logged::Logged;

/// A variable, or a part of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// The variable's name.
    pub variable: String,
    /// Keys of functions and sequences, and names of fields, from the outside in.
    pub keys: Vec<String>,
}

impl Path {
    /// Reads a path. Keys are in brackets, plain or between double quotes, or behind a full stop.
    ///
    /// # Errors
    /// When it is none: what is wrong.
    pub fn parse(text: &str) -> Result<Path, String> {
        let end = text.find(['[', '.']).unwrap_or(text.len());
        let (variable, mut rest) = text.split_at(end);
        let variable = variable.trim();
        if variable.is_empty() || !variable.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '!') {
            return Err(format!("`{text}` does not begin with the name of a variable"));
        }
        let mut keys = Vec::new();
        while !rest.is_empty() {
            let (key, after) = match rest.strip_prefix('[') {
                Some(inside) => {
                    bracketed(inside).ok_or_else(|| format!("`{text}` has a bracket that is not closed"))?
                }
                None => {
                    let inside = rest.strip_prefix('.').ok_or_else(|| format!("`{text}` goes on after a bracket"))?;
                    let end = inside.find(['[', '.']).unwrap_or(inside.len());
                    inside.split_at(end)
                }
            };
            if key.is_empty() {
                return Err(format!("`{text}` has an empty key"));
            }
            keys.push(key.to_owned());
            rest = after;
        }
        Ok(Path { variable: variable.to_owned(), keys })
    }

    /// What is logged at this path as what is logged of the variable.
    pub fn around(&self, logged: Logged) -> Logged {
        self.keys.iter().rev().fold(logged, |inner, key| Logged::Part(vec![(key.clone(), inner)]))
    }
}

/// The key up to the bracket that closes it, and what follows.
fn bracketed(inside: &str) -> Option<(&str, &str)> {
    let trimmed = inside.trim_start();
    if let Some(quoted) = trimmed.strip_prefix('"') {
        let (key, after) = quoted.split_once('"')?;
        return Some((key, after.trim_start().strip_prefix(']')?));
    }
    let mut depth = 0_usize;
    for (at, c) in inside.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return Some((inside[..at].trim(), &inside[at + 1..])),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.variable)?;
        self.keys.iter().try_for_each(|key| write!(f, "[{key}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_keys_and_fields() {
        let path = Path::parse("log[p1][\"a b\"].term[<<1, 2>>]").expect("a path");
        assert_eq!(path.variable, "log");
        assert_eq!(path.keys, ["p1", "a b", "term", "<<1, 2>>"]);
        assert_eq!(Path::parse("x").expect("a path").keys, [""; 0]);
    }

    #[test]
    fn broken_paths_are_refused() {
        for broken in ["", "[p]", "x[", "x[]", "x[a]b", "x.", "x y", "x[\"a]"] {
            assert!(Path::parse(broken).is_err(), "{broken}");
        }
    }
}
