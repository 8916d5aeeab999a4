//! What goes wrong within a transaction, in the words of the store.

use crate::store::{Refusal, StoreError};
use rusqlite::{ErrorCode, ffi};

/// An error and SQLite's extended code for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Fault {
    pub(super) error: StoreError,
    pub(super) code: Option<i32>,
}

/// What goes wrong within a transaction.
pub(in crate::store) type Fallible<T> = Result<T, Fault>;

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
