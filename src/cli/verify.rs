//! `saishin verify`: the whole record proven, or where it is not.

use super::wrong::{Done, Wrong, not_stored};
use crate::store::{Problem, Store, What};
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
        return Ok(writeln!(out, "{}", text.cli_verify_intact)?);
    }
    for problem in &verdict.problems {
        writeln!(out, "{}", line(problem, text))?;
    }
    let n = verdict.problems.len().to_string();
    Err(Wrong::said(text.cli_verify_broken, &[("n", &n)]))
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
