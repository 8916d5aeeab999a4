//! One result, as the laboratory sent it, with what could be understood of it.

use super::Place;
use crate::domain::answer::words;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::{AnalyteId, Fasting, ReferenceRange};
use crate::domain::quantity::Quantity;
use std::borrow::Cow;

/// One result. What is understood stands beside what was sent, never instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub place: Place,
    /// The first is the one that counts for [`Key`]; empty where none was sent.
    pub codes: Vec<CodeSent>,
    /// What the laboratory calls it.
    pub name: String,
    /// Which analyte of the catalogue it is, or why it is none.
    pub analyte: Result<AnalyteId, Why>,
    pub value: ValueSent,
    pub unit: UnitSent,
    pub range: RangeSent,
    /// `H`, `LL`, `*`: as sent. Empty does not mean normal.
    pub flags: Vec<String>,
    pub status: Status,
    /// As sent; empty where none was.
    pub status_sent: String,
    pub method: Option<Method>,
    /// As sent.
    pub method_sent: Option<String>,
    /// Where the code itself says it (JLAC10 `1300` fasting, `1299` at any time).
    pub fasting: Option<Fasting>,
    /// The laboratory's remarks on this result.
    pub comments: Vec<String>,
    /// Tells results of one code and draw apart; empty where none was sent.
    pub sub_id: String,
}

impl Received {
    /// Whether a rule may look at its value, as far as it itself says; see
    /// [`Report::judgeable`](super::Report::judgeable). A preliminary value passes:
    /// whether it may also quiet an alert is [`Status::is_firm`].
    ///
    /// # Errors
    /// The first reason why it is only shown.
    pub fn judgeable(&self) -> Result<(), Why> {
        self.status.judgeable()?;
        self.analyte.as_ref().map_err(|why| *why)?;
        match &self.value.read {
            Value::Number(_) => self
                .unit
                .understood
                .as_ref()
                .map(|_| ())
                .map_err(|why| *why),
            Value::Word(_) => Ok(()),
            Value::Text(why) => Err(*why),
            Value::Absent(_) => Err(Why::NoValue),
        }
    }
}

/// One code with the system it is a code of: `2106-3` is a pregnancy test in
/// LOINC and a race in another system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeSent {
    pub code: String,
    pub system: CodeSystem,
    /// What is written beside it.
    pub name: String,
}

/// What a code is a code of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CodeSystem {
    Loinc,
    /// 17 characters, or fewer where the layout says which part.
    Jlac10,
    Jlac11,
    /// The laboratory's own, or one this program does not know; as sent.
    Other(String),
}

impl CodeSystem {
    /// `LN`, `JC10`, `JC11`, or as sent.
    pub fn text(&self) -> &str {
        match self {
            CodeSystem::Loinc => "LN",
            CodeSystem::Jlac10 => "JC10",
            CodeSystem::Jlac11 => "JC11",
            CodeSystem::Other(sent) => sent,
        }
    }
}

/// A value as sent, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueSent {
    /// Decoded and unescaped, to the character; a comparator in front.
    pub sent: String,
    pub read: Value,
}

impl ValueSent {
    /// A number beyond what the catalogue calls possible is shown and not judged:
    /// a slipped column or another unit, never a finding.
    pub(super) fn hold_to(&mut self, analyte: Option<&Analyte>, unit: &UnitSent) {
        let (Value::Number(number), Some(analyte), Ok(unit)) =
            (&self.read, analyte, &unit.understood)
        else {
            return;
        };
        if analyte.is_impossible(number, unit) {
            self.read = Value::Text(Why::Impossible);
        }
    }
}

/// What a value means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One number, perhaps with a comparator.
    Number(Quantity),
    /// One of the words the catalogue knows for its analyte (`negative`).
    Word(String),
    /// Anything else, with the reason why it is not judged.
    Text(Why),
    /// No value came.
    Absent(AbsentWhy),
}

words! {
    /// Why no value came.
    AbsentWhy {
        /// The field is empty.
        Empty = "empty",
        /// The sender says that an earlier value no longer stands (`""`).
        Withdrawn = "withdrawn",
        /// Not measured, or not to be had.
        NotDone = "not_done",
        /// Not back yet.
        Pending = "pending",
        /// The sample could not be used.
        Unusable = "unusable",
        /// A heading of a group of results.
        Heading = "heading",
    }
}

/// A unit as sent, and which of the analyte's units it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSent {
    /// Unescaped; empty where none was sent.
    pub sent: String,
    /// As the catalogue spells it, or why it is not understood.
    pub understood: Result<String, Why>,
}

