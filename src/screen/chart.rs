//! One patient over time: visits newest first, grades as a heat strip, values
//! with their flags, what the protocol asks next and the sum that says so.

mod pages;
mod values;

use super::frame::{self, hints};
use super::signed::raised;
use super::{Ctx, Desk, Go, Outcome};
use crate::domain::answer::{Answer, Can};
use crate::domain::date;
use crate::domain::due::{self, Due, DueLine, Need, State};
use crate::domain::id::VisitId;
use crate::domain::protocol::{Item, Kind, Level};
use crate::domain::record::Visit;
use crate::keys::{Command, Key, Place, command};
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::theme::mark;
use chrono::NaiveDate;
use ratatui::style::{Modifier, Style};
use values::Values;

/// The chart's own state: the selected row, 0 being today's visit; whether the
/// keys are on the other column, that of grades and values, and its selected value.
#[derive(Clone, Debug, Default)]
pub struct ChartScreen {
    /// None until a key moved it.
    at: Option<usize>,
    second: bool,
    /// None until a key moved it.
    value: Option<usize>,
}

/// Columns of the labels beside the strips.
const LABELS: u16 = 20;
/// Visits of the strips, at most.
const STRIP: usize = 12;

impl ChartScreen {
    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(desk) = ctx.desk else {
            return Outcome::go(Go::List);
        };
        let Some(command) = command(Place::Chart, key) else {
            return Outcome::none();
        };
        let visits = past(desk);
        match command {
            Command::Up | Command::Down if self.second => self.step(command, ctx),
            Command::Enter if self.second => return self.trend(ctx),
            Command::Up => self.at = Some(self.row(desk, ctx.today).saturating_sub(1)),
            Command::Down => self.at = Some((self.row(desk, ctx.today) + 1).min(visits.len())),
            Command::PageDown => self.second = true,
            Command::PageUp => self.second = false,
            Command::Left if self.second => self.second = false,
            Command::Trend => return self.trend(ctx),
            Command::Table => return Outcome::go(Go::Table),
            Command::Gates => return pages::gates(desk, ctx),
            Command::Doses => return pages::doses(desk, ctx),
            Command::Void => return self.void(desk, &visits, ctx),
            Command::Enter => return self.open(desk, &visits, ctx),
            Command::EditPatient => return Outcome::go(Go::EditPatient),
            Command::EditCourse => return Outcome::go(Go::EditCourse),
            Command::Clock => return pages::clock(desk, ctx),
            Command::Results => return Outcome::go(Go::Results),
            Command::Follow => return Outcome::go(Go::Follow),
            Command::HandOver => return Outcome::go(Go::HandOver),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back | Command::Left => return Outcome::go(Go::List),
            _ => {}
        }
        Outcome::none()
    }

    /// To the next or previous value.
    fn step(&mut self, command: Command, ctx: &Ctx<'_>) {
        let Some(values) = Values::of(ctx) else {
            return;
        };
        let (at, last) = (values.at(self.value), values.len().saturating_sub(1));
        self.value = Some(match command {
            Command::Up => at.saturating_sub(1),
            _ => (at + 1).min(last),
        });
    }

    /// To the trend of the selected value.
    fn trend(&self, ctx: &Ctx<'_>) -> Outcome {
        let values = Values::of(ctx);
        let analyte = values.and_then(|v| v.analyte(self.value));
        match analyte {
            Some(id) => Outcome::go(Go::Trend(id.clone())),
            None => Outcome::say(ctx.text.chart_no_values),
        }
    }

    /// The selected row. A visit signed today comes first: Enter is to read it,
    /// not to open a second one.
    fn row(&self, desk: &Desk, today: NaiveDate) -> usize {
        let signed = |v: &&Visit| v.void.is_none() && v.day() == today;
        let first = closed(desk).first().copied().is_some_and(|v| signed(&v));
        let first = usize::from(first && desk.visit().is_none());
        self.at.unwrap_or(first)
    }

    /// To the visit, where it is voided: a draft as well as a signed one.
    fn void(&self, desk: &Desk, visits: &[VisitId], ctx: &Ctx<'_>) -> Outcome {
        let selected = match self.row(desk, ctx.today).checked_sub(1) {
            Some(i) => visits.get(i).copied(),
            None => desk.visit().map(Visit::id),
        };
        match selected {
            Some(visit) => Outcome::go(Go::Signed(visit)),
            None => Outcome::say(ctx.text.chart_no_visits),
        }
    }

    fn open(&self, desk: &Desk, visits: &[VisitId], ctx: &Ctx<'_>) -> Outcome {
        match self
            .row(desk, ctx.today)
            .checked_sub(1)
            .and_then(|i| visits.get(i))
        {
            Some(visit) => Outcome::go(Go::Signed(*visit)),
            None if desk.record.course().is_none() => Outcome::go(Go::EditCourse),
            None if ctx.clinic.is_none() => Outcome::say(ctx.text.loading),
            None => Outcome::go(Go::Visit),
        }
    }
}

