//! What stands on every screen: who the patient is, whether it is saved, which
//! keys count here.

use super::{Ctx, Desk, Saving};
use crate::domain::answer::Phase;
use crate::domain::course::Treatment;
use crate::domain::date;
use crate::domain::due;
use crate::domain::lang::Lang;
use crate::keys::{self, Place};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use chrono::{DateTime, FixedOffset};
use ratatui::layout::Rect;

/// The rows between header and footer.
pub struct Body {
    pub top: u16,
    pub bottom: u16,
}

/// The cells of the mark over invented patients.
const DEMO: u16 = 6;

/// Draws header, rules, status and hint line around a body; `joint` is the
/// column of an upright line in the body.
pub fn frame(
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
    header: &[String; 2],
    hints: &str,
    joint: Option<u16>,
) -> Body {
    let height = canvas.height();
    let theme = canvas.theme;
    canvas.put(1, 0, &header[0], theme.bold());
    canvas.put(1, 1, &header[1], theme.plain());
    let end = canvas.width() - if ctx.demo { DEMO } else { 0 };
    if ctx.demo {
        canvas.put_right(canvas.width(), 0, " DEMO ", theme.error());
    }
    if ctx.clock_behind.is_some() {
        canvas.put_right(end, 0, ctx.text.clock_mark, theme.error());
    }
    let (top, bottom) = (3, height.saturating_sub(3));
    let joints = |shape: char| joint.map(|x| (x, shape)).into_iter().collect::<Vec<_>>();
    canvas.rule(2, &joints('┬'));
    canvas.rule(bottom, &joints('┴'));
    if let Some(x) = joint {
        canvas.upright(x, top, bottom);
    }
    status(canvas, ctx, height.saturating_sub(2));
    canvas.put(1, height.saturating_sub(1), hints, theme.dim());
    Body { top, bottom }
}

/// How many rows stand below the last one shown, in the rule at `y`.
pub fn more_below(canvas: &mut Canvas<'_>, y: u16, n: usize, text: &Text) {
    if n > 0 {
        let more = fill(text.more_below, &[("n", &n.to_string())]);
        let end = canvas.width() - 1;
        canvas.put_right(end, y, &format!(" {more} "), canvas.theme.bold());
    }
}

/// The status line: what was said about the last key, beside how saving stands;
/// that is told shorter where both do not fit.
fn status(canvas: &mut Canvas<'_>, ctx: &Ctx<'_>, y: u16) {
    let theme = canvas.theme;
    let room = usize::from(canvas.width().saturating_sub(2));
    let style = match ctx.saving {
        Saving::Idle | Saving::Saved { .. } => theme.plain(),
        Saving::Waiting => theme.dim(),
        Saving::Failed { .. } => theme.error(),
    };
    let [long, short] = saving(ctx);
    let said = ctx.said.unwrap_or_default();
    let both = cells::width(&long) + GAP + cells::width(&cells::display(said));
    let stands = match said.is_empty() || long.is_empty() || both <= room {
        true => long,
        false => short,
    };
    let mut x = 1;
    if !stands.is_empty() {
        x = canvas.put(1, y, &stands, style) + GAP as u16;
    }
    let end = canvas.put(x, y, said, theme.bold());
    let who = at_the_keys(ctx);
    let width = u16::try_from(cells::width(&cells::display(&who))).unwrap_or(u16::MAX);
    if end.saturating_add(width + 2) < canvas.width() {
        canvas.put_right(canvas.width() - 1, y, &who, theme.dim());
    }
}

/// Cells between how saving stands and what is said beside it.
const GAP: usize = 3;

/// How saving stands, in full and as short as it may be told.
fn saving(ctx: &Ctx<'_>) -> [String; 2] {
    let text = ctx.text;
    match ctx.saving {
        Saving::Idle => [String::new(), String::new()],
        Saving::Waiting => [text.saving.to_owned(), text.saving.to_owned()],
        Saving::Saved { what, at } => [
            fill(text.saved, &[("at", at), ("what", what)]),
            fill(text.saved_brief, &[("at", at)]),
        ],
        Saving::Failed { why, waiting } => {
            let n = waiting.to_string();
            [
                fill(text.not_saved, &[("why", why), ("n", &n)]),
                fill(text.not_saved_brief, &[("n", &n)]),
            ]
        }
    }
}

/// Who types, and how the open visit is held.
fn at_the_keys(ctx: &Ctx<'_>) -> String {
    let name = ctx.name(ctx.me);
    match ctx.desk.and_then(Desk::visit) {
        Some(visit) => {
            let mode = shown::mode(visit.context.mode, ctx.text);
            let other_day = (visit.day() != ctx.today).then(|| {
                fill(
                    ctx.text.draft_of,
                    &[("day", &shown::day(visit.day(), ctx.text))],
                )
            });
            let companion = if visit.context.companion {
                ctx.text.companion
            } else {
                ""
            };
            format!(
                "{} {name} {mode} {companion}",
                other_day.unwrap_or_default()
            )
            .trim()
            .to_owned()
        }
        None => name.to_owned(),
    }
}

