//! What is typed, on its way to the file: failures, other windows, a held key,
//! the end of the program.

mod support;

use chrono::TimeDelta;
use saishin::app::worker::{Request, Worker};
use saishin::app::{Asked, Await, Effect, Msg, update};
use saishin::domain::change::{Change, Entry, EntryKind, Person};
use saishin::domain::due::before_next;
use saishin::domain::fold::fold;
use saishin::domain::id::{EntryId, PatientId, PersonId};
use saishin::domain::wanted::Wanted;
use saishin::keys::Key;
use saishin::store::{Refusal, Store, StoreError};
use support::shelf::{Fault, Shelf};
use support::sitting::{Begin, Sitting, today};
use support::told;

/// A routine visit up to its review.
const TO_REVIEW: &str = "427<Enter><Enter> 1 0120 * +++ 00 10 11 2 1 s";

fn patient(shelf: &Shelf, number: &str) -> PatientId {
    let found = shelf.find(&fold(number)).expect("memory reads");
    found.expect("the patient is known")
}

fn entries(shelf: &Shelf, number: &str) -> Vec<Entry> {
    let stored = shelf.record(patient(shelf, number)).expect("memory reads");
    stored.into_iter().map(|s| s.entry).collect()
}

fn last(shelf: &Shelf, number: &str) -> EntryKind {
    entries(shelf, number).last().expect("entries").kind
}

fn line(shelf: &Shelf, number: &str, name: &str) -> String {
    told::line(&told::record(shelf, number).expect("known"), name)
}

/// Two windows on one file.
fn two() -> (Shelf, Sitting, Sitting) {
    let shelf = Shelf::demo(today());
    let here = Sitting::at(&shelf, today(), Begin::default());
    let other = Begin {
        seed: 99,
        ..Begin::default()
    };
    let there = Sitting::at(&shelf, today(), other);
    (shelf, here, there)
}

fn desk_of(sitting: &Sitting) -> Option<PatientId> {
    sitting.model.desk.as_ref().map(|d| d.record.patient)
}

// ---- reading ------------------------------------------------------------------------

#[test]
fn the_first_lists_stay_as_they_are_once_the_protocol_is_read() {
    let day = today().date_naive();
    let mut worker = Worker::new(Box::new(Shelf::demo(today())));
    let Some(Msg::Lists(first, ..)) = worker.answer(Request::Lists(Wanted::on(day))) else {
        panic!("memory reads");
    };
    let sitting = Sitting::demo();
    assert_eq!(Some(first), sitting.model.rows.of);
    let settings = &sitting.model.clinic.as_ref().expect("it was read").settings;
    assert_eq!(Some(first.by), before_next(day, settings));
    assert!(first.by > day, "what falls due before the next visit");
}

#[test]
fn keys_typed_for_a_chart_that_could_not_be_read_are_not_played_into_the_next() {
    let mut sitting = Sitting::demo();
    let of = patient(&sitting.shelf, "10427");
    sitting.slow();
    sitting.keys("427<Enter><Enter>1");
    sitting.feed(Msg::NotRead(Asked::Lists, StoreError::Busy));
    assert_eq!(sitting.model.waiting, Some(Await::Record(of)));
    assert_eq!(sitting.model.kept_keys.len(), 2);
    sitting.feed(Msg::NotRead(Asked::Open(of), StoreError::Busy));
    assert_eq!(sitting.model.waiting, None);
    assert!(sitting.model.kept_keys.is_empty());
}

#[test]
fn a_chart_that_could_not_be_checked_is_asked_again_and_not_called_damaged() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter>");
    let of = patient(&sitting.shelf, "10427");
    sitting.feed(Msg::NotChecked(of));
    assert_eq!(
        sitting.model.desk.as_ref().and_then(|d| d.verified),
        Some(true)
    );
    assert!(sitting.model.retries());
    sitting.wait(2);
    assert!(!sitting.model.retries());
}

