//! Every word of the interface, one file per language in `assets/text`.
//!
//! A file is a flat TOML table whose keys stand in the order of [`Text`]'s
//! fields, so that reading it at start costs microseconds and a missing,
//! surplus or misplaced word is named with its line.

use crate::domain::lang::Lang;

/// Declares the words; the two files carry exactly these, in this order.
macro_rules! texts {
    ($($name:ident),+ $(,)?) => {
        /// The words of one language.
        #[derive(Clone, Debug)]
        pub struct Text {
            pub lang: Lang,
            $(pub $name: &'static str),+
        }

        /// The names of the words, in order.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        impl Text {
            /// Reads one language's file.
            ///
            /// # Errors
            /// The line and the word that is missing, surplus or unreadable.
            pub fn read(lang: Lang, source: &'static str) -> Result<Self, String> {
                let mut lines = entries(source);
                let text = Self { lang, $($name: next(&mut lines, stringify!($name))?),+ };
                match lines.next() {
                    None => Ok(text),
                    Some((number, line)) => Err(format!("line {number}: surplus word: {line}")),
                }
            }
        }
    };
}

mod names;
pub use names::{NAMES, Text};

const JA: &str = include_str!("../assets/text/ja.toml");
const EN: &str = include_str!("../assets/text/en.toml");

impl Text {
    /// The words of `lang`, as shipped.
    ///
    /// # Panics
    /// Never in a program whose tests passed: they read both files.
    pub fn of(lang: Lang) -> Self {
        let source = match lang {
            Lang::Ja => JA,
            Lang::En => EN,
        };
        match Self::read(lang, source) {
            Ok(text) => text,
            Err(why) => panic!("assets/text: {why}"),
        }
    }
}

fn entries(source: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let numbered = source
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn next(
    lines: &mut impl Iterator<Item = (usize, &'static str)>,
    name: &str,
) -> Result<&'static str, String> {
    let Some((number, line)) = lines.next() else {
        return Err(format!("`{name}` is missing at the end"));
    };
    let value = line
        .strip_prefix(name)
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix("= \"")?.strip_suffix('"'));
    value.ok_or_else(|| format!("line {number}: expected `{name} = \"…\"`, found: {line}"))
}

/// `template` with each `{name}` replaced.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|i| open + i) else {
            break;
        };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..close];
        match values.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}
