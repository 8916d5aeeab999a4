//! Whether a condition holds: what is missing or unusable is never a "no".

use super::{Amount, Bounds, Condition, ItemTest, LabTest, Months, SinceTest, WorseTest};
use crate::domain::alert::Assessed;
use crate::domain::answer::{Answer, Can, ItemId};
use crate::domain::quantity::Comparator;
use crate::domain::situation::{LabFact, Settings, Situation, Verdict};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

impl Condition {
    /// Whether it holds, does not, or cannot be told.
    pub fn holds(&self, on: &Situation) -> Verdict {
        match self {
            Self::All(parts) => parts
                .iter()
                .fold(Verdict::Holds, |so_far, part| so_far.and(part.holds(on))),
            Self::Any(parts) => parts
                .iter()
                .fold(Verdict::Not, |so_far, part| so_far.or(part.holds(on))),
            Self::Not(part) => part.holds(on).opposite(),
            Self::Surely(part) => Verdict::of(part.holds(on) == Verdict::Holds),
            Self::Item(test) => test.holds(&on.answers, on),
            Self::Last(test) => test.holds(&on.last, on),
            Self::Before(test) => test.holds(&on.before, on),
            Self::WorseThanLast(test) => test.holds(on),
            Self::DaysSince(test) => test.holds(on),
            Self::Lab(test) => on
                .labs
                .get(&test.analyte)
                .map_or(Verdict::Unknown, |fact| test.holds(fact, on)),
            Self::Phase(words) => one_of(words, on.phase),
            Self::Visit(words) => one_of(words, on.visit),
            Self::Decision(words) => one_of(words, on.decision),
            Self::Sex(words) => one_of(words, on.sex),
            Self::CanBecomePregnant(wanted) => {
                Verdict::of((on.can_become_pregnant.unwrap_or(Can::Unknown) != Can::No) == *wanted)
            }
            Self::Companion(wanted) => Verdict::of(on.companion == *wanted),
            Self::Mode(words) => one_of(words, on.mode),
            Self::BloodDue(wanted) => same(on.blood_due, *wanted),
            Self::NoBloodEver(wanted) => same(on.no_blood_ever, *wanted),
            Self::TestDue(wanted) => same(on.test_due, *wanted),
            Self::Due(needs) => on.due.as_ref().map_or(Verdict::Unknown, |due| {
                Verdict::of(needs.iter().any(|need| due.contains(need)))
            }),
            Self::Month(months) => months.holds(on),
            _ => self
                .measured(on)
                .map_or(Verdict::Unknown, |(bounds, value)| {
                    value.map_or(Verdict::Unknown, |value| bounds.holds(value, &on.settings))
                }),
        }
    }

    /// The bounds and the number they are held against, for a measured fact.
    pub(crate) fn measured(&self, on: &Situation) -> Option<(&Bounds, Option<Decimal>)> {
        let days = |days: Option<i64>| days.map(Decimal::from);
        Some(match self {
            Self::Age(b) => (b, on.age.map(Decimal::from)),
            Self::DayOfTreatment(b) => (b, days(on.day_of_treatment)),
            Self::DaysSinceLastDose(b) => (b, days(on.days_since_last_dose)),
            Self::DaysSinceIncrease(b) => (b, days(on.days_since_increase)),
            Self::DaysSinceBlood(b) => (b, days(on.days_since_blood)),
            Self::BloodOverdueDays(b) => (b, days(on.blood_overdue_days)),
            Self::WindowDaysLeft(b) => (b, days(on.window_days_left)),
            Self::MgPerKg(b) => (b, on.mg_per_kg),
            Self::CumulativeMgPerKg(b) => (b, on.cumulative_mg_per_kg),
            Self::SupplyDays(b) => (b, days(on.supply_days)),
            Self::SupplyPastNextVisit(b) => (
                b,
                on.supply_days
                    .zip(on.days_to_next_visit)
                    .map(|(supply, next)| Decimal::from(supply.saturating_sub(next))),
            ),
            Self::WeightChangePercent(b) => (b, on.weight_change_percent),
            Self::MissedPercent(b) => (b, on.missed_percent),
            _ => return None,
        })
    }
}

fn one_of<T: PartialEq>(words: &[T], known: Option<T>) -> Verdict {
    known.map_or(Verdict::Unknown, |word| Verdict::of(words.contains(&word)))
}

fn same(known: Option<bool>, wanted: bool) -> Verdict {
    known.map_or(Verdict::Unknown, |known| Verdict::of(known == wanted))
}

