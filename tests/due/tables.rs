//! By hand: what a record says is due, and the sum in words.

use crate::told::*;
use saishin::domain::answer::*;
use saishin::domain::due::{self, Due, Need, State, setting};
use saishin::domain::lang::Lang;
use saishin::shown;
use saishin::text::Text;

/// On treatment since day 10, all that is due done on day 10.
fn running() -> Told {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.weighed(10);
    told.consented(10);
    told.tested(10);
    told.drawn(10);
    told.visit(10, &[], plan(Action::Start, Some(40)));
    told
}

/// The same, ended on day 100 with everything done that day.
fn ended() -> Told {
    let mut told = running();
    told.tested(100);
    told.visit(100, &[], plan(Action::Finish, Some(190)));
    told
}

#[test]
fn each_state_is_reached_by_the_days_going_by() {
    let told = running();
    let at = |n| told.due(Need::Blood, n).state;
    assert_eq!(at(63), State::NotDue);
    assert_eq!(at(64), State::Soon);
    assert_eq!(at(70), State::Soon);
    assert_eq!(at(71), State::Due);
    assert_eq!(at(72), State::Overdue);
    assert_eq!(told.due(Need::Consent, 72).state, State::NotNeeded);
    let mut lost = running();
    lost.visit(90, &[], plan(Action::LostToFollowUp, None));
    assert_eq!(lost.due(Need::Visit, 91).state, State::CannotTell);
}

#[test]
fn what_was_never_done_is_due_from_the_day_it_was_first_needed() {
    let mut told = Told::woman();
    told.course(0, None, false);
    for need in [
        Need::Visit,
        Need::Blood,
        Need::Test,
        Need::Consent,
        Need::Weight,
    ] {
        assert_eq!(told.due(need, 0).state, State::Due, "{need:?}");
        assert_eq!(told.due(need, 9).state, State::Overdue, "{need:?}");
    }
    // Nobody here could have done it before the patient came here.
    let mut taken_over = Told::woman();
    taken_over.course(50, Some(1), true);
    assert_eq!(taken_over.due(Need::Blood, 50).state, State::Due);
}

#[test]
fn unknown_stands_before_everything_else() {
    let mut all = [
        State::CannotTell,
        State::NotNeeded,
        State::Overdue,
        State::Due,
        State::NotDue,
        State::Soon,
    ];
    all.sort();
    let order = [
        State::NotNeeded,
        State::NotDue,
        State::Soon,
        State::Due,
        State::Overdue,
        State::CannotTell,
    ];
    assert_eq!(all, order);
}

#[test]
fn every_name_the_sums_use_is_in_the_protocol() {
    for name in setting::ALL {
        assert!(settings().get(name).is_some(), "{name}");
    }
    for line in due::line::ALL {
        assert!(protocol().item(line).is_some(), "{line}");
    }
}

#[test]
fn no_clinic_sets_a_value_under_a_floor_of_the_labels() {
    use saishin::domain::change::Setting;
    let floors = [
        (setting::CONTRACEPTION, 1),
        (setting::DONATION, 1),
        (setting::TEST_AFTER_STOP, 28),
        (setting::ADULT, 18),
    ];
    for (name, floor) in floors {
        let own = |n: i64| Setting {
            name: name.into(),
            number: Some(mg(n)),
            text: None,
        };
        let (at, trouble) = protocol().settings_of(&[own(floor)]);
        assert_eq!(
            (at.get(name), trouble.is_some()),
            (Some(mg(floor)), false),
            "{name}"
        );
        let (under, trouble) = protocol().settings_of(&[own(floor - 1)]);
        assert!(trouble.is_some(), "{name}");
        assert_eq!(under.get(name), settings().get(name), "{name}");
    }
}

#[test]
fn the_first_blood_on_treatment_may_be_asked_sooner_than_the_interval() {
    use saishin::domain::change::Setting;
    let own = Setting {
        name: setting::BLOOD_FIRST.into(),
        number: Some(mg(30)),
        text: None,
    };
    let (sooner, _) = protocol().settings_of(&[own]);
    let mut told = running();
    let day_of = |told: &Told| {
        let lines = due::due(&sooner, &told.record, on(45));
        lines
            .iter()
            .find(|l| l.need == Need::Blood)
            .and_then(|l| l.due.day())
    };
    assert_eq!(day_of(&told), Some(on(40)));
    told.drawn(20);
    assert_eq!(
        day_of(&told),
        Some(on(40)),
        "ten days in is no blood on treatment"
    );
    told.drawn(35);
    assert_eq!(day_of(&told), Some(on(35 + 61)));
}

#[test]
fn blood_is_due_28_days_after_a_raised_dose_until_it_was_drawn() {
    let mut told = running();
    told.visit(40, &[], plan(Action::Increase, Some(70)));
    assert_eq!(told.due(Need::Blood, 41).due.day(), Some(on(68)));
    told.drawn(67);
    assert_eq!(told.due(Need::Blood, 68).due.day(), Some(on(67 + 61)));
}

#[test]
fn results_that_do_not_come_make_blood_due_again() {
    use saishin::domain::observation::Reported;
    let mut told = running();
    told.value(71, Reported::Pending);
    assert_eq!(told.due(Need::Blood, 72).due.day(), Some(on(71 + 15)));
}

