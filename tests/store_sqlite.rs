//! The file: its guards against other programs, its checks, and its faults.

#[path = "kept/every.rs"]
mod every;
mod kept;

use kept::*;
use rusqlite::Connection;
use saishin::domain::answer::Answer;
use saishin::domain::change::*;
use saishin::store::rows::Scope;
use saishin::store::schema::{Mark, OpenError, VERSION};
use saishin::store::sqlite::SqliteStore;
use saishin::store::{Problem, Store, StoreError, What};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of its own, and the path of a file in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clinic.db");
    (folder, path)
}

/// A file with every kind of entry in it.
fn full() -> (tempfile::TempDir, PathBuf, SqliteStore) {
    let (folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    save_all(&mut store, &every::entries());
    store.project(&projection(1, "123")).unwrap();
    (folder, path, store)
}

/// Another tool on the same file: no setting of ours is in force.
fn outside(path: &Path) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF")
        .unwrap();
    conn
}

fn problems(path: &Path) -> Vec<Problem> {
    SqliteStore::open(path)
        .unwrap()
        .verify(&mut |_| {})
        .unwrap()
        .problems
}

fn found(path: &Path, seq: u64, what: What) {
    let problems = problems(path);
    assert!(
        problems.contains(&Problem {
            seq: Some(seq),
            what
        }),
        "{problems:?}"
    );
}

// ---------------------------------------------------------------- guards

/// What other tools are told, in words that need no manual.
const CHANGED: &str = "saishin: a saved row cannot be changed";
const ADDED: &str = "saishin: rows are added by the program, one whole entry after another";
/// What is said of a row that is there already.
const THERE: [&str; 5] = [
    "UNIQUE constraint failed",
    "saishin: this was saved before",
    "saishin: a visit is signed once",
    "saishin: this visit is void",
    "saishin: what this row names is not there",
];

