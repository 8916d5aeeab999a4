//! A visit keeps the protocol text and the settings it was opened under, whatever
//! the clinic uses by the time it is walked on, signed or read again.

mod support;

use rust_decimal::Decimal;
use saishin::app::{Assets, Msg, assets};
use saishin::domain::change::Setting;
use saishin::domain::lang::Lang;
use saishin::domain::protocol::Protocol;
use saishin::screen::Clinic;
use saishin::store::Store;
use std::sync::Arc;
use support::shelf::{Shelf, clinic};
use support::sitting::{Begin, Sitting, today};
use support::told;

/// The text of a year before: it asked for the ears too.
fn older_text() -> &'static str {
    let text = assets::PROTOCOL;
    let nose = text
        .find("[[section.item]]\nid = \"dry.nose\"")
        .expect("the nose is asked for");
    let end = nose
        + text[nose + 1..]
            .find("\n[[section")
            .expect("a part follows")
        + 2;
    let ears = text[nose..end].replace("dry.nose", "dry.ears").replace(
        "label = { ja = \"鼻\", en = \"Nose\" }",
        "label = { ja = \"耳\", en = \"Ears\" }",
    );
    let older = format!("{}{ears}{}", &text[..end], &text[end..]);
    assert!(older.contains("\"耳\""), "the line has its own label");
    Box::leak(older.into_boxed_str())
}

fn under(text: &str) -> Clinic {
    let protocol = Protocol::proven(text).expect("an older protocol");
    Clinic {
        protocol: Arc::new(protocol),
        protocol_hash: assets::hash(text),
        ..clinic().clone()
    }
}

fn use_clinic(sitting: &mut Sitting, clinic: Clinic) {
    let assets = Assets {
        clinic,
        trouble: None,
    };
    sitting.feed(Msg::Assets(Box::new(assets)));
}

/// The program of a year ago, where a visit was begun.
fn begun_under_the_older_text() -> Shelf {
    let mut then = Sitting::demo();
    then.model.protocol_text = older_text();
    use_clinic(&mut then, under(older_text()));
    then.keys("427<Enter><Enter> 1");
    then.must_see("保存 10:30");
    then.shelf
}

/// The program of today.
fn now(shelf: &Shelf) -> Sitting {
    Sitting::at(shelf, today(), Begin::default())
}

#[test]
fn a_visit_begun_under_an_older_text_is_walked_and_signed_under_it() {
    let shelf = begun_under_the_older_text();
    let mut sitting = now(&shelf);
    sitting.keys("427<Enter><Enter> 0120 *");
    sitting.must_see("e 耳");
    sitting.keys("+0++ 00 10 11 2 1 s<Enter>");
    let record = told::record(&shelf, "10427").expect("known");
    let visit = told::visit(&record).expect("a visit");
    let signed = visit.signed.as_ref().expect("it is signed");
    assert_eq!(signed.signature.protocol, assets::hash(older_text()));
    assert!(signed.answers.iter().any(|a| a.label == "耳"));
}

#[test]
fn a_line_that_is_asked_no_more_can_be_read_and_amended_in_its_signed_visit() {
    let shelf = begun_under_the_older_text();
    now(&shelf).keys("427<Enter><Enter> 0120 *+0++ 00 10 11 2 1 s<Enter>");
    let mut sitting = now(&shelf);
    sitting.keys("427<Enter><Enter>");
    for _ in 0..60 {
        if sitting.sees("> 耳") {
            break;
        }
        sitting.keys("<Down>");
    }
    sitting.must_see("> 耳");
    sitting.keys("a2<Enter>x<Enter>");
    let record = told::record(&shelf, "10427").expect("known");
    let visit = told::visit(&record).expect("a visit");
    assert_eq!(visit.amendments.len(), 1);
    assert_eq!(visit.answer("dry.ears").and_then(|a| a.code()), Some(2));
    for _ in 0..60 {
        if sitting.sees("耳 → ") {
            return;
        }
        sitting.keys("<Down>");
    }
    panic!(
        "the amendment names its line:\n{}",
        sitting.rows().join("\n")
    );
}

/// The clinic sets the days between visits.
fn set_interval(shelf: &Shelf, id: u8, days: u32) -> Clinic {
    let setting = Setting {
        name: "visit_interval_days".to_owned(),
        number: Some(Decimal::from(days)),
        text: None,
    };
    shelf.set(id, today(), setting);
    let own = shelf.clinic().expect("memory reads").settings;
    let read = assets::read(&own, Lang::Ja).expect("the shipped files are whole");
    assert_eq!(read.trouble, None);
    read.clinic
}

#[test]
fn a_setting_changed_during_an_open_visit_holds_from_the_next_visit_on() {
    let shelf = Shelf::demo(today());
    let fourteen = set_interval(&shelf, 201, 14);
    let mut before = now(&shelf);
    use_clinic(&mut before, fourteen);
    before.keys("427<Enter><Enter> 1");
    // 14 days are neither the protocol's own nor what holds by now.
    let twenty_one = set_interval(&shelf, 202, 21);
    let mut sitting = now(&shelf);
    use_clinic(&mut sitting, twenty_one.clone());
    sitting.keys("427<Enter><Enter><End><PgUp>");
    sitting.must_see("次回 12/8(火)");
    sitting.keys("<Esc><Esc><Esc>388<Enter><Enter><End><PgUp>");
    sitting.must_see("次回 12/15(火)");
    // Signed, it names the settings it was judged by.
    sitting.keys("<Esc><Esc><Esc>427<Enter><Enter> 0120 * +++ 00 10 11 2 1 s<Enter>");
    let record = told::record(&shelf, "10427").expect("known");
    let visit = told::visit(&record).expect("a visit");
    let signed = visit.signed.as_ref().expect("it is signed");
    assert_eq!(signed.signature.settings, visit.opening.settings);
    assert_ne!(signed.signature.settings, twenty_one.settings_hash);
}
