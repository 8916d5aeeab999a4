//! What laboratories sent: results nobody has looked at, and draws that are
//! nobody's yet.
//!
//! ```text
//!  未確認の結果 2
//! > 10427  伊藤 さくら   女24  採血 2  !!! 重大 1
//!  照合待ち 1
//!   00123  高橋 雪       2026-11-19  2項目  違う: 氏名  EXAMPLELAB
//! ```

use super::frame;
use super::{Ctx, Go, Outcome};
use crate::domain::arrival::{AsideWhy, Draw, Returned};
use crate::domain::date;
use crate::domain::id::EntryId;
use crate::domain::line::Line;
use crate::domain::matching::{Compared, Part};
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;

/// A draw that is nobody's yet, with its results and the charts that are near.
#[derive(Clone, Debug, PartialEq)]
pub struct TrayRow {
    pub draw: Draw,
    pub results: Vec<Returned>,
    pub near: Vec<Compared>,
}

/// A draw that was set aside, by the entry that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct AsideRow {
    pub entry: EntryId,
    pub draw: Draw,
    pub why: AsideWhy,
}

/// State of the screen.
#[derive(Clone, Debug, Default)]
pub struct InboxScreen {
    unseen: Vec<Line>,
    tray: Vec<TrayRow>,
    aside: Vec<AsideRow>,
    loaded: bool,
    at: usize,
}

impl InboxScreen {
    /// What the store has: critical results first, near misses before strangers.
    pub fn filled(&mut self, unseen: Vec<Line>, mut tray: Vec<TrayRow>, aside: Vec<AsideRow>) {
        tray.sort_by_key(|row| row.near.is_empty());
        self.unseen = unseen;
        self.tray = tray;
        self.aside = aside;
        self.loaded = true;
        self.at = self.at.min(self.len().saturating_sub(1));
    }

    fn len(&self) -> usize {
        self.unseen.len() + self.tray.len() + self.aside.len()
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Pressed::Key(key) = plain(key) else {
            return Outcome::say(ctx.text.say_input_method_on);
        };
        let last = self.len().saturating_sub(1);
        match command(Place::Inbox, key) {
            Some(Command::Up) => self.at = self.at.saturating_sub(1),
            Some(Command::Down) => self.at = (self.at + 1).min(last),
            Some(Command::PageUp) => self.at = self.at.saturating_sub(10),
            Some(Command::PageDown) => self.at = (self.at + 10).min(last),
            Some(Command::Enter) => return self.open(),
            Some(Command::TakeIn) => return Outcome::go(Go::TakeIn),
            Some(Command::Back) => return Outcome::go(Go::List),
            Some(Command::HandOver) => return Outcome::go(Go::HandOver),
            Some(Command::Help) => return Outcome::go(Go::Help),
            _ => {}
        }
        Outcome::none()
    }

    fn open(&self) -> Outcome {
        if let Some(line) = self.unseen.get(self.at) {
            return Outcome::go(Go::OpenResults(line.patient));
        }
        let at = self.at.saturating_sub(self.unseen.len());
        if let Some(row) = self.tray.get(at) {
            return Outcome::go(Go::Tray(Box::new(row.clone())));
        }
        let set = self.aside.get(at.saturating_sub(self.tray.len()));
        set.map_or_else(Outcome::none, |set| Outcome::go(Go::TakeBack(set.entry)))
    }
}

