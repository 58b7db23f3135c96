//! Names of the specification as names of a programming language.

/// `ReceiveVote`, `in-progress`, `p1` → `receive_vote`, `in_progress`, `p1`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (i, c) in letters.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !snake.ends_with('_') && !snake.is_empty() {
                snake.push('_');
            }
            continue;
        }
        let before = i.checked_sub(1).map(|j| letters[j]);
        let after = letters.get(i + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    let snake = snake.trim_end_matches('_').to_owned();
    if snake.is_empty() || snake.starts_with(|c: char| c.is_ascii_digit()) { format!("x{snake}") } else { snake }
}

/// `receive_vote`, `in-progress`, `p1` → `ReceiveVote`, `InProgress`, `P1`.
pub fn camel(name: &str) -> String {
    let mut camel = String::new();
    let mut upper = true;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            upper = true;
        } else if upper {
            camel.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(c);
        }
    }
    if camel.is_empty() || camel.starts_with(|c: char| c.is_ascii_digit()) { format!("X{camel}") } else { camel }
}

/// The name, or with a number behind if it is taken; it is then taken.
pub fn unique(name: String, taken: &mut Vec<String>) -> String {
    let mut chosen = name.clone();
    let mut number = 2;
    while taken.contains(&chosen) {
        chosen = format!("{name}{number}");
        number += 1;
    }
    taken.push(chosen.clone());
    chosen
}

const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A name that Rust takes.
pub fn rust(name: String) -> String {
    match name.as_str() {
        "self" | "super" | "crate" => name + "_",
        _ if RUST.contains(&name.as_str()) => format!("r#{name}"),
        _ => name,
    }
}

const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "self",
];

/// A name that Python takes.
pub fn python(name: String) -> String {
    if PYTHON.contains(&name.as_str()) { name + "_" } else { name }
}

/// True if Python takes a name as it is.
pub fn is_python(name: &str) -> bool {
    !PYTHON.contains(&name)
        && !name.starts_with("__")
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_converted() {
        assert_eq!(snake("ReceiveVote"), "receive_vote");
        assert_eq!(snake("HTTPServer2Go"), "http_server2_go");
        assert_eq!(snake("in-progress"), "in_progress");
        assert_eq!(snake("1st"), "x1st");
        assert_eq!(camel("in-progress"), "InProgress");
        assert_eq!(camel("p1"), "P1");
        assert_eq!(camel("2"), "X2");
        assert_eq!(rust("type".to_owned()), "r#type");
        assert_eq!(rust("self".to_owned()), "self_");
        assert_eq!(python("from".to_owned()), "from_");
    }

    #[test]
    fn taken_names_get_numbers() {
        let mut taken = Vec::new();
        assert_eq!(unique("A".to_owned(), &mut taken), "A");
        assert_eq!(unique("A".to_owned(), &mut taken), "A2");
        assert_eq!(unique("A".to_owned(), &mut taken), "A3");
    }
}
