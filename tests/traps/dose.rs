//! Milligrams: by the weight of the time, as taken, and never across products.

use super::clinic::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::course::Treatment;
use saishin::domain::id::CourseId;
use saishin::domain::schedule::Schedule;
use saishin::ledger::{self, Ledger};

/// The page of the dose ledger, as it is read in the chart.
fn page(c: &Clinic, on: &str) -> String {
    let of = Ledger {
        record: &c.record,
        protocol: &c.protocol,
        settings: &c.settings,
        on: day(on),
        people: &c.people,
    };
    ledger::doses(&of, &c.ja)
}

fn weighed(c: &mut Clinic, kg: i64, on: &str) {
    let measured_on = day(on);
    let kg = mg(kg);
    c.outside(Answer::Weight { kg, measured_on });
}

#[test]
fn trap_22_the_total_is_by_the_weight_of_the_time_and_by_what_was_taken() {
    let mut c = Clinic::new();
    c.now = at("2026-05-01", "09:00");
    c.patient("00801", Sex::Male, "2012-02-03");
    weighed(&mut c, 40, "2026-05-01");
    c.course("2026-05-01", 40);
    // A boy grows: 40 kg for the first thirty days, 50 kg for the next.
    c.now = at("2026-05-31", "09:00");
    weighed(&mut c, 50, "2026-05-31");
    c.open(VisitKind::FollowUp, "2026-06-30", "10:00");
    c.say(
        "dose.taken",
        Answer::Intake {
            intake: Intake::Missed,
            missed_days: Some(5),
            stopped_on: None,
        },
    );
    c.plan(decided(Action::Continue, Some(40), "2026-07-30", None));
    c.sign();
    let said = page(&c, "2026-06-30");
    // 1,200 mg / 40 kg + 1,200 mg / 50 kg = 54, without the five days 50; the
    // weight of today alone would give 48, that of the start 60.
    assert!(said.contains("処方 2,400mg 54mg/kg"), "{said}");
    assert!(said.contains("服用 2,200mg 50mg/kg"), "{said}");
    for wrong in ["48mg/kg", "60mg/kg", "44mg/kg", "55mg/kg"] {
        assert!(!said.contains(wrong), "{wrong}: {said}");
    }
    // Nor is a weight made up where none is known.
    let mut c = Clinic::new();
    c.now = at("2026-05-01", "09:00");
    c.patient("00802", Sex::Male, "1996-02-03");
    c.course("2026-05-01", 20);
    let said = page(&c, "2026-05-31");
    assert!(said.contains("600mg mg/kg は出せない"), "{said}");
}

#[test]
fn trap_23_every_other_day_is_half_the_milligrams_and_not_all_of_them() {
    let dosed = |schedule| {
        let mut c = Clinic::new();
        c.now = at("2026-05-01", "09:00");
        c.patient("00803", Sex::Male, "1996-02-03");
        weighed(&mut c, 50, "2026-05-01");
        c.course("2026-05-01", 20);
        c.open(VisitKind::FollowUp, "2026-05-01", "10:00");
        let plan = decided(Action::Continue, Some(20), "2026-05-29", None);
        c.plan(Plan { schedule, ..plan });
        c.sign();
        let t = Treatment::on(&c.record, day("2026-05-29")).expect("a course");
        let said = page(&c, "2026-05-29");
        (t.mg_per_day, t.cumulative_mg, said)
    };
    // Twenty-eight days of 20 mg.
    let (average, total, said) = dosed(Schedule::EveryOther);
    assert_eq!((average, total), (Some(mg(10)), mg(280)));
    assert!(said.contains("服用 280mg 5.6mg/kg"), "{said}");
    let (_, total, said) = dosed(Schedule::PerWeek(3));
    assert_eq!(total, mg(240));
    assert!(said.contains("服用 240mg 4.8mg/kg"), "{said}");
    let (average, total, _) = dosed(Schedule::Alternating(mg(40)));
    assert_eq!((average, total), (Some(mg(30)), mg(840)));
    assert_eq!(dosed(Schedule::Daily).1, mg(560));
}

#[test]
fn trap_24_two_products_are_two_lines_and_never_one_sum() {
    let mut c = Clinic::new();
    c.now = at("2026-01-01", "09:00");
    c.patient("00804", Sex::Male, "1996-02-03");
    weighed(&mut c, 50, "2026-01-01");
    c.course("2026-01-01", 20);
    c.open(VisitKind::FollowUp, "2026-01-31", "10:00");
    c.plan(decided(Action::Finish, None, "2026-02-28", None));
    c.sign();
    c.now = at("2026-03-01", "09:00");
    c.save(
        EntryKind::Course,
        vec![Change::Course(CourseStart {
            course: CourseId::from_bytes([4; 16]),
            protocol: "isotretinoin".into(),
            product: "LD 16mg".into(),
            first_dose_on: Some(day("2026-03-01")),
            mg_per_day: Some(mg(16)),
            capsule_mg: Some(mg(16)),
            earlier_mg: None,
            transferred: true,
        })],
    );
    let said = page(&c, "2026-03-11");
    let both = said
        .split(c.ja.doses_all)
        .nth(1)
        .expect("the sum of the courses");
    let lines: Vec<&str> = both.lines().map(str::trim).collect();
    let behind = |product: &str| {
        let at = lines.iter().position(|line| *line == product);
        at.and_then(|at| lines.get(at + 1))
            .copied()
            .unwrap_or_default()
    };
    assert!(behind("通常製剤 20mg").contains("服用 600mg"), "{said}");
    assert!(behind("LD 16mg").contains("服用 160mg"), "{said}");
    assert!(!said.contains("760mg"), "{said}");
}
