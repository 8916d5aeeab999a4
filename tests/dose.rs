//! How much was taken: against a day-by-day count, and the words of a dose.

#[allow(dead_code, reason = "shared with the tests of what is due")]
#[path = "due/told.rs"]
mod told;

use proptest::prelude::*;
use rust_decimal::Decimal;
use saishin::domain::answer::*;
use saishin::domain::change::{Change, CourseStart, EntryKind};
use saishin::domain::course::Treatment;
use saishin::domain::dose::{
    by_product, capsules, lasts_until, ledger, ledgers, reaches, total, what_if,
};
use saishin::domain::id::CourseId;
use saishin::domain::lang::Lang;
use saishin::domain::record::decisions;
use saishin::domain::schedule::{Dosing, Schedule, strength};
use saishin::ledger::{Ledger, Proposed, doses};
use saishin::text::Text;
use std::collections::BTreeMap;
use told::*;

fn dosing() -> impl Strategy<Value = Dosing> {
    let schedule = prop_oneof![
        3 => Just(Schedule::Daily),
        1 => Just(Schedule::EveryOther),
        1 => (1..7u8).prop_map(Schedule::PerWeek),
        1 => (1..9i64).prop_map(|n| Schedule::Alternating(Decimal::new(n * 50, 1))),
    ];
    (1..17i64, schedule).prop_map(|(n, schedule)| Dosing {
        mg: Decimal::new(n * 25, 1),
        schedule,
    })
}

/// What happens some days later: a dose, a pause, a weight, missed days.
#[derive(Clone, Debug)]
enum Event {
    Dose(Dosing, u32),
    Hold,
    Weight(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (dosing(), 0..4u32).prop_map(|(dosing, missed)| Event::Dose(dosing, missed)),
        1 => Just(Event::Hold),
        2 => (400..900i64).prop_map(Event::Weight),
    ]
}

fn prescribed(dosing: Dosing, action: Action) -> Plan {
    Plan {
        mg_per_day: Some(dosing.mg),
        schedule: dosing.schedule,
        ..plan(action, None)
    }
}

fn weigh(told: &mut Told, n: u64, tenths: i64) {
    let measured_on = on(n);
    let kg = Decimal::new(tenths, 1);
    told.fact(n, Answer::Weight { kg, measured_on });
}

fn missed(days: u32) -> (&'static str, Answer) {
    let intake = match days {
        0 => Intake::AsPlanned,
        _ => Intake::Missed,
    };
    let answer = Answer::Intake {
        intake,
        missed_days: (days > 0).then_some(days),
        stopped_on: None,
    };
    ("dose.taken", answer)
}

/// A record of these events; and its last day.
fn record(events: &[(u64, Event)]) -> (Told, u64) {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    let first = Dosing::daily(mg(20));
    told.visit(1, &[], prescribed(first, Action::Start));
    let mut n = 1;
    for (gap, event) in events {
        n += gap;
        match event {
            Event::Dose(dosing, days) => {
                told.visit(n, &[missed(*days)], prescribed(*dosing, Action::Start));
            }
            Event::Hold => told.visit(n, &[], plan(Action::Hold, None)),
            Event::Weight(tenths) => weigh(&mut told, n, *tenths),
        }
    }
    (told, n)
}

fn course(told: &Told) -> CourseStart {
    told.record.course().expect("a course").clone()
}