/// That the clock shows a time before the latest save.
pub fn clock_words(last: DateTime<FixedOffset>, text: &Text) -> String {
    let day = shown::day(last.date_naive(), text);
    let at = format!("{day} {}", last.format("%H:%M"));
    fill(text.clock_behind, &[("at", &at)])
}

/// The two header lines of the patient on the desk.
pub fn patient_header(ctx: &Ctx<'_>, desk: &Desk, width: u16) -> [String; 2] {
    let demo = if ctx.demo { DEMO } else { 0 };
    let clock = match ctx.clock_behind {
        Some(_) => cells::width(ctx.text.clock_mark),
        None => 0,
    };
    let room = usize::from(width.saturating_sub(demo + 2)).saturating_sub(clock);
    let treatment = Treatment::on(&desk.record, ctx.today);
    [
        who(ctx, desk, treatment.as_ref(), room),
        course_line(
            ctx,
            desk,
            treatment.as_ref(),
            usize::from(width.saturating_sub(2)),
        ),
    ]
}

/// Number, name, sex and age always; kana, then birth date, then drug are left
/// out where the line is too narrow.
fn who(ctx: &Ctx<'_>, desk: &Desk, t: Option<&Treatment>, room: usize) -> String {
    let text = ctx.text;
    let Some(identity) = desk.record.identity() else {
        return text.patient_new.to_owned();
    };
    let age = date::age(identity.birth_date, ctx.today).to_string();
    let age = fill(text.age, &[("n", &age)]);
    let sex = shown::sex(identity.sex, text);
    let core = |kana: &str, birth: &str| {
        format!(
            "{} {}{kana} {sex} {age}{birth}",
            identity.chart_number, identity.name
        )
    };
    let kana = if identity.kana.is_empty() {
        String::new()
    } else {
        format!(" ({})", identity.kana)
    };
    let birth = format!(
        " {}",
        fill(text.born, &[("day", &date::iso(identity.birth_date))])
    );
    let drug = t.map_or(String::new(), |t| drug_line(desk, t, text));
    let candidates = [
        format!("{}   {drug}", core(&kana, &birth)),
        format!("{}   {drug}", core("", &birth)),
        format!("{}   {drug}", core("", "")),
    ];
    let fits = candidates
        .into_iter()
        .find(|c| cells::width(&cells::display(c)) <= room);
    fits.unwrap_or_else(|| core("", ""))
}

fn drug_line(desk: &Desk, t: &Treatment, text: &Text) -> String {
    let drug = desk.protocol.drug.get(text.lang);
    match t.mg_per_day {
        Some(mg) => format!(
            "{drug} {}",
            fill(text.mg_per_day, &[("mg", &shown::number(mg))])
        ),
        None => drug.to_owned(),
    }
}

/// Phase and whether the record is whole always; weight, total and dose per
/// kilogram are left out, in this order, where the line is too narrow, then what
/// [`Leave`] names.
fn course_line(ctx: &Ctx<'_>, desk: &Desk, t: Option<&Treatment>, room: usize) -> String {
    let text = ctx.text;
    let Some(t) = t else {
        return text.no_course.to_owned();
    };
    let weight = t.weight.map(|(kg, _)| format!("{}kg", shown::number(kg)));
    let per_kg = t
        .mg_per_kg()
        .map(|n| fill(text.mg_per_kg_day, &[("n", &n.to_string())]));
    let total = t.first_dose_on.is_some().then(|| {
        let mg = shown::thousands(t.cumulative_mg);
        fill(text.cumulative, &[("mg", &mg)])
    });
    let line = |numbers: &[&Option<String>], leave: Leave| {
        let mut line = phase_line(t, text);
        for number in numbers.iter().filter_map(|n| n.as_deref()) {
            line.push_str(&format!(" {number}"));
        }
        for said in standing(ctx, desk, t, leave) {
            line.push_str(&format!("  {said}"));
        }
        line
    };
    let candidates = [
        line(&[&weight, &per_kg, &total], Leave::Nothing),
        line(&[&per_kg, &total], Leave::Nothing),
        line(&[&per_kg], Leave::Nothing),
        line(&[], Leave::Nothing),
        line(&[], Leave::DaysLeft),
        line(&[], Leave::Blood),
    ];
    let fits = candidates.into_iter().find(|c| cells::width(c) <= room);
    fits.unwrap_or_else(|| line(&[], Leave::Window))
}

/// What is left out of what stands, each with what is before it, where a line is
/// too narrow. A positive test without outcome never is.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Leave {
    Nothing,
    DaysLeft,
    Blood,
    Window,
}

