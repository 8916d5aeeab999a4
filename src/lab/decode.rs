//! Bytes become text, before anything is cut: `|` is the second byte of many kanji.
//!
//!   BOM -> escape sequences -> strict UTF-8 -> Shift_JIS, EUC-JP or Latin-1 by evidence
//!
//! An encoding counts only if every byte fits it; nothing is replaced by `�`.

use super::{Charset, Refusal};
use encoding_rs as rs;

/// A text with the encoding it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) charset: Charset,
}

/// Decodes a whole file; `declared` decides where the bytes fit several encodings.
pub(super) fn decode(bytes: &[u8], declared: Option<Charset>) -> Result<Decoded, Refusal> {
    if let Some(kind) = binary(bytes) {
        return Err(Refusal::Binary(kind));
    }
    let (marked, bytes) = without_mark(bytes);
    if let Some(charset) = marked {
        return decoded(bytes, charset).ok_or(Refusal::Encoding);
    }
    if bytes.contains(&0) {
        return Err(Refusal::Binary("data"));
    }
    if shifts(bytes) {
        let plain = settled(bytes)?;
        return decoded(&plain, Charset::Iso2022Jp).ok_or(Refusal::Encoding);
    }
    eight_bit(bytes, declared).ok_or(Refusal::Encoding)
}

fn eight_bit(bytes: &[u8], declared: Option<Charset>) -> Option<Decoded> {
    if bytes.is_ascii() {
        return decoded(bytes, Charset::Ascii);
    }
    if let Some(utf8) = decoded(bytes, Charset::Utf8) {
        return Some(utf8);
    }
    let told = declared.filter(|c| matches!(c, Charset::EucJp | Charset::Latin1));
    if let Some(told) = told.and_then(|charset| decoded(bytes, charset)) {
        return Some(told);
    }
    if accents_alone(bytes) {
        return decoded(bytes, Charset::Latin1);
    }
    match (
        decoded(bytes, Charset::ShiftJis),
        decoded(bytes, Charset::EucJp),
    ) {
        (Some(sjis), Some(euc)) if is_disguised_euc(&sjis.text) => Some(euc),
        (sjis, euc) => sjis.or(euc),
    }
}

/// The text, if every byte fits.
fn decoded(bytes: &[u8], charset: Charset) -> Option<Decoded> {
    let by = match charset {
        Charset::Ascii | Charset::Utf8 => rs::UTF_8,
        Charset::Utf16Le => rs::UTF_16LE,
        Charset::Utf16Be => rs::UTF_16BE,
        Charset::ShiftJis => rs::SHIFT_JIS,
        Charset::EucJp => rs::EUC_JP,
        Charset::Iso2022Jp => rs::ISO_2022_JP,
        Charset::Latin1 => rs::WINDOWS_1252,
    };
    let text = by.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(Decoded {
        text: text.into_owned(),
        charset,
    })
}

fn without_mark(bytes: &[u8]) -> (Option<Charset>, &[u8]) {
    let marks: [(&[u8], Charset); 3] = [
        (b"\xEF\xBB\xBF", Charset::Utf8),
        (b"\xFF\xFE", Charset::Utf16Le),
        (b"\xFE\xFF", Charset::Utf16Be),
    ];
    let found = marks
        .into_iter()
        .find_map(|(mark, charset)| Some((charset, bytes.strip_prefix(mark)?)));
    match found {
        Some((charset, rest)) => (Some(charset), rest),
        None => (None, bytes),
    }
}

/// What a file is that holds no text, by its first bytes.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 20] = [
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"PK\x07\x08", "zip"),
        (b"\x1F\x8B", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xFD7zXZ\x00", "xz"),
        (b"7z\xBC\xAF\x27\x1C", "7z"),
        (b"\x28\xB5\x2F\xFD", "zstd"),
        (b"Rar!\x1A\x07", "rar"),
        (b"%PDF", "pdf"),
        (b"\x89PNG", "png"),
        (b"\xFF\xD8\xFF", "jpeg"),
        (b"GIF8", "gif"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
        (b"\x7FELF", "program"),
        (b"MZ\x90", "program"),
        (b"SQLite format 3\x00", "sqlite"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "office"),
        (b"{\\rtf", "rtf"),
    ];
    let of = |(start, kind): &(&[u8], &'static str)| bytes.starts_with(start).then_some(*kind);
    KINDS.iter().find_map(of)
}

// --- ISO-2022-JP ----------------------------------------------------------------------

const ESC: u8 = 0x1B;

/// Sets of characters that an escape sequence turns to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shift {
    Ascii,
    Kana,
    /// The bytes after `ESC $`.
    Kanji(u8),
}

