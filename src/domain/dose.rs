//! How much was taken: a ledger of segments, each at its own dose and weight.
//!
//! Decimals are exact: milligrams are added up for each weight by itself and
//! divided once. Products are never added together without being asked to.

use super::answer::{Answer, Intake, Plan};
use super::change::CourseStart;
use super::course::Treatment;
use super::date::add_months;
use super::record::{Record, Visit, decisions};
use super::schedule::Dosing;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// A stretch of days at one dose, one weight, of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub product: String,
    /// Milligrams a capsule holds.
    pub capsule_mg: Option<Decimal>,
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// None while held.
    pub dosing: Option<Dosing>,
    /// Days since the dose began, where the segment begins later.
    pub offset: u64,
    /// Kilograms then.
    pub kg: Option<Decimal>,
    /// Days of capsules missed.
    pub missed: u32,
}

/// Milligrams, and the weights they were taken at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub mg: Decimal,
    /// By weight; under none those of which it is unknown.
    by_kg: BTreeMap<Option<Decimal>, Decimal>,
}

/// What some segments come to: as prescribed, and without the days missed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub prescribed: Sum,
    pub taken: Sum,
}

impl Segment {
    /// Its days.
    pub fn days(&self) -> u64 {
        (self.to - self.from).num_days().max(0).unsigned_abs()
    }

    /// Milligrams as prescribed.
    pub fn prescribed(&self) -> Decimal {
        let dosing = self.dosing;
        dosing.map_or(Decimal::ZERO, |d| d.total(self.offset, self.days()))
    }

    /// Without the days missed, each at the average of a capsule day; never below 0.
    pub fn taken(&self) -> Decimal {
        let Some(dosing) = self.dosing else {
            return Decimal::ZERO;
        };
        let missed = Decimal::from(self.missed) * dosing.capsule_day();
        (self.prescribed() - missed).max(Decimal::ZERO)
    }
}

impl Sum {
    fn add(&mut self, mg: Decimal, kg: Option<Decimal>) {
        self.mg += mg;
        *self.by_kg.entry(kg).or_default() += mg;
    }

    /// Milligrams a kilogram, by the weight of each segment; none where a weight
    /// is missing.
    pub fn per_kg(&self) -> Option<Decimal> {
        let each = self.by_kg.iter().filter(|(_, mg)| !mg.is_zero());
        each.map(|(kg, mg)| mg.checked_div((*kg)?)).sum()
    }
}

impl Total {
    fn add(&mut self, segment: &Segment) {
        self.prescribed.add(segment.prescribed(), segment.kg);
        self.taken.add(segment.taken(), segment.kg);
    }
}

/// The total of segments whose products are the same or meant to be added.
pub fn total<'a>(segments: impl IntoIterator<Item = &'a Segment>) -> Total {
    let mut total = Total::default();
    segments.into_iter().for_each(|segment| total.add(segment));
    total
}

/// Totals by product, in the order they were first taken.
pub fn by_product(segments: &[Segment]) -> Vec<(&str, Total)> {
    let mut all: Vec<(&str, Total)> = Vec::new();
    for segment in segments {
        match all.iter_mut().find(|(name, _)| *name == segment.product) {
            Some((_, total)) => total.add(segment),
            None => all.push((&segment.product, total([segment]))),
        }
    }
    all
}

/// One course up to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    pub segments: Vec<Segment>,
    /// Milligrams taken elsewhere before it was taken over here: as told, not
    /// by segments, and of no known weight.
    pub elsewhere: Option<Decimal>,
}

/// Milligrams a kilogram so far, as prescribed in this course, by the weight of
/// the time, to one decimal; none where a weight is missing.
pub fn per_kg_so_far(record: &Record, course: &CourseStart, until: NaiveDate) -> Option<Decimal> {
    let so_far = total(&segments(record, course, until));
    so_far.prescribed.per_kg().map(|n| n.round_dp(1))
}

/// All courses of a patient, oldest first.
pub fn ledgers(record: &Record, until: NaiveDate) -> Vec<Ledger> {
    let courses = record.courses().iter();
    courses
        .map(|course| ledger(record, course, until))
        .collect()
}

/// One course of `record`, the days before `until`.
pub fn ledger(record: &Record, course: &CourseStart, until: NaiveDate) -> Ledger {
    Ledger {
        segments: segments(record, course, until),
        elsewhere: course.earlier_mg,
    }
}

