//! The first screen: who is due today, who must not be lost, and the search.
//!
//! ```text
//!  本日 12                                │ 追跡 8
//! > 10427 佐藤 花  女24 受診 本日         │   10511 …  受診 12日超過
//! ```

use super::frame::{self, hints};
use super::{Ctx, Go, Outcome};
use crate::domain::answer::Phase;
use crate::domain::date;
use crate::domain::fold;
use crate::domain::id::PatientId;
use crate::domain::line::{Line, When};
use crate::keys::{Command, Key, Place, command};
use crate::screen::form;
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::field::Field;
use chrono::NaiveDate;

/// The two lists as the store gave them.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub today: Vec<Line>,
    pub follow_up: Vec<Line>,
    /// Whether more stand behind the last row.
    pub more: [bool; 2],
    /// All patients there are.
    pub patients: u64,
    /// What came from laboratories and needs somebody.
    pub arrived: Arrived,
    /// Whether the store has answered at all.
    pub loaded: bool,
}

/// How much came from laboratories and needs somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Patients with results nobody has looked at, and those with a critical value.
    pub unseen: u64,
    pub critical: u64,
    /// Draws that are nobody's yet.
    pub waiting: u64,
}

/// State of the first screen.
#[derive(Clone, Debug)]
pub struct ListScreen {
    search: Field,
    /// What the store found for the search; none while it has not answered.
    found: Option<Vec<Line>>,
    follow_up: bool,
    at: usize,
    /// Whom the cursor stands on; it stays there when the rows change.
    on: Option<PatientId>,
}

impl Default for ListScreen {
    fn default() -> Self {
        Self {
            search: Field::new(60),
            found: None,
            follow_up: false,
            at: 0,
            on: None,
        }
    }
}

impl ListScreen {
    /// One key.
    pub fn key(&mut self, key: Key, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        let outcome = self.pressed(key, rows, ctx);
        self.stand(rows);
        outcome
    }

    fn pressed(&mut self, key: Key, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::List, key) else {
            return Outcome::none();
        };
        let last = self.shown(rows).len().saturating_sub(1);
        match command {
            Command::Up => self.at = self.at.saturating_sub(1),
            Command::Down => self.at = (self.at + 1).min(last),
            Command::PageUp => self.at = self.at.saturating_sub(10),
            Command::PageDown => self.at = (self.at + 10).min(last),
            Command::SwitchList => self.switch(),
            Command::Enter => return self.open(rows, ctx),
            Command::Back => self.clear(),
            Command::Register => return Outcome::go(Go::Register),
            Command::Results => return Outcome::go(Go::Inbox),
            Command::HandOver => return Outcome::go(Go::HandOver),
            Command::Language => return Outcome::go(Go::Language),
            Command::Help => return Outcome::go(Go::Help),
            Command::Quit => return Outcome::go(Go::Quit),
            Command::Text(key) => {
                form::edit(&mut self.search, key);
                return self.searched();
            }
            _ => {}
        }
        Outcome::none()
    }

    /// Text pasted or committed by an input method: into the search.
    pub fn paste(&mut self, text: &str, rows: &Rows) -> Outcome {
        self.search.insert(text);
        let outcome = self.searched();
        self.stand(rows);
        outcome
    }

    fn switch(&mut self) {
        self.follow_up = !self.follow_up;
        self.at = 0;
    }

    fn clear(&mut self) {
        self.search.clear();
        self.found = None;
        self.at = 0;
    }

    fn searched(&mut self) -> Outcome {
        self.at = 0;
        self.found = None;
        if self.search.text().trim().is_empty() {
            return Outcome::none();
        }
        Outcome::go(Go::Search(fold::query_keys(self.search.text())))
    }

    /// The store's answer to the search of these keys.
    pub fn take_found(&mut self, keys: &[String], found: Vec<Line>, rows: &Rows) {
        if fold::query_keys(self.search.text()) == keys {
            self.found = Some(found);
            self.refreshed(rows);
        }
    }

    /// After signing: the search cleared, the row behind the signed patient's.
    pub fn settle(&mut self, rows: &Rows, signed: PatientId) {
        self.clear();
        self.follow_up = false;
        let row = rows.today.iter().position(|l| l.patient == signed);
        let last = rows.today.len().saturating_sub(1);
        self.at = row.map_or(0, |row| row + 1).min(last);
        self.stand(rows);
        // The last row's patient is the signed one, who may go: then the row counts.
        self.on = self.on.filter(|on| *on != signed);
    }

    /// The rows were read again: the cursor stays with its patient.
    pub fn refreshed(&mut self, rows: &Rows) {
        let shown = self.shown(rows);
        let row = self
            .on
            .and_then(|on| shown.iter().position(|l| l.patient == on));
        self.at = row.unwrap_or(self.at).min(shown.len().saturating_sub(1));
        self.stand(rows);
    }

    /// Remembers whom the cursor stands on.
    fn stand(&mut self, rows: &Rows) {
        self.on = self.shown(rows).get(self.at).map(|l| l.patient);
    }

    fn open(&self, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        if !self.search.is_empty() && self.found.is_none() && self.shown(rows).is_empty() {
            return Outcome::say(ctx.text.say_still_searching);
        }
        match self.shown(rows).get(self.at) {
            Some(line) => Outcome::go(Go::Open(line.patient)),
            None => Outcome::say(ctx.text.say_nobody_selected),
        }
    }

    /// The rows that Enter would open: today's rows whose chart number holds the
    /// typed digits come first, then what the store found.
    fn shown<'a>(&'a self, rows: &'a Rows) -> Vec<&'a Line> {
        let typed = fold::fold(self.search.text());
        if typed.is_empty() {
            return if self.follow_up {
                &rows.follow_up
            } else {
                &rows.today
            }
            .iter()
            .collect();
        }
        let here = rows.today.iter().chain(&rows.follow_up);
        let mut all: Vec<&Line> = here
            .filter(|l| fold::fold(&l.chart_number).contains(&typed))
            .collect();
        for line in self.found.iter().flatten() {
            if !all.iter().any(|l| l.patient == line.patient) {
                all.push(line);
            }
        }
        all
    }
}

