//! A laboratory's file on its way into the record: matched, linked, corrected,
//! taken back; by the program and by the command.

mod kept;

use kept::*;
use saishin::app::assets;
use saishin::app::taking::{self, Job, Tables, Under, Verdict};
use saishin::domain::answer::Sex;
use saishin::domain::arrival::{Deed, How, Reviewed};
use saishin::domain::change::*;
use saishin::domain::id::PatientId;
use saishin::domain::lang::Lang;
use saishin::domain::matching::Scheme;
use saishin::domain::observation::{AnalyteId, Fasting, Observation, Reported};
use saishin::domain::record::Record;
use saishin::store::memory::Memory;
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;
use saishin::store::{Arrivals, Store, StoreError, misprojected};
use std::cell::Cell;
use std::sync::OnceLock;
use uuid::Uuid;

fn clinic() -> &'static saishin::screen::Clinic {
    static READ: OnceLock<saishin::screen::Clinic> = OnceLock::new();
    READ.get_or_init(|| assets::read(&[], Lang::En).unwrap().clinic)
}

fn tables() -> &'static Tables {
    static READ: OnceLock<Tables> = OnceLock::new();
    READ.get_or_init(|| Tables::built_in(&clinic().catalogue))
}

fn under() -> Under {
    Under {
        catalogue: clinic().catalogue.clone(),
        settings: clinic().settings.clone(),
        settings_hash: clinic().settings_hash,
        scheme: Scheme::parse("00000").unwrap(),
        person: person(1),
        now: at(100),
    }
}

/// New ids in every import of a test.
fn ids() -> Box<dyn FnMut() -> Uuid + Send> {
    thread_local!(static NEXT: Cell<u128> = const { Cell::new(1 << 100) });
    Box::new(|| {
        NEXT.with(|next| next.set(next.get() + 1));
        Uuid::from_u128(NEXT.with(Cell::get))
    })
}

/// A clinic with one patient on a course: 00123, a woman born 1999-04-01.
fn shelf() -> Memory {
    let mut store = Memory::new();
    fill(&mut store);
    store
}

fn fill(store: &mut dyn Store) {
    let identity = Change::Patient(Identity {
        chart_number: "00123".into(),
        name: "高橋 花".into(),
        kana: "タカハシ ハナ".into(),
        birth_date: day("1999-04-01"),
        sex: Sex::Female,
    });
    let registration = entry(2, EntryKind::Patient, vec![identity, course_of(1)]);
    let record = Record::of(patient(1), [registration.clone()]);
    save_all(store, &[beginning()]);
    let row = projected(&record);
    store.append(&registration, None, row.as_ref()).unwrap();
}

fn projected(record: &Record) -> Option<saishin::domain::line::Projection> {
    let clinic = clinic();
    let today = at(100).date_naive();
    saishin::domain::due::project(record, &clinic.settings, clinic.settings_hash, today)
}

/// One message: its name, when it was made, who, and the OBX behind "OBX|n|".
fn message(name: &str, made: &str, pid: &str, obx: &[&str]) -> String {
    let mut lines = vec![
        format!("MSH|^~\\&|LIS|EXAMPLELAB|S|C|{made}||ORU^R01|{name}|P|2.5||||||UNICODE UTF-8"),
        pid.to_owned(),
        "OBR|1|O-1|F-1|CHEM|||20310401083000".to_owned(),
    ];
    let numbered = obx.iter().enumerate();
    lines.extend(numbered.map(|(n, rest)| format!("OBX|{}|{rest}", n + 1)));
    lines.join("\r") + "\r"
}

const HERS: &str = "PID|1||123||高橋^花||19990401|F";

/// ALT with a value and a status.
fn alt(value: &str, status: &str) -> String {
    format!("NM|1742-6^ALT^LN||{value}|U/L|7-23||||{status}")
}

fn tg(value: &str) -> String {
    format!("NM|2571-8^TG^LN||{value}|mg/dL|30-149||||F")
}

fn job(store: &dyn Store, file: &str) -> Job {
    let parsed = taking::parse(
        "results.hl7",
        file.as_bytes(),
        tables(),
        &clinic().catalogue,
    );
    let mut job = Job::new(parsed, under(), ids()).expect("it is read");
    while !job.look_up(store).unwrap() {}
    job
}

