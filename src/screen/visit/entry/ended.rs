//! What is being typed when the program is ended from outside.
//!
//! Words are saved as if the field had been left. A number or a day may be cut
//! off in its middle, and marks may be incomplete: they are no answer, and are
//! kept as a remark at their line that says so.

use super::dates::plan_form;
use super::field::{accept, accept_detail};
use super::*;

/// Leaves whatever is being entered, with nothing of it lost.
pub(in crate::screen::visit) fn ended(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let mut left = screen.clone();
    let words = match &screen.stage {
        Stage::Typing { what, .. } if is_words(what, walk) => accept(&mut left, walk),
        Stage::Detail {
            asked: Opens::Text, ..
        } => accept_detail(&mut left, walk),
        _ => Outcome::none(),
    };
    let unfinished = unfinished(&screen.stage, walk);
    screen.stage = Stage::Walk;
    if words.save.is_some() {
        return words;
    }
    let Some((item, typed)) = unfinished.filter(|(_, typed)| !typed.trim().is_empty()) else {
        return Outcome::none();
    };
    let text = walk.ctx.text;
    let said = fill(text.memo_unfinished, &[("what", typed.trim())]);
    let memo = walk.open.memo(&item, &said);
    Outcome::save(walk.draft(EntryKind::Memo, vec![memo], text.saved_memo.to_owned()))
}

/// Whether a field takes words, which are what they are wherever they end.
fn is_words(what: &Typing, walk: &Walk<'_>) -> bool {
    match what {
        Typing::Memo(_) | Typing::SampleComment | Typing::Words { .. } => true,
        Typing::Plain(id) => {
            let item = walk.desk.protocol.item(id.as_str());
            item.is_some_and(|item| item.kind == Kind::Text)
        }
        Typing::Value { .. } | Typing::Range { .. } => false,
    }
}

/// The line, and what stands in its entry.
fn unfinished(stage: &Stage, walk: &Walk<'_>) -> Option<(ItemId, String)> {
    match stage {
        Stage::Typing {
            what: Typing::Plain(item),
            field,
            ..
        } => {
            let answer = walk.visit().answer(item.as_str());
            let known = answer.map(typed_again);
            Some((item.clone(), new_words(field.text(), known.as_deref())))
        }
        Stage::Typing {
            what: Typing::Value { analyte, .. },
            field,
            ..
        } => {
            let known = observed(analyte, walk).and_then(Observation::quantity);
            let typed = new_words(field.text(), known.map(|q| q.typed.as_str()));
            of_value(analyte, "", &typed, walk)
        }
        Stage::Typing {
            what: Typing::Range { analyte },
            field,
            ..
        } => of_value(analyte, walk.ctx.text.range_label, field.text(), walk),
        Stage::Unit { analyte, typed, .. } => of_value(analyte, "", typed, walk),
        Stage::Detail { detail, field, .. } => Some(of_detail(detail, field.text(), walk)),
        Stage::Where(detail)
        | Stage::Fasting(detail)
        | Stage::Reason(detail)
        | Stage::Sentences { detail, .. } => Some(of_detail(detail, "", walk)),
        Stage::Toggle { item, codes } => Some((item.clone(), of_marks(item, codes, walk))),
        Stage::Dates { form, plan } => of_plan(form, plan, walk),
        _ => None,
    }
}

/// What was typed, unless the field still says what is saved.
fn new_words(typed: &str, saved: Option<&str>) -> String {
    match saved == Some(typed) {
        true => String::new(),
        false => typed.to_owned(),
    }
}

fn of_value(
    analyte: &AnalyteId,
    label: &str,
    typed: &str,
    walk: &Walk<'_>,
) -> Option<(ItemId, String)> {
    let mut lines = walk.list.lines.iter();
    let line = lines.find(|line| line.id == LineId::Analyte(analyte.clone()))?;
    let name = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte));
    let name = name.map_or(analyte.0.as_str(), |a| a.short.get(walk.ctx.lang()));
    let typed = typed.trim();
    let words = match typed.is_empty() {
        true => String::new(),
        false => format!("{name} {label} {typed}").replace("  ", " "),
    };
    Some((walk.item(line).id.clone(), words))
}

/// The option that was chosen, and what was typed behind it.
fn of_detail(detail: &Detail, typed: &str, walk: &Walk<'_>) -> (ItemId, String) {
    let item = walk.desk.protocol.item(detail.item.as_str());
    let option = item.and_then(|item| item.option(detail.key));
    let label = option.map_or("", |o| o.label.get(walk.ctx.lang()));
    let got = detail.got.iter().map(|got| of_got(got, walk));
    let all = got.chain([typed.trim().to_owned()]);
    let behind: Vec<String> = all.filter(|words| !words.is_empty()).collect();
    (
        detail.item.clone(),
        format!("{label} {}", behind.join(" ")).trim().to_owned(),
    )
}

fn of_got(got: &Got, walk: &Walk<'_>) -> String {
    match got {
        Got::Day(day) => date::iso(*day),
        Got::Count(n) => n.to_string(),
        Got::Dose(dosing) => dosing.to_string(),
        Got::Text(words) | Got::Reason(words) => words.clone(),
        Got::Where(kind) => crate::shown::test_kind(*kind, walk.ctx.text).to_owned(),
        // Both end their entry at once: nothing is asked behind them.
        Got::Fasting(_) | Got::Sentences(_) => String::new(),
    }
}

/// The marks that differ from what is saved.
fn of_marks(id: &ItemId, codes: &[u8], walk: &Walk<'_>) -> String {
    let saved = matches!(
        walk.visit().answer(id.as_str()),
        Some(Answer::Many(known)) if known == codes
    );
    let Some(item) = walk.desk.protocol.item(id.as_str()).filter(|_| !saved) else {
        return String::new();
    };
    let chosen = codes.iter().filter_map(|code| item.option(*code));
    let labels: Vec<&str> = chosen.map(|o| o.label.get(walk.ctx.lang())).collect();
    labels.join(", ")
}

/// The lines of the form that differ from the plan.
fn of_plan(form: &Form, plan: &Plan, walk: &Walk<'_>) -> Option<(ItemId, String)> {
    let mut items = walk.desk.protocol.items();
    let item = items.find(|i| i.kind == Kind::Plan)?;
    let text = walk.ctx.text;
    let labels = [
        text.form_mg_per_day,
        text.form_days,
        text.form_next_visit,
        text.form_next_blood,
        text.form_reason,
    ];
    let before = plan_form(plan, walk);
    let changed = labels
        .iter()
        .enumerate()
        .filter(|(at, _)| form.text(*at) != before.text(*at))
        .map(|(at, label)| format!("{label} {}", form.text(at)));
    Some((item.id.clone(), changed.collect::<Vec<_>>().join(", ")))
}
