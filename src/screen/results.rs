//! One patient's results as they came: looked at and signed between visits.
//!
//! ```text
//!         今回 単位     上限比 基準     増減
//! > 2026-11-19 5日前 空腹  未確認  EXAMPLELAB  番号・生年月日・性別が一致
//!     TG   612 mg/dL HH  x4.11 30-149  +588%  !!! 重大 Enter で確認
//!     ALT   22 U/L             7-23     +29%
//! ```

use super::frame;
use super::labs::Labs;
use super::labs::line::{self, Line, Look, Part};
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::arrival::{AsSent, Deed, How, Reviewed};
use crate::domain::change::{Change, EntryKind};
use crate::domain::date;
use crate::domain::observation::{Flag, judge};
use crate::domain::reading::Reading;
use crate::domain::record::{Linked, Value};
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;

/// State of the screen.
#[derive(Clone, Debug, Default)]
pub struct ResultsScreen {
    /// Which draw, the newest first.
    at: usize,
    /// Of that draw's critical values, those acknowledged by name.
    acknowledged: Vec<String>,
    /// Asked once whether to unlink.
    unlinking: bool,
}

/// Linked draws, those nobody has looked at first, then the newest.
fn draws(desk: &Desk) -> Vec<&Linked> {
    let mut draws: Vec<&Linked> = desk.record.linked().iter().rev().collect();
    draws.sort_by_key(|linked| !linked.reviews.is_empty());
    draws
}

impl ResultsScreen {
    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Pressed::Key(key) = plain(key) else {
            return Outcome::say(ctx.text.say_input_method_on);
        };
        let Some(desk) = ctx.desk else {
            return Outcome::go(Go::List);
        };
        let asked = command(Place::Results, key);
        let unlinking = std::mem::take(&mut self.unlinking);
        match asked {
            Some(Command::Up) => self.stand(self.at.saturating_sub(1)),
            Some(Command::Down) => {
                self.stand((self.at + 1).min(draws(desk).len().saturating_sub(1)))
            }
            Some(Command::Back) => return Outcome::go(Go::Chart),
            Some(Command::HandOver) => return Outcome::go(Go::HandOver),
            Some(Command::Help) => return Outcome::go(Go::Help),
            asked => return self.on_draw(asked, unlinking, desk, ctx),
        }
        Outcome::none()
    }

    fn stand(&mut self, at: usize) {
        if at != self.at {
            self.acknowledged.clear();
        }
        self.at = at;
    }

    fn on_draw(
        &mut self,
        asked: Option<Command>,
        unlinking: bool,
        desk: &Desk,
        ctx: &Ctx<'_>,
    ) -> Outcome {
        let draws = draws(desk);
        let Some(linked) = draws.get(self.at) else {
            return Outcome::none();
        };
        match asked {
            Some(Command::Enter) => self.acknowledge(linked, desk, ctx),
            Some(Command::Answer(digit)) => self.review(digit, linked, desk, ctx),
            Some(Command::Undo) => take_back(linked, desk, ctx),
            Some(Command::Void) if unlinking => unlink(linked, desk, ctx),
            Some(Command::Void) => {
                self.unlinking = true;
                Outcome::say(ctx.text.results_unlink_sure)
            }
            _ => Outcome::none(),
        }
    }

    /// The next critical value, by its name.
    fn acknowledge(&mut self, linked: &Linked, desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
        let mut open = critical(linked).filter(|name| !self.acknowledged.iter().any(|a| a == name));
        let Some(name) = open.next() else {
            return Outcome::say(ctx.text.results_choose);
        };
        let value = values(linked, desk).find(|v| v.observation.analyte.0 == name);
        let told = value.map_or_else(|| name.to_owned(), |value| told(value, ctx));
        self.acknowledged.push(name.to_owned());
        Outcome::say(fill(ctx.text.results_acknowledged, &[("value", &told)]))
    }

    fn review(&mut self, digit: u8, linked: &Linked, desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.text;
        let Some(deed) = usize::from(digit)
            .checked_sub(1)
            .and_then(|n| Deed::ALL.get(n))
        else {
            return Outcome::none();
        };
        let missing = critical(linked).find(|name| !self.acknowledged.iter().any(|a| a == name));
        if let Some(missing) = missing.filter(|_| linked.reviews.is_empty()) {
            let name = short(missing, ctx);
            return Outcome::say(fill(text.results_first, &[("name", &name)]));
        }
        let acknowledged = std::mem::take(&mut self.acknowledged).join("\n");
        let reviewed = Reviewed {
            draw: linked.link.draw,
            deed: *deed,
            acknowledged: (!acknowledged.is_empty()).then_some(acknowledged),
            note: None,
        };
        let what = format!(
            "{} {}",
            text.results_title,
            shown::arrival::deed(*deed, text)
        );
        Outcome::save(draft(
            desk,
            EntryKind::Review,
            vec![Change::Reviewed(reviewed)],
            what,
        ))
    }
}