fn segments(record: &Record, course: &CourseStart, until: NaiveDate) -> Vec<Segment> {
    let t = Treatment::of(record, course.clone(), until);
    let (Some(first), false) = (t.first_dose_on, t.phase == super::answer::Phase::Before) else {
        return Vec::new();
    };
    let last = t.last_dose_on.filter(|_| t.last_dose_asked);
    let behind_last = last.and_then(|day| day.succ_opt());
    let end = [behind_last, next_course(record, course, until)];
    let end = end.into_iter().flatten().fold(until, NaiveDate::min);
    let weights = weights(record);
    let mut all = Vec::new();
    for stretch in stretches(record, course, first, end, last) {
        split(&stretch, course, &weights, &mut all);
    }
    missed(record, course, &mut all);
    all
}

/// The first day of the course after this one, such as of another product: two
/// are never taken at a time.
fn next_course(record: &Record, course: &CourseStart, until: NaiveDate) -> Option<NaiveDate> {
    let mut later = record.courses().iter();
    later.find(|known| known.course == course.course)?;
    Treatment::of(record, later.next()?.clone(), until).first_dose_on
}

/// Days at one dose: from a decision to the next.
struct Stretch {
    from: NaiveDate,
    to: NaiveDate,
    dosing: Option<Dosing>,
}

fn stretches(
    record: &Record,
    course: &CourseStart,
    first: NaiveDate,
    end: NaiveDate,
    last: Option<NaiveDate>,
) -> Vec<Stretch> {
    let mut dosing = course.mg_per_day.map(Dosing::daily);
    let mut from = first;
    let mut all = Vec::new();
    for (day, plan) in decisions(record, course.course) {
        let to = day.clamp(from, end.max(from));
        all.push(Stretch { from, to, dosing });
        from = from.max(day);
        dosing = after(plan, dosing, last.is_some_and(|last| last >= day));
    }
    let to = end.max(from);
    all.push(Stretch { from, to, dosing });
    all.retain(|stretch| stretch.from < stretch.to);
    all
}

/// The dose under a decision; `later` tells that capsules were taken after it.
fn after(plan: &Plan, before: Option<Dosing>, later: bool) -> Option<Dosing> {
    match plan.action {
        action if action.prescribes() => plan.dosing().or(before),
        action if later && action.ends() => before,
        super::answer::Action::NoPrescription => before,
        _ => None,
    }
}

/// One segment for each weight known in it.
fn split(
    stretch: &Stretch,
    course: &CourseStart,
    weights: &[(NaiveDate, Decimal)],
    all: &mut Vec<Segment>,
) {
    let inside = weights.iter().map(|(day, _)| *day);
    let cuts = inside.filter(|day| stretch.from < *day && *day < stretch.to);
    let mut from = stretch.from;
    for to in cuts.chain([stretch.to]) {
        if from < to {
            all.push(Segment {
                product: course.product.clone(),
                capsule_mg: course.capsule_mg,
                from,
                to,
                dosing: stretch.dosing,
                offset: (from - stretch.from).num_days().unsigned_abs(),
                kg: weight_on(weights, from),
                missed: 0,
            });
        }
        from = to;
    }
}

