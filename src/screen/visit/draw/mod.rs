//! The picture of a visit: sections left, the section's lines right.

use super::answer::{listed, proposal, treatment};
use super::entry::{OTHER, PAGE, Stage, Trouble, Typing, WISH, addable, reasons};
use super::{VisitScreen, Walk};
use crate::domain::alert::{Alert, Assessed};
use crate::domain::answer::{Action, Manner};
use crate::domain::checklist::{Line, LineId, LineState, Part};
use crate::domain::due;
use crate::domain::observation::AnalyteId;
use crate::domain::protocol::{Item, Kind, Meaning, Opens, Section, Sentence, Sweep};
use crate::domain::situation::Verdict;
use crate::keys::{Command, Place};
use crate::note;
use crate::screen::Ctx;
use crate::screen::form::field_at;
use crate::screen::frame::{self, hint, hints};
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::field::Field;
use crate::widget::theme::mark;
use alerts::Told;
use ratatui::style::{Modifier, Style};
use std::collections::BTreeSet;

mod alerts;
mod hint;
mod line;
mod offer;
mod value;
mod what_if;

use hint::hint_line;
use line::{checklist_line, label_of, wide};
use offer::opened;
use value::Sheet;

/// One row of the right pane.
enum Row<'a> {
    /// A line of text in a style, from a column.
    Text(u16, String, Style),
    /// A checklist line.
    Line {
        letter: char,
        line: &'a Line,
        focused: bool,
    },
    /// A field with its words before it.
    Field {
        label: String,
        field: &'a Field,
    },
    Form,
    /// A value that came in a file, to be read.
    Came(&'a AnalyteId),
    Blank,
}

/// Draws the visit.
pub fn draw(screen: &VisitScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(walk) = Walk::of(ctx) else { return };
    let narrow = canvas.width() < 76;
    let header = frame::patient_header(ctx, walk.desk, canvas.width());
    let hints = hint_line(screen, &walk, canvas.width());
    let left = left_columns(&walk);
    let joint = (!narrow).then_some(left);
    let body = frame::frame(canvas, ctx, &header, &hints, joint);
    let height = body.bottom.saturating_sub(body.top);
    let at = screen.at(walk.list);
    let Some(part) = walk.list.part_of(at) else {
        return;
    };
    if narrow {
        let width = canvas.width();
        pane(
            screen,
            &mut canvas.part(0, body.top, width, height),
            &walk,
            part,
            at,
        );
    } else {
        sections(&mut canvas.part(0, body.top, left, height), &walk, part);
        let width = canvas.width() - left - 1;
        pane(
            screen,
            &mut canvas.part(left + 1, body.top, width, height),
            &walk,
            part,
            at,
        );
    }
}

/// Columns of the section list: its longest title, the count, the alert's mark.
fn left_columns(walk: &Walk<'_>) -> u16 {
    let title = |p: &Part| cells::width(p.section(&walk.desk.protocol).title.get(walk.ctx.lang()));
    let longest = walk.list.parts.iter().map(title).max().unwrap_or(0);
    u16::try_from(longest + 12).unwrap_or(24).clamp(20, 28)
}

/// The sections with what is open in each, and the loudest alert.
fn sections(canvas: &mut Canvas<'_>, walk: &Walk<'_>, here: &Part) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    for (i, part) in walk.list.parts.iter().enumerate() {
        let y = u16::try_from(i).unwrap_or(u16::MAX);
        let focused = part == here;
        let style = if focused { theme.bold() } else { theme.plain() };
        canvas.put(0, y, if focused { ">" } else { " " }, style);
        let title = part.section(&walk.desk.protocol).title.get(text.lang);
        let end = canvas.width() - 8;
        canvas.put_within(1, y, end, &format!("{:>2} {title}", i + 1), style);
        let open = match (part.open, part.answered) {
            (0, 0) => text.section_none.to_owned(),
            (0, _) => text.section_done.to_owned(),
            (n, _) => fill(text.section_open, &[("n", &n.to_string())]),
        };
        canvas.put_within(
            end + 1,
            y,
            4,
            &open,
            if part.open == 0 { theme.dim() } else { style },
        );
        if let Some(level) = part.worst {
            canvas.put_within(end + 5, y, 3, mark(level), theme.alert(level));
        }
    }
    let y = canvas
        .height()
        .saturating_sub(2)
        .max(u16::try_from(walk.list.parts.len()).unwrap_or(0));
    let open = fill(text.open_count, &[("n", &walk.list.open().to_string())]);
    canvas.put(1, y, &open, theme.plain());
    canvas.put(1, y + 1, &alert_count(walk), theme.plain());
}

