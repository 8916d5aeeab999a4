//! What the command line says when it cannot do what was asked.

use crate::store::StoreError;
use crate::store::schema::OpenError;
use crate::text::{Text, fill};
use crate::widget::cells::display;
use std::path::Path;

/// One sentence in the user's language, and how the program ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Something is not as it must be: status 1.
    Said(String),
    /// The arguments make no sense: status 2.
    Usage(String),
    /// Whoever read the output has gone: nothing to say to nobody.
    Gone,
}

/// What a command comes to.
pub type Done = Result<(), Wrong>;

impl Wrong {
    /// A sentence with its gaps filled.
    pub fn said(template: &str, values: &[(&str, &str)]) -> Self {
        Self::Said(fill(template, values))
    }
}

/// Output that nobody takes any more ends the program quietly; a full disk does not.
impl From<std::io::Error> for Wrong {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Gone,
            _ => Self::Said(display(&error.to_string()).into_owned()),
        }
    }
}

/// A file's name, safe to show and to paste behind a command.
pub fn name(path: &Path) -> String {
    let shown = display(&path.to_string_lossy()).into_owned();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:\\~@%,".contains(c);
    if !shown.is_empty() && shown.chars().all(plain) {
        shown
    } else if cfg!(windows) {
        format!("\"{shown}\"")
    } else {
        format!("'{}'", shown.replace('\'', r"'\''"))
    }
}

/// Why a file was not opened, and what to do.
pub fn not_opened(error: &OpenError, path: &Path, text: &Text) -> Wrong {
    let template = match error {
        OpenError::Missing => text.cli_open_missing,
        OpenError::Exists => text.cli_open_exists,
        OpenError::NotADatabase => text.cli_open_not_a_database,
        OpenError::Foreign => text.cli_open_foreign,
        OpenError::Newer { .. } => text.cli_open_newer,
        OpenError::Empty => text.cli_open_empty,
        OpenError::Directory => text.cli_open_directory,
        OpenError::Network => text.cli_open_network,
        OpenError::NotPermitted => text.cli_open_not_permitted,
        OpenError::Busy => text.cli_open_busy,
        OpenError::DiskFull => text.cli_open_disk_full,
        OpenError::Unsafe(_) => text.cli_open_unsafe,
        OpenError::Io(_) => text.cli_open_io,
    };
    let found = match error {
        OpenError::Newer { found } => found.to_string(),
        OpenError::Io(code) => code.to_string(),
        OpenError::Unsafe(setting) => (*setting).to_owned(),
        _ => String::new(),
    };
    let values = [
        ("file", &*name(path)),
        ("found", &*found),
        ("code", &*found),
        ("what", &*found),
    ];
    Wrong::said(template, &values)
}

/// Why the store could not do it, and what to do.
pub fn not_stored(error: &StoreError, text: &Text) -> Wrong {
    match error {
        StoreError::Busy => Wrong::said(text.cli_store_busy, &[]),
        StoreError::Damaged => Wrong::said(text.cli_store_damaged, &[]),
        StoreError::DiskFull => Wrong::said(text.cli_store_disk_full, &[]),
        StoreError::ReadOnly => Wrong::said(text.cli_store_read_only, &[]),
        other => Wrong::said(text.cli_store_other, &[("why", &other.to_string())]),
    }
}
