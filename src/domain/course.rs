//! A course of treatment on one day: phase, day of treatment, dose, totals.

use super::answer::{Action, Answer, Phase, Plan, VisitKind};
use super::change::CourseStart;
use super::record::{Record, Visit, decisions, ended};
use super::schedule::Dosing;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// What a record says of its course on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    pub course: CourseStart,
    pub phase: Phase,
    pub first_dose_on: Option<NaiveDate>,
    /// Day of the last capsule; until the patient was asked, assumed to be the
    /// day of the decision that ended the course, and where the patient stopped
    /// coming the last day of the supply.
    pub last_dose_on: Option<NaiveDate>,
    /// Whether the patient was asked for the day of the last capsule.
    pub last_dose_asked: bool,
    /// Milligrams a day now, on average; none where nothing is taken.
    pub mg_per_day: Option<Decimal>,
    /// The dose as last prescribed, also while paused or after.
    pub last_dosing: Option<Dosing>,
    /// 1 on the day of the first capsule.
    pub day: Option<i64>,
    /// Kilograms, and the day they were taken.
    pub weight: Option<(Decimal, NaiveDate)>,
    /// Milligrams prescribed for the days before today.
    pub cumulative_mg: Decimal,
    /// Last day covered by the latest prescription.
    pub supply_until: Option<NaiveDate>,
}

impl Treatment {
    /// The current course of `record` as it stands on `today`, judged by signed visits.
    pub fn on(record: &Record, today: NaiveDate) -> Option<Self> {
        Some(Self::of(record, record.course()?.clone(), today))
    }

    /// One course of `record`, earlier ones too.
    pub fn of(record: &Record, course: CourseStart, today: NaiveDate) -> Self {
        let plans = decisions(record, course.course);
        let first_dose_on = course.first_dose_on.or_else(|| first_prescribed(&plans));
        let phase = phase(&plans, under_way(record, &course));
        let last_dosing = plans
            .iter()
            .rev()
            .find_map(|(_, p)| p.dosing())
            .or(course.mg_per_day.map(Dosing::daily));
        let asked = last_dose_asked(record, &course);
        let supply_until = supply_until(&plans);
        let ended_on = ended(record, course.course).map(|(day, action)| match action {
            Action::LostToFollowUp => assumed_last(supply_until, day),
            _ => day,
        });
        let last_dose_on = (phase == Phase::After)
            .then(|| asked.or(ended_on))
            .flatten();
        let stop = last_dose_on.unwrap_or(today);
        let begun = phase != Phase::Before;
        Self {
            phase,
            first_dose_on,
            last_dose_on,
            last_dose_asked: asked.is_some(),
            mg_per_day: last_dosing
                .filter(|_| phase == Phase::On)
                .map(|dosing| dosing.average()),
            last_dosing,
            day: first_dose_on
                .filter(|d| begun && *d <= today)
                .map(|d| (stop.min(today) - d).num_days() + 1),
            weight: record.weight(),
            cumulative_mg: cumulative(
                &course,
                &plans,
                first_dose_on.filter(|_| begun),
                today,
                asked,
            ),
            supply_until,
            course,
        }
    }

    /// The course as it stands once it is said on `day` that the patient stopped
    /// coming.
    pub fn stopped_coming(&mut self, day: NaiveDate) {
        self.phase = Phase::After;
        self.last_dose_on = Some(assumed_last(self.supply_until, day));
    }

    /// The course as it stands once it is said that this day's was the last capsule.
    pub fn ended(&mut self, last: NaiveDate) {
        self.phase = Phase::After;
        self.last_dose_on = Some(last);
    }

    /// Week of treatment, 1 in the first seven days.
    pub fn week(&self) -> Option<i64> {
        self.day.map(|d| (d + 6) / 7)
    }

    /// Milligrams per kilogram a day now, to two decimals.
    pub fn mg_per_kg(&self) -> Option<Decimal> {
        self.per_kg(self.mg_per_day?)
    }

    /// `mg` over the weight last known, to two decimals.
    pub fn per_kg(&self, mg: Decimal) -> Option<Decimal> {
        let (kg, _) = self.weight?;
        mg.checked_div(kg).map(|v| v.round_dp(2))
    }

    /// The walk a visit opened now follows.
    pub fn visit_kind(&self) -> VisitKind {
        match self.phase {
            Phase::Before => VisitKind::Start,
            Phase::On | Phase::Paused => VisitKind::FollowUp,
            Phase::After => VisitKind::After,
        }
    }
}

fn first_prescribed(plans: &[(NaiveDate, &Plan)]) -> Option<NaiveDate> {
    plans
        .iter()
        .find(|(_, p)| p.action.prescribes())
        .map(|(day, _)| *day)
}

/// Whether the course runs without a decision to start it: it was begun
/// elsewhere, or signed visits show it. A day typed for the first capsule alone
/// does not, so that nobody is taken past the questions of the first visit.
/// Nothing here looks at today: what the lists keep holds past midnight.
fn under_way(record: &Record, course: &CourseStart) -> bool {
    let Some(first) = course.first_dose_on else {
        return false;
    };
    let watched = |visit: &Visit| {
        let plan = visit.plan().map(|p| p.action);
        visit.is(VisitKind::Start) && plan == Some(Action::NoPrescription)
    };
    course.transferred
        || record
            .signed(course.course)
            .into_iter()
            .any(|visit| visit.day() >= first && !watched(visit))
}

