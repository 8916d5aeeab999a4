//! One analyte over time, on the whole screen: the analytes left, the picture
//! right, and below it everything that is known of the selected result.

use super::Labs;
use super::plot::{BELOW, Plot, Subject, flat, legend, scale_words};
use crate::domain::catalogue::Analyte;
use crate::domain::id::ObservationId;
use crate::domain::observation::{AnalyteId, Flag};
use crate::domain::reading::Reading;
use crate::domain::threshold::{Threshold, thresholds};
use crate::keys::{Command, Key, Place, command};
use crate::note;
use crate::screen::frame;
use crate::screen::{Ctx, Go, Outcome};
use crate::shown;
use crate::shown::reading as words;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::theme::mark;
use ratatui::style::Style;

/// The analyte that is looked at, and which of its results.
#[derive(Clone, Debug)]
pub struct TrendScreen {
    analyte: AnalyteId,
    /// None is the latest.
    at: Option<ObservationId>,
}

/// Rows kept for what is known of the selected result.
const DETAIL: u16 = 4;
/// From this height on a blank row stands before them.
const AIRY: u16 = 22;

impl TrendScreen {
    /// The trend of an analyte, its latest result selected.
    pub fn new(analyte: AnalyteId) -> Self {
        Self { analyte, at: None }
    }

    /// The same with one of its results selected.
    pub fn at(analyte: AnalyteId, at: ObservationId) -> Self {
        let at = Some(at);
        Self { analyte, at }
    }

