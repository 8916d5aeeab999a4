//! Pages over the chart: the gate ledger, and what must pass after the last
//! capsule with the procedures that wait.

use super::super::{Ctx, Desk, Go, Outcome};
use crate::domain::answer::Phase;
use crate::domain::course::Treatment;
use crate::domain::due::{self, DueLine, Need, State};
use crate::domain::lang::Lang;
use crate::ledger::{self, Ledger};
use crate::shown;
use crate::text::Text;
use chrono::NaiveDate;

/// The gate ledger of the patient on the desk.
pub(super) fn gates(desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    let of = told_from(desk, ctx);
    let page = |lang| ledger::gates(&of, &Text::of(lang));
    shown_page(ctx.text.gates_title, page)
}

/// The dose ledger of the patient on the desk.
pub(super) fn doses(desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    if desk.record.course().is_none() {
        return Outcome::say(ctx.text.no_course);
    }
    let of = told_from(desk, ctx);
    let page = |lang| ledger::doses(&of, &Text::of(lang));
    shown_page(ctx.text.doses_title, page)
}

fn told_from<'a>(desk: &'a Desk, ctx: &'a Ctx<'_>) -> Ledger<'a> {
    Ledger {
        record: &desk.record,
        protocol: &desk.protocol,
        settings: &desk.settings,
        on: ctx.today,
        people: ctx.people,
    }
}

fn shown_page(title: &str, page: impl Fn(Lang) -> String) -> Outcome {
    Outcome::go(Go::Page {
        title: title.to_owned(),
        ja: page(Lang::Ja),
        en: page(Lang::En),
    })
}

/// A page with what must pass and which procedures wait.
pub(super) fn clock(desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    if desk.record.course().is_none() {
        return Outcome::say(ctx.text.no_course);
    }
    let page = |lang| {
        let words = Text::of(lang);
        let (protocol, record) = (&desk.protocol, &desk.record);
        let mut lines = tests_after(desk, ctx.today, &words);
        let clock = shown::clock_lines(protocol, record, &desk.settings, ctx.today, &words);
        lines.extend(clock);
        lines.join("\n")
    };
    shown_page(ctx.text.clock_title, page)
}

/// The tests and the blood that are still asked for after the last capsule.
fn tests_after(desk: &Desk, today: NaiveDate, words: &Text) -> Vec<String> {
    let after = Treatment::on(&desk.record, today).is_some_and(|t| t.phase == Phase::After);
    let all = due::due(&desk.settings, &desk.record, today);
    let asked = all.into_iter().filter(|line| {
        let watched = matches!(line.need, Need::Test | Need::EndTest | Need::Blood);
        after && watched && line.state > State::NotNeeded
    });
    let line = |line: DueLine| {
        let name = shown::due_name(line.need, words);
        format!("{name}: {}", shown::due_line(&line, today, words))
    };
    asked.map(line).collect()
}
