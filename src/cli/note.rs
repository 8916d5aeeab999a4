//! `saishin note`: a signed note as it was signed, with what was said of it later.

use super::begin::no_patient;
use super::wrong::{Wrong, not_stored};
use crate::app::assets::settings_then;
use crate::domain::assess::Case;
use crate::domain::catalogue::{self, Catalogue};
use crate::domain::checklist::Checklist;
use crate::domain::date::{self, Meaning};
use crate::domain::fold::fold;
use crate::domain::id::PersonId;
use crate::domain::protocol::Protocol;
use crate::domain::record::{Record, Visit};
use crate::note;
use crate::shown;
use crate::store::Store;
use crate::text::{Text, fill};
use crate::widget::cells::display;
use chrono::NaiveDate;

/// A note, and what must be known beside it but is no part of it.
pub struct Found {
    pub text: String,
    pub beside: Option<String>,
}

/// The note of the day asked for, else the latest signed one, else the draft.
pub fn find(
    store: &dyn Store,
    chart: &str,
    date: Option<&str>,
    today: NaiveDate,
    text: &Text,
) -> Result<Found, Wrong> {
    let day = date.map(|typed| day(typed, today, text)).transpose()?;
    let trouble = |e| not_stored(&e, text);
    let patient = store.find(&fold(chart)).map_err(trouble)?;
    let patient = patient.ok_or_else(|| no_patient(chart, text))?;
    let stored = store.record(patient).map_err(trouble)?;
    let record = Record::of(patient, stored.into_iter().map(|kept| kept.entry));
    let visit = pick(&record, day).ok_or_else(|| nothing(chart, day, text))?;
    let clinic = store.clinic().map_err(trouble)?;
    let protocol = pinned(store, visit, text)?;
    let name = |person: PersonId| {
        let known = clinic.people.iter().find(|p| p.person == person);
        known.map(|p| p.name.clone()).unwrap_or_default()
    };
    let (whole, beside) = match note::of_signed(visit, &protocol, &name, text) {
        Some(signed) => (signed, still_open(&record, visit, text)),
        None => (draft(store, &record, visit, &protocol, text)?, None),
    };
    let lines: Vec<_> = whole.lines().map(display).collect();
    Ok(Found {
        text: lines.join("\n"),
        beside,
    })
}

fn day(typed: &str, today: NaiveDate, text: &Text) -> Result<NaiveDate, Wrong> {
    date::parse(typed, today, Meaning::Past).map_err(|why| {
        let why = shown::date_trouble(why, text);
        Wrong::Usage(fill(
            text.cli_bad_date,
            &[("word", &display(typed)), ("why", why)],
        ))
    })
}

/// On a day: whatever was last done on it. Else the latest signed visit in
/// force, else the open one.
fn pick(record: &Record, day: Option<NaiveDate>) -> Option<&Visit> {
    let visits = || record.visits().iter();
    match day {
        Some(day) => {
            let on = || visits().filter(|v| v.day() == day);
            on().rfind(|v| v.void.is_none())
                .or_else(|| on().next_back())
        }
        None => {
            let signed = visits().filter(|v| v.closed().is_some());
            signed
                .max_by_key(|v| v.day())
                .or(record.open_visit().map(|open| open.visit()))
        }
    }
}

fn nothing(chart: &str, day: Option<NaiveDate>, text: &Text) -> Wrong {
    let number = display(chart);
    match day {
        Some(day) => {
            let day = shown::full_day(day, text);
            Wrong::said(text.cli_no_visit_on, &[("number", &number), ("day", &day)])
        }
        None => Wrong::said(text.cli_no_note, &[("number", &number)]),
    }
}

/// The protocol the visit was done under.
fn pinned(store: &dyn Store, visit: &Visit, text: &Text) -> Result<Protocol, Wrong> {
    let kept = store
        .protocol(&visit.opening.protocol)
        .map_err(|e| not_stored(&e, text))?;
    let read = kept.and_then(|kept| Protocol::proven(&kept.text).ok());
    read.ok_or_else(|| Wrong::said(text.cli_note_protocol_gone, &[]))
}

/// A newer visit that nobody has signed.
fn still_open(record: &Record, signed: &Visit, text: &Text) -> Option<String> {
    let open = record.open_visit()?.visit();
    let values = [
        ("day", &*shown::full_day(open.day(), text)),
        ("signed", &*shown::full_day(signed.day(), text)),
    ];
    Some(fill(text.cli_note_open_too, &values))
}

/// What the note would be, under a first line that says it is none.
fn draft(
    store: &dyn Store,
    record: &Record,
    visit: &Visit,
    protocol: &Protocol,
    text: &Text,
) -> Result<String, Wrong> {
    let people = store.clinic().map_err(|e| not_stored(&e, text))?.people;
    let catalogue = Catalogue::parse(catalogue::BUILT_IN)
        .map_err(|why| Wrong::said(text.cli_stopped, &[("why", &why)]))?;
    let said = store.settings().map_err(|e| not_stored(&e, text))?;
    let settings = settings_then(protocol, &said, &visit.opening.settings)
        .ok_or_else(|| Wrong::said(text.cli_note_protocol_gone, &[]))?;
    let case = Case {
        record,
        visit,
        protocol,
        settings: &settings,
        catalogue: &catalogue,
    };
    let note = note::compose(
        &case,
        &Checklist::of(&case),
        &catalogue,
        &people,
        None,
        text,
    );
    let mark = fill(
        text.cli_note_draft,
        &[("day", &shown::full_day(visit.day(), text))],
    );
    Ok(format!("{mark}\n{note}"))
}
