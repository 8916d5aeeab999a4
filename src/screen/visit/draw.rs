//! The picture of a visit: sections left, the section's lines right.

use super::answer::{listed, observed, proposal};
use super::entry::{OTHER, PAGE, Stage, Trouble, Typing, WISH, addable, reasons};
use super::{VisitScreen, Walk};
use crate::domain::alert::{Alert, Assessed};
use crate::domain::answer::{Action, Manner};
use crate::domain::checklist::{Line, LineId, LineState, Part};
use crate::domain::due;
use crate::domain::observation::{AnalyteId, Observation, judge, times_upper};
use crate::domain::protocol::{Item, Kind, Meaning, Opens, Sentence, Sweep};
use crate::domain::series;
use crate::domain::situation::Verdict;
use crate::keys::{Command, Place};
use crate::screen::Ctx;
use crate::screen::form::field_at;
use crate::screen::frame::{self, hint, hints};
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::field::Field;
use crate::widget::theme::mark;
use ratatui::style::Style;
use rust_decimal::Decimal;

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

/// The lines of one section, the focused one opened.
fn pane(screen: &VisitScreen, canvas: &mut Canvas<'_>, walk: &Walk<'_>, part: &Part, at: usize) {
    title(canvas, walk, part);
    let mut rows = Vec::new();
    let mut focus = 0;
    for (i, index) in part.lines.clone().enumerate() {
        let line = &walk.list.lines[index];
        let focused = index == at;
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
        }
        alerts(&mut rows, canvas, walk, line);
        if focused {
            opened(screen, &mut rows, canvas, walk, line);
        }
    }
    tail(&mut rows, canvas, walk, part, at);
    let height = usize::from(canvas.height().saturating_sub(2));
    let first = window(focus + height / 3, height, rows.len()).min(focus);
    for (i, row) in rows.iter().skip(first).take(height).enumerate() {
        let y = 2 + u16::try_from(i).unwrap_or(u16::MAX);
        put(screen, canvas, walk, row, y);
    }
}

/// Where the columns of last time, today and trend begin.
fn columns(width: u16) -> (u16, u16, u16) {
    let trend = width.saturating_sub(12);
    (trend.saturating_sub(12), trend.saturating_sub(6), trend)
}

