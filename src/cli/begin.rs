//! Which file is opened, and how the screens begin.

use super::wrong::{Done, Wrong, name, not_opened, not_stored};
use crate::app::runtime::{self, RunError, Start, StartAt};
use crate::app::{assets, process, taking, terminal};
use crate::clock;
use crate::demo::{self, Ground};
use crate::domain::change::{Change, Entry, EntryKind, Person};
use crate::domain::fold::fold;
use crate::domain::id::{EntryId, PersonId};
use crate::domain::lang::Lang;
use crate::domain::line::Projection;
use crate::paths::{self, Place};
use crate::store::schema::{Mark, OpenError};
use crate::store::sqlite::SqliteStore;
use crate::store::{Clinic, Store};
use crate::text::Text;
use crate::widget::cells::display;
use chrono::{DateTime, FixedOffset};
use std::path::{Path, PathBuf};
use uuid::{Builder, Uuid};

/// The clinic's lists.
pub fn list(named: Option<&Path>, text: &Text, fixed: bool) -> Done {
    screen(text)?;
    let store = clinic(named, text)?;
    show(store, StartAt::List, false, text, fixed)
}

/// One patient's chart.
pub fn chart(named: Option<&Path>, number: &str, text: &Text, fixed: bool) -> Done {
    screen(text)?;
    let store = clinic(named, text)?;
    let found = store
        .find(&fold(number))
        .map_err(|e| not_stored(&e, text))?;
    let Some(patient) = found else {
        return Err(no_patient(number, text));
    };
    show(store, StartAt::Chart(patient), false, text, fixed)
}

/// The invented clinic: in a file of its own, or in one that is gone afterwards.
pub fn demo(named: Option<&Path>, text: &Text, fixed: bool) -> Done {
    screen(text)?;
    if let Some(path) = named {
        let store = open(path, text, text.cli_open_missing_demo)?;
        if store.mark() != Mark::Demo {
            return Err(Wrong::said(text.cli_not_demo, &[("file", &name(path))]));
        }
        return show(store, StartAt::List, true, text, fixed);
    }
    let folder = Throwaway::make().map_err(|error| {
        Wrong::said(
            text.cli_temp_fault,
            &[("why", &display(&error.to_string()))],
        )
    })?;
    let file = folder.0.join("demo.sqlite");
    invent(&file, text)?;
    let store = SqliteStore::open(&file).map_err(|e| not_opened(&e, &file, text))?;
    show(store, StartAt::List, true, text, fixed)
}

/// Writes the invented clinic to a new file; what to say of it.
pub fn write_demo(file: &Path, text: &Text) -> Result<String, Wrong> {
    let patients = invent(file, text)?;
    let values = [("n", &*patients.to_string()), ("file", &*name(file))];
    Ok(crate::text::fill(text.cli_wrote_demo, &values))
}

/// Makes a clinic's file; what to say of it.
pub fn init(file: &Path, text: &Text) -> Result<String, Wrong> {
    SqliteStore::create(file, Mark::Clinic).map_err(|e| not_opened(&e, file, text))?;
    Ok(crate::text::fill(text.cli_made, &[("file", &name(file))]))
}

/// A file that is only read, and where it is. Invented patients may be read too.
pub fn read_only(named: Option<&Path>, text: &Text) -> Result<(PathBuf, SqliteStore), Wrong> {
    let (path, missing) = match place(named, text)? {
        Place::Named(path) => (path, text.cli_open_missing),
        Place::Default(path) => (path, text.cli_nothing_yet),
    };
    match SqliteStore::open_read_only(&path) {
        Ok(store) => Ok((path, store)),
        Err(OpenError::Missing) => Err(Wrong::said(missing, &[("file", &name(&path))])),
        Err(error) => Err(not_opened(&error, &path, text)),
    }
}

/// The clinic's own file and who types, for a command without a screen.
pub fn clinic_and_person(
    named: Option<&Path>,
    text: &Text,
) -> Result<(SqliteStore, PersonId), Wrong> {
    let mut store = clinic(named, text)?;
    let person = who_types(&mut store, text)?;
    Ok((store, person))
}

/// The usual place, where it holds no file yet.
pub fn nothing_yet(text: &Text) -> Result<Option<PathBuf>, Wrong> {
    Ok(match place(None, text)? {
        Place::Default(path) => Some(path).filter(|path| path.symlink_metadata().is_err()),
        Place::Named(_) => None,
    })
}

/// A file that exists, to be written without a screen. Invented patients too.
pub fn writing(named: Option<&Path>, text: &Text) -> Result<SqliteStore, Wrong> {
    match place(named, text)? {
        Place::Named(path) => open(&path, text, text.cli_open_missing),
        Place::Default(path) => open(&path, text, text.cli_nothing_yet),
    }
}

/// The clinic's own file. Only the usual place is made without a question.
fn clinic(named: Option<&Path>, text: &Text) -> Result<SqliteStore, Wrong> {
    let (path, store) = match place(named, text)? {
        Place::Named(path) => {
            let store = open(&path, text, text.cli_open_missing)?;
            (path, store)
        }
        Place::Default(path) => {
            let opened = match SqliteStore::open(&path) {
                Err(OpenError::Missing) => SqliteStore::create(&path, Mark::Clinic),
                opened => opened,
            };
            let store = opened.map_err(|error| match error {
                // It was to be made: what is missing is a folder that can be.
                OpenError::Missing => not_opened(&OpenError::NotPermitted, &path, text),
                error => not_opened(&error, &path, text),
            })?;
            (path, store)
        }
    };
    if store.mark() == Mark::Demo {
        return Err(Wrong::said(text.cli_is_demo, &[("file", &name(&path))]));
    }
    Ok(store)
}

