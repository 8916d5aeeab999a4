//! The invented clinic: about thirty patients whose days are told from today.

use crate::domain::change::{Entry, Hash};
use crate::domain::line::Projection;
use crate::domain::protocol::Protocol;
use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

/// What the invented history stands on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub today: NaiveDate,
    /// The last entry is no later than this.
    pub now: DateTime<FixedOffset>,
    pub protocol: &'a Protocol,
    pub protocol_text: &'a str,
    pub protocol_hash: Hash,
    /// Hash of the settings in force.
    pub settings_hash: Hash,
}

/// Why the invented clinic cannot be told; only a fault of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoError {
    /// The patient, where it is about one.
    pub chart_number: Option<String>,
    pub what: String,
}

/// The whole history, in the order it would have been saved. `ids` is asked
/// for one id after the other, each with the moment it is for.
///
/// # Errors
/// The story that does not fit the protocol, and the word it stumbles over.
pub fn entries(
    ground: &Ground<'_>,
    ids: &mut dyn FnMut(DateTime<FixedOffset>) -> Uuid,
) -> Result<Vec<(Entry, Option<Projection>)>, DemoError> {
    // Filled in with the stories.
    let _ = (ground, ids);
    Ok(Vec::new())
}
