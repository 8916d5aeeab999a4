//! After a positive test: a path of its own, open until an outcome is recorded.

use super::{Due, Why, line, plus};
use crate::domain::answer::{Answer, TestResult};
use crate::domain::record::{Record, Visit};
use chrono::NaiveDate;

/// The lowest code of the outcome line that ends the path: the ones before say
/// that the pregnancy is followed.
const ENDS: u8 = 2;

/// A positive test that no outcome was recorded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    pub positive_on: NaiveDate,
    /// Whether the referral was recorded.
    pub referred: bool,
}

/// The open path, where there is one; begun by the first positive test behind
/// the last outcome.
pub fn path(record: &Record) -> Option<Path> {
    let closed = outcomes(record)
        .filter(|(_, code)| *code >= ENDS)
        .map(|(order, _)| order)
        .max();
    let (order, positive_on) = record.facts().find_map(|said| match said.answer {
        Answer::Test(test)
            if test.result == TestResult::Positive && Some(said.stamp.order) > closed =>
        {
            let day = test.done_on.unwrap_or(said.stamp.at.date_naive());
            Some((said.stamp.order, day))
        }
        _ => None,
    })?;
    let referred = outcomes(record).any(|(later, _)| later > order);
    Some(Path {
        positive_on,
        referred,
    })
}

/// What was answered to the outcome line, each with its place among the entries.
fn outcomes(record: &Record) -> impl Iterator<Item = (usize, u8)> + '_ {
    let visits = record.visits().iter().filter(|v| v.void.is_none());
    visits.filter_map(|visit| Some((said_at(visit)?, visit.answer(line::OUTCOME)?.code()?)))
}

fn said_at(visit: &Visit) -> Option<usize> {
    let amended = visit.amendments.iter().filter(|a| {
        let item = a.amendment.item.as_ref();
        a.answer.is_some() && item.is_some_and(|item| item.as_str() == line::OUTCOME)
    });
    let given = visit
        .responses
        .get(line::OUTCOME)
        .map(|said| said.stamp.order);
    amended.map(|a| a.stamp.order).max().or(given)
}

/// An outcome, from the day of the positive test on, in every phase.
pub fn outcome(record: &Record) -> Due {
    path(record).map_or(Due::NotNeeded, |path| {
        plus(path.positive_on, 0, Why::Positive)
    })
}
