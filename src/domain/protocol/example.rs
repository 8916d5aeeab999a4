//! The cases beside a rule: a situation written in a few words.

use super::raw::Exact;
use super::{Example, ExampleFailure, Protocol};
use crate::domain::answer::{
    Absence, Action, Answer, Can, Intake, ItemId, Phase, PregnancyTest, Sex, TestKind, TestResult,
    VisitKind,
};
use crate::domain::change::Mode;
use crate::domain::condition::Condition;
use crate::domain::due::Need;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::quantity::Comparator;
use crate::domain::situation::{LabFact, Settings, Situation, Verdict};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use std::collections::{BTreeMap, BTreeSet};

/// One example as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(default)]
    pub(super) given: Given,
    pub(super) fires: bool,
}

/// A situation as an example writes it; what is left out is not known.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Given {
    visit: Option<VisitKind>,
    phase: Option<Phase>,
    age: Option<u32>,
    sex: Option<Sex>,
    can: Option<Can>,
    companion: bool,
    mode: Option<Mode>,
    month: Option<u32>,
    day_of_treatment: Option<i64>,
    days_since_last_dose: Option<i64>,
    days_since_increase: Option<i64>,
    dose_now: Option<Exact>,
    pub(super) answers: BTreeMap<String, GivenAnswer>,
    pub(super) last: BTreeMap<String, GivenAnswer>,
    pub(super) before: BTreeMap<String, GivenAnswer>,
    pub(super) days_since: BTreeMap<String, i64>,
    pub(super) labs: BTreeMap<String, GivenLab>,
    blood_due: Option<bool>,
    blood_overdue_days: Option<i64>,
    days_since_blood: Option<i64>,
    no_blood_ever: Option<bool>,
    test_due: Option<bool>,
    due: Option<BTreeSet<Need>>,
    window_days_left: Option<i64>,
    decision: Option<Action>,
    mg_per_kg: Option<Exact>,
    cumulative_mg_per_kg: Option<Exact>,
    supply_days: Option<i64>,
    days_to_next_visit: Option<i64>,
    weight_change_percent: Option<Exact>,
    missed_percent: Option<Exact>,
}

/// A result as an example writes it; the unit is the rule's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenLab {
    value: Reading,
    unit: Option<String>,
    upper: Option<Exact>,
    lower: Option<Exact>,
    fasting: Option<Fasting>,
    #[serde(default)]
    haemolysed: bool,
    #[serde(default)]
    lipaemic: bool,
    baseline: Option<Exact>,
    previous: Option<Exact>,
    days_ago: Option<i64>,
    dose_at_draw: Option<Exact>,
}

