//! The only ways a record grows.
//!
//! An [`Entry`] is one save by one person: who, when, and which [`Change`]s
//! together. Nothing is ever altered or removed; a later change stands in
//! front of an earlier one, an undo names the entry it takes back.

use super::answer::{Answer, ItemId, Manner, Sex, VisitKind, words};
use super::arrival::{AsSent, Aside, Draw, Import, Link, Refused, Returned, Reviewed};
use super::follow::{Attempt, Missed, Snooze};
use super::id::{CourseId, EntryId, ObservationId, PatientId, PersonId, VisitId};
use super::observation::{Observation, Specimen};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

/// SHA-256 of something kept: a protocol's text, the settings in force, an entry.
pub type Hash = [u8; 32];

words! {
    /// What kind of save an entry was.
    EntryKind {
        Person = "person",
        Setting = "setting",
        Protocol = "protocol",
        Patient = "patient",
        Course = "course",
        Open = "open",
        /// One line answered.
        Answer = "answer",
        /// A section asked and unchanged.
        Sweep = "sweep",
        /// A list asked, all none.
        Deny = "deny",
        Observe = "observe",
        /// Mode of the visit, or who else is in the room.
        Context = "context",
        Memo = "memo",
        /// A laboratory's file was taken in.
        Import = "import",
        /// A draw of such a file is this patient's.
        Link = "link",
        /// A draw of such a file is nobody's of this clinic.
        Aside = "aside",
        /// Results that came were looked at.
        Review = "review",
        /// The patient did not come.
        Missed = "missed",
        /// Somebody tried to reach the patient.
        Attempt = "attempt",
        /// Left out of the lists for a while.
        Snooze = "snooze",
        Sign = "sign",
        Amend = "amend",
        Void = "void",
        Undo = "undo",
        /// Takes back an undo.
        Redo = "redo",
    }
}

impl EntryKind {
    /// Whether it may be taken back: what is said in a visit while that is open,
    /// a link, a review and what is recorded of who did not come at any time.
    pub fn undoable(self) -> bool {
        matches!(
            self,
            Self::Answer
                | Self::Sweep
                | Self::Deny
                | Self::Observe
                | Self::Context
                | Self::Memo
                | Self::Link
                | Self::Aside
                | Self::Review
                | Self::Missed
                | Self::Attempt
                | Self::Snooze
        )
    }
}

/// One save by one person: all of its changes or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Made by the program before the save.
    pub id: EntryId,
    /// Whose record it belongs to; none for people, settings, protocols and what
    /// a laboratory's file brought.
    pub patient: Option<PatientId>,
    /// The visit it was made in.
    pub visit: Option<VisitId>,
    /// Who typed.
    pub person: PersonId,
    /// When, by the workstation's clock, to the millisecond, with its offset.
    pub at: DateTime<FixedOffset>,
    /// What kind of save.
    pub kind: EntryKind,
    /// The entry an undo takes back; for a redo, the undo.
    pub undoes: Option<EntryId>,
    /// Why, where a reason was asked.
    pub reason: Option<String>,
    /// What is new.
    pub changes: Vec<Change>,
}

impl Entry {
    /// What was said in the visit `from`, said in the visit `to` instead; only
    /// before it is saved.
    pub fn move_visit(&mut self, from: VisitId, to: VisitId) {
        let named = self.changes.iter_mut().filter_map(Change::visit_mut);
        for visit in named.chain(self.visit.as_mut()) {
            if *visit == from {
                *visit = to;
            }
        }
    }
}

/// One new fact: one row of one table.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Person(Person),
    Setting(Setting),
    Protocol(ProtocolText),
    Import(Import),
    Refused(Refused),
    Draw(Box<Draw>),
    Returned(Box<Returned>),
    Patient(Identity),
    Course(CourseStart),
    Open(Opening),
    Context(Context),
    Answer(Given),
    Memo(Memo),
    Specimen(Drawn),
    Observe(Box<Measured>),
    Link(Link),
    Aside(Aside),
    AsSent(Box<AsSent>),
    Reviewed(Reviewed),
    Missed(Missed),
    Attempt(Attempt),
    Snooze(Snooze),
    Sign(Box<Signature>),
    FrozenAnswer(FrozenAnswer),
    FrozenAlert(Box<FrozenAlert>),
    Seen(Seen),
    Amend(Amendment),
    Void(Void),
}

impl Change {
    /// What opens a visit, where this does.
    pub fn opening(&self) -> Option<&Opening> {
        match self {
            Self::Open(opening) => Some(opening),
            _ => None,
        }
    }

