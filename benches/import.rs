//! Taking in 10,000 results in 500 messages, beside reading the same bytes and
//! inserting the same rows with a bare loop: `cargo bench --bench import`.
//!
//! Every message is of another patient, who is matched, so that the program also
//! looks up, links and works out each patient's row. The bare loop inserts what
//! stands in the file afterwards, into tables without checks or guards.
//!
//! Then a file of 10 MB as somebody takes it in at the screen: how long the store's
//! thread is busy before it looks for another request.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use saishin::app::assets;
use saishin::app::taking::{self, Intake, Job, News, Sought, Tables, Under, gather};
use saishin::domain::answer::Sex;
use saishin::domain::change::{Change, Entry, EntryKind, Identity, Person};
use saishin::domain::due;
use saishin::domain::id::{EntryId, PatientId, PersonId};
use saishin::domain::lang::Lang;
use saishin::domain::matching::Scheme;
use saishin::domain::record::Record;
use saishin::screen::{Clinic, Ids};
use saishin::store::Store;
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;
use std::cell::Cell;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

const MESSAGES: usize = 500;
const EACH: usize = 20;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let clinic = assets::read(&[], Lang::En)
        .expect("the shipped files")
        .clinic;
    let bytes = messages();
    let sent = folder.path().join("results.hl7");
    std::fs::write(&sent, &bytes).expect("a file");
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let path = folder.path().join(format!("{round}.db"));
        let mut store = SqliteStore::create(&path, Mark::Clinic).expect("a store");
        register(&mut store, &clinic);
        ours.push(program(&mut store, &sent, &clinic));
        drop(store);
        let tables = rows(&path);
        bare.push(loops(
            &folder.path().join(format!("{round}.bare")),
            &sent,
            &tables,
        ));
    }
    ours.sort();
    bare.sort();
    let (ours, bare) = (ours[ROUNDS / 2], bare[ROUNDS / 2]);
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!(
        "{} results in {MESSAGES} messages, {} bytes",
        MESSAGES * EACH,
        bytes.len()
    );
    println!("program {ours:.1?}, bare loop {bare:.1?}, ratio {ratio:.2}");
    steps(folder.path(), &clinic);
}

/// A thousand messages, filled up to 10 MB, taken in as at the screen.
fn steps(folder: &Path, clinic: &Clinic) {
    let path = folder.join("steps.db");
    let mut store = SqliteStore::create(&path, Mark::Clinic).expect("a store");
    register(&mut store, clinic);
    let sent = folder.join("large.hl7");
    let (bytes, messages) = large();
    std::fs::write(&sent, &bytes).expect("a file");
    let sought = Sought {
        run: 1,
        path: sent.to_string_lossy().into_owned(),
        person: PersonId::from_bytes([1; 16]),
        now: now(),
        seed: 5,
    };
    let begun = Instant::now();
    let gathered = gather(&sought, clinic, None, &mut |_| true);
    let Ok(gathered) = gathered else {
        panic!("it is not read");
    };
    let read = begun.elapsed();
    let scheme = Scheme::parse("00000").expect("a scheme");
    let mut intake = Intake::new(1, gathered, scheme, &store).expect("begun");
    let looked = busy(&mut intake, &mut store);
    intake.store(now());
    let stored = busy(&mut intake, &mut store);
    println!(
        "{} bytes in {messages} messages, read beside the store in {read:.0?}; \
         longest the store was busy: looking up {looked:.1?}, storing {stored:.1?}",
        bytes.len()
    );
}

/// The longest time between two looks for another request.
fn busy(intake: &mut Intake, store: &mut SqliteStore) -> Duration {
    let (longest, last) = (Cell::new(Duration::ZERO), Cell::new(Instant::now()));
    let look = || {
        longest.set(longest.get().max(last.get().elapsed()));
        last.set(Instant::now());
    };
    while intake.works() {
        let news = intake.step(store, &mut |_| {
            look();
            false
        });
        assert!(!matches!(news, Some(News::NotStored(_))), "{news:?}");
        look();
    }
    longest.get()
}

/// A thousand messages, two a patient, with comments that fill them up.
fn large() -> (String, usize) {
    let note = format!("NTE|1||{}\r", "x".repeat(1_000));
    let mut out = String::new();
    for n in 0..MESSAGES * 2 {
        message(&mut out, n);
        out += &note.repeat(8);
    }
    (out, MESSAGES * 2)
}

/// A batch of messages, each of another patient.
fn messages() -> String {
    let mut out = String::new();
    for n in 0..MESSAGES {
        message(&mut out, n);
    }
    out
}

