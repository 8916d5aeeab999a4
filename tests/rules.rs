//! What is due, when a course starts and ends, and what a record says: each
//! test is named after what the doctor saw.

#[allow(dead_code, reason = "shared with the notes' tests")]
#[path = "note/clinic.rs"]
mod clinic;
mod support;

use clinic::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::checklist::LineState;
use saishin::domain::course::Treatment;
use saishin::domain::due::{self, Due, Proposal};
use saishin::domain::id::*;
use saishin::domain::line::{Line, When};
use saishin::domain::observation::*;
use saishin::domain::series::{last_draw, series};
use support::sitting::Sitting;
use support::told;

const COURSE: [u8; 16] = [3; 16];
const SECOND: [u8; 16] = [4; 16];

fn course(c: &mut Clinic, id: [u8; 16], first: Option<&str>, transferred: bool) {
    c.save(
        EntryKind::Course,
        vec![Change::Course(CourseStart {
            course: CourseId::from_bytes(id),
            protocol: "isotretinoin".into(),
            product: "20mg".into(),
            first_dose_on: first.map(day),
            mg_per_day: Some(mg(20)),
            capsule_mg: None,
            earlier_mg: None,
            transferred,
        })],
    );
}

/// A woman whose course was begun elsewhere on 1 September.
fn woman() -> Clinic {
    let mut c = Clinic::new();
    c.now = at("2026-09-01", "09:00");
    c.patient("00123", Sex::Female, "2000-01-01");
    course(&mut c, COURSE, Some("2026-09-01"), true);
    c
}

fn signed(c: &mut Clinic, kind: VisitKind, on: &str, plan: Plan) {
    c.open(kind, on, "10:00");
    c.plan(plan);
    c.sign();
}

fn t(c: &Clinic, on: &str) -> Treatment {
    Treatment::on(&c.record, day(on)).unwrap()
}

fn propose(c: &Clinic, on: &str, action: Action, recheck: Option<u32>) -> Proposal {
    let t = t(c, on);
    due::propose(&c.record, &t, &c.settings, day(on), action, recheck, |_| {
        true
    })
}

fn blood(c: &Clinic, on: &str) -> Due {
    due::blood(&c.record, &t(c, on), &c.settings, day(on))
}

fn row(c: &Clinic, on: &str) -> Line {
    due::project(&c.record, &c.settings, [9; 32], day(on))
        .unwrap()
        .line
}

fn drawn(c: &mut Clinic, on: &str, tg: &str) {
    let specimen = c.draw(on, Fasting::Yes, None);
    c.panel(specimen, ["20", "20", tg, "100", "60"]);
}

#[test]
fn a_recheck_in_a_week_is_in_the_plan_of_whatever_was_decided() {
    let mut c = woman();
    drawn(&mut c, "2026-10-01", "520");
    for action in [
        Action::Continue,
        Action::Increase,
        Action::Reduce,
        Action::Hold,
        Action::Stop,
        Action::Finish,
        Action::NoPrescription,
    ] {
        let found = propose(&c, "2026-10-01", action, Some(7));
        assert_eq!(found.next_blood, Some(day("2026-10-08")), "{action:?}");
        let sooner = found.next_visit == Some(day("2026-10-08"));
        assert_eq!(sooner, action.holds_back(), "{action:?}");
    }
    let found = propose(&c, "2026-10-01", Action::Finish, None);
    assert_eq!(found.next_blood, None);
}

/// Stopped on 1 October because of triglycerides of 520, looked at a week later.
fn stopped(tg: &str) -> Clinic {
    let mut c = woman();
    drawn(&mut c, "2026-10-01", "520");
    signed(
        &mut c,
        VisitKind::FollowUp,
        "2026-10-01",
        decided(Action::Stop, None, "2026-10-08", Some("2026-10-08")),
    );
    drawn(&mut c, "2026-10-08", tg);
    assert_eq!(blood(&c, "2026-10-08").day(), Some(day("2026-10-08")));
    let plan = decided(Action::NoPrescription, None, "2026-11-08", None);
    signed(&mut c, VisitKind::After, "2026-10-08", plan);
    c
}

