//! Adding an entry with its rows, and what is kept beside a patient's facts.

use super::fault::Fallible;
use super::read::{head, owner, place_of, projection};
use crate::domain::change::Hash;
use crate::domain::id::{PatientId, PersonId};
use crate::domain::line::Projection;
use crate::store::rows::{self, Cell, ENTRY, Header, LINE, Rows, Scope, Table, Value};
use crate::store::{Head, Receipt, Refusal, StoreError};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use std::sync::LazyLock;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Where this very entry was kept before; another one under its id is refused.
pub(super) fn kept_before(conn: &Connection, rows: &Rows) -> Fallible<Option<Receipt>> {
    let Some(at) = place_of(conn, rows.header.id)? else {
        return Ok(None);
    };
    let prev = conn
        .prepare_cached("SELECT prev FROM entry WHERE seq = $1")?
        .query_row([at.seq], |row| row.get("prev"))?;
    if rows.hash(at.seq, &prev) == at.hash {
        Ok(Some(at))
    } else {
        Err(Refusal::Duplicate.into())
    }
}

pub(super) fn last(conn: &Connection, patient: PatientId) -> Fallible<Option<u64>> {
    Ok(conn
        .prepare_cached("SELECT max(seq) AS seq FROM entry WHERE patient = $1")?
        .query_row([patient.put()], |row| row.get("seq"))?)
}

/// How many rows are written between two looks whether to go on.
const STRIDE: usize = 64;

/// Adds one entry behind the last, with its rows and the patient's projection.
pub(super) fn insert(
    conn: &Connection,
    rows: &Rows,
    projection: Option<&Projection>,
) -> Fallible<Receipt> {
    let behind = head(conn)?;
    let seq = behind.seq + 1;
    let hash = rows.hash(seq, &behind.hash);
    let at = Head { seq, hash };
    insert_made(conn, rows, (behind, at), projection, &mut |_| false)?;
    Ok(at)
}

/// Adds one entry whose place is known: the place `behind` which it stands, and its
/// own. `stop`, told how many rows are written, may call it off.
pub(super) fn insert_made(
    conn: &Connection,
    rows: &Rows,
    (behind, at): (Head, Head),
    projection: Option<&Projection>,
    stop: &mut dyn FnMut(usize) -> bool,
) -> Fallible<()> {
    insert_entry(conn, &behind.hash, at, &rows.header)?;
    insert_facts(conn, at.seq, rows, stop)?;
    if let Some(projection) = projection {
        project(conn, projection)?;
    }
    if !known(conn, rows.header.person)? {
        return Err(Refusal::Unknown.into());
    }
    Ok(())
}

/// Rows of one table follow each other, so that each table's statement is looked
/// for once.
fn insert_facts(
    conn: &Connection,
    seq: u64,
    rows: &Rows,
    stop: &mut dyn FnMut(usize) -> bool,
) -> Fallible<()> {
    let order = rows.insert_order();
    let patient = rows.header.patient.put();
    let seq = Value::Int(seq as i64);
    let same = |a: &usize, b: &usize| rows.facts[*a].table == rows.facts[*b].table;
    let mut written = 0;
    for places in order.chunk_by(same) {
        let table = rows.facts[places[0]].table;
        let mut insert = conn.prepare_cached(&fact_sql(table))?;
        for n in places {
            if written % STRIDE == 0 && stop(written) {
                return Err(StoreError::GaveWay.into());
            }
            let row = &rows.facts[*n];
            let n = Value::Int(*n as i64);
            let key = match row.table.scope {
                Scope::Clinic => None,
                Scope::Patient => Some(patient.as_ref()),
            };
            let place = [Some(&seq), Some(&n)];
            let values = row.values.iter().map(Option::as_ref);
            let values = key.into_iter().chain(place).chain(values);
            insert.execute(params_from_iter(values))?;
            written += 1;
        }
    }
    Ok(())
}

fn known(conn: &Connection, person: PersonId) -> Fallible<bool> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM person WHERE person = $1")?
        .exists([person.put()])?)
}

fn insert_entry(conn: &Connection, prev: &Hash, at: Head, header: &Header) -> Fallible<()> {
    let mut values = vec![Some(Value::Int(at.seq as i64)), prev.put(), at.hash.put()];
    values.extend(header.values());
    let columns = ["seq", "prev", "hash"].iter().chain(ENTRY.columns);
    let sql = insert_sql(ADD, &ENTRY, columns, values.len());
    conn.prepare_cached(&sql)?
        .execute(params_from_iter(values))?;
    Ok(())
}

fn fact_sql(table: &Table) -> String {
    let columns = table.key().iter().chain(table.columns);
    let count = table.key().len() + table.columns.len();
    insert_sql(ADD, table, columns, count)
}

/// A row that is refused takes the transaction with it: then SQLite need not be able
/// to take back a single statement, for which it would copy every page touched.
const ADD: &str = "INSERT OR ROLLBACK";

fn insert_sql<'a>(
    verb: &str,
    table: &Table,
    columns: impl Iterator<Item = &'a &'static str>,
    count: usize,
) -> String {
    let columns = columns.copied().collect::<Vec<_>>().join(", ");
    format!(
        "{verb} INTO {} ({columns}) VALUES ({})",
        table.name,
        placeholders(count)
    )
}

fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// A patient's row of the lists, new or in the place of the old one.
fn upsert_line() -> String {
    let columns = LINE.columns;
    let set = columns[1..].iter();
    let set: Vec<String> = set
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    format!(
        "{} ON CONFLICT (patient) DO UPDATE SET {}",
        insert_sql("INSERT", &LINE, columns.iter(), columns.len()),
        set.join(", ")
    )
}

/// Writes what is kept beside a patient's facts; nothing where nothing changed.
pub(super) fn project(conn: &Connection, new: &Projection) -> Fallible<()> {
    let values = rows::line_values(new)?;
    let patient = new.line.patient;
    if owner(conn, &new.chart_key)?.is_some_and(|owner| owner != patient) {
        return Err(StoreError::ChartNumberTaken.into());
    }
    let old = projection(conn, patient)?;
    if old.as_ref() == Some(new) {
        return Ok(());
    }
    static UPSERT: LazyLock<String> = LazyLock::new(upsert_line);
    conn.prepare_cached(&UPSERT)?
        .execute(params_from_iter(values))?;
    let old_keys = old.map(|old| old.keys).unwrap_or_default();
    let id = patient.put();
    for key in old_keys.difference(&new.keys) {
        conn.prepare_cached("DELETE FROM search_key WHERE key = $1 AND patient = $2")?
            .execute((key, &id))?;
    }
    for key in new.keys.difference(&old_keys) {
        conn.prepare_cached(
            "INSERT INTO search_key (key, patient) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )?
        .execute((key, &id))?;
    }
    Ok(())
}
