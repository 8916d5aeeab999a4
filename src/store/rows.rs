//! The one mapping between changes and rows of typed tables.
//!
//! Each kind of fact has a table; each table is declared here once, by the
//! struct whose fields are its columns. The INSERT statements, reading, the
//! text the chain is made of and the memory store all go by these tables, so
//! none of them can know a column the others do not.

use super::{Refusal, StoreError, chain};
use crate::domain::answer::*;
use crate::domain::change::*;
use crate::domain::id::*;
use crate::domain::line::{Line, Projection};
use crate::domain::observation::*;
use crate::domain::quantity::{Comparator, Quantity};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

/// What one column of one row holds; NULL is no value at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// Whose facts a table holds, and so what its rows are keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `(entry, n)`: people, settings and protocols.
    Clinic,
    /// `(patient, entry, n)`, so that the rows of one patient lie together.
    Patient,
}

/// A table of facts: its name and its columns beside the key, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub scope: Scope,
    pub columns: &'static [&'static str],
}

/// One row, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub table: &'static Table,
    pub values: Vec<Option<Value>>,
}

/// An entry as rows: its own, and those of its changes by their place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub header: Header,
    pub facts: Vec<Row>,
}

/// Every table of facts, in the order rows are inserted: what others name
/// comes before what names it, and an amendment before what it lets pass.
pub static TABLES: &[&Table] = &[
    &PERSON,
    &SETTING,
    &PROTOCOL,
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
    &SPECIMEN,
    &OBSERVATION,
    &FROZEN_ANSWER,
    &FROZEN_ALERT,
    &SEEN,
    &SIGNATURE,
    &VOID,
];

/// A fact that fills one row of its own table.
trait Fact: Sized {
    const TABLE: &'static Table;
    fn values(&self) -> Vec<Option<Value>>;
    /// None where the values are not what the table's columns hold.
    fn read(values: &[Option<Value>]) -> Option<Self>;

    fn row(&self) -> Row {
        Row {
            table: Self::TABLE,
            values: self.values(),
        }
    }
}

/// Declares the table of a struct: the columns are the fields named.
macro_rules! table {
    ($table:ident $scope:ident $name:literal $fact:ty { $($column:ident),+ $(,)? }) => {
        pub static $table: Table = Table {
            name: $name,
            scope: Scope::$scope,
            columns: &[$(stringify!($column)),+],
        };

        impl Fact for $fact {
            const TABLE: &'static Table = &$table;

            fn values(&self) -> Vec<Option<Value>> {
                vec![$(Cell::put(&self.$column)),+]
            }

            fn read(values: &[Option<Value>]) -> Option<Self> {
                let mut values = values.iter();
                Some(Self { $($column: Cell::take(values.next()?.as_ref())?),+ })
            }
        }
    };
}

/// An entry's own row, without its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: EntryId,
    pub patient: Option<PatientId>,
    pub visit: Option<VisitId>,
    pub person: PersonId,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub offset_min: i64,
    pub kind: EntryKind,
    pub undoes: Option<EntryId>,
    pub reason: Option<String>,
    /// How many rows belong to it.
    pub facts: i64,
}

