//! The review as it is drawn: the decision on top, then what is missing, the
//! alerts, what was swept, the note.

use super::{JUMPS, ReviewScreen, Work};
use crate::domain::alert::{Alert, Assessed};
use crate::domain::answer::{Action, ItemId, Manner, Phase, Plan};
use crate::domain::checklist::LineId;
use crate::domain::protocol::Level;
use crate::keys::{Command, Place};
use crate::note;
use crate::review::{AnsweredBy, Standing, Swept};
use crate::screen::Ctx;
use crate::screen::form::field_at;
use crate::screen::frame::{self, hints};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use crate::widget::theme::mark;
use chrono::{DateTime, FixedOffset};
use ratatui::style::Style;

/// Draws the review.
pub fn draw(screen: &ReviewScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(work) = Work::of(ctx) else { return };
    let header = frame::patient_header(ctx, work.desk, canvas.width());
    let body = frame::frame(
        canvas,
        ctx,
        &header,
        &hint_line(screen, &work, canvas.width()),
        None,
    );
    let rows = rows(screen, &work, canvas);
    let entry = u16::from(screen.reason.is_some());
    let height = usize::from(body.bottom.saturating_sub(body.top + entry));
    let furthest = rows.len().saturating_sub(height);
    screen.furthest.set(Some(furthest));
    let top = screen.top.min(furthest);
    for (i, (x, words, style)) in rows.iter().skip(top).take(height).enumerate() {
        canvas.put(*x, body.top + i as u16, words, *style);
    }
    let below = rows.len().saturating_sub(top + height);
    frame::more_below(canvas, body.bottom, below, ctx.text);
    if let Some(field) = &screen.reason {
        let y = body.bottom.saturating_sub(1);
        let x = canvas.put(1, y, ctx.text.reason_label, ctx.theme.bold()) + 1;
        let width = canvas.width().saturating_sub(x + 1);
        field_at(canvas, x, y, width, field, true);
    }
}

type Rows = Vec<(u16, String, Style)>;

fn rows(screen: &ReviewScreen, work: &Work<'_>, canvas: &Canvas<'_>) -> Rows {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let width = canvas.width();
    let mut rows: Rows = vec![(1, counts(work), theme.bold())];
    decision_rows(&mut rows, work, width);
    if let Some(last) = work.ctx.clock_behind {
        let words = fill(
            text.review_clock_behind,
            &[
                ("now", &moment(work.ctx.now, text)),
                ("last", &moment(last, text)),
            ],
        );
        push(&mut rows, text.review_clock, &words, theme.error(), width);
    }
    rows.push((0, String::new(), theme.plain()));
    let jumps = work.jumps();
    let left = (work.review.blocks.len() + work.review.open.len()).saturating_sub(jumps.len());
    for (_, words) in &jumps {
        rows.push((3, words.clone(), theme.bold()));
    }
    if left > 0 && jumps.len() == JUMPS {
        rows.push((
            5,
            fill(text.review_more, &[("n", &left.to_string())]),
            theme.dim(),
        ));
    }
    let dangers = work.review.not_entered().len();
    if dangers > 0 {
        let n = dangers.to_string();
        rows.push((3, fill(text.close_not_asked, &[("n", &n)]), theme.bold()));
    }
    if !jumps.is_empty() {
        rows.push((0, String::new(), theme.plain()));
    }
    alert_rows(&mut rows, work, width);
    for swept in &work.review.swept {
        push(
            &mut rows,
            text.review_swept,
            &swept_line(work, swept),
            theme.plain(),
            width,
        );
    }
    push(
        &mut rows,
        text.review_singly,
        &singly_line(work),
        theme.plain(),
        width,
    );
    note_rows(&mut rows, screen, work, width);
    rows
}

fn moment(at: DateTime<FixedOffset>, text: &Text) -> String {
    let day = shown::full_day(at.date_naive(), text);
    format!("{day} {}", at.format("%H:%M"))
}

