//! A file that contradicts itself is refused by line, column and word.

use saishin::domain::lang::Lang;
use saishin::domain::protocol::{Protocol, ProtocolError, ProtocolErrorKind as K};

pub(crate) const SMALL: &str = r#"schema = 1
id = "small"
version = "1"
title = { ja = "小", en = "Small" }
drug = { ja = "薬", en = "drug" }
[[setting]]
name = "limit"
label = { ja = "上限", en = "Limit" }
value = 3
min = 1
max = 9
unit = "days"
basis = "clinic"
source = { ja = "当院", en = "clinic" }
[[section]]
id = "core"
title = { ja = "主", en = "Core" }
visits = ["follow_up"]
[[section.item]]
id = "lips"
label = { ja = "口唇", en = "Lips" }
ask = { ja = "唇は", en = "Your lips?" }
kind = "grade"
options = [
  { key = 0, label = { ja = "なし", en = "none" } },
  { key = 1, label = { ja = "軽", en = "mild" } },
  { key = 2, label = { ja = "重", en = "severe" } },
]
sweep = [0, 1]
[[section.item]]
id = "flag"
label = { ja = "痛み", en = "Pain" }
ask = { ja = "痛みは", en = "Pain?" }
kind = "choice"
options = [{ key = 0, label = { ja = "なし", en = "no" } }, { key = 1, label = { ja = "あり", en = "yes" } }]
when = { item = { id = "lips", at_least = 1 } }
[[section.item]]
id = "unused"
label = { ja = "旧", en = "Old" }
ask = { ja = "旧", en = "Old?" }
kind = "number"
off = true
[[section.item]]
id = "values"
label = { ja = "値", en = "Values" }
ask = { ja = "値", en = "Values?" }
kind = "labs"
panel = ["tg"]
[[rule]]
id = "lips.2"
item = "lips"
level = "caution"
when = { all = [{ item = { id = "lips", at_least = 2 } }, { age = { at_least = "limit" } }] }
say = { ja = "口唇 {value}", en = "Lips {value}" }
reason = { ja = "口唇", en = "Lips" }
source = { ja = "当院", en = "Clinic" }
basis = "clinic"
examples = [
  { given = { age = 3, answers = { lips = 2 } }, fires = true },
  { given = { age = 2, answers = { lips = 2 } }, fires = false },
]
"#;

/// The refusal after one change, and the line the change stands on.
fn refused(from: &str, to: &str) -> (ProtocolError, usize) {
    assert!(SMALL.contains(from), "{from}");
    let text = SMALL.replacen(from, to, 1);
    let error = Protocol::parse(&text).expect_err("it should be refused");
    let start = SMALL.find(from).unwrap_or_default();
    (error, SMALL[..start].matches('\n').count() + 1)
}

/// Checks place and word of the refusal after one change.
fn expect(from: &str, to: &str, place: (usize, usize), word: &str, kind: fn(&K) -> bool) {
    let (error, _) = refused(from, to);
    assert_eq!(
        (error.line, error.column, error.word.as_str()),
        (place.0, place.1, word),
        "{error}"
    );
    assert!(kind(&error.kind), "{error:?}");
}

#[test]
fn the_small_protocol_itself_is_accepted() {
    let protocol = Protocol::parse(SMALL).unwrap_or_else(|refused| panic!("{refused}"));
    assert!(protocol.rules.iter().all(|rule| rule.examples.len() > 1));
    assert!(protocol.check_examples().is_empty());
}

#[test]
fn an_unknown_word_is_named_with_those_that_would_do() {
    let (error, line) = refused("at_least = 1 } }", "at_leest = 1 } }");
    assert_eq!(
        (error.line, error.column, error.word.as_str()),
        (line, 32, "at_leest")
    );
    assert!(
        error.to_string().starts_with(&format!(
            "{line}:32: \"at_leest\": unknown word, expected one of "
        )),
        "{error}"
    );
    assert!(error.to_string().contains("at_least"), "{error}");
    assert!(
        error.message(Lang::Ja).contains("知らない語"),
        "{}",
        error.message(Lang::Ja)
    );
    expect(
        "kind = \"choice\"",
        "kind = \"choise\"",
        (34, 8),
        "choise",
        |k| matches!(k, K::UnknownWord { .. }),
    );
    expect("off = true", "of = true", (42, 1), "of", |k| {
        matches!(k, K::UnknownWord { .. })
    });
    expect(
        "level = \"caution\"",
        "level = \"loud\"",
        (52, 9),
        "loud",
        |k| matches!(k, K::UnknownWord { .. }),
    );
}

