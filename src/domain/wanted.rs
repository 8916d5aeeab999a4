//! What the lists are asked for: a day, and what they are narrowed to.

use super::answer::{Phase, words};
use super::due::Need;
use super::line::{Line, When};
use chrono::{Days, NaiveDate};

/// How many days around the day still count as due on it.
const AROUND: u64 = 3;

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
    /// The last day before the visit after this one: what is due by then is asked
    /// of whoever comes on `day`.
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

    /// The first and the last day that count as due on the day.
    pub fn around(&self) -> (NaiveDate, NaiveDate) {
        let first = self.day.checked_sub_days(Days::new(AROUND));
        let last = self.day.checked_add_days(Days::new(AROUND));
        (first.unwrap_or(self.day), last.unwrap_or(self.day))
    }

    /// Whether a patient is left out of the lists on the day; what a pregnancy
    /// hangs on, and a draft, stand there all the same.
    pub fn snoozed(&self, line: &Line) -> bool {
        line.back_on.is_some_and(|back| self.day < back)
    }

    /// The visit that is awaited; none once nobody needs to come any more.
    pub fn visit(&self, line: &Line) -> When {
        match line.visit_until.is_some_and(|until| self.day >= until) {
            true => When::NotNeeded,
            false => line.visit_due,
        }
    }

    /// Whether something is asked of a patient on the day: of somebody who comes
    /// by then, or may come, what falls due before the next visit; else only what
    /// is due by the day itself. What cannot be told is asked.
    pub fn asks(&self, line: &Line, need: Need) -> bool {
        let (when, until) = line.when(need);
        if until.is_some_and(|until| self.day >= until) {
            return false;
        }
        match when {
            When::NotNeeded => false,
            When::CannotTell => true,
            When::On(day) => day <= self.limit(line),
        }
    }

    fn limit(&self, line: &Line) -> NaiveDate {
        let comes = match self.visit(line) {
            When::NotNeeded => false,
            When::CannotTell => true,
            When::On(day) => day <= self.around().1,
        };
        if comes { self.by } else { self.day }
    }

    /// Whether the filter lets a patient's row through.
    pub fn lets(&self, line: &Line) -> bool {
        match self.filter {
            None => true,
            Some(Filter::Blood) => self.asks(line, Need::Blood),
            Some(Filter::Test) => self.asks(line, Need::Test) || self.asks(line, Need::EndTest),
            Some(Filter::Window) => {
                let after = line.phase == Some(Phase::After);
                after && line.watch_until.is_some_and(|until| until >= self.day)
            }
            Some(Filter::Draft) => line.draft.is_some(),
            Some(Filter::Unseen) => line.unseen > 0,
        }
    }
}

impl Filter {
    /// The next one, and after the last none.
    pub fn after(filter: Option<Self>) -> Option<Self> {
        let at = filter.and_then(|now| Self::ALL.iter().position(|f| *f == now));
        Self::ALL.get(at.map_or(0, |at| at + 1)).copied()
    }
}
