//! Where each message of a text begins, and what kind it is.

use super::segment_place;
use super::syntax::{Delimiters, Segment, is_framing, is_header};
use crate::lab::{Reading, WarningKind};
use std::borrow::Cow;

/// A text cut into messages.
pub(super) struct Cut<'a> {
    pub(super) messages: Vec<Message<'a>>,
    /// OBX segments that stand in no message that can be cut.
    pub(super) stray: Vec<(usize, &'a str)>,
    /// How many OBX segments the messages hold.
    pub(super) results: usize,
}

/// One message: its segments, MSH first.
pub(super) struct Message<'a> {
    segments: Vec<Whole<'a>>,
    delimiters: Delimiters,
    /// The kind of message, as its header says.
    pub(super) kind: Kind,
}

/// A segment before its fields are cut: they are looked for when it is read.
struct Whole<'a> {
    line: usize,
    name: &'a str,
    text: Cow<'a, str>,
}

impl Whole<'_> {
    fn cut(&self, delimiters: Delimiters) -> Segment<'_> {
        Segment::new(self.line, self.name, &self.text, delimiters)
    }
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Results below their order; the specimen, if any, behind them.
    OrderFirst,
    /// Results below their specimen: OUL^R22 and R23.
    SpecimenFirst,
    /// No laboratory report.
    Other,
}

impl<'a> Message<'a> {
    fn new(line: usize, text: &'a str, delimiters: Delimiters) -> Self {
        let header = Segment::new(line, "MSH", text, delimiters);
        let kind = match (&*header.part(9, 1), &*header.part(9, 2)) {
            ("ORU", "" | "R01" | "R30" | "R31" | "R32") => Kind::OrderFirst,
            ("OUL", "R21" | "R24") => Kind::OrderFirst,
            ("OUL", "R22" | "R23") => Kind::SpecimenFirst,
            _ => Kind::Other,
        };
        let header = Whole {
            line,
            name: "MSH",
            text: Cow::Borrowed(text),
        };
        Self {
            segments: vec![header],
            delimiters,
            kind,
        }
    }

    pub(super) fn header(&self) -> Segment<'_> {
        self.segments[0].cut(self.delimiters)
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let segments = self.segments.iter();
        segments.map(|segment| segment.cut(self.delimiters))
    }

    /// The segments of these names.
    pub(super) fn named(&self, names: &[&str]) -> impl Iterator<Item = Segment<'_>> {
        let segments = self.segments.iter();
        let named = segments.filter(|segment| names.contains(&segment.name));
        named.map(|segment| segment.cut(self.delimiters))
    }

    /// What MSH-18 says of the encoding, all its repetitions; `None` where empty.
    pub(super) fn charset(&self) -> Option<String> {
        let declared = self.header().field(18).trim();
        (!declared.is_empty()).then(|| declared.to_owned())
    }
}

/// Cuts a text, whatever ends its segments: CR, LF or both.
pub(super) fn cut<'a>(text: &'a str, reading: &mut Reading) -> Cut<'a> {
    let mut cut = Cut {
        messages: Vec::new(),
        stray: Vec::new(),
        results: 0,
    };
    // Field delimiter of the message begun last; none behind a header that could
    // not be read, where nothing belongs to a message.
    let mut field = None;
    let mut batch = 0;
    for (line, text) in lines(text) {
        match name(text, field) {
            Some("MSH") => field = cut.begin(line, text, reading),
            Some("FHS" | "FTS") => field = None,
            Some("BHS") => (field, batch) = (None, cut.messages.len()),
            Some("BTS") => {
                cut.count(line, text, batch, reading);
                field = None;
            }
            Some(name) if field.is_some() => cut.add(line, name, text),
            Some("OBX") => cut.stray.push((line, text)),
            _ if field.is_some() => cut.join(line, text, reading),
            _ => {}
        }
    }
    cut
}

impl<'a> Cut<'a> {
    /// The field delimiter of the message that begins here.
    fn begin(&mut self, line: usize, text: &'a str, reading: &mut Reading) -> Option<char> {
        let Some(delimiters) = Delimiters::of(text) else {
            warn(reading, line, "MSH", WarningKind::Delimiter, text);
            return None;
        };
        let odd = delimiters.lookalikes();
        if !odd.is_empty() {
            warn(reading, line, "MSH", WarningKind::Delimiter, &odd);
        }
        self.messages.push(Message::new(line, text, delimiters));
        Some(delimiters.field)
    }

    fn add(&mut self, line: usize, name: &'a str, text: &'a str) {
        self.results += usize::from(name == "OBX");
        if let Some(message) = self.messages.last_mut() {
            message.segments.push(Whole {
                line,
                name,
                text: Cow::Borrowed(text),
            });
        }
    }

    /// A line that begins no segment goes on with the one before.
    fn join(&mut self, line: usize, text: &'a str, reading: &mut Reading) {
        let segments = self
            .messages
            .last_mut()
            .map(|message| &mut message.segments);
        if let Some(last) = segments.and_then(|segments| segments.last_mut()) {
            let name = last.name;
            let whole = last.text.to_mut();
            whole.push('\n');
            whole.push_str(text);
            warn(reading, line, name, WarningKind::JoinedLine, text);
        }
    }

    /// BTS-1 says how many messages the batch holds.
    fn count(&mut self, line: usize, text: &str, batch: usize, reading: &mut Reading) {
        let delimiter = text.chars().nth(3).unwrap_or('|');
        let said = text.split(delimiter).nth(1).unwrap_or("").trim();
        let there = self.messages.len() - batch;
        if said.parse().is_ok_and(|said: usize| said != there) {
            warn(reading, line, "BTS", WarningKind::BatchCount, text);
        }
    }
}

fn warn(reading: &mut Reading, line: usize, name: &str, kind: WarningKind, text: &str) {
    reading.warn(segment_place(line, name), kind, text);
}

/// The name of the segment that a line begins, if it begins one, where `field`
/// parts fields.
fn name(line: &str, field: Option<char>) -> Option<&str> {
    let name = line.get(..3)?;
    let mut bytes = name.bytes();
    let named = bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let parted = match line[3..].chars().next() {
        None => true,
        // A header declares its own, any mark may be one.
        Some(c) if is_header(name) => !c.is_alphanumeric() && !c.is_whitespace(),
        Some(c) => c == field.unwrap_or('|'),
    };
    (named && parted).then_some(name)
}

/// The lines that are not blank, with their numbers from 1; CR, LF and CR LF
/// end a line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut line = 1;
    let mut after_cr = false;
    let mut rest = text;
    let pieces = std::iter::from_fn(move || {
        let end = rest
            .as_bytes()
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'));
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |at| at + 1));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    });
    let cut = pieces.map(move |piece| {
        let rest_of_cr = piece == "\n" && after_cr;
        let at = line;
        after_cr = piece.ends_with('\r');
        if !rest_of_cr && piece.ends_with(['\r', '\n']) {
            line += 1;
        }
        (at, piece.trim_matches(is_framing))
    });
    cut.filter(|(_, line)| !line.is_empty())
}