#[test]
fn blood_stays_due_after_a_stop_for_a_value_until_it_is_no_longer_out() {
    assert_eq!(blood(&stopped("120"), "2026-10-09"), Due::NotNeeded);
    let again = blood(&stopped("480"), "2026-10-09");
    assert_eq!(again.day(), Some(day("2026-10-22")));
    let mut c = stopped("480");
    c.open(VisitKind::After, "2026-10-22", "10:00");
    c.say(due::line::DRAW, Answer::Absent(Absence::Declined));
    c.plan(decided(Action::NoPrescription, None, "2026-11-08", None));
    c.sign();
    assert_eq!(blood(&c, "2026-10-23"), Due::NotNeeded);
}

#[test]
fn declined_blood_after_the_course_is_not_asked_for_again() {
    let mut c = woman();
    drawn(&mut c, "2026-10-01", "520");
    let plan = decided(Action::Stop, None, "2026-10-08", Some("2026-10-08"));
    signed(&mut c, VisitKind::FollowUp, "2026-10-01", plan);
    c.open(VisitKind::After, "2026-10-08", "10:00");
    assert!(c.protocol.item(due::line::DRAW).is_some());
    c.say(due::line::DRAW, Answer::Absent(Absence::Declined));
    let found = propose(&c, "2026-10-08", Action::NoPrescription, Some(7));
    assert_eq!(found.next_blood, None);
}

#[test]
fn a_first_dose_typed_for_today_still_gets_the_first_visit() {
    let mut c = Clinic::new();
    c.patient("00123", Sex::Female, "2000-01-01");
    course(&mut c, COURSE, Some("2026-09-01"), false);
    for on in ["2026-09-01", "2026-09-19", "2026-12-01"] {
        assert_eq!(t(&c, on).visit_kind(), VisitKind::Start, "{on}");
        assert_eq!(t(&c, on).day, None);
        assert_eq!(t(&c, on).cumulative_mg, mg(0));
    }
    let plan = decided(Action::NoPrescription, None, "2026-10-19", None);
    signed(&mut c, VisitKind::Start, "2026-09-19", plan);
    assert_eq!(t(&c, "2026-10-19").visit_kind(), VisitKind::Start);
    let plan = decided(Action::Start, Some(20), "2026-11-18", None);
    signed(&mut c, VisitKind::Start, "2026-10-19", plan);
    assert_eq!(t(&c, "2026-11-18").visit_kind(), VisitKind::FollowUp);
}

#[test]
fn a_patient_taken_over_on_treatment_gets_a_follow_up() {
    let c = woman();
    assert_eq!(t(&c, "2026-09-19").visit_kind(), VisitKind::FollowUp);
    assert_eq!(t(&c, "2026-09-19").day, Some(19));
}

#[test]
fn a_new_course_neither_shortens_the_window_nor_brings_the_old_consent() {
    let mut c = woman();
    c.outside(Answer::Consent {
        given: true,
        signed_on: Some(day("2026-09-01")),
        form: None,
    });
    drawn(&mut c, "2026-08-25", "90");
    let plan = decided(Action::Finish, None, "2026-12-31", None);
    signed(&mut c, VisitKind::FollowUp, "2026-10-01", plan);
    let until = due::window(&c.record, &t(&c, "2026-10-02"), &c.settings);
    assert_eq!(until, Some(day("2027-04-01")));
    c.now = at("2026-12-01", "09:00");
    course(&mut c, SECOND, None, false);
    let (first, second) = (CourseId::from_bytes(COURSE), CourseId::from_bytes(SECOND));
    assert_eq!(c.record.consent(first), Some(day("2026-09-01")));
    assert_eq!(c.record.consent(second), None);
    let new = t(&c, "2026-12-01");
    assert_eq!(new.visit_kind(), VisitKind::Start);
    assert_eq!(due::window(&c.record, &new, &c.settings), until);
    // The old course's blood is no baseline of the new one.
    assert_eq!(blood(&c, "2026-12-01").day(), Some(day("2026-12-01")));
    let opening = Opening {
        course: second,
        ..c.record.visits()[0].opening.clone()
    };
    let opening = Opening {
        visit: VisitId::from_bytes([5; 16]),
        kind: VisitKind::Start,
        held_on: day("2026-12-01"),
        ..opening
    };
    let visit = Some(opening.visit);
    c.save_in(EntryKind::Open, visit, None, vec![Change::Open(opening)]);
    let on = c.case().situation();
    assert_eq!(on.no_blood_ever, Some(true));
    assert_eq!(on.labs[&AnalyteId("tg".into())].baseline, None);
    assert_eq!(on.days_since.get("ident.consent"), None);
}

