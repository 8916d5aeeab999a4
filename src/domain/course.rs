//! A course of treatment on one day: phase, day of treatment, dose, totals.

use super::answer::{Action, Answer, Phase, Plan, VisitKind};
use super::change::CourseStart;
use super::record::{Record, decisions, ended};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// What a record says of its course on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    pub course: CourseStart,
    pub phase: Phase,
    pub first_dose_on: Option<NaiveDate>,
    /// Day of the last capsule; assumed to be the day of the decision that
    /// ended the course until the patient was asked.
    pub last_dose_on: Option<NaiveDate>,
    /// Whether the patient was asked for the day of the last capsule.
    pub last_dose_asked: bool,
    /// Milligrams a day now; none where nothing is taken.
    pub mg_per_day: Option<Decimal>,
    /// Milligrams a day as last prescribed, also while paused or after.
    pub last_mg_per_day: Option<Decimal>,
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
        let course = record.course()?.clone();
        let plans = decisions(record, course.course);
        let first_dose_on = course.first_dose_on.or_else(|| first_prescribed(&plans));
        let phase = phase(&plans, first_dose_on, today);
        let last_mg_per_day = plans
            .iter()
            .rev()
            .find_map(|(_, p)| p.mg_per_day)
            .or(course.mg_per_day);
        let asked = last_dose_asked(record, &course);
        let ended_on = ended(record, course.course).map(|(day, _)| day);
        let last_dose_on = (phase == Phase::After)
            .then(|| asked.or(ended_on))
            .flatten();
        let stop = last_dose_on.unwrap_or(today);
        Some(Self {
            phase,
            first_dose_on,
            last_dose_on,
            last_dose_asked: asked.is_some(),
            mg_per_day: last_mg_per_day.filter(|_| phase == Phase::On),
            last_mg_per_day,
            day: first_dose_on
                .filter(|d| *d <= today)
                .map(|d| (stop.min(today) - d).num_days() + 1),
            weight: record.weight(),
            cumulative_mg: cumulative(&course, &plans, first_dose_on, today, asked),
            supply_until: supply_until(&plans),
            course,
        })
    }

    /// Week of treatment, 1 in the first seven days.
    pub fn week(&self) -> Option<i64> {
        self.day.map(|d| (d + 6) / 7)
    }

    /// Milligrams per kilogram a day now, to two decimals.
    pub fn mg_per_kg(&self) -> Option<Decimal> {
        self.per_kg(self.mg_per_day?)
    }

    /// Milligrams per kilogram so far, by the weight last known, to one decimal.
    pub fn cumulative_mg_per_kg(&self) -> Option<Decimal> {
        self.per_kg(self.cumulative_mg).map(|v| v.round_dp(1))
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

/// The phase after the last decision that changed it.
fn phase(plans: &[(NaiveDate, &Plan)], first_dose: Option<NaiveDate>, today: NaiveDate) -> Phase {
    let begun = first_dose.is_some_and(|d| d <= today);
    let initial = if begun { Phase::On } else { Phase::Before };
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
    record
        .answers()
        .into_iter()
        .rev()
        .find_map(|(visit, _, answer)| match answer {
            Answer::LastDose { taken_on, .. }
                if visit.is_some_and(|v| v.opening.course == course.course) =>
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
    let Some(mut from) = first_dose else {
        return Decimal::ZERO;
    };
    let end = last_capsule
        .and_then(|d| d.checked_add_days(Days::new(1)))
        .map_or(today, |d| d.min(today));
    let mut dose = course.mg_per_day.unwrap_or_default();
    let mut total = Decimal::ZERO;
    for (day, plan) in plans {
        total += stretch(from, (*day).min(end), dose);
        from = from.max(*day);
        dose = match plan.action {
            action if action.prescribes() => plan.mg_per_day.unwrap_or(dose),
            Action::NoPrescription if last_capsule.is_none() => dose,
            _ if last_capsule.is_some_and(|d| d >= *day) && plan.action.ends() => dose,
            _ => Decimal::ZERO,
        };
    }
    total + stretch(from, end, dose)
}

fn stretch(from: NaiveDate, to: NaiveDate, mg_per_day: Decimal) -> Decimal {
    Decimal::from((to - from).num_days().max(0)) * mg_per_day
}

fn supply_until(plans: &[(NaiveDate, &Plan)]) -> Option<NaiveDate> {
    let (day, plan) = plans
        .iter()
        .rev()
        .find(|(_, p)| p.action != Action::NoPrescription)?;
    let days = plan.days.filter(|_| plan.action.prescribes())?;
    day.checked_add_days(Days::new(u64::from(days).saturating_sub(1)))
}
