//! What a signature freezes: the visit as its doctor saw it, so that no later
//! rule, setting or correction can change what was signed.
//!
//!   Sign(note in both languages), FrozenAnswer.., FrozenAlert.., Seen..

mod stood;

pub use stood::{Stood, stood};

use crate::domain::alert::{Alert, Input};
use crate::domain::answer::ItemId;
use crate::domain::assess::Case;
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Change, FrozenAlert, FrozenAnswer, Person, Seen, Signature, Standing};
use crate::domain::checklist::{Checklist, Line, LineId, LineState};
use crate::domain::date::iso;
use crate::domain::id::ObservationId;
use crate::domain::lang::Lang;
use crate::domain::observation::AnalyteId;
use crate::domain::record::Value;
use crate::domain::series::series;
use crate::note;
use crate::shown;
use crate::text::{Text, fill};
use chrono::{DateTime, FixedOffset};
use std::collections::{BTreeMap, BTreeSet};

/// Both languages, the one the screen was read in, and who works here.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    pub ja: &'a Text,
    pub en: &'a Text,
    pub lang: Lang,
    /// Everybody who may have answered, by name.
    pub people: &'a [Person],
}

impl<'a> Texts<'a> {
    /// The words of the screen.
    pub fn screen(&self) -> &'a Text {
        match self.lang {
            Lang::Ja => self.ja,
            Lang::En => self.en,
        }
    }
}

/// The changes of the entry that signs `case`'s visit, in order: the signature
/// first, because what it freezes is kept with it.
pub fn seal(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    texts: Texts<'_>,
    signer: &str,
    now: DateTime<FixedOffset>,
) -> Vec<Change> {
    let text = texts.screen();
    let mut changes = vec![signature(case, list, catalogue, texts, signer, now)];
    changes.extend(
        list.lines
            .iter()
            .filter_map(|line| answer(case, list, catalogue, line, text)),
    );
    changes.extend(list.alerts.iter().map(|a| alert(case, a, None, text.lang)));
    let vanished = stood(case, catalogue, text)
        .into_iter()
        .filter(|s| s.settled.is_some());
    changes.extend(vanished.map(|s| alert(case, &s.alert, s.settled, text.lang)));
    changes.extend(seen(case, list));
    changes
}

fn signature(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    texts: Texts<'_>,
    signer: &str,
    now: DateTime<FixedOffset>,
) -> Change {
    let note = |text| {
        note::compose(
            case,
            list,
            catalogue,
            texts.people,
            Some((signer, now)),
            text,
        )
    };
    let opening = &case.visit.opening;
    Change::Sign(Box::new(Signature {
        visit: opening.visit,
        protocol: opening.protocol,
        protocol_id: case.protocol.id.clone(),
        protocol_version: case.protocol.version.clone(),
        settings: opening.settings,
        note_ja: note(texts.ja),
        note_en: note(texts.en),
    }))
}

/// A line as it stands: every line that is part of the visit, and every one that
/// was answered and then set aside. A value of the draw stands under the line of
/// its panel, by its own name.
fn answer(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    line: &Line,
    text: &Text,
) -> Option<Change> {
    let item = line.item(case.protocol);
    let standing = match line.state {
        LineState::Answered => Standing::Answered,
        LineState::SetAside => Standing::SetAside,
        LineState::Open => Standing::NotEntered,
        // Blood may always be entered, but it was not asked for.
        LineState::Optional if !case.protocol.relevant(item, &list.situation) => return None,
        LineState::Optional => Standing::NotEntered,
    };
    let label = match &line.id {
        LineId::Item(_) => item.label(text.lang).to_owned(),
        LineId::Again(id) => again(case, id, text),
        LineId::Analyte(id) => analyte(catalogue, id, text),
    };
    Some(Change::FrozenAnswer(FrozenAnswer {
        visit: case.visit.id(),
        item: match &line.id {
            LineId::Item(id) | LineId::Again(id) => id.clone(),
            LineId::Analyte(_) => item.id.clone(),
        },
        standing,
        label,
        shown: said(case, list, line, text),
    }))
}

