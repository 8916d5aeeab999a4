//! What the focused line offers: its options, its field, a question, its marks.

use super::*;
use crate::domain::date::{self, Meaning as Dates};

/// What the focused line offers: its options, its field, or a question.
pub(super) fn opened<'a>(
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
            let day = matches!(what, Typing::Plain(_)) && item.kind == Kind::Day;
            echo(rows, canvas, walk, field.text(), day && trouble.is_none());
            troubles(rows, canvas, trouble.as_ref());
        }
        Stage::Detail {
            asked,
            detail,
            field,
            trouble,
        } => {
            rows.push(Row::Field {
                label: asked_label(*asked, walk),
                field,
            });
            let day = *asked == Opens::Day;
            echo(rows, canvas, walk, field.text(), day && trouble.is_none());
            troubles(rows, canvas, trouble.as_ref());
            if *asked == Opens::Dose {
                let option = item.options.iter().find(|o| o.key == detail.key);
                what_if::of_option(rows, canvas, walk, option, field.text());
            }
        }
        Stage::Toggle { codes, .. } => toggles(rows, canvas, walk, item, codes),
        Stage::Sentences { chosen, .. } => sentences(rows, canvas, walk, chosen),
        Stage::Dates { form, .. } => {
            rows.push(Row::Form);
            rows.extend(std::iter::repeat_with(|| Row::Blank).take(form.lines.len() + 1));
            what_if::of_form(rows, canvas, walk, form);
        }
        stage => {
            for (key, words) in choices(stage, walk, line) {
                rows.push(Row::Text(5, format!("{key} {words}"), canvas.theme.plain()));
            }
        }
    }
}

/// What a day typed is read as.
fn echo(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, walk: &Walk<'_>, typed: &str, day: bool) {
    let today = walk.visit().day();
    let read = date::parse(typed, today, Dates::Past).ok();
    if let Some(read) = read.filter(|_| day) {
        let words = crate::shown::echo(read, today, walk.ctx.text);
        rows.push(Row::Text(5, words, canvas.theme.dim()));
    }
}

pub(super) fn troubles(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, trouble: Option<&Trouble>) {
    let (words, style) = match trouble {
        Some(Trouble::Error(why)) => (format!("! {why}"), canvas.theme.error()),
        Some(Trouble::Question(why)) => (format!("? {why}"), canvas.theme.bold()),
        None => return,
    };
    for piece in cells::wrap(&words, usize::from(canvas.width().saturating_sub(6))) {
        rows.push(Row::Text(5, piece, style));
    }
}

pub(super) fn typing_label(what: &Typing, walk: &Walk<'_>) -> String {
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
        Typing::Value { analyte, .. } => short(analyte),
        Typing::Range { .. } => text.range_label.to_owned(),
        Typing::Memo(_) => text.memo_label.to_owned(),
        Typing::SampleComment => text.sample_comment.to_owned(),
        Typing::Words { .. } => text.ask_text.to_owned(),
    }
}

pub(super) fn asked_label(asked: Opens, walk: &Walk<'_>) -> String {
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
pub(super) fn choices(stage: &Stage, walk: &Walk<'_>, line: &Line) -> Vec<(u8, String)> {
    let text = walk.ctx.text;
    match stage {
        Stage::Absent => absences(line, walk),
        Stage::Where(_) => from_one(&[text.test_clinic, text.test_serum, text.test_home]),
        Stage::Fasting(_) => from_one(&[text.fasting_yes, text.fasting_no, text.fasting_unknown]),
        Stage::Reason(_) => {
            let open = reasons(walk);
            let mut all = from_one(&open.iter().map(String::as_str).collect::<Vec<_>>());
            all.push((WISH, text.reason_wish.to_owned()));
            all.push((OTHER, text.reason_other.to_owned()));
            all
        }
        Stage::Unit {
            typed,
            suggested,
            analyte,
        } => units(typed, suggested, analyte, walk),
        Stage::Sample => {
            let mut all = vec![(0, text.sample_clear.to_owned())];
            all.extend(from_one(&[
                text.sample_haemolysed,
                text.sample_lipaemic,
                text.sample_comment,
            ]));
            all
        }
        Stage::Add { page } => more_analytes(*page, walk),
        _ => Vec::new(),
    }
}

/// Words with their keys, from 1.
fn from_one(words: &[&str]) -> Vec<(u8, String)> {
    (1..).zip(words.iter().map(|w| (*w).to_owned())).collect()
}

/// Why a line has no answer; a value may also be lost or not done.
fn absences(line: &Line, walk: &Walk<'_>) -> Vec<(u8, String)> {
    let text = walk.ctx.text;
    let mut words = vec![
        text.absent_unsure,
        text.absent_not_applicable,
        text.absent_declined,
        text.absent_pending,
        text.absent_unusable,
    ];
    if matches!(line.id, LineId::Analyte(_)) {
        words.extend([text.lab_lost, text.lab_not_done]);
    }
    from_one(&words)
}

/// The two units a typed number may be in.
fn units(typed: &str, suggested: &str, analyte: &AnalyteId, walk: &Walk<'_>) -> Vec<(u8, String)> {
    let text = walk.ctx.text;
    let known = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte));
    let unit = known.map_or("", |a| a.unit.as_str());
    let other = fill(text.unit_is, &[("value", typed), ("unit", suggested)]);
    let own = fill(text.unit_stays, &[("value", typed), ("unit", unit)]);
    vec![(1, other), (2, own)]
}

/// One page of the analytes that may be added.
fn more_analytes(page: usize, walk: &Walk<'_>) -> Vec<(u8, String)> {
    let text = walk.ctx.text;
    let all = addable(walk);
    let named: Vec<String> = all
        .iter()
        .skip(page * PAGE)
        .take(PAGE)
        .map(|a| format!("{} {}", a.label.get(text.lang), a.unit))
        .collect();
    let mut rows = from_one(&named.iter().map(String::as_str).collect::<Vec<_>>());
    if all.len() > PAGE {
        rows.push((9, text.next_page.to_owned()));
    }
    rows
}

/// The options of the focused line, one a row.
pub(super) fn options<'a>(
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
pub(super) fn spelt_out(action: Action, walk: &Walk<'_>) -> String {
    if !matches!(
        action,
        Action::Start | Action::Continue | Action::NoPrescription
    ) {
        return String::new();
    }
    let text = walk.ctx.text;
    let proposed = proposal(action, walk);
    let dose = treatment(walk).and_then(|t| t.last_dosing);
    let plan = crate::domain::answer::Plan {
        action,
        mg_per_day: dose.filter(|_| action.prescribes()).map(|d| d.mg),
        schedule: crate::screen::visit::answer::schedule(dose, action),
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

pub(super) fn toggles(
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

pub(super) fn sentences(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    chosen: &[u8],
) {
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
pub(super) fn said(sentence: &Sentence, walk: &Walk<'_>) -> String {
    sentence
        .said(&walk.list.situation.settings)
        .get(walk.ctx.lang())
        .to_owned()
}
