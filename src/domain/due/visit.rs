//! The next visit.

use super::{
    Due, Missing, Why, cannot_tell, days, last_plan, never, planned, plus, setting, watched_until,
};
use crate::domain::answer::{Action, Phase};
use crate::domain::course::Treatment;
use crate::domain::record::Record;
use crate::domain::situation::Settings;

/// The day set at the last visit, else the interval after it. Nobody can tell
/// when a patient who stopped coming comes back. After the course nobody needs
/// to come for longer than something is watched.
pub fn visit(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    let next = next(record, t, settings);
    match t.phase {
        Phase::After => {
            let watched = watched_until(record, t, settings);
            next.before(watched.and_then(|day| day.succ_opt()))
        }
        _ => next,
    }
}

fn next(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    if let Some((day, plan)) = last_plan(record, t) {
        match plan.next_visit {
            Some(next) => return planned(day, next),
            None if plan.action == Action::LostToFollowUp => {
                return cannot_tell(Missing::StoppedComing);
            }
            None => {}
        }
    }
    let interval = match t.phase {
        Phase::After => setting::AFTER_VISIT,
        _ => setting::VISIT,
    };
    let last = record.signed(t.course.course).last().map(|v| v.day());
    match (last, t.first_dose_on, days(settings, interval)) {
        (None, _, _) if t.phase == Phase::Before => never(record, t),
        (Some(last), _, Some(n)) => plus(last, n, Why::LastVisit),
        (None, Some(first), Some(n)) => plus(first, n, Why::FirstDose),
        (_, _, None) => cannot_tell(Missing::Interval),
        (None, None, _) => cannot_tell(Missing::Start),
    }
}
