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
pub(super) struct Placed<T> {
    value: T,
    span: Range<usize>,
}

impl<T> Placed<T> {
    pub(super) fn get_ref(&self) -> &T {
        &self.value
    }

    pub(super) fn span(&self) -> Range<usize> {
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
pub(super) fn moved(span: Range<usize>) -> Range<usize> {
    let begins = BEGINS.get();
    span.start + begins..span.end + begins
}

/// Reads the piece of `text` that begins at `from`.
pub(super) fn read<T: for<'de> Deserialize<'de>>(
    text: &str,
    from: usize,
) -> Result<T, toml::de::Error> {
    BEGINS.set(from);
    toml::from_str(text)
}

/// A part of the file that can be read by itself.
pub(super) struct Piece<'a> {
    pub(super) from: usize,
    pub(super) text: &'a str,
    /// The list it adds a table to; none for what stands before the first.
    pub(super) list: Option<&'a str>,
}

/// What stands before the first table of one of `lists`, then each such table
/// with what belongs to it.
pub(super) fn pieces<'a>(text: &'a str, lists: &[&str]) -> Vec<Piece<'a>> {
    let mut cuts = vec![(0, None)];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let name = line
            .strip_prefix("[[")
            .and_then(|rest| rest.split_once("]]"));
        let name = name
            .map(|(name, _)| name.trim())
            .filter(|name| lists.contains(name));
        cuts.extend(name.map(|name| (at, Some(name))));
        at += line.len();
    }
    let ends = cuts
        .iter()
        .skip(1)
        .map(|(from, _)| *from)
        .chain([text.len()]);
    let piece = |((from, list), to): (&(usize, Option<&'a str>), usize)| Piece {
        from: *from,
        text: &text[*from..to],
        list: *list,
    };
    cuts.iter().zip(ends).map(piece).collect()
}
