//! Laboratory values: one draw, one result as reported, and what can be said of
//! a result before any clinic's rule.
//!
//!   ALT 75 U/L, range 7-23  ->  H, 3.3 x upper
//!
//! A number is compared with its range in the unit it was reported in, and
//! with the catalogue's limits in the catalogue's (canonical) unit.

use super::answer::words;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::catalogue::Analyte;
use super::id::{ObservationId, SpecimenId};
use super::quantity::{Comparator, Quantity, QuantityError, Truth};

/// One result of one draw, as reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub id: ObservationId,
    pub specimen: SpecimenId,
    pub analyte: AnalyteId,
    pub reported: Reported,
    /// As reported; empty where none was given.
    pub unit: String,
    /// The number in the analyte's canonical unit; the comparator stays with
    /// `reported`. `None` without a value or where the unit is not known.
    pub canonical: Option<Decimal>,
    /// In the reported unit.
    pub range: Option<ReferenceRange>,
    /// What an imported file said beside it.
    pub sent: Option<Sent>,
}

/// What a laboratory's file said beside a value, kept as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Result status as sent: final, preliminary, corrected, cancelled.
    pub status: Option<String>,
    /// What `code` is a code of: JLAC10, LOINC, the laboratory's own.
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
    /// What two statements of one result have in common.
    pub key: Option<String>,
    /// When the message was made, UTC: `2026-11-22T08:30:00`.
    pub at: Option<String>,
}

/// What came of a test. Pending, haemolysed, lost and not done are never a
/// number and never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    /// A number, in the unit of the observation.
    Value(Quantity),
    Pending,
    Haemolysed,
    Lost,
    NotDone,
}

/// One draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    pub id: SpecimenId,
    pub drawn_on: NaiveDate,
    pub fasting: Fasting,
    /// As the laboratory remarked of the whole draw.
    pub haemolysed: bool,
    pub lipaemic: bool,
    pub comment: Option<String>,
    pub laboratory: Option<String>,
    /// mg a day taken when the specimen was drawn.
    pub dose_at_draw: Option<Decimal>,
}

words! {
    /// Whether the patient had fasted ten hours at the draw.
    Fasting { Yes = "yes", No = "no", Unknown = "unknown" }
}

/// An analyte's name in the catalogue, such as `alt`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct AnalyteId(pub String);

impl Observation {
    /// Works out the canonical value; everything else is kept as given.
    pub fn of(
        id: ObservationId,
        specimen: SpecimenId,
        analyte: &Analyte,
        reported: Reported,
        unit: &str,
        range: Option<ReferenceRange>,
    ) -> Observation {
        let canonical = match &reported {
            Reported::Value(quantity) => analyte.canonical(quantity, unit).map(|q| q.number),
            _ => None,
        };
        Observation {
            id,
            specimen,
            analyte: analyte.id.clone(),
            reported,
            unit: unit.to_owned(),
            canonical,
            range,
            sent: None,
        }
    }

    /// Whether the laboratory calls it preliminary: it may raise an alert, and
    /// neither quiets one nor counts as a result that is back.
    pub fn is_preliminary(&self) -> bool {
        let status = self.sent.as_ref().and_then(|sent| sent.status.as_deref());
        status == Some("preliminary")
    }

    /// Whether it is typed and no laboratory's file said it.
    pub fn is_typed(&self) -> bool {
        self.sent.is_none()
    }

    /// The number as reported, in the reported unit; `None` without a value.
    pub fn quantity(&self) -> Option<&Quantity> {
        match &self.reported {
            Reported::Value(quantity) => Some(quantity),
            _ => None,
        }
    }

    /// Value and comparator in the canonical unit.
    pub(super) fn in_canonical(&self) -> Option<Quantity> {
        Some(Quantity {
            number: self.canonical?,
            ..self.quantity()?.clone()
        })
    }

    /// The canonical number, only where it is exactly known: no arithmetic is
    /// done on `<5`.
    pub(super) fn exact(&self) -> Option<Decimal> {
        let equal = self.quantity()?.comparator == Comparator::Equal;
        self.canonical.filter(|_| equal)
    }
}

// --- Reference ranges -----------------------------------------------------

/// Where a result is usual. A range `<150` has an open upper end: 150 itself
/// is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceRange {
    /// Both ends in the reported unit; `None` where that side has no end.
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    /// The end itself lies outside: `>40` has an open lower end.
    pub low_open: bool,
    pub high_open: bool,
    pub source: RangeSource,
}

words! {
    /// Where a reference range came from: printed with this result, the
    /// clinic's own, or the catalogue's by sex.
    RangeSource { Report = "report", Clinic = "clinic", Catalogue = "catalogue" }
}

impl ReferenceRange {
    /// `10-42`, `30–149`, `7～23`, `<150`, `>=40`; unreadable are a lone number
    /// and a range that ends before it begins.
    pub fn parse(text: &str, source: RangeSource) -> Result<ReferenceRange, QuantityError> {
        let dash = |c: char| matches!(c, '-' | '–' | '—' | '－' | '−' | '~' | '～' | '〜');
        if let Some((low, high)) = text.split_once(dash) {
            let end = |text: &str| match Quantity::parse(text)? {
                q if q.comparator == Comparator::Equal => Ok(q.number),
                _ => Err(QuantityError::Unreadable),
            };
            let (low, high) = (end(low)?, end(high)?);
            if low > high {
                return Err(QuantityError::Unreadable);
            }
            return Ok(Self::between(Some(low), Some(high), source));
        }
        let end = Quantity::parse(text)?;
        let number = Some(end.number);
        let range = match end.comparator {
            Comparator::Equal => return Err(QuantityError::Unreadable),
            Comparator::Below | Comparator::AtMost => Self::between(None, number, source),
            Comparator::Above | Comparator::AtLeast => Self::between(number, None, source),
        };
        Ok(ReferenceRange {
            low_open: end.comparator == Comparator::Above,
            high_open: end.comparator == Comparator::Below,
            ..range
        })
    }

