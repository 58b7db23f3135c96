//! The texts of the built-in modules: what is there, and how they refer to each other.

use std::collections::BTreeSet;

use tlaloc::modules::{names, source};

fn words_after<'a>(text: &'a str, keyword: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(keyword))
        .flat_map(|rest| rest.split(','))
        .map(str::trim)
        .collect()
}

#[test]
fn every_name_has_a_text_that_starts_with_it() {
    for name in names() {
        let text = source(name).expect("named modules have texts");
        assert!(text.starts_with(&format!("---- MODULE {name} ----\n")), "{name}");
        assert!(text.trim_end().ends_with("===="), "{name}");
    }
}

#[test]
fn names_are_sorted_so_that_the_search_finds_them() {
    let listed: Vec<_> = names().collect();
    assert!(listed.is_sorted());
    assert_eq!(source("NoSuchModule"), None);
}

#[test]
fn modules_refer_only_to_modules_that_exist() {
    for name in names() {
        let text = source(name).expect("named modules have texts");
        for used in words_after(text, "EXTENDS").into_iter().chain(words_after(text, "LOCAL INSTANCE")) {
            assert!(source(used).is_some(), "{name} refers to {used}");
        }
    }
}

#[test]
fn no_definition_appears_twice_in_a_module() {
    for name in names() {
        let text = source(name).expect("named modules have texts");
        let mut seen = BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with(' ') && line.contains("==")) {
            let defined = line.split("==").next().unwrap_or_default().trim();
            assert!(defined.is_empty() || seen.insert(defined.to_owned()), "{name}: {line}");
        }
    }
}
