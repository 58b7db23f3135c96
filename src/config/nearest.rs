//! The known name nearest to a misspelt one, for help lines.

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours) from `name`; `None`
/// if all are too far to be a likely misspelling. Ties go to the alphabetically first.
pub(crate) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = match name.chars().count() {
        0..=1 => return None,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    candidates
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 4 * allowed)
        .filter_map(|candidate| {
            let edits = edits(name, candidate);
            let edits = if candidate.eq_ignore_ascii_case(name) { edits.min(1) } else { edits };
            (edits <= allowed).then_some((edits, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The number of edits between two words (optimal string alignment distance).
fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut row = vec![i; right.len() + 1];
        for j in 1..=right.len() {
            let replaced = above[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("", "abc"), 3);
    }

    #[test]
    fn prefers_the_fewest_edits_and_gives_up_when_far() {
        assert_eq!(nearest("TypeOk", ["TypeOK", "Type"].into_iter()), Some("TypeOK"));
        assert_eq!(nearest("x", ["y"].into_iter()), None);
        assert_eq!(nearest("Init", ["Next", "Spec"].into_iter()), None);
    }
}
