//! Closing a visit: what the review says before the signature, and what may be
//! said of a signed visit afterwards.

mod support;

use saishin::domain::answer::{Absence, Action, Answer, TestResult};
use saishin::domain::change::Change;
use saishin::domain::record::{Record, Visit};
use saishin::keys::Key;
use support::shelf::Shelf;
use support::sitting::Begin;
use support::sitting::{Sitting, moment, today};
use support::told;

fn record(sitting: &Sitting, chart: &str) -> Record {
    told::record(&sitting.shelf, chart).expect("the patient is known")
}

fn newest(record: &Record) -> Visit {
    told::visit(record).expect("a visit").clone()
}

fn type_in(sitting: &mut Sitting, words: &str) {
    for c in words.chars() {
        sitting.press(Key::Char(c));
    }
}

/// Down to the signed line with this label.
fn to_line(sitting: &mut Sitting, label: &str) {
    for _ in 0..60 {
        let at = sitting
            .rows()
            .iter()
            .any(|r| r.trim_start_matches(' ').starts_with(&format!("> {label}")));
        if at {
            return;
        }
        sitting.keys("<Down>");
    }
    panic!("no line {label}:\n{}", sitting.rows().join("\n"));
}

fn amend(sitting: &mut Sitting, label: &str, typed: &str, why: &str) {
    to_line(sitting, label);
    sitting.keys("a");
    type_in(sitting, typed);
    sitting.keys("<Enter>");
    type_in(sitting, why);
    sitting.keys("<Enter>");
}

const ROUTINE: &str = "427<Enter><Enter> 1 0120 * +++ 00 10 11 2 1 s<Enter>";
const ALARMING: &str = "388<Enter><Enter> 1 * 2+ + + 00
    2 24<Enter> 31<Enter> 512<Enter><Enter> 128<Enter> 45<Enter> 0
    10 21 12 51 1 s<Enter>";

/// A visit signed just now, read again.
fn signed(keys: &str, chart: &str) -> Sitting {
    let mut sitting = Sitting::demo();
    sitting.keys(keys);
    sitting.keys("<Esc>").keys(chart).keys("<Enter><Enter>");
    sitting
}

// ---- before the signature ------------------------------------------------------------

#[test]
fn dangers_nobody_asked_for_are_not_signed_over_and_one_key_says_so() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 s");
    sitting.must_see("署名の前に必要");
    sitting.must_see("「未聴取」と記録する");
    sitting.keys("<Enter>");
    assert!(newest(&record(&sitting, "10427")).signed.is_none());
    let before = sitting.shelf.appended();
    sitting.keys("-");
    assert_eq!(sitting.shelf.appended(), before + 1, "one entry");
    let visit = newest(&record(&sitting, "10427"));
    for item in ["flag.head", "flag.fulminans", "flag.selfharm"] {
        let answer = visit.answer(item).and_then(Answer::absence);
        assert_eq!(answer, Some(Absence::NotAsked), "{item}");
    }
    assert!(visit.answer("dry.lips").is_none(), "no danger, left open");
    sitting.must_not_see("署名の前に必要");
    sitting.must_see("判断が未入力");
}

#[test]
fn the_decision_with_its_dose_and_dates_stands_above_the_alerts() {
    let mut sitting = Sitting::demo();
    sitting.keys(ALARMING.trim_end_matches("<Enter>"));
    let rows = sitting.rows();
    let row = |words: &str| {
        rows.iter()
            .position(|r| r.contains(words))
            .unwrap_or_else(|| panic!("{words}:\n{}", rows.join("\n")))
    };
    assert!(row("休薬") < row("重大"));
    assert!(row("次回採血") < row("重大"));
    sitting.must_see("当院基準");
}

#[test]
fn no_alert_is_never_said_of_lines_that_nobody_entered() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> s");
    sitting.resize(120, 60);
    if sitting.sees("当院の規則による警告なし") {
        sitting.must_see("項目は判定していない");
    }
}

#[test]
fn the_flags_denied_are_as_many_in_the_review_as_in_the_note() {
    let mut sitting = Sitting::demo();
    sitting.keys(ALARMING.trim_end_matches("<Enter>"));
    sitting.resize(120, 60);
    sitting.must_see("重大症状9項目 すべてなし");
    sitting.must_see("重大症状9項目をまとめて聴取");
}

#[test]
fn scrolling_a_review_ends_at_its_last_row() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> s");
    sitting.rows();
    sitting.keys("<PgDn><PgDn><PgDn><PgDn><PgDn><PgDn>");
    let end = sitting.rows();
    sitting.keys("<Up>");
    assert_ne!(end, sitting.rows(), "one row back is one row back");
}

// ---- the note and the signature ----------------------------------------------------