impl Amount {
    /// The number, or that of the setting in force.
    pub fn value(&self, settings: &Settings) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Setting(name) => settings.get(name),
        }
    }
}

impl Bounds {
    /// The bounds that are given.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = &Amount> {
        [&self.above, &self.at_least, &self.below, &self.at_most]
            .into_iter()
            .flatten()
    }

    pub(crate) fn holds(&self, value: Decimal, settings: &Settings) -> Verdict {
        self.hold(Comparator::Equal, value, Decimal::ONE, settings)
    }

    /// Holds the number, as the laboratory bounds it, against each limit times
    /// `scale`; multiplying the limit keeps the comparison exact.
    fn hold(
        &self,
        comparator: Comparator,
        value: Decimal,
        scale: Decimal,
        settings: &Settings,
    ) -> Verdict {
        let against = |amount: &Option<Amount>,
                       judge: fn(Comparator, Decimal, Decimal) -> Verdict| {
            amount.as_ref().map_or(Verdict::Holds, |amount| {
                let limit = amount
                    .value(settings)
                    .and_then(|limit| limit.checked_mul(scale));
                limit.map_or(Verdict::Unknown, |limit| judge(comparator, value, limit))
            })
        };
        against(&self.above, above)
            .and(against(&self.at_least, at_least))
            .and(against(&self.below, |c, v, l| at_least(c, v, l).opposite()))
            .and(against(&self.at_most, |c, v, l| above(c, v, l).opposite()))
    }
}

/// `>1000` is surely above 500; `>400` leaves it open.
fn above(comparator: Comparator, value: Decimal, limit: Decimal) -> Verdict {
    match comparator {
        Comparator::Equal => Verdict::of(value > limit),
        Comparator::Above if value >= limit => Verdict::Holds,
        Comparator::AtLeast if value > limit => Verdict::Holds,
        Comparator::Below | Comparator::AtMost if value <= limit => Verdict::Not,
        _ => Verdict::Unknown,
    }
}

fn at_least(comparator: Comparator, value: Decimal, limit: Decimal) -> Verdict {
    match comparator {
        Comparator::Equal => Verdict::of(value >= limit),
        Comparator::Above | Comparator::AtLeast if value >= limit => Verdict::Holds,
        Comparator::Below if value <= limit => Verdict::Not,
        Comparator::AtMost if value < limit => Verdict::Not,
        _ => Verdict::Unknown,
    }
}