table! { ENTRY Clinic "entry" Header {
    id, patient, visit, person, at, offset_min, kind, undoes, reason, facts,
} }
table! { PERSON Clinic "person" Person { person, name } }
table! { SETTING Clinic "setting" Setting { name, number, text } }
table! { PROTOCOL Clinic "protocol" ProtocolText { hash, id, version, text } }
table! { PATIENT Patient "patient" Identity { chart_number, name, kana, birth_date, sex } }
table! { COURSE Patient "course" CourseStart {
    course, protocol, product, first_dose_on, mg_per_day, transferred,
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

/// An answer without a table of its own; several codes are several rows.
struct Response {
    visit: Option<VisitId>,
    item: Option<ItemId>,
    manner: Manner,
    state: State,
    code: Option<u8>,
    number: Option<Decimal>,
    day: Option<NaiveDate>,
    text: Option<String>,
    /// Of several codes: which this is, from 1; 0 says "none of these".
    part: Option<u32>,
    /// Of several codes: how many there are.
    parts: Option<u32>,
}
table! { RESPONSE Patient "response" Response {
    visit, item, manner, state, code, number, day, text, part, parts,
} }

words! {
    /// What a row of `response` holds: an answer, or why there is none.
    State {
        NotAsked = "not_asked",
        Unsure = "unsure",
        NotApplicable = "not_applicable",
        Declined = "declined",
        Pending = "pending",
        Unusable = "unusable",
        Code = "code",
        Number = "number",
        Day = "day",
        Text = "text",
        Many = "many",
    }
}

/// Declares the answers with a table of their own: how the answer is written
/// and read, and the columns behind the three that all of them begin with.
macro_rules! answers {
    ($($table:ident $name:literal $row:ident [$($answer:tt)+] {
        $($column:ident: $type:ty),+ $(,)?
    })+) => {
        $(
            struct $row {
                visit: Option<VisitId>,
                item: Option<ItemId>,
                manner: Manner,
                $($column: $type),+
            }
            table! { $table Patient $name $row { visit, item, manner, $($column),+ } }
        )+

        /// The row of an answer that has a table of its own.
        fn own_row(given: &Given) -> Option<Row> {
            let Given { visit, item, manner, answer } = given.clone();
            match answer {
                $($($answer)+ => Some($row { visit, item, manner, $($column),+ }.row()),)+
                _ => None,
            }
        }

        /// The answer of such a row.
        fn read_own(row: &Row) -> Option<Given> {
            $(if row.table == &$table {
                let $row { visit, item, manner, $($column),+ } = Fact::read(&row.values)?;
                return Some(Given { visit, item, manner, answer: $($answer)+ });
            })+
            None
        }
    };
}

answers! {
    WEIGHT "weight" Weight [Answer::Weight { kg, measured_on }] {
        kg: Decimal,
        measured_on: NaiveDate,
    }
    POTENTIAL "potential" Potential [Answer::Potential { can, reason }] {
        can: Can,
        reason: Option<CannotReason>,
    }
    PREGNANCY_TEST "pregnancy_test" Tested
    [Answer::Test(PregnancyTest { result, done_on, kind, kit })] {
        result: TestResult,
        done_on: Option<NaiveDate>,
        kind: Option<TestKind>,
        kit: Option<String>,
    }
    INTAKE "intake" Taken [Answer::Intake { intake, missed_days, stopped_on }] {
        intake: Intake,
        missed_days: Option<u32>,
        stopped_on: Option<NaiveDate>,
    }
    LAST_DOSE "last_dose" LastDose [Answer::LastDose { taken_on, leftover }] {
        taken_on: NaiveDate,
        leftover: Option<u32>,
    }
    CONSENT "consent" Consent [Answer::Consent { given, signed_on }] {
        given: bool,
        signed_on: Option<NaiveDate>,
    }
    PLAN "plan" Decided
    [Answer::Plan(Plan { action, mg_per_day, days, reason, next_visit, next_blood })] {
        action: Action,
        mg_per_day: Option<Decimal>,
        days: Option<u32>,
        reason: Option<String>,
        next_visit: Option<NaiveDate>,
        next_blood: Option<NaiveDate>,
    }
}

struct SpecimenRow {
    visit: Option<VisitId>,
    specimen: SpecimenId,
    drawn_on: NaiveDate,
    fasting: Fasting,
    haemolysed: bool,
    lipaemic: bool,
    comment: Option<String>,
    laboratory: Option<String>,
    dose_at_draw: Option<Decimal>,
}
table! { SPECIMEN Patient "specimen" SpecimenRow {
    visit, specimen, drawn_on, fasting, haemolysed, lipaemic, comment, laboratory, dose_at_draw,
} }

words! {
    /// What came of a test, in the file's words.
    Outcome {
        Value = "value",
        Pending = "pending",
        Haemolysed = "haemolysed",
        Lost = "lost",
        NotDone = "not_done",
    }
}

struct ObservationRow {
    visit: Option<VisitId>,
    observation: ObservationId,
    specimen: SpecimenId,
    analyte: AnalyteId,
    outcome: Outcome,
    typed: Option<String>,
    comparator: Option<Comparator>,
    number: Option<Decimal>,
    unit: String,
    canonical: Option<Decimal>,
    range_low: Option<Decimal>,
    range_high: Option<Decimal>,
    range_low_open: Option<bool>,
    range_high_open: Option<bool>,
    range_source: Option<RangeSource>,
    /// Whether a file said anything beside the value, be it only empty fields.
    sent: bool,
    sent_status: Option<String>,
    sent_code_system: Option<String>,
    sent_code: Option<String>,
    sent_name: Option<String>,
    sent_unit: Option<String>,
    sent_range: Option<String>,
    sent_flag: Option<String>,
    sent_method: Option<String>,
    sent_comment: Option<String>,
    sent_file: Option<String>,
}
table! { OBSERVATION Patient "observation" ObservationRow {
    visit, observation, specimen, analyte, outcome, typed, comparator, number, unit, canonical,
    range_low, range_high, range_low_open, range_high_open, range_source, sent, sent_status, sent_code_system, sent_code,
    sent_name, sent_unit, sent_range, sent_flag, sent_method, sent_comment, sent_file,
} }

impl Table {
    /// The columns of its key.
    pub fn key(&self) -> &'static [&'static str] {
        match self.scope {
            Scope::Clinic => &["entry", "n"],
            Scope::Patient => &["patient", "entry", "n"],
        }
    }

    /// Its place in the order of insertion.
    fn rank(&'static self) -> usize {
        TABLES
            .iter()
            .position(|table| std::ptr::eq(*table, self))
            .unwrap_or(TABLES.len())
    }
}

/// The changes of an entry in the order their rows are inserted.
pub fn in_insert_order(changes: &[Change]) -> Vec<&Change> {
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|change| {
        let mut rows = Vec::new();
        write(change, &mut rows);
        rows.first().map(|row| row.table.rank())
    });
    ordered
}

