//! What the clinician sees: each screen keeps its state, its keys and its
//! picture together. A screen changes nothing by itself: a key gives an
//! [`Outcome`], and only the program acts on it.

pub mod chart;
pub mod close;
pub mod course_form;
pub mod follow;
pub mod form;
pub mod frame;
pub mod inbox;
pub mod labs;
pub mod list;
pub mod page;
pub mod patient_form;
pub mod people;
pub mod results;
pub mod review;
pub mod signed;
pub mod take_in;
pub mod tray;
pub mod visit;

use crate::domain::arrival::Aside;
use crate::domain::assess::Case;
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Change, EntryKind, Hash, Person};
use crate::domain::checklist::Checklist;
use crate::domain::id::{DrawId, EntryId, ObservationId, PatientId, PersonId, VisitId};
use crate::domain::lang::Lang;
use crate::domain::observation::AnalyteId;
use crate::domain::protocol::Protocol;
use crate::domain::record::{Record, Visit};
use crate::domain::situation::Settings;
use crate::note;
use crate::review::{MustResolve, must_resolve};
use crate::seal::{Stood, stood};
use crate::text::Text;
use crate::widget::theme::Theme;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::{Builder, Uuid};

/// What the clinic works with: the protocol in use, the analytes, its own settings.
#[derive(Clone, Debug)]
pub struct Clinic {
    pub protocol: Arc<Protocol>,
    pub protocol_hash: Hash,
    pub catalogue: Arc<Catalogue>,
    pub settings: Settings,
    pub settings_hash: Hash,
    pub closed: ClosedDays,
}

/// Weekdays and days on which the clinic is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedDays {
    /// Days from Monday, 0 to 6.
    pub weekdays: BTreeSet<u32>,
    pub days: BTreeSet<NaiveDate>,
}

impl ClosedDays {
    /// Whether the clinic is open on `day`.
    pub fn open(&self, day: NaiveDate) -> bool {
        !self
            .weekdays
            .contains(&day.weekday().num_days_from_monday())
            && !self.days.contains(&day)
    }
}

/// What visits were done under, by the hashes they name: protocol texts as read,
/// and settings.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    pub protocols: BTreeMap<Hash, Arc<Protocol>>,
    pub settings: BTreeMap<Hash, Arc<Settings>>,
}

/// The patient whose chart lies open.
#[derive(Clone, Debug)]
pub struct Desk {
    pub record: Record,
    /// The protocol the open visit is pinned to, else the one in use.
    pub protocol: Arc<Protocol>,
    /// The settings the open visit is pinned to, else those in force.
    pub settings: Arc<Settings>,
    /// The open visit as it is walked.
    pub checklist: Option<Checklist>,
    /// What the review of the open visit shows; worked out once after a change.
    pub stood: Option<LookedBack>,
    /// Whether the chain of this patient's entries was checked.
    pub verified: Option<bool>,
}

/// What is worked out once for the review of the open visit, not for every frame.
#[derive(Clone, Debug)]
pub struct LookedBack {
    /// Alerts that stood in it.
    pub stood: Vec<Stood>,
    /// Answers set aside that may not simply vanish.
    pub must_resolve: Vec<MustResolve>,
    /// The unsigned note in each language.
    pub note_ja: String,
    pub note_en: String,
}

impl LookedBack {
    /// Looks back on `case`'s visit.
    pub fn on(case: &Case<'_>, list: &Checklist, people: &[Person], text: &Text) -> Self {
        let note = |lang| {
            let words = Text::of(lang);
            note::compose(case, list, case.catalogue, people, None, &words)
        };
        Self {
            stood: stood(case, case.catalogue, text),
            must_resolve: must_resolve(case, list),
            note_ja: note(Lang::Ja),
            note_en: note(Lang::En),
        }
    }
}

impl Desk {
    /// The visit that still takes answers.
    pub fn visit(&self) -> Option<&Visit> {
        self.record.open_visit().map(|v| v.visit())
    }
}

/// How saving stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Saving {
    /// Nothing was saved since the start.
    #[default]
    Idle,
    /// Given to the store, not yet on disk.
    Waiting,
    /// On disk: what, and at which minute.
    Saved { what: String, at: String },
    /// Not on disk: why, and how many entries wait.
    Failed { why: String, waiting: usize },
}

/// Makes ids: the time and chance from outside, so that a test can fix them.
#[derive(Debug)]
pub struct Ids(Cell<u64>);

