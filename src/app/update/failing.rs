//! What could not be saved: it is said, kept, tried again, laid behind what another
//! window saved, or dropped where it cannot stand.

use super::*;
use crate::store::Refusal;

impl Step<'_> {
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