#[test]
fn an_item_outside_every_section_is_refused_by_its_place() {
    let (error, line) = refused(
        "[[section]]\nid = \"core\"\ntitle = { ja = \"主\", en = \"Core\" }\nvisits = [\"follow_up\"]\n",
        "",
    );
    assert_eq!(
        (error.line, error.column, error.word.as_str()),
        (line, 1, "section.item"),
        "{error}"
    );
}

#[test]
fn an_unknown_condition_is_named() {
    let (error, line) = refused(
        "{ item = { id = \"lips\", at_least = 1 } }",
        "{ itme = { id = \"lips\" } }",
    );
    assert_eq!((error.line, error.word.as_str()), (line, "itme"), "{error}");
    assert_eq!(error.column, 10, "{error}");
}

#[test]
fn a_missing_language_is_named() {
    let (error, line) = refused(
        "ask = { ja = \"唇は\", en = \"Your lips?\" }",
        "ask = { ja = \"唇は\" }",
    );
    assert_eq!(
        (error.line, error.column, error.word.as_str(), &error.kind),
        (line, 7, "en", &K::Missing),
        "{error}"
    );
    expect("en = \"Your lips?\"", "en = \"\"", (22, 20), "en", |k| {
        *k == K::Empty
    });
}

#[test]
fn ids_and_keys_are_used_once() {
    expect("id = \"flag\"", "id = \"lips\"", (31, 6), "lips", |k| {
        *k == K::Duplicate
    });
    expect("{ key = 2, label", "{ key = 1, label", (27, 11), "1", |k| {
        *k == K::KeyTwice
    });
}

#[test]
fn what_is_not_declared_cannot_be_named() {
    expect(
        "item = \"lips\"\nlevel",
        "item = \"lisp\"\nlevel",
        (51, 8),
        "lisp",
        |k| *k == K::UnknownName,
    );
    expect(
        "{ id = \"lips\", at_least = 1 }",
        "{ id = \"lisp\", at_least = 1 }",
        (36, 24),
        "lisp",
        |k| *k == K::UnknownName,
    );
    expect(
        "at_least = \"limit\"",
        "at_least = \"limt\"",
        (53, 80),
        "limt",
        |k| *k == K::UnknownName,
    );
    expect(
        "answers = { lips = 2 } }, fires = true",
        "answers = { lisp = 2 } }, fires = true",
        (59, 36),
        "lisp",
        |k| *k == K::UnknownName,
    );
    expect(
        "{ age = { at_least = \"limit\" } }",
        "{ lab = { analyte = \"alt\" } }",
        (53, 79),
        "alt",
        |k| *k == K::UnknownName,
    );
}

#[test]
fn a_line_switched_off_cannot_be_named() {
    expect(
        "{ id = \"lips\", at_least = 1 }",
        "{ id = \"unused\", at_least = 1 }",
        (36, 24),
        "unused",
        |k| *k == K::SwitchedOff,
    );
    expect(
        "item = \"lips\"\nlevel",
        "item = \"unused\"\nlevel",
        (51, 8),
        "unused",
        |k| *k == K::SwitchedOff,
    );
}

#[test]
fn a_condition_that_can_never_hold_is_refused() {
    let never = |from: &str, to: &str, place: (usize, usize), word: &str| {
        expect(from, to, place, word, |k| *k == K::Impossible)
    };
    never("at_least = 1 } }", "at_least = 3 } }", (36, 8), "item");
    never(
        "{ age = { at_least = \"limit\" } }",
        "{ item = { id = \"lips\", at_most = 1 } }",
        (53, 8),
        "all",
    );
    never(
        "{ item = { id = \"lips\", at_least = 1 } }",
        "{ visit = [\"start\"] }",
        (36, 8),
        "visit",
    );
    never(
        "{ age = { at_least = \"limit\" } }",
        "{ age = { above = 9, below = 10 } }",
        (53, 8),
        "all",
    );
    never(
        "{ age = { at_least = \"limit\" } }",
        "{ all = [{ visit = [\"start\"] }, { phase = [\"on\"] }] }",
        (53, 8),
        "all",
    );
}

#[test]
fn a_rule_needs_a_source_and_both_kinds_of_example() {
    expect(
        "source = { ja = \"当院\", en = \"Clinic\" }\n",
        "",
        (50, 6),
        "lips.2",
        |k| *k == K::NoSource,
    );
    expect("fires = false", "fires = true", (50, 6), "lips.2", |k| {
        *k == K::NoSilentExample
    });
    expect("fires = true", "fires = false", (50, 6), "lips.2", |k| {
        *k == K::NoFiringExample
    });
}

