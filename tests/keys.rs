//! How many keys a visit costs, walked by its real keys from the list to the
//! signature; and that every key is known, shown and free of a second meaning.

mod support;

use saishin::domain::change::Standing;
use saishin::domain::lang::Lang;
use saishin::domain::record::Visit;
use saishin::keys::{Command, Key, Keys, Place, TABLE, bindings, command};
use saishin::store::StoreError;
use saishin::text::Text;
use std::collections::BTreeSet;
use std::io::Write;
use support::arrive;
use support::keys::parse;
use support::shelf::Fault;
use support::sitting::Sitting;
use support::told;

/// One whole visit, as its keys.
struct Walk {
    name: &'static str,
    chart: &'static str,
    keys: &'static str,
    aim: usize,
    most: usize,
    /// Lines of the protocol that are answered at the end.
    answers: usize,
}

/// A woman of 24 in her 12th week; blood was taken a month ago.
const ROUTINE: Walk = Walk {
    name: "routine visit",
    chart: "10427",
    keys: "427<Enter><Enter> 1 0120 * +++ 00 10 11 2 1 s<Enter>",
    aim: 24,
    most: 30,
    answers: 32,
};

/// A woman of 30 in her 9th week; blood is due and five values are typed.
const WITH_VALUES: Walk = Walk {
    name: "routine visit with five values typed",
    chart: "10470",
    keys: "470<Enter><Enter> 1 0120 * +++ 00
           1 21<Enter> 18<Enter> 118<Enter> 102<Enter> 61<Enter>
           10 11 2 1 s<Enter>",
    aim: 42,
    most: 48,
    answers: 32,
};

/// The same woman, her blood drawn four days ago: the laboratory's file is in, and
/// she comes before anybody has looked at it.
const WITH_FILE: Walk = Walk {
    name: "routine visit with five values imported",
    chart: "10470",
    keys: "470<Enter><Enter> 1 0120 * +++ 00 10 11 2 1 s<Enter>",
    aim: 25,
    most: 31,
    answers: 32,
};

/// The same, and on the way the results are marked as seen.
const WITH_FILE_SEEN: Walk = Walk {
    name: "the same with the results marked as seen on the way",
    keys: "470<Enter> <F6>1<Esc> <Enter> 1 0120 * +++ 00 10 11 2 1 s<Enter>",
    aim: 27,
    ..WITH_FILE
};

/// A man of 19 in his 9th week: lips 2, triglycerides 512.
const ALARMING: Walk = Walk {
    name: "visit with lips 2 and TG 512",
    chart: "10388",
    keys: "388<Enter><Enter> 1 * 2+ + + 00
           2 24<Enter> 31<Enter> 512<Enter><Enter> 128<Enter> 45<Enter> 0
           10 21 12 51 1 s<Enter>",
    aim: 44,
    most: 50,
    answers: 30,
};

/// A woman of 26, a month after her last capsule.
const AFTER: Walk = Walk {
    name: "visit after treatment",
    chart: "10291",
    keys: "291<Enter><Enter> 1 1 0120 00 0 1 0 8 1 s<Enter>",
    aim: 20,
    most: 26,
    answers: 13,
};

// ---- what a visit costs ------------------------------------------------------------

#[test]
fn a_routine_visit_is_signed_in_24_keys() {
    let visit = walk(&ROUTINE);
    expect(&visit, "ident.two", "1");
    expect(&visit, "preg.test", "negative, 2026-11-24, clinic_urine");
    expect(&visit, "flag.head", "0, denied");
    expect(&visit, "dry.lips", "1, unchanged");
    expect(&visit, "sun.protect", "1, unchanged");
    expect(&visit, "flag.selfharm", "0");
    expect(&visit, "drug.list", "none of these");
    expect(
        &visit,
        "dec.action",
        "continue, 20 mg, 30 days, visit 2026-12-24, blood 2026-12-29",
    );
}

#[test]
fn a_routine_visit_with_five_values_is_signed_in_42_keys() {
    let visit = walk(&WITH_VALUES);
    let signed = visit.signed.as_ref().expect("a signature");
    assert_eq!(
        signed.seen.len(),
        5,
        "the values that were seen are named by the signature"
    );
}

