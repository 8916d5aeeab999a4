//! The picture of a signed visit: each line as frozen, with every later word.

use super::echo::echo;
use super::typed;
use super::{
    SignedScreen, Step, Subject, Trouble, Word, lines, pinned, raised, raises, subject, value_now,
};
use crate::domain::answer::Absence;
use crate::domain::change::{FrozenAnswer, Standing};
use crate::domain::protocol::{Item, Kind};
use crate::domain::record::{Stamp, Visit};
use crate::keys::{Command, Place};
use crate::screen::form::field_at;
use crate::screen::frame;
use crate::screen::{Ctx, Desk};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;

/// Draws the signed visit.
pub fn draw(screen: &SignedScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some((desk, visit)) = screen.on(ctx) else {
        return;
    };
    let theme = ctx.theme;
    let header = frame::patient_header(ctx, desk, canvas.width());
    let body = frame::frame(
        canvas,
        ctx,
        &header,
        &hint_line(screen, ctx, canvas.width()),
        None,
    );
    canvas.put(1, body.top, &title(visit, ctx), theme.bold());
    let later = later_words(desk, visit, ctx);
    let room = usize::from(canvas.width().saturating_sub(4));
    let later: Vec<String> = later.iter().flat_map(|w| cells::wrap(w, room)).collect();
    let height = usize::from(body.bottom.saturating_sub(body.top + 1));
    let prompts: Vec<String> = prompts(screen, visit, ctx)
        .iter()
        .flat_map(|p| cells::wrap(p, room))
        .take(height.saturating_sub(5))
        .collect();
    let typing = !matches!(screen.step, Step::Read);
    let entry = (prompts.len() + 2 * usize::from(typing)) as u16;
    let free = height.saturating_sub(usize::from(entry) + 3);
    let shown_later = later.len().min(6).min(free);
    let bottom = body.bottom.saturating_sub(shown_later as u16 + entry);
    frozen(screen, visit, canvas, ctx, body.top + 1, bottom);
    for (i, words) in later.iter().rev().take(shown_later).rev().enumerate() {
        canvas.put(2, bottom + i as u16, words, theme.bold());
    }
    let y = body.bottom.saturating_sub(entry);
    for (i, words) in prompts.iter().enumerate() {
        canvas.put(2, y + i as u16, words, theme.plain());
    }
    entry_lines(screen, canvas, ctx, y + prompts.len() as u16);
}

