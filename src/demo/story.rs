//! The invented patients as they are told in `assets/demo/clinic.toml`.

use crate::domain::answer::{Action, Can, CannotReason, Sex, TestKind};
use crate::domain::arrival::{AsideWhy, Deed};
use crate::domain::change::Mode;
use crate::domain::observation::Fasting;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The stories that are shipped.
pub const SHIPPED: &str = include_str!("../../assets/demo/clinic.toml");

/// Everybody, and what is said where a story is silent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stories {
    /// The first signs, the second answers what a nurse answers.
    pub people: Vec<String>,
    /// Sections that the nurse answers before the doctor comes in.
    pub nurse: Vec<String>,
    /// Answers by line, where neither visit nor patient says otherwise.
    pub usual: BTreeMap<String, Said>,
    /// Values by analyte, for a draw that was due and is not told.
    pub values: BTreeMap<String, String>,
    #[serde(rename = "patient")]
    pub patients: Vec<Story>,
    /// What the laboratory sent, the first file first.
    #[serde(default, rename = "file")]
    pub files: Vec<FileTold>,
}

/// One file of a laboratory's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileTold {
    pub name: String,
    /// The day it came in, before today.
    pub came: u32,
    pub laboratory: String,
    #[serde(rename = "draw")]
    pub draws: Vec<SentTold>,
}

/// One patient's draw in such a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentTold {
    /// The number written on it.
    pub chart: String,
    /// Somebody else's name and birth date (`19890412`) under that number.
    pub name: Option<String>,
    pub born: Option<String>,
    /// The day it was drawn.
    pub ago: u32,
    pub fasting: Fasting,
    /// By analyte: value, unit, range, and the status where it is not final.
    pub values: BTreeMap<String, String>,
    /// What was done about it the next morning.
    pub looked: Option<Deed>,
    /// Why somebody else's was set aside the next morning.
    pub aside: Option<AsideWhy>,
}

/// One patient. Days count back from today: 0 is today, 30 is thirty days ago.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub chart: String,
    pub name: String,
    pub kana: String,
    pub age: u32,
    /// Days since the last birthday.
    pub since_birthday: u32,
    pub sex: Sex,
    pub can: Can,
    pub cannot: Option<CannotReason>,
    /// The day of registration.
    pub registered: u32,
    pub kg: Option<String>,
    /// The day the consent was signed.
    pub consent: Option<u32>,
    /// No course was entered yet where there is none.
    pub product: Option<String>,
    /// The day of the first capsule and the dose, for a course that was begun
    /// before the clinic kept its record here.
    pub begun: Option<Begun>,
    /// This patient's own usual answers.
    #[serde(default)]
    pub usual: BTreeMap<String, Said>,
    #[serde(default, rename = "visit")]
    pub visits: Vec<Told>,
    /// Results that came without a visit.
    #[serde(default, rename = "result")]
    pub results: Vec<Draw>,
}

/// A course that runs already.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    pub ago: u32,
    pub mg: String,
}

/// One visit. What it does not tell is answered as usual.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub ago: u32,
    pub mode: Option<Mode>,
    #[serde(default)]
    pub companion: bool,
    #[serde(default)]
    pub say: BTreeMap<String, Said>,
    /// Remarks by line.
    #[serde(default)]
    pub memo: BTreeMap<String, String>,
    /// Answered first, taken back, then answered as told.
    #[serde(default)]
    pub slip: BTreeMap<String, Said>,
    pub draw: Option<Draw>,
    /// Why there is no blood although it is due.
    pub no_draw: Option<crate::domain::answer::Absence>,
    #[serde(default)]
    pub plan: Decided,
    /// Only these sections are answered, and nobody signed.
    pub draft: Option<Vec<String>>,
    pub amend: Option<Amended>,
    pub void: Option<Voided>,
}

/// The decision; what is left out is as the program proposes it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    #[serde(rename = "do")]
    pub action: Option<Action>,
    pub mg: Option<String>,
    pub reason: Option<String>,
    /// Days from this visit to the next.
    pub next: Option<u32>,
    /// Days from this visit to the next blood.
    pub blood: Option<u32>,
}

/// A draw and its values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// The day it was drawn.
    pub ago: u32,
    /// The day a result without a visit came in.
    pub came: Option<u32>,
    pub fasting: Fasting,
    #[serde(default)]
    pub lipaemic: bool,
    pub laboratory: Option<String>,
    /// As the slip prints them; `pending`, `haemolysed`, `lost`, `not_done`
    /// where it prints none.
    pub values: BTreeMap<String, String>,
    /// What the laboratory's file said beside a value.
    #[serde(default)]
    pub sent: BTreeMap<String, Beside>,
}

/// What a laboratory's file said beside a value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// How it was measured.
    pub method: String,
    /// The JLAC10 code, 17 digits.
    pub code: String,
    /// The range as it was printed.
    pub range: String,
}

/// A later word on the visit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amended {
    /// Days after the visit.
    pub after: u32,
    /// The line and its new answer; a remark where there is none.
    pub item: Option<String>,
    pub to: Option<Said>,
    pub text: Option<String>,
    pub reason: String,
}

/// The visit belongs to somebody else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voided {
    /// Days after the visit.
    pub after: u32,
    pub reason: String,
    pub again: Option<String>,
}

/// What was answered to one line.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// A digit of the line.
    Key(u8),
    /// Several digits; none of them is "none of these".
    Keys(Vec<u8>),
    /// Why there is no answer, or a number, or text.
    Word(String),
    /// A digit and what it asks further.
    More(More),
}

/// What a digit asks further.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    pub key: u8,
    /// A day, counted back from today.
    pub ago: Option<u32>,
    pub count: Option<u32>,
    pub place: Option<TestKind>,
    pub kit: Option<String>,
}

impl Stories {
    /// Reads stories; the reader's words name line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}
