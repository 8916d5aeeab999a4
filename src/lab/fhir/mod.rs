//! FHIR R4 as JSON: an Observation, a DiagnosticReport, a Bundle of them, or one
//! resource a line.
//!
//! `shape` is what is looked at of a resource, as leniently as senders write it;
//! `store` finds what a reference names; `result` turns an Observation into results
//! with its `value` and its `patient`.
//! A resource of another shape is one refused row and spoils no other.

mod patient;
mod result;
mod shape;
mod store;
mod value;

use super::decode::Decoded;
use super::tables::Knowing;
use super::{Format, MOST_ROWS, Place, Reading, Reason, Refusal, WarningKind};
use serde_json::value::RawValue;
use store::Resources;

/// How deep Bundles may lie in each other.
const DEEPEST: usize = 3;

/// Whether a text begins as JSON does.
pub(super) fn is_it(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Reads every Observation of a text.
pub(super) fn read(decoded: &Decoded, knowing: &mut Knowing<'_>) -> Result<Reading, Refusal> {
    let mut resources = Resources::default();
    let values = serde_json::Deserializer::from_str(&decoded.text).into_iter::<&RawValue>();
    for (at, value) in values.enumerate() {
        let path = if at == 0 {
            String::new()
        } else {
            format!("[{at}]")
        };
        resources.add(value.map_err(|error| json(&error))?, path, 0)?;
    }
    if resources.is_empty() {
        return Err(Refusal::NotFhir(resources.first_kind()));
    }
    let mut reading = Reading::new(Format::Fhir, decoded.charset);
    let mut walk = result::Walk::over(&resources, knowing, &mut reading);
    for observation in &resources.observations {
        walk.observation(observation);
        if walk.rows() > MOST_ROWS {
            return Err(Refusal::TooManyRows);
        }
    }
    walk.end();
    if reading.rows == 0 {
        reading.warn(Place::Path(String::new()), WarningKind::NoResults, "");
    }
    Ok(reading)
}

fn json(error: &serde_json::Error) -> Refusal {
    Refusal::Json {
        line: error.line(),
        column: error.column(),
    }
}
