//! What every store promises, told once and asked of each.

#[path = "kept/every.rs"]
mod every;
mod kept;

use kept::*;
use saishin::domain::answer::*;
use saishin::domain::arrival::*;
use saishin::domain::change::*;
use saishin::domain::closing::Open;
use saishin::domain::line::{Projection, When};
use saishin::domain::wanted::{Filter, Wanted};
use saishin::store::memory::Memory;
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;
use saishin::store::{Head, Lists, Refusal, Store, StoreError, misprojected};

/// Asks the same of a store in memory and of one in a fresh file.
fn on_both(story: impl Fn(&mut dyn Store)) {
    story(&mut Memory::new());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clinic.db");
    story(&mut SqliteStore::create(&path, Mark::Clinic).unwrap());
}

fn refused(why: Refusal) -> Result<Head, StoreError> {
    Err(StoreError::Refused(why))
}

fn intact(store: &dyn Store) {
    let mut told = 0;
    let verdict = store.verify(&mut |read| told = read).unwrap();
    assert_eq!(verdict.problems, []);
    assert_eq!(verdict.entries, verdict.head.seq);
    assert_eq!(told, verdict.entries);
    assert_eq!(verdict.head, store.clinic().unwrap().head);
}

#[test]
fn every_change_comes_back_as_it_was_saved() {
    on_both(|store| {
        let entries = every::entries();
        save_all(store, &entries);
        let record = store.record(patient(1)).unwrap();
        let back: Vec<Entry> = record.iter().map(|stored| stored.entry.clone()).collect();
        let saved: Vec<Entry> = entries
            .iter()
            .filter(|entry| entry.patient.is_some())
            .cloned()
            .collect();
        for (back, saved) in back.iter().zip(&saved) {
            assert_eq!(back, saved);
            assert_eq!(
                format!("{back:?}"),
                format!("{saved:?}"),
                "also 20 and 20.0 differ"
            );
        }
        assert_eq!(back.len(), saved.len());
        intact(store);
        assert_eq!(store.check(patient(1)).unwrap(), []);
        assert_eq!(store.patients().unwrap(), [patient(1)]);
    });
}

#[test]
fn the_story_of_every_change_leaves_no_kind_out() {
    let entries = every::entries();
    for kind in EntryKind::ALL.iter().filter(|kind| {
        // These four are in the first entries under one kind, and differ in nothing else.
        !matches!(
            kind,
            EntryKind::Setting | EntryKind::Protocol | EntryKind::Course | EntryKind::Deny
        )
    }) {
        assert!(entries.iter().any(|entry| entry.kind == *kind), "{kind:?}");
    }
    let tables: std::collections::BTreeSet<&str> = entries
        .iter()
        .flat_map(|entry| saishin::store::rows::Rows::of(entry).unwrap().facts)
        .map(|row| row.table.name)
        .collect();
    assert_eq!(tables.len(), saishin::store::rows::TABLES.len());
}

#[test]
fn both_stores_make_the_same_chain() {
    let mut memory = Memory::new();
    save_all(&mut memory, &every::entries());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clinic.db");
    let mut file = SqliteStore::create(&path, Mark::Clinic).unwrap();
    save_all(&mut file, &every::entries());
    assert_eq!(memory.record(patient(1)), file.record(patient(1)));
    assert_eq!(memory.clinic(), file.clinic());
    assert_eq!(memory.verify(&mut |_| {}), file.verify(&mut |_| {}));
}

#[test]
fn people_settings_and_protocols_hold_as_last_said() {
    on_both(|store| {
        save_all(store, &[beginning()]);
        let later = Entry {
            patient: None,
            ..entry(
                2,
                EntryKind::Setting,
                vec![
                    Change::Person(Person {
                        person: person(2),
                        name: "Nurse Zwei".into(),
                    }),
                    Change::Setting(Setting {
                        name: "language".into(),
                        number: None,
                        text: Some("en".into()),
                    }),
                ],
            )
        };
        save_all(store, &[later]);
        let clinic = store.clinic().unwrap();
        let names: Vec<&str> = clinic
            .people
            .iter()
            .map(|person| person.name.as_str())
            .collect();
        assert_eq!(names, ["医師 一", "Nurse Zwei"]);
        let settings: Vec<_> = clinic
            .settings
            .iter()
            .map(|s| (s.name.as_str(), s.text.as_deref()))
            .collect();
        assert_eq!(
            settings,
            [("language", Some("en")), ("visit.interval_days", None)]
        );
        let said: Vec<_> = store.settings().unwrap();
        let said: Vec<&str> = said.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(said, ["visit.interval_days", "language", "language"]);
        assert_eq!(clinic.protocols[0].version, "1");
        assert_eq!(clinic.head.seq, 2);
        assert!(!clinic.demo);
        let text = store.protocol(&PROTOCOL).unwrap().unwrap();
        assert!(text.text.contains("dry.lips"));
        assert_eq!(store.protocol(&SETTINGS), Ok(None));
        let again = Entry {
            id: entry_id(9),
            ..beginning()
        };
        assert_eq!(save(store, &again), refused(Refusal::Duplicate));
    });
}

