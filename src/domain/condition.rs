//! When a line is asked and when a rule fires: a small language of facts.
//!
//! ```toml
//! when = { all = [ { item = { id = "dry.lips", at_least = 2 } }, { age = { below = 18 } } ] }
//! ```

mod holds;

use super::answer::{Absence, Action, Can, Intake, ItemId, Phase, Sex, TestResult, VisitKind};
use super::change::Mode;
use super::due::Need;
use super::observation::{AnalyteId, Fasting};
use rust_decimal::Decimal;
use serde::Deserialize;

/// A number written in the protocol, or the name of a setting that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// An exact decimal: `3`, or in quotes `"300.1"`.
    Number(Decimal),
    /// A setting's name.
    Setting(String),
}

/// Bounds of a number; all that are given must hold, none given is always so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    pub above: Option<Amount>,
    pub at_least: Option<Amount>,
    pub below: Option<Amount>,
    pub at_most: Option<Amount>,
}

/// A fact about one patient and one visit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every one of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// Known to hold: what cannot be told counts as "not yet".
    Surely(Box<Condition>),
    /// An answer of this visit.
    Item(Box<ItemTest>),
    /// The answer of the last visit that asked.
    Last(Box<ItemTest>),
    /// The answer of the visit before that.
    Before(Box<ItemTest>),
    /// A grade higher than last time.
    WorseThanLast(WorseTest),
    /// Days since a line was last answered; never answered is longer than any.
    DaysSince(SinceTest),
    /// A result of the laboratory.
    Lab(Box<LabTest>),
    Phase(Vec<Phase>),
    Visit(Vec<VisitKind>),
    Decision(Vec<Action>),
    Sex(Vec<Sex>),
    /// `true` holds for yes and for unknown.
    CanBecomePregnant(bool),
    /// Whether somebody else is in the room.
    Companion(bool),
    /// How doctor and patient meet.
    Mode(Vec<Mode>),
    /// Whether blood is due at this visit.
    BloodDue(bool),
    /// Whether no blood result exists for this course.
    NoBloodEver(bool),
    /// Whether a pregnancy test is due at this visit.
    TestDue(bool),
    /// One of these is due at this visit.
    Due(Vec<Need>),
    /// Month of the year, both ends included; may pass the new year.
    Month(Months),
    /// Completed years.
    Age(Bounds),
    /// The day of the first capsule is day 1.
    DayOfTreatment(Bounds),
    DaysSinceLastDose(Bounds),
    DaysSinceIncrease(Bounds),
    DaysSinceBlood(Bounds),
    BloodOverdueDays(Bounds),
    WindowDaysLeft(Bounds),
    /// Milligrams a day and kilogram.
    MgPerKg(Bounds),
    CumulativeMgPerKg(Bounds),
    SupplyDays(Bounds),
    /// Days the supply lasts past the next visit; negative when it ends before.
    SupplyPastNextVisit(Bounds),
    WeightChangePercent(Bounds),
    MissedPercent(Bounds),
}

impl Condition {
    /// The word the protocol uses for a measured or a known fact.
    pub fn name(&self) -> &'static str {
        match self {
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::Surely(_) => "surely",
            Self::Item(_) => "item",
            Self::Last(_) => "last",
            Self::Before(_) => "before",
            Self::WorseThanLast(_) => "worse_than_last",
            Self::DaysSince(_) => "days_since",
            Self::Lab(_) => "lab",
            Self::Phase(_) => "phase",
            Self::Visit(_) => "visit",
            Self::Decision(_) => "decision",
            Self::Sex(_) => "sex",
            Self::CanBecomePregnant(_) => "can_become_pregnant",
            Self::Companion(_) => "companion",
            Self::Mode(_) => "mode",
            Self::BloodDue(_) => "blood_due",
            Self::NoBloodEver(_) => "no_blood_ever",
            Self::TestDue(_) => "test_due",
            Self::Due(_) => "due",
            Self::Month(_) => "month",
            Self::Age(_) => "age",
            Self::DayOfTreatment(_) => "day_of_treatment",
            Self::DaysSinceLastDose(_) => "days_since_last_dose",
            Self::DaysSinceIncrease(_) => "days_since_increase",
            Self::DaysSinceBlood(_) => "days_since_blood",
            Self::BloodOverdueDays(_) => "blood_overdue_days",
            Self::WindowDaysLeft(_) => "window_days_left",
            Self::MgPerKg(_) => "mg_per_kg",
            Self::CumulativeMgPerKg(_) => "cumulative_mg_per_kg",
            Self::SupplyDays(_) => "supply_days",
            Self::SupplyPastNextVisit(_) => "supply_past_next_visit",
            Self::WeightChangePercent(_) => "weight_change_percent",
            Self::MissedPercent(_) => "missed_percent",
        }
    }

    /// The single facts it is made of, in order.
    pub fn parts(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::parts).collect(),
            Self::Not(part) | Self::Surely(part) => part.parts(),
            single => vec![single],
        }
    }

    /// Every number or setting it is held against.
    pub(crate) fn amounts(&self) -> Vec<Amount> {
        let of = |bounds: &Bounds| bounds.amounts().cloned().collect::<Vec<_>>();
        match self {
            Self::Item(test) | Self::Last(test) | Self::Before(test) => {
                let rest = [&test.days_ago, &test.leftover]
                    .into_iter()
                    .flatten()
                    .flat_map(of);
                of(&test.bounds()).into_iter().chain(rest).collect()
            }
            Self::DaysSince(test) => of(&test.bounds()),
            Self::Lab(test) => {
                let rest = [
                    &test.times_upper,
                    &test.percent_of_baseline,
                    &test.percent_of_previous,
                    &test.days_ago,
                ];
                of(&test.bounds())
                    .into_iter()
                    .chain(rest.into_iter().flatten().flat_map(of))
                    .collect()
            }
            Self::Month(months) => vec![months.from.clone(), months.to.clone()],
            other => other
                .measured(&Default::default())
                .map_or_else(Vec::new, |(bounds, _)| of(bounds)),
        }
    }
}

