//! What the lists are asked for: a day, and what they are narrowed to.

use super::answer::{Phase, words};
use super::line::{Line, When};
use chrono::NaiveDate;

words! {
    /// What the lists may be narrowed to.
    Filter {
        Blood = "blood",
        /// A pregnancy test: before, monthly, and the one that closes the window.
        Test = "test",
        /// Something is still watched after the last dose.
        Window = "window",
        /// A visit that was begun and is not signed.
        Draft = "draft",
        /// Results that nobody has looked at.
        Unseen = "unseen",
    }
}

/// The lists of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub day: NaiveDate,
    /// The last day before the visit after this one: what is due by then is for
    /// whoever comes on `day`.
    pub by: NaiveDate,
    pub filter: Option<Filter>,
}

impl Wanted {
    /// Everybody, and only what is due by the day itself.
    pub fn on(day: NaiveDate) -> Self {
        Self {
            day,
            by: day,
            filter: None,
        }
    }

    /// Whether the filter lets a patient's row through.
    pub fn lets(&self, line: &Line) -> bool {
        self.filter.is_none_or(|filter| filter.holds(line, self))
    }
}

impl Filter {
    /// The next one, and after the last none.
    pub fn after(filter: Option<Self>) -> Option<Self> {
        let at = filter.and_then(|now| Self::ALL.iter().position(|f| *f == now));
        Self::ALL.get(at.map_or(0, |at| at + 1)).copied()
    }

    /// Whether a row is about this. What cannot be told is not left out.
    fn holds(self, line: &Line, wanted: &Wanted) -> bool {
        let due = |when: When| match when {
            When::NotNeeded => false,
            When::CannotTell => true,
            When::On(day) => day <= wanted.by,
        };
        match self {
            Self::Blood => due(line.blood_due),
            Self::Test => due(line.test_due) || due(line.end_test_due),
            Self::Window => {
                let after = line.phase == Some(Phase::After);
                after && line.watch_until.is_some_and(|until| until >= wanted.day)
            }
            Self::Draft => line.draft.is_some(),
            Self::Unseen => line.unseen > 0,
        }
    }
}
