//! Identifiers and strings of a text that is an expression alone, in order of appearance.

/// Identifiers, then string literals; each once. Only their order matters (it decides how model values
/// and strings are ordered), so words of comments may be among them.
pub(super) fn words(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut identifiers, mut strings) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if c == '"' {
            let mut escaped = false;
            let close = rest.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            close.map_or(rest.len(), |(place, _)| place + 1)
        } else if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        let list = if c == '"' { &mut strings } else { &mut identifiers };
        let word = word.trim_matches('"').to_owned();
        if (c == '"' || is_word(c)) && !list.contains(&word) {
            list.push(word);
        }
    }
    (identifiers, strings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_words_in_order_and_strings_apart() {
        let (identifiers, strings) = super::words("[b |-> \"z\", a |-> f(\"a \\\" b\", b)]");
        assert_eq!(identifiers, ["b", "a", "f"]);
        assert_eq!(strings, ["z", "a \\\" b"]);
    }
}