impl ItemTest {
    /// The bounds on the answer itself.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            above: self.above.clone(),
            at_least: self.at_least.clone(),
            below: self.below.clone(),
            at_most: self.at_most.clone(),
        }
    }

    fn holds(&self, answers: &BTreeMap<ItemId, Answer>, on: &Situation) -> Verdict {
        let answer = answers.get(&self.id);
        let entered = self.unanswered.map_or(Verdict::Holds, |wanted| {
            Verdict::of(answer.is_none() == wanted)
        });
        let absent = self.absent.as_ref().map_or(Verdict::Holds, |reasons| {
            answer.map_or(Verdict::Unknown, |answer| {
                Verdict::of(answer.absence().is_some_and(|why| reasons.contains(&why)))
            })
        });
        let said = if self.says_something() {
            answer.map_or(Verdict::Unknown, |answer| self.said(answer, on))
        } else {
            Verdict::Holds
        };
        entered.and(absent).and(said)
    }

    /// Whether anything is asked beyond "is there an answer".
    fn says_something(&self) -> bool {
        let Self {
            id: _,
            is,
            at_least,
            at_most,
            above,
            below,
            none,
            unanswered: _,
            absent: _,
            ..
        } = self;
        let simple = is.is_some() || none.is_some();
        let bound = [at_least, at_most, above, below]
            .iter()
            .any(|amount| amount.is_some());
        let dated = self.days_ago.is_some() || self.dated.is_some() || self.leftover.is_some();
        let typed = self.test.is_some()
            || self.intake.is_some()
            || self.can.is_some()
            || self.consent.is_some();
        simple || bound || dated || typed
    }

    fn said(&self, answer: &Answer, on: &Situation) -> Verdict {
        if answer.absence().is_some() {
            return Verdict::Unknown;
        }
        let codes = self
            .is
            .as_ref()
            .map_or(Verdict::Holds, |wanted| any_code(answer, wanted));
        let none = self
            .none
            .map_or(Verdict::Holds, |wanted| no_code(answer, wanted));
        let bounds = self.bounds();
        let number = if bounds.amounts().next().is_some() {
            number(answer).map_or(Verdict::Unknown, |number| {
                bounds.holds(number, &on.settings)
            })
        } else {
            Verdict::Holds
        };
        let age = self.days_ago.as_ref().map_or(Verdict::Holds, |bounds| {
            let days = on
                .held_on
                .zip(dated(answer))
                .map(|(today, day)| (today - day).num_days());
            days.map_or(Verdict::Unknown, |days| {
                bounds.holds(days.into(), &on.settings)
            })
        });
        let day = self.dated.map_or(Verdict::Holds, |wanted| {
            Verdict::of(dated(answer).is_some() == wanted)
        });
        codes
            .and(none)
            .and(number)
            .and(age)
            .and(day)
            .and(self.typed(answer, on))
    }

    fn typed(&self, answer: &Answer, on: &Situation) -> Verdict {
        let (mut test, mut intake, mut can, mut consent, mut left) = (None, None, None, None, None);
        match answer {
            Answer::Test(found) => test = Some(found.result),
            Answer::Intake { intake: how, .. } => intake = Some(*how),
            Answer::Potential { can: whether, .. } => can = Some(*whether),
            Answer::Consent { given, .. } => consent = Some(*given),
            Answer::LastDose { leftover, .. } => left = *leftover,
            _ => {}
        }
        let word = |asked: bool, verdict: Verdict| if asked { verdict } else { Verdict::Holds };
        word(
            self.test.is_some(),
            one_of(self.test.as_deref().unwrap_or_default(), test),
        )
        .and(word(
            self.intake.is_some(),
            one_of(self.intake.as_deref().unwrap_or_default(), intake),
        ))
        .and(word(
            self.can.is_some(),
            one_of(self.can.as_deref().unwrap_or_default(), can),
        ))
        .and(
            self.consent
                .map_or(Verdict::Holds, |wanted| same(consent, wanted)),
        )
        .and(self.leftover.as_ref().map_or(Verdict::Holds, |bounds| {
            left.map_or(Verdict::Unknown, |left| {
                bounds.holds(left.into(), &on.settings)
            })
        }))
    }
}

fn any_code(answer: &Answer, wanted: &[u8]) -> Verdict {
    match answer {
        Answer::Code(code) => Verdict::of(wanted.contains(code)),
        Answer::Many(codes) => Verdict::of(codes.iter().any(|code| wanted.contains(code))),
        _ => Verdict::Unknown,
    }
}

fn no_code(answer: &Answer, wanted: bool) -> Verdict {
    match answer {
        Answer::Code(code) => Verdict::of((*code == 0) == wanted),
        Answer::Many(codes) => Verdict::of(codes.is_empty() == wanted),
        _ => Verdict::Unknown,
    }
}

/// The answer as a number: a grade, a count, kilograms.
fn number(answer: &Answer) -> Option<Decimal> {
    match answer {
        Answer::Code(code) => Some((*code).into()),
        Answer::Number(number) => Some(*number),
        Answer::Weight { kg, .. } => Some(*kg),
        _ => None,
    }
}

/// The day the answer speaks of.
fn dated(answer: &Answer) -> Option<NaiveDate> {
    match answer {
        Answer::Day(day) => Some(*day),
        Answer::Weight { measured_on, .. } => Some(*measured_on),
        Answer::Test(test) => test.done_on,
        Answer::LastDose { taken_on, .. } => Some(*taken_on),
        Answer::Consent { signed_on, .. } => *signed_on,
        _ => None,
    }
}

impl WorseTest {
    fn holds(&self, on: &Situation) -> Verdict {
        let code =
            |answers: &BTreeMap<ItemId, Answer>| answers.get(&self.id).and_then(Answer::code);
        match (code(&on.answers), code(&on.last)) {
            (Some(now), Some(last)) => {
                Verdict::of(u16::from(now) >= u16::from(last) + u16::from(self.by))
            }
            _ => Verdict::Unknown,
        }
    }
}

impl SinceTest {
    /// The bounds on the number of days.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            above: self.above.clone(),
            at_least: self.at_least.clone(),
            below: self.below.clone(),
            at_most: self.at_most.clone(),
        }
    }

    /// Never answered is longer ago than any number of days.
    fn holds(&self, on: &Situation) -> Verdict {
        let found = on.days_since.get(&self.id);
        let never = self.never.map_or(Verdict::Holds, |wanted| {
            Verdict::of(found.is_none() == wanted)
        });
        let bounds = self.bounds();
        let days = match found {
            None => Verdict::of(bounds.below.is_none() && bounds.at_most.is_none()),
            Some(None) if bounds.amounts().next().is_some() => Verdict::Unknown,
            Some(None) => Verdict::Holds,
            Some(Some(days)) => bounds.holds((*days).into(), &on.settings),
        };
        never.and(days)
    }
}

