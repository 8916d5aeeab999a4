//! Days, doses and ages over a course.

use super::clinic::*;
use super::support::sitting::{Sitting, today};
use super::{alerts, fires, newest, record};
use saishin::domain::alert::evaluate;
use saishin::domain::answer::*;
use saishin::domain::course::Treatment;
use saishin::domain::date::window_end;
use saishin::domain::due::{self, Need};
use saishin::domain::lang::Lang;
use saishin::domain::observation::*;
use saishin::domain::situation::Situation;
use saishin::store::Store;

fn treatment(c: &Clinic, on: &str) -> Treatment {
    Treatment::on(&c.record, day(on)).expect("a course")
}

/// A woman whose course of 20 mg a day ended on 31 August, as she was asked.
fn finished() -> Clinic {
    let mut c = Clinic::new();
    c.now = at("2026-05-01", "09:00");
    c.patient("00779", Sex::Female, "1996-02-03");
    c.course("2026-05-01", 20);
    c.open(VisitKind::FollowUp, "2026-08-31", "10:00");
    let end = Answer::LastDose {
        taken_on: day("2026-08-31"),
        leftover: Some(0),
    };
    c.plan(decided(Action::Finish, None, "2026-09-30", None));
    c.say("dose.end", end);
    c.sign();
    c
}

#[test]
fn trap_15_after_the_last_capsule_the_window_stands_on_every_screen_until_it_has_passed() {
    let mut sitting = Sitting::demo();
    for keys in [
        "291<Enter>",
        "<Enter>",
        "s",
        "<Esc>?",
        "<Esc><Esc><Down><Enter>",
    ] {
        sitting.keys(keys);
        sitting.must_see("避妊");
        sitting.must_see("まで");
    }
    sitting.keys("<Esc><Esc><Esc><Esc>291<Enter><F5>");
    for what in ["終了時の妊娠検査", "避妊", "献血", "ワックス", "ダーマペン"]
    {
        sitting.must_see(what);
    }
    let known = record(&sitting, "10291");
    let settings = Clinic::new().settings;
    let t = Treatment::on(&known, day("2026-11-24")).expect("a course");
    let until = due::window(&known, &t, &settings).expect("a window");
    let listed = |on: chrono::NaiveDate| {
        let lists = sitting.shelf.lists(on).expect("memory reads");
        let mut both = lists.today.iter().chain(&lists.follow_up);
        both.any(|line| line.chart_number == "10291")
    };
    assert!(listed(today().date_naive()));
    assert!(listed(until), "on its last day as well");
    let note = finished();
    let said = note.record.visits()[0].signed.as_ref().expect("signed");
    let said = &said.signature.note_ja;
    assert!(
        said.contains("避妊") && said.contains("2027-02-28"),
        "{said}"
    );
}

#[test]
fn trap_16_a_month_after_the_last_of_january_is_no_shorter_than_thirty_days() {
    let window = |from: &str, months| window_end(day(from), months);
    assert_eq!(
        window("2026-01-31", 1),
        day("2026-03-02"),
        "30 days, not 28"
    );
    assert_eq!(
        window("2026-08-31", 6),
        day("2027-02-28"),
        "181 days, above 180"
    );
    assert_eq!(window("2024-08-29", 6), day("2025-02-28"), "183 days");
    let c = finished();
    let t = treatment(&c, "2027-02-28");
    let all = due::windows(&c.record, &t, &c.settings);
    let closing = all
        .iter()
        .find(|w| w.window == due::Window::Contraception)
        .expect("a window");
    assert_eq!(closing.from, day("2026-08-31"), "from the last capsule");
    assert!(
        !closing.passed(day("2027-02-28")),
        "its last day to the end"
    );
    assert!(closing.passed(day("2027-03-01")));
}

#[test]
fn trap_17_the_day_of_the_last_capsule_is_asked_for_with_what_was_left() {
    let mut c = finished();
    assert_eq!(
        treatment(&c, "2026-09-30").last_dose_on,
        Some(day("2026-08-31"))
    );
    c.open(VisitKind::After, "2026-09-30", "10:00");
    let list = c.list();
    let mut ids = list.lines.iter().map(|l| l.item(&c.protocol).id.as_str());
    assert!(
        ids.any(|id| id == "dose.last"),
        "asked again at the next visit"
    );
    // She took what was left.
    c.say(
        "dose.last",
        Answer::LastDose {
            taken_on: day("2026-09-12"),
            leftover: Some(0),
        },
    );
    let t = treatment(&c, "2026-09-30");
    assert_eq!(t.last_dose_on, Some(day("2026-09-12")));
    let until = due::window(&c.record, &t, &c.settings);
    assert_eq!(until, Some(window_end(day("2026-09-12"), 6)));
    // Capsules that are left are remarked on, and not asking is a warning.
    c.say(
        "dose.last",
        Answer::LastDose {
            taken_on: day("2026-09-12"),
            leftover: Some(4),
        },
    );
    assert!(fires(&c, "dose.last.leftover"));
    c.say("dose.last", Answer::Absent(Absence::NotAsked));
    assert!(fires(&c, "dose.last.unknown"));
    // Nobody signs a stop without it: it is among the dangers of the review.
    let mut stop = routine();
    stop.plan(decided(Action::Finish, None, "2026-12-24", None));
    let open = |c: &Clinic| c.review(|r| r.not_entered().iter().any(|i| i.as_str() == "dose.end"));
    assert!(open(&stop));
}

