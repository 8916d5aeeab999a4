//! Everything known of one patient, folded from the entries in the order they
//! were saved. Nothing here is stored: [`Record::after`] is the whole rule of
//! what a record says.

use super::answer::{Action, Answer, Can, CannotReason, ItemId, Manner, Plan, VisitKind};
use super::change::{
    Amendment, Change, Context, CourseStart, Drawn, Entry, EntryKind, FrozenAlert, FrozenAnswer,
    Given, Identity, Memo, Mode, Opening, Seen, Signature, Void,
};
use super::id::{CourseId, EntryId, ObservationId, PatientId, PersonId, SpecimenId, VisitId};
use super::observation::{Observation, Specimen};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

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

/// What the entries in force amount to.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    identity: Option<Identity>,
    courses: Vec<CourseStart>,
    /// When each course was first entered.
    entered: Vec<Stamp>,
    visits: Vec<Visit>,
    outside: Vec<(Stamp, Given)>,
    specimens: BTreeMap<SpecimenId, Drawn>,
    observations: Vec<Value>,
    /// Where the answers stand that are facts of their own, as they were saved.
    facts: Vec<(usize, Place)>,
    voided: BTreeSet<VisitId>,
}

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Outside(usize),
    Response(VisitId, ItemId),
    Amended(VisitId, usize),
}

/// A fact stated in a visit, or outside any.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    pub visit: Option<&'a Visit>,
    pub stamp: Stamp,
    pub answer: &'a Answer,
}

/// A measured value with its draw and who stated it last.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub observation: Observation,
    pub visit: Option<VisitId>,
    pub stamp: Stamp,
}

/// An answer as it stands in a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub answer: Answer,
    pub manner: Manner,
    pub stamp: Stamp,
}

/// A visit's signature with what it froze.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    pub stamp: Stamp,
    pub signature: Signature,
    pub answers: Vec<FrozenAnswer>,
    pub alerts: Vec<FrozenAlert>,
    pub seen: Vec<Seen>,
}

/// A later word on a signed visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Amended {
    pub stamp: Stamp,
    pub amendment: Amendment,
    /// The new answer, where a line was amended.
    pub answer: Option<Answer>,
}

/// One encounter.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    pub opening: Opening,
    pub opened: Stamp,
    pub context: Context,
    pub responses: BTreeMap<ItemId, Response>,
    pub memos: Vec<(Stamp, Memo)>,
    /// The line last answered, which is where a resumed visit goes on from.
    pub last_item: Option<ItemId>,
    pub signed: Option<Signed>,
    pub amendments: Vec<Amended>,
    pub void: Option<(Stamp, Void)>,
    /// Edits in force, oldest first, and edits taken back with the undo that did it.
    done: Vec<EntryId>,
    undone: Vec<(EntryId, EntryId)>,
}

/// A visit that still takes answers. A signed visit cannot be seen as one, so
/// nothing can be answered in it.
#[derive(Clone, Copy, Debug)]
pub struct OpenVisit<'a>(&'a Visit);

/// A visit that was signed: it takes amendments only.
#[derive(Clone, Copy, Debug)]
pub struct SignedVisit<'a>(&'a Visit);

impl Visit {
    /// Its id.
    pub fn id(&self) -> VisitId {
        self.opening.visit
    }

    /// The day it is held on.
    pub fn day(&self) -> NaiveDate {
        self.opening.held_on
    }

    /// The visit, if it still takes answers.
    pub fn open(&self) -> Option<OpenVisit<'_>> {
        (self.signed.is_none() && self.void.is_none()).then_some(OpenVisit(self))
    }

    /// The visit, if it was signed and not voided.
    pub fn closed(&self) -> Option<SignedVisit<'_>> {
        (self.signed.is_some() && self.void.is_none()).then_some(SignedVisit(self))
    }

    /// The answer to `item` as it stands now: the last amendment, else as given.
    pub fn answer(&self, item: &str) -> Option<&Answer> {
        let amended = self.amendments.iter().rev().find_map(|a| {
            let same = a
                .amendment
                .item
                .as_ref()
                .is_some_and(|i| i.as_str() == item);
            same.then_some(a.answer.as_ref()).flatten()
        });
        amended.or_else(|| self.responses.get(item).map(|r| &r.answer))
    }

    /// The decision, as it stands now.
    pub fn plan(&self) -> Option<&Plan> {
        let amended = self.amendments.iter().rev().find_map(|a| match &a.answer {
            Some(Answer::Plan(plan)) => Some(plan),
            _ => None,
        });
        amended.or_else(|| {
            self.responses.values().find_map(|r| match &r.answer {
                Answer::Plan(plan) => Some(plan),
                _ => None,
            })
        })
    }
}