/// A number with or without the laboratory's `<` or `>`.
struct Reading(Comparator, Decimal);

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Reading;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or in quotes a decimal or a bound such as \">400\"")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Reading, E> {
                Ok(Reading(Comparator::Equal, number.into()))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Reading, E> {
                let digits = text.trim_start_matches(['<', '>', '=']);
                let sign = &text[..text.len() - digits.len()];
                let comparator = if sign.is_empty() {
                    Some(Comparator::Equal)
                } else {
                    Comparator::from_word(sign)
                };
                comparator
                    .zip(digits.parse().ok())
                    .map(|(comparator, number)| Reading(comparator, number))
                    .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// An answer as an example writes it: a code, several codes, the reason there
/// is none, or a table for what is kept as a fact of its own.
pub(super) enum GivenAnswer {
    Code(u8),
    Many(Vec<u8>),
    Absent(Absence),
    Typed(Box<TypedAnswer>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedAnswer {
    number: Option<Exact>,
    kg: Option<Exact>,
    test: Option<TestResult>,
    at: Option<TestKind>,
    intake: Option<Intake>,
    missed: Option<u32>,
    can: Option<Can>,
    consent: Option<bool>,
    leftover: Option<u32>,
    days_ago: Option<i64>,
}

impl<'de> Deserialize<'de> for GivenAnswer {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnswerReader)
    }
}

struct AnswerReader;

impl<'de> Visitor<'de> for AnswerReader {
    type Value = GivenAnswer;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a code, a list of codes, the reason there is no answer, or a table")
    }

    fn visit_i64<E: Error>(self, code: i64) -> Result<GivenAnswer, E> {
        u8::try_from(code)
            .map(GivenAnswer::Code)
            .map_err(|_| E::invalid_value(Unexpected::Signed(code), &self))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<GivenAnswer, E> {
        let absence = Absence::from_word(word).map(GivenAnswer::Absent);
        absence.ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<GivenAnswer, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(GivenAnswer::Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<GivenAnswer, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(map))
            .map(|typed| GivenAnswer::Typed(Box::new(typed)))
    }
}

impl GivenAnswer {
    fn answer(&self, today: NaiveDate) -> Answer {
        match self {
            Self::Code(code) => Answer::Code(*code),
            Self::Many(codes) => Answer::Many(codes.clone()),
            Self::Absent(why) => Answer::Absent(*why),
            Self::Typed(typed) => typed.answer(today),
        }
    }
}

impl TypedAnswer {
    fn answer(&self, today: NaiveDate) -> Answer {
        let ago = |days: i64| today.checked_sub_days(chrono::Days::new(days.unsigned_abs()));
        let day = self.days_ago.and_then(ago);
        if let Some(result) = self.test {
            return Answer::Test(PregnancyTest {
                result,
                done_on: day,
                kind: self.at,
                kit: None,
            });
        }
        if let Some(intake) = self.intake {
            return Answer::Intake {
                intake,
                missed_days: self.missed,
                stopped_on: day,
            };
        }
        if let Some(can) = self.can {
            return Answer::Potential { can, reason: None };
        }
        if let Some(given) = self.consent {
            return Answer::Consent {
                given,
                signed_on: day,
                form: None,
            };
        }
        if let Some(kg) = self.kg {
            return Answer::Weight {
                kg: kg.0,
                measured_on: day.unwrap_or(today),
            };
        }
        if let Some(number) = self.number {
            return Answer::Number(number.0);
        }
        match self.leftover {
            Some(left) => Answer::LastDose {
                taken_on: day.unwrap_or(today),
                leftover: Some(left),
            },
            None => Answer::Day(day.unwrap_or(today)),
        }
    }
}

impl GivenLab {
    fn fact(&self, analyte: &str, when: &Condition) -> LabFact {
        let of_rule = when.parts().into_iter().find_map(|part| match part {
            Condition::Lab(test) if test.analyte.0 == analyte => test.unit.clone(),
            _ => None,
        });
        let exact = |number: Option<Exact>| number.map(|exact| exact.0);
        LabFact {
            comparator: self.value.0,
            number: self.value.1,
            unit: self
                .unit
                .clone()
                .or(of_rule)
                .unwrap_or_else(|| "U/L".to_owned()),
            upper: exact(self.upper),
            lower: exact(self.lower),
            fasting: self.fasting.unwrap_or(Fasting::Unknown),
            haemolysed: self.haemolysed,
            lipaemic: self.lipaemic,
            baseline: exact(self.baseline),
            previous: exact(self.previous),
            days_ago: self.days_ago,
            dose_at_draw: exact(self.dose_at_draw),
        }
    }
}

impl Given {
    /// The situation it describes; the day is the 24th of its month in 2026.
    pub(super) fn situation(&self, settings: &Settings, when: &Condition) -> Situation {
        let day = NaiveDate::from_ymd_opt(2026, self.month.unwrap_or(11), 24).unwrap_or_default();
        let exact = |number: Option<Exact>| number.map(|exact| exact.0);
        let answers = |given: &BTreeMap<String, GivenAnswer>| {
            given
                .iter()
                .map(|(id, answer)| (ItemId::new(id), answer.answer(day)))
                .collect()
        };
        let labs = self
            .labs
            .iter()
            .map(|(id, lab)| (AnalyteId(id.clone()), lab.fact(id, when)))
            .collect();
        Situation {
            preliminary: BTreeMap::new(),
            visit: self.visit,
            phase: self.phase,
            held_on: Some(day),
            age: self.age,
            sex: self.sex,
            can_become_pregnant: self.can,
            companion: self.companion,
            mode: self.mode,
            day_of_treatment: self.day_of_treatment,
            days_since_last_dose: self.days_since_last_dose,
            days_since_increase: self.days_since_increase,
            dose_now: exact(self.dose_now),
            answers: answers(&self.answers),
            last: answers(&self.last),
            before: answers(&self.before),
            days_since: self
                .days_since
                .iter()
                .map(|(id, days)| (ItemId::new(id), Some(*days)))
                .collect(),
            labs,
            blood_due: self.blood_due,
            blood_overdue_days: self.blood_overdue_days,
            days_since_blood: self.days_since_blood,
            no_blood_ever: self.no_blood_ever,
            test_due: self.test_due,
            due: self.due.clone(),
            window_days_left: self.window_days_left,
            decision: self.decision,
            mg_per_kg: exact(self.mg_per_kg),
            cumulative_mg_per_kg: exact(self.cumulative_mg_per_kg),
            supply_days: self.supply_days,
            days_to_next_visit: self.days_to_next_visit,
            weight_change_percent: exact(self.weight_change_percent),
            missed_percent: exact(self.missed_percent),
            settings: settings.clone(),
        }
    }
}

impl Case {
    pub(super) fn example(&self, settings: &Settings, when: &Condition) -> Example {
        Example {
            given: self.given.situation(settings, when),
            fires: self.fires,
        }
    }
}

/// The examples that do not do what they say.
pub(super) fn failures(protocol: &Protocol) -> Vec<ExampleFailure> {
    let mut failures = Vec::new();
    for rule in &protocol.rules {
        for (n, example) in rule.examples.iter().enumerate() {
            let found = rule.when.holds(&example.given);
            if (found == Verdict::Holds) != example.fires {
                let expected = example.fires;
                failures.push(ExampleFailure {
                    rule: rule.id.clone(),
                    example: n + 1,
                    expected,
                    found,
                });
            }
        }
    }
    failures
}
