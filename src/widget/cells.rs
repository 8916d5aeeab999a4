//! Text in terminal cells: made showable, measured, cut, padded and wrapped.
//!
//! Everything from a record or a file passes `display` before it is drawn; the
//! other functions expect what `display` returns. Width here is exactly what
//! the screen buffer will give a text, never a count of characters.

use std::borrow::Cow;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::fold::full_width_kana;

/// Half-width kana in full width (terminals and libraries disagree on their
/// voicing marks), newlines and tabs as blanks, without controls and invisible
/// characters that could reorder or hide text. Variation selectors and joiners
/// stay: they are part of names.
pub fn display(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !is_half_width_kana(c) && !is_blank_control(c) && !is_invisible(c);
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut kana = String::new();
    let text = text.replace("\r\n", "\n");
    for c in text.chars() {
        if is_half_width_kana(c) {
            kana.push(c);
            continue;
        }
        out.push_str(&full_width_kana(&kana));
        kana.clear();
        if is_blank_control(c) {
            out.push(' ');
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.push_str(&full_width_kana(&kana));
    Cow::Owned(out)
}

/// Cells the text takes when drawn.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(cell_width).sum()
}

/// Cells of one grapheme; the buffer drops what holds a control character.
pub(super) fn cell_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) {
        0
    } else {
        usize::from(grapheme.cell_width())
    }
}

/// At most `cols` cells; what had to be cut ends in `..` (an ellipsis may take
/// one cell or two, depending on the terminal).
pub fn fit(text: &str, cols: usize) -> String {
    if width(text) <= cols {
        return text.to_owned();
    }
    let mark = &".."[..cols.min(2)];
    let mut kept: Vec<&str> = head(text, cols - mark.len()).graphemes(true).collect();
    loop {
        let cut = format!("{}{mark}", kept.concat());
        // A mark can melt into the last grapheme and measure differently.
        if width(&cut) <= cols || kept.pop().is_none() {
            return cut;
        }
    }
}

/// The longest beginning that takes at most `cols` cells.
fn head(text: &str, cols: usize) -> &str {
    let mut used = 0;
    let end = text.grapheme_indices(true).find_map(|(n, grapheme)| {
        used += cell_width(grapheme);
        (used > cols).then_some(n)
    });
    &text[..end.unwrap_or(text.len())]
}

/// As many of the parts of `text`, two cells apart, as fit; the first in any case.
pub fn parts(text: &str, cols: usize) -> &str {
    let ends = text.match_indices("  ").map(|(at, _)| at);
    let mut whole = ends.chain([text.len()]).map(|end| &text[..end]);
    let first = whole.next().unwrap_or_default();
    whole
        .filter(|part| width(part) <= cols)
        .last()
        .unwrap_or(first)
}

/// Exactly `cols` cells: cut or filled with blanks on the right.
pub fn pad(text: &str, cols: usize) -> String {
    let fitted = fit(text, cols);
    let blanks = " ".repeat(cols.saturating_sub(width(&fitted)));
    fitted + &blanks
}

/// Exactly `cols` cells: cut or filled with blanks on the left.
pub fn pad_left(text: &str, cols: usize) -> String {
    let fitted = fit(text, cols);
    " ".repeat(cols.saturating_sub(width(&fitted))) + &fitted
}

// --- Wrapping -------------------------------------------------------------

/// Lines of at most `cols` cells (taken as 2 where less, so that a kanji has
/// room). Newlines in `text` end a line. No line begins with a closing mark
/// or small kana or ends with an opening bracket; a number stays with its
/// unit and a Latin word whole, unless alone they are wider than a line.
pub fn wrap(text: &str, cols: usize) -> Vec<String> {
    let cols = cols.max(2);
    text.split('\n')
        .flat_map(|line| wrap_line(line, cols))
        .collect()
}

