//! Blood: the baseline, the first on treatment, the interval after that, sooner
//! after a raised dose, and again after a stop for a value that stood out.

use super::{
    Due, Missing, Why, begun, cannot_tell, days, last_plan, line, never, planned, plus, setting,
};
use crate::domain::answer::{Absence, Phase};
use crate::domain::course::Treatment;
use crate::domain::protocol::Level;
use crate::domain::record::{Record, Visit, decisions, ended};
use crate::domain::series::{PENDING_DAYS, last_draw, last_pending, last_result};
use crate::domain::situation::Settings;
use chrono::NaiveDate;

/// Days before the first capsule within which blood counts as the baseline.
pub fn baseline_age(settings: &Settings) -> Option<i64> {
    days(settings, setting::BASELINE)
}

/// The first day on which blood counts as this course's own baseline.
fn baseline_from(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    let start = t.first_dose_on.or_else(|| begun(record, t))?;
    let age = baseline_age(settings)?;
    start.checked_sub_signed(chrono::Duration::days(age))
}

/// `drawn`, unless it is from before this course.
fn of_course(
    drawn: Option<NaiveDate>,
    record: &Record,
    t: &Treatment,
    settings: &Settings,
) -> Option<NaiveDate> {
    let from = baseline_from(record, t, settings);
    drawn.filter(|day| from.is_none_or(|from| *day >= from))
}

/// Day of the last draw for this course, up to `until`.
pub fn last_of_course(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    until: NaiveDate,
) -> Option<NaiveDate> {
    of_course(last_draw(record, until), record, t, settings)
}

/// Next blood: the interval after the last draw, or sooner after a raised dose;
/// a day set by a decision stands until blood was drawn after it. After the
/// course it stands until a visit has judged that draw and set no new day.
pub fn blood(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    let result = of_course(last_result(record, today), record, t, settings);
    let pending = of_course(last_pending(record, today), record, t, settings);
    let computed = computed_blood(record, t, settings, result);
    let (last, computed) = match pending.filter(|day| Some(*day) > result) {
        None => (result, computed),
        Some(sent) => {
            let with = computed_blood(record, t, settings, Some(sent));
            (Some(sent), not_back(sent, with, computed))
        }
    };
    let after = t.phase == Phase::After;
    let set = last_plan(record, t).and_then(|(day, plan)| {
        let next = plan
            .next_blood
            .filter(|_| after || last.is_none_or(|l| l <= day))?;
        (computed.day() != Some(next)).then(|| planned(day, next))
    });
    match set {
        // The day was set for blood whose results then never came.
        Some(set) if pending > result && computed.day().is_some_and(|d| Some(d) < set.day()) => {
            computed
        }
        Some(set) => set,
        None => computed,
    }
}

/// What is due while results are awaited: what would be with them, but no later
/// than when a draw without results stops counting.
fn not_back(sent: NaiveDate, with: Due, without: Due) -> Due {
    let (Some(with_day), Some(without_day)) = (with.day(), without.day()) else {
        return with;
    };
    let waited = plus(sent, PENDING_DAYS + 1, Why::Awaited);
    let without = match waited.day() {
        Some(day) if day > without_day => waited,
        _ => without,
    };
    if without.day().is_some_and(|day| day < with_day) {
        without
    } else {
        with
    }
}

fn computed_blood(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    last: Option<NaiveDate>,
) -> Due {
    match (t.phase, last) {
        (Phase::After, _) => recheck(record, t, settings),
        (_, None) => never(record, t),
        // Before the start the same sum that holds from the first capsule on.
        (_, Some(last)) => after_draw(record, t, settings, last),
    }
}

fn after_draw(record: &Record, t: &Treatment, settings: &Settings, last: NaiveDate) -> Due {
    let Some(interval) = days(settings, setting::BLOOD) else {
        return cannot_tell(Missing::Interval);
    };
    let raised = last_increase(record, t).filter(|day| last <= *day);
    let raised = raised.zip(days(settings, setting::BLOOD_AFTER_INCREASE));
    let sums = [
        Some(plus(last, interval, Why::LastDraw)),
        first(t, settings, last),
        raised.map(|(day, n)| plus(day, n, Why::Increase)),
    ];
    let sums = sums.into_iter().flatten();
    sums.min_by_key(Due::day)
        .unwrap_or(cannot_tell(Missing::Interval))
}

/// The first blood on treatment, where none was drawn late enough after the
/// first capsule. Of a course begun elsewhere it was theirs to draw.
fn first(t: &Treatment, settings: &Settings, last: NaiveDate) -> Option<Due> {
    let start = t.first_dose_on.filter(|_| !t.course.transferred)?;
    let from = days(settings, setting::BLOOD_FIRST_FROM)?;
    let late_enough = (last - start).num_days() >= from;
    let by = days(settings, setting::BLOOD_FIRST).filter(|_| !late_enough)?;
    Some(plus(start, by, Why::FirstDose))
}

/// Blood after a course that ended while a value stood out: due until a visit
/// has seen a later draw without such a value, or the draw was declined.
fn recheck(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    let course = t.course.course;
    let Some((end, _)) = ended(record, course) else {
        return Due::NotNeeded;
    };
    let Some(n) = days(settings, setting::BLOOD_RECHECK) else {
        return cannot_tell(Missing::Interval);
    };
    let mut since = None;
    for visit in record.signed(course).into_iter().filter(|v| v.day() >= end) {
        if declined_draw(visit) {
            return Due::NotNeeded;
        }
        let judged = last_result(record, visit.day()).is_some_and(|day| Some(day) > since);
        match stands_out(visit) {
            true => since = Some(visit.day()),
            false if judged => since = None,
            false => {}
        }
    }
    since.map_or(Due::NotNeeded, |day| plus(day, n, Why::Recheck))
}

/// Whether a value raised a loud alert that stood when the visit was signed.
fn stands_out(visit: &Visit) -> bool {
    let loud = |level: &str| Level::from_word(level) >= Some(Level::Warning);
    let frozen = visit.signed.iter().flat_map(|signed| &signed.alerts);
    frozen
        .filter(|alert| alert.item == line::VALUES && alert.settled.is_none())
        .any(|alert| loud(&alert.level))
}

/// Whether blood was asked for at a visit and the patient declined.
pub(super) fn declined_draw(visit: &Visit) -> bool {
    let said = visit.answer(line::DRAW);
    said.is_some_and(|said| said.absence() == Some(Absence::Declined))
}

/// The day the daily dose was last raised.
pub fn last_increase(record: &Record, t: &Treatment) -> Option<NaiveDate> {
    let mut dose = t.course.mg_per_day;
    let mut raised = None;
    for (day, plan) in decisions(record, t.course.course) {
        if let Some(mg) = plan.average() {
            if dose.is_some_and(|d| mg > d) {
                raised = Some(day);
            }
            dose = Some(mg);
        }
    }
    raised
}
