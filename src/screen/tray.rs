//! Whose is this draw? The identity in the file beside the chart; a person
//! decides, by typing two identifiers of the patient.
//!
//! ```text
//!               ファイル            カルテ
//!  番号         00123               00123
//!  生年月日     1999-04-01          1999-04-01
//!  氏名         高橋 雪          ×  高橋 花
//! ```

use super::frame;
use super::inbox::{PARTS, TrayRow};
use super::{Ctx, Go, Outcome};
use crate::domain::answer::Sex;
use crate::domain::arrival::{Aside, AsideWhy};
use crate::domain::date::{self, Meaning};
use crate::domain::fold::fold;
use crate::domain::matching::{Agreement, Chart, Compared, Part};
use crate::keys::{Command, Key, Place, command};
use crate::screen::form::{self, Form, Step};
use crate::screen::labs::returned;
use crate::shown;
use crate::widget::canvas::Canvas;

/// State of the screen.
#[derive(Clone, Debug)]
pub struct TrayScreen {
    row: TrayRow,
    /// Which of the charts that are near.
    at: usize,
    form: Form,
    /// Asked why it is nobody's.
    setting_aside: bool,
}

impl TrayScreen {
    /// The draw, with the nearest chart beside it.
    pub fn new(row: TrayRow, ctx: &Ctx<'_>) -> Self {
        let labels = [ctx.text.tray_number, ctx.text.tray_birth];
        let lines = labels.map(|label| form::line(label, ""));
        Self {
            row,
            at: 0,
            form: Form::new(lines.to_vec()),
            setting_aside: false,
        }
    }

