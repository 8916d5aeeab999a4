//! A result beside everything it is read against: its own range, the patient's
//! value before the first dose, the result before it, how it was measured.
//!
//!   TG 512, range 40-234, before the first dose 96, last time 118
//!     ->  H, 2.18 x upper, +433 %, +394

use super::catalogue::Analyte;
use super::grade::{self, Against, Graded};
use super::observation::{Flag, Reported, change, judge, percent_of};
use super::quantity::Comparator;
use super::series::{Point, baseline_of};
use super::situation::LabFact;
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

/// One result with what it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub point: Point<'a>,
    pub flag: Flag,
    /// Upper end of its own range, in the canonical unit.
    pub upper: Option<Decimal>,
    /// Lower end of its own range, in the canonical unit.
    pub lower: Option<Decimal>,
    /// The number over the upper end, cut to two decimals, so that what lies above
    /// the end is never shown below it. None for `<5` and without an end.
    pub times_upper: Option<Decimal>,
    /// The last accepted result before the first dose.
    pub baseline: Option<Point<'a>>,
    /// Change from it, in percent without decimals; none for results up to it,
    /// for what is not exact, and for another method.
    pub percent: Option<Decimal>,
    /// The last result before this one that gave a number and is no preliminary one.
    pub previous: Option<Point<'a>>,
    /// Change from it in the canonical unit; none as for `percent`.
    pub change: Option<Decimal>,
    /// How it was measured, where that matters and the report says it.
    pub method: Option<&'a str>,
}

/// Which results count as the patient's own before treatment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    /// Day of the first capsule.
    pub first_dose: Option<NaiveDate>,
    /// No older than so many days before it.
    pub oldest: Option<i64>,
}

/// Where a result stands on a scale, in the canonical unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An exact number of a sample without remark.
    At(Decimal),
    /// A number out of a haemolysed sample.
    Doubtful(Decimal),
    /// `<5`: not above it.
    Under(Decimal),
    /// `>1000`: not below it.
    Over(Decimal),
    /// Not back yet.
    Pending,
    /// No number will come, or none that can be compared.
    Nowhere,
}

/// Every point as it is read, in the same order.
pub fn readings<'a>(
    points: &[Point<'a>],
    analyte: &'a Analyte,
    before: Before,
) -> Vec<Reading<'a>> {
    (0..points.len())
        .filter_map(|at| Reading::at(points, at, analyte, before))
        .collect()
}