fn take(store: &mut dyn Store, file: &str) -> Job {
    let mut job = job(store, file);
    while !job.link(store).unwrap() {}
    job.save(store, &mut |_| false).unwrap();
    job
}

fn record(store: &dyn Store) -> Record {
    let stored = store.record(patient(1)).unwrap();
    Record::of(patient(1), stored.into_iter().map(|kept| kept.entry))
}

/// `alt 75 final`, every value in force.
fn values(store: &dyn Store) -> Vec<String> {
    let record = record(store);
    let told = |observation: &Observation| {
        let value = match &observation.reported {
            Reported::Value(quantity) => quantity.typed.clone(),
            other => format!("{other:?}"),
        };
        let status = observation
            .sent
            .as_ref()
            .and_then(|sent| sent.status.clone());
        format!(
            "{} {value} {}",
            observation.analyte.0,
            status.unwrap_or_default()
        )
    };
    let values = record.values();
    values.map(|(value, _)| told(&value.observation)).collect()
}

fn as_sent(store: &dyn Store) -> Vec<String> {
    let record = record(store);
    let shown = record.as_sent().iter();
    shown
        .map(|r| {
            format!(
                "{} {} {}",
                r.name,
                r.value,
                r.why.clone().unwrap_or_default()
            )
        })
        .collect()
}

fn takes_back_last(store: &mut dyn Store, id: u32) {
    let stored = store.record(patient(1)).unwrap();
    let last = stored
        .iter()
        .rev()
        .find(|kept| kept.entry.kind == EntryKind::Link)
        .unwrap();
    let undo = Entry {
        undoes: Some(last.entry.id),
        ..entry(id, EntryKind::Undo, vec![])
    };
    save_all(store, &[undo]);
}

#[test]
fn a_file_becomes_values_of_the_patient_it_is_of() {
    for store in [&mut shelf() as &mut dyn Store, &mut file().1] {
        let unknown = "ST|9999-0^New test^LN||cloudy||||||F";
        let obx = [&*alt("75", "F"), &*tg("612"), unknown];
        let job = take(store, &message("M1", "20310402090000", HERS, &obx));
        assert!(matches!(
            &job.judged()[0].verdict,
            Verdict::Certain(chart, How::Matched) if chart.patient == patient(1)
        ));
        assert_eq!(values(store), ["alt 75 final", "tg 612 final"]);
        assert_eq!(as_sent(store), ["New test cloudy code_unknown"]);
        let record = record(store);
        let link = &record.linked()[0].link;
        assert_eq!(link.identifiers, "number birth sex");
        assert_eq!(link.critical.as_deref(), critical_of("tg", "612"));
        let specimen = record.specimens().next().unwrap();
        assert_eq!(specimen.specimen.drawn_on, day("2031-04-01"));
        assert_eq!(specimen.specimen.laboratory.as_deref(), Some("EXAMPLELAB"));
        assert_eq!(record.unseen().count(), 1);
        let unseen = store.unseen().unwrap();
        assert_eq!((unseen.lines.len(), unseen.waiting), (1, 0));
        assert_eq!(store.verify(&mut |_| {}).unwrap().problems, []);
        let wrong = misprojected(store, &|patient, stored| {
            let entries = stored.iter().map(|kept| kept.entry.clone());
            projected(&Record::of(patient, entries))
        });
        assert_eq!(wrong.unwrap(), Vec::<PatientId>::new());
    }
}

fn file() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::create(&folder.path().join("c.db"), Mark::Clinic).unwrap();
    fill(&mut store);
    (folder, store)
}