    /// The visit it was made in, or is about.
    fn visit_mut(&mut self) -> Option<&mut VisitId> {
        match self {
            Self::Person(_)
            | Self::Setting(_)
            | Self::Protocol(_)
            | Self::Import(_)
            | Self::Refused(_)
            | Self::Draw(_)
            | Self::Returned(_)
            | Self::Patient(_)
            | Self::Link(_)
            | Self::Aside(_)
            | Self::AsSent(_)
            | Self::Reviewed(_)
            | Self::Missed(_)
            | Self::Attempt(_)
            | Self::Snooze(_)
            | Self::Course(_) => None,
            Self::Answer(given) => given.visit.as_mut(),
            Self::Specimen(drawn) => drawn.visit.as_mut(),
            Self::Observe(measured) => measured.visit.as_mut(),
            Self::Open(opening) => Some(&mut opening.visit),
            Self::Context(context) => Some(&mut context.visit),
            Self::Memo(memo) => Some(&mut memo.visit),
            Self::Sign(signature) => Some(&mut signature.visit),
            Self::FrozenAnswer(answer) => Some(&mut answer.visit),
            Self::FrozenAlert(alert) => Some(&mut alert.visit),
            Self::Seen(seen) => Some(&mut seen.visit),
            Self::Amend(amendment) => Some(&mut amendment.visit),
            Self::Void(void) => Some(&mut void.visit),
        }
    }
}

/// One who types or signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub person: PersonId,
    pub name: String,
}

/// A clinic's own value for a named interval or limit of the protocol, or a
/// named choice of the program; the later one holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    /// An exact decimal, where the setting is a number.
    pub number: Option<Decimal>,
    pub text: Option<String>,
}

/// A protocol's whole text, kept by its hash so that one file is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolText {
    pub hash: Hash,
    pub id: String,
    pub version: String,
    pub text: String,
}

/// Who the patient is, as known from this entry on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As typed; unique after folding.
    pub chart_number: String,
    pub name: String,
    pub kana: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
}

/// One course of treatment, as known from this entry on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseStart {
    pub course: CourseId,
    /// The protocol's id, such as `isotretinoin`.
    pub protocol: String,
    /// The product as the clinic names it.
    pub product: String,
    /// Day of the first capsule; none before the start.
    pub first_dose_on: Option<NaiveDate>,
    /// Milligrams a day at the start.
    pub mg_per_day: Option<Decimal>,
    /// Milligrams a capsule of the product holds.
    pub capsule_mg: Option<Decimal>,
    /// Milligrams taken elsewhere before the course was taken over, as told.
    pub earlier_mg: Option<Decimal>,
    /// Already on treatment when taken over from elsewhere: no first visit here.
    pub transferred: bool,
}

words! {
    /// How doctor and patient meet.
    Mode { InPerson = "in_person", Online = "online", Phone = "phone" }
}

/// A visit is opened: what it is pinned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub visit: VisitId,
    pub course: CourseId,
    pub kind: VisitKind,
    /// The day of the visit.
    pub held_on: NaiveDate,
    /// The protocol text this visit is done under.
    pub protocol: Hash,
    /// The settings in force, by the hash of their canonical form.
    pub settings: Hash,
}

/// How the visit is held, and whether somebody else can read the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub visit: VisitId,
    pub mode: Mode,
    pub companion: bool,
}

/// An answer given, in a visit or outside one (at registration).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub visit: Option<VisitId>,
    /// The line it answers; none outside a visit.
    pub item: Option<ItemId>,
    pub manner: Manner,
    pub answer: Answer,
}

/// A free remark, at a line of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    pub visit: VisitId,
    pub item: ItemId,
    pub text: String,
}

/// A draw of blood, typed in this visit or outside one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    pub visit: Option<VisitId>,
    pub specimen: Specimen,
}

/// A value of a draw, typed in this visit or outside one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub visit: Option<VisitId>,
    pub observation: Observation,
}

/// A visit is closed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub visit: VisitId,
    pub protocol: Hash,
    pub protocol_id: String,
    pub protocol_version: String,
    pub settings: Hash,
    /// The note as signed, in each language.
    pub note_ja: String,
    pub note_en: String,
}

words! {
    /// How a line stood when its visit was signed.
    Standing {
        /// Answered, and part of the visit.
        Answered = "answered",
        /// Relevant, and nothing entered.
        NotEntered = "not_entered",
        /// Answered, then made irrelevant by another answer.
        SetAside = "set_aside",
    }
}

/// A line as it stood at signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenAnswer {
    pub visit: VisitId,
    pub item: ItemId,
    pub standing: Standing,
    /// The line's label and answer as the screen showed them.
    pub label: String,
    pub shown: Option<String>,
}

/// An alert that stood at signing, or had stood in this visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenAlert {
    pub visit: VisitId,
    pub rule: String,
    /// `note`, `caution`, `warning` or `critical`.
    pub level: String,
    /// Where it was shown.
    pub item: String,
    pub text_ja: String,
    pub text_en: String,
    /// What it rested on: values with their days.
    pub inputs: String,
    pub source: String,
    pub basis: String,
    /// Whether it still stood, or why it no longer did.
    pub settled: Option<String>,
}

/// A value that was on the screen when the visit was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub visit: VisitId,
    pub observation: ObservationId,
    /// The entry that had last stated it.
    pub stated_by: EntryId,
}

/// A later word on a signed visit: signed at once, beside the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    pub visit: VisitId,
    /// The line amended; none for a remark on the whole visit.
    pub item: Option<ItemId>,
    pub reason: String,
    /// The remark, where no line is amended.
    pub text: Option<String>,
}

/// The visit was made in the wrong chart, or twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    pub visit: VisitId,
    pub reason: String,
    /// Where it was entered again: a chart number and a day.
    pub entered_again: Option<String>,
}