#[test]
fn trap_21_the_drug_stands_in_the_header_and_its_windows_in_its_own_protocol() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter>");
    assert!(sitting.rows()[0].contains("イソトレチノイン"));
    sitting.keys("<Enter>");
    assert!(sitting.rows()[0].contains("イソトレチノイン"));
    let c = Clinic::new();
    assert_eq!(c.protocol.drug.get(Lang::En), "isotretinoin");
    for name in [
        "contraception_after_months",
        "blood_donation_after_months",
        "wax_after_months",
        "ablative_after_months",
    ] {
        let setting = c.protocol.setting(name).expect("a window");
        assert!(setting.min >= Some(mg(1)), "{name} has a floor");
        assert!(!setting.source.en.is_empty(), "{name} has a source");
    }
    // A visit keeps the protocol that it was walked under.
    let visit = newest(&sitting, "10427");
    let stored = sitting.shelf.protocol(&visit.opening.protocol);
    let kept = stored.expect("memory reads").expect("its text is kept");
    assert_eq!(kept.id, "isotretinoin");
}

#[test]
fn trap_25_the_total_is_shown_and_no_rule_nags_about_it() {
    let c = Clinic::new();
    let on = |total: Option<i64>| {
        let situation = Situation {
            phase: Some(Phase::On),
            cumulative_mg_per_kg: total.map(mg),
            settings: c.settings.clone(),
            ..Situation::default()
        };
        let found = evaluate(&c.protocol, &situation);
        found.into_iter().map(|a| a.rule).collect::<Vec<_>>()
    };
    for total in [1, 72, 119, 151, 220, 500] {
        assert_eq!(on(Some(total)), on(None), "{total} mg/kg");
    }
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter>");
    sitting.must_see("累積");
}

/// A girl of fifteen on treatment, her weight taken on the first day.
fn girl() -> Clinic {
    let mut c = Clinic::new();
    c.now = at("2026-09-01", "09:00");
    c.patient("00780", Sex::Female, "2011-04-05");
    c.outside(Answer::Weight {
        kg: mg(44),
        measured_on: day("2026-09-01"),
    });
    c.course("2026-09-01", 20);
    c
}

#[test]
fn trap_26_the_young_are_weighed_monthly_need_a_guardian_and_no_adult_alp_range() {
    let c = girl();
    let state = |need: Need, on: &str| {
        let lines = due::due(&c.settings, &c.record, day(on));
        lines.into_iter().find(|l| l.need == need).map(|l| l.state)
    };
    assert_eq!(state(Need::Weight, "2026-09-30"), Some(due::State::Overdue));
    assert!(state(Need::Guardian, "2026-09-02") >= Some(due::State::Due));
    let alp = c.catalogue.get(&AnalyteId("alp".into())).expect("ALP");
    assert!(alp.range_for(Sex::Female, Some(15), "U/L").is_none());
    assert!(alp.range_for(Sex::Female, Some(18), "U/L").is_some());
    assert!(
        alp.range_for(Sex::Female, None, "U/L").is_none(),
        "age unknown"
    );
    let alt = c.catalogue.get(&AnalyteId("alt".into())).expect("ALT");
    assert!(alt.range_for(Sex::Female, Some(15), "U/L").is_some());
    let mut c = girl();
    c.open(VisitKind::FollowUp, "2026-11-02", "10:00");
    let draw = c.draw("2026-11-02", Fasting::Yes, Some(20));
    c.value(draw, "alp", "420", "");
    let values = c.record.observations();
    let value = values.last().expect("the value");
    let known = c.catalogue.get(&AnalyteId("alp".into())).expect("ALP");
    assert_eq!(
        judge(&value.observation, known).letters(),
        "?",
        "not judged"
    );
    assert!(!alerts(&c).iter().any(|a| a.rule.starts_with("alp")));
    let mut young = Clinic::new();
    young.now = at("2026-09-01", "09:00");
    young.patient("00781", Sex::Male, "2015-04-05");
    young.course("2026-09-01", 20);
    young.open(VisitKind::FollowUp, "2026-11-02", "10:00");
    assert!(fires(&young, "age.floor"), "eleven years old");
}
