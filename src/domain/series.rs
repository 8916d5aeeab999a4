//! The values of one analyte over time: latest, earlier, before the first dose.

use super::id::VisitId;
use super::observation::{AnalyteId, Observation, Reported, Specimen};
use super::record::{Record, Stamp};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// One value with its draw.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    pub observation: &'a Observation,
    pub specimen: &'a Specimen,
    pub visit: Option<VisitId>,
    pub stamp: Stamp,
}

impl Point<'_> {
    /// The number in the canonical unit, where there is one.
    pub fn number(&self) -> Option<Decimal> {
        match self.observation.reported {
            Reported::Value(_) => self.observation.canonical,
            _ => None,
        }
    }
}

/// Every statement about `analyte` drawn up to `until`, oldest draw first.
pub fn series<'a>(record: &'a Record, analyte: &AnalyteId, until: NaiveDate) -> Vec<Point<'a>> {
    let of_analyte = record
        .values()
        .filter(|(v, s)| v.observation.analyte == *analyte && s.drawn_on <= until);
    let mut points: Vec<Point<'a>> = of_analyte
        .map(|(v, specimen)| Point {
            observation: &v.observation,
            specimen,
            visit: v.visit,
            stamp: v.stamp,
        })
        .collect();
    points.sort_by_key(|p| (p.specimen.drawn_on, p.specimen.id));
    points
}

/// The last usable value drawn before or on the day of the first capsule, no more
/// than `max_age` days before it: a value from before an earlier course is no
/// baseline of this one.
pub fn baseline(
    points: &[Point<'_>],
    first_dose: Option<NaiveDate>,
    max_age: Option<i64>,
) -> Option<Decimal> {
    baseline_of(points, first_dose, max_age)?.number()
}

/// The same with its draw.
pub fn baseline_of<'p, 'a>(
    points: &'p [Point<'a>],
    first_dose: Option<NaiveDate>,
    max_age: Option<i64>,
) -> Option<&'p Point<'a>> {
    let first_dose = first_dose?;
    let fits = |p: &&Point<'_>| {
        let age = (first_dose - p.specimen.drawn_on).num_days();
        age >= 0 && max_age.is_none_or(|most| age <= most)
    };
    let before = points.iter().rev().filter(fits);
    let mut accepted = before.filter(|p| !p.specimen.haemolysed);
    accepted.find(|p| p.number().is_some())
}

/// Days a draw whose results are not back still counts as blood drawn.
pub const PENDING_DAYS: i64 = 14;

/// Day of the last draw of blood, up to `until`: one that gave liver or
/// triglyceride values, or may still give them.
pub fn last_draw(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    let pending =
        last_pending(record, until).filter(|day| (until - *day).num_days() <= PENDING_DAYS);
    last_result(record, until).max(pending)
}

/// Day of the last draw that gave a liver or triglyceride value.
pub fn last_result(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    last_blood(record, until, |r| matches!(r, Reported::Value(_)))
}

/// Day of the last draw whose liver or triglyceride values are not back.
pub fn last_pending(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    last_blood(record, until, |r| matches!(r, Reported::Pending))
}

/// The analytes for which blood is drawn during the course; a draw of others
/// alone leaves it due.
const BLOOD: [&str; 2] = ["alt", "tg"];

fn last_blood(
    record: &Record,
    until: NaiveDate,
    counts: impl Fn(&Reported) -> bool,
) -> Option<NaiveDate> {
    record
        .values()
        .filter(|(v, _)| BLOOD.contains(&v.observation.analyte.0.as_str()))
        .filter(|(v, _)| counts(&v.observation.reported))
        .map(|(_, specimen)| specimen.drawn_on)
        .filter(|day| *day <= until)
        .max()
}
