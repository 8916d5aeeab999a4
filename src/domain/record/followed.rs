//! What was recorded of a patient who did not come.

use super::{Record, Stamp};
use crate::domain::follow::{Attempt, Followed, Missed, Snooze};
use chrono::NaiveDate;

impl Record {
    /// Missed appointments, attempts to reach the patient and snoozes, in the
    /// order recorded; what was taken back is not among them.
    pub fn followed(&self) -> &[(Stamp, Followed)] {
        &self.state.followed
    }

    /// The snooze in force, whatever its day: the last one, unless a visit was
    /// signed since, which is a new beginning.
    pub fn snoozed(&self) -> Option<(Stamp, &Snooze)> {
        let last = self
            .followed()
            .iter()
            .rev()
            .find_map(|(stamp, said)| match said {
                Followed::Snooze(snooze) => Some((*stamp, snooze)),
                _ => None,
            })?;
        let visits = self.visits().iter().filter(|v| v.void.is_none());
        let seen = visits
            .filter_map(|v| v.signed.as_ref().map(|s| s.stamp.order))
            .max();
        seen.is_none_or(|seen| seen < last.0.order).then_some(last)
    }

    /// The day the patient was last seen, in a signed visit of any course.
    fn last_seen(&self) -> Option<NaiveDate> {
        let signed = |v: &&super::Visit| v.void.is_none() && v.signed.is_some();
        self.visits()
            .iter()
            .filter(signed)
            .map(super::Visit::day)
            .max()
    }

    /// The day last missed since the patient was seen.
    pub fn missed(&self) -> Option<NaiveDate> {
        let seen = self.last_seen();
        let missed = self.followed().iter().filter_map(|(_, said)| match said {
            Followed::Missed(Missed { missed_on }) => Some(*missed_on),
            _ => None,
        });
        missed.filter(|day| Some(*day) > seen).max()
    }

    /// Attempts to reach the patient since she was seen, in the order recorded.
    pub fn attempts(&self) -> impl Iterator<Item = (Stamp, &Attempt)> {
        let seen = self.last_seen();
        let since = move |attempt: &Attempt| Some(attempt.tried_on) >= seen;
        self.followed()
            .iter()
            .filter_map(move |(stamp, said)| match said {
                Followed::Attempt(attempt) if since(attempt) => Some((*stamp, attempt)),
                _ => None,
            })
    }
}