    /// The analyte that is looked at.
    pub fn analyte(&self) -> &AnalyteId {
        &self.analyte
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::Trend, key) else {
            return Outcome::none();
        };
        match command {
            Command::Table => return Outcome::go(Go::Table),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Back),
            _ => {}
        }
        match Labs::on(ctx, ctx.today) {
            Some(labs) => self.moved(command, &labs, ctx),
            None => Outcome::go(Go::Back),
        }
    }

    fn moved(&mut self, command: Command, labs: &Labs<'_>, ctx: &Ctx<'_>) -> Outcome {
        let analytes = labs.analytes();
        let here = self.place(&analytes);
        let last = analytes.len().saturating_sub(1);
        let there = match command {
            Command::Up => here.saturating_sub(1),
            Command::Down => (here + 1).min(last),
            Command::Jump(letter) => {
                let index = (letter as usize).saturating_sub('a' as usize);
                if index > last {
                    let letter = letter.to_string();
                    let words = fill(ctx.text.trend_no_such_letter, &[("letter", &letter)]);
                    return Outcome::say(words);
                }
                index
            }
            command => {
                if let Some(analyte) = analytes.get(here) {
                    self.step(command, &labs.readings(analyte));
                }
                here
            }
        };
        if let Some(analyte) = analytes.get(there).filter(|_| there != here) {
            *self = Self::new(analyte.id.clone());
        }
        Outcome::none()
    }

    /// To another result.
    fn step(&mut self, command: Command, readings: &[Reading<'_>]) {
        let here = self.selected(readings);
        let last = readings.len().saturating_sub(1);
        let there = match command {
            Command::Left => here.saturating_sub(1),
            Command::Right => (here + 1).min(last),
            Command::First => 0,
            Command::Last => last,
            _ => here,
        };
        let id = readings.get(there).map(|r| r.point.observation.id);
        // The latest stays the latest, whatever comes in.
        self.at = id.filter(|_| there != last);
    }

    fn place(&self, analytes: &[&Analyte]) -> usize {
        let at = analytes.iter().position(|a| a.id == self.analyte);
        at.unwrap_or(0)
    }

    fn selected(&self, readings: &[Reading<'_>]) -> usize {
        let named = |r: &Reading<'_>| Some(r.point.observation.id) == self.at;
        let at = readings.iter().position(named);
        at.unwrap_or(readings.len().saturating_sub(1))
    }
}

/// Draws the trend.
pub fn draw(screen: &TrendScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(labs) = Labs::on(ctx, ctx.today) else {
        return;
    };
    let header = frame::patient_header(ctx, labs.desk, canvas.width());
    let analytes = labs.analytes();
    let wide = canvas.width() >= 76;
    let left = names_width(&analytes, ctx);
    let body = frame::frame(
        canvas,
        ctx,
        &header,
        &hint_line(ctx, canvas.width()),
        wide.then_some(left),
    );
    let height = body.bottom.saturating_sub(body.top);
    let here = screen.place(&analytes);
    let Some(analyte) = analytes.get(here) else {
        canvas.put(1, body.top, ctx.text.chart_no_values, ctx.theme.dim());
        return;
    };
    let x = if wide { left + 1 } else { 0 };
    if wide {
        names(
            &analytes,
            here,
            &labs,
            &mut canvas.part(0, body.top, left, height),
            ctx,
        );
    }
    let width = canvas.width() - x;
    one(
        screen,
        analyte,
        &labs,
        &mut canvas.part(x, body.top, width, height),
        ctx,
    );
}

fn hint_line(ctx: &Ctx<'_>, width: u16) -> String {
    let commands = [
        Command::Left,
        Command::Right,
        Command::Up,
        Command::Down,
        Command::Table,
        Command::Back,
    ];
    frame::hint_line(Place::Trend, &commands, ctx.text, width)
}

fn names_width(analytes: &[&Analyte], ctx: &Ctx<'_>) -> u16 {
    let name = |a: &&Analyte| cells::width(a.short.get(ctx.lang()));
    let longest = analytes.iter().map(name).max().unwrap_or(0);
    u16::try_from(longest + 8).unwrap_or(16).min(20)
}

/// The analytes with their letters, and how the latest result of each stands.
fn names(
    analytes: &[&Analyte],
    here: usize,
    labs: &Labs<'_>,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let theme = ctx.theme;
    let height = usize::from(canvas.height());
    let first = window(here, height, analytes.len());
    let rows = analytes.iter().enumerate().skip(first).take(height);
    for (y, (i, analyte)) in (0..).zip(rows) {
        let style = if i == here {
            theme.bold()
        } else {
            theme.plain()
        };
        canvas.put(0, y, if i == here { ">" } else { " " }, theme.bold());
        let letter = u8::try_from(i).ok().filter(|i| *i < 12).map(|i| b'a' + i);
        let letter = letter.map_or(String::new(), |l| char::from(l).to_string());
        canvas.put(1, y, &letter, theme.dim());
        canvas.put(3, y, analyte.short.get(ctx.lang()), style);
        let readings = labs.readings(analyte);
        if let Some(last) = readings.last() {
            canvas.put_right(canvas.width() - 1, y, words::flag(last), theme.bold());
        }
    }
}

/// Title, picture and the selected result of one analyte.
fn one(
    screen: &TrendScreen,
    analyte: &Analyte,
    labs: &Labs<'_>,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let (theme, text) = (ctx.theme, ctx.text);
    let readings = labs.readings(analyte);
    let rules = thresholds(&labs.desk.protocol, &labs.desk.settings, analyte);
    let subject = Subject {
        analyte,
        settings: &labs.desk.settings,
    };
    let plot = Plot::of(subject, &readings, &rules, &labs.desk.record, labs.until);
    let at = screen.selected(&readings);
    let label = analyte.label.get(text.lang);
    let x = canvas.put(1, 0, &format!("{label}  {}", analyte.unit), theme.bold());
    if let Some(scale) = &plot.scale {
        canvas.put(x + 2, 0, &scale_words(scale, text), theme.dim());
    }
    let count = format!("{}/{}", at + 1, readings.len());
    canvas.put_right(canvas.width() - 1, 0, &count, theme.dim());
    let last: Vec<&Reading<'_>> = readings.last().into_iter().collect();
    canvas.put(1, 1, &baseline(&last, analyte, ctx), theme.dim());
    let (width, height) = (canvas.width(), canvas.height());
    let legend = legend(&plot, theme, text);
    let legend_rows = u16::from(!legend.is_empty());
    canvas.put(1, 2, &legend, theme.dim());
    let top = 3.min(2 + legend_rows);
    let known = readings
        .get(at)
        .map_or_else(Vec::new, |r| detail(r, analyte, &rules, labs, width, ctx));
    let below = u16::try_from(known.len()).unwrap_or(u16::MAX).max(DETAIL);
    let gap = u16::from(height >= AIRY);
    let rows = height.saturating_sub(top + gap + below);
    if rows > BELOW {
        plot.draw(at, &mut canvas.part(1, top, width - 2, rows), text);
    }
    for (y, (words, style)) in (top + rows + gap..).zip(known) {
        canvas.put(1, y, &words, style);
    }
}

/// The value before the first dose, said so with its day.
fn baseline(last: &[&Reading<'_>], analyte: &Analyte, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let value = last.iter().find_map(|r| r.baseline);
    let Some(value) = value else {
        return text.read_no_baseline.to_owned();
    };
    let number = words::value(value.observation, analyte, text);
    let day = crate::domain::date::iso(value.specimen.drawn_on);
    fill(text.trend_baseline, &[("value", &number), ("day", &day)])
}

/// Everything known of one result in lines, first the loudest rule that fires on
/// it, else the loudest that would with what else it asks for.
fn detail(
    reading: &Reading<'_>,
    analyte: &Analyte,
    rules: &[Threshold<'_>],
    labs: &Labs<'_>,
    width: u16,
    ctx: &Ctx<'_>,
) -> Vec<(String, Style)> {
    let (theme, text) = (ctx.theme, ctx.text);
    let room = usize::from(width.saturating_sub(2));
    let settings = &labs.desk.settings;
    // A number within its range says nothing of a rule that asks for more.
    let counts = |r: &&Threshold<'_>| !r.with_others || reading.flag != Flag::Within;
    let fired = rules
        .iter()
        .filter(counts)
        .filter(|r| r.passed(reading, analyte, settings))
        .max_by_key(|r| (!r.with_others, r.rule.level));
    let mut lines = Vec::new();
    if let Some(fired) = fired {
        let said = cells::wrap(&rule_words(fired, ctx), room).into_iter();
        let style = match fired.with_others {
            true => theme.plain(),
            false => flat(theme.alert(fired.rule.level)),
        };
        lines.extend(said.map(|line| (line, style)));
    }
    let said = words::phrases(reading, analyte, labs.before.first_dose, labs.until, text);
    let said = flow(&said, room).into_iter();
    lines.extend(said.map(|line| (line, theme.plain())));
    lines
}

/// `!! warning above 5 x upper limit [clinic rule: Clinic default]`, and whether
/// that is enough for it.
fn rule_words(rule: &Threshold<'_>, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let level = rule.rule.level;
    let more = match rule.with_others {
        true => text.trend_if_others,
        false => "",
    };
    format!(
        "{} {} {}{more} [{}: {}]",
        mark(level),
        shown::level(level, text),
        words::limit(rule, text),
        note::basis(rule.rule.basis, text),
        rule.rule.source.get(text.lang)
    )
}

/// Phrases in lines, none of them broken unless it is longer than a line.
pub fn flow(phrases: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for phrase in phrases {
        let phrase = cells::display(phrase);
        match lines.last_mut() {
            Some(line) if cells::width(line) + 2 + cells::width(&phrase) <= room => {
                line.push_str("  ");
                line.push_str(&phrase);
            }
            _ => lines.push(phrase.into_owned()),
        }
    }
    lines
}
