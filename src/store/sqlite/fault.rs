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

/// What the file's guards say, for whoever meets one in another tool, and what
/// it means to the program. A row changed or removed is never ours to write.
const GUARDS: [(&str, Refusal); 11] = [
    ("a saved row cannot be changed", Refusal::NotNext),
    ("a saved row cannot be removed", Refusal::NotNext),
    (
        "rows are added by the program, one whole entry after another",
        Refusal::NotNext,
    ),
    (
        "this visit is signed and takes only an amendment with its reason",
        Refusal::SignedVisit,
    ),
    (
        "this visit is void and takes nothing more",
        Refusal::VoidedVisit,
    ),
    ("a visit is signed once", Refusal::AlreadySigned),
    (
        "another visit of this patient is open",
        Refusal::AnotherVisitOpen,
    ),
    ("only a signed visit is amended", Refusal::NotSigned),
    ("this cannot be taken back", Refusal::NotUndoable),
    ("what this row names is not there", Refusal::Unknown),
    ("this was saved before", Refusal::Duplicate),
];

/// The refusal behind a guard's sentence.
fn guard(said: &str) -> Option<Refusal> {
    let said = said.strip_prefix("saishin: ")?;
    GUARDS.iter().find(|(says, _)| *says == said).map(|g| g.1)
}

/// Guards say their sentence; the rest is told by the kind of constraint.
fn refusal(code: i32, said: Option<&str>) -> Refusal {
    match code {
        ffi::SQLITE_CONSTRAINT_TRIGGER => said.and_then(guard).unwrap_or(Refusal::NotNext),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Refusal::Unknown,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Refusal::Duplicate,
        _ => Refusal::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::{GUARDS, guard};

    #[test]
    fn every_sentence_of_the_files_guards_is_known_and_none_is_left_over() {
        let schema = include_str!("../../../assets/schema/001_initial.sql");
        let said: Vec<&str> = schema
            .split("RAISE(ROLLBACK, '")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        assert!(!said.is_empty());
        for says in &said {
            assert!(guard(says).is_some(), "{says}");
        }
        for (says, _) in GUARDS {
            assert!(
                said.contains(&format!("saishin: {says}").as_str()),
                "{says}"
            );
        }
    }
}
