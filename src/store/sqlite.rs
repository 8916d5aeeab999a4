//! Records in one SQLite file.
//!
//! A save is one transaction, begun with the intention to write, so that what
//! is read within it cannot change before the commit. After an error at the
//! commit nobody knows what is on disk: the file is opened anew and asked for
//! the entry by its id before anything is said.

use super::lists::{self, Found};
use super::rows::{self, Cell, ENTRY, Header, LINE, Row, Rows, Scope, TABLES, Table, Value};
use super::schema::{self, Mark, OpenError, Opened};
use super::{
    Clinic, Head, LIST_LIMIT, Lists, Problem, ProtocolRef, Receipt, Refusal, Store, StoreError,
    Stored, Verdict, place, verify,
};
use crate::domain::change::{Entry, Hash, ProtocolText};
use crate::domain::id::{EntryId, PatientId, PersonId};
use crate::domain::line::{Line, Projection};
use chrono::NaiveDate;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, ToSql, ffi, params_from_iter};
use std::path::{Path, PathBuf};

/// How many search keys are looked through for the middle of a name: about a
/// seventh of a microsecond each, so that typing is not held up.
const SCAN: usize = 100_000;

/// A file of records, open.
#[derive(Debug)]
pub struct SqliteStore {
    /// None only while the file cannot be opened again after a failed commit.
    conn: Option<Connection>,
    path: PathBuf,
    identity: place::Identity,
    mark: Mark,
    read_only: bool,
    #[cfg(test)]
    commit_fault: Option<CommitFault>,
}

/// What a test makes of the next commit.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CommitFault {
    /// It is on disk, and an error is reported.
    After,
    /// It is not, and an error is reported.
    Before,
}