#[test]
fn a_save_on_an_old_view_of_the_patient_is_a_conflict() {
    on_both(|store| {
        open_visit(store);
        assert_eq!(
            store.append(&answered(1, 4, 1), None, None),
            Err(StoreError::Conflict)
        );
        assert_eq!(
            store.append(&answered(1, 4, 1), Some(2), None),
            Err(StoreError::Conflict)
        );
        assert_eq!(
            store.append(&answered(1, 4, 1), Some(3), None).unwrap().seq,
            4
        );
        let other = Entry {
            patient: Some(patient(2)),
            ..entry(5, EntryKind::Patient, vec![identity("7")])
        };
        assert_eq!(
            store.append(&other, Some(4), None),
            Err(StoreError::Conflict)
        );
        assert_eq!(
            store.append(&other, None, None).unwrap().seq,
            5,
            "another patient's head"
        );
        assert_eq!(
            store.append(&answered(1, 6, 2), Some(4), None).unwrap().seq,
            6
        );
        intact(store);
    });
}

#[test]
fn an_entry_sent_twice_is_saved_once() {
    on_both(|store| {
        open_visit(store);
        let first = save(store, &answered(1, 4, 1)).unwrap();
        save_all(store, &[answered(1, 5, 2)]);
        assert_eq!(store.append(&answered(1, 4, 1), Some(3), None), Ok(first));
        assert_eq!(
            store.append(&answered(1, 4, 3), Some(5), None),
            refused(Refusal::Duplicate)
        );
        assert_eq!(store.clinic().unwrap().head.seq, 5);
    });
}

#[test]
fn a_chart_number_belongs_to_one_patient() {
    on_both(|store| {
        save_all(store, &[beginning()]);
        store
            .append(&registration(2), None, Some(&projection(1, "123")))
            .unwrap();
        let other = Entry {
            patient: Some(patient(2)),
            ..entry(3, EntryKind::Patient, vec![identity("123")])
        };
        let taken = store.append(&other, None, Some(&projection(2, "123")));
        assert_eq!(taken, Err(StoreError::ChartNumberTaken));
        assert_eq!(
            store.record(patient(2)).unwrap(),
            [],
            "nothing of it was saved"
        );
        assert_eq!(
            store.project(&projection(2, "123")),
            Err(StoreError::ChartNumberTaken)
        );
        assert_eq!(store.find("123"), Ok(Some(patient(1))));
        store
            .append(&other, None, Some(&projection(2, "124")))
            .unwrap();
        // Given up by the one, it is free for the other.
        store.project(&projection(1, "125")).unwrap();
        store.project(&projection(2, "123")).unwrap();
        assert_eq!(store.find("123"), Ok(Some(patient(2))));
        assert_eq!(store.find("124"), Ok(None));
        assert_eq!(store.clinic().unwrap().patients, 2);
    });
}

#[test]
fn a_signed_visit_takes_nothing_more() {
    on_both(|store| {
        open_visit(store);
        save_all(
            store,
            &[
                answered(1, 4, 1),
                entry(5, EntryKind::Observe, vec![drawn(None, 1)]),
            ],
        );
        save_all(store, &[signed(1, 6)]);
        let memo = Memo {
            visit: visit(1),
            item: item("dry.lips"),
            text: "later".into(),
        };
        let context = Context {
            visit: visit(1),
            mode: Mode::Phone,
            companion: false,
        };
        let frozen = FrozenAnswer {
            visit: visit(1),
            item: item("x"),
            standing: Standing::Answered,
            label: "x".into(),
            shown: None,
        };
        let mut late: Vec<Change> = vec![
            Change::Memo(memo),
            Change::Context(context),
            Change::FrozenAnswer(frozen),
            drawn(Some(1), 2),
            measured(Some(1), 1),
        ];
        late.extend(
            every::answers()
                .into_iter()
                .map(|answer| given(Some(1), Some("x"), answer)),
        );
        for (place, change) in late.into_iter().enumerate() {
            let entry = within(
                1,
                100 + place as u32,
                EntryKind::Answer,
                vec![change.clone()],
            );
            assert_eq!(
                save(store, &entry),
                refused(Refusal::SignedVisit),
                "{change:?}"
            );
        }
        assert_eq!(
            save(store, &takes_back(EntryKind::Undo, 7, 4)),
            refused(Refusal::SignedVisit)
        );
        assert_eq!(save(store, &signed(1, 8)), refused(Refusal::AlreadySigned));
        let between = entry(9, EntryKind::Observe, vec![measured(None, 1)]);
        assert!(
            save(store, &between).is_ok(),
            "a result between visits is taken"
        );
        intact(store);
    });
}

