//! The protocols that ship: every rule proves itself, every walk has its length,
//! and a file that contradicts itself is refused by place and word.

mod alerts;
mod conditions;
mod possible;
mod refusals;
mod walks;

use saishin::domain::lang::{Lang, Words};
use saishin::domain::protocol::{ISOTRETINOIN, Protocol, Rule};
use std::time::Instant;

fn default_protocol() -> Protocol {
    match Protocol::parse(ISOTRETINOIN) {
        Ok(protocol) => protocol,
        Err(refused) => panic!("{refused}"),
    }
}

/// Every text of the protocol, with where it stands.
fn texts(protocol: &Protocol) -> Vec<(String, Words)> {
    let mut all = vec![
        ("title".to_owned(), protocol.title.clone()),
        ("drug".to_owned(), protocol.drug.clone()),
    ];
    for setting in &protocol.settings {
        all.push((setting.name.clone(), setting.label.clone()));
        all.push((setting.name.clone(), setting.source.clone()));
    }
    for section in &protocol.sections {
        all.push((section.id.clone(), section.title.clone()));
        all.extend(section.note.clone().map(|note| (section.id.clone(), note)));
    }
    for item in protocol.items() {
        let id = || item.id.to_string();
        all.push((id(), item.label.clone()));
        all.push((id(), item.ask.clone()));
        all.extend(item.note.clone().map(|note| (id(), note)));
        for choice in &item.options {
            all.push((id(), choice.label.clone()));
            all.extend(choice.note.clone().map(|note| (id(), note)));
        }
    }
    for sentence in &protocol.sentences {
        all.push((sentence.number.to_string(), sentence.say.clone()));
        all.push((sentence.number.to_string(), sentence.note.clone()));
    }
    for rule in &protocol.rules {
        let id = || rule.id.clone();
        all.extend([
            (id(), rule.say.clone()),
            (id(), rule.reason.clone()),
            (id(), rule.source.clone()),
        ]);
    }
    all
}

#[test]
fn every_example_of_every_rule_does_what_it_says() {
    let failures = default_protocol().check_examples();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_text_stands_in_both_languages() {
    for (place, words) in texts(&default_protocol()) {
        assert!(
            !words.ja.trim().is_empty() && !words.en.trim().is_empty(),
            "{place}"
        );
    }
}

#[test]
fn nothing_is_called_safe_and_nothing_is_an_order() {
    let forbidden = [
        "安全です",
        "安全に",
        "してください",
        "しなさい",
        "すること!",
        " safe",
        "Safe",
        "must ",
        "Stop ",
        "please stop",
    ];
    for (place, words) in texts(&default_protocol()) {
        for word in forbidden {
            assert!(
                !words.ja.contains(word) && !words.en.contains(word),
                "{place}: {word}: {words:?}"
            );
        }
    }
}

#[test]
fn an_alert_states_a_fact_and_is_short_enough_for_its_line() {
    let order = ["を中止する", "を休薬する", "せよ", "直ちに中止。"];
    for rule in &default_protocol().rules {
        assert!(
            order.iter().all(|word| !rule.say.ja.contains(word)),
            "{}",
            rule.id
        );
        assert!(
            rule.say.ja.chars().count() <= 80,
            "{}: {}",
            rule.id,
            rule.say.ja
        );
        assert!(
            rule.say.en.chars().count() <= 150,
            "{}: {}",
            rule.id,
            rule.say.en
        );
    }
}

#[test]
fn every_rule_has_a_source_and_both_kinds_of_example() {
    let proven = |rule: &Rule| {
        [true, false]
            .iter()
            .all(|fires| rule.examples.iter().any(|e| e.fires == *fires))
    };
    for rule in &default_protocol().rules {
        assert!(
            !rule.source.get(Lang::Ja).is_empty() && !rule.source.get(Lang::En).is_empty(),
            "{}",
            rule.id
        );
        assert!(proven(rule), "{}", rule.id);
    }
}

#[test]
fn every_sentence_of_an_example_is_filled() {
    let protocol = default_protocol();
    for rule in &protocol.rules {
        for example in rule.examples.iter().filter(|example| example.fires) {
            let alerts = saishin::domain::alert::evaluate(&protocol, &example.given);
            for alert in alerts {
                assert!(
                    !alert.text.ja.contains(['{', '}']),
                    "{}: {}",
                    alert.rule,
                    alert.text.ja
                );
                assert!(
                    !alert.text.en.contains(['{', '}']),
                    "{}: {}",
                    alert.rule,
                    alert.text.en
                );
                assert!(
                    !alert.reason.en.contains(['{', '}']),
                    "{}: {}",
                    alert.rule,
                    alert.reason.en
                );
            }
        }
    }
}

#[test]
fn reading_and_checking_the_protocol_takes_a_moment() {
    let before = Instant::now();
    default_protocol();
    let took = before.elapsed();
    println!("read and checked in {took:?}");
    assert!(took.as_secs() < 3, "{took:?}");
}

#[test]
fn a_proven_text_is_read_to_the_same_but_for_its_examples() {
    let mut checked = Protocol::parse(ISOTRETINOIN).expect("the shipped protocol");
    for rule in &mut checked.rules {
        rule.examples.clear();
    }
    assert_eq!(Protocol::proven(ISOTRETINOIN), Ok(checked));
}
