//! A dose before it is decided: what it would come to.

use crate::domain::course::Treatment;
use crate::domain::dose::{self, WhatIf};
use crate::domain::record::Record;
use crate::domain::schedule::Dosing;
use crate::domain::situation::Settings;
use crate::shown;
use crate::text::{Text, fill};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The settings that hold the marks, in milligrams a kilogram.
const MARKS: [&str; 2] = ["cumulative_from_mg_per_kg", "cumulative_to_mg_per_kg"];

/// A dose from a day on, as it is being typed.
#[derive(Clone, Copy, Debug)]
pub struct Proposed<'a> {
    pub record: &'a Record,
    pub t: &'a Treatment,
    pub settings: &'a Settings,
    pub on: NaiveDate,
    pub dosing: Dosing,
    /// Days of capsules to be handed out beside those at hand.
    pub days: Option<u32>,
    pub next_visit: Option<NaiveDate>,
}

impl Proposed<'_> {
    /// Where it leads, and how long the capsules would last, as far as it can be told.
    pub fn lines(&self, text: &Text) -> Vec<String> {
        let seen = self.seen();
        let lasts = seen.lasts_until.map(|day| self.lasts(day, text));
        let mut lines = self.marks(&seen, text);
        lines.extend(lasts);
        lines
    }

    /// The dose a kilogram, and the days on which the marks would be reached.
    pub fn leads(&self, text: &Text) -> Vec<String> {
        self.marks(&self.seen(), text)
    }

    fn marks(&self, seen: &WhatIf, text: &Text) -> Vec<String> {
        let Some(per_kg) = seen.per_kg else {
            return vec![text.doses_no_per_kg.to_owned()];
        };
        let a_day = fill(text.doses_a_day, &[("n", &shown::number(per_kg))]);
        let mark = |name: &str| self.settings.get(name).map(shown::number);
        let [from, to] = MARKS.map(|name| mark(name).unwrap_or_default());
        let marks = seen.lower.zip(seen.upper).map(|(lower, upper)| {
            let day = |day| shown::full_day(day, text);
            let values = [
                ("from", &*from),
                ("to", &*to),
                ("lower", &*day(lower)),
                ("upper", &*day(upper)),
            ];
            fill(text.doses_leads, &values)
        });
        [a_day].into_iter().chain(marks).collect()
    }

    /// What it would come to, with what was taken of this course so far.
    fn seen(&self) -> WhatIf {
        let so_far = dose::total(&dose::ledger(self.record, &self.t.course, self.on).segments);
        let marks = MARKS.map(|name| self.settings.get(name).unwrap_or_default());
        let kg = self.t.weight.map(|(kg, _)| kg);
        dose::what_if(self.dosing, &so_far, kg, marks, self.at_hand(), self.on)
    }

    /// Milligrams left, with those to be handed out; none where neither is known.
    fn at_hand(&self) -> Option<Decimal> {
        let left = dose::capsules(self.record, &self.t.course, self.on);
        let left = left.map(|c| c.left.max(Decimal::ZERO) * c.strength);
        let more = self.days.map(|days| self.dosing.total(0, u64::from(days)));
        match (left, more) {
            (None, None) => None,
            (left, more) => Some(left.unwrap_or_default() + more.unwrap_or_default()),
        }
    }

    fn lasts(&self, day: NaiveDate, text: &Text) -> String {
        let past = self.next_visit.map(|next| (day - next).num_days() + 1);
        lasts(day, past, text)
    }
}

/// Until when capsules last, and how that stands to the next visit: days left
/// behind it, or missing before it.
pub fn lasts(day: NaiveDate, past_next_visit: Option<i64>, text: &Text) -> String {
    let until = fill(text.doses_until, &[("day", &shown::full_day(day, text))]);
    let Some(past) = past_next_visit else {
        return until;
    };
    let template = match past {
        0 => text.doses_exact,
        1.. => text.doses_over,
        _ => text.doses_short,
    };
    let n = past.unsigned_abs().to_string();
    format!("{until}  {}", fill(template, &[("n", &n)]))
}