/// A range as sent, and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSent {
    /// Empty where none was sent.
    pub sent: String,
    /// In the unit of the result; `None` where it is words or depends on what
    /// was not sent.
    pub read: Option<ReferenceRange>,
}

words! {
    /// How far the laboratory stands to a result.
    Status {
        Final = "final",
        /// Replaces what was sent before.
        Corrected = "corrected",
        Preliminary = "preliminary",
        /// Ordered, in the laboratory, entered and not verified: no result yet.
        NotReady = "not_ready",
        /// Cannot be had.
        Cancelled = "cancelled",
        /// What was sent before is taken back.
        Deleted = "deleted",
        /// What was sent before belongs to another patient or test.
        Wrong = "wrong",
        /// Nothing was said.
        Unstated = "unstated",
        /// A word that is not known.
        Unknown = "unknown",
    }
}

impl Status {
    /// Whether a value of this standing may be compared with a rule's limit.
    ///
    /// # Errors
    /// Why it may not.
    pub fn judgeable(self) -> Result<(), Why> {
        match self {
            Status::Final | Status::Corrected | Status::Preliminary | Status::Unstated => Ok(()),
            Status::NotReady => Err(Why::NotReady),
            Status::Cancelled => Err(Why::Cancelled),
            Status::Deleted => Err(Why::Deleted),
            Status::Wrong => Err(Why::Wrong),
            Status::Unknown => Err(Why::StatusUnknown),
        }
    }

    /// Whether it may quiet an alert; a preliminary value may only raise one.
    pub fn is_firm(self) -> bool {
        matches!(self, Status::Final | Status::Corrected | Status::Unstated)
    }

    /// Whether `self`, said of a whole order, says less of a result than `own`.
    pub(super) fn says_less_than(self, own: Status) -> bool {
        let rank = |status: Status| match status {
            Status::Final | Status::Corrected | Status::Unstated => 0,
            Status::Preliminary => 1,
            Status::NotReady | Status::Unknown => 2,
            Status::Cancelled => 3,
            Status::Deleted => 4,
            Status::Wrong => 5,
        };
        rank(self) > rank(own)
    }

    /// Whether it takes back what was sent before.
    pub fn withdraws(self) -> bool {
        matches!(self, Status::Deleted | Status::Wrong | Status::Cancelled)
    }
}

words! {
    /// Methods whose values must not be joined.
    Method { Ifcc = "ifcc", Jscc = "jscc", Other = "other" }
}

words! {
    /// Why a result is shown and not judged.
    Why {
        /// No code came.
        NoCode = "no_code",
        /// The code is of no analyte in the catalogue, or of a system not known.
        CodeUnknown = "code_unknown",
        /// The analyte, but measured in another material (urine, puncture fluid).
        OtherMaterial = "other_material",
        /// Code and name say different analytes.
        NameContradicts = "name_contradicts",
        /// Two codes say different analytes.
        CodesContradict = "codes_contradict",
        NoValue = "no_value",
        /// Words, a titre, a range, an exponent.
        NotANumber = "not_a_number",
        /// Several values in one field.
        SeveralValues = "several_values",
        /// A number beyond what can be.
        Impossible = "impossible",
        /// A word that this qualitative test does not have.
        WordUnknown = "word_unknown",
        NoUnit = "no_unit",
        UnitUnknown = "unit_unknown",
        /// Laboratories mean different units by this spelling.
        UnitAmbiguous = "unit_ambiguous",
        /// Nothing says when the sample was drawn.
        NoTime = "no_time",
        NotReady = "not_ready",
        Cancelled = "cancelled",
        Deleted = "deleted",
        Wrong = "wrong",
        StatusUnknown = "status_unknown",
    }
}

/// What two statements of one result have in common. Parts are as sent and may
/// be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key<'a> {
    pub laboratory: &'a str,
    pub patient: Cow<'a, str>,
    pub order: &'a str,
    pub system: &'a str,
    pub code: &'a str,
    pub sub_id: &'a str,
    pub drawn: Cow<'a, str>,
}

impl<'a> Key<'a> {
    /// That of one result, where `self` is what all of its draw have in common.
    pub fn of(self, result: &'a Received) -> Self {
        let code = result.codes.first();
        Key {
            system: code.map_or("", |code| code.system.text()),
            code: code.map_or(&result.name, |code| &code.code),
            sub_id: &result.sub_id,
            ..self
        }
    }

    /// One line, the parts apart by U+001F, which no part holds.
    pub fn text(&self) -> String {
        [
            self.laboratory,
            &self.patient,
            self.order,
            self.system,
            self.code,
            self.sub_id,
            &self.drawn,
        ]
        .join("\u{1f}")
    }
}