/// Visits that are not open, newest first.
fn past(desk: &Desk) -> Vec<VisitId> {
    closed(desk).iter().map(|v| v.id()).collect()
}

fn closed(desk: &Desk) -> Vec<&Visit> {
    let mut visits: Vec<&Visit> = desk
        .record
        .visits()
        .iter()
        .filter(|v| v.open().is_none())
        .collect();
    visits.sort_by_key(|v| std::cmp::Reverse(v.day()));
    visits
}

/// Draws the chart.
pub fn draw(screen: &ChartScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(desk) = ctx.desk else { return };
    let text = ctx.text;
    let header = frame::patient_header(ctx, desk, canvas.width());
    let wide = canvas.width() >= 76;
    let other = match screen.second {
        true => Command::PageUp,
        false => Command::PageDown,
    };
    let commands = [
        Command::Enter,
        other,
        Command::Trend,
        Command::Table,
        Command::EditPatient,
        Command::EditCourse,
        Command::HandOver,
        Command::Back,
    ];
    let commands = commands.iter().filter(|c| !wide || **c != other);
    let pairs: Vec<_> = commands
        .map(|c| frame::hint(Place::Chart, *c, text))
        .collect();
    let line = hints(&pairs, text, Place::Chart, canvas.width());
    let half = (canvas.width() * 9 / 20).min(40);
    let body = frame::frame(canvas, ctx, &header, &line, wide.then_some(half));
    let height = body.bottom.saturating_sub(body.top);
    let width = canvas.width();
    if wide {
        left(
            screen,
            desk,
            &mut canvas.part(0, body.top, half, height),
            ctx,
        );
        right(
            screen,
            desk,
            &mut canvas.part(half + 1, body.top, width - half - 1, height),
            ctx,
        );
    } else if screen.second {
        right(
            screen,
            desk,
            &mut canvas.part(0, body.top, width, height),
            ctx,
        );
    } else {
        left(
            screen,
            desk,
            &mut canvas.part(0, body.top, width, height),
            ctx,
        );
    }
}

fn left(screen: &ChartScreen, desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (theme, text) = (ctx.theme, ctx.text);
    let mut y = due_lines(desk, canvas, ctx);
    canvas.put(1, y, text.chart_visits, theme.bold());
    y += 1;
    let visits = closed(desk);
    let height = usize::from(canvas.height().saturating_sub(y));
    let at = screen.row(desk, ctx.today);
    let first = window(at, height, visits.len() + 1);
    for row in first..(first + height).min(visits.len() + 1) {
        let focused = row == at && !screen.second;
        let words = match row.checked_sub(1).and_then(|i| visits.get(i)) {
            Some(visit) => visit_line(visit, ctx),
            None => today_line(desk, ctx),
        };
        canvas.put(1, y, if focused { ">" } else { " " }, theme.bold());
        let width = canvas.width().saturating_sub(4);
        canvas.put_within(
            3,
            y,
            width,
            &words,
            if focused { theme.bold() } else { theme.plain() },
        );
        if focused {
            canvas.focus(y);
        }
        y += 1;
    }
}

/// What the protocol asks next, each with its sum; the row after the last.
fn due_lines(desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) -> u16 {
    let (theme, text) = (ctx.theme, ctx.text);
    canvas.put(1, 0, text.chart_due, theme.bold());
    let first = unseen_line(desk, canvas, ctx);
    if desk.record.course().is_none() {
        canvas.put(3, first, text.no_course, theme.plain());
        return first + 2;
    }
    let mut y = first;
    for words in shown::follow_lines(&desk.record, ctx.today, text) {
        let width = canvas.width().saturating_sub(4);
        canvas.put_within(3, y, width, &words, theme.bold());
        y += 1;
    }
    for line in due::due(&desk.settings, &desk.record, ctx.today) {
        if !worth_showing(&line) {
            continue;
        }
        let name = shown::due_name(line.need, text);
        let style = match line.state {
            State::CannotTell | State::Overdue => theme.bold(),
            _ => theme.plain(),
        };
        let state = shown::due(&line.due, ctx.today, text);
        canvas.put(3, y, &format!("{name} {state}"), style);
        let why = match &line.due {
            Due::On(sum) => shown::sum(sum, text),
            Due::CannotTell(untold) => shown::missing(untold.missing, text).to_owned(),
            Due::NotNeeded => String::new(),
        };
        canvas.put(4, y + 1, &why, theme.dim());
        y += 2;
    }
    y = person_lines(desk, canvas, ctx, y);
    y + 1
}

