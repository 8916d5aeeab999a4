//! Entries as the file holds them, put together from the rows of their tables.

use super::fault::Fallible;
use crate::domain::change::Hash;
use crate::domain::id::PatientId;
use crate::store::rows::{self, Cell, ENTRY, Header, Row, Scope, TABLES, Table, Value};
use crate::store::{StoreError, Stored};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};

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

/// Reads entries one after the other, so that no more than one stands in memory.
/// Its statements are made for it and go with it.
pub(super) struct Reader<'c> {
    conn: &'c Connection,
    headers: Statement<'c>,
    /// Says which tables hold anything of a patient; none where all are read.
    holding: Option<Statement<'c>>,
    sources: Vec<Source<'c>>,
}

/// A table that is read, by a statement made when it is first needed: most tables
/// hold nothing of one patient, and a statement is larger than the rows it finds.
struct Source<'c> {
    table: &'static Table,
    by: &'static str,
    statement: Option<Statement<'c>>,
    held: bool,
}

impl<'c> Source<'c> {
    fn query(&mut self, conn: &'c Connection, key: &Option<Value>) -> Fallible<Cursor<'_>> {
        let statement = match &mut self.statement {
            Some(made) => made,
            none => none.insert(conn.prepare(&select(self.table, self.by))?),
        };
        Cursor::new(self.table, statement.query([key])?)
    }
}

impl<'c> Reader<'c> {
    /// Of all patients' entries, or of those that belong to no patient.
    pub(super) fn new(conn: &'c Connection, scope: Scope) -> Fallible<Self> {
        let (is, by) = match scope {
            Scope::Patient => ("=", "patient = $1"),
            Scope::Clinic => ("IS", "$1 IS NULL"),
        };
        let columns = ENTRY.columns.join(", ");
        let headers = format!(
            "SELECT seq, prev, hash, {columns} FROM entry WHERE patient {is} $1 ORDER BY seq"
        );
        let source = |table| Source {
            table,
            by,
            statement: None,
            held: true,
        };
        Ok(Self {
            conn,
            headers: conn.prepare(&headers)?,
            holding: None,
            sources: own(scope).map(source).collect(),
        })
    }

    /// Of single patients' entries.
    pub(super) fn of_some(conn: &'c Connection) -> Fallible<Self> {
        Ok(Self {
            holding: Some(conn.prepare(&holding())?),
            ..Self::new(conn, Scope::Patient)?
        })
    }

    /// Of one patient's entries. What asks where they are is gone before they are read.
    pub(super) fn of_one(conn: &'c Connection, patient: PatientId) -> Fallible<Self> {
        let mut reader = Self::of_some(conn)?;
        reader.narrow(&patient.put())?;
        reader.holding = None;
        Ok(reader)
    }

