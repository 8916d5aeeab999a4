//! The procedure clock: what may be done to the skin on a day, and what waits.

use super::answer::Phase;
use super::course::Treatment;
use super::date::window_end;
use super::due::last_capsule;
use super::protocol::{Procedure, Protocol};
use super::record::Record;
use super::situation::Settings;
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

/// Whether a procedure may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    Now,
    /// Not before this day.
    From(NaiveDate),
    /// Not while capsules are taken, and so many months after the last one.
    AfterCourse(u32),
    /// The day of the last capsule is missing, or the protocol's interval.
    CannotTell,
}

/// Every procedure of the protocol in its order, and whether it may be done on
/// `on` by what is known now.
pub fn clock<'a>(
    protocol: &'a Protocol,
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    on: NaiveDate,
) -> Vec<(&'a Procedure, May)> {
    let may = |procedure| (procedure, may(procedure, record, t, settings, on));
    protocol.procedures.iter().map(may).collect()
}

fn may(
    procedure: &Procedure,
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    on: NaiveDate,
) -> May {
    if procedure.during {
        return May::Now;
    }
    let months = match &procedure.after_months {
        None => Some(0),
        Some(name) => settings.get(name).and_then(|n| n.to_u32()),
    };
    let Some(months) = months else {
        return May::CannotTell;
    };
    let last = last_capsule(record, t);
    match (t.phase, last) {
        (Phase::On | Phase::Paused, _) => May::AfterCourse(months),
        (Phase::Before, None) => May::Now,
        (Phase::After, None) => May::CannotTell,
        (_, Some(last)) => match window_end(last, months).succ_opt() {
            Some(day) if on < day => May::From(day),
            Some(_) => May::Now,
            None => May::CannotTell,
        },
    }
}
