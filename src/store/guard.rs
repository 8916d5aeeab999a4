//! What the file's guards refuse, said a second time for the memory.
//!
//! They refuse as the triggers in `assets/schema` do, in the order in which rows
//! are inserted; what names something that is not there is refused last, as the
//! file does at the commit.

use super::Refusal;
use super::rows::in_insert_order;
use crate::domain::change::{Change, Entry, EntryKind, Hash, Measured, Opening, Signature};
use crate::domain::id::{CourseId, DrawId, EntryId, PatientId, PersonId, SpecimenId, VisitId};
use std::collections::{BTreeMap, BTreeSet};

/// What later entries may name, and which visits are closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    entries: BTreeMap<EntryId, Past>,
    heads: BTreeMap<PatientId, u64>,
    people: BTreeSet<PersonId>,
    protocols: BTreeSet<Hash>,
    courses: BTreeSet<(PatientId, CourseId)>,
    specimens: BTreeSet<(PatientId, SpecimenId)>,
    visits: BTreeSet<(PatientId, VisitId)>,
    signed: BTreeSet<(PatientId, VisitId)>,
    void: BTreeSet<(PatientId, VisitId)>,
    files: BTreeSet<Hash>,
    draws: BTreeSet<DrawId>,
    /// Draws that are nobody's yet.
    waiting: BTreeSet<DrawId>,
    /// What each entry linked.
    linked: BTreeMap<EntryId, Vec<DrawId>>,
    links: BTreeSet<(PatientId, DrawId)>,
    /// Draws that an entry on its way in sets aside.
    aside: BTreeSet<DrawId>,
}

/// What an undo must know of the entry it names.
#[derive(Clone, Copy, Debug)]
struct Past {
    seq: u64,
    patient: Option<PatientId>,
    visit: Option<VisitId>,
    kind: EntryKind,
    undoes: Option<EntryId>,
}

impl Known {
    /// Where the entry with this id stands.
    pub(super) fn seq(&self, id: EntryId) -> Option<u64> {
        self.entries.get(&id).map(|past| past.seq)
    }

    /// Where the patient's last entry stands.
    pub(super) fn last(&self, patient: PatientId) -> Option<u64> {
        self.heads.get(&patient).copied()
    }

    pub(super) fn patients(&self) -> Vec<PatientId> {
        self.heads.keys().copied().collect()
    }

    /// Takes in an entry that was saved.
    pub(super) fn learn(&mut self, seq: u64, entry: &Entry) {
        let Entry {
            id,
            patient,
            visit,
            kind,
            undoes,
            ..
        } = *entry;
        self.entries.insert(
            id,
            Past {
                seq,
                patient,
                visit,
                kind,
                undoes,
            },
        );
        if kind == EntryKind::Undo {
            let linked = undoes.and_then(|named| self.linked.get(&named));
            self.waiting.extend(linked.into_iter().flatten());
        }
        if let Some(patient) = patient {
            self.heads.insert(patient, seq);
        }
        for change in &entry.changes {
            self.learn_change(patient, change);
            let draw = match change {
                Change::Link(link) => link.draw,
                Change::Aside(aside) => aside.draw,
                _ => continue,
            };
            self.waiting.remove(&draw);
            self.linked.entry(id).or_default().push(draw);
        }
    }

    /// Whether a draw is nobody's yet.
    pub(super) fn waits(&self, draw: DrawId) -> bool {
        self.waiting.contains(&draw)
    }

