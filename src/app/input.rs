//! What comes from the terminal, on a thread of its own that sleeps until it comes.

use super::decode::Decoded;
use super::system::Source;
use crate::keys::Key;
use std::io;
use std::time::{Duration, Instant};

/// Printable keys that follow a burst this soon are the rest of it: the system
/// hands a long paste over in pieces.
const REST_OF_BURST: Duration = Duration::from_millis(30);

/// One thing that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Keys that were waiting together, in their order, and when they were read.
    Keys { keys: Vec<Key>, at: Instant },
    /// Printable keys that no hand types so fast: a paste from a terminal that does
    /// not mark pastes, or what an input method commits. Text, never commands;
    /// Enter is `\n` in it.
    Burst(String),
    /// A paste that the terminal marked as one; line ends are `\n`.
    Paste(String),
    /// The window has this size now, in columns and rows. Also sent when the program
    /// is continued after a stop, and when the size is as it was: draw everything.
    Resize(u16, u16),
    /// The window got or lost the keyboard.
    Focus(bool),
    /// How many columns the terminal needs for a box line; answers `Screen::ask_width`.
    Width(u16),
    /// Someone asks the program to end: save what is typed and leave.
    Terminate,
    /// The terminal is gone: nothing more comes, and nothing may be written to it.
    Gone,
}

/// Starts the thread. `take` is called on it for each thing that comes, and says
/// whether more is wanted. After [`Input::Gone`] it is not called again.
///
/// To be called after `terminal::check` and before `Screen::enter`, so that no signal
/// finds the terminal taken and nobody listening.
pub fn start(take: impl FnMut(Input) -> bool + Send + 'static) -> io::Result<()> {
    let source = Source::open()?;
    std::thread::Builder::new()
        .name("input".into())
        .spawn(move || source.run(take))?;
    Ok(())
}

/// Tells keys that were pressed from text that was pasted without a mark.
#[derive(Default)]
pub(super) struct Sorter {
    last_burst: Option<Instant>,
}

impl Sorter {
    /// `decoded` is what was read at `at`, all of it waiting together.
    pub(super) fn sort(&mut self, decoded: Vec<Decoded>, at: Instant) -> Vec<Input> {
        let mut sorted = Vec::new();
        let mut run = Vec::new();
        for one in decoded {
            let other = match one {
                Decoded::Key(key) => {
                    run.push(key);
                    continue;
                }
                Decoded::Paste(text) => Input::Paste(text),
                Decoded::Focus(on) => Input::Focus(on),
                Decoded::Width(columns) => Input::Width(columns),
                #[cfg(any(not(unix), test))]
                Decoded::Resize(columns, rows) => Input::Resize(columns, rows),
            };
            self.split(std::mem::take(&mut run), at, &mut sorted);
            sorted.push(other);
        }
        self.split(run, at, &mut sorted);
        sorted
    }

    /// Splits keys where printable ones change to others and back.
    fn split(&mut self, keys: Vec<Key>, at: Instant, sorted: &mut Vec<Input>) {
        for part in keys.chunk_by(|a, b| printed(*a).is_some() == printed(*b).is_some()) {
            let text: Option<String> = part.iter().map(|key| printed(*key)).collect();
            match text {
                Some(text) if self.is_burst(&text, at) => {
                    self.last_burst = Some(at);
                    sorted.push(Input::Burst(text));
                }
                _ => push_keys(part, at, sorted),
            }
        }
    }

    fn is_burst(&self, text: &str, at: Instant) -> bool {
        let many = text.chars().count();
        let rest = self
            .last_burst
            .is_some_and(|last| at.saturating_duration_since(last) < REST_OF_BURST);
        // Two characters may be rolled over on the keyboard while the machine is
        // busy; with Enter among them they would do more than type.
        rest || many >= 3 || (many == 2 && text.contains('\n'))
    }
}

fn push_keys(part: &[Key], at: Instant, sorted: &mut Vec<Input>) {
    if let Some(Input::Keys { keys, .. }) = sorted.last_mut() {
        keys.extend_from_slice(part);
        return;
    }
    let keys = part.to_vec();
    sorted.push(Input::Keys { keys, at });
}

/// The character that a key stands for in pasted text.
fn printed(key: Key) -> Option<char> {
    match key {
        Key::Char(c) => Some(c),
        Key::Enter => Some('\n'),
        Key::Tab => Some('\t'),
        _ => None,
    }
}