/// What the signature will prescribe, where it is read before Enter.
fn decision_rows(rows: &mut Rows, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let decision = work
        .review
        .decision
        .map_or(text.block_no_decision.to_owned(), |p| decided(work, p));
    push(rows, text.review_decision, &decision, theme.bold(), width);
    if let Some(next) = work.review.decision.and_then(|p| p.next_blood) {
        push(
            rows,
            text.review_blood,
            &shown::full_day(next, text),
            theme.plain(),
            width,
        );
    }
}

/// One key starts and resumes; the record knows which it was.
fn decided(work: &Work<'_>, plan: &Plan) -> String {
    let text = work.ctx.text;
    let said = shown::plan(plan, text);
    let resumed = plan.action == Action::Start && work.list.situation.phase == Some(Phase::Paused);
    match said.strip_prefix(text.action_start).filter(|_| resumed) {
        Some(rest) => format!("{}{rest}", text.close_resumed),
        None => said,
    }
}

/// A row with its heading in the left margin, wrapped under itself.
fn push(rows: &mut Rows, heading: &str, words: &str, style: Style, width: u16) {
    if words.is_empty() {
        return;
    }
    let room = usize::from(width.saturating_sub(12));
    for (i, piece) in cells::wrap(words, room).into_iter().enumerate() {
        let head = if i == 0 { heading } else { "" };
        rows.push((1, format!("{}{piece}", cells::pad(head, 9)), style));
    }
}

fn counts(work: &Work<'_>) -> String {
    let text = work.ctx.text;
    let mut parts = vec![fill(
        text.open_count,
        &[("n", &work.review.open.len().to_string())],
    )];
    for (why, n) in work.review.absent.iter().filter(|(_, n)| *n > 0) {
        parts.push(format!("{} {n}", shown::absence(*why, text)));
    }
    let undecided = unjudged(work).count();
    if undecided > 0 {
        parts.push(format!("{} {undecided}", text.close_undecided));
    }
    format!("{}    {}", text.review_title, parts.join("   "))
}

/// Rules that could not be judged although a value is there.
fn unjudged<'a>(work: &'a Work<'_>) -> impl Iterator<Item = &'a Standing<'a>> {
    let alerts = work.review.alerts.iter();
    alerts.filter(|s| s.alert.assessed != Assessed::Fires)
}

fn alert_rows(rows: &mut Rows, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let mut heading = text.review_alerts;
    let loud =
        |s: &&Standing<'_>| s.alert.assessed == Assessed::Fires && s.alert.level > Level::Note;
    for standing in work.review.alerts.iter().filter(loud) {
        let alert = standing.alert;
        let sign = mark(alert.level);
        let mut words = format!(
            "{sign} {} {}",
            shown::level(alert.level, text),
            alert.text.get(text.lang)
        );
        words.push_str(&format!(" [{}]", source(alert, text)));
        let answered: Vec<String> = standing
            .answered
            .iter()
            .map(|a| answered_by(work, a))
            .collect();
        if !answered.is_empty() {
            words.push_str(&format!("  -> {}", answered.join(", ")));
        }
        let style = theme
            .alert(alert.level)
            .remove_modifier(ratatui::style::Modifier::REVERSED);
        push(rows, heading, &words, style, width);
        heading = "";
    }
    if heading == text.review_alerts {
        let open = work.review.open.len();
        let n = [("said", text.no_alert), ("n", &*open.to_string())];
        let said = match open {
            0 => text.no_alert.to_owned(),
            _ => fill(text.close_gaps, &n),
        };
        push(rows, heading, &said, theme.plain(), width);
    }
    for alert in work.review.undecided() {
        let words = format!(
            "? {} {} {} [{}]",
            text.close_undecided,
            shown::level(alert.level, text),
            alert.text.get(text.lang),
            source(alert, text)
        );
        push(rows, "", &words, theme.bold(), width);
    }
    for stood in &work.review.vanished {
        let settled = stood.settled.as_deref().unwrap_or_default();
        let values = [("alert", stood.alert.text.get(text.lang)), ("why", settled)];
        push(
            rows,
            text.review_vanished,
            &fill(text.vanished_line, &values),
            theme.bold(),
            width,
        );
    }
    let named = work.review.alerts.iter().filter(loud).count() + work.review.undecided().count();
    let notes = work.review.alerts.len() - named;
    if notes > 0 {
        let words = fill(text.notes_folded, &[("n", &notes.to_string())]);
        push(rows, "", &words, theme.dim(), width);
    }
}

