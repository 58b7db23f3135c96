//! Facts we answer differently on purpose: accidents of TLC that are listed with their reasons.

use std::collections::BTreeMap;
use std::path::Path;

use super::Judgement;

/// Reasons by the name of a row. A line of the file is `name: reason`; `#` starts a comment.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> std::io::Result<BTreeMap<String, String>> {
    Ok(parse(&std::fs::read_to_string(path)?))
}

/// Reasons by name, from the text of such a file.
pub fn parse(text: &str) -> BTreeMap<String, String> {
    let entries = text.lines().filter(|l| !l.starts_with('#')).filter_map(|line| line.split_once(": "));
    entries.map(|(name, reason)| (name.trim().to_owned(), reason.trim().to_owned())).collect()
}

/// What is wrong with the judgements of rows, given the listed accidents: differences that are not listed, and
/// listed ones that no longer differ.
pub fn complaints(judgements: &[(String, Judgement)], accidents: &BTreeMap<String, String>) -> Vec<String> {
    let unlisted = judgements.iter().filter_map(|(name, judgement)| match judgement {
        Judgement::Differs(what) if !accidents.contains_key(name) => Some(format!("{name}: {what}")),
        _ => None,
    });
    let stale = judgements
        .iter()
        .filter(|(name, judgement)| judgement.is_acceptable() && accidents.contains_key(name))
        .map(|(name, _)| format!("{name}: listed as a difference, but agrees"));
    unlisted.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlisted_and_stale_differences_are_complaints() {
        let accidents = parse("# Java accidents\nh1: wraps silently\nh2: never differed\n");
        let differs = Judgement::Differs("is 1, should be 2".into());
        let judgements = [("h1".into(), differs.clone()), ("h2".into(), Judgement::Agrees), ("h3".into(), differs)];
        let complaints = complaints(&judgements, &accidents);
        assert_eq!(complaints, ["h3: is 1, should be 2", "h2: listed as a difference, but agrees"]);
    }
}
