//! Opening a file: only one of ours, only as it must be, never made by mistake.
//!
//! At start only the header and the settings of the connection are looked at;
//! what takes longer is asked for after the first frame.

use super::place;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The numbered steps that make the tables. A released one is never edited.
const MIGRATIONS: &[(u32, &str)] = &[(1, include_str!("../../assets/schema/001_initial.sql"))];

/// The version of the files this program writes.
pub const VERSION: u32 = 1;

/// Longest text or row that is taken: a protocol's text is far below.
const LONGEST: i32 = 4 * 1024 * 1024;

/// How long a save waits for another program before it says so.
const PATIENCE: Duration = Duration::from_millis(900);

/// Whom a file is for, written in its header so that any tool can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A clinic's own patients.
    Clinic,
    /// Invented patients only.
    Demo,
}

impl Mark {
    /// The header's application id: SAIS, or SAID for a demonstration.
    pub fn application_id(self) -> i32 {
        i32::from_be_bytes(match self {
            Self::Clinic => *b"SAIS",
            Self::Demo => *b"SAID",
        })
    }

    fn of(application_id: i32) -> Option<Self> {
        [Self::Clinic, Self::Demo]
            .into_iter()
            .find(|mark| mark.application_id() == application_id)
    }
}

/// Why a file was not opened or not made. The file itself is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// There is none of this name.
    Missing,
    /// There is one of this name already.
    Exists,
    /// Not a database, or no file at all.
    NotADatabase,
    /// A database of another program.
    Foreign,
    /// Written by a newer version of this program.
    Newer {
        found: u32,
    },
    /// A file with nothing in it.
    Empty,
    Directory,
    /// On another computer.
    Network,
    NotPermitted,
    /// Another program holds it.
    Busy,
    /// No room left.
    DiskFull,
    /// A setting that keeps saves safe could not be put in force.
    Unsafe(&'static str),
    /// The system reported an error, by its own number or SQLite's.
    Io(i32),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Exists => f.write_str("the file exists already"),
            Self::NotADatabase => f.write_str("this is not a database"),
            Self::Foreign => f.write_str("this file belongs to another program"),
            Self::Newer { found } => {
                write!(
                    f,
                    "written by a newer version (file {found}, this program {VERSION})"
                )
            }
            Self::Empty => f.write_str("the file is empty"),
            Self::Directory => f.write_str("this is a directory"),
            Self::Network => f.write_str("the file is on a network share"),
            Self::NotPermitted => f.write_str("the system does not permit it"),
            Self::Busy => f.write_str("another program holds the file"),
            Self::DiskFull => f.write_str("the disk is full"),
            Self::Unsafe(setting) => write!(f, "{setting} could not be put in force"),
            Self::Io(code) => write!(f, "the system reported an error ({code})"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotPermitted
            }
            io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Io(error.raw_os_error().unwrap_or_default()),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map_or(0, |error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Self::NotPermitted
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Io(code),
        }
    }
}

/// A file that was opened as it must be.
pub(super) struct Opened {
    pub(super) conn: Connection,
    pub(super) mark: Mark,
    /// Whether nothing can be saved in it.
    pub(super) read_only: bool,
    pub(super) identity: place::Identity,
}

/// Opens a file of ours. One that cannot be written is opened for reading.
pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    look_at(path)?;
    let flags = if place::writable(&place::folder(path)) {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    open_with(path, flags)
}

/// Opens a file of ours for reading, such as for checking it on another thread.
pub(super) fn open_read_only(path: &Path) -> Result<Opened, OpenError> {
    look_at(path)?;
    open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Makes a file of ours, for this account only; it has its name once it is whole.
pub(super) fn create(path: &Path, mark: Mark) -> Result<Opened, OpenError> {
    if path.symlink_metadata().is_ok() {
        return Err(OpenError::Exists);
    }
    let folder = place::folder(path);
    place::make_folder(&folder)?;
    if place::network(&folder) {
        return Err(OpenError::Network);
    }
    let part = part_of(path);
    place::make_file(&part)?;
    let made = fill(&part, mark).and_then(|()| Ok(place::settle(&part, path)?));
    if let Err(error) = made {
        // What is left of it is ours and holds nothing; the first error counts.
        let _ = std::fs::remove_file(&part);
        return Err(error);
    }
    open(path)
}

/// The name under which a file is made, particular to this process.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    PathBuf::from(name)
}

fn fill(part: &Path, mark: Mark) -> Result<(), OpenError> {
    let conn = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure(&conn, false)?;
    conn.execute_batch(&format!(
        "PRAGMA application_id = {}",
        mark.application_id()
    ))?;
    migrate(&conn, 0)?;
    close(&conn);
    conn.close().map_err(|(_, error)| error.into())
}

