//! From a record to the situation that conditions and rules look at.

use super::answer::{Answer, ItemId, Phase, Plan};
use super::catalogue::{Analyte, Catalogue};
use super::change::CourseStart;
use super::course::Treatment;
use super::date::age;
use super::dose;
use super::due::{self, Need};
use super::gate::earlier_form;
use super::observation::AnalyteId;
use super::protocol::{Kind, Protocol};
use super::reading::{Before, Reading};
use super::record::{Record, Visit};
use super::series::{self, Point, series};
use super::situation::{LabFact, Settings, Situation};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// A visit with everything it is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub record: &'a Record,
    pub visit: &'a Visit,
    pub protocol: &'a Protocol,
    pub settings: &'a Settings,
    pub catalogue: &'a Catalogue,
}

impl<'a> Case<'a> {
    /// The course on the day of the visit, as it stood before this visit's decision.
    pub fn treatment(&self) -> Option<Treatment> {
        Treatment::on(self.record, self.visit.day())
    }

    /// The situation of this visit, with the answers that are relevant in it.
    ///
    /// An answer may make another line irrelevant, whose answer then no longer
    /// counts; so the answers are sifted until nothing changes.
    pub fn situation(&self) -> Situation {
        let mut situation = self.everything();
        for _ in 0..4 {
            let sections = self.protocol.sections.iter();
            let irrelevant: Vec<ItemId> = sections
                .flat_map(|section| {
                    let open = section.open(&situation);
                    section.items.iter().map(move |item| (open, item))
                })
                .filter(|(_, item)| situation.answers.contains_key(&item.id))
                .filter(|(open, item)| !(*open && item.open(&situation)))
                .map(|(_, item)| item.id.clone())
                .collect();
            if irrelevant.is_empty() {
                break;
            }
            for id in irrelevant {
                situation.answers.remove(&id);
            }
        }
        situation
    }

    fn everything(&self) -> Situation {
        let (record, visit, on) = (self.record, self.visit, self.visit.day());
        let treatment = self.treatment();
        let t = treatment.as_ref();
        let answers: BTreeMap<ItemId, Answer> = visit
            .responses
            .keys()
            .filter_map(|id| Some((id.clone(), visit.answer(id.as_str())?.clone())))
            .collect();
        let plan = visit.plan();
        let blood = t.map(|t| due::blood(record, t, self.settings, on));
        let test = t.map(|t| due::any_test(record, t, self.settings, on));
        let [last, before] = self.earlier_answers();
        Situation {
            visit: Some(visit.opening.kind),
            phase: t.map(|t| t.phase),
            held_on: Some(on),
            age: record
                .identity()
                .and_then(|i| age(i.birth_date, on).to_u32()),
            sex: record.identity().map(|i| i.sex),
            can_become_pregnant: Some(record.potential().0),
            companion: visit.context.companion,
            mode: Some(visit.context.mode),
            day_of_treatment: t.and_then(|t| t.day),
            days_since_last_dose: t.and_then(|t| t.last_dose_on).map(|d| (on - d).num_days()),
            days_since_increase: t
                .and_then(|t| due::last_increase(record, t))
                .map(|d| (on - d).num_days()),
            dose_now: t.and_then(|t| t.mg_per_day),
            missed_percent: missed_percent(&answers, record, t, on),
            days_since: self.days_since(),
            last,
            before,
            labs: self.labs(t, Which::Firm),
            preliminary: self.preliminary(t),
            blood_due: blood.and_then(|b| due::at_visit(&b, on, self.settings)),
            blood_overdue_days: blood.and_then(|b| b.over(on)),
            days_since_blood: series::last_draw(record, on).map(|d| (on - d).num_days()),
            no_blood_ever: t.map(|t| due::last_of_course(record, t, self.settings, on).is_none()),
            test_due: test.and_then(|due| due::at_visit(&due, on, self.settings)),
            due: t.map(|t| self.due(t)),
            window_days_left: t
                .and_then(|t| due::window(record, t, self.settings))
                .map(|end| (end - on).num_days()),
            decision: plan.map(|p| p.action),
            mg_per_kg: t.and_then(|t| t.per_kg(plan.and_then(Plan::average).or(t.mg_per_day)?)),
            cumulative_mg_per_kg: t.and_then(|t| dose::per_kg_so_far(record, &t.course, on)),
            supply_days: plan.and_then(|p| p.days).map(i64::from),
            days_to_next_visit: plan.and_then(|p| p.next_visit).map(|d| (d - on).num_days()),
            weight_change_percent: self.weight_change(),
            answers,
            settings: self.settings.clone(),
        }
    }