/// Whether the catalogue calls this a critical value.
fn critical_of(analyte: &'static str, value: &str) -> Option<&'static str> {
    let analyte_id = AnalyteId(analyte.into());
    let known = clinic().catalogue.get(&analyte_id)?;
    let above = known.critical.as_ref()?.above?;
    (number(value) > above).then_some(analyte)
}

#[test]
fn the_same_file_twice_changes_nothing_and_an_overlapping_one_adds_what_is_new() {
    let mut store = shelf();
    let first = message("M1", "20310402090000", HERS, &[&alt("75", "F")]);
    take(&mut store, &first);
    let before = store.clinic().unwrap().head;
    let mut again = job(&store, &first);
    assert_eq!(again.judged()[0].verdict, Verdict::Known);
    while !again.link(&store).unwrap() {}
    let refused = again.save(&mut store, &mut |_| false);
    assert!(
        matches!(refused, Err(StoreError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(store.clinic().unwrap().head, before);

    let more =
        first.clone() + &message("M2", "20310402100000", HERS, &[&alt("75", "F"), &tg("90")]);
    let taken = take(&mut store, &more);
    assert_eq!(taken.import().known, 1);
    assert_eq!(values(&store), ["alt 75 final", "tg 90 final"]);
    let record = record(&store);
    let draws: Vec<_> = record.specimens().collect();
    assert_eq!(draws.len(), 1, "one draw, told of twice");
}

#[test]
fn a_correction_stands_in_front_and_both_stay() {
    let mut store = shelf();
    take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("50", "F")]),
    );
    let id = record(&store).observations()[0].observation.id;
    take(
        &mut store,
        &message("M2", "20310403090000", HERS, &[&alt("25", "C")]),
    );
    assert_eq!(values(&store), ["alt 25 corrected"]);
    assert_eq!(record(&store).observations()[0].observation.id, id);
    let said: Vec<String> = record(&store)
        .entries()
        .iter()
        .flat_map(|entry| &entry.changes)
        .filter_map(|change| match change {
            Change::Observe(m) => m.observation.quantity().map(|q| q.typed.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["50", "25"], "both stay readable");

    // An older word that comes late, and a preliminary one, change nothing.
    take(
        &mut store,
        &message("M0", "20310402080000", HERS, &[&alt("55", "F")]),
    );
    take(
        &mut store,
        &message("M3", "20310404080000", HERS, &[&alt("99", "P")]),
    );
    assert_eq!(values(&store), ["alt 25 corrected"]);
    assert_eq!(as_sent(&store), ["ALT 55 late", "ALT 99 late"]);
    assert!(record(&store).linked()[2].link.late);

    // Taken back, the word before it stands again.
    takes_back_last(&mut store, 70);
    assert_eq!(as_sent(&store), ["ALT 55 late"]);
    take(
        &mut store,
        &message("M5", "20310405090000", HERS, &[&alt("0", "D")]),
    );
    assert_eq!(values(&store), ["alt NotDone deleted"]);
    takes_back_last(&mut store, 71);
    assert_eq!(values(&store), ["alt 25 corrected"]);
}

#[test]
fn one_message_name_with_other_content_waits_for_a_person() {
    let mut store = shelf();
    take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("50", "F")]),
    );
    let other = take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("51", "F")]),
    );
    assert!(other.judged()[0].draw.draw.contradicts);
    assert!(matches!(&other.judged()[0].verdict, Verdict::Near(near) if near.len() == 1));
    assert_eq!(values(&store), ["alt 50 final"]);
    assert_eq!(store.waiting(9).unwrap().len(), 1);
}

#[test]
fn what_is_not_hers_waits_and_can_be_unlinked() {
    let mut store = shelf();
    let twin = "PID|1||123||高橋^雪||19990401|F";
    let job = take(
        &mut store,
        &message("M1", "20310402090000", twin, &[&alt("75", "F")]),
    );
    assert_eq!(job.unmatched(), 1);
    assert!(
        matches!(&job.judged()[0].verdict, Verdict::Near(near) if near[0].chart.patient == patient(1))
    );
    let other = "PID|1||777||鈴木^愛||19800101|F";
    let job = take(
        &mut store,
        &message("M2", "20310402090000", other, &[&alt("20", "F")]),
    );
    assert_eq!(job.judged()[0].verdict, Verdict::Nobody);
    assert_eq!(values(&store), Vec::<String>::new());
    assert_eq!(store.waiting(9).unwrap().len(), 2);

    take(
        &mut store,
        &message("M3", "20310402090000", HERS, &[&alt("30", "F")]),
    );
    takes_back_last(&mut store, 72);
    assert_eq!(values(&store), Vec::<String>::new());
    assert_eq!(
        store.waiting(9).unwrap().len(),
        3,
        "what was hers waits again"
    );
    assert_eq!(
        store.patients().unwrap(),
        [patient(1)],
        "nobody was made up"
    );
}