fn wrap_line(line: &str, cols: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for chunk in chunks(line) {
        let bare = chunk.trim_end_matches(' ');
        if width(&current) + width(bare) > cols {
            // An indent alone makes no line of its own.
            if !current.trim_end_matches(' ').is_empty() {
                lines.push(current.trim_end_matches(' ').to_owned());
            }
            current.clear();
        }
        let mut rest = chunk.as_str();
        // Wider than any line: cut where it must be.
        while width(&current) + width(rest.trim_end_matches(' ')) > cols {
            let part = head(rest, cols - width(&current).min(cols));
            // Only a grapheme wider than a whole line gets here.
            let part = if part.is_empty() && current.is_empty() {
                first(rest)
            } else {
                part
            };
            lines.push(std::mem::take(&mut current) + part);
            rest = &rest[part.len()..];
        }
        current.push_str(rest);
    }
    lines.push(current.trim_end_matches(' ').to_owned());
    lines
}

fn first(text: &str) -> &str {
    text.graphemes(true).next().unwrap_or(text)
}

/// The line in pieces between which it may be broken; blanks stay at the end
/// of a piece.
fn chunks(line: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut before: Option<&str> = None;
    for (n, grapheme) in line.grapheme_indices(true) {
        let joined =
            before.is_some_and(|before| stays_with(before, grapheme, &line[..n], &line[n..]));
        match chunks.last_mut() {
            Some(chunk) if joined => chunk.push_str(grapheme),
            _ => chunks.push(grapheme.to_owned()),
        }
        before = Some(grapheme);
    }
    chunks
}

/// May no break come between `before` and `grapheme`? `left` ends in the one,
/// `right` begins with the other.
fn stays_with(before: &str, grapheme: &str, left: &str, right: &str) -> bool {
    if grapheme == " " {
        return true;
    }
    if before == " " {
        return is_forbidden_start(lead(grapheme))
            || ends_in_number(left.trim_end_matches(' ')) && starts_with_unit(right);
    }
    let (last, next) = (lead(before), lead(grapheme));
    is_forbidden_start(next)
        || is_forbidden_end(last)
        || is_latin(last) && is_latin(next)
        || last.is_ascii_digit() && COUNTERS.contains(next)
}

/// Counted in Japanese: 3か月, 28日, 2錠.
const COUNTERS: &str = "年月日時分秒週回錠歳才か箇ヶカヵ個倍級度粒例人枚本℃％点万千百";

fn lead(grapheme: &str) -> char {
    grapheme.chars().next().unwrap_or(' ')
}

/// Letters, digits and marks that make up words, numbers and units.
fn is_latin(c: char) -> bool {
    !c.is_whitespace()
        && (c.is_ascii() || matches!(c, '\u{B5}'..='\u{24F}' | '\u{370}'..='\u{3FF}'))
}

/// 、 and its like; small kana; the long mark; closing brackets.
fn is_forbidden_start(c: char) -> bool {
    "、。，．,.・：；:;？！?!ー々〻ゝゞヽヾ)]}）］｝」』】〕〉》〙〗”’%％℃\
     ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ゛゜〜…‥"
        .contains(c)
        || matches!(c, '\u{31F0}'..='\u{31FF}')
}

fn is_forbidden_end(c: char) -> bool {
    "([{（［｛「『【〔〈《〘〖“‘".contains(c)
}

fn ends_in_number(left: &str) -> bool {
    let word = left
        .rsplit(|c: char| !is_latin(c))
        .next()
        .unwrap_or_default();
    word.ends_with(|c: char| c.is_ascii_digit()) && !word.contains(|c: char| c.is_alphabetic())
}

/// `U/L`, `mg/dL`, `kg`, `%`: a short word with a slash, or a known unit.
fn starts_with_unit(right: &str) -> bool {
    const UNITS: [&str; 16] = [
        "mg", "g", "kg", "mL", "dL", "L", "%", "cm", "mm", "U", "IU", "x", "×", "mmHg", "µg", "mcg",
    ];
    let end = right
        .find(|c: char| !is_latin(c) || matches!(c, ',' | ';' | ')'))
        .unwrap_or(right.len());
    let word = right[..end].trim_end_matches('.');
    let slashed =
        word.contains('/') && word.len() <= 12 && !word.starts_with(|c: char| c.is_ascii_digit());
    slashed || UNITS.contains(&word) || right.starts_with('×')
}

