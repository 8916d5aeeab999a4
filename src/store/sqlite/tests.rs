//! What only a connection at hand can show: faults at the commit, settings, plans.

use super::*;
use crate::domain::change::{Change, EntryKind, Person};
use crate::domain::id::PersonId;
use crate::store::Head;

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
        ("test_due < '1'", "line_test_due"),
        ("end_test_due < '1'", "line_end_test_due"),
        ("watch_until >= '1'", "line_watch"),
        (
            "visit_due = '?' AND phase IN ('before', 'on', 'paused')",
            "line_visit_due",
        ),
    ] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM line WHERE {condition}");
        let plan: String = conn.query_row(&sql, [], |row| row.get("detail")).unwrap();
        assert!(plan.contains(index), "{condition}: {plan}");
    }
}
