//! The situations that can make a difference to one group of facts: all
//! declared codes, and for numbers each limit, a step to either side of it,
//! and between two limits.

use super::{Literal, MOST, Subject, TooMany};
use crate::domain::answer::{
    Absence, Action, Answer, Can, Intake, ItemId, Phase, PregnancyTest, Sex, TestResult, VisitKind,
};
use crate::domain::change::Mode;
use crate::domain::condition::{Amount, Bounds, Condition, LabTest};
use crate::domain::due::Need;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::protocol::{Item, Kind, Meaning, Protocol};
use crate::domain::quantity::Comparator;
use crate::domain::situation::{LabFact, Settings, Situation};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The cases of one group that can make a difference.
pub(super) struct Cases<'a> {
    pub(super) group: &'a [Literal<'a>],
    pub(super) protocol: &'a Protocol,
    pub(super) settings: &'a Settings,
}

impl Cases<'_> {
    /// Every case that can make a difference to facts about `subject`.
    pub(super) fn of(&self, subject: &Subject) -> Result<Vec<Situation>, TooMany> {
        match subject {
            Subject::Line(id) => self.lines(id),
            Subject::Since(id) => Ok(self.since(id)),
            Subject::Analyte(id) => self.labs(id),
            Subject::Walk => Ok(self.walks()),
            Subject::Supply => Ok(self.supplies()),
            Subject::Other(_) => Ok(self.others()),
        }
    }

    fn empty(&self) -> Situation {
        Situation {
            held_on: Some(a_day()),
            settings: self.settings.clone(),
            ..Situation::default()
        }
    }

    fn case(&self, set: impl FnOnce(&mut Situation)) -> Situation {
        let mut case = self.empty();
        set(&mut case);
        case
    }

    fn limits<'b>(&self, bounds: impl Iterator<Item = &'b Bounds>) -> Vec<Decimal> {
        let amounts = bounds.flat_map(|bounds| bounds.amounts().cloned().collect::<Vec<_>>());
        amounts
            .filter_map(|amount| amount.value(self.settings))
            .collect()
    }

    /// Every number the group is held against.
    fn all_limits(&self) -> Vec<Decimal> {
        let amounts = self.group.iter().flat_map(|(fact, _)| fact.amounts());
        amounts
            .filter_map(|amount: Amount| amount.value(self.settings))
            .collect()
    }

    fn walks(&self) -> Vec<Situation> {
        let pairs = [
            (VisitKind::Start, Phase::Before),
            (VisitKind::FollowUp, Phase::On),
            (VisitKind::FollowUp, Phase::Paused),
            (VisitKind::After, Phase::After),
        ];
        let known = pairs
            .map(|(visit, phase)| self.case(|s| (s.visit, s.phase) = (Some(visit), Some(phase))));
        known.into_iter().chain([self.empty()]).collect()
    }

    fn since(&self, id: &ItemId) -> Vec<Situation> {
        let days = whole_steps(self.all_limits(), 0, None);
        let known = days.into_iter().map(Some).chain([None]);
        let cases = known.map(|days| self.case(|s| s.days_since.extend([(id.clone(), days)])));
        cases.chain([self.empty()]).collect()
    }

    fn supplies(&self) -> Vec<Situation> {
        let mut cases = vec![self.empty()];
        for supply in whole_steps(self.all_limits(), 0, None) {
            cases.push(self.case(|s| s.supply_days = Some(supply)));
            for past in whole_steps(self.all_limits(), -366, None) {
                if supply.saturating_sub(past) >= 0 {
                    let next = Some(supply.saturating_sub(past));
                    cases.push(
                        self.case(|s| (s.supply_days, s.days_to_next_visit) = (Some(supply), next)),
                    );
                }
            }
        }
        cases
    }

    fn others(&self) -> Vec<Situation> {
        let mut cases = vec![self.empty()];
        let limits = self.all_limits();
        for at in whole_steps(limits.clone(), i64::MIN, None) {
            cases.push(self.case(|s| s.blood_overdue_days = Some(at)));
            cases.push(self.case(|s| s.window_days_left = Some(at)));
            if at >= 0 {
                cases.push(self.case(|s| set_days(s, at)));
            }
        }
        for number in steps(&limits)
            .into_iter()
            .filter(|number| *number >= Decimal::ZERO)
        {
            cases.push(self.case(|s| s.mg_per_kg = Some(number)));
            cases.push(self.case(|s| s.cumulative_mg_per_kg = Some(number)));
            cases.push(self.case(|s| s.weight_change_percent = Some(number)));
            if number <= Decimal::ONE_HUNDRED {
                cases.push(self.case(|s| s.missed_percent = Some(number)));
            }
        }
        cases.extend(
            Action::ALL
                .iter()
                .map(|action| self.case(|s| s.decision = Some(*action))),
        );
        cases.extend(Sex::ALL.iter().map(|sex| self.case(|s| s.sex = Some(*sex))));
        cases.extend(
            Can::ALL
                .iter()
                .map(|can| self.case(|s| s.can_become_pregnant = Some(*can))),
        );
        cases.extend(
            Mode::ALL
                .iter()
                .map(|mode| self.case(|s| s.mode = Some(*mode))),
        );
        for known in [true, false] {
            cases.push(self.case(|s| s.companion = known));
            let due = Some(known);
            cases.push(self.case(|s| (s.blood_due, s.no_blood_ever, s.test_due) = (due, due, due)));
        }
        cases.extend(dues().map(|due| self.case(|s| s.due = Some(due.clone()))));
        let days = (1..=12).filter_map(|month| NaiveDate::from_ymd_opt(2026, month, 1));
        cases.extend(days.map(|day| self.case(|s| s.held_on = Some(day))));
        cases.push(self.case(|s| s.held_on = None));
        cases
    }

    fn lines(&self, id: &ItemId) -> Result<Vec<Situation>, TooMany> {
        let Some(item) = self.protocol.item(id.as_str()) else {
            return Ok(vec![self.empty()]);
        };
        let named = |which: fn(&Condition) -> bool| self.group.iter().any(|(fact, _)| which(fact));
        let worse = named(|fact| matches!(fact, Condition::WorseThanLast(_)));
        let answers = self.answers(item)?;
        let of = |asked: bool| if asked { answers.clone() } else { vec![None] };
        let now = of(worse || named(|fact| matches!(fact, Condition::Item(_))));
        let last = of(worse || named(|fact| matches!(fact, Condition::Last(_))));
        let before = of(named(|fact| matches!(fact, Condition::Before(_))));
        if now
            .len()
            .saturating_mul(last.len())
            .saturating_mul(before.len())
            > MOST
        {
            return Err(TooMany);
        }
        let mut cases = Vec::new();
        for (now, last) in now
            .iter()
            .flat_map(|now| last.iter().map(move |last| (now, last)))
        {
            for before in &before {
                cases.push(self.case(|s| {
                    s.answers
                        .extend(now.clone().map(|answer| (id.clone(), answer)));
                    s.last
                        .extend(last.clone().map(|answer| (id.clone(), answer)));
                    s.before
                        .extend(before.clone().map(|answer| (id.clone(), answer)));
                }));
            }
        }
        Ok(cases)
    }

    /// Every answer to a line that can make a difference, none included.
    fn answers(&self, item: &Item) -> Result<Vec<Option<Answer>>, TooMany> {
        let keys = item.options.iter().map(|choice| choice.key);
        let days: Vec<NaiveDate> = self.days();
        let said: Vec<Answer> = match item.kind {
            Kind::Grade | Kind::Choice | Kind::Draw => keys.map(Answer::Code).collect(),
            Kind::Many => subsets(&keys.filter(|key| *key != 0).collect::<Vec<_>>())?,
            Kind::Counselling => self.counsel()?,
            Kind::Number => self.numbers(item).map(Answer::Number).collect(),
            Kind::Weight => {
                let kilograms: Vec<Decimal> = self.numbers(item).collect();
                let weights = |day: &NaiveDate| {
                    let day = *day;
                    kilograms.clone().into_iter().map(move |kg| Answer::Weight {
                        kg,
                        measured_on: day,
                    })
                };
                days.iter().flat_map(weights).collect()
            }
            Kind::Day => days.into_iter().map(Answer::Day).collect(),
            Kind::Text => vec![Answer::Text(String::new())],
            Kind::Test => tests(item, &days),
            Kind::Intake => intakes(item),
            Kind::Potential => potentials(item),
            Kind::Consent => [true, false]
                .into_iter()
                .flat_map(|given| {
                    dated(&days).map(move |signed_on| Answer::Consent {
                        given,
                        signed_on,
                        form: None,
                    })
                })
                .collect(),
            Kind::LastDose => self.last_doses(&days),
            Kind::Labs | Kind::Plan => Vec::new(),
        };
        let absent = Absence::ALL.iter().map(|why| Answer::Absent(*why));
        Ok(said
            .into_iter()
            .chain(absent)
            .map(Some)
            .chain([None])
            .collect())
    }

    fn counsel(&self) -> Result<Vec<Answer>, TooMany> {
        let asked = self.group.iter().filter_map(|(fact, _)| match fact {
            Condition::Item(test) | Condition::Last(test) | Condition::Before(test) => {
                test.is.clone()
            }
            _ => None,
        });
        let mut codes: Vec<u8> = asked.flatten().collect();
        codes.sort_unstable();
        codes.dedup();
        codes.extend(
            self.protocol
                .sentences
                .iter()
                .map(|s| s.number)
                .find(|number| !codes.contains(number)),
        );
        subsets(&codes)
    }

    fn numbers(&self, item: &Item) -> impl Iterator<Item = Decimal> {
        let (min, max) = (item.min, item.max);
        let ends = [min, max].into_iter().flatten();
        let found: Vec<Decimal> = steps(&self.all_limits()).into_iter().chain(ends).collect();
        found
            .into_iter()
            .filter(move |n| min.is_none_or(|min| *n >= min) && max.is_none_or(|max| *n <= max))
    }

    fn days(&self) -> Vec<NaiveDate> {
        let ages = whole_steps(self.all_limits(), 0, Some(40_000));
        ages.into_iter()
            .filter_map(|days| a_day().checked_sub_days(Days::new(days.unsigned_abs())))
            .collect()
    }

    fn last_doses(&self, days: &[NaiveDate]) -> Vec<Answer> {
        let left = whole_steps(self.all_limits(), 0, Some(10_000));
        let counts: Vec<Option<u32>> = left
            .into_iter()
            .map(|left| u32::try_from(left).ok())
            .chain([None])
            .collect();
        let of = |taken_on: &NaiveDate| {
            let taken_on = *taken_on;
            counts
                .clone()
                .into_iter()
                .map(move |leftover| Answer::LastDose { taken_on, leftover })
        };
        days.iter().flat_map(of).collect()
    }

    fn labs(&self, id: &str) -> Result<Vec<Situation>, TooMany> {
        let tests: Vec<&LabTest> = self
            .group
            .iter()
            .filter_map(|(fact, _)| lab(fact))
            .collect();
        let unit = tests
            .iter()
            .find_map(|test| test.unit.clone())
            .unwrap_or_default();
        let scales = self.scales(&tests);
        let numbers = self.lab_numbers(&tests, &scales);
        let [uppers, baselines, befores] = scales.map(|by| bases(&numbers, &by));
        let limits = self.limits(tests.iter().filter_map(|test| test.days_ago.as_ref()));
        let unasked = limits.is_empty();
        let ages = optional(whole_steps(limits, 0, None), unasked);
        let asked = Asked::of(&tests);
        // Four remarks on the sample, three states of fasting, three doses.
        let sizes = [
            numbers.len(),
            uppers.len(),
            baselines.len(),
            befores.len(),
            ages.len(),
            36,
        ];
        if sizes.iter().fold(1_usize, |all, n| all.saturating_mul(*n)) > MOST {
            return Err(TooMany);
        }
        let mut cases = vec![self.empty()];
        for (number, (upper, (baseline, previous))) in numbers.iter().flat_map(|number| {
            triples(&uppers, &baselines, &befores).map(move |three| (*number, three))
        }) {
            for days_ago in ages.iter().copied() {
                let unit = unit.clone();
                let fact = LabFact {
                    number,
                    upper,
                    baseline,
                    previous,
                    unit,
                    days_ago,
                    ..a_fact()
                };
                self.samples(id, &fact, &asked, &mut cases);
            }
        }
        Ok(cases)
    }

    /// What is asked as multiples of the upper limit, of the own baseline and of the last result.
    fn scales(&self, tests: &[&LabTest]) -> [Vec<Decimal>; 3] {
        let hundredths =
            |all: Vec<Decimal>| all.into_iter().map(|p| p / Decimal::ONE_HUNDRED).collect();
        [
            self.limits(tests.iter().filter_map(|test| test.times_upper.as_ref())),
            hundredths(
                self.limits(
                    tests
                        .iter()
                        .filter_map(|test| test.percent_of_baseline.as_ref()),
                ),
            ),
            hundredths(
                self.limits(
                    tests
                        .iter()
                        .filter_map(|test| test.percent_of_previous.as_ref()),
                ),
            ),
        ]
    }

    fn lab_numbers(&self, tests: &[&LabTest], scales: &[Vec<Decimal>; 3]) -> Vec<Decimal> {
        let absolute: Vec<Bounds> = tests.iter().map(|test| test.bounds()).collect();
        let scaled = scales.iter().flatten().map(|by| by.saturating_mul(A_LIMIT));
        let limits: Vec<Decimal> = self
            .limits(absolute.iter())
            .into_iter()
            .chain(scaled)
            .collect();
        steps(&limits)
            .into_iter()
            .filter(|number| *number >= Decimal::ZERO)
            .collect()
    }

    fn samples(&self, id: &str, fact: &LabFact, asked: &Asked, cases: &mut Vec<Situation>) {
        for (fasting, (haemolysed, (lipaemic, dose_at_draw))) in asked.every_sample() {
            let fact = fact.clone();
            let sample = LabFact {
                fasting,
                haemolysed,
                lipaemic,
                dose_at_draw,
                ..fact
            };
            let mut case = self.empty();
            case.dose_now = Some(Decimal::TWO);
            case.labs.insert(AnalyteId(id.to_owned()), sample);
            cases.push(case);
        }
    }
}

