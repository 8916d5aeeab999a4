//! A key held down is not an answer given again and again.
//!
//! Terminals do not say that a key repeats; they send it every thirty
//! milliseconds or so, after a first pause. The same key within sixty
//! milliseconds is therefore a repeat. The one before it, which came after the
//! pause, was taken for a press; once the repeat shows what it was, the answer
//! it gave is taken back.

use crate::domain::id::EntryId;
use crate::keys::Key;

/// Faster than any hand presses the same key twice, in milliseconds.
const REPEAT: u64 = 60;
/// The longest pause before a held key begins to repeat, in milliseconds.
const FIRST_PAUSE: u64 = 1_200;

/// Watches for a held key.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    last: Option<Press>,
}

#[derive(Clone, Debug)]
struct Press {
    key: Key,
    at: u64,
    /// When the same key was taken before this one, within the first pause.
    after: Option<u64>,
    /// What taking it saved.
    saved: Option<EntryId>,
    held: bool,
}

/// What to do with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// It repeats; the answer that its first repeat gave, if any, goes back.
    Held {
        withdraw: Option<EntryId>,
    },
}

impl Guard {
    /// Judges a key read at `at` milliseconds.
    pub fn judge(&mut self, key: Key, at: u64) -> Verdict {
        let same = self.last.take().filter(|p| p.key == key);
        match same {
            Some(press) if at.saturating_sub(press.at) < REPEAT => {
                let withdraw = press.saved.filter(|_| !press.held && press.after.is_some());
                self.last = Some(Press {
                    at,
                    saved: None,
                    held: true,
                    ..press
                });
                Verdict::Held { withdraw }
            }
            earlier => {
                let after = earlier.map(|p| p.at).filter(|t| at - t < FIRST_PAUSE);
                self.last = Some(Press {
                    key,
                    at,
                    after,
                    saved: None,
                    held: false,
                });
                Verdict::Take
            }
        }
    }

    /// The key just taken saved this entry.
    pub fn saved(&mut self, entry: EntryId) {
        if let Some(press) = &mut self.last {
            press.saved = Some(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u8) -> EntryId {
        EntryId::from_bytes([n; 16])
    }

    #[test]
    fn two_presses_of_one_key_are_two_answers() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('0'), 0), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('0'), 150), Verdict::Take);
    }

    #[test]
    fn a_held_key_answers_once_although_the_terminal_pauses_before_it_repeats() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('0'), 0), Verdict::Take);
        guard.saved(entry(1));
        assert_eq!(guard.judge(Key::Char('0'), 500), Verdict::Take);
        guard.saved(entry(2));
        assert_eq!(
            guard.judge(Key::Char('0'), 533),
            Verdict::Held {
                withdraw: Some(entry(2))
            }
        );
        assert_eq!(
            guard.judge(Key::Char('0'), 566),
            Verdict::Held { withdraw: None }
        );
    }

    #[test]
    fn a_key_that_repeats_at_once_keeps_its_first_answer() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('1'), 0), Verdict::Take);
        guard.saved(entry(1));
        assert_eq!(
            guard.judge(Key::Char('1'), 30),
            Verdict::Held { withdraw: None }
        );
    }

    #[test]
    fn another_key_between_makes_it_two_presses() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('1'), 0), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('2'), 20), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('1'), 40), Verdict::Take);
    }
}
