//! One line of the checklist: label, answer, last time, today, trend; or one value.

use super::*;
use crate::domain::protocol::Section;
use crate::domain::record::Response;

pub(super) fn checklist_line(
    canvas: &mut Canvas<'_>,
    walk: &Walk<'_>,
    letter: char,
    line: &Line,
    focused: bool,
    sheet: Option<&Sheet>,
    y: u16,
) {
    let theme = canvas.theme;
    let style = match line.state {
        LineState::SetAside => theme.dim(),
        _ if focused => theme.bold(),
        _ => theme.plain(),
    };
    canvas.put(1, y, if focused { ">" } else { " " }, theme.bold());
    canvas.put(3, y, &letter.to_string(), theme.dim());
    if let LineId::Analyte(analyte) = &line.id {
        if let Some(sheet) = sheet {
            sheet.draw(canvas, analyte, style, y);
        }
        return;
    }
    let item = walk.item(line);
    let (last, now, _) = columns(canvas.width());
    let response = line.response(walk.visit());
    let covered = covered(walk, item);
    let end = if item.no_last || covered { now } else { last };
    let room = if wide(item) && response.is_some() {
        canvas.width()
    } else {
        end
    };
    let label = label_of(line, item, walk);
    let x = canvas.put_within(5, y, end.saturating_sub(6), &label, style);
    match response {
        Some(_) if covered => {
            canvas.put(x + 2, y, walk.ctx.text.covered, theme.dim());
            return;
        }
        Some(response) => {
            let words = shown::brief(item, &response.answer, walk.ctx.text);
            canvas.put_within(x + 2, y, room.saturating_sub(x + 3), &words, style);
        }
        None if item.kind == Kind::Draw => draw_words(canvas, walk, x + 2, y, style),
        None => {}
    }
    if !wide(item) || (response.is_none() && item.kind != Kind::Draw) {
        today_mark(canvas, walk, line, item, (now, y), style);
        if !item.no_last && !covered {
            before(canvas, walk, item, y);
        }
    }
    if let Some(response) = response {
        by(canvas, walk, response, y);
    }
}

/// The last answer and the trend, for comparison only.
fn before(canvas: &mut Canvas<'_>, walk: &Walk<'_>, item: &Item, y: u16) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let (last, now, trend) = columns(canvas.width());
    if let Some(previous) = walk.list.situation.last.get(&item.id) {
        let words = shown::mark(item, previous, text);
        canvas.put_within(last, y, now - last - 1, &words, theme.dim());
    }
    let width = canvas.width().saturating_sub(trend);
    canvas.put_within(trend, y, width, &trend_of(walk, item), theme.dim());
}

/// Whether somebody else in the room must not read this line: pregnancy and contraception.
fn covered(walk: &Walk<'_>, item: &Item) -> bool {
    let asks = |section: &Section| section.items.iter().any(|i| i.kind == Kind::Test);
    let section = walk.desk.protocol.section_of(item.id.as_str());
    walk.visit().context.companion && section.is_some_and(asks)
}

/// Who answered, where it was not the one who types now: in the place of the trend.
fn by(canvas: &mut Canvas<'_>, walk: &Walk<'_>, response: &Response, y: u16) {
    if response.stamp.person == walk.ctx.me {
        return;
    }
    let (_, _, trend) = columns(canvas.width());
    let width = usize::from(canvas.width().saturating_sub(trend));
    let name = walk.ctx.name(response.stamp.person);
    let words = format!(
        "{} {}",
        cells::fit(name, width.saturating_sub(6)),
        response.stamp.at.format("%H:%M")
    );
    canvas.put(trend, y, &cells::pad(&words, width), canvas.theme.dim());
}

/// Lines whose answer needs the whole row.
pub(super) fn wide(item: &Item) -> bool {
    matches!(
        item.kind,
        Kind::Plan
            | Kind::Potential
            | Kind::Counselling
            | Kind::Text
            | Kind::Many
            | Kind::Test
            | Kind::LastDose
            | Kind::Consent
            | Kind::Draw
    )
}

pub(super) fn label_of(line: &Line, item: &Item, walk: &Walk<'_>) -> String {
    let text = walk.ctx.text;
    let label = item.label(text.lang);
    let LineId::Again(flag) = &line.id else {
        return match line.state {
            LineState::SetAside => format!("{label} {}", text.set_aside),
            _ => label.to_owned(),
        };
    };
    let alert = walk
        .list
        .alerts
        .iter()
        .find(|a| a.asks.as_ref() == Some(flag));
    let why = alert.map_or("", |a| a.reason.get(text.lang));
    fill(text.asked_again, &[("label", label), ("why", why)])
}

pub(super) fn draw_words(canvas: &mut Canvas<'_>, walk: &Walk<'_>, x: u16, y: u16, style: Style) {
    let text = walk.ctx.text;
    let Some(drawn) = &walk.list.drawn else {
        return;
    };
    let s = &drawn.specimen;
    let mut words = format!(
        "{} {}",
        shown::day(s.drawn_on, text),
        shown::fasting(s.fasting, text)
    );
    if let Some(mg) = s.dose_at_draw {
        words.push_str(&format!(
            "  {}",
            fill(text.mg_per_day, &[("mg", &shown::number(mg))])
        ));
    }
    for (on, word) in [
        (s.haemolysed, text.sample_haemolysed),
        (s.lipaemic, text.sample_lipaemic),
    ] {
        if on {
            words.push_str(&format!("  {word}"));
        }
    }
    if let Some(comment) = &s.comment {
        words.push_str(&format!("  {comment}"));
    }
    canvas.put(x, y, &words, style);
}

pub(super) fn today_mark(
    canvas: &mut Canvas<'_>,
    walk: &Walk<'_>,
    line: &Line,
    item: &Item,
    (x, y): (u16, u16),
    style: Style,
) {
    let text = walk.ctx.text;
    let shown = line
        .response(walk.visit())
        .map(|r| shown::mark(item, &r.answer, text));
    match (shown, line.state) {
        (Some(shown), _) => {
            let column = columns(canvas.width()).2;
            canvas.put_within(x, y, column - x - 1, &shown, style);
        }
        (None, LineState::Open) => {
            canvas.put(x, y, "[ ]", style);
        }
        (None, _) => {}
    }
}

/// The last answers, oldest first; `=` where it was swept as unchanged.
pub(super) fn trend_of(walk: &Walk<'_>, item: &Item) -> String {
    let text = walk.ctx.text;
    let earlier = walk.desk.record.earlier(walk.visit(), item.id.as_str());
    let mut marks: Vec<String> = earlier
        .take(5)
        .map(|(_, answer, manner)| match manner {
            Manner::Unchanged => "=".to_owned(),
            _ => shown::mark(item, answer, text),
        })
        .collect();
    marks.reverse();
    marks.join(" ")
}