/// Leaves one file behind instead of two.
pub(super) fn close(conn: &Connection) {
    // An empty journal beside the file does no harm if this fails.
    let _ = conn.execute_batch("PRAGMA journal_mode = DELETE");
}

/// What can be told before SQLite touches it.
fn look_at(path: &Path) -> Result<(), OpenError> {
    let found = path.metadata()?;
    if found.is_dir() {
        return Err(OpenError::Directory);
    }
    // Opening a pipe would wait for its other end.
    if !found.is_file() {
        return Err(OpenError::NotADatabase);
    }
    match found.len() {
        0 => return Err(OpenError::Empty),
        1..100 => return Err(OpenError::NotADatabase),
        _ => {}
    }
    if place::network(path) {
        Err(OpenError::Network)
    } else {
        Ok(())
    }
}

fn open_with(path: &Path, flags: OpenFlags) -> Result<Opened, OpenError> {
    let identity = place::identity(path)?;
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(PATIENCE)?;
    let mark = Mark::of(number(&conn, "application_id")? as i32).ok_or(OpenError::Foreign)?;
    let version = number(&conn, "user_version")? as u32;
    match version {
        0 => return Err(OpenError::Foreign),
        found if found > VERSION => return Err(OpenError::Newer { found }),
        _ => {}
    }
    let read_only = conn.is_readonly(MAIN_DB)?;
    configure(&conn, read_only)?;
    if version < VERSION {
        migrate(&conn, version)?;
    }
    // The name must still lead to the file that was opened.
    if place::identity(path)? != identity {
        return Err(OpenError::Missing);
    }
    Ok(Opened {
        conn,
        mark,
        read_only,
        identity,
    })
}

/// Every setting of a connection, and what reading it back must give.
const SETTINGS: &[(&str, &str, i64)] = &[
    // The transaction counts only once the folder is on disk too.
    ("synchronous", "EXTRA", 3),
    ("foreign_keys", "ON", 1),
    // Without it REPLACE removes rows past the guards.
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("temp_store", "MEMORY", 2),
    // Nothing of a patient stays behind in freed pages.
    ("secure_delete", "ON", 1),
    ("fullfsync", "ON", 1),
];

/// How much of the file is kept, in KiB: the system keeps it in memory already, and
/// this is enough for a save.
pub(super) const CACHE: u32 = 100;

/// The same for many entries in one transaction, whose pages would be written and
/// read again and again.
pub(super) const LARGE_CACHE: u32 = 4_000;

/// How much of the file a connection keeps, in KiB.
pub(super) fn cache(conn: &Connection, kib: u32) -> rusqlite::Result<()> {
    conn.execute_batch(&format!("PRAGMA cache_size = -{kib}"))
}

fn configure(conn: &Connection, read_only: bool) -> Result<(), OpenError> {
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    // One, for a copy made by VACUUM INTO.
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    conn.set_prepared_statement_cache_capacity(16);
    for (name, value, expected) in SETTINGS {
        conn.execute_batch(&format!("PRAGMA {name} = {value}"))?;
        if number(conn, name)? != *expected {
            return Err(OpenError::Unsafe(name));
        }
    }
    conn.execute_batch("PRAGMA mmap_size = 0")?;
    cache(conn, CACHE)?;
    if !read_only {
        let mode: String = conn.query_row("PRAGMA journal_mode = TRUNCATE", [], |row| {
            row.get("journal_mode")
        })?;
        if mode != "truncate" {
            return Err(OpenError::Unsafe("journal_mode"));
        }
    }
    Ok(())
}

fn number(conn: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Runs the steps behind version `from`, each whole or not at all.
fn migrate(conn: &Connection, from: u32) -> rusqlite::Result<()> {
    for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| *version > from) {
        let step = conn.unchecked_transaction()?;
        step.execute_batch(sql)?;
        step.execute_batch(&format!("PRAGMA user_version = {version}"))?;
        step.commit()?;
    }
    Ok(())
}

/// One table, index, view or trigger, as the file describes it.
pub(super) type Described = (String, Option<String>);

/// What the file says it is made of, by name.
pub(super) fn described(conn: &Connection) -> rusqlite::Result<Vec<Described>> {
    conn.prepare("SELECT type || ' ' || name AS name, sql FROM sqlite_schema ORDER BY 1")?
        .query_map([], |row| Ok((row.get("name")?, row.get("sql")?)))?
        .collect()
}

/// What a file of this version is made of.
pub(super) fn expected() -> rusqlite::Result<Vec<Described>> {
    let conn = Connection::open_in_memory()?;
    migrate(&conn, 0)?;
    described(&conn)
}