/// What is asked of the sample itself; only that is varied.
struct Asked {
    fasting: &'static [Fasting],
    haemolysed: &'static [bool],
    lipaemic: &'static [bool],
    doses: &'static [Option<Decimal>],
}

impl Asked {
    fn of(tests: &[&LabTest]) -> Self {
        const DOSES: &[Option<Decimal>] = &[None, Some(Decimal::ONE), Some(Decimal::TWO)];
        let any = |which: fn(&LabTest) -> bool| tests.iter().any(|test| which(test));
        let either = |asked: bool| {
            if asked {
                &[false, true][..]
            } else {
                &[false][..]
            }
        };
        Self {
            fasting: if any(|test| test.fasting.is_some()) {
                Fasting::ALL
            } else {
                &[Fasting::Unknown]
            },
            haemolysed: either(any(|test| {
                test.haemolysed.is_some() || test.not_if_haemolysed
            })),
            lipaemic: either(any(|test| test.lipaemic.is_some())),
            doses: if any(|test| test.drawn_on_lower_dose.is_some()) {
                DOSES
            } else {
                &DOSES[..1]
            },
        }
    }

    fn every_sample(&self) -> impl Iterator<Item = (Fasting, (bool, (bool, Option<Decimal>)))> {
        let doses = self.doses.iter().copied();
        let lipaemic = self
            .lipaemic
            .iter()
            .flat_map(move |l| doses.clone().map(move |dose| (*l, dose)));
        let haemolysed = self
            .haemolysed
            .iter()
            .flat_map(move |h| lipaemic.clone().map(move |rest| (*h, rest)));
        self.fasting
            .iter()
            .flat_map(move |f| haemolysed.clone().map(move |rest| (*f, rest)))
    }
}