/// Draws the screen.
pub fn draw(screen: &InboxScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = [text.inbox_title.to_owned(), text.inbox_about.to_owned()];
    let commands = [
        Command::Enter,
        Command::TakeIn,
        Command::Back,
        Command::HandOver,
    ];
    let line = frame::hint_line(Place::Inbox, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let height = body.bottom.saturating_sub(body.top);
    let width = canvas.width();
    let part = &mut canvas.part(0, body.top, width, height);
    if !screen.loaded {
        part.put(3, 0, text.loading, ctx.theme.dim());
        return;
    }
    let rows = rows(screen, ctx);
    let at = rows.iter().position(|row| row.at == Some(screen.at));
    let first = window(at.unwrap_or(0), usize::from(height), rows.len());
    let below = rows.len().saturating_sub(first + usize::from(height));
    for (y, row) in (0..height).zip(rows.iter().skip(first)) {
        let focused = row.at == Some(screen.at);
        let style = match (row.at, row.critical) {
            (_, true) => ctx.theme.error(),
            (None, _) => ctx.theme.bold(),
            (Some(_), _) if focused => ctx.theme.bold(),
            _ => ctx.theme.plain(),
        };
        part.put(0, y, if focused { ">" } else { " " }, style);
        part.put_within(1, y, width - 2, &row.text, style);
        if focused {
            part.focus(y);
        }
    }
    frame::more_below(canvas, body.bottom, below, text);
}

/// One line of the picture.
struct Row {
    /// Which of the rows that can be opened it is; none for a heading.
    at: Option<usize>,
    text: String,
    critical: bool,
}

fn rows(screen: &InboxScreen, ctx: &Ctx<'_>) -> Vec<Row> {
    let text = ctx.text;
    let heading = |words: &str, n: usize| Row {
        at: None,
        text: fill(words, &[("n", &n.to_string())]),
        critical: false,
    };
    let numbers = widest_number(screen);
    let mut rows = vec![heading(text.inbox_unseen, screen.unseen.len())];
    for (at, line) in screen.unseen.iter().enumerate() {
        rows.push(Row {
            at: Some(at),
            text: unseen(line, numbers, ctx),
            critical: line.critical > 0 || line.corrected > 0,
        });
    }
    rows.push(heading(text.inbox_tray, screen.tray.len()));
    for (n, row) in screen.tray.iter().enumerate() {
        rows.push(Row {
            at: Some(screen.unseen.len() + n),
            text: waiting(row, numbers, ctx),
            critical: false,
        });
    }
    if screen.aside.is_empty() {
        return rows;
    }
    rows.push(heading(text.inbox_aside, screen.aside.len()));
    for (n, set) in screen.aside.iter().enumerate() {
        let why = shown::arrival::aside(set.why, text);
        rows.push(Row {
            at: Some(screen.unseen.len() + screen.tray.len() + n),
            text: of_draw(&set.draw, numbers, why),
            critical: false,
        });
    }
    rows
}

fn unseen(line: &Line, numbers: usize, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let age = date::age(line.birth_date, ctx.today);
    let sex = shown::sex(line.sex, text);
    let critical = match line.critical {
        0 => String::new(),
        n => fill(text.inbox_critical, &[("n", &n.to_string())]),
    };
    let corrected = match line.corrected {
        0 => String::new(),
        n => fill(text.inbox_corrected, &[("n", &n.to_string())]),
    };
    let count = fill(text.inbox_draws, &[("n", &line.unseen.to_string())]);
    let who = named(&line.chart_number, numbers, &line.name);
    let sex = cells::pad(&format!("{sex}{age}"), 4);
    format!("{who} {sex}  {count}  {critical}{corrected}")
}

fn waiting(row: &TrayRow, numbers: usize, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let n = row.results.len().to_string();
    let why = match row.near.first() {
        _ if row.draw.contradicts => text.inbox_contradicts.to_owned(),
        Some(near) => shown::arrival::unlike(near, text),
        None => text.inbox_nobody.to_owned(),
    };
    let results = fill(text.inbox_results, &[("n", &n)]);
    of_draw(&row.draw, numbers, &format!("{results}  {why}"))
}

/// Who a draw says it is of, when it was drawn, and what is to be said of it; the
/// laboratory last, where a narrow window cuts.
fn of_draw(draw: &Draw, numbers: usize, said: &str) -> String {
    let name = draw.name.as_deref().or(draw.kana.as_deref());
    let who = named(&numbers_of(draw), numbers, name.unwrap_or("–"));
    let drawn = draw.drawn_on.map(date::iso).unwrap_or_default();
    let drawn = cells::pad(&drawn, 10);
    let laboratory = draw.laboratory.as_deref().unwrap_or_default();
    format!("{who} {drawn}  {said}  {laboratory}")
}

fn numbers_of(draw: &Draw) -> String {
    draw.numbers.replace('\n', " ")
}

/// The cells that the longest number takes, up to a length that none of one
/// clinic has.
fn widest_number(screen: &InboxScreen) -> usize {
    let unseen = screen.unseen.iter().map(|line| line.chart_number.clone());
    let tray = screen.tray.iter().map(|row| numbers_of(&row.draw));
    let aside = screen.aside.iter().map(|set| numbers_of(&set.draw));
    let all = unseen.chain(tray).chain(aside);
    all.map(|number| cells::width(&number))
        .max()
        .unwrap_or(0)
        .min(14)
}

/// Number and name in columns.
fn named(number: &str, numbers: usize, name: &str) -> String {
    let (number, name) = (cells::pad(number, numbers), cells::pad(name, 20));
    format!(" {number} {name}")
}

/// The parts of an identity in the order they are compared on the screen.
pub const PARTS: [Part; 5] = [Part::Number, Part::Birth, Part::Sex, Part::Kana, Part::Name];