/// What may be typed: the options and what they open, or the form of a value;
/// at the reason, what the amendment raises.
fn prompts(screen: &SignedScreen, visit: &Visit, ctx: &Ctx<'_>) -> Vec<String> {
    let text = ctx.text;
    match &screen.step {
        Step::Reason { raised, .. } => raised.clone(),
        Step::Answer(_) => {
            let line = lines(visit).get(screen.at).copied();
            match line.and_then(|l| subject(l, visit, ctx)) {
                Some(Subject::Item(item)) => item_prompts(item, text),
                Some(Subject::Value(_, analyte)) => vec![
                    fill(text.close_value, &[("unit", &analyte.unit)]),
                    text.close_value_marks.to_owned(),
                ],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn item_prompts(item: &Item, text: &Text) -> Vec<String> {
    let options: Vec<String> = item
        .options
        .iter()
        .map(|o| {
            let opened: Vec<&str> = o.opens.iter().map(|a| typed::opens(*a, text)).collect();
            let opened = match opened.is_empty() || item.kind == Kind::Plan {
                true => String::new(),
                false => format!(" + {}", opened.join(" + ")),
            };
            format!("{} {}{opened}", o.key, o.label(text.lang))
        })
        .collect();
    let mut rows = Vec::new();
    if !options.is_empty() {
        rows.push(options.join("   "));
    }
    let bound = |n: Option<rust_decimal::Decimal>| n.map_or(String::new(), shown::number);
    match item.kind {
        Kind::Plan => rows.push(text.close_plan.to_owned()),
        Kind::Weight => rows.push(text.close_weight.to_owned()),
        Kind::Day => rows.push(text.close_day.to_owned()),
        Kind::Text => rows.push(text.close_words.to_owned()),
        Kind::Number => rows.push(format!(
            "{}-{} {}",
            bound(item.min),
            bound(item.max),
            item.unit.as_deref().unwrap_or_default()
        )),
        _ => {}
    }
    let absent = |(n, why): (usize, &Absence)| match n {
        0 => format!("- {}", shown::absence(*why, text)),
        n => format!(".{n} {}", shown::absence(*why, text)),
    };
    let absent: Vec<String> = Absence::ALL.iter().enumerate().map(absent).collect();
    rows.push(absent.join("  "));
    rows
}

fn title(visit: &Visit, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let day = shown::full_day(visit.day(), text);
    let Some(signed) = &visit.signed else {
        return match visit.void {
            Some(_) => format!("{day}  {}", text.void_mark),
            None => fill(text.close_draft_title, &[("day", &day)]),
        };
    };
    let at = signed.stamp.at.format("%H:%M").to_string();
    let who = ctx.name(signed.stamp.person);
    let version = &signed.signature.protocol_version;
    let mut title = fill(
        text.signed_title,
        &[
            ("day", &day),
            ("who", who),
            ("at", &at),
            ("version", version),
        ],
    );
    if visit.void.is_some() {
        title.push_str(&format!("  {}", text.void_mark));
    }
    title
}

fn frozen(
    screen: &SignedScreen,
    visit: &Visit,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
    top: u16,
    bottom: u16,
) {
    let (theme, text) = (ctx.theme, ctx.text);
    let all = lines(visit);
    let height = usize::from(bottom.saturating_sub(top));
    let first = window(screen.at, height, all.len());
    for (i, line) in all.iter().enumerate().skip(first).take(height) {
        let y = top + (i - first) as u16;
        let focused = i == screen.at;
        let style = match line.standing {
            Standing::Answered => theme.plain(),
            Standing::NotEntered => theme.bold(),
            Standing::SetAside => theme.dim(),
        };
        canvas.put(1, y, if focused { ">" } else { " " }, theme.bold());
        canvas.put_within(3, y, 26, &line.label, style);
        let words = match (line.standing, &line.shown) {
            (Standing::NotEntered, _) => text.not_entered.to_owned(),
            (Standing::SetAside, Some(shown)) => format!("{shown} {}", text.set_aside),
            (_, Some(shown)) => shown.clone(),
            (_, None) => String::new(),
        };
        let who = answered_by(line, visit, ctx);
        let x = match &who {
            Some(who) => canvas.put_right(canvas.width() - 1, y, who, theme.dim()),
            None => canvas.width(),
        };
        canvas.put_within(30, y, x.saturating_sub(31), &words, style);
        if focused {
            canvas.focus(y);
        }
    }
}

/// Who answered a line, and when, where it was not the signer.
fn answered_by(line: &FrozenAnswer, visit: &Visit, ctx: &Ctx<'_>) -> Option<String> {
    let signed = visit.signed.as_ref()?.stamp;
    let response = visit.responses.get(&line.item).map(|r| r.stamp);
    let stamp = response.or_else(|| match subject(line, visit, ctx)? {
        Subject::Value(_, analyte) => value_now(visit, ctx.desk?, analyte).map(|v| v.stamp),
        Subject::Item(_) => None,
    });
    let other = |s: &Stamp| s.person != signed.person && s.at <= signed.at;
    let stamp = stamp.filter(|s| line.standing != Standing::NotEntered && other(s))?;
    let at = stamp.at.format("%H:%M");
    Some(format!("{} {at}", ctx.name(stamp.person)))
}

/// Amendments with what they raise, and a void, in words.
fn later_words(desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Vec<String> {
    let text = ctx.text;
    let protocol = pinned(visit, ctx).unwrap_or(&desk.protocol);
    let when = |at: &chrono::DateTime<chrono::FixedOffset>| at.format("%Y-%m-%d %H:%M").to_string();
    let mut words = shown::arrival::overtaken(&desk.record, Some(visit.id()), text);
    words.extend(visit.amendments.iter().map(|a| {
        let item = a
            .amendment
            .item
            .as_ref()
            .and_then(|i| protocol.item(i.as_str()));
        let what = match (item, &a.answer) {
            (Some(item), Some(answer)) => {
                // A protocol that came later may call the line otherwise.
                let signed = lines(visit).into_iter().find(|l| l.item == item.id);
                let label = signed.filter(|_| pinned(visit, ctx).is_none());
                let label = label.map_or(item.label(text.lang), |l| l.label.as_str());
                format!("{label} → {}", shown::answer(item, answer, text))
            }
            _ => a.amendment.text.clone().unwrap_or_default(),
        };
        let (who, at) = (ctx.name(a.stamp.person), when(&a.stamp.at));
        let values = [
            ("what", &*what),
            ("who", who),
            ("at", &at),
            ("why", &a.amendment.reason),
        ];
        fill(text.amendment_line, &values)
    }));
    words.extend(raised(visit, ctx).iter().map(|a| raises(a, text)));
    if let Some((stamp, void)) = &visit.void {
        let at = when(&stamp.at);
        let values = [
            ("who", ctx.name(stamp.person)),
            ("at", &at),
            ("why", &void.reason),
        ];
        words.push(fill(text.void_line, &values));
        let place = void.entered_again.as_deref();
        words.extend(place.map(|p| fill(text.close_where_line, &[("where", p)])));
    }
    words
}

fn entry_lines(screen: &SignedScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>, y: u16) {
    let text = ctx.text;
    let (label, field) = match &screen.step {
        Step::Read => return,
        Step::Answer(field) => (text.amend_answer, field),
        Step::Remark(field) => (text.amend_remark, field),
        Step::Where { field, .. } => (text.close_where_again, field),
        Step::Reason {
            what: Word::Void,
            field,
            ..
        } => (text.void_reason, field),
        Step::Reason { field, .. } => (text.amend_reason, field),
    };
    let x = canvas.put(1, y, label, ctx.theme.bold()) + 1;
    let width = canvas.width().saturating_sub(x + 2);
    field_at(canvas, x, y, width, field, true);
    match &screen.trouble {
        Some(Trouble::Error(why) | Trouble::Question(why)) => {
            canvas.put(2, y + 1, &format!("! {why}"), ctx.theme.error());
        }
        None => {
            canvas.put(x + 1, y + 1, &echo(screen, ctx), ctx.theme.dim());
        }
    }
}

fn hint_line(screen: &SignedScreen, ctx: &Ctx<'_>, width: u16) -> String {
    let place = screen.place();
    let commands: &[Command] = match place {
        Place::Signed if draft(screen, ctx) => &[Command::Void, Command::Back],
        Place::Signed => &[
            Command::Note,
            Command::Copy,
            Command::Amend,
            Command::Remark,
            Command::Void,
            Command::Back,
        ],
        _ => &[Command::Enter, Command::Back],
    };
    frame::hint_line(place, commands, ctx.text, width)
}

/// Whether the visit is a draft, which can only be voided here.
fn draft(screen: &SignedScreen, ctx: &Ctx<'_>) -> bool {
    let shown = screen.on(ctx);
    shown.is_some_and(|(_, visit)| visit.open().is_some())
}