#[test]
fn an_amendment_stands_in_one_entry_with_what_it_amends() {
    on_both(|store| {
        open_visit(store);
        let early = within(1, 4, EntryKind::Amend, vec![amendment(1)]);
        assert_eq!(save(store, &early), refused(Refusal::NotSigned));
        save_all(store, &[signed(1, 5)]);
        let new = given(Some(1), Some("dry.lips"), Answer::Code(3));
        save_all(
            store,
            &[within(
                1,
                6,
                EntryKind::Amend,
                vec![new.clone(), amendment(1)],
            )],
        );
        // Only in that entry: the next word needs an amendment of its own.
        let next = within(1, 7, EntryKind::Answer, vec![new]);
        assert_eq!(save(store, &next), refused(Refusal::SignedVisit));
        let undo = Entry {
            visit: Some(visit(1)),
            ..takes_back(EntryKind::Undo, 8, 6)
        };
        assert_eq!(save(store, &undo), refused(Refusal::NotUndoable));
        let again = within(1, 9, EntryKind::Sign, vec![amendment(1), signature(1)]);
        assert_eq!(save(store, &again), refused(Refusal::AlreadySigned));
        intact(store);
    });
}

#[test]
fn a_voided_visit_takes_nothing_more() {
    on_both(|store| {
        open_visit(store);
        save_all(store, &[answered(1, 4, 1), voided(1, 5)]);
        assert_eq!(
            save(store, &answered(1, 6, 1)),
            refused(Refusal::VoidedVisit)
        );
        assert_eq!(save(store, &signed(1, 7)), refused(Refusal::VoidedVisit));
        assert_eq!(save(store, &voided(1, 8)), refused(Refusal::VoidedVisit));
        let amend = within(1, 9, EntryKind::Amend, vec![amendment(1)]);
        assert_eq!(save(store, &amend), refused(Refusal::VoidedVisit));
        assert_eq!(
            save(store, &takes_back(EntryKind::Undo, 10, 4)),
            refused(Refusal::VoidedVisit)
        );
        save_all(store, &[opened(2, 11), signed(2, 12), voided(2, 13)]);
        intact(store);
    });
}

#[test]
fn one_visit_of_a_patient_is_open_at_a_time() {
    on_both(|store| {
        open_visit(store);
        assert_eq!(
            save(store, &opened(2, 4)),
            refused(Refusal::AnotherVisitOpen)
        );
        assert_eq!(save(store, &opened(1, 5)), refused(Refusal::Duplicate));
        save_all(
            store,
            &[signed(1, 6), opened(2, 7), voided(2, 8), opened(3, 9)],
        );
        intact(store);
    });
}

#[test]
fn only_what_can_be_taken_back_is() {
    on_both(|store| {
        open_visit(store);
        save_all(
            store,
            &[answered(1, 4, 1), takes_back(EntryKind::Undo, 5, 4)],
        );
        for named in [2, 3, 5, 99] {
            let undo = takes_back(EntryKind::Undo, 100 + named, named);
            assert_eq!(
                save(store, &undo),
                refused(Refusal::NotUndoable),
                "entry {named}"
            );
        }
        let redo = takes_back(EntryKind::Redo, 6, 4);
        assert_eq!(
            save(store, &redo),
            refused(Refusal::NotUndoable),
            "a redo names an undo"
        );
        save_all(
            store,
            &[
                takes_back(EntryKind::Redo, 7, 5),
                takes_back(EntryKind::Undo, 8, 4),
            ],
        );
        let other = Entry {
            patient: Some(patient(2)),
            ..takes_back(EntryKind::Undo, 9, 4)
        };
        assert_eq!(
            save(store, &other),
            refused(Refusal::NotUndoable),
            "another patient's"
        );
        intact(store);
    });
}

#[test]
fn nothing_names_what_is_not_there() {
    on_both(|store| {
        let nobody = Entry {
            patient: None,
            ..entry(1, EntryKind::Setting, vec![setting()])
        };
        assert_eq!(
            save(store, &nobody),
            refused(Refusal::Unknown),
            "no such person"
        );
        save_all(store, &[beginning(), registration(2)]);
        let unknown = [
            answered(1, 10, 1),
            signed(1, 11),
            voided(1, 12),
            within(
                1,
                13,
                EntryKind::Answer,
                vec![given(None, None, Answer::Code(1))],
            ),
            entry(14, EntryKind::Observe, vec![measured(None, 1)]),
            Entry {
                person: person(9),
                ..entry(15, EntryKind::Patient, vec![identity("1")])
            },
        ];
        for entry in unknown {
            assert_eq!(
                save(store, &entry),
                refused(Refusal::Unknown),
                "{:?}",
                entry.changes
            );
        }
        let other = Entry {
            patient: Some(patient(2)),
            ..opened(1, 16)
        };
        assert_eq!(
            save(store, &other),
            refused(Refusal::Unknown),
            "another patient's course"
        );
        save_all(store, &[opened(1, 17)]);
        let other = Entry {
            patient: Some(patient(2)),
            ..answered(1, 18, 1)
        };
        assert_eq!(
            save(store, &other),
            refused(Refusal::Unknown),
            "another patient's visit"
        );
        intact(store);
    });
}