impl Header {
    /// The values of its columns, in their order.
    pub fn values(&self) -> Vec<Option<Value>> {
        Fact::values(self)
    }

    /// None where the values are not those of an entry.
    pub fn read(values: &[Option<Value>]) -> Option<Self> {
        Fact::read(values)
    }

    fn of(entry: &Entry, facts: usize) -> Self {
        Self {
            id: entry.id,
            patient: entry.patient,
            visit: entry.visit,
            person: entry.person,
            at: entry.at.timestamp_millis(),
            offset_min: i64::from(entry.at.offset().local_minus_utc() / 60),
            kind: entry.kind,
            undoes: entry.undoes,
            reason: entry.reason.clone(),
            facts: facts as i64,
        }
    }

    fn when(&self) -> Option<DateTime<FixedOffset>> {
        let offset = FixedOffset::east_opt(i32::try_from(self.offset_min.checked_mul(60)?).ok()?)?;
        Some(DateTime::from_timestamp_millis(self.at)?.with_timezone(&offset))
    }
}

impl Rows {
    /// The rows of an entry. Refuses what no store may keep.
    pub fn of(entry: &Entry) -> Result<Self, StoreError> {
        let mut facts = Vec::with_capacity(entry.changes.len());
        for change in &entry.changes {
            write(change, &mut facts);
        }
        let rows = Self {
            header: Header::of(entry, facts.len()),
            facts,
        };
        if rows.sound(entry) {
            Ok(rows)
        } else {
            Err(Refusal::Malformed.into())
        }
    }

    /// The entry these rows were made from; none where they make none.
    pub fn entry(&self) -> Option<Entry> {
        entry_of(&self.header, &self.facts)
    }

    /// Its hash at `seq`, behind an entry with hash `prev`.
    pub fn hash(&self, seq: u64, prev: &Hash) -> Hash {
        chain::hash(seq, prev, &self.header.values(), &self.facts)
    }

    /// The places of the facts in the order they are inserted.
    pub fn insert_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.facts.len()).collect();
        order.sort_by_key(|n| (self.facts[*n].table.rank(), *n));
        order
    }

    fn sound(&self, entry: &Entry) -> bool {
        let takes_back = matches!(entry.kind, EntryKind::Undo | EntryKind::Redo);
        let values = || self.facts.iter().flat_map(|row| &row.values).flatten();
        takes_back == entry.undoes.is_some()
            && (takes_back || !self.facts.is_empty())
            && (entry.patient.is_some() || entry.visit.is_none())
            && (entry.patient.is_some() || self.facts.iter().all(|row| row.table.scope == Scope::Clinic))
            && entry.changes.iter().all(|change| made_in(change, entry.visit))
            // Nothing is saved that could not be read back, such as a day in year 10000.
            && changes(&self.facts).as_ref() == Some(&entry.changes)
            && self.header.values().iter().flatten().chain(values()).all(portable)
    }
}

