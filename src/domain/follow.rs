//! Who did not come: missed appointments, attempts to reach the patient, and
//! leaving somebody out of the lists for a while.

use super::answer::{Phase, words};
use super::course::Treatment;
use super::due::{self, Need};
use super::line::When;
use super::observation::Reported;
use super::record::Record;
use super::situation::Settings;
use chrono::{Days, NaiveDate};

/// The patient did not come on a day on which a visit was awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub missed_on: NaiveDate,
}

words! {
    /// How somebody tried to reach the patient.
    Means { Phone = "phone", Letter = "letter", Mail = "mail", Other = "other" }
}

words! {
    /// What came of it.
    Reached {
        /// With the patient herself.
        Spoken = "spoken",
        /// A message was left.
        Message = "message",
        NoAnswer = "no_answer",
        /// The number or the address is no longer hers.
        Returned = "returned",
    }
}

/// An attempt to reach the patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub tried_on: NaiveDate,
    pub means: Means,
    pub outcome: Reached,
    pub note: Option<String>,
}

/// The patient is left out of the lists: from `back_on` on she stands there again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snooze {
    pub back_on: NaiveDate,
    pub why: String,
}

/// One of these, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    Missed(Missed),
    Attempt(Attempt),
    Snooze(Snooze),
}

/// The longest time somebody may be left out of the lists.
pub const LONGEST_DAYS: u64 = 366;

/// Why a patient may not be left out of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The day is not after today.
    NoDay,
    TooLong,
    /// A pregnancy test falls due before that day, or it cannot be told.
    Test,
    /// A test was positive and no outcome is recorded.
    Outcome,
}

/// Whether a patient may be left out of the lists from `today` until `back_on`:
/// never past the day of a pregnancy test. Before the first capsule a test is for
/// the visit alone.
///
/// # Errors
/// Why not.
pub fn may_snooze(
    record: &Record,
    settings: &Settings,
    today: NaiveDate,
    back_on: NaiveDate,
) -> Result<(), Refused> {
    let latest = today.checked_add_days(Days::new(LONGEST_DAYS));
    if back_on <= today {
        return Err(Refused::NoDay);
    }
    if latest.is_none_or(|latest| back_on > latest) {
        return Err(Refused::TooLong);
    }
    let Some(t) = Treatment::on(record, today) else {
        return Ok(());
    };
    let stands = |need: Need| {
        let due = due::of(need, record, &t, settings, today);
        match When::from(&due) {
            When::NotNeeded => false,
            When::CannotTell => true,
            When::On(day) => day < back_on,
        }
    };
    if stands(Need::Outcome) {
        return Err(Refused::Outcome);
    }
    let tests = t.phase != Phase::Before;
    match tests && (stands(Need::Test) || stands(Need::EndTest)) {
        true => Err(Refused::Test),
        false => Ok(()),
    }
}

/// The day of the oldest draw that still waits for a result: nothing came of it
/// and of no later one, or one of its values is pending and was not given since.
pub fn awaiting(record: &Record) -> Option<NaiveDate> {
    let values: Vec<_> = record.values().collect();
    let given = |analyte: Option<&str>, day: NaiveDate| {
        values.iter().any(|(value, specimen)| {
            let of = analyte.is_none_or(|a| value.observation.analyte.0 == a);
            let given = !matches!(value.observation.reported, Reported::Pending);
            of && given && specimen.drawn_on >= day
        })
    };
    let empty = record
        .specimens()
        .map(|drawn| &drawn.specimen)
        .filter(|specimen| values.iter().all(|(_, s)| s.id != specimen.id))
        .map(|specimen| specimen.drawn_on)
        .filter(|day| !given(None, *day));
    let pending = values
        .iter()
        .filter(|(value, _)| matches!(value.observation.reported, Reported::Pending))
        .filter(|(value, s)| !given(Some(&value.observation.analyte.0), s.drawn_on))
        .map(|(_, specimen)| specimen.drawn_on);
    empty.chain(pending).min()
}