/// Takes back the last review of a draw.
fn take_back(linked: &Linked, desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    let Some((stamp, _)) = linked.reviews.last() else {
        return Outcome::say(ctx.text.results_nothing_to_undo);
    };
    let what = ctx.text.saved_undo.to_owned();
    Outcome::save(Draft {
        undoes: Some(stamp.entry),
        ..draft(desk, EntryKind::Undo, Vec::new(), what)
    })
}

/// The draw waits again for whose it is.
fn unlink(linked: &Linked, desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    let what = ctx.text.results_unlinked.to_owned();
    Outcome::save(Draft {
        undoes: Some(linked.stamp.entry),
        ..draft(desk, EntryKind::Undo, Vec::new(), what)
    })
}

fn draft(desk: &Desk, kind: EntryKind, changes: Vec<Change>, what: String) -> Draft {
    Draft {
        patient: desk.record.patient,
        visit: None,
        kind,
        undoes: None,
        reason: None,
        changes,
        what,
    }
}

fn critical(linked: &Linked) -> impl Iterator<Item = &str> {
    linked.link.critical.iter().flat_map(|names| names.lines())
}

fn values<'a>(linked: &Linked, desk: &'a Desk) -> impl Iterator<Item = &'a Value> {
    desk.record.stated_by(linked.stamp.entry)
}

fn short(analyte: &str, ctx: &Ctx<'_>) -> String {
    let known = ctx.clinic.and_then(|clinic| {
        let all = clinic.catalogue.analytes.iter();
        all.into_iter().find(|a| a.id.0 == analyte)
    });
    known.map_or_else(
        || analyte.to_owned(),
        |a| a.short.get(ctx.lang()).to_owned(),
    )
}

/// `TG 612 mg/dL HH (30-149)`
fn told(value_of: &Value, ctx: &Ctx<'_>) -> String {
    let observation = &value_of.observation;
    let name = short(&observation.analyte.0, ctx);
    let known = ctx
        .clinic
        .and_then(|c| c.catalogue.get(&observation.analyte));
    let flag = known.map_or(Flag::NotJudged, |known| judge(observation, known));
    let sent = observation.sent.as_ref();
    let range = sent.and_then(|sent| sent.range.clone());
    let range = range.map_or_else(String::new, |range| format!(" ({range})"));
    let value = shown::reported(observation, ctx.text);
    let standing = standing(value_of, ctx);
    format!("{name} {value} {}{range} {standing}", flag.letters())
}

/// What the laboratory calls it, and what it corrects.
fn standing(value: &Value, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let sent = value.observation.sent.as_ref();
    match sent.and_then(|sent| sent.status.as_deref()) {
        Some("preliminary") => text.read_preliminary.to_owned(),
        Some("corrected") => {
            let record = ctx.desk.map(|desk| &desk.record);
            let before = record.and_then(|record| record.said_before(value));
            let before = before.map(|before| shown::reported(before, text));
            let before = before.map(|value| fill(text.read_corrected_from, &[("value", &value)]));
            before.unwrap_or_else(|| text.read_corrected.to_owned())
        }
        _ => String::new(),
    }
}

