//! The close of a day: what of it is still open, by its reason.
//!
//! ```text
//!  未署名の受診 1
//! > 10512 山口 美咲 女22
//!  来院なし 2
//!   10476 佐々木 翔太 男22  来院せず 11/23(月)  連絡1回 11/24(火)
//! ```

use super::frame;
use super::{Ctx, Go, Outcome, Saving};
use crate::domain::closing::Open;
use crate::domain::date;
use crate::domain::line::Line;
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::{Canvas, window};
use chrono::NaiveDate;

/// What the store found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub rows: Vec<(Open, Line)>,
    /// Whether a part has more rows than are shown.
    pub more: bool,
    /// Draws that are nobody's yet.
    pub waiting: u64,
}

/// State of the screen.
#[derive(Clone, Debug)]
pub struct CloseScreen {
    day: NaiveDate,
    found: Option<Found>,
    at: usize,
}

impl CloseScreen {
    /// The close of a day, before the store has answered.
    pub fn new(day: NaiveDate) -> Self {
        Self {
            day,
            found: None,
            at: 0,
        }
    }

    /// What the store has of that day.
    pub fn filled(&mut self, day: NaiveDate, found: Found) {
        if day == self.day {
            self.at = self.at.min(found.rows.len().saturating_sub(1));
            self.found = Some(found);
        }
    }

    /// The day it closes.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// The same screen to come back to, its rows to be read anew.
    pub fn left(&self) -> Self {
        Self {
            found: None,
            ..self.clone()
        }
    }

    fn rows(&self) -> &[(Open, Line)] {
        self.found.as_ref().map_or(&[], |found| &found.rows)
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Pressed::Key(key) = plain(key) else {
            return Outcome::say(ctx.text.say_input_method_on);
        };
        let last = self.rows().len().saturating_sub(1);
        match command(Place::Close, key) {
            Some(Command::Up) => self.at = self.at.saturating_sub(1),
            Some(Command::Down) => self.at = (self.at + 1).min(last),
            Some(Command::PageUp) => self.at = self.at.saturating_sub(10),
            Some(Command::PageDown) => self.at = (self.at + 10).min(last),
            Some(Command::Enter) => return self.open(),
            Some(Command::Follow) => return self.follow(),
            Some(Command::Results) => return Outcome::go(Go::Inbox),
            Some(Command::Back) => return Outcome::go(Go::List),
            Some(Command::HandOver) => return Outcome::go(Go::HandOver),
            Some(Command::Help) => return Outcome::go(Go::Help),
            _ => {}
        }
        Outcome::none()
    }

    /// Where what is open of this patient can be settled.
    fn open(&self) -> Outcome {
        let Some((open, line)) = self.rows().get(self.at) else {
            return Outcome::none();
        };
        Outcome::go(match open {
            Open::Unseen => Go::OpenResults(line.patient),
            Open::Missed | Open::Snoozed => Go::OpenFollow(line.patient),
            Open::Unsigned | Open::Draft | Open::Awaiting => Go::Open(line.patient),
        })
    }

    fn follow(&self) -> Outcome {
        let row = self.rows().get(self.at);
        row.map_or_else(Outcome::none, |(_, line)| {
            Outcome::go(Go::OpenFollow(line.patient))
        })
    }
}