/// Day by day, without segments: which decision holds, which weight, how many
/// milligrams; and the days missed off the last day that can bear them.
fn count(told: &Told, until: u64) -> (Decimal, BTreeMap<Decimal, Decimal>) {
    let plans = decisions(&told.record, course(told).course);
    let weights: Vec<_> = told
        .record
        .facts()
        .filter_map(|said| match said.answer {
            Answer::Weight { kg, measured_on } => Some((*measured_on, *kg)),
            _ => None,
        })
        .collect();
    let (mut all, mut by_kg) = (Decimal::ZERO, BTreeMap::new());
    for n in 1..until {
        let day = on(n);
        let Some((since, plan)) = plans.iter().rfind(|(from, _)| *from <= day) else {
            continue;
        };
        let Some(dosing) = plan.dosing() else {
            continue;
        };
        let mg = dosing.on_day((day - *since).num_days().unsigned_abs());
        let before = weights.iter().filter(|(from, _)| *from <= day);
        let (_, kg) = before
            .max_by_key(|(from, _)| *from)
            .expect("weighed on the first day");
        all += mg;
        *by_kg.entry(*kg).or_insert(Decimal::ZERO) += mg;
    }
    (all, by_kg)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_ledger_is_what_a_count_day_by_day_gives(
        events in prop::collection::vec((1..40u64, event()), 0..9),
        later in 0..60u64,
    ) {
        let without: Vec<_> = events.iter().cloned().map(|(gap, event)| match event {
            Event::Dose(dosing, _) => (gap, Event::Dose(dosing, 0)),
            other => (gap, other),
        }).collect();
        let (told, last) = record(&without);
        let found = total(&ledger(&told.record, &course(&told), on(last + later)).segments);
        let (all, by_kg) = count(&told, last + later);
        prop_assert_eq!(found.prescribed.mg, all);
        prop_assert_eq!(found.taken.mg, all);
        let per_kg = by_kg.iter().map(|(kg, mg)| mg / kg).sum::<Decimal>();
        prop_assert_eq!(found.taken.per_kg(), Some(per_kg));
        prop_assert_eq!(found.prescribed.per_kg(), Some(per_kg));
        let t = Treatment::on(&told.record, on(last + later)).expect("a course");
        prop_assert_eq!(t.cumulative_mg, all, "the header says the same");
    }

    /// Missed days come off, each one capsule day, and never below nothing.
    #[test]
    fn missed_days_come_off(events in prop::collection::vec((5..40u64, event()), 0..9)) {
        let (told, last) = record(&events);
        let found = ledger(&told.record, &course(&told), on(last + 1));
        let mut off = Decimal::ZERO;
        for segment in &found.segments {
            let Some(dosing) = segment.dosing else { continue };
            off += (Decimal::from(segment.missed) * dosing.capsule_day()).min(segment.prescribed());
        }
        let total = total(&found.segments);
        prop_assert_eq!(total.prescribed.mg - total.taken.mg, off);
        prop_assert!(total.taken.mg >= Decimal::ZERO);
    }

    /// Any stretch of a schedule is the sum of its days.
    #[test]
    fn a_stretch_is_the_sum_of_its_days(dosing in dosing(), offset in 0..90u64, days in 0..90u64) {
        let each = (offset..offset + days).map(|day| dosing.on_day(day)).sum::<Decimal>();
        prop_assert_eq!(dosing.total(offset, days), each);
    }

    #[test]
    fn a_dose_reads_back_as_it_is_written(dosing in dosing()) {
        let read = Dosing::parse(&dosing.to_string());
        prop_assert_eq!(read, Some(dosing));
        let kept: Schedule = dosing.schedule.to_string().parse().expect("a schedule");
        prop_assert_eq!(kept, dosing.schedule);
    }

    /// The projected day is the first on which the count reaches the target.
    #[test]
    fn a_target_is_reached_on_the_day_the_count_says(dosing in dosing(), kg in 30..90i64, target in 1..150i64) {
        let (kg, target) = (mg(kg), mg(target));
        let found = reaches(target, Decimal::ZERO, dosing, kg, on(0));
        let day = (0..3_650u64).find(|n| dosing.total(0, n + 1) >= target * kg);
        prop_assert_eq!(found, day.map(on));
    }

    #[test]
    fn capsules_last_until_one_day_more_is_too_many(dosing in dosing(), at_hand in 1..90i64) {
        let all = mg(at_hand * 20);
        if let Some(last) = lasts_until(dosing, all, on(0)) {
            let days = (last - on(0)).num_days().unsigned_abs() + 1;
            prop_assert!(dosing.total(0, days) <= all && dosing.total(0, days + 1) > all);
        }
    }
}

#[test]
fn a_dose_is_read_as_doctors_write_it() {
    let of = |mg_: i64, schedule| {
        Some(Dosing {
            mg: mg(mg_),
            schedule,
        })
    };
    for typed in ["20", "20mg", "２０", "20 毎日", "20 daily"] {
        assert_eq!(Dosing::parse(typed), of(20, Schedule::Daily), "{typed}");
    }
    for typed in ["20 隔日", "20隔日", "20 qod", "20mg隔日", "20 EOD"] {
        assert_eq!(
            Dosing::parse(typed),
            of(20, Schedule::EveryOther),
            "{typed}"
        );
    }
    for typed in ["20 週3", "20 週3回", "20 3/w", "20x3"] {
        assert_eq!(
            Dosing::parse(typed),
            of(20, Schedule::PerWeek(3)),
            "{typed}"
        );
    }
    assert_eq!(
        Dosing::parse("20/40"),
        of(20, Schedule::Alternating(mg(40)))
    );
    for typed in [
        "",
        "0",
        "-20",
        "20 週7",
        "20 x0",
        "301",
        "20/400",
        "20 sometimes",
        "1e3",
        "20/",
    ] {
        assert_eq!(Dosing::parse(typed), None, "{typed}");
    }
}