#[test]
fn a_routine_visit_with_values_from_a_file_is_signed_in_24_keys() {
    let mut sitting = Sitting::demo();
    let now = sitting.now();
    arrive::take(&sitting.shelf, "routine.hl7", now).expect("the file is taken in");
    let visit = walk_in(&WITH_FILE, &mut sitting);
    let signed = visit.signed.as_ref().expect("a signature");
    let record = told::record(&sitting.shelf, "10470").expect("the patient is known");
    let mut seen: Vec<String> = record
        .values()
        .filter(|(value, _)| {
            let id = value.observation.id;
            signed.seen.iter().any(|seen| seen.observation == id)
        })
        .filter_map(|(value, specimen)| {
            let sent = value.observation.sent.as_ref()?;
            let typed = value.observation.quantity()?.typed.clone();
            assert!(sent.file.is_some(), "it came in a file");
            Some(format!(
                "{} {} {}",
                specimen.drawn_on, value.observation.analyte.0, typed
            ))
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            "2026-11-20 alt 18",
            "2026-11-20 ast 21",
            "2026-11-20 hdl 61",
            "2026-11-20 ldl 102",
            "2026-11-20 tg 118",
        ]
    );
    // They are in the note without a key.
    for note in [&signed.signature.note_ja, &signed.signature.note_en] {
        assert!(note.contains("TG 118"), "{note}");
    }
    expect(
        &visit,
        "dec.action",
        "continue, 20 mg, 30 days, visit 2026-12-24, blood 2027-01-20",
    );
}

#[test]
fn results_from_a_file_are_marked_as_seen_for_three_keys_more() {
    for (walk, waiting) in [(&WITH_FILE, 1), (&WITH_FILE_SEEN, 0)] {
        let mut sitting = Sitting::demo();
        let now = sitting.now();
        arrive::take(&sitting.shelf, "routine.hl7", now).expect("the file is taken in");
        walk_in(walk, &mut sitting);
        let record = told::record(&sitting.shelf, "10470").expect("the patient is known");
        assert_eq!(record.unseen().count(), waiting, "{}", walk.name);
    }
}

#[test]
fn a_visit_with_an_alarming_value_is_signed_in_44_keys() {
    let visit = walk(&ALARMING);
    expect(&visit, "dry.lips", "2");
    expect(&visit, "dry.skin", "1, unchanged");
    expect(&visit, "flag.abdomen", "0");
    expect(&visit, "flag.head", "0, denied");
    expect(
        &visit,
        "dec.action",
        "hold, visit 2026-12-01, blood 2026-12-01, \"TG 512\"",
    );
    let signed = visit.signed.as_ref().expect("a signature");
    let critical = signed
        .alerts
        .iter()
        .filter(|a| a.level == "critical")
        .count();
    assert_eq!(critical, 1, "{:?}", signed.alerts);
}

#[test]
fn a_visit_after_treatment_is_signed_in_20_keys() {
    let visit = walk(&AFTER);
    expect(&visit, "dose.last", "2026-10-24, 0 left");
    expect(&visit, "preg.test", "negative, 2026-11-24, clinic_urine");
    expect(&visit, "dec.action", "no_prescription, visit 2027-02-23");
}

/// Walks it in the invented clinic and returns the signed visit as the store keeps it.
fn walk(walk: &Walk) -> Visit {
    walk_in(walk, &mut Sitting::demo())
}

fn walk_in(walk: &Walk, sitting: &mut Sitting) -> Visit {
    let keys = parse(walk.keys).expect("a notation of keys").len();
    say(&format!(
        "{}: {keys} keys (aim {}, never over {})",
        walk.name, walk.aim, walk.most
    ));
    assert!(keys <= walk.most, "{}: {keys} keys", walk.name);
    sitting.keys(walk.keys);
    assert!(sitting.model.unsaved.is_empty(), "something was not saved");
    let record = told::record(&sitting.shelf, walk.chart).expect("the patient is known");
    let visit = told::visit(&record).expect("a visit").clone();
    assert!(
        visit.closed().is_some(),
        "not signed:\n{}",
        sitting.rows().join("\n")
    );
    assert_eq!(visit.day(), sitting.now().date_naive());
    let signed = visit.signed.as_ref().expect("a signature");
    let missing: Vec<_> = signed
        .answers
        .iter()
        .filter(|a| a.standing == Standing::NotEntered)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(
        visit.responses.len(),
        walk.answers,
        "{:?}",
        visit.responses.keys()
    );
    sitting.must_see("本日");
    visit
}

