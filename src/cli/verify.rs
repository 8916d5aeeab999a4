//! `saishin verify`: the whole record proven, or where it is not.

use super::wrong::{Done, Wrong, not_stored};
use crate::app::assets;
use crate::domain::due;
use crate::domain::line::Projection;
use crate::domain::record::Record;
use crate::store::{Problem, Store, Stored, What, misprojected};
use crate::text::{Text, fill};
use crate::widget::cells::display;
use std::io::Write;
use std::path::Path;

/// How many entries pass between two words of progress.
const STRIDE: u64 = 500;

/// Reads everything and says what it found, problem by problem.
pub fn run(store: &dyn Store, file: &Path, watched: bool, text: &Text) -> Done {
    let mut progress = |read: u64| {
        if watched && read.is_multiple_of(STRIDE) {
            let said = fill(text.cli_verify_progress, &[("n", &read.to_string())]);
            // Only for the eye: the outcome is said below.
            let _ = write!(std::io::stderr(), "\r{said}");
        }
    };
    let verdict = store
        .verify(&mut progress)
        .map_err(|e| not_stored(&e, text))?;
    if watched && verdict.entries >= STRIDE {
        let _ = writeln!(std::io::stderr());
    }
    let mut out = std::io::stdout().lock();
    let head: String = verdict
        .head
        .hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    writeln!(out, "{}", display(&file.to_string_lossy()))?;
    writeln!(
        out,
        "{}",
        fill(
            text.cli_verify_entries,
            &[("n", &verdict.entries.to_string())]
        )
    )?;
    writeln!(out, "{}", fill(text.cli_verify_head, &[("hash", &head)]))?;
    if verdict.problems.is_empty() {
        return rows(store, &mut out, text);
    }
    for problem in &verdict.problems {
        writeln!(out, "{}", line(problem, text))?;
    }
    let n = verdict.problems.len().to_string();
    Err(Wrong::said(text.cli_verify_broken, &[("n", &n)]))
}

/// The entries are whole: whether the lists say what they amount to.
fn rows(store: &dyn Store, out: &mut dyn Write, text: &Text) -> Done {
    let wrong = strayed(store, text)?;
    if wrong.is_empty() {
        return Ok(writeln!(out, "{}", text.cli_verify_intact)?);
    }
    for (seq, what) in &wrong {
        let values = [("seq", &*seq.to_string()), ("what", what)];
        writeln!(out, "{}", fill(text.cli_verify_row, &values))?;
    }
    let n = wrong.len().to_string();
    Err(Wrong::said(text.cli_verify_rows, &[("n", &n)]))
}

/// Rows of the lists that differ from what the record amounts to: the patient's
/// last entry, and the columns. Nothing of what they hold is told.
fn strayed(store: &dyn Store, text: &Text) -> Result<Vec<(u64, String)>, Wrong> {
    let trouble = |e| not_stored(&e, text);
    let own = store.clinic().map_err(trouble)?.settings;
    let known = assets::read(&own, text.lang)
        .map_err(|why| Wrong::said(text.cli_stopped, &[("why", &why)]))?
        .clinic;
    let compute = |patient, stored: &[Stored]| {
        let day = stored.last()?.entry.at.date_naive();
        let record = Record::of(patient, stored.iter().map(|kept| kept.entry.clone()));
        due::project(&record, &known.settings, known.settings_hash, day)
    };
    let mut strayed = Vec::new();
    for patient in misprojected(store, &compute).map_err(trouble)? {
        let stored = store.record(patient).map_err(trouble)?;
        let kept = store.projection(patient).map_err(trouble)?;
        let columns = columns(kept.as_ref(), compute(patient, &stored).as_ref());
        let seq = stored.last().map_or(0, |last| last.seq);
        strayed.push((seq, columns.join(", ")));
    }
    Ok(strayed)
}

/// The columns in which two rows differ; of the row itself where one is missing.
fn columns(kept: Option<&Projection>, right: Option<&Projection>) -> Vec<&'static str> {
    let (Some(kept), Some(right)) = (kept, right) else {
        return vec!["line"];
    };
    let (a, b) = (&kept.line, &right.line);
    let same = [
        ("keys", kept.keys == right.keys),
        ("chart_key", kept.chart_key == right.chart_key),
        ("settings", kept.settings == right.settings),
        ("chart_number", a.chart_number == b.chart_number),
        ("name", a.name == b.name && a.kana == b.kana),
        ("birth_date", a.birth_date == b.birth_date),
        ("phase", a.phase == b.phase),
        ("dose", a.mg_per_day == b.mg_per_day),
        ("first_dose_on", a.first_dose_on == b.first_dose_on),
        ("last_dose_on", a.last_dose_on == b.last_dose_on),
        ("visit_due", a.visit_due == b.visit_due),
        ("blood_due", a.blood_due == b.blood_due),
        ("test_due", a.test_due == b.test_due),
        ("window_until", a.window_until == b.window_until),
        ("draft", a.draft == b.draft),
        ("last_visit", a.last_visit == b.last_visit),
    ];
    let differ = same.iter().filter(|(_, same)| !same);
    let named: Vec<&str> = differ.map(|(name, _)| *name).collect();
    if named.is_empty() {
        vec!["line"]
    } else {
        named
    }
}

fn line(problem: &Problem, text: &Text) -> String {
    let what = what(&problem.what, text);
    match problem.seq {
        Some(seq) => fill(
            text.cli_verify_at,
            &[("seq", &seq.to_string()), ("what", &what)],
        ),
        None => fill(text.cli_verify_file, &[("what", &what)]),
    }
}

fn what(what: &What, text: &Text) -> String {
    let about = |template, table: &str| fill(template, &[("table", &display(table))]);
    match what {
        What::Gap => text.cli_what_gap.to_owned(),
        What::Link => text.cli_what_link.to_owned(),
        What::Altered => text.cli_what_altered.to_owned(),
        What::Rows { saved, found } => {
            let values = [
                ("saved", &*saved.to_string()),
                ("found", &*found.to_string()),
            ];
            fill(text.cli_what_rows, &values)
        }
        What::Unreadable => text.cli_what_unreadable.to_owned(),
        What::Orphan(table) => about(text.cli_what_orphan, table),
        What::Reference(table) => about(text.cli_what_reference, table),
        What::Schema(table) => about(text.cli_what_schema, table),
        What::Structure => text.cli_what_structure.to_owned(),
        What::Tail => text.cli_what_tail.to_owned(),
    }
}