impl Ids {
    /// Ids that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next id, ordered by `now`.
    pub fn next(&self, now: DateTime<FixedOffset>) -> Uuid {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.step().to_be_bytes());
        random[8..].copy_from_slice(&self.step().to_be_bytes()[..2]);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// One step of SplitMix64.
    fn step(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Everything a screen may look at.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    pub text: &'a Text,
    pub theme: Theme,
    pub today: NaiveDate,
    pub now: DateTime<FixedOffset>,
    pub me: PersonId,
    pub people: &'a [Person],
    pub demo: bool,
    pub clinic: Option<&'a Clinic>,
    pub pins: &'a Pins,
    pub desk: Option<&'a Desk>,
    pub saving: &'a Saving,
    /// The latest save, where the clock shows a time before it.
    pub clock_behind: Option<DateTime<FixedOffset>>,
    /// One sentence about the last key.
    pub said: Option<&'a str>,
    pub ids: &'a Ids,
}

impl<'a> Ctx<'a> {
    /// The name of a person.
    pub fn name(&self, person: PersonId) -> &'a str {
        self.people
            .iter()
            .rev()
            .find(|p| p.person == person)
            .map_or("", |p| p.name.as_str())
    }

    /// The language of the interface.
    pub fn lang(&self) -> Lang {
        self.text.lang
    }
}

/// What is to be saved: one entry, before it has an id and a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub patient: PatientId,
    pub visit: Option<VisitId>,
    pub kind: EntryKind,
    pub undoes: Option<EntryId>,
    pub reason: Option<String>,
    pub changes: Vec<Change>,
    /// What the status line says was saved.
    pub what: String,
}

/// Where to go, or what the program is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Go {
    List,
    /// After signing: the list, on the next row, the search cleared.
    NextPatient,
    Open(PatientId),
    /// Results that came.
    Inbox,
    /// A patient's results as they came: with the chart opened first.
    OpenResults(PatientId),
    Results,
    /// What is still open of the day of the lists.
    Close,
    /// Who did not come: with the chart opened first, or of the chart at hand.
    OpenFollow(PatientId),
    Follow,
    /// Back to the close of the day, where the patient was opened from it; else
    /// to the chart.
    FromFollow,
    /// A draw that is nobody's yet.
    Tray(Box<inbox::TrayRow>),
    /// A draw is nobody's of this clinic.
    SetAside(Aside),
    /// What was set aside by this entry waits again.
    TakeBack(EntryId),
    /// A person says whose a draw is.
    Link {
        draw: DrawId,
        patient: PatientId,
    },
    /// A laboratory's file is to be taken in.
    TakeIn,
    /// From this file or folder.
    TakeFrom(String),
    /// What is shown of it is to be stored.
    StoreFiles,
    /// Away from it; nothing more is stored.
    LeaveFiles,
    Chart,
    /// Open today's visit, or go on with the one that is open.
    Visit,
    /// To this line of the visit.
    VisitAt(crate::domain::checklist::LineId),
    Review,
    Signed(VisitId),
    /// The trend of an analyte, over the present screen.
    Trend(AnalyteId),
    /// The same with one of its results selected.
    TrendAt(AnalyteId, ObservationId),
    /// All values by date, over the present screen.
    Table,
    Register,
    EditPatient,
    EditCourse,
    /// A page of text over the present screen: its title and its lines, in both languages.
    Page {
        title: String,
        ja: String,
        en: String,
    },
    HandOver,
    /// The other language, on the screen and as the clinic's setting.
    Language,
    BecomePerson(PersonId),
    NewPerson(String),
    Search(Vec<String>),
    /// The lists of another day, or narrowed.
    Relist,
    Help,
    Quit,
    /// Leave the overlay or form.
    Back,
}

/// What a key came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub save: Option<Draft>,
    pub go: Option<Go>,
    /// One sentence for the status line.
    pub say: Option<String>,
    /// Text for the clipboard.
    pub copy: Option<String>,
}

impl Outcome {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Only a sentence.
    pub fn say(text: impl Into<String>) -> Self {
        Self {
            say: Some(text.into()),
            ..Self::default()
        }
    }

    /// Only a move.
    pub fn go(go: Go) -> Self {
        Self {
            go: Some(go),
            ..Self::default()
        }
    }

    /// Only a save.
    pub fn save(draft: Draft) -> Self {
        Self {
            save: Some(draft),
            ..Self::default()
        }
    }
}
