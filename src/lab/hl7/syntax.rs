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
    /// `None` where two of them are one character, or one is a letter or digit:
    /// such a message cannot be cut without doubt.
    pub(super) fn of(header: &str) -> Option<Delimiters> {
        let mut chars = header.chars().skip(3);
        let field = chars.next()?;
        let mut declared = chars.take_while(|c| *c != field);
        let mut next = |usual: char| declared.next().unwrap_or(usual);
        let read = Delimiters {
            field,
            component: next('^'),
            repetition: next('~'),
            escape: next('\\'),
            subcomponent: next('&'),
        };
        let mut all = read.all();
        all.sort_unstable();
        let apart = all.windows(2).all(|pair| pair[0] != pair[1]);
        let marks = all
            .iter()
            .all(|c| !c.is_alphanumeric() && !c.is_whitespace());
        (apart && marks).then_some(read)
    }

    fn all(&self) -> [char; 5] {
        [
            self.field,
            self.component,
            self.repetition,
            self.escape,
            self.subcomponent,
        ]
    }

    /// The delimiters that look like a usual one and are another character
    /// (`˜` for `~`, `¥` for `\`).
    pub(super) fn lookalikes(&self) -> String {
        let odd = |c: &char| matches!(c, '˜' | '‾' | '¥' | '＾' | '＆' | '｜' | 'ˆ');
        self.all().iter().filter(|c| odd(c)).collect()
    }
}

/// Blanks and frame bytes around messages (MLLP).
pub(super) fn is_framing(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{0B}' | '\u{1C}' | '\u{FEFF}')
}

/// Which fields are cut off once: all that are read of any segment.
const CUT: usize = 26;

/// One segment, cut into its fields.
#[derive(Clone, Debug)]
pub(super) struct Segment<'a> {
    /// From 1.
    pub(super) line: usize,
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    delimiters: Delimiters,
    /// Fields by their number in the standard; empty where there are fewer.
    cut: [&'a str; CUT],
}

impl<'a> Segment<'a> {
    pub(super) fn new(line: usize, name: &'a str, text: &'a str, delimiters: Delimiters) -> Self {
        let mut cut = [""; CUT];
        let places = cut.iter_mut().skip(name_at(name));
        for (place, field) in places.zip(pieces(text, delimiters.field)) {
            *place = field;
        }
        Self {
            line,
            name,
            text,
            delimiters,
            cut,
        }
    }

    /// A field by its number in the standard, as it stands there; empty where
    /// there is none.
    pub(super) fn field(&self, number: usize) -> &'a str {
        if let Some(field) = self.cut.get(number) {
            return field;
        }
        let mut fields = pieces(self.text, self.delimiters.field);
        fields.nth(number - name_at(self.name)).unwrap_or("")
    }

    /// The repetitions of a field; one, perhaps empty, where it is not repeated.
    pub(super) fn repeats(&self, number: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        pieces(self.field(number), self.delimiters.repetition)
    }

    /// A component of the first repetition, unescaped; empty for `""` too.
    pub(super) fn part(&self, number: usize, component: usize) -> Cow<'a, str> {
        // Most fields of a segment are empty.
        if self.field(number).is_empty() {
            return Cow::Borrowed("");
        }
        let first = self.repeats(number).next().unwrap_or("");
        self.component(first, component)
    }

    /// The same, `None` where it is empty.
    pub(super) fn some(&self, number: usize, component: usize) -> Option<String> {
        let part = self.part(number, component);
        (!part.is_empty()).then(|| part.into_owned())
    }

    /// A component of a repetition, by its number from 1, unescaped; empty for
    /// `""` too: where nothing was known before, that says no more.
    pub(super) fn component<'t>(&self, repetition: &'t str, number: usize) -> Cow<'t, str> {
        let mut parts = pieces(repetition, self.delimiters.component);
        let part = parts.nth(number - 1).unwrap_or("");
        match self.unescaped(part) {
            _ if part == "\"\"" => Cow::Borrowed(""),
            Cow::Borrowed(plain) => Cow::Borrowed(plain.trim()),
            Cow::Owned(resolved) => Cow::Owned(resolved.trim().to_owned()),
        }
    }

    /// The first subcomponent of what `component` gives.
    pub(super) fn first_of(&self, part: &str) -> String {
        let mut pieces = pieces(part, self.delimiters.subcomponent);
        pieces.next().unwrap_or("").trim().to_owned()
    }

    /// A text with its escape sequences resolved; one that is not known stays.
    pub(super) fn unescaped<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let escape = self.delimiters.escape;
        if place_of(escape, text).is_none() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find(escape) {
            let after = &rest[open + escape.len_utf8()..];
            let Some(close) = after.find(escape) else {
                break;
            };
            out.push_str(&rest[..open]);
            match self.meaning(&after[..close]) {
                Some(meant) => {
                    out.push_str(&meant);
                    rest = &after[close + escape.len_utf8()..];
                }
                // A lone escape character: what follows may be a sequence.
                None => {
                    out.push(escape);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    fn meaning(&self, sequence: &str) -> Option<String> {
        let one = |c: char| Some(c.to_string());
        match sequence {
            "F" => one(self.delimiters.field),
            "S" => one(self.delimiters.component),
            "T" => one(self.delimiters.subcomponent),
            "R" => one(self.delimiters.repetition),
            "E" => one(self.delimiters.escape),
            "H" | "N" => Some(String::new()),
            ".br" | ".sp" => one('\n'),
            _ if is_formatting(sequence) => one(' '),
            _ => hexadecimal(sequence.strip_prefix('X')?),
        }
    }
}

/// A text parted at every `mark`.
fn pieces(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = place_of(mark, text);
        rest = at.map(|at| &text[at + mark.len_utf8()..]);
        Some(at.map_or(text, |at| &text[..at]))
    })
}

/// Where a mark stands first. Nearly all are ASCII, and fields are short: then
/// looking at every byte is quicker than a search made for long texts.
fn place_of(mark: char, text: &str) -> Option<usize> {
    match u8::try_from(mark) {
        Ok(mark) if mark.is_ascii() => text.as_bytes().iter().position(|byte| *byte == mark),
        _ => text.find(mark),
    }
}

/// The number at which a segment's name stands: MSH-1 is the field delimiter itself.
fn name_at(name: &str) -> usize {
    usize::from(is_header(name))
}

pub(super) fn is_header(name: &str) -> bool {
    matches!(name, "MSH" | "FHS" | "BHS")
}

/// Formatting of prose: `.in4`, `.ti-2`, `.ce`, `.fi`, `.nf`, `.sk 3`, `.sp+2`.
fn is_formatting(sequence: &str) -> bool {
    let names = [".in", ".ti", ".ce", ".fi", ".nf", ".sk", ".sp", ".br"];
    names.iter().any(|name| {
        let rest = sequence.strip_prefix(name);
        rest.is_some_and(|rest| {
            rest.chars()
                .all(|c| c.is_ascii_digit() || " +-".contains(c))
        })
    })
}

/// The bytes written as `XC3A9`, where they are text.
fn hexadecimal(digits: &str) -> Option<String> {
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2) && digits.len() <= 64;
    if !whole || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    let bytes: Result<Vec<u8>, _> = pairs.map(|pair| u8::from_str_radix(pair, 16)).collect();
    String::from_utf8(bytes.ok()?).ok()
}