fn title(canvas: &mut Canvas<'_>, walk: &Walk<'_>, part: &Part) {
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
    let graded = items().any(|i| i.kind == Kind::Grade);
    if section.id == "lab" {
        lab_title(canvas, walk, x + 2);
        return;
    }
    if graded {
        canvas.put_within(
            x + 2,
            0,
            last.saturating_sub(x + 3),
            text.own_grades,
            theme.dim(),
        );
    }
    if items().any(|i| !i.no_last && !wide(i)) {
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

/// Why blood is due or not, and today's draw.
fn lab_title(canvas: &mut Canvas<'_>, walk: &Walk<'_>, x: u16) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let (Some(t), Some(clinic)) = (super::answer::treatment(walk), walk.ctx.clinic) else {
        return;
    };
    let blood = due::blood(&walk.desk.record, &t, &clinic.settings, walk.visit().day());
    if let due::Due::On(sum) = blood {
        let line = format!(
            "{} {}",
            shown::sum(&sum, text),
            shown::due(&blood, walk.visit().day(), text)
        );
        canvas.put(x, 0, &line, theme.dim());
    }
    if walk.list.drawn.is_some() {
        let columns = [
            (16, text.column_now),
            (18, text.column_unit),
            (26, text.column_range),
            (37, text.column_flag),
            (42, text.column_baseline),
            (49, text.column_change),
        ];
        for (x, word) in columns {
            if x == 16 {
                canvas.put_right(17, 1, word, theme.dim());
            } else {
                canvas.put(x, 1, word, theme.dim());
            }
        }
    }
}

/// The alerts that stand at a line, each on its own rows.
fn alerts<'a>(rows: &mut Vec<Row<'a>>, canvas: &Canvas<'_>, walk: &Walk<'a>, line: &'a Line) {
    let text = walk.ctx.text;
    let item = walk.item(line);
    for alert in walk.list.alerts_at(line, item) {
        let (sign, level) = match alert.assessed {
            Assessed::Fires => (mark(alert.level), shown::level(alert.level, text)),
            _ => ("?", text.not_assessed),
        };
        let style = if alert.assessed == Assessed::Fires {
            canvas.theme.alert(alert.level)
        } else {
            canvas.theme.dim()
        };
        let style = style.remove_modifier(ratatui::style::Modifier::REVERSED);
        let words = format!("{level} {}", alert.text.get(text.lang));
        let room = usize::from(canvas.width().saturating_sub(10));
        for (i, piece) in cells::wrap(&words, room).into_iter().enumerate() {
            let piece = if i == 0 {
                format!("{sign:<3} {piece}")
            } else {
                format!("    {piece}")
            };
            rows.push(Row::Text(5, piece, style));
        }
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

/// What the focused line offers: its options, its field, or a question.
fn opened<'a>(
    screen: &'a VisitScreen,
    rows: &mut Vec<Row<'a>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'a>,
    line: &'a Line,
) {
    let item = walk.item(line);
    match &screen.stage {
        Stage::Walk => options(rows, canvas, walk, line, item),
        Stage::Typing {
            what,
            field,
            trouble,
        } => {
            rows.push(Row::Field {
                label: typing_label(what, walk),
                field,
            });
            troubles(rows, canvas, trouble.as_ref());
        }
        Stage::Detail {
            asked,
            field,
            trouble,
            ..
        } => {
            rows.push(Row::Field {
                label: asked_label(*asked, walk),
                field,
            });
            troubles(rows, canvas, trouble.as_ref());
        }
        Stage::Toggle { codes, .. } => toggles(rows, canvas, walk, item, codes),
        Stage::Sentences { chosen, .. } => sentences(rows, canvas, walk, chosen),
        Stage::Dates { .. } => rows.extend([
            Row::Form,
            Row::Blank,
            Row::Blank,
            Row::Blank,
            Row::Blank,
            Row::Blank,
            Row::Blank,
        ]),
        stage => {
            for (key, words) in choices(stage, walk, line) {
                rows.push(Row::Text(5, format!("{key} {words}"), canvas.theme.plain()));
            }
        }
    }
}

fn troubles(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, trouble: Option<&Trouble>) {
    let (words, style) = match trouble {
        Some(Trouble::Error(why)) => (format!("! {why}"), canvas.theme.error()),
        Some(Trouble::Question(why)) => (format!("? {why}"), canvas.theme.bold()),
        None => return,
    };
    for piece in cells::wrap(&words, usize::from(canvas.width().saturating_sub(6))) {
        rows.push(Row::Text(5, piece, style));
    }
}

fn typing_label(what: &Typing, walk: &Walk<'_>) -> String {
    let text = walk.ctx.text;
    let short = |id: &AnalyteId| {
        walk.ctx
            .clinic
            .and_then(|c| c.catalogue.get(id))
            .map_or_else(
                || id.0.clone(),
                |a| format!("{} {}", a.short.get(text.lang), a.unit),
            )
    };
    match what {
        Typing::Plain(item) => {
            let item = walk.desk.protocol.item(item.as_str());
            item.map_or(String::new(), |i| {
                format!(
                    "{} {}",
                    i.label(text.lang),
                    i.unit.as_deref().unwrap_or_default()
                )
            })
        }
        Typing::Value { analyte } => short(analyte),
        Typing::Range { .. } => text.range_label.to_owned(),
        Typing::Memo(_) => text.memo_label.to_owned(),
        Typing::SampleComment => text.sample_comment.to_owned(),
    }
}

fn asked_label(asked: Opens, walk: &Walk<'_>) -> String {
    let text = walk.ctx.text;
    match asked {
        Opens::Day => text.ask_day,
        Opens::Count => text.ask_count,
        Opens::Dose => text.ask_dose,
        Opens::Kit => text.ask_kit,
        _ => text.ask_text,
    }
    .to_owned()
}

/// Keys and words of a short choice.
fn choices(stage: &Stage, walk: &Walk<'_>, line: &Line) -> Vec<(u8, String)> {
    let text = walk.ctx.text;
    let list = |words: &[&str]| {
        words
            .iter()
            .enumerate()
            .map(|(i, w)| (i as u8 + 1, (*w).to_owned()))
            .collect::<Vec<_>>()
    };
    match stage {
        Stage::Absent => {
            let mut all = list(&[
                text.absent_unsure,
                text.absent_not_applicable,
                text.absent_declined,
                text.absent_pending,
                text.absent_unusable,
            ]);
            if matches!(line.id, LineId::Analyte(_)) {
                all.extend([
                    (6, text.lab_lost.to_owned()),
                    (7, text.lab_not_done.to_owned()),
                ]);
            }
            all
        }
        Stage::Where(_) => list(&[text.test_clinic, text.test_serum, text.test_home]),
        Stage::Fasting(_) => list(&[text.fasting_yes, text.fasting_no, text.fasting_unknown]),
        Stage::Reason(_) => {
            let mut all: Vec<(u8, String)> = reasons(walk)
                .into_iter()
                .enumerate()
                .map(|(i, r)| (i as u8 + 1, r))
                .collect();
            all.extend([
                (WISH, text.reason_wish.to_owned()),
                (OTHER, text.reason_other.to_owned()),
            ]);
            all
        }
        Stage::Unit {
            typed,
            suggested,
            analyte,
        } => {
            let unit = walk
                .ctx
                .clinic
                .and_then(|c| c.catalogue.get(analyte))
                .map_or("", |a| a.unit.as_str());
            vec![
                (
                    1,
                    fill(text.unit_is, &[("value", typed), ("unit", suggested)]),
                ),
                (
                    2,
                    fill(text.unit_stays, &[("value", typed), ("unit", unit)]),
                ),
            ]
        }
        Stage::Sample => {
            let mut all = vec![(0, text.sample_clear.to_owned())];
            all.extend(list(&[
                text.sample_haemolysed,
                text.sample_lipaemic,
                text.sample_comment,
            ]));
            all
        }
        Stage::Add { page } => {
            let all = addable(walk);
            let shown = all.iter().skip(page * PAGE).take(PAGE);
            let mut rows: Vec<(u8, String)> = shown
                .enumerate()
                .map(|(i, a)| {
                    (
                        i as u8 + 1,
                        format!("{} {}", a.label.get(text.lang), a.unit),
                    )
                })
                .collect();
            if all.len() > PAGE {
                rows.push((9, text.next_page.to_owned()));
            }
            rows
        }
        _ => Vec::new(),
    }
}

/// The options of the focused line, one a row.
fn options<'a>(
    rows: &mut Vec<Row<'a>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'a>,
    line: &'a Line,
    item: &'a Item,
) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    if matches!(line.id, LineId::Analyte(_)) {
        return;
    }
    let chosen = line
        .response(walk.visit())
        .and_then(|r| shown::option(item, &r.answer))
        .map(|o| o.key);
    for choice in &item.options {
        let may = choice
            .when
            .as_ref()
            .is_none_or(|w| w.holds(&walk.list.situation) != Verdict::Not);
        if !may {
            continue;
        }
        let on = chosen == Some(choice.key);
        let mut words = format!("{} {}", choice.key, choice.label(text.lang));
        if let Some(Meaning::Action(action)) = choice.means {
            words.push_str(&spelt_out(action, walk));
        }
        let style = if on { theme.bold() } else { theme.plain() };
        let room = usize::from(canvas.width().saturating_sub(8));
        for (i, piece) in cells::wrap(&words, room).into_iter().enumerate() {
            rows.push(Row::Text(if i == 0 { 6 } else { 8 }, piece, style));
        }
    }
    if item.kind == Kind::Counselling {
        for sentence in listed(walk) {
            let words = format!("- {}", said(sentence, walk));
            for piece in cells::wrap(&words, usize::from(canvas.width().saturating_sub(8))) {
                rows.push(Row::Text(8, piece, theme.dim()));
            }
        }
    }
}