#[test]
fn a_code_that_is_not_declared_is_refused() {
    expect("sweep = [0, 1]", "sweep = [0, 7]", (29, 13), "7", |k| {
        *k == K::UndeclaredCode
    });
    expect("at_least = 1 } }", "is = [5] } }", (36, 38), "5", |k| {
        *k == K::UndeclaredCode
    });
}

#[test]
fn a_setting_keeps_to_its_own_floor_and_ceiling() {
    expect("value = 3", "value = 0", (9, 9), "0", |k| {
        *k == K::OutOfRange
    });
    expect("value = 3", "value = \"9.5\"", (9, 9), "9.5", |k| {
        *k == K::OutOfRange
    });
}

#[test]
fn a_placeholder_nothing_fills_is_refused() {
    expect(
        "en = \"Lips {value}\"",
        "en = \"Lips {times}\"",
        (54, 39),
        "{times}",
        |k| *k == K::UnfilledPlaceholder,
    );
}

#[test]
fn a_number_never_passes_through_binary_fractions() {
    let (error, line) = refused("value = 3", "value = 3.5");
    assert_eq!((error.line, error.word.as_str()), (line, "3.5"), "{error}");
}

#[test]
fn a_test_must_fit_the_kind_of_line() {
    expect(
        "at_least = 1 } }",
        "consent = true } }",
        (36, 24),
        "lips",
        |k| *k == K::WrongKind,
    );
}

#[test]
fn what_is_not_toml_is_refused_where_it_breaks() {
    let (error, line) = refused("version = \"1\"", "version = ");
    assert_eq!(error.line, line, "{error}");
    let (error, _) = refused("schema = 1", "schema = 2");
    assert_eq!((error.line, error.column, &error.kind), (1, 10, &K::Schema));
}

#[test]
fn an_example_that_does_not_do_what_it_says_is_a_failure_not_a_refusal() {
    let text = SMALL.replace("age = 2, answers", "age = 5, answers");
    let failures = Protocol::parse(&text)
        .map(|protocol| protocol.check_examples())
        .unwrap_or_default();
    assert_eq!(failures.len(), 1);
    assert_eq!(
        (
            failures[0].rule.as_str(),
            failures[0].example,
            failures[0].expected
        ),
        ("lips.2", 2, false)
    );
    assert_eq!(
        failures[0].message(Lang::En),
        "rule \"lips.2\", example 2 says it stays silent, but it fires"
    );
}

mod damage {
    use super::{Protocol, SMALL};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// A file with a piece torn out or typed over is accepted or refused, never a crash.
        #[test]
        fn a_damaged_file_is_read_or_refused(at in 0_usize..1800, long in 0_usize..12, typed in "[a-z0-9\"{}\\[\\]=,.口 -]{0,6}") {
            let kept: String = SMALL.chars().take(at).chain(typed.chars()).chain(SMALL.chars().skip(at + long)).collect();
            if let Err(refused) = Protocol::parse(&kept) {
                prop_assert!(refused.line >= 1 && refused.column >= 1);
                prop_assert!(refused.line <= kept.lines().count() + 1);
            }
        }

        /// No number, however large, is too much for the check.
        #[test]
        fn no_number_is_too_large(number in "-?[0-9]{1,29}") {
            let text = SMALL.replace("age = { at_least = \"limit\"", &format!("mg_per_kg = {{ above = \"{number}\""));
            let _refused_or_not = Protocol::parse(&text);
            let text = SMALL.replace("{ age = { at_least = \"limit\" } }", &format!("{{ lab = {{ analyte = \"tg\", times_upper = {{ above = \"{number}\" }} }} }}"));
            let _refused_or_not = Protocol::parse(&text);
        }
    }
}

#[test]
fn a_procedure_that_waits_by_no_setting_is_refused() {
    let with = |after: &str| {
        format!(
            "{SMALL}\n[[procedure]]\nid = \"wax\"\nlabel = {{ ja = \"脱毛\", en = \"wax\" }}\n\
             during = false\nafter_months = \"{after}\"\nbasis = \"clinic\"\n\
             source = {{ ja = \"当院\", en = \"clinic\" }}\n"
        )
    };
    assert!(Protocol::parse(&with("limit")).is_ok());
    let refused = Protocol::parse(&with("limt")).expect_err("no such setting");
    assert_eq!(
        (refused.word.as_str(), refused.kind),
        ("limt", K::UnknownName)
    );
    let twice = format!("{}{}", with("limit"), with("limit").replace(SMALL, ""));
    let refused = Protocol::parse(&twice).expect_err("named twice");
    assert_eq!(refused.kind, K::Duplicate);
}
