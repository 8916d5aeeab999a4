//! What is asked for: the clinic, a patient's projection, the search.

use super::entries::{facts, values_of};
use super::fault::Fallible;
use crate::domain::change::{Change, Setting};
use crate::domain::id::{EntryId, PatientId};
use crate::domain::line::Projection;
use crate::store::lists::Found;
use crate::store::rows::{self, Cell, LINE, Value};
use crate::store::{Clinic, Head, ProtocolRef, StoreError};
use chrono::{DateTime, FixedOffset};
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
