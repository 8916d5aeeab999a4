//! What is due and when: each day with the sum that gives it.
//!
//! [`due`] is the whole answer for one day. Each need gives a [`Due`], which says
//! the same on every day, so that it can be kept beside the record; what it means
//! on a day is its [`State`].

mod after;
mod blood;
mod given;
mod pregnancy;
mod project;
mod propose;
mod test;
mod visit;

pub use after::{Closing, Window, last_capsule, watched_until, window, windows, windows_end};
pub use blood::{baseline_age, blood, last_increase, last_of_course};
pub use given::{consent, guardian, of_age, weight};
pub use pregnancy::{Path, outcome, path};
pub use project::project;
pub use propose::{Proposal, propose};
pub use test::{any_test, end_test, last_test, test};
pub use visit::visit;

use super::answer::{Phase, Plan, words};
use super::course::Treatment;
use super::line::When;
use super::record::{Record, decisions};
use super::situation::Settings;
use chrono::{Days, NaiveDate};
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// Names of the settings the sums use; a test holds the protocol to them.
pub mod setting {
    pub const VISIT: &str = "visit_interval_days";
    pub const AFTER_VISIT: &str = "after_visit_interval_days";
    pub const SOON: &str = "due_soon_days";
    pub const BLOOD: &str = "lab_interval_days";
    pub const BLOOD_FIRST_FROM: &str = "lab_first_from_days";
    pub const BLOOD_FIRST: &str = "lab_first_days";
    pub const BLOOD_AFTER_INCREASE: &str = "lab_after_increase_days";
    pub const BLOOD_RECHECK: &str = "lab_recheck_days";
    pub const BASELINE: &str = "lab_max_age_days";
    pub const TEST: &str = "preg_test_interval_days";
    pub const TEST_VALID: &str = "preg_test_valid_days";
    pub const TEST_AFTER_STOP: &str = "preg_test_after_stop_days";
    pub const CONTRACEPTION: &str = "contraception_after_months";
    pub const MALE_CONTRACEPTION: &str = "male_contraception_after_months";
    pub const DONATION: &str = "blood_donation_after_months";
    pub const WAX: &str = "wax_after_months";
    pub const ABLATIVE: &str = "ablative_after_months";
    pub const SUPPLY: &str = "max_days_supply";
    pub const ADULT: &str = "adult_age_years";
    pub const WEIGHT_ADULT: &str = "weight_adult_days";
    pub const WEIGHT_MINOR: &str = "weight_minor_days";
    pub const POTENTIAL_REVIEW: &str = "potential_review_days";

    /// All of them.
    pub const ALL: &[&str] = &[
        VISIT,
        AFTER_VISIT,
        SOON,
        BLOOD,
        BLOOD_FIRST_FROM,
        BLOOD_FIRST,
        BLOOD_AFTER_INCREASE,
        BLOOD_RECHECK,
        BASELINE,
        TEST,
        TEST_VALID,
        TEST_AFTER_STOP,
        CONTRACEPTION,
        MALE_CONTRACEPTION,
        DONATION,
        WAX,
        ABLATIVE,
        SUPPLY,
        ADULT,
        WEIGHT_ADULT,
        WEIGHT_MINOR,
        POTENTIAL_REVIEW,
    ];
}

/// Names of lines the sums look at; a test holds the protocol to them.
pub mod line {
    /// Asks for a draw.
    pub const DRAW: &str = "lab.sample";
    /// Shows what was measured.
    pub const VALUES: &str = "lab.panel";
    pub const TEST: &str = "preg.test";
    pub const OUTCOME: &str = "preg.outcome";
    pub const GUARDIAN: &str = "ident.minor";

    /// All of them.
    pub const ALL: &[&str] = &[DRAW, VALUES, TEST, OUTCOME, GUARDIAN];
}