fn setting() -> Change {
    Change::Setting(Setting {
        name: "language".into(),
        number: None,
        text: None,
    })
}

#[test]
fn what_is_not_an_entry_is_refused() {
    on_both(|store| {
        open_visit(store);
        let malformed = [
            entry(10, EntryKind::Answer, vec![]),
            entry(11, EntryKind::Undo, vec![]),
            Entry {
                undoes: Some(entry_id(3)),
                ..answered(1, 12, 1)
            },
            Entry {
                patient: None,
                ..answered(1, 13, 1)
            },
            Entry {
                patient: None,
                ..registration(14)
            },
            entry(
                15,
                EntryKind::Answer,
                vec![given(Some(1), None, Answer::Code(1))],
            ),
            within(
                1,
                16,
                EntryKind::Answer,
                vec![given(Some(1), None, Answer::Text("a\0b".into()))],
            ),
            within(
                1,
                17,
                EntryKind::Answer,
                vec![given(Some(1), None, Answer::Day(chrono::NaiveDate::MAX))],
            ),
        ];
        for entry in malformed {
            assert_eq!(
                save(store, &entry),
                refused(Refusal::Malformed),
                "{:?}",
                entry.changes
            );
        }
    });
}

#[test]
fn a_batch_is_saved_whole_or_not_at_all() {
    on_both(|store| {
        let good: Vec<(Entry, Option<Projection>)> = vec![
            (beginning(), None),
            (registration(2), Some(projection(1, "123"))),
            (opened(1, 3), None),
            (signed(1, 4), None),
        ];
        let mut bad = good.clone();
        bad.push((answered(1, 5, 1), None));
        assert_eq!(store.append_all(&bad), refused(Refusal::SignedVisit));
        assert_eq!(store.clinic().unwrap().head, Head::default());
        assert_eq!(store.find("123"), Ok(None));
        let receipt = store.append_all(&good).unwrap();
        assert_eq!(receipt, store.clinic().unwrap().head);
        assert_eq!(receipt.seq, 4);
        assert_eq!(
            store.append_all(&good),
            Ok(receipt),
            "sent twice, saved once"
        );
        intact(store);
    });
}

#[test]
fn a_projection_is_replaced_as_a_whole() {
    on_both(|store| {
        save_all(store, &[beginning(), registration(2)]);
        let mut new = projection(1, "123");
        store.project(&new).unwrap();
        assert_eq!(store.projection(patient(1)), Ok(Some(new.clone())));
        new.keys = ["さとう".to_owned(), "123".to_owned()].into();
        new.line.blood_due = When::On(day("2031-05-01"));
        new.line.phase = None;
        store.project(&new).unwrap();
        assert_eq!(store.projection(patient(1)), Ok(Some(new.clone())));
        assert_eq!(
            names(&store.search(&["やまだ".into()], 9).unwrap()),
            Vec::<u32>::new()
        );
        assert_eq!(names(&store.search(&["さと".into()], 9).unwrap()), [1]);
        let compute = |_, _: &[_]| Some(new.clone());
        assert_eq!(misprojected(store, &compute), Ok(vec![]));
        assert_eq!(misprojected(store, &|_, _| None), Ok(vec![patient(1)]));
    });
}

/// The numbers of the patients in these lines.
fn names(lines: &[saishin::domain::line::Line]) -> Vec<u32> {
    let number = |line: &saishin::domain::line::Line| {
        u32::from_be_bytes(line.patient.bytes()[12..].try_into().unwrap())
    };
    lines.iter().map(number).collect()
}

#[test]
fn a_patient_is_found_by_the_beginning_then_by_the_middle() {
    on_both(|store| {
        for (number, keys) in [
            (1, ["123", "やまだ"]),
            (2, ["0123", "だいご"]),
            (3, ["9", "やまもと"]),
        ] {
            let mut new = projection(number, keys[0]);
            new.keys = keys.map(str::to_owned).into();
            store.project(&new).unwrap();
        }
        let found = |keys: &[&str], limit| {
            let keys: Vec<String> = keys.iter().map(|key| key.to_string()).collect();
            names(&store.search(&keys, limit).unwrap())
        };
        assert_eq!(found(&["やま"], 9), [1, 3]);
        assert_eq!(found(&["やま"], 1), [1]);
        assert_eq!(
            found(&["だ"], 9),
            [2, 1],
            "the beginning of 2 before the end of 1"
        );
        assert_eq!(found(&["12"], 9), [1, 2]);
        assert_eq!(found(&["9", "やまだ"], 9), [3, 1], "in the order asked");
        assert_eq!(found(&["%"], 9), Vec::<u32>::new());
        assert_eq!(found(&[""], 9), Vec::<u32>::new());
        assert_eq!(found(&[], 9), Vec::<u32>::new());
    });
}

