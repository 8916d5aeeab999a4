//! Where a word stands in the file, although the file is read piece by piece.
//!
//! A reader of TOML needs some fifty times a text's size while it works. A rule or a
//! section at a time, that is a few kilobytes; the whole protocol at once, it is more
//! than the rest of the program.

use serde::{Deserialize, Deserializer};
use std::cell::Cell;
use std::ops::Range;

thread_local! {
    /// Where the piece being read begins; the reader itself knows its piece only.
    static BEGINS: Cell<usize> = const { Cell::new(0) };
}

/// A value and the bytes of the file it was read from.
#[derive(Clone, Debug)]
pub(in crate::domain) struct Placed<T> {
    value: T,
    span: Range<usize>,
}

impl<T> Placed<T> {
    pub(in crate::domain) fn get_ref(&self) -> &T {
        &self.value
    }

    pub(in crate::domain) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = toml::Spanned::<T>::deserialize(from)?;
        let span = moved(read.span());
        Ok(Self {
            value: read.into_inner(),
            span,
        })
    }
}

/// A span in the present piece, as a span in the file.
pub(in crate::domain) fn moved(span: Range<usize>) -> Range<usize> {
    let begins = BEGINS.get();
    span.start + begins..span.end + begins
}

/// Reads the piece of `text` that begins at `from`.
pub(in crate::domain) fn read<T: for<'de> Deserialize<'de>>(
    text: &str,
    from: usize,
) -> Result<T, toml::de::Error> {
    BEGINS.set(from);
    toml::from_str(text)
}

/// What the reader of TOML refused of `text`, by line.
pub(in crate::domain) fn refusal(text: &str, error: &toml::de::Error) -> String {
    let at = moved(error.span().unwrap_or(0..0)).start;
    let line = text[..at].matches('\n').count() + 1;
    format!("line {line}: {}", error.message())
}

/// A part of the file that can be read by itself.
pub(in crate::domain) struct Piece<'a> {
    pub(in crate::domain) from: usize,
    pub(in crate::domain) text: &'a str,
    /// The list it adds a table to; empty for what stands before the first.
    pub(in crate::domain) list: &'a str,
}

/// What stands before the first table of one of `lists`, then each such table
/// with what belongs to it.
pub(in crate::domain) fn pieces<'a>(text: &'a str, lists: &[&str]) -> Vec<Piece<'a>> {
    let begins = |line: &'a str| {
        let (name, _) = line.strip_prefix("[[")?.split_once("]]")?;
        Some(name.trim()).filter(|name| lists.contains(name))
    };
    let mut cuts = vec![(0, "")];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        cuts.extend(begins(line).map(|list| (at, list)));
        at += line.len();
    }
    let ends = cuts
        .iter()
        .skip(1)
        .map(|(from, _)| *from)
        .chain([text.len()]);
    let piece = |(&(from, list), to): (&(usize, &'a str), usize)| Piece {
        from,
        text: &text[from..to],
        list,
    };
    cuts.iter().zip(ends).map(piece).collect()
}
