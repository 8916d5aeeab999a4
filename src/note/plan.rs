//! P): what was decided, when to meet again, what was advised and explained.

use super::{Place, Sheet, place};
use crate::domain::answer::{Action, Answer, Phase, Plan};
use crate::domain::protocol::Kind;
use crate::domain::{dose, due};
use crate::shown;
use crate::text::fill;
use chrono::NaiveDate;

impl Sheet<'_> {
    /// A decision that changes nothing takes one line, any other one line a topic.
    pub(super) fn planned(&self) -> Vec<String> {
        let plan = self.plan();
        let topics = [
            plan.map_or(vec![self.text.note_undecided.to_owned()], |p| {
                self.decided(p)
            }),
            plan.map_or(Vec::new(), |p| self.next(p)),
            self.advised(),
            self.explained(),
            plan.map_or(Vec::new(), |p| self.totals(p)),
        ];
        let steady =
            plan.is_some_and(|p| matches!(p.action, Action::Continue | Action::NoPrescription));
        if steady && !self.full {
            return vec![self.sentences(&topics.concat())];
        }
        topics.iter().map(|topic| self.sentences(topic)).collect()
    }

    fn plan(&self) -> Option<&Plan> {
        self.list.situation.answers.values().find_map(|a| match a {
            Answer::Plan(plan) => Some(plan),
            _ => None,
        })
    }

    fn decided(&self, plan: &Plan) -> Vec<String> {
        let text = self.text;
        let item = self.case.protocol.items().find(|i| i.kind == Kind::Plan);
        let said = item.and_then(|i| shown::option(i, &Answer::Plan(plan.clone())));
        let mut words = said
            .map_or(shown::action(plan.action, text), |o| o.note(text.lang))
            .to_owned();
        // One key starts and resumes; the record knows which it was.
        let paused = self.list.situation.phase == Some(Phase::Paused);
        if paused && plan.action == Action::Start {
            text.close_resumed.clone_into(&mut words);
        }
        if plan.action.prescribes() {
            let mg = plan.dosing().map(|dose| shown::dosing(dose, text));
            let days = plan
                .days
                .map(|n| fill(text.supply_days, &[("n", &n.to_string())]));
            for part in mg.into_iter().chain(days) {
                words = format!("{words} {part}");
            }
        }
        let reason = plan
            .reason
            .as_deref()
            .map(str::trim)
            .filter(|r| !r.is_empty());
        if let Some(reason) = reason {
            words = fill(text.note_decision, &[("said", &words), ("reason", reason)]);
        }
        let nothing = !plan.action.prescribes() && plan.action != Action::NoPrescription;
        let nothing = nothing.then(|| text.note_no_prescription.to_owned());
        [words].into_iter().chain(nothing).collect()
    }

    /// Visit and blood, each with the sum that gives its day.
    fn next(&self, plan: &Plan) -> Vec<String> {
        let text = self.text;
        let fasting = self
            .list
            .alerts
            .iter()
            .any(|a| a.recheck.is_some_and(|r| r.fasting));
        let blood = if fasting {
            text.note_blood_fasting
        } else {
            text.note_blood
        };
        let on = |what: &str, day: NaiveDate, sum: &str| {
            let day = shown::full_day(day, text);
            fill(
                text.note_next,
                &[("what", what), ("day", &day), ("sum", sum)],
            )
        };
        match (plan.next_visit, plan.next_blood) {
            (Some(visit), Some(day)) if visit == day => {
                let what = fill(text.note_visit_and, &[("blood", blood)]);
                vec![on(&what, day, &self.days_on(day))]
            }
            (visit, day) => {
                let visit = match visit {
                    Some(v) => on(text.note_visit, v, &self.days_on(v)),
                    None => text.note_no_next.to_owned(),
                };
                let day = day.map(|d| on(blood, d, &self.blood_sum(d)));
                [visit].into_iter().chain(day).collect()
            }
        }
    }

    fn days_on(&self, day: NaiveDate) -> String {
        let n = (day - self.case.visit.day()).num_days();
        fill(self.text.note_from_today, &[("n", &n.to_string())])
    }

    /// The sum the record gives for this day, else the days from today.
    fn blood_sum(&self, day: NaiveDate) -> String {
        let case = self.case;
        let due = case
            .treatment()
            .map(|t| due::blood(case.record, &t, case.settings, case.visit.day()));
        match due {
            Some(due::Due::On(sum)) if sum.on == day && sum.days > 0 => shown::sum(&sum, self.text),
            _ => self.days_on(day),
        }
    }

    fn advised(&self) -> Vec<String> {
        let said = self.said().into_iter();
        said.filter(|s| place(s.item) == Place::Planned)
            .filter(|s| !matches!(s.item.kind, Kind::Plan | Kind::Counselling))
            .map(|s| self.one(&s))
            .collect()
    }

    /// The sentences explained, by the names the note gives them.
    fn explained(&self) -> Vec<String> {
        let lang = self.text.lang;
        let said = self
            .said()
            .into_iter()
            .filter(|s| s.item.kind == Kind::Counselling);
        said.map(|s| {
            let numbers = match s.answer {
                Answer::Many(numbers) => numbers.as_slice(),
                _ => &[],
            };
            let known = self.case.protocol.sentences.iter();
            let explained = known
                .filter(|x| numbers.contains(&x.number))
                .map(|x| x.note.get(lang));
            let names = explained.collect::<Vec<_>>().join(self.text.note_items);
            let words = if names.is_empty() {
                self.words(s.item, s.answer)
            } else {
                names
            };
            self.what(s.item, &words)
        })
        .collect()
    }

    /// The day of the last capsule, as it was said in this visit.
    fn last_capsule(&self) -> Option<NaiveDate> {
        let mut answers = self.list.situation.answers.values();
        answers.find_map(|answer| match answer {
            Answer::LastDose { taken_on, .. } => Some(*taken_on),
            _ => None,
        })
    }

    /// What was taken so far, where the decision changes it; the window after it.
    fn totals(&self, plan: &Plan) -> Vec<String> {
        let (text, case) = (self.text, self.case);
        let Some(mut t) = case.treatment() else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut template = text.note_window;
        if plan.action == Action::LostToFollowUp {
            // Nobody could be asked: the supply is taken to have been used up.
            t.stopped_coming(case.visit.day());
            template = text.note_window_assumed;
        } else if let Some(last) = self.last_capsule().filter(|_| plan.action.ends()) {
            t.ended(last);
        }
        if let (Some(end), Some(last)) =
            (due::window(case.record, &t, case.settings), t.last_dose_on)
        {
            let (day, last) = (shown::full_day(end, text), shown::day(last, text));
            out.push(fill(template, &[("day", &day), ("last", &last)]));
        }
        let changes = !matches!(plan.action, Action::Continue | Action::Start);
        let counted = !t.cumulative_mg.is_zero() && (changes || self.full);
        if counted && plan.action != Action::NoPrescription {
            let mg = shown::thousands(t.cumulative_mg);
            let per_kg = dose::per_kg_so_far(case.record, &t.course, case.visit.day());
            let per_kg = per_kg.map(|v| format!("{v:.1}"));
            let template = match per_kg {
                Some(_) => text.note_cumulative_per_kg,
                None => text.note_cumulative,
            };
            let per_kg = per_kg.unwrap_or_default();
            out.push(fill(template, &[("mg", &mg), ("per_kg", &per_kg)]));
        }
        out
    }
}