words! {
    /// What can be due.
    Need {
        /// What became of a pregnancy after a positive test.
        Outcome = "outcome",
        Visit = "visit",
        Blood = "blood",
        /// A pregnancy test: before, monthly, at the stop and after it.
        Test = "test",
        /// The one that closes the window of contraception.
        EndTest = "end_test",
        Consent = "consent",
        Guardian = "guardian",
        Weight = "weight",
    }
}

/// How urgent something is on a day, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    NotNeeded,
    NotDue,
    /// Its day is near.
    Soon,
    /// Its day is this day.
    Due,
    Overdue,
    /// Something the sum needs is missing: it stands first, never last.
    CannotTell,
}

/// Why a day is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Never done: due from the day it was first needed.
    Never,
    LastDraw,
    /// Results were asked for and have not come.
    Awaited,
    FirstDose,
    Increase,
    /// The course was stopped while a value stood out.
    Recheck,
    LastVisit,
    LastTest,
    LastDose,
    /// No test on the day the course ended.
    AtStop,
    /// The last day of the window of contraception.
    WindowEnd,
    LastWeight,
    /// A test was positive, and no outcome is recorded.
    Positive,
    /// Set at the last visit.
    Planned,
}

/// A day and the sum that gives it: `from` + `days` = `on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub from: NaiveDate,
    pub days: i64,
    pub on: NaiveDate,
    pub why: Why,
    /// From this day on it is no longer needed, done or not.
    pub until: Option<NaiveDate>,
}

/// Why nothing can be told, and from which day on it need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold {
    pub missing: Missing,
    pub until: Option<NaiveDate>,
}

/// What is missing where nothing can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The patient stopped coming.
    StoppedComing,
    /// No day to count from.
    Start,
    /// The day of the last capsule.
    LastDose,
    /// The protocol has no such interval, or the day is past the calendar.
    Interval,
}

/// Whether something is due, whatever day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    NotNeeded,
    CannotTell(Untold),
    On(Sum),
}

/// One thing and how it stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueLine {
    pub need: Need,
    pub state: State,
    pub due: Due,
}

impl Due {
    /// The day, where there is one.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::On(sum) => Some(sum.on),
            _ => None,
        }
    }

    /// Days past the day; negative before it.
    pub fn over(&self, on: NaiveDate) -> Option<i64> {
        self.day().map(|day| (on - day).num_days())
    }

    /// From which day on it is no longer needed, done or not.
    pub fn until(&self) -> Option<NaiveDate> {
        match self {
            Self::NotNeeded => None,
            Self::CannotTell(untold) => untold.until,
            Self::On(sum) => sum.until,
        }
    }

    /// The same, needed only before `until`.
    fn before(mut self, until: Option<NaiveDate>) -> Self {
        match &mut self {
            Self::NotNeeded => {}
            Self::CannotTell(untold) => untold.until = until,
            Self::On(sum) => sum.until = until,
        }
        self
    }

    /// How it stands on a day; what is due within `soon` days is near.
    pub fn state(&self, on: NaiveDate, soon: i64) -> State {
        State::of(self.into(), self.until(), on, soon)
    }
}

impl State {
    /// What a day comes to on another: the one rule, for the record as for the
    /// row that is kept of it.
    pub fn of(when: When, until: Option<NaiveDate>, on: NaiveDate, soon: i64) -> Self {
        if until.is_some_and(|until| on >= until) {
            return Self::NotNeeded;
        }
        match when {
            When::NotNeeded => Self::NotNeeded,
            When::CannotTell => Self::CannotTell,
            When::On(day) => match (day - on).num_days() {
                left if left < 0 => Self::Overdue,
                0 => Self::Due,
                left if left <= soon => Self::Soon,
                _ => Self::NotDue,
            },
        }
    }
}

