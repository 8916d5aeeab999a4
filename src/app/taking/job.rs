//! One file on its way into the store.

use super::Parsed;
use crate::domain::arrival::{How, Import, Refused};
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Change, Entry, EntryKind, Hash};
use crate::domain::due;
use crate::domain::id::{EntryId, PatientId, PersonId};
use crate::domain::line::{Line, Projection};
use crate::domain::matching::{Agreement, Chart, Matching, Part, Scheme, compare, matching};
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use crate::incoming::{
    Grounds, Judged, Preview, TakenDraw, Verdict, import, linked, taken, unmatched,
};
use crate::lab::Reading;
use crate::store::{Receipt, Store, StoreError};
use chrono::{DateTime, FixedOffset};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// What an import stands on.
#[derive(Clone, Debug)]
pub struct Under {
    pub catalogue: Arc<Catalogue>,
    pub settings: Settings,
    pub settings_hash: Hash,
    pub scheme: Scheme,
    pub person: PersonId,
    pub now: DateTime<FixedOffset>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
}

/// How many draws are linked at a time: their records are read together.
const STRETCH: usize = 16;

/// One file on its way.
pub struct Job {
    under: Under,
    ids: Box<dyn FnMut() -> Uuid + Send>,
    hash: Hash,
    /// The file as a whole, but for what of it came before.
    import: Import,
    refused: Arc<Vec<Refused>>,
    /// Not looked up yet, the last first, each with how much of it came before.
    waiting: Vec<(TakenDraw, usize)>,
    judged: Arc<Vec<Judged>>,
    told: Told,
    batch: Batch,
}

/// What was told by draws that were looked up and are not stored yet.
#[derive(Clone, Debug, Default)]
pub struct Told {
    results: BTreeSet<Hash>,
    /// Laboratory and name of each message.
    messages: BTreeSet<(Option<String>, String)>,
}

impl Told {
    /// Together with what another file told.
    pub fn add(&mut self, other: Told) {
        self.results.extend(other.results);
        self.messages.extend(other.messages);
    }
}

/// What is to be saved, and what it was worked out from.
#[derive(Default)]
struct Batch {
    /// The last entry of the file when linking began.
    on: u64,
    begun: bool,
    /// How many draws are linked.
    linked: usize,
    records: BTreeMap<PatientId, Record>,
    entries: Vec<(Entry, Option<Projection>)>,
}

impl Job {
    /// A file that was read; none where it was refused or does not add up.
    pub fn new(
        parsed: Parsed,
        under: Under,
        mut ids: Box<dyn FnMut() -> Uuid + Send>,
    ) -> Option<Self> {
        let reading = parsed.reading.ok().filter(Reading::adds_up)?;
        let local = under.now.offset().local_minus_utc() / 60;
        let taken = taken(&reading, local, &mut *ids);
        let waiting = taken.draws.into_iter().rev().map(|draw| (draw, 0));
        Some(Self {
            import: import(&reading, parsed.hash, &parsed.name, 0),
            under,
            ids,
            hash: parsed.hash,
            refused: Arc::new(taken.refused),
            waiting: waiting.collect(),
            judged: Arc::default(),
            told: Told::default(),
            batch: Batch::default(),
        })
    }

    /// What this file tells; asked once, when all of it is looked up.
    pub fn told(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }

    /// How this clinic writes its numbers: said before the first look.
    pub fn scheme(&mut self, scheme: &Scheme) {
        self.under.scheme = scheme.clone();
    }

    /// Everything is looked up anew: the store was changed meanwhile.
    pub fn again(&mut self) {
        let judged = std::mem::take(&mut self.judged);
        let judged = Arc::unwrap_or_clone(judged).into_iter().rev();
        self.waiting.extend(judged.map(|j| (j.draw, j.known)));
        self.told = Told::default();
        self.batch = Batch::default();
    }

    /// The file as it would be stored.
    pub fn preview(&self) -> Preview {
        Preview {
            import: self.import(),
            refused: Arc::clone(&self.refused),
            draws: Arc::clone(&self.judged),
        }
    }

    /// The moment of the entries that will be saved.
    pub fn at(&mut self, now: DateTime<FixedOffset>) {
        self.under.now = now;
    }

    /// Looks up one draw; whether all are looked up.
    ///
    /// # Errors
    /// The store's; the step may be taken again.
    pub fn look_up(&mut self, store: &dyn Store) -> Result<bool, StoreError> {
        self.look_up_behind(&Told::default(), store)
    }

    /// The same, where other files that told this much will be stored first.
    ///
    /// # Errors
    /// The store's; the step may be taken again.
    pub fn look_up_behind(&mut self, before: &Told, store: &dyn Store) -> Result<bool, StoreError> {
        let Some((mut draw, mut known)) = self.waiting.pop() else {
            return Ok(true);
        };
        let verdict = match self.judge(&mut draw, &mut known, before, store) {
            Ok(verdict) => verdict,
            Err(error) => {
                self.waiting.push((draw, known));
                return Err(error);
            }
        };
        let judged = Judged {
            draw,
            verdict,
            known,
        };
        let results = judged.draw.results.iter();
        self.told
            .results
            .extend(results.map(|result| result.digest));
        self.told.messages.extend(message(&judged.draw));
        Arc::make_mut(&mut self.judged).push(judged);
        Ok(self.waiting.is_empty())
    }