/// Said whether the test passes or not.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output");
}

#[track_caller]
fn expect(visit: &Visit, item: &str, answer: &str) {
    let response = visit.responses.get(item).map(told::response_words);
    assert_eq!(response.as_deref(), Some(answer), "{item}");
}

#[test]
fn an_abnormal_grade_costs_at_most_two_keys_more() {
    let routine = keys_to_sign(ROUTINE.keys);
    // Lips 2 in place of the last 1, and the care that was advised.
    let lips = keys_to_sign("427<Enter><Enter> 1 0120 * 2+ ++ 00 10 11 1 2 1 s<Enter>");
    // The third line of its section, by its letter; nothing more is asked of it.
    let third = keys_to_sign("427<Enter><Enter> 1 0120 * ++ c1+ 00 10 11 2 1 s<Enter>");
    say(&format!(
        "{routine} keys; with lips 2: {lips}; with a third line 1: {third}"
    ));
    assert!(lips <= routine + 2);
    assert!(third <= routine + 2);
}

/// How many keys these are, if they sign the visit.
fn keys_to_sign(keys: &str) -> usize {
    let mut sitting = Sitting::demo();
    sitting.keys(keys);
    let record = told::record(&sitting.shelf, "10427").expect("the patient is known");
    let visit = told::visit(&record).expect("a visit");
    assert!(
        visit.signed.is_some(),
        "not signed:\n{}",
        sitting.rows().join("\n")
    );
    assert_eq!(
        told::line(&record, "dec.action").split(',').next(),
        Some("continue")
    );
    sitting.pressed
}

#[test]
fn one_key_sweeps_a_section_however_many_lines_it_has() {
    for (section, lines) in [("+", 4), ("++", 6), ("+++", 10)] {
        let mut sitting = Sitting::demo();
        sitting.keys("427<Enter><Enter> 1 0120 *").keys(section);
        let record = told::record(&sitting.shelf, "10427").expect("the patient is known");
        let visit = told::visit(&record).expect("a visit");
        let swept = visit
            .responses
            .values()
            .filter(|r| r.manner.word() == "unchanged")
            .count();
        assert_eq!(swept, lines, "after {section}");
    }
}

// ---- the table of keys ----------------------------------------------------------------

const PLACES: [Place; 19] = [
    Place::List,
    Place::Chart,
    Place::Visit,
    Place::Signed,
    Place::Review,
    Place::Field,
    Place::Form,
    Place::Choice,
    Place::Toggle,
    Place::Page,
    Place::Trend,
    Place::Table,
    Place::Inbox,
    Place::Results,
    Place::TakeFrom,
    Place::TakeIn,
    Place::Tray,
    Place::Follow,
    Place::Close,
];

#[test]
fn no_key_has_two_meanings_in_one_place() {
    for place in PLACES {
        let mut taken: BTreeSet<Key> = BTreeSet::new();
        for binding in bindings(place) {
            for key in explicit(binding.keys) {
                assert!(taken.insert(key), "{key:?} is bound twice in {place:?}");
            }
        }
        let digits = bindings(place).any(|b| b.keys == Keys::Digits);
        let by_hand = ('0'..='9').any(|c| taken.contains(&Key::Char(c)));
        assert!(!(digits && by_hand), "a digit is bound twice in {place:?}");
        let spans = |kind| bindings(place).filter(|b| b.keys == kind).count();
        assert!(
            [Keys::Digits, Keys::Letters, Keys::Rest]
                .map(spans)
                .iter()
                .all(|n| *n <= 1)
        );
    }
}

fn explicit(keys: Keys) -> Vec<Key> {
    match keys {
        Keys::One(keys) => keys.to_vec(),
        _ => Vec::new(),
    }
}

#[test]
fn every_place_is_in_the_table_and_has_help_and_a_way_out() {
    for binding in TABLE {
        assert!(
            PLACES.contains(&binding.place),
            "{:?} is not tested",
            binding.place
        );
    }
    for place in PLACES {
        let has = |wanted: Command| bindings(place).any(|b| b.command == wanted);
        assert!(has(Command::Back), "{place:?} cannot be left");
        assert!(
            has(Command::Help) || place == Place::Page,
            "{place:?} has no help"
        );
    }
}

