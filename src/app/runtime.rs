//! The loop that runs the screens. A stand-in until the screens are there.

use crate::domain::lang::Lang;
use crate::store::Store;
use std::fmt;

/// What the program begins with.
pub struct Start {
    pub store: Box<dyn Store>,
    pub lang: Lang,
    pub go: StartAt,
    /// Invented patients only: the header says so.
    pub demo: bool,
}

/// The first screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartAt {
    List,
    /// The chart with this number, as typed.
    Chart(String),
}

/// Why the screens ended other than by leaving them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    NotYet,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the screens are not built yet")
    }
}

impl std::error::Error for RunError {}

/// Shows the screens until they are left.
///
/// # Errors
/// What ended them otherwise, after the terminal was given back.
pub fn run(start: Start) -> Result<(), RunError> {
    let _ = start.lang;
    Err(RunError::NotYet)
}
