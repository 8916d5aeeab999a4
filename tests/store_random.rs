//! Whatever is saved in whatever order, the file and the memory agree.

#[path = "kept/every.rs"]
mod every;
mod kept;

use kept::*;
use proptest::prelude::*;
use saishin::domain::answer::Answer;
use saishin::domain::change::*;
use saishin::domain::line::Projection;
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
