//! Where records are kept: what any place that keeps them must promise.
//!
//! A [`Store`] takes entries and gives them back. It never alters one, and it
//! refuses what must not happen (a second word on a signed visit, a save made
//! on an old view of a patient) on its own account, whoever asks. Two places
//! keep that promise alike: a file ([`sqlite`]) and the memory ([`memory`]).

mod arrivals;
pub mod chain;
mod guard;
mod lists;
pub mod memory;
mod place;
pub mod rows;
pub mod schema;
pub mod sqlite;

use crate::domain::answer::words;
use crate::domain::change::{Entry, Hash, Person, ProtocolText, Setting};
use crate::domain::closing::Open;
use crate::domain::id::PatientId;
use crate::domain::line::{Line, Projection};
use crate::domain::wanted::Wanted;
pub use arrivals::{Arrivals, SetAside, Unseen};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::fmt;

/// An entry as kept: its place in the chain beside what was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// 1, 2, 3 … over the whole file, without gaps.
    pub seq: u64,
    pub hash: Hash,
    pub entry: Entry,
}

/// The last entry of the whole file; all zero where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    pub hash: Hash,
}

/// What a save is answered with: the place of its last entry.
pub type Receipt = Head;

/// A protocol text that is kept, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolRef {
    pub hash: Hash,
    pub id: String,
    pub version: String,
}

/// What belongs to no patient, as it holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clinic {
    pub head: Head,
    /// When the last entry was saved, by the clock it was saved with.
    pub saved_at: Option<DateTime<FixedOffset>>,
    /// Each under the latest name, in the order they came.
    pub people: Vec<Person>,
    /// The latest of each name, by name.
    pub settings: Vec<Setting>,
    /// In the order they came.
    pub protocols: Vec<ProtocolRef>,
    /// How many patients have a row in the lists.
    pub patients: u64,
    /// Of them, those with results nobody has looked at, and with critical ones.
    pub unseen: u64,
    pub critical: u64,
    /// Draws that are nobody's yet.
    pub waiting: u64,
    /// Whether this holds invented patients only.
    pub demo: bool,
}

/// The two lists of the first screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Open drafts, then whoever is due around the day.
    pub today: Vec<Line>,
    /// Cannot be told, then overdue, then inside a window.
    pub follow_up: Vec<Line>,
    /// Whether more stand behind the last one shown.
    pub more_today: bool,
    pub more_follow_up: bool,
    /// How many a filter keeps back, of both lists.
    pub hidden: usize,
    /// Whether it may be more than that.
    pub more_hidden: bool,
}

/// What is still open when a day closes: a row for each reason, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    pub rows: Vec<(Open, Line)>,
    /// Whether a part has more rows than a list gives.
    pub more: bool,
}

/// How many rows a list gives at most.
pub const LIST_LIMIT: usize = 500;

/// What checking the whole file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many entries were read.
    pub entries: u64,
    pub head: Head,
    /// Empty means intact.
    pub problems: Vec<Problem>,
}

/// One thing found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The entry it was found at, where it is at one.
    pub seq: Option<u64>,
    pub what: What,
}

/// What was found wrong; names of tables only, never what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Entries are missing before this one.
    Gap,
    /// It does not name the hash of the entry before it.
    Link,
    /// Its hash is not that of what is kept.
    Altered,
    /// It has more or fewer rows than it was saved with.
    Rows { saved: u64, found: u64 },
    /// A row of it cannot be read.
    Unreadable,
    /// A row of this table belongs to no entry.
    Orphan(String),
    /// A row of this table names something that is not there.
    Reference(String),
    /// This table, index, view or trigger is missing, added or changed.
    Schema(String),
    /// The file's own structure is damaged.
    Structure,
    /// The mark of the last entry does not fit the last entry.
    Tail,
}

words! {
    /// Why the store would not take an entry; the file's guards say it in sentences.
    Refusal {
        /// The visit is signed, and no amendment stands in the entry.
        SignedVisit = "signed_visit",
        VoidedVisit = "voided_visit",
        /// A visit is signed once.
        AlreadySigned = "already_signed",
        /// Another visit of the patient is still open.
        AnotherVisitOpen = "another_visit_open",
        /// Only a signed visit is amended.
        NotSigned = "not_signed",
        /// What is taken back is not of a kind that can be.
        NotUndoable = "not_undoable",
        /// Names a person, visit, course, draw, protocol or entry that is not there.
        Unknown = "unknown_reference",
        /// The same visit or protocol was saved before, or another entry under this id.
        Duplicate = "duplicate",
        /// Not what an entry or a row of the lists looks like, or longer than a
        /// file takes: a fault of the program.
        Malformed = "malformed",
        /// Something else than the next entry was to be written.
        NotNext = "not_next",
    }
}

