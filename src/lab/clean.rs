//! Text from outside, made harmless: nothing of it may steer a terminal.

/// Longest value that is kept, in characters; a report's prose is no value.
pub(super) const LONGEST_VALUE: usize = 4_000;

/// Longest of every other field.
pub(super) const LONGEST_FIELD: usize = 500;

/// How much of a refused row is shown.
const SHOWN: usize = 120;

/// Whether a text holds characters that a terminal obeys or that turn the
/// direction of what stands beside them. Line ends and tabs are harmless here.
pub(super) fn is_hostile(text: &str) -> bool {
    text.chars().any(is_hostile_char)
}

fn is_hostile_char(c: char) -> bool {
    match c {
        ' '..='~' | '\n' | '\r' | '\t' => false,
        c if c.is_control() => true,
        // Direction marks, embeddings and isolates; separators; invisible joiners.
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' => true,
        '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => true,
        '\u{E0000}'..='\u{E007F}' => true,
        _ => false,
    }
}

/// The text with `�` in place of every such character.
pub(super) fn cleaned(text: &str) -> String {
    let plain = |c: char| match c {
        '\r' => '\n',
        '\t' => ' ',
        c if is_hostile_char(c) => '\u{FFFD}',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// The beginning of a row, on one line and harmless; `…` where more follows.
pub(super) fn shortened(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    let mut shown = cleaned(&start).replace('\n', " ");
    if start.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Whether a text has more characters than `most`.
pub(super) fn is_longer(text: &str, most: usize) -> bool {
    text.len() > most && text.chars().nth(most).is_some()
}

/// At most [`LONGEST_VALUE`] characters of a remark; `…` where more was sent.
pub(super) fn kept(text: String) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