/// What going on, starting, holding or watching means today: dose, supply, next day.
fn spelt_out(action: Action, walk: &Walk<'_>) -> String {
    if !matches!(
        action,
        Action::Start | Action::Continue | Action::NoPrescription
    ) {
        return String::new();
    }
    let text = walk.ctx.text;
    let proposed = proposal(action, walk);
    let dose = super::answer::treatment(walk).and_then(|t| t.last_mg_per_day);
    let plan = crate::domain::answer::Plan {
        action,
        mg_per_day: dose.filter(|_| action.prescribes()),
        days: proposed.days,
        reason: None,
        next_visit: proposed.next_visit,
        next_blood: None,
    };
    let words = shown::plan(&plan, text);
    words
        .strip_prefix(shown::action(action, text))
        .unwrap_or_default()
        .to_owned()
}

fn toggles(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    item: &Item,
    codes: &[u8],
) {
    let (theme, lang) = (canvas.theme, walk.ctx.lang());
    for choice in &item.options {
        let on = codes.contains(&choice.key);
        let sign = if on { "[x]" } else { "[ ]" };
        let words = format!("{sign} {} {}", choice.key, choice.label(lang));
        let style = if on { theme.bold() } else { theme.plain() };
        for piece in cells::wrap(&words, usize::from(canvas.width().saturating_sub(7))) {
            rows.push(Row::Text(5, piece, style));
        }
    }
}