    /// Leaves out the tables that hold nothing of the patient.
    fn narrow(&mut self, key: &Option<Value>) -> Fallible<()> {
        let Some(holding) = &mut self.holding else {
            return Ok(());
        };
        let sources = &mut self.sources;
        holding.query_row([key], |row| {
            for (n, source) in sources.iter_mut().enumerate() {
                source.held = row.get(n)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Hands over one patient's entries, or those of no patient, oldest first.
    pub(super) fn each(
        &mut self,
        patient: Option<PatientId>,
        take: &mut dyn FnMut(Read) -> Fallible<()>,
    ) -> Fallible<()> {
        let key = patient.and_then(|patient| patient.put());
        self.narrow(&key)?;
        let held = self.sources.iter_mut().filter(|source| source.held);
        let mut tables = held
            .map(|source| source.query(self.conn, &key))
            .collect::<Fallible<Vec<_>>>()?;
        let mut headers = self.headers.query([&key])?;
        while let Some(row) = headers.next()? {
            let mut read = header(row)?;
            let mut own = Vec::new();
            for table in &mut tables {
                table.take(read.seq, &mut own)?;
            }
            // A patient's entry may bring a person or the text of a protocol too.
            if patient.is_some() && (own.len() as u64) < read.facts_saved() {
                for table in TABLES.iter().filter(|table| table.scope == Scope::Clinic) {
                    own.extend(facts(self.conn, table, Some(read.seq))?);
                }
            }
            own.sort_by_key(|((_, n), _)| *n);
            read.in_place = own.iter().map(|((_, n), _)| *n).eq(0..own.len() as i64);
            read.facts = own.into_iter().map(|(_, row)| row).collect();
            take(read)?;
        }
        Ok(())
    }
}

/// Everything kept of one patient, in the order it was saved.
pub(super) fn record(reader: &mut Reader<'_>, patient: PatientId) -> Fallible<Vec<Stored>> {
    let mut record = Vec::new();
    reader.each(Some(patient), &mut |read| {
        record.push(read.stored().ok_or(StoreError::Damaged)?);
        Ok(())
    })?;
    Ok(record)
}

fn own(scope: Scope) -> impl Iterator<Item = &'static Table> {
    TABLES
        .iter()
        .copied()
        .filter(move |table| table.scope == scope)
}

/// Asks of each table of patients' facts whether it holds anything of one.
fn holding() -> String {
    let any = |table: &Table| format!("EXISTS (SELECT 1 FROM {} WHERE patient = $1)", table.name);
    let asked: Vec<String> = own(Scope::Patient).map(any).collect();
    format!("SELECT {}", asked.join(", "))
}

/// One table's rows in the order of their entries, and the next of them.
struct Cursor<'s> {
    table: &'static Table,
    rows: rusqlite::Rows<'s>,
    next: Option<(Place, Row)>,
}

impl<'s> Cursor<'s> {
    fn new(table: &'static Table, rows: rusqlite::Rows<'s>) -> Fallible<Self> {
        let next = None;
        let mut cursor = Self { table, rows, next };
        cursor.advance()?;
        Ok(cursor)
    }

    fn advance(&mut self) -> Fallible<()> {
        let row = self.rows.next()?;
        self.next = row.map(|row| placed(self.table, row)).transpose()?;
        Ok(())
    }

    /// Moves the rows of entry `seq` to `own`. Rows before it belong to no entry;
    /// who looks for those finds them.
    fn take(&mut self, seq: u64, own: &mut Vec<(Place, Row)>) -> Fallible<()> {
        while let Some(row) = self.next.take_if(|((entry, _), _)| *entry <= seq) {
            if row.0.0 == seq {
                own.push(row);
            }
            self.advance()?;
        }
        Ok(())
    }
}

fn header(row: &rusqlite::Row<'_>) -> Fallible<Read> {
    Ok(Read {
        seq: row.get(0)?,
        prev: row.get(1)?,
        hash: row.get(2)?,
        header: values_of(row, 3, ENTRY.columns.len())?,
        facts: Vec::new(),
        in_place: true,
    })
}

fn select(table: &Table, condition: &str) -> String {
    let (columns, name) = (table.columns.join(", "), table.name);
    format!("SELECT entry, n, {columns} FROM {name} WHERE {condition} ORDER BY entry, n")
}

fn placed(table: &'static Table, row: &rusqlite::Row<'_>) -> Fallible<(Place, Row)> {
    let values = values_of(row, 2, table.columns.len())?;
    Ok(((row.get(0)?, row.get(1)?), Row { table, values }))
}

/// The rows of a table that belong to no patient: of one entry, or all.
pub(super) fn facts(
    conn: &Connection,
    table: &'static Table,
    entry: Option<u64>,
) -> Fallible<Vec<(Place, Row)>> {
    let condition = match entry {
        Some(_) => "entry = $1",
        None => "$1 IS NULL",
    };
    let mut statement = conn.prepare_cached(&select(table, condition))?;
    let mut found = statement.query([entry])?;
    let mut facts = Vec::new();
    while let Some(row) = found.next()? {
        facts.push(placed(table, row)?);
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