#[test]
fn a_signed_visit_knows_that_its_value_was_corrected_or_taken_away() {
    let mut store = shelf();
    take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("50", "F")]),
    );
    let (value, stated_by) = {
        let record = record(&store);
        let value = &record.observations()[0];
        (value.observation.id, value.stamp.entry)
    };
    save_all(&mut store, &[opened(1, 50)]);
    let seen = Change::Seen(Seen {
        visit: visit(1),
        observation: value,
        stated_by,
    });
    save_all(
        &mut store,
        &[within(1, 51, EntryKind::Sign, vec![signature(1), seen])],
    );
    assert_eq!(record(&store).overtaken(), []);
    take(
        &mut store,
        &message("M2", "20310403090000", HERS, &[&alt("250", "C")]),
    );
    let told = |store: &Memory| -> Vec<String> {
        let record = record(store);
        let overtaken = record.overtaken();
        let typed = |o: &Observation| o.quantity().unwrap().typed.clone();
        overtaken
            .iter()
            .map(|o| {
                let now = o.now.map(|v| typed(&v.observation)).unwrap_or_default();
                format!("{} -> {now}", typed(o.then))
            })
            .collect()
    };
    assert_eq!(told(&store), ["50 -> 250"]);
    takes_back_last(&mut store, 73);
    assert_eq!(told(&store), Vec::<String>::new());
    takes_back_last_of(&mut store, 74, stated_by);
    assert_eq!(told(&store), ["50 -> "], "it was somebody else's");
}

fn takes_back_last_of(store: &mut dyn Store, id: u32, named: saishin::domain::id::EntryId) {
    let undo = Entry {
        undoes: Some(named),
        ..entry(id, EntryKind::Undo, vec![])
    };
    save_all(store, &[undo]);
}

#[test]
fn what_was_looked_at_is_no_longer_unseen() {
    let mut store = shelf();
    take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("75", "F")]),
    );
    let draw = record(&store).linked()[0].link.draw;
    let review = entry(
        60,
        EntryKind::Review,
        vec![Change::Reviewed(Reviewed {
            draw,
            deed: Deed::Phoned,
            acknowledged: None,
            note: None,
        })],
    );
    save_all(&mut store, &[review]);
    let record = record(&store);
    assert_eq!(record.unseen().count(), 0);
    assert_eq!(record.linked()[0].reviews[0].1.deed, Deed::Phoned);
    assert_eq!(projected(&record).unwrap().line.unseen, 0);
}

#[test]
fn a_save_in_between_makes_linking_begin_again() {
    let mut store = shelf();
    let mut job = job(
        &store,
        &message("M1", "20310402090000", HERS, &[&alt("75", "F")]),
    );
    while !job.link(&store).unwrap() {}
    save_all(&mut store, &[opened(1, 50)]);
    let conflict = job.save(&mut store, &mut |_| false);
    assert_eq!(conflict, Err(StoreError::Conflict));
    while !job.link(&store).unwrap() {}
    job.save(&mut store, &mut |_| false).unwrap();
    assert_eq!(values(&store), ["alt 75 final"]);
}

#[test]
fn the_dose_at_the_draw_and_the_remarks_of_the_sample_are_kept() {
    let mut store = shelf();
    take(
        &mut store,
        &message("M1", "20310402090000", HERS, &[&alt("75", "F")]),
    );
    let record = record(&store);
    let specimen = &record.specimens().next().unwrap().specimen;
    assert_eq!(specimen.fasting, Fasting::Unknown);
    assert_eq!(specimen.dose_at_draw, record.course().unwrap().mg_per_day);
}

mod command {
    //! `saishin import` as a shell drives it.

    use super::{HERS, alt, message, tg};
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn saishin(home: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saishin"));
        let command_ref = command.env_clear().env("HOME", home).env("LC_ALL", "C");
        command_ref.current_dir(home).args(args);
        command
    }