/// Results that nobody has looked at, and how many are critical; the row behind.
fn unseen_line(desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) -> u16 {
    let (theme, text) = (ctx.theme, ctx.text);
    let unseen: Vec<_> = desk.record.unseen().collect();
    if unseen.is_empty() {
        return 1;
    }
    let key = frame::hint(Place::Chart, Command::Results, text).0;
    let n = unseen.len().to_string();
    let mut words = fill(text.chart_unseen, &[("n", &n)]);
    let critical = unseen.iter().filter(|l| l.link.critical.is_some()).count();
    if critical > 0 {
        let n = critical.to_string();
        words.push_str(&format!(" {}", fill(text.inbox_critical, &[("n", &n)])));
    }
    let style = match critical {
        0 => theme.bold(),
        _ => theme.error(),
    };
    let width = canvas.width().saturating_sub(4);
    canvas.put_within(3, 1, width, &format!("{words} {key}"), style);
    2
}

/// What is on file and not due again for long needs no line.
fn worth_showing(line: &DueLine) -> bool {
    match line.need {
        Need::Outcome | Need::Visit | Need::Blood | Need::Test | Need::EndTest => {
            line.state > State::NotNeeded
        }
        Need::Consent | Need::Guardian | Need::Weight => line.state > State::NotDue,
    }
}

/// Whether the patient can become pregnant, and consent.
fn person_lines(desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>, y: u16) -> u16 {
    let (theme, text) = (ctx.theme, ctx.text);
    let (can, reason, _) = desk.record.potential();
    let mut words = shown::can(can, text).to_owned();
    if let (Can::No, Some(reason)) = (can, reason) {
        words.push_str(&format!(" ({})", shown::cannot_reason(reason, text)));
    }
    canvas.put(3, y, &words, theme.plain());
    let consent = desk
        .record
        .answers()
        .into_iter()
        .rev()
        .find_map(|(_, _, a)| match a {
            Answer::Consent { .. } => Some(shown::answer(consent_item(desk)?, a, text)),
            _ => None,
        });
    let consent = consent.unwrap_or_else(|| text.consent_missing.to_owned());
    canvas.put(3, y + 1, &consent, theme.plain());
    y + 2
}

fn consent_item(desk: &Desk) -> Option<&Item> {
    desk.protocol.items().find(|i| i.kind == Kind::Consent)
}

fn today_line(desk: &Desk, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    match desk.visit() {
        Some(visit) => {
            let n = desk.checklist.as_ref().map_or(0, |l| l.open()).to_string();
            let day = shown::day(visit.day(), text);
            fill(
                text.chart_draft,
                &[
                    ("day", &day),
                    ("n", &n),
                    ("who", ctx.name(visit.opened.person)),
                ],
            )
        }
        None if desk.record.course().is_none() => text.chart_no_course.to_owned(),
        None => fill(
            text.chart_new_visit,
            &[("day", &shown::day(ctx.today, text))],
        ),
    }
}

fn visit_line(visit: &Visit, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let mut words = date::iso(visit.day());
    if visit.void.is_some() {
        return format!("{words}  {}", text.void_mark);
    }
    // Marks stand first: the end of a row is what a narrow column cuts.
    let frozen = visit.signed.iter().flat_map(|s| &s.alerts);
    let standing = frozen.filter(|a| a.settled.is_none());
    let frozen = standing.filter_map(|a| Level::from_word(&a.level));
    let later = raised(visit, ctx).into_iter().map(|a| a.level);
    if let Some(level) = frozen.chain(later).max() {
        words.push_str(&format!("  {} {}", mark(level), shown::level(level, text)));
    }
    if !visit.amendments.is_empty() {
        words.push_str(&format!("  {}", text.amended_mark));
    }
    if let Some(plan) = visit.plan() {
        words.push_str(&format!("  {}", shown::action(plan.action, text)));
        if let Some(dose) = plan.dosing().filter(|_| plan.action.prescribes()) {
            words.push_str(&format!(" {}", shown::dosing(dose, text)));
        }
    }
    words
}

