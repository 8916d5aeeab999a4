//! A patient's row in the lists: what must be found without reading every record.
//!
//! It holds days, never states, so that midnight changes nothing in the file;
//! what a day means today is worked out where it is shown.

use super::answer::{Phase, Sex};
use super::due::{Due, Need, State};
use super::id::PatientId;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// When something is due: the day, or that it cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    NotNeeded,
    CannotTell,
    On(NaiveDate),
}

impl When {
    /// The day, where there is one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            _ => None,
        }
    }
}

impl From<&Due> for When {
    fn from(due: &Due) -> Self {
        match due {
            Due::NotNeeded => Self::NotNeeded,
            Due::CannotTell(_) => Self::CannotTell,
            Due::On(sum) => Self::On(sum.on),
        }
    }
}

/// One patient's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub patient: PatientId,
    pub chart_number: String,
    pub name: String,
    pub kana: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    /// None where no course was begun.
    pub phase: Option<Phase>,
    pub mg_per_day: Option<Decimal>,
    pub first_dose_on: Option<NaiveDate>,
    pub last_dose_on: Option<NaiveDate>,
    pub outcome_due: When,
    pub visit_due: When,
    /// From this day on nobody needs to come any more.
    pub visit_until: Option<NaiveDate>,
    pub blood_due: When,
    pub test_due: When,
    pub end_test_due: When,
    pub consent_due: When,
    pub guardian_due: When,
    /// The day the patient is of age, where a guardian's consent is missing.
    pub guardian_until: Option<NaiveDate>,
    pub weight_due: When,
    /// Last day of the contraception window after the last dose.
    pub window_until: Option<NaiveDate>,
    /// Last day of the window that closes last.
    pub watch_until: Option<NaiveDate>,
    /// Day of the visit that is still open.
    pub draft: Option<NaiveDate>,
    pub last_visit: Option<NaiveDate>,
    /// The oldest draw that still waits for a result.
    pub awaiting: Option<NaiveDate>,
    /// The day last missed since the patient was seen, the attempts to reach her
    /// since then, and the day of the last of them.
    pub missed_on: Option<NaiveDate>,
    pub attempts: u32,
    pub tried_on: Option<NaiveDate>,
    /// Left out of the lists before this day.
    pub back_on: Option<NaiveDate>,
    /// Draws a laboratory sent that nobody has looked at.
    pub unseen: u32,
    /// Those of them with a critical value.
    pub critical: u32,
    /// Values that signed visits rested on and that those draws correct.
    pub corrected: u32,
}

impl Line {
    /// When something is due, and the day from which it is no longer needed.
    pub fn when(&self, need: Need) -> (When, Option<NaiveDate>) {
        match need {
            Need::Outcome => (self.outcome_due, None),
            Need::Visit => (self.visit_due, self.visit_until),
            Need::Blood => (self.blood_due, None),
            Need::Test => (self.test_due, None),
            Need::EndTest => (self.end_test_due, None),
            Need::Consent => (self.consent_due, None),
            Need::Guardian => (self.guardian_due, self.guardian_until),
            Need::Weight => (self.weight_due, None),
        }
    }

    /// How it stands on a day: what [`Due::state`] says of the record.
    pub fn state(&self, need: Need, on: NaiveDate, soon: i64) -> State {
        let (when, until) = self.when(need);
        State::of(when, until, on, soon)
    }
}

/// What is kept beside one patient's facts: rebuildable from them at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// Folded prefixes under which the patient is found.
    pub keys: BTreeSet<String>,
    /// The chart number folded: unique among all patients.
    pub chart_key: String,
    pub line: Line,
    /// The settings the days were worked out under.
    pub settings: super::change::Hash,
}