/// Whose rule it is, and where it is written.
fn source(alert: &Alert, text: &Text) -> String {
    let (basis, source) = (note::basis(alert.basis, text), alert.source.get(text.lang));
    match source.starts_with(basis) {
        true => source.to_owned(),
        false => format!("{basis}: {source}"),
    }
}

fn answered_by(work: &Work<'_>, by: &AnsweredBy<'_>) -> String {
    let text = work.ctx.text;
    let label = |item: &ItemId| work.label(&LineId::Item(item.clone()));
    match by {
        AnsweredBy::Decision(action) => shown::action(*action, text).to_owned(),
        AnsweredBy::Reason(reason) => fill(text.because, &[("reason", reason)]),
        AnsweredBy::AskedAlone(item) => fill(text.asked_alone, &[("label", &label(item))]),
        AnsweredBy::Advice(item) => label(item),
    }
}

fn swept_line(work: &Work<'_>, swept: &Swept<'_>) -> String {
    let text = work.ctx.text;
    let title = swept.section.title.get(text.lang);
    let n = swept.lines.len().to_string();
    if swept.manner == Manner::Denied {
        return fill(text.review_denied, &[("title", title), ("n", &n)]);
    }
    let marks: Vec<String> = swept
        .lines
        .iter()
        .filter_map(|(id, answer)| {
            let item = work.desk.protocol.item(id.as_str())?;
            Some(format!(
                "{}{}",
                item.label(text.lang),
                shown::mark(item, answer, text)
            ))
        })
        .collect();
    fill(
        text.review_unchanged,
        &[("title", title), ("n", &n), ("each", &marks.join(" "))],
    )
}

fn singly_line(work: &Work<'_>) -> String {
    let text = work.ctx.text;
    let each: Vec<String> = work
        .review
        .singly
        .iter()
        .filter_map(|id| {
            let LineId::Item(item) = id else { return None };
            let item = work.desk.protocol.item(item.as_str())?;
            let answer = work.case.visit.answer(item.id.as_str())?;
            Some(format!(
                "{} {}",
                item.label(text.lang),
                shown::answer(item, answer, text)
            ))
        })
        .collect();
    each.join("  ")
}

fn note_rows(rows: &mut Rows, screen: &ReviewScreen, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let note = match screen.english(work.ctx) {
        true => &work.looked.note_en,
        false => &work.looked.note_ja,
    };
    let n = note.lines().count().to_string();
    rows.push((1, fill(text.review_note, &[("n", &n)]), theme.dim()));
    for line in note.lines() {
        for piece in cells::wrap(line, usize::from(width.saturating_sub(3))) {
            rows.push((1, piece, theme.plain()));
        }
    }
}

fn hint_line(screen: &ReviewScreen, work: &Work<'_>, width: u16) -> String {
    let text = work.ctx.text;
    let place = screen.place();
    if place == Place::Field {
        let pairs = [Command::Enter, Command::Back].map(|c| frame::hint(place, c, text));
        return hints(&pairs, text, place, width);
    }
    let sign = fill(text.hint_sign, &[("who", work.ctx.name(work.ctx.me))]);
    let mut pairs = vec![("Enter", sign.as_str())];
    if !work.review.not_entered().is_empty() {
        pairs.push(frame::hint(place, Command::NotAsked, text));
    }
    if !work.jumps().is_empty() {
        pairs.push(frame::hint(place, Command::Answer(0), text));
    }
    let more = [
        Command::Dates,
        Command::Note,
        Command::NoteLanguage,
        Command::Back,
    ];
    pairs.extend(more.map(|c| frame::hint(place, c, text)));
    hints(&pairs, text, place, width)
}