impl<'a> OpenVisit<'a> {
    /// A line answered.
    pub fn respond(self, item: &ItemId, answer: Answer, manner: Manner) -> Change {
        Change::Answer(Given {
            visit: Some(self.0.id()),
            item: Some(item.clone()),
            manner,
            answer,
        })
    }

    /// A remark at a line.
    pub fn memo(self, item: &ItemId, text: &str) -> Change {
        Change::Memo(Memo {
            visit: self.0.id(),
            item: item.clone(),
            text: text.to_owned(),
        })
    }

    /// How the visit is held and who else is there.
    pub fn context(self, mode: Mode, companion: bool) -> Change {
        Change::Context(Context {
            visit: self.0.id(),
            mode,
            companion,
        })
    }

    /// The edit that `u` takes back.
    pub fn undo_target(self) -> Option<EntryId> {
        self.0.done.last().copied()
    }

    /// The undo that `U` takes back.
    pub fn redo_target(self) -> Option<EntryId> {
        self.0.undone.last().map(|(_, undo)| *undo)
    }

    /// The visit itself.
    pub fn visit(self) -> &'a Visit {
        self.0
    }
}

impl<'a> SignedVisit<'a> {
    /// A line amended: the reason and the new answer, for one entry.
    pub fn amend(self, item: &ItemId, answer: Answer, reason: &str) -> Vec<Change> {
        let visit = self.0.id();
        let amendment = Amendment {
            visit,
            item: Some(item.clone()),
            reason: reason.to_owned(),
            text: None,
        };
        let given = Given {
            visit: Some(visit),
            item: Some(item.clone()),
            manner: Manner::Asked,
            answer,
        };
        vec![Change::Amend(amendment), Change::Answer(given)]
    }

    /// A value or a draw of the visit stated again: in words, with the reason, and
    /// as the fact it is, for one entry.
    pub fn restate(self, item: &ItemId, words: &str, reason: &str, fact: Change) -> Vec<Change> {
        let amendment = Amendment {
            visit: self.0.id(),
            item: Some(item.clone()),
            reason: reason.to_owned(),
            text: Some(words.to_owned()),
        };
        vec![Change::Amend(amendment), fact]
    }

    /// A remark on the whole visit.
    pub fn remark(self, text: &str, reason: &str) -> Vec<Change> {
        vec![Change::Amend(Amendment {
            visit: self.0.id(),
            item: None,
            reason: reason.to_owned(),
            text: Some(text.to_owned()),
        })]
    }

    /// The visit itself.
    pub fn visit(self) -> &'a Visit {
        self.0
    }
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
        let said = self.facts().rev().find_map(|said| match said.answer {
            Answer::Consent { given, signed_on } if self.of_course(&said, course) => {
                Some(signed_on.filter(|_| *given))
            }
            _ => None,
        });
        said.flatten()
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

impl State {
    fn fold(entries: &[Entry]) -> Self {
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
    fn stated(&self, order: usize, place: &Place) -> Option<Stated<'_>> {
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

    fn apply(&mut self, entry: &Entry, order: usize) {
        self.note_edit(entry);
        let stamp = Stamp {
            entry: entry.id,
            person: entry.person,
            at: entry.at,
            order,
        };
        for change in &entry.changes {
            match change {
                Change::Person(_) | Change::Setting(_) | Change::Protocol(_) => {}
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
                    signature: signature.clone(),
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

impl Visit {
    fn opened(opening: &Opening, stamp: Stamp) -> Self {
        let context = Context {
            visit: opening.visit,
            mode: Mode::InPerson,
            companion: false,
        };
        Self {
            opening: opening.clone(),
            opened: stamp,
            context,
            responses: BTreeMap::new(),
            memos: Vec::new(),
            last_item: None,
            signed: None,
            amendments: Vec::new(),
            void: None,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    fn freeze(&mut self, change: &Change) {
        let Some(signed) = &mut self.signed else {
            return;
        };
        match change {
            Change::FrozenAnswer(answer) => signed.answers.push(answer.clone()),
            Change::FrozenAlert(alert) => signed.alerts.push(alert.clone()),
            Change::Seen(seen) => signed.seen.push(seen.clone()),
            _ => {}
        }
    }

    /// Whether this visit follows the walk of `kind`.
    pub fn is(&self, kind: VisitKind) -> bool {
        self.opening.kind == kind
    }

    /// The observations this visit's signature saw.
    pub fn saw(&self, id: ObservationId) -> bool {
        self.signed
            .as_ref()
            .is_some_and(|s| s.seen.iter().any(|o| o.observation == id))
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
fn undone(entries: &[Entry]) -> BTreeSet<EntryId> {
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
