//! The texts of the built-in modules: what is there, and how they refer to each other.

use std::collections::BTreeSet;

use tlaloc::diagnostic::Sources;
use tlaloc::modules::{names, native, natives, source};
use tlaloc::resolve::{Search, resolve_expression};
use tlaloc::syntax::parse_file;
use tlaloc::syntax::tree::{DefinitionHead, File, Unit};

fn parsed(name: &str) -> File {
    let mut sources = Sources::default();
    let file = sources.add(format!("{name}.tla"), source(name).expect("named modules have texts"));
    let (tree, diagnostics) = parse_file(&sources, file);
    assert!(diagnostics.is_empty(), "{name}: {diagnostics:#?}");
    tree.expect("a text without diagnostics has a tree")
}

/// Arity of a definition in a module's own text.
fn defined_arity(module: &str, operator: &str) -> Option<usize> {
    parsed(module).modules[0].units.iter().find_map(|unit| match unit {
        Unit::Definition(definition) if definition.name.text == operator && !definition.local => {
            Some(match &definition.head {
                DefinitionHead::Operator(parameters) => parameters.len(),
                DefinitionHead::Function(_) => 0,
            })
        }
        _ => None,
    })
}

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
fn every_text_parses() {
    for name in names() {
        assert_eq!(parsed(name).modules[0].name.text, name);
    }
}

#[test]
fn every_text_resolves_without_a_warning() {
    let resolve = || {
        for name in names() {
            let mut sources = Sources::default();
            let resolution = resolve_expression(&mut sources, &[name.to_owned()], "TRUE", &Search::default());
            assert!(resolution.diagnostics.is_empty(), "{name}: {:#?}", resolution.diagnostics);
        }
    };
    let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(resolve).expect("a thread");
    worker.join().expect("every text resolves");
}

#[test]
fn every_native_is_defined_in_its_module_with_its_arity() {
    for native in natives() {
        let arity = defined_arity(native.module, native.name);
        assert_eq!(arity, Some(native.arity), "{}!{}", native.module, native.name);
    }
}

#[test]
fn natives_are_found_by_module_and_name() {
    for known in natives() {
        let found = native(known.module, known.name).expect("every native is in the table");
        assert!(std::ptr::fn_addr_eq(found.run, known.run), "{}!{} is there twice", known.module, known.name);
    }
    assert!(native("Naturals", "Append").is_none());
    assert!(native("NoSuchModule", "+").is_none());
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
