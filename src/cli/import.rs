//! `saishin import`: laboratories' files, named or coming into a folder.

use super::begin;
use super::wrong::{Done, Wrong, name, not_stored};
use crate::app::assets;
use crate::app::process::Ending;
use crate::app::taking::{self, Job, Parsed, Tables, Under, scheme};
use crate::clock;
use crate::domain::change::{Change, Entry, EntryKind, Setting};
use crate::domain::id::{EntryId, PersonId};
use crate::shown::arrival::{file_trouble, reason, refusal};
use crate::store::memory::Memory;
use crate::store::{Store, StoreError};
use crate::text::{Text, fill};
use crate::widget::cells::display;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub files: Vec<PathBuf>,
    pub dry_run: bool,
    pub watch: Option<PathBuf>,
    /// Layouts beside those of the clinic's folder.
    pub layouts: Vec<PathBuf>,
}

/// How often a watched folder is looked at. A file must be the same at two looks
/// before it is read.
const LOOK: Duration = Duration::from_secs(2);

/// How often a save that another program's makes old is worked out anew.
const TRIES: usize = 20;

/// Takes in what was named, then what comes into the watched folder.
///
/// # Errors
/// Nothing to do, a store that fails, files that were not taken in.
pub fn run(db: Option<&Path>, wanted: &Wanted, text: &Text) -> Done {
    if wanted.files.is_empty() && wanted.watch.is_none() {
        return Err(Wrong::Usage(text.cli_import_what.to_owned()));
    }
    let place = place(db, wanted.dry_run, text)?;
    let mut importer = Importer::new(place, wanted, text)?;
    for file in &wanted.files {
        importer.file(file)?;
    }
    if let Some(folder) = &wanted.watch {
        return importer.watch(folder);
    }
    importer.total()
}

/// The clinic's file; for a look without saving any file, or none yet.
fn place(db: Option<&Path>, dry_run: bool, text: &Text) -> Result<Place, Wrong> {
    if !dry_run {
        let (store, person) = begin::clinic_and_person(db, text)?;
        return Ok(Place {
            layouts: taking::beside(store.path()),
            store: Box::new(store),
            person,
        });
    }
    let person = PersonId::from_bytes([0; 16]);
    let nothing = match db {
        None => begin::nothing_yet(text)?,
        Some(_) => None,
    };
    let (path, store): (PathBuf, Box<dyn Store>) = match nothing {
        Some(path) => (path, Box::new(Memory::new())),
        None => {
            let (path, store) = begin::read_only(db, text)?;
            (path, Box::new(store))
        }
    };
    Ok(Place {
        layouts: taking::beside(&path),
        store,
        person,
    })
}

/// What is written to, by whom, and the clinic's own layouts.
struct Place {
    store: Box<dyn Store>,
    person: PersonId,
    layouts: PathBuf,
}

/// One run over several files.
struct Importer<'a> {
    store: Box<dyn Store>,
    under: Under,
    /// Read once for all files.
    tables: Tables,
    dry_run: bool,
    text: &'a Text,
    count: Count,
}

#[derive(Default)]
struct Count {
    results: usize,
    refused: usize,
    unmatched: usize,
    files: usize,
    /// Files that were not taken in.
    not: usize,
}

impl<'a> Importer<'a> {
    fn new(place: Place, wanted: &Wanted, text: &'a Text) -> Result<Self, Wrong> {
        let Place {
            store,
            person,
            layouts,
        } = place;
        let own = store.clinic().map_err(|e| not_stored(&e, text))?.settings;
        let clinic = assets::read(&own, text.lang)
            .map_err(|why| Wrong::said(text.cli_stopped, &[("why", &display(&why))]))?
            .clinic;
        let scheme = scheme(&own)
            .map_err(|value| Wrong::said(text.cli_import_scheme, &[("value", &display(&value))]))?;
        let under = Under {
            catalogue: Arc::clone(&clinic.catalogue),
            settings: clinic.settings,
            settings_hash: clinic.settings_hash,
            scheme,
            person,
            now: clock::now(),
        };
        let tables = taking::tables(&under.catalogue, Some(&layouts), &wanted.layouts);
        let place = |word: &str| file_trouble(word, text);
        Ok(Self {
            store,
            tables: tables
                .map_err(|why| Wrong::Said(display(&why.message(text.lang, place)).into_owned()))?,
            under,
            dry_run: wanted.dry_run,
            text,
            count: Count::default(),
        })
    }

    /// One file, and what to say of it.
    fn file(&mut self, path: &Path) -> Done {
        self.count.files += 1;
        let bytes = match taking::read(path) {
            Ok(bytes) => bytes,
            Err(why) => return self.not_taken(path, file_trouble(why.word(), self.text)),
        };
        let called = path.file_name().unwrap_or_default().to_string_lossy();
        let parsed = taking::parse(&called, &bytes, &self.tables, &self.under.catalogue);
        let known = self.store.imported(&parsed.hash);
        if known.map_err(|e| not_stored(&e, self.text))? && !self.dry_run {
            return said(&fill(self.text.cli_import_before, &[("file", &name(path))]));
        }
        if let Err(why) = &parsed.reading {
            let why = refusal(why, self.text);
            return self.not_taken(path, display(&why).into_owned());
        }
        self.taken(path, parsed)
    }

    fn not_taken(&mut self, path: &Path, why: String) -> Done {
        self.count.not += 1;
        let values = [("file", &*name(path)), ("why", &*why)];
        said(&fill(self.text.cli_import_not, &values))
    }

