//! Everything a condition or a rule may look at, as plain values.
//!
//! Filled from the record for a visit, and from a rule's own examples. What is
//! not known is left out, and a condition on it is then not assessed: nothing
//! missing ever reads as "none" or "normal".

use super::answer::{Action, Answer, Can, ItemId, Phase, Sex, VisitKind};
use super::change::Mode;
use super::due::Need;
use super::observation::{AnalyteId, Fasting};
use super::quantity::Comparator;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a condition stands: what cannot be told is neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Known to be so.
    Holds,
    /// Known not to be so.
    Not,
    /// Not assessed: something it rests on is missing or unusable.
    Unknown,
}

impl Verdict {
    /// A known yes or no.
    pub fn of(known: bool) -> Self {
        if known { Self::Holds } else { Self::Not }
    }

    /// Both: one known "no" settles it.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Not, _) | (_, Self::Not) => Self::Not,
            (Self::Holds, Self::Holds) => Self::Holds,
            _ => Self::Unknown,
        }
    }

    /// Either: one known "yes" settles it.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Holds, _) | (_, Self::Holds) => Self::Holds,
            (Self::Not, Self::Not) => Self::Not,
            _ => Self::Unknown,
        }
    }

    /// The opposite; what cannot be told stays so.
    pub fn opposite(self) -> Self {
        match self {
            Self::Holds => Self::Not,
            Self::Not => Self::Holds,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The latest usable result of one analyte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabFact {
    /// How the laboratory bounds the number.
    pub comparator: Comparator,
    /// In `unit`.
    pub number: Decimal,
    /// The catalogue's canonical unit, such as `mg/dL`.
    pub unit: String,
    /// Upper end of the range printed with this result, in `unit`.
    pub upper: Option<Decimal>,
    /// Lower end of the range printed with this result, in `unit`.
    pub lower: Option<Decimal>,
    /// Whether the patient had fasted.
    pub fasting: Fasting,
    /// The sample was remarked as haemolysed.
    pub haemolysed: bool,
    /// The sample was remarked as lipaemic.
    pub lipaemic: bool,
    /// The patient's own value before the first capsule, in `unit`.
    pub baseline: Option<Decimal>,
    /// The result before this one, in `unit`.
    pub previous: Option<Decimal>,
    /// Days from the draw to the visit.
    pub days_ago: Option<i64>,
    /// Milligrams a day at the draw.
    pub dose_at_draw: Option<Decimal>,
}

/// A patient and a visit as conditions and rules see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Which walk this visit follows.
    pub visit: Option<VisitKind>,
    /// Whether the course is running.
    pub phase: Option<Phase>,
    /// Day of the visit; ages of dated answers are counted to it.
    pub held_on: Option<NaiveDate>,
    /// Completed years on that day.
    pub age: Option<u32>,
    /// As recorded.
    pub sex: Option<Sex>,
    /// As recorded; nothing recorded counts as `Unknown`, and `Unknown` as yes.
    pub can_become_pregnant: Option<Can>,
    /// Somebody else can read the screen.
    pub companion: bool,
    /// How doctor and patient meet.
    pub mode: Option<Mode>,
    /// The day of the first capsule is day 1.
    pub day_of_treatment: Option<i64>,
    /// Days from the last capsule to this visit.
    pub days_since_last_dose: Option<i64>,
    /// Days since the daily dose was last raised; none where it never was.
    pub days_since_increase: Option<i64>,
    /// Milligrams a day before this visit's decision.
    pub dose_now: Option<Decimal>,
    /// Answers given in this visit to lines that are relevant.
    pub answers: BTreeMap<ItemId, Answer>,
    /// The answer of each line at the last signed visit that asked it.
    pub last: BTreeMap<ItemId, Answer>,
    /// The one before that.
    pub before: BTreeMap<ItemId, Answer>,
    /// Days since each line was last answered before this visit, by the day of
    /// the fact where it has one (weight measured, test done). A line left out
    /// was never answered; `None` was answered on a day that is not known.
    pub days_since: BTreeMap<ItemId, Option<i64>>,
    /// Latest usable result of each analyte, today's included.
    pub labs: BTreeMap<AnalyteId, LabFact>,
    /// A later result that the laboratory calls preliminary: it may raise an
    /// alert beside those of `labs`, and quiets none.
    pub preliminary: BTreeMap<AnalyteId, LabFact>,
    /// Whether blood is due at this visit: its day falls before the next one.
    pub blood_due: Option<bool>,
    /// Days past the day blood was due; negative before it.
    pub blood_overdue_days: Option<i64>,
    /// Days since the latest draw with ALT or triglycerides on it.
    pub days_since_blood: Option<i64>,
    /// No blood result of this course at all.
    pub no_blood_ever: Option<bool>,
    /// Whether a pregnancy test is due at this visit.
    pub test_due: Option<bool>,
    /// Everything due at this visit, what was settled in it included.
    pub due: Option<BTreeSet<Need>>,
    /// Days left of the contraception window; negative when it has passed.
    pub window_days_left: Option<i64>,
    /// The decision entered in this visit.
    pub decision: Option<Action>,
    /// Milligrams a day and kilogram under today's plan, else under the present dose.
    pub mg_per_kg: Option<Decimal>,
    /// Milligrams taken so far for each kilogram, by segments.
    pub cumulative_mg_per_kg: Option<Decimal>,
    /// Days of capsules prescribed today.
    pub supply_days: Option<i64>,
    /// Days from this visit to the next.
    pub days_to_next_visit: Option<i64>,
    /// Change of weight against the last one, in percent, without its sign.
    pub weight_change_percent: Option<Decimal>,
    /// Days of capsules missed since the last visit, in percent of those planned.
    pub missed_percent: Option<Decimal>,
    /// Intervals and limits in force.
    pub settings: Settings,
}

/// The intervals and limits in force: the protocol's, or the clinic's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(Arc<BTreeMap<String, Decimal>>);

impl Settings {
    /// These values by name; shared, so that a copy costs nothing.
    pub(crate) fn new(values: BTreeMap<String, Decimal>) -> Self {
        Self(Arc::new(values))
    }

    /// The value of the setting `name`, in the unit the protocol gives it.
    pub fn get(&self, name: &str) -> Option<Decimal> {
        self.0.get(name).copied()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}
