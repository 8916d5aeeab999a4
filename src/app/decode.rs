//! Bytes from a terminal become keys and pastes.
//!
//! The bytes may be cut anywhere. What is not known is dropped whole, so that the
//! end of a sequence is never taken for an answer.

use crate::keys::Key;
use std::time::Duration;

/// A lone Esc is the key when nothing has followed it for this long.
const AFTER_ESC: Duration = Duration::from_millis(40);
/// Longer for a sequence that has begun: its end must not arrive as keys.
const AFTER_SEQUENCE: Duration = Duration::from_millis(500);
/// A paste whose end never comes must not keep the keyboard for ever.
const AFTER_PASTE: Duration = Duration::from_secs(1);

/// More of one paste is not kept; no field takes as much.
const MOST_PASTED: usize = 64 * 1024;
/// Longer sequences are not sequences.
const LONGEST: usize = 4096;

const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// One thing that bytes stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    Key(Key),
    Paste(String),
    Focus(bool),
    /// Columns that a box line took.
    Width(u16),
    /// The library's news of a new size; elsewhere a signal brings it.
    #[cfg(any(not(unix), test))]
    Resize(u16, u16),
}

/// Bytes in, keys out; keeps what is not complete yet.
#[derive(Default)]
pub struct Decoder {
    pending: Vec<u8>,
    pasted: Option<Vec<u8>>,
}

/// What stands at the front of the bytes.
enum Front {
    Incomplete,
    Ignored(usize),
    Is(usize, Decoded),
    PasteBegins(usize),
}

use Front::{Ignored, Incomplete, Is};

impl Decoder {
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Decoded> {
        self.pending.extend_from_slice(bytes);
        let mut decoded = Vec::new();
        let mut at = 0;
        loop {
            if let Some(mut pasted) = self.pasted.take() {
                let (used, ended) = paste(&self.pending[at..], &mut pasted);
                at += used;
                if !ended {
                    self.pasted = Some(pasted);
                    break;
                }
                decoded.push(Decoded::Paste(text(&pasted)));
            }
            at += match front(&self.pending[at..]) {
                Incomplete => break,
                Ignored(used) => used,
                Is(used, one) => {
                    decoded.push(one);
                    used
                }
                Front::PasteBegins(used) => {
                    self.pasted = Some(Vec::new());
                    used
                }
            };
        }
        self.pending.drain(..at);
        if self.pasted.is_none() && self.pending.len() > LONGEST {
            self.pending.clear();
        }
        decoded
    }

    /// How long to wait for the rest of what has begun; without limit if nothing has.
    pub fn patience(&self) -> Option<Duration> {
        match self.pending.as_slice() {
            _ if self.pasted.is_some() => Some(AFTER_PASTE),
            [] => None,
            [0x1b] => Some(AFTER_ESC),
            _ => Some(AFTER_SEQUENCE),
        }
    }

    /// The rest did not come: a lone Esc was the key, a paste ends here, and a
    /// broken sequence is dropped.
    pub fn give_up(&mut self) -> Vec<Decoded> {
        let pending = std::mem::take(&mut self.pending);
        if let Some(mut pasted) = self.pasted.take() {
            keep(&mut pasted, &pending);
            return vec![Decoded::Paste(text(&pasted))];
        }
        match pending.as_slice() {
            [0x1b] => vec![Decoded::Key(Key::Esc)],
            _ => Vec::new(),
        }
    }
}

/// Takes pasted bytes up to the end of the paste, and says whether it was there.
/// While it is not, all is kept but a possible beginning of it.
fn paste(bytes: &[u8], pasted: &mut Vec<u8>) -> (usize, bool) {
    if let Some(end) = find(bytes, PASTE_ENDS) {
        keep(pasted, &bytes[..end]);
        return (end + PASTE_ENDS.len(), true);
    }
    let sure = bytes.len().saturating_sub(PASTE_ENDS.len() - 1);
    keep(pasted, &bytes[..sure]);
    (sure, false)
}

