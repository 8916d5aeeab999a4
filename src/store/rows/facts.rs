//! Changes as rows of the tables of facts, and the changes that rows were made from.

use super::answers::*;
use super::arrivals::*;
use super::laboratory::*;
use super::table::{Fact, Row, Scope, Table, table};
use super::values::{Cell, Value};
use crate::domain::change::*;
use crate::domain::follow::{Attempt, Missed, Snooze};

/// Every table of facts, in the order rows are inserted: what others name
/// comes before what names it, and an amendment before what it lets pass.
pub static TABLES: &[&Table] = &[
    &PERSON,
    &SETTING,
    &PROTOCOL,
    &IMPORT,
    &REFUSED,
    &DRAW,
    &RETURNED,
    &PATIENT,
    &COURSE,
    &VISIT,
    &AMENDMENT,
    &VISIT_CONTEXT,
    &RESPONSE,
    &WEIGHT,
    &POTENTIAL,
    &PREGNANCY_TEST,
    &INTAKE,
    &LAST_DOSE,
    &CONSENT,
    &PLAN,
    &MEMO,
    &LINK,
    &AS_SENT,
    &ASIDE,
    &REVIEWED,
    &MISSED,
    &ATTEMPT,
    &SNOOZE,
    &SPECIMEN,
    &OBSERVATION,
    &FROZEN_ANSWER,
    &FROZEN_ALERT,
    &SEEN,
    &SIGNATURE,
    &VOID,
];

impl Table {
    /// Its place in the order of insertion.
    pub(super) fn rank(&'static self) -> usize {
        TABLES
            .iter()
            .position(|table| std::ptr::eq(*table, self))
            .unwrap_or(TABLES.len())
    }
}

table! { PERSON Clinic "person" Person { person, name } }
table! { SETTING Clinic "setting" Setting { name, number, text } }
table! { PROTOCOL Clinic "protocol" ProtocolText { hash, id, version, text } }
table! { PATIENT Patient "patient" Identity { chart_number, name, kana, birth_date, sex } }
table! { COURSE Patient "course" CourseStart {
    course, protocol, product, first_dose_on, mg_per_day, capsule_mg, earlier_mg,
    transferred,
} }
table! { VISIT Patient "visit" Opening { visit, course, kind, held_on, protocol, settings } }
table! { VISIT_CONTEXT Patient "visit_context" Context { visit, mode, companion } }
table! { MEMO Patient "memo" Memo { visit, item, text } }
table! { SIGNATURE Patient "signature" Signature {
    visit, protocol, protocol_id, protocol_version, settings, note_ja, note_en,
} }
table! { FROZEN_ANSWER Patient "frozen_answer" FrozenAnswer {
    visit, item, standing, label, shown,
} }
table! { FROZEN_ALERT Patient "frozen_alert" FrozenAlert {
    visit, rule, level, item, text_ja, text_en, inputs, source, basis, settled,
} }
table! { SEEN Patient "seen" Seen { visit, observation, stated_by } }
table! { AMENDMENT Patient "amendment" Amendment { visit, item, reason, text } }
table! { VOID Patient "void" Void { visit, reason, entered_again } }

table! { MISSED Patient "missed" Missed { missed_on } }
table! { ATTEMPT Patient "attempt" Attempt { tried_on, means, outcome, note } }
table! { SNOOZE Patient "snooze" Snooze { back_on, why } }

/// Adds the rows of a change; none where they would not give it back.
pub(super) fn write(change: &Change, rows: &mut Vec<Row>) -> Option<()> {
    let row = match change {
        Change::Person(fact) => fact.kept(),
        Change::Setting(fact) => fact.kept(),
        Change::Protocol(fact) => fact.kept(),
        Change::Import(fact) => fact.kept(),
        Change::Refused(fact) => fact.kept(),
        Change::Draw(fact) => fact.kept(),
        Change::Returned(fact) => fact.kept(),
        Change::Patient(fact) => fact.kept(),
        Change::Course(fact) => fact.kept(),
        Change::Open(fact) => fact.kept(),
        Change::Context(fact) => fact.kept(),
        Change::Answer(given) => {
            let from = rows.len();
            write_answer(given, rows);
            let read = changes(&rows[from..])?;
            return read.iter().eq([change]).then_some(());
        }
        Change::Memo(fact) => fact.kept(),
        Change::Specimen(drawn) => SpecimenRow::kept_of(drawn),
        Change::Observe(measured) => ObservationRow::kept_of(measured),
        Change::Link(fact) => fact.kept(),
        Change::Aside(fact) => fact.kept(),
        Change::AsSent(fact) => fact.kept(),
        Change::Reviewed(fact) => fact.kept(),
        Change::Missed(fact) => fact.kept(),
        Change::Attempt(fact) => fact.kept(),
        Change::Snooze(fact) => fact.kept(),
        Change::Sign(fact) => fact.kept(),
        Change::FrozenAnswer(fact) => fact.kept(),
        Change::FrozenAlert(fact) => fact.kept(),
        Change::Seen(fact) => fact.kept(),
        Change::Amend(fact) => fact.kept(),
        Change::Void(fact) => fact.kept(),
    };
    rows.push(row?);
    Some(())
}

/// The changes that rows in their order within an entry were made from.
pub(super) fn changes(rows: &[Row]) -> Option<Vec<Change>> {
    let mut changes = Vec::with_capacity(rows.len());
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        let (change, taken) = match several(&rows[at..])? {
            Some(several) => several,
            None => (read(row)?, 1),
        };
        changes.push(change);
        at += taken;
    }
    Some(changes)
}

/// The change that one row was made from.
pub fn read(row: &Row) -> Option<Change> {
    let values = &row.values;
    Some(match row.table.name {
        "person" => Change::Person(Fact::read(values)?),
        "setting" => Change::Setting(Fact::read(values)?),
        "protocol" => Change::Protocol(Fact::read(values)?),
        "import" => Change::Import(Fact::read(values)?),
        "refused" => Change::Refused(Fact::read(values)?),
        "draw" => Change::Draw(Box::new(Fact::read(values)?)),
        "returned" => Change::Returned(Box::new(Fact::read(values)?)),
        "patient" => Change::Patient(Fact::read(values)?),
        "course" => Change::Course(Fact::read(values)?),
        "visit" => Change::Open(Fact::read(values)?),
        "visit_context" => Change::Context(Fact::read(values)?),
        "memo" => Change::Memo(Fact::read(values)?),
        "specimen" => Change::Specimen(SpecimenRow::read(values)?.drawn()),
        "observation" => Change::Observe(Box::new(ObservationRow::read(values)?.measured()?)),
        "link" => Change::Link(Fact::read(values)?),
        "aside" => Change::Aside(Fact::read(values)?),
        "as_sent" => Change::AsSent(Box::new(Fact::read(values)?)),
        "reviewed" => Change::Reviewed(Fact::read(values)?),
        "missed" => Change::Missed(Fact::read(values)?),
        "attempt" => Change::Attempt(Fact::read(values)?),
        "snooze" => Change::Snooze(Fact::read(values)?),
        "signature" => Change::Sign(Box::new(Fact::read(values)?)),
        "frozen_answer" => Change::FrozenAnswer(Fact::read(values)?),
        "frozen_alert" => Change::FrozenAlert(Box::new(Fact::read(values)?)),
        "seen" => Change::Seen(Fact::read(values)?),
        "amendment" => Change::Amend(Fact::read(values)?),
        "void" => Change::Void(Fact::read(values)?),
        _ => Change::Answer(read_answer(row)?),
    })
}
