//! The limits that a protocol's rules hold one analyte against, as lines to draw.

use super::catalogue::Analyte;
use super::condition::{Amount, Bounds, Condition, LabTest};
use super::observation::Fasting;
use super::protocol::{Protocol, Rule};
use super::reading::Reading;
use super::situation::{Settings, Situation, Verdict};
use rust_decimal::Decimal;

/// One limit that a rule compares a result with.
#[derive(Clone, Copy, Debug)]
pub struct Threshold<'a> {
    pub rule: &'a Rule,
    pub limit: Limit,
    /// Whether the rule looks at something else too, so that passing this limit
    /// is not yet enough for it.
    pub with_others: bool,
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
    /// So many percent of the patient's own value before the first dose.
    PercentOfBaseline(Decimal),
}

/// Every limit that a rule of `protocol` holds this analyte's number against: the
/// number itself, over its upper limit, or over the patient's own value before
/// treatment; in the order of the file. What a rule says of the result before
/// this one is a change and draws no line, nor does the opposite of a condition.
pub fn thresholds<'a>(
    protocol: &'a Protocol,
    settings: &Settings,
    analyte: &Analyte,
) -> Vec<Threshold<'a>> {
    let mut found = Vec::new();
    for rule in &protocol.rules {
        let mut tests = Vec::new();
        tests_of(&rule.when, false, &mut tests);
        tests.retain(|(test, _)| test.analyte == analyte.id);
        for (test, with_others) in tests {
            let limits = limits(test, settings);
            let with_others = with_others || asks_more(test) || limits.len() > 1;
            found.extend(limits.into_iter().map(|(limit, sense)| Threshold {
                rule,
                limit,
                with_others,
                sense,
                test,
            }));
        }
    }
    found
}

/// The results a condition looks at, each with whether it looks at more beside it.
fn tests_of<'a>(when: &'a Condition, others: bool, found: &mut Vec<(&'a LabTest, bool)>) {
    match when {
        Condition::Lab(test) => found.push((test, others)),
        Condition::Surely(inner) => tests_of(inner, others, found),
        Condition::All(parts) => {
            let others = others || parts.len() > 1;
            parts.iter().for_each(|part| tests_of(part, others, found));
        }
        // One of them is enough.
        Condition::Any(parts) => parts.iter().for_each(|part| tests_of(part, others, found)),
        _ => {}
    }
}

/// Whether a test asks for more than a number and its sample: the day, the dose or
/// the result before.
fn asks_more(test: &LabTest) -> bool {
    test.percent_of_previous.is_some()
        || test.days_ago.is_some()
        || test.drawn_on_lower_dose.is_some()
}

/// Every bound of a test that is a height.
fn limits(test: &LabTest, settings: &Settings) -> Vec<(Limit, Sense)> {
    let fixed = test.bounds();
    let of = |bounds: Option<&Bounds>, limit: fn(Decimal) -> Limit| {
        let given = bounds.into_iter().flat_map(given);
        let known = given.filter_map(|(amount, sense)| {
            let number = amount.value(settings)?;
            Some((limit(number), sense))
        });
        known.collect::<Vec<_>>()
    };
    [
        of(Some(&fixed), Limit::Fixed),
        of(test.times_upper.as_ref(), Limit::TimesUpper),
        of(test.percent_of_baseline.as_ref(), Limit::PercentOfBaseline),
    ]
    .concat()
}

fn given(bounds: &Bounds) -> impl Iterator<Item = (&Amount, Sense)> {
    let all = [
        (&bounds.above, Sense::Above),
        (&bounds.at_least, Sense::AtLeast),
        (&bounds.below, Sense::Below),
        (&bounds.at_most, Sense::AtMost),
    ];
    all.into_iter()
        .filter_map(|(amount, sense)| Some((amount.as_ref()?, sense)))
}

impl Threshold<'_> {
    /// Where the line lies for a result with this upper limit; none where it needs
    /// one and there is none, and of a value before treatment for what is no later.
    pub fn at(
        &self,
        upper: Option<Decimal>,
        reading: &Reading<'_>,
        analyte: &Analyte,
    ) -> Option<Decimal> {
        match self.limit {
            Limit::Fixed(number) => Some(number),
            Limit::TimesUpper(times) => upper?.checked_mul(times),
            Limit::PercentOfBaseline(percent) => {
                let before = reading.held_against(analyte)?;
                let whole = before.checked_mul(percent)?;
                whole.checked_div(Decimal::ONE_HUNDRED)
            }
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
        !self.with_others && self.passed(reading, analyte, settings)
    }

    /// Whether this result surely is on the side where the rule fires, whatever
    /// else the rule asks.
    pub fn passed(&self, reading: &Reading<'_>, analyte: &Analyte, settings: &Settings) -> bool {
        let on = Situation {
            settings: settings.clone(),
            ..Situation::default()
        };
        let drawn_on = reading.point.specimen.drawn_on;
        let fact = reading.fact(analyte, drawn_on);
        fact.is_some_and(|fact| self.test.holds(&fact, &on) == Verdict::Holds)
    }
}