    /// What is due at this visit. What this visit settled was due at it: its line
    /// must not close behind its own answer.
    fn due(&self, t: &Treatment) -> BTreeSet<Need> {
        let mut due = due::at_hand(self.record, t, self.settings, self.visit.day());
        let consent = self.record.consent_said(t.course.course);
        if t.phase != Phase::After && consent.is_some_and(|c| earlier_form(&c, self.protocol)) {
            // The form has changed since: it is signed anew.
            due.insert(Need::Consent);
        }
        for (line, response) in &self.visit.responses {
            match &response.answer {
                Answer::Consent { .. } => due.insert(Need::Consent),
                Answer::Weight { .. } => due.insert(Need::Weight),
                _ if line.as_str() == due::line::GUARDIAN => due.insert(Need::Guardian),
                _ if line.as_str() == due::line::OUTCOME => due.insert(Need::Outcome),
                _ => false,
            };
        }
        due
    }

    /// The answer of each line at the last signed visit that asked it, and at the one before.
    fn earlier_answers(&self) -> [BTreeMap<ItemId, Answer>; 2] {
        let (mut last, mut before) = (BTreeMap::new(), BTreeMap::new());
        for visit in self.earlier_visits() {
            for id in visit.responses.keys() {
                let Some(answer) = visit.answer(id.as_str()).filter(|a| a.absence().is_none())
                else {
                    continue;
                };
                if !last.contains_key(id) {
                    last.insert(id.clone(), answer.clone());
                } else {
                    before.entry(id.clone()).or_insert_with(|| answer.clone());
                }
            }
        }
        [last, before]
    }

    /// Signed visits of this course before this one, newest first.
    pub fn earlier_visits(&self) -> impl Iterator<Item = &'a Visit> {
        let (id, on) = (self.visit.id(), self.visit.day());
        let signed = self
            .record
            .signed(self.visit.opening.course)
            .into_iter()
            .rev();
        signed.filter(move |v| v.id() != id && v.day() <= on)
    }

    fn days_since(&self) -> BTreeMap<ItemId, Option<i64>> {
        let on = self.visit.day();
        let mut days: BTreeMap<ItemId, Option<i64>> = BTreeMap::new();
        for visit in self.earlier_visits() {
            for id in visit.responses.keys() {
                let answer = visit.answer(id.as_str()).filter(|a| a.absence().is_none());
                if let (Some(answer), false) = (answer, days.contains_key(id)) {
                    let day = day_of(answer).unwrap_or(visit.day());
                    days.insert(id.clone(), Some((on - day).num_days()));
                }
            }
        }
        for item in self.protocol.items() {
            if let Some(day) = self.known_outside(item.kind) {
                let ago = (on - day).num_days();
                let known = days.get(&item.id).copied().flatten();
                days.insert(item.id.clone(), Some(known.map_or(ago, |k| k.min(ago))));
            }
        }
        days
    }

    /// The day a fact of this kind was last stated outside any visit, as at registration.
    fn known_outside(&self, kind: Kind) -> Option<NaiveDate> {
        if !matches!(kind, Kind::Weight | Kind::Potential | Kind::Consent) {
            return None;
        }
        let course = self.visit.opening.course;
        let mut outside = self.record.facts().rev().filter(|s| s.visit.is_none());
        outside.find_map(|said| match (kind, said.answer) {
            (Kind::Weight, Answer::Weight { measured_on, .. }) => Some(*measured_on),
            (Kind::Potential, Answer::Potential { .. }) => Some(said.stamp.at.date_naive()),
            (
                Kind::Consent,
                Answer::Consent {
                    given: true,
                    signed_on,
                    ..
                },
            ) if self.record.of_course(&said, course) => {
                Some(signed_on.unwrap_or(said.stamp.at.date_naive()))
            }
            _ => None,
        })
    }

    /// The latest firm result of each analyte, or the preliminary ones behind it.
    fn labs(&self, t: Option<&Treatment>, which: Which) -> BTreeMap<AnalyteId, LabFact> {
        let values = self.record.values();
        let analytes: BTreeSet<&AnalyteId> = values.map(|(v, _)| &v.observation.analyte).collect();
        let before = Before {
            first_dose: t.and_then(|t| t.first_dose_on),
            oldest: due::baseline_age(self.settings),
        };
        let on = self.visit.day();
        analytes
            .into_iter()
            .filter_map(|id| {
                let points = series(self.record, id, on);
                let known = self.catalogue.get(id)?;
                Some((id.clone(), lab_fact(known, &points, before, which, on)?))
            })
            .collect()
    }

    /// Those of a preliminary word; nothing is looked for where there is none.
    fn preliminary(&self, t: Option<&Treatment>) -> BTreeMap<AnalyteId, LabFact> {
        let mut all = self.record.observations().iter();
        match all.any(|value| value.observation.is_preliminary()) {
            true => self.labs(t, Which::Preliminary),
            false => BTreeMap::new(),
        }
    }

    /// Change of the weight stated in this visit against the one before, in percent.
    fn weight_change(&self) -> Option<Decimal> {
        let said = self.record.facts().rev();
        let mut weights = said.filter_map(|said| match said.answer {
            Answer::Weight { kg, .. } => Some((said.visit.map(Visit::id), *kg)),
            _ => None,
        });
        let (visit, now) = weights.next()?;
        if visit != Some(self.visit.id()) {
            return None;
        }
        let (_, then) = weights.next()?;
        let change = (now - then).abs() * Decimal::ONE_HUNDRED;
        change.checked_div(then).map(|p| p.round_dp(1))
    }
}

