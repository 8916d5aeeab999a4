//! Everything known of one patient, folded from the entries in the order they
//! were saved. Nothing here is stored: [`Record::after`] is the whole rule of
//! what a record says.

mod arrived;
mod followed;
mod state;
mod visit;

use super::answer::{Action, Answer, Can, CannotReason, Manner, Plan};
use super::change::{CourseStart, Drawn, Entry, EntryKind, Identity};
use super::id::{CourseId, EntryId, PatientId, PersonId, SpecimenId, VisitId};
use super::observation::{Observation, Specimen};
pub use arrived::{Linked, Overtaken};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use state::{State, undone};
use std::collections::BTreeSet;
pub use visit::{Amended, OpenVisit, Response, Signed, SignedVisit, Visit};

/// Who wrote something and when, and in which entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub entry: EntryId,
    pub person: PersonId,
    pub at: DateTime<FixedOffset>,
    /// Which entry of the patient's it was, from 0: what was saved later stands
    /// in front, whatever the clock said.
    pub order: usize,
}

/// Everything known of one patient.
#[derive(Clone, Debug)]
pub struct Record {
    pub patient: PatientId,
    entries: Vec<Entry>,
    state: State,
}

/// A fact stated in a visit, or outside any.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    pub visit: Option<&'a Visit>,
    pub stamp: Stamp,
    pub answer: &'a Answer,
}

/// What was said of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent<'a> {
    pub given: bool,
    pub signed_on: Option<NaiveDate>,
    /// The version of the form that was signed, where it is known.
    pub form: Option<&'a str>,
}

/// A measured value with its draw and who stated it last.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub observation: Observation,
    pub visit: Option<VisitId>,
    pub stamp: Stamp,
}

impl Record {
    /// The record of a patient of whom nothing is known yet.
    pub fn new(patient: PatientId) -> Self {
        Self {
            patient,
            entries: Vec::new(),
            state: State::default(),
        }
    }

    /// The record that these entries amount to, in the order they were saved.
    pub fn of(patient: PatientId, entries: impl IntoIterator<Item = Entry>) -> Self {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let state = State::fold(&entries);
        Self {
            patient,
            entries,
            state,
        }
    }

    /// The record with one more entry.
    pub fn after(mut self, entry: Entry) -> Self {
        self.push(entry);
        self
    }

    /// Adds one more entry.
    pub fn push(&mut self, entry: Entry) {
        let plain = !matches!(entry.kind, EntryKind::Undo | EntryKind::Redo);
        let order = self.entries.len();
        self.entries.push(entry);
        if plain {
            if let Some(last) = self.entries.last() {
                self.state.apply(last, order);
            }
        } else {
            self.state = State::fold(&self.entries);
        }
    }

    /// Every entry, in the order saved.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The latest moment anything was saved at, by the clocks it was saved with.
    pub fn latest(&self) -> Option<DateTime<FixedOffset>> {
        self.entries.iter().map(|entry| entry.at).max()
    }

    /// Who the patient is.
    pub fn identity(&self) -> Option<&Identity> {
        self.state.identity.as_ref()
    }

    /// Courses, oldest first.
    pub fn courses(&self) -> &[CourseStart] {
        &self.state.courses
    }

    /// The course now running or last run.
    pub fn course(&self) -> Option<&CourseStart> {
        self.state.courses.last()
    }

    /// Visits, in the order opened; voided ones among them.
    pub fn visits(&self) -> &[Visit] {
        &self.state.visits
    }

    /// The visit of this id.
    pub fn visit(&self, id: VisitId) -> Option<&Visit> {
        self.state.visits.iter().find(|v| v.id() == id)
    }

