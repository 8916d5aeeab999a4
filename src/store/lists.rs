//! Who stands in which list, and in which order.
//!
//! Both stores bring the lines that may belong; only this says where to.

use super::{Closing, LIST_LIMIT, Lists};
use crate::domain::answer::Phase;
use crate::domain::closing::Open;
use crate::domain::id::PatientId;
use crate::domain::line::{Line, When};
use crate::domain::wanted::Wanted;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The place of a line: which list, which part of it, and by which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Draft(NaiveDate),
    Due(NaiveDate),
    /// A positive test without an outcome: it never leaves the list by itself.
    Outcome(NaiveDate),
    CannotTell,
    Overdue(NaiveDate),
    Window(NaiveDate),
}

impl Place {
    fn today(self) -> bool {
        matches!(self, Self::Draft(_) | Self::Due(_))
    }
}

/// The lists as asked for, from the lines that `bring` says may belong to them.
pub(super) fn narrowed<E>(
    wanted: &Wanted,
    bring: impl Fn(&Wanted) -> Result<Vec<Line>, E>,
) -> Result<Lists, E> {
    let lets = |mut lines: Vec<Line>| {
        lines.retain(|line| wanted.lets(line));
        lines
    };
    let mut lists = arrange(lets(bring(wanted)?), wanted);
    if wanted.filter.is_some() {
        let all = Wanted {
            filter: None,
            ..*wanted
        };
        let all = arrange(bring(&all)?, wanted);
        let count = |lists: &Lists| lists.today.len() + lists.follow_up.len();
        lists.hidden = count(&all).saturating_sub(count(&lists));
        lists.more_hidden = all.more_today || all.more_follow_up;
    }
    Ok(lists)
}

/// The close of a day, from the lines that `bring` says may belong to a part.
pub(super) fn closing<E>(
    day: NaiveDate,
    bring: impl Fn(Open) -> Result<Vec<Line>, E>,
) -> Result<Closing, E> {
    let mut closing = Closing::default();
    for open in Open::ALL.iter().copied() {
        let mut lines = bring(open)?;
        lines.retain(|line| open.holds(line, day));
        lines.sort_by_key(|line| (open.order(line), line.patient));
        closing.more |= lines.len() > LIST_LIMIT;
        lines.truncate(LIST_LIMIT);
        closing
            .rows
            .extend(lines.into_iter().map(|line| (open, line)));
    }
    Ok(closing)
}

/// Puts the lines in their places; a line given twice stands once.
fn arrange(lines: Vec<Line>, wanted: &Wanted) -> Lists {
    let mut seen = BTreeSet::new();
    let mut placed: Vec<(Place, Line)> = lines
        .into_iter()
        .filter(|line| seen.insert(line.patient))
        .filter_map(|line| place(&line, wanted).map(|place| (place, line)))
        .collect();
    placed.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.patient.cmp(&y.patient)));
    let (today, follow_up): (Vec<_>, Vec<_>) =
        placed.into_iter().partition(|(place, _)| place.today());
    let (today, more_today) = cut(today);
    let (follow_up, more_follow_up) = cut(follow_up);
    Lists {
        today,
        follow_up,
        more_today,
        more_follow_up,
        ..Lists::default()
    }
}

fn cut(mut placed: Vec<(Place, Line)>) -> (Vec<Line>, bool) {
    let more = placed.len() > LIST_LIMIT;
    placed.truncate(LIST_LIMIT);
    (placed.into_iter().map(|(_, line)| line).collect(), more)
}

fn place(line: &Line, wanted: &Wanted) -> Option<Place> {
    if let Some(draft) = line.draft {
        return Some(Place::Draft(draft));
    }
    if let Some(positive) = line.outcome_due.day() {
        return Some(Place::Outcome(positive));
    }
    let (first, last) = wanted.around();
    let (visit, dues) = dues(line, wanted);
    let dues = || dues.iter().copied();
    // Blood or a test alone brings nobody in today who has long stopped coming.
    let comes = visit.day().is_none_or(|visit| visit >= first);
    if let Some(due) = dues()
        .filter(|due| comes && (first..=last).contains(due))
        .min()
    {
        return Some(Place::Due(due));
    }
    if running(line) && visit == When::CannotTell {
        return Some(Place::CannotTell);
    }
    if let Some(due) = dues().filter(|due| *due < first).min() {
        return Some(Place::Overdue(due));
    }
    line.watch_until
        .filter(|until| *until >= wanted.day && !wanted.snoozed(line))
        .map(Place::Window)
}

/// The visit as long as somebody is awaited, and every day that places a patient:
/// of visit, blood and tests. Before the start a test is for the visit alone. Of
/// somebody who is left out only the tests.
fn dues(line: &Line, wanted: &Wanted) -> (When, Vec<NaiveDate>) {
    let visit = wanted.visit(line);
    let test = match line.phase {
        Some(Phase::Before) => When::NotNeeded,
        _ => line.test_due,
    };
    let (visit, blood) = match wanted.snoozed(line) {
        true => (When::NotNeeded, When::NotNeeded),
        false => (visit, line.blood_due),
    };
    let all = [visit, blood, test, line.end_test_due];
    (visit, all.into_iter().filter_map(When::day).collect())
}

/// Begun and not ended: somebody should know when the patient comes next.
fn running(line: &Line) -> bool {
    matches!(line.phase, Some(Phase::Before | Phase::On | Phase::Paused))
}

/// Patients found, each once, until there are enough.
pub(super) struct Found {
    pub(super) patients: Vec<PatientId>,
    limit: usize,
}

impl Found {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            patients: Vec::new(),
            limit,
        }
    }

    pub(super) fn enough(&self) -> bool {
        self.patients.len() >= self.limit
    }

    pub(super) fn push(&mut self, patient: PatientId) {
        if !self.enough() && !self.patients.contains(&patient) {
            self.patients.push(patient);
        }
    }
}
