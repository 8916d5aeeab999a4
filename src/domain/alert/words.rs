//! The values a rule's sentence may name, and how they are written.

use crate::domain::answer::{Answer, ItemId};
use crate::domain::condition::{Bounds, Condition, ItemTest, LabTest};
use crate::domain::lang::{Lang, Words};
use crate::domain::observation::Fasting;
use crate::domain::protocol::Protocol;
use crate::domain::quantity::Comparator;
use crate::domain::situation::{LabFact, Settings, Situation, Verdict};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet};

/// Values by the name a sentence calls them.
pub(crate) type Values = BTreeMap<&'static str, Words>;

/// The names a sentence under this condition can always fill: of alternatives,
/// only those that every one of them fills.
pub(crate) fn fillable(condition: &Condition) -> BTreeSet<&'static str> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(fillable).collect(),
        Condition::Any(parts) => {
            let mut each = parts.iter().map(fillable);
            let first = each.next().unwrap_or_default();
            each.fold(first, |common, names| {
                common.intersection(&names).copied().collect()
            })
        }
        Condition::Surely(part) => fillable(part),
        Condition::Not(_) => BTreeSet::new(),
        Condition::Item(test) => {
            let mut names = BTreeSet::from(["value"]);
            names.extend(test.bounds().amounts().next().map(|_| "limit"));
            names.extend(test.days_ago.as_ref().map(|_| "days"));
            names.extend(test.leftover.as_ref().map(|_| "leftover"));
            names
        }
        Condition::Last(_) => BTreeSet::from(["last"]),
        Condition::WorseThanLast(_) => BTreeSet::from(["value", "last"]),
        Condition::DaysSince(_) => BTreeSet::from(["days"]),
        Condition::Lab(test) => lab_names(test),
        other if other.measured(&Situation::default()).is_some() => {
            BTreeSet::from(["value", "limit"])
        }
        _ => BTreeSet::new(),
    }
}

fn lab_names(test: &LabTest) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::from(["value", "unit", "fasting"]);
    let bounded = test.bounds().amounts().next().is_some();
    let relative = [
        &test.times_upper,
        &test.percent_of_baseline,
        &test.percent_of_previous,
    ];
    names.extend((bounded || relative.iter().any(|b| b.is_some())).then_some("limit"));
    names.extend(
        test.times_upper
            .as_ref()
            .map_or(&[][..], |_| &["times", "upper"]),
    );
    names.extend(
        test.percent_of_baseline
            .as_ref()
            .map_or(&[][..], |_| &["percent", "baseline"]),
    );
    names.extend(
        test.percent_of_previous
            .as_ref()
            .map_or(&[][..], |_| &["percent", "previous"]),
    );
    names.extend(test.days_ago.as_ref().map(|_| "days"));
    names.extend(
        test.drawn_on_lower_dose
            .map_or(&[][..], |_| &["dose_at_draw", "dose_now"]),
    );
    names
}

/// What fills a sentence: the parts of the condition that hold, first come first.
pub(super) fn values(condition: &Condition, protocol: &Protocol, on: &Situation) -> Values {
    let mut found = Values::new();
    for part in standing(condition, on) {
        for (name, words) in of_part(part, protocol, on) {
            found.entry(name).or_insert(words);
        }
    }
    found
}

/// The single facts a condition stands on; of alternatives, the first that holds.
pub(super) fn standing<'a>(condition: &'a Condition, on: &Situation) -> Vec<&'a Condition> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(|part| standing(part, on)).collect(),
        Condition::Any(parts) => {
            let holding = parts.iter().find(|part| part.holds(on) == Verdict::Holds);
            holding
                .or(parts.first())
                .map_or_else(Vec::new, |part| standing(part, on))
        }
        Condition::Surely(part) => standing(part, on),
        Condition::Not(_) => Vec::new(),
        single => vec![single],
    }
}

fn of_part(part: &Condition, protocol: &Protocol, on: &Situation) -> Vec<(&'static str, Words)> {
    match part {
        Condition::Item(test) => of_item(test, protocol, on),
        Condition::Last(test) => vec![(
            "last",
            answer_words(&test.id, on.last.get(&test.id), protocol),
        )],
        Condition::WorseThanLast(test) => vec![
            (
                "value",
                answer_words(&test.id, on.answers.get(&test.id), protocol),
            ),
            (
                "last",
                answer_words(&test.id, on.last.get(&test.id), protocol),
            ),
        ],
        Condition::DaysSince(test) => {
            let days = on.days_since.get(&test.id);
            let never = both("記録なし", "never");
            vec![(
                "days",
                days.map_or(never, |days| days.map_or_else(unknown, plain)),
            )]
        }
        Condition::Lab(test) => on
            .labs
            .get(&test.analyte)
            .map_or_else(Vec::new, |fact| of_lab(test, fact, on)),
        other => other.measured(on).map_or_else(Vec::new, |(bounds, value)| {
            vec![
                ("value", value.map_or_else(unknown, number)),
                ("limit", limit(bounds, &on.settings)),
            ]
        }),
    }
}

