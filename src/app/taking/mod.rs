//! Taking in a laboratory's file: read, looked up, linked, saved.
//!
//!   bytes -> Parsed                  no store needed, on any thread
//!   Parsed -> Job::look_up, Job::link, again and again
//!   Job::save                        one transaction, all of it or nothing
//!   path -> gather -> Intake         the same for a person, who sees it first
//!
//! A step is short, so that whoever holds the store can do something else in
//! between. Nothing is written before [`Job::save`].

mod file;
mod gather;
mod intake;
mod job;
mod layouts;
mod tray;

pub use crate::incoming::{Judged, Verdict};
pub use file::{FileTrouble, read};
pub use gather::{Came, Gathered, NoneRead, Sought, gather};
pub use intake::{Intake, News, Shown, Stored};
pub use job::{Job, Progress, Told, Under, whose};
pub use layouts::{LayoutTrouble, LayoutWhy, beside, tables};
pub use tray::{confirm, tray};

use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Hash, Setting};
use crate::domain::matching::Scheme;
pub use crate::lab::Tables;
use crate::lab::{self, Reading, Refusal};
use sha2::{Digest, Sha256};

/// A file that was read and understood, or not, before anything is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What it is called, without its folder.
    pub name: String,
    pub hash: Hash,
    pub reading: Result<Reading, Refusal>,
}

/// Reads the bytes of a file; `tables` are [`Tables::built_in`] with the clinic's own.
pub fn parse(name: &str, bytes: &[u8], tables: &Tables, catalogue: &Catalogue) -> Parsed {
    Parsed {
        name: name.to_owned(),
        hash: Sha256::digest(bytes).into(),
        reading: lab::read(bytes, tables, catalogue),
    }
}

/// The setting that names the folder which was watched last.
pub const FOLDER: &str = "import_folder";

/// How this clinic writes its chart numbers: the setting `chart_number`, an
/// example such as `000000`.
///
/// # Errors
/// The example, where it is none.
pub fn scheme(own: &[Setting]) -> Result<Scheme, String> {
    let set = own.iter().rev().find(|s| s.name == "chart_number");
    match set.and_then(|s| s.text.clone()).filter(|t| !t.is_empty()) {
        None => Ok(Scheme::default()),
        Some(example) => Scheme::parse(&example).ok_or(example),
    }
}