/// Everything that may be due on a day, in the order of [`Need`]; nothing where
/// no course was begun.
pub fn due(settings: &Settings, record: &Record, on: NaiveDate) -> Vec<DueLine> {
    let Some(t) = Treatment::on(record, on) else {
        return Vec::new();
    };
    let soon = soon(settings);
    let line = |need: &Need| {
        let due = of(*need, record, &t, settings, on);
        let state = due.state(on, soon);
        DueLine {
            need: *need,
            state,
            due,
        }
    };
    Need::ALL.iter().map(line).collect()
}

/// One of them.
pub fn of(need: Need, record: &Record, t: &Treatment, settings: &Settings, on: NaiveDate) -> Due {
    match need {
        Need::Outcome => outcome(record),
        Need::Visit => visit(record, t, settings),
        Need::Blood => blood(record, t, settings, on),
        Need::Test => test(record, t, settings, on),
        Need::EndTest => end_test(record, t, settings, on),
        Need::Consent => consent(record, t),
        Need::Guardian => guardian(record, t, settings),
        Need::Weight => weight(record, t, settings),
    }
}

/// Days before its day from which something is near.
pub fn soon(settings: &Settings) -> i64 {
    days(settings, setting::SOON).unwrap_or(0)
}

/// Whether what is due is due at a visit on `today`: its day falls before the
/// next visit.
pub fn at_visit(due: &Due, today: NaiveDate, settings: &Settings) -> Option<bool> {
    if due.until().is_some_and(|until| today >= until) {
        return Some(false);
    }
    match due {
        Due::NotNeeded => Some(false),
        Due::CannotTell(_) => None,
        Due::On(sum) => Some(sum.on <= before_next(today, settings)?),
    }
}

/// The last day before the visit that follows one on `day`, by the usual interval.
pub fn before_next(day: NaiveDate, settings: &Settings) -> Option<NaiveDate> {
    let next = day.checked_add_days(Days::new(days(settings, setting::VISIT)?.max(0) as u64))?;
    next.pred_opt()
}

/// What is due at a visit on `today`; what cannot be told counts as due.
pub fn at_hand(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    today: NaiveDate,
) -> BTreeSet<Need> {
    let due = |need: &Need| {
        let due = of(*need, record, t, settings, today);
        at_visit(&due, today, settings) != Some(false)
    };
    Need::ALL.iter().copied().filter(due).collect()
}

fn days(settings: &Settings, name: &str) -> Option<i64> {
    settings.get(name)?.to_i64()
}

fn plus(from: NaiveDate, days: i64, why: Why) -> Due {
    match from.checked_add_signed(chrono::Duration::days(days)) {
        Some(on) => Due::On(Sum {
            from,
            days,
            on,
            why,
            until: None,
        }),
        None => cannot_tell(Missing::Interval),
    }
}

fn cannot_tell(missing: Missing) -> Due {
    Due::CannotTell(Untold {
        missing,
        until: None,
    })
}

fn planned(from: NaiveDate, on: NaiveDate) -> Due {
    Due::On(Sum {
        from,
        days: (on - from).num_days(),
        on,
        why: Why::Planned,
        until: None,
    })
}

/// Never done: due from the day the course was entered, or where it began here
/// before that, from the first capsule. Of a course begun elsewhere nobody here
/// could have done it sooner.
fn never(record: &Record, t: &Treatment) -> Due {
    let begun = begun(record, t);
    let own = t.phase != Phase::Before && !t.course.transferred;
    let first = t.first_dose_on.filter(|_| own);
    match first.into_iter().chain(begun).min() {
        Some(day) => plus(day, 0, Why::Never),
        None => cannot_tell(Missing::Start),
    }
}

/// The day the course was entered.
fn begun(record: &Record, t: &Treatment) -> Option<NaiveDate> {
    let entered = record.entered(t.course.course)?;
    Some(entered.at.date_naive())
}

/// The last decision of the course and its day.
fn last_plan<'a>(record: &'a Record, t: &Treatment) -> Option<(NaiveDate, &'a Plan)> {
    decisions(record, t.course.course).into_iter().next_back()
}