/// The entry that these rows were made from; none where they make none.
pub fn entry_of(header: &Header, facts: &[Row]) -> Option<Entry> {
    Some(Entry {
        id: header.id,
        patient: header.patient,
        visit: header.visit,
        person: header.person,
        at: header.when()?,
        kind: header.kind,
        undoes: header.undoes,
        reason: header.reason.clone(),
        changes: changes(facts)?,
    })
}

/// Whether a fact that can be undone names the visit its entry was made in, or
/// none: a signed visit could otherwise be reached through another's undo.
fn made_in(change: &Change, visit: Option<VisitId>) -> bool {
    let named = match change {
        Change::Context(context) => Some(context.visit),
        Change::Answer(given) => given.visit,
        Change::Memo(memo) => Some(memo.visit),
        Change::Specimen(drawn) => drawn.visit,
        Change::Observe(measured) => measured.visit,
        _ => None,
    };
    named.is_none() || named == visit
}

/// No store can be asked for a NUL character within a text.
fn portable(value: &Value) -> bool {
    !matches!(value, Value::Text(text) if text.contains('\0'))
}

fn write(change: &Change, rows: &mut Vec<Row>) {
    let row = match change {
        Change::Person(fact) => fact.row(),
        Change::Setting(fact) => fact.row(),
        Change::Protocol(fact) => fact.row(),
        Change::Patient(fact) => fact.row(),
        Change::Course(fact) => fact.row(),
        Change::Open(fact) => fact.row(),
        Change::Context(fact) => fact.row(),
        Change::Answer(given) => return write_answer(given, rows),
        Change::Memo(fact) => fact.row(),
        Change::Specimen(drawn) => SpecimenRow::of(drawn).row(),
        Change::Observe(measured) => ObservationRow::of(measured).row(),
        Change::Sign(fact) => fact.row(),
        Change::FrozenAnswer(fact) => fact.row(),
        Change::FrozenAlert(fact) => fact.row(),
        Change::Seen(fact) => fact.row(),
        Change::Amend(fact) => fact.row(),
        Change::Void(fact) => fact.row(),
    };
    rows.push(row);
}

fn write_answer(given: &Given, rows: &mut Vec<Row>) {
    match own_row(given) {
        Some(row) => rows.push(row),
        None => rows.extend(Response::all(given).iter().map(Fact::row)),
    }
}

impl Response {
    /// The rows of a plain answer: one, but for several codes at once.
    fn all(given: &Given) -> Vec<Self> {
        let of = |state| Self::blank(given, state);
        let one = match &given.answer {
            Answer::Absent(why) => State::from_word(why.word()).map(of),
            Answer::Code(code) => Some(Self {
                code: Some(*code),
                ..of(State::Code)
            }),
            Answer::Number(number) => Some(Self {
                number: Some(*number),
                ..of(State::Number)
            }),
            Answer::Day(day) => Some(Self {
                day: Some(*day),
                ..of(State::Day)
            }),
            Answer::Text(text) => Some(Self {
                text: Some(text.clone()),
                ..of(State::Text)
            }),
            Answer::Many(codes) => return Self::parts(codes, || of(State::Many)),
            // The others have tables of their own.
            _ => None,
        };
        one.into_iter().collect()
    }

    fn parts(codes: &[u8], blank: impl Fn() -> Self) -> Vec<Self> {
        let parts = Some(codes.len() as u32);
        if codes.is_empty() {
            return vec![Self {
                part: Some(0),
                parts,
                ..blank()
            }];
        }
        let part = |(part, code): (u32, &u8)| Self {
            code: Some(*code),
            part: Some(part),
            parts,
            ..blank()
        };
        (1..).zip(codes).map(part).collect()
    }

    fn blank(given: &Given, state: State) -> Self {
        Self {
            visit: given.visit,
            item: given.item.clone(),
            manner: given.manner,
            state,
            code: None,
            number: None,
            day: None,
            text: None,
            part: None,
            parts: None,
        }
    }

    /// The answer of a row that stands alone.
    fn answer(self) -> Option<Answer> {
        Some(match self.state {
            State::Code => Answer::Code(self.code?),
            State::Number => Answer::Number(self.number?),
            State::Day => Answer::Day(self.day?),
            State::Text => Answer::Text(self.text?),
            State::Many => return None,
            why => Answer::Absent(Absence::from_word(why.word())?),
        })
    }
}