/// When blood is due, how long the window runs, whether the record is whole;
/// of one that is not, nothing else is told.
fn standing(ctx: &Ctx<'_>, desk: &Desk, t: &Treatment, leave: Leave) -> Vec<String> {
    let text = ctx.text;
    if desk.verified == Some(false) {
        return vec![text.not_whole.to_owned()];
    }
    let blood = due::blood(&desk.record, t, &desk.settings, ctx.today);
    let mut said = Vec::new();
    if blood != due::Due::NotNeeded && leave < Leave::Blood {
        let blood = shown::due_brief(&blood, ctx.today, text);
        said.push(fill(text.blood_due, &[("due", &blood)]));
    }
    if let Some(path) = due::path(&desk.record) {
        let day = date::short_in(path.positive_on, text.lang);
        said.push(fill(text.path_open, &[("day", &day)]));
    }
    let window = match leave {
        Leave::Nothing => text.window_until,
        _ => text.window_brief,
    };
    said.extend(window_line(ctx, desk, t, window).filter(|_| leave < Leave::Window));
    if desk.verified.is_none() {
        said.push(text.unverified.to_owned());
    }
    said
}

/// The window that matters on every screen: contraception while it runs, then
/// the one that closes last.
fn window_line(ctx: &Ctx<'_>, desk: &Desk, t: &Treatment, template: &str) -> Option<String> {
    let mut open = due::windows(&desk.record, t, &desk.settings);
    open.retain(|window| !window.passed(ctx.today));
    let window = match open.first()? {
        first if first.window == due::Window::Contraception => first,
        _ => open.iter().max_by_key(|window| window.until)?,
    };
    let values = [
        ("what", shown::window_name(window.window, ctx.text)),
        ("day", &*date::iso(window.until)),
        ("n", &*window.days_left(ctx.today).to_string()),
    ];
    Some(fill(template, &values))
}

/// `内服中 9週目(60日目)`.
pub fn phase_line(t: &Treatment, text: &Text) -> String {
    let phase = phase(t.phase, text);
    match (t.week(), t.day) {
        (Some(week), Some(day)) if t.phase != Phase::After => {
            let (week, day) = (week.to_string(), day.to_string());
            fill(
                text.phase_week,
                &[("phase", phase), ("week", &week), ("day", &day)],
            )
        }
        _ => phase.to_owned(),
    }
}

/// Whether a course is running, in words.
pub fn phase(phase: Phase, text: &Text) -> &'static str {
    match phase {
        Phase::Before => text.phase_before,
        Phase::On => text.phase_on,
        Phase::Paused => text.phase_paused,
        Phase::After => text.phase_after,
    }
}

/// A hint line from pairs of key and words, as many as fit; help stands last.
pub fn hints(pairs: &[(&str, &str)], text: &Text, place: Place, width: u16) -> String {
    let help = keys::bindings(place).find(|b| b.command == keys::Command::Help);
    let tail = help.map_or(String::new(), |b| format!("{} {}", b.shown, (b.help)(text)));
    let room = usize::from(width).saturating_sub(2 + cells::width(&tail) + 2);
    let mut line = String::new();
    for (key, words) in pairs {
        let more = format!("{key} {words}  ");
        if cells::width(&line) + cells::width(&more) > room {
            break;
        }
        line.push_str(&more);
    }
    line + &tail
}

/// The hint line of these commands of a place, the most needed first.
pub fn hint_line(place: Place, commands: &[keys::Command], text: &Text, width: u16) -> String {
    let known = commands.iter().map(|command| hint(place, *command, text));
    hints(&known.collect::<Vec<_>>(), text, place, width)
}

/// The table's own name and words for a command's keys in a place.
pub fn hint(place: Place, command: keys::Command, text: &Text) -> (&'static str, &'static str) {
    keys::bindings(place)
        .find(|b| std::mem::discriminant(&b.command) == std::mem::discriminant(&command))
        .map_or(("", ""), |b| (b.shown, (b.help)(text)))
}

/// The one sentence shown where the window is too small for anything else:
/// whose chart it is, and whether it is saved.
pub fn too_small(canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let theme = canvas.theme;
    let who = ctx
        .desk
        .and_then(|d| d.record.identity())
        .map_or(String::new(), |i| format!("{} {}", i.chart_number, i.name));
    let saved = match ctx.saving {
        Saving::Idle | Saving::Saved { .. } => ctx.text.small_saved,
        Saving::Waiting => ctx.text.saving,
        Saving::Failed { .. } => ctx.text.small_not_saved,
    };
    let sentence = fill(ctx.text.too_small, &[("who", &who), ("saved", saved)]);
    let width = usize::from(canvas.width().max(1));
    for (y, line) in cells::wrap(&sentence, width).iter().enumerate() {
        canvas.put(0, u16::try_from(y).unwrap_or(u16::MAX), line, theme.bold());
    }
}

/// Whether the window is large enough for the screens.
pub fn fits(area: Rect) -> bool {
    area.width >= 60 && area.height >= 20
}

/// A short date with its weekday in the interface's language.
pub fn day(on: chrono::NaiveDate, lang: Lang) -> String {
    date::short_weekday(on, lang)
}