    /// How many draws are nobody's yet.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    fn learn_change(&mut self, patient: Option<PatientId>, change: &Change) {
        match change {
            Change::Person(person) => {
                self.people.insert(person.person);
            }
            Change::Protocol(text) => {
                self.protocols.insert(text.hash);
            }
            Change::Import(import) => {
                self.files.insert(import.file);
            }
            Change::Draw(draw) => {
                self.draws.insert(draw.draw);
                self.waiting.insert(draw.draw);
            }
            Change::Aside(aside) => {
                self.aside.insert(aside.draw);
            }
            _ => {}
        }
        let Some(patient) = patient else { return };
        match change {
            Change::Course(course) => self.courses.insert((patient, course.course)),
            Change::Specimen(drawn) => self.specimens.insert((patient, drawn.specimen.id)),
            Change::Open(opening) => self.visits.insert((patient, opening.visit)),
            Change::Sign(signature) => self.signed.insert((patient, signature.visit)),
            Change::Void(void) => self.void.insert((patient, void.visit)),
            Change::Link(link) => self.links.insert((patient, link.draw)),
            _ => false,
        };
    }

    /// Refuses what the triggers and the references of the rows refuse.
    pub(super) fn refuse(&self, entry: &Entry) -> Result<(), Refusal> {
        if entry.undoes.is_some() {
            self.refuse_undo(entry)?;
        }
        let mut fresh = Self::default();
        for change in in_insert_order(&entry.changes) {
            Look {
                past: self,
                fresh: &fresh,
                entry,
            }
            .refuse(change)?;
            fresh.learn_change(entry.patient, change);
        }
        Ok(())
    }

    /// Refuses what names something that is not there; told when all rows are in.
    pub(super) fn refuse_unknown(&self, entry: &Entry) -> Result<(), Refusal> {
        let mut fresh = Self::default();
        for change in &entry.changes {
            fresh.learn_change(entry.patient, change);
        }
        let look = Look {
            past: self,
            fresh: &fresh,
            entry,
        };
        let person = look.either(|known| known.people.contains(&entry.person));
        let known = person && look.is_visit(entry.visit);
        if known && entry.changes.iter().all(|change| look.finds(change)) {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    /// Whether it is the undo of a link, or of what was set aside.
    fn unlinked(&self, undo: &Past) -> bool {
        let named = undo.undoes.and_then(|id| self.entries.get(&id));
        named.is_some_and(|named| matches!(named.kind, EntryKind::Link | EntryKind::Aside))
    }

    /// An undo names an entry of the same patient that can be taken back; a
    /// redo names an undo. Neither reaches a visit that is closed.
    fn refuse_undo(&self, entry: &Entry) -> Result<(), Refusal> {
        let named = entry.undoes.and_then(|id| self.entries.get(&id));
        let named = named.ok_or(Refusal::NotUndoable)?;
        let fits = match entry.kind {
            EntryKind::Undo => named.kind.undoable(),
            _ => named.kind == EntryKind::Undo && !self.unlinked(named),
        };
        if !fits || named.patient != entry.patient {
            return Err(Refusal::NotUndoable);
        }
        let look = Look {
            past: self,
            fresh: self,
            entry,
        };
        let visits = || [entry.visit, named.visit].into_iter().flatten();
        if visits().any(|visit| look.visit(visit, |known| &known.void)) {
            return Err(Refusal::VoidedVisit);
        }
        if visits().any(|visit| look.visit(visit, |known| &known.signed)) {
            return Err(Refusal::SignedVisit);
        }
        Ok(())
    }
}

/// One entry on its way in: what was known before, and what it has brought.
struct Look<'a> {
    past: &'a Known,
    fresh: &'a Known,
    entry: &'a Entry,
}

