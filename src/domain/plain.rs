//! Text as it is compared: the compatible forms of a character are one (NFKC).
//!
//!   `ＡＬＴ` -> ALT -> alt     `ﾖｳｹﾂ` -> ヨウケツ     `75` is itself
//!
//! ASCII has no other form, and most of what machines write is ASCII: it is never
//! taken apart here.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A text with one form for all that are compatible.
pub fn compatible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// The same in small letters.
pub fn small(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(text.nfkc().flat_map(char::to_lowercase).collect())
    } else if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same in capital letters.
pub fn capital(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(text.nfkc().flat_map(char::to_uppercase).collect())
    } else if text.bytes().any(|b| b.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_comes_out_as_any_text_does(text in "[ -~\\t\\r\\n\\x00-\\x1f\\x7f]{0,40}") {
            let form = || text.nfkc();
            prop_assert_eq!(compatible(&text), form().collect::<String>());
            prop_assert_eq!(small(&text), form().flat_map(char::to_lowercase).collect::<String>());
            prop_assert_eq!(capital(&text), form().flat_map(char::to_uppercase).collect::<String>());
        }
    }

    #[test]
    fn one_form_for_all_that_are_compatible() {
        assert_eq!(compatible("ＡＬＴ ﾖｳｹﾂ"), "ALT ヨウケツ");
        assert_eq!(small("Ｇ－GT"), "g-gt");
        assert_eq!(capital("ｉｆｃｃ法"), "IFCC法");
    }
}
