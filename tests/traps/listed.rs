//! `docs/safety.md` names every trap's test, and every test it names is there.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/safety.md");

/// The names of all tests in the sources and in `tests`.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for folder in ["src", "tests"] {
        look(&root.join(folder), &mut names);
    }
    names
}

fn look(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            look(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            names.extend(named(&text));
        }
    }
}

/// The functions under `#[test]`.
fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            test = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            found.extend(test.then(|| name.to_owned()));
            test = false;
        }
    }
    found
}

/// The names the page gives in the last column of its tables.
fn told() -> BTreeSet<String> {
    let rows = PAGE.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let names = quoted.filter(|word| word.contains('_') && !word.contains(['.', '/', ':', ' ']));
    names.map(str::to_owned).collect()
}

#[test]
fn every_test_that_the_safety_page_names_is_there() {
    let there = tests();
    let missing: Vec<String> = told().into_iter().filter(|t| !there.contains(t)).collect();
    assert!(
        missing.is_empty(),
        "docs/safety.md names no test: {missing:?}"
    );
}

#[test]
fn every_trap_stands_on_the_safety_page_with_its_one_test_or_as_open() {
    let there = tests();
    for n in 1..=40 {
        let row = PAGE.lines().find(|l| l.starts_with(&format!("| {n} |")));
        let row = row.unwrap_or_else(|| panic!("trap {n} is not on the page"));
        let prefix = format!("trap_{n:02}_");
        let of: Vec<&String> = there.iter().filter(|t| t.starts_with(&prefix)).collect();
        match of.as_slice() {
            [] => assert!(row.ends_with("| none yet |"), "trap {n} has no test"),
            [one] => assert!(row.ends_with(&format!("| `{one}` |")), "{one}: {row}"),
            more => panic!("trap {n} has several tests: {more:?}"),
        }
    }
}