#[test]
fn the_lists_have_everybody_in_place() {
    on_both(|store| {
        let mut put = |number: u32, change: &dyn Fn(&mut saishin::domain::line::Line)| {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::CannotTell;
            change(&mut new.line);
            store.project(&new).unwrap();
        };
        let today = day("2031-05-10");
        put(1, &|line| line.visit_due = When::On(day("2031-05-13")));
        put(2, &|line| line.visit_due = When::On(day("2031-05-14")));
        put(3, &|line| line.blood_due = When::On(day("2031-05-07")));
        put(4, &|line| line.draft = Some(day("2031-05-09")));
        put(5, &|line| line.visit_due = When::On(day("2031-05-06")));
        put(6, &|_| {});
        put(7, &|line| {
            (line.phase, line.watch_until) = (Some(Phase::After), Some(today));
        });
        put(8, &|line| {
            (line.phase, line.watch_until) = (Some(Phase::After), Some(day("2031-05-09")));
        });
        put(9, &|line| {
            line.visit_due = When::On(day("2031-06-09"));
            line.blood_due = When::On(day("2030-01-01"));
        });
        put(10, &|line| line.phase = None);
        put(11, &|line| {
            line.visit_due = When::On(day("2031-01-01"));
            line.blood_due = When::On(day("2031-05-10"));
        });
        put(12, &|line| {
            line.phase = Some(Phase::After);
            line.visit_due = When::NotNeeded;
            line.outcome_due = When::On(day("2024-01-01"));
        });
        put(13, &|line| {
            line.visit_due = When::On(day("2031-06-09"));
            line.test_due = When::On(day("2031-05-11"));
        });
        put(14, &|line| {
            line.phase = Some(Phase::After);
            line.visit_due = When::On(day("2031-01-01"));
            line.visit_until = Some(day("2031-05-10"));
        });
        put(15, &|line| {
            line.phase = Some(Phase::After);
            line.visit_due = When::NotNeeded;
            line.end_test_due = When::On(day("2031-02-01"));
        });
        let Lists {
            today: now,
            follow_up,
            more_today,
            more_follow_up,
            ..
        } = store.lists(today).unwrap();
        assert_eq!(names(&now), [4, 3, 13, 1]);
        assert_eq!(names(&follow_up), [12, 6, 9, 11, 15, 5, 7]);
        assert!(!more_today && !more_follow_up);
    });
}

#[test]
fn a_list_says_when_it_leaves_somebody_out() {
    on_both(|store| {
        for number in 0..=500 {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day("2031-01-01"));
            store.project(&new).unwrap();
        }
        let lists = store.lists(day("2031-05-10")).unwrap();
        assert_eq!((lists.follow_up.len(), lists.more_follow_up), (500, true));
        assert_eq!((lists.today.len(), lists.more_today), (0, false));
    });
}

#[test]
fn those_of_today_take_no_room_in_the_other_list() {
    on_both(|store| {
        let day_of = |number: u32| match number % 2 {
            0 => day("2031-05-13"),
            _ => day("2031-05-07"),
        };
        for number in 0..=600 {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day_of(number));
            new.line.blood_due = When::On(day("2031-01-01"));
            new.line.watch_until = Some(day("2031-05-10"));
            if number == 600 {
                new.line.visit_due = When::On(day("2031-05-06"));
                new.line.blood_due = When::On(day("2031-05-06"));
            }
            store.project(&new).unwrap();
        }
        let lists = store.lists(day("2031-05-10")).unwrap();
        assert_eq!((lists.today.len(), lists.more_today), (500, true));
        assert_eq!(names(&lists.follow_up), [600]);
        assert!(!lists.more_follow_up);
    });
}

#[test]
fn a_list_is_narrowed_to_one_thing_and_counts_who_is_kept_back() {
    on_both(|store| {
        let mut put = |number: u32, change: &dyn Fn(&mut saishin::domain::line::Line)| {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day("2031-05-10"));
            change(&mut new.line);
            store.project(&new).unwrap();
        };
        put(1, &|_| {});
        put(2, &|line| line.blood_due = When::On(day("2031-06-08")));
        put(3, &|line| line.blood_due = When::On(day("2031-06-09")));
        put(4, &|line| line.blood_due = When::CannotTell);
        put(5, &|line| line.test_due = When::On(day("2031-05-10")));
        put(6, &|line| line.end_test_due = When::On(day("2031-01-10")));
        put(7, &|line| {
            (line.phase, line.watch_until) = (Some(Phase::After), Some(day("2031-05-10")));
        });
        put(8, &|line| line.draft = Some(day("2031-05-10")));
        put(9, &|line| line.unseen = 1);
        let narrowed = |filter| {
            let wanted = Wanted {
                day: day("2031-05-10"),
                by: day("2031-06-08"),
                filter,
            };
            let lists = store.narrowed(&wanted).unwrap();
            assert_eq!((lists.follow_up, lists.more_hidden), (vec![], false));
            (names(&lists.today), lists.hidden)
        };
        assert_eq!(narrowed(None).1, 0);
        assert_eq!(narrowed(Some(Filter::Blood)), (vec![2, 4], 7));
        assert_eq!(narrowed(Some(Filter::Test)), (vec![5, 6], 7));
        assert_eq!(narrowed(Some(Filter::Window)), (vec![7], 8));
        assert_eq!(narrowed(Some(Filter::Draft)), (vec![8], 8));
        assert_eq!(narrowed(Some(Filter::Unseen)), (vec![9], 8));
    });
}

