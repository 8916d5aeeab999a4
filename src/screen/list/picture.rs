//! The picture of the first screen: two columns of patients, or what was found.

use super::{Arrived, ListScreen, Rows, row};
use crate::domain::date::{self, Meaning};
use crate::domain::line::Line;
use crate::domain::wanted::{Filter, Wanted};
use crate::keys::{Command, Place};
use crate::screen::Ctx;
use crate::screen::form::field_at;
use crate::screen::frame::{self, hints};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::field::Field;
use chrono::NaiveDate;

/// Draws the first screen.
pub fn draw(screen: &ListScreen, rows: &Rows, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = [head(rows, ctx), String::new()];
    let wide = canvas.width() >= 76 && screen.search.is_empty() && !rows.empty();
    let half = canvas.width() / 2;
    let hints = hint_line(screen, ctx, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &hints, wide.then_some(half));
    match &screen.typing {
        Some(field) => day_line(field, canvas, ctx),
        None => search_line(screen, rows, canvas, ctx),
    }
    arrived(rows, canvas, ctx);
    // The rows say what holds on the day of their lists.
    let ctx = &Ctx {
        today: rows.day(ctx),
        ..*ctx
    };
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    if rows.loaded && rows.patients == 0 && screen.search.is_empty() {
        empty(&mut canvas.part(0, body.top, width, height), ctx);
    } else if !screen.search.is_empty() {
        let found = screen.shown(rows);
        let part = &mut canvas.part(0, body.top, width, height);
        results(screen, &found, rows, part, ctx);
    } else if wide {
        let today = &mut canvas.part(0, body.top, half, height);
        column(rows, screen, false, today, ctx);
        let follow = &mut canvas.part(half + 1, body.top, width - half - 1, height);
        column(rows, screen, true, follow, ctx);
    } else {
        let part = &mut canvas.part(0, body.top, width, height);
        column(rows, screen, screen.follow_up, part, ctx);
    }
    if !rows.loaded {
        canvas.put(3, body.top + 1, text.loading, ctx.theme.dim());
    }
}

impl Rows {
    fn empty(&self) -> bool {
        self.loaded && self.patients == 0
    }

    /// The day these lists are of.
    fn day(&self, ctx: &Ctx<'_>) -> NaiveDate {
        self.of.map_or(ctx.today, |of| of.day)
    }

    /// What the rows are told by, `ctx` being that of their day.
    fn wanted(&self, ctx: &Ctx<'_>) -> Wanted {
        Wanted {
            filter: None,
            ..self.of.unwrap_or_else(|| Wanted::on(ctx.today))
        }
    }

    /// Whether these are all of the real day's lists.
    fn plain(&self, ctx: &Ctx<'_>) -> bool {
        let filter = self.of.and_then(|of| of.filter);
        filter.is_none() && ctx.today == ctx.now.date_naive()
    }
}

fn head(rows: &Rows, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let n = rows.patients.to_string();
    let (day, patients) = (
        shown::full_day(ctx.today, text),
        fill(text.patient_count, &[("n", &n)]),
    );
    format!("{}  {day}  {patients}", text.product)
}

/// What came from laboratories, at the right end of the first line.
fn arrived(rows: &Rows, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (text, came) = (ctx.text, rows.arrived);
    if came == Arrived::default() {
        return;
    }
    let with = |words: &str, n: u64| match n {
        0 => String::new(),
        n => fill(words, &[("n", &n.to_string())]),
    };
    let unseen = fill(text.inbox_count, &[("unseen", &came.unseen.to_string())]);
    let critical = with(text.inbox_count_critical, came.critical);
    let waiting = with(text.inbox_count_tray, came.waiting);
    let clock = ctx
        .clock_behind
        .map_or(0, |_| cells::width(text.clock_mark));
    let end = usize::from(canvas.width()) - clock - if ctx.demo { 7 } else { 1 };
    // What is critical is said however narrow it is.
    let said = [
        format!("{unseen}{critical}{waiting} F5"),
        format!("{unseen}{critical} F5"),
        format!("{critical} F5"),
    ];
    let room = end.saturating_sub(cells::width(&head(rows, ctx)) + 3);
    let fits = said.iter().find(|words| cells::width(words) <= room);
    let words = fits.unwrap_or(&said[2]);
    let style = match came.critical {
        0 => ctx.theme.bold(),
        _ => ctx.theme.error(),
    };
    let end = u16::try_from(end).unwrap_or(u16::MAX);
    canvas.put_right(end, 0, words, style);
}

/// What the rows are, where they are not today's or not all of them.
fn notice(rows: &Rows, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let Some(of) = rows.of else {
        return String::new();
    };
    let day = (of.day != ctx.today).then(|| {
        let n = (of.day - ctx.today).num_days();
        let far = match n < 0 {
            true => fill(text.days_ago, &[("n", &(-n).to_string())]),
            false => fill(text.due_in, &[("n", &n.to_string())]),
        };
        let day = shown::day(of.day, text);
        fill(text.list_of_day, &[("day", &day), ("far", &far)])
    });
    let only = of.filter.map(|filter| {
        let plus = if rows.more_hidden { "+" } else { "" };
        let hidden = format!("{}{plus}", rows.hidden);
        let name = filter_name(filter, text);
        fill(text.list_only, &[("filter", name), ("n", &hidden)])
    });
    let parts: Vec<String> = day.into_iter().chain(only).collect();
    parts.join("  ")
}

