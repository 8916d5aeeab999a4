//! What a program does to a record: alarms, wording, rules, patients, clocks.

use super::clinic::*;
use super::support::shelf::Shelf;
use super::support::sitting::{Begin, Sitting, moment, today};
use super::{ROUTINE, newest, record, type_in};
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::lang::Lang;
use saishin::domain::protocol::{Level, Protocol};
use saishin::review::Block;
use saishin::store::Store;

const ALARMING: &str = "388<Enter><Enter> 1 * 2+ + + 00
    2 24<Enter> 31<Enter> 512<Enter><Enter> 128<Enter> 45<Enter> 0 10 21 12";

#[test]
fn trap_33_few_alarms_stop_and_going_on_under_one_takes_a_typed_reason_that_is_kept() {
    let c = Clinic::new();
    assert_eq!(Level::ALL.len(), 4);
    let critical = c
        .protocol
        .rules
        .iter()
        .filter(|r| r.level == Level::Critical);
    assert!(critical.count() * 3 < c.protocol.rules.len() * 2);
    // A routine visit shows none.
    let mut sitting = Sitting::demo();
    sitting.keys(ROUTINE);
    sitting.must_not_see("!!!");
    // Triglycerides of 512: "continue" alone is not signed.
    let mut sitting = Sitting::demo();
    sitting.keys(ALARMING).keys("2 1 s<Enter>");
    assert!(newest(&sitting, "10388").signed.is_none());
    type_in(&mut sitting, "高カロリー食の翌日、空腹で再検する");
    sitting.keys("<Enter><Enter>");
    let visit = newest(&sitting, "10388");
    let signed = visit.signed.as_ref().expect("signed with its reason");
    let over = |signed: &saishin::domain::record::Signed| {
        let standing = signed.alerts.iter().filter(|a| a.settled.is_none());
        standing.filter(|a| a.level == "critical").count()
    };
    assert_eq!(over(signed), 1, "what was overridden can be counted");
    let reason = visit.plan().and_then(|p| p.reason.clone());
    assert_eq!(
        reason.as_deref(),
        Some("高カロリー食の翌日、空腹で再検する")
    );
}

#[test]
fn trap_34_nothing_is_called_safe_and_the_rule_and_its_source_stand_beside_an_alert() {
    let mut sitting = Sitting::demo();
    sitting.keys(ROUTINE).resize(120, 60);
    sitting.must_see("警告なし");
    let rows = sitting.rows().join("\n");
    for word in ["安全", "問題なし", "正常", "継続可"] {
        assert!(!rows.contains(word), "{word}:\n{rows}");
    }
    let mut sitting = Sitting::demo();
    sitting.keys(ALARMING).keys("5 1 1 s").resize(120, 60);
    sitting.must_see("当院基準");
    sitting.must_see("EU添付文書");
    let c = Clinic::new();
    for rule in &c.protocol.rules {
        let english = rule.say.en.to_lowercase();
        assert!(!english.contains("safe"), "{}", rule.id);
        assert!(!rule.source.ja.is_empty() && !rule.source.en.is_empty());
    }
}

#[test]
fn trap_35_a_signed_visit_keeps_the_words_of_the_rule_that_fired() {
    let mut sitting = Sitting::demo();
    sitting.keys(ALARMING).keys("5 1 1 s<Enter>");
    let before = newest(&sitting, "10388");
    let signed = before.signed.as_ref().expect("signed");
    let frozen = signed.alerts.iter().find(|a| a.rule == "tg.hold");
    let frozen = frozen.expect("the alert of triglycerides");
    assert!(frozen.text_ja.contains("500以上"), "{}", frozen.text_ja);
    assert!(frozen.inputs.contains("512"), "{}", frozen.inputs);
    assert!(!signed.signature.protocol_version.is_empty());
    // The clinic raises its limit; the signed visit says what it said.
    let raise = Entry {
        id: saishin::domain::id::EntryId::from_bytes([0xee; 16]),
        patient: None,
        visit: None,
        person: sitting.shelf.doctor(),
        at: sitting.now(),
        kind: EntryKind::Setting,
        undoes: None,
        reason: None,
        changes: vec![Change::Setting(Setting {
            name: "tg_hold".into(),
            number: Some(mg(800)),
            text: None,
        })],
    };
    sitting.shelf.keep(&raise);
    let after = newest(&sitting, "10388");
    assert_eq!(after.signed, before.signed);
    assert_eq!(after.opening.settings, before.opening.settings);
    let kept = sitting.shelf.settings().expect("memory reads");
    assert!(
        kept.iter().any(|s| s.name == "tg_hold"),
        "the edit is on record"
    );
}

