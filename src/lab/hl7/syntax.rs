//! Segments, fields and escapes.

use std::borrow::Cow;

/// The characters that part a message, as its MSH segment declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiters {
    pub(super) field: char,
    pub(super) component: char,
    pub(super) repetition: char,
    pub(super) escape: char,
    pub(super) subcomponent: char,
}

impl Delimiters {
    /// Those of a header segment (MSH, FHS, BHS); what it leaves out is as usual.
    pub(super) fn of(header: &str) -> Delimiters {
        let mut chars = header.chars().skip(3);
        let field = chars.next().unwrap_or('|');
        let mut declared = chars.take_while(|c| *c != field);
        let mut next = |usual: char| declared.next().unwrap_or(usual);
        Delimiters {
            field,
            component: next('^'),
            repetition: next('~'),
            escape: next('\\'),
            subcomponent: next('&'),
        }
    }
}

/// Blanks and frame bytes around messages (MLLP).
pub(super) fn is_framing(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{0B}' | '\u{1C}' | '\u{FEFF}')
}

/// One segment.
#[derive(Clone, Debug)]
pub(super) struct Segment<'a> {
    /// From 1.
    pub(super) line: usize,
    pub(super) name: &'a str,
    pub(super) text: Cow<'a, str>,
    pub(super) delimiters: Delimiters,
}

impl Segment<'_> {
    /// A field by its number in the standard; empty where there is none.
    pub(super) fn field(&self, number: usize) -> &str {
        // MSH-1 is the field delimiter itself.
        let skip = if is_header(self.name) {
            number - 1
        } else {
            number
        };
        self.text
            .split(self.delimiters.field)
            .nth(skip)
            .unwrap_or("")
    }

    /// The repetitions of a field; one, perhaps empty, where it is not repeated.
    pub(super) fn repeats(&self, number: usize) -> impl Iterator<Item = &str> {
        self.field(number).split(self.delimiters.repetition)
    }

    /// A component of the first repetition, unescaped.
    pub(super) fn part(&self, number: usize, component: usize) -> String {
        let first = self.repeats(number).next().unwrap_or("");
        self.component(first, component)
    }

    /// A component of a repetition, by its number from 1, unescaped.
    pub(super) fn component(&self, repetition: &str, number: usize) -> String {
        let part = repetition.split(self.delimiters.component).nth(number - 1);
        unescaped(part.unwrap_or(""), &self.delimiters)
            .trim()
            .to_owned()
    }
}

pub(super) fn is_header(name: &str) -> bool {
    matches!(name, "MSH" | "FHS" | "BHS")
}

/// A text with its escape sequences resolved; one that is not known stays.
pub(super) fn unescaped(text: &str, delimiters: &Delimiters) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(delimiters.escape) {
        let after = &rest[open + delimiters.escape.len_utf8()..];
        let Some(close) = after.find(delimiters.escape) else {
            break;
        };
        out.push_str(&rest[..open]);
        let end = open + 2 * delimiters.escape.len_utf8() + close;
        match meaning(&after[..close], delimiters) {
            Some(meant) => out.push_str(&meant),
            None => out.push_str(&rest[open..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn meaning(sequence: &str, delimiters: &Delimiters) -> Option<String> {
    let one = |c: char| Some(c.to_string());
    match sequence {
        "F" => one(delimiters.field),
        "S" => one(delimiters.component),
        "T" => one(delimiters.subcomponent),
        "R" => one(delimiters.repetition),
        "E" => one(delimiters.escape),
        "H" | "N" => Some(String::new()),
        _ if sequence.starts_with(".br") => one('\n'),
        _ => hexadecimal(sequence.strip_prefix('X')?),
    }
}

/// The bytes written as `XC3A9`, where they are text.
fn hexadecimal(digits: &str) -> Option<String> {
    if digits.is_empty() || digits.len() % 2 != 0 || !digits.is_ascii() {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    let bytes: Result<Vec<u8>, _> = pairs.map(|pair| u8::from_str_radix(pair, 16)).collect();
    String::from_utf8(bytes.ok()?).ok()
}