/// What the lists are narrowed to.
fn filter_name(filter: Filter, text: &Text) -> &'static str {
    match filter {
        Filter::Blood => text.filter_blood,
        Filter::Test => text.filter_test,
        Filter::Window => text.filter_window,
        Filter::Draft => text.filter_draft,
        Filter::Unseen => text.filter_unseen,
    }
}

/// The day that is being typed, and how it is read.
fn day_line(field: &Field, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let x = canvas.put(1, 1, ctx.text.list_which_day, ctx.theme.bold()) + 1;
    let x = field_at(canvas, x, 1, 14, field, true) + 1;
    if let Ok(day) = date::parse(field.text(), ctx.today, Meaning::Any) {
        canvas.put(
            x,
            1,
            &shown::echo(day, ctx.today, ctx.text),
            ctx.theme.dim(),
        );
    }
}

fn search_line(screen: &ListScreen, rows: &Rows, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (theme, text) = (ctx.theme, ctx.text);
    let x = canvas.put(1, 1, text.search, theme.bold()) + 1;
    let notice = notice(rows, ctx);
    let taken = cells::width(&notice) + usize::from(x) + 3;
    let room = usize::from(canvas.width()).saturating_sub(taken);
    let (shown, caret) = screen.search.view(room);
    if !screen.search.is_empty() {
        canvas.put(x, 1, &shown, theme.bold());
    } else if cells::width(text.search_hint) < room {
        canvas.put(x + 1, 1, text.search_hint, theme.dim());
    }
    canvas.caret(x + caret, 1);
    canvas.put_right(canvas.width() - 1, 1, &notice, theme.bold());
}

fn empty(canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    for (y, line) in [text.empty_clinic, text.empty_register, text.empty_demo]
        .iter()
        .enumerate()
    {
        canvas.put(
            3,
            1 + 2 * y as u16,
            line,
            if y == 1 {
                ctx.theme.bold()
            } else {
                ctx.theme.plain()
            },
        );
    }
}

fn results(
    screen: &ListScreen,
    found: &[&Line],
    rows: &Rows,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let text = ctx.text;
    let wanted = rows.wanted(ctx);
    let title = match (&screen.found, found.len()) {
        (None, 0) => text.searching.to_owned(),
        (_, 0) => text.nobody_found.to_owned(),
        (_, n) => fill(text.found_count, &[("n", &n.to_string())]),
    };
    canvas.put(1, 0, &title, ctx.theme.bold());
    let height = usize::from(canvas.height().saturating_sub(1));
    let first = window(screen.at, height, found.len());
    for (i, line) in found.iter().enumerate().skip(first).take(height) {
        let y = 1 + (i - first) as u16;
        let width = canvas.width();
        let part = &mut canvas.part(0, y, width, 1);
        row::row(part, line, &wanted, i == screen.at, ctx);
    }
}

fn column(
    rows: &Rows,
    screen: &ListScreen,
    follow_up: bool,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let text = ctx.text;
    let (lines, more, title) = if follow_up {
        (&rows.follow_up, rows.more[1], text.follow_up)
    } else {
        (&rows.today, rows.more[0], text.today)
    };
    let other = shown::day(ctx.today, text);
    let title = match ctx.today == ctx.now.date_naive() {
        false if !follow_up => &other,
        _ => title,
    };
    let active = screen.follow_up == follow_up;
    let count = format!("{}{}", lines.len(), if more { "+" } else { "" });
    let style = if active {
        ctx.theme.bold()
    } else {
        ctx.theme.dim()
    };
    canvas.put(1, 0, &format!("{title} {count}"), style);
    if lines.is_empty() && rows.loaded {
        let none = match (rows.plain(ctx), follow_up) {
            (false, _) => text.list_nobody,
            (true, true) => text.nobody_to_follow,
            (true, false) => text.nobody_today,
        };
        canvas.put(3, 1, none, ctx.theme.dim());
    }
    let wanted = rows.wanted(ctx);
    let height = usize::from(canvas.height().saturating_sub(1));
    let at = if active { screen.at } else { 0 };
    let first = window(at, height, lines.len());
    for (i, line) in lines.iter().enumerate().skip(first).take(height) {
        let y = 1 + (i - first) as u16;
        let width = canvas.width();
        let part = &mut canvas.part(0, y, width, 1);
        row::row(part, line, &wanted, active && i == screen.at, ctx);
    }
}

fn hint_line(screen: &ListScreen, ctx: &Ctx<'_>, width: u16) -> String {
    let text = ctx.text;
    let commands: &[Command] = match screen.place() {
        Place::Field => &[Command::Enter, Command::Back],
        _ => &[
            Command::Enter,
            Command::SwitchList,
            Command::Filter,
            Command::Register,
            Command::Back,
            Command::HandOver,
            Command::Quit,
        ],
    };
    let hint = |command: &Command| frame::hint(screen.place(), *command, text);
    let pairs: Vec<_> = commands.iter().map(hint).collect();
    hints(&pairs, text, screen.place(), width)
}
