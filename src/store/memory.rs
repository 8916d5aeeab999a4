//! Records kept in memory only: for tests, and where nothing may be written.
//!
//! It goes through the same rows as the file does and refuses what the file's
//! guards refuse, in its own words: what one of them forgets, the test that
//! compares the two finds.

mod arrivals;

use super::guard::Known;
use super::rows::{self, Rows};
use super::{
    Clinic, Closing, Head, Lists, Problem, ProtocolRef, Receipt, Refusal, Store, StoreError,
    Stored, Verdict, What, lists,
};
use crate::domain::change::{Change, Entry, Hash, ProtocolText, Setting};
use crate::domain::id::PatientId;
use crate::domain::line::{Line, Projection};
use crate::domain::wanted::Wanted;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Records in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    kept: Vec<Kept>,
    projections: BTreeMap<PatientId, Projection>,
    known: Known,
    demo: bool,
}

#[derive(Clone, Debug)]
struct Kept {
    prev: Hash,
    rows: Rows,
    stored: Stored,
}

impl Memory {
    /// Nothing kept yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing kept yet, and only invented patients to come.
    pub fn demo() -> Self {
        Self {
            demo: true,
            ..Self::default()
        }
    }

    fn head(&self) -> Head {
        self.kept.last().map_or_else(Head::default, |kept| Head {
            seq: kept.stored.seq,
            hash: kept.stored.hash,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Change> {
        self.kept.iter().flat_map(|kept| &kept.stored.entry.changes)
    }

    /// Where this very entry was kept before.
    fn kept_before(&self, rows: &Rows) -> Result<Option<Receipt>, StoreError> {
        let Some(seq) = self.known.seq(rows.header.id) else {
            return Ok(None);
        };
        let Some(kept) = self.kept.get(seq as usize - 1) else {
            return Ok(None);
        };
        if kept.rows != *rows {
            return Err(Refusal::Duplicate.into());
        }
        Ok(Some(Receipt {
            seq: kept.stored.seq,
            hash: kept.stored.hash,
        }))
    }

    fn push(&mut self, rows: Rows, projection: Option<&Projection>) -> Result<Receipt, StoreError> {
        let entry = rows.entry().ok_or(Refusal::Malformed)?;
        self.known.refuse(&entry)?;
        self.free_chart_number(projection)?;
        self.known.refuse_unknown(&entry)?;
        let Head { seq, hash: prev } = self.head();
        let seq = seq + 1;
        let hash = rows.hash(seq, &prev);
        self.known.learn(seq, &entry);
        self.kept.push(Kept {
            prev,
            rows,
            stored: Stored { seq, hash, entry },
        });
        if let Some(projection) = projection {
            self.projections
                .insert(projection.line.patient, projection.clone());
        }
        Ok(Receipt { seq, hash })
    }

    fn free_chart_number(&self, projection: Option<&Projection>) -> Result<(), StoreError> {
        let Some(projection) = projection else {
            return Ok(());
        };
        rows::line_values(projection)?;
        match self.find(&projection.chart_key)? {
            Some(other) if other != projection.line.patient => Err(StoreError::ChartNumberTaken),
            _ => Ok(()),
        }
    }

    /// How many patients have any of what is counted.
    fn unseen_lines(&self, count: impl Fn(&Line) -> u32) -> u64 {
        let lines = self.projections.values().map(|p| &p.line);
        lines.filter(|line| count(line) > 0).count() as u64
    }

    fn lines(&self) -> Vec<Line> {
        self.projections
            .values()
            .map(|projection| projection.line.clone())
            .collect()
    }
}

impl Store for Memory {
    fn clinic(&self) -> Result<Clinic, StoreError> {
        let mut clinic = Clinic {
            head: self.head(),
            saved_at: self.kept.last().map(|kept| kept.stored.entry.at),
            patients: self.projections.len() as u64,
            unseen: self.unseen_lines(|line| line.unseen),
            critical: self.unseen_lines(|line| line.critical),
            waiting: self.known.waiting(),
            demo: self.demo,
            ..Clinic::default()
        };
        for change in self.all() {
            clinic.learn(change);
        }
        Ok(clinic)
    }

    fn narrowed(&self, wanted: &Wanted) -> Result<Lists, StoreError> {
        lists::narrowed(wanted, |_| Ok(self.lines()))
    }

    fn closing(&self, day: NaiveDate) -> Result<Closing, StoreError> {
        lists::closing(day, |_| Ok(self.lines()))
    }

    fn search(&self, keys: &[String], limit: usize) -> Result<Vec<Line>, StoreError> {
        let kept: BTreeSet<(&str, PatientId)> = self
            .projections
            .values()
            .flat_map(|p| p.keys.iter().map(|key| (key.as_str(), p.line.patient)))
            .collect();
        let mut found = lists::Found::new(limit);
        for key in keys.iter().filter(|key| !key.is_empty()) {
            let behind = |kept: &&(&str, PatientId)| kept.0.starts_with(key.as_str());
            kept.iter()
                .filter(behind)
                .for_each(|kept| found.push(kept.1));
        }
        for key in keys.iter().filter(|key| !key.is_empty()) {
            let within = |kept: &&(&str, PatientId)| kept.0.contains(key.as_str());
            kept.iter()
                .filter(within)
                .for_each(|kept| found.push(kept.1));
        }
        Ok(found
            .patients
            .iter()
            .map(|patient| self.projections[patient].line.clone())
            .collect())
    }

    fn find(&self, chart_key: &str) -> Result<Option<PatientId>, StoreError> {
        let found = self.projections.values().find(|p| p.chart_key == chart_key);
        Ok(found.map(|projection| projection.line.patient))
    }

    fn record(&self, patient: PatientId) -> Result<Vec<Stored>, StoreError> {
        let its = |kept: &&Kept| kept.stored.entry.patient == Some(patient);
        Ok(self
            .kept
            .iter()
            .filter(its)
            .map(|kept| kept.stored.clone())
            .collect())
    }

    fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        let said = self.all().filter_map(|change| match change {
            Change::Setting(setting) => Some(setting.clone()),
            _ => None,
        });
        Ok(said.collect())
    }

    fn protocol(&self, hash: &Hash) -> Result<Option<ProtocolText>, StoreError> {
        Ok(self.all().find_map(|change| match change {
            Change::Protocol(text) if text.hash == *hash => Some(text.clone()),
            _ => None,
        }))
    }

    fn append(
        &mut self,
        entry: &Entry,
        expected: Option<u64>,
        projection: Option<&Projection>,
    ) -> Result<Receipt, StoreError> {
        let rows = Rows::of(entry)?;
        if let Some(receipt) = self.kept_before(&rows)? {
            return Ok(receipt);
        }
        let head = entry.patient.and_then(|patient| self.known.last(patient));
        if entry.patient.is_some() && head != expected {
            return Err(StoreError::Conflict);
        }
        self.push(rows, projection)
    }

    fn append_unless(
        &mut self,
        on: Option<u64>,
        batch: &[(Entry, Option<Projection>)],
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Receipt, StoreError> {
        let first = batch.first().map(|(entry, _)| self.known.seq(entry.id));
        if first.flatten().is_none() && on.is_some_and(|on| on != self.head().seq) {
            return Err(StoreError::Conflict);
        }
        let mut next = self.clone();
        let mut written = 0;
        for (entry, projection) in batch {
            if stop(written) {
                return Err(StoreError::GaveWay);
            }
            let rows = Rows::of(entry)?;
            written += rows.facts.len();
            if next.kept_before(&rows)?.is_none() {
                next.push(rows, projection.as_ref())?;
            }
        }
        *self = next;
        Ok(self.head())
    }

    fn patients(&self) -> Result<Vec<PatientId>, StoreError> {
        Ok(self.known.patients())
    }

    fn projection(&self, patient: PatientId) -> Result<Option<Projection>, StoreError> {
        Ok(self.projections.get(&patient).cloned())
    }

    fn project(&mut self, projection: &Projection) -> Result<(), StoreError> {
        self.free_chart_number(Some(projection))?;
        self.projections
            .insert(projection.line.patient, projection.clone());
        Ok(())
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verdict, StoreError> {
        let mut verdict = Verdict {
            head: self.head(),
            ..Verdict::default()
        };
        let mut prev = Hash::default();
        for kept in &self.kept {
            verdict.entries += 1;
            let mut report = |what| {
                verdict.problems.push(Problem {
                    seq: Some(kept.stored.seq),
                    what,
                });
            };
            if kept.prev != prev {
                report(What::Link);
            }
            if kept.rows.hash(kept.stored.seq, &kept.prev) != kept.stored.hash {
                report(What::Altered);
            }
            prev = kept.stored.hash;
            progress(verdict.entries);
        }
        Ok(verdict)
    }
}

impl Clinic {
    /// Takes in a fact that belongs to no patient; the later one holds.
    pub(super) fn learn(&mut self, change: &Change) {
        match change {
            Change::Person(new) => match self.people.iter_mut().find(|p| p.person == new.person) {
                Some(old) => *old = new.clone(),
                None => self.people.push(new.clone()),
            },
            Change::Setting(new) => {
                match self
                    .settings
                    .binary_search_by(|old| old.name.cmp(&new.name))
                {
                    Ok(at) => self.settings[at] = new.clone(),
                    Err(at) => self.settings.insert(at, new.clone()),
                }
            }
            Change::Protocol(ProtocolText {
                hash, id, version, ..
            }) => self.protocols.push(ProtocolRef {
                hash: *hash,
                id: id.clone(),
                version: version.clone(),
            }),
            _ => {}
        }
    }
}