impl SqliteStore {
    /// Opens a file that exists.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self::of(path, schema::open(path)?))
    }

    /// Opens a file that exists, for reading only.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        Ok(Self::of(path, schema::open_read_only(path)?))
    }

    /// Makes a file and opens it.
    pub fn create(path: &Path, mark: Mark) -> Result<Self, OpenError> {
        Ok(Self::of(path, schema::create(path, mark)?))
    }

    fn of(path: &Path, opened: Opened) -> Self {
        Self {
            conn: Some(opened.conn),
            path: path.to_owned(),
            identity: opened.identity,
            mark: opened.mark,
            read_only: opened.read_only,
            #[cfg(test)]
            commit_fault: None,
        }
    }

    /// Whom the file is for.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Whether nothing can be saved in it.
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file's own structure is whole. Not for the start: it reads
    /// the whole file.
    pub fn quick_check(&self) -> Result<bool, StoreError> {
        Ok(verify::structure(self.conn()?, "quick_check")?)
    }

    fn conn(&self) -> Result<&Connection, StoreError> {
        self.conn.as_ref().ok_or(StoreError::Unknown)
    }

    /// Runs `work` on one state of the file, whatever others save meanwhile.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Fallible<T>) -> Result<T, StoreError> {
        let conn = self.conn()?;
        let snapshot = || {
            let still = conn.unchecked_transaction()?;
            let found = work(conn)?;
            still.commit()?;
            Ok(found)
        };
        snapshot().map_err(|fault| self.second_look(fault))
    }

    /// Runs `work` as one transaction; `id` names what it saves, where it is
    /// to be asked for after a failed commit.
    fn write(
        &mut self,
        id: Option<EntryId>,
        work: impl FnOnce(&Connection) -> Fallible<Receipt>,
    ) -> Result<Receipt, StoreError> {
        self.ready()?;
        let conn = self.conn()?;
        let worked = conn
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut begin| begin.execute([]))
            .map_err(Fault::from)
            .and_then(|_| work(conn));
        match worked {
            Ok(receipt) => self.commit(id, receipt),
            Err(fault) => {
                self.roll_back();
                Err(self.second_look(fault))
            }
        }
    }

    /// Nothing is accepted for a file that is gone or cannot be written.
    fn ready(&mut self) -> Result<(), StoreError> {
        if self.read_only {
            return Err(StoreError::ReadOnly);
        }
        if place::identity(&self.path).ok() != Some(self.identity) {
            return Err(StoreError::Moved);
        }
        if self.conn.is_none() {
            self.reopen()
        } else {
            Ok(())
        }
    }

    fn commit(&mut self, id: Option<EntryId>, receipt: Receipt) -> Result<Receipt, StoreError> {
        let Err(error) = self.try_commit() else {
            return Ok(receipt);
        };
        let fault = Fault::from(error);
        self.roll_back();
        if let StoreError::Refused(_) = fault.error {
            return Err(fault.error);
        }
        self.reopen()?;
        let Some(id) = id else {
            return Err(fault.error);
        };
        match place_of(self.conn()?, id) {
            Ok(Some(saved)) if saved.hash == receipt.hash => Ok(receipt),
            Ok(_) => Err(fault.error),
            Err(_) => Err(StoreError::Unknown),
        }
    }

    fn try_commit(&mut self) -> rusqlite::Result<()> {
        #[cfg(test)]
        let fault = self.commit_fault.take();
        #[cfg(test)]
        let lost =
            || rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None);
        #[cfg(test)]
        if fault == Some(CommitFault::Before) {
            return Err(lost());
        }
        if let Some(conn) = &self.conn {
            conn.prepare_cached("COMMIT")?.execute([])?;
        }
        #[cfg(test)]
        if fault == Some(CommitFault::After) {
            return Err(lost());
        }
        Ok(())
    }

    fn roll_back(&self) {
        if let Some(conn) = self.conn.as_ref().filter(|conn| !conn.is_autocommit()) {
            // Where this fails the transaction is gone already, or goes with
            // the connection.
            let _ = conn.execute_batch("ROLLBACK");
        }
    }

    /// Opens the file anew: what the old connection thought does not count.
    fn reopen(&mut self) -> Result<(), StoreError> {
        self.conn = None;
        let opened = schema::open(&self.path).map_err(|_| StoreError::Unknown)?;
        if opened.identity != self.identity || opened.mark != self.mark {
            return Err(StoreError::Unknown);
        }
        self.conn = Some(opened.conn);
        Ok(())
    }

    /// A failing disk is reported as damage now and then; damage is only what
    /// a second connection finds too.
    fn second_look(&self, fault: Fault) -> StoreError {
        if fault.error != StoreError::Damaged {
            return fault.error;
        }
        let whole = schema::open_read_only(&self.path)
            .is_ok_and(|opened| verify::structure(&opened.conn, "quick_check") == Ok(true));
        match fault.code {
            Some(code) if whole => StoreError::Io(code),
            _ => StoreError::Damaged,
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.as_ref().filter(|_| !self.read_only) {
            schema::close(conn);
        }
    }
}

/// An error and SQLite's extended code for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    error: StoreError,
    code: Option<i32>,
}

/// What goes wrong within a transaction.
pub(super) type Fallible<T> = Result<T, Fault>;

impl Fault {
    pub(super) fn damaged(&self) -> bool {
        self.error == StoreError::Damaged
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self { error, code: None }
    }
}

impl From<Refusal> for Fault {
    fn from(why: Refusal) -> Self {
        StoreError::from(why).into()
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, said) = &error else {
            // A column that is not there or not of its type.
            return StoreError::Damaged.into();
        };
        let code = failure.extended_code;
        let error = match failure.code {
            _ if code == ffi::SQLITE_READONLY_DBMOVED => StoreError::Moved,
            ErrorCode::ReadOnly => StoreError::ReadOnly,
            ErrorCode::DiskFull => StoreError::DiskFull,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
            ErrorCode::ConstraintViolation => refusal(code, said.as_deref()).into(),
            ErrorCode::TooBig => Refusal::Malformed.into(),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged,
            _ => StoreError::Io(code),
        };
        Self {
            error,
            code: Some(code),
        }
    }
}

