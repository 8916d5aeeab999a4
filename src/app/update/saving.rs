//! Saving: an entry is made, shown at once, queued, sent one at a time, and kept
//! until the store has said that it is on disk.

use super::*;

impl Step<'_> {
    /// Makes the entry of a draft, lets the desk show it, and hands it to the store.
    pub(super) fn save(&mut self, draft: Draft) -> EntryId {
        let id = EntryId::from(self.model.ids.next(self.now));
        let entry = Entry {
            id,
            patient: Some(draft.patient),
            visit: draft.visit,
            person: self.model.me,
            at: self.now,
            kind: draft.kind,
            undoes: draft.undoes,
            reason: draft.reason,
            changes: draft.changes,
        };
        let (mut record, verified) = match self.model.desk.take() {
            Some(desk) if desk.record.patient == draft.patient => (desk.record, desk.verified),
            // Nothing is kept of a new patient, so nothing waits to be verified.
            _ => (Record::new(draft.patient), Some(true)),
        };
        // A visit is shown as signed only once the signature is on disk.
        let unsigned = (entry.kind == EntryKind::Sign).then(|| record.clone());
        record.push(entry.clone());
        let projection = self.projection(&record, &entry);
        self.model.desk = desk(self.model, unsigned.unwrap_or(record), verified);
        if self.model.guarded(&entry) {
            self.model.guard.saved(id);
        }
        self.queue(entry, projection, draft.what);
        id
    }

    /// An entry that belongs to no patient.
    pub(super) fn keep(&mut self, kind: EntryKind, change: Change, what: String) {
        let entry = Entry {
            id: EntryId::from(self.model.ids.next(self.now)),
            patient: None,
            visit: None,
            person: self.model.me,
            at: self.now,
            kind,
            undoes: None,
            reason: None,
            changes: vec![change],
        };
        self.queue(entry, None, what);
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
        self.model.unsaved.push_back(Pending {
            entry,
            projection,
            what,
        });
        match &mut self.model.saving {
            Saving::Failed { waiting, .. } => *waiting = self.model.unsaved.len(),
            saving => *saving = Saving::Waiting,
        }
        self.pump();
    }

    /// Sends the first unsaved entry, one at a time.
    pub(super) fn pump(&mut self) {
        if self.model.in_flight || self.model.failed.is_some() {
            return;
        }
        let Some(first) = self.model.unsaved.front() else {
            return;
        };
        let head = first
            .entry
            .patient
            .and_then(|p| self.model.heads.get(&p).copied())
            .flatten();
        self.model.in_flight = true;
        self.effects.push(Effect::Append {
            entry: Box::new(first.entry.clone()),
            expected: head,
            projection: first.projection.clone().map(Box::new),
        });
    }

    pub(super) fn saved(&mut self, id: EntryId, receipt: store::Receipt) {
        self.model.in_flight = false;
        self.model.failed = None;
        if self.model.unsaved.front().is_none_or(|p| p.entry.id != id) {
            return;
        }
        let Some(done) = self.model.unsaved.pop_front() else {
            return;
        };
        if let Some(patient) = done.entry.patient {
            self.model.heads.insert(patient, Some(receipt.seq));
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
        if let Some(Await::Commit(waited, go)) = self.model.waiting.clone()
            && waited == id
        {
            self.model.waiting = None;
            self.effects
                .extend(self.model.note_after.take().map(Effect::Copy));
            self.go(go);
            self.replay();
        }
        if self.model.leaving && self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    pub(super) fn not_saved(&mut self, id: EntryId, why: StoreError) {
        self.model.in_flight = false;
        if self.model.unsaved.front().is_none_or(|p| p.entry.id != id) {
            return;
        }
        let words = self.store_trouble(&why);
        self.model.saving = Saving::Failed {
            why: words,
            waiting: self.model.unsaved.len(),
        };
        if why == StoreError::ChartNumberTaken {
            return self.number_taken();
        }
        self.model.failed = Some(why.clone());
        if why == StoreError::Conflict {
            return self.reload_conflict();
        }
        if matches!(self.model.waiting, Some(Await::Commit(..))) {
            // What was typed in the belief that it would be saved is not done later.
            self.model.kept_keys.clear();
        }
    }

    /// The form says so, and nothing of it is kept.
    pub(super) fn number_taken(&mut self) {
        self.model.unsaved.pop_front();
        self.model.waiting = None;
        self.model.failed = None;
        self.model.saving = Saving::Idle;
        let patient = self.model.desk.as_ref().map(|d| d.record.patient);
        self.with(|shown, ctx| {
            if let Screen::Patient(form) = &mut *shown.screen {
                form.taken(ctx);
            }
        });
        match patient.filter(|p| self.model.heads.contains_key(p)) {
            Some(patient) => self.effects.push(Effect::Open(patient)),
            None => self.model.desk = None,
        }
        self.replay();
    }

    /// Another window saved for this patient: its record is read again, and what
    /// is unsaved here is laid over it.
    pub(super) fn reload_conflict(&mut self) {
        let patient = self.model.unsaved.front().and_then(|p| p.entry.patient);
        if let Some(patient) = patient {
            self.effects.push(Effect::Open(patient));
        }
    }

    pub(super) fn retry(&mut self) {
        if self.model.failed.take().is_some() || !self.model.unsaved.is_empty() {
            self.model.saving = Saving::Waiting;
            self.pump();
        } else {
            self.model.said = Some(self.model.text.say_nothing_unsaved.to_owned());
        }
    }

    pub(super) fn tick(&mut self) {
        let today = self.now.date_naive();
        if today != self.model.today {
            self.model.today = today;
            self.effects.push(Effect::Lists(today));
        }
        if self.model.failed.as_ref().is_some_and(passing) {
            self.model.failed = None;
            self.pump();
        }
    }

    pub(super) fn quit(&mut self) {
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
            return;
        }
        if self.model.leaving && self.model.failed.is_some() {
            self.effects.push(Effect::Quit);
            return;
        }
        self.model.leaving = true;
        let n = self.model.unsaved.len().to_string();
        self.model.said = Some(fill(self.model.text.say_unsaved_quit, &[("n", &n)]));
    }

    /// Asked to end by the system: what is typed is saved first.
    pub(super) fn terminate(&mut self) {
        let outcome = self.with(|shown, ctx| match &mut *shown.screen {
            Screen::Visit(visit) => visit.flush(ctx),
            _ => Outcome::none(),
        });
        self.act(outcome);
        if self.model.failed.take().is_some() {
            // Once more, while there is time.
            self.pump();
        }
        self.model.leaving = true;
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }
}