    /// Which keys hold.
    pub fn place(&self) -> Place {
        match self.setting_aside {
            true => Place::Choice,
            false => Place::Tray,
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(self.place(), key) else {
            return Outcome::none();
        };
        if self.setting_aside {
            return self.why_aside(command);
        }
        match command {
            Command::Help => return Outcome::go(Go::Help),
            Command::PageDown => self.turn(1),
            Command::PageUp => self.turn(self.row.near.len().saturating_sub(1)),
            Command::SetAside => self.setting_aside = true,
            Command::Text(_) | Command::Enter if self.row.near.is_empty() => {
                return Outcome::say(ctx.text.tray_nobody);
            }
            command => match self.form.key(command) {
                Step::Leave => return Outcome::go(Go::Inbox),
                Step::Save => return self.confirm(ctx),
                Step::Stay => {}
            },
        }
        Outcome::none()
    }

    /// Text pasted into the focused field.
    pub fn paste(&mut self, text: &str) -> bool {
        !self.row.near.is_empty() && self.form.paste(text)
    }

    /// Why it is nobody's of this clinic, by a digit.
    fn why_aside(&mut self, command: Command) -> Outcome {
        let digit = match command {
            Command::Help => return Outcome::go(Go::Help),
            Command::Answer(digit) => usize::from(digit),
            _ => 0,
        };
        let why = digit.checked_sub(1).and_then(|n| AsideWhy::ALL.get(n));
        self.setting_aside &= command != Command::Back;
        why.map_or_else(Outcome::none, |why| {
            Outcome::go(Go::SetAside(Aside {
                draw: self.row.draw.draw,
                why: *why,
            }))
        })
    }

    fn turn(&mut self, by: usize) {
        self.at = (self.at + by) % self.row.near.len().max(1);
    }

    fn chart(&self) -> Option<&Compared> {
        self.row.near.get(self.at)
    }

    /// Both identifiers must be typed, and be those of the chart beside.
    fn confirm(&self, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.text;
        let Some(near) = self.chart() else {
            return Outcome::say(text.tray_nobody);
        };
        let chart = &near.chart;
        let number = fold(self.form.text(0));
        let born = date::parse(self.form.text(1), ctx.today, Meaning::Birth).ok();
        if number.is_empty() || number != fold(&chart.chart_number) {
            return Outcome::say(text.tray_other_number);
        }
        if born != Some(chart.birth_date) {
            return Outcome::say(text.tray_other_birth);
        }
        Outcome::go(Go::Link {
            draw: self.row.draw.draw,
            patient: chart.patient,
        })
    }
}

/// Draws the screen.
pub fn draw(screen: &TrayScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = [text.tray_title.to_owned(), told(&screen.row)];
    let place = screen.place();
    let commands = match place {
        Place::Choice => &[Command::Answer(0), Command::Back][..],
        _ if screen.row.near.is_empty() => &[Command::SetAside, Command::Back],
        _ => &[Command::Enter, Command::SetAside, Command::Back],
    };
    let line = frame::hint_line(place, commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    let part = &mut canvas.part(0, body.top, width, height);
    let below = identities(screen, part, ctx);
    if screen.setting_aside {
        part.put(1, below + 1, text.aside_why, ctx.theme.bold());
        for (y, (n, why)) in (below + 2..).zip((1..).zip(AsideWhy::ALL)) {
            let told = format!("{n} {}", shown::arrival::aside(*why, text));
            part.put(3, y, &told, ctx.theme.plain());
        }
    } else if screen.row.near.is_empty() {
        for (y, line) in (below + 1..).zip(text.tray_nobody_how.split('/')) {
            part.put_within(1, y, width - 2, line.trim(), ctx.theme.plain());
        }
    } else {
        part.put_within(1, below + 1, width - 2, text.tray_how, ctx.theme.plain());
        screen.form.draw(&mut part.part(0, below + 3, width, 3));
    }
    results(screen, part, below + 7, ctx);
}

fn told(row: &TrayRow) -> String {
    let draw = &row.draw;
    let drawn = draw.drawn_on.map(date::iso).unwrap_or_default();
    let laboratory = draw.laboratory.as_deref().unwrap_or_default();
    format!("{laboratory} {drawn}")
}

/// File and chart side by side; the row below them.
fn identities(screen: &TrayScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) -> u16 {
    let (text, theme) = (ctx.text, ctx.theme);
    let half = canvas.width() / 2 + 4;
    canvas.put(15, 0, text.tray_file, theme.bold());
    let title = match screen.row.near.len() {
        0 => text.tray_no_chart.to_owned(),
        1 => text.tray_chart.to_owned(),
        n => format!("{} {}/{n} PgDn", text.tray_chart, screen.at + 1),
    };
    canvas.put(half, 0, &title, theme.bold());
    for (y, part) in (1..).zip(PARTS) {
        canvas.put(1, y, shown::arrival::part(part, text), theme.dim());
        let sent = sent(part, &screen.row, ctx);
        let shown_sent = if sent.is_empty() { "–" } else { &sent };
        canvas.put_within(15, y, half - 19, shown_sent, theme.plain());
        let Some(near) = screen.chart() else { continue };
        let (mark, style) = match near.of(part) {
            Agreement::Same => ("=", theme.plain()),
            Agreement::Differs => ("×", theme.error()),
            Agreement::Missing => ("?", theme.bold()),
        };
        canvas.put(half - 3, y, mark, style);
        let width = canvas.width() - half;
        canvas.put_within(half, y, width, &charted(part, &near.chart, ctx), style);
    }
    1 + PARTS.len() as u16
}

fn sent(part: Part, row: &TrayRow, ctx: &Ctx<'_>) -> String {
    let draw = &row.draw;
    match part {
        Part::Number => draw.numbers.replace('\n', "  "),
        Part::Birth => draw.birth_date.map(date::iso).unwrap_or_default(),
        Part::Sex => draw.sex.map_or("", |s| shown::sex(s, ctx.text)).to_owned(),
        Part::Kana => draw.kana.clone().unwrap_or_default(),
        Part::Name => draw.name.clone().unwrap_or_default(),
    }
}

fn charted(part: Part, chart: &Chart, ctx: &Ctx<'_>) -> String {
    match part {
        Part::Number => chart.chart_number.clone(),
        Part::Birth => date::iso(chart.birth_date),
        Part::Sex if chart.sex == Sex::Unknown => "–".to_owned(),
        Part::Sex => shown::sex(chart.sex, ctx.text).to_owned(),
        Part::Kana => chart.kana.clone(),
        Part::Name => chart.name.clone(),
    }
}

fn results(screen: &TrayScreen, canvas: &mut Canvas<'_>, top: u16, ctx: &Ctx<'_>) {
    let rows = top..canvas.height();
    for (y, result) in rows.zip(&screen.row.results) {
        returned::draw(result, 3, canvas, y, ctx);
    }
}