/// The upper limit tried when only multiples of it are asked.
const A_LIMIT: Decimal = Decimal::from_parts(40, 0, 0, false, 0);

fn a_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default()
}

fn a_fact() -> LabFact {
    LabFact {
        comparator: Comparator::Equal,
        number: Decimal::ZERO,
        unit: String::new(),
        upper: None,
        lower: None,
        fasting: Fasting::Unknown,
        haemolysed: false,
        lipaemic: false,
        baseline: None,
        previous: None,
        days_ago: None,
        dose_at_draw: None,
    }
}

fn lab(fact: &Condition) -> Option<&LabTest> {
    match fact {
        Condition::Lab(test) => Some(test),
        _ => None,
    }
}

fn set_days(s: &mut Situation, at: i64) {
    s.age = u32::try_from(at).ok().filter(|age| *age <= 150);
    s.day_of_treatment = (at >= 1).then_some(at);
    s.days_since_last_dose = Some(at);
    s.days_since_increase = Some(at);
    s.days_since_blood = Some(at);
}

/// Each limit, a step to either side, and between two of them.
fn steps(limits: &[Decimal]) -> Vec<Decimal> {
    let step = Decimal::new(1, 9);
    let mut sorted: Vec<Decimal> = limits.to_vec();
    sorted.push(Decimal::ZERO);
    sorted.sort_unstable();
    sorted.dedup();
    let between = sorted
        .windows(2)
        .map(|pair| pair[0] / Decimal::TWO + pair[1] / Decimal::TWO);
    let around = sorted.iter().flat_map(|limit| {
        [
            limit.saturating_sub(step),
            *limit,
            limit.saturating_add(step),
        ]
    });
    around.chain(between.collect::<Vec<_>>()).collect()
}