impl Look<'_> {
    fn either(&self, has: impl Fn(&Known) -> bool) -> bool {
        has(self.past) || has(self.fresh)
    }

    /// Whether the patient's visit is in one of the sets, old or new.
    fn visit(
        &self,
        visit: VisitId,
        set: impl Fn(&Known) -> &BTreeSet<(PatientId, VisitId)>,
    ) -> bool {
        self.patient()
            .is_some_and(|patient| self.either(|known| set(known).contains(&(patient, visit))))
    }

    fn patient(&self) -> Option<PatientId> {
        self.entry.patient
    }

    fn refuse(&self, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Protocol(text) if self.protocol(&text.hash) => Err(Refusal::Duplicate),
            Change::Import(import) if self.either(|k| k.files.contains(&import.file)) => {
                Err(Refusal::Duplicate)
            }
            Change::Draw(draw) if self.either(|k| k.draws.contains(&draw.draw)) => {
                Err(Refusal::Duplicate)
            }
            Change::Link(link) => self.refuse_link(link.draw),
            Change::Aside(aside) => self.refuse_link(aside.draw),
            Change::Reviewed(reviewed) => self.refuse_review(reviewed.draw),
            Change::Open(opening) => self.refuse_opening(opening),
            Change::Amend(amendment) => self.refuse_amendment(amendment.visit),
            Change::Observe(measured) => self.refuse_observation(measured),
            Change::Sign(signature) => self.refuse_signature(signature),
            Change::Void(void) => self.refuse_void(void.visit),
            fact => self.refuse_fact(visit_of(fact)),
        }
    }

    /// Whether everything is there that the rows of a change name.
    fn finds(&self, change: &Change) -> bool {
        let named = match change {
            Change::Open(opening) => self.protocol(&opening.protocol),
            Change::Sign(signature) => self.protocol(&signature.protocol),
            Change::Returned(result) => self.either(|known| known.draws.contains(&result.draw)),
            Change::Seen(seen) => {
                let past = self.past.entries.contains_key(&seen.stated_by);
                past || seen.stated_by == self.entry.id
            }
            _ => true,
        };
        named && self.is_visit(visit_of(change))
    }

    /// Whether it is a visit of the patient's, or none.
    fn is_visit(&self, visit: Option<VisitId>) -> bool {
        visit.is_none_or(|visit| self.visit(visit, |known| &known.visits))
    }

    fn protocol(&self, hash: &Hash) -> bool {
        self.either(|known| known.protocols.contains(hash))
    }

    /// A draw is one patient's, or nobody's: it must still wait for whose it is.
    fn refuse_link(&self, draw: DrawId) -> Result<(), Refusal> {
        let taken = self.fresh.links.iter().any(|(_, linked)| *linked == draw);
        let taken = taken || self.fresh.aside.contains(&draw);
        if self.either(|known| known.waits(draw)) && !taken {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn refuse_review(&self, draw: DrawId) -> Result<(), Refusal> {
        let linked = |known: &Known| {
            let patient = self.patient();
            patient.is_some_and(|patient| known.links.contains(&(patient, draw)))
        };
        if self.either(linked) {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn refuse_opening(&self, opening: &Opening) -> Result<(), Refusal> {
        let Some(patient) = self.patient() else {
            return Err(Refusal::Malformed);
        };
        if self.visit(opening.visit, |known| &known.visits) {
            return Err(Refusal::Duplicate);
        }
        let opened = |known: &Known| {
            let of = |visit: &&(PatientId, VisitId)| visit.0 == patient;
            let open = |visit: &(PatientId, VisitId)| {
                !self.either(|known| known.signed.contains(visit) || known.void.contains(visit))
            };
            known.visits.iter().filter(of).any(open)
        };
        if self.either(opened) {
            return Err(Refusal::AnotherVisitOpen);
        }
        if self.either(|known| known.courses.contains(&(patient, opening.course))) {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn refuse_amendment(&self, visit: VisitId) -> Result<(), Refusal> {
        self.refuse_voided(visit)?;
        let key = self.patient().map(|patient| (patient, visit));
        let signed = key.is_some_and(|key| self.past.signed.contains(&key));
        if signed {
            Ok(())
        } else {
            Err(Refusal::NotSigned)
        }
    }

    /// A fact of a visit that an earlier entry closed.
    fn refuse_fact(&self, visit: Option<VisitId>) -> Result<(), Refusal> {
        let Some(visit) = visit else { return Ok(()) };
        self.refuse_voided(visit)?;
        let key = self.patient().map(|patient| (patient, visit));
        let signed = key.is_some_and(|key| self.past.signed.contains(&key));
        if signed && !self.amends(visit) {
            return Err(Refusal::SignedVisit);
        }
        Ok(())
    }

    fn refuse_voided(&self, visit: VisitId) -> Result<(), Refusal> {
        let key = self.patient().map(|patient| (patient, visit));
        let voided = key.is_some_and(|key| self.past.void.contains(&key));
        if voided {
            Err(Refusal::VoidedVisit)
        } else {
            Ok(())
        }
    }

    fn amends(&self, visit: VisitId) -> bool {
        let amends = |change: &Change| matches!(change, Change::Amend(a) if a.visit == visit);
        self.entry.changes.iter().any(amends)
    }

    fn refuse_observation(&self, measured: &Measured) -> Result<(), Refusal> {
        let specimen = measured.observation.specimen;
        self.refuse_fact(measured.visit)?;
        let drawn = self.patient().is_some_and(|patient| {
            self.either(|known| known.specimens.contains(&(patient, specimen)))
        });
        if drawn { Ok(()) } else { Err(Refusal::Unknown) }
    }

    fn refuse_signature(&self, signature: &Signature) -> Result<(), Refusal> {
        self.refuse_voided(signature.visit)?;
        if self.visit(signature.visit, |known| &known.signed) {
            return Err(Refusal::AlreadySigned);
        }
        Ok(())
    }

    fn refuse_void(&self, visit: VisitId) -> Result<(), Refusal> {
        if self.visit(visit, |known| &known.void) {
            return Err(Refusal::VoidedVisit);
        }
        Ok(())
    }
}

/// The visit that the rows of a change name.
fn visit_of(change: &Change) -> Option<VisitId> {
    match change {
        Change::Context(context) => Some(context.visit),
        Change::Answer(given) => given.visit,
        Change::Memo(memo) => Some(memo.visit),
        Change::Specimen(drawn) => drawn.visit,
        Change::Observe(measured) => measured.visit,
        Change::FrozenAnswer(frozen) => Some(frozen.visit),
        Change::FrozenAlert(frozen) => Some(frozen.visit),
        Change::Seen(seen) => Some(seen.visit),
        Change::Sign(signature) => Some(signature.visit),
        Change::Amend(amendment) => Some(amendment.visit),
        Change::Void(void) => Some(void.visit),
        _ => None,
    }
}
