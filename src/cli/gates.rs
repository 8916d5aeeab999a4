//! `saishin gates`: one patient's gate ledger as one page of text.

use super::begin::no_patient;
use super::wrong::{Wrong, not_stored};
use crate::app::assets;
use crate::domain::fold::fold;
use crate::domain::protocol::Protocol;
use crate::domain::record::Record;
use crate::ledger::{self, Ledger};
use crate::store::Store;
use crate::text::Text;
use crate::widget::cells::display;
use chrono::NaiveDate;

/// The page, in the language asked for.
///
/// # Errors
/// Nobody with that number; a store that fails.
pub fn find(
    store: &dyn Store,
    chart: &str,
    today: NaiveDate,
    text: &Text,
) -> Result<String, Wrong> {
    let trouble = |e| not_stored(&e, text);
    let patient = store.find(&fold(chart)).map_err(trouble)?;
    let patient = patient.ok_or_else(|| no_patient(chart, text))?;
    let stored = store.record(patient).map_err(trouble)?;
    let record = Record::of(patient, stored.into_iter().map(|kept| kept.entry));
    let clinic = store.clinic().map_err(trouble)?;
    let protocol = Protocol::proven(assets::PROTOCOL)
        .map_err(|e| Wrong::said(text.cli_stopped, &[("why", &e.message(text.lang))]))?;
    let of = Ledger {
        record: &record,
        protocol: &protocol,
        settings: &assets::settings(&protocol, &clinic.settings, text.lang).0,
        on: today,
        people: &clinic.people,
    };
    let page = format!("{}\n{}", text.gates_title, ledger::gates(&of, text));
    let lines: Vec<_> = page.lines().map(display).collect();
    Ok(lines.join("\n"))
}