/// The same in whole numbers, from `least` up.
fn whole_steps(limits: Vec<Decimal>, least: i64, most: Option<i64>) -> Vec<i64> {
    use rust_decimal::prelude::ToPrimitive;
    let whole = limits
        .into_iter()
        .filter_map(|limit| limit.floor().to_i64());
    let mut found: Vec<i64> = whole
        .flat_map(|limit| (-1..=2).map(move |step| limit.saturating_add(step)))
        .collect();
    found.extend([0, 1]);
    found.retain(|number| *number >= least && most.is_none_or(|most| *number <= most));
    found.sort_unstable();
    found.dedup();
    found
}

fn optional(numbers: Vec<i64>, unasked: bool) -> Vec<Option<i64>> {
    if unasked {
        vec![None]
    } else {
        numbers.into_iter().map(Some).chain([None]).collect()
    }
}

/// What a number may be a multiple of, so that each multiple asked is met, passed and missed.
fn bases(numbers: &[Decimal], by: &[Decimal]) -> Vec<Option<Decimal>> {
    if by.is_empty() {
        return vec![None];
    }
    let step = Decimal::new(1, 9);
    let quotients = numbers
        .iter()
        .flat_map(|number| by.iter().filter_map(move |by| number.checked_div(*by)));
    let mut found: Vec<Decimal> = quotients
        .flat_map(|base| [base.saturating_sub(step), base, base.saturating_add(step)])
        .collect();
    found.push(A_LIMIT);
    found.retain(|base| *base > Decimal::ZERO);
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(Some).chain([None]).collect()
}