    fn taken(&mut self, path: &Path, parsed: Parsed) -> Done {
        self.under.now = clock::now();
        let now = self.under.now;
        let ids = Box::new(move || begin::id(now));
        let Some(mut job) = Job::new(parsed, self.under.clone(), ids) else {
            return self.not_taken(path, self.text.file_fault.to_owned());
        };
        let failed = |e: StoreError| not_stored(&e, self.text);
        while !job.look_up(&*self.store).map_err(failed)? {}
        if !self.dry_run {
            self.save(&mut job)?;
        }
        self.report(path, &job)
    }

    /// Another program that saves in between makes it begin again.
    fn save(&mut self, job: &mut Job) -> Done {
        let failed = |e: StoreError| not_stored(&e, self.text);
        for _ in 0..TRIES {
            while !job.link(&*self.store).map_err(failed)? {}
            match job.save(&mut *self.store, &mut |_| false) {
                Err(StoreError::Conflict) => {}
                saved => return saved.map(|_| ()).map_err(failed),
            }
        }
        Err(failed(StoreError::Busy))
    }

    fn report(&mut self, path: &Path, job: &Job) -> Done {
        let import = job.import();
        let (rows, refused) = (import.rows as usize, import.refused as usize);
        let (results, unmatched) = (rows - refused, job.unmatched());
        self.count.results += results;
        self.count.refused += refused;
        self.count.unmatched += unmatched;
        let values = [
            ("file", &*name(path)),
            ("format", &*import.format),
            ("encoding", &*import.encoding),
            ("results", &*results.to_string()),
            ("known", &*import.known.to_string()),
            ("refused", &*refused.to_string()),
            ("unmatched", &*unmatched.to_string()),
        ];
        said(&fill(self.text.cli_import_line, &values))?;
        for row in job.refused().iter().filter(|_| !self.dry_run) {
            let values = [
                ("place", &*row.place),
                ("reason", &*reason(&row.reason, self.text)),
            ];
            said(&display(&fill(self.text.cli_import_refused, &values)))?;
        }
        Ok(())
    }

    /// The last line has one form in every language: other programs read it.
    fn total(&self) -> Done {
        let Count {
            results,
            refused,
            unmatched,
            files,
            not,
        } = self.count;
        said(&format!(
            "{results} results, {refused} refused, {unmatched} unmatched, {files} files"
        ))?;
        match not {
            0 => Ok(()),
            n => Err(Wrong::said(
                self.text.cli_import_some,
                &[("n", &n.to_string())],
            )),
        }
    }

    /// The screen proposes the folder that is watched.
    fn remember(&mut self, folder: &Path) -> Done {
        let failed = |e: StoreError| not_stored(&e, self.text);
        let path = std::path::absolute(folder)?;
        let setting = Setting {
            name: taking::FOLDER.to_owned(),
            number: None,
            text: Some(path.to_string_lossy().into_owned()),
        };
        let known = self.store.clinic().map_err(failed)?.settings;
        if known.contains(&setting) {
            return Ok(());
        }
        let now = clock::now();
        let entry = Entry {
            id: EntryId::from(begin::id(now)),
            patient: None,
            visit: None,
            person: self.under.person,
            at: now,
            kind: EntryKind::Setting,
            undoes: None,
            reason: None,
            changes: vec![Change::Setting(setting)],
        };
        self.store
            .append(&entry, None, None)
            .map(|_| ())
            .map_err(failed)
    }

    /// Takes in what comes into the folder, until told to end.
    fn watch(&mut self, folder: &Path) -> Done {
        if !folder.is_dir() {
            let values = [("folder", &*name(folder))];
            return Err(Wrong::said(self.text.cli_watch_folder, &values));
        }
        self.remember(folder)?;
        let mut ending = Ending::heed()?;
        said(&fill(self.text.cli_watching, &[("folder", &name(folder))]))?;
        let mut seen = Seen::default();
        loop {
            for file in seen.quiet(folder)? {
                self.file(&file)?;
            }
            if ending.within(LOOK) {
                return self.total();
            }
        }
    }
}

/// How a file looked: while that changes, somebody writes it.
type Look = (u64, Option<SystemTime>);

/// What a folder held at the last look.
#[derive(Default)]
struct Seen {
    files: BTreeMap<PathBuf, (Look, bool)>,
}

impl Seen {
    /// The files that are as they were at the last look and were not given yet.
    fn quiet(&mut self, folder: &Path) -> Result<Vec<PathBuf>, Wrong> {
        let mut now = BTreeMap::new();
        let mut quiet = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            // What vanishes between two looks is not there.
            let Ok(about) = entry.path().symlink_metadata() else {
                continue;
            };
            if !about.is_file() {
                continue;
            }
            let look = (about.len(), about.modified().ok());
            let before = self.files.get(&entry.path());
            let same = before.is_some_and(|(then, _)| *then == look);
            let given = same && before.is_some_and(|(_, given)| *given);
            if same && !given {
                quiet.push(entry.path());
            }
            now.insert(entry.path(), (look, same));
        }
        self.files = now;
        Ok(quiet)
    }
}

fn said(line: &str) -> Done {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_once_it_has_stopped_growing_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.hl7");
        let mut seen = Seen::default();
        let mut quiet = || seen.quiet(folder.path()).unwrap();
        assert_eq!(quiet(), Vec::<PathBuf>::new());
        std::fs::write(&file, "MSH").unwrap();
        assert_eq!(quiet(), Vec::<PathBuf>::new(), "just there");
        std::fs::write(&file, "MSH|^").unwrap();
        assert_eq!(quiet(), Vec::<PathBuf>::new(), "it grew");
        assert_eq!(quiet(), std::slice::from_ref(&file));
        assert_eq!(quiet(), Vec::<PathBuf>::new(), "given before");
        std::fs::write(&file, "MSH|^~").unwrap();
        assert_eq!(quiet(), Vec::<PathBuf>::new());
        assert_eq!(quiet(), [file], "it is another file now");
    }
}