/// The changes that rows in their order within an entry were made from.
fn changes(rows: &[Row]) -> Option<Vec<Change>> {
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

/// Several codes at once, where the first of these rows begins them, and how
/// many rows they took. None where rows of them are missing or out of order.
fn several(rows: &[Row]) -> Option<Option<(Change, usize)>> {
    let Some(first) = rows.first().filter(|row| row.table == &RESPONSE) else {
        return Some(None);
    };
    let first = Response::read(&first.values)?;
    if first.state != State::Many {
        return Some(None);
    }
    let parts = first.parts?;
    let taken = (parts as usize).max(1);
    let mut codes = Vec::new();
    for (place, row) in (1..=parts).zip(rows) {
        let part = Response::read(&row.values).filter(|_| row.table == &RESPONSE)?;
        if (part.part, part.parts) != (Some(place), Some(parts)) {
            return None;
        }
        codes.push(part.code?);
    }
    let given = Given {
        visit: first.visit,
        item: first.item,
        manner: first.manner,
        answer: Answer::Many(codes),
    };
    let whole = given_parts(&given) == taken && rows.len() >= taken;
    whole.then_some(Some((Change::Answer(given), taken)))
}

fn given_parts(given: &Given) -> usize {
    Response::all(given).len()
}

/// The change that one row was made from.
pub fn read(row: &Row) -> Option<Change> {
    let values = &row.values;
    Some(match row.table.name {
        "person" => Change::Person(Fact::read(values)?),
        "setting" => Change::Setting(Fact::read(values)?),
        "protocol" => Change::Protocol(Fact::read(values)?),
        "patient" => Change::Patient(Fact::read(values)?),
        "course" => Change::Course(Fact::read(values)?),
        "visit" => Change::Open(Fact::read(values)?),
        "visit_context" => Change::Context(Fact::read(values)?),
        "memo" => Change::Memo(Fact::read(values)?),
        "specimen" => Change::Specimen(SpecimenRow::read(values)?.drawn()),
        "observation" => Change::Observe(ObservationRow::read(values)?.measured()?),
        "signature" => Change::Sign(Fact::read(values)?),
        "frozen_answer" => Change::FrozenAnswer(Fact::read(values)?),
        "frozen_alert" => Change::FrozenAlert(Fact::read(values)?),
        "seen" => Change::Seen(Fact::read(values)?),
        "amendment" => Change::Amend(Fact::read(values)?),
        "void" => Change::Void(Fact::read(values)?),
        _ => Change::Answer(read_answer(row)?),
    })
}

fn read_answer(row: &Row) -> Option<Given> {
    if row.table != &RESPONSE {
        return read_own(row);
    }
    let response = Response::read(&row.values)?;
    let (visit, item, manner) = (response.visit, response.item.clone(), response.manner);
    let answer = response.answer()?;
    Some(Given {
        visit,
        item,
        manner,
        answer,
    })
}

impl SpecimenRow {
    fn of(drawn: &Drawn) -> Self {
        let Specimen {
            id,
            drawn_on,
            fasting,
            haemolysed,
            lipaemic,
            comment,
            laboratory,
            dose_at_draw,
        } = drawn.specimen.clone();
        Self {
            visit: drawn.visit,
            specimen: id,
            drawn_on,
            fasting,
            haemolysed,
            lipaemic,
            comment,
            laboratory,
            dose_at_draw,
        }
    }

    fn drawn(self) -> Drawn {
        Drawn {
            visit: self.visit,
            specimen: Specimen {
                id: self.specimen,
                drawn_on: self.drawn_on,
                fasting: self.fasting,
                haemolysed: self.haemolysed,
                lipaemic: self.lipaemic,
                comment: self.comment,
                laboratory: self.laboratory,
                dose_at_draw: self.dose_at_draw,
            },
        }
    }
}

impl ObservationRow {
    fn of(measured: &Measured) -> Self {
        let seen = measured.observation.clone();
        let (outcome, quantity) = match seen.reported {
            Reported::Value(quantity) => (Outcome::Value, Some(quantity)),
            Reported::Pending => (Outcome::Pending, None),
            Reported::Haemolysed => (Outcome::Haemolysed, None),
            Reported::Lost => (Outcome::Lost, None),
            Reported::NotDone => (Outcome::NotDone, None),
        };
        let sent = seen.sent.is_some();
        let said = seen.sent.unwrap_or_default();
        Self {
            visit: measured.visit,
            observation: seen.id,
            specimen: seen.specimen,
            analyte: seen.analyte,
            outcome,
            typed: quantity.as_ref().map(|quantity| quantity.typed.clone()),
            comparator: quantity.as_ref().map(|quantity| quantity.comparator),
            number: quantity.as_ref().map(|quantity| quantity.number),
            unit: seen.unit,
            canonical: seen.canonical,
            range_low: seen.range.as_ref().and_then(|range| range.low),
            range_high: seen.range.as_ref().and_then(|range| range.high),
            range_low_open: seen.range.as_ref().map(|range| range.low_open),
            range_high_open: seen.range.as_ref().map(|range| range.high_open),
            range_source: seen.range.as_ref().map(|range| range.source),
            sent,
            sent_status: said.status,
            sent_code_system: said.code_system,
            sent_code: said.code,
            sent_name: said.name,
            sent_unit: said.unit,
            sent_range: said.range,
            sent_flag: said.flag,
            sent_method: said.method,
            sent_comment: said.comment,
            sent_file: said.file,
        }
    }

    fn measured(self) -> Option<Measured> {
        let reported = self.reported()?;
        let range = self.range()?;
        let (visit, id, specimen, canonical) =
            (self.visit, self.observation, self.specimen, self.canonical);
        let (analyte, unit) = (self.analyte.clone(), self.unit.clone());
        let sent = self.said();
        let observation = Observation {
            id,
            specimen,
            analyte,
            reported,
            unit,
            canonical,
            range,
            sent,
        };
        Some(Measured { visit, observation })
    }

    fn reported(&self) -> Option<Reported> {
        Some(match self.outcome {
            Outcome::Value => Reported::Value(Quantity {
                typed: self.typed.clone()?,
                comparator: self.comparator?,
                number: self.number?,
            }),
            Outcome::Pending => Reported::Pending,
            Outcome::Haemolysed => Reported::Haemolysed,
            Outcome::Lost => Reported::Lost,
            Outcome::NotDone => Reported::NotDone,
        })
    }

    /// Where there is a range, it is known whether its ends belong to it.
    fn range(&self) -> Option<Option<ReferenceRange>> {
        let Some(source) = self.range_source else {
            return Some(None);
        };
        Some(Some(ReferenceRange {
            low: self.range_low,
            high: self.range_high,
            low_open: self.range_low_open?,
            high_open: self.range_high_open?,
            source,
        }))
    }

    fn said(self) -> Option<Sent> {
        self.sent.then_some(Sent {
            status: self.sent_status,
            code_system: self.sent_code_system,
            code: self.sent_code,
            name: self.sent_name,
            unit: self.sent_unit,
            range: self.sent_range,
            flag: self.sent_flag,
            method: self.sent_method,
            comment: self.sent_comment,
            file: self.sent_file,
        })
    }
}

/// What fits one column.
pub trait Cell: Sized {
    fn put(&self) -> Option<Value>;
    /// None where the column holds something else.
    fn take(value: Option<&Value>) -> Option<Self>;
}

impl<T: Cell> Cell for Option<T> {
    fn put(&self) -> Option<Value> {
        self.as_ref().and_then(Cell::put)
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            None => Some(None),
            some => T::take(some).map(Some),
        }
    }
}

