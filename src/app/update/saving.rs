//! Saving: an entry is made, shown at once, queued, sent one at a time, and kept
//! until the store has said that it is on disk.

use super::*;
use crate::store::Refusal;

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
        if self.model.read_only {
            return;
        }
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
    fn head(&self, patient: PatientId) -> Option<u64> {
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
    fn done(&mut self, seq: Option<u64>) {
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

    fn leave_if_asked(&mut self) {
        if (self.model.leaving || self.model.ending) && self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    pub(super) fn not_saved(&mut self, id: EntryId, why: StoreError) {
        self.model.in_flight = false;
        let Some(first) = self.model.unsaved.front_mut().filter(|p| p.entry.id == id) else {
            return self.pump();
        };
        let kind = first.entry.kind;
        match why {
            // Another window has kept the same text.
            StoreError::Refused(Refusal::Duplicate) if kind == EntryKind::Protocol => {
                self.done(None);
            }
            StoreError::ChartNumberTaken if kind == EntryKind::Patient => self.number_taken(),
            // The row says a number that somebody else has by now; the fact itself is
            // kept, and the row follows with the next one.
            StoreError::ChartNumberTaken if first.projection.is_some() => {
                first.projection = None;
                self.pump();
            }
            StoreError::Refused(_) | StoreError::ChartNumberTaken => self.refused(&why),
            StoreError::Conflict => self.overtaken(),
            _ => self.failed(why),
        }
    }

    fn says_failed(&mut self, why: &StoreError) {
        self.model.saving = Saving::Failed {
            why: self.store_trouble(why),
            waiting: self.model.unsaved.len(),
        };
    }

    /// Not saved: kept and tried again. Whoever waits for a commit gets the keyboard
    /// back, and the screen as it was before.
    fn failed(&mut self, why: StoreError) {
        self.says_failed(&why);
        let unknown = why == StoreError::Unknown;
        self.model.failed = Some(why);
        let Some(Await::Commit { entry, .. }) = &self.model.waiting else {
            return;
        };
        let awaited = *entry;
        let front = self.model.unsaved.front().map(|p| p.entry.id);
        if unknown && front == Some(awaited) {
            // It may be on disk: it stays in the queue, and nobody may sign again.
            self.stop_waiting();
            if let Some(entry) = self.model.unsaved.front().map(|p| p.entry.clone()) {
                let _ = self.lay(&entry);
                self.go(Go::Chart);
            }
            return;
        }
        self.take_back_commit();
        if self.model.unsaved.is_empty() {
            self.model.failed = None;
        }
    }

    /// The awaited entry leaves the queue; the screen it came from still shows it.
    pub(super) fn take_back_commit(&mut self) {
        let Some(Await::Commit { entry, .. }) = &self.model.waiting else {
            return;
        };
        let awaited = *entry;
        let of = |p: &Pending| p.entry.id == awaited;
        let pending = self.model.unsaved.iter().find(|p| of(p));
        self.model.unsigned = pending.and_then(|p| p.entry.visit);
        self.model.unsaved.retain(|p| !of(p));
        self.stop_waiting();
    }

    /// The keyboard is free again; what was typed for another screen is not played.
    pub(super) fn stop_waiting(&mut self) {
        self.model.waiting = None;
        self.model.kept_keys.clear();
        self.release_form();
    }

    pub(super) fn release_form(&mut self) {
        if let Screen::Patient(form) = &mut self.model.screen {
            form.release();
        }
    }

    /// The form says so, and nothing of it is kept.
    fn number_taken(&mut self) {
        let Some(gone) = self.model.unsaved.pop_front() else {
            return;
        };
        self.model.failed = None;
        self.model.saving = Saving::Idle;
        let known = gone.entry.patient.filter(|p| self.head(*p).is_some());
        if known.is_none() {
            // Whatever else waits for somebody who is not registered goes too.
            let of = gone.entry.patient;
            self.model.unsaved.retain(|p| p.entry.patient != of);
        }
        let awaited = matches!(&self.model.waiting, Some(Await::Commit { entry, .. }) if *entry == gone.entry.id);
        if awaited {
            self.stop_waiting();
        } else {
            self.forget(std::slice::from_ref(&gone.entry));
            self.model.said = Some(self.model.text.trouble_number_taken.to_owned());
        }
        self.with(|shown, ctx| {
            if let Screen::Patient(form) = &mut *shown.screen {
                form.taken(ctx);
            }
        });
        if let Some(patient) = known {
            self.effects.push(Effect::Open(patient));
        }
        self.pump();
    }

    /// The store will never take the first entry: it leaves the queue with what
    /// rests on it, which is said until it is seen, and the others go on.
    fn refused(&mut self, why: &StoreError) {
        let Some(first) = self.model.unsaved.pop_front() else {
            return;
        };
        let mut gone = vec![first.entry];
        let waiting = std::mem::take(&mut self.model.unsaved);
        for pending in waiting {
            if gone.iter().any(|g| rests_on(&pending.entry, g)) {
                gone.push(pending.entry);
            } else {
                self.model.unsaved.push_back(pending);
            }
        }
        if let Some(Await::Commit { entry, .. }) = &self.model.waiting
            && gone.iter().any(|g| g.id == *entry)
        {
            self.stop_waiting();
        }
        let why = match why {
            StoreError::ChartNumberTaken => self.model.text.refusal_number.to_owned(),
            why => self.store_trouble(why),
        };
        let n = gone.len().to_string();
        let values = [("n", &*n), ("why", &*why)];
        self.model.standing = Some(fill(self.model.text.queue_refused, &values));
        self.model.failed = None;
        self.model.leaving = false;
        self.model.saving = match self.model.unsaved.is_empty() {
            true => Saving::Idle,
            false => Saving::Waiting,
        };
        self.forget(&gone);
        let patient = gone.first().and_then(|g| g.patient);
        if let Some(patient) = patient.filter(|p| self.head(*p).is_some()) {
            self.effects.push(Effect::Open(patient));
        }
        self.pump();
        self.leave_if_asked();
    }

    /// The desk as if these had never been made.
    pub(super) fn forget(&mut self, gone: &[Entry]) {
        let Some(known) = &self.model.desk else {
            return;
        };
        let (patient, verified) = (known.record.patient, known.verified);
        if gone.iter().all(|g| g.patient != Some(patient)) {
            return;
        }
        let left: Vec<Entry> = known
            .record
            .entries()
            .iter()
            .filter(|e| gone.iter().all(|g| g.id != e.id))
            .cloned()
            .collect();
        if left.is_empty() {
            self.model.desk = None;
            if !matches!(self.model.screen, Screen::Patient(_)) {
                self.model.screen = Screen::List;
            }
            return;
        }
        self.model.desk = desk(self.model, Record::of(patient, left), verified);
        self.off_closed_visit();
    }

    /// Where the visit on the screen is no longer open, its chart is shown.
    pub(super) fn off_closed_visit(&mut self) {
        let open = self
            .model
            .desk
            .as_ref()
            .is_some_and(|d| d.visit().is_some());
        match self.model.screen {
            Screen::Visit(_) | Screen::Review(_) if !open => {
                self.model.screen = Screen::Chart(ChartScreen::default());
            }
            Screen::Review(_) => self.look_back(),
            _ => {}
        }
    }

    /// Another window saved for this patient: its record is read again, and what
    /// is unsaved here is laid over it.
    fn overtaken(&mut self) {
        self.says_failed(&StoreError::Conflict);
        self.model.failed = Some(StoreError::Conflict);
        self.model.reload = self.model.unsaved.front().and_then(|p| p.entry.patient);
        if let Some(patient) = self.model.reload {
            self.effects.push(Effect::Open(patient));
        }
    }

    /// What is unsaved of this patient, against what others have saved since it was
    /// made: whether it speaks of the same. Where it does not, it goes behind that.
    /// A signature over answers it has not seen leaves the queue.
    pub(super) fn compare(&mut self, patient: PatientId, stored: &[Stored]) -> Compared {
        let mine: BTreeSet<EntryId> = self.model.unsaved.iter().map(|p| p.entry.id).collect();
        let contradicted = |p: &Pending| {
            p.entry.patient == Some(patient)
                && stored
                    .iter()
                    .filter(|s| Some(s.seq) > p.on && !mine.contains(&s.entry.id))
                    .any(|s| contradicts(&s.entry, &p.entry))
        };
        let sealed = |p: &Pending| p.entry.kind == EntryKind::Sign && contradicted(p);
        let seal = self.model.unsaved.iter().find(|p| sealed(p));
        let seal = seal.map(|p| p.entry.id);
        if let Some(seal) = seal {
            self.model.unsaved.retain(|p| p.entry.id != seal);
        }
        let same = self.model.unsaved.iter().any(contradicted);
        if !same {
            self.rebase(patient, stored.last().map(|s| s.seq));
        }
        Compared { seal, same }
    }

    /// What is unsaved of this patient goes behind `head`.
    fn rebase(&mut self, patient: PatientId, head: Option<u64>) {
        for mine in &mut self.model.unsaved {
            if mine.entry.patient == Some(patient) {
                mine.on = mine.on.max(head);
            }
        }
    }

    pub(super) fn retry(&mut self) {
        let on_desk = self.model.desk.as_ref().and_then(|d| d.visit());
        let again = self.model.unsigned.is_some()
            && on_desk.map(|v| v.id()) == self.model.unsigned
            && self.model.waiting.is_none();
        if again && self.place() == Place::Review {
            self.model.unsigned = None;
            let outcome = self.press(Key::Enter);
            return self.act(outcome);
        }
        let banner = self.model.read_only;
        let seen = self.model.standing.take().is_some();
        self.model.standing = banner.then(|| self.model.text.queue_read_only.to_owned());
        if self.model.unsaved.is_empty() {
            if banner || !seen {
                self.model.said = Some(self.model.text.say_nothing_unsaved.to_owned());
            }
            return;
        }
        let patient = self.model.unsaved.front().and_then(|p| p.entry.patient);
        if let (Some(StoreError::Conflict), Some(patient), None) =
            (&self.model.failed, patient, self.model.reload)
        {
            // Seen and meant: it is saved behind what the other window saved.
            self.rebase(patient, self.head(patient));
        }
        if self.model.reload.is_none() {
            self.model.failed = None;
            self.model.saving = Saving::Waiting;
        }
        self.pump();
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

    /// Asked to end by the system: what is being entered is kept first.
    pub(super) fn terminate(&mut self) {
        self.model.ending = true;
        self.model.over = None;
        self.model.behind = None;
        if self.model.waiting.is_none() {
            self.flush();
        }
        if self.model.failed.as_ref().is_some_and(passing) {
            self.model.failed = None;
            self.pump();
        }
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    /// What is being entered at a line, or as a reason, is kept.
    fn flush(&mut self) {
        let outcome = self.with(|shown, ctx| match &mut *shown.screen {
            Screen::Visit(visit) => visit.flush(ctx),
            Screen::Review(review) if review.place() == Place::Field => review.key(Key::Enter, ctx),
            _ => Outcome::none(),
        });
        self.act(outcome);
    }
}

/// What comparing with another window's entries came to.
pub(super) struct Compared {
    /// The signature that left the queue.
    pub seal: Option<EntryId>,
    /// Whether both speak of the same line.
    pub same: bool,
}

/// Whether an entry cannot stand without one made before it.
fn rests_on(later: &Entry, gone: &Entry) -> bool {
    if later.patient != gone.patient || gone.patient.is_none() {
        return false;
    }
    let same_visit = gone.visit.is_some() && later.visit == gone.visit;
    later.undoes == Some(gone.id)
        || same_visit && (gone.kind == EntryKind::Open || later.kind == EntryKind::Sign)
        || gone.changes.iter().any(|c| match c {
            Change::Specimen(drawn) => later.changes.iter().any(
                |l| matches!(l, Change::Observe(m) if m.observation.specimen == drawn.specimen.id),
            ),
            Change::Course(course) => later
                .changes
                .iter()
                .any(|l| matches!(l, Change::Open(o) if o.course == course.course)),
            _ => false,
        })
}
