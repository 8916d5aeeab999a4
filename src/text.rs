//! Every word of the interface, one file per language in `assets/text`.
//!
//! A file is a flat TOML table whose keys stand in the order of [`Text`]'s
//! fields. The compiler finds each word's place, so that nothing is read at start
//! and a missing, surplus or misplaced word is an error of the build.

mod names;
mod places;

pub use names::{NAMES, Text};
pub use places::Wrong;

use crate::domain::lang::Lang;
use places::{Place, complain, places};

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
        pub const NAMES: [&str; [$(stringify!($name)),+].len()] = [$(stringify!($name)),+];

        impl Text {
            /// The next of `words` for each name in turn.
            pub(super) fn new(lang: Lang, mut words: Words<'_>) -> Self {
                Self { lang, $($name: words.next()),+ }
            }
        }
    };
}
use texts;

const JA: &str = include_str!("../assets/text/ja.toml");
const EN: &str = include_str!("../assets/text/en.toml");

/// Where the words stand in their files.
static JA_PLACES: [Place; NAMES.len()] = shipped(JA);
static EN_PLACES: [Place; NAMES.len()] = shipped(EN);

const fn shipped(source: &str) -> [Place; NAMES.len()] {
    match places(source, &NAMES) {
        Ok(places) => places,
        Err(wrong) => complain(wrong),
    }
}

impl Text {
    /// The words of `lang`, as shipped.
    pub fn of(lang: Lang) -> Self {
        match lang {
            Lang::Ja => Self::at(lang, JA, &JA_PLACES),
            Lang::En => Self::at(lang, EN, &EN_PLACES),
        }
    }

    /// Reads one language's file.
    ///
    /// # Errors
    /// The word that is missing, surplus or misplaced.
    pub fn read(lang: Lang, source: &'static str) -> Result<Self, Wrong> {
        Ok(Self::at(lang, source, &places(source, &NAMES)?))
    }

    fn at(lang: Lang, source: &'static str, places: &[Place; NAMES.len()]) -> Self {
        let places = places.iter();
        Self::new(lang, Words { source, places })
    }
}

/// The words of a file, one after the other.
struct Words<'p> {
    source: &'static str,
    places: std::slice::Iter<'p, Place>,
}

impl Words<'_> {
    /// A call of this stands in the program once a name, of which there are a thousand.
    #[inline(never)]
    fn next(&mut self) -> &'static str {
        let place = self.places.next();
        place.map_or("", |(from, to)| &self.source[*from as usize..*to as usize])
    }
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
