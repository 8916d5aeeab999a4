//! One draw of one patient, as the laboratory sent it.

use super::Place;
use super::received::{Key, Received, Why};
use crate::domain::answer::{Sex, words};
use crate::domain::observation::Fasting;
use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use std::borrow::Cow;

/// The results of one draw with what stands above them. What was not sent is
/// `None` or empty, never guessed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Where it begins: OBR segment, first row, Observation.
    pub place: Place,
    pub patient: PatientSent,
    /// Who reports: a name or code as sent.
    pub laboratory: Option<String>,
    /// What the sender calls the message (MSH-10, the Bundle's identifier).
    pub message: Option<String>,
    /// When the message was made; decides which of two statements is the later.
    pub sent_at: Option<Moment>,
    /// The clinic's number of the order.
    pub order: Option<String>,
    /// The laboratory's own.
    pub filler: Option<String>,
    pub drawn: Option<Moment>,
    /// `Unknown` unless said.
    pub fasting: Fasting,
    /// What is wrong with the whole sample.
    pub remarks: Vec<Remark>,
    /// The material as sent.
    pub material: Option<String>,
    /// What is written of the whole draw.
    pub comments: Vec<String>,
    pub results: Vec<Received>,
}

impl Report {
    /// Whether a rule may look at the value of one of its results.
    ///
    /// # Errors
    /// The first reason why it is only shown.
    pub fn judgeable(&self, result: &Received) -> Result<(), Why> {
        result.judgeable()?;
        self.drawn.as_ref().map(|_| ()).ok_or(Why::NoTime)
    }

    /// What makes a later result another statement of the same one.
    pub fn key<'a>(&'a self, result: &'a Received) -> Key<'a> {
        self.key_of_all().of(result)
    }

    /// What the keys of all its results have in common, the other parts empty.
    pub fn key_of_all(&self) -> Key<'_> {
        let order = self.filler.as_ref().or(self.order.as_ref());
        let drawn = self.drawn.as_ref().map(Moment::iso);
        let patient = match &*self.patient.ids {
            [one] => Cow::Borrowed(&*one.value),
            ids => {
                let ids = ids.iter().map(|id| id.value.as_str());
                Cow::Owned(ids.collect::<Vec<_>>().join("~"))
            }
        };
        Key {
            laboratory: self.laboratory.as_deref().unwrap_or_default(),
            patient,
            order: order.map(String::as_str).unwrap_or_default(),
            drawn: Cow::Owned(drawn.unwrap_or_default()),
            ..Key::default()
        }
    }
}

/// Who the patient is, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatientSent {
    /// Every number given, in the order sent.
    pub ids: Vec<IdSent>,
    /// The name as written: kanji, or Latin letters; family name first.
    pub name: Option<String>,
    /// The name as spoken.
    pub kana: Option<String>,
    pub birth: Option<NaiveDate>,
    /// `None` where nothing was sent or the word is not known.
    pub sex: Option<Sex>,
    /// Which of these a file of this kind can hold at all.
    pub carries: Carries,
}

/// One number of a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSent {
    pub value: String,
    /// What kind of number: `MR`, `PI`.
    pub kind: Option<String>,
    /// Who gave it.
    pub authority: Option<String>,
}

/// Which identifiers a file's kind can hold. Where one is false its absence says
/// nothing; where it is true and nothing came, that is a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carries {
    pub id: bool,
    pub name: bool,
    pub kana: bool,
    pub birth: bool,
    pub sex: bool,
}

impl Carries {
    /// As HL7 and FHIR have it.
    pub const ALL: Carries = Carries {
        id: true,
        name: true,
        kana: true,
        birth: true,
        sex: true,
    };
}

impl Default for Carries {
    fn default() -> Self {
        Self::ALL
    }
}

/// A day, with the time of day where it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub day: NaiveDate,
    pub time: Option<NaiveTime>,
    /// Minutes east of Greenwich; `None` where none was sent: local time.
    pub offset: Option<i32>,
}

impl Moment {
    /// A day alone.
    pub fn of_day(day: NaiveDate) -> Self {
        Self {
            day,
            time: None,
            offset: None,
        }
    }

    /// For putting in order: what has no time of day stands at its beginning;
    /// with an offset it is turned to Greenwich, else to `local` minutes east of it.
    pub fn instant(&self, local: i32) -> NaiveDateTime {
        let there = self.day.and_time(self.time.unwrap_or_default());
        let east = Duration::minutes(i64::from(self.offset.unwrap_or(local)));
        there.checked_sub_signed(east).unwrap_or(there)
    }

    /// `2026-11-22`, `2026-11-22T08:30:00`, `2026-11-22T08:30:00+0900`
    pub fn iso(&self) -> String {
        let mut text = self.day.format("%Y-%m-%d").to_string();
        if let Some(time) = self.time {
            text.push_str(&time.format("T%H:%M:%S").to_string());
        }
        if let Some(minutes) = self.offset {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            text.push_str(&format!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
        }
        text
    }
}

/// What is wrong with a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub kind: RemarkKind,
    /// As sent: `(+)`, `HEM`, `強溶血`.
    pub sent: String,
}

words! {
    /// Kinds of remarks on a sample.
    RemarkKind {
        Haemolysis = "haemolysis",
        Lipaemia = "lipaemia",
        Icterus = "icterus",
        Clotted = "clotted",
        Insufficient = "insufficient",
    }
}

/// Whether a name is written as spoken.
pub(super) fn is_kana(name: &str) -> bool {
    let mut letters = name
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '・')
        .peekable();
    letters.peek().is_some()
        && letters.all(|c| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}'))
}
