//! A patient's row in the lists: what must be found without reading every record.
//!
//! It holds days, never states, so that midnight changes nothing in the file;
//! what a day means today is worked out where it is shown.

use super::answer::{Phase, Sex};
use super::id::PatientId;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

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
    /// Day of the next visit; none in a running course means it cannot be told.
    pub visit_due: Option<NaiveDate>,
    pub blood_due: Option<NaiveDate>,
    pub test_due: Option<NaiveDate>,
    /// Last day of the contraception window after the last dose.
    pub window_until: Option<NaiveDate>,
    /// Day of the visit that is still open.
    pub draft: Option<NaiveDate>,
    pub last_visit: Option<NaiveDate>,
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