impl Cell for String {
    fn put(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Cell for i64 {
    fn put(&self) -> Option<Value> {
        Some(Value::Int(*self))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }
}

impl Cell for u32 {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        i64::take(value)?.try_into().ok()
    }
}

impl Cell for u8 {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        i64::take(value)?.try_into().ok()
    }
}

impl Cell for bool {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match i64::take(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Cell for Decimal {
    /// With the digits behind the point as they were: 40.0 stays 40.0.
    fn put(&self) -> Option<Value> {
        self.to_string().put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        String::take(value)?.parse().ok()
    }
}

impl Cell for NaiveDate {
    /// YYYY-MM-DD; a year that needs more digits has no place in a record.
    fn put(&self) -> Option<Value> {
        (0..=9999)
            .contains(&self.year())
            .then(|| Value::Text(self.to_string()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        let text = String::take(value)?;
        text.parse()
            .ok()
            .filter(|day: &Self| day.to_string() == text)
    }
}

impl Cell for Hash {
    fn put(&self) -> Option<Value> {
        Some(Value::Blob(self.to_vec()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            Some(Value::Blob(bytes)) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

/// Sixteen bytes.
macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Cell for $id {
            fn put(&self) -> Option<Value> {
                Some(Value::Blob(self.bytes().to_vec()))
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                match value {
                    Some(Value::Blob(bytes)) => bytes.as_slice().try_into().ok().map(Self::from_bytes),
                    _ => None,
                }
            }
        }
    )+};
}
ids!(
    PatientId,
    CourseId,
    VisitId,
    EntryId,
    PersonId,
    SpecimenId,
    ObservationId
);

/// Names that a protocol or a catalogue made up.
macro_rules! names {
    ($($name:ident),+) => {$(
        impl Cell for $name {
            fn put(&self) -> Option<Value> {
                self.0.put()
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                String::take(value).map($name)
            }
        }
    )+};
}
names!(ItemId, AnalyteId);

/// One word out of a closed set.
macro_rules! closed {
    ($($word:ty),+ $(,)?) => {$(
        impl Cell for $word {
            fn put(&self) -> Option<Value> {
                Some(Value::Text(self.word().to_owned()))
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                Self::from_word(&String::take(value)?)
            }
        }
    )+};
}
closed!(
    EntryKind,
    Sex,
    VisitKind,
    Mode,
    Manner,
    State,
    Can,
    CannotReason,
    TestResult,
    TestKind,
    Intake,
    Action,
    Fasting,
    Outcome,
    Comparator,
    RangeSource,
    Standing,
    Phase,
);

/// A patient's row in the lists, with what finds the patient: no fact.
struct LineRow {
    patient: PatientId,
    chart_key: String,
    chart_number: String,
    name: String,
    kana: String,
    birth_date: NaiveDate,
    sex: Sex,
    phase: Option<Phase>,
    mg_per_day: Option<Decimal>,
    first_dose_on: Option<NaiveDate>,
    last_dose_on: Option<NaiveDate>,
    visit_due: Option<NaiveDate>,
    blood_due: Option<NaiveDate>,
    test_due: Option<NaiveDate>,
    window_until: Option<NaiveDate>,
    draft: Option<NaiveDate>,
    last_visit: Option<NaiveDate>,
    settings: Hash,
    /// One a line.
    search_keys: String,
}
table! { LINE Patient "line" LineRow {
    patient, chart_key, chart_number, name, kana, birth_date, sex, phase, mg_per_day,
    first_dose_on, last_dose_on, visit_due, blood_due, test_due, window_until, draft, last_visit,
    settings, search_keys,
} }

/// The row of a projection; none where it holds what no row can.
pub fn line_values(projection: &Projection) -> Result<Vec<Option<Value>>, StoreError> {
    let line = projection.line.clone();
    let keys: Vec<&str> = projection.keys.iter().map(String::as_str).collect();
    let values = LineRow {
        patient: line.patient,
        chart_key: projection.chart_key.clone(),
        chart_number: line.chart_number,
        name: line.name,
        kana: line.kana,
        birth_date: line.birth_date,
        sex: line.sex,
        phase: line.phase,
        mg_per_day: line.mg_per_day,
        first_dose_on: line.first_dose_on,
        last_dose_on: line.last_dose_on,
        visit_due: line.visit_due,
        blood_due: line.blood_due,
        test_due: line.test_due,
        window_until: line.window_until,
        draft: line.draft,
        last_visit: line.last_visit,
        settings: projection.settings,
        search_keys: keys.join("\n"),
    }
    .values();
    let back = projection_of(&values);
    let whole = values.iter().flatten().all(portable) && back.as_ref() == Some(projection);
    if whole {
        Ok(values)
    } else {
        Err(Refusal::Malformed.into())
    }
}

/// The projection of a row.
pub fn projection_of(values: &[Option<Value>]) -> Option<Projection> {
    let row = LineRow::read(values)?;
    let line = Line {
        patient: row.patient,
        chart_number: row.chart_number,
        name: row.name,
        kana: row.kana,
        birth_date: row.birth_date,
        sex: row.sex,
        phase: row.phase,
        mg_per_day: row.mg_per_day,
        first_dose_on: row.first_dose_on,
        last_dose_on: row.last_dose_on,
        visit_due: row.visit_due,
        blood_due: row.blood_due,
        test_due: row.test_due,
        window_until: row.window_until,
        draft: row.draft,
        last_visit: row.last_visit,
    };
    Some(Projection {
        keys: row
            .search_keys
            .split('\n')
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect(),
        chart_key: row.chart_key,
        line,
        settings: row.settings,
    })
}
