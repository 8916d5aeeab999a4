//! The limits that a protocol's rules hold one analyte against, as lines to draw.

use super::catalogue::Analyte;
use super::condition::{Bounds, Condition, LabTest};
use super::observation::Fasting;
use super::protocol::{Protocol, Rule};
use super::reading::Reading;
use super::situation::{Settings, Situation, Verdict};
use rust_decimal::Decimal;

/// One rule that compares a single result with a limit.
#[derive(Clone, Copy, Debug)]
pub struct Threshold<'a> {
    pub rule: &'a Rule,
    pub limit: Limit,
    sense: Sense,
    test: &'a LabTest,
}

/// On which side of the limit the rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What the result is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A number in the canonical unit.
    Fixed(Decimal),
    /// So many times the upper end of the result's own range.
    TimesUpper(Decimal),
}

/// Every rule of `protocol` that looks at this analyte alone and holds its
/// number, or that number over its upper limit, against one limit; in the order
/// of the file. Rules of several facts draw no line.
pub fn thresholds<'a>(
    protocol: &'a Protocol,
    settings: &Settings,
    analyte: &Analyte,
) -> Vec<Threshold<'a>> {
    let found = protocol.rules.iter().filter_map(|rule| {
        let Condition::Lab(test) = &rule.when else {
            return None;
        };
        let here = test.analyte == analyte.id;
        let (limit, sense) = limit(test, settings).filter(|_| here)?;
        Some(Threshold {
            rule,
            limit,
            sense,
            test,
        })
    });
    found.collect()
}

fn limit(test: &LabTest, settings: &Settings) -> Option<(Limit, Sense)> {
    if test.percent_of_baseline.is_some() || test.percent_of_previous.is_some() {
        return None;
    }
    let fixed = only(&test.bounds(), settings);
    let times = test.times_upper.as_ref();
    let times = times.and_then(|bounds| only(bounds, settings));
    match (fixed, times) {
        (Some((number, sense)), None) => Some((Limit::Fixed(number), sense)),
        (None, Some((times, sense))) => Some((Limit::TimesUpper(times), sense)),
        _ => None,
    }
}

/// The one bound that is given; a span of two is no limit to pass.
fn only(bounds: &Bounds, settings: &Settings) -> Option<(Decimal, Sense)> {
    let given = [
        (&bounds.above, Sense::Above),
        (&bounds.at_least, Sense::AtLeast),
        (&bounds.below, Sense::Below),
        (&bounds.at_most, Sense::AtMost),
    ];
    let mut given = given
        .into_iter()
        .filter_map(|(a, s)| Some((a.as_ref()?, s)));
    let (amount, sense) = given.next()?;
    let alone = given.next().is_none();
    Some((amount.value(settings).filter(|_| alone)?, sense))
}

impl Threshold<'_> {
    /// Where the line lies for a result with this upper limit; none where it needs
    /// one and there is none.
    pub fn at(&self, upper: Option<Decimal>) -> Option<Decimal> {
        match self.limit {
            Limit::Fixed(number) => Some(number),
            Limit::TimesUpper(times) => upper?.checked_mul(times),
        }
    }

    /// On which side of the limit it fires.
    pub fn sense(&self) -> Sense {
        self.sense
    }

    /// The only samples it is for, if not for all of them.
    pub fn fasting(&self) -> Option<&[Fasting]> {
        self.test.fasting.as_deref()
    }

    /// Whether the rule surely fires on this result by itself.
    pub fn crossed(&self, reading: &Reading<'_>, analyte: &Analyte, settings: &Settings) -> bool {
        let on = Situation {
            settings: settings.clone(),
            ..Situation::default()
        };
        let drawn_on = reading.point.specimen.drawn_on;
        let fact = reading.fact(analyte, drawn_on);
        fact.is_some_and(|fact| self.test.holds(&fact, &on) == Verdict::Holds)
    }
}
