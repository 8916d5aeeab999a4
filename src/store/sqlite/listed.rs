//! The lists and the close of a day, read from their indexes in their order: no
//! more rows than are shown.

use super::entries::values_of;
use super::fault::Fallible;
use crate::domain::closing::{Open, recent};
use crate::domain::id::PatientId;
use crate::domain::line::Line;
use crate::domain::wanted::{Filter, Wanted};
use crate::store::rows::{self, Cell, LISTED, Value};
use crate::store::{LIST_LIMIT, StoreError};
use chrono::NaiveDate;
use rusqlite::{CachedStatement, Connection, Rows, params_from_iter};
use std::collections::BTreeSet;

/// Names the placeholders in order, as SQLite numbers them.
const NUMBERED: &str = "($1 <= $2 AND $2 >= $3 AND $4 >= $3)";
/// Somebody is awaited: nobody is past the day until which a course is watched.
const AWAITED: &str = "(visit_until IS NULL OR visit_until > $3)";
/// Nobody left out of the lists.
const AWAKE: &str = "(back_on IS NULL OR back_on <= $3)";

/// A part of a list, and the day its rows are ordered by.
struct Part {
    condition: String,
    column: &'static str,
    day: Day,
}

/// A day of a patient's row.
type Day = fn(&Line) -> Option<NaiveDate>;

/// The columns that place a patient, with what else must hold.
fn dues() -> [(&'static str, String, Day); 4] {
    // Before the start a test is for the visit alone.
    let tested = "phase IS DISTINCT FROM 'before'";
    [
        ("visit_due", format!("{AWAITED} AND {AWAKE}"), |l| {
            l.visit_due.day()
        }),
        ("blood_due", AWAKE.to_owned(), |l| l.blood_due.day()),
        ("test_due", tested.to_owned(), |l| l.test_due.day()),
        ("end_test_due", "TRUE".to_owned(), |l| l.end_test_due.day()),
    ]
}

/// The parts of today's list, in its order; each is the merge of its streams.
fn today() -> Vec<Vec<Part>> {
    let drafts = Part {
        condition: "draft IS NOT NULL".to_owned(),
        column: "draft",
        day: |line| line.draft,
    };
    let due = dues().map(|(column, only, day)| Part {
        condition: format!("{BASE} AND {}", now(column, &only)),
        column,
        day,
    });
    vec![vec![drafts], due.into()]
}

/// Whoever has neither a draft nor a positive test without outcome.
const BASE: &str = "draft IS NULL AND (outcome_due IS NULL OR outcome_due = '?')";

/// Due around the day, of somebody who has not long stopped coming.
fn now(column: &str, only: &str) -> String {
    format!(
        "({column} BETWEEN $1 AND $2 AND {only}
            AND (visit_due < $1 AND {AWAITED} AND {AWAKE}) IS NOT TRUE)"
    )
}

/// The parts of the other list.
fn follow_up() -> Vec<Vec<Part>> {
    let around = dues().map(|(column, only, _)| now(column, &only));
    let later = format!("{BASE} AND ({}) IS NOT TRUE", around.join(" OR "));
    let part = |condition: String, column, day| Part {
        condition,
        column,
        day,
    };
    let running = "phase IN ('before', 'on', 'paused')";
    let untold = format!("{later} AND visit_due = '?' AND {AWAITED} AND {AWAKE} AND {running}");
    let over = dues().map(|(column, only, day)| {
        part(format!("{later} AND {column} < $1 AND {only}"), column, day)
    });
    let window = format!("{later} AND watch_until >= $3 AND {AWAKE}");
    let outcome = "draft IS NULL AND outcome_due <> '?'".to_owned();
    vec![
        vec![part(outcome, "outcome_due", |l| l.outcome_due.day())],
        vec![part(untold, "visit_due", |_| None)],
        over.into(),
        vec![part(window, "watch_until", |l| l.watch_until)],
    ]
}

/// What a filter lets through, as [`Wanted::lets`] says it.
fn lets(filter: Option<Filter>) -> String {
    let limit =
        format!("CASE WHEN (visit_due <= $2 OR visit_due = '?') AND {AWAITED} THEN $4 ELSE $3 END");
    let asks = |due: &str| format!("{due} = '?' OR {due} <= {limit}");
    match filter {
        None => "TRUE".to_owned(),
        Some(Filter::Blood) => format!("({})", asks("blood_due")),
        Some(Filter::Test) => format!("({} OR {})", asks("test_due"), asks("end_test_due")),
        Some(Filter::Window) => "phase = 'after' AND watch_until >= $3".to_owned(),
        Some(Filter::Draft) => "draft IS NOT NULL".to_owned(),
        Some(Filter::Unseen) => "unseen > 0".to_owned(),
    }
}

