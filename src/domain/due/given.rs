//! What must be on file: consent, a guardian's consent, a weight not too old.

use super::{Due, Missing, Why, cannot_tell, days, line, never, plus, setting};
use crate::domain::answer::Phase;
use crate::domain::course::Treatment;
use crate::domain::date::birthday;
use crate::domain::record::{Record, Visit};
use crate::domain::situation::Settings;
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

/// A signed consent to this course.
pub fn consent(record: &Record, t: &Treatment) -> Due {
    match record.consented(t.course.course) {
        _ if t.phase == Phase::After => Due::NotNeeded,
        Some(true) => Due::NotNeeded,
        _ => never(record, t),
    }
}

/// A guardian's consent to this course, until the patient is of age.
pub fn guardian(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    if t.phase == Phase::After || guardian_agreed(record, t) {
        return Due::NotNeeded;
    }
    let never = never(record, t);
    match (record.identity(), of_age(record, settings)) {
        (None, _) | (_, None) => cannot_tell(Missing::Interval),
        // Of age when the course was entered: never needed.
        (_, of_age) if never.day() >= of_age => Due::NotNeeded,
        (_, of_age) => never.before(of_age),
    }
}

/// What was last said of it in a visit of this course.
fn guardian_agreed(record: &Record, t: &Treatment) -> bool {
    let of_course = |v: &&Visit| v.opening.course == t.course.course && v.void.is_none();
    let visits = record.visits().iter().rev().filter(of_course);
    let said = visits.filter_map(|visit| visit.answer(line::GUARDIAN)?.code());
    said.into_iter().next().is_some_and(|code| code != 0)
}

/// The day from which the patient needs no guardian.
pub fn of_age(record: &Record, settings: &Settings) -> Option<NaiveDate> {
    let years = settings.get(setting::ADULT)?.to_i32()?;
    Some(birthday(record.identity()?.birth_date, years))
}

/// A body weight: for the dose before the start, again after an interval, which
/// is shorter under age. After the course nothing is dosed.
pub fn weight(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    if t.phase == Phase::After {
        return Due::NotNeeded;
    }
    let Some((_, last)) = record.weight() else {
        return never(record, t);
    };
    let (adult, minor) = (setting::WEIGHT_ADULT, setting::WEIGHT_MINOR);
    let Some((adult, minor)) = days(settings, adult).zip(days(settings, minor)) else {
        return cannot_tell(Missing::Interval);
    };
    let young = plus(last, minor, Why::LastWeight);
    match of_age(record, settings) {
        // Who comes of age before the short interval is over has the long one.
        Some(of_age) if young.day() >= Some(of_age) => plus(last, adult, Why::LastWeight),
        _ => young,
    }
}
