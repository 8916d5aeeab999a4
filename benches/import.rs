//! Taking in 10,000 results in 500 messages, beside reading the same bytes and
//! inserting the same rows with a bare loop: `cargo bench --bench import`.
//!
//! Every message is of another patient, who is matched, so that the program also
//! looks up, links and works out each patient's row. The bare loop inserts the rows
//! that came in, into tables without keys, checks or guards; a second one inserts
//! them into a file like ours, so that it is seen what the file's own guards take.
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
use saishin::store::rows::TABLES;
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

/// What the program does, one after the other.
const PARTS: [&str; 4] = ["reading", "looking up", "linking", "saving"];

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let clinic = assets::read(&[], Lang::En)
        .expect("the shipped files")
        .clinic;
    let bytes = messages();
    let sent = folder.path().join("results.hl7");
    std::fs::write(&sent, &bytes).expect("a file");
    let (mut ours, mut bare, mut guarded) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let path = folder.path().join(format!("{round}.db"));
        let mut store = SqliteStore::create(&path, Mark::Clinic).expect("a store");
        register(&mut store, &clinic);
        let before = store.head().expect("the last entry").seq;
        let again = folder.path().join(format!("{round}.guarded"));
        std::fs::copy(&path, &again).expect("a copy");
        ours.push(program(&mut store, &sent, &clinic));
        drop(store);
        let tables = rows(&path, before);
        let plain = folder.path().join(format!("{round}.bare"));
        bare.push(loops(&plain, &sent, &tables));
        guarded.push(with_guards(&again, &sent, &tables));
    }
    let bare = median(bare);
    println!(
        "{} results in {MESSAGES} messages, {} bytes",
        MESSAGES * EACH,
        bytes.len()
    );
    let parts: Vec<Duration> = (0..PARTS.len())
        .map(|part| median(ours.iter().map(|parts| parts[part]).collect()))
        .collect();
    let ours = median(ours.iter().map(|parts| parts.iter().sum()).collect());
    let ratio = |time: Duration| time.as_secs_f64() / bare.as_secs_f64();
    println!(
        "program {ours:.1?}, bare loop {bare:.1?}, ratio {:.2}",
        ratio(ours)
    );
    for (part, time) in PARTS.iter().zip(parts) {
        println!("  {part} {time:.1?}");
    }
    let guarded = median(guarded);
    println!(
        "bare loop into a file with keys, checks and guards {guarded:.1?}, ratio {:.2}; \
         the program takes {:.2} times as long",
        ratio(guarded),
        ours.as_secs_f64() / guarded.as_secs_f64()
    );
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

/// From the file's name to the commit, by its parts.
fn program(store: &mut SqliteStore, sent: &Path, clinic: &Clinic) -> [Duration; 4] {
    let mut last = Instant::now();
    let mut lap = || {
        let now = Instant::now();
        now - std::mem::replace(&mut last, now)
    };
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
    let read = lap();
    while !job.look_up(store).expect("looked up") {}
    let looked_up = lap();
    while !job.link(store).expect("linked") {}
    let linked = lap();
    job.save(store, &mut |_| false).expect("saved");
    let saved = lap();
    assert_eq!(job.unmatched(), 0);
    [read, looked_up, linked, saved]
}

/// A table with the rows that came in: each with its entry, in their order.
struct Came {
    table: &'static str,
    columns: usize,
    rows: Vec<(i64, Vec<Value>)>,
}

/// The rows of entries behind `before`, and those kept beside them.
fn rows(path: &Path, before: u64) -> Vec<Came> {
    let conn = Connection::open(path).expect("the file");
    let facts = TABLES.iter().map(|table| (table.name, "entry"));
    let tables = [("entry", "seq")].into_iter().chain(facts);
    let mut all: Vec<Came> = tables
        .map(|(table, seq)| {
            let sql = format!("SELECT {seq}, * FROM {table} WHERE {seq} > {before} ORDER BY {seq}");
            came(&conn, table, &sql)
        })
        .collect();
    all.push(came(&conn, "line", "SELECT 0, * FROM line"));
    all
}

fn came(conn: &Connection, table: &'static str, sql: &str) -> Came {
    let mut asked = conn.prepare(sql).expect("a table");
    let columns = asked.column_count() - 1;
    let read = |row: &rusqlite::Row<'_>| {
        let values = (1..=columns).map(|column| row.get(column));
        Ok((row.get(0)?, values.collect::<Result<_, _>>()?))
    };
    let rows = asked.query_map([], read).expect("its rows");
    Came {
        table,
        columns,
        rows: rows.map(|row| row.expect("a row")).collect(),
    }
}

impl Came {
    fn insert(&self, verb: &str) -> String {
        let places: Vec<String> = (1..=self.columns).map(|n| format!("?{n}")).collect();
        format!("{verb} INTO {} VALUES ({})", self.table, places.join(", "))
    }
}

/// The same rows into a file as it stood before, an entry after the other.
fn with_guards(path: &Path, sent: &Path, tables: &[Came]) -> Duration {
    let conn = Connection::open(path).expect("the file");
    let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA; \
                    PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;";
    conn.execute_batch(settings).expect("settings");
    let mut statements: Vec<_> = tables
        .iter()
        .map(|came| {
            let verb = match came.table {
                "line" => "INSERT OR REPLACE",
                _ => "INSERT OR ROLLBACK",
            };
            conn.prepare(&came.insert(verb)).expect("a statement")
        })
        .collect();
    let mut order: Vec<(i64, usize, &[Value])> = Vec::new();
    for (n, came) in tables.iter().enumerate() {
        order.extend(came.rows.iter().map(|(seq, row)| (*seq, n, row.as_slice())));
    }
    order.sort_by_key(|(seq, n, _)| (*seq, *n));
    let begun = Instant::now();
    std::hint::black_box(std::fs::read(sent).expect("the file"));
    conn.execute_batch("BEGIN IMMEDIATE").expect("begun");
    for (_, n, row) in order {
        let inserted = statements[n].execute(params_from_iter(row));
        inserted.expect("a row");
    }
    conn.execute_batch("COMMIT").expect("saved");
    begun.elapsed()
}

fn loops(path: &Path, sent: &Path, tables: &[Came]) -> Duration {
    let conn = Connection::open(path).expect("a file");
    let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA;";
    conn.execute_batch(settings).expect("settings");
    for came in tables {
        let columns: Vec<String> = (0..came.columns).map(|n| format!("c{n}")).collect();
        let sql = format!("CREATE TABLE {} ({})", came.table, columns.join(", "));
        conn.execute_batch(&sql).expect("a table");
    }
    let begun = Instant::now();
    std::hint::black_box(std::fs::read(sent).expect("the file"));
    conn.execute_batch("BEGIN IMMEDIATE").expect("begun");
    for came in tables {
        let mut insert = conn.prepare(&came.insert("INSERT")).expect("a statement");
        for (_, row) in &came.rows {
            insert.execute(params_from_iter(row)).expect("a row");
        }
    }
    conn.execute_batch("COMMIT").expect("saved");
    begun.elapsed()
}