#[test]
fn a_narrowed_list_reaches_those_the_whole_one_had_no_room_for() {
    on_both(|store| {
        for number in 0..=500 {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day("2031-01-01"));
            if number == 500 {
                new.line.unseen = 1;
            }
            store.project(&new).unwrap();
        }
        let wanted = Wanted {
            filter: Some(Filter::Unseen),
            ..Wanted::on(day("2031-05-10"))
        };
        let lists = store.narrowed(&wanted).unwrap();
        assert_eq!(names(&lists.follow_up), [500]);
        assert_eq!((lists.hidden, lists.more_hidden), (499, true));
    });
}

#[test]
fn whoever_is_left_out_of_the_lists_stands_there_again_on_the_day_itself() {
    on_both(|store| {
        let mut put = |number: u32, change: &dyn Fn(&mut saishin::domain::line::Line)| {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day("2031-05-01"));
            new.line.back_on = Some(day("2031-05-10"));
            change(&mut new.line);
            store.project(&new).unwrap();
        };
        put(1, &|_| {});
        put(2, &|line| line.blood_due = When::On(day("2031-05-09")));
        put(3, &|line| line.visit_due = When::CannotTell);
        put(4, &|line| {
            (line.phase, line.watch_until) = (Some(Phase::After), Some(day("2031-06-10")));
        });
        let of = |on: &str| {
            let lists = store.lists(day(on)).unwrap();
            [names(&lists.today), names(&lists.follow_up)].concat()
        };
        assert_eq!(of("2031-05-09"), Vec::<u32>::new());
        assert_eq!(of("2031-05-10"), [3, 1, 2, 4]);
    });
}

#[test]
fn what_a_pregnancy_hangs_on_and_a_draft_are_never_left_out() {
    on_both(|store| {
        let mut put = |number: u32, change: &dyn Fn(&mut saishin::domain::line::Line)| {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::On(day("2031-01-01"));
            new.line.back_on = Some(day("2031-12-31"));
            change(&mut new.line);
            store.project(&new).unwrap();
        };
        put(1, &|line| line.test_due = When::On(day("2031-05-10")));
        put(2, &|line| line.end_test_due = When::On(day("2031-01-10")));
        put(3, &|line| line.outcome_due = When::On(day("2031-01-10")));
        put(4, &|line| line.draft = Some(day("2031-05-10")));
        put(5, &|_| {});
        let lists = store.lists(day("2031-05-10")).unwrap();
        assert_eq!(names(&lists.today), [4, 1]);
        assert_eq!(names(&lists.follow_up), [3, 2]);
    });
}

#[test]
fn the_close_of_a_day_names_what_is_open_by_its_reason() {
    on_both(|store| {
        let mut put = |number: u32, change: &dyn Fn(&mut saishin::domain::line::Line)| {
            let mut new = projection(number, &number.to_string());
            new.line.visit_due = When::NotNeeded;
            change(&mut new.line);
            store.project(&new).unwrap();
        };
        let today = day("2031-05-10");
        put(1, &|line| line.draft = Some(today));
        put(2, &|line| line.draft = Some(day("2031-05-02")));
        put(3, &|line| line.unseen = 1);
        put(4, &|line| (line.unseen, line.critical) = (2, 1));
        put(5, &|line| line.awaiting = Some(today));
        put(6, &|line| line.visit_due = When::On(today));
        put(7, &|line| {
            (line.missed_on, line.tried_on) = (Some(day("2031-05-04")), Some(today));
        });
        put(8, &|line| {
            (line.missed_on, line.tried_on) = (Some(day("2031-05-03")), Some(today));
        });
        put(9, &|line| {
            (line.missed_on, line.tried_on) = (Some(day("2031-02-01")), Some(day("2031-01-31")));
        });
        put(10, &|line| {
            (line.missed_on, line.back_on) = (Some(today), Some(day("2031-05-11")));
        });
        put(11, &|line| line.back_on = Some(today));
        put(12, &|line| line.visit_due = When::On(day("2031-05-09")));
        let closing = store.closing(today).unwrap();
        let rows: Vec<(Open, u32)> = closing
            .rows
            .iter()
            .map(|(open, line)| (*open, names(std::slice::from_ref(line))[0]))
            .collect();
        use Open::*;
        assert_eq!(
            rows,
            [
                (Unsigned, 1),
                (Draft, 2),
                (Unseen, 4),
                (Unseen, 3),
                (Awaiting, 5),
                (Missed, 6),
                (Missed, 9),
                (Missed, 7),
                (Snoozed, 10),
            ]
        );
        assert!(!closing.more);
    });
}