/// The last capsule of one who stopped coming: the end of the supply.
fn assumed_last(supply_until: Option<NaiveDate>, day: NaiveDate) -> NaiveDate {
    supply_until.unwrap_or(day)
}

/// The phase after the last decision that changed it.
fn phase(plans: &[(NaiveDate, &Plan)], under_way: bool) -> Phase {
    let initial = if under_way { Phase::On } else { Phase::Before };
    plans
        .iter()
        .fold(initial, |phase, (_, plan)| match plan.action {
            Action::Start | Action::Continue | Action::Increase | Action::Reduce => Phase::On,
            Action::Hold => Phase::Paused,
            Action::Finish | Action::Stop | Action::LostToFollowUp => Phase::After,
            Action::NoPrescription => phase,
        })
}

fn last_dose_asked(record: &Record, course: &CourseStart) -> Option<NaiveDate> {
    record.facts().rev().find_map(|said| match said.answer {
        Answer::LastDose { taken_on, .. }
            if said.visit.is_some() && record.of_course(&said, course.course) =>
        {
            Some(*taken_on)
        }
        _ => None,
    })
}

/// Milligrams prescribed from the first capsule to the day before `today`: each
/// stretch between two decisions at its own dose, nothing while held. Days
/// missed are not taken off here.
fn cumulative(
    course: &CourseStart,
    plans: &[(NaiveDate, &Plan)],
    first_dose: Option<NaiveDate>,
    today: NaiveDate,
    last_capsule: Option<NaiveDate>,
) -> Decimal {
    let Some(first_dose) = first_dose else {
        return Decimal::ZERO;
    };
    let steps = steps(course, plans, first_dose, last_capsule);
    let ends = steps.iter().skip(1).map(|(day, _)| *day).chain([today]);
    let stretches = steps.iter().zip(ends);
    stretches
        .map(|((from, dose), to)| stretch(*from, to.min(today), *dose))
        .sum()
}

/// The dose from each day on at which it may have changed, oldest first.
fn steps(
    course: &CourseStart,
    plans: &[(NaiveDate, &Plan)],
    first_dose: NaiveDate,
    last_capsule: Option<NaiveDate>,
) -> Vec<(NaiveDate, Option<Dosing>)> {
    let end = last_capsule.and_then(|d| d.checked_add_days(Days::new(1)));
    let mut dose = course.mg_per_day.map(Dosing::daily);
    let mut steps = vec![(first_dose, dose)];
    for (day, plan) in plans {
        dose = match plan.action {
            action if action.prescribes() => plan.dosing().or(dose),
            Action::NoPrescription if last_capsule.is_none() => dose,
            _ if last_capsule.is_some_and(|d| d >= *day) && plan.action.ends() => dose,
            _ => None,
        };
        steps.push(((*day).max(first_dose), dose));
    }
    if let Some(end) = end {
        steps.retain(|(day, _)| *day < end);
        steps.push((end, None));
    }
    steps
}

/// Milligrams a day, on average, over all courses up to `until`: each day on which the dose
/// changed, oldest first; 0 from the day on which nothing is taken any more.
pub fn doses(record: &Record, until: NaiveDate) -> Vec<(NaiveDate, Decimal)> {
    let mut doses: Vec<(NaiveDate, Decimal)> = Vec::new();
    for course in record.courses() {
        let t = Treatment::of(record, course.clone(), until);
        let Some(first) = t.first_dose_on.filter(|_| t.phase != Phase::Before) else {
            continue;
        };
        let plans = decisions(record, course.course);
        for (day, dose) in steps(course, &plans, first, last_dose_asked(record, course)) {
            let step = (day, dose.map_or(Decimal::ZERO, |dose| dose.average()));
            match doses.last_mut() {
                // Two decisions of one day: the later one holds.
                Some(last) if last.0 >= step.0 => last.1 = step.1,
                _ => doses.push(step),
            }
        }
    }
    doses.retain(|(day, _)| *day <= until);
    doses.dedup_by_key(|(_, mg)| *mg);
    doses
}

fn stretch(from: NaiveDate, to: NaiveDate, dose: Option<Dosing>) -> Decimal {
    let days = (to - from).num_days().max(0).unsigned_abs();
    dose.map_or(Decimal::ZERO, |dose| dose.total(0, days))
}

fn supply_until(plans: &[(NaiveDate, &Plan)]) -> Option<NaiveDate> {
    let (day, plan) = plans.iter().rev().find(|(_, p)| {
        // Neither takes capsules back that were prescribed before.
        !matches!(p.action, Action::NoPrescription | Action::LostToFollowUp)
    })?;
    let days = plan.days.filter(|_| plan.action.prescribes())?;
    day.checked_add_days(Days::new(u64::from(days).saturating_sub(1)))
}
