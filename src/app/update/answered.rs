//! What the store answered: lists, records, searches; and what another window saved.

use super::*;

impl Step<'_> {
    pub(super) fn lists(&mut self, lists: Lists, clinic: store::Clinic) {
        self.model.rows = Rows {
            today: lists.today,
            follow_up: lists.follow_up,
            more: [lists.more_today, lists.more_follow_up],
            patients: clinic.patients,
            loaded: true,
        };
        self.model.list.refreshed(&self.model.rows);
        for person in clinic.people {
            if !self.model.people.iter().any(|p| p.person == person.person) {
                self.model.people.push(person);
            }
        }
        self.model
            .stored_protocols
            .extend(clinic.protocols.iter().map(|p| p.hash));
        self.model.demo |= clinic.demo;
        if let Some(number) = self.model.first.take() {
            self.effects
                .push(Effect::Look(crate::domain::fold::fold(&number)));
        }
    }

    pub(super) fn looked(&mut self, found: Option<PatientId>) {
        match found {
            Some(patient) => self.open(patient),
            None => self.model.said = Some(self.model.text.say_no_such_number.to_owned()),
        }
    }

    pub(super) fn assets(&mut self, assets: Assets) {
        self.model.said = assets.trouble.or(self.model.said.take());
        let Clinic {
            protocol,
            protocol_hash,
            ..
        } = &assets.clinic;
        self.model
            .protocols
            .insert(*protocol_hash, Arc::clone(protocol));
        self.model.clinic = Some(assets.clinic);
        if self.model.waiting == Some(Await::Assets) {
            self.model.waiting = None;
            self.replay();
        }
    }

    pub(super) fn found(&mut self, keys: &[String], lines: Vec<crate::domain::line::Line>) {
        self.model.list.take_found(keys, lines, &self.model.rows);
    }

    pub(super) fn record(
        &mut self,
        patient: PatientId,
        stored: Vec<Stored>,
        protocols: Vec<(crate::domain::change::Hash, Arc<Protocol>)>,
    ) {
        self.model.protocols.extend(protocols);
        let known = self
            .model
            .heads
            .insert(patient, stored.last().map(|s| s.seq))
            .flatten();
        let mine = self
            .model
            .unsaved
            .iter()
            .filter(|p| p.entry.patient == Some(patient));
        let theirs = || {
            stored
                .iter()
                .filter(|s| Some(s.seq) > known)
                .map(|s| &s.entry)
        };
        let overtaken = mine
            .clone()
            .any(|p| theirs().any(|e| contradicts(e, &p.entry)));
        let mut entries: Vec<Entry> = stored.iter().map(|s| s.entry.clone()).collect();
        entries.extend(mine.map(|p| p.entry.clone()));
        let record = Record::of(patient, entries);
        let conflict = self.model.failed == Some(StoreError::Conflict);
        let unverified = self.model.desk.as_ref().and_then(|d| d.verified);
        self.model.desk = desk(self.model, record, unverified.filter(|_| conflict));
        if conflict {
            return self.resend(overtaken);
        }
        if self.model.waiting == Some(Await::Record(patient)) {
            self.model.waiting = None;
            self.model.screen = Screen::Chart(ChartScreen::default());
            self.replay();
        }
    }

    /// After another window's save: what is unsaved here goes after it, unless it
    /// speaks of the same line; then F8 says that it shall.
    pub(super) fn resend(&mut self, overtaken: bool) {
        if overtaken {
            self.model.said = Some(self.model.text.say_conflict.to_owned());
            return;
        }
        self.model.failed = None;
        self.model.saving = Saving::Waiting;
        self.pump();
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
            StoreError::Refused(why) => fill(text.store_refused, &[("why", why.word())]),
            StoreError::Unknown => text.store_unknown.to_owned(),
            StoreError::Damaged => text.store_damaged.to_owned(),
            StoreError::Io(code) => fill(text.store_io, &[("code", &code.to_string())]),
        }
    }
}