#[test]
fn an_empty_store_is_intact() {
    on_both(|store| {
        intact(store);
        assert_eq!(store.lists(day("2031-05-10")), Ok(Lists::default()));
        assert_eq!(store.record(patient(1)), Ok(vec![]));
    });
}

fn undone(id: u32, named: u32) -> Entry {
    takes_back(EntryKind::Undo, id, named)
}

#[test]
fn what_a_file_brought_waits_until_it_is_linked_and_again_when_unlinked() {
    on_both(|store| {
        save_all(store, &[beginning(), registration(2), import(3, 1)]);
        let waiting = |store: &dyn Store| -> Vec<_> {
            let draws = store.waiting(9).unwrap().into_iter();
            draws.map(|told| told.draw).collect()
        };
        assert_eq!(waiting(store), [draw(2), draw(3)]);
        assert_eq!(store.unseen().unwrap().waiting, 2);
        save_all(store, &[linked(4, 2)]);
        assert_eq!(waiting(store), [draw(3)]);
        save_all(store, &[undone(5, 4)]);
        assert_eq!(waiting(store), [draw(2), draw(3)]);
        save_all(store, &[linked(6, 2)]);
        assert_eq!(waiting(store), [draw(3)]);
        let (told, results) = store.draw(draw(2)).unwrap().unwrap();
        assert_eq!(told.draw, draw(2));
        assert_eq!(results, [sent(2, 2, true)]);
        assert_eq!(store.draw(draw(77)).unwrap(), None);
        intact(store);
    });
}

#[test]
fn a_draw_is_one_patients_and_an_unlinked_one_is_linked_anew() {
    on_both(|store| {
        save_all(
            store,
            &[beginning(), registration(2), import(3, 1), linked(4, 2)],
        );
        let again = |store: &mut dyn Store, entry: Entry| store.append(&entry, Some(4), None);
        assert_eq!(again(store, linked(5, 2)), refused(Refusal::Unknown));
        assert_eq!(again(store, linked(5, 9)), refused(Refusal::Unknown));
        save_all(store, &[undone(6, 4)]);
        let redo = takes_back(EntryKind::Redo, 7, 6);
        assert_eq!(
            store.append(&redo, Some(5), None),
            refused(Refusal::NotUndoable)
        );
    });
}

#[test]
fn a_draw_that_was_set_aside_waits_no_longer_and_can_be_taken_back() {
    let aside = |id: u32, of: u32| Entry {
        patient: None,
        ..entry(
            id,
            EntryKind::Aside,
            vec![Change::Aside(Aside {
                draw: draw(of),
                why: AsideWhy::Stranger,
            })],
        )
    };
    let outside = |entry: Entry| Entry {
        patient: None,
        ..entry
    };
    on_both(|store| {
        save_all(store, &[beginning(), registration(2), import(3, 1)]);
        let waiting = store.waiting(9).unwrap().len();
        save_all(store, &[aside(4, 2)]);
        assert_eq!(store.waiting(9).unwrap().len(), waiting - 1);
        let set = store.set_aside(9).unwrap();
        assert_eq!((set.len(), set[0].draw.draw), (1, draw(2)));
        assert_eq!(set[0].why, AsideWhy::Stranger);
        assert!(store.file_of(draw(2)).unwrap().is_some());
        assert_eq!(store.file_of(draw(99)).unwrap(), None);
        // Neither set aside twice nor linked meanwhile.
        let twice = store.append(&aside(5, 2), None, None);
        assert_eq!(twice, refused(Refusal::Unknown));
        let linked = store.append(&linked(6, 2), Some(2), None);
        assert_eq!(linked, refused(Refusal::Unknown));
        save_all(store, &[outside(takes_back(EntryKind::Undo, 7, 4))]);
        assert_eq!(store.waiting(9).unwrap().len(), waiting);
        assert_eq!(store.set_aside(9).unwrap(), []);
        let redo = outside(takes_back(EntryKind::Redo, 8, 7));
        let redone = store.append(&redo, None, None);
        assert_eq!(redone, refused(Refusal::NotUndoable));
        assert_eq!(store.verify(&mut |_| {}).unwrap().problems, []);
    });
}

#[test]
fn only_a_linked_draw_is_reviewed() {
    on_both(|store| {
        save_all(store, &[beginning(), registration(2), import(3, 1)]);
        let review = entry(
            4,
            EntryKind::Review,
            vec![Change::Reviewed(Reviewed {
                draw: draw(2),
                deed: Deed::Seen,
                acknowledged: None,
                note: None,
            })],
        );
        assert_eq!(
            store.append(&review, Some(2), None),
            refused(Refusal::Unknown)
        );
    });
}