type Three = (Option<Decimal>, (Option<Decimal>, Option<Decimal>));

fn triples<'a>(
    a: &'a [Option<Decimal>],
    b: &'a [Option<Decimal>],
    c: &'a [Option<Decimal>],
) -> impl Iterator<Item = Three> + 'a {
    a.iter().flat_map(move |a| {
        b.iter()
            .flat_map(move |b| c.iter().map(move |c| (*a, (*b, *c))))
    })
}

fn subsets(codes: &[u8]) -> Result<Vec<Answer>, TooMany> {
    if codes.len() > 12 {
        return Err(TooMany);
    }
    let chosen = |mask: u32| {
        codes
            .iter()
            .enumerate()
            .filter(move |(n, _)| mask & (1 << n) != 0)
            .map(|(_, code)| *code)
    };
    Ok((0..1_u32 << codes.len())
        .map(|mask| Answer::Many(chosen(mask).collect()))
        .collect())
}

fn dated(days: &[NaiveDate]) -> impl Iterator<Item = Option<NaiveDate>> {
    days.iter().copied().map(Some).chain([None])
}

fn tests(item: &Item, days: &[NaiveDate]) -> Vec<Answer> {
    let results = item
        .options
        .iter()
        .filter_map(|choice| match &choice.means {
            Some(Meaning::Test { result, .. }) => Some(*result),
            _ => None,
        });
    let of = |result: TestResult| {
        dated(days).map(move |done_on| {
            Answer::Test(PregnancyTest {
                result,
                done_on,
                kind: None,
                kit: None,
            })
        })
    };
    results.flat_map(of).collect()
}

fn intakes(item: &Item) -> Vec<Answer> {
    let said = item
        .options
        .iter()
        .filter_map(|choice| match &choice.means {
            Some(Meaning::Intake(intake)) => Some(*intake),
            _ => None,
        });
    said.map(|intake: Intake| Answer::Intake {
        intake,
        missed_days: None,
        stopped_on: None,
    })
    .collect()
}

fn potentials(item: &Item) -> Vec<Answer> {
    let said = item
        .options
        .iter()
        .filter_map(|choice| match &choice.means {
            Some(Meaning::Potential { can, .. }) => Some(*can),
            _ => None,
        });
    said.map(|can| Answer::Potential { can, reason: None })
        .collect()
}

/// Nothing due, each alone, all but one, all.
fn dues() -> impl Iterator<Item = BTreeSet<Need>> {
    let all: BTreeSet<Need> = Need::ALL.iter().copied().collect();
    let but = all.clone();
    let one = Need::ALL.iter().map(|need| BTreeSet::from([*need]));
    let others = Need::ALL.iter().map(move |need| {
        let mut others = but.clone();
        others.remove(need);
        others
    });
    one.chain(others).chain([BTreeSet::new(), all])
}
