//! A patient's row: who it is, and why she stands there.

use crate::domain::answer::Phase;
use crate::domain::date;
use crate::domain::due::Need;
use crate::domain::line::{Line, When};
use crate::domain::wanted::Wanted;
use crate::screen::Ctx;
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use chrono::NaiveDate;

/// One patient: number, name, sex and age, what is due; more where there is room.
pub(super) fn row(
    canvas: &mut Canvas<'_>,
    line: &Line,
    wanted: &Wanted,
    focused: bool,
    ctx: &Ctx<'_>,
) {
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
        x = course_column(canvas, line, x, ctx);
    }
    if width >= 100 {
        canvas.put_within(x, 0, 16, &cells::display(&line.kana), theme.dim());
        canvas.put_within(x + 17, 0, 10, &date::iso(line.birth_date), theme.dim());
        x += 28;
    }
    let room = width.saturating_sub(x);
    canvas.put_within(
        x,
        0,
        room,
        &why(line, wanted, usize::from(room), ctx),
        style,
    );
    if focused {
        canvas.focus(0);
    }
}

/// The dose of whoever takes it, else the phase; the column after it.
fn course_column(canvas: &mut Canvas<'_>, line: &Line, x: u16, ctx: &Ctx<'_>) -> u16 {
    let phase = phase_on(line, ctx.today);
    let mg = line.mg_per_day.filter(|_| phase == Some(Phase::On));
    let words = match (mg, phase) {
        (Some(mg), _) => format!("{}mg", shown::number(mg)),
        (None, Some(phase)) => short(phase, ctx.text).to_owned(),
        (None, None) => ctx.text.no_course_short.to_owned(),
    };
    canvas.put_within(x, 0, 8, &words, ctx.theme.plain());
    x + 9
}

fn short(phase: Phase, text: &Text) -> &'static str {
    match phase {
        Phase::Before => text.row_before,
        Phase::On => text.row_on,
        Phase::Paused => text.row_paused,
        Phase::After => text.row_after,
    }
}

/// The phase a row shows today: a first capsule planned for a day that has come
/// needs no save to count.
pub fn phase_on(line: &Line, today: NaiveDate) -> Option<Phase> {
    match line.phase {
        Some(Phase::Before) if line.first_dose_on.is_some_and(|d| d <= today) => Some(Phase::On),
        phase => phase,
    }
}

/// Why a patient stands in the list: a positive test without outcome and how long
/// ago it was, the visit, then what else is asked that day; in letters where the
/// words do not fit, so that none is cut off.
fn why(line: &Line, wanted: &Wanted, room: usize, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    if line.draft.is_some() {
        return text.row_draft.to_owned();
    }
    let Some(phase) = phase_on(line, ctx.today) else {
        return String::new();
    };
    let visit = match line.visit_due {
        When::On(day) => row_day(day, ctx),
        When::CannotTell => text.row_unknown.to_owned(),
        When::NotNeeded => String::new(),
    };
    let positive = line.outcome_due.day().map(|on| positive(on, ctx));
    let outcome = positive.as_ref().map(|[long, _]| long.clone());
    let stands = joined(outcome.into_iter().chain([visit]), " ");
    let asked = asked(line, wanted, ctx);
    let (words, letters): (Vec<_>, Vec<_>) = asked.iter().copied().unzip();
    let said = |parts: &[&str], between| {
        let parts = joined(parts.iter().map(|part| (*part).to_owned()), between);
        joined([stands.clone(), parts].into_iter(), " ")
    };
    let full = said(&words, " ");
    if cells::width(&full) > room {
        let Some(positive) = positive else {
            return said(&letters, "");
        };
        // Beside a positive test the day of a visit says little.
        let with = |said: &str| joined([said.to_owned(), letters.concat()].into_iter(), " ");
        let [long, short] = positive;
        let whole = [with(&long), with(&short)];
        let fits = whole.into_iter().find(|said| cells::width(said) <= room);
        return fits.unwrap_or(short);
    }
    // These are on every screen of the patient; here they give way to what is due.
    let window = (phase == Phase::After).then(|| window(line, ctx)).flatten();
    let more = window.into_iter().chain(followed(line, ctx));
    more.fold(full, |said, more| {
        let whole = format!("{said} {more}").trim_start().to_owned();
        match cells::width(&whole) <= room {
            true => whole,
            false => said,
        }
    })
}

/// A positive test without outcome, with its age: in full, and where room is short.
fn positive(on: NaiveDate, ctx: &Ctx<'_>) -> [String; 2] {
    let age = (ctx.today - on).num_days().max(0).to_string();
    [ctx.text.row_outcome, ctx.text.row_outcome_short].map(|words| fill(words, &[("n", &age)]))
}

/// That she was missed since she was last seen, and how often looked for.
fn followed(line: &Line, ctx: &Ctx<'_>) -> impl Iterator<Item = String> {
    let text = ctx.text;
    let missed = line.missed_on.map(|on| {
        let day = date::short_in(on, text.lang);
        fill(text.row_missed, &[("day", &day)])
    });
    let tried = (line.attempts > 0).then(|| {
        let n = line.attempts.to_string();
        fill(text.row_tried, &[("n", &n)])
    });
    missed.into_iter().chain(tried)
}

/// What is asked of the patient that day, as a word and as a letter.
fn asked(line: &Line, wanted: &Wanted, ctx: &Ctx<'_>) -> Vec<(&'static str, &'static str)> {
    let text = ctx.text;
    let test = wanted.asks(line, Need::Test) || wanted.asks(line, Need::EndTest);
    let all = [
        (
            wanted.asks(line, Need::Blood),
            (text.row_blood, text.row_blood_letter),
        ),
        (test, (text.row_test, text.row_test_letter)),
    ];
    let asked = all.into_iter().filter(|(asked, _)| *asked);
    asked.map(|(_, words)| words).collect()
}

/// The days left of the contraception, else of what lasts longest.
fn window(line: &Line, ctx: &Ctx<'_>) -> Option<String> {
    let running = |day: &NaiveDate| *day >= ctx.today;
    let contraception = line.window_until.filter(running);
    let watched = line.watch_until.filter(running);
    let window = contraception.map(|day| (day, ctx.text.row_window));
    let (until, words) = window.or(watched.map(|day| (day, ctx.text.row_watch)))?;
    let left = (until - ctx.today).num_days().to_string();
    Some(fill(words, &[("n", &left)]))
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

/// A day against today in a few cells.
fn row_day(day: NaiveDate, ctx: &Ctx<'_>) -> String {
    match (ctx.today - day).num_days() {
        0 if ctx.today == ctx.now.date_naive() => ctx.text.row_today.to_owned(),
        over if over > 0 => fill(ctx.text.row_over, &[("n", &over.to_string())]),
        _ => date::short_in(day, ctx.lang()),
    }
}
