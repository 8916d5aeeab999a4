//! Text as it is compared: the compatible forms of a character are one (NFKC).
//!
//!   `ＡＬＴ` -> ALT -> alt     `ﾖｳｹﾂ` -> ヨウケツ     `75` is itself
//!
//! Most of what is compared is its own form already, ASCII as machines write it and
//! the kana and kanji of names: that is seen at a glance and not taken apart.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A text with one form for all that are compatible.
pub fn compatible(text: &str) -> Cow<'_, str> {
    if is_its_own_form(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Whether a text holds nothing but characters that have no other form and do not
/// join to others. Some texts that are their own form are not told by this.
pub fn is_its_own_form(text: &str) -> bool {
    text.is_ascii() || text.chars().all(is_alone)
}

/// ASCII, hiragana, katakana, and kanji of the oldest block.
fn is_alone(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '\u{4E00}'..='\u{9FFF}')
}

/// The same in small letters.
pub fn small(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(
            compatible(text)
                .chars()
                .flat_map(char::to_lowercase)
                .collect(),
        )
    } else if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same in capital letters.
pub fn capital(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(
            compatible(text)
                .chars()
                .flat_map(char::to_uppercase)
                .collect(),
        )
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
    use unicode_normalization::char::compose;

    proptest! {
        #[test]
        fn what_is_left_alone_is_its_own_form(text in "[\\x00-\\x7fぁ-ゖァ-ー\u{4E00}-\u{9FFF}　ｱ-ﾟ\u{3099}é]{0,40}") {
            let form = || text.nfkc();
            prop_assert_eq!(compatible(&text), form().collect::<String>());
            prop_assert_eq!(small(&text), form().flat_map(char::to_lowercase).collect::<String>());
            prop_assert_eq!(capital(&text), form().flat_map(char::to_uppercase).collect::<String>());
        }
    }

    #[test]
    fn no_character_that_is_left_alone_has_another_form_or_joins_with_another() {
        let alone: Vec<char> = ('\0'..='\u{FFFF}').filter(|c| is_alone(*c)).collect();
        let apart: String = alone.iter().flat_map(|c| [*c, 'a', *c]).collect();
        assert_eq!(apart.nfkc().collect::<String>(), apart);
        let joins = |second: char| alone.iter().any(|first| compose(*first, second).is_some());
        assert!(joins('\u{3099}'));
        let kana = alone.iter().filter(|c| **c < '\u{4E00}');
        assert!(!kana.into_iter().any(|c| joins(*c)));
    }

    #[test]
    fn one_form_for_all_that_are_compatible() {
        assert_eq!(compatible("ＡＬＴ ﾖｳｹﾂ"), "ALT ヨウケツ");
        assert_eq!(small("Ｇ－GT"), "g-gt");
        assert_eq!(capital("ｉｆｃｃ法"), "IFCC法");
    }
}
