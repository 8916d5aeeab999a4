//! A key held down is not an answer given again and again.
//!
//! Terminals do not say that a key repeats; they send it every thirty
//! milliseconds or so, after a first pause. The same key within sixty
//! milliseconds is therefore a repeat. The one before it, which came after the
//! pause, was taken for a press; once the repeat shows what it was, the answer
//! it gave is taken back.
//!
//! Two of the same key that were waiting together were typed ahead while the
//! program was busy; only a third one shows that the key was held.

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
    /// Whether the same key was taken shortly before this one.
    again: bool,
    /// Whether it was waiting together with the same key before it.
    twin: bool,
    /// What is to be taken back if the next one shows that the key is held.
    did: Vec<Did>,
    held: bool,
}

/// What taking a key came to, as far as it can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    Saved(EntryId),
    /// The visit was opened from the chart.
    Opened,
}

/// What to do with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// It repeats; what its first repeat did goes back, the last first.
    Held {
        withdraw: Vec<Did>,
    },
}

impl Guard {
    /// Judges a key read at `at` milliseconds.
    pub fn judge(&mut self, key: Key, at: u64) -> Verdict {
        let press = |again, twin, did| Press {
            key,
            at,
            again,
            twin,
            did,
            held: false,
        };
        let taken = match self.last.take().filter(|p| p.key == key) {
            Some(last) if last.at == at && !last.held && !last.twin => {
                let did = if last.again { last.did } else { Vec::new() };
                press(true, true, did)
            }
            Some(last) if at.saturating_sub(last.at) < REPEAT => {
                let back = !last.held && last.again;
                let withdraw = last.did.iter().rev().copied().filter(|_| back).collect();
                self.last = Some(Press {
                    at,
                    did: Vec::new(),
                    held: true,
                    ..last
                });
                return Verdict::Held { withdraw };
            }
            Some(last) => press(at.saturating_sub(last.at) < FIRST_PAUSE, false, Vec::new()),
            None => press(false, false, Vec::new()),
        };
        self.last = Some(taken);
        Verdict::Take
    }

    /// The key just taken did this.
    pub fn did(&mut self, did: Did) {
        if let Some(press) = &mut self.last {
            press.did.push(did);
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
        guard.did(Did::Saved(entry(1)));
        assert_eq!(guard.judge(Key::Char('0'), 500), Verdict::Take);
        guard.did(Did::Saved(entry(2)));
        assert_eq!(
            guard.judge(Key::Char('0'), 533),
            Verdict::Held {
                withdraw: vec![Did::Saved(entry(2))]
            }
        );
        assert_eq!(
            guard.judge(Key::Char('0'), 566),
            Verdict::Held {
                withdraw: Vec::new()
            }
        );
    }

    #[test]
    fn a_key_that_repeats_at_once_keeps_its_first_answer() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('1'), 0), Verdict::Take);
        guard.did(Did::Saved(entry(1)));
        assert_eq!(
            guard.judge(Key::Char('1'), 30),
            Verdict::Held {
                withdraw: Vec::new()
            }
        );
    }

    #[test]
    fn another_key_between_makes_it_two_presses() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('1'), 0), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('2'), 20), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('1'), 40), Verdict::Take);
    }

    #[test]
    fn two_keys_that_waited_together_were_typed_ahead() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('0'), 90), Verdict::Take);
        assert_eq!(guard.judge(Key::Char('0'), 90), Verdict::Take);
    }

    #[test]
    fn three_keys_that_waited_together_are_a_held_key() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('0'), 90), Verdict::Take);
        guard.did(Did::Saved(entry(1)));
        assert_eq!(guard.judge(Key::Char('0'), 90), Verdict::Take);
        guard.did(Did::Saved(entry(2)));
        assert_eq!(
            guard.judge(Key::Char('0'), 90),
            Verdict::Held {
                withdraw: vec![Did::Saved(entry(2))]
            }
        );
    }

    #[test]
    fn a_held_key_that_waited_loses_both_of_its_repeats() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(Key::Char('0'), 0), Verdict::Take);
        guard.did(Did::Saved(entry(1)));
        assert_eq!(guard.judge(Key::Char('0'), 500), Verdict::Take);
        guard.did(Did::Saved(entry(2)));
        assert_eq!(guard.judge(Key::Char('0'), 500), Verdict::Take);
        guard.did(Did::Saved(entry(3)));
        assert_eq!(
            guard.judge(Key::Char('0'), 533),
            Verdict::Held {
                withdraw: vec![Did::Saved(entry(3)), Did::Saved(entry(2))]
            }
        );
    }
}
