//! Who did not come: what counts until the patient is seen, and what may never be
//! left out of the lists.

use crate::told::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::due::project;
use saishin::domain::follow::*;
use saishin::domain::line::Line;
use saishin::domain::observation::Reported;

fn on_treatment(can: Can) -> Told {
    let mut told = Told::new(can, "1996-05-05");
    told.course(0, Some(0), false);
    told.signed(0, &[], plan(Action::Start, None), &[]);
    told
}

fn visited(mut told: Told, n: u64, next: u64) -> Told {
    told.signed(n, &[], plan(Action::Continue, Some(next)), &[]);
    told
}

fn missed(told: &mut Told, n: u64, day: u64) {
    let missed_on = on(day);
    let fact = Change::Missed(Missed { missed_on });
    told.save(n, EntryKind::Missed, None, vec![fact]);
}

fn tried(told: &mut Told, n: u64) {
    let fact = Change::Attempt(Attempt {
        tried_on: on(n),
        means: Means::Phone,
        outcome: Reached::NoAnswer,
        note: None,
    });
    told.save(n, EntryKind::Attempt, None, vec![fact]);
}

fn snoozed(told: &mut Told, n: u64, back: u64) {
    let fact = Change::Snooze(Snooze {
        back_on: on(back),
        why: "away".into(),
    });
    told.save(n, EntryKind::Snooze, None, vec![fact]);
}

fn row(told: &Told) -> Line {
    let row = project(&told.record, settings(), [0; 32], on(500));
    row.expect("a row").line
}

fn may(told: &Told, n: u64, back: u64) -> Result<(), Refused> {
    may_snooze(&told.record, settings(), on(n), on(back))
}

#[test]
fn a_test_that_falls_due_first_keeps_a_woman_in_the_lists() {
    let mut told = on_treatment(Can::Yes);
    assert_eq!(may(&told, 1, 10), Err(Refused::Test), "never tested");
    told.tested(1);
    let due = told.due(saishin::domain::due::Need::Test, 1);
    let n = due.due.over(on(0)).map(|over| -over).expect("a day") as u64;
    assert_eq!(
        may(&told, 1, n),
        Ok(()),
        "on the day itself she stands there again"
    );
    assert_eq!(may(&told, 1, n + 1), Err(Refused::Test));
    let unknown = on_treatment(Can::Unknown);
    assert_eq!(
        may(&unknown, 1, 10),
        Err(Refused::Test),
        "unknown counts as can"
    );
    assert_eq!(may(&on_treatment(Can::No), 1, 300), Ok(()));
}

#[test]
fn a_positive_test_is_never_left_out() {
    let mut told = on_treatment(Can::Yes);
    told.fact(2, tested(TestResult::Positive, 2));
    assert_eq!(may(&told, 3, 5), Err(Refused::Outcome));
}

#[test]
fn before_the_first_capsule_a_test_is_for_the_visit_alone() {
    let mut told = Told::woman();
    told.course(0, None, false);
    assert_eq!(may(&told, 1, 60), Ok(()));
}

#[test]
fn nobody_is_left_out_from_today_or_for_more_than_a_year() {
    let told = on_treatment(Can::No);
    assert_eq!(may(&told, 10, 10), Err(Refused::NoDay));
    assert_eq!(may(&told, 10, 9), Err(Refused::NoDay));
    assert_eq!(may(&told, 10, 11), Ok(()));
    assert_eq!(may(&told, 10, 10 + LONGEST_DAYS), Ok(()));
    assert_eq!(may(&told, 10, 11 + LONGEST_DAYS), Err(Refused::TooLong));
}

#[test]
fn what_was_missed_and_tried_counts_until_the_patient_is_seen() {
    let mut told = visited(on_treatment(Can::No), 5, 35);
    missed(&mut told, 36, 35);
    tried(&mut told, 36);
    tried(&mut told, 40);
    let line = row(&told);
    assert_eq!(line.missed_on, Some(on(35)));
    assert_eq!((line.attempts, line.tried_on), (2, Some(on(40))));
    let line = row(&visited(told, 41, 71));
    assert_eq!(
        (line.missed_on, line.attempts, line.tried_on),
        (None, 0, None)
    );
}

#[test]
fn a_signed_visit_ends_a_snooze() {
    let mut told = visited(on_treatment(Can::No), 5, 35);
    snoozed(&mut told, 36, 90);
    assert_eq!(row(&told).back_on, Some(on(90)));
    let seen = visited(told.clone(), 50, 80);
    assert_eq!(row(&seen).back_on, None);
    snoozed(&mut told, 37, 60);
    assert_eq!(row(&told).back_on, Some(on(60)), "the last one holds");
}

#[test]
fn what_was_taken_back_counts_no_more() {
    let mut told = on_treatment(Can::No);
    snoozed(&mut told, 36, 90);
    snoozed(&mut told, 37, 60);
    let last = told.record.entries().last().expect("an entry").id;
    let mut undo = told.record.entries().last().expect("an entry").clone();
    undo.id = saishin::domain::id::EntryId::from_bytes([9; 16]);
    (undo.kind, undo.undoes) = (EntryKind::Undo, Some(last));
    undo.changes.clear();
    told.record.push(undo);
    assert_eq!(row(&told).back_on, Some(on(90)));
}

#[test]
fn a_draw_waits_until_its_result_or_a_later_one_is_there() {
    let mut told = on_treatment(Can::No);
    assert_eq!(row(&told).awaiting, None);
    told.value(3, Reported::Pending);
    assert_eq!(row(&told).awaiting, Some(on(3)));
    told.value(9, Reported::Pending);
    assert_eq!(row(&told).awaiting, Some(on(3)), "the oldest");
    told.drawn(3);
    assert_eq!(row(&told).awaiting, Some(on(9)));
    told.value(10, Reported::Lost);
    assert_eq!(row(&told).awaiting, None, "that it was lost is known");
}

#[test]
fn a_draw_without_any_value_waits_too() {
    let mut told = on_treatment(Can::No);
    told.drawn(3);
    let mut entry = told.record.entries().last().expect("a draw").clone();
    entry.changes.truncate(1);
    let mut bare = on_treatment(Can::No);
    bare.save(3, EntryKind::Observe, None, entry.changes);
    assert_eq!(row(&bare).awaiting, Some(on(3)));
    assert_eq!(row(&told).awaiting, None);
}
