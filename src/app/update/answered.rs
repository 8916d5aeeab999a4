//! What the store answered: lists, records, searches; and what another window saved.

use super::failing::Compared;
use super::*;
use crate::app::assets::settings_then;
use crate::app::{Under, taking};
use crate::store::Refusal;
use chrono::NaiveDate;

impl Step<'_> {
    pub(super) fn lists(&mut self, of: Wanted, lists: Lists, clinic: store::Clinic) {
        self.model.rows = Rows {
            of: Some(of),
            hidden: lists.hidden,
            more_hidden: lists.more_hidden,
            today: lists.today,
            follow_up: lists.follow_up,
            more: [lists.more_today, lists.more_follow_up],
            patients: clinic.patients,
            arrived: Arrived {
                unseen: clinic.unseen,
                critical: clinic.critical,
                waiting: clinic.waiting,
            },
            loaded: true,
        };
        if self.model.folder.is_none() {
            let mut settings = clinic.settings.iter();
            let watched = settings.find(|setting| setting.name == taking::FOLDER);
            let watched = watched.and_then(|setting| setting.text.as_deref());
            self.model.folder = watched.map(Into::into);
        }
        self.model.list.refreshed(&self.model.rows);
        for person in clinic.people {
            if !self.model.people.iter().any(|p| p.person == person.person) {
                self.model.people.push(person);
            }
        }
        self.model
            .stored_protocols
            .extend(clinic.protocols.iter().map(|p| p.hash));
        self.model.saved_at = self.model.saved_at.max(clinic.saved_at);
        self.model.demo |= clinic.demo;
    }

    pub(super) fn closing(&mut self, day: NaiveDate, found: Found) {
        if let Screen::Close(screen) = &mut self.model.screen {
            screen.filled(day, found);
        }
    }

    pub(super) fn assets(&mut self, assets: Assets) {
        self.model.said = assets.trouble.or(self.model.said.take());
        let Clinic {
            protocol,
            protocol_hash,
            settings,
            settings_hash,
            ..
        } = &assets.clinic;
        let pins = &mut self.model.pins;
        pins.protocols.insert(*protocol_hash, Arc::clone(protocol));
        pins.settings
            .insert(*settings_hash, Arc::new(settings.clone()));
        self.model.clinic = Some(assets.clinic);
        if self.model.waiting == Some(Await::Assets) {
            self.model.waiting = None;
            if let Some(patient) = self.model.chart.take() {
                // What is typed until the chart is there is meant for it.
                self.open(patient);
            }
            self.replay();
        }
    }

    pub(super) fn found(&mut self, keys: &[String], lines: Vec<crate::domain::line::Line>) {
        self.model.list.take_found(keys, lines, &self.model.rows);
    }

    pub(super) fn record(&mut self, patient: PatientId, stored: Vec<Stored>, under: Under) {
        self.pin(&stored, under);
        self.model
            .heads
            .insert(patient, stored.last().map(|s| s.seq));
        let conflict = self.model.failed == Some(StoreError::Conflict)
            && self.model.unsaved.front().and_then(|p| p.entry.patient) == Some(patient);
        if self.model.reload == Some(patient) {
            self.model.reload = None;
        }
        self.join(patient, &stored);
        let compared = self.compare(patient, &stored);
        let awaited = self.model.waiting == Some(Await::Record(patient));
        self.relay(patient, stored, awaited);
        if let Some(seal) = compared.seal {
            self.seal_dropped(seal);
        }
        if conflict {
            self.resend(&compared);
        }
        if awaited {
            self.model.waiting = None;
            self.model.screen = Screen::Chart(ChartScreen::default());
            if let Some(go) = self.model.then.take() {
                self.go(go);
            }
            self.replay();
        }
    }

    /// The protocols and settings that these visits were done under.
    fn pin(&mut self, stored: &[Stored], under: Under) {
        let pins = &mut self.model.pins;
        pins.protocols.extend(under.protocols);
        let changes = stored.iter().flat_map(|s| &s.entry.changes);
        for opening in changes.filter_map(Change::opening) {
            let Some(protocol) = pins.protocols.get(&opening.protocol) else {
                continue;
            };
            if !pins.settings.contains_key(&opening.settings)
                && let Some(then) = settings_then(protocol, &under.settings, &opening.settings)
            {
                pins.settings.insert(opening.settings, Arc::new(then));
            }
        }
    }

    /// The patient's record as the store has it, with what is unsaved here over it:
    /// its rows are worked out anew, and the desk shows it where it is this patient's.
    fn relay(&mut self, patient: PatientId, stored: Vec<Stored>, awaited: bool) {
        let kept: BTreeSet<EntryId> = stored.iter().map(|s| s.entry.id).collect();
        let mut record = Record::of(patient, stored.into_iter().map(|s| s.entry));
        let commit = match &self.model.waiting {
            Some(Await::Commit { entry, .. }) => Some(*entry),
            _ => None,
        };
        let mut unsaved = std::mem::take(&mut self.model.unsaved);
        for pending in &mut unsaved {
            let entry = &pending.entry;
            if entry.patient != Some(patient) || kept.contains(&entry.id) {
                continue;
            }
            if commit == Some(entry.id) {
                let mut after = record.clone();
                after.push(entry.clone());
                pending.projection = self.projection(&after, entry);
            } else {
                record.push(entry.clone());
                pending.projection = self.projection(&record, entry);
            }
        }
        self.model.unsaved = unsaved;
        let known = self
            .model
            .desk
            .as_ref()
            .filter(|d| d.record.patient == patient);
        if known.is_none() && !awaited {
            return;
        }
        let verified = known.filter(|_| !awaited).and_then(|d| d.verified);
        if let Some(opening) = &self.model.opening
            && opening.entry.patient == Some(patient)
        {
            if record.open_visit().is_some() {
                self.model.opening = None;
            } else {
                record.push(opening.entry.clone());
            }
        }
        self.model.desk = desk(self.model, record, verified);
        if !awaited {
            self.off_closed_visit();
        }
    }

    /// Another window answered in a visit that was being signed here.
    fn seal_dropped(&mut self, seal: EntryId) {
        if matches!(&self.model.waiting, Some(Await::Commit { entry, .. }) if *entry == seal) {
            self.stop_waiting();
        }
        self.off_closed_visit();
        self.model.said = Some(self.model.text.queue_seal_dropped.to_owned());
    }

    /// After another window's save: what is unsaved here goes after it, unless it
    /// speaks of the same line; then F8 says that it shall.
    fn resend(&mut self, compared: &Compared) {
        if compared.same {
            if let Some(Await::Commit { .. }) = self.model.waiting {
                self.take_back_commit();
            }
            self.model.said = Some(self.model.text.say_conflict.to_owned());
            return;
        }
        self.model.failed = None;
        self.model.saving = match self.model.unsaved.is_empty() {
            true => Saving::Idle,
            false => Saving::Waiting,
        };
        self.pump();
    }

    /// Reading failed: only what waited for this ends.
    pub(super) fn not_read(&mut self, asked: Asked, why: &StoreError) {
        self.model.said = Some(self.store_trouble(why));
        if let Asked::Open(patient) = asked {
            let waited = self.model.waiting == Some(Await::Record(patient));
            let committing = matches!(self.model.waiting, Some(Await::Commit { .. }));
            if committing && self.model.reload == Some(patient) {
                self.take_back_commit();
            } else if waited {
                self.stop_waiting();
            }
        }
    }

    pub(super) fn checked(&mut self, patient: PatientId, whole: bool) {
        if self.model.unchecked == Some(patient) {
            self.model.unchecked = None;
        }
        let known = self.model.desk.as_mut();
        if let Some(desk) = known.filter(|d| d.record.patient == patient) {
            desk.verified = Some(whole);
        }
    }

    /// Asked again by and by, as long as this chart is on the desk.
    pub(super) fn not_checked(&mut self, patient: PatientId) {
        let on_desk = self.model.desk.as_ref().map(|d| d.record.patient);
        self.model.unchecked = on_desk.filter(|p| *p == patient);
    }

    /// Takes the keys typed while something was awaited.
    pub(super) fn replay(&mut self) {
        while self.model.waiting.is_none() {
            let Some((key, at)) = self.model.kept_keys.pop_front() else {
                return;
            };
            self.key(key, at);
        }
    }

    pub(super) fn store_trouble(&self, why: &StoreError) -> String {
        let text = &self.model.text;
        match why {
            StoreError::DiskFull => text.store_full.to_owned(),
            StoreError::ReadOnly => text.store_read_only.to_owned(),
            StoreError::Busy => text.store_busy.to_owned(),
            StoreError::Conflict => text.store_conflict.to_owned(),
            StoreError::ChartNumberTaken => text.trouble_number_taken.to_owned(),
            StoreError::Moved => text.store_moved.to_owned(),
            StoreError::GaveWay => text.store_gave_way.to_owned(),
            StoreError::Refused(Refusal::SignedVisit | Refusal::AlreadySigned) => {
                text.refusal_signed.to_owned()
            }
            StoreError::Refused(Refusal::VoidedVisit) => text.refusal_void.to_owned(),
            StoreError::Refused(Refusal::AnotherVisitOpen) => text.refusal_open.to_owned(),
            // A fault of the program: the word is for whoever mends it.
            StoreError::Refused(why) => fill(text.store_refused, &[("why", why.word())]),
            StoreError::Unknown => text.store_unknown.to_owned(),
            StoreError::Damaged => text.store_damaged.to_owned(),
            StoreError::Io(code) => fill(text.store_io, &[("code", &code.to_string())]),
        }
    }
}