#[test]
fn a_visit_signed_on_another_day_says_which() {
    let mut sitting = Sitting::demo();
    sitting.keys(ROUTINE.trim_end_matches("<Enter>"));
    sitting.set_clock(moment("2026-11-25T09:10:00"));
    sitting.keys("<Enter>");
    let visit = newest(&record(&sitting, "10427"));
    let note = &visit.signed.as_ref().expect("signed").signature.note_ja;
    assert!(note.contains("2026-11-25(水) 09:1"), "{note}");
}

// ---- amending ------------------------------------------------------------------------

#[test]
fn a_pregnancy_test_is_amended_by_digit_and_its_alert_is_shown_and_marked() {
    let mut sitting = signed(ROUTINE, "427");
    to_line(&mut sitting, "妊娠検査");
    sitting.keys("a");
    sitting.must_see("3 陽性");
    type_in(&mut sitting, "３ 1124");
    sitting.keys("<Enter>");
    sitting.must_see("この訂正で該当: !!! 重大");
    type_in(&mut sitting, "見誤り");
    sitting.keys("<Enter>");
    let visit = newest(&record(&sitting, "10427"));
    match visit.answer("preg.test") {
        Some(Answer::Test(test)) => assert_eq!(test.result, TestResult::Positive),
        other => panic!("{other:?}"),
    }
    sitting.keys("<Esc>");
    let rows = sitting.rows();
    let row = rows
        .iter()
        .find(|r| r.contains("2026-11-24"))
        .expect("the visit");
    assert!(
        row.contains("!!! 重大") && row.contains("訂正あり"),
        "{row}"
    );
}

#[test]
fn a_decision_is_amended_in_one_line() {
    let mut sitting = signed(ROUTINE, "427");
    amend(&mut sitting, "判断", "4 10 28 12/22", "転記誤り");
    let visit = newest(&record(&sitting, "10427"));
    let plan = visit.plan().expect("a plan");
    assert_eq!(plan.action, Action::Reduce);
    assert_eq!(
        plan.mg_per_day.map(|d| d.to_string()).as_deref(),
        Some("10")
    );
    assert_eq!(plan.days, Some(28));
    assert_eq!(
        plan.next_visit.map(|d| d.to_string()).as_deref(),
        Some("2026-12-22")
    );
    assert_eq!(plan.reason.as_deref(), Some("転記誤り"));
}

#[test]
fn a_value_is_amended_under_its_own_id_and_questioned_like_the_first_time() {
    let mut sitting = signed(ALARMING, "388");
    let was = record(&sitting, "10388");
    let tg = |r: &Record| {
        let day = newest(r).id();
        let mut values = r.observations().iter();
        let found = values.find(|v| v.visit == Some(day) && v.observation.analyte.0 == "tg");
        found.expect("TG").observation.clone()
    };
    to_line(&mut sitting, "TG");
    sitting.keys("a");
    type_in(&mut sitting, "-5");
    sitting.keys("<Enter>");
    sitting.must_see("負の値はありません");
    for _ in 0..2 {
        sitting.keys("<Backspace>");
    }
    type_in(&mut sitting, "１５２");
    sitting.keys("<Enter>");
    type_in(&mut sitting, "桁の誤り");
    sitting.keys("<Enter>");
    let now = record(&sitting, "10388");
    assert_eq!(tg(&was).id, tg(&now).id);
    assert_eq!(
        tg(&now).quantity().map(|q| q.number.to_string()).as_deref(),
        Some("152")
    );
    let amended = newest(&now).amendments.clone();
    assert_eq!(amended.len(), 1);
    assert_eq!(
        amended[0].amendment.text.as_deref(),
        Some("TG 512 mg/dL → 152 mg/dL")
    );
    let last = now.entries().last().expect("an entry");
    assert!(last.changes.iter().any(|c| matches!(c, Change::Observe(_))));
    sitting.must_see("TG 512 mg/dL → 152 mg/dL");
}

#[test]
fn a_line_is_amended_to_not_asked_or_cannot_say() {
    let mut sitting = signed(ROUTINE, "427");
    amend(&mut sitting, "口唇", "-", "聴取していない");
    amend(&mut sitting, "気分の変化", ".1", "聞き取れず");
    let visit = newest(&record(&sitting, "10427"));
    let absent = |item: &str| visit.answer(item).and_then(Answer::absence);
    assert_eq!(absent("dry.lips"), Some(Absence::NotAsked));
    assert_eq!(absent("other.mood"), Some(Absence::Unsure));
}