fn again(case: &Case<'_>, id: &ItemId, text: &Text) -> String {
    let label = case
        .protocol
        .item(id.as_str())
        .map_or(id.as_str(), |i| i.label(text.lang));
    fill(text.note_again_line, &[("what", label)])
}

fn analyte(catalogue: &Catalogue, id: &AnalyteId, text: &Text) -> String {
    catalogue
        .get(id)
        .map_or(id.0.clone(), |a| a.short.get(text.lang).to_owned())
}

/// The answer as the screen showed it.
fn said(case: &Case<'_>, list: &Checklist, line: &Line, text: &Text) -> Option<String> {
    let drawn = list.drawn.as_ref().map(|d| &d.specimen);
    match &line.id {
        LineId::Analyte(id) => {
            let of_draw = |v: &&Value| {
                v.observation.analyte == *id
                    && drawn.is_some_and(|s| s.id == v.observation.specimen)
            };
            let value = case.record.observations().iter().find(of_draw)?;
            Some(shown::reported(&value.observation, text))
        }
        LineId::Item(id) => match case.visit.answer(id.as_str()) {
            Some(answer) => Some(shown::answer(line.item(case.protocol), answer, text)),
            None => drawn
                .filter(|_| line.state == LineState::Answered)
                .map(|s| {
                    let day = shown::full_day(s.drawn_on, text);
                    format!("{day} {}", shown::fasting(s.fasting, text))
                }),
        },
        LineId::Again(id) => {
            let response = line.response(case.visit)?;
            let item = case.protocol.item(id.as_str())?;
            Some(shown::answer(item, &response.answer, text))
        }
    }
}

fn alert(case: &Case<'_>, alert: &Alert, settled: Option<String>, lang: Lang) -> Change {
    Change::FrozenAlert(Box::new(FrozenAlert {
        visit: case.visit.id(),
        rule: alert.rule.clone(),
        level: alert.level.word().to_owned(),
        item: alert.item.as_str().to_owned(),
        text_ja: alert.text.ja.clone(),
        text_en: alert.text.en.clone(),
        inputs: inputs(case, &alert.inputs),
        source: alert.source.get(lang).to_owned(),
        basis: alert.basis.word().to_owned(),
        settled,
    }))
}

/// `tg 512 mg/dL (limit 500; 2026-11-24); dry.lips 2`: ids and numbers, so that
/// they read the same in any language.
fn inputs(case: &Case<'_>, inputs: &[Input]) -> String {
    let each = inputs.iter().map(|input| {
        let mut one = format!("{} {}", input.name, input.value);
        if let Some(unit) = &input.unit {
            one += &format!(" {unit}");
        }
        let limit = input.limit.map(|l| format!("limit {}", shown::number(l)));
        let day = input
            .days_ago
            .and_then(|n| {
                case.visit
                    .day()
                    .checked_sub_signed(chrono::Duration::days(n))
            })
            .map(iso);
        let more: Vec<String> = limit.into_iter().chain(day).collect();
        match more.is_empty() {
            true => one,
            false => format!("{one} ({})", more.join("; ")),
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What was on the screen: the latest value of each analyte up to the day of the
/// visit, and every value of today's draw, each with the entry that stated it.
fn seen(case: &Case<'_>, list: &Checklist) -> Vec<Change> {
    let all = case.record.observations();
    let analytes: BTreeSet<&AnalyteId> = all.iter().map(|v| &v.observation.analyte).collect();
    let latest = analytes.into_iter().filter_map(|id| {
        series(case.record, id, case.visit.day())
            .last()
            .map(|p| (p.observation.id, p.stamp.entry))
    });
    let drawn = list.drawn.as_ref().map(|d| d.specimen.id);
    let today = all
        .iter()
        .filter(|v| v.visit == Some(case.visit.id()) || drawn == Some(v.observation.specimen))
        .map(|v| (v.observation.id, v.stamp.entry));
    let seen: BTreeMap<ObservationId, _> = latest.chain(today).collect();
    let visit = case.visit.id();
    seen.into_iter()
        .map(|(observation, stated_by)| {
            Change::Seen(Seen {
                visit,
                observation,
                stated_by,
            })
        })
        .collect()
}