#[test]
fn blood_overdue_today_is_never_planned_for_a_day_in_the_past() {
    let mut c = woman();
    drawn(&mut c, "2026-09-01", "90");
    let found = propose(&c, "2026-12-01", Action::Continue, None);
    assert_eq!(found.next_visit, Some(day("2026-12-31")));
    assert_eq!(found.next_blood, found.next_visit);
}

#[test]
fn blood_due_on_a_closed_day_is_drawn_at_the_visit_before_it() {
    let mut c = woman();
    drawn(&mut c, "2026-09-10", "90");
    let (on, open) = (day("2026-09-10"), day("2026-11-10"));
    let with = |closed: bool| {
        let t = t(&c, "2026-09-10");
        due::propose(
            &c.record,
            &t,
            &c.settings,
            on,
            Action::Continue,
            None,
            |d| !closed || d != open,
        )
    };
    assert_eq!(with(false).next_blood, Some(open));
    assert_eq!(with(true).next_blood, Some(day("2026-11-09")));
}

#[test]
fn a_draw_without_liver_or_triglycerides_leaves_blood_due() {
    let mut c = woman();
    drawn(&mut c, "2026-09-01", "90");
    let specimen = c.draw("2026-10-20", Fasting::Yes, None);
    c.value(specimen, "ck", "100", "50-200");
    assert_eq!(
        last_draw(&c.record, day("2026-10-20")),
        Some(day("2026-09-01"))
    );
    let specimen = c.draw("2026-10-21", Fasting::Yes, None);
    c.value(specimen, "tg", "pending", "30-149");
    let last = |on| last_draw(&c.record, day(on));
    assert_eq!(last("2026-11-04"), Some(day("2026-10-21")));
    assert_eq!(last("2026-11-05"), Some(day("2026-09-01")));
    // The lists hold the day on which it falls due, the same before and after.
    assert_eq!(row(&c, "2026-10-22").blood_due, When::On(day("2026-11-05")));
    assert_eq!(row(&c, "2026-10-22"), row(&c, "2026-11-20"));
}

#[test]
fn nothing_prescribed_is_no_answer_while_on_treatment() {
    let mut c = woman();
    c.open(VisitKind::FollowUp, "2026-10-01", "10:00");
    let offered = |c: &Clinic| {
        let on = c.case().situation();
        let item = c.protocol.item("dec.action").unwrap();
        let when = item.option(8).unwrap().when.as_ref().unwrap();
        when.holds(&on)
    };
    use saishin::domain::situation::Verdict;
    assert_eq!(offered(&c), Verdict::Not);
    let mut c = Clinic::new();
    c.patient("00123", Sex::Female, "2000-01-01");
    course(&mut c, COURSE, None, false);
    c.open(VisitKind::Start, "2026-10-01", "10:00");
    assert_eq!(offered(&c), Verdict::Holds);
}

#[test]
fn nobody_can_tell_the_next_visit_of_one_who_stopped_coming() {
    let mut c = woman();
    let mut plan = decided(Action::Continue, Some(20), "2026-10-31", None);
    signed(&mut c, VisitKind::FollowUp, "2026-10-01", plan.clone());
    plan = decided(Action::LostToFollowUp, None, "2026-10-31", None);
    plan.next_visit = propose(&c, "2026-12-01", Action::LostToFollowUp, None).next_visit;
    assert_eq!(plan.next_visit, None);
    signed(&mut c, VisitKind::FollowUp, "2026-12-01", plan);
    let lost = t(&c, "2026-12-02");
    let visit = due::visit(&c.record, &lost, &c.settings);
    assert!(matches!(visit, Due::CannotTell(_)), "{visit:?}");
    // The last capsule is taken to be the last of the supply.
    assert_eq!(lost.last_dose_on, Some(day("2026-10-30")));
    let window = due::window(&c.record, &lost, &c.settings);
    assert_eq!(window, Some(day("2027-04-30")));
}