/// What the library read, in the words of this program. Releases, the mouse and
/// keys with Alt are none of them.
#[cfg(any(not(unix), test))]
pub(super) fn from_library(event: crossterm::event::Event) -> Option<Decoded> {
    use crossterm::event::{Event, KeyEventKind};
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key_of(key).map(Decoded::Key),
        Event::Paste(text) => Some(Decoded::Paste(
            text.replace("\r\n", "\n").replace('\r', "\n"),
        )),
        Event::Resize(columns, rows) => Some(Decoded::Resize(columns, rows)),
        Event::FocusGained => Some(Decoded::Focus(true)),
        Event::FocusLost => Some(Decoded::Focus(false)),
        _ => None,
    }
}

#[cfg(any(not(unix), test))]
fn key_of(event: crossterm::event::KeyEvent) -> Option<Key> {
    use crossterm::event::{KeyCode, KeyModifiers};
    let held = event.modifiers;
    let control = held.contains(KeyModifiers::CONTROL);
    // AltGr types @ and brackets on many keyboards and is reported as both together.
    if held.contains(KeyModifiers::ALT) && !control {
        return None;
    }
    Some(match event.code {
        KeyCode::Char(c) if control && c.is_ascii_alphabetic() => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(n @ 1..=12) => Key::F(n),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Decoded> {
        let key = |c| match c {
            '\n' => Key::Enter,
            '^' => Key::Up,
            c => Key::Char(c),
        };
        text.chars().map(|c| Decoded::Key(key(c))).collect()
    }

    fn sorted(text: &str) -> Vec<String> {
        let at = Instant::now();
        Sorter::default()
            .sort(keys(text), at)
            .iter()
            .map(told)
            .collect()
    }

    fn told(input: &Input) -> String {
        match input {
            Input::Keys { keys, .. } => format!("keys {}", keys.len()),
            Input::Burst(text) => format!("burst {text:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn keys_rolled_over_stay_keys() {
        assert_eq!(sorted("12"), ["keys 2"]);
    }

    #[test]
    fn held_arrows_stay_keys() {
        assert_eq!(sorted("^^^^^^^^"), ["keys 8"]);
    }

    #[test]
    fn many_characters_at_once_are_a_paste() {
        assert_eq!(sorted("000"), ["burst \"000\""]);
        assert_eq!(sorted("1\n"), ["burst \"1\\n\""]);
        assert_eq!(sorted("^abc^"), ["keys 1", "burst \"abc\"", "keys 1"]);
    }

    #[test]
    fn one_key_after_an_arrow_stays_a_key() {
        assert_eq!(sorted("^1^\n"), ["keys 4"]);
    }

    #[test]
    fn the_last_piece_of_a_paste_answers_nothing() {
        let mut sorter = Sorter::default();
        let at = Instant::now();
        sorter.sort(keys("abcdef"), at);
        let soon = at + Duration::from_millis(5);
        assert_eq!(sorter.sort(keys("1"), soon), [Input::Burst("1".into())]);
        let later = soon + Duration::from_millis(200);
        assert_eq!(told(&sorter.sort(keys("1"), later)[0]), "keys 1");
    }

    #[test]
    fn the_library_is_asked_for_presses_only() {
        use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
        let event = |code, held, kind| Event::Key(KeyEvent::new_with_kind(code, held, kind));
        let one = KeyCode::Char('1');
        let plain = KeyModifiers::NONE;
        let key = |event| from_library(event);
        let answer = Some(Decoded::Key(Key::Char('1')));
        assert_eq!(key(event(one, plain, KeyEventKind::Press)), answer);
        assert_eq!(key(event(one, plain, KeyEventKind::Repeat)), answer);
        assert_eq!(key(event(one, plain, KeyEventKind::Release)), None);
        assert_eq!(
            key(event(one, KeyModifiers::ALT, KeyEventKind::Press)),
            None
        );
        let undo = event(
            KeyCode::Char('U'),
            KeyModifiers::CONTROL,
            KeyEventKind::Press,
        );
        assert_eq!(key(undo), Some(Decoded::Key(Key::Ctrl('u'))));
        assert_eq!(key(Event::Resize(80, 24)), Some(Decoded::Resize(80, 24)));
    }
}