/// Guards say their word; the rest is told by the kind of constraint.
fn refusal(code: i32, said: Option<&str>) -> Refusal {
    match code {
        ffi::SQLITE_CONSTRAINT_TRIGGER => said
            .and_then(Refusal::from_word)
            .unwrap_or(Refusal::NotNext),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Refusal::Unknown,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Refusal::Duplicate,
        _ => Refusal::Malformed,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Store for SqliteStore {
    fn clinic(&self) -> Result<Clinic, StoreError> {
        let demo = self.mark == Mark::Demo;
        self.read(|conn| {
            Ok(Clinic {
                demo,
                ..clinic(conn)?
            })
        })
    }

    fn lists(&self, day: NaiveDate) -> Result<Lists, StoreError> {
        self.read(|conn| Ok(lists::arrange(candidates(conn, day)?, day)))
    }

    fn search(&self, keys: &[String], limit: usize) -> Result<Vec<Line>, StoreError> {
        self.read(|conn| {
            let mut lines = Vec::new();
            for patient in search(conn, keys, limit)? {
                lines.extend(projection(conn, patient)?.map(|found| found.line));
            }
            Ok(lines)
        })
    }

    fn find(&self, chart_key: &str) -> Result<Option<PatientId>, StoreError> {
        self.read(|conn| owner(conn, chart_key))
    }

    fn record(&self, patient: PatientId) -> Result<Vec<Stored>, StoreError> {
        self.read(|conn| {
            entries(conn, Some(patient))?
                .into_iter()
                .map(|read| read.stored().ok_or_else(|| StoreError::Damaged.into()))
                .collect()
        })
    }

    fn protocol(&self, hash: &Hash) -> Result<Option<ProtocolText>, StoreError> {
        self.read(|conn| {
            let found = conn
                .prepare_cached("SELECT hash, id, version, text FROM protocol WHERE hash = $1")?
                .query_row([hash], |row| {
                    let (id, version, text) =
                        (row.get("id")?, row.get("version")?, row.get("text")?);
                    Ok(ProtocolText {
                        hash: *hash,
                        id,
                        version,
                        text,
                    })
                })
                .optional()?;
            Ok(found)
        })
    }

    fn append(
        &mut self,
        entry: &Entry,
        expected: Option<u64>,
        projection: Option<&Projection>,
    ) -> Result<Receipt, StoreError> {
        let rows = Rows::of(entry)?;
        self.write(Some(entry.id), |conn| {
            if let Some(receipt) = kept_before(conn, &rows)? {
                return Ok(receipt);
            }
            if let Some(patient) = entry.patient
                && last(conn, patient)? != expected
            {
                return Err(StoreError::Conflict.into());
            }
            insert(conn, &rows, projection)
        })
    }

    fn append_all(&mut self, batch: &[(Entry, Option<Projection>)]) -> Result<Receipt, StoreError> {
        let last_id = batch.last().map(|(entry, _)| entry.id);
        self.write(last_id, |conn| {
            for (entry, projection) in batch {
                let rows = Rows::of(entry)?;
                if kept_before(conn, &rows)?.is_none() {
                    insert(conn, &rows, projection.as_ref())?;
                }
            }
            head(conn)
        })
    }

    fn patients(&self) -> Result<Vec<PatientId>, StoreError> {
        self.read(patients)
    }

    fn projection(&self, patient: PatientId) -> Result<Option<Projection>, StoreError> {
        self.read(|conn| projection(conn, patient))
    }

    fn project(&mut self, new: &Projection) -> Result<(), StoreError> {
        self.write(None, |conn| {
            project(conn, new)?;
            head(conn)
        })
        .map(|_| ())
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verdict, StoreError> {
        Ok(verify::all(self.conn()?, progress)?)
    }

    fn check(&self, patient: PatientId) -> Result<Vec<Problem>, StoreError> {
        self.read(|conn| Ok(verify::entries_of(conn, Some(patient), u64::MAX)?.1))
    }
}

// ---------------------------------------------------------------- writing

/// Adds one entry behind the last, with its rows and the patient's projection.
fn insert(conn: &Connection, rows: &Rows, projection: Option<&Projection>) -> Fallible<Receipt> {
    let Head { seq, hash: prev } = head(conn)?;
    let seq = seq + 1;
    let hash = rows.hash(seq, &prev);
    insert_entry(conn, seq, &prev, &hash, &rows.header)?;
    for n in rows.insert_order() {
        insert_fact(conn, rows.header.patient, seq, n, &rows.facts[n])?;
    }
    if let Some(projection) = projection {
        project(conn, projection)?;
    }
    if !known(conn, rows.header.person)? {
        return Err(Refusal::Unknown.into());
    }
    Ok(Receipt { seq, hash })
}

fn insert_entry(
    conn: &Connection,
    seq: u64,
    prev: &Hash,
    hash: &Hash,
    header: &Header,
) -> Fallible<()> {
    let mut values = vec![Some(Value::Int(seq as i64)), prev.put(), hash.put()];
    values.extend(header.values());
    let columns = ["seq", "prev", "hash"].iter().chain(ENTRY.columns);
    let sql = insert_sql(&ENTRY, columns, values.len());
    conn.prepare_cached(&sql)?
        .execute(params_from_iter(values))?;
    Ok(())
}

fn insert_fact(
    conn: &Connection,
    patient: Option<PatientId>,
    seq: u64,
    n: usize,
    row: &Row,
) -> Fallible<()> {
    let place = [Some(Value::Int(seq as i64)), Some(Value::Int(n as i64))];
    let key = match row.table.scope {
        Scope::Clinic => None,
        Scope::Patient => Some(patient.put()),
    };
    let values: Vec<&Option<Value>> = key.iter().chain(&place).chain(&row.values).collect();
    let columns = row.table.key().iter().chain(row.table.columns);
    let sql = insert_sql(row.table, columns, values.len());
    conn.prepare_cached(&sql)?
        .execute(params_from_iter(values))?;
    Ok(())
}

fn insert_sql<'a>(
    table: &Table,
    columns: impl Iterator<Item = &'a &'static str>,
    count: usize,
) -> String {
    let columns = columns.copied().collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO {} ({columns}) VALUES ({})",
        table.name,
        placeholders(count)
    )
}

fn placeholders(count: usize) -> String {
    (1..=count)
        .map(|place| format!("${place}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Writes what is kept beside a patient's facts; nothing where nothing changed.
fn project(conn: &Connection, new: &Projection) -> Fallible<()> {
    let values = rows::line_values(new)?;
    let patient = new.line.patient;
    if owner(conn, &new.chart_key)?.is_some_and(|owner| owner != patient) {
        return Err(StoreError::ChartNumberTaken.into());
    }
    let old = projection(conn, patient)?;
    if old.as_ref() == Some(new) {
        return Ok(());
    }
    let set: Vec<String> = LINE.columns[1..]
        .iter()
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let sql = format!(
        "{} ON CONFLICT (patient) DO UPDATE SET {}",
        insert_sql(&LINE, LINE.columns.iter(), values.len()),
        set.join(", ")
    );
    conn.prepare_cached(&sql)?
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

// ---------------------------------------------------------------- reading

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

/// Where the entry with this id stands.
fn place_of(conn: &Connection, id: EntryId) -> Fallible<Option<Head>> {
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

/// Where this very entry was kept before; another one under its id is refused.
fn kept_before(conn: &Connection, rows: &Rows) -> Fallible<Option<Receipt>> {
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

fn last(conn: &Connection, patient: PatientId) -> Fallible<Option<u64>> {
    Ok(conn
        .prepare_cached("SELECT max(seq) AS seq FROM entry WHERE patient = $1")?
        .query_row([patient.put()], |row| row.get("seq"))?)
}

fn known(conn: &Connection, person: PersonId) -> Fallible<bool> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM person WHERE person = $1")?
        .exists([person.put()])?)
}

fn owner(conn: &Connection, chart_key: &str) -> Fallible<Option<PatientId>> {
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

fn clinic(conn: &Connection) -> Fallible<Clinic> {
    let sql = "SELECT count(*) AS patients FROM line";
    let patients = conn
        .prepare_cached(sql)?
        .query_row([], |row| row.get("patients"))?;
    let mut clinic = Clinic {
        head: head(conn)?,
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

/// The lines that may stand in a list of `day`, as many of each part as a list
/// can show and one more.
fn candidates(conn: &Connection, day: NaiveDate) -> Fallible<Vec<Line>> {
    let (first, end) = lists::around(day);
    let days = [first, end, day].map(|day| day.put());
    // Whoever stands in today's list must not use up the room of the other.
    // (SQLite numbers placeholders as they first appear: this comes first.)
    let later = "(visit_due BETWEEN $1 AND $2 OR blood_due BETWEEN $1 AND $2) IS NOT TRUE
        AND draft IS NULL";
    let running = "phase IN ('before', 'on', 'paused')";
    let parts = [
        ("draft IS NOT NULL".to_owned(), "draft", 0),
        (
            "visit_due BETWEEN $1 AND $2 AND draft IS NULL".to_owned(),
            "visit_due",
            2,
        ),
        (
            "blood_due BETWEEN $1 AND $2 AND draft IS NULL".to_owned(),
            "blood_due",
            2,
        ),
        (
            format!("{later} AND visit_due IS NULL AND {running}"),
            "patient",
            2,
        ),
        (format!("{later} AND visit_due < $1"), "visit_due", 2),
        (format!("{later} AND blood_due < $1"), "blood_due", 2),
        (format!("{later} AND window_until >= $3"), "window_until", 3),
    ];
    let mut lines = Vec::new();
    for (part, order, used) in parts {
        let condition = format!("{part} ORDER BY {order}, patient LIMIT {}", LIST_LIMIT + 1);
        let found = projections(conn, &condition, &days[..used])?;
        lines.extend(found.into_iter().map(|projection| projection.line));
    }
    Ok(lines)
}

fn projection(conn: &Connection, patient: PatientId) -> Fallible<Option<Projection>> {
    Ok(projections(conn, "patient = $1", &[patient.put()])?.pop())
}

fn projections(
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
fn search(conn: &Connection, keys: &[String], limit: usize) -> Fallible<Vec<PatientId>> {
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
type Place = (u64, i64);

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
enum By {
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
            seq: row.get("seq")?,
            prev: row.get("prev")?,
            hash: row.get("hash")?,
            header: values_of(row, 3, ENTRY.columns.len())?,
            facts: Vec::new(),
            in_place: true,
        });
    }
    Ok(entries)
}

fn facts(conn: &Connection, table: &'static Table, by: Option<By>) -> Fallible<Vec<(Place, Row)>> {
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
        facts.push(((row.get("entry")?, row.get("n")?), Row { table, values }));
    }
    Ok(facts)
}

/// The values of the columns that were asked for in a table's own order.
fn values_of(row: &rusqlite::Row<'_>, from: usize, count: usize) -> Fallible<Vec<Option<Value>>> {
    (from..from + count)
        .map(|column| match row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(Value::Int(number))),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(Value::Text(text.to_owned()))),
                Err(_) => Err(StoreError::Damaged.into()),
            },
            ValueRef::Blob(bytes) => Ok(Some(Value::Blob(bytes.to_vec()))),
            ValueRef::Real(_) => Err(StoreError::Damaged.into()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Change, EntryKind, Person};

    fn store() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(&folder.path().join("clinic.db"), Mark::Clinic).unwrap();
        (folder, store)
    }

    fn named(id: u8, name: &str) -> Entry {
        let person = PersonId::from_bytes([1; 16]);
        Entry {
            id: EntryId::from_bytes([id; 16]),
            patient: None,
            visit: None,
            person,
            at: "2031-04-08T09:30:00+09:00".parse().unwrap(),
            kind: EntryKind::Person,
            undoes: None,
            reason: None,
            changes: vec![Change::Person(Person {
                person,
                name: name.to_owned(),
            })],
        }
    }

    #[test]
    fn a_commit_that_failed_and_was_made_is_said_to_be_saved() {
        let (_folder, mut store) = store();
        store.commit_fault = Some(CommitFault::After);
        let receipt = store.append(&named(1, "A"), None, None).unwrap();
        assert_eq!(receipt, store.clinic().unwrap().head);
        assert_eq!(store.append(&named(2, "B"), None, None).unwrap().seq, 2);
    }

    #[test]
    fn a_commit_that_failed_is_said_to_have_failed() {
        let (_folder, mut store) = store();
        store.commit_fault = Some(CommitFault::Before);
        let failed = store.append(&named(1, "A"), None, None);
        assert_eq!(failed, Err(StoreError::Io(ffi::SQLITE_IOERR_FSYNC)));
        assert_eq!(store.clinic().unwrap().head, Head::default());
        assert_eq!(
            store.append(&named(1, "A"), None, None).unwrap().seq,
            1,
            "sent again"
        );
        assert_eq!(
            store.append(&named(1, "A"), None, None).unwrap().seq,
            1,
            "and again"
        );
    }

    #[test]
    fn what_cannot_be_told_is_said_so_and_told_when_the_file_is_back() {
        let (_folder, mut store) = store();
        let away = store.path.with_extension("away");
        store.roll_back();
        // The file goes away between the commit and the look for its outcome.
        store
            .write(None, |conn| insert(conn, &Rows::of(&named(1, "A"))?, None))
            .unwrap();
        std::fs::rename(&store.path, &away).unwrap();
        assert_eq!(store.reopen(), Err(StoreError::Unknown));
        assert_eq!(store.clinic(), Err(StoreError::Unknown));
        assert_eq!(
            store.append(&named(1, "A"), None, None),
            Err(StoreError::Moved)
        );
        std::fs::rename(&away, &store.path).unwrap();
        assert_eq!(
            store.append(&named(1, "A"), None, None).unwrap().seq,
            1,
            "saved once"
        );
    }

    #[test]
    fn a_full_disk_is_said_and_saving_goes_on_when_there_is_room() {
        let (_folder, mut store) = store();
        let limit = |store: &SqliteStore, pages: i64| {
            let conn = store.conn().unwrap();
            conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
                .unwrap();
        };
        limit(&store, 1);
        let long = "x".repeat(20_000);
        assert_eq!(
            store.append(&named(1, &long), None, None),
            Err(StoreError::DiskFull)
        );
        assert_eq!(store.clinic().unwrap().people, []);
        limit(&store, 1_000_000);
        assert_eq!(store.append(&named(1, &long), None, None).unwrap().seq, 1);
        assert_eq!(store.verify(&mut |_| {}).unwrap().problems, []);
    }

    #[test]
    fn every_setting_is_in_force() {
        let (_folder, store) = store();
        let conn = store.conn().unwrap();
        let read = |pragma: &str| -> String {
            conn.pragma_query_value(None, pragma, |row| {
                let value: rusqlite::types::Value = row.get(0)?;
                Ok(format!("{value:?}"))
            })
            .unwrap()
        };
        assert_eq!(read("journal_mode"), "Text(\"truncate\")");
        assert_eq!(read("synchronous"), "Integer(3)");
        for on in [
            "foreign_keys",
            "recursive_triggers",
            "cell_size_check",
            "secure_delete",
            "fullfsync",
        ] {
            assert_eq!(read(on), "Integer(1)", "{on}");
        }
        for off in ["trusted_schema", "mmap_size"] {
            assert_eq!(read(off), "Integer(0)", "{off}");
        }
        assert_eq!(read("temp_store"), "Integer(2)");
        assert_eq!(
            read("user_version"),
            format!("Integer({})", schema::VERSION)
        );
        let defied = conn.execute_batch("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema");
        assert!(defied.is_err(), "the schema cannot be written");
    }

    #[test]
    fn todays_list_is_read_from_indexes() {
        let (_folder, store) = store();
        let conn = store.conn().unwrap();
        for (condition, index) in [
            ("draft IS NOT NULL ORDER BY draft", "line_draft"),
            ("visit_due BETWEEN '1' AND '2'", "line_visit_due"),
            ("blood_due < '1'", "line_blood_due"),
            ("window_until >= '1'", "line_window"),
            (
                "visit_due IS NULL AND phase IN ('before', 'on', 'paused')",
                "line_cannot_tell",
            ),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM line WHERE {condition}");
            let plan: String = conn.query_row(&sql, [], |row| row.get("detail")).unwrap();
            assert!(plan.contains(index), "{condition}: {plan}");
        }
    }
}
