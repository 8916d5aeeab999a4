//! A line of text being typed.
//!
//!   山田 花█
//!
//! Everything moves by whole graphemes: a kanji with its variation selector, a
//! kana with a separate voicing mark, a joined emoji. The text is kept as
//! typed (only what an input method left apart is joined); it is made
//! showable when it is looked at.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::cells::{display, is_invisible, width};
use crate::domain::fold::compose_typed;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    text: String,
    /// Byte offset, always between two graphemes.
    caret: usize,
    /// Most graphemes the field takes.
    limit: usize,
}

impl Field {
    pub fn new(limit: usize) -> Field {
        Field {
            text: String::new(),
            caret: 0,
            limit,
        }
    }

    /// Caret at the end. Kept whole even beyond the limit: it is already on
    /// record, and only further typing is refused.
    pub fn with_text(limit: usize, text: &str) -> Field {
        let text = compose_typed(&plain(text));
        Field {
            caret: text.len(),
            text,
            limit,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Types or pastes at the caret. True if something did not fit and was
    /// left out, which must be said.
    pub fn insert(&mut self, typed: &str) -> bool {
        let (before, after) = self.text.split_at(self.caret);
        let room = self.limit.saturating_sub(count(after));
        let typed = plain(typed);
        let joined = compose_typed(&format!("{before}{typed}"));
        // What stood before stays, even where the field is already too full.
        let kept = match joined.grapheme_indices(true).nth(room.max(count(before))) {
            Some((end, _)) => &joined[..end],
            None => &joined,
        };
        let cut = kept.len() < joined.len();
        self.caret = kept.len();
        self.text = format!("{kept}{after}");
        self.settle();
        cut
    }

    pub fn backspace(&mut self) {
        let end = self.caret;
        self.left();
        self.text.replace_range(self.caret..end, "");
        self.settle();
    }

    pub fn delete(&mut self) {
        let end = self.next();
        self.text.replace_range(self.caret..end, "");
        self.settle();
    }

    pub fn left(&mut self) {
        let mut before = self.text[..self.caret].grapheme_indices(true);
        self.caret = before.next_back().map_or(0, |(start, _)| start);
    }

    pub fn right(&mut self) {
        self.caret = self.next();
    }

    pub fn home(&mut self) {
        self.caret = 0;
    }

    pub fn end(&mut self) {
        self.caret = self.text.len();
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.caret = 0;
    }

    /// What is seen through a window of `cols` cells, and the caret's cell in
    /// it. The text moves only as far as the caret needs; one cell is kept
    /// free for a caret at the end. Nothing is seen through no columns.
    pub fn view(&self, cols: usize) -> (String, u16) {
        if cols == 0 {
            return (String::new(), 0);
        }
        let cells: Vec<Cow<str>> = self.text.graphemes(true).map(display).collect();
        let caret = count(&self.text[..self.caret]);
        let under = cells.get(caret).map_or(1, |shown| width(shown).max(1));
        let mut start = 0;
        let mut offset: usize = cells[..caret].iter().map(|shown| width(shown)).sum();
        while start < caret && offset + under > cols {
            offset -= width(&cells[start]);
            start += 1;
        }
        let mut used = 0;
        let seen = cells[start..].iter().take_while(|shown| {
            used += width(shown);
            used <= cols
        });
        let seen: String = seen.map(Cow::as_ref).collect();
        (seen, u16::try_from(offset).unwrap_or(u16::MAX))
    }

    /// End of the grapheme after the caret.
    fn next(&self) -> usize {
        let after = self.text[self.caret..].graphemes(true).next();
        self.caret + after.map_or(0, str::len)
    }

    /// An edit can bring two parts of one grapheme together; the caret then
    /// goes behind it.
    fn settle(&mut self) {
        let ends = self.text.grapheme_indices(true).map(|(n, _)| n);
        let caret = ends.into_iter().find(|n| *n >= self.caret);
        self.caret = caret.unwrap_or(self.text.len());
    }
}

/// Newlines and tabs as blanks, without controls and invisible characters.
fn plain(typed: &str) -> String {
    typed
        .replace("\r\n", " ")
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !is_invisible(*c))
        .collect()
}

fn count(text: &str) -> usize {
    text.graphemes(true).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(text: &str) -> Field {
        Field::with_text(100, text)
    }

    #[test]
    fn typing_goes_in_at_the_caret() {
        let mut field = field("山花");
        field.left();
        assert!(!field.insert("田 "));
        assert_eq!(field.text(), "山田 花");
        field.home();
        field.insert("x");
        field.end();
        field.insert("子");
        assert_eq!(field.text(), "x山田 花子");
    }

    #[test]
    fn whole_graphemes_are_taken_away() {
        for text in [
            "葛\u{E0100}",
            "👨\u{200D}👩\u{200D}👧",
            "\u{20BB7}",
            "ｶﾞ",
            "x\u{301}\u{325}",
            "🇯🇵",
        ] {
            let mut by_backspace = field(&format!("a{text}"));
            by_backspace.backspace();
            assert_eq!(by_backspace.text(), "a", "{text:?}");
            let mut by_delete = field(&format!("{text}b"));
            by_delete.home();
            by_delete.delete();
            assert_eq!(by_delete.text(), "b", "{text:?}");
            let mut moved = field(text);
            moved.left();
            moved.insert("<");
            assert_eq!(moved.text(), format!("<{text}"), "{text:?}");
            moved.right();
            moved.insert(">");
            assert_eq!(moved.text(), format!("<{text}>"), "{text:?}");
        }
    }

    #[test]
    fn the_ends_are_quiet() {
        let mut field = field("");
        field.backspace();
        field.delete();
        field.left();
        field.right();
        assert!(field.is_empty());
        field.insert("a");
        field.delete();
        field.right();
        assert_eq!(field.text(), "a");
        field.clear();
        assert_eq!((field.text(), field.view(5)), ("", (String::new(), 0)));
    }

    #[test]
    fn pasted_lines_become_one_without_controls() {
        let mut field = field("");
        field.insert("a\r\nb\tc\nd\u{1B}[31m\u{9B}\u{202E}\u{200B}");
        assert_eq!(field.text(), "a b c d[31m");
    }

    #[test]
    fn kana_and_latin_left_apart_are_joined_and_kanji_untouched() {
        let mut field = field("か");
        field.insert("\u{3099}");
        assert_eq!(field.text(), "が");
        field.insert("e\u{301}\u{FA19}葛\u{E0100}");
        assert_eq!(field.text(), "がé\u{FA19}葛\u{E0100}");
    }

    #[test]
    fn the_limit_counts_graphemes_and_says_what_it_cut() {
        let mut field = Field::new(3);
        assert!(!field.insert("葛\u{E0100}城"));
        assert!(field.insert("山川"));
        assert_eq!(field.text(), "葛\u{E0100}城山");
        assert!(field.insert("x"));
        // A voicing mark joins what is there already.
        let mut full = Field::with_text(1, "か");
        assert!(!full.insert("\u{3099}"));
        assert_eq!(full.text(), "が");
        // Cut from what is typed, never from what stands behind the caret.
        let mut middle = Field::with_text(3, "ad");
        middle.left();
        assert!(middle.insert("bc"));
        assert_eq!(middle.text(), "abd");
        // Recorded before the limit was set.
        let mut older = Field::with_text(2, "abcd");
        assert!(older.insert("e"));
        assert_eq!(older.text(), "abcd");
    }

    #[test]
    fn the_caret_is_always_in_view() {
        let mut field = field("山田花子");
        assert_eq!(field.view(20), ("山田花子".into(), 8));
        assert_eq!(field.view(9), ("山田花子".into(), 8));
        assert_eq!(field.view(8), ("田花子".into(), 6));
        assert_eq!(field.view(3), ("子".into(), 2));
        field.home();
        assert_eq!(field.view(5), ("山田".into(), 0));
        field.right();
        assert_eq!(field.view(5), ("山田".into(), 2));
        field.right();
        assert_eq!(field.view(5), ("田花".into(), 2));
        assert_eq!(field.view(0), (String::new(), 0));
    }

    #[test]
    fn half_width_kana_are_seen_full_width_and_kept() {
        let mut field = field("ｶﾞｷﾞ");
        assert_eq!(field.view(10), ("ガギ".into(), 4));
        field.left();
        assert_eq!(field.view(10), ("ガギ".into(), 2));
        assert_eq!(field.text(), "ｶﾞｷﾞ");
    }

    #[derive(Clone, Debug)]
    enum Key {
        Type(String),
        Backspace,
        Delete,
        Left,
        Right,
        Home,
        End,
    }

    fn key() -> impl Strategy<Value = Key> {
        let hard = proptest::sample::select(vec![
            "か",
            "\u{3099}",
            "葛",
            "\u{E0100}",
            "👨",
            "\u{200D}",
            "👩",
            "🇯",
            "🇵",
            "e",
            "\u{301}",
            "ｶ",
            "ﾞ",
            "\n",
            "\u{1B}",
            "\u{600}",
        ]);
        prop_oneof![
            4 => hard.prop_map(|s| Key::Type(s.to_owned())),
            1 => "\\PC{0,6}".prop_map(Key::Type),
            1 => Just(Key::Backspace),
            1 => Just(Key::Delete),
            2 => Just(Key::Left),
            1 => Just(Key::Right),
            1 => Just(Key::Home),
            1 => Just(Key::End),
        ]
    }

    fn press(field: &mut Field, key: &Key) {
        match key {
            Key::Type(text) => {
                field.insert(text);
            }
            Key::Backspace => field.backspace(),
            Key::Delete => field.delete(),
            Key::Left => field.left(),
            Key::Right => field.right(),
            Key::Home => field.home(),
            Key::End => field.end(),
        }
    }

    proptest! {
        #[test]
        fn any_keys_leave_a_sound_field(keys in proptest::collection::vec(key(), 0..30), cols in 1usize..12) {
            let mut field = Field::new(12);
            for key in &keys {
                press(&mut field, key);
                let between = field.caret == field.text.len()
                    || field.text.grapheme_indices(true).any(|(n, _)| n == field.caret);
                prop_assert!(between, "{:?} after {:?}", field, key);
                prop_assert!(count(field.text()) <= 12);
                let (seen, caret) = field.view(cols);
                prop_assert!(width(&seen) <= cols);
                prop_assert!(usize::from(caret) < cols);
            }
        }
    }
}
