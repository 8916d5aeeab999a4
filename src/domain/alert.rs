//! What the rules say of a situation: facts with their source, worst first.

pub(crate) mod words;

use super::answer::{Answer, ItemId};
use super::condition::Condition;
use super::lang::Words;
use super::protocol::{Basis, Level, Protocol, Recheck, Rule};
use super::situation::{Situation, Verdict};
use rust_decimal::Decimal;

/// Whether a rule fired, or could not be judged although its value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assessed {
    /// Its condition holds.
    Fires,
    /// The laboratory's `<` or `>` leaves both sides of the limit open.
    OpenEnded,
    /// The sample was haemolysed.
    Haemolysed,
    /// No upper limit came with the result.
    NoUpperLimit,
    /// Nothing to compare with: no value before treatment, or none before this.
    NoEarlierValue,
    /// The result is kept in another unit than the rule's.
    OtherUnit,
}

/// A value an alert rests on, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// A line's id, an analyte's id, or the name of something computed.
    pub name: String,
    /// As shown: a number with its comparator, or a code.
    pub value: String,
    /// What it was compared with, in `unit`; none for a code.
    pub limit: Option<Decimal>,
    pub unit: Option<String>,
    /// Days from the draw or the fact to the visit.
    pub days_ago: Option<i64>,
}

/// One rule that fired, or could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub rule: String,
    pub level: Level,
    /// Where it is shown.
    pub item: ItemId,
    pub assessed: Assessed,
    /// The sentence, values filled in, in both languages.
    pub text: Words,
    pub inputs: Vec<Input>,
    /// Where the rule comes from, as the protocol cites it.
    pub source: Words,
    pub basis: Basis,
    /// Whether it folds into "known n" once seen.
    pub fold: bool,
    /// The red flag that is asked again by itself.
    pub asks: Option<ItemId>,
    pub recheck: Option<Recheck>,
    /// A few words for the one-key reason of a decision.
    pub reason: Words,
    /// Steps of one scale, of which only the highest shows.
    pub ladder: Option<String>,
}

/// Every alert of `protocol` for this situation, worst first, then in file order.
pub fn evaluate(protocol: &Protocol, situation: &Situation) -> Vec<Alert> {
    let raised = with_preliminary(situation);
    let found = protocol.rules.iter().filter_map(|rule| {
        let stands = judge(rule, protocol, situation);
        let fires = |alert: &Alert| alert.assessed == Assessed::Fires;
        match &raised {
            // A preliminary result may raise what the others do not, and quiets nothing.
            Some(raised) if !stands.as_ref().is_some_and(fires) => {
                let alert = judge(rule, protocol, raised).filter(fires);
                alert.map(preliminary).or(stands)
            }
            _ => stands,
        }
    });
    let found = found.collect();
    let mut shown = highest_steps(found);
    shown.sort_by_key(|alert: &Alert| {
        (
            std::cmp::Reverse(alert.level),
            alert.assessed != Assessed::Fires,
        )
    });
    shown
}

/// The situation as preliminary results would have it; none where there are none.
fn with_preliminary(situation: &Situation) -> Option<Situation> {
    if situation.preliminary.is_empty() {
        return None;
    }
    let mut raised = situation.clone();
    raised.labs.append(&mut raised.preliminary);
    Some(raised)
}

/// The sentence says what it rests on.
fn preliminary(mut alert: Alert) -> Alert {
    alert.text.ja += "(仮報告による)";
    alert.text.en += " (by a preliminary result)";
    alert
}

fn judge(rule: &Rule, protocol: &Protocol, on: &Situation) -> Option<Alert> {
    let assessed = match rule.when.holds(on) {
        Verdict::Holds => Assessed::Fires,
        Verdict::Not => return None,
        Verdict::Unknown => undecided(&rule.when, on)?,
    };
    let values = words::values(&rule.when, protocol, on);
    let reason = words::fill(&rule.reason, &values, &on.settings);
    let text = match assessed {
        Assessed::Fires => words::fill(&rule.say, &values, &on.settings),
        why => not_assessed(why, &reason, values.get("limit")),
    };
    Some(Alert {
        rule: rule.id.clone(),
        level: rule.level,
        item: rule.item.clone(),
        assessed,
        text,
        inputs: words::standing(&rule.when, on)
            .into_iter()
            .filter_map(|part| input(part, on))
            .collect(),
        source: rule.source.clone(),
        basis: rule.basis,
        fold: rule.fold,
        asks: rule.asks.clone(),
        recheck: rule.recheck,
        reason,
        ladder: rule.ladder.clone(),
    })
}

