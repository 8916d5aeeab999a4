//! Pregnancy tests: before the start, monthly, at the stop, after it, and at the
//! end of the window of contraception. Whether a patient can become pregnant is
//! asked; unknown counts as yes.

use super::after::contraception_end;
use super::{Due, Missing, Sum, Why, cannot_tell, days, line, never, plus, setting};
use crate::domain::answer::{Absence, Answer, Phase, TestResult};
use crate::domain::course::Treatment;
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use chrono::{Duration, NaiveDate};

/// Day of the last pregnancy test that says negative or positive, up to `until`.
pub fn last_test(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    let days = record.facts().filter_map(|said| match said.answer {
        Answer::Test(test)
            if matches!(test.result, TestResult::Negative | TestResult::Positive) =>
        {
            test.done_on
        }
        _ => None,
    });
    days.filter(|day| *day <= until).max()
}

/// Day of the last signed visit at which the test was declined.
fn last_declined(record: &Record) -> Option<NaiveDate> {
    let declined = |answer: &Answer| answer.absence() == Some(Absence::Declined);
    let signed = record.visits().iter().filter(|v| v.closed().is_some());
    signed
        .filter(|visit| visit.answer(line::TEST).is_some_and(declined))
        .map(|visit| visit.day())
        .max()
}

/// Next pregnancy test: before the start as long as a negative one is valid,
/// monthly on treatment, on the day of the stop, and once after the last capsule.
pub fn test(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    if !record.can_become_pregnant() {
        return Due::NotNeeded;
    }
    let last = last_test(record, today);
    let interval = match t.phase {
        Phase::Before => setting::TEST_VALID,
        Phase::On | Phase::Paused => setting::TEST,
        Phase::After => return after(record, t, settings, last),
    };
    match (last, days(settings, interval)) {
        (_, None) => cannot_tell(Missing::Interval),
        (Some(last), Some(n)) => plus(last, n, Why::LastTest),
        (None, Some(_)) => never(record, t),
    }
}

/// The test asked for first, be it the next or the one that closes the window.
pub fn any_test(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    let next = test(record, t, settings, today);
    let end = end_test(record, t, settings, today);
    match (next.day(), end.day()) {
        (_, None) if next != Due::NotNeeded => next,
        (None, _) => end,
        (Some(a), Some(b)) if a <= b => next,
        _ => end,
    }
}

/// At the stop, then the label's days after the last capsule.
fn after(record: &Record, t: &Treatment, settings: &Settings, last: Option<NaiveDate>) -> Due {
    let Some(dose) = t.last_dose_on else {
        return cannot_tell(Missing::LastDose);
    };
    let numbers = days(settings, setting::TEST_VALID).zip(days(settings, setting::TEST_AFTER_STOP));
    let Some((valid, n)) = numbers else {
        return cannot_tell(Missing::Interval);
    };
    let settled = last.max(last_declined(record));
    let since = |days: i64| settled.is_some_and(|day| (day - dose).num_days() >= days);
    if since(n) {
        Due::NotNeeded
    } else if since(-valid) {
        plus(dose, n, Why::LastDose)
    } else {
        plus(dose, 0, Why::AtStop)
    }
}

/// The test that closes the window of contraception, on its last day. Where the
/// window is no longer than the label's month, the test after it is this one.
pub fn end_test(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    if t.phase != Phase::After || !record.can_become_pregnant() {
        return Due::NotNeeded;
    }
    let Some(dose) = t.last_dose_on else {
        return cannot_tell(Missing::LastDose);
    };
    let numbers = days(settings, setting::TEST_VALID).zip(days(settings, setting::TEST_AFTER_STOP));
    let (Some((valid, n)), Some(end)) = (numbers, contraception_end(dose, settings)) else {
        return cannot_tell(Missing::Interval);
    };
    let days = (end - dose).num_days();
    let counts_from = end - Duration::days(valid);
    let settled = last_test(record, today).max(last_declined(record));
    if days <= n + valid || settled.is_some_and(|day| day >= counts_from) {
        return Due::NotNeeded;
    }
    Due::On(Sum {
        from: dose,
        days,
        on: end,
        why: Why::WindowEnd,
        until: None,
    })
}