#[test]
fn the_name_a_key_is_shown_by_is_the_key() {
    for binding in TABLE {
        let Keys::One(keys) = binding.keys else {
            continue;
        };
        let named = key_named(binding.shown);
        assert!(
            keys.contains(&named),
            "{} in {:?} is {keys:?}",
            binding.shown,
            binding.place
        );
        assert_eq!(command(binding.place, named), Some(binding.command));
    }
}

fn key_named(shown: &str) -> Key {
    match shown {
        "↑" => Key::Up,
        "↓" => Key::Down,
        "←" => Key::Left,
        "→" => Key::Right,
        one if one.chars().count() == 1 => Key::Char(one.chars().next().expect("a character")),
        name => support::keys::named(name).expect("a key's name"),
    }
}

#[test]
fn the_letters_of_a_narrow_list_are_told_on_the_first_page_of_its_help() {
    for lang in [Lang::Ja, Lang::En] {
        let text = Text::of(lang);
        let mut sitting = Sitting::demo();
        sitting.model.text = Text::of(lang);
        let letters = format!("{}{}", text.row_blood_letter, text.row_test_letter);
        sitting.must_see(&letters);
        sitting.keys("<F1>");
        for (letter, words) in [
            (text.row_blood_letter, text.sign_blood),
            (text.row_test_letter, text.sign_test),
        ] {
            let rows = sitting.rows();
            let told = rows.iter().find(|row| row.contains(words));
            let told = told.unwrap_or_else(|| panic!("{words} is not there"));
            assert!(told.contains(letter), "{told}");
        }
    }
}

#[test]
fn every_key_of_a_place_is_shown_in_its_help() {
    for lang in [Lang::Ja, Lang::En] {
        let text = Text::of(lang);
        for place in PLACES {
            for binding in bindings(place) {
                assert!(
                    !(binding.help)(&text).is_empty(),
                    "{} in {place:?}",
                    binding.shown
                );
            }
        }
    }
    let help = help_of("427<Enter><Enter>");
    for binding in bindings(Place::Visit) {
        assert!(
            has_line(&help, binding.shown),
            "{} is not in help:\n{help:?}",
            binding.shown
        );
    }
}

/// The lines of the help page of the place that `keys` lead to.
fn help_of(keys: &str) -> Vec<String> {
    let mut sitting = Sitting::demo();
    sitting.size = (80, 60);
    sitting.keys(keys).keys("<F1>");
    sitting.rows()
}

fn has_line(help: &[String], shown: &str) -> bool {
    help.iter()
        .any(|line| line.split_whitespace().next() == Some(shown))
}

/// Ways to every kind of place.
const ROUTES: [&str; 29] = [
    "",
    "427",
    "<Tab>",
    "<F2>",
    "<F9>",
    "<F9>0",
    "427<Enter>",
    "427<Enter><F3>",
    "427<Enter><F4>",
    "427<Enter><Down><Enter>",
    "427<Enter><Down><Enter>a",
    "427<Enter><Enter>",
    "427<Enter><Enter>.",
    "427<Enter><Enter>m",
    "427<Enter><Enter> 1 0120",
    "427<Enter><Enter> 1 0120 *",
    "427<Enter><Enter> 1 0120 *+++ 00 1 <Enter>",
    "388<Enter><Enter> 1*+++ 00 2",
    "388<Enter><Enter> 1*+++ 00 2 24",
    "388<Enter><Enter> 1*+++ 00 2<Ins>",
    "427<Enter><Enter> s",
    "427<Enter><Right>",
    "427<Enter>t",
    "427<Enter><Tab>",
    "388<Enter><Enter> 1*+++ 00 2t",
    "<F5>",
    "<F5><F2>",
    "<F5><Down><Down><Enter>",
    "427<Enter><F6>",
];