#[test]
fn a_test_is_due_before_monthly_at_the_stop_and_after_it() {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.tested(3);
    assert_eq!(
        told.due(Need::Test, 4).due.day(),
        Some(on(10)),
        "valid for 7 days before the start"
    );
    told.visit(8, &[], plan(Action::Start, Some(38)));
    assert_eq!(told.due(Need::Test, 9).due.day(), Some(on(33)), "monthly");
    told.visit(60, &[], plan(Action::Stop, Some(90)));
    assert_eq!(
        told.due(Need::Test, 61).due.day(),
        Some(on(60)),
        "none at the stop"
    );
    told.tested(62);
    assert_eq!(
        told.due(Need::Test, 63).due.day(),
        Some(on(90)),
        "a month after the last capsule"
    );
    told.tested(89);
    assert_eq!(
        told.due(Need::Test, 90).due.day(),
        Some(on(90)),
        "a day too early"
    );
    told.tested(91);
    assert_eq!(told.due(Need::Test, 92).due, Due::NotNeeded);
}

#[test]
fn the_window_closes_with_a_test_done_or_declined() {
    let told = ended();
    let end = told.due(Need::EndTest, 101).due.day().expect("a day");
    let n = (end - on(0)).num_days() as u64;
    assert_eq!(n, 100 + 183, "from 15 April to 15 October");
    let mut early = told.clone();
    early.tested(n - 8);
    assert_eq!(early.due(Need::EndTest, n + 50).state, State::Overdue);
    let mut done = told.clone();
    done.tested(n - 7);
    assert_eq!(done.due(Need::EndTest, n).due, Due::NotNeeded);
    let mut declined = told;
    let no = ("preg.test", Answer::Absent(Absence::Declined));
    declined.visit(n + 3, &[no], plan(Action::NoPrescription, None));
    assert_eq!(declined.due(Need::EndTest, n + 4).due, Due::NotNeeded);
}

#[test]
fn a_clinic_with_the_labels_month_asks_for_one_test_after_the_last_capsule() {
    use saishin::domain::change::Setting;
    let own = Setting {
        name: setting::CONTRACEPTION.into(),
        number: Some(mg(1)),
        text: None,
    };
    let (month, _) = protocol().settings_of(&[own]);
    let told = ended();
    let lines = due::due(&month, &told.record, on(120));
    let of = |need| lines.iter().find(|l| l.need == need).expect("a line").due;
    assert_eq!(of(Need::Test).day(), Some(on(130)));
    assert_eq!(of(Need::EndTest), Due::NotNeeded);
}

#[test]
fn a_guardian_is_asked_for_until_the_birthday() {
    let mut told = Told::new(Can::Yes, "2008-02-29");
    told.course(0, None, false);
    assert_eq!(told.due(Need::Guardian, 3).state, State::Overdue);
    // Born on 29 February 2008: 18 on 1 March 2026, the 55th day.
    assert_eq!(told.due(Need::Guardian, 54).state, State::Overdue);
    assert_eq!(told.due(Need::Guardian, 55).state, State::NotNeeded);
    told.visit(
        5,
        &[("ident.minor", Answer::Code(0))],
        plan(Action::NoPrescription, None),
    );
    assert_eq!(told.due(Need::Guardian, 6).state, State::Overdue);
    told.visit(
        7,
        &[("ident.minor", Answer::Code(1))],
        plan(Action::NoPrescription, None),
    );
    assert_eq!(told.due(Need::Guardian, 8).state, State::NotNeeded);
}

#[test]
fn the_young_are_weighed_monthly_until_they_are_of_age() {
    let weighed = |born: &str| {
        let mut told = Told::new(Can::Yes, born);
        told.course(0, None, false);
        told.weighed(0);
        told.due(Need::Weight, 1).due.day()
    };
    assert_eq!(weighed("2010-05-05"), Some(on(28)));
    assert_eq!(weighed("1990-05-05"), Some(on(182)));
    assert_eq!(
        weighed("2008-01-20"),
        Some(on(182)),
        "of age before 28 days are over"
    );
}

#[test]
fn after_a_course_nobody_is_awaited_longer_than_something_is_watched() {
    let mut told = ended();
    let end = 100 + 183;
    assert_eq!(
        told.due(Need::Visit, end + 30).state,
        State::Overdue,
        "a test is missing"
    );
    told.tested(131);
    told.tested(end);
    assert_eq!(told.due(Need::Visit, end).state, State::Overdue);
    assert_eq!(told.due(Need::Visit, end + 1).state, State::NotNeeded);
}

#[test]
fn every_line_says_its_sum_in_both_languages() {
    let (ja, en) = (Text::of(Lang::Ja), Text::of(Lang::En));
    let said = |told: &Told, need, n| {
        let line = told.due(need, n);
        [
            shown::due_line(&line, on(n), &ja),
            shown::due_line(&line, on(n), &en),
        ]
    };
    let told = running();
    assert_eq!(
        said(&told, Need::Blood, 81),
        [
            "前回採血 1/15 + 61日 = 3/17、10日超過",
            "last draw 15 Jan + 61 d = 17 Mar, 10 d over"
        ]
    );
    assert_eq!(
        said(&told, Need::Visit, 38),
        [
            "前回の予定 1/15 + 30日 = 2/14、あと2日",
            "planned 15 Jan + 30 d = 14 Feb, in 2 d"
        ]
    );
    assert_eq!(
        said(&ended(), Need::EndTest, 101),
        [
            "最終内服 4/15 + 183日 = 10/15、あと182日",
            "last dose 15 Apr + 183 d = 15 Oct, in 182 d"
        ]
    );
    let mut lost = running();
    lost.visit(90, &[], plan(Action::LostToFollowUp, None));
    assert_eq!(
        said(&lost, Need::Visit, 91),
        [
            "判定できない: 来院が途絶え、次回受診なし",
            "cannot tell: stopped coming, no next visit"
        ]
    );
    let mut never = Told::woman();
    never.course(0, None, false);
    assert_eq!(
        said(&never, Need::Consent, 4),
        [
            "未実施(1/5から必要)、4日超過",
            "never done, needed since 5 Jan, 4 d over"
        ]
    );
}
