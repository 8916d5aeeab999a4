//! The dates a decision proposes.

use super::blood::declined_draw;
use super::{Why, blood, days, plus, setting, window};
use crate::domain::answer::{Action, Phase};
use crate::domain::course::Treatment;
use crate::domain::record::Record;
use crate::domain::series::last_draw;
use crate::domain::situation::Settings;
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

/// The days a decision proposes, worked out together: supply, visit, blood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub next_visit: Option<NaiveDate>,
    pub next_blood: Option<NaiveDate>,
    /// Days prescribed.
    pub days: Option<u32>,
}

/// What `action` taken on `today` proposes. `recheck` is the shortest recheck
/// that a standing alert asks; `open` tells whether the clinic is open on a day.
///
/// The recheck is in the plan whatever is decided, and after a course it is what
/// keeps blood due until a value is normal or the draw declined. It moves the
/// visit itself only where the doctor holds back.
pub fn propose(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    today: NaiveDate,
    action: Action,
    recheck: Option<u32>,
    open: impl Fn(NaiveDate) -> bool,
) -> Proposal {
    let interval = match action {
        Action::NoPrescription if t.phase == Phase::After => days(settings, setting::AFTER_VISIT),
        _ => days(settings, setting::VISIT),
    };
    let in_days = |n: i64| today.checked_add_signed(chrono::Duration::days(n));
    let recheck = recheck.map(i64::from);
    let held_back = recheck.filter(|_| action.holds_back());
    let wanted = held_back.or(interval).and_then(in_days);
    let bounded = match window(record, t, settings) {
        Some(end) if end > today => wanted.map(|day| day.min(end)),
        _ => wanted,
    };
    let next_visit = bounded
        .filter(|_| action != Action::LostToFollowUp)
        .map(|day| earlier_open(day, today, &open));
    let prescribed = next_visit
        .filter(|_| action.prescribes())
        .map(|day| (day - today).num_days());
    let most = days(settings, setting::SUPPLY).unwrap_or(i64::MAX);
    let ended = action.ends() || action == Action::NoPrescription;
    let planned = (!ended)
        .then(|| blood_after(record, t, settings, today, action))
        .flatten()
        .map(|due| kept(due, next_visit, interval, today, &open));
    let again = recheck
        .filter(|_| !(ended && declined(record)))
        .and_then(in_days)
        .map(|day| earlier_open(day, today, &open));
    Proposal {
        next_visit,
        next_blood: [planned, again].into_iter().flatten().min(),
        days: prescribed.and_then(|d| d.min(most).to_u32()),
    }
}

/// A day the patient can keep for blood due on `due`: never in the past, and
/// where it falls before the next visit or on a closed day, a day of a visit:
/// the last one not after it, else the next.
fn kept(
    due: NaiveDate,
    next_visit: Option<NaiveDate>,
    interval: Option<i64>,
    today: NaiveDate,
    open: impl Fn(NaiveDate) -> bool,
) -> NaiveDate {
    let Some(next) = next_visit else {
        return due.max(today);
    };
    if due <= next {
        return next;
    }
    if open(due) {
        return due;
    }
    let step = interval.unwrap_or(0);
    let later = (1..)
        .map_while(|n| next.checked_add_signed(chrono::Duration::days(step * n)))
        .take_while(|day| step > 0 && *day <= due);
    later
        .map(|day| earlier_open(day, today, &open))
        .last()
        .unwrap_or(next)
}

/// Whether blood was asked for at the visit in hand and the patient declined.
fn declined(record: &Record) -> bool {
    let open = record.open_visit();
    open.is_some_and(|open| declined_draw(open.visit()))
}

/// The blood that stays due after today's visit.
fn blood_after(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    today: NaiveDate,
    action: Action,
) -> Option<NaiveDate> {
    let drawn_today = last_draw(record, today).filter(|day| *day == today);
    let due = match (drawn_today, days(settings, setting::BLOOD)) {
        (Some(day), Some(n)) => plus(day, n, Why::LastDraw),
        _ => blood(record, t, settings, today),
    };
    let raised = (action == Action::Increase)
        .then(|| days(settings, setting::BLOOD_AFTER_INCREASE))
        .flatten()
        .and_then(|n| plus(today, n, Why::Increase).day());
    [due.day(), raised].into_iter().flatten().min()
}

/// `day`, or the open day before it; never today or earlier.
fn earlier_open(day: NaiveDate, today: NaiveDate, open: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    let mut candidate = day;
    while candidate > today {
        if open(candidate) {
            return candidate;
        }
        match candidate.pred_opt() {
            Some(before) => candidate = before,
            None => break,
        }
    }
    day
}
