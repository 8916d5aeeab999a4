//! The program as values: what it knows ([`Model`]), what comes in ([`Msg`]),
//! what the world must do ([`Effect`]). [`fn@update`] joins them; [`fn@view`] draws.

pub mod assets;
pub mod clipboard;
#[cfg(any(unix, test))]
mod decode;
mod guard;
pub mod input;
mod looks;
pub mod process;
pub mod runtime;
mod system;
pub mod taking;
pub mod terminal;
mod update;
mod view;
pub mod worker;

use crate::domain::change::{Entry, Hash, Person, Setting};
use crate::domain::id::{EntryId, PatientId, PersonId, VisitId};
use crate::domain::line::{Line, Projection};
use crate::domain::protocol::Protocol;
use crate::domain::wanted::Wanted;
use crate::keys::Key;
use crate::screen::chart::ChartScreen;
use crate::screen::close::{CloseScreen, Found};
use crate::screen::course_form::CourseForm;
use crate::screen::follow::FollowScreen;
use crate::screen::inbox::{InboxScreen, TrayRow};
use crate::screen::labs::table::TableScreen;
use crate::screen::labs::trend::TrendScreen;
use crate::screen::list::{ListScreen, Rows};
use crate::screen::page::Page;
use crate::screen::patient_form::PatientForm;
use crate::screen::people::PeopleScreen;
use crate::screen::results::ResultsScreen;
use crate::screen::review::ReviewScreen;
use crate::screen::signed::SignedScreen;
use crate::screen::take_in::TakeInScreen;
use crate::screen::tray::TrayScreen;
use crate::screen::visit::VisitScreen;
use crate::screen::{Clinic, Desk, Go, Ids, Pins, Saving};
use crate::store::{self, Lists, Receipt, StoreError, Stored};
use crate::text::Text;
use crate::widget::theme::Theme;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
pub use update::update;
pub use view::view;

/// Which screen is shown; the list keeps its own state behind the others.
#[derive(Clone, Debug)]
pub enum Screen {
    List,
    Chart(ChartScreen),
    Visit(VisitScreen),
    Review(ReviewScreen),
    Signed(SignedScreen),
    Patient(PatientForm),
    Course(CourseForm),
    Inbox(InboxScreen),
    Close(CloseScreen),
    Results(ResultsScreen),
    Follow(FollowScreen),
    Tray(Box<TrayScreen>),
    TakeIn(Box<TakeInScreen>),
}

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Over {
    Page(Page),
    People(PeopleScreen),
    Trend(TrendScreen),
    Table(TableScreen),
}

/// An entry that is not known to be on disk.
#[derive(Clone, Debug)]
pub struct Pending {
    pub entry: Entry,
    pub projection: Option<Projection>,
    /// The patient's last entry when this one was made, or checked against later
    /// ones: the store takes it only behind that.
    pub on: Option<u64>,
    /// What the status line says once it is saved.
    pub what: String,
}

/// What the program waits for before it takes the next key; keys typed
/// meanwhile are kept and taken afterwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Await {
    /// The protocol and the analytes.
    Assets,
    Record(PatientId),
    /// The commit of this entry, then to go there and to copy that.
    Commit {
        entry: EntryId,
        go: Go,
        copy: Option<String>,
    },
}

/// What the store was asked to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Lists,
    Search(Vec<String>),
    Open(PatientId),
    Inbox,
    Closing,
}

/// Everything the program knows.
pub struct Model {
    pub text: Text,
    pub theme: Theme,
    pub today: NaiveDate,
    pub me: PersonId,
    pub people: Vec<Person>,
    pub demo: bool,
    pub clinic: Option<Clinic>,
    /// Protocols and settings that visits are pinned to, as far as they were read.
    pub pins: Pins,
    /// Protocol texts the file keeps.
    pub stored_protocols: BTreeSet<Hash>,
    /// The text of the protocol in use, to be kept before its first visit.
    pub protocol_text: &'static str,
    pub rows: Rows,
    pub list: ListScreen,
    pub screen: Screen,
    pub over: Option<Over>,
    /// What help was asked for over, if over anything.
    pub behind: Option<Over>,
    pub desk: Option<Desk>,
    /// Last entry of each patient that was read, as the store knows it.
    pub heads: BTreeMap<PatientId, Option<u64>>,
    pub unsaved: VecDeque<Pending>,
    pub in_flight: bool,
    /// Why the first unsaved entry could not be saved.
    pub failed: Option<StoreError>,
    pub saving: Saving,
    pub said: Option<String>,
    pub waiting: Option<Await>,
    pub kept_keys: VecDeque<(Key, u64)>,
    /// The close of the day that the chart was opened from.
    close: Option<CloseScreen>,
    /// Where to go once the chart that is awaited is open.
    then: Option<Go>,
    /// The note that goes to the clipboard once its signature is on disk.
    pub ids: Ids,
    guard: guard::Guard,
    /// Whose chart is opened first.
    chart: Option<PatientId>,
    /// The file cannot be written.
    pub read_only: bool,
    /// The entry that opens the visit on the screen, while nothing is answered in it.
    opening: Option<Pending>,
    /// Whose record is read again because another window saved for them.
    reload: Option<PatientId>,
    /// Whose chain could not be checked yet.
    unchecked: Option<PatientId>,
    /// The visit whose signature was not saved.
    unsigned: Option<VisitId>,
    /// When something was saved last, here or by another window, as far as is known.
    saved_at: Option<DateTime<FixedOffset>>,
    /// A sentence that stays until F8.
    pub standing: Option<String>,
    /// Asked to end while something is not saved; any other key takes it back.
    pub leaving: bool,
    /// The system asked to end: nothing takes it back.
    ending: bool,
    /// Whether the clipboard holds a patient's note.
    pub note_out: bool,
    /// The folder that files are taken from, where one is known.
    folder: Option<Box<str>>,
    /// Which taking-in of files it is.
    intake: u32,
}