fn alert_count(walk: &Walk<'_>) -> String {
    use crate::domain::protocol::Level;
    let text = walk.ctx.text;
    let mut parts = Vec::new();
    for level in [Level::Critical, Level::Warning, Level::Caution] {
        let n = fired(walk).filter(|a| a.level == level).count();
        if n > 0 {
            parts.push(format!("{}{n}", shown::level(level, text)));
        }
    }
    if parts.is_empty() {
        text.no_alert_short.to_owned()
    } else {
        parts.join(" ")
    }
}

fn fired<'a>(walk: &Walk<'a>) -> impl Iterator<Item = &'a Alert> {
    walk.list
        .alerts
        .iter()
        .filter(|a| a.assessed == Assessed::Fires)
}

/// The lines of one section, the focused one opened; what is said at the others is
/// told shorter where all of it has no room.
fn pane(screen: &VisitScreen, canvas: &mut Canvas<'_>, walk: &Walk<'_>, part: &Part, at: usize) {
    let sheet = Sheet::of(walk, part, canvas);
    title(canvas, walk, part, at);
    let height = usize::from(canvas.height().saturating_sub(2));
    let mut laid = (Vec::new(), 0);
    for told in [Told::Whole, Told::LoudWhole, Told::Brief] {
        laid = lay(screen, canvas, walk, (part, at), (sheet.as_ref(), told));
        if laid.0.len() <= height {
            break;
        }
    }
    let (rows, focus) = laid;
    let first = window(focus + height / 3, height, rows.len()).min(focus);
    let shown = rows.iter().skip(first).take(height);
    // Heads without a value beneath would be read as the heads of something else.
    let values = |row: &Row<'_>| match row {
        Row::Came(_) => true,
        Row::Line { line, .. } => matches!(line.id, LineId::Analyte(_)),
        _ => false,
    };
    if let Some(sheet) = sheet.as_ref().filter(|_| shown.clone().any(values)) {
        sheet.heads(canvas, walk);
    }
    for (i, row) in shown.enumerate() {
        let y = 2 + u16::try_from(i).unwrap_or(u16::MAX);
        put(screen, canvas, walk, row, sheet.as_ref(), y);
    }
}

/// Every row of a section, and which of them is the focused line's.
fn lay<'a>(
    screen: &'a VisitScreen,
    canvas: &Canvas<'_>,
    walk: &Walk<'a>,
    (part, at): (&Part, usize),
    (sheet, told): (Option<&'a Sheet>, Told),
) -> (Vec<Row<'a>>, usize) {
    let mut rows = Vec::new();
    let mut focus = 0;
    let alone = asked_alone(walk, at);
    for (i, index) in part.lines.clone().enumerate() {
        let line = &walk.list.lines[index];
        let focused = index == at;
        if alone && !focused {
            continue;
        }
        if focused {
            focus = rows.len();
        }
        let letter = char::from(b'a' + u8::try_from(i).unwrap_or(25).min(25));
        rows.push(Row::Line {
            letter,
            line,
            focused,
        });
        if focused {
            whole_label(&mut rows, canvas, walk, line);
            value::behind(&mut rows, canvas, walk, line, sheet);
        }
        if let Some(sheet) = sheet.filter(|_| walk.item(line).kind == Kind::Draw) {
            came(&mut rows, sheet, walk, part);
        }
        let told = if focused { Told::Whole } else { told };
        alerts::alerts(&mut rows, canvas, walk, line, told);
        if focused {
            opened(screen, &mut rows, canvas, walk, line);
        }
    }
    tail(&mut rows, canvas, walk, part, at);
    (rows, focus)
}

