//! Saving: an entry is made, shown at once, queued, sent one at a time, and kept
//! until the store has said that it is on disk.

use super::*;

impl Step<'_> {
    /// The entry of a draft.
    pub(super) fn entry(&mut self, draft: Draft) -> Entry {
        Entry {
            id: EntryId::from(self.model.ids.next(self.now)),
            patient: Some(draft.patient),
            visit: draft.visit,
            person: self.model.me,
            at: self.now,
            kind: draft.kind,
            undoes: draft.undoes,
            reason: draft.reason,
            changes: draft.changes,
        }
    }

    /// Makes the entry of a draft, lets the desk show it, and hands it to the store.
    pub(super) fn save(&mut self, draft: Draft) {
        self.send_opening(draft.visit);
        let what = draft.what.clone();
        let entry = self.entry(draft);
        let projection = self.lay(&entry);
        if self.model.guarded(&entry) {
            self.model.guard.did(Did::Saved(entry.id));
        }
        self.queue(entry, projection, what);
    }

    /// A draft whose commit is waited for. Until then the desk stays as it was, so
    /// that the screen does too, and there is nothing to take back if it fails.
    pub(super) fn commit(&mut self, draft: Draft, go: Option<Go>, copy: Option<String>) {
        if self.model.failed == Some(StoreError::Conflict) {
            let text = &self.model.text;
            // What another window overtook comes first: F8 decides it.
            let words = match self.model.reload {
                Some(_) => text.store_conflict,
                None => text.say_conflict,
            };
            self.model.said = Some(words.to_owned());
            return self.release_form();
        }
        self.send_opening(draft.visit);
        let (patient, what) = (draft.patient, draft.what.clone());
        let go = go.unwrap_or(Go::Open(patient));
        let entry = self.entry(draft);
        let mut record = match &self.model.desk {
            Some(desk) if desk.record.patient == patient => desk.record.clone(),
            _ => Record::new(patient),
        };
        record.push(entry.clone());
        let projection = self.projection(&record, &entry);
        self.model.waiting = Some(Await::Commit {
            entry: entry.id,
            go,
            copy,
        });
        self.model.unsigned = None;
        // Whatever waits is tried again with it.
        self.model.failed = None;
        self.queue(entry, projection, what);
    }

    /// Shows an entry on the desk; the patient's row where it may have moved.
    pub(super) fn lay(&mut self, entry: &Entry) -> Option<Projection> {
        let patient = entry.patient?;
        let (mut record, verified) = match self.model.desk.take() {
            Some(desk) if desk.record.patient == patient => (desk.record, desk.verified),
            // Nothing is kept of a new patient, so nothing waits to be verified.
            _ => (Record::new(patient), Some(true)),
        };
        record.push(entry.clone());
        let projection = self.projection(&record, entry);
        self.model.desk = desk(self.model, record, verified);
        projection
    }

    /// The first answer of a visit is saved behind what opens it.
    fn send_opening(&mut self, visit: Option<VisitId>) {
        let fits = |p: &Pending| visit.is_some() && p.entry.visit == visit;
        if !self.model.opening.as_ref().is_some_and(fits) {
            return;
        }
        self.keep_protocol();
        if let Some(opening) = self.model.opening.take() {
            self.queue(opening.entry, opening.projection, opening.what);
        }
    }

    /// A visit left without an answer was never opened.
    pub(super) fn drop_opening(&mut self) {
        if let Some(opening) = self.model.opening.take() {
            self.forget(&[opening.entry]);
        }
    }

    /// An entry that belongs to no patient.
    pub(super) fn keep(&mut self, kind: EntryKind, change: Change, what: String) {
        let entry = self.of_clinic(kind);
        let changes = vec![change];
        self.keep_entry(Entry { changes, ..entry }, what);
    }

    /// Takes back an entry of no patient's.
    pub(super) fn keep_undo(&mut self, undone: EntryId, what: String) {
        let entry = self.of_clinic(EntryKind::Undo);
        let undoes = Some(undone);
        self.keep_entry(Entry { undoes, ..entry }, what);
    }

    fn keep_entry(&mut self, entry: Entry, what: String) {
        if !self.model.read_only {
            self.queue(entry, None, what);
        }
    }

    fn of_clinic(&self, kind: EntryKind) -> Entry {
        Entry {
            id: EntryId::from(self.model.ids.next(self.now)),
            patient: None,
            visit: None,
            person: self.model.me,
            at: self.now,
            kind,
            undoes: None,
            reason: None,
            changes: Vec::new(),
        }
    }

    /// The patient's row and keys, where this entry may have changed them.
    pub(super) fn projection(&self, record: &Record, entry: &Entry) -> Option<Projection> {
        let clinic = self
            .model
            .clinic
            .as_ref()
            .filter(|_| moves_projection(entry))?;
        due::project(
            record,
            &clinic.settings,
            clinic.settings_hash,
            self.model.today,
        )
    }

    pub(super) fn queue(&mut self, entry: Entry, projection: Option<Projection>, what: String) {
        let on = entry.patient.and_then(|p| self.head(p));
        self.model.unsaved.push_back(Pending {
            entry,
            projection,
            on,
            what,
        });
        if self.model.failed.is_none() {
            self.model.saving = Saving::Waiting;
        }
        self.pump();
    }

    /// The patient's last entry, as the store knows it.
    pub(super) fn head(&self, patient: PatientId) -> Option<u64> {
        self.model.heads.get(&patient).copied().flatten()
    }

    /// Sends the first unsaved entry, one at a time.
    pub(super) fn pump(&mut self) {
        if self.model.in_flight || self.model.failed.is_some() {
            return;
        }
        let Some(first) = self.model.unsaved.front() else {
            return;
        };
        self.model.in_flight = true;
        self.effects.push(Effect::Append {
            entry: Box::new(first.entry.clone()),
            expected: first.on,
            projection: first.projection.clone().map(Box::new),
        });
    }

    pub(super) fn saved(&mut self, id: EntryId, receipt: store::Receipt) {
        self.model.in_flight = false;
        if self.model.unsaved.front().is_none_or(|p| p.entry.id != id) {
            return self.pump();
        }
        self.done(Some(receipt.seq));
    }

    /// The first unsaved entry is on disk, there if it was not there before.
    pub(super) fn done(&mut self, seq: Option<u64>) {
        self.model.failed = None;
        let Some(done) = self.model.unsaved.pop_front() else {
            return;
        };
        self.model.saved_at = self.model.saved_at.max(Some(done.entry.at));
        if let (Some(patient), Some(seq)) = (done.entry.patient, seq) {
            self.follow(patient, seq);
        }
        if self.model.unsaved.is_empty() {
            let at = self.now.format("%H:%M").to_string();
            self.model.saving = match done.what.as_str() {
                "" => Saving::Idle,
                what => Saving::Saved {
                    what: what.to_owned(),
                    at,
                },
            };
        }
        self.pump();
        self.committed(&done.entry);
        self.show_saved();
        self.leave_if_asked();
    }

    /// Rows read while this was on its way do not know of it yet.
    fn show_saved(&mut self) {
        match &self.model.screen {
            _ if !self.model.unsaved.is_empty() => {}
            Screen::Close(screen) => self.effects.push(Effect::Closing(screen.day())),
            Screen::List => self.relist(),
            _ => {}
        }
    }

    /// The patient's entries that wait go behind the one just saved.
    fn follow(&mut self, patient: PatientId, seq: u64) {
        let head = self.model.heads.entry(patient).or_default();
        *head = (*head).max(Some(seq));
        for mine in &mut self.model.unsaved {
            if mine.entry.patient == Some(patient) {
                mine.on = mine.on.max(Some(seq));
            }
        }
    }

    /// On to where the awaited entry leads.
    fn committed(&mut self, entry: &Entry) {
        let awaited =
            matches!(&self.model.waiting, Some(Await::Commit { entry: id, .. }) if *id == entry.id);
        if !awaited {
            return;
        }
        let Some(Await::Commit { go, copy, .. }) = self.model.waiting.take() else {
            return;
        };
        let _ = self.lay(entry);
        self.go(go);
        if let Some(text) = copy {
            self.copy(text);
        }
        self.replay();
    }

    /// The day of the message: at its turn the lists are another day's.
    pub(super) fn day(&mut self) {
        let today = self.now.date_naive();
        if today != self.model.today {
            self.model.today = today;
            self.relist();
        }
    }

    /// Time has passed: what did not go is tried again.
    pub(super) fn tick(&mut self) {
        if self.model.failed.as_ref().is_some_and(passing) {
            self.model.failed = None;
            self.pump();
        }
        if let Some(patient) = self.model.reload {
            self.effects.push(Effect::Open(patient));
        }
        if let Some(patient) = self.model.unchecked {
            self.effects.push(Effect::Check(patient));
        }
    }
}
