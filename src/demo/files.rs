//! What the invented laboratory sends: each file is written as a laboratory writes
//! it and read by the program's own reader.

use super::story::{FileTold, Stories};
use super::{DemoError, Ground, Ids};
use crate::domain::arrival::{Aside, Deed, How, Reviewed};
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Change, Entry, EntryKind, Hash};
use crate::domain::due;
use crate::domain::id::{EntryId, PatientId, PersonId};
use crate::domain::line::Projection;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::record::Record;
use crate::incoming::{Grounds, TakenDraw, import, linked, taken};
use crate::lab::{self, Tables};
use chrono::{DateTime, Days, FixedOffset, TimeDelta};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Entries in the order they are saved, a patient's row beside the last of theirs.
type All = Vec<(Entry, Option<Projection>)>;

/// Adds to `all` what came in files, in its time.
pub(super) fn add(
    all: &mut All,
    ground: &Ground<'_>,
    stories: &Stories,
    person: PersonId,
    ids: &mut Ids<'_>,
) -> Result<(), DemoError> {
    let tables = Tables::built_in(ground.catalogue);
    for file in &stories.files {
        let told = Sending {
            ground,
            tables: &tables,
            person,
            at: came(ground, file.came),
        };
        let new = told.entries(file, all, ids).map_err(|what| DemoError {
            chart_number: None,
            what,
        })?;
        all.extend(new.into_iter().map(|entry| (entry, None)));
        all.sort_by_key(|(entry, _)| entry.at);
    }
    project(all, ground);
    Ok(())
}

/// In the evening, when the laboratory's courier has called.
fn came(ground: &Ground<'_>, ago: u32) -> DateTime<FixedOffset> {
    let days = Days::new(u64::from(ago.max(1)));
    let day = ground.today().checked_sub_days(days);
    let evening = day.and_then(|day| day.and_hms_opt(18, 10, 0));
    let evening = evening.and_then(|at| at.and_local_timezone(*ground.now.offset()).single());
    evening.unwrap_or(ground.now)
}

/// One file on its way.
struct Sending<'a> {
    ground: &'a Ground<'a>,
    tables: &'a Tables,
    person: PersonId,
    at: DateTime<FixedOffset>,
}

impl Sending<'_> {
    fn entries(&self, file: &FileTold, all: &All, ids: &mut Ids<'_>) -> Result<Vec<Entry>, String> {
        let charts = charts(all);
        let text = self.message(file, &charts)?;
        let hash: Hash = Sha256::digest(text.as_bytes()).into();
        let reading = lab::read(text.as_bytes(), self.tables, self.ground.catalogue)
            .map_err(|why| format!("a file is refused: {}", why.word()))?;
        let local = self.ground.now.offset().local_minus_utc() / 60;
        let at = self.at;
        let read = taken(&reading, local, &mut || ids(at));
        let mut changes = vec![Change::Import(import(&reading, hash, &file.name, 0))];
        for draw in &read.draws {
            changes.push(Change::Draw(Box::new(draw.draw.clone())));
            let results = draw.results.iter().cloned();
            changes.extend(results.map(|result| Change::Returned(Box::new(result))));
        }
        let mut entries = vec![self.entry(None, EntryKind::Import, at, changes, ids)];
        for (n, draw) in read.draws.iter().enumerate() {
            let Some(told) = file.draws.get(n) else {
                continue;
            };
            if let Some(why) = told.aside {
                let draw = draw.draw.draw;
                let changes = vec![Change::Aside(Aside { draw, why })];
                entries.push(self.entry(None, EntryKind::Aside, self.next_morning(), changes, ids));
            }
            if told.name.is_some() {
                continue;
            }
            let at = at + TimeDelta::seconds(n as i64 + 1);
            let record = record(all, charts.get(&told.chart).map(|(id, _)| *id), at)?;
            entries.push(self.link(&record, draw, hash, at, ids));
            if let Some(deed) = told.looked {
                entries.push(self.review(&record, draw, deed, ids));
            }
        }
        Ok(entries)
    }

    fn link(
        &self,
        record: &Record,
        draw: &TakenDraw,
        file: Hash,
        at: DateTime<FixedOffset>,
        ids: &mut Ids<'_>,
    ) -> Entry {
        let grounds = Grounds {
            how: How::Matched,
            identifiers: "number birth sex".to_owned(),
            file: Some(file),
            catalogue: self.ground.catalogue,
        };
        let changes = linked(record, &draw.draw, &draw.results, &grounds, &mut || ids(at));
        self.entry(Some(record.patient), EntryKind::Link, at, changes, ids)
    }

    /// The next morning somebody has looked.
    fn review(&self, record: &Record, draw: &TakenDraw, deed: Deed, ids: &mut Ids<'_>) -> Entry {
        let at = self.next_morning();
        let reviewed = Reviewed {
            draw: draw.draw.draw,
            deed,
            acknowledged: None,
            note: None,
        };
        let changes = vec![Change::Reviewed(reviewed)];
        self.entry(Some(record.patient), EntryKind::Review, at, changes, ids)
    }

    fn next_morning(&self) -> DateTime<FixedOffset> {
        (self.at + TimeDelta::hours(14)).min(self.ground.now)
    }

    fn entry(
        &self,
        patient: Option<PatientId>,
        kind: EntryKind,
        at: DateTime<FixedOffset>,
        changes: Vec<Change>,
        ids: &mut Ids<'_>,
    ) -> Entry {
        Entry {
            id: EntryId::from(ids(at)),
            patient,
            visit: None,
            person: self.person,
            at,
            kind,
            undoes: None,
            reason: None,
            changes,
        }
    }

    /// The file as the laboratory writes it, HL7 in UTF-8.
    fn message(&self, file: &FileTold, charts: &Charts) -> Result<String, String> {
        let stamp = self.at.format("%Y%m%d%H%M%S%z");
        let mut text = String::new();
        for (n, draw) in file.draws.iter().enumerate() {
            let known = charts.get(&draw.chart).ok_or("nobody has this number")?;
            let (born, sex) = (known.1.birth_date.format("%Y%m%d"), known.1.sex.word());
            let name = draw.name.as_deref().unwrap_or(&known.1.name);
            let name = name.replace(' ', "^");
            let born = draw.born.clone().unwrap_or_else(|| born.to_string());
            let sex = if sex == "male" { "M" } else { "F" };
            let drawn = self
                .ground
                .today()
                .checked_sub_days(Days::new(u64::from(draw.ago)));
            let drawn = drawn.ok_or("no such day")?.format("%Y%m%d");
            let fasting = match draw.fasting {
                Fasting::Yes => "F",
                Fasting::No => "NF",
                Fasting::Unknown => "",
            };
            text += &format!(
                "MSH|^~\\&|LIS|{}|SAISHIN|CLINIC|{stamp}||ORU^R01|{}-{n}|P|2.5||||||UNICODE UTF-8\r\
                 PID|1||{}||{name}||{born}|{sex}\r\
                 OBR|1||{}-{n}|CHEM|||{drawn}0900||||||{fasting}\r",
                file.laboratory, file.name, draw.chart, file.name
            );
            for (row, (analyte, value)) in draw.values.iter().enumerate() {
                text += &row_of(row + 1, analyte, value, self.ground.catalogue)?;
            }
        }
        Ok(text)
    }
}

