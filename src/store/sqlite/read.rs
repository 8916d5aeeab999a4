//! What is asked for: the clinic, the lists, the search.

use super::entries::{facts, values_of};
use super::fault::Fallible;
use crate::domain::change::{Change, Setting};
use crate::domain::closing::{Open, recent};
use crate::domain::id::{EntryId, PatientId};
use crate::domain::line::{Line, Projection};
use crate::domain::wanted::{Filter, Wanted};
use crate::store::lists::Found;
use crate::store::rows::{self, Cell, LINE, Value};
use crate::store::{Clinic, Head, LIST_LIMIT, ProtocolRef, StoreError};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rusqlite::{Connection, OptionalExtension, params_from_iter};

/// How many search keys are looked through for the middle of a name: about a
/// seventh of a microsecond each, so that typing is not held up.
const SCAN: usize = 100_000;

/// The last entry of the file.
pub(super) fn head(conn: &Connection) -> Fallible<Head> {
    let found = conn
        .prepare_cached("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| {
            Ok(Head {
                seq: row.get("seq")?,
                hash: row.get("hash")?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// When the last entry was saved, by the clock it was saved with.
fn saved_at(conn: &Connection) -> Fallible<Option<DateTime<FixedOffset>>> {
    let found: Option<(i64, i64)> = conn
        .prepare_cached("SELECT at, offset_min FROM entry ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get("at")?, row.get("offset_min")?)))
        .optional()?;
    let Some((at, offset_min)) = found else {
        return Ok(None);
    };
    let when = rows::when(at, offset_min).ok_or(StoreError::Damaged)?;
    Ok(Some(when))
}

/// Where the entry with this id stands.
pub(super) fn place_of(conn: &Connection, id: EntryId) -> Fallible<Option<Head>> {
    Ok(conn
        .prepare_cached("SELECT seq, hash FROM entry WHERE id = $1")?
        .query_row([id.put()], |row| {
            Ok(Head {
                seq: row.get("seq")?,
                hash: row.get("hash")?,
            })
        })
        .optional()?)
}

pub(super) fn owner(conn: &Connection, chart_key: &str) -> Fallible<Option<PatientId>> {
    Ok(conn
        .prepare_cached("SELECT patient FROM line WHERE chart_key = $1")?
        .query_row([chart_key], |row| {
            row.get("patient").map(PatientId::from_bytes)
        })
        .optional()?)
}

/// Everybody with an entry, in the order of their ids.
pub(super) fn patients(conn: &Connection) -> Fallible<Vec<PatientId>> {
    let sql = "SELECT DISTINCT patient FROM entry WHERE patient IS NOT NULL ORDER BY patient";
    Ok(conn
        .prepare_cached(sql)?
        .query_map([], |row| row.get("patient").map(PatientId::from_bytes))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Patients with results nobody has looked at, those of them with a critical
/// value, and draws that are nobody's.
fn arrived(conn: &Connection) -> Fallible<(u64, u64, u64)> {
    let sql = "SELECT count(*) AS unseen, count(nullif(critical, 0)) AS critical,
        (SELECT count(*) FROM waiting) AS waiting FROM line WHERE unseen > 0";
    let all = |row: &rusqlite::Row<'_>| {
        let (unseen, critical) = (row.get("unseen")?, row.get("critical")?);
        Ok((unseen, critical, row.get("waiting")?))
    };
    Ok(conn.prepare_cached(sql)?.query_row([], all)?)
}

pub(super) fn clinic(conn: &Connection) -> Fallible<Clinic> {
    let sql = "SELECT count(*) AS patients FROM line";
    let patients = conn
        .prepare_cached(sql)?
        .query_row([], |row| row.get("patients"))?;
    let (unseen, critical, waiting) = arrived(conn)?;
    let mut clinic = Clinic {
        head: head(conn)?,
        unseen,
        critical,
        waiting,
        saved_at: saved_at(conn)?,
        patients,
        ..Clinic::default()
    };
    for table in [&rows::PERSON, &rows::SETTING] {
        for (_, row) in facts(conn, table, None)? {
            clinic.learn(&rows::read(&row).ok_or(StoreError::Damaged)?);
        }
    }
    // Their texts are long and not asked for.
    clinic.protocols = conn
        .prepare_cached("SELECT hash, id, version FROM protocol ORDER BY entry, n")?
        .query_map([], |row| {
            let (hash, id, version) = (row.get("hash")?, row.get("id")?, row.get("version")?);
            Ok(ProtocolRef { hash, id, version })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(clinic)
}

/// Every value a setting ever had, the oldest first.
pub(super) fn settings(conn: &Connection) -> Fallible<Vec<Setting>> {
    let mut said = Vec::new();
    for (_, row) in facts(conn, &rows::SETTING, None)? {
        match rows::read(&row) {
            Some(Change::Setting(setting)) => said.push(setting),
            _ => return Err(StoreError::Damaged.into()),
        }
    }
    Ok(said)
}

/// Somebody is awaited: nobody is past the day until which a course is watched.
const AWAITED: &str = "(visit_until IS NULL OR visit_until > $3)";

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

/// The lines that may stand in a list, as many of each part as a list can show
/// and one more.
pub(super) fn candidates(conn: &Connection, wanted: &Wanted) -> Fallible<Vec<Line>> {
    let (first, end) = wanted.around();
    let days = [first, end, wanted.day, wanted.by].map(|day| day.put());
    let lets = lets(wanted.filter);
    // Somebody who is left out stands there for a test alone.
    let awake = "(back_on IS NULL OR back_on <= $3)";
    let visited = format!("{AWAITED} AND {awake}");
    let tested = "phase IS DISTINCT FROM 'before'";
    let dues = [
        ("visit_due", &*visited),
        ("blood_due", awake),
        ("test_due", tested),
        ("end_test_due", "TRUE"),
    ];
    let around = dues.map(|(due, only)| format!("({due} BETWEEN $1 AND $2 AND {only})"));
    // Whoever stands in today's list must not use up the room of the other. The
    // first condition names the placeholders in order, as SQLite numbers them.
    let ordered = "($1 <= $2 AND $2 >= $3 AND $4 >= $3)";
    let later = format!("({}) IS NOT TRUE AND draft IS NULL", around.join(" OR "));
    let running = "phase IN ('before', 'on', 'paused')";
    let mut parts = vec![
        (format!("{ordered} AND draft IS NOT NULL"), "draft"),
        (
            format!("{ordered} AND outcome_due IS NOT NULL"),
            "outcome_due",
        ),
        (
            format!("{ordered} AND {later} AND visit_due = '?' AND {running} AND {awake}"),
            "patient",
        ),
        (
            format!("{ordered} AND {later} AND watch_until >= $3 AND {awake}"),
            "watch_until",
        ),
    ];
    for (due, only) in dues {
        let now = format!("{due} BETWEEN $1 AND $2 AND {only} AND draft IS NULL");
        parts.push((format!("{ordered} AND {now}"), due));
        parts.push((
            format!("{ordered} AND {later} AND {due} < $1 AND {only}"),
            due,
        ));
    }
    let mut lines = Vec::new();
    for (part, order) in parts {
        let limit = LIST_LIMIT + 1;
        let condition = format!("{part} AND {lets} ORDER BY {order}, patient LIMIT {limit}");
        let found = projections(conn, &condition, &days)?;
        lines.extend(found.into_iter().map(|projection| projection.line));
    }
    Ok(lines)
}

/// The lines of a part of the day's close, as [`Open::holds`] says it; as many as
/// a list can show and one more.
pub(super) fn still_open(conn: &Connection, open: Open, day: NaiveDate) -> Fallible<Vec<Line>> {
    let days = [recent(day), day, day].map(|day| day.put());
    // Names the placeholders in order, as SQLite numbers them.
    let ordered = "($1 <= $2 AND $2 >= $3)";
    let awake = "(back_on IS NULL OR back_on <= $3)";
    let part = match open {
        Open::Unsigned => "draft = $3 ORDER BY draft".to_owned(),
        Open::Draft => "draft IS NOT NULL AND draft <> $3 ORDER BY draft".to_owned(),
        Open::Unseen => "unseen > 0 ORDER BY critical DESC".to_owned(),
        Open::Awaiting => "awaiting <= $3 ORDER BY awaiting".to_owned(),
        Open::Missed => format!(
            "(visit_due = $3 AND {AWAITED} OR missed_on BETWEEN $1 AND $2
                OR missed_on <= $3 AND (tried_on IS NULL OR tried_on < missed_on))
            AND {awake} AND draft IS NULL ORDER BY missed_on"
        ),
        Open::Snoozed => "back_on > $3 ORDER BY back_on".to_owned(),
    };
    let condition = format!("{ordered} AND {part}, patient LIMIT {}", LIST_LIMIT + 1);
    let found = projections(conn, &condition, &days)?;
    Ok(found
        .into_iter()
        .map(|projection| projection.line)
        .collect())
}

pub(super) fn projection(conn: &Connection, patient: PatientId) -> Fallible<Option<Projection>> {
    Ok(projections(conn, "patient = $1", &[patient.put()])?.pop())
}

pub(super) fn projections(
    conn: &Connection,
    condition: &str,
    values: &[Option<Value>],
) -> Fallible<Vec<Projection>> {
    let sql = format!(
        "SELECT {} FROM line WHERE {condition}",
        LINE.columns.join(", ")
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut projections = Vec::new();
    while let Some(row) = found.next()? {
        let values = values_of(row, 0, LINE.columns.len())?;
        projections.push(rows::projection_of(&values).ok_or(StoreError::Damaged)?);
    }
    Ok(projections)
}

/// Keys that begin with what was typed come from the index; only where those
/// are too few are keys looked through for its middle, and not without end.
pub(super) fn search(conn: &Connection, keys: &[String], limit: usize) -> Fallible<Vec<PatientId>> {
    let mut found = Found::new(limit);
    let keys: Vec<&String> = keys.iter().filter(|key| !key.is_empty()).collect();
    for key in &keys {
        let mut begins = conn.prepare_cached(
            "SELECT patient FROM search_key WHERE key >= $1 AND key < $2 ORDER BY key, patient",
        )?;
        let mut rows = begins.query((key, format!("{key}{}", char::MAX)))?;
        while let Some(row) = rows.next()?.filter(|_| !found.enough()) {
            found.push(PatientId::from_bytes(row.get("patient")?));
        }
    }
    for key in keys {
        let mut all = conn
            .prepare_cached("SELECT key, patient FROM search_key ORDER BY key, patient LIMIT $1")?;
        let mut rows = all.query([SCAN as i64])?;
        while !found.enough()
            && let Some(row) = rows.next()?
        {
            if row
                .get_ref("key")?
                .as_str()
                .is_ok_and(|kept| kept.contains(key.as_str()))
            {
                found.push(PatientId::from_bytes(row.get("patient")?));
            }
        }
    }
    Ok(found.patients)
}
