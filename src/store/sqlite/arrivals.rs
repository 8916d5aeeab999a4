//! What the file knows of laboratories' files.

use super::SqliteStore;
use super::entries::values_of;
use super::fault::Fallible;
use super::listed::lines;
use crate::domain::arrival::{AsideWhy, Draw, Returned};
use crate::domain::change::{Change, Hash};
use crate::domain::id::{DrawId, EntryId, PatientId};
use crate::domain::line::Line;
use crate::store::rows::{self, Cell, DRAW, RETURNED, Row, Table, Value};
use crate::store::{Arrivals, LIST_LIMIT, SetAside, StoreError, Unseen};
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

impl Arrivals for SqliteStore {
    fn imported(&self, file: &Hash) -> Result<bool, StoreError> {
        self.read(|conn| {
            let mut found = conn.prepare_cached("SELECT 1 FROM import WHERE file = $1")?;
            Ok(found.exists([file])?)
        })
    }

    fn came_before(&self, digests: &[Hash]) -> Result<Vec<bool>, StoreError> {
        self.read(|conn| {
            let mut found =
                conn.prepare_cached("SELECT 1 FROM returned WHERE digest = $1 LIMIT 1")?;
            let mut came = Vec::with_capacity(digests.len());
            for digest in digests {
                came.push(found.exists([digest])?);
            }
            Ok(came)
        })
    }

    fn message_came(&self, laboratory: Option<&str>, message: &str) -> Result<bool, StoreError> {
        self.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT 1 FROM draw WHERE message = $1 AND laboratory IS $2 LIMIT 1",
            )?;
            Ok(found.exists((message, laboratory))?)
        })
    }

    fn remembered(&self, who: &str) -> Result<Option<PatientId>, StoreError> {
        self.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT link.patient AS patient FROM link
                JOIN entry AS made ON made.seq = link.entry
                WHERE link.who = $1 AND link.how IN ('confirmed', 'remembered')
                    AND NOT EXISTS (
                        SELECT 1 FROM entry WHERE entry.undoes = made.id AND entry.kind = 'undo'
                    )
                ORDER BY link.entry DESC LIMIT 1",
            )?;
            let patient = found.query_row([who], |row| row.get("patient"));
            Ok(patient.optional()?.map(PatientId::from_bytes))
        })
    }

    fn born(&self, day: NaiveDate) -> Result<Vec<Line>, StoreError> {
        self.read(|conn| lines(conn, "birth_date = $1 ORDER BY patient", &[day.put()]))
    }

    fn waiting(&self, limit: usize) -> Result<Vec<Draw>, StoreError> {
        self.read(|conn| {
            let condition =
                format!("draw IN (SELECT draw FROM waiting) ORDER BY entry DESC, n LIMIT {limit}");
            all(conn, &DRAW, &condition, &[], |change| match change {
                Change::Draw(draw) => Some(*draw),
                _ => None,
            })
        })
    }

    fn set_aside(&self, limit: usize) -> Result<Vec<SetAside>, StoreError> {
        self.read(|conn| {
            let mut said = conn.prepare_cached(
                "SELECT named.id AS id, aside.draw AS draw, aside.why AS why FROM aside
                JOIN entry AS named ON named.seq = aside.entry
                WHERE NOT EXISTS (
                    SELECT 1 FROM entry AS undo WHERE undo.undoes = named.id AND undo.kind = 'undo'
                )
                ORDER BY aside.entry DESC LIMIT $1",
            )?;
            let mut rows = said.query([limit as u64])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let draw: Vec<u8> = row.get("draw")?;
                let why: String = row.get("why")?;
                let id = [Some(Value::Blob(draw))];
                let draws = all(conn, &DRAW, "draw = $1", &id, |change| match change {
                    Change::Draw(draw) => Some(*draw),
                    _ => None,
                })?;
                let why = AsideWhy::from_word(&why);
                if let Some((draw, why)) = draws.into_iter().next().zip(why) {
                    let entry = EntryId::from_bytes(row.get("id")?);
                    found.push(SetAside { entry, draw, why });
                }
            }
            Ok(found)
        })
    }

    fn file_of(&self, draw: DrawId) -> Result<Option<Hash>, StoreError> {
        self.read(|conn| {
            let mut found = conn.prepare_cached(
                "SELECT import.file AS file FROM draw
                JOIN import ON import.entry = draw.entry WHERE draw.draw = $1",
            )?;
            let file = found.query_row([draw.bytes()], |row| row.get("file"));
            Ok(file.optional()?)
        })
    }

    fn draw(&self, draw: DrawId) -> Result<Option<(Draw, Vec<Returned>)>, StoreError> {
        self.read(|conn| {
            let id = [draw.put()];
            let found = all(conn, &DRAW, "draw = $1", &id, |change| match change {
                Change::Draw(draw) => Some(*draw),
                _ => None,
            })?;
            let Some(draw) = found.into_iter().next() else {
                return Ok(None);
            };
            Ok(Some((draw, results(conn, &id)?)))
        })
    }

    fn unseen(&self) -> Result<Unseen, StoreError> {
        self.read(|conn| {
            let condition = format!(
                "unseen > 0 ORDER BY critical DESC, corrected DESC, unseen DESC, patient
                LIMIT {LIST_LIMIT}"
            );
            let lines = lines(conn, &condition, &[])?;
            let waiting = conn
                .prepare_cached("SELECT count(*) AS waiting FROM waiting")?
                .query_row([], |row| row.get("waiting"))?;
            Ok(Unseen { lines, waiting })
        })
    }
}

/// The results of a draw stand behind it in its entry.
fn results(conn: &Connection, id: &[Option<Value>]) -> Fallible<Vec<Returned>> {
    let condition = "draw = $1 AND entry = (SELECT entry FROM draw WHERE draw = $1)
        AND n > (SELECT n FROM draw WHERE draw = $1)
        AND n <= (SELECT n + results FROM draw WHERE draw = $1) ORDER BY n";
    all(conn, &RETURNED, condition, id, |change| match change {
        Change::Returned(result) => Some(*result),
        _ => None,
    })
}

/// Rows of a table as the facts they are.
fn all<T>(
    conn: &Connection,
    table: &'static Table,
    condition: &str,
    values: &[Option<Value>],
    pick: impl Fn(Change) -> Option<T>,
) -> Fallible<Vec<T>> {
    let (columns, name) = (table.columns.join(", "), table.name);
    let sql = format!("SELECT {columns} FROM {name} WHERE {condition}");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let mut facts = Vec::new();
    while let Some(row) = found.next()? {
        let values = values_of(row, 0, table.columns.len())?;
        let fact = rows::read(&Row { table, values }).and_then(&pick);
        facts.push(fact.ok_or(StoreError::Damaged)?);
    }
    Ok(facts)
}
