//! Files read and understood before the store is asked for anything: on a thread
//! of its own, since a large file takes its time.

use super::job::{Job, Progress, Under};
use super::layouts::{LayoutTrouble, tables};
use super::{Tables, parse, read};
use crate::domain::id::PersonId;
use crate::domain::matching::Scheme;
use crate::incoming::NotTaken;
use crate::lab::MOST_ROWS;
use crate::screen::{Clinic, Ids};
use chrono::{DateTime, FixedOffset};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// How many files of a folder are taken at once.
pub const MOST_FILES: usize = 2_000;

/// What somebody wants taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought {
    /// Which of the program's takings-in it is: what is said of another is late.
    pub run: u32,
    /// A file or a folder, as typed.
    pub path: String,
    pub person: PersonId,
    pub now: DateTime<FixedOffset>,
    /// What the ids are made of.
    pub seed: u64,
}

/// One file that was read.
pub struct Came {
    pub name: String,
    pub what: Result<Box<Job>, NotTaken>,
}

/// Files that were read.
pub struct Gathered {
    /// Where they lie.
    pub folder: String,
    /// The oldest first, so that what corrects comes behind what it corrects.
    pub files: Vec<Came>,
    /// Older files of the folder were left.
    pub more: bool,
}

/// Why there is nothing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoneRead {
    /// A word for what is wrong with the path.
    Place(&'static str),
    /// A folder without a file.
    NoFiles,
    /// A layout of the clinic's own is not understood.
    Layout(LayoutTrouble),
    CalledOff,
}

/// Reads a file, or every file of a folder, with the clinic's own `layouts`; `go_on` is told after each how far it
/// is, and says whether to go on.
///
/// # Errors
/// Why nothing was read.
pub fn gather(
    sought: &Sought,
    clinic: &Clinic,
    layouts: Option<&Path>,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<Gathered, NoneRead> {
    let path = typed(&sought.path);
    let (paths, more) = files(&path)?;
    let reader = Reader::new(sought, clinic, layouts)?;
    let mut gathered = Gathered {
        folder: folder(&path),
        files: Vec::new(),
        more,
    };
    let (mut rows, of) = (0, paths.len());
    // The newest first, until it is enough for once.
    for (n, path) in paths.iter().enumerate() {
        if !go_on(Progress { done: n, of }) {
            return Err(NoneRead::CalledOff);
        }
        let came = reader.file(path, n);
        rows += came.what.as_ref().map_or(0, |job| job.rows_read());
        if n > 0 && rows > MOST_ROWS {
            gathered.more = true;
            break;
        }
        gathered.files.push(came);
    }
    gathered.files.reverse();
    Ok(gathered)
}

/// A path as typed or dropped onto the terminal: in quotes perhaps, `~` for home.
fn typed(text: &str) -> PathBuf {
    let text = text.trim();
    let quoted = ['\'', '"'].iter().find_map(|mark| {
        let inner = text.strip_prefix(*mark)?;
        inner.strip_suffix(*mark)
    });
    let text = quoted.unwrap_or(text);
    let home = text.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(|| PathBuf::from(text), |(rest, home)| home.join(rest))
}

/// With the mark behind it that a file's name can follow.
fn folder(path: &Path) -> String {
    let folder = if path.is_dir() {
        Some(path)
    } else {
        path.parent()
    };
    let mut folder = folder.unwrap_or(path).to_string_lossy().into_owned();
    if !folder.is_empty() && !folder.ends_with(std::path::is_separator) {
        folder.push(std::path::MAIN_SEPARATOR);
    }
    folder
}

/// The file itself, or the plain files of a folder, the newest first; whether
/// there are more than are taken at once.
fn files(path: &Path) -> Result<(Vec<PathBuf>, bool), NoneRead> {
    if !path.is_dir() {
        return match path.symlink_metadata() {
            Ok(_) => Ok((vec![path.to_owned()], false)),
            Err(error) => Err(place(error)),
        };
    }
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in path.read_dir().map_err(place)? {
        let entry = entry.map_err(place)?;
        // What vanishes meanwhile is not there.
        let Ok(about) = entry.path().symlink_metadata() else {
            continue;
        };
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if about.is_file() && !hidden {
            let changed = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((changed, entry.path()));
        }
    }
    if found.is_empty() {
        return Err(NoneRead::NoFiles);
    }
    found.sort_unstable();
    let more = found.len() > MOST_FILES;
    let newest = found.into_iter().rev().take(MOST_FILES);
    Ok((newest.map(|(_, path)| path).collect(), more))
}

fn place(error: std::io::Error) -> NoneRead {
    NoneRead::Place(super::FileTrouble::from(error).word())
}

/// What every file of one taking-in is read with.
struct Reader {
    under: Under,
    tables: Tables,
    seed: u64,
}

impl Reader {
    fn new(sought: &Sought, clinic: &Clinic, layouts: Option<&Path>) -> Result<Self, NoneRead> {
        let under = Under {
            catalogue: Arc::clone(&clinic.catalogue),
            settings: clinic.settings.clone(),
            settings_hash: clinic.settings_hash,
            // The store knows it; it is said before the first look.
            scheme: Scheme::default(),
            person: sought.person,
            now: sought.now,
        };
        Ok(Self {
            tables: tables(&under.catalogue, layouts, &[]).map_err(NoneRead::Layout)?,
            under,
            seed: sought.seed,
        })
    }

    fn file(&self, path: &Path, n: usize) -> Came {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Came {
            what: self.job(path, &name, n),
            name: name.into_owned(),
        }
    }

    fn job(&self, path: &Path, name: &str, n: usize) -> Result<Box<Job>, NotTaken> {
        let bytes = read(path).map_err(|why| NotTaken::Place(why.word()))?;
        let parsed = parse(name, &bytes, &self.tables, &self.under.catalogue);
        if let Err(why) = parsed.reading {
            return Err(NotTaken::Refused(why));
        }
        let seed = self.seed.wrapping_add((n as u64) << 32);
        let (ids, now) = (Ids::new(seed), self.under.now);
        let job = Job::new(parsed, self.under.clone(), Box::new(move || ids.next(now)));
        job.map(Box::new).ok_or(NotTaken::Fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_it_is_dropped_onto_a_terminal() {
        assert_eq!(typed(" '/mnt/lab/a b.hl7' "), Path::new("/mnt/lab/a b.hl7"));
        assert_eq!(typed("\"C:\\lab\""), Path::new("C:\\lab"));
        assert_eq!(typed("results.dat"), Path::new("results.dat"));
        if let Some(home) = std::env::home_dir() {
            assert_eq!(typed("~/lab"), home.join("lab"));
        }
    }

    #[test]
    fn of_a_folder_the_plain_files_are_read_and_an_empty_one_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(files(folder.path()), Err(NoneRead::NoFiles));
        let missing = folder.path().join("none");
        assert_eq!(files(&missing), Err(NoneRead::Place("missing")));
        std::fs::create_dir(folder.path().join("older")).unwrap();
        std::fs::write(folder.path().join(".hidden"), "x").unwrap();
        let file = folder.path().join("a.hl7");
        std::fs::write(&file, "MSH").unwrap();
        assert_eq!(files(folder.path()), Ok((vec![file.clone()], false)));
        assert_eq!(files(&file), Ok((vec![file.clone()], false)));
    }
}
