//! Records in one SQLite file.
//!
//! A save is one transaction, begun with the intention to write, so that what
//! is read within it cannot change before the commit. After an error at the
//! commit nobody knows what is on disk: the file is opened anew and asked for
//! the entry by its id before anything is said.

mod append;
mod arrivals;
mod batch;
mod entries;
mod fault;
mod listed;
mod read;
#[cfg(test)]
mod tests;
mod verify;

use super::rows::Rows;
use super::schema::{self, Mark, OpenError, Opened};
use super::{
    Clinic, Closing, Lists, Problem, Receipt, Store, StoreError, Stored, Verdict, lists, place,
};
use crate::domain::change::{Entry, Hash, ProtocolText, Setting};
use crate::domain::id::{EntryId, PatientId};
use crate::domain::line::{Line, Projection};
use crate::domain::wanted::Wanted;
use append::{insert, kept_before, last, project};
use chrono::NaiveDate;
use entries::Reader;
use fault::{Fallible, Fault};
use listed::{candidates, still_open};
use read::{clinic, head, owner, patients, place_of, projection, search};
#[cfg(test)]
use rusqlite::ffi;
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};

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

    fn head(&self) -> Result<crate::store::Head, StoreError> {
        self.read(head)
    }

    fn narrowed(&self, wanted: &Wanted) -> Result<Lists, StoreError> {
        self.read(|conn| lists::narrowed(wanted, |wanted| candidates(conn, wanted)))
    }

    fn closing(&self, day: NaiveDate) -> Result<Closing, StoreError> {
        self.read(|conn| lists::closing(day, |open| still_open(conn, open, day)))
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
        self.read(|conn| entries::record(&mut Reader::of_one(conn, patient)?, patient))
    }

    fn records(&self, patients: &[PatientId]) -> Result<Vec<Vec<Stored>>, StoreError> {
        self.read(|conn| {
            let mut reader = Reader::of_some(conn)?;
            let patients = patients.iter();
            patients
                .map(|patient| entries::record(&mut reader, *patient))
                .collect()
        })
    }

    fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        self.read(read::settings)
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

    fn append_unless(
        &mut self,
        on: Option<u64>,
        batch: &[(Entry, Option<Projection>)],
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Receipt, StoreError> {
        let last_id = batch.last().map(|(entry, _)| entry.id);
        let saved = self.write(last_id, |conn| batch::insert_all(conn, on, batch, stop));
        if let Some(conn) = self.conn.as_ref().filter(|_| batch::large(batch)) {
            // Where it fails more memory stays in use; what was saved is saved.
            let _ = schema::cache(conn, schema::CACHE);
        }
        saved
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
        self.read(|conn| {
            let mut reader = Reader::of_one(conn, patient)?;
            Ok(verify::entries_of(&mut reader, Some(patient), u64::MAX)?.1)
        })
    }
}
