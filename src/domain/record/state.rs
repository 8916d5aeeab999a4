//! What the entries in force amount to: each entry's changes, one after another,
//! with undo and redo taken out first.

use super::{Amended, Linked, Response, Signed, Stamp, Stated, Value, Visit};
use crate::domain::answer::{Answer, ItemId};
use crate::domain::arrival::{AsSent, Reviewed};
use crate::domain::change::{Change, CourseStart, Drawn, Entry, EntryKind, Given, Identity};
use crate::domain::follow::Followed;
use crate::domain::id::{EntryId, SpecimenId, VisitId};
use std::collections::{BTreeMap, BTreeSet};

/// What the entries in force amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) identity: Option<Identity>,
    pub(super) courses: Vec<CourseStart>,
    /// When each course was first entered.
    pub(super) entered: Vec<Stamp>,
    pub(super) visits: Vec<Visit>,
    pub(super) outside: Vec<(Stamp, Given)>,
    pub(super) specimens: BTreeMap<SpecimenId, Drawn>,
    pub(super) observations: Vec<Value>,
    /// Where the answers stand that are facts of their own, as they were saved.
    pub(super) facts: Vec<(usize, Place)>,
    pub(super) voided: BTreeSet<VisitId>,
    pub(super) linked: Vec<Linked>,
    pub(super) as_sent: Vec<AsSent>,
    pub(super) followed: Vec<(Stamp, Followed)>,
}

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Outside(usize),
    Response(VisitId, ItemId),
    Amended(VisitId, usize),
}

impl State {
    pub(super) fn fold(entries: &[Entry]) -> Self {
        let undone = undone(entries);
        let mut state = Self::default();
        for (order, entry) in entries.iter().enumerate() {
            if undone.contains(&entry.id) {
                state.note_edit(entry);
            } else {
                state.apply(entry, order);
            }
        }
        state
    }

