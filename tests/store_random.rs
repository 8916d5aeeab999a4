//! Whatever is saved in whatever order, the file and the memory agree.

#[path = "kept/every.rs"]
mod every;
mod kept;

use chrono::{NaiveDate, TimeDelta};
use kept::*;
use proptest::prelude::*;
use saishin::domain::answer::{Answer, Phase};
use saishin::domain::change::*;
use saishin::domain::line::{Line, Projection, When};
use saishin::domain::wanted::{Filter, Wanted};
use saishin::store::Store;
use saishin::store::memory::Memory;
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;

/// One thing somebody does, sensible or not.
#[derive(Clone, Debug)]
struct Step {
    what: u8,
    patient: u32,
    visit: u32,
    /// How many entries back an undo looks, or which answer is given.
    pick: usize,
    /// Whether the save is made on the patient as last seen.
    fresh: bool,
    project: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (
        0..13u8,
        1..3u32,
        1..4u32,
        0..200usize,
        prop::bool::weighted(0.95),
        any::<bool>(),
    )
        .prop_map(|(what, patient, visit, pick, fresh, project)| Step {
            what,
            patient,
            visit,
            pick,
            fresh,
            project,
        })
}

fn entry_of(step: &Step, id: u32, answers: &[Answer]) -> Entry {
    let number = step.visit;
    let answer = |visit| given(visit, Some("x"), answers[step.pick % answers.len()].clone());
    let back = id.saturating_sub(1 + step.pick as u32 % 6);
    let mut entry = match step.what {
        0 => opened(number, id),
        1 | 2 => within(number, id, EntryKind::Answer, vec![answer(Some(number))]),
        3 => signed(number, id),
        4 => within(
            number,
            id,
            EntryKind::Amend,
            vec![answer(Some(number)), amendment(number)],
        ),
        5 => voided(number, id),
        6 => Entry {
            visit: Some(visit(number)),
            ..takes_back(EntryKind::Undo, id, back)
        },
        7 => takes_back(EntryKind::Redo, id, back),
        8 => entry(
            id,
            EntryKind::Observe,
            vec![measured(None, 1), drawn(None, 1)],
        ),
        9 => within(
            number,
            id,
            EntryKind::Observe,
            vec![measured(Some(number), number)],
        ),
        10 => entry(
            id,
            EntryKind::Answer,
            vec![answer(None), answer(Some(number))],
        ),
        11 => within(
            number,
            id,
            EntryKind::Sign,
            vec![signature(number), opening(number + 1)],
        ),
        _ => entry(id, EntryKind::Course, vec![identity("9"), course_of(1)]),
    };
    entry.patient = Some(patient(step.patient));
    entry
}

fn projection_of(step: &Step) -> Option<Projection> {
    let key = ["123", "124", "125"][step.pick % 3];
    step.project.then(|| projection(step.patient, key))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_file_and_the_memory_agree(steps in prop::collection::vec(step(), 1..40)) {
        let answers = every::answers();
        let folder = tempfile::tempdir().unwrap();
        let mut file = SqliteStore::create(&folder.path().join("clinic.db"), Mark::Clinic).unwrap();
        let mut memory = Memory::new();
        save_all(&mut file, &[beginning(), registration(2)]);
        save_all(&mut memory, &[beginning(), registration(2)]);
        for (id, step) in (3..).zip(&steps) {
            let entry = entry_of(step, id, &answers);
            let projection = projection_of(step);
            let last = memory.record(patient(step.patient)).unwrap().last().map(|last| last.seq);
            let expected = if step.fresh { last } else { Some(1) };
            let said = memory.append(&entry, expected, projection.as_ref());
            prop_assert_eq!(file.append(&entry, expected, projection.as_ref()), said, "{:?}", entry);
        }
        for number in 1..3 {
            prop_assert_eq!(file.record(patient(number)), memory.record(patient(number)));
            prop_assert_eq!(file.projection(patient(number)), memory.projection(patient(number)));
        }
        prop_assert_eq!(file.clinic(), memory.clinic());
        let today = day("2031-05-06");
        prop_assert_eq!(file.lists(today), memory.lists(today));
        let verdict = file.verify(&mut |_| {}).unwrap();
        prop_assert_eq!(&verdict.problems, &vec![]);
        prop_assert_eq!(verdict, memory.verify(&mut |_| {}).unwrap());
    }
}

/// A row of the lists by chance, around the sixth of May.
fn line_by_chance() -> impl Strategy<Value = Line> {
    let when = || {
        prop_oneof![
            2 => Just(When::NotNeeded),
            1 => Just(When::CannotTell),
            4 => (0..12_i64).prop_map(|n| When::On(near(n))),
        ]
    };
    let perhaps = || prop::option::of((0..12_i64).prop_map(near));
    let phase = prop::option::of(prop::sample::select(Phase::ALL));
    let follow = (perhaps(), perhaps(), perhaps(), perhaps());
    let dues = (when(), when(), when(), when(), when());
    let days = (
        perhaps(),
        perhaps(),
        prop::option::weighted(0.1, Just(near(3))),
    );
    (phase, dues, days, follow, 0..3_u32).prop_map(|(phase, dues, days, follow, unseen)| {
        let mut line = projection(1, "1").line;
        line.phase = phase;
        (
            line.visit_due,
            line.blood_due,
            line.test_due,
            line.end_test_due,
            _,
        ) = dues;
        // A positive test is rare.
        if dues.4 == When::On(near(0)) {
            line.outcome_due = dues.4;
        }
        (line.visit_until, line.watch_until, line.draft) = days;
        (line.awaiting, line.missed_on, line.tried_on, line.back_on) = follow;
        (line.unseen, line.critical) = (unseen, unseen / 2);
        line
    })
}

fn near(n: i64) -> NaiveDate {
    day("2031-05-01") + TimeDelta::days(n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_lists_of_the_file_and_of_the_memory_agree(
        lines in prop::collection::vec(line_by_chance(), 1..40),
        by in 0..8_i64,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut file = SqliteStore::create(&folder.path().join("clinic.db"), Mark::Clinic).unwrap();
        let mut memory = Memory::new();
        for (number, line) in (1..).zip(&lines) {
            let mut row = projection(number, &number.to_string());
            let (patient, chart_number) = (row.line.patient, row.line.chart_number);
            row.line = Line { patient, chart_number, ..line.clone() };
            file.project(&row).unwrap();
            memory.project(&row).unwrap();
        }
        let today = day("2031-05-06");
        let filters = Filter::ALL.iter().map(|filter| Some(*filter));
        for filter in filters.chain([None]) {
            let wanted = Wanted { day: today, by: today + TimeDelta::days(by), filter };
            prop_assert_eq!(file.narrowed(&wanted), memory.narrowed(&wanted));
        }
        prop_assert_eq!(file.closing(today), memory.closing(today));
    }
}