// --- What can be shown ----------------------------------------------------

fn is_half_width_kana(c: char) -> bool {
    matches!(c, '\u{FF61}'..='\u{FF9F}')
}

/// Controls that part words.
fn is_blank_control(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\t' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Controls, soft hyphen, zero-width blanks, and what changes the direction of
/// text. ZWJ (U+200D) is none of them.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    const HARD: [&str; 24] = [
        "",
        "ALT 23 U/L",
        "口唇の乾燥",
        "ｶﾞｷﾞｸﾞ ﾊﾟ",
        "ﾞﾞ",
        "がﾞ",
        "か\u{3099}",
        "葛\u{E0100}城",
        "辻\u{E0101}",
        "\u{20BB7}田",
        "\u{29E3D}",
        "神\u{FE00}",
        "👨\u{200D}👩\u{200D}👧",
        "👍🏽",
        "⚠\u{FE0F}",
        "1\u{FE0F}\u{20E3}",
        "🇯🇵🇯🇵",
        "①②③ ○×△ ※",
        "a\u{AD}b",
        "a\u{200B}b",
        "e\u{301}\u{302}",
        "─│┌█░",
        "\u{301}x",
        "㎎㍑㋿℃",
    ];

    fn drawn(text: &str) -> usize {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4000, 1));
        let (x, _) = buffer.set_stringn(0, 0, text, usize::MAX, Style::new());
        usize::from(x)
    }

    #[test]
    fn parts_are_left_out_whole_from_the_end() {
        let echo = "2026-12-24(木)  あと30日  令和8年";
        assert_eq!(parts(echo, 40), echo);
        assert_eq!(parts(echo, 30), "2026-12-24(木)  あと30日");
        assert_eq!(parts(echo, 20), "2026-12-24(木)");
        assert_eq!(parts(echo, 3), "2026-12-24(木)", "cut where it is drawn");
    }

    #[test]
    fn what_is_shown_is_safe_and_keeps_names() {
        for (from, shown) in [
            ("ｶﾞｷﾞｸﾞ ﾊﾟ", "ガギグ パ"),
            ("ﾔﾏﾀﾞ､ﾊﾅｺ｡", "ヤマダ、ハナコ。"),
            ("ﾞ", "゛"),
            ("ｱﾟ", "ア゜"),
            ("がﾞ", "が゛"),
            ("a\tb\nc\r\nd", "a b c d"),
            ("\u{1B}[31mred\u{9B}0m", "[31mred0m"),
            ("a\u{202E}b\u{202C}c", "abc"),
            ("\u{FEFF}a\u{AD}b\u{200B}c\u{2066}", "abc"),
            ("葛\u{E0100}城", "葛\u{E0100}城"),
            ("👨\u{200D}👩", "👨\u{200D}👩"),
            ("\u{FA19}", "\u{FA19}"),
        ] {
            assert_eq!(display(from), shown, "{from:?}");
        }
        assert!(matches!(display("山田 花子"), Cow::Borrowed(_)));
    }

    #[test]
    fn width_is_what_the_buffer_gives() {
        for text in HARD {
            assert_eq!(width(text), drawn(text), "{text:?}");
            let shown = display(text);
            assert_eq!(width(&shown), drawn(&shown), "{text:?} shown");
        }
        assert_eq!(width("口唇の乾燥"), 10);
        assert_eq!(width(&display("ｶﾞｷﾞｸﾞ ﾊﾟ")), 9);
    }

    #[test]
    fn what_is_cut_says_so() {
        for (text, cols, fitted) in [
            ("光線過敏症", 10, "光線過敏症"),
            ("光線過敏症", 9, "光線過.."),
            ("光線過敏症", 8, "光線過.."),
            ("光線過敏症", 7, "光線.."),
            ("ALT", 2, ".."),
            ("ALT", 1, "."),
            ("ALT", 0, ""),
            ("葛\u{E0100}城山", 5, "葛\u{E0100}.."),
        ] {
            assert_eq!(fit(text, cols), fitted, "{text} {cols}");
        }
    }

    #[test]
    fn padding_counts_cells() {
        assert_eq!(pad("口唇", 6), "口唇  ");
        assert_eq!(pad_left("23", 5), "   23");
        assert_eq!(pad("光線過敏症", 7), "光線.. ");
        assert_eq!(pad("", 3), "   ");
    }

    #[test]
    fn lines_break_where_a_reader_expects() {
        for (text, cols, lines) in [
            (
                "厳格な避妊が、必須です。",
                12,
                &["厳格な避妊", "が、必須で", "す。"][..],
            ),
            (
                "値は ALT 23 U/L でした",
                12,
                &["値は ALT", "23 U/L でし", "た"],
            ),
            ("「注意」と書く", 8, &["「注意」", "と書く"]),
            ("これは「注意」", 8, &["これは", "「注意」"]),
            ("投与3か月後", 8, &["投与3か", "月後"]),
            ("きょうコーヒー", 5, &["きょ", "う", "コー", "ヒー"]),
            ("dry lips and eyes", 8, &["dry lips", "and eyes"]),
            ("isotretinoin", 5, &["isotr", "etino", "in"]),
            ("weight 52.5 kg today", 11, &["weight", "52.5 kg", "today"]),
            ("two\nlines", 20, &["two", "lines"]),
            ("", 5, &[""]),
            ("漢字", 0, &["漢", "字"]),
        ] {
            assert_eq!(wrap(text, cols), lines, "{text} {cols}");
        }
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            proptest::sample::select(HARD.to_vec()).prop_map(str::to_owned),
            "[a-zA-Z0-9 ,./%()-]{0,8}",
            "[あ-んア-ンｦ-ﾟ、。「」ーっッ漢字症例]{0,8}",
            "\\PC{0,4}",
        ];
        proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
    }

    fn solid(text: &str) -> String {
        text.chars().filter(|c| *c != ' ').collect()
    }

    proptest! {
        #[test]
        fn width_always_equals_the_buffer(text in text()) {
            prop_assert_eq!(width(&text), drawn(&text));
        }

        #[test]
        fn what_fits_is_never_wider_and_never_splits(text in text(), cols in 0usize..20) {
            let fitted = fit(&text, cols);
            prop_assert!(width(&fitted) <= cols);
            let kept = if width(&text) <= cols { &fitted } else { fitted.trim_end_matches('.') };
            prop_assert!(text.starts_with(kept));
            let whole = kept.is_empty() || kept.len() == text.len()
                || text.grapheme_indices(true).any(|(n, _)| n == kept.len());
            prop_assert!(whole, "{:?}", kept);
        }

        #[test]
        fn padding_fills_exactly(text in text(), cols in 0usize..20) {
            let shown = display(&text);
            prop_assert_eq!(width(&pad(&shown, cols)), cols);
            prop_assert_eq!(width(&pad_left(&shown, cols)), cols);
        }

        #[test]
        fn wrapping_loses_nothing(text in text(), cols in 2usize..20) {
            let lines = wrap(&text, cols);
            prop_assert_eq!(solid(&lines.concat()), solid(&text));
            for line in &lines {
                prop_assert!(width(line) <= cols || line.graphemes(true).count() == 1, "{:?}", line);
            }
        }

        #[test]
        fn no_line_begins_with_a_closing_mark(text in "[あいう漢、。」っ ]{0,30}") {
            // A run of marks wider than the line must be cut somewhere.
            prop_assume!(chunks(&text).iter().all(|c| width(c) <= 12));
            for line in wrap(&text, 12).iter().skip(1) {
                prop_assert!(!line.starts_with(is_forbidden_start) , "{:?}", line);
            }
        }

        #[test]
        fn shown_text_is_shown_unchanged(text in text()) {
            let once = display(&text).into_owned();
            prop_assert_eq!(display(&once), once.as_str());
        }
    }
}
