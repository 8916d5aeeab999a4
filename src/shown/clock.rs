//! What must pass after the last capsule, and which procedures wait, in words.

use super::full_day;
use crate::domain::course::Treatment;
use crate::domain::due::{Closing, Window, windows};
use crate::domain::procedure::{May, clock};
use crate::domain::protocol::{Procedure, Protocol};
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use crate::text::{Text, fill};
use chrono::NaiveDate;

/// What waits.
pub fn window_name(window: Window, text: &Text) -> &'static str {
    match window {
        Window::Contraception => text.window_contraception,
        Window::Donation => text.window_donation,
        Window::Wax => text.window_wax,
        Window::Ablative => text.window_ablative,
    }
}

/// A window with its sum: `contraception: last dose 24 Oct + 6 months = ..`.
pub fn closing(closing: &Closing, on: NaiveDate, text: &Text) -> String {
    let template = match closing.passed(on) {
        true => text.window_passed,
        false => text.window_open,
    };
    let values = [
        ("what", window_name(closing.window, text)),
        ("from", &*full_day(closing.from, text)),
        ("n", &*closing.months.to_string()),
        ("day", &*full_day(closing.until, text)),
        ("left", &*closing.days_left(on).to_string()),
    ];
    fill(template, &values)
}

/// Whether a procedure may be done, and who says so.
pub fn procedure(procedure: &Procedure, may: May, text: &Text) -> String {
    let when = match may {
        May::Now => text.may_now.to_owned(),
        May::From(day) => fill(text.may_from, &[("day", &full_day(day, text))]),
        May::AfterCourse(0) => text.may_after.to_owned(),
        May::AfterCourse(n) => fill(text.may_after_months, &[("n", &n.to_string())]),
        May::CannotTell => text.due_cannot_tell.to_owned(),
    };
    let values = [
        ("what", procedure.label.get(text.lang)),
        ("when", &*when),
        ("source", procedure.source.get(text.lang)),
    ];
    fill(text.may_line, &values)
}

/// The windows and the procedures of a patient, a line each.
pub fn clock_lines(
    protocol: &Protocol,
    record: &Record,
    settings: &Settings,
    on: NaiveDate,
    text: &Text,
) -> Vec<String> {
    let Some(t) = Treatment::on(record, on) else {
        return Vec::new();
    };
    let assumed = t.last_dose_on.is_some() && !t.last_dose_asked;
    let assumed = assumed.then(|| text.last_capsule_assumed.to_owned());
    let open = windows(record, &t, settings);
    let open = open.iter().map(|w| closing(w, on, text));
    let clock = clock(protocol, record, &t, settings, on);
    let clock = clock.into_iter().map(|(p, may)| procedure(p, may, text));
    assumed.into_iter().chain(open).chain(clock).collect()
}