/// Draws the first screen.
pub fn draw(screen: &ListScreen, rows: &Rows, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = [head(rows, ctx), String::new()];
    let wide = canvas.width() >= 76 && screen.search.is_empty() && !rows.empty();
    let half = canvas.width() / 2;
    let hints = hint_line(ctx, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &hints, wide.then_some(half));
    search_line(screen, canvas, ctx);
    arrived(rows, canvas, ctx);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    if rows.loaded && rows.patients == 0 && screen.search.is_empty() {
        empty(&mut canvas.part(0, body.top, width, height), ctx);
    } else if !screen.search.is_empty() {
        let found = screen.shown(rows);
        let part = &mut canvas.part(0, body.top, width, height);
        results(screen, &found, part, ctx);
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
    let end = canvas.width() - if ctx.demo { 7 } else { 1 };
    let style = match came.critical {
        0 => ctx.theme.bold(),
        _ => ctx.theme.error(),
    };
    canvas.put_right(end, 0, &format!("{unseen}{critical}{waiting} F5"), style);
}

fn search_line(screen: &ListScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let theme = ctx.theme;
    let x = canvas.put(1, 1, ctx.text.search, theme.bold()) + 1;
    let (shown, caret) = screen
        .search
        .view(usize::from(canvas.width().saturating_sub(x + 2)));
    if screen.search.is_empty() {
        canvas.put(x + 1, 1, ctx.text.search_hint, theme.dim());
    } else {
        canvas.put(x, 1, &shown, theme.bold());
    }
    canvas.caret(x + caret, 1);
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

fn results(screen: &ListScreen, found: &[&Line], canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
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
        row(&mut canvas.part(0, y, width, 1), line, i == screen.at, ctx);
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
    let active = screen.follow_up == follow_up;
    let count = format!("{}{}", lines.len(), if more { "+" } else { "" });
    let style = if active {
        ctx.theme.bold()
    } else {
        ctx.theme.dim()
    };
    canvas.put(1, 0, &format!("{title} {count}"), style);
    if lines.is_empty() && rows.loaded {
        let none = if follow_up {
            text.nobody_to_follow
        } else {
            text.nobody_today
        };
        canvas.put(3, 1, none, ctx.theme.dim());
    }
    let height = usize::from(canvas.height().saturating_sub(1));
    let at = if active { screen.at } else { 0 };
    let first = window(at, height, lines.len());
    for (i, line) in lines.iter().enumerate().skip(first).take(height) {
        let y = 1 + (i - first) as u16;
        let width = canvas.width();
        row(
            &mut canvas.part(0, y, width, 1),
            line,
            active && i == screen.at,
            ctx,
        );
    }
}

/// One patient: number, name, sex and age, what is due; more where there is room.
fn row(canvas: &mut Canvas<'_>, line: &Line, focused: bool, ctx: &Ctx<'_>) {
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
        0 => ctx.text.row_today.to_owned(),
        over if over > 0 => fill(ctx.text.row_over, &[("n", &over.to_string())]),
        _ => date::short(day),
    }
}

fn hint_line(ctx: &Ctx<'_>, width: u16) -> String {
    let text = ctx.text;
    let commands = [
        Command::Enter,
        Command::SwitchList,
        Command::Register,
        Command::Back,
        Command::HandOver,
        Command::Quit,
    ];
    let pairs: Vec<_> = commands.map(|c| frame::hint(Place::List, c, text)).to_vec();
    hints(&pairs, text, Place::List, width)
}