#[test]
fn a_file_is_taken_in_once_and_its_results_are_known_afterwards() {
    on_both(|store| {
        save_all(store, &[beginning(), import(2, 1)]);
        assert!(store.imported(&[1; 32]).unwrap());
        assert!(!store.imported(&[2; 32]).unwrap());
        let came = store.came_before(&[[2; 32], [9; 32], [3; 32]]).unwrap();
        assert_eq!(came, [true, false, true]);
        let message = |laboratory, name| store.message_came(laboratory, name).unwrap();
        assert!(message(Some("Laboratory X"), "MSG-1"));
        assert!(!message(Some("Laboratory Y"), "MSG-1"));
        assert!(!message(None, "MSG-1"));
        assert!(!message(Some("Laboratory X"), "MSG-2"));
        assert_eq!(
            store.append(&import(3, 1), None, None),
            refused(Refusal::Duplicate)
        );
    });
}

#[test]
fn who_was_once_confirmed_is_remembered_until_that_is_taken_back() {
    on_both(|store| {
        save_all(store, &[beginning(), registration(2), import(3, 1)]);
        let who = link(2, How::Confirmed).who;
        assert_eq!(store.remembered(&who).unwrap(), None);
        let matched = vec![Change::Link(link(3, How::Matched))];
        save_all(store, &[entry(4, EntryKind::Link, matched)]);
        assert_eq!(store.remembered(&who).unwrap(), None, "nobody confirmed it");
        save_all(store, &[linked(5, 2)]);
        assert_eq!(store.remembered(&who).unwrap(), Some(patient(1)));
        save_all(store, &[undone(6, 5)]);
        assert_eq!(store.remembered(&who).unwrap(), None);
    });
}

#[test]
fn a_batch_that_is_called_off_leaves_nothing() {
    on_both(|store| {
        save_all(store, &[beginning()]);
        let before = store.clinic().unwrap();
        let mut asked = 0;
        let called_off = store.append_unless(None, &[(import(2, 1), None)], &mut |_| {
            asked += 1;
            true
        });
        assert_eq!(called_off, Err(StoreError::GaveWay));
        assert_eq!(asked, 1);
        assert_eq!(store.clinic().unwrap(), before);
        assert_eq!(store.waiting(9).unwrap(), []);
        let batch = [(import(2, 1), None)];
        let other = store.append_unless(Some(7), &batch, &mut |_| false);
        assert_eq!(other, Err(StoreError::Conflict), "somebody saved since");
        store
            .append_unless(Some(1), &batch, &mut |_| false)
            .unwrap();
        intact(store);
    });
}

/// A file of 600 rows that gave no result, as one entry.
fn large_import(id: u32, file: u8) -> Entry {
    let mut large = import(id, file);
    let refused = large.changes[1].clone();
    large.changes.extend(vec![refused; 600]);
    large
}

#[test]
fn a_large_batch_is_kept_whole_or_not_at_all() {
    on_both(|store| {
        save_all(store, &[beginning()]);
        let before = store.clinic().unwrap();
        let batch = [(large_import(2, 1), None), (large_import(3, 2), None)];
        let midway = store.append_unless(Some(1), &batch, &mut |written| written > 600);
        assert_eq!(midway, Err(StoreError::GaveWay));
        let twice = [batch[0].clone(), (large_import(3, 1), None)];
        assert_eq!(store.append_all(&twice), refused(Refusal::Duplicate));
        let mut late = large_import(3, 2);
        late.changes.push(Change::Refused(Refused {
            place: "10 OBX".into(),
            reason: "nameless".into(),
            text: "a NUL\0 within".into(),
        }));
        let unreadable = store.append_all(&[batch[0].clone(), (late, None)]);
        assert_eq!(unreadable, refused(Refusal::Malformed));
        assert_eq!(store.clinic().unwrap(), before);
        let receipt = store
            .append_unless(Some(1), &batch, &mut |_| false)
            .unwrap();
        assert_eq!(receipt.seq, 3);
        let again = store.append_unless(Some(1), &batch, &mut |_| false);
        assert_eq!(again, Ok(receipt), "it is there already");
        intact(store);
    });
}

#[test]
fn results_nobody_has_looked_at_stand_critical_first() {
    on_both(|store| {
        save_all(store, &[beginning(), registration(2)]);
        let line = |unseen, critical| Projection {
            line: saishin::domain::line::Line {
                unseen,
                critical,
                ..projection(1, "00123").line
            },
            ..projection(1, "00123")
        };
        store.project(&line(0, 0)).unwrap();
        assert_eq!(store.unseen().unwrap().lines, []);
        store.project(&line(2, 1)).unwrap();
        assert_eq!(store.unseen().unwrap().lines, [line(2, 1).line]);
        let born = line(2, 1).line.birth_date;
        assert_eq!(store.born(born).unwrap(), [line(2, 1).line]);
    });
}
