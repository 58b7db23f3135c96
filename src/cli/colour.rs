//! Colour, on terminals only, unless NO_COLOR is set.

use std::io::IsTerminal;

use super::text::Tone;

/// True if a stream may be coloured.
pub(super) fn wanted(stream: &impl IsTerminal) -> bool {
    stream.is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Text in a tone, as escape sequences.
pub(super) fn paint(tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Good => "1;32",
        Tone::Bad => "1;31",
        Tone::Doubtful => "1;33",
        Tone::Changed => "33",
        Tone::Faint => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