/// One message; after the last patient it is the first one's again.
fn message(out: &mut String, n: usize) {
    let tests = ["1742-6^ALT", "1920-8^AST", "2571-8^TG", "2085-9^HDL"];
    let patient = n % MESSAGES;
    let _ = write!(
        out,
        "MSH|^~\\&|LIS|LAB|S|C|20261120093000+0900||ORU^R01|M{n}|P|2.5||||||UNICODE UTF-8\r\
         PID|1||{patient:05}||山田^花子||19990401|F\rOBR|1|O{n}|F{n}|CHEM|||20261119083000\r"
    );
    for i in 0..EACH {
        let (code, value) = (tests[i % tests.len()], 20 + (n * 7 + i) % 60);
        let _ = write!(
            out,
            "OBX|{}|NM|{code}^LN|{}|{value}|{}|7-23||||F\r",
            i + 1,
            i / tests.len(),
            if i % 4 < 2 { "U/L" } else { "mg/dL" }
        );
    }
}

fn register(store: &mut SqliteStore, clinic: &Clinic) {
    let (ids, now) = (Ids::new(1), now());
    let person = PersonId::from_bytes([1; 16]);
    let known = Change::Person(Person {
        person,
        name: "Doctor".into(),
    });
    let entry = |patient, kind, changes| Entry {
        id: EntryId::from(ids.next(now)),
        patient,
        visit: None,
        person,
        at: now,
        kind,
        undoes: None,
        reason: None,
        changes,
    };
    let mut batch = vec![(entry(None, EntryKind::Person, vec![known]), None)];
    for n in 0..MESSAGES {
        let patient = PatientId::from(ids.next(now));
        let identity = Change::Patient(Identity {
            chart_number: format!("{n:05}"),
            name: "山田 花子".into(),
            kana: "ヤマダ ハナコ".into(),
            birth_date: "1999-04-01".parse().expect("a day"),
            sex: Sex::Female,
        });
        let made = entry(Some(patient), EntryKind::Patient, vec![identity]);
        let record = Record::of(patient, [made.clone()]);
        let row = due::project(
            &record,
            &clinic.settings,
            clinic.settings_hash,
            now.date_naive(),
        );
        batch.push((made, row));
    }
    store.append_all(&batch).expect("registered");
}

fn now() -> chrono::DateTime<chrono::FixedOffset> {
    "2026-11-22T09:00:00+09:00".parse().expect("a moment")
}

/// From the file's name to the commit.
fn program(store: &mut SqliteStore, sent: &Path, clinic: &Clinic) -> Duration {
    let begun = Instant::now();
    let bytes = taking::read(sent).expect("the file");
    let parsed = taking::parse(
        "results.hl7",
        &bytes,
        &Tables::built_in(&clinic.catalogue),
        &clinic.catalogue,
    );
    let under = Under {
        catalogue: clinic.catalogue.clone(),
        settings: clinic.settings.clone(),
        settings_hash: clinic.settings_hash,
        scheme: Scheme::parse("00000").expect("a scheme"),
        person: PersonId::from_bytes([1; 16]),
        now: now(),
    };
    let ids = Ids::new(9);
    let at = now();
    let next = Box::new(move || -> Uuid { ids.next(at) });
    let mut job = Job::new(parsed, under, next).expect("it is read");
    while !job.look_up(store).expect("looked up") {}
    while !job.link(store).expect("linked") {}
    job.save(store, &mut |_| false).expect("saved");
    assert_eq!(job.unmatched(), 0);
    begun.elapsed()
}

/// A table's name, how many columns it has, and its rows.
type Rows = (String, usize, Vec<Vec<Value>>);

/// What stands in the file.
fn rows(path: &Path) -> Vec<Rows> {
    let conn = Connection::open(path).expect("the file");
    let names: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("the tables");
    names.into_iter().map(|name| table(&conn, name)).collect()
}

fn table(conn: &Connection, name: String) -> Rows {
    let mut all = conn
        .prepare(&format!("SELECT * FROM {name}"))
        .expect("a table");
    let columns = all.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    let rows = all.query_map([], read).expect("its rows");
    let rows = rows.map(|row| row.expect("a row")).collect();
    (name, columns, rows)
}

fn loops(path: &Path, sent: &Path, tables: &[Rows]) -> Duration {
    let conn = Connection::open(path).expect("a file");
    let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA;";
    conn.execute_batch(settings).expect("settings");
    for (name, columns, _) in tables {
        let columns: Vec<String> = (0..*columns).map(|n| format!("c{n}")).collect();
        let sql = format!("CREATE TABLE {name} ({})", columns.join(", "));
        conn.execute_batch(&sql).expect("a table");
    }
    let begun = Instant::now();
    std::hint::black_box(std::fs::read(sent).expect("the file"));
    conn.execute_batch("BEGIN IMMEDIATE").expect("begun");
    for (name, columns, rows) in tables {
        let places: Vec<String> = (1..=*columns).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO {name} VALUES ({})", places.join(", "));
        let mut insert = conn.prepare(&sql).expect("a statement");
        for row in rows {
            insert.execute(params_from_iter(row)).expect("a row");
        }
    }
    conn.execute_batch("COMMIT").expect("saved");
    begun.elapsed()
}