/// Under the line of the draw: what came from a laboratory meanwhile.
fn came<'a>(rows: &mut Vec<Row<'a>>, sheet: &'a Sheet, walk: &Walk<'_>, part: &Part) {
    if value::shows_came(walk, part) {
        let words = walk.ctx.text.visit_came.to_owned();
        rows.push(Row::Text(5, words, walk.ctx.theme.dim()));
        rows.extend(sheet.came().map(Row::Came));
    }
}

/// Whether the focused question stands alone in the pane: one without a last answer
/// among graded ones, such as thoughts of self-harm beside mood.
fn asked_alone(walk: &Walk<'_>, at: usize) -> bool {
    let item = walk.item(&walk.list.lines[at]);
    let section = walk.desk.protocol.section_of(item.id.as_str());
    let graded = |s: &Section| s.items.iter().any(|i| i.kind == Kind::Grade);
    item.no_last && section.is_some_and(graded)
}

/// Where the columns of last time, today and trend begin.
fn columns(width: u16) -> (u16, u16, u16) {
    let trend = width.saturating_sub(12);
    (trend.saturating_sub(12), trend.saturating_sub(6), trend)
}

fn title(canvas: &mut Canvas<'_>, walk: &Walk<'_>, part: &Part, at: usize) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let section = part.section(&walk.desk.protocol);
    let number = walk.list.parts.iter().position(|p| p == part).unwrap_or(0) + 1;
    let name = format!("{number} {}", section.title.get(text.lang));
    let (last, now, trend) = columns(canvas.width());
    let room = if section.id == "lab" {
        canvas.width()
    } else {
        last.saturating_sub(2)
    };
    let x = canvas.put_within(1, 0, room, &name, theme.bold());
    let items = || {
        walk.list.lines[part.lines.clone()]
            .iter()
            .map(|l| walk.item(l))
    };
    let top = items()
        .filter(|i| i.kind == Kind::Grade)
        .filter_map(|i| i.options.iter().map(|o| o.key).max())
        .max();
    if section.id == "lab" {
        lab_title(canvas, walk, x + 2);
        return;
    }
    if let Some(top) = top {
        let words = fill(text.own_grades, &[("n", &top.to_string())]);
        canvas.put_within(x + 2, 0, last.saturating_sub(x + 3), &words, theme.dim());
    }
    if items().any(|i| !i.no_last && !wide(i)) && !asked_alone(walk, at) {
        if let Some(day) = last_visit_day(walk) {
            canvas.put(last, 0, &crate::domain::date::short(day), theme.dim());
        }
        canvas.put(now, 0, text.column_now, theme.dim());
        canvas.put(trend, 0, text.column_trend, theme.dim());
    }
}

fn last_visit_day(walk: &Walk<'_>) -> Option<chrono::NaiveDate> {
    let course = walk.visit().opening.course;
    let before = walk.desk.record.signed(course);
    before
        .iter()
        .rev()
        .map(|v| v.day())
        .find(|d| *d <= walk.visit().day())
}

/// Why blood is due or not.
fn lab_title(canvas: &mut Canvas<'_>, walk: &Walk<'_>, x: u16) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let Some(t) = treatment(walk) else {
        return;
    };
    let blood = due::blood(
        &walk.desk.record,
        &t,
        &walk.desk.settings,
        walk.visit().day(),
    );
    if let due::Due::On(sum) = blood {
        let line = format!(
            "{} {}",
            shown::sum(&sum, text),
            shown::due(&blood, walk.visit().day(), text)
        );
        canvas.put(x, 0, &line, theme.dim());
    }
}

