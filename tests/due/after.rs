//! After the last capsule: windows, procedures, and the path after a positive test.

use crate::told::*;
use saishin::domain::answer::*;
use saishin::domain::course::Treatment;
use saishin::domain::due::{Closing, Need, State, Window, path, windows};
use saishin::domain::lang::Lang;
use saishin::domain::procedure::{May, clock};
use saishin::shown;
use saishin::text::Text;

/// Ended on day `n` by `action`.
fn ended(n: u64, action: Action) -> Told {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.visit(0, &[], plan(Action::Start, Some(30)));
    told.visit(n, &[], plan(action, None));
    told
}

fn open(told: &Told, n: u64) -> Vec<Closing> {
    let t = Treatment::on(&told.record, on(n)).expect("a course");
    windows(&told.record, &t, settings())
}

fn until(told: &Told, n: u64, window: Window) -> Option<chrono::NaiveDate> {
    let all = open(told, n);
    all.iter().find(|w| w.window == window).map(|w| w.until)
}

fn may(told: &Told, n: u64, id: &str) -> May {
    let t = Treatment::on(&told.record, on(n)).expect("a course");
    let all = clock(protocol(), &told.record, &t, settings(), on(n));
    let found = all.iter().find(|(procedure, _)| procedure.id == id);
    found.expect("a procedure").1
}

#[test]
fn windows_run_from_the_last_capsule_taken_and_not_from_the_prescription() {
    let mut told = ended(40, Action::Finish);
    // Until she is asked, from the day the course ended: 14 February.
    assert_eq!(
        until(&told, 41, Window::Contraception),
        Some(day("2026-08-14"))
    );
    let taken_on = on(52);
    let later = Answer::LastDose {
        taken_on,
        leftover: Some(3),
    };
    told.visit(
        60,
        &[("dose.last", later)],
        plan(Action::NoPrescription, None),
    );
    assert_eq!(
        until(&told, 61, Window::Contraception),
        Some(day("2026-08-26"))
    );
}

#[test]
fn the_last_day_counts_to_its_end() {
    let told = ended(40, Action::Finish);
    let all = open(&told, 41);
    assert_eq!(all.len(), Window::ALL.len());
    for window in all {
        let last = window.until;
        assert!(!window.passed(last), "{window:?}");
        assert_eq!(window.days_left(last), 0);
        assert!(window.passed(last.succ_opt().expect("a day")));
    }
}

#[test]
fn a_course_that_ended_because_she_stopped_coming_has_its_windows() {
    let told = ended(70, Action::LostToFollowUp);
    // The supply of the last prescription ended on day 29.
    let all = open(&told, 71);
    assert_eq!(all[0].from, on(29));
    assert_eq!(
        all[0].until,
        day("2026-08-03"),
        "180 days, later than 6 months or as late"
    );
}

#[test]
fn while_capsules_are_taken_nothing_has_begun_to_pass() {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.visit(0, &[], plan(Action::Start, Some(30)));
    assert_eq!(open(&told, 3), []);
    assert_eq!(may(&told, 3, "electroporation"), May::Now);
    assert_eq!(may(&told, 3, "needling"), May::AfterCourse(0));
    assert_eq!(may(&told, 3, "pico"), May::AfterCourse(0));
    assert_eq!(may(&told, 3, "ablative"), May::AfterCourse(6));
    assert_eq!(may(&told, 3, "wax"), May::AfterCourse(6));
}

#[test]
fn a_procedure_may_be_done_from_the_day_after_its_window() {
    let told = ended(40, Action::Finish);
    assert_eq!(may(&told, 40, "needling"), May::From(on(41)));
    assert_eq!(may(&told, 41, "needling"), May::Now);
    let last = until(&told, 41, Window::Wax).expect("a window");
    let first = last.succ_opt().expect("a day");
    assert_eq!(may(&told, 41, "wax"), May::From(first));
    let n = (first - on(0)).num_days() as u64;
    assert_eq!(may(&told, n, "wax"), May::Now);
    let mut new = Told::woman();
    new.course(0, None, false);
    assert_eq!(
        may(&new, 1, "wax"),
        May::Now,
        "before the first course nothing waits"
    );
}

#[test]
fn windows_and_procedures_are_said_with_day_and_source() {
    let told = ended(40, Action::Finish);
    let said = |lang| {
        shown::clock_lines(
            protocol(),
            &told.record,
            settings(),
            on(41),
            &Text::of(lang),
        )
        .join("\n")
    };
    let (ja, en) = (said(Lang::Ja), said(Lang::En));
    assert!(
        ja.contains("避妊: 最終内服 2026-02-14(土) + 6か月 = 2026-08-14(金)まで、残180日"),
        "{ja}"
    );
    assert!(
        en.contains("electroporation: may be done now (Clinic default)"),
        "{en}"
    );
    assert!(
        en.contains("waxing: from Sat 2026-08-15 (EU SmPC 4.4 (6 months))"),
        "{en}"
    );
    assert!(
        en.starts_with("the day of the last capsule is assumed"),
        "{en}"
    );
}

#[test]
fn a_positive_test_stays_until_an_outcome_is_recorded() {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.visit(0, &[], plan(Action::Start, Some(30)));
    told.fact(20, tested(TestResult::Positive, 20));
    assert_eq!(told.due(Need::Outcome, 20).state, State::Due);
    told.visit(20, &[], plan(Action::Stop, None));
    told.tested(50);
    // Neither time nor a later test nor being unable to conceive ends it.
    let reason = Some(CannotReason::Hysterectomy);
    told.fact(
        60,
        Answer::Potential {
            can: Can::No,
            reason,
        },
    );
    assert_eq!(told.due(Need::Outcome, 2_000).state, State::Overdue);
    let still = ("preg.outcome", Answer::Code(1));
    told.visit(70, &[still], plan(Action::NoPrescription, None));
    let open = path(&told.record).expect("an open path");
    assert_eq!((open.positive_on, open.referred), (on(20), true));
    // Somebody is awaited as long as it is open, past all windows.
    assert_ne!(told.due(Need::Visit, 900).state, State::NotNeeded);
    told.visit(
        300,
        &[("preg.outcome", Answer::Code(2))],
        plan(Action::NoPrescription, None),
    );
    assert_eq!(path(&told.record), None);
    assert_eq!(told.due(Need::Outcome, 301).state, State::NotNeeded);
    // Another positive test opens another path.
    told.fact(400, tested(TestResult::Positive, 400));
    assert_eq!(path(&told.record).expect("a path").positive_on, on(400));
}

#[test]
fn the_outcome_line_of_the_protocol_has_the_codes_the_path_ends_with() {
    let item = protocol().item("preg.outcome").expect("the line");
    let keys: Vec<u8> = item.options.iter().map(|o| o.key).collect();
    assert_eq!(keys, [1, 2, 3, 4, 5], "1 goes on, all others are outcomes");
    assert!(item.option(0).is_none(), "nothing here is a none");
}
