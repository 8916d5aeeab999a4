//! Invented entries for the tests of the stores.
#![allow(dead_code, reason = "each test file uses a part of it")]

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use saishin::domain::answer::*;
use saishin::domain::arrival::*;
use saishin::domain::change::*;
use saishin::domain::id::*;
use saishin::domain::line::{Line, Projection, When};
use saishin::domain::observation::*;
use saishin::domain::quantity::{Comparator, Quantity};
use saishin::store::{Receipt, Store, StoreError};
use std::collections::BTreeSet;

/// Sixteen bytes told apart by their kind and a number.
fn bytes(kind: u8, number: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub fn patient(number: u32) -> PatientId {
    PatientId::from_bytes(bytes(1, number))
}
pub fn course(number: u32) -> CourseId {
    CourseId::from_bytes(bytes(2, number))
}
pub fn visit(number: u32) -> VisitId {
    VisitId::from_bytes(bytes(3, number))
}
pub fn entry_id(number: u32) -> EntryId {
    EntryId::from_bytes(bytes(4, number))
}
pub fn person(number: u32) -> PersonId {
    PersonId::from_bytes(bytes(5, number))
}
pub fn specimen(number: u32) -> SpecimenId {
    SpecimenId::from_bytes(bytes(6, number))
}
pub fn observation(number: u32) -> ObservationId {
    ObservationId::from_bytes(bytes(7, number))
}

pub fn draw(number: u32) -> DrawId {
    DrawId::from_bytes(bytes(8, number))
}
pub fn returned(number: u32) -> ReturnedId {
    ReturnedId::from_bytes(bytes(9, number))
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
pub fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}
pub fn item(id: &str) -> ItemId {
    ItemId::new(id)
}
pub fn at(minute: u32) -> DateTime<FixedOffset> {
    let start: DateTime<FixedOffset> = "2031-04-08T09:30:00.125+09:00".parse().unwrap();
    start + chrono::Duration::minutes(i64::from(minute))
}

pub const PROTOCOL: Hash = [0xab; 32];
pub const SETTINGS: Hash = [0xcd; 32];

/// An entry of patient 1 outside a visit, by person 1.
pub fn entry(id: u32, kind: EntryKind, changes: Vec<Change>) -> Entry {
    Entry {
        id: entry_id(id),
        patient: Some(patient(1)),
        visit: None,
        person: person(1),
        at: at(id),
        kind,
        undoes: None,
        reason: None,
        changes,
    }
}

/// The same within a visit.
pub fn within(visit_number: u32, id: u32, kind: EntryKind, changes: Vec<Change>) -> Entry {
    Entry {
        visit: Some(visit(visit_number)),
        ..entry(id, kind, changes)
    }
}

/// People, a protocol text and a setting: what a file begins with.
pub fn beginning() -> Entry {
    let changes = vec![
        Change::Person(Person {
            person: person(1),
            name: "医師 一".into(),
        }),
        Change::Person(Person {
            person: person(2),
            name: "Nurse Two".into(),
        }),
        Change::Protocol(ProtocolText {
            hash: PROTOCOL,
            id: "isotretinoin".into(),
            version: "1".into(),
            text: "[[item]]\nid = \"dry.lips\"\n".into(),
        }),
        Change::Setting(Setting {
            name: "visit.interval_days".into(),
            number: Some(number("28")),
            text: None,
        }),
        Change::Setting(Setting {
            name: "language".into(),
            number: None,
            text: Some("ja".into()),
        }),
    ];
    Entry {
        patient: None,
        ..entry(1, EntryKind::Person, changes)
    }
}

pub fn identity(chart_number: &str) -> Change {
    Change::Patient(Identity {
        chart_number: chart_number.into(),
        name: "山田 花子".into(),
        kana: "ヤマダ ハナコ".into(),
        birth_date: day("2005-02-28"),
        sex: Sex::Female,
    })
}

pub fn course_of(number_of: u32) -> Change {
    Change::Course(CourseStart {
        course: course(number_of),
        protocol: "isotretinoin".into(),
        product: "capsules 20 mg".into(),
        first_dose_on: Some(day("2031-01-10")),
        mg_per_day: Some(number("20.0")),
        capsule_mg: None,
        earlier_mg: None,
        transferred: true,
    })
}

pub fn registration(id: u32) -> Entry {
    entry(
        id,
        EntryKind::Patient,
        vec![identity("00123"), course_of(1)],
    )
}

pub fn opening(visit_number: u32) -> Change {
    Change::Open(Opening {
        visit: visit(visit_number),
        course: course(1),
        kind: VisitKind::FollowUp,
        held_on: day("2031-04-08"),
        protocol: PROTOCOL,
        settings: SETTINGS,
    })
}

pub fn opened(visit_number: u32, id: u32) -> Entry {
    within(
        visit_number,
        id,
        EntryKind::Open,
        vec![opening(visit_number)],
    )
}

pub fn given(visit_number: Option<u32>, id: Option<&str>, answer: Answer) -> Change {
    Change::Answer(Given {
        visit: visit_number.map(visit),
        item: id.map(item),
        manner: Manner::Asked,
        answer,
    })
}

pub fn answered(visit_number: u32, id: u32, code: u8) -> Entry {
    let change = given(Some(visit_number), Some("dry.lips"), Answer::Code(code));
    within(visit_number, id, EntryKind::Answer, vec![change])
}

pub fn signature(visit_number: u32) -> Change {
    Change::Sign(Box::new(Signature {
        visit: visit(visit_number),
        protocol: PROTOCOL,
        protocol_id: "isotretinoin".into(),
        protocol_version: "1".into(),
        settings: SETTINGS,
        note_ja: "00123 山田 花子\n口唇の乾燥 1".into(),
        note_en: "00123 Yamada Hanako\ndry lips 1".into(),
    }))
}

pub fn signed(visit_number: u32, id: u32) -> Entry {
    within(
        visit_number,
        id,
        EntryKind::Sign,
        vec![signature(visit_number)],
    )
}

pub fn amendment(visit_number: u32) -> Change {
    Change::Amend(Amendment {
        visit: visit(visit_number),
        item: Some(item("dry.lips")),
        reason: "typed in the wrong line".into(),
        text: None,
    })
}

pub fn voided(visit_number: u32, id: u32) -> Entry {
    let void = Void {
        visit: visit(visit_number),
        reason: "wrong chart".into(),
        entered_again: Some("00124, 2031-04-08".into()),
    };
    within(visit_number, id, EntryKind::Void, vec![Change::Void(void)])
}

/// An undo or redo of the entry with that number.
pub fn takes_back(kind: EntryKind, id: u32, named: u32) -> Entry {
    Entry {
        undoes: Some(entry_id(named)),
        ..entry(id, kind, Vec::new())
    }
}

pub fn drawn(visit_number: Option<u32>, number_of: u32) -> Change {
    Change::Specimen(Drawn {
        visit: visit_number.map(visit),
        specimen: Specimen {
            id: specimen(number_of),
            drawn_on: day("2031-04-01"),
            fasting: Fasting::Unknown,
            haemolysed: false,
            lipaemic: true,
            comment: None,
            laboratory: None,
            dose_at_draw: None,
        },
    })
}

pub fn measured(visit_number: Option<u32>, number_of: u32) -> Change {
    Change::Observe(Box::new(Measured {
        visit: visit_number.map(visit),
        observation: Observation {
            id: observation(number_of),
            specimen: specimen(1),
            analyte: AnalyteId("tg".into()),
            reported: Reported::Value(Quantity {
                typed: "５１２".into(),
                comparator: Comparator::Equal,
                number: number("512"),
            }),
            unit: "mg/dL".into(),
            canonical: Some(number("512.00")),
            range: Some(ReferenceRange {
                low: None,
                high: Some(number("149")),
                low_open: false,
                high_open: true,
                source: RangeSource::Report,
            }),
            sent: None,
        },
    }))
}

pub fn projection(number_of: u32, chart_key: &str) -> Projection {
    Projection {
        keys: BTreeSet::from([chart_key.to_owned(), "やまだはなこ".into(), "はなこ".into()]),
        chart_key: chart_key.into(),
        line: Line {
            patient: patient(number_of),
            chart_number: chart_key.into(),
            name: "山田 花子".into(),
            kana: "ヤマダ ハナコ".into(),
            birth_date: day("2005-02-28"),
            sex: Sex::Female,
            phase: Some(Phase::On),
            mg_per_day: Some(number("20.0")),
            first_dose_on: Some(day("2031-01-10")),
            last_dose_on: None,
            outcome_due: When::NotNeeded,
            visit_due: When::On(day("2031-05-06")),
            visit_until: None,
            blood_due: When::NotNeeded,
            test_due: When::NotNeeded,
            end_test_due: When::NotNeeded,
            consent_due: When::NotNeeded,
            guardian_due: When::NotNeeded,
            guardian_until: None,
            weight_due: When::NotNeeded,
            window_until: None,
            watch_until: None,
            draft: None,
            last_visit: None,
            awaiting: None,
            missed_on: None,
            attempts: 0,
            tried_on: None,
            back_on: None,
            unseen: 0,
            critical: 0,
            corrected: 0,
        },
        settings: SETTINGS,
    }
}

/// Saves an entry on top of whatever is the patient's last one.
pub fn save(store: &mut dyn Store, entry: &Entry) -> Result<Receipt, StoreError> {
    let expected = match entry.patient {
        Some(patient) => store.record(patient)?.last().map(|stored| stored.seq),
        None => None,
    };
    store.append(entry, expected, None)
}

/// Saves entries that must be taken.
pub fn save_all(store: &mut dyn Store, entries: &[Entry]) {
    for entry in entries {
        save(store, entry).unwrap_or_else(|error| panic!("{:?}: {error:?}", entry.kind));
    }
}

/// A file's beginning, a patient, a course and an open visit 1: entries 1 to 3.
pub fn open_visit(store: &mut dyn Store) {
    save_all(store, &[beginning(), registration(2), opened(1, 3)]);
}

/// A file with two draws, of one result each.
pub fn import(id: u32, file: u8) -> Entry {
    let results = |draw| sent(draw, draw, true);
    let changes = vec![
        Change::Import(Import {
            file: [file; 32],
            name: "results.hl7".into(),
            format: "hl7".into(),
            declared: None,
            encoding: "UTF-8".into(),
            rows: 3,
            refused: 1,
            known: 0,
        }),
        Change::Refused(Refused {
            place: "9 OBX".into(),
            reason: "nameless".into(),
            text: "OBX|9".into(),
        }),
        Change::Draw(Box::new(told(u32::from(file) * 2, true))),
        Change::Returned(Box::new(results(u32::from(file) * 2))),
        Change::Draw(Box::new(told(u32::from(file) * 2 + 1, true))),
        Change::Returned(Box::new(results(u32::from(file) * 2 + 1))),
    ];
    Entry {
        patient: None,
        ..entry(id, EntryKind::Import, changes)
    }
}

/// A draw as a file tells of it.
pub fn told(number_of: u32, set: bool) -> Draw {
    let text = |text: &str| set.then(|| text.to_owned());
    Draw {
        draw: draw(number_of),
        place: "3 OBR".into(),
        numbers: "00123".into(),
        name: text("再診 花子"),
        kana: text("サイシン ハナコ"),
        birth_date: set.then(|| day("1999-04-01")),
        sex: set.then_some(Sex::Female),
        carries: "number birth sex kana name".into(),
        laboratory: text("Laboratory X"),
        message: text("MSG-1"),
        sent_at: text("2031-04-02T03:04:05"),
        order_number: text("A1"),
        filler_number: text("F1"),
        drawn_on: set.then(|| day("2031-04-01")),
        drawn_at: text("2031-04-01T09:00:00+0900"),
        fasting: Fasting::Yes,
        haemolysed: set,
        lipaemic: !set,
        material: text("serum"),
        comments: text("one\ntwo"),
        contradicts: set,
        results: 1,
    }
}

/// A result of it as sent; `number` of its digest and id.
pub fn sent(number_of: u32, of: u32, set: bool) -> Returned {
    let text = |text: &str| set.then(|| text.to_owned());
    Returned {
        returned: returned(number_of),
        draw: draw(of),
        place: "4 OBX".into(),
        codes: "LN\t1742-6\tALT".into(),
        name: "ALT".into(),
        analyte: set.then(|| AnalyteId("alt".into())),
        why: text("no_unit"),
        value: "<75".into(),
        came: if set { Came::Number } else { Came::Text },
        word: text("negative"),
        comparator: set.then_some(Comparator::Below),
        number: set.then(|| number("75.0")),
        unit: "U/L".into(),
        unit_known: text("U/L"),
        range: "7-23".into(),
        range_low: set.then(|| number("7")),
        range_high: set.then(|| number("23.0")),
        range_low_open: set.then_some(false),
        range_high_open: set.then_some(true),
        flags: "H".into(),
        status: "final".into(),
        status_sent: "F".into(),
        method: text("ifcc"),
        method_sent: text("JSCC"),
        fasting: set.then_some(Fasting::No),
        comments: text("再検"),
        sub_id: String::new(),
        key: "LN\t1742-6".into(),
        digest: [number_of as u8; 32],
    }
}

/// A draw is the first patient's.
pub fn linked(id: u32, number_of: u32) -> Entry {
    entry(
        id,
        EntryKind::Link,
        vec![Change::Link(link(number_of, How::Confirmed))],
    )
}

pub fn link(number_of: u32, how: How) -> Link {
    Link {
        draw: draw(number_of),
        how,
        identifiers: "number birth".into(),
        who: "Laboratory X\t00123".into(),
        late: false,
        critical: None,
    }
}