    /// The visit that still takes answers.
    pub fn open_visit(&self) -> Option<OpenVisit<'_>> {
        self.state.visits.iter().rev().find_map(Visit::open)
    }

    /// Signed visits of a course, oldest day first.
    pub fn signed(&self, course: CourseId) -> Vec<&Visit> {
        let mut visits: Vec<&Visit> = self
            .state
            .visits
            .iter()
            .filter(|v| v.opening.course == course && v.closed().is_some())
            .collect();
        visits.sort_by_key(|v| v.day());
        visits
    }

    /// The draw of this id.
    pub fn specimen(&self, id: SpecimenId) -> Option<&Specimen> {
        self.state.specimens.get(&id).map(|d| &d.specimen)
    }

    /// Draws, in the order of their ids (which is the order they were typed).
    pub fn specimens(&self) -> impl Iterator<Item = &Drawn> {
        self.state.specimens.values()
    }

    /// Values as last stated; those typed in a voided visit among them.
    pub fn observations(&self) -> &[Value] {
        &self.state.observations
    }

    /// Values in force with their draws: nothing that was typed in a visit
    /// which was voided, because it may be somebody else's.
    pub fn values(&self) -> impl Iterator<Item = (&Value, &Specimen)> {
        self.state.observations.iter().filter_map(|value| {
            let drawn = self.state.specimens.get(&value.observation.specimen)?;
            let void = |visit: Option<VisitId>| {
                visit.is_some_and(|visit| self.state.voided.contains(&visit))
            };
            (!void(value.visit) && !void(drawn.visit)).then_some((value, &drawn.specimen))
        })
    }

    /// When a course was first entered.
    pub fn entered(&self, course: CourseId) -> Option<Stamp> {
        let at = self.state.courses.iter().position(|c| c.course == course)?;
        self.state.entered.get(at).copied()
    }

    /// What was said of the patient as a fact of its own (weight, test, last
    /// capsule, consent, potential), in the order saved.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = Stated<'_>> {
        let facts = self.state.facts.iter();
        facts.filter_map(|(order, place)| self.state.stated(*order, place))
    }

    /// Answers in force about the patient, in the order saved: in visits that
    /// were not voided, and outside visits. [`Record::facts`] finds one sooner.
    pub fn answers(&self) -> Vec<(Option<&Visit>, DateTime<FixedOffset>, &Answer)> {
        let outside = self.state.outside.iter();
        let outside = outside.map(|(stamp, given)| (None, *stamp, &given.answer));
        let visits = self.state.visits.iter().filter(|v| v.void.is_none());
        let inside = visits.flat_map(|v| {
            let responses = v.responses.values();
            let given = responses.map(move |r| (Some(v), r.stamp, &r.answer));
            let amended = v.amendments.iter();
            let amended = amended
                .filter_map(move |a| a.answer.as_ref().map(|answer| (Some(v), a.stamp, answer)));
            given.chain(amended)
        });
        let mut all: Vec<_> = outside.chain(inside).collect();
        all.sort_by_key(|(_, stamp, _)| stamp.order);
        all.into_iter().map(|(v, s, a)| (v, s.at, a)).collect()
    }

    /// Body weight last known, in kilograms, and the day it was taken.
    pub fn weight(&self) -> Option<(Decimal, NaiveDate)> {
        self.facts().rev().find_map(|said| match said.answer {
            Answer::Weight { kg, measured_on } => Some((*kg, *measured_on)),
            _ => None,
        })
    }

    /// Whether the patient can become pregnant, as last stated, and when.
    pub fn potential(&self) -> (Can, Option<CannotReason>, Option<DateTime<FixedOffset>>) {
        let said = self.facts().rev().find_map(|said| match said.answer {
            Answer::Potential { can, reason } => Some((*can, *reason, Some(said.stamp.at))),
            _ => None,
        });
        said.unwrap_or((Can::Unknown, None, None))
    }

    /// The day the consent to `course` was signed; what was signed for an
    /// earlier course says nothing of this one.
    pub fn consent(&self, course: CourseId) -> Option<NaiveDate> {
        let said = self.consent_said(course)?;
        said.signed_on.filter(|_| said.given)
    }

    /// Whether a signed consent to `course` is on file; none where nobody said.
    pub fn consented(&self, course: CourseId) -> Option<bool> {
        self.consent_said(course).map(|said| said.given)
    }

    /// What was last said of the consent to `course`.
    pub fn consent_said(&self, course: CourseId) -> Option<Consent<'_>> {
        self.facts().rev().find_map(|said| match said.answer {
            Answer::Consent {
                given,
                signed_on,
                form,
            } if self.of_course(&said, course) => Some(Consent {
                given: *given,
                signed_on: *signed_on,
                form: form.as_deref(),
            }),
            _ => None,
        })
    }

    /// Whether a fact was stated for `course`: in a visit of it, or outside
    /// visits since it was entered; before the first course all is said for it.
    pub fn of_course(&self, said: &Stated<'_>, course: CourseId) -> bool {
        if let Some(visit) = said.visit {
            return visit.opening.course == course;
        }
        let Some(at) = self.courses().iter().position(|c| c.course == course) else {
            return false;
        };
        let entered = |at: usize| self.state.entered.get(at).map(|stamp| stamp.order);
        let since = at == 0 || entered(at).is_some_and(|order| order <= said.stamp.order);
        since && entered(at + 1).is_none_or(|next| said.stamp.order < next)
    }

    /// Whether the questions about pregnancy apply: unknown counts as yes.
    pub fn can_become_pregnant(&self) -> bool {
        self.potential().0 != Can::No
    }

    /// The entries taken back by an undo that still stands.
    pub fn taken_back(&self) -> BTreeSet<EntryId> {
        undone(&self.entries)
    }

    /// Signed visits of `course` before this one, newest first, in which `item`
    /// had an answer: the day, the answer, how it came to be.
    pub fn earlier<'a>(
        &'a self,
        visit: &'a Visit,
        item: &'a str,
    ) -> impl Iterator<Item = (NaiveDate, &'a Answer, Manner)> + 'a {
        let mut before: Vec<&Visit> = self
            .signed(visit.opening.course)
            .into_iter()
            .filter(|v| v.id() != visit.id() && v.day() <= visit.day())
            .collect();
        before.reverse();
        before.into_iter().filter_map(move |v| {
            let manner = v.responses.get(item).map_or(Manner::Asked, |r| r.manner);
            v.answer(item).map(|answer| (v.day(), answer, manner))
        })
    }
}

/// The decisions of a course in the order taken: the day and the plan.
pub fn decisions(record: &Record, course: CourseId) -> Vec<(NaiveDate, &Plan)> {
    let signed = record.signed(course);
    signed
        .into_iter()
        .filter_map(|v| v.plan().map(|p| (v.day(), p)))
        .collect()
}

/// Whether a decision ended the course, and on which day.
pub fn ended(record: &Record, course: CourseId) -> Option<(NaiveDate, Action)> {
    let all = decisions(record, course);
    let restarted = all.iter().rposition(|(_, p)| p.action.prescribes());
    let from = restarted.map_or(0, |i| i + 1);
    all[from..]
        .iter()
        .find(|(_, p)| p.action.ends())
        .map(|(day, p)| (*day, p.action))
}