#[test]
fn other_tools_cannot_change_or_remove_a_row() {
    let (_folder, path, store) = full();
    drop(store);
    let conn = outside(&path);
    let tables: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('line', 'search_key', 'waiting')")
        .unwrap()
        .query_map([], |row| row.get("name"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(tables.len(), saishin::store::rows::TABLES.len() + 2);
    for table in tables {
        let column: String = conn
            .query_row(
                "SELECT name FROM pragma_table_info($1) ORDER BY cid DESC",
                [&table],
                |row| row.get("name"),
            )
            .unwrap();
        let (changed, removed, added) = (
            if table == "tail" { ADDED } else { CHANGED },
            "saishin: a saved row cannot be removed",
            ADDED,
        );
        for (attack, answer) in [
            (format!("DELETE FROM {table}"), removed),
            (format!("UPDATE {table} SET {column} = {column}"), changed),
            (
                format!("UPDATE OR REPLACE {table} SET {column} = {column}"),
                changed,
            ),
            (
                format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"),
                added,
            ),
            (
                format!("REPLACE INTO {table} SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1"),
                added,
            ),
            (
                format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 1"),
                added,
            ),
        ] {
            let rows = conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| {
                r.get::<_, i64>(0)
            });
            assert!(rows.unwrap() > 0, "{table} holds nothing to attack");
            let said = conn.execute_batch(&attack).unwrap_err().to_string();
            // A row that is there already is refused for that before anything else.
            let there = answer == ADDED && THERE.iter().any(|why| said.starts_with(why));
            assert!(there || said.starts_with(answer), "{attack}: {said}");
        }
    }
    drop(conn);
    assert_eq!(problems(&path), []);
}

#[test]
fn a_replace_cannot_reach_an_older_row_through_another_key() {
    let (_folder, path, store) = full();
    let head = store.clinic().unwrap().head;
    drop(store);
    let conn = outside(&path);
    // A new last entry that brings the id of an old one.
    let attack = "REPLACE INTO entry (seq, id, person, at, offset_min, kind, facts, prev, hash)
        SELECT $1, id, person, at, offset_min, 'person', 1, $2, hash FROM entry WHERE seq = 1";
    let said = conn
        .execute(attack, (head.seq + 1, head.hash))
        .unwrap_err()
        .to_string();
    assert!(said.contains("saishin: this was saved before"), "{said}");
    // A new last entry with a second opening, protocol, signature or void of what is there.
    let next = attack
        .replace("$1, id", "$1, randomblob(16)")
        .replace("'person', 1", "'person', 9");
    conn.execute(&next, (head.seq + 1, head.hash)).unwrap();
    for table in ["visit", "protocol", "signature", "void"] {
        let columns: Vec<String> = conn
            .prepare("SELECT name FROM pragma_table_info($1) WHERE name NOT IN ('entry', 'n')")
            .unwrap()
            .query_map([table], |row| row.get("name"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let columns = columns.join(", ");
        let sql = format!(
            "REPLACE INTO {table} (entry, n, {columns}) SELECT {}, 0, {columns} FROM {table} LIMIT 1",
            head.seq + 1
        );
        let before: i64 = conn
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .unwrap();
        let said = conn.execute_batch(&sql).unwrap_err().to_string();
        assert!(
            [
                "this was saved before",
                "this visit is void",
                "a visit is signed once"
            ]
            .iter()
            .any(|word| said.contains(word)),
            "{said}"
        );
        let after: i64 = conn
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .unwrap();
        assert_eq!(before, after);
    }
}

#[test]
fn nothing_can_be_added_to_an_entry_that_is_complete() {
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    drop(store);
    let conn = outside(&path);
    let late = "INSERT INTO memo (patient, entry, n, visit, item, text)
        SELECT patient, seq, 0, visit, 'dry.lips', 'late' FROM entry WHERE seq = 3";
    assert!(
        conn.execute_batch(late)
            .unwrap_err()
            .to_string()
            .contains(ADDED)
    );
    let reopened = "UPDATE tail SET missing = 1";
    assert!(
        conn.execute_batch(reopened)
            .unwrap_err()
            .to_string()
            .contains(ADDED)
    );
}

#[test]
fn the_signed_visit_is_closed_for_other_tools_too() {
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    save_all(&mut store, &[signed(1, 4)]);
    drop(store);
    let conn = outside(&path);
    conn.execute_batch(
        "INSERT INTO entry (seq, id, patient, visit, person, at, offset_min, kind, facts, prev, hash)
         SELECT 5, randomblob(16), patient, visit, person, at, offset_min, 'memo', 1, hash, randomblob(32)
         FROM entry WHERE seq = 4",
    )
    .unwrap();
    let late = "INSERT INTO memo (patient, entry, n, visit, item, text)
        SELECT patient, 5, 0, visit, 'dry.lips', 'late' FROM entry WHERE seq = 5";
    assert!(
        conn.execute_batch(late)
            .unwrap_err()
            .to_string()
            .contains("saishin: this visit is signed and takes only an amendment with its reason")
    );
}

#[test]
fn the_tables_are_those_the_program_knows() {
    let (_folder, path, _store) = full();
    let conn = outside(&path);
    for table in saishin::store::rows::TABLES {
        let columns: Vec<String> = conn
            .prepare("SELECT name FROM pragma_table_info($1) ORDER BY cid")
            .unwrap()
            .query_map([table.name], |row| row.get("name"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let known: Vec<&str> = table.key().iter().chain(table.columns).copied().collect();
        assert_eq!(columns, known, "{}", table.name);
    }
}

#[test]
fn every_word_of_the_program_is_allowed_by_the_file_and_no_other() {
    let (_folder, path, _store) = full();
    let sql: String = outside(&path)
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'entry'",
            [],
            |row| row.get("sql"),
        )
        .unwrap();
    for kind in EntryKind::ALL {
        assert!(sql.contains(&format!("'{}'", kind.word())), "{kind:?}");
    }
    let sql: String = outside(&path)
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'entry_insert'",
            [],
            |row| row.get("sql"),
        )
        .unwrap();
    for kind in EntryKind::ALL
        .iter()
        .filter(|kind| **kind != EntryKind::Undo)
    {
        assert_eq!(
            sql.contains(&format!("'{}'", kind.word())),
            kind.undoable(),
            "{kind:?}"
        );
    }
}

// ---------------------------------------------------------------- verify

/// Changes the file as somebody would who knows how to switch guards off.
fn tamper(path: &Path, table: &str, sql: &str) {
    let conn = outside(path);
    let guards: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = $1")
        .unwrap()
        .query_map([table], |row| Ok((row.get("name")?, row.get("sql")?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &guards {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch(sql).unwrap();
    for (_, sql) in &guards {
        conn.execute_batch(sql).unwrap();
    }
}

#[test]
fn a_changed_value_is_found_wherever_it_stands() {
    for table in saishin::store::rows::TABLES {
        let columns = table.columns.iter().filter(|column| {
            // What other rows name cannot be changed alone without a word from them.
            !["visit", "hash", "protocol"].contains(column)
        });
        let (_folder, path, store) = full();
        drop(store);
        for column in columns {
            let copy = path.with_extension(format!("{column}.db"));
            fs::copy(&path, &copy).unwrap();
            let seq: u64 = outside(&copy)
                .query_row(
                    &format!("SELECT max(entry) FROM {}", table.name),
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            let other = format!(
                "PRAGMA ignore_check_constraints = ON;
                 UPDATE {0} SET {column} = CASE typeof({column})
                    WHEN 'integer' THEN {column} + 1
                    WHEN 'blob' THEN zeroblob(length({column}))
                    WHEN 'text' THEN {column} || 'x'
                    ELSE (SELECT {column} FROM {0} WHERE {column} IS NOT NULL LIMIT 1)
                 END WHERE entry = {seq}
                    AND n = (SELECT max(n) FROM {0} WHERE entry = {seq})",
                table.name
            );
            tamper(&copy, table.name, &other);
            let problems = match table.scope {
                // Reading one patient is quicker and must find it as well.
                Scope::Patient => SqliteStore::open(&copy).unwrap().check(patient(1)).unwrap(),
                Scope::Clinic => problems(&copy),
            };
            assert!(
                problems.contains(&Problem {
                    seq: Some(seq),
                    what: What::Altered
                }),
                "{}.{column}: {problems:?}",
                table.name
            );
        }
    }
}

#[test]
fn a_changed_entry_is_found() {
    for column in [
        "at = at + 1",
        "person = zeroblob(16)",
        "reason = 'because'",
        "visit = NULL",
        "offset_min = 0",
    ] {
        let (_folder, path, store) = full();
        drop(store);
        tamper(
            &path,
            "entry",
            &format!("UPDATE entry SET {column} WHERE seq = 5"),
        );
        found(&path, 5, What::Altered);
    }
}

#[test]
fn a_removed_entry_is_found_even_with_its_rows() {
    let (_folder, path, store) = full();
    drop(store);
    let head: u64 = outside(&path)
        .query_row("SELECT max(entry) FROM void", [], |row| row.get(0))
        .unwrap();
    tamper(
        &path,
        "void",
        &format!("DELETE FROM void WHERE entry = {head}"),
    );
    tamper(
        &path,
        "entry",
        &format!("DELETE FROM entry WHERE seq = {}", head - 1),
    );
    let problems = problems(&path);
    let holds = |seq, what| {
        problems.contains(&Problem {
            seq: Some(seq),
            what,
        })
    };
    assert!(holds(head, What::Gap), "{problems:?}");
    assert!(
        holds(head, What::Rows { saved: 1, found: 0 }),
        "{problems:?}"
    );
    assert!(
        holds(head - 1, What::Orphan("visit".into())),
        "{problems:?}"
    );
}

#[test]
fn a_removed_last_entry_is_found_by_the_mark_it_leaves() {
    let (_folder, path, store) = full();
    let head = store.clinic().unwrap().head.seq;
    drop(store);
    tamper(
        &path,
        "void",
        &format!("DELETE FROM void WHERE entry = {head}"),
    );
    tamper(
        &path,
        "entry",
        &format!("DELETE FROM entry WHERE seq = {head}"),
    );
    assert!(problems(&path).contains(&Problem {
        seq: None,
        what: What::Tail
    }));
}

#[test]
fn reordered_entries_are_found() {
    let (_folder, path, store) = full();
    drop(store);
    let swap = "UPDATE entry SET seq = 1000 WHERE seq = 5;
        UPDATE entry SET seq = 5 WHERE seq = 6; UPDATE entry SET seq = 6 WHERE seq = 1000";
    tamper(&path, "entry", swap);
    found(&path, 5, What::Link);
    found(&path, 6, What::Link);
}

#[test]
fn a_row_moved_to_another_patient_is_found() {
    let (_folder, path, store) = full();
    drop(store);
    tamper(&path, "memo", "UPDATE memo SET patient = zeroblob(16)");
    let seq = outside(&path)
        .query_row("SELECT entry FROM memo", [], |row| row.get(0))
        .unwrap();
    found(&path, seq, What::Orphan("memo".into()));
    found(&path, seq, What::Rows { saved: 1, found: 0 });
}

#[test]
fn a_missing_or_changed_guard_is_found() {
    for (attack, name) in [
        ("DROP TRIGGER memo_update", "trigger memo_update"),
        ("DROP INDEX line_draft", "index line_draft"),
        ("CREATE TABLE stray (x)", "table stray"),
        (
            "DROP TRIGGER memo_delete; CREATE TRIGGER memo_delete BEFORE DELETE ON memo BEGIN SELECT 1; END",
            "trigger memo_delete",
        ),
        ("ALTER TABLE memo ADD COLUMN stray TEXT", "table memo"),
    ] {
        let (_folder, path, store) = full();
        drop(store);
        outside(&path).execute_batch(attack).unwrap();
        let schema = Problem {
            seq: None,
            what: What::Schema(name.to_owned()),
        };
        assert_eq!(problems(&path), [schema], "{attack}");
    }
}

#[test]
fn one_patient_is_checked_alone() {
    let (_folder, path, store) = full();
    drop(store);
    tamper(&path, "memo", "UPDATE memo SET text = 'other'");
    let store = SqliteStore::open(&path).unwrap();
    let problems = store.check(patient(1)).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].what, What::Altered);
    assert_eq!(store.check(patient(2)).unwrap(), []);
}

#[test]
fn damaged_pages_are_said_to_be_damaged() {
    let (_folder, path, store) = full();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4096).skip(20) {
        page.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x55);
    }
    fs::write(&path, bytes).unwrap();
    match SqliteStore::open(&path) {
        Ok(store) => {
            assert_eq!(store.quick_check(), Ok(false));
            assert!(matches!(
                store.record(patient(1)),
                Err(StoreError::Damaged) | Ok(_)
            ));
            match store.verify(&mut |_| {}) {
                Ok(verdict) => assert_ne!(verdict.problems, []),
                Err(error) => assert_eq!(error, StoreError::Damaged),
            }
        }
        Err(error) => assert!(
            matches!(error, OpenError::NotADatabase | OpenError::Io(_)),
            "{error:?}"
        ),
    }
}

// ---------------------------------------------------------------- opening

#[test]
fn only_a_file_of_ours_is_opened() {
    let (folder, path) = place();
    let open = |path: &Path| SqliteStore::open(path).map(|_| ()).unwrap_err();
    assert_eq!(open(&path), OpenError::Missing);
    assert!(!path.exists(), "a mistyped name makes no file");
    assert_eq!(open(folder.path()), OpenError::Directory);
    fs::write(&path, "").unwrap();
    assert_eq!(open(&path), OpenError::Empty);
    fs::write(&path, "not a database").unwrap();
    assert_eq!(open(&path), OpenError::NotADatabase);
    fs::write(&path, "not a database, but a longer text. ".repeat(99)).unwrap();
    assert_eq!(open(&path), OpenError::NotADatabase);
    fs::remove_file(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE other (x)")
        .unwrap();
    assert_eq!(open(&path), OpenError::Foreign);
    outside(&path)
        .execute_batch("PRAGMA application_id = 77")
        .unwrap();
    assert_eq!(open(&path), OpenError::Foreign);
    assert_eq!(
        SqliteStore::create(&path, Mark::Clinic).unwrap_err(),
        OpenError::Exists
    );
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(open(&pipe), OpenError::NotADatabase);
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let (_folder, path, store) = full();
    drop(store);
    outside(&path)
        .execute_batch(&format!("PRAGMA user_version = {}", VERSION + 1))
        .unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(
        SqliteStore::open(&path).unwrap_err(),
        OpenError::Newer { found: VERSION + 1 }
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(beside(&path), ["clinic.db"]);
}

/// The names of the files in the folder.
fn beside(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|found| found.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn one_file_is_left_when_it_is_closed() {
    let (_folder, path, store) = full();
    assert_eq!(beside(&path), ["clinic.db", "clinic.db-journal"]);
    drop(store);
    assert_eq!(beside(&path), ["clinic.db"]);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_this_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/clinic.db");
    let _store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn a_demonstration_is_told_from_a_clinics_own() {
    let (_folder, path) = place();
    drop(SqliteStore::create(&path, Mark::Demo).unwrap());
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.mark(), Mark::Demo);
    assert!(store.clinic().unwrap().demo);
    assert_eq!(&fs::read(&path).unwrap()[68..72], b"SAID");
}

#[test]
fn a_file_opened_for_reading_takes_nothing() {
    let (_folder, path, store) = full();
    drop(store);
    let before = fs::read(&path).unwrap();
    let mut store = SqliteStore::open_read_only(&path).unwrap();
    assert!(store.read_only());
    assert_eq!(save(&mut store, &opened(3, 50)), Err(StoreError::ReadOnly));
    assert_eq!(
        store.project(&projection(1, "9")),
        Err(StoreError::ReadOnly)
    );
    assert_eq!(store.verify(&mut |_| {}).unwrap().problems, []);
    drop(store);
    assert_eq!(fs::read(&path).unwrap(), before);
}

// ---------------------------------------------------------------- faults

#[test]
fn a_moved_or_replaced_file_takes_nothing_until_it_is_back() {
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    let away = path.with_extension("away");
    fs::rename(&path, &away).unwrap();
    assert_eq!(save(&mut store, &answered(1, 4, 1)), Err(StoreError::Moved));
    fs::copy(&away, &path).unwrap();
    assert_eq!(
        save(&mut store, &answered(1, 4, 1)),
        Err(StoreError::Moved),
        "a copy in its place"
    );
    fs::remove_file(&path).unwrap();
    fs::rename(&away, &path).unwrap();
    assert_eq!(save(&mut store, &answered(1, 4, 1)).unwrap().seq, 4);
    fs::remove_file(&path).unwrap();
    assert_eq!(save(&mut store, &answered(1, 5, 1)), Err(StoreError::Moved));
}

#[test]
fn two_programs_on_one_patient_conflict_and_on_two_do_not() {
    let (_folder, path) = place();
    let mut one = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut one);
    let mut two = SqliteStore::open(&path).unwrap();
    let expected = Some(3);
    one.append(&answered(1, 4, 1), expected, None).unwrap();
    assert_eq!(
        two.append(&answered(1, 5, 2), expected, None),
        Err(StoreError::Conflict)
    );
    let other = Entry {
        patient: Some(patient(2)),
        ..entry(6, EntryKind::Patient, vec![identity("7")])
    };
    assert_eq!(two.append(&other, None, None).unwrap().seq, 5);
    assert_eq!(
        one.append(&answered(1, 7, 2), Some(4), None).unwrap().seq,
        6
    );
    assert_eq!(problems(&path), []);
}

#[test]
fn a_save_waits_for_another_program_but_not_long() {
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    let other = outside(&path);
    // Another one that writes holds the beginning of a save.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(save(&mut store, &answered(1, 4, 1)), Err(StoreError::Busy));
    other.execute_batch("ROLLBACK").unwrap();
    // One that reads holds its commit, which then is found not to have been.
    other
        .execute_batch("BEGIN; SELECT count(*) FROM entry")
        .unwrap();
    let began = std::time::Instant::now();
    assert_eq!(save(&mut store, &answered(1, 4, 1)), Err(StoreError::Busy));
    assert!(began.elapsed().as_secs() < 3);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(save(&mut store, &answered(1, 4, 1)).unwrap().seq, 4);
    assert_eq!(problems(&path), []);
}

#[test]
fn the_readable_views_say_what_is_in_force() {
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    let many = within(
        1,
        6,
        EntryKind::Answer,
        vec![given(
            Some(1),
            Some("contraception"),
            Answer::Many(vec![2, 5]),
        )],
    );
    let laboratory = entry(
        7,
        EntryKind::Observe,
        vec![drawn(None, 1), measured(None, 1)],
    );
    let wrong = within(1, 8, EntryKind::Observe, vec![measured(Some(1), 2)]);
    save_all(
        &mut store,
        &[
            answered(1, 4, 1),
            answered(1, 5, 3),
            many,
            laboratory,
            wrong,
            answered(1, 9, 2),
        ],
    );
    save_all(
        &mut store,
        &[
            takes_back(EntryKind::Undo, 10, 8),
            takes_back(EntryKind::Undo, 11, 9),
        ],
    );
    save_all(&mut store, &[signed(1, 12)]);
    drop(store);
    let conn = outside(&path);
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        let found = statement.query_map([], |row| row.get(0)).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(
        rows(
            "SELECT item || ' ' || answer || ' ' || person || ' ' || at FROM answers_readable ORDER BY item"
        ),
        [
            "contraception 2 5 医師 一 2031-04-08 09:36:00",
            "dry.lips 3 医師 一 2031-04-08 09:35:00"
        ]
    );
    assert_eq!(
        rows(
            "SELECT chart_number || ' ' || analyte || ' ' || canonical || ' ' || drawn_on FROM labs_readable"
        ),
        ["00123 tg 512.00 2031-04-01"]
    );
    assert_eq!(
        rows(
            "SELECT name || ' ' || held_on || ' ' || state || ' ' || signed_by FROM visits_readable"
        ),
        ["山田 花子 2031-04-08 signed 医師 一"]
    );
    assert_eq!(
        rows("SELECT note_en || amendments FROM signed_visits"),
        ["00123 Yamada Hanako\ndry lips 10"]
    );
}

/// Saves answers and says which were saved, until it is killed.
#[test]
fn writes_until_killed() {
    let Some(path) = std::env::var_os("SAISHIN_TEST_KILL") else {
        return;
    };
    let mut store = SqliteStore::open(Path::new(&path)).unwrap();
    for id in 4.. {
        let seq = save(&mut store, &answered(1, id, (id % 5) as u8))
            .unwrap()
            .seq;
        println!("saved {seq}");
    }
}

#[test]
fn what_was_said_to_be_saved_survives_a_kill() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    drop(store);
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_killed", "--nocapture"])
            .env("SAISHIN_TEST_KILL", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let saved = |line: String| line.strip_prefix("saved ").and_then(|seq| seq.parse().ok());
        let mut last: Option<u64> = None;
        while last.is_none() {
            last = lines.next().and_then(|line| saved(line.unwrap()));
        }
        std::thread::sleep(std::time::Duration::from_millis(3 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines
            .map_while(Result::ok)
            .filter_map(saved)
            .last()
            .or(last)
            .unwrap();
        let store = SqliteStore::open(&path).unwrap();
        let verdict = store.verify(&mut |_| {}).unwrap();
        assert!(
            verdict.head.seq >= last,
            "{last} was lost, the last is {}",
            verdict.head.seq
        );
        assert_eq!(verdict.problems, []);
        // The next child begins where a new session would: with entries of its own.
        let next = store.record(patient(1)).unwrap().len();
        drop(store);
        if next > 3 {
            fs::remove_file(&path).unwrap();
            let mut fresh = SqliteStore::create(&path, Mark::Clinic).unwrap();
            open_visit(&mut fresh);
        }
    }
}

/// As root every file can be written; another account is asked, where there is one.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_is_opened_for_reading() {
    if let Some(path) = std::env::var_os("SAISHIN_TEST_READ_ONLY") {
        let mut store = SqliteStore::open(Path::new(&path)).unwrap();
        assert!(store.read_only());
        assert_eq!(store.record(patient(1)).unwrap().len(), 2);
        assert_eq!(
            save(&mut store, &answered(1, 4, 1)),
            Err(StoreError::ReadOnly)
        );
        println!("opened for reading");
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    drop(store);
    let own = folder.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    let only =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    only(&path, 0o444);
    only(folder.path(), 0o755);
    let root = fs::metadata("/proc/self")
        .map(|own| std::os::unix::fs::MetadataExt::uid(&own))
        .unwrap()
        == 0;
    let mut command = std::process::Command::new(if root {
        "setpriv".as_ref()
    } else {
        own.as_os_str()
    });
    if root {
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&own);
    } else {
        only(folder.path(), 0o555);
    }
    let name = "a_file_that_cannot_be_written_is_opened_for_reading";
    let asked = command
        .args(["--exact", name, "--nocapture"])
        .env("SAISHIN_TEST_READ_ONLY", &path)
        .output();
    only(folder.path(), 0o755);
    let Ok(asked) = asked else {
        eprintln!("not tried: no other account can be asked here");
        return;
    };
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(
        said.contains("opened for reading"),
        "{said}{}",
        String::from_utf8_lossy(&asked.stderr)
    );
}

// ---------------------------------------------------------------- the form of the record

/// The entry that docs/record-format.md works out by hand.
fn worked_example() -> Entry {
    Entry {
        reason: Some("値札\nを見て".into()),
        changes: vec![
            given(Some(1), Some("dry.lips"), Answer::Code(2)),
            given(
                Some(1),
                Some("weight"),
                Answer::Weight {
                    kg: number("52.40"),
                    measured_on: day("2031-04-08"),
                },
            ),
        ],
        ..within(1, 4, EntryKind::Answer, Vec::new())
    }
}

#[test]
fn the_document_works_out_the_hash_the_program_makes() {
    let document = include_str!("../docs/record-format.md");
    let rows = saishin::store::rows::Rows::of(&worked_example()).unwrap();
    let prev = [0x11; 32];
    let text = saishin::store::chain::text(4, &prev, &rows.header.values(), &rows.facts);
    assert!(document.contains(&text), "{text}");
    let hash = saishin::store::chain::hex(&rows.hash(4, &prev));
    assert!(document.contains(&hash), "{hash}");
}

#[test]
fn the_recipe_of_the_document_makes_the_hash_with_common_tools() {
    let document = include_str!("../docs/record-format.md");
    let recipe = document
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let (_folder, path) = place();
    let mut store = SqliteStore::create(&path, Mark::Clinic).unwrap();
    open_visit(&mut store);
    save_all(&mut store, &[worked_example()]);
    let asked = std::process::Command::new("sh")
        .args(["-c", recipe, "sh"])
        .arg(&path)
        .arg("4")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&asked.stderr).into_owned();
    if stderr.contains("not found") {
        eprintln!("not tried: sqlite3 or sha256sum is missing here");
        return;
    }
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}{stderr}");
    assert_eq!(
        lines[0].split(' ').next(),
        lines[1].split(' ').next(),
        "{said}"
    );
    let hash = saishin::store::chain::hex(&store.clinic().unwrap().head.hash);
    assert_eq!(lines[1], hash);
}

#[test]
fn checking_the_file_on_another_thread_holds_up_no_save() {
    let (_folder, path, mut store) = full();
    save_all(&mut store, &[opened(3, 50)]);
    let done = std::sync::atomic::AtomicBool::new(false);
    /// The checking ends even where a save fails.
    struct Ends<'a>(&'a std::sync::atomic::AtomicBool);
    impl Drop for Ends<'_> {
        fn drop(&mut self) {
            self.0.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
    std::thread::scope(|scope| {
        let checking = scope.spawn(|| {
            let store = SqliteStore::open_read_only(&path).unwrap();
            let mut rounds = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) || rounds == 0 {
                match store.verify(&mut |_| {}) {
                    Ok(verdict) => assert_eq!(verdict.problems, []),
                    // The saves come first: on a slow machine it is the checking that waits.
                    Err(StoreError::Busy) => continue,
                    Err(other) => panic!("{other}"),
                }
                rounds += 1;
            }
        });
        let ends = Ends(&done);
        for id in 51..150 {
            save(&mut store, &answered(3, id, 1)).unwrap();
        }
        drop(ends);
        checking.join().unwrap();
    });
    assert_eq!(problems(&path), []);
}
