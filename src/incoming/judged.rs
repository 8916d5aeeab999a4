//! A file as it would be stored: what a person sees before anything is.

use super::taken::TakenDraw;
use crate::domain::arrival::{How, Import, Refused};
use crate::domain::matching::{Chart, Compared};
use crate::lab::Refusal;
use std::sync::Arc;

/// Whose a draw is.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Certain(Chart, How),
    /// For a person to decide; the nearest first.
    Near(Vec<Compared>),
    Nobody,
    /// Everything of it came before.
    Known,
}

/// A draw with the verdict on it; what came before is taken out of its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub draw: TakenDraw,
    pub verdict: Verdict,
    /// How many of its results came before.
    pub known: usize,
}

impl Judged {
    /// Whether it is for a person to say whose it is.
    pub fn waits(&self) -> bool {
        matches!(self.verdict, Verdict::Near(_) | Verdict::Nobody)
    }
}

/// How many results are nobody's.
pub fn unmatched(draws: &[Judged]) -> usize {
    let waiting = draws.iter().filter(|judged| judged.waits());
    waiting.map(|judged| judged.draw.results.len()).sum()
}

/// One file that was read and looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    pub import: Import,
    pub refused: Arc<Vec<Refused>>,
    pub draws: Arc<Vec<Judged>>,
}

/// Why a file is not taken in. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// A word for what is wrong with the file in its place: `missing`, `link`.
    Place(&'static str),
    /// Its bytes are not understood.
    Refused(Refusal),
    /// The very same file was taken in before.
    Before,
    /// Its rows do not add up, which is a fault of the program.
    Fault,
}

/// One of the files that are taken in together.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it is called, without its folder.
    pub name: String,
    pub what: Result<Preview, NotTaken>,
}