impl Shift {
    /// Of the bytes after an escape. JIS X 0201's Roman set counts as ASCII, or
    /// the delimiters `\` and `~` would become `¥` and `‾`.
    fn of(after: &[u8]) -> Option<Shift> {
        match after {
            [b'(', b'B' | b'J', ..] => Some(Shift::Ascii),
            [b'(', b'I', ..] => Some(Shift::Kana),
            [b'$', set @ (b'@' | b'B'), ..] => Some(Shift::Kanji(*set)),
            _ => None,
        }
    }

    fn sequence(self) -> [u8; 3] {
        match self {
            Shift::Ascii => [ESC, b'(', b'B'],
            Shift::Kana => [ESC, b'(', b'I'],
            Shift::Kanji(set) => [ESC, b'$', set],
        }
    }
}

/// Whether there is an escape sequence that only Japanese text has.
fn shifts(bytes: &[u8]) -> bool {
    bytes
        .windows(3)
        .any(|w| w[0] == ESC && matches!(&w[1..], [b'$', b'@' | b'B' | b'('] | [b'(', b'J' | b'I']))
}

/// The same text with one escape for each change; refused where Japanese does
/// not return to ASCII before its line ends, or begins twice: a delimiter then
/// was read as half a kanji.
fn settled(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut said, mut now) = (Shift::Ascii, Shift::Ascii);
    let (mut line, mut at, mut written) = (1, 0, false);
    while let Some(&byte) = bytes.get(at) {
        let shift = (byte == ESC).then(|| Shift::of(&bytes[at + 1..])).flatten();
        if let Some(next) = shift {
            let again = matches!((now, next), (Shift::Kanji(_), Shift::Kanji(_)));
            if again && written {
                return Err(Refusal::OpenEscape { line });
            }
            (now, written) = (next, false);
            at += 3;
            continue;
        }
        if matches!(byte, b'\r' | b'\n') {
            if now != Shift::Ascii {
                return Err(Refusal::OpenEscape { line });
            }
            line += usize::from(byte == b'\r' || at == 0 || bytes[at - 1] != b'\r');
        }
        if said != now {
            out.extend(now.sequence());
            said = now;
        }
        out.push(byte);
        written = true;
        at += 1;
    }
    match now {
        Shift::Ascii => Ok(out),
        _ => Err(Refusal::OpenEscape { line }),
    }
}

// --- Telling eight-bit encodings apart ------------------------------------------------

/// Whether every byte above ASCII stands alone beside a letter, as `é` does in
/// Latin-1: in Shift_JIS and EUC-JP they come in pairs or runs.
fn accents_alone(bytes: &[u8]) -> bool {
    let beside =
        |at: Option<usize>, is: fn(&u8) -> bool| at.and_then(|at| bytes.get(at)).is_some_and(is);
    let alone = |(at, byte): (usize, &u8)| {
        let letter: fn(&u8) -> bool = u8::is_ascii_alphabetic;
        let high: fn(&u8) -> bool = |b| !b.is_ascii();
        let (before, after) = (at.checked_sub(1), Some(at + 1));
        let single = !beside(before, high) && !beside(after, high);
        let accent = matches!(byte, 0xC0..) && (beside(before, letter) || beside(after, letter));
        // Degree, square, cube and micro stand in units.
        single && (accent || matches!(byte, 0xB0 | 0xB2 | 0xB3 | 0xB5))
    };
    bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| !b.is_ascii())
        .all(alone)
}

/// EUC-JP read as Shift_JIS is half-width kana full of `､` and `･`, the first
/// bytes of its hiragana and katakana.
fn is_disguised_euc(sjis: &str) -> bool {
    let half = sjis
        .chars()
        .filter(|c| matches!(c, '\u{FF61}'..='\u{FF9F}'))
        .count();
    let marks = sjis.chars().filter(|c| matches!(c, '､' | '･')).count();
    marks > 0 && marks * 5 >= half
}

/// Whether what a file says of its encoding contradicts what was found. A text of
/// ASCII alone contradicts nothing.
pub(super) fn contradicts(word: &str, found: Charset) -> bool {
    found != Charset::Ascii && declared(word).is_some_and(|declared| declared != found)
}

/// The encoding a message header means by a word of MSH-18; `None` where the
/// word is not known or is ASCII.
pub(super) fn declared(word: &str) -> Option<Charset> {
    let plain: String = word
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    match plain.as_str() {
        p if p.contains("UTF8") => Some(Charset::Utf8),
        p if p.contains("IR87") || p.contains("ISO2022JP") => Some(Charset::Iso2022Jp),
        p if p.contains("EUCJP") => Some(Charset::EucJp),
        p if p.contains("SHIFTJIS") || p.contains("CP932") || p.contains("SJIS") => {
            Some(Charset::ShiftJis)
        }
        p if p == "88591" || p.contains("ISO88591") || p.contains("LATIN1") => {
            Some(Charset::Latin1)
        }
        _ => None,
    }
}
