//! Entries as the file holds them, put together from the rows of their tables.

use super::fault::Fallible;
use crate::domain::change::Hash;
use crate::domain::id::PatientId;
use crate::store::rows::{self, Cell, ENTRY, Header, Row, Scope, TABLES, Table, Value};
use crate::store::{StoreError, Stored};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// An entry as the file holds it, whether or not it makes sense.
pub(super) struct Read {
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) header: Vec<Option<Value>>,
    pub(super) facts: Vec<Row>,
    /// Whether the places of its rows are 0, 1, 2 …
    pub(super) in_place: bool,
}

impl Read {
    /// How many rows it was saved with.
    pub(super) fn facts_saved(&self) -> u64 {
        match self.header.last() {
            Some(Some(Value::Int(count))) => (*count).try_into().unwrap_or_default(),
            _ => 0,
        }
    }

    /// None where its rows do not make the entry that was saved.
    pub(super) fn stored(&self) -> Option<Stored> {
        let whole = self.in_place && self.facts_saved() == self.facts.len() as u64;
        let header = Header::read(&self.header).filter(|_| whole)?;
        let entry = rows::entry_of(&header, &self.facts)?;
        Some(Stored {
            seq: self.seq,
            hash: self.hash,
            entry,
        })
    }
}

/// A row's place: its entry, then its place in it.
pub(super) type Place = (u64, i64);

/// One patient's entries with their rows, or those that belong to no patient.
pub(super) fn entries(conn: &Connection, patient: Option<PatientId>) -> Fallible<Vec<Read>> {
    let scope = match patient {
        Some(_) => Scope::Patient,
        None => Scope::Clinic,
    };
    let mut all = Vec::new();
    for table in TABLES.iter().filter(|table| table.scope == scope) {
        all.extend(facts(conn, table, patient.map(By::Patient))?);
    }
    all.sort_by_key(|(place, _)| *place);
    let mut all = all.into_iter().peekable();
    let mut entries = headers(conn, patient)?;
    for read in &mut entries {
        let seq = read.seq;
        // Rows in between belong to no entry; who looks for those finds them.
        while all.next_if(|((entry, _), _)| *entry < seq).is_some() {}
        let mut own: Vec<(Place, Row)> =
            std::iter::from_fn(|| all.next_if(|((entry, _), _)| *entry == seq)).collect();
        // A patient's entry may bring a person or the text of a protocol too.
        if patient.is_some() && (own.len() as u64) < read.facts_saved() {
            for table in TABLES.iter().filter(|table| table.scope == Scope::Clinic) {
                own.extend(facts(conn, table, Some(By::Entry(seq)))?);
            }
            own.sort_by_key(|(place, _)| *place);
        }
        read.in_place = own.iter().map(|((_, n), _)| *n).eq(0..own.len() as i64);
        read.facts = own.into_iter().map(|(_, row)| row).collect();
    }
    Ok(entries)
}

/// Which rows of a table are read.
#[derive(Clone, Copy)]
pub(super) enum By {
    Patient(PatientId),
    Entry(u64),
}

fn headers(conn: &Connection, patient: Option<PatientId>) -> Fallible<Vec<Read>> {
    let condition = if patient.is_some() {
        "patient = $1"
    } else {
        "patient IS $1"
    };
    let sql = format!(
        "SELECT seq, prev, hash, {} FROM entry WHERE {condition} ORDER BY seq",
        ENTRY.columns.join(", ")
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query([patient.and_then(|patient| patient.put())])?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(Read {
            seq: row.get(0)?,
            prev: row.get(1)?,
            hash: row.get(2)?,
            header: values_of(row, 3, ENTRY.columns.len())?,
            facts: Vec::new(),
            in_place: true,
        });
    }
    Ok(entries)
}

pub(super) fn facts(
    conn: &Connection,
    table: &'static Table,
    by: Option<By>,
) -> Fallible<Vec<(Place, Row)>> {
    let (condition, value) = match by {
        Some(By::Patient(patient)) => ("WHERE patient = $1", patient.put()),
        Some(By::Entry(seq)) => ("WHERE entry = $1", Some(Value::Int(seq as i64))),
        None => ("WHERE $1 IS NULL", None),
    };
    let sql = format!(
        "SELECT entry, n, {} FROM {} {condition} ORDER BY entry, n",
        table.columns.join(", "),
        table.name
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query([value])?;
    let mut facts = Vec::new();
    while let Some(row) = found.next()? {
        let values = values_of(row, 2, table.columns.len())?;
        facts.push(((row.get(0)?, row.get(1)?), Row { table, values }));
    }
    Ok(facts)
}

/// The values of the columns that were asked for in a table's own order, by
/// their places: looking for names takes as long as reading.
pub(super) fn values_of(
    row: &rusqlite::Row<'_>,
    from: usize,
    count: usize,
) -> Fallible<Vec<Option<Value>>> {
    let mut values = Vec::with_capacity(count);
    for column in from..from + count {
        values.push(match row.get_ref(column)? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(Value::Int(number)),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Some(Value::Text(text.to_owned())),
                Err(_) => return Err(StoreError::Damaged.into()),
            },
            ValueRef::Blob(bytes) => Some(Value::Blob(bytes.to_vec())),
            ValueRef::Real(_) => return Err(StoreError::Damaged.into()),
        });
    }
    Ok(values)
}