fn sentences(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, walk: &Walk<'_>, chosen: &[u8]) {
    let theme = canvas.theme;
    for (i, sentence) in walk.desk.protocol.sentences.iter().take(9).enumerate() {
        let on = chosen.contains(&sentence.number);
        let sign = if on { "[x]" } else { "[ ]" };
        let words = format!("{sign} {} {}", i + 1, said(sentence, walk));
        let style = if on { theme.bold() } else { theme.plain() };
        for piece in cells::wrap(&words, usize::from(canvas.width().saturating_sub(7))) {
            rows.push(Row::Text(5, piece, style));
        }
    }
}

/// A sentence as it is said, with the clinic's own intervals in it.
fn said(sentence: &Sentence, walk: &Walk<'_>) -> String {
    sentence
        .said(&walk.list.situation.settings)
        .get(walk.ctx.lang())
        .to_owned()
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

fn put(screen: &VisitScreen, canvas: &mut Canvas<'_>, walk: &Walk<'_>, row: &Row<'_>, y: u16) {
    match row {
        Row::Blank => {}
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
        } => checklist_line(canvas, walk, *letter, line, *focused, y),
    }
}

fn checklist_line(
    canvas: &mut Canvas<'_>,
    walk: &Walk<'_>,
    letter: char,
    line: &Line,
    focused: bool,
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
        value_line(canvas, walk, analyte, style, y);
        return;
    }
    let item = walk.item(line);
    let text = walk.ctx.text;
    let (last, now, trend) = columns(canvas.width());
    let response = line.response(walk.visit());
    let label = label_of(line, item, walk);
    let private = item.no_last;
    let end = if private { now } else { last };
    let x = canvas.put_within(5, y, end.saturating_sub(6), &label, style);
    if let Some(response) = response {
        let words = shown::brief(item, &response.answer, text);
        let by = by_line(walk, response);
        let words = format!("{words}{by}");
        let end = if wide(item) { canvas.width() } else { end };
        canvas.put_within(x + 2, y, end.saturating_sub(x + 3), &words, style);
    } else if item.kind == Kind::Draw {
        draw_words(canvas, walk, x + 2, y, style);
    }
    if wide(item) && (response.is_some() || item.kind == Kind::Draw) {
        return;
    }
    today_mark(canvas, walk, line, item, (now, y), style);
    if !private {
        if let Some(previous) = walk.list.situation.last.get(&item.id) {
            canvas.put_within(
                last,
                y,
                now - last - 1,
                &shown::mark(item, previous, text),
                theme.dim(),
            );
        }
        let width = canvas.width().saturating_sub(trend);
        canvas.put_within(trend, y, width, &trend_of(walk, item), theme.dim());
    }
}

