//! The words of the two languages: all there, alike in both, used, and short
//! enough for the narrowest screen they stand on.

mod support;

use saishin::domain::lang::Lang;
use saishin::text::{NAMES, Text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::sitting::Sitting;
use unicode_width::UnicodeWidthStr;

const JA: &str = include_str!("../assets/text/ja.toml");
const EN: &str = include_str!("../assets/text/en.toml");

fn table(source: &str) -> toml::Table {
    source.parse().expect("plain TOML")
}

#[test]
fn both_languages_are_read_and_hold_the_same_words() {
    for (lang, source) in [(Lang::Ja, JA), (Lang::En, EN)] {
        Text::read(lang, source).expect("the words are whole");
        let words: Vec<String> = table(source).keys().cloned().collect();
        let mut known: Vec<&str> = NAMES.to_vec();
        known.sort_unstable();
        let mut sorted = words.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, known, "{lang:?}");
    }
}

#[test]
fn what_is_read_by_hand_is_what_any_reader_of_the_format_reads() {
    for (lang, source) in [(Lang::Ja, JA), (Lang::En, EN)] {
        let table = table(source);
        let text = Text::read(lang, source).expect("the words are whole");
        let all = format!("{text:?}");
        for name in NAMES {
            let word = table[name].as_str().expect("a text");
            assert!(
                all.contains(&format!("{name}: {word:?}")),
                "{lang:?} {name}"
            );
        }
    }
}

#[test]
fn a_word_has_the_same_places_to_fill_in_both_languages() {
    let (ja, en) = (table(JA), table(EN));
    for name in NAMES {
        let places = |table: &toml::Table| placeholders(table[name].as_str().expect("a text"));
        assert_eq!(places(&ja), places(&en), "{name}");
    }
}

fn placeholders(word: &str) -> BTreeSet<String> {
    let opened = word.split('{').skip(1);
    opened
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn no_word_is_empty_or_carries_what_a_terminal_would_obey() {
    for source in [JA, EN] {
        for (name, word) in table(source) {
            let word = word.as_str().expect("a text");
            assert!(!word.trim().is_empty(), "{name} is empty");
            assert!(!word.chars().any(char::is_control), "{name}: {word:?}");
        }
    }
}

#[test]
fn no_word_is_left_unused() {
    let sources = program();
    let unused: Vec<&&str> = NAMES.iter().filter(|name| !used(&sources, name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// Every source file but the list of the words itself.
fn program() -> String {
    let (mut all, mut folders) = (String::new(), vec![root().join("src")]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("text/names.rs") {
                all.push_str(&std::fs::read_to_string(path).expect("a source file"));
            }
        }
    }
    all
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Whether the word is named as a field somewhere.
fn used(sources: &str, name: &str) -> bool {
    let field = format!(".{name}");
    sources.match_indices(&field).any(|(at, _)| {
        let after = sources[at + field.len()..].chars().next();
        after.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// Ways through every screen of the program.
const ROUTES: [&str; 19] = [
    "",
    "427",
    "<Tab>",
    "<F2>",
    "<F9>",
    "<F9>0",
    "?",
    "427<Enter>",
    "427<Enter><F3>",
    "427<Enter><F4>",
    "427<Enter><Down><Enter>",
    "427<Enter><Down><Enter>v",
    "427<Enter><Down><Enter>n",
    "427<Enter><Enter>",
    "427<Enter><Enter>.",
    "427<Enter><Enter>m",
    "427<Enter><Enter>1 0120*+++00",
    "388<Enter><Enter>1*+++00 2 24<Enter>",
    "427<Enter><Enter>s",
];

#[test]
fn a_hint_line_is_whole_in_both_languages_at_80_columns_and_at_60() {
    for lang in [Lang::Ja, Lang::En] {
        for route in ROUTES {
            let mut sitting = Sitting::demo();
            sitting.model.text = Text::of(lang);
            sitting.keys(route);
            for (columns, rows) in [(80, 24), (60, 20)] {
                sitting.size = (columns, rows);
                let picture = sitting.rows();
                let hints = picture.last().expect("a hint line");
                assert!(!hints.trim().is_empty(), "no hint line after {route:?}");
                assert!(
                    !hints.trim_end().ends_with(".."),
                    "cut after {route:?}: {hints}"
                );
                assert!(hints.width() <= usize::from(columns), "{hints}");
            }
        }
    }
}

#[test]
fn the_words_that_must_never_be_said_are_not() {
    for word in ["safe to", "is safe", "安全です", "問題ありません"] {
        assert!(
            !EN.contains(word) && !JA.contains(word),
            "`{word}` promises what nobody knows"
        );
    }
}