/// `1120 mg/dL 30-149 F`: value, unit, range, status.
fn row_of(n: usize, analyte: &str, told: &str, catalogue: &Catalogue) -> Result<String, String> {
    let known = catalogue.get(&AnalyteId(analyte.to_owned()));
    let known = known.ok_or_else(|| format!("`{analyte}` is no analyte"))?;
    let code = known.loinc.first().ok_or("it has no code")?;
    let mut parts = told.split(' ');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (value, unit, range, status) = (part(), part(), part(), part());
    let status = if status.is_empty() { "F" } else { &status };
    let name = &known.short.en;
    Ok(format!(
        "OBX|{n}|NM|{code}^{name}^LN||{value}|{unit}|{range}||||{status}\r"
    ))
}

/// Who has which chart number.
type Charts = BTreeMap<String, (PatientId, crate::domain::change::Identity)>;

fn charts(all: &All) -> Charts {
    let mut charts = Charts::new();
    for (entry, _) in all {
        for change in &entry.changes {
            if let (Change::Patient(identity), Some(patient)) = (change, entry.patient) {
                charts.insert(identity.chart_number.clone(), (patient, identity.clone()));
            }
        }
    }
    charts
}

/// A patient's record as it was at that moment.
fn record(
    all: &All,
    patient: Option<PatientId>,
    at: DateTime<FixedOffset>,
) -> Result<Record, String> {
    let patient = patient.ok_or("nobody has this number")?;
    let entries = all.iter().map(|(entry, _)| entry);
    let before = entries.filter(|e| e.patient == Some(patient) && e.at < at);
    Ok(Record::of(patient, before.cloned()))
}

/// The row of whoever got results stands beside the last of their entries.
fn project(all: &mut All, ground: &Ground<'_>) {
    let linked = all
        .iter()
        .filter(|(entry, _)| entry.kind == EntryKind::Link);
    let patients: Vec<PatientId> = linked.filter_map(|(entry, _)| entry.patient).collect();
    for patient in patients {
        let of = |entry: &Entry| entry.patient == Some(patient);
        let entries = all.iter().filter(|(entry, _)| of(entry));
        let record = Record::of(patient, entries.map(|(entry, _)| entry.clone()));
        let row = due::project(
            &record,
            ground.settings,
            ground.settings_hash,
            ground.today(),
        );
        for (_, row) in all.iter_mut().filter(|(entry, _)| of(entry)) {
            *row = None;
        }
        if let Some((_, last)) = all.iter_mut().rev().find(|(entry, _)| of(entry)) {
            *last = row;
        }
    }
}