    /// The fact at `place`, unless it was answered anew since or its visit voided.
    pub(super) fn stated(&self, order: usize, place: &Place) -> Option<Stated<'_>> {
        let visit = |id: &VisitId| {
            let mut visits = self.visits.iter().rev();
            visits.find(|v| v.id() == *id && v.void.is_none())
        };
        let (visit, stamp, answer) = match place {
            Place::Outside(at) => {
                let (stamp, given) = self.outside.get(*at)?;
                (None, *stamp, &given.answer)
            }
            Place::Response(id, item) => {
                let visit = visit(id)?;
                let said = visit.responses.get(item)?;
                (Some(visit), said.stamp, &said.answer)
            }
            Place::Amended(id, at) => {
                let visit = visit(id)?;
                let said = visit.amendments.get(*at)?;
                (Some(visit), said.stamp, said.answer.as_ref()?)
            }
        };
        (stamp.order == order).then_some(Stated {
            visit,
            stamp,
            answer,
        })
    }

    fn visit_mut(&mut self, id: VisitId) -> Option<&mut Visit> {
        self.visits.iter_mut().rev().find(|v| v.opening.visit == id)
    }

    /// Keeps the undo and redo stacks of the entry's visit.
    fn note_edit(&mut self, entry: &Entry) {
        let Some(visit) = entry.visit.and_then(|id| self.visit_mut(id)) else {
            return;
        };
        match entry.kind {
            EntryKind::Undo => {
                let named = |edit: &EntryId| Some(*edit) == entry.undoes;
                if let Some(at) = visit.done.iter().rposition(named) {
                    visit.undone.push((visit.done.remove(at), entry.id));
                }
            }
            EntryKind::Redo => {
                let named = |(_, undo): &(EntryId, EntryId)| Some(*undo) == entry.undoes;
                if let Some(at) = visit.undone.iter().rposition(named) {
                    visit.done.push(visit.undone.remove(at).0);
                }
            }
            kind if kind.undoable() => {
                visit.done.push(entry.id);
                visit.undone.clear();
            }
            _ => {}
        }
    }

    pub(super) fn apply(&mut self, entry: &Entry, order: usize) {
        self.note_edit(entry);
        let stamp = Stamp {
            entry: entry.id,
            person: entry.person,
            at: entry.at,
            order,
        };
        for change in &entry.changes {
            match change {
                Change::Person(_)
                | Change::Setting(_)
                | Change::Protocol(_)
                | Change::Import(_)
                | Change::Aside(_)
                | Change::Refused(_)
                | Change::Draw(_)
                | Change::Returned(_) => {}
                Change::Link(link) => self.linked.push(Linked {
                    link: link.clone(),
                    stamp,
                    reviews: Vec::new(),
                }),
                Change::AsSent(result) => self.as_sent.push((**result).clone()),
                Change::Reviewed(reviewed) => self.reviewed(reviewed, stamp),
                Change::Missed(missed) => self.follow(stamp, Followed::Missed(missed.clone())),
                Change::Attempt(attempt) => self.follow(stamp, Followed::Attempt(attempt.clone())),
                Change::Snooze(snooze) => self.follow(stamp, Followed::Snooze(snooze.clone())),
                Change::Patient(identity) => self.identity = Some(identity.clone()),
                Change::Course(course) => self.course(course, stamp),
                Change::Open(opening) => self.visits.push(Visit::opened(opening, stamp)),
                Change::Answer(given) => self.answer(given, entry, stamp),
                Change::Specimen(drawn) => {
                    self.specimens.insert(drawn.specimen.id, drawn.clone());
                }
                Change::Observe(measured) => {
                    let value = Value {
                        observation: measured.observation.clone(),
                        visit: measured.visit,
                        stamp,
                    };
                    self.observe(value);
                }
                Change::Context(_)
                | Change::Memo(_)
                | Change::Sign(_)
                | Change::FrozenAnswer(_)
                | Change::FrozenAlert(_)
                | Change::Seen(_)
                | Change::Amend(_)
                | Change::Void(_) => self.in_visit(change, stamp),
            }
        }
    }

    fn course(&mut self, course: &CourseStart, stamp: Stamp) {
        match self.courses.iter_mut().find(|c| c.course == course.course) {
            Some(known) => *known = course.clone(),
            None => {
                self.courses.push(course.clone());
                self.entered.push(stamp);
            }
        }
    }

    fn observe(&mut self, value: Value) {
        let id = value.observation.id;
        match self
            .observations
            .iter_mut()
            .find(|v| v.observation.id == id)
        {
            Some(known) => *known = value,
            None => self.observations.push(value),
        }
    }

    fn follow(&mut self, stamp: Stamp, said: Followed) {
        self.followed.push((stamp, said));
    }

    fn reviewed(&mut self, reviewed: &Reviewed, stamp: Stamp) {
        let of = |linked: &&mut Linked| linked.link.draw == reviewed.draw;
        if let Some(linked) = self.linked.iter_mut().rev().find(of) {
            linked.reviews.push((stamp, reviewed.clone()));
        }
    }

    fn answer(&mut self, given: &Given, entry: &Entry, stamp: Stamp) {
        let fact = is_fact(&given.answer);
        let (Some(id), Some(item)) = (given.visit, &given.item) else {
            if fact {
                let place = Place::Outside(self.outside.len());
                self.facts.push((stamp.order, place));
            }
            self.outside.push((stamp, given.clone()));
            return;
        };
        let Some(visit) = self.visit_mut(id) else {
            return;
        };
        if entry.kind == EntryKind::Amend {
            if let Some(last) = visit.amendments.last_mut() {
                last.answer = Some(given.answer.clone());
                if fact {
                    let place = Place::Amended(id, visit.amendments.len() - 1);
                    self.facts.push((stamp.order, place));
                }
            }
            return;
        }
        let response = Response {
            answer: given.answer.clone(),
            manner: given.manner,
            stamp,
        };
        visit.responses.insert(item.clone(), response);
        visit.last_item = Some(item.clone());
        if fact {
            let place = Place::Response(id, item.clone());
            self.facts.push((stamp.order, place));
        }
    }

    fn in_visit(&mut self, change: &Change, stamp: Stamp) {
        if let Change::Void(void) = change {
            self.voided.insert(void.visit);
        }
        let Some(visit) = visit_of(change).and_then(|id| self.visit_mut(id)) else {
            return;
        };
        match change {
            Change::Context(context) => visit.context = context.clone(),
            Change::Memo(memo) => visit.memos.push((stamp, memo.clone())),
            Change::Sign(signature) => {
                visit.signed = Some(Signed {
                    stamp,
                    signature: (**signature).clone(),
                    answers: Vec::new(),
                    alerts: Vec::new(),
                    seen: Vec::new(),
                });
            }
            Change::Amend(amendment) => visit.amendments.push(Amended {
                stamp,
                amendment: amendment.clone(),
                answer: None,
            }),
            Change::Void(void) => visit.void = Some((stamp, void.clone())),
            frozen => visit.freeze(frozen),
        }
    }
}

/// Whether an answer says something of the patient beyond its line.
fn is_fact(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Weight { .. }
            | Answer::Potential { .. }
            | Answer::Test(_)
            | Answer::LastDose { .. }
            | Answer::Consent { .. }
    )
}

/// Entries taken back: named by an undo that no redo took back itself.
pub(super) fn undone(entries: &[Entry]) -> BTreeSet<EntryId> {
    let named = |kind: EntryKind| entries.iter().filter(move |e| e.kind == kind);
    let redone: BTreeSet<EntryId> = named(EntryKind::Redo).filter_map(|e| e.undoes).collect();
    named(EntryKind::Undo)
        .filter(|e| !redone.contains(&e.id))
        .filter_map(|e| e.undoes)
        .collect()
}

/// The visit a change belongs to.
fn visit_of(change: &Change) -> Option<VisitId> {
    Some(match change {
        Change::Context(c) => c.visit,
        Change::Memo(m) => m.visit,
        Change::Sign(s) => s.visit,
        Change::FrozenAnswer(a) => a.visit,
        Change::FrozenAlert(a) => a.visit,
        Change::Seen(s) => s.visit,
        Change::Amend(a) => a.visit,
        Change::Void(v) => v.visit,
        _ => return None,
    })
}