#[test]
fn every_other_day_is_half_and_three_a_week_three_sevenths() {
    let average = |typed: &str| Dosing::parse(typed).expect("a dose").average();
    assert_eq!(average("20 隔日"), mg(10));
    assert_eq!(average("20/40"), mg(30));
    assert_eq!(average("20 週3"), Decimal::new(857, 2));
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    let dose = Dosing::parse("20 隔日").expect("a dose");
    told.visit(0, &[], prescribed(dose, Action::Start));
    let t = Treatment::on(&told.record, on(30)).expect("a course");
    assert_eq!(t.mg_per_day, Some(mg(10)), "not 20: twice too much");
    assert_eq!(
        (t.cumulative_mg, t.mg_per_kg()),
        (mg(300), Some(Decimal::new(20, 2)))
    );
}

#[test]
fn a_growing_patient_is_counted_at_the_weight_of_the_time() {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 400);
    told.visit(0, &[], prescribed(Dosing::daily(mg(40)), Action::Start));
    weigh(&mut told, 50, 500);
    let found = total(&ledger(&told.record, &course(&told), on(100)).segments);
    assert_eq!(found.taken.mg, mg(4_000));
    assert_eq!(found.taken.per_kg(), Some(mg(50 + 40)), "not 80, nor 100");
}

#[test]
fn products_are_not_added_together() {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.visit(0, &[], prescribed(Dosing::daily(mg(20)), Action::Start));
    let mut switched = course(&told);
    let mut segments = ledger(&told.record, &switched, on(10)).segments;
    switched.product = "16mg LD".into();
    segments.extend(ledger(&told.record, &switched, on(5)).segments);
    let all = by_product(&segments);
    let taken: Vec<_> = all
        .iter()
        .map(|(name, total)| (*name, total.taken.mg))
        .collect();
    assert_eq!(taken, [("20mg", mg(200)), ("16mg LD", mg(100))]);
}

#[test]
fn without_a_weight_there_is_no_total_a_kilogram() {
    let mut told = Told::woman();
    told.course(0, None, false);
    told.visit(0, &[], prescribed(Dosing::daily(mg(20)), Action::Start));
    let found = total(&ledger(&told.record, &course(&told), on(10)).segments);
    assert_eq!((found.taken.mg, found.taken.per_kg()), (mg(200), None));
}

#[test]
fn what_was_taken_elsewhere_stands_beside_and_is_marked() {
    let mut told = Told::woman();
    told.course(30, Some(0), true);
    let taken_over = CourseStart {
        earlier_mg: Some(mg(3_600)),
        ..course(&told)
    };
    told.save(
        30,
        EntryKind::Course,
        None,
        vec![Change::Course(taken_over)],
    );
    let found = ledger(&told.record, &course(&told), on(40));
    assert_eq!(found.elsewhere, Some(mg(3_600)));
}

#[test]
fn capsules_left_and_the_day_they_run_out_stand_against_the_next_visit() {
    let mut told = Told::woman();
    told.course(0, None, false);
    let with = CourseStart {
        capsule_mg: strength("イソトレチノイン ２０ｍｇ カプセル"),
        ..course(&told)
    };
    told.save(0, EntryKind::Course, None, vec![Change::Course(with)]);
    let next = |n| Plan {
        next_visit: Some(on(n)),
        ..prescribed(Dosing::daily(mg(40)), Action::Start)
    };
    told.visit(0, &[], next(28));
    let found = capsules(&told.record, &course(&told), on(10)).expect("a strength");
    assert_eq!(
        (found.dispensed, found.taken, found.left),
        (mg(60), mg(20), mg(40))
    );
    assert_eq!(
        (found.runs_out, found.past_next_visit),
        (Some(on(29)), Some(2))
    );
    let mut later = told.clone();
    later.visit(10, &[], next(50));
    let found = capsules(&later.record, &course(&later), on(20)).expect("a strength");
    // 30 more days were handed out while 20 were left: 40 capsules short of none.
    assert_eq!((found.dispensed, found.left), (mg(120), mg(80)));
    assert_eq!(
        (found.runs_out, found.past_next_visit),
        (Some(on(59)), Some(10))
    );
    let gap = Plan {
        days: Some(7),
        ..next(80)
    };
    let mut short = told;
    short.visit(30, &[], gap);
    let found = capsules(&short.record, &course(&short), on(30)).expect("a strength");
    assert_eq!(found.past_next_visit, Some(-43), "days without capsules");
}

#[test]
fn a_dose_typed_shows_what_it_would_come_to() {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    told.visit(0, &[], prescribed(Dosing::daily(mg(20)), Action::Start));
    let so_far = total(&ledger(&told.record, &course(&told), on(100)).segments);
    assert_eq!(so_far.taken.per_kg(), Some(mg(40)));
    let marks = [mg(120), mg(150)];
    let of = |dose: i64| {
        what_if(
            Dosing::daily(mg(dose)),
            &so_far,
            Some(mg(50)),
            marks,
            Some(mg(200)),
            on(100),
        )
    };
    let (same, double) = (of(20), of(40));
    assert_eq!(
        (same.per_kg, double.per_kg),
        (Some(Decimal::new(40, 2)), Some(Decimal::new(80, 2)))
    );
    assert_eq!((same.lower, same.upper), (Some(on(299)), Some(on(374))));
    assert_eq!((double.lower, double.upper), (Some(on(199)), Some(on(237))));
    assert_eq!(
        (same.lasts_until, double.lasts_until),
        (Some(on(109)), Some(on(104)))
    );
}

