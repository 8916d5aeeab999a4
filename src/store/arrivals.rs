//! What is asked of a store about laboratories' files.

use super::StoreError;
use crate::domain::arrival::{AsideWhy, Draw, Returned};
use crate::domain::change::Hash;
use crate::domain::id::{DrawId, EntryId, PatientId};
use crate::domain::line::Line;
use chrono::NaiveDate;

/// What came and needs somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Patients with results nobody has looked at: those with a critical value
    /// first. As many as a list shows.
    pub lines: Vec<Line>,
    /// Draws that are nobody's yet.
    pub waiting: u64,
}

/// A draw that is nobody's of this clinic.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAside {
    /// The entry that says so; undone, the draw waits again.
    pub entry: EntryId,
    pub draw: Draw,
    pub why: AsideWhy,
}

/// What a store knows of laboratories' files.
pub trait Arrivals {
    /// Whether a file of these bytes was taken in.
    fn imported(&self, file: &Hash) -> Result<bool, StoreError>;

    /// Which of these results an earlier file had brought, in their order.
    fn came_before(&self, digests: &[Hash]) -> Result<Vec<bool>, StoreError>;

    /// Whether an earlier file had brought a message of this name from this laboratory.
    fn message_came(&self, laboratory: Option<&str>, message: &str) -> Result<bool, StoreError>;

    /// Whose a draw with the same words about its patient was, by a person's
    /// word; of several, the last.
    fn remembered(&self, who: &str) -> Result<Option<PatientId>, StoreError>;

    /// The patients born on a day, in the order of their ids.
    fn born(&self, day: NaiveDate) -> Result<Vec<Line>, StoreError>;

    /// Draws that are nobody's yet, the newest first.
    fn waiting(&self, limit: usize) -> Result<Vec<Draw>, StoreError>;

    /// Draws that were set aside, the last one first.
    fn set_aside(&self, limit: usize) -> Result<Vec<SetAside>, StoreError>;

    /// The file a draw came in.
    fn file_of(&self, draw: DrawId) -> Result<Option<Hash>, StoreError>;

    /// A draw with its results, as sent.
    fn draw(&self, draw: DrawId) -> Result<Option<(Draw, Vec<Returned>)>, StoreError>;

    /// What came and needs somebody.
    fn unseen(&self) -> Result<Unseen, StoreError>;
}
