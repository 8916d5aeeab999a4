//! How the day in a new answer is read, beside the field while it is typed.

use super::{SignedScreen, Step, Word, lines, word};
use crate::domain::answer::Answer;
use crate::domain::change::Change;
use crate::screen::Ctx;
use crate::shown;
use chrono::NaiveDate;

/// The days that would be kept, with weekday, era and distance; nothing while
/// what is typed is no answer yet, or holds no day.
pub(super) fn echo(screen: &SignedScreen, ctx: &Ctx<'_>) -> String {
    let Step::Answer(field) = &screen.step else {
        return String::new();
    };
    let read = screen.on(ctx).and_then(|(desk, visit)| {
        let line = lines(visit).get(screen.at).copied()?;
        word(line, visit, desk, ctx, field.text(), false)?.ok()
    });
    let days = match &read {
        Some(Word::Amend(_, answer)) => of_answer(answer),
        Some(Word::Restate(_, _, change)) => of_change(change),
        _ => Vec::new(),
    };
    let told = days
        .iter()
        .map(|day| shown::echo(*day, ctx.today, ctx.text));
    told.collect::<Vec<_>>().join("  ")
}

fn of_answer(answer: &Answer) -> Vec<NaiveDate> {
    let [first, second] = match answer {
        Answer::Day(day) => [Some(*day), None],
        Answer::Weight { measured_on, .. } => [Some(*measured_on), None],
        Answer::Test(test) => [test.done_on, None],
        Answer::Intake { stopped_on, .. } => [*stopped_on, None],
        Answer::LastDose { taken_on, .. } => [Some(*taken_on), None],
        Answer::Consent { signed_on, .. } => [*signed_on, None],
        Answer::Plan(plan) => [plan.next_visit, plan.next_blood],
        _ => [None, None],
    };
    first.into_iter().chain(second).collect()
}

fn of_change(change: &Change) -> Vec<NaiveDate> {
    match change {
        Change::Specimen(drawn) => vec![drawn.specimen.drawn_on],
        _ => Vec::new(),
    }
}
