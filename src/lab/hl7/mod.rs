//! HL7 version 2: laboratory reports (ORU^R01, R30 to R32; OUL^R21 to R24).
//!
//! `syntax` cuts segments into fields, `message` a text into messages, `report`
//! their segments into draws, `patient` a PID and `result` an OBX.

mod message;
mod patient;
mod report;
mod result;
mod syntax;

use super::decode::{self, Decoded};
use super::tables::Knowing;
use super::{Charset, Format, MOST_ROWS, Place, Reading, Reason, Refusal, WarningKind};

/// Whether a text begins as a message or a batch of them does.
pub(super) fn is_it(text: &str) -> bool {
    let start = text.trim_start_matches(syntax::is_framing);
    let named = start.get(..3).is_some_and(syntax::is_header);
    let mark = start.chars().nth(3);
    named && mark.is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace())
}

/// The encoding that MSH-18 declares, looked for before decoding: the header is
/// ASCII up to there wherever this decides anything.
pub(super) fn declared_in(bytes: &[u8]) -> Option<Charset> {
    let at = bytes
        .windows(4)
        .take(4_096)
        .position(|w| w.starts_with(b"MSH"))?;
    let header = &bytes[at..];
    let end = header.iter().position(|b| matches!(b, b'\r' | b'\n'));
    let header = &header[..end.unwrap_or(header.len())];
    let field = header.get(3)?;
    let declared = header.split(|b| b == field).nth(17)?;
    decode::declared(std::str::from_utf8(declared).ok()?)
}

/// Reads every message of a text.
pub(super) fn read(decoded: &Decoded, knowing: &mut Knowing<'_>) -> Result<Reading, Refusal> {
    let mut reading = Reading::new(Format::Hl7, decoded.charset);
    let cut = message::cut(&decoded.text, &mut reading);
    if cut.results + cut.stray.len() > MOST_ROWS {
        return Err(Refusal::TooManyRows);
    }
    for (line, text) in cut.stray {
        reading.rows += 1;
        reading.refuse(segment_place(line, "OBX"), Reason::NoMessage, text);
    }
    for message in &cut.messages {
        declared(message, &mut reading);
        report::read(message, knowing, &mut reading);
    }
    Ok(reading)
}

/// What the first message says of the encoding; a warning where it is another.
fn declared(message: &message::Message<'_>, reading: &mut Reading) {
    let Some(word) = message.charset() else {
        return;
    };
    if reading.encoding.declared.is_some() {
        return;
    }
    if decode::contradicts(&word, reading.encoding.actual) {
        let place = segment_place(message.header().line, "MSH");
        reading.warn(place, WarningKind::OtherEncoding, &word);
    }
    reading.encoding.declared = Some(super::clean::shortened(&word));
}

fn segment_place(line: usize, name: &str) -> Place {
    Place::Segment {
        line,
        name: name.to_owned(),
    }
}
