//! What must have passed after the last capsule TAKEN: the later of calendar
//! months and 30 days each, the last day included.

use super::{begun, end_test, outcome, setting, test};
use crate::domain::answer::{CannotReason, Phase, words};
use crate::domain::course::Treatment;
use crate::domain::date::window_end;
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

words! {
    /// What waits for a window to pass.
    Window {
        Contraception = "contraception",
        Donation = "donation",
        Wax = "wax",
        /// Dermabrasion, fully ablative laser.
        Ablative = "ablative",
    }
}

/// A window and its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    pub window: Window,
    /// The last capsule.
    pub from: NaiveDate,
    pub months: u32,
    /// The last day, to its end.
    pub until: NaiveDate,
}

impl Closing {
    /// Days left; 0 on the last one and once it has passed.
    pub fn days_left(&self, on: NaiveDate) -> i64 {
        (self.until - on).num_days().max(0)
    }

    /// Whether it has passed: its last day counts to the end.
    pub fn passed(&self, on: NaiveDate) -> bool {
        on > self.until
    }
}

/// The windows that run after the last capsule, passed ones too; none during a
/// course, since nothing has begun to pass.
pub fn windows(record: &Record, t: &Treatment, settings: &Settings) -> Vec<Closing> {
    if matches!(t.phase, Phase::On | Phase::Paused) {
        return Vec::new();
    }
    let Some(from) = last_capsule(record, t) else {
        return Vec::new();
    };
    let closing = |window: &Window| {
        let months = months(*window, record, settings).filter(|n| *n > 0)?;
        let until = window_end(from, months);
        // A window that had passed when this course was entered is no news.
        let over = t.phase == Phase::Before && begun(record, t).is_some_and(|day| until < day);
        (!over).then_some(Closing {
            window: *window,
            from,
            months,
            until,
        })
    };
    Window::ALL.iter().filter_map(closing).collect()
}

fn months(window: Window, record: &Record, settings: &Settings) -> Option<u32> {
    let male = record.potential().1 == Some(CannotReason::MaleOrgans);
    let name = match window {
        Window::Contraception if record.can_become_pregnant() => setting::CONTRACEPTION,
        Window::Contraception if male => setting::MALE_CONTRACEPTION,
        Window::Contraception => return None,
        Window::Donation => setting::DONATION,
        Window::Wax => setting::WAX,
        Window::Ablative => setting::ABLATIVE,
    };
    settings.get(name)?.to_u32()
}

/// The last capsule of all courses: which day it is decides nothing of a course
/// that ended.
pub fn last_capsule(record: &Record, t: &Treatment) -> Option<NaiveDate> {
    let earlier = record
        .courses()
        .iter()
        .filter(|course| course.course != t.course.course)
        .filter_map(|course| {
            let day = record.entered(course.course)?.at.date_naive();
            Treatment::of(record, course.clone(), day).last_dose_on
        });
    earlier.chain(t.last_dose_on).max()
}

/// Last day of the window of contraception, where one runs.
pub fn window(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    let all = windows(record, t, settings);
    let found = all.iter().find(|w| w.window == Window::Contraception);
    found.map(|w| w.until)
}

/// Last day of the contraception window of a last capsule.
pub(super) fn contraception_end(dose: NaiveDate, settings: &Settings) -> Option<NaiveDate> {
    Some(window_end(
        dose,
        settings.get(setting::CONTRACEPTION)?.to_u32()?,
    ))
}

/// The last day a course that ended is watched: all windows have passed then.
/// None where nothing tells the day, or as long as a test of it or the outcome of
/// a pregnancy is missing.
pub fn watched_until(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    let missing = |due: super::Due| due != super::Due::NotNeeded;
    if missing(outcome(record))
        || missing(test(record, t, settings, NaiveDate::MAX))
        || missing(end_test(record, t, settings, NaiveDate::MAX))
    {
        return None;
    }
    windows_end(record, t, settings)
}

/// The last day of the window that closes last.
pub fn windows_end(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    let all = windows(record, t, settings);
    all.iter().map(|w| w.until).max()
}