/// Strips of the running course, and the latest values.
fn right(screen: &ChartScreen, desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let visits = desk.record.course().map(|c| desk.record.signed(c.course));
    let Some(mut visits) = visits else {
        return;
    };
    let values = Values::of(ctx);
    let room = usize::from(canvas.width().saturating_sub(LABELS + 1) / 3).min(STRIP);
    let skip = visits.len().saturating_sub(room);
    visits.drain(..skip);
    let below = values.as_ref().map_or(0, Values::rows);
    let most = canvas.height().saturating_sub(below + 3);
    let y = strip(desk, &visits, canvas, ctx, most);
    let height = canvas.height().saturating_sub(y + 1);
    let width = canvas.width();
    let focus = screen.second.then_some(screen.value);
    let mut rest = canvas.part(0, y + 1, width, height);
    values::draw(values.as_ref(), focus, &mut rest, ctx);
}

/// Grades over the visits: the number itself, heavier where it is higher; at most
/// so many lines. Where there are more, those that were never above 0 are left out.
fn strip(desk: &Desk, visits: &[&Visit], canvas: &mut Canvas<'_>, ctx: &Ctx<'_>, most: u16) -> u16 {
    let (theme, text) = (ctx.theme, ctx.text);
    canvas.put(1, 0, text.chart_grades, theme.bold());
    if visits.is_empty() {
        canvas.put(3, 1, text.chart_no_visits, theme.dim());
        return 2;
    }
    let x0 = LABELS;
    for (i, visit) in visits.iter().enumerate() {
        let x = x0 + 3 * i as u16;
        canvas.put(x, 0, &visit.day().format("%m").to_string(), theme.dim());
        canvas.put(x, 1, &visit.day().format("%d").to_string(), theme.dim());
    }
    let (lines, left_out) = graded(desk, visits, usize::from(most));
    let mut y = 2;
    for item in lines {
        canvas.put_within(3, y, x0 - 4, item.label(text.lang), theme.plain());
        for (i, visit) in visits.iter().enumerate() {
            let x = x0 + 3 * i as u16;
            if let Some(answer) = visit.answer(item.id.as_str()) {
                let (word, style) = heat(item, answer, ctx);
                canvas.put_within(x, y, 2, &word, style);
            }
        }
        y += 1;
    }
    if left_out > 0 {
        let n = left_out.to_string();
        canvas.put(3, y, &fill(text.review_more, &[("n", &n)]), theme.dim());
        y += 1;
    }
    y
}

/// The graded lines that were ever answered, at most so many rows of them, and how
/// many are left out.
fn graded<'a>(desk: &'a Desk, visits: &[&Visit], most: usize) -> (Vec<&'a Item>, usize) {
    let graded = desk
        .protocol
        .items()
        .filter(|i| i.kind == Kind::Grade && !i.private);
    let given = |i: &Item, is: fn(&Answer) -> bool| {
        let mut answers = visits.iter().filter_map(|v| v.answer(i.id.as_str()));
        answers.any(is)
    };
    let mut lines: Vec<&Item> = graded.filter(|i| given(i, |_| true)).collect();
    let all = lines.len();
    if all > most {
        let above = |i: &&Item| given(i, |answer| answer.code() != Some(0));
        // One row says how many more there are.
        let mut free = most.saturating_sub(1 + lines.iter().filter(|i| above(i)).count());
        lines.retain(|i| {
            let kept = above(i) || free > 0;
            free -= usize::from(kept && !above(i));
            kept
        });
        lines.truncate(most.saturating_sub(1));
    }
    let left_out = all - lines.len();
    (lines, left_out)
}

fn heat(item: &Item, answer: &Answer, ctx: &Ctx<'_>) -> (String, Style) {
    let theme = ctx.theme;
    match answer.code() {
        Some(0) => (".".to_owned(), theme.dim()),
        Some(1) => ("1".to_owned(), theme.plain()),
        Some(2) => ("2".to_owned(), theme.bold()),
        Some(code) => (
            code.to_string(),
            theme.bold().add_modifier(Modifier::REVERSED),
        ),
        None => (shown::mark(item, answer, ctx.text), theme.dim()),
    }
}