#[test]
fn a_hint_line_names_only_keys_that_work_there() {
    for route in ROUTES {
        for lang in [Lang::Ja, Lang::En] {
            let mut sitting = Sitting::demo();
            sitting.model.text = Text::of(lang);
            sitting.keys(route);
            let rows = sitting.rows();
            let hints = hinted(rows.last().expect("a hint line"));
            assert!(
                !hints.is_empty(),
                "no hint line after {route}:\n{}",
                rows.join("\n")
            );
            sitting.size = (80, 60);
            sitting.keys("<F1>");
            let help = sitting.rows();
            for key in hints {
                assert!(
                    known(&help, &key),
                    "`{key}` after {route}:\n{}",
                    help.join("\n")
                );
            }
        }
    }
}

#[test]
fn the_hint_line_of_a_page_names_only_keys_that_work_on_it() {
    for route in ["427<Enter><Down><Enter>n", "427<Enter><Enter>?"] {
        let mut sitting = Sitting::demo();
        sitting.keys(route);
        let rows = sitting.rows();
        for key in hinted(rows.last().expect("a hint line")) {
            assert!(
                bindings(Place::Page).any(|b| b.shown == key),
                "`{key}` after {route}"
            );
        }
    }
}

/// Words that name a function key, and the places they can stand in.
const NAMED: [(&str, &[Place]); 10] = [
    ("not_saved", &PLACES),
    ("not_saved_brief", &PLACES),
    ("say_conflict", &PLACES),
    ("queue_refused", &PLACES),
    ("say_unsaved_quit", &[Place::List]),
    ("nobody_found", &[Place::List]),
    ("empty_register", &[Place::List]),
    ("tray_nobody_how", &[Place::Tray]),
    ("close_day_waiting", &[Place::Close]),
    ("say_range_only_values", &[Place::Visit]),
];

#[test]
fn every_key_that_a_sentence_names_is_bound_wherever_the_sentence_can_stand() {
    for words in [
        include_str!("../assets/text/ja.toml"),
        include_str!("../assets/text/en.toml"),
    ] {
        let mut seen = 0;
        for (name, sentence) in words.lines().filter_map(|line| line.split_once(" = ")) {
            for key in function_keys(sentence) {
                let (_, places) = NAMED
                    .iter()
                    .find(|(known, _)| *known == name)
                    .unwrap_or_else(|| panic!("{name} names {key:?}: say where it can stand"));
                for place in *places {
                    let does = command(*place, key);
                    let means = !matches!(does, None | Some(Command::Text(_)));
                    assert!(
                        means,
                        "{name} names {key:?}, which does nothing in {place:?}"
                    );
                }
                seen += 1;
            }
        }
        assert_eq!(seen, NAMED.len());
    }
}

/// `F8` and its like in a sentence.
fn function_keys(sentence: &str) -> Vec<Key> {
    let numbers = sentence.split('F').skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    numbers.map(Key::F).collect()
}

#[test]
fn f8_saves_again_wherever_it_is_pressed_and_leaves_what_is_typed() {
    for route in ROUTES {
        let mut sitting = Sitting::demo();
        sitting.fail(Some(Fault::Not(StoreError::DiskFull)));
        // A setting waits for the disk.
        sitting.keys("<F12>").keys(route);
        assert!(!sitting.model.unsaved.is_empty(), "{route}");
        sitting.fail(None);
        let picture = |sitting: &Sitting| {
            let mut rows = sitting.rows();
            rows.truncate(22);
            rows
        };
        let before = picture(&sitting);
        sitting.keys("<F8>");
        assert!(
            sitting.model.unsaved.is_empty(),
            "F8 does nothing after {route}"
        );
        assert_eq!(picture(&sitting), before, "after {route}");
    }
}

/// The keys that a hint line names: the first word of each hint.
fn hinted(line: &str) -> Vec<String> {
    let hints = line.trim().split("  ").filter(|hint| !hint.is_empty());
    hints
        .filter_map(|hint| hint.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// Whether help names the key, or a span of digits or letters that holds it.
fn known(help: &[String], key: &str) -> bool {
    let span = |line: &String| {
        let shown = line.split_whitespace().next().unwrap_or_default();
        let mut ends = shown.split('-').filter(|end| end.chars().count() == 1);
        let (Some(first), Some(last), None) = (ends.next(), ends.next(), ends.next()) else {
            return false;
        };
        let mut wanted = key.split('-');
        wanted.all(|end| end.chars().count() == 1 && (first..=last).contains(&end))
    };
    has_line(help, key) || help.iter().any(span)
}
