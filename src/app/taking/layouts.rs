//! The layouts that a clinic has declared: every `.toml` file of a folder beside
//! its record. Looked for when files are taken in, never before.

use super::{FileTrouble, Tables, read};
use crate::domain::catalogue::Catalogue;
use crate::domain::lang::Lang;
use crate::lab::{Layout, LayoutError, LayoutErrorKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why a layout is not used; then nothing is read, since a file might mean
/// something else without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutTrouble {
    /// What it is called, without its folder.
    pub file: String,
    pub why: LayoutWhy,
}

/// What is wrong with a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutWhy {
    /// It cannot be read from its place; a word of [`FileTrouble`].
    Place(&'static str),
    /// A place in it, the word there, and the reason.
    Wrong(LayoutError),
}

impl LayoutTrouble {
    /// `own.toml:3:9: "drwan": ...`; `place` puts a word of [`FileTrouble`] into words.
    pub fn message(&self, lang: Lang, place: impl Fn(&str) -> String) -> String {
        match &self.why {
            LayoutWhy::Place(word) => format!("{}: {}", self.file, place(word)),
            LayoutWhy::Wrong(why) => format!("{}:{}", self.file, why.message(lang)),
        }
    }
}

/// The folder of a record's layouts: `layouts`, beside it.
pub fn beside(record: &Path) -> PathBuf {
    record.with_file_name("layouts")
}

/// What the program brings along, with the layouts of `folder` in the order of
/// their names, then those that were `named`. One of the program's own is replaced
/// by another of its name.
///
/// # Errors
/// The first layout that cannot be used.
pub fn tables(
    catalogue: &Catalogue,
    folder: Option<&Path>,
    named: &[PathBuf],
) -> Result<Tables, LayoutTrouble> {
    let mut paths = match folder {
        Some(folder) => found(folder)?,
        None => Vec::new(),
    };
    paths.extend_from_slice(named);
    let mut names = BTreeSet::new();
    let mut tables = Tables::built_in(catalogue);
    for path in &paths {
        let trouble = |why| trouble(path, why);
        let text = text(path).map_err(trouble)?;
        let layout = Layout::read(&text, catalogue);
        let layout = layout.map_err(|why| trouble(LayoutWhy::Wrong(why)))?;
        if !names.insert(layout.name.clone()) {
            return Err(trouble(LayoutWhy::Wrong(twice(&text, &layout.name))));
        }
        tables = tables.with(layout);
    }
    Ok(tables)
}

/// The layouts of a folder; none where there is no folder.
fn found(folder: &Path) -> Result<Vec<PathBuf>, LayoutTrouble> {
    let trouble = |error| trouble(folder, LayoutWhy::Place(FileTrouble::from(error).word()));
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(trouble)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(trouble)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> Result<String, LayoutWhy> {
    let bytes = read(path).map_err(|why| LayoutWhy::Place(why.word()))?;
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        LayoutWhy::Wrong(LayoutError {
            line: before.split(|byte| *byte == b'\n').count(),
            column: 1,
            word: String::new(),
            kind: LayoutErrorKind::Syntax("UTF-8".to_owned()),
        })
    })
}

/// Two files of the clinic's declare one name: told where the second does.
fn twice(text: &str, name: &str) -> LayoutError {
    let mut lines = (1..).zip(text.lines());
    let at = lines.find(|(_, line)| line.trim_start().starts_with("name"));
    let column = at.and_then(|(_, line)| line.find(name).map(|at| line[..at].chars().count()));
    LayoutError {
        line: at.map_or(1, |(line, _)| line),
        column: column.unwrap_or_default() + 1,
        word: name.to_owned(),
        kind: LayoutErrorKind::Duplicate,
    }
}

fn trouble(path: &Path, why: LayoutWhy) -> LayoutTrouble {
    let name = path.file_name().unwrap_or(path.as_os_str());
    LayoutTrouble {
        file: name.to_string_lossy().into_owned(),
        why,
    }
}