fn of_item(test: &ItemTest, protocol: &Protocol, on: &Situation) -> Vec<(&'static str, Words)> {
    let answer = on.answers.get(&test.id);
    let mut found = vec![("value", answer_words(&test.id, answer, protocol))];
    found.push(("limit", limit(&test.bounds(), &on.settings)));
    if let Some(Answer::Test(done)) = answer {
        let days = on
            .held_on
            .zip(done.done_on)
            .map(|(today, day)| (today - day).num_days());
        found.push(("days", days.map_or_else(unknown, plain)));
    }
    if let (Some(Answer::Day(day)), Some(today)) = (answer, on.held_on) {
        found.push(("days", plain((today - *day).num_days())));
    }
    if let Some(Answer::LastDose {
        leftover: Some(left),
        ..
    }) = answer
    {
        found.push(("leftover", plain(*left)));
    }
    found
}

fn of_lab(test: &LabTest, fact: &LabFact, on: &Situation) -> Vec<(&'static str, Words)> {
    let mut found = vec![
        ("value", plain(shown(fact))),
        ("unit", plain(&fact.unit)),
        ("fasting", fasting(fact.fasting)),
        (
            "limit",
            limit(
                first_bounds(test).as_ref().unwrap_or(&Bounds::default()),
                &on.settings,
            ),
        ),
    ];
    let percent = |of: Option<Decimal>| {
        of.and_then(|of| ratio(fact.number.checked_mul(Decimal::ONE_HUNDRED)?, of, 0))
    };
    found.extend(fact.upper.map(|upper| ("upper", number(upper))));
    found.extend(
        fact.upper
            .and_then(|upper| ratio(fact.number, upper, 2))
            .map(|times| ("times", number(times))),
    );
    found.extend(fact.baseline.map(|baseline| ("baseline", number(baseline))));
    found.extend(fact.previous.map(|previous| ("previous", number(previous))));
    let base = if test.percent_of_previous.is_some() {
        fact.previous
    } else {
        fact.baseline
    };
    found.extend(percent(base).map(|percent| ("percent", number(percent))));
    found.push(("days", fact.days_ago.map_or_else(unknown, plain)));
    found.extend(fact.dose_at_draw.map(|dose| ("dose_at_draw", number(dose))));
    found.extend(on.dose_now.map(|dose| ("dose_now", number(dose))));
    found
}

/// The bounds a laboratory value is chiefly held against.
pub(super) fn first_bounds(test: &LabTest) -> Option<Bounds> {
    let absolute = test.bounds();
    let bounded = absolute.amounts().next().is_some();
    let relative = [
        &test.times_upper,
        &test.percent_of_baseline,
        &test.percent_of_previous,
    ];
    bounded
        .then_some(absolute)
        .or_else(|| relative.into_iter().find_map(Clone::clone))
}

/// The result with the laboratory's `<` or `>`.
pub(super) fn shown(fact: &LabFact) -> String {
    let sign = match fact.comparator {
        Comparator::Equal => "",
        other => other.word(),
    };
    format!("{sign}{}", fact.number.normalize())
}

/// Cut, not rounded, so that a value above a limit is never shown below it.
fn ratio(value: Decimal, of: Decimal, places: u32) -> Option<Decimal> {
    Some(
        value
            .checked_div(of)?
            .round_dp_with_strategy(places, RoundingStrategy::ToZero),
    )
}

fn limit(bounds: &Bounds, settings: &Settings) -> Words {
    bounds
        .amounts()
        .find_map(|amount| amount.value(settings))
        .map_or_else(unknown, number)
}

/// An answer as the note writes it.
fn answer_words(id: &ItemId, answer: Option<&Answer>, protocol: &Protocol) -> Words {
    let Some(item) = protocol.item(id.as_str()) else {
        return unknown();
    };
    let code = |code: &u8| {
        item.option(*code).map(|choice| Words {
            ja: choice.note(Lang::Ja).to_owned(),
            en: choice.note(Lang::En).to_owned(),
        })
    };
    match answer {
        Some(Answer::Code(found)) => code(found).unwrap_or_else(unknown),
        Some(Answer::Many(codes)) => {
            let each: Vec<Words> = codes.iter().filter_map(code).collect();
            let join = |lang| each.iter().map(|words| words.get(lang)).collect::<Vec<_>>();
            Words {
                ja: join(Lang::Ja).join("・"),
                en: join(Lang::En).join(", "),
            }
        }
        Some(Answer::Number(found)) => number(*found),
        Some(Answer::Weight { kg, .. }) => number(*kg),
        Some(Answer::Day(day)) => plain(day),
        _ => unknown(),
    }
}

fn fasting(fasting: Fasting) -> Words {
    match fasting {
        Fasting::Yes => both("空腹", "fasting"),
        Fasting::No => both("食後", "not fasting"),
        Fasting::Unknown => both("空腹か不明", "fasting unknown"),
    }
}

fn number(number: Decimal) -> Words {
    plain(number.normalize())
}

fn plain(value: impl ToString) -> Words {
    let text = value.to_string();
    Words {
        ja: text.clone(),
        en: text,
    }
}

fn unknown() -> Words {
    both("不明", "unknown")
}

pub(super) fn both(ja: &str, en: &str) -> Words {
    Words {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

/// The names in braces a sentence uses.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

/// The sentence with its values, and with settings called by name.
pub(crate) fn fill(say: &Words, values: &Values, settings: &Settings) -> Words {
    let fill = |lang: Lang| {
        let mut text = say.get(lang).to_owned();
        for (name, words) in values {
            text = text.replace(&format!("{{{name}}}"), words.get(lang));
        }
        for (name, value) in settings.iter() {
            text = text.replace(&format!("{{{name}}}"), &value.normalize().to_string());
        }
        text
    };
    Words {
        ja: fill(Lang::Ja),
        en: fill(Lang::En),
    }
}