    /// Links the next few draws; whether all are linked. Somebody else's save in
    /// between makes it begin again.
    ///
    /// # Errors
    /// The store's; the step may be taken again.
    pub fn link(&mut self, store: &dyn Store) -> Result<bool, StoreError> {
        let head = store.head()?.seq;
        if !self.batch.begun || self.batch.on != head {
            self.batch = Batch {
                on: head,
                begun: true,
                ..Batch::default()
            };
            let file = self.of_file();
            self.batch.entries.push((file, None));
        }
        let from = self.batch.linked;
        let next = self.judged.iter().enumerate().skip(from).take(STRETCH);
        let certain: Vec<(usize, PatientId, How)> = next
            .filter_map(|(at, judged)| match &judged.verdict {
                Verdict::Certain(chart, how) => Some((at, chart.patient, *how)),
                _ => None,
            })
            .collect();
        self.learn(certain.iter().map(|(_, patient, _)| *patient), store)?;
        for (at, patient, how) in certain {
            self.link_to(at, patient, how);
        }
        self.batch.linked = self.judged.len().min(from + STRETCH);
        Ok(self.batch.linked == self.judged.len())
    }

    /// Reads the records that are not known yet.
    fn learn(
        &mut self,
        patients: impl Iterator<Item = PatientId>,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let known = &mut self.batch.records;
        let new: BTreeSet<PatientId> = patients.filter(|id| !known.contains_key(id)).collect();
        let new: Vec<PatientId> = new.into_iter().collect();
        let read = store.records(&new)?.into_iter();
        for (patient, stored) in new.into_iter().zip(read) {
            let record = Record::of(patient, stored.into_iter().map(|kept| kept.entry));
            known.insert(patient, record);
        }
        Ok(())
    }

    /// Saves all of it or nothing.
    ///
    /// # Errors
    /// The store's; after a conflict, or when it was called off, linking begins again.
    pub fn save(
        &mut self,
        store: &mut dyn Store,
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Receipt, StoreError> {
        store.append_unless(Some(self.batch.on), &self.batch.entries, stop)
    }

    /// How far looking up is.
    pub fn progress(&self) -> Progress {
        let done = self.judged.len();
        Progress {
            done,
            of: done + self.waiting.len(),
        }
    }

    /// The draws looked up so far, in the order of the file.
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    /// The rows that gave no result.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The file as a whole.
    pub fn import(&self) -> Import {
        let known: usize = self.judged.iter().map(|judged| judged.known).sum();
        Import {
            known: u32::try_from(known).unwrap_or(u32::MAX),
            ..self.import.clone()
        }
    }

    /// SHA-256 of the file.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Every row there was in the file.
    pub fn rows_read(&self) -> usize {
        self.import.rows as usize
    }

    /// How far linking is.
    pub fn linked(&self) -> Progress {
        Progress {
            done: self.batch.linked,
            of: self.judged.len(),
        }
    }

    /// How many facts are saved; once all is linked.
    pub fn rows(&self) -> usize {
        let entries = self.batch.entries.iter();
        entries.map(|(entry, _)| entry.changes.len()).sum()
    }

    /// How many of its results did not come before.
    pub fn new_results(&self) -> usize {
        let results = self.judged.iter().map(|judged| judged.draw.results.len());
        results.sum()
    }

    /// Whose values the import moves.
    pub fn patients(&self) -> BTreeSet<PatientId> {
        let entries = self.batch.entries.iter();
        entries.filter_map(|(entry, _)| entry.patient).collect()
    }

    /// How many results are nobody's.
    pub fn unmatched(&self) -> usize {
        unmatched(&self.judged)
    }

    /// Takes out of a draw what came before, adds that to what is `known` of it,
    /// and says whose the rest is.
    fn judge(
        &self,
        draw: &mut TakenDraw,
        known: &mut usize,
        before: &Told,
        store: &dyn Store,
    ) -> Result<Verdict, StoreError> {
        *known += self.strip(draw, before, store)?;
        if draw.results.is_empty() && *known > 0 {
            return Ok(Verdict::Known);
        }
        if let Some((laboratory, name)) = message(draw) {
            draw.draw.contradicts = store.message_came(laboratory.as_deref(), &name)?
                || before.messages.contains(&(laboratory, name));
        }
        whose(draw, &self.under.scheme, store)
    }

    /// Takes out what came before; how many results that were.
    fn strip(
        &self,
        draw: &mut TakenDraw,
        before: &Told,
        store: &dyn Store,
    ) -> Result<usize, StoreError> {
        let all = draw.results.len();
        let digests: Vec<Hash> = draw.results.iter().map(|result| result.digest).collect();
        let mut came = store.came_before(&digests)?.into_iter();
        let mut here = BTreeSet::new();
        draw.results.retain(|result| {
            let digest = &result.digest;
            let told = [&before.results, &self.told.results];
            let told = told.iter().any(|told| told.contains(digest));
            !came.next().unwrap_or(false) && !told && here.insert(*digest)
        });
        draw.draw.results = u32::try_from(draw.results.len()).unwrap_or(u32::MAX);
        Ok(all - draw.results.len())
    }

    /// The entry of the file itself.
    fn of_file(&mut self) -> Entry {
        let mut changes = vec![Change::Import(self.import())];
        changes.extend(self.refused.iter().cloned().map(Change::Refused));
        for judged in self.judged.iter().filter(|j| j.verdict != Verdict::Known) {
            changes.push(Change::Draw(Box::new(judged.draw.draw.clone())));
            let results = judged.draw.results.iter().cloned();
            changes.extend(results.map(|result| Change::Returned(Box::new(result))));
        }
        self.entry(None, EntryKind::Import, changes)
    }

    /// Links a draw to a patient whose record is known.
    fn link_to(&mut self, at: usize, patient: PatientId, how: How) {
        let Some(record) = self.batch.records.get(&patient) else {
            return;
        };
        let grounds = Grounds {
            how,
            identifiers: identifiers(how).to_owned(),
            file: Some(self.hash),
            catalogue: &self.under.catalogue,
        };
        let draw = &self.judged[at].draw;
        let changes = linked(record, &draw.draw, &draw.results, &grounds, &mut *self.ids);
        let entry = self.entry(Some(patient), EntryKind::Link, changes);
        let Some(record) = self.batch.records.get_mut(&patient) else {
            return;
        };
        record.push(entry.clone());
        let under = &self.under;
        let today = under.now.date_naive();
        let projection = due::project(record, &under.settings, under.settings_hash, today);
        self.batch.entries.push((entry, projection));
    }

    fn entry(
        &mut self,
        patient: Option<PatientId>,
        kind: EntryKind,
        changes: Vec<Change>,
    ) -> Entry {
        Entry {
            id: EntryId::from((self.ids)()),
            patient,
            visit: None,
            person: self.under.person,
            at: self.under.now,
            kind,
            undoes: None,
            reason: None,
            changes,
        }
    }
}

/// The laboratory and what it calls the message of a draw.
fn message(draw: &TakenDraw) -> Option<(Option<String>, String)> {
    let name = draw.draw.message.clone()?;
    Some((draw.draw.laboratory.clone(), name))
}

/// By what a match was made.
fn identifiers(how: How) -> &'static str {
    match how {
        How::Matched => "number birth sex",
        How::Confirmed | How::Remembered => "as confirmed",
    }
}