/// The dose ledger on day `n`, in Japanese.
fn page(told: &Told, n: u64) -> String {
    let of = Ledger {
        record: &told.record,
        protocol: protocol(),
        settings: settings(),
        on: on(n),
        people: &[],
    };
    doses(&of, &Text::of(Lang::Ja))
}

#[test]
fn another_product_is_a_course_of_its_own_and_ends_the_one_before() {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    told.visit(0, &[], prescribed(Dosing::daily(mg(20)), Action::Start));
    told.course = CourseId::from_bytes([4; 16]);
    let second = CourseStart {
        course: told.course,
        product: "16mg LD".into(),
        ..course(&told)
    };
    told.save(10, EntryKind::Course, None, vec![Change::Course(second)]);
    told.visit(10, &[], prescribed(Dosing::daily(mg(16)), Action::Start));
    let all = ledgers(&told.record, on(15));
    let days: Vec<u64> = all
        .iter()
        .map(|one| one.segments.iter().map(|s| s.days()).sum())
        .collect();
    assert_eq!(days, [10, 5], "no day counts twice");
    let page = page(&told, 15);
    assert!(page.contains("20mg\n  2026-01-05 - 2026-01-14  10日  20mg/日  50kg  200mg"));
    assert!(page.contains("全コース"), "{page}");
    assert!(!page.contains("280mg"), "never added together: {page}");
}

#[test]
fn the_page_tells_with_and_without_the_days_missed() {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    let dose = || prescribed(Dosing::daily(mg(20)), Action::Start);
    told.visit(0, &[], dose());
    told.visit(30, &[missed(4)], dose());
    let page = page(&told, 40);
    for line in [
        "  2026-01-05 - 2026-02-03  30日  20mg/日  50kg  600mg  飲み忘れ 4日で 520mg",
        "  計 処方 800mg 16.0mg/kg  服用 720mg 14.4mg/kg",
        "0.4mg/kg/日",
    ] {
        assert!(page.contains(line), "{line} in\n{page}");
    }
}

#[test]
fn held_days_an_unknown_weight_and_what_was_taken_elsewhere_are_said() {
    let mut told = Told::woman();
    told.course(0, Some(0), true);
    let taken_over = CourseStart {
        earlier_mg: Some(mg(3_600)),
        ..course(&told)
    };
    told.save(0, EntryKind::Course, None, vec![Change::Course(taken_over)]);
    told.visit(20, &[], plan(Action::Hold, None));
    let page = page(&told, 30);
    for line in [
        "20mg (他院から引き継ぎ)",
        "20日  20mg/日  体重不明  400mg",
        "10日  休薬",
        "処方 400mg mg/kg は出せない(体重不明)",
        "他院での申告 3,600mg  合わせて 4,000mg",
    ] {
        assert!(page.contains(line), "{line} in\n{page}");
    }
}

#[test]
fn capsules_that_end_before_the_next_visit_are_counted_in_days() {
    let mut told = Told::woman();
    told.course(0, None, false);
    weigh(&mut told, 0, 500);
    let next = Plan {
        next_visit: Some(on(40)),
        ..prescribed(Dosing::daily(mg(20)), Action::Start)
    };
    told.visit(0, &[], next);
    let t = Treatment::on(&told.record, on(10)).expect("a course");
    let typed = |dose: i64, days, next_visit| {
        let proposed = Proposed {
            record: &told.record,
            t: &t,
            settings: settings(),
            on: on(10),
            dosing: Dosing::daily(mg(dose)),
            days,
            next_visit,
        };
        proposed.lines(&Text::of(Lang::En))
    };
    // The strength of the capsules is not known: only what is handed out now counts.
    assert_eq!(
        typed(40, Some(28), Some(on(40))),
        [
            "0.8mg/kg/day",
            "At this dose 120mg/kg on Mon 2026-06-08, 150mg/kg on Thu 2026-07-16",
            "last until Wed 2026-02-11  2 d short of the next visit",
        ]
    );
    let last = |days, next| typed(40, Some(days), next).pop().unwrap_or_default();
    assert!(last(30, Some(on(40))).ends_with("just until the next visit"));
    assert!(last(33, Some(on(40))).ends_with("3 d over at the next visit"));
    assert_eq!(typed(40, None, None).len(), 2, "nothing known of capsules");
}