    fn say(home: &Path, args: &[&str]) -> (i32, String, String) {
        let ran = saishin(home, args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            ran.status.code().unwrap(),
            text(ran.stdout),
            text(ran.stderr),
        )
    }

    fn two(home: &Path) {
        let good = message("M1", "20310402090000", HERS, &[&alt("75", "F"), &tg("90")]);
        std::fs::write(home.join("a.hl7"), good).unwrap();
        std::fs::write(home.join("b.txt"), "hello").unwrap();
    }

    #[test]
    fn a_dry_run_stores_nothing_and_ends_with_the_tally() {
        let home = tempfile::tempdir().unwrap();
        two(home.path());
        let (status, out, err) = say(home.path(), &["import", "--dry-run", "a.hl7"]);
        assert_eq!((status, err.as_str()), (0, ""));
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[1], "2 results, 0 refused, 2 unmatched, 1 files");
        assert!(
            lines[0].starts_with("a.hl7: hl7 UTF-8  2 results"),
            "{}",
            lines[0]
        );
        assert_eq!(lines.len(), 2);
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "no file was made");
        let (status, out, err) = say(
            home.path(),
            &["import", "--dry-run", "a.hl7", "b.txt", "no", "."],
        );
        assert_eq!(status, 1);
        assert_eq!(
            out.lines().last(),
            Some("2 results, 0 refused, 2 unmatched, 4 files")
        );
        assert_eq!(out.lines().count(), 5, "one line a file: {out}");
        assert_eq!(err.trim_end(), "3 of the files were not taken in");
    }

    #[test]
    fn a_file_is_stored_once() {
        let home = tempfile::tempdir().unwrap();
        two(home.path());
        say(home.path(), &["init", "c.db"]);
        let import = ["--db", "c.db", "import", "a.hl7"];
        let (status, out, err) = say(home.path(), &import);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        assert_eq!(
            out.lines().last(),
            Some("2 results, 0 refused, 2 unmatched, 1 files")
        );
        let (status, out, _) = say(home.path(), &import);
        assert_eq!(status, 0);
        assert!(
            out.starts_with("a.hl7: taken in before, nothing changed"),
            "{out}"
        );
        let (status, out, _) = say(home.path(), &["--db", "c.db", "verify"]);
        assert_eq!(status, 0, "{out}");
    }

    #[test]
    fn nothing_named_is_a_mistake() {
        let home = tempfile::tempdir().unwrap();
        let (status, out, err) = say(home.path(), &["import"]);
        assert_eq!((status, out.as_str()), (2, ""));
        assert_eq!(err.trim_end(), "name files, or a folder with --watch");
        let (status, _, err) = say(home.path(), &["import", "--dry-run", "--watch", "x"]);
        assert_eq!(status, 2, "{err}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_watched_folder_is_taken_in_until_told_to_end() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        std::fs::create_dir(&folder).unwrap();
        say(home.path(), &["init", "c.db"]);
        let mut running = saishin(home.path(), &["--db", "c.db", "import", "--watch", "in"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(500));
        let good = message("M1", "20310402090000", HERS, &[&alt("75", "F")]);
        std::fs::write(folder.join("a.hl7"), good).unwrap();
        let begun = Instant::now();
        std::thread::sleep(Duration::from_secs(6));
        let id = rustix_pid(&running);
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let status = running.wait().unwrap();
        assert_eq!(status.code(), Some(0), "after {:?}", begun.elapsed());
        let mut out = String::new();
        use std::io::Read;
        running
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(
            out.lines().last(),
            Some("1 results, 0 refused, 1 unmatched, 1 files"),
            "{out}"
        );
        assert!(folder.join("a.hl7").exists(), "nothing is moved");
        // The screen proposes this folder from now on.
        use saishin::store::Store as _;
        let store = saishin::store::sqlite::SqliteStore::open(&home.path().join("c.db")).unwrap();
        let settings = store.clinic().unwrap().settings;
        let watched = settings.iter().find(|s| s.name == "import_folder");
        let watched = watched.and_then(|s| s.text.as_deref());
        assert_eq!(watched.map(std::path::Path::new), Some(folder.as_path()));
    }

    #[cfg(target_os = "linux")]
    fn rustix_pid(child: &std::process::Child) -> String {
        child.id().to_string()
    }
}