fn keep(pasted: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_PASTED.saturating_sub(pasted.len());
    pasted.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

fn text(pasted: &[u8]) -> String {
    let text = String::from_utf8_lossy(pasted);
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn front(bytes: &[u8]) -> Front {
    let Some(first) = bytes.first() else {
        return Incomplete;
    };
    match *first {
        0x1b => escape(bytes),
        // Some terminals paste line feeds, and some send one for the keypad's Enter.
        b'\r' | b'\n' => key(1, Key::Enter),
        b'\t' => key(1, Key::Tab),
        0x08 | 0x7f => key(1, Key::Backspace),
        letter @ 0x01..=0x1a => key(1, Key::Ctrl(char::from(letter - 1 + b'a'))),
        0x00..=0x1f => Ignored(1),
        _ => character(bytes),
    }
}

fn key(used: usize, key: Key) -> Front {
    Is(used, Decoded::Key(key))
}

fn character(bytes: &[u8]) -> Front {
    let length = length_of_character(bytes[0]);
    let there = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(there).map(|text| text.chars().next()) {
        Ok(Some(c)) if c.is_control() => Ignored(length),
        Ok(Some(c)) => key(length, Key::Char(c)),
        Err(why) if why.error_len().is_none() && bytes.len() < length => Incomplete,
        _ => Ignored(1),
    }
}

fn length_of_character(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

fn escape(bytes: &[u8]) -> Front {
    match bytes.get(1) {
        None => Incomplete,
        Some(0x1b) => key(1, Key::Esc),
        Some(b'[') => control(bytes),
        Some(b'O') => keypad(bytes),
        Some(b']' | b'P') => answer(bytes),
        // A key held with Alt: none of this program's, and its letter alone may be.
        Some(first) => Ignored(1 + length_of_character(*first).min(bytes.len() - 1)),
    }
}

/// An answer to a question that an earlier program asked: up to BEL or ESC \.
fn answer(bytes: &[u8]) -> Front {
    let bell = find(bytes, b"\x07").map(|at| at + 1);
    let string_end = find(bytes, b"\x1b\\").map(|at| at + 2);
    match bell.into_iter().chain(string_end).min() {
        Some(used) => Ignored(used),
        None => Incomplete,
    }
}

/// ESC O and a letter: function keys, and the keypad where it sends codes of its own.
fn keypad(bytes: &[u8]) -> Front {
    let Some(code) = bytes.get(2) else {
        return Incomplete;
    };
    let pressed = match *code {
        b'M' => Key::Enter,
        b'X' => Key::Char('='),
        digit @ b'p'..=b'y' => Key::Char(char::from(digit - b'p' + b'0')),
        sign @ b'j'..=b'o' => Key::Char(char::from(sign - b'j' + b'*')),
        letter => match by_letter(letter) {
            Some(key) => key,
            None => return Ignored(3),
        },
    };
    key(3, pressed)
}

/// ESC [ with parameters and a final letter.
fn control(bytes: &[u8]) -> Front {
    if bytes.get(2) == Some(&b'[') {
        return console_function_key(bytes);
    }
    let parameters = bytes[2..].iter().take_while(|b| (0x20..0x40).contains(*b));
    let last = 2 + parameters.count();
    let Some(letter) = bytes.get(last) else {
        return Incomplete;
    };
    let used = last + 1;
    match *letter {
        // An old mouse report of another program's: three more bytes.
        b'M' if last == 2 && bytes.len() < 6 => Incomplete,
        b'M' if last == 2 => Ignored(6),
        0x40..=0x7e => match std::str::from_utf8(&bytes[2..last]) {
            Ok("200") if *letter == b'~' => Front::PasteBegins(used),
            Ok(parameters) => match sequence(parameters, *letter) {
                Some(one) => Is(used, one),
                None => Ignored(used),
            },
            Err(_) => Ignored(used),
        },
        // Broken off by something else, which is read for itself.
        _ => Ignored(last),
    }
}

/// The Linux console's F1 to F5.
fn console_function_key(bytes: &[u8]) -> Front {
    match bytes.get(3) {
        None => Incomplete,
        Some(letter @ b'A'..=b'E') => key(4, Key::F(letter - b'A' + 1)),
        Some(_) => Ignored(4),
    }
}

fn sequence(parameters: &str, letter: u8) -> Option<Decoded> {
    // With other signs among the numbers it is an answer or the mouse, not a key.
    if !parameters.bytes().all(|b| b.is_ascii_digit() || b == b';') {
        return None;
    }
    let mut numbers = parameters.split(';').map(|n| n.parse::<u16>().ok());
    let first = numbers.next().flatten();
    let second = numbers.next().flatten();
    match (letter, first, second) {
        (b'I', None, None) => return Some(Decoded::Focus(true)),
        (b'O', None, None) => return Some(Decoded::Focus(false)),
        // Where the cursor is. In the first row it would be F3 with a shift key, and
        // nobody asks there.
        (b'R', Some(row), Some(column)) if row > 1 => {
            return Some(Decoded::Width(column.saturating_sub(1)));
        }
        _ => {}
    }
    let held = second.unwrap_or(1).saturating_sub(1);
    let alt = held & 2 != 0;
    let control = held & 4 != 0;
    let pressed = match letter {
        b'~' => by_number(first?),
        b'u' => by_code(u32::from(first?), control),
        letter => by_letter(letter).filter(|_| first.is_none_or(|n| n == 1)),
    };
    pressed.filter(|_| !alt).map(Decoded::Key)
}

fn by_letter(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' | b'a' => Key::Up,
        b'B' | b'b' => Key::Down,
        b'C' | b'c' => Key::Right,
        b'D' | b'd' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'Z' => Key::BackTab,
        b'P'..=b'S' => Key::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn by_number(number: u16) -> Option<Key> {
    // The gaps are those of the first terminal that had function keys.
    Some(match number {
        1 | 7 => Key::Home,
        2 => Key::Insert,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(u8::try_from(number - 10).ok()?),
        17..=21 => Key::F(u8::try_from(number - 11).ok()?),
        23 | 24 => Key::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}

/// A key told by its character's number, as some terminals do for Shift-Enter.
fn by_code(code: u32, control: bool) -> Option<Key> {
    Some(match (code, char::from_u32(code)?) {
        (13, _) => Key::Enter,
        (27, _) => Key::Esc,
        (9, _) => Key::Tab,
        (8 | 127, _) => Key::Backspace,
        (_, c) if control && c.is_ascii_alphabetic() => Key::Ctrl(c.to_ascii_lowercase()),
        (_, c) if c.is_control() || control => return None,
        (_, c) => Key::Char(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bytes: &[u8]) -> Vec<Decoded> {
        let mut decoder = Decoder::default();
        let mut decoded = decoder.feed(bytes);
        decoded.extend(decoder.give_up());
        decoded
    }

    fn is(bytes: &[u8], keys: &[Key]) {
        let keys: Vec<_> = keys.iter().copied().map(Decoded::Key).collect();
        let shown = String::from_utf8_lossy(bytes).replace('\x1b', "ESC ");
        assert_eq!(decoded(bytes), keys, "{shown}");
    }

    #[test]
    fn each_terminal_s_codes_are_the_same_keys() {
        use Key::*;
        is("7花é".as_bytes(), &[Char('7'), Char('花'), Char('é')]);
        is(
            b"\r\n\t\x7f\x08\x1a",
            &[Enter, Enter, Tab, Backspace, Backspace, Ctrl('z')],
        );
        is(b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D", &[Up, Down, Right, Left]);
        is(b"\x1b[H\x1b[1~\x1b[7~\x1bOH", &[Home; 4]);
        is(b"\x1b[F\x1b[4~\x1b[8~\x1bOF", &[End; 4]);
        is(
            b"\x1b[2~\x1b[3~\x1b[5~\x1b[6~",
            &[Insert, Delete, PageUp, PageDown],
        );
        is(b"\x1bOP\x1b[11~\x1b[[A\x1b[1;2P", &[F(1); 4]);
        is(b"\x1b[15~\x1b[17~\x1b[21~", &[F(5), F(6), F(10)]);
        is(b"\x1b[23~\x1b[24~\x1b[24;2~", &[F(11), F(12), F(12)]);
        is(b"\x1b[Z\x1b[13;2u\x1b[117;5u", &[BackTab, Enter, Ctrl('u')]);
        is(
            b"\x1bOp\x1bOy\x1bOM\x1bOk\x1bOm",
            &[Char('0'), Char('9'), Enter, Char('+'), Char('-')],
        );
    }

    #[test]
    fn a_lone_esc_is_the_key_and_two_are_two() {
        is(b"\x1b", &[Key::Esc]);
        is(b"\x1b\x1b", &[Key::Esc, Key::Esc]);
    }

    #[test]
    fn a_key_held_with_alt_is_no_key() {
        is(b"\x1b1", &[]);
        is("\x1b花1".as_bytes(), &[Key::Char('1')]);
        is(b"\x1b[1;3A", &[]);
    }

    #[test]
    fn nothing_of_an_unknown_sequence_is_taken_for_an_answer() {
        for bytes in [
            &b"\x1b[?62;22c"[..],
            b"\x1b]11;rgb:0000/0000/0000\x07",
            b"\x1b]11;rgb:0000/0000/0000\x1b\\",
            b"\x1bP1+r544e\x1b\\",
            b"\x1b[M !!",
            b"\x1b[<0;3;4M",
            b"\x1b[99~",
            b"\x1b[201~",
            b"\xc2\x9b\xff\x80",
            b"\x1b[1;",
            b"\x1b]0;3",
            b"\0",
        ] {
            is(bytes, &[]);
        }
        // Broken off by the next one, which counts.
        is(b"\x1b[1;\x1b[B", &[Key::Down]);
    }

    #[test]
    fn reports_are_told() {
        assert_eq!(
            decoded(b"\x1b[I\x1b[O"),
            [Decoded::Focus(true), Decoded::Focus(false)]
        );
        assert_eq!(decoded(b"\x1b[24;2R"), [Decoded::Width(1)]);
        is(b"\x1b[1;2R", &[Key::F(3)]);
    }

    #[test]
    fn a_paste_is_one_text_with_everything_in_it() {
        let bytes = "\x1b[200~a\x1b[Bb\r\nc\rd\x1b[201~1".as_bytes();
        let expected = [
            Decoded::Paste("a\x1b[Bb\nc\nd".into()),
            Decoded::Key(Key::Char('1')),
        ];
        assert_eq!(decoded(bytes), expected);
    }

    #[test]
    fn a_paste_that_never_ends_gives_the_keyboard_back() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[200~abc"), []);
        assert_eq!(decoder.patience(), Some(AFTER_PASTE));
        assert_eq!(decoder.give_up(), [Decoded::Paste("abc".into())]);
        assert_eq!(decoder.patience(), None);
        assert_eq!(decoder.feed(b"1"), [Decoded::Key(Key::Char('1'))]);
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_makes_no_difference(
            parts in prop::collection::vec(prop::sample::select(vec![
                "1", "花", "\x1b[A", "\x1b[15~", "\x1bOP", "\x1b[200~pas\x1bte\x1b[201~", "\r",
                "\x1b]11;x\x07", "\x1b[I", "\x1b[24;2R",
            ]), 0..12),
            cuts in prop::collection::vec(0..200usize, 0..12),
        ) {
            let bytes = parts.concat().into_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut < bytes.len()).collect();
            cuts.sort_unstable();
            let mut decoder = Decoder::default();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                pieces.extend(decoder.feed(&bytes[from..cut]));
                from = cut;
            }
            prop_assert_eq!(pieces, Decoder::default().feed(&bytes));
            prop_assert_eq!(decoder.patience(), None);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            decoded(&bytes);
        }
    }
}