/// Draws the screen.
pub fn draw(screen: &CloseScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (text, theme) = (ctx.text, ctx.theme);
    let day = shown::full_day(screen.day, text);
    let header = [
        fill(text.close_day_title, &[("day", &day)]),
        about(screen, text),
    ];
    let commands = [
        Command::Enter,
        Command::Follow,
        Command::Back,
        Command::HandOver,
    ];
    let line = frame::hint_line(Place::Close, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    let part = &mut canvas.part(0, body.top, width, height);
    if screen.found.is_none() {
        part.put(3, 0, text.loading, theme.dim());
        return;
    }
    if screen.rows().is_empty() {
        return nothing(part, ctx);
    }
    let rows = picture(screen, ctx);
    let at = rows.iter().position(|row| row.at == Some(screen.at));
    let first = window(at.unwrap_or(0), usize::from(height), rows.len());
    for (y, row) in (0..height).zip(rows.iter().skip(first)) {
        let focused = row.at == Some(screen.at);
        let style = match row.at {
            _ if row.critical => theme.error(),
            Some(_) if !focused => theme.plain(),
            _ => theme.bold(),
        };
        part.put(0, y, if focused { ">" } else { " " }, style);
        part.put_within(1, y, width - 2, &row.text, style);
        if focused {
            part.focus(y);
        }
    }
}

/// What stands beside the parts: draws that are nobody's, and rows left out.
fn about(screen: &CloseScreen, text: &Text) -> String {
    let Some(found) = &screen.found else {
        return String::new();
    };
    let waiting = (found.waiting > 0)
        .then(|| fill(text.close_day_waiting, &[("n", &found.waiting.to_string())]));
    let more = found.more.then(|| text.close_day_more.to_owned());
    let parts: Vec<String> = waiting.into_iter().chain(more).collect();
    parts.join("  ")
}

/// Nothing is open: said only where nothing waits to be saved either.
fn nothing(canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let saved = matches!(ctx.saving, Saving::Idle | Saving::Saved { .. });
    let words = match saved {
        true => text.close_day_nothing,
        false => text.close_day_unsaved,
    };
    canvas.put(3, 1, words, ctx.theme.bold());
    let style = ctx.theme.plain();
    for (y, open) in (3..).zip(Open::ALL) {
        canvas.put(3, y, &counted(*open, 0, text), style);
    }
}

/// One line of the picture.
struct Row {
    /// Which row of the store's it is; none for a heading.
    at: Option<usize>,
    text: String,
    critical: bool,
}

fn picture(screen: &CloseScreen, ctx: &Ctx<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for part in Open::ALL {
        let of = |row: &(usize, &(Open, Line))| row.1.0 == *part;
        let lines: Vec<_> = screen.rows().iter().enumerate().filter(of).collect();
        if lines.is_empty() {
            continue;
        }
        rows.push(Row {
            at: None,
            text: counted(*part, lines.len(), ctx.text),
            critical: false,
        });
        rows.extend(lines.into_iter().map(|(at, (_, line))| Row {
            at: Some(at),
            text: told(*part, line, screen.day, ctx),
            critical: *part == Open::Unseen && line.critical > 0,
        }));
    }
    rows
}

fn counted(open: Open, n: usize, text: &Text) -> String {
    let name = match open {
        Open::Unsigned => text.open_unsigned,
        Open::Draft => text.open_draft,
        Open::Unseen => text.open_unseen,
        Open::Awaiting => text.open_awaiting,
        Open::Missed => text.open_missed,
        Open::Snoozed => text.open_snoozed,
    };
    format!("{name} {n}")
}

/// Who it is, and what is open.
fn told(open: Open, line: &Line, day: NaiveDate, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let age = date::age(line.birth_date, ctx.today);
    let sex = shown::sex(line.sex, text);
    let who = format!(" {} {} {sex}{age}", line.chart_number, line.name);
    let why = match open {
        Open::Unsigned => String::new(),
        Open::Draft => line
            .draft
            .map(|on| shown::day(on, text))
            .unwrap_or_default(),
        Open::Unseen => unseen(line, text),
        Open::Awaiting => line
            .awaiting
            .map(|on| drawn(on, day, text))
            .unwrap_or_default(),
        Open::Missed => missed(line, day, text),
        Open::Snoozed => {
            let back = line
                .back_on
                .map(|on| shown::day(on, text))
                .unwrap_or_default();
            fill(text.close_day_back, &[("day", &back)])
        }
    };
    format!("{who}  {why}")
}

fn unseen(line: &Line, text: &Text) -> String {
    let draws = fill(text.inbox_draws, &[("n", &line.unseen.to_string())]);
    match line.critical {
        0 => draws,
        n => format!(
            "{}  {draws}",
            fill(text.inbox_critical, &[("n", &n.to_string())])
        ),
    }
}

fn drawn(on: NaiveDate, day: NaiveDate, text: &Text) -> String {
    let n = (day - on).num_days();
    let ago = (n > 0).then(|| fill(text.days_ago, &[("n", &n.to_string())]));
    let day = shown::day(on, text);
    format!("{} {day} {}", text.row_blood, ago.unwrap_or_default())
}

fn missed(line: &Line, day: NaiveDate, text: &Text) -> String {
    let recorded = line.missed_on.filter(|on| *on <= day);
    let missed = match recorded {
        Some(on) => shown::missed_days(on, text),
        None => text.close_day_not_recorded.to_owned(),
    };
    let tried = match line.tried_on {
        Some(on) => {
            let (n, last) = (line.attempts.to_string(), shown::day(on, text));
            fill(text.follow_tried, &[("n", &n), ("last", &last)])
        }
        None if recorded.is_some() => text.close_day_not_tried.to_owned(),
        None => String::new(),
    };
    format!("{missed}  {tried}")
}