/// The day an answer speaks of, where it has one of its own.
fn day_of(answer: &Answer) -> Option<NaiveDate> {
    match answer {
        Answer::Weight { measured_on, .. } => Some(*measured_on),
        Answer::Test(test) => test.done_on,
        Answer::Day(day) => Some(*day),
        Answer::Consent { signed_on, .. } => *signed_on,
        _ => None,
    }
}

/// Which result of an analyte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The latest that is back.
    Firm,
    /// A preliminary one behind it.
    Preliminary,
}

/// The latest usable value of an analyte, as the rules look at it.
fn lab_fact(
    analyte: &Analyte,
    points: &[Point<'_>],
    before: Before,
    which: Which,
    on: NaiveDate,
) -> Option<LabFact> {
    let firm = points.iter().rposition(|p| p.firm().is_some());
    let latest = match which {
        Which::Firm => firm?,
        Which::Preliminary => {
            let any = points.iter().rposition(|p| p.number().is_some());
            any.filter(|_| any > firm)?
        }
    };
    Reading::at(points, latest, analyte, before)?.fact(analyte, on)
}

/// Days missed since the last visit, in percent of the days since then.
fn missed_percent(
    answers: &BTreeMap<ItemId, Answer>,
    record: &Record,
    t: Option<&Treatment>,
    on: NaiveDate,
) -> Option<Decimal> {
    let missed = answers.values().find_map(|a| match a {
        Answer::Intake { missed_days, .. } => Some(missed_days.unwrap_or(0)),
        _ => None,
    })?;
    let course = t.map(|t| t.course.course)?;
    let last = record
        .signed(course)
        .into_iter()
        .map(Visit::day)
        .filter(|d| *d < on)
        .max();
    let from = last.or(t.and_then(|t| t.first_dose_on))?;
    let planned = Decimal::from((on - from).num_days());
    (Decimal::from(missed) * Decimal::ONE_HUNDRED)
        .checked_div(planned)
        .map(|p| p.round_dp(0))
}

/// The plan a visit holds, else the one in force before it.
pub fn plan_in_force<'a>(record: &'a Record, course: &CourseStart) -> Option<&'a Plan> {
    super::record::decisions(record, course.course)
        .last()
        .map(|(_, plan)| *plan)
}