/// The focused line's label once more, where its row had to cut it.
fn whole_label(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, walk: &Walk<'_>, line: &Line) {
    if matches!(line.id, LineId::Analyte(_)) {
        return;
    }
    let item = walk.item(line);
    let label = label_of(line, item, walk);
    let (last, now, _) = columns(canvas.width());
    let room = if item.no_last { now } else { last } - 6;
    if cells::width(&cells::display(&label)) > usize::from(room) {
        let width = usize::from(canvas.width().saturating_sub(6));
        let pieces = cells::wrap(&label, width).into_iter();
        rows.extend(pieces.map(|piece| Row::Text(5, piece, canvas.theme.bold())));
    }
}

/// Below the lines: what one key would do, what to say, where it goes on.
fn tail(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, walk: &Walk<'_>, part: &Part, at: usize) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let room = usize::from(canvas.width().saturating_sub(4));
    let mut push = |words: String, style: Style| {
        for piece in cells::wrap(&words, room) {
            rows.push(Row::Text(3, piece, style));
        }
    };
    if let Some(words) = one_key(walk, part) {
        push(String::new(), theme.plain());
        push(words, theme.plain());
    }
    let item = walk.item(&walk.list.lines[at]);
    if let Some(words) = value::baseline(walk, part, room) {
        push(String::new(), theme.plain());
        push(words, theme.dim());
    }
    push(String::new(), theme.plain());
    push(
        fill(text.ask, &[("words", item.ask(text.lang))]),
        theme.dim(),
    );
    let memos = walk.visit().memos.iter().filter(|(_, m)| m.item == item.id);
    for (_, memo) in memos {
        push(fill(text.memo, &[("text", &memo.text)]), theme.plain());
    }
    if let Some(next) = walk
        .list
        .next_open(Some(part.lines.end - 1))
        .and_then(|i| walk.list.part_of(i))
    {
        if next != part {
            let title = next.section(&walk.desk.protocol).title.get(text.lang);
            push(fill(text.next_section, &[("title", title)]), theme.dim());
        }
    } else if walk.list.open() == 0 {
        push(text.all_done.to_owned(), theme.bold());
    }
}

/// The line that says what `+` or `*` would record.
fn one_key(walk: &Walk<'_>, part: &Part) -> Option<String> {
    let text = walk.ctx.text;
    let section = part.section(&walk.desk.protocol);
    match section.sweep? {
        Sweep::Unchanged => {
            let lines = walk.list.sweepable(&walk.desk.protocol, part);
            if lines.is_empty() {
                return None;
            }
            let each: Vec<String> = lines
                .iter()
                .map(|(i, a)| format!("{}{}", i.label(text.lang), shown::mark(i, a, text)))
                .collect();
            let n = lines.len().to_string();
            Some(fill(
                text.sweep_line,
                &[("n", &n), ("each", &each.join(" "))],
            ))
        }
        Sweep::Denied => {
            let n = walk.list.deniable(&walk.desk.protocol, part).len();
            (n > 0).then(|| fill(text.deny_line, &[("n", &n.to_string())]))
        }
    }
}

fn put(
    screen: &VisitScreen,
    canvas: &mut Canvas<'_>,
    walk: &Walk<'_>,
    row: &Row<'_>,
    sheet: Option<&Sheet>,
    y: u16,
) {
    match row {
        Row::Blank => {}
        Row::Came(analyte) => {
            if let Some(sheet) = sheet {
                sheet.draw(canvas, analyte, canvas.theme.plain(), y);
            }
        }
        Row::Text(x, words, style) => {
            canvas.put(*x, y, words, *style);
        }
        Row::Field { label, field } => {
            let x = canvas.put(5, y, label, canvas.theme.bold()) + 1;
            let width = canvas.width().saturating_sub(x + 2).min(40);
            field_at(canvas, x, y, width, field, true);
        }
        Row::Form => {
            if let Stage::Dates { form, .. } = &screen.stage {
                let (width, height) = (
                    canvas.width().saturating_sub(4),
                    canvas.height().saturating_sub(y),
                );
                form.draw(&mut canvas.part(4, y, width, height));
            }
        }
        Row::Line {
            letter,
            line,
            focused,
        } => checklist_line(canvas, walk, *letter, line, *focused, sheet, y),
    }
}
