//! What is still open when a day closes.

use super::answer::words;
use super::line::{Line, When};
use super::wanted::Wanted;
use chrono::{Days, NaiveDate};

words! {
    /// Why a patient stands in the close of a day, in the order it is read.
    Open {
        /// A visit of the day that is not signed.
        Unsigned = "unsigned",
        /// A visit of another day that is not signed.
        Draft = "draft",
        /// Results nobody has looked at.
        Unseen = "unseen",
        /// Blood was drawn and nothing has come of it.
        Awaiting = "awaiting",
        /// A visit was planned for the day and nobody came, or one was missed
        /// these days, or nobody has tried to reach the patient since.
        Missed = "missed",
        /// Left out of the lists.
        Snoozed = "snoozed",
    }
}

/// How many days a missed appointment stands in the close, whatever was tried.
const RECENT: u64 = 6;

/// The first day of those on which a missed appointment stands there anyhow.
pub fn recent(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(RECENT)).unwrap_or(day)
}

impl Open {
    /// Whether a patient's row belongs here on a day.
    pub fn holds(self, line: &Line, day: NaiveDate) -> bool {
        let snoozed = Wanted::on(day).snoozed(line);
        match self {
            Self::Unsigned => line.draft == Some(day),
            Self::Draft => line.draft.is_some_and(|draft| draft != day),
            Self::Unseen => line.unseen > 0,
            Self::Awaiting => line.awaiting.is_some_and(|drawn| drawn <= day),
            Self::Missed => !snoozed && line.draft.is_none() && missed(line, day),
            Self::Snoozed => snoozed,
        }
    }

    /// What a row is ordered by within its part, before the patient's id.
    pub fn order(self, line: &Line) -> (i64, Option<NaiveDate>) {
        match self {
            Self::Unsigned | Self::Draft => (0, line.draft),
            Self::Unseen => (-i64::from(line.critical), None),
            Self::Awaiting => (0, line.awaiting),
            Self::Missed => (0, line.missed_on),
            Self::Snoozed => (0, line.back_on),
        }
    }
}

fn missed(line: &Line, day: NaiveDate) -> bool {
    let planned = Wanted::on(day).visit(line) == When::On(day);
    let recorded = line.missed_on.filter(|missed| *missed <= day);
    let tried = |missed: NaiveDate| line.tried_on.is_some_and(|tried| tried >= missed);
    planned || recorded.is_some_and(|missed| missed >= recent(day) || !tried(missed))
}