#[test]
fn keys_typed_before_the_first_chart_is_there_are_kept_for_it() {
    let shelf = Shelf::demo(today());
    let begin = Begin {
        first: Some("10427".to_owned()),
        ..Begin::default()
    };
    let mut sitting = Sitting::at(&shelf, today(), begin);
    assert_eq!(desk_of(&sitting), Some(patient(&shelf, "10427")));
    sitting.keys("<Enter>1");
    assert_eq!(last(&shelf, "10427"), EntryKind::Answer);
}

#[test]
fn after_midnight_the_first_key_asks_for_the_new_days_lists() {
    let mut sitting = Sitting::demo();
    let tomorrow = sitting.now() + TimeDelta::days(1);
    let effects = update(&mut sitting.model, Msg::Key(Key::Down, 900), tomorrow);
    assert_eq!(sitting.model.today, tomorrow.date_naive());
    let asked = |e: &Effect| matches!(e, Effect::Lists(of) if of.day == tomorrow.date_naive());
    assert!(effects.iter().any(asked));
}

// ---- another window ------------------------------------------------------------------

#[test]
fn a_conflict_for_one_patient_never_puts_her_under_the_visit_of_another() {
    let (shelf, mut here, mut there) = two();
    here.keys("427<Enter><Enter>");
    there.keys("427<Enter><Enter>1");
    here.slow();
    here.keys("1<Esc><Esc><Esc>388<Enter>");
    here.arrive();
    assert_eq!(desk_of(&here), Some(patient(&shelf, "10388")));
    assert_eq!(here.model.waiting, None);
    here.keys("<Enter>");
    assert_eq!(desk_of(&here), Some(patient(&shelf, "10388")));
}

#[test]
fn a_chart_opened_again_does_not_let_a_kept_answer_overwrite_another_windows() {
    let (shelf, mut here, mut there) = two();
    here.keys("427<Enter><Enter>1");
    there.keys("427<Enter><Enter>");
    let item = told::visit(&told::record(&shelf, "10427").expect("known"))
        .and_then(|v| v.last_item.clone())
        .expect("an answer");
    here.keys("u");
    there.keys("<Esc><Enter>");
    here.fail(Some(Fault::Not(StoreError::DiskFull)));
    here.keys("1<Esc><Esc><Esc>");
    here.fail(None);
    there.keys("<Home>0");
    let before = line(&shelf, "10427", item.as_str());
    here.keys("427<Enter>");
    here.wait(2);
    assert_eq!(line(&shelf, "10427", item.as_str()), before);
    assert_eq!(here.model.failed, Some(StoreError::Conflict));
}

#[test]
fn a_signature_is_not_sent_again_over_answers_that_another_window_gave() {
    let (shelf, mut here, mut there) = two();
    here.keys(TO_REVIEW);
    there.keys("427<Enter><Enter><Home>1");
    here.keys("<Enter>");
    assert_ne!(last(&shelf, "10427"), EntryKind::Sign);
    here.must_see(here.model.text.queue_seal_dropped);
    assert_eq!(here.model.waiting, None);
    assert!(here.model.unsaved.is_empty());
    assert_eq!(here.clipboard, None);
    here.keys("<Enter>");
    assert_eq!(last(&shelf, "10427"), EntryKind::Sign);
}

// ---- refusals and failures -----------------------------------------------------------

#[test]
fn a_refused_entry_does_not_hold_up_the_others_and_is_told_until_seen() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter>1");
    sitting.fail(Some(Fault::Not(StoreError::Refused(Refusal::Malformed))));
    sitting.keys("0");
    sitting.fail(None);
    assert!(sitting.model.unsaved.is_empty());
    let standing = sitting.model.standing.clone().expect("a sentence");
    let begins: String = standing.chars().take(8).collect();
    sitting.keys("1");
    assert!(sitting.model.unsaved.is_empty());
    sitting.keys("<Down>");
    sitting.must_see(&begins);
    sitting.keys("<F8>");
    assert_eq!(sitting.model.standing, None);
}

#[test]
fn a_signature_that_could_not_be_saved_leaves_the_review_and_the_keyboard() {
    let mut sitting = Sitting::demo();
    sitting.keys(TO_REVIEW);
    let review = sitting.rows();
    sitting.fail(Some(Fault::Not(StoreError::DiskFull)));
    sitting.keys("<Enter>");
    assert_eq!(sitting.model.waiting, None);
    assert_eq!(sitting.rows()[..18], review[..18]);
    sitting.must_see("未保存");
    assert_eq!(sitting.clipboard, None);
    sitting.fail(None);
    sitting.keys("<F8>");
    assert_eq!(last(&sitting.shelf, "10427"), EntryKind::Sign);
    assert!(sitting.clipboard.is_some());
    sitting.must_see("本日");
}

