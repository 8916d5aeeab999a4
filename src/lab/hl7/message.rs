//! Where each message of a text begins, and what kind it is.

use super::syntax::{Delimiters, Segment, is_framing, is_header};
use std::borrow::Cow;

/// One message: its segments, MSH first.
pub(super) struct Message<'a> {
    pub(super) segments: Vec<Segment<'a>>,
}

impl Message<'_> {
    pub(super) fn header(&self) -> &Segment<'_> {
        &self.segments[0]
    }

    /// What MSH-18 says of the encoding; `None` where it is empty.
    pub(super) fn charset(&self) -> Option<String> {
        let declared = self.header().field(18).trim();
        (!declared.is_empty()).then(|| declared.to_owned())
    }

    /// Whether it reports results of a laboratory.
    pub(super) fn is_report(&self) -> bool {
        let kind = self.header().part(9, 1);
        let event = self.header().part(9, 2);
        match kind.as_str() {
            "ORU" => matches!(event.as_str(), "" | "R01" | "R30" | "R31" | "R32"),
            "OUL" => matches!(event.as_str(), "R21" | "R22" | "R23" | "R24"),
            _ => false,
        }
    }
}

/// Every message of a text, whatever ends its segments: CR, LF or both.
pub(super) fn messages(text: &str) -> Vec<Message<'_>> {
    let mut messages: Vec<Message<'_>> = Vec::new();
    for (line, text) in lines(text) {
        let Some(name) = text.get(..3).filter(|name| is_name(name)) else {
            continue;
        };
        if is_header(name) && name != "MSH" {
            continue;
        }
        let delimiters = match messages.last() {
            Some(message) if name != "MSH" => message.header().delimiters,
            _ => Delimiters::of(text),
        };
        let segment = Segment {
            line,
            name,
            text: Cow::Borrowed(text),
            delimiters,
        };
        match messages.last_mut() {
            Some(message) if name != "MSH" => message.segments.push(segment),
            _ => messages.push(Message {
                segments: vec![segment],
            }),
        }
    }
    messages
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The lines that are not blank, with their numbers from 1; CR, LF and CR LF
/// end a line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut before = '\n';
    let mut ends = 0;
    let cut = text.split_inclusive(['\r', '\n']).map(move |piece| {
        let end = piece
            .chars()
            .next_back()
            .filter(|c| matches!(c, '\r' | '\n'));
        let lone = piece == "\n" && before == '\r';
        if !lone {
            ends += 1;
        }
        before = end.unwrap_or(' ');
        (ends, piece.trim_matches(is_framing))
    });
    cut.filter(|(_, line)| !line.is_empty())
}
