//! The values of one analyte over time: latest, earlier, before the first dose.

use super::id::{ObservationId, VisitId};
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
    /// What else was said of the same draw: typed by hand where a laboratory's
    /// word stands, else the laboratory's.
    pub beside: Option<&'a Observation>,
}

impl Point<'_> {
    /// Whether what was said beside it is another number.
    pub fn differs(&self) -> bool {
        let other = self.beside.and_then(|beside| beside.canonical);
        self.beside.is_some() && other != self.observation.canonical
    }

    /// Whether this statement is of `id`, or stands for it.
    pub fn stands_for(&self, id: ObservationId) -> bool {
        self.observation.id == id || self.beside.is_some_and(|beside| beside.id == id)
    }

    /// The number of a result that is back, in the canonical unit.
    pub fn firm(&self) -> Option<Decimal> {
        self.number().filter(|_| !self.observation.is_preliminary())
    }

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
            beside: None,
        })
        .collect();
    points.sort_by_key(|p| (p.specimen.drawn_on, p.specimen.id));
    joined(points)
}

/// What was typed by hand and what a laboratory sent of one day are one result:
/// the laboratory's word stands, but for a preliminary one.
fn joined(points: Vec<Point<'_>>) -> Vec<Point<'_>> {
    let typed = |p: &Point<'_>| p.observation.is_typed();
    if points.iter().all(typed) || !points.iter().any(typed) {
        return points;
    }
    let mut left: Vec<Point<'_>> = Vec::with_capacity(points.len());
    for point in points {
        match twin(&left, &point) {
            Some(at) => left[at] = both(left[at], point),
            None => left.push(point),
        }
    }
    left
}

/// Which of `points` says of the same day what `point` says from the other side.
fn twin(points: &[Point<'_>], point: &Point<'_>) -> Option<usize> {
    let awaited = |p: &Point<'_>| p.observation.reported == Reported::Pending;
    let fits = |other: &Point<'_>| {
        let sides = other.observation.is_typed() != point.observation.is_typed();
        let told = |p: &Point<'_>| p.number().is_some() || awaited(p);
        let one = other.number().is_some() || point.number().is_some();
        let day = other.specimen.drawn_on == point.specimen.drawn_on;
        sides && day && other.beside.is_none() && one && told(other) && told(point)
    };
    points.iter().rposition(fits)
}

/// Two statements of one result: the one that stands, with the other beside it.
fn both<'a>(a: Point<'a>, b: Point<'a>) -> Point<'a> {
    // A number goes before a result that is to come, a firm one before a
    // preliminary one, the laboratory's before the one typed from its slip.
    let rank = |p: &Point<'_>| {
        (
            p.number().is_none(),
            p.firm().is_none(),
            p.observation.is_typed(),
        )
    };
    let (stands, other) = if rank(&a) <= rank(&b) { (a, b) } else { (b, a) };
    Point {
        beside: other.number().map(|_| other.observation),
        ..stands
    }
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
    accepted.find(|p| p.firm().is_some())
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
    let back = |o: &Observation| matches!(o.reported, Reported::Value(_)) && !o.is_preliminary();
    last_blood(record, until, back)
}

/// Day of the last draw whose liver or triglyceride values are not back, or
/// only as a preliminary word.
pub fn last_pending(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    let awaited = |o: &Observation| o.reported == Reported::Pending || o.is_preliminary();
    last_blood(record, until, awaited)
}

/// The analytes for which blood is drawn during the course; a draw of others
/// alone leaves it due.
const BLOOD: [&str; 2] = ["alt", "tg"];

fn last_blood(
    record: &Record,
    until: NaiveDate,
    counts: impl Fn(&Observation) -> bool,
) -> Option<NaiveDate> {
    record
        .values()
        .filter(|(v, _)| BLOOD.contains(&v.observation.analyte.0.as_str()))
        .filter(|(v, _)| counts(&v.observation))
        .map(|(_, specimen)| specimen.drawn_on)
        .filter(|day| *day <= until)
        .max()
}