/// Lines whose answer needs the whole row.
fn wide(item: &Item) -> bool {
    matches!(
        item.kind,
        Kind::Plan
            | Kind::Counselling
            | Kind::Text
            | Kind::Many
            | Kind::Test
            | Kind::LastDose
            | Kind::Consent
            | Kind::Draw
    )
}

fn label_of(line: &Line, item: &Item, walk: &Walk<'_>) -> String {
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

/// Whose answer it is, where it is not the one who types now.
fn by_line(walk: &Walk<'_>, response: &crate::domain::record::Response) -> String {
    if response.stamp.person == walk.ctx.me {
        return String::new();
    }
    format!(
        "  {} {}",
        walk.ctx.name(response.stamp.person),
        response.stamp.at.format("%H:%M")
    )
}

fn draw_words(canvas: &mut Canvas<'_>, walk: &Walk<'_>, x: u16, y: u16, style: Style) {
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

fn today_mark(
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
fn trend_of(walk: &Walk<'_>, item: &Item) -> String {
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

/// One value: number, unit, range, flag, the value before treatment, the change.
fn value_line(canvas: &mut Canvas<'_>, walk: &Walk<'_>, id: &AnalyteId, style: Style, y: u16) {
    let (theme, text) = (canvas.theme, walk.ctx.text);
    let Some(analyte) = walk.ctx.clinic.and_then(|c| c.catalogue.get(id)) else {
        return;
    };
    canvas.put_within(5, y, 8, analyte.short.get(text.lang), style);
    let points = series::series(&walk.desk.record, id, walk.visit().day());
    let first_dose = super::answer::treatment(walk).and_then(|t| t.first_dose_on);
    let baseline = series::baseline(&points, first_dose);
    if let Some(baseline) = baseline {
        canvas.put_within(42, y, 6, &shown::number(baseline), theme.dim());
    }
    let Some(observation) = observed(id, walk) else {
        canvas.put_right(17, y, "[ ]", style);
        canvas.put_within(18, y, 8, &analyte.unit, theme.dim());
        return;
    };
    match observation.quantity() {
        Some(quantity) => {
            canvas.put_right(17, y, quantity.typed.trim(), style);
            canvas.put_within(18, y, 8, &observation.unit, style);
        }
        None => {
            canvas.put_within(13, y, 20, &shown::reported(observation, text), style);
        }
    }
    judged(canvas, walk, observation, analyte, y);
    if let (Some(now), Some(before)) = (observation.canonical, baseline) {
        canvas.put_within(49, y, 10, &ratio(now, before, text), theme.dim());
    }
}

/// Range, flag letters, and for enzymes above their limit how many times it.
fn judged(
    canvas: &mut Canvas<'_>,
    walk: &Walk<'_>,
    observation: &Observation,
    analyte: &crate::domain::catalogue::Analyte,
    y: u16,
) {
    use crate::domain::observation::Flag;
    let theme = canvas.theme;
    if let Some(range) = &observation.range {
        canvas.put_within(26, y, 10, &range.text(), theme.dim());
    }
    if observation.quantity().is_none() {
        return;
    }
    let flag = judge(observation, analyte);
    let style = match flag {
        Flag::Within => theme.plain(),
        Flag::NotJudged => theme.dim(),
        _ => theme.bold(),
    };
    canvas.put_within(37, y, 4, flag.letters(), style);
    let enzyme = analyte.unit == "U/L";
    let times = times_upper(observation).filter(|t| enzyme && *t > Decimal::ONE);
    if let Some(times) = times {
        let words = fill(walk.ctx.text.times_upper, &[("n", &times.to_string())]);
        canvas.put_right(canvas.width().saturating_sub(1), y, &words, style);
    }
}

/// How many times the value before treatment, or the change in percent.
fn ratio(now: Decimal, before: Decimal, text: &crate::text::Text) -> String {
    let Some(times) = now.checked_div(before) else {
        return String::new();
    };
    if times >= Decimal::TWO {
        return fill(
            text.times_baseline,
            &[("n", &times.round_dp(1).to_string())],
        );
    }
    let percent = ((times - Decimal::ONE) * Decimal::ONE_HUNDRED)
        .round_dp(0)
        .normalize();
    if percent.is_zero() {
        return String::new();
    }
    let sign = if percent.is_sign_negative() { "" } else { "+" };
    format!("{sign}{percent}%")
}

/// The keys that count at this line, most useful first.
fn hint_line(screen: &VisitScreen, walk: &Walk<'_>, width: u16) -> String {
    let text = walk.ctx.text;
    let place = screen.place();
    let known = |command| hint(place, command, text);
    let at = screen.at(walk.list);
    let mut pairs: Vec<(String, &str)> = Vec::new();
    match place {
        Place::Visit => {
            match walk.list.lines.get(at) {
                Some(line) if matches!(line.id, LineId::Analyte(_)) => {
                    pairs.push(("0-9".to_owned(), text.hint_value));
                }
                Some(line) => {
                    let digits = digits(walk.item(line));
                    pairs.extend(digits.map(|digits| (digits, text.hint_answer)));
                }
                None => {}
            }
            if let Some(part) = walk.list.part_of(at) {
                if !walk.list.sweepable(&walk.desk.protocol, part).is_empty() {
                    pairs.push(("+".to_owned(), text.hint_unchanged));
                }
                if !walk.list.deniable(&walk.desk.protocol, part).is_empty() {
                    pairs.push(("*".to_owned(), text.hint_deny));
                }
                pairs.push(("-".to_owned(), text.absent_not_asked));
                pairs.push((".".to_owned(), text.hint_absent));
                if part.lines.len() > 1 {
                    let last = b'a' + u8::try_from(part.lines.len() - 1).unwrap_or(11).min(11);
                    pairs.push((format!("a-{}", char::from(last)), text.hint_jump));
                }
            }
            pairs.extend([
                ("u".to_owned(), text.hint_undo),
                ("s".to_owned(), text.hint_review),
            ]);
        }
        Place::Field => pairs.extend([Command::Enter, Command::Back].map(|c| own(known(c)))),
        Place::Form => {
            pairs.extend([Command::Enter, Command::Save, Command::Back].map(|c| own(known(c))))
        }
        Place::Toggle => {
            pairs.extend([Command::Answer(0), Command::Enter, Command::Back].map(|c| own(known(c))))
        }
        _ => pairs.extend([Command::Answer(0), Command::Back].map(|c| own(known(c)))),
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, w)| (k.as_str(), *w)).collect();
    hints(&pairs, text, place, width)
}

fn own((key, words): (&'static str, &'static str)) -> (String, &'static str) {
    (key.to_owned(), words)
}

/// The digits a line takes, such as `0-3`.
fn digits(item: &Item) -> Option<String> {
    let keys: Vec<u8> = item.options.iter().map(|o| o.key).collect();
    let (low, high) = (keys.iter().min()?, keys.iter().max()?);
    let low = if item.kind == Kind::Many { 0 } else { *low };
    Some(if low == *high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    })
}