/// Why the store could not do it. Says nothing about a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// No room left. Nothing was saved.
    DiskFull,
    /// The file cannot be written. Nothing was saved.
    ReadOnly,
    /// Another program holds the file. Nothing was saved; trying again may do.
    Busy,
    /// Somebody else has saved for this patient. Nothing was saved.
    Conflict,
    /// Another patient has this chart number. Nothing was saved.
    ChartNumberTaken,
    /// The file was renamed, replaced or deleted. Nothing was saved.
    Moved,
    /// It was called off, for something more urgent or by its user. Nothing was saved.
    GaveWay,
    /// Must not happen. Nothing was saved.
    Refused(Refusal),
    /// The file could not be opened again after a failed commit. Neither saved
    /// nor unsaved can be told; sending the same entry again is safe, for an
    /// entry that is already there is taken for saved.
    Unknown,
    /// What is kept is damaged: a row cannot be read, or SQLite said so and,
    /// but for [`Store::verify`], a second connection found it too.
    Damaged,
    /// The system reported an error, by SQLite's extended code.
    Io(i32),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiskFull => f.write_str("the disk is full"),
            Self::ReadOnly => f.write_str("the file cannot be written"),
            Self::Busy => f.write_str("another program holds the file"),
            Self::Conflict => f.write_str("somebody else has saved for this patient"),
            Self::ChartNumberTaken => f.write_str("another patient has this chart number"),
            Self::Moved => f.write_str("the file was moved or deleted"),
            Self::GaveWay => f.write_str("called off"),
            Self::Refused(why) => write!(f, "refused ({})", why.word()),
            Self::Unknown => f.write_str("whether it was saved cannot be told"),
            Self::Damaged => f.write_str("the file is damaged"),
            Self::Io(code) => write!(f, "the system reported an error ({code})"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<Refusal> for StoreError {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

/// A place that keeps records.
pub trait Store: Arrivals + Send {
    /// What belongs to no patient, as it holds now.
    fn clinic(&self) -> Result<Clinic, StoreError>;

    /// The last entry.
    fn head(&self) -> Result<Head, StoreError> {
        Ok(self.clinic()?.head)
    }

    /// The lists of `day`: today's has drafts first, then whoever is due for a
    /// visit within three days of it, or for blood and did not stop coming; the other has first running
    /// courses whose next visit cannot be told, then the overdue, oldest
    /// first, then those still inside a window.
    fn lists(&self, day: NaiveDate) -> Result<Lists, StoreError> {
        self.narrowed(&Wanted::on(day))
    }

    /// The same, narrowed to what a filter lets through; how many it keeps back
    /// is counted.
    fn narrowed(&self, wanted: &Wanted) -> Result<Lists, StoreError>;

    /// What is still open when `day` closes.
    fn closing(&self, day: NaiveDate) -> Result<Closing, StoreError>;

    /// Patients with a key that begins with one of `keys` (folded as the
    /// projection's are); where these are fewer than `limit`, then those with
    /// one of `keys` in the middle of a key.
    fn search(&self, keys: &[String], limit: usize) -> Result<Vec<Line>, StoreError>;

    /// The patient with this chart number, folded.
    fn find(&self, chart_key: &str) -> Result<Option<PatientId>, StoreError>;

    /// Everything kept of one patient, in the order it was saved.
    fn record(&self, patient: PatientId) -> Result<Vec<Stored>, StoreError>;

    /// The same of several, which costs less than asking for each.
    fn records(&self, patients: &[PatientId]) -> Result<Vec<Vec<Stored>>, StoreError> {
        let patients = patients.iter();
        patients.map(|patient| self.record(*patient)).collect()
    }

    /// Every value that a setting ever had, the oldest first: what a visit was
    /// pinned to may not hold any more.
    fn settings(&self) -> Result<Vec<Setting>, StoreError>;

    /// A protocol text by its hash.
    fn protocol(&self, hash: &Hash) -> Result<Option<ProtocolText>, StoreError>;

    /// Saves all of the entry or none of it. `expected` is the patient's last
    /// entry as the caller knows it (none where there is none); it is not
    /// looked at for an entry without a patient. The projection is written
    /// together with the entry. An entry that is already there, to the letter,
    /// is answered with its place and not saved twice.
    fn append(
        &mut self,
        entry: &Entry,
        expected: Option<u64>,
        projection: Option<&Projection>,
    ) -> Result<Receipt, StoreError>;

    /// Saves all of these entries or none, without asking what the caller has
    /// seen. For imports and invented data.
    fn append_all(&mut self, batch: &[(Entry, Option<Projection>)]) -> Result<Receipt, StoreError> {
        self.append_unless(None, batch, &mut |_| false)
    }

    /// The same, but only where the file's last entry is `on`, if one is named;
    /// else it is a conflict. Asked again and again with the number of rows
    /// written, `stop` may call it off, and then nothing was saved
    /// ([`StoreError::GaveWay`]).
    fn append_unless(
        &mut self,
        on: Option<u64>,
        batch: &[(Entry, Option<Projection>)],
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Receipt, StoreError>;

    /// Everybody with an entry, in the order of their ids.
    fn patients(&self) -> Result<Vec<PatientId>, StoreError>;

    /// What is kept beside one patient's facts.
    fn projection(&self, patient: PatientId) -> Result<Option<Projection>, StoreError>;

    /// Writes what is kept beside a patient's facts, when it is rebuilt.
    fn project(&mut self, projection: &Projection) -> Result<(), StoreError>;

    /// Reads everything and says what is wrong with it. `progress` is told how
    /// many entries have been read.
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verdict, StoreError>;

    /// Reads one patient's entries and says what is wrong with them; for the
    /// chart on the screen, without reading everything.
    fn check(&self, _patient: PatientId) -> Result<Vec<Problem>, StoreError> {
        Ok(self.verify(&mut |_| {})?.problems)
    }
}

/// The patients whose projection is not what `compute` makes of their record.
pub fn misprojected(
    store: &dyn Store,
    compute: &dyn Fn(PatientId, &[Stored]) -> Option<Projection>,
) -> Result<Vec<PatientId>, StoreError> {
    let mut wrong = Vec::new();
    for patient in store.patients()? {
        if store.projection(patient)? != compute(patient, &store.record(patient)?) {
            wrong.push(patient);
        }
    }
    Ok(wrong)
}