#[test]
fn before_the_start_the_visit_is_due_on_the_day_the_course_was_entered() {
    let mut c = Clinic::new();
    c.patient("00123", Sex::Female, "2000-01-01");
    course(&mut c, COURSE, Some("2026-10-10"), false);
    let found = due::visit(&c.record, &t(&c, "2026-11-01"), &c.settings);
    assert_eq!(found.day(), Some(day("2026-09-19")));
}

#[test]
fn a_missing_pregnancy_test_shows_on_day_26() {
    let mut c = woman();
    c.open(VisitKind::FollowUp, "2026-09-01", "10:00");
    c.say("preg.test", tested(TestResult::Negative, "2026-09-01"));
    c.plan(decided(Action::Continue, Some(20), "2026-09-27", None));
    c.sign();
    c.open(VisitKind::FollowUp, "2026-09-27", "10:00");
    let mut test = tested(TestResult::NotDone, "2026-09-27");
    if let Answer::Test(test) = &mut test {
        test.done_on = None;
    }
    c.say("preg.test", test);
    let list = c.list();
    assert!(list.alerts.iter().any(|a| a.rule == "preg.test.missing"));
}

#[test]
fn urine_in_the_clinic_is_not_offered_over_the_telephone() {
    use saishin::domain::situation::Verdict;
    let mut c = woman();
    c.open(VisitKind::FollowUp, "2026-10-01", "10:00");
    for (mode, offered) in [
        (Mode::InPerson, Verdict::Holds),
        (Mode::Online, Verdict::Not),
        (Mode::Phone, Verdict::Not),
    ] {
        let change = c.record.open_visit().unwrap().context(mode, false);
        c.save(EntryKind::Context, vec![change]);
        let item = c.protocol.item("preg.test").unwrap();
        let when = item.option(1).unwrap().when.as_ref().unwrap();
        assert_eq!(when.holds(&c.case().situation()), offered);
    }
}

#[test]
fn the_later_weight_holds_though_the_clock_was_set_back() {
    let mut c = woman();
    let weighed = |kg| Answer::Weight {
        kg: mg(kg),
        measured_on: day("2026-09-01"),
    };
    c.outside(weighed(60));
    c.now = at("2026-08-01", "09:00");
    c.outside(weighed(50));
    assert_eq!(c.record.weight().unwrap().0, mg(50));
    let said: Vec<_> = c
        .record
        .answers()
        .into_iter()
        .filter(|(_, _, a)| matches!(a, Answer::Weight { .. }))
        .collect();
    assert_eq!(said.last().unwrap().2, &weighed(50));
    // An answer given anew in a visit stands once, where it was given last.
    c.open(VisitKind::FollowUp, "2026-10-01", "10:00");
    c.say("dose.weight", weighed(55));
    let undone = c.say("dose.weight", weighed(56));
    assert_eq!(c.record.weight().unwrap().0, mg(56));
    c.undo(undone);
    assert_eq!(c.record.weight().unwrap().0, mg(55));
    c.say("dose.weight", Answer::Absent(Absence::Declined));
    assert_eq!(c.record.weight().unwrap().0, mg(50));
}

#[test]
fn undo_takes_back_the_answer_it_names_and_the_next_undo_the_other() {
    let mut c = woman();
    c.open(VisitKind::FollowUp, "2026-10-01", "10:00");
    let lips = c.code("dry.lips", 1);
    let skin = c.code("dry.skin", 1);
    c.undo(lips);
    let open = c.record.open_visit().unwrap();
    assert!(!open.visit().responses.contains_key("dry.lips"));
    assert_eq!(open.undo_target(), Some(skin));
    let undo = open.redo_target();
    c.save_in(EntryKind::Redo, Some(open.visit().id()), undo, Vec::new());
    let open = c.record.open_visit().unwrap();
    assert!(open.visit().responses.contains_key("dry.lips"));
    assert_eq!(open.undo_target(), Some(lips));
    assert_eq!(open.redo_target(), None);
}

