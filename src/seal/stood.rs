//! The loud alerts of a visit, those that no longer stand among them.
//!
//!   重大 TG 512 mg/dL ..   値の訂正 10:44 TG 512 mg/dL→152 mg/dL
//!
//! An alert disappears only by a recorded act. The acts of the visit are gone
//! through once more, one entry at a time, and each warning or critical alert
//! that one of them ended is kept with that act.

use crate::domain::alert::{Alert, evaluate};
use crate::domain::answer::Answer;
use crate::domain::assess::Case;
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{Entry, EntryKind};
use crate::domain::id::VisitId;
use crate::domain::observation::Observation;
use crate::domain::protocol::{Item, Level};
use crate::domain::record::{Record, Value, Visit};
use crate::note::answer_words;
use crate::shown;
use crate::text::{Text, fill};
use std::collections::BTreeMap;

/// A warning or critical alert that stood at some moment of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// As it stood last.
    pub alert: Alert,
    /// The act that ended it, in words; none while it stands.
    pub settled: Option<String>,
}

/// Every warning and critical alert of this visit: the standing ones, worst
/// first, then those that vanished, in the order they did.
pub fn stood(case: &Case<'_>, catalogue: &Catalogue, text: &Text) -> Vec<Stood> {
    let teller = Teller {
        case,
        catalogue,
        text,
    };
    let (id, entries) = (case.visit.id(), case.record.entries());
    let opened = entries.iter().position(|e| e.id == case.visit.opened.entry);
    let (before, since) = entries.split_at(opened.map_or(entries.len(), |i| i + 1));
    let mut record = Record::of(case.record.patient, before.iter().cloned());
    let mut standing = loud(case, &record, id);
    let mut vanished: Vec<Stood> = Vec::new();
    for entry in since.iter().take_while(|e| !closes(e, id)) {
        // Kept only where something may vanish: most acts end nothing.
        let last = record.visit(id).filter(|_| !standing.is_empty()).cloned();
        let values = last
            .as_ref()
            .map_or(Vec::new(), |_| record.observations().to_vec());
        record.push(entry.clone());
        let now = loud(case, &record, id);
        for gone in standing.iter().filter(|a| !has(&now, a)) {
            let earlier = last.as_ref().map(|visit| Earlier {
                visit,
                values: &values,
            });
            let settled = teller.settled(entry, gone, earlier, &record);
            vanished.retain(|s| s.alert.rule != gone.rule);
            vanished.push(Stood {
                alert: gone.clone(),
                settled: Some(settled),
            });
        }
        standing = now;
    }
    vanished.retain(|s| !has(&standing, &s.alert));
    let standing = standing.into_iter().map(|alert| Stood {
        alert,
        settled: None,
    });
    standing.chain(vanished).collect()
}

/// Whether the entry signs or voids this visit: what comes later is another story.
fn closes(entry: &Entry, visit: VisitId) -> bool {
    entry.visit == Some(visit) && matches!(entry.kind, EntryKind::Sign | EntryKind::Void)
}

fn loud(case: &Case<'_>, record: &Record, id: VisitId) -> Vec<Alert> {
    let Some(visit) = record.visit(id) else {
        return Vec::new();
    };
    let then = Case {
        record,
        visit,
        ..*case
    };
    let mut alerts = evaluate(case.protocol, &then.situation());
    alerts.retain(|a| a.level >= Level::Warning);
    alerts
}

fn has(alerts: &[Alert], alert: &Alert) -> bool {
    alerts.iter().any(|a| a.rule == alert.rule)
}

/// The visit and the values before an act.
#[derive(Clone, Copy)]
struct Earlier<'a> {
    visit: &'a Visit,
    values: &'a [Value],
}

/// Says in words which act ended an alert.
struct Teller<'a> {
    case: &'a Case<'a>,
    catalogue: &'a Catalogue,
    text: &'a Text,
}

/// What an act changed: name, before, after.
type Difference = (String, String, String);

impl Teller<'_> {
    fn settled(
        &self,
        entry: &Entry,
        alert: &Alert,
        before: Option<Earlier<'_>>,
        after: &Record,
    ) -> String {
        let text = self.text;
        let at = entry.at.format("%H:%M").to_string();
        let found = before.and_then(|b| self.difference(alert, b, after));
        let corrected = found
            .as_ref()
            .is_some_and(|(_, from, _)| from != text.note_not_entered);
        let act = match entry.kind {
            EntryKind::Answer | EntryKind::Sweep | EntryKind::Deny => text.seal_answer,
            EntryKind::Undo => text.seal_undo,
            EntryKind::Redo => text.seal_redo,
            EntryKind::Observe if corrected => text.seal_value_corrected,
            EntryKind::Observe => text.seal_value,
            EntryKind::Context => text.seal_context,
            _ => text.seal_other,
        };
        match found {
            Some((what, from, to)) => fill(
                text.seal_settled,
                &[
                    ("act", act),
                    ("at", &at),
                    ("what", &what),
                    ("from", &from),
                    ("to", &to),
                ],
            ),
            None => fill(text.seal_settled_plain, &[("act", act), ("at", &at)]),
        }
    }

    /// What the alert rested on first, then whatever else the act changed.
    fn difference(&self, alert: &Alert, before: Earlier<'_>, after: &Record) -> Option<Difference> {
        let rested = |name: &str| alert.inputs.iter().any(|i| i.name == name);
        let values = self.values(before, after);
        let answers = self.answers(before, after);
        let value = values.iter().find(|(id, _)| rested(id));
        let answer = answers
            .iter()
            .find(|(id, _)| rested(id) || *id == alert.item.as_str());
        let any = || answers.first().or(values.first());
        value
            .or(answer)
            .or_else(any)
            .map(|(_, difference)| difference.clone())
    }

    fn answers(&self, before: Earlier<'_>, after: &Record) -> Vec<(String, Difference)> {
        let Some(visit) = after.visit(before.visit.id()) else {
            return Vec::new();
        };
        let words = |item: &Item, answer: Option<&Answer>| match answer {
            Some(answer) => answer_words(item, answer, self.text),
            None => self.text.note_not_entered.to_owned(),
        };
        let items = self.case.protocol.items();
        let changed = items.filter_map(|item| {
            let id = item.id.as_str();
            let (from, to) = (before.visit.answer(id), visit.answer(id));
            let name = item.note(self.text.lang).to_owned();
            (from != to).then(|| (id.to_owned(), (name, words(item, from), words(item, to))))
        });
        changed.collect()
    }

    /// Values stated, corrected or taken back; a correction keeps its value's id.
    fn values(&self, before: Earlier<'_>, after: &Record) -> Vec<(String, Difference)> {
        let words = |o: Option<&Observation>| match o {
            Some(o) => shown::reported(o, self.text),
            None => self.text.note_not_entered.to_owned(),
        };
        let find = |values: &'_ [Value], id| values.iter().position(|v| v.observation.id == id);
        let all = before
            .values
            .iter()
            .chain(after.observations())
            .map(|v| &v.observation);
        let ids: BTreeMap<_, _> = all.map(|o| (o.id, &o.analyte)).collect();
        let changed = ids.into_iter().filter_map(|(id, analyte)| {
            let then = find(before.values, id).map(|i| &before.values[i].observation);
            let now = find(after.observations(), id).map(|i| &after.observations()[i].observation);
            let known = self.catalogue.get(analyte);
            let name = known.map_or(analyte.0.as_str(), |a| a.short.get(self.text.lang));
            (then != now).then(|| {
                (
                    analyte.0.clone(),
                    (name.to_owned(), words(then), words(now)),
                )
            })
        });
        changed.collect()
    }
}
