//! Draws of blood and the values read from them (types only; judging follows).
use super::answer::words;
use super::id::{ObservationId, SpecimenId};
use super::quantity::Quantity;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The id of an analyte, such as `tg`, as the catalogue spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(transparent)]
pub struct AnalyteId(pub String);

words! {
    /// Where a reference range came from.
    RangeSource { Report = "report", Clinic = "clinic", Catalogue = "catalogue" }
}
words! {
    /// Whether the patient had fasted ten hours at the draw.
    Fasting { Yes = "yes", No = "no", Unknown = "unknown" }
}

/// The range a value was read against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRange {
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    pub source: RangeSource,
}

/// One draw of blood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    pub id: SpecimenId,
    pub drawn_on: NaiveDate,
    pub fasting: Fasting,
    pub haemolysed: bool,
    pub lipaemic: bool,
    pub comment: Option<String>,
    pub laboratory: Option<String>,
    /// Milligrams a day the patient took when it was drawn.
    pub dose_at_draw: Option<Decimal>,
}

/// What came of one test on a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    Value(Quantity),
    Pending,
    Haemolysed,
    Lost,
    NotDone,
}

/// What a laboratory's file said beside the value, kept as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Result status as sent: final, preliminary, corrected, cancelled.
    pub status: Option<String>,
    pub code_system: Option<String>,
    pub code: Option<String>,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub range: Option<String>,
    pub flag: Option<String>,
    pub method: Option<String>,
    pub comment: Option<String>,
    /// SHA-256 of the file it came in, in hexadecimal.
    pub file: Option<String>,
}

/// One value of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Stated again under the same id, a value is corrected.
    pub id: ObservationId,
    pub specimen: SpecimenId,
    pub analyte: AnalyteId,
    pub reported: Reported,
    /// The unit as chosen or sent.
    pub unit: String,
    /// The number in the catalogue's canonical unit.
    pub canonical: Option<Decimal>,
    pub range: Option<ReferenceRange>,
    /// What an imported file said beside it.
    pub sent: Option<Sent>,
}
