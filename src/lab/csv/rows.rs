//! Separated columns become rows of fields (RFC 4180, and what is really written).
//!
//!   1,"a, b","say ""yes"""  ->  1 · a, b · say "yes"
//!
//! A comma or a line end inside quotation marks belongs to the field. A mark that
//! is never closed, or closed by the opening mark of a later row, spoils its own
//! line alone: a row of several lines counts only with the right number of fields.

use std::ops::RangeInclusive;

/// Longest quoted field, in bytes; more is a mark that was never closed.
const LONGEST_QUOTED: usize = 16_000;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// As it stands in the file.
    pub(super) text: &'a str,
    /// `None` where a quotation mark is out of place.
    pub(super) fields: Option<Vec<String>>,
}

/// The rows of a text that are not blank, one after the other.
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
    counts: RangeInclusive<usize>,
}

impl<'a> Rows<'a> {
    /// Rows of as many fields as `counts` says; others are found, but not over
    /// the end of a line.
    pub(super) fn of(text: &'a str, separator: char, counts: RangeInclusive<usize>) -> Self {
        Self {
            counts,
            // Old systems end a file with Ctrl-Z.
            rest: text.trim_end_matches(['\u{1A}', '\r', '\n']),
            line: 1,
            separator,
        }
    }

    /// Goes on behind `lines` lines, whatever stands in them.
    pub(super) fn skip_lines(&mut self, lines: usize) {
        for _ in 0..lines {
            let end = line_end(self.rest);
            self.advance(end);
        }
    }

    /// Takes `length` bytes, and the line end behind them.
    fn advance(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        let end = match rest.as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        self.line += ends_in(taken) + usize::from(end > 0);
        self.rest = &rest[end..];
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let line = self.line;
            let end = line_end(self.rest);
            let read = fields(self.rest, self.separator);
            let whole = |(fields, length): &(Vec<String>, usize)| {
                *length <= end || self.counts.contains(&fields.len())
            };
            let (fields, length) = match read.filter(whole) {
                Some((fields, length)) => (Some(fields), length),
                None => (None, end),
            };
            let text = &self.rest[..length];
            self.advance(length);
            let blank = |c: char| c.is_whitespace() || c == self.separator;
            if !text.trim_matches(blank).is_empty() {
                return Some(Row { line, text, fields });
            }
        }
    }
}

fn line_end(text: &str) -> usize {
    text.find(['\r', '\n']).unwrap_or(text.len())
}

/// Line ends in a text; CR LF is one.
fn ends_in(text: &str) -> usize {
    let bytes = text.as_bytes();
    let end = |at: usize| match bytes[at] {
        b'\r' => true,
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        _ => false,
    };
    (0..bytes.len()).filter(|at| end(*at)).count()
}

/// The fields of the row a text begins with, and its length without the line end.
fn fields(text: &str, separator: char) -> Option<(Vec<String>, usize)> {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let (field, length) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, length) = quoted_field(quoted)?;
                (field, length + 1)
            }
            None => {
                let end = rest.find([separator, '\r', '\n']).unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        fields.push(field);
        at += length;
        match text[at..].chars().next() {
            Some(c) if c == separator => at += c.len_utf8(),
            None | Some('\r' | '\n') => return Some((fields, at)),
            // Something between the closing mark and the separator.
            Some(_) => return None,
        }
    }
}

/// A field behind its opening mark, with the length up to behind the closing one.
fn quoted_field(text: &str) -> Option<(String, usize)> {
    let mut field = String::new();
    let mut at = 0;
    loop {
        let mark = at
            + text[at..]
                .bytes()
                .take(LONGEST_QUOTED)
                .position(|b| b == b'"')?;
        field.push_str(&text[at..mark]);
        at = mark + 1;
        if !text[at..].starts_with('"') {
            return Some((field, at));
        }
        field.push('"');
        at += 1;
        if at > LONGEST_QUOTED {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Option<Vec<String>>)> {
        Rows::of(text, ',', 3..=3)
            .map(|row| (row.line, row.fields))
            .collect()
    }

    fn fields_of(line: &str) -> Option<Vec<String>> {
        read(line).remove(0).1
    }

    #[test]
    fn commas_quotes_and_line_ends_inside_a_field_belong_to_it() {
        let own =
            |fields: &[&str]| Some(fields.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>());
        assert_eq!(fields_of("a,b,,c"), own(&["a", "b", "", "c"]));
        assert_eq!(fields_of("\"a, b\",c"), own(&["a, b", "c"]));
        assert_eq!(
            fields_of("\"say \"\"yes\"\"\",c"),
            own(&["say \"yes\"", "c"])
        );
        assert_eq!(fields_of("\"\",\"\""), own(&["", ""]));
        assert_eq!(fields_of("5\" nail,c"), own(&["5\" nail", "c"]));
        let two = read("1,\"first\r\nsecond\",x\r\n2,b,c\r\n");
        assert_eq!(two.len(), 2);
        assert_eq!(two[0].1, own(&["1", "first\r\nsecond", "x"]));
        assert_eq!((two[1].0, two[1].1.clone()), (3, own(&["2", "b", "c"])));
    }

    #[test]
    fn a_mark_never_closed_spoils_its_own_line_alone() {
        // The mark of line 4 would close the one of line 1.
        let rows = read("1,\"open,b\n2,b\n\"x\"y,3\n4,\"d\",\n");
        let spoilt: Vec<bool> = rows.iter().map(|(_, fields)| fields.is_none()).collect();
        assert_eq!(spoilt, [true, false, true, false]);
        assert_eq!(
            rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
    }

    #[test]
    fn blank_lines_and_the_old_end_mark_are_no_rows() {
        assert_eq!(read("\n\r\n ,,\n1,2\n\u{1A}").len(), 1);
    }
}