#[test]
fn another_patients_blood_is_gone_with_the_voided_visit() {
    let mut c = woman();
    drawn(&mut c, "2026-09-10", "90");
    let wrong = c.open(VisitKind::FollowUp, "2026-10-01", "10:00");
    drawn(&mut c, "2026-10-01", "900");
    c.plan(decided(Action::Continue, Some(20), "2026-10-31", None));
    c.sign();
    c.save_in(
        EntryKind::Void,
        Some(wrong),
        None,
        vec![Change::Void(Void {
            visit: wrong,
            reason: "wrong patient".into(),
            entered_again: None,
        })],
    );
    let on = day("2026-10-02");
    assert_eq!(last_draw(&c.record, on), Some(day("2026-09-10")));
    assert_eq!(series(&c.record, &AnalyteId("tg".into()), on).len(), 1);
    c.open(VisitKind::FollowUp, "2026-10-02", "10:00");
    let alerts = c.list().alerts;
    assert!(!alerts.iter().any(|a| a.rule.starts_with("lab.tg")));
    assert_eq!(
        c.case().situation().labs[&AnalyteId("tg".into())].number,
        mg(90)
    );
}

#[test]
fn one_refused_setting_leaves_the_clinics_others_in_force() {
    let c = Clinic::new();
    let own = |name: &str, n: i64| Setting {
        name: name.into(),
        number: Some(mg(n)),
        text: None,
    };
    let (settings, trouble) = c.protocol.settings_of(&[
        own("visit_interval_days", 1),
        own("lab_interval_days", 90),
        own("of_another_protocol", 3),
    ]);
    assert!(trouble.is_some());
    assert_eq!(settings.get("visit_interval_days"), Some(mg(30)));
    assert_eq!(settings.get("lab_interval_days"), Some(mg(90)));
    assert_eq!(settings.get("of_another_protocol"), None);
}

#[test]
fn a_row_of_the_lists_says_the_same_after_midnight() {
    let mut c = Clinic::new();
    c.patient("00123", Sex::Female, "2000-01-01");
    course(&mut c, COURSE, Some("2026-09-30"), false);
    drawn(&mut c, "2026-09-19", "90");
    let before = row(&c, "2026-09-29");
    assert_eq!(before.blood_due, When::On(day("2026-11-19")));
    assert_eq!(before, row(&c, "2026-09-30"));
    assert_eq!(before, row(&c, "2026-10-20"));
    let plan = decided(Action::Start, Some(20), "2026-10-29", None);
    signed(&mut c, VisitKind::Start, "2026-09-29", plan);
    assert_eq!(row(&c, "2026-09-29").blood_due, before.blood_due);
    assert_eq!(row(&c, "2026-09-29"), row(&c, "2026-09-30"));
}

#[test]
fn an_answer_that_she_cannot_become_pregnant_does_not_set_itself_aside() {
    let mut c = woman();
    c.open(VisitKind::FollowUp, "2027-10-01", "10:00");
    c.say(
        "preg.potential",
        Answer::Potential {
            can: Can::No,
            reason: Some(CannotReason::Hysterectomy),
        },
    );
    let list = c.list();
    let line = list
        .lines
        .iter()
        .find(|l| l.item(&c.protocol).id.as_str() == "preg.potential");
    assert_eq!(line.unwrap().state, LineState::Answered);
    assert!(list.situation.answers.contains_key("preg.potential"));
}

/// The course of the patient whose course ended, as it stands after these keys.
fn after_form(keys: &str) -> (Vec<CourseStart>, Vec<CourseStart>) {
    let mut sitting = Sitting::demo();
    sitting.keys("291<Enter>");
    let before = told::record(&sitting.shelf, "10291").unwrap();
    sitting.keys("<F4>").keys(keys);
    let after = told::record(&sitting.shelf, "10291").unwrap();
    (before.courses().to_vec(), after.courses().to_vec())
}

#[test]
fn after_the_course_the_form_asks_whether_it_is_corrected_or_a_new_one_starts() {
    let save = "<Enter><Enter><Enter><Enter><Enter><Enter><Enter><Enter>";
    let (before, after) = after_form(save);
    assert_eq!(after, before, "nothing chosen, nothing saved");
    let (before, after) = after_form(&format!("1{save}"));
    assert_eq!(after, before, "the lines hold what was entered");
    let (before, after) = after_form(&format!("2{save}"));
    assert_eq!(after.len(), before.len() + 1);
    let new = after.last().unwrap();
    assert_eq!(new.first_dose_on, None);
    assert!(!new.transferred);
}