impl<'a> Reading<'a> {
    /// The point at `at` among `points`, oldest first; none past their end.
    pub fn at(
        points: &[Point<'a>],
        at: usize,
        analyte: &'a Analyte,
        before: Before,
    ) -> Option<Self> {
        let point = *points.get(at)?;
        let range = point.observation.range.as_ref();
        let end = |of: Option<Decimal>| of.and_then(|end| canonical(end, analyte, &point));
        let baseline = baseline_of(points, before.first_dose, before.oldest).copied();
        let earlier = points[..at].iter().rev();
        let previous = earlier.copied().find(|p| p.firm().is_some());
        let since = before
            .first_dose
            .is_some_and(|first| point.specimen.drawn_on > first);
        let same = |other: &Point<'_>| method(&point, analyte) == method(other, analyte);
        Some(Self {
            point,
            flag: judge(point.observation, analyte),
            upper: end(range.and_then(|r| r.high)),
            lower: end(range.and_then(|r| r.low)),
            times_upper: times(&point),
            percent: baseline
                .filter(|b| since && same(b))
                .and_then(|b| percent_of(point.observation, b.observation))
                .map(|percent| percent - Decimal::ONE_HUNDRED),
            change: previous
                .filter(same)
                .and_then(|p| change(point.observation, p.observation)),
            baseline,
            previous,
            method: method(&point, analyte),
        })
    }

    /// Its grade, from 1 on, by the scale of [`grade::VERSION`]: against its own
    /// range, and the value before the first dose once treatment has begun. None
    /// where it cannot be told, and of a haemolysed sample.
    pub fn grade(&self, analyte: &Analyte) -> Option<Graded> {
        let point = &self.point;
        if point.specimen.haemolysed {
            return None;
        }
        let before = self.baseline.filter(|baseline| {
            let since = point.specimen.drawn_on > baseline.specimen.drawn_on;
            since && method(baseline, analyte) == self.method
        });
        let against = Against {
            upper: self.upper,
            lower: self.lower,
            baseline: before.and_then(|baseline| baseline.observation.exact()),
        };
        let value = point.observation.in_canonical()?;
        let graded = grade::grade(&analyte.id, &value, &against).ok()?;
        (graded.grade > 0).then_some(graded)
    }

    /// Days from the draw to `on`.
    pub fn age(&self, on: NaiveDate) -> i64 {
        (on - self.point.specimen.drawn_on).num_days()
    }

    /// Where it stands on a scale.
    pub fn place(&self) -> Place {
        let number = self.point.number();
        match (&self.point.observation.reported, number) {
            (Reported::Pending, _) => Place::Pending,
            (Reported::Value(quantity), Some(number)) => match quantity.comparator {
                Comparator::Below | Comparator::AtMost => Place::Under(number),
                Comparator::Above | Comparator::AtLeast => Place::Over(number),
                Comparator::Equal if self.point.specimen.haemolysed => Place::Doubtful(number),
                Comparator::Equal => Place::At(number),
            },
            _ => Place::Nowhere,
        }
    }

    /// Whether a line may be drawn from this result to the `next` one: both exact,
    /// of clean samples and of one method.
    pub fn joins(&self, next: &Reading<'_>) -> bool {
        let exact = |r: &Reading<'_>| matches!(r.place(), Place::At(_));
        exact(self) && exact(next) && self.method == next.method
    }

    /// The number before the first dose that this later result is held against,
    /// measured the same way.
    pub fn held_against(&self, analyte: &Analyte) -> Option<Decimal> {
        let baseline = self.baseline?;
        let later = self.point.specimen.drawn_on > baseline.specimen.drawn_on;
        let alike = method(&baseline, analyte) == self.method;
        baseline.number().filter(|_| later && alike)
    }

    /// As the rules look at it on the day `on`; none without a number.
    pub fn fact(&self, analyte: &Analyte, on: NaiveDate) -> Option<LabFact> {
        let point = &self.point;
        let quantity = point.observation.quantity()?;
        // Rules compare what was measured the same way.
        let same = |other: &Point<'_>| method(other, analyte) == self.method;
        Some(LabFact {
            comparator: quantity.comparator,
            number: point.number()?,
            unit: analyte.unit.clone(),
            upper: self.upper,
            lower: self.lower,
            fasting: point.specimen.fasting,
            haemolysed: point.specimen.haemolysed,
            lipaemic: point.specimen.lipaemic,
            baseline: self.baseline.filter(same).and_then(|b| b.number()),
            previous: self.previous.filter(same).and_then(|p| p.number()),
            days_ago: Some(self.age(on)),
            dose_at_draw: point.specimen.dose_at_draw,
        })
    }
}

impl Place {
    /// The number it stands at.
    pub fn number(self) -> Option<Decimal> {
        match self {
            Self::At(n) | Self::Doubtful(n) | Self::Under(n) | Self::Over(n) => Some(n),
            Self::Pending | Self::Nowhere => None,
        }
    }
}

/// The end of a range in the canonical unit.
fn canonical(end: Decimal, analyte: &Analyte, point: &Point<'_>) -> Option<Decimal> {
    let unit = analyte.unit_named(&point.observation.unit)?;
    end.checked_mul(unit.factor)?.checked_add(unit.offset)
}

fn method<'a>(point: &Point<'_>, analyte: &'a Analyte) -> Option<&'a str> {
    analyte
        .method_of(point.observation)
        .map(|m| m.name.as_str())
}

fn times(point: &Point<'_>) -> Option<Decimal> {
    point.observation.exact()?;
    // In the unit reported, so that a limit there stays exact.
    let upper = point.observation.range?.high?;
    let times = point.observation.quantity()?.number.checked_div(upper)?;
    Some(times.round_dp_with_strategy(2, RoundingStrategy::ToZero))
}