/// Weights by the day they were taken; of two on one day the later said.
fn weights(record: &Record) -> Vec<(NaiveDate, Decimal)> {
    let said = record.facts().filter_map(|said| match said.answer {
        Answer::Weight { kg, measured_on } => Some((*measured_on, *kg)),
        _ => None,
    });
    said.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The weight then: the last one taken by that day, else the first after it.
fn weight_on(weights: &[(NaiveDate, Decimal)], day: NaiveDate) -> Option<Decimal> {
    let before = weights.iter().rev().find(|(on, _)| *on <= day);
    before.or(weights.first()).map(|(_, kg)| *kg)
}

/// What was said of missed days, at the visit that ends the days it speaks of.
fn missed(record: &Record, course: &CourseStart, all: &mut [Segment]) {
    let mut since = None;
    for visit in record.signed(course.course) {
        let days = missed_before(visit);
        let of = all
            .iter_mut()
            .rfind(|s| s.from < visit.day() && since.is_none_or(|day| s.to > day));
        if let (Some(segment), true) = (of, days > 0) {
            segment.missed = segment.missed.saturating_add(days);
        }
        since = Some(visit.day());
    }
}

fn missed_before(visit: &Visit) -> u32 {
    let said = visit
        .responses
        .keys()
        .filter_map(|id| visit.answer(id.as_str()));
    let days = said.filter_map(|answer| match answer {
        Answer::Intake {
            intake: Intake::Missed,
            missed_days,
            ..
        } => *missed_days,
        Answer::Intake {
            intake: Intake::Stopped,
            stopped_on: Some(day),
            ..
        } => (visit.day() - *day)
            .num_days()
            .max(1)
            .to_u32()
            .map(|n| n - 1),
        _ => None,
    });
    days.max().unwrap_or(0)
}

/// When a total would reach a target at a dose from `on` on; the day on which
/// the last capsule of it is taken. None where nothing is taken or it is past
/// ten years.
pub fn reaches(
    target: Decimal,
    so_far: Decimal,
    dosing: Dosing,
    kg: Decimal,
    on: NaiveDate,
) -> Option<NaiveDate> {
    let wanted = target.checked_mul(kg)? - so_far.checked_mul(kg)?;
    let furthest = (add_months(on, 120) - on).num_days().to_u64()?;
    if wanted <= Decimal::ZERO {
        return Some(on);
    }
    // Totals only grow, so the first day that is enough is found by halves.
    let (mut low, mut high) = (1, furthest);
    if dosing.total(0, high) < wanted {
        return None;
    }
    while low < high {
        let middle = (low + high) / 2;
        match dosing.total(0, middle) < wanted {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    on.checked_add_days(Days::new(low - 1))
}

/// What a dose would come to, from a day on: for typing one before committing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// Milligrams a kilogram and day, to two decimals.
    pub per_kg: Option<Decimal>,
    /// The days on which the lower and the upper mark would be reached.
    pub lower: Option<NaiveDate>,
    pub upper: Option<NaiveDate>,
    /// The last day the capsules at hand would last.
    pub lasts_until: Option<NaiveDate>,
}

/// `marks` in milligrams a kilogram; `at_hand` in milligrams.
pub fn what_if(
    dosing: Dosing,
    so_far: &Total,
    kg: Option<Decimal>,
    marks: [Decimal; 2],
    at_hand: Option<Decimal>,
    on: NaiveDate,
) -> WhatIf {
    let reach = |mark| reaches(mark, so_far.taken.per_kg()?, dosing, kg?, on);
    let lasts = at_hand.and_then(|mg| lasts_until(dosing, mg, on));
    WhatIf {
        per_kg: kg
            .and_then(|kg| dosing.average().checked_div(kg))
            .map(|n| n.round_dp(2)),
        lower: reach(marks[0]),
        upper: reach(marks[1]),
        lasts_until: lasts,
    }
}

/// The last day that `mg` at hand last from `on`; none where they last no day,
/// or longer than anything is prescribed for.
pub fn lasts_until(dosing: Dosing, mg: Decimal, on: NaiveDate) -> Option<NaiveDate> {
    const LONGEST: u64 = 3_660;
    let enough = |days: &u64| dosing.total(0, *days) <= mg;
    let days = (1..=LONGEST).take_while(enough).last()?;
    (days < LONGEST).then(|| on.checked_add_days(Days::new(days - 1)))?
}

/// Capsules of a course: handed out, taken, and what should be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capsules {
    /// Milligrams of one.
    pub strength: Decimal,
    pub dispensed: Decimal,
    pub taken: Decimal,
    /// May be negative: more was taken than is known to have been handed out.
    pub left: Decimal,
    /// The last day they last at the present dose.
    pub runs_out: Option<NaiveDate>,
    /// Days they outlast the next visit; negative where they end before it.
    pub past_next_visit: Option<i64>,
}

/// Capsules of one course on a day; none where their strength is not known or
/// nothing was prescribed here.
pub fn capsules(record: &Record, course: &CourseStart, on: NaiveDate) -> Option<Capsules> {
    let strength = course.capsule_mg.filter(|mg| !mg.is_zero())?;
    let plans = decisions(record, course.course);
    let (started, _) = plans.iter().find(|(_, plan)| plan.action.prescribes())?;
    let handed = plans.iter().filter_map(|(_, plan)| {
        let dosing = plan.dosing().filter(|_| plan.action.prescribes())?;
        Some(dosing.total(0, u64::from(plan.days?)))
    });
    let dispensed = handed.sum::<Decimal>().checked_div(strength)?;
    let here = segments(record, course, on);
    let here = here.iter().filter(|segment| segment.from >= *started);
    let taken = total(here).taken.mg.checked_div(strength)?;
    let left = dispensed - taken;
    let (_, plan) = plans.last()?;
    let dosing = plan.dosing().filter(|_| plan.action.prescribes());
    let runs_out = dosing.and_then(|dosing| lasts_until(dosing, left * strength, on));
    let past = runs_out.zip(plan.next_visit);
    Some(Capsules {
        strength,
        dispensed,
        taken,
        left,
        runs_out,
        // The day of the visit itself is covered by what is handed out then.
        past_next_visit: past.map(|(out, next)| (out - next).num_days() + 1),
    })
}
