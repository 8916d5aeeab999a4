//! How long the lists of the first screen take over 100,000 patients, beside a
//! bare prepared query that gives the same rows in the same run, and whether that
//! grows with the number of visits.
//!
//!     cargo bench --bench list
//!
//! The rows are those the store writes (`rows::line_values`), put into the table
//! in one transaction without the facts behind them; for the visits whole records
//! are saved. A narrowed list is read twice, narrowed and whole, since it says how
//! many it keeps back; the limit is for the whole lists alone. Ends with status 1 when a limit is passed.

#[path = "../tests/kept/mod.rs"]
mod kept;

use chrono::{Days, NaiveDate};
use kept::{day, opened, patient, projection, signed};
use rusqlite::{Connection, params_from_iter, types::Value};
use saishin::domain::answer::Phase;
use saishin::domain::change::Entry;
use saishin::domain::id::EntryId;
use saishin::domain::line::{Line, Projection, When};
use saishin::domain::wanted::{Filter, Wanted};
use saishin::store::rows::{LINE, LISTED, line_values};
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;
use saishin::store::{Lists, Store};
use std::path::Path;
use std::process::exit;
use std::time::{Duration, Instant};

const PATIENTS: u32 = 100_000;
/// How often each is asked, in turns.
const ROUNDS: usize = 60;
/// The program beside the bare query, at most.
const RATIO: f64 = 2.0;
/// Patients and visits of each, for the growth.
const FEW: u32 = 4_000;
const VISITS: [u32; 2] = [1, 12];
/// Twelve times the visits may cost this much more, at most.
const GROWTH: f64 = 1.25;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let beside = beside_the_bare_query(&folder.path().join("many.db"));
    let grows = growth(folder.path());
    if beside > RATIO || grows > GROWTH {
        eprintln!("a limit is passed");
        exit(1);
    }
}

fn today() -> NaiveDate {
    day("2031-05-10")
}

fn wanted(filter: Option<Filter>) -> Wanted {
    Wanted {
        day: today(),
        by: today() + Days::new(29),
        filter,
    }
}

/// A clinic of which a tenth comes these days and another has stopped coming.
fn row(number: u32) -> Projection {
    let mut new = projection(number, &format!("{number:06}"));
    let spread = |step: u32, over: u32| u64::from(number.wrapping_mul(step) % over);
    let on = |n: u64| When::On(day("2031-04-01") + Days::new(n));
    let line = &mut new.line;
    line.visit_due = match number % 50 {
        0 => When::CannotTell,
        _ => on(spread(7, 75)),
    };
    line.blood_due = on(spread(11, 120));
    if number.is_multiple_of(2) {
        line.test_due = on(spread(13, 75));
    }
    if number.is_multiple_of(5) {
        line.phase = Some(Phase::After);
        line.watch_until = Some(day("2031-05-01") + Days::new(spread(17, 200)));
        line.end_test_due = on(60 + spread(19, 200));
    }
    if number.is_multiple_of(4_000) {
        line.draft = Some(today());
    }
    new
}

/// The rows as the store writes them, in one transaction.
fn fill(path: &Path) {
    drop(SqliteStore::create(path, Mark::Clinic).expect("a file"));
    let mut conn = Connection::open(path).expect("the file");
    let all = conn.transaction().expect("a transaction");
    {
        let places: Vec<String> = (1..=LINE.columns.len()).map(|n| format!("?{n}")).collect();
        let columns = LINE.columns.join(", ");
        let sql = format!(
            "INSERT INTO line ({columns}) VALUES ({})",
            places.join(", ")
        );
        let mut insert = all.prepare(&sql).expect("an insert");
        for number in 0..PATIENTS {
            let values = line_values(&row(number)).expect("a row");
            insert.execute(params_from_iter(values)).expect("a row");
        }
    }
    all.commit().expect("saved");
}

