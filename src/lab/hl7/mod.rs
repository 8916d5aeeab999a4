//! HL7 version 2: laboratory reports (ORU^R01, R30 to R32; OUL^R21 to R24).
//!
//! `syntax` cuts a text into segments and fields, `message` tells where each
//! message begins and what it is, `report` turns its segments into results.

mod message;
mod report;
mod syntax;

use super::{Charset, Encoding, Format, Reading, Refusal, Tables};
use crate::domain::catalogue::Catalogue;

/// Whether a text begins as a message or a batch of them does.
pub(super) fn is_it(text: &str) -> bool {
    let start = text.trim_start_matches(syntax::is_framing);
    let mut chars = start.chars().skip(3);
    let named = ["MSH", "FHS", "BHS"]
        .iter()
        .any(|name| start.starts_with(name));
    named && chars.next().is_some_and(|c| c.is_ascii_punctuation())
}

/// Reads every message of a text.
pub(super) fn read(text: &str, tables: &Tables, catalogue: &Catalogue) -> Result<Reading, Refusal> {
    let mut reading = Reading {
        format: Format::Hl7,
        encoding: Encoding {
            declared: None,
            actual: Charset::Utf8,
        },
        warnings: Vec::new(),
        reports: Vec::new(),
        refused: Vec::new(),
        rows: 0,
    };
    for message in message::messages(text) {
        if reading.encoding.declared.is_none() {
            reading.encoding.declared = message.charset();
        }
        report::read(&message, tables, catalogue, &mut reading)?;
    }
    Ok(reading)
}
