//! Keys written down: `427<Enter><Enter>1 0 1<C-x><PgDn>`.
//!
//! A character is its key. Blanks only part keys for the reader; `<Space>` is the
//! key, and `<lt>` is `<`.

use saishin::keys::Key;

const NAMES: [(&str, Key); 23] = [
    ("Enter", Key::Enter),
    ("Esc", Key::Esc),
    ("Tab", Key::Tab),
    ("S-Tab", Key::BackTab),
    ("BackTab", Key::BackTab),
    ("Backspace", Key::Backspace),
    ("BS", Key::Backspace),
    ("Del", Key::Delete),
    ("Delete", Key::Delete),
    ("Ins", Key::Insert),
    ("Insert", Key::Insert),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PgUp", Key::PageUp),
    ("PgDn", Key::PageDown),
    ("PageUp", Key::PageUp),
    ("PageDown", Key::PageDown),
    ("Space", Key::Char(' ')),
    ("lt", Key::Char('<')),
];

/// The keys of a notation, or what in it is no key.
pub fn parse(notation: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = notation.chars();
    while let Some(c) = rest.next() {
        match c {
            '<' => {
                let text = rest.as_str();
                let end = text.find('>').ok_or(format!("<{text} is not closed"))?;
                keys.push(named(&text[..end])?);
                rest = text[end + 1..].chars();
            }
            c if c.is_whitespace() => {}
            c => keys.push(Key::Char(c)),
        }
    }
    Ok(keys)
}

/// The key of a name without its brackets.
pub fn named(name: &str) -> Result<Key, String> {
    let unknown = || format!("<{name}> is no key");
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*key);
    }
    if let Some(letter) = name.strip_prefix("C-") {
        return match letter.as_bytes() {
            [c] if c.is_ascii_alphabetic() => Ok(Key::Ctrl(c.to_ascii_lowercase().into())),
            _ => Err(unknown()),
        };
    }
    let number = name.strip_prefix('F').and_then(|n| n.parse::<u8>().ok());
    match number {
        Some(n @ 1..=12) => Ok(Key::F(n)),
        _ => Err(unknown()),
    }
}

/// What a terminal sends for a key.
pub fn bytes(key: Key) -> Vec<u8> {
    let fixed: &[u8] = match key {
        Key::Char(c) => return c.to_string().into_bytes(),
        Key::Ctrl(c) => return vec![u8::try_from(c).unwrap() & 0x1f],
        Key::Enter => b"\r",
        Key::Esc => b"\x1b",
        Key::Tab => b"\t",
        Key::BackTab => b"\x1b[Z",
        Key::Backspace => b"\x7f",
        Key::Delete => b"\x1b[3~",
        Key::Insert => b"\x1b[2~",
        Key::Up => b"\x1b[A",
        Key::Down => b"\x1b[B",
        Key::Left => b"\x1b[D",
        Key::Right => b"\x1b[C",
        Key::Home => b"\x1b[H",
        Key::End => b"\x1b[F",
        Key::PageUp => b"\x1b[5~",
        Key::PageDown => b"\x1b[6~",
        Key::F(n) => {
            return match n {
                1..=4 => vec![0x1b, b'O', b'P' + n - 1],
                5 => b"\x1b[15~".to_vec(),
                6..=10 => format!("\x1b[{}~", n + 11).into_bytes(),
                _ => format!("\x1b[{}~", n + 12).into_bytes(),
            };
        }
    };
    fixed.to_vec()
}