/// A result that is a word, by its analyte's name and in the reader's language.
fn worded(result: &AsSent, ctx: &Ctx<'_>) -> String {
    let name = match (&result.analyte, &result.word) {
        (Some(analyte), Some(_)) => short(&analyte.0, ctx),
        _ => result.name.clone(),
    };
    let value = shown::arrival::word(result, ctx.text);
    let preliminary = match result.status.as_str() {
        "preliminary" => ctx.text.read_preliminary,
        "corrected" => ctx.text.read_corrected,
        _ => "",
    };
    format!("  {name} {value} {} {preliminary}", result.unit)
}

/// Draws the screen.
pub fn draw(screen: &ResultsScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let Some(desk) = ctx.desk else { return };
    let header = frame::patient_header(ctx, desk, canvas.width());
    let commands = [
        Command::Answer(0),
        Command::Enter,
        Command::Back,
        Command::Undo,
        Command::Void,
    ];
    let line = frame::hint_line(Place::Results, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    let part = &mut canvas.part(0, body.top, width, height);
    part.put_within(1, 0, width - 2, text.results_keys, ctx.theme.bold());
    let rows = rows(screen, desk, ctx, usize::from(width) - 4);
    if rows.is_empty() {
        part.put(3, 2, text.results_none, ctx.theme.dim());
        return;
    }
    let columns = row_columns(&rows, width, text);
    line::heads(&columns, part, 1, text);
    let at = rows
        .iter()
        .position(|row| row.draw == Some(screen.at))
        .unwrap_or(0);
    let room = usize::from(height.saturating_sub(HEADS));
    let first = window(at, room, rows.len());
    for (y, row) in (HEADS..height).zip(rows.iter().skip(first)) {
        row.draw(&columns, row.draw == Some(screen.at), part, y, ctx);
    }
    let below = rows.len().saturating_sub(first + room);
    frame::more_below(canvas, body.bottom, below, text);
}

/// Rows above the draws: the keys, the heads of the columns.
const HEADS: u16 = 2;
/// Cells kept behind the columns for what is to be said of a value.
const SAID: u16 = 28;

/// The parts of a value shown here, the most important first.
const PARTS: [Part; 9] = [
    Part::Name,
    Part::Value,
    Part::Unit,
    Part::Flag,
    Part::Times,
    Part::Range,
    Part::Percent,
    Part::Change,
    Part::Spark,
];

fn row_columns(rows: &[Row], width: u16, text: &Text) -> Vec<line::Column> {
    let lines: Vec<Line> = rows.iter().filter_map(|row| row.line.clone()).collect();
    let room = width.saturating_sub(4 + SAID);
    line::columns(&lines, &PARTS, false, (4, room), text)
}

/// One line of the picture.
#[derive(Default)]
struct Row {
    /// The draw it is the heading of.
    draw: Option<usize>,
    /// A value in columns, before its words.
    line: Option<Line>,
    text: String,
    critical: bool,
}

impl Row {
    fn draw(
        &self,
        columns: &[line::Column],
        focused: bool,
        part: &mut Canvas<'_>,
        y: u16,
        ctx: &Ctx<'_>,
    ) {
        let style = match (self.critical, focused) {
            (true, _) => ctx.theme.error(),
            (_, true) => ctx.theme.bold(),
            _ => ctx.theme.plain(),
        };
        part.put(0, y, if focused { ">" } else { " " }, style);
        let mut x = 2;
        if let Some(line) = &self.line {
            line.draw(columns, part, y, self.critical.then_some(style));
            x = columns.last().map_or(x, line::Column::end) + 2;
        }
        let width = part.width().saturating_sub(x + 1);
        part.put_within(x, y, width, &self.text, style);
        if focused {
            part.focus(y);
        }
    }
}

fn rows(screen: &ResultsScreen, desk: &Desk, ctx: &Ctx<'_>, width: usize) -> Vec<Row> {
    let mut rows = overtaken(desk, ctx, width);
    for (at, linked) in draws(desk).into_iter().enumerate() {
        rows.push(Row {
            draw: Some(at),
            text: heading(linked, desk, ctx),
            ..Row::default()
        });
        let acknowledged = match at == screen.at {
            true => screen.acknowledged.as_slice(),
            false => &[],
        };
        let values = values(linked, desk);
        rows.extend(values.map(|value| value_row(value, linked, acknowledged, ctx)));
        let shown = desk.record.as_sent().iter();
        for result in shown.filter(|result| result.draw == linked.link.draw) {
            let why = result.why.as_deref();
            let why = why.map(|why| format!("  [{}]", shown::arrival::why(why, ctx.text)));
            rows.push(Row {
                text: format!("{}{}", worded(result, ctx), why.unwrap_or_default()),
                ..Row::default()
            });
        }
    }
    rows
}

/// A value in columns where it stands in the patient's series, else in words; and
/// whether it is still to be acknowledged.
fn value_row(value: &Value, linked: &Linked, acknowledged: &[String], ctx: &Ctx<'_>) -> Row {
    let name = &value.observation.analyte.0;
    let critical = linked.reviews.is_empty() && self::critical(linked).any(|c| c == name);
    let mark = match critical {
        true if acknowledged.contains(name) => ctx.text.results_taken,
        true => ctx.text.results_critical,
        false => "",
    };
    let line = line_of(value, ctx);
    let words = match line {
        Some(_) => standing(value, ctx),
        None => format!("  {}", told(value, ctx)),
    };
    let text = match (mark, words.is_empty()) {
        ("", _) => words,
        (mark, true) => mark.to_owned(),
        (mark, false) => format!("{mark} {words}"),
    };
    Row {
        draw: None,
        line,
        text,
        critical,
    }
}

fn line_of(value: &Value, ctx: &Ctx<'_>) -> Option<Line> {
    let labs = Labs::on(ctx, ctx.today)?;
    let analyte = labs.clinic.catalogue.get(&value.observation.analyte)?;
    let readings = labs.readings(analyte);
    let own = |r: &Reading<'_>| r.point.observation.id == value.observation.id;
    let at = readings.iter().position(own)?;
    let look = Look {
        theme: ctx.theme,
        text: ctx.text,
        on: ctx.today,
        units: true,
    };
    Some(Line::of(analyte, readings.get(..=at)?, false, look))
}

/// What a laboratory corrected after a visit was signed on it.
fn overtaken(desk: &Desk, ctx: &Ctx<'_>, width: usize) -> Vec<Row> {
    let said = shown::arrival::overtaken(&desk.record, None, ctx.text);
    let lines = said.iter().flat_map(|line| cells::wrap(line, width));
    let row = |text| Row {
        text,
        critical: true,
        ..Row::default()
    };
    lines.map(row).collect()
}

fn heading(linked: &Linked, desk: &Desk, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let specimen = values(linked, desk).find_map(|v| desk.record.specimen(v.observation.specimen));
    let shown_only = desk
        .record
        .as_sent()
        .iter()
        .find(|r| r.draw == linked.link.draw);
    let day = specimen
        .map(|s| s.drawn_on)
        .or(shown_only.and_then(|r| r.drawn_on));
    let age = day.map(|day| shown::reading::age((ctx.today - day).num_days(), text));
    let age = age.map(|age| fill(text.read_ago, &[("age", &age)]));
    let age = age.unwrap_or_default();
    let sample = specimen.map(|s| shown::reading::sample_brief(s, text));
    let sample = sample.unwrap_or_default();
    let day = day.map(date::iso).unwrap_or_default();
    let laboratory = specimen.and_then(|s| s.laboratory.clone());
    let laboratory = laboratory.or(shown_only.and_then(|r| r.laboratory.clone()));
    let looked = match linked.reviews.last() {
        None => text.results_unseen.to_owned(),
        Some((stamp, reviewed)) => format!(
            "{} {} {}",
            shown::arrival::deed(reviewed.deed, text),
            shown::day(stamp.at.date_naive(), text),
            ctx.name(stamp.person)
        ),
    };
    let how = match linked.link.how {
        How::Matched => text.link_matched,
        How::Confirmed => text.link_confirmed,
        How::Remembered => text.link_remembered,
    };
    let late = if linked.link.late { text.why_late } else { "" };
    let laboratory = laboratory.unwrap_or_default();
    let late = if late.is_empty() {
        String::new()
    } else {
        format!("{late}  ")
    };
    format!("{day} {age} {sample}  {looked}  {late}{laboratory}  {how}")
}