fn place(named: Option<&Path>, text: &Text) -> Result<Place, Wrong> {
    let option = named.map(|path| path.as_os_str().to_owned());
    let place = paths::database(option, std::env::var_os("SAISHIN_DB"));
    place.ok_or_else(|| Wrong::said(text.cli_no_home, &[]))
}

fn open(path: &Path, text: &Text, missing: &str) -> Result<SqliteStore, Wrong> {
    SqliteStore::open(path).map_err(|error| match error {
        OpenError::Missing => Wrong::said(missing, &[("file", &name(path))]),
        error => not_opened(&error, path, text),
    })
}

/// Refused before any file is touched where no screen can be shown.
fn screen(text: &Text) -> Done {
    terminal::check().map_err(|_| Wrong::said(text.cli_no_terminal, &[]))
}

fn show(mut store: SqliteStore, go: StartAt, demo: bool, text: &Text, fixed: bool) -> Done {
    let me = who_types(&mut store, text)?;
    let clinic = store.clinic().map_err(|e| not_stored(&e, text))?;
    let lang = if fixed {
        text.lang
    } else {
        chosen(&clinic).unwrap_or(text.lang)
    };
    let start = Start {
        read_only: store.read_only(),
        layouts: taking::beside(store.path()),
        store: Box::new(store),
        lang,
        go,
        demo,
        me,
    };
    runtime::run(start).map_err(|error| match error {
        RunError::Terminal(_) => Wrong::said(text.cli_no_terminal, &[]),
        RunError::Unsaved(n) => Wrong::said(text.cli_unsaved, &[("n", &n.to_string())]),
        RunError::Io(why) => Wrong::said(text.cli_stopped, &[("why", &display(&why.to_string()))]),
    })
}

/// Whoever has this name on this computer; in the invented clinic, its first
/// doctor. Somebody not yet known is entered, since every save names a person.
fn who_types(store: &mut SqliteStore, text: &Text) -> Result<PersonId, Wrong> {
    let people = store.clinic().map_err(|e| not_stored(&e, text))?.people;
    let name = process::account_name().unwrap_or_else(|| text.cli_somebody.to_owned());
    let demo = store.mark() == Mark::Demo;
    if let Some(known) = people.iter().find(|person| demo || person.name == name) {
        return Ok(known.person);
    }
    let now = clock::now();
    let person = PersonId::from(id(now));
    if store.read_only() {
        return Ok(people.first().map_or(person, |known| known.person));
    }
    let entry = Entry {
        id: EntryId::from(id(now)),
        patient: None,
        visit: None,
        person,
        at: now,
        kind: EntryKind::Person,
        undoes: None,
        reason: None,
        changes: vec![Change::Person(Person { person, name })],
    };
    store
        .append(&entry, None, None)
        .map_err(|e| not_stored(&e, text))?;
    Ok(person)
}

/// The language the clinic has set.
fn chosen(clinic: &Clinic) -> Option<Lang> {
    let setting = clinic.settings.iter().find(|s| s.name == "language")?;
    match setting.text.as_deref() {
        Some("ja") => Some(Lang::Ja),
        Some("en") => Some(Lang::En),
        _ => None,
    }
}

/// There is nobody with this number.
pub fn no_patient(number: &str, text: &Text) -> Wrong {
    Wrong::said(text.cli_no_patient, &[("number", &display(number))])
}

// ------------------------------------------------------- the invented clinic

/// Makes the file with everybody in it, or none; how many they are.
fn invent(file: &Path, text: &Text) -> Result<usize, Wrong> {
    let mut store =
        SqliteStore::create(file, Mark::Demo).map_err(|e| not_opened(&e, file, text))?;
    let filled = invented(text).and_then(|entries| {
        store
            .append_all(&entries)
            .map_err(|e| not_stored(&e, text))?;
        Ok(entries.iter().filter(|(_, line)| line.is_some()).count())
    });
    drop(store);
    if filled.is_err() {
        // The file was made a moment ago and holds nothing; the first error counts.
        let _ = std::fs::remove_file(file);
    }
    filled
}

fn invented(text: &Text) -> Result<Vec<(Entry, Option<Projection>)>, Wrong> {
    let fault = |why: String| Wrong::said(text.cli_demo_fault, &[("why", &display(&why))]);
    let clinic = assets::read(&[], text.lang).map_err(fault)?.clinic;
    let ground = Ground {
        now: clock::now(),
        protocol: &clinic.protocol,
        protocol_text: assets::PROTOCOL,
        protocol_hash: clinic.protocol_hash,
        catalogue: &clinic.catalogue,
        settings: &clinic.settings,
        settings_hash: clinic.settings_hash,
    };
    demo::entries(&ground, &mut id).map_err(|e| fault(e.to_string()))
}

/// A new id, ordered by the moment it is made for.
pub fn id(at: DateTime<FixedOffset>) -> Uuid {
    let chance = Uuid::now_v7();
    let mut random = [0; 10];
    random.copy_from_slice(&chance.as_bytes()[6..]);
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A folder of our own that goes when it is no longer needed.
struct Throwaway(PathBuf);

impl Throwaway {
    fn make() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("saishin-{}", Uuid::now_v7()));
        let mut maker = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // Invented patients in a folder for passing things: nothing is lost if it stays.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