/// Why the first result that is there, but cannot be judged, cannot.
fn undecided(when: &Condition, on: &Situation) -> Option<Assessed> {
    match when {
        Condition::All(parts) | Condition::Any(parts) => parts
            .iter()
            .filter(|part| part.holds(on) == Verdict::Unknown)
            .map(|part| undecided(part, on))
            // Something else is simply missing: then nothing is said yet.
            .collect::<Option<Vec<_>>>()?
            .first()
            .copied(),
        Condition::Not(part) => undecided(part, on),
        Condition::Lab(test) => test.undecided(on),
        _ => None,
    }
}

fn not_assessed(why: Assessed, reason: &Words, limit: Option<&Words>) -> Words {
    let (ja, en) = match why {
        Assessed::Fires => ("", ""),
        Assessed::OpenEnded => ("範囲でしか返っていない", "the result is open-ended"),
        Assessed::Haemolysed => ("溶血検体", "haemolysed sample"),
        Assessed::NoUpperLimit => ("基準上限がない", "no upper limit came with it"),
        Assessed::NoEarlierValue => ("比べる前の値がない", "no earlier value to compare with"),
        Assessed::OtherUnit => ("単位が違う", "kept in another unit"),
    };
    let limit = |lang| limit.map_or("?", |words| words.get(lang));
    Words {
        ja: format!(
            "{}: 基準{}は判定できない({ja})",
            reason.ja,
            limit(super::lang::Lang::Ja)
        ),
        en: format!(
            "{}: limit {} not assessed ({en})",
            reason.en,
            limit(super::lang::Lang::En)
        ),
    }
}

fn input(part: &Condition, on: &Situation) -> Option<Input> {
    let plain = |name: String, value: String| Input {
        name,
        value,
        limit: None,
        unit: None,
        days_ago: None,
    };
    match part {
        Condition::Lab(test) => {
            let fact = on.labs.get(&test.analyte)?;
            let limit = words::first_bounds(test).and_then(|bounds| {
                bounds
                    .amounts()
                    .find_map(|amount| amount.value(&on.settings))
            });
            Some(Input {
                limit,
                unit: Some(fact.unit.clone()),
                days_ago: fact.days_ago,
                ..plain(test.analyte.0.clone(), words::shown(fact))
            })
        }
        Condition::Item(test) => Some(plain(test.id.0.clone(), spelt(on.answers.get(&test.id)?))),
        Condition::WorseThanLast(test) => {
            Some(plain(test.id.0.clone(), spelt(on.answers.get(&test.id)?)))
        }
        Condition::Last(test) => Some(plain(
            format!("last {}", test.id),
            spelt(on.last.get(&test.id)?),
        )),
        Condition::Before(test) => Some(plain(
            format!("before {}", test.id),
            spelt(on.before.get(&test.id)?),
        )),
        Condition::DaysSince(test) => {
            let days = on.days_since.get(&test.id).copied().flatten();
            Some(Input {
                days_ago: days,
                ..plain(
                    format!("days since {}", test.id),
                    days.map_or("never".into(), |d| d.to_string()),
                )
            })
        }
        measured => {
            let (bounds, value) = measured.measured(on)?;
            let limit = bounds
                .amounts()
                .find_map(|amount| amount.value(&on.settings));
            Some(Input {
                limit,
                ..plain(measured.name().to_owned(), value?.normalize().to_string())
            })
        }
    }
}

/// An answer as the record spells it, without the words of a language.
fn spelt(answer: &Answer) -> String {
    match answer {
        Answer::Absent(why) => why.word().to_owned(),
        Answer::Code(code) => code.to_string(),
        Answer::Many(codes) => codes
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        Answer::Number(number) => number.to_string(),
        Answer::Day(day) => day.to_string(),
        Answer::Text(text) => text.clone(),
        Answer::Weight { kg, .. } => kg.to_string(),
        Answer::Potential { can, .. } => can.word().to_owned(),
        Answer::Test(test) => test.result.word().to_owned(),
        Answer::Intake { intake, .. } => intake.word().to_owned(),
        Answer::LastDose { taken_on, .. } => taken_on.to_string(),
        Answer::Consent { given, .. } => given.to_string(),
        Answer::Plan(plan) => plan.action.word().to_owned(),
    }
}

/// Of each ladder the highest step that fires, and the lowest above it that
/// could not be judged; the file gives the steps from low to high.
fn highest_steps(found: Vec<Alert>) -> Vec<Alert> {
    let mut shown: Vec<Alert> = Vec::new();
    for alert in found {
        let same = |other: &Alert| alert.ladder.is_some() && other.ladder == alert.ladder;
        if alert.assessed == Assessed::Fires {
            shown.retain(|other| !same(other));
            shown.push(alert);
        } else if !shown
            .iter()
            .any(|other| same(other) && other.assessed != Assessed::Fires)
        {
            shown.push(alert);
        }
    }
    shown
}