    /// Both ends lie inside.
    pub fn between(low: Option<Decimal>, high: Option<Decimal>, source: RangeSource) -> Self {
        ReferenceRange {
            low,
            high,
            low_open: false,
            high_open: false,
            source,
        }
    }

    /// Reads back with [`ReferenceRange::parse`]. Empty without any end.
    pub fn text(&self) -> String {
        let low_sign = if self.low_open { ">" } else { ">=" };
        let high_sign = if self.high_open { "<" } else { "<=" };
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{low}-{high}"),
            (Some(low), None) => format!("{low_sign}{low}"),
            (None, Some(high)) => format!("{high_sign}{high}"),
            (None, None) => String::new(),
        }
    }

    fn too_high(&self, q: &Quantity) -> Truth {
        match self.high {
            Some(high) if self.high_open => q.at_least(high),
            Some(high) => q.above(high),
            None => Truth::No,
        }
    }

    fn too_low(&self, q: &Quantity) -> Truth {
        match self.low {
            Some(low) if self.low_open => q.at_most(low),
            Some(low) => q.below(low),
            None => Truth::No,
        }
    }
}

// --- What can be said of one result ---------------------------------------

/// How a result stands to its range and to the catalogue's critical limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Beyond the lower critical limit.
    LowLow,
    Low,
    Within,
    High,
    /// Beyond the upper critical limit.
    HighHigh,
    /// No value, no range, or a comparator that leaves it open. Not "normal".
    NotJudged,
}

impl Flag {
    /// As a report prints it: `LL`, `L`, nothing, `H`, `HH`; `?` where not judged.
    pub fn letters(self) -> &'static str {
        match self {
            Flag::LowLow => "LL",
            Flag::Low => "L",
            Flag::Within => "",
            Flag::High => "H",
            Flag::HighHigh => "HH",
            Flag::NotJudged => "?",
        }
    }
}

/// Where the result stands.
///
/// HH and LL come from the catalogue's critical limits alone: where it has
/// none, no call-out value is known and none is made up. They need no range,
/// since ALT 900 is a call-out on any report; everything milder does.
pub fn judge(observation: &Observation, analyte: &Analyte) -> Flag {
    if let (Some(canonical), Some(critical)) = (observation.in_canonical(), &analyte.critical) {
        if critical.crossed_above(&canonical).is_yes() {
            return Flag::HighHigh;
        }
        if critical.crossed_below(&canonical).is_yes() {
            return Flag::LowLow;
        }
    }
    let (Some(quantity), Some(range)) = (observation.quantity(), &observation.range) else {
        return Flag::NotJudged;
    };
    if range.low.is_none() && range.high.is_none() {
        return Flag::NotJudged;
    }
    match (range.too_low(quantity), range.too_high(quantity)) {
        (_, Truth::Yes) => Flag::High,
        (Truth::Yes, _) => Flag::Low,
        (Truth::No, Truth::No) => Flag::Within,
        _ => Flag::NotJudged,
    }
}

/// How many times the upper end of its range, to one decimal, for display
/// only: rules compare with [`above_times_upper`]. `None` without an exact
/// value or an upper end.
pub fn times_upper(observation: &Observation) -> Option<Decimal> {
    let quantity = observation.quantity()?;
    if quantity.comparator != Comparator::Equal {
        return None;
    }
    let times = quantity.number.checked_div(upper(observation)?)?;
    Some(times.round_dp(1))
}

/// Is the value more than `times` the upper end of its range? Exact, and
/// undecidable without a range.
pub fn above_times_upper(observation: &Observation, times: Decimal) -> Truth {
    let limit = upper(observation).and_then(|upper| upper.checked_mul(times));
    match (observation.quantity(), limit) {
        (Some(quantity), Some(limit)) => quantity.above(limit),
        _ => Truth::Undecidable,
    }
}

fn upper(observation: &Observation) -> Option<Decimal> {
    observation.range?.high.filter(|high| !high.is_zero())
}

/// Per cent of the patient's own baseline, no decimals; both exact values of
/// one analyte.
pub fn percent_of(observation: &Observation, baseline: &Observation) -> Option<Decimal> {
    let (now, then) = both(observation, baseline)?;
    let percent = now.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(then)?;
    Some(percent.round_dp(0))
}

/// Difference from an earlier value in the canonical unit; both exact values
/// of one analyte.
pub fn change(observation: &Observation, previous: &Observation) -> Option<Decimal> {
    let (now, then) = both(observation, previous)?;
    now.checked_sub(then)
}

fn both(a: &Observation, b: &Observation) -> Option<(Decimal, Decimal)> {
    if a.analyte != b.analyte {
        return None;
    }
    Some((a.exact()?, b.exact()?))
}