/// The lines of both lists, of each as many as it can show and one more.
pub(super) fn candidates(conn: &Connection, wanted: &Wanted) -> Fallible<Vec<Line>> {
    let (first, end) = wanted.around();
    let days = [first, end, wanted.day, wanted.by].map(|day| day.put());
    let lets = lets(wanted.filter);
    if matches!(wanted.filter, Some(Filter::Draft | Filter::Unseen)) {
        // Few at any time: all of them are looked at, by an index of their own.
        return lines(conn, &format!("{NUMBERED} AND {lets}"), &days);
    }
    let mut lines = Lines::default();
    for list in [today(), follow_up()] {
        let full = lines.found.len() + LIST_LIMIT + 1;
        for parts in list {
            lines.merge(conn, &parts, &lets, &days, full)?;
        }
    }
    Ok(lines.found)
}

/// Lines found, each patient once.
#[derive(Default)]
struct Lines {
    seen: BTreeSet<PatientId>,
    found: Vec<Line>,
}

impl Lines {
    /// Takes rows from several streams in the order of their day and patient,
    /// until there are `full`.
    fn merge(
        &mut self,
        conn: &Connection,
        parts: &[Part],
        lets: &str,
        days: &[Option<Value>],
        full: usize,
    ) -> Fallible<()> {
        if self.found.len() >= full {
            return Ok(());
        }
        let mut statements = Vec::with_capacity(parts.len());
        for part in parts {
            statements.push(prepared(conn, part, lets)?);
        }
        let mut streams: Vec<Stream<'_>> = Vec::with_capacity(parts.len());
        for (part, statement) in parts.iter().zip(&mut statements) {
            let rows = statement.query(params_from_iter(days))?;
            let mut stream = Stream {
                rows,
                day: part.day,
                head: None,
            };
            stream.advance(&self.seen)?;
            streams.push(stream);
        }
        while self.found.len() < full {
            let heads = streams.iter_mut().filter(|stream| stream.head.is_some());
            let Some(first) = heads.min_by_key(|stream| stream.key()) else {
                return Ok(());
            };
            if let Some(line) = first.head.take().filter(|l| self.seen.insert(l.patient)) {
                self.found.push(line);
            }
            first.advance(&self.seen)?;
        }
        Ok(())
    }
}

fn prepared<'c>(conn: &'c Connection, part: &Part, lets: &str) -> Fallible<CachedStatement<'c>> {
    let Part {
        condition, column, ..
    } = part;
    let sql = format!(
        "SELECT {} FROM line WHERE {NUMBERED} AND {condition} AND {lets}
        ORDER BY {column}, patient LIMIT {}",
        LISTED.columns.join(", "),
        2 * LIST_LIMIT + 2
    );
    Ok(conn.prepare_cached(&sql)?)
}

/// The rows of a part, one looked at ahead.
struct Stream<'s> {
    rows: Rows<'s>,
    day: Day,
    head: Option<Line>,
}

impl Stream<'_> {
    fn key(&self) -> Option<(Option<NaiveDate>, PatientId)> {
        self.head
            .as_ref()
            .map(|line| ((self.day)(line), line.patient))
    }

    /// To the next row of somebody who is not in the lists yet.
    fn advance(&mut self, seen: &BTreeSet<PatientId>) -> Fallible<()> {
        while let Some(row) = self.rows.next()? {
            let patient = PatientId::from_bytes(row.get(0)?);
            if !seen.contains(&patient) {
                self.head = Some(line_of(row)?);
                return Ok(());
            }
        }
        Ok(())
    }
}

fn line_of(row: &rusqlite::Row<'_>) -> Fallible<Line> {
    let values = values_of(row, 0, LISTED.columns.len())?;
    Ok(rows::listed(&values).ok_or(StoreError::Damaged)?)
}

/// The lines for which `condition` holds, in the order it names.
pub(super) fn lines(
    conn: &Connection,
    condition: &str,
    values: &[Option<Value>],
) -> Fallible<Vec<Line>> {
    let columns = LISTED.columns.join(", ");
    let sql = format!("SELECT {columns} FROM line WHERE {condition}");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut lines = Vec::new();
    while let Some(row) = found.next()? {
        lines.push(line_of(row)?);
    }
    Ok(lines)
}

/// The lines of a part of the day's close, as [`Open::holds`] says it; as many as
/// a list can show and one more.
pub(super) fn still_open(conn: &Connection, open: Open, day: NaiveDate) -> Fallible<Vec<Line>> {
    let days = [recent(day), day, day, day].map(|day| day.put());
    let part = match open {
        Open::Unsigned => "draft = $3 ORDER BY draft".to_owned(),
        Open::Draft => "draft IS NOT NULL AND draft <> $3 ORDER BY draft".to_owned(),
        Open::Unseen => "unseen > 0 ORDER BY critical DESC".to_owned(),
        Open::Awaiting => "awaiting <= $3 ORDER BY awaiting".to_owned(),
        Open::Missed => format!(
            "(visit_due = $3 AND {AWAITED} OR missed_on BETWEEN $1 AND $2
                OR missed_on <= $3 AND (tried_on IS NULL OR tried_on < missed_on))
            AND {AWAKE} AND draft IS NULL ORDER BY missed_on"
        ),
        Open::Snoozed => "back_on > $3 ORDER BY back_on".to_owned(),
    };
    let limit = LIST_LIMIT + 1;
    let condition = format!("{NUMBERED} AND {part}, patient LIMIT {limit}");
    lines(conn, &condition, &days)
}