/// One thing that came in.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key, and when it was read, in milliseconds since the start.
    Key(Key, u64),
    /// Text that arrived as one piece and was never typed key by key.
    Text(String),
    /// The window changed; everything is drawn anew.
    Resized,
    /// Columns the terminal needs for a box line.
    Width(u16),
    /// Someone asks the program to end.
    Terminate,
    /// Time has passed: a new day, or a save to try again.
    Tick,
    /// The lists, and what was asked for.
    Lists(Wanted, Box<Lists>, store::Clinic),
    Assets(Box<Assets>),
    Found(Vec<String>, Vec<Line>),
    Record(PatientId, Vec<Stored>, Under),
    /// Whether the chain of this patient's entries is whole.
    Checked(PatientId, bool),
    /// The chain could not be read, which says nothing of it.
    NotChecked(PatientId),
    Saved(EntryId, Receipt),
    NotSaved(EntryId, StoreError),
    /// What is still open of a day.
    Closing(NaiveDate, Found),
    /// Patients with results nobody has looked at, draws that are nobody's, and
    /// those that were set aside.
    Inbox(Vec<Line>, Vec<TrayRow>, Vec<store::SetAside>),
    /// Whether a draw was linked to this patient, as a person said.
    Linked(PatientId, Result<(), StoreError>),
    /// How the files are that somebody takes in, by the number of the taking-in.
    Intake(u32, taking::News),
    /// Reading failed: what was asked, and why.
    NotRead(Asked, StoreError),
    /// The note was taken by the clipboard; `false` where that cannot be known.
    Copied(bool),
    NotCopied,
}

/// What a record's visits are pinned to.
#[derive(Clone, Debug, Default)]
pub struct Under {
    /// Protocols that were parsed, but for the shipped one.
    pub protocols: Vec<(Hash, Arc<Protocol>)>,
    /// Every value that a setting ever had, the oldest first.
    pub settings: Vec<Setting>,
}

/// What is parsed after the first frame.
#[derive(Clone, Debug)]
pub struct Assets {
    pub clinic: Clinic,
    /// What was wrong with the clinic's own settings.
    pub trouble: Option<String>,
}

/// What the world must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Lists(Wanted),
    Search(Vec<String>),
    Open(PatientId),
    Check(PatientId),
    Inbox,
    Closing(NaiveDate),
    Link(worker::Linking),
    /// Read files, and have them looked up.
    TakeIn(Box<taking::Sought>),
    /// Store what was shown of them.
    StoreFiles(u32, DateTime<FixedOffset>),
    /// Nothing more of them is wanted.
    Forget(u32),
    Append {
        entry: Box<Entry>,
        expected: Option<u64>,
        projection: Option<Box<Projection>>,
    },
    Copy(String),
    ClearClipboard,
    Quit,
}

/// How the program begins.
pub struct Beginning {
    pub text: Text,
    pub theme: Theme,
    pub now: DateTime<FixedOffset>,
    pub me: PersonId,
    pub demo: bool,
    pub seed: u64,
    /// Whose chart to open first.
    pub chart: Option<PatientId>,
    /// The file cannot be written.
    pub read_only: bool,
}

impl Model {
    /// The program before anything was read.
    pub fn new(from: Beginning) -> Self {
        let standing = from.read_only.then(|| from.text.queue_read_only.to_owned());
        Self {
            text: from.text,
            theme: from.theme,
            today: from.now.date_naive(),
            me: from.me,
            people: Vec::new(),
            demo: from.demo,
            clinic: None,
            pins: Pins::default(),
            stored_protocols: BTreeSet::new(),
            protocol_text: assets::PROTOCOL,
            rows: Rows::default(),
            list: ListScreen::default(),
            screen: Screen::List,
            over: None,
            behind: None,
            desk: None,
            heads: BTreeMap::new(),
            unsaved: VecDeque::new(),
            in_flight: false,
            failed: None,
            saving: Saving::Idle,
            said: None,
            waiting: Some(Await::Assets),
            kept_keys: VecDeque::new(),
            close: None,
            then: None,
            ids: Ids::new(from.seed),
            guard: guard::Guard::default(),
            chart: from.chart,
            read_only: from.read_only,
            opening: None,
            reload: None,
            unchecked: None,
            unsigned: None,
            saved_at: None,
            standing,
            leaving: false,
            ending: false,
            note_out: false,
            folder: None,
            intake: 0,
        }
    }

    /// The latest save that this clock, showing `now`, has still before it: it
    /// was set back, or another one is ahead. Two minutes are no matter.
    pub(crate) fn clock_behind(&self, now: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
        let chart = self.desk.as_ref().and_then(|d| d.record.latest());
        let last = chart.max(self.saved_at)?;
        let day = |at: DateTime<FixedOffset>| at.with_timezone(&now.timezone()).date_naive();
        let behind = last - now > TimeDelta::minutes(2) || day(now) < day(last);
        behind.then(|| last.with_timezone(&now.timezone()))
    }

    /// Whether something has failed and is to be tried again by and by.
    pub fn retries(&self) -> bool {
        self.failed.as_ref().is_some_and(update::passing)
            || self.reload.is_some()
            || self.unchecked.is_some()
    }
}
