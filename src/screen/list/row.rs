//! A patient's row: who it is, and why she stands there.

use crate::domain::answer::Phase;
use crate::domain::date;
use crate::domain::line::{Line, When};
use crate::screen::Ctx;
use crate::screen::frame;
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use chrono::NaiveDate;

/// One patient: number, name, sex and age, what is due; more where there is room.
pub(super) fn row(canvas: &mut Canvas<'_>, line: &Line, focused: bool, ctx: &Ctx<'_>) {
    let (theme, text) = (ctx.theme, ctx.text);
    let width = canvas.width();
    let style = if focused { theme.bold() } else { theme.plain() };
    canvas.put(0, 0, if focused { ">" } else { " " }, style);
    canvas.put_within(2, 0, 6, &line.chart_number, style);
    let name = if width >= 56 { 16 } else { 12 };
    canvas.put_within(8, 0, name, &line.name, style);
    let age = date::age(line.birth_date, ctx.today);
    let who = format!("{}{age}", shown::sex(line.sex, text));
    canvas.put_within(9 + name, 0, 4, &who, style);
    let mut x = 14 + name;
    if width >= 56 {
        x = course_columns(canvas, line, x, ctx);
    }
    if width >= 100 {
        canvas.put_within(x, 0, 16, &cells::display(&line.kana), theme.dim());
        canvas.put_within(x + 17, 0, 10, &date::iso(line.birth_date), theme.dim());
        x += 28;
    }
    let room = width.saturating_sub(x);
    canvas.put_within(x, 0, room, &why(line, usize::from(room), ctx), style);
    if focused {
        canvas.focus(0);
    }
}

/// Phase and dose; the column after them.
fn course_columns(canvas: &mut Canvas<'_>, line: &Line, x: u16, ctx: &Ctx<'_>) -> u16 {
    let (theme, text) = (ctx.theme, ctx.text);
    let phase = phase_on(line, ctx.today).map_or(text.no_course_short, |p| frame::phase(p, text));
    canvas.put_within(x, 0, 8, phase, theme.plain());
    let mg = line
        .mg_per_day
        .map_or(String::new(), |mg| format!("{}mg", shown::number(mg)));
    canvas.put_within(x + 9, 0, 5, &mg, theme.plain());
    x + 15
}

/// The phase a row shows today: a first capsule planned for a day that has come
/// needs no save to count.
pub fn phase_on(line: &Line, today: NaiveDate) -> Option<Phase> {
    match line.phase {
        Some(Phase::Before) if line.first_dose_on.is_some_and(|d| d <= today) => Some(Phase::On),
        phase => phase,
    }
}

/// Why a patient stands in the list: the visit, then what else is due by today.
fn why(line: &Line, room: usize, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    if line.draft.is_some() {
        return text.row_draft.to_owned();
    }
    let Some(phase) = phase_on(line, ctx.today) else {
        return String::new();
    };
    let mut parts = vec![match line.visit_due {
        When::On(day) => row_day(day, ctx),
        When::CannotTell => text.row_unknown.to_owned(),
        When::NotNeeded => String::new(),
    }];
    parts.retain(|part| !part.is_empty());
    if line.outcome_due.day().is_some() {
        parts.insert(0, text.row_outcome.to_owned());
    }
    let due = |when: When| when.day().is_some_and(|d| d <= ctx.today);
    for (day, word) in [
        (line.blood_due, text.row_blood),
        (line.test_due, text.row_test),
        (line.end_test_due, text.row_test),
    ] {
        if due(day) && !parts.iter().any(|part| part == word) {
            parts.push(word.to_owned());
        }
    }
    let running = |day: &NaiveDate| *day >= ctx.today;
    let contraception = line.window_until.filter(running);
    let watched = line.watch_until.filter(running);
    let window = contraception.map(|day| (day, text.row_window));
    let window = window.or(watched.map(|day| (day, text.row_watch)));
    if let (Phase::After, Some((until, template))) = (phase, window) {
        let left = (until - ctx.today).num_days().max(0).to_string();
        let words = fill(template, &[("n", &left)]);
        // The window is on every screen of the patient; here it gives way to what is due.
        if cells::width(&parts.join(" ")) + 1 + cells::width(&words) <= room {
            parts.push(words);
        }
    }
    parts.join(" ")
}

/// A day against today in a few cells.
fn row_day(day: NaiveDate, ctx: &Ctx<'_>) -> String {
    match (ctx.today - day).num_days() {
        0 if ctx.today == ctx.now.date_naive() => ctx.text.row_today.to_owned(),
        over if over > 0 => fill(ctx.text.row_over, &[("n", &over.to_string())]),
        _ => date::short(day),
    }
}
