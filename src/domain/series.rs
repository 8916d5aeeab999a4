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
    let mut points: Vec<Point<'a>> = record
        .observations()
        .iter()
        .filter(|v| v.observation.analyte == *analyte)
        .filter_map(|v| {
            let specimen = record.specimen(v.observation.specimen)?;
            (specimen.drawn_on <= until).then_some(Point {
                observation: &v.observation,
                specimen,
                visit: v.visit,
                stamp: v.stamp,
            })
        })
        .collect();
    points.sort_by_key(|p| (p.specimen.drawn_on, p.specimen.id));
    points
}

/// The last usable value drawn before or on the day of the first capsule.
pub fn baseline(points: &[Point<'_>], first_dose: Option<NaiveDate>) -> Option<Decimal> {
    let first_dose = first_dose?;
    let before = points
        .iter()
        .rev()
        .filter(|p| p.specimen.drawn_on <= first_dose);
    before
        .filter(|p| !p.specimen.haemolysed)
        .find_map(Point::number)
}

/// Day of the last draw, up to `until`, that gave or may still give a value.
pub fn last_draw(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    let counts = |reported: &Reported| matches!(reported, Reported::Value(_) | Reported::Pending);
    record
        .observations()
        .iter()
        .filter(|v| counts(&v.observation.reported))
        .filter_map(|v| record.specimen(v.observation.specimen))
        .map(|s| s.drawn_on)
        .filter(|day| *day <= until)
        .max()
}