/// The greatest ratio of the program to the bare query.
fn beside_the_bare_query(path: &Path) -> f64 {
    let begun = Instant::now();
    fill(path);
    println!(
        "{PATIENTS} patients, filled in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    let store = SqliteStore::open_read_only(path).expect("the file");
    let filters = Filter::ALL.iter().map(|filter| Some(*filter));
    let mut worst = 0.0_f64;
    for filter in [None].into_iter().chain(filters) {
        let lists = store.narrowed(&wanted(filter)).expect("lists");
        let bare = Bare::of(path, &lists);
        let ratio = compare(&store, &bare, filter);
        if filter.is_none() {
            worst = worst.max(ratio);
        }
    }
    worst
}

/// A prepared query that gives the same rows in the same order, and nothing else.
struct Bare {
    conn: Connection,
    sql: String,
    rows: usize,
}

impl Bare {
    fn of(path: &Path, lists: &Lists) -> Self {
        let conn = Connection::open(path).expect("the file");
        conn.execute_batch("CREATE TEMP TABLE same (place INTEGER PRIMARY KEY, patient BLOB)")
            .expect("a table");
        let rows: Vec<&Line> = lists.today.iter().chain(&lists.follow_up).collect();
        for line in &rows {
            let id = line.patient.bytes();
            conn.execute("INSERT INTO same (patient) VALUES (?1)", [&id[..]])
                .expect("a row");
        }
        let columns: Vec<String> = LISTED.columns.iter().map(|c| format!("line.{c}")).collect();
        let sql = format!(
            "SELECT {} FROM same CROSS JOIN line ON line.patient = same.patient ORDER BY same.place",
            columns.join(", ")
        );
        let rows = rows.len();
        Self { conn, sql, rows }
    }

    /// Every column of every row, as the library gives it to its user.
    fn read(&self) -> Vec<Vec<Value>> {
        let mut query = self.conn.prepare_cached(&self.sql).expect("a query");
        let columns = LISTED.columns.len();
        let read = |row: &rusqlite::Row<'_>| (0..columns).map(|n| row.get(n)).collect();
        let rows = query.query_map([], read).expect("rows");
        rows.collect::<Result<_, _>>().expect("a row")
    }
}

fn compare(store: &SqliteStore, bare: &Bare, filter: Option<Filter>) -> f64 {
    let (mut program, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let lists = store.narrowed(&wanted(filter)).expect("lists");
        program.push(begun.elapsed());
        assert_eq!(lists.today.len() + lists.follow_up.len(), bare.rows);
        let begun = Instant::now();
        let rows = bare.read();
        plain.push(begun.elapsed());
        assert_eq!(rows.len(), bare.rows);
    }
    let (program, plain) = (median(program), median(plain));
    let ratio = program.as_secs_f64() / plain.as_secs_f64();
    let name = filter.map_or("all", Filter::word);
    println!(
        "{name:8} {:5} rows  program {program:9.2?}  bare {plain:9.2?}  ratio {ratio:.2}",
        bare.rows
    );
    ratio
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How much longer the lists take where every patient has twelve visits.
fn growth(folder: &Path) -> f64 {
    let stores: Vec<SqliteStore> = VISITS
        .iter()
        .map(|visits| visited(&folder.join(format!("{visits}.db")), *visits))
        .collect();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (store, times) in stores.iter().zip(&mut times) {
            let begun = Instant::now();
            store.lists(today()).expect("lists");
            times.push(begun.elapsed());
        }
    }
    let [one, twelve] = times.map(median);
    let ratio = twelve.as_secs_f64() / one.as_secs_f64();
    println!(
        "{FEW} patients with {} visit {one:.2?}, with {} visits {twelve:.2?}: ratio {ratio:.2}",
        VISITS[0], VISITS[1]
    );
    ratio
}

/// Records of that many signed visits a patient, saved through the store.
fn visited(path: &Path, visits: u32) -> SqliteStore {
    let mut store = SqliteStore::create(path, Mark::Clinic).expect("a file");
    let mut made = 0;
    let mut batch = vec![(kept::beginning(), None)];
    for number in 0..FEW {
        made += 1;
        let known = of(kept::registration(1), number, &mut made);
        batch.push((known, Some(row(number))));
        for visit in 1..=visits {
            for entry in [opened(visit, 1), signed(visit, 1)] {
                batch.push((of(entry, number, &mut made), None));
            }
        }
        if batch.len() > 5_000 {
            store.append_all(&batch).expect("saved");
            batch.clear();
        }
    }
    store.append_all(&batch).expect("saved");
    store
}

/// The entry as one of this patient's, under an id of its own.
fn of(mut entry: Entry, number: u32, made: &mut u32) -> Entry {
    *made += 1;
    let mut bytes = [5; 16];
    bytes[12..].copy_from_slice(&made.to_be_bytes());
    entry.id = EntryId::from_bytes(bytes);
    entry.patient = Some(patient(number));
    entry
}