impl Months {
    fn holds(&self, on: &Situation) -> Verdict {
        let (from, to) = (self.from.value(&on.settings), self.to.value(&on.settings));
        let (Some(from), Some(to), Some(day)) = (from, to, on.held_on) else {
            return Verdict::Unknown;
        };
        let month = Decimal::from(day.month());
        Verdict::of(if from <= to {
            from <= month && month <= to
        } else {
            from <= month || month <= to
        })
    }
}

impl LabTest {
    /// The bounds in the canonical unit.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            above: self.above.clone(),
            at_least: self.at_least.clone(),
            below: self.below.clone(),
            at_most: self.at_most.clone(),
        }
    }

    pub(crate) fn holds(&self, fact: &LabFact, on: &Situation) -> Verdict {
        let sample = self
            .fasting
            .as_ref()
            .map_or(Verdict::Holds, |wanted| {
                Verdict::of(wanted.contains(&fact.fasting))
            })
            .and(self.haemolysed.map_or(Verdict::Holds, |wanted| {
                Verdict::of(wanted == fact.haemolysed)
            }))
            .and(self.lipaemic.map_or(Verdict::Holds, |wanted| {
                Verdict::of(wanted == fact.lipaemic)
            }));
        let age = self.days_ago.as_ref().map_or(Verdict::Holds, |bounds| {
            fact.days_ago.map_or(Verdict::Unknown, |days| {
                bounds.holds(days.into(), &on.settings)
            })
        });
        let dose = self.drawn_on_lower_dose.map_or(Verdict::Holds, |wanted| {
            same(
                fact.dose_at_draw
                    .zip(on.dose_now)
                    .map(|(then, now)| then < now),
                wanted,
            )
        });
        sample.and(age).and(dose).and(self.number_holds(fact, on))
    }

    fn number_holds(&self, fact: &LabFact, on: &Situation) -> Verdict {
        let scaled = |bounds: &Option<Bounds>, of: Option<Decimal>, percent: bool| {
            let Some(bounds) = bounds else {
                return Verdict::Holds;
            };
            let Some(of) = of else {
                return Verdict::Unknown;
            };
            let value = if percent {
                fact.number.checked_mul(Decimal::ONE_HUNDRED)
            } else {
                Some(fact.number)
            };
            value.map_or(Verdict::Unknown, |value| {
                bounds.hold(fact.comparator, value, of, &on.settings)
            })
        };
        let absolute = self.bounds();
        let relative = self.times_upper.is_some()
            || self.percent_of_baseline.is_some()
            || self.percent_of_previous.is_some();
        let bounded = absolute.amounts().next().is_some();
        let foreign = bounded && self.unit.as_ref().is_some_and(|unit| *unit != fact.unit);
        if foreign || (self.not_if_haemolysed && fact.haemolysed && (bounded || relative)) {
            return Verdict::Unknown;
        }
        absolute
            .hold(fact.comparator, fact.number, Decimal::ONE, &on.settings)
            .and(scaled(&self.times_upper, fact.upper, false))
            .and(scaled(&self.percent_of_baseline, fact.baseline, true))
            .and(scaled(&self.percent_of_previous, fact.previous, true))
    }

    /// Why a result that is there could not be judged.
    pub(crate) fn undecided(&self, on: &Situation) -> Option<Assessed> {
        let fact = on.labs.get(&self.analyte)?;
        if self.number_holds(fact, on) != Verdict::Unknown {
            return None;
        }
        let earlier = (self.percent_of_baseline.is_some() && fact.baseline.is_none())
            || (self.percent_of_previous.is_some() && fact.previous.is_none());
        Some(if self.not_if_haemolysed && fact.haemolysed {
            Assessed::Haemolysed
        } else if self.unit.as_ref().is_some_and(|unit| *unit != fact.unit) {
            Assessed::OtherUnit
        } else if self.times_upper.is_some() && fact.upper.is_none() {
            Assessed::NoUpperLimit
        } else if earlier {
            Assessed::NoEarlierValue
        } else {
            Assessed::OpenEnded
        })
    }
}