/// What is asked of one answer; everything given must hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemTest {
    pub id: ItemId,
    /// One of these codes; of several codes at once, any of these.
    pub is: Option<Vec<u8>>,
    /// A grade, number, or code at least this.
    pub at_least: Option<Amount>,
    pub at_most: Option<Amount>,
    pub above: Option<Amount>,
    pub below: Option<Amount>,
    /// `true`: several codes were asked and none applied.
    pub none: Option<bool>,
    /// `true`: nothing entered yet.
    pub unanswered: Option<bool>,
    /// Not answered, for one of these reasons.
    pub absent: Option<Vec<Absence>>,
    /// Age of a dated answer in days (test, day, weight, last dose).
    pub days_ago: Option<Bounds>,
    /// Whether the day of a dated answer is known.
    pub dated: Option<bool>,
    pub test: Option<Vec<TestResult>>,
    pub intake: Option<Vec<Intake>>,
    pub can: Option<Vec<Can>>,
    /// Whether a signed consent is on file.
    pub consent: Option<bool>,
    /// Capsules left over.
    pub leftover: Option<Bounds>,
}

/// A grade higher than last time by at least `by`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorseTest {
    pub id: ItemId,
    /// Steps; one when left out.
    #[serde(default = "one")]
    pub by: u8,
}

fn one() -> u8 {
    1
}

/// Days since a line was last answered before this visit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinceTest {
    pub id: ItemId,
    pub above: Option<Amount>,
    pub at_least: Option<Amount>,
    pub below: Option<Amount>,
    pub at_most: Option<Amount>,
    /// `true`: never answered before.
    pub never: Option<bool>,
}

/// What is asked of one laboratory result; everything given must hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabTest {
    pub analyte: AnalyteId,
    /// The unit of the four bounds; must be the catalogue's canonical one.
    pub unit: Option<String>,
    pub above: Option<Amount>,
    pub at_least: Option<Amount>,
    pub below: Option<Amount>,
    pub at_most: Option<Amount>,
    /// Multiples of the upper limit printed with the result.
    pub times_upper: Option<Bounds>,
    /// Percent of the patient's own value before treatment.
    pub percent_of_baseline: Option<Bounds>,
    /// Percent of the result before this one.
    pub percent_of_previous: Option<Bounds>,
    pub fasting: Option<Vec<Fasting>>,
    pub haemolysed: Option<bool>,
    pub lipaemic: Option<bool>,
    /// `true`: red cells hold it, so a haemolysed sample is not assessed.
    #[serde(default)]
    pub not_if_haemolysed: bool,
    /// Days from the draw to the visit.
    pub days_ago: Option<Bounds>,
    /// Milligrams a day at the draw against the present dose: `true` = lower.
    pub drawn_on_lower_dose: Option<bool>,
}

/// Months of the year, both included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Months {
    pub from: Amount,
    pub to: Amount,
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AmountReader)
    }
}

/// Reads whole numbers as they are and the others from quotes, so that no
/// number passes through binary floating point.
struct AmountReader;

impl serde::de::Visitor<'_> for AmountReader {
    type Value = Amount;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number, a decimal in quotes such as \"300.1\", or a setting's name")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount::Number(number.into()))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        if text.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Ok(Amount::Setting(text.to_owned()));
        }
        text.parse()
            .map(Amount::Number)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}