#[test]
fn the_review_is_not_blank_while_its_signature_waits_and_nothing_is_copied_before() {
    let mut sitting = Sitting::demo();
    sitting.keys(TO_REVIEW);
    let review = sitting.rows();
    sitting.slow();
    sitting.keys("<Enter>");
    assert_eq!(sitting.rows()[..18], review[..18]);
    sitting.must_see(sitting.model.text.saving);
    assert_eq!(sitting.clipboard, None);
    sitting.arrive();
    assert!(sitting.clipboard.is_some());
    assert!(sitting.model.note_out);
}

#[test]
fn a_registration_that_could_not_be_saved_can_be_left_with_esc() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><F3>");
    sitting.fail(Some(Fault::Not(StoreError::DiskFull)));
    sitting.keys("<F2>");
    assert_eq!(sitting.model.waiting, None);
    assert!(sitting.model.unsaved.is_empty());
    sitting.keys("<Esc><Esc><F10>");
    assert!(sitting.ended);
}

#[test]
fn a_file_that_cannot_be_written_is_told_at_the_start() {
    let shelf = Shelf::demo(today());
    let begin = Begin {
        read_only: true,
        ..Begin::default()
    };
    let mut sitting = Sitting::at(&shelf, today(), begin);
    sitting.must_see(sitting.model.text.queue_read_only);
    let before = shelf.appended();
    sitting.keys("427<Enter><Enter>");
    sitting.must_see(sitting.model.text.queue_read_only);
    sitting.keys("1");
    assert!(sitting.model.unsaved.is_empty());
    assert_eq!(shelf.appended(), before);
}

// ---- keys ----------------------------------------------------------------------------

#[test]
fn a_visit_left_untouched_leaves_no_draft() {
    let mut sitting = Sitting::demo();
    let before = sitting.shelf.appended();
    sitting.keys("427<Enter><Enter><Down><Esc><Esc>");
    assert_eq!(sitting.shelf.appended(), before);
    sitting.keys("<Esc>427<Enter><Enter>1");
    assert_eq!(last(&sitting.shelf, "10427"), EntryKind::Answer);
}

#[test]
fn a_held_enter_on_the_list_ends_on_the_chart() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter>");
    sitting.press_after(Key::Enter, 500);
    for _ in 0..5 {
        sitting.press_after(Key::Enter, 33);
    }
    assert!(matches!(
        sitting.model.screen,
        saishin::app::Screen::Chart(_)
    ));
    let record = told::record(&sitting.shelf, "10427").expect("known");
    assert!(record.open_visit().is_none());
}

#[test]
fn after_a_held_key_the_line_it_had_answered_is_asked_again() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter>1");
    sitting.press_after(Key::Char('0'), 300);
    let focus = |s: &Sitting| match &s.model.screen {
        saishin::app::Screen::Visit(v) => v.focus.clone(),
        other => panic!("{other:?}"),
    };
    let open = focus(&sitting);
    sitting.press_after(Key::Char('0'), 500);
    sitting.press_after(Key::Char('0'), 33);
    assert_eq!(focus(&sitting), open);
}

#[test]
fn any_other_key_takes_leaving_back() {
    let mut sitting = Sitting::demo();
    sitting.fail(Some(Fault::Not(StoreError::DiskFull)));
    sitting.keys("<F12><F10>");
    assert!(sitting.model.leaving);
    sitting.keys("<Down>");
    assert!(!sitting.model.leaving);
    sitting.fail(None);
    sitting.wait(2);
    assert!(!sitting.ended);
}