#[test]
fn what_a_line_does_not_take_is_refused_in_words() {
    let mut sitting = signed(ROUTINE, "427");
    to_line(&mut sitting, "口唇");
    sitting.keys("a9<Enter>");
    sitting.must_see("この項目にない回答です");
    sitting.keys("<Backspace>");
    type_in(&mut sitting, "1 2");
    sitting.keys("<Enter>");
    sitting.must_see("読めない部分: 2");
}

#[test]
fn intake_asks_for_the_days_it_opens() {
    let mut sitting = signed(ROUTINE, "427");
    to_line(&mut sitting, "内服");
    sitting.keys("a2<Enter>");
    sitting.must_see("続けて入力");
    sitting.keys("<Esc>");
    amend(&mut sitting, "内服", "2 3", "本人から電話");
    let visit = newest(&record(&sitting, "10427"));
    match visit.answer("dose.taken") {
        Some(Answer::Intake { missed_days, .. }) => assert_eq!(*missed_days, Some(3)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn voiding_asks_where_it_was_entered_again() {
    let mut sitting = signed(ROUTINE, "427");
    sitting.keys("v");
    type_in(&mut sitting, "別の患者");
    sitting.keys("<Enter>");
    sitting.must_see("再入力した診察券番号");
    type_in(&mut sitting, "10470");
    sitting.keys("<Enter>");
    let visit = newest(&record(&sitting, "10427"));
    let (_, void) = visit.void.as_ref().expect("voided");
    assert_eq!(void.reason, "別の患者");
    assert_eq!(void.entered_again.as_deref(), Some("10470"));
    sitting.must_see("再入力先 10470");
}

// ---- the chart -------------------------------------------------------------------------

#[test]
fn a_visit_signed_today_is_read_by_enter_and_not_opened_twice() {
    let mut sitting = Sitting::demo();
    sitting.keys(ROUTINE).keys("427<Enter><Enter>");
    sitting.must_see("署名済");
    assert!(record(&sitting, "10427").open_visit().is_none());
}

#[test]
fn a_draft_is_voided_from_the_chart_with_a_reason() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 <Esc>");
    sitting.must_see("下書き");
    sitting.keys("v");
    sitting.must_see("下書き(未署名)");
    sitting.keys("v");
    type_in(&mut sitting, "別の患者を開いた");
    sitting.keys("<Enter><Enter>");
    let record = record(&sitting, "10427");
    assert!(record.open_visit().is_none());
    let void = record.visits().last().and_then(|v| v.void.clone());
    assert_eq!(void.expect("voided").1.reason, "別の患者を開いた");
    sitting.must_see("取り下げ");
    assert!(sitting.model.unsaved.is_empty(), "the store took it");
}

#[test]
fn a_narrow_chart_says_which_key_shows_the_values() {
    let mut sitting = Sitting::demo();
    sitting.resize(60, 20);
    sitting.keys("388<Enter>");
    sitting.must_see("PgDn");
    sitting.keys("<PgDn>");
    sitting.must_see("TG");
}

#[test]
fn an_open_chart_starts_at_todays_visit_where_nothing_was_signed_today() {
    let shelf = Shelf::demo(today());
    let mut sitting = Sitting::at(&shelf, today(), Begin::default());
    sitting.keys("427<Enter>");
    let rows = sitting.rows();
    assert!(
        rows.iter().any(|r| r.contains("> 本日の受診")),
        "{}",
        rows.join("\n")
    );
}

#[test]
fn the_nurses_answers_are_told_from_the_doctors() {
    let mut sitting = Sitting::demo();
    let nurse = sitting.model.people[1].name.clone();
    sitting.keys("427<Enter><Enter><F9>2 1 <F9>1 0120 * +++ 00 10 11 2 1 s<Enter>");
    let visit = newest(&record(&sitting, "10427"));
    let note = &visit.signed.as_ref().expect("signed").signature.note_ja;
    let last = note.lines().last().expect("a last line");
    assert!(last.contains(&format!("聴取 {nurse}(本人確認")), "{last}");
    sitting.keys("427<Enter><Enter>");
    let rows = sitting.rows();
    let row = |label: &str| {
        let found = rows.iter().find(|r| r.contains(label));
        found.expect("the line").clone()
    };
    assert!(row("本人確認(").contains(&nurse), "{}", rows.join("\n"));
    assert!(!row("妊娠検査").contains(&nurse), "{}", rows.join("\n"));
}

#[test]
fn a_value_that_cannot_be_judged_is_listed_and_counted() {
    let mut sitting = Sitting::demo();
    sitting.keys("388<Enter><Enter> 1 * 2+ + + 00 2 24<Enter> 31<Enter>");
    type_in(&mut sitting, ">400");
    sitting.keys("<Enter><Enter> 128<Enter> 45<Enter> s");
    sitting.resize(120, 60);
    sitting.must_see("? 判定不能");
    sitting.must_see("判定不能 1");
}
