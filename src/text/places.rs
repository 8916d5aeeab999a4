//! Where each word stands in a language's file. Worked out by the compiler, so
//! that a file with a missing, surplus or misplaced word does not become a program.

use std::fmt;

/// A word's first byte in its file, and the one behind its last.
pub type Place = (u32, u32);

/// What is wrong with a language's file. Lines count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The line is not `name = "…"` with the name whose turn it is.
    Expected { line: usize, name: &'static str },
    /// The file ends before this word.
    Missing { name: &'static str },
    /// A line behind the last word.
    Surplus { line: usize },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { line, name } => write!(f, "line {line}: expected `{name} = \"…\"`"),
            Self::Missing { name } => write!(f, "`{name}` is missing at the end"),
            Self::Surplus { line } => write!(f, "line {line}: surplus word"),
        }
    }
}

/// Finds the words of a file whose lines are `name = "…"`, comments or empty.
///
/// # Errors
/// The first word that does not stand where `names` has it.
pub const fn places<const N: usize>(
    source: &str,
    names: &[&'static str; N],
) -> Result<[Place; N], Wrong> {
    let bytes = source.as_bytes();
    let mut places = [(0, 0); N];
    let (mut at, mut line, mut found) = (0, 0, 0);
    while at < bytes.len() {
        let end = line_end(bytes, at);
        line += 1;
        if end > at && bytes[at] != b'#' {
            if found == N {
                return Err(Wrong::Surplus { line });
            }
            let name = names[found];
            match word(bytes, (at, end), name.as_bytes()) {
                Some(place) => places[found] = place,
                None => return Err(Wrong::Expected { line, name }),
            }
            found += 1;
        }
        at = end + 1;
    }
    if found < N {
        return Err(Wrong::Missing { name: names[found] });
    }
    Ok(places)
}

/// For the compiler's complaint, which can show a name but no number.
pub const fn complain(wrong: Wrong) -> ! {
    match wrong {
        Wrong::Expected { name, .. } | Wrong::Missing { name } => panic!("{}", name),
        Wrong::Surplus { .. } => panic!("a word behind the last"),
    }
}

const fn line_end(bytes: &[u8], from: usize) -> usize {
    let mut end = from;
    while end < bytes.len() && bytes[end] != b'\n' {
        end += 1;
    }
    end
}

/// The place of the word between the quotes of the line `name = "…"`.
const fn word(bytes: &[u8], (from, end): (usize, usize), name: &[u8]) -> Option<Place> {
    const OPEN: &[u8] = b" = \"";
    let open = from + name.len();
    let first = open + OPEN.len();
    let fits = first < end
        && stands_at(bytes, from, name)
        && stands_at(bytes, open, OPEN)
        && bytes[end - 1] == b'"';
    // A file of four gigabytes is no file of words.
    if fits {
        Some((first as u32, (end - 1) as u32))
    } else {
        None
    }
}

const fn stands_at(bytes: &[u8], at: usize, what: &[u8]) -> bool {
    let mut n = 0;
    while n < what.len() {
        if bytes[at + n] != what[n] {
            return false;
        }
        n += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["first", "second"];

    #[test]
    fn comments_and_empty_lines_stand_between_words() {
        let source = "# two\nfirst = \"一\"\n\nsecond = \"2 \"\n";
        let found = places(source, &NAMES)
            .map(|all| all.map(|(from, to)| &source[from as usize..to as usize]));
        assert_eq!(found, Ok(["一", "2 "]));
    }

    #[test]
    fn a_missing_a_surplus_and_a_misplaced_word_are_named() {
        let wrong = |source| places(source, &NAMES).unwrap_err().to_string();
        assert_eq!(wrong("first = \"1\"\n"), "`second` is missing at the end");
        assert_eq!(
            wrong("second = \"2\"\nfirst = \"1\"\n"),
            "line 1: expected `first = \"…\"`"
        );
        assert_eq!(
            wrong("first = \"1\"\nsecond = 2"),
            "line 2: expected `second = \"…\"`"
        );
        assert_eq!(
            wrong("first = \"1\"\nsecond = \"2\"\nthird = \"3\"\n"),
            "line 3: surplus word"
        );
    }
}
