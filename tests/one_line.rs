//! What stands in one line is whole at 80 columns, in both languages: every
//! sentence of the status line beside how saving stands, and the header.

mod support;

use saishin::app::assets;
use saishin::domain::lang::Lang;
use saishin::domain::protocol::Protocol;
use saishin::store::{Refusal, Store};
use saishin::text::{Text, fill};
use saishin::widget::cells::{fit, width};
use support::sitting::Sitting;
use support::told;

const ROOM: usize = 78;

/// Sentences said in the status line whose names do not begin with `say_` or `queue_`.
const ALSO: [&str; 7] = [
    "trouble_number_taken",
    "trouble_reason",
    "loading",
    "chart_no_visits",
    "close_no_draw",
    "clock_behind",
    "store_",
];

/// The words of a language, by name.
fn words(lang: Lang) -> Vec<(&'static str, &'static str)> {
    let file = match lang {
        Lang::Ja => include_str!("../assets/text/ja.toml"),
        Lang::En => include_str!("../assets/text/en.toml"),
    };
    let pairs = file.lines().filter_map(|line| line.split_once(" = "));
    pairs
        .map(|(name, said)| (name, said.trim_matches('"')))
        .collect()
}

/// Why a save fails, the longest way.
fn longest_failure(text: &Text) -> String {
    let io = fill(text.store_io, &[("code", "10766")]);
    longest(&[
        text.store_full,
        text.store_read_only,
        text.store_busy,
        text.store_conflict,
        text.store_moved,
        text.store_unknown,
        text.store_damaged,
        &io,
    ])
}

/// Why the store refuses an entry, the longest way.
fn longest_refusal(text: &Text) -> String {
    // The others are said in words of their own.
    let own = [
        Refusal::SignedVisit,
        Refusal::AlreadySigned,
        Refusal::VoidedVisit,
        Refusal::AnotherVisitOpen,
    ];
    let rest = Refusal::ALL.iter().filter(|why| !own.contains(why));
    let words = rest.map(|why| why.word());
    let longest_word = words.max_by_key(|w| w.len()).expect("there are some");
    let refused = fill(text.store_refused, &[("why", longest_word)]);
    longest(&[
        text.refusal_signed,
        text.refusal_void,
        text.refusal_open,
        text.refusal_number,
        &refused,
    ])
}

fn longest(all: &[&str]) -> String {
    let longest = all.iter().max_by_key(|said| width(said));
    longest.copied().unwrap_or_default().to_owned()
}

/// The sentence with the longest that can stand in it.
fn filled(sentence: &str, text: &Text) -> String {
    let at = match text.lang {
        Lang::Ja => "12/24(木) 10:30",
        Lang::En => "Wed 24 Nov 10:30",
    };
    let values = [
        ("letter", "l"),
        ("digit", "9"),
        ("n", "999"),
        ("mg", "299.5"),
        ("item", &"あ".repeat(15)),
        ("why", &longest_refusal(text)),
        ("code", "10766"),
        ("at", at),
    ];
    let whole = fill(sentence, &values);
    assert!(!whole.contains('{'), "{whole}: say what stands in it");
    whole
}

#[test]
fn every_sentence_of_the_status_line_is_whole_beside_a_save_that_failed() {
    for lang in [Lang::Ja, Lang::En] {
        let text = Text::of(lang);
        let failed = fill(text.not_saved_brief, &[("n", "999")]);
        let saved = fill(text.saved_brief, &[("at", "10:30")]);
        let beside = [&*failed, &*saved, text.saving]
            .iter()
            .map(|s| width(s))
            .max();
        let mut measured = 0;
        for (name, sentence) in words(lang) {
            let status = name.starts_with("say_") || name.starts_with("queue_");
            if !status && !ALSO.iter().any(|also| name.starts_with(also)) {
                continue;
            }
            let said = filled(sentence, &text);
            let cells = width(&said) + 3 + beside.expect("how saving stands");
            assert!(cells <= ROOM, "{name}: {cells} cells: {said}");
            measured += 1;
        }
        assert!(measured > 40, "{measured}");
    }
}

#[test]
fn how_saving_stands_is_whole_with_the_longest_line_and_the_longest_reason() {
    let protocol = Protocol::proven(assets::PROTOCOL).expect("the shipped protocol");
    for lang in [Lang::Ja, Lang::En] {
        let text = Text::of(lang);
        let why = longest_failure(&text);
        let failed = fill(text.not_saved, &[("n", "999"), ("why", &why)]);
        assert!(width(&failed) <= ROOM, "{failed}");
        for item in protocol.items() {
            let marks = item
                .options
                .iter()
                .filter_map(|o| o.mark.as_ref())
                .map(|m| m.get(lang));
            let mark = marks.max_by_key(|m| width(m)).unwrap_or_default();
            let what = format!("{} {mark}", fit(item.label(lang), 60));
            let saved = fill(text.saved, &[("at", "10:30"), ("what", &what)]);
            assert!(width(&saved) <= ROOM, "{}: {saved}", item.id);
        }
    }
}

#[test]
fn the_header_of_every_chart_is_whole_at_80_columns() {
    for lang in [Lang::Ja, Lang::En] {
        let mut sitting = Sitting::demo();
        sitting.model.text = Text::of(lang);
        let patients = sitting.shelf.patients().expect("memory reads");
        let numbers = patients.iter().map(|patient| {
            let line = sitting.shelf.projection(*patient).expect("memory reads");
            line.expect("everybody has a row").line.chart_number
        });
        for number in numbers.collect::<Vec<_>>() {
            sitting.keys("<Esc><Esc>");
            sitting.keys(&format!("{number}<Enter>"));
            let record = told::record(&sitting.shelf, &number).expect("known");
            let desk = sitting.model.desk.as_mut().expect("a chart");
            assert_eq!(desk.record.patient, record.patient);
            for verified in [Some(true), None, Some(false)] {
                let desk = sitting.model.desk.as_mut().expect("a chart");
                desk.verified = verified;
                let rows = sitting.rows();
                for row in &rows[..2] {
                    assert!(!row.trim_end().ends_with(".."), "{row}");
                    assert!(width(row) <= 80, "{row}");
                }
                let words = match verified {
                    Some(false) => sitting.model.text.not_whole,
                    None => sitting.model.text.unverified,
                    Some(true) => continue,
                };
                let course = sitting.model.desk.as_ref().and_then(|d| d.record.course());
                assert!(course.is_none() || rows[1].contains(words), "{}", rows[1]);
            }
        }
    }
}

#[test]
fn what_is_said_beside_a_save_that_failed_is_not_cut() {
    for lang in [Lang::Ja, Lang::En] {
        let mut sitting = Sitting::demo();
        sitting.model.text = Text::of(lang);
        let fault = support::shelf::Fault::Not(saishin::store::StoreError::Busy);
        sitting.fail(Some(fault));
        sitting.keys("427<Enter><Enter> 1");
        sitting.must_see(&busy(&sitting));
        sitting.keys("*");
        sitting.must_see(sitting.model.text.say_nothing_to_deny);
        sitting.must_see("F8");
    }
}

fn busy(sitting: &Sitting) -> String {
    let text = &sitting.model.text;
    let n = sitting.model.unsaved.len().to_string();
    fill(text.not_saved, &[("n", &n), ("why", text.store_busy)])
}