#[test]
fn the_cursor_stands_behind_the_signed_patient_before_the_list_is_read_again() {
    let mut sitting = Sitting::demo();
    let signed = patient(&sitting.shelf, "10427");
    let rows = &sitting.model.rows.today;
    let at = rows.iter().position(|l| l.patient == signed);
    let next = rows[at.expect("she is due today") + 1].chart_number.clone();
    sitting.keys(TO_REVIEW);
    sitting.keys("<Enter>");
    sitting.must_see(&format!("> {next}"));
}

#[test]
fn a_tenth_person_can_take_the_keyboard() {
    let mut sitting = Sitting::demo();
    for n in 0..9 {
        let person = PersonId::from_bytes([100 + n; 16]);
        sitting.shelf.keep(&Entry {
            id: EntryId::from_bytes([100 + n; 16]),
            patient: None,
            visit: None,
            person,
            at: today(),
            kind: EntryKind::Person,
            undoes: None,
            reason: None,
            changes: vec![Change::Person(Person {
                person,
                name: format!("看護師{n}"),
            })],
        });
    }
    sitting.keys("427<Enter><Esc><F9>92");
    assert_eq!(sitting.model.me, sitting.model.people[9].person);
}

// ---- the end -------------------------------------------------------------------------

/// The words of the last remark of the patient's visit in hand, after the program
/// was ended at the end of these keys; the values that are saved.
fn ended_after(keys: &str, chart: &str) -> (Option<String>, Vec<String>) {
    let mut sitting = Sitting::demo();
    sitting.keys(keys);
    sitting.terminate();
    assert!(sitting.ended, "{keys}");
    let record = told::record(&sitting.shelf, chart).expect("known");
    let visit = told::visit(&record).expect("a visit");
    let memo = visit.memos.last().map(|(_, memo)| memo.text.clone());
    let here = record.observations().iter();
    let here = here.filter(|v| v.visit == Some(visit.id()));
    let values = here.filter_map(|v| v.observation.quantity().map(|q| q.typed.clone()));
    (memo, values.collect())
}

const TO_VALUES: &str = "388<Enter><Enter> 1 * 2+ + + 00 2 24<Enter> 31<Enter>";

#[test]
fn half_a_number_is_no_value_when_the_program_is_ended_and_is_not_lost_either() {
    for typed in ["51", "512"] {
        let (memo, values) = ended_after(&format!("{TO_VALUES} {typed}"), "10388");
        assert_eq!(memo, Some(format!("入力途中(未確定): TG {typed}")));
        assert_eq!(values, ["24", "31"]);
    }
}

#[test]
fn a_value_whose_unit_is_asked_for_is_kept_as_typed_when_the_program_is_ended() {
    let (memo, values) = ended_after(&format!("{TO_VALUES} 5.8<Enter>"), "10388");
    assert_eq!(memo.as_deref(), Some("入力途中(未確定): TG 5.8"));
    assert_eq!(values, ["24", "31"]);
}

#[test]
fn a_decision_whose_dose_is_being_typed_is_none_when_the_program_is_ended() {
    let (memo, _) = ended_after("427<Enter><Enter> 1<End><PgUp>3 4", "10427");
    assert_eq!(memo.as_deref(), Some("入力途中(未確定): 増量 4"));
}

#[test]
fn half_a_date_of_the_plan_moves_no_visit_when_the_program_is_ended() {
    let keys = "427<Enter><Enter> 1<End><PgUp>2<Up><F5><Down><Down><Backspace>";
    let (memo, _) = ended_after(keys, "10427");
    assert_eq!(
        memo.as_deref(),
        Some("入力途中(未確定): 次回受診 2026-12-2")
    );
}

#[test]
fn a_field_that_says_what_is_saved_leaves_nothing_when_the_program_is_ended() {
    let (memo, values) = ended_after(&format!("{TO_VALUES}<Up><Enter>"), "10388");
    assert_eq!(memo, None);
    assert_eq!(values, ["24", "31"]);
}

#[test]
fn the_reason_being_typed_at_the_review_is_saved_when_the_program_is_ended() {
    let mut sitting = Sitting::demo();
    sitting.keys(TO_REVIEW);
    sitting.keys("r");
    sitting.paste("説明ずみ");
    sitting.terminate();
    assert!(sitting.ended);
    assert!(line(&sitting.shelf, "10427", "dec.action").contains("説明ずみ"));
}