/// Whose a draw is, by what the store knows of the charts.
///
/// # Errors
/// The store's.
pub fn whose(draw: &TakenDraw, scheme: &Scheme, store: &dyn Store) -> Result<Verdict, StoreError> {
    let mut charts = numbered(draw, scheme, store)?;
    let found = matching(&draw.claim, &charts, scheme);
    let contradicts = draw.draw.contradicts;
    if let (Matching::Certain(chart), true, false) = (&found, draw.can_match, contradicts) {
        return Ok(Verdict::Certain(chart.clone(), How::Matched));
    }
    if !contradicts
        && let Some(patient) = store.remembered(&draw.draw.who())?
        && let Some(line) = store.projection(patient)?
    {
        let chart = chart(line.line);
        let number = compare(&draw.claim, &chart, scheme).of(Part::Number);
        if number == Agreement::Same {
            return Ok(Verdict::Certain(chart, How::Remembered));
        }
    }
    // Whoever is nearly right is looked for only where a person is asked.
    charts.extend(same_day(draw, store)?);
    Ok(match matching(&draw.claim, &charts, scheme) {
        Matching::Certain(chart) => Verdict::Near(vec![compare(&draw.claim, &chart, scheme)]),
        Matching::Near(near) => Verdict::Near(near),
        Matching::Nobody => Verdict::Nobody,
    })
}

/// Every chart that could be meant by its number, in any writing.
fn numbered(
    draw: &TakenDraw,
    scheme: &Scheme,
    store: &dyn Store,
) -> Result<Vec<Chart>, StoreError> {
    let mut lines: Vec<Line> = Vec::new();
    for number in &draw.claim.numbers {
        for writing in scheme.writings(number) {
            if let Some(patient) = store.find(&writing)? {
                lines.extend(store.projection(patient)?.map(|found| found.line));
            }
        }
    }
    Ok(lines.into_iter().map(chart).collect())
}

/// Those born that day.
fn same_day(draw: &TakenDraw, store: &dyn Store) -> Result<Vec<Chart>, StoreError> {
    let born = draw.claim.birth_date.map(|day| store.born(day));
    let lines = born.transpose()?.unwrap_or_default();
    Ok(lines.into_iter().map(chart).collect())
}

fn chart(line: Line) -> Chart {
    Chart {
        patient: line.patient,
        chart_number: line.chart_number,
        name: line.name,
        kana: line.kana,
        birth_date: line.birth_date,
        sex: line.sex,
    }
}
