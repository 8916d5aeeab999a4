//! What a laboratory's file brought, kept as it came, and what became of it.
//!
//!   file -> Import, Draw, Returned, Refused      as sent, nobody's yet
//!        -> Link, then draws and values          once it is known whose it is
//!        -> Aside                                where it is nobody's of this clinic
//!        -> Reviewed                             once somebody has looked
//!
//! What came is kept whether or not it is ever linked, and stays as it came: a
//! correction is another [`Returned`] beside the first.

use super::answer::{Sex, words};
use super::change::Hash;
use super::id::{DrawId, ReturnedId};
use super::observation::{AnalyteId, Fasting, RangeSource, ReferenceRange};
use super::quantity::{Comparator, Quantity};
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

/// One file, taken in whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// SHA-256 of its bytes.
    pub file: Hash,
    /// What it was called, without its folder.
    pub name: String,
    /// `hl7`, `fhir`, or `csv` with its layout: `csv wolf`.
    pub format: String,
    /// Encoding as the file says of itself, and as it was read.
    pub declared: Option<String>,
    pub encoding: String,
    /// Every row there was, and of them the refused ones, and those that an
    /// earlier file had brought already.
    pub rows: u32,
    pub refused: u32,
    pub known: u32,
}

/// A row that gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where in the file: `12 OBX`.
    pub place: String,
    /// A word of the reader's.
    pub reason: String,
    /// The row, shortened and cleaned.
    pub text: String,
}

/// One draw of one patient, as sent. Lists are one item a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    pub draw: DrawId,
    pub place: String,
    /// Every number given for the patient.
    pub numbers: String,
    pub name: Option<String>,
    pub kana: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    /// Which of `number name kana birth sex` a file of this kind can hold.
    pub carries: String,
    pub laboratory: Option<String>,
    /// What the sender calls the message.
    pub message: Option<String>,
    /// When it was made, UTC: `2026-11-22T08:30:00`; decides what is the later.
    pub sent_at: Option<String>,
    pub order_number: Option<String>,
    pub filler_number: Option<String>,
    pub drawn_on: Option<NaiveDate>,
    /// With the time of day, as sent.
    pub drawn_at: Option<String>,
    pub fasting: Fasting,
    pub haemolysed: bool,
    pub lipaemic: bool,
    pub material: Option<String>,
    pub comments: Option<String>,
    /// Another file had brought another message under this message's name.
    pub contradicts: bool,
    /// How many results of it follow.
    pub results: u32,
}

words! {
    /// What a value as sent turned out to be.
    Came {
        Number = "number",
        /// One of the words its analyte knows.
        Word = "word",
        Text = "text",
        /// None came.
        Absent = "absent",
    }
}

/// One result, as sent, with what could be understood of it. Lists are one
/// item a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    pub returned: ReturnedId,
    pub draw: DrawId,
    pub place: String,
    /// `LN 1742-6 ALT`: system, code and name apart by tabs.
    pub codes: String,
    pub name: String,
    /// What of the catalogue it is; none where it is not known.
    pub analyte: Option<AnalyteId>,
    /// Why it is shown and not judged.
    pub why: Option<String>,
    pub value: String,
    pub came: Came,
    /// The word it stands for, or why there is no value.
    pub word: Option<String>,
    pub comparator: Option<Comparator>,
    pub number: Option<Decimal>,
    pub unit: String,
    /// As the catalogue spells it; none where it is not understood.
    pub unit_known: Option<String>,
    pub range: String,
    pub range_low: Option<Decimal>,
    pub range_high: Option<Decimal>,
    pub range_low_open: Option<bool>,
    pub range_high_open: Option<bool>,
    pub flags: String,
    /// The reader's word, and as sent.
    pub status: String,
    pub status_sent: String,
    pub method: Option<String>,
    pub method_sent: Option<String>,
    pub fasting: Option<Fasting>,
    pub comments: Option<String>,
    pub sub_id: String,
    /// What two statements of one result have in common.
    pub key: String,
    /// SHA-256 of all that was said of it: what has it came before.
    pub digest: Hash,
}

impl Returned {
    /// The number as sent, where it is one.
    pub fn quantity(&self) -> Option<Quantity> {
        Some(Quantity {
            typed: self.value.clone(),
            comparator: self.comparator?,
            number: self.number?,
        })
    }

    /// The range as printed, where it could be read.
    pub fn printed(&self) -> Option<ReferenceRange> {
        Some(ReferenceRange {
            low: self.range_low,
            high: self.range_high,
            low_open: self.range_low_open?,
            high_open: self.range_high_open?,
            source: RangeSource::Report,
        })
    }
}

impl Draw {
    /// Who it says the patient is: two draws with the same text say the same.
    pub fn who(&self) -> String {
        let birth = self.birth_date.map(|day| day.to_string());
        let parts = [
            self.laboratory.as_deref(),
            Some(self.numbers.as_str()),
            self.name.as_deref(),
            self.kana.as_deref(),
            birth.as_deref(),
            self.sex.map(Sex::word),
        ];
        parts.map(Option::unwrap_or_default).join("\t")
    }

    /// When the message was made; what says nothing of it is older than all.
    pub fn sent(&self) -> Option<NaiveDateTime> {
        moment(self.sent_at.as_deref()?)
    }
}

/// `2026-11-22T08:30:00`
pub fn moment(text: &str) -> Option<NaiveDateTime> {
    text.parse().ok()
}

words! {
    /// How it came to be known whose a draw is.
    How {
        /// Chart number, birth date and sex agree.
        Matched = "matched",
        /// A person compared them and typed two identifiers.
        Confirmed = "confirmed",
        /// A person had confirmed the very same words before.
        Remembered = "remembered",
    }
}

/// A draw is this patient's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub draw: DrawId,
    pub how: How,
    /// By which identifiers, as compared or typed: `number birth sex`.
    pub identifiers: String,
    /// [`Draw::who`].
    pub who: String,
    /// A later message had come before it: what that said stands.
    pub late: bool,
    /// The analytes whose value was critical when it came, one a line.
    pub critical: Option<String>,
}

words! {
    /// Why a draw is nobody's of this clinic.
    AsideWhy {
        Stranger = "stranger",
        /// It came in another way already.
        Twice = "twice",
        /// The laboratory's own trial or control.
        Trial = "trial",
        Other = "other",
    }
}

/// A draw that waits no longer for whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    pub draw: DrawId,
    pub why: AsideWhy,
}

/// A result that is only shown: analyte, unit or value are not understood, or it
/// is a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsSent {
    pub draw: DrawId,
    pub returned: ReturnedId,
    pub drawn_on: Option<NaiveDate>,
    pub laboratory: Option<String>,
    pub analyte: Option<AnalyteId>,
    pub name: String,
    pub value: String,
    pub unit: String,
    pub range: String,
    pub flags: String,
    pub status: String,
    /// Why it is not judged; none for a word that its analyte knows.
    pub why: Option<String>,
    /// The word of the catalogue it stands for.
    pub word: Option<String>,
    pub comments: Option<String>,
}

words! {
    /// What was done about results that came.
    Deed {
        Seen = "seen",
        Phoned = "phoned",
        CalledIn = "called_in",
        Hold = "hold",
    }
}

/// Somebody looked at the results of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    pub draw: DrawId,
    pub deed: Deed,
    /// The analytes with a critical value, each acknowledged by its name; one a line.
    pub acknowledged: Option<String>,
    pub note: Option<String>,
}