#[test]
fn trap_36_number_name_sex_and_age_stand_on_every_screen_and_two_identifiers_are_asked() {
    let mut sitting = Sitting::demo();
    for (columns, rows) in [(80, 24), (120, 36), (60, 20)] {
        sitting.resize(columns, rows);
        // Chart, patient, course, visit, help, review, note, signed visit.
        for keys in [
            "427<Enter>",
            "<F3>",
            "<Esc><F4>",
            "<Esc><Up><Up><Enter>",
            "?",
            "<Esc>s",
            "n",
            "<Esc><Esc><Esc><Down><Enter>",
        ] {
            sitting.keys(keys);
            let head = sitting.rows()[0].clone();
            for words in ["10427", "伊藤 さくら", "女", "24歳"] {
                assert!(head.contains(words), "{keys} at {columns}: {head}");
            }
        }
        sitting.keys("<Esc><Esc><Esc>");
    }
    // Name and birth date are asked; "does not match" cannot be signed over.
    let mut c = routine();
    let ask = c.protocol.item("ident.two").expect("the question");
    assert!(ask.ask.ja.contains("お名前") && ask.ask.ja.contains("生年月日"));
    assert!(ask.no_last && ask.when.is_none());
    c.code("ident.two", 0);
    c.review(|r| assert!(r.blocks.contains(&Block::IdentityNotConfirmed)));
    let mut unasked = Sitting::demo();
    unasked.keys("427<Enter><Enter><PgDn>0120 * +++ 00 10 11 2 1 s<Enter>");
    assert!(newest(&unasked, "10427").signed.is_none(), "nor left out");
}

#[test]
fn trap_37_a_signed_visit_is_only_added_to_with_who_when_and_why() {
    let mut sitting = Sitting::demo();
    sitting.keys(ROUTINE).keys("<Enter>");
    let first = newest(&sitting, "10427");
    let entries = record(&sitting, "10427").entries().to_vec();
    sitting.keys("<Esc>427<Enter><Enter>");
    for _ in 0..40 {
        if sitting.rows().iter().any(|r| r.contains("> 口唇")) {
            break;
        }
        sitting.keys("<Down>");
    }
    sitting.keys("a2<Enter>");
    type_in(&mut sitting, "聞き直した");
    sitting.keys("<Enter>");
    let after = newest(&sitting, "10427");
    assert_eq!(after.signed, first.signed, "what was signed is as signed");
    let given = first.responses.get(&ItemId::new("dry.lips"));
    assert_eq!(after.responses.get(&ItemId::new("dry.lips")), given);
    assert_eq!(after.answer("dry.lips"), Some(&Answer::Code(2)));
    let amended = after.amendments.last().expect("an amendment");
    assert_eq!(amended.amendment.reason, "聞き直した");
    assert_eq!(amended.stamp.person, sitting.shelf.doctor());
    assert!(amended.stamp.at > first.opened.at);
    let now = record(&sitting, "10427");
    assert_eq!(
        &now.entries()[..entries.len()],
        &entries[..],
        "nothing is changed"
    );
}

#[test]
fn trap_38_a_clock_before_the_last_save_is_said_and_each_time_keeps_its_offset() {
    let shelf = Shelf::demo(today());
    let mut sitting = Sitting::at(&shelf, today(), Begin::default());
    sitting.keys("427<Enter><Enter> 1");
    sitting.set_clock(moment("2026-11-22T08:00:00"));
    sitting.keys("0");
    let head = sitting.rows()[0].clone();
    assert!(head.contains(sitting.model.text.clock_mark), "{head}");
    let record = record(&sitting, "10427");
    let visit = record.open_visit().expect("open").visit();
    assert_eq!(
        visit.day(),
        day("2026-11-24"),
        "a visit keeps its local day"
    );
    let last = record.entries().last().expect("an entry");
    assert_eq!(last.at.offset().local_minus_utc(), 9 * 3600);
    let en = Begin {
        lang: Lang::En,
        ..Begin::default()
    };
    let next = Sitting::at(&shelf, moment("2026-11-22T07:00:00"), en);
    next.must_see("the clock is before the last save");
}

#[test]
fn the_protocol_of_the_tests_is_the_one_that_is_shipped() {
    let shipped = Protocol::parse(super::DEFAULT).expect("it is whole");
    assert_eq!(shipped, Clinic::new().protocol);
}
